"""The same work on many tasks, by several processes.

Processes are started afresh (``spawn``) on every system: what runs elsewhere is what runs here, whatever threads the
caller has. Each gets the work once, then tasks; results come back in the order of the tasks.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from .errors import WorkerError

__all__ = ["results"]

Task = TypeVar("Task")
Result = TypeVar("Result")
_AHEAD = 2  # tasks that wait for each process


def results(work: Callable[[Task], Result], tasks: Iterable[Task], *, jobs: int) -> Iterator[Result]:
    """Do the work on each task.

    Parameters
    ----------
    work
        A function of a module, or an object of one that can be called; it must be picklable, as tasks and results are.
    tasks
        Taken from no faster than they are worked on.
    jobs
        Number of processes; 1 works in this one.

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
    if jobs == 1:
        yield from map(work, tasks)
        return
    context = multiprocessing.get_context("spawn")
    alive, owner = context.Pipe(duplex=False)  # nothing is ever sent: its end tells the workers that ours has come
    executor = ProcessPoolExecutor(jobs, context, _begin, (work, alive))
    waiting: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            with _uninterrupted():
                waiting.append(executor.submit(_do, task))
            if len(waiting) > jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        reason = "a worker process ended before its work was done; if memory was short, use fewer jobs"
        guard = "a script that is run on its own must start its work below `if __name__ == '__main__':`"
        raise WorkerError(f"{reason}; {guard}") from None
    except BaseException:
        owner.close()  # at once, not when the tasks at hand are done
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        owner.close()
        alive.close()


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


_work: Callable[[Any], Any]


def _begin(work: Callable[[Any], Any], alive: Connection) -> None:
    """Prepare a worker process."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; ours tells us
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()


def _end_with(alive: Connection) -> None:
    """End this process when the one that started it has ended its work or has died."""
    try:
        alive.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _do(task: Any) -> Any:
    return _work(task)
