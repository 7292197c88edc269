"""Walking text along a trie: the kernels in numpy that cover, find and choose. See `nlp_zero.core.python`."""

from __future__ import annotations

from typing import Final

import numpy as np

from .symbols import FIRST_FORM, FIRST_SYMBOL, NUMBER, Flags, Floats, Integers, Keys, Symbols
from .tries import find_children, room_of

__all__ = ["cover", "longest_matches", "occurrences", "piece_nodes", "viterbi", "with_bonus", "word_edges"]


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
    n, room = len(symbols), room_of(symbols)
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
    room = room_of(symbols)
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


def piece_nodes(symbols: Symbols, trie: Keys, starts: Integers, lengths: Integers) -> Integers:
    """The node of each piece of the symbols; 0 for what is none of the trie.

    Parameters
    ----------
    symbols
        Shape (n,).
    trie
        The compiled trie.
    starts, lengths
        Where each piece begins, and how many symbols it has; shape (m,).

    Returns
    -------
    nodes : shape (m,)
        0 also for pieces of no symbols.
    """
    nodes = np.zeros(len(starts), dtype=np.int64)
    on = np.arange(len(starts))
    for depth in range(int(lengths.max(initial=0))):
        on = on[lengths[on] > depth]
        nodes[on] = find_children(trie, nodes[on], symbols[starts[on] + depth])
        on = on[nodes[on] > 0]  # what left the trie stays outside
    return nodes


def viterbi(
    symbols: Symbols,
    trie: Keys,
    scores: Floats,
    unknown: float,
    general: Symbols,
    longest: int,
    bonus: Floats,
    unseen: Floats,
) -> Flags:
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
    bonus
        What a word that ends with a symbol gets on top of its score; shape (n,), or (0,) for nothing.
    unseen
        Scores of words of 2, 3, ... symbols that the trie does not have; shape (0,) if there are none.

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
    n, room = len(symbols), room_of(symbols)
    rows = word_edges(symbols, room, trie, scores, unknown, general, longest, unseen)
    if len(bonus):
        rows = with_bonus(rows, bonus)
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


def word_edges(
    symbols: Symbols,
    room: Integers,
    keys: Keys,
    scores: Floats,
    unknown: float,
    general: Symbols,
    longest: int,
    unseen: Floats,
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
    for size, score in enumerate(unseen[: max(longest - 1, 0)].tolist(), 2):
        if (room >= size).any():
            rows[size] = np.where(room >= size, np.maximum(rows.get(size, -np.inf), score), -np.inf)
    return dict(sorted(rows.items()))


def with_bonus(rows: dict[int, Floats], bonus: Floats) -> dict[int, Floats]:
    """The words of a lattice, each with what it gets for its last symbol."""
    n = len(bonus)
    return {k: np.append(row[: n - k + 1] + bonus[k - 1 :], row[n - k + 1 :]) for k, row in rows.items()}


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
