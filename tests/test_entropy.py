"""Method entropy step by step: autonomy, candidates, learning, joining; and what must not change its result."""

from __future__ import annotations

import math
import random
import statistics
import warnings
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from made_up import made_up_text
from test_association import corpora, naive_entropies, strings_of, substrings
from test_core_parity import needs_c

from nlp_zero import EmptyResultWarning, Lexicon, NgramCounts, WordFinder
from nlp_zero.core import core_name, kernels
from nlp_zero.progress import Advance
from nlp_zero.resources import Resources
from nlp_zero.statistics import symbols
from nlp_zero.statistics.association import autonomy, branching_entropies, weakest_links
from nlp_zero.statistics.divergence import ContextReader
from nlp_zero.statistics.strings import StringCounts
from nlp_zero.statistics.symbols import HeldSymbols, checksum
from nlp_zero.text import corpus as text_corpus
from nlp_zero.text.characters import symbols_of, symbols_of_all, word_of
from nlp_zero.words import learning
from nlp_zero.words.entropy import Candidates, Settings
from nlp_zero.words.joining import joined_words
from nlp_zero.words.learning import Vocabulary, _KeptEdges, learnt

TEXT = made_up_text(20_000, seed=3)


def bars(stage: str) -> AbstractContextManager[Advance]:
    """No bars."""
    return nullcontext(lambda amount: None)


def texts_of(keys: Any) -> list[str]:
    """The string of each node, as it is written."""
    strings = StringCounts(keys, np.zeros(len(keys), dtype=np.int64))
    return ["", *(word_of(row[row > 0]) for row in strings.strings(np.arange(1, len(keys) + 1)))]


def priors_of(candidates: Candidates) -> dict[str, float]:
    """The candidates and their priors."""
    texts = zip(texts_of(candidates.keys), candidates.priors.tolist())
    return {text: prior for text, prior in texts if prior > -math.inf}


def candidates_of(corpus: list[str], chosen: Settings) -> tuple[Candidates, NgramCounts]:
    counts = NgramCounts.from_corpus(corpus)
    with Resources.plan(share_memory=core_name() == "c") as resources:
        return Candidates.of(counts, chosen, resources), counts


def long_words(finder: WordFinder) -> dict[str, int]:
    """The words of two or more characters, and their counts."""
    return {entry.word: entry.count for entry in finder.lexicon_.entries() if len(entry.word) > 1}


# --------------------------------------------------------------------------------------------------- autonomy


@given(corpora)
@example([])
@example(["中国人民，国人", "中国，中国人"])
def test_autonomy(corpus: list[str]) -> None:
    counts = NgramCounts.from_corpus(corpus)
    left, right = (np.where(h > 1e-9, h, 0.0) for h in branching_entropies(counts))
    end = len(left) - 1
    frequencies = list(substrings(corpus, 1).values())
    unigram = -sum(n / sum(frequencies) * math.log(n / sum(frequencies)) for n in frequencies)
    found = autonomy(StringCounts(counts.keys[:end], counts.counts[:end]), left, right, unigram)

    strings = strings_of(counts)[1 : end + 1]
    entropy = {s: naive_entropies(corpus, s) for s in strings} | {"": (unigram, unigram)}
    variations = {s: (entropy[s][0] - entropy[s[1:]][0], entropy[s][1] - entropy[s[:-1]][1]) for s in strings}
    expected = [0.0]
    for s in strings:
        varied = [v for t, v in variations.items() if len(t) == len(s) and max(entropy[t]) > 1e-9]
        deviations = []
        for own, typical in zip(variations[s], zip(*varied)):
            spread = statistics.pstdev(typical)
            assume(spread < 1e-9 or spread > 1e-4)  # rounding, or far from what is taken for it
            deviations.append((own - statistics.fmean(typical)) / (spread if spread > 1e-4 else 1))
        expected.append(sum(deviations) / 2)
    assert found.tolist() == pytest.approx(expected, abs=1e-6)


def test_a_word_is_more_autonomous_than_what_stands_across_two_words() -> None:
    firsts, seconds = "甲乙丙丁戊己庚辛", "子丑寅卯辰巳午未"
    words = [firsts[i] + seconds[(i + k) % 8] for i in range(8) for k in range(3)]
    counts = NgramCounts.from_corpus(["".join(random.Random(1).choices(words, k=4000))])
    left, right = branching_entropies(counts)
    end = counts.bounds[3]
    found = autonomy(StringCounts(counts.keys[:end], counts.counts[:end]), left, right, math.log(16))
    own = {s: value for s, value in zip(strings_of(counts), found.tolist()) if len(s) == 2}
    assert min(own[word] for word in words) > 0.5
    assert max(value for s, value in own.items() if s not in words) < -0.5


# --------------------------------------------------------------------------------------------------- settings


def test_settings_for_given_sizes() -> None:
    sizes = [0, 1, 10_000, 100_000, 2_000_000, 10_000_000, 50_000_000, 10**12]
    chosen = [Settings.for_size(size) for size in sizes]
    columns: dict[tuple[float, float], Sequence[float]] = {
        (2, 4): [one.min_count for one in chosen],
        (0.3, 1.8): [one.weight for one in chosen],
        (4.5, 2.25): [one.links[0] for one in chosen],  # more text needs weaker links
        (7.5, 4.5): [one.links[1] for one in chosen],
    }
    for (first, last), values in columns.items():
        assert (values[0], values[-1]) == (first, last)
        assert list(values) == sorted(values, reverse=first > last)
    by_size = dict(zip(sizes, chosen))
    assert by_size[100_000] == Settings(min_count=2, weight=0.65, links=(4.5, 7.5))
    assert by_size[2_000_000] == Settings(min_count=2, weight=1.489, links=(4.5, 6.362))
    assert by_size[10_000_000] == Settings(min_count=3, weight=1.8, links=(3.212, 5.396))


# ------------------------------------------------------------------------------------------------- candidates

LOOSE = Settings(min_count=1, weight=1.5, links=(0.6, 1.2), fragment_count=2)
small_texts = st.lists(st.text("一二三四5，", max_size=24), max_size=6)


@given(small_texts, st.integers(1, 3), st.sampled_from([0.6, 0.95]))
@example(["糖尿病人", "糖尿病"], 1, 0.95)
@example([], 1, 0.95)
def test_candidates_are_what_the_steps_leave(corpus: list[str], least: int, share: float) -> None:
    chosen = replace(LOOSE, min_count=least, fragment=share)
    candidates, counts = candidates_of(corpus, chosen)
    frequent = counts.frequent(least)
    known = dict(zip(texts_of(frequent.keys), [0, *frequent.counts.tolist()]))
    sizes = dict(zip(known, frequent.depths.tolist()))
    parents = [0, *frequent.parents_of(np.arange(1, len(known))).tolist()]
    names = list(known)
    beginnings, endings = (
        {s: names[node] for s, node in zip(names, nodes) if s and names[node]}
        for nodes in (parents, frequent.suffixes().tolist())
    )

    ends = [*frequent.bounds, *[len(frequent)] * 4]
    clear = (np.where(h > 1e-9, h, 0).tolist() for h in branching_entropies(counts))
    entropy = dict(zip(texts_of(counts.keys), zip(*clear)))
    left, right = (np.array(column) for column in zip(*(entropy[s] for s in names[: ends[3] + 1])))
    total = max(counts.total, 1)
    unigram = -sum(n / total * math.log(n / total) for n in counts.singles()[1].tolist())
    own = autonomy(StringCounts(frequent.keys[: ends[3]], frequent.counts[: ends[3]]), left, right, unigram)
    links = weakest_links(frequent)

    def most_of(s: str, longer: str) -> bool:
        return bool(known[longer] >= share * known[s])

    def is_cut(s: str, inside: dict[str, str], across: dict[str, str]) -> bool:
        """Whether nearly always the same symbol follows a string, or what it ends with; or the mirror."""
        followed = any(inside.get(t) == s and most_of(s, t) for t in names) and known[s] >= chosen.fragment_count
        return followed or s in across and is_cut(across[s], inside, across)

    def is_found(s: str) -> bool:
        """Whether a string may be a word, or what it is nearly always a part of may."""
        longer = [t for t in names if s in (beginnings.get(t), endings.get(t)) and most_of(s, t)]
        return s in possible and s not in cut or any(map(is_found, longer))

    cut = {s for s in names[1:] if is_cut(s, beginnings, endings) or is_cut(s, endings, beginnings)}
    wholes = {
        t
        for t in beginnings.keys() & endings.keys()
        if all(most_of(s, t) and known[s] >= chosen.fragment_count for s in (beginnings[t], endings[t]))
    }
    possible = {}
    for i, s in enumerate(names[1:], 1):
        size = sizes[s]
        needed = chosen.links[max(size - 3, 0)] * (chosen.whole_links if s in wholes else 1)
        strength = links[i] - needed if size > 2 else 1.0
        freedom = own[i] - chosen.least_autonomy if size in (2, 3) else 1.0
        assume(min(abs(strength), abs(freedom)) > 1e-9)  # where rounding does not decide
        ends_in_a_number = size > 1 and s.endswith("<NUM>")
        if strength > 0 and freedom > 0 and not ends_in_a_number:
            possible[s] = chosen.weight * chosen.lengths[size - 1] * (own[i] if size < 4 else 0.0)
    expected = {s: prior for s, prior in possible.items() if sizes[s] == 1 or s not in cut or not is_found(s)}
    short = StringCounts(frequent.keys[: ends[3]], frequent.counts[: ends[3]])
    reader = ContextReader(short, 3, counts.total)
    for divergences in reader.divergences(reader([counts])):
        groups: dict[tuple[int, int], list[str]] = {}
        for s in expected:
            if sizes[s] in (2, 3):
                groups.setdefault((sizes[s], min(known[s].bit_length() - 1, 5)), []).append(s)
        by_name = dict(zip(names, divergences.tolist()))
        for group in groups.values():
            values = [by_name[s] for s in group]
            spread = statistics.pstdev(values)
            assume(not 1e-9 < spread < 1e-5)
            for s in group:
                expected[s] += (by_name[s] - statistics.fmean(values)) / (spread if spread > 1e-6 else 1.0)
    assert priors_of(candidates) == pytest.approx(expected, abs=1e-6)
    assert candidates.number == sum(sizes[s] > 1 for s in expected)
    for longest in (1, 2, 3, 5):
        shorter_ones = candidates.up_to(longest)
        assert priors_of(shorter_ones) == {s: p for s, p in priors_of(candidates).items() if sizes[s] <= longest}


def test_candidates_of_a_larger_text() -> None:
    chosen = Settings.for_size(len(TEXT))
    candidates, counts = candidates_of(TEXT.split("\n"), chosen)
    priors, links = priors_of(candidates), weakest_links(counts.frequent(chosen.min_count))
    by_string = dict(zip(texts_of(counts.frequent(chosen.min_count).keys), links.tolist()))
    assert candidates.number > 500
    assert all(counts[s] >= chosen.min_count for s in priors)
    assert any(s.startswith("<NUM>") for s in priors)
    assert not any(s.endswith("<NUM>") for s in priors if s != "<NUM>")
    plain = {length: [s for s in priors if len(s) == length and "<" not in s] for length in (3, 4)}
    for length, strings in plain.items():  # with its fragment a string needs less
        assert strings and all(by_string[s] > chosen.links[length - 3] * chosen.whole_links for s in strings)


@pytest.mark.parametrize("times", [9, 10])
def test_a_frequent_fragment_is_no_candidate(times: int) -> None:
    around = [chr(0x5000 + i) for i in range(2 * times)]
    lines = [f"{around[i]}糖尿病{around[times + i]}" for i in range(times)]
    priors = priors_of(candidates_of(lines, replace(LOOSE, links=(50.0, 50.0), whole_links=0.0, fragment_count=10))[0])
    assert ("糖尿" in priors, "尿病" in priors, "糖尿病" in priors) == (
        (False, False, True) if times == 10 else (True, True, False)
    )


# --------------------------------------------------------------------------------------------------- learning


def vocabulary_of(counts: dict[str, float]) -> Vocabulary:
    """Words with counts."""
    symbols, starts, lengths, _ = symbols_of_all(sorted(counts))
    keys = StringCounts.from_pieces(symbols, starts, lengths).keys
    by_node = np.array([counts.get(text, 0.0) for text in texts_of(keys)])
    return Vocabulary(keys, by_node, np.zeros(len(by_node)), np.zeros(len(by_node), dtype=bool))


def size_of(word: str) -> int:
    """How many symbols a word has."""
    return len(symbols_of(word))


def words_of(vocabulary: Vocabulary) -> dict[str, float]:
    texts = zip(texts_of(vocabulary.keys), vocabulary.counts.tolist())
    return {text: count for text, count in texts if count > 0}


def learn(corpus: list[str], chosen: Settings, fixed: Collection[str] = ()) -> tuple[dict[str, float], int]:
    """What is learnt from all candidates of a corpus, and the checksum."""
    candidates, _ = candidates_of(corpus, chosen)
    flags = np.array([text in fixed for text in texts_of(candidates.keys)])
    with Resources.plan() as resources:
        found: list[int] = []
        vocabulary = learnt(candidates, flags, chosen, corpus, resources, bars, found.append)
    assert len(found) == chosen.rounds
    return words_of(vocabulary), found[-1]


@settings(max_examples=40)
@given(small_texts, st.integers(1, 4))
def test_the_words_learnt_make_up_the_text(corpus: list[str], rounds: int) -> None:
    counts = NgramCounts.from_corpus(corpus)
    chosen = replace(LOOSE, rounds=rounds)
    words, found = learn(corpus, chosen)
    assert found == checksum(*counts.singles())
    assert all(count >= chosen.least_expected for word, count in words.items() if size_of(word) > 1)
    candidates = set(priors_of(candidates_of(corpus, chosen)[0]))
    before = set(learn(corpus, replace(chosen, rounds=rounds - 1))[0]) if rounds > 1 else candidates
    given_up = chosen.least_expected * sum(size_of(word) for word in before - set(words))
    unknown = sum(n for symbol, n in counts.items(1) if symbol not in words)
    in_words = sum(count * size_of(word) for word, count in words.items())
    assert counts.total - given_up - unknown - 1e-3 <= in_words <= counts.total + 1e-3


def test_the_words_learnt_from_a_larger_text_make_it_up() -> None:
    corpus = TEXT.split("\n")
    chosen = replace(Settings.for_size(len(TEXT)), min_count=1, rounds=3)
    words, _ = learn(corpus, chosen)
    in_words = sum(count * size_of(word) for word, count in words.items())
    assert in_words == pytest.approx(NgramCounts.from_corpus(corpus).total, rel=0.02)


def test_fixed_words_stay() -> None:
    corpus = TEXT.split("\n")[:150]
    chosen = Settings(min_count=1, weight=1.0, links=(0.0, 0.0))
    words, _ = learn(corpus, chosen)
    lost = sorted(set(priors_of(candidates_of(corpus, chosen)[0])) - set(words))
    fixed = set(lost[::50])
    assert len(fixed) > 5
    taught, _ = learn(corpus, chosen, fixed)
    assert min(taught[word] for word in fixed) >= 1


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("room", "looked_up"), [(10**9, "once"), (30_000, "some"), (0, "always")])
def test_what_stands_in_a_held_text_is_looked_up_once(
    monkeypatch: pytest.MonkeyPatch, jobs: int, room: int, looked_up: str
) -> None:
    corpus, found = TEXT.split("\n")[:300], list[int]()
    monkeypatch.setattr(learning, "_CHUNK", 500)
    for module, size in ((symbols, "_PART"), (text_corpus, "PIECE_SIZE")):
        monkeypatch.setattr(module, size, 500)
    given = list[int]()
    monkeypatch.setattr(learning, "_KeptEdges", lambda own: given.append(own) or _KeptEdges(room))
    candidates, _ = candidates_of(corpus, LOOSE)
    fixed = np.zeros(len(candidates.priors), dtype=bool)
    fixed[np.flatnonzero(np.isfinite(candidates.priors))[::50]] = True
    in_memory = kernels().name == "c" or jobs == 1  # processes keep nothing
    look_up = kernels().edges_of

    def counted(text: Any, trie: Any, words: Any) -> Any:
        found.append(len(text))
        return look_up(text, trie, words)

    monkeypatch.setattr(kernels(), "edges_of", counted)
    with Resources.plan(jobs=jobs, share_memory=kernels().name == "c") as resources:
        held = HeldSymbols(corpus, 10**7)
        whole = held.hold(resources.workers)
        assert (whole is not None) == in_memory
        learned = learnt(candidates, fixed, LOOSE, held, resources, bars, lambda _: None)
        taken = whole.nbytes if whole is not None else 10**7  # which it may come to take
        assert held.nbytes == taken and given == [(resources.room - taken) * 2 // 3]
        monkeypatch.undo()
        assert words_of(learned) == words_of(learnt(candidates, fixed, LOOSE, corpus, resources, bars, lambda _: None))
    if whole is None:
        return
    once, always = len(whole), len(whole) * LOOSE.rounds
    assert sum(found) == {"once": once, "always": always}.get(looked_up, sum(found))
    assert once <= sum(found) <= always and (looked_up != "some" or once < sum(found) < always)
    assert max(found) < len(whole) / 4


# ---------------------------------------------------------------------------------------------------- joining


def join(corpus: list[str], counts: dict[str, float], longest: int, **changes: Any) -> dict[str, float]:
    with Resources.plan() as resources:
        chosen = replace(Settings.for_size(1000), **changes)
        return words_of(joined_words(vocabulary_of(counts), longest, chosen, corpus, resources, bars))


PARTS = {"变压器": 9.0, "监测仪": 9.0, "看": 3.0, "修": 3.0, "在": 3.0, "了": 3.0, "吗": 3.0, "呢": 3.0}
APART = ["看", "修", "在", "了", "吗", "呢"] * 9


def among(word: str) -> list[str]:
    """A word between others that vary, nine times, and these alone."""
    return [before + word + after for before in "看修在" for after in "了吗呢"] + APART


def test_words_that_never_stand_apart_are_joined() -> None:
    corpus = among("变压器监测仪")
    rest = dict.fromkeys("看修在了吗呢", 12) | {"变压器监测仪": 9}
    assert join(corpus, PARTS, 8) == rest | {"变压器": 0.5, "监测仪": 0.5}  # nobody has seen yet that they are no words
    assert join(corpus, PARTS, 9) == rest  # a second round
    assert join(corpus, PARTS, 6)["变压器监测仪"] == 9
    apart = dict.fromkeys("看修在了吗呢", 12) | {"变压器": 9, "监测仪": 9}
    assert join(corpus, PARTS, 5) == apart
    assert join(corpus, PARTS, 8, join_count=10) == apart
    assert "变压器监测仪" not in join([*corpus, *["变压器", "监测仪"] * 2], PARTS, 8)  # 9 of 11 are no share of .9
    assert "变压器监测仪" in join([*corpus, *["变压器"] * 2], PARTS, 8)  # all of the other


def test_what_always_has_the_same_words_around_it_is_not_joined() -> None:
    assert "变压器监测仪" not in join(["看变压器监测仪了"] * 9 + APART, PARTS, 6)
    assert "变压器监测仪" not in join([f"{a}变压器监测仪了" for a in "看修在"] * 3 + APART, PARTS, 6)


def test_words_on_both_sides_of_a_break_are_not_joined() -> None:
    words = join(["变压器，监测仪", "变压器\n监测仪", "变压器", "监测仪"] * 9, PARTS, 8)
    assert words == {"变压器": 27, "监测仪": 27}


def test_nothing_is_joined_to_a_number_after_it() -> None:
    counts = PARTS | {"<NUM>": 9.0}
    words = join([f"{a}变压器{n}" for n, a in enumerate("看修在" * 3)] + APART, counts, 8)
    assert (words["变压器"], words["<NUM>"], max(map(len, words))) == (9, 9, 5)
    assert join([f"{n}变压器{a}" for n, a in enumerate("了吗呢" * 3)] + APART, counts, 8)["<NUM>变压器"] == 9


@pytest.mark.parametrize("term", ["变压器监测仪油温表", "变压器监测仪油温表开关"])
def test_up_to_four_words_are_joined(term: str) -> None:
    words = join(among(term), PARTS | {"油温表": 9.0, "开关": 9.0}, 16)
    assert words == dict.fromkeys("看修在了吗呢", 12) | {term: 9}


# ----------------------------------------------------------------------------------------------- whole method


def planted(terms: dict[str, int]) -> list[str]:
    """Made-up text with some strings in it, so often each, between other words."""
    random_ = random.Random(5)
    lines = [line for line in TEXT.split("\n") if line]
    for term, times in terms.items():
        for _ in range(times):
            line = random_.randrange(len(lines))
            place = random_.randrange(len(lines[line]) + 1)
            lines[line] = lines[line][:place] + term + lines[line][place:]
    return lines


LEFT, RIGHT = "龘靐齉爩", "麤鱻飝厵"  # characters that stand nowhere else in the text


def test_a_planted_word_of_six_characters_is_one_word() -> None:
    lines = planted({LEFT[:3] + RIGHT[:3]: 30})
    words = long_words(WordFinder().fit(lines))
    assert words[LEFT[:3] + RIGHT[:3]] == pytest.approx(30, abs=2)
    assert not any(word in LEFT + RIGHT for word in words)
    assert max(size_of(word) for word in WordFinder(max_length=5).fit(lines).lexicon_) <= 5
    apart = long_words(WordFinder().fit(planted({LEFT[:3] + "，" + RIGHT[:3]: 30})))
    assert LEFT[:3] in apart and RIGHT[:3] in apart and LEFT[:3] + RIGHT[:3] not in apart


def test_terms_are_found_if_they_are_asked_for() -> None:
    lines = planted({LEFT + RIGHT: 30, LEFT: 30, RIGHT: 30})
    for longest, found in ((None, False), (8, False), (16, True)):
        words = long_words(WordFinder(max_length=longest).fit(lines))
        assert (LEFT + RIGHT in words) == found
        assert {LEFT, RIGHT} <= set(words)


@pytest.mark.parametrize("size", [5, 8, 16])
def test_known_words_that_are_longer_than_ngrams_are_respected(size: int) -> None:
    known = ((LEFT + RIGHT) * 2)[:size]
    lines = planted({known: 12, LEFT: 30, RIGHT: 30})
    plain, taught = (WordFinder(known=words, max_length=4).fit(lines).lexicon_ for words in ([], [known]))
    assert known not in plain and known not in taught
    assert plain[LEFT].count >= 40
    assert taught[LEFT].count == pytest.approx(30, abs=2)


@settings(max_examples=40)
@given(small_texts, st.randoms(use_true_random=False))
def test_every_word_has_a_count_and_the_result_is_of_the_text_alone(corpus: list[str], random_: random.Random) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyResultWarning)
        finder = WordFinder(min_count=1).fit(corpus)
        lexicon = finder.lexicon_
        assert all(entry.count >= 1 for entry in lexicon.entries())
        assert finder.fit(corpus).lexicon_ == lexicon
        assert WordFinder(min_count=1).fit(corpus, counts=finder.counts_).lexicon_ == lexicon
        assert WordFinder(min_count=1).fit(random_.sample(corpus, len(corpus))).lexicon_ == lexicon
        cut = random_.randrange(len(corpus) + 1)
        parts = WordFinder(min_count=1).partial_fit(corpus[:cut]).partial_fit(corpus[cut:])
        assert parts.lexicon_ == lexicon


@pytest.fixture(scope="module")
def expected() -> Lexicon:
    return WordFinder(max_length=16).fit(planted({LEFT + RIGHT: 30, LEFT: 30})).lexicon_


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("memory", [None, "64MB"])
def test_workers_and_memory_change_nothing(jobs: int, memory: str | None, expected: Lexicon) -> None:
    finder = WordFinder(max_length=16, jobs=jobs, memory_limit=memory)
    assert finder.fit(planted({LEFT + RIGHT: 30, LEFT: 30})).lexicon_ == expected


@needs_c
@pytest.mark.parametrize("core", ["c", "python"])
def test_both_cores_find_the_same(core: str, expected: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", core)
    finder = WordFinder(max_length=16).fit(planted({LEFT + RIGHT: 30, LEFT: 30}))
    assert finder.lexicon_ == expected
    assert "".join(finder.lexicon_.lines()) == "".join(expected.lines())


def test_known_words_may_be_long() -> None:
    word = "看修在了吗呢开关母线断路送电退出保护装置"
    random_ = random.Random(5)
    noise = ["".join(random_.choices("风雨雷电云雾霜雪冰露", k=9)) for _ in range(400)]
    corpus = [*noise, *(f"{first}{word}{last}" for first in "风雨雷" for last in "云雾霜" for _ in range(2))]
    lexicon = WordFinder(known=[word]).fit(corpus).lexicon_
    assert not [found for found in lexicon if len(found) > 1 and found in word]
