"""Several corpora as one, and files that must not change while they are read several times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..errors import CorpusError
from .corpus import TextFiles, text_blocks

__all__ = ["Chain", "bytes_of", "chained", "unchanging"]


class Chain:
    """Several corpora, one after the other."""

    def __init__(self, corpora: Sequence[Iterable[str]]) -> None:
        self.corpora = corpora

    def __iter__(self) -> Iterator[str]:
        for corpus in self.corpora:
            yield from text_blocks(corpus)


def chained(corpora: Sequence[Iterable[str]]) -> Iterable[str]:
    """One corpus of all."""
    return corpora[0] if len(corpora) == 1 else Chain(corpora)


def bytes_of(corpora: Sequence[Iterable[str]]) -> int | None:
    """How many bytes some corpora have on disk; None if not all are files."""
    sizes = [corpus.total_bytes for corpus in corpora if isinstance(corpus, TextFiles)]
    return sum(sizes) if len(sizes) == len(corpora) else None


@contextmanager
def unchanging(corpora: Sequence[Iterable[str]]) -> Iterator[None]:
    """Refuse files that change while they are read several times.

    Raises
    ------
    CorpusError
        In the end, if one has changed.
    """
    files = [corpus for corpus in corpora if isinstance(corpus, TextFiles)]
    before = [corpus.fingerprint() for corpus in files]
    yield
    for corpus, old in zip(files, before):
        for path, status, now in zip(corpus.paths, old, corpus.fingerprint()):
            if status != now:
                reason = "changed while it was read; wait until it is complete, or read a copy"
                raise CorpusError(f"{corpus.shown_name(path)}: {reason}")
