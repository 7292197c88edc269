"""Text as numbers of its words: which symbols there are, where documents end, what counts once, where strings stand."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import Lexicon, LexiconSegmenter, SpillError, TextFiles
from nlp_zero.core.symbols import FIRST_SYMBOL, Symbols
from nlp_zero.parallel import Workers
from nlp_zero.resources import Resources
from nlp_zero.sentences.cutting import AnySegmenter
from nlp_zero.statistics.strings import StringCounts
from nlp_zero.temporary import Scratch
from nlp_zero.terms import tokens
from nlp_zero.terms.tokens import (
    DOCUMENT,
    FIRST_WORD,
    LINE,
    Once,
    TokenStore,
    Vocabulary,
    is_mark,
    matches,
    read_tokens,
    runs_of,
)

WORDS = ["变压器", "油温", "过高", "检查"]
SEGMENTER = LexiconSegmenter(Lexicon.from_counts(dict.fromkeys(WORDS, 9)))
MARK = 19  # a symbol that stands for a mark where a test says so


def plain(room: int = 1 << 30) -> Resources:
    """What one worker may use; its files vanish with it."""
    return Resources(room, Workers(1, share_memory=True), Scratch())


@contextmanager
def resources_of(room: int = 1 << 30, jobs: int = 1, *, share: bool = True) -> Iterator[Resources]:
    with tempfile.TemporaryDirectory() as folder, Scratch(folder) as scratch:
        with Resources(room, Workers(jobs, share_memory=share), scratch) as resources:
            yield resources


def array(symbols: Iterable[int]) -> Symbols:
    return np.array(list(symbols), dtype=np.uint32)


def read(
    corpora: Iterable[Iterable[str]],
    segmenter: AnySegmenter = str.split,
    vocabulary: Vocabulary | None = None,
    *,
    least: int = 1 << 16,
    jobs: int = 1,
    share: bool = True,
) -> list[list[str]]:
    """What the symbols of each piece stand for; ``|`` for the end of a document, an empty string for no symbol."""
    vocabulary = Vocabulary() if vocabulary is None else vocabulary
    shown = {DOCUMENT: "|"} | {FIRST_SYMBOL + i: name for i, name in enumerate(vocabulary.names) if i != 1}
    with resources_of(jobs=jobs, share=share) as resources:
        pieces = [piece.tolist() for piece in read_tokens(corpora, segmenter, vocabulary, resources, least=least)]
    shown |= {FIRST_SYMBOL + i: name for i, name in enumerate(vocabulary.names) if i != 1}
    return [[shown.get(symbol, "") for symbol in piece] for piece in pieces]


# -------------------------------------------------------------------------------------------------- vocabulary


@pytest.mark.parametrize(
    ("token", "mark"),
    [
        *[(token, True) for token in ("，", "——", "……", "。", "%", "😀", "(", "\u200b", "\x00", "\ud800", "")],
        *[(token, False) for token in ("油", "变压器", "5", "3.5%", "K线", "𠮷", "５", "а", "C++", "-3")],
    ],
)
def test_marks_hold_neither_letters_nor_digits(token: str, mark: bool) -> None:
    assert is_mark(token) is mark


def test_symbols_are_given_in_the_order_in_which_tokens_come() -> None:
    vocabulary = Vocabulary()
    found = [vocabulary[token] for token in ("油温", "，", "油温", "过高", "，", "K线")]
    assert found == [FIRST_WORD, FIRST_WORD + 1, FIRST_WORD, FIRST_WORD + 2, FIRST_WORD + 1, FIRST_WORD + 3]
    assert vocabulary.names[FIRST_WORD - FIRST_SYMBOL :] == ["油温", "，", "过高", "K线"]
    marks = vocabulary.marks(array([*found, LINE, DOCUMENT, FIRST_WORD - 1, 0, 1]))
    assert marks.tolist() == [False, True, False, False, True, False, True, True, True, True, True]


@pytest.mark.parametrize("token", ["\n", "\r\n", "\r", " \n", "\n\n", "\u3000\r"])
def test_line_ends(token: str) -> None:
    vocabulary = Vocabulary()
    assert vocabulary[token] == LINE
    vocabulary.close()
    assert vocabulary[token] == LINE
    assert len(vocabulary) == 0


@pytest.mark.parametrize("token", [" ", "\t", "\u3000 ", "\x0b", "\x85", "\u2028"])
def test_other_white_space_is_a_mark_that_ends_no_line(token: str) -> None:
    symbol = Vocabulary()[token]
    assert FIRST_SYMBOL <= symbol < FIRST_WORD and symbol not in (LINE, DOCUMENT)
    assert Vocabulary().marks(array([symbol])).all()


def test_a_closed_vocabulary_takes_nothing_new() -> None:
    vocabulary = Vocabulary()
    known = vocabulary["油温"], vocabulary["，"]
    vocabulary.close()
    assert (vocabulary["油温"], vocabulary["，"]) == known
    unknown = array([vocabulary["过高"], vocabulary["。"], vocabulary["过高"]])
    assert (unknown < FIRST_SYMBOL).all() and unknown[0] == unknown[2] != unknown[1]
    assert "过高" not in vocabulary and len(vocabulary) == 2
    assert vocabulary.marks(unknown).all()  # no word of its own: nothing is counted across it
    assert vocabulary.word_number(array([*known, *unknown, LINE])) == 3  # but it is a word: 油温, 过高, 过高


def test_when_there_are_no_more_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "SYMBOL_LIMIT", FIRST_WORD + 2)
    vocabulary = Vocabulary()
    assert [vocabulary[token] for token in ("油", "温", "油")] == [FIRST_WORD, FIRST_WORD + 1, FIRST_WORD]
    rest = [vocabulary[token] for token in ("高", "，", "低", "高")]
    assert rest[0] == rest[2] == rest[3] != rest[1] and max(rest) < FIRST_SYMBOL
    assert vocabulary["\n"] == LINE
    assert len(vocabulary.names) == FIRST_WORD - FIRST_SYMBOL + 2
    assert vocabulary.word_number(array(rest)) == 3


# ----------------------------------------------------------------------------------------------- reading text


def test_texts_of_a_list_are_documents() -> None:
    """Each of them ends with a line end, whether it has one or not."""
    expected = [["油温", "，", "过高", "\n", "检查", "\n", "|", "油温", "\n", "|"]]
    for end in ("", "\n", "\r\n", "\r"):
        assert read([["油温 ， 过高\n检查", "油温" + end]]) == expected
        assert read([["油温，过高\n检查" + end, "油温"]], SEGMENTER) == expected
        assert read([["油温，过高\n检查", "油温" + end]], SEGMENTER.words) == expected
    assert read([["", "油温"]]) == read([["", "油温"]], SEGMENTER) == [["\n", "|", "油温", "\n", "|"]]


def test_several_corpora_are_one_after_the_other() -> None:
    assert read([["油温"], ["过高"], []]) == read([["油温", "过高"]])
    assert read([[]]) == read([]) == []


def test_white_space_of_a_segmenter_that_gives_tokens_is_a_gap() -> None:
    assert read([["油温 过高"]], SEGMENTER) == [["油温", " ", "过高", "\n", "|"]]
    assert read([["油温 过高"]]) == [["油温", "过高", "\n", "|"]]  # a function keeps none


def test_lines_of_one_file_are_documents(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_bytes("油温过高\r\n检查\n油温".encode())
    found = read([TextFiles(path)], SEGMENTER)
    assert found == [["油温", "过高", "\n", "检查", "\n", "油温", "\n"]]
    assert read([TextFiles(path)], SEGMENTER.words) == found


def test_files_are_documents_if_there_are_several(tmp_path: Path) -> None:
    for name, text in (("1.txt", "油温\n过高"), ("2.txt", ""), ("3.txt", "检查\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    expected = [["油温", "\n", "过高", "\n", "|", "检查", "\n", "|"]]
    assert read([TextFiles(tmp_path)], SEGMENTER) == expected
    one = [TextFiles(tmp_path / "1.txt"), TextFiles(tmp_path / "3.txt")]
    assert read(one, SEGMENTER) == expected
    assert read([one[0], ["检查\n"]], SEGMENTER) == expected


@pytest.mark.parametrize("segmenter", [str.split, SEGMENTER.words, lambda text: list(text)])
def test_any_function_segments(segmenter: Callable[[str], list[str]]) -> None:
    text = "油温 过高，\n检查 油温。"
    expected = [word for line in text.split("\n") for word in [*filter(str.strip, segmenter(line)), "\n"]]
    assert read([[text]], segmenter) == [[*expected, "|"]]


def test_pieces_have_at_least_so_many_symbols(tmp_path: Path) -> None:
    texts = [" ".join(WORDS[i % 4] for i in range(number)) + " ，\n词" for number in (3, 0, 7, 1, 1, 12, 5)]
    whole = read([texts])
    assert len(whole) == 1
    for least in (1, 2, 5, 10, 20, 1000):
        pieces = read([texts], least=least)
        assert [token for piece in pieces for token in piece] == whole[0]
        assert all(len([token for token in piece if token != "|"]) >= least for piece in pieces[:-1])
        assert all(piece[-2:] == ["\n", "|"] for piece in pieces)
        assert least > 1 or len(pieces) == len(texts)


@pytest.mark.parametrize("share", [True, False])
def test_workers_give_the_same_symbols(share: bool) -> None:
    texts = [f"{WORDS[i % 4]} 词{i % 7} ， {WORDS[i % 3]}\n词{i}" for i in range(60)]
    one, two = Vocabulary(), Vocabulary()
    assert read([texts], vocabulary=one) == read([texts], vocabulary=two, jobs=2, share=share)
    assert one.names == two.names


def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("油温\n过高", encoding="utf-8")
    (tmp_path / "2.txt").write_text("检查\n", encoding="utf-8")
    amounts: list[int] = []
    with resources_of() as resources:
        list(read_tokens([TextFiles(tmp_path)], SEGMENTER, Vocabulary(), resources, amounts.append))
    assert sum(amounts) == TextFiles(tmp_path).total_bytes


# --------------------------------------------------------------------------------------------------- the store

pieces_ = st.lists(st.lists(st.integers(0, 2**21 - 1), max_size=8), max_size=8)


@given(pieces_, st.integers(0, 200))
def test_store_gives_back_what_it_was_given(pieces: list[list[int]], room: int) -> None:
    with resources_of(room) as resources:
        store = TokenStore(resources)
        for piece in pieces:
            store.add(array(piece))
        for _ in range(2):  # as often as it is read
            found = list(store)
            assert [piece.tolist() for piece in found] == pieces
            assert all(piece.dtype == np.uint32 for piece in found)
        files = [path for path in resources.scratch.path.iterdir() if path.name != "lock"]
        size = 4 * sum(map(len, pieces))
        assert len(files) == 1 if size > room // 8 else not files
        assert sum(path.stat().st_size for path in files) <= size


def test_store_of_a_planned_limit(tmp_path: Path) -> None:
    """Three pieces of a megabyte each where 64 MB are asked for: an eighth of what is left holds one."""
    pieces = [np.arange(i, 300_000 + i, dtype=np.uint32) for i in range(3)]
    with Resources.plan("64MB", 1, tmp_path) as resources, resources.scratch:
        store = TokenStore(resources)
        for piece in pieces:
            store.add(piece)
        written = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
        assert 4 * 300_000 < written <= 3 * 4 * 300_000 + 100
        assert all(np.array_equal(one, other) for one, other in zip(store, pieces, strict=True))
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with resources_of(8) as resources:
        store = TokenStore(resources)
        place = resources.scratch.path

        def new() -> Path:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Scratch, "new", lambda self: new())
        with pytest.raises(SpillError, match="^.*: temporary files cannot be written or read: No space left") as caught:
            store.add(array(range(10)))
        assert str(caught.value).startswith(str(place))


# ------------------------------------------------------------------------------------------- what counts once

small_words = st.lists(st.sampled_from([20, 21, 22]), max_size=7)
runs_of_words = st.lists(small_words, max_size=12)


def naive_once(pieces: list[list[list[int]]]) -> list[list[bool]]:
    """Which symbols are kept, of pieces of runs that a mark follows each."""
    seen: set[tuple[int, ...]] = set()
    found = []
    for piece in pieces:
        kept: list[bool] = []
        for run in piece:
            kept += [len(run) < 4 or tuple(run) not in seen] * len(run) + [True]
            seen.add(tuple(run))
        found.append(kept)
    return found


def once_of(once: Once, piece: list[list[int]]) -> list[bool]:
    symbols = array(symbol for run in piece for symbol in [*run, MARK])
    return once(symbols, symbols == MARK).tolist()


@given(st.lists(runs_of_words, max_size=5))
@example([[[20, 21, 22, 20]], [[20, 21, 22, 20], [20, 21, 22, 20]]])
@example([[[20] * 4, [20] * 5, [20] * 6], [[20] * 6, [20] * 5, [20] * 4]])
def test_long_runs_count_once_over_all_pieces(pieces: list[list[list[int]]]) -> None:
    once = Once(plain())
    assert [once_of(once, piece) for piece in pieces] == naive_once(pieces)


@given(runs_of_words, st.integers(0, 12), st.integers(0, 12))
def test_what_counts_once_does_not_depend_on_how_the_text_is_cut(
    runs: list[list[int]], first: int, second: int
) -> None:
    low, high = sorted((first, second))
    once = Once(plain())
    found = [kept for piece in (runs[:low], runs[low:high], runs[high:]) for kept in once_of(once, piece)]
    assert found == once_of(Once(plain()), runs)


def test_a_run_at_an_end_of_the_piece_counts_as_well() -> None:
    once = Once(plain())
    symbols = array([20, 21, 22, 23, MARK, 20, 21, 22, 23])
    assert once(symbols, symbols == MARK).tolist() == [True] * 5 + [False] * 4
    assert not once(symbols[:4], symbols[:4] == MARK).any()
    assert once(symbols[:3], symbols[:3] == MARK).all()
    assert once(array([]), array([]) == MARK).tolist() == []


def test_three_words_are_too_few_and_marks_are_kept() -> None:
    once = Once(plain())
    short, long = [20, 21, 22], [20, 21, 22, 23]
    for _ in range(3):
        assert once_of(once, [short, [], short]) == [True] * 9
    assert once_of(once, [long, long]) == [True] * 5 + [False] * 4 + [True]
    assert once_of(once, [long]) == [False] * 4 + [True]
    assert once_of(once, [[*long, 20], [19, *long]]) == [True] * 5 + [True, True] + [False] * 4 + [True]  # 19 is a mark


def test_order_and_numbers_of_words_matter() -> None:
    runs = [[20, 21, 22, 23], [23, 22, 21, 20], [20, 20, 21, 21], [21, 21, 20, 20], [20] * 4, [20] * 5, [20] * 8]
    assert all(once_of(Once(plain()), runs))
    many = [[a, b, c, d] for a in range(20, 32) for b in range(20, 32) for c in range(20, 32) for d in range(20, 32)]
    assert all(once_of(Once(plain()), many))  # 20,736 runs, no two of which are taken for the same


@given(st.lists(st.lists(st.lists(st.integers(20, 22), min_size=1, max_size=6), max_size=6), max_size=6))
@example([[[20, 21, 22, 23], [20, 20, 20, 20]], [[21, 21, 21, 21]], [[20, 20, 20, 20]], [[21, 21, 21, 21]]])
def test_what_does_not_fit_into_memory_is_remembered_in_files(pieces: list[list[list[int]]]) -> None:
    bounded, unbounded = Once(plain(0)), Once(plain())
    assert [once_of(bounded, runs) for runs in pieces] == [once_of(unbounded, runs) for runs in pieces]


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "memmap", full)
    with pytest.raises(SpillError, match="No space left on device"):
        once_of(Once(plain(0)), [[20, 21, 22, 23], [20, 20, 20, 20]])


# -------------------------------------------------------------------------------------------- runs and matches

flagged = st.lists(st.tuples(st.integers(17, 25), st.booleans()), max_size=20)


@given(flagged)
def test_each_run_has_the_marks_around_it(symbols: list[tuple[int, bool]]) -> None:
    expected: list[int] = []
    for symbol, mark in symbols:
        expected += [symbol, 0, symbol] if mark else [symbol]
    found = runs_of(array(symbol for symbol, _ in symbols), np.array([mark for _, mark in symbols], dtype=bool))
    assert (found.tolist(), found.dtype) == (expected, np.uint32)


strings = st.lists(st.lists(st.integers(FIRST_WORD, FIRST_WORD + 2), min_size=1, max_size=4), max_size=6)
texts = st.lists(st.sampled_from([0, 0, FIRST_WORD, FIRST_WORD, FIRST_WORD + 1, FIRST_WORD + 2]), max_size=25)


def trie_of(some: list[list[int]]) -> StringCounts:
    lengths = np.array([len(string) for string in some], dtype=np.int64)
    symbols = array(symbol for string in some for symbol in string)
    return StringCounts.from_pieces(symbols, np.cumsum(lengths) - lengths, lengths)


@given(strings, texts, st.integers(1, 5))
@example([[FIRST_WORD]], [], 3)
@example([[FIRST_WORD] * 4], [FIRST_WORD] * 4, 4)
def test_matches_are_all_places_of_all_strings(some: list[list[int]], text: list[int], longest: int) -> None:
    trie = trie_of(some)
    whole = {tuple(string[:length]) for string in some for length in range(1, len(string) + 1)}
    expected = [
        (start, tuple(text[start : start + length]))
        for length in range(1, longest + 1)
        for start in range(len(text) - length + 1)
        if tuple(text[start : start + length]) in whole
    ]
    found = [
        (start, tuple(symbol for symbol in row if symbol))
        for starts, nodes in matches(trie.keys, array(text), longest)
        for start, row in zip(starts.tolist(), trie.strings(nodes).tolist())
    ]
    assert found == expected


def test_each_length_of_matches_comes_for_itself() -> None:
    trie = trie_of([[FIRST_WORD, FIRST_WORD + 1]])
    text = array([FIRST_WORD, FIRST_WORD + 1, 0, FIRST_WORD, FIRST_WORD + 1])
    assert [starts.tolist() for starts, _ in matches(trie.keys, text, 4)] == [[0, 3], [0, 3]]
