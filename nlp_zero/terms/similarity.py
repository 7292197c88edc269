"""How similar terms are to others: to seed terms that somebody has named, or to those that are the best without that.

Input: counts of which words stand near each other, terms as rows of words. Output: for each term a cosine.

A term is the sum of the vectors of its words, each of length 1. What all terms have in common is taken off: else a
cosine would mostly tell how common a term is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from ..core.symbols import SYMBOL_BITS, Floats, Integers
from ..core.tries import level_bounds
from ..progress import Advance
from .counts import TermCounts
from .tokens import FIRST_WORD
from .vectors import WordVectors

__all__ = ["Similarity", "near_vectors", "rows_of"]

_SIZE: Final = 100
_MASK = np.uint64((1 << SYMBOL_BITS) - 1)
_BLOCK: Final = 1 << 11  # terms that are looked at at once


def near_vectors(counts: TermCounts, advance: Advance | None = None) -> WordVectors:
    """Vectors of the words of a domain, from which of them stand near each other there.

    In the order in which the words first stand in the text; those of words beyond the 30,000 most frequent are 0.
    """
    singles = counts.keys[: level_bounds(counts.keys)[1]] if len(counts.keys) else counts.keys
    numbers = np.zeros(len(counts.words), dtype=np.int64)
    numbers[(singles & _MASK).astype(np.int64) - FIRST_WORD] = counts.counts[: len(singles)]
    return WordVectors.from_cooccurrences(
        counts.words, numbers, counts.left_words, counts.right_words, counts.nearness, size=_SIZE, advance=advance
    )


class Similarity:
    """Compares terms.

    Parameters
    ----------
    vectors
        Of the words.
    terms
        All terms that are compared, as rows of words, from 0, -1 after the end; shape (n, width).
    """

    def __init__(self, vectors: WordVectors, terms: Integers) -> None:
        self._units = np.vstack((_units(vectors.vectors.astype(np.float64)), np.zeros((1, vectors.vector_size))))
        self._terms = terms
        total: Floats = np.zeros(vectors.vector_size)
        for block in self._blocks():
            total += block.sum(axis=0)
        self._common = total / max(len(terms), 1)

    def directions(self, some: Integers) -> Floats:
        """Where some terms point, given in the same way: vectors of length 1; shape (len(some), size)."""
        return _units(self._of(some) - self._common)

    def to(self, directions: Floats, nearest: int = 1) -> Floats:
        """The mean of the cosines of each term to the directions that are nearest to it, so many; shape (n,)."""
        wanted = _units(directions).T
        nearest = min(nearest, wanted.shape[1])
        parts = [np.zeros(0)]
        for block in self._blocks():
            products = _units(block - self._common) @ wanted
            parts.append(np.partition(products, -nearest, axis=1)[:, -nearest:].mean(axis=1))
        cosines: Floats = np.concatenate(parts)
        return np.round(cosines, 6) + 0.0  # whatever the last bits are

    def _of(self, rows: Integers) -> Floats:
        return _units(self._units[rows].sum(axis=1))

    def _blocks(self) -> Iterator[Floats]:
        for first in range(0, len(self._terms), _BLOCK):
            yield self._of(self._terms[first : first + _BLOCK])


def _units(vectors: Floats) -> Floats:
    """Vectors of length 1; those of length 0 stay."""
    sizes = np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
    return np.asarray(vectors / np.where(sizes > 0, sizes, 1.0), dtype=np.float64)


def rows_of(terms: Iterable[str], words: Sequence[str]) -> tuple[Integers, list[str]]:
    """Terms as rows of known words; and the terms that are not made of known words.

    Of several ways the one of fewest words is taken, then the one whose first word is longest, and so on.

    Examples
    --------
    >>> rows, unknown = rows_of(["继电保护", "避雷器"], ["保护", "继电", "继"])
    >>> rows.tolist(), unknown
    ([[1, 0]], ['避雷器'])
    """
    numbers = {word: i for i, word in enumerate(words)}
    longest = max(map(len, words), default=0)
    rows: list[list[int]] = []
    unknown: list[str] = []
    for term in terms:
        row = _split(term, numbers, longest)
        if row:
            rows.append(row)
        else:
            unknown.append(term)
    width = max(map(len, rows), default=1)
    return np.array([row + [-1] * (width - len(row)) for row in rows], dtype=np.int64).reshape(-1, width), unknown


def _split(term: str, numbers: dict[str, int], longest: int) -> list[int]:
    """A term as words of at most so many characters, none if it is not made of known ones."""
    never = len(term) + 1
    sizes, ends = (
        [never] * len(term) + [0],
        [0] * len(term),
    )  # how many words go on from each place, and how far the first
    for place in range(len(term) - 1, -1, -1):
        for end in range(min(len(term), place + longest), place, -1):
            if sizes[end] + 1 < sizes[place] and term[place:end] in numbers:
                sizes[place], ends[place] = sizes[end] + 1, end
    row: list[int] = []
    place = 0
    while sizes[0] < never and place < len(term):
        row.append(numbers[term[place : ends[place]]])
        place = ends[place]
    return row
