"""From a corpus to a lattice of words, by either method; their steps are in `words.pmi`, and in `words.entropy`,
`words.learning` and `words.joining`.

What is large goes through here part by part: the pieces of the text are judged by first symbols, and only those that
may be words stay in memory.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import Integers
from ..core.tries import level_bounds
from ..errors import CorpusError, EmptyResultWarning
from ..progress import Advance
from ..resources import Resources
from ..statistics.contexts import Contexts, Probes
from ..statistics.counts import NgramCounts
from ..statistics.lookup import common_nodes, counts_of
from ..statistics.runs import PartsFile, PartsList
from ..statistics.strings import StringCounts, joined
from ..statistics.sums import kept, spilling
from ..statistics.symbols import checksum as checksum_of
from ..statistics.symbols import symbol_chunks
from ..text.characters import symbols_of, symbols_of_all
from . import entropy, pmi
from .adaptation import adapted, share_of
from .evidence import Evidence
from .joining import joined_words
from .lattice import Lattice
from .learning import Bars, learnt
from .lexicon import Lexicon
from .training import trained

__all__ = ["Found", "refuse_other_text"]

_KNOWN_LIMIT = 32  # symbols; longer words are no parts of others
_WORD, _MUST = 1, 2
_MORE_TEXT = "the corpus is too small or has no repeated words; give more text, or a lower min_count"
_MORE = "give more text, or a lower min_count or a higher max_length"
_log = logging.getLogger("nlp_zero")


class Step(NamedTuple):
    """What a step of a method left: of what, how many, and what it means if that is none."""

    name: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The words that a method found, how many were left after each of its steps, and what bounds it had."""

    lattice: Lattice
    steps: tuple[Step, ...]
    min_count: int
    max_length: int
    evidence: Evidence | None = None  # of the tagger, if one was learnt
    share: float = 1.0  # what an occurrence in the text of an old model counts

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""
        return self.lattice.nbytes + (0 if self.evidence is None else self.evidence.nbytes)

    @classmethod
    def by_pmi(
        cls,
        corpus: Iterable[str],
        counts: NgramCounts,
        thresholds: pmi.Thresholds,
        max_length: int,
        known: frozenset[str],
        resources: Resources,
        advance: Advance,
    ) -> Found:
        """Find the words by neighbour PMI."""
        release = kernels().release_memory  # between stages, so that what one leaves does not add to the next
        release()
        strong = pmi.Strong.of(counts, thresholds, resources)
        release()
        pieces, checksum = pmi.counted_pieces(corpus, strong, resources, advance)
        release()
        refuse_other_text(counts, checksum)
        given = _Known.of(known, counts, corpus, resources)
        single = counts.singles()[0]
        singles = StringCounts(single, np.zeros(len(single), dtype=np.int64))
        for strings in (strong.as_strings(), singles, given.strings):
            pieces.add(strings)
        judging = _Judging(strong, given, thresholds.min_count, max_length, resources.for_worker())
        shares = list(pieces.spread(judging))
        candidates, flags = joined(x.candidates for x in shares), joined(x.flags for x in shares)
        words, must = (np.concatenate(([0], flags.counts)) & flag > 0 for flag in (_WORD, _MUST))
        number = int((words & (flags.depths > 1)).sum())
        rest = (part for x in shares for part in x.others.parts())
        longest = max(x.longest for x in shares)
        with spilling(resources):
            judged, words = pmi.without_redundant(candidates, words, must, rest, longest, thresholds, resources.workers)
        longer = int((words & (judged.depths > 1)).sum())
        release()
        rare = f"occurs {thresholds.min_count} times or more"
        steps = (
            Step("strong n-grams", strong.number, f"no n-gram {rare} and holds together: {_MORE_TEXT}"),
            Step("candidates", number, f"no piece between strong n-grams {rare}; {_MORE}"),
            Step("words", longer, "shorter words explain every candidate"),
        )
        _log_steps("pmi", steps)
        keys, nodes = judged.restricted(words)
        own, words = np.concatenate(([0], judged.counts[nodes - 1])), np.concatenate(([False], words[nodes]))
        return cls(Lattice(keys, *pmi.word_scores(own, words)), steps, thresholds.min_count, max_length)

    @classmethod
    def by_entropy(
        cls,
        corpus: Iterable[str],
        counts: NgramCounts,
        settings: entropy.Settings,
        max_length: int,
        known: frozenset[str],
        resources: Resources,
        bars: Bars,
        *,
        with_tagger: bool = False,
        old: Evidence | None = None,
    ) -> Found:
        """Find the words that make the text cheapest to write, if wanted together with a tagger.

        And with what an old model knew, if there was one.
        """
        release = kernels().release_memory
        candidates = entropy.Candidates.of(counts, settings, resources)
        number = candidates.number
        if old is not None:
            candidates = candidates.with_inherited(old.words)
        given = _Known.of(known, counts, corpus, resources)
        candidates, fixed = _with_known(candidates.up_to(max_length), given)
        release()
        check = partial(refuse_other_text, counts)
        vocabulary = learnt(candidates, fixed, settings, corpus, resources, bars, check)
        release()
        vocabulary = joined_words(vocabulary, max_length, settings, corpus, resources, bars)
        release()
        fixed = vocabulary.fixed
        lattice, evidence, share = vocabulary.lattice(), None, 1.0
        del vocabulary  # so that its counts and priors take no room any more
        if with_tagger:
            model = trained(lattice, candidates, fixed, max_length, corpus, resources, bars)
            del candidates
            release()
            if old is not None:
                share = share_of(old, model.evidence)
                model = adapted(model, old, share, max_length, corpus, resources, bars)
                release()
            lattice, evidence = model.lattice(), model.evidence
            del model
            release()
        steps = _steps_of(number, lattice, settings.min_count, max_length)
        _log_steps("joint" if with_tagger else "entropy", steps)
        return cls(lattice, steps, settings.min_count, max_length, evidence, share)

    def report(self, lexicon: Lexicon, hidden: frozenset[str], stacklevel: int) -> None:
        """Warn if there is no word, and say which step left none."""
        if any(len(symbols_of(word)) > 1 for word in lexicon):
            return
        empty = next((step for step in self.steps if not step.number), None)
        number = self.steps[-1].number
        if empty:
            reason = empty.reason
        elif hidden:
            reason = f"all {number} words are among those known or stopped, or occur too rarely as words"
        else:
            reason = f"none of {number} words occurs {self.min_count} times or more as a word"
        message = f"no word of two or more characters was found: {reason}"
        warnings.warn(message, EmptyResultWarning, stacklevel=stacklevel + 1)


def _steps_of(candidates: int, lattice: Lattice, min_count: int, max_length: int) -> tuple[Step, ...]:
    """How many candidates there were, and how many words of two or more symbols are left."""
    words = int((lattice.scores[level_bounds(lattice.keys)[1] + 1 :] > -np.inf).sum()) if len(lattice.keys) else 0
    longer = f"no candidate of {max_length} characters or less is likelier than its parts; {_MORE}"
    return (
        Step("candidates", candidates, f"no n-gram occurs {min_count} times or more and is autonomous: {_MORE_TEXT}"),
        Step("words", words, longer),
    )


def _log_steps(method: str, steps: tuple[Step, ...]) -> None:
    _log.info("method %s: %s", method, ", ".join(f"{step.number} {step.name}" for step in steps))


def refuse_other_text(counts: NgramCounts, checksum: int) -> None:
    """Raise CorpusError if the symbols that were read are not those that were counted."""
    if checksum != checksum_of(*counts.singles()):
        reason = f"the counts ({counts.total} symbols) are not of this text"
        raise CorpusError(f"{reason}; pass the text that was counted, all of it and nothing else, or count anew")


def _with_known(candidates: entropy.Candidates, known: _Known) -> tuple[entropy.Candidates, npt.NDArray[np.bool_]]:
    """Candidates and known words that occur, and which of them are known."""
    own = StringCounts(candidates.keys, np.zeros(len(candidates.keys), dtype=np.int64))
    both = own + known.strings
    priors, fixed = np.full(len(both) + 1, -np.inf), np.zeros(len(both) + 1, dtype=bool)
    for nodes, places in common_nodes(own, both):
        priors[places] = candidates.priors[nodes]
    wanted = known.words & (known.counts > 0)
    for nodes, places in common_nodes(known.strings, both):
        places = places[wanted[nodes]]
        priors[places], fixed[places] = entropy.KNOWN_PRIOR, True
    return entropy.Candidates(both.keys, priors), fixed


@dataclass(frozen=True, slots=True)
class _Known:
    """Known words that occur.

    Attributes
    ----------
    strings
        Their trie, with no counts.
    words
        Which nodes they are, the root first.
    counts
        How often their characters stand together, as a word or not; by node, the root first.
    """

    strings: StringCounts
    words: npt.NDArray[np.bool_]
    counts: Integers

    @classmethod
    def of(cls, known: frozenset[str], counts: NgramCounts, corpus: Iterable[str], resources: Resources) -> _Known:
        """Count known words; for those that are longer than the n-grams the corpus is read."""
        symbols, starts, lengths, whole = symbols_of_all(sorted(known))
        whole &= (lengths > 1) & (lengths <= _KNOWN_LIMIT)
        trie = StringCounts.from_pieces(symbols, starts[whole], lengths[whole])
        words = np.concatenate(([0], trie.counts)) > 0
        strings = StringCounts(trie.keys, np.zeros(len(trie), dtype=np.int64))
        found = counts_of(strings, counts.parts(resources)) if len(trie) else np.zeros(1, dtype=np.int64)
        if trie.longest > counts.order:
            is_long = words & (trie.depths > counts.order)
            contexts = Contexts(Probes(trie, is_long), resources, 0.3)
            for chunk in symbol_chunks(corpus, least=pmi.CHUNK):
                contexts.add(chunk)
            found = np.where(is_long, contexts.counts, found)
        return cls(strings, words, found)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The pieces of a text, or of some first symbols.

    Attributes
    ----------
    candidates, flags
        The trie of candidates: with their counts, and with what they are.
    others
        The pieces that are none, but occur more than once: once is no evidence, but time.
    longest
        Symbols of the longest piece.
    """

    candidates: StringCounts
    flags: StringCounts
    others: PartsList | PartsFile
    longest: int


@dataclass(frozen=True, slots=True)
class _Judging:
    """Tells candidates from other pieces, part by part."""

    strong: pmi.Strong
    known: _Known
    min_count: int
    max_length: int
    resources: Resources

    def __call__(self, parts: Iterator[StringCounts]) -> _Judged:
        candidates: list[StringCounts] = []
        flags: list[StringCounts] = []
        lengths = [0]

        def others() -> Iterator[StringCounts]:
            """Judge the parts, and let the other pieces through."""
            for part in parts:
                lengths.append(part.longest)
                yield self._judge(part, candidates, flags)

        rest = kept(others(), self.resources, 0.3)
        return _Judged(joined(candidates), joined(flags), rest, max(lengths))

    def _judge(self, part: StringCounts, candidates: list[StringCounts], flags: list[StringCounts]) -> StringCounts:
        """Add the candidates of a part to those of others; returns what else occurs more than once."""
        totals: Integers = np.concatenate(([0], part.counts))
        must = np.zeros(len(totals), dtype=bool)
        for wanted, nodes in common_nodes(self.known.strings, part):
            is_word = self.known.words[wanted]
            wanted, nodes = wanted[is_word], nodes[is_word]
            totals[nodes] = np.maximum(totals[nodes], self.known.counts[wanted])
            must[nodes] = totals[nodes] > 0
        part = StringCounts(part.keys, totals[1:], part.bounds)
        chosen = pmi.candidates(part, self.strong, self.min_count, self.max_length) | must
        keys, nodes = part.restricted(chosen)
        candidates.append(StringCounts(keys, np.where(chosen[nodes], totals[nodes], 0)))
        flags.append(StringCounts(keys, (chosen * _WORD | must * _MUST)[nodes].astype(np.int64), candidates[-1].bounds))
        rest = (totals > 1) & ~chosen
        keys, nodes = part.restricted(rest)
        return StringCounts(keys, np.where(rest[nodes], totals[nodes], 0))
