"""A text as numbers of its words, which are counted the way characters are.

Input: a corpus, and what cuts text into words. Output: arrays of symbols, one for each word, mark and gap; the same
text again without what it repeats; runs of words, ready for the kernels that count n-grams.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, SYMBOL_LIMIT, Integers, Keys, Symbols
from ..progress import Advance
from ..resources import Resources
from ..sentences.cutting import AnySegmenter, words_of
from ..statistics.sums import spilling
from ..text.corpus import TextFiles, text_blocks
from ..words.formats import split_lines
from ..words.segmenting import RunSegmenter

__all__ = [
    "DOCUMENT",
    "FIRST_WORD",
    "LINE",
    "Once",
    "TokenStore",
    "Vocabulary",
    "is_mark",
    "lines_are_documents",
    "matches",
    "read_tokens",
    "runs_of",
]

LINE: Final = FIRST_SYMBOL  # the end of a line
DOCUMENT: Final = FIRST_SYMBOL + 1  # the end of a document of more than a line
_GAP: Final = FIRST_SYMBOL + 2  # other white space
FIRST_WORD: Final = FIRST_SYMBOL + 3
_NO_MARK, _NO_WORD = 0, 1  # that have no symbol of their own: breaks
_SEEN: Final = 16  # the part of the room for what was seen before
_LONG: Final = 4  # words of a run from which on it counts once
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(29)


class Vocabulary(dict[str, int]):
    """The symbols of words and marks: a new one for each new one, until there are no more.

    Attributes
    ----------
    names
        What each symbol stands for, from `FIRST_SYMBOL` on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names = ["\n", "\n", " "]
        self._marks = bytearray(b"\1\1\1")
        self._grows = True

    def close(self) -> None:
        """Take no new ones any more."""
        self._grows = False

    def __missing__(self, token: str) -> int:
        if token.isspace():
            return LINE if "\n" in token or "\r" in token else _GAP
        symbol = FIRST_SYMBOL + len(self.names)
        if not self._grows or symbol >= SYMBOL_LIMIT:
            return _NO_MARK if is_mark(token) else _NO_WORD
        self.names.append(token)
        self._marks.append(is_mark(token))
        self[token] = symbol
        return symbol

    def marks(self, symbols: Symbols) -> npt.NDArray[np.bool_]:
        """Which of some symbols stand for no word that has its own."""
        flags = np.frombuffer(bytes(self._marks), dtype=np.uint8)
        known = symbols >= FIRST_SYMBOL
        return np.asarray(~known | (flags[np.where(known, symbols - FIRST_SYMBOL, 0)] > 0))

    def word_number(self, symbols: Symbols) -> int:
        """How many of some symbols stand for words, known or not."""
        return int((~self.marks(symbols) | (symbols == _NO_WORD)).sum())


def is_mark(token: str) -> bool:
    """Whether a token is punctuation or the like, and no word: nothing in it is a letter or a digit."""
    return not any(map(str.isalnum, token))


@dataclass(frozen=True, slots=True)
class _Cutting:
    """Cuts text into tokens, white space included."""

    segmenter: AnySegmenter

    def __call__(self, text: str) -> list[str]:
        if isinstance(self.segmenter, RunSegmenter):
            starts = self.segmenter.cut(text).starts
            return kernels().pieces(text, starts[:-1], starts[1:])
        tokens: list[str] = []
        for line in split_lines(text):
            tokens += words_of(line, self.segmenter)
            tokens.append("\n")
        if tokens and not text.endswith(("\n", "\r")):
            tokens.pop()
        return tokens


def read_tokens(
    corpora: Iterable[Iterable[str]],
    segmenter: AnySegmenter,
    vocabulary: Vocabulary,
    resources: Resources,
    advance: Advance | None = None,
    *,
    least: int = 1 << 16,
) -> Iterator[Symbols]:
    """The symbols of some corpora, in pieces that end with lines.

    Parameters
    ----------
    corpora
        Each `TextFiles`, or an iterable of `str`.
    segmenter
        What cuts text into words.
    vocabulary
        Gives the symbols.
    resources
        Whose workers cut.
    advance
        As in `text_blocks`.
    least
        How many symbols a piece has at least, but for the last one.

    Notes
    -----
    Where one file is all there is, `LINE` ends a document. Else `DOCUMENT` stands after each file and each `str`, after
    the `LINE` that ends it.
    """
    corpora = list(corpora)
    single = lines_are_documents(corpora)
    ends: list[list[int]] = []  # what is put after each block

    def blocks() -> Iterator[str]:
        """The blocks of all documents; what ends each is noted."""
        for corpus in corpora:
            for document in _documents(corpus, advance):
                block = None
                for following in document:
                    if block is not None:
                        ends.append([])
                        yield block
                    block = following
                if block is not None:
                    open_line = [] if block.endswith(("\n", "\r")) else [LINE]
                    ends.append(open_line if single else [*open_line, DOCUMENT])
                    yield block

    waiting: list[Symbols] = []
    size = 0
    for number, tokens in enumerate(resources.workers.results(_Cutting(segmenter), blocks())):
        symbols = np.fromiter(map(vocabulary.__getitem__, tokens), dtype=np.uint32, count=len(tokens))
        waiting.append(symbols)
        waiting.append(np.array(ends[number], dtype=np.uint32))
        size += len(symbols)
        if size >= least:
            yield np.concatenate(waiting)
            waiting, size = [], 0
    if waiting:
        yield np.concatenate(waiting)


def lines_are_documents(corpora: Sequence[Iterable[str]]) -> bool:
    """Whether one file is all there is, so that a line of it is a document."""
    return len(corpora) == 1 and isinstance(corpora[0], TextFiles) and len(corpora[0].paths) == 1


def _documents(corpus: Iterable[str], advance: Advance | None) -> Iterator[Iterable[str]]:
    """The documents of a corpus, in blocks."""
    if isinstance(corpus, TextFiles):
        for path in corpus.paths:
            yield TextFiles(path, encoding=corpus.encoding).blocks(advance)
    else:
        for number, text in enumerate(corpus):
            if not isinstance(text, str):
                raise TypeError(f"corpus item {number} is {type(text).__name__}, expected str")
            yield text_blocks([text], advance)


class TokenStore:
    """Symbols of a text, kept to be read once more: in memory, or in a file if they take too much of it."""

    def __init__(self, resources: Resources) -> None:
        self._resources, self._room = resources, resources.room // 8
        self._parts: list[Symbols] = []
        self._sizes: list[int] = []
        self._held = 0

    def add(self, symbols: Symbols) -> None:
        """Keep some more."""
        self._parts.append(symbols)
        self._held += symbols.nbytes
        if self._held > self._room:
            with spilling(self._resources):
                if not self._sizes:
                    self._path = self._resources.scratch.new()
                with open(self._path, "ab") as out:
                    for part in self._parts:
                        part.tofile(out)
            self._sizes += map(len, self._parts)
            self._parts, self._held = [], 0

    def __iter__(self) -> Iterator[Symbols]:
        if self._sizes:
            with spilling(self._resources), open(self._path, "rb") as file:
                for size in self._sizes:
                    yield np.fromfile(file, dtype=np.uint32, count=size)
        yield from self._parts


class Once:
    """Leaves out runs of at least four words that were seen before: what is repeated word by word counts once.

    Headers, disclaimers and advertisements stand in a text hundreds of times, and would be its most typical phrases.

    Parameters
    ----------
    resources
        What may be used: what was seen and takes more than a part of the room is put into files.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources, self._most = resources, max(resources.room // _SEEN, 8) // 8
        self._seen: list[Keys] = []  # in memory; each sorted, and at most half as long as the one before it
        self._files: list[Keys] = []  # each sorted, mapped into memory

    def __call__(self, symbols: Symbols, marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which of some symbols are kept; all marks are."""
        kept = np.ones(len(symbols), dtype=bool)
        edges = np.diff(np.concatenate(([True], marks, [True])).astype(np.int8))
        firsts, ends = np.flatnonzero(edges == -1), np.flatnonzero(edges == 1)
        long = ends - firsts >= _LONG
        firsts, ends = firsts[long], ends[long]
        if not len(firsts):
            return kept
        hashes = _hashes(symbols, firsts, ends)
        places = np.unique(hashes, return_index=True)[1]
        fresh = np.zeros(len(hashes), dtype=bool)
        fresh[places] = True
        for seen in (*self._files, *self._seen):
            at = np.minimum(np.searchsorted(seen, hashes), len(seen) - 1)
            fresh &= seen[at] != hashes
        self._add(np.sort(hashes[fresh]))
        change = np.zeros(len(symbols) + 1, dtype=np.int64)
        change[firsts[~fresh]] += 1
        change[ends[~fresh]] -= 1
        kept[np.cumsum(change[:-1]) > 0] = False
        return kept

    def _add(self, hashes: Keys) -> None:
        if not len(hashes):
            return
        self._seen.append(hashes)
        while len(self._seen) > 1 and 2 * len(self._seen[-1]) > len(self._seen[-2]):
            last = self._seen.pop()
            self._seen[-1] = np.sort(np.concatenate((self._seen[-1], last)))
        if sum(map(len, self._seen)) > self._most:
            whole = np.sort(np.concatenate(self._seen))
            self._seen = []
            with spilling(self._resources):
                path = self._resources.scratch.new()
                whole.tofile(path)
                self._files.append(np.asarray(np.memmap(path, np.uint64, "r")))


def _hashes(symbols: Symbols, firsts: Integers, ends: Integers) -> Keys:
    """A number of 64 bits for each of some pieces: a polynomial of their symbols, mixed."""
    lengths = ends - firsts
    offsets = np.cumsum(lengths) - lengths
    inside = np.arange(int(lengths.sum())) - np.repeat(offsets, lengths)
    powers = np.ones(int(lengths.max()), dtype=np.uint64)
    powers[1:] = _MULTIPLIER
    np.multiply.accumulate(powers, out=powers)
    values = symbols[np.repeat(firsts, lengths) + inside].astype(np.uint64)
    values = (values ^ (values << _SHIFT)) * _MULTIPLIER
    sums = np.add.reduceat(values * powers[inside], offsets)
    return np.asarray((sums ^ (sums >> _SHIFT)) * _MULTIPLIER + lengths.astype(np.uint64))


def runs_of(symbols: Symbols, marks: npt.NDArray[np.bool_]) -> Symbols:
    """The runs of words, each with the mark before it and after it, and a break between any two.

    Examples
    --------
    >>> runs_of(np.array([20, 21, 19, 22], dtype=np.uint32), np.array([False, False, True, False])).tolist()
    [20, 21, 19, 0, 19, 22]
    """
    times = np.where(marks, 3, 1)
    runs = np.repeat(symbols, times)
    runs[(np.cumsum(times) - 2)[marks]] = 0
    return runs


def matches(keys: Keys, symbols: Symbols, longest: int) -> Iterator[tuple[Integers, Integers]]:
    """Where the strings of a trie stand in a text: for each length their first places and their nodes."""
    find = kernels().find_children
    starts = np.flatnonzero(symbols >= FIRST_WORD)
    nodes = np.zeros(len(starts), dtype=np.int64)
    for length in range(longest):
        nodes = find(keys, nodes, symbols[starts + length])
        starts, nodes = starts[nodes > 0], nodes[nodes > 0]
        if not len(starts):
            return
        yield starts, nodes
        inside = starts + length + 1 < len(symbols)
        starts, nodes = starts[inside], nodes[inside]
        goes_on = symbols[starts + length + 1] >= FIRST_WORD
        starts, nodes = starts[goes_on], nodes[goes_on]
