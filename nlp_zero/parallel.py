"""The same work on many tasks, by several processes.

Processes are started afresh (``spawn``) on every system: what runs elsewhere is what runs here, whatever threads the
caller has. They stay for several kinds of work; results come back in the order of the tasks.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import WorkerError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.connection import Connection

__all__ = ["Workers"]

Task = TypeVar("Task")
Result = TypeVar("Result")
_AHEAD = 2  # tasks that wait for each process


class Workers:
    """Processes that are started when there is something to do, and end with `close`.

    Parameters
    ----------
    jobs
        How many; 1 works in this process.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._executor: ProcessPoolExecutor | None = None
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
            A function of a module, or an object of one that can be called; it must be picklable, as tasks and results
            are. Each process gets it once.
        tasks
            Taken from no faster than they are worked on.

        Yields
        ------
        Result
            In the order of the tasks.

        Raises
        ------
        WorkerError
            If a process dies.
        BaseException
            What the work raised. Whatever ends the iteration early ends all processes at once.
        """
        if self.jobs == 1:
            yield from map(work, tasks)
            return
        from concurrent.futures.process import BrokenProcessPool

        self._works += 1
        packed = self._works, pickle.dumps(work)
        waiting: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                with _uninterrupted():
                    waiting.append(self._started().submit(_do, packed, task))
                if len(waiting) > self.jobs * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            self.stop()
            reason = "a worker process ended before its work was done; if memory was short, use fewer jobs"
            guard = "a script that is run on its own must start its work below `if __name__ == '__main__':`"
            raise WorkerError(f"{reason}; {guard}") from None
        except BaseException:
            self.stop()
            raise

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            context = multiprocessing.get_context("spawn")
            # nothing is ever sent: that one end is closed tells the workers to end
            ours, theirs = context.Pipe()
            self._ends = [ours, theirs]
            self._executor = ProcessPoolExecutor(self.jobs, context, _begin, (theirs,))
        return self._executor

    def close(self) -> None:
        """End the processes, which have nothing to do any more."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
        for end in self._ends:
            end.close()
        self._ends = []

    def stop(self) -> None:
        """End the processes at once, whatever they do."""
        for end in self._ends[:1]:
            end.close()
        self.close()


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


# ------------------------------------------------------------------------------------- in the other processes

_at_hand: tuple[int, Any] = (0, None)  # the number of the work, and the work


def _begin(owner: Connection) -> None:
    """Prepare a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; ours tells us
    threading.Thread(target=_end_with, args=(owner,), daemon=True).start()


def _end_with(owner: Connection) -> None:
    """End this process when the one that started it has ended its work or has died."""
    try:
        owner.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _do(packed: tuple[int, bytes], task: Any) -> Any:
    global _at_hand
    number, work = packed
    if number != _at_hand[0]:
        _at_hand = number, pickle.loads(work)
    return _at_hand[1](task)
