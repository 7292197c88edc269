"""Text as symbols, symbols as tries: the kernels in numpy that make and change arrays. See `nlp_zero.core.python`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .symbols import (
    _REPEATABLE,
    _WIDE_ZERO,
    C_COMMA,
    C_DIGIT,
    C_EXTEND,
    C_HAN,
    C_JOINER,
    C_LATIN,
    C_LETTER,
    C_OTHER,
    C_PERCENT,
    C_PICTURE,
    C_POINT,
    C_REGIONAL,
    C_SPACE,
    C_WIDE_COMMA,
    FIRST_SYMBOL,
    LATIN,
    LETTERS,
    NUMBER,
    SPACE,
    SYMBOL_BITS,
    SYMBOL_LIMIT,
    Flags,
    Integers,
    Keys,
    Symbols,
)

__all__ = [
    "build_trie",
    "compile_trie",
    "count_ngrams",
    "find_children",
    "level_bounds",
    "merge_tries",
    "room_of",
    "scan",
    "suffixes",
]

# --------------------------------------------------------------------------------------------- text to units


def scan(codes: Symbols, classes: Flags) -> tuple[Integers, Symbols]:
    """Cut text into units: Han characters, numbers, Latin words, punctuation, white space, the rest.

    Parameters
    ----------
    codes
        Code points of the text, shape (n,).
    classes
        Class of every code point, shape (0x110000,).

    Returns
    -------
    starts : shape (m + 1,)
        Where each unit begins, and n at the end.
    symbols : shape (m,)
        The symbol of each unit.
    """
    n = len(codes)
    kind = classes[codes]
    after_space = np.ones(n, dtype=bool)
    after_space[1:] = kind[:-1] == C_SPACE
    joined = np.zeros(n, dtype=bool)
    joined[1:] = kind[:-1] == C_JOINER
    mark = ((kind == C_EXTEND) | (kind == C_JOINER)) & ~after_space  # a mark belongs to what stands before it
    base = np.flatnonzero(~mark)
    kind, code = kind[base], codes[base]
    kind = np.where((kind == C_EXTEND) | (kind == C_JOINER), C_OTHER, kind)
    symbol = (kind == C_PICTURE) | (kind == C_OTHER)  # a joiner joins pictures, never Han, letters or digits
    symbol_before = np.concatenate(([False], symbol[:-1]))[: len(symbol)]
    same = joined[base] & symbol & symbol_before | _continues(kind, code)
    first = base[~same]
    symbols = np.zeros(len(first), dtype=np.uint32)
    first_kind, first_code = kind[~same], code[~same]
    symbols[first_kind == C_SPACE] = SPACE
    symbols[first_kind == C_LETTER] = LETTERS
    symbols[first_kind == C_DIGIT] = NUMBER
    symbols[first_kind == C_LATIN] = LATIN
    han = first_kind == C_HAN
    symbols[han] = first_code[han]
    return np.append(first, n).astype(np.int64), symbols


def _shift(values: npt.NDArray[np.uint8], by: int) -> npt.NDArray[np.uint8]:
    """The values `by` places further on (before, if negative), with `C_OTHER` beyond the ends."""
    out = np.zeros_like(values)
    if by >= 0:
        out[: max(len(values) - by, 0)] = values[by:]
    else:
        out[-by:] = values[:by]
    return out


def _continues(kind: npt.NDArray[np.uint8], code: Symbols) -> npt.NDArray[np.bool_]:
    """Whether each base character continues the unit of the one before it."""
    before, after = _shift(kind, -1), _shift(kind, 1)
    digit = C_DIGIT
    point = (kind == C_POINT) & (before == digit) & (after == digit)
    comma = (kind == C_COMMA) | (kind == C_WIDE_COMMA)
    comma &= (before == digit) & (after == digit) & (_shift(kind, 2) == digit) & (_shift(kind, 3) == digit)
    comma &= (_shift(kind, 4) != digit) & ~(
        (_shift(kind, -2) == digit) & (_shift(kind, -3) == digit) & (_shift(kind, -4) == digit)
    )
    # a wide comma groups wide digits only: 100，200 are two numbers
    wide = (code >= _WIDE_ZERO) & (kind == digit)
    wide_before, wide_after = np.roll(wide, 1), np.roll(wide, -1)
    comma &= (kind == C_COMMA) | (wide_before & wide_after)
    percent = (kind == C_PERCENT) & (before == digit)
    inside = point | comma
    after_inside = np.roll(inside, 1)
    after_inside[:1] = False
    number = (kind == digit) & ((before == digit) | after_inside) | inside | percent
    alike = (kind == before) & ((kind == C_LATIN) | (kind == C_LETTER) | (kind == C_SPACE))
    repeated = np.zeros(len(kind), dtype=bool)
    repeated[1:] = (code[1:] == code[:-1]) & (code[1:] < 0x10000)
    repeated &= _REPEATABLE[kind] & ~percent & ~np.roll(percent, 1)
    regional = kind == C_REGIONAL
    run_start = np.maximum.accumulate(np.where(regional & (before != C_REGIONAL), np.arange(len(kind)), 0))
    second = regional & ((np.arange(len(kind)) - run_start) % 2 == 1)
    continues: npt.NDArray[np.bool_] = number | alike | repeated | second
    continues[:1] = False
    return continues


# --------------------------------------------------------------------------------------------------- tries


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
    nodes = np.zeros(len(starts), dtype=np.int64)
    levels: list[Keys] = []
    known, depth = 1, 0
    alive = np.flatnonzero(lengths > 0)
    while len(alive):
        key = nodes[alive].astype(np.uint64) << np.uint64(SYMBOL_BITS) | symbols[starts[alive] + depth]
        level, which = np.unique(key, return_inverse=True)
        nodes[alive] = known + which.reshape(-1)
        levels.append(level)
        known += len(level)
        depth += 1
        alive = alive[lengths[alive] > depth]
    return np.concatenate(levels) if levels else np.zeros(0, dtype=np.uint64), nodes


def count_ngrams(symbols: Symbols, order: int) -> tuple[Keys, Integers]:
    """Count all n-grams of 1 to `order` symbols inside the runs.

    Returns
    -------
    keys
        The trie of all n-grams.
    counts : shape (len(keys),)
        How often the n-gram of node ``i + 1`` occurs.
    """
    room = room_of(symbols)
    starts = np.flatnonzero(room)
    keys, nodes = build_trie(symbols, starts, np.minimum(room[starts], order))
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
    n = len(symbols)
    ends = np.flatnonzero(symbols < FIRST_SYMBOL)
    following = np.append(ends, n)[np.searchsorted(ends, np.arange(n))]
    return following - np.arange(n)


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
        union = np.union1d(*parts)
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
    """Make the form of a trie that the kernels below walk: here, the keys themselves."""
    return keys
