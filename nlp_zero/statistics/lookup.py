"""What counts say of given strings, read once and part by part.

Input: the strings, as a trie; counts of n-grams in parts by first symbols. Output: arrays by node of that trie.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..core import kernels
from ..core.python import SYMBOL_BITS, Floats, Integers
from .association import self_information
from .strings import StringCounts

__all__ = ["NgramFigures", "common_nodes", "counts_of"]

_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64((1 << SYMBOL_BITS) - 1)
_CHUNK = 1 << 18  # nodes looked at at once


def counts_of(wanted: StringCounts, parts: Iterable[StringCounts]) -> Integers:
    """How often the strings of a trie occur.

    Parameters
    ----------
    wanted
        The trie; its own counts are of no account.
    parts
        Counts in parts by first symbols.

    Returns
    -------
    counts : shape (len(wanted) + 1,)
        By node, the root first (0); 0 for strings that do not occur.
    """
    counts = np.zeros(len(wanted) + 1, dtype=np.int64)
    for part in parts:
        for nodes, found in common_nodes(wanted, part):
            counts[nodes] = part.counts[found - 1]
    return counts


def common_nodes(wanted: StringCounts, part: StringCounts) -> Iterator[tuple[Integers, Integers]]:
    """The strings that are in both of two tries, level by level: their nodes in the one and in the other."""
    if not len(part):
        return
    found, base = (
        np.zeros(1, dtype=np.int64),
        0,
    )  # nodes of the part for the wanted ones from `base` on
    limits = np.array([part.keys[0], part.keys[part.bounds[1] - 1] + np.uint64(1)])
    for level, (level_first, level_end) in enumerate(zip(wanted.bounds, wanted.bounds[1:])):
        first, end = (level_first + np.searchsorted(wanted.keys[level_first:level_end], limits)).tolist()
        if first == end:
            return
        keys = wanted.keys[first:end]
        above = found[(keys >> _BITS).astype(np.int64) - base]
        there = np.flatnonzero((above > 0) | (level == 0))
        found = np.zeros(len(keys), dtype=np.int64)
        found[there] = kernels().find_children(part.keys, above[there], (keys[there] & _MASK).astype(np.uint32))
        hit = np.flatnonzero(found)
        yield first + 1 + hit, found[hit]
        base = first + 1
        limits = np.array([first + 1, end + 1], dtype=np.uint64) << _BITS


class NgramFigures:
    """Counts of strings, and the entropies of what stands beside the short ones, from n-gram counts.

    Parameters
    ----------
    wanted
        The strings, as a trie that also holds whatever they begin with.
    longest
        Up to which length entropies are wanted; the n-grams must be longer by one.

    Attributes
    ----------
    counts : shape (len(wanted) + 1,)
        By node of `wanted`, the root first.
    """

    def __init__(self, wanted: StringCounts, longest: int) -> None:
        self._wanted, self._longest = wanted, longest
        self.counts: Integers = np.zeros(len(wanted) + 1, dtype=np.int64)
        self._before: Floats = np.zeros(len(wanted) + 1)
        self._after: Floats = np.zeros(len(wanted) + 1)

    def read(self, parts: Iterable[StringCounts]) -> NgramFigures:
        """Look through the counts.

        Notes
        -----
        Sums are taken in the order of the n-grams, one by one, so they do not depend on where parts end.
        """
        for part in parts:
            for nodes, found in common_nodes(self._wanted, part):
                self.counts[nodes] = part.counts[found - 1]
            for begin, (before, rest) in _chunks_with_owners(self._wanted, part, self._longest):
                weights = self_information(part.counts[begin : begin + len(rest)])
                for inner, owners in ((self._after, before), (self._before, rest)):
                    np.add.at(inner, owners[owners > 0], weights[owners > 0])
        return self

    def entropies(self) -> tuple[Floats, Floats]:
        """Left and right entropy by node, as `association.entropies` defines it; 0 for longer strings."""
        total = np.maximum(self.counts, 1).astype(np.float64)
        short = self._wanted.depths <= self._longest
        left, right = (
            np.where(short, np.maximum(np.log(total) - inner / total, 0.0), 0.0)
            for inner in (self._before, self._after)
        )
        return left, right


def _chunks_with_owners(
    wanted: StringCounts, part: StringCounts, longest: int
) -> Iterator[tuple[int, tuple[Integers, Integers]]]:
    """For n-grams of up to `longest` + 1 symbols, the wanted strings that they are with a symbol after or before them.

    Yields the place of the first n-gram of a chunk, and for all of it the nodes of these strings, 0 for none.
    """
    find = kernels().find_children
    ends = part.bounds[: longest + 2]
    itself = np.zeros(ends[-1] + 1, dtype=np.int64)  # the wanted string that each node is, up to the level above
    rest = np.zeros(ends[-1] + 1, dtype=np.int64)  # and the one that it is without its first symbol
    for level, (first, end) in enumerate(zip(ends, ends[1:])):
        for low in range(first, end, _CHUNK):
            keys = part.keys[low : min(low + _CHUNK, end)]
            parents, symbols = (keys >> _BITS).astype(np.int64), (keys & _MASK).astype(np.uint32)
            here = slice(low + 1, low + 1 + len(keys))
            after = itself[parents]
            some = np.flatnonzero((after > 0) | (level == 0))
            itself[low + 1 + some] = find(wanted.keys, after[some], symbols[some])
            if level:
                some = np.flatnonzero((rest[parents] > 0) | (level == 1))
                rest[low + 1 + some] = find(wanted.keys, rest[parents[some]], symbols[some])
                yield low, (after, rest[here])
