"""Tries as hash tables, and what walks along them: the form of a trie that the numpy core compiles.

See `nlp_zero.core.python`; the C core has one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from .symbols import BREAK, FIRST_SYMBOL, SYMBOL_BITS, SYMBOL_LIMIT, Integers, Keys, Symbols
from .tries import BLOCK, find_children

__all__ = ["compile_trie", "compiled_children", "keys_of_compiled", "occurring"]


def compile_trie(keys: Keys) -> Keys:
    """Make the form of a trie that the kernels below walk: a hash table.

    Returns
    -------
    trie
        How many keys, and the bits by which hashes are shifted; the keys, after one that is none; then, two in each
        cell, the node at each place of the table, 0 where there is none. Empty if there are no keys.

    Notes
    -----
    A node is at the place of its key's hash, or at the first free one that follows. Time O(n log n), memory O(n).
    """
    if not len(keys):
        return np.zeros(0, dtype=np.uint64)
    bits = len(keys).bit_length() + 1  # 2 to 4 places a key
    shift, place_bits = np.uint64(64 - bits), np.uint64(bits - 1)
    rank = np.arange(len(keys), dtype=np.uint64)
    ordered = keys * _HASH >> shift << place_bits | rank
    ordered.sort()
    places = np.maximum.accumulate((ordered >> place_bits).view(np.int64) - rank.view(np.int64)) + rank.view(np.int64)
    table = np.zeros(max(1 << bits, (int(places[-1]) + 3) // 2 * 2), dtype=np.uint32)  # what follows the last is free
    table[places] = (ordered & (np.uint64(1) << place_bits) - np.uint64(1)) + np.uint64(1)
    return np.concatenate((np.array([len(keys), shift, _NO_KEY], dtype=np.uint64), keys, table.view(np.uint64)))


_HASH: Final = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 divided by the golden ratio
_FEW: Final = 256  # so few keys are sooner found by binary search, which takes fewer calls
_NO_KEY: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


def compiled_children(trie: Keys, nodes: Integers, symbols: Symbols | Keys) -> Integers:
    """Find the child of each node by its symbol in a compiled trie: for what is asked for in no order.

    Parameters
    ----------
    trie
        As `compile_trie` makes it.
    nodes, symbols
        Nodes of the trie, and symbols below `SYMBOL_LIMIT`; shape (m,).

    Returns
    -------
    nodes : shape (m,)
        0 where there is no such child.
    """
    if not len(trie):
        return np.zeros(len(nodes), dtype=np.int64)
    if len(nodes) < _FEW:
        return find_children(keys_of_compiled(trie), nodes, symbols)
    if not nodes[0] and not nodes.any():
        return _first_nodes(keys_of_compiled(trie), symbols)
    known = int(trie[0])
    keys, table = trie[2 : known + 3], trie[known + 3 :].view(np.uint32)
    wanted = nodes.view(np.uint64) << np.uint64(SYMBOL_BITS)
    wanted |= symbols
    places = (wanted * _HASH >> trie[1]).view(np.int64)
    found: Integers = table.take(places).astype(np.int64)
    open_ = np.flatnonzero((keys.take(found) != wanted) & (found > 0))
    while len(open_):  # other keys are there
        places[open_] += 1
        found[open_] = table.take(places[open_])
        open_ = open_[(keys.take(found[open_]) != wanted[open_]) & (found[open_] > 0)]
    return found


def _first_nodes(keys: Keys, symbols: Symbols | Keys) -> Integers:
    """Find the child of the root by each symbol, by a table of all symbols."""
    singles = keys[: keys.searchsorted(np.uint64(SYMBOL_LIMIT))].view(np.int64)
    node_of = np.zeros(int(singles[-1]) + 2, dtype=np.int64)  # the last one stands for all that follow
    node_of[singles] = np.arange(1, len(singles) + 1)
    return node_of.take(symbols.astype(np.int64), mode="clip")


def occurring(symbols: Symbols, trie: Keys) -> Iterator[list[tuple[int, Integers, Integers]]]:
    """Where the strings of a compiled trie stand in runs: for one block of places after the other, by size.

    Yields
    ------
    list of (size, places, nodes)
        By rising size from 1 on, each with rising places.
    """
    if not len(symbols) or symbols[-1] >= FIRST_SYMBOL:
        symbols = np.append(symbols, np.uint32(BREAK))
    for first in range(0, len(symbols), BLOCK):
        at = np.arange(first, min(first + BLOCK, len(symbols)))
        symbol = symbols[first : first + BLOCK]
        nodes, size = compiled_children(trie, np.zeros(len(at), dtype=np.int64), symbol), 0
        found: list[tuple[int, Integers, Integers]] = []
        while len(at):
            some = np.flatnonzero((nodes > 0) & (symbol >= FIRST_SYMBOL))
            at, nodes, size = at.take(some), nodes.take(some), size + 1
            found.append((size, at, nodes))
            symbol = symbols.take(at + size)
            nodes = compiled_children(trie, nodes, symbol)
        yield found


def keys_of_compiled(trie: Keys) -> Keys:
    """The keys of a compiled trie."""
    return trie[3 : int(trie[0]) + 3] if len(trie) else trie
