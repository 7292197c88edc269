"""Segmented text as files hold it: separated words, JSON lines, tags.

Input: text in blocks that end with lines, or where a very long line was cut between words. Output: bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..parallel import Workers
from .segmenter import LexiconSegmenter, joined

__all__ = ["FORMATS", "segmented"]

FORMATS: Final = ("text", "jsonl", "tags")
_LINE_END: Final = re.compile("\r\n|\n|\r")


def segmented(
    blocks: Iterable[str], segmenter: LexiconSegmenter, format_: str, separator: str, workers: Workers
) -> Iterator[bytes]:
    """Segment text block by block.

    Parameters
    ----------
    blocks
        The text.
    segmenter
        What segments it.
    format_
        ``text``: words joined by `separator`, lines kept as they are; ``jsonl``: an object a line with its tokens;
        ``tags``: character, TAB and B, M, E or S, a blank line between lines.
    separator
        What is put between words.
    workers
        Who segments.

    Yields
    ------
    bytes
        One piece a block, in order.
    """
    tasks = _as_they_are(blocks) if format_ == "text" else _whole_lines(blocks)
    yield from workers.results(_Segmenting(segmenter, format_, separator), tasks)


class _Block(NamedTuple):
    text: str
    first: bool  # nothing comes before it
    goes_on: bool  # it begins inside a line


def _as_they_are(blocks: Iterable[str]) -> Iterator[_Block]:
    first, goes_on = True, False
    for block in blocks:
        yield _Block(block, first, goes_on)
        first, goes_on = False, not block.endswith(("\n", "\r"))


def _whole_lines(blocks: Iterable[str]) -> Iterator[_Block]:
    """Blocks put together until they end with a line."""
    waiting: list[str] = []
    first = True
    for block in blocks:
        waiting.append(block)
        if block.endswith(("\n", "\r")):
            yield _Block("".join(waiting), first, False)
            waiting, first = [], False
    if waiting:
        yield _Block("".join(waiting), first, False)


@dataclass(frozen=True, slots=True)
class _Segmenting:
    segmenter: LexiconSegmenter
    format: str
    separator: str

    def __call__(self, block: _Block) -> bytes:
        write = {"text": self._text, "jsonl": self._json, "tags": self._tags}[self.format]
        return "".join(write(block)).encode("utf-8")

    def _text(self, block: _Block) -> Iterator[str]:
        first_word = block.text.lstrip(" \t\u3000")[:1]
        if block.goes_on and first_word and first_word not in "\r\n":
            yield self.separator
        yield joined(block.text, self.segmenter.cut(block.text), self.separator)

    def _json(self, block: _Block) -> Iterator[str]:
        for line in _lines(block.text):
            yield json.dumps({"text": line, "tokens": self.segmenter.tokenize(line)}, ensure_ascii=False) + "\n"

    def _tags(self, block: _Block) -> Iterator[str]:
        for number, line in enumerate(_lines(block.text)):
            if number or not block.first:
                yield "\n"
            for word in self.segmenter.words(line):
                tags = "S" if len(word) == 1 else "B" + "M" * (len(word) - 2) + "E"
                yield "".join(f"{character}\t{tag}\n" for character, tag in zip(word, tags))


def _lines(text: str) -> list[str]:
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]
