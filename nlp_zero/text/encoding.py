"""From bytes to text: the encoding of a Chinese file, a strict decoder that says where it fails, whole lines.

The rule for `auto`: a byte order mark decides; then strict UTF-8; then GB18030 or Big5 by the second bytes of
the two-byte characters. Those lie below 0xA1 for half of the characters of a Big5 text, and for next to none
of a GB18030 text in simplified characters. Strict decoding cannot take the place of the rule: GB18030 reads
nearly every Big5 file without an error, and gets every character wrong.

What is seldom but would be read wrong in silence is refused: a sample between the two shares, one whose first
bytes speak against its second bytes, UTF-16 without a mark, and UTF-8 with a few wrong bytes (that stays
UTF-8, so the decoder names the first wrong byte).
"""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ..errors import CorpusEncodingError

__all__ = ["AUTO", "TextDecoder", "UnclearEncodingError", "check_encoding", "detect_encoding", "whole_lines"]

AUTO = "auto"
SAMPLE_SIZE = 1 << 16  # bytes
PIECE_SIZE = 250_000  # characters
LONGEST_LINE = 4_000_000  # characters; a longer one may be cut

_ADVICE = "pass encoding=... (--encoding on the command line)"
_REPAIR = f"repair the file or, if it is in another encoding, {_ADVICE}"
_LOGGER = logging.getLogger("nlp_zero")

# utf-32-le before utf-16-le, whose mark is the beginning of it.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)

# A two-byte character. The four-byte sequences of GB18030 fall out: a digit follows their first and third byte.
_TWO_BYTES = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_FROM_A1 = bytes(range(0xA1, 0x100))
_A4_TO_AF = bytes(range(0xA4, 0xB0))

# Share of second bytes below 0xA1. On 64 KB samples of simplified text: GB18030 0-.01, Big5 .40-.61.
_GB18030_BELOW, _BIG5_ABOVE = 0.30, 0.38
# Share of first bytes 0xA4-0xAF: the commonest characters of Big5; kana, Greek, Cyrillic and private use in
# GB18030. From 50 characters on, GB18030 has at most .05 of them and Big5 at least .25; the second bytes
# alone take 1.6 % of the Big5 samples of that size for GB18030.
_COMMON_BIG5 = 0.15
# Valid UTF-8 sequences for each invalid place. Real GB18030 and Big5 reach 1 at 200 characters and pass 2 in
# one of 1,000 samples of 10; a mistake on this side is an error, on the other side wrong text.
_BROKEN_UTF8_FROM = 2

# A word never spans one of these marks before a letter. A digit may go on with a number, the same mark again is
# one token with the first, and a variation selector belongs to it.
_CUT = re.compile(r"[\u3002\uff01\uff1f\uff1b\uff0c\u3001](?=[^\W\d_])")


class UnclearEncodingError(ValueError):
    """The encoding cannot be told from the bytes; the text says why and what to pass."""


def check_encoding(encoding: str) -> str:
    """Return `encoding` if it is ``"auto"`` or the name of a text encoding.

    Raises
    ------
    ValueError
        No such encoding.

    Examples
    --------
    >>> check_encoding("gbk")
    'gbk'
    """
    if not isinstance(encoding, str):
        raise TypeError(f"encoding: expected a name such as 'utf-8', got {type(encoding).__name__}")
    if encoding != AUTO:
        try:
            "".encode(encoding)  # unlike codecs.lookup, this refuses bytes-to-bytes codecs such as "zip"
        except (LookupError, ValueError, UnicodeError):
            raise ValueError(
                f"encoding: {encoding!r} is no text encoding that Python knows; "
                "examples: 'auto', 'utf-8', 'gb18030', 'big5hkscs', 'cp950', 'utf-16'"
            ) from None
    return encoding


def detect_encoding(sample: bytes, *, complete: bool) -> str:
    """Tell the encoding of a file from its beginning.

    Parameters
    ----------
    sample
        The first bytes of the file. ASCII decides nothing, so the sample should reach some tens of
        kilobytes past the first other byte.
    complete
        True if the sample is the whole file: a character cut off at its end is then an error.

    Returns
    -------
    str
        ``utf-8-sig``, ``utf-16``, ``utf-32`` (by a mark), ``utf-8``, ``gb18030``, ``big5hkscs``, ``cp950``.
        The bytes need not be valid in it: a strict decoder finds the place.

    Raises
    ------
    UnclearEncodingError
        The bytes fit none of them, or more than one.

    Examples
    --------
    >>> detect_encoding("今天天气很好，我们去郊游。".encode("gbk"), complete=True)
    'gb18030'
    >>> detect_encoding("今天天氣很好，我們去郊遊。".encode("big5"), complete=True)
    'big5hkscs'
    """
    marked = _by_mark(sample)
    if marked is not None:
        return marked[0]
    prefix, rest = _split_ascii(sample)
    _refuse_ascii_utf16(prefix)
    return _by_sample(rest[:SAMPLE_SIZE], complete=complete and len(rest) <= SAMPLE_SIZE)


class TextDecoder:
    """Decode the bytes of one file, strictly, as they come.

    A byte order mark is dropped whichever way the encoding was chosen. With ``encoding="auto"``, text before
    the first byte that is not ASCII is given out at once; then bytes are held back until a sample is there.

    Parameters
    ----------
    name
        The file, for errors and the log.
    encoding
        A codec or ``"auto"``.
    eager
        Settle on UTF-8 as soon as one character is valid in it, for streams that must not be held back.
    chosen
        The codec that was settled on when the file was read before.
    at_start
        Whether the bytes begin where the file does.

    Examples
    --------
    >>> decoder = TextDecoder("notes.txt", "utf-8")
    >>> decoder.decode(b"\\xef\\xbb\\xbf\\xe4\\xbd"), decoder.decode(b"\\xa0", final=True)
    ('', '你')
    """

    def __init__(
        self, name: str, encoding: str = AUTO, *, eager: bool = False, chosen: str = "", at_start: bool = True
    ) -> None:
        self._name, self._asked, self._eager = name, check_encoding(encoding), eager
        self._codec: codecs.IncrementalDecoder | None = None
        self._encoding = chosen
        if chosen:
            self._codec = codecs.getincrementaldecoder(chosen)("strict")
        self._waiting = b""  # read, but not yet given to a codec
        self._taken = 0  # bytes that were turned into text or given to the codec
        self._line_ends, self._after_cr, self._at_start = 0, False, at_start

    @property
    def encoding(self) -> str:
        """The codec that was settled on; empty as long as there was nothing but ASCII."""
        return self._encoding

    def decode(self, data: bytes, final: bool = False) -> str:
        """Return the text of the next bytes; `final` tells that no more will come.

        Raises
        ------
        CorpusEncodingError
            The bytes are not text in the encoding, or no encoding can be chosen.
        """
        if self._codec is not None:
            return self._take(data, final)
        data = self._waiting + data
        if self._at_start and not self._taken:
            if not final and any(len(data) < len(mark) and mark.startswith(data) for mark, *_ in _MARKS):
                self._waiting = data
                return ""
            self._choose_by_start(data)
        if self._codec is not None:
            self._waiting = b""
            return self._take(data, final)
        ascii_bytes, self._waiting = _split_ascii(data)
        self._taken += len(ascii_bytes)
        text = self._counted(ascii_bytes.decode("ascii"))
        if self._waiting and self._choose_by_sample(self._waiting, final):
            data, self._waiting = self._waiting, b""
            text += self._take(data, final)
        return text

    def _choose_by_start(self, data: bytes) -> None:
        """Open the codec if it was named or the file begins with a mark."""
        if self._asked == AUTO:
            marked = _by_mark(data)
            if marked is not None:
                self._open(*marked)
            else:
                with self._placed():
                    _refuse_ascii_utf16(_split_ascii(data)[0])
            return
        encoding = codecs.lookup(self._asked).name
        if encoding == "utf-8-sig":
            encoding = "utf-8"
        elif encoding in ("utf-16", "utf-32"):  # without a mark Python would guess the byte order
            # The mark of UTF-16 and a NUL are the mark of UTF-32: look only for the one that was asked for.
            marked = _by_mark(data, encoding)
            if marked is not None:
                encoding = marked[1]
            elif data:
                reason = (
                    f"{encoding} needs a byte order mark, found {_hex(data[:4])}; "
                    f"pass encoding='{encoding}-le' or '{encoding}-be' (--encoding on the command line)"
                )
                raise CorpusEncodingError(self._name, reason, byte=0, line=1)
        self._open(self._asked, encoding)

    def _choose_by_sample(self, data: bytes, final: bool) -> bool:
        """Open the codec if the bytes from the first non-ASCII one on suffice to choose it."""
        if len(data) >= SAMPLE_SIZE or final:
            sample = data[:SAMPLE_SIZE]
            with self._placed():
                encoding = _by_sample(sample, complete=final and len(sample) == len(data))
        elif self._eager and _decoded(data, "utf-8", complete=False):
            encoding = "utf-8"
        else:
            return False
        self._open(encoding, encoding)
        return True

    @contextmanager
    def _placed(self) -> Iterator[None]:
        """Name the file and the place if an encoding cannot be chosen."""
        try:
            yield
        except UnclearEncodingError as exc:
            place = {"byte": self._taken, "line": self._line_ends + 1}
            raise CorpusEncodingError(self._name, str(exc), **place) from exc

    def _open(self, shown: str, encoding: str) -> None:
        if self._asked == AUTO:
            level = logging.DEBUG if shown.startswith("utf-8") else logging.INFO
            _LOGGER.log(level, "%s: reading as %s", self._name, shown)
        self._encoding = encoding
        self._codec = codecs.getincrementaldecoder(encoding)("strict")

    def _take(self, data: bytes, final: bool) -> str:
        assert self._codec is not None
        self._taken += len(data)
        try:
            text = self._codec.decode(data, final)
        except UnicodeDecodeError as exc:
            raise self._wrong_bytes(exc) from exc
        except UnicodeError as exc:
            raise CorpusEncodingError(self._name, f"not valid {self._encoding} ({exc}); {_REPAIR}") from exc
        if self._at_start and text:
            text, self._at_start = text.removeprefix("\ufeff"), False
        return self._counted(text)

    def _counted(self, text: str) -> str:
        """Count the line ends of `text`; the number of the line is wanted only when something is wrong."""
        if text:
            self._line_ends += _line_ends(text, self._after_cr)
            self._after_cr = text.endswith("\r")
            self._at_start = False
        return text

    def _wrong_bytes(self, exc: UnicodeDecodeError) -> CorpusEncodingError:
        # The codec's object ends with the bytes of this call, and begins with what was left of earlier ones.
        start = self._taken - len(exc.object)
        before = exc.object[: exc.start].decode(self._encoding, "replace")
        found = " (chosen by encoding='auto')" if self._asked == AUTO else ""
        wrong = _hex(exc.object[exc.start : exc.end])
        return CorpusEncodingError(
            self._name,
            f"{wrong} is not valid {self._encoding}{found}: {exc.reason}; {_REPAIR}",
            byte=start + exc.start,
            line=self._line_ends + _line_ends(before, self._after_cr) + 1,
        )


def _by_mark(data: bytes, asked: str = AUTO) -> tuple[str, str] | None:
    """Return the encoding that the byte order mark shows, and the codec for it."""
    for mark, shown, codec in _MARKS:
        if data.startswith(mark) and asked in (AUTO, shown):
            return shown, codec
    return None


def _by_sample(sample: bytes, *, complete: bool) -> str:
    """Choose between UTF-8, GB18030 and Big5; the sample begins with the first byte that is not ASCII."""
    if _decoded(sample, "utf-8", complete) is not None:
        return "utf-8"
    replaced = sample.decode("utf-8", "replace")
    invalid = replaced.count("\ufffd")
    valid = len(replaced) - len(replaced.encode("ascii", "ignore")) - invalid
    if valid >= _BROKEN_UTF8_FROM * invalid:
        return "utf-8"
    try:
        encoding = _by_shares(sample)
    except UnclearEncodingError:
        _refuse_utf16(sample)
        raise
    candidates = (encoding, "cp950") if encoding == "big5hkscs" else (encoding,)
    for candidate in candidates:
        if _decoded(sample, candidate, complete) is not None:
            return candidate
    _refuse_utf16(sample)
    return encoding


def _by_shares(sample: bytes) -> str:
    """Choose between GB18030 and Big5 by the bytes of the two-byte characters."""
    pairs = b"".join(_TWO_BYTES.findall(sample))
    first, second = pairs[::2], pairs[1::2]
    if not pairs:
        raise UnclearEncodingError(f"neither UTF-8 nor GB18030 nor Big5; {_ADVICE}")
    low = len(second.translate(None, _FROM_A1)) / len(second)
    common_big5 = 1 - len(first.translate(None, _A4_TO_AF)) / len(first)
    if low < _GB18030_BELOW and common_big5 < _COMMON_BIG5:
        return "gb18030"
    if low > _BIG5_ABOVE and common_big5 >= _COMMON_BIG5:
        return "big5hkscs"
    raise UnclearEncodingError(
        f"not UTF-8, and not clearly GB18030 or Big5 ({low:.0%} of {len(second)} second bytes are below A1, "
        f"{common_big5:.0%} of the first bytes are A4 to AF): "
        "pass encoding='gb18030', 'big5hkscs' or what it is (--encoding on the command line)"
    )


def _refuse_ascii_utf16(prefix: bytes) -> None:
    """Refuse Latin text in UTF-16 without a mark: every second byte of the ASCII prefix is zero."""
    half = len(prefix) // 2
    even, odd = prefix[::2], prefix[1::2]
    for order, letters, zeros in (("le", even, odd), ("be", odd, even)):
        if half >= 4 and zeros.count(0) >= half and not letters.count(0):
            raise _utf16_without_mark(order)


def _refuse_utf16(sample: bytes) -> None:
    """Refuse Chinese text in UTF-16 without a mark: the white space in it has a zero byte beside it.

    One zero byte in a GB18030 or Big5 file is no sign of UTF-16, so a good part of the white space must.
    """
    spaces = [bytes([code]) for code in b"\t\n\r "]
    after = sum(sample.count(space + b"\0") for space in spaces)
    before = sum(sample.count(b"\0" + space) for space in spaces)
    # "\n" is 0A 00 in utf-16-le; 00 0A stands there only where an ASCII character comes before.
    if 5 * max(after, before) >= sum(sample.count(space) for space in spaces) and max(after, before):
        raise _utf16_without_mark("le" if after >= before else "be")


def _utf16_without_mark(order: str) -> UnclearEncodingError:
    return UnclearEncodingError(
        f"looks like UTF-16 without a byte order mark: pass encoding='utf-16-{order}' "
        f"(--encoding utf-16-{order} on the command line)"
    )


def _decoded(data: bytes, encoding: str, complete: bool) -> str | None:
    """Decode strictly, but let an incomplete sample end within a character; None if it is not valid."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data, complete)
    except UnicodeDecodeError:
        return None


def _split_ascii(data: bytes) -> tuple[bytes, bytes]:
    """Split before the first byte that is not ASCII."""
    try:
        data.decode("ascii")
    except UnicodeDecodeError as exc:
        return data[: exc.start], data[exc.start :]
    return data, b""


def _line_ends(text: str, after_cr: bool) -> int:
    count = text.count("\n") - (after_cr and text.startswith("\n"))
    if "\r" in text:
        count += text.count("\r") - text.count("\r\n")
    return count


def _hex(data: bytes) -> str:
    return ("byte " if len(data) == 1 else "bytes ") + data.hex(" ")


def whole_lines(texts: Iterable[str], *, at_once: bool = False, cut_long: bool = True) -> Iterator[str]:
    """Join and cut `texts` into pieces that end with a line end: big ones, or all that is there `at_once`."""
    lines: list[str] = []
    ready = 0  # characters in `lines`
    open_line: list[str] = []  # in parts, so that a line of any length takes linear time
    open_size = 0
    held = ""
    for text in texts:
        text = held + text
        # "\n" may follow, and a piece must not begin with the second half of a line end.
        held = "\r" if text.endswith("\r") else ""
        text = text.removesuffix("\r")
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        if not end and cut_long and open_size + len(text) > LONGEST_LINE:
            end = _last_cut(text)
        if end:
            lines += [*open_line, text[:end]]
            ready += open_size + end
            open_line, open_size, text = [], 0, text[end:]
        open_line.append(text)
        open_size += len(text)
        if ready >= PIECE_SIZE or (ready and at_once):
            yield "".join(lines)
            lines, ready = [], 0
    if last := "".join([*lines, *open_line, held]):
        yield last


def _last_cut(text: str) -> int:
    """Return the last place where a long line may be cut, 0 if there is none."""
    for start in (max(0, len(text) - 1000), 0):
        ends = [match.end() for match in _CUT.finditer(text, start)]
        if ends:
            return ends[-1]
    return 0
