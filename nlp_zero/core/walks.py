"""Walking text along a trie: the kernels in numpy that cover, find and choose. See `nlp_zero.core.python`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from .symbols import FIRST_FORM, FIRST_SYMBOL, NUMBER, Flags, Floats, Integers, Keys, Symbols, places_of
from .tables import compiled_children, occurring
from .tries import BLOCK, find_children, in_step, room_of, runs_of

__all__ = [
    "best_words",
    "cover",
    "longest_matches",
    "occurrences",
    "piece_nodes",
    "viterbi",
    "with_bonus",
    "word_edges",
]


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
    n = len(symbols)
    begins = np.ones(n, dtype=np.uint8)
    covered = -1  # up to where, by what begins further ahead
    for first, found in zip(range(0, n, BLOCK), occurring(symbols, trie)):
        place = np.arange(first, min(first + BLOCK, n))
        reached = place.copy()  # the last place of the longest one that begins here
        for size, at, nodes in found:
            joining = at[joins[nodes] > 0]
            reached[joining - first] = joining + size - 1
        ends = np.maximum.accumulate(np.append(covered, reached))
        begins[place] = ends[:-1] < place
        covered = int(ends[-1])
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
    places, nodes = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for found in occurring(symbols, trie):
        chosen = [(at[some], node[some]) for _, at, node in found for some in [wanted[node] > 0]]
        at, node = (np.concatenate(column) for column in zip(*chosen))
        order = np.argsort(at, kind="stable")
        places.append(at[order])
        nodes.append(node[order])
    return np.concatenate(places), np.concatenate(nodes)


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
        nodes[on] = compiled_children(trie, nodes[on], symbols[starts[on] + depth])
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
    rows = _edges(symbols, room, partial(compiled_children, trie), scores, unknown, general, longest, unseen)
    if len(bonus):
        rows = with_bonus(rows, bonus)
    starts, sizes = runs_of(room)
    ends = starts + sizes
    best, words, step = np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64), np.ones(n, dtype=np.int64)
    done = int(sizes[_FEW]) if len(sizes) > _FEW else 0
    _in_step(ends, np.minimum(sizes, done), rows, best, words, step)
    for end, size in zip(ends[:_FEW].tolist(), sizes[:_FEW].tolist()):
        _run(end - size, end - done, rows, best, words, step)
    return _chosen(symbols, step, starts, ends)


def best_words(
    symbols: Symbols,
    trie: Keys,
    scores: Floats,
    unknown: float,
    general: Symbols,
    longest: int,
    bonus: Floats,
    unseen: Floats,
) -> Symbols:
    """The nodes of the words with the highest sum of scores.

    Parameters are those of `viterbi`.

    Returns
    -------
    nodes : shape (words,)
        In the order of the text; 0 for a symbol outside runs, and for what has no score of its own: an unknown symbol,
        a chain, a form that matched as its class, or a word that the trie does not have.
    """
    begins = viterbi(symbols, trie, scores, unknown, general, longest, bonus, unseen)
    places = places_of(begins)
    nodes = piece_nodes(symbols, trie, places, np.diff(places, append=len(symbols)))
    nodes[(scores[nodes] == -np.inf) | (symbols[places] < FIRST_SYMBOL)] = 0
    return nodes.astype(np.uint32)


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
    return _edges(symbols, room, partial(find_children, keys), scores, unknown, general, longest, unseen)


def _edges(
    symbols: Symbols,
    room: Integers,
    find: Callable[[Integers, Symbols], Integers],
    scores: Floats,
    unknown: float,
    general: Symbols,
    longest: int,
    unseen: Floats,
) -> dict[int, Floats]:
    """What `word_edges` returns, by what finds the children of a trie's nodes."""
    n = len(symbols)
    at = np.flatnonzero(room > 0)
    nodes, depth, ways = np.zeros(len(at), dtype=np.int64), 0, False
    rows = {1: np.full(n, unknown)}
    while len(at) and depth < longest:
        symbol = symbols[at + depth]
        form = np.flatnonzero(symbol >= FIRST_FORM)
        if len(form):
            at, nodes, ways = np.append(at, at[form]), np.append(nodes, nodes[form]), True
            symbol = np.append(symbol, general[symbol[form] - FIRST_FORM])
        nodes = find(nodes, symbol)
        known = np.flatnonzero(nodes > 0)
        at, nodes, depth = at.take(known), nodes.take(known), depth + 1
        score = scores.take(nodes)
        word = np.flatnonzero(score > -np.inf)
        if len(word):
            row = np.full(n, -np.inf)
            if ways:  # some words match in more than one way
                np.maximum.at(row, at[word], score[word])
            else:
                row[at[word]] = score[word]
            rows[depth] = np.where(row > -np.inf, row, unknown) if depth == 1 else row
        inside = np.flatnonzero(room.take(at) > depth)
        at, nodes = at.take(inside), nodes.take(inside)
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


def _in_step(
    ends: Integers, sizes: Integers, rows: dict[int, Floats], best: Floats, words: Integers, step: Integers
) -> None:
    """Decide the first word at the last places, so many of each of many runs, which are given the longest first.

    All runs take a step together, from their ends backwards, so what belongs to one step lies together here.
    """
    places, bounds = in_step(ends, sizes)
    tops, fewest, chosen = np.zeros(len(places)), np.zeros(len(places), np.int64), np.ones(len(places), np.int64)
    tops[bounds[1] :] = -np.inf
    lattice = [(size, *_by_step(row, places, bounds)) for size, row in rows.items()]
    firsts = bounds.tolist()
    for number in range(1, len(firsts) - 1):
        here = slice(firsts[number], firsts[number + 1])
        top, few, best_size = tops[here], fewest[here], chosen[here]
        for size, row, some in lattice:
            if some[number]:
                behind = slice(firsts[number - size], firsts[number - size] + len(top))
                score, count = row[here] + tops[behind], fewest[behind] + 1
                better = (score > top) | (score == top) & (count <= few) if size > 1 else True
                np.maximum(top, score, out=top)
                np.copyto(few, count, where=better)
                np.copyto(best_size, size, where=better)
    best[places], words[places], step[places[firsts[1] :]] = tops, fewest, chosen[firsts[1] :]


def _by_step(row: Floats, places: Integers, bounds: Integers) -> tuple[Floats, list[bool]]:
    """Scores at places, those of one step after the other, and which steps have any; the first one has none."""
    first = bounds[1]
    scores = np.full(len(places), -np.inf)
    scores[first:] = row.take(places[first:])
    some = np.maximum.reduceat(scores, bounds[:-1]) > -np.inf if len(places) else np.zeros(1, dtype=bool)
    return scores, some.tolist()


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


def _chosen(symbols: Symbols, step: Integers, at: Integers, ends: Integers) -> Flags:
    """Follow the decisions from the beginning of every run."""
    begins = (symbols < FIRST_SYMBOL).astype(np.uint8)
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
    at = places_of(edges[:n])
    nodes, depth = np.zeros(len(at), dtype=np.int64), 0
    end = np.zeros(n, dtype=np.int64)
    while len(at):
        inside = at + depth < n
        at, nodes = at[inside], nodes[inside]
        nodes = compiled_children(trie, nodes, codes[at + depth])
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
