"""The kernels in numpy: the specification that the C core must equal, and the core where there is no C.

Plain arrays in, plain arrays out. Two notions carry everything:

*Symbols* (``uint32``). A Han character is its code point; a number or a Latin word is the symbol of its class
(`NUMBER`, `LATIN`), or one of its own from `FIRST_FORM` on; values below `FIRST_SYMBOL` end a run.

*Tries*. A set of symbol strings is ONE sorted array of ``uint64`` keys. Node 0 is the root, node ``i + 1`` belongs to
``keys[i] = parent << SYMBOL_BITS | symbol``. Nodes are numbered level by level and sorted inside a level, so that the
whole array is sorted, looking up a child is one binary search, and two tries merge level by level.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "build_trie",
    "compile_trie",
    "count_ngrams",
    "counting_bytes",
    "cover",
    "find_children",
    "level_bounds",
    "longest_matches",
    "merge_tries",
    "name",
    "occurrences",
    "pieces",
    "release_memory",
    "scan",
    "suffixes",
    "viterbi",
]

Symbols: TypeAlias = npt.NDArray[np.uint32]
Keys: TypeAlias = npt.NDArray[np.uint64]
Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.uint8]

name = "python"
counting_bytes: Final = 200  # memory that counting takes for each symbol at order 4, result included

# Symbols of units that stand in no run, then the two classes inside runs, then single surface forms of units.
BREAK: Final = 0
SPACE: Final = 1
LETTERS: Final = 2
FORCED: Final = 3
FIRST_SYMBOL: Final = 16
NUMBER: Final = 0x110000
LATIN: Final = 0x110001
FIRST_FORM: Final = 0x110002
SYMBOL_BITS: Final = 21
SYMBOL_LIMIT: Final = 1 << SYMBOL_BITS

# Classes of characters; which character has which class is the business of `text.characters`.
(
    C_OTHER, C_SPACE, C_HAN, C_DIGIT, C_LATIN, C_LETTER, C_EXTEND, C_JOINER, C_REGIONAL, C_PICTURE,
    C_POINT, C_COMMA, C_WIDE_COMMA, C_PERCENT,
) = range(14)  # fmt: skip
_WIDE_ZERO: Final = 0xFF10  # full-width digits are U+FF10 to U+FF19
_REPEATABLE: Final = np.isin(
    np.arange(14), [C_OTHER, C_PICTURE, C_POINT, C_COMMA, C_WIDE_COMMA, C_PERCENT]
)  # identical neighbours of these classes are one unit: —— …… ！！


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
    room = _room(symbols)
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


def _room(symbols: Symbols) -> Integers:
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


def find_children(keys: Keys, nodes: Integers, symbols: Symbols) -> Integers:
    """Find the child of each node by its symbol; 0 where there is none."""
    if not len(keys):
        return np.zeros(len(nodes), dtype=np.int64)
    wanted = nodes.astype(np.uint64) << np.uint64(SYMBOL_BITS) | symbols
    at = np.searchsorted(keys, wanted)
    found = keys[np.minimum(at, len(keys) - 1)] == wanted
    return np.where(found, at + 1, 0)


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


# ---------------------------------------------------------------------------------------------- walking text


def cover(symbols: Symbols, trie: Keys, joins: Flags) -> Flags:
    """Cut a text at every adjacency that no joining n-gram covers.

    Parameters
    ----------
    symbols
        Shape (n,).
    trie
        The compiled trie of n-grams.
    joins
        For each node, 1 if its n-gram joins its symbols; shape (nodes,), the root first.

    Returns
    -------
    begins : shape (n,)
        1 where a piece begins (and at every symbol outside runs).
    """
    n, room = len(symbols), _room(symbols)
    at = np.flatnonzero(room)
    nodes, depth = np.zeros(len(at), dtype=np.int64), 0
    change = np.zeros(n + 2, dtype=np.int64)
    while len(at):
        inside = room[at] > depth
        at, nodes = at[inside], nodes[inside]
        nodes = find_children(trie, nodes, symbols[at + depth])
        at, nodes = at[nodes > 0], nodes[nodes > 0]
        depth += 1
        joining = at[joins[nodes] > 0]
        change[joining + 1] += 1  # each position occurs once per depth, so fancy indexing counts right
        change[joining + depth] -= 1
    begins: Flags = (np.cumsum(change[:n]) == 0).astype(np.uint8)
    return begins


def occurrences(symbols: Symbols, trie: Keys, wanted: Flags) -> tuple[Integers, Integers]:
    """Find every occurrence of the wanted strings, overlapping ones too.

    Parameters
    ----------
    symbols
        Shape (n,).
    trie
        The compiled trie of the strings.
    wanted
        For each node, 1 if its string is wanted; shape (nodes,), the root first.

    Returns
    -------
    places, nodes
        Where each occurrence begins, and its node; by rising place, then by rising length.
    """
    room = _room(symbols)
    at = np.flatnonzero(room)
    node, depth = np.zeros(len(at), dtype=np.int64), 0
    places, nodes = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    while len(at):
        inside = room[at] > depth
        at, node = at[inside], node[inside]
        node = find_children(trie, node, symbols[at + depth])
        at, node = at[node > 0], node[node > 0]
        depth += 1
        places.append(at[wanted[node] > 0])
        nodes.append(node[wanted[node] > 0])
    place = np.concatenate(places)
    order = np.argsort(place, kind="stable")
    return place[order], np.concatenate(nodes)[order]


def viterbi(symbols: Symbols, trie: Keys, scores: Floats, unknown: float, general: Symbols, longest: int) -> Flags:
    """Segment every run into the words with the highest sum of scores.

    Parameters
    ----------
    symbols
        Shape (n,).
    trie
        The compiled trie of words.
    scores
        Score of the word that ends at each node, -inf if none does; shape (nodes,), the root first.
    unknown
        Score of a single symbol that is no word.
    general
        The class symbol of each form: a form also matches where the trie has its class. Symbol
        ``FIRST_FORM + i`` belongs to entry i.
    longest
        Words of more symbols are not used.

    Returns
    -------
    begins : shape (n,)
        1 where a word begins (and at every symbol outside runs).

    Notes
    -----
    A chain of numbers and Latin words with nothing between them (``DDR5``) can always be one word, with the lowest of
    its single scores. Of equal sums the one with fewer words wins, then the one whose first word is longer. Sums are
    taken from the end of the run to its beginning, in float64. Time O(n L), L the longest match.
    """
    n, room = len(symbols), _room(symbols)
    rows = _edges(symbols, room, trie, scores, unknown, general, longest)
    run_starts = np.flatnonzero((room > 0) & (np.append(0, room[:-1]) == 0))
    sizes = room[run_starts]
    order = np.argsort(-sizes, kind="stable")
    ends, sizes = (run_starts + sizes)[order], sizes[order]
    best, words, step = np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64), np.ones(n, dtype=np.int64)
    left, done = len(ends), 0
    while left > _FEW:  # all runs in step, from their ends backwards
        done += 1
        left = int(np.searchsorted(-sizes, -done, side="right"))
        _step(ends[:left] - done, rows, best, words, step)
    for end, size in zip(ends[:left].tolist(), sizes[:left].tolist()):
        _run(end - size, end - min(done, size), rows, best, words, step)
    return _chosen(symbols, step, run_starts, sizes, order)


_FEW: Final = 8  # so few runs are quicker one by one


def _edges(
    symbols: Symbols,
    room: Integers,
    keys: Keys,
    scores: Floats,
    unknown: float,
    general: Symbols,
    longest: int,
) -> dict[int, Floats]:
    """The words of the lattice: by length, in rising order, the score at each position (-inf where there is none)."""
    n = len(symbols)
    at = np.flatnonzero(room)
    nodes, depth = np.zeros(len(at), dtype=np.int64), 0
    single = np.full(n, unknown)
    rows = {1: single}
    while len(at) and depth < longest:
        inside = room[at] > depth
        at, nodes = at[inside], nodes[inside]
        symbol = symbols[at + depth]
        form = np.flatnonzero(symbol >= FIRST_FORM)
        if len(form):
            at, nodes = np.append(at, at[form]), np.append(nodes, nodes[form])
            symbol = np.append(symbol, general[symbol[form] - FIRST_FORM])
        nodes = find_children(keys, nodes, symbol)
        at, nodes = at[nodes > 0], nodes[nodes > 0]
        depth += 1
        score = scores[nodes]
        word = score > -np.inf
        if word.any():
            row = np.full(n, -np.inf)
            np.maximum.at(row, at[word], score[word])
            rows[depth] = np.where(row > -np.inf, row, unknown) if depth == 1 else row
    _add_chains(symbols, rows, longest)
    return dict(sorted(rows.items()))


def _add_chains(symbols: Symbols, rows: dict[int, Floats], longest: int) -> None:
    """Let each chain of two or more units be a word, with the lowest of its single scores."""
    unit = np.concatenate(([0], symbols >= NUMBER, [0])).astype(np.int8)
    starts, ends = np.flatnonzero(np.diff(unit) == 1), np.flatnonzero(np.diff(unit) == -1)
    single = rows[1]
    for start, size in zip(starts.tolist(), (ends - starts).tolist()):
        if 2 <= size <= longest:
            if size not in rows:
                rows[size] = np.full(len(symbols), -np.inf)
            row = rows[size]
            row[start] = max(row[start], single[start : start + size].min())


def _step(at: Integers, rows: dict[int, Floats], best: Floats, words: Integers, step: Integers) -> None:
    """Decide the first word at one position of each of many runs."""
    top, fewest, size = (
        np.full(len(at), -np.inf),
        np.zeros(len(at), dtype=np.int64),
        np.ones(len(at), dtype=np.int64),
    )
    for length, row in rows.items():
        score = row[at]
        # beyond the end of the run there is no edge; the index is only kept inside the array
        following = np.minimum(at + length, len(best) - 1)
        score = score + best[following]
        count = words[following] + 1
        better = (score > top) | (score == top) & (count <= fewest) if length > 1 else np.ones(len(at), dtype=bool)
        top, fewest = np.where(better, score, top), np.where(better, count, fewest)
        size = np.where(better, length, size)
    best[at], words[at], step[at] = top, fewest, size


def _run(first: int, last: int, rows: dict[int, Floats], best: Floats, words: Integers, step: Integers) -> None:
    """Decide the first word at the positions last - 1 down to first of one run."""
    edges = [(length, row[first:last].tolist()) for length, row in rows.items()]
    longest = max(rows)
    sums, counts = best[first : last + longest].tolist(), words[first : last + longest].tolist()
    sizes = [1] * (last - first)
    minus = -np.inf
    for i in range(last - first - 1, -1, -1):
        top, fewest = edges[0][1][i] + sums[i + 1], counts[i + 1] + 1
        for length, row in edges[1:]:
            if row[i] > minus:
                score, count = row[i] + sums[i + length], counts[i + length] + 1
                if score > top or (score == top and count <= fewest):
                    top, fewest, sizes[i] = score, count, length
        sums[i], counts[i] = top, fewest
    best[first:last], words[first:last], step[first:last] = (
        sums[: last - first],
        counts[: last - first],
        sizes,
    )


def _chosen(symbols: Symbols, step: Integers, run_starts: Integers, sizes: Integers, order: Integers) -> Flags:
    """Follow the decisions from the beginning of every run."""
    begins = (symbols < FIRST_SYMBOL).astype(np.uint8)
    at = run_starts
    ends = np.empty_like(run_starts)
    ends[order] = run_starts[order] + sizes
    while len(at) > _FEW:
        begins[at] = 1
        at = at + step[at]
        at, ends = at[at < ends], ends[at < ends]
    for i, end in zip(at.tolist(), ends.tolist()):
        while i < end:
            begins[i] = 1
            i += int(step[i])
    return begins


def longest_matches(codes: Symbols, trie: Keys, words: Flags, edges: Flags) -> tuple[Integers, Integers]:
    """Find words in a text from left to right, the longest first, without overlaps.

    Parameters
    ----------
    codes
        Code points of the text, shape (n,).
    trie
        The compiled trie of the words' code points.
    words
        For each node, 1 if a word ends there; shape (nodes,), the root first.
    edges
        1 where a word may begin or end; shape (n + 1,).

    Returns
    -------
    starts, ends
        One pair a word found.
    """
    n = len(codes)
    at = np.flatnonzero(edges[:n])
    nodes, depth = np.zeros(len(at), dtype=np.int64), 0
    end = np.zeros(n, dtype=np.int64)
    while len(at):
        inside = at + depth < n
        at, nodes = at[inside], nodes[inside]
        nodes = find_children(trie, nodes, codes[at + depth])
        at, nodes = at[nodes > 0], nodes[nodes > 0]
        depth += 1
        match = at[(words[nodes] > 0) & (edges[at + depth] > 0)]
        end[match] = match + depth
    starts, ends, free = [], [], 0
    for i in np.flatnonzero(end).tolist():
        if i >= free:
            free = int(end[i])
            starts.append(i)
            ends.append(free)
    return np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)


def pieces(text: str, starts: Integers, ends: Integers) -> list[str]:
    """The parts of a text between the given offsets, as a list of `str`."""
    return [text[i:j] for i, j in zip(starts.tolist(), ends.tolist())]


def release_memory() -> None:
    """Give memory that is free back to the system, where a core knows how to; this one does not."""
