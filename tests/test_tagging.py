"""Tagging runs with B, M, E, S: both cores to the bit, and against all tag sequences written out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_core_parity import BREAKS, CORES, GENERAL, HAN, I64, U32, U64, UNITS, Run, agreed, needs_c, runs_of, trie_of

from nlp_zero.core.symbols import FIRST_FORM
from nlp_zero.core.tagging import EDGE, STEPS, step_shares

pytestmark = pytest.mark.c_core  # what `make sanitize` runs

A, B, C, D = HAN[:4]
F32 = np.float32
TAGS = range(4)
LIMIT = 2.0**50


class Model(NamedTuple):
    """A tagger: what symbols and pairs of them contribute to each step; (): all other symbols."""

    contexts: dict[Run, list[float]]
    emissions: dict[Run, list[float]]
    pairs: dict[Run, list[float]]

    def arrays(self) -> tuple[Any, ...]:
        """As the kernels take it, the trie not compiled."""
        keys, by_string = trie_of([*self.contexts, *self.pairs])
        nodes = list(by_string)
        single = [node for node in nodes if len(node) < 2]
        shapes = ((self.contexts, single, 8), (self.emissions, single, 4), (self.pairs, nodes[len(single) :], 8))
        rows = (np.array([values[node] for node in some], dtype=F32).reshape(-1, n) for values, some, n in shapes)
        return np.array(keys, dtype=U64), *rows

    def step(self, before: int, tag_before: int, symbol: int, tag: int) -> Fraction:
        """The probability of a step, exactly; 0 if it is not legal."""
        if (tag_before, tag) not in STEPS:
            return Fraction(0)
        number = STEPS.index((tag_before, tag))
        if (before, symbol) in self.pairs:
            return Fraction(float(F32(self.pairs[before, symbol][number])))
        context = self.contexts[(before,) if (before,) in self.contexts else ()][number]
        emission = self.emissions[(symbol,) if (symbol,) in self.emissions else ()][tag]
        return Fraction(float(F32(context))) * Fraction(float(F32(emission)))


def called(kernel: str, text: Sequence[int] | Any, model: Model) -> Any:
    """What all cores find."""
    keys, *rows = model.arrays()
    symbols = np.asarray(text, dtype=U32)
    return agreed(getattr(core, kernel)(symbols, core.compile_trie(keys), *rows, GENERAL) for core in CORES)


def sequences(part: Run, model: Model) -> Iterator[tuple[Fraction, tuple[int, ...]]]:
    """All legal tag sequences of a run with their probabilities."""
    known = [int(GENERAL[s - FIRST_FORM]) if FIRST_FORM <= s < FIRST_FORM + len(GENERAL) else s for s in part]

    def continued(i: int, before: int, tag_before: int) -> Iterator[tuple[Fraction, tuple[int, ...]]]:
        """All ways to go on from a place."""
        if i == len(known):
            yield model.step(before, tag_before, EDGE, 3), ()
            return
        for tag in TAGS:
            if probability := model.step(before, tag_before, known[i], tag):
                for rest, tags in continued(i + 1, known[i], tag):
                    yield probability * rest, (tag, *tags)

    return ((p, tags) for p, tags in continued(0, EDGE, 3) if p)


shares = st.floats(-5, 0).map(lambda power: 10**power)
powers = st.integers(-6, 0).map(lambda power: 2.0**power)  # many equal products


def models(values: st.SearchStrategy[float]) -> st.SearchStrategy[Model]:
    """Taggers that know some symbols and some pairs of them."""
    eight, four = (st.lists(values, min_size=n, max_size=n) for n in (8, 4))
    some = st.lists(st.sampled_from([A, B, *UNITS[:2]]), max_size=3, unique=True)

    @st.composite
    def model(draw: st.DrawFn) -> Model:
        known = [EDGE, *draw(some)]
        pairs = draw(st.lists(st.tuples(st.sampled_from(known), st.sampled_from(known)), max_size=6, unique=True))
        single: list[Run] = [(), *((symbol,) for symbol in known)]
        return Model({s: draw(eight) for s in single}, {s: draw(four) for s in single}, {p: draw(eight) for p in pairs})

    return model()


short_runs = st.lists(st.sampled_from([A, B, *UNITS, D]), min_size=1, max_size=6)
# up to eight runs numpy tags one by one, more in step
run_texts = st.lists(st.tuples(short_runs, st.sampled_from(BREAKS)), max_size=14).map(
    lambda parts: [symbol for part, end in parts for symbol in [*part, end]]
)
FLAT = Model({s: [0.5] * 8 for s in ((), (EDGE,))}, {s: [0.25] * 4 for s in ((), (EDGE,))}, {})


# ------------------------------------------------------------------------------------------------------- the tags


@given(run_texts, models(powers))
@example([], FLAT)
@example([A, B], FLAT)
@example([*BREAKS], FLAT)
@example([A, B, C, A], FLAT)  # nothing but ties
def test_the_most_probable_tags(text: list[int], model: Model) -> None:
    found = called("best_tags", text, model)
    assert found.dtype == np.uint8 and len(found) == len(text)
    assert all(tag == 3 for tag, symbol in zip(found, text) if symbol in BREAKS)
    for start, part in runs_of(text):
        # products of powers of two are exact, so ties are ties: the last place at which they differ decides
        best = min(sequences(part, model), key=lambda way: (-way[0], way[1][::-1]))
        assert tuple(found[start : start + len(part)].tolist()) == best[1]


@given(run_texts, models(shares))
def test_tags_are_as_probable_as_can_be(text: list[int], model: Model) -> None:
    found = called("best_tags", text, model)
    for start, part in runs_of(text):
        ways = {tags: p for p, tags in sequences(part, model)}
        own = ways[tuple(found[start : start + len(part)].tolist())]  # a legal sequence
        most = max(map(float, ways.values()))
        assert float(own) / most == pytest.approx(1, abs=1e-12)


# ------------------------------------------------------------------------------------------------------- the odds


@given(run_texts, models(shares))
@example([], FLAT)
@example([A], FLAT)
@example([A, B, C, A], FLAT)
def test_the_odds_over_all_sequences(text: list[int], model: Model) -> None:
    found = called("end_odds", text, model)
    assert found.dtype == np.float64 and len(found) == len(text)
    assert all(odds == LIMIT for odds, symbol in zip(found, text) if symbol in BREAKS)
    for start, part in runs_of(text):
        ways = list(sequences(part, model))
        for i in range(len(part)):
            ending = sum(p for p, tags in ways if tags[i] > 1)
            going_on = sum(p for p, tags in ways if tags[i] < 2)
            wanted = min(max(float(ending / going_on), 1 / LIMIT), LIMIT) if going_on else LIMIT
            assert found[start + i] == pytest.approx(wanted, rel=1e-9)
        assert found[start + len(part) - 1] == LIMIT


@given(run_texts, models(shares))
@example([], FLAT)
@example([A], FLAT)
def test_the_share_of_each_step(text: list[int], model: Model) -> None:
    found = step_shares(np.array(text, dtype=U32), *model.arrays(), GENERAL)
    assert found.shape == (len(text) + 1, 8)
    total = np.zeros(len(text) + 1)
    for start, part in runs_of(text):
        ways = list(sequences(part, model))
        whole = sum(p for p, _ in ways)
        for i in range(len(part) + 1):
            for number, step in enumerate(STEPS):
                own = sum(p for p, tags in ways if (3, *tags, 3)[i : i + 2] == step)
                assert found[start + i, number] == pytest.approx(float(own / whole), rel=1e-9, abs=1e-300)
        total[start : start + len(part) + 1] = 1
    assert found.sum(axis=1) == pytest.approx(total)


STRETCH = 256  # symbols that the C core looks up together
lengths = st.sampled_from([1, 2, 7, STRETCH - 2, STRETCH - 1, STRETCH, STRETCH + 1, 600])


@pytest.mark.parametrize("kernel", ["best_tags", "end_odds"])
@settings(max_examples=30)  # numpy takes long runs symbol by symbol
@given(
    st.lists(st.tuples(lengths, short_runs, st.sampled_from([1, 2, STRETCH - 1, STRETCH])), min_size=1, max_size=4),
    st.sampled_from(BREAKS),
    models(shares),
    st.booleans(),
    st.booleans(),
)
def test_what_is_looked_up_together_is_tagged_run_by_run(
    kernel: str, parts: list[tuple[int, list[int], int]], end: int, model: Model, begins: bool, ended: bool
) -> None:
    texts = [(run * size)[:size] + [end] * ends for size, run, ends in parts]
    texts[-1] = texts[-1] if ended else texts[-1][: parts[-1][0]]
    texts = [[end], *texts] if begins else texts
    whole = called(kernel, [symbol for part in texts for symbol in part], model)
    assert np.array_equal(whole, np.concatenate([called(kernel, part, model) for part in texts]))


@pytest.mark.parametrize("size", [1, 100_000])
@pytest.mark.parametrize("share", [1e-30, 1e-9, 0.5])
def test_a_long_run_neither_underflows_nor_overflows(size: int, share: float) -> None:
    text = np.random.default_rng(3).choice(np.array([A, B, C], dtype=U32), size)
    single: list[Run] = [(), (EDGE,), (A,)]
    flat = Model({s: [1.0] * 8 for s in single}, {s: [share] * 4 for s in single}, {(A, A): [share] * 8})
    odds, tags = called("end_odds", text, flat), called("best_tags", text, flat)
    assert np.isfinite(odds).all() and odds.min() > 0
    # with all steps as probable there are as many ways to end a word as to go on, but at the ends
    assert odds[len(odds) // 4 : len(odds) // 2] == pytest.approx(1.0)
    assert set(tags[-1:].tolist()) <= {2, 3}
    assert step_shares(text, *flat.arrays(), GENERAL).sum(axis=1) == pytest.approx(1.0)


@needs_c
@pytest.mark.parametrize("kernel", ["best_tags", "end_odds"])
def test_a_run_of_a_million_symbols_in_c(kernel: str) -> None:
    text = np.random.default_rng(3).choice(np.array([A, B, C], dtype=U32), 1_000_000)
    keys, *rows = FLAT.arrays()
    found = getattr(CORES[-1], kernel)(text, CORES[-1].compile_trie(keys), *rows, GENERAL)
    assert np.isfinite(found).all() and len(found) == len(text)


@needs_c
@pytest.mark.parametrize("kernel", ["best_tags", "end_odds"])
@pytest.mark.parametrize("every", [None, 20])
def test_time_grows_with_the_text(kernel: str, every: int | None) -> None:
    keys, *rows = FLAT.arrays()
    trie = CORES[-1].compile_trie(keys)

    def seconds(text: Any) -> float:
        begin = time.process_time()
        getattr(CORES[-1], kernel)(text, trie, *rows, GENERAL)
        return time.process_time() - begin

    text = np.random.default_rng(3).choice(np.array([A, B, C], dtype=U32), 4_000_000)
    if every:
        text[every::every] = BREAKS[0]
    pairs = [(seconds(text[:2_000_000]), seconds(text)) for _ in range(7)]
    once, twice = (min(column) for column in zip(*pairs))
    assert twice < 3 * once


@needs_c
@pytest.mark.parametrize("kernel", ["best_tags", "end_odds"])
def test_tables_that_are_not_those_of_the_trie_are_not_read_beyond(kernel: str) -> None:
    keys = np.array([EDGE, A, B, C, D, 2 << 21 | B], dtype=U64)  # five children of the root, and one pair
    text = np.array([A, B, C, D, *UNITS], dtype=U32)
    for singles in (1, 3, 7):
        rows = np.full((singles, 8), 0.1, F32), np.full((singles, 4), 0.1, F32), np.full((7 - singles, 8), 0.1, F32)
        found = getattr(CORES[-1], kernel)(text, CORES[-1].compile_trie(keys), *rows, GENERAL)
        assert len(found) == len(text)  # whatever it says: `make sanitize` sees what was read


# ------------------------------------------------------------------------------------------------ what is refused


@needs_c
@pytest.mark.parametrize("kernel", ["best_tags", "end_odds"])
def test_arrays_that_do_not_belong_together_are_refused(kernel: str) -> None:
    model = Model({s: [1.0] * 8 for s in ((), (EDGE,), (A,))}, {s: [1.0] * 4 for s in ((), (EDGE,), (A,))},
                  {(EDGE, A): [1.0] * 8})  # fmt: skip
    keys, contexts, emissions, pairs = model.arrays()
    core = CORES[-1]
    trie, text = core.compile_trie(keys), np.array([A], dtype=U32)
    getattr(core, kernel)(text, trie, contexts, emissions, pairs, GENERAL)
    none = np.zeros((0, 8), dtype=F32)
    many = np.ones((9, 8), dtype=F32), np.ones((9, 4), dtype=F32), pairs
    for rows in ((none, emissions, pairs), (contexts, emissions[:2], pairs), (contexts, emissions, none), many,
                 (contexts[:2], emissions, pairs)):  # fmt: skip
        with pytest.raises(ValueError, match="^what belongs to the nodes is shorter than it must be$"):
            getattr(core, kernel)(text, trie, *rows, GENERAL)
    with pytest.raises(ValueError, match="trie is not a compiled trie"):
        getattr(core, kernel)(text, np.zeros(1, dtype=I64), contexts, emissions, pairs, GENERAL)
