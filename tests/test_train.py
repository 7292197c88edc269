"""The command train, and segmenting with what it writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_cli import FIRST, TEXT, one_line, only_files, process, run, sentences, text  # noqa: F401

import nlp_zero
from nlp_zero import HMMSegmenter, JointSegmenter, Lexicon, WordFinder

Run = Callable[..., SimpleNamespace]


def said(result: SimpleNamespace, *parts: str) -> bool:
    """Whether one of the lines on stderr holds all parts, after the name of the program."""
    return any(
        line.startswith("nlp-zero: ") and all(part in line for part in parts) for line in result.err.splitlines()
    )


@pytest.fixture
def segmented(tmp_path: Path) -> Path:
    path = tmp_path / "segmented.txt"
    path.write_text("继电 保护 装置 动作\n继电 保护 的 整定，保护 装置 的 动作\n" * 3, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------------------------- train


def test_train_writes_a_model_that_segments(run: Run, text: Path, tmp_path: Path) -> None:  # noqa: F811
    model, words = tmp_path / "a.model", tmp_path / "words.tsv"
    result = run("train", text, "-o", model, "--lexicon-out", words)
    assert result.status == 0
    assert result.out == ""
    lexicon = Lexicon.load(words)
    assert {"变压器", "油温"} <= lexicon.keys()
    assert lexicon == WordFinder(method="joint").fit([TEXT]).lexicon_
    loaded = JointSegmenter.load(model)
    assert said(result, f"a model of {len(loaded.lexicon)} words in ", str(model))
    expected = nlp_zero.learn([TEXT])
    assert loaded.lexicon == expected.lexicon
    assert loaded.words(TEXT) == expected.words(TEXT)
    result = run("segment", "-m", model, text)
    assert result.status == 0
    assert result.out.splitlines()[0].split() == expected.words(FIRST)


def test_segment_without_anything_learns_as_train_does(run: Run, text: Path) -> None:  # noqa: F811
    result = run("segment", text)
    assert result.status == 0
    assert result.out.split() == nlp_zero.learn([TEXT]).words(TEXT)


@pytest.mark.parametrize("order", [1, 2])
def test_train_a_tagger_on_segmented_text(run: Run, segmented: Path, tmp_path: Path, order: int) -> None:  # noqa: F811
    model = tmp_path / "hmm.model"
    result = run("train", "--hmm", order, "--segmented", segmented, "-o", model)
    assert result.status == 0
    assert said(result, f"a hidden Markov model of order {order} in ", str(model))
    loaded = HMMSegmenter.load(model)
    assert loaded.order == order
    assert loaded == HMMSegmenter.from_segmented(segmented.read_text("utf-8").splitlines(), order=order)
    result = run("segment", "-m", model, stdin="继电装置的保护\n".encode())
    assert result.out == " ".join(loaded.words("继电装置的保护")) + "\n"


@pytest.mark.parametrize("order", [1, 2])
def test_train_a_tagger_on_raw_text(run: Run, text: Path, tmp_path: Path, order: int) -> None:  # noqa: F811
    model = tmp_path / "hmm.model"
    assert run("train", "--hmm", order, text, "-o", model).status == 0
    loaded = HMMSegmenter.load(model)
    assert loaded.order == order
    assert "变压器" in loaded.words(FIRST)
    if order == 2:
        assert loaded == nlp_zero.learn([TEXT]).hmm


@pytest.mark.parametrize("order", [1, 2])
def test_train_with_baum_welch(run: Run, text: Path, tmp_path: Path, order: int) -> None:  # noqa: F811
    plain, more = tmp_path / "plain.model", tmp_path / "more.model"
    assert run("train", "--hmm", order, text, "-o", plain).status == 0
    assert run("train", "--hmm", order, "--baum-welch", 2, text, "-o", more).status == 0
    assert HMMSegmenter.load(more) == HMMSegmenter.load(plain).reestimated([TEXT], rounds=2)


def test_train_from_a_lexicon(run: Run, text: Path, tmp_path: Path) -> None:  # noqa: F811
    words, model, found, hmm = (tmp_path / name for name in ("words.txt", "a.model", "found.tsv", "hmm.model"))
    listed = ["变压", "器油", "油温", "值班员", "Louis Vuitton", "糖尿病"]
    words.write_text("\n".join(listed), encoding="utf-8")
    lexicon = Lexicon.from_counts(dict.fromkeys(listed, 1))
    assert run("train", text, "-l", words, "-o", model, "--lexicon-out", found, "--quiet").status == 0
    loaded, finder = JointSegmenter.load(model), WordFinder(method="joint", lexicon=lexicon).fit([TEXT])
    assert isinstance(finder.segmenter_, JointSegmenter)
    assert (loaded.lexicon, loaded.hmm) == (finder.segmenter_.lexicon, finder.segmenter_.hmm)
    assert Lexicon.load(found) == finder.lexicon_
    assert set(listed) <= set(loaded.lexicon)  # also what does not occur
    assert loaded.words("Louis Vuitton")[0] == "Louis Vuitton"
    assert {"变压", "值班员"} <= set(finder.lexicon_)  # as given, though 变压器 would be found
    assert "变压器" not in finder.lexicon_
    assert run("train", text, "-l", words, "--hmm", 2, "-o", hmm).status == 0
    assert HMMSegmenter.load(hmm) == finder.segmenter_.hmm
    words.write_bytes("词\xff".encode("latin-1", "replace") + b"\xff\xfe\xfd")
    result = run("train", text, "-l", words, "-o", model)
    assert result.status == 1 and said(result, "words.txt")
    words.write_text("的\n了\n", encoding="utf-8")
    result = run("train", text, "-l", words, "-o", model)
    assert result.status == 1 and one_line(result, "lexicon: expected words of two characters or more, found none")


def test_train_from_stdin(run: Run, text: Path, tmp_path: Path) -> None:  # noqa: F811
    first, second = tmp_path / "1.model", tmp_path / "2.model"
    assert run("train", text, "-o", first, "--quiet").status == 0
    assert run("train", "-o", second, "--quiet", stdin=TEXT.encode()).status == 0
    assert first.read_bytes() == second.read_bytes()


def test_train_summary_as_json(run: Run, text: Path, segmented: Path, tmp_path: Path) -> None:  # noqa: F811
    model = tmp_path / "a.model"
    summary = json.loads(run("train", text, "-o", model, "--json").out)
    seconds = summary.pop("seconds")
    assert seconds > 0
    words = len(JointSegmenter.load(model).lexicon)
    assert summary == {"model": "joint", "words": words, "output": str(model)}
    summary = json.loads(run("train", "--hmm", 1, "--segmented", segmented, "-o", model, "--json").out)
    del summary["seconds"]
    assert summary == {"model": "hmm", "order": 1, "output": str(model)}


@pytest.mark.parametrize("options", [("--core", "c"), ("--core", "python"), ("--jobs", "2"), ("--memory", "64MB")])
def test_models_have_the_same_bytes(run: Run, text: Path, tmp_path: Path, options: tuple[str, str]) -> None:  # noqa: F811
    if options[1] == "c" and nlp_zero.core_name != "c":
        options = ()  # there is no other core
    first, second = tmp_path / "1.model", tmp_path / "2.model"
    assert run("train", text, "-o", first, "--quiet").status == 0
    assert run("train", text, "-o", second, "--quiet", *options).status == 0
    assert first.read_bytes() == second.read_bytes()


def test_models_do_not_depend_on_the_hash_seed(text: Path, tmp_path: Path) -> None:  # noqa: F811
    models = [tmp_path / f"{seed}.model" for seed in (1, 2)]
    for seed, model in enumerate(models, 1):
        assert process("train", text, "-o", model, PYTHONHASHSEED=str(seed)).returncode == 0
    assert models[0].read_bytes() == models[1].read_bytes()


# ---------------------------------------------------------------------------------------------- segment -m


def test_segment_with_a_model_in_all_formats(run: Run, text: Path, tmp_path: Path) -> None:  # noqa: F811
    model, words = tmp_path / "a.model", tmp_path / "user.txt"
    words.write_text("的油温\n", encoding="utf-8")
    run("train", text, "-o", model)
    segmenter = JointSegmenter.load(model)
    line = json.loads(run("segment", "-m", model, "--format", "jsonl", stdin=FIRST.encode()).out)
    assert line["tokens"] == [list(token) for token in segmenter.tokenize(FIRST)]
    tags = run("segment", "-m", model, "--format", "tags", stdin=FIRST.encode()).out
    assert "".join(row[0] for row in tags.splitlines()) == FIRST
    forced = run("segment", "-m", model, "--user-words", words, stdin=FIRST.encode()).out.split()
    assert "的油温" in forced
    shown = run("segment", "-m", model, "--explain", stdin=FIRST.encode()).out.splitlines()
    assert shown[0].split() == segmenter.words(FIRST)
    assert shown[2].split()[0] == "0.00"


def test_a_tagger_has_nothing_to_explain(run: Run, segmented: Path, tmp_path: Path) -> None:  # noqa: F811
    model = tmp_path / "hmm.model"
    run("train", "--hmm", 2, "--segmented", segmented, "-o", model)
    result = run("segment", "-m", model, "--explain", stdin=FIRST.encode())
    assert result.status == 2
    assert one_line(result, "--explain: a hidden Markov model has no words to explain; use a lexicon or another model")


# -------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "TEXT", "--segmented", "-o", "x.model"], "--segmented: expected --hmm 1 or --hmm 2 beside it"),
        (["train", "TEXT", "--hmm", "2", "--segmented", "-l", "TEXT", "-o", "x.model"], "-l: the words of segmented"),
        (["train", "TEXT", "--baum-welch", "2", "-o", "x.model"], "--baum-welch: expected --hmm 1 or --hmm 2"),
        (["train", "TEXT", "--hmm", "2", "--segmented", "--baum-welch", "2", "-o", "x.model"], "and raw text"),
        (["train", "TEXT", "-l", "TEXT", "-o", "TEXT"], "TEXT: is read as well"),
        (["train", "TEXT", "-o", "x.model", "--lexicon-out", "-"], "--lexicon-out: expected a file, found -"),
        (["train", "TEXT", "-o", "-"], "-o: expected a file, found -; a model is no text"),
        (["train", "TEXT", "--hmm", "1", "--lexicon-out", "x.tsv", "-o", "x.model"], "--lexicon-out: a hidden Markov"),
        (["train", "TEXT", "--lexicon-out", "x.model", "-o", "x.model"], "--lexicon-out and -o: expected different"),
        (["train", "TEXT", "-o", "TEXT"], "TEXT: is read as well; expected another file to write to"),
        (["train", "TEXT", "-o", "x.model", "--lexicon-out", "TEXT"], "is read as well"),
        (["train", "TEXT", "-o", "x.model.gz"], "output is not compressed"),
        (["segment", "TEXT", "-l", "TEXT", "-m", "TEXT"], "-l and -m: expected one of them"),
        (["segment", "TEXT", "-m", "x.model", "-o", "TEXT"], "is read as well"),
    ],
)  # fmt: skip
def test_wrong_usage(
    run: Run, text: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str  # noqa: F811
) -> None:  # fmt: skip
    monkeypatch.chdir(text.parent)
    result = run(*(str(text) if argument == "TEXT" else argument for argument in arguments))
    assert result.status == 2
    assert one_line(result, message.replace("TEXT", str(text)))
    assert only_files(text.parent) == [text.name]
    assert text.read_text("utf-8") == TEXT


def test_errors_are_one_line(run: Run, text: Path, segmented: Path, tmp_path: Path) -> None:  # noqa: F811
    model = tmp_path / "a.model"
    for arguments, message in (
        (["segment", "-m", text, text], f"{text}: not a model file: expected it to begin with"),
        (["segment", "-m", tmp_path / "none", text], f"{tmp_path / 'none'}: No such file or directory"),
        (["train", text, "--hmm", 2, "--segmented", "-o", model], "the corpus has no white space inside its lines"),
        (["train", tmp_path / "none.txt", "-o", model], "none.txt"),
        (["train", text, "-o", tmp_path / "nowhere" / "a.model"], "there is no such folder to write to"),
        (["train", text, "-o", tmp_path], "is a directory"),
    ):
        result = run(*arguments)
        assert result.status == 1
        assert said(result, message)
    assert run("train", "--hmm", 1, "--segmented", segmented, "-o", model).status == 0
    model.write_bytes(model.read_bytes()[:-9])
    result = run("segment", "-m", model, text)
    assert result.status == 1
    assert one_line(result, f"{model}: ", "make it anew with save() or `nlp-zero train`")


def test_a_model_is_no_lexicon_and_is_never_overwritten(run: Run, text: Path, tmp_path: Path) -> None:  # noqa: F811
    folder = tmp_path / "out"
    folder.mkdir()
    model = folder / text.name
    assert run("train", text, "-o", model).status == 0
    for arguments in (("segment", text, "-l", model), ("train", text, "-l", model, "-o", tmp_path / "b.model")):
        result = run(*arguments)
        assert result.status == 1
        assert one_line(result, f"{model}: expected a list of words, found a model or counts; -m takes models")
    before = model.read_bytes()
    result = run("segment", text, "-m", model, "--output-dir", folder)
    assert result.status == 2 and one_line(result, f"{model}: is read as well; expected another file to write to")
    assert model.read_bytes() == before


def test_nothing_to_learn_from(run: Run, tmp_path: Path) -> None:  # noqa: F811
    empty, model = tmp_path / "empty.txt", tmp_path / "a.model"
    for content in ("", "\n\n", "no Chinese at all\n", "，。！\n", "天\n"):
        empty.write_text(content, encoding="utf-8")
        result = run("train", empty, "-o", model)
        assert result.status == 0
        assert said(result, "warning: no word of two or more characters was found: ")
        assert run("segment", "-m", model, stdin="天气\n".encode()).out == "天 气\n"
        result = run("train", "--hmm", 2, "--segmented", empty, "-o", model)
        assert result.status == 1
        assert said(result, "expected words separated by")
