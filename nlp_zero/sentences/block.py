"""Blocks, of which the trees of parsed sentences are made.

A block is the template that generates it, and for each of its words and slots a child, in their order. A child is a
word, or the block that fills a slot. A block without a template is plain words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..words.segmenting import Token
from .cutting import is_mark
from .template import Template

__all__ = ["Block", "spoken_of"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a sentence.

    Attributes
    ----------
    template
        What generates it; None if it is plain words.
    children
        Its words, and the blocks that fill its slots, in their order. Marks that end a sentence are words that no
        template speaks of.
    """

    template: Template | None
    children: tuple[Block | Token, ...]

    @property
    def start(self) -> int:
        """Where its first word begins in the text; 0 if it has none."""
        return next((token.start for token in self.leaves()), 0)

    @property
    def end(self) -> int:
        """Where its last word ends in the text; 0 if it has none."""
        block: Block | Token = self
        while isinstance(block, Block):
            if not block.children:
                return 0
            block = block.children[-1]
        return block.end

    def leaves(self) -> Iterator[Token]:
        """Its words with their places, in their order."""
        waiting: list[Block | Token] = [self]
        while waiting:
            block = waiting.pop()
            if isinstance(block, Block):
                waiting.extend(reversed(block.children))
            else:
                yield block

    def blocks(self) -> Iterator[tuple[int, Block]]:
        """It and all blocks inside, each before those inside it, with how deep it stands."""
        waiting = [(0, self)]
        while waiting:
            depth, block = waiting.pop()
            yield depth, block
            waiting.extend((depth + 1, child) for child in reversed(block.children) if isinstance(child, Block))

    def to_dict(self) -> dict[str, Any]:
        """The block for JSON: ``template`` (words, null for a slot; or null), ``children`` (words and blocks)."""
        made: dict[int, dict[str, Any]] = {}  # blocks inside before those around them
        for _, block in reversed([*self.blocks()]):
            made[id(block)] = {
                "template": None if block.template is None else list(block.template.words),
                "children": [c.text if isinstance(c, Token) else made.pop(id(c)) for c in block.children],
            }
        return made[id(self)]


def spoken_of(block: Block) -> tuple[Block | Token, ...]:
    """The children that the template of a block speaks of: all but marks before and after the sentences."""
    if block.template is None:
        return ()
    first, last = 0, len(block.children)
    while last - first > len(block.template.words) and _is_mark(block.children[first]):
        first += 1
    return block.children[first : first + len(block.template.words)]


def _is_mark(child: Block | Token) -> bool:
    return isinstance(child, Token) and is_mark(child.text)
