"""Text as symbols: the kernel in numpy that cuts text into units. See `nlp_zero.core.python`."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from .symbols import (
    _REPEATABLE,
    _WIDE_ZERO,
    C_COMMA,
    C_DIGIT,
    C_EXTEND,
    C_HAN,
    C_JOINER,
    C_LATIN,
    C_LETTER,
    C_OTHER,
    C_PERCENT,
    C_PICTURE,
    C_POINT,
    C_REGIONAL,
    C_SPACE,
    C_WIDE_COMMA,
    LATIN,
    LETTERS,
    NUMBER,
    SPACE,
    Flags,
    Integers,
    Symbols,
)

__all__ = ["SYMBOL_OF", "scan"]


def scan(codes: Symbols, classes: Flags) -> tuple[Integers, Symbols]:
    """Cut text into units: Han characters, numbers, Latin words, punctuation, white space, the rest.

    Parameters
    ----------
    codes
        Code points of the text, shape (n,).
    classes
        Class of every code point, shape (0x110000,).

    Returns
    -------
    starts : shape (m + 1,)
        Where each unit begins, and n at the end.
    symbols : shape (m,)
        The symbol of each unit.
    """
    kind = classes.take(codes)
    other = kind != C_HAN
    # every Han character begins a unit, so one of each run of them is enough to decide on what stands between
    some = np.flatnonzero(other | np.append(True, other)[: len(other)])
    begins = ~other
    begins[some] = _begins(codes[some], kind[some])
    starts = np.flatnonzero(begins)
    symbols = codes[starts]
    others = np.flatnonzero(other[starts])
    symbols[others] = SYMBOL_OF[kind[starts[others]]]
    return np.append(starts, len(codes)), symbols


SYMBOL_OF: Final = np.zeros(256, dtype=np.uint32)  # by class; that of a Han character is its own
SYMBOL_OF[[C_SPACE, C_LETTER, C_DIGIT, C_LATIN]] = [SPACE, LETTERS, NUMBER, LATIN]


def _begins(codes: Symbols, kind: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Whether a unit begins with each character."""
    n = len(codes)
    after_space = np.ones(n, dtype=bool)
    after_space[1:] = kind[:-1] == C_SPACE
    joined = np.zeros(n, dtype=bool)
    joined[1:] = kind[:-1] == C_JOINER
    mark = ((kind == C_EXTEND) | (kind == C_JOINER)) & ~after_space  # a mark belongs to what stands before it
    base = np.flatnonzero(~mark)
    kind, code = kind[base], codes[base]
    kind = np.where((kind == C_EXTEND) | (kind == C_JOINER), C_OTHER, kind)
    symbol = (kind == C_PICTURE) | (kind == C_OTHER)  # a joiner joins pictures, never Han, letters or digits
    symbol_before = np.concatenate(([False], symbol[:-1]))[: len(symbol)]
    same = joined[base] & symbol & symbol_before | _continues(kind, code)
    begins = np.zeros(n, dtype=bool)
    begins[base] = ~same
    return begins


def _shift(values: npt.NDArray[np.uint8], by: int) -> npt.NDArray[np.uint8]:
    """The values `by` places further on (before, if negative), with `C_OTHER` beyond the ends."""
    out = np.zeros_like(values)
    if by >= 0:
        out[: max(len(values) - by, 0)] = values[by:]
    else:
        out[-by:] = values[:by]
    return out


def _continues(kind: npt.NDArray[np.uint8], code: Symbols) -> npt.NDArray[np.bool_]:
    """Whether each base character continues the unit of the one before it."""
    before, after = _shift(kind, -1), _shift(kind, 1)
    digit = C_DIGIT
    between = (before == digit) & (after == digit)
    inside = between & (kind == C_POINT)
    commas = np.flatnonzero(between & ((kind == C_COMMA) | (kind == C_WIDE_COMMA)))
    if len(commas):
        inside[commas] = _groups(kind, code, commas)
    percent = (kind == C_PERCENT) & (before == digit)
    after_inside = np.roll(inside, 1)
    after_inside[:1] = False
    number = (kind == digit) & ((before == digit) | after_inside) | inside | percent
    alike = (kind == before) & ((kind == C_LATIN) | (kind == C_LETTER) | (kind == C_SPACE))
    repeated = np.zeros(len(kind), dtype=bool)
    repeated[1:] = (code[1:] == code[:-1]) & (code[1:] < 0x10000)
    repeated &= _REPEATABLE[kind] & ~percent & ~np.roll(percent, 1)
    continues: npt.NDArray[np.bool_] = number | alike | repeated
    regional = kind == C_REGIONAL
    if regional.any():
        continues |= _second_of_pairs(regional)
    continues[:1] = False
    return continues


def _groups(kind: npt.NDArray[np.uint8], code: Symbols, commas: Integers) -> npt.NDArray[np.bool_]:
    """Whether each of these commas between two digits stands before a group of three, after at most three."""
    digits = np.pad(kind == C_DIGIT, 4)  # nothing but commas between digits is here, so their neighbours are there

    def near(by: int) -> npt.NDArray[np.bool_]:
        """Whether a digit stands so many places behind each comma (before, if negative)."""
        return np.asarray(digits[commas + (4 + by)])

    fits = near(2) & near(3) & ~near(4) & ~(near(-2) & near(-3) & near(-4))
    # a wide comma groups wide digits only: 100，200 are two numbers
    wide = (code[commas - 1] >= _WIDE_ZERO) & (code[commas + 1] >= _WIDE_ZERO)
    return np.asarray(fits & ((kind[commas] == C_COMMA) | wide))


def _second_of_pairs(regional: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Every second one of neighbours."""
    place = np.arange(len(regional))
    begins = regional & np.append(True, ~regional[:-1])
    return np.asarray(regional & ((place - np.maximum.accumulate(np.where(begins, place, 0))) % 2 == 1))
