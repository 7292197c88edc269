"""Temporary files and folders that are gone after any end of the process."""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import nlp_zero
from nlp_zero import temporary
from nlp_zero.temporary import Scratch, remove_leftovers, temporary_file

ROOT = Path(nlp_zero.__file__).parents[1]
FOLDER = "nlp-zero-0123456789abcdef"
FILE = ".nlp-zero-0123456789abcdef.tmp"


def names(folder: Path) -> list[str]:
    """All that is in a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def use_scratch(folder: Path) -> None:
    """Make a folder and remove it."""
    with Scratch(folder) as scratch:
        scratch.new().touch()


def use_file(folder: Path) -> None:
    """Make a file and remove it."""
    with temporary_file(folder) as (_, handle):
        os.close(handle)


@pytest.fixture(params=[use_scratch, use_file, remove_leftovers])
def next_run(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    """What the next run does in the folder."""
    use: Callable[[Path], None] = request.param
    return use


@pytest.fixture(params=["locks", "no locks"])
def any_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """This system, and one that has no `fcntl`."""
    if request.param == "no locks":
        monkeypatch.setattr(temporary, "_YOUNG", -1)
        monkeypatch.setattr(temporary, "fcntl", None)


# ---------------------------------------------------------------------------------------------------- folders


def test_a_folder_is_made_when_it_is_asked_for(any_system: None, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    assert names(tmp_path) == []
    path = scratch.path
    assert path.is_dir() and path.parent == tmp_path and temporary._FOLDER.fullmatch(path.name)
    assert scratch.path == path
    assert names(tmp_path) == [path.name, f"{path.name}/lock"]
    scratch.close()


def test_others_cannot_look_into_a_folder(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch:
        assert scratch.path.stat().st_mode & 0o077 == 0


def test_the_folder_is_where_the_system_keeps_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", os.fspath(tmp_path))
    with Scratch() as scratch:
        assert scratch.path.parent == tmp_path
    with Scratch(os.fspath(tmp_path)) as scratch:
        assert scratch.path.parent == tmp_path
    assert names(tmp_path) == []


def test_new_paths_are_different_and_free(any_system: None, tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch:
        paths = {scratch.new() for _ in range(1000)}
        assert len(paths) == 1000
        assert {path.parent for path in paths} == {scratch.path}
        assert not any(path.exists() for path in paths)


def test_two_folders_are_different(tmp_path: Path) -> None:
    with Scratch(tmp_path) as one, Scratch(tmp_path) as two:
        one.new().touch()
        assert one.path != two.path
        assert len(names(one.path)) == 2 and len(names(two.path)) == 1


def test_closing_removes_all(any_system: None, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    scratch.new().write_bytes(b"text")
    scratch.new().mkdir()
    scratch.close()
    assert names(tmp_path) == []
    scratch.close()  # again does nothing


def test_closing_what_was_never_made_does_nothing(tmp_path: Path) -> None:
    Scratch(tmp_path).close()
    Scratch(tmp_path / "missing").close()
    assert names(tmp_path) == []


def test_a_closed_one_can_be_used_again(any_system: None, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    before = scratch.path
    scratch.close()
    assert scratch.path != before and scratch.path.is_dir()
    scratch.close()
    assert names(tmp_path) == []


def test_a_dropped_reference_removes_all(any_system: None, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    scratch.new().write_bytes(b"text")
    assert len(names(tmp_path)) == 3
    del scratch
    gc.collect()
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_the_end_of_the_block_removes_all(error: type[BaseException] | None, any_system: None, tmp_path: Path) -> None:
    with suppress(RuntimeError, KeyboardInterrupt), Scratch(tmp_path) as scratch:
        scratch.new().write_bytes(b"text")
        if error is not None:
            raise error
    assert names(tmp_path) == []


def test_no_handle_stays_open(any_system: None, tmp_path: Path) -> None:
    def first_free() -> int:
        handle = os.open(os.devnull, os.O_RDONLY)
        os.close(handle)
        return handle

    before = first_free()
    for _ in range(3):
        (tmp_path / FOLDER).mkdir()
        (tmp_path / FOLDER / "lock").touch()
        (tmp_path / FILE).touch()
        use_scratch(tmp_path)
        use_file(tmp_path)
    assert first_free() == before


def test_several_threads_that_ask_first_get_one_folder(any_system: None, tmp_path: Path) -> None:
    for _ in range(20):
        with Scratch(tmp_path) as scratch:
            barrier, found = threading.Barrier(8), list[Path]()

            def ask(
                scratch: Scratch = scratch, barrier: threading.Barrier = barrier, found: list[Path] = found
            ) -> None:
                barrier.wait(10)
                found.append(scratch.path)

            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
            assert found == [scratch.path] * 8
            assert os.listdir(tmp_path) == [scratch.path.name]
    assert names(tmp_path) == []


def test_several_threads_that_each_make_a_folder_do_not_remove_those_of_others(tmp_path: Path) -> None:
    barrier, errors = threading.Barrier(8), list[BaseException]()

    def work() -> None:
        try:
            barrier.wait(10)
            for _ in range(50):
                with Scratch(tmp_path) as scratch:
                    path = scratch.new()
                    path.write_bytes(b"text")
                    assert path.read_bytes() == b"text"
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_an_os_error(any_system: None, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "missing")
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            scratch.new()
    (tmp_path / "missing").mkdir()
    assert scratch.path.is_dir()
    scratch.close()


def test_another_process_gets_the_same_folder_and_leaves_it(any_system: None, tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    sent: Scratch = pickle.loads(pickle.dumps(scratch))
    assert sent.path == scratch.path and sent.path.is_dir()
    again: Scratch = pickle.loads(pickle.dumps(sent))
    assert again.path == scratch.path
    file = sent.new()
    file.write_bytes(b"text")
    again.close()
    with sent:
        pass
    del sent, again
    gc.collect()
    assert file.read_bytes() == b"text"
    scratch.close()
    assert names(tmp_path) == []


# ------------------------------------------------------------------------------------------------------ files


def test_a_file_can_be_written_and_goes(any_system: None, tmp_path: Path) -> None:
    with temporary_file(tmp_path) as (path, handle):
        assert path.parent == tmp_path and temporary._FILE.fullmatch(path.name)
        os.write(handle, b"text")
        os.close(handle)
        assert path.read_bytes() == b"text"
    assert names(tmp_path) == []


def test_a_file_that_was_renamed_stays(any_system: None, tmp_path: Path) -> None:
    with temporary_file(tmp_path) as (path, handle):
        os.write(handle, b"text")
        os.close(handle)
        path.replace(tmp_path / "file")
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_removes_the_file(error: type[BaseException], any_system: None, tmp_path: Path) -> None:
    with pytest.raises(error), temporary_file(tmp_path) as (_, handle):
        os.close(handle)
        raise error
    assert names(tmp_path) == []


# -------------------------------------------------------------------------------------------------- leftovers


def leave(folder: Path) -> None:
    """Leave what a killed process leaves."""
    (folder / FOLDER / "deep").mkdir(parents=True)
    (folder / FOLDER / "lock").touch()
    (folder / FOLDER / "0123").write_bytes(b"text")
    (folder / FOLDER / "deep" / "file").write_bytes(b"text")
    (folder / FILE).write_bytes(b"text")


def test_what_a_killed_process_left_goes(next_run: Callable[[Path], None], any_system: None, tmp_path: Path) -> None:
    leave(tmp_path)
    next_run(tmp_path)
    assert names(tmp_path) == []


def test_a_folder_whose_removal_was_interrupted_goes(
    next_run: Callable[[Path], None], any_system: None, tmp_path: Path
) -> None:
    leave(tmp_path)
    (tmp_path / FOLDER / "lock").unlink()
    next_run(tmp_path)
    assert names(tmp_path) == []


def test_an_empty_folder_without_lock_goes(next_run: Callable[[Path], None], any_system: None, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    next_run(tmp_path)
    assert names(tmp_path) == []


def test_several_leftovers_go_at_once(any_system: None, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"nlp-zero-{number:016x}").mkdir()
        (tmp_path / f"nlp-zero-{number:016x}" / "lock").touch()
        (tmp_path / f".nlp-zero-{number:016x}.tmp").touch()
    remove_leftovers(tmp_path)
    assert names(tmp_path) == []


def test_a_file_that_a_link_points_to_stays_when_a_leftover_goes(any_system: None, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    leave(tmp_path)
    (tmp_path / FOLDER / "link").symlink_to(tmp_path / "mine")
    remove_leftovers(tmp_path)
    assert names(tmp_path) == ["mine", "mine/file"]


FOREIGN = [
    "nlp-zero-src",
    "nlp-zero-XYZ",
    "nlp-zero-0123456789ABCDEF",
    "nlp-zero-0123456789abcde",
    "nlp-zero-0123456789abcdef0",
    "nlp-zero-0123456789abcdef.txt",
    "a-nlp-zero-0123456789abcdef",
    ".nlp-zero-short.tmp",
    "nlp-zero-0123456789abcdef.tmp",
    ".nlp-zero-0123456789abcdef.tmp.gz",
    ".nlp-zero-0123456789abcdef.tmp\n",
    "nlp-zero-0123456789abcdef\n",
]


@pytest.mark.parametrize("kind", ["files", "folders"])
def test_foreign_names_stay(kind: str, next_run: Callable[[Path], None], any_system: None, tmp_path: Path) -> None:
    for name in FOREIGN:
        if kind == "files":
            (tmp_path / name).write_bytes(b"text")
        else:
            (tmp_path / name).mkdir()
            (tmp_path / name / "lock").touch()
    before = names(tmp_path)
    next_run(tmp_path)
    assert names(tmp_path) == before


def test_a_file_with_the_name_of_a_folder_stays_and_the_other_way_round(
    next_run: Callable[[Path], None], any_system: None, tmp_path: Path
) -> None:
    (tmp_path / FOLDER).touch()
    (tmp_path / FILE).mkdir()
    next_run(tmp_path)
    assert names(tmp_path) == sorted([FOLDER, FILE])


def test_links_with_our_names_stay_as_does_what_they_point_to(
    next_run: Callable[[Path], None], any_system: None, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    (there / "lock").touch()
    (there / "file").touch()
    (here / FOLDER).symlink_to(there)
    (here / FILE).symlink_to(there / "file")
    (here / FOLDER.replace("0", "1")).symlink_to(tmp_path / "missing")
    before = names(tmp_path)
    next_run(here)
    assert sorted(os.listdir(here)) == sorted([FOLDER, FILE, FOLDER.replace("0", "1")])
    assert sorted(os.listdir(there)) == ["file", "lock"]
    assert names(tmp_path) == before


def test_what_this_process_uses_stays(next_run: Callable[[Path], None], tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch, temporary_file(tmp_path) as (path, handle):
        file = scratch.new()
        file.write_bytes(b"text")
        next_run(tmp_path)
        assert path.exists() and file.read_bytes() == b"text"
        os.close(handle)


def test_what_cannot_be_removed_stays_without_an_error(
    any_system: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError("it belongs to someone else")

    leave(tmp_path)
    before = names(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", fail)
        patch.setattr(shutil, "rmtree", fail)
        remove_leftovers(tmp_path)
    assert names(tmp_path) == before


def test_a_folder_that_cannot_be_listed_has_no_leftovers(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remove_leftovers(tmp_path / "missing")
    remove_leftovers(tmp_path / "file")


HOLDER = """
import os, sys, time
from pathlib import Path
from nlp_zero.temporary import Scratch, temporary_file

with Scratch(sys.argv[1]) as scratch, temporary_file(Path(sys.argv[1])) as (path, handle):
    scratch.new().write_bytes(b"text")
    print(scratch.path.name, path.name, flush=True)
    sys.stdin.read()
    os.close(handle)
"""


@contextmanager
def holder(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Another process that uses a temporary folder and a temporary file, and their names."""
    command = [sys.executable, "-c", HOLDER, os.fspath(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().split()
        finally:
            process.kill()


def test_what_another_process_uses_stays_until_it_is_killed(next_run: Callable[[Path], None], tmp_path: Path) -> None:
    with holder(tmp_path) as (process, used):
        before = names(tmp_path)
        assert len(before) == 4 and set(used) < set(before)
        for _ in range(2):
            next_run(tmp_path)
            assert names(tmp_path) == before
        process.kill()
        process.wait(30)
        assert names(tmp_path) == before
        next_run(tmp_path)
        assert names(tmp_path) == []


def test_a_process_that_ends_removes_its_own(tmp_path: Path) -> None:
    with holder(tmp_path) as (process, used):
        assert len(used) == 2
        process.communicate("", timeout=30)
        assert process.returncode == 0
    assert names(tmp_path) == []


def test_the_end_of_python_removes_what_was_not_closed(tmp_path: Path) -> None:
    program = (
        "import sys; from nlp_zero.temporary import Scratch; s = Scratch(sys.argv[1]); s.new().touch(); sys.exit(3)"
    )
    done = subprocess.run([sys.executable, "-c", program, os.fspath(tmp_path)], cwd=ROOT, timeout=60)
    assert done.returncode == 3
    assert names(tmp_path) == []


# ------------------------------------------------------------------- other runs that look at the wrong moment


def test_a_folder_that_vanishes_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = os.mkdir, list[Path]()

    def make_and_lose(path: Path, mode: int = 0o777) -> None:
        make(path, mode)
        made.append(path)
        if len(made) < 4:
            remove_leftovers(tmp_path)
            assert not path.exists()

    monkeypatch.setattr(os, "mkdir", make_and_lose)
    with Scratch(tmp_path) as scratch:
        path = scratch.path
        assert made[3:] == [path] and path.is_dir()
    assert names(tmp_path) == []


def test_a_file_that_vanishes_before_it_is_locked_is_made_again(
    next_run: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, calls = temporary._lock, list[int]()

    def lose_and_lock(handle: int) -> int:
        calls.append(handle)
        if len(calls) == 1:
            remove_leftovers(tmp_path)
        return lock(handle)

    monkeypatch.setattr(temporary, "_lock", lose_and_lock)
    with temporary_file(tmp_path) as (path, handle):
        assert path.exists()
        remove_leftovers(tmp_path)
        assert path.exists()
        os.close(handle)
    calls.clear()
    with Scratch(tmp_path) as scratch:
        assert scratch.path.is_dir()
        remove_leftovers(tmp_path)
        assert scratch.path.is_dir()
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_another_run_has_locked_to_remove_is_not_used(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, taken = temporary._lock, list[int]()

    def lose_and_lock(handle: int) -> int:
        if not taken:  # another run is about to remove it: it holds the lock, but has not yet removed it
            found = [path for path in tmp_path.rglob("*") if path.is_file()]
            taken.append(os.open(found[0], os.O_RDWR))
            fcntl.flock(taken[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock(handle)

    monkeypatch.setattr(temporary, "_lock", lose_and_lock)
    try:
        if kind == "folder":
            with Scratch(tmp_path) as scratch:
                used = os.stat(scratch.path / "lock")
        else:
            with temporary_file(tmp_path) as (path, handle):
                used = os.stat(path)
                os.close(handle)
        assert not os.path.samestat(used, os.fstat(taken[0]))
    finally:
        os.close(taken[0])


def test_a_leftover_file_that_vanishes_does_not_take_the_folder_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / FILE).touch()
    open_file = os.open

    def vanish(path: Path, flags: int, mode: int = 0o777) -> int:
        (here / FILE).unlink(missing_ok=True)  # its owner has removed it, after the folder was listed
        return open_file(path, flags, mode)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", vanish)
        remove_leftovers(here)
    assert here.is_dir()


def test_a_system_without_working_locks_still_has_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(temporary.fcntl, "flock", fail)
    leave(tmp_path)
    before = names(tmp_path)
    use_scratch(tmp_path)
    use_file(tmp_path)
    assert names(tmp_path) == before  # nobody can tell whether it has an owner
