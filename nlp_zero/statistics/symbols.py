"""The symbols of a corpus, chunk by chunk, and once more without reading it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from ..core.symbols import Symbols
from ..progress import Advance
from ..text.characters import units
from ..text.corpus import text_blocks

__all__ = ["HeldSymbols", "symbol_chunks"]

_CHUNK: Final = 1 << 23


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
        self._parts: list[Symbols] | None = None
        self._amount = 0  # of text, as it is reported

    def __iter__(self) -> Iterator[str]:
        return iter(self._corpus)

    def parts(self, advance: Advance | None) -> Iterator[Symbols]:
        """Pieces of any size that end where runs end."""
        return self._read(advance) if self._parts is None else self._again(self._parts, advance)

    def _read(self, advance: Advance | None) -> Iterator[Symbols]:
        amount, size, parts = 0, 0, []

        def count(more: int) -> None:
            """Report what was read, and keep how much that is."""
            nonlocal amount
            amount += more
            if advance is not None:
                advance(more)

        for part in _parts_of(self._corpus, count):
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
            yield part
            if advance is not None:
                done = self._amount * end // int(ends[-1])
                advance(done - reported)
                reported = done


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
