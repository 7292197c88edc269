"""The words of short texts with few calls of numpy, the rest in plain Python: there the calls cost more than the work.

One go through a text, with the arithmetic of `scan`, `best_tags`, `end_odds` and `viterbi` in the same order, so that
the words are the same. See `nlp_zero.core.python`.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import count, repeat
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from .scanning import SYMBOL_OF, scan
from .symbols import (
    BREAK,
    C_HAN,
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
from .tables import compiled_children, keys_of_compiled
from .tagging import EDGE, TO, B, S, best_of_run, limited_odds, logs_of, put_pairs, sides_of_run

__all__ = ["decoder", "joined", "longest_text", "words"]

longest_text: Final = 1000  # characters; from about here on numpy is quicker
_MINUS: Final = float("-inf")
_LINE_END: Final = re.compile("([\r\n])")
_Word: TypeAlias = tuple[int, float]  # its size and its score
_Nodes: TypeAlias = dict[int, tuple[float, "_Nodes | None"]]  # by symbol: score of the word, or -inf; what goes on
_BEGINNING: Final = (B, S)
_SYMBOL: Final = SYMBOL_LIMIT - 1

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


# What may be one unit of more than one character.
_MORE: Final = re.compile(rb"([^\x02])\1|\x03[\x0a-\x0d]")


class _Followers(dict[int, "_Nodes"]):
    """By symbol, how words go on that begin with it, node by node; made when it is looked up, as long as the trie has.

    Parameters
    ----------
    trie, scores, longest
        As in `viterbi`.
    """

    __slots__ = ("_keys", "_longest", "_roots", "_scores")

    def __init__(self, trie: Keys, scores: Floats, longest: int) -> None:
        self._keys, self._scores, self._longest = keys_of_compiled(trie), scores, longest
        self._roots = _roots(trie)

    def __missing__(self, symbol: int) -> _Nodes:
        node = self._roots.get(symbol, 0)
        found = self[symbol] = self._below(node) if node else {}
        return found

    def _below(self, node: int) -> _Nodes:
        """What is below a node; the nodes of one level are neighbours there."""
        levels: list[tuple[int, list[int], list[float]]] = []
        first, last = node, node + 1
        while len(levels) + 1 < self._longest:
            begin, end = (int(self._keys.searchsorted(np.uint64(i << SYMBOL_BITS))) for i in (first, last))
            if begin == end:
                break
            first, last = begin + 1, end + 1
            levels.append((first, self._keys[begin:end].tolist(), self._scores[first:last].tolist()))
        below: dict[int, _Nodes] = {}
        for first, keys, scores in reversed(levels):
            here: dict[int, _Nodes] = {}
            for child, key, score in zip(count(first), keys, scores):
                here.setdefault(key >> SYMBOL_BITS, {})[key & _SYMBOL] = score, below.get(child)
            below = here
        return below.get(node, {})


class _Decoder(NamedTuple):
    """What `words` needs; `forms` are nodes by their keys, `pair_roots` the children of the root by their symbols.

    `own` are scores of words of one symbol, `singles` those and None for what ends a run; `plain`: words have scores
    alone.
    """

    classes: Flags
    forms: dict[int, int]
    form_symbols: list[int]
    plain: bool
    own: dict[int, float]
    singles: dict[int, float | None]
    followers: _Followers
    lattice: bool
    unknown: float
    general: list[int]
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
    Time and memory O(forms + single symbols): some milliseconds. How words go on is put into dictionaries when a symbol
    is first met, and takes some hundred bytes a word.
    """
    pair_roots = _roots(pairs_trie)  # and of forms a tagger knows the class
    pair_roots |= {FIRST_FORM + i: pair_roots.get(symbol, 0) for i, symbol in enumerate(general.tolist())}
    own = {symbol: score for symbol, score in zip(_roots(words), scores[1:].tolist()) if score > _MINUS}
    return _Decoder(
        classes=classes,
        forms=dict(zip(keys_of_compiled(forms).tolist(), count(1))),
        form_symbols=form_symbols.tolist(),
        plain=len(scores) > 0 and not len(unseen) and not len(contexts),
        own=own,
        singles=dict.fromkeys(range(FIRST_SYMBOL)) | own,
        followers=_Followers(words, scores, longest),
        lattice=len(scores) > 0,
        unknown=unknown,
        general=general.tolist(),
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
    if max(symbols, default=0) < NUMBER:
        curious = False
    else:
        if decoder.forms:
            _put_forms(text, starts, symbols, decoder)
        curious = _has_ways(symbols)
    if decoder.plain and not curious:
        begins = _best_plain(symbols, decoder)
    else:
        begins = _by_run(symbols, decoder)
    places = [starts[i] for i in begins] if len(starts) <= len(text) else begins
    found = [text[i:j] for i, j in zip(places, [*places[1:], len(text)])]
    if SPACE in symbols:
        return [word for word, unit in zip(found, begins) if symbols[unit] != SPACE]
    return found


def _has_ways(symbols: list[int]) -> bool:
    """Whether there are chains of numbers and Latin words, or written-out ones, which match in more than one way."""
    before = 0
    for symbol in symbols:
        if symbol >= NUMBER and (before >= NUMBER or symbol >= FIRST_FORM):
            return True
        before = symbol
    return False


def _best_plain(symbols: list[int], decoder: _Decoder) -> list[int]:
    """Where the best words begin, by `walks.viterbi`, if scores alone decide."""
    n = len(symbols)
    singles = map(decoder.singles.get, reversed(symbols), repeat(decoder.unknown))
    nexts = [*symbols[1:], BREAK]
    pairs = map(dict.get, map(decoder.followers.__getitem__, reversed(symbols)), reversed(nexts))
    sums, counts, sizes = [0.0] * (n + 2), [0] * (n + 2), [1] * n
    for i, single, pair in zip(range(n - 1, -1, -1), singles, pairs):
        if single is None:  # a run ends, and sums begin anew
            continue
        top, fewest = single + sums[i + 1], counts[i + 1] + 1
        end = i + 2
        while pair is not None:
            score, deeper = pair
            total = score + sums[end]
            if total >= top:
                number = counts[end] + 1
                if total > top or number <= fewest:
                    top, fewest, sizes[i] = total, number, end - i
            if deeper is None:
                break
            pair = deeper.get(nexts[end - 1])
            end += 1
        sums[i], counts[i] = top, fewest
    return _followed(sizes)


def _followed(sizes: list[int]) -> list[int]:
    """Where words begin, of which each place has the size of the one that begins there."""
    begins, at, n = [], 0, len(sizes)
    while at < n:
        begins.append(at)
        at += sizes[at]
    return begins


def _by_run(symbols: list[int], decoder: _Decoder) -> list[int]:
    """Where the best words begin, run by run, and everything else."""
    runs = _runs(symbols)
    begins: list[int] = []
    done = 0
    for (first, last), inside in zip(runs, _begins([symbols[i:j] for i, j in runs], decoder)):
        begins += range(done, first)
        begins += [first + i for i in inside]
        done = last
    begins += range(done, len(symbols))
    return begins


def joined(text: str, decoder: object, separator: str) -> bytes:
    """The words of a text joined by a separator, line ends as they are, as UTF-8; meant for as short texts as `words`.

    Raises
    ------
    UnicodeEncodeError
        If the text has surrogates.
    """
    lines = _LINE_END.split(text)
    lines[::2] = [separator.join(words(line, decoder)) for line in lines[::2]]
    return "".join(lines).encode("utf-8")


def _units(text: str, classes: Flags) -> tuple[list[int], list[int]]:
    """Where each unit begins, and the end of the text; and their symbols."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    numbers = classes.take(codes)
    kinds = numbers.tobytes()
    if _CURIOUS.search(kinds):
        found = scan(codes, classes)
        return found[0].tolist(), found[1].tolist()
    own: list[int] = codes.tolist()
    if not _MORE.search(kinds):  # a unit of its own each
        return list(range(len(own) + 1)), np.where(numbers == C_HAN, codes, SYMBOL_OF.take(numbers)).tolist()
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
    if not decoder.lattice:
        return [[i for i, tag in enumerate(best_of_run(rows)) if tag in _BEGINNING] for rows in _steps(runs, decoder)]
    bonus = _log_odds(_steps(runs, decoder)) if len(decoder.contexts) else [[0.0] * len(run) for run in runs]
    return [_best_words(run, odds, decoder) for run, odds in zip(runs, bonus)]


def _steps(runs: list[list[int]], decoder: _Decoder) -> list[list[list[float]]]:
    """The probabilities of the steps to each symbol of each run, and to its end."""
    passed, ends = [EDGE], [0]
    for run in runs:
        passed += run
        passed.append(EDGE)
        ends.append(len(passed) - 1)
    nodes = _children(decoder.pair_roots, passed)
    products = decoder.contexts.take(nodes[:-1], axis=0) * decoder.arrivals.take(nodes[1:], axis=0)
    symbols = keys_of_compiled(decoder.pairs_trie).take(nodes[1:] - 1).astype(np.uint32)
    find = partial(compiled_children, decoder.pairs_trie)
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


def _lattice(run: list[int], decoder: _Decoder) -> tuple[list[float], list[list[_Word]]]:
    """The score of each symbol of a run as a word of its own, and by place the longer words of the trie from there."""
    singles = [decoder.own.get(symbol, decoder.unknown) for symbol in run]
    longer: list[list[_Word]] = []
    nexts = [*run[1:], BREAK]
    for i, pair in enumerate(map(dict.get, map(decoder.followers.__getitem__, run), nexts)):
        words: list[_Word] = []
        size = 2
        while pair is not None:
            score, deeper = pair
            if score > _MINUS:
                words.append((size, score))
            if deeper is None:
                break
            pair, size = deeper.get(nexts[i + size - 1]), size + 1
        longer.append(words)
    return singles, longer


def _lattice_of_forms(run: list[int], decoder: _Decoder) -> tuple[list[float], list[list[_Word]]]:
    """What `_lattice` returns, for a run in which forms also match as their classes."""
    ways = [(s, decoder.general[s - FIRST_FORM]) if s >= FIRST_FORM else (s,) for s in run]
    singles = [max((decoder.own[s] for s in way if s in decoder.own), default=decoder.unknown) for way in ways]
    longer: list[list[_Word]] = []
    for i, way in enumerate(ways):
        words: list[_Word] = []
        nodes, size = [decoder.followers[symbol] for symbol in way], 1
        while nodes and i + size < len(run):
            found = [node[symbol] for node in nodes for symbol in ways[i + size] if symbol in node]
            size += 1
            words += [(size, score) for score, _ in found if score > _MINUS]
            nodes = [deeper for _, deeper in found if deeper is not None]
        longer.append(words)
    return singles, longer


def _best_words(run: list[int], bonus: list[float], decoder: _Decoder) -> list[int]:
    """Where the best words of a run begin, by `walks.viterbi`."""
    n = len(run)
    singles, longer = (_lattice if max(run) < FIRST_FORM else _lattice_of_forms)(run, decoder)
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
    return _followed(sizes)


def _chains(run: list[int]) -> list[tuple[int, int]]:
    """Where each chain of two or more numbers and Latin words begins, and its size."""
    chains, first = [], 0
    for i, symbol in enumerate([*run, EDGE]):
        if symbol < NUMBER:
            if i - first > 1:
                chains.append((first, i - first))
            first = i + 1
    return chains
