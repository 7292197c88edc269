"""The commands, from outside: what comes out where, with which exit status, and what is left on disk."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import nlp_zero
from nlp_zero import Lexicon, LexiconSegmenter, NgramCounts, TextFiles, WordFinder


def sentences(number: int) -> list[str]:
    """Lines of made-up words, and here and there a real one."""
    random_ = random.Random(4)
    words = ["".join(chr(0x4E00 + random_.randrange(300)) for _ in range(2)) for _ in range(400)]
    return [
        "".join(
            (
                *random_.choices(words, k=3),
                random_.choice(["变压器", "油温", "值班员", "检查", "天气", "郊游"]),
                *random_.choices(words, k=6),
            )
        )
        + random_.choice("。，！")
        for _ in range(number)
    ]


FIRST = "变压器的油温，检查变压器。"
TEXT = "\n".join([FIRST, *sentences(800)]) + "\n"


@pytest.fixture
def run(run_command: Callable[..., SimpleNamespace]) -> Callable[..., SimpleNamespace]:
    """Run a command in this process."""
    return run_command


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode("utf-8"))
    return path


@pytest.fixture
def lexicon(tmp_path: Path) -> Path:
    path = tmp_path / "lexicon.tsv"
    Lexicon.from_counts({"变压器": 9, "油温": 7, "值班员": 5, "检查": 4, "的": 20, "<LAT>线图": 2}).save(path)
    return path


def process(*arguments: object, stdin: bytes | None = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "nlp_zero", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, env={**os.environ, **env}, timeout=120)


def one_line(result: SimpleNamespace, *parts: str) -> bool:
    """Whether one line on stderr holds all parts, after the name of the program."""
    lines = result.err.splitlines()
    return len(lines) == 1 and lines[0].startswith("nlp-zero: error: ") and all(part in lines[0] for part in parts)


def only_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# -------------------------------------------------------------------------------------------------- discover


def test_discover_to_stdout(run: Callable[..., SimpleNamespace], text: Path) -> None:
    result = run("discover", text)
    expected = WordFinder().fit(TextFiles(text)).lexicon_
    assert result.status == 0
    assert result.out == "".join(expected.lines())
    assert {"变压器", "油温", "值班员"} <= set(expected)
    assert re.search(r"^nlp-zero: \d+ words from \d+ symbols in \d+\.\d s; ", result.err, re.MULTILINE)
    cost = re.search(r"([\d.]+) bits a character \(([\d.]+) by characters alone\)$", result.err, re.MULTILINE)
    assert cost is not None
    assert 0 < float(cost[1]) < float(cost[2]) < 10
    assert "method entropy" in result.err  # what was chosen


def test_discover_to_a_file(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.tsv"
    result = run("discover", text, "-o", target)
    assert (result.status, result.out) == (0, "")
    assert target.read_bytes().decode("utf-8") == "".join(WordFinder().fit(TextFiles(text)).lexicon_.lines())
    assert Lexicon.load(target) == WordFinder().fit(TextFiles(text)).lexicon_


def test_discover_from_stdin(run: Callable[..., SimpleNamespace], text: Path) -> None:
    expected = run("discover", text).out
    assert run("discover", "-", stdin=TEXT.encode("gbk")).out == expected
    assert run("discover", stdin=TEXT.encode("utf-8")).out == expected


def test_discover_reads_directories_patterns_and_archives(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "more").mkdir(parents=True)
    (folder / "a.txt").write_bytes(TEXT.encode("utf-8"))
    (folder / "more" / "b.txt.gz").write_bytes(gzip.compress(TEXT.encode("gbk")))
    expected = run("discover", folder / "a.txt", folder / "more" / "b.txt.gz").out
    assert run("discover", folder).out == run("discover", folder / "**" / "*.t*").out == expected


def test_discover_parameters(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    known, stopwords = tmp_path / "known.txt", tmp_path / "stopwords.txt"
    known.write_text("变压器\n", encoding="utf-8")
    stopwords.write_text("\ufeff油温\r\n的\r\n", encoding="utf-8")
    result = run("discover", text, "--max-length", 3, "--min-count", 2, "--known", known, "--stopwords", stopwords)
    finder = WordFinder(max_length=3, min_count=2, known=["变压器"], stopwords=["油温", "的"])
    assert result.out == "".join(finder.fit(TextFiles(text)).lexicon_.lines())
    words = [line.split("\t")[0] for line in result.out.splitlines()]
    assert not {"变压器", "油温", "的"} & set(words)


@pytest.mark.parametrize("order", ["gain", "count", "word"])
def test_discover_sort(run: Callable[..., SimpleNamespace], text: Path, order: str) -> None:
    result = run("discover", text, "--sort", order, "--method", "pmi")
    rows = [line.split("\t") for line in result.out.splitlines()[1:]]
    key = {
        "gain": lambda row: (-float(row[2]), row[0]),
        "count": lambda row: (-int(row[1]), row[0]),
        "word": lambda row: row[0],
    }[order]
    assert rows == sorted(rows, key=key)
    assert sorted(rows) == sorted(line.split("\t") for line in run("discover", text).out.splitlines()[1:])


def test_discover_json(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    target = tmp_path / "词.tsv"
    result = run("discover", text, "--json", "-o", target)
    summary = json.loads(result.out)
    lexicon = Lexicon.load(target)
    bits = {"bits_per_character", "character_bits"}
    assert set(summary) == {"words", "symbols", "method", "seconds", "output", *bits}
    assert (summary["words"], summary["method"], summary["output"]) == (len(lexicon), "entropy", str(target))
    assert summary["symbols"] == WordFinder().fit(TextFiles(text)).counts_.total
    both = run("discover", text, "--json")
    assert both.out.startswith("word\tcount")
    assert json.loads(both.err.splitlines()[-1])["words"] == len(lexicon)


def test_nothing_found_is_a_warning(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    result = run("discover", tmp_path / "empty.txt")
    assert result.status == 0
    assert result.out == "word\tcount\tgain\tpmi\tleft_entropy\tright_entropy\n"
    assert "nlp-zero: warning: no word of two or more characters was found: " in result.err
    assert run("discover", tmp_path / "empty.txt", "--quiet").err == ""


# --------------------------------------------------------------------------------------------------- segment


def test_segment_with_a_lexicon(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes("变压器的油温 3.5℃\r\n\r\n  K线图，好！！\r检查".encode())
    expected = "变压器 的 油温 3.5 ℃\r\n\r\nK线图 ， 好 ！！\r检查"
    result = run("segment", "-l", lexicon, tmp_path / "in.txt")
    assert (result.status, result.out, result.err) == (0, expected, "")
    assert run("segment", "-l", lexicon, tmp_path / "in.txt", "-o", tmp_path / "out.txt").out == ""
    assert (tmp_path / "out.txt").read_bytes() == expected.encode("utf-8")


@pytest.mark.parametrize("arguments", [[], ["-"], ["-o", "-"]])
def test_segment_from_stdin(run: Callable[..., SimpleNamespace], lexicon: Path, arguments: list[str]) -> None:
    result = run("segment", "-l", lexicon, *arguments, stdin="变压器的油温\r检查".encode())
    assert (result.status, result.out) == (0, "变压器 的 油温\r检查")


def test_segment_learns_from_its_input(run: Callable[..., SimpleNamespace], text: Path) -> None:
    segmenter = LexiconSegmenter(WordFinder().fit(TextFiles(text)).lexicon_)
    expected = "".join(" ".join(segmenter.words(line)) + "\n" for line in TEXT.splitlines())
    assert expected.startswith("变压器 的 油温 ， 检查 变压器 。\n")
    assert run("segment", text).out == expected
    assert run("segment", stdin=TEXT.encode("utf-8")).out == expected
    assert run("segment", "-", stdin=TEXT.encode("big5hkscs", "ignore")).status == 0


def test_segment_separator_and_user_words(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    (tmp_path / "user.txt").write_text("Louis Vuitton\n*ST舜船\n油温的\n", encoding="utf-8")
    data = "买Louis Vuitton和*ST舜船，油温的".encode()
    arguments = ["segment", "-l", lexicon, "--user-words", tmp_path / "user.txt", "--separator", "/"]
    assert run(*arguments, stdin=data).out == "买/Louis Vuitton/和/*ST舜船/，/油温的"
    assert run("segment", "-l", lexicon, "--separator", "", stdin=b"a b\n c").out == "ab\nc"


def test_segment_jsonl(run: Callable[..., SimpleNamespace], lexicon: Path) -> None:
    text = " 变压器的\t油温\r\n\n𠮷，a"
    result = run("segment", "-l", lexicon, "--format", "jsonl", stdin=text.encode())
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row["text"] for row in rows] == [" 变压器的\t油温", "", "𠮷，a"]
    assert rows[0]["tokens"][:3] == [[" ", 0, 1], ["变压器", 1, 4], ["的", 4, 5]]
    for row in rows:
        assert "".join(token[0] for token in row["tokens"]) == row["text"]
        assert all(row["text"][start:end] == token for token, start, end in row["tokens"])
    assert "变压器" in result.out  # readable, not escaped


def test_segment_tags(run: Callable[..., SimpleNamespace], lexicon: Path) -> None:
    result = run("segment", "-l", lexicon, "--format", "tags", stdin="变压器的 油温\n\n检查\n".encode())
    expected = "变\tB\n压\tM\n器\tE\n的\tS\n油\tB\n温\tE\n\n\n检\tB\n查\tE\n"
    assert result.out == expected


def test_segment_several_files(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    for name, content in (("1.txt", "变压"), ("2.txt", ""), ("3.txt", "器的\n"), ("4.txt", "油温")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    paths = [tmp_path / f"{i}.txt" for i in (1, 2, 3, 4)]
    # a line never goes on in the next file
    assert run("segment", "-l", lexicon, *paths).out == "变 压\n器 的\n油温"
    rows = [json.loads(line) for line in run("segment", "-l", lexicon, *paths, "--format", "jsonl").out.splitlines()]
    assert [row["text"] for row in rows] == ["变压", "器的", "油温"]
    expected = "变\tS\n压\tS\n\n器\tS\n的\tS\n\n油\tB\n温\tE\n"
    assert run("segment", "-l", lexicon, *paths, "--format", "tags").out == expected


def test_segment_empty_input(run: Callable[..., SimpleNamespace], lexicon: Path) -> None:
    for kind in ("text", "jsonl", "tags"):
        result = run("segment", "-l", lexicon, "--format", kind, stdin=b"")
        assert (result.status, result.out, result.err) == (0, "", "")


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_segment_other_encodings(
    run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "in.txt").write_bytes(TEXT.encode(encoding))
    expected = run("segment", "-l", lexicon, stdin=TEXT.encode("utf-8")).out
    assert run("segment", "-l", lexicon, tmp_path / "in.txt").out == expected
    assert run("segment", "-l", lexicon, "--encoding", encoding, stdin=TEXT.encode(encoding)).out == expected


def test_segment_a_line_of_10_megabytes(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    line = ("变压器的油温，" * (10_000_000 // 21 + 1))[: 10_000_000 // 3]
    (tmp_path / "in.txt").write_bytes(line.encode("utf-8"))
    begun = time.process_time()
    result = run("segment", "-l", lexicon, tmp_path / "in.txt")
    assert time.process_time() - begun < 30
    segmenter = LexiconSegmenter(Lexicon.load(lexicon))
    assert result.out == " ".join(segmenter.words(line))


def test_segment_a_line_that_is_read_in_pieces(
    run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path
) -> None:
    line = "变压器的油温，检查。" * 600_000
    (tmp_path / "in.txt").write_bytes(line.encode("utf-8"))
    assert len(list(TextFiles(tmp_path / "in.txt").blocks())) > 1
    expected = "变压器 的 油温 ， 检查 。 " * 600_000
    assert run("segment", "-l", lexicon, tmp_path / "in.txt").out == expected[:-1]


# ------------------------------------------------------------------------------------------------ output files


def test_output_dir_mirrors_directories(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    folder, target = tmp_path / "in", tmp_path / "out"
    (folder / "more").mkdir(parents=True)
    (folder / "a.txt").write_bytes("油温的".encode())
    (folder / "more" / "a.txt").write_bytes("的油温\r\n".encode("gbk") * 20)
    (folder / "more" / "b.txt.gz").write_bytes(gzip.compress("检查\n".encode()))
    (tmp_path / "single.txt").write_bytes("的的".encode())
    result = run("segment", "-l", lexicon, folder, tmp_path / "single.txt", "--output-dir", target)
    assert (result.status, result.out) == (0, "")
    assert only_files(target) == ["a.txt", "more/a.txt", "more/b.txt", "single.txt"]
    assert (target / "a.txt").read_bytes() == "油温 的".encode()
    assert (target / "more" / "a.txt").read_bytes() == "的 油温\r\n".encode() * 20
    assert (target / "more" / "b.txt").read_bytes() == "检查\n".encode()
    assert only_files(folder) == ["a.txt", "more/a.txt", "more/b.txt.gz"]


def test_output_dir_learns_from_all_files(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("变压器的油温", encoding="utf-8")
    assert run("segment", text, tmp_path / "short.txt", "--output-dir", tmp_path / "out").status == 0
    assert (tmp_path / "out" / "short.txt").read_text(encoding="utf-8") == "变压器 的 油温"


def test_output_dir_refuses_two_files_of_one_name(
    run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("油温", encoding="utf-8")
    paths = [tmp_path / "one" / "a.txt", tmp_path / "two" / "a.txt"]
    result = run("segment", "-l", lexicon, *paths, "--output-dir", tmp_path / "out")
    assert result.status == 2
    assert one_line(result, *map(str, paths), "would both become")
    assert not (tmp_path / "out").exists()
    (tmp_path / "one" / "a.txt.gz").write_bytes(gzip.compress(b"x"))
    assert run("segment", "-l", lexicon, tmp_path / "one", "--output-dir", tmp_path / "out").status == 2


def test_output_dir_onto_the_input_is_refused(
    run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("油温", encoding="utf-8")
    for given in (tmp_path / "in", tmp_path / "in" / "a.txt"):
        result = run("segment", "-l", lexicon, given, "--output-dir", tmp_path / "in")
        assert result.status == 2
        assert one_line(result, "a.txt: is read as well; expected another file to write to")
    assert (tmp_path / "in" / "a.txt").read_text(encoding="utf-8") == "油温"


def test_what_is_read_is_never_overwritten(run: Callable[..., SimpleNamespace], lexicon: Path, text: Path) -> None:
    words = text.with_name("words.txt")
    words.write_text("油温\n", encoding="utf-8")
    folder = text.parent
    link = folder / "link.txt"
    link.symlink_to(text)
    for arguments in (
        ["discover", text, "-o", text],
        ["discover", text, "-o", link],
        ["discover", folder, "-o", text],  # it is among the files below the directory
        ["discover", folder / "te*.txt", "-o", text],
        ["discover", text, "--known", words, "-o", words],
        ["discover", text, "--stopwords", words, "-o", words],
        ["segment", text, "-o", text],
        ["segment", folder, "-l", lexicon, "-o", text],
        ["segment", text, "-l", lexicon, "-o", lexicon],
        ["segment", text, "--user-words", words, "-o", words],
    ):
        before = {path: path.read_bytes() for path in (text, words, lexicon)}
        result = run(*arguments)
        assert result.status == 2, arguments
        assert one_line(result, "is read as well; expected another file to write to")
        assert {path: path.read_bytes() for path in before} == before


def test_a_failed_run_leaves_the_old_file(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes("变压器的油温\n".encode() * 100_000 + b"\xff\n")
    target = tmp_path / "out.txt"
    target.write_text("old", encoding="utf-8")
    before = only_files(tmp_path)
    for command in (["segment", "-l", lexicon], ["segment"], ["discover"]):
        result = run(*command, tmp_path / "bad.txt", "-o", target, "--quiet")
        assert result.status == 1
        assert one_line(result, "bad.txt, byte 1900000 (line 100001)", "--encoding")
        assert target.read_text(encoding="utf-8") == "old"
        assert only_files(tmp_path) == before


def test_an_old_file_is_replaced(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    assert run("segment", "-l", lexicon, "-o", target, stdin="油温的".encode()).status == 0
    assert target.read_text(encoding="utf-8") == "油温 的"
    assert target.stat().st_mode & 0o777 == 0o640


# -------------------------------------------------------------------------------------------------- evaluate


def test_evaluate(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    gold, predicted, training = (tmp_path / f"{name}.txt" for name in ("gold", "predicted", "training"))
    gold.write_text("变压器 的 油温\n", encoding="utf-8")
    predicted.write_bytes("变压器 的 油 温\r\n".encode())
    training.write_text("的\n", encoding="utf-8")
    result = run("evaluate", gold, predicted)
    assert (result.status, result.out, result.err) == (0, "P 0.5000 R 0.6667 F 0.5714\n", "")
    assert run("evaluate", gold, "-", stdin=predicted.read_bytes()).out == result.out
    assert run("evaluate", "-", predicted, stdin=gold.read_bytes()).out == result.out
    scored = run("evaluate", gold, predicted, "--training-words", training)
    assert scored.out == "P 0.5000 R 0.6667 F 0.5714 OOV 0.6667 R(OOV) 0.5000 R(IV) 1.0000\n"
    figures = json.loads(run("evaluate", gold, predicted, "--training-words", training, "--json").out)
    assert (figures["oov_recall"], figures["iv_recall"]) == (1 / 2, 1)
    figures = json.loads(run("evaluate", gold, predicted, "--json").out)
    assert "iv_recall" not in figures
    assert (figures["gold"], figures["predicted"], figures["correct"], figures["recall"]) == (3, 4, 2, 2 / 3)


def test_evaluate_refuses_other_text(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    for name, content in (("gold", "变压器 的"), ("predicted", "变压 的")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    result = run("evaluate", tmp_path / "gold", tmp_path / "predicted")
    assert result.status == 1
    assert one_line(result, "texts differ at gold line 1, predicted line 1, character 3")
    result = run("evaluate", "-", "-", stdin=b"")
    assert result.status == 2
    assert one_line(result, "GOLD and PREDICTED: expected at most one of them to be stdin")


def test_what_was_segmented_can_be_evaluated(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    run("segment", text, "-o", tmp_path / "out.txt")
    assert run("evaluate", tmp_path / "out.txt", tmp_path / "out.txt").out == "P 1.0000 R 1.0000 F 1.0000\n"


# --------------------------------------------------------------------------------------------- common options


def test_both_cores_give_the_same_bytes(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    outputs = []
    for core in ("auto", "python"):
        found = run("discover", text, "--core", core).out
        cut = run("segment", text, "--core", core).out
        assert run("--version", "--core", core).out.startswith(f"nlp-zero {nlp_zero.__version__}, core: ")
        outputs.append((found, cut))
    assert outputs[0] == outputs[1]
    assert "core: python (no C core: NLP_ZERO_CORE is 'python')\n" in run("--version", "--core", "python").out


def test_the_core_option_does_not_outlive_the_command(run: Callable[..., SimpleNamespace], text: Path) -> None:
    before = os.environ.get("NLP_ZERO_CORE")
    run("discover", text, "--core", "python")
    assert os.environ.get("NLP_ZERO_CORE") == before


def test_version(run: Callable[..., SimpleNamespace]) -> None:
    result = run("--version")
    assert result.status == 0
    assert result.out.startswith(f"nlp-zero {nlp_zero.__version__}, core: {nlp_zero.core_name}")


def test_quiet_says_nothing(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    (tmp_path / "twice.tsv").write_bytes("油温\t3\n油温\t4\n".encode())
    assert run("discover", text, "--quiet").err == ""
    assert run("segment", text, "--quiet").err == ""
    assert run("segment", "-l", tmp_path / "twice.tsv", "--quiet", text).err == ""
    loud = run("segment", "-l", tmp_path / "twice.tsv", text)
    assert loud.err.endswith("1 words stand there more than once; their counts were added up\n")


def test_no_command_prints_the_help(run: Callable[..., SimpleNamespace]) -> None:
    result = run()
    assert result.status == 2
    assert "usage: nlp-zero" in result.out + result.err
    for command in ("discover", "segment", "evaluate"):
        assert command in result.out + result.err
        shown = run(command, "--help")
        assert shown.status == 0
        assert shown.out.startswith(f"usage: nlp-zero {command}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "gold.txt"],
        ["discover", "x", "--sort", "length"],
        ["discover", "x", "--method", "magic"],
        ["discover", "x", "--min-count", "many"],
        ["segment", "--format", "xml"],
        ["segment", "--core", "rust"],
        ["segment", "--no-such-option"],
        ["learn", "x"],
        ["segment", "x", "-o", "a", "--output-dir", "b"],
        ["segment", "--output-dir", "b"],
        ["segment", "-", "x", "-l", "lexicon.tsv"],
        ["discover", "-", "x"],
    ],
)
def test_wrong_usage(run: Callable[..., SimpleNamespace], arguments: list[str], tmp_path: Path) -> None:
    result = run(*arguments, stdin=b"")
    assert result.status == 2
    assert result.out == ""
    assert "error: " in result.err


# ----------------------------------------------------------------------------------------------------- errors


def test_errors_are_one_line_with_place_and_remedy(
    run: Callable[..., SimpleNamespace], tmp_path: Path, text: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.tsv").write_bytes("变压器\t3\n油温\tmany\n".encode())
    (tmp_path / "jieba.txt").write_bytes("云计算 5\n李小福 2 nr\n".encode())
    (tmp_path / "not.gz").write_bytes(b"plain text")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(TEXT.encode() * 50)[:100])
    missing = tmp_path / "missing.txt"
    cases: list[tuple[list[object], list[str]]] = [
        (["discover", missing], [str(missing), "no such file", "check the path"]),
        (["segment", missing], [str(missing), "no such file"]),
        (["segment", text, "-l", missing], [str(missing), "no such file"]),
        (["discover", text, "--known", missing], [str(missing), "no such file"]),
        (["evaluate", text, missing], [str(missing), "no such file"]),
        (["discover", tmp_path / "empty"], ["empty: the directory holds no files; check the path"]),
        (["discover", tmp_path / "*.pdf"], ["no file matches this pattern"]),
        (["segment", text, "-l", tmp_path / "bad.tsv"], ["bad.tsv, line 2: expected a whole number", "many"]),
        (["segment", text, "-l", tmp_path / "jieba.txt"], ["jieba.txt, line 1", "turn its spaces into TABs"]),
        (["discover", tmp_path / "not.gz"], ["not.gz", "holds no gzip data", "rename it"]),
        (["discover", tmp_path / "cut.gz"], ["cut.gz", "damaged or incomplete gzip data", "fetch the file again"]),
        (["discover", text, "--encoding", "klingon"], ["klingon", "examples: 'auto', 'utf-8', 'gb18030'"]),
        (["discover", text, "--encoding", "ascii"], [f"{text}, byte 0 (line 1)", "not valid ascii", "--encoding"]),
        (["discover", text, "--max-length", "0"], ["max_length: expected a whole number from 1 on"]),
        (["discover", text, "-o", tmp_path / "no" / "dir.tsv"], ["dir.tsv: there is no such folder to write to"]),
        (["discover", text, "-o", tmp_path / "empty"], ["empty: is a directory, expected a file to write"]),
    ]
    for arguments, parts in cases:
        result = run(*arguments, "--quiet")
        assert result.status == 1, arguments
        assert result.out == ""
        assert one_line(result, *parts), result.err


def test_a_wrong_core_variable_is_named(run: Callable[..., SimpleNamespace], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", "rust")
    result = run("--version")
    assert result.status == 1
    assert one_line(result, "NLP_ZERO_CORE: expected 'auto', 'c' or 'python', found 'rust'")


# -------------------------------------------------------------------------------------------------- processes


def test_python_m_nlp_zero(text: Path, lexicon: Path) -> None:
    found = process("discover", text)
    assert found.returncode == 0
    assert found.stdout.decode("utf-8") == "".join(WordFinder().fit(TextFiles(text)).lexicon_.lines())
    cut = process("segment", "-l", lexicon, stdin="变压器的油温\r\n".encode())
    assert (cut.returncode, cut.stdout, cut.stderr) == (0, "变压器 的 油温\r\n".encode(), b"")
    failed = process("segment", "-l", text.with_name("missing"))
    assert (failed.returncode, failed.stdout) == (1, b"")
    assert failed.stderr.startswith(b"nlp-zero: error: ")
    assert b"Traceback" not in failed.stderr


def test_an_ascii_locale_and_warnings_as_errors(tmp_path: Path, lexicon: Path) -> None:
    folder = tmp_path / "输入"
    folder.mkdir()
    (folder / "文.txt").write_bytes(TEXT.encode("gbk"))
    (folder / "用户.txt").write_bytes("油温的\n".encode())
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONWARNDEFAULTENCODING": "1", "PYTHONIOENCODING": ""}
    expected = TEXT.count("变压器")
    for arguments in (
        ["discover", folder / "文.txt"],
        ["segment", folder / "文.txt", "-l", lexicon, "--user-words", folder / "用户.txt"],
        ["segment", folder / "文.txt", "-o", folder / "出.txt"],
        ["segment", folder / "文.txt", "--output-dir", tmp_path / "出"],
        ["evaluate", folder / "文.txt", folder / "文.txt", "--json"],
        ["--version"],
    ):
        command = [sys.executable, "-W", "error", "-m", "nlp_zero", *map(os.fsencode, arguments)]
        done = subprocess.run(command, input=b"", capture_output=True, env=env, timeout=120)
        assert done.returncode == 0, done.stderr
        assert b"Warning" not in done.stderr
    assert (folder / "出.txt").read_text(encoding="utf-8").count("变压器") == expected
    command = [sys.executable, "-W", "error", "-m", "nlp_zero", "discover", os.fsencode(folder / "无.txt")]
    failed = subprocess.run(command, capture_output=True, env=env, timeout=120)
    assert failed.returncode == 1
    assert len(failed.stderr.splitlines()) == 1
    assert b"no such file" in failed.stderr


def test_a_closed_output_pipe_is_no_error(tmp_path: Path, lexicon: Path) -> None:
    (tmp_path / "in.txt").write_bytes(TEXT.encode("utf-8") * 100)
    given = ["segment", tmp_path / "in.txt", "-l", lexicon]
    for arguments, expected in ((given, "变压器 的 油温 "), (given[:2], "变压器")):
        command = [sys.executable, "-m", "nlp_zero", *map(str, arguments), "--quiet"]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().decode("utf-8").startswith(expected)
        running.stdout.close()
        assert running.stderr.read() == b""
        running.stderr.close()
        assert running.wait(60) == 0


def test_lines_are_answered_before_the_input_ends(lexicon: Path) -> None:
    command = [sys.executable, "-m", "nlp_zero", "segment", "-l", str(lexicon)]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdin is not None
    assert running.stdout is not None
    with running:
        for line, expected in (("变压器的油温\n", "变压器 的 油温\n"), ("检查油温\r\n", "检查 油温\r\n")):
            running.stdin.write(line.encode())
            running.stdin.flush()
            assert running.stdout.readline().decode("utf-8") == expected
        running.stdin.close()
        assert running.stdout.read() == b""
    assert running.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("command", ["discover", "segment"])
@pytest.mark.parametrize("wait", [0.0, 0.5, 2.0])  # seconds after its first word: Python itself has started by then
def test_interrupting_leaves_nothing(tmp_path: Path, command: str, wait: float) -> None:
    random_ = random.Random(1)
    line = "".join(chr(0x4E00 + int(random_.paretovariate(0.5)) % 5000) for _ in range(100_000))
    with open(tmp_path / "in.txt", "w", encoding="utf-8") as file:
        for i in range(200):  # 60 MB: many seconds of work
            file.write(line[i:] + "，\n")
    target = tmp_path / "out.txt"
    target.write_text("old", encoding="utf-8")
    arguments = [command, str(tmp_path / "in.txt"), "-o", str(target)]
    running = subprocess.Popen([sys.executable, "-m", "nlp_zero", *arguments], stderr=subprocess.PIPE)
    assert running.stderr
    assert running.stderr.readline().startswith(b"nlp-zero: memory: ")
    time.sleep(wait)
    running.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, err = running.communicate(timeout=60)
    assert time.monotonic() - begun < 2
    assert running.returncode == 130
    assert err.decode("utf-8").splitlines()[-1] == "nlp-zero: error: interrupted; nothing was left half written"
    assert b"Traceback" not in err
    assert only_files(tmp_path) == ["in.txt", "out.txt"]
    assert target.read_text(encoding="utf-8") == "old"


# ------------------------------------------------------------------------------------------- found by review


def test_core_may_stand_before_the_command(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("变压器油温。变压器。油温。\n" * 3, encoding="utf-8")
    for arguments in (["--core", "rust", "segment"], ["segment", "--core", "rust"]):
        assert run(*arguments, tmp_path / "text.txt").status == 2
    seen = run("--core", "python", "--version")
    assert "core: python" in seen.out


def test_a_dash_is_standard_output(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("变压器油温。变压器。油温。\n" * 3, encoding="utf-8")
    result = run("discover", tmp_path / "text.txt", "-o", "-", "--json")
    assert result.status == 0
    assert all(line.count("\t") == 5 for line in result.out.splitlines())
    assert not Path("-").exists()


def test_long_names_can_be_written(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("变压器油温。\n", encoding="utf-8")
    target = tmp_path / ("文" * 80 + ".txt")
    assert run("segment", tmp_path / "text.txt", "-o", target, "--quiet").status == 0
    assert target.read_text(encoding="utf-8").replace(" ", "") == "变压器油温。\n"


def test_compressed_output_is_refused(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("变压器油温。\n", encoding="utf-8")
    result = run("segment", tmp_path / "text.txt", "-o", tmp_path / "out.txt.GZ")
    assert result.status == 2
    assert "output is not compressed" in result.err


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_a_closed_stream_is_said(stream: str, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("变压器油温。\n", encoding="utf-8")
    (tmp_path / "words.tsv").write_text("油温\t3\n", encoding="utf-8")
    close = f"import sys; sys.{stream} = None; from nlp_zero.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["segment", "-l", str(tmp_path / "words.tsv")]
    arguments += [str(tmp_path / "text.txt")] if stream == "stdout" else []
    done = subprocess.run([sys.executable, "-c", close, *arguments], capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert b"is closed; expected" in done.stderr and done.stderr.count(b"\n") == 1


# ----------------------------------------------------------------------------------- memory, workers, counts


@pytest.mark.parametrize("options", [("--jobs", 2), ("--jobs", 3, "--memory", "64MB"), ("--memory", "1.5GiB")])
def test_memory_and_workers_change_no_byte(
    options: tuple[object, ...], run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path
) -> None:
    plain = run("discover", text)
    assert run("discover", text, *options, "--temporary-directory", tmp_path).out == plain.out
    (tmp_path / "words.tsv").write_text(plain.out, encoding="utf-8")
    for more in ((), ("--format", "jsonl"), ("--format", "tags"), ("--separator", "/")):
        command = ("segment", text, "-l", tmp_path / "words.tsv", *more)
        assert run(*command, *options).out == run(*command).out != ""
    assert run("segment", text, *options).out == run("segment", text).out
    assert sorted(os.listdir(tmp_path)) == ["text.txt", "words.tsv"]


def test_segmenting_into_a_folder_with_several_workers(
    run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path
) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(5):
        (texts / f"{number}.txt").write_text("变压器的油温\r\n" * (number + 1), encoding="utf-8", newline="")
    for name, jobs in (("one", 1), ("two", 2)):
        assert run("segment", texts, "-l", lexicon, "--output-dir", tmp_path / name, "--jobs", jobs).status == 0
    for number in range(5):
        expected = (tmp_path / "one" / f"{number}.txt").read_bytes()
        assert expected == "变压器 的 油温\r\n".encode() * (number + 1)
        assert (tmp_path / "two" / f"{number}.txt").read_bytes() == expected


def test_the_default_memory_is_said(run: Callable[..., SimpleNamespace], text: Path) -> None:
    said = r"nlp-zero: memory: up to [\d.]+ [KMGT]B of the [\d.]+ [KMGT]B that are free\n"
    assert re.search(said, run("discover", text).err)
    assert "memory:" not in run("discover", text, "--memory", "100MB").err
    assert run("discover", text, "--quiet").err == ""


def test_counts_are_saved_and_loaded(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    counts, settings = tmp_path / "counts", ("--max-length", 3, "--min-count", 4)
    assert run("discover", text, "--save-counts", counts).out == run("discover", text).out
    assert NgramCounts.load(counts) == NgramCounts.from_corpus(TextFiles(text))
    assert run("discover", text, "--load-counts", counts, *settings).out == run("discover", text, *settings).out


def test_counts_of_shares_are_added(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes(("\n".join(sentences(300)) + "\n").encode("gb18030"))
    for path in (text, other):
        assert run("discover", path, "--save-counts", f"{path}.counts").status == 0
    loads = ("--load-counts", f"{other}.counts", "--load-counts", f"{text}.counts")
    assert run("discover", text, other, *loads).out == run("discover", text, other).out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--memory", "much"), "argument --memory: expected a size such as 256MB or 2GiB, found 'much'"),
        (("--jobs", "0"), "argument --jobs: expected a whole number from 1 on, found '0'"),
        (("--jobs", "-1"), "argument --jobs: expected a whole number from 1 on, found '-1'"),
        (("--memory", "1MB"), "argument --memory: expected at least 64 MB, found '1MB'"),
        (("--temporary-directory", "none/such"), "--temporary-directory: there is no folder none/such"),
        (("--save-counts", "-"), "--save-counts and --load-counts: expected files, found -"),
        (("--save-counts", "c", "--load-counts", "c"), "--save-counts and --load-counts: expected one of them"),
        (("--save-counts", "c", "-o", "./c"), "--save-counts and -o: expected different files"),
    ],
)
def test_wrong_use_of_resources(
    arguments: tuple[str, ...], message: str, run: Callable[..., SimpleNamespace], text: Path
) -> None:
    result = run("discover", text, *arguments)
    assert result.status == 2 and message in result.err


def test_resources_that_are_not_there(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    for arguments, message in (
        (("--load-counts", tmp_path / "none"), "No such file or directory"),
        (("--load-counts", text), "not a counts file: expected it to begin with"),
        (("--save-counts", tmp_path / "none" / "c"), "there is no such folder to write to"),
    ):
        result = run("discover", text, *arguments)
        assert result.status == 1 and message in result.err and result.out == ""


def test_counts_of_another_text(run: Callable[..., SimpleNamespace], text: Path, tmp_path: Path) -> None:
    NgramCounts.from_corpus(["另一个文本"]).save(tmp_path / "counts")
    result = run("discover", text, "--load-counts", tmp_path / "counts")
    assert (
        result.status == 1
        and "the counts (5 symbols) are not of this text; pass the text that was counted" in result.err
    )


def test_counts_never_overwrite_what_was_given(run: Callable[..., SimpleNamespace], text: Path) -> None:
    before = text.read_bytes()
    result = run("discover", text, "--save-counts", text)
    assert result.status == 2 and "is read as well; expected another file to write to" in result.err
    assert text.read_bytes() == before
