"""What the kernels' arrays hold: symbols, keys of tries, and their types. See `nlp_zero.core.python`."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "BREAK",
    "C_COMMA",
    "C_DIGIT",
    "C_EXTEND",
    "C_HAN",
    "C_JOINER",
    "C_LATIN",
    "C_LETTER",
    "C_OTHER",
    "C_PERCENT",
    "C_PICTURE",
    "C_POINT",
    "C_REGIONAL",
    "C_SPACE",
    "C_WIDE_COMMA",
    "Edges",
    "FIRST_FORM",
    "FIRST_SYMBOL",
    "FORCED",
    "Flags",
    "Floats",
    "Integers",
    "Keys",
    "LATIN",
    "LETTERS",
    "NUMBER",
    "Neighbours",
    "SPACE",
    "Shares",
    "SYMBOL_BITS",
    "SYMBOL_LIMIT",
    "Symbols",
    "places_of",
]

Symbols: TypeAlias = npt.NDArray[np.uint32]
Keys: TypeAlias = npt.NDArray[np.uint64]
Integers: TypeAlias = npt.NDArray[np.int64]
Shares: TypeAlias = npt.NDArray[np.float32]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.uint8]


class Edges(NamedTuple):
    """The words that stand in a text: the edges of the graph whose paths are its segmentations.

    Attributes
    ----------
    nodes
        The node of each word; shape (m,).
    sizes
        How many symbols it has, at most 255; shape (m,). Each place of a run begins with an edge of one symbol, of
        node 0 if there is none; those of its longer words follow by rising size; an edge of node 0 and size 0 ends
        each run.
    """

    nodes: Symbols
    sizes: npt.NDArray[np.uint8]


class Neighbours(NamedTuple):
    """Symbols that stand beside strings; a row for each string and each such symbol that is seen in one n-gram.

    Attributes
    ----------
    rows_after
        In how many rows, the first ones, the symbol stands after the string; in the others it stands before it.
    strings
        The node of each string; shape (m,).
    seen
        How often both occur together; like the columns below a whole number, exact up to 2 ** 53; shape (m,).
    others
        How often the symbol of the string that the other one stands beside occurs outside the string.
    elsewhere
        How often these two symbols stand so outside the string.
    neighbours
        How often the symbol beside the string occurs.
    """

    rows_after: int
    strings: Integers
    seen: Floats
    others: Floats
    elsewhere: Floats
    neighbours: Floats


# Symbols of units that stand in no run, then the two classes inside runs, then single surface forms of units.
BREAK: Final = 0
SPACE: Final = 1
LETTERS: Final = 2
FORCED: Final = 3
FIRST_SYMBOL: Final = 16
NUMBER: Final = 0x110000
LATIN: Final = 0x110001
FIRST_FORM: Final = 0x110002
SYMBOL_BITS: Final = 21
SYMBOL_LIMIT: Final = 1 << SYMBOL_BITS

# Classes of characters; which character has which class is the business of `text.characters`.
(
    C_OTHER, C_SPACE, C_HAN, C_DIGIT, C_LATIN, C_LETTER, C_EXTEND, C_JOINER, C_REGIONAL, C_PICTURE,
    C_POINT, C_COMMA, C_WIDE_COMMA, C_PERCENT,
) = range(14)  # fmt: skip
_WIDE_ZERO: Final = 0xFF10  # full-width digits are U+FF10 to U+FF19
_REPEATABLE: Final = np.isin(
    np.arange(14), [C_OTHER, C_PICTURE, C_POINT, C_COMMA, C_WIDE_COMMA, C_PERCENT]
)  # identical neighbours of these classes are one unit: —— …… ！！


def places_of(flags: Flags | npt.NDArray[np.bool_]) -> Integers:
    """Where flags, which are 0 or 1, are set: ten times as fast as numpy finds them in numbers.

    Examples
    --------
    >>> places_of(np.array([1, 0, 1, 1], dtype=np.uint8)).tolist()
    [0, 2, 3]
    """
    return np.flatnonzero(flags.view(np.bool_))
