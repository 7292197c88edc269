"""Symbols with their tags as symbols of their own, so that pairs of them can be counted. See `nlp_zero.core.python`.

A tagged symbol has the bits of its symbol, numbers and Latin words moved down behind all Han characters, and then two
bits of its tag; so tagged symbols have the order of the symbols, then of the tags, and fit where symbols fit.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .symbols import FIRST_SYMBOL, NUMBER, Flags, Integers, Symbols
from .tagging import EDGE, B, E, M, S

__all__ = ["EDGE_TAGGED", "tagged", "tagged_symbols", "tags_between", "tags_of", "untagged"]

_TAG_BITS: Final = 2
_LAST_CODE: Final = 0x3FFF0  # above all Han characters: the codes of numbers and Latin words begin here
EDGE_TAGGED: Final = EDGE << _TAG_BITS | S  # what a run begins after and ends before


def tags_between(first: npt.NDArray[np.bool_], last: npt.NDArray[np.bool_]) -> Flags:
    """The tags of symbols, given which of them are the first and the last of a word."""
    b, m, e, s = np.array([B, M, E, S], dtype=np.uint8)  # numbers of Python would make arrays of int64
    tags: Flags = np.where(first, np.where(last, s, b), np.where(last, e, m))
    return tags


def tags_of(begins: npt.NDArray[Any], symbols: Symbols) -> Flags:
    """The tag of every symbol, from where words begin; S outside runs.

    Parameters
    ----------
    begins
        1 where a word begins; shape (n,). Runs begin and end words in any case.
    symbols
        Shape (n,).
    """
    outside = symbols < FIRST_SYMBOL
    first = np.asarray(begins, dtype=bool) | outside
    first[1:] |= outside[:-1]
    first[:1] = True
    return tags_between(first, np.append(first[1:], True)[: len(first)])


def tagged(symbols: Symbols, tags: npt.NDArray[Any]) -> Symbols:
    """Symbols with their tags as symbols of their own, in the order of the symbols, then of the tags.

    All symbols must be below `FIRST_FORM`.
    """
    codes = np.where(symbols >= NUMBER, symbols - NUMBER + _LAST_CODE, symbols).astype(np.uint32)
    both: Symbols = codes << np.uint32(_TAG_BITS) | np.asarray(tags, dtype=np.uint32)
    return both


def untagged(states: npt.NDArray[Any]) -> tuple[Symbols, Integers]:
    """The symbols of tagged symbols, and their tags."""
    codes = (states >> _TAG_BITS).astype(np.uint32)
    symbols: Symbols = np.where(codes >= _LAST_CODE, codes - _LAST_CODE + NUMBER, codes).astype(np.uint32)
    return symbols, states.astype(np.int64) & ((1 << _TAG_BITS) - 1)


def tagged_symbols(symbols: Symbols, begins: Flags) -> Symbols:
    """The runs of a text as tagged symbols.

    Parameters
    ----------
    symbols
        Shape (n,); all below `FIRST_FORM`.
    begins
        1 where a word begins; shape (n,). Runs begin and end words in any case.

    Returns
    -------
    tagged : shape (m,)
        Every run between two `EDGE_TAGGED` and ended by a break (0).
    """
    inside = symbols >= FIRST_SYMBOL
    starts = inside & ~np.append(False, inside[:-1])[: len(inside)]
    ends = inside & ~np.append(inside[1:], False)[: len(inside)]
    # before the first symbol of a run stand one edge, and after a run that came before an edge and a break
    places = np.cumsum(inside.astype(np.int64) + starts + 2 * np.append(False, ends[:-1])[: len(ends)]) - 1
    out = np.zeros(int(inside.sum() + 3 * starts.sum()), dtype=np.uint32)
    out[places[inside]] = tagged(symbols[inside], tags_of(begins, symbols)[inside])
    out[places[starts] - 1] = out[places[ends] + 1] = EDGE_TAGGED
    return out
