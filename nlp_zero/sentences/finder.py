"""Finding the sentence templates of a corpus: text in, templates with counts and gains out.

The corpus is read for a sample of its sentences, which templates are learnt from (`induction`), and once more to read
every sentence with them: that gives each template its count.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import log
from typing import Final, Self

import numpy as np

from ..core.symbols import FIRST_SYMBOL
from ..errors import EmptyResultWarning
from ..estimator import Estimator, check_whole
from ..progress import Advance, progress_bar
from ..resources import Resources
from ..statistics.strings import StringCounts
from ..statistics.sums import CountsSum, Runs
from ..text.corpus import TextFiles, check_corpus, text_blocks
from ..text.several import chained, unchanging
from ..text.shards import read_shards
from ..words.formats import split_lines
from .cutting import AnySegmenter, check_segmenter, sentences, words_of
from .induction import Induced, induced
from .readings import Reader
from .template import Template, TemplateEntry, Templates, TemplateWords

__all__ = ["TemplateFinder"]

_MOST: Final = 200_000  # sentences that templates are learnt from
_WORD_BYTES: Final = 300  # that a word of the sample takes, with what is learnt from it
_MOST_CLOSED: Final = 50_000  # of them, where their vocabulary is closed
_CLOSED_BYTES: Final = 12_000  # that such a sentence takes
_AT_ONCE: Final = 20_000  # sentences that are counted before their counts are added up
_SLOT: Final = FIRST_SYMBOL  # as a symbol; the fixed words follow
_SLOT_COST: Final = 3.0  # nats: where it begins, and where it ends
_UNFREE_COST: Final = 8.0  # nats, of a slot whose fillers all begin or end alike


class TemplateFinder(Estimator):
    """Find the sentence templates of a corpus from the text alone.

    Parameters
    ----------
    segmenter
        What cuts text into words: a segmenter, or any function from a text to its words, such as ``jieba.lcut``.
    min_count
        The least number of sentences that a template is the main template of; by default 3, and 1 more for each 20,000
        sentences. Where the same words recur all the time, by default one of 2,000 sentences.
    memory_limit, jobs, temporary_directory, progress
        As in `WordFinder`; workers are processes on either core, so a function that segments must be picklable if there
        are several.

    Attributes
    ----------
    templates_ : Templates
        The templates, the one that saves most entropy first.
    sentences_ : int
        How many sentences the corpus has.
    covered_ : float
        The share of them whose main template is among `templates_`.

    Examples
    --------
    >>> things = "苹果 雪梨 白云 大海 天空 树叶 小河 石头 雨伞 书包".split()
    >>> corpus = [f"{thing} 的 颜色 是 什么 ？" for thing in things]
    >>> finder = TemplateFinder(str.split).fit(corpus)
    >>> [(str(entry.template), entry.count) for entry in finder.templates_.values()]
    [('[X] 的 颜色 是 什么', 10)]

    Notes
    -----
    A sentence ends with 。 ！ ？ ； … or the line; the mark belongs to no template. Templates are learnt from a sample
    of up to 200,000 sentences, evenly spread (up to 50,000 if the same words recur all the time, as in text made by
    a grammar; fewer if `memory_limit` is small), and counted in all. Time O(n) for n words, memory O(sample + distinct
    templates).
    """

    parameters = ("segmenter", "min_count", "memory_limit", "jobs", "temporary_directory", "progress")
    results = ("templates_", "sentences_", "covered_")

    def __init__(
        self,
        segmenter: AnySegmenter,
        *,
        min_count: int | None = None,
        memory_limit: int | str | None = None,
        jobs: int = 1,
        temporary_directory: str | os.PathLike[str] | None = None,
        progress: bool = False,
    ) -> None:
        self.segmenter, self.min_count, self.progress = segmenter, min_count, progress
        self.memory_limit, self.jobs, self.temporary_directory = memory_limit, jobs, temporary_directory

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
            If it cannot be read, or changes while it is read.
        SpillError
            If temporary files cannot be written or read.
        TypeError, ValueError
            If the corpus or a parameter is none.
        """
        return self._fit([corpus])

    def partial_fit(self, corpus: Iterable[str]) -> Self:
        """Learn from a corpus and all that came before it, which is read again.

        Raises
        ------
        See `fit`.
        """
        return self._fit([*(self._corpora if hasattr(self, "templates_") else []), corpus])

    def _fit(self, corpora: list[Iterable[str]]) -> Self:
        check_segmenter(self.segmenter)
        check_whole("min_count", self.min_count)
        check_corpus(corpora[-1])
        corpus = chained(corpora)
        bars = partial(
            progress_bar,
            total=corpus.total_bytes if isinstance(corpus, TextFiles) else None,
            show=self.progress,
        )
        with Resources.plan(self.memory_limit, self.jobs, self.temporary_directory) as resources, unchanging(corpora):
            with bars("sampling") as advance:
                sample = _Sample.of(corpus, self.segmenter, _MOST, resources.room // _WORD_BYTES, advance)
            closed = max(min(_MOST_CLOSED, resources.room // _CLOSED_BYTES), 1)
            found = induced(sample.sentences, self.min_count, sample.step, closed)
            if sample.step > 1 and found.templates:
                with bars("counting") as advance:
                    found = _counted(corpus, self.segmenter, found, resources, advance)
        self.templates_, self.sentences_ = _with_gains(found, sample), sample.total
        self.covered_ = sum(found.templates.values()) / max(sample.total, 1)
        self._corpora = corpora
        if not self.templates_:
            warnings.warn(
                f"no templates: of {sample.total} sentences no {found.min_count} share one with a slot; "
                f"{'lower min_count, or ' if found.min_count > 2 else ''}give more text",
                EmptyResultWarning,
                stacklevel=3,
            )
        return self


@dataclass(frozen=True, slots=True)
class _Sample:
    """Sentences of a corpus, evenly spread.

    Attributes
    ----------
    sentences
        Their words.
    step
        One of so many sentences is among them: the first, and every `step`-th after it.
    total, words
        How many sentences and words the corpus has.
    """

    sentences: list[list[str]]
    step: int
    total: int
    words: int

    @classmethod
    def of(
        cls, corpus: Iterable[str], segmenter: AnySegmenter, most: int, most_words: int, advance: Advance
    ) -> _Sample:
        """A sample of at most so many sentences and words."""
        kept: list[list[str]] = []
        step, total, all_words, kept_words = 1, 0, 0, 0
        known: dict[str, str] = {}  # one object for all occurrences of a word
        for words in _sentences(corpus, segmenter, advance):
            if total % step == 0:
                kept.append([known.setdefault(word, word) for word in words])
                kept_words += len(words)
                while len(kept) > 1 and (len(kept) > most or kept_words > most_words):
                    step *= 2
                    kept = kept[::2]
                    known = {word: word for sentence in kept for word in sentence}
                    kept_words = sum(map(len, kept))
            total += 1
            all_words += len(words)
        return cls(kept, step, total, all_words)


def _sentences(corpus: Iterable[str], segmenter: AnySegmenter, advance: Advance | None) -> Iterator[list[str]]:
    """The sentences of a corpus, as their words."""
    for block in text_blocks(corpus, advance):
        for line in split_lines(block):
            words = words_of(line, segmenter)
            for first, end in sentences(words):
                yield words[first:end]


def _counted(
    corpus: Iterable[str], segmenter: AnySegmenter, found: Induced, resources: Resources, advance: Advance
) -> Induced:
    """The templates, counted in the whole corpus; those that are too rare there are left out."""
    counting = _Counting(segmenter, found.templates, found.reader, resources.for_worker())
    whole = CountsSum(resources, 0.5)
    if resources.jobs == 1:
        whole.add_all(counting(corpus, advance))
    else:
        for runs in read_shards(counting, corpus, resources.workers, advance):
            whole.add_all(runs)
    counts: dict[TemplateWords, int] = {}
    for part in whole.parts():
        nodes = np.flatnonzero(part.counts >= found.min_count) + 1
        for row, count in zip(part.strings(nodes).tolist(), part.counts[nodes - 1].tolist()):
            words = counting.words(row)
            if words in found.templates:
                counts[words] = count
    return replace(found, templates=counts)


class _Counting:
    """Reads the sentences of a share of a corpus with templates, and counts the templates."""

    def __init__(
        self, segmenter: AnySegmenter, templates: Mapping[TemplateWords, int], reader: Reader, resources: Resources
    ) -> None:
        self._segmenter, self._templates, self._reader, self._resources = segmenter, templates, reader, resources
        names: dict[str | None, int] = {None: _SLOT}
        for template in templates:
            for word in template:
                names.setdefault(word, len(names) + _SLOT)
        self._symbols, self._names = names, list(names)

    def __reduce__(self) -> tuple[type[_Counting], tuple[object, ...]]:
        return _Counting, (self._segmenter, self._templates, self._reader, self._resources)

    def __call__(self, shard: Iterable[str], advance: Advance | None = None) -> Runs:
        counts = CountsSum(self._resources, 0.25)
        symbols: list[int] = []
        lengths: list[int] = []
        for words in _sentences(shard, self._segmenter, advance):
            reading = self._reader.read(words)
            frame = None if reading is None else reading.frame
            if frame is not None and frame in self._templates:
                symbols.extend(map(self._symbols.__getitem__, frame))
                lengths.append(len(frame))
                if len(lengths) == _AT_ONCE:
                    counts.add(_string_counts(symbols, lengths))
                    symbols, lengths = [], []
        counts.add(_string_counts(symbols, lengths))
        return counts.handed_over()

    def words(self, symbols: list[int]) -> TemplateWords:
        """The template that a row of symbols stands for, 0 after its end."""
        return tuple(self._names[symbol - _SLOT] for symbol in symbols if symbol)


def _string_counts(symbols: list[int], lengths: list[int]) -> StringCounts:
    sizes = np.array(lengths, dtype=np.int64)
    return StringCounts.from_pieces(np.array(symbols, dtype=np.uint32), np.cumsum(sizes) - sizes, sizes)


def _with_gains(found: Induced, sample: _Sample) -> Templates:
    """The templates with the entropy that they save, in nats per million words.

    A template of count c in n sentences saves c (b + ln(c / n) - 3 s - 8 (1 - f)) - b: its fixed words need not be
    written one by one, which costs b = Σ ln 1/p(w), but it must be named, each of its s slots must begin and end
    somewhere, and it must be written down once itself. Where what fills a slot mostly begins or ends with the same
    word, the slot is cut amiss, and saves less: f is how free its edges are (`readings.freedom`).
    """
    total = sum(found.words.values())
    rows = []
    for words, count in found.templates.items():
        by_words = sum(log(total / found.words[word]) for word in words if word is not None)
        in_slots = _SLOT_COST * words.count(None) + _UNFREE_COST * (1 - found.freedom[words])
        gain = count * (by_words + log(count / sample.total) - in_slots) - by_words
        rows.append(TemplateEntry(Template(words), count, gain * 1e6 / sample.words))
    return Templates(rows)
