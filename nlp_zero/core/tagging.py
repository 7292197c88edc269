"""Tagging every symbol of a run with its place in a word: the kernels of hidden Markov models in numpy.

See `nlp_zero.core.python`. The tags are B, M, E, S: a word's first symbol, one inside, its last one, a word of one
symbol. Eight steps from one tag to the next are legal (`STEPS`); a run begins after an E or S and ends with one.

A *tagger* is a trie of symbols and of pairs of neighbouring symbols, and the probability of each legal step:

    p(symbol, tag | symbol before, tag before)

for pairs by node of the pair, for others as the product of what the symbol before contributes for each step, and the
symbol for each tag. All are positive, and those of the two steps from one tag sum up to 1 at most. `EDGE` stands for
whatever a run begins after and ends before; its tag is S.

Every sum and product is taken in the one order that is written here, so that both cores agree to the last bit. Sums of
probabilities that become small are multiplied by a power of two, which is exact, so runs of any length are within reach
of float64.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

import numpy as np

from .symbols import FIRST_FORM, FIRST_SYMBOL, Flags, Floats, Integers, Keys, Shares, Symbols
from .tables import compiled_children
from .tries import find_children, room_of, runs_of

__all__ = [
    "B",
    "E",
    "EDGE",
    "FROM",
    "Finder",
    "LOGS",
    "M",
    "ODDS_LIMIT",
    "S",
    "STEPS",
    "TO",
    "best_of_run",
    "best_tags",
    "end_odds",
    "limited_odds",
    "logs_of",
    "put_pairs",
    "sides_of_run",
    "step_shares",
]

B, M, E, S = range(4)
STEPS: Final = ((B, M), (B, E), (M, M), (M, E), (E, B), (E, S), (S, B), (S, S))  # the order of steps in arrays
EDGE: Final = FIRST_SYMBOL  # no character
FROM, TO = (np.array(tags) for tags in zip(*STEPS))  # of each step
_INTO: Final = ((4, 6), (0, 2), (1, 3), (5, 7))  # the steps to each tag
_OUT_OF: Final = ((0, 1), (2, 3), (4, 5), (6, 7))  # the steps from each tag
_SMALL: Final = 2.0**-128  # below it all four are multiplied by 2 ** 128
ODDS_LIMIT: Final = 2.0**50  # of odds, and their reciprocals
_FEW: Final = 8  # so many of the longest runs are tagged one by one, all others in step
Finder: TypeAlias = Callable[[Integers, Symbols], Integers]  # of children of nodes by symbols
_Four: TypeAlias = tuple[float, float, float, float]  # by tag


def _logs() -> Floats:
    """ln 2, and the logarithms of mantissas, each for all that begin with the same `_LOG_BITS` bits.

    In multiples of 2 ** -20, so that sums of them have no rounding errors.
    """
    mantissas = 1 + (np.arange(1 << _LOG_BITS) + 0.5) / (1 << _LOG_BITS)
    logs: Floats = np.round(np.log(np.append(2.0, mantissas)) * 2**20) / 2**20
    logs.flags.writeable = False
    return logs


_LOG_BITS: Final = 11
LOGS: Final = _logs()


def logs_of(values: Floats) -> Floats:
    """The logarithms of positive numbers, right to 0.00025, by `LOGS`: the same on every core."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64) >> (52 - _LOG_BITS)  # no sign
    exponents = (bits >> _LOG_BITS) - 1023
    mantissas = bits & ((1 << _LOG_BITS) - 1)
    logs: Floats = exponents * LOGS[0]
    logs += LOGS[1:].take(mantissas)
    return logs


def best_tags(
    symbols: Symbols, trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, general: Symbols
) -> Flags:
    """The most probable tags of every run.

    Parameters
    ----------
    symbols
        Shape (n,).
    trie
        The compiled trie of symbols, `EDGE` among them, and pairs of them.
    contexts
        By node of single symbols, the root first, which stands for all others: what a symbol contributes to each step
        from it; shape (single symbols + 1, 8), positive.
    emissions
        By the same nodes: what a symbol contributes to steps to each tag; shape (single symbols + 1, 4), positive.
    pairs
        By node of pairs, from the first one on: the probability of each step; shape (pairs, 8), positive.
    general
        The class symbol of each form (see `walks.viterbi`), which is what the tagger knows; shape (forms,).

    Returns
    -------
    tags : shape (n,)
        0, 1, 2, 3 for B, M, E, S; S outside runs.

    Notes
    -----
    Viterbi. Of equally probable sequences the one is taken that, at the last place where they differ, has the tag that
    comes first in B, M, E, S. Time O(n).
    """
    steps, starts, sizes = _steps(symbols, partial(compiled_children, trie), contexts, emissions, pairs, general)
    tags = np.full(len(symbols), S, dtype=np.uint8)
    for start, end in _few(starts, sizes):
        tags[start:end] = best_of_run(steps[start : end + 1].tolist())
    places, bounds = _in_step(starts[_FEW:], sizes[_FEW:])
    step = np.ascontiguousarray(steps[places].T)
    came = np.zeros((4, len(places)), dtype=np.uint8)  # the better tag before, for each tag
    reached = _first(len(sizes[_FEW:]))
    for here, left in zip(map(slice, bounds, bounds[1:]), np.diff(bounds)):
        before = reached[:, :left].copy()
        for tag, (first, second) in enumerate(_INTO):
            one, two = before[FROM[first]] * step[first, here], before[FROM[second]] * step[second, here]
            came[tag, here] = np.where(two > one, FROM[second], FROM[first])
            np.maximum(one, two, out=reached[tag, :left])
        reached[:, :left] *= np.where(reached[:, :left].max(axis=0) < _SMALL, 1 / _SMALL, 1.0)
    last = steps[(starts + sizes)[_FEW:]]
    tag_of = np.where(reached[S] * last[:, 7] > reached[E] * last[:, 5], S, E)
    for here, left in zip(map(slice, bounds[-2::-1], bounds[:0:-1]), np.diff(bounds)[::-1]):
        tags[places[here]] = tag_of[:left]
        tag_of[:left] = came[:, here][tag_of[:left], np.arange(left)]
    return tags


def end_odds(
    symbols: Symbols, trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, general: Symbols
) -> Floats:
    """How much more probable it is that a word ends with a symbol than that it goes on.

    Parameters
    ----------
    See `best_tags`.

    Returns
    -------
    odds : shape (n,)
        The probability of all tag sequences with E or S there, over that of all with B or M; at least 2 ** -50 and at
        most 2 ** 50, which it is outside runs and where they end.

    Notes
    -----
    Forward-backward. Time O(n).
    """
    steps, starts, sizes = _steps(symbols, partial(compiled_children, trie), contexts, emissions, pairs, general)
    forward, backward = _sides(steps, starts, sizes)
    inside = np.flatnonzero(room_of(symbols))
    both = forward[:, inside] * backward[:, inside]
    odds = np.full(len(symbols), ODDS_LIMIT)
    odds[inside] = limited_odds(both[E] + both[S], both[B] + both[M])
    return odds


def step_shares(
    symbols: Symbols, trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, general: Symbols
) -> Floats:
    """How probable each step is, over all tag sequences of each run.

    Parameters
    ----------
    See `best_tags`; the trie is not compiled, for this is no kernel: it is the same on every core.

    Returns
    -------
    shares : shape (n + 1, 8)
        Of the steps to each symbol of a run, and to what comes after its last one; they sum up to 1. All are 0
        elsewhere.

    Notes
    -----
    Forward-backward. Time O(n).
    """
    steps, starts, sizes = _steps(symbols, partial(find_children, trie), contexts, emissions, pairs, general)
    forward, backward = _sides(steps, starts, sizes)
    before, after = np.zeros((4, len(steps))), np.zeros((4, len(steps)))
    before[:, 1:], after[:, :-1] = forward, backward
    before[:, starts], after[:, starts + sizes] = _first(len(starts)), _first(len(starts))
    shares: Floats = (before[FROM] * after[TO]).T * steps
    total = shares.sum(axis=1, keepdims=True)
    np.divide(shares, total, out=shares, where=total > 0)
    return shares


def _sides(steps: Floats, starts: Integers, sizes: Integers) -> tuple[Floats, Floats]:
    """What comes to each tag from the left, and from the right; shape (4, n) each, 0 outside runs."""
    forward, backward = np.zeros((4, len(steps) - 1)), np.zeros((4, len(steps) - 1))
    for start, end in _few(starts, sizes):
        sides = sides_of_run(steps[start : end + 1].tolist())
        forward[:, start:end], backward[:, start:end] = (np.array(side).T for side in sides)
    places, bounds = _in_step(starts[_FEW:], sizes[_FEW:])
    step = np.ascontiguousarray(steps[places].T)
    side = np.zeros((4, len(places)))
    state = _first(len(sizes[_FEW:]))
    for here, left in zip(map(slice, bounds, bounds[1:]), np.diff(bounds)):
        before = state[:, :left].copy()
        for tag, (first, second) in enumerate(_INTO):
            state[tag, :left] = before[FROM[first]] * step[first, here] + before[FROM[second]] * step[second, here]
        side[:, here] = state[:, :left] = _scaled(state[:, :left])
    forward[:, places] = side
    step = np.ascontiguousarray(steps[places + 1].T)
    state = _first(len(sizes[_FEW:]))
    for here, left in zip(map(slice, bounds[-2::-1], bounds[:0:-1]), np.diff(bounds)[::-1]):
        after = state[:, :left].copy()
        for tag, (first, second) in enumerate(_OUT_OF):
            state[tag, :left] = step[first, here] * after[TO[first]] + step[second, here] * after[TO[second]]
        side[:, here] = state[:, :left] = _scaled(state[:, :left])
    backward[:, places] = side
    return forward, backward


def _steps(
    symbols: Symbols, find: Finder, contexts: Shares, emissions: Shares, pairs: Shares, general: Symbols
) -> tuple[Floats, Integers, Integers]:
    """The probability of each step to each place of a run and to its end, shape (n + 1, 8), and the runs.

    These as their starts and sizes, the longest first.
    """
    n, room = len(symbols), room_of(symbols)
    starts, sizes = runs_of(room)
    known = symbols.copy()
    forms = np.flatnonzero((symbols >= FIRST_FORM) & (symbols < FIRST_FORM + len(general)))
    known[forms] = general[symbols[forms] - FIRST_FORM]
    known[room == 0] = EDGE
    known = np.append(known, np.uint32(EDGE))
    places = np.append(np.flatnonzero(room > 0), starts + sizes)  # where something is stepped to
    nodes = find(np.zeros(n + 1, dtype=np.int64), known)
    before = np.append(nodes[-1], nodes[:-1])[places]
    steps = np.zeros((n + 1, len(STEPS)))
    rows = contexts[before].astype(np.float64) * emissions[nodes[places]][:, TO]
    put_pairs(rows, find, before, nodes[places], known[places], pairs, len(contexts))
    steps[places] = rows
    return steps, starts, sizes


def put_pairs(
    rows: Floats, find: Finder, before: Integers, nodes: Integers, symbols: Symbols, pairs: Shares, first: int
) -> None:
    """Set the probabilities of the steps from some single symbols to others, where the tagger knows the pair.

    Parameters
    ----------
    rows
        The products of what both contribute; shape (m, 8).
    find
        Finds children of nodes by symbols.
    before, nodes
        The nodes of both, shape (m,).
    symbols
        The second ones, shape (m,).
    pairs
        By node of pairs, from the first one on.
    first
        The node of the first pair.
    """
    if len(pairs):
        found = find(before, symbols) * ((before > 0) & (nodes > 0))
        some = found.nonzero()[0]
        rows[some] = pairs.take(found[some] - first, axis=0)


def _few(starts: Integers, sizes: Integers) -> list[tuple[int, int]]:
    """Beginning and end of the longest runs."""
    return list(zip(starts[:_FEW].tolist(), (starts + sizes)[:_FEW].tolist()))


def _in_step(starts: Integers, sizes: Integers) -> tuple[Integers, list[int]]:
    """The places of runs, the longest first: first that of the first symbol of each, then that of the second, ...

    And where each of these groups begins, and the last one ends.
    """
    left = np.searchsorted(-sizes, -np.arange(int(sizes.max(initial=0))), side="left")
    bounds = np.concatenate(([0], np.cumsum(left)))
    rank = np.arange(bounds[-1]) - np.repeat(bounds[:-1], left)
    return starts[rank] + np.repeat(np.arange(len(left)), left), bounds.tolist()


def _first(runs: int) -> Floats:
    """What stands before each of some runs, and after it: one S; shape (4, runs)."""
    state = np.zeros((4, runs))
    state[S] = 1.0
    return state


def _scaled(values: Floats) -> Floats:
    """Four numbers a column, multiplied by a power of two if their sum is small."""
    total = (values[B] + values[M]) + (values[E] + values[S])
    scaled: Floats = values * np.where(total < _SMALL, 1 / _SMALL, 1.0)
    return scaled


def limited_odds(ending: Floats, going_on: Floats) -> Floats:
    """The ratio of two probabilities, of which one may be 0."""
    certain = ending >= going_on * ODDS_LIMIT
    ratio = np.divide(ending, going_on, out=np.full(len(ending), ODDS_LIMIT), where=~certain)
    limited: Floats = np.maximum(ratio, 1 / ODDS_LIMIT)
    return limited


def best_of_run(steps: list[list[float]]) -> list[int]:
    """The tags of one run, of which there are the steps to each place and to its end."""
    b = m = e = 0.0
    s = 1.0
    came = []  # the better tag before, for each tag
    for b_m, b_e, m_m, m_e, e_b, e_s, s_b, s_s in steps[:-1]:
        two_b, two_m, two_e, two_s = s * s_b, m * m_m, m * m_e, s * s_s
        b, m, e, s = e * e_b, b * b_m, b * b_e, e * e_s
        b_from, m_from, e_from, s_from = E, B, B, E
        if two_b > b:
            b, b_from = two_b, S
        if two_m > m:
            m, m_from = two_m, M
        if two_e > e:
            e, e_from = two_e, M
        if two_s > s:
            s, s_from = two_s, S
        came.append((b_from, m_from, e_from, s_from))
        if b < _SMALL and m < _SMALL and e < _SMALL and s < _SMALL:
            b, m, e, s = b / _SMALL, m / _SMALL, e / _SMALL, s / _SMALL
    tag = S if s * steps[-1][7] > e * steps[-1][5] else E
    tags = []
    for before in reversed(came):
        tags.append(tag)
        tag = before[tag]
    return tags[::-1]


def sides_of_run(steps: list[list[float]]) -> tuple[list[_Four], list[_Four]]:
    """What comes to each tag of one run from the left, and from the right; `steps` as in `best_of_run`."""
    b = m = e = 0.0
    s = 1.0
    forward: list[_Four] = []
    for b_m, b_e, m_m, m_e, e_b, e_s, s_b, s_s in steps[:-1]:
        b, m, e, s = e * e_b + s * s_b, b * b_m + m * m_m, b * b_e + m * m_e, e * e_s + s * s_s
        if (b + m) + (e + s) < _SMALL:
            b, m, e, s = b / _SMALL, m / _SMALL, e / _SMALL, s / _SMALL
        forward.append((b, m, e, s))
    b, m, e, s = 0.0, 0.0, 0.0, 1.0
    backward: list[_Four] = []
    for b_m, b_e, m_m, m_e, e_b, e_s, s_b, s_s in steps[:0:-1]:
        b, m, e, s = b_m * m + b_e * e, m_m * m + m_e * e, e_b * b + e_s * s, s_b * b + s_s * s
        if (b + m) + (e + s) < _SMALL:
            b, m, e, s = b / _SMALL, m / _SMALL, e / _SMALL, s / _SMALL
        backward.append((b, m, e, s))
    return forward, backward[::-1]
