"""A model of other text at work in a new domain.

Input: what an old model was made of, and a lexicon and a tagger of the raw text of the domain. Output: a lexicon and a
tagger that know both.

* An old tagger from text segmented by hand is right where it has evidence. Where it has never seen two characters
  beside each other, the domain's tagger is asked as well. The text that both segment is added to what it has seen, and
  the words are those that the new tagger sees there.
* A model that has taught itself does not know better than the domain's own, but other things, and however large its
  text was, it counts as much as half a million symbols of the domain (and its words as four times that, in the end).
  Both together segment the text; what they make of it is added to what the old one was made of.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import Flags, Symbols
from ..core.tagging import EDGE
from ..resources import Resources
from ..statistics.strings import StringCounts
from .evidence import Evidence
from .learning import Bars
from .lexicon import Lexicon
from .tagger import SELF_TRAINED, Tagger
from .telling import Decider, Deciding, Told, Wanted, telling
from .training import Trained, with_kept

__all__ = ["adapted", "inherited"]

_OLD: Final = 500_000  # tagged symbols of the domain that an old text counts as
_WORDS: Final = 4  # times as much do its words count


def adapted(
    own: Trained,
    old: Evidence,
    longest: int,
    corpus: Iterable[str],
    resources: Resources,
    bars: Bars,
) -> Trained:
    """A lexicon of the domain's words, and a tagger that also knows what an old one knew.

    Parameters
    ----------
    own
        What was learnt from the domain's text.
    old
        What the old tagger was made of, and the old words.
    longest
        The most symbols of a word.
    corpus
        The domain's text, which is read twice if the old model was taught by hand, else once.
    resources
        What may be used.
    bars
        Shows how far each round is.
    """

    def told(decider: Decider, title: str, wanted: Wanted = "both") -> Told:
        """What the text is in one round."""
        with bars(title) as advance:
            return telling(Deciding(decider), longest, corpus, resources, advance, wanted)

    if old.by_hand:
        found = told(_Both(own.evidence.tagger(), old.tagger()), "adapting 1/2", "tags")
        both = Evidence(old.counts + found.tags, old.back_off, by_hand=True)
        return Trained(with_kept(told(both.tagger(), "adapting 2/2", "words").words, own.given), own.given, both)
    times = _times_of(old)
    words = _times(own.words, times) + old.words
    found = told(replace(own, words=words, evidence=_added(old, own.evidence.counts, times)).lattice(), "adapting")
    return Trained(with_kept(found.words, own.given), own.given, _added(old, found.tags, times))


def inherited(lexicon: Lexicon, old: Evidence) -> Lexicon:
    """The words of an old model with the counts that they have beside those of the domain."""
    share = 1.0 if old.by_hand else min(1.0, _WORDS / _times_of(old))
    return Lexicon(entry._replace(count=math.ceil(entry.count * share)) for entry in lexicon.entries())


def _times_of(old: Evidence) -> int:
    """How often what the domain's text holds is counted, so that an old text counts as `_OLD`."""
    return max(1, round(int(old.counts.singles()[1].sum()) / _OLD))


def _added(old: Evidence, tags: StringCounts, times: int) -> Evidence:
    """Tags so many times, and those of an old tagger; more text of the same kind wants more back-off."""
    return Evidence(old.counts + _times(tags, times), SELF_TRAINED * times)


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
