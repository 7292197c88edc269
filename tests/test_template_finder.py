"""Finding templates: what is found in text that is made of them, the habits of a finder, and the same bytes always."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_zero import (
    CorpusError,
    CorpusNotRestartableError,
    EmptyResultWarning,
    NotFittedError,
    Template,
    TemplateFinder,
    Templates,
    TextFiles,
)
from nlp_zero.cli import main
from nlp_zero.sentences import finder as finder_module
from nlp_zero.sentences.cutting import sentences
from nlp_zero.sentences.induction import induced

THINGS = "苹果 雪梨 白云 大海 天空 树叶 小河 石头 雨伞 书包 桌子 杯子".split()
TEXT = [
    *(f"{thing} 的 颜色 是 什么 ？" for thing in THINGS),
    *(f"请问 {thing} 在 哪里 。" for thing in THINGS),
    *(f"{one} 和 {other}" for one, other in zip(THINGS, THINGS[5:])),
]


def shown(templates: Templates) -> list[tuple[str, int]]:
    return [(str(template), entry.count) for template, entry in templates.items()]


def test_planted_templates_are_found() -> None:
    finder = TemplateFinder(str.split).fit(TEXT)
    assert sorted(shown(finder.templates_)) == [
        ("[X] 和 [X]", 7),
        ("[X] 的 颜色 是 什么", 12),
        ("请问 [X] 在 哪里", 12),
    ]
    assert (finder.sentences_, finder.covered_) == (31, 1.0)


def test_gain_is_the_entropy_saved() -> None:
    """Coded word by word less coded as a template, which is written down once itself; per million words."""
    from math import log

    finder = TemplateFinder(str.split).fit(TEXT)
    total = 12 * 5 + 12 * 4 + 7 * 3
    by_words = 4 * log(total / 12)  # 的 颜色 是 什么
    expected = (12 * (by_words + log(12 / 31) - 3) - by_words) * 1e6 / total
    assert finder.templates_["[X] 的 颜色 是 什么"].gain == pytest.approx(expected, rel=1e-5)


def test_marks_end_sentences_and_belong_to_none() -> None:
    text = ["".join(f"{thing} 的 颜色 是 什么 ？ 不 知道 ！ " for thing in THINGS)]
    finder = TemplateFinder(str.split).fit(text)
    assert finder.sentences_ == 24
    assert ("[X] 的 颜色 是 什么", 12) in shown(finder.templates_)
    assert not any(mark in template.fixed for template in finder.templates_ for mark in "？！")


def test_min_count() -> None:
    assert len(TemplateFinder(str.split, min_count=8).fit(TEXT).templates_) == 2
    assert len(TemplateFinder(str.split, min_count=1).fit(TEXT).templates_) >= 3
    with pytest.raises(ValueError, match="^min_count: expected a whole number from 1 on, or None, found 0$"):
        TemplateFinder(str.split, min_count=0).fit(TEXT)


def test_habits_of_an_estimator() -> None:
    finder = TemplateFinder(str.split, min_count=3)
    assert finder.get_params()["min_count"] == 3
    assert finder.set_params(min_count=None) is finder
    with pytest.raises(ValueError, match="^window: no such parameter"):
        finder.set_params(window=5)
    with pytest.raises(NotFittedError, match="^templates_: nothing was learnt yet"):
        _ = finder.templates_
    assert finder.fit(TEXT) is finder
    first = finder.templates_
    assert finder.fit(TEXT).templates_ == first  # a second fit starts afresh


def test_partial_fit_is_fit_of_all() -> None:
    finder = TemplateFinder(str.split).fit(TEXT[:20]).partial_fit(TEXT[20:])
    assert finder.templates_ == TemplateFinder(str.split).fit(TEXT).templates_
    assert finder.sentences_ == 31


def test_what_is_no_corpus_or_no_segmenter_is_refused() -> None:
    with pytest.raises(CorpusNotRestartableError):
        TemplateFinder(str.split).fit(line for line in TEXT)
    with pytest.raises(
        TypeError, match="^segmenter: expected a segmenter or a function from text to words, found int$"
    ):
        TemplateFinder(5).fit(TEXT)  # type: ignore[arg-type]
    with pytest.raises(CorpusError):
        TemplateFinder(str.split).fit(TextFiles("there-is-no-such-file.txt"))


@pytest.mark.parametrize("corpus", [[], [""], ["？！"], ["只有 一 句 话"]], ids=repr)
def test_nothing_found_is_said(corpus: list[str]) -> None:
    with pytest.warns(
        EmptyResultWarning, match="^no templates: of [01] sentences no 3 share one with a slot; lower min_count"
    ):
        finder = TemplateFinder(str.split).fit(corpus)
    assert len(finder.templates_) == 0
    assert finder.covered_ == 0


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.sampled_from(["的", "是", "a", "b", "c", "3", "，", "。"]), max_size=8), max_size=30))
def test_templates_account_for_whole_sentences(lines: list[list[str]]) -> None:
    cut = [line[first:end] for line in lines for first, end in sentences(line)]
    found = induced(cut, 2)
    assert sum(found.templates.values()) <= len(cut)
    assert all(count >= 2 for count in found.templates.values())
    for frame in found.templates:
        Template(frame)  # is one
        assert any(fits(frame, sentence) for sentence in cut)


def fits(frame: tuple[str | None, ...], words: list[str]) -> bool:
    """Whether the words are an instance of a template: a naive matcher."""
    if not frame:
        return not words
    if frame[0] is not None:
        return bool(words) and words[0] == frame[0] and fits(frame[1:], words[1:])
    return any(fits(frame[1:], words[end:]) for end in range(1, len(words) + 1))


# ------------------------------------------------------------------------------------------- samples and workers


def test_a_sample_is_counted_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT * 40
    whole = TemplateFinder(str.split).fit(text)
    monkeypatch.setattr(finder_module, "_MOST", 600)
    sampled = TemplateFinder(str.split).fit(text)
    assert shown(sampled.templates_) == shown(whole.templates_)
    assert sampled.sentences_ == whole.sentences_ == 31 * 40


def test_sample_is_evenly_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [str(i) for i in range(1000)]
    sample = finder_module._Sample.of(lines, str.split, 300, 10**6, lambda amount: None)
    assert (sample.step, sample.total, sample.words) == (4, 1000, 1000)
    assert sample.sentences == [[str(i)] for i in range(0, 1000, 4)]


def test_counts_that_do_not_fit_into_memory_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT * 40
    monkeypatch.setattr(finder_module, "_MOST", 600)
    monkeypatch.setattr(finder_module, "_AT_ONCE", 7)
    plain = TemplateFinder(str.split).fit(text)
    bounded = TemplateFinder(str.split, memory_limit="64MB").fit(text)
    assert bounded.templates_ == plain.templates_


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Path]:
    text = tmp_path / "text.txt"
    text.write_text("".join(f"{line}\n" for line in TEXT * 60), encoding="utf-8")
    words = tmp_path / "words.tsv"
    vocabulary = sorted({word for line in TEXT for word in line.split()})
    words.write_text("".join(f"{word}\t9\n" for word in vocabulary if word not in "？。"), encoding="utf-8")
    yield tmp_path


def test_same_bytes_for_any_jobs_core_and_hash_seed(files: Path) -> None:
    outputs = []
    for core, jobs, seed in (("auto", "1", "1"), ("python", "2", "2")):
        out = files / f"{core}{jobs}.tsv"
        code = (
            "import sys; from nlp_zero.sentences import finder; finder._MOST = 500\n"
            "from nlp_zero.cli import main\n"
            "if __name__ == '__main__': sys.exit(main(sys.argv[1:]))"
        )
        (files / "run.py").write_text(code, encoding="utf-8")
        options = ["-l", "words.tsv", "-o", str(out), "--core", core, "--jobs", jobs, "--quiet"]
        subprocess.run(
            [sys.executable, "run.py", "templates", "text.txt", *options],
            cwd=files,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent.parent)},
            check=True,
        )
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1]
    assert "[X] 的 颜色 是 什么\t720\t" in outputs[0].decode()


# ---------------------------------------------------------------------------------------------- the command


def test_command(files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text, words, out = (str(files / name) for name in ("text.txt", "words.tsv", "t.tsv"))
    assert main(["templates", text, "-l", words, "-o", out]) == 0
    assert "3 templates from 1860 sentences in" in capfd.readouterr().err
    assert len(Templates.load(out)) == 3
    assert main(["templates", text, "-l", words, "--json", "--quiet"]) == 0
    printed = capfd.readouterr()
    assert printed.out.startswith("template\tcount\tgain\n")
    assert '"sentences": 1860' in printed.err
    assert main(["templates", text, "-l", words, "--min-count", "500", "--quiet"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["{text}", "-l", "{words}", "-m", "{words}"], 2, "-l and -m: expected one of them"),
        (["{text}", "-l", "{words}", "-o", "{words}"], 2, "is read as well; expected another file to write to"),
        (["{text}", "-l", "{words}", "-o", "{text}"], 2, "is read as well; expected another file to write to"),
        (["{text}", "--min-count", "0"], 2, "expected a whole number from 1 on, found '0'"),
        (["missing.txt", "-l", "{words}"], 1, "missing.txt"),
    ],
)
def test_wrong_use(
    files: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], status: int, message: str
) -> None:
    places = {name: str(files / f"{name}{end}") for name, end in (("text", ".txt"), ("words", ".tsv"))}
    assert main(["templates", *(argument.format(**places) for argument in arguments)]) == status
    assert message in capfd.readouterr().err
