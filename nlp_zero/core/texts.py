"""The words of short texts with few calls of numpy, the rest in plain Python: there the calls cost more than the work.

One go through a text, with the arithmetic of `scan`, `best_tags`, `end_odds` and `viterbi` in the same order, so that
the words are the same. See `nlp_zero.core.python`.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import accumulate, count
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from .symbols import (
    BREAK,
    FIRST_FORM,
    FIRST_SYMBOL,
    LATIN,
    LETTERS,
    NUMBER,
    SPACE,
    SYMBOL_BITS,
    SYMBOL_LIMIT,
    Flags,
    Floats,
    Integers,
    Keys,
    Shares,
    Symbols,
)
from .tagging import EDGE, TO, B, S, best_of_run, limited_odds, logs_of, put_pairs, sides_of_run
from .tries import keys_of_compiled, scan, walk_on

__all__ = ["decoder", "longest_text", "words"]

longest_text: Final = 1000  # characters; from about here on numpy is quicker
_MINUS: Final = float("-inf")
_Word: TypeAlias = tuple[int, float]  # its size and its score
_BEGINNING: Final = (B, S)

# The units of a text whose characters are given as their classes (`symbols.C_OTHER` and those after it): Han characters
# of one run at once, numbers, Latin words, other letters, white space, regional pairs, one of anything else.
_UNITS: Final = re.compile(
    rb"(\x02+)|(\x03+(?:\x0a\x03+|(?<!\x03{4})\x0b\x03{3}(?!\x03))*\x0d?)|(\x04+)|(\x05+)|(\x01+)|(\x08{1,2})|[^\x02]",
    re.DOTALL,
)
_SYMBOLS: Final = (BREAK, BREAK, NUMBER, LATIN, LETTERS, SPACE, BREAK)  # by group; that of Han characters is their own
_HAN, _REST = 1, None
# What depends on more than classes, and is left to `scan`: marks, joiners, and wide commas, which group wide digits.
_CURIOUS: Final = re.compile(rb"[\x06\x07]|\x03\x0c\x03{3}")


class _Decoder(NamedTuple):
    """What `words` needs; `forms` are nodes by their keys, `roots` the children of roots by their symbols."""

    classes: Flags
    forms: dict[int, int]
    form_symbols: list[int]
    words: Keys
    roots: dict[int, int]
    scores: Floats
    unknown: float
    general: Symbols
    longest: int
    unseen: list[_Word]
    pairs_trie: Keys
    pair_roots: dict[int, int]
    contexts: Floats
    arrivals: Floats  # the emissions, by step
    pairs: Shares


def decoder(
    classes: Flags, forms: Keys, form_symbols: Symbols, words: Keys, scores: Floats, unknown: float, general: Symbols,
    longest: int, unseen: Floats, pairs_trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, logs: Floats,
) -> object:  # fmt: skip
    """What `words` needs, made once for many texts.

    Parameters
    ----------
    classes
        As in `scan`.
    forms, form_symbols
        The compiled trie of the characters of written-out numbers and Latin words, and by its nodes the symbol of the
        one that ends there, or 0.
    words, scores, unknown, general, longest, unseen
        As in `viterbi`; without scores the words are those of the most probable tags.
    pairs_trie, contexts, emissions, pairs
        As in `best_tags`; empty if there is no tagger.
    logs
        `tagging.LOGS`.

    Notes
    -----
    Time and memory O(forms + single symbols): some milliseconds.
    """
    pair_roots = _roots(pairs_trie)  # and of forms a tagger knows the class
    pair_roots |= {FIRST_FORM + i: pair_roots.get(symbol, 0) for i, symbol in enumerate(general.tolist())}
    return _Decoder(
        classes=classes,
        forms=dict(zip(keys_of_compiled(forms).tolist(), count(1))),
        form_symbols=form_symbols.tolist(),
        words=words,
        roots=_roots(words),
        scores=scores,
        unknown=unknown,
        general=general,
        longest=longest,
        unseen=list(enumerate(unseen.tolist(), 2))[: max(longest - 1, 0)],
        pairs_trie=pairs_trie,
        pair_roots=pair_roots,
        contexts=contexts.astype(np.float64),
        arrivals=emissions.reshape(-1, 4).take(TO, axis=1).astype(np.float64),
        pairs=pairs,
    )


def _roots(trie: Keys) -> dict[int, int]:
    """The children of a compiled trie's root by their symbols."""
    keys = keys_of_compiled(trie)
    return dict(zip(keys[: keys.searchsorted(np.uint64(SYMBOL_LIMIT))].tolist(), count(1)))


def _children(roots: dict[int, int], symbols: list[int]) -> Integers:
    """The root's child by each symbol, 0 where there is none."""
    return np.array([roots.get(symbol, 0) for symbol in symbols], dtype=np.int64)


def words(text: str, decoder: object) -> list[str]:
    """The words of a text in one go, without white space; meant for texts of `longest_text` characters at most.

    Notes
    -----
    Of a tagger and a lattice, the log-odds of the one, for all symbols but the last one of each run, are the bonus of
    the other. Time O(n L), L the longest match.
    """
    assert isinstance(decoder, _Decoder)
    starts, symbols = _units(text, decoder.classes)
    if decoder.forms:
        _put_forms(text, starts, symbols, decoder)
    runs = _runs(symbols)
    begins: list[int] = []
    done = 0
    for (first, last), inside in zip(runs, _begins([symbols[i:j] for i, j in runs], decoder)):
        begins += range(done, first)
        begins += [first + i for i in inside]
        done = last
    begins += range(done, len(symbols))
    places = [starts[i] for i in begins]
    places.append(len(text))
    return [text[i:j] for i, j, unit in zip(places, places[1:], begins) if symbols[unit] != SPACE]


def _units(text: str, classes: Flags) -> tuple[list[int], list[int]]:
    """Where each unit begins, and the end of the text; and their symbols."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    kinds = classes[codes].tobytes()
    if _CURIOUS.search(kinds):
        found = scan(codes, classes)
        return found[0].tolist(), found[1].tolist()
    own = codes.tolist()
    starts: list[int] = []
    symbols: list[int] = []
    before: int | None = _HAN
    for match in _UNITS.finditer(kinds):
        first, last = match.span()
        group = match.lastindex
        if group == _HAN:
            starts += range(first, last)
            symbols += own[first:last]
        elif group is not _REST:
            starts.append(first)
            symbols.append(_SYMBOLS[group])
        elif before is not _REST or text[first] != text[first - 1] or text[first] > "\uffff":  # not the same again
            starts.append(first)
            symbols.append(BREAK)
        before = group
    starts.append(len(text))
    return starts, symbols


def _put_forms(text: str, starts: list[int], symbols: list[int], decoder: _Decoder) -> None:
    """Give the numbers and Latin words that are written out in words their own symbols."""
    for i, symbol in enumerate(symbols):
        if symbol >= NUMBER:
            node = 0
            for character in text[starts[i] : starts[i + 1]]:
                node = decoder.forms.get(node << SYMBOL_BITS | ord(character), 0)
                if not node:
                    break
            symbols[i] = decoder.form_symbols[node] or symbol


def _runs(symbols: list[int]) -> list[tuple[int, int]]:
    """Where each run begins and ends."""
    runs, first = [], 0
    for i, symbol in enumerate(symbols):
        if symbol < FIRST_SYMBOL:
            if first < i:
                runs.append((first, i))
            first = i + 1
    if first < len(symbols):
        runs.append((first, len(symbols)))
    return runs


def _begins(runs: list[list[int]], decoder: _Decoder) -> list[list[int]]:
    """Where the words of each run begin in it."""
    if not len(decoder.scores):
        return [[i for i, tag in enumerate(best_of_run(rows)) if tag in _BEGINNING] for rows in _steps(runs, decoder)]
    bonus = _log_odds(_steps(runs, decoder)) if len(decoder.contexts) else [[0.0] * len(run) for run in runs]
    return [_best_words(*parts, decoder) for parts in zip(runs, _lattices(runs, decoder), bonus)]


def _steps(runs: list[list[int]], decoder: _Decoder) -> list[list[list[float]]]:
    """The probabilities of the steps to each symbol of each run, and to its end."""
    passed, ends = [EDGE], [0]
    for run in runs:
        passed += run
        passed.append(EDGE)
        ends.append(len(passed) - 1)
    nodes = _children(decoder.pair_roots, passed)
    products = decoder.contexts.take(nodes[:-1], axis=0) * decoder.arrivals.take(nodes[1:], axis=0)
    symbols = np.array(passed[1:], dtype=np.uint32)
    find = partial(walk_on, decoder.pairs_trie)
    put_pairs(products, find, nodes[:-1], nodes[1:], symbols, decoder.pairs, len(decoder.contexts))
    rows = products.tolist()
    return [rows[i:j] for i, j in zip(ends, ends[1:])]


def _log_odds(steps: list[list[list[float]]]) -> list[list[float]]:
    """The log-odds that words end with each symbol of each run but the last one, for which it is 0."""
    ending: list[float] = []
    going_on: list[float] = []
    ends = [0]
    for rows in steps:
        forward, backward = sides_of_run(rows)
        ending += [e * e2 + s * s2 for (_, _, e, s), (_, _, e2, s2) in zip(forward, backward)]
        going_on += [b * b2 + m * m2 for (b, m, _, _), (b2, m2, _, _) in zip(forward, backward)]
        ends.append(len(ending))
    odds = logs_of(limited_odds(np.array(ending), np.array(going_on))).tolist()
    return [[*odds[i : j - 1], 0.0] for i, j in zip(ends, ends[1:])]


def _lattices(runs: list[list[int]], decoder: _Decoder) -> list[tuple[list[float], list[list[_Word]]]]:
    """By run, the score of each symbol as a word of its own, and by place the longer words of the trie from there."""
    joined = [symbol for run in runs for symbol in (*run, BREAK)]
    symbols = np.array(joined, dtype=np.int64)
    at, nodes, size = np.arange(len(symbols)), _children(decoder.roots, joined), 1
    single = decoder.scores.take(nodes)
    forms = (symbols >= FIRST_FORM).nonzero()[0]
    if len(forms):  # a form also matches as its class
        others = _children(decoder.roots, decoder.general[symbols[forms] - FIRST_FORM].tolist())
        single[forms] = np.maximum(single[forms], decoder.scores.take(others))
        at, nodes = np.append(at, forms), np.append(nodes, others)
    longer: list[list[_Word]] = [[] for _ in range(len(symbols))]
    while size < decoder.longest and len(known := nodes.nonzero()[0]):
        at, nodes = at.take(known), nodes.take(known)
        symbol = symbols.take(at + size)  # a break at the latest, with which no word goes on
        form = (symbol >= FIRST_FORM).nonzero()[0] if len(forms) else forms
        if len(form):
            at, nodes = np.append(at, at[form]), np.append(nodes, nodes[form])
            symbol = np.append(symbol, decoder.general[symbol[form] - FIRST_FORM])
        nodes, size = walk_on(decoder.words, nodes, symbol.astype(np.uint64)), size + 1
        for place, score in zip(at.tolist(), decoder.scores.take(nodes).tolist()):
            if score > _MINUS:
                longer[place].append((size, score))
    singles = np.where(single > _MINUS, single, decoder.unknown).tolist()
    ends = list(accumulate((len(run) + 1 for run in runs), initial=0))
    return [(singles[i : j - 1], longer[i : j - 1]) for i, j in zip(ends, ends[1:])]


def _best_words(
    run: list[int], lattice: tuple[list[float], list[list[_Word]]], bonus: list[float], decoder: _Decoder
) -> list[int]:
    """Where the best words of a run begin, by `walks.viterbi`."""
    n = len(run)
    singles, longer = lattice
    for start, size in _chains(run):
        if size <= decoder.longest:
            longer[start].append((size, min(singles[start : start + size])))
    sums, counts, sizes = [0.0] * (n + 1), [0] * (n + 1), [1] * n
    for i in range(n - 1, -1, -1):
        top, fewest, best = singles[i] + bonus[i] + sums[i + 1], counts[i + 1] + 1, 1
        for size, score in longer[i] + decoder.unseen[: n - i - 1]:
            end = i + size
            total = score + bonus[end - 1] + sums[end]
            if total >= top:
                number = counts[end] + 1
                if total > top or number < fewest or (number == fewest and size > best):
                    top, fewest, best = total, number, size
        sums[i], counts[i], sizes[i] = top, fewest, best
    begins, at = [], 0
    while at < n:
        begins.append(at)
        at += sizes[at]
    return begins


def _chains(run: list[int]) -> list[tuple[int, int]]:
    """Where each chain of two or more numbers and Latin words begins, and its size."""
    chains, first = [], 0
    for i, symbol in enumerate([*run, EDGE]):
        if symbol < NUMBER:
            if i - first > 1:
                chains.append((first, i - first))
            first = i + 1
    return chains
