"""Segmenting by tags: nothing lost, learning from segmented text and from words, how sure each boundary is."""

from __future__ import annotations

import itertools
import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from test_core_parity import runs_of
from test_segmenter import characters, texts
from test_tagging import Model, sequences

from nlp_zero import CorpusError, Lexicon, TextFiles, Token
from nlp_zero.core.symbols import SYMBOL_BITS, SYMBOL_LIMIT
from nlp_zero.core.tagging import EDGE
from nlp_zero.text import corpus as corpus_module
from nlp_zero.text.characters import units
from nlp_zero.words.hmm import HMMSegmenter

ORDERS = [1, 2]
VOCABULARY = (
    "变压器 油温 油 温度 电网 公司 电 网 的 是 不 高 过高 检查 继电 保护 继电保护 装置 𠮷野家 的士 目的 公 司机 "
    "1998年 5G K线图 DDR5 3.5℃ 年 月 2024"
).split()
MARKS = ["，", "。", "！！", "……", "(", ")", "、"]
NEEDS = [
    "*ST舜船",
    "糖类抗原19-9",
    "👨\u200d👩\u200d👧",
    "𠮷野家",
    "\ud800",
    "电\udfff网",
    "\x00",
    "a\x00电",
    "",
    "1\ufe0f\u20e3",
]
NEEDS += [
    "修订版)_全文",
    "Louis Vuitton",
    "e\u0301",
    "兴\ufe00奋",
    "\U0010ffff",
    "１，２３４年",
    "한국어电网カタ",
    "👨🏽\u200d🔧的",
]


def planted(lines: int, seed: int = 3, marks: bool = True) -> list[list[str]]:
    """Lines of words, the frequent ones first in the vocabulary, with punctuation."""
    random_ = random.Random(seed)
    weights = [1 / (rank + 2) for rank in range(len(VOCABULARY))]
    found = []
    for _ in range(lines):
        words = random_.choices(VOCABULARY, weights, k=random_.randint(1, 14))
        line = [piece for word in words for piece in ([word, random_.choice(MARKS)] if random_.random() < 0.15 else
                                                      [word])]  # fmt: skip
        found.append(line if marks else words)
    return found


CORPUS = [" ".join(line) for line in planted(400)]
SEGMENTERS = {order: HMMSegmenter.from_segmented(CORPUS, order=order) for order in ORDERS}
SEGMENTER = SEGMENTERS[2]
FORCING = SEGMENTER.with_user_words(["SK-II", "5w-30", "*ST舜船", "糖类抗原19-9", "有限 公司"])

both_orders = pytest.mark.parametrize("order", ORDERS)
mixed_texts = texts | st.lists(st.sampled_from([*VOCABULARY, *NEEDS, *MARKS, " ", "\n"]), max_size=12).map("".join)


# ---------------------------------------------------------------------------------------------------- lossless


def assert_lossless(segmenter: HMMSegmenter, text: str) -> None:
    """Tokens are the text, and words are its tokens that are no white space."""
    tokens = segmenter.tokenize(text)
    assert "".join(token.text for token in tokens) == text
    ends = list(itertools.accumulate(len(token.text) for token in tokens))
    assert [(token.start, token.end) for token in tokens] == list(zip([0, *ends], ends))
    assert all(token.text and text[token.start : token.end] == token.text for token in tokens)
    assert all(type(token) is Token and list(map(type, token)) == [str, int, int] for token in tokens)
    assert segmenter.words(text) == [token.text for token in tokens if not token.text.isspace()]
    starts, spaces = segmenter.cut(text)
    assert starts.tolist() == [0, *ends] and len(spaces) == len(tokens)


@given(mixed_texts)
@example("")
@example(" \n\u3000")
def test_tokens_are_the_text(text: str) -> None:
    for segmenter in (*SEGMENTERS.values(), FORCING):
        assert_lossless(segmenter, text)


@pytest.mark.parametrize("text", NEEDS)
@pytest.mark.parametrize("around", ["", "电网", " ", "\r\n", "5", "a", "，"])
def test_nothing_of_what_people_need_is_lost(text: str, around: str) -> None:
    for segmenter in (*SEGMENTERS.values(), FORCING):
        assert_lossless(segmenter, around + text + around)


@given(mixed_texts, mixed_texts)
def test_line_ends_always_cut(first: str, second: str) -> None:
    for end in ("\n", "\r\n", "\r"):
        assert FORCING.words(first + end + second) == FORCING.words(first) + FORCING.words(second)


@given(mixed_texts)
def test_a_number_or_latin_word_is_never_cut(text: str) -> None:
    starts = {token.start for token in SEGMENTER.tokenize(text)}
    for match in re.finditer(r"\d+(?:\.\d+)?|[A-Za-z]+", text, re.ASCII):
        assert not starts & set(range(match.start() + 1, match.end()))


@given(mixed_texts)
def test_what_stands_in_no_run_is_a_token_of_its_own(text: str) -> None:
    starts, symbols = units(text)
    tokens = {(token.start, token.end) for token in SEGMENTER.tokenize(text)}
    assert all((a, b) in tokens for a, b, symbol in zip(starts.tolist(), starts[1:].tolist(), symbols) if symbol < 16)


@pytest.mark.parametrize(("text", "words"), [
    ("👨‍👩‍👧电网公司", ["👨‍👩‍👧", "电网", "公司"]),
    ("２０２４，电网", ["２０２４", "，", "电网"]),
    ("电网\n公司", ["电网", "公司"]),
    ("1998年检查1998年", ["1998年", "检查", "1998年"]),
    ("买K线图！！", ["买", "K线图", "！！"]),
])  # fmt: skip
def test_some_texts(text: str, words: list[str]) -> None:
    assert SEGMENTER.words(text) == words


# -------------------------------------------------------------------------------------------------- user words


def test_user_words_are_taken_before_anything_else() -> None:
    assert FORCING.words("买*ST舜船和SK-II，糖类抗原19-9。5w-30") == [
        "买", "*ST舜船", "和", "SK-II", "，", "糖类抗原19-9", "。", "5w-30"]  # fmt: skip
    assert FORCING.words("有限 公司有限  公司") == ["有限 公司", *SEGMENTER.words("有限  公司")]
    assert SEGMENTER.words("变压器油温") == ["变压器", "油温"]
    assert SEGMENTER.with_user_words(["器油"]).words("变压器油温")[1:2] != ["油温"]
    assert "器油" in SEGMENTER.with_user_words(["器油"]).words("变压器油温")
    assert SEGMENTER.words("变压器油温") == ["变压器", "油温"]  # the first one is as it was
    assert HMMSegmenter(SEGMENTER.tagger, user_words=["SK-II", " "]).user_words == ("SK-II",)


@given(st.lists(st.text(characters.filter(lambda c: c not in "\r\n"), min_size=1, max_size=4), max_size=4), mixed_texts)
def test_user_words_lose_nothing(user_words: list[str], text: str) -> None:
    segmenter = SEGMENTER.with_user_words(user_words)
    whole = "".join(text[:9] + word for word in user_words) + text
    assert_lossless(segmenter, whole)
    for word in segmenter.user_words:
        assert word in segmenter.words(f"{text}\n{word}\n{text}") or len(segmenter.user_words) > 1


def test_between_user_words_runs_are_tagged_for_themselves() -> None:
    found = SEGMENTER.with_user_words(["压器油"]).words("检查变压器油温")
    assert found == [*SEGMENTER.words("检查变"), "压器油", *SEGMENTER.words("温")]


# ------------------------------------------------------------------------------------- learning from segmented text


def same(*segmenters: HMMSegmenter) -> bool:
    return all(segmenter == segmenters[0] for segmenter in segmenters)


BLANKS = [" ", "\t", "\u3000", "  ", " \t\u3000 ", "\xa0", "\u2003"]


@both_orders
@pytest.mark.parametrize("blank", BLANKS)
def test_all_blanks_separate_alike(blank: str, order: int) -> None:
    corpus = [f"{blank}{line.replace(' ', blank)}{blank}" for line in CORPUS]
    assert HMMSegmenter.from_segmented(corpus, order=order) == SEGMENTERS[order]


@given(st.lists(st.lists(st.sampled_from(VOCABULARY + MARKS), min_size=1, max_size=8), min_size=1, max_size=5),
       st.randoms(use_true_random=False))  # fmt: skip
def test_the_number_of_blanks_does_not_matter(lines: list[list[str]], random_: random.Random) -> None:
    seed = "电 网"  # or nothing may be separated
    plain = HMMSegmenter.from_segmented([seed, *map(" ".join, lines)])
    blanks = ["".join(random_.choices(" \t\u3000", k=random_.randint(0, 2))) for _ in range(50)]
    spread = [random_.choice(blanks) + "".join(w + " " + random_.choice(blanks) for w in line) for line in lines]
    assert HMMSegmenter.from_segmented([seed, *spread]) == plain


@both_orders
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\r\n \r\n", " \n\t\n "])
def test_lines_and_items_are_the_same(end: str, order: int) -> None:
    assert HMMSegmenter.from_segmented([end.join(CORPUS)], order=order) == SEGMENTERS[order]
    halves = [end.join(CORPUS[:200]) + end, "", end, end.join(CORPUS[200:])]
    assert HMMSegmenter.from_segmented(halves, order=order) == SEGMENTERS[order]


@both_orders
def test_punctuation_ends_runs_as_lines_do(order: int) -> None:
    whole = ["电网 公司 ， 检查 的 油温 。 是 不 高", "的 电网"]
    parts = ["电网 公司 ，", "检查 的 油温", "。", "。 是 不 高 ，的 电网"]
    assert HMMSegmenter.from_segmented(whole, order=order) == HMMSegmenter.from_segmented(parts, order=order)


def test_line_ends_are_no_blanks() -> None:
    one = HMMSegmenter.from_segmented(["电网 公司"])
    assert one != HMMSegmenter.from_segmented(["电网 公司", "电网", "公司"])
    assert one != HMMSegmenter.from_segmented(["电网 公 司"])


def test_the_order_of_lines_does_not_matter() -> None:
    assert HMMSegmenter.from_segmented(CORPUS[::-1]) == SEGMENTER


@both_orders
def test_jobs_and_memory_do_not_matter(order: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("\n".join(CORPUS[:300]), encoding="utf-8")
    (tmp_path / "b.txt").write_text("\r\n".join(CORPUS[300:]), encoding="gb18030")
    monkeypatch.setattr("nlp_zero.text.shards._LEAST", 1000)  # bytes: more shares than one
    for corpus in (CORPUS, TextFiles(tmp_path)):
        for jobs, limit in ((1, None), (2, None), (1, "64MB"), (2, "64MB")):
            found = HMMSegmenter.from_segmented(
                corpus, order=order, jobs=jobs, memory_limit=limit, temporary_directory=tmp_path
            )
            assert found == SEGMENTERS[order]
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt"]


def test_a_file_of_one_very_long_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "，".join(CORPUS)
    expected = HMMSegmenter.from_segmented([text])
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    monkeypatch.setattr("nlp_zero.text.encoding.LONGEST_LINE", 100)
    monkeypatch.setattr("nlp_zero.text.encoding.PIECE_SIZE", 50)
    for size in (301, 4096):
        monkeypatch.setattr("nlp_zero.text.reading.READ_SIZE", size)
        for jobs in (1, 2):
            assert HMMSegmenter.from_segmented(TextFiles(tmp_path / "text.txt"), jobs=jobs) == expected


@both_orders
@pytest.mark.parametrize("size", [1, 7, 100])
def test_what_is_counted_at_once_does_not_matter(size: int, order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp_zero.words.learning._CHUNK", size)
    monkeypatch.setattr(corpus_module, "PIECE_SIZE", size)
    assert HMMSegmenter.from_segmented(CORPUS[:60], order=order, jobs=1) == HMMSegmenter.from_segmented(
        ["\n".join(CORPUS[:60])], order=order
    )


def test_a_corpus_is_read_once() -> None:
    reads = 0

    def lines() -> Iterator[str]:
        nonlocal reads
        reads += 1
        yield from CORPUS

    assert HMMSegmenter.from_segmented(lines()) == SEGMENTER
    assert HMMSegmenter.from_segmented(lines(), jobs=2) == SEGMENTER
    assert reads == 2


@both_orders
def test_words_with_digits_and_latin_are_learnt_as_their_classes(order: int) -> None:
    one = ["1998年 5G 手机", "DDR5 内存 的 K线图", "3.5 年 USB 的", "19 号"]
    two = ["２０２４年 7Mbit 手机", "Ａ7 内存 的 XXX线图", "1,234% 年 é 的", "7 号"]
    assert HMMSegmenter.from_segmented(one, order=order) == HMMSegmenter.from_segmented(two, order=order)
    segmenter = HMMSegmenter.from_segmented(one * 20, order=order)
    assert segmenter.words("86年DDR3内存") == ["86年", "DDR3", "内存"]


def test_blanks_inside_a_number_make_it_no_two_words() -> None:
    corpus = ["电网 公司 的 1998 年"]
    assert HMMSegmenter.from_segmented([corpus[0].replace("1998", "19 98")]) == HMMSegmenter.from_segmented(corpus)


@given(st.lists(texts, max_size=4))
def test_any_text_can_be_learnt_from(corpus: list[str]) -> None:
    segmenter = HMMSegmenter.from_segmented(["电网 公司", *corpus])
    for text in corpus:
        assert_lossless(segmenter, text)
        assert_lossless(SEGMENTER, text)


def test_one_pair_of_words_is_enough() -> None:
    for order in ORDERS:
        assert HMMSegmenter.from_segmented(["电 网"], order=order).words("电网，网电") == ["电", "网", "，", "网", "电"]


# ---------------------------------------------------------------------------------------------------- quality


def spans(words: Iterable[str]) -> set[tuple[int, int]]:
    ends = list(itertools.accumulate(map(len, words)))
    return set(zip([0, *ends], ends))


def f_of(segmenter: HMMSegmenter, lines: list[list[str]]) -> float:
    """The F of the words of some lines, each segmented without its blanks."""
    right = found = wanted = 0
    for line in lines:
        pieces = [text for word in line for text in words_and_marks(word)]
        one, two = spans(segmenter.words("".join(pieces))), spans(pieces)
        right, found, wanted = right + len(one & two), found + len(one), wanted + len(two)
    return 2 * right / (found + wanted)


def words_and_marks(word: str) -> list[str]:
    """What a word of the vocabulary is cut into in any case."""
    return ["3.5", "℃"] if word == "3.5℃" else [word]


def test_planted_words_are_found_in_new_text() -> None:
    new = planted(150, seed=8)
    assert set(map(tuple, new)).isdisjoint(line for line in map(tuple, planted(400)) if len(line) > 3)
    ones, twos = (f_of(SEGMENTERS[order], new) for order in ORDERS)
    assert ones > 0.9
    assert twos > 0.97
    assert twos > ones


def test_words_of_a_lexicon_are_found_in_new_text() -> None:
    lines = planted(400)
    words = [word for line in lines for word in line if word not in MARKS and word != "3.5℃"]
    lexicon = Lexicon.from_counts({word: words.count(word) for word in set(words)})
    new = planted(150, seed=8)
    for order in ORDERS:
        assert f_of(HMMSegmenter.from_lexicon(lexicon, order=order), new) > 0.9


# ------------------------------------------------------------------------------------------ learning from a lexicon

COUNTS = {"电网": 10, "的": 60, "公司": 50, "继电保护": 8, "<NUM>年": 9, "K线图": 4, "𠮷野家": 3, "检查": 20}


@both_orders
def test_words_of_a_lexicon_are_cut(order: int) -> None:
    segmenter = HMMSegmenter.from_lexicon(Lexicon.from_counts(COUNTS), order=order)
    assert segmenter.order == order
    assert segmenter.words("检查电网的公司") == ["检查", "电网", "的", "公司"]
    assert segmenter.words("公司的继电保护") == ["公司", "的", "继电保护"]
    assert segmenter.words("1998年") == ["1998年"]


@both_orders
def test_words_that_say_nothing_are_ignored(order: int) -> None:
    plain = HMMSegmenter.from_lexicon(Lexicon.from_counts(COUNTS), order=order)
    more = COUNTS | {
        "*ST舜船": 99,
        "糖类抗原19-9": 99,
        "有限 公司": 99,
        "——": 99,
        "カタカナ": 99,
        "👨‍👩‍👧": 9,
        "士兵": 0,
    }
    assert HMMSegmenter.from_lexicon(Lexicon.from_counts(more), order=order) == plain
    for word in more:
        assert_lossless(plain, word)


@both_orders
def test_the_order_of_a_lexicon_does_not_matter(order: int) -> None:
    turned = dict(reversed(COUNTS.items()))
    assert same(*(HMMSegmenter.from_lexicon(Lexicon.from_counts(c), order=order) for c in (COUNTS, turned)))
    written = {("2024年" if word == "<NUM>年" else "<LAT>线图" if word == "K线图" else word): n for word, n in
               COUNTS.items()}  # fmt: skip
    assert same(*(HMMSegmenter.from_lexicon(Lexicon.from_counts(c), order=order) for c in (COUNTS, written)))


def test_order_2_is_what_a_lexicon_gives() -> None:
    lexicon = Lexicon.from_counts(COUNTS)
    assert HMMSegmenter.from_lexicon(lexicon) == HMMSegmenter.from_lexicon(lexicon, order=2)
    assert HMMSegmenter.from_segmented(CORPUS) == SEGMENTERS[2] != SEGMENTERS[1]


@both_orders
@pytest.mark.parametrize("counts", [{}, {"电网": 0}, {"——": 9, "*ST": 3, "カタカナ": 1}, {"有限 公司": 5, "电": 0}])
def test_a_lexicon_needs_words_with_counts(counts: dict[str, int], order: int) -> None:
    with pytest.raises(ValueError, match="^lexicon: expected words with counts, found none$"):
        HMMSegmenter.from_lexicon(Lexicon.from_counts(counts), order=order)


@both_orders
def test_a_frequent_single_character_does_not_cut_other_words(order: int) -> None:
    counts = {"电网": 10, "的": 1000, "公司": 50, "目的": 2, "的士": 2}
    segmenter = HMMSegmenter.from_lexicon(Lexicon.from_counts(counts), order=order)
    assert segmenter.words("电网的公司") == ["电网", "的", "公司"]
    assert segmenter.words("公司的电网") == ["公司", "的", "电网"]


def test_a_lexicon_is_a_lexicon() -> None:
    with pytest.raises(TypeError, match="^lexicon: expected a Lexicon, found dict; see Lexicon.load$"):
        HMMSegmenter.from_lexicon({"电网": 3})  # type: ignore[arg-type]


@given(st.dictionaries(st.text("电网𠮷8aア，", min_size=1, max_size=4), st.integers(0, 2**40), max_size=6),
       st.sampled_from(ORDERS), mixed_texts)  # fmt: skip
def test_any_lexicon_can_be_learnt_from(counts: dict[str, int], order: int, text: str) -> None:
    segmenter = HMMSegmenter.from_lexicon(Lexicon.from_counts(counts | {"公司": 1}), order=order)
    assert_lossless(segmenter, text + "".join(counts))


# -------------------------------------------------------------------------------------------------- boundaries


def model_of(segmenter: HMMSegmenter) -> Model:
    """The tagger as dictionaries, as the oracle of the kernels takes it."""
    tagger = segmenter.tagger
    strings: list[tuple[int, ...]] = [()]
    for key in tagger.keys.tolist():
        strings.append((*strings[key >> SYMBOL_BITS], key & SYMBOL_LIMIT - 1))
    single = len(tagger.contexts)
    return Model(
        dict(zip(strings[:single], tagger.contexts.tolist())),
        dict(zip(strings[:single], tagger.emissions.tolist())),
        dict(zip(strings[single:], tagger.pairs.tolist())),
    )


MODELS = {order: model_of(segmenter) for order, segmenter in SEGMENTERS.items()}
short_texts = st.lists(
    st.sampled_from(
        ["电", "网", "的", "油", "温", "𠮷", "丈", "5", "3.5%", "K", "USB", "，", " ", "\n", "👨‍👩‍👧", "兴\ufe00"]
    ),
    max_size=8,
).map("".join)


@both_orders
@given(text=short_texts)
@example(text="")
@example(text="的")
@example(text="变压器油温")
@example(text="5G网1998年，")
def test_boundaries_are_those_of_all_ways_to_tag(text: str, order: int) -> None:
    found = SEGMENTERS[order].boundaries(text)
    assert found.dtype == np.float64 and found.shape == (len(text),)
    expected = np.zeros(len(text))
    starts, symbols = units(text)
    expected[starts[1:] - 1] = 1.0
    for first, run in runs_of(symbols.tolist()):
        ways = list(sequences(run, MODELS[order]))
        total = sum(p for p, _ in ways)
        for i in range(len(run)):
            expected[starts[first + i + 1] - 1] = float(sum(p for p, tags in ways if tags[i] > 1) / total)
    assert found == pytest.approx(expected, abs=1e-9)


@given(mixed_texts)
def test_boundaries_are_probabilities(text: str) -> None:
    for segmenter in (*SEGMENTERS.values(), FORCING):
        found = segmenter.boundaries(text)
        assert found.shape == (len(text),) and ((found >= 0) & (found <= 1)).all()
        if text:
            assert found[-1] == 1
    starts, symbols = units(text)
    found = SEGMENTER.boundaries(text)
    ends = set((starts[1:] - 1).tolist())
    assert all(found[i] == 0 for i in range(len(text)) if i not in ends)
    for start, end, symbol, after in zip(starts.tolist(), starts[1:].tolist(), symbols, [*symbols[1:], 0]):
        if symbol < EDGE or after < EDGE:
            assert found[end - 1] == 1, (start, end)


def test_user_words_have_no_boundaries_inside() -> None:
    text = "买*ST舜船和糖类抗原19-9"
    found = FORCING.boundaries(text)
    assert [i for i in range(len(text)) if found[i] == 0] == [1, 2, 3, 4, *range(7, len(text) - 1)]
    assert found[[0, 5, 6, -1]].tolist() == [1, 1, 1, 1]


@given(st.text("电网的油温变压器公司", min_size=2, max_size=8))
def test_sure_boundaries_are_cut(text: str) -> None:
    # if all ways but one together are less probable than that one, it is taken
    for segmenter in SEGMENTERS.values():
        found = segmenter.boundaries(text)
        doubt = np.minimum(found, 1 - found).sum()
        assume(doubt < 0.5)
        cuts = {i + 1 for i in range(len(text)) if found[i] > 0.5}
        assert {token.end for token in segmenter.tokenize(text)} == cuts


@both_orders
def test_a_run_of_100_000_characters(order: int) -> None:
    random_ = random.Random(4)
    text = "".join(random_.choices("电网的油温变压器公司丈𠮷", k=100_000))
    found = SEGMENTERS[order].boundaries(text)
    assert np.isfinite(found).all() and found.min() >= 0 and found.max() <= 1 and found[-1] == 1
    assert found[:-1].std() > 0.01
    assert "".join(SEGMENTERS[order].words(text)) == text
    repeated = SEGMENTERS[order].boundaries("电" * 100_000)
    assert np.isfinite(repeated).all() and repeated[-1] == 1
    middle = repeated[30_000:70_000]
    assert middle == pytest.approx(middle[0])


# ------------------------------------------------------------------------------------------------------ errors


@pytest.mark.parametrize("wrong", [None, b"text", 5, ["text"]])
def test_text_must_be_str(wrong: object) -> None:
    for method in (SEGMENTER.words, SEGMENTER.tokenize, SEGMENTER.cut, SEGMENTER.boundaries):
        with pytest.raises(TypeError, match=f"^text: expected a str, found {type(wrong).__name__}$"):
            method(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [0, 3, -1, None, "2"])
def test_the_order_is_1_or_2(order: object) -> None:
    message = f"^order: expected 1 or 2, found {order!r}$"
    with pytest.raises(ValueError, match=message):
        HMMSegmenter.from_segmented(CORPUS, order=order)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message):
        HMMSegmenter.from_lexicon(Lexicon.from_counts(COUNTS), order=order)  # type: ignore[arg-type]


def test_one_str_is_no_corpus() -> None:
    message = "corpus: expected an iterable of texts, found one str; pass [text] or TextFiles(path)"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        HMMSegmenter.from_segmented("电网 公司")


@pytest.mark.parametrize("jobs", [1, 2])
def test_items_are_str(jobs: int) -> None:
    with pytest.raises(TypeError, match="^corpus item 1 is bytes, expected str: decode it first$"):
        HMMSegmenter.from_segmented(["电网 公司", b"1"], jobs=jobs)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="^corpus item 0 is NoneType, expected str$"):
        HMMSegmenter.from_segmented([None], jobs=jobs)  # type: ignore[list-item]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("corpus", [["电网公司"], ["电网", "公司"], ["电网\n公司\r检查"], [" 电网，\t", "公司。 "],
                                    ["——电网——"]])  # fmt: skip
def test_a_corpus_without_white_space_is_refused(corpus: list[str], jobs: int) -> None:
    message = "the corpus has no white space inside its lines; expected words separated by it"
    with pytest.raises(CorpusError, match=f"^{re.escape(message)}$"):
        HMMSegmenter.from_segmented(corpus, jobs=jobs)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("corpus", [[], [""], [" \n", "\r\n"], ["， 。", "カタ カナ"], ["\x00 \ud800"]])
def test_a_corpus_without_words_is_refused(corpus: list[str], jobs: int) -> None:
    message = "the corpus holds no Chinese text; expected words separated by white space"
    with pytest.raises(CorpusError, match=f"^{re.escape(message)}$"):
        HMMSegmenter.from_segmented(corpus, jobs=jobs)


def test_other_parameters_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="^jobs: expected a whole number from 1 on, found 0$"):
        HMMSegmenter.from_segmented(CORPUS, jobs=0)
    with pytest.raises(ValueError, match="^memory_limit: expected at least .*, found 1MB$"):
        HMMSegmenter.from_segmented(CORPUS, memory_limit="1MB")
    with pytest.raises(ValueError, match="^temporary_directory: there is no folder "):
        HMMSegmenter.from_segmented(CORPUS, temporary_directory=tmp_path / "none")


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="^tagger: expected a Tagger, found dict; see HMMSegmenter.from_segmented$"):
        HMMSegmenter({"电网": 3})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="^user_words: expected a collection of words, found one str$"):
        HMMSegmenter(SEGMENTER.tagger, user_words="电网")
    with pytest.raises(TypeError, match="^words: expected a collection of words, found one str$"):
        SEGMENTER.with_user_words("电网")
    with pytest.raises(TypeError, match="^user_words: expected words of type str, found 5$"):
        SEGMENTER.with_user_words([5])  # type: ignore[list-item]
    for end in "\n\r":
        with pytest.raises(ValueError, match="^user_words: expected words without line ends, found "):
            SEGMENTER.with_user_words([f"电{end}网"])


# ------------------------------------------------------------------------------------------------------- values


def sample(size: int) -> str:
    random_ = random.Random(5)
    return "".join(random_.choices([*VOCABULARY, *MARKS, "SK-II", "\n", "丈"], k=size))


@both_orders
def test_pickle_segments_the_same(order: int) -> None:
    segmenter = SEGMENTERS[order].with_user_words(["SK-II", "油温"])
    text = sample(2000)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copied = pickle.loads(pickle.dumps(segmenter, protocol))
        assert type(copied) is HMMSegmenter
        assert (copied, copied.order, copied.user_words) == (segmenter, order, segmenter.user_words)
        assert copied.tokenize(text) == segmenter.tokenize(text)
        assert np.array_equal(copied.boundaries(text), segmenter.boundaries(text))


def test_eight_threads_segment_the_same() -> None:
    text = sample(10_000)
    tokens, boundaries = FORCING.tokenize(text), FORCING.boundaries(text)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(FORCING.tokenize, [text] * 16):
            assert found == tokens
        for odds in pool.map(FORCING.boundaries, [text] * 16):
            assert np.array_equal(odds, boundaries)


def test_segmenters_are_compared_by_what_they_know() -> None:
    again = HMMSegmenter.from_segmented(CORPUS)
    assert again == SEGMENTER and hash(again) == hash(SEGMENTER) and again.tagger == SEGMENTER.tagger
    assert SEGMENTERS[1] != SEGMENTERS[2]
    assert FORCING != SEGMENTER and FORCING.tagger == SEGMENTER.tagger
    assert FORCING == SEGMENTER.with_user_words(FORCING.user_words[::-1])
    assert hash(FORCING) == hash(SEGMENTER.with_user_words(FORCING.user_words[::-1]))
    assert SEGMENTER != HMMSegmenter.from_segmented(CORPUS[1:]) and SEGMENTER != "segmenter"
    assert len({SEGMENTER, again, FORCING, SEGMENTERS[1]}) == 3


def test_segmenters_are_shown_in_one_line() -> None:
    segmenter = HMMSegmenter.from_segmented(["电网 电 ， 网 的"], order=1)
    assert repr(segmenter) == "<HMMSegmenter: order 1, 3 characters, 0 user words>"
    two = HMMSegmenter.from_segmented(["电网 电 ， 网 的"]).with_user_words(["a", "b"])
    assert repr(two) == "<HMMSegmenter: order 2, 3 characters, 2 user words>"
    assert [segmenter.order, two.order] == [1, 2]


def test_a_segmenter_goes_on_with_the_core_it_was_made_on(monkeypatch: pytest.MonkeyPatch) -> None:
    text = sample(300)
    expected, boundaries = FORCING.tokenize(text), FORCING.boundaries(text)
    for core in ("python", "auto"):
        monkeypatch.setenv("NLP_ZERO_CORE", core)
        again = HMMSegmenter.from_segmented(CORPUS).with_user_words(FORCING.user_words)
        for segmenter in (FORCING, again, pickle.loads(pickle.dumps(FORCING))):
            assert segmenter == FORCING and segmenter.tokenize(text) == expected
            assert np.array_equal(segmenter.boundaries(text), boundaries)


def test_the_same_bytes_for_both_cores_and_any_hash_seed(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(CORPUS), encoding="utf-8")
    (tmp_path / "new.txt").write_text(sample(2000), encoding="utf-8")
    code = """
import sys
from pathlib import Path
from nlp_zero import Lexicon, TextFiles
from nlp_zero.words.hmm import HMMSegmenter

sys.stdout.reconfigure(encoding="utf-8", newline="\\n")
text = Path(sys.argv[1], "new.txt").read_text(encoding="utf-8")
corpus = TextFiles(Path(sys.argv[1], "text.txt"))
words = {word for line in corpus for word in line.split()}
lexicon = Lexicon.from_counts({word: len(word) for word in words if not word.startswith(".")})
for order in (1, 2):
    for name, segmenter in (("corpus", HMMSegmenter.from_segmented(corpus, order=order, jobs=order)),
                            ("lexicon", HMMSegmenter.from_lexicon(lexicon, order=order))):
        segmenter.save(Path(sys.argv[2], f"{name}{order}"))
        segmenter = segmenter.with_user_words({"SK-II", "油温", "过高"})
        print(segmenter.words(text), segmenter.boundaries(text).tolist())
"""
    outputs = []
    for core, seed in (("auto", "0"), ("auto", "1"), ("python", "2")):
        env = {**os.environ, "NLP_ZERO_CORE": core, "PYTHONHASHSEED": seed}
        models = tmp_path / seed
        models.mkdir()
        command = [sys.executable, "-c", code, str(tmp_path), str(models)]
        printed = subprocess.run(command, env=env, capture_output=True, check=True).stdout
        outputs.append((printed, [model.read_bytes() for model in sorted(models.iterdir())]))
    assert len(outputs[0][0]) > 10_000 and len(outputs[0][1]) == 4
    assert outputs[0] == outputs[1] == outputs[2]
