"""What n-grams say of strings that they begin or end with: the kernels in numpy. See `nlp_zero.core.python`."""

from __future__ import annotations

import numpy as np

from .symbols import SYMBOL_BITS, SYMBOL_LIMIT, Integers, Keys, Neighbours
from .tables import compiled_children
from .tries import find_children

__all__ = ["neighbour_counts", "nodes_beside"]

_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64(SYMBOL_LIMIT - 1)


def nodes_beside(
    ngrams: Keys, are_pairs: bool, keys: Keys, trie: Keys, itself: Integers, rest: Integers
) -> tuple[Integers, Integers, Integers]:
    """Which strings n-grams are, which they are without their last symbol, and which without their first.

    Parameters
    ----------
    ngrams
        The keys of some n-grams of one length, two symbols or more, in their order; shape (m,).
    are_pairs
        Whether it is two symbols: the root is what is left of a symbol without the first one.
    keys
        The strings, as a trie.
    trie
        The same, compiled; it may end earlier.
    itself, rest
        The nodes of the strings that parents of the n-grams are, and are without their first symbol, 0 for none; by
        node of the n-grams' own trie, as far as they are parents, the root first.

    Returns
    -------
    own, after, rests : shape (m,)
        Nodes of strings, 0 for none. `own` is looked up in the trie itself, `rests` in the compiled one.

    Raises
    ------
    ValueError
        If a parent lies outside of these.
    """
    parents, symbols = (ngrams >> _BITS).astype(np.int64), (ngrams & _MASK).astype(np.uint32)
    if int(parents.max(initial=0)) >= len(itself):
        raise ValueError("a parent lies outside the nodes")
    after, before = itself[parents], rest[parents]
    own, rests = np.zeros((2, len(ngrams)), dtype=np.int64)
    some = np.flatnonzero(after > 0)
    own[some] = find_children(keys, after[some], symbols[some])
    some = np.arange(len(ngrams)) if are_pairs else np.flatnonzero(before > 0)
    rests[some] = compiled_children(trie, before[some], symbols[some])
    return own, after, rests


def neighbour_counts(
    keys: Keys, counts: Integers, first: int, length: int, after: Integers, rests: Integers, itself: Integers,
    by_node: Integers, by_symbol: Integers, trie: Keys,
) -> Neighbours:  # fmt: skip
    """How often what stands beside strings does so there, and elsewhere.

    Parameters
    ----------
    keys, counts
        N-grams as a trie, and how often each occurs.
    first
        From which place on those are looked at that say something: m of one length.
    length
        How many symbols they have, three or more.
    after, rests, itself
        What `nodes_beside` says of them, and of all that are parents.
    by_node
        How often each string occurs, the root first.
    by_symbol
        How often each symbol does; 0 for those that are no strings. The last one stands for all that follow, too.
    trie
        The strings, compiled, as far as they have one symbol or two; it may hold longer ones.

    Returns
    -------
    Neighbours
        A row for each n-gram that begins with a string, in their order, then one for each that ends with one.
    """

    def counts_of(symbols: Integers) -> Integers:
        """How often each symbol occurs."""
        return by_symbol[np.minimum(symbols, len(by_symbol) - 1)]

    own, seen = keys[first : first + len(after)], counts[first : first + len(after)]
    parents, last = (own >> _BITS).astype(np.int64), (own & _MASK).astype(np.int64)
    # what stands after a string is the last symbol of the n-gram; their pair is the end of the n-gram
    some = np.flatnonzero(after > 0)
    end, next_ = (keys[parents[some] - 1] & _MASK).astype(np.int64), last[some]
    if length == 3:
        both = rests[some]
    else:
        nodes = compiled_children(trie, np.zeros(len(some), dtype=np.int64), end.astype(np.uint32))
        both = np.where(nodes > 0, compiled_children(trie, nodes, next_.astype(np.uint32)), 0)
    rows_after = after[some], seen[some], counts_of(end), by_node[both], counts_of(next_)
    # what stands before a string is the first one; their pair is what the n-gram begins with
    some_before = np.flatnonzero(rests > 0)
    pair = parents[some_before]
    for _ in range(length - 3):
        pair = (keys[pair - 1] >> _BITS).astype(np.int64)
    pair_keys = keys[pair - 1]
    before = (keys[(pair_keys >> _BITS).astype(np.int64) - 1] & _MASK).astype(np.int64)
    around = counts_of((pair_keys & _MASK).astype(np.int64))
    rows_before = rests[some_before], seen[some_before], around, by_node[itself[pair]], counts_of(before)
    strings, seen, around, together, neighbours = map(np.concatenate, zip(rows_after, rows_before))
    counted = (
        *(seen, np.maximum(around - by_node[strings], 0)),
        *(np.maximum(together - seen, 0), np.maximum(neighbours, seen)),
    )
    return Neighbours(len(some), strings, *(column.astype(np.float64) for column in counted))
