"""Segmenting: nothing lost, the best words, user words, forms, joined lines, linear time."""

from __future__ import annotations

import gc
import itertools
import math
import pickle
import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nlp_zero import Entry, Lexicon, LexiconSegmenter, Token
from nlp_zero.words.segmenting import joined

LEXICON = Lexicon.from_counts(
    {
        "电": 9,
        "变压器": 8,
        "变压": 3,
        "油温": 5,
        "的": 40,
        "<NUM>年": 6,
        "<LAT>线图": 4,
        "K线图": 9,
        "有限 公司": 2,
        "𠮷野家": 2,
    }
)
SEGMENTER = LexiconSegmenter(LEXICON, user_words=["SK-II", "5w-30"])

# all of Unicode, and often the characters that rules are about
characters = st.one_of(
    st.characters(),
    st.characters(categories=["Cs"]),
    st.sampled_from("电变压器油温的年线图有限公司𠮷野家0123９8aKＧz.,，％%。…—！！ 　\n\r\t\x00\x85\u2028\ufeff"),
    st.sampled_from("👨👩👧🙋🏽\u200d\ufe0f\u20e3🇨🇳\u0301かカ한ㄅ兴\ue000\U0010ff00"),
)
texts = st.text(characters, max_size=60)


# -------------------------------------------------------------------------------------------------- lossless


@given(texts)
def test_tokens_are_the_text(text: str) -> None:
    tokens = SEGMENTER.tokenize(text)
    assert "".join(token.text for token in tokens) == text
    assert [token.start for token in tokens] == [0, *itertools.accumulate(len(t.text) for t in tokens)][:-1]
    for token in tokens:
        assert token.text
        assert text[token.start : token.end] == token.text
    assert SEGMENTER.words(text) == [token.text for token in tokens if not token.text.isspace()]


@given(texts)
def test_results_are_plain_lists_of_plain_values(text: str) -> None:
    words, tokens = SEGMENTER.words(text), SEGMENTER.tokenize(text)
    assert type(words) is list
    assert type(tokens) is list
    assert all(type(word) is str for word in words)
    assert all(type(token) is Token for token in tokens)
    assert all(list(map(type, token)) == [str, int, int] for token in tokens)


@given(texts, texts)
def test_line_ends_always_cut(first: str, second: str) -> None:
    for end in ("\n", "\r\n", "\r"):
        assert SEGMENTER.words(first + end + second) == SEGMENTER.words(first) + SEGMENTER.words(second)


@given(texts)
def test_a_number_or_latin_word_is_never_cut(text: str) -> None:
    starts = {token.start for token in SEGMENTER.tokenize(text)}
    free = re.sub("SK-II|5w-30", lambda match: "\n" * len(match[0]), text)
    for match in re.finditer(r"\d+(?:\.\d+)?|[A-Za-z]+", free, re.ASCII):
        assert not starts & set(range(match.start() + 1, match.end()))


# ---------------------------------------------------------------------------------------------- best words


def ways(text: str, counts: dict[str, int]) -> Iterator[tuple[float, list[str]]]:
    """All segmentations with their log probabilities."""
    total = max(sum(counts.values()), 1)
    for cuts in range(1 << (len(text) - 1)):
        places = [0, *(i for i in range(1, len(text)) if cuts >> (i - 1) & 1), len(text)]
        words = [text[i:j] for i, j in itertools.pairwise(places)]
        if all(word in counts or len(word) == 1 for word in words):
            yield math.fsum(math.log(max(counts.get(word, 0.5), 0.5) / total) for word in words), words


@given(
    st.dictionaries(st.text("电网变压", min_size=1, max_size=4), st.integers(0, 9), max_size=12),
    st.text("电网变压", min_size=1, max_size=9),
)
def test_words_are_the_most_probable_ones(counts: dict[str, int], text: str) -> None:
    # up to the rounding of sums; how equal sums are decided is tested on the lattice
    everything = list(ways(text, counts))
    best = max(score for score, _ in everything)
    found = LexiconSegmenter(Lexicon.from_counts(counts)).words(text)
    assert found in [words for score, words in everything if score > best - 1e-9]


def test_nothing_known_gives_single_characters() -> None:
    segmenter = LexiconSegmenter(Lexicon())
    assert segmenter.words("变压器油温，3.5℃") == ["变", "压", "器", "油", "温", "，", "3.5", "℃"]
    assert segmenter.words("") == segmenter.tokenize("") == []
    assert segmenter.words(" \n\u3000") == []
    assert segmenter.tokenize(" \n\u3000") == [Token(" \n\u3000", 0, 3)]


def test_counts_decide() -> None:
    counts = {"研究": 50, "研究生": 10, "生命": 40, "命": 5, "起源": 20}
    assert LexiconSegmenter(Lexicon.from_counts(counts)).words("研究生命起源") == ["研究", "生命", "起源"]
    more = Lexicon.from_counts(counts).add("研究生", count=4000)
    assert LexiconSegmenter(more).words("研究生命起源") == ["研究生", "命", "起源"]
    assert LexiconSegmenter(more.remove("研究生")).words("研究生命起源") == ["研究", "生命", "起源"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("用DDR5内存", ["用", "DDR5", "内", "存"]),
        ("手持AK47。", ["手", "持", "AK47", "。"]),
        ("5G网", ["5G", "网"]),
        ("了解Java7.0.", ["了", "解", "Java7.0", "."]),
        ("3.14和1,234和23.4%", ["3.14", "和", "1,234", "和", "23.4%"]),
        ("１９９８年", ["１９９８", "年"]),
        ("好——好……好！！好！？", ["好", "——", "好", "……", "好", "！！", "好", "！", "？"]),
        ("5 G", ["5", "G"]),
        ("A股", ["A", "股"]),
        ("A1B2C3D4", ["A1B2C3D4"]),
    ],
)
def test_units_without_any_lexicon(text: str, words: list[str]) -> None:
    assert LexiconSegmenter(Lexicon()).words(text) == words


def test_classes_and_forms() -> None:
    segmenter = LexiconSegmenter(Lexicon.from_counts({"<NUM>年": 9, "<LAT>线图": 3, "K线图": 20, "股": 5, "5G": 4}))
    assert segmenter.words("１９９８年3.5年") == ["１９９８年", "3.5年"]
    assert segmenter.words("K线图日线图V线图") == ["K线图", "日", "线", "图", "V线图"]
    assert segmenter.words("5G股") == ["5G", "股"]


def test_a_form_has_a_count_of_its_own() -> None:
    counts = {"看": 50, "线图": 60, "K线图": 30, "<LAT>": 60}
    segmenter = LexiconSegmenter(Lexicon.from_counts(counts))
    assert segmenter.words("看K线图") == ["看", "K线图"]
    assert segmenter.words("看V线图") == ["看", "V", "线图"]  # no class word: only the form is known
    both = LexiconSegmenter(Lexicon.from_counts({**counts, "<LAT>线图": 30}))
    assert both.words("看V线图") == ["看", "V线图"]


def test_words_with_several_units() -> None:
    segmenter = LexiconSegmenter(Lexicon.from_counts({"T<NUM>航站楼": 5, "<NUM>月<NUM>日": 7, "<LAT><NUM>型": 3}))
    assert segmenter.words("T3航站楼T2航站楼") == ["T3航站楼", "T2航站楼"]
    assert segmenter.words("5月12日") == ["5月12日"]
    assert segmenter.words("F16型") == ["F16型"]


def test_words_that_cross_punctuation_or_space_are_taken_whole() -> None:
    counts = {"Louis Vuitton": 1, "*ST舜船": 1, "糖类抗原19-9": 1, "修订版)_全文": 1, "糖类": 90}
    segmenter = LexiconSegmenter(Lexicon.from_counts(counts))
    text = "买Louis Vuitton和*ST舜船，糖类抗原19-9(修订版)_全文"
    expected = ["买", "Louis Vuitton", "和", "*ST舜船", "，", "糖类抗原19-9", "(", "修订版)_全文"]
    assert segmenter.words(text) == expected


def test_characters_with_marks_stay_whole() -> None:
    segmenter = LexiconSegmenter(Lexicon.from_counts({"兴\ufe00奋": 3}))
    for text in ("👨‍👩‍👧", "🙋🏽", "🇨🇳", "e\u0301", "1\ufe0f\u20e3", "兴\ufe00"):
        assert segmenter.words(f"好{text}好") == ["好", text, "好"]


def test_the_last_private_plane_is_ordinary_text() -> None:
    text = "\U0010ff00年 \U0010ff01线图"
    assert "".join(token.text for token in SEGMENTER.tokenize(text)) == text
    assert SEGMENTER.words(text) == ["\U0010ff00", "年", "\U0010ff01", "线", "图"]


# ------------------------------------------------------------------------------------------------ user words


def test_user_words_are_taken_before_anything_else() -> None:
    segmenter = LexiconSegmenter(Lexicon.from_counts({"南京市": 90, "长江大桥": 90, "市长": 1}))
    assert segmenter.words("南京市长江大桥") == ["南京市", "长江大桥"]
    assert segmenter.with_user_words(["市长"]).words("南京市长江大桥") == ["南", "京", "市长", "江", "大", "桥"]
    assert segmenter.words("南京市长江大桥") == ["南京市", "长江大桥"]  # the first one is as it was


def test_the_longest_user_word_wins_then_the_first() -> None:
    segmenter = LexiconSegmenter(Lexicon(), user_words=["电网", "电网公司", "公司章程", "司章"])
    assert segmenter.words("国电网公司章程") == ["国", "电网公司", "章", "程"]
    assert segmenter.words("电网公") == ["电网", "公"]
    assert segmenter.words("电电网网") == ["电", "电网", "网"]


@pytest.mark.parametrize(
    "word", ["Louis Vuitton", "*ST舜船", "5w-30", "SK-II", "糖类抗原19-9", "C++", ".NET", "%", "a b"]
)
def test_user_words_with_spaces_digits_and_punctuation(word: str) -> None:
    segmenter = LexiconSegmenter(LEXICON).with_user_words([word])
    assert segmenter.words(f"买{word}的油温") == ["买", word, "的", "油温"]
    assert segmenter.tokenize(f"（{word}）")[1] == Token(word, 1, 1 + len(word))


@pytest.mark.parametrize(
    ("word", "text", "words"),
    [
        ("5G", "15G网", ["15G", "网"]),
        ("5G", "5GB", ["5GB"]),
        ("14", "3.14", ["3.14"]),
        ("lic", "license", ["license"]),
        ("K线", "OK线", ["OK", "线"]),
        ("👩", "👨‍👩‍👧", ["👨‍👩‍👧"]),
        ("…", "好…………", ["好", "…", "…", "…", "…"]),  # but anywhere in repeated punctuation
        ("a\u3000b", "a\u3000b a \u3000b", ["a\u3000b", "a", "b"]),
    ],
)
def test_user_words_never_begin_or_end_inside_a_unit(word: str, text: str, words: list[str]) -> None:
    assert LexiconSegmenter(Lexicon(), user_words=[word]).words(text) == words


user_words = st.text(
    st.characters(categories=["L", "N", "P", "Zs"]) | st.sampled_from("电网变压器 5K-%.，"), min_size=1, max_size=8
).map(str.strip)


@given(texts, user_words, texts, st.sampled_from([" ", "\n", "\u3000", "\t"]))
def test_a_user_word_between_separators_is_a_word(before: str, word: str, after: str, separator: str) -> None:
    assume(word)
    for segmenter in (LexiconSegmenter(Lexicon()), SEGMENTER):
        forced = segmenter.with_user_words([word])
        words = forced.words(before + separator + word + separator + after)
        # unless the user words that were there before, or the lexicon's, overlap it further to the left
        assert word in words or segmenter is SEGMENTER and any(" " in w or "-" in w for w in words)


@given(user_words, st.sampled_from(["。", "，", "！", "（", "——"]))
def test_a_user_word_between_punctuation_is_a_word(word: str, mark: str) -> None:
    assume(word)
    assume(not (mark == "，" and (word[0].isdigit() or word[-1].isdigit())))  # １，２３４ is one number
    assert word in LexiconSegmenter(Lexicon()).with_user_words([word]).words(f"电{mark}{word}{mark}电")


def test_user_words_are_stripped_and_sorted() -> None:
    segmenter = LexiconSegmenter(Lexicon(), user_words=iter([" 电网 ", "", "  ", "SK-II", "电网"]))
    assert segmenter.user_words == ("SK-II", "电网")
    assert segmenter.with_user_words(["a b"]).user_words == ("SK-II", "a b", "电网")
    assert segmenter.lexicon == Lexicon()
    assert repr(segmenter) == "<LexiconSegmenter: 0 words, 2 user words>"


# ---------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("wrong", [None, b"text", 5, ["text"]])
def test_text_must_be_str(wrong: object) -> None:
    for method in (SEGMENTER.words, SEGMENTER.tokenize, SEGMENTER.cut):
        with pytest.raises(TypeError, match=f"^text: expected a str, found {type(wrong).__name__}$"):
            method(wrong)  # type: ignore[arg-type]


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="^lexicon: expected a Lexicon, found dict; see Lexicon.load$"):
        LexiconSegmenter({"电网": 3})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="^user_words: expected a collection of words, found one str$"):
        LexiconSegmenter(Lexicon(), user_words="电网")
    with pytest.raises(TypeError, match="^words: expected a collection of words, found one str$"):
        SEGMENTER.with_user_words("电网")
    with pytest.raises(TypeError, match="^user_words: expected words of type str, found 5$"):
        SEGMENTER.with_user_words([5])  # type: ignore[list-item]
    for end in "\n\r":
        with pytest.raises(ValueError, match="^user_words: expected words without line ends, found "):
            SEGMENTER.with_user_words([f"电{end}网"])


# ---------------------------------------------------------------------------------------------------- joined


def test_joined_lines() -> None:
    text = "  变压器油温 3.5℃ \r\n\n 的的\r电 \t\u3000年"
    cut = SEGMENTER.cut(text)
    assert joined(text, cut, " ") == "变压器 油温 3.5 ℃\r\n\n的 的\r电 年"
    assert joined(text, cut, "/ ") == "变压器/ 油温/ 3.5/ ℃\r\n\n的/ 的\r电/ 年"
    assert joined(text, cut, "") == "变压器油温3.5℃\r\n\n的的\r电年"
    assert joined("", SEGMENTER.cut(""), " ") == ""
    assert joined(" \n ", SEGMENTER.cut(" \n "), " ") == "\n"


@given(texts, st.sampled_from([" ", "/", "<|>", "\u3000", "𠮷"]))
def test_joined_keeps_lines_and_words(text: str, separator: str) -> None:
    lines = re.split("(\r\n|\n|\r)", joined(text, SEGMENTER.cut(text), separator))
    given_lines = re.split("(\r\n|\n|\r)", text)
    assert lines[1::2] == given_lines[1::2]
    for line, given_line in zip(lines[::2], given_lines[::2], strict=True):
        assert line == separator.join(SEGMENTER.words(given_line))


@given(texts)
def test_joined_without_separators_is_the_text_without_white_space(text: str) -> None:
    plain = LexiconSegmenter(Lexicon())
    out = joined(text, plain.cut(text), "\ufdd0")
    assume("\ufdd0" not in text)
    kept = "".join(c for c in text if c in "\r\n" or not c.isspace())
    assert out.replace("\ufdd0", "") == kept


# ---------------------------------------------------------------------------------------- threads, processes


def sample(size: int, marks: bool) -> str:
    """Text of words of a lexicon, with or without punctuation."""
    random_ = random.Random(5)
    pieces = [
        *(w for w in list(LEXICON) if "<" not in w and " " not in w),
        "我",
        "们",
        "3.5",
        *("，。" if marks else ""),
    ]
    out = "".join(random_.choices(pieces, k=size))
    return out[:size]


def test_pickle_segments_the_same() -> None:
    text = sample(2000, True) + "SK-II 5w-30"
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copied = pickle.loads(pickle.dumps(SEGMENTER, protocol))
        assert copied.user_words == SEGMENTER.user_words
        assert copied.lexicon == SEGMENTER.lexicon
        assert copied.tokenize(text) == SEGMENTER.tokenize(text)


def test_eight_threads_segment_the_same() -> None:
    text = sample(20_000, True)
    expected = SEGMENTER.tokenize(text)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(SEGMENTER.tokenize, [text] * 16):
            assert found == expected


def test_segmenters_share_no_state() -> None:
    one, two = LexiconSegmenter(LEXICON), LexiconSegmenter(LEXICON.remove("变压器"))
    assert one.words("变压器") == ["变压器"]
    assert two.words("变压器") == ["变压", "器"]
    assert one.words("变压器") == ["变压器"]


# ---------------------------------------------------------------------------------------------------- growth


def fastest(work: Callable[[], object]) -> float:
    """Processor seconds of the best of three."""
    times = []
    gc.collect()
    for _ in range(3):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


@pytest.mark.parametrize("marks", [False, True])
def test_time_is_linear_in_the_length(marks: bool) -> None:
    text = sample(300_000, marks)
    half = text[:150_000]
    SEGMENTER.words(half)
    # a busy machine may spoil one measurement; quadratic time would spoil all
    ratios = (fastest(lambda: SEGMENTER.words(text)) / fastest(lambda: SEGMENTER.words(half)) for _ in range(3))
    assert any(ratio < 3 for ratio in ratios)


def test_a_line_of_20_000_characters() -> None:
    text = sample(20_000, False)
    assert fastest(lambda: SEGMENTER.words(text)) < 1
    assert "".join(SEGMENTER.words(text)) == text


@pytest.mark.parametrize("marks", [False, True])
def test_a_line_of_10_megabytes(marks: bool) -> None:
    text = sample(10_000_000 // 3, marks)
    begun = time.process_time()
    words = SEGMENTER.words(text)
    assert time.process_time() - begun < 30
    assert "".join(words) == text
    assert words[:2000] == SEGMENTER.words(text[:20_000])[:2000]


def test_one_long_word_is_found_in_long_text() -> None:
    word = "".join(chr(0x4E00 + i) for i in range(2000))
    segmenter = LexiconSegmenter(Lexicon([Entry(word, 3), Entry("电网", 2)]))
    assert segmenter.words(f"电网{word}电网") == ["电网", word, "电网"]
