"""Trees as people see them: aligned lines for a terminal, and a picture (SVG).

Both are tables: the words in the first row, and below them a row for each depth of the tree, in which each block shows
its fixed words and a bracket for each of its slots, at the places of the words that it is about.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple

from .block import Block, spoken_of

__all__ = ["drawing", "width", "written"]

_UNIT, _LINE, _BASE, _MARGIN = 8, 30, 20, 6  # pixels: half of an em, a row, its base line, around all
_STYLE: Final = (
    "font-family:sans-serif;font-size:16px;max-width:none",
    "fill:none;stroke:currentColor;stroke-opacity:.55",
)


class _Cell(NamedTuple):
    row: int
    start: int  # columns
    end: int
    word: str | None  # None for a slot


def width(text: str) -> int:
    """How many columns of a terminal a text takes: full-width characters take two, combining marks none.

    Examples
    --------
    >>> width("苹果"), width("K线"), width("e\u0301")
    (4, 3, 1)
    """
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf", "Cc") else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def written(root: Block) -> str:
    """The tree as lines of text, aligned where full-width characters take two columns."""
    lines: list[str] = []
    ends: list[int] = []  # columns
    for row, start, end, word in _cells(root):
        while row >= len(lines):
            lines.append("")
            ends.append(0)
        shown = _bracket(end - start) if word is None else word
        lines[row] += " " * (start - ends[row]) + shown
        ends[row] = start + (width(shown))
    return "\n".join(lines)


def _bracket(columns: int) -> str:
    """A bracket of so many columns."""
    if columns < 3:
        return ("", "X", "[]")[columns]
    left = (columns - 3) // 2
    return "[" + "-" * left + "X" + "-" * (columns - 3 - left) + "]"


def drawing(root: Block) -> str:
    """The tree as a picture: an SVG element."""
    shapes = []
    columns = rows = 0
    for row, start, end, word in _cells(root):
        columns, rows = max(columns, end), max(rows, row + 1)
        x, y, wide = _MARGIN + start * _UNIT, _MARGIN + row * _LINE, (end - start) * _UNIT
        if word is None:
            shapes.append(f'<path d="M{x + 2} {y + 8}v8h{wide - 4}v-8" style="{_STYLE[1]}"/>')
        else:
            fixed = f' textLength="{wide}" lengthAdjust="spacingAndGlyphs"' if wide else ""
            weight = "" if row == 0 else ' font-weight="bold"'
            shapes.append(f'<text x="{x}" y="{y + _BASE}"{fixed}{weight}>{_shown(word)}</text>')
    size = f"{columns * _UNIT + 2 * _MARGIN}", f"{rows * _LINE + 2 * _MARGIN}"
    title = f"<title>{_shown(' '.join(token.text for token in root.leaves()))}</title>"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {size[0]} {size[1]}" fill="currentColor" style="{_STYLE[0]}">{title}{"".join(shapes)}</svg>'
    )


def _shown(text: str) -> str:
    """Text as a picture can hold it: XML has no control characters, lone surrogates, or U+FFFE and U+FFFF."""
    return escape(
        "".join("\ufffd" if c in "\ufffe\uffff" or unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    )


def _cells(root: Block) -> Iterator[_Cell]:
    """The cells of the table: words, then what each block shows, row by row from left to right."""
    place: dict[int, tuple[int, int]] = {}  # columns of each word, by its offset in the text
    column = 0
    for token in root.leaves():
        place[token.start] = column, column + width(token.text)
        yield _Cell(0, *place[token.start], token.text)
        column += width(token.text) + 1
    for depth, block in root.blocks():
        if block.template is None:
            continue
        for child in spoken_of(block):
            if isinstance(child, Block):
                last = [*child.leaves()][-1]
                yield _Cell(depth + 1, place[child.start][0], place[last.start][1], None)
            else:
                yield _Cell(depth + 1, *place[child.start], child.text)
