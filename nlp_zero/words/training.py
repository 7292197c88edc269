"""A tagger and a lexicon that learn from each other.

Input: the lattice of the words that were found, the corpus. Output: the lattice of the words as both together see them,
with a tagger that has a say in where words end.

1. The lattice segments the text, and a tagger learns that with heavy back-off (`SELF_TRAINED`): it cannot remember each
   word, so it learns which characters begin and end words. It tags the text, and another tagger learns that.
2. The words of the text that it tags, counted, are a new lattice; what the tagger has no idea of, words longer than
   `ORDER` and known words, keep the counts that they had. Lattice and tagger segment the text together, corrected by
   two things that a tagger overrates or does not see (`Corrected`).
3. From that come the last tagger and the last lattice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, Flags, Floats, Symbols
from ..core.tagging import B, E, S
from ..progress import Advance
from ..resources import Resources
from ..statistics.counts import symbol_chunks
from ..statistics.lookup import common_nodes
from ..statistics.strings import StringCounts, joined
from ..statistics.sums import CountsSum, Runs
from ..text.shards import read_shards
from .entropy import KNOWN_PRIOR, ORDER
from .lattice import Lattice
from .learning import Bars, chunk_size
from .pmi import word_scores
from .tagger import SELF_TRAINED, Tagger, tagged_symbols, tags_of

__all__ = ["trained"]

_ROUNDS: Final = 4
_NO_FORMS: Final = np.zeros(0, dtype=np.uint32)
_WEIGHT: Final = 0.7  # of the corrected odds beside the scores
_PMI, _PMI_MEAN = 2.0, 2.5
_ENDS, _ENDS_MEAN = 12.0, 0.35
_SEEN: Final = 0.5  # added to counts whose logs are taken


class Decider(Protocol):
    """What segments symbols."""

    def begins(self, symbols: Symbols) -> Flags:
        """1 where a word begins, and at every symbol outside runs."""


def trained(
    lattice: Lattice,
    fixed: npt.NDArray[np.bool_],
    longest: int,
    corpus: Iterable[str],
    resources: Resources,
    bars: Bars,
) -> tuple[Lattice, StringCounts]:
    """A lattice of words, with a tagger that has a say in where they end, and the tagged symbols it was made of.

    Parameters
    ----------
    lattice
        The words that were found.
    fixed
        Which of their nodes are words whatever the text says.
    longest
        The most symbols of a word.
    corpus
        The text, which is read four times.
    resources
        What may be used.
    bars
        Shows how far each round is.
    """

    def counted(decider: Decider, number: int) -> tuple[StringCounts, StringCounts]:
        """Tagged symbols and words of the text as the decider segments it."""
        with bars(f"training {number}/{_ROUNDS}") as advance:
            return _counted(decider, longest, corpus, resources, advance)

    given = _restricted(StringCounts(lattice.keys, np.ones(len(lattice.keys), dtype=np.int64)), fixed)
    tags, own = counted(lattice, 1)
    tags, _ = counted(_ByTagger(Tagger.order_2(tags, back_off=SELF_TRAINED)), 2)
    tagger = Tagger.order_2(tags, back_off=SELF_TRAINED)
    _, words = counted(_ByTagger(tagger), 3)
    words = _with_kept(words, _restricted(own, (own.depths > ORDER) | _among(own, given)))
    tags, words = counted(_lattice_of(words, given).with_odds(Corrected.of(tagger, tags), _WEIGHT), 4)
    return _lattice_of(words, given).with_odds(Tagger.order_2(tags, back_off=SELF_TRAINED)), tags


@dataclass(frozen=True, slots=True)
class _ByTagger:
    """Segments by tags."""

    tagger: Tagger

    def begins(self, symbols: Symbols) -> Flags:
        """1 where a word begins, and at every symbol outside runs."""
        tags = self.tagger.tags(symbols, _NO_FORMS)
        begins: Flags = ((tags == B) | (tags == S)).astype(np.uint8)
        return begins


@dataclass(frozen=True, slots=True)
class Corrected:
    """The log-odds of a tagger, corrected by what two neighbours say for themselves.

    Attributes
    ----------
    tagger
        The tagger.
    gaps
        What comes on top between two symbols, by node of the tagger's pairs; shape (pairs,).

    Notes
    -----
    ``- 2 (PMI - 2.5) - 12 (P(E) - 0.35)`` nats: symbols that stand together more often than chance belong together,
    and so do those of which the first often ends words (者, 力, 电), for that is a morpheme and not a function word,
    which would stand alone.
    """

    tagger: Tagger
    gaps: Floats

    @classmethod
    def of(cls, tagger: Tagger, tags: StringCounts) -> Corrected:
        """From the counts that the tagger was made of."""
        totals, shares, pairs = tagger.observed(tags)
        first, second = tagger.pair_places()
        pmi = np.log((pairs + _SEEN) * totals[1:].sum() / (totals[first] + _SEEN) / (totals[second] + _SEEN))
        return cls(tagger, -_PMI * (pmi - _PMI_MEAN) - _ENDS * (shares[first, E] - _ENDS_MEAN))

    def log_odds(self, symbols: Symbols, general: Symbols) -> Floats:
        """The log-odds that a word ends with each symbol; shape (n,)."""
        odds = self.tagger.log_odds(symbols, general)
        keys, singles = self.tagger.keys, len(self.tagger.contexts) - 1
        nodes = kernels().find_children(keys, np.zeros(len(symbols), dtype=np.int64), symbols)
        pairs = kernels().find_children(keys, nodes[:-1], symbols[1:])
        some = np.flatnonzero((pairs > singles) & (symbols[1:] >= FIRST_SYMBOL) & (symbols[:-1] >= FIRST_SYMBOL))
        odds[some] += self.gaps[pairs[some] - singles - 1]
        return odds


@dataclass(frozen=True, slots=True)
class _Told:
    """Tagged symbols and words in a share of a corpus."""

    tags: Runs
    words: Runs


@dataclass(frozen=True, slots=True)
class _Telling:
    """Segments a share of a corpus, and counts tagged symbols and words."""

    decider: Decider
    longest: int
    resources: Resources

    def __call__(self, shard: Iterable[str]) -> _Told:
        tags, words = self.read(shard)
        return _Told(tags.handed_over(), words.handed_over())

    def read(self, corpus: Iterable[str], advance: Advance | None = None) -> tuple[CountsSum, CountsSum]:
        """Count both."""
        tags, words = CountsSum(self.resources, 0.3), CountsSum(self.resources, 0.3)
        for symbols in symbol_chunks(corpus, advance, least=chunk_size(self.resources)):
            begins = self.decider.begins(symbols)
            tagged = tagged_symbols(symbols, tags_of(begins, symbols))
            tags.add(StringCounts(*kernels().count_ngrams(tagged, 2)))
            places = np.flatnonzero(begins)
            lengths = np.diff(places, append=len(symbols))
            some = (symbols[places] >= FIRST_SYMBOL) & (lengths <= self.longest)
            words.add(StringCounts.from_pieces(symbols, places[some], lengths[some]))
        return tags, words


def _counted(
    decider: Decider, longest: int, corpus: Iterable[str], resources: Resources, advance: Advance
) -> tuple[StringCounts, StringCounts]:
    """Tagged symbols, and the words that occur twice or are one symbol, in the whole corpus."""
    if resources.jobs == 1:
        tags, words = _Telling(decider, longest, resources).read(corpus, advance)
    else:
        tags, words = CountsSum(resources, 0.3), CountsSum(resources, 0.3)
        work = _Telling(decider, longest, resources.for_worker())
        for part in read_shards(work, corpus, resources.workers, advance):
            tags.add_all(part.tags)
            words.add_all(part.words)
    return joined(tags.parts()), joined(_repeated(part) for part in words.parts())


def _repeated(part: StringCounts) -> StringCounts:
    """The strings that were counted twice or more, and all single symbols."""
    return _restricted(part, (np.concatenate(([0], part.counts)) > 1) | (part.depths == 1))


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


def _with_kept(words: StringCounts, kept: StringCounts) -> StringCounts:
    """Words, of which some have at least the counts that they had before."""
    both = words + StringCounts(kept.keys, np.zeros(len(kept.keys), dtype=np.int64))
    counts = both.counts.copy()
    for nodes, places in common_nodes(kept, both):
        counts[places - 1] = np.maximum(counts[places - 1], kept.counts[nodes - 1])
    return StringCounts(both.keys, counts)


def _lattice_of(words: StringCounts, given: StringCounts) -> Lattice:
    """The lattice of counted words; those that are given are words whatever the text says."""
    words = _with_kept(words, given)
    counts = np.concatenate(([0], words.counts))
    scores, unknown = word_scores(counts, counts > 0)
    return Lattice(words.keys, np.where(_among(words, given), scores + KNOWN_PRIOR, scores), unknown)
