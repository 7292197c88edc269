"""The lexicon: words, how often each occurs, and why it is a word. A frozen value and a TAB-separated file."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from operator import eq
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from ..files import replacing
from .word_lists import COLUMNS, COUNT_LIMIT, FIGURE_LIMIT, read_lexicon, read_words

__all__ = ["Entry", "Lexicon", "read_words"]

_UNWRITABLE = re.compile("[\t\r\n\ud800-\udfff]")
_ROW = "%s\t%d\t%.6g\t%.6g\t%.6g\t%.6g\n"  # quicker than an f-string
_BLOCK = 1 << 10  # rows that are written at once
_LINE_END = 0x0A
_WIDEST = 8  # times the mean width of words that a table of them may have
_NAMES = ("lexicon.text", "lexicon.offsets", "lexicon.counts", "lexicon.figures", "lexicon.order")
_TYPES = (np.uint8, np.uint32, np.int64, np.float32, np.uint32)
_log = logging.getLogger("nlp_zero")


class Entry(NamedTuple):
    """A word and its figures.

    Attributes
    ----------
    word
        The word; ``<NUM>`` and ``<LAT>`` inside it stand for any number and any Latin word.
    count
        How often it occurs as a word.
    gain
        The entropy that it saves, in nats per million characters of text; 0 for a single character.
    pmi
        The lowest pointwise mutual information among all ways to cut it in two, in nats.
    left_entropy, right_entropy
        Entropy of the characters before and after it, in nats.
    """

    word: str
    count: int  # type: ignore[assignment]  # in place of tuple.count
    gain: float = 0.0
    pmi: float = 0.0
    left_entropy: float = 0.0
    right_entropy: float = 0.0


class Lexicon(Mapping[str, Entry]):
    """Words with counts and figures: an immutable mapping from word to `Entry`, best word first.

    Parameters
    ----------
    entries
        In any order. Figures are rounded to 6 significant digits.

    Raises
    ------
    ValueError
        If a word is empty, holds a TAB, a line end or a lone surrogate, has white space at an end, or occurs twice; if
        a count is negative, or a figure is not finite.
    TypeError
        If a word is no `str`, or a count no whole number.

    Examples
    --------
    >>> lexicon = Lexicon([Entry("继电保护", 12, gain=80.5), Entry("保护", 30, gain=21.0)])
    >>> list(lexicon), lexicon["保护"].count, "继电" in lexicon
    (['继电保护', '保护'], 30, False)
    >>> list(lexicon.add("装置", count=5).remove("保护"))
    ['继电保护', '装置']

    Notes
    -----
    The order is falling gain, then the word. Memory is about 40 bytes a word: words are one UTF-8 string in the order
    of their bytes, looked up by binary search.
    """

    __slots__ = ("_counts", "_figures", "_offsets", "_order", "_text")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        rows = list(entries)
        words, counts = [row.word for row in rows], [row.count for row in rows]
        _check(words, counts)
        figures = np.fromiter(chain.from_iterable(row[2:] for row in rows), dtype=np.float64)
        self._set(words, counts, figures.reshape(len(rows), 4))

    def _set(self, words: list[str], counts: list[int], figures: npt.NDArray[np.float64]) -> None:
        """Set what an instance has, of words that were checked one by one; it does not change afterwards."""
        places, words = _sorted(words)
        if any(map(eq, words, islice(words, 1, None))):  # a set of all words would be large
            twice = next(word for word, following in zip(words, words[1:]) if word == following)
            raise ValueError(f"entries: the word {twice!r} occurs twice")
        lines = np.frombuffer("\n".join([*words, ""]).encode("utf-8"), dtype=np.uint8)
        ends = np.flatnonzero(lines == _LINE_END)
        self._text: bytes = lines[lines != _LINE_END].tobytes()
        self._offsets = np.append(0, ends - np.arange(len(words))).astype(np.uint32)
        self._counts = np.array(counts, dtype=np.int64)[places]
        self._figures = _rounded(figures[places], words)
        self._order = np.argsort(-self._figures[:, 0], kind="stable").astype(np.uint32)
        for array in (self._offsets, self._counts, self._figures, self._order):
            array.flags.writeable = False

    @classmethod
    def from_counts(cls, counts: Mapping[str, int]) -> Self:
        """A lexicon of words of which only the counts are known."""
        return cls(Entry(word, count) for word, count in counts.items())

    @classmethod
    def from_columns(cls, words: list[str], counts: list[int], figures: npt.NDArray[np.float64]) -> Self:
        """A lexicon of what `Entry` has, by column: quicker than entries.

        Parameters
        ----------
        words, counts
            One for each row.
        figures
            Gain, PMI, left and right entropy; shape (rows, 4).

        Raises
        ------
        ValueError, TypeError
            As for entries, and if the columns are not of one length.

        Examples
        --------
        >>> lexicon = Lexicon.from_columns(["油温", "变压器"], [5, 7], np.array([[2.5, 3, 1, 1], [4, 5, 1, 1]]))
        >>> list(lexicon), lexicon["变压器"].count
        (['变压器', '油温'], 7)
        """
        if len(words) != len(counts) or figures.shape != (len(words), 4):
            given = f"{len(words)} words, {len(counts)} counts, figures of shape {figures.shape}"
            raise ValueError(
                f"figures: expected the same number of words and counts, and 4 figures for each, found {given}"
            )
        _check(words, counts)
        lexicon = cls.__new__(cls)
        lexicon._set(words, counts, figures)
        return lexicon

    @property
    def total(self) -> int:
        """The sum of all counts."""
        return int(self._counts.sum())

    def counts(self) -> dict[str, int]:
        """The count of each word, best word first."""
        words, counts = self.sorted_counts()
        return dict(zip(map(words.__getitem__, self._order.tolist()), counts[self._order].tolist()))

    def sorted_counts(self) -> tuple[list[str], npt.NDArray[np.int64]]:
        """All words in their own order, and the count of each: quicker than `counts`."""
        text = np.frombuffer(self._text, dtype=np.uint8)
        lines = np.insert(text, self._offsets[1:-1].astype(np.int64), _LINE_END).tobytes()
        return lines.decode("utf-8").split("\n") if len(self) else [], self._counts

    def entries(self) -> list[Entry]:
        """All entries, best word first."""
        return [self._entry(i) for i in self._order.tolist()]

    def __len__(self) -> int:
        return len(self._counts)

    def __iter__(self) -> Iterator[str]:
        return map(self._word, self._order.tolist())

    def __getitem__(self, word: str) -> Entry:
        index = self._find(word) if isinstance(word, str) else -1
        if index < 0:
            raise KeyError(word)
        return self._entry(index)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._find(word) >= 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Lexicon):
            return NotImplemented
        return (
            self._text == other._text
            and np.array_equal(self._offsets, other._offsets)
            and np.array_equal(self._counts, other._counts)
            and np.array_equal(self._figures, other._figures)
        )

    def __hash__(self) -> int:
        return hash((self._text, self._counts.tobytes()))

    def __repr__(self) -> str:
        first = ", ".join(entry.word for entry in map(self._entry, self._order[:3].tolist()))
        return f"<Lexicon: {len(self)} words{': ' + first if first else ''}{', ...' if len(self) > 3 else ''}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._text, self._offsets, self._counts, self._figures, self._order)

    @property
    def nbytes(self) -> int:
        """Memory taken, in bytes."""
        arrays: tuple[npt.NDArray[Any], ...] = (self._offsets, self._counts, self._figures, self._order)
        return len(self._text) + sum(array.nbytes for array in arrays)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of a model file."""
        text = np.frombuffer(self._text, dtype=np.uint8)
        return dict(zip(_NAMES, (text, self._offsets, self._counts, self._figures, self._order)))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Lexicon:
        """A lexicon of such arrays.

        Raises
        ------
        KeyError
            If one is missing.
        ValueError
            If they are not those of a lexicon.
        """
        text, offsets, counts, figures, order = (arrays[name] for name in _NAMES)
        n = len(counts)
        types = [array.dtype for array in (text, offsets, counts, figures, order)]
        shapes = [array.shape for array in (offsets, counts, figures, order)]
        if types != list(map(np.dtype, _TYPES)) or text.ndim != 1 or shapes != [(n + 1,), (n,), (n, 4), (n,)]:
            raise ValueError("the arrays of the lexicon do not belong together")
        limits = np.append(text, np.uint8(0))[offsets] if len(text) >= int(offsets.max(initial=0)) else text[:0]
        if (
            offsets[0] != 0 or offsets[-1] != len(text) or (offsets[1:] <= offsets[:-1]).any() or not len(limits)
            or ((limits & 0xC0) == 0x80).any() or (counts < 0).any() or (counts > COUNT_LIMIT).any()
            or not np.isfinite(figures).all() or not np.array_equal(np.sort(order), np.arange(n))
            or (text == _LINE_END).any()
        ):  # fmt: skip
            raise ValueError("the arrays of the lexicon are damaged")
        whole = text.tobytes()
        whole.decode("utf-8")
        return _restored(whole, offsets, counts, figures, order)

    def add(self, *words: str, count: int = 1) -> Self:
        """A lexicon that has these words too.

        Parameters
        ----------
        *words
            A word that is there already gets the new count and keeps its figures.
        count
            How often each occurs as a word: the evidence that decides between competing segmentations. (For words that
            must always be taken, see `LexiconSegmenter`'s `user_words`.)
        """
        rows = {entry.word: entry for entry in self.entries()}
        for word in words:
            rows[word] = rows.get(word, Entry(word, count))._replace(count=count)
        return type(self)(rows.values())

    def merged(self, other: Lexicon) -> Self:
        """A lexicon of the words of both, counts added up; figures are those of this one where it has any."""
        rows = {entry.word: entry for entry in other.entries()}
        for entry in self.entries():
            count = entry.count + (rows[entry.word].count if entry.word in rows else 0)
            rows[entry.word] = entry._replace(count=count)
        return type(self)(rows.values())

    def remove(self, *words: str) -> Self:
        """A lexicon without these words.

        Raises
        ------
        KeyError
            If one of them is not there.
        """
        for word in words:
            if word not in self:
                raise KeyError(word)
        gone = set(words)
        return type(self)(entry for entry in self.entries() if entry.word not in gone)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the lexicon as TAB-separated UTF-8 text, best word first."""
        with replacing(path) as out:
            out.writelines(map(str.encode, self.blocks()))

    def lines(self, order: Iterable[str] | None = None) -> Iterator[str]:
        """The lines of the file that `save` writes, the header first; in another order of words if one is given."""
        for block in self.blocks(order):
            for line in block.split("\n")[:-1]:  # splitlines() would cut words that hold other line ends
                yield line + "\n"

    def blocks(self, order: Iterable[str] | None = None) -> Iterator[str]:
        """What `lines` yields, many lines at once, which is quicker."""
        yield "\t".join(COLUMNS) + "\n"
        places = self._order if order is None else np.array(list(map(self._find, order)), dtype=np.int64)
        words, counts = self.sorted_counts()
        for first in range(0, len(places), _BLOCK):
            some = places[first : first + _BLOCK]
            columns = [column.tolist() for column in (counts[some], *self._figures[some].T)]
            rows = zip(map(words.__getitem__, some.tolist()), *columns)
            yield _ROW * len(some) % tuple(chain.from_iterable(rows))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, encoding: str = "auto") -> Self:
        """Read a lexicon, or a plain list of words.

        Parameters
        ----------
        path
            Columns ``word count gain pmi left_entropy right_entropy``, separated by TABs; more columns are passed over,
            missing ones are 0, a missing count is 1. Without a header line the columns are in this order. A word may
            hold spaces. Of a word that stands there twice the counts are added up.
        encoding
            As in `TextFiles`.

        Raises
        ------
        LexiconFormatError
            If a line cannot be understood.
        CorpusError
            If the file cannot be read.

        Notes
        -----
        Time O(n log n).
        """
        words, counts, figures, repeated = read_lexicon(path, encoding)
        if repeated:
            _log.warning("%s: %d words stand there more than once; their counts were added up", path, repeated)
        return cls.from_columns(words, counts, figures)

    def _word(self, index: int) -> str:
        return self._text[self._offsets[index] : self._offsets[index + 1]].decode("utf-8", "surrogatepass")

    def _entry(self, index: int) -> Entry:
        figures = (float(f"{x:.6g}") for x in self._figures[index].tolist())
        return Entry(self._word(index), int(self._counts[index]), *figures)

    def _find(self, word: str) -> int:
        """The index of a word in the order of bytes; -1 if it is not there."""
        wanted = word.encode("utf-8", "surrogatepass")
        low, high = 0, len(self._counts)
        while low < high:
            middle = (low + high) // 2
            if self._text[self._offsets[middle] : self._offsets[middle + 1]] < wanted:
                low = middle + 1
            else:
                high = middle
        found = low < len(self._counts) and self._text[self._offsets[low] : self._offsets[low + 1]] == wanted
        return low if found else -1


def _sorted(words: list[str]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Where each word stood that comes next in the order of words, and the words in this order."""
    lengths = list(map(len, words))
    # a table of words is sorted three times as fast; it cannot hold NUL at the end, and has the width of the longest
    if max(lengths, default=0) * len(words) <= _WIDEST * sum(lengths) and "\0" not in "".join(words):
        places = np.argsort(np.array(words, dtype=np.str_), kind="stable")
    else:
        places = np.array(sorted(range(len(words)), key=words.__getitem__), dtype=np.int64)
    return places, list(map(words.__getitem__, places.tolist()))


def _check(words: list[str], counts: list[int]) -> None:
    """Refuse what a lexicon file cannot hold."""
    if _all_well(words, counts):  # which is quick; what else is wrong, if anything, is said of the first such word
        return
    for word, count in sorted(zip(words, counts)):
        _check_row(word, count)


def _all_well(words: list[str], counts: list[int]) -> bool:
    """Whether all words and counts are what they should be, as far as that can be told of all of them at once."""
    if not words:
        return True
    if {*map(type, words)} != {str} or {*map(type, counts)} != {int}:
        return False
    text = "".join(words)
    return (
        all(words)
        and list(map(str.strip, words)) == words
        and not any(end in text for end in "\t\r\n")
        and _encodable(text)
        and 0 <= min(counts) <= max(counts) <= COUNT_LIMIT
    )


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check_row(word: str, count: int) -> None:
    """Refuse a word or a count that a lexicon file cannot hold."""
    if not isinstance(word, str):
        raise TypeError(f"entries: expected words of type str, found {word!r}")
    if not word or word != word.strip() or _UNWRITABLE.search(word):
        expected = "words without TAB, line end, lone surrogate, or white space at an end"
        raise ValueError(f"entries: expected {expected}, found {word!r}")
    if not isinstance(count, int | np.integer):
        raise TypeError(f"entries: expected whole numbers as counts, found {count!r} for {word!r}")
    if count < 0:
        raise ValueError(f"entries: expected counts of 0 or more, found {count} for {word!r}")
    if count > COUNT_LIMIT:
        raise ValueError(f"entries: expected counts of 10 ** 15 at most, found {count} for {word!r}")


def _rounded(figures: npt.NDArray[np.float64], words: list[str]) -> npt.NDArray[np.float32]:
    """Figures of 6 significant digits, which is what float32 holds and what a file shows."""
    if not all((np.abs(column) < FIGURE_LIMIT).all() for column in figures.T):
        row, i = np.argwhere(~(np.abs(figures) < FIGURE_LIMIT))[0].tolist()
        raise ValueError(f"entries: expected a finite {COLUMNS[2 + i]}, found {figures[row, i]} for {words[row]!r}")
    rounded = np.empty(figures.shape, dtype=np.float32)
    for i, column in enumerate(figures.T):  # one at a time: a large lexicon takes many times its size otherwise
        digits = np.where(column == 0, 0, 5 - np.floor(np.log10(np.abs(np.where(column == 0, 1, column)))))
        scale = 10.0 ** np.clip(digits, -300, 300)
        rounded[:, i] = np.round(column * scale) / scale
    return rounded


def _restored(text: bytes, *arrays: npt.NDArray[Any]) -> Lexicon:
    lexicon = Lexicon()
    lexicon._text = text
    lexicon._offsets, lexicon._counts, lexicon._figures, lexicon._order = arrays
    for array in arrays:
        array.flags.writeable = False
    return lexicon
