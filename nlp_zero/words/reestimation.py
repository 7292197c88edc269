"""Baum-Welch: counts of tagged symbols as they are expected, over all ways to tag a text.

Input: a tagger, a corpus. Output: what a tagger is made of. Only legal steps from tag to tag are ever expected, so tags
stay what they are, beginnings and ends of words, and do not become classes of frequent characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..core import kernels
from ..core.symbols import Integers, Symbols
from ..core.tagged import tagged
from ..core.tagging import EDGE, FROM, TO
from ..progress import Advance
from ..resources import Resources
from ..statistics.strings import StringCounts
from ..statistics.sums import CountsSum, Runs
from ..statistics.symbols import on_shares, symbol_chunks
from .learning import chunk_size
from .tagger import Tagger

__all__ = ["expected_tags"]

_UNITS: Final = 256  # expected occurrences are summed up in multiples of 1 / 256, so that sums are exact
_ROWS: Final = 8  # as much memory as this takes each symbol, times what others take


def expected_tags(tagger: Tagger, corpus: Iterable[str], resources: Resources, advance: Advance) -> StringCounts:
    """N-grams of order 2 of tagged symbols, as often as they are expected.

    Parameters
    ----------
    tagger
        What says how probable tags are.
    corpus
        The text.
    resources
        What may be used.
    advance
        Called with the amount read.

    Returns
    -------
    counts
        Rounded to whole occurrences; of what is expected less than half a time there are none.
    """
    work = _Expecting(tagger, resources)
    if resources.jobs == 1:
        total = work.read(corpus, advance)
    else:
        total = CountsSum(resources, 0.6)
        work = replace(work, resources=resources.for_worker())
        for part in on_shares(work, corpus, resources.workers, advance):
            total.add_all(part)
    return _rounded(total.total())


@dataclass(frozen=True, slots=True)
class _Expecting:
    """Reads a share of a corpus; counts are in units."""

    tagger: Tagger
    resources: Resources

    def __call__(self, shard: Iterable[str]) -> Runs:
        return self.read(shard).handed_over()

    def read(self, corpus: Iterable[str], advance: Advance | None = None) -> CountsSum:
        """Count all."""
        total = CountsSum(self.resources, 0.6)
        for symbols in symbol_chunks(corpus, advance, least=chunk_size(self.resources) // _ROWS):
            total.add(_expected(self.tagger, symbols))
        return total


def _expected(tagger: Tagger, symbols: Symbols) -> StringCounts:
    """Pairs of tagged symbols of a text, and single ones, in units."""
    units = np.rint(tagger.step_shares(symbols) * _UNITS).astype(np.int64)
    places, steps = np.nonzero(units)
    around = np.concatenate(([EDGE], np.where(symbols < EDGE, EDGE, symbols), [EDGE])).astype(np.uint32)
    before, after = tagged(around[places], FROM[steps]), tagged(around[places + 1], TO[steps])
    pairs = np.column_stack((before, after)).ravel()
    starts = 2 * np.arange(len(places))
    keys, nodes = kernels().build_trie(pairs, starts, np.full(len(places), 2))
    counts = np.zeros(len(keys) + 1, dtype=np.int64)
    np.add.at(counts, nodes, units[places, steps])
    # every symbol is stepped to once, but for what stands before a run
    numbers = np.column_stack((np.where(around[places] == EDGE, units[places, steps], 0), units[places, steps]))
    return StringCounts(keys, counts[1:]) + _singles(pairs, numbers.ravel())


def _singles(symbols: Symbols, numbers: Integers) -> StringCounts:
    """Single symbols with the sums of their numbers."""
    ones = np.ones(len(symbols), dtype=np.int64)
    keys, nodes = kernels().build_trie(symbols, np.arange(len(symbols)), ones)
    counts = np.zeros(len(keys) + 1, dtype=np.int64)
    np.add.at(counts, nodes, numbers)
    return StringCounts(keys, counts[1:])


def _rounded(units: StringCounts) -> StringCounts:
    """Whole occurrences."""
    counts = np.rint(np.concatenate(([0], units.counts)) / _UNITS).astype(np.int64)
    kept = counts > 0
    keys, nodes = units.restricted(kept)
    return StringCounts(keys, np.maximum(counts[nodes], 1))
