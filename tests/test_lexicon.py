"""The lexicon as a value and as a file: order, look-up, memory, round trips, and what is refused with which words."""

from __future__ import annotations

import logging
import pickle
import random
import tracemalloc
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_zero import CorpusEncodingError, CorpusError, Entry, Lexicon, LexiconFormatError
from nlp_zero.text import tables
from nlp_zero.words import lexicon as lexicon_module
from nlp_zero.words import word_lists
from nlp_zero.words.lexicon import read_words

HEADER = "word\tcount\tgain\tpmi\tleft_entropy\tright_entropy\n"

words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n") | st.sampled_from("电网变压器𠮷 -K5%"),
    min_size=1,
    max_size=12,
).filter(lambda word: word == word.strip())
figures = st.floats(-1e30, 1e30)
entries = st.builds(Entry, words, st.integers(0, 10**15), figures, figures, figures, figures)
lexicons = st.builds(Lexicon, st.lists(entries, max_size=12, unique_by=lambda entry: entry.word))


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "words.tsv"
    path.write_bytes(text.encode(encoding))
    return path


# --------------------------------------------------------------------------------------------------- mapping


def test_is_a_mapping_with_the_best_word_first() -> None:
    lexicon = Lexicon(
        [Entry("保护", 30, 21.0), Entry("装置", 4, 21.0), Entry("的", 500), Entry("继电保护", 12, 80.5, 3.25, 1.5, 2.5)]
    )
    assert isinstance(lexicon, Mapping)
    assert list(lexicon) == ["继电保护", "保护", "装置", "的"]  # equal gains: by the word
    assert list(lexicon.keys()) == list(lexicon.counts()) == [entry.word for entry in lexicon.entries()]
    assert lexicon["继电保护"] == Entry("继电保护", 12, 80.5, 3.25, 1.5, 2.5)
    assert list(lexicon.values()) == lexicon.entries()
    assert dict(lexicon.items())["的"].count == 500
    assert lexicon.counts() == {"继电保护": 12, "保护": 30, "装置": 4, "的": 500}
    assert (len(lexicon), lexicon.total) == (4, 546)
    assert repr(lexicon) == "<Lexicon: 4 words: 继电保护, 保护, 装置, ...>"


def test_looking_up_what_is_not_there() -> None:
    lexicon = Lexicon([Entry("保护", 30), Entry("继电保护", 12)])
    for missing in ("保", "保护人", "", "\ud800", "a"):
        assert missing not in lexicon
        assert lexicon.get(missing) is None
        with pytest.raises(KeyError, match="^" + repr(missing).replace("\\", "\\\\") + "$"):
            lexicon[missing]
    assert 5 not in lexicon
    assert lexicon.get(5) is None  # type: ignore[call-overload]


def test_empty_lexicon() -> None:
    lexicon = Lexicon()
    assert list(lexicon) == lexicon.entries() == []
    assert (len(lexicon), lexicon.total, lexicon.counts()) == (0, 0, {})
    assert "保护" not in lexicon
    assert repr(lexicon) == "<Lexicon: 0 words>"
    assert lexicon == Lexicon.from_counts({})


@given(st.lists(entries, max_size=12, unique_by=lambda entry: entry.word), st.randoms(use_true_random=False))
def test_order_is_falling_gain_then_word(rows: list[Entry], shuffler: random.Random) -> None:
    lexicon = Lexicon(rows)
    found = [(-entry.gain, entry.word) for entry in lexicon.entries()]
    assert found == sorted(found)
    assert set(lexicon) == {row.word for row in rows}
    for row in rows:
        assert lexicon[row.word].count == row.count
        assert lexicon[row.word][2:] == pytest.approx(row[2:], rel=1e-5, abs=1e-37)
    mixed = list(rows)
    shuffler.shuffle(mixed)
    assert Lexicon(mixed) == lexicon
    assert list(Lexicon(mixed)) == list(lexicon)


def test_figures_have_six_digits() -> None:
    entry = Lexicon([Entry("保护", 1, 1 / 3, 123456.789, 1e-9 / 3, -2 / 3)])["保护"]
    assert entry[2:] == (0.333333, 123457.0, 3.33333e-10, -0.666667)


@pytest.mark.parametrize(
    ("rows", "error", "text"),
    [
        ([Entry("", 1)], ValueError, "entries: expected words without TAB, .* found ''"),
        ([Entry(" ", 1)], ValueError, "found ' '"),
        ([Entry("保护 ", 1)], ValueError, "white space at an end, found '保护 '"),
        ([Entry("\u3000保护", 1)], ValueError, "white space at an end"),
        ([Entry("保\t护", 1)], ValueError, "without TAB"),
        ([Entry("保\n护", 1)], ValueError, "line end"),
        ([Entry("保\r护", 1)], ValueError, "line end"),
        ([Entry("保\udc80护", 1)], ValueError, "lone surrogate"),
        ([Entry("保护", -1)], ValueError, "entries: expected counts of 0 or more, found -1 for '保护'"),
        ([Entry("保护", 1), Entry("保护", 2)], ValueError, "entries: the word '保护' occurs twice"),
        ([Entry("保护", 1, float("nan"))], ValueError, "entries: expected a finite gain, found nan for '保护'"),
        ([Entry("保护", 1, 0.0, float("inf"))], ValueError, "expected a finite pmi, found inf"),
        ([Entry("保护", 1, 0.0, 0.0, 1e300)], ValueError, "expected a finite left_entropy, found 1e"),
        ([Entry("保护", 1.5)], TypeError, "entries: expected whole numbers as counts, found 1.5 for '保护'"),
        ([Entry(5, 1)], TypeError, "entries: expected words of type str, found 5"),
    ],
)
def test_rows_that_no_file_could_hold_are_refused(rows: list[Entry], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Lexicon(rows)


@given(st.lists(entries, max_size=12, unique_by=lambda entry: entry.word))
def test_columns_make_the_same_lexicon_as_entries(rows: list[Entry]) -> None:
    numbers = np.array([row[2:] for row in rows], dtype=np.float64).reshape(len(rows), 4)
    assert Lexicon.from_columns([row.word for row in rows], [row.count for row in rows], numbers) == Lexicon(rows)


@pytest.mark.parametrize(
    ("names", "counts", "shape"),
    [(["保护"], [], (1, 4)), (["保护"], [1], (2, 4)), (["保护"], [1], (1, 3)), ([], [], (4,))],
)
def test_columns_of_different_lengths_are_refused(names: list[str], counts: list[int], shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="figures: expected the same number of words and counts, and 4 figures"):
        Lexicon.from_columns(names, counts, np.zeros(shape))


def test_counts_may_be_numpy_integers() -> None:
    assert Lexicon.from_counts({"保护": np.int64(3)})["保护"].count == 3


# ------------------------------------------------------------------------------------------------ new values


@given(lexicons, st.lists(words, max_size=4, unique=True), st.integers(0, 1000))
def test_add_then_remove_is_the_same_value(lexicon: Lexicon, extra: list[str], count: int) -> None:
    fresh = [word for word in extra if word not in lexicon]
    before = lexicon.entries()
    more = lexicon.add(*fresh, count=count)
    assert set(more) == {*lexicon, *fresh}
    assert all(more[word] == Entry(word, count) for word in fresh)
    assert more.total == lexicon.total + count * len(fresh)
    assert more.remove(*fresh) == lexicon
    assert lexicon.entries() == before  # the first one was not touched


def test_adding_a_word_again_changes_its_count_only() -> None:
    lexicon = Lexicon([Entry("保护", 30, 21.0, 4.0)])
    assert lexicon.add("保护", count=7).entries() == [Entry("保护", 7, 21.0, 4.0)]
    assert lexicon["保护"].count == 30
    assert lexicon.add() == lexicon == lexicon.remove()


def test_removing_needs_words_that_are_there() -> None:
    lexicon = Lexicon.from_counts({"保护": 3, "装置": 2})
    assert list(lexicon.remove("保护")) == ["装置"]
    with pytest.raises(KeyError, match="继电"):
        lexicon.remove("保护", "继电")


def test_equal_values_have_equal_hashes() -> None:
    first, second = Lexicon.from_counts({"保护": 3, "装置": 2}), Lexicon.from_counts({"装置": 2, "保护": 3})
    assert first == second
    assert hash(first) == hash(second)
    assert len({first, second}) == 1
    assert first != first.add("保护", count=4)
    assert first != Lexicon([Entry("保护", 3, 1.0), Entry("装置", 2)])
    assert first != Lexicon.from_counts({"保护装": 3, "置": 2})  # the same characters, cut elsewhere
    assert first != {"保护": 3, "装置": 2}


def test_nothing_in_it_can_be_changed() -> None:
    lexicon = Lexicon.from_counts({"保护": 3})
    with pytest.raises(TypeError):
        lexicon["保护"] = Entry("保护", 4)  # type: ignore[index]
    with pytest.raises(AttributeError):
        lexicon.total = 5  # type: ignore[misc]
    for copied in (lexicon, pickle.loads(pickle.dumps(lexicon))):
        with pytest.raises(ValueError, match="read-only"):
            copied._counts[0] = 9


@given(lexicons)
def test_pickle_gives_an_equal_value(lexicon: Lexicon) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copied = pickle.loads(pickle.dumps(lexicon, protocol))
        assert copied == lexicon
        assert copied.entries() == lexicon.entries()


def test_eight_threads_read_the_same() -> None:
    lexicon = realistic(5_000)
    asked = list(lexicon)
    expected = [lexicon[word] for word in asked]
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: [lexicon[word] for word in asked], range(8)):
            assert found == expected


# ---------------------------------------------------------------------------------------------------- memory


def realistic(number: int) -> Lexicon:
    """A lexicon with the word lengths of a learnt one."""
    random_ = random.Random(7)
    rows: dict[str, Entry] = {}
    while len(rows) < number:
        length = random_.choices([1, 2, 3, 4, 5, 6], [6, 55, 22, 12, 3, 2])[0]
        word = "".join(chr(0x4E00 + int(random_.paretovariate(0.4)) % 6000) for _ in range(length))
        rows[word] = Entry(word, int(random_.paretovariate(1)), *(random_.random() * 10 for _ in range(4)))
    return Lexicon(rows.values())


def test_memory_is_below_60_bytes_a_word() -> None:
    lexicon = realistic(50_000)
    assert lexicon.nbytes < 60 * len(lexicon)
    data = pickle.dumps(lexicon)
    del lexicon
    tracemalloc.start()
    try:
        loaded = pickle.loads(data)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(loaded) == 50_000
    assert taken < 60 * len(loaded)


def test_memory_after_building_is_below_60_bytes_a_word() -> None:
    rows = realistic(20_000).entries()
    tracemalloc.start()
    try:
        lexicon = Lexicon(rows)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert taken < 60 * len(lexicon)
    assert lexicon.nbytes <= taken


# ----------------------------------------------------------------------------------------------------- files


@given(lexicon=lexicons)
def test_load_gives_what_was_saved_byte_for_byte(lexicon: Lexicon, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("lexicon")
    lexicon.save(folder / "one.tsv")
    loaded = Lexicon.load(folder / "one.tsv")
    assert loaded == lexicon
    assert loaded.entries() == lexicon.entries()
    loaded.save(folder / "two.tsv")
    assert (folder / "two.tsv").read_bytes() == (folder / "one.tsv").read_bytes()


def test_file_format(tmp_path: Path) -> None:
    Lexicon([Entry("的", 500), Entry("<NUM>年", 12, 80.5, 1 / 3, 1e-7, 2.5)]).save(tmp_path / "words.tsv")
    expected = HEADER + "<NUM>年\t12\t80.5\t0.333333\t1e-07\t2.5\n的\t500\t0\t0\t0\t0\n"
    assert (tmp_path / "words.tsv").read_bytes() == expected.encode("utf-8")


def test_lines_in_another_order() -> None:
    lexicon = Lexicon([Entry("的", 500), Entry("保护", 12, 80.5)])
    assert list(lexicon.lines(["的", "保护"])) == [HEADER, "的\t500\t0\t0\t0\t0\n", "保护\t12\t80.5\t0\t0\t0\n"]


def test_lines_are_those_of_the_entries() -> None:
    """Also where they are written in several blocks, and where words hold what others take for line ends."""
    odd = [Entry(f"一{end}二", 3) for end in "\x0b\x0c\x1c\x85\u2028"]
    lexicon = Lexicon([*odd, *(Entry(f"词{i}", i, 0.1 * i, 1 / (i + 1), 1e-9 * i, 2.5) for i in range(2_500))])
    expected = [f"{word}\t{count}\t{a:g}\t{b:g}\t{c:g}\t{d:g}\n" for word, count, a, b, c, d in lexicon.entries()]
    assert list(lexicon.lines()) == [HEADER, *expected]
    assert "".join(lexicon.blocks()) == "".join(lexicon.lines())
    order = sorted(lexicon)
    assert [line.split("\t")[0] for line in lexicon.lines(order)] == ["word", *order]
    assert "".join(lexicon.blocks(order)) == "".join(lexicon.lines(order))
    assert list(Lexicon().lines()) == list(Lexicon().blocks()) == [HEADER]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("\ufeff" + HEADER + "保护\t3\n", {"保护": 3}, id="BOM"),
        pytest.param("\ufeff保护\t3\n", {"保护": 3}, id="BOM-no-header"),
        pytest.param("word\tcount\r\n保护\t3\r\n装置\t2\r\n", {"保护": 3, "装置": 2}, id="CRLF"),
        pytest.param("保护\t3\r装置\t2\r", {"保护": 3, "装置": 2}, id="lone-CR"),
        pytest.param("\n保护\t3\n\n \n装置\t2\n\n", {"保护": 3, "装置": 2}, id="blank-lines"),
        pytest.param("保护\n装置\t2\n继电\t\n", {"保护": 1, "装置": 2, "继电": 1}, id="no-count"),
        pytest.param("保护\t3\n装置\t2", {"保护": 3, "装置": 2}, id="no-header-no-last-line-end"),
        pytest.param("Louis Vuitton\t3\n有限 公司\n", {"Louis Vuitton": 3, "有限 公司": 1}, id="spaces"),
        pytest.param(" 保护 \t 3 \n", {"保护": 3}, id="white-space-around-cells"),
        pytest.param("长" * 2000 + "\t3\n", {"长" * 2000: 3}, id="2000-characters"),
        pytest.param("𠮷野家\t3\n大黄䓬虫\t4\n", {"𠮷野家": 3, "大黄䓬虫": 4}, id="rare-characters"),
        pytest.param("word\n保护\n", {"word": 1, "保护": 1}, id="no-count-column-is-no-header"),
        pytest.param("", {}, id="empty-file"),
        pytest.param(HEADER, {}, id="header-alone"),
        pytest.param("5G 3\n保护\t2\n", {"5G 3": 1, "保护": 2}, id="one-spaced-word-among-others"),
        pytest.param("保护\t007\n", {"保护": 7}, id="leading-zeros"),
    ],
)
def test_files_that_are_read(tmp_path: Path, text: str, expected: dict[str, int]) -> None:
    assert Lexicon.load(written(tmp_path, text)).counts() == expected


def test_columns_are_found_by_the_header(tmp_path: Path) -> None:
    text = "word\tcount\tdocuments\tpmi\tgain\n保护\t3\t17\t2.5\t80.5\n装置\t4\t1\n"
    lexicon = Lexicon.load(written(tmp_path, text))
    assert lexicon.entries() == [Entry("保护", 3, 80.5, 2.5), Entry("装置", 4)]


def test_extra_columns_without_a_header_are_passed_over(tmp_path: Path) -> None:
    text = "保护\t3\t80.5\t2.5\t1\t2\tn\tanything\n"
    assert Lexicon.load(written(tmp_path, text)).entries() == [Entry("保护", 3, 80.5, 2.5, 1.0, 2.0)]


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8-sig"])
def test_other_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    text = "".join(f"{word}\t{count}\n" for word, count in {"变压器": 3, "继电保护": 5, "郊游": 2, "天气": 9}.items())
    expected = {"继电保护": 5, "天气": 9, "郊游": 2, "变压器": 3}
    assert Lexicon.load(written(tmp_path, text, encoding)).counts() == expected
    assert Lexicon.load(tmp_path / "words.tsv", encoding=encoding).counts() == expected


def test_repeated_words_are_added_up_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = written(tmp_path, HEADER + "保护\t3\t80.5\n装置\t1\n保护\t4\t9\n 保护\n")
    with caplog.at_level(logging.WARNING, "nlp_zero"):
        lexicon = Lexicon.load(path)
    assert lexicon.entries() == [Entry("保护", 8, 80.5), Entry("装置", 1)]
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: 2 words stand there more than once; their counts were added up"
    ]


@pytest.mark.parametrize(
    ("text", "line", "expected", "found"),
    [
        pytest.param("保护\t3\n装置\t2.5\n", 2, "a whole number in column 2 (count)", "装置\\t2.5", id="fraction"),
        pytest.param("保护\tmany\n", 1, "a whole number in column 2 (count)", "保护\\tmany", id="word-for-count"),
        pytest.param("保护\t-3\n", 1, "a whole number in column 2 (count)", "保护\\t-3", id="negative"),
        pytest.param("保护\t３\n", 1, "a whole number in column 2 (count)", "保护\\t３", id="full-width-digit"),
        pytest.param("保护\t" + "9" * 19 + "\n", 1, "a count of 10 ** 15 at most", "保护\\t9", id="too-great"),
        pytest.param(HEADER + "\n\t3\n", 3, "a word in the first column", "\\t3", id="no-word"),
        pytest.param("保护\t3\thigh\n", 1, "a number in column gain", "保护\\t3\\thigh", id="bad-figure"),
        pytest.param("保护\t3\tnan\n", 1, "a finite number below 1e38 in column gain", "nan", id="nan"),
        pytest.param("保护\t3\t1\t-inf\n", 1, "a finite number below 1e38 in column pmi", "-inf", id="inf"),
        pytest.param(
            "保护\t3\t1\t1\t1e99\n", 1, "a finite number below 1e38 in column left_entropy", "1e99", id="1e99"
        ),
        pytest.param("\n保护 3\n装置 2 n\n\n", 2, "TABs between columns", "保护 3", id="jieba"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, line: int, expected: str, found: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(LexiconFormatError) as caught:
        Lexicon.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line {line}: expected {expected}")
    assert found in message
    assert (caught.value.path, caught.value.line_number) == (str(path), line)


def test_a_jieba_dictionary_is_named_as_such_with_the_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, "云计算 5\n李小福 2 nr\n创新办 3 i\n")
    with pytest.raises(LexiconFormatError, match="looks like a jieba dictionary: turn its spaces into TABs"):
        Lexicon.load(path)


def test_a_long_line_is_shown_in_part(tmp_path: Path) -> None:
    with pytest.raises(LexiconFormatError) as caught:
        Lexicon.load(written(tmp_path, "长" * 2000 + "\tx\n"))
    assert len(str(caught.value)) < 200 + len(str(tmp_path))
    assert str(caught.value).endswith("长...'")


def test_wrong_bytes_are_named_with_file_and_place(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_bytes("保护\t3\n".encode() + b"\xff\t2\n" + "装置继电保护设备\t2\n".encode() * 5)
    with pytest.raises(CorpusEncodingError, match="byte 9 .line 2.") as caught:
        Lexicon.load(path)
    assert str(caught.value).startswith(str(path))


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        Lexicon.load(tmp_path / "none.tsv")
    with pytest.raises(CorpusError, match="holds no files"):
        Lexicon.load(tmp_path)


def test_saving_into_nowhere_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        Lexicon.from_counts({"保护": 3}).save(tmp_path / "nowhere" / "words.tsv")
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------------------------------- lists of words


def test_read_words_takes_lists_and_lexicons(tmp_path: Path) -> None:
    assert read_words(written(tmp_path, "\ufeff 保护 \r\n\r\nLouis Vuitton\t5\r\n")) == ["保护", "Louis Vuitton"]
    Lexicon.from_counts({"保护": 3, "装置": 2}).save(tmp_path / "words.tsv")
    assert sorted(read_words(tmp_path / "words.tsv")) == ["保护", "装置"]
    assert read_words(written(tmp_path, "保护\nword\n")) == ["保护", "word"]
    with pytest.raises(CorpusError, match="no such file"):
        read_words(tmp_path / "none.txt")


def test_read_words_takes_dictionaries_of_jieba(tmp_path: Path) -> None:
    assert read_words(written(tmp_path, "云计算 5\n李小福 2 nr\n")) == ["云计算", "李小福"]
    assert read_words(written(tmp_path, "云计算 5\nLouis Vuitton\n")) == ["云计算 5", "Louis Vuitton"]


# -------------------------------------------------------------------------------------- the quick ways and the slow


def outcome(make: Callable[[], Lexicon]) -> object:
    """What comes out: a lexicon as it is written, or the text of an error."""
    try:
        return list(make().lines())
    except Exception as error:
        return type(error), str(error)


cells = st.sampled_from(["电网", "电 网", "变压器", "", " ", "word", "1", "3", "03", " 4", "-1", "1.5", "1e999", "nan",
                         "1_0", "１", "x", "9" * 15, "1" + "0" * 15, "1" + "0" * 16, "电网 3 n", "电 5"])  # fmt: skip
rows = st.lists(cells, min_size=1, max_size=7).map("\t".join)
headers = st.sampled_from(["", HEADER, "word\tcount\tpmi\tother\tpmi\n", "word\tcount\n", "word\tcount\tword\n"])
wide_rows = st.integers(1, 7).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n).map("\t".join)))


@given(headers, st.lists(rows, max_size=8) | wide_rows, st.sampled_from([1, 2, 3, 100]))
def test_lines_read_together_are_lines_read_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, header: str, lines: list[str], block: int
) -> None:
    path = written(tmp_path_factory.getbasetemp(), header + "\n".join(lines))
    together = outcome(lambda: Lexicon.load(path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_lists, "_together", lambda *_: None)
        assert outcome(lambda: Lexicon.load(path)) == together
        patch.setattr(tables, "_BLOCK", block)
        assert outcome(lambda: Lexicon.load(path)) == together
        patch.undo()
        patch.setattr(tables, "_BLOCK", block)
        assert outcome(lambda: Lexicon.load(path)) == together


odd_words = words | st.sampled_from(["", " ", "电\n网", "电\r", "\t电", "电\ud800", "电\x00", "电"])
odd_counts = st.integers(-1, 3) | st.sampled_from([10**15, 10**15 + 1, 10**30, 1.0, True, np.int64(2)])
odd_entries = st.builds(Entry, odd_words | st.just(5), odd_counts, figures)


@given(st.lists(odd_entries | entries, max_size=6))
def test_checking_all_at_once_is_checking_one_by_one(rows: list[Entry]) -> None:
    at_once = outcome(lambda: Lexicon(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexicon_module, "_all_well", lambda *_: False)
        assert outcome(lambda: Lexicon(rows)) == at_once


@given(lexicons)
def test_sorted_counts_are_the_counts(lexicon: Lexicon) -> None:
    found, counts = lexicon.sorted_counts()
    assert found == sorted(lexicon) and dict(zip(found, counts.tolist())) == lexicon.counts()
    assert list(lexicon.counts()) == list(lexicon)


@given(st.lists(words | words.map(lambda word: word + "\0") | words.map(lambda word: word * 50), unique=True))
def test_words_are_sorted_in_a_table_as_without_one(unsorted: list[str]) -> None:
    expected = Lexicon.from_counts(dict.fromkeys(unsorted, 1))
    assert expected.sorted_counts()[0] == sorted(unsorted)
    for widest in (0, 10**6):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lexicon_module, "_WIDEST", widest)
            assert Lexicon.from_counts(dict.fromkeys(unsorted, 1)) == expected
