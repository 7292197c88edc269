"""Readings of sentences: the best of all there are, probabilities that sum to one, time that is linear."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from math import exp, log

import pytest
from counted import steps
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero.sentences.frames import Frames, Reading, ReadingCosts
from nlp_zero.sentences.template import TemplateWords

BEGIN, END, SLOT, OTHER = "<begin>", "<end>", None, "<other>"
GO_ON, STOP = log(0.7), log(0.3)
COSTS = ReadingCosts(known=16.0, unknown=9.0, slot=6.0)

Symbol = str | None
Counted = Mapping[TemplateWords, int]


@st.composite
def template_words(draw: st.DrawFn) -> TemplateWords:
    """Words of a small alphabet and slots, no two slots side by side."""
    found: list[str | None] = []
    for word in draw(st.lists(st.sampled_from([None, "a", "b", "c"]), min_size=1, max_size=5)):
        if word is not None or not found or found[-1] is not None:
            found.append(word)
    return tuple(found)


counted = st.dictionaries(template_words(), st.integers(1, 50) | st.sampled_from([1, 2, 1000]), max_size=6)
sentences = st.lists(st.sampled_from("abcxy"), min_size=1, max_size=8)
nats = st.floats(0, 20)
costs = st.builds(ReadingCosts, nats, nats, nats)


class Chain:
    """The chain of words and slots, straight from the formula in the notes of `Frames`."""

    def __init__(self, templates: Counted) -> None:
        self.pairs: Counter[tuple[Symbol, Symbol]] = Counter()
        self.followers: dict[Symbol, set[Symbol]] = {}
        self.counts: Counter[Symbol] = Counter()
        for words, count in templates.items():
            chain: list[Symbol] = [BEGIN, *words, END]
            for before, symbol in itertools.pairwise(chain):
                self.pairs[before, symbol] += count
                self.followers.setdefault(before, set()).add(symbol)
                self.counts[symbol] += count

    @property
    def symbols(self) -> list[Symbol]:
        """What can follow, as far as it is known."""
        return list(self.counts)

    def single(self, symbol: Symbol) -> float:
        """P(v)."""
        kinds, total = len(self.counts), sum(self.counts.values())
        rest = (1 + 0.8 * kinds) / (kinds + 1)
        return (max(self.counts[symbol] - 0.8, 0) + rest) / (total + 1)

    def fallback(self, before: Symbol) -> float:
        """What is left for P(v) after u."""
        seen = sum(count for (first, _), count in self.pairs.items() if first == before)
        return (1 + 0.8 * len(self.followers.get(before, ()))) / (seen + 1)

    def pair(self, before: Symbol, symbol: Symbol) -> float:
        """P(v | u)."""
        seen = sum(count for (first, _), count in self.pairs.items() if first == before)
        discounted = max(self.pairs[before, symbol] - 0.8, 0) / (seen + 1)
        return discounted + self.fallback(before) * self.single(symbol)


def all_slots(size: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """All ways to choose slots among so many words; two slots side by side would be one."""
    for inside in itertools.product((False, True), repeat=size):
        groups = itertools.groupby(range(size), inside.__getitem__)
        places = [list(group) for is_slot, group in groups if is_slot]
        yield tuple((place[0], place[-1] + 1) for place in places)


def score(chain: Chain, words: list[str], slots: tuple[tuple[int, int], ...], costs: ReadingCosts) -> float:
    """The score of a reading, term by term."""
    known = {symbol for symbol in chain.counts if symbol not in (SLOT, END)}
    total, before, i = 0.0, BEGIN, 0
    ends = dict(slots)
    while i < len(words):
        symbol: Symbol
        if i in ends:
            symbol = SLOT
            total += log(chain.pair(before, SLOT)) - costs.slot
            total += (ends[i] - i - 1) * GO_ON + STOP
            total -= costs.known * sum(word in known for word in words[i : ends[i]])
            i = ends[i]
        else:
            symbol = words[i] if words[i] in known else OTHER
            total += log(chain.fallback(before)) - costs.unknown if symbol == OTHER else log(chain.pair(before, symbol))
            i += 1
        before = symbol
    return total + log(chain.pair(before, END))


# ----------------------------------------------------------------------------------------------------- reading


def test_all_ways_to_choose_slots() -> None:
    assert sorted(all_slots(2)) == [(), ((0, 1),), ((0, 2),), ((1, 2),)]
    assert len(set(all_slots(8))) == 2**8


@given(counted, sentences, costs)
@example({}, ["x"], COSTS)
@example({(None,): 5}, ["x", "a"], COSTS)
@example({("a", None, "b"): 9, (None, "a"): 3}, ["a", "x", "b", "a"], COSTS)
@example({(None, "a", None): 1000}, ["x", "a", "x", "a", "x"], ReadingCosts(0.0, 0.0, 0.0))
def test_a_reading_is_the_best_of_all(templates: Counted, words: list[str], costs: ReadingCosts) -> None:
    chain, found = Chain(templates), Frames(templates).read(words, costs)
    scores = {slots: score(chain, words, slots, costs) for slots in all_slots(len(words))}
    assert found.score == pytest.approx(max(scores.values()), abs=1e-9)
    assert found.score == pytest.approx(scores[found.slots], abs=1e-9)


def test_templates_may_come_as_pairs_and_in_any_order() -> None:
    templates = {("a", None, "b"): 9, (None, "c"): 4, ("a", None): 2}
    words = list("axxbxc")
    expected = Frames(templates).read(words, COSTS)
    assert expected.slots == ((1, 3), (4, 5))
    assert Frames(templates.items()).read(words, COSTS) == expected
    assert Frames(iter([*templates.items()][::-1])).read(words, COSTS) == expected
    halves = [*templates.items(), *templates.items()]
    assert Frames(halves).read(words, COSTS) == Frames({key: 2 * n for key, n in templates.items()}).read(words, COSTS)


def test_frames_may_be_put_together_anew() -> None:
    asked = {("请问", None, "有", None): 50, (None, "的", None): 50, (None, "在", "哪里"): 50}
    words = "请问 上海 的 图书馆 在 哪里".split()
    assert Frames(asked).read(words, COSTS).slots == ((1, 2), (3, 4))


def test_without_templates_every_word_costs_as_much() -> None:
    frames = Frames({})
    assert frames.read(["x", "y"], ReadingCosts(16.0, 9.0, 99.0)) == Reading((), -18.0)
    [slot] = frames.read(["x", "y"], ReadingCosts(16.0, 9.0, 0.0)).slots
    assert slot == (0, 2)
    assert frames.read(["x", "y"], ReadingCosts(16.0, 9.0, 0.0)).score == pytest.approx(GO_ON + STOP)


def test_costs_decide_what_is_a_slot() -> None:
    frames = Frames({(None, "的", None): 20, ("他", "的"): 10})
    assert frames.read(["他", "的", "x"], ReadingCosts(0.0, 20.0, 0.0)).slots == ((0, 3),)
    assert frames.read(["他", "的", "x"], ReadingCosts(20.0, 20.0, 0.0)).slots == ((2, 3),)
    assert frames.read(["他", "的", "x"], ReadingCosts(20.0, 1.0, 50.0)).slots == ()


def test_fixed_words() -> None:
    frames = Frames({(None, "的", None): 20})
    assert ("的" in frames, "是" in frames, None in frames, "" in frames) == (True, False, False, False)


# Without templates all symbols are certain: only these costs tell readings of two words from each other. A slot is paid
# for so well that there is one, and a fixed word costs as much as one more word of the slot.


def tied(pays: float) -> Reading:
    return Frames({}).read(["x", "y"], ReadingCosts(known=0.0, unknown=-GO_ON, slot=-pays))


def test_of_equal_readings_the_one_that_leaves_a_slot_earlier_is_taken() -> None:
    pays = next(float(n) for n in range(4, 99) if (n + STOP) + GO_ON == (n + GO_ON) + STOP)
    assert tied(pays) == Reading(((0, 1),), pays + STOP + GO_ON)


def test_of_equal_readings_the_one_that_enters_a_slot_later_is_taken() -> None:
    pays = next(float(n) for n in range(4, 999) if (n + STOP) + GO_ON < (n + GO_ON) + STOP)
    assert tied(pays) == Reading(((1, 2),), pays + GO_ON + STOP)


# ------------------------------------------------------------------------------------------------ probabilities


def probabilities(frames: Frames, before: int) -> list[float]:
    """Of all that is known to follow a symbol, and of the rest."""
    known = sorted({symbol for _, symbol in frames._pairs})
    logs = [frames._pairs.get((before, symbol), frames._back[before] + frames._singles[symbol]) for symbol in known]
    rest = frames._back[before] + frames._singles[3]  # of a word that is in no template
    return [*map(exp, logs), exp(rest)]


@given(counted)
@example({(None,): 1})
@example({("a",): 10**15, (None, "b", None): 1})
def test_probabilities_after_each_symbol_sum_to_one(templates: Counted) -> None:
    frames = Frames(templates)
    for before in range(len(frames._back)):
        found = probabilities(frames, before)
        assert all(0 < one <= 1 for one in found)
        if templates:
            assert sum(found) == pytest.approx(1.0, abs=1e-9)


@given(st.dictionaries(template_words(), st.integers(0, 3), min_size=1, max_size=6))
@example({("a",): 0, ("b",): 1})
def test_templates_that_were_never_seen_take_no_more_than_there_is(templates: Counted) -> None:
    frames = Frames(templates)
    for before in range(len(frames._back)):
        assert sum(probabilities(frames, before)) <= 1 + 1e-9


@given(counted)
def test_probabilities_follow_the_formula(templates: Counted) -> None:
    chain, frames = Chain(templates), Frames(templates)
    ids = {**frames._ids, BEGIN: 0, END: 1, OTHER: 3}
    for before, symbol in itertools.product([BEGIN, OTHER, *chain.symbols], chain.symbols):
        fallback = frames._back[ids[before]] + frames._singles[ids[symbol]]
        found = frames._pairs.get((ids[before], ids[symbol]), fallback)
        assert found == pytest.approx(log(chain.pair(before, symbol)), abs=1e-9)


def test_smoothing_by_hand() -> None:
    # symbols: the slot 6, a 4, the end 6; 16 of 3 kinds. P(v) = (c - 0.8 + (1 + 0.8 * 3) / 4) / 17
    singles = {
        "slot": (6 - 0.8 + 0.85) / 17,
        "a": (4 - 0.8 + 0.85) / 17,
        "end": (6 - 0.8 + 0.85) / 17,
        "rest": 0.85 / 17,
    }
    assert sum(singles.values()) == pytest.approx(1.0)
    # after the begin: the slot 6. After the slot: a 4, the end 2. After a: the end 4
    begin_slot = (6 - 0.8) / 7 + (1 + 0.8) / 7 * singles["slot"]
    slot_a = (4 - 0.8) / 7 + (1 + 1.6) / 7 * singles["a"]
    slot_end = (2 - 0.8) / 7 + (1 + 1.6) / 7 * singles["end"]
    a_end = (4 - 0.8) / 5 + (1 + 0.8) / 5 * singles["end"]
    frames = Frames({(None, "a"): 4, (None,): 2})
    found = frames.read(["x", "y", "a"], COSTS)
    assert found.slots == ((0, 2),)
    expected = log(begin_slot) - 6.0 + log(0.7) + log(0.3) + log(slot_a) + log(a_end)
    assert found.score == pytest.approx(expected, abs=1e-9)
    cheap = ReadingCosts(known=0.0, unknown=99.0, slot=0.0)
    within = log(begin_slot) + 2 * log(0.7) + log(0.3) + log(slot_end)
    outside = expected + 6.0
    assert frames.read(["x", "y", "a"], cheap).score == pytest.approx(max(within, outside), abs=1e-9)
    dear = ReadingCosts(known=0.0, unknown=2.0, slot=99.0)
    unseen = log((1 + 0.8) / 7) - 2.0 + log(singles["a"]) + log(a_end)  # nothing is known after an unknown word
    assert frames.read(["x", "a"], dear) == Reading((), pytest.approx(unseen, abs=1e-9))


# -------------------------------------------------------------------------------------------------------- speed


def long_sentence(size: int) -> list[str]:
    random_ = random.Random(3)
    return random_.choices(["的", "和", "在", *(f"词{i}" for i in range(500))], k=size)


FREQUENT = {(None, "的", None): 50, (None, "和", None): 30, ("在", None): 20, (None,): 10}


def test_a_sentence_of_100_000_words() -> None:
    words = long_sentence(100_000)
    found = Frames(FREQUENT).read(words, COSTS)
    assert len(found.slots) > 100
    ends = [0, *itertools.chain.from_iterable(found.slots), len(words)]
    assert ends == sorted(ends)
    assert all(start < end for start, end in found.slots)
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(found.slots))


def test_time_is_linear() -> None:
    frames, words = Frames(FREQUENT), long_sentence(40_000)
    short, long = (steps(lambda part=words[:size]: frames.read(part, COSTS)) for size in (10_000, 40_000))
    assert long < 5 * short  # 4 is linear, 16 quadratic
