"""How often strings are expected to be words: the forward-backward kernel in numpy. See `nlp_zero.core.python`.

Every sum and product is taken in the one order that the docstring gives, so that both cores agree to the last bit.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from .symbols import Floats, Integers, Keys, Symbols
from .tries import room_of, walk_on

__all__ = ["PARTS", "expected_counts", "word_shares"]

PARTS: Final = 1 << 24  # expected counts are multiples of 1 / PARTS
_FEW: Final = 8  # so few runs are quicker one by one


class _Edges(NamedTuple):
    """The words of one length: weight and node at each position, 0 where there is none; shape (n,)."""

    weights: Floats
    nodes: Integers


def expected_counts(symbols: Symbols, trie: Keys, weights: Floats, unknown: float, counts: Integers) -> None:
    """Add up how often each string is a word, over all segmentations of every run.

    Parameters
    ----------
    symbols
        Shape (n,).
    trie
        The compiled trie of words.
    weights
        Weight of the word that ends at each node, 0 if none does; shape (nodes,), the root first. A segmentation is as
        probable as the product of the weights of its words, compared with all others of its run.
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
    room = room_of(symbols)
    edges = _edges(symbols, room, trie, weights, unknown)
    _, shares = word_shares(room, {size: row.weights for size, row in edges.items()})
    for size, (_, nodes) in edges.items():
        some = np.flatnonzero(nodes)
        np.add.at(counts, nodes[some], np.floor(shares[size][some] * PARTS + 0.5).astype(np.int64))


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
    starts = np.flatnonzero((room > 0) & (np.append(0, room[:-1]) == 0))
    order = np.argsort(-room[starts], kind="stable")
    starts, sizes = starts[order], room[starts[order]]
    longest = max(weights)
    turn, reach = np.ones(n + longest), np.zeros(n + longest)
    left, done = len(starts), 0
    while left > _FEW:  # all runs in step, from their ends backwards
        done += 1
        left = int(np.searchsorted(-sizes, -done, side="right"))
        at = (starts + sizes)[:left] - done
        total, product = weights[1][at], np.ones(left)
        for k in range(2, longest + 1):
            product = product * turn[at + k - 1]
            if k in weights:
                total = total + weights[k][at] * product
        turn[at] = 1 / total
    few = [(start, size) for start, size in zip(starts[:left].tolist(), sizes[:left].tolist())]
    for start, size in few:
        _turns_of_run(start, size - min(done, size), weights, turn)
    shares = {k: np.zeros(n) for k in weights}
    reach[starts] = 1.0
    left, done = len(starts), 0
    while left > _FEW:  # and from their beginnings forward
        left = int(np.searchsorted(-sizes, -done, side="left"))
        at = starts[:left] + done
        here, product = reach[at], turn[at]
        for k in range(1, longest + 1):
            product = product * turn[at + k - 1] if k > 1 else product
            if k in weights:
                share = here * weights[k][at] * product
                shares[k][at] = share
                reach[at + k] += share
        done += 1
    for start, size in zip(starts[:left].tolist(), sizes[:left].tolist()):
        _shares_of_run(start + min(done, size), start + size, weights, turn, reach, shares)
    return reach, shares


def _edges(symbols: Symbols, room: Integers, keys: Keys, weights: Floats, unknown: float) -> dict[int, _Edges]:
    """The words that stand in the text, by length in rising order."""
    n = len(symbols)
    edges: dict[int, _Edges] = {1: _Edges(np.where(room > 0, unknown, 0.0), np.zeros(n, dtype=np.int64))}
    at, depth = np.flatnonzero(room), 0
    nodes = np.zeros(len(at), dtype=np.int64)
    while len(at):
        inside = room[at] > depth
        at, nodes = at[inside], nodes[inside]
        nodes = walk_on(keys, nodes, symbols[at + depth])
        at, nodes = at[nodes > 0], nodes[nodes > 0]
        depth += 1
        own = weights[nodes]
        if depth == 1:
            edges[1].weights[at] = np.maximum(own, unknown)
            edges[1].nodes[at] = nodes
        elif (own > 0).any():
            edges[depth] = _Edges(np.zeros(n), np.zeros(n, dtype=np.int64))
            edges[depth].weights[at], edges[depth].nodes[at] = own, np.where(own > 0, nodes, 0)
    return edges


def _turns_of_run(start: int, size: int, weights: dict[int, Floats], turn: Floats) -> None:
    """Fill `turn` for the first symbols of one run, the rest of which is done."""
    longest = max(weights)
    rows = [(k, row[start : start + size].tolist()) for k, row in weights.items()]
    turns = turn[start : start + size + longest].tolist()
    for i in range(size - 1, -1, -1):
        total, product, reached = 0.0, 1.0, 1
        for k, row in rows:
            if row[i] > 0:
                while reached < k:
                    product *= turns[i + reached]
                    reached += 1
                total += row[i] * product
        turns[i] = 1 / total
    turn[start : start + size] = turns[:size]


def _shares_of_run(
    first: int, end: int, weights: dict[int, Floats], turn: Floats, reach: Floats, shares: dict[int, Floats]
) -> None:
    """Fill `shares` from the place `first` to the end of one run, up to which all is done."""
    longest = max(weights)
    rows = [(k, row[first:end].tolist(), [0.0] * (end - first)) for k, row in weights.items()]
    turns, reached = turn[first : end + longest].tolist(), reach[first : end + longest].tolist()
    for i in range(end - first):
        product, depth = turns[i], 1
        for k, row, share in rows:
            if row[i] > 0:
                while depth < k:
                    product *= turns[i + depth]
                    depth += 1
                share[i] = reached[i] * row[i] * product
                reached[i + k] += share[i]
    for k, _, share in rows:
        shares[k][first:end] = share
    reach[first : end + 1] = reached[: end - first + 1]
