"""`corpora/`: the generator keeps its promises, and the files are those that README names."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

CORPORA = Path(__file__).resolve().parent.parent / "corpora"
# sha256 of text.txt for --size 50KB --seed 7
GOLDEN = "0c963609a927acf31b92265fa7cdb90cd2d1a1a91645ddaa2d23f2ada7cbfd18"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpora_generate", CORPORA / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _load()


def _write(folder: Path, size: int, *, seed: int = 1, topic: str = "both", noise: float = 0.0) -> Path:
    generate.write_corpus(generate.Generator(seed=seed, topic=topic, noise=noise), size, folder)
    return folder


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _table(path: Path) -> list[list[str]]:
    lines = _text(path).split("\n")
    assert lines.pop() == ""
    return [line.split("\t") for line in lines]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 KB of both topics."""
    return _write(tmp_path_factory.mktemp("corpus"), 300_000)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CORPORA / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_the_command_writes_the_golden_text(tmp_path: Path) -> None:
    result = _run("--size", "50KB", "--seed", "7", "--output", str(tmp_path / "out"))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.isascii()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(generate.OUTPUT_NAMES)
    assert hashlib.sha256((tmp_path / "out" / "text.txt").read_bytes()).hexdigest() == GOLDEN


def test_equal_seeds_give_equal_bytes_and_other_seeds_other_text(tmp_path: Path) -> None:
    first, second = (_write(tmp_path / name, 60_000, seed=3) for name in ("first", "second"))
    for name in generate.OUTPUT_NAMES:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    other = _write(tmp_path / "other", 60_000, seed=4)
    assert (other / "text.txt").read_bytes() != (first / "text.txt").read_bytes()


@pytest.mark.parametrize("size", [20_000, 300_000])
def test_the_size_is_reached_and_passed_by_a_paragraph_at_most(tmp_path: Path, size: int) -> None:
    written = (_write(tmp_path, size) / "text.txt").stat().st_size
    assert size <= written <= size + 2000


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_the_segmentation_spells_the_text(tmp_path: Path, noise: float) -> None:
    _write(tmp_path, 100_000, noise=noise)
    segmented = _text(tmp_path / "segmented.txt")
    assert segmented.replace(" ", "") == _text(tmp_path / "text.txt")
    assert not re.search(r"^ |  | $|[\r\t]", segmented, re.MULTILINE)


def test_segmentation_conventions(corpus: Path) -> None:
    words = set(_text(corpus / "segmented.txt").split())
    assert not [word for word in words if re.search(r"[，。？！、：“”]", word) and len(word) > 1]
    assert any(re.fullmatch(r"\d+\.\d%", word) for word in words)
    assert any(re.fullmatch(r"\d{4}年", word) for word in words)
    numbered = {word for word in words if re.search(r"\d", word) and re.search(r"[\u4e00-\u9fff]", word)}
    assert not [word for word in numbered if not re.fullmatch(r"\d+[年月日时号]", word)]
    assert "千伏" in words


def test_the_lexicon_counts_every_word_with_a_han_character(corpus: Path) -> None:
    words = Counter(_text(corpus / "segmented.txt").split())
    rows = [(-count, word) for word, count in words.items() if re.search(r"[\u4e00-\u9fff]", word)]
    expected = [[word, str(-count)] for count, word in sorted(rows)]
    assert _table(corpus / "lexicon.tsv") == [["word", "count"], *expected]


def test_terms_count_wherever_their_words_stand(corpus: Path) -> None:
    rows = _table(corpus / "terms.tsv")
    assert rows[0] == ["term", "count", "topic"]
    padded = " " + re.sub(r"\s", "  ", _text(corpus / "segmented.txt").replace("\n", " \n "))
    spellings = {"".join(term): "  ".join(term) for term in generate.Grammar.load().terms()}
    assert len(rows) > 200
    for term, count, topic in rows[1:]:
        assert (term, int(count)) == (term, padded.count(f" {spellings[term]} "))
        assert topic == "power"


def test_planted_templates_lie_in_their_lines(corpus: Path) -> None:
    lines = _text(corpus / "text.txt").splitlines()
    counts: Counter[str] = Counter()
    sentences = [json.loads(line) for line in _text(corpus / "templates.jsonl").splitlines()]
    for sentence in sentences:
        line = lines[sentence["line"] - 1]
        position, end = sentence["start"], sentence["end"]
        assert 0 <= position < end <= len(line)
        slots = iter(sentence["slots"])
        for part in sentence["template"].split(" "):
            if part == "[X]":
                first, last = next(slots)
                assert position == first < last
                position = last
            else:
                assert line.startswith(part, position)
                position += len(part)
        assert position == end
        assert list(slots) == []
        counts[sentence["template"]] += 1
    rows = _table(corpus / "templates.tsv")
    assert rows[0] == ["template", "count", "example"]
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    assert [(row[0], int(row[1])) for row in rows[1:]] == expected
    for template, _, example in rows[1:]:
        pattern = "".join(".+" if part == "[X]" else re.escape(part) for part in template.split(" "))
        assert re.fullmatch(pattern, example)


def test_noise_lowers_the_share_of_planted_sentences(tmp_path: Path) -> None:
    shares = []
    for noise in (0.0, 0.3, 1.0):
        _write(tmp_path / str(noise), 100_000, noise=noise)
        planted = _text(tmp_path / str(noise) / "templates.jsonl").splitlines()
        covered = sum(sentence["end"] - sentence["start"] for sentence in map(json.loads, planted))
        shares.append(covered / len(_text(tmp_path / str(noise) / "text.txt")))
    assert shares[0] > 0.85
    assert 0.5 < shares[1] < shares[0] - 0.1
    assert shares[2] == 0.0


def test_topics_differ_in_terms(tmp_path: Path) -> None:
    total = {}
    for topic in ("power", "life"):
        rows = _table(_write(tmp_path / topic, 200_000, topic=topic) / "terms.tsv")
        total[topic] = sum(int(row[1]) for row in rows[1:])
    assert total["power"] > 4000
    assert total["life"] < 20


def test_the_language_has_breadth() -> None:
    grammar = generate.Grammar.load()
    entries = {entry for entries in grammar.vocabulary.values() for entry in entries}
    words = {word for entry in entries for word in entry.split("_")}
    assert len(words) >= 2500
    assert min(len(set(patterns)) for patterns in grammar.patterns.values()) >= 60


def test_no_string_is_both_one_word_and_several() -> None:
    entries = {entry for entries in generate.Grammar.load().vocabulary.values() for entry in entries}
    words = {word for entry in entries for word in entry.split("_")}
    parts = [entry.split("_") for entry in sorted(entries)]
    spans = {"".join(p[i:j]) for p in parts for i in range(len(p)) for j in range(i + 2, len(p) + 1)}
    assert sorted(spans & words) == []


@pytest.mark.parametrize(
    ("text", "size"),
    [("200KB", 200_000), ("1.5MB", 1_500_000), ("2gb", 2 * 10**9), ("4096", 4096), ("7 B", 7)],
)
def test_sizes_parse(text: str, size: int) -> None:
    assert generate.parse_size(text) == size


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--size", "much"], "size"),
        (["--size", "0KB"], "size"),
        (["--size", "-1MB"], "size"),
        (["--size", "1KB", "--seed", "-1"], "seed"),
        (["--size", "1KB", "--seed", "one"], "seed"),
        (["--size", "1KB", "--topic", "sport"], "topic"),
        (["--size", "1KB", "--noise", "1.5"], "noise"),
        (["--size", "1KB", "--noise", "nan"], "noise"),
        ([], "size"),
        (["--size", "\u5927"], "size"),
    ],
)
def test_bad_arguments_give_one_line_and_exit_2(
    tmp_path: Path, arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        generate.main([*arguments, "--output", str(tmp_path / "out")])
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert (out, err.count("\n")) == ("", 1)
    assert name in err
    assert err.isascii()
    assert not (tmp_path / "out").exists()


def test_an_unusable_folder_gives_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    assert generate.main(["--size", "1KB", "--output", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


def test_prose_is_long_enough() -> None:
    sizes = [len((CORPORA / f"prose_{topic}.txt").read_bytes()) for topic in ("power", "life")]
    assert min(sizes) >= 22_000
    assert sum(sizes) > 45_000


def test_readme_lists_every_file_with_its_checksum() -> None:
    readme = _text(CORPORA / "README.md")
    listed = dict(re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|\r?$", readme, re.MULTILINE))
    files = [path for path in CORPORA.iterdir() if path.is_file() and path.name != "README.md"]
    # A checkout may have turned LF into CRLF; the checksums are of the text with LF.
    contents = {path.name: path.read_bytes().replace(b"\r\n", b"\n") for path in files}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    assert listed == found
