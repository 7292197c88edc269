"""Writing files so that nothing the user has is lost, and one container for arrays on disk.

A container is: 8 bytes `MAGIC`; the length of the header and its CRC-32, as two little-endian ``uint64``; the header,
JSON in UTF-8 with the kind of file, its version, free-form `meta`, and for every array its type, shape, place and
CRC-32; then the arrays, little-endian, each at a multiple of 64 bytes, ready to be mapped into memory. Nothing in it
is executed.
"""

from __future__ import annotations

import json
import math
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from .temporary import temporary_file

__all__ = ["ContainerError", "StoredArray", "open_container", "read_container", "replacing", "write_container"]

MAGIC = b"NLPZERO\n"
_ALIGN = 64
_BLOCK = 1 << 20  # bytes that are checked at once
_PREFIX = len(MAGIC) + 16
_MOST = 1 << 48  # bytes, or items
_TYPES = ("<u1", "|u1", "<u4", "<u8", "<i4", "<i8", "<f4", "<f8")


@contextmanager
def replacing(path: str | os.PathLike[str], *, clear: bool = True) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` for writing; it takes the name `path` when the block ends well.

    An error inside the block removes the temporary file and leaves what was at `path` as it was. What is no regular
    file (``/dev/null``, a pipe) is written directly. What killed processes have left in the folder is removed, if
    `clear` is true.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> target = pathlib.Path(tempfile.mkdtemp()) / "words.txt"
    >>> with replacing(target) as out:
    ...     _ = out.write(b"text")
    >>> target.read_bytes()
    b'text'
    """
    target = Path(os.path.realpath(path))  # a link keeps pointing to what it points to
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        with open(target, "wb") as out:
            yield out
        return
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "is a directory, expected a file to write", str(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(2, "there is no such folder to write to", str(path))
    with temporary_file(target.parent, clear=clear) as (temporary, handle):
        with os.fdopen(handle, "wb") as out:
            yield out
            if os.name != "nt":  # while it is locked, so that no other run takes it for a leftover
                out.flush()
                if mode is not None:
                    os.chmod(temporary, stat.S_IMODE(mode))
                os.replace(temporary, target)
        if os.name == "nt":  # what is open cannot be renamed there
            try:
                os.replace(temporary, target)
            except PermissionError as error:
                reason = "cannot be replaced while it is open or read-only; write to another file"
                raise PermissionError(error.errno, reason, str(path)) from None


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array of one dimension in a file.

    Attributes
    ----------
    path
        The file.
    place
        Where it begins, in bytes.
    dtype, length
        Type and number of its items.
    """

    path: Path
    place: int
    dtype: np.dtype[Any]
    length: int

    def map(self) -> npt.NDArray[Any]:
        """The array, mapped into memory."""
        if not self.length:  # nothing cannot be mapped
            return np.frombuffer(b"", dtype=self.dtype)
        return np.asarray(np.memmap(self.path, self.dtype, "r", self.place, (self.length,)))

    def read(self, first: int, end: int, file: Any = None) -> npt.NDArray[Any]:
        """A part of it, which unlike a mapped one takes no more memory than its items.

        Parameters
        ----------
        first, end
            From which item to before which.
        file
            The file, open without a buffer, if more than one part is wanted.

        Raises
        ------
        OSError
            If the file cannot be read, or is shorter than it was.
        """
        if file is None:
            with open(self.path, "rb", buffering=0) as file:
                return self.read(first, end, file)
        out = np.empty(max(end - first, 0), dtype=self.dtype)
        file.seek(self.place + first * self.dtype.itemsize)
        view = _bytes(out)
        while len(view):
            done = file.readinto(view)
            if not done:
                raise OSError(5, "is shorter than when it was written; keep it in place until the end", str(self.path))
            view = view[done:]
        return out


class ContainerError(Exception):
    """A file is no container of the kind, or a damaged one."""


def write_container(
    path: str | os.PathLike[str],
    kind: str,
    version: int,
    meta: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any] | StoredArray],
) -> None:
    """Write arrays to a file, replacing what is there only when all is written.

    Parameters
    ----------
    path
        The file.
    kind, version
        What the file is, to be checked by `read_container`.
    meta
        Anything JSON can hold.
    arrays
        By name; of the types ``u1 u4 u8 i4 i8 f4 f8``.
    """
    entries, place, stored = [], 0, []
    for name, array in arrays.items():
        dtype = array.dtype.newbyteorder("<")
        if dtype.str not in _TYPES:
            raise ValueError(f"arrays: expected one of the types {', '.join(_TYPES)}, found {array.dtype} for {name}")
        if isinstance(array, StoredArray):
            shape, blocks = [array.length], _reader(array)
        else:
            data = np.ascontiguousarray(array, dtype=dtype)
            shape, blocks = list(data.shape), _once(data)
        crc32 = 0
        for block in blocks():
            crc32 = zlib.crc32(block, crc32)
        entries.append({"name": name, "type": dtype.str, "shape": shape, "place": place, "crc32": crc32})
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        stored.append((blocks, -size % _ALIGN))
        place += size + -size % _ALIGN
    header = json.dumps({"kind": kind, "version": version, "meta": dict(meta), "arrays": entries}).encode("utf-8")
    with replacing(path) as out:
        out.write(MAGIC + len(header).to_bytes(8, "little") + zlib.crc32(header).to_bytes(8, "little") + header)
        out.write(bytes(-(_PREFIX + len(header)) % _ALIGN))
        for blocks, padding in stored:
            for block in blocks():
                out.write(block)
            out.write(bytes(padding))


def _once(data: npt.NDArray[Any]) -> Callable[[], Iterable[memoryview]]:
    return lambda: [_bytes(data)]


def _reader(array: StoredArray) -> Callable[[], Iterable[memoryview]]:
    step = _BLOCK // array.dtype.itemsize
    return lambda: (_bytes(array.read(i, min(i + step, array.length))) for i in range(0, array.length, step))


def _bytes(array: npt.NDArray[Any]) -> memoryview:
    """The memory of a contiguous array."""
    return array.reshape(-1).view(np.uint8).data


def read_container(
    path: str | os.PathLike[str], kind: str, versions: tuple[int, ...]
) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Map a container into memory, after checking every byte of it.

    Returns
    -------
    meta
        What `write_container` was given.
    arrays
        Read-only, by name.

    Raises
    ------
    ContainerError
        If the file is something else, damaged, or of a version that is not among `versions`.
    OSError
        If it cannot be read.
    """
    meta, arrays = open_container(path, kind, versions)
    return meta, {name: array.map().reshape(shape) for name, (array, shape) in arrays.items()}


def open_container(
    path: str | os.PathLike[str], kind: str, versions: tuple[int, ...]
) -> tuple[dict[str, Any], dict[str, tuple[StoredArray, list[int]]]]:
    """Check every byte of a container, and say where its arrays are; see `read_container`.

    Returns
    -------
    meta
        What `write_container` was given.
    arrays
        Place and shape, by name.
    """
    with open(path, "rb") as file:
        prefix = file.read(_PREFIX)
        if len(prefix) < _PREFIX or prefix[: len(MAGIC)] != MAGIC:
            raise ContainerError(f"not a {kind} file: expected it to begin with {MAGIC!r}, found {prefix[:8]!r}")
        length = int.from_bytes(prefix[8:16], "little")
        size = os.fstat(file.fileno()).st_size
        header = file.read(length) if length <= size else b""
        if len(header) < length or zlib.crc32(header) != int.from_bytes(prefix[16:24], "little"):
            raise ContainerError("damaged: the header is not what was written")
        content = json.loads(header)
        if not isinstance(content, dict) or not {"kind", "version", "meta", "arrays"} <= content.keys():
            raise ContainerError(f"not a {kind} file: its header says something else")
        if content["kind"] != kind:
            raise ContainerError(f"not a {kind} file: it holds {content['kind']}")
        if content["version"] not in versions:
            known = ", ".join(map(str, versions))
            raise ContainerError(f"version {content['version']} of the format; this program reads {known}")
        start = _PREFIX + length + -(_PREFIX + length) % _ALIGN
        file.seek(_PREFIX + length)
        _skip_padding(file)
        arrays = {entry["name"]: _array(Path(path), file, start, entry) for entry in content["arrays"]}
        if file.seek(0, os.SEEK_END) != _end(arrays, start):
            raise ContainerError("damaged: it does not end where it was ended")
        return content["meta"], arrays


def _skip_padding(file: IO[bytes]) -> None:
    """Go on to where the next array begins."""
    padding = -file.tell() % _ALIGN
    if file.read(padding) != bytes(padding):
        raise ContainerError("damaged: between its arrays is what was not written")


def _end(arrays: Mapping[str, tuple[StoredArray, list[int]]], start: int) -> int:
    """Where the last array ends, its padding included."""
    ends = (array.place + array.length * array.dtype.itemsize for array, _ in arrays.values())
    return max((end + -end % _ALIGN for end in ends), default=start)


def _array(path: Path, file: IO[bytes], start: int, entry: Mapping[str, Any]) -> tuple[StoredArray, list[int]]:
    """One array of a container, checked."""
    shape, place = entry["shape"], entry["place"]
    sizes = [place, *shape] if isinstance(shape, list) else [None]
    if entry["type"] not in _TYPES or any(type(size) is not int or not 0 <= size < _MOST for size in sizes):
        raise ContainerError(f"damaged: array {entry['name']} cannot be what was written")
    dtype, first, length = np.dtype(entry["type"]), start + place, math.prod(shape)
    left, crc32 = length * dtype.itemsize, 0
    file.seek(first)
    while left > 0 and (block := file.read(min(_BLOCK, left))):
        crc32, left = zlib.crc32(block, crc32), left - len(block)
    if left or crc32 != entry["crc32"]:
        raise ContainerError(f"damaged: array {entry['name']} is not what was written")
    _skip_padding(file)
    return StoredArray(path, first, dtype, length), shape
