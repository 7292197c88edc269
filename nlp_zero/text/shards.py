"""A corpus in shares, so that several processes can read it.

Plain files are cut after line ends, and each process reads its own range of bytes. Text that cannot be cut without
reading it (packed files, encodings where a line end is no single byte, objects in memory) is handed over as text.
Line ends end runs, so what is counted in the shares adds up to what is counted in the whole.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from ..errors import CorpusEncodingError
from ..parallel import Workers, checkpoint
from ..progress import Advance
from .corpus import TextFiles, decoded, text_blocks
from .encoding import TextDecoder, whole_lines
from .reading import READ_SIZE, archive_of, file_bytes, reading

__all__ = ["Shard", "TextRange", "read_shards", "shards"]

Result = TypeVar("Result")
_SHARES: Final = 2  # for each worker: so they end at about the same time
_LEAST, _MOST = 1 << 22, 1 << 28  # bytes of a share
_LINE_END_IS_ONE_BYTE: Final = frozenset(
    ["ascii", "utf-8", "gb2312", "gbk", "gb18030", "big5", "big5hkscs", "cp950", "euc_jp", "euc_kr", "iso8859-1"]
)


@dataclass(frozen=True, slots=True)
class TextRange:
    """A part of a file that begins and ends with lines.

    Attributes
    ----------
    path, name
        The file, and what errors call it.
    first, end
        Its bytes; `end` is None for a whole file that has to be read to know its end.
    asked, chosen
        The encoding that was asked for, and the one that was settled on (empty if it is still to be found out).
    size
        The file's size when it was cut.
    """

    path: Path
    name: str
    first: int
    end: int | None
    asked: str
    chosen: str
    size: int

    def blocks(self, advance: Advance | None = None) -> Iterator[str]:
        """Yield the text in big pieces; see `TextFiles.blocks`."""
        decoder = TextDecoder(self.name, self.asked, chosen=self.chosen, at_start=not self.first)
        try:
            data = file_bytes(self.path, self.name, advance, self.first, self.end, self.size)
            yield from whole_lines(decoded(data, decoder))
        except CorpusEncodingError as error:
            if not self.first or error.byte is None or error.line is None:
                raise
            line = error.line + self._lines_before()
            raise CorpusEncodingError(error.path, error.reason, byte=self.first + error.byte, line=line) from None

    def _lines_before(self) -> int:
        lines, before = 0, b""
        for data in file_bytes(self.path, self.name, None, 0, self.first, self.size):
            lines += data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
            lines -= before == b"\r" and data.startswith(b"\n")
            before = data[-1:]
        return lines


@dataclass(frozen=True, slots=True)
class Shard:
    """A share of a corpus, which another process can read.

    Attributes
    ----------
    parts
        Ranges of files, or texts.
    size
        Bytes on disk; 0 if they were already read.
    """

    parts: tuple[TextRange | str, ...]
    size: int

    def __iter__(self) -> Iterator[str]:
        """Yield the text in big pieces."""
        for part in self.parts:
            for block in [part] if isinstance(part, str) else part.blocks():
                checkpoint()
                yield block


def read_shards(
    work: Callable[[Iterable[str]], Result],
    corpus: Iterable[str],
    workers: Workers,
    advance: Advance | None = None,
    *,
    shares: int = _SHARES,
) -> Iterator[Result]:
    """Do some work on a corpus, by several workers.

    Parameters
    ----------
    work
        Called with a `Shard`; see `Workers.results` for what it must be.
    corpus
        `TextFiles`, or any iterable of `str`.
    workers
        Who does it.
    advance
        Called with the amount read: bytes of `TextFiles`, else characters.
    shares
        About how many for each worker: few where the results of shares have to be added up.

    Yields
    ------
    Result
        One a share, in the order of the text.
    """
    sizes: list[int] = []

    def tasks() -> Iterator[Shard]:
        """The shares, whose sizes are noted for `advance`."""
        for shard in shards(corpus, workers.jobs * shares, advance):
            sizes.append(shard.size)
            yield shard

    for done, result in enumerate(workers.results(work, tasks())):
        if advance is not None:
            advance(sizes[done])
        yield result


def shards(corpus: Iterable[str], number: int, advance: Advance | None = None) -> Iterator[Shard]:
    """Cut a corpus into about so many shares; `advance` is called for what is read in doing so."""
    if not isinstance(corpus, TextFiles):
        yield from _of_text(text_blocks(corpus, advance), _LEAST)
        return
    size = min(max(corpus.total_bytes // number, _LEAST), _MOST)
    waiting: list[TextRange | str] = []
    waiting_size = 0
    for path in corpus.paths:
        for part, part_size in _ranges(path, corpus, size):
            if part.end is None and part_size > size:  # too much for one process, and no other way to share it
                if waiting:
                    yield Shard(tuple(waiting), waiting_size)
                    waiting, waiting_size = [], 0
                yield from _of_text(part.blocks(advance), _LEAST)
                continue
            waiting.append(part)
            waiting_size += part_size
            if waiting_size >= size:
                yield Shard(tuple(waiting), waiting_size)
                waiting, waiting_size = [], 0
    if waiting:
        yield Shard(tuple(waiting), waiting_size)


def _of_text(blocks: Iterable[str], size: int) -> Iterator[Shard]:
    waiting: list[TextRange | str] = []
    characters = 0
    for block in blocks:
        waiting.append(block)
        characters += len(block)
        if characters >= size // 3:
            yield Shard(tuple(waiting), 0)
            waiting, characters = [], 0
    if waiting:
        yield Shard(tuple(waiting), 0)


def _ranges(path: Path, corpus: TextFiles, size: int) -> Iterator[tuple[TextRange, int]]:
    """The parts of a file, of at least so many bytes but the last, and their sizes."""
    name, asked = corpus.shown_name(path), corpus.encoding
    with reading(name):
        file = open(path, "rb")
    with file:
        with reading(name):
            total = os.fstat(file.fileno()).st_size
            packed = archive_of(file.read(16)) is not None
        if total <= size or packed or not (codec := _settled(path, name, asked)):
            yield TextRange(path, name, 0, None, asked, "", total), total
            return
        first = 0
        while first < total:
            with reading(name):
                end = _after_line(file, min(first + size, total), total)
            yield TextRange(path, name, first, end, asked, codec, total), end - first
            first = end


def _after_line(file: BinaryIO, place: int, total: int) -> int:
    """The first place from `place` on where a line begins, or the end of the file."""
    file.seek(place - 1)
    while place < total:
        data = file.read(READ_SIZE)
        found = data.find(b"\n")
        if found >= 0 or not data:
            return min(place + found, total) if data else total
        place += len(data)
    return total


def _settled(path: Path, name: str, asked: str) -> str:
    """The codec of a file if it can be cut at line ends, else nothing."""
    decoder = TextDecoder(name, asked)
    for _ in decoded(file_bytes(path, name, None), decoder):
        if decoder.encoding:
            break
    codec = decoder.encoding or "utf-8"
    return codec if codecs.lookup(codec).name in _LINE_END_IS_ONE_BYTE else ""
