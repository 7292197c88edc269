"""Vectors as text: the format of word2vec, which GloVe, fastText and gensim share.

A first line of two whole numbers, which may be missing, says how many words there are and how many numbers each has;
then each line holds a word and its numbers, with blanks between them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import LineFormatError, ModelFormatError

__all__ = ["Word2VecRows", "word2vec_lines"]

_BLANKS: Final = re.compile("[ \t]+")
_LARGEST: Final = 3.4028235677e38  # what is greater is rounded to no finite float32
_ROWS: Final = 8192  # vectors that wait as lists of numbers


def word2vec_lines(words: Sequence[str], vectors: npt.NDArray[np.float32], *, header: bool) -> Iterator[str]:
    """The lines of a file.

    Raises
    ------
    ValueError
        If a word cannot be written so; before the first line.
    """
    for word in words:
        if word.split() != [word] or any("\ud800" <= character <= "\udfff" for character in word):
            expected = "words without white space or lone surrogates, as this format needs them"
            raise ValueError(f"words: expected {expected}, found {word!r}; use save(), or leave it out")
    if not header and words and words[0].startswith("\ufeff"):
        raise ValueError(f"header: expected True, as the first word begins like a file, found {words[0]!r}")
    if header:
        yield f"{len(words)} {vectors.shape[1]}\n"
    row = " ".join(["%.9g"] * vectors.shape[1])
    for word, vector in zip(words, vectors):
        yield f"{word} {row % tuple(vector.tolist())}\n"


class Word2VecRows(NamedTuple):
    """What a text file of vectors holds.

    Attributes
    ----------
    size
        How many numbers a vector has.
    lines
        The words in their order, with the number of the line of each.
    vectors
        The vectors in their order, some at a time.
    """

    size: int
    lines: dict[str, int]
    vectors: list[npt.NDArray[np.float32]]

    @classmethod
    def read(cls, path: str, numbered: Iterable[tuple[int, str]], header: bool | None) -> Word2VecRows:
        """Read the numbered lines of a file; whether the first one says how many there are, if that is known.

        Raises
        ------
        LineFormatError
            If a line cannot be understood.
        ModelFormatError
            If there are fewer words than the first line says.
        """
        said: int | None = None
        size = -1
        lines: dict[str, int] = {}
        vectors: list[npt.NDArray[np.float32]] = []
        waiting: list[list[float]] = []
        for number, line in numbered:
            if not (stripped := line.strip(" \t")):
                continue
            cells = _BLANKS.split(stripped)
            if size < 0 and (header or header is None and _is_header(cells)):
                said, size = _header(path, number, line, cells)
                continue
            size = len(cells) - 1 if size < 0 else size
            if said is not None and len(lines) == said:
                raise LineFormatError(path, number, f"the end of the file after {said} words, as line 1 says", line)
            waiting.append(_figures(path, number, line, cells, size))
            if cells[0] in lines:
                raise LineFormatError(path, number, f"another word than in line {lines[cells[0]]}", line)
            lines[cells[0]] = number
            if len(waiting) == _ROWS:
                vectors.append(np.array(waiting, dtype=np.float32))
                waiting = []
        if waiting:
            vectors.append(np.array(waiting, dtype=np.float32).reshape(len(waiting), size))
        if said is None and header:
            raise ModelFormatError(f"{path}: expected a first line of two whole numbers, found an empty file")
        if said is not None and len(lines) < said:
            raise ModelFormatError(
                f"{path}: expected {said} words, as line 1 says, found {len(lines)}; it was cut short"
            )
        return cls(max(size, 0), lines, vectors)


def _is_header(cells: list[str]) -> bool:
    return len(cells) == 2 and all(cell.isascii() and cell.isdigit() and len(cell) < 16 for cell in cells)


def _header(path: str, number: int, line: str, cells: list[str]) -> tuple[int, int]:
    if not _is_header(cells):
        raise LineFormatError(path, number, "two whole numbers, how many words and how many numbers each has", line)
    words, size = map(int, cells)
    return words, size


def _figures(path: str, number: int, line: str, cells: list[str], size: int) -> list[float]:
    """The numbers of a line."""
    if len(cells) != size + 1:
        expected = f"a word and {size} numbers, separated by blanks"
        raise LineFormatError(path, number, f"{expected} ({len(cells)} cells are there)", line)
    try:
        figures = list(map(float, cells[1:]))
    except ValueError:
        figures = [math.nan]
    if not all(abs(figure) <= _LARGEST for figure in figures) or any("_" in cell for cell in cells[1:]):
        wrong = next((cell for cell in cells[1:] if not _is_figure(cell)), "")
        raise LineFormatError(path, number, f"finite numbers of float32 after the word (not {wrong[:20]!r})", line)
    return figures


def _is_figure(cell: str) -> bool:
    try:
        return "_" not in cell and abs(float(cell)) <= _LARGEST
    except ValueError:
        return False
