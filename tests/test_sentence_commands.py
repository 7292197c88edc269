"""``nlp-zero parse`` from outside: what comes out where, with which exit status, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from nlp_zero import CorpusError, Lexicon, LexiconSegmenter, NgramCounts, TemplateParser, Templates, learn
from nlp_zero.parallel import Workers
from nlp_zero.sentences.formats import FORMATS, parsed

COUNTS = {"[X] 的 颜色 是 什么": 9, "[X] 和 [X]": 7}
WORDS = ["苹果", "雪梨", "的", "颜色", "是", "什么", "和"]
TEXT = "苹果和雪梨的颜色是什么？\n\n  \u3000\n天的颜色是什么\r\n苹果"
TREES = """\
苹果 和 雪梨 的 颜色 是 什么 ？
[----X-----] 的 颜色 是 什么
[X-] 和 [X-]

天 的 颜色 是 什么
[] 的 颜色 是 什么

苹果
[X-]

"""
ROWS = (
    '{"text": "苹果和雪梨的颜色是什么？", "words": ["苹果", "和", "雪梨", "的", "颜色", "是", "什么", "？"], '
    '"template": [null, "的", "颜色", "是", "什么"], "slots": [[0, 5]], '
    '"tree": {"template": [null, "的", "颜色", "是", "什么"], "children": [{"template": [null, "和", null], '
    '"children": [{"template": null, "children": ["苹果"]}, "和", {"template": null, "children": ["雪梨"]}]}, '
    '"的", "颜色", "是", "什么", "？"]}}\n'
    '{"text": "", "words": [], "template": [], "slots": [], "tree": {"template": null, "children": []}}\n'
    '{"text": "  \u3000", "words": [], "template": [], "slots": [], "tree": {"template": null, "children": []}}\n'
    '{"text": "天的颜色是什么", "words": ["天", "的", "颜色", "是", "什么"], '
    '"template": [null, "的", "颜色", "是", "什么"], "slots": [[0, 1]], '
    '"tree": {"template": [null, "的", "颜色", "是", "什么"], '
    '"children": [{"template": null, "children": ["天"]}, "的", "颜色", "是", "什么"]}}\n'
    '{"text": "苹果", "words": ["苹果"], "template": [null], "slots": [[0, 2]], '
    '"tree": {"template": [null], "children": [{"template": null, "children": ["苹果"]}]}}\n'
)


@pytest.fixture
def run(run_command: Callable[..., SimpleNamespace]) -> Callable[..., SimpleNamespace]:
    """Run ``parse`` in this process."""
    return partial(run_command, "parse")


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    path = tmp_path / "templates.tsv"
    Templates.from_counts(COUNTS).save(path)
    return path


@pytest.fixture
def lexicon(tmp_path: Path) -> Path:
    path = tmp_path / "lexicon.tsv"
    Lexicon.from_counts(dict.fromkeys(WORDS, 9)).save(path)
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode("utf-8"))
    return path


@pytest.fixture
def options(lexicon: Path, templates: Path) -> tuple[object, ...]:
    return "-l", lexicon, "-t", templates


Run = Callable[..., SimpleNamespace]
Options = tuple[object, ...]


def error(result: SimpleNamespace, status: int, message: str) -> bool:
    """Whether nothing came out but this message."""
    return (result.status, result.out, result.err) == (status, "", f"nlp-zero: error: {message}\n")


# ------------------------------------------------------------------------------------------------------ output


@pytest.mark.parametrize(("format_", "expected"), [("tree", TREES), ("jsonl", ROWS)])
def test_formats(run: Run, options: Options, text: Path, tmp_path: Path, format_: str, expected: str) -> None:
    result = run(*options, text, "--format", format_)
    assert (result.status, result.out) == (0, expected)
    assert run(*options, "--format", format_, stdin=TEXT.encode("utf-8")) == SimpleNamespace(
        status=0, out=expected, err=""
    )
    assert run(*options, "--format", format_, "-", stdin=TEXT.encode("utf-8")).out == expected
    quiet = run(*options, text, "--format", format_, "-o", tmp_path / "out.txt", "--quiet")
    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")
    assert (tmp_path / "out.txt").read_bytes() == expected.encode("utf-8")


def test_trees_are_the_default(run: Run, options: Options, text: Path) -> None:
    assert FORMATS == ("tree", "jsonl")
    assert run(*options, text).out == run(*options, text, "-o", "-").out == TREES


def test_each_line_of_json_is_the_tree_of_a_line(run: Run, options: Options, text: Path, lexicon: Path) -> None:
    parser = TemplateParser(COUNTS, LexiconSegmenter(Lexicon.load(lexicon)))
    rows = [json.loads(line) for line in run(*options, text, "--format", "jsonl").out.splitlines()]
    assert rows == [parser.parse(line).to_dict() for line in TEXT.splitlines()]


@pytest.mark.parametrize("format_", FORMATS)
def test_empty_input(run: Run, options: Options, tmp_path: Path, format_: str) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    for given in ({"stdin": b""}, {}):
        result = run(*options, "--format", format_, *([] if given else [tmp_path / "empty.txt"]), **given)
        assert (result.status, result.out) == (0, "")


def test_lines_of_white_space_have_an_object_each_but_no_tree(run: Run, options: Options) -> None:
    data = " \n\u3000\t\n\n".encode()
    assert run(*options, stdin=data).out == ""
    rows = [json.loads(line) for line in run(*options, "--format", "jsonl", stdin=data).out.splitlines()]
    assert [row["text"] for row in rows] == [" ", "\u3000\t", ""]
    assert all(row["words"] == row["template"] == row["slots"] == [] for row in rows)


def test_marks_before_a_sentence(run: Run, options: Options) -> None:
    expected = "？ 苹果 的 颜色 是 什么\n   [X-] 的 颜色 是 什么\n\n"
    assert run(*options, stdin="？苹果的颜色是什么".encode()).out == expected


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_other_encodings(run: Run, options: Options, tmp_path: Path, encoding: str) -> None:
    data = ("苹果和雪梨的颜色是什么？\n" * 20).encode(encoding)
    (tmp_path / "in.txt").write_bytes(data)
    expected = (TREES.split("\n\n")[0] + "\n\n") * 20
    assert run(*options, tmp_path / "in.txt").out == expected
    assert run(*options, "--encoding", encoding, stdin=data).out == expected


def test_templates_may_be_in_the_encoding_of_the_text(run: Run, lexicon: Path, tmp_path: Path) -> None:
    path = tmp_path / "gbk.tsv"
    path.write_bytes("".join(Templates.from_counts(COUNTS).lines()).encode("gbk"))
    data = "苹果和雪梨的颜色是什么？".encode("gbk")
    result = run("-l", lexicon, "-t", path, "--encoding", "gbk", stdin=data)
    assert (result.status, result.out) == (0, TREES.split("\n\n")[0] + "\n\n")


def test_several_files_directories_and_archives(run: Run, options: Options, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.txt").write_bytes("苹果和雪梨".encode())
    (folder / "2.txt.gz").write_bytes(gzip.compress("的颜色是什么\n".encode()))
    expected = ["苹果和雪梨", "的颜色是什么"]  # a line never goes on in the next file
    for given in ([folder], [folder / "1.txt", folder / "2.txt.gz"], [folder / "*"]):
        rows = run(*options, *given, "--format", "jsonl").out.splitlines()
        assert [json.loads(row)["text"] for row in rows] == expected


def test_freest(run: Run, options: Options) -> None:
    data = "天的颜色是什么？苹果和雪梨的颜色是什么".encode()

    def kept(*more: object) -> list[str | None]:
        template: list[str | None] = json.loads(run(*options, "--format", "jsonl", *more, stdin=data).out)["template"]
        return template

    assert kept()[0] == kept("--freest", 0.7)[0] == kept("--freest", 1)[0] == "天"
    assert kept("--freest", 0)[0] is None
    assert kept("--freest", "0.2")[0] is None
    assert kept("--freest", "0.21")[0] == "天"


def test_without_a_lexicon_words_are_learnt_from_the_input(run: Run, templates: Path, tmp_path: Path) -> None:
    data = "变压器油温过高，检查变压器。检查时先看油温。\n油温正常，变压器可以运行。这台变压器的油温偏高。\n" * 3
    (tmp_path / "in.txt").write_text(data, encoding="utf-8")
    parser = TemplateParser(Templates.load(templates), learn(data.splitlines()))
    expected = [parser.parse(line).to_dict() for line in data.splitlines()]
    result = run("-t", templates, tmp_path / "in.txt", "--format", "jsonl")
    assert [json.loads(line) for line in result.out.splitlines()] == expected
    assert run("-t", templates, "--format", "jsonl", stdin=data.encode("utf-8")).out == result.out


def test_a_model_segments(run: Run, templates: Path, text: Path, tmp_path: Path) -> None:
    learnt = tmp_path / "model"
    lines = ["变压器油温过高，检查变压器。检查时先看油温。", "油温正常，变压器可以运行。这台变压器的油温偏高。"]
    segmenter = learn(lines * 5)
    segmenter.save(learnt)
    parser = TemplateParser(COUNTS, segmenter)
    rows = run("-m", learnt, "-t", templates, text, "--format", "jsonl").out.splitlines()
    assert [json.loads(row) for row in rows] == [parser.parse(line).to_dict() for line in TEXT.splitlines()]


@pytest.mark.parametrize("format_", FORMATS)
def test_two_workers_write_the_same(run: Run, options: Options, tmp_path: Path, format_: str) -> None:
    lines = ["苹果和雪梨的颜色是什么？", "", "天的颜色是什么。苹果！", "！雪梨"]
    (tmp_path / "in.txt").write_text("\n".join(lines * 300), encoding="utf-8")
    given = (*options, tmp_path / "in.txt", "--format", format_, "--quiet")
    one, two = run(*given, "--jobs", 1), run(*given, "--jobs", 2)
    assert one.out.count("\n") >= 900
    assert (two.status, two.out, two.err) == (0, one.out, "")


@pytest.mark.parametrize("jobs", [1, 2])
def test_blocks_come_out_in_their_order(jobs: int) -> None:
    parser = TemplateParser(COUNTS, str.split)
    blocks = [f"词{i} 的 颜色 是 什么\n" for i in range(30)]
    with Workers(jobs, share_memory=False) as workers:
        pieces = [piece.decode("utf-8") for piece in parsed(iter(blocks), parser, "tree", workers)]
    assert pieces == [f"{parser.parse(block)}\n\n" for block in blocks]


def test_lines_are_parsed_as_soon_as_they_are_whole() -> None:
    taken = []

    def blocks() -> Iterator[str]:
        for block in ("苹果 和\n雪", "梨\n", "天\n"):
            taken.append(block)
            yield block

    with Workers(1, share_memory=True) as workers:
        pieces = parsed(blocks(), TemplateParser(COUNTS, str.split), "jsonl", workers)
        rows = [json.loads(row)["text"] for row in next(pieces).decode("utf-8").splitlines()]
        assert (rows, len(taken)) == (["苹果 和", "雪梨"], 2)
        assert json.loads(next(pieces))["text"] == "天"
        assert list(pieces) == []


@pytest.mark.parametrize("format_", FORMATS)
def test_both_cores_give_the_same_bytes(run: Run, options: Options, text: Path, format_: str) -> None:
    results = [run(*options, text, "--format", format_, "--core", core) for core in ("auto", "python")]
    assert [result.status for result in results] == [0, 0]
    assert results[0].out == results[1].out == (TREES if format_ == "tree" else ROWS)


# ----------------------------------------------------------------------------------------------------- refused


def test_templates_are_needed(run: Run, lexicon: Path) -> None:
    result = run("-l", lexicon, stdin=b"")
    assert (result.status, result.out) == (2, "")
    assert "the following arguments are required: -t/--templates" in result.err


def test_a_lexicon_or_a_model(run: Run, options: Options, tmp_path: Path) -> None:
    result = run(*options, "-m", tmp_path / "model", stdin=b"")
    assert error(result, 2, "-l and -m: expected one of them")


@pytest.mark.parametrize(("share", "found"), [("-0.5", "-0.5"), ("1.01", "1.01"), ("nan", "nan"), ("inf", "inf")])
def test_freest_is_a_share(run: Run, options: Options, share: str, found: str) -> None:
    result = run(*options, f"--freest={share}", stdin=b"")
    assert error(result, 2, f"--freest: expected a share from 0 to 1, found {found}")


@pytest.mark.parametrize("arguments", [("--freest", "much"), ("--format", "xml"), ("--jobs", "0"), ("--core", "rust")])
def test_wrong_values_of_options(run: Run, options: Options, arguments: tuple[str, str]) -> None:
    result = run(*options, *arguments, stdin=b"")
    assert (result.status, result.out) == (2, "")
    assert f"error: argument {arguments[0]}: " in result.err
    assert f"'{arguments[1]}'" in result.err


@pytest.mark.parametrize("name", ["text.txt", "lexicon.tsv", "templates.tsv"])
def test_nothing_that_is_read_is_overwritten(run: Run, options: Options, text: Path, tmp_path: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    result = run(*options, text, "-o", tmp_path / name)
    assert error(result, 2, f"{tmp_path / name}: is read as well; expected another file to write to")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_nor_through_a_link(run: Run, options: Options, text: Path, templates: Path, tmp_path: Path) -> None:
    (tmp_path / "link.tsv").hardlink_to(templates)
    result = run(*options, text, "-o", tmp_path / "link.tsv")
    assert error(result, 2, f"{tmp_path / 'link.tsv'}: is read as well; expected another file to write to")


def test_there_must_be_a_place_to_write_to(run: Run, options: Options, text: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none" / "out.txt"
    assert error(run(*options, text, "-o", missing), 1, f"{missing}: there is no such folder to write to")
    assert error(run(*options, text, "-o", tmp_path), 1, f"{tmp_path}: is a directory, expected a file to write")


def test_broken_templates_are_named_with_file_and_line(run: Run, lexicon: Path, text: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.tsv"
    path.write_text("template\tcount\tgain\n[X] 和 [X]\t7\n[X] [X]\t5\n", encoding="utf-8")
    expected = "expected words and [X], no two [X] side by side, in the first column, found '[X] [X]\\t5'"
    result = run("-l", lexicon, "-t", path, text, "-o", tmp_path / "out.txt")
    assert error(result, 1, f"{path}, line 3: {expected}")
    assert not (tmp_path / "out.txt").exists()


def test_a_lexicon_is_no_file_of_templates(run: Run, templates: Path, lexicon: Path, text: Path) -> None:
    result = run("-t", lexicon, "-l", templates, text)
    assert result.status == 1
    assert result.err.startswith(f"nlp-zero: error: {lexicon}, line 1: ")


def test_a_model_or_counts_are_no_templates(run: Run, lexicon: Path, text: Path, tmp_path: Path) -> None:
    path = tmp_path / "counts"
    NgramCounts.from_corpus([TEXT]).save(path)
    message = "expected sentence templates, found a model or counts; -m takes models, --load-counts counts"
    assert error(run("-l", lexicon, "-t", path, text), 1, f"{path}: {message}")
    with pytest.raises(CorpusError):
        Templates.load(path)


@pytest.mark.parametrize("missing", ["-t", "-l", "-m", "input"])
def test_missing_files_are_named(
    run: Run, lexicon: Path, templates: Path, text: Path, tmp_path: Path, missing: str
) -> None:
    given: dict[str, Path] = {"-t": templates, "input": text, "-m" if missing == "-m" else "-l": lexicon}
    given[missing] = tmp_path / "none.txt"
    source = given.pop("input")
    result = run(*(part for pair in given.items() for part in pair), source)
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith(f"nlp-zero: error: {tmp_path / 'none.txt'}: ")
    assert result.err.count("\n") == 1


def test_files_and_stdin_do_not_go_together(run: Run, options: Options, text: Path) -> None:
    assert error(run(*options, text, "-", stdin=b""), 2, "INPUT: expected files or - (stdin), found both")
