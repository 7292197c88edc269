"""What can go wrong outside: full disks, vanishing files, closed pipes, Ctrl-C, SIGKILL.

After each of them there is no half file under a real name, nothing temporary that the next run does not clear, and one
line that says what happened where one can still be said.
"""

from __future__ import annotations

import os
import pickle
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from made_up import made_up_text

from nlp_zero import CorpusError, NgramCounts, SpillError, TextFiles, WordFinder, core_name
from nlp_zero.statistics import sums

SMALLEST = "64MB"  # so little that half a million characters are spilled
KILLS = settings.default.max_examples // 16  # the profile says how much patience there is


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text that is worth some seconds."""
    path = tmp_path_factory.mktemp("input") / "text.txt"
    path.write_bytes(made_up_text(600_000 if core_name == "c" else 400_000).encode("utf-8"))
    return path


class Place:
    """A folder for results, with one for temporary files in it."""

    def __init__(self, path: Path) -> None:
        self.path, self.temporary, self.out = path, path / "tmp", path / "words.tsv"
        self.temporary.mkdir()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: object, **options: object) -> subprocess.Popen[bytes]:
        """Start a command in a session of its own."""
        command = [sys.executable, "-m", "nlp_zero", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": self.path}
        process = subprocess.Popen(command, start_new_session=True, **{**pipes, **options})  # type: ignore[call-overload]
        self.processes.append(process)
        return process  # type: ignore[no-any-return]

    def end(self) -> None:
        """Leave no process behind, also where a test has failed."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()

    def discover(self, text: Path, *more: object, **options: object) -> subprocess.Popen[bytes]:
        where = ("--memory", SMALLEST, "--temporary-directory", self.temporary)
        return self.start("discover", text, *where, "--quiet", *more, **options)

    def names(self) -> tuple[list[str], list[str]]:
        """What is there."""
        return sorted(set(os.listdir(self.path)) - {"tmp"}), os.listdir(self.temporary)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.end()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """The exit status and what was said."""
    _, err = process.communicate(timeout=60)
    return process.returncode, err.decode("utf-8")


def one_line(err: str) -> str:
    assert re.fullmatch(r"nlp-zero: [^\n]+\n", err), err
    return err


# ------------------------------------------------------------------------------------------------- the disk


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_while_spilling(jobs: int, text: Path, place: Place) -> None:
    def no_more() -> None:  # what a file may hold: a disk that is full in the middle of it
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    status, err = ended(place.discover(text, "--jobs", jobs, "-o", place.out, preexec_fn=no_more))
    assert status == 1
    assert "temporary files cannot be written or read: File too large; name a folder with more room" in one_line(err)
    assert "(--temporary-directory), or allow more memory (--memory)" in err
    assert place.names() == ([], [])


def test_a_full_disk_while_writing_the_result(text: Path, place: Place) -> None:
    for arguments in (("-o", "/dev/full"), ("--save-counts", "/dev/full", "-o", place.out)):
        status, err = ended(place.discover(text, *arguments))
        assert status == 1 and "No space left on device" in one_line(err)
    assert place.names()[1] == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_folder_of_temporary_files_vanishes(
    jobs: int, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = sums.written

    def vanishing(*arguments: object) -> object:
        run = original(*arguments)  # type: ignore[arg-type]
        shutil.rmtree(tmp_path / "tmp", ignore_errors=True)
        return run

    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(sums, "written", vanishing)
    monkeypatch.setattr("nlp_zero.parallel.Workers._elsewhere", _here)  # a patch is not there in other processes
    with pytest.raises(
        SpillError, match=r"/tmp/nlp-zero-\w+: temporary files cannot be .*\(the folder is gone\); name a"
    ):
        WordFinder(memory_limit=SMALLEST, jobs=jobs, temporary_directory=tmp_path / "tmp").fit(TextFiles(text))


def _here(workers: object, work: Callable[[object], object], task: object) -> object:
    return pickle.loads(work.data)(task)  # type: ignore[attr-defined]


@pytest.mark.parametrize("change", [lambda path: os.truncate(path, 400_000), lambda path: _append(path)])
def test_a_file_that_changes_while_it_is_read(change: Callable[[Path], None], text: Path, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    shutil.copy(text, path)
    seen = 0

    def advance(amount: int) -> None:
        nonlocal seen
        if not seen:
            change(path)
        seen += amount

    with pytest.raises(
        CorpusError, match=r"text\.txt: changed while it was read \(from \d+ to \d+ bytes\); wait until"
    ):
        NgramCounts.from_corpus(TextFiles(path), advance=advance)


def _append(path: Path) -> None:
    with open(path, "ab") as file:
        file.write("又一行。\n".encode())


@pytest.mark.parametrize("jobs", [1, 2])
def test_wrong_bytes_far_into_a_file(jobs: int, text: Path, place: Place) -> None:
    data = bytearray(text.read_bytes() * 6)
    at = len(data) - 1000
    while data[at] & 0xC0 == 0x80:
        at += 1
    data[at] = 0xFF
    line = data[:at].count(b"\n") + 1
    (place.path / "wrong.txt").write_bytes(data)
    status, err = ended(place.discover(Path("wrong.txt"), "--jobs", jobs, "-o", place.out))
    assert status == 1
    assert one_line(err).startswith(f"nlp-zero: error: wrong.txt, byte {at} (line {line}): byte ff is not valid utf-8")
    assert place.names() == (["wrong.txt"], [])


# ------------------------------------------------------------------------------------------------- pipes


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("command", ["discover", "segment"])
def test_nobody_reads_the_output_to_its_end(command: str, jobs: int, text: Path, place: Place) -> None:
    if command == "segment":
        lexicon = place.path / "lexicon.tsv"
        lexicon.write_text("word\n中国\n", encoding="utf-8")
        process = place.start("segment", "-l", lexicon, text, "--jobs", jobs)
    else:
        process = place.discover(text, "--jobs", jobs)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 0
    process.stderr.close()
    assert place.names()[1] == []


# ----------------------------------------------------------------------------------------------- signals


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_ctrl_c_ends_all_at_once_with_one_line(jobs: int, text: Path, place: Place) -> None:
    big = place.path / "big.txt"
    big.write_bytes(text.read_bytes() * 12)
    rng = random.Random(jobs)
    for _ in range(KILLS // 4):
        process = place.discover(big, "--jobs", jobs, "-o", place.out)
        time.sleep(1 + 2 * rng.random())  # after that much Python itself has started, and there is work for longer
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
        status, err = ended(process)
        assert time.monotonic() - begun < 5
        assert (status, one_line(err)) == (130, "nlp-zero: error: interrupted; nothing was left half written\n")
        assert place.names() == (["big.txt"], [])
        with pytest.raises(ProcessLookupError):  # nobody of the session is left
            for _ in range(50):
                os.killpg(process.pid, 0)
                time.sleep(0.1)
                reap()


def reap() -> None:
    """Bury processes whose parents are gone, if they have become ours."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


@pytest.mark.parametrize("jobs", [1, 2])
def test_sigkill_at_any_moment_leaves_no_half_file(jobs: int, text: Path, place: Place) -> None:
    counts, segmented = place.path / "counts", place.path / "segmented.txt"

    def both() -> list[subprocess.Popen[bytes]]:
        return [
            place.discover(text, "--jobs", jobs, "-o", place.out, "--save-counts", counts),
            place.start("segment", text, "--jobs", jobs, "-o", segmented, "--quiet"),
        ]

    begun = time.monotonic()
    assert [ended(process) for process in both()] == [(0, ""), (0, "")]
    duration = time.monotonic() - begun
    files = (place.out, counts, segmented)
    whole = {path: path.read_bytes() for path in files}
    rng = random.Random(jobs)
    left = 0
    for _ in range(KILLS // 2):
        for path in files:
            path.unlink(missing_ok=True)
        processes = both()
        time.sleep(duration * rng.uniform(0.3, 1))
        for process in processes:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        assert all(path.read_bytes() == whole[path] for path in files if path.exists())
        left += len(os.listdir(place.temporary)) + len(set(os.listdir(place.path)) - {p.name for p in files} - {"tmp"})
    assert left  # some were hit while they had temporary files
    time.sleep(0.5)  # workers that are other processes end when they see that theirs is gone
    assert [ended(process) for process in both()] == [(0, ""), (0, "")]
    assert {path: path.read_bytes() for path in files} == whole
    assert place.names() == (["counts", "segmented.txt", "words.tsv"], [])
