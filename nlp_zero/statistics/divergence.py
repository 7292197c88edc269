"""How much the neighbours of a string differ from those that its first and last symbols have elsewhere.

What follows 这是 is what follows any 是; what follows 社会 is not what follows 会 elsewhere. So 这是 is two words, and
社会 is one, although both come often and with many neighbours.

Input: strings, as a trie; counts of n-grams in parts by first symbols. Output: arrays by node of that trie.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import SYMBOL_BITS, SYMBOL_LIMIT, Floats, Integers, Keys, Symbols
from ..parallel import Workers
from .association import self_information
from .lookup import Chunk, FigureReader, NgramFigures, SharedSums, chunks_beside, step
from .strings import StringCounts
from .sums import Reader

__all__ = ["ContextFigures", "ContextReader", "ContextReading"]

_MASK = np.uint64((1 << SYMBOL_BITS) - 1)
_CHUNK: Final = 1 << 16  # nodes looked at at once
_SMOOTHING: Final = 50.0  # neighbours, spread as symbols are in the whole text, added to those seen elsewhere
_ROOM: Final = 4.0  # the sums of -c ln q are less than so many times `total ln total`


@dataclass(frozen=True, slots=True)
class ContextFigures:
    """What n-gram counts say of strings and of what stands beside them.

    Attributes
    ----------
    figures
        Counts and entropies.
    inside_before, inside_after
        How often something stands before, and after, each string in the same run; by node, the root first.
    cross_before, cross_after
        The sums of ``-c ln q`` over what stands there, c its count and q its share beside the symbol elsewhere, as
        multiples of `step`.
    step
        A power of 2.
    """

    figures: NgramFigures
    inside_before: Integers
    inside_after: Integers
    cross_before: Integers
    cross_after: Integers
    step: float

    def __add__(self, other: ContextFigures) -> ContextFigures:
        """What two ranges of n-grams say together."""
        return ContextFigures(
            self.figures + other.figures,
            self.inside_before + other.inside_before,
            self.inside_after + other.inside_after,
            self.cross_before + other.cross_before,
            self.cross_after + other.cross_after,
            self.step,
        )


@dataclass(frozen=True, slots=True)
class ContextReader(Reader[ContextFigures]):
    """Reads counts, entropies and what stands beside strings from n-gram counts.

    Attributes
    ----------
    wanted
        The strings, with their counts, as a trie that also holds whatever they begin and end with. What is missing in
        it is taken to occur nowhere else.
    longest
        Up to which length neighbours are wanted; the n-grams must be longer by one.
    total
        The number of symbols.
    """

    wanted: StringCounts
    longest: int
    total: int

    def begin(self) -> ContextReading:
        """Begin to look through n-gram counts."""
        return ContextReading(self)

    def divergences(self, found: ContextFigures, workers: Workers | None = None) -> tuple[Floats, Floats]:
        """How much what stands before, and after, each string differs from what does so elsewhere.

        Parameters
        ----------
        found
            What all parts say together.
        workers
            Who may help, if they are threads.

        Returns
        -------
        before, after : shape (len(wanted) + 1,)
            Kullback-Leibler divergence ``Σ_y p(y | w) ln (p(y | w) / q(y))`` in nats, by node; 0 for single symbols
            and what is longer than `longest`.

        Notes
        -----
        y is the symbol beside w, or the end of the run. q(y) is its share beside the first (for `after` the last)
        symbol of w where that is not in w, with 50 more neighbours that are shared as symbols are in the whole text.
        """
        wanted, figures = self.wanted, found.figures
        bounds = [*wanted.bounds, *[len(wanted)] * (self.longest + 1)]
        first = np.arange(len(wanted) + 1)
        for low, end in zip(bounds[1:], bounds[2:]):
            first[low + 1 : end + 1] = first[wanted.parents_of(first[low + 1 : end + 1])]
        before, after = np.zeros((2, len(wanted) + 1))
        sides = (
            (before, found.inside_before, figures.before, found.cross_before),
            (after, found.inside_after, figures.after, found.cross_after),
        )

        def fill_in(low: int) -> None:
            """Those of so many nodes."""
            nodes = np.arange(low, min(low + _CHUNK, bounds[self.longest] + 1))
            last = self._single(wanted.keys[nodes - 1] & _MASK)
            for symbols, (side, inside, own, cross) in zip((first[nodes], last), sides):
                sums = own[nodes] * figures.step + cross[nodes] * found.step
                side[nodes] = self._divergences(nodes, symbols, figures.counts, inside, sums)

        chunks = range(bounds[1] + 1, bounds[self.longest] + 1, _CHUNK)
        deque(workers.threaded(fill_in, chunks) if workers else map(fill_in, chunks), maxlen=0)
        return before, after

    def _divergences(
        self, nodes: Integers, symbols: Integers, counts: Integers, inside: Integers, sums: Floats
    ) -> Floats:
        """Those of some nodes on one side, where they have these symbols, which are nodes as well.

        `sums` are those of ``c ln (c / q)`` over the neighbours in the run. The end of the run is a neighbour, too.
        """
        singles = slice(1, self.wanted.bounds[1] + 1)
        share = float((counts[singles] - inside[singles]).sum()) / max(self.total, 1)
        own, around = counts[nodes], counts[symbols]
        ends = own - inside[nodes]
        elsewhere = np.maximum(around - inside[symbols] - ends, 0) + _SMOOTHING * share
        q = elsewhere / (np.maximum(around - own, 0) + _SMOOTHING)
        sums = sums + self_information(ends) - ends * np.log(np.where(ends > 0, q, 1.0))
        most = np.maximum(own, 1).astype(np.float64)
        return np.asarray(sums / most - np.log(most))

    def _single(self, symbols: Keys) -> Integers:
        """The node of each of some symbols, 0 for those that are not wanted."""
        known = self.wanted.singles()[0]
        places = np.minimum(np.searchsorted(known, symbols), len(known) - 1)
        return np.where(known[places] == symbols, places + 1, 0)


class ContextReading:
    """What n-gram counts have said so far; several threads may read some of them each."""

    def __init__(self, reader: ContextReader) -> None:
        self._wanted, self._longest = reader.wanted, reader.longest
        self._figures = FigureReader(reader.wanted, reader.longest, reader.total).begin()
        self._step = step(reader.total) * _ROOM
        self._beside = _Beside(reader.wanted, reader.total, self._step)
        size = len(reader.wanted) + 1
        self._inside_before, self._inside_after = SharedSums(size), SharedSums(size)
        self._cross_before, self._cross_after = SharedSums(size), SharedSums(size)

    def add(self, parts: Iterable[StringCounts]) -> None:
        """Look through more of them."""
        for part in parts:
            self._figures.add_counts(part)
            pairs = _Pairs.of(part, self._longest)
            for chunk in chunks_beside(self._wanted, self._figures.trie, part, self._longest):
                self._figures.add_neighbours(part, chunk)
                self._add(part, chunk, pairs)

    def _add(self, part: StringCounts, chunk: Chunk, pairs: _Pairs) -> None:
        """Add what some n-grams say, and fill in what is known of their first two symbols."""
        beside = self._beside
        counts, symbols, parents = part.counts[chunk.place], chunk.symbols, chunk.parents
        before = (part.keys[parents - 1] & _MASK).astype(np.uint32)  # the last symbol but one
        for inside, (places, strings) in ((self._inside_after, chunk.starts), (self._inside_before, chunk.rests)):
            inside.add(strings, counts[places])
        if chunk.length == 2:
            own = slice(chunk.place.start - part.bounds[1], chunk.place.stop - part.bounds[1])
            pairs.first[own], pairs.second[own] = beside.of_symbols(before), beside.of_symbols(symbols)
            pairs.both[own] = beside.counts[chunk.own]
            return
        place = pairs.place[parents]
        pairs.place[chunk.nodes] = place[: len(pairs.place[chunk.nodes])]  # none of what is longest
        at, strings = chunk.starts
        last, neighbours = before[at], symbols[at]
        around, together = beside.of_symbols(last), beside.of_pairs(last, neighbours)
        costs = beside.costs(counts[at], strings, around, together, beside.of_symbols(neighbours))
        self._cross_after.add(strings, costs)
        at, strings = chunk.rests
        place = place[at]
        costs = beside.costs(counts[at], strings, pairs.second[place], pairs.both[place], pairs.first[place])
        self._cross_before.add(strings, costs)

    def found(self) -> ContextFigures:
        """What all of them say; asked last, once."""
        return ContextFigures(
            self._figures.found(),
            self._inside_before.sums,
            self._inside_after.sums,
            self._cross_before.sums,
            self._cross_after.sums,
            self._step,
        )


class _Beside:
    """What each neighbour of a string costs, given the symbol that it stands beside elsewhere.

    Parameters
    ----------
    wanted
        The strings, with their counts.
    total
        The number of symbols.
    unit
        What costs are multiples of.
    """

    def __init__(self, wanted: StringCounts, total: int, unit: float) -> None:
        self.counts = np.concatenate(([0], wanted.counts))  # by node
        symbols, _ = wanted.singles()
        self._nodes = np.zeros(SYMBOL_LIMIT, dtype=np.int32)  # by symbol
        self._nodes[symbols] = np.arange(1, len(symbols) + 1)
        self._pairs = kernels().compile_trie(wanted.keys[: wanted.bounds[min(2, wanted.longest)]])
        self._total, self._unit = max(total, 1), unit

    def of_symbols(self, symbols: Symbols) -> Integers:
        """The counts of single symbols."""
        return np.asarray(self.counts[self._nodes[symbols]])

    def of_pairs(self, first: Symbols, second: Symbols) -> Integers:
        """The counts of pairs of symbols."""
        nodes = self._nodes[first].astype(np.int64)
        found = kernels().compiled_children(self._pairs, nodes, second)
        return np.asarray(self.counts[np.where(nodes > 0, found, 0)])  # the children of the root are no pairs

    def costs(
        self, counts: Integers, strings: Integers, around: Integers, pairs: Integers, neighbours: Integers
    ) -> Integers:
        """``-c ln q`` of neighbours of wanted strings, in multiples of the unit.

        Parameters
        ----------
        counts
            How often the neighbour stands beside the string.
        strings
            The node of the string.
        around, pairs, neighbours
            The counts of the symbol of it that the neighbour stands beside, of these two, and of the neighbour, as far
            as they are wanted.
        """
        elsewhere = np.maximum(pairs - counts, 0)
        share = np.maximum(neighbours, counts) / self._total
        others = np.maximum(around - self.counts[strings], 0)
        q = (elsewhere + _SMOOTHING * share) / (others + _SMOOTHING)
        return np.asarray(np.rint(counts * -np.log(q) / self._unit).astype(np.int64))


class _Pairs(NamedTuple):
    """The first two symbols of the n-grams of a part.

    Attributes
    ----------
    place
        Which pair of the part each node begins with; by node, as far as nodes have children that are looked at.
    first, second, both
        For each pair the counts of its symbols and of itself, as far as they are wanted.
    """

    place: npt.NDArray[np.int32]
    first: Integers
    second: Integers
    both: Integers

    @classmethod
    def of(cls, part: StringCounts, longest: int) -> _Pairs:
        """Room for them."""
        bounds = [*part.bounds, *[len(part)] * 2]
        place = np.zeros(part.bounds[min(longest, part.longest)] + 1, dtype=np.int32)
        place[bounds[1] + 1 : bounds[2] + 1] = np.arange(len(place[bounds[1] + 1 : bounds[2] + 1]))
        return cls(place, *np.zeros((3, bounds[2] - bounds[1]), dtype=np.int64))
