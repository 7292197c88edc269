"""Tables of words as people and programs write them: lines of cells with TABs between, under a header or without one.

Input: a text file. Output: the cells of each line, by column. What is no text but a model or counts is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from ..errors import CorpusError
from ..files import MAGIC
from .corpus import TextFiles

__all__ = ["refuse_container", "table_blocks", "table_rows"]

_BLOCK: Final = 1 << 13  # lines that are read at once


def refuse_container(path: str | os.PathLike[str], expected: str) -> None:
    """Raise `CorpusError` if the file is no text but a model or counts; `expected` says what it should be."""
    try:
        with open(path, "rb") as file:
            found = file.read(len(MAGIC)) == MAGIC
    except OSError:
        return  # what reads the text says it better
    if found:
        raise CorpusError(
            f"{os.fspath(path)}: expected {expected}, found a model or counts; -m takes models, --load-counts counts"
        )


def table_rows(
    path: str | os.PathLike[str], columns: Sequence[str], encoding: str
) -> Iterator[tuple[int, str, dict[str, str]]]:
    """The lines of a table that are not blank.

    Parameters
    ----------
    path
        The file.
    columns
        Names of the columns where there is no header; the first two of them tell that there is one.
    encoding
        As in `TextFiles`.

    Yields
    ------
    number
        The number of the line, from 1.
    line
        The line.
    cells
        What stands in it, by column.
    """
    for number, names, lines in table_blocks(path, columns, encoding):
        for i, line in enumerate(lines, number):
            if line.strip():
                yield i, line, dict(zip(names, line.split("\t")))


def table_blocks(
    path: str | os.PathLike[str], columns: Sequence[str], encoding: str
) -> Iterator[tuple[int, Sequence[str], list[str]]]:
    """The lines of a table, some thousands at once; the parameters are those of `table_rows`.

    Yields
    ------
    number
        The number of the first line.
    names
        The names of the columns.
    lines
        The lines, blank ones too, but without the header.
    """
    text = iter(TextFiles(path, encoding=encoding))
    number = 1
    while lines := list(islice(text, _BLOCK)):
        end = number + len(lines)
        if number == 1 and (cells := lines[0].split("\t"))[:2] == list(columns[:2]):
            columns, number = cells, 2
            del lines[0]
        yield number, columns, lines
        number = end
