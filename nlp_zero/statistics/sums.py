"""Sums of counts that need not fit into memory.

Input: tries with counts, one after the other. Output: their sum, exact, in memory or part by part. What exceeds the
room is written to a temporary file as a sorted run; runs are merged part by part.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import reduce
from itertools import chain, pairwise
from operator import add as add_up
from pathlib import Path
from threading import Lock
from typing import Generic, Protocol, TypeVar

from ..errors import SpillError
from ..parallel import Workers, checkpoint
from ..resources import Resources
from .runs import (
    CACHED,
    NODE_SIZE,
    CountsFile,
    Mergeable,
    PartsFile,
    PartsList,
    Stored,
    last_symbols,
    merged_parts,
    parts_of,
    remove,
    write_parts,
    write_run,
    written,
)
from .strings import StringCounts, joined, sum_counts

__all__ = ["CountsSum", "Reader", "Reading", "Runs", "kept", "read_ranges", "spilling"]

Result = TypeVar("Result")
Found = TypeVar("Found", covariant=True)  # what is found in parts of counts can be added up
Runs = list[Mergeable]
_MERGED_FROM = 1 << 24  # nodes
_PASSED = 1 << 16  # nodes that are passed between processes; more are left in a file
_RANGES = 2  # for each worker: so they end at about the same time
_SPREAD_FROM = 1 << 20  # nodes that are worth several workers, or to be merged part by part
_FAN_IN = 64  # runs that are merged at once


@contextmanager
def spilling(resources: Resources) -> Iterator[None]:
    """Say what went wrong with temporary files."""
    try:
        yield
    except OSError as error:
        try:
            place = resources.scratch.path
        except OSError:
            place = Path(error.filename or "")
        missing = "" if place.is_dir() else " (the folder is gone)"
        raise SpillError(
            f"{place}: temporary files cannot be written or read: {error.strerror or error}{missing}; "
            "name a folder with more room (--temporary-directory), or allow more memory (--memory)"
        ) from error


class CountsSum:
    """Adds up counts, and spills what does not fit into memory.

    Parameters
    ----------
    resources
        How much memory there is; no bound by default.
    share
        The part of the room that this sum may take.
    """

    def __init__(self, resources: Resources | None = None, share: float = 1.0) -> None:
        self._resources = resources
        # room for what waits and for its sum
        self._room = sys.maxsize if resources is None else max(int(resources.room * share) // (2 * NODE_SIZE), 1)
        self._merged_at = min(_MERGED_FROM, self._room)  # nodes that wait before they are merged
        self._waiting: list[StringCounts] = []
        self._nodes = 0  # of what waits
        self._files: list[CountsFile] = []

    def add(self, part: Mergeable) -> None:
        """Add counts; a file of counts is taken over, and removed in the end."""
        if isinstance(part, CountsFile):
            self._files.append(part)
        elif len(part):
            if self._nodes + len(part) > self._merged_at:
                self._merge()
                if self._nodes + len(part) > self._room:
                    self._spill()
                # merging anew when as much has come again is merging each node a few times in all
                self._merged_at = min(max(_MERGED_FROM, 2 * self._nodes), self._room)
            self._waiting.append(part)
            self._nodes += len(part)
        if len(self._files) >= _FAN_IN:
            assert self._resources is not None
            with spilling(self._resources):
                run = write_run(merged_parts(self._files), self._resources)
                remove(self._files)
            self._files = [run]

    def add_all(self, runs: Runs) -> None:
        """Add what another worker has handed over."""
        for run in runs:
            self.add(run)

    def _merge(self) -> StringCounts:
        """Add up what waits in memory; much of it part by part, each of which a cache holds."""
        if not self._is_much():
            whole = sum_counts(self._waiting)
        else:
            workers = None if self._resources is None else self._resources.workers
            threads = workers is not None and workers.share_memory and workers.jobs > 1
            ranges = self._on_ranges(self._waiting, list) if threads else [merged_parts(self._waiting)]
            parts = list(chain.from_iterable(ranges))
            self._waiting = []  # before its sum is put together
            whole = joined(parts)
        self._waiting, self._nodes = [whole], len(whole)
        return whole

    def _is_much(self) -> bool:
        """Whether there is so much to be added up in memory that it is better done part by part."""
        return self._nodes >= _SPREAD_FROM and len(self._waiting) > 1

    def _on_ranges(
        self, sources: Sequence[Mergeable], work: Callable[[Iterator[StringCounts]], Result]
    ) -> Iterator[Result]:
        """Do some work on the parts of the sum of these, by each worker on ranges of parts."""
        assert self._resources is not None
        with spilling(self._resources):
            ends = last_symbols(sources, CACHED)
            size = -(-len(ends) // (self._resources.jobs * _RANGES))
            ranges = [ends[first : first + size] for first in range(0, len(ends), max(size, 1))]
        befores = [-1, *(range_[-1] for range_ in ranges)]
        on_range = _OnSources(sources, work, self._resources.for_worker())
        yield from self._resources.workers.results(on_range, zip(befores, ranges))

    def _spill(self) -> None:
        """Write what waits to a file."""
        if self._nodes:
            assert self._resources is not None
            with spilling(self._resources):
                self._files.append(written(self._merge(), self._resources))
            self._waiting, self._nodes = [], 0

    def parts(self) -> Iterator[StringCounts]:
        """The sum, in parts by first symbols; only once, and nothing can be added any more."""
        if not self._files and not self._is_much():
            yield self._merge()
            return
        sources: Runs = [*self._files, *self._waiting]
        self._waiting, self._files, self._nodes = [], [], 0
        with nullcontext() if self._resources is None else spilling(self._resources):
            yield from merged_parts(sources)
            remove(sources)

    def spread(self, work: Callable[[Iterator[StringCounts]], Result]) -> Iterator[Result]:
        """Do some work on the parts of the sum, if there are several workers by each of them on a range of parts.

        `work` gets parts in the order of their first symbols; see `Workers.results` for what it must be. Only once, and
        nothing can be added any more.
        """
        if self._resources is None or self._resources.jobs == 1 or not self._files and self._nodes < _SPREAD_FROM:
            yield work(self.parts())
            return
        if not self._resources.workers.share_memory:
            self._spill()
        sources: Runs = [*self._files, *self._waiting]
        self._waiting, self._files, self._nodes = [], [], 0
        yield from self._on_ranges(sources, work)
        with spilling(self._resources):
            remove(sources)

    def total(self) -> StringCounts:
        """The sum, in memory; only once, and nothing can be added any more."""
        if not self._files:
            return self._merge()
        assert self._resources is not None
        if self._resources.jobs == 1:
            return joined(self.parts())
        ranges = self.ranges()
        with spilling(self._resources):
            whole = joined(_parts_of_all(ranges, CACHED))
            remove(ranges)
        return whole

    def ranges(self) -> list[Stored]:
        """The sum, cut into ranges of first symbols, in their order: one, or several if several workers made them.

        Those that do not fit into memory, or come from other processes, are in files.
        """
        if self._resources is None or not self._files and (self._resources.jobs == 1 or self._nodes < _SPREAD_FROM):
            return [self._merge()]
        share = 0.5 / (1 if self._resources.jobs == 1 else _RANGES)  # all ranges together take half of the room
        return list(self.spread(_Keeping(self._resources.for_worker(), share)))

    def handed_over(self) -> Runs:
        """The sum as another worker gets it, as runs that are still to be merged: for a process, big ones in files."""
        if self._resources is not None and not self._resources.workers.share_memory and self._nodes > _PASSED:
            self._spill()
        elif self._nodes:
            self._merge()
        return [*self._files, *self._waiting]


@dataclass(frozen=True, slots=True)
class _OnSources(Generic[Result]):
    """Does some work on a range of a sum."""

    sources: Sequence[Mergeable]
    work: Callable[[Iterator[StringCounts]], Result]
    resources: Resources

    def __call__(self, task: tuple[int, list[int]]) -> Result:
        before, ends = task
        with spilling(self.resources):
            return self.work(merged_parts(self.sources, ends=ends, before=before))


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Keeps parts, for another process in a file.

    In memory they take no more than a share of the room of one worker.
    """

    resources: Resources
    share: float

    def __call__(self, parts: Iterator[StringCounts]) -> Stored:
        if self.resources.workers.share_memory:
            return kept(parts, self.resources, self.share)
        with spilling(self.resources):
            return write_parts(parts, self.resources)


class Reading(Protocol[Found]):
    """What is being found in counts."""

    def add(self, parts: Iterable[StringCounts], /) -> None:
        """Look through parts of the counts, of which there may be more; several threads do at the same time."""

    def found(self) -> Found:
        """What all of them say; asked last, once."""


class Reader(ABC, Generic[Found]):
    """Something to be found in counts; it must be picklable, as what is found must be."""

    __slots__ = ()

    @abstractmethod
    def begin(self) -> Reading[Found]:
        """Begin to read."""

    def __call__(self, parts: Iterable[StringCounts]) -> Found:
        """Look through counts."""
        reading = self.begin()
        reading.add(parts)
        return reading.found()


def read_ranges(
    reader: Reader[Found], ranges: Sequence[Stored], room: int, workers: Workers, owner: Resources
) -> Found:
    """Read the parts of all ranges, by several workers if there are.

    Threads add to one and the same reading, and take the next part when they are done with one, so they end at the same
    time. A process gets neighbouring ranges at once and has a reading of its own; what all of them find is added up.
    The ranges were made with what the owner may use.
    """
    resources = owner.for_worker()
    if workers.share_memory:
        reading = reader.begin()
        parts = _Taken(_parts_of_all(ranges, room))
        deque(workers.results(_Adding(reading, resources), [parts] * workers.jobs), maxlen=0)
        return reading.found()
    bounds = [len(ranges) * k // workers.jobs for k in range(workers.jobs + 1)]
    groups = [ranges[i:j] for i, j in pairwise(bounds) if i < j]
    return reduce(add_up, workers.results(_Finding(reader, room, resources), groups))


def _parts_of_all(ranges: Iterable[Stored], room: int) -> Iterator[StringCounts]:
    return chain.from_iterable(parts_of(range_, room) for range_ in ranges)


class _Taken(Iterator[StringCounts]):
    """Parts that several threads take from, one at a time, in their order."""

    def __init__(self, parts: Iterator[StringCounts]) -> None:
        self._rest, self._lock = parts, Lock()

    def __next__(self) -> StringCounts:
        checkpoint()
        with self._lock:
            return next(self._rest)

    def end(self) -> None:
        """Let nobody have any more of them."""
        with self._lock:
            self._rest = iter(())


@dataclass(frozen=True, slots=True)
class _Adding(Generic[Found]):
    """Reads parts that other threads take from as well; they end for all if one fails."""

    reading: Reading[Found]
    resources: Resources

    def __call__(self, parts: _Taken) -> None:
        try:
            with spilling(self.resources):
                self.reading.add(parts)
        except BaseException:
            parts.end()
            raise


@dataclass(frozen=True, slots=True)
class _Finding(Generic[Found]):
    """What a reader finds in some ranges."""

    reader: Reader[Found]
    room: int
    resources: Resources

    def __call__(self, ranges: Iterable[Stored]) -> Found:
        with spilling(self.resources):
            return self.reader(_parts_of_all(ranges, self.room))


def kept(parts: Iterable[StringCounts], resources: Resources, share: float = 1.0) -> PartsList | PartsFile:
    """Keep parts that come in the order of their first symbols: in memory if they fit, else in a file."""
    room = int(resources.room * share) // NODE_SIZE
    waiting: list[StringCounts] = []
    rest = iter(parts)
    for part in rest:
        waiting.append(part)
        room -= len(part)
        if room < 0:
            with spilling(resources):
                return write_parts(_chained(waiting, rest), resources)
    return PartsList(waiting)


def _chained(waiting: list[StringCounts], rest: Iterator[StringCounts]) -> Iterator[StringCounts]:
    while waiting:
        yield waiting.pop(0)
    yield from rest
