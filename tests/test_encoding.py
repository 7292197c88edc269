"""The encoding rule on its own, and the decoder: any cut of the bytes gives the same text and the same error."""

from __future__ import annotations

import codecs
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_zero.errors import CorpusEncodingError
from nlp_zero.text import encoding as module
from nlp_zero.text.encoding import TextDecoder, UnclearEncodingError, check_encoding, detect_encoding, whole_lines

SIMPLIFIED = (
    "清晨的变电站很安静，值班员沿着围栏走了一圈，检查每一台变压器的油位和温度。\n"
    "他把读数记在本子上：一号主变油温四十二度，二号主变油温三十九度，声音正常，没有渗漏。\n"
    "早饭以后，同事们围在桌旁商量当天的工作，有人说西边的线路昨晚跳过一次闸，需要派人去看。\n"
)
TRADITIONAL = (
    "清晨的變電站很安靜，值班員沿著圍欄走了一圈，檢查每一臺變壓器的油位和溫度。\n"
    "他把讀數記在本子上：一號主變油溫四十二度，二號主變油溫三十九度，聲音正常，沒有滲漏。\n"
    "早飯以後，同事們圍在桌旁商量當天的工作，有人說西邊的線路昨晚跳過一次閘，需要派人去看。\n"
)
BARE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, "\ufeff".encode("gb18030"))
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


def decode(data: bytes, encoding: str = "auto", sizes: list[int] | None = None, eager: bool = False) -> str:
    """Decode in reads of the given sizes, in turn."""
    decoder, text, start = TextDecoder("a.txt", encoding, eager=eager), "", 0
    for turn in range(len(data)):
        if start >= len(data):
            break
        size = sizes[turn % len(sizes)] if sizes else len(data)
        text += decoder.decode(data[start : start + size])
        start += size
    return text + decoder.decode(b"", final=True)


# ---------------------------------------------------------------------------------------------- the rule


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "utf-8"),
        (b"plain ASCII\r\n", "utf-8"),
        (SIMPLIFIED.encode(), "utf-8"),
        ("\ufeff你好".encode(), "utf-8-sig"),
        ("你好".encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + "你好".encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_LE + "你好".encode("utf-32-le"), "utf-32"),
        (codecs.BOM_UTF32_BE + "你好".encode("utf-32-be"), "utf-32"),
        (SIMPLIFIED.encode("gb18030"), "gb18030"),
        (TRADITIONAL.encode("big5"), "big5hkscs"),
        (TRADITIONAL.encode("big5") + "嘅咗嚟".encode("big5hkscs"), "big5hkscs"),
        (TRADITIONAL.encode("big5") + "€".encode("cp950"), "cp950"),
        (b"# title\n" * 9000 + TRADITIONAL.encode("big5"), "big5hkscs"),
        (b"# title\n" * 9000 + SIMPLIFIED.encode("gbk"), "gb18030"),
        # Four-byte sequences are stepped over: their digits are not taken for second bytes below A1.
        ((SIMPLIFIED + "𠮷" * 500).encode("gb18030"), "gb18030"),
        # NUL is an ordinary character.
        (b"a\0b" + SIMPLIFIED.replace("，", "\0").encode("gbk"), "gb18030"),
        (TRADITIONAL.replace("，", "\0").encode("big5"), "big5hkscs"),
    ],
)
def test_detects(data: bytes, expected: str) -> None:
    assert detect_encoding(data, complete=True) == expected


@given(st.integers(1, 200), st.sampled_from(["utf-8", "gb18030"]))
def test_a_sample_may_end_within_a_character(length: int, encoding: str) -> None:
    data = SIMPLIFIED.encode(encoding)[: length + 40]
    assert detect_encoding(data, complete=False) == encoding


def test_a_complete_file_may_not_end_within_a_character() -> None:
    assert detect_encoding("你好你好".encode()[:-1], complete=True) == "utf-8"  # and the decoder refuses the end
    with pytest.raises(CorpusEncodingError, match="byte 9"):
        decode("你好你好".encode()[:-1])


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL])
@pytest.mark.parametrize("wrong", [b"\xff", b"\x80", b"\xe4\xbd", b"\xb1\xe4\xd1\xb9\xc6\xf7"])
def test_utf8_with_wrong_bytes_stays_utf8(text: str, wrong: bytes) -> None:
    """Both GB18030 and Big5 would read such a file, or nearly all of it."""
    data = text.encode()
    for at in (0, 30, len(data)):
        broken = data[:at] + wrong + data[at:]
        assert detect_encoding(broken, complete=True) == "utf-8"
        with pytest.raises(CorpusEncodingError, match="is not valid utf-8") as caught:
            decode(broken)
        assert caught.value.byte is not None and at <= caught.value.byte <= at + len(wrong)


@pytest.mark.parametrize(("text", "encoding"), [(SIMPLIFIED, "gb18030"), (TRADITIONAL, "big5hkscs")])
def test_a_wrong_byte_in_another_encoding_is_named(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    at = data.index(b"\n") + 1
    with pytest.raises(CorpusEncodingError, match=f"byte ff is not valid {encoding}.*chosen by") as caught:
        decode(data[:at] + b"\xff" + data[at:])
    assert (caught.value.byte, caught.value.line) == (at, 2)


def test_big5_with_few_low_second_bytes_is_not_read_as_gb18030() -> None:
    """A short Big5 text whose second bytes happen to be high: the first bytes contradict."""
    high = [char for char in "是有我你在的了他不這中上個為以到說時要" if char.encode("big5")[1] >= 0xA1]
    data = "".join(high).encode("big5")
    assert len(high) >= 4
    with pytest.raises(UnclearEncodingError, match="not clearly GB18030 or Big5"):
        detect_encoding(data, complete=True)


def test_between_the_shares_is_an_error() -> None:
    pairs = b"\xb0\xa1" * 66 + b"\xb0\x40" * 17 + b"\xb0\xa0" * 17
    with pytest.raises(UnclearEncodingError, match=r"34% of 100 second bytes.*pass encoding=.*--encoding"):
        detect_encoding(pairs, complete=True)


@pytest.mark.parametrize("low", [29, 39])
def test_the_shares_decide(low: int) -> None:
    pairs = (b"\xa4\x40" if low > 38 else b"\xb0\x40") * low + (b"\xa4\xa1" if low > 38 else b"\xb0\xa1") * (100 - low)
    assert detect_encoding(pairs, complete=True) == ("big5hkscs" if low > 38 else "gb18030")


def test_neither_is_an_error() -> None:
    with pytest.raises(UnclearEncodingError, match="neither UTF-8 nor GB18030 nor Big5; pass encoding="):
        detect_encoding("caf\xe9 ol\xe9!".encode("latin-1"), complete=True)


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, "plain Latin text", "Title\n" + SIMPLIFIED, "中文\n"])
def test_utf16_without_mark(text: str, order: str) -> None:
    with pytest.raises(UnclearEncodingError, match=f"UTF-16 without a byte order mark: .*encoding='utf-16-{order}'"):
        detect_encoding(text.encode(f"utf-16-{order}"), complete=True)


def test_check_encoding() -> None:
    assert [check_encoding(name) for name in ("auto", "GBK", "utf-16")] == ["auto", "GBK", "utf-16"]
    for name in ("utf-88", "", "zip", "rot13", "a\0b"):
        with pytest.raises(ValueError, match="^encoding: .*no text encoding"):
            check_encoding(name)
    with pytest.raises(TypeError, match="encoding: expected a name"):
        check_encoding(None)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------- the decoder

texts = st.text(st.sampled_from("中文的是一，。\u3000\n\r\r\n\t\0\x85\u2028\f aZ1"), max_size=60)
sizes = st.lists(st.integers(1, 7), min_size=1, max_size=4)


@given(texts, sizes, st.sampled_from(["utf-8", "utf-16", "utf-32", "gb18030", *WIDE]))
def test_named_encoding_in_any_reads(text: str, sizes: list[int], encoding: str) -> None:
    assert decode(text.encode(encoding), encoding, sizes) == text


@given(st.text(st.sampled_from("中文的是一，。\n\r a1"), max_size=60), sizes)
def test_big5_in_any_reads(text: str, sizes: list[int]) -> None:
    for encoding in ("big5", "big5hkscs", "cp950"):
        assert decode(text.encode(encoding), encoding, sizes) == text


@given(texts, sizes, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_auto_in_any_reads(text: str, sizes: list[int], eager: bool, encoding: str) -> None:
    text = text.lstrip("\0")  # the mark of UTF-16 and a NUL are the mark of UTF-32
    assert decode(text.encode(encoding), "auto", sizes, eager) == text


@given(texts, sizes)
def test_auto_finds_gb18030_and_big5_in_any_reads(text: str, sizes: list[int]) -> None:
    for prose, encoding in ((SIMPLIFIED, "gb18030"), (TRADITIONAL, "big5hkscs")):
        whole = text.replace("\x85", "").replace("\u2028", "") + prose
        assert decode(whole.encode(encoding), "auto", sizes) == whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", *WIDE])
def test_the_mark_is_dropped_once(encoding: str) -> None:
    data = "\ufeff\ufeff中\ufeff".encode(encoding.removesuffix("-sig"))
    for sizes in ([1], [len(data)]):
        assert decode(data, encoding, sizes) == "\ufeff中\ufeff"


@pytest.mark.parametrize("sizes", [[1], [100]])
def test_the_mark_that_was_asked_for(sizes: list[int]) -> None:
    """A mark of UTF-16 and a NUL are the mark of UTF-32."""
    data = codecs.BOM_UTF16_LE + "\0中".encode("utf-16-le")
    assert decode(data, "utf-16", sizes) == decode(data, "utf-16-le", sizes) == "\0中"


def test_a_mark_inside_is_no_mark() -> None:
    assert decode("a\ufeff中".encode(), sizes=[1]) == "a\ufeff中"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_missing_mark_is_not_guessed(encoding: str) -> None:
    assert decode(b"", encoding) == ""
    with pytest.raises(CorpusEncodingError, match=rf"{encoding} needs a byte order mark.*'{encoding}-le'"):
        decode("你好".encode(encoding + "-le"), encoding)


@given(
    text=st.text(st.sampled_from("中文的\n\r a"), max_size=40),
    rest=st.text(st.sampled_from("中文\n\r a"), max_size=20),
    sizes=sizes,
    encoding=st.sampled_from(["utf-8", "gb18030", "big5hkscs", "ascii", "utf-16-le", "utf-32-be"]),
)
def test_the_place_of_a_wrong_byte_is_exact(text: str, rest: str, sizes: list[int], encoding: str) -> None:
    if encoding == "ascii":
        text, rest = (part.encode("ascii", "ignore").decode() for part in (text, rest))
    wrong = {"utf-16-le": b"\x00\xdc", "utf-32-be": b"\x7f\0\0\0"}.get(encoding, b"\xff")
    before = text.encode(encoding)
    with pytest.raises(CorpusEncodingError) as caught:
        decode(before + wrong + rest.encode(encoding), encoding, sizes)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert (caught.value.path, caught.value.byte, caught.value.line) == ("a.txt", len(before), lines)
    assert "pass encoding=... (--encoding on the command line)" in caught.value.reason


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs", "utf-16-be"])
@pytest.mark.parametrize("sizes", [[1], [3], [1000]])
def test_a_character_cut_off_at_the_end(encoding: str, sizes: list[int]) -> None:
    data = "第一\n第二".encode(encoding)[:-1]
    with pytest.raises(CorpusEncodingError, match="repair the file") as caught:
        decode(data, encoding, sizes)
    assert (caught.value.byte, caught.value.line) == (len("第一\n第".encode(encoding)), 2)


def test_an_unclear_encoding_has_a_place() -> None:
    with pytest.raises(CorpusEncodingError, match=r"^a.txt, byte 13 \(line 3\): neither UTF-8") as caught:
        decode(b"one\r\ntwo\rthre\xe9 !")
    assert caught.value.byte == 13


def test_eager_decodes_the_first_line_at_once() -> None:
    assert TextDecoder("-", eager=True).decode("你好\n".encode()) == "你好\n"
    assert TextDecoder("-").decode("ok\n你好\n".encode()) == "ok\n"
    assert TextDecoder("-", eager=True).decode("ok\n你好\n".encode("gbk")) == "ok\n"


def test_an_error_behind_the_sample() -> None:
    data = (SIMPLIFIED * 400).encode()
    assert len(data) > 2 * module.SAMPLE_SIZE
    with pytest.raises(CorpusEncodingError) as caught:
        decode(data + b"\xff\n" + data, sizes=[4096])
    assert (caught.value.byte, caught.value.line) == (len(data), 1201)


def test_the_choice_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "nlp_zero"):
        decode(SIMPLIFIED.encode("gbk"))
        decode(SIMPLIFIED.encode())
        decode(SIMPLIFIED.encode(), "utf-8")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "a.txt: reading as gb18030"),
        ("DEBUG", "a.txt: reading as utf-8"),
    ]


# ----------------------------------------------------------------------------------------- whole lines

chunks = st.lists(st.text(st.sampled_from("ab\r\n，。\x85\u2028"), max_size=8), max_size=12)


@given(chunks, st.integers(1, 9), st.booleans())
def test_pieces_are_the_text_in_whole_lines(parts: list[str], size: int, at_once: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE_SIZE", size)
        pieces = list(whole_lines(parts, at_once=at_once))
    text = "".join(parts)
    assert "".join(pieces) == text and all(pieces)
    for piece, following in zip(pieces, pieces[1:], strict=False):
        assert piece[-1] in "\r\n" and not (piece[-1] == "\r" and following[0] == "\n")


@given(chunks, st.integers(1, 6))
def test_only_a_long_line_is_cut(parts: list[str], longest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE_SIZE", 1)
        patch.setattr(module, "LONGEST_LINE", longest)
        pieces = list(whole_lines(parts))
    assert "".join(pieces) == "".join(parts)
    for piece, following in zip(pieces, pieces[1:], strict=False):
        if piece[-1] not in "\r\n":
            assert piece[-1] in "。，" and following[0] in "ab"


def test_where_a_long_line_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE_SIZE", 1)
    monkeypatch.setattr(module, "LONGEST_LINE", 4)
    assert list(whole_lines(["甲乙，丙丁", "戊己"])) == ["甲乙，", "丙丁戊己"]
    assert list(whole_lines(["甲乙，丙丁", "戊己"], cut_long=False)) == ["甲乙，丙丁戊己"]
    for whole in ("甲乙。。", "甲乙丙丁戊己", "甲乙，１２３", "甲乙， 丙", "甲乙。\ufe00"):
        assert list(whole_lines([whole, whole[:1]])) == [whole + whole[:1]]


def test_a_line_in_many_parts_takes_linear_time() -> None:
    parts = ["线" * 50] * 100_000
    assert list(whole_lines(parts)) == ["".join(parts)]


@given(st.binary(max_size=200), sizes)
def test_any_bytes_give_text_or_one_error(data: bytes, sizes: list[int]) -> None:
    try:
        text = decode(data, sizes=sizes)
    except CorpusEncodingError as error:
        assert error.path == "a.txt" and "encoding=" in error.reason
        assert error.byte is not None and error.byte < len(data)
    else:
        assert text or data in (b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, *BARE_MARKS)
