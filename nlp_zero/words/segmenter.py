"""Segmenting text with a lexicon.

Input: a lexicon, perhaps words that must always be taken, any `str`. Output: tokens that put together again are the
text, with their places in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import (
    BREAK,
    FIRST_FORM,
    FORCED,
    NUMBER,
    SPACE,
    Flags,
    Integers,
    Keys,
    Symbols,
)
from ..text.characters import codes_of, symbols_of_all, units
from .lattice import Lattice, exact
from .lexicon import Lexicon
from .paths import Explanation, Path, Segmentation, best_paths, runs

__all__ = ["Cut", "LexiconSegmenter", "Segmenter", "Token", "joined"]

_LF, _CR = 0x0A, 0x0D


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


class LexiconSegmenter:
    """Segment text into the most probable words of a lexicon.

    Parameters
    ----------
    lexicon
        The words. Their counts are the evidence: a segmentation is as probable as the product of the shares of its
        words.
    user_words
        Words that are taken wherever they occur, before anything else, the longest first. They may hold spaces,
        digits and punctuation. A word of the lexicon that holds white space or punctuation is treated the same way.

    Examples
    --------
    >>> segmenter = LexiconSegmenter(Lexicon.from_counts({"继电": 3, "保护": 5, "继电保护": 4, "<NUM>年": 2}))
    >>> segmenter.words("2024年 继电保护")
    ['2024年', '继电保护']
    >>> [tuple(token) for token in segmenter.with_user_words(["SK-II"]).tokenize("SK-II，好")]
    [('SK-II', 0, 5), ('，', 5, 6), ('好', 6, 7)]

    Notes
    -----
    Time O(n L) for the longest word L that matches (more only where words are written with many numbers or Latin
    words both as such and as classes), memory O(n). Of equally probable segmentations the one with fewer
    words is taken, then the one whose first word is longer. Immutable, picklable, safe for threads.
    """

    __slots__ = ("_forced", "_forms", "_lattice", "_lexicon", "_user_words")

    def __init__(self, lexicon: Lexicon, *, user_words: Iterable[str] = ()) -> None:
        if not isinstance(lexicon, Lexicon):
            raise TypeError(f"lexicon: expected a Lexicon, found {type(lexicon).__name__}; see Lexicon.load")
        if isinstance(user_words, str):
            raise TypeError("user_words: expected a collection of words, found one str")
        self._lexicon = lexicon
        self._user_words = tuple(sorted({word for word in map(_stripped, user_words) if word}))
        self._lattice, self._forms, crossing = _compiled(lexicon)
        forced = [*self._user_words, *crossing]
        self._forced = _Forced(forced) if forced else None

    @property
    def lexicon(self) -> Lexicon:
        """The words."""
        return self._lexicon

    @property
    def user_words(self) -> tuple[str, ...]:
        """The words that are always taken, sorted."""
        return self._user_words

    def with_user_words(self, words: Iterable[str]) -> Self:
        """A segmenter that also always takes these words."""
        if isinstance(words, str):
            raise TypeError("words: expected a collection of words, found one str")
        return type(self)(self._lexicon, user_words=[*self._user_words, *words])

    def words(self, text: str) -> list[str]:
        """The words of a text, without white space: what ``jieba.lcut`` is used for.

        Raises
        ------
        TypeError
            If `text` is no `str`.
        """
        starts, spaces = self.cut(text)
        return kernels().pieces(text, starts[:-1][~spaces], starts[1:][~spaces])

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
        at = np.flatnonzero(self._lattice.begins(symbols))
        return Cut(np.append(starts[at], len(text)), symbols[at] == SPACE)

    def explain(self, text: str, *, paths: int = 5) -> list[Explanation]:
        """Which segmentations of a text compete, and by how much the best one wins.

        Parameters
        ----------
        text
            The text.
        paths
            How many segmentations of each run to give; fewer if there are no more.

        Returns
        -------
        list of Explanation
            One for each run of Han characters, numbers and Latin words that can be segmented in more than one way, in
            the order of the text. A run that no word of two or more units stands in is left out, and so are user words,
            which are always taken, punctuation and white space. The first path of each is what `cut` takes. Scores are
            in nats.

        Raises
        ------
        TypeError
            If `text` is no `str`.
        ValueError
            If `paths` is less than 1.

        Examples
        --------
        >>> counts = {"研究": 50, "研究生": 10, "生命": 40, "命": 5, "起源": 20}
        >>> run, = LexiconSegmenter(Lexicon.from_counts(counts)).explain("研究生命，好", paths=2)
        >>> run.start, run.end, run.text
        (0, 4, '研究生命')
        >>> [(path.words, round(difference, 2)) for path, difference in zip(run.paths, run.differences)]
        [(('研究', '生命'), 0.0), (('研究生', '命'), -3.69)]

        Notes
        -----
        Time O(n L k log k), memory O(r (L + k)), for k paths, the longest word L that matches and the longest run r,
        in plain Python: some hundred times slower than `cut`.
        """
        if paths < 1:
            raise ValueError(f"paths: expected 1 or more, found {paths}")
        starts, symbols = self._units(text)
        explained = []
        for first, last in runs(symbols):
            found = best_paths(self._lattice, symbols[first:last], max(paths, 2))  # two tell that there is a choice
            if len(found) > 1:
                places = starts[first : last + 1].tolist()
                ways = tuple(_path(text, places, one) for one in found[:paths])
                explained.append(Explanation(places[0], places[-1], text[places[0] : places[-1]], ways))
        return explained

    def _units(self, text: str) -> tuple[Integers, Symbols]:
        """The units of a text, as the lattice takes them: words that are always taken are one unit each."""
        if not isinstance(text, str):
            raise TypeError(f"text: expected a str, found {type(text).__name__}")
        starts, symbols = units(text)
        if self._forced is not None:
            starts, symbols = self._forced.applied(text, starts, symbols)
        return starts, self._with_forms(text, starts, symbols)

    def _with_forms(self, text: str, starts: Integers, symbols: Symbols) -> Symbols:
        """The symbols, with those of the numbers and Latin words that the lexicon has written out."""
        if not self._forms:
            return symbols
        at = np.flatnonzero(symbols >= NUMBER)
        if not len(at):
            return symbols
        found = map(self._forms.get, kernels().pieces(text, starts[at], starts[at + 1]))
        symbols = symbols.copy()
        symbols[at] = [own or general for own, general in zip(found, symbols[at].tolist())]
        return symbols

    def __repr__(self) -> str:
        return f"<LexiconSegmenter: {len(self._lexicon)} words, {len(self._user_words)} user words>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._lexicon, self._user_words)


def _path(text: str, places: Sequence[int], found: Segmentation) -> Path:
    """A segmentation with its words as they are written; `places` are those of the units of its run, and its end."""
    cuts = [places[i] for i in accumulate(found.sizes, initial=0)]
    return Path(tuple(text[i:j] for i, j in zip(cuts, cuts[1:])), found.scores, found.score)


def _stripped(word: str) -> str:
    """A user word as it is looked for."""
    if not isinstance(word, str):
        raise TypeError(f"user_words: expected words of type str, found {word!r}")
    word = word.strip()
    if "\n" in word or "\r" in word:
        raise ValueError(f"user_words: expected words without line ends, found {word!r}")
    return word


def _restored(cls: type[LexiconSegmenter], lexicon: Lexicon, user_words: tuple[str, ...]) -> LexiconSegmenter:
    return cls(lexicon, user_words=user_words)


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


def _compiled(lexicon: Lexicon) -> tuple[Lattice, dict[str, int], list[str]]:
    """The lattice of a lexicon, the symbols of its written-out forms, and the words that a lattice cannot hold."""
    counts = lexicon.counts()
    words = list(counts)
    forms: dict[str, int] = {}
    general: list[int] = []

    def form(text: str, symbol: int) -> int:
        """The symbol of a written-out form, a new one for a new form."""
        if text not in forms:
            forms[text] = FIRST_FORM + len(general)
            general.append(symbol)
        return forms[text]

    symbols, starts, lengths, inside = symbols_of_all(words, form)
    keys, nodes = kernels().build_trie(symbols, starts[inside], lengths[inside])
    total = max(lexicon.total, 1)
    values = np.fromiter(counts.values(), dtype=np.float64, count=len(words))
    scores = np.full(len(keys) + 1, -np.inf)
    np.maximum.at(scores, nodes, exact(np.log(np.maximum(values[inside], 0.5) / total)))
    lattice = Lattice(
        keys,
        scores,
        float(exact(np.log(0.5 / total))),
        general=np.array(general, dtype=np.uint32),
    )
    crossing = [words[i] for i in np.flatnonzero(~inside).tolist()]
    return lattice, forms, crossing
