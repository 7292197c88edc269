"""The symbols of a corpus, chunk by chunk, and once more without reading it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from ..core.symbols import Symbols
from ..parallel import Workers, checkpoint
from ..progress import Advance
from ..text.characters import units
from ..text.corpus import text_blocks
from ..text.shards import read_shards

__all__ = ["HeldSymbols", "on_shares", "symbol_chunks"]

_CHUNK: Final = 1 << 23
_PART: Final = 1 << 20  # symbols of a piece that is held
_PIECE_BYTES: Final = 100  # bytes of the room for each of them, as what goes through a piece needs memory, too
_SHARES: Final = 4  # for each worker: so they end at about the same time
Result = TypeVar("Result")


class HeldSymbols:
    """A corpus whose symbols stay in memory once they were read, for what reads it again and again.

    Parameters
    ----------
    corpus
        The text; it is read again each time if its symbols take more than the room.
    room
        Bytes.
    """

    def __init__(self, corpus: Iterable[str], room: int) -> None:
        self._corpus, self._room = corpus, room
        self._piece = min(_PART, room // _PIECE_BYTES)
        self._parts: list[Symbols] | None = None
        self._amount = 0  # of text, as it is reported

    @classmethod
    def _of(cls, parts: list[Symbols], amount: int) -> HeldSymbols:
        """Such as are held already."""
        self = cls((), 0)
        self._parts, self._amount = parts, amount
        return self

    def __iter__(self) -> Iterator[str]:
        return iter(self._corpus)

    @property
    def text(self) -> Iterable[str]:
        """The corpus itself."""
        return self._corpus

    @property
    def is_held(self) -> bool:
        """Whether the symbols are in memory: then they are those that were read before."""
        return self._parts is not None

    def parts(self, advance: Advance | None) -> Iterator[Symbols]:
        """Pieces of any size that end where runs end."""
        return self._read(advance) if self._parts is None else self._again(self._parts, advance)

    def shares(self, workers: Workers) -> list[HeldSymbols] | None:
        """What several threads may go through at the same time, read by them if it was not yet; None if it is not held.

        Each share has some of the pieces, in their order.
        """
        if self._parts is None and self._room and workers.share_memory:
            self._parts = self._read_by(workers)
            self._room = 0 if self._parts is None else self._room
        if self._parts is None:
            return None
        size = max(-(-len(self._parts) // (workers.jobs * _SHARES)), 1)
        ends = np.cumsum([0, *map(len, self._parts)]) * self._amount // max(sum(map(len, self._parts)), 1)
        amounts = np.diff(np.append(ends[:-1:size], ends[-1]))
        groups = (self._parts[i : i + size] for i in range(0, len(self._parts), size))
        return [self._of(group, amount) for group, amount in zip(groups, amounts.tolist())]

    def _read_by(self, workers: Workers) -> list[Symbols] | None:
        """The pieces, read by several threads; None if there is no room for them."""
        amount, room, parts = 0, self._room, []

        def count(more: int) -> None:
            nonlocal amount
            amount += more

        for found in read_shards(_Reading(room // workers.jobs, self._piece), self._corpus, workers, count):
            room -= sum(part.nbytes for part in found or ())
            if found is None or room < 0:
                return None
            parts += found
        self._amount = amount
        return parts

    def _read(self, advance: Advance | None) -> Iterator[Symbols]:
        amount, size, parts = 0, 0, []

        def count(more: int) -> None:
            """Report what was read, and keep how much that is."""
            nonlocal amount
            amount += more
            if advance is not None:
                advance(more)

        for part in symbol_chunks(self._corpus, count, least=self._piece):
            size += part.nbytes
            if size <= self._room:
                parts.append(part)
            else:  # now and next time
                self._room = 0
                parts.clear()
            yield part
        if size <= self._room:
            self._parts, self._amount = parts, amount

    def _again(self, parts: list[Symbols], advance: Advance | None) -> Iterator[Symbols]:
        ends = np.cumsum([len(part) for part in parts])
        reported = 0
        for part, end in zip(parts, ends.tolist()):
            checkpoint()
            yield part
            if advance is not None:
                done = self._amount * end // int(ends[-1])
                advance(done - reported)
                reported = done


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads the symbols of a share of a corpus; None if they take more than the room."""

    room: int
    piece: int

    def __call__(self, shard: Iterable[str]) -> list[Symbols] | None:
        parts, size = [], 0
        for part in symbol_chunks(shard, least=self.piece):
            parts.append(part)
            size += part.nbytes
            if size > self.room:
                return None
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
