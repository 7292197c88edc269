"""Baum-Welch: expected counts against all tag sequences, and what learning on does."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlp_zero
from nlp_zero import CorpusError, CorpusNotRestartableError, HMMSegmenter, Lexicon
from nlp_zero.core.tagging import EDGE, STEPS, B, E, M, S
from nlp_zero.resources import Resources
from nlp_zero.statistics.symbols import symbol_chunks
from nlp_zero.words.reestimation import expected_tags
from nlp_zero.words.tagger import Tagger, tagged

LEXICON = Lexicon.from_counts({"继电": 9, "保护": 9, "继电器": 4, "的": 20, "装置": 5, "整定": 3, "<NUM>年": 2})
TEXT = ["继电保护的装置，继电器的整定", "1998年的保护装置\n装置的整定", "整定装置", "的", ""]
STARTS = {order: HMMSegmenter.from_lexicon(LEXICON, order=order) for order in (1, 2)}
texts = st.lists(st.text(st.sampled_from("继电保护器的。9a "), max_size=7), max_size=5)


def expected(tagger: Tagger, corpus: list[str]) -> Any:
    """What is expected, by any resources."""
    with Resources.plan(None, 1, None, share_memory=True) as resources:
        return expected_tags(tagger, corpus, resources, lambda _: None)


def naive(tagger: Tagger, corpus: list[str]) -> Counter[tuple[int, ...]]:
    """The same from all legal tag sequences of each run, without rounding."""
    counts: Counter[tuple[int, ...]] = Counter()
    symbols = [int(s) for chunk in symbol_chunks(corpus) for s in [*chunk, 0]]
    runs: list[list[int]] = [[]]
    for symbol in symbols:
        if symbol > EDGE:
            runs[-1].append(symbol)
        elif runs[-1]:
            runs.append([])
    for run in filter(None, runs):
        ways = []
        for tags in product((B, M, E, S), repeat=len(run)):
            path = [S, *tags, S]
            if all(step in STEPS for step in zip(path, path[1:])):
                ways.append((probability(tagger, run, path), path))
        whole = sum(p for p, _ in ways)
        for p, path in ways:
            marked = [int(tagged(np.array([s], dtype=np.uint32), np.array([t]))[0])
                      for s, t in zip([EDGE, *run, EDGE], path)]  # fmt: skip
            for one in marked:
                counts[(one,)] += p / whole
            for two in zip(marked, marked[1:]):
                counts[two] += p / whole
    return counts


def probability(tagger: Tagger, run: list[int], path: list[int]) -> float:
    """That of one tag sequence of a run."""
    singles = [None, *tagger.keys[: len(tagger.contexts) - 1].tolist()]
    pairs = {int(key): i for i, key in enumerate(tagger.keys[len(tagger.contexts) - 1 :])}
    total = 1.0
    for (before, tag_before), (symbol, tag) in zip(zip([EDGE, *run], path), zip([*run, EDGE], path[1:])):
        step = STEPS.index((tag_before, tag))
        left = singles.index(before) if before in singles else 0
        right = singles.index(symbol) if symbol in singles else 0
        pair = pairs.get(left << 21 | symbol) if left and right else None
        if pair is not None:
            total *= float(tagger.pairs[pair, step])
        else:
            total *= float(tagger.contexts[left, step]) * float(tagger.emissions[right, tag])
    return total


@given(texts, st.sampled_from([1, 2]))
def test_expected_counts_are_those_of_all_tag_sequences(corpus: list[str], order: int) -> None:
    tagger = STARTS[order].tagger
    found = expected(tagger, corpus)
    wanted = naive(tagger, corpus)
    nodes = np.flatnonzero(found.counts) + 1
    strings, depths = found.strings(nodes), found.depths[nodes]
    own = {tuple(row[:n].tolist()): int(count) for row, n, count in zip(strings, depths, found.counts[nodes - 1])}
    for string in own.keys() | wanted.keys():
        # each occurrence is rounded to 1 / 256, and the sum to a whole number
        assert own.get(string, 0) == pytest.approx(wanted[string], abs=0.5 + 0.002 * 40)


@pytest.mark.parametrize("order", [1, 2])
def test_it_learns_from_raw_text(order: int) -> None:
    text = ["继电保护的装置", "装置的整定", "保护的整定", "继电器的装置"] * 20
    start = STARTS[order]
    learnt = start.reestimated(text, rounds=2)
    assert learnt.order == order and learnt != start
    assert learnt.words("整定的继电保护") == ["整定", "的", "继电", "保护"]
    assert learnt == start.reestimated(text).reestimated(text)
    assert start == HMMSegmenter.from_lexicon(LEXICON, order=order)
    assert learnt.evidence is not None and not learnt.evidence.by_hand


def test_text_segmented_by_hand_keeps_its_back_off() -> None:
    by_hand = HMMSegmenter.from_segmented(
        ["继电 保护 的 装置"] * 5,
    ).with_user_words(["装置的"])
    learnt = by_hand.reestimated(["继电保护的装置"] * 5)
    assert learnt.evidence is not None and by_hand.evidence is not None
    assert learnt.evidence.back_off == 1.0
    assert by_hand.evidence.by_hand and not learnt.evidence.by_hand  # what it was made of is a program's work now
    assert learnt.evidence.words == by_hand.evidence.words
    assert learnt.user_words == ("装置的",)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("params", [{"jobs": 2}, {"memory_limit": "64MB"}, {"progress": True}])
def test_it_is_the_same_however_it_is_done(order: int, params: dict[str, Any]) -> None:
    assert STARTS[order].reestimated(TEXT, **params) == STARTS[order].reestimated(["\n".join(TEXT)])


@pytest.mark.parametrize("order", [1, 2])
def test_both_cores_learn_alike(order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = STARTS[order].reestimated(TEXT, rounds=2)
    monkeypatch.setenv("NLP_ZERO_CORE", "python")
    assert HMMSegmenter.from_lexicon(LEXICON, order=order).reestimated(TEXT, rounds=2) == plain


def test_what_makes_no_sense_is_refused() -> None:
    start = STARTS[1]
    for rounds in (0, -1, 1.5, "2", None):
        with pytest.raises(ValueError, match="^rounds: expected a whole number from 1 on, found"):
            start.reestimated(TEXT, rounds=rounds)  # type: ignore[arg-type]
    with pytest.raises(CorpusNotRestartableError):
        start.reestimated(text for text in TEXT)
    for corpus in ([], ["。"], [""]):
        with pytest.raises(CorpusError, match="^the corpus holds no Chinese text$"):
            start.reestimated(corpus)
    with pytest.raises(TypeError):
        start.reestimated("继电")


def test_it_can_be_saved(tmp_path: Path) -> None:
    learnt = STARTS[2].reestimated(TEXT)
    learnt.save(tmp_path / "a.model")
    loaded = HMMSegmenter.load(tmp_path / "a.model")
    assert loaded == learnt and loaded.evidence == learnt.evidence
    assert isinstance(nlp_zero.learn(TEXT * 5, base=loaded), nlp_zero.JointSegmenter)
