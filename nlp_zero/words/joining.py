"""Words made of words that hardly ever stand apart.

Input: a vocabulary, the corpus. Output: the vocabulary with the joined words.

What is learnt from n-grams of four symbols cuts longer words in pieces (内塔尼|亚胡). In the segmented text such pieces
nearly always stand together, while what stands beside the whole varies; if that does not vary either, the text repeats
itself there, and nothing is joined. If terms are asked for, words that also stand apart are joined where enough of
their occurrences are together (县级以上|人民政府).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, NUMBER, SYMBOL_BITS, SYMBOL_LIMIT, Floats, Integers, Keys, Symbols
from ..progress import Advance
from ..resources import Resources
from ..statistics.association import highest_neighbours
from ..statistics.strings import StringCounts, joined
from ..statistics.sums import CountsSum, Runs
from ..statistics.symbols import on_shares, symbol_chunks
from .entropy import KNOWN_PRIOR, Settings
from .lattice import Lattice
from .learning import Bars, Vocabulary, chunk_size

__all__ = ["joined_words"]

_PARTS: Final = 4  # words that are joined to one
_ROUNDS: Final = 1
_GRANULAR_ROUNDS: Final = 2  # if longer words are asked for: what was joined is a part of them
_HELD: Final = 4  # the segmented text may take one part of the room in so many
_MOST_WORDS: Final = SYMBOL_LIMIT - FIRST_SYMBOL  # a row of words is a string of symbols
_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64(SYMBOL_LIMIT - 1)


def joined_words(
    vocabulary: Vocabulary, longest: int, settings: Settings, corpus: Iterable[str], resources: Resources, bars: Bars
) -> Vocabulary:
    """The vocabulary with words in place of those that hardly ever stand apart, and with their counts in the text.

    Parameters
    ----------
    vocabulary
        Words with counts and priors.
    longest
        The most symbols of a joined word.
    settings
        When words are joined.
    corpus
        The text, which is read once in each of at most two rounds, twice if there is no room for its words.
    resources
        What may be used.
    bars
        Shows how far each round is.
    """
    rounds = _GRANULAR_ROUNDS if longest > settings.granular else _ROUNDS
    for number in range(1, rounds + 1):
        with bars(f"joining {number}/{rounds}") as advance:
            counts, tied, rows = _counted(vocabulary.lattice(), longest, settings, corpus, resources, advance)
        words = StringCounts(vocabulary.keys, counts[1:])
        nodes = _to_join(rows, words, tied, longest, settings)
        vocabulary = _with_joined(words, vocabulary.fixed, rows, nodes)
        if not len(nodes):
            break
    return vocabulary


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A segmented share of a corpus: words, by node, pairs of neighbours, and the words themselves if there is room."""

    counts: Integers
    pairs: Runs
    held: list[Symbols] | None


class _CountingPairs:
    """Segments a share of a corpus, and counts words and pairs of them.

    A word is the symbol `FIRST_SYMBOL` plus its node, and 0 what is no word.
    """

    def __init__(self, lattice: Lattice, resources: Resources) -> None:
        self._lattice, self._resources = lattice, resources

    def __call__(self, shard: Iterable[str]) -> _Pairs:
        counts, pairs, held = self.read(shard)
        return _Pairs(counts, pairs.handed_over(), held if self._resources.workers.share_memory else None)

    def read(
        self, corpus: Iterable[str], advance: Advance | None = None
    ) -> tuple[Integers, CountsSum, list[Symbols] | None]:
        """The words, the pairs, and the segmented text if there is room for it."""
        counts = np.zeros(len(self._lattice.scores), dtype=np.int64)
        pairs = CountsSum(self._resources, 0.4)
        held: list[Symbols] | None = []
        for words in segmented_words(self._lattice, corpus, self._resources, advance):
            counts += np.bincount(np.maximum(words, FIRST_SYMBOL) - FIRST_SYMBOL, minlength=len(counts))
            pairs.add(StringCounts(*kernels().count_ngrams(words, 2)))
            held = _held(held, [words], self._resources)
        counts[0] = 0
        return counts, pairs, held


def _held(text: list[Symbols] | None, more: list[Symbols] | None, resources: Resources) -> list[Symbols] | None:
    """A segmented text with more of it; None if there is no room for that."""
    if text is None or more is None:
        return None
    whole = [*text, *more]
    return whole if sum(words.nbytes for words in whole) <= resources.room // _HELD else None


def segmented_words(
    lattice: Lattice, corpus: Iterable[str], resources: Resources, advance: Advance | None = None
) -> Iterator[Symbols]:
    """The words of a corpus, chunk by chunk: each is the symbol `FIRST_SYMBOL` plus its node, 0 what is no word."""
    for symbols in symbol_chunks(corpus, advance, least=chunk_size(resources)):
        nodes = lattice.words(symbols)
        yield np.where((nodes > 0) & (nodes < _MOST_WORDS), nodes + np.uint32(FIRST_SYMBOL), np.uint32(0))


class _CountingRows:
    """Counts rows of words in what is segmented already, or segments a share of a corpus once more."""

    def __init__(self, lattice: Lattice, tied: Keys, resources: Resources) -> None:
        self._lattice, self._tied, self._resources = lattice, tied, resources

    def __call__(self, shard: Iterable[str]) -> Runs:
        return self.read(segmented_words(self._lattice, shard, self._resources)).handed_over()

    def read(self, segmented: Iterable[Symbols]) -> CountsSum:
        """All rows that hold a tied pair, up to `_PARTS` + 1 words."""
        rows = CountsSum(self._resources, 0.4)
        for some in self._resources.workers.threaded(self._rows, segmented):
            rows.add(some)
        return rows

    def _rows(self, words: Symbols) -> StringCounts:
        return StringCounts(*kernels().count_ngrams(_chains(words, self._tied), _PARTS + 1))


def _chains(words: Symbols, tied: Keys) -> Symbols:
    """What stands tied together in a text, and the words beside it; 0 after each chain.

    What holds a tied pair stands in one chain alone, so all such rows are counted as in the whole text.
    """
    firsts, seconds = np.zeros((2, int(words.max(initial=0)) + 1), dtype=bool)
    firsts[[a for a in (tied >> _BITS).tolist() if a < len(firsts)]] = True
    seconds[[b for b in (tied & _MASK).tolist() if b < len(seconds)]] = True
    at = np.flatnonzero(firsts[words[:-1]] & seconds[words[1:]])
    keys = words[at].astype(np.uint64) << _BITS | words[at + 1]
    at = at[tied[np.minimum(np.searchsorted(tied, keys), len(tied) - 1)] == keys] if len(tied) else at[:0]
    begins = np.flatnonzero(np.diff(at, prepend=-2) > 1)
    lengths = np.diff(begins, append=len(at)) + 3  # a chain of n ties has n + 1 words, and two stand beside it
    ends = np.cumsum(lengths + 1)
    places = np.repeat(at[begins] - (ends - lengths - 1), lengths + 1) + np.arange(ends[-1] if len(ends) else 0)
    chains: Symbols = np.concatenate((np.zeros(1, dtype=np.uint32), words, np.zeros(2, dtype=np.uint32)))[places]
    chains[ends - 1] = 0
    return chains


def _counted(
    lattice: Lattice, longest: int, settings: Settings, corpus: Iterable[str], resources: Resources, advance: Advance
) -> tuple[Integers, Keys, StringCounts]:
    """Words, the pairs that are tied enough to be joined, and the rows of words with such pairs in them."""
    if resources.jobs == 1:
        counts, pairs, held = _CountingPairs(lattice, resources).read(corpus, advance)
    else:
        counts, pairs = np.zeros(len(lattice.scores), dtype=np.int64), CountsSum(resources, 0.4)
        held = []
        for part in on_shares(_CountingPairs(lattice, resources.for_worker()), corpus, resources.workers, advance):
            counts += part.counts
            pairs.add_all(part.pairs)
            held = _held(held, part.held, resources)
    keys = np.concatenate(list(pairs.spread(_Tying(counts, longest, settings))))
    counting = _CountingRows(lattice, keys, resources)
    if held is not None:
        rows = counting.read(held)
    elif resources.jobs == 1:
        rows = counting.read(segmented_words(lattice, corpus, resources))
    else:
        rows = CountsSum(resources, 0.4)
        counting = _CountingRows(lattice, keys, resources.for_worker())
        for runs in on_shares(counting, corpus, resources.workers, None):
            rows.add_all(runs)
    return counts, keys, joined(_at_least(part, settings.join_count) for part in rows.parts())


@dataclass(frozen=True, slots=True)
class _Tying:
    """Finds the pairs of words that are tied enough to be part of what is joined, among some that were counted.

    As symbols: ``first << bits | second``.
    """

    counts: Integers
    longest: int
    settings: Settings

    def __call__(self, parts: Iterable[StringCounts]) -> Keys:
        return np.concatenate([np.zeros(0, dtype=np.uint64), *map(self._tied, parts)])

    def _tied(self, pairs: StringCounts) -> Keys:
        settings = self.settings
        if pairs.longest < 2:
            return np.zeros(0, dtype=np.uint64)
        granular = self.longest > settings.granular
        least = min(settings.share, settings.term_share, settings.part_share) if granular else settings.share
        other = min(settings.other_share, settings.other_term_share) if granular else settings.other_share
        nodes = np.arange(pairs.bounds[1], pairs.bounds[2]) + 1
        nodes = nodes[pairs.counts[nodes - 1] >= min(settings.join_count, settings.term_count)]
        firsts, seconds = pairs.keys[pairs.parents_of(nodes) - 1] & _MASK, pairs.keys[nodes - 1] & _MASK
        more, less = _shares(pairs.counts[nodes - 1], self.counts, firsts, seconds)
        wanted = (more >= least) & (less >= other)
        return firsts[wanted] << _BITS | seconds[wanted]


def _shares(together: Integers, counts: Integers, firsts: Keys, seconds: Keys) -> tuple[Floats, Floats]:
    """Of the occurrences of either word of a pair, the share where both stand together: the greater, and the less."""
    own, other = (counts[words.astype(np.int64) - FIRST_SYMBOL] for words in (firsts, seconds))
    shares = together / np.stack((own, other))
    return shares.max(axis=0), shares.min(axis=0)


def _at_least(part: StringCounts, min_count: int) -> StringCounts:
    """The rows that occur so often."""
    keys, nodes = part.restricted(np.concatenate(([False], part.counts >= min_count)))
    return StringCounts(keys, part.counts[nodes - 1])


def _to_join(rows: StringCounts, words: StringCounts, tied: Keys, longest: int, settings: Settings) -> Integers:
    """The nodes of the rows that are one word."""
    if rows.longest < 2:
        return np.zeros(0, dtype=np.int64)
    suffixes = rows.suffixes()
    end = [*rows.bounds, *[len(rows)] * _PARTS][_PARTS] + 1  # what stands beside longer rows was not counted
    nodes = np.arange(end)
    sizes, numbers = _sizes(rows, words, end)
    free = highest_neighbours(rows, suffixes)[:end] < settings.share * np.concatenate(([1], rows.counts[: end - 1]))
    more, less = _ties(rows, suffixes, words, tied, end)
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


def _ties(rows: StringCounts, suffixes: Integers, words: StringCounts, tied: Keys, end: int) -> tuple[Floats, Floats]:
    """How tied the words of each row are, where they are least so, by node for the first nodes.

    Two neighbours are as tied as the share of the occurrences of one in which it stands beside the other; the greater
    of both shares, and the less one. 0 for rows with a pair that is not tied, which are not all counted.
    """
    more, less = np.ones(end), np.ones(end)
    counts = np.concatenate(([0], words.counts))
    for first, stop in zip(rows.bounds[1:], rows.bounds[2:]):
        nodes = np.arange(first, min(stop, end - 1)) + 1
        parents, rests = rows.parents_of(nodes), suffixes[nodes]
        if first == rows.bounds[1]:
            firsts, seconds = rows.keys[parents - 1] & _MASK, rows.keys[nodes - 1] & _MASK
            more[nodes], less[nodes] = _shares(rows.counts[nodes - 1], counts, firsts, seconds)
            more[nodes[~np.isin(firsts << _BITS | seconds, tied)]] = 0.0
        else:
            more[nodes] = np.minimum(more[parents], more[rests])
            less[nodes] = np.minimum(less[parents], less[rests])
    return more, less


def _with_joined(words: StringCounts, fixed: npt.NDArray[np.bool_], rows: StringCounts, nodes: Integers) -> Vocabulary:
    """The vocabulary with joined words, which take their counts from their parts: these keep half a count at least."""
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
