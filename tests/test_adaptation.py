"""An old model at work in a new domain."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest
from test_cli import one_line, run  # noqa: F401
from test_train import Run

import nlp_zero
from nlp_zero import HMMSegmenter, JointSegmenter, Lexicon, WordFinder
from nlp_zero.words import adaptation
from nlp_zero.words.evidence import Evidence
from nlp_zero.words.tagger import SELF_TRAINED

OLD_WORDS = ["继电", "保护", "装置", "动作", "的", "整定", "检查", "线路", "和", "运行"]
NEW_WORDS = ["糖尿病", "患者", "血压", "胰岛素", "的", "治疗", "检查", "门诊", "和", "随访", "蔗香"]


def sentences(words: list[str], number: int, seed: int) -> list[list[str]]:
    """Lines of words."""
    random_ = random.Random(seed)
    return [[*random_.choices(words, k=7), "。"] for _ in range(number)]


OLD, NEW, TEST = sentences(OLD_WORDS, 300, 1), sentences(NEW_WORDS, 300, 2), sentences(NEW_WORDS, 100, 3)
RAW = ["".join(line) for line in NEW]


def by_hand() -> HMMSegmenter:
    """A tagger from segmented text."""
    return HMMSegmenter.from_segmented([" ".join(line) for line in OLD])


def self_taught() -> JointSegmenter:
    """A model from raw text."""
    return nlp_zero.learn(["".join(line) for line in OLD])


def f1(segmenter: JointSegmenter | HMMSegmenter) -> float:
    """F on the test lines."""
    lines = ["".join(line) for line in TEST]
    predicted = [" ".join(segmenter.words(line)) for line in lines]
    return nlp_zero.evaluate_segmentation([" ".join(line) for line in TEST], predicted).f1


@pytest.mark.parametrize("make", [by_hand, self_taught])
def test_an_adapted_model_knows_both(make: object) -> None:
    old = make()  # type: ignore[operator]
    new = nlp_zero.learn(RAW, base=old)
    assert f1(new) > f1(old) + 0.05
    assert f1(new) >= f1(nlp_zero.learn(RAW)) - 0.01
    line = "继电保护装置的整定"
    assert new.hmm.words(line) == ["继电", "保护", "装置", "的", "整定"]


def test_words_of_the_old_model_are_words_of_the_new_one() -> None:
    old = self_taught()
    finder = WordFinder(method="joint", base=old).fit(RAW)
    assert isinstance(finder.segmenter_, JointSegmenter)
    lexicon = finder.segmenter_.lexicon
    assert set(old.lexicon) <= set(lexicon)
    assert "继电" not in finder.lexicon_  # what is listed is of the domain
    assert lexicon["检查"].count == old.lexicon["检查"].count + finder.lexicon_["检查"].count
    assert lexicon["患者"] == finder.lexicon_["患者"]


@pytest.mark.parametrize(("limit", "half"), [(10**9, 10**9), (1000, 10**9), (1000, 2000), (10, 10**9)])
def test_an_old_text_counts_less_the_larger_it_and_the_new_text_are(
    limit: int, half: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptation, "_OLD", limit)
    monkeypatch.setattr(adaptation, "_OWN", half)
    model = self_taught()
    old = model.hmm.evidence
    adapted = nlp_zero.learn(RAW, base=model)
    new = adapted.hmm.evidence
    assert old is not None and new is not None
    size = sum(len(line) - 1 + 2 for line in RAW)  # no full stop, but two edges
    before, after = (int(evidence.counts.singles()[1].sum()) for evidence in (old, new))
    share = min(1.0, limit / before / (1 + (size / half) ** 2))
    assert new.back_off == old.back_off == SELF_TRAINED and not new.by_hand
    assert after == pytest.approx(size + share * before, rel=0.02)
    count = model.lexicon["继电"].count
    assert adapted.lexicon["继电"].count == math.ceil(count * min(1.0, 4 * share))


def test_evidence_by_hand_adds_up() -> None:
    taught, after = by_hand().evidence, nlp_zero.learn(RAW, base=by_hand()).hmm.evidence
    assert taught is not None and after is not None
    assert taught.by_hand and after.by_hand
    symbols = sum(len(line) for line in RAW)
    assert int(after.counts.counts.sum()) > int(taught.counts.counts.sum()) + symbols


def test_an_adapted_model_can_be_adapted_again(tmp_path: Path) -> None:
    for base in (by_hand(), self_taught()):
        once = nlp_zero.learn(RAW, base=base)
        once.save(tmp_path / "once.model")
        loaded = JointSegmenter.load(tmp_path / "once.model")
        assert loaded.hmm.evidence is not None and once.hmm.evidence is not None
        assert loaded.hmm.evidence.counts == once.hmm.evidence.counts
        twice = nlp_zero.learn(["".join(line) for line in OLD], base=loaded)
        assert twice.hmm.words("继电保护装置的整定") == ["继电", "保护", "装置", "的", "整定"]
        assert f1(twice) > 0.9


@pytest.mark.parametrize("make", [by_hand, self_taught])
@pytest.mark.parametrize("params", [{"jobs": 2}, {"memory_limit": "64MB"}], ids=str)
def test_adapting_is_the_same_however_it_is_done(make: object, params: dict[str, object]) -> None:
    old = make()  # type: ignore[operator]
    plain, other = nlp_zero.learn(RAW, base=old), nlp_zero.learn(RAW, base=old, **params)
    assert (plain.lexicon, plain.hmm) == (other.lexicon, other.hmm)


@pytest.mark.parametrize("make", [by_hand, self_taught])
def test_both_cores_adapt_alike(make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = nlp_zero.learn(RAW, base=make())  # type: ignore[operator]
    monkeypatch.setenv("NLP_ZERO_CORE", "python")
    other = nlp_zero.learn(RAW, base=make())  # type: ignore[operator]
    assert (plain.lexicon, plain.hmm) == (other.lexicon, other.hmm)


def test_an_empty_domain_leaves_the_old_model() -> None:
    for base in (by_hand(), self_taught()):
        with pytest.warns(nlp_zero.EmptyResultWarning):
            new = nlp_zero.learn([], base=base)
        assert new.hmm.words("继电保护装置的整定") == ["继电", "保护", "装置", "的", "整定"]


def test_words_segmented_by_hand_stay_words() -> None:
    base = HMMSegmenter.from_segmented([*(" ".join(line) for line in OLD), "西红柿 炒 鸡蛋", "1998年 的 西红柿"])
    new = nlp_zero.learn(RAW, base=base)
    assert {"西红柿": 2, "鸡蛋": 1, "<NUM>年": 1}.items() <= new.lexicon.counts().items()
    assert not any("红柿" in text for text in RAW)
    assert nlp_zero.learn(RAW, base=new).lexicon["西红柿"].count == 2  # not lost, and not counted twice


def test_wrong_bases_are_refused() -> None:
    lexicon = Lexicon.from_counts({"继电": 3})
    for base, method, error, message in (
        (lexicon, "joint", TypeError, "^base: expected a JointSegmenter or an HMMSegmenter, found Lexicon$"),
        (by_hand(), "entropy", ValueError, "^base: expected method 'joint' with it, found 'entropy'$"),
        (HMMSegmenter.from_lexicon(lexicon), "joint", ValueError, "^base: a model made of a lexicon alone cannot be"),
    ):
        with pytest.raises(error, match=message):
            WordFinder(method=method, base=base).fit(RAW)  # type: ignore[arg-type]


def test_damaged_evidence_is_refused() -> None:
    evidence = by_hand().evidence
    assert evidence is not None
    good = evidence.to_arrays()
    assert Evidence.from_arrays({}) is None
    restored = Evidence.from_arrays(good)
    assert restored is not None and restored.counts == evidence.counts and restored.back_off == 1.0
    keys, counts, settings, words, word_counts = good.values()
    assert restored.words == evidence.words
    for bad in (
        {"evidence.keys": keys[::-1]}, {"evidence.keys": keys[:-1]}, {"evidence.keys": keys.astype(np.int64)},
        {"evidence.counts": counts - 10**6}, {"evidence.counts": counts.astype(np.float64)},
        {"evidence.settings": settings * 0}, {"evidence.settings": settings * np.nan},
        {"evidence.settings": settings[:1]}, {"evidence.settings": settings * 2}, {"evidence.counts": counts + 10**15},
        {"evidence.settings": settings.astype(np.float32)},
        {"evidence.words": words[:-1]}, {"evidence.words": words[::-1]},
        {"evidence.word_counts": word_counts - 10**6}, {"evidence.word_counts": word_counts.astype(np.float64)},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="evidence"):
            Evidence.from_arrays(good | bad)
    with pytest.raises(KeyError):
        Evidence.from_arrays({"evidence.keys": keys})


def test_train_adapt(run: Run, tmp_path: Path) -> None:  # noqa: F811
    text, old, new, words = (tmp_path / name for name in ("text.txt", "old.model", "new.model", "words.tsv"))
    text.write_text("\n".join(RAW), encoding="utf-8")
    by_hand().save(old)
    assert run("train", "--adapt", old, text, "-o", new, "--lexicon-out", words, "--quiet").status == 0
    expected = WordFinder(method="joint", base=by_hand()).fit(RAW)
    assert Lexicon.load(words) == expected.lexicon_
    loaded = JointSegmenter.load(new)
    assert isinstance(expected.segmenter_, JointSegmenter)
    assert (loaded.lexicon, loaded.hmm) == (expected.segmenter_.lexicon, expected.segmenter_.hmm)
    result = run("train", "--adapt", old, text, "-o", old)
    assert result.status == 2
    assert one_line(result, "is read as well")
    result = run("train", "--adapt", old, text, "-o", new, "--hmm", 2)
    assert result.status == 2
    assert one_line(result, "--adapt: what comes out is a lexicon with a tagger; leave out --hmm")
