"""Word vectors: counts and figures against naive ones, planted subjects, the habits of a value, files."""

from __future__ import annotations

import math
import os
import pickle
import random
import re
import subprocess
import sys
from collections import Counter as Tally
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nlp_zero import CorpusNotRestartableError, EmptyResultWarning, TextFiles
from nlp_zero.errors import CorpusEncodingError, CorpusError, LineFormatError, ModelFormatError
from nlp_zero.files import read_container, write_container
from nlp_zero.progress import progress_bar
from nlp_zero.resources import Resources
from nlp_zero.terms import cooccurrence as cooccurrence_module
from nlp_zero.terms import vectors as vectors_module
from nlp_zero.terms.cooccurrence import Cooccurrences, cooccurrences
from nlp_zero.terms.factorisation import SymmetricMatrix, leading_eigenpairs, positive_pmi
from nlp_zero.terms.vectors import WordVectors

FRUIT = "苹果 雪梨 香蕉 葡萄 西瓜 樱桃".split()
DEVICES = "电脑 手机 键盘 鼠标 屏幕 耳机".split()
VECTORS = WordVectors(["苹果", "雪梨", "电脑"], [[1, 0.1], [1, 0.2], [0, 1]], [9, 5, 7])
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
LINES = st.lists(st.lists(st.sampled_from(["的", "是", "a", "b", "c3", "，", "。", "—"]), max_size=9), max_size=20)


def planted(lines: int, seed: int = 1) -> list[str]:
    """Lines about fruit, and lines about devices."""
    draw = random.Random(seed)
    topics = (FRUIT, "吃 洗 削 甜 熟 摘".split()), (DEVICES, "用 修 装 坏 关 充".split())
    out = []
    for _ in range(lines):
        nouns, others = draw.choice(topics)
        words = [draw.choice(draw.choice((nouns, others, ["的", "了", "在", "我"]))) for _ in range(8)]
        out.append(" ".join(words) + " 。")
    return out


PLANTED = planted(1500)


def learnt(corpus: Any, **options: Any) -> WordVectors:
    return WordVectors.from_corpus(corpus, str.split, **options)


# ------------------------------------------------------------------------------------------------ what is counted


def naive_counts(lines: list[list[str]], words: tuple[str, ...], window: int) -> dict[tuple[int, int], int]:
    """Pairs of words at most so far apart, without a mark between them."""
    out: Tally[tuple[int, int]] = Tally()
    for line in lines:
        for first, second in combinations(range(len(line)), 2):
            apart = second - first
            between = line[first : second + 1]
            if apart <= window and all(any(map(str.isalnum, word)) for word in between):
                if line[first] in words and line[second] in words:
                    pair = sorted((words.index(line[first]), words.index(line[second])))
                    out[pair[0], pair[1]] += window + 1 - apart
    return dict(out)


def counted(corpus: Any, **options: Any) -> Cooccurrences:
    options = {"window": 2, "min_count": 1, "most_words": 100, "vocabulary": None, **options}
    with Resources.plan(options.pop("memory_limit", None), options.pop("jobs", 1)) as resources:
        return cooccurrences(
            corpus, str.split, resources=resources, bars=lambda what: progress_bar(what, None, show=False), **options
        )


def pairs(found: Cooccurrences) -> dict[tuple[int, int], int]:
    return dict(zip(zip(found.left.tolist(), found.right.tolist()), found.number.tolist()))


@given(LINES, st.integers(1, 5), st.integers(1, 3))
def test_counts_are_those_of_a_naive_count(lines: list[list[str]], window: int, min_count: int) -> None:
    found = counted([" ".join(line) for line in lines], window=window, min_count=min_count)
    tally = Tally(word for line in lines for word in line if any(map(str.isalnum, word)))
    expected = sorted(((word, n) for word, n in tally.items() if n >= min_count), key=lambda row: (-row[1], row[0]))
    assert list(zip(found.words, found.counts.tolist())) == expected
    assert pairs(found) == naive_counts(lines, found.words, window)
    order = list(zip(found.left.tolist(), found.right.tolist()))
    assert order == sorted(order)
    sums: Tally[int] = Tally()
    for (left, right), number in pairs(found).items():
        sums[left] += number
        sums[right] += number
    assert found.totals.tolist() == [sums[i] for i in range(len(found.words))]


@given(LINES, st.integers(1, 4))
def test_a_long_line_is_counted_piece_by_piece(lines: list[list[str]], window: int) -> None:
    whole = [word for line in lines for word in line]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence_module, "_AT_ONCE", 3)
        found = counted([" ".join(whole)], window=window)
    assert pairs(found) == naive_counts([whole], found.words, window)


def test_vocabulary_and_most_words() -> None:
    text = ["，", "甲 乙 丙 ， 乙 丙 丙"]
    assert counted(text, most_words=2).words == ("丙", "乙")
    found = counted(text, vocabulary=["甲", "丙", "，", "丁"])
    assert found.words == ("丙", "，", "甲")
    assert pairs(found) == {(0, 0): 2, (0, 1): 3, (0, 2): 1}  # 乙 is no word of it, but keeps its place


def test_a_mark_that_is_a_word_ends_no_window() -> None:
    assert pairs(counted(["甲 ， 乙"], vocabulary=["甲", "乙", "，"])) == {(0, 1): 1, (0, 2): 2, (1, 2): 2}
    assert pairs(counted(["甲 ， 乙"], vocabulary=["甲", "乙"])) == {}


def test_words_longer_than_a_hundred_characters_are_passed_over() -> None:
    assert counted(["长" * 101 + " " + "短" * 100]).words == ("短" * 100,)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("".join(f"{line}\n" for line in PLANTED), encoding="utf-8")
    return path


def same(one: Cooccurrences, other: Cooccurrences) -> bool:
    return one.words == other.words and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("counts", "left", "right", "number", "totals")
    )


def test_workers_and_spilling_count_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = counted(PLANTED)
    lines = [line.split() for line in PLANTED]
    assert pairs(expected) == naive_counts(lines, expected.words, 2)
    assert same(counted(TextFiles(file), jobs=2), expected)
    monkeypatch.setattr(cooccurrence_module, "_AT_ONCE", 500)
    monkeypatch.setattr(cooccurrence_module, "_HELD", 5)
    monkeypatch.setattr("nlp_zero.statistics.sums._MERGED_FROM", 100)
    assert same(counted(TextFiles(file), memory_limit="64MB"), expected)


def test_the_rarest_pairs_are_dropped_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = counted(PLANTED)
    monkeypatch.setattr(cooccurrence_module, "_MOST_PAIRS", 100)
    found = counted(PLANTED)
    least = min(pairs(found).values())
    assert len(found.left) <= 100
    assert pairs(found) == {pair: number for pair, number in pairs(whole).items() if number >= least}
    rarer = max(number for number in pairs(whole).values() if number < least)
    assert sum(number >= rarer for number in pairs(whole).values()) > 100
    assert found.totals.tolist() == whole.totals.tolist()


# ----------------------------------------------------------------------------------------------- what is made of it


def dense(matrix: SymmetricMatrix) -> Any:
    out = np.zeros((len(matrix), len(matrix)))
    for row in range(len(matrix)):
        some = slice(matrix.starts[row], matrix.starts[row + 1])
        assert np.all(np.diff(matrix.columns[some]) > 0)
        out[row, matrix.columns[some]] = matrix.values[some]
    return out


def triangle(counts: Any) -> tuple[Any, Any, Any]:
    left, right = np.nonzero(np.triu(counts))
    return left, right, counts[left, right]


TRIANGLES = arrays.arrays(np.int64, st.integers(1, 9).map(lambda n: (n, n)), elements=st.integers(0, 50)).map(np.triu)


@settings(deadline=None)
@given(TRIANGLES, st.floats(-2, 2), st.sampled_from([0.0, 0.5, 0.75, 1.0]))
def test_positive_pmi_is_that_of_dense_arrays(counts: Any, shift: float, smoothing: float) -> None:
    cells = (counts + counts.T).astype(float)
    totals = cells.sum(axis=1)
    found = dense(positive_pmi(*triangle(counts), totals, shift=shift, smoothing=smoothing))
    expected = np.zeros_like(cells)
    n = len(cells)
    for i in range(n):
        for j in range(n):
            if cells[i, j]:
                share = totals / totals.sum()
                smooth = [t**smoothing / sum(u**smoothing for u in totals if u) for t in totals]
                pmi = math.log(cells[i, j] / cells.sum())
                pmi -= (math.log(share[i] * smooth[i]) + math.log(share[j] * smooth[j])) / 2
                expected[i, j] = max(0.0, pmi - shift)
    assert found == pytest.approx(expected, abs=1e-5)
    assert np.array_equal(found, found.T)


@given(TRIANGLES, st.integers(1, 4))
def test_products_with_dense_matrices(counts: Any, width: int) -> None:
    left, right, values = triangle(counts)
    matrix = SymmetricMatrix.from_triangle(left, right, values.astype(float), len(counts))
    whole = np.triu(counts) + np.triu(counts, 1).T
    assert np.array_equal(dense(matrix), whole)
    other = np.arange(len(counts) * width, dtype=float).reshape(-1, width)
    assert matrix @ other == pytest.approx(whole @ other)


@settings(deadline=None)
@given(TRIANGLES, st.integers(1, 12))
def test_small_matrices_have_the_singular_values_of_numpy(counts: Any, number: int) -> None:
    left, right, values = triangle(counts)
    matrix = SymmetricMatrix.from_triangle(left, right, values.astype(float), len(counts))
    found, vectors = leading_eigenpairs(matrix, number)
    singular = np.linalg.svd(dense(matrix), compute_uv=False)
    expected = singular[:number][singular[:number] > 1e-6 * singular[0]]
    assert np.abs(found) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert vectors.T @ vectors == pytest.approx(np.eye(len(found)), abs=1e-9)
    assert dense(matrix) @ vectors == pytest.approx(vectors * found, abs=1e-6)


@pytest.mark.parametrize("rank", [3, 30, 200])
def test_great_matrices_are_nearly_as_numpy_has_them(rank: int) -> None:
    draw = np.random.Generator(np.random.PCG64(5))
    turned = np.linalg.qr(draw.standard_normal((400, rank)))[0]
    whole = turned * (draw.choice([-1.0, 1.0], rank) * 100 * 0.85 ** np.arange(rank)) @ turned.T
    left, right = np.triu_indices(400)
    matrix = SymmetricMatrix.from_triangle(left, right, whole[left, right], 400)
    found, vectors = leading_eigenpairs(matrix, 20)
    singular = np.linalg.svd(whole, compute_uv=False)[: min(rank, 20)]
    assert np.abs(found) == pytest.approx(singular, rel=1e-3)
    assert vectors.T @ vectors == pytest.approx(np.eye(len(found)), abs=1e-9)
    best = math.sqrt(float((np.linalg.svd(whole, compute_uv=False)[20:] ** 2).sum()))
    assert np.linalg.norm(whole - vectors * found @ vectors.T) <= 1.01 * best + 1e-3


def test_farthest_entries_are_positive() -> None:
    found = learnt(PLANTED, size=8)
    assert found.vector_size == 8
    farthest = np.abs(found.vectors).argmax(axis=0)
    assert (found.vectors[farthest, np.arange(8)] > 0).all()


def test_exponent_weighs_eigenvalues() -> None:
    sizes = [np.linalg.norm(learnt(PLANTED, size=5, exponent=exponent).vectors, axis=0) for exponent in (0, 0.5, 1)]
    assert sizes[0] == pytest.approx(np.ones(5), rel=1e-5)
    assert sizes[1] ** 2 == pytest.approx(sizes[2], rel=1e-4)
    assert (np.diff(sizes[2]) <= 0).all()


def test_products_are_the_associations() -> None:
    """What word2vec fits by steps: <v(i), v(j)> = PMI(i, j), where no eigenvalue is negative."""
    words, number = "甲 乙 丙 丁".split(), [40, 40, 40, 40, 5]
    found = WordVectors.from_cooccurrences(
        words, None, [0, 1, 2, 3, 0], [0, 1, 2, 3, 1], number, smoothing=1, exponent=0.5
    )
    assert found.vectors[2] @ found.vectors[2] == pytest.approx(math.log((80 / 330) / (80 / 330) ** 2), rel=1e-5)
    assert found.vectors[0] @ found.vectors[2] == pytest.approx(0, abs=1e-6)


def test_neighbours_are_of_the_same_subject() -> None:
    found = learnt(PLANTED)
    for subject in (FRUIT, DEVICES):
        for word in subject:
            near = [other for other, _ in found.most_similar(word, topn=None) if other in FRUIT + DEVICES]
            assert set(near[:5]) == set(subject) - {word}


def test_from_cooccurrences_is_from_corpus() -> None:
    expected = learnt(PLANTED, size=6)
    found = counted(PLANTED, min_count=5)
    columns = [found.left, found.right, found.number]
    again = WordVectors.from_cooccurrences(found.words, found.counts, *columns, size=6)
    assert again == expected
    order = np.random.Generator(np.random.PCG64(3)).permutation(len(found.left))
    left, right, number = (column[order] for column in columns)
    halves = np.concatenate([number // 2, number - number // 2])
    again = WordVectors.from_cooccurrences(
        found.words, None, np.concatenate([left, right]), np.concatenate([right, left]), halves.astype(float), size=6
    )
    assert np.array_equal(again.vectors, expected.vectors)
    assert again.counts is None and expected.counts is not None


def test_few_words_have_short_vectors() -> None:
    found = learnt(["甲 乙"] * 5)
    assert (len(found), found.vector_size) == (2, 2)
    alone = learnt(["甲"] * 5)
    assert (alone.words, alone.vectors.shape) == (("甲",), (1, 0))
    assert alone.most_similar("甲") == []


@pytest.mark.parametrize(
    ("corpus", "options", "reason"),
    [
        ([], {}, "no vectors: no word occurs so often as min_count=5; lower it, or give more text"),
        (["，。"], {"min_count": 1}, "no vectors: no word occurs so often as min_count=1; give more text"),
        (["甲 乙"], {"vocabulary": ["丙"]}, "no vectors: no word of the vocabulary occurs so often as min_count=5; l"),
    ],
    ids=["empty", "marks", "vocabulary"],
)
def test_nothing_learnt_is_said(corpus: list[str], options: dict[str, Any], reason: str, tmp_path: Path) -> None:
    with pytest.warns(EmptyResultWarning, match=f"^{re.escape(reason)}"):
        found = learnt(corpus, **options)
    assert len(found) == 0
    found.save(tmp_path / "empty")
    assert WordVectors.load(tmp_path / "empty") == found
    found.save_word2vec_format(tmp_path / "empty.txt")
    assert len(WordVectors.load_word2vec_format(tmp_path / "empty.txt")) == 0


def test_little_memory_leaves_out_rare_words(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(vectors_module, "_DENSE_BYTES", 2**14)
    found = learnt(PLANTED, memory_limit="64MB", size=10)
    whole = learnt(PLANTED, size=10)
    assert 0 < len(found) < len(whole)
    assert found.words == whole.words[: len(found)]
    assert f"there is room for the vectors of {len(found)} words" in caplog.text


def test_same_bytes_for_any_jobs_core_and_hash_seed(file: Path) -> None:
    program = """
import sys
from nlp_zero import TextFiles
from nlp_zero.terms.vectors import WordVectors
if __name__ == "__main__":
    corpus = TextFiles("text.txt")
    WordVectors.from_corpus(corpus, str.split, size=6, jobs=int(sys.argv[1])).save(sys.argv[2])
"""
    (file.parent / "run.py").write_text(program, encoding="utf-8")
    outputs = []
    for core, jobs, seed in (("auto", "1", "1"), ("python", "2", "2")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "NLP_ZERO_CORE": core,
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }
        out = f"{core}.vectors"
        subprocess.run([sys.executable, "run.py", jobs, out], cwd=file.parent, env=environment, check=True)
        outputs.append((file.parent / out).read_bytes())
    assert outputs[0] == outputs[1]


# --------------------------------------------------------------------------------------------------- a value


def test_mapping() -> None:
    assert (len(VECTORS), list(VECTORS), VECTORS.words) == (3, ["苹果", "雪梨", "电脑"], ("苹果", "雪梨", "电脑"))
    assert "雪梨" in VECTORS and "香蕉" not in VECTORS and 5 not in VECTORS
    assert VECTORS["电脑"].tolist() == [0, 1] and VECTORS["电脑"].dtype == np.float32
    assert VECTORS.get("香蕉") is None
    assert VECTORS.vector_size == 2
    assert dict(VECTORS.key_to_index) == {"苹果": 0, "雪梨": 1, "电脑": 2}
    assert repr(VECTORS) == "<WordVectors: 3 words, size 2: 苹果, 雪梨, 电脑>"
    assert VECTORS.counts is not None and VECTORS.counts.tolist() == [9, 5, 7]
    with pytest.raises(KeyError, match="^'香蕉'$"):
        VECTORS["香蕉"]


def test_equality_and_hash() -> None:
    again = WordVectors(VECTORS.words, VECTORS.vectors, VECTORS.counts)
    assert again == VECTORS and hash(again) == hash(VECTORS)
    assert WordVectors(VECTORS.words, VECTORS.vectors) != VECTORS
    assert WordVectors(VECTORS.words, VECTORS.vectors * 2, VECTORS.counts) != VECTORS
    assert VECTORS != dict(VECTORS.key_to_index)


def test_nothing_can_be_changed() -> None:
    mine = np.ones((1, 2), dtype=np.float32)
    found = WordVectors(["甲"], mine, [3])
    mine[0, 0] = 5
    assert found["甲"].tolist() == [1, 1] and mine.flags.writeable
    for array in (found["甲"], found.vectors, found.counts, np.asarray(found)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0  # type: ignore[index]
    with pytest.raises(TypeError):
        found.key_to_index["甲"] = 1  # type: ignore[index]


def test_asarray() -> None:
    assert np.shares_memory(np.asarray(VECTORS), VECTORS.vectors)
    assert np.asarray(VECTORS, dtype=np.float64).dtype == np.float64
    copy = np.array(VECTORS)
    assert copy.flags.writeable and np.array_equal(copy, VECTORS.vectors)
    with pytest.raises(ValueError, match="^copy: expected None or True for another type than float32, found False"):
        VECTORS.__array__(np.float64, copy=False)


def test_pickle() -> None:
    again = pickle.loads(pickle.dumps(VECTORS))
    assert again == VECTORS and not again.vectors.flags.writeable


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: WordVectors("甲乙", [[1], [2]]), TypeError, "words: expected several words, found the str '甲乙'"),
        (lambda: WordVectors(["甲", 5], [[1], [2]]), TypeError, "words: expected words of type str, found 5"),
        (lambda: WordVectors(["甲", ""], [[1], [2]]), ValueError, "words: expected words, found an empty str"),
        (lambda: WordVectors(["甲", "甲"], [[1], [2]]), ValueError, "words: the word '甲' occurs twice"),
        (lambda: WordVectors(["甲"], [[], []]), ValueError, "vectors: expected 1 rows, one a word, found shape (2, 0)"),
        (lambda: WordVectors(["甲"], [1]), ValueError, "vectors: expected 1 rows, one a word, found shape (1,)"),
        (
            lambda: WordVectors(["甲", "乙"], [[1], [1e39]]),
            ValueError,
            "vectors: expected finite numbers of float32, found others for '乙'",
        ),
        (
            lambda: WordVectors(["甲"], [[1]], [1.5]),
            ValueError,
            "counts: expected 1 whole numbers, found shape (1,) of float64",
        ),
        (
            lambda: WordVectors(["甲"], [[1]], [-1]),
            ValueError,
            "counts: expected whole numbers from 0 to 2 ** 63 - 1, found -1",
        ),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused(make: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        make()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([0], [1], [[1]]), "number: expected a list of numbers, found shape (1, 1) of int64"),
        (([0], [1], ["x"]), "number: expected a list of numbers, found shape (1,) of <U1"),
        (([0], [1], [-1]), "number: expected numbers from 0 on, less than 2 ** 53 in all, found -1.0"),
        (([0], [1], [math.nan]), "number: expected numbers from 0 on, less than 2 ** 53 in all, found nan"),
        (([0], [1], [1e17]), "number: expected numbers from 0 on, less than 2 ** 53 in all, found a sum of 1e+17"),
        (([0, 1], [1], [1]), "left: expected 1 whole numbers, as many as there are in number, found shape (2,) of "),
        (([0], [1.5], [1]), "right: expected 1 whole numbers, as many as there are in number, found shape (1,) of fl"),
        (([-1], [1], [1]), "left: expected places of the 2 words from 0 on, found -1"),
        (([0], [2], [1]), "right: expected places of the 2 words from 0 on, found 2"),
    ],
)
def test_what_are_no_pairs_is_refused(columns: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        WordVectors.from_cooccurrences(["甲", "乙"], None, *columns)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size: expected a whole number from 1 on, found 0"),
        ({"window": True}, "window: expected a whole number from 1 on, found True"),
        ({"min_count": 1.5}, "min_count: expected a whole number from 1 on, found 1.5"),
        ({"most_words": None}, "most_words: expected a whole number from 1 on, found None"),
        ({"shift": math.inf}, "shift: expected a finite number, found inf"),
        ({"smoothing": -0.5}, "smoothing: expected a finite number from 0 on, found -0.5"),
        ({"exponent": "1"}, "exponent: expected a finite number from 0 on, found '1'"),
        ({"jobs": 0}, "jobs: expected a whole number from 1 on, found 0"),
        ({"memory_limit": "1MB"}, "memory_limit: expected at least 64 MB, found 1MB"),
    ],
)
def test_parameters_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        learnt(PLANTED, **options)


def test_what_is_no_corpus_or_no_segmenter_is_refused() -> None:
    with pytest.raises(CorpusNotRestartableError):
        learnt(line for line in PLANTED)
    with pytest.raises(TypeError, match="^segmenter: expected a segmenter or a function"):
        WordVectors.from_corpus(PLANTED, 5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="^vocabulary: expected several words, found the str '苹果'$"):
        learnt(PLANTED, vocabulary="苹果")


# ------------------------------------------------------------------------------------------------ similar words


@settings(deadline=None)
@given(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=st.floats(-9, 9, width=16)),
    st.integers(0, 10),
    st.data(),
)
def test_most_similar_is_that_of_a_naive_search(matrix: Any, topn: int, data: st.DataObject) -> None:
    words = [f"词{i}" for i in range(len(matrix))]
    found = WordVectors(words, matrix)
    positive = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=3))
    negative = data.draw(st.lists(st.sampled_from(words), max_size=2))
    rows = matrix.astype(np.float64)
    units = rows / np.where(np.linalg.norm(rows, axis=1) > 0, np.linalg.norm(rows, axis=1), 1)[:, None]
    target = sum(units[words.index(word)] for word in positive) - sum(units[words.index(word)] for word in negative)
    target = target / (np.linalg.norm(target) or 1)
    expected = dict(zip(words, (units @ target).tolist()))
    near = found.most_similar(positive, negative, topn=topn)
    others = set(words) - {*positive, *negative}
    assert len(near) == min(topn, len(others))
    assert near == sorted(near, key=lambda row: (-row[1], row[0]))
    every = found.most_similar(positive, negative, topn=None)
    assert every[: len(near)] == near and {word for word, _ in every} == others
    if np.linalg.norm(target) > 1e-6:
        for word, cosine in every:
            assert cosine == pytest.approx(expected[word], abs=2e-6)


def test_similar_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors_module, "_ROWS", 2)
    assert VECTORS.most_similar("苹果", topn=1) == VECTORS.most_similar(["苹果"], topn=1) == [("雪梨", 0.995229)]
    assert VECTORS.most_similar(positive=["苹果"], negative=["电脑"]) == [("雪梨", 0.595459)]
    assert VECTORS.most_similar(negative="电脑")[0][0] == "苹果"
    assert VECTORS.similar_by_vector([0, 2], topn=1) == [("电脑", 1.0)]
    assert VECTORS.similarity("苹果", "雪梨") == VECTORS.similarity("雪梨", "苹果") == 0.995229
    assert VECTORS.similarity("苹果", "苹果") == 1.0


def test_ties_are_in_the_order_of_words() -> None:
    found = WordVectors("丁 丙 乙 甲".split(), [[1, 0], [2, 0], [3, 0], [0, 0]])
    assert found.most_similar("丁", topn=1) == [("丙", 1.0)]
    assert [word for word, _ in found.most_similar("甲")] == sorted("丁 丙 乙".split())
    assert found.similarity("甲", "甲") == 0.0


def test_great_numbers_do_not_overflow() -> None:
    assert WordVectors(["甲", "乙"], [[3e38, 3e38], [3e38, 0]]).similarity("甲", "乙") == 0.707107


def test_unknown_words_are_named() -> None:
    with pytest.raises(KeyError, match="no vector for '香蕉', '西瓜'"):
        VECTORS.most_similar(["苹果", "香蕉", "西瓜"])
    with pytest.raises(KeyError, match="no vector for '西瓜'"):
        VECTORS.most_similar("苹果", "西瓜")
    with pytest.raises(KeyError, match="no vector for '香蕉'"):
        VECTORS.similarity("苹果", "香蕉")
    with pytest.raises(ValueError, match="^positive: expected a word or more, found none$"):
        VECTORS.most_similar()
    with pytest.raises(ValueError, match="^topn: expected a whole number from 0 on, found -1$"):
        VECTORS.most_similar("苹果", topn=-1)
    with pytest.raises(ValueError, match=r"^vector: expected 2 finite numbers, found shape \(3,\)$"):
        VECTORS.similar_by_vector([1, 2, 3])
    with pytest.raises(ValueError, match="^vector: expected 2 finite numbers, found others$"):
        VECTORS.similar_by_vector([1, math.nan])


# ------------------------------------------------------------------------------------------------------ files


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for properties, which go through many files."""
    return tmp_path_factory.mktemp("vectors")


VALUES = st.lists(WORDS, max_size=5, unique=True).flatmap(
    lambda words: st.tuples(
        st.just(words),
        arrays.arrays(
            np.float32,
            st.tuples(st.just(len(words)), st.integers(1, 3)),
            elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
        ),
        st.none() | arrays.arrays(np.int64, len(words), elements=st.integers(0, 2**63 - 1)),
    )
)


@given(VALUES)
def test_what_is_saved_is_loaded(scratch: Path, value: tuple[Any, Any, Any]) -> None:
    path = scratch / "值.vectors"
    found = WordVectors(*value)
    path.unlink(missing_ok=True)
    found.save(path)
    again = WordVectors.load(path)
    assert again == found and again.words == found.words and not again.vectors.flags.writeable
    assert pickle.loads(pickle.dumps(again)) == found


def test_lone_surrogates_are_kept(tmp_path: Path) -> None:
    found = WordVectors(["\ud800"], [[1]])
    found.save(tmp_path / "v")
    assert WordVectors.load(tmp_path / "v") == found


def refused(path: Path, reason: str = "") -> None:
    with pytest.raises(ModelFormatError) as caught:
        WordVectors.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and message.endswith("; make it anew with WordVectors.save()"), message
    assert reason in message, message


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(scratch: Path, data: bytes) -> None:
    path = scratch / "random"
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    refused(path)


def test_damaged_files_are_refused(scratch: Path) -> None:
    path, whole = scratch / "damaged", scratch / "whole"
    VECTORS.save(whole)
    data = whole.read_bytes()
    for place in range(0, len(data), 3):
        path.unlink(missing_ok=True)
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :])
        refused(path)
        path.unlink()
        path.write_bytes(data[:place])
        refused(path)


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("vectors", None, "'vectors' is missing"),
        ("vectors", np.zeros((2, 2), dtype=np.float32), "expected 3 rows, one a word, found shape (2, 2)"),
        ("vectors", np.zeros((3, 2)), "of other types"),
        ("vectors", np.full((3, 2), np.nan, dtype=np.float32), "expected finite numbers"),
        ("words.text", np.full(18, 255, dtype=np.uint8), "can't decode"),
        ("words.text", np.frombuffer("苹果苹果电脑".encode(), dtype=np.uint8), "'苹果' occurs twice"),
        ("words.offsets", np.array([0, 6, 6, 18]), "the words are damaged"),
        ("words.offsets", np.array([0, 6, 12]), "the words are damaged"),
        ("words.offsets", np.array([], dtype=np.int64), "the words are damaged"),
        ("counts", np.array([1, 2, -3]), "the counts are damaged"),
        ("counts", np.array([1, 2]), "the counts are damaged"),
    ],
)
def test_wrong_arrays_are_refused(tmp_path: Path, name: str, array: Any, reason: str) -> None:
    VECTORS.save(tmp_path / "good")
    _, stored = read_container(tmp_path / "good", "vectors", (1,))
    changed = {**stored, name: array} if array is not None else {k: v for k, v in stored.items() if k != name}
    write_container(tmp_path / "bad", "vectors", 1, {}, changed)
    refused(tmp_path / "bad", reason)


def test_other_containers_are_refused(tmp_path: Path) -> None:
    write_container(tmp_path / "model", "model", 1, {}, {})
    refused(tmp_path / "model", "not a vectors file: it holds model")
    write_container(tmp_path / "new", "vectors", 2, {}, {})
    refused(tmp_path / "new", "version 2 of the format; this program reads 1")
    with pytest.raises(FileNotFoundError):
        WordVectors.load(tmp_path / "missing")


# ------------------------------------------------------------------------------------------- text of word2vec


@given(VALUES, st.booleans())
def test_text_of_word2vec_keeps_every_bit(scratch: Path, value: tuple[Any, Any, Any], header: bool) -> None:
    words, matrix, _ = value
    words = [re.sub(r"[\s\ufeff]", "-", word) + str(number) for number, word in enumerate(words)]
    if any(word.split() != [word] for word in words):
        return
    found = WordVectors(words, matrix)
    found.save_word2vec_format(scratch / "text", header=header)
    again = WordVectors.load_word2vec_format(scratch / "text", header=header)
    assert again.words == found.words
    if words:
        assert again.vectors.tobytes() == found.vectors.tobytes()


def test_text_of_word2vec(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    VECTORS.save_word2vec_format(path)
    assert path.read_text("utf-8") == "3 2\n苹果 1 0.100000001\n雪梨 1 0.200000003\n电脑 0 1\n"
    again = WordVectors.load_word2vec_format(path)
    assert again == WordVectors(VECTORS.words, VECTORS.vectors)
    VECTORS.save_word2vec_format(path, header=False)
    assert path.read_text("utf-8").startswith("苹果 1")
    assert WordVectors.load_word2vec_format(path) == again


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (b"\xef\xbb\xbf2 1\n\xe7\x94\xb2 1 \n\xe4\xb9\x99\t2e0 \n\n", {}),
        ("甲 1\r\n乙 2".encode("gb18030"), {"encoding": "gb18030"}),
        ("甲 1\n乙 2\n".encode("utf-16"), {"encoding": "auto"}),
        ("甲 1\n乙 2\n".encode(), {"header": False}),
    ],
    ids=["bom", "gb18030", "utf-16", "glove"],
)
def test_text_as_others_write_it(tmp_path: Path, data: bytes, options: dict[str, Any]) -> None:
    (tmp_path / "v.txt").write_bytes(data)
    found = WordVectors.load_word2vec_format(tmp_path / "v.txt", **options)
    assert found == WordVectors(["甲", "乙"], [[1], [2]])


def test_a_first_line_of_two_numbers_may_be_a_word(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("7 3\n甲 1\n", encoding="utf-8")
    assert WordVectors.load_word2vec_format(tmp_path / "v.txt", header=False).words == ("7", "甲")


@pytest.mark.parametrize(
    ("text", "options", "line", "expected"),
    [
        ("2 2\n甲 1 2\n乙 1\n", {}, 3, "a word and 2 numbers, separated by blanks (2 cells are there)"),
        ("甲 1 2\n乙 1 2 3\n", {}, 2, "a word and 2 numbers, separated by blanks (4 cells are there)"),
        ("1 2\n甲 1 x\n", {}, 2, "finite numbers of float32 after the word (not 'x')"),
        ("1 2\n甲 1 nan\n", {}, 2, "finite numbers of float32 after the word (not 'nan')"),
        ("1 2\n甲 1 1e39\n", {}, 2, "finite numbers of float32 after the word (not '1e39')"),
        ("1 2\n甲 1 1_0\n", {}, 2, "finite numbers of float32 after the word (not '1_0')"),
        ("2 1\n甲 1\n甲 2\n", {}, 3, "another word than in line 2"),
        ("1 1\n甲 1\n\n乙 2\n", {}, 4, "the end of the file after 1 words, as line 1 says"),
        ("甲 1\n", {"header": True}, 1, "two whole numbers, how many words and how many numbers each has"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, text: str, options: dict[str, Any], line: int, expected: str) -> None:
    path = tmp_path / "v.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LineFormatError) as caught:
        WordVectors.load_word2vec_format(path, **options)
    assert str(caught.value) == f"{path}, line {line}: expected {expected}, found {text.splitlines()[line - 1]!r}"


def test_wrong_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_text("999999999999999 2\n甲 1 2\n", encoding="utf-8")
    with pytest.raises(ModelFormatError, match="expected 999999999999999 words, as line 1 says, found 1; it was cut"):
        WordVectors.load_word2vec_format(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(ModelFormatError, match="expected a first line of two whole numbers, found an empty file$"):
        WordVectors.load_word2vec_format(path, header=True)
    path.write_bytes(b"1 1\n\xff 1\n")
    with pytest.raises(CorpusEncodingError):
        WordVectors.load_word2vec_format(path)
    VECTORS.save(path)
    with pytest.raises(CorpusError, match="expected vectors as text"):
        WordVectors.load_word2vec_format(path)
    with pytest.raises(CorpusError):
        WordVectors.load_word2vec_format(tmp_path / "missing")


@pytest.mark.parametrize("word", ["两 词", "全\u3000角", "行\n", "\ud800"])
def test_words_that_the_format_cannot_hold_are_refused(tmp_path: Path, word: str) -> None:
    with pytest.raises(ValueError, match=f"^words: expected words without white space.*found {re.escape(repr(word))};"):
        WordVectors([word], [[1]]).save_word2vec_format(tmp_path / "v.txt")
    assert list(tmp_path.iterdir()) == []


@given(st.text("0123456789. -e甲乙\n\t", max_size=60), st.sampled_from([None, True, False]))
def test_any_text_is_read_or_refused_by_name(scratch: Path, text: str, header: bool | None) -> None:
    path = scratch / "any.txt"
    path.write_text(text, encoding="utf-8")
    try:
        found = WordVectors.load_word2vec_format(path, header=header)
    except (LineFormatError, ModelFormatError) as error:
        assert str(error).startswith(str(path))
    else:
        assert np.isfinite(found.vectors).all()


def test_word2vec_files_are_not_compressed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="^path: what is written is not compressed"):
        WordVectors(["油"], [[1.0]]).save_word2vec_format(tmp_path / "vectors.txt.gz")
    assert not list(tmp_path.iterdir())
