"""What a segmented text is made of: its tagged symbols and its words, counted.

Input: a corpus, and what says where its words begin: something that segments, or white space in the corpus itself.
Output: `Told`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from ..core import kernels
from ..core.symbols import Flags, Symbols
from ..progress import Advance
from ..resources import Resources
from ..statistics.strings import StringCounts
from ..statistics.sums import CountsSum, Runs
from ..statistics.symbols import on_shares, symbol_chunks
from .learning import chunk_size

__all__ = ["Decider", "Deciding", "Reader", "Told", "Wanted", "Watch", "grouped", "telling"]

Wanted: TypeAlias = Literal["tags", "words", "both"]
Figures: TypeAlias = tuple[int, ...]
Watch: TypeAlias = Callable[[Symbols, Flags], Figures]  # of symbols and where words begin in them


_END: Final = (np.zeros(1, dtype=np.uint32), np.ones(1, dtype=np.uint8))


class Reader(Protocol):
    """What reads a corpus as symbols and 1 where words begin; several processes may have a copy each."""

    def __call__(
        self, corpus: Iterable[str], resources: Resources, advance: Advance | None
    ) -> Iterator[tuple[Symbols, Flags]]:
        """The corpus, chunk by chunk, each ending where a run ends."""


class Decider(Protocol):
    """What segments symbols."""

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""

    def begins(self, symbols: Symbols) -> Flags:
        """1 where a word begins, and at every symbol outside runs."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Reads raw text, whose words something decides on."""

    decider: Decider

    def __call__(
        self, corpus: Iterable[str], resources: Resources, advance: Advance | None
    ) -> Iterator[tuple[Symbols, Flags]]:
        for symbols in symbol_chunks(corpus, advance, least=chunk_size(resources)):
            yield symbols, self.decider.begins(symbols)


def grouped(blocks: Iterable[tuple[Symbols, Flags]], least: int) -> Iterator[tuple[Symbols, Flags]]:
    """Symbols and where words begin, put together to chunks of at least so many; a break ends each block."""
    waiting: list[tuple[Symbols, Flags]] = []
    size = 0
    for block in blocks:
        waiting += [block, _END]
        size += len(block[0])
        if size >= least:
            yield _together(waiting)
            waiting, size = [], 0
    if waiting:
        yield _together(waiting)


def _together(parts: list[tuple[Symbols, Flags]]) -> tuple[Symbols, Flags]:
    symbols, begins = zip(*parts)
    return np.concatenate(symbols), np.concatenate(begins)


class Told(NamedTuple):
    """Of a text: n-grams of order 2 of its tagged symbols, its words, and the sum of what was watched, if anything."""

    tags: StringCounts
    words: StringCounts
    watched: Figures


class _ToldShare(NamedTuple):
    """The same of a share of a text."""

    tags: Runs
    words: Runs
    watched: Figures


@dataclass(frozen=True, slots=True)
class _Telling:
    """Reads a share of a corpus, and counts."""

    reader: Reader
    wanted: Wanted
    watch: Watch | None
    longest: int
    resources: Resources

    def __call__(self, shard: Iterable[str]) -> _ToldShare:
        tags, words, watched = self.read(shard)
        return _ToldShare(tags.handed_over(), words.handed_over(), watched)

    def read(
        self, corpus: Iterable[str], advance: Advance | None = None
    ) -> tuple[CountsSum, CountsSum, tuple[int, ...]]:
        """Count all."""
        tags, words, watched = _nothing(self.resources)
        for symbols, begins in self.reader(corpus, self.resources, advance):
            if self.wanted != "words":
                tagged = kernels().tagged_symbols(symbols, begins)
                tags.add(StringCounts(*kernels().count_ngrams(tagged, 2)))
            if self.wanted != "tags":
                words.add(StringCounts.from_begins(symbols, begins, self.longest))
            if self.watch is not None:
                watched = _sum(watched, self.watch(symbols, begins))
        return tags, words, watched


def telling(
    reader: Reader,
    longest: int,
    corpus: Iterable[str],
    resources: Resources,
    advance: Advance,
    wanted: Wanted = "both",
    watch: Watch | None = None,
) -> Told:
    """What a text is made of.

    Parameters
    ----------
    reader
        What says where its words begin.
    longest
        The most symbols of a word that is counted.
    corpus
        The text.
    resources
        What may be used.
    advance
        Called with the amount read.
    wanted
        What is counted; of the rest there is nothing.
    watch
        Gives figures of each chunk, which are summed up.
    """
    work = _Telling(reader, wanted, watch, longest, resources)
    if resources.jobs == 1:
        tags, words, watched = work.read(corpus, advance)
    else:
        tags, words, watched = _nothing(resources)
        work = replace(work, resources=resources.for_worker())
        for part in on_shares(work, corpus, resources.workers, advance):
            tags.add_all(part.tags)
            words.add_all(part.words)
            watched = _sum(watched, part.watched)
    return Told(tags.total(), words.total(), watched)


def _nothing(resources: Resources) -> tuple[CountsSum, CountsSum, Figures]:
    """Nothing counted yet."""
    return CountsSum(resources, 0.2), CountsSum(resources, 0.2), ()


def _sum(some: Figures, more: Figures) -> Figures:
    """Figures added one by one; none at all are 0."""
    return tuple(map(sum, zip(some, more))) if some and more else some or more
