"""Lines of a text in which terms stand.

Input: the text, the terms. Output: for each term some places of it, spread over the text. Where terms overlap a place
belongs to the longest, so a term is shown as itself and not as a part of another, unless it is never anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from typing import Final

import numpy as np

from ..core import kernels
from ..core.symbols import Integers
from ..parallel import checkpoint
from ..progress import Advance
from ..text.characters import codes_of, units
from ..text.corpus import text_blocks
from .vocabulary import Context

__all__ = ["SIDE", "context_lines"]

SIDE: Final = 60  # characters on each side that are shown; … stands where more are there
_TIMES: Final = 3  # that the text is read at most, the second and third time for terms that were only parts of others
_MULTIPLIER: Final = 0x9E3779B1
_MODULUS: Final = 1 << 32


def context_lines(
    corpus: Iterable[str],
    terms: Collection[str],
    number: int,
    bars: Callable[[], AbstractContextManager[Advance]],
) -> dict[str, list[Context]]:
    """Some lines for each term, in the order of the text.

    Parameters
    ----------
    corpus
        The text.
    terms
        The terms.
    number
        How many lines for each, if there are so many; lines that are alike around the term are shown once.
    bars
        Shows how far it is.

    Notes
    -----
    Time O(n) for n characters, memory O(terms * number).
    """
    found: dict[str, list[Context]] = {}
    left = list(dict.fromkeys(terms))
    for _ in range(_TIMES):
        if not left:
            break
        with bars() as advance:
            more = _Finding(left, number).read(corpus, advance)
        if not more:
            break
        found |= more
        left = [term for term in left if term not in found]
    return {term: found[term] for term in terms if term in found}


class _Finding:
    """Looks for terms in a text; of all places of a term those whose lines have the least numbers, once mixed, stay."""

    def __init__(self, terms: list[str], number: int) -> None:
        self._terms, self._number = terms, number
        lengths = np.fromiter(map(len, terms), dtype=np.int64, count=len(terms))
        keys, nodes = kernels().build_trie(codes_of("".join(terms)), np.cumsum(lengths) - lengths, lengths)
        self._trie = kernels().compile_trie(keys)
        self._ends = np.zeros(len(keys) + 1, dtype=np.uint8)
        self._ends[nodes] = 1
        self._term_of = {term: i for i, term in enumerate(terms)}
        self._kept: list[dict[int, tuple[int, Context]]] = [{} for _ in terms]  # by the mixed number of the line
        self._least = np.full(len(terms), _MODULUS, dtype=np.int64)  # what a line must be below to be kept

    def read(self, corpus: Iterable[str], advance: Advance) -> dict[str, list[Context]]:
        """The lines of a corpus."""
        line = 0
        for block in text_blocks(corpus, advance):
            checkpoint()
            line = self._read(block, line)
        return {
            term: [context for _, context in sorted(kept.values(), key=lambda entry: entry[0])]
            for term, kept in zip(self._terms, self._kept)
            if kept
        }

    def _read(self, block: str, line: int) -> int:
        """Look through a block that begins in this line; the line after it."""
        codes = codes_of(block)
        edges = np.zeros(len(codes) + 1, dtype=np.uint8)
        edges[units(block).starts] = 1  # never inside a number or a Latin word
        firsts, ends = kernels().longest_matches(codes, self._trie, self._ends, edges)
        line_ends = (codes == 10) | (codes == 13)
        lines = line + np.cumsum(line_ends)
        if len(firsts):
            names = kernels().pieces(block, firsts, ends)
            owners = np.fromiter(map(self._term_of.__getitem__, names), dtype=np.int64, count=len(names))
            self._keep(block, firsts, ends, owners, lines[firsts], np.flatnonzero(line_ends))
        return int(lines[-1]) + 1 if len(lines) else line

    def _keep(
        self, block: str, firsts: Integers, ends: Integers, owners: Integers, lines: Integers, line_ends: Integers
    ) -> None:
        mixed = (lines + 1) * _MULTIPLIER % _MODULUS
        some = np.flatnonzero(mixed < self._least[owners])
        order = some[np.lexsort((firsts[some], mixed[some], owners[some]))]
        once = np.ones(len(order), dtype=bool)  # the first place in each line
        once[1:] = (owners[order[1:]] != owners[order[:-1]]) | (lines[order[1:]] != lines[order[:-1]])
        for i in order[once].tolist():
            owner, key = int(owners[i]), int(mixed[i])
            kept = self._kept[owner]
            if key in kept or key >= self._least[owner]:
                continue
            first, end = int(firsts[i]), int(ends[i])
            at = int(np.searchsorted(line_ends, first))
            begins = int(line_ends[at - 1]) + 1 if at else 0
            stops = int(line_ends[at]) if at < len(line_ends) else len(block)
            before, after = block[max(begins, first - SIDE) : first], block[end : min(stops, end + SIDE)]
            context = Context(
                "…" + before if first - SIDE > begins else before.lstrip(),
                block[first:end],
                after + "…" if end + SIDE < stops else after.rstrip(),
            )
            if any(context == other for _, other in kept.values()):
                continue
            kept[key] = (int(lines[i]), context)
            if len(kept) > self._number:
                del kept[max(kept)]
            if len(kept) == self._number:
                self._least[owner] = max(kept)
