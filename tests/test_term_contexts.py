"""Lines in which terms stand: those of a naive search, spread over the text, cut where long, and always the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import TextFiles
from nlp_zero.terms.contexts import SIDE, context_lines
from nlp_zero.terms.vocabulary import Context
from nlp_zero.text.several import chained

MANY = 1000
UNITS = re.compile("[A-Za-z]+|[0-9]+|.", re.DOTALL)


def found_in(corpus: Iterable[str], terms: Collection[str], number: int = MANY) -> dict[str, list[Context]]:
    return context_lines(corpus, terms, number, lambda: nullcontext(lambda amount: None))


def places_of(line: str, terms: Collection[str]) -> list[tuple[int, str]]:
    """Where terms stand in a line, from left to right, the longest first; between units only."""
    edges = {match.start() for match in UNITS.finditer(line)} | {len(line)}
    places, free = [], 0
    for start in sorted(edges):
        some = [term for term in terms if line.startswith(term, start) and start + len(term) in edges]
        if some and start >= free:
            term = max(some, key=len)
            places.append((start, term))
            free = start + len(term)
    return places


def naive(texts: Iterable[str], terms: Collection[str], *, first: bool) -> dict[str, list[Context]]:
    """All lines of each term, those that are alike once, with the first place there or with all of them."""
    lines = [line for text in texts for line in re.split("[\r\n]", text)]
    found: dict[str, list[Context]] = {}
    for _ in range(3):
        more: dict[str, list[Context]] = {}
        left = [term for term in dict.fromkeys(terms) if term not in found]
        for line in lines:
            seen: set[str] = set()
            for start, term in places_of(line, left):
                if first and term in seen:
                    continue
                seen.add(term)
                end = start + len(term)
                before, after = line[max(start - 60, 0) : start].lstrip(), line[end : end + 60].rstrip()
                more.setdefault(term, []).append(Context(before, term, after))
        found |= more
    return {term: list(dict.fromkeys(found[term])) for term in terms if term in found}


pieces = st.sampled_from(["变", "压", "器", "变压器", "油", "K", "线", "5", "K线", "，", " ", "𠮷", "\n", "\r", "\r\n"])
texts = st.lists(st.lists(pieces, max_size=15).map("".join), max_size=4)
names = st.sampled_from(["变压器", "变压", "压器", "变", "器油", "K线", "线", "线5", "5", "油", "𠮷变", "压器油", "K"])
lists_of_terms = st.lists(names, max_size=7)


@given(texts, lists_of_terms)
@example(["变压器油"], ["变压器油", "变压器", "变压", "变"])
@example(["5K线55", "KK线5"], ["5", "K", "K线"])
def test_all_lines_of_all_terms(corpus: list[str], terms: list[str]) -> None:
    found = found_in(corpus, terms)
    expected, places = naive(corpus, terms, first=True), naive(corpus, terms, first=False)
    assert list(found) == list(expected)
    for term, contexts in found.items():
        assert len(set(contexts)) == len(contexts)
        assert set(expected[term]) <= set(contexts) <= set(places[term])


@given(texts, lists_of_terms, st.integers(1, 3))
def test_some_lines_are_among_all(corpus: list[str], terms: list[str], number: int) -> None:
    every, some = found_in(corpus, terms), found_in(corpus, terms, number)
    assert list(some) == list(every)
    for term, contexts in some.items():
        assert 1 <= len(contexts) <= number
        assert len(set(contexts)) == len(contexts)
        assert all(context.term == term for context in contexts)
        assert set(contexts) <= set(every[term])
        assert all(not set("\r\n") & set("".join(context)) for context in contexts)
    assert found_in(corpus, terms, number) == some


@given(texts, lists_of_terms, st.integers(1, 3))
def test_what_is_shown_stands_in_the_text(corpus: list[str], terms: list[str], number: int) -> None:
    lines = [line.strip() for text in corpus for line in re.split("[\r\n]", text)]
    for contexts in found_in(corpus, terms, number).values():
        assert all("".join(context) in lines for context in contexts)  # none of them is long


def test_lines_come_in_the_order_of_the_text() -> None:
    text = [f"第{i}台变压器" for i in range(300)]
    for number in (1, 5, 20, 300):
        found = found_in(text, ["变压器"], number)["变压器"]
        places = [int(context.before[1:-1]) for context in found]
        assert len(places) == number
        assert places == sorted(places)


def test_lines_are_spread_over_the_text() -> None:
    text = [f"第{i}台变压器" for i in range(1000)]
    places = [int(context.before[1:-1]) for context in found_in(text, ["变压器"], 20)["变压器"]]
    assert all(any(low <= place < low + 250 for place in places) for low in range(0, 1000, 250))


def test_lines_do_not_depend_on_other_terms_nor_on_how_the_text_is_cut(tmp_path: Path) -> None:
    text = [f"第{i}台变压器，油温{i}度" for i in range(500)]
    expected = found_in(text, ["变压器"], 7)["变压器"]
    assert found_in(text, ["油温", "变压器", "没有"], 7)["变压器"] == expected
    assert found_in(["\n".join(text)], ["变压器"], 7)["变压器"] == expected
    path = tmp_path / "text.txt"
    path.write_text("\n".join(text), encoding="utf-8")
    assert found_in(TextFiles(path), ["变压器"], 7)["变压器"] == expected
    parts = chained([text[:123], text[123:400], text[400:]])
    assert found_in(parts, ["变压器"], 7)["变压器"] == expected


def test_a_place_belongs_to_the_longest_term() -> None:
    text = ["变压器油箱", "变压器", "压器"]
    found = found_in(text, ["压器", "变压器", "变压器油箱"])
    assert found == {
        "压器": [("", "压器", "")],
        "变压器": [("", "变压器", "")],
        "变压器油箱": [("", "变压器油箱", "")],
    }


def test_terms_that_are_only_parts_of_others_are_found_too() -> None:
    found = found_in(["看变压器油箱", "变压器油箱漏油"], ["变压器油箱", "变压器", "变压", "油"])
    assert found["变压器"] == [("看", "变压器", "油箱"), ("", "变压器", "油箱漏油")]
    assert found["变压"] == [("看", "变压", "器油箱"), ("", "变压", "器油箱漏油")]
    assert found["油"] == [("变压器油箱漏", "油", "")]


def test_what_does_not_occur_is_left_out() -> None:
    assert found_in(["变压器"], ["断路器", "变压器", "压器油"]) == {"变压器": [("", "变压器", "")]}
    assert found_in([], ["变压器"]) == found_in(["变压器"], []) == found_in(["", "\n"], ["变压器"]) == {}


def test_terms_keep_their_order_and_may_be_named_twice() -> None:
    found = found_in(["变压器油温"], ["油温", "变压器", "油温"])
    assert list(found) == ["油温", "变压器"]
    assert len(found["油温"]) == 1


@pytest.mark.parametrize("line", ["35变压器", "5.3变压器", "AK变压器", "5K5变压器", "Ｋ线5变压器55"])
def test_terms_never_begin_or_end_inside_a_number_or_a_latin_word(line: str) -> None:
    found = found_in([line, "K线"], ["5变压器", "K变压器", "变压器5", "K线5变压器5"])
    expected = {"5变压器"} if line == "5K5变压器" else set()
    expected |= {"5变压器"} if line.startswith("Ｋ线5") else set()
    assert set(found) == expected


def test_lines_that_are_alike_are_shown_once() -> None:
    text = ["检查变压器。", "  检查变压器。\u3000", "检查变压器！"]
    assert sorted(found_in(text * 50, ["变压器"])["变压器"]) == [
        ("检查", "变压器", "。"),
        ("检查", "变压器", "！"),
    ]


def test_lines_that_are_alike_hide_no_others() -> None:
    """However often a header is repeated, there are as many lines as were asked for."""
    text = [*["变压器运行规程"] * 400, *[f"第{i}台变压器" for i in range(4)]]
    assert len(found_in(text, ["变压器"], 5)["变压器"]) == 5


def test_lines_that_hold_a_term_many_times_hide_no_others() -> None:
    text = [f"第{i}段" + "变压器和" * 50 for i in range(10)]
    assert len(found_in(text, ["变压器"], 5)["变压器"]) == 5
    assert len(found_in(["\n".join(text)], ["变压器"], 5)["变压器"]) == 5


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    text = end.join(["油温高", "检查变压器", "变", "压器", " 变压器 坏了 ", ""])
    expected = [("检查", "变压器", ""), ("", "变压器", " 坏了")]
    assert found_in([text], ["变压器"])["变压器"] == expected
    assert found_in([end + text + text], ["变压器"])["变压器"] == expected  # 变压器坏了油温高 is no line


def test_no_term_crosses_lines_or_texts() -> None:
    for text in (["变\n压器"], ["变\r压器"], ["变", "压器"], ["变压\r\n器"]):
        assert found_in(text, ["变压器"]) == {}


def test_long_lines_are_cut() -> None:
    assert SIDE == 60
    line = "左" * 100 + "变压器" + "右" * 100
    assert found_in([line], ["变压器"])["变压器"] == [("…" + "左" * 60, "变压器", "右" * 60 + "…")]
    line = "左" * 60 + "变压器" + "右" * 61
    assert found_in([line], ["变压器"])["变压器"] == [("左" * 60, "变压器", "右" * 60 + "…")]
    line = "左" * 100 + " " + "间" * 59 + "变压器" + "右" * 59 + "\u3000"
    assert found_in([line], ["变压器"])["变压器"] == [("… " + "间" * 59, "变压器", "右" * 59)]
    both = ["甲" * 30 + line, "乙" * 30 + line]
    assert len(found_in(both, ["变压器"])["变压器"]) == 1  # alike around the term


def test_astral_characters_and_lone_surrogates() -> None:
    text = ["𠮷野家\ud800的变压器😀", "\udfff𠮷野家"]
    found = found_in(text, ["变压器", "𠮷野", "\ud800"])
    assert found["变压器"] == [("𠮷野家\ud800的", "变压器", "😀")]
    assert found["𠮷野"] == [("", "𠮷野", "家\ud800的变压器😀"), ("\udfff", "𠮷野", "家")]


def test_many_terms_and_lines() -> None:
    terms = [f"{a}{b}" for a in "甲乙丙丁戊己庚辛壬癸" for b in "子丑寅卯辰巳午未申酉戌亥"]
    text = [f"第{i}年{terms[i % 120]}，然后{terms[i * 7 % 120]}。" for i in range(1200)]
    found = found_in(text, terms, 3)
    assert list(found) == terms
    assert all(len(contexts) == 3 for contexts in found.values())
