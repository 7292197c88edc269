"""How much the neighbours of a string differ from those that its first and last symbols have elsewhere.

What follows 这是 is what follows any 是; what follows 社会 is not what follows 会 elsewhere. So 这是 is two words, and
社会 is one, although both come often and with many neighbours.

Input: strings, as a trie; counts of n-grams in parts by first symbols. Output: arrays by node of that trie.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..core import kernels
from ..core.symbols import SYMBOL_BITS, Floats, Integers, Keys
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
        self._wanted, self._longest, self._total = reader.wanted, reader.longest, max(reader.total, 1)
        self._figures = FigureReader(reader.wanted, reader.longest, reader.total).begin()
        self._step = step(reader.total) * _ROOM
        self._by_node = np.concatenate(([0], reader.wanted.counts))
        symbols, counts = reader.wanted.singles()
        self._by_symbol = np.zeros(int(symbols.max(initial=0)) + 2, dtype=np.int64)  # the last one is for all others
        self._by_symbol[symbols] = counts
        size = len(reader.wanted) + 1
        self._inside_before, self._inside_after = SharedSums(size), SharedSums(size)
        self._cross_before, self._cross_after = SharedSums(size), SharedSums(size)

    def add(self, parts: Iterable[StringCounts]) -> None:
        """Look through more of them."""
        for part in parts:
            self._figures.add_counts(part)
            for chunk in chunks_beside(self._wanted, self._figures.trie, part, self._longest):
                self._figures.add_neighbours(part, chunk)
                self._inside_after.add(chunk.after, part.counts[chunk.place])
                self._inside_before.add(chunk.rests, part.counts[chunk.place])
                if chunk.length > 2:
                    self._add_costs(part, chunk)

    def _add_costs(self, part: StringCounts, chunk: Chunk) -> None:
        """Add what each neighbour costs, given the symbol that it stands beside elsewhere: ``-c ln q``."""
        found = kernels().neighbour_counts(
            *(part.keys, part.counts, chunk.place.start, chunk.length, chunk.after, chunk.rests, chunk.itself),
            *(self._by_node, self._by_symbol, self._figures.trie),
        )
        q = found.neighbours / self._total
        q *= _SMOOTHING
        q += found.elsewhere
        q /= found.others + _SMOOTHING
        np.log(q, out=q)
        q *= -found.seen
        q /= self._step
        costs = np.rint(q, out=q).astype(np.int64)
        self._cross_after.add(found.strings[: found.rows_after], costs[: found.rows_after])
        self._cross_before.add(found.strings[found.rows_after :], costs[found.rows_after :])

    def found(self) -> ContextFigures:
        """What all of them say; asked last, once."""
        return ContextFigures(
            self._figures.found(),
            self._inside_before.found(),
            self._inside_after.found(),
            self._cross_before.found(),
            self._cross_after.found(),
            self._step,
        )
