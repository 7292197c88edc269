"""What may be a term, what its score is made of, how evidence moves it, and what seeds do."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
import pytest
from counted import steps
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nlp_zero import TermCounts, TermMiner
from nlp_zero.terms.ranking import Ranking, candidates
from nlp_zero.terms.similarity import near_vectors, rows_of
from nlp_zero.terms.tokens import FIRST_WORD

pytestmark = pytest.mark.filterwarnings("ignore::nlp_zero.EmptyResultWarning")

BACKGROUND: Final = ["今天 天气 很 好 ， 我们 去 公园", "他 说 动作 要 快", "检查 工作 已经 完成"]


def counted(domain: list[str], background: Iterable[str] = (), *, min_count: int = 1, max_words: int = 4) -> TermCounts:
    miner = TermMiner(list(background), segmenter=str.split, min_count=min_count, max_words=max_words)
    return miner.fit(domain).counts_


def ranked(counts: TermCounts, seeds: Iterable[str] = (), min_count: int | None = None) -> Ranking:
    return Ranking(counts, near_vectors(counts), seeds, min_count)


def names_of(domain: list[str], *, min_count: int = 1, max_words: int = 4) -> set[str]:
    return set(candidates(counted(domain, min_count=min_count, max_words=max_words)).names)


def grams_of(counts: TermCounts) -> list[tuple[str, ...]]:
    """The words of each sequence, by node."""
    strings = counts.strings()
    rows = strings.strings(np.arange(len(strings)) + 1).tolist()
    return [tuple(counts.words[symbol - FIRST_WORD] for symbol in row if symbol) for row in rows]


# -------------------------------------------------------------------------------------------------- candidates


def test_terms_have_two_characters_and_a_han_one() -> None:
    found = names_of(["油", "油温", "K", "KV", "K线", "5 月", "， 油温 。", "3.5", "𠮷 野", "々", "〇五"])
    assert found == {"油温", "K线", "5月", "𠮷野", "〇五"}


def test_words_and_sequences_of_so_many_words() -> None:
    text = ["继电 保护 装置", "油温 ， 过高"]
    assert names_of(text, max_words=1) == {"继电", "保护", "装置", "油温", "过高"}
    assert names_of(text, max_words=2) == names_of(text, max_words=1) | {"继电保护", "保护装置"}
    assert names_of(text, max_words=3) == names_of(text, max_words=2) | {"继电保护装置"} == names_of(text)


def test_terms_are_not_longer_than_a_line() -> None:
    assert names_of(["长" * 40, "短" * 41]) == {"长" * 40}
    assert "长" * 30 + "短" * 10 in names_of(["长" * 30 + " " + "短" * 10])
    assert "长" * 30 + "短" * 11 not in names_of(["长" * 30 + " " + "短" * 11])


def test_min_count() -> None:
    text = ["继电 保护"] * 3 + ["继电"] * 2
    counts = counted(text, min_count=2)
    assert set(candidates(counts).names) == {"继电", "保护", "继电保护"}
    assert set(candidates(counts, 4).names) == {"继电"}
    assert set(candidates(counts, 6).names) == set()
    assert ranked(counts, min_count=4).min_count == 4
    assert ranked(counts).min_count == ranked(counts, min_count=1).min_count == 2


@pytest.mark.parametrize(
    ("text", "kept", "out"),
    [
        (["3例", "5例", "12例"], set(), {"3例", "5例", "12例"}),
        (["3 例", "5 例", "12 例"], set(), {"3例", "5例", "12例"}),
        (["5G手机"] * 3 + ["手机"], {"5G手机"}, set()),
        (["5G 手机"] * 3, {"5G手机"}, set()),
        (["１２３ 医院"] * 6 + ["３０１ 医院"] * 4, {"１２３医院"}, {"３０１医院"}),
        (["2.5%的人"] * 4 + ["30%的人"] * 5, {"30%的人"}, {"2.5%的人"}),
        (["110千伏"] * 5 + ["220千伏"] * 5, {"110千伏", "220千伏"}, set()),
        (["第 3 节", "第 4 节", "第 5 节"], set(), {"第3节", "第4节", "第5节"}),
        (["三例", "五例", "十二例"], {"三例", "五例", "十二例"}, set()),
    ],
)
def test_numbers_that_are_just_any_are_no_terms(text: list[str], kept: set[str], out: set[str]) -> None:
    found = names_of(text)
    assert kept <= found
    assert not out & found


def test_one_name_of_several_cuts_is_one_candidate() -> None:
    counts = counted(["变压器"] * 3 + ["变 压器", "变 压 器 ，"] * 2, ["变压器", "变 压器", "变压 器"])
    found = candidates(counts)
    place = found.names.index("变压器")
    assert found.names.count("变压器") == 1
    assert found.counts[place] == 7
    assert found.background[place] == 2  # as the domain's words go
    assert [counts.words[i] for i in found.words[place] if i >= 0] == ["变压器"]
    assert grams_of(counts)[found.nodes[place] - 1] == ("变压器",)


def test_the_most_frequent_cut_tells_the_figures() -> None:
    counts = counted(["变 压器 ，", "变 压器 。"] * 3 + ["变压器"])
    found = candidates(counts)
    place = found.names.index("变压器")
    assert grams_of(counts)[found.nodes[place] - 1] == ("变", "压器")
    assert found.counts[place] == 7


def test_numbers_are_compared_by_name_however_it_is_cut() -> None:
    """The only number at its place is that in whatever words."""
    assert "5G手机" in names_of(["5G手机", "5 G手机", "5G 手机"] * 3)


NUMBER = re.compile("[0-9]+")
some_words = st.sampled_from(["变压器", "变", "压器", "压", "器", "3", "5", "例", "3例", "K", "，"])
some_lines = st.lists(st.lists(some_words, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=12)


@settings(max_examples=60)
@given(some_lines, st.integers(1, 2), st.integers(1, 3))
def test_candidates_are_those_that_the_rules_leave(lines: list[str], min_count: int, max_words: int) -> None:
    counts = counted(lines, min_count=min_count, max_words=max_words)
    totals: Counter[str] = Counter()
    for gram, number in zip(grams_of(counts), counts.counts.tolist()):
        name = "".join(gram)
        if len(gram) <= max_words and len(name) > 1 and re.search("[\u4e00-\u9fff]", name):
            totals[name] += number
    patterns: Counter[str] = Counter()
    for name, number in totals.items():
        patterns[NUMBER.sub("0", name)] += number
    expected = {
        name: number
        for name, number in totals.items()
        if not NUMBER.search(name) or 2 * number >= patterns[NUMBER.sub("0", name)]
    }
    found = candidates(counts)
    assert dict(zip(found.names, found.counts.tolist())) == expected
    assert (np.diff(found.nodes) > 0).all()
    for name, row in zip(found.names, found.words.tolist()):
        assert "".join(counts.words[i] for i in row if i >= 0) == name


@pytest.mark.parametrize(("whole", "listed"), [(7, True), (8, False), (10, False)])
def test_parts_of_one_longer_sequence_are_out_from_four_fifths_on(whole: int, listed: bool) -> None:
    longer, alone = ["继电 保护 装置"], ["继电 保护 ，", "继电 保护 。", "， 继电 保护"]
    ranking = ranked(counted(longer * whole + alone[: 10 - whole]))
    entry = ranking.entry(ranking.place("继电保护") or 0)
    assert (entry.term, entry.count, entry.nestedness) == ("继电保护", 10, whole / 10)
    assert ("继电保护" in ranking.terms()) is listed
    assert "继电保护装置" in ranking.terms()


def test_a_part_of_many_longer_ones_stays() -> None:
    ranking = ranked(counted([f"继电 保护 {word}" for word in ("装置", "动作", "人员", "试验", "原理")]))
    assert ranking.entry(ranking.place("继电保护") or 0).nestedness == 0.2
    assert "继电保护" in ranking.terms()


def test_words_are_parts_of_sequences_too() -> None:
    ranking = ranked(counted(["继电 保护"] * 9 + ["保护"] * 20))
    assert "继电" not in ranking.terms()
    assert {"保护", "继电保护"} <= set(ranking.terms())


# ------------------------------------------------------------------------------------------------------ scores

TOPICS: Final = {
    "power": "变压器 断路器 继电保护 避雷器 互感器 母线 油温 跳闸 合闸 绝缘".split(),
    "health": "血压 心率 阑尾炎 抗生素 化验单 输液 麻醉 切口 缝合 止痛药".split(),
}
FRAMES: Final = {
    "power": ["检查 {} 的 {}", "{} 与 {} 同时 动作", "运行 中 {} 过热 ， {} 正常"],
    "health": ["病人 的 {} 和 {} 好转", "医生 看 了 {} ， 再 看 {}", "术后 {} 稳定 ， {} 无 异常"],
}


def two_topics(seed: int = 1, lines: int = 400) -> list[str]:
    chance = random.Random(seed)
    found = []
    for i in range(lines):
        topic = ("power", "health")[i % 2]
        found.append(chance.choice(FRAMES[topic]).format(*chance.sample(TOPICS[topic], 2)))
    return found


@pytest.fixture(scope="module")
def counts() -> TermCounts:
    return counted(two_topics(), [*BACKGROUND, "病人 看 医生", "正常 的 检查"] * 5, min_count=3)


def test_the_score_is_the_sum_of_its_parts(counts: TermCounts) -> None:
    for ranking in (ranked(counts), ranked(counts, ["变压器", "母线"])):
        parts = ranking.parts()
        terms = ranking.terms()
        assert len(terms) >= 20
        for name, entry in terms.items():
            place = ranking.place(name)
            assert place is not None and ranking.found.names[place] == name
            total = sum(float(part[place]) for part in parts.values())
            assert entry.score == pytest.approx(total, rel=1e-5)
            assert ranking.entry(place) == entry
        assert np.allclose(ranking.scores(), sum(parts.values()))
        assert all(len(part) == len(ranking.found) and np.isfinite(part).all() for part in parts.values())
        assert ranking.place("没有") is None


def test_figures_are_in_their_bounds(counts: TermCounts) -> None:
    ranking = ranked(counts, ["变压器", "母线"])
    for entry in (ranking.entry(place) for place in range(len(ranking.found))):
        assert 1 <= entry.documents <= entry.count <= counts.domain_total
        assert 0 <= entry.background_count <= counts.background_total
        assert 0 <= entry.nestedness <= 1 and 0 < entry.spread <= 1
        assert -1 <= entry.centrality <= 1 and -1 <= entry.similarity <= 1
        assert min(entry.left_entropy, entry.right_entropy, entry.freedom) >= 0
        assert max(entry.left_entropy, entry.right_entropy) <= np.log(entry.count) + 1e-5
        words = int((ranking.found.words[ranking.found.names.index(entry.term)] >= 0).sum())
        assert words > 1 or entry.association == entry.freedom == 0
        assert entry.contrast < 5.5


def test_figures_of_a_join_by_hand() -> None:
    ranking = ranked(counted(["继电 保护", "继电 保护", "继电", "保护 ，", "母线"]))
    entry = ranking.entry(ranking.place("继电保护") or 0)
    assert entry.association == pytest.approx(np.log(2 * 7 / (3 * 3)), rel=1e-5)
    assert entry.freedom > 0
    assert ranking.entry(ranking.place("母线") or 0).association == 0


def test_what_is_in_one_place_is_less_spread_than_what_is_everywhere() -> None:
    once, often = ["母线 ，"] * 20, [f"油温 词{i} ，" for i in range(20)]
    filler = [f"词{i}" for i in range(20, 420)]
    text = once + [line for i in range(20) for line in (often[i], *filler[20 * i : 20 * (i + 1)])]
    ranking = ranked(counted(text))
    here, everywhere = (ranking.entry(ranking.place(name) or 0) for name in ("母线", "油温"))
    assert here.count == everywhere.count == 20
    assert here.spread < 0.7 < 0.9 < everywhere.spread
    assert ranking.parts()["spread"][ranking.place("母线")] <= ranking.parts()["spread"][ranking.place("油温")]


def apart(counts: TermCounts) -> TermCounts:
    """The counts with no words near each other: no term is more central than another."""
    none = np.zeros(0, dtype=np.int64)
    return replace(counts, left_words=none, right_words=none, nearness=none)


def test_without_neighbours_nothing_is_central(counts: TermCounts) -> None:
    ranking = ranked(apart(counts), ["变压器"])
    assert not ranking.centrality.any()
    assert ranking.similarity.max() == 1.0


more_background = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 1000)), min_size=1, max_size=5)


@settings(max_examples=40)
@given(changes=more_background)
def test_more_of_the_background_never_raises_a_score(counts: TermCounts, changes: list[tuple[int, int]]) -> None:
    before = ranked(apart(counts))
    background = counts.background.copy()
    for place, number in changes:
        background[place % len(background)] += number
    after = ranked(replace(apart(counts), background=background))
    assert after.found.names == before.found.names
    assert (after.scores() <= before.scores() + 1e-9).all()
    more = after.found.background > before.found.background
    assert (after.contrast[more] < before.contrast[more]).all()
    assert (after.contrast[~more] == before.contrast[~more]).all()


@settings(max_examples=40)
@given(data=st.data())
def test_a_term_that_the_background_has_not_scores_as_high_as_it_can(counts: TermCounts, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(counts.keys) - 1))
    absent = counts.background.copy()
    absent[place] = 0
    best = ranked(replace(apart(counts), background=absent))
    some = [best.found.nodes.tolist().index(place + 1)] if place + 1 in best.found.nodes else []
    assume(some)
    last = np.inf
    for number in (0, 1, 10, 100):
        absent = absent.copy()
        absent[place] = number
        score = ranked(replace(apart(counts), background=absent)).scores()[some[0]]
        assert score < last
        last = score


@pytest.mark.parametrize(
    ("names", "factor"),
    [(("left_entropies", "right_entropies"), 0.5), (("left_entropies",), 0.8), (("stretches",), 0.1)],
)
def test_fixed_boundaries_and_less_spread_never_raise_the_score_of_a_join(
    names: tuple[str, ...], factor: float
) -> None:
    things = TOPICS["power"]
    text = [f"{one} 高压 开关柜 {other}" for one in things for other in things if one < other]
    counts = counted(text, BACKGROUND, min_count=3)
    joins = counts.strings().depths[1:] > 1
    less = {}
    for name in names:
        values = getattr(counts, name)
        less[name] = np.where(joins, np.ceil(values * factor) if name == "stretches" else values * factor, values)
        less[name] = less[name].astype(values.dtype)
    before, after = ranked(apart(counts)), ranked(replace(apart(counts), **less))
    assert (after.scores() <= before.scores() + 1e-9).all()
    place = before.place("高压开关柜")
    assert place is not None
    assert after.scores()[place] < before.scores()[place] - 0.01


def test_a_domain_that_is_its_own_background_has_no_contrast() -> None:
    text = two_topics()
    ranking = ranked(counted(text, text, min_count=3))
    assert (np.abs(ranking.contrast) < 0.01).all()
    assert (ranked(counted(text, min_count=3)).contrast > 4).all()


def test_terms_of_the_domain_stand_before_its_other_words(counts: TermCounts) -> None:
    terms = list(ranked(counts).terms())
    planted = {term for some in TOPICS.values() for term in some}
    assert len(planted & set(terms[:20])) >= 18  # 20 are measured


def test_ranking_is_the_same_each_time(counts: TermCounts) -> None:
    for seeds in ([], ["变压器", "母线"]):
        one, other = ranked(counts, seeds).terms(), ranked(counts, list(reversed(seeds))).terms()
        assert list(one.lines()) == list(other.lines())


def test_hidden_words_are_not_listed_and_change_nothing_else(counts: TermCounts) -> None:
    ranking = ranked(counts)
    all_terms = ranking.terms()
    some = ranking.terms({"变压器", "没有", "油温"})
    assert [*some.values()] == [entry for entry in all_terms.values() if entry.term not in ("变压器", "油温")]
    assert len(ranking.terms(set(all_terms))) == 0
    assert ranking.terms() == all_terms


# ------------------------------------------------------------------------------------------------------- seeds


def test_seeds_rise_and_so_does_what_is_like_them(counts: TermCounts) -> None:
    seeds = TOPICS["health"][:4]
    plain, seeded = ranked(counts).terms(), ranked(counts, seeds)
    gained = {term: entry.score - plain[term].score for term, entry in seeded.terms().items() if term in plain}
    similar, others = TOPICS["health"][4:], TOPICS["power"]
    assert min(gained[one] for one in seeds) > 3 > max(gained[one] for one in (*similar, *others))
    assert min(gained[one] for one in similar) > 0.3 > 0 > max(gained[one] for one in others)
    of = {name: seeded.entry(seeded.place(name) or 0).similarity for name in (*similar, *others, *seeds)}
    assert all(of[seed] == 1 for seed in seeds)
    assert min(of[one] for one in similar) > 0.3 > 0 > max(of[one] for one in others)


def test_seeds_of_the_main_topic_are_the_first_terms(counts: TermCounts) -> None:
    seeds = TOPICS["power"][:2]
    assert sorted(list(ranked(counts, seeds).terms())[:2]) == sorted(seeds)


def test_seeds_need_not_be_one_word(counts: TermCounts) -> None:
    ranking = ranked(counts, ["变压器油温", "断路器"])
    assert ranking.unknown_seeds == []
    assert (ranking.similarity > 0).any()


def test_unknown_seeds_are_reported_and_nothing_else_comes_of_them(counts: TermCounts) -> None:
    ranking = ranked(counts, ["光伏", "风电场"])
    assert ranking.unknown_seeds == ["光伏", "风电场"]
    assert ranking.terms() == ranked(counts).terms()
    some = ranked(counts, ["光伏", "变压器", "风电场"])
    assert some.unknown_seeds == ["光伏", "风电场"]
    assert some.terms() != ranked(counts).terms()
    assert "光伏" not in some.terms()


def test_a_seed_is_listed_though_it_is_always_a_part() -> None:
    text = ["继电 保护 装置"] * 9 + ["母线 ，", "油温 。", "避雷器"] * 5
    assert "继电保护" not in ranked(counted(text)).terms()
    assert "继电保护" in ranked(counted(text), ["继电保护"]).terms()


def test_a_seed_that_is_no_candidate_is_not_listed() -> None:
    counts = counted(["变 压器"] * 3 + ["变", "压器 ，", "母线"] * 4, min_count=3)
    ranking = ranked(counts, ["变母线"])  # both are words, but never beside each other
    assert ranking.unknown_seeds == []
    assert "变母线" not in ranking.terms()


def test_one_of_many_han_numerals_is_no_part_of_a_name() -> None:
    articles = [f"第 {number}条" for number in "一 二 三 四 五 六 七 八".split()]
    sides = ["一 次侧", "二 次侧"]
    counts = counted([*articles, *sides] * 3, min_count=2)
    names = candidates(counts).names
    assert not [name for name in names if name.endswith("条")]
    assert {"一次侧", "二次侧"} <= set(names)  # of two or three each may be a name


def test_terms_as_rows_of_words() -> None:
    words = ["继", "电", "继电", "保护", "电保护", "护"]
    rows, unknown = rows_of(["继电保护", "继电", "保", "", "继继"], words)
    assert rows.tolist() == [[2, 3], [2, -1], [0, 0]]  # of two ways of two words the one with the longer first word
    assert unknown == ["保", ""]
    rows, unknown = rows_of([], words)
    assert (rows.shape, unknown) == ((0, 1), [])


def test_long_strings_take_time_in_proportion() -> None:
    """A line of a list of seeds may be anything."""
    words = ["变", "变压器", "压器", "油温"]
    short, long = (steps(partial(rows_of, ["变压器" * number], words)) for number in (100, 200))
    assert long < 2.5 * short


def ways(term: str, words: list[str]) -> list[list[str]]:
    """All ways to write a term as words."""
    if not term:
        return [[]]
    return [[word, *rest] for word in words if term.startswith(word) for rest in ways(term[len(word) :], words)]


@given(st.text("甲乙丙", max_size=6), st.lists(st.text("甲乙丙", min_size=1, max_size=3), unique=True, max_size=8))
def test_of_all_ways_the_one_of_fewest_words_is_taken(term: str, words: list[str]) -> None:
    rows, unknown = rows_of([term], words)
    all_ways = ways(term, words) if term else []
    if not all_ways:
        assert (len(rows), unknown) == (0, [term])
        return
    best = min(all_ways, key=lambda way: (len(way), [-len(word) for word in way]))
    assert [words[i] for i in rows[0] if i >= 0] == best
