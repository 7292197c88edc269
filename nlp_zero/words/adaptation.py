"""A model of other text at work in a new domain.

Input: what an old tagger was made of, and a lattice with a tagger of the raw text of the domain. Output: a lattice with
a tagger that knows both.

* An old tagger from text segmented by hand is right where it has evidence. Where it has never seen two characters
  beside each other, the domain's tagger is asked as well. The text that both segment is added to what it has seen.
* An old tagger that has taught itself does not know better than the domain's own, but other things: it is added to what
  the domain's is made of, which counts four times as much.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import Flags, Symbols
from ..core.tagging import EDGE
from ..resources import Resources
from ..statistics.strings import StringCounts
from .evidence import Evidence
from .lattice import Lattice
from .learning import Bars
from .tagger import Tagger
from .telling import Deciding, telling
from .training import lattice_of

__all__ = ["adapted"]

_ROUNDS: Final = 2
_TIMES: Final = 4


def adapted(
    lattice: Lattice,
    own: Evidence,
    old: Evidence,
    longest: int,
    corpus: Iterable[str],
    resources: Resources,
    bars: Bars,
) -> tuple[Lattice, Evidence]:
    """A lattice of the domain's words, with a tagger that also knows what an old one knew, and what that is made of.

    Parameters
    ----------
    lattice
        The words of the domain's text.
    own
        What its tagger is made of, which has taught itself there.
    old
        What the old tagger was made of.
    longest
        The most symbols of a word.
    corpus
        The domain's text, which is read twice if the old tagger was taught by hand.
    resources
        What may be used.
    bars
        Shows how far each round is.
    """
    if not old.by_hand:
        # weights count against each other, and against the back-off of both
        times = _TIMES * max(1, round(old.back_off / own.back_off))
        both = Evidence(old.counts + _times(own.counts, times), own.back_off * times)
        return lattice.with_odds(both.tagger()), both
    with bars(f"adapting 1/{_ROUNDS}") as advance:
        found = telling(Deciding(_Both(own.tagger(), old.tagger())), longest, corpus, resources, advance)
    both = Evidence(old.counts + found.tags, old.back_off)
    new = both.tagger()
    with bars(f"adapting 2/{_ROUNDS}") as advance:
        words = telling(Deciding(new), longest, corpus, resources, advance).words
    return lattice_of(words).with_odds(new), both


def _times(counts: StringCounts, factor: int) -> StringCounts:
    return StringCounts(counts.keys, counts.counts * factor)


@dataclass(frozen=True, slots=True)
class _Both:
    """Segments where the log-odds of an old tagger are above 0, to which a new one's come where it has no evidence."""

    new: Tagger
    old: Tagger

    def begins(self, symbols: Symbols) -> Flags:
        """1 where a word begins, and at every symbol outside runs."""
        odds = self.old.log_odds(symbols) + np.where(self._unseen(symbols), self.new.log_odds(symbols), 0.0)
        return np.append(np.uint8(1), (odds[:-1] > 0).astype(np.uint8))[: len(symbols)]

    def _unseen(self, symbols: Symbols) -> npt.NDArray[np.bool_]:
        """Which symbols the old tagger has never seen beside the one that follows."""
        keys = self.old.keys
        nodes = kernels().find_children(keys, np.zeros(len(symbols), dtype=np.int64), symbols)
        following = np.append(symbols[1:], np.uint32(EDGE))[: len(symbols)]
        return np.asarray((nodes == 0) | (kernels().find_children(keys, nodes, following) == 0))
