"""Sentence templates as values and as a file: order, figures, round trips, and what is refused with which words."""

from __future__ import annotations

import pickle
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_zero import (
    CorpusEncodingError,
    CorpusError,
    LineFormatError,
    NgramCounts,
    NlpZeroError,
    Template,
    TemplateEntry,
    TemplateFormatError,
    Templates,
)
from nlp_zero.sentences.template import SLOT, is_writable
from nlp_zero.text.tables import refuse_container, table_rows

HEADER = "template\tcount\tgain\n"
COLOUR = Template((None, "的", "颜色", "是", "什么"))
AND = Template((None, "和", None))

any_words = st.text(
    st.characters() | st.sampled_from("的颜色是什么和𠮷 -K5%[X]，\ufeff\u200b\x85\x1c\u2028"), min_size=1, max_size=6
)
words = any_words.filter(is_writable)


@st.composite
def template_words(draw: st.DrawFn, kind: st.SearchStrategy[str] = words) -> tuple[str | None, ...]:
    """Words and slots, no two slots side by side."""
    found: list[str | None] = []
    for word in draw(st.lists(st.none() | kind, min_size=1, max_size=6)):
        if word is not None or not found or found[-1] is not None:
            found.append(word)
    return tuple(found)


templates = st.builds(Template, template_words())
entries = st.builds(TemplateEntry, templates, st.integers(0, 10**15), st.floats(-1e30, 1e30))
rows = st.lists(entries, max_size=8, unique_by=lambda entry: entry.template)
tables = st.builds(Templates, rows)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "templates.tsv"
    path.write_bytes(text.encode(encoding))
    return path


def exactly(message: str) -> str:
    """A pattern for this message, whole."""
    return f"^{re.escape(message)}$"


# -------------------------------------------------------------------------------------------------- a template


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[X]", (None,)),
        ("再见", ("再见",)),
        ("[X] 的 颜色 是 什么", COLOUR.words),
        ("  [X]\t和\u3000[X]\n", AND.words),
        ("[x] [X]X [ X ]", ("[x]", "[X]X", "[", "X", "]")),
        ("[X]的", ("[X]的",)),
    ],
)
def test_parse(text: str, expected: tuple[str | None, ...]) -> None:
    assert Template.parse(text) == Template(expected)
    assert Template.parse(text).words == expected


def test_slots_and_fixed_words() -> None:
    assert (COLOUR.slots, COLOUR.fixed) == (1, ("的", "颜色", "是", "什么"))
    assert (AND.slots, AND.fixed) == (2, ("和",))
    assert (Template(("再见",)).slots, Template((None,)).fixed) == (0, ())
    assert (str(COLOUR), str(AND), SLOT) == ("[X] 的 颜色 是 什么", "[X] 和 [X]", "[X]")


@pytest.mark.parametrize(
    ("text", "trivial"),
    [
        ("[X]", True),
        ("[X] 的 [X]", True),
        ("[X] ， [X]", True),
        ("的 ， [X] —— ！", True),  # punctuation does not count
        ("《 [X] 》", True),
        ("再见", True),
        ("[X] 的 ， 的", False),  # the same word twice is two
        ("[X] 3 [X] K", False),
        ("不但 [X] 而且 [X]", False),
        ("C++ [X] 3.5%", False),  # letters and digits among punctuation do count
        ("的 是", False),
    ],
)
def test_trivial_templates_have_less_than_two_fixed_words_but_punctuation(text: str, trivial: bool) -> None:
    assert Template.parse(text).is_trivial is trivial


@given(template_words())
def test_what_is_written_is_parsed_back(parts: tuple[str | None, ...]) -> None:
    template = Template(parts)
    assert Template.parse(str(template)) == template
    assert Template.parse(str(template)).words == parts
    assert template.slots + len(template.fixed) == len(parts)


@given(template_words(any_words))
def test_any_words_make_a_template(parts: tuple[str | None, ...]) -> None:
    template = Template(parts)
    assert template.fixed == tuple(part for part in parts if part is not None)
    copied = pickle.loads(pickle.dumps(template))
    assert (copied, hash(copied), copied.words) == (template, hash(template), parts)


@given(any_words)
def test_is_writable_says_whether_a_file_gives_the_word_back(word: str) -> None:
    comes_back = word.split() == [word] and Template.parse(word).words == (word,)
    try:
        comes_back = comes_back and word.encode("utf-8").decode("utf-8") == word
    except UnicodeEncodeError:
        comes_back = False
    assert is_writable(word) is comes_back


@pytest.mark.parametrize(
    ("word", "writable"),
    [
        *[(word, True) for word in ("的", "K线", "[x]", "[X]的", "\ufeff", "\u200b", "\x00", "𠮷", "[ORG]")],
        *[(word, False) for word in ("", " ", "a b", " a", "a\t", "a\u3000b", "[X]", "\ud800", "a\udfff", "a\x85b")],
    ],
)
def test_is_writable(word: str, writable: bool) -> None:
    assert is_writable(word) is writable


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ([None, "的"], TypeError, "words: expected a tuple of words and None, found [None, '的']"),
        ("的", TypeError, "words: expected a tuple of words and None, found '的'"),
        (None, TypeError, "words: expected a tuple of words and None, found None"),
        ((), ValueError, "words: expected at least one word or slot, found none"),
        ((None, None), ValueError, "words: expected words between slots, found two slots side by side"),
        (("的", None, None, "是"), ValueError, "words: expected words between slots, found two slots side by side"),
        (("的", 5), TypeError, "words: expected words of type str and None, found 5"),
        ((None, b"a"), TypeError, "words: expected words of type str and None, found b'a'"),
        ((0, None), TypeError, "words: expected words of type str and None, found 0"),
        ((None, ""), ValueError, "words: expected words that are not empty, found ''"),
    ],
)
def test_what_is_no_template_is_refused(parts: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=exactly(message)):
        Template(parts)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (b"[X]", TypeError, "text: expected a str, found bytes"),
        (None, TypeError, "text: expected a str, found NoneType"),
        (AND, TypeError, "text: expected a str, found Template"),
        ("", ValueError, "words: expected at least one word or slot, found none"),
        (" \t\u3000", ValueError, "words: expected at least one word or slot, found none"),
        ("的 [X] [X]", ValueError, "words: expected words between slots, found two slots side by side"),
    ],
)
def test_what_cannot_be_parsed_is_refused(text: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=exactly(message)):
        Template.parse(text)


def test_templates_are_frozen_values() -> None:
    again = Template.parse("[X] 和 [X]")
    assert (again == AND, hash(again) == hash(AND), len({again, AND, COLOUR})) == (True, True, 2)
    assert Template(("[X]", "和")) != Template((None, "和"))
    assert AND != "[X] 和 [X]"
    with pytest.raises(AttributeError):
        AND.words = (None,)  # type: ignore[misc]
    with pytest.raises(TypeError):
        _ = AND < COLOUR  # type: ignore[operator]


# ------------------------------------------------------------------------------------------------ many of them


def test_is_a_mapping_with_the_template_of_most_gain_first() -> None:
    other, last = Template.parse("[X] 在 哪里"), Template.parse("[X] 是 [X]")
    found = Templates(
        [TemplateEntry(last, 4), TemplateEntry(AND, 4, 2.5), TemplateEntry(other, 9, 2.5), TemplateEntry(COLOUR, 1, 80)]
    )
    assert isinstance(found, Mapping)
    assert list(found) == list(found.counts()) == [COLOUR, other, AND, last]  # equal gains: by the count
    assert list(found.values()) == [found[template] for template in found]
    assert found[AND] == TemplateEntry(AND, 4, 2.5) == (AND, 4, 2.5)
    assert found.counts() == {COLOUR: 1, other: 9, AND: 4, last: 4}
    assert (len(found), AND in found, Template((None,)) in found, found.get(Template((None,)))) == (
        4,
        True,
        False,
        None,
    )
    with pytest.raises(KeyError):
        found[Template((None,))]
    assert repr(found) == "<Templates: 4: [X] 的 颜色 是 什么, [X] 在 哪里, [X] 和 [X], ...>"
    with pytest.raises(TypeError):
        found[AND] = TemplateEntry(AND, 5)  # type: ignore[index]


def test_no_templates() -> None:
    empty = Templates()
    assert (len(empty), list(empty), empty.counts(), repr(empty)) == (0, [], {}, "<Templates: 0>")
    assert empty == Templates([]) == Templates.from_counts({})
    assert list(empty.lines()) == [HEADER]
    assert repr(Templates.from_counts({AND: 1})) == "<Templates: 1: [X] 和 [X]>"
    assert "..." not in repr(Templates.from_counts({AND: 1, COLOUR: 1, Template((None,)): 1}))


@given(rows, st.randoms(use_true_random=False))
def test_order_is_falling_gain_then_falling_count_then_text(
    given_: list[TemplateEntry], shuffler: random.Random
) -> None:
    found = Templates(given_)
    order = [(-entry.gain, -entry.count, str(template)) for template, entry in found.items()]
    assert order == sorted(order)
    assert set(found) == {entry.template for entry in given_}
    for template, count, gain in given_:
        assert found[template].count == count
        assert found[template].gain == pytest.approx(gain, rel=1e-5, abs=0) == float(f"{gain:.6g}")
    mixed = list(given_)
    shuffler.shuffle(mixed)
    assert Templates(mixed) == found
    assert list(Templates(mixed)) == list(found)
    assert hash(Templates(mixed)) == hash(found)


def test_gains_have_six_digits() -> None:
    gains = {1 / 3: 0.333333, 123456.789: 123457.0, -2e-9 / 3: -6.66667e-10, 5: 5.0}
    for gain, rounded in gains.items():
        [entry] = Templates([TemplateEntry(AND, 1, gain)]).values()
        assert (entry.gain, type(entry.gain)) == (rounded, float)
    close = [TemplateEntry(AND, 1, 1.0000001), TemplateEntry(COLOUR, 2, 1.0)]
    assert list(Templates(close)) == [COLOUR, AND]  # equal when rounded


def test_from_counts_takes_templates_or_how_they_are_written() -> None:
    expected = Templates([TemplateEntry(AND, 5), TemplateEntry(COLOUR, 3)])
    assert Templates.from_counts({"[X] 的 颜色 是 什么": 3, "[X] 和 [X]": 5}) == expected
    assert Templates.from_counts({COLOUR: 3, AND: 5}) == expected
    assert Templates.from_counts({" [X]\t和  [X] ": np.int64(5), "[X] 的 颜色 是 什么": 3}) == expected
    assert Templates.from_counts(expected.counts()) == expected
    assert {type(entry.count) for entry in Templates.from_counts({"和": np.uint8(5)}).values()} == {int}


def test_equal_values_have_equal_hashes() -> None:
    first, second = Templates.from_counts({AND: 3, COLOUR: 2}), Templates.from_counts({COLOUR: 2, AND: 3})
    assert (first == second, hash(first) == hash(second), len({first, second})) == (True, True, 1)
    assert first != Templates.from_counts({AND: 3, COLOUR: 1})
    assert first != Templates([TemplateEntry(AND, 3, 1.0), TemplateEntry(COLOUR, 2)])
    assert first != Templates.from_counts({AND: 3})
    assert first != dict(first)
    assert first != [*first]


@given(tables)
def test_pickle_gives_an_equal_value(found: Templates) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copied = pickle.loads(pickle.dumps(found, protocol))
        assert copied == found
        assert list(copied.items()) == list(found.items())


EXPECTED_WORDS = "entries: expected words without white space or lone surrogates that are no [X], found "


@pytest.mark.parametrize(
    ("given_", "error", "message"),
    [
        ([("和", 1, 0.0)], TypeError, "entries: expected a Template, found '和'; see Template.parse"),
        ([((None,), 1, 0.0)], TypeError, "entries: expected a Template, found (None,); see Template.parse"),
        ([TemplateEntry(Template(("a b",)), 1)], ValueError, EXPECTED_WORDS + "'a b'"),
        ([TemplateEntry(Template((None, "\u3000")), 1)], ValueError, EXPECTED_WORDS + repr("[X] \u3000")),
        ([TemplateEntry(Template(("a", "[X]")), 1)], ValueError, EXPECTED_WORDS + "'a [X]'"),
        ([TemplateEntry(Template(("\udc80",)), 1)], ValueError, EXPECTED_WORDS + repr("\udc80")),
        ([TemplateEntry(Template(("和\n",)), 1)], ValueError, EXPECTED_WORDS + repr("和\n")),
        ([TemplateEntry(AND, 1.5)], TypeError, "entries: expected whole numbers as counts, found 1.5 for '[X] 和 [X]'"),
        (
            [TemplateEntry(AND, True)],
            TypeError,
            "entries: expected whole numbers as counts, found True for '[X] 和 [X]'",
        ),
        ([TemplateEntry(AND, "3")], TypeError, "entries: expected whole numbers as counts, found '3' for '[X] 和 [X]'"),
        (
            [TemplateEntry(AND, -1)],
            ValueError,
            "entries: expected counts from 0 to 10 ** 15, found -1 for '[X] 和 [X]'",
        ),
        (
            [TemplateEntry(AND, 10**15 + 1)],
            ValueError,
            "entries: expected counts from 0 to 10 ** 15, found 1000000000000001 for '[X] 和 [X]'",
        ),
        *[
            (
                [TemplateEntry(AND, 1, float(gain))],
                ValueError,
                f"entries: expected a finite gain, found {gain} for '[X] 和 [X]'",
            )
            for gain in ("nan", "inf", "-inf")
        ],
        (
            [TemplateEntry(AND, 1), TemplateEntry(COLOUR, 1), TemplateEntry(AND, 2)],
            ValueError,
            "entries: the template '[X] 和 [X]' occurs twice",
        ),
    ],
)
def test_entries_that_no_file_could_hold_are_refused(given_: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=exactly(message)):
        Templates(given_)


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ({"[X] 和 [X]": 1, " [X]  和 [X]": 2}, ValueError, "entries: the template '[X] 和 [X]' occurs twice"),
        ({"[X] 和 [X]": 1, AND: 2}, ValueError, "entries: the template '[X] 和 [X]' occurs twice"),
        ({"": 1}, ValueError, "words: expected at least one word or slot, found none"),
        ({"[X] [X]": 1}, ValueError, "words: expected words between slots, found two slots side by side"),
        ({5: 1}, TypeError, "templates: expected templates, each a Template or a str, found 5"),
        ({"和": 0.5}, TypeError, "entries: expected whole numbers as counts, found 0.5 for '和'"),
        ({"和": -2}, ValueError, "entries: expected counts from 0 to 10 ** 15, found -2 for '和'"),
        ({Template(("[X]",)): 1}, ValueError, EXPECTED_WORDS + "'[X]'"),
    ],
)
def test_counts_that_are_none_are_refused(counts: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=exactly(message)):
        Templates.from_counts(counts)


# ----------------------------------------------------------------------------------------------------- files


@given(found=tables)
def test_load_gives_what_was_saved_byte_for_byte(found: Templates, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("templates")
    found.save(folder / "one.tsv")
    assert (folder / "one.tsv").read_bytes() == "".join(found.lines()).encode("utf-8")
    loaded = Templates.load(folder / "one.tsv", encoding="utf-8")
    assert loaded == found
    assert list(loaded.items()) == list(found.items())
    loaded.save(folder / "two.tsv")
    assert (folder / "two.tsv").read_bytes() == (folder / "one.tsv").read_bytes()


def test_file_format(tmp_path: Path) -> None:
    found = Templates(
        [TemplateEntry(AND, 7, 1 / 3), TemplateEntry(COLOUR, 9, 1e7), TemplateEntry(Template(("好",)), 0)]
    )
    found.save(tmp_path / "templates.tsv")
    expected = HEADER + "[X] 的 颜色 是 什么\t9\t1e+07\n[X] 和 [X]\t7\t0.333333\n好\t0\t0\n"
    assert (tmp_path / "templates.tsv").read_bytes() == expected.encode("utf-8")
    assert Templates.load(tmp_path / "templates.tsv") == Templates.load(str(tmp_path / "templates.tsv")) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(HEADER + "[X] 和 [X]\t3\t2.5\n", [(AND, 3, 2.5)], id="header"),
        pytest.param("[X] 和 [X]\t3\t2.5\n", [(AND, 3, 2.5)], id="no-header"),
        pytest.param("[X] 和 [X]\t3\t2.5\tmore\t\tand more\n", [(AND, 3, 2.5)], id="more-columns"),
        pytest.param("template\tcount\tbits\tgain\n[X] 和 [X]\t3\t7\t2.5\n", [(AND, 3, 2.5)], id="gain-by-header"),
        pytest.param("template\tcount\n[X] 和 [X]\t3\t2.5\n", [(AND, 3, 0.0)], id="no-gain-in-header"),
        pytest.param("[X] 和 [X]\t3\n", [(AND, 3, 0.0)], id="no-gain"),
        pytest.param("[X] 和 [X]\t\t2.5\n", [(AND, 1, 2.5)], id="empty-count"),
        pytest.param("[X] 和 [X]\t 3 \t \n", [(AND, 3, 0.0)], id="blank-gain"),
        pytest.param("[X] 和 [X]\n[X] 的 颜色 是 什么", [(AND, 1, 0.0), (COLOUR, 1, 0.0)], id="templates-alone"),
        pytest.param("\n[X] 和 [X]\t3\n\n \t \n[X] 的 颜色 是 什么\n\n", [(AND, 3, 0.0), (COLOUR, 1, 0.0)], id="blank"),
        pytest.param("  [X]  和 \u3000[X] \t3\n", [(AND, 3, 0.0)], id="white-space"),
        pytest.param("\ufeff" + HEADER + "[X] 和 [X]\t3\t2.5\n", [(AND, 3, 2.5)], id="BOM"),
        pytest.param("\ufeff[X] 和 [X]\t3\t2.5\n", [(AND, 3, 2.5)], id="BOM-no-header"),
        pytest.param(
            "\ufefftemplate\tcount\tgain\r\n[X] 和 [X]\t3\t2.5\r\n\r\n[X] 的 颜色 是 什么\t2\r\n",
            [(AND, 3, 2.5), (COLOUR, 2, 0.0)],
            id="BOM-CRLF",
        ),
        pytest.param(
            "template\n[X] 和 [X]\t3\n", [(AND, 3, 0.0), (Template(("template",)), 1, 0.0)], id="no-count-column"
        ),
        pytest.param("[X] 和 [X]\t007\t-1e3\n", [(AND, 7, -1000.0)], id="other-numbers"),
        pytest.param("[X] 和 [X]\t1000000000000000\n", [(AND, 10**15, 0.0)], id="largest-count"),
        pytest.param("[X] 和 [X]\t0\n", [(AND, 0, 0.0)], id="count-0"),
        pytest.param("", [], id="empty-file"),
        pytest.param(HEADER, [], id="header-alone"),
    ],
)
def test_files_that_are_read(tmp_path: Path, text: str, expected: list[tuple[Template, int, float]]) -> None:
    found = Templates.load(written(tmp_path, text))
    assert found == Templates([TemplateEntry(*row) for row in expected])
    assert list(found.values()) == [TemplateEntry(*row) for row in expected]


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    expected = Templates.from_counts({"[X] 的 颜色 是 什么": 9, "请问 [X] 在 哪里": 5, "[X] 和 [X]": 2})
    path = written(tmp_path, "".join(expected.lines()), encoding)
    assert Templates.load(path, encoding=encoding) == Templates.load(path) == expected


@pytest.mark.parametrize(
    ("text", "line", "expected", "found"),
    [
        ("[X] 和\t3\n[X] [X]\t2\n", 2, "words and [X], no two [X] side by side, in the first column", "[X] [X]\t2"),
        (HEADER + "\n\t3\n", 3, "words and [X], no two [X] side by side, in the first column", "\t3"),
        (" \t3\n", 1, "words and [X], no two [X] side by side, in the first column", " \t3"),
        *[
            (
                f"[X] 和\t{count}\t1\n",
                1,
                "a whole number of 10 ** 15 at most in column 2 (count)",
                f"[X] 和\t{count}\t1",
            )
            for count in ("2.5", "-3", "many", "３", "1_0", "1000000000000001", "9" * 30, "+3", "²")
        ],
        *[
            (f"[X] 和\t3\t{gain}\n", 1, "a finite number in column 3 (gain)", f"[X] 和\t3\t{gain}")
            for gain in ("high", "nan", "inf", "-Infinity", "1e999", "1,5")
        ],
        (HEADER + "[X] 和\t3\n是\n [X]  和\t4\t1\n", 4, "another template than in line 2", " [X]  和\t4\t1"),
        ("是\n\n是", 3, "another template than in line 1", "是"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, line: int, expected: str, found: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(
        TemplateFormatError, match=exactly(f"{path}, line {line}: expected {expected}, found {found!r}")
    ):
        Templates.load(path)
    with pytest.raises(LineFormatError) as caught:
        Templates.load(path)
    assert (caught.value.path, caught.value.line_number) == (str(path), line)
    assert (caught.value.expected, caught.value.line) == (expected, found)
    assert isinstance(caught.value, NlpZeroError)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (type(copied), str(copied), copied.line_number) == (TemplateFormatError, str(caught.value), line)


def test_a_long_line_is_shown_in_part(tmp_path: Path) -> None:
    with pytest.raises(TemplateFormatError) as caught:
        Templates.load(written(tmp_path, "长 " * 2000 + "\tx\n"))
    assert len(str(caught.value)) < 200 + len(str(tmp_path))
    assert str(caught.value).endswith("...'")


def test_models_and_counts_are_no_templates(tmp_path: Path) -> None:
    path = tmp_path / "counts.nlpzero"
    NgramCounts.from_corpus(["苹果和雪梨的颜色是什么？"] * 3).save(path)
    message = f"{path}: expected sentence templates, found a model or counts; -m takes models, --load-counts counts"
    with pytest.raises(CorpusError, match=exactly(message)):
        Templates.load(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a\tb\n", []),
        ("a\tb\tmore\r\n1\t2\t3\t4\r\n", [(2, "1\t2\t3\t4", {"a": "1", "b": "2", "more": "3"})]),
        ("1\n\n \t\n2\t3\t4\t5", [(1, "1", {"a": "1"}), (4, "2\t3\t4\t5", {"a": "2", "b": "3", "c": "4"})]),
        ("1\t2\na\tb\n", [(1, "1\t2", {"a": "1", "b": "2"}), (2, "a\tb", {"a": "a", "b": "b"})]),
        ("\na\tb\n", [(2, "a\tb", {"a": "a", "b": "b"})]),  # only the first line can be the header
        ("b\ta\n", [(1, "b\ta", {"a": "b", "b": "a"})]),
        (" x \t\t y\n", [(1, " x \t\t y", {"a": " x ", "b": "", "c": " y"})]),
    ],
)
def test_rows_of_a_table(tmp_path: Path, text: str, expected: list[tuple[int, str, dict[str, str]]]) -> None:
    assert list(table_rows(written(tmp_path, text), ("a", "b", "c"), "auto")) == expected


def test_only_models_and_counts_are_refused_before_they_are_read(tmp_path: Path) -> None:
    refuse_container(written(tmp_path, "text"), "words")
    refuse_container(written(tmp_path, ""), "words")
    refuse_container(tmp_path / "none", "words")  # what reads it says it better
    refuse_container(tmp_path, "words")


def test_wrong_bytes_are_named_with_file_and_place(tmp_path: Path) -> None:
    path = tmp_path / "templates.tsv"
    path.write_bytes("[X] 和\t3\n".encode() + b"\xff\t2\n" + "[X] 的 颜色 是 什么\t2\n".encode() * 5)
    for encoding in ("auto", "utf-8"):
        with pytest.raises(CorpusEncodingError, match=r"byte 10 \(line 2\)") as caught:
            Templates.load(path, encoding=encoding)
        assert str(caught.value).startswith(str(path))


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        Templates.load(tmp_path / "none.tsv")
    with pytest.raises(CorpusError, match="holds no files"):
        Templates.load(tmp_path)


def test_saving_into_nowhere_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        Templates.from_counts({AND: 3}).save(tmp_path / "nowhere" / "templates.tsv")
    assert not list(tmp_path.iterdir())
