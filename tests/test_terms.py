"""Terms as values and as a file: order, figures, round trips, and what is refused with which words."""

from __future__ import annotations

import pickle
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nlp_zero import (
    CorpusEncodingError,
    CorpusError,
    LineFormatError,
    NgramCounts,
    NlpZeroError,
    TermEntry,
    TermFormatError,
    Terms,
)
from nlp_zero.terms.vocabulary import COLUMNS, Context

FIGURES = COLUMNS[1:]
WHOLE = ("count", "background_count", "documents")
REAL = tuple(name for name in FIGURES if name not in WHOLE)
HEADER = (
    "term\tscore\tcount\tbackground_count\tdocuments\tcontrast\tassociation\tleft_entropy\tright_entropy\tfreedom\t"
    "after_mark\tbefore_mark\tnestedness\tspread\tcentrality\tsimilarity\n"
)
NO_TERM = "a term, then numbers, with TABs between"


def is_writable(term: str) -> bool:
    """Whether a file can hold it, said otherwise than the module does."""
    return bool(term) and term.strip() == term and re.search("[\t\n\r\ud800-\udfff]", term) is None


names = st.text(
    st.characters() | st.sampled_from("变压器油温𠮷 -K5%，\ufeff\u200b\x85\x1c\u2028\x00"), min_size=1, max_size=6
).filter(is_writable)
figures = st.floats(-1e30, 1e30) | st.integers(-(10**9), 10**9) | st.sampled_from([0.0, -0.0, 1 / 3, 5e-324])
whole = st.integers(0, 10**15)
entries = st.builds(TermEntry, names, **{name: whole if name in WHOLE else figures for name in FIGURES})
rows = st.lists(entries, max_size=6, unique_by=lambda entry: entry.term)
tables = st.builds(Terms, rows)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "terms.tsv"
    path.write_bytes(text.encode(encoding))
    return path


def refused(name: str, number: str, expected: str) -> tuple[str, int, str, str]:
    """A line whose column of this name is not as expected."""
    place = COLUMNS.index(name)
    line = "油\t" + "0\t" * (place - 1) + number
    return line, 1, f"{expected} in column {place + 1} ({name})", line


def exactly(message: str) -> str:
    """A pattern for this message, whole."""
    return f"^{re.escape(message)}$"


# ------------------------------------------------------------------------------------------------------ values


def test_entry_has_the_columns_of_the_file() -> None:
    assert "\t".join(TermEntry._fields) + "\n" == HEADER
    assert TermEntry("变压器") == ("变压器", 0.0, 1, 0, 0, *[0.0] * 11)
    assert TermEntry("变压器", 3.5, 12).count == 12


def test_context_is_a_place_of_a_text() -> None:
    assert Context("检查", "变压器", "油温") == ("检查", "变压器", "油温")
    assert Context._fields == ("before", "term", "after")


def test_mapping() -> None:
    terms = Terms([TermEntry("变压器", 3.5, 12), TermEntry("继电保护", 4.25, 7)])
    assert isinstance(terms, Mapping)
    assert list(terms) == list(terms.keys()) == ["继电保护", "变压器"]
    assert (len(terms), "变压器" in terms, "压器" in terms, 5 in terms) == (2, True, False, False)
    assert terms["变压器"] == TermEntry("变压器", 3.5, 12) == terms.get("变压器")
    assert terms.get("压器") is None
    assert [entry.score for entry in terms.values()] == [4.25, 3.5]
    assert dict(terms)["继电保护"].count == 7
    with pytest.raises(KeyError):
        terms["压器"]
    assert not Terms()
    assert list(Terms(iter(terms.values()))) == list(terms)


def test_nothing_in_it_can_be_changed() -> None:
    terms: Any = Terms([TermEntry("变压器", 3.5, 12)])
    with pytest.raises(TypeError):
        terms["油温"] = TermEntry("油温")
    with pytest.raises(TypeError):
        del terms["变压器"]
    with pytest.raises(AttributeError):
        terms.more = 1
    with pytest.raises(AttributeError):
        terms["变压器"].score = 9.0
    assert not hasattr(terms, "__dict__")
    given_ = [TermEntry("变压器")]
    terms = Terms(given_)
    given_.append(TermEntry("油温"))
    assert list(terms) == ["变压器"]


def test_repr_names_the_first_three() -> None:
    assert repr(Terms()) == "<Terms: 0>"
    assert repr(Terms([TermEntry("乙", 1.0), TermEntry("甲", 2.0)])) == "<Terms: 2: 甲, 乙>"
    some = [TermEntry(term, score) for term, score in zip("甲乙丙丁", (4.0, 3.0, 2.0, 1.0))]
    assert repr(Terms(some[:3])) == "<Terms: 3: 甲, 乙, 丙>"
    assert repr(Terms(some)) == "<Terms: 4: 甲, 乙, 丙, ...>"


@given(rows, st.randoms(use_true_random=False))
def test_order_is_falling_score_then_falling_count_then_term(given_: list[TermEntry], shuffler: random.Random) -> None:
    found = Terms(given_)
    order = [(-entry.score, -entry.count, entry.term) for entry in found.values()]
    assert order == sorted(order)
    assert [entry.term for entry in found.values()] == list(found)
    assert set(found) == {entry.term for entry in given_}
    for entry in given_:
        for name in WHOLE:
            assert getattr(found[entry.term], name) == getattr(entry, name)
        for name in REAL:
            assert getattr(found[entry.term], name) == float(f"{getattr(entry, name):.6g}")
    mixed = list(given_)
    shuffler.shuffle(mixed)
    assert (Terms(mixed), list(Terms(mixed)), hash(Terms(mixed))) == (found, list(found), hash(found))


def test_the_order_of_ties() -> None:
    some = [TermEntry("丙", 1.0, 5), TermEntry("乙", 1.0, 5), TermEntry("甲", 1.0, 4), TermEntry("丁", 1.0, 9)]
    assert list(Terms(some)) == ["丁", "丙", "乙", "甲"]  # 丙 is U+4E19, 乙 U+4E59, 甲 U+7532
    close = [TermEntry("甲", 1.0000001, 1), TermEntry("乙", 1.0, 2)]
    assert list(Terms(close)) == ["乙", "甲"]  # equal when rounded


@pytest.mark.parametrize("name", REAL)
def test_figures_have_six_digits(name: str) -> None:
    for value, rounded in {1 / 3: 0.333333, 123456.789: 123457.0, -2e-9 / 3: -6.66667e-10, 5: 5.0, -0.0: 0.0}.items():
        [row] = Terms([entry(name, value)]).values()
        found = getattr(row, name)
        assert (found, type(found), str(found)) == (rounded, float, str(rounded))


def test_equal_values_have_equal_hashes() -> None:
    one, other = TermEntry("甲", 2.0, 3), TermEntry("乙", 1.0, 2)
    first, second = Terms([one, other]), Terms([other, one])
    assert (first == second, hash(first) == hash(second), len({first, second})) == (True, True, 1)
    for name in FIGURES:
        assert first != Terms([one, other._replace(**{name: getattr(other, name) + 1})]), name
    assert first != Terms([one])
    assert first != dict(first)
    assert first != [*first]
    assert Terms() == Terms([])


@given(tables)
def test_pickle_gives_an_equal_value(found: Terms) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copied = pickle.loads(pickle.dumps(found, protocol))
        assert copied == found
        assert list(copied.items()) == list(found.items())


def entry(name: str, value: Any) -> TermEntry:
    return TermEntry("油")._replace(**{name: value})


EXPECTED_TERM = "expected a term without TABs, line ends, lone surrogates, or white space around it, found "


@pytest.mark.parametrize(
    ("given_", "error", "message"),
    [
        ("变压器", TypeError, "expected a TermEntry, found '变压器'"),
        (("变压器", 1.0), TypeError, "expected a TermEntry, found ('变压器', 1.0)"),
        (None, TypeError, "expected a TermEntry, found None"),
        (TermEntry(5), TypeError, "expected a term of type str, found 5"),  # type: ignore[arg-type]
        (TermEntry(b"a"), TypeError, "expected a term of type str, found b'a'"),  # type: ignore[arg-type]
        *[
            (TermEntry(term), ValueError, EXPECTED_TERM + repr(term))
            for term in ("", " ", "\u3000", " 油", "油 ", "油\u3000", "油\t温", "油\n温", "油\r温", "油\x85")
        ],
        *[(TermEntry(term), ValueError, EXPECTED_TERM + repr(term)) for term in ("\ud800", "油\udc80", "\udfff温")],
        (TermEntry("甲"), ValueError, "the term '甲' occurs twice"),
        *[
            (entry(name, found), TypeError, f"expected a number as {name}, found {found!r} for '油'")
            for name in FIGURES
            for found in ("3", None, True, 1j)
        ],
        *[(entry(name, 2.0), TypeError, f"expected a whole number as {name}, found 2.0 for '油'") for name in WHOLE],
        *[
            (entry(name, found), ValueError, f"expected a {name} from 0 to 10 ** 15, found {found} for '油'")
            for name in WHOLE
            for found in (-1, 10**15 + 1)
        ],
        *[
            (entry(name, float(found)), ValueError, f"expected a finite {name}, found {found} for '油'")
            for name in REAL
            for found in ("nan", "inf", "-inf")
        ],
    ],
)
def test_entries_that_no_file_could_hold_are_refused(given_: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=exactly("entries: " + message)):
        Terms([TermEntry("甲", 1.0), given_, TermEntry("乙", 2.0)])


def test_numbers_of_numpy_that_are_floats_are_taken() -> None:
    [row] = Terms([TermEntry("油", np.float64(1.5))]).values()
    assert (row.score, type(row.score)) == (1.5, float)


# ----------------------------------------------------------------------------------------------------- files


@given(found=tables)
def test_load_gives_what_was_saved_byte_for_byte(found: Terms, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("terms")
    found.save(folder / "one.tsv")
    assert (folder / "one.tsv").read_bytes() == "".join(found.lines()).encode("utf-8")
    loaded = Terms.load(folder / "one.tsv", encoding="utf-8")
    assert loaded == found
    assert list(loaded.items()) == list(found.items())
    loaded.save(folder / "two.tsv")
    assert (folder / "two.tsv").read_bytes() == (folder / "one.tsv").read_bytes()


@given(found=tables, line_end=st.sampled_from(["\n", "\r\n"]), mark=st.sampled_from(["", "\ufeff"]))
def test_without_a_header_the_columns_are_in_this_order(
    found: Terms, line_end: str, mark: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [line.removesuffix("\n") for line in found.lines()][1:]
    assume(not lines or not lines[0].startswith("\ufeff"))
    path = written(tmp_path_factory.mktemp("terms"), mark + line_end.join(lines))
    assert Terms.load(path, encoding="utf-8-sig") == found


@pytest.mark.parametrize("value", [9.9999999e307, -9.9999999e307, 9.99999e307, 2.2250738e-308])
def test_figures_that_are_taken_can_be_read_again(tmp_path: Path, value: float) -> None:
    try:
        found = Terms([entry("score", value)])
    except ValueError:
        assert abs(value) > 9.99999e307  # refused at once is as good
        return
    found.save(tmp_path / "terms.tsv")
    assert Terms.load(tmp_path / "terms.tsv") == found


def test_file_format(tmp_path: Path) -> None:
    found = Terms(
        [
            TermEntry("断路器", 1 / 3, 7, 2, 3),
            TermEntry("继电保护", 1e7, 9, 0, 1, 5.5, 6.25, 1.0, 2.0, 3.0, 0.125, 0.25, 0.5, 1.0, -0.25, 1e-7),
            TermEntry("K线 图", 0.0, 0),
        ]
    )
    found.save(tmp_path / "terms.tsv")
    expected = HEADER + (
        "继电保护\t1e+07\t9\t0\t1\t5.5\t6.25\t1\t2\t3\t0.125\t0.25\t0.5\t1\t-0.25\t1e-07\n"
        "断路器\t0.333333\t7\t2\t3\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\n"
        "K线 图\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\t0\n"
    )
    assert (tmp_path / "terms.tsv").read_bytes() == expected.encode("utf-8")
    assert Terms.load(tmp_path / "terms.tsv") == Terms.load(str(tmp_path / "terms.tsv")) == found


OIL, TEMPERATURE = TermEntry("油", 2.5, 3), TermEntry("温度", 1.5, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("term\tscore\tcount\n油\t2.5\t3\n", [OIL], id="header"),
        pytest.param("油\t2.5\t3\n", [OIL], id="no-header"),
        pytest.param("油\t2.5\t3", [OIL], id="no-line-end"),
        pytest.param("油\t2.5\t3" + "\t0" * (len(COLUMNS) - 3) + "\tmore\t\tand more\n", [OIL], id="more-columns"),
        pytest.param("term\tscore\tremark\tcount\n油\t2.5\tgood\t3\n", [OIL], id="by-header"),
        pytest.param("term\tscore\tCOUNT\n油\t2.5\t3\n", [TermEntry("油", 2.5)], id="unknown-column"),
        pytest.param("term\tscore\n油\t2.5\t3\n", [TermEntry("油", 2.5)], id="no-count-in-header"),
        pytest.param("油\n温度\n", [TermEntry("油"), TermEntry("温度")], id="terms-alone"),
        pytest.param("油\t\t3\n", [TermEntry("油", 0.0, 3)], id="empty-score"),
        pytest.param("油\t2.5\t\t8\n", [TermEntry("油", 2.5, 1, 8)], id="empty-count"),
        pytest.param("油\t 2.5 \t 3 \n", [OIL], id="white-space-around-numbers"),
        pytest.param("\n油\t2.5\t3\n\n \t \n温度\t1.5\t4\n\n", [OIL, TEMPERATURE], id="blank-lines"),
        pytest.param("温度\t1.5\t4\n油\t2.5\t3\n", [OIL, TEMPERATURE], id="any-order"),
        pytest.param("\ufeffterm\tscore\tcount\n油\t2.5\t3\n", [OIL], id="BOM"),
        pytest.param("\ufeff油\t2.5\t3\n", [OIL], id="BOM-no-header"),
        pytest.param("\ufeffterm\tscore\tcount\r\n油\t2.5\t3\r\n\r\n温度\t1.5\t4\r\n", [OIL, TEMPERATURE], id="CRLF"),
        pytest.param("油\t2.5\t3\r温度\t1.5\t4\r", [OIL, TEMPERATURE], id="CR"),
        pytest.param("term\n油\t2.5\t3\n", [OIL, TermEntry("term")], id="term-is-a-term"),
        pytest.param("油\t-1e3\t007\n", [TermEntry("油", -1000.0, 7)], id="other-numbers"),
        pytest.param("油\t1\t1000000000000000\n", [TermEntry("油", 1.0, 10**15)], id="largest-count"),
        pytest.param("油\t1\t0\n", [TermEntry("油", 1.0, 0)], id="count-0"),
        pytest.param("油\t1.23456789\n", [TermEntry("油", 1.23457)], id="rounded"),
        pytest.param("", [], id="empty-file"),
        pytest.param(HEADER, [], id="header-alone"),
    ],
)
def test_files_that_are_read(tmp_path: Path, text: str, expected: list[TermEntry]) -> None:
    found = Terms.load(written(tmp_path, text))
    assert list(found.values()) == expected
    assert found == Terms(expected)


def test_white_space_around_a_term_in_a_file_is_no_part_of_it(tmp_path: Path) -> None:
    """As in lexicons and templates: a list that somebody has edited."""
    found = Terms.load(written(tmp_path, "term\tscore\tcount\n 油\t2.5\t3\n温度\u3000\t1.5\t4\n"))
    assert list(found.values()) == [OIL, TEMPERATURE]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    expected = Terms([TermEntry("变压器油温", 2.5, 3), TermEntry("继电保护装置", 1.5, 9), TermEntry("断路器跳闸", 1.0)])
    path = written(tmp_path, "".join(expected.lines()), encoding)
    assert Terms.load(path, encoding=encoding) == Terms.load(path) == expected


@pytest.mark.parametrize(
    ("text", "line", "expected", "found"),
    [
        ("\t3\n", 1, NO_TERM, "\t3"),
        (HEADER + "\n\t3\n", 3, NO_TERM, "\t3"),
        *[
            refused(name, number, "a whole number of 10 ** 15 at most")
            for name in WHOLE
            for number in ("2.5", "-3", "many", "３", "1_0", "1000000000000001", "9" * 30, "+3", "²", "nan")
        ],
        *[
            refused(name, number, "a finite number")
            for name in REAL
            for number in ("high", "nan", "inf", "-Infinity", "1e999", "1,5")
        ],
        (HEADER + "油\t3\n温\t1\n油\t4\t1\n", 4, "another term than in line 2", "油\t4\t1"),
        ("油\n\n油", 3, "another term than in line 1", "油"),
    ],
)  # fmt: skip
def test_files_that_are_refused(tmp_path: Path, text: str, line: int, expected: str, found: str) -> None:
    path = written(tmp_path, text)
    shown = found if len(found) <= 60 else found[:57] + "..."
    with pytest.raises(TermFormatError, match=exactly(f"{path}, line {line}: expected {expected}, found {shown!r}")):
        Terms.load(path)
    with pytest.raises(LineFormatError) as caught:
        Terms.load(path)
    assert (caught.value.path, caught.value.line_number) == (str(path), line)
    assert (caught.value.expected, caught.value.line) == (expected, found)
    assert isinstance(caught.value, NlpZeroError)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (type(copied), str(copied), copied.line_number) == (TermFormatError, str(caught.value), line)


def test_a_long_line_is_shown_in_part(tmp_path: Path) -> None:
    with pytest.raises(TermFormatError) as caught:
        Terms.load(written(tmp_path, "长" * 2000 + "\tx\n"))
    assert len(str(caught.value)) < 200 + len(str(tmp_path))
    assert str(caught.value).endswith("...'")


def test_models_and_counts_are_no_terms(tmp_path: Path) -> None:
    path = tmp_path / "counts.nlpzero"
    NgramCounts.from_corpus(["变压器油温过高，检查变压器。"] * 3).save(path)
    message = f"{path}: expected terms, found a model or counts; -m takes models, --load-counts counts"
    with pytest.raises(CorpusError, match=exactly(message)):
        Terms.load(path)


def test_wrong_bytes_are_named_with_file_and_place(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    path.write_bytes("油温\t3\n".encode() + b"\xff\t2\n" + "变压器\t2\n".encode() * 5)
    for encoding in ("auto", "utf-8"):
        with pytest.raises(CorpusEncodingError, match=r"byte 9 \(line 2\)") as caught:
            Terms.load(path, encoding=encoding)
        assert str(caught.value).startswith(str(path))


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        Terms.load(tmp_path / "none.tsv")
    with pytest.raises(CorpusError, match="holds no files"):
        Terms.load(tmp_path)


def test_saving_into_nowhere_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        Terms([OIL]).save(tmp_path / "nowhere" / "terms.tsv")
    assert not list(tmp_path.iterdir())


def test_saving_replaces_what_was_there(tmp_path: Path) -> None:
    path = written(tmp_path, "anything")
    Terms([OIL]).save(path)
    assert Terms.load(path) == Terms([OIL])
    assert list(tmp_path.iterdir()) == [path]
