"""One way to show progress: a tqdm bar in bytes or pieces on stderr, or nothing at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Advance", "progress_bar"]


class Advance(Protocol):
    """What a stage calls with the amount of work just done."""

    def __call__(self, amount: int, /) -> object: ...


@contextmanager
def progress_bar(what: str, total: int | None, *, show: bool, unit: str = "B") -> Iterator[Advance]:
    """Show a bar while the block runs, if `show` is true and stderr is a terminal.

    Parameters
    ----------
    what
        The stage, one or two words: ``counting``.
    total
        The whole amount in `unit`; None if it is not known.
    show
        False shows nothing, anywhere.
    unit
        ``B`` for bytes (scaled: 12.3MB), or the name of the things that are counted.

    Yields
    ------
    Advance
        To be called with each amount done.

    Examples
    --------
    >>> with progress_bar("reading", 10, show=False) as advance:
    ...     _ = advance(10)
    """
    if not (show and sys.stderr is not None and sys.stderr.isatty()):
        yield lambda amount, /: None
        return
    from tqdm import tqdm  # only now: loading it takes longer than segmenting a page

    with tqdm(total=total, desc=what, unit=unit, unit_scale=True, delay=0.5, leave=False, file=sys.stderr) as bar:
        yield bar.update
