"""Writing files so that nothing the user has is lost, and one container for arrays on disk.

A container is: 8 bytes `MAGIC`; the length of the header and its CRC-32, as two little-endian ``uint64``; the header,
JSON in UTF-8 with the kind of file, its version, free-form `meta`, and for every array its type, shape, place and
CRC-32; then the arrays, little-endian, each at a multiple of 64 bytes, ready to be mapped into memory. Nothing in it
is executed.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

__all__ = ["ContainerError", "read_container", "replacing", "write_container"]

MAGIC = b"NLPZERO\n"
_ALIGN = 64
_PREFIX = len(MAGIC) + 16
_TYPES = ("<u1", "|u1", "<u4", "<u8", "<i4", "<i8", "<f4", "<f8")


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` for writing; it takes the name `path` when the block ends well.

    An error inside the block removes the temporary file and leaves what was at `path` as it was. What is no regular
    file (``/dev/null``, a pipe) is written directly.

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
    temporary = target.parent / f".nlp-zero-{secrets.token_hex(8)}.tmp"  # a name beside, however long the target's is
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        if mode is not None:
            os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


class ContainerError(Exception):
    """A file is no container of the kind, or a damaged one."""


def write_container(
    path: str | os.PathLike[str],
    kind: str,
    version: int,
    meta: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
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
        if array.dtype.newbyteorder("<").str not in _TYPES:
            raise ValueError(f"arrays: expected one of the types {', '.join(_TYPES)}, found {array.dtype} for {name}")
        data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        entries.append({"name": name, "type": data.dtype.str, "shape": list(data.shape), "place": place,
                        "crc32": zlib.crc32(_bytes(data))})  # fmt: skip
        stored.append(data)
        place += -(-data.nbytes // _ALIGN) * _ALIGN
    header = json.dumps({"kind": kind, "version": version, "meta": dict(meta), "arrays": entries}).encode("utf-8")
    with replacing(path) as out:
        out.write(MAGIC + len(header).to_bytes(8, "little") + zlib.crc32(header).to_bytes(8, "little") + header)
        out.write(bytes(-(_PREFIX + len(header)) % _ALIGN))
        for data in stored:
            out.write(_bytes(data))
            out.write(bytes(-data.nbytes % _ALIGN))


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
    whole = np.memmap(path, dtype=np.uint8, mode="r")
    return content["meta"], {entry["name"]: _array(whole, start, entry) for entry in content["arrays"]}


def _array(whole: npt.NDArray[np.uint8], start: int, entry: Mapping[str, Any]) -> npt.NDArray[Any]:
    """One array of a container, checked."""
    dtype = np.dtype(entry["type"])
    size = int(np.prod(entry["shape"], dtype=np.int64)) * dtype.itemsize
    first = start + entry["place"]
    data = whole[first : first + size]
    if entry["type"] not in _TYPES or len(data) < size or zlib.crc32(_bytes(data)) != entry["crc32"]:
        raise ContainerError(f"damaged: array {entry['name']} is not what was written")
    return np.asarray(data.view(dtype).reshape(entry["shape"]))
