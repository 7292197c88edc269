"""Finding the words of a corpus: counts in, lexicon out.

Three passes over the corpus: n-gram counts; pieces between weak adjacencies (method ``pmi``, see `words.pmi`); the
final segmentation, which gives each word its count, written-out numbers and Latin words their own rows, and long words
their neighbours.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ..core import core_name, core_problem
from ..core.python import Integers
from ..errors import CoreFallbackWarning, EmptyResultWarning, NotFittedError
from ..progress import progress_bar
from ..statistics.contexts import Contexts
from ..statistics.counts import NgramCounts, symbol_chunks
from ..statistics.strings import StringCounts
from ..text.characters import symbols_of, symbols_of_all
from ..text.corpus import TextFiles, check_corpus
from . import pmi
from .lattice import Lattice
from .lexicon import Lexicon
from .recount import Recount

__all__ = ["METHODS", "WordFinder"]

METHODS: Final = ("pmi",)
_MAX_LENGTH: Final = 8
_KNOWN_LIMIT: Final = 32  # symbols; longer words are no parts of others
_BIG: Final = 20_000_000  # bytes from which on the numpy core takes minutes
_log = logging.getLogger("nlp_zero")


class WordFinder:
    """Find the words of a corpus from the text alone.

    Parameters
    ----------
    method
        ``pmi``: neighbour characters that stand together more often than chance, without what shorter words explain.
    max_length
        The longest word, in characters (a number or a Latin word counts as one); 8 by default.
    min_count
        The least count of a word; by default 2, 3 or 4, more for larger corpora.
    known
        Words that are known already: they are taken for words while learning, but not listed.
    stopwords
        Words that are not listed.
    progress
        Show progress bars on stderr, if that is a terminal.

    Attributes
    ----------
    lexicon_ : Lexicon
        The words, and the single characters that occur between them.
    counts_ : NgramCounts
        The n-gram counts of all text seen since `fit`.

    Examples
    --------
    >>> corpus = [
    ...     "变压器油温过高，检查变压器。检查时先看油温。",
    ...     "油温正常，变压器可以运行。这台变压器的油温偏高。",
    ...     "值班员记录油温。雷雨之后检查变压器。",
    ...     "值班员说：变压器声音正常。油温一高，值班员就去看变压器。",
    ... ]
    >>> [word for word in WordFinder().fit(corpus).lexicon_ if len(word) > 1]
    ['变压器', '油温', '值班员', '正常']

    Notes
    -----
    Time O(n), memory O(distinct n-grams). The corpus is read three times.
    """

    def __init__(
        self,
        *,
        method: str = "pmi",
        max_length: int | None = None,
        min_count: int | None = None,
        known: Iterable[str] = (),
        stopwords: Iterable[str] = (),
        progress: bool = False,
    ) -> None:
        self.method, self.max_length, self.min_count = method, max_length, min_count
        self.known, self.stopwords, self.progress = known, stopwords, progress

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters, by name."""
        names = ("method", "max_length", "min_count", "known", "stopwords", "progress")
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
        """Change parameters; the next `fit` uses them.

        Raises
        ------
        ValueError
            If there is no parameter of that name.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"{name}: no such parameter; there are {', '.join(known)}")
            setattr(self, name, value)
        return self

    def fit(self, corpus: Iterable[str]) -> Self:
        """Learn from a corpus alone, whatever was learnt before.

        Parameters
        ----------
        corpus
            `TextFiles`, a list of `str`, or any iterable of `str` that can be read more than once.

        Raises
        ------
        CorpusNotRestartableError
            If it can be read only once (a generator).
        CorpusError
            If it cannot be read.
        TypeError, ValueError
            If the corpus or a parameter is none.
        """
        self._check()
        check_corpus(corpus)
        return self._learn([corpus], self._count(corpus))

    def partial_fit(self, corpus: Iterable[str]) -> Self:
        """Learn from a corpus and all that came before it, which is read again.

        Raises
        ------
        See `fit`.
        """
        self._check()
        check_corpus(corpus)
        if not hasattr(self, "counts_"):
            return self._learn([corpus], self._count(corpus))
        return self._learn([*self._corpora, corpus], self.counts_ + self._count(corpus))

    def __getattr__(self, name: str) -> Any:
        if name in ("lexicon_", "counts_"):
            raise NotFittedError(f"{name}: nothing was learnt yet; call fit(corpus) first")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _check(self) -> None:
        """Refuse parameters that make no sense, before anything is read."""
        if self.method not in METHODS:
            raise ValueError(f"method: expected one of {', '.join(METHODS)}, found {self.method!r}")
        for name, least in (("max_length", 1), ("min_count", 1)):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int | np.integer) or value < least):
                raise ValueError(f"{name}: expected a whole number from {least} on, or None, found {value!r}")
        for name in ("known", "stopwords"):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise TypeError(f"{name}: expected a collection of words, found one {type(value).__name__}")
            if iter(value) is value:  # a second fit would find nothing left in it
                raise TypeError(f"{name}: a {type(value).__name__} can be read only once; pass a list or a set")

    def _count(self, corpus: Iterable[str]) -> NgramCounts:
        size = corpus.total_bytes if isinstance(corpus, TextFiles) else None
        if size is not None and size > _BIG and core_name() == "python":
            message = f"{size} bytes are counted on the numpy core, which is some ten times slower: {core_problem()}"
            warnings.warn(message, CoreFallbackWarning, stacklevel=3)
        with progress_bar("counting", size, show=self.progress) as advance:
            return NgramCounts.from_corpus(corpus, order=pmi.ORDER, advance=advance)

    def _learn(self, corpora: list[Iterable[str]], counts: NgramCounts) -> Self:
        corpus = corpora[0] if len(corpora) == 1 else _Chain(corpora)
        thresholds = pmi.Thresholds.for_size(counts.total)
        if self.min_count is not None:
            thresholds = replace(thresholds, min_count=self.min_count)
        max_length = _MAX_LENGTH if self.max_length is None else self.max_length
        known, stopwords = (frozenset(filter(None, map(str.strip, x))) for x in (self.known, self.stopwords))
        _log.info("method pmi: %d symbols, %s, max_length=%d", counts.total, thresholds, max_length)
        size = corpus.total_bytes if isinstance(corpus, TextFiles) else None
        with progress_bar("cutting", size, show=self.progress) as advance:
            found = _Found.by_pmi(corpus, counts, thresholds, max_length, known, advance)
        recount = Recount(found.lattice, counts)
        with progress_bar("recounting", size, show=self.progress) as advance:
            recount.read(corpus, advance)
        hidden = known | stopwords
        lexicon = recount.lexicon(thresholds.min_count, hidden)
        found.report(lexicon, thresholds, hidden)
        self.counts_, self.lexicon_, self._corpora = counts, lexicon, corpora
        return self


class _Chain:
    """Several corpora, one after the other."""

    def __init__(self, corpora: list[Iterable[str]]) -> None:
        self.corpora = corpora

    def __iter__(self) -> Any:
        for corpus in self.corpora:
            yield from corpus


@dataclass(frozen=True, slots=True)
class _Found:
    """The words that a method found, and how many were left after each of its steps."""

    lattice: Lattice
    steps: Mapping[str, int]

    @classmethod
    def by_pmi(
        cls,
        corpus: Iterable[str],
        counts: NgramCounts,
        thresholds: pmi.Thresholds,
        max_length: int,
        known: frozenset[str],
        advance: Any,
    ) -> _Found:
        """Find the words by neighbour PMI."""
        strong = pmi.Strong.of(counts, thresholds)
        pieces = pmi.counted_pieces(corpus, strong, advance)
        pieces = pieces + StringCounts(strong.keys, np.zeros(len(strong.keys), dtype=np.int64))
        given, kept = _with_known(pieces, counts, known, corpus)
        chosen = pmi.candidates(given, strong, thresholds.min_count, max_length)
        chosen[kept] = True
        number = int((chosen & (given.depths > 1)).sum())
        must = np.zeros(len(chosen), dtype=bool)
        must[kept] = True
        judged, words = pmi.without_redundant(given, chosen, must, thresholds)
        longer = int((words & (judged.depths > 1)).sum())
        steps = {"strong n-grams": strong.number, "candidates": number, "words": longer}
        _log.info("method pmi: %s", ", ".join(f"{n} {step}" for step, n in steps.items()))
        keys, nodes = judged.restricted(words)
        own, words = np.concatenate(([0], judged.counts[nodes - 1])), np.concatenate(([False], words[nodes]))
        return cls(Lattice(keys, *pmi.word_scores(own, words)), steps)

    def report(self, lexicon: Lexicon, thresholds: pmi.Thresholds, hidden: frozenset[str]) -> None:
        """Warn if there is no word, and say which step left none."""
        if any(not _is_single(word) for word in lexicon):
            return
        reasons = {
            "strong n-grams": f"no n-gram occurs {thresholds.min_count} times or more and holds together: "
            "the corpus is too small or has no repeated words; give more text, or a lower min_count",
            "candidates": f"no piece between strong n-grams occurs {thresholds.min_count} times or more; "
            "give more text, or a lower min_count or a higher max_length",
            "words": "shorter words explain every candidate",
        }
        empty = next((step for step, number in self.steps.items() if not number), None)
        if empty:
            reason = reasons[empty]
        elif hidden:
            reason = f"all {self.steps['words']} words are among those known or stopped, or occur too rarely as words"
        else:
            reason = f"none of {self.steps['words']} words occurs {thresholds.min_count} times or more as a word"
        warnings.warn(f"no word of two or more characters was found: {reason}", EmptyResultWarning, stacklevel=4)


def _is_single(word: str) -> bool:
    return len(symbols_of(word)) < 2


def _with_known(
    pieces: StringCounts, counts: NgramCounts, known: frozenset[str], corpus: Iterable[str]
) -> tuple[StringCounts, Integers]:
    """Add single symbols and known words that occur to the pieces; returns also the nodes of those words.

    A known word counts wherever its characters stand; for words that are longer than the n-grams the corpus is read.
    """
    first = counts.bounds[1] if len(counts) else 0
    given = pieces + StringCounts(counts.keys[:first], np.zeros(first, dtype=np.int64))
    symbols, starts, lengths, whole = symbols_of_all(sorted(known))
    whole &= (lengths > 1) & (lengths <= _KNOWN_LIMIT)
    extra = StringCounts.from_pieces(symbols, starts[whole], lengths[whole])
    given = given + StringCounts(extra.keys, np.zeros(len(extra), dtype=np.int64))
    totals: npt.NDArray[np.int64] = given.counts.copy()
    ends = np.flatnonzero(extra.counts) + 1  # the known words; by length, as nodes are
    found: list[Integers] = [np.zeros(0, dtype=np.int64)]
    is_long = (np.concatenate(([0], extra.counts)) > 0) & (extra.depths > counts.order)
    long = Contexts(extra.keys, extra.depths, is_long.astype(np.uint8))
    if extra.longest > counts.order:
        for chunk in symbol_chunks(corpus):
            long.add(chunk)
    for length in range(2, extra.longest + 1):
        strings = extra.strings(ends[extra.depths[ends] == length])[:, :length]
        nodes = given.nodes(strings)
        if length <= counts.order:
            raw = np.concatenate(([0], counts.counts))[counts.nodes(strings)]
        else:
            raw = long.counts[extra.nodes(strings)]
        totals[nodes - 1] = np.maximum(totals[nodes - 1], raw)
        found.append(nodes[totals[nodes - 1] > 0])
    return StringCounts(given.keys, totals), np.concatenate(found)
