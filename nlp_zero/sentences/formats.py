"""Parsed text as files hold it: trees for people, JSON lines for programs.

Input: text in blocks. Output: bytes, a piece for each block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..choices import PARSED_FORMATS as FORMATS
from ..parallel import Workers
from ..words.formats import TextBlock, split_lines, whole_lines
from .parser import TemplateParser

__all__ = ["FORMATS", "parsed"]


def parsed(blocks: Iterable[str], parser: TemplateParser, format_: str, workers: Workers) -> Iterator[bytes]:
    """Parse text line by line.

    Parameters
    ----------
    blocks
        The text.
    parser
        What parses it.
    format_
        ``tree``: each line with its tree below it, and an empty line; ``jsonl``: an object a line, see
        `SentenceTree.to_dict`.
    workers
        Who parses.

    Yields
    ------
    bytes
        One piece a block, in order.
    """
    yield from workers.results(_Parsing(parser, format_), whole_lines(blocks))


@dataclass(frozen=True, slots=True)
class _Parsing:
    parser: TemplateParser
    format: str

    def __call__(self, block: TextBlock) -> bytes:
        trees = map(self.parser.parse, split_lines(block.text))
        if self.format == "jsonl":
            rows = [tree.to_json() + "\n" for tree in trees]
        else:
            rows = [f"{tree}\n\n" for tree in trees if tree.words]
        return "".join(rows).encode("utf-8")
