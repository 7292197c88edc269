"""Exact counts: against a Counter, as values that add up, and on disk."""

from __future__ import annotations

import mmap
import os
import pickle
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import CountsFormatError, NgramCounts
from nlp_zero.core.symbols import FIRST_SYMBOL, NUMBER
from nlp_zero.files import write_container
from nlp_zero.statistics import counts
from nlp_zero.statistics.strings import StringCounts, sum_counts
from nlp_zero.text import corpus as corpus_module
from nlp_zero.text.characters import CLASS_NAMES, units

corpora = st.lists(st.text("中国人民𠮷7８.,aB，。 \n…す", max_size=20), max_size=5)
orders = st.integers(1, 8)
chunks = st.integers(1, 12)


def runs(corpus: list[str]) -> Iterator[list[str]]:
    """The runs of a corpus, their units as they are written in a lexicon."""
    for text in corpus:
        run: list[str] = []
        for symbol in [*units(text).symbols.tolist(), 0]:
            if symbol >= FIRST_SYMBOL:
                run.append(CLASS_NAMES.get(symbol) or chr(symbol))
            elif run:
                yield run
                run = []


def naive(corpus: list[str], order: int) -> Counter[tuple[str, ...]]:
    """All n-grams."""
    found: Counter[tuple[str, ...]] = Counter()
    for run in runs(corpus):
        for size in range(1, order + 1):
            found.update(tuple(run[i : i + size]) for i in range(len(run) - size + 1))
    return found


def made(corpus: list[str], order: int, chunk: int = 1 << 22) -> NgramCounts:
    """Counts that are made in chunks of so many symbols, from pieces of so many characters."""
    with patch.object(counts, "_CHUNK", chunk), patch.object(corpus_module, "PIECE_SIZE", chunk):
        return NgramCounts.from_corpus(corpus, order=order)


def listed(found: NgramCounts) -> list[dict[str, int]]:
    """What is counted, by length."""
    return [dict(found.items(length)) for length in range(1, found.order + 1)]


def by_length(found: Counter[tuple[str, ...]], order: int) -> list[dict[str, int]]:
    return [{"".join(g): n for g, n in found.items() if len(g) == length} for length in range(1, order + 1)]


# ------------------------------------------------------------------------------------------------- counting


@given(corpora, orders, chunks)
@example([], 3, 1)
@example(["", "，"], 3, 1)
@example(["1998年，8年，K线图"], 4, 1)
def test_counts_are_exact(corpus: list[str], order: int, chunk: int) -> None:
    expected, found = naive(corpus, order), made(corpus, order, chunk)
    assert listed(found) == by_length(expected, order)
    assert len(found) == len(expected)
    assert found.total == sum(n for ngram, n in expected.items() if len(ngram) == 1)
    assert found.longest == max(map(len, expected), default=0)
    for ngram, n in expected.items():
        assert found["".join(ngram)] == n and "".join(ngram) in found


def test_asking_for_ngrams() -> None:
    found = NgramCounts.from_corpus(["1998年，８年、K线图", "5G和DDR5，1998年"], order=3)
    assert (found["<NUM>年"], found["1998年"], found["<LAT><NUM>"], found["<NUM><LAT>和"]) == (3, 3, 1, 1)
    assert (found["年，８"], found[""], found["年K"], found["，"], found["<NUM>年<NUM>年"]) == (0, 0, 0, 0, 0)
    assert "<NUM>年" in found and "年年" not in found and NUMBER not in found
    assert repr(found) == "<NgramCounts: 14 symbols, order 3, [6, 7, 4] different n-grams>"
    assert [list(found.items(length)) for length in (0, 4, -1)] == [[], [], []]
    in_order = ["和<LAT><NUM>", "<NUM><LAT>和", "<LAT>和<LAT>", "<LAT>线图"]
    assert list(found.items(3)) == [(ngram, 1) for ngram in in_order]


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="order: expected 1 to 1024, found 0"):
        NgramCounts.from_corpus(["中国"], order=0)
    with pytest.raises(TypeError, match="corpus item 1 is bytes"):
        NgramCounts.from_corpus(["中国", b"1"])  # type: ignore[list-item]


def test_progress_is_reported_in_characters() -> None:
    amounts: list[int] = []
    NgramCounts.from_corpus(["中国", "人民"], advance=amounts.append)
    assert sum(amounts) == len("中国\n人民")


# --------------------------------------------------------------------------------------------------- adding


@given(corpora, corpora, corpora, orders, chunks)
def test_counts_add_up(a: list[str], b: list[str], c: list[str], order: int, chunk: int) -> None:
    x, y, z = (made(corpus, order, chunk) for corpus in (a, b, c))
    before = listed(x)
    whole = made(a + b + c, order)
    for one_order in (x + y + z, x + (y + z), z + x + y):
        assert one_order == whole and one_order.total == whole.total
    assert NgramCounts.sum_of([x, y, z, x]) == whole + x
    assert listed(x) == before


@given(corpora, orders)
def test_adding_nothing(corpus: list[str], order: int) -> None:
    whole, nothing = made(corpus, order), made([], order)
    assert whole + nothing == whole == nothing + whole
    assert len(sum_counts([])) == 0


def test_what_cannot_be_added() -> None:
    a, b = (NgramCounts.from_corpus(["中国中国"], order=order) for order in (2, 3))
    with pytest.raises(ValueError, match="other: expected counts of order 2, found order 3"):
        a + b
    for x, y in ((a.frequent(2), a), (a, a.frequent(2))):
        with pytest.raises(ValueError, match=r"add first, then ask for frequent\(\)"):
            x + y


def test_equality() -> None:
    a, b = (NgramCounts.from_corpus(["中"], order=order) for order in (2, 3))
    assert a == NgramCounts.from_corpus(["中"], order=2)
    assert a != b and a != NgramCounts.from_corpus(["中中"], order=2) and a != NgramCounts.from_corpus(["国"], order=2)
    assert a != "中" and a != StringCounts(a.keys, a.counts)
    with pytest.raises(TypeError, match="unhashable"):
        hash(a)


# ------------------------------------------------------------------------------------------------- frequent


@given(corpora, orders, st.integers(0, 5), st.integers(0, 5))
def test_frequent_ones(corpus: list[str], order: int, least: int, more: int) -> None:
    found = made(corpus, order).frequent(least)
    expected = Counter({ngram: n for ngram, n in naive(corpus, order).items() if n >= least})
    assert listed(found) == by_length(expected, order)
    assert (found.order, found.min_count, found.total) == (order, max(least, 1), made(corpus, order).total)
    again = found.frequent(more)
    assert again == made(corpus, order).frequent(max(least, more)) and again.min_count == max(least, more, 1)


# --------------------------------------------------------------------------------------------- tries with counts


@given(corpora, orders)
def test_nodes(corpus: list[str], order: int) -> None:
    found = made(corpus, order)
    strings = [()] + [tuple(s for s in row if s) for row in found.strings(np.arange(len(found)) + 1).tolist()]
    node = {string: i for i, string in enumerate(strings)}
    assert len(node) == len(found) + 1
    assert found.depths.tolist() == [len(string) for string in strings]
    assert found.parents.tolist() == [node[string[:-1]] for string in strings]
    assert found.last_symbols.tolist() == [string[-1] if string else 0 for string in strings]
    assert found.suffixes().tolist() == [node[string[1:]] for string in strings]
    assert found.suffixes(2).tolist() == [node[string[1:]] for string in strings if len(string) <= 2]
    assert [found.node(np.array(string, dtype=np.uint32)) for string in strings] == list(range(len(strings)))


@given(st.lists(st.text("中国人", min_size=1, max_size=4), max_size=8), st.data())
def test_pieces_and_restriction(words: list[str], data: st.DataObject) -> None:
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))[:-1].astype(np.int64)
    symbols = np.array([ord(c) for c in "".join(words)], dtype=np.uint32)
    found = StringCounts.from_pieces(symbols, starts, lengths)
    strings = ["", *("".join(chr(s) for s in row if s) for row in found.strings(np.arange(len(found)) + 1).tolist())]
    assert dict(zip(strings[1:], found.counts.tolist())) == {string: words.count(string) for string in strings[1:]}
    assert set(strings) == {word[:k] for word in [*words, ""] for k in range(len(word) + 1)}
    keep = np.array([data.draw(st.booleans()) for _ in strings])
    keys, nodes = found.restricted(keep)
    kept = {s[:k] for s, wanted in zip(strings, keep) if wanted for k in range(1, len(s) + 1)}
    assert [strings[n] for n in nodes] == [string for string in strings if string in kept]
    smaller = StringCounts(keys, found.counts[nodes - 1])
    rows = smaller.strings(np.arange(len(smaller)) + 1).tolist()
    assert ["".join(chr(s) for s in row if s) for row in rows] == [strings[n] for n in nodes]
    twice = np.isin(np.arange(len(found)) + 1, nodes)
    assert found + smaller == StringCounts(found.keys, found.counts * (1 + twice))


# -------------------------------------------------------------------------------------------------- on disk

CORPUS = ["变压器油温过高，检查变压器油温", "K线图1998年，1998年的K线图", "𠮷野家"]


@given(corpora, orders, st.integers(1, 3))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, corpus: list[str], order: int, least: int) -> None:
    path = tmp_path_factory.getbasetemp() / "counts"
    found = made(corpus, order).frequent(least)
    found.save(path)
    loaded = NgramCounts.load(path)
    for again in (loaded, pickle.loads(pickle.dumps(found)), pickle.loads(pickle.dumps(loaded))):
        assert type(again) is NgramCounts and again == found
        assert (again.order, again.total, again.min_count) == (order, found.total, least)
        assert (again.keys.dtype, again.counts.dtype) == (np.uint64, np.int64)


def test_loaded_counts_are_mapped_and_go_on_working(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    whole = NgramCounts.from_corpus(CORPUS)
    whole.save(os.fspath(path))
    loaded = NgramCounts.load(path)
    base: object = loaded.keys
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base, mmap.mmap)
    with pytest.raises(ValueError):
        loaded.counts[0] = 7
    (loaded + loaded).save(path)  # over the file that is mapped
    assert loaded == whole and NgramCounts.load(path) == whole + whole
    assert NgramCounts.load(path)["变压器"] == 4


def test_an_error_while_saving_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "counts"
    old = NgramCounts.from_corpus(CORPUS)
    old.save(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nlp_zero.files.os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        (old + old).save(path)
    assert os.listdir(tmp_path) == ["counts"]
    assert NgramCounts.load(path) == old


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A copy with one thing wrong."""
    at, size = rng.randrange(len(data)), rng.choice([1, 1, 2, 8, 64, 300])
    return [
        lambda: data[:at],
        lambda: data[:at] + data[at + size :],
        lambda: data[:at] + rng.randbytes(size) + data[at:],
        lambda: data[:at] + rng.randbytes(size) + data[at + size :],
        lambda: data[:at] + bytes(min(size, len(data) - at)) + data[at + size :],
        lambda: data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :],
        lambda: data[:at] + data[at:][:size] + data[at:],
    ][rng.randrange(7)]()


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "damaged.counts"
    whole = NgramCounts.from_corpus(CORPUS, order=3)
    whole.save(path)
    data, rng, refused = path.read_bytes(), random.Random(11), 0
    for _ in range(10_000):
        path.unlink()  # what is mapped must not change
        path.write_bytes(mutated(data, rng))
        try:
            loaded = NgramCounts.load(path)
        except CountsFormatError as error:
            assert str(error).startswith(f"{path}: ") and str(error).endswith(
                "; make it anew with save() or --save-counts"
            )
            refused += 1
        else:
            assert loaded == whole and (loaded.total, loaded.min_count) == (whole.total, whole.min_count)
    assert refused > 5_000


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    one = {"keys": np.array([20], dtype=np.uint64), "counts": np.array([1])}
    meta = {"order": 1, "total": 1, "min_count": 1}
    write_container(path, "counts", 1, meta, one)
    assert len(NgramCounts.load(path)) == 1
    write_container(path, "model", 1, meta, one)
    with pytest.raises(CountsFormatError, match="file: not a counts file: it holds model; make it anew"):
        NgramCounts.load(path)
    write_container(path, "counts", 99, meta, one)
    with pytest.raises(CountsFormatError, match="file: version 99 of the format; this program reads 1; make it anew"):
        NgramCounts.load(path)
    for text in (b"", b"word\tcount\n" * 9):
        path.write_bytes(text)
        with pytest.raises(CountsFormatError, match="file: not a counts file: expected it to begin with"):
            NgramCounts.load(path)
    with pytest.raises(FileNotFoundError):
        NgramCounts.load(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        NgramCounts.load(tmp_path)
