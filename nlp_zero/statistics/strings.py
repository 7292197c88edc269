"""Strings of symbols with counts, as values.

A trie (see `nlp_zero.core.python`) with a count at each node. Two such values add up, in any order and grouping, to
what one pass over both texts would have counted. Strings that begin alike stand together on every level, so a trie
falls into *parts* by first symbols, each of them a trie of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import SYMBOL_BITS, Flags, Integers, Keys, Symbols
from ..core.tries import level_bounds

__all__ = ["StringCounts", "joined", "sum_counts"]

_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64((1 << SYMBOL_BITS) - 1)


class StringCounts:
    """How often strings of symbols occur: a trie (see `nlp_zero.core.python`) with a count for each node.

    Parameters
    ----------
    keys
        The trie, shape (n,).
    counts
        Count of the string of node ``i + 1``, shape (n,).
    bounds
        Where each level begins, and n at the end; found out by default.
    """

    __slots__ = ("bounds", "counts", "keys")

    def __init__(self, keys: Keys, counts: Integers, bounds: list[int] | None = None) -> None:
        self.keys, self.counts = keys.view(), counts.view()
        self.keys.flags.writeable = self.counts.flags.writeable = False
        self.bounds = level_bounds(keys) if bounds is None else bounds

    @classmethod
    def from_pieces(cls, symbols: Symbols, starts: Integers, lengths: Integers) -> StringCounts:
        """Count the pieces of a symbol array that begin at `starts` and have `lengths` symbols."""
        keys, nodes = kernels().build_trie(symbols, starts, lengths)
        return StringCounts(keys, np.bincount(nodes, minlength=len(keys) + 1)[1:])

    @classmethod
    def from_begins(cls, symbols: Symbols, begins: Flags, longest: int | None = None) -> StringCounts:
        """Count the pieces of runs that have at most so many symbols.

        Each begins where a flag is 1 and ends where the next one is; flags are 1 at every symbol outside runs, too.
        """
        return StringCounts(*kernels().count_pieces(symbols, begins, len(symbols) if longest is None else longest))

    def __len__(self) -> int:
        """The number of nodes."""
        return self.bounds[-1]

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same strings with the same counts."""
        if type(other) is not type(self):
            return NotImplemented
        return np.array_equal(self.keys, other.keys) and np.array_equal(self.counts, other.counts)

    __hash__ = None  # type: ignore[assignment]  # equal by content, like the arrays inside

    def __add__(self, other: Self) -> Self:
        """The counts of both texts together."""
        return type(self)(*kernels().merge_tries(self.keys, self.counts, other.keys, other.counts))

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""
        return self.keys.nbytes + self.counts.nbytes

    @property
    def longest(self) -> int:
        """The length of the longest string, in symbols."""
        return len(self.bounds) - 1

    def singles(self) -> tuple[Keys, Integers]:
        """The strings of one symbol, which are their keys, and their counts."""
        end = self.bounds[1] if self.longest else 0
        return self.keys[:end], self.counts[:end]

    def parents_of(self, nodes: Integers) -> Integers:
        """Parent of each of some nodes, none of which is the root."""
        return (self.keys[nodes - 1] >> _BITS).astype(np.int64)

    @property
    def parents(self) -> Integers:
        """Parent of each node, the root's first (0); shape (n + 1,)."""
        return np.concatenate(([0], (self.keys >> _BITS).astype(np.int64)))

    @property
    def last_symbols(self) -> Symbols:
        """Last symbol of each node, 0 for the root; shape (n + 1,)."""
        return np.concatenate(([0], self.keys & _MASK)).astype(np.uint32)

    @property
    def depths(self) -> Integers:
        """Length of each node's string, 0 for the root; shape (n + 1,)."""
        return np.repeat(np.arange(self.longest + 1), np.diff([-1, *self.bounds]))

    def node(self, symbols: Symbols) -> int:
        """The node of a string; 0 if it does not occur."""
        node = 0
        for symbol in symbols.tolist():  # one by one: a kernel's arrays would take longer than the search
            key = np.uint64(node << SYMBOL_BITS | symbol)
            node = int(self.keys.searchsorted(key)) + 1
            if node > len(self.keys) or self.keys[node - 1] != key:
                return 0
        return node

    def nodes(self, strings: Symbols) -> Integers:
        """The nodes of strings of one length, shape (m, length); 0 for those that do not occur."""
        nodes = np.zeros(len(strings), dtype=np.int64)
        there = np.ones(len(strings), dtype=bool)
        for symbols in strings.T:
            nodes = np.where(there, kernels().find_children(self.keys, nodes, symbols), 0)
            there &= nodes > 0
        return nodes

    def strings(self, nodes: Integers) -> npt.NDArray[np.uint32]:
        """The strings of some nodes, one a row, 0 after the end; shape (len(nodes), longest)."""
        out = np.zeros((len(nodes), self.longest), dtype=np.uint32)
        depths, rows = np.searchsorted(self.bounds, nodes), np.arange(len(nodes))
        while len(rows):
            rows, nodes, depths = rows[nodes > 0], nodes[nodes > 0], depths[nodes > 0]
            keys, depths = self.keys[nodes - 1], depths - 1
            out[rows, depths] = keys & _MASK
            nodes = (keys >> _BITS).astype(np.int64)
        return out

    def suffixes(self, longest: int | None = None) -> Integers:
        """The node of each node's string without its first symbol, 0 where that is none.

        Shape (n + 1,), or only for the strings of at most `longest` symbols, which come first.
        """
        longest = self.longest if longest is None else min(longest, self.longest)
        return kernels().suffixes(self.keys[: self.bounds[longest]], longest)

    def restricted(self, keep: npt.NDArray[np.bool_]) -> tuple[Keys, Integers]:
        """The trie of some nodes and all above them.

        Parameters
        ----------
        keep
            Which nodes, the root first; shape (n + 1,).

        Returns
        -------
        keys
            The smaller trie.
        nodes
            The old number of each of its nodes, without the root.
        """
        keep = keep.copy()
        for first, end in zip(self.bounds[-2::-1], self.bounds[:0:-1]):
            kept = self.keys[first:end][keep[first + 1 : end + 1]]
            keep[(kept >> _BITS).astype(np.int64)] = True
        keep[0] = True
        place = np.cumsum(keep) - 1
        nodes = np.flatnonzero(keep)[1:]
        keys = self.keys[nodes - 1]
        return place[(keys >> _BITS).astype(np.int64)].astype(np.uint64) << _BITS | keys & _MASK, nodes


def no_strings() -> StringCounts:
    """Counts of nothing."""
    return StringCounts(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))


_Columns: TypeAlias = tuple[Keys, Integers, list[int] | None]


def sum_counts(parts: Iterable[StringCounts]) -> StringCounts:
    """Add up many counts, small ones first, so that each is merged a logarithmic number of times."""
    waiting: list[_Columns] = []
    for part in parts:
        waiting.append((part.keys, part.counts, part.bounds))
        while len(waiting) > 1 and len(waiting[-1][0]) * 2 > len(waiting[-2][0]):
            _merge_last(waiting)
    while len(waiting) > 1:
        _merge_last(waiting)
    return StringCounts(*waiting[0]) if waiting else no_strings()


def _merge_last(waiting: list[_Columns]) -> None:
    """Put the sum of the last two tries in their place; where its levels begin is found out when it is whole."""
    keys, counts, _ = waiting.pop()
    waiting[-1] = (*kernels().merge_tries(*waiting[-1][:2], keys, counts), None)


def joined(parts: Iterable[StringCounts]) -> StringCounts:
    """Put parts together again that come in the order of their first symbols and have none in common."""
    parts = list(parts)
    bases = sum_of_bounds([part.bounds for part in parts])
    keys, counts = np.empty(bases[-1], dtype=np.uint64), np.empty(bases[-1], dtype=np.int64)
    done: list[int] = []
    for part in parts:
        for level, level_keys in enumerate(relative_levels(part, done)):
            end = bases[level] + done[level]
            here = slice(end - len(level_keys), end)
            keys[here] = absolute_keys(level_keys, level, bases)
            counts[here] = part.counts[part.bounds[level] : part.bounds[level + 1]]
    return StringCounts(keys, counts)


def sum_of_bounds(all_bounds: Sequence[list[int]]) -> list[int]:
    """The bounds of a trie that is made of parts with such bounds."""
    depth = max(map(len, all_bounds), default=1)
    return [sum(bounds[min(level, len(bounds) - 1)] for bounds in all_bounds) for level in range(depth)]


def relative_levels(part: StringCounts, sizes: list[int]) -> Iterator[Keys]:
    """The levels of a part, each with its parents numbered from 0 inside the level above of all parts so far.

    `sizes` are those of the levels so far; they grow by this part.
    """
    above = 0
    for level, (first, end) in enumerate(zip(part.bounds, part.bounds[1:])):
        keys = part.keys[first:end]
        if level:  # the node of a key is its place + 1
            keys = keys + np.uint64((above - part.bounds[level - 1] - 1) % 2**43 << SYMBOL_BITS)
        if level == len(sizes):
            sizes.append(0)
        above = sizes[level]
        sizes[level] += end - first
        yield keys


def absolute_keys(keys: Keys, level: int, bases: list[int]) -> Keys:
    """The keys of a level, `bases` being where each level begins."""
    return keys + np.uint64(bases[level - 1] + 1 << SYMBOL_BITS) if level else keys
