"""Parsing text with sentence templates: which words are fixed, what fills the slots, and what is nested in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from ..choices import FREEST
from ..words.segmenting import Token
from .block import Block
from .cutting import AnySegmenter, check_segmenter, sentences, tokens
from .frames import Frames, ReadingCosts
from .template import Span, Template, Templates, as_template, frame_of
from .tree import SentenceTree

__all__ = ["FREEST", "TemplateParser"]

_MAIN: Final = ReadingCosts(known=16.0, unknown=9.0, slot=8.0)
_NESTED: Final = ReadingCosts(known=16.0, unknown=12.0, slot=0.0)
_FREQUENT: Final = 10  # sentences of a template whose count is not known
_DEEPEST: Final = 32  # blocks inside blocks
_FOLDED: Final = 64  # words of the longest sentence that is looked at for templates inside others


class TemplateParser:
    """Parse text with sentence templates.

    Parameters
    ----------
    templates
        `Templates`, as `TemplateFinder` finds them; or templates with counts, each a `Template` or as it is written.
        If all have the same count, or none, they are taken for frequent ones.
    segmenter
        What cuts text into words: a segmenter, or any function from a text to its words, such as ``jieba.lcut``. It
        should be the one that the templates were found with.
    freest
        Which slots the main template keeps: those whose fillers have at least this share of the characters of the
        longest one. What varies freely is long; a short filler is mostly one of a few words, and is read as a fixed
        word. 0 keeps all.

    Raises
    ------
    TypeError, ValueError
        If a parameter is none.

    Examples
    --------
    >>> parser = TemplateParser({"[X] 的 [X] 是 多少": 9, "请问 [X] 在 哪里": 5}, str.split)
    >>> tree = parser.parse("请问 珠穆朗玛峰 的 高度 是 多少 ？")
    >>> str(tree.template), [tree.text[start:end] for start, end in tree.slots]
    ('请问 [X] 的 高度 是 多少', ['珠穆朗玛峰'])
    >>> print(tree)
    请问 珠穆朗玛峰 的 高度 是 多少 ？
    请问 [---X----] 的 [X-] 是 多少

    Notes
    -----
    Each sentence is read as the most probable chain of words and slots (`frames`), which may be a new composition of
    the templates; what fills a slot is read in the same way, with templates nested in it, 32 deep at most. In sentences
    of up to 64 words a reading that is no template is looked through for one inside another, each pair of slots. Time
    and memory O(n d) for n words and depth d, in plain Python on either core. Immutable, picklable, safe for threads.
    """

    __slots__ = ("_frames", "_freest", "_segmenter", "_templates")

    def __init__(
        self,
        templates: Templates | Mapping[Template, int] | Mapping[str, int] | Iterable[Template | str],
        segmenter: AnySegmenter,
        *,
        freest: float = FREEST,
    ) -> None:
        check_segmenter(segmenter)
        if not isinstance(freest, float | int) or not 0 <= freest <= 1:
            raise ValueError(f"freest: expected a share from 0 to 1, found {freest!r}")
        self._templates, self._segmenter, self._freest = _as_templates(templates), segmenter, freest
        counts = {template.words: entry.count for template, entry in self._templates.items()}
        if len(set(counts.values())) == 1:  # nobody counted: all that is known is that they are frequent
            counts = dict.fromkeys(counts, max(_FREQUENT, *counts.values()))
        self._frames = Frames(counts)

    @property
    def templates(self) -> Templates:
        """The templates."""
        return self._templates

    def parse(self, text: str) -> SentenceTree:
        """The tree of a text, which may be several sentences.

        Raises
        ------
        TypeError
            If `text` is no `str`.
        ValueError
            If the segmenter is a function and gives words that do not stand in the text in their order.
        """
        words = tokens(text, self._segmenter)
        texts = [token.text for token in words]
        inside = list(sentences(texts))
        first, last = (inside[0][0], inside[-1][1]) if inside else (0, 0)
        slots = [(start + a, start + b) for start, end in inside for a, b in self._read(texts[start:end], _MAIN)]
        kept = self._freest_of(words, slots)
        root = Block(
            _template(texts[first:last], _moved(slots, -first)),
            (*words[:first], *self._children(words, texts, (first, last), slots, 0), *words[last:]),
        )
        main = _template(texts[first:last], _moved(kept, -first))
        return SentenceTree(text, root, main, tuple((words[a].start, words[b - 1].end) for a, b in kept))

    def _children(
        self, words: Sequence[Token], texts: Sequence[str], span: Span, slots: Sequence[Span], depth: int
    ) -> Iterator[Block | Token]:
        """The words of a span, and the blocks that fill its slots."""
        at, last = span
        for start, end in slots:
            yield from words[at:start]
            yield self._filler(words, texts, (start, end), depth + 1)
            at = end
        yield from words[at:last]

    def _filler(self, words: Sequence[Token], texts: Sequence[str], span: Span, depth: int) -> Block:
        """What fills a slot."""
        start, end = span
        inside = texts[start:end]
        slots = self._read(inside, _NESTED) if len(inside) > 1 and depth < _DEEPEST else []
        if slots in ([], [(0, len(inside))]):
            return Block(None, tuple(words[start:end]))
        children = self._children(words, texts, span, _moved(slots, start), depth)
        return Block(_template(inside, slots), tuple(children))

    def _read(self, words: Sequence[str], costs: ReadingCosts) -> list[Span]:
        """The slots of a sentence, or of what fills a slot.

        Where the reading is no template itself, but one whose slot is filled by another, it is taken for that.
        """
        slots = list(self._frames.read(words, costs).slots)
        while 1 < len(words) <= _FOLDED and len(slots) > 1 and self._count(words, slots) == 0:
            ends = ((a, b) for b in range(len(slots)) for a in range(b))
            folded = [[*slots[:a], (slots[a][0], slots[b][1]), *slots[b + 1 :]] for a, b in ends]
            counts = (self._count(words, outer) * self._inner_count(words, slots, outer) for outer in folded)
            best = max((count, -i) for i, count in enumerate(counts))
            if best[0] == 0:
                break
            slots = folded[-best[1]]
        return slots

    def _count(self, words: Sequence[str], slots: Sequence[Span]) -> int:
        """How often the template of a reading occurs."""
        template = _template(words, slots)
        return self._templates[template].count if template is not None and template in self._templates else 0

    def _inner_count(self, words: Sequence[str], slots: Sequence[Span], outer: Sequence[Span]) -> int:
        """How often the template of what fills the slot occurs that `outer` made of several slots."""
        ((start, end),) = set(outer).difference(slots)
        return self._count(words[start:end], [(a - start, b - start) for a, b in slots if start <= a and b <= end])

    def _freest_of(self, words: Sequence[Token], slots: Sequence[Span]) -> list[Span]:
        """The slots that vary most freely, by how long their fillers are."""
        sizes = [sum(len(token.text) for token in words[a:b]) for a, b in slots]
        least = self._freest * max(sizes, default=0)
        return [slot for slot, size in zip(slots, sizes) if size >= least]

    def __repr__(self) -> str:
        return f"<TemplateParser: {len(self._templates)} templates>"


def _as_templates(templates: object) -> Templates:
    if isinstance(templates, Templates):
        return templates
    if isinstance(templates, Mapping):
        return Templates.from_counts(templates)
    if isinstance(templates, str | bytes) or not isinstance(templates, Iterable):
        found = type(templates).__name__
        raise TypeError(f"templates: expected Templates, or templates with their counts, found {found}")
    return Templates.from_counts(dict.fromkeys(map(as_template, templates), 1))


def _moved(spans: Sequence[Span], by: int) -> list[Span]:
    return [(start + by, end + by) for start, end in spans]


def _template(words: Sequence[str], slots: Sequence[Span]) -> Template | None:
    """The template of words some of which fill slots; None if there are none."""
    return Template(frame_of(words, slots)) if words else None
