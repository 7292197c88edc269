"""Corpora: text files of any encoding and compression, streams, and any re-iterable of `str`.

Learning reads a corpus more than once, in big pieces of text. A corpus is therefore something that can be started
anew: a `TextFiles`, a list, an object whose `__iter__` begins again. What can be read only once is refused by
`check_corpus` before anything is read; `spooled` copies a stream to disk so that it can be.

Lines end with `\\n`, `\\r\\n` or a lone `\\r`, and with nothing else. Pieces keep every line end as it is,
hold whole lines, and never span two files.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import CorpusError, CorpusNotRestartableError
from ..progress import Advance
from ..temporary import Scratch
from .encoding import AUTO, PIECE_SIZE, TextDecoder, check_encoding, whole_lines
from .reading import READ_SIZE, archive_of, file_bytes, reading

__all__ = ["TextFiles", "TextStream", "check_corpus", "spooled", "text_blocks"]


class TextFiles:
    """Text files as a corpus that can be read again and again.

    Parameters
    ----------
    *paths
        Files; directories, which stand for all files below them but hidden ones; glob patterns, where ``**``
        stands for any depth. Patterns and directories are looked up once, here, in sorted order.
        ``.gz``, ``.bz2``, ``.xz`` and (from Python 3.14 on) ``.zst`` files are unpacked while reading.
    encoding
        A codec for all files, or ``"auto"`` to find out for each: a byte order mark, UTF-8, GB18030 or Big5.

    Raises
    ------
    CorpusError
        A path leads to no file.
    CorpusEncodingError
        While reading: bytes that are not text; with file, byte and line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "notes.txt")
    ...     _ = path.write_bytes("今天天气很好，\\r\\n我们去郊游。".encode("gbk"))
    ...     corpus = TextFiles(path)
    ...     list(corpus), list(corpus.blocks()), corpus.total_bytes
    (['今天天气很好，', '我们去郊游。'], ['今天天气很好，\\r\\n我们去郊游。'], 28)
    """

    __slots__ = ("_encoding", "_name", "_paths")

    def __init__(self, *paths: str | os.PathLike[str], encoding: str = AUTO) -> None:
        if not paths:
            raise ValueError("paths: expected at least one file, directory or pattern")
        self._encoding = check_encoding(encoding)
        self._paths = tuple(file for path in paths for file in _files(path))
        self._name: str | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order of reading."""
        return self._paths

    @property
    def encoding(self) -> str:
        """The encoding that was asked for."""
        return self._encoding

    @property
    def total_bytes(self) -> int:
        """Size of all files on disk, as `blocks` reports it to `advance`."""
        return sum(size for size, _ in self.fingerprint())

    def shown_name(self, path: Path) -> str:
        """What errors call one of the files."""
        return self._name or str(path)

    def fingerprint(self) -> tuple[tuple[int, int], ...]:
        """Size and time of the last change (ns) of each file: another one tells that the text may be another."""
        found = []
        for path in self._paths:
            with reading(self.shown_name(path)):
                status = path.stat()
            found.append((status.st_size, status.st_mtime_ns))
        return tuple(found)

    def __iter__(self) -> Iterator[str]:
        """Yield the lines of all files without their line ends."""
        for path in self._paths:
            for piece in whole_lines(self._texts(path, None), cut_long=False):
                if "\r" in piece:
                    piece = piece.replace("\r\n", "\n").replace("\r", "\n")
                yield from piece.removesuffix("\n").split("\n")

    def blocks(self, advance: Advance | None = None) -> Iterator[str]:
        """Yield the text in big pieces, line ends as they are.

        Parameters
        ----------
        advance
            Called with the number of bytes that were read from disk; in the end the sum is `total_bytes`.

        Notes
        -----
        A piece ends after a line end or at the end of a file. Only in a line of more than four million
        characters it may end after one of ``。！？；，、``.
        """
        for path in self._paths:
            yield from whole_lines(self._texts(path, advance))

    def _texts(self, path: Path, advance: Advance | None) -> Iterator[str]:
        name = self.shown_name(path)
        return decoded(file_bytes(path, name, advance), TextDecoder(name, self._encoding))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TextFiles):
            return NotImplemented
        return (self._paths, self._encoding) == (other._paths, other._encoding)

    def __hash__(self) -> int:
        return hash((self._paths, self._encoding))

    def __repr__(self) -> str:
        shown = [repr(str(path)) for path in self._paths]
        shown[2:-1] = [f"<{len(shown) - 3} more>"] if len(shown) > 4 else shown[2:-1]
        return f"TextFiles({', '.join(shown)}, encoding={self._encoding!r})"


class TextStream:
    """A binary stream that is read once, line by line as it comes.

    Parameters
    ----------
    stream
        What holds the bytes: ``sys.stdin.buffer``, a socket's file. It is not closed.
    name
        What errors call it.
    encoding
        A codec, or ``"auto"``. UTF-8 is then settled on with its first character; for any other encoding
        64 KB are held back first, so name it where lines must not wait.

    Examples
    --------
    >>> import io
    >>> list(TextStream(io.BytesIO("你好\\n再见".encode())).blocks())
    ['你好\\n', '再见']
    """

    def __init__(self, stream: BinaryIO, name: str = "<stdin>", encoding: str = AUTO) -> None:
        self._stream, self._name, self._encoding = stream, name, check_encoding(encoding)
        self._started = False

    def blocks(self, advance: Advance | None = None) -> Iterator[str]:
        """Yield complete lines, as many as have come; `advance` is called with the number of bytes."""
        if self._started:
            raise CorpusNotRestartableError(f"{self._name}: can be read only once; use spooled(stream)")
        self._started = True
        decoder = TextDecoder(self._name, self._encoding, eager=True)
        return whole_lines(decoded(self._bytes(advance), decoder), at_once=True)

    def _bytes(self, advance: Advance | None) -> Iterator[bytes]:
        # read() of a pipe waits until it is full; read1() returns what is there.
        read = getattr(self._stream, "read1", self._stream.read)
        first = True
        while True:
            with reading(self._name):
                data = read(READ_SIZE)
            if isinstance(data, str):
                raise TypeError(f"stream: {self._name} gives str, expected bytes; pass its .buffer")
            if not data:
                return
            if first and (archive := archive_of(data)):
                raise CorpusError(f"{self._name}: {archive.kind} data; unpack it first: {archive.unpack} | ...")
            first = False
            if advance is not None:
                advance(len(data))
            yield data


@contextmanager
def spooled(
    stream: BinaryIO,
    name: str = "<stdin>",
    encoding: str = AUTO,
    temporary_directory: str | os.PathLike[str] | None = None,
) -> Iterator[TextFiles]:
    """Copy a stream to a temporary file, so that it can be read twice.

    Parameters
    ----------
    stream
        A binary stream; it is read to its end.
    name
        What errors call it.
    encoding
        As in `TextFiles`.
    temporary_directory
        Where to put the file; where the system puts such files by default.

    Yields
    ------
    TextFiles
        The text; the file is removed when the block ends.

    Examples
    --------
    >>> import io
    >>> with spooled(io.BytesIO("你好\\n再见".encode())) as corpus:
    ...     list(corpus), list(corpus)
    (['你好', '再见'], ['你好', '再见'])
    """
    from shutil import copyfileobj  # which loads much that others do not need

    check_encoding(encoding)
    # A folder, because Windows neither opens a NamedTemporaryFile again nor removes an open file.
    with Scratch(temporary_directory) as scratch:
        with reading(name, doing="copied to a temporary file"):
            path = scratch.new()
            with open(path, "wb") as file:
                copyfileobj(stream, file, READ_SIZE)
        corpus = TextFiles(path, encoding=encoding)
        corpus._name = name
        yield corpus


def check_corpus(corpus: object) -> None:
    """Refuse, before anything is read, what is no corpus that can be read again.

    Raises
    ------
    CorpusNotRestartableError
        A generator, an iterator, an open file, a `TextStream`.
    TypeError
        One `str`, `bytes`, or what cannot be iterated over.

    Examples
    --------
    >>> check_corpus(["你好", "再见"])
    >>> check_corpus(line for line in ["你好", "再见"])
    Traceback (most recent call last):
    nlp_zero.errors.CorpusNotRestartableError: corpus: a generator can be read only once, but learning reads \
the text again; pass a list, TextFiles(path), or an object whose __iter__ starts anew
    """
    if isinstance(corpus, str):
        raise TypeError("corpus: a str is one text; pass [text] for a text, or TextFiles(path) for a file")
    kind = type(corpus).__name__
    if isinstance(corpus, (bytes, bytearray, memoryview)):
        raise TypeError(f"corpus: expected texts, got {kind}; decode them, or pass TextFiles(path)")
    if isinstance(corpus, os.PathLike):
        raise TypeError(f"corpus: a path is no text; pass TextFiles({str(corpus)!r})")
    once = isinstance(corpus, TextStream)
    if not once:
        try:
            # The same iterator twice: an iterator itself, or an object that hands out the one it was made with.
            once = iter(corpus) is iter(corpus)  # type: ignore[call-overload]
        except TypeError as exc:
            raise TypeError(f"corpus: expected an iterable of str, got {kind}") from exc
    if once:
        raise CorpusNotRestartableError(
            f"corpus: a {kind} can be read only once, but learning reads the text again; "
            "pass a list, TextFiles(path), or an object whose __iter__ starts anew"
        )


def text_blocks(corpus: Iterable[str] | TextStream, advance: Advance | None = None) -> Iterator[str]:
    """Yield the text of any corpus in pieces of some hundred thousand characters.

    Parameters
    ----------
    corpus
        A `TextFiles` or `TextStream`, whose `blocks` are passed on, or an iterable of `str`. An item is a
        text of its own: items are joined by a line end, and never cut.
    advance
        Called with the bytes read of a file, or with the characters of a piece.

    Raises
    ------
    TypeError
        An item is no `str`; with its index.

    Examples
    --------
    >>> list(text_blocks(["今天天气很好", "我们去郊游"]))
    ['今天天气很好\\n我们去郊游']
    """
    if isinstance(corpus, (TextFiles, TextStream)):
        return corpus.blocks(advance)
    return _joined(corpus, advance)


def _joined(items: Iterable[str], advance: Advance | None) -> Iterator[str]:
    texts: list[str] = []
    size = 0

    def piece() -> str:
        """What has gathered, as one text."""
        joined = "\n".join(texts)
        texts.clear()
        if advance is not None:
            advance(len(joined))
        return joined

    for index, item in enumerate(items):
        if not isinstance(item, str):
            remedy = ": decode it first" if isinstance(item, (bytes, bytearray)) else ""
            raise TypeError(f"corpus item {index} is {type(item).__name__}, expected str{remedy}")
        texts.append(item)
        size += len(item) + 1
        if size >= PIECE_SIZE:
            yield piece()
            size = 0
    if size:
        yield piece()


def decoded(reads: Iterable[bytes], decoder: TextDecoder) -> Iterator[str]:
    """The text of a file whose bytes come piece by piece."""
    for data in reads:
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def _files(path: str | os.PathLike[str]) -> list[Path]:
    """Return the files that a path, a directory or a pattern stands for."""
    if isinstance(path, (list, tuple, set)):
        raise TypeError("paths: pass several paths as TextFiles(*paths)")
    shown = os.fspath(path)
    if not isinstance(shown, str):
        raise TypeError(f"paths: expected str or os.PathLike[str], got {type(shown).__name__}")
    if not shown:
        raise ValueError("paths: an empty path")
    if os.path.isfile(shown):
        return [Path(shown)]
    if os.path.isdir(shown):
        return _files_below(shown)
    name = shown if len(shown) <= 200 else shown[:197] + "..."
    if os.path.exists(shown):
        reason = "neither a file nor a directory (a pipe or a device can be read only once)"
        raise CorpusError(f"{name}: {reason}; copy it to a file first")
    if glob.has_magic(shown):
        found = [Path(match) for match in glob.glob(shown, recursive=True) if os.path.isfile(match)]
        if found:
            return sorted(found, key=_by_parts)
        raise CorpusError(f"{name}: no file matches this pattern; check it and the working directory")
    raise CorpusError(f"{name}: there is no such file or directory; check the path")


def _files_below(folder: str) -> list[Path]:
    def refuse(exc: OSError) -> None:
        """Do not pass over what cannot be listed."""
        with reading(str(exc.filename or folder)):
            raise exc

    found = []
    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        here = [Path(parent, name) for name in files if not name.startswith(".")]
        found += [path for path in here if path.is_file()]
    if not found:
        raise CorpusError(f"{folder}: the directory holds no files; check the path")
    return sorted(found, key=_by_parts)


def _by_parts(path: Path) -> tuple[str, ...]:
    return path.parts  # Path objects themselves sort differently on Windows and across versions of Python
