"""Exact counts of n-grams, as values.

Input: text in blocks (`nlp_zero.text`). Output: a trie of all n-grams with a count at each node, in memory or in a file
that is read part by part. Nothing is ever pruned unless `NgramCounts.frequent` is asked for it, and then the result
says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, Self, TypeVar

import numpy as np

from ..core import kernels
from ..core.counting import groups_of
from ..core.symbols import FIRST_SYMBOL, SYMBOL_BITS, SYMBOL_LIMIT, Integers, Keys, Symbols
from ..errors import CountsFormatError
from ..files import ContainerError, StoredArray, open_container, write_container
from ..parallel import Workers
from ..progress import Advance
from ..resources import Resources
from ..text.characters import symbols_of, word_of
from .runs import CACHED, NODE_SIZE, CountsFile, Mergeable, Stored, merged_parts, parts_of, write_run
from .strings import StringCounts, joined, no_strings, sum_counts, sum_of_bounds
from .sums import CountsSum, Reader, Runs, kept, read_ranges, spilling
from .symbols import HeldSymbols, held, on_shares, symbol_chunks

__all__ = ["NgramCounts"]

_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64((1 << SYMBOL_BITS) - 1)
_CHUNK = 1 << 23  # symbols counted in one go up to order 4: half a second of work
_LEAST = 1 << 16  # that are counted in one go, as each go looks at all symbols
_PART_PLACES = 1 << 18  # whose n-grams make a part: a cache holds what is read, and threads seldom wait for each other
_SHARES = 4  # for each worker: so they end at about the same time
_MAX_ORDER = 1024
_PART = 16 * 8  # bytes of the room for each node of a part: for the arrays that are made of it, too
_VERSION = 1
Found = TypeVar("Found")


class NgramCounts(StringCounts):
    """Exact counts of all n-grams of 1 to `order` symbols that stand inside runs.

    Counts are made by `from_corpus`, added with ``+``, kept with `save` and `load`. An n-gram is given as it is written
    in a lexicon: ``中国``, ``<NUM>年``.

    Parameters
    ----------
    keys, counts
        The trie and its counts; see `StringCounts`.
    order
        The greatest length that was counted.
    total
        The number of symbols that were counted; by default the sum over single symbols.
    min_count
        N-grams with smaller counts were left out (by `frequent`); 1 if none was.

    Examples
    --------
    >>> counts = NgramCounts.from_corpus(["天上的云，水里的云"], order=2)
    >>> counts["云"], counts["的云"], counts["云水"], counts.total
    (2, 2, 0, 8)
    >>> (counts + counts)["的云"]
    4
    """

    __slots__ = ("_ranges", "_resources", "min_count", "order", "total")

    def __init__(
        self, keys: Keys, counts: Integers, *, order: int, total: int | None = None, min_count: int = 1
    ) -> None:
        super().__init__(keys, counts)
        self.order, self.min_count = order, min_count
        self.total = int(counts[: self.bounds[1]].sum()) if total is None and len(keys) else total or 0
        self._ranges: list[Stored] = []  # where the counts are, if they are not in memory
        self._resources: Resources | None = None  # keeps temporary files

    @classmethod
    def _in_ranges(cls, ranges: list[Stored], order: int, resources: Resources) -> Self:
        """Counts in ranges of first symbols that were made by several workers or did not fit into memory."""
        self = cls.__new__(cls)
        self.order, self.min_count, self._ranges, self._resources = order, 1, ranges, resources
        self.bounds = sum_of_bounds([source.bounds for source in ranges])
        self.total = int(self.singles()[1].sum())
        return self

    def __getattr__(self, name: str) -> Any:
        """Load or map the arrays when they are asked for."""
        if name not in ("keys", "counts"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        keys, counts = self._arrays()
        if isinstance(keys, np.ndarray) and isinstance(counts, np.ndarray):
            self.keys, self.counts = keys, counts
            self._ranges = []  # after that, as other threads may ask as well
        return self.keys if name == "keys" else self.counts

    def _arrays(self) -> tuple[Keys | StoredArray, Integers | StoredArray]:
        """The keys and counts, in memory if they fit, else in one file."""
        file = self._file()
        if file is not None:
            return file.keys, file.counts
        if not self._ranges or isinstance(self._ranges[0], CountsFile):
            return self.keys, self.counts
        assert self._resources is not None
        with spilling(self._resources):
            if len(self) * NODE_SIZE * 3 < self._resources.room:
                whole = joined(self.parts(self._resources))
                return whole.keys, whole.counts
            file = write_run(self.parts(self._resources), self._resources)
            self.keys, self.counts = file.keys.map(), file.counts.map()
        self._ranges = [file]
        return file.keys, file.counts

    def _file(self) -> CountsFile | None:
        """The one file that holds the counts, unless it was replaced since it was mapped."""
        if self._ranges and isinstance(self._ranges[0], CountsFile) and self._ranges[0].is_intact():
            return self._ranges[0]
        return None

    def singles(self) -> tuple[Keys, Integers]:
        """The single symbols and their counts."""
        stored = self._stored()
        if stored[0] is self:
            return super().singles()
        keys, counts = zip(*(source.singles() for source in stored))
        return np.concatenate(keys), np.concatenate(counts)

    @classmethod
    def from_corpus(
        cls,
        corpus: Iterable[str],
        *,
        order: int = 4,
        memory_limit: int | str | None = None,
        jobs: int = 1,
        temporary_directory: str | os.PathLike[str] | None = None,
        advance: Advance | None = None,
    ) -> Self:
        """Count a corpus in one pass.

        Parameters
        ----------
        corpus
            `TextFiles`, or any iterable of `str`; n-grams never cross from one to the next.
        order
            The greatest length in symbols, 1 to 1024.
        memory_limit
            Bytes, or a size such as ``"256MB"``, for all processes together; 700 MB by default, or half of what is free
            if that is less. What does not fit is put into temporary files, and so is the result then: it is mapped
            into memory.
        jobs
            Number of workers that read and count: threads on the C core, processes on the numpy core.
        temporary_directory
            Where to put temporary files; where the system puts them by default.
        advance
            Called with the amount read: bytes of `TextFiles`, else characters.

        Raises
        ------
        ValueError
            If `order` is not 1 to 1024, or another parameter makes no sense.
        CorpusError
            If the corpus cannot be read.
        SpillError
            If temporary files cannot be written or read.

        Notes
        -----
        Time O(n · order), memory O(distinct n-grams) or what `memory_limit` allows. The result is the same.
        """
        if not 1 <= order <= _MAX_ORDER:
            raise ValueError(f"order: expected 1 to {_MAX_ORDER}, found {order}")
        if isinstance(corpus, str):
            raise TypeError("corpus: expected an iterable of texts, found one str; pass [text] or TextFiles(path)")
        share_memory = kernels().name == "c"
        with Resources.plan(memory_limit, jobs, temporary_directory, share_memory=share_memory) as resources:
            return cls.counted(held(corpus, resources), order, resources, advance)

    @classmethod
    def counted(cls, corpus: Iterable[str], order: int, resources: Resources, advance: Advance | None = None) -> Self:
        """Count a corpus with what there is; see `from_corpus`."""
        symbols = corpus.hold(resources.workers, advance) if isinstance(corpus, HeldSymbols) else None
        if symbols is not None:
            return cls._of_symbols(symbols, order, resources)
        if resources.jobs == 1:
            return cls.of_sum(_Counting(order, resources).total(corpus, advance), order, resources)
        total = CountsSum(resources, 0.4)
        for part in on_shares(_Counting(order, resources.for_worker()), corpus, resources.workers, advance):
            total.add_all(part)
        return cls.of_sum(total, order, resources)

    @classmethod
    def _of_symbols(cls, symbols: Symbols, order: int, resources: Resources) -> Self:
        """Count what is in memory, by ranges of first symbols: so nothing has to be added up."""
        most = min(_CHUNK, resources.room // (2 * kernels().counting_bytes)) // max(1, order * order // 16)
        seen, sizes = _symbols_in(symbols, resources.workers)
        ranges = _ranges_of(seen, sizes, max(most // resources.jobs, _LEAST))
        if len(ranges) == 1:
            parts = kernels().ngram_parts(symbols, seen, sizes, order, *ranges[0], max(len(symbols), 1))
            whole = StringCounts(*parts[0]) if parts else no_strings()
            return cls(whole.keys, whole.counts, order=order)
        size = len(ranges) if resources.jobs == 1 else -(-len(ranges) // (resources.jobs * _SHARES))
        groups = [ranges[i : i + size] for i in range(0, len(ranges), size)]
        room = resources.for_worker()
        work = _CountingRanges(symbols, seen, sizes, order, room, 0.5 * resources.jobs / len(groups))
        return cls._in_ranges(list(resources.workers.results(work, groups)), order, resources)

    @classmethod
    def of_sum(cls, total: CountsSum, order: int, resources: Resources) -> Self:
        """The counts that were added up, which must be those of all n-grams; the sum has nothing any more."""
        ranges = total.ranges()
        if len(ranges) == 1 and isinstance(ranges[0], StringCounts):
            return cls(ranges[0].keys, ranges[0].counts, order=order)
        return cls._in_ranges(ranges, order, resources)

    def parts(self, resources: Resources) -> Iterator[StringCounts]:
        """The counts in parts by first symbols; those that are in memory already are one part."""
        with spilling(self._resources or resources):
            for source in self._stored():
                yield from parts_of(source, self._part_size(resources))

    def _stored(self) -> list[Stored]:
        """Where the counts are: in ranges of first symbols, or here in memory."""
        if self._ranges and isinstance(self._ranges[0], CountsFile):
            file = self._file()
            return [self] if file is None else [file]
        return self._ranges or [self]

    def _part_size(self, resources: Resources) -> int:
        return min(resources.room // _PART, CACHED)

    def read(self, reader: Reader[Found], resources: Resources) -> Found:
        """What a reader finds in the parts; read by several workers if they made the counts: see `read_ranges`."""
        if ranges := self._shared_out(resources):
            room = self._part_size(resources.for_worker())
            return read_ranges(reader, ranges, room, resources.workers, self._resources or resources)
        return reader(self.parts(resources))

    def _shared_out(self, resources: Resources) -> list[Stored]:
        """The ranges that several workers can share out; none if one works, or there is but one."""
        ranges = self._ranges  # once: it can be emptied by another thread
        return ranges if resources.jobs > 1 and len(ranges) > 1 else []

    def __getitem__(self, ngram: str) -> int:
        """The count of an n-gram; 0 if it does not occur (or was longer than `order`)."""
        node = self.node(symbols_of(ngram))
        return int(self.counts[node - 1]) if node else 0

    def __contains__(self, ngram: object) -> bool:
        """Whether an n-gram occurs."""
        return isinstance(ngram, str) and self[ngram] > 0

    def items(self, length: int) -> Iterator[tuple[str, int]]:
        """The n-grams of one length and their counts, in the order of their symbols."""
        if not 1 <= length <= self.longest:
            return
        first, end = self.bounds[length - 1 : length + 1]
        for low in range(first, end, 1 << 16):
            nodes = np.arange(low, min(low + (1 << 16), end)) + 1
            rows, counts = self.strings(nodes)[:, :length].tolist(), self.counts[nodes - 1].tolist()
            yield from zip(map(word_of, rows), counts)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same n-grams with the same counts."""
        equal = super().__eq__(other)
        return equal if equal is NotImplemented else bool(equal) and self.order == other.order  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        sizes = [b - a for a, b in zip(self.bounds, self.bounds[1:])]
        return f"<NgramCounts: {self.total} symbols, order {self.order}, {sizes} different n-grams>"

    def __add__(self, other: Self) -> Self:
        """The counts of both texts together.

        Raises
        ------
        ValueError
            If the orders differ, or if one was made by `frequent`: what it left out cannot be added.
        """
        if not isinstance(other, NgramCounts):
            return NotImplemented
        return self.sum_of([self, other])

    @classmethod
    def sum_of(cls, counts: Sequence[Self], resources: Resources | None = None) -> Self:
        """The counts of several texts together; see ``+``. What is mapped from files is merged part by part."""
        first = counts[0]
        if len(counts) == 1:
            return first
        for other in counts[1:]:
            if first.order != other.order:
                raise ValueError(f"other: expected counts of order {first.order}, found order {other.order}")
            if max(first.min_count, other.min_count) > 1:
                raise ValueError("counts without the rare n-grams cannot be added: add first, then ask for frequent()")
        sources = [each._mergeable() for each in counts]
        if all(isinstance(source, StringCounts) for source in sources):
            whole = sum_counts(counts)
            return cls(whole.keys, whole.counts, order=first.order)
        resources = Resources.plan() if resources is None else resources
        with spilling(resources):
            return cls._in_ranges([kept(merged_parts(sources), resources, 0.5)], first.order, resources)

    def _mergeable(self) -> Mergeable:
        """The whole trie."""
        self._arrays()
        return self._file() or self

    def frequent(self, min_count: int, resources: Resources | None = None) -> Self:
        """Only the n-grams that occur at least `min_count` times; exact for those."""
        if resources is None:
            whole = _at_least(self, min_count)
        elif ranges := self._shared_out(resources):
            work = _Frequent(min_count, (self._resources or resources).for_worker())
            whole = joined(chain.from_iterable(resources.workers.results(work, ranges)))
        else:
            whole = joined(_at_least(part, min_count) for part in self.parts(resources))
        lowest = max(min_count, self.min_count)
        return type(self)(whole.keys, whole.counts, order=self.order, total=self.total, min_count=lowest)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the counts to a file that `load` maps into memory."""
        meta = {"order": self.order, "total": self.total, "min_count": self.min_count}
        keys, counts = self._arrays()
        write_container(path, "counts", _VERSION, meta, {"keys": keys, "counts": counts})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Map the counts of a file into memory.

        Raises
        ------
        CountsFormatError
            If the file holds no counts, is damaged, or is of another version.
        OSError
            If it cannot be read.
        """
        try:
            meta, arrays = open_container(path, "counts", (_VERSION,))
            file = CountsFile(arrays["keys"][0], arrays["counts"][0])
            counts = cls(file.keys.map(), file.counts.map(), **meta)
            counts._ranges = [file]
            return counts
        except (ContainerError, KeyError, TypeError, ValueError) as error:
            raise CountsFormatError(f"{os.fspath(path)}: {error}; make it anew with save() or --save-counts") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (type(self), self.keys, self.counts, self.order, self.total, self.min_count)


def _unpickled(
    cls: type[NgramCounts], keys: Keys, counts: Integers, order: int, total: int, min_count: int
) -> NgramCounts:
    return cls(keys, counts, order=order, total=total, min_count=min_count)


def _at_least(part: StringCounts, min_count: int) -> StringCounts:
    """The strings that occur so often; all their beginnings occur as often."""
    nodes = np.flatnonzero(part.counts >= min_count) + 1
    keys = part.keys[nodes - 1]
    parents = np.searchsorted(nodes, (keys >> _BITS).astype(np.int64), side="right").astype(np.uint64)
    return StringCounts(parents << _BITS | keys & _MASK, part.counts[nodes - 1])


@dataclass(frozen=True, slots=True)
class _Frequent:
    """The n-grams of a range that occur so often, in parts."""

    min_count: int
    resources: Resources  # of those who made the ranges

    def __call__(self, range_: Stored) -> list[StringCounts]:
        with spilling(self.resources):
            return [_at_least(part, self.min_count) for part in parts_of(range_, CACHED)]


def _symbols_in(symbols: Symbols, workers: Workers) -> tuple[Symbols, Integers]:
    """Which symbols stand in runs, and how often each; each of the workers counts a part of them."""
    bounds = [len(symbols) * k // workers.jobs for k in range(workers.jobs + 1)]
    counted = workers.threaded(kernels().count_symbols, [symbols[i:j] for i, j in pairwise(bounds)])
    whole = sum_counts([StringCounts(seen.astype(np.uint64), sizes) for seen, sizes in counted])
    return whole.keys.astype(np.uint32), whole.counts


def _ranges_of(seen: Symbols, sizes: Integers, most: int) -> list[tuple[int, int]]:
    """First symbols, from one on and before another, so that at most so many n-grams begin with them, if possible."""
    limits = [int(seen[end]) for end in groups_of(sizes, most)[:-1]]
    return list(zip([FIRST_SYMBOL, *limits], [*limits, SYMBOL_LIMIT]))


@dataclass(frozen=True, slots=True)
class _CountingRanges:
    """Counts the n-grams of a text that begin with some symbols, range by range."""

    symbols: Symbols
    seen: Symbols  # which there are, and
    sizes: Integers  # how often each
    order: int
    resources: Resources
    share: float  # of the room of one worker, for what all of them keep of one group of ranges

    def __call__(self, ranges: list[tuple[int, int]]) -> Stored:
        with spilling(self.resources):
            return kept(self._parts(ranges), self.resources, self.share)

    def _parts(self, ranges: list[tuple[int, int]]) -> Iterator[StringCounts]:
        for range_ in ranges:
            for part in kernels().ngram_parts(self.symbols, self.seen, self.sizes, self.order, *range_, _PART_PLACES):
                yield StringCounts(*part)


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts the n-grams of a corpus, or of a share of it."""

    order: int
    resources: Resources

    def __call__(self, shard: Iterable[str]) -> Runs:
        return self.total(shard).handed_over()

    def total(self, corpus: Iterable[str], advance: Advance | None = None) -> CountsSum:
        """Count a corpus."""
        core = kernels()
        # a quarter of the room for what is counted at once; a longer n-gram takes more memory, and more often
        most = min(_CHUNK, self.resources.room // (4 * core.counting_bytes))
        total = CountsSum(self.resources, 0.5)
        for symbols in symbol_chunks(corpus, advance, least=most // max(1, self.order * self.order // 16)):
            total.add(StringCounts(*core.count_ngrams(symbols, self.order)))
        return total
