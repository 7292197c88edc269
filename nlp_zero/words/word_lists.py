"""Lists of words as files hold them: lexicons with their figures, and plain lists, one word a line."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ..errors import LexiconFormatError
from ..text.corpus import TextFiles
from ..text.tables import refuse_container, table_blocks

__all__ = ["COLUMNS", "COUNT_LIMIT", "FIGURE_LIMIT", "read_lexicon", "read_words"]

COLUMNS: Final = ("word", "count", "gain", "pmi", "left_entropy", "right_entropy")
COUNT_LIMIT: Final = 10**15  # so that the sum of a thousand of the largest is still exact
FIGURE_LIMIT: Final = 1e38  # figures are kept as float32
_SPACED: Final = re.compile(r"\S+ \d+( [a-z]+)?")  # a line of a jieba dictionary
_EXPECTED: Final = "a list of words"
_Figures: TypeAlias = npt.NDArray[np.float64]
_log = logging.getLogger("nlp_zero")


class _Part(NamedTuple):
    """The columns of some lines of a lexicon file."""

    words: list[str]
    counts: list[int]
    figures: _Figures


def read_lexicon(path: str | os.PathLike[str], encoding: str) -> tuple[list[str], list[int], _Figures, int]:
    """Words, counts and figures of a lexicon file, and how many lines have a word that stood there before.

    See `Lexicon.load`. Of a word that is repeated counts are added up, the figures are those of its first line.
    """
    parts = [_together(*block) or _one_by_one(path, *block) for block in _blocks(path, encoding)]
    words = list(chain.from_iterable(part.words for part in parts))
    counts = list(chain.from_iterable(part.counts for part in parts))
    figures = np.concatenate([part.figures for part in parts]) if parts else np.zeros((0, 4))
    repeated = len(words) - len(set(words))
    if repeated:
        first: dict[str, int] = {}
        for i, place in enumerate(map(first.setdefault, words, range(len(words)))):
            counts[place] += counts[i] if place != i else 0
        kept = list(first.values())
        words, counts, figures = list(first), [counts[i] for i in kept], figures[kept]
    return words, counts, figures, repeated


def _blocks(
    path: str | os.PathLike[str], encoding: str
) -> Iterator[tuple[Sequence[str], Sequence[int], Sequence[str]]]:
    """The lines of a lexicon file that are not blank, some thousands at once: columns, numbers, lines."""
    refuse_container(path, _EXPECTED)
    spaced, seen, first = True, 0, (0, "")
    for number, columns, lines in table_blocks(path, COLUMNS, encoding):
        numbers: Sequence[int] = range(number, number + len(lines))
        if not all(map(str.strip, lines)):
            numbers = [i for i, line in zip(numbers, lines) if line.strip()]
            lines = list(filter(str.strip, lines))
        if not lines:
            continue
        first = first if seen else (numbers[0], lines[0])
        seen += len(lines)
        spaced = spaced and all("\t" not in line and _SPACED.fullmatch(line) for line in lines)
        yield columns, numbers, lines
    if seen > 1 and spaced:
        expected = "TABs between columns (this looks like a jieba dictionary: turn its spaces into TABs)"
        raise LexiconFormatError(path, first[0], expected, first[1])


def _together(columns: Sequence[str], numbers: Sequence[int], lines: Sequence[str]) -> _Part | None:
    """What stands in lines that are all alike, ten times as fast as one by one; None if they are not."""
    width = lines[0].count("\t") + 1
    cells = "\t\n\t".join(lines).split("\t")  # no cell holds a line end, so these tell where lines end
    if len(cells) != len(lines) * (width + 1) - 1 or cells[width :: width + 1].count("\n") != len(lines) - 1:
        return None
    table = {name: cells[i :: width + 1] for i, name in enumerate(columns[:width])}
    words, counts = list(map(str.strip, table["word"])), table.get("count")
    if not all(words) or counts is not None and not _are_counts(counts):
        return None
    figures = np.zeros((len(lines), 4))
    try:
        for i, name in enumerate(COLUMNS[2:]):
            if name in table:
                figures[:, i] = np.fromiter(map(float, table[name]), dtype=np.float64, count=len(lines))
    except ValueError:
        return None
    if not (np.abs(figures) < FIGURE_LIMIT).all():
        return None
    return _Part(words, [1] * len(words) if counts is None else list(map(int, counts)), figures)


def _are_counts(cells: list[str]) -> bool:
    """Whether all cells are counts without anything around them."""
    digits = "".join(cells)
    return digits.isascii() and digits.isdigit() and all(cells) and max(map(len, cells)) < len(str(COUNT_LIMIT))


def _one_by_one(
    path: str | os.PathLike[str], columns: Sequence[str], numbers: Sequence[int], lines: Sequence[str]
) -> _Part:
    """What stands in lines, in a way that finds the line that is wrong."""
    rows = [_parsed(path, number, dict(zip(columns, line.split("\t")))) for number, line in zip(numbers, lines)]
    words, counts, figures = zip(*rows)
    return _Part(list(words), list(counts), np.array(figures))


def _parsed(path: str | os.PathLike[str], number: int, cells: Mapping[str, str]) -> tuple[str, int, list[float]]:
    """Word, count and figures of one line."""
    word = cells["word"].strip()
    line = "\t".join(cells.values())
    if not word:
        raise LexiconFormatError(path, number, "a word in the first column", line)
    count = cells.get("count", "").strip() or "1"
    if not (count.isascii() and count.isdigit()):
        raise LexiconFormatError(path, number, "a whole number in column 2 (count)", line)
    if len(count) > 16 or int(count) > COUNT_LIMIT:
        raise LexiconFormatError(path, number, "a count of 10 ** 15 at most in column 2", line)
    figures = []
    for column in COLUMNS[2:]:
        text = cells.get(column, "").strip() or "0"
        try:
            figures.append(float(text))
        except ValueError:
            raise LexiconFormatError(path, number, f"a number in column {column}", line) from None
        if not abs(figures[-1]) < FIGURE_LIMIT:
            raise LexiconFormatError(path, number, f"a finite number below 1e38 in column {column}", line)
    return word, int(count), figures


def read_words(path: str | os.PathLike[str], *, encoding: str = "auto") -> list[str]:
    """Read a list of words: the first TAB-separated column of each line that is not blank, without a header.

    Where every line is ``word count`` or ``word count tag`` with spaces between, as in dictionaries of jieba, words end
    at the first space.

    Raises
    ------
    CorpusError
        If the file cannot be read.
    """
    refuse_container(path, _EXPECTED)
    words = [line.split("\t")[0].strip() for line in TextFiles(path, encoding=encoding)]
    words = [word for number, word in enumerate(words) if word and not (number == 0 and word == "word")]
    if len(words) > 1 and all(map(_SPACED.fullmatch, words)):
        _log.info("%s: read as a jieba dictionary, in which a word ends at the first space", path)
        words = [word.split(" ")[0] for word in words]
    return words
