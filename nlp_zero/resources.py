"""What learning may use: memory, workers, and a place for what does not fit into memory."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Final

from .memory import available_memory, parse_size, shown_size
from .parallel import Workers
from .temporary import Scratch

__all__ = ["LEAST_MEMORY", "Resources"]

LEAST_MEMORY: Final = 64 * 10**6  # bytes
_PROCESS: Final = 50 * 10**6  # bytes that Python, numpy and the program take before there is any data
_USUAL: Final = 700 * 10**6  # bytes that are used if nothing is asked for: more makes little faster,
_SHARE: Final = 0.5  # and of the memory that is free no more than this
_log = logging.getLogger("nlp_zero")


@dataclass(frozen=True, slots=True)
class Resources:
    """What one run, or one of its workers, may use.

    Attributes
    ----------
    room
        Bytes for arrays.
    workers
        What works at the same time; they end with the block when this is a context manager.
    scratch
        Where files are put that do not fit into memory.
    """

    room: int
    workers: Workers
    scratch: Scratch

    @classmethod
    def plan(
        cls,
        memory_limit: int | str | None = None,
        jobs: int = 1,
        temporary_directory: str | os.PathLike[str] | None = None,
        *,
        share_memory: bool = False,
    ) -> Resources:
        """Check what the user asked for, and fill in what was not said.

        Parameters
        ----------
        memory_limit
            Bytes, or a size such as ``"256MB"``, for all processes together; 700 MB by default, or
            half of what is free if that is less.
        jobs
            Number of workers.
        temporary_directory
            Where to put files; where the system puts them by default.
        share_memory
            Let threads work, not processes.

        Raises
        ------
        ValueError
            If one makes no sense, or there is no such folder.
        """
        if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
            raise ValueError(f"jobs: expected a whole number from 1 on, found {jobs!r}")
        if temporary_directory is not None and not os.path.isdir(temporary_directory):
            raise ValueError(f"temporary_directory: there is no folder {os.fspath(temporary_directory)!r}")
        if memory_limit is None:
            free = available_memory()
            limit = max(min(int(free * _SHARE), _USUAL), LEAST_MEMORY)
            _log.info("memory: up to %s of the %s that are free", shown_size(limit), shown_size(free))
        else:
            try:
                limit = parse_size(memory_limit)
            except ValueError as error:
                raise ValueError(f"memory_limit: {error}") from None
            if limit < LEAST_MEMORY:
                raise ValueError(f"memory_limit: expected at least {shown_size(LEAST_MEMORY)}, found {memory_limit}")
        processes = 1 if share_memory or jobs == 1 else jobs + 1
        return cls(
            max(limit - processes * _PROCESS, limit // 8),
            Workers(jobs, share_memory=share_memory),
            Scratch(temporary_directory),
        )

    def for_worker(self) -> Resources:
        """The share of one worker."""
        return Resources(self.room // self.jobs, Workers(1, share_memory=self.workers.share_memory), self.scratch)

    def beside(self, held: int) -> Resources:
        """What is left beside so many bytes that are held meanwhile, by each process; a quarter in any case."""
        processes = 1 if self.jobs == 1 or self.workers.share_memory else self.jobs + 1
        return Resources(max(self.room - held * processes, self.room // 4), self.workers, self.scratch)

    @property
    def jobs(self) -> int:
        """How many workers there are."""
        return self.workers.jobs

    def __enter__(self) -> Resources:
        return self

    def __exit__(self, *error: object) -> None:
        self.workers.__exit__(*error)
