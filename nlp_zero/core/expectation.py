"""How often strings are expected to be words: the kernels of expectation maximisation in numpy.

See `nlp_zero.core.python`. Which words stand in a text is looked up apart from how probable they are, as that changes
from round to round, and of what stands there words are only taken away.

Every sum and product is taken in the one order that the docstring gives, so that both cores agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from .symbols import FIRST_SYMBOL, Edges, Flags, Floats, Integers, Keys, Symbols, places_of
from .tables import occurring
from .tries import BLOCK, in_step, room_of, runs_of

__all__ = ["PARTS", "edges_of", "expected_counts", "kept_edges", "word_shares"]

PARTS: Final = 1 << 24  # expected counts are multiples of 1 / PARTS
_FEW: Final = 8  # so few runs are quicker one by one
_PIECE: Final = 1 << 18  # edges
_LONGEST_EDGE: Final = 0xFF  # symbols


class _Words(NamedTuple):
    """The words of one length in the order of `in_step`: weights, 0 where there is none, and which steps have any.

    And those that are nodes: where they are, and their nodes.
    """

    weights: Floats
    some: list[bool]
    at: Integers
    nodes: Integers


def edges_of(symbols: Symbols, trie: Keys, words: Flags) -> Edges:
    """The words that stand in a text, place by place.

    Parameters
    ----------
    symbols
        Shape (n,).
    trie
        The compiled trie of words.
    words
        1 for each node that is a word; shape (nodes,), the root first. Single symbols may be words in any case.

    Returns
    -------
    edges
        All words of up to 255 symbols.
    """
    nodes, sizes = [np.zeros(0, dtype=np.uint32)], [np.zeros(0, dtype=np.uint8)]
    inside = np.append(symbols >= FIRST_SYMBOL, False)
    for first, found in zip(range(0, len(symbols), BLOCK), occurring(symbols, trie)):
        own = inside[first : first + BLOCK][: len(symbols) - first]
        singles = np.zeros(len(own), dtype=np.int64)
        longer = []
        for size, at, begun in found:
            if size == 1:
                singles[at - first] = begun
            elif size <= _LONGEST_EDGE:
                some = places_of(words[begun])
                longer.append((at[some] - first, size, begun[some]))
        ends = np.flatnonzero(own & ~inside[first + 1 : first + 1 + len(own)])
        places = np.flatnonzero(own)
        rows = [(places, 1, singles[places]), *longer, (ends, 0, np.zeros(len(ends), dtype=np.int64))]
        order = np.argsort(np.concatenate([row[0] for row in rows]), kind="stable")
        nodes.append(np.concatenate([row[2] for row in rows])[order].astype(np.uint32))
        sizes.append(np.repeat([row[1] for row in rows], [len(row[0]) for row in rows])[order].astype(np.uint8))
    return Edges(np.concatenate(nodes), np.concatenate(sizes))


def kept_edges(edges: Edges, numbers: Symbols) -> Edges:
    """Edges of nodes that have other numbers now, without those of nodes that are no words any more.

    Parameters
    ----------
    edges
        The edges of a text, as `edges_of` found them; what is none is not noticed here.
    numbers
        The new number of each node, the root, which stays 0, first; 0 for what is no word any more.
    """
    nodes = numbers[edges.nodes]
    kept = (nodes > 0) | (edges.sizes < 2)
    return Edges(nodes[kept], edges.sizes[kept])


def expected_counts(edges: Edges, weights: Floats, unknown: float, counts: Integers) -> None:
    """Add up how often each string is a word, over all segmentations of every run.

    Parameters
    ----------
    edges
        The words that stand in the text, as `edges_of` or `kept_edges` gives them; what is none is not noticed here.
    weights
        Weight of the word that ends at each node; shape (nodes,), the root first. A segmentation is as probable as the
        product of the weights of its words, compared with all others of its run.
    unknown
        The least weight of a single symbol, word or not; greater than 0.
    counts
        Expected counts of the words by node, in multiples of 1 / 2 ** 24, shape (nodes,): what is found is added.

    Notes
    -----
    Forward-backward, scaled at each step. With v the weight of the word of k symbols at i, and backwards through a run

        turn[i] = 1 / Σ_k v(i, k) · turn[i + 1] · ... · turn[i + k - 1],

    the probability that a segmentation which has a word begin at i goes on with that of k symbols is v(i, k) · turn[i]
    · ... · turn[i + k - 1], and forward through the run these are summed to the probability that a word begins at a
    place. Sums go by rising k, then by rising i; products from left to right. Expected counts are rounded, word by
    word, to whole numbers, so they are the same in whatever order parts of a text are added. Time O(n L), L the longest
    match. Products of weights must stay inside the range of float64 over two words of the greatest length.
    """
    if not counts.flags.writeable:
        raise TypeError("counts: expected an array that can be written to")
    for part in _pieces(edges):
        heads = part.sizes < 2  # one for each place, and one behind each run
        room = room_of(part.sizes[heads] * np.uint32(FIRST_SYMBOL))
        starts, sizes = runs_of(room)
        places, bounds = in_step(starts + sizes, sizes)
        index = np.zeros(len(room), dtype=np.int64)
        index[places] = np.arange(len(places))
        words = _words(part, index[np.cumsum(heads) - 1], len(places), bounds, weights, unknown)
        _, shares = _shares(bounds, words)
        for size, (_, _, at, nodes) in words.items():
            np.add.at(counts, nodes, np.floor(shares[size][at] * PARTS + 0.5).astype(np.int64))


def _pieces(edges: Edges) -> Iterator[Edges]:
    """Pieces of some thousands of edges, if runs are not longer, that end where runs do."""
    ends = np.flatnonzero(edges.sizes == 0) + 1
    first = 0
    while first < len(edges.sizes):
        last = int(ends[min(int(np.searchsorted(ends, first + _PIECE)), len(ends) - 1)])
        yield Edges(edges.nodes[first:last], edges.sizes[first:last])
        first = last


def word_shares(room: Integers, weights: dict[int, Floats]) -> tuple[Floats, dict[int, Floats]]:
    """How probable each place is to begin a word, and each word to be one; see `expected_counts`.

    Parameters
    ----------
    room
        How many symbols of its run are left at each position, 0 where there is no run; shape (n,).
    weights
        By length, in rising order: the weight of the word that begins at each position, 0 where there is none; shape
        (n,). Every position of a run has one of length 1.

    Returns
    -------
    reach : shape (n + longest,)
        The probability that a word begins there, or that a run ends.
    shares
        By length, the probability of each word; shape (n,).
    """
    n = len(room)
    starts, sizes = runs_of(room)
    places, bounds = in_step(starts + sizes, sizes)
    behind = slice(int(bounds[1]) if len(places) else 0, None)  # the ends are no places of words
    inside = places[behind]
    words = {}
    for size, row in weights.items():
        own = np.zeros(len(places))
        own[behind] = row[inside]
        words[size] = _Words(own, _steps_with(own, bounds), inside[:0], inside[:0])
    reached, found = _shares(bounds, words)
    reach, shares = np.zeros(n + max(weights)), {size: np.zeros(n) for size in weights}
    reach[places] = reached
    for size, row in shares.items():
        row[inside] = found[size][behind]
    return reach, shares


def _steps_with(weights: Floats, bounds: Integers) -> list[bool]:
    """Which steps have any word."""
    some: list[bool] = (np.maximum.reduceat(weights, bounds[:-1]) > 0).tolist() if len(weights) else [False]
    return some


def _words(
    edges: Edges, at: Integers, places: int, bounds: Integers, weights: Floats, unknown: float
) -> dict[int, _Words]:
    """The words that stand in the text, by length in rising order; `at` says where each edge begins."""
    words: dict[int, _Words] = {}
    for size in np.flatnonzero(np.bincount(edges.sizes)).tolist()[1:]:  # the first ones end runs
        some = np.flatnonzero(edges.sizes == size)
        own, found = np.zeros(places), weights.take(edges.nodes[some])
        own[at[some]] = np.maximum(found, unknown) if size == 1 else found
        if size == 1:
            some = some[edges.nodes[some] > 0]
        words[size] = _Words(own, _steps_with(own, bounds), at[some], edges.nodes[some].astype(np.int64))
    return words


def _shares(bounds: Integers, words: dict[int, _Words]) -> tuple[Floats, dict[int, Floats]]:
    """What `word_shares` returns, in the order of `in_step`."""
    left = np.diff(bounds)
    turn, reach = np.ones(int(bounds[-1])), np.zeros(int(bounds[-1]))
    shares = {size: np.zeros(len(turn)) for size in words}
    together = max(int(np.searchsorted(-left, -_FEW)), 1)  # further from their ends few runs are left
    firsts = bounds.tolist()
    for step in range(1, together):
        _turn(step, firsts, words, turn)
    sizes = np.searchsorted(-left, -np.arange(1, left[0] + 1), side="right") - 1 if len(left) else left
    reach[bounds[sizes] + np.arange(len(sizes))] = 1.0
    for run, size in enumerate(sizes[: left[together] if together < len(left) else 0].tolist()):
        _one_run(bounds[: size + 1] + run, together, words, turn, reach, shares)
    for step in range(min(together, len(left)) - 1, 0, -1):
        _share(step, firsts, words, turn, reach, shares)
    return reach, shares


def _turn(step: int, bounds: list[int], words: dict[int, _Words], turn: Floats) -> None:
    """Fill `turn` for one step of all runs."""
    here, left = slice(bounds[step], bounds[step + 1]), bounds[step + 1] - bounds[step]
    total, product, reached = words[1].weights[here], np.ones(1), 1
    for size, (weights, some, _, _) in words.items():
        if size > 1 and some[step]:
            for behind in range(reached, size):
                first = bounds[step - behind]
                product = product * turn[first : first + left]
            reached = size
            total = total + weights[here] * product
    np.divide(1, total, out=turn[here])


def _share(
    step: int, bounds: list[int], words: dict[int, _Words], turn: Floats, reach: Floats, shares: dict[int, Floats]
) -> None:
    """Fill `shares` for one step of all runs, and add them to what they reach."""
    here, left = slice(bounds[step], bounds[step + 1]), bounds[step + 1] - bounds[step]
    product, reached = turn[here], 1
    for size, (weights, some, _, _) in words.items():
        if some[step]:
            for behind in range(reached, size):
                first = bounds[step - behind]
                product = product * turn[first : first + left]
            reached = size
            share = np.multiply(reach[here] * weights[here], product, out=shares[size][here])
            first = bounds[step - size]
            reach[first : first + left] += share


def _one_run(
    at: Integers, done: int, words: dict[int, _Words], turn: Floats, reach: Floats, shares: dict[int, Floats]
) -> None:
    """Do the same for the first symbols of one run, up to where few runs are left.

    Parameters
    ----------
    at
        Where its places are, from its end to its beginning.
    done
        The first step that is to be done.
    """
    rows = [(size, row.weights[at].tolist(), [0.0] * len(at)) for size, row in words.items()]
    turns, reached = turn[at].tolist(), reach[at].tolist()
    for i in range(done, len(at)):
        total, product, behind = 0.0, 1.0, 1
        for size, row, _ in rows:
            if row[i] > 0:
                while behind < size:
                    product *= turns[i - behind]
                    behind += 1
                total += row[i] * product
        turns[i] = 1 / total
    for i in range(len(at) - 1, done - 1, -1):
        product, behind = turns[i], 1
        for size, row, share in rows:
            if row[i] > 0:
                while behind < size:
                    product *= turns[i - behind]
                    behind += 1
                share[i] = reached[i] * row[i] * product
                reached[i - size] += share[i]
    turn[at], reach[at] = turns, reached
    for size, _, share in rows:
        shares[size][at[done:]] = share[done:]
