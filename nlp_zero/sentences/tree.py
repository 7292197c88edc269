"""Parsed text: its tree of templates, as programs and people see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .block import Block
from .drawing import drawing, written
from .template import Span, Template

__all__ = ["SentenceTree"]


@dataclass(frozen=True, slots=True)
class SentenceTree:
    """A parsed text.

    Attributes
    ----------
    text
        The text.
    root
        The block of all its words.
    template
        The main template: its fixed words, and its freest slots. (Slots whose fillers are much shorter are read as
        fixed words here; `root` has them all.)
    slots
        Where these slots are in the text.

    Examples
    --------
    >>> from nlp_zero import TemplateParser, Templates
    >>> templates = Templates.from_counts({"[X] 的 颜色 是 什么": 9, "[X] 和 [X]": 7})
    >>> tree = TemplateParser(templates, str.split).parse("苹果 和 雪梨 的 颜色 是 什么 ？")
    >>> str(tree.template), [tree.text[start:end] for start, end in tree.slots]
    ('[X] 的 颜色 是 什么', ['苹果 和 雪梨'])
    >>> print(tree)
    苹果 和 雪梨 的 颜色 是 什么 ？
    [----X-----] 的 颜色 是 什么
    [X-] 和 [X-]
    """

    text: str
    root: Block
    template: Template | None
    slots: tuple[Span, ...]

    @property
    def words(self) -> list[str]:
        """The words, in their order: the leaves of the tree."""
        return [token.text for token in self.root.leaves()]

    def to_dict(self) -> dict[str, Any]:
        """The tree for JSON, with the keys ``text``, ``words``, ``template``, ``slots``, ``tree``.

        Notes
        -----
        ``template`` is a list of words, null for a slot, empty if there is none; ``slots`` are pairs of offsets in
        characters of ``text``; ``tree`` is the root as `Block.to_dict` gives it.
        """
        return {
            "text": self.text,
            "words": self.words,
            "template": [] if self.template is None else list(self.template.words),
            "slots": [list(span) for span in self.slots],
            "tree": self.root.to_dict(),
        }

    def to_json(self) -> str:
        """The tree as one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_svg(self) -> str:
        """A picture of the tree: words, and below them a bracket for each slot."""
        return drawing(self.root)

    def _repr_html_(self) -> str:
        """The picture, for notebooks."""
        return self.to_svg()

    def __str__(self) -> str:
        return written(self.root)
