"""What stands before and after given strings, exactly, however long they are.

Input: a few strings (as a trie) and the symbols of a corpus, chunk by chunk. Output: how often each occurs, overlapping
occurrences included, and the entropy of its neighbours. `NgramCounts` answers the same for all short n-grams at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, SYMBOL_BITS, Floats, Integers, Symbols, places_of
from ..resources import Resources
from .association import entropies_from, self_information
from .strings import StringCounts
from .sums import CountsSum, Runs

__all__ = ["ContextCounts", "Contexts", "Probes"]

_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64((1 << SYMBOL_BITS) - 1)
_LOW = 10  # bits of a node's number that make the second of the two symbols that stand for it
_END = np.zeros(1, dtype=np.uint32)  # of the text, on either side


@dataclass(frozen=True, slots=True)
class ContextCounts:
    """What was seen in a share of a corpus.

    Attributes
    ----------
    counts
        How often the string of each node occurs, the root first.
    before, after
        Counts of neighbours: a node of the strings, written as two symbols, and the neighbour.
    """

    counts: Integers
    before: Runs
    after: Runs


class Probes:
    """Strings that are looked for: some nodes of a trie, ready to be found.

    Parameters
    ----------
    strings
        The trie; its counts are of no account.
    wanted
        For each node, whether its string is looked for; the root first.
    """

    def __init__(self, strings: StringCounts, wanted: npt.NDArray[np.bool_]) -> None:
        self.strings, self.wanted, self.depths = strings, wanted.astype(np.uint8), strings.depths
        self._core = kernels()  # the compiled trie is of this core
        self._trie = self._core.compile_trie(strings.keys)

    def __reduce__(self) -> tuple[Any, ...]:
        return Probes, (self.strings, self.wanted)

    def occurrences(self, symbols: Symbols) -> tuple[Integers, Integers]:
        """Places and nodes; see `nlp_zero.core.python.occurrences`."""
        return self._core.occurrences(symbols, self._trie, self.wanted)


class Contexts:
    """Counts and neighbours of strings.

    Parameters
    ----------
    probes
        The strings.
    resources
        How much memory there is; no bound by default.
    share
        The part of it that may be taken.
    """

    def __init__(self, probes: Probes, resources: Resources | None = None, share: float = 1.0) -> None:
        self._probes = probes
        self.counts = np.zeros(len(probes.depths), dtype=np.int64)
        self._before, self._after = CountsSum(resources, share / 2), CountsSum(resources, share / 2)

    def add(self, symbols: Symbols) -> None:
        """Look through more text; runs must not go on from one call to the next."""
        places, nodes = self._probes.occurrences(symbols)
        self.counts += np.bincount(nodes, minlength=len(self.counts))
        padded = np.concatenate((_END, symbols, _END))
        for total, neighbour in (
            (self._before, padded[places]),
            (self._after, padded[places + self._probes.depths[nodes] + 1]),
        ):
            in_run = places_of(neighbour >= FIRST_SYMBOL)
            total.add(_pairs(nodes[in_run], neighbour[in_run]))

    def merge(self, other: ContextCounts) -> None:
        """Add what was seen elsewhere."""
        self.counts += other.counts
        self._before.add_all(other.before)
        self._after.add_all(other.after)

    def handed_over(self) -> ContextCounts:
        """What was seen, for another worker."""
        return ContextCounts(self.counts, self._before.handed_over(), self._after.handed_over())

    def entropies(self) -> tuple[Floats, Floats]:
        """Left and right entropy of each node's string; 0 where it was not looked for. Nothing can be added after."""
        left, right = self._entropies(self._before), self._entropies(self._after)
        return left, right

    def _entropies(self, neighbours: CountsSum) -> Floats:
        inner: Floats = np.zeros(len(self.counts))
        for part in neighbours.parts():
            if not len(part):
                continue
            _, middle, end = part.bounds[1:]
            parents = (part.keys[middle:end] >> _BITS).astype(np.int64)
            node_keys = part.keys[parents - 1]
            highs = part.keys[(node_keys >> _BITS).astype(np.int64) - 1]
            owners = (highs << np.uint64(_LOW) | node_keys & _MASK).astype(np.int64)
            np.add.at(inner, owners, self_information(part.counts[middle:end]))
        return entropies_from(inner, self.counts)


def _pairs(nodes: Integers, neighbours: Symbols) -> StringCounts:
    """How often each neighbour stands beside each node's string."""
    strings = np.empty((len(nodes), 3), dtype=np.uint32)
    strings[:, 0], strings[:, 1], strings[:, 2] = nodes >> _LOW, nodes & (1 << _LOW) - 1, neighbours
    starts = np.arange(0, strings.size, 3)
    return StringCounts.from_pieces(strings.reshape(-1), starts, np.full(len(nodes), 3))
