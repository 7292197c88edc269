"""What templates are learnt with: models of fillers, matching as a whole, families, and learning by substitution."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from itertools import combinations
from math import exp, inf, isclose, log
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_zero import Lexicon, LexiconSegmenter, TemplateFinder, TemplateParser, TextFiles
from nlp_zero.sentences.families import hosts, instances_by_share, instances_of_families, moved, speaking
from nlp_zero.sentences.induction import induced
from nlp_zero.sentences.matching import Matcher, placed
from nlp_zero.sentences.phrases import BARRIERS, Phrases, Unigrams
from nlp_zero.sentences.readings import Read, free_spans, freedom, with_dominating
from nlp_zero.sentences.substitution import by_substitution, normalised
from nlp_zero.sentences.template import frame_of

HERE = Path(__file__).parent
WORDS = ["a", "b", "c", "，"]
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7)
TEMPLATES = st.lists(st.sampled_from(["a", "b", "，", None]), min_size=1, max_size=5).map(
    lambda words: tuple(word for word, before in zip(words, [0, *words]) if word is not None or before is not None)
)

# ------------------------------------------------------------------------------------------------ costs of fillers


@given(SENTENCES, st.lists(st.lists(SENTENCES, max_size=3), max_size=3))
def test_the_cost_of_a_part_is_that_of_its_chain(words: list[str], fillers: list[list[list[str]]]) -> None:
    model = Phrases(fillers, 4)
    costs = model.costs(words)
    for start, end in combinations(range(len(words) + 1), 2):
        part = words[start:end]
        if BARRIERS.isdisjoint(part):
            chain = ["", *part, ""]
            expected = sum(model._cost(before, after) for before, after in zip(chain, chain[1:]))
            assert isclose(costs(start, end), expected, abs_tol=1e-9)
        else:
            assert costs(start, end) == inf


@given(st.lists(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), max_size=3), max_size=4))
def test_phrases_are_a_probability(fillers: list[list[list[str]]]) -> None:
    """What may follow a word, an unknown word and the end among it, adds up to no more than 1."""
    vocabulary = {word for of_one in fillers for filler in of_one for word in filler} | {""}
    model = Phrases(fillers, 4)
    for before in sorted(vocabulary):
        assert sum(exp(-model._cost(before, after)) for after in [*sorted(vocabulary), "?"]) < 1 + 1e-9


def test_a_pair_counts_once_for_each_template() -> None:
    often = Phrases([[["a", "b"]] * 50, [["c"]]], 3)
    once = Phrases([[["a", "b"]], [["c"]]], 3)
    widely = Phrases([[["a", "b"]], [["a", "b"]], [["c"]]], 3)
    assert often.costs(["a", "b"])(0, 2) == once.costs(["a", "b"])(0, 2) > widely.costs(["a", "b"])(0, 2)


def test_unigrams() -> None:
    costs = Unigrams(Counter({"a": 3, "b": 1})).costs(["a", "b", "?"])
    assert costs(0, 2) == pytest.approx(-log(3 / 4) - log(1 / 4))
    assert costs(2, 3) == pytest.approx(log(5))


# ------------------------------------------------------------------------------------------- matching as a whole


@settings(max_examples=300)
@given(TEMPLATES, SENTENCES)
def test_the_cheapest_placement(template: tuple[str | None, ...], words: list[str]) -> None:
    costs = Phrases([[["a", "b"], ["c"]], [["a"]]], 4).costs(words)
    every = [
        sum(costs(start, end) for start, end in slots)
        for slots in all_slots(len(words))
        if frame_of(words, slots) == template
    ]
    found = placed(template, words, costs)
    if min(every, default=inf) == inf:
        assert found is None
    else:
        assert found is not None
        assert frame_of(words, found.slots) == template
        assert isclose(found.cost, min(every), abs_tol=1e-9)
        assert isclose(found.cost, sum(costs(start, end) for start, end in found.slots), abs_tol=1e-9)


def all_slots(length: int) -> list[tuple[tuple[int, int], ...]]:
    """All ways to choose slots, by all choices of fixed words."""
    return [free_spans(not mask >> i & 1 for i in range(length)) for mask in range(1 << length)]


@given(st.dictionaries(TEMPLATES.filter(speaking), st.integers(1, 9), max_size=6), SENTENCES)
def test_the_cheapest_template(templates: dict[tuple[str | None, ...], int], words: list[str]) -> None:
    model = Unigrams(Counter(WORDS * 2))
    matcher = Matcher(templates, 50, Counter(WORDS), model)
    costs = model.costs(words)
    every = {
        template: placement.cost - log(count / 50)
        for template, count in templates.items()
        if (placement := placed(template, words, costs))
    }
    match = matcher.match(words)
    assert set(every) <= set(matcher.candidates(words))
    if not every:
        assert match is None
    else:
        assert match is not None
        assert isclose(every[match.template], min(every.values()), abs_tol=1e-9)


# ------------------------------------------------------------------------------------------------------- families


@given(TEMPLATES.filter(speaking))
def test_hosts_are_more_general(template: tuple[str | None, ...]) -> None:
    for host in hosts(template):
        assert host.template[host.place] is None
        assert BARRIERS.isdisjoint(word for word in host.part if word is not None)
        assert sum(word is not None for word in host.template) < sum(word is not None for word in template)
        assert all(not (a is None and b is None) for a, b in zip(host.template, host.template[1:]))


def test_hosts() -> None:
    found = {host.template for host in hosts((None, "的", "作用", "是", None))}
    assert {(None, "是", None), (None, "作用", "是", None), (None, "的", None), (None, "的", None, "是", None)} <= found
    assert (None,) not in found
    assert not any("，" not in host.template for host in hosts(("因为", None, "，", "所以", None)))


def test_members_of_a_family_are_instances() -> None:
    counts = {("在", place, "做", "什么"): 30 for place in "河边 树上 窗外 水里 墙角".split()}
    host = ("在", None, "做", "什么")
    assert instances_of_families(counts) == dict.fromkeys(counts, host)
    assert moved(counts, dict.fromkeys(counts, host)) == {host: 150}
    few = dict([*counts.items()][:3])
    assert instances_of_families(few) == {}  # three may as well be templates of their own
    large = {**counts, ("在", "家", "做", "什么"): 500}
    assert ("在", "家", "做", "什么") not in instances_of_families(large)


def test_a_small_share_whose_part_is_elsewhere_too_is_an_instance() -> None:
    counts = {
        (None, "的", "作用", "是", None): 50,
        ("新", None, "的", "作用", "是", None): 5,
        ("新", None, "怎么样"): 30,
    }
    found = instances_by_share(counts, counts)
    assert found == {("新", None, "的", "作用", "是", None): (None, "的", "作用", "是", None)}
    assert instances_by_share(counts, []) == {}


def test_counts_move_from_host_to_host() -> None:
    a, b, c = ("a", "b", "c", None), ("a", "b", None), ("a", None)
    assert moved({a: 1, b: 2, c: 4}, {a: b, b: c}) == {c: 7}
    assert moved({a: 1, c: 4}, {a: b, b: c}) == {c: 5}
    assert moved({a: 1, c: 4}, {}) == {a: 1, c: 4}


# ------------------------------------------------------------------------------------------------------- readings


def test_dominating_words_are_fixed() -> None:
    sentences = [f"{x} 的 {y} 是 什么".split() for x, y in zip("山河海湖江", ["颜色"] * 4 + ["味道"])]
    slots = [((0, 1), (2, 3))] * 5
    found = with_dominating(sentences, slots, 3, lambda word: True)
    assert found[:4] == [((0, 1),)] * 4
    assert found[4] == ((0, 1), (2, 3))
    assert with_dominating(sentences, slots, 6, lambda word: True) == slots
    assert with_dominating(sentences, slots, 3, lambda word: word != "颜色") == slots
    assert with_dominating(sentences, slots, 3, lambda word: True, share=0.9) == slots


def test_what_cannot_be_fixed_hides_nothing() -> None:
    sentences = [["甲", "0", "共"]] * 95 + [["乙", "0", "了"]] * 5
    found = with_dominating(sentences, [((0, 3),)] * 100, 3, lambda word: word != "0", share=0.9)
    assert frame_of(sentences[0], found[0]) == ("甲", None, "共")
    assert "0" not in frame_of(sentences[99], found[99])


def test_freedom_is_that_of_the_least_free_edge() -> None:
    template = ("去", None, "吗", None)
    sentences = ["去 上 山 吗 我", "去 下 山 吗 你", "去 前 海 吗 他", "去 后 山 吗 它"]
    readings = [Read(words.split(), ((1, 3), (4, 5))) for words in sentences]
    expected = 1 - 3 * log(3) / (4 * log(4))  # 山 山 海 山
    assert freedom([*readings, None], [template, ("谁", None)]) == {
        template: pytest.approx(expected),
        ("谁", None): 1.0,
    }


# --------------------------------------------------------------------------------------- learning by substitution


def closed_text(number: int = 1500, seed: int = 1) -> list[list[str]]:
    """Sentences of five templates, whose fillers are drawn from few words and recur in all of them."""
    draw = random.Random(seed)
    things = "开关 电缆 母线 变压器 避雷器 断路器 互感器 电容器 保护 线路".split()
    kinds = "旧 新 主 备用".split()

    def thing() -> str:
        return f"{draw.choice(kinds)} {draw.choice(things)}" if draw.random() < 0.5 else draw.choice(things)

    made = [
        lambda: f"{thing()} 的 作用 是 什么",
        lambda: f"如何 判断 {thing()} 是否 正常",
        lambda: f"{thing()} 和 {thing()} 有 什么 区别",
        lambda: f"请 把 {thing()} 放 在 {thing()} 旁边",
        lambda: f"{thing()} 坏 了 ， 需要 更换 {thing()}",
    ]
    openings = "另外 因此 所以 不过".split()
    return [
        (f"{draw.choice(openings)} ， " * (draw.random() < 0.2) + draw.choice(made)()).split() for _ in range(number)
    ]


CLOSED = {
    (None, "的", "作用", "是", "什么"),
    ("如何", "判断", None, "是否", "正常"),
    (None, "和", None, "有", "什么", "区别"),
    ("请", "把", None, "放", "在", None, "旁边"),
    (None, "坏", "了", "，", "需要", "更换", None),
}


def test_templates_of_a_closed_vocabulary() -> None:
    found = induced(closed_text())
    assert CLOSED <= set(found.templates)
    assert sum(found.templates[template] for template in CLOSED) > 0.75 * 1500
    assert all(count >= found.min_count for count in found.templates.values())


def test_what_was_learnt_reads_more() -> None:
    readings, reader = by_substitution(closed_text(), 3)
    assert len(readings) == 1500
    more = Counter(reading.frame for reading in map(reader.read, closed_text(200, seed=2)) if reading is not None)
    assert sum(more[template] for template in CLOSED) > 0.75 * 200
    assert reader.read(["完全", "不", "同"]) is None
    assert reader.read([]) is None


def test_a_sample_of_a_closed_vocabulary_is_counted_in_all() -> None:
    found = induced(closed_text(), None, 1, 500)
    assert CLOSED <= set(found.templates)
    assert sum(found.templates[template] for template in CLOSED) > 0.75 * 1500


def test_openings_are_no_part_of_a_template() -> None:
    lines = closed_text(4000)
    _, reader = by_substitution(lines, 3)
    reading = reader.read("如何 判断 新 电缆 是否 正常".split())
    assert reading is not None
    assert reading.frame == ("如何", "判断", None, "是否", "正常")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("3 号 线", "0号 线"),
        ("3 5G 手机", "0 0G 手机"),
        ("1 2 3 号", "0 0 0号"),
        ("３．１４ 米", "0．0米"),
        ("１２ ， 5", "0 ， 0"),
        ("” 他 说", "他 说"),
        ("”", "”"),
        ("A1 型", "A0 型"),
        ("3.5 % 7", "0.0% 0"),
        ("", ""),
    ],
)
def test_normalised(words: str, expected: str) -> None:
    assert normalised(words.split()) == expected.split()


@settings(deadline=None, max_examples=60)
@given(st.lists(SENTENCES, max_size=40), st.integers(2, 4))
def test_every_reading_is_of_its_sentence(sentences: list[list[str]], least: int) -> None:
    readings, reader = by_substitution(sentences * 3, least)
    assert len(readings) == 3 * len(sentences)
    for sentence, reading in zip(sentences, readings):
        if reading is not None:
            assert list(sentence)[-len(reading.words) :] == list(reading.words)
            again = reader.read(sentence)
            assert again is None or again.frame == frame_of(again.words, again.slots)


# -------------------------------------------------------------------------------------------- generated text

#: Noise; floors of precision and recall, also as planted, of the share of exact templates, and of F of the slots.
FLOORS = {
    "0": (0.90, 0.95, 0.88, 0.91, 0.55, 0.74),
    "0.2": (0.90, 0.93, 0.87, 0.90, 0.54, 0.74),
    "0.5": (0.81, 0.85, 0.79, 0.83, 0.50, 0.70),
}


@pytest.mark.parametrize("noise", FLOORS)
def test_planted_templates_of_generated_text(noise: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE.parent / "benchmarks"))
    from planted import planted_score

    generator = HERE.parent / "corpora" / "generate.py"
    options = ("--size", "1MB", "--seed", "1", "--noise", noise, "--output", str(tmp_path))
    subprocess.run([sys.executable, str(generator), *options], check=True, capture_output=True)
    segmenter = LexiconSegmenter(Lexicon.load(tmp_path / "lexicon.tsv"))
    templates = TemplateFinder(segmenter).fit(TextFiles(tmp_path / "text.txt")).templates_
    score = planted_score(tmp_path, templates, TemplateParser(templates, segmenter, freest=0), every=10)
    found = score.precision, score.recall, score.same_precision, score.same_recall, score.exact_share, score.slot_f1
    assert all(figure >= floor for figure, floor in zip(found, FLOORS[noise])), found
