"""How often words stand near each other: segmented text in, counts of words and of pairs of words out.

The corpus is read twice: for the words and their counts, and for the pairs of those that are frequent enough. All
counts are whole numbers, added up exactly and within bounds of memory, so the order of reading changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, SYMBOL_BITS, SYMBOL_LIMIT, Floats, Integers, Symbols
from ..progress import Advance
from ..resources import Resources
from ..sentences.cutting import AnySegmenter, words_of
from ..statistics.strings import StringCounts
from ..statistics.sums import CountsSum, Runs
from ..text.corpus import text_blocks
from ..text.shards import read_shards
from ..words.formats import split_lines
from .tokens import is_mark

__all__ = [
    "PAIR_BYTES",
    "WORDS_LIMIT",
    "Cooccurrences",
    "Counter",
    "checked_counts",
    "checked_pairs",
    "checked_words",
    "counted_words",
    "cooccurrences",
]

Bars: TypeAlias = Callable[[str], AbstractContextManager[Advance]]
WORDS_LIMIT: Final = SYMBOL_LIMIT - FIRST_SYMBOL  # words are symbols while their pairs are counted
PAIR_BYTES: Final = 100  # that a pair takes, with what is made of it
_MOST_PAIRS: Final = 20_000_000
_LONGEST: Final = 100  # characters of a word
_HELD: Final = 200_000  # different words that are counted before their counts are added up
_WORD_BYTES: Final = 400  # that each of them takes
_AT_ONCE: Final = 250_000  # places whose pairs are counted before their counts are added up
_PLACE_BYTES: Final = 200  # that each of them takes
_ROWS: Final = 10_000  # strings that are read at once
_UNKNOWN, _BOUNDARY = -1, -2
_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64(SYMBOL_LIMIT - 1)
_MOST_TOGETHER: Final = 2.0**53  # up to which sums of whole numbers are exact
Numbers32: TypeAlias = npt.NDArray[np.int32]
Pairs: TypeAlias = tuple[Integers, Integers, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Cooccurrences:
    """Pairs of words that stand near each other.

    Attributes
    ----------
    words
        The words, the most frequent first.
    counts
        How often each occurs.
    left, right
        Pairs of their numbers, from 0, the lesser first; sorted, none twice.
    number
        How near each pair stands, summed up over the text; see `Counter`.
    totals
        For each word the sum over its pairs, those of a word with itself twice; those that were dropped are in it.
    """

    words: tuple[str, ...]
    counts: Integers
    left: npt.NDArray[np.signedinteger[Any]]
    right: npt.NDArray[np.signedinteger[Any]]
    number: npt.NDArray[Any]
    totals: npt.NDArray[Any]


def counted_words(
    corpus: Iterable[str],
    segmenter: AnySegmenter,
    *,
    min_count: int,
    most: int,
    vocabulary: Collection[str] | None,
    resources: Resources,
    advance: Advance | None = None,
) -> list[tuple[str, int]]:
    """The words of a corpus with their counts, the most frequent first, then by word.

    Parameters
    ----------
    min_count
        The least count of a word.
    most
        How many words at most.
    vocabulary
        The words that count; by default all that hold a letter or digit and have at most 100 characters.
    """
    known = None if vocabulary is None else frozenset(vocabulary)
    whole = _summed(_CountingWords(segmenter, known, resources.for_worker()), corpus, resources, advance)
    found: list[tuple[int, str]] = []
    for part in whole.parts():
        nodes = np.flatnonzero(part.counts >= min_count) + 1
        for first in range(0, len(nodes), _ROWS):
            some = nodes[first : first + _ROWS]
            found.extend(zip((-part.counts[some - 1]).tolist(), map(_word, part.strings(some))))
        if len(found) > 2 * most:
            found = sorted(found)[:most]
    return [(word, -count) for count, word in sorted(found)[:most]]


def cooccurrences(
    corpus: Iterable[str],
    segmenter: AnySegmenter,
    *,
    window: int,
    min_count: int,
    most_words: int,
    vocabulary: Collection[str] | None,
    resources: Resources,
    bars: Bars,
) -> Cooccurrences:
    """The words of a corpus, and which stand near each other.

    Parameters
    ----------
    window
        How many places a pair may be apart; see `Counter`.
    min_count, most_words, vocabulary
        Which words; see `counted_words`.
    resources
        What may be used.
    bars
        Shows how far each reading is.

    Notes
    -----
    Time O(n * window) for n words of text. Where there are more than 20 million pairs, or more than there is room for,
    the rarest are dropped after all were counted.
    """
    with bars("counting words") as advance:
        rows = counted_words(
            corpus,
            segmenter,
            min_count=min_count,
            most=most_words,
            vocabulary=vocabulary,
            resources=resources,
            advance=advance,
        )
    words = tuple(word for word, _ in rows)
    counts = np.array([count for _, count in rows], dtype=np.int64)
    with bars("counting pairs") as advance:
        counting = _CountingPairs(segmenter, words, window, resources.for_worker())
        whole = _summed(counting, corpus, resources, advance)
        return _gathered(words, counts, whole, min(_MOST_PAIRS, resources.room // (2 * PAIR_BYTES)))


def _gathered(words: tuple[str, ...], counts: Integers, whole: CountsSum, most: int) -> Cooccurrences:
    """The most frequent pairs of a sum: all that occur as often as some least number, so that there are no more."""
    totals = np.zeros(len(words), dtype=np.int64)
    kept: list[tuple[Numbers32, Numbers32, Integers]] = []
    size, least = 0, 1
    for part in whole.parts():
        if part.longest < 2:
            continue
        pairs = slice(*part.bounds[1:3])
        number, keys = part.counts[pairs], part.keys[pairs]
        left = (part.keys[(keys >> _BITS).astype(np.int64) - 1].astype(np.int64) - FIRST_SYMBOL).astype(np.int32)
        right = ((keys & _MASK).astype(np.int64) - FIRST_SYMBOL).astype(np.int32)
        np.add.at(totals, left, number)
        np.add.at(totals, right, number)
        kept.append(_frequent((left, right, number), least))
        size += len(kept[-1][0])
        while size > most:
            least += 1
            kept = [_frequent(columns, least) for columns in kept]
            size = sum(len(left) for left, _, _ in kept)
    if not kept:
        none = np.zeros(0, dtype=np.int32)
        return Cooccurrences(words, counts, none, none, np.zeros(0, dtype=np.int64), totals)
    left, right, number = (np.concatenate(columns) for columns in zip(*kept))
    return Cooccurrences(words, counts, left, right, number, totals)


def _frequent(columns: tuple[Numbers32, Numbers32, Integers], least: int) -> tuple[Numbers32, Numbers32, Integers]:
    left, right, number = columns
    kept = number >= least
    return (left, right, number) if kept.all() else (left[kept], right[kept], number[kept])


def _summed(
    counting: _CountingWords | _CountingPairs,
    corpus: Iterable[str],
    resources: Resources,
    advance: Advance | None,
) -> CountsSum:
    """What is counted in a corpus, by one worker or several."""
    whole = CountsSum(resources, 0.5)
    if resources.jobs == 1:
        whole.add_all(counting(corpus, advance))
    else:
        for runs in read_shards(counting, corpus, resources.workers, advance):
            whole.add_all(runs)
    return whole


def _lines(corpus: Iterable[str], segmenter: AnySegmenter, advance: Advance | None) -> Iterator[list[str]]:
    """The lines of a corpus, as their words."""
    for block in text_blocks(corpus, advance):
        for line in split_lines(block):
            yield words_of(line, segmenter)


class _CountingWords:
    """Counts the words of a share of a corpus: those of a vocabulary, or all."""

    def __init__(self, segmenter: AnySegmenter, vocabulary: frozenset[str] | None, resources: Resources) -> None:
        self._segmenter, self._vocabulary, self._resources = segmenter, vocabulary, resources

    def __call__(self, shard: Iterable[str], advance: Advance | None = None) -> Runs:
        total = CountsSum(self._resources, 0.25)
        most = max(min(_HELD, self._resources.room // (4 * _WORD_BYTES)), 1000)
        counts: dict[str, int] = {}
        for words in _lines(shard, self._segmenter, advance):
            for word in words:
                counts[word] = counts.get(word, 0) + 1
            if len(counts) > most:
                total.add(self._counted(counts))
                counts = {}
        total.add(self._counted(counts))
        return total.handed_over()

    def _counted(self, counts: Mapping[str, int]) -> StringCounts:
        known = self._vocabulary
        words = [
            word for word in counts if (not is_mark(word) and len(word) <= _LONGEST if known is None else word in known)
        ]
        codes = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), dtype="<u4")
        lengths = np.array([*map(len, words)], dtype=np.int64)
        numbers = np.array([counts[word] for word in words], dtype=np.int64)
        return _string_counts(codes.astype(np.uint32) + np.uint32(FIRST_SYMBOL), lengths, numbers)


def _word(symbols: Symbols) -> str:
    """The word that a row of symbols stands for, 0 after its end."""
    codes = symbols[symbols > 0] - np.uint32(FIRST_SYMBOL)
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _string_counts(symbols: Symbols, lengths: Integers, counts: Integers) -> StringCounts:
    """Strings that stand one after the other, each of them once, with their counts."""
    keys, nodes = kernels().build_trie(symbols, np.cumsum(lengths) - lengths, lengths)
    by_node = np.zeros(len(keys) + 1, dtype=np.int64)
    by_node[nodes] = counts
    return StringCounts(keys, by_node[1:])


class Counter:
    """Counts the pairs of words that stand near each other in lines of words.

    Parameters
    ----------
    words
        The words that count, each with its number from 0 on.
    window
        How many places a pair may be apart, from 1 on. A pair d places apart counts ``window + 1 - d``.

    Notes
    -----
    Windows end with the line, and with each mark of punctuation: what stands on its other side says less about a word
    than what stands on this side. A word that does not count keeps its place.
    """

    def __init__(self, words: Sequence[str], window: int) -> None:
        self._numbers = {word: number for number, word in enumerate(words)}
        self._window = window
        self._places: list[int] = []

    def __len__(self) -> int:
        """How many places wait to be counted."""
        return len(self._places)

    def add(self, words: Iterable[str]) -> None:
        """Read a line."""
        numbers = self._numbers
        self._places += [numbers[word] if word in numbers else _other(word) for word in words]
        self._places.append(_BOUNDARY)

    def counts(self) -> Iterator[StringCounts]:
        """The pairs of all lines since the last time: strings of two symbols, the lesser first."""
        places = np.array(self._places, dtype=np.int64)
        self._places = []
        ends = places == _BOUNDARY
        runs = np.cumsum(ends)[~ends]
        places = places[~ends]
        for first in range(0, len(places), _AT_ONCE):
            end = first + _AT_ONCE + self._window
            yield self._pairs(places[first:end], runs[first:end], _AT_ONCE)

    def _pairs(self, places: Integers, runs: Integers, most: int) -> StringCounts:
        """The pairs that begin at the first `most` places."""
        all_keys, all_counts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for distance in range(1, self._window + 1):
            left, right = places[:-distance][:most], places[distance:][:most]
            near = (left >= 0) & (right >= 0) & (runs[:-distance][:most] == runs[distance:][:most])
            left, right = left[near], right[near]
            keys, counts = np.unique(
                np.minimum(left, right) << SYMBOL_BITS | np.maximum(left, right), return_counts=True
            )
            all_keys.append(keys)
            all_counts.append(counts * (self._window + 1 - distance))
        keys, which = np.unique(np.concatenate(all_keys), return_inverse=True)
        counts = np.zeros(len(keys), dtype=np.int64)
        np.add.at(counts, which.reshape(-1), np.concatenate(all_counts))
        symbols = np.stack((keys >> SYMBOL_BITS, keys & (SYMBOL_LIMIT - 1)), axis=1).reshape(-1) + FIRST_SYMBOL
        return _string_counts(symbols.astype(np.uint32), np.full(len(keys), 2), counts)


def _other(word: str) -> int:
    return _BOUNDARY if is_mark(word) else _UNKNOWN


class _CountingPairs:
    """Counts the pairs of words of a share of a corpus."""

    def __init__(self, segmenter: AnySegmenter, words: tuple[str, ...], window: int, resources: Resources) -> None:
        self._segmenter, self._words, self._window, self._resources = segmenter, words, window, resources

    def __call__(self, shard: Iterable[str], advance: Advance | None = None) -> Runs:
        total = CountsSum(self._resources, 0.25)
        counter = Counter(self._words, self._window)
        most = max(min(_AT_ONCE, self._resources.room // (4 * _PLACE_BYTES)), 1000)
        for words in _lines(shard, self._segmenter, advance):
            counter.add(words)
            if len(counter) >= most:
                for counts in counter.counts():
                    total.add(counts)
        for counts in counter.counts():
            total.add(counts)
        return total.handed_over()


def checked_words(words: Iterable[str], name: str = "words") -> tuple[str, ...]:
    """The words, none of them empty; `name` is what errors call them.

    Raises
    ------
    TypeError, ValueError
        If they are none.
    """
    if isinstance(words, str):
        raise TypeError(f"{name}: expected several words, found the str {words[:20]!r}")
    found = tuple(words)
    for word in found:
        if not isinstance(word, str):
            raise TypeError(f"{name}: expected words of type str, found {word!r}")
        if not word:
            raise ValueError(f"{name}: expected words, found an empty str")
    return found


def checked_counts(counts: npt.ArrayLike, length: int) -> Integers:
    """Counts of so many words, as an array of its own.

    Raises
    ------
    ValueError
        If they are none.
    """
    found = np.asarray(counts)
    if found.shape != (length,) or (found.dtype.kind not in "iu" and length):
        raise ValueError(f"counts: expected {length} whole numbers, found shape {found.shape} of {found.dtype}")
    if (found < 0).any() or (found > np.iinfo(np.int64).max).any():
        wrong = found[(found < 0) | (found > np.iinfo(np.int64).max)][0]
        raise ValueError(f"counts: expected whole numbers from 0 to 2 ** 63 - 1, found {wrong}")
    return found.astype(np.int64)


def checked_pairs(left: npt.ArrayLike, right: npt.ArrayLike, number: npt.ArrayLike, words: int) -> Pairs:
    """Each pair once, sorted, with the sum of its numbers; and the sums for each word, as `Cooccurrences` has them."""
    numbers = np.asarray(number)
    if numbers.ndim != 1 or (numbers.dtype.kind not in "iuf" and numbers.size):
        raise ValueError(f"number: expected a list of numbers, found shape {numbers.shape} of {numbers.dtype}")
    numbers = numbers.astype(np.float64)
    sides = []
    for name, side in (("left", np.asarray(left)), ("right", np.asarray(right))):
        if side.shape != numbers.shape or (side.dtype.kind not in "iu" and side.size):
            expected = f"{len(numbers)} whole numbers, as many as there are in number"
            raise ValueError(f"{name}: expected {expected}, found shape {side.shape} of {side.dtype}")
        if ((side < 0) | (side >= words)).any():
            wrong = side[(side < 0) | (side >= words)][0]
            raise ValueError(f"{name}: expected places of the {words} words from 0 on, found {wrong}")
        sides.append(side.astype(np.int64))
    whole = numbers.sum()
    if not (numbers >= 0).all() or not whole < _MOST_TOGETHER:
        wrong = numbers[~(numbers >= 0)]
        found = f"{wrong[0]}" if len(wrong) else f"a sum of {whole:g}"
        raise ValueError(f"number: expected numbers from 0 on, less than 2 ** 53 in all, found {found}")
    keys = np.minimum(*sides) * words + np.maximum(*sides)
    some = numbers > 0
    keys, which = np.unique(keys[some], return_inverse=True)
    sums = np.bincount(which.reshape(-1), weights=numbers[some], minlength=len(keys))
    first, second = keys // max(words, 1), keys % max(words, 1)
    totals = np.bincount(first, weights=sums, minlength=words) + np.bincount(second, weights=sums, minlength=words)
    return first, second, sums.astype(np.float64), totals.astype(np.float64)
