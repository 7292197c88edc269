"""Method ``pmi``: words from neighbour characters that stand together more often than chance.

Input: n-gram counts of a corpus, and the corpus once more. Output: candidates with counts, without the redundant ones.

1. An n-gram is *strong* if it is frequent enough and its weakest link, the lowest PMI among its cuts in two, is above
   a threshold for its length (kexue.fm 4256 and 6920). Two-character evidence alone would cut 共和|国.
2. The text is cut wherever no strong n-gram covers an adjacency; the pieces are counted.
3. A piece stays a candidate if all its inner n-grams are strong, and if it is no fragment of something longer: if no
   neighbour stands beside it nearly always. A strong n-gram with many different neighbours need not be a piece to be a
   candidate: 西门庆 may always have 见, 向 or 对 before it, and gets the counts of what it is the best part of.
4. Redundancy removal, longest first: a candidate stays a word if ``ln p(w) - Σ ln p(parts)`` exceeds a threshold for
   the best way to make it of shorter words, since then joining the parts lowers the entropy of the text (kexue.fm
   5476); otherwise its count goes to the parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import NUMBER, SYMBOL_LIMIT, Flags, Floats, Integers, Keys, Symbols
from ..parallel import Workers
from ..progress import Advance
from ..resources import Resources
from ..statistics.association import highest_neighbours, link_chunks
from ..statistics.counts import NgramCounts
from ..statistics.strings import StringCounts
from ..statistics.sums import CountsSum, Runs
from ..statistics.symbols import on_shares, sum_of_checksums, symbol_chunks, text_checksum
from .lattice import Lattice, exact

__all__ = [
    "Strong",
    "Thresholds",
    "beginning_in",
    "candidates",
    "counted_pieces",
    "without_redundant",
    "word_scores",
]

ORDER = 4
_MASK = np.uint64(SYMBOL_LIMIT - 1)
CHUNK = 1 << 20  # symbols cut at once
_CUTTING = 800  # bytes of the room for each of them: four times what cutting takes
_BATCH = 1 << 17  # pieces split at once
_PIECE_LIMIT = 32  # symbols of a piece that are looked at; longer ones are no words, and their parts occur elsewhere


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What decides, in the units of the formulas.

    Attributes
    ----------
    min_count
        N-grams and words that occur less often are no evidence and no words.
    links
        The least weakest link, in nats, of strong n-grams of 2, 3 and 4 symbols.
    share
        The weakest link of a string cannot exceed ``-ln P(string)``, which for frequent strings is little; so what
        reaches this share of it, and the least link of pairs, is strong as well.
    dominance
        The greatest share that one neighbour may have beside a word that stands alone between cuts.
    inner_dominance
        The same for a strong n-gram that need not stand alone.
    redundancy
        How much better than its parts, in nats, a word of 2, 3, 4 or more symbols must be.
    """

    min_count: int
    links: tuple[float, ...]
    share: float
    dominance: float
    inner_dominance: float
    redundancy: tuple[float, ...]

    @classmethod
    def for_size(cls, total: int) -> Thresholds:
        """The thresholds for a corpus of so many symbols.

        Notes
        -----
        Chosen on segmented newspaper text, for subsets of 0.001 to 14 million characters. The less text there is, the
        stronger do chance pairs look, and the fewer occurrences can be asked for. In a text of some hundred characters
        PMI cannot rise above ``ln(N / count)``, so there everything is asked for less.
        """
        total = max(total, 2)
        min_count = 2 + (total > 1_000_000) + (total > 4_000_000)
        pairs = np.clip(2.0 - np.log(total / 100_000) / 3, 0.0, 2.0)
        scale = min(1.0, np.log(total) / np.log(10_000))
        links, redundancy = ([round(float(scale * x), 3) for x in row] for row in ((pairs, 4.5, 7.5), (3.5, 4.5, 5.5)))
        return cls(min_count, tuple(links), 0.8, 0.92, 0.5, tuple(redundancy))


@dataclass(frozen=True, slots=True)
class Strong:
    """The strong n-grams of a corpus.

    Attributes
    ----------
    keys
        A trie that holds them.
    joins
        For each node, 1 if its n-gram is strong; the root first.
    fragment
        For each node, whether its n-gram is no word for what stands beside it or at its end; the root first.
    free
        The strong n-grams that have so varied neighbours that they need not stand alone to be candidates: those of two
        symbols, of three, and so on; shape (m, length), in the order of their symbols.
    number
        How many strong n-grams there are.
    """

    keys: Keys
    joins: Flags
    fragment: npt.NDArray[np.bool_]
    free: tuple[Symbols, ...]
    number: int

    @classmethod
    def of(cls, counts: NgramCounts, thresholds: Thresholds, resources: Resources | None = None) -> Strong:
        """Find the strong n-grams.

        Notes
        -----
        Frequent n-grams stay in memory, with some 40 bytes each.
        """
        frequent = counts.frequent(thresholds.min_count, resources)
        least = np.array([np.inf, np.inf, *thresholds.links])
        suffixes = frequent.suffixes()
        highest = highest_neighbours(frequent, suffixes)
        strong, fragment, free = np.zeros((3, len(frequent) + 1), dtype=bool)
        for nodes, link in link_chunks(frequent, suffixes, resources.workers if resources else None):
            own = frequent.counts[nodes - 1]
            length = int(np.searchsorted(frequent.bounds, nodes[0]))
            bound = -np.log(own / max(counts.total, 1))
            strong[nodes] = link > least[length]
            strong[nodes] |= (link > thresholds.links[0]) & (link >= thresholds.share * bound)
            dominance = highest[nodes] / own
            # a number begins something: what it counts, or a date
            numbered = (frequent.keys[nodes - 1] & _MASK) == NUMBER
            fragment[nodes] = (dominance > thresholds.dominance) | numbered
            if length < ORDER:  # what stands beside longer ones was not counted
                free[nodes] = strong[nodes] & (dominance < thresholds.inner_dominance) & ~numbered
        del suffixes, highest
        keys, nodes = frequent.restricted(strong)
        joins, fragment = (np.concatenate(([False], x[nodes])) for x in (strong, fragment))
        levels = enumerate(pairwise(frequent.bounds[1:ORDER]), 2)
        chosen = ((length, np.flatnonzero(free[first + 1 : end + 1]) + first + 1) for length, (first, end) in levels)
        words = tuple(frequent.strings(nodes)[:, :length] for length, nodes in chosen)
        return cls(keys, joins.astype(np.uint8), fragment, words, int(strong.sum()))

    def as_strings(self) -> StringCounts:
        """The trie, with no counts."""
        return StringCounts(self.keys, np.zeros(len(self.keys), dtype=np.int64))

    def spans(self, strings: Symbols) -> npt.NDArray[np.bool_]:
        """Whether strings of one length, shape (m, length), are no fragments and all their inner n-grams are strong."""
        m, length = strings.shape
        size = min(length, ORDER)
        kept = np.ones(m, dtype=bool)
        for first in range(length - size + 1):
            nodes = np.zeros(m, dtype=np.int64)
            for symbol in strings[:, first : first + size].T:
                nodes = np.where(kept, kernels().find_children(self.keys, nodes, symbol), 0)
                kept &= nodes > 0
            kept &= self.joins[nodes] > 0
        if length <= ORDER:
            kept &= ~self.fragment[nodes]
        return kept


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a share of a corpus falls into, and a `checksum` of the symbols in its runs."""

    counts: Runs
    checksum: int


class Cutting:
    """Cuts a corpus, or a share of it, where no strong n-gram covers, and counts the pieces."""

    def __init__(self, strong: Strong, resources: Resources, share: float = 0.6) -> None:
        self._strong, self._resources, self._share = strong, resources, share  # of the room, for the counts
        self._core = kernels()  # one core for both: a compiled trie is of its core
        self._trie = self._core.compile_trie(strong.keys)

    def __reduce__(self) -> tuple[Any, ...]:
        return Cutting, (self._strong, self._resources, self._share)

    def __call__(self, shard: Iterable[str]) -> Pieces:
        total, found = self.read(shard)
        return Pieces(total.handed_over(), found)

    def read(self, corpus: Iterable[str], advance: Advance | None = None) -> tuple[CountsSum, int]:
        """The pieces, and the checksum of the symbols in runs."""
        total, found = CountsSum(self._resources, self._share), 0
        for symbols in symbol_chunks(corpus, advance, least=min(CHUNK, self._resources.room // _CUTTING)):
            begins = self._core.cover(symbols, self._trie, self._strong.joins)
            found = sum_of_checksums(found, text_checksum(symbols))
            total.add(StringCounts.from_begins(symbols, begins, _PIECE_LIMIT))
        return total, found


def counted_pieces(
    corpus: Iterable[str], strong: Strong, resources: Resources, advance: Advance | None = None
) -> tuple[CountsSum, int]:
    """The pieces of a corpus between strong n-grams, and the checksum of its symbols in runs."""
    if resources.jobs == 1:
        return Cutting(strong, resources).read(corpus, advance)
    total, found = CountsSum(resources, 0.5), 0
    for part in on_shares(Cutting(strong, resources.for_worker(), 0.4), corpus, resources.workers, advance):
        total.add_all(part.counts)
        found = sum_of_checksums(found, part.checksum)
    return total, found


def candidates(pieces: StringCounts, strong: Strong, min_count: int, max_length: int) -> npt.NDArray[np.bool_]:
    """Which pieces, and which other strings of the same trie, may be words; by node, the root first.

    Single symbols always may, and so may free n-grams. The pieces may be a part of all: those with some first symbols.
    """
    counts = np.concatenate(([0], pieces.counts))
    chosen = np.zeros(len(counts), dtype=bool)
    for level in range(pieces.longest):
        nodes = np.arange(pieces.bounds[level], pieces.bounds[level + 1]) + 1
        if level == 0:
            chosen[nodes] = True
        elif level < max_length:
            nodes = nodes[counts[nodes] >= min_count]
            chosen[nodes] = strong.spans(pieces.strings(nodes)[:, : level + 1])
            if level <= len(strong.free):
                chosen[pieces.nodes(beginning_in(pieces, strong.free[level - 1]))] = True
    return chosen


def beginning_in(part: StringCounts, strings: Symbols) -> Symbols:
    """Those of some strings, one a row, in the order of their first symbols, that begin as a part does."""
    if not len(part) or not len(strings):
        return strings[:0]
    first, last = int(part.keys[0]), int(part.keys[part.bounds[1] - 1])
    begin, end = np.searchsorted(strings[:, 0], [first, last + 1])
    return strings[begin:end]


def word_scores(counts: Integers, words: npt.NDArray[np.bool_]) -> tuple[Floats, float]:
    """The score ``ln(count / total)`` of each word, -inf elsewhere, and that of an unknown symbol.

    Counts and words by node, the root first.
    """
    total = max(int(counts[words].sum()), 1)
    scores: Floats = np.full(len(counts), -np.inf)
    scores[words] = exact(np.log(np.maximum(counts[words], 0.5) / total))
    return scores, float(exact(np.log(0.5 / total)))


@dataclass(frozen=True, slots=True)
class _Splitting:
    """Splits pieces into the words of a lattice: the nodes of the words, and what each of them gets."""

    lattice: Lattice

    def __call__(self, pieces: StringCounts) -> tuple[Integers, Integers]:
        ends = np.flatnonzero(np.concatenate(([0], pieces.counts)))
        nodes, amounts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for some in np.split(ends, range(_BATCH, len(ends), _BATCH)):
            _, part_nodes, owners = self.lattice.split(pieces.strings(some))
            nodes.append(part_nodes)
            amounts.append(pieces.counts[some[owners] - 1])
        return np.concatenate(nodes), np.concatenate(amounts)


def without_redundant(
    candidates: StringCounts,
    words: npt.NDArray[np.bool_],
    kept: npt.NDArray[np.bool_],
    others: Iterable[StringCounts],
    longest: int,
    thresholds: Thresholds,
    workers: Workers,
) -> tuple[StringCounts, npt.NDArray[np.bool_]]:
    """Take out the candidates that shorter words explain.

    Parameters
    ----------
    candidates
        The candidates with their counts.
    words
        Which nodes they are, the root first.
    kept
        Candidates that must stay.
    others
        The other pieces, in parts.
    longest
        Symbols of the longest piece.
    thresholds
        Its `redundancy` is what decides.
    workers
        Who splits the other pieces.

    Returns
    -------
    candidates
        The candidates, after the pieces that are none, and then the redundant ones, gave their counts to their parts.
    words : shape (len(candidates) + 1,)
        Which of its nodes are words.

    Notes
    -----
    Length by length: inside one length candidates do not depend on each other, so the order is of no account.
    """
    words = words.copy()
    counts = np.concatenate(([0], candidates.counts))
    lattice = Lattice(candidates.keys, *word_scores(counts, words), longest=longest)
    for part_nodes, amounts in workers.results(_Splitting(lattice), others):
        np.add.at(counts, part_nodes, amounts)
    for level in range(candidates.longest - 1, 0, -1):
        here = np.arange(candidates.bounds[level], candidates.bounds[level + 1]) + 1
        here = here[words[here]]
        scores, unknown = word_scores(counts, words)
        parts, part_nodes, owners = lattice.rescored(scores, unknown).split(candidates.strings(here), level)
        least = thresholds.redundancy[min(level, len(thresholds.redundancy)) - 1]
        stays = (scores[here] - parts > least) | kept[here]
        gives = ~stays[owners]
        np.add.at(counts, part_nodes[gives], counts[here[owners[gives]]])
        words[here], counts[here[~stays]] = stays, 0
    counts[0] = 0
    words &= (counts > 0) | (candidates.depths == 1)
    return StringCounts(candidates.keys, counts[1:]), words
