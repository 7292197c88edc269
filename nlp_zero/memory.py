"""How much memory there is, and sizes as people write them."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

__all__ = ["available_memory", "parse_size", "shown_size"]

_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BINARY: Final = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE: Final = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([KMGT]?)(I?)B?\s*", re.IGNORECASE | re.ASCII)
_UNKNOWN: Final = 2 * 10**9  # bytes that a machine is taken to have free if it does not tell
_CGROUPS: Final = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def parse_size(size: int | str) -> int:
    """The number of bytes that a size stands for.

    Parameters
    ----------
    size
        A number of bytes, or a number with a unit: ``KB``, ``MB``, ``GB``, ``TB`` (powers of 1000; the ``B`` may be
        missing) or ``KiB``, ``MiB``, ``GiB``, ``TiB`` (powers of 1024).

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> parse_size("256MB"), parse_size("1.5 GiB"), parse_size(1000)
    (256000000, 1610612736, 1000)
    """
    match = _SIZE.fullmatch(str(size))
    if isinstance(size, bool) or match is None or (match[3] and not match[2]):
        raise ValueError(f"expected a size such as 256MB or 2GiB, found {size!r}")
    return int(Fraction(match[1]) * (_BINARY if match[3] else _UNITS)[match[2].upper()])


def shown_size(size: int) -> str:
    """A number of bytes for people, to three digits.

    Examples
    --------
    >>> shown_size(256_000_000), shown_size(1_234_567_890)
    ('256 MB', '1.23 GB')
    """
    for unit in "TGMK":
        if size >= 0.9995 * _UNITS[unit]:
            amount = size / _UNITS[unit]
            return f"{amount:.3g} {unit}B" if amount < 999.5 else f"{amount:.0f} {unit}B"
    return f"{size} bytes"


def available_memory() -> int:
    """Bytes that programs can still use without swapping: of the machine, and of the container if that is less."""
    amounts = [_of_container(*paths) for paths in _CGROUPS]
    amounts.append(_of_linux() or _of_windows() or _of_posix() or _UNKNOWN)
    return min(amount for amount in amounts if amount is not None)


def _of_container(limit: str, used: str) -> int | None:
    with suppress(OSError, ValueError):
        return max(int(_text(limit)) - int(_text(used)), 0)
    return None


def _text(path: str) -> str:
    return Path(path).read_text(encoding="ascii")


def _of_linux() -> int | None:
    with suppress(OSError, ValueError):
        match = re.search(r"^MemAvailable:\s*(\d+) kB", _text("/proc/meminfo"), re.MULTILINE)
        if match:
            return int(match[1]) * 1024
    return None


def _of_windows() -> int | None:
    if sys.platform != "win32":
        return None
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (("length", ctypes.c_uint32), ("load", ctypes.c_uint32), *((x, ctypes.c_uint64) for x in "abcdefg"))

    status = Status(length=ctypes.sizeof(Status))
    # the fields after `load`: total and available physical memory, then page file and address space
    return int(status.b) if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None


def _of_posix() -> int | None:
    """Half of all memory, where the system only tells how much that is (macOS)."""
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None
