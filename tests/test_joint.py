"""A lexicon and a tagger decoded together, and learning both."""

from __future__ import annotations

import itertools
import math
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import made_up_text
from test_segmenter import texts

import nlp_zero
from nlp_zero import (
    CorpusNotRestartableError,
    HMMSegmenter,
    JointSegmenter,
    Lexicon,
    LexiconSegmenter,
    ModelFormatError,
    WordFinder,
)
from nlp_zero.core import core_name, kernels
from nlp_zero.words.joint import load_segmenter
from nlp_zero.words.segmenting import RunSegmenter, joined

COUNTS = {
    "研究": 50,
    "研究生": 30,
    "生命": 40,
    "命": 25,
    "起源": 20,
    "的": 60,
    "<NUM>年": 6,
    "K线图": 3,
    "有限 公司": 2,
}
SEGMENTED = [
    "研究 生命 的 起源",
    "生命 是 什么",
    "研究生 研究 什么",
    "起源 的 研究 ， 1998年 的 研究",
    "研究 生命 的 命",
]
LEXICON = Lexicon.from_counts(COUNTS)
HMM = HMMSegmenter.from_segmented(SEGMENTED)
JOINT = JointSegmenter(LEXICON, HMM)
# Nothing is forced in these, so that `words` takes all steps in one.
PLAIN = LEXICON.remove("有限 公司")
SEGMENTERS = (
    JointSegmenter(PLAIN, HMM),
    LexiconSegmenter(PLAIN),
    *(HMMSegmenter.from_segmented(SEGMENTED, order=order) for order in (1, 2)),
)
run_texts = st.text("研究生命的起源什", min_size=1, max_size=9)


def ways(text: str) -> list[tuple[float, list[str]]]:
    """All segmentations of a run with their scores: log shares of words, and the log-odds of places inside the run.

    A word that the lexicon does not have has the share of half an occurrence, less 4 nats for each of its characters.
    """
    total = LEXICON.total
    odds = HMM.boundaries(text)
    bonus = [math.log(p / (1 - p)) if i + 1 < len(text) else 0.0 for i, p in enumerate(odds.tolist())]
    found = []
    for cuts in range(1 << (len(text) - 1)):
        places = [0, *(i for i in range(1, len(text)) if cuts >> (i - 1) & 1), len(text)]
        words = [text[i:j] for i, j in itertools.pairwise(places)]
        if all(word in COUNTS or len(word) <= 4 for word in words):
            unseen = 4.0 * sum(len(word) for word in words if word not in COUNTS and len(word) > 1)
            score = math.fsum(math.log(COUNTS.get(word, 0.5) / total) for word in words) - unseen
            found.append((score + math.fsum(bonus[place - 1] for place in places[1:]), words))
    return found


# ---------------------------------------------------------------------------------------------------- decoding


@given(run_texts)
def test_words_are_the_best_by_both(text: str) -> None:
    everything = ways(text)
    best = max(score for score, _ in everything)
    assert JOINT.words(text) in [words for score, words in everything if score > best - 5e-3]


@given(run_texts)
def test_boundaries_are_shares_of_all_ways(text: str) -> None:
    everything = ways(text)
    total = math.fsum(math.exp(score) for score, _ in everything)
    found = JOINT.boundaries(text)
    for place in range(1, len(text) + 1):
        cut = (way for way in everything if place in itertools.accumulate(map(len, way[1])))
        assert found[place - 1] == pytest.approx(math.fsum(math.exp(score) for score, _ in cut) / total, abs=5e-3)
    assert found[-1] == 1.0


@given(run_texts)
def test_explanations_agree_with_the_words(text: str) -> None:
    for explanation in JOINT.explain(text):
        best = max(score for score, _ in ways(text))
        assert list(explanation.paths[0].words) == JOINT.words(text)
        assert explanation.paths[0].score == pytest.approx(best, abs=5e-3)


@given(texts)
def test_nothing_is_lost(text: str) -> None:
    tokens = JOINT.tokenize(text)
    assert "".join(token.text for token in tokens) == text
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert JOINT.words(text) == [token.text for token in tokens if not token.text.isspace()]
    probabilities = JOINT.boundaries(text)
    assert len(probabilities) == len(text)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


def test_the_tagger_has_a_say() -> None:
    counts = {"研究": 20, "研究生": 90, "生命": 20, "命": 20, "起源": 20, "的": 60}
    lexicon = Lexicon.from_counts(counts)
    assert LexiconSegmenter(lexicon).words("研究生命的起源") == ["研究生", "命", "的", "起源"]
    assert JointSegmenter(lexicon, HMM).words("研究生命的起源") == ["研究", "生命", "的", "起源"]


def test_forms_user_words_and_words_with_blanks() -> None:
    assert JOINT.words("1998年的K线图，有限 公司") == ["1998年", "的", "K线图", "，", "有限 公司"]
    forced = JOINT.with_user_words(["的起", "SK-II"])
    assert forced.words("生命的起源SK-II") == ["生命", "的起", "源", "SK-II"]
    assert forced.user_words == ("SK-II", "的起")
    assert (forced.lexicon, forced.hmm) == (LEXICON, HMM)
    assert JOINT.user_words == ()
    again = forced.with_user_words(["研究生命"])
    assert again.words("研究生命的起源") == ["研究生命", "的起", "源"]


def without_spaces(segmenter: RunSegmenter, text: str) -> list[str]:
    return [token.text for token in segmenter.tokenize(text) if not token.text.isspace()]


@given(texts, st.integers(-1, 1))
def test_words_in_one_go_are_those_of_the_single_steps(text: str, more: int) -> None:
    size = kernels().longest_text + more if core_name() == "python" else 500
    for segmenter in SEGMENTERS:
        assert segmenter.words(text) == without_spaces(segmenter, text)
        long = (text * size)[:size]  # around the length from which on steps are single
        assert segmenter.words(long) == without_spaces(segmenter, long)


def test_a_long_run() -> None:
    text = "研究生命的起源" * 20_000
    assert JOINT.words(text) == ["研究", "生命", "的", "起源"] * 20_000
    probabilities = JOINT.boundaries(text[:70_000])
    assert np.isfinite(probabilities).all()
    assert (probabilities[7:-7].reshape(-1, 7).argmin(axis=1) < 6).all()


def test_values_that_can_be_shared() -> None:
    copy = pickle.loads(pickle.dumps(JOINT.with_user_words(["的起"])))
    assert copy.words("生命的起源") == ["生命", "的起", "源"]
    with ThreadPoolExecutor(8) as pool:
        assert set(map(tuple, pool.map(JOINT.words, ["研究生命的起源"] * 64))) == {("研究", "生命", "的", "起源")}
    assert repr(JOINT).startswith("<JointSegmenter: 9 words, <HMMSegmenter: order 2, ")


def test_wrong_types_are_refused() -> None:
    with pytest.raises(TypeError, match="^hmm: expected an HMMSegmenter, found Lexicon$"):
        JointSegmenter(LEXICON, LEXICON)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="^lexicon: expected a Lexicon, found dict"):
        JointSegmenter(COUNTS, HMM)  # type: ignore[arg-type]
    for method in (JOINT.words, JOINT.boundaries):
        with pytest.raises(TypeError, match="^text: expected a str, found bytes$"):
            method("研究".encode())  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------------------------- files


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "joint.model"
    JOINT.save(path)
    loaded = JointSegmenter.load(path)
    assert loaded.lexicon == LEXICON
    assert loaded.hmm == HMM
    text = "研究生命的起源，1998年的K线图，有限 公司"
    assert loaded.words(text) == JOINT.words(text)
    assert loaded.with_user_words(["的起"]).words("生命的起源") == ["生命", "的起", "源"]
    assert isinstance(load_segmenter(path), JointSegmenter)
    HMM.save(path)
    assert isinstance(load_segmenter(path), HMMSegmenter)
    with pytest.raises(ModelFormatError, match="expected a model for joint, found one for hmm; make it anew"):
        JointSegmenter.load(path)


@given(st.data())
def test_a_damaged_model_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.model"
    JOINT.save(path)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with pytest.raises(ModelFormatError, match="make it anew"):
        JointSegmenter.load(path)


# -------------------------------------------------------------------------------------------------------- learning


def test_learn_is_the_finder_s_segmenter() -> None:
    corpus = [made_up_text(30_000)]
    joint = nlp_zero.learn(corpus)
    finder = WordFinder(method="joint").fit(corpus)
    assert isinstance(finder.segmenter_, JointSegmenter)
    assert joint.lexicon == finder.segmenter_.lexicon
    listed = {word for word, row in joint.lexicon.items() if row.count > 1 or len(word) == 1}
    assert set(finder.lexicon_) <= set(joint.lexicon)
    assert listed == {word for word, row in finder.lexicon_.items() if row.count > 1 or len(word) == 1}
    assert any(row.count == 1 for word, row in joint.lexicon.items() if len(word) > 1)  # evidence, but not listed
    assert joint.hmm == finder.segmenter_.hmm
    assert type(WordFinder().fit(corpus).segmenter_) is LexiconSegmenter


def test_hidden_words_are_words_for_the_segmenter() -> None:
    corpus = [made_up_text(30_000)]
    shown = WordFinder(method="joint").fit(corpus)
    word = next(word for word in shown.lexicon_ if len(word) == 2)
    finder = WordFinder(method="joint", stopwords=[word]).fit(corpus)
    assert word not in finder.lexicon_
    assert finder.segmenter_.lexicon == shown.segmenter_.lexicon
    assert finder.segmenter_.words(word) == [word]


@pytest.mark.parametrize("params", [{"jobs": 2}, {"memory_limit": "64MB"}, {"progress": True}], ids=str)
def test_learning_is_the_same_however_it_is_done(params: dict[str, object]) -> None:
    corpus = made_up_text(60_000).splitlines()
    plain, other = nlp_zero.learn(corpus), nlp_zero.learn(corpus, **params)
    assert (plain.lexicon, plain.hmm) == (other.lexicon, other.hmm)


def test_both_cores_learn_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = [made_up_text(30_000)]
    plain = nlp_zero.learn(corpus)
    monkeypatch.setenv("NLP_ZERO_CORE", "python")
    other = nlp_zero.learn(corpus)
    assert (plain.lexicon, plain.hmm) == (other.lexicon, other.hmm)
    assert plain.words(corpus[0]) == other.words(corpus[0])
    np.testing.assert_array_equal(plain.boundaries(corpus[0][:5000]), other.boundaries(corpus[0][:5000]))


def test_what_learn_refuses() -> None:
    with pytest.raises(CorpusNotRestartableError):
        nlp_zero.learn(text for text in ["变压器"])
    with pytest.raises(TypeError, match="method"):
        nlp_zero.learn(["变压器"], method="pmi")


@pytest.mark.parametrize("hmm_alone", [True, False])
def test_boundaries_of_a_run_of_a_million_characters(hmm_alone: bool) -> None:
    text = "".join(random.Random(5).choices(["继电", "保护", "继电保护", "的", "装置", "整", "定"], k=700_000))
    assert len(text) > 1_000_000
    lexicon = Lexicon.from_counts({"继电": 3, "保护": 3, "继电保护": 2, "的": 9, "装置": 3})
    hmm = HMMSegmenter.from_segmented(["继电 保护 的 装置", "保护 装置 的 整定", "继电保护 的 整定"])
    found = (hmm if hmm_alone else JointSegmenter(lexicon, hmm)).boundaries(text[:1_000_000])
    assert found.shape == (1_000_000,)
    assert np.isfinite(found).all() and found.min() >= 0 and found.max() == found[-1] == 1
    # far from its ends a run is as if it had none
    part = (hmm if hmm_alone else JointSegmenter(lexicon, hmm)).boundaries(text[499_000:501_000])
    assert found[499_500:500_500] == pytest.approx(part[500:1500], abs=1e-9)


def test_models_are_equal_if_what_they_hold_is() -> None:
    lexicon = Lexicon.from_counts({"继电": 3, "保护": 3})
    hmm = HMMSegmenter.from_segmented(["继电 保护 的 装置", "保护 装置 的 整定"])
    joint, plain = JointSegmenter(lexicon, hmm), LexiconSegmenter(lexicon)
    for segmenter in (joint, plain):
        again = pickle.loads(pickle.dumps(segmenter))
        assert again == segmenter and hash(again) == hash(segmenter)
        assert segmenter != segmenter.with_user_words(["继电保护"])
    assert joint != plain and plain != joint and plain != lexicon
    assert joint != JointSegmenter(lexicon, HMMSegmenter.from_segmented(["继电 保护"]))
    assert joint != JointSegmenter(Lexicon.from_counts({"继电": 3}), hmm)


def test_learn_names_a_parameter_that_it_does_not_have() -> None:
    for name in ("method", "foo"):
        with pytest.raises(TypeError, match=f"^{name}: no such parameter; there are max_length, min_count, "):
            nlp_zero.learn(["继电"], **{name: "pmi"})


@pytest.mark.parametrize("segmenter", [HMMSegmenter.from_segmented(SEGMENTED, order=1), HMM, JOINT], ids=repr)
@pytest.mark.parametrize("size", [1, 62, 254, 255, 256, 257, 511, 600])
def test_long_texts_are_cut_as_their_runs(segmenter: HMMSegmenter | JointSegmenter, size: int) -> None:
    """Also where there are more of them, and longer ones, than are looked up at once."""
    run = ("变压器油温高" * size)[:size]
    for parts in ([run], [run + "，", run], ["继电保护，", run + "。\n", "变压器。", run + "，", run]):
        expected = [word for part in parts for word in segmenter.words(part)]
        assert segmenter.words("".join(parts)) == expected
        assert segmenter.joined("".join(parts)).split() == " ".join(expected).encode().split()


PIECES = [
    "研究生命",
    "起源的",
    "。",
    "什么，",
    "1998年",
    "3.5",
    "，5%",
    "K线图",
    "abc",
    "\u0301",
    "👨‍👩‍👧",
    " ",
    "\u3000\u3000",
]
LINE_ENDS = ["\n", "\r\n", "\r", "\n\n", " \n\u3000", "\u2028"]


@pytest.mark.parametrize("segmenter", [*SEGMENTERS, JOINT], ids=repr)
@pytest.mark.parametrize("lines", [0, 1, 60, 3000])
def test_long_texts_are_joined_as_they_are_cut(segmenter: RunSegmenter, lines: int) -> None:
    """Also where only some of their lines are decoded together, and where there are none."""
    draw = random.Random(lines)
    pieces = draw.choices(PIECES, k=9000) + draw.choices(LINE_ENDS, k=lines)
    draw.shuffle(pieces)
    text = "".join(pieces)
    for separator in (" ", "", "<separator>"):
        expected = joined(text, segmenter.cut(text), separator).encode()
        assert segmenter.joined(text, separator) == expected
    with pytest.raises(UnicodeEncodeError):
        segmenter.joined(text + "\ud800")
