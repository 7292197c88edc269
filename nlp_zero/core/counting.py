"""Counting n-grams: the kernels in numpy. See `nlp_zero.core.python`."""

from __future__ import annotations

from typing import Final

import numpy as np

from .symbols import FIRST_SYMBOL, SYMBOL_BITS, SYMBOL_LIMIT, Flags, Integers, Keys, Symbols, places_of
from .tries import BLOCK, build_trie, changes, level_bounds, room_of

__all__ = ["count_ngrams", "count_pieces", "count_symbols", "groups_of", "ngram_parts"]

_FEW: Final = 1 << 16  # most symbols are below


def count_symbols(symbols: Symbols) -> tuple[Symbols, Integers]:
    """Count the symbols in the runs of a text.

    Parameters
    ----------
    symbols
        Shape (n,).

    Returns
    -------
    seen
        The different symbols in runs, sorted; shape (k,).
    sizes : shape (k,)
        How often each of them stands there.
    """
    counts = np.zeros(_FEW, dtype=np.int64)
    many, sizes = symbols[:0], counts[:0]  # the others, and how often each of them stands there
    for first in range(0, len(symbols), BLOCK):
        block = symbols[first : first + BLOCK]
        found = np.bincount(np.minimum(block, _FEW).astype(np.intp), minlength=_FEW + 1)
        counts += found[:_FEW]
        if found[_FEW]:
            others, own = np.unique(block[block >= _FEW], return_counts=True)
            many, place = np.unique(np.concatenate((many, others)), return_inverse=True)
            sizes = np.bincount(place, weights=np.concatenate((sizes, own))).astype(np.int64)
    few = FIRST_SYMBOL + np.flatnonzero(counts[FIRST_SYMBOL:])
    return np.concatenate((few.astype(np.uint32), many)), np.concatenate((counts[few], sizes))


def count_pieces(symbols: Symbols, begins: Flags, longest: int) -> tuple[Keys, Integers]:
    """Count the pieces of a text that begin inside runs.

    Parameters
    ----------
    symbols
        Shape (n,).
    begins
        1 where a piece begins, and at every symbol outside runs, else 0; shape (n,). A piece ends where the next one
        begins.
    longest
        Pieces of more symbols are left out.

    Returns
    -------
    keys
        The trie of the pieces.
    counts : shape (len(keys),)
        How often the string of node ``i + 1`` is a piece.
    """
    places = places_of(begins)
    lengths = np.diff(places, append=len(symbols))
    kept = places_of((symbols[places] >= FIRST_SYMBOL) & (lengths <= longest))  # a mask that nobody foresees is slow
    keys, nodes = build_trie(symbols, places[kept], lengths[kept])
    return keys, np.bincount(nodes, minlength=len(keys) + 1)[1:].astype(np.int64, copy=False)


def count_ngrams(symbols: Symbols, order: int) -> tuple[Keys, Integers]:
    """Count all n-grams of 1 to `order` symbols inside the runs.

    Returns
    -------
    keys
        The trie of all n-grams.
    counts : shape (len(keys),)
        How often the n-gram of node ``i + 1`` occurs.
    """
    parts = ngram_parts(symbols, *count_symbols(symbols), order, FIRST_SYMBOL, SYMBOL_LIMIT, max(len(symbols), 1))
    return parts[0] if parts else (np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))


def ngram_parts(
    symbols: Symbols, seen: Symbols, sizes: Integers, order: int, first: int, end: int, most: int
) -> list[tuple[Keys, Integers]]:
    """Count the n-grams of 1 to `order` symbols that begin with a symbol from `first` on and before `end`, in parts.

    Parameters
    ----------
    symbols
        Shape (n,).
    seen, sizes
        The different symbols in runs, sorted, and how often each stands there, as `count_symbols` returns them; shape
        (k,). Others give wrong counts or an error.
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
    bits = len(seen).bit_length()
    if bits * order > 64:
        return _parts_by_level(symbols, order, first, end, most)
    lowest, limit = (np.searchsorted(seen, [first, end]) + 1).tolist()
    if lowest >= limit:
        return []
    number_of = np.zeros(max(int(seen[-1]) + 1, FIRST_SYMBOL), dtype=np.uint64)  # 0 for all that ends a run
    number_of[seen] = np.arange(1, len(seen) + 1)
    if limit - lowest == len(seen):
        ngrams = _all_ngrams(symbols, number_of, order, bits)
    else:
        ngrams = _some_ngrams(symbols, number_of, order, bits, max(first, FIRST_SYMBOL), end)
    ngrams.sort()
    shift = bits * (order - 1)
    bounds = np.searchsorted(ngrams, np.arange(1, len(seen) + 1, dtype=np.uint64) << np.uint64(shift))
    bounds = np.append(bounds, len(ngrams))
    symbol_of = np.append(0, seen).astype(np.uint32)
    cuts = [0, *bounds[groups_of(np.diff(bounds), most)].tolist()]
    return [_read_off(ngrams[i:j], order, bits, symbol_of) for i, j in zip(cuts, cuts[1:])]


def groups_of(sizes: Integers, most: int) -> list[int]:
    """Where each group of neighbours ends that together are no more than `most`, unless one alone is more."""
    ends: list[int] = []
    total = 0
    for place, size in enumerate(sizes.tolist()):
        if total and size and total + size > most:
            ends.append(place)
            total = 0
        total += size
    return [*ends, len(sizes)] if total else ends


def _all_ngrams(symbols: Symbols, number_of: Keys, order: int, bits: int) -> Keys:
    """What begins at each place of runs as one number: the numbers of `order` symbols, 0 after the end of the run."""
    ngrams = np.empty(len(symbols), dtype=np.uint64)
    known = 0
    for first in range(0, len(symbols), BLOCK):
        numbers = number_of.take(symbols[first : first + BLOCK + order - 1])
        block = _packed(numbers, order, bits, BLOCK)
        ngrams[known : known + len(block)] = block
        known += len(block)
    return ngrams[:known]


def _packed(numbers: Keys, order: int, bits: int, most: int) -> Keys:
    """The n-grams that begin at the first places."""
    numbers = np.append(numbers, np.zeros(order - 1, dtype=np.uint64))  # what is behind the first ones may be missing
    ngrams = numbers
    for size in range(1, order):
        longer = numbers[: len(ngrams) - 1] << np.uint64(bits * size)
        longer |= ngrams[1:]
        longer *= numbers[: len(longer)] > 0
        ngrams = longer
    ngrams = ngrams[:most]
    return ngrams[numbers[: len(ngrams)] > 0]


def _some_ngrams(symbols: Symbols, number_of: Keys, order: int, bits: int, first: int, end: int) -> Keys:
    """Those of `_all_ngrams` whose first symbol is in a range: nothing else is looked at for long."""
    parts = []
    for begin in range(0, len(symbols), BLOCK):
        block = symbols[begin : begin + BLOCK]
        places = np.flatnonzero((block >= first) & (block < end)) + begin
        ngrams = number = number_of.take(symbols.take(places))
        for size in range(1, order):
            following = symbols.take(places + size, mode="clip")
            number = number_of.take(following) * ((number > 0) & (places + size < len(symbols)))
            ngrams = ngrams << np.uint64(bits) | number
        parts.append(ngrams)
    return np.concatenate(parts)


def _read_off(ngrams: Keys, order: int, bits: int, used: Symbols) -> tuple[Keys, Integers]:
    """The trie of sorted n-grams, each the numbers of its symbols, 0 after its end; and how often each one begins."""
    total, mask = len(ngrams), np.uint64((1 << bits) - 1)
    bounds = np.flatnonzero(changes(ngrams))
    distinct = ngrams[bounds]
    del ngrams  # memory that was never touched is dear, so what is done with is used again
    levels, repeats = [], bounds[:0]  # the longest first
    for size in range(order, 0, -1):
        last = distinct & mask
        whole = last > 0  # others have ended before
        levels.append((used.take(last[whole].view(np.int64)), np.diff(bounds, append=total)[whole], whole, repeats))
        if size > 1:
            distinct >>= np.uint64(bits)
            firsts = np.flatnonzero(changes(distinct))
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
    parts, begin = [], 0
    for end in groups_of(sizes, most):
        some = starts[(symbols[starts] >= used[begin]) & (symbols[starts] <= used[end - 1])]
        parts.append(_counted_by_level(symbols, some, np.minimum(room[some], order)))
        begin = end
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
