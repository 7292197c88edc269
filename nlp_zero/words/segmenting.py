"""What all segmenters share: tokens with places, forced words, lossless output.

Input: any `str`, and from a subclass where words begin in its runs. Output: tokens that put together again are the
text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import BREAK, FORCED, SPACE, Flags, Integers, Keys, Symbols, places_of
from ..core.tagging import LOGS
from ..text.characters import character_classes, codes_of, units
from .lattice import Lattice
from .tagger import Tagger

__all__ = ["Cut", "RunSegmenter", "Segmenter", "Token", "joined"]

_LF, _CR = 0x0A, 0x0D
_NO_TRIE: Final = np.zeros(0, dtype=np.uint64)
_NO_LATTICE: Final = (_NO_TRIE, np.zeros(0), 0.0, np.zeros(0, dtype=np.uint32), 1, np.zeros(0))
_NO_SHARES: Final = np.zeros(0, dtype=np.float32)
_NO_TAGGER: Final = (_NO_TRIE, _NO_SHARES, _NO_SHARES, _NO_SHARES)


class Token(NamedTuple):
    """A piece of a text, unpacked like those of ``jieba.tokenize``.

    Attributes
    ----------
    text
        The piece.
    start, end
        Its place: ``text == whole[start:end]``.
    """

    text: str
    start: int
    end: int


class Segmenter(Protocol):
    """What every segmenter offers."""

    def words(self, text: str) -> list[str]:
        """The words of a text, without white space."""

    def tokenize(self, text: str) -> list[Token]:
        """All pieces of a text with their places; together they are the text."""


class Cut(NamedTuple):
    """Where a text is cut.

    Attributes
    ----------
    starts
        Where each token begins, and the length of the text at the end; shape (n + 1,).
    spaces
        Which tokens are white space; shape (n,).
    """

    starts: Integers
    spaces: npt.NDArray[np.bool_]


class RunSegmenter(ABC):
    """A segmenter that decides where words begin in runs; all else that is cut follows from the text itself.

    Parameters
    ----------
    user_words
        Words that are taken wherever they occur, before anything else, the longest first. They may hold spaces,
        digits and punctuation.
    others
        Words that are treated the same way, but belong to what the segmenter has learnt.

    Notes
    -----
    Immutable, picklable, safe for threads, as subclasses must be.
    """

    __slots__ = ("_core", "_decoder", "_forced", "_user_words")

    def __init__(self, user_words: Iterable[str], others: Sequence[str] = ()) -> None:
        if isinstance(user_words, str):
            raise TypeError("user_words: expected a collection of words, found one str")
        self._user_words = tuple(sorted({word for word in map(_stripped, user_words) if word}))
        forced = [*self._user_words, *others]
        self._forced = _Forced(forced) if forced else None
        self._core = kernels()
        self._decoder: object = None  # what does all steps in one, unless words are forced

    def _decode_with(
        self, lattice: Lattice | None, tagger: Tagger | None, forms: Mapping[str, int] | None = None
    ) -> None:
        """Let all steps be done in one, by these, as far as that is possible."""
        if self._forced is not None:
            return
        names = list(forms or ())
        lengths = np.fromiter(map(len, names), dtype=np.int64, count=len(names))
        keys, nodes = self._core.build_trie(codes_of("".join(names)), np.cumsum(lengths) - lengths, lengths)
        symbols = np.zeros(len(keys) + 1, dtype=np.uint32)
        symbols[nodes] = list((forms or {}).values())
        trie = self._core.compile_trie(keys) if names else _NO_TRIE
        self._decoder = self._core.decoder(
            *(character_classes(), trie, symbols, *(lattice.parts() if lattice else _NO_LATTICE)),
            *(*(tagger.parts() if tagger else _NO_TAGGER), LOGS),
        )

    @abstractmethod
    def _begins(self, symbols: Symbols) -> Flags:
        """1 where a word begins, and at every symbol outside runs."""

    @abstractmethod
    def _with(self, user_words: Iterable[str]) -> Self:
        """The same segmenter with other user words."""

    @property
    def user_words(self) -> tuple[str, ...]:
        """The words that are always taken, sorted."""
        return self._user_words

    def with_user_words(self, words: Iterable[str]) -> Self:
        """A segmenter that also always takes these words."""
        if isinstance(words, str):
            raise TypeError("words: expected a collection of words, found one str")
        return self._with([*self._user_words, *words])

    def words(self, text: str) -> list[str]:
        """The words of a text, without white space: what ``jieba.lcut`` is used for.

        Raises
        ------
        TypeError
            If `text` is no `str`.
        """
        if self._decoder is not None and isinstance(text, str) and len(text) <= self._core.longest_text:
            return self._core.words(text, self._decoder)
        starts, spaces = self.cut(text)
        return kernels().pieces(text, starts[:-1][~spaces], starts[1:][~spaces])

    def joined(self, text: str, separator: str = " ") -> bytes:
        """The words of a text joined by a separator, every line end as it is, other white space left out; as UTF-8.

        Parameters
        ----------
        text
            The text, of one or more lines.
        separator
            What is put between two words of one line.

        Raises
        ------
        TypeError
            If `text` is no `str`.
        UnicodeEncodeError
            If it has surrogates, which UTF-8 cannot hold.
        """
        if self._decoder is not None and isinstance(text, str) and len(text) <= self._core.longest_text:
            return self._core.joined(text, self._decoder, separator)
        return joined(text, self.cut(text), separator).encode("utf-8")

    def tokenize(self, text: str) -> list[Token]:
        """All pieces of a text with their places; together they are the text.

        Raises
        ------
        TypeError
            If `text` is no `str`.
        """
        starts = self.cut(text).starts
        pieces, places = kernels().pieces(text, starts[:-1], starts[1:]), starts.tolist()
        return list(map(Token, pieces, places, places[1:]))

    def cut(self, text: str) -> Cut:
        """Where the tokens of a text begin, and which are white space."""
        starts, symbols = self._units(text)
        at = places_of(self._begins(symbols))
        return Cut(np.append(starts[at], len(text)), symbols[at] == SPACE)

    def _units(self, text: str) -> tuple[Integers, Symbols]:
        """The units of a text: words that are always taken are one unit each."""
        if not isinstance(text, str):
            raise TypeError(f"text: expected a str, found {type(text).__name__}")
        starts, symbols = units(text)
        return (starts, symbols) if self._forced is None else self._forced.applied(text, starts, symbols)


def _stripped(word: str) -> str:
    """A user word as it is looked for."""
    if not isinstance(word, str):
        raise TypeError(f"user_words: expected words of type str, found {word!r}")
    word = word.strip()
    if "\n" in word or "\r" in word:
        raise ValueError(f"user_words: expected words without line ends, found {word!r}")
    return word


def joined(text: str, cut: Cut, separator: str) -> str:
    """The words of a text joined by a separator, every line end as it is, other white space between words left out.

    Parameters
    ----------
    text
        The text.
    cut
        Where it is cut.
    separator
        What is put between two words of one line.
    """
    codes, between = codes_of(text), codes_of(separator)
    starts, words = cut.starts[:-1], ~cut.spaces
    kept = np.repeat(words, np.diff(cut.starts)) | (codes == _LF) | (codes == _CR)
    # a separator stands before each word that has another one before it in its line
    line = np.cumsum((codes == _LF) | (codes == _CR))[starts[words]]
    follows = np.zeros(len(line), dtype=bool)
    follows[1:] = line[1:] == line[:-1]
    gaps = np.zeros(len(codes), dtype=np.int64)
    gaps[starts[words][follows]] = len(between)
    places = np.cumsum(gaps + kept) - 1
    out = np.empty(int(places[-1]) + 1 if len(places) else 0, dtype="<u4")
    out[places[kept]] = codes[kept]
    for i, code in enumerate(between):
        out[places[starts[words][follows]] - len(between) + i] = code
    return out.tobytes().decode("utf-32-le", "surrogatepass")


class _Forced:
    """Words that are matched in the text itself, before it is cut into units."""

    def __init__(self, words: Sequence[str]) -> None:
        codes = codes_of("".join(words))
        lengths = np.fromiter(map(len, words), dtype=np.int64)
        self._core = kernels()
        keys, nodes = self._core.build_trie(codes, np.cumsum(lengths) - lengths, lengths)
        self._trie: Keys = self._core.compile_trie(keys)
        self._ends: Flags = np.zeros(len(keys) + 1, dtype=np.uint8)
        self._ends[nodes] = 1

    def applied(self, text: str, starts: Integers, symbols: Symbols) -> tuple[Integers, Symbols]:
        """Make one unit of each word found."""
        codes = codes_of(text)
        edges = np.zeros(len(codes) + 1, dtype=np.uint8)
        edges[starts] = 1
        # never inside a number, a Latin word or an emoji, but anywhere in repeated punctuation and white space
        loose = np.repeat(symbols == SPACE, np.diff(starts))
        if len(codes):
            loose[1:] |= np.repeat(symbols == BREAK, np.diff(starts))[1:] & (codes[1:] == codes[:-1])
        edges[:-1] |= loose
        firsts, ends = self._core.longest_matches(codes, self._trie, self._ends, edges)
        if not len(firsts):
            return starts, symbols
        inside = np.zeros(len(codes) + 1, dtype=np.int64)
        inside[firsts] += 1
        inside[ends] -= 1
        old = starts[:-1][np.cumsum(inside)[starts[:-1]] == 0]  # units that begin outside the words found
        after = ends[ends < len(codes)]
        places = np.unique(np.concatenate((old, firsts, after)))
        owner = np.searchsorted(starts, places, side="right") - 1
        fresh = symbols[owner].copy()
        fresh[np.searchsorted(places, firsts)] = FORCED
        return np.append(places, len(codes)), fresh
