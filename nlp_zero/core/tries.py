"""Symbols as tries: the kernels in numpy that make and change them. See `nlp_zero.core.python`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from .symbols import (
    BREAK,
    FIRST_SYMBOL,
    SYMBOL_BITS,
    SYMBOL_LIMIT,
    Integers,
    Keys,
    Symbols,
)

__all__ = [
    "BLOCK",
    "build_trie",
    "compile_trie",
    "count_ngrams",
    "find_children",
    "in_step",
    "keys_of_compiled",
    "level_bounds",
    "merge_tries",
    "occurring",
    "room_of",
    "runs_of",
    "suffixes",
    "walk_on",
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
    new = _changes(ordered)
    which = np.empty(len(values), dtype=np.int64)
    which[places] = np.cumsum(new) - 1
    return ordered[new], which


def _changes(ordered: Keys) -> npt.NDArray[np.bool_]:
    """1 where another value begins."""
    changes = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return changes


def _keys_of(parents: Integers, used: Symbols, ranks: Keys, bits: int) -> Keys:
    """Keys of a trie, of parents and symbols; the lowest bits of `ranks` say which of the used ones."""
    ranks = ranks & np.uint64((1 << bits) - 1)
    return parents.astype(np.uint64) << np.uint64(SYMBOL_BITS) | used.take(ranks.view(np.int64))


def count_ngrams(symbols: Symbols, order: int) -> tuple[Keys, Integers]:
    """Count all n-grams of 1 to `order` symbols inside the runs.

    Returns
    -------
    keys
        The trie of all n-grams.
    counts : shape (len(keys),)
        How often the n-gram of node ``i + 1`` occurs.
    """
    parts = ngram_parts(symbols, order, FIRST_SYMBOL, SYMBOL_LIMIT, max(len(symbols), 1))
    return parts[0] if parts else (np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))


def ngram_parts(symbols: Symbols, order: int, first: int, end: int, most: int) -> list[tuple[Keys, Integers]]:
    """Count the n-grams of 1 to `order` symbols that begin with a symbol from `first` on and before `end`, in parts.

    Parameters
    ----------
    symbols
        Shape (n,).
    order
        The greatest length.
    first, end
        The symbols.
    most
        N-grams of so many places are in one part at most, unless one symbol begins more of them.

    Returns
    -------
    parts
        For one or more neighbouring first symbols each, as many as make no more than `most`, the keys and counts of a
        trie, as `count_ngrams` returns them.
    """
    seen = np.zeros(int(symbols.max(initial=0)) + 1, dtype=bool)
    seen[symbols] = True
    seen[:FIRST_SYMBOL] = False
    used = np.flatnonzero(seen)
    bits = len(used).bit_length()
    if bits * order > 64:
        return _parts_by_level(symbols, order, first, end, most)
    lowest, limit = (np.searchsorted(used, [first, end]) + 1).tolist()
    if lowest >= limit:
        return []
    number_of = np.zeros(len(seen), dtype=np.uint64)  # 0 for all that ends a run
    number_of[used] = np.arange(1, len(used) + 1)
    shift = bits * (order - 1)
    wanted = None if limit - lowest == len(used) else (np.uint64(lowest << shift), np.uint64((limit << shift) - 1))
    ngrams = _sorted_ngrams(symbols, number_of, order, bits, wanted)
    bounds = np.searchsorted(ngrams, np.arange(1, len(used) + 1, dtype=np.uint64) << np.uint64(shift))
    symbol_of = np.append(0, used).astype(np.uint32)
    cuts = [0, *(cut for _, cut in _divided(np.diff(bounds, append=len(ngrams)), most))]
    return [_read_off(ngrams[i:j], order, bits, symbol_of) for i, j in zip(cuts, cuts[1:])]


def _divided(sizes: Integers, most: int) -> list[tuple[int, int]]:
    """The last one of each group of neighbours that together are no more than `most`, and the sum up to there."""
    groups: list[tuple[int, int]] = []
    total = begun = 0
    for place, size in enumerate(sizes.tolist()):
        if total > begun and size and total + size - begun > most:
            groups.append((place - 1, total))
            begun = total
        total += size
    return [*groups, (len(sizes) - 1, total)] if total > begun else groups


def _sorted_ngrams(
    symbols: Symbols, number_of: Keys, order: int, bits: int, wanted: tuple[np.uint64, np.uint64] | None
) -> Keys:
    """What begins at each place of runs as one number: the numbers of `order` symbols, 0 after the end of the run.

    Only those from the first one wanted to the second, unless all are.
    """
    ngrams = np.empty(len(symbols), dtype=np.uint64)
    known = 0
    for first in range(0, len(symbols), BLOCK):
        block = _packed(number_of.take(symbols[first : first + BLOCK + order - 1]), order, bits, BLOCK)
        if wanted is not None:
            block = block[(block >= wanted[0]) & (block <= wanted[1])]
        ngrams[known : known + len(block)] = block
        known += len(block)
    ngrams = ngrams[:known]
    ngrams.sort()
    return ngrams


def _packed(numbers: Keys, order: int, bits: int, most: int) -> Keys:
    """The n-grams that begin at the first places: the numbers of `order` symbols as one, 0 after the end of the run."""
    numbers = np.append(numbers, np.zeros(order - 1, dtype=np.uint64))  # what is behind the first ones may be missing
    ngrams = numbers
    for size in range(1, order):
        longer = numbers[: len(ngrams) - 1] << np.uint64(bits * size)
        longer |= ngrams[1:]
        longer *= numbers[: len(longer)] > 0
        ngrams = longer
    ngrams = ngrams[:most]
    return ngrams[numbers[: len(ngrams)] > 0]


def _read_off(ngrams: Keys, order: int, bits: int, used: Symbols) -> tuple[Keys, Integers]:
    """The trie of sorted n-grams, each the numbers of its symbols, 0 after its end; and how often each one begins."""
    total, mask = len(ngrams), np.uint64((1 << bits) - 1)
    bounds = np.flatnonzero(_changes(ngrams))
    distinct = ngrams[bounds]
    del ngrams  # memory that was never touched is dear, so what is done with is used again
    levels, repeats = [], bounds[:0]  # the longest first
    for size in range(order, 0, -1):
        last = distinct & mask
        whole = last > 0  # others have ended before
        levels.append((used.take(last[whole].view(np.int64)), np.diff(bounds, append=total)[whole], whole, repeats))
        if size > 1:
            distinct >>= np.uint64(bits)
            firsts = np.flatnonzero(_changes(distinct))
            repeats = np.diff(firsts, append=len(distinct))
            distinct, bounds = distinct[firsts], bounds[firsts]
    keys, counts, known = [], [], 0
    parents = np.zeros(len(distinct), dtype=np.uint64)
    while levels:
        symbols, number, whole, repeats = levels.pop()
        keys.append(parents[whole] << np.uint64(SYMBOL_BITS) | symbols)
        counts.append(number)
        if levels:
            parents = np.repeat((np.cumsum(whole) + known).view(np.uint64), repeats)
            known += len(symbols)
    return np.concatenate(keys), np.concatenate(counts)


def _parts_by_level(symbols: Symbols, order: int, first: int, end: int, most: int) -> list[tuple[Keys, Integers]]:
    """What `ngram_parts` returns, for n-grams that do not fit into 64 bits."""
    room = room_of(symbols)
    starts = np.flatnonzero((room > 0) & (symbols >= first) & (symbols < end))
    used, sizes = np.unique(symbols[starts], return_counts=True)
    parts, before = [], -1
    for last, _ in _divided(sizes, most):
        some = starts[(symbols[starts] > before) & (symbols[starts] <= used[last])]
        parts.append(_counted_by_level(symbols, some, np.minimum(room[some], order)))
        before = int(used[last])
    return parts


def _counted_by_level(symbols: Symbols, starts: Integers, sizes: Integers) -> tuple[Keys, Integers]:
    """The trie of all that some strings begin with, and how often."""
    keys, nodes = build_trie(symbols, starts, sizes)
    counts = np.bincount(nodes, minlength=len(keys) + 1)
    parents = (keys >> np.uint64(SYMBOL_BITS)).astype(np.int64)
    bounds = level_bounds(keys)
    for first, last in zip(bounds[-2:0:-1], bounds[:1:-1]):  # deepest level first: add what ends further on
        counts += np.bincount(parents[first:last], weights=counts[first + 1 : last + 1], minlength=len(counts)).astype(
            np.int64
        )
    return keys, counts[1:].astype(np.int64)


def level_bounds(keys: Keys) -> list[int]:
    """Where each level of a trie begins in `keys`, and ``len(keys)`` at the end."""
    bounds = [0]
    while bounds[-1] < len(keys):  # a level's parents are the nodes of the level above, and those end at its bound
        bounds.append(int(np.searchsorted(keys, np.uint64(bounds[-1] + 1 << SYMBOL_BITS))))
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
        union = both[_changes(both)]
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


def walk_on(trie: Keys, nodes: Integers, symbols: Symbols | Keys) -> Integers:
    """Find the child of each node by its symbol in a compiled trie; 0 where there is none."""
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
        nodes, size = walk_on(trie, np.zeros(len(at), dtype=np.int64), symbol), 0
        found: list[tuple[int, Integers, Integers]] = []
        while len(at):
            some = np.flatnonzero((nodes > 0) & (symbol >= FIRST_SYMBOL))
            at, nodes, size = at.take(some), nodes.take(some), size + 1
            found.append((size, at, nodes))
            symbol = symbols.take(at + size)
            nodes = walk_on(trie, nodes, symbol)
        yield found


def keys_of_compiled(trie: Keys) -> Keys:
    """The keys of a compiled trie."""
    return trie[3 : int(trie[0]) + 3] if len(trie) else trie
