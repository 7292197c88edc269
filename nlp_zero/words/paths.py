"""The best paths through the lattice, not only the first one: which segmentations compete, and by how much.

Input: a lattice, the symbols of one run. Output: its best segmentations with their scores.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from heapq import nsmallest
from typing import NamedTuple

import numpy as np

from ..core.symbols import FIRST_SYMBOL, Floats, Symbols
from ..core.walks import with_bonus, word_edges
from .lattice import NO_BONUS, Lattice

__all__ = ["Explanation", "Path", "Segmentation", "best_paths", "runs"]


class Path(NamedTuple):
    """One way to segment a piece of text.

    Attributes
    ----------
    words
        The words, as they are written in the text.
    scores
        The score of each word, in nats: the natural logarithm of its share of all words counted. A word that is not
        in the lexicon counts as half an occurrence.
    score
        Their sum, in nats: the natural logarithm of the probability of the words.
    """

    words: tuple[str, ...]
    scores: tuple[float, ...]
    score: float


class Explanation(NamedTuple):
    """The segmentations of one run of a text that compete with each other.

    Attributes
    ----------
    start, end
        The place of the run: ``text == whole[start:end]``.
    text
        The run.
    paths
        Its segmentations, the best one, which is taken, first.

    Examples
    --------
    >>> taken, other = Path(("研究",), (-2.0,), -2.0), Path(("研", "究"), (-3.5, -4.0), -7.5)
    >>> Explanation(0, 2, "研究", (taken, other)).differences
    (0.0, -5.5)
    """

    start: int
    end: int
    text: str
    paths: tuple[Path, ...]

    @property
    def differences(self) -> tuple[float, ...]:
        """By how much the score of each path differs from that of the best one, in nats: 0 for it, below 0 for others.

        A path with the difference d is exp(d) times as probable as the best one.
        """
        return tuple(path.score - self.paths[0].score for path in self.paths)


class Segmentation(NamedTuple):
    """One way to segment a run of symbols.

    Attributes
    ----------
    sizes
        How many symbols each word has.
    scores
        The score of each word, in the unit of the lattice.
    score
        Their sum.
    """

    sizes: tuple[int, ...]
    scores: tuple[float, ...]
    score: float


def best_paths(lattice: Lattice, symbols: Symbols, paths: int, bonus: Floats = NO_BONUS) -> list[Segmentation]:
    """The best segmentations of one run.

    Parameters
    ----------
    lattice
        The words.
    symbols
        Those of one run, shape (n,): all of them `FIRST_SYMBOL` or above.
    paths
        How many, 1 at least.
    bonus
        What a word that ends with a symbol gets on top of its score; shape (n,), or (0,) for nothing.

    Returns
    -------
    list of Segmentation
        The best first; fewer than `paths` if there are no more. The first one is what `Lattice.begins` gives.

    Examples
    --------
    >>> from ..core import kernels
    >>> keys, nodes = kernels().build_trie(np.array([0x7535, 0x7F51], np.uint32), np.array([0]), np.array([2]))
    >>> lattice = Lattice(keys, np.array([-np.inf, -np.inf, -1.5]), -4.0)
    >>> for path in best_paths(lattice, np.array([0x7535, 0x7F51, 0x7535], np.uint32), 5):
    ...     print(path)
    Segmentation(sizes=(2, 1), scores=(-1.5, -4.0), score=-5.5)
    Segmentation(sizes=(1, 1, 1), scores=(-4.0, -4.0, -4.0), score=-12.0)

    Notes
    -----
    Words are those of `nlp_zero.core.python.viterbi`, chains of numbers and Latin words included, and so is the order:
    higher sum, then fewer words, then the longer first word, then the longer second one and so on. Two segmentations
    differ in where they cut; of several readings of a word, as such or as its class, the best one counts. Dynamic
    programming from the end of the run to its beginning: time O(n L k log k) and memory O(n (L + k)) for the longest
    word L that matches and k paths.
    """
    rows = word_edges(
        symbols,
        len(symbols) - np.arange(len(symbols)),
        lattice.keys,
        lattice.scores,
        lattice.unknown,
        lattice.general,
        lattice.longest,
        lattice.unseen,
    )
    if len(bonus):
        rows = with_bonus(rows, bonus)
    best, steps = _decided(rows, len(symbols), paths)
    return [
        Segmentation(*_followed(rows, steps, len(symbols), paths, rank), 0.0 - cost)  # and no -0.0
        for rank, (cost, _) in enumerate(best)
    ]


def _decided(rows: dict[int, Floats], n: int, k: int) -> tuple[list[tuple[float, int]], array[int]]:
    """The k best ways from each position to the end.

    Parameters
    ----------
    rows
        The words: by length, the score at each position, -inf where there is none.
    n
        How many positions.
    k
        How many ways.

    Returns
    -------
    best
        The negative sum and the number of words of each way from the beginning, the best first.
    steps
        At ``i * k + rank``, the first word of that way from position i, and the rank of the rest:
        ``size * k + rank``.
    """
    reach = max(rows)
    ways = {n: [(0.0, 0)]}  # of the positions that a word can still lead to
    steps = array("q", bytes(8 * n * k))
    for i in range(n - 1, -1, -1):
        chosen = nsmallest(k, _ways(rows, ways, i))
        ways[i] = [(cost, words) for cost, words, _, _ in chosen]
        for place, (_, _, size, rank) in enumerate(chosen, i * k):
            steps[place] = -size * k + rank
        ways.pop(i + reach, None)
    return ways[0], steps


def _ways(
    rows: dict[int, Floats], ways: dict[int, list[tuple[float, int]]], i: int
) -> Iterator[tuple[float, int, int, int]]:
    """Everything that can follow from position i: negative sum, number of words, negative size, rank of the rest."""
    for size, row in rows.items():
        score = float(row[i])
        if score > -np.inf:
            for rank, (cost, words) in enumerate(ways[i + size]):
                yield cost - score, words + 1, -size, rank


def _followed(
    rows: dict[int, Floats], steps: array[int], n: int, k: int, rank: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Sizes and scores of the words of one way from the beginning."""
    sizes, scores, i = [], [], 0
    while i < n:
        size, rank = divmod(steps[i * k + rank], k)
        sizes.append(size)
        scores.append(float(rows[size][i]))
        i += size
    return tuple(sizes), tuple(scores)


def runs(symbols: Symbols) -> Iterator[tuple[int, int]]:
    """Where each run of a text begins and ends.

    Examples
    --------
    >>> list(runs(np.array([0x7535, 0x7F51, 0, 1, 0x7535], np.uint32)))
    [(0, 2), (4, 5)]
    """
    inside = np.concatenate(([False], symbols >= FIRST_SYMBOL, [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1]).tolist()
    yield from zip(edges[::2], edges[1::2])
