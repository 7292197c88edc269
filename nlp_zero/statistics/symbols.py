"""The symbols of a corpus, chunk by chunk, and once more without reading it again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import Integers, Symbols
from ..parallel import Workers, checkpoint
from ..progress import Advance
from ..resources import Resources
from ..text.characters import units
from ..text.corpus import text_blocks
from ..text.shards import read_shards

__all__ = [
    "HeldSymbols",
    "checksum",
    "held",
    "on_shares",
    "sum_of_checksums",
    "symbol_chunks",
    "text_checksum",
]

_CHUNK: Final = 1 << 23
_PART: Final = 1 << 20  # symbols of a piece that is held
_MOST: Final = 1 << 33  # bytes: places in what is held have 32 bits
_PIECE_BYTES: Final = 100  # bytes of the room for each of them, as what goes through a piece needs memory, too
_SHARES: Final = 4  # for each worker: so they end at about the same time
_READ_SHARES: Final = 8  # of text, whose symbols are put together while others are read
_HELD: Final = 4  # the part of the room that the symbols of a corpus may take
_MODULUS: Final = 1 << 64
Result = TypeVar("Result")
_Placed: TypeAlias = tuple[Symbols, Symbols] | None


def held(corpus: Iterable[str], resources: Resources) -> Iterable[str]:
    """The corpus as what reads it again and again should have it: its symbols stay in memory, unless processes work."""
    together = resources.jobs == 1 or resources.workers.share_memory
    return HeldSymbols(corpus, resources.room // _HELD) if together else corpus


def checksum(symbols: npt.NDArray[np.integer[Any]], counts: Integers | int = 1) -> int:
    """A number that tells other symbols, or other counts of them, apart; of a sum it is the sum modulo 2 ** 64."""
    mixed = symbols.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    return int((mixed * np.asarray(counts).astype(np.uint64)).sum(dtype=np.uint64))


def text_checksum(symbols: Symbols) -> int:
    """The checksum of the symbols in the runs of a text."""
    return checksum(*kernels().count_symbols(symbols))


def sum_of_checksums(one: int, other: int) -> int:
    """The checksum of two texts together."""
    return (one + other) % _MODULUS


class HeldSymbols:
    """A corpus whose symbols stay in memory once they were read, for what reads it again and again.

    Parameters
    ----------
    corpus
        The text; it is read again each time if its symbols take more than the room.
    room
        Bytes.

    Attributes
    ----------
    begin
        For a share, where it begins in the whole, in symbols.
    """

    def __init__(self, corpus: Iterable[str], room: int) -> None:
        self._corpus, self._room = corpus, min(room, _MOST)
        self._piece = min(_PART, room // _PIECE_BYTES)
        self._fits = True  # as far as is known
        self._whole: Symbols | None = None
        self._ends: list[int] = []  # of the pieces
        self._amount = 0  # of text, as it is reported
        self.begin = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._corpus)

    @property
    def text(self) -> Iterable[str]:
        """The corpus itself."""
        return self._corpus

    @property
    def is_held(self) -> bool:
        """Whether the symbols are in memory: then they are those that were read before."""
        return self._whole is not None

    @property
    def nbytes(self) -> int:
        """The memory that it takes; until it was read, all that it may take."""
        return self._whole.nbytes if self._whole is not None else self._room if self._fits else 0

    def parts(self, advance: Advance | None) -> Iterator[Symbols]:
        """Pieces of any size that end where runs end."""
        return self._read(advance) if self._whole is None else self._again(self._whole, advance)

    def hold(self, workers: Workers, advance: Advance | None = None) -> Symbols | None:
        """All symbols, read by several threads if there are, unless they are held; None if there is no room for them.

        Then what was read is not reported: it is read again.
        """
        if self._whole is None and self._fits and (workers.jobs == 1 or workers.share_memory):
            holding = _Holding(self._room, self._piece, advance)
            # copying ends first, which stops all workers, and then reading: what stopped later would stop others
            with closing(self._pieces(workers, holding)) as pieces, closing(_copied(holding, pieces, workers)) as done:
                self._fits = all(done)
            if not self._fits:
                holding.count(-holding.amount)
                return None
            self._keep(holding)
        return self._whole

    def _pieces(self, workers: Workers, holding: _Holding) -> Generator[Symbols | None, None, None]:
        """The symbols piece by piece; None once they take more than the room."""
        if workers.jobs == 1:
            yield from _parts_of(self._corpus, holding.count)
        else:
            reading = _Reading(self._room // workers.jobs)
            for pieces in read_shards(reading, self._corpus, workers, holding.count, shares=_READ_SHARES):
                yield from pieces

    def shares(self, workers: Workers) -> list[HeldSymbols] | None:
        """What several threads may go through at the same time, read by them if it was not yet; None if it is not held.

        Each share has some of the pieces, in their order.
        """
        whole = self.hold(workers) if workers.share_memory else None
        if whole is None:
            return None
        number = min(workers.jobs * _SHARES, len(self._ends))
        starts, bounds = [0, *self._ends], [len(self._ends) * k // max(number, 1) for k in range(number + 1)]
        shares = []
        for first, last in pairwise(bounds):
            begin, end = starts[first], starts[last]
            places = [place - begin for place in self._ends[first:last]]
            amount = self._reported(end) - self._reported(begin)
            shares.append(self._of(whole[begin:end], places, amount, begin))
        return shares

    @classmethod
    def _of(cls, whole: Symbols, ends: list[int], amount: int, begin: int) -> HeldSymbols:
        """Such as are held already."""
        self = cls((), 0)
        self._whole, self._ends, self._amount, self.begin = whole, ends, amount, begin
        return self

    def _reported(self, place: int) -> int:
        """How much of the text the first symbols are."""
        return self._amount * place // max(self._ends[-1], 1)

    def _read(self, advance: Advance | None) -> Iterator[Symbols]:
        holding = _Holding(self._room, self._piece, advance)
        for part in symbol_chunks(self._corpus, holding.count, least=self._piece):
            self._fits = self._fits and holding.add(part)  # now and next time
            yield part
        if self._fits:
            self._keep(holding)

    def _keep(self, holding: _Holding) -> None:
        self._amount, self._ends, self._whole = holding.amount, holding.ends(), holding.symbols()

    def _again(self, whole: Symbols, advance: Advance | None) -> Iterator[Symbols]:
        for begin, end in zip([0, *self._ends], self._ends):
            checkpoint()
            yield whole[begin:end]
            if advance is not None:
                advance(self._reported(end) - self._reported(begin))


class _Holding:
    """Puts pieces of symbols together in one array, as long as there is room for them.

    Parameters
    ----------
    room
        Bytes.
    piece
        How many symbols the pieces that they make have at least.
    advance
        Told how much was read.

    Attributes
    ----------
    amount
        How much of the text was read.
    """

    def __init__(self, room: int, piece: int, advance: Advance | None) -> None:
        self._piece, self._advance = piece, advance
        self.amount: int = 0
        self._ends: list[int] = []
        self._size = 0
        self._fits = True
        try:
            self._array: Symbols = np.empty(room // 4, dtype=np.uint32)  # takes memory where something is written
        except MemoryError:
            self._array = np.empty(0, dtype=np.uint32)

    def count(self, more: int) -> None:
        """Report what was read, and keep how much that is."""
        self.amount += more
        if self._advance is not None:
            self._advance(more)

    def add(self, part: Symbols | None) -> bool:
        """Take some that end where runs end; if there is no room for them, or it is None, give everything up."""
        return _copy(self.placed(part))

    def placed(self, part: Symbols | None) -> _Placed:
        """Where such a part belongs, and the part, which is still to be copied; None if everything was given up."""
        end = self._size + (0 if part is None else len(part))
        if not self._fits or part is None or end > len(self._array):
            self._array, self._size, self._fits = np.empty(0, dtype=np.uint32), 0, False
            return None
        place = self._array[self._size : end]
        self._size = end
        if end - (self._ends[-1] if self._ends else 0) >= self._piece:
            self._ends.append(end)
        return place, part

    def ends(self) -> list[int]:
        """Where each piece ends."""
        last = self._ends[-1] if self._ends else 0
        return self._ends if last == self._size else [*self._ends, self._size]

    def symbols(self) -> Symbols:
        """All symbols."""
        return self._array[: self._size]


def _copied(holding: _Holding, parts: Iterable[Symbols | None], workers: Workers) -> Generator[bool, None, None]:
    """Whether there was room for each part; several threads copy them, as memory that is new takes time."""
    yield from workers.threaded(_copy, map(holding.placed, parts))


def _copy(placed: _Placed) -> bool:
    """Put a part where it belongs, if there is room for it."""
    if placed is not None:
        place, part = placed
        place[:] = part
    return placed is not None


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads the symbols of a share of a corpus; None alone if they take more than the room."""

    room: int

    def __call__(self, shard: Iterable[str]) -> list[Symbols | None]:
        parts: list[Symbols | None] = []
        size = 0
        for part in _parts_of(shard, None):
            size += part.nbytes
            if size > self.room:
                return [None]
            parts.append(part)
        return parts


def on_shares(
    work: Callable[[Iterable[str] | HeldSymbols], Result],
    corpus: Iterable[str] | HeldSymbols,
    workers: Workers,
    advance: Advance | None = None,
) -> Iterator[Result]:
    """Do some work on a corpus, by several workers; see `read_shards`. What is held in memory is not read again."""
    shares = corpus.shares(workers) if isinstance(corpus, HeldSymbols) else None
    if shares is None:
        yield from read_shards(work, corpus.text if isinstance(corpus, HeldSymbols) else corpus, workers, advance)
        return
    for share, result in zip(shares, workers.results(work, shares)):
        if advance is not None:
            advance(share._amount)
        yield result


def symbol_chunks(
    corpus: Iterable[str] | HeldSymbols, advance: Advance | None = None, *, least: int | None = None
) -> Iterator[Symbols]:
    """The symbols of a corpus, in chunks of at least so many (some millions by default) that end where runs end."""
    least = max(_CHUNK if least is None else least, 1)
    waiting: list[Symbols] = []
    size = 0
    for part in corpus.parts(advance) if isinstance(corpus, HeldSymbols) else _parts_of(corpus, advance):
        waiting.append(part)
        size += len(part)
        if size >= least:
            yield waiting[0] if len(waiting) == 1 else np.concatenate(waiting)
            waiting, size = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _parts_of(corpus: Iterable[str], advance: Advance | None) -> Iterator[Symbols]:
    """The symbols of each block of text, and a break."""
    for block in text_blocks(corpus, advance):
        yield np.append(units(block).symbols, np.uint32(0))
