"""The kernels about what stands beside strings: every core against dictionaries, and what the C core refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_core_parity import CORES, HAN, I64, U64, Run, agreed, assert_same, counted, needs_c, trie_of

from nlp_zero.core.symbols import FIRST_SYMBOL, SYMBOL_BITS, Neighbours
from nlp_zero.core.tries import level_bounds

pytestmark = pytest.mark.c_core  # what `make sanitize` runs

texts = st.lists(st.sampled_from([*HAN[:3], 0x9FFF, 0]), max_size=60)
LARGE = 2**50  # counts of a corpus may be larger than those of a short text


class Case:
    """N-grams of a text, some of them as strings, and how often these are said to occur."""

    def __init__(self, text: list[int], order: int, chosen: Callable[[Run], bool], amounts: list[int]) -> None:
        keys, counts = counted(text, order)
        self.ngrams = [()]
        for key in keys:
            self.ngrams.append((*self.ngrams[key >> SYMBOL_BITS], key & (1 << SYMBOL_BITS) - 1))
        self.keys, self.counts = np.array(keys, dtype=U64), np.array(counts, dtype=I64)
        # the longest n-grams are no strings, so that all of these have neighbours
        strings, self.node = trie_of(string for string in self.ngrams if 0 < len(string) < order and chosen(string))
        self.strings = np.array(strings, dtype=U64)
        self.by_node = np.resize(np.array(amounts, dtype=I64), len(strings) + 1)
        self.by_node[0] = 0
        known = [string[0] for string in self.node if len(string) == 1]
        self.by_symbol = np.zeros(max(known, default=0) + 2, dtype=I64)  # the last one is for all others
        for string, node in self.node.items():
            if len(string) == 1:
                self.by_symbol[string[0]] = self.by_node[node]
        bounds = level_bounds(self.keys)
        parents = self.ngrams[: bounds[min(order - 1, len(bounds) - 1)] + 1]
        self.itself, self.rest = (self.nodes(string[k:] for string in parents) for k in (0, 1))

    def nodes(self, strings: Iterator[Run]) -> Any:
        """The node of each string, 0 for those that there are not."""
        return np.array([self.node.get(string, 0) for string in strings], dtype=I64)

    def chunks(self, size: int) -> Iterator[tuple[int, slice]]:
        """Lengths from two on, and so many n-grams of each at once."""
        for length, (first, end) in enumerate(list(pairwise(level_bounds(self.keys)))[1:], 2):
            for low in range(first, end, size):
                yield length, slice(low, min(low + size, end))

    def beside(self, length: int, place: slice) -> Any:
        """What the kernel says of some n-grams."""
        arguments = self.keys[place], length == 2, self.strings
        walked = (
            core.nodes_beside(*arguments, core.compile_trie(self.strings), self.itself, self.rest) for core in CORES
        )
        return agreed(walked)

    def neighbours(self, length: int, place: slice, *, pairs_alone: bool) -> Any:
        """The rows of some n-grams."""
        _, after, rests = self.beside(length, place)
        arguments = self.keys, self.counts, place.start, length, after, rests, self.itself, self.by_node, self.by_symbol
        bounds = level_bounds(self.strings)
        pairs = self.strings[: bounds[min(2, len(bounds) - 1)]] if pairs_alone else self.strings
        return agreed(core.neighbour_counts(*arguments, core.compile_trie(pairs)) for core in CORES)

    def symbol(self, symbol: int) -> int:
        """How often a symbol occurs, if it is a string."""
        return int(self.by_node[self.node.get((symbol,), 0)])

    def row(self, seen: int, string: Run, symbol: int, pair: Run, neighbour: int) -> list[int]:
        """A row: what is known of a string, its symbol at one end, its pair with the neighbour, and the neighbour."""
        others = self.symbol(symbol) - int(self.by_node[self.node[string]])
        elsewhere = int(self.by_node[self.node.get(pair, 0)]) - seen
        neighbours = max(self.symbol(neighbour), seen)
        return [self.node[string], seen, max(others, 0), max(elsewhere, 0), neighbours]


cases = st.builds(
    lambda text, order, pick, amounts: Case(text, order, lambda string: hash((string, pick)) % 4 > 0, amounts),
    texts,
    st.integers(2, 5),
    st.integers(0, 9),
    st.lists(st.integers(0, 9) | st.integers(0, LARGE), min_size=1, max_size=9),
)
LONG = Case([*HAN[:4] * 30, 0, *HAN[2:5] * 20, *HAN[1::-1] * 30], 4, lambda string: True, [7, 1, LARGE])
MANY = Case(
    np.random.default_rng(3).integers(FIRST_SYMBOL, FIRST_SYMBOL + 9, 3000).tolist(), 4, lambda s: True, [5, 99]
)


@given(cases, st.sampled_from([1, 3, 64, 65, 1000]))
@example(LONG, 64)
@example(MANY, 1000)
def test_nodes_beside(case: Case, size: int) -> None:
    for length, place in case.chunks(size):
        ngrams = case.ngrams[place.start + 1 : place.stop + 1]
        found = case.beside(length, place)
        for nodes, strings in zip(found, (ngrams, [s[:-1] for s in ngrams], [s[1:] for s in ngrams])):
            assert_same(nodes, case.nodes(iter(strings)))


@given(cases, st.sampled_from([1, 3, 64, 65, 1000]), st.booleans())
@example(LONG, 65, True)
@example(MANY, 1000, False)
def test_neighbour_counts(case: Case, size: int, pairs_alone: bool) -> None:
    for length, place in case.chunks(size):
        if length < 3:
            continue
        known = zip(case.ngrams[place.start + 1 : place.stop + 1], case.counts[place].tolist())
        ngrams = list(known)
        after = [case.row(c, s[:-1], s[-2], s[-2:], s[-1]) for s, c in ngrams if s[:-1] in case.node]
        before = [case.row(c, s[1:], s[1], s[:2], s[0]) for s, c in ngrams if s[1:] in case.node]
        found = case.neighbours(length, place, pairs_alone=pairs_alone)
        assert isinstance(found, Neighbours)
        assert found.rows_after == len(after)
        assert found.strings.dtype == I64
        assert {column.dtype for column in found[2:]} == {np.dtype(np.float64)}
        assert np.stack(found[1:], axis=1).tolist() == after + before


def test_a_parent_that_there_is_not() -> None:
    keys, nodes = np.array([2 << SYMBOL_BITS | 5], dtype=U64), np.zeros(2, dtype=I64)
    for core in CORES:
        with pytest.raises(ValueError, match="a parent lies outside"):
            core.nodes_beside(keys, True, keys[:0], core.compile_trie(LONG.strings), nodes, nodes)


@needs_c
@pytest.mark.parametrize(
    ("what", "changed"),
    {
        "counts": {1: LONG.counts[:-1]},
        "rests": {5: LONG.by_node[:0]},
        "counts of symbols": {8: LONG.by_symbol[:0]},
        "what belongs to the nodes": {7: LONG.by_node[:-1]},
        "compiled trie": {9: b""},
        "no n-grams": {3: 2},
        "these are no n-grams": {3: -1},
    }.items(),
    ids=str,
)
def test_what_does_not_belong_together_is_refused(what: str, changed: dict[int, Any]) -> None:
    refused(what, changed)


@needs_c
@pytest.mark.parametrize("changed", [
    {2: -1},  # before the first one
    {2: 10**9},
    {0: np.zeros_like(LONG.keys)},  # without parents
    {0: LONG.keys | np.uint64(1 << 60)},  # with parents that there are not
    {3: 5},  # of which some parents have no pair
    {0: np.arange(1, len(LONG.keys) + 1, dtype=U64) << U64(SYMBOL_BITS), 3: 2**62},  # that are their own parents
    {4: np.full(9, len(LONG.by_node), dtype=I64)},
    {4: np.full(9, -1, dtype=I64)},
    {5: np.full(9, 2**62, dtype=I64)},
    {6: np.full(len(LONG.itself), len(LONG.by_node), dtype=I64), 5: np.ones(9, dtype=I64)},
    {6: np.zeros(1, dtype=I64)},
    {6: np.zeros(len(LONG.keys) + 2, dtype=I64)},
])  # fmt: skip
def test_what_is_no_trie_is_refused(changed: dict[int, Any]) -> None:
    refused("no n-grams of a trie", changed)


def refused(what: str, changed: dict[int, Any]) -> None:
    """Call the C kernel with some arguments that are wrong."""
    raw, core = pytest.importorskip("nlp_zero.core._c"), CORES[-1]
    first = level_bounds(LONG.keys)[2]
    nothing = np.zeros(9, dtype=I64)
    right = [LONG.keys, LONG.counts, first, 3, nothing, nothing + 1, LONG.itself, LONG.by_node, LONG.by_symbol]
    arguments = [*right, core.compile_trie(LONG.strings)]
    assert raw.neighbour_counts(*arguments)[:2] == (0, 9)
    for place, value in changed.items():
        arguments[place] = value
    with pytest.raises(ValueError, match=what):
        raw.neighbour_counts(*arguments)


@needs_c
def test_nodes_without_what_is_said_of_parents_are_refused() -> None:
    raw, core = pytest.importorskip("nlp_zero.core._c"), CORES[-1]
    trie = core.compile_trie(LONG.strings)
    keys = LONG.keys[level_bounds(LONG.keys)[1] :][:3]
    with pytest.raises(ValueError, match="rest is shorter"):
        raw.nodes_beside(keys, True, LONG.strings, trie, LONG.itself, LONG.rest[:-1])
    with pytest.raises(ValueError, match="compiled trie"):
        raw.nodes_beside(keys, True, LONG.strings, b"", LONG.itself, LONG.rest)
    wild = np.full(len(LONG.itself), 2**40, dtype=I64)  # nodes that there are not have no children
    own, after, rests = raw.nodes_beside(keys, True, LONG.strings, trie, wild, wild)
    assert (own, rests, after) == (bytes(24), bytes(24), wild[:3].tobytes())
