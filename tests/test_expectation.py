"""How often strings are expected to be words: both cores to the bit, and against all segmentations written out."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_core_parity import (
    BREAKS,
    CORES,
    HAN,
    I64,
    U32,
    U64,
    UNITS,
    Run,
    agreed,
    assert_same,
    marked,
    needs_c,
    runs_of,
    trie_of,
)

from nlp_zero.core.expectation import PARTS
from nlp_zero.core.symbols import Edges

pytestmark = pytest.mark.c_core  # what `make sanitize` runs

A, B, C, D = HAN[:4]
UNKNOWN = 0.125


def expected_on(core: Any, text: Sequence[int] | Any, weights: dict[Run, float], unknown: float) -> Any:
    """The counts that one core finds, by node."""
    keys, node = trie_of(weights)
    by_node = np.array([weights.get(string, 0.0) for string in node])
    counts = np.zeros(len(node), dtype=I64)
    trie = core.compile_trie(np.array(keys, dtype=U64))
    count(core, text, trie, by_node, unknown, counts)
    return counts


def count(core: Any, text: Sequence[int] | Any, trie: Any, weights: Any, unknown: float, counts: Any) -> None:
    """Add what a text has."""
    edges = core.edges_of(np.asarray(text, dtype=U32), trie, (weights > 0).astype(np.uint8))
    core.expected_counts(edges, weights, unknown, counts)


def expected(text: Sequence[int] | Any, weights: dict[Run, float], unknown: float) -> dict[Run, int]:
    """The counts of all nodes, on which the cores agree to the last bit."""
    counts = agreed(expected_on(core, text, weights, unknown) for core in CORES)
    return dict(zip(trie_of(weights)[1], counts.tolist()))


def segmentations(part: Run, weights: dict[Run, float], unknown: float) -> Iterator[tuple[Fraction, list[Run]]]:
    """All ways to make a run of words, each with the product of their weights."""
    if not part:
        yield Fraction(1), []
    for size in range(1, len(part) + 1):
        weight = max(weights.get(part[:1], 0.0), unknown) if size == 1 else weights.get(part[:size], 0.0)
        if weight > 0:
            for product, words in segmentations(part[size:], weights, unknown):
                yield Fraction(weight) * product, [part[:size], *words]


def naive(text: Sequence[int], weights: dict[Run, float], unknown: float) -> dict[Run, Fraction]:
    """How often each string is a word in the mean over all segmentations, exactly."""
    means: dict[Run, Fraction] = {string: Fraction(0) for string in trie_of(weights)[1]}
    for _, part in runs_of(text):
        ways = list(segmentations(part, weights, unknown))
        total = sum(product for product, _ in ways)
        for product, words in ways:
            for word in words:
                if word in means:
                    means[word] += product / total
    return means


def places(text: Sequence[int]) -> Counter[Run]:
    """How often each string of a text stands inside a run."""
    spans = ((part, span) for _, part in runs_of(text) for span in itertools.combinations(range(len(part) + 1), 2))
    return Counter(part[i:j] for part, (i, j) in spans)


figures = st.floats(-3, 3).map(lambda power: 10**power)
extremes = st.floats(-12, 13).map(lambda power: 10**power)
alphabet = st.sampled_from([A, B, *UNITS[:1], D])
short_runs = st.lists(alphabet, min_size=1, max_size=7)
# up to eight runs numpy goes through them one by one, with more in step
run_texts = st.lists(st.tuples(short_runs, st.sampled_from(BREAKS)), max_size=14).map(
    lambda parts: [symbol for part, end in parts for symbol in [*part, end]]
)
words = st.lists(st.sampled_from([A, B, *UNITS[:1]]), min_size=1, max_size=5).map(tuple)
vocabularies = st.dictionaries(words, figures, max_size=8)


# --------------------------------------------------------------------------------------------- what is expected


@given(run_texts, vocabularies, figures)
@example([], {}, 1.0)
@example([A, B, C], {}, 1.0)
@example(BREAKS, {(A,): 1.0}, 1.0)
@example([A, A, A, A], {(A, A): 1.0}, 1.0)
@example([A, B, A, B], {(A, B, A): 2.0}, 0.5)  # no word ends at (A,) or (A, B)
def test_the_mean_over_all_segmentations(text: list[int], weights: dict[Run, float], unknown: float) -> None:
    found, means, often = expected(text, weights, unknown), naive(text, weights, unknown), places(text)
    for string, count in found.items():  # each occurrence is rounded by up to one half, and what floats lose
        assert abs(count - means[string] * PARTS) <= often[string] * 0.501
        assert string in weights or len(string) == 1 or count == 0


@given(run_texts, st.dictionaries(words, extremes, max_size=8), extremes)
def test_extreme_weights_leave_shares_of_a_whole(text: list[int], weights: dict[Run, float], unknown: float) -> None:
    weights = {(symbol,): unknown for symbol in text if symbol >= min(HAN)} | weights
    found, often = expected(text, weights, unknown), places(text)
    assert all(0 <= count <= often[string] * (PARTS + 1) for string, count in found.items())
    symbols = sum(len(part) for _, part in runs_of(text))
    error = sum(often[string] * len(string) for string in found)
    assert abs(sum(count * len(string) for string, count in found.items()) - symbols * PARTS) <= error


@pytest.mark.parametrize("times", [1, 20])  # one run, and many in step
def test_two_ways_are_weighed_by_their_products(times: int) -> None:
    found = expected([A, B, BREAKS[0]] * times, {(A,): 1.0, (B,): 2.0, (A, B): 6.0}, UNKNOWN)
    assert found == {(): 0, (A,): times * PARTS // 4, (B,): times * PARTS // 4, (A, B): times * PARTS * 3 // 4}


@pytest.mark.parametrize("end", BREAKS)
def test_no_word_goes_over_a_break(end: int) -> None:
    assert expected([A, end, B], {(A, B): 1e9, (A,): 1.0}, UNKNOWN) == {(): 0, (A,): PARTS, (A, B): 0}
    assert expected([end, A, B, end, end], {(A, B): 1.0}, 1.0)[A, B] == PARTS // 2


@pytest.mark.parametrize("times", [1, 20])
def test_a_symbol_that_is_no_word_has_the_least_weight(times: int) -> None:
    text = [C, A, BREAKS[0]] * times
    assert expected(text, {(A,): 0.5, (C, A): 0.25}, 0.5) == {(): 0, (A,): times * PARTS // 2, (C,): times * PARTS // 2,
                                                              (C, A): times * PARTS // 2}  # fmt: skip
    assert expected(text, {(C, A): 0.25}, 0.5)[C, A] == times * PARTS // 2  # A is in no word of its own
    assert expected(text, {(A,): 1e-9, (C, A): 0.25}, 0.5)[C, A] == times * PARTS // 2  # and never has less
    assert expected([D] * times, {(A,): 1.0}, 1e-300) == {(): 0, (A,): 0}


@given(run_texts, vocabularies, st.data())
@pytest.mark.parametrize("core", CORES, ids=lambda core: core.name)
def test_parts_of_a_text_add_up(core: Any, text: list[int], weights: dict[Run, float], data: st.DataObject) -> None:
    keys, node = trie_of(weights)
    trie = core.compile_trie(np.array(keys, dtype=U64))
    by_node = np.array([weights.get(string, 0.0) for string in node])
    before = np.array([data.draw(st.integers(0, 2**40)) for _ in node], dtype=I64)
    whole, parts = before.copy(), before.copy()
    count(core, text, trie, by_node, UNKNOWN, whole)
    ends = [i for i, symbol in enumerate(text) if symbol in BREAKS]
    cuts = sorted(data.draw(st.lists(st.sampled_from(ends), max_size=4))) if ends else []
    pieces = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)])]
    for piece in data.draw(st.permutations(pieces)):
        count(core, piece, trie, by_node, UNKNOWN, parts)
    assert parts.tolist() == whole.tolist()
    assert (whole - before).tolist() == expected_on(core, text, weights, UNKNOWN).tolist()


# ------------------------------------------------------------------------------------------------------ long runs

VOCABULARY: dict[Run, float] = {
    (A,): 0.2, (B,): 1e-12, (C,): 3.0, (A, B): 0.5, (B, C): 1e13, (C, A, B): 1e-12, (A, A, A, A): 7.0,
}  # fmt: skip


def long_text(size: int, every: int | None = None) -> Any:
    """Symbols of VOCABULARY in one run, or in runs of a fixed length."""
    text = np.random.default_rng(3).choice(np.array([A, B, C], dtype=U32), size)
    if every is not None:
        text[every::every] = BREAKS[0]
    return text


def assert_all_symbols_are_in_words(text: Any, counts: Any, weights: dict[Run, float]) -> None:
    """The expected words, laid end to end, are as long as the text."""
    assert counts.min() >= 0
    lengths = np.array([len(string) for string in trie_of(weights)[1]])
    in_words = float((counts / PARTS * lengths).sum())
    symbols = int((text >= min(HAN)).sum())
    assert in_words == pytest.approx(symbols, abs=len(text) * 10 / PARTS)  # no place begins words of more symbols


@needs_c
def test_text_of_more_than_one_piece() -> None:
    text = np.random.default_rng(12).choice(np.array([A, B, C, D, BREAKS[0]], dtype=U32), 300_000)
    text[100_000:240_000][text[100_000:240_000] < A] = A  # a run that is longer than a piece
    expected(text, {(A,): 0.25, (A, B): 0.5, (B, C, D): 0.125, (C, D): 0.25, (D,) * 5: 2.0, (C,): 0.0}, UNKNOWN)


@pytest.mark.parametrize("weights", [VOCABULARY, {(x,): 1e-12 for x in (A, B, C)} | {(A, B): 1e-12},
                                     {(x,): 1e13 for x in (A, B, C)} | {(C, A, B): 1e13}],
                         ids=["mixed", "low", "high"])  # fmt: skip
def test_a_long_run_neither_underflows_nor_overflows(weights: dict[Run, float]) -> None:
    text = long_text(100_000)
    counts = agreed(expected_on(core, text, weights, 1e-12) for core in CORES)
    assert_all_symbols_are_in_words(text, counts, weights)


@needs_c
def test_a_run_of_a_million_symbols_in_c() -> None:
    text = long_text(1_000_000)
    assert_all_symbols_are_in_words(text, expected_on(CORES[-1], text, VOCABULARY, 1e-12), VOCABULARY)


def test_a_run_of_many_thousand_symbols_in_numpy() -> None:
    text = long_text(200_000)
    assert_all_symbols_are_in_words(text, expected_on(CORES[0], text, VOCABULARY, 1e-12), VOCABULARY)


@pytest.mark.parametrize("length", [1, 16])
def test_long_words_at_the_limits_of_priors(length: int) -> None:
    rare, sure = 1e-11, 1e15  # a symbol that is no word in much text; a word with the greatest prior
    text = np.array(([A, B] * 8 + [C] * 40 + [BREAKS[0]]) * 30, dtype=U32)
    weights = {(A,): rare, (B,): rare, (C,): rare, (C,) * length: sure, ((A, B) * 8)[:length]: rare, (C,) * 15: sure}
    counts = agreed(expected_on(core, text, weights, rare) for core in CORES)
    assert_all_symbols_are_in_words(text, counts, weights)


@needs_c
@pytest.mark.parametrize("every", [None, 20])
def test_time_grows_with_the_text(every: int | None) -> None:
    def seconds(text: Any) -> float:
        begin = time.process_time()
        expected_on(CORES[-1], text, VOCABULARY, UNKNOWN)
        return time.process_time() - begin

    short, long = long_text(2_000_000, every), long_text(4_000_000, every)  # not in the cache
    pairs = [(seconds(short), seconds(long)) for _ in range(5)]  # in turns, as other work may slow down either
    once, twice = (min(column) for column in zip(*pairs))
    assert twice < 3 * once


# ----------------------------------------------------------------------------------------------- which words stand


def edges_on(core: Any, text: Sequence[int], strings: Iterable[Run], node: dict[Run, int], keys: list[int]) -> Edges:
    """The edges that one core finds of some of the strings of a trie."""
    trie = core.compile_trie(np.array(keys, dtype=U64))
    found = core.edges_of(np.array(text, dtype=U32), trie, marked(strings, node))
    assert isinstance(found, Edges) and found.nodes.dtype == U32 and found.sizes.dtype == np.uint8
    return found


def naive_edges(text: Sequence[int], strings: Collection[Run], node: dict[Run, int]) -> list[tuple[int, int]]:
    """Node and size of each edge."""
    found = []
    for _, part in runs_of(text):
        for i in range(len(part)):
            found.append((node.get(part[i : i + 1], 0), 1))
            longer = (part[i:j] for j in range(i + 2, len(part) + 1))
            found += [(node[string], len(string)) for string in longer if string in strings]
        found.append((0, 0))
    return found


def pairs_of(edges: Edges) -> list[tuple[int, int]]:
    return list(zip(edges.nodes.tolist(), edges.sizes.tolist(), strict=True))


@given(run_texts, st.sets(words, max_size=8), st.data())
@example([], set(), None)
@example([A, B], {(A, B)}, None)  # a run that nothing ends
def test_edges_are_the_words_at_each_place(text: list[int], strings: set[Run], data: Any) -> None:
    keys, node = trie_of(strings)
    wanted = (
        set(strings) if data is None else data.draw(st.sets(st.sampled_from(sorted(strings)))) if strings else set()
    )
    found = agreed(edges_on(core, text, wanted, node, keys) for core in CORES)
    assert pairs_of(found) == naive_edges(text, wanted, node)


@given(run_texts, st.sets(words, max_size=8), st.data())
def test_edges_that_are_kept_are_those_of_the_smaller_trie(text: list[int], strings: set[Run], data: Any) -> None:
    keys, node = trie_of(strings)
    kept = data.draw(st.sets(st.sampled_from(sorted(strings)))) if strings else set()
    new_keys, new_node = trie_of(kept)
    numbers = np.zeros(len(node), dtype=U32)
    for string, number in new_node.items():
        numbers[node[string]] = number if len(string) == 1 or string in kept else 0
    found = agreed(core.kept_edges(edges_on(core, text, strings, node, keys), numbers) for core in CORES)
    assert_same(found, edges_on(CORES[0], text, kept, new_node, new_keys))


def test_edges_of_more_than_one_block() -> None:
    text = np.random.default_rng(5).choice(np.array([A, B, C, BREAKS[0]], dtype=U32), 200_000).tolist()
    strings = {(A,), (A, B), (B, C, A), (A,) * 9, (C, A, B, A, C)}
    keys, node = trie_of(strings)
    found = agreed(edges_on(core, text, strings, node, keys) for core in CORES)
    assert pairs_of(found) == naive_edges(text, strings, node)


def test_a_word_may_have_255_symbols() -> None:
    keys = [B, *(i << 21 | A for i in range(1, 256))]  # B, BA, BAA, ...
    is_word = np.zeros(len(keys) + 1, dtype=np.uint8)
    is_word[255:] = 1
    text = np.array([B, *[A] * 256], dtype=U32)
    found = agreed(core.edges_of(text, core.compile_trie(np.array(keys, dtype=U64)), is_word) for core in CORES)
    assert pairs_of(found) == [(1, 1), (255, 255), *[(0, 1)] * 256, (0, 0)]


# ------------------------------------------------------------------------------------------------- what is refused


def edges(*pairs: tuple[int, int]) -> Edges:
    nodes, sizes = zip(*pairs) if pairs else ((), ())
    return Edges(np.array(nodes, dtype=U32), np.array(sizes, dtype=np.uint8))


TWO = edges((1, 1), (3, 2), (2, 1), (0, 0))  # two symbols, and both together


@needs_c
def test_arrays_that_are_too_short_are_refused() -> None:
    core = CORES[-1]
    for enough in (4, 5):
        core.expected_counts(TWO, np.ones(4), 1.0, np.zeros(enough, dtype=I64))
    for size in (0, 3):
        with pytest.raises(ValueError, match="^counts is shorter than it must be$"):
            core.expected_counts(TWO, np.ones(4), 1.0, np.zeros(size, dtype=I64))
        with pytest.raises(ValueError, match="^nodes and sizes are no edges of words$"):
            core.expected_counts(TWO, np.ones(size), 1.0, np.zeros(4, dtype=I64))
        with pytest.raises(ValueError, match="^nodes and sizes are no edges of words$"):
            core.kept_edges(TWO, np.zeros(size, dtype=U32))
    short = Edges(TWO.nodes, TWO.sizes[:3])
    with pytest.raises(ValueError, match="^sizes is shorter than it must be$"):
        core.expected_counts(short, np.ones(4), 1.0, np.zeros(4, dtype=I64))
    with pytest.raises(ValueError, match="^sizes is shorter than it must be$"):
        core.kept_edges(short, np.zeros(4, dtype=U32))
    text, trie = np.array([A], dtype=U32), core.compile_trie(np.array(trie_of([(A, B), (B,)])[0], dtype=U64))
    with pytest.raises(ValueError, match="^what belongs to the nodes is shorter than it must be$"):
        core.edges_of(text, trie, np.zeros(3, dtype=np.uint8))
    with pytest.raises(ValueError, match="trie is not a compiled trie"):
        core.edges_of(text, np.zeros(1), np.ones(4, dtype=np.uint8))


@needs_c
@pytest.mark.parametrize("pairs", [
    [(1, 1)],  # a run that does not end
    [(0, 0)],  # a run of nothing
    [(1, 2), (0, 0)],  # a place that does not begin with a single symbol
    [(1, 1), (3, 2), (0, 0)],  # a word that is longer than what is left
    [(1, 1), (3, 3), (3, 2), (1, 1), (1, 1), (0, 0)],  # sizes that fall
    [(1, 1), (0, 0), (0, 0)],
    [(1, 1), (0, 0), (4, 1), (0, 0)],  # no such node
])  # fmt: skip
def test_what_are_no_edges_is_refused(pairs: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="^nodes and sizes are no edges of words$"):
        CORES[-1].expected_counts(edges(*pairs), np.ones(4), 1.0, np.zeros(4, dtype=I64))


@needs_c
@pytest.mark.parametrize("kind", ["read-only", "in pieces"])
def test_counts_that_cannot_be_written_are_refused(kind: str) -> None:
    counts = np.zeros(8, dtype=I64)
    view = counts[:4] if kind == "read-only" else counts[::2]
    view.flags.writeable = kind != "read-only"
    with pytest.raises((BufferError, TypeError, ValueError)):  # CPython says TypeError
        CORES[-1].expected_counts(TWO, np.ones(4), 1.0, view)
    assert not counts.any()
