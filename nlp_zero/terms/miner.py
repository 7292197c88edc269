"""Mining the vocabulary of a domain: its text and a background in, ranked terms out."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, Self

from ..choices import MOST_WORDS
from ..core import core_name, kernels
from ..errors import EmptyResultWarning
from ..estimator import Estimator, check_whole
from ..progress import Advance, progress_bar
from ..resources import Resources
from ..sentences.cutting import AnySegmenter, check_segmenter
from ..text.corpus import TextFiles, check_corpus
from ..text.several import bytes_of, chained, unchanging
from ..words.finder import learn
from ..words.segmenting import RunSegmenter
from .contexts import context_lines
from .counts import TermCounts, counted_terms
from .explanation import TermExplanation, explained
from .factorisation import PRODUCTS
from .ranking import Ranking
from .similarity import near_vectors
from .vocabulary import Context

__all__ = ["MOST_WORDS", "TermMiner"]

_MAX_WORDS: Final = 4
_LINES: Final = 5
_log = logging.getLogger("nlp_zero")


class TermMiner(Estimator):
    """Find the terms of a domain: words and sequences of words that are typical of its text.

    Parameters
    ----------
    background
        Text that is not of the domain: `TextFiles`, a list of `str`, or any iterable of `str` that can be read more
        than once. News do well.
    segmenter
        What cuts text into words: a segmenter, or any function from a text to its words, such as ``jieba.lcut``. By
        default it is learnt from both texts, as `learn` does.
    seeds
        Some terms of the domain, if any are known: what is like them is ranked higher.
    known
        Words that are known already: they are not listed, and are taken for words while the segmenter is learnt.
    stopwords
        Words that are not listed.
    min_count
        The least count of a term; by default 2, 3 from 5,000 words of text on, 5 from 50,000 on, 10 from five million
        on.
    max_words
        How many words a term may have, 16 at most; by default 4, or what `counts` have.
    memory_limit, jobs, temporary_directory, progress
        As in `WordFinder`; if the segmenter is a function and there are several jobs, it must be picklable.

    Attributes
    ----------
    terms_ : Terms
        The terms, the best first.
    counts_ : TermCounts
        What was counted, from which terms can be ranked again.
    vectors_ : WordVectors
        Vectors of the words of the domain.

    Examples
    --------
    >>> domain = ["继电保护装置动作，断路器跳闸。", "检查继电保护装置。", "断路器拒动时看继电保护装置。"]
    >>> background = ["今天天气很好，我们去公园。", "他说动作要快。", "检查工作已经完成。"]
    >>> words = {"继电", "保护", "装置", "动作", "断路器", "跳闸", "检查", "拒动", "合闸", "看", "天气", "公园", "工作"}
    >>> from nlp_zero import Lexicon, LexiconSegmenter
    >>> segmenter = LexiconSegmenter(Lexicon.from_counts(dict.fromkeys(words, 1)))
    >>> list(TermMiner(background, segmenter=segmenter).fit(domain).terms_)
    ['断路器', '继电保护装置']

    Notes
    -----
    Candidates are words and sequences of up to `max_words` of them, counted exactly; a run of four words or more that
    is repeated word by word counts once. What makes a term is described at `terms.ranking`: contrast to the
    background, boundaries that are free, words that hold together, spread, and standing beside the same words as other
    terms do. Time O(n) for n words; memory O(distinct sequences), or what `memory_limit` allows and some 200 MB for
    vectors and the list of terms. A document is a file, a `str` of an iterable, or a line where there is one file.
    """

    parameters = (
        *("background", "segmenter", "seeds", "known", "stopwords", "min_count", "max_words"),
        *("memory_limit", "jobs", "temporary_directory", "progress"),
    )
    results = ("terms_", "counts_", "vectors_")

    def __init__(
        self,
        background: Iterable[str],
        *,
        segmenter: AnySegmenter | None = None,
        seeds: Iterable[str] = (),
        known: Iterable[str] = (),
        stopwords: Iterable[str] = (),
        min_count: int | None = None,
        max_words: int | None = None,
        memory_limit: int | str | None = None,
        jobs: int = 1,
        temporary_directory: str | os.PathLike[str] | None = None,
        progress: bool = False,
    ) -> None:
        self.background, self.segmenter, self.seeds = background, segmenter, seeds
        self.known, self.stopwords = known, stopwords
        self.min_count, self.max_words, self.progress = min_count, max_words, progress
        self.memory_limit, self.jobs, self.temporary_directory = memory_limit, jobs, temporary_directory

    def fit(self, domain: Iterable[str], *, counts: TermCounts | None = None) -> Self:
        """Learn from the text of a domain alone, whatever was learnt before.

        Parameters
        ----------
        domain
            `TextFiles`, a list of `str`, or any iterable of `str` that can be read more than once.
        counts
            What was counted in it before, if anything, as an earlier `counts_`: then neither text is read, and terms
            are ranked with the other parameters. Its `min_count` and `longest` bound what they can ask for.

        Raises
        ------
        CorpusNotRestartableError
            If a text can be read only once (a generator).
        CorpusError
            If it cannot be read, or changes while it is read.
        SpillError
            If temporary files cannot be written or read.
        TypeError, ValueError
            If a text or a parameter is none.
        """
        return self._fit([domain], counts)

    def partial_fit(self, domain: Iterable[str]) -> Self:
        """Learn from a text and all that came before it, which is read again.

        Raises
        ------
        See `fit`.
        """
        return self._fit([*(self._domain if hasattr(self, "terms_") else []), domain], None)

    def _fit(self, domain: list[Iterable[str]], counts: TermCounts | None) -> Self:
        self._check(counts)
        check_corpus(domain[-1])
        if counts is None:
            check_corpus(self.background)
            counts = self._counted(domain)
        with self._bar("comparing", PRODUCTS, " steps") as advance:
            vectors = near_vectors(counts, advance)
        ranking = Ranking(counts, vectors, _stripped(self.seeds), self.min_count, self.max_words)
        if ranking.unknown_seeds:
            some = ", ".join(ranking.unknown_seeds[:5]) + (", ..." if len(ranking.unknown_seeds) > 5 else "")
            number = len(ranking.unknown_seeds)
            shown = some.encode("utf-8", "backslashreplace").decode("utf-8")
            _log.warning(
                "seeds: %d of %d are not made of words that occur %d times: %s",
                number,
                len(ranking.seeds),
                counts.min_count,
                shown,
            )
        if not counts.background_total:
            _log.warning("background: it is empty, so terms are ranked without being compared to anything")
        hidden = _stripped(self.known) | _stripped(self.stopwords)
        self.terms_, self.counts_, self.vectors_ = ranking.terms(hidden), counts, vectors
        self._domain, self._ranking, self._hidden = domain, ranking, hidden
        if not self.terms_:
            _warn_of_nothing(ranking)
        return self

    def explain(self, term: str) -> TermExplanation:
        """Why a string is a term, or none, with some lines that it stands in; reads the domain once more.

        Raises
        ------
        NotFittedError
            If nothing was learnt yet.
        TypeError
            If it is no `str`.
        ValueError
            If it is empty.
        CorpusError
            If the text cannot be read any more.
        """
        if not isinstance(term, str):
            raise TypeError(f"term: expected a str, found {type(term).__name__}")
        return self.explain_all([term])[0]

    def explain_all(self, terms: Collection[str]) -> list[TermExplanation]:
        """The same of several strings, for which the domain is read once.

        Raises
        ------
        See `explain`.
        """
        found, ranking = self.terms_, self._ranking
        stripped = [term.strip() for term in terms]
        if not all(stripped):
            raise ValueError("term: expected a word or a sequence of words, found nothing")
        lines = self.contexts(stripped)
        return [explained(term, found, ranking, self._hidden, lines.get(term, [])) for term in stripped]

    def contexts(self, terms: Collection[str] | None = None, *, number: int = _LINES) -> dict[str, list[Context]]:
        """Lines of the domain in which terms stand, spread over the text; reads it once more.

        Parameters
        ----------
        terms
            Which terms; all of `terms_` by default.
        number
            How many lines for each.

        Raises
        ------
        NotFittedError
            If nothing was learnt yet.
        TypeError, ValueError
            If `terms` is one `str`, or `number` is less than 1.
        CorpusError
            If the text cannot be read any more.
        """
        found = self.terms_
        if isinstance(terms, str):
            raise TypeError("terms: expected a collection of terms, found one str")
        if number is None or isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ValueError(f"number: expected a whole number from 1 on, found {number!r}")
        return context_lines(
            chained(self._domain),
            list(filter(None, found if terms is None else terms)),
            number,
            partial(self._bar, "finding lines", bytes_of(self._domain), "B"),
        )

    def _bar(self, what: str, total: int | None, unit: str) -> AbstractContextManager[Advance]:
        return progress_bar(what, total, show=self.progress, unit=unit)

    def _check(self, counts: TermCounts | None) -> None:
        """Refuse parameters that make no sense, before anything is read."""
        if self.segmenter is not None:
            check_segmenter(self.segmenter)
        check_whole("min_count", self.min_count)
        check_whole("max_words", self.max_words)
        if (self.max_words or 0) > MOST_WORDS:
            raise ValueError(f"max_words: expected a number from 1 to {MOST_WORDS}, found {self.max_words!r}")
        for name in ("seeds", "known", "stopwords"):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise TypeError(f"{name}: expected a collection of words, found one {type(value).__name__}")
            if iter(value) is not value and not all(isinstance(word, str) for word in value):
                wrong = next(word for word in value if not isinstance(word, str))
                raise TypeError(f"{name}: expected words of type str, found {wrong!r}")
            if iter(value) is value:  # a second fit would find nothing left in it
                raise TypeError(f"{name}: a {type(value).__name__} can be read only once; pass a list or a set")
        if counts is None:
            return
        if not isinstance(counts, TermCounts):
            raise TypeError(f"counts: expected TermCounts, found {type(counts).__name__}; see TermCounts.load")
        if self.min_count is not None and self.min_count < counts.min_count:
            raise ValueError(f"min_count: the counts are of what occurs {counts.min_count} times; count anew for less")
        if (self.max_words or 0) > counts.longest:
            raise ValueError(f"max_words: the counts are of up to {counts.longest} words; count anew for more")

    def _counted(self, domain: list[Iterable[str]]) -> TermCounts:
        """Count both texts."""
        texts = [*domain, self.background]
        segmenter = self.segmenter
        resources: dict[str, Any] = {
            "memory_limit": self.memory_limit,
            "jobs": self.jobs,
            "temporary_directory": self.temporary_directory,
        }
        with unchanging(texts):
            if segmenter is None:
                segmenter = learn(_together(texts), known=_stripped(self.known), progress=self.progress, **resources)
                kernels().release_memory()  # so that what learning leaves does not add to what counting needs
            threads = core_name() == "c" and isinstance(segmenter, RunSegmenter)
            with Resources.plan(*resources.values(), share_memory=threads) as planned:
                return counted_terms(
                    domain,
                    [self.background],
                    segmenter,
                    min_count=self.min_count,
                    longest=self.max_words or _MAX_WORDS,
                    resources=planned,
                    bars=self._bar,
                )


def _together(texts: list[Iterable[str]]) -> Iterable[str]:
    """One corpus of several; of files all, so that several workers can read them."""
    files = [text for text in texts if isinstance(text, TextFiles)]
    if len(files) == len(texts) and len({text.encoding for text in files}) == 1:
        return TextFiles(*(path for text in files for path in text.paths), encoding=files[0].encoding)
    return chained(texts)


def _stripped(words: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(str.strip, words)))


def _warn_of_nothing(ranking: Ranking) -> None:
    counts = ranking.counts
    if not len(counts.keys):
        reason = f"no word occurs {counts.min_count} times in {counts.domain_total} words of text; give more text"
    elif not len(ranking.found):
        reason = "no word of two characters or more, with a Han character in it, occurs often enough; give more text"
    else:
        reason = f"all {len(ranking.found)} candidates are known, stop words, or parts of others"
    warnings.warn(f"no terms: {reason}", EmptyResultWarning, stacklevel=4)
