"""The same work on many tasks, by several threads or processes.

The C core lets other threads run while it works, so threads of this process do; they share its memory. For the numpy
core processes are started, afresh (``spawn``) on every system: what runs elsewhere is what runs here, whatever threads
the caller has. Results come back in the order of the tasks.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import WorkerError

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from multiprocessing.connection import Connection

__all__ = ["Workers", "checkpoint"]

Task = TypeVar("Task")
Result = TypeVar("Result")
_AHEAD = 2  # tasks that wait for each worker
_POLL = 0.2 if sys.platform == "win32" else None  # seconds: there Ctrl-C meets only waits that end
_MOST_PROCESSES = 61 if sys.platform == "win32" else 1 << 16
_of_thread = threading.local()


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
        self._ends: list[Connection] = []
        self._works = 0

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
        from concurrent.futures import BrokenExecutor

        self._works += 1
        do: Callable[[Task], Result] = work if self.share_memory else _Packed(self._works, work)
        waiting: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                executor = self._started()  # before: what multiprocessing starts here lets Ctrl-C through again
                with _uninterrupted():
                    waiting.append(_submitted(executor, do, task))
                if len(waiting) > self.jobs * _AHEAD:
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        except BrokenExecutor:
            self.stop()
            reason = "a worker process ended before its work was done; if memory was short, use fewer jobs"
            guard = "a script that is run on its own must start its work below `if __name__ == '__main__':`"
            raise WorkerError(f"{reason}; {guard}") from None
        except BaseException:
            self.stop()
            raise

    def _started(self) -> Executor:
        if self._executor is None:
            from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

            if self.share_memory:
                self._stop = threading.Event()
                self._executor = ThreadPoolExecutor(self.jobs, "nlp-zero", _begin_thread, (self._stop,))
            else:
                import multiprocessing

                context = multiprocessing.get_context("spawn")
                # nothing is ever sent: that one end is closed tells the workers to end
                ours, theirs = context.Pipe()
                self._ends = [ours, theirs]
                self._executor = ProcessPoolExecutor(
                    min(self.jobs, _MOST_PROCESSES), context, _begin_process, (theirs,)
                )
        return self._executor

    def close(self) -> None:
        """End the workers, which have nothing to do any more."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
        for end in self._ends:
            end.close()
        self._ends = []

    def stop(self) -> None:
        """End the workers at once, whatever they do."""
        if self._stop is not None:
            self._stop.set()
        for end in self._ends[:1]:
            end.close()
        self.close()


def _submitted(executor: Executor, work: Callable[[Task], Result], task: Task) -> Future[Result]:
    """A task handed to the workers, of which one may have to be started for it."""
    try:
        return executor.submit(work, task)
    except OSError as error:
        with suppress(OSError):
            executor.submit(int)  # a pool that lost a process just while it started another one says so from now on
        raise WorkerError(f"a worker process could not be started ({error}); use fewer jobs") from None


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


# ------------------------------------------------------------------------------------------------ in the workers


def _begin_thread(stop: threading.Event) -> None:
    _of_thread.stop = stop


def _begin_process(owner: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; ours tells us
    threading.Thread(target=_end_with, args=(owner,), daemon=True).start()


def _end_with(owner: Connection) -> None:
    """End this process when the one that started it has ended its work or has died."""
    try:
        owner.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


class _Packed:
    """Some work on its way to a process, which unpacks it once."""

    _at_hand: tuple[int, Any] = (0, None)  # the number of the work that was done last in this process, and the work

    def __init__(self, number: int, work: Any) -> None:
        from multiprocessing.reduction import ForkingPickler

        try:
            self._number, self._work = number, bytes(ForkingPickler.dumps(work))
        except (TypeError, AttributeError, ValueError) as error:
            reason = f"this cannot be sent to worker processes: {error}"
            raise TypeError(f"jobs: {reason}; use jobs=1, or a function that a module defines by its name") from None

    def __call__(self, task: Any) -> Any:
        if self._number != _Packed._at_hand[0]:
            from multiprocessing.reduction import ForkingPickler

            _Packed._at_hand = self._number, ForkingPickler.loads(self._work)
        return _Packed._at_hand[1](task)
