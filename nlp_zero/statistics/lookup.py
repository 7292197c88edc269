"""What counts say of given strings, read once and part by part.

Input: the strings, as a trie; counts of n-grams in parts by first symbols. Output: arrays by node of that trie.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock

import numpy as np

from ..core import kernels
from ..core.symbols import SYMBOL_BITS, Floats, Integers, Keys, Symbols
from .association import entropies_from, self_information
from .strings import StringCounts
from .sums import Reader

__all__ = [
    "Chunk",
    "FigureReader",
    "FigureReading",
    "NgramFigures",
    "SharedSums",
    "chunks_beside",
    "common_nodes",
    "compiled_beside",
    "counts_of",
    "step",
]

_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64((1 << SYMBOL_BITS) - 1)
_CHUNK = 1 << 16  # nodes looked at at once
_FEW = 1 << 12  # counts below it, which most are, have their weights in a table
_LEAST = 1e-9  # nats


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
    found = np.zeros(1, dtype=np.int64)  # nodes of the part, for the wanted ones of the level above from `base` on
    base = 0
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
        hit = np.flatnonzero(found > 0)
        yield first + 1 + hit, found[hit]
        base = first + 1
        limits = np.array([first + 1, end + 1], dtype=np.uint64) << _BITS


@dataclass(frozen=True, slots=True)
class NgramFigures:
    """What n-gram counts say of strings.

    Attributes
    ----------
    counts
        How often each string occurs; by node, the root first.
    before, after
        The sums of ``c ln c`` over what stands beside it, as multiples of `step`: sums of whole numbers are the same
        in any order.
    step
        A power of 2.
    """

    counts: Integers
    before: Integers
    after: Integers
    step: float

    def __add__(self, other: NgramFigures) -> NgramFigures:
        """What two ranges of n-grams say together."""
        counts, before, after = self.counts + other.counts, self.before + other.before, self.after + other.after
        return NgramFigures(counts, before, after, self.step)

    def entropies(self) -> tuple[Floats, Floats]:
        """Left and right entropy by node, as `association.entropies` defines it."""
        left, right = (entropies_from(inner * self.step, self.counts) for inner in (self.before, self.after))
        # what rounding leaves is no entropy: the least there can be with C neighbours is greater than (ln C) / C
        return np.where(left > _LEAST, left, 0.0), np.where(right > _LEAST, right, 0.0)


@dataclass(frozen=True, slots=True)
class FigureReader(Reader[NgramFigures]):
    """Reads counts of strings, and the entropies of what stands beside the short ones, from n-gram counts.

    Attributes
    ----------
    wanted
        The strings, as a trie that also holds whatever they begin with.
    longest
        Up to which length entropies are wanted; the n-grams must be longer by one. For longer strings they are 0.
    total
        The number of symbols.
    """

    wanted: StringCounts
    longest: int
    total: int

    def begin(self) -> FigureReading:
        """Begin to look through n-gram counts."""
        return FigureReading(self)


class FigureReading:
    """What n-gram counts have said so far; several threads may read some of them each.

    Attributes
    ----------
    trie
        What `chunks_beside` needs: all wanted strings that have neighbours, compiled.
    """

    def __init__(self, reader: FigureReader) -> None:
        self._wanted, self._longest, self._total = reader.wanted, reader.longest, reader.total
        self._counts = np.zeros(len(self._wanted) + 1, dtype=np.int64)
        self._before, self._after = SharedSums(self._counts.size), SharedSums(self._counts.size)
        self._step = step(reader.total)
        self._of_few = self._weights(np.arange(_FEW))
        self.trie = compiled_beside(self._wanted, self._longest)

    def add(self, parts: Iterable[StringCounts]) -> None:
        """Look through more of them."""
        for part in parts:
            self.add_counts(part)
            for chunk in chunks_beside(self._wanted, self.trie, part, self._longest):
                self.add_neighbours(part, chunk)

    def add_counts(self, part: StringCounts) -> None:
        """Add how often the wanted strings occur; what begins with one symbol is in one part."""
        for nodes, places in common_nodes(self._wanted, part):
            self._counts[nodes] = part.counts[places - 1]

    def add_neighbours(self, part: StringCounts, chunk: Chunk) -> None:
        """Add what some n-grams say of the wanted strings that they begin and end with."""
        counts = part.counts[chunk.place]
        weights = self._of_few.take(counts, mode="clip")
        many = np.flatnonzero(counts >= _FEW)
        weights[many] = self._weights(counts[many])
        self._after.add(chunk.after, weights)
        self._before.add(chunk.rests, weights)

    def _weights(self, counts: Integers) -> Integers:
        """``c ln c`` of each count, in steps. What is not wanted may occur more often than there are symbols."""
        return np.rint(self_information(np.minimum(counts, self._total)) / self._step).astype(np.int64)

    def found(self) -> NgramFigures:
        """What all of them say, with no entropies for long strings; asked last, once."""
        before, after = self._before.found(), self._after.found()
        long = self._wanted.depths > self._longest
        before[long] = after[long] = self._weights(self._counts[long])
        return NgramFigures(self._counts, before, after, self._step)


class SharedSums:
    """Sums that several threads add to, by node; the root has none.

    Parameters
    ----------
    size
        How many nodes there are, with the root.
    """

    def __init__(self, size: int) -> None:
        self._sums: Integers = np.zeros(size, dtype=np.int64)
        self._lock = Lock()

    def add(self, nodes: Integers, amounts: Integers) -> None:
        """Add amounts at these nodes, which may be there more than once; what is added at the root is left out."""
        with self._lock:
            kernels().add_at(self._sums, nodes, amounts)

    def found(self) -> Integers:
        """The sums, 0 at the root; asked last."""
        self._sums[0] = 0
        return self._sums


def step(total: int) -> float:
    """A power of 2, so small that ``total ln total`` of it still is a whole number of 62 bits."""
    return 2.0 ** (math.ceil(math.log2(max(float(self_information(total)), 2.0))) - 62)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some n-grams of one length in a part, and which wanted strings they are with one more symbol.

    Attributes
    ----------
    length
        How many symbols they have.
    keys
        Their keys in the part; shape (m,).
    place
        Where they are in the part.
    after
        The wanted string that each is with one more symbol after it, 0 for none; shape (m,).
    rests
        The one that it is with one more symbol before it.
    itself
        The one that each n-gram of the part is, 0 for none; by node, as far as nodes have children that are looked at.
        Those of longer n-grams than these are not filled in yet.
    """

    length: int
    keys: Keys
    place: slice
    after: Integers
    rests: Integers
    itself: Integers

    @property
    def nodes(self) -> slice:
        """Where their nodes are in the part, the root being the first."""
        return slice(self.place.start + 1, self.place.stop + 1)

    @property
    def parents(self) -> Integers:
        """The node of each, in the part, without its last symbol."""
        return (self.keys >> _BITS).astype(np.int64)

    @property
    def symbols(self) -> Symbols:
        """The last symbol of each."""
        return (self.keys & _MASK).astype(np.uint32)


def compiled_beside(wanted: StringCounts, longest: int) -> Keys:
    """The wanted strings of at most so many symbols as `chunks_beside` also needs them: compiled."""
    return kernels().compile_trie(wanted.keys[: wanted.bounds[min(longest, wanted.longest)]])


def chunks_beside(wanted: StringCounts, trie: Keys, part: StringCounts, longest: int) -> Iterator[Chunk]:
    """The n-grams of 2 to `longest` + 1 symbols of a part, in the order of their nodes.

    `trie` is what `compiled_beside` makes of the wanted strings: those that n-grams end with are looked up in no order.
    """
    core = kernels()
    ends = part.bounds[: longest + 2]
    # by node of the part, as far as nodes have children that are looked at: the wanted string that it is, and the one
    # that it is without its first symbol
    itself, rest = np.zeros((2, part.bounds[min(longest, part.longest)] + 1), dtype=np.int64)
    singles = (part.keys[: part.bounds[min(longest, part.longest, 1)]] & _MASK).astype(np.uint32)
    itself[1 : len(singles) + 1] = core.find_children(wanted.keys, np.zeros(len(singles), dtype=np.int64), singles)
    for length, (first, end) in enumerate(zip(ends[1:], ends[2:]), 2):
        strings = wanted.keys if length <= longest else wanted.keys[:0]
        for low in range(first, end, _CHUNK):
            place = slice(low, min(low + _CHUNK, end))
            keys = part.keys[place]
            own, after, rests = core.nodes_beside(keys, length == 2, strings, trie, itself, rest)
            chunk = Chunk(length, keys, place, after, rests, itself)
            if length <= longest:
                itself[chunk.nodes], rest[chunk.nodes] = own, rests
            yield chunk
