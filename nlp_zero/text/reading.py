"""The bytes of a file as they come from the disk, unpacked if need be, and errors that name the file."""

from __future__ import annotations

import importlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..errors import CorpusError
from ..progress import Advance

__all__ = ["READ_SIZE", "archive_of", "file_bytes", "reading"]

READ_SIZE = 1 << 18  # bytes


class Archive(NamedTuple):
    """A kind of compressed file, and the module of the standard library that opens it."""

    kind: str
    suffix: str
    magic: re.Pattern[bytes]
    module: str
    unpack: str


_ARCHIVES = (
    Archive("gzip", ".gz", re.compile(rb"\x1f\x8b\x08"), "gzip", "gzip -dc"),
    Archive("bzip2", ".bz2", re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), "bz2", "bzip2 -dc"),
    Archive("xz", ".xz", re.compile(rb"\xfd7zXZ\0"), "lzma", "xz -dc"),
    Archive("zstd", ".zst", re.compile(rb"\x28\xb5\x2f\xfd"), "compression.zstd", "zstd -dc"),
)


def archive_of(head: bytes) -> Archive | None:
    """The kind of packed file that begins so, if any."""
    return next((archive for archive in _ARCHIVES if archive.magic.match(head)), None)


def file_bytes(
    path: Path,
    name: str,
    advance: Advance | None,
    first: int = 0,
    end: int | None = None,
    known_size: int | None = None,
) -> Iterator[bytes]:
    """Yield the unpacked bytes of a file, and tell `advance` how far the file on disk was read.

    Parameters
    ----------
    path
        The file.
    name
        What errors call it.
    advance
        Called with numbers of bytes.
    first, end
        From where to where a file that is not packed is wanted.
    known_size
        The size that it had before.

    Raises
    ------
    CorpusError
        If it cannot be read or unpacked, or if it changes meanwhile.
    """
    with reading(name):
        file = open(path, "rb", buffering=0)
    with file:
        with reading(name):
            size, head = os.fstat(file.fileno()).st_size, file.read(16)
            file.seek(first)
        archive = archive_of(head)
        source = file if archive is None else _unpacked(file, name, archive)
        if archive is None:
            _check_suffix(path, name)
        if known_size is not None:
            _check_size(name, known_size, size)
        done = first
        while True:
            with reading(name, archive):
                data = source.read(READ_SIZE if end is None else min(READ_SIZE, end - done))
            # What an unpacker leaves unread (padding behind the archive) counts as read in the end.
            position = file.tell() if data else max(size if end is None else end, done)
            if archive is None and not data:
                _check_size(name, size, os.fstat(file.fileno()).st_size)
                _check_size(name, position, done)
            if advance is not None and position > done:
                advance(position - done)
            done = position
            if not data:
                return
            yield data


def _check_size(name: str, expected: int, found: int) -> None:
    """Refuse a file that is being written: its text would be another one at each reading."""
    if found != expected:
        reason = f"changed while it was read (from {expected} to {found} bytes)"
        raise CorpusError(f"{name}: {reason}; wait until it is complete, or read a copy")


def _unpacked(file: BinaryIO | io.FileIO, name: str, archive: Archive) -> Any:
    try:
        module = importlib.import_module(archive.module)
    except ImportError as exc:
        reason = f"{archive.kind} data, but this Python has no module {archive.module}"
        raise CorpusError(f"{name}: {reason}; unpack it first: {archive.unpack} FILE > TEXT") from exc
    return module.open(file, "rb")


def _check_suffix(path: Path, name: str) -> None:
    for archive in _ARCHIVES:
        if path.suffix.lower() == archive.suffix:
            reason = f"named {archive.suffix}, but holds no {archive.kind} data"
            raise CorpusError(f"{name}: {reason}; rename it if it is plain text, or fetch it again")


@contextmanager
def reading(name: str, archive: Archive | None = None, doing: str = "read") -> Iterator[None]:
    """Turn what the system or an unpacker raises into a `CorpusError` that names the file."""
    try:
        yield
    except OSError as exc:
        if archive is not None and exc.errno is None:  # how gzip and bz2 report bad data
            raise _damaged(name, archive, exc) from exc
        raise CorpusError(f"{name}: cannot be {doing}: {exc.strerror or exc}; {_remedy(exc)}") from exc
    except Exception as exc:
        # EOFError, zlib.error, LZMAError, ZstdError: each unpacker has its own.
        if archive is None or isinstance(exc, MemoryError):
            raise
        raise _damaged(name, archive, exc) from exc


def _damaged(name: str, archive: Archive, exc: Exception) -> CorpusError:
    return CorpusError(f"{name}: damaged or incomplete {archive.kind} data ({exc}); fetch the file again")


def _remedy(exc: OSError) -> str:
    if isinstance(exc, FileNotFoundError):
        return "check the path"
    if isinstance(exc, PermissionError):
        return "ask for the right to read it, or leave it out"
    return "check the disk and try again"
