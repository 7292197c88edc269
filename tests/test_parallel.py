"""The same work on many tasks, by threads and processes."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import pytest

import nlp_zero
from nlp_zero.errors import WorkerError
from nlp_zero.parallel import Stopped, Workers, checkpoint

ROOT = Path(nlp_zero.__file__).parents[1]
LONG = 60.0  # seconds that no test waits
kinds = pytest.mark.parametrize("share_memory", [True, False], ids=["threads", "processes"])
any_jobs = pytest.mark.parametrize("jobs", [1, 2, 3])


# ------------------------------------------------------------------------------------------------------- work


class Failure(Exception):
    """What goes wrong in the work."""

    def __init__(self, task: int, *, reason: str) -> None:
        super().__init__(task, reason)

    def __reduce__(self) -> tuple[Any, ...]:
        return _failure, self.args


def _failure(task: int, reason: str) -> Failure:
    return Failure(task, reason=reason)


def negative(task: int) -> int:
    """The quickest work there is."""
    return -task


def slower_first(task: int) -> int:
    """Take longer for the first tasks than for later ones."""
    time.sleep(0.05 if task % 3 == 0 else 0.001)
    return task * task


def where(task: int) -> int:
    """Tell which process works."""
    time.sleep(0.01)
    return os.getpid()


def fail_at_3(task: int) -> int:
    """Fail for one task."""
    if task == 3:
        raise Failure(task, reason="it is three")
    return task


def die_at_3(task: int) -> int:
    """End the process without a word."""
    if task == 3:
        os._exit(3)
    return task


def wait_long() -> None:
    """Work for a long time that can be ended early."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        checkpoint()
        time.sleep(0.01)


@dataclass(frozen=True)
class Busy:
    """Report the worker in a folder, then work long on all tasks but the first, which waits until others work."""

    folder: Path
    ending: str

    def __call__(self, task: int) -> int:
        me = os.getpid()
        if task == 0:
            end = time.monotonic() + LONG
            while not any(self.folder.iterdir()) and time.monotonic() < end:
                time.sleep(0.01)
            (self.folder / f"{me}-{task}").touch()
            if self.ending == "fail":
                raise Failure(task, reason="first")
            if self.ending == "die":
                os._exit(3)
        else:
            (self.folder / f"{me}-{task}").touch()
            wait_long()
        return task


class Counted:
    """Work that counts how often it was unpickled in this process."""

    loaded = 0

    def __setstate__(self, state: object) -> None:
        Counted.loaded += 1

    def __getstate__(self) -> str:
        return "state"

    def __call__(self, task: int) -> tuple[int, int]:
        time.sleep(0.005)
        return os.getpid(), Counted.loaded


# ---------------------------------------------------------------------------------------------------- helpers


def runs(process: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with suppress(OSError):  # where there is no /proc
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return True


def ended(processes: set[int], seconds: float) -> bool:
    """Whether processes end within some time."""
    end = time.monotonic() + seconds
    while any(map(runs, processes)):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def reported(folder: Path) -> set[int]:
    """The processes that reported in a folder."""
    return {int(path.name.partition("-")[0]) for path in folder.iterdir()}


def threads() -> list[str]:
    """Names of the threads that work."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("nlp-zero")]


def assert_nobody_works(folder: Path | None = None) -> None:
    """No worker is left."""
    assert multiprocessing.active_children() == []
    assert threads() == []
    if folder is not None:
        assert ended(reported(folder) - {os.getpid()}, 1)


@pytest.fixture(autouse=True)
def nobody_works_afterwards() -> Iterator[None]:
    """Whatever a test does, it leaves no worker."""
    yield
    assert_nobody_works()


def numbers(end: int, taken: list[int]) -> Iterator[int]:
    """Tasks that tell how many were taken."""
    for task in range(end):
        taken.append(task)
        yield task


# ---------------------------------------------------------------------------------------------------- results


@kinds
@any_jobs
def test_results_come_in_the_order_of_the_tasks(jobs: int, share_memory: bool) -> None:
    with Workers(jobs, share_memory=share_memory) as workers:
        assert list(workers.results(slower_first, range(20))) == [task * task for task in range(20)]
        assert list(workers.results(negative, iter([3, 1, 2]))) == [-3, -1, -2]  # the same workers do other work
        assert list(workers.results(negative, [])) == []


@kinds
@any_jobs
def test_tasks_are_not_taken_far_ahead(jobs: int, share_memory: bool) -> None:
    taken: list[int] = []
    most = 0
    with Workers(jobs, share_memory=share_memory) as workers:
        for done, result in enumerate(workers.results(negative, numbers(200, taken)), 1):
            assert result == 1 - done
            most = max(most, len(taken) - done)
    assert len(taken) == 200
    assert most <= 3 * jobs


@kinds
def test_endless_tasks_can_be_worked_on(share_memory: bool) -> None:
    taken: list[int] = []
    with Workers(2, share_memory=share_memory) as workers:
        results = workers.results(negative, numbers(10**9, taken))
        assert [next(results) for _ in range(10)] == [-task for task in range(10)]
        results.close()  # type: ignore[attr-defined]
    assert len(taken) <= 16


@kinds
@any_jobs
def test_nothing_is_started_or_taken_before_it_is_asked_for(jobs: int, share_memory: bool) -> None:
    taken: list[int] = []
    with Workers(jobs, share_memory=share_memory) as workers:
        results = workers.results(negative, numbers(5, taken))
        assert taken == []
        assert_nobody_works()
        del results
        assert list(workers.results(negative, [])) == []
        assert_nobody_works()


@kinds
def test_one_worker_works_in_the_thread_of_the_caller(share_memory: bool) -> None:
    here = threading.get_ident()
    with Workers(1, share_memory=share_memory) as workers:
        assert list(workers.results(lambda _: threading.get_ident(), [1, 2])) == [here, here]


def test_threads_work_in_this_process_and_processes_in_others() -> None:
    with Workers(2, share_memory=True) as workers:
        assert set(workers.results(where, range(10))) == {os.getpid()}
        assert 1 <= len(threads()) <= 2
    with Workers(2, share_memory=False) as workers:
        found = set(workers.results(where, range(10)))
        assert os.getpid() not in found and 1 <= len(found) <= 2
        assert all(map(runs, found))
    assert not any(map(runs, found))


@kinds
def test_several_workers_work_at_the_same_time(share_memory: bool, tmp_path: Path) -> None:
    with Workers(2, share_memory=share_memory) as workers:
        for result in workers.results(Busy(tmp_path, "none"), range(2)):  # the first task waits for the second
            assert result == 0
            break
    # leaving the loop drops the generator, which ends the second task


def test_closed_workers_can_be_used_again() -> None:
    workers = Workers(2, share_memory=True)
    for _ in range(3):
        with workers:
            assert list(workers.results(negative, range(5))) == [0, -1, -2, -3, -4]
        assert threads() == []
        workers.close()
        workers.stop()


def test_work_is_unpacked_once_by_each_process() -> None:
    with Workers(2, share_memory=False) as workers:
        first = set(workers.results(Counted(), range(40)))
        assert {loaded for _, loaded in first} == {1}
        assert 1 <= len(first) <= 2
        second = set(workers.results(Counted(), range(40)))
        assert {loaded for _, loaded in second} <= {1, 2}
        assert len(second) == len({process for process, _ in second}) <= 2
        first_processes = {process for process, _ in first}
        assert all(loaded == 2 for process, loaded in second if process in first_processes)


def test_threads_share_the_work() -> None:
    work = Counted()
    before = Counted.loaded
    with Workers(2, share_memory=True) as workers:
        assert {loaded for _, loaded in workers.results(work, range(10))} == {before}


@kinds
def test_two_kinds_of_work_can_alternate(share_memory: bool) -> None:
    with Workers(2, share_memory=share_memory) as workers:
        one, two = workers.results(negative, range(12)), workers.results(fail_at_3, range(100, 112))
        assert list(zip(one, two)) == [(-task, 100 + task) for task in range(12)]
        assert list(two) == []


# ------------------------------------------------------------------------------------------------- early ends


@kinds
@any_jobs
def test_an_error_in_the_work_comes_out_as_it_was(jobs: int, share_memory: bool) -> None:
    found: list[int] = []
    with Workers(jobs, share_memory=share_memory) as workers:
        with pytest.raises(Failure) as caught:
            found.extend(iter_into(found, workers.results(fail_at_3, range(50))))
        assert caught.value.args == (3, "it is three")
        assert found == [0, 1, 2]
        assert_nobody_works()
        assert list(workers.results(negative, range(3))) == [0, -1, -2]  # new ones can be started


def iter_into(found: list[int], results: Iterator[int]) -> list[int]:
    """Note results as they come, so that those before an error are known."""
    for result in results:
        found.append(result)
    return []


@kinds
def test_an_error_ends_those_that_still_work(share_memory: bool, tmp_path: Path) -> None:
    begin = time.monotonic()
    with Workers(2, share_memory=share_memory) as workers:
        with pytest.raises(Failure, match="first"):
            list(workers.results(Busy(tmp_path, "fail"), range(10)))
        assert_nobody_works(tmp_path)
    assert time.monotonic() - begin < LONG / 3
    assert reported(tmp_path)


@kinds
def test_closing_the_results_ends_those_that_still_work(share_memory: bool, tmp_path: Path) -> None:
    begin = time.monotonic()
    with Workers(2, share_memory=share_memory) as workers:
        results = workers.results(Busy(tmp_path, "none"), range(10))
        assert next(results) == 0
        results.close()  # type: ignore[attr-defined]
        assert_nobody_works(tmp_path)
    assert time.monotonic() - begin < LONG / 3
    assert reported(tmp_path)


@kinds
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_error_of_the_caller_ends_those_that_still_work(
    error: type[BaseException], share_memory: bool, tmp_path: Path
) -> None:
    begin = time.monotonic()
    with pytest.raises(error), Workers(2, share_memory=share_memory) as workers:
        results = workers.results(Busy(tmp_path, "none"), range(10))
        assert next(results) == 0
        raise error
    assert_nobody_works(tmp_path)
    assert time.monotonic() - begin < LONG / 3


def failing_tasks() -> Iterator[int]:
    """Tasks that end with an error."""
    yield from range(4)
    raise Failure(4, reason="no more tasks")


@kinds
@any_jobs
def test_an_error_in_the_tasks_comes_out(jobs: int, share_memory: bool) -> None:
    with Workers(jobs, share_memory=share_memory) as workers:
        with pytest.raises(Failure, match="no more tasks"):
            list(workers.results(negative, failing_tasks()))
        assert_nobody_works()


@pytest.mark.parametrize("place", ["work", "task", "result"])
def test_what_cannot_be_sent_is_an_error_and_no_hang(place: str) -> None:
    with Workers(2, share_memory=False) as workers:
        with pytest.raises((AttributeError, TypeError, ValueError, pickle.PicklingError)) as caught:
            if place == "work":
                list(workers.results(lambda task: task, range(5)))
            elif place == "task":
                list(workers.results(anything, [1, threading.Lock(), 2]))
            else:
                list(workers.results(make_lock, range(5)))
        assert "pickle" in str(caught.value)


def anything(task: object) -> object:
    """Work on what may be no number."""
    return task


def make_lock(task: int) -> object:
    """A result that cannot be sent."""
    return threading.Lock()


def test_a_process_that_dies_is_a_worker_error() -> None:
    found: list[int] = []
    with Workers(2, share_memory=False) as workers:
        with pytest.raises(WorkerError, match="ended before its work was done.*__main__") as caught:
            iter_into(found, workers.results(die_at_3, range(50)))
        assert caught.value.__cause__ is None and caught.value.__suppress_context__
        assert found == [0, 1, 2][: len(found)]
        assert_nobody_works()
        assert list(workers.results(negative, range(3))) == [0, -1, -2]


def test_a_process_that_dies_takes_the_others_with_it(tmp_path: Path) -> None:
    begin = time.monotonic()
    with Workers(3, share_memory=False) as workers:
        with pytest.raises(WorkerError):
            list(workers.results(Busy(tmp_path, "die"), range(10)))
        assert_nobody_works(tmp_path)
    assert time.monotonic() - begin < LONG / 3
    assert len(reported(tmp_path)) >= 2


def test_a_process_that_is_killed_while_it_has_nothing_to_do_is_a_worker_error() -> None:
    with Workers(2, share_memory=False) as workers:
        process = set(workers.results(where, range(20))).pop()  # so many that both have been started
        os.kill(process, signal.SIGKILL)
        assert ended({process}, 5)
        with pytest.raises(WorkerError):
            list(workers.results(where, range(20)))
        assert_nobody_works()


def test_a_process_that_cannot_be_started_is_a_worker_error(monkeypatch: pytest.MonkeyPatch) -> None:
    original, started = SpawnProcess.start, threading.Event()

    def start(self: SpawnProcess) -> None:
        if started.is_set():
            raise BlockingIOError("no more processes")
        started.set()
        original(self)

    monkeypatch.setattr(SpawnProcess, "start", start)
    message = r"could not be started \(no more processes\); use fewer jobs"
    with Workers(2, share_memory=False) as workers, pytest.raises(WorkerError, match=message):
        list(workers.results(where, range(20)))
    assert started.is_set()


def test_an_error_in_a_process_tells_where_it_arose() -> None:
    with Workers(2, share_memory=False) as workers, pytest.raises(Failure) as caught:
        list(workers.results(fail_at_3, range(5)))
    assert "in a worker process:" in caught.value.__notes__[0]
    assert 'raise Failure(task, reason="it is three")' in caught.value.__notes__[0]


class Unsendable(Exception):
    """An error that holds what no process can send."""

    def __init__(self, task: int) -> None:
        super().__init__(task, threading.Lock())

    def __str__(self) -> str:
        return "cannot leave"


def fail_unsendably(task: int) -> int:
    """Fail with what cannot be sent."""
    raise Unsendable(task)


def test_an_error_that_cannot_be_sent_is_told_in_words() -> None:
    with Workers(2, share_memory=False) as workers, pytest.raises(WorkerError, match="^Unsendable: cannot leave"):
        list(workers.results(fail_unsendably, range(5)))


class Unreadable:
    """A task that breaks where it arrives."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _failure, (0, "unreadable"), {"args": 0}


def test_a_task_that_cannot_be_unpacked_is_an_error_and_no_hang() -> None:
    with Workers(2, share_memory=False) as workers, pytest.raises(TypeError) as caught:
        list(workers.results(anything, [1, Unreadable(), 2]))
    assert "in a worker process:" in caught.value.__notes__[0]


class Unrepeatable(Exception):
    """An error that can be sent and not be read: it does not take what it has."""

    def __init__(self, task: int, reason: str) -> None:
        super().__init__(f"{task}: {reason}")


def fail_unrepeatably(task: int) -> int:
    """Fail with what cannot be read."""
    raise Unrepeatable(task, "twice")


def test_an_error_that_cannot_be_read_is_told_in_words() -> None:
    with Workers(2, share_memory=False) as workers, pytest.raises(WorkerError, match="^Unrepeatable: 0: twice"):
        list(workers.results(fail_unrepeatably, range(5)))


def leave(task: int) -> int:
    """End the program."""
    sys.exit(7)


@kinds
@any_jobs
def test_what_ends_the_program_in_the_work_ends_the_program(jobs: int, share_memory: bool) -> None:
    with Workers(jobs, share_memory=share_memory) as workers, pytest.raises(SystemExit, match="7"):
        list(workers.results(leave, range(5)))


class Unpackable:
    """Work that breaks where it arrives."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _failure, (0, "unpackable"), {"args": 0}

    def __call__(self, task: int) -> int:
        raise AssertionError


def test_work_that_cannot_be_unpacked_is_an_error_of_each_task() -> None:
    with Workers(2, share_memory=False) as workers:
        assert list(workers.results(negative, range(5))) == [0, -1, -2, -3, -4]
        with pytest.raises(TypeError) as caught:
            list(workers.results(Unpackable(), range(20)))  # and what was done before is not done again
        assert "in a worker process:" in caught.value.__notes__[0]


class Unfindable:
    """Work that cannot be packed because of the system."""

    def __reduce__(self) -> tuple[Any, ...]:
        raise OSError("no room")

    def __call__(self, task: int) -> int:
        raise AssertionError


def test_an_error_of_the_system_while_work_is_packed_comes_out_as_it_was() -> None:
    with Workers(2, share_memory=False) as workers, pytest.raises(OSError, match="no room"):
        list(workers.results(Unfindable(), range(5)))


def test_a_thread_that_cannot_be_started_is_a_worker_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with Workers(2, share_memory=True) as workers:
        with (
            monkeypatch.context() as patch,
            pytest.raises(WorkerError, match="thread could not be started.*fewer jobs"),
        ):
            patch.setattr(threading.Thread, "start", start)
            list(workers.results(negative, range(5)))


def test_a_process_that_dies_before_it_begins_is_a_worker_error(monkeypatch: pytest.MonkeyPatch) -> None:
    original = SpawnProcess.start

    def start(self: SpawnProcess) -> None:
        original(self)
        self.kill()

    monkeypatch.setattr(SpawnProcess, "start", start)
    with Workers(2, share_memory=False) as workers, pytest.raises(WorkerError, match="ended before its work was done"):
        list(workers.results(where, range(20)))


# ------------------------------------------------------------------------------------------------- checkpoint


def test_a_checkpoint_outside_of_workers_does_nothing() -> None:
    checkpoint()
    with Workers(2, share_memory=True) as workers:
        list(workers.results(negative, range(5)))
        workers.stop()
        checkpoint()
    checkpoint()


@dataclass(frozen=True)
class Checking:
    """Note whether a checkpoint lets the work go on before and after a stop."""

    began: threading.Semaphore
    notes: list[str]

    def __call__(self, task: int) -> int:
        checkpoint()
        self.notes.append("goes on")
        self.began.release()
        try:
            wait_long()
        except Stopped:
            self.notes.append("stopped")
            raise
        self.notes.append("ended late")
        return task


def test_checkpoints_end_the_work_of_threads_after_a_stop() -> None:
    work = Checking(threading.Semaphore(0), [])

    def consume(workers: Workers) -> None:
        with suppress(BaseException):
            list(workers.results(work, range(2)))

    with Workers(2, share_memory=True) as workers:
        caller = threading.Thread(target=consume, args=(workers,))
        caller.start()
        for _ in range(2):
            assert work.began.acquire(timeout=10)
        workers.stop()
        caller.join(10)
        assert not caller.is_alive()
    assert sorted(work.notes) == ["goes on", "goes on", "stopped", "stopped"]


def test_no_error_of_a_caller_catches_a_stop() -> None:
    assert issubclass(Stopped, BaseException) and not issubclass(Stopped, Exception)


def test_workers_that_were_stopped_do_not_stop_new_ones() -> None:
    workers = Workers(2, share_memory=True)
    with workers:
        list(workers.results(negative, range(5)))
        workers.stop()
        assert list(workers.results(check_and_return, range(5))) == [0, 1, 2, 3, 4]


def check_and_return(task: int) -> int:
    """Work that can be ended."""
    checkpoint()
    return task


# ---------------------------------------------------------------------------------------------------- scripts


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a script on its own."""
    started: list[subprocess.Popen[str]] = []

    def start(text: str) -> subprocess.Popen[str]:
        path = tmp_path / "script.py"
        path.write_text(text, encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, os.fspath(path)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.fspath(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


UNGUARDED = """
from nlp_zero.parallel import Workers

with Workers(2, share_memory={share_memory}) as workers:
    print(list(workers.results(abs, [-1, 2, -3])))
"""
GUARDED = """
import os, sys, time
from pathlib import Path
from nlp_zero.parallel import Workers

def work(task):
    Path("reports", str(os.getpid())).touch()
    time.sleep({seconds})
    return os.getpid()

if __name__ == "__main__":
    os.mkdir("reports")
    with Workers(2, share_memory=False) as workers:
        print(*workers.results(work, range(8)))
"""


BIG_MESSAGES = """
import sys, time
from nlp_zero.parallel import Workers

def much(task):
    return bytes(1 << 25)

if __name__ == "__main__":
    with Workers(2, share_memory=False) as workers:
        for moment in range(8):
            results = workers.results(much, range(100))
            next(results)
            time.sleep(moment * 0.005)
            results.close()
"""


def test_a_stop_in_the_middle_of_a_message_is_no_hang(script: Callable[[str], subprocess.Popen[str]]) -> None:
    # what is sent fills any pipe: who ends while it is on its way leaves half of it, and nobody may wait for the rest
    process = script(BIG_MESSAGES)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


FORKED = """
import os, sys, time
from nlp_zero.parallel import Workers

if __name__ == "__main__":
    with Workers(2, share_memory=False) as workers:
        results = workers.results(abs, range(10**6))
        first = next(results)
        child = os.fork()
        if not child:
            results.close()  # they are not the child's to end
            workers.stop()
            time.sleep({seconds})
            os._exit(0)
        if {seconds}:
            time.sleep(0.2)
        else:
            os.waitpid(child, 0)
        more = [next(results) for _ in range(100)]
        results.close()
        list(workers.results(abs, range(10)))
    print(first, more[-1], flush=True)
    if {seconds}:
        os.kill(child, 9)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks on Windows")
@pytest.mark.parametrize("seconds", [0, 60], ids=["which ends at once", "which lives on"])
def test_a_fork_of_the_owner_ends_and_keeps_no_worker(
    seconds: int, script: Callable[[str], subprocess.Popen[str]]
) -> None:
    process = script(FORKED.format(seconds=seconds))
    out, err = process.communicate(timeout=30)
    assert (out, process.returncode) == ("0 100\n", 0), err


def test_a_script_without_a_guard_fails_with_a_worker_error(script: Callable[[str], subprocess.Popen[str]]) -> None:
    process = script(UNGUARDED.format(share_memory=False))
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    # after that line Python may name what was left open
    assert "\nnlp_zero.errors.WorkerError: a worker process ended" in err
    assert "`if __name__ == '__main__':`" in err


def test_a_script_with_threads_needs_no_guard(script: Callable[[str], subprocess.Popen[str]]) -> None:
    process = script(UNGUARDED.format(share_memory=True))
    assert process.communicate(timeout=30) == ("[1, 2, 3]\n", "")
    assert process.returncode == 0


def test_a_script_with_a_guard_works_and_leaves_no_process(script: Callable[[str], subprocess.Popen[str]]) -> None:
    process = script(GUARDED.format(seconds=0.01))
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    found = set(map(int, out.split()))
    assert len(out.split()) == 8 and 1 <= len(found) <= 2
    assert ended(found, 1)


def start_busy(script: Callable[[str], subprocess.Popen[str]], folder: Path) -> tuple[subprocess.Popen[str], set[int]]:
    """A script and its two processes, which work for a long time."""
    process = script(GUARDED.format(seconds=600))
    reports = folder / "reports"
    end = time.monotonic() + 30
    while not reports.is_dir() or len(list(reports.iterdir())) < 2:
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.02)
    return process, {int(path.name) for path in reports.iterdir()}


def end_all(processes: set[int]) -> None:
    """Leave nothing behind where the test has failed."""
    for process in filter(runs, processes):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def test_the_death_of_the_owner_takes_the_processes_with_it(
    script: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    process, workers = start_busy(script, tmp_path)
    try:
        assert all(map(runs, workers))
        process.kill()
        process.wait(10)
        assert ended(workers, 5)
    finally:
        end_all(workers)


def test_an_interrupt_ends_the_script_and_its_processes_quietly(
    script: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    process, workers = start_busy(script, tmp_path)
    try:
        for worker in workers:
            os.kill(worker, signal.SIGINT)  # a terminal tells them too
        time.sleep(0.2)
        assert all(map(runs, workers))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=15)
        assert ended(workers, 5)
        assert out == "" and err.rstrip().endswith("KeyboardInterrupt")
        assert err.count("Traceback") == 1
    finally:
        end_all(workers)


def test_work_on_what_is_in_memory_is_not_sent_to_processes() -> None:
    here = threading.current_thread().name
    for share_memory, names in ((False, {here}), (True, {"nlp-zero_0", "nlp-zero_1"})):
        with Workers(2, share_memory=share_memory) as workers:
            found = list(workers.threaded(lambda number: (number * 2, threading.current_thread().name), range(50)))
        assert [double for double, _ in found] == list(range(0, 100, 2)) and {name for _, name in found} <= names


@pytest.mark.parametrize(("jobs", "share_memory"), [(1, True), (2, False), (2, True)])
def test_work_goes_on_meanwhile(jobs: int, share_memory: bool) -> None:
    """A thread works while its owner waits for it; without threads the work is done when its result is asked for."""
    threads = jobs > 1 and share_memory
    began = threading.Event()

    def work() -> str:
        began.set()
        return threading.current_thread().name

    with Workers(jobs, share_memory=share_memory) as workers:
        result = workers.meanwhile(work)
        assert began.wait(10 if threads else 0.05) == threads
        assert result() == ("nlp-zero_0" if threads else threading.current_thread().name)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_work_raises_meanwhile_is_raised_when_it_is_asked_for(jobs: int) -> None:
    def work() -> None:
        raise ValueError("not this")

    with Workers(jobs, share_memory=True) as workers:
        result = workers.meanwhile(work)
        with pytest.raises(ValueError, match="not this"):
            result()
