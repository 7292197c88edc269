"""Sums of counts that need not fit into memory.

Input: tries with counts, one after the other. Output: their sum, exact and in the same numbering wherever it is kept:
in memory, or in a file that is read part by part. What exceeds the room is written to a temporary file as a sorted
run; runs are merged part by part, a part being some first symbols and all that begins with them.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import numpy as np

from ..core.python import SYMBOL_BITS, Integers, Keys, level_bounds
from ..errors import SpillError
from ..files import StoredArray
from ..resources import Resources
from .strings import StringCounts, absolute_keys, joined, no_strings, relative_levels, sum_counts

__all__ = ["CountsFile", "CountsSum", "Parts", "kept", "merged_parts", "spilling"]

NODE_SIZE = 16  # bytes of a key and a count
_BITS = np.uint64(SYMBOL_BITS)
_BLOCK = 1 << 17  # keys looked at in one go
_CACHED = 1 << 18  # nodes that are merged fastest
_MERGED_FROM = 1 << 24  # nodes
_PASSED = 1 << 16  # nodes that are passed between processes; more are left in a file
_FAN_IN = 64  # runs that are merged at once


class CountsFile:
    """A trie with counts in a file, to be read part by part.

    Parameters
    ----------
    keys, counts
        Where they are.
    bounds
        Where each level begins, as in `StringCounts`; found out by default.
    """

    __slots__ = ("bounds", "counts", "keys")

    def __init__(self, keys: StoredArray, counts: StoredArray, bounds: list[int] | None = None) -> None:
        self.keys, self.counts = keys, counts
        self.bounds = level_bounds(keys.map()) if bounds is None else bounds

    def __len__(self) -> int:
        """The number of nodes."""
        return self.keys.length

    def parts(self, room: int) -> Iterator[StringCounts]:
        """The trie in parts of about so many nodes, in the order of their first symbols."""
        return merged_parts([self], room)

    def whole(self) -> StringCounts:
        """All of it, in memory."""
        n = len(self)
        return StringCounts(self.keys.read(0, n), self.counts.read(0, n))

    def remove(self) -> None:
        """Remove the file."""
        os.unlink(self.keys.path)


Parts: TypeAlias = StringCounts | CountsFile


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

    def add(self, part: Parts) -> None:
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
            self._files = [self._in_one_file(self._files)]

    def _merge(self) -> StringCounts:
        whole = sum_counts(self._waiting, no_strings())
        self._waiting, self._nodes = [whole], len(whole)
        return whole

    def _spill(self) -> None:
        """Write what waits to a file."""
        if self._nodes:
            self._files.append(self._written(self._merge()))
            self._waiting, self._nodes = [], 0

    def _written(self, counts: StringCounts) -> CountsFile:
        assert self._resources is not None
        with spilling(self._resources):
            path = self._resources.scratch.new()
            with open(path, "wb", buffering=0) as out:
                _put(out, counts.keys)
                _put(out, counts.counts)
            return _counts_file(path, counts.bounds)

    def _in_one_file(self, sources: Sequence[CountsFile]) -> CountsFile:
        assert self._resources is not None
        with spilling(self._resources):
            file = _write(merged_parts(sources), self._resources)
            _remove(sources)
        return file

    def parts(self) -> Iterator[StringCounts]:
        """The sum, in parts by first symbols; only once, and nothing can be added any more."""
        if not self._files:
            yield self._merge()
            return
        assert self._resources is not None
        sources: list[Parts] = [*self._files, *self._waiting]
        self._waiting, self._files = [], []
        with spilling(self._resources):
            yield from merged_parts(sources)
            _remove(sources)

    def total(self) -> Parts:
        """The sum, in memory if it fits."""
        if not self._files:
            return self._merge()
        assert self._resources is not None
        if sum(len(file) for file in self._files) + self._nodes <= self._room:
            return joined(self.parts())
        self._spill()
        if len(self._files) > 1:
            self._files = [self._in_one_file(self._files)]
        return self._files[0]

    def handed_over(self) -> Parts:
        """The sum as another process gets it: what is big, in a file."""
        total = self.total()
        if isinstance(total, StringCounts) and len(total) > _PASSED and self._resources is not None:
            return self._written(total)
        return total


def _remove(sources: Sequence[Parts]) -> None:
    for source in sources:
        if isinstance(source, CountsFile):
            source.remove()


def kept(parts: Iterable[StringCounts], resources: Resources, share: float = 1.0) -> Parts:
    """Keep parts that come in the order of their first symbols: in memory if they fit, else in a file."""
    room = int(resources.room * share) // (2 * NODE_SIZE)
    waiting: list[StringCounts] = []
    rest = iter(parts)
    for part in rest:
        waiting.append(part)
        if sum(map(len, waiting)) > room:
            with spilling(resources):
                return _write(_chained(waiting, rest), resources)
    return waiting[0] if len(waiting) == 1 else joined(waiting)


def _chained(waiting: list[StringCounts], rest: Iterator[StringCounts]) -> Iterator[StringCounts]:
    while waiting:
        yield waiting.pop(0)
    yield from rest


# ------------------------------------------------------------------------------------------- reading in parts


def merged_parts(sources: Sequence[Parts], room: int | None = None) -> Iterator[StringCounts]:
    """The sum of several tries, in parts made of about `room` nodes, by default so few that a cache holds them.

    Time O(n log m) for m sources.
    """
    room = _CACHED if room is None else room
    with ExitStack() as stack:
        cursors = [stack.enter_context(_Cursor(source)) for source in sources]
        for last in _last_symbols(sources, room):
            yield sum_counts((cursor.take(last) for cursor in cursors), no_strings())


class _Cursor:
    """Reads a trie from its beginning on."""

    def __init__(self, source: Parts) -> None:
        self._source = source
        self._at = source.bounds[:-1]  # the next key on each level
        self._file: Any = None

    def __enter__(self) -> _Cursor:
        if isinstance(self._source, CountsFile):
            self._file = open(self._source.keys.path, "rb", buffering=0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def take(self, last: int) -> StringCounts:
        """All that begins with a symbol up to `last` and was not taken yet."""
        keys: list[Keys] = []
        counts: list[Integers] = []
        above = [0, 0, 0]  # of the level above: first key taken, end, and number of nodes before it in the part
        for level, first in enumerate(self._at):
            limit = (above[1] + 1 if level else 0) << SYMBOL_BITS | (0 if level else last + 1)
            end = self._find(limit, first, self._source.bounds[level + 1])
            if first == end:
                break
            level_keys, level_counts = self._read(first, end)
            if level:  # the first node taken on the level above gets the number it has in the part
                level_keys = level_keys - (np.uint64(above[0] - above[2]) << _BITS)
            keys.append(level_keys)
            counts.append(level_counts)
            self._at[level] = end
            above = [first, end, above[2] + (above[1] - above[0] if level else 0)]
        return StringCounts(np.concatenate(keys), np.concatenate(counts)) if keys else no_strings()

    def _find(self, limit: int, first: int, end: int) -> int:
        """The first key from `first` on that is not less than the limit."""
        keys = self._source.keys
        if isinstance(keys, StoredArray):
            return bisect_left(_Items(keys, self._file), limit, first, end)
        return first + int(np.searchsorted(keys[first:end], np.uint64(limit)))

    def _read(self, first: int, end: int) -> tuple[Keys, Integers]:
        keys, counts = self._source.keys, self._source.counts
        if isinstance(keys, StoredArray) and isinstance(counts, StoredArray):
            return keys.read(first, end, self._file), counts.read(first, end, self._file)
        return keys[first:end], counts[first:end]  # type: ignore[index]


class _Items(Sequence[int]):
    """The items of an array in a file, one by one."""

    def __init__(self, array: StoredArray, file: Any) -> None:
        self._array, self._file = array, file

    def __len__(self) -> int:
        return self._array.length

    def __getitem__(self, i: Any) -> Any:
        return int(self._array.read(i, i + 1, self._file)[0])


def _last_symbols(sources: Sequence[Parts], room: int) -> list[int]:
    """The last first symbol of each part, so that all sources together have about `room` nodes in it."""
    found = [_subtree_sizes(source) for source in sources if len(source)]
    if not found:
        return []
    symbols, which = np.unique(np.concatenate([symbols for symbols, _ in found]), return_inverse=True)
    sizes = np.zeros(len(symbols), dtype=np.int64)
    np.add.at(sizes, which.reshape(-1), np.concatenate([size for _, size in found]))
    part = (np.cumsum(sizes) - 1) // max(room, 1)
    ends = np.flatnonzero(np.append(part[1:] != part[:-1], True))
    return [int(symbol) for symbol in symbols[ends]]


def _subtree_sizes(source: Parts) -> tuple[Keys, Integers]:
    """The first symbols of a trie, and how many nodes begin with each."""
    bounds = source.bounds
    symbols = _keys(source, 0, bounds[1])
    ends = np.arange(bounds[1]) + 1  # on the level above: the end of what begins with each first symbol
    sizes = np.ones(bounds[1], dtype=np.int64)
    for first, end in zip(bounds[1:], bounds[2:]):
        limits = (ends + 1).astype(np.uint64) << _BITS
        ends = np.full(len(symbols), first)
        for low in range(first, end, _BLOCK):
            ends += np.searchsorted(_keys(source, low, min(low + _BLOCK, end)), limits)
        sizes += np.diff(ends, prepend=first)
    return symbols, sizes


def _keys(source: Parts, first: int, end: int) -> Keys:
    keys = source.keys
    return keys.read(first, end) if isinstance(keys, StoredArray) else keys[first:end]


# -------------------------------------------------------------------------------------------------- writing


def _write(parts: Iterable[StringCounts], resources: Resources) -> CountsFile:
    """Write parts, in the order of their first symbols, to one file.

    Every level grows in a file of its own, since where it begins is known only in the end.
    """
    sizes: list[int] = []
    levels: list[tuple[Path, Path]] = []
    for part in parts:
        for level, keys in enumerate(relative_levels(part, sizes)):
            if level == len(levels):
                levels.append((resources.scratch.new(), resources.scratch.new()))
            counts = part.counts[part.bounds[level] : part.bounds[level + 1]]
            for path, array in zip(levels[level], (keys, counts)):
                with open(path, "ab", buffering=0) as out:
                    _put(out, array)
    bases = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
    path = resources.scratch.new()
    with open(path, "wb", buffering=0) as out:
        for level, (level_keys, _) in enumerate(levels):
            for block in _taken(level_keys, np.dtype(np.uint64), sizes[level]):
                _put(out, absolute_keys(block, level, bases))
        for level, (_, level_counts) in enumerate(levels):
            for block in _taken(level_counts, np.dtype(np.int64), sizes[level]):
                _put(out, block)
    return _counts_file(path, bases)


def _counts_file(path: Path, bounds: list[int]) -> CountsFile:
    n = bounds[-1]
    keys, counts = StoredArray(path, 0, np.dtype(np.uint64), n), StoredArray(path, 8 * n, np.dtype(np.int64), n)
    return CountsFile(keys, counts, bounds)


def _put(out: Any, array: Any) -> None:
    view = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    while len(view):
        view = view[out.write(view) :]


def _taken(path: Path, dtype: Any, size: int) -> Iterator[Any]:
    """The items of a file, block by block; it is removed at the end."""
    stored = StoredArray(path, 0, dtype, size)
    for first in range(0, size, _BLOCK):
        yield stored.read(first, min(first + _BLOCK, size))
    os.unlink(path)
