"""The best paths against all segmentations there are; what is explained, and how the command shows it."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nlp_zero
from nlp_zero import Lexicon, LexiconSegmenter, TextFiles, WordFinder
from nlp_zero.core import kernels
from nlp_zero.core.symbols import FIRST_FORM, LATIN, NUMBER
from nlp_zero.parallel import Workers
from nlp_zero.text.characters import units
from nlp_zero.words.formats import segmented
from nlp_zero.words.lattice import Lattice
from nlp_zero.words.paths import Explanation, Segmentation, best_paths, runs
from nlp_zero.words.paths import Path as Way

A, B, C = 0x4E00, 0x4E01, 0x20000
GENERAL = [NUMBER, LATIN]  # of two forms
String = tuple[int, ...]

CORES = sorted({"python", nlp_zero.core_name})  # without C, numpy alone
in_run = st.sampled_from([A, A, B, B, C, NUMBER, LATIN, FIRST_FORM, FIRST_FORM + 1])
scores = st.integers(-20, -1).map(lambda k: k / 4)  # sums are exact, and many are equal
vocabularies = st.dictionaries(st.lists(in_run, min_size=1, max_size=4).map(tuple), scores, max_size=14)
found_runs = st.lists(in_run, min_size=1, max_size=8)


def built(words: dict[String, float], unknown: float, longest: int = 1 << 40) -> Lattice:
    """The lattice of a vocabulary."""
    strings = list(words)
    lengths = np.array([len(string) for string in strings], dtype=np.int64)
    flat = np.array([symbol for string in strings for symbol in string], dtype=np.uint32)
    keys, nodes = kernels().build_trie(flat, np.cumsum(lengths) - lengths, lengths)
    table = np.full(len(keys) + 1, -np.inf)
    table[nodes] = [words[string] for string in strings]
    return Lattice(keys, table, unknown, general=np.array(GENERAL, dtype=np.uint32), longest=longest)


def symbols_of(run: list[int]) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.array(run, dtype=np.uint32)


def readings(string: String) -> Iterator[String]:
    """What a string of text may be in the vocabulary: each form is itself or its class."""
    options = [[s, GENERAL[s - FIRST_FORM]] if s >= FIRST_FORM else [s] for s in string]
    return itertools.product(*options)


def score_of(run: String, i: int, j: int, words: dict[String, float], unknown: float, longest: int) -> float | None:
    """The score of the piece from i to j as one word, None if it cannot be one."""
    known = [words[reading] for reading in readings(run[i:j]) if reading in words]
    if j - i == 1:
        return max(known, default=unknown)
    units = [symbol >= NUMBER for symbol in run]
    if all(units[i:j]) and not any(units[max(i - 1, 0) : i]) and not any(units[j : j + 1]):
        singles = [score_of(run, k, k + 1, words, unknown, longest) for k in range(i, j)]
        known.append(min(single for single in singles if single is not None))
    return max(known, default=None) if j - i <= longest else None


def all_segmentations(run: String, words: dict[String, float], unknown: float, longest: int) -> list[Segmentation]:
    """Every way to cut the run, the best first: by sum, by number of words, by the sizes of the words in turn."""
    found = []
    for cuts in itertools.product([False, True], repeat=len(run) - 1):
        places = [0, *(i for i, cut in enumerate(cuts, 1) if cut), len(run)]
        pairs = list(itertools.pairwise(places))
        values = [score_of(run, i, j, words, unknown, longest) for i, j in pairs]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            found.append(Segmentation(tuple(j - i for i, j in pairs), tuple(known), sum(known)))
    return sorted(found, key=lambda one: (-one.score, len(one.sizes), [-size for size in one.sizes]))


def sizes_of(begins: list[int]) -> tuple[int, ...]:
    places = [i for i, begin in enumerate(begins) if begin]
    return tuple(np.diff([*places, len(begins)]).tolist())


# ---------------------------------------------------------------------------------------------------- best paths


@given(vocabularies, scores, found_runs, st.integers(1, 5), st.sampled_from([1, 2, 3, 5, 1000]))
@example({(NUMBER, LATIN): -1.0, (FIRST_FORM, LATIN): -1.0}, -1.0, [FIRST_FORM, FIRST_FORM + 1], 4, 9)
@example({}, -1.0, [NUMBER, LATIN, A, NUMBER], 4, 9)
def test_paths_equal_the_first_of_all_segmentations(
    words: dict[String, float], unknown: float, run: list[int], longest: int, k: int
) -> None:
    found = best_paths(built(words, unknown, longest), symbols_of(run), k)
    assert found == all_segmentations(tuple(run), words, unknown, longest)[:k]
    for one in found:
        assert list(map(type, one)) == [tuple, tuple, float]
        assert {*map(type, one.sizes), *map(type, one.scores)} == {int, float}


@pytest.mark.parametrize("core", CORES)
@given(words=vocabularies, unknown=scores, run=st.lists(in_run, min_size=1, max_size=40), k=st.integers(1, 4))
def test_the_first_path_is_the_segmentation(
    words: dict[String, float], unknown: float, run: list[int], k: int, core: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NLP_ZERO_CORE", core)
        lattice = built(words, unknown)
        begins = lattice.begins(symbols_of(run)).tolist()
        assert best_paths(lattice, symbols_of(run), k)[0].sizes == sizes_of(begins)


def test_equal_sums_take_fewer_words_then_the_longer_first_one_in_turn() -> None:
    words = {(A,): -1.0, (A, A): -2.0, (A, A, A): -3.0}
    found = best_paths(built(words, -9.0), symbols_of([A] * 4), 99)
    assert {one.score for one in found} == {-4.0}
    assert [one.sizes for one in found] == [(3, 1), (2, 2), (1, 3), (2, 1, 1), (1, 2, 1), (1, 1, 2), (1, 1, 1, 1)]


def test_all_paths_are_given_when_there_are_no_more() -> None:
    lattice = built({(A, B): -1.0}, -2.0)
    assert [one.sizes for one in best_paths(lattice, symbols_of([A, B, A]), 10**6)] == [(2, 1), (1, 1, 1)]
    assert best_paths(lattice, symbols_of([A]), 5) == [Segmentation((1,), (-2.0,), -2.0)]
    assert best_paths(lattice, symbols_of([]), 5) == [Segmentation((), (), 0.0)]


@pytest.mark.parametrize("core", CORES)
def test_a_long_run(core: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", core)
    random = np.random.default_rng(5)
    run = random.choice([A, B, C, NUMBER, FIRST_FORM], 2_000, p=[0.4, 0.3, 0.1, 0.1, 0.1]).astype(np.uint32)
    strings = {tuple(random.choice([A, B, C, NUMBER], random.integers(1, 6)).tolist()) for _ in range(300)}
    lattice = built({string: float(-random.integers(1, 99)) / 8 for string in sorted(strings)}, -14.0)
    found = best_paths(lattice, run, 20)
    assert found[0].sizes == sizes_of(lattice.begins(run).tolist())
    assert len({one.sizes for one in found}) == 20
    order = [(-one.score, len(one.sizes), [-size for size in one.sizes]) for one in found]
    assert order == sorted(order)
    for one in found:
        assert (sum(one.sizes), sum(one.scores)) == (2_000, one.score)


def test_one_chain_of_2000_units() -> None:
    run = symbols_of([NUMBER, LATIN] * 1_000)
    found = best_paths(built({(NUMBER,): -1.0}, -2.0), run, 3)
    assert [(len(one.sizes), one.score) for one in found] == [(1, -2.0), (2_000, -3_000.0)]


@given(st.lists(st.sampled_from([A, NUMBER, FIRST_FORM, 0, 1, 2, 3, 15, 16]), max_size=20))
def test_runs(text: list[int]) -> None:
    groups = itertools.groupby(enumerate(text), lambda pair: pair[1] >= 16)
    places = [[i for i, _ in group] for inside, group in groups if inside]
    assert list(runs(symbols_of(text))) == [(place[0], place[-1] + 1) for place in places]


# ------------------------------------------------------------------------------------------------------- explain

COUNTS = {"研究": 50, "研究生": 10, "生命": 40, "命": 5, "起源": 20, "<NUM>年": 6, "K线图": 9, "有限 公司": 2}
SEGMENTER = LexiconSegmenter(Lexicon.from_counts(COUNTS), user_words=["生命科学", "SK-II"])
NANJING = {"南京市": 9, "南京": 20, "市长": 30, "长江": 25, "长江大桥": 8, "大桥": 12, "的": 100}

texts = st.text(
    st.characters()
    | st.sampled_from("研究生命起源年科学线图")
    | st.sampled_from("研究生命起源0123９8aKＧ.,，％。—！ 　\n\r\t兴\ufe00𠮷👨\u200d"),
    max_size=40,
)


@given(texts, st.integers(1, 4))
def test_explanations_are_of_the_text_and_agree_with_the_segmentation(text: str, paths: int) -> None:
    tokens = {token.start: token for token in SEGMENTER.tokenize(text)}
    end = 0
    for run in SEGMENTER.explain(text, paths=paths):
        assert end <= run.start < run.end <= len(text)
        end = run.end
        assert run.text == text[run.start : run.end]
        assert 1 <= len(run.paths) <= paths
        assert len({path.words for path in run.paths}) == len(run.paths)
        for path in run.paths:
            assert "".join(path.words) == run.text
            assert sum(path.scores) == path.score
            assert len(path.words) == len(path.scores)
        best = [tokens[start].text for start in sorted(tokens) if run.start <= start < run.end]
        assert list(run.paths[0].words) == best
        assert run.differences[0] == 0
        assert list(run.differences) == sorted(run.differences, reverse=True)


@given(texts)
def test_what_is_left_out_can_be_segmented_in_one_way_only(text: str) -> None:
    explained = {i for run in SEGMENTER.explain(text) for i in range(run.start, run.end)}
    assert all(len(run.paths) > 1 for run in SEGMENTER.explain(text))
    for token in SEGMENTER.tokenize(text):
        if token.start not in explained:
            assert len(units(token.text).symbols) == 1 or token.text in ("生命科学", "SK-II", "有限 公司")


def test_scores_are_logarithms_of_shares() -> None:
    total = sum(COUNTS.values())
    [run] = SEGMENTER.explain("，研究生命起源。", paths=2)
    assert (run.start, run.end, run.text) == (1, 7, "研究生命起源")
    assert [path.words for path in run.paths] == [("研究", "生命", "起源"), ("研究生", "命", "起源")]
    assert run.paths[0].scores == pytest.approx(np.log(np.array([50, 40, 20]) / total), abs=1e-6)
    assert run.paths[1].scores == pytest.approx(np.log(np.array([10, 5, 20]) / total), abs=1e-6)
    assert run.differences[1] == pytest.approx(np.log(10 * 5 / (50 * 40)), abs=4e-6)
    [other] = SEGMENTER.explain("研究室", paths=1)
    assert other.paths[0].words == ("研究", "室")
    assert other.paths[0].scores[1] == pytest.approx(np.log(0.5 / total), abs=1e-6)


def test_words_are_written_as_they_stand_in_the_text() -> None:
    ways = [run.paths[0].words for run in SEGMENTER.explain("１９９８年，K线图，1,234年 DDR5")]
    assert ways == [("１９９８年",), ("K线图",), ("1,234年",), ("DDR5",)]


def test_user_words_are_one_unit_and_end_runs() -> None:
    [before, after] = SEGMENTER.explain("研究生命科学研究生命")
    assert (before.start, before.text, after.start, after.text) == (0, "研究", 6, "研究生命")
    assert [run.text for run in SEGMENTER.explain("有限 公司研究")] == ["研究"]
    assert SEGMENTER.explain("SK-II") == []
    assert SEGMENTER.explain("生命科学") == []


@pytest.mark.parametrize("text", ["", " \n", "，——！", "好", "好的", "1998", "abc", "命"])
def test_what_can_be_cut_in_one_way_only_has_no_entry(text: str) -> None:
    assert SEGMENTER.explain(text) == []


def test_five_paths_unless_asked_for_more() -> None:
    [run] = SEGMENTER.explain("研究生命起源")
    [more] = SEGMENTER.explain("研究生命起源", paths=1000)
    assert len(run.paths) == 5
    assert more.paths[:5] == run.paths
    assert len(more.paths) == 10  # 研究 生 命, 研 究 生命, 研究生 命 ... each with 起源 and with 起 源


def test_a_certain_word_has_the_score_0() -> None:
    [run] = LexiconSegmenter(Lexicon.from_counts({"变压器": 3})).explain("变压器", paths=1)
    assert str(run.paths) == "(Path(words=('变压器',), scores=(0.0,), score=0.0),)"


def test_explanations_are_plain_values() -> None:
    [run] = SEGMENTER.explain("研究生命起源")
    assert type(run) is Explanation
    assert pickle.loads(pickle.dumps(run)) == run
    assert {type(path) for path in run.paths} == {Way}
    assert {type(value) for path in run.paths for value in (*path.scores, path.score)} == {float}
    assert list(map(type, run[:2])) == [int, int]


def test_wrong_arguments() -> None:
    for paths in (0, -1):
        with pytest.raises(ValueError, match=f"^paths: expected 1 or more, found {paths}$"):
            SEGMENTER.explain("研究", paths=paths)
    with pytest.raises(TypeError, match="^text: expected a str, found bytes$"):
        SEGMENTER.explain(b"text")  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------- command


@pytest.fixture
def run(run_command: Callable[..., SimpleNamespace]) -> Callable[..., SimpleNamespace]:
    """Run ``segment`` in this process."""
    return partial(run_command, "segment")


@pytest.fixture
def lexicon(tmp_path: Path) -> Path:
    path = tmp_path / "lexicon.tsv"
    Lexicon.from_counts(NANJING).save(path)
    return path


SHOWN = """\
南京市/长江大桥
  南京市长江大桥
      0.00  南京市 -3.12 | 长江大桥 -3.24
     -1.69  南京市 -3.12 | 长江 -2.10 | 大桥 -2.83
     -5.21  南京 -2.32 | 市 -6.01 | 长江大桥 -3.24
     -6.72  南京 -2.32 | 市长 -1.92 | 江 -6.01 | 大桥 -2.83
     -6.91  南京 -2.32 | 市 -6.01 | 长江 -2.10 | 大桥 -2.83
"""


def test_each_line_has_its_explanations_below(
    run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path
) -> None:
    options = ("-l", lexicon, "--explain", "--separator", "/")
    assert run(*options, stdin="南京市长江大桥").out == SHOWN
    (tmp_path / "in.txt").write_text("南京市长江大桥\r\n\n 的好。\r长江 5，大桥", encoding="utf-8", newline="")
    result = run(*options, tmp_path / "in.txt", "-o", tmp_path / "out.txt", "--quiet")
    assert (result.status, result.out, result.err) == (0, "", "")
    assert (tmp_path / "out.txt").read_bytes().decode("utf-8") == SHOWN + (
        "\n的/好/。\n长江/5/，/大桥\n"
        "  长江\n      0.00  长江 -2.10\n     -9.92  长 -6.01 | 江 -6.01\n"
        "  大桥\n      0.00  大桥 -2.83\n     -9.19  大 -6.01 | 桥 -6.01\n"
    )


def test_no_difference_is_written_with_a_sign(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    Lexicon.from_counts({"电": 100_000, "电网": 50_000, "网": 100_000, "网电": 50_001}).save(tmp_path / "words.tsv")
    result = run("-l", tmp_path / "words.tsv", "--explain", stdin="电网电")
    assert [line.split()[0] for line in result.out.splitlines()[2:4]] == ["0.00", "0.00"]


def test_json_holds_the_explanations(run: Callable[..., SimpleNamespace], lexicon: Path) -> None:
    lines = run("-l", lexicon, "--explain", "--format", "jsonl", stdin="好，长江大桥\n\n的").out.splitlines()
    plain = run("-l", lexicon, "--format", "jsonl", stdin="好，长江大桥\n\n的").out.splitlines()
    rows = [json.loads(line) for line in lines]
    assert list(rows[0]) == ["text", "tokens", "explain"]
    assert [{key: row[key] for key in ("text", "tokens")} for row in rows] == [json.loads(line) for line in plain]
    assert [row["explain"] for row in rows[1:]] == [[], []]
    [shown] = rows[0]["explain"]
    assert (shown["start"], shown["end"], len(shown["paths"])) == (2, 6, 5)
    total = sum(NANJING.values())
    second = shown["paths"][1]
    assert list(second) == ["words", "scores", "score"]
    assert second["words"] == ["长江", "大桥"]
    assert second["scores"] == [float(f"{np.log(NANJING[word] / total):.6g}") for word in second["words"]]
    assert second["score"] == pytest.approx(sum(second["scores"]), abs=2e-5)


def test_user_words_and_directories(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("南京市长江大桥\n", encoding="utf-8")
    (tmp_path / "user.txt").write_text("市长\n", encoding="utf-8")
    options = ("-l", lexicon, "--user-words", tmp_path / "user.txt", "--explain")
    assert run(*options, tmp_path / "in", "--output-dir", tmp_path / "out").status == 0
    lines = (tmp_path / "out" / "a.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "南京 市长 江 大桥"
    assert [line.strip() for line in lines[1:] if line[2] != " "] == ["南京", "江大桥"]


def test_without_a_lexicon_what_was_learnt_is_explained(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    text = "变压器油温过高，检查变压器。检查时先看油温。\n油温正常，变压器可以运行。这台变压器的油温偏高。\n" * 3
    (tmp_path / "in.txt").write_text(text, encoding="utf-8")
    result = run(tmp_path / "in.txt", "--explain", "--format", "jsonl", "--memory", "64MB")
    segmenter = LexiconSegmenter(WordFinder().fit(TextFiles(tmp_path / "in.txt")).lexicon_)
    found = [json.loads(line)["explain"] for line in result.out.splitlines()]
    expected = [segmenter.explain(line) for line in text.splitlines()]
    assert expected[0]
    assert [[(one["start"], one["end"]) for one in line] for line in found] == [
        [(one.start, one.end) for one in line] for line in expected
    ]


def test_tags_cannot_be_explained(run: Callable[..., SimpleNamespace], tmp_path: Path) -> None:
    result = run("-l", tmp_path / "none.tsv", "--explain", "--format", "tags", stdin="电网")
    assert (result.status, result.out) == (2, "")
    assert result.err == "nlp-zero: error: --explain: expected --format text or jsonl, found tags\n"


def test_several_workers_write_the_same(run: Callable[..., SimpleNamespace], lexicon: Path, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("南京市长江大桥，的。\n大桥的市长\n" * 40, encoding="utf-8")
    options = ("-l", lexicon, tmp_path / "in.txt", "--explain", "--quiet")
    assert run(*options, "--jobs", 2).out == run(*options).out


def test_lines_are_explained_one_by_one_as_they_come() -> None:
    taken = []

    def blocks() -> Iterator[str]:
        for block in ("研究生命\n研究", "生\n", "命运\n"):
            taken.append(block)
            yield block

    with Workers(1, share_memory=True) as workers:
        pieces = segmented(blocks(), SEGMENTER, "text", " ", workers, explain=True)
        assert next(pieces).decode().startswith("研究 生命\n  研究生命\n")
        assert len(taken) == 2  # up to the end of a line
        assert next(pieces).decode().startswith("研究生\n")
        assert len(taken) == 2
        assert list(pieces) == ["命 运\n".encode()]


def test_a_line_is_explained_before_the_next_one_comes(lexicon: Path) -> None:
    command = [sys.executable, "-m", "nlp_zero", "segment", "-l", str(lexicon), "--explain", "--encoding", "utf-8"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("长江\n".encode())
        process.stdin.flush()
        assert [process.stdout.readline().decode() for _ in range(4)][:2] == ["长江\n", "  长江\n"]
        process.stdin.close()
        assert process.stdout.read() == b""
