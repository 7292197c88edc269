"""The same work on many tasks, by several threads or processes.

The C core lets other threads run while it works, so threads of this process do; they share its memory. For the numpy
core each thread has a process do its work, started afresh (``spawn``) on every system: what runs elsewhere is what runs
here, whatever threads the caller has. Results come back in the order of the tasks.

Between a thread and its process there is one connection that nobody else has, and no lock: a process can be killed at
any moment, also in the middle of a message, and whoever waits for it sees that it has gone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import WorkerError

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

__all__ = ["Workers", "checkpoint"]

Task = TypeVar("Task")
Result = TypeVar("Result")
_AHEAD = 2  # tasks that wait for each worker
_POLL = 0.2 if sys.platform == "win32" else None  # seconds: there Ctrl-C meets only waits that end
_of_thread = threading.local()
_starting = threading.Lock()  # one process is started at a time, and none once they are to end


class Stopped(BaseException):
    """The work is not wanted any more."""


def checkpoint() -> None:
    """End the work of this thread if it is not wanted any more; to be called every now and then."""
    stop = getattr(_of_thread, "stop", None)
    if stop is not None and stop.is_set():
        raise Stopped


class Workers:
    """Threads or processes that are started when there is something to do, and end with `close`.

    Parameters
    ----------
    jobs
        How many; 1 works in the thread of the caller.
    share_memory
        Whether they are threads.
    """

    def __init__(self, jobs: int, *, share_memory: bool) -> None:
        self.jobs, self.share_memory = jobs, share_memory
        self._executor: Executor | None = None
        self._stop: threading.Event | None = None
        self._processes: list[_Process] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self.close()
        else:
            self.stop()

    def results(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do the work on each task.

        Parameters
        ----------
        work
            A function of a module, or an object of one that can be called, by several threads at the same time; it must
            be picklable, as tasks and results are. Each process gets it once.
        tasks
            Taken from no faster than they are worked on.

        Yields
        ------
        Result
            In the order of the tasks.

        Raises
        ------
        WorkerError
            If a process dies or cannot be started.
        BaseException
            What the work raised. Whatever ends the iteration early ends all workers at once.
        """
        if self.jobs == 1:
            yield from map(work, tasks)
            return
        do: Callable[[Task], Result] = work if self.share_memory else partial(self._elsewhere, _Packed(work))
        waiting: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                executor = self._started()  # before: what multiprocessing starts here lets Ctrl-C through again
                with _uninterrupted():
                    waiting.append(executor.submit(do, task))
                if len(waiting) > self.jobs * _AHEAD:
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        except BaseException:
            self.stop()
            raise

    def _started(self) -> Executor:
        if self._executor is None:
            from concurrent.futures import ThreadPoolExecutor

            if not self.share_memory and sys.platform != "win32":
                from multiprocessing import resource_tracker

                resource_tracker.ensure_running()
            self._stop = threading.Event()
            self._executor = ThreadPoolExecutor(self.jobs, "nlp-zero", _begin_thread, (self._stop,))
        return self._executor

    def _elsewhere(self, work: _Packed, task: Any) -> Any:
        """What the work makes of a task in the process of this thread, which is started when there is none."""
        process: _Process | None = getattr(_of_thread, "process", None)
        if process is None:
            with _starting:
                checkpoint()
                try:
                    process = _of_thread.process = _Process()
                except OSError as error:
                    reason = f"a worker process could not be started ({error})"
                    raise WorkerError(f"{reason}; use fewer jobs") from None
                self._processes.append(process)
        return process.result(work, task)

    def close(self) -> None:
        """End the workers, which have nothing to do any more."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
        for process in self._processes:
            process.close()
        self._processes = []

    def stop(self) -> None:
        """End the workers at once, whatever they do."""
        if self._stop is not None:
            self._stop.set()
        with _starting:
            for process in self._processes:
                process.kill()
        self.close()


def _result(future: Future[Result]) -> Result:
    """The result of a task, when it is there."""
    while True:
        try:
            return future.result(_POLL)
        except TimeoutError:
            if future.done():  # the work itself has raised it
                return future.result()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C, also from processes that are started meanwhile: they would print where it met them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Packed:
    """Some work on its way to processes, packed once."""

    def __init__(self, work: Any) -> None:
        from multiprocessing.reduction import ForkingPickler

        try:
            self.data = bytes(ForkingPickler.dumps(work))
        except Exception as error:  # of many kinds
            reason = f"this cannot be sent to worker processes: {error}"
            raise TypeError(f"jobs: {reason}; use jobs=1, or a function that a module defines by its name") from None


class _Process:
    """A process that does one task after the other for one thread.

    Raises
    ------
    OSError
        If it cannot be started.
    """

    def __init__(self) -> None:
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs,), name="nlp-zero", daemon=True)
        self._work: _Packed | None = None  # what it got last
        try:
            self._process.start()
        except BaseException:
            self._connection.close()
            raise
        finally:
            theirs.close()  # so that ours ends with the process

    def result(self, work: _Packed, task: Any) -> Any:
        """What the work makes of a task."""
        try:
            self._connection.send((None if work is self._work else work.data, task))
            self._work = work
            done, result, told = self._connection.recv()
        except (EOFError, OSError):
            reason = "a worker process ended before its work was done; if memory was short, use fewer jobs"
            guard = "a script that is run on its own must start its work below `if __name__ == '__main__':`"
            raise WorkerError(f"{reason}; {guard}") from None
        if not done:
            result.add_note(told)
            raise result
        return result

    def kill(self) -> None:
        """End it at once, whatever it does; whoever waits for a result is told."""
        self._process.kill()

    def close(self) -> None:
        """End it when it has nothing to do any more."""
        self._connection.close()
        self._process.join()


# ------------------------------------------------------------------------------------------------ in the workers


def _begin_thread(stop: threading.Event) -> None:
    _of_thread.stop = stop


def _serve(connection: Connection) -> None:
    """Do in this process what comes in, until nobody is there to ask."""
    from multiprocessing.reduction import ForkingPickler

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; ours tells us
    threading.Thread(target=_end_with_owner, daemon=True).start()
    work: Any = None
    with suppress(EOFError, OSError):
        while True:
            asked = connection.recv_bytes()
            try:
                data, task = ForkingPickler.loads(asked)
                if data is not None:
                    work = ForkingPickler.loads(data)
                answer = _answer(True, work(task))
            except Exception as error:
                answer = _refusal(error)
            connection.send_bytes(answer)


def _answer(done: bool, result: Any, told: str = "") -> bytes:
    from multiprocessing.reduction import ForkingPickler

    return bytes(ForkingPickler.dumps((done, result, told)))


def _refusal(error: Exception) -> bytes:
    """What is answered when work fails: the error, and where it arose."""
    told = "in a worker process:\n" + "".join(traceback.format_exception(error))
    try:
        return _answer(False, error, told)
    except Exception:  # an error that cannot be sent is told in words
        return _answer(False, WorkerError(f"{type(error).__name__}: {error}"), told)


def _end_with_owner() -> None:
    """End this process when the one that started it has died, whatever is going on here."""
    from multiprocessing import parent_process

    owner = parent_process()
    if owner is not None:
        owner.join()
    os._exit(1)
