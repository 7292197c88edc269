"""Words made of words that hardly ever stand apart.

Input: a vocabulary, the corpus. Output: the vocabulary with the joined words, counted.

What is learnt from n-grams of four symbols cuts longer words in pieces (内塔尼|亚胡). In the segmented text such pieces
nearly always stand together, while what stands beside the whole varies; if that does not vary either, the text repeats
itself there, and nothing is joined. If terms are asked for, words that also stand apart are joined where enough of
their occurrences are together (县级以上|人民政府).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, NUMBER, SYMBOL_BITS, SYMBOL_LIMIT, Floats, Integers, Symbols
from ..progress import Advance
from ..resources import Resources
from ..statistics.association import highest_neighbours
from ..statistics.strings import StringCounts, joined
from ..statistics.sums import CountsSum, Runs
from ..statistics.symbols import symbol_chunks
from ..text.shards import read_shards
from .entropy import KNOWN_PRIOR, Settings
from .lattice import Lattice
from .learning import Bars, Vocabulary, chunk_size

__all__ = ["joined_words"]

_PARTS: Final = 4  # words that are joined to one
_ROUNDS: Final = 3
_MOST_WORDS: Final = SYMBOL_LIMIT - FIRST_SYMBOL  # a row of words is a string of symbols
_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64(SYMBOL_LIMIT - 1)


def joined_words(
    vocabulary: Vocabulary, longest: int, settings: Settings, corpus: Iterable[str], resources: Resources, bars: Bars
) -> Vocabulary:
    """The vocabulary with words in place of those that hardly ever stand apart, and with counts as words.

    Parameters
    ----------
    vocabulary
        Words with counts and priors.
    longest
        The most symbols of a joined word.
    settings
        When words are joined.
    corpus
        The text, which is read at most three times.
    resources
        What may be used.
    bars
        Shows how far each round is.
    """
    for number in range(1, _ROUNDS + 1):
        with bars(f"joining {number}/{_ROUNDS}") as advance:
            counts, rows = _counted_rows(vocabulary.lattice(), corpus, resources, advance)
        words = StringCounts(vocabulary.keys, counts[1:])
        frequent = joined(_at_least(part, settings.join_count) for part in rows.parts())
        nodes = _to_join(frequent, words, longest, settings)
        vocabulary = _with_joined(words, vocabulary.fixed, frequent, nodes)
        if not len(nodes):
            break
    return vocabulary


@dataclass(frozen=True, slots=True)
class _Rows:
    """Words, by node, and rows of neighbouring words in a segmented share of a corpus."""

    counts: Integers
    rows: Runs


class _CountingRows:
    """Segments a share of a corpus, and counts words and rows of them."""

    def __init__(self, lattice: Lattice, resources: Resources) -> None:
        self._lattice, self._resources = lattice, resources

    def __call__(self, shard: Iterable[str]) -> _Rows:
        counts, rows = self.read(shard)
        return _Rows(counts, rows.handed_over())

    def read(self, corpus: Iterable[str], advance: Advance | None = None) -> tuple[Integers, CountsSum]:
        """The words, and the rows, in which each word is the symbol `FIRST_SYMBOL` plus its node."""
        counts = np.zeros(len(self._lattice.scores), dtype=np.int64)
        rows = CountsSum(self._resources, 0.4)
        for symbols in symbol_chunks(corpus, advance, least=chunk_size(self._resources)):
            nodes = self._lattice.words(symbols)
            counts += np.bincount(nodes, minlength=len(counts))
            ids = np.where((nodes > 0) & (nodes < _MOST_WORDS), nodes + FIRST_SYMBOL, 0).astype(np.uint32)
            rows.add(StringCounts(*kernels().count_ngrams(ids, _PARTS + 1)))
        return counts, rows


def _counted_rows(
    lattice: Lattice, corpus: Iterable[str], resources: Resources, advance: Advance
) -> tuple[Integers, CountsSum]:
    """Words and rows of them in the whole corpus."""
    if resources.jobs == 1:
        return _CountingRows(lattice, resources).read(corpus, advance)
    counts, rows = np.zeros(len(lattice.scores), dtype=np.int64), CountsSum(resources, 0.4)
    for part in read_shards(_CountingRows(lattice, resources.for_worker()), corpus, resources.workers, advance):
        counts += part.counts
        rows.add_all(part.rows)
    return counts, rows


def _at_least(part: StringCounts, min_count: int) -> StringCounts:
    """The rows that occur so often."""
    keys, nodes = part.restricted(np.concatenate(([False], part.counts >= min_count)))
    return StringCounts(keys, part.counts[nodes - 1])


def _to_join(rows: StringCounts, words: StringCounts, longest: int, settings: Settings) -> Integers:
    """The nodes of the rows that are one word."""
    if rows.longest < 2:
        return np.zeros(0, dtype=np.int64)
    suffixes = rows.suffixes()
    end = [*rows.bounds, *[len(rows)] * _PARTS][_PARTS] + 1  # what stands beside longer rows was not counted
    nodes = np.arange(end)
    sizes, numbers = _sizes(rows, words, end)
    free = highest_neighbours(rows, suffixes)[:end] < settings.share * np.concatenate(([1], rows.counts[: end - 1]))
    more, less = _ties(rows, suffixes, end)
    count = np.concatenate(([0], rows.counts[: end - 1]))
    wanted = (count >= settings.join_count) & (more >= settings.share) & (less >= settings.other_share)
    if longest > settings.granular:
        least = np.where(sizes >= settings.term_size, settings.term_share, settings.part_share)
        wanted |= (count >= settings.term_count) & (more >= least) & (less >= settings.other_term_share)
    wanted &= free & (sizes <= longest) & ~numbers & (nodes > rows.bounds[1])
    return np.flatnonzero(wanted)


def _sizes(rows: StringCounts, words: StringCounts, end: int) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """How many symbols each row has, and whether it ends in a number; for the first nodes, the root's before."""
    depths = words.depths
    last = (rows.keys[: end - 1] & _MASK).astype(np.int64) - FIRST_SYMBOL
    sizes = np.concatenate(([0], depths[last]))
    for first, stop in zip(rows.bounds[1:], rows.bounds[2:]):
        level = np.arange(first, min(stop, end - 1)) + 1
        if len(level):
            sizes[level] += sizes[rows.parents_of(level)]
    return sizes, np.concatenate(([False], (words.keys[last - 1] & _MASK) == NUMBER))


def _ties(rows: StringCounts, suffixes: Integers, end: int) -> tuple[Floats, Floats]:
    """How tied the words of each row are, where they are least so, by node for the first nodes.

    Two neighbours are as tied as the share of the occurrences of one in which it stands beside the other; the greater
    of both shares, and the less one.
    """
    more, less = np.ones(end), np.ones(end)
    for first, stop in zip(rows.bounds[1:], rows.bounds[2:]):
        nodes = np.arange(first, min(stop, end - 1)) + 1
        parents, rests = rows.parents_of(nodes), suffixes[nodes]
        if first == rows.bounds[1]:
            shares = rows.counts[nodes - 1] / np.stack((rows.counts[parents - 1], rows.counts[rests - 1]))
            more[nodes], less[nodes] = shares.max(axis=0), shares.min(axis=0)
        else:
            more[nodes] = np.minimum(more[parents], more[rests])
            less[nodes] = np.minimum(less[parents], less[rests])
    return more, less


def _with_joined(words: StringCounts, fixed: npt.NDArray[np.bool_], rows: StringCounts, nodes: Integers) -> Vocabulary:
    """The vocabulary with joined words, which take their counts from their parts."""
    parts = rows.strings(nodes).astype(np.int64)[:, :_PARTS]
    parts = np.where(parts > 0, parts - FIRST_SYMBOL, 0)
    together = rows.counts[nodes - 1].astype(np.float64)
    counts = np.concatenate(([0], words.counts)).astype(np.float64)
    rest = counts.copy()
    for column in parts.T:
        np.subtract.at(rest, column, together)
    rest = np.where((counts > 0) | fixed, np.maximum(rest, 0.5), 0.0)  # a part may be one of several joined words
    rest[0] = 0
    old = np.flatnonzero(rest)
    row, sizes = _strung(words, parts)
    both = np.zeros((len(old) + len(nodes), max(words.longest, row.shape[1])), dtype=np.uint32)
    both[: len(old), : words.longest], both[len(old) :, : row.shape[1]] = words.strings(old), row
    lengths = np.concatenate((words.depths[old], sizes))
    keys, found = kernels().build_trie(both.reshape(-1), np.arange(len(both)) * both.shape[1], lengths)
    weights = np.concatenate((rest[old], together))
    total: Floats = np.bincount(found, weights=weights, minlength=len(keys) + 1).astype(np.float64)
    still = np.zeros(len(total), dtype=bool)
    still[found[: len(old)][fixed[old]]] = True
    return Vocabulary(keys, total, np.where(still, KNOWN_PRIOR, 0.0), still)


def _strung(words: StringCounts, parts: Integers) -> tuple[Symbols, Integers]:
    """The symbols of rows of words, one row a line, 0 after its end, and how many they are."""
    depths = words.depths
    sizes = depths[parts].sum(axis=1)
    out = np.zeros((len(parts), int(sizes.max(initial=1))), dtype=np.uint32)
    begun = np.zeros(len(parts), dtype=np.int64)
    for column in parts.T:
        symbols, lengths = words.strings(column), depths[column]
        for place in range(int(lengths.max(initial=0))):
            some = np.flatnonzero(lengths > place)
            out[some, begun[some] + place] = symbols[some, place]
        begun += lengths
    return out, sizes
