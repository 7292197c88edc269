"""Finding the words of a corpus: counts in, lexicon out.

First the corpus is read for n-gram counts; then for words, by ``entropy`` four to seven times (`words.entropy`,
`words.learning`, `words.joining`), by ``pmi`` once (`words.pmi`); at last it is segmented, which gives each word its
count, written-out numbers and Latin words their own rows, and long words their neighbours.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, Final, Self

from ..choices import METHODS
from ..core import core_name, core_problem, kernels
from ..errors import CoreFallbackWarning
from ..estimator import Estimator, check_whole
from ..progress import progress_bar
from ..resources import Resources
from ..statistics.counts import NgramCounts
from ..statistics.symbols import held
from ..text.corpus import TextFiles, check_corpus
from ..text.several import chained, unchanging
from .adaptation import inherited
from .discovery import Found, refuse_other_text
from .entropy import ORDER, Settings
from .evidence import Evidence
from .explanation import Listing, WordExplanation, explained
from .hmm import HMMSegmenter
from .joint import JointSegmenter
from .learning import Bars
from .lexicon import Lexicon
from .pmi import Thresholds
from .recount import Recount, entropy_bits
from .segmenter import LexiconSegmenter
from .spelling import lexicon_of, strings_of
from .tagger import Tagger

__all__ = ["METHODS", "WordFinder", "learn", "learn_hmm"]

_SETTINGS: Final[dict[str, Callable[[int], Settings | Thresholds]]] = {
    "entropy": Settings.for_size,
    "pmi": Thresholds.for_size,
    "joint": Settings.for_training,
}
_MAX_LENGTH: Final = 8
_BIG: Final = 20_000_000  # bytes from which on the numpy core takes minutes
_log = logging.getLogger("nlp_zero")


class WordFinder(Estimator):
    """Find the words of a corpus from the text alone.

    Parameters
    ----------
    method
        ``entropy``: the words that make the text cheapest to write, of strings with varied neighbours. ``pmi``:
        neighbour characters that stand together more often than chance; twice as fast, less exact.
        ``joint``: as ``entropy``, and then a tagger learns from these words how words begin and end, and they from it;
        half as fast, and the best.
    max_length
        The longest word, in characters (a number or a Latin word counts as one); 8 by default. By method ``entropy``
        words are not made of other words that stand alone as well, so 人民|政府 are two; with a greater length they may
        be, so that long terms are found.
    min_count
        The least count of a word; by default 2, 3 or 4, more for larger corpora.
    known
        Words that are known already: they are taken for words while learning, but not listed.
    stopwords
        Words that are not listed.
    lexicon
        Words of your own, for method ``joint``: a dictionary, or a list that somebody has reviewed. While learning they
        are taken for words, as those of `known`, but they are listed, and all of them segment, also those that do
        not occur and those that are longer than `max_length`. Others are found beside them.
    base
        A model of other text, for method ``joint``: what its tagger knows is used, and all its words segment.
    memory_limit
        Bytes, or a size such as ``"256MB"``, for all processes together; 700 MB by default, or half of what is
        free if that is less. What does not fit is put into temporary files; the result is the same.
    jobs
        Number of workers that read the corpus; the result is the same. On the C core they are threads; on the numpy
        core processes, started afresh, so a script must start its work below ``if __name__ == "__main__":``.
    temporary_directory
        Where to put temporary files; where the system puts them by default.
    progress
        Show progress bars on stderr, if that is a terminal.

    Attributes
    ----------
    lexicon_ : Lexicon
        The words, and the single characters that occur between them.
    counts_ : NgramCounts
        The n-gram counts of all text seen since `fit`.
    segmenter_ : LexiconSegmenter
        What segments by these words; by method ``joint`` a `JointSegmenter`.
    bits_per_character_ : float
        Entropy of the words of the segmented corpus, spread over its characters: what the method makes small. A number
        or a Latin word counts as one character.
    character_bits_ : float
        The same if every character is a word.

    Examples
    --------
    >>> corpus = [
    ...     "变压器油温过高，检查变压器。检查时先看油温。",
    ...     "油温正常，变压器可以运行。这台变压器的油温偏高。",
    ...     "值班员记录油温。雷雨之后检查变压器。",
    ...     "值班员说：变压器声音正常。油温一高，值班员就去看变压器。",
    ... ]
    >>> [word for word in WordFinder().fit(corpus).lexicon_ if len(word) > 1]
    ['变压器', '油温', '值班员', '检查']

    Notes
    -----
    Time O(n). The corpus is read three times by ``pmi``, six to nine times by ``entropy``, four times more by
    ``joint``, but no more than twice where its symbols fit into memory; it must not change meanwhile.
    Memory O(distinct n-grams), or what `memory_limit` allows: beyond it go only the n-grams that are frequent enough to
    be evidence, some 90 bytes each.
    """

    parameters = (
        *("method", "max_length", "min_count", "known", "stopwords", "lexicon", "base"),
        *("memory_limit", "jobs", "temporary_directory", "progress"),
    )
    results = ("lexicon_", "segmenter_", "counts_", "bits_per_character_", "character_bits_")

    def __init__(
        self,
        *,
        method: str = "entropy",
        max_length: int | None = None,
        min_count: int | None = None,
        known: Iterable[str] = (),
        stopwords: Iterable[str] = (),
        lexicon: Lexicon | None = None,
        base: JointSegmenter | HMMSegmenter | None = None,
        memory_limit: int | str | None = None,
        jobs: int = 1,
        temporary_directory: str | os.PathLike[str] | None = None,
        progress: bool = False,
    ) -> None:
        self.method, self.max_length, self.min_count = method, max_length, min_count
        self.known, self.stopwords, self.lexicon, self.base, self.progress = known, stopwords, lexicon, base, progress
        self.memory_limit, self.jobs, self.temporary_directory = memory_limit, jobs, temporary_directory

    def fit(self, corpus: Iterable[str], *, counts: NgramCounts | None = None) -> Self:
        """Learn from a corpus alone, whatever was learnt before.

        Parameters
        ----------
        corpus
            `TextFiles`, a list of `str`, or any iterable of `str` that can be read more than once.
        counts
            Its n-gram counts of order 4 if there are any, as an earlier `counts_` or a sum of such: then it need not be
            counted again.

        Raises
        ------
        CorpusNotRestartableError
            If it can be read only once (a generator).
        CorpusError
            If it cannot be read, changes while it is read, or is not what `counts` are of.
        SpillError
            If temporary files cannot be written or read.
        TypeError, ValueError
            If the corpus or a parameter is none.
        """
        self._check()
        check_corpus(corpus)
        if counts is not None and (counts.order, counts.min_count) != (ORDER, 1):
            raise ValueError(f"counts: expected all n-grams of order {ORDER}, found {counts!r}")
        with self._resources() as resources, unchanging([corpus]):
            symbols = held(corpus, resources)
            if counts is None:
                counts = self._count(corpus, symbols, resources)
            self._learn([corpus], symbols, counts, resources)
        return self

    def partial_fit(self, corpus: Iterable[str]) -> Self:
        """Learn from a corpus and all that came before it, which is read again.

        Raises
        ------
        See `fit`.
        """
        self._check()
        check_corpus(corpus)
        earlier = self._corpora if hasattr(self, "counts_") else []
        with self._resources() as resources, unchanging([*earlier, corpus]):
            counts = self._count(corpus, corpus, resources)
            if earlier:
                counts = NgramCounts.sum_of([self.counts_, counts], resources)
            corpora = [*earlier, corpus]
            self._learn(corpora, held(chained(corpora), resources), counts, resources)
        return self

    def explain(self, word: str) -> WordExplanation:
        """Why a string is a word, or none; reads the corpus once more.

        Raises
        ------
        NotFittedError
            If nothing was learnt yet.
        TypeError
            If it is no `str`.
        ValueError
            If it could be no word at all: it is empty or very long, or holds punctuation or white space.
        CorpusError
            If the corpus cannot be read any more.

        Examples
        --------
        >>> finder = WordFinder(min_count=2).fit(["变压器油温", "油温变压器", "看变压器", "油温高"])
        >>> finder.explain("压器").reason
        'no word: 3 of 3 times it is a part of 变压器'
        """
        lexicon, found = self.lexicon_, self._found_words
        corpus = chained(self._corpora)
        listing = Listing(lexicon, found.min_count, found.max_length, self._hidden)
        return explained(word, found.lattice, listing, corpus)

    def _resources(self) -> Resources:
        share_memory = core_name() == "c"
        return Resources.plan(self.memory_limit, self.jobs, self.temporary_directory, share_memory=share_memory)

    def _check(self) -> None:
        """Refuse parameters that make no sense, before anything is read."""
        if self.method not in METHODS:
            raise ValueError(f"method: expected one of {', '.join(METHODS)}, found {self.method!r}")
        for name in ("max_length", "min_count"):
            check_whole(name, getattr(self, name))
        for name, kinds, expected in (
            ("lexicon", Lexicon, "a Lexicon"),
            ("base", JointSegmenter | HMMSegmenter, "a JointSegmenter or an HMMSegmenter"),
        ):
            value = getattr(self, name)
            if value is not None and not isinstance(value, kinds):
                raise TypeError(f"{name}: expected {expected}, found {type(value).__name__}")
            if value is not None and self.method != "joint":
                raise ValueError(f"{name}: expected method 'joint' with it, found {self.method!r}")
        if self.lexicon is not None and not any(len(word) > 1 for word in self.lexicon):
            raise ValueError("lexicon: expected words of two characters or more, found none")
        if self.base is not None:
            _evidence(self.base)
        for name in ("known", "stopwords"):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise TypeError(f"{name}: expected a collection of words, found one {type(value).__name__}")
            if iter(value) is value:  # a second fit would find nothing left in it
                raise TypeError(f"{name}: a {type(value).__name__} can be read only once; pass a list or a set")

    def _count(self, corpus: Iterable[str], symbols: Iterable[str], resources: Resources) -> NgramCounts:
        size = corpus.total_bytes if isinstance(corpus, TextFiles) else None
        if size is not None and size > _BIG and core_name() == "python":
            message = f"{size} bytes are counted on the numpy core, which is some ten times slower: {core_problem()}"
            warnings.warn(message, CoreFallbackWarning, stacklevel=3)
        with progress_bar("counting", size, show=self.progress) as advance:
            return NgramCounts.counted(symbols, ORDER, resources, advance)

    def _learn(
        self, corpora: list[Iterable[str]], symbols: Iterable[str], counts: NgramCounts, resources: Resources
    ) -> None:
        corpus = chained(corpora)
        size = corpus.total_bytes if isinstance(corpus, TextFiles) else None
        bars = partial(progress_bar, total=size, show=self.progress)
        known, stopwords = (frozenset(filter(None, map(str.strip, x))) for x in (self.known, self.stopwords))
        given = known.union(self.lexicon or ())
        found = self._found(symbols, counts, given, resources, bars)
        with bars("recounting") as advance:
            recount = Recount.of(found.lattice, counts.order, corpus, resources.beside(found.nbytes), advance)
        refuse_other_text(counts, recount.checksum)
        hidden = known | stopwords
        lexicon, whole = recount.lexicons(counts, found.min_count, hidden, rare=self.method == "joint")
        found.report(lexicon, hidden, stacklevel=3)
        self.bits_per_character_, self.character_bits_ = recount.bits_per_symbol(), entropy_bits(counts.singles()[1])
        del recount  # which is as large as what is made next
        kernels().release_memory()
        self.counts_, self.lexicon_, self._corpora = counts, lexicon, corpora
        self.segmenter_ = self._segmenter(whole, found)
        self._found_words, self._hidden = found, hidden
        kernels().release_memory()

    def _segmenter(self, lexicon: Lexicon, found: Found) -> LexiconSegmenter:
        """What segments by the words of a lexicon, which were found so, and by those that were known before."""
        if not isinstance(found.lattice.odds, Tagger):
            return LexiconSegmenter(lexicon)
        if self.lexicon is not None:
            lexicon = lexicon.merged(Lexicon.from_counts({word: 1 for word in self.lexicon if word not in lexicon}))
        if self.base is not None:
            lexicon = lexicon.merged(inherited(_old_lexicon(self.base), found.share))
        return JointSegmenter(lexicon, HMMSegmenter(found.lattice.odds, evidence=found.evidence))

    def _found(
        self, corpus: Iterable[str], counts: NgramCounts, known: frozenset[str], resources: Resources, bars: Bars
    ) -> Found:
        """Find words by the method."""
        max_length = _MAX_LENGTH if self.max_length is None else self.max_length
        settings: Settings | Thresholds = _SETTINGS[self.method](counts.total)
        if self.min_count is not None:
            settings = replace(settings, min_count=self.min_count)
        _log.info("method %s: %d symbols, %s, max_length=%d", self.method, counts.total, settings, max_length)
        if not isinstance(settings, Settings):
            with bars("cutting") as advance:
                return Found.by_pmi(corpus, counts, settings, max_length, known, resources, advance)
        old = None if self.base is None else replace(_evidence(self.base), words=strings_of(_old_lexicon(self.base)))
        return Found.by_entropy(
            *(corpus, counts, settings, max_length, known, resources, bars),
            with_tagger=self.method == "joint",
            old=old,
        )


def learn(corpus: Iterable[str], **params: Any) -> JointSegmenter:
    """Learn to segment from a corpus: the best there is.

    Parameters
    ----------
    corpus
        As in `WordFinder.fit`.
    **params
        Those of `WordFinder`, but for the method.

    Returns
    -------
    JointSegmenter
        Its `lexicon` are the words.

    Raises
    ------
    See `WordFinder.fit`.

    Examples
    --------
    >>> corpus = [
    ...     "变压器油温过高，检查变压器。检查时先看油温。",
    ...     "油温正常，变压器可以运行。这台变压器的油温偏高。",
    ...     "值班员记录油温。雷雨之后检查变压器。",
    ...     "值班员说：变压器声音正常。油温一高，值班员就去看变压器。",
    ... ]
    >>> learn(corpus).words("变压器的油温")
    ['变压器', '的', '油温']
    """
    segmenter = _joint(params).fit(corpus).segmenter_
    assert isinstance(segmenter, JointSegmenter)
    return segmenter


def learn_hmm(corpus: Iterable[str], order: int = 2, **params: Any) -> HMMSegmenter:
    """Learn a hidden Markov model alone from raw text: from the text as `learn` segments it.

    Parameters
    ----------
    corpus
        As in `WordFinder.fit`.
    order
        As in `HMMSegmenter.from_segmented`.
    **params
        Those of `WordFinder`, but for the method.

    Raises
    ------
    See `WordFinder.fit`.
    """
    if order not in (1, 2):
        raise ValueError(f"order: expected 1 or 2, found {order!r}")
    found = _joint(params).fit(corpus)._found_words
    assert found.evidence is not None
    tagger = Tagger.order_1(found.evidence.counts) if order == 1 else found.evidence.tagger()
    return HMMSegmenter(tagger, evidence=found.evidence)


def _joint(params: dict[str, Any]) -> WordFinder:
    """A finder by method ``joint`` with other parameters."""
    unknown = sorted(params.keys() - set(WordFinder.parameters[1:]))
    if unknown:
        raise TypeError(f"{unknown[0]}: no such parameter; there are {', '.join(WordFinder.parameters[1:])}")
    return WordFinder(method="joint", **params)


def _evidence(base: JointSegmenter | HMMSegmenter) -> Evidence:
    """What the tagger of a model was made of."""
    evidence = (base.hmm if isinstance(base, JointSegmenter) else base).evidence
    if evidence is None:
        raise ValueError("base: a model made of a lexicon alone cannot be adapted; expected one of text")
    return evidence


def _old_lexicon(base: JointSegmenter | HMMSegmenter) -> Lexicon:
    """The words of a model; of a hidden Markov model those of the text that was segmented by hand."""
    return base.lexicon if isinstance(base, JointSegmenter) else lexicon_of(_evidence(base).words)
