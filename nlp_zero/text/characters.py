"""Characters, and the units that text is made of.

Text is cut into *units*: a Han character (with the marks that follow it), a number, a Latin word, a run of another
script, one punctuation mark or a repeated one, a stretch of white space, an emoji with everything joined to it.
Han characters, numbers and Latin words stand in *runs*, inside which words are found; every other unit ends the run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import (
    C_COMMA,
    C_DIGIT,
    C_EXTEND,
    C_HAN,
    C_JOINER,
    C_LATIN,
    C_LETTER,
    C_PERCENT,
    C_PICTURE,
    C_POINT,
    C_REGIONAL,
    C_SPACE,
    C_WIDE_COMMA,
    FIRST_SYMBOL,
    LATIN,
    NUMBER,
    Flags,
    Integers,
    Symbols,
)

__all__ = [
    "CLASS_NAMES",
    "HAN_RANGES",
    "UNICODE_VERSION",
    "Units",
    "WordSymbols",
    "character_classes",
    "codes_of",
    "is_han",
    "symbols_of",
    "symbols_of_all",
    "units",
    "word_of",
    "words_of",
]

#: How the class of all numbers and the class of all Latin words are written inside words.
CLASS_NAMES = {NUMBER: "<NUM>", LATIN: "<LAT>"}
_CLASS_SYMBOLS = {name: symbol for symbol, name in CLASS_NAMES.items()}
_CLASS_PATTERN = re.compile("(<NUM>|<LAT>)")
# While words are read all at once, a class name is one character of the last private plane, which text has not.
_STAND_INS = {name: chr(0x10FF00 + i) for i, name in enumerate(_CLASS_SYMBOLS)}

#: The Unicode version of `HAN_RANGES`.
UNICODE_VERSION = "17.0.0"

#: First and last code point of every block of Han characters, and of two marks that are used like them.
HAN_RANGES: tuple[tuple[int, int], ...] = (
    (0x3005, 0x3005),  # iteration mark
    (0x3007, 0x3007),  # ideographic zero
    (0x3400, 0x4DBF),  # extension A
    (0x4E00, 0x9FFF),  # unified ideographs
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0x20000, 0x2A6DF),  # extension B
    (0x2A700, 0x2EE5F),  # extensions C, D, E, F, I
    (0x2F800, 0x2FA1F),  # compatibility ideographs, supplement
    (0x30000, 0x3347F),  # extensions G, H, J
)
_SPACES = ((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A),
           (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000))  # fmt: skip
_LATIN = ((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2AF),
          (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA722, 0xA787), (0xA78B, 0xA7FF), (0xFB00, 0xFB06),
          (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))  # fmt: skip
_DIGITS = ((0x30, 0x39), (0xFF10, 0xFF19))
_EXTENDS = ((0x200C, 0x200C), (0xFE00, 0xFE0F), (0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F), (0xE0100, 0xE01EF))
_SINGLES = {
    ".": C_POINT, "\uff0e": C_POINT, "\u00b7": C_POINT, ",": C_COMMA, "\uff0c": C_WIDE_COMMA,
    "%": C_PERCENT, "\uff05": C_PERCENT, "\u2030": C_PERCENT, "\u200d": C_JOINER,
}  # fmt: skip
# Where letters, marks and pictures of other scripts live; the rest of Unicode is Han, private or unassigned.
_OTHER_SCRIPTS = (
    (0x80, 0x33FF),
    (0x4DC0, 0x4DFF),
    (0xA000, 0xABFF),
    (0xD7B0, 0xD7FF),
    (0xFB00, 0xFFFF),
    (0x10000, 0x1FFFF),
)
_HANGUL = (0xAC00, 0xD7A3)


@cache
def character_classes() -> Flags:
    """The class of every code point, shape (0x110000,), read-only.

    Han characters come from `HAN_RANGES`; letters, marks and pictures of other scripts from the Unicode data of the
    running Python.
    """
    table = np.zeros(0x110000, dtype=np.uint8)
    for first, last in _OTHER_SCRIPTS:
        categories = "".join(map(unicodedata.category, map(chr, range(first, last + 1))))  # two letters each
        letters = np.frombuffer(categories.encode("ascii"), dtype=np.uint8).reshape(-1, 2)
        for category, kind in _CLASS_OF_CATEGORY.items():
            belongs = np.logical_and.reduce([letters[:, i] == ord(letter) for i, letter in enumerate(category)])
            table[first : last + 1][belongs] = kind
    table[_HANGUL[0] : _HANGUL[1] + 1] = C_LETTER
    for ranges, kind in ((HAN_RANGES, C_HAN), (_SPACES, C_SPACE), (_LATIN, C_LATIN), (_DIGITS, C_DIGIT),
                         (_EXTENDS, C_EXTEND), (((0x1F1E6, 0x1F1FF),), C_REGIONAL)):  # fmt: skip
        for first, last in ranges:
            table[first : last + 1] = kind
    for character, kind in _SINGLES.items():
        table[ord(character)] = kind
    table.flags.writeable = False
    return table


_CLASS_OF_CATEGORY = {"L": C_LETTER, "N": C_LETTER, "M": C_EXTEND, "So": C_PICTURE}


def is_han(text: str) -> bool:
    """Whether the text is not empty and all of it is Han characters.

    Examples
    --------
    >>> is_han("𠮷野家"), is_han("K线图"), is_han("")
    (True, False, False)
    """
    return bool(text) and bool((character_classes()[codes_of(text)] == C_HAN).all())


def codes_of(text: str) -> Symbols:
    """The code points of a text, shape (len(text),); lone surrogates are themselves."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32, copy=False)


class Units(NamedTuple):
    """A text as units.

    Attributes
    ----------
    starts
        Where each unit begins in the text, and the text's length at the end; shape (n + 1,).
    symbols
        The symbol of each unit; shape (n,).
    """

    starts: Integers
    symbols: Symbols


def units(text: str) -> Units:
    """Cut a text into units.

    Examples
    --------
    >>> text = "占比23.4%，K线图——5G"
    >>> starts, symbols = units(text)
    >>> [text[i:j] for i, j in zip(starts, starts[1:])]
    ['占', '比', '23.4%', '，', 'K', '线', '图', '——', '5', 'G']

    Notes
    -----
    Time and memory O(n).
    """
    return Units(*kernels().scan(codes_of(text), character_classes()))


def symbols_of(word: str, form: Callable[[str, int], int] | None = None) -> Symbols:
    """The symbols of a word as it is written in a lexicon.

    Parameters
    ----------
    word
        Characters, in which ``<NUM>`` and ``<LAT>`` stand for any number and any Latin word.
    form
        Gives a number or Latin word that is written out, and its class, a symbol of its own; without it, it gets the
        symbol of its class.

    Examples
    --------
    >>> [hex(s) for s in symbols_of("<NUM>年")], [hex(s) for s in symbols_of("5G")]
    (['0x110000', '0x5e74'], ['0x110000', '0x110001'])
    """
    parts: list[Symbols] = []
    for part in _CLASS_PATTERN.split(word):
        if part in _CLASS_SYMBOLS:
            parts.append(np.array([_CLASS_SYMBOLS[part]], dtype=np.uint32))
        elif part:
            starts, symbols = units(part)
            if form is not None and (symbols >= NUMBER).any():
                symbols = symbols.copy()
                for i in np.flatnonzero(symbols >= NUMBER).tolist():
                    symbols[i] = form(part[starts[i] : starts[i + 1]], int(symbols[i]))
            parts.append(symbols)
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint32)


class WordSymbols(NamedTuple):
    """The symbols of many words, one after the other.

    Attributes
    ----------
    symbols
        Shape (n,).
    starts, lengths
        The place of each word in it; shape (words,).
    whole
        Whether a word has symbols of runs only, and so can stand in a trie; shape (words,).
    """

    symbols: Symbols
    starts: Integers
    lengths: Integers
    whole: npt.NDArray[np.bool_]


def symbols_of_all(words: Sequence[str], form: Callable[[str, int], int] | None = None) -> WordSymbols:
    """The symbols of many words, as `symbols_of` gives them, in one go.

    Raises
    ------
    ValueError
        If a word holds a line end, or has white space around it.
    """
    if not words:
        none = np.zeros(0, dtype=np.int64)
        return WordSymbols(none.astype(np.uint32), none, none, none.astype(bool))
    blob = "\n".join(words)
    for name, stand_in in _STAND_INS.items():
        blob = blob.replace(name, stand_in)
    places, symbols = units(blob)
    symbols, codes = symbols.copy(), codes_of(blob)[places[:-1]]
    if form is not None:
        for i in np.flatnonzero(symbols >= NUMBER).tolist():
            symbols[i] = form(blob[places[i] : places[i + 1]], int(symbols[i]))
    for name, stand_in in _STAND_INS.items():
        symbols[codes == ord(stand_in)] = _CLASS_SYMBOLS[name]
    between = codes == ord("\n")  # one line end between any two words
    ends = np.append(np.flatnonzero(between), len(symbols))
    if len(ends) != len(words):
        raise ValueError("words: expected words without line ends, and without white space around them")
    starts = np.concatenate(([0], ends[:-1] + 1))
    inside = ends > starts
    inside[np.searchsorted(ends, np.flatnonzero((symbols < FIRST_SYMBOL) & ~between))] = False
    return WordSymbols(symbols, starts, ends - starts, inside)


def word_of(symbols: Iterable[int]) -> str:
    """The word that symbols of characters and classes spell: the inverse of `symbols_of`.

    Examples
    --------
    >>> word_of([0x110000, 0x5E74])
    '<NUM>年'
    """
    return "".join(CLASS_NAMES.get(symbol) or chr(symbol) for symbol in symbols)


def words_of(strings: Symbols, sizes: Integers) -> list[str]:
    """What many rows of symbols spell, each of so many symbols; the quick form of `word_of`.

    Examples
    --------
    >>> words_of(np.array([[0x5E74, 0], [0x110000, 0x5E74]]), np.array([1, 2]))
    ['年', '<NUM>年']
    """
    flat = strings[np.arange(strings.shape[1]) < sizes[:, np.newaxis]].astype("<u4")
    classes = np.flatnonzero(flat >= NUMBER)
    ends = np.cumsum(sizes)
    with_classes = np.unique(np.searchsorted(ends, classes, side="right")).tolist()
    flat[classes] = 0
    text = flat.tobytes().decode("utf-32-le", "surrogatepass")
    words = kernels().pieces(text, ends - sizes, ends)
    for row in with_classes:
        words[row] = word_of(strings[row, : sizes[row]].tolist())
    return words
