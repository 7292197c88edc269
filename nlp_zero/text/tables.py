"""Tables of words as people and programs write them: lines of cells with TABs between, under a header or without one.

Input: a text file. Output: the cells of each line, by column. What is no text but a model or counts is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ..errors import CorpusError
from ..files import MAGIC
from .corpus import TextFiles

__all__ = ["refuse_container", "table_rows"]


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
    for number, line in enumerate(TextFiles(path, encoding=encoding), 1):
        cells = line.split("\t")
        if number == 1 and cells[:2] == list(columns[:2]):
            columns = cells
        elif line.strip():
            yield number, line, dict(zip(columns, cells))
