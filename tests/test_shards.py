"""Shares of a corpus: together exactly its text, however they are cut, and the same errors."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import reduce
from operator import add
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import CorpusEncodingError, CorpusError, NgramCounts, TextFiles
from nlp_zero.parallel import Workers
from nlp_zero.text import corpus as corpus_module
from nlp_zero.text import encoding as encoding_module
from nlp_zero.text import reading as reading_module
from nlp_zero.text import shards as shards_module
from nlp_zero.text.reading import file_bytes
from nlp_zero.text.shards import Shard, TextRange, read_shards, shards

# the codec that is asked for, and the one that the file is written in
ENCODINGS = [
    ("utf-8", "utf-8"),
    ("utf-8", "utf-8-sig"),
    ("utf-8-sig", "utf-8-sig"),
    ("auto", "utf-8"),
    ("auto", "utf-8-sig"),
    ("gbk", "gbk"),
    ("gb18030", "gb18030"),
    ("big5", "big5"),
    ("big5hkscs", "big5"),
    ("utf-16", "utf-16"),
    ("auto", "utf-16"),
    ("utf-16-le", "utf-16-le"),
]
CUT = {"utf-8", "utf-8-sig", "gbk", "gb18030", "big5"}  # those whose files can be cut
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
lines = st.lists(st.text("中文人民你好，a1 ", max_size=8), max_size=12)
files = st.lists(st.tuples(lines, st.lists(line_ends, min_size=1, max_size=3), st.booleans()), min_size=1, max_size=4)
sizes = st.integers(1, 60)
jobs_ = st.integers(1, 3)


def text_of(items: list[str], ends: list[str], ended: bool) -> str:
    """The lines with the given line ends in turn; the last has none if the text does not end with one."""
    text = "".join(item + ends[i % len(ends)] for i, item in enumerate(items))
    return text if ended else text.rstrip("\r\n")


def total_of(texts: Iterable[Iterable[str]], order: int) -> NgramCounts:
    each = (NgramCounts.from_corpus(text, order=order) for text in texts)
    return reduce(add, each, NgramCounts.from_corpus([], order=order))


def lines_of(blocks: Iterable[str]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        found += block.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    return found


def text_blocks_of(found: Iterable[Shard]) -> list[str]:
    return [block for shard in found for block in shard]


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@contextmanager
def small(least: int, most: int, *, piece: int = 250_000, read: int = 1 << 18) -> Iterator[None]:
    """Shares of so many bytes, from pieces of so many characters, read so many bytes at once."""
    with (
        patch.object(shards_module, "_LEAST", least),
        patch.object(shards_module, "_MOST", most),
        patch.object(corpus_module, "PIECE_SIZE", piece),
        patch.object(encoding_module, "PIECE_SIZE", piece),
        patch.object(reading_module, "READ_SIZE", read),
        patch.object(shards_module, "READ_SIZE", read),
    ):
        yield


def written(place: Path, contents: list[bytes], encoding: str) -> TextFiles:
    for i, data in enumerate(contents):
        (place / f"{i}.txt").write_bytes(data)
    return TextFiles(*(place / f"{i}.txt" for i in range(len(contents))), encoding=encoding)


def ranges_of(found: Iterable[Shard], path: Path) -> list[TextRange]:
    return [part for shard in found for part in shard.parts if isinstance(part, TextRange) and part.path == path]


def check_ranges(found: list[TextRange], data: bytes) -> None:
    """Ranges follow one another, hold something, and begin and end with lines."""
    if len(found) == 1 and found[0].end is None:
        assert found[0].first == 0
        return
    place = 0
    for part in found:
        assert part.end is not None and part.first == place < part.end
        assert place == 0 or data[:place].endswith(b"\n")
        place = part.end
    assert place == len(data)


# ------------------------------------------------------------------------------------------------- the text


@given(files, st.sampled_from(ENCODINGS), jobs_, sizes, sizes, st.integers(1, 30), st.integers(1, 9))
@example([([], ["\n"], True)], ("auto", "utf-8"), 1, 1, 1, 1, 1)
@example([(["中文", "人民"], ["\r"], True)] * 2, ("utf-8", "utf-8-sig"), 2, 1, 1, 1, 1)
@example([(["abc", "de", "f"], ["\r\n"], False), ([], ["\n"], True)], ("auto", "utf-8"), 3, 2, 2, 1, 1)
def test_shares_hold_the_text_in_order(
    texts: list[tuple[list[str], list[str], bool]],
    encodings: tuple[str, str],
    jobs: int,
    least: int,
    most: int,
    piece: int,
    read: int,
) -> None:
    asked, codec = encodings
    contents = [text_of(*text).encode(codec) for text in texts]
    with folder() as place, small(least, max(least, most), piece=piece, read=read):
        corpus = written(place, contents, asked)
        amounts: list[int] = []
        found = list(shards(corpus, jobs, amounts.append))
        assert "".join(text_blocks_of(found)) == "".join(corpus.blocks())
        assert lines_of(text_blocks_of(found)) == list(corpus)
        assert all(shard.parts for shard in found)
        assert sum(amounts) + sum(shard.size for shard in found) == corpus.total_bytes
        for path, data in zip(corpus.paths, contents):
            ranges = ranges_of(found, path)
            if codec not in CUT:
                assert all(part.first == 0 and part.end is None for part in ranges)
            elif ranges:
                check_ranges(ranges, data)
            else:
                assert not data or all(isinstance(part, str) for shard in found for part in shard.parts)
        whole = NgramCounts.from_corpus(corpus, order=3)
        assert total_of(found, 3) == whole


@given(files, st.sampled_from(["utf-8", "gbk"]), jobs_, sizes, st.integers(1, 30))
def test_packed_files_are_not_cut(
    texts: list[tuple[list[str], list[str], bool]], codec: str, jobs: int, least: int, piece: int
) -> None:
    contents = [text_of(*text).encode(codec) for text in texts]
    packed = [gzip.compress(data) if i % 2 == 0 else data for i, data in enumerate(contents)]
    with folder() as place, small(least, least, piece=piece):
        corpus = written(place, packed, codec)
        amounts: list[int] = []
        found = list(shards(corpus, jobs, amounts.append))
        assert lines_of(text_blocks_of(found)) == list(corpus)
        assert sum(amounts) + sum(shard.size for shard in found) == corpus.total_bytes
        for path in corpus.paths[::2]:
            ranges = ranges_of(found, path)
            assert all(part.first == 0 and part.end is None for part in ranges) and len(ranges) <= 1
        for path, data in zip(corpus.paths[1::2], packed[1::2]):
            check_ranges(ranges_of(found, path), data)


def test_a_file_is_cut_in_shares_of_a_size(tmp_path: Path) -> None:
    data = "中国人民\n".encode() * 1_000
    corpus = written(tmp_path, [data], "utf-8")
    for number, least, most, size in (
        (2, 1, 1 << 20, 6_500),
        (4, 1, 1 << 20, 3_250),
        (6, 1, 99, 99),
        (6, 5_000, 9_999, 5_000),
    ):
        with small(least, most):
            found = list(shards(corpus, number))
        assert all(size <= shard.size < size + 13 for shard in found[:-1]) and 0 < found[-1].size < size + 13
        assert len(found) == -(-len(data) // -(-size // 13 * 13)) or len(found) > 1
    with small(20_000, 20_000):
        [shard] = shards(corpus, 3)
    assert shard == Shard(
        (TextRange(corpus.paths[0], str(corpus.paths[0]), 0, None, "utf-8", "", len(data)),), len(data)
    )


def test_small_files_are_put_together(tmp_path: Path) -> None:
    corpus = written(tmp_path, [f"文{i}\n".encode() for i in range(10)], "auto")  # 5 bytes each
    with small(12, 12):
        found = list(shards(corpus, 2))
    assert [len(shard.parts) for shard in found] == [3, 3, 3, 1]
    assert lines_of(text_blocks_of(found)) == [f"文{i}" for i in range(10)]


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("gbk", "今天天气很好，我们去郊游。变压器油温过高"),
        ("gb18030", "今天天气很好，我们去郊游。变压器油温过高，𠮷野家"),
        ("big5", "今天天氣很好，我們去郊遊。變壓器油溫過高"),
        ("utf-8", "今天天气很好，我们去郊游。变压器油温过高"),
        ("utf-16", "今天天气很好，我们去郊游。变压器油温过高"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("ascii_first", [0, 5_000])
def test_the_encoding_that_auto_finds_is_that_of_all_ranges(
    tmp_path: Path, codec: str, text: str, end: str, ascii_first: int
) -> None:
    whole = end.join(["a" * 9] * (ascii_first // 10) + [text[i % 7 :] for i in range(200)])
    corpus = written(tmp_path, [whole.encode(codec)], "auto")
    with small(500, 500):
        found = list(shards(corpus, 2))
    ranges = ranges_of(found, corpus.paths[0])
    if codec == "utf-16":
        assert not ranges and lines_of(text_blocks_of(found)) == list(corpus)
        return
    check_ranges(ranges, whole.encode(codec))
    assert len(ranges) > 5 or end == "\r"
    assert "".join(text_blocks_of(found)) == whole and lines_of(text_blocks_of(found)) == list(corpus)


def test_a_mark_inside_a_file_is_text(tmp_path: Path) -> None:
    data = "\ufeff中\n\ufeff国\n\ufeff人\n".encode()
    corpus = written(tmp_path, [data], "auto")
    with small(1, 1):
        found = list(shards(corpus, 1))
    assert "".join(text_blocks_of(found)) == "".join(corpus.blocks()) == "中\n\ufeff国\n\ufeff人\n"


@given(st.lists(st.text("中国人民，\n", max_size=9), max_size=9), jobs_, sizes, st.integers(1, 12))
def test_texts_in_memory(corpus: list[str], jobs: int, least: int, piece: int) -> None:
    with small(least, least, piece=piece):
        amounts: list[int] = []
        found = list(shards(corpus, jobs, amounts.append))
        blocks = list(corpus_module.text_blocks(corpus))
    assert text_blocks_of(found) == blocks and sum(amounts) == sum(map(len, blocks))
    assert all(shard.size == 0 and shard.parts for shard in found)
    for shard in found[:-1]:
        assert sum(map(len, shard)) >= least // 3
    whole = NgramCounts.from_corpus(corpus, order=3)
    assert total_of(found, 3) == whole


def test_a_file_that_cannot_be_cut_stays_in_its_place(tmp_path: Path) -> None:
    corpus = written(tmp_path, ["一\n".encode(), gzip.compress("二\n".encode() * 50), "三\n".encode()], "utf-8")
    with small(20, 20):  # the second one is too big for a share, the others are not
        assert lines_of(text_blocks_of(shards(corpus, 2))) == list(corpus) == ["一", *["二"] * 50, "三"]


# ---------------------------------------------------------------------------------------------- with workers


@given(files, jobs_, sizes)
def test_all_bytes_are_reported(texts: list[tuple[list[str], list[str], bool]], jobs: int, least: int) -> None:
    contents = [text_of(*text).encode() for text in texts]
    for packed in (False, True):
        with folder() as place, small(least, least), Workers(jobs, share_memory=True) as workers:
            corpus = written(place, [gzip.compress(data) if packed else data for data in contents], "utf-8")
            amounts: list[int] = []
            found = list(read_shards(lines_of, corpus, workers, amounts.append))
            assert [line for some in found for line in some] == list(corpus)
            assert sum(amounts) == corpus.total_bytes and min(amounts, default=0) >= 0
            assert list(read_shards(lines_of, corpus, workers)) == found


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_counting_in_shares_is_counting(tmp_path: Path, jobs: int) -> None:
    contents = ["今天天气很好，我们去郊游。\n".encode() * 40, b"", "我们去看海\r\n".encode("utf-8-sig") * 30]
    corpus = written(tmp_path, [*contents, gzip.compress("天气预报\n".encode() * 500)], "auto")
    whole, amounts = NgramCounts.from_corpus(corpus, order=4), list[int]()
    with small(300, 300):
        assert NgramCounts.from_corpus(corpus, order=4, jobs=jobs, advance=amounts.append) == whole
    assert sum(amounts) == corpus.total_bytes


# ---------------------------------------------------------------------------------------------------- errors


def outcome(read: Callable[[], Iterable[str]]) -> tuple[object, ...]:
    """The text, or what is wrong with it."""
    try:
        return ("".join(read()),)
    except CorpusEncodingError as error:
        return error.path, error.byte, error.line, error.reason, str(error)


@given(
    st.sampled_from([e for e in ENCODINGS if e[1] in CUT]),
    line_ends,
    st.integers(0, 1 << 30),
    st.sampled_from([b"\xff", b"\x80", b"\xe4\xb8", b"\x81\x0a", b"\xff\xff\xff\xff"]),
    st.integers(1, 300),
    st.sampled_from([7, 64, 1 << 18]),
)
@example(("utf-8", "utf-8"), "\n", 300, b"\xff", 100, 1 << 18)
@example(("gb18030", "gb18030"), "\n", 1, b"\x80", 1, 7)
def test_wrong_bytes_are_named_as_in_one_reading(
    encodings: tuple[str, str], end: str, at: int, wrong: bytes, size: int, read: int
) -> None:
    asked, codec = encodings
    data = "".join(f"中文人民{'你好' * (i % 5)}{i}{end}" for i in range(40)).encode(codec)
    at %= len(data)
    with folder() as place, small(size, size, read=read):
        corpus = written(place, [b"abc\n", data[:at] + wrong + data[at:]], asked)
        expected = outcome(corpus.blocks)
        for jobs in (1, 3):
            found = outcome(lambda jobs=jobs: text_blocks_of(shards(corpus, jobs)))  # type: ignore[misc]
            # the same place; what follows a byte may make it wrong in another way where a shard ends there
            assert (len(found), *found[:3]) == (len(expected), *expected[:3])
        if wrong == b"\xff":
            assert len(expected) == 5 or codec == "utf-16"


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("end", "read"), [("\n", 1 << 18), ("\r\n", 5), ("\r\n", 64)])
def test_wrong_bytes_in_the_middle_of_a_file(tmp_path: Path, jobs: int, end: str, read: int) -> None:
    before, after = f"中国人民{end}".encode() * 500, f"今天天气{end}".encode() * 500
    corpus = written(tmp_path, [before + b"\xff" + after], "utf-8")
    with small(1_000, 1_000, read=read):
        for seen in (
            outcome(corpus.blocks),
            outcome(lambda: text_blocks_of(shards(corpus, jobs))),
        ):
            assert seen[:3] == (str(corpus.paths[0]), len(before), 501)
        with pytest.raises(CorpusEncodingError) as error:
            NgramCounts.from_corpus(corpus, jobs=jobs)
        assert (error.value.byte, error.value.line) == (len(before), 501)


def test_a_character_that_the_end_cuts_off(tmp_path: Path) -> None:
    corpus = written(tmp_path, ["中国\n".encode() * 100 + b"\xe4\xb8"], "utf-8")
    with small(50, 50):
        seen = outcome(lambda: text_blocks_of(shards(corpus, 2)))
    assert seen == outcome(corpus.blocks) and seen[1:3] == (700, 101)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    corpus = written(tmp_path, ["中国\n".encode() * 100], "utf-8")
    with small(50, 50):
        found = list(shards(corpus, 2))
        corpus.paths[0].unlink()
        for read in (lambda: list(shards(corpus, 2)), lambda: text_blocks_of(found)):
            with pytest.raises(CorpusError, match="0.txt: cannot be read: .*check the path"):
                read()


# ------------------------------------------------------------------------------------- files that are being written

LINES = "中国\n".encode() * 100  # 700 bytes


def changed(path: Path, size: int) -> None:
    with open(path, "r+b") as file:
        file.truncate(size)
        if size > len(LINES):
            file.seek(len(LINES))
            file.write(LINES[: size - len(LINES)])


@pytest.mark.parametrize("size", [0, 350, 699, 701, 1_400])
@pytest.mark.parametrize(("first", "end"), [(0, None), (0, 700), (70, 700)])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, size: int, first: int, end: int | None) -> None:
    path = tmp_path / "text"
    path.write_bytes(LINES)
    with small(50, 50, read=64):
        bytes_ = file_bytes(path, "text", None, first, end)
        assert next(bytes_) == LINES[first:][:64]
        changed(path, size)
        with pytest.raises(CorpusError) as error:
            list(bytes_)
    told = str(error.value)
    assert told.startswith("text: changed while it was read (from 700 to ")
    assert told.endswith(" bytes); wait until it is complete, or read a copy")
    shown = int(told.split(" to ")[1].split()[0])
    assert shown == size or size < shown < 700  # how far it could be read


def test_a_file_that_does_not_change(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(LINES)
    for first in (0, 7, 699, 700):
        for end in (None, first, min(first + 7, 700), 700):
            for read in (3, 1 << 18):
                with small(50, 50, read=read):
                    amounts: list[int] = []
                    assert b"".join(file_bytes(path, "text", amounts.append, first, end)) == LINES[first:end]
                    assert sum(amounts) == (700 if end is None else end) - first


@pytest.mark.parametrize("size", [0, 350, 699])
def test_a_file_that_shrinks_after_it_was_cut(tmp_path: Path, size: int) -> None:
    corpus = written(tmp_path, [LINES], "utf-8")
    with small(100, 100):
        found = list(shards(corpus, 2))
        changed(corpus.paths[0], size)
        with pytest.raises(
            CorpusError, match=r"0.txt: changed while it was read \(from [0-9]+ to [0-9]+ bytes\); wait"
        ):
            text_blocks_of(found)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_grows_after_it_was_cut(tmp_path: Path, jobs: int) -> None:
    corpus = written(tmp_path, [LINES], "utf-8")
    with small(100, 100):
        found = list(shards(corpus, jobs))
        changed(corpus.paths[0], 1_400)
        with pytest.raises(CorpusError, match=r"0.txt: changed while it was read \(from 700 to 1400 bytes\); wait"):
            text_blocks_of(found)


def test_the_fingerprint_tells_that_a_file_changed(tmp_path: Path) -> None:
    corpus = written(tmp_path, [LINES, b"", b"abc"], "utf-8")
    for path in corpus.paths:
        os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    before = corpus.fingerprint()
    assert before == corpus.fingerprint() == ((700, 10**9), (0, 10**9), (3, 10**9))
    assert corpus.total_bytes == 703
    list(corpus)
    assert corpus.fingerprint() == before
    os.utime(corpus.paths[2], ns=(1_000_000_000, 2_000_000_000))
    touched = corpus.fingerprint()
    assert touched[:2] == before[:2] and touched[2] == (3, 2 * 10**9)
    corpus.paths[1].write_bytes(b"1")
    os.utime(corpus.paths[1], ns=(1_000_000_000, 1_000_000_000))
    assert corpus.fingerprint() == (before[0], (1, 10**9), touched[2]) and corpus.total_bytes == 704
    corpus.paths[0].unlink()
    with pytest.raises(CorpusError, match="0.txt: cannot be read"):
        corpus.fingerprint()
