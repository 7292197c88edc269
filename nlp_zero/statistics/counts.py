"""Exact counts of symbol strings, as values.

Input: text in blocks (`nlp_zero.text`). Output: a trie of strings with a count at each node. Two such values add up,
in any order and grouping, to what one pass over both texts would have counted; nothing is ever pruned unless
`NgramCounts.frequent` is asked for it, and then the result says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.python import SYMBOL_BITS, Integers, Keys, Symbols, level_bounds
from ..errors import CountsFormatError
from ..files import ContainerError, read_container, write_container
from ..progress import Advance
from ..text.characters import symbols_of, units, word_of
from ..text.corpus import text_blocks

__all__ = ["NgramCounts", "StringCounts", "sum_counts"]

_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64((1 << SYMBOL_BITS) - 1)
_CHUNK = 1 << 23  # symbols counted in one go up to order 4: half a second of work, and 22 bytes of memory a symbol
_MAX_ORDER = 1024
_VERSION = 1


class StringCounts:
    """How often strings of symbols occur: a trie (see `nlp_zero.core.python`) with a count for each node.

    Parameters
    ----------
    keys
        The trie, shape (n,).
    counts
        Count of the string of node ``i + 1``, shape (n,).
    """

    __slots__ = ("bounds", "counts", "keys")

    def __init__(self, keys: Keys, counts: Integers) -> None:
        self.keys, self.counts = keys.view(), counts.view()
        self.keys.flags.writeable = self.counts.flags.writeable = False
        self.bounds = level_bounds(keys)

    @classmethod
    def from_pieces(cls, symbols: Symbols, starts: Integers, lengths: Integers) -> StringCounts:
        """Count the pieces of a symbol array that begin at `starts` and have `lengths` symbols."""
        keys, nodes = kernels().build_trie(symbols, starts, lengths)
        return StringCounts(keys, np.bincount(nodes, minlength=len(keys) + 1)[1:])

    def __len__(self) -> int:
        """The number of nodes."""
        return len(self.keys)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same strings with the same counts."""
        if type(other) is not type(self):
            return NotImplemented
        return np.array_equal(self.keys, other.keys) and np.array_equal(self.counts, other.counts)

    __hash__ = None  # type: ignore[assignment]  # equal by content, like the arrays inside

    def __add__(self, other: Self) -> Self:
        """The counts of both texts together."""
        return type(self)(*self._merged(other))

    def _merged(self, other: StringCounts) -> tuple[Keys, Integers]:
        return kernels().merge_tries(self.keys, self.counts, other.keys, other.counts)

    @property
    def longest(self) -> int:
        """The length of the longest string, in symbols."""
        return len(self.bounds) - 1

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
        node = np.zeros(1, dtype=np.int64)
        for symbol in symbols:
            node = kernels().find_children(self.keys, node, np.array([symbol], dtype=np.uint32))
            if not node[0]:
                return 0
        return int(node[0])

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


Counts = TypeVar("Counts", bound=StringCounts)


def sum_counts(parts: Iterable[Counts], empty: Counts) -> Counts:
    """Add up many counts, small ones first, so that each is merged a logarithmic number of times."""
    waiting: list[Counts] = []
    for part in parts:
        waiting.append(part)
        while len(waiting) > 1 and len(waiting[-1]) * 2 > len(waiting[-2]):
            last = waiting.pop()
            waiting[-1] = waiting[-1] + last
    while len(waiting) > 1:
        last = waiting.pop()
        waiting[-1] = waiting[-1] + last
    return waiting[0] if waiting else empty


class NgramCounts(StringCounts):
    """Exact counts of all n-grams of 1 to `order` symbols that stand inside runs.

    Counts are made by `from_corpus`, added with ``+``, kept with `save` and `load`. An n-gram is given as it is written
    in a lexicon: ``中国``, ``<NUM>年``.

    Parameters
    ----------
    keys, counts
        The trie and its counts; see `StringCounts`.
    order
        The greatest length that was counted.
    total
        The number of symbols that were counted; by default the sum over single symbols.
    min_count
        N-grams with smaller counts were left out (by `frequent`); 1 if none was.

    Examples
    --------
    >>> counts = NgramCounts.from_corpus(["天上的云，水里的云"], order=2)
    >>> counts["云"], counts["的云"], counts["云水"], counts.total
    (2, 2, 0, 8)
    >>> (counts + counts)["的云"]
    4
    """

    __slots__ = ("min_count", "order", "total")

    def __init__(
        self, keys: Keys, counts: Integers, *, order: int, total: int | None = None, min_count: int = 1
    ) -> None:
        super().__init__(keys, counts)
        self.order, self.min_count = order, min_count
        self.total = int(counts[: self.bounds[1]].sum()) if total is None and len(keys) else total or 0

    @classmethod
    def from_corpus(cls, corpus: Iterable[str], *, order: int = 4, advance: Advance | None = None) -> Self:
        """Count a corpus in one pass.

        Parameters
        ----------
        corpus
            `TextFiles`, or any iterable of `str`; n-grams never cross from one to the next.
        order
            The greatest length in symbols, 1 to 1024.
        advance
            Called with the amount read: bytes of `TextFiles`, else characters.

        Raises
        ------
        ValueError
            If `order` is not 1 to 1024.
        CorpusError
            If the corpus cannot be read.

        Notes
        -----
        Time O(n · order), memory O(distinct n-grams).
        """
        if not 1 <= order <= _MAX_ORDER:
            raise ValueError(f"order: expected 1 to {_MAX_ORDER}, found {order}")
        if isinstance(corpus, str):
            raise TypeError("corpus: expected an iterable of texts, found one str; pass [text] or TextFiles(path)")

        empty = cls(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64), order=order)
        least = max(_CHUNK // max(1, order * order // 16), 1)  # a longer n-gram takes more memory, and more often
        parts = (kernels().count_ngrams(symbols, order) for symbols in symbol_chunks(corpus, advance, least=least))
        return sum_counts((cls(*part, order=order) for part in parts), empty)

    def __getitem__(self, ngram: str) -> int:
        """The count of an n-gram; 0 if it does not occur (or was longer than `order`)."""
        node = self.node(symbols_of(ngram))
        return int(self.counts[node - 1]) if node else 0

    def __contains__(self, ngram: object) -> bool:
        """Whether an n-gram occurs."""
        return isinstance(ngram, str) and self[ngram] > 0

    def items(self, length: int) -> Iterator[tuple[str, int]]:
        """The n-grams of one length and their counts, in the order of their symbols."""
        if not 1 <= length <= self.longest:
            return
        first, end = self.bounds[length - 1 : length + 1]
        for low in range(first, end, 1 << 16):
            nodes = np.arange(low, min(low + (1 << 16), end)) + 1
            rows, counts = self.strings(nodes)[:, :length].tolist(), self.counts[nodes - 1].tolist()
            yield from zip(map(word_of, rows), counts)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same n-grams with the same counts."""
        equal = super().__eq__(other)
        return equal if equal is NotImplemented else bool(equal) and self.order == other.order  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        sizes = [b - a for a, b in zip(self.bounds, self.bounds[1:])]
        return f"<NgramCounts: {self.total} symbols, order {self.order}, {sizes} different n-grams>"

    def __add__(self, other: Self) -> Self:
        """The counts of both texts together.

        Raises
        ------
        ValueError
            If the orders differ, or if one was made by `frequent`: what it left out cannot be added.
        """
        if not isinstance(other, NgramCounts):
            return NotImplemented
        if self.order != other.order:
            raise ValueError(f"other: expected counts of order {self.order}, found order {other.order}")
        if max(self.min_count, other.min_count) > 1:
            raise ValueError("counts without the rare n-grams cannot be added: add first, then ask for frequent()")
        return type(self)(*self._merged(other), order=self.order)

    def frequent(self, min_count: int) -> Self:
        """Only the n-grams that occur at least `min_count` times; exact for those."""
        nodes = np.flatnonzero(self.counts >= min_count) + 1
        keys = self.keys[nodes - 1]
        # every prefix is at least as frequent, so it is kept too; the root stays the root
        parents = np.searchsorted(nodes, (keys >> _BITS).astype(np.int64), side="right").astype(np.uint64)
        keys = parents << _BITS | keys & _MASK
        lowest = max(min_count, self.min_count)
        return type(self)(keys, self.counts[nodes - 1], order=self.order, total=self.total, min_count=lowest)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the counts to a file that `load` maps into memory."""
        meta = {"order": self.order, "total": self.total, "min_count": self.min_count}
        write_container(path, "counts", _VERSION, meta, {"keys": self.keys, "counts": self.counts})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Map the counts of a file into memory.

        Raises
        ------
        CountsFormatError
            If the file holds no counts, is damaged, or is of another version.
        OSError
            If it cannot be read.
        """
        try:
            meta, arrays = read_container(path, "counts", (_VERSION,))
            return cls(arrays["keys"], arrays["counts"], **meta)
        except (ContainerError, KeyError, TypeError, ValueError) as error:
            raise CountsFormatError(f"{os.fspath(path)}: {error}; make it anew with save()") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (type(self), self.keys, self.counts, self.order, self.total, self.min_count)


def _unpickled(
    cls: type[NgramCounts], keys: Keys, counts: Integers, order: int, total: int, min_count: int
) -> NgramCounts:
    return cls(keys, counts, order=order, total=total, min_count=min_count)


def symbol_chunks(
    corpus: Iterable[str], advance: Advance | None = None, *, least: int | None = None
) -> Iterator[Symbols]:
    """The symbols of a corpus, in chunks of at least so many (some millions by default) that end where runs end."""
    least = _CHUNK if least is None else least
    waiting: list[Symbols] = []
    size = 0
    for block in text_blocks(corpus, advance):
        symbols = units(block).symbols
        waiting += [symbols, np.zeros(1, dtype=np.uint32)]
        size += len(symbols) + 1
        if size >= least:
            yield np.concatenate(waiting)
            waiting, size = [], 0
    if waiting:
        yield np.concatenate(waiting)
