"""A tagger and a lexicon that learn from each other.

Input: the lattice of the words that were found, the corpus. Output: the lattice of the words as both together see them,
with a tagger that has a say in where words end.

1. The lattice segments the text, and a tagger learns that with heavy back-off (`SELF_TRAINED`): it cannot remember each
   word, so it learns which characters begin and end words. It tags the text, and another tagger learns that.
2. All words of the text that this one tags, counted, are a new lattice, with the priors that they had as candidates;
   words that no tagger knows, those longer than `ORDER` and known ones, keep the counts that they had. Lattice and
   tagger segment the text together; what the tagger overrates is corrected (`Corrected`).
3. From that come the last tagger and the last lattice, which needs no priors any more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_FORM, FIRST_SYMBOL, Flags, Floats, Symbols
from ..core.tagging import E
from ..resources import Resources
from ..statistics.lookup import common_nodes
from ..statistics.strings import StringCounts
from .entropy import KNOWN_PRIOR, ORDER, Candidates
from .evidence import Evidence
from .lattice import Lattice, exact
from .learning import PRIOR_LIMIT, Bars
from .pmi import word_scores
from .tagger import NO_FORMS, SELF_TRAINED, Tagger, tag_shares
from .telling import Decider, Deciding, Told, Wanted, Watch, telling

__all__ = ["Trained", "trained", "with_kept"]

_ROUNDS: Final = 4
_SHARE: Final = 0.6  # of the spread of the tagger's log-odds that its correction has
_STEPS: Final = 256  # log-odds are summed up in multiples of 1 / 256 nats, so that sums are exact
_PARTS: Final = 1024  # shares in multiples of 1 / 1024


@dataclass(frozen=True, slots=True)
class Trained:
    """A lexicon and a tagger.

    Attributes
    ----------
    words
        How often each word was counted.
    given
        Those of them that are words whatever the text says.
    evidence
        What the tagger is made of.
    """

    words: StringCounts
    given: StringCounts
    evidence: Evidence

    def lattice(self) -> Lattice:
        """The words, and the tagger, which has a say in where they end."""
        priors = np.where(_among(self.words, self.given), KNOWN_PRIOR, 0.0)
        return _lattice_of(self.words, priors).with_odds(self.evidence.tagger())


def trained(
    lattice: Lattice,
    candidates: Candidates,
    fixed: npt.NDArray[np.bool_],
    longest: int,
    corpus: Iterable[str],
    resources: Resources,
    bars: Bars,
) -> Trained:
    """A lexicon and a tagger that have learnt from each other.

    Parameters
    ----------
    lattice
        The words that were found.
    candidates
        Of what they were found.
    fixed
        Which nodes of the lattice are words whatever the text says.
    longest
        The most symbols of a word.
    corpus
        The text, which is read four times.
    resources
        What may be used.
    bars
        Shows how far each round is.
    """

    def told(decider: Decider, number: int, wanted: Wanted = "both", watch: Watch | None = None) -> Told:
        """What the text is in one round."""
        release()  # what making the decider has left does not add to what the round needs, nor that to what follows
        room = resources.beside(held + (decider.nbytes if number > 1 else 0))
        with bars(f"training {number}/{_ROUNDS}") as advance:
            found = telling(Deciding(decider), longest, corpus, room, advance, wanted, watch)
        release()
        return found

    release = kernels().release_memory
    held = lattice.nbytes + candidates.nbytes
    given = _restricted(StringCounts(lattice.keys, np.ones(len(lattice.keys), dtype=np.int64)), fixed)
    found = told(lattice, 1)
    kept = _restricted(found.words, (found.words.depths > ORDER) | _among(found.words, given))
    tagger = Tagger.order_2(found.tags, back_off=SELF_TRAINED)
    del found  # counts of pairs are as large as what is made of them
    tags = told(tagger, 2, "tags").tags
    del tagger
    release()
    raw = Corrected.of(Tagger.order_2(tags, back_off=SELF_TRAINED), tags)
    del tags
    tagged = told(raw.tagger, 3, "words", raw.spread)
    words = with_kept(with_kept(tagged.words, kept), given)
    together = _lattice_of(words, _priors_as_candidates(words, candidates))
    last = told(together.with_odds(raw.corrected(_Spread(*tagged.watched))), 4)
    return Trained(with_kept(last.words, given), given, Evidence(last.tags))


class _Spread(NamedTuple):
    """Sums over all places where a word may end inside a run: how many, log-odds, shares of E, and their squares.

    In multiples of 1 / `_STEPS` and 1 / `_PARTS`, so they are the same in whatever order they are added.
    """

    number: int = 0
    odds: int = 0
    odds_squares: int = 0
    ends: int = 0
    ends_squares: int = 0

    def factor(self) -> float:
        """How many times as much the log-odds are spread as the shares."""
        odds, ends = (
            self.number * squares - total * total
            for total, squares in ((self.odds, self.odds_squares), (self.ends, self.ends_squares))
        )
        return math.sqrt(odds / ends) * _PARTS / _STEPS if ends else 0.0

    def mean_end(self) -> float:
        """The mean share of E."""
        return self.ends / (self.number * _PARTS) if self.number else 0.0


@dataclass(frozen=True, slots=True)
class Corrected:
    """The log-odds of a tagger, corrected by what it overrates.

    Attributes
    ----------
    tagger
        The tagger.
    ends
        For each symbol, how often it ends a word of two or more: the share of E among its tags; shape (singles,).
    scale, mean
        ``m(k) - scale (P(E) - mean)`` is what remains of the log-odds m(k).

    Notes
    -----
    A symbol that often ends words (者, 力, 电) is a morpheme. A tagger that cannot remember words puts ends of words
    after it too often; after function words, which are words alone, it does not. The scale is such that the correction
    is spread 0.6 times as much as the log-odds are, over all places of the text where a word may end.
    """

    tagger: Tagger
    ends: Floats
    scale: float = 0.0
    mean: float = 0.0

    @classmethod
    def of(cls, tagger: Tagger, tags: StringCounts) -> Corrected:
        """Not corrected yet; `tags` are what the tagger was made of."""
        return cls(tagger, np.rint(tag_shares(tags)[:, E] * _PARTS) / _PARTS)

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""
        return self.tagger.nbytes + self.ends.nbytes

    def corrected(self, spread: _Spread) -> Corrected:
        """Corrected for text of this spread."""
        return replace(self, scale=_SHARE * spread.factor(), mean=spread.mean_end())

    def log_odds(self, symbols: Symbols, general: Symbols = NO_FORMS) -> Floats:
        """The log-odds that a word ends with each symbol; shape (n,)."""
        odds = self.tagger.log_odds(symbols, general)
        return odds - self.scale * (self._ends_of(symbols) - self.mean) if self.scale else odds

    def _ends_of(self, symbols: Symbols) -> Floats:
        """The share of E of each symbol, 0 for those that were never seen."""
        table = np.zeros(FIRST_FORM)
        table[self.tagger.keys[: len(self.ends)]] = self.ends
        ends: Floats = table[symbols]
        return ends

    def spread(self, symbols: Symbols, _begins: Flags) -> _Spread:
        """The spread of some text, however it is segmented."""
        inside = symbols >= FIRST_SYMBOL
        places = np.flatnonzero(inside[:-1] & inside[1:])
        odds = np.rint(self.tagger.log_odds(symbols)[places] * _STEPS).astype(np.int64)
        ends = np.rint(self._ends_of(symbols)[places] * _PARTS).astype(np.int64)
        return _Spread(len(places), *(int(x.sum()) for x in (odds, odds * odds, ends, ends * ends)))


def _restricted(strings: StringCounts, wanted: npt.NDArray[np.bool_]) -> StringCounts:
    """Those of the strings that are wanted, by node, and that were counted."""
    counts = np.concatenate(([0], strings.counts))
    kept = wanted & (counts > 0)
    keys, nodes = strings.restricted(kept)
    return StringCounts(keys, np.where(kept, counts, 0)[nodes])


def _among(strings: StringCounts, others: StringCounts) -> npt.NDArray[np.bool_]:
    """Which strings are counted among others; by node, the root first."""
    found = np.zeros(len(strings) + 1, dtype=bool)
    for nodes, places in common_nodes(others, strings):
        found[places[others.counts[nodes - 1] > 0]] = True
    return found


def with_kept(words: StringCounts, kept: StringCounts) -> StringCounts:
    """Words, of which some have at least the counts that they had before."""
    both = words + StringCounts(kept.keys, np.zeros(len(kept.keys), dtype=np.int64))
    counts = both.counts.copy()
    for nodes, places in common_nodes(kept, both):
        counts[places - 1] = np.maximum(counts[places - 1], kept.counts[nodes - 1])
    return StringCounts(both.keys, counts)


def _lattice_of(words: StringCounts, priors: Floats) -> Lattice:
    """The lattice of counted words that have these priors, by node, the root first."""
    counts = np.concatenate(([0], words.counts))
    scores, unknown = word_scores(counts, counts > 0)
    return Lattice(words.keys, exact(scores + np.clip(priors, -PRIOR_LIMIT, PRIOR_LIMIT)), unknown)


def _priors_as_candidates(words: StringCounts, candidates: Candidates) -> Floats:
    """What the words had as candidates; 0 for those that were none."""
    priors = np.zeros(len(words) + 1)
    own = StringCounts(candidates.keys, np.zeros(len(candidates.keys), dtype=np.int64))
    for nodes, places in common_nodes(own, words):
        priors[places] = np.where(candidates.priors[nodes] > -np.inf, candidates.priors[nodes], 0.0)
    return priors
