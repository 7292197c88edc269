"""Scores against hand-made cases, a naive oracle, and the rules for texts that differ."""

from __future__ import annotations

import itertools
import json
import pickle
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_zero.errors import NlpZeroError, TextMismatchError
from nlp_zero.evaluation import LexiconScore, SegmentationScore, evaluate_lexicon, evaluate_segmentation

CHARACTERS = "电网变压器的1aＢ😀𠮷"
SEPARATORS = [" ", "\t", "\u3000", "  ", " \u3000 "]


@st.composite
def segmentations(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Two segmentations of the same lines, with empty lines put in independently."""
    sides: tuple[list[str], list[str]] = ([], [])
    for line in draw(st.lists(st.text(CHARACTERS, min_size=1, max_size=12), max_size=5)):
        for side in sides:
            side.extend(draw(st.lists(st.sampled_from(["", " ", "\u3000\n", "\r\n"]), max_size=2)))
            cuts = draw(st.lists(st.booleans(), min_size=len(line) - 1, max_size=len(line) - 1))
            gaps = [draw(st.sampled_from(SEPARATORS)) if cut else "" for cut in cuts]
            side.append("".join(a + b for a, b in itertools.zip_longest(line, gaps, fillvalue="")) + "\n")
    return sides


def naive_spans(lines: list[str]) -> list[tuple[int, int, str]]:
    """Every word as (line without empty lines, start, text), by walking over characters."""
    spans: list[tuple[int, int, str]] = []
    number = 0
    for line in lines:
        if not line.strip():
            continue
        start, word = 0, ""
        for character in line + " ":
            if character.isspace():
                if word:
                    spans.append((number, start, word))
                    start += len(word)
                word = ""
            else:
                word += character
        number += 1
    return spans


@given(segmentations(), st.sets(st.text(CHARACTERS, min_size=1, max_size=2), max_size=12))
def test_segmentation_equals_naive_count(sides: tuple[list[str], list[str]], known: set[str]) -> None:
    gold, predicted = naive_spans(sides[0]), naive_spans(sides[1])
    right = [span for span in gold if span in predicted]
    score = evaluate_segmentation(*sides, training_words=known)
    assert (score.gold, score.predicted, score.correct) == (len(gold), len(predicted), len(right))
    assert score.oov_gold == sum(word not in known for _, _, word in gold)
    assert score.oov_correct == sum(word not in known for _, _, word in right)
    without = evaluate_segmentation(*sides)
    assert (without.gold, without.predicted, without.correct) == (len(gold), len(predicted), len(right))


@given(segmentations())
def test_exchanging_the_sides_exchanges_precision_and_recall(sides: tuple[list[str], list[str]]) -> None:
    forth, back = evaluate_segmentation(*sides), evaluate_segmentation(*reversed(sides))
    assert (forth.precision, forth.recall, forth.f1) == (back.recall, back.precision, back.f1)


def test_figures_of_a_known_case() -> None:
    gold = ["我们 在 变电站 里", "他 走 了"]
    predicted = ["我们 在 变电 站 里", "他 走了"]
    score = evaluate_segmentation(gold, predicted, training_words={"我们", "在", "走", "了"})
    assert (score.gold, score.predicted, score.correct) == (7, 7, 4)
    assert score.precision == score.recall == pytest.approx(4 / 7)
    assert score.oov_rate == 3 / 7  # 变电站 里 他
    assert score.oov_recall == 2 / 3
    assert score.iv_recall == 2 / 4
    assert str(score) == "P 0.5714 R 0.5714 F 0.5714 OOV 0.4286 R(OOV) 0.6667 R(IV) 0.5000"
    figures = json.loads(json.dumps(score.to_dict()))
    assert (figures["oov_recall"], figures["iv_recall"]) == (score.oov_recall, score.iv_recall)
    assert figures["f1"] == score.f1


def test_nothing_to_compare_is_zero_not_an_error() -> None:
    assert str(evaluate_segmentation([], ["\n", " \u3000"])) == "P 0.0000 R 0.0000 F 0.0000"
    assert evaluate_segmentation([], [], training_words=[]).oov_recall == 0.0
    assert SegmentationScore(0, 0, 0).oov_rate is None
    assert SegmentationScore(0, 0, 0).oov_recall is None
    assert SegmentationScore(0, 0, 0).iv_recall is None


def test_training_words_may_be_given_as_an_iterator() -> None:
    words = ["甲 乙", "甲 乙"]
    assert evaluate_segmentation(words, words, training_words=iter(["甲"])).oov_rate == 0.5


def test_different_character_is_shown_with_its_place() -> None:
    gold = ["", "一二", "三四五 六七八九十 甲乙丙丁戊己"]
    predicted = ["一二", "三四五六七八九十甲乙丙 天 戊己"]
    with pytest.raises(TextMismatchError) as caught:
        evaluate_segmentation(gold, predicted)
    message = str(caught.value)
    assert "gold line 3, predicted line 2, character 12" in message
    assert "'四五六七八九十甲乙丙丁戊己'" in message
    assert "'四五六七八九十甲乙丙天戊己'" in message
    assert "segment the gold text itself" in message
    assert isinstance(caught.value, NlpZeroError)


def test_one_line_that_is_the_beginning_of_the_other() -> None:
    with pytest.raises(TextMismatchError, match="character 3 .*gold has '一二三', predicted has '一二'"):
        evaluate_segmentation(["一 二三"], ["一二"])


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        (["一", "", "二 三"], ["一"], "predicted text ends too early: .*its line 1 .*gold line 3 .'二三'"),
        (["一", " "], ["", "一", "四"], "gold text ends too early: .*its line 1 .*predicted line 3 .'四'"),
        (["一"], [], "predicted text ends too early: .*its line 0 .*gold line 1"),
    ],
)
def test_missing_lines_are_an_error(gold: list[str], predicted: list[str], message: str) -> None:
    with pytest.raises(TextMismatchError, match=message):
        evaluate_segmentation(gold, predicted)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_string_in_place_of_lines_is_refused(position: int) -> None:
    arguments: list[list[str] | str] = [["一"], ["一"], ["一"]]
    arguments[position] = "一"
    name = ["gold", "predicted", "training_words"][position]
    with pytest.raises(TypeError, match=f"^{name}: expected an iterable of str"):
        evaluate_segmentation(arguments[0], arguments[1], training_words=arguments[2])


def test_memory_does_not_grow_with_the_number_of_lines() -> None:
    def lines(count: int) -> Iterator[str]:
        return ("变压器 的 油温 " * 20 for _ in range(count))

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            evaluate_segmentation(lines(count), lines(count))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(2000) < peak(200) + 20_000


words = st.text("电网变压器a1々\n", min_size=1, max_size=4)


@given(
    st.dictionaries(words, st.integers(0, 9), max_size=20),
    st.lists(st.tuples(words, st.integers(0, 9)), max_size=20),
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(1, 3),
    st.integers(2, 4),
)
def test_lexicon_equals_naive_count(
    gold_counts: dict[str, int],
    predicted: list[tuple[str, int]],
    min_gold: int,
    min_count: int,
    low: int,
    high: int,
) -> None:
    def looked_at(word: str) -> bool:
        return low <= len(word) <= high and all(c in "电网变压器" for c in word)

    gold = [w for w, n in gold_counts.items() if looked_at(w) and n >= min_gold]
    ranked: list[str] = []
    seen: list[str] = []
    for word, count in predicted:
        if looked_at(word) and word not in seen:
            seen.append(word)
            if count >= min_count:
                ranked.append(word)
    score = evaluate_lexicon(
        gold_counts,
        predicted,
        min_gold_count=min_gold,
        min_count=min_count,
        min_length=low,
        max_length=high,
        top=(1, 3),
    )
    assert (score.gold, score.predicted) == (len(gold), len(ranked))
    assert score.correct == len([w for w in ranked if w in gold])
    assert score.attested == len([w for w in ranked if w in gold_counts])
    for k in (1, 3):
        share = sum(w in gold for w in ranked[:k]) / k if len(ranked) >= k else None
        assert score.precision_at[k] == share


def test_lexicon_defaults_look_at_words_of_two_to_eight_characters_that_occur_five_times() -> None:
    gold = {"电": 9, "电网": 5, "网络": 4, "一" * 8: 5, "一" * 9: 5, "K线": 9}
    predicted = [("电", 9), ("电网", 5), ("网络", 5), ("一" * 8, 4), ("一" * 9, 9), ("K线", 9)]
    score = evaluate_lexicon(gold, predicted)
    assert (score.gold, score.predicted, score.correct, score.attested) == (2, 2, 1, 2)
    assert str(score) == "gold 2 pred 2 hit 1 P 0.5000 R 0.5000 F 0.5000 P@1000 - P@5000 - P(any) 1.0000"
    assert json.loads(json.dumps(score.to_dict()))["precision_at"] == {"1000": None, "5000": None}


def test_empty_lexicon_scores_zero() -> None:
    score = evaluate_lexicon({}, [])
    assert (score.precision, score.recall, score.f1, score.precision_any) == (0.0, 0.0, 0.0, 0.0)


def test_rank_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="^top: ranks begin with 1, found 0"):
        evaluate_lexicon({}, [], top=(5, 0))


@pytest.mark.parametrize("score", [SegmentationScore(3, 2, 1, 1, 0), LexiconScore(3, 2, 1, 2, ((1, 1),))])
def test_scores_are_frozen_values(score: SegmentationScore | LexiconScore) -> None:
    assert pickle.loads(pickle.dumps(score)) == score
    assert len({score, score}) == 1
    with pytest.raises(AttributeError):
        score.gold = 5  # type: ignore[misc]
