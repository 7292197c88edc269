"""The same work on many tasks, by several threads or processes.

The C core lets other threads run while it works, so threads of this process do; they share its memory. For the numpy
core each thread has a process do its work, started afresh (``spawn``) on every system: what runs elsewhere is what runs
here, whatever threads the caller has. Results come back in the order of the tasks.

Between a thread and its process there is a connection of their own, and no lock: a process can be killed at any moment,
also in the middle of a message, and whoever waits for it sees that it has gone.
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
from itertools import count
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
_numbers = count(1)
_WORK, _TASK, _END = b"work", b"task", b"end"  # what is sent to a process: what comes in the next message


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
        self._starting: Any = None  # a lock: one process is started at a time, and none once they are to end
        self._owner = 0  # the process that has started them

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
            be picklable, as tasks and results are. A process gets it when it is not what it has done last.
        tasks
            Taken from no faster than they are worked on.

        Yields
        ------
        Result
            In the order of the tasks.

        Raises
        ------
        WorkerError
            If a worker cannot be started, if a process dies, or if what the work raised cannot be sent.
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
                waiting.append(self._submitted(do, task))
                if len(waiting) > self.jobs * _AHEAD:
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        except BaseException:
            self.stop()
            raise

    def threaded(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do some work on what is in memory on each task: to send that to processes would cost more than it helps.

        By threads, or where there are none by the caller, so nothing has to be picklable. See `results` for the rest.
        """
        return self.results(work, tasks) if self.share_memory else map(work, tasks)

    def meanwhile(self, work: Callable[[], Result]) -> Callable[[], Result]:
        """Let one of the threads do some work on what is in memory while the caller goes on.

        Without threads the work is done when its result is asked for. It ends with all other work, also when an
        iteration of `results` ends early.

        Returns
        -------
        function
            Gives what the work results in, or raises what it raised; to be called once.
        """
        if self.jobs == 1 or not self.share_memory:
            return work
        return partial(_result, self._submitted(work))

    def _submitted(self, work: Callable[..., Result], *task: Any) -> Future[Result]:
        with _starting_well():
            executor = self._started()  # before: what multiprocessing starts here lets Ctrl-C through again
            with _uninterrupted():
                return executor.submit(work, *task)

    def _started(self) -> Executor:
        if self._executor is None:
            from concurrent.futures import ThreadPoolExecutor

            if not self.share_memory and sys.platform != "win32":
                from multiprocessing import resource_tracker

                resource_tracker.ensure_running()
            self._stop, self._starting, self._owner = threading.Event(), threading.RLock(), os.getpid()
            self._executor = ThreadPoolExecutor(self.jobs, "nlp-zero", _begin_thread, (self._stop,))
        return self._executor

    def _elsewhere(self, work: _Packed, task: Any) -> Any:
        """What the work makes of a task in the process of this thread, which is started when there is none."""
        process: _Process | None = getattr(_of_thread, "process", None)
        if process is None:
            with self._starting, _starting_well():
                checkpoint()
                process = _of_thread.process = _Process()
                self._processes.append(process)
        return process.result(work, task)

    def close(self) -> None:
        """End the workers, which have nothing to do any more."""
        executor, processes = self._executor, self._processes
        self._executor, self._processes = None, []
        if executor is None or self._owner != os.getpid():  # in a fork of the process that has them: they are not ours
            return
        executor.shutdown(wait=True, cancel_futures=True)
        for process in processes:
            process.end()
        for process in processes:
            process.close()

    def stop(self) -> None:
        """End the workers at once, whatever they do."""
        if self._executor is not None and self._stop is not None and self._owner == os.getpid():
            self._stop.set()
            with self._starting:
                for process in self._processes:
                    process.kill()
        self.close()


@contextmanager
def _starting_well() -> Iterator[None]:
    """Say what to do when a worker cannot be started."""
    try:
        yield
    except OSError as error:
        raise WorkerError(f"a worker process could not be started ({error}); use fewer jobs") from None
    except RuntimeError as error:
        if "new thread" not in str(error):
            raise
        raise WorkerError(f"a worker thread could not be started ({error}); use fewer jobs") from None


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
        self.number = next(_numbers)
        try:
            self.data = _dumped(work)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # of many kinds
            reason = f"this cannot be sent to worker processes: {error}"
            raise TypeError(f"jobs: {reason}; use jobs=1, or a function that a module defines by its name") from None


def _dumped(value: Any) -> bytes:
    from multiprocessing.reduction import ForkingPickler

    return bytes(ForkingPickler.dumps(value))


def _loaded(data: bytes) -> Any:
    from multiprocessing.reduction import ForkingPickler

    return ForkingPickler.loads(data)


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
        self._number = 0  # of the work that it got last
        self._is_there = False
        try:
            self._process.start()
        except BaseException:
            self._connection.close()
            raise
        finally:
            theirs.close()  # so that ours ends with the process

    def result(self, work: _Packed, task: Any) -> Any:
        """What the work makes of a task."""
        asked = _dumped(task)
        try:
            self._wait_for_it()
            if self._number != work.number:
                self._number = work.number
                self._connection.send_bytes(_WORK)
                self._connection.send_bytes(work.data)
            self._connection.send_bytes(_TASK)
            self._connection.send_bytes(asked)
            answer = self._connection.recv_bytes()
        except (EOFError, OSError):
            reason = "a worker process ended before its work was done; if memory was short, use fewer jobs"
            guard = "a script that is run on its own must start its work below `if __name__ == '__main__':`"
            raise WorkerError(f"{reason}; {guard}") from None
        done, result, told = _loaded(answer)
        if not done:
            result.add_note(told)
            raise result
        return result

    def _wait_for_it(self) -> None:
        """Wait until the process has its end of the connection: on Windows that lies with us before."""
        if not self._is_there:
            from multiprocessing.connection import wait

            if self._connection not in wait([self._connection, self._process.sentinel]):
                raise EOFError
            self._connection.recv_bytes()
            self._is_there = True

    def kill(self) -> None:
        """End it at once, whatever it does; whoever waits for a result is told."""
        self._process.kill()

    def end(self) -> None:
        """Tell it that there is nothing to do any more."""
        with suppress(OSError):
            self._connection.send_bytes(_END)
        self._connection.close()

    def close(self) -> None:
        """Wait until it has ended."""
        self._process.join()
        self._process.close()


# ------------------------------------------------------------------------------------------------ in the workers


def _begin_thread(stop: threading.Event) -> None:
    _of_thread.stop = stop


def _serve(connection: Connection) -> None:
    """Do in this process what comes in, until nobody is there to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; ours tells us
    threading.Thread(target=_end_with_owner, daemon=True).start()
    work: Callable[[Any], Any] = _refused
    with suppress(EOFError, OSError):
        connection.send_bytes(b"")  # we are there
        while (kind := connection.recv_bytes()) != _END:
            if kind == _WORK:
                work = _refused  # which holds no memory
                work = _work_of(connection.recv_bytes())
            else:
                connection.send_bytes(_answer(work, connection.recv_bytes()))


def _refused(task: Any) -> Any:
    raise WorkerError("there is no work")


def _work_of(data: bytes) -> Callable[[Any], Any]:
    """Some work unpacked; what cannot be unpacked fails when it is to be done."""
    try:
        work: Callable[[Any], Any] = _loaded(data)
    except BaseException as error:
        return partial(_raised, error)
    return work


def _raised(error: BaseException, task: Any) -> Any:
    raise error


def _answer(work: Callable[[Any], Any], asked: bytes) -> bytes:
    """What is answered: the result, or the error and where it arose."""
    try:
        return _dumped((True, work(_loaded(asked)), ""))
    except BaseException as error:
        told = "in a worker process:\n" + "".join(traceback.format_exception(error))
        try:
            answer = _dumped((False, error, told))
            _loaded(answer)
        except Exception:  # an error that cannot be sent, or not be read, is told in words
            return _dumped((False, WorkerError(_in_words(error)), told))
        return answer


def _in_words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def _end_with_owner() -> None:
    """End this process when the one that started it has died, whatever is going on here."""
    from multiprocessing import parent_process

    owner = parent_process()
    if owner is not None:
        owner.join()
    os._exit(1)
