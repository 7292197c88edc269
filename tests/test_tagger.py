"""Taggers against dictionaries: the formulas of `nlp_zero.words.tagger` written out, and arrays that are none."""

from __future__ import annotations

import itertools
import math
import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from test_core_parity import BREAKS, CORES, HAN, U32, U64, Run, assert_same, runs_of, trie_of

from nlp_zero.core import kernels
from nlp_zero.core.symbols import FIRST_FORM, FIRST_SYMBOL, LATIN, NUMBER, SYMBOL_BITS, SYMBOL_LIMIT
from nlp_zero.core.tagged import EDGE_TAGGED, tagged, tags_of, untagged
from nlp_zero.core.tagging import EDGE, STEPS, B, E, M, S
from nlp_zero.statistics.strings import StringCounts
from nlp_zero.words.tagger import SELF_TRAINED, Tagger

State = tuple[int, int]  # a symbol and its tag
Tagged = list[State]
F32 = np.float32
START: State = (EDGE, S)
UNSEEN = 0x5F00  # in no text here
CORE_NAMES = [core.name for core in CORES]

symbols_in_runs = st.sampled_from([*HAN, NUMBER, LATIN])
texts = st.lists(symbols_in_runs | st.sampled_from([HAN[0], HAN[4], *BREAKS]), max_size=30)


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Symbols, and 1 where words begin: anywhere, for runs begin and end words in any case."""
    text = draw(texts)
    return text, [draw(st.integers(0, 1)) for _ in text]


def symbols_of(values: Sequence[int]) -> Any:
    return np.array(values, dtype=U32)


def tagged_symbols(text: Sequence[int], begins: Sequence[int]) -> Any:
    """What all cores make of a text and of where its words begin."""
    symbols, flags = symbols_of(text), np.array(begins, dtype=np.uint8)
    for array in (symbols, flags):
        array.flags.writeable = False  # what was given stays as it is
    first, *others = (core.tagged_symbols(symbols, flags) for core in CORES)
    for other in others:
        assert_same(first, other)
    return first


def cut_runs(text: Sequence[int], begins: Sequence[int]) -> list[Tagged]:
    """The runs of a text, each symbol with its tag."""
    found = []
    for start, part in runs_of(text):
        cuts = [i for i in range(len(part)) if i == 0 or begins[start + i]] + [len(part)]
        tags = [t for i, j in itertools.pairwise(cuts) for t in ([S] if j - i == 1 else [B, *[M] * (j - i - 2), E])]
        found.append(list(zip(part, tags, strict=True)))
    return found


# --------------------------------------------------------------------------------------------- tags of symbols


@given(cut_texts())
@example(([], []))
@example(([HAN[0]], [0]))
@example(([BREAKS[0]], [0]))
@example(([HAN[0], HAN[1], HAN[2]], [0, 0, 0]))
def test_tags_of_symbols(cut: tuple[list[int], list[int]]) -> None:
    text, begins = cut
    found = tags_of(np.array(begins, dtype=np.uint8), symbols_of(text))
    assert found.dtype == np.uint8 and found.shape == (len(text),)
    inside = [tag for run in cut_runs(text, begins) for _, tag in run]
    assert [tag for tag, symbol in zip(found.tolist(), text) if symbol >= FIRST_SYMBOL] == inside
    assert all(tag == S for tag, symbol in zip(found.tolist(), text) if symbol < FIRST_SYMBOL)


@pytest.mark.parametrize(
    ("text", "begins", "tags"),
    [
        ([NUMBER, HAN[4]], [1, 0], [B, E]),
        ([LATIN], [0], [S]),
        ([HAN[0], HAN[4], NUMBER, LATIN], [1, 0, 0, 0], [B, M, M, E]),
        ([HAN[0], 0, HAN[0]], [1, 0, 0], [S, S, S]),
        ([0, 0], [1, 0], [S, S]),
        ([HAN[0], HAN[0], 1, HAN[0], HAN[0]], [0, 1, 0, 0, 0], [S, S, S, B, E]),
    ],
)
def test_tags_of_some_texts(text: list[int], begins: list[int], tags: list[int]) -> None:
    assert tags_of(np.array(begins, dtype=np.uint8), symbols_of(text)).tolist() == tags


def test_what_was_given_stays_as_it_is() -> None:
    text, begins = symbols_of([HAN[0], 0, NUMBER, HAN[1]]), np.array([0, 0, 0, 1], dtype=np.uint8)
    for array in (text, begins):
        array.flags.writeable = False
    tags_of(begins, text)
    assert begins.tolist() == [0, 0, 0, 1] and text.tolist() == [HAN[0], 0, NUMBER, HAN[1]]


# -------------------------------------------------------------------------------------------- tagged symbols


def coded(state: State) -> int:
    """The symbol of a tagged symbol."""
    return int(tagged(symbols_of([state[0]]), np.array([state[1]], dtype=np.uint8))[0])


CODES = {(symbol, tag): coded((symbol, tag)) for symbol in [*HAN, NUMBER, LATIN] for tag in range(4)}
EDGE_CODE = coded((EDGE, S))


def test_every_tagged_symbol_is_a_symbol_of_its_own() -> None:
    codes = [EDGE_CODE, *CODES.values()]
    assert len(set(codes)) == len(codes)
    assert all(FIRST_SYMBOL <= code < SYMBOL_LIMIT for code in codes)
    assert sorted(CODES, key=CODES.__getitem__) == sorted(CODES)  # in the same order, so that levels stay sorted
    assert EDGE_CODE == EDGE_TAGGED == min(codes)


def test_tagged_symbols_have_their_parts() -> None:
    symbols, tags = untagged(np.array([EDGE_CODE, *CODES.values()]))
    assert list(zip(symbols.tolist(), tags.tolist())) == [START, *CODES]


@given(cut_texts())
@example(([], []))
@example(([*BREAKS], [0] * len(BREAKS)))
@example(([HAN[4]], [0]))
@example(([NUMBER, LATIN, BREAKS[0], HAN[0]], [1, 1, 0, 0]))
def test_every_run_stands_between_edges(cut: tuple[list[int], list[int]]) -> None:
    text, begins = cut
    found = tagged_symbols(text, begins)
    assert found.dtype == U32
    expected = [[EDGE_CODE, *(CODES[state] for state in run), EDGE_CODE, 0] for run in cut_runs(text, begins)]
    assert found.tolist() == [code for run in expected for code in run]


@given(cut_texts())
def test_tagged_symbols_lose_nothing_of_runs(cut: tuple[list[int], list[int]]) -> None:
    text, begins = cut
    found = tagged_symbols(text, begins).tolist()
    states = {code: state for state, code in CODES.items()}
    back: list[Tagged] = []
    for code in found:
        if code == EDGE_CODE and (not back or back[-1] and back[-1][-1] == START):
            back.append([])
        elif code == EDGE_CODE:
            back[-1].append(START)
        elif code:
            back[-1].append(states[code])
    assert [run[:-1] for run in back] == cut_runs(text, begins)


@given(st.lists(cut_texts(), max_size=4))
def test_parts_of_a_text_are_tagged_as_the_whole(parts: list[tuple[list[int], list[int]]]) -> None:
    whole = [s for text, _ in parts for s in [*text, 0]], [b for _, begins in parts for b in [*begins, 0]]
    found = tagged_symbols(*whole).tolist()
    assert found == [code for text, begins in parts for code in tagged_symbols(text, begins).tolist()]


@pytest.mark.parametrize("core", CORES, ids=CORE_NAMES)
def test_flags_are_any_numbers_but_0(core: Any) -> None:
    text = symbols_of([HAN[0], HAN[1], HAN[2]])
    assert_same(*(core.tagged_symbols(text, np.array(begins, dtype=np.uint8)) for begins in ([1, 0, 1], [0, 0, 200])))


# ----------------------------------------------------------------------------------------------- the formulas


class Read(NamedTuple):
    """A tagger as its kernels read it."""

    tagger: Tagger
    node: dict[Run, int]

    @classmethod
    def of(cls, tagger: Tagger) -> Read:
        strings: list[Run] = [()]
        for key in tagger.keys.tolist():
            strings.append((*strings[key >> SYMBOL_BITS], key & SYMBOL_LIMIT - 1))
        return cls(tagger, {string: node for node, string in enumerate(strings)})

    def step(self, before: State, after: State) -> float:
        """The probability of a legal step."""
        tagger, number = self.tagger, STEPS.index((before[1], after[1]))
        node = self.node.get((before[0], after[0]))
        if node is not None:
            return float(tagger.pairs[node - len(tagger.contexts), number])
        context = tagger.contexts[self.node.get((before[0],), 0), number]
        return float(context) * float(tagger.emissions[self.node.get((after[0],), 0), after[1]])


class Naive:
    """Counts as dictionaries, and the formulas of the module's docstring."""

    def __init__(self, runs: Sequence[Tagged]) -> None:
        self.pairs: Counter[tuple[State, State]] = Counter()
        self.states: Counter[State] = Counter()
        for run in runs:
            whole = [START, *run, START]
            self.states.update(whole)
            self.pairs.update(itertools.pairwise(whole))
        self.follows: Counter[State] = Counter()
        self.successors: defaultdict[State, set[State]] = defaultdict(set)
        self.before: defaultdict[State, set[State]] = defaultdict(set)
        self.steps: Counter[tuple[int, int]] = Counter()
        for (one, two), n in self.pairs.items():
            self.follows[one] += n
            self.successors[one].add(two)
            self.before[two].add(one)
            self.steps[one[1], two[1]] += n
        self.seen = sorted({symbol for symbol, _ in self.states})

    def tag_step(self, before: int, after: int) -> float:
        """p(t | t'), one half of an occurrence added to each."""
        total = sum(self.steps[step] + 0.5 for step in STEPS if step[0] == before)
        return (self.steps[before, after] + 0.5) / total

    def of_order_1(self, before: State, after: State) -> float:
        """p(t | t') p(c | t); what was never seen is one more symbol."""
        total = sum(self.states[symbol, after[1]] + 0.3 for symbol in [*self.seen, UNSEEN])
        return self.tag_step(before[1], after[1]) * (self.states[after] + 0.3) / total

    def emission(self, after: State) -> float:
        """(T(c, t) + δ) / Σ (T(c, t) + δ)"""
        total = sum(len(self.before[symbol, after[1]]) + 0.1 for symbol in [*self.seen, UNSEEN])
        return (len(self.before[after]) + 0.1) / total

    def of_order_2(self, before: State, after: State, k: float) -> float:
        """p(c, t | c', t')"""
        types = len(self.successors[before])
        to_tag = sum(tag == after[1] for _, tag in self.successors[before])
        kappa, weight = 3 * k, k + (3 if before[1] in (E, S) else 1) * types
        q = (to_tag + kappa * self.tag_step(before[1], after[1])) / (types + kappa) * self.emission(after)
        return (self.pairs[before, after] + weight * q) / (self.follows[before] + weight)


def counts_of(text: Sequence[int], begins: Sequence[int]) -> StringCounts:
    """Tagged symbols and pairs of them, counted."""
    return StringCounts(*kernels().count_ngrams(tagged_symbols(text, begins), 2))


def all_states(seen: Sequence[int]) -> list[State]:
    return [(symbol, tag) for symbol in [*seen, UNSEEN] for tag in range(4)]


def assert_steps(tagger: Tagger, seen: Sequence[int], expected: Callable[[State, State], float]) -> None:
    """Every legal step, of what was seen and of what was not, is as probable as it should be."""
    read = Read.of(tagger)
    for before, after in itertools.product(all_states(seen), repeat=2):
        if (before[1], after[1]) in STEPS:
            assert math.isclose(read.step(before, after), expected(before, after), rel_tol=1e-5), (before, after)


def assert_sums(tagger: Tagger, seen: Sequence[int]) -> None:
    """After every state something comes: all that was seen with either tag, or anything else."""
    read = Read.of(tagger)
    for before in all_states(seen):
        steps = [read.step(before, after) for after in all_states(seen) if (before[1], after[1]) in STEPS]
        assert math.isclose(sum(steps), 1, abs_tol=1e-5), before


ALPHABET = st.sampled_from([HAN[0], HAN[0], HAN[1], HAN[4], NUMBER, BREAKS[0]])
some_texts = st.lists(st.tuples(ALPHABET, st.integers(0, 1)), min_size=1, max_size=24).map(
    lambda pairs: ([s for s, _ in pairs], [b for _, b in pairs])
)
BACK_OFFS = [0.25, 1.0, 7.0, SELF_TRAINED]


@given(some_texts)
@example(([HAN[0]], [1]))
@example(([NUMBER, LATIN, HAN[4]], [1, 0, 0]))
def test_order_1_is_the_formula(cut: tuple[list[int], list[int]]) -> None:
    naive = Naive(cut_runs(*cut))
    assume(naive.seen)
    tagger = Tagger.order_1(counts_of(*cut))
    assert tagger.order == 1
    assert tagger.keys.tolist() == naive.seen  # symbols alone
    assert_steps(tagger, naive.seen, naive.of_order_1)
    assert_sums(tagger, naive.seen)


@given(some_texts, st.sampled_from(BACK_OFFS))
@example(([HAN[0]], [1]), 1.0)
@example(([NUMBER, LATIN, HAN[4]], [1, 0, 0]), 1.0)
def test_order_2_is_the_formula(cut: tuple[list[int], list[int]], k: float) -> None:
    naive = Naive(cut_runs(*cut))
    assume(naive.seen)
    tagger = Tagger.order_2(counts_of(*cut), back_off=k)
    assert tagger.order == 2
    strings = [(symbol,) for symbol in naive.seen] + [(one[0], two[0]) for one, two in naive.pairs]
    assert tagger.keys.tolist() == trie_of(strings)[0]
    assert_steps(tagger, naive.seen, lambda before, after: naive.of_order_2(before, after, k))
    assert_sums(tagger, naive.seen)


def test_back_off_is_1_unless_it_is_given() -> None:
    counts = counts_of([HAN[0], HAN[1], HAN[0]], [1, 0, 1])
    assert Tagger.order_2(counts) == Tagger.order_2(counts, back_off=1.0) != Tagger.order_2(counts, back_off=2.0)


def test_a_large_back_off_forgets_single_pairs() -> None:
    text, begins = [HAN[0], HAN[1], 0, HAN[2], HAN[3]], [1, 0, 1, 1, 0]
    steps = [Read.of(Tagger.order_2(counts_of(text, begins), back_off=k)).step((HAN[0], B), (HAN[1], E)) for k in
             BACK_OFFS]  # fmt: skip
    assert steps == sorted(steps, reverse=True) and steps[0] > 1.5 * steps[-1]


# --------------------------------------------------------------------------------------------------- of words

Words = dict[Run, int]
vocabularies = st.dictionaries(
    st.lists(st.sampled_from([*HAN[:3], HAN[4], NUMBER]), min_size=1, max_size=5).map(tuple),
    st.integers(1, 9),
    min_size=1,
    max_size=8,
)


def of_words(words: Words, order: int) -> Tagger:
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    counts = np.array([*words.values()], dtype=np.float64)
    return Tagger.of_words(symbols_of([s for word in words for s in word]), starts, lengths, counts, order=order)


def naive_of_words(words: Words) -> Naive:
    """Each word for itself: it begins after any word and ends before any."""
    naive = Naive([])
    naive.states[START] = 0
    for word, n in words.items():
        (run,) = cut_runs(word, [0] * len(word))
        for state in run:
            naive.states[state] += n
        for one, two in itertools.pairwise(run):
            naive.pairs[one, two] += n
            naive.follows[one] += n
            naive.successors[one].add(two)
            naive.before[two].add(one)
            naive.steps[one[1], two[1]] += n
        for end in (E, S):
            naive.steps[end, run[0][1]] += n
    naive.seen = sorted({symbol for symbol, _ in naive.states})
    return naive


@given(vocabularies)
@example({(HAN[0],): 1})
@example({(HAN[0], HAN[4], NUMBER): 3})
def test_words_make_a_tagger_of_order_1(words: Words) -> None:
    naive = naive_of_words(words)
    tagger = of_words(words, 1)
    assert tagger.order == 1 and tagger.keys.tolist() == naive.seen
    assert_steps(tagger, naive.seen, naive.of_order_1)
    assert_sums(tagger, naive.seen)


@given(vocabularies)
@example({(HAN[0],): 1})
@example({(HAN[0], HAN[4], NUMBER): 3})
def test_words_make_a_tagger_of_order_2(words: Words) -> None:
    naive = naive_of_words(words)
    tagger = of_words(words, 2)
    strings = [(symbol,) for symbol in naive.seen] + [(one[0], two[0]) for one, two in naive.pairs]
    assert tagger.keys.tolist() == trie_of(strings)[0]
    assert_sums(tagger, naive.seen)
    read = Read.of(tagger)
    for before, after in itertools.product(all_states(naive.seen), repeat=2):
        if (before[1], after[1]) in STEPS and before[1] in (B, M):  # inside words
            expected = naive.of_order_2(before, after, 1.0)
            assert math.isclose(read.step(before, after), expected, rel_tol=1e-5), (before, after)


@pytest.mark.parametrize("order", [1, 2])
def test_what_begins_words_more_often_is_likelier_to_begin_one(order: int) -> None:
    one, two, three, four = HAN[:4]
    read = Read.of(of_words({(one, two): 50, (three, four): 2, (four,): 90, (two,): 1}, order))
    for before in ((two, E), (four, S), START, (UNSEEN, S)):
        often, seldom, never = (read.step(before, (symbol, B)) for symbol in (one, three, four))
        assert often > seldom > never
        often, seldom, never = (read.step(before, (symbol, S)) for symbol in (four, two, one))
        assert often > seldom > never


@given(vocabularies, st.permutations(range(8)), st.sampled_from([1, 2]))
def test_the_order_of_words_does_not_matter(words: Words, order: list[int], depth: int) -> None:
    shuffled = dict(item for _, item in sorted(zip(order, words.items())))
    assert of_words(shuffled, depth) == of_words(words, depth)


def test_words_may_stand_anywhere_among_the_symbols() -> None:
    symbols = symbols_of([7, HAN[0], HAN[1], 0, HAN[2], HAN[3]])
    starts, lengths = np.array([4, 1]), np.array([1, 2])
    found = Tagger.of_words(symbols, starts, lengths, np.array([3.0, 5.0]), order=2)
    assert found == of_words({(HAN[2],): 3, (HAN[0], HAN[1]): 5}, 2)


# ---------------------------------------------------------------------------------------------------- both cores


@given(some_texts)
def test_both_cores_make_equal_taggers(cut: tuple[list[int], list[int]]) -> None:
    assume(any(symbol >= FIRST_SYMBOL for symbol in cut[0]))
    found = []
    for name in CORE_NAMES:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NLP_ZERO_CORE", name)
            counts = counts_of(*cut)
            taggers = [Tagger.order_1(counts), Tagger.order_2(counts), Tagger.order_2(counts, back_off=9.0)]
            text, none = symbols_of(cut[0] * 3), np.zeros(0, dtype=U32)
            applied = [(t.tags(text, none).tolist(), t.end_odds(text, none).tolist()) for t in taggers]
            found.append((taggers, applied, [{n: a.tobytes() for n, a in t.to_arrays().items()} for t in taggers]))
    assert all(one == found[0] for one in found)


# ------------------------------------------------------------------------------------------------------- values


def made(order: int = 2) -> Tagger:
    counts = counts_of([HAN[0], HAN[1], 0, HAN[4], HAN[0], NUMBER, HAN[1]], [1, 0, 0, 1, 1, 0, 1])
    return Tagger.order_1(counts) if order == 1 else Tagger.order_2(counts)


@pytest.mark.parametrize("order", [1, 2])
def test_taggers_are_values(order: int) -> None:
    tagger = made(order)
    copies = [made(order), Tagger.from_arrays(tagger.to_arrays())]
    copies += [pickle.loads(pickle.dumps(tagger, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    text, none = symbols_of([HAN[0], HAN[1], HAN[4], 0, UNSEEN, NUMBER]), np.zeros(0, dtype=U32)
    for copy in copies:
        assert copy == tagger and hash(copy) == hash(tagger) and copy.order == order
        assert copy.tags(text, none).tolist() == tagger.tags(text, none).tolist()
        assert copy.end_odds(text, none).tolist() == tagger.end_odds(text, none).tolist()
    assert tagger != made(3 - order) and tagger != "tagger"
    assert tagger != Tagger.order_1(counts_of([HAN[0]], [1]))


@given(some_texts, st.sampled_from([1, 2]))
def test_arrays_and_back(cut: tuple[list[int], list[int]], order: int) -> None:
    assume(any(symbol >= FIRST_SYMBOL for symbol in cut[0]))
    counts = counts_of(*cut)
    tagger = Tagger.order_1(counts) if order == 1 else Tagger.order_2(counts)
    arrays = tagger.to_arrays()
    assert {name: array.dtype.name for name, array in arrays.items()} == {
        "tagger.keys": "uint64", "tagger.contexts": "float32", "tagger.emissions": "float32",
        "tagger.pairs": "float32"}  # fmt: skip
    again = Tagger.from_arrays(arrays | {"other.array": np.zeros(3)})
    assert again == tagger
    assert all(map(np.array_equal, again.to_arrays().values(), arrays.values()))


# ------------------------------------------------------------------------------------------------ what is refused

NAMES = ["tagger.keys", "tagger.contexts", "tagger.emissions", "tagger.pairs"]


def refused(changes: dict[str, Any], message: str, order: int = 2) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Tagger.from_arrays(made(order).to_arrays() | changes)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_array_is_named(name: str) -> None:
    arrays = made().to_arrays()
    del arrays[name]
    with pytest.raises(KeyError, match=f"^{re.escape(repr(name))}$"):
        Tagger.from_arrays(arrays)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["u1", "u4", "u8", "i8", "f4", "f8", ">f4", ">u8"])
def test_arrays_have_one_type(name: str, dtype: str) -> None:
    array = made().to_arrays()[name]
    if array.dtype != dtype:
        expected = f"array {name}: expected {array.dtype}, found {np.dtype(dtype)}"
        refused({name: array.astype(dtype)}, expected)


NO_KEYS = "the tagger has no keys of symbols and pairs"
NOT_TOGETHER = "the arrays of the tagger do not belong together"


@pytest.mark.parametrize("order", [1, 2])
def test_keys_are_those_of_a_trie_that_begins_with_the_edge(order: int) -> None:
    keys = made(order).keys
    for wrong in (
        keys[::-1].copy(),
        np.concatenate((keys[:2], keys[1:])),  # one key twice
        keys[1:],  # no EDGE
        np.concatenate((np.array([FIRST_SYMBOL - 1], dtype=U64), keys)),  # a symbol outside runs
        keys[:0],
        keys.reshape(-1, 1),
        np.array(EDGE, dtype=U64),
    ):
        refused({"tagger.keys": wrong}, NO_KEYS, order)
    assert keys[0] == EDGE


def test_children_have_parents() -> None:
    keys = made().keys
    for parent in (len(keys) + 1, 1 << 42):
        last = np.array([parent << SYMBOL_BITS | HAN[0]], dtype=U64)
        with pytest.raises(ValueError):
            Tagger.from_arrays(made().to_arrays() | {"tagger.keys": np.append(keys[:-1], last)})


def test_there_are_symbols_and_pairs_and_nothing_longer() -> None:
    arrays = made().to_arrays()
    keys, pairs = arrays["tagger.keys"], arrays["tagger.pairs"]
    triple = np.array([len(keys) << SYMBOL_BITS | HAN[0]], dtype=U64)
    deeper = {"tagger.keys": np.append(keys, triple), "tagger.pairs": np.concatenate((pairs, pairs[:1]))}
    refused(deeper, NOT_TOGETHER)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", NAMES[1:])
def test_rows_are_as_many_as_nodes(name: str, order: int) -> None:
    array = made(order).to_arrays()[name]
    columns = array.shape[1]
    wrong = [
        np.concatenate((array, np.full((1, columns), 0.25, dtype=F32))),
        array[:, :-1],
        np.concatenate((array, array), axis=1),
        array[:, :0],
        array[np.newaxis],
    ]
    if len(array):
        wrong += [array[:-1], array[:0], array.T]
    for one in wrong:
        refused({name: np.ascontiguousarray(one)}, NO_KEYS if one.ndim == 3 and "contexts" in name else NOT_TOGETHER,
                order)  # fmt: skip
    flat = np.ascontiguousarray(array.reshape(-1))
    refused({name: flat}, NO_KEYS if "contexts" in name else NOT_TOGETHER, order)


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize(
    "wrong", [0.0, -0.0, -0.5, -1e-30, float("nan"), float("inf"), -float("inf"), 1e-45, 1.01, 2.0]
)
def test_numbers_that_are_no_probabilities(name: str, wrong: float) -> None:
    original = made().to_arrays()[name]
    rows = {0, len(original) // 2, len(original) - 1}
    for row, column in itertools.product(rows, range(original.shape[1])):
        array = original.copy()
        array[row, column] = wrong
        refused({name: array}, "the tagger holds numbers that are no probabilities")


@pytest.mark.parametrize("name", ["tagger.contexts", "tagger.pairs"])
@pytest.mark.parametrize("tag", range(4))
def test_steps_from_one_tag_sum_up_to_1_at_most(name: str, tag: int) -> None:
    array = made().to_arrays()[name].copy()
    steps = [number for number, step in enumerate(STEPS) if step[0] == tag]
    array[-1, steps] = 0.51
    refused({name: array}, "the tagger holds probabilities that sum up to more than 1")
    array[-1, steps] = 0.5
    assert Tagger.from_arrays(made().to_arrays() | {name: array}) == Tagger.from_arrays(
        made().to_arrays() | {name: array.copy()}
    )
    array[-1, [number for number in range(8) if number not in steps]] = 0.25
    array[-1, steps] = [1.0, 1e-30]
    Tagger.from_arrays(made().to_arrays() | {name: array})


def test_a_tagger_of_symbols_alone_has_no_pairs() -> None:
    tagger = made(1)
    assert tagger.pairs.shape == (0, 8) and FIRST_FORM not in tagger.keys.tolist()
    arrays = tagger.to_arrays()
    refused(arrays | {"tagger.pairs": np.full((1, 8), 0.1, dtype=F32)}, NOT_TOGETHER)


@pytest.mark.parametrize("second", [(HAN[1], E), (HAN[5], E)], ids=["before others", "after all"])
def test_pairs_of_what_was_not_counted_alone_are_refused(second: State) -> None:
    alone = sorted(tagged(np.array([EDGE, HAN[2]]), np.array([S, B])).tolist())
    (other,) = tagged(np.array([second[0]]), np.array([second[1]])).tolist()
    keys = np.array([*alone, 2 << SYMBOL_BITS | other], dtype=U64)
    with pytest.raises(ValueError, match="not counted alone"):
        Tagger.order_2(StringCounts(keys, np.array([3, 3, 2])))
