"""``nlp-zero mine`` from outside: what comes out where, with which exit status, and what is refused."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nlp_zero import Lexicon, LexiconSegmenter, NgramCounts, TermCounts, TermMiner, Terms, TextFiles, learn
from nlp_zero import term_commands as commands_module

THINGS = "变压器 断路器 避雷器 互感器 油温 绕组 套管 母线".split()
WORDS = [*THINGS, *"检查 和 动作 后 合闸 的 继电 保护 装置 正常 过热 看 今天 天气 很 好 我们 去 公园".split()]
FIRST_COLUMNS = ["term", "score", "count", "background_count", "documents"]


def made_up(seed: int = 1, lines: int = 120) -> str:
    chance = random.Random(seed)
    forms = [
        "检查{}和{}。",
        "{}动作后，{}合闸。",
        "{}的继电保护装置正常，{}过热。",
        "检查继电保护装置和{}。",
        "看继电保护装置，{}正常。",
    ]
    return "".join(chance.choice(forms).format(*chance.sample(THINGS, 2)) + "\n" for _ in range(lines))


DOMAIN = made_up()
BACKGROUND = "今天天气很好，我们去公园。\n我们检查天气。\n公园很好，我们看天气。\n" * 5

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(run_command: Run) -> Run:
    """Run ``mine`` in this process."""
    return partial(run_command, "mine")


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    return written(tmp_path / "domain.txt", DOMAIN)


@pytest.fixture
def background(tmp_path: Path) -> Path:
    return written(tmp_path / "background.txt", BACKGROUND)


@pytest.fixture
def lexicon(tmp_path: Path) -> Path:
    path = tmp_path / "lexicon.tsv"
    Lexicon.from_counts(dict.fromkeys(WORDS, 9)).save(path)
    return path


@pytest.fixture
def given(domain: Path, background: Path, lexicon: Path) -> list[Any]:
    """What most commands here are given."""
    return [domain, "--background", background, "-l", lexicon]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def mined(domain: Path, background: Path, **parameters: Any) -> TermMiner:
    """What the library finds in the same files."""
    segmenter = LexiconSegmenter(Lexicon.from_counts(dict.fromkeys(WORDS, 9)))
    return TermMiner(TextFiles(background), **{"segmenter": segmenter} | parameters).fit(TextFiles(domain))


def lines_of(terms: Terms) -> str:
    return "".join(terms.lines())


def error(result: SimpleNamespace, status: int, message: str) -> bool:
    """Whether nothing came out but this message."""
    return (result.status, result.out, result.err) == (status, "", f"nlp-zero: error: {message}\n")


# ------------------------------------------------------------------------------------------------------ output


def test_terms_are_written(run: Run, given: list[Any], domain: Path, background: Path, tmp_path: Path) -> None:
    result = run(*given, "-o", tmp_path / "terms.tsv")
    assert (result.status, result.out) == (0, "")
    text = (tmp_path / "terms.tsv").read_bytes().decode("utf-8")
    rows = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
    assert rows[0][: len(FIRST_COLUMNS)] == FIRST_COLUMNS
    assert all(len(row) == len(rows[0]) for row in rows) and len(rows) > len(THINGS)
    scores = [float(row[1]) for row in rows[1:]]
    assert scores == sorted(scores, reverse=True)
    assert {row[0] for row in rows[1 : len(THINGS) + 1]} == set(THINGS)
    found = mined(domain, background).terms_
    assert text == lines_of(found)
    assert Terms.load(tmp_path / "terms.tsv") == found
    counts = dict(zip((row[0] for row in rows[1:]), (row[2:5] for row in rows[1:])))
    lines = sum("油温" in line for line in DOMAIN.splitlines())
    assert counts["油温"][1:] == ["0", str(found["油温"].documents)] and found["油温"].documents <= lines
    assert counts["检查"][1] == "5"
    assert "今天天气" not in counts


def test_a_line_says_what_was_found(run: Run, given: list[Any], domain: Path, background: Path, tmp_path: Path) -> None:
    mine = mined(domain, background)
    counts = mine.counts_
    result = run(*given, "-o", tmp_path / "terms.tsv")
    [line] = [line for line in result.err.splitlines() if " terms from " in line]
    assert line.startswith(f"nlp-zero: {len(mine.terms_)} terms from {counts.domain_total} words of text, ")
    assert f"beside {counts.background_total} of " in line and line.endswith(" s")
    quiet = run(*given, "-o", tmp_path / "terms.tsv", "--quiet")
    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")


def test_terms_go_to_stdout(run: Run, given: list[Any], domain: Path, background: Path) -> None:
    expected = lines_of(mined(domain, background).terms_)
    assert run(*given, "--quiet") == SimpleNamespace(status=0, out=expected, err="")
    assert run(*given, "-o", "-").out == expected


def test_standard_input_is_the_domain(run: Run, given: list[Any]) -> None:
    expected = run(*given).out
    assert run(*given[1:], stdin=DOMAIN).out == expected
    assert run("-", *given[1:], stdin=DOMAIN).out == expected


def test_several_files_directories_and_archives(run: Run, given: list[Any], tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    lines = DOMAIN.splitlines(keepends=True)
    written(folder / "1.txt", "".join(lines[:60]))
    (folder / "2.txt.gz").write_bytes(gzip.compress("".join(lines[60:]).encode()))
    outputs = {
        run(*some, *given[1:]).out for some in ([folder], [folder / "1.txt", folder / "2.txt.gz"], [folder / "*"])
    }
    [text] = outputs
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    assert {row[4] for row in rows} <= {"1", "2"}  # a file is a document
    assert {row[0] for row in rows[: len(THINGS)]} == set(THINGS)


def test_several_background_files(run: Run, given: list[Any], domain: Path, background: Path, tmp_path: Path) -> None:
    more = written(tmp_path / "more.txt", "变压器很好。\n我们看变压器。\n")
    text = run(domain, "--background", background, more, "-l", given[-1]).out
    found = {line.split("\t")[0]: line.split("\t") for line in text.splitlines()}
    assert found["变压器"][3] == "2"
    expected = mined(domain, background).terms_["变压器"]
    assert float(found["变压器"][1]) < expected.score


def test_words_are_learnt_from_both_texts_without_a_lexicon(
    run: Run, domain: Path, background: Path, tmp_path: Path
) -> None:
    expected = lines_of(mined(domain, background, segmenter=None).terms_)
    assert run(domain, "--background", background).out == expected
    segmenter = learn(TextFiles(domain, background))
    segmenter.save(tmp_path / "model")
    assert run(domain, "--background", background, "-m", tmp_path / "model").out == expected


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_other_encodings(run: Run, given: list[Any], tmp_path: Path, encoding: str) -> None:
    expected = run(*given).out
    domain = written(tmp_path / "other.txt", DOMAIN, encoding)
    background = written(tmp_path / "beside.txt", BACKGROUND, encoding)
    for more in ([], ["--encoding", encoding]):
        assert run(domain, "--background", background, *given[3:], *more).out == expected
    stdin = DOMAIN.encode(encoding)
    assert run("--background", background, *given[3:], "--encoding", encoding, stdin=stdin).out == expected


def test_min_count_and_max_words(run: Run, given: list[Any], domain: Path, background: Path) -> None:
    for options, parameters in (
        (["--min-count", "9"], {"min_count": 9}),
        (["--max-words", "1"], {"max_words": 1}),
        (["--max-words", "16", "--min-count", "1"], {"max_words": 16, "min_count": 1}),
    ):
        assert run(*given, *options).out == lines_of(mined(domain, background, **parameters).terms_)
    assert set(Terms.load(written(domain, run(*given, "--max-words", "1").out))) <= set(WORDS)


def test_lists_of_words(run: Run, given: list[Any], domain: Path, background: Path, tmp_path: Path) -> None:
    words = written(tmp_path / "words.txt", "变压器\n\n  油温 \r\n没有\t5\n")
    plain = Terms.load(written(tmp_path / "plain.tsv", run(*given).out))
    for option in ("--known", "--stopwords"):
        found = Terms.load(written(tmp_path / "found.tsv", run(*given, option, words).out))
        assert list(found) == [term for term in plain if term not in ("变压器", "油温")]
    both = ("--known", written(tmp_path / "a", "变压器\n"), "--stopwords", written(tmp_path / "b", "油温\n"))
    assert run(*given, *both).out == run(*given, "--known", words).out
    seeded = run(*given, "--seeds", words)
    expected = mined(domain, background, seeds=["变压器", "油温", "没有"]).terms_
    assert seeded.out == lines_of(expected) != lines_of(plain)
    assert "nlp-zero: seeds: 1 of 3 are not made of words that occur 2 times: 没有\n" in seeded.err
    assert run(*given, "--seeds", words, "--quiet").err == ""


def test_lists_may_be_in_the_encoding_of_the_text(run: Run, given: list[Any], tmp_path: Path) -> None:
    expected = run(*given, "--known", written(tmp_path / "1.txt", "变压器\n")).out
    domain, background = (written(tmp_path / f"{i}.gbk", text, "gbk") for i, text in enumerate((DOMAIN, BACKGROUND)))
    known = written(tmp_path / "2.txt", "变压器\n", "gbk")
    assert run(domain, "--background", background, *given[3:], "--known", known, "--encoding", "gbk").out == expected


@pytest.mark.parametrize("text", ["", "，。！\n", "变压器\n"])
def test_nothing_found_is_no_failure(run: Run, given: list[Any], tmp_path: Path, text: str) -> None:
    for result in (run(written(tmp_path / "none.txt", text), *given[1:]), run(*given[1:], stdin=text)):
        assert (result.status, result.out.count("\n")) == (0, 1)
        assert result.out.split("\t")[:5] == FIRST_COLUMNS
        assert "nlp-zero: warning: no terms: " in result.err


# -------------------------------------------------------------------------------------------------- --explain


def test_explain(run: Run, given: list[Any], domain: Path, background: Path, tmp_path: Path) -> None:
    mine = mined(domain, background)
    terms = ["变压器", "压器", "继电保护装置", "变压器"]
    result = run(*given, *(part for term in terms for part in ("--explain", term)))
    blocks = ["".join(f"{line}\n" for line in mine.explain(term).lines()) for term in terms[:3]]
    assert (result.status, result.out) == (0, "\n".join(blocks))
    assert result.out.startswith(f"变压器: a term, number {mine.explain('变压器').rank} of {len(mine.terms_)}\n")
    assert "\n\n压器: no term: it is not made of words" in result.out
    assert "【变压器】" in blocks[0]
    beside = run(*given, "--explain", "变压器", "-o", tmp_path / "terms.tsv")
    assert beside.out == blocks[0]
    assert (tmp_path / "terms.tsv").read_text(encoding="utf-8") == lines_of(mine.terms_)
    assert run(*given[1:], "--explain", "变压器", stdin=DOMAIN).out == blocks[0]


def test_explain_as_json(run: Run, given: list[Any], domain: Path, background: Path) -> None:
    mine = mined(domain, background)
    result = run(*given, "--explain", "变压器", "--explain", "光伏", "--json", "--quiet")
    assert result.err == ""
    summary = json.loads(result.out)
    first, second = summary["explanations"]
    found = mine.explain("变压器")
    assert found.entry is not None
    assert first == {
        "term": "变压器",
        "rank": found.rank,
        "reason": found.reason,
        "entry": found.entry._asdict(),
        "parts": dict(found.parts),
        "contexts": [context._asdict() for context in found.contexts],
    }
    assert second == {
        "term": "光伏",
        "rank": None,
        "reason": "no term: it does not stand in the text",
        "entry": None,
        "parts": {},
        "contexts": [],
    }


def test_summary_as_json(run: Run, given: list[Any], domain: Path, background: Path, tmp_path: Path) -> None:
    mine = mined(domain, background)
    beside = run(*given, "--json", "--quiet")
    assert beside.out == lines_of(mine.terms_)
    written_ = run(*given, "--json", "--quiet", "-o", tmp_path / "terms.tsv")
    for text, output in ((beside.err, None), (written_.out, str(tmp_path / "terms.tsv"))):
        summary = json.loads(text)
        assert summary.pop("seconds") >= 0
        assert summary == {
            "terms": len(mine.terms_),
            "words": mine.counts_.domain_total,
            "documents": DOMAIN.count("\n"),
            "background_words": mine.counts_.background_total,
            "output": output,
        }
    assert written_.err == ""


# ------------------------------------------------------------------------------------- --save-counts, --load-counts


def test_counts_are_kept(run: Run, given: list[Any], domain: Path, background: Path, tmp_path: Path) -> None:
    counts = tmp_path / "counts"
    first = run(*given, "--save-counts", counts)
    assert first.status == 0
    assert repr(TermCounts.load(counts)) == repr(mined(domain, background).counts_)
    again = run(domain, "--load-counts", counts, "--quiet")
    assert again == SimpleNamespace(status=0, out=first.out, err="")
    seeds = written(tmp_path / "seeds.txt", "母线\n")
    stopwords = written(tmp_path / "stop.txt", "油温\n")
    for options in (["--seeds", seeds], ["--stopwords", stopwords], ["--known", stopwords]):
        assert run(domain, "--load-counts", counts, *options).out == run(*given, *options).out != first.out
    for options in (["--explain", "变压器"], ["--explain", "压器", "--seeds", seeds]):
        assert run(domain, "--load-counts", counts, *options).out == run(*given, *options).out
    fewer = run(domain, "--load-counts", counts, "--min-count", "9").out
    rows = [line.split("\t") for line in fewer.splitlines()[1:]]
    assert rows and min(int(row[2]) for row in rows) >= 9


def test_counts_bound_what_can_be_asked_for(run: Run, given: list[Any], domain: Path, tmp_path: Path) -> None:
    counts = tmp_path / "counts"
    run(*given, "--save-counts", counts, "--min-count", "3")
    result = run(domain, "--load-counts", counts, "--min-count", "2")
    assert error(result, 1, "min_count: the counts are of what occurs 3 times; count anew for less")


def test_fewer_words_can_be_asked_of_counts(run: Run, given: list[Any], domain: Path, tmp_path: Path) -> None:
    counts = tmp_path / "counts"
    run(*given, "--save-counts", counts)
    found = run(domain, "--load-counts", counts, "--max-words", "1").out
    assert {line.split("\t")[0] for line in found.splitlines()[1:]} <= set(WORDS)


def test_what_is_no_file_of_counts_is_refused(run: Run, domain: Path, lexicon: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    NgramCounts.from_corpus([DOMAIN]).save(other)
    for path in (lexicon, other):
        result = run(domain, "--load-counts", path)
        assert (result.status, result.out) == (1, "")
        assert result.err.startswith(f"nlp-zero: error: {path}: ")
        assert result.err.endswith("; make it anew with save() or --save-counts\n") and result.err.count("\n") == 1


# ----------------------------------------------------------------------------------------------------- --report


def test_report(run: Run, given: list[Any], tmp_path: Path) -> None:
    for library in ("jinja2", "itables", "plotly"):
        pytest.importorskip(library)
    page = tmp_path / "page.html"
    plain = run(*given)
    result = run(*given, "--report", page)
    assert (result.status, result.out) == (0, plain.out)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>") and "domain.txt" in text
    for line in plain.out.splitlines()[1:]:
        assert f'"{line.split(chr(9))[0]}"' in text
    assert str(tmp_path) not in text
    again = tmp_path / "again.html"
    assert run(*given, "--report", again, "-o", tmp_path / "terms.tsv").status == 0
    assert again.read_bytes() == page.read_bytes()


def test_report_of_standard_input_and_of_counts(run: Run, given: list[Any], domain: Path, tmp_path: Path) -> None:
    for library in ("jinja2", "itables", "plotly"):
        pytest.importorskip(library)
    counts, page = tmp_path / "counts", tmp_path / "page.html"
    assert run(*given[1:], "--report", page, "--save-counts", counts, stdin=DOMAIN).status == 0
    assert "变压器" in page.read_text(encoding="utf-8")
    assert run(domain, "--load-counts", counts, "--report", tmp_path / "again.html").status == 0
    assert "变压器" in (tmp_path / "again.html").read_text(encoding="utf-8")


def test_without_the_libraries_nothing_is_read(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def check() -> None:
        raise ImportError("jinja2 is not installed; pip install it")

    monkeypatch.setattr(commands_module, "check_report_libraries", check)
    missing = tmp_path / "none.txt"
    result = run(missing, "--background", missing, "--report", tmp_path / "page.html", "-o", tmp_path / "terms.tsv")
    assert error(result, 1, "jinja2 is not installed; pip install it")
    assert not list(tmp_path.iterdir())


# ----------------------------------------------------------------------------------------------------- refused

IN_WORDS = "-l, -m: what was counted before is in words already; leave them out, or --load-counts"
COUNTED = "--background: is among what was counted before; leave it out, or --load-counts"
NOTHING = "--explain: expected a word or a sequence of words, found nothing"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-b", "-l", "x", "-m", "x"], "-l and -m: expected one of them"),
        (["-b", "--save-counts", "x", "--load-counts", "y"], "--save-counts and --load-counts: expected one of them"),
        (["-l", "x", "--load-counts", "y"], IN_WORDS),
        (["-m", "x", "--load-counts", "y"], IN_WORDS),
        ([], "--background: expected text that is not of the domain, or --load-counts"),
        (["-l", "x", "-o", "y"], "--background: expected text that is not of the domain, or --load-counts"),
        (["-b", "--load-counts", "y"], COUNTED),
        (["--background", "-"], "--background: expected files, found -"),
        (["--background", "x", "-"], "--background: expected files, found -"),
        (["-b", "--save-counts", "-"], "--save-counts: expected a file, found -"),
        (["--load-counts", "-"], "--load-counts: expected a file, found -"),
        (["-b", "--report", "-"], "--report: expected a file, found -"),
        (["-b", "--explain", ""], NOTHING),
        (["-b", "--explain", "变压器", "--explain", " \t"], NOTHING),
        (["-b", "-o", "same", "--save-counts", "same"], "--save-counts and -o: expected different files"),
        (["-b", "-o", "same", "--save-counts", "./same"], "--save-counts and -o: expected different files"),
        (["-b", "-o", "same", "--report", "same"], "--report and -o: expected different files"),
        (["-b", "--save-counts", "same", "--report", "same"], "--report and --save-counts: expected different files"),
        (["-b", "-o", "terms.tsv.gz"], "terms.tsv.gz: output is not compressed; expected a name without .gz"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    options = [part for word in arguments for part in (["--background", "none.txt"] if word == "-b" else [word])]
    assert error(run("none.txt", *options, stdin=b""), 2, message)  # before anything is looked for
    assert not list(tmp_path.iterdir())


def test_files_and_stdin_do_not_go_together(run: Run, given: list[Any]) -> None:
    assert error(run("-", *given, stdin=b""), 2, "INPUT: expected files or - (stdin), found both")


@pytest.mark.parametrize(
    "arguments",
    [
        *[("--min-count", value) for value in ("0", "-1", "2.5", "many", "３")],
        *[("--max-words", value) for value in ("0", "-1", "many")],
        ("--jobs", "0"),
        ("--memory", "1MB"),
        ("--core", "rust"),
    ],
)
def test_wrong_values_of_options(run: Run, given: list[Any], arguments: tuple[str, str]) -> None:
    result = run(*given, f"{arguments[0]}={arguments[1]}")
    assert (result.status, result.out) == (2, "")
    assert f"error: argument {arguments[0]}: " in result.err
    assert f"'{arguments[1]}'" in result.err


def test_too_many_words(run: Run, given: list[Any]) -> None:
    result = run(*given, "--max-words", "17", "--quiet")
    assert (result.status, result.out) == (2, "")
    assert "max" in result.err and "words" in result.err and "from 1 to 16" in result.err


READ = ["domain.txt", "background.txt", "lexicon.tsv", "seeds.txt", "known.txt", "stop.txt"]


@pytest.mark.parametrize("target", ["-o", "--save-counts", "--report"])
@pytest.mark.parametrize("name", READ)
def test_nothing_that_is_read_is_overwritten(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: list[Any], tmp_path: Path, target: str, name: str
) -> None:
    monkeypatch.setattr(commands_module, "check_report_libraries", lambda: None)
    lists = {"--seeds": "seeds.txt", "--known": "known.txt", "--stopwords": "stop.txt"}
    options = [
        part for option, file in lists.items() for part in (option, written(tmp_path / file, "变压器\n"))
    ]  # fmt: skip
    (tmp_path / "link.tsv").hardlink_to(tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path in (tmp_path / name, tmp_path / "link.tsv"):
        result = run(*given, *options, target, path)
        assert error(result, 2, f"{path}: is read as well; expected another file to write to")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("option", ["-m", "--load-counts"])
def test_neither_are_models_nor_counts(run: Run, domain: Path, background: Path, tmp_path: Path, option: str) -> None:
    path = tmp_path / "kept"
    if option == "-m":
        learn(TextFiles(domain)).save(path)
    else:
        mined(domain, background).counts_.save(path)
    before = path.read_bytes()
    more = ["--background", background] if option == "-m" else []
    result = run(domain, *more, option, path, "-o", path)
    assert error(result, 2, f"{path}: is read as well; expected another file to write to")
    assert path.read_bytes() == before


@pytest.mark.parametrize("target", ["-o", "--save-counts", "--report"])
def test_there_must_be_a_place_to_write_to(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: list[Any], tmp_path: Path, target: str
) -> None:
    monkeypatch.setattr(commands_module, "check_report_libraries", lambda: None)
    missing = tmp_path / "none" / "out"
    assert error(run(*given, target, missing), 1, f"{missing}: there is no such folder to write to")
    assert error(run(*given, target, tmp_path), 1, f"{tmp_path}: is a directory, expected a file to write")


@pytest.mark.parametrize(
    "option", ["input", "--background", "-l", "-m", "--seeds", "--known", "--stopwords", "--load-counts"]
)
def test_missing_files_are_named(run: Run, given: list[Any], tmp_path: Path, option: str) -> None:
    missing = tmp_path / "none.txt"
    arguments = {
        "input": [missing, *given[1:]],
        "--background": [given[0], "--background", missing],
        "-m": [*given[:3], "-m", missing],
        "--load-counts": [given[0], "--load-counts", missing],
    }.get(option, [*given[: 3 if option == "-l" else None], option, missing])
    result = run(*arguments, "-o", tmp_path / "out.tsv")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith(f"nlp-zero: error: {missing}: ") and result.err.count("\n") == 1
    assert not (tmp_path / "out.tsv").exists()


def test_wrong_bytes_are_named(run: Run, given: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "wrong.txt"
    path.write_bytes(DOMAIN.encode() + b"\xff\n" + DOMAIN.encode())
    result = run(path, *given[1:], "--encoding", "utf-8", "-o", tmp_path / "out.tsv")
    assert (result.status, result.out) == (1, "")
    assert f"{path}, byte {len(DOMAIN.encode())} (line 121)" in result.err
    assert not (tmp_path / "out.tsv").exists()


def test_a_failed_run_leaves_what_was_there(run: Run, given: list[Any], tmp_path: Path) -> None:
    out = written(tmp_path / "terms.tsv", "before")
    assert run(tmp_path / "none.txt", *given[1:], "-o", out).status == 1
    assert out.read_text(encoding="utf-8") == "before"


def test_help_names_all_options(run_command: Run) -> None:
    result = run_command("mine", "--help")
    assert result.status == 0
    for option in (
        *("--background", "--output", "--seeds", "--known", "--stopwords", "--lexicon", "--model", "--min-count"),
        *("--max-words", "--explain", "--report", "--save-counts", "--load-counts", "--json", "--jobs", "--memory"),
    ):
        assert option in result.out
    assert "mine" in run_command("--help").out


# ------------------------------------------------------------------------------------------------- the same bytes


def test_same_bytes_for_any_jobs_core_and_hash_seed(
    domain: Path, background: Path, lexicon: Path, tmp_path: Path
) -> None:
    seeds = written(tmp_path / "seeds.txt", "母线\n油温\n套管\n没有\n")
    outputs = []
    for core, jobs, seed in (("auto", "1", "1"), ("auto", "2", "2"), ("python", "1", "3"), ("python", "2", "4")):
        out = tmp_path / f"{core}{jobs}.tsv"
        options = ["-o", out, "--seeds", seeds, "--core", core, "--jobs", jobs, "--quiet", "--explain", "变压器"]
        if jobs == "1":
            options += ["--save-counts", tmp_path / f"{core}.counts"]
        result = subprocess.run(
            [sys.executable, "-m", "nlp_zero", "mine", domain, "--background", background, *options],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(__file__).parent.parent),
                "PYTHONIOENCODING": "utf-8",
            },
            check=True,
            capture_output=True,
        )
        outputs.append((out.read_bytes(), result.stdout))
    assert len(set(outputs)) == 1
    assert "变压器\t".encode() in outputs[0][0] and "【变压器】".encode() in outputs[0][1]
    assert (tmp_path / "auto.counts").read_bytes() == (tmp_path / "python.counts").read_bytes()
