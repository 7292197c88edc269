"""Symbols as tries: the kernels in numpy that make and change them. See `nlp_zero.core.python`."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from .symbols import (
    FIRST_SYMBOL,
    SYMBOL_BITS,
    SYMBOL_LIMIT,
    Integers,
    Keys,
    Symbols,
)

__all__ = [
    "BLOCK",
    "add_at",
    "build_trie",
    "changes",
    "find_children",
    "in_step",
    "level_bounds",
    "merge_tries",
    "room_of",
    "runs_of",
    "suffixes",
]

BLOCK: Final = 1 << 16  # symbols looked at in one go: their arrays fit into the caches, and their memory is used again
_MANY: Final = 10_000  # so many symbols are ranked by a table of all that there may be


def build_trie(symbols: Symbols, starts: Integers, lengths: Integers) -> tuple[Keys, Integers]:
    """Build the trie of pieces of a symbol array.

    Parameters
    ----------
    symbols
        Shape (n,).
    starts, lengths
        Where each piece begins, and how many symbols it has; shape (m,).

    Returns
    -------
    keys
        The trie.
    nodes : shape (m,)
        The node at which each piece ends.

    Notes
    -----
    Time O(t log t), t the sum of the lengths.
    """
    used, ranks = _ranked(symbols)
    bits = len(used).bit_length()
    nodes = np.zeros(len(starts), dtype=np.int64)
    levels: list[Keys] = []
    above, first = 0, 1  # the first node of the level above, and of this one
    alive = np.flatnonzero(lengths > 0)
    at, left, parents = starts[alive], lengths[alive], np.zeros(len(alive), dtype=np.int64)
    while len(alive):
        pairs = (parents << bits) + ranks.take(at)
        level, which = _distinct(pairs.view(np.uint64), (first - above).bit_length() + bits)
        nodes[alive] = first + which
        levels.append(_keys_of((level >> np.uint64(bits)).view(np.int64) + above, used, level, bits))
        above, first = first, first + len(level)
        longer = left > 1
        alive, at, left, parents = alive[longer], at[longer] + 1, left[longer] - 1, which[longer]
    return np.concatenate(levels) if levels else np.zeros(0, dtype=np.uint64), nodes


def _ranked(symbols: Symbols) -> tuple[Symbols, Integers]:
    """The different symbols, sorted, and the place among them of each one."""
    if len(symbols) < _MANY:
        few, ranks = np.unique(symbols, return_inverse=True)
        return few, ranks.reshape(-1)
    seen = np.zeros(int(symbols.max()) + 1, dtype=bool)
    seen[symbols] = True
    used = np.flatnonzero(seen)
    rank_of = np.zeros(len(seen), dtype=np.int64)  # most of it is never touched
    rank_of[used] = np.arange(len(used))
    return used.astype(np.uint32), rank_of.take(symbols)


def _distinct(values: Keys, bits: int) -> tuple[Keys, Integers]:
    """The different values, sorted, and the place among them of each one; none has more than so many bits."""
    if 1 << bits <= 2 * len(values):
        seen = np.zeros(1 << bits, dtype=bool)
        seen[values.view(np.int64)] = True
        return np.flatnonzero(seen).astype(np.uint64), (np.cumsum(seen) - 1).take(values.view(np.int64))
    place_bits = np.uint64(len(values).bit_length())
    if bits + int(place_bits) > 64:
        distinct, which = np.unique(values, return_inverse=True)
        return distinct, which.reshape(-1)
    # sorting numbers is several times quicker than finding the order of others
    ordered = values << place_bits | np.arange(len(values), dtype=np.uint64)
    ordered.sort()
    places = (ordered & (np.uint64(1) << place_bits) - np.uint64(1)).view(np.int64)
    ordered >>= place_bits
    new = changes(ordered)
    which = np.empty(len(values), dtype=np.int64)
    which[places] = np.cumsum(new) - 1
    return ordered[new], which


def changes(ordered: Keys | Integers) -> npt.NDArray[np.bool_]:
    """1 where another value begins."""
    different = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=different[1:])
    return different


def _keys_of(parents: Integers, used: Symbols, ranks: Keys, bits: int) -> Keys:
    """Keys of a trie, of parents and symbols; the lowest bits of `ranks` say which of the used ones."""
    ranks = ranks & np.uint64((1 << bits) - 1)
    return parents.astype(np.uint64) << np.uint64(SYMBOL_BITS) | used.take(ranks.view(np.int64))


def level_bounds(keys: Keys) -> list[int]:
    """Where each level of a trie begins in `keys`, and ``len(keys)`` at the end."""
    bounds = [0]
    while bounds[-1] < len(keys):  # a level's parents are the nodes of the level above, and those end at its bound
        bounds.append(int(keys.searchsorted(np.uint64(bounds[-1] + 1 << SYMBOL_BITS))))
        if bounds[-1] == bounds[-2]:
            raise ValueError("keys: expected a trie, found parents that are no nodes")
    return bounds


def room_of(symbols: Symbols) -> Integers:
    """How many symbols of its run are left at each position; 0 where there is no run."""
    ends = np.append(np.flatnonzero(symbols < FIRST_SYMBOL), len(symbols))
    following = np.repeat(ends, np.diff(ends, prepend=-1))[: len(symbols)]
    return following - np.arange(len(symbols))


def runs_of(room: Integers) -> tuple[Integers, Integers]:
    """Where each run begins, and its size, the longest first; from what `room_of` returns."""
    starts = np.flatnonzero((room > 0) & (np.append(0, room[:-1]) == 0))
    starts = starts[np.argsort(-room[starts], kind="stable")]
    return starts, room[starts]


def in_step(ends: Integers, sizes: Integers) -> tuple[Integers, Integers]:
    """The places of runs in the order in which all of them are gone through together, from their ends backwards.

    Parameters
    ----------
    ends, sizes
        Where each run ends, and how many places it has; the longest first.

    Returns
    -------
    places
        The ends of all runs; of the runs of at least one place the places one before, in the same order; and so on.
    bounds
        Where each of these groups begins in `places`, and its length at the end.
    """
    left = np.searchsorted(-sizes, -np.arange(int(sizes.max(initial=0)) + 1), side="right")
    bounds = np.append(0, np.cumsum(left))
    rank = np.arange(bounds[-1]) - np.repeat(bounds[:-1], left)
    return ends[rank] - np.repeat(np.arange(len(left)), left), bounds


def merge_tries(keys_a: Keys, counts_a: Integers, keys_b: Keys, counts_b: Integers) -> tuple[Keys, Integers]:
    """Merge two tries and add the counts of the strings that are in both.

    Parameters
    ----------
    keys_a, keys_b
        The tries.
    counts_a, counts_b
        Count of the string of node ``i + 1``.

    Returns
    -------
    keys, counts
        The trie of all strings, and their counts.

    Notes
    -----
    Level by level: the parents of a level are numbered anew, in the same order, so the keys stay sorted. Time O(n).
    """
    bits, mask = np.uint64(SYMBOL_BITS), np.uint64(SYMBOL_LIMIT - 1)
    tries = [(keys, counts, level_bounds(keys)) for keys, counts in ((keys_a, counts_a), (keys_b, counts_b))]
    places = [np.zeros(len(keys) + 1, dtype=np.int64) for keys, _, _ in tries]  # new number of each old node
    levels: list[Keys] = []
    sums: list[Integers] = []
    known = 0
    for level in range(max(len(bounds) - 1 for _, _, bounds in tries)):
        inside = [
            slice(*bounds[level : level + 2]) if level + 1 < len(bounds) else slice(0, 0) for _, _, bounds in tries
        ]
        parts = [
            place[(keys[here] >> bits).astype(np.int64)].astype(np.uint64) << bits | keys[here] & mask
            for (keys, _, _), here, place in zip(tries, inside, places)
        ]
        both = np.concatenate(parts)
        both.sort()
        union = both[changes(both)]
        total = np.zeros(len(union), dtype=np.int64)
        for (_, counts, _), here, place, part in zip(tries, inside, places, parts):
            at = np.searchsorted(union, part)
            total[at] += counts[here]
            place[here.start + 1 : here.start + 1 + len(at)] = at + known + 1 if len(at) else at
        levels.append(union)
        sums.append(total)
        known += len(union)
    if not levels:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    return np.concatenate(levels), np.concatenate(sums)


def find_children(keys: Keys, nodes: Integers, symbols: Symbols | Keys) -> Integers:
    """Find the child of each node by its symbol; 0 where there is none."""
    if not len(keys):
        return np.zeros(len(nodes), dtype=np.int64)
    wanted = nodes.astype(np.uint64) << np.uint64(SYMBOL_BITS) | symbols
    at = keys.searchsorted(wanted)
    found: Integers = (at + 1) * (keys.take(at, mode="clip") == wanted)
    return found


def add_at(sums: Integers, nodes: Integers, amounts: Integers) -> None:
    """Add amounts to the sums of nodes.

    Parameters
    ----------
    sums
        What is added to, by node, the root first; contiguous, shape (n + 1,).
    nodes, amounts
        Which nodes, some perhaps more than once, and how much for each; shape (m,).

    Raises
    ------
    TypeError
        If sums are no int64.
    ValueError
        If there is no such node; what was added before it stays.
    """
    if sums.dtype != np.int64:
        raise TypeError(f"sums: expected int64, found {sums.dtype}")
    if len(nodes) and (int(nodes.min()) < 0 or int(nodes.max()) >= len(sums)):
        outside = np.flatnonzero((nodes < 0) | (nodes >= len(sums)))
        np.add.at(sums, nodes[: outside[0]], amounts[: outside[0]])
        raise ValueError("a node lies outside the sums")
    np.add.at(sums, nodes, amounts)


def suffixes(keys: Keys, longest: int) -> Integers:
    """The node of each node's string without its first symbol.

    Parameters
    ----------
    keys
        A trie that holds the suffixes of its strings.
    longest
        Strings of more symbols are not looked up.

    Returns
    -------
    nodes : shape (len(keys) + 1,)
        By node, the root first; 0 for single symbols, and where the suffix is not there or was not looked up.
    """
    found = np.zeros(len(keys) + 1, dtype=np.int64)
    bounds = level_bounds(keys)
    for first, end in list(zip(bounds[1:], bounds[2:]))[: max(longest - 1, 0)]:
        level = keys[first:end]
        shorter = found[(level >> np.uint64(SYMBOL_BITS)).astype(np.int64)]
        nodes = find_children(keys, shorter, (level & np.uint64(SYMBOL_LIMIT - 1)).astype(np.uint32))
        # the root stands for the suffix of a single symbol; further down, for one that is not there
        found[first + 1 : end + 1] = nodes if first == bounds[1] else np.where(shorter > 0, nodes, 0)
    return found
