"""Temporary files and folders that are gone after any end of the process: those of a killed one the next run removes.

What is being written is locked by its writer. The system drops the lock of a process however it ends, so what bears our
name and can be locked has no owner any more. Windows has no such locks, but refuses to remove a file that is open.
"""

from __future__ import annotations

import os
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

__all__ = ["Scratch", "remove_leftovers", "temporary_file"]

_PREFIX = "nlp-zero-"
_SUFFIX = ".tmp"
_FOLDER = re.compile(_PREFIX + "[0-9a-f]{16}")
_FILE = re.compile("[.]" + _PREFIX + "[0-9a-f]{16}" + re.escape(_SUFFIX))
_LOCK = "lock"
_LOCKED, _TAKEN, _NO_LOCKS = range(3)
_YOUNG = 60  # seconds in which a file without an owner may be one that is being renamed (Windows)
_TRIES = 100  # another run may take a name for a leftover before it is locked


class Scratch:
    """A folder for temporary files, made when it is first asked for.

    Parameters
    ----------
    parent
        Where to make it; by default where the system keeps temporary files (``TMPDIR``, ``TEMP``).

    Notes
    -----
    It is removed by `close`, and otherwise when the last reference to it is dropped or Python ends.
    """

    def __init__(self, parent: str | os.PathLike[str] | None = None) -> None:
        self._parent = parent
        self._path: Path | None = None
        self._finalizer: Any = None
        self._lock = threading.Lock()  # for several threads that ask for it first

    @property
    def path(self) -> Path:
        """The folder.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        with self._lock:
            if self._path is None:
                import shutil  # noqa: F401 - what removes it is there also when no file can be opened any more

                if self._parent is None:
                    from tempfile import gettempdir

                    self._parent = gettempdir()
                parent = Path(self._parent)
                remove_leftovers(parent)
                self._path, lock = _new_folder(parent)
                self._finalizer = weakref.finalize(self, _remove, self._path, lock, os.getpid())
            return self._path

    def new(self) -> Path:
        """The path of a file that does not exist yet."""
        return self.path / _new_name()

    def __reduce__(self) -> tuple[Any, ...]:
        return _Borrowed, (self.path,)  # another process may write into the folder, and does not remove it

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        if self._finalizer is not None:
            self._finalizer()
        self._path = None

    def __enter__(self) -> Scratch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Borrowed(Scratch):
    """The folder of another process."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def close(self) -> None:
        """Leave the folder to its owner."""


def _new_folder(parent: Path) -> tuple[Path, int]:
    """Make a folder with a locked file in it, which tells that it has an owner; returns both."""
    for _ in range(_TRIES):
        path = parent / f"{_PREFIX}{_new_name()}"
        os.mkdir(path, 0o700)
        # another run took the empty folder for a leftover; Windows says so in another way
        with suppress(FileNotFoundError, *([PermissionError] if fcntl is None else [])):
            handle = _new_file(path / _LOCK)
            if handle is not None:
                return path, handle
    raise FileExistsError(17, "temporary folders vanish as soon as they are made", os.fspath(parent))


def _new_file(path: Path) -> int | None:
    """Create and lock a file; None if another run took it for a leftover in between."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    with suppress(FileNotFoundError):
        if _lock(handle) != _TAKEN and (fcntl is None or os.path.samestat(os.fstat(handle), os.stat(path))):
            return handle
    os.close(handle)  # another run is removing it
    return None


def _remove(folder: Path, lock: int, owner: int) -> None:
    if os.getpid() != owner:  # a forked process ends: the folder is not its own
        return
    if fcntl is None:  # what is open cannot be removed there
        os.close(lock)
        _remove_folder(folder, ignore_errors=True)
    else:
        _remove_folder(folder, ignore_errors=True)
        os.close(lock)


@contextmanager
def temporary_file(folder: Path, *, clear: bool = True) -> Iterator[tuple[Path, int]]:
    """Create a file in a folder, locked and open for writing.

    Yields
    ------
    path, handle
        Its name and its file descriptor, which the block has to close. It is removed when the block ends, unless it
        was renamed.
    """
    if clear:
        remove_leftovers(folder)
    handle = None
    for _ in range(_TRIES):
        path = folder / f".{_PREFIX}{_new_name()}{_SUFFIX}"
        handle = _new_file(path)
        if handle is not None:
            break
    else:
        raise FileExistsError(17, "temporary files vanish as soon as they are made", os.fspath(folder))
    try:
        yield path, handle
    finally:
        with suppress(FileNotFoundError if fcntl is not None else OSError):  # Windows keeps what is read-only
            os.unlink(path)


def _new_name() -> str:
    return os.urandom(8).hex()


def _remove_folder(folder: Path, *, ignore_errors: bool = False) -> None:
    from shutil import rmtree  # which most runs do not need, and takes a while to load

    rmtree(folder, ignore_errors=ignore_errors)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes have left in a folder; what cannot be removed stays."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            if _FILE.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _remove_unowned(Path(entry.path), os.unlink)
            elif _FOLDER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _remove_unowned(Path(entry.path, _LOCK), lambda lock: _remove_folder(Path(lock).parent))


def _remove_unowned(path: Path, remove: Callable[[Path], object]) -> None:
    """Remove something unless a process has locked the file `path` or, on Windows, has it open."""
    is_folder = path.name == _LOCK
    if fcntl is None:
        if is_folder or time.time() - os.stat(path).st_mtime > _YOUNG:
            with suppress(FileNotFoundError):
                os.unlink(path)
            remove(path)
        return
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        if not is_folder:
            return
        with suppress(OSError):  # it is being made, and empty: its maker sees that it is gone
            os.rmdir(path.parent)
        if not path.exists():  # its lock is the first file in it, so removing it was itself interrupted
            remove(path)
        return
    try:
        if _lock(handle) == _LOCKED:
            remove(path)
    finally:
        os.close(handle)


def _lock(handle: int) -> int:
    """Lock a file for this process; says whether that was done, somebody else has locked it, or there are no locks."""
    if fcntl is None:
        return _NO_LOCKS
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _TAKEN
    except OSError:  # the file system has none
        return _NO_LOCKS
    return _LOCKED
