"""How much the neighbours of a string differ from those that its first and last symbols have elsewhere.

What follows 这是 is what follows any 是; what follows 社会 is not what follows 会 elsewhere. So 这是 is two words, and
社会 is one, although both come often and with many neighbours.

Input: strings, as a trie; counts of n-grams in parts by first symbols. Output: arrays by node of that trie.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import SYMBOL_BITS, Floats, Integers, Keys
from .association import self_information
from .lookup import Chunk, FigureReader, NgramFigures, chunks_beside, step
from .strings import StringCounts

__all__ = ["ContextFigures", "ContextReader"]

_Nodes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
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
class ContextReader:
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

    def __call__(self, parts: Iterable[StringCounts]) -> ContextFigures:
        """Look through n-gram counts."""
        reader = FigureReader(self.wanted, self.longest, self.total)
        arrays = np.zeros((4, len(self.wanted) + 1), dtype=np.int64)
        found = ContextFigures(reader.nothing(), arrays[0], arrays[1], arrays[2], arrays[3], step(self.total) * _ROOM)
        for part in parts:
            reader.add_counts(part, found.figures)
            heads = np.zeros((2, len(part) + 1), dtype=np.int32)
            for chunk in chunks_beside(self.wanted, part, self.longest):
                reader.add_neighbours(part, chunk, found.figures)
                self._add(part, chunk, heads, found)
        reader.completed(found.figures)
        return found

    def divergences(self, found: ContextFigures) -> tuple[Floats, Floats]:
        """How much what stands before, and after, each string differs from what does so elsewhere.

        Parameters
        ----------
        found
            What all parts say together.

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
        for low in range(bounds[1] + 1, bounds[self.longest] + 1, _CHUNK):
            nodes = np.arange(low, min(low + _CHUNK, bounds[self.longest] + 1))
            last = self._single(wanted.keys[nodes - 1] & _MASK)
            for symbols, (side, inside, own, cross) in zip((first[nodes], last), sides):
                sums = own[nodes] * figures.step + cross[nodes] * found.step
                side[nodes] = self._divergences(nodes, symbols, figures.counts, inside, sums)
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

    def _count(self, nodes: _Nodes) -> Integers:
        """The counts of some nodes, 0 for the root."""
        return np.where(nodes > 0, self.wanted.counts[nodes - 1], 0)

    def _single(self, symbols: Keys) -> Integers:
        """The node of each of some symbols, 0 for those that are not wanted."""
        known = self.wanted.singles()[0]
        places = np.minimum(np.searchsorted(known, symbols), len(known) - 1)
        return np.where(known[places] == symbols, places + 1, 0)

    def _add(self, part: StringCounts, chunk: Chunk, heads: npt.NDArray[np.int32], found: ContextFigures) -> None:
        """Add what some n-grams say.

        `heads` are, by node of the part, the wanted nodes of the first symbol and of the first pair; those of the chunk
        are filled in.
        """
        wanted, counts = self.wanted, part.counts[chunk.place]
        parents, symbols = part.parents_of(chunk.nodes), part.keys[chunk.place] & _MASK
        for inside, owners in ((found.inside_after, chunk.starts), (found.inside_before, chunk.rests)):
            np.add.at(inside, owners[owners > 0], counts[owners > 0])
        if chunk.length == 2:
            heads[0, chunk.nodes], heads[1, chunk.nodes] = chunk.starts, chunk.own
            return
        heads[:, chunk.nodes] = heads[:, parents]
        here = np.flatnonzero(chunk.starts)
        owners = chunk.starts[here]
        last = self._single(wanted.keys[owners - 1] & _MASK)
        pairs = kernels().find_children(wanted.keys, last, symbols[here].astype(np.uint32))
        self._add_cross(found.cross_after, found.step, owners, last, pairs, self._single(symbols[here]), counts[here])
        here = np.flatnonzero(chunk.rests)
        owners = first = chunk.rests[here]
        for _ in range(chunk.length - 2):
            first = wanted.parents_of(first)
        single, pairs = heads[:, chunk.nodes[here]]
        self._add_cross(found.cross_before, found.step, owners, first, pairs, single, counts[here])

    def _add_cross(
        self, cross: Integers, unit: float,
        owners: Integers, symbols: Integers, pairs: _Nodes, neighbours: _Nodes, counts: Integers,
    ) -> None:  # fmt: skip
        """Add ``-c ln q`` of some neighbours of wanted strings.

        Parameters
        ----------
        cross
            Where to, by node.
        unit
            What it is multiples of.
        owners, symbols, pairs, neighbours
            The nodes of each string, of the symbol of it that the neighbour stands beside, of these two, and of the
            neighbour; the last two may be 0.
        counts
            How often it stands there.
        """
        elsewhere = np.maximum(self._count(pairs) - counts, 0)
        share = np.maximum(self._count(neighbours), counts) / max(self.total, 1)
        others = np.maximum(self._count(symbols) - self._count(owners), 0)
        q = (elsewhere + _SMOOTHING * share) / (others + _SMOOTHING)
        np.add.at(cross, owners, np.rint(counts * -np.log(q) / unit).astype(np.int64))
