"""Measures of association against their definitions, on numbers and on strings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nlp_zero import NgramCounts
from nlp_zero.statistics.association import (
    branching_entropies,
    dice,
    dominance,
    entropies,
    log_likelihood,
    normalized_pmi,
    pmi,
    t_score,
    weakest_links,
)

# ------------------------------------------------------------------------------------------ measures on numbers

cells = st.tuples(*[st.integers(0, 1000)] * 4)  # of a 2x2 table: both, only the left, only the right, neither


def margins(a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    """Joint, left and right count, and the total."""
    assume(a + b and a + c)
    return a, a + b, a + c, a + b + c + d


@given(cells)
def test_pmi(table: tuple[int, int, int, int]) -> None:
    joint, left, right, total = margins(*table)
    found = float(pmi(joint, left, right, total))
    if joint == 0:
        assert found == -math.inf
    else:
        assert found == pytest.approx(math.log((joint / total) / (left / total * right / total)), abs=1e-9)


@given(cells)
@example((5, 0, 0, 0))
@example((0, 1, 1, 0))
def test_normalized_pmi(table: tuple[int, int, int, int]) -> None:
    joint, left, right, total = margins(*table)
    found = float(normalized_pmi(joint, left, right, total))
    assert -1 <= found <= 1 + 1e-9
    if joint == 0:
        assert found == -1
    elif joint == total:
        assert found == 1
    else:
        expected = math.log((joint / total) / (left / total * right / total)) / -math.log(joint / total)
        assert found == pytest.approx(expected, abs=1e-9)
    if joint == left == right:
        assert found == pytest.approx(1)


@given(cells)
@example((5, 0, 0, 0))
def test_log_likelihood(table: tuple[int, int, int, int]) -> None:
    a, b, c, d = table
    n = sum(margins(*table)[3:])
    rows, columns = (a + b, c + d), (a + c, b + d)
    expected = 2 * sum(
        o * math.log(o / (rows[i] * columns[j] / n)) for o, i, j in ((a, 0, 0), (b, 0, 1), (c, 1, 0), (d, 1, 1)) if o
    )
    assert float(log_likelihood(*margins(*table))) == pytest.approx(expected, abs=1e-6)


@given(cells)
def test_t_score_and_dice(table: tuple[int, int, int, int]) -> None:
    joint, left, right, total = margins(*table)
    expected = (joint - left * right / total) / math.sqrt(joint) if joint else 0
    assert float(t_score(joint, left, right, total)) == pytest.approx(expected)
    assert float(dice(joint, left, right)) == pytest.approx(2 * joint / (left + right))


def test_published_values() -> None:
    # Manning and Schütze 1999, chapter 5: four months of a newspaper
    n = 14_307_668
    assert float(pmi(20, 42, 20, n)) / math.log(2) == pytest.approx(18.38, abs=0.005)
    assert float(t_score(8, 15_828, 4_675, n)) == pytest.approx(0.999932, abs=1e-4)


@pytest.mark.parametrize(
    ("measure", "independent", "bound", "apart"),
    [
        (pmi, 0, math.log(4), -math.inf),
        (normalized_pmi, 0, 1, -1),
        (log_likelihood, 0, 112.467, 16.990),
        (t_score, 0, 3.75, 0),
    ],
)
def test_tables_made_by_hand(measure: Callable[..., object], independent: float, bound: float, apart: float) -> None:
    found = measure([25, 25, 0], [50, 25, 25], [50, 25, 25], 100)  # arrays broadcast
    assert isinstance(found, np.ndarray) and found.dtype == np.float64
    assert found.tolist() == pytest.approx([independent, bound, apart], abs=1e-3)


# ------------------------------------------------------------------------------------------- measures on strings

corpora = st.lists(st.text("中国人𠮷，", max_size=14), max_size=5)
orders = st.integers(1, 6)


def substrings(corpus: list[str], longest: int) -> Counter[str]:
    """All strings of at most so many characters that stand inside runs."""
    return Counter(
        run[i : i + size]
        for text in corpus
        for run in text.split("，")
        for size in range(1, longest + 1)
        for i in range(len(run) - size + 1)
    )


def strings_of(found: NgramCounts) -> list[str]:
    """The string of each node."""
    return ["", *(ngram for length in range(1, found.longest + 1) for ngram, _ in found.items(length))]


def entropy(counts: list[int]) -> float:
    return -sum(n / sum(counts) * math.log(n / sum(counts)) for n in counts)


def naive_entropies(corpus: list[str], string: str) -> tuple[float, float]:
    """Entropy before and after a string; every end of a run is a neighbour seen only there."""
    before: Counter[object] = Counter()
    after: Counter[object] = Counter()
    for n, text in enumerate(corpus):
        for m, run in enumerate(text.split("，")):
            for i in range(len(run) - len(string) + 1):
                if run.startswith(string, i):
                    end = i + len(string)
                    before[run[i - 1] if i else (n, m)] += 1
                    after[run[end] if end < len(run) else (n, m)] += 1
    return entropy(list(before.values())), entropy(list(after.values()))


@given(corpora, orders, st.data())
@example(["中国，中国", "中国人"], 3, None)
def test_branching_entropies(corpus: list[str], order: int, data: st.DataObject | None) -> None:
    counts = NgramCounts.from_corpus(corpus, order=order)
    longest = None if data is None else data.draw(st.none() | st.integers(0, order - 1))
    left, right = branching_entropies(counts, longest=longest)
    strings = [s for s in strings_of(counts) if len(s) <= (order - 1 if longest is None else longest)]
    assert len(left) == len(right) == len(strings)
    assert left[0] == right[0] == 0
    for node, string in enumerate(strings[1:], 1):
        assert (left[node], right[node]) == pytest.approx(naive_entropies(corpus, string), abs=1e-9)


def test_every_end_of_a_run_is_a_neighbour_of_its_own() -> None:
    counts = NgramCounts.from_corpus(["国，国", "国", "国人，国人"], order=2)
    left, right = branching_entropies(counts)
    node = counts.node(np.array([ord("国")]))
    assert left[node] == pytest.approx(math.log(5))
    assert right[node] == pytest.approx(3 / 5 * math.log(5) + 2 / 5 * math.log(5 / 2))


def test_entropies_need_all_ngrams_that_are_longer_by_one() -> None:
    counts = NgramCounts.from_corpus(["中国中国"], order=2)
    for wrong, longest in ((counts.frequent(2), 1), (counts, 2)):
        with pytest.raises(
            ValueError, match=f"counts: expected all n-grams of more than {longest} symbols, found <Ngram"
        ):
            branching_entropies(wrong, longest=longest)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50)), max_size=12),
    st.lists(st.integers(0, 9), min_size=4, max_size=4),
)
def test_entropies(neighbours: list[tuple[int, int]], ends: list[int]) -> None:
    owned = [[n for owner, n in neighbours if owner == i] + [1] * ends[i] for i in range(4)]
    owners = np.array([owner for owner, _ in neighbours], dtype=np.int64)
    found = entropies([n for _, n in neighbours], owners, np.array([sum(n) for n in owned]))
    assert found.tolist() == pytest.approx([entropy(n) for n in owned], abs=1e-9)


@given(corpora, orders, st.integers(1, 3))
def test_dominance(corpus: list[str], order: int, least: int) -> None:
    counts = NgramCounts.from_corpus(corpus, order=order).frequent(least)
    known = {string: n for string, n in substrings(corpus, order).items() if n >= least}
    found = dominance(counts)
    expected = [0.0] + [
        max([n for longer, n in known.items() if string in (longer[1:], longer[:-1])], default=0) / known[string]
        for string in strings_of(counts)[1:]
    ]
    assert found.tolist() == expected


@given(corpora, orders)
def test_weakest_links(corpus: list[str], order: int) -> None:
    counts = NgramCounts.from_corpus(corpus, order=order)
    known, total = substrings(corpus, order), sum(substrings(corpus, 1).values())

    def log_p(string: str) -> float:
        return math.log(known[string] / total)

    expected = [math.inf] + [
        min([log_p(s) - log_p(s[:k]) - log_p(s[k:]) for k in range(1, len(s))], default=math.inf)
        for s in strings_of(counts)[1:]
    ]
    assert weakest_links(counts).tolist() == pytest.approx(expected, abs=1e-9)
