"""Files, streams and iterables as corpora: what is read is the text; what cannot be read gets one clear error."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_zero.errors import CorpusEncodingError, CorpusError, CorpusNotRestartableError
from nlp_zero.text import corpus as module
from nlp_zero.text import reading
from nlp_zero.text.corpus import TextFiles, TextStream, check_corpus, spooled, text_blocks
from nlp_zero.text.encoding import LONGEST_LINE, PIECE_SIZE

SIMPLIFIED = "巡线工沿着山路查看导线。\n下午起了雾，他们提前收工，把记录交给值班员。\n"
TRADITIONAL = "巡線工沿著山路查看導線。\n下午起了霧，他們提前收工，把記錄交給值班員。\n"
PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def write(folder: Path, data: bytes, name: str = "a.txt") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def lines_of(text: str) -> list[str]:
    """The lines of a text, by the definition."""
    lines = re.split(r"\r\n|\r|\n", text)
    return lines if lines[-1] else lines[:-1]


class Drip(io.RawIOBase):
    """A stream that gives a few bytes at a time, like a pipe that is being written to."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = list(parts)

    def read(self, size: int = -1) -> bytes:
        return self.parts.pop(0) if self.parts else b""


# ------------------------------------------------------------------------------------------------ text


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"\n\n", ["", ""]),
        ("一\n二".encode(), ["一", "二"]),
        ("一\r\n二\r\n".encode(), ["一", "二"]),
        ("一\r二\r".encode(), ["一", "二"]),
        ("一\r\r\n\n二".encode(), ["一", "", "", "二"]),
        ("一\x85二\u2028三\x0b四\x0c五\x1c六\n".encode(), ["一\x85二\u2028三\x0b四\x0c五\x1c六"]),
        (b"\0a\0\n\0", ["\0a\0", "\0"]),
        ("\ufeff一\n".encode(), ["一"]),
        ("一\n".encode("utf-16"), ["一"]),
        (SIMPLIFIED.encode("gbk"), lines_of(SIMPLIFIED)),
        (TRADITIONAL.encode("big5"), lines_of(TRADITIONAL)),
    ],
)
def test_lines(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    files = TextFiles(write(tmp_path, data))
    assert list(files) == list(files) == lines
    assert [line for block in files.blocks() for line in lines_of(block)] == lines


@given(
    st.lists(st.text(st.sampled_from("中文，。\n\r\0 a\u2028"), max_size=30), min_size=1, max_size=3),
    st.integers(1, 7),
    st.sampled_from(["", ".gz", ".bz2", ".xz"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5hkscs"]),
)
def test_round_trip(texts: list[str], size: int, suffix: str, encoding: str) -> None:
    if encoding == "big5hkscs":
        texts = [text.replace("\u2028", "") for text in texts]
    read: list[int] = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "READ_SIZE", size)
        pack = PACK.get(suffix, bytes)
        paths = [write(Path(folder), pack(text.encode(encoding)), f"{i}.txt{suffix}") for i, text in enumerate(texts)]
        files = TextFiles(*paths, encoding=encoding)
        assert "".join(files.blocks(read.append)) == "".join(texts)
        assert list(files) == [line for text in texts for line in lines_of(text)]
        assert sum(read) == files.total_bytes
        stream = TextStream(io.BytesIO(texts[0].encode(encoding)), encoding=encoding)
        assert "".join(stream.blocks()) == texts[0]


def test_pieces_do_not_span_files(tmp_path: Path) -> None:
    files = TextFiles(write(tmp_path, b"one", "1"), write(tmp_path, b"two\r", "2"), write(tmp_path, b"\nthree", "3"))
    assert list(files.blocks()) == ["one", "two\r", "\nthree"]
    assert list(files) == ["one", "two", "", "three"]


def test_pieces_are_big_and_hold_whole_lines(tmp_path: Path) -> None:
    text = "变压器的油温和绕组温度都正常。\r\n" * 200_000
    pieces = list(TextFiles(write(tmp_path, text.encode())).blocks())
    assert "".join(pieces) == text
    assert len(pieces) > 2 and all(piece.endswith("\r\n") for piece in pieces)
    assert all(PIECE_SIZE <= len(piece) <= PIECE_SIZE + reading.READ_SIZE for piece in pieces[:-1])


def test_a_line_of_ten_megabytes(tmp_path: Path) -> None:
    plain, marked = "线" * 3_500_000, "变压器，" * 2_600_000
    (piece,) = TextFiles(write(tmp_path, plain.encode())).blocks()
    assert piece == plain
    files = TextFiles(write(tmp_path, marked.encode()))
    pieces = list(files.blocks())
    assert "".join(pieces) == marked and list(files) == [marked]
    assert len(pieces) > 1 and all(
        piece.endswith("，") and len(piece) <= LONGEST_LINE + reading.READ_SIZE for piece in pieces
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
def test_a_mark_is_dropped_with_a_named_encoding(tmp_path: Path, encoding: str) -> None:
    assert list(TextFiles(write(tmp_path, "\ufeff一".encode(encoding)), encoding=encoding)) == ["一"]


# ----------------------------------------------------------------------------------------------- paths


def test_directory(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c", ".hidden", ".git/x", "c.txt"):
        write(tmp_path, name.encode(), name)
    names = [path.relative_to(tmp_path).as_posix() for path in TextFiles(tmp_path).paths]
    assert names == ["a/b/c", "a/z.txt", "b.txt", "c.txt"]
    assert list(TextFiles(str(tmp_path))) == names


def test_pattern(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "sub/c.txt", "d.md", "e[1].txt"):
        write(tmp_path, b"", name)
    found = {
        pattern: [path.relative_to(tmp_path).as_posix() for path in TextFiles(tmp_path / pattern).paths]
        for pattern in ("*.txt", "**/*.txt", "[ab].txt", "?.md", "*", "e[1].txt")
    }
    assert found == {
        "*.txt": ["a.txt", "b.txt", "e[1].txt"],
        "**/*.txt": ["a.txt", "b.txt", "e[1].txt", "sub/c.txt"],
        "[ab].txt": ["a.txt", "b.txt"],
        "?.md": ["d.md"],
        "*": ["a.txt", "b.txt", "d.md", "e[1].txt"],
        "e[1].txt": ["e[1].txt"],
    }


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"nothing\.txt: there is no such file or directory; check the path"):
        TextFiles(tmp_path / "nothing.txt")
    with pytest.raises(CorpusError, match=r"\*\.txt: no file matches this pattern"):
        TextFiles(tmp_path / "*.txt")
    with pytest.raises(CorpusError, match="the directory holds no files"):
        TextFiles(tmp_path)
    with pytest.raises(CorpusError, match=r"^(文本){98}文\.\.\.: there is no such file"):
        TextFiles("文本" * 5000)


def test_a_device_is_no_file() -> None:
    with pytest.raises(CorpusError, match=f"^{os.devnull}: neither a file nor a directory .*copy it to a file"):
        TextFiles(os.devnull)


def test_wrong_arguments(tmp_path: Path) -> None:
    path = write(tmp_path, b"")
    with pytest.raises(ValueError, match="^paths: expected at least one"):
        TextFiles()
    with pytest.raises(ValueError, match="^paths: an empty path"):
        TextFiles("")
    with pytest.raises(ValueError, match="^encoding: 'utf-88' is no text encoding"):
        TextFiles(path, encoding="utf-88")
    with pytest.raises(ValueError, match="^encoding: 'zip'"):
        TextStream(io.BytesIO(), encoding="zip")
    with pytest.raises(ValueError, match="^encoding: 'zip'"), spooled(io.BytesIO(), encoding="zip"):
        pass
    with pytest.raises(TypeError, match=r"^paths: .*TextFiles\(\*paths\)"):
        TextFiles([path])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="^paths: expected str .*, got bytes"):
        TextFiles(os.fsencode(path))  # type: ignore[arg-type]


def test_a_file_that_vanishes(tmp_path: Path) -> None:
    path = write(tmp_path, b"text")
    files = TextFiles(path)
    path.unlink()
    for read in (lambda: list(files), lambda: list(files.blocks()), lambda: files.total_bytes):
        with pytest.raises(CorpusError, match=r"a\.txt: cannot be read: No such file or directory; check the path"):
            read()


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    files = TextFiles(write(tmp_path, b"text"))
    monkeypatch.setattr(reading, "open", refuse, raising=False)  # the superuser may read everything
    with pytest.raises(CorpusError, match=r"a\.txt: cannot be read: Permission denied; ask for the right"):
        list(files)


def test_a_value(tmp_path: Path) -> None:
    one, two = write(tmp_path, b"1", "1"), write(tmp_path, b"2", "2")
    files = TextFiles(one, str(two), encoding="utf-8")
    copy = pickle.loads(pickle.dumps(files))
    assert copy == files == TextFiles(one, two, encoding="utf-8") and hash(copy) == hash(files)
    assert list(copy) == ["1", "2"] and copy.paths == (one, two) and copy.encoding == "utf-8"
    assert files != TextFiles(one, two) and files != TextFiles(two, one, encoding="utf-8") and files != [one, two]
    assert repr(files) == f"TextFiles({str(one)!r}, {str(two)!r}, encoding='utf-8')"
    assert (
        repr(TextFiles(*[one] * 9)) == f"TextFiles({str(one)!r}, {str(one)!r}, <6 more>, {str(one)!r}, encoding='auto')"
    )


# --------------------------------------------------------------------------------------------- archives


@pytest.mark.parametrize("suffix", PACK)
def test_archives(tmp_path: Path, suffix: str) -> None:
    packed = PACK[suffix](SIMPLIFIED.encode("gbk"))
    for name in ("a.txt" + suffix, "a.TXT" + suffix.upper(), "magic.txt"):
        assert "".join(TextFiles(write(tmp_path, packed, name)).blocks()) == SIMPLIFIED
    assert list(TextFiles(write(tmp_path, PACK[suffix](b"")))) == []
    assert list(TextFiles(write(tmp_path, packed + packed))) == 2 * lines_of(SIMPLIFIED)


@pytest.mark.parametrize("suffix", PACK)
def test_damaged_archives(tmp_path: Path, suffix: str) -> None:
    packed = PACK[suffix](os.urandom(60_000).hex().encode())
    middle = len(packed) // 2
    flipped = packed[:middle] + bytes(byte ^ 0xFF for byte in packed[middle : middle + 64]) + packed[middle + 64 :]
    for data in (packed[:middle], packed[:-3], packed[:16], flipped):
        with pytest.raises(CorpusError, match=r"a\.txt: damaged or incomplete \w+ data .*fetch the file again"):
            list(TextFiles(write(tmp_path, data)).blocks())


@pytest.mark.parametrize("suffix", [*PACK, ".zst"])
@pytest.mark.parametrize("data", [b"", b"plain text"])
def test_archives_in_name_only(tmp_path: Path, suffix: str, data: bytes) -> None:
    with pytest.raises(CorpusError, match=rf"named \{suffix}, but holds no .* data; rename it"):
        list(TextFiles(write(tmp_path, data, "a" + suffix)))


def test_an_archive_that_python_cannot_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "compression.zstd", None)  # as before Python 3.14
    path = write(tmp_path, b"\x28\xb5\x2f\xfd\x04\x00", "a.zst")
    with pytest.raises(CorpusError, match=r"a\.zst: zstd data, but .* no module compression\.zstd; .*zstd -dc FILE"):
        list(TextFiles(path))


@pytest.mark.parametrize("suffix", ["", *PACK])
def test_progress_is_in_bytes_on_disk(tmp_path: Path, suffix: str) -> None:
    data = PACK.get(suffix, bytes)((SIMPLIFIED * 50_000).encode())
    files = TextFiles(
        write(tmp_path, data, "a" + suffix), write(tmp_path, b"", "b"), write(tmp_path, data, "c" + suffix)
    )
    read: list[int] = []
    for _ in files.blocks(read.append):
        pass
    assert sum(read) == files.total_bytes == 2 * len(data) and min(read) > 0


def test_progress_counts_what_stands_behind_an_archive(tmp_path: Path) -> None:
    files = TextFiles(write(tmp_path, bz2.compress(b"text") + bytes(1_000_000)))
    read: list[int] = []
    assert list(files.blocks(read.append)) == ["text"] and sum(read) == files.total_bytes


# ------------------------------------------------------------------------------------------ wrong bytes


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("times", [1, 2000])
@pytest.mark.parametrize("encoding", ["auto", "utf-8"])
def test_a_wrong_byte_half_way(tmp_path: Path, suffix: str, times: int, encoding: str) -> None:
    half = (SIMPLIFIED * times).encode()
    path = write(tmp_path, PACK.get(suffix, bytes)(half + b"\xff\n" + half), "a.txt" + suffix)
    with pytest.raises(CorpusEncodingError, match="byte ff is not valid utf-8") as caught:
        list(TextFiles(path, encoding=encoding))
    assert caught.value.path == str(path)
    assert (caught.value.byte, caught.value.line) == (len(half), 2 * times + 1)
    assert "pass encoding=... (--encoding on the command line)" in str(caught.value)


def test_the_wrong_encoding_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, SIMPLIFIED.encode("gbk"))
    with pytest.raises(CorpusEncodingError, match=r"a\.txt, byte 2 \(line 1\): byte cf is not valid utf-8: "):
        list(TextFiles(path, encoding="utf-8"))


def test_utf16_without_mark(tmp_path: Path) -> None:
    path = write(tmp_path, SIMPLIFIED.encode("utf-16-le"))
    with pytest.raises(CorpusEncodingError, match=r"UTF-16 without a byte order mark: pass encoding='utf-16-le'"):
        list(TextFiles(path))
    assert list(TextFiles(path, encoding="utf-16-le")) == lines_of(SIMPLIFIED)


# ---------------------------------------------------------------------------------------------- streams


def test_a_stream_gives_lines_as_they_come() -> None:
    stream = Drip("一\n二".encode(), "三\n四\r".encode(), b"\n", b"\xe4\xba", b"\x94\r", b"end")
    read: list[int] = []
    blocks = TextStream(stream).blocks(read.append)  # type: ignore[arg-type]
    assert next(blocks) == "一\n" and len(stream.parts) == 5
    assert next(blocks) == "二三\n" and len(stream.parts) == 4
    assert next(blocks) == "四\r\n" and len(stream.parts) == 3
    assert list(blocks) == ["五\r", "end"] and sum(read) == 23


def test_a_pipe_gives_lines_as_they_come() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as source, open(writing, "wb", buffering=0) as sink:
        blocks = TextStream(source).blocks()
        for line in ("今天\n", "天气\n"):
            sink.write(line.encode())
            assert next(blocks) == line  # a read that waits for more would hang here
        sink.close()
        assert list(blocks) == []


def test_a_stream_is_read_once() -> None:
    stream = TextStream(io.BytesIO(b"text"))
    assert list(stream.blocks()) == ["text"]
    with pytest.raises(CorpusNotRestartableError, match=r"<stdin>: can be read only once; use spooled"):
        stream.blocks()


def test_errors_of_a_stream() -> None:
    with pytest.raises(CorpusEncodingError, match=r"^<stdin>, byte 3 \(line 2\): byte ff is not valid utf-8"):
        list(TextStream(io.BytesIO(b"ab\n\xff"), encoding="utf-8").blocks())
    with pytest.raises(CorpusError, match=r"^<stdin>: gzip data; unpack it.*gzip -dc"):
        list(TextStream(io.BytesIO(gzip.compress(b"text"))).blocks())
    with pytest.raises(TypeError, match=r"^stream: pipe gives str, expected bytes; pass its \.buffer"):
        list(TextStream(io.StringIO("text"), name="pipe").blocks())  # type: ignore[arg-type]


def test_a_stream_that_fails() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(CorpusError, match="^<stdin>: cannot be read: Input/output error; check"):
        list(TextStream(Broken()).blocks())  # type: ignore[arg-type]
    with pytest.raises(CorpusError, match="^<stdin>: cannot be copied to a temporary file: Input"):
        with spooled(Broken()):  # type: ignore[arg-type]
            pass


def test_spooled() -> None:
    with spooled(io.BytesIO(gzip.compress(SIMPLIFIED.encode("gbk")))) as files:
        assert list(files) == list(files) == lines_of(SIMPLIFIED)
        (path,) = files.paths
        assert path.exists()
    assert not path.parent.exists()


def test_spooled_is_removed_after_an_error_that_names_the_stream() -> None:
    with (
        pytest.raises(CorpusEncodingError, match=r"^<stdin>, byte 0 \(line 1\): byte ff"),
        spooled(io.BytesIO(b"\xff"), encoding="utf-8") as files,
    ):
        (path,) = files.paths
        list(files)
    assert not path.exists()


# -------------------------------------------------------------------------------------------- iterables


def test_check_corpus_accepts_what_starts_anew(tmp_path: Path) -> None:
    class Anew:
        def __iter__(self) -> Iterator[str]:
            raise AssertionError("read too early")
            yield ""

    for corpus in ([], ["text"], ("a", "b"), {"a": 1}, Anew(), TextFiles(write(tmp_path, b""))):
        check_corpus(corpus)


def test_check_corpus_refuses_before_anything_is_read(tmp_path: Path) -> None:
    read: list[int] = []

    class Given:
        """Looks restartable, but hands out the one iterator it was made with."""

        def __init__(self, texts: Iterator[str]) -> None:
            self.texts = texts

        def __iter__(self) -> Iterator[str]:
            return self.texts

    def generate() -> Iterator[str]:
        read.append(1)
        yield "text"

    stream = TextStream(io.BytesIO(b"text"))
    with open(write(tmp_path, b"text"), encoding="utf-8") as file:
        for corpus in (generate(), map(str, generate()), iter(["text"]), Given(generate()), file, stream):
            with pytest.raises(CorpusNotRestartableError, match=r"pass a list, TextFiles\(path\), or an object whose"):
                check_corpus(corpus)
        assert file.tell() == 0
    assert read == [] and list(stream.blocks()) == ["text"]


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ("text", r"^corpus: a str is one text; pass \[text\] for a text, or TextFiles\(path\) for a file"),
        (b"text", r"^corpus: expected texts, got bytes; decode them, or pass TextFiles\(path\)"),
        (Path("a.txt"), r"^corpus: a path is no text; pass TextFiles\('a.txt'\)"),
        (3, "^corpus: expected an iterable of str, got int"),
        (None, "^corpus: expected an iterable of str, got NoneType"),
    ],
)
def test_check_corpus_refuses_what_is_no_corpus(corpus: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        check_corpus(corpus)


@given(st.lists(st.text(max_size=6), max_size=20), st.integers(1, 12))
def test_text_blocks_of_texts(texts: list[str], size: int) -> None:
    done: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE_SIZE", size)
        pieces = list(text_blocks(texts, done.append))
    assert "\n".join(pieces) == "\n".join(texts) and done == [len(piece) for piece in pieces]


def test_text_blocks_of_lone_surrogates() -> None:
    assert list(text_blocks(["a\udcff", "\ud800"])) == ["a\udcff\n\ud800"]


def test_text_blocks_of_files_and_streams(tmp_path: Path) -> None:
    read: list[int] = []
    assert list(text_blocks(TextFiles(write(tmp_path, b"a\r\nb")), read.append)) == ["a\r\nb"]
    assert list(text_blocks(TextStream(io.BytesIO(b"a\nb")), read.append)) == ["a\n", "b"]
    assert sum(read) == 7


def test_text_blocks_names_the_item_that_is_no_text() -> None:
    with pytest.raises(TypeError, match="^corpus item 3 is bytes, expected str: decode it first$"):
        list(text_blocks(["a", "b", "c", b"d"]))  # type: ignore[list-item]
    with pytest.raises(TypeError, match="^corpus item 0 is NoneType, expected str$"):
        list(text_blocks([None]))  # type: ignore[list-item]
