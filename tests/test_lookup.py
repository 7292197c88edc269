"""What n-gram counts say of given strings: against loops over the text, bit for bit the same for every cut in parts."""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import NgramCounts
from nlp_zero.core.symbols import FIRST_SYMBOL
from nlp_zero.statistics import lookup
from nlp_zero.statistics.association import branching_entropies
from nlp_zero.statistics.lookup import FigureReader, NgramFigures, SharedSums, common_nodes, counts_of
from nlp_zero.statistics.strings import StringCounts, no_strings
from nlp_zero.text.characters import symbols_of, units

texts = st.lists(st.text("中国人𠮷5a，", max_size=16), max_size=5)
words = st.lists(st.text("中国人𠮷民", min_size=1, max_size=6) | st.just("<NUM>国"), max_size=6, unique=True)
cuts = st.lists(st.booleans(), min_size=8, max_size=8)  # whether a part ends after each first symbol
String = tuple[int, ...]


def trie_of(strings: list[str]) -> StringCounts:
    """The strings, each counted once."""
    symbols = [symbols_of(string) for string in strings]
    lengths = np.array([len(s) for s in symbols], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))[: len(strings)].astype(np.int64)
    return StringCounts.from_pieces(np.concatenate([np.zeros(0, np.uint32), *symbols]), starts, lengths)


def strings_of(trie: StringCounts) -> list[String]:
    """The string of each node, the root first."""
    return [(), *(tuple(s for s in row if s) for row in trie.strings(np.arange(len(trie)) + 1).tolist())]


def cut(trie: StringCounts, ends: list[bool]) -> list[StringCounts]:
    """The trie in parts by first symbols."""
    groups: list[list[int]] = [[]]
    for symbol, end in zip(trie.singles()[0].tolist(), ends):
        groups[-1].append(symbol)
        if end:
            groups.append([])
    firsts = np.array([string[0] if string else 0 for string in strings_of(trie)])
    parts = []
    for group in groups:
        keys, nodes = trie.restricted(np.isin(firsts, group))
        parts.append(StringCounts(keys, trie.counts[nodes - 1]))
    return parts


def naive_runs(corpus: list[str]) -> list[String]:
    found: list[String] = []
    for text in corpus:
        run: list[int] = []
        for symbol in [*units(text).symbols.tolist(), 0]:
            if symbol >= FIRST_SYMBOL:
                run.append(symbol)
            elif run:
                found.append(tuple(run))
                run = []
    return found


def entropy(neighbours: Counter[object]) -> float:
    total = neighbours.total()
    return -sum(n / total * math.log(n / total) for n in neighbours.values())


def naive(corpus: list[str], string: String) -> tuple[int, float, float]:
    """Count, left and right entropy; what stands at the end of a run has a neighbour that is seen only there."""
    before, after = Counter[object](), Counter[object]()
    for r, run in enumerate(naive_runs(corpus)):
        for i in range(len(run) - len(string) + 1):
            end = i + len(string)
            if run[i:end] == string:
                before[run[i - 1] if i else (r, i)] += 1
                after[run[end] if end < len(run) else (r, i)] += 1
    return (before.total(), entropy(before), entropy(after)) if before else (0, 0.0, 0.0)


def same(one: NgramFigures, other: NgramFigures) -> bool:
    """Whether both are equal to the last bit."""
    columns = ((f.counts, f.before, f.after, *f.entropies()) for f in (one, other))
    return one.step == other.step and all(a.tobytes() == b.tobytes() for a, b in zip(*columns))


# ---------------------------------------------------------------------------------------------------- counts


@given(texts, words, st.integers(1, 6), cuts)
@example([], [], 1, [False] * 8)
@example(["中国"], ["人"], 2, [True] * 8)
@example(["国国国国"], ["国", "国国", "国国国国国"], 4, [True] * 8)
def test_counts_are_those_of_the_text_for_every_cut(
    corpus: list[str], strings: list[str], order: int, ends: list[bool]
) -> None:
    wanted, ngrams = trie_of(strings), NgramCounts.from_corpus(corpus, order=order)
    expected = [naive(corpus, s)[0] if 0 < len(s) <= order else 0 for s in strings_of(wanted)]
    parts = cut(ngrams, ends)
    for given_parts in ([ngrams], parts, [part for part in parts if len(part)], iter(parts), parts[::-1]):
        found = counts_of(wanted, given_parts)
        assert found.dtype == np.int64 and found.tolist() == expected


@given(texts, words, cuts)
def test_common_nodes_are_the_strings_of_both(corpus: list[str], strings: list[str], ends: list[bool]) -> None:
    wanted, ngrams = trie_of(strings), NgramCounts.from_corpus(corpus, order=4)
    for one, other in ((wanted, ngrams), (ngrams, wanted), (wanted, wanted)):
        names = strings_of(one)
        seen: list[String] = []
        for part in cut(other, ends):
            part_names = strings_of(part)
            here: list[String] = []
            for nodes, found in common_nodes(one, part):
                level = [names[node] for node in nodes.tolist()]
                assert level == [part_names[node] for node in found.tolist()]
                assert len({len(string) for string in level}) <= 1 and level == sorted(level)
                here += level
            assert here == sorted(here, key=lambda string: (len(string), string))
            seen += here
        assert sorted(seen) == sorted(set(names[1:]) & set(strings_of(other)[1:]))


@given(words)
def test_nothing_in_common_with_nothing(strings: list[str]) -> None:
    wanted, nothing = trie_of(strings), no_strings()
    assert list(common_nodes(wanted, nothing)) == [] and list(common_nodes(nothing, nothing)) == []
    assert sum(len(nodes) for nodes, _ in common_nodes(nothing, wanted)) == 0
    for parts in ([], [nothing], [nothing, nothing]):
        assert counts_of(wanted, parts).tolist() == [0] * (len(wanted) + 1)
        figures = FigureReader(wanted, 3, 0)(parts)
        assert [column.tolist() for column in figures.entropies()] == [[0.0] * (len(wanted) + 1)] * 2
    assert counts_of(nothing, [wanted]).tolist() == [0]
    assert [column.tolist() for column in FigureReader(nothing, 3, 9)([wanted]).entropies()] == [[0.0]] * 2


# --------------------------------------------------------------------------------------------------- figures


@given(texts, words, st.integers(1, 5), st.integers(1, 2))
@example([], [], 1, 1)
@example(["国国国国"], ["国", "国国"], 2, 1)
@example(["中国", "，中国，", "中国中国"], ["中国"], 2, 1)
def test_figures_are_those_of_the_text(corpus: list[str], strings: list[str], longest: int, more: int) -> None:
    wanted, order = trie_of(strings), longest + more
    ngrams = NgramCounts.from_corpus(corpus, order=order)
    figures = FigureReader(wanted, longest, ngrams.total)([ngrams])
    left, right = figures.entropies()
    for node, string in enumerate(strings_of(wanted)):
        count, before, after = naive(corpus, string) if 0 < len(string) <= order else (0, 0.0, 0.0)
        if len(string) > longest:
            before = after = 0.0
        assert figures.counts[node] == count
        assert (left[node], right[node]) == (pytest.approx(before, abs=1e-9), pytest.approx(after, abs=1e-9))
        assert (left[node] == 0) == (before < 1e-9) and (right[node] == 0) == (after < 1e-9)


@given(texts, words, st.integers(1, 4), cuts, cuts, st.integers(1, 9), st.randoms(use_true_random=False))
def test_figures_are_bit_equal_for_every_cut(
    corpus: list[str],
    strings: list[str],
    longest: int,
    ends: list[bool],
    groups: list[bool],
    chunk: int,
    rng: random.Random,
) -> None:
    wanted, ngrams = trie_of(strings), NgramCounts.from_corpus(corpus, order=longest + 1)
    reader = FigureReader(wanted, longest, ngrams.total)
    whole, parts = reader([ngrams]), cut(ngrams, ends)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "_CHUNK", chunk)
        assert same(reader([ngrams]), whole)
        assert same(reader(parts), whole) and same(reader(iter(parts)), whole)
    # ranges of parts, each read by itself, in any order
    ranges: list[list[StringCounts]] = [[]]
    for part, end in zip(parts, [*groups, False]):
        ranges[-1].append(part)
        if end:
            ranges.append([])
    found = [reader(range_) for range_ in ranges]
    rng.shuffle(found)
    assert same(reduce(add, found), whole)
    assert same(reduce(add, [*found, reader([])]), whole)


@given(texts, st.integers(1, 4))
def test_it_says_what_all_ngrams_say(corpus: list[str], longest: int) -> None:
    ngrams = NgramCounts.from_corpus(corpus, order=longest + 1)
    keys, _ = ngrams.restricted(ngrams.depths <= longest)
    wanted = StringCounts(keys, np.zeros(len(keys), dtype=np.int64))
    figures = FigureReader(wanted, longest, ngrams.total)([ngrams])
    assert figures.counts[1:].tolist() == ngrams.counts[: len(keys)].tolist()
    for found, expected in zip(figures.entropies(), branching_entropies(ngrams, longest=longest)):
        assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-9)


def test_one_neighbour_is_no_entropy_however_often() -> None:
    for often in (1, 2, 3, 7, 1_000, 123_457):
        ngrams = NgramCounts.from_corpus(["国" * often + "，" + "，".join(["中人"] * often)], order=2)
        wanted = trie_of(["中", "人", "中人"])
        left, right = FigureReader(wanted, 1, ngrams.total)([ngrams]).entropies()
        middle = {wanted.node(symbols_of("中")): right, wanted.node(symbols_of("人")): left}
        assert [column[node] for node, column in middle.items()] == [0.0, 0.0]


def test_sums_stay_exact_for_huge_totals() -> None:
    total = 10**13
    wanted, one, two = trie_of(["中"]), symbols_of("中"), symbols_of("中国")
    node = StringCounts.from_pieces(np.concatenate([one, two]), np.array([0, 1]), np.array([1, 2]))
    ngrams = StringCounts(node.keys, np.array([total, total // 4]))
    figures = FigureReader(wanted, 1, total)([ngrams])
    assert 0 < figures.after[1] < 2**62
    expected = math.log(total) - math.log(total // 4) / 4
    assert figures.entropies()[1][1] == pytest.approx(expected, rel=1e-12)


def test_entropies_of_small_and_large_counts() -> None:
    """The weights of small counts come from a table; what is not wanted may occur more often than there are symbols."""
    seen = Counter[object](dict(zip("人国天地民", (1, 4095, 4096, 4097, 10**6))))
    strings = trie_of([*(f"中{symbol}" for symbol in seen), *(f"{symbol}口" for symbol in seen), "民民"])
    names = ["".join(map(chr, string)) for string in strings_of(strings)[1:]]
    counts = [seen.get(name.strip("中口"), seen.total()) if len(name) == 2 else 1 for name in names]
    counts[names.index("民民")] = 10**15
    wanted = trie_of(["中", "口"])
    figures = FigureReader(wanted, 1, seen.total())([StringCounts(strings.keys, np.array(counts, dtype=np.int64))])
    figures.counts[1:] = seen.total()
    before, after = figures.entropies()
    first, second = (wanted.node(symbols_of(word)) for word in "中口")
    assert [before[first], after[second]] == pytest.approx([math.log(seen.total())] * 2)  # nothing was seen there
    assert [after[first], before[second]] == pytest.approx([entropy(seen)] * 2)


def test_counts_alone_need_no_neighbours() -> None:
    ngrams = NgramCounts.from_corpus(["中国人，中国"], order=2)
    strings = trie_of(["中国", "人"])
    assert FigureReader(strings, 0, ngrams.total)([ngrams]).counts.tolist() == [0, 2, 1, 2]


def test_threads_add_to_the_same_sums() -> None:
    """Few places and many amounts: without a lock some would be lost."""
    rng = np.random.default_rng(1)
    places, amounts = rng.integers(0, 50, (8, 100_000)), rng.integers(1, 9, (8, 100_000))
    sums = SharedSums(50)
    before = sys.getswitchinterval()
    try:
        sys.setswitchinterval(1e-5)
        with ThreadPoolExecutor(4) as threads:
            for _ in range(5):
                list(threads.map(sums.add, places, amounts))
    finally:
        sys.setswitchinterval(before)
    expected = np.bincount(places.reshape(-1), amounts.reshape(-1)).astype(np.int64) * 5
    assert sums.found().tolist() == [0, *expected[1:].tolist()]  # the root has none
