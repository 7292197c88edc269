"""A model of other text at work in a new domain.

Input: what an old model was made of, and a lexicon and a tagger of the raw text of the domain. Output: a lexicon and a
tagger that know both.

* An old tagger from text segmented by hand is right where it has evidence. Where it has never seen two characters
  beside each other, the domain's tagger is asked as well. The text that both segment is added to what it has seen, and
  the words are those that the new tagger sees there.
* A model that has taught itself does not know better than the domain's own, but other things, and the less there is of
  the domain's text, the more of them matter. What it is made of is added to what the domain's own is made of, however
  large its text was, as half a million symbols at most, divided by 1 + (N / 250,000)² where the domain's text has N
  symbols; its words as four times that.
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
from .tagger import Tagger
from .telling import Decider, Deciding, Told, Wanted, telling
from .training import Trained, with_kept

__all__ = ["adapted", "inherited", "share_of"]

_OLD: Final = 500_000  # tagged symbols that an old text counts as at most
_OWN: Final = 250_000  # tagged symbols of the domain that halve it
_WORDS: Final = 4  # times as much do its words count


def adapted(
    own: Trained,
    old: Evidence,
    share: float,
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
    share
        What an occurrence in the old text counts.
    longest
        The most symbols of a word.
    corpus
        The domain's text, which is read twice if the old model was taught by hand.
    resources
        What may be used.
    bars
        Shows how far each round is.
    """

    if not old.by_hand:
        counts = _parts_of(old.counts, share)
        return replace(own, evidence=replace(own.evidence, counts=own.evidence.counts + counts))

    held = own.words.nbytes + own.evidence.nbytes + old.nbytes

    def told(decider: Decider, number: int, wanted: Wanted) -> Told:
        """What the text is in one round."""
        room = resources.beside(decider.nbytes + held)
        with bars(f"adapting {number}/2") as advance:
            return telling(Deciding(decider), longest, corpus, room, advance, wanted)

    tags = told(_Both(own.evidence.tagger(), old.tagger()), 1, "tags").tags
    both = Evidence(old.counts + tags, old.back_off, by_hand=True)
    return Trained(with_kept(told(both.tagger(), 2, "words").words, own.given), own.given, both)


def share_of(old: Evidence, own: Evidence) -> float:
    """What an occurrence in an old text counts beside one in the domain's; all of it if it was segmented by hand."""
    if old.by_hand:
        return 1.0
    before, after = (int(evidence.counts.singles()[1].sum()) for evidence in (old, own))
    return min(1.0, _OLD / max(before, 1) / (1 + (after / _OWN) ** 2))


def inherited(lexicon: Lexicon, share: float) -> Lexicon:
    """The words of an old model with the counts that they have beside those of the domain, one at least."""
    share = min(1.0, _WORDS * share)
    return Lexicon(entry._replace(count=math.ceil(entry.count * share)) for entry in lexicon.entries())


def _parts_of(strings: StringCounts, share: float) -> StringCounts:
    """A share of all counts; what is less than half an occurrence is left out."""
    counts = np.rint(np.concatenate(([0], strings.counts)) * share).astype(np.int64)
    keys, nodes = strings.restricted(counts > 0)
    return StringCounts(keys, counts[nodes])


@dataclass(frozen=True, slots=True)
class _Both:
    """Segments where the log-odds of an old tagger are above 0, to which a new one's come where it has no evidence."""

    new: Tagger
    old: Tagger

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""
        return self.new.nbytes + self.old.nbytes

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
