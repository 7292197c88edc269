"""Segmented text as files hold it: separated words, JSON lines, tags, and explanations for people and programs.

Input: text in blocks that end with lines, or where a very long line was cut between words. Output: bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ..choices import SEGMENTED_FORMATS as FORMATS
from ..parallel import Workers
from .paths import Explanation
from .segmenter import LexiconSegmenter
from .segmenting import RunSegmenter, joined
from .tags import tags_of_words

__all__ = ["FORMATS", "TextBlock", "segmented", "split_lines", "whole_lines"]

_LINE_END: Final = re.compile("\r\n|\n|\r")


def segmented(
    blocks: Iterable[str],
    segmenter: RunSegmenter,
    format_: str,
    separator: str,
    workers: Workers,
    *,
    explain: bool = False,
) -> Iterator[bytes]:
    """Segment text block by block.

    Parameters
    ----------
    blocks
        The text.
    segmenter
        What segments it; to explain, it must be a `LexiconSegmenter`.
    format_
        ``text``: words joined by `separator`, lines kept as they are; ``jsonl``: an object a line with its tokens;
        ``tags``: character, TAB and B, M, E or S, a blank line between lines.
    separator
        What is put between words.
    workers
        Who segments.
    explain
        Whether to show the competing segmentations of each run as well: ``text`` has them below each line, indented;
        ``jsonl`` has them in the line's object. ``tags`` cannot.

    Yields
    ------
    bytes
        One piece a block, in order; one a line if `explain`, as explanations are many times longer than the text.
    """
    if explain:
        tasks = _single_lines(blocks)
    else:
        tasks = _as_they_are(blocks) if format_ == "text" else whole_lines(blocks)
    yield from workers.results(_Segmenting(segmenter, format_, separator, explain), tasks)


class TextBlock(NamedTuple):
    """A piece of a text.

    Attributes
    ----------
    text
        The piece.
    first
        Whether nothing comes before it.
    goes_on
        Whether it begins inside a line.
    """

    text: str
    first: bool
    goes_on: bool


def _as_they_are(blocks: Iterable[str]) -> Iterator[TextBlock]:
    first, goes_on = True, False
    for block in blocks:
        yield TextBlock(block, first, goes_on)
        first, goes_on = False, not block.endswith(("\n", "\r"))


def whole_lines(blocks: Iterable[str]) -> Iterator[TextBlock]:
    """Blocks put together until they end with a line."""
    waiting: list[str] = []
    first = True
    for block in blocks:
        waiting.append(block)
        if block.endswith(("\n", "\r")):
            yield TextBlock("".join(waiting), first, False)
            waiting, first = [], False
    if waiting:
        yield TextBlock("".join(waiting), first, False)


def _single_lines(blocks: Iterable[str]) -> Iterator[TextBlock]:
    """Each line for itself, ended by LF."""
    for block in whole_lines(blocks):
        for line in split_lines(block.text):
            yield TextBlock(line + "\n", False, False)


@dataclass(frozen=True, slots=True)
class _Segmenting:
    segmenter: RunSegmenter
    format: str
    separator: str
    explain: bool

    def __call__(self, block: TextBlock) -> bytes:
        if self.format == "text" and not self.explain:
            return self._text(block)
        write = {"text": self._explained, "jsonl": self._json, "tags": self._tags}[self.format]
        return "".join(write(block)).encode("utf-8")

    def _text(self, block: TextBlock) -> bytes:
        first_word = block.text.lstrip(" \t\u3000")[:1] if block.goes_on else ""
        between = self.separator if first_word and first_word not in "\r\n" else ""
        return between.encode("utf-8") + self.segmenter.joined(block.text, self.separator)

    def _explained(self, block: TextBlock) -> Iterator[str]:
        for line in split_lines(block.text):
            yield joined(line, self.segmenter.cut(line), self.separator) + "\n"
            for run in self._explanations(line):
                yield from _shown(run)

    def _explanations(self, line: str) -> list[Explanation]:
        assert isinstance(self.segmenter, LexiconSegmenter)
        return self.segmenter.explain(line)

    def _json(self, block: TextBlock) -> Iterator[str]:
        for line in split_lines(block.text):
            row: dict[str, Any] = {"text": line, "tokens": self.segmenter.tokenize(line)}
            if self.explain:
                row["explain"] = list(map(_as_json, self._explanations(line)))
            yield json.dumps(row, ensure_ascii=False) + "\n"

    def _tags(self, block: TextBlock) -> Iterator[str]:
        for number, line in enumerate(split_lines(block.text)):
            if number or not block.first:
                yield "\n"
            for word in self.segmenter.words(line):
                yield "".join(f"{character}\t{tag}\n" for character, tag in zip(word, tags_of_words([word])))


def _shown(run: Explanation) -> Iterator[str]:
    """A run, and below it a line for each path: nats below the best one, each word with its score."""
    yield f"  {run.text}\n"
    for path, difference in zip(run.paths, run.differences):
        words = " | ".join(f"{word} {_hundredths(score)}" for word, score in zip(path.words, path.scores))
        yield f"{_hundredths(difference):>10}  {words}\n"


def _hundredths(nats: float) -> str:
    return f"{round(nats, 2) + 0.0:.2f}"  # and no -0.00


def _as_json(run: Explanation) -> dict[str, Any]:
    """A run for JSON, scores with six significant digits."""
    paths = [
        {"words": path.words, "scores": list(map(_six_digits, path.scores)), "score": _six_digits(path.score)}
        for path in run.paths
    ]
    return {"start": run.start, "end": run.end, "paths": paths}


def _six_digits(nats: float) -> float:
    return float(f"{nats:.6g}")


def split_lines(text: str) -> list[str]:
    """The lines of a text, without their ends."""
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]
