"""Every kernel against every core and against a naive oracle: the same values, order, types and ties.

The oracles below are loops over dictionaries and strings, written from the docstrings of `nlp_zero.core.python` and
not from its code. Each call goes to all cores, which must agree to the bit, before its result meets the oracle.
"""

from __future__ import annotations

import importlib
import math
import os
import re
import tracemalloc
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise, product
from operator import itemgetter
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero.core import counting, python
from nlp_zero.core import symbols as symbol_table
from nlp_zero.core.symbols import BREAK, FIRST_FORM, FIRST_SYMBOL, LATIN, LETTERS, NUMBER, SPACE, SYMBOL_BITS
from nlp_zero.core.tries import _distinct, level_bounds
from nlp_zero.text.characters import character_classes, codes_of

CORES: list[ModuleType] = [python]
problem = ""
try:
    CORES.append(importlib.import_module("nlp_zero.core.compiled"))
except ImportError as error:
    if os.environ.get("NLP_ZERO_CORE") == "c":
        raise
    problem = str(error)

# Without C the numpy core still meets the oracles, and the summary counts what could not be run as xfailed.
needs_c = pytest.mark.xfail(bool(problem), run=False, reason=f"no C core: {problem}")

Run = tuple[int, ...]
U32, U64, I64 = np.uint32, np.uint64, np.int64


def assert_same(a: Any, b: Any) -> None:
    """Equal values of equal types; arrays have equal dtypes and shapes as well."""
    assert type(a) is type(b)
    if isinstance(a, tuple | list):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            assert_same(x, y)
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)
    else:
        assert a == b


def agreed(results: Iterable[Any]) -> Any:
    """The one result that all cores have come to."""
    first, *others = results
    for other in others:
        assert_same(first, other)
    return first


def run(kernel: str, *arguments: Any) -> Any:
    """Call a kernel on all cores."""
    return agreed(getattr(core, kernel)(*arguments) for core in CORES)


def walk(kernel: str, symbols: Any, keys: Any, *arguments: Any) -> Any:
    """Call a kernel that walks a trie on all cores, each with its own form of the trie."""
    return agreed(getattr(core, kernel)(symbols, core.compile_trie(keys), *arguments) for core in CORES)


@needs_c
def test_the_c_core_takes_part() -> None:
    assert [core.name for core in CORES] == ["python", "c"]


# ------------------------------------------------------------------------------------------------ strategies

HAN = [0x4E00, 0x4E8C, 0x3007, 0x9FFF, 0x20BB7, 0x3347F]
UNITS = [NUMBER, LATIN, FIRST_FORM, FIRST_FORM + 1, FIRST_FORM + 2]
BREAKS = [BREAK, SPACE, LETTERS, symbol_table.FORCED, FIRST_SYMBOL - 1]
GENERAL = np.array([NUMBER, LATIN, NUMBER], dtype=U32)
NO_BONUS = np.zeros(0)

# A few symbols, so that strings repeat; breaks are as frequent as any other symbol.
alphabets = st.lists(st.sampled_from(HAN + UNITS + BREAKS + [FIRST_SYMBOL]), min_size=1, max_size=5, unique=True)
texts = alphabets.flatmap(lambda alphabet: st.lists(st.sampled_from(alphabet), max_size=40))
runs = st.lists(st.sampled_from([*HAN[:2], *UNITS]), max_size=6)
# More than a handful of runs, for numpy then works on all of them in step.
run_texts = st.lists(st.tuples(runs, st.sampled_from(BREAKS)), max_size=14).map(
    lambda parts: [symbol for part, end in parts for symbol in [*part, end]]
)


@st.composite
def texts_and_strings(draw: st.DrawFn, source: st.SearchStrategy[list[int]] = texts) -> tuple[list[int], list[Run]]:
    """Some symbols, and strings to look for: parts of them (breaks and repeats included) and others."""
    text = draw(source)
    strings = draw(st.lists(st.lists(st.sampled_from(HAN[:2] + UNITS), min_size=1, max_size=9).map(tuple), max_size=3))
    for _ in range(draw(st.integers(0, 6)) if text else 0):
        start = draw(st.integers(0, len(text) - 1))
        strings.append(tuple(text[start : start + draw(st.integers(1, 5))]))
    return text, strings


# --------------------------------------------------------------------------------------------------- oracles


def runs_of(text: Sequence[int]) -> Iterator[tuple[int, Run]]:
    """Where each run begins, and the run."""
    start = 0
    for i, symbol in enumerate([*text, BREAK]):
        if symbol < FIRST_SYMBOL:
            if i > start:
                yield start, tuple(text[start:i])
            start = i + 1


def trie_of(strings: Iterable[Run]) -> tuple[list[int], dict[Run, int]]:
    """The keys of the trie of some strings, and the node of each prefix."""
    prefixes = {string[:k] for string in strings for k in range(1, len(string) + 1)}
    ordered = sorted(prefixes, key=lambda string: (len(string), string))
    node = {(): 0} | {string: i + 1 for i, string in enumerate(ordered)}
    return [node[string[:-1]] << SYMBOL_BITS | string[-1] for string in ordered], node


def marked(strings: Iterable[Run], node: dict[Run, int]) -> Any:
    """A flag for each node, 1 at the strings."""
    flags = np.zeros(len(node), dtype=np.uint8)
    flags[[node[string] for string in strings]] = 1
    return flags


def found_in(text: Sequence[int], strings: Iterable[Run]) -> list[tuple[int, Run]]:
    """All occurrences inside runs, by place and then by length."""
    return [
        (start + i, part[i:j])
        for start, part in runs_of(text)
        for i in range(len(part))
        for j in range(i + 1, len(part) + 1)
        if part[i:j] in set(strings)
    ]


def counted(text: Sequence[int], order: int, firsts: Container[int] = range(1 << 21)) -> tuple[list[int], list[int]]:
    """Keys and counts of all n-grams that begin with some symbols."""
    counts: Counter[Run] = Counter()
    for _, part in runs_of(text):
        for size in range(1, order + 1):
            counts.update(part[i : i + size] for i in range(len(part) - size + 1) if part[i] in firsts)
    keys, node = trie_of(counts)
    return keys, [counts[string] for string in node if string]


# A letter for each class: other, space, Han, digit, Latin, letter, extend, joiner, regional, picture, and what may
# stand inside a number.
LETTER_OF = "?_Hdab??R?.,;%"
NUMBER_RULE = r"""
    [dw]+ (?: \.[dw]+                                     # a fraction
            | (?<![dw]{4}) , [dw]{3} (?![dw])             # a group of three, after at most three
            | (?<![dw]{4}) (?<=w) ; w[dw]{2} (?![dw])     # with a wide comma, only between wide digits
          )* %?
"""
SYMBOL_OF = {"number": NUMBER, "latin": LATIN, "letters": LETTERS, "space": SPACE}
UNIT_RULE = re.compile(rf"(?P<number>{NUMBER_RULE})|(?P<latin>a+)|(?P<letters>b+)|(?P<space>_+)|RR?|.", re.VERBOSE)


def naive_scan(text: str) -> tuple[list[int], list[int]]:
    """The rules for units as one regular expression over the classes of base characters."""
    kinds = character_classes()[codes_of(text)].tolist()
    marks = (symbol_table.C_EXTEND, symbol_table.C_JOINER)
    bases = [i for i, kind in enumerate(kinds) if kind not in marks or i == 0 or kinds[i - 1] == symbol_table.C_SPACE]
    digit = symbol_table.C_DIGIT
    shape = "".join(("w" if ord(text[i]) > 0xFF else "d") if kinds[i] == digit else LETTER_OF[kinds[i]] for i in bases)
    begins: dict[int, int] = {}
    at = 0
    while match := UNIT_RULE.match(shape, at):
        end, character = match.end(), text[bases[at]]
        if match[0] in ".,;%?":  # punctuation: the same mark again is the same unit
            while end < len(bases) and text[bases[end]] == character and ord(character) < 0x10000:
                end += 1
        begins[at] = ord(character) if match[0] == "H" else SYMBOL_OF.get(match.lastgroup, BREAK)
        at = end
    for b, i in enumerate(bases):  # what follows a joiner stays with what stands before it
        if i and kinds[i - 1] == symbol_table.C_JOINER and shape[b] == "?" and b and shape[b - 1] == "?":
            begins.pop(b, None)
    return [*(bases[b] for b in begins), len(text)], list(begins.values())


def best_words(
    part: Run,
    scores: dict[Run, float],
    unknown: float,
    longest: int,
    bonus: Sequence[float] = (),
    unseen: Sequence[float] = (),
) -> list[int]:
    """The sizes of the best words of a run, from all ways to cut it."""

    def variants(word: Run) -> Iterator[Run]:
        if not word:
            yield ()
            return
        for rest in variants(word[1:]):
            yield (word[0], *rest)
            if word[0] >= FIRST_FORM:
                yield (int(GENERAL[word[0] - FIRST_FORM]), *rest)

    def score(i: int, j: int) -> float:
        known = [scores[word] for word in variants(part[i:j]) if word in scores]
        if j - i == 1:
            return max(known, default=unknown)
        known += unseen[j - i - 2 : j - i - 1]
        inside = all(symbol >= NUMBER for symbol in part[i:j])
        if inside and (i == 0 or part[i - 1] < NUMBER) and (j == len(part) or part[j] < NUMBER):
            known.append(min(score(k, k + 1) for k in range(i, j)))  # a whole chain
        return max(known, default=-math.inf) if j - i <= longest else -math.inf

    def on_top(j: int) -> float:
        return bonus[j - 1] if bonus else 0.0

    words = {(i, j): score(i, j) + on_top(j) for i in range(len(part)) for j in range(i + 1, len(part) + 1)}

    def cuts(i: int) -> Iterator[tuple[float, list[int]]]:
        if i == len(part):
            yield 0.0, []
        for j in range(i + 1, len(part) + 1):
            if words[i, j] > -math.inf:
                yield from ((words[i, j] + total, [j - i, *sizes]) for total, sizes in cuts(j))

    return max(cuts(0), key=lambda cut: (cut[0], -len(cut[1]), cut[1]))[1]


# ------------------------------------------------------------------------------------------------------ scan

CURIOUS = [
    *"中国〇々𠮷３８０95123.,，%％·．‰aBＡéß \n\u3000—…！★す안Ж🏽👨👩🇨🇳",
    *"\u200b\u200d\ufe0f\u0301\x00\ud800\udfff",
]
curious_texts = st.lists(st.sampled_from(CURIOUS) | st.characters(exclude_categories=()), max_size=24).map("".join)
number_parts = [*"12３４.,，%％\u0301 年", "123", "1234", "１２３", "１２３４"]
number_texts = st.lists(st.sampled_from(number_parts), max_size=12).map("".join)


@given(curious_texts | number_texts)
@example("")
@example("\u0301")
@example("1,234,567.8%%")
@example("１２３，４５６，７８9 1234,567 12,3456 1，234 １，234 １２３４，５６７")
@example("👨\u200d👩\u200d👧 ★\u200d★中\u200d★ \u200d\u200d★")
@example("🇨🇳🇨🇳🇨——……12%%%..5...")
def test_scan(text: str) -> None:
    starts, symbols = run("scan", codes_of(text), character_classes())
    assert starts.dtype == I64 and symbols.dtype == U32
    assert (starts.tolist(), symbols.tolist()) == naive_scan(text)


# ----------------------------------------------------------------------------------------------------- tries


@given(
    st.lists(st.sampled_from([*HAN, *UNITS, *BREAKS, FIRST_SYMBOL, 0xFFFF, 0x10000, (1 << 21) - 1]), max_size=40),
    st.sampled_from([1, 2, 7, 1 << 16]),
)
def test_count_symbols(text: list[int], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BLOCK", block)  # what numpy looks at together
        seen, sizes = run("count_symbols", np.array(text, dtype=U32))
    assert seen.dtype == U32 and sizes.dtype == I64
    expected = Counter(symbol for symbol in text if symbol >= FIRST_SYMBOL)
    assert list(zip(seen.tolist(), sizes.tolist())) == sorted(expected.items())


def test_counting_symbols_takes_no_memory_for_each_of_them() -> None:
    text = np.full(1 << 22, NUMBER, dtype=U32)
    for core in CORES:
        tracemalloc.start()
        core.count_symbols(text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3 * len(text)  # numpy looks at a part of them together


def test_count_symbols_of_more_than_one_block() -> None:
    text = np.random.default_rng(3).choice(np.array([0, 15, 16, 4095, 4096, 0xFFFF, 0x10000, NUMBER]), 600_000)
    seen, sizes = run("count_symbols", text.astype(U32))
    expected = Counter(symbol for symbol in text.tolist() if symbol >= FIRST_SYMBOL)
    assert list(zip(seen.tolist(), sizes.tolist())) == sorted(expected.items())


@given(texts, st.integers(1, 12))
@example([], 3)
@example([BREAK, 0x4E00, BREAK], 12)
@example([0x4E00] * 30, 12)
def test_count_ngrams(text: list[int], order: int) -> None:
    keys, counts = run("count_ngrams", np.array(text, dtype=U32), order)
    assert keys.dtype == U64 and counts.dtype == I64
    assert (keys.tolist(), counts.tolist()) == counted(text, order)


@given(texts, st.integers(1, 12), st.data(), st.sampled_from([1, 2, 3, 10, 1000]), st.sampled_from([1, 2, 5, 1 << 16]))
def test_ngram_parts(text: list[int], order: int, data: st.DataObject, most: int, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BLOCK", block)  # n-grams may reach from one block of the numpy core into the next
        _check_parts(text, order, data, most)


def seen_in(text: Any) -> tuple[Any, Any, Any]:
    """A text, the different symbols in its runs, and how often each stands there."""
    return text, *np.unique(text[text >= FIRST_SYMBOL], return_counts=True)


def _check_parts(text: list[int], order: int, data: st.DataObject, most: int) -> None:
    bound = st.sampled_from([*text, 0, 0x4E00, FIRST_FORM, (1 << 21) - 1, 1 << 21])
    first, end = data.draw(bound), data.draw(bound)
    parts = run("ngram_parts", *seen_in(np.array(text, dtype=U32)), order, first, end, most)
    begun = Counter(symbol for symbol in text if symbol >= FIRST_SYMBOL and first <= symbol < end)
    covered = 0
    for keys, counts in parts:
        symbols = [key for key in keys.tolist() if key < 1 << SYMBOL_BITS]
        assert symbols[0] >= covered
        assert (keys.tolist(), counts.tolist()) == counted(text, order, symbols)
        own = sum(begun.pop(symbol) for symbol in symbols)
        assert own <= most or len(symbols) == 1
        covered = symbols[-1] + 1
    assert not begun
    for one, other in pairwise(sum(counts[keys < 1 << SYMBOL_BITS].tolist()) for keys, counts in parts):
        assert one + other > most  # no part could have taken in the next one


def test_count_ngrams_of_very_many_symbols() -> None:
    random = np.random.default_rng(5)
    text = random.permutation(np.arange(FIRST_SYMBOL, FIRST_SYMBOL + 66_000, dtype=U32))
    text = np.concatenate([text, random.choice(text[:50], 6_000)])
    keys, counts = run("count_ngrams", text, 5)
    assert len(set(text.tolist())) > 65_535
    assert (keys.tolist(), counts.tolist()) == counted(text.tolist(), 5)


@pytest.mark.parametrize("order", [1, 4, 5])
def test_count_ngrams_of_more_than_one_block(order: int) -> None:
    random = np.random.default_rng(8)  # 4 n-grams of 14 bits a symbol fit into a number, 5 do not
    text = np.concatenate([random.integers(0, 9_000, 40_000), random.integers(12, 20, 40_000)]).astype(U32)
    keys, counts = run("count_ngrams", text, order)
    assert (keys.tolist(), counts.tolist()) == counted(text.tolist(), order)


@pytest.mark.parametrize("different", [1, 15, 16, 255, 256])
def test_count_ngrams_that_just_fit(different: int) -> None:
    text = np.random.default_rng(9).integers(FIRST_SYMBOL - 1, FIRST_SYMBOL + different, 3_000).astype(U32)
    for order in (7, 8, 12, 13, 16, 17):
        keys, counts = run("count_ngrams", text, order)
        assert (keys.tolist(), counts.tolist()) == counted(text.tolist(), order)


def with_breaks(symbols: Any, share: float, seed: int) -> Any:
    """Symbols in runs, some of which end one."""
    places = np.flatnonzero(np.random.default_rng(seed).random(len(symbols)) < share)
    return np.insert(symbols, places, 1).astype(U32)


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513])
@pytest.mark.parametrize("order", [1, 4, 20])
def test_count_ngrams_of_so_many_positions(size: int, order: int) -> None:
    symbols = np.random.default_rng(size).integers(FIRST_SYMBOL, FIRST_SYMBOL + 40, size)
    text = with_breaks(symbols, 0.05, size)
    assert np.count_nonzero(text >= FIRST_SYMBOL) == size
    keys, counts = run("count_ngrams", text, order)
    assert (keys.tolist(), counts.tolist()) == counted(text.tolist(), order)


SORTED = 1 << 16  # positions whose n-grams are sorted together, if they begin with more than one symbol


@pytest.mark.parametrize("order", [4, 20])
@pytest.mark.parametrize("most", [SORTED // 2, 2 * SORTED])
@pytest.mark.parametrize("text", ["many symbols", "one of them very often"])
def test_ngrams_that_are_not_sorted_together(text: str, most: int, order: int) -> None:
    random = np.random.default_rng(order)
    symbols = random.integers(FIRST_SYMBOL, FIRST_SYMBOL + 30, 90_000)
    if text != "many symbols":
        symbols[random.random(len(symbols)) < 0.75] = FIRST_SYMBOL + 11
        assert np.count_nonzero(symbols == FIRST_SYMBOL + 11) > SORTED
    whole = with_breaks(symbols, 0.3, order)
    keys, counts = run("count_ngrams", whole, order)
    assert (keys.tolist(), counts.tolist()) == counted(whole.tolist(), order)
    for keys, counts in run("ngram_parts", *seen_in(whole), order, FIRST_SYMBOL + 5, FIRST_SYMBOL + 20, most):
        own = [key for key in keys.tolist() if key < 1 << SYMBOL_BITS]
        assert (keys.tolist(), counts.tolist()) == counted(whole.tolist(), order, own)


def test_count_ngrams_of_a_long_run() -> None:
    size = 100_000
    keys, counts = run("count_ngrams", np.tile(np.array([0x4E00, 0x4E8C], dtype=U32), size // 2), 12)
    assert len(keys) == 24
    assert counts[::2].tolist() == [(size - k) // 2 + (size - k) % 2 for k in range(12)]
    assert (counts[::2] + counts[1::2]).tolist() == [size - k for k in range(12)]


@given(texts_and_strings(), st.data())
def test_build_trie(case: tuple[list[int], list[Run]], data: st.DataObject) -> None:
    text, _ = case
    starts = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    lengths = [data.draw(st.integers(0, len(text) - start)) for start in starts]
    places = (np.array(values, dtype=I64) for values in (starts, lengths))
    keys, nodes = run("build_trie", np.array(text, dtype=U32), *places)
    assert keys.dtype == U64 and nodes.dtype == I64
    strings = [tuple(text[start : start + length]) for start, length in zip(starts, lengths)]
    expected, node = trie_of(strings)
    assert keys.tolist() == expected
    assert nodes.tolist() == [node[string] for string in strings]


def test_build_trie_that_outgrows_its_first_table() -> None:
    text = np.random.default_rng(6).integers(FIRST_SYMBOL, FIRST_SYMBOL + 40, 6_000).astype(U32)
    starts = np.arange(0, len(text) - 4, dtype=I64)
    lengths = np.random.default_rng(8).integers(0, 5, len(starts))
    keys, nodes = run("build_trie", text, starts, lengths)
    strings = [tuple(text[i : i + n].tolist()) for i, n in enumerate(lengths.tolist())]
    expected, node = trie_of(strings)
    assert keys.tolist() == expected and nodes.tolist() == [node[string] for string in strings]


def pieces_of(text: Sequence[int], begins: Sequence[int], longest: int) -> tuple[list[int], list[int]]:
    """Keys and counts of the pieces that begin in runs."""
    places = [i for i, begin in enumerate(begins) if begin]
    pieces = Counter(tuple(text[i:j]) for i, j in zip(places, [*places[1:], len(text)]) if j - i <= longest)
    pieces = Counter({piece: count for piece, count in pieces.items() if piece[0] >= FIRST_SYMBOL})
    keys, node = trie_of(pieces)
    return keys, [pieces[string] for string in node if string]


@given(texts, st.data(), st.integers(-1, 5) | st.sampled_from([-(2**62), 2**62]))
def test_count_pieces(text: list[int], data: st.DataObject, longest: int) -> None:
    begins = data.draw(st.lists(st.integers(0, 1), min_size=len(text), max_size=len(text)))
    keys, counts = run("count_pieces", np.array(text, dtype=U32), np.array(begins, dtype=np.uint8), longest)
    assert keys.dtype == U64 and counts.dtype == I64
    assert (keys.tolist(), counts.tolist()) == pieces_of(text, begins, longest)


@pytest.mark.parametrize(
    ("size", "share"),
    [(n, share) for n in (1022, 1023, 1024, 1025, 2047) for share in (0.0, 0.01, 0.5, 1.0)] + [(60_000, 0.5)],
)
def test_count_pieces_of_more_than_one_block(size: int, share: float) -> None:
    random = np.random.default_rng(size)
    text = np.where(random.random(size) < 0.1, random.integers(0x20000, 0x20800, size), random.integers(12, 900, size))
    text[::7] += 0x4E00  # above and below 2 ** 16, more different ones than the first table has room for
    begins = (random.random(size) < share).astype(np.uint8)
    begins[random.integers(0, size)] = 1
    for longest in (3, size):
        keys, counts = run("count_pieces", text.astype(U32), begins, longest)
        assert (keys.tolist(), counts.tolist()) == pieces_of(text.tolist(), begins.tolist(), longest)


@pytest.mark.parametrize("bits", [3, 32, 64])
@pytest.mark.parametrize("values", [[], [7], [3, 3, 3], [6, 1, 6, 4, 1, 7, 0]])
def test_different_numbers_whether_they_fit_or_not(values: list[int], bits: int) -> None:
    found, which = _distinct(np.array(values, dtype=U64), bits)
    assert found.dtype == U64 and which.dtype == I64
    assert found.tolist() == sorted(set(values))
    assert found[which].tolist() == values


@given(texts_and_strings(), texts_and_strings(), st.data())
@example(([], []), ([], []), None)
@example(([], []), ([], [(0x4E00, 0x4E8C)]), None)
def test_merge_tries(
    one: tuple[list[int], list[Run]], two: tuple[list[int], list[Run]], data: st.DataObject | None
) -> None:
    expected: Counter[Run] = Counter()
    arrays = []
    for _, strings in (one, two):
        keys, node = trie_of(strings)
        counts = [data.draw(st.integers(0, 9)) if data else 1 for _ in keys]
        expected.update({string: counts[n - 1] for string, n in node.items() if n})
        arrays += [np.array(keys, dtype=U64), np.array(counts, dtype=I64)]
    keys, counts = run("merge_tries", *arrays)
    merged, node = trie_of(list(expected))
    assert keys.dtype == U64 and counts.dtype == I64
    assert keys.tolist() == merged
    assert counts.tolist() == [expected[string] for string, n in sorted(node.items(), key=itemgetter(1)) if n]


@given(texts_and_strings(), st.data())
def test_find_children(case: tuple[list[int], list[Run]], data: st.DataObject) -> None:
    keys, node = trie_of(case[1])
    string_of = list(node)
    nodes = data.draw(st.lists(st.integers(0, len(keys)), max_size=10))
    symbols = [data.draw(st.sampled_from(HAN[:3] + UNITS + BREAKS)) for _ in nodes]
    trie, *asked = np.array(keys, dtype=U64), np.array(nodes, dtype=I64), np.array(symbols, dtype=U32)
    found = run("find_children", trie, *asked)
    assert found.dtype == I64
    assert found.tolist() == [node.get((*string_of[n], symbol), 0) for n, symbol in zip(nodes, symbols)]
    compiled = agreed(core.compiled_children(core.compile_trie(trie), *asked) for core in CORES)
    assert_same(compiled, found)


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=9), st.data())
def test_add_at(sums: list[int], data: st.DataObject) -> None:
    at = data.draw(st.lists(st.integers(0, len(sums) - 1), max_size=20))
    amounts = [data.draw(st.integers(-(2**57), 2**57)) for _ in at]
    expected = list(sums)
    for node, amount in zip(at, amounts):
        expected[node] += amount
    for core in CORES:
        found = np.array(sums, dtype=I64)
        core.add_at(found, np.array(at, dtype=I64), np.array(amounts, dtype=I64))
        assert found.tolist() == expected


@pytest.mark.parametrize("node", [-1, 3, 1 << 62])
def test_nothing_is_added_outside_the_sums(node: int) -> None:
    for core in CORES:
        sums = np.zeros(3, dtype=I64)
        with pytest.raises(ValueError, match="outside the sums"):
            core.add_at(sums, np.array([1, node, 2], dtype=I64), np.array([5, 7, 9], dtype=I64))
        assert sums.tolist() == [0, 5, 0]
        with pytest.raises(TypeError, match="expected int64, found int32"):
            core.add_at(sums.astype(np.int32), np.array([1], dtype=I64), np.array([5], dtype=I64))


@given(texts_and_strings(), st.integers(-1, 9))
@example(([], []), 2)
@example(([], [(0x4E00, 0x4E8C, 0x3007), (0x3007,)]), 3)
def test_suffixes(case: tuple[list[int], list[Run]], longest: int) -> None:
    keys, node = trie_of(case[1])
    found = run("suffixes", np.array(keys, dtype=U64), longest)
    assert found.dtype == I64
    assert found.tolist() == [node.get(s[1:], 0) if 2 <= len(s) <= longest else 0 for s in node]


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
def test_suffixes_of_nodes_with_many_children(share: float) -> None:
    choice = np.random.default_rng(7)
    symbols = range(FIRST_SYMBOL, FIRST_SYMBOL + 40)
    strings = [run for size in (1, 2, 3) for run in product(symbols, repeat=size) if choice.random() < share]
    keys, node = trie_of(strings)
    found = run("suffixes", np.array(keys, dtype=U64), 3)
    assert found.tolist() == [node.get(s[1:], 0) if len(s) >= 2 else 0 for s in node]


@given(texts_and_strings())
@example(([], []))
def test_level_bounds(case: tuple[list[int], list[Run]]) -> None:
    keys, node = trie_of(case[1])
    depths = sorted(Counter(len(string) for string in node if string).items())
    assert level_bounds(np.array(keys, dtype=U64)) == np.cumsum([0, *(n for _, n in depths)]).tolist()


# --------------------------------------------------------------------------------------------------- walking


@given(texts_and_strings(), st.data())
@example(([], []), None)
def test_cover_and_occurrences(case: tuple[list[int], list[Run]], data: st.DataObject | None) -> None:
    text, strings = case
    keys, node = trie_of(strings)
    wanted = [string for string in node if string and data is not None and data.draw(st.booleans())]
    found = found_in(text, wanted)
    arguments = np.array(text, dtype=U32), np.array(keys, dtype=U64), marked(wanted, node)
    begins = walk("cover", *arguments)
    assert begins.dtype == np.uint8
    covered = {i for at, string in found for i in range(at + 1, at + len(string))}
    assert begins.tolist() == [int(i not in covered) for i in range(len(text))]
    places, nodes = walk("occurrences", *arguments)
    assert places.dtype == nodes.dtype == I64
    assert list(zip(places.tolist(), nodes.tolist())) == [(at, node[string]) for at, string in found]


@given(texts_and_strings(), st.data())
@example(([], []), None)
def test_piece_nodes(case: tuple[list[int], list[Run]], data: st.DataObject | None) -> None:
    text, strings = case
    keys, node = trie_of(strings)
    place = st.integers(0, len(text))
    drawn = data.draw(st.lists(st.tuples(place, place), max_size=8)) if data is not None else []
    pieces = [(min(ends), max(ends) - min(ends)) for ends in drawn]
    starts, lengths = (np.array(column, dtype=I64) for column in (zip(*pieces) if pieces else ([], [])))
    symbols, trie = np.array(text, dtype=U32), np.array(keys, dtype=U64)
    found = agreed(core.piece_nodes(symbols, core.compile_trie(trie), starts, lengths) for core in CORES)
    assert found.dtype == I64
    assert found.tolist() == [node.get(tuple(text[i : i + n]), 0) for i, n in pieces]


@given(texts_and_strings(run_texts), st.data())
def test_viterbi(case: tuple[list[int], list[Run]], data: st.DataObject) -> None:
    text, strings = case
    keys, node = trie_of(strings)
    figures = st.sampled_from([-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 1.0])  # exact in binary, so that ties are real
    scores = {string: data.draw(figures) for string in node if string in strings or string and data.draw(st.booleans())}
    unknown, longest = data.draw(figures), data.draw(st.integers(1, 8))
    by_node = np.array([scores.get(string, -math.inf) for string in node])
    bonus = [data.draw(figures) for _ in text] if data.draw(st.booleans()) else []
    arguments = np.array(text, dtype=U32), np.array(keys, dtype=U64), by_node, unknown, GENERAL, longest
    unseen = data.draw(st.lists(figures, max_size=4))
    begins = walk("viterbi", *arguments, np.array(bonus), np.array(unseen))
    expected = [1] * len(text)
    for start, part in runs_of(text):
        sizes = best_words(part, scores, unknown, longest, bonus[start:], unseen)
        expected[start : start + len(part)] = [flag for size in sizes for flag in [1] + [0] * (size - 1)]
    assert begins.dtype == np.uint8
    assert begins.tolist() == expected
    nodes = walk("best_words", *arguments, np.array(bonus), np.array(unseen))
    places = [i for i, flag in enumerate(expected) if flag]
    pieces = [tuple(text[i:j]) for i, j in pairwise([*places, len(text)])]
    assert nodes.dtype == U32
    assert nodes.tolist() == [node[p] if p in scores and p[0] >= FIRST_SYMBOL else 0 for p in pieces]


A, B, C = HAN[:3]
TIES: list[tuple[str, Run, dict[Run, float], list[int]]] = [
    ("the higher sum", (A, B), {(A, B): -2.5}, [1, 1]),
    ("then fewer words", (A, B), {(A, B): -2.0}, [2]),
    ("then the longer first word", (A, B, C), {(A, B): -1.0, (B, C): -1.0}, [2, 1]),
    ("also further on", (C, A, B, C), {(A, B): -1.0, (B, C): -1.0}, [1, 2, 1]),
    ("a chain", (FIRST_FORM, LATIN), {}, [2]),
    ("a chain with the lowest score", (FIRST_FORM, LATIN), {(FIRST_FORM,): 0.0, (LATIN,): -0.5, (NUMBER,): -9.0}, [2]),
    ("a form as its class", (FIRST_FORM, A), {(NUMBER, A): -1.0}, [2]),
    ("a form as itself", (FIRST_FORM, A), {(FIRST_FORM, A): -1.0, (NUMBER, A): -9.0}, [2]),
    ("a word longer than the run", (A, B), {(A, B, C): 9.0}, [1, 1]),
]


@pytest.mark.parametrize(("part", "scores", "sizes"), [t[1:] for t in TIES], ids=[t[0] for t in TIES])
def test_viterbi_rules(part: Run, scores: dict[Run, float], sizes: list[int]) -> None:
    assert best_words(part, scores, -1.0, 8) == sizes
    keys, node = trie_of(scores)
    by_node = np.array([scores.get(string, -math.inf) for string in node])
    for times in (1, 12):  # one run, and many of them
        text = np.array([*part, BREAK] * times, dtype=U32)
        begins = walk("viterbi", text, np.array(keys, dtype=U64), by_node, -1.0, GENERAL, 8, NO_BONUS, NO_BONUS)
        assert begins.tolist() == [*(f for size in sizes for f in [1] + [0] * (size - 1)), 1] * times


@pytest.mark.parametrize("every", [12, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, 1 << 20])
def test_walking_more_than_one_block(every: int) -> None:
    text = np.tile(np.array([A, B, C], dtype=U32), 50_000)
    text[every - 1 :: every] = BREAK
    strings: list[Run] = [(A, B), (B, C, A), (C,), (A, B, C, A, B, C, A)]
    keys, node = trie_of(strings)
    arguments = text, np.array(keys, dtype=U64), marked(strings, node)
    places, nodes = walk("occurrences", *arguments)
    found = [(i, s) for i in range(len(text)) for s in strings if tuple(text[i : i + len(s)].tolist()) == s]
    assert list(zip(places.tolist(), nodes.tolist())) == [(at, node[string]) for at, string in found]
    begins = np.ones(len(text), dtype=np.uint8)
    for at, string in found:
        begins[at + 1 : at + len(string)] = 0
    assert walk("cover", *arguments).tolist() == begins.tolist()


def test_a_trie_that_fills_half_of_its_table() -> None:
    keys = np.arange(FIRST_SYMBOL, FIRST_SYMBOL + (1 << 19), dtype=U64)
    symbols = np.random.default_rng(5).integers(0, len(keys) + 99, 10_000).astype(U32)
    asked = np.zeros(len(symbols), dtype=I64), symbols
    found = agreed(core.compiled_children(core.compile_trie(keys), *asked) for core in CORES)
    known = (symbols >= FIRST_SYMBOL) & (symbols < FIRST_SYMBOL + len(keys))
    assert_same(found, np.where(known, symbols.astype(I64) - FIRST_SYMBOL + 1, 0))


def test_tries_whose_hashes_meet() -> None:
    random = np.random.default_rng(11)
    keys, _ = run("count_ngrams", random.integers(FIRST_SYMBOL, FIRST_SYMBOL + 300, 60_000).astype(U32), 3)
    text = random.integers(FIRST_SYMBOL, FIRST_SYMBOL + 310, 60_000).astype(U32)
    starts = np.arange(len(text) - 2)
    nodes = np.zeros(len(starts), dtype=I64)
    for size in (1, 2, 3):  # by hash tables, and by binary search
        asked = nodes, text[starts + size - 1]
        children = run("find_children", keys, *asked)
        assert_same(agreed(core.compiled_children(core.compile_trie(keys), *asked) for core in CORES), children)
        nodes = np.where((nodes > 0) | (size == 1), children, 0)
        found = [core.piece_nodes(text, core.compile_trie(keys), starts, np.full(len(starts), size)) for core in CORES]
        assert_same(agreed(found), nodes)
        assert 0 < (nodes > 0).mean() < 1


def test_walking_a_long_run() -> None:
    text = np.random.default_rng(7).choice(np.array([A, B, C], dtype=U32), 100_000)
    strings: list[Run] = [(A,), (B,), (C,), (A, B), (B, C), (C, C, A), (A, B, C, A, B)]
    keys, node = trie_of(strings)
    keys_array, flags = np.array(keys, dtype=U64), marked(strings[3:], node)
    scores = np.where(flags > 0, -1.5, -1.0)
    scores[[i for string, i in node.items() if string not in strings]] = -math.inf
    begins = walk("viterbi", text, keys_array, scores, -4.0, GENERAL, 8, NO_BONUS, NO_BONUS)
    sizes = np.diff([*np.flatnonzero(begins), len(text)])
    assert begins[0] == 1 and set(sizes.tolist()) == {1, 2, 3, 5}
    for every in (100_001, 700, 7):  # one run, some in a stretch, many
        text_in_runs = text.copy()
        text_in_runs[every - 1 :: every] = BREAK
        arguments = text_in_runs, keys_array, scores, -4.0, GENERAL, 8, NO_BONUS, NO_BONUS
        at = np.append(np.flatnonzero(walk("viterbi", *arguments)), len(text))
        pieces = [tuple(text_in_runs[i:j].tolist()) for i, j in pairwise(at.tolist())]
        expected = [node[piece] if piece in strings else 0 for piece in pieces]
        assert walk("best_words", *arguments).tolist() == expected
    places, nodes = walk("occurrences", text, keys_array, flags)
    plain = "".join(map(chr, text.tolist()))
    for string in strings[3:]:
        word = "".join(map(chr, string))
        assert (nodes == node[string]).sum() == len(re.findall(f"(?={word})", plain))
    joined = {int(at) + k for at, n in zip(places, nodes) for k in range(1, len(list(node)[n]))}
    assert set(np.flatnonzero(walk("cover", text, keys_array, flags) == 0).tolist()) == joined


@given(st.text("ab 5中\ud800", max_size=24), st.sets(st.text("ab 5中", min_size=1, max_size=5), max_size=5), st.data())
@example("", set(), None)
def test_longest_matches(text: str, words: set[str], data: st.DataObject | None) -> None:
    edges = [int(data is None or data.draw(st.booleans()) or data.draw(st.booleans())) for _ in range(len(text) + 1)]
    strings = [tuple(map(ord, word)) for word in sorted(words)]
    keys, node = trie_of(strings)
    arguments = np.array(keys, dtype=U64), marked(strings, node), np.array(edges, dtype=np.uint8)
    starts, ends = walk("longest_matches", codes_of(text), *arguments)
    expected, i = [], 0
    while i < len(text):
        sizes = [len(word) for word in words if text.startswith(word, i) and edges[i] and edges[i + len(word)]]
        if sizes:
            expected.append((i, i + max(sizes)))
        i += max(sizes, default=1)
    assert starts.dtype == ends.dtype == I64
    assert list(zip(starts.tolist(), ends.tolist())) == expected


@given(curious_texts, st.data())
def test_pieces(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    arrays = (np.array(values, dtype=I64) for values in (cuts[:-1], cuts[1:]))
    assert run("pieces", text, *arrays) == [text[i:j] for i, j in zip(cuts, cuts[1:])]
