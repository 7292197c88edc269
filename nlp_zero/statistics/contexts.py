"""What stands before and after given strings, exactly, however long they are.

Input: a few strings (as a trie) and the symbols of a corpus, chunk by chunk. Output: how often each occurs, overlapping
occurrences included, and the entropy of its neighbours. `NgramCounts` answers the same for all short n-grams at once.
"""

from __future__ import annotations

import numpy as np

from ..core import kernels
from ..core.python import FIRST_SYMBOL, SYMBOL_BITS, Flags, Floats, Integers, Keys, Symbols
from .association import entropies

__all__ = ["Contexts"]

_BITS = np.uint64(SYMBOL_BITS)
_COMPACT = 1 << 22  # neighbours that may wait to be added up


class _Tally:
    """Sums of counts by key."""

    def __init__(self) -> None:
        self.parts: list[tuple[Keys, Integers]] = []
        self.waiting = 0

    def add(self, keys: Keys) -> None:
        """Count keys, each as often as it stands there."""
        unique, counts = np.unique(keys, return_counts=True)
        self.parts.append((unique, counts))
        self.waiting += len(unique)
        if self.waiting > _COMPACT:
            unique, counts = self.total()
            self.parts, self.waiting = [(unique, counts)], 0

    def total(self) -> tuple[Keys, Integers]:
        """The different keys, sorted, and their counts."""
        if not self.parts:
            return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        keys = np.concatenate([part[0] for part in self.parts])
        unique, which = np.unique(keys, return_inverse=True)
        sums = np.zeros(len(unique), dtype=np.int64)
        np.add.at(sums, which.reshape(-1), np.concatenate([part[1] for part in self.parts]))
        return unique, sums


class Contexts:
    """Counts and neighbours of the strings of a trie.

    Parameters
    ----------
    keys
        The trie.
    depths
        Length of each node's string, the root first.
    wanted
        For each node, 1 if its string is to be looked for; the root first.
    """

    def __init__(self, keys: Keys, depths: Integers, wanted: Flags) -> None:
        self._core = kernels()
        self._trie, self._depths, self._wanted = self._core.compile_trie(keys), depths, wanted
        self.counts = np.zeros(len(keys) + 1, dtype=np.int64)
        self._before, self._after = _Tally(), _Tally()

    def add(self, symbols: Symbols) -> None:
        """Look through more text; runs must not go on from one call to the next."""
        places, nodes = self._core.occurrences(symbols, self._trie, self._wanted)
        self.counts += np.bincount(nodes, minlength=len(self.counts))
        padded = np.concatenate(([0], symbols, [0])).astype(np.uint64)
        for tally, neighbour in (
            (self._before, padded[places]),
            (self._after, padded[places + self._depths[nodes] + 1]),
        ):
            in_run = neighbour >= FIRST_SYMBOL
            tally.add(nodes[in_run].astype(np.uint64) << _BITS | neighbour[in_run])

    def entropies(self) -> tuple[Floats, Floats]:
        """Left and right entropy of each node's string; 0 where it was not looked for."""
        left, right = (
            entropies(counts, (keys >> _BITS).astype(np.int64), self.counts)
            for keys, counts in (self._before.total(), self._after.total())
        )
        return left, right
