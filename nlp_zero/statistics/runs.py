"""Counts in files: whole tries, and parts of tries one after the other.

Strings that begin with the same symbol stand together on every level of a trie. So a trie is read part by part, a part
being some first symbols and all that begins with them, and several tries are merged part by part.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import accumulate, pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import numpy as np

from ..core.symbols import SYMBOL_BITS, Integers, Keys
from ..core.tries import level_bounds
from ..files import StoredArray
from ..parallel import checkpoint
from ..resources import Resources
from .strings import StringCounts, absolute_keys, relative_levels, sum_counts, sum_of_bounds

__all__ = [
    "CACHED",
    "NODE_SIZE",
    "CountsFile",
    "PartsFile",
    "PartsList",
    "Stored",
    "last_symbols",
    "merged_parts",
    "parts_of",
    "remove",
    "write_parts",
    "write_run",
    "written",
]

NODE_SIZE = 16  # bytes of a key and a count
CACHED = 1 << 18  # nodes that are merged fastest
_BITS = np.uint64(SYMBOL_BITS)
_BLOCK = 1 << 17  # keys looked at in one go


class CountsFile:
    """A trie with counts in a file.

    Parameters
    ----------
    keys, counts
        Where they are.
    bounds
        Where each level begins, as in `StringCounts`; found out by default.
    """

    __slots__ = ("_stamp", "bounds", "counts", "keys")

    def __init__(self, keys: StoredArray, counts: StoredArray, bounds: list[int] | None = None) -> None:
        self.keys, self.counts = keys, counts
        self._stamp = _stamp(self.path)
        self.bounds = level_bounds(keys.map()) if bounds is None else bounds

    def __len__(self) -> int:
        """The number of nodes."""
        return self.keys.length

    def parts(self, room: int) -> Iterator[StringCounts]:
        """The trie in parts of about so many nodes, in the order of their first symbols."""
        return merged_parts([self], room)

    def singles(self) -> tuple[Keys, Integers]:
        """The strings of one symbol, which are their keys, and their counts."""
        end = self.bounds[1] if len(self) else 0
        return self.keys.read(0, end), self.counts.read(0, end)

    @property
    def path(self) -> Path:
        """The file."""
        return self.keys.path

    def is_intact(self) -> bool:
        """Whether the file is still there as it was."""
        try:
            return _stamp(self.path) == self._stamp
        except OSError:
            return False


def _stamp(path: Path) -> tuple[int, int, int]:
    status = os.stat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


class PartsList:
    """Parts of a trie in memory, in the order of their first symbols."""

    __slots__ = ("_parts", "bounds")

    def __init__(self, parts: Iterable[StringCounts]) -> None:
        self._parts = [part for part in parts if len(part)]
        self.bounds = sum_of_bounds([part.bounds for part in self._parts])

    def __len__(self) -> int:
        """The number of nodes."""
        return self.bounds[-1]

    def parts(self) -> Iterator[StringCounts]:
        """The parts."""
        return iter(self._parts)

    def singles(self) -> tuple[Keys, Integers]:
        """The strings of one symbol, which are their keys, and their counts."""
        return _one_after_the_other(part.singles() for part in self._parts)


class PartsFile:
    """Parts of a trie in a file, in the order of their first symbols.

    Parameters
    ----------
    path
        The file: for each part its keys, then its counts.
    all_bounds
        The bounds of each part.
    """

    __slots__ = ("_all_bounds", "bounds", "path")

    def __init__(self, path: Path, all_bounds: list[list[int]]) -> None:
        self.path, self._all_bounds, self.bounds = path, all_bounds, sum_of_bounds(all_bounds)

    def __len__(self) -> int:
        """The number of nodes."""
        return self.bounds[-1]

    def parts(self) -> Iterator[StringCounts]:
        """The parts."""
        for bounds, (keys, counts) in zip(self._all_bounds, self._read(len(self.bounds) - 1)):
            yield StringCounts(keys, counts, bounds)

    def singles(self) -> tuple[Keys, Integers]:
        """The strings of one symbol, which are their keys, and their counts."""
        return _one_after_the_other(self._read(1))

    def _read(self, levels: int) -> Iterator[tuple[Keys, Integers]]:
        """The first levels of each part."""
        place = 0
        with open(self.path, "rb", buffering=0) as file:
            for bounds in self._all_bounds:
                n, end = bounds[-1], bounds[min(levels, len(bounds) - 1)]
                keys, counts = _trie_at(self.path, place, n)
                yield keys.read(0, end, file), counts.read(0, end, file)
                place += NODE_SIZE * n


def _trie_at(path: Path, place: int, nodes: int) -> tuple[StoredArray, StoredArray]:
    """The keys and counts of a trie that stand one behind the other in a file."""
    keys = StoredArray(path, place, np.dtype(np.uint64), nodes)
    return keys, StoredArray(path, place + NODE_SIZE // 2 * nodes, np.dtype(np.int64), nodes)


def _one_after_the_other(columns: Iterable[tuple[Keys, Integers]]) -> tuple[Keys, Integers]:
    keys, counts = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
    for some_keys, some_counts in columns:
        keys.append(some_keys)
        counts.append(some_counts)
    return np.concatenate(keys), np.concatenate(counts)


Mergeable: TypeAlias = StringCounts | CountsFile
Stored: TypeAlias = StringCounts | CountsFile | PartsList | PartsFile


def parts_of(source: Stored, room: int) -> Iterator[StringCounts]:
    """Counts in parts of about so many nodes; those that are in memory, or in parts already, as they are."""
    if isinstance(source, StringCounts):
        yield source
    elif isinstance(source, CountsFile):
        yield from source.parts(room)
    else:
        yield from source.parts()


def remove(sources: Iterable[Stored]) -> None:
    """Remove the files among some counts."""
    for source in sources:
        if isinstance(source, CountsFile | PartsFile):
            os.unlink(source.path)


def merged_parts(
    sources: Sequence[Mergeable], room: int = CACHED, *, ends: Sequence[int] | None = None, before: int = -1
) -> Iterator[StringCounts]:
    """The sum of several tries, in parts by first symbols.

    Parameters
    ----------
    sources
        The tries.
    room
        About how many of their nodes make a part; by default so few that a cache holds them.
    ends
        The last first symbol of each part, if that is decided already.
    before
        Parts begin after this first symbol; what stands before it is left out.

    Notes
    -----
    Time O(n log m) for m sources.
    """
    lasts = np.maximum.accumulate([before, *(last_symbols(sources, room) if ends is None else ends)])
    with ExitStack() as stack:
        cursors = [stack.enter_context(_Cursor(source)) for source in sources]
        for cursor in cursors:
            cursor.cut(lasts)
        for part in range(len(lasts) - 1):
            checkpoint()
            yield sum_counts(cursor.take(part) for cursor in cursors)


class _Cursor:
    """Reads a trie in parts."""

    def __init__(self, source: Mergeable) -> None:
        self._source = source
        self._file: Any = None
        self._cuts: list[Integers] = []  # on each level, where each part begins, and the last one ends

    def __enter__(self) -> _Cursor:
        if isinstance(self._source, CountsFile):
            self._file = open(self._source.keys.path, "rb", buffering=0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def cut(self, lasts: Integers) -> None:
        """Find the parts: each begins after what begins with one of these symbols, and ends with the next one.

        The symbols ascend.
        """
        limits = lasts + 1
        for first, end in pairwise(self._source.bounds):
            self._cuts.append(self._found(limits, first, end))
            limits = (self._cuts[-1] + 1) << SYMBOL_BITS  # the node of a key is its place + 1

    def take(self, part: int) -> StringCounts:
        """One of the parts; its levels end before the first one that is empty."""
        cuts = [cuts[part : part + 2].tolist() for cuts in self._cuts]
        bounds = [
            0,
            *accumulate(end - first for first, end in cuts if first < end),
        ]
        keys, counts = np.empty(bounds[-1], dtype=np.uint64), np.empty(bounds[-1], dtype=np.int64)
        shift = 0  # what to take from parents: nodes get the numbers that they have in the part
        for (first, end), here in zip(cuts, pairwise(bounds)):
            level_keys, level_counts = self._read(first, end)
            np.subtract(level_keys, np.uint64(shift << SYMBOL_BITS), out=keys[slice(*here)])
            counts[slice(*here)] = level_counts
            shift = first - here[0]
        return StringCounts(keys, counts, bounds)

    def _found(self, limits: Integers, first: int, end: int) -> Integers:
        """For each limit the first key on a level that is not less; limits ascend."""
        keys = self._source.keys
        if isinstance(keys, StoredArray):
            cuts, items = [first], _Items(keys, self._file)
            for limit in limits.tolist():
                checkpoint()
                cuts.append(bisect_left(items, limit, cuts[-1], end))
            return np.array(cuts[1:], dtype=np.int64)
        return first + keys[first:end].searchsorted(limits.astype(np.uint64)).astype(np.int64)

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


def last_symbols(sources: Sequence[Mergeable], room: int) -> list[int]:
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


def _subtree_sizes(source: Mergeable) -> tuple[Keys, Integers]:
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


def _keys(source: Mergeable, first: int, end: int) -> Keys:
    keys = source.keys
    return keys.read(first, end) if isinstance(keys, StoredArray) else keys[first:end]


def write_run(parts: Iterable[StringCounts], resources: Resources) -> CountsFile:
    """Write parts, in the order of their first symbols, as one trie.

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


def written(counts: StringCounts, resources: Resources) -> CountsFile:
    """Write counts that are in memory to a file."""
    path = resources.scratch.new()
    with open(path, "wb", buffering=0) as out:
        _put(out, counts.keys)
        _put(out, counts.counts)
    return _counts_file(path, counts.bounds)


def _counts_file(path: Path, bounds: list[int]) -> CountsFile:
    return CountsFile(*_trie_at(path, 0, bounds[-1]), bounds)


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


def write_parts(parts: Iterable[StringCounts], resources: Resources) -> PartsFile:
    """Write parts one after the other."""
    path, all_bounds = resources.scratch.new(), []
    with open(path, "wb", buffering=0) as out:
        for part in parts:
            if len(part):
                _put(out, part.keys)
                _put(out, part.counts)
                all_bounds.append(part.bounds)
    return PartsFile(path, all_bounds)
