"""Sentence templates: fixed words with free slots, as values and as a TAB-separated file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self, TypeAlias

from ..errors import TemplateFormatError
from ..files import replacing
from ..text.tables import refuse_container, table_rows

__all__ = [
    "SLOT",
    "Span",
    "Template",
    "TemplateEntry",
    "TemplateWords",
    "Templates",
    "as_template",
    "frame_of",
    "in_order",
    "is_writable",
]

#: How a slot is written.
SLOT: Final = "[X]"
TemplateWords: TypeAlias = tuple[str | None, ...]
Span: TypeAlias = tuple[int, int]  # begin and end
_COLUMNS: Final = ("template", "count", "gain")
_LIMIT: Final = 10**15  # of counts, as in a lexicon


@dataclass(frozen=True, slots=True, order=False)
class Template:
    """Fixed words and slots, in their order.

    Parameters
    ----------
    words
        A word, or None for a slot.

    Raises
    ------
    TypeError
        If something else stands there.
    ValueError
        If there is nothing, an empty word, or two slots side by side.

    Examples
    --------
    >>> template = Template.parse("[X] 的 颜色 是 什么")
    >>> template.words, template.slots, template.is_trivial
    ((None, '的', '颜色', '是', '什么'), 1, False)
    >>> str(template), Template.parse("[X] 的 [X]").is_trivial
    ('[X] 的 颜色 是 什么', True)
    """

    words: TemplateWords

    def __post_init__(self) -> None:
        if not isinstance(self.words, tuple):
            raise TypeError(f"words: expected a tuple of words and None, found {self.words!r}")
        if not self.words:
            raise ValueError("words: expected at least one word or slot, found none")
        for before, word in zip((0, *self.words), self.words):
            if word is None:
                if before is None:
                    raise ValueError("words: expected words between slots, found two slots side by side")
            elif not isinstance(word, str):
                raise TypeError(f"words: expected words of type str and None, found {word!r}")
            elif not word:
                raise ValueError("words: expected words that are not empty, found ''")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A template as it is written: words and ``[X]``, with white space between.

        Raises
        ------
        TypeError
            If `text` is no `str`.
        ValueError
            If it is no template.
        """
        if not isinstance(text, str):
            raise TypeError(f"text: expected a str, found {type(text).__name__}")
        return cls(tuple(None if word == SLOT else word for word in text.split()))

    @property
    def slots(self) -> int:
        """The number of slots."""
        return self.words.count(None)

    @property
    def fixed(self) -> tuple[str, ...]:
        """The fixed words."""
        return tuple(word for word in self.words if word is not None)

    @property
    def is_trivial(self) -> bool:
        """Whether it says no more than that a word occurs: it has less than two fixed words but punctuation."""
        return sum(any(map(str.isalnum, word)) for word in self.fixed) < 2

    def __str__(self) -> str:
        return " ".join(SLOT if word is None else word for word in self.words)


def in_order(words: TemplateWords) -> list[str]:
    """A key to sort templates by: their words by code points, slots first."""
    return [word or "" for word in words]


def frame_of(words: Sequence[str], slots: Iterable[Span]) -> TemplateWords:
    """The fixed words and slots of words some of which fill slots.

    Examples
    --------
    >>> frame_of(["小", "苹果", "的", "颜色"], [(0, 2)])
    (None, '的', '颜色')
    """
    found: list[str | None] = []
    at = 0
    for start, end in slots:
        found += [*words[at:start], None]
        at = end
    return (*found, *words[at:])


def is_writable(word: str) -> bool:
    """Whether a word can stand in a file: it is not ``[X]``, and holds no white space and no lone surrogate."""
    return word.split() == [word] and word != SLOT and not any("\ud800" <= character <= "\udfff" for character in word)


class TemplateEntry(NamedTuple):
    """A template and its figures.

    Attributes
    ----------
    template
        The template.
    count
        How many sentences it is the main template of.
    gain
        The entropy that it saves, in nats per million words of text.
    """

    template: Template
    count: int  # type: ignore[assignment]  # in place of tuple.count
    gain: float = 0.0


class Templates(Mapping[Template, TemplateEntry]):
    """Templates with figures: an immutable mapping from `Template` to `TemplateEntry`, the one of most gain first.

    Parameters
    ----------
    entries
        In any order. Gains are rounded to 6 significant digits.

    Raises
    ------
    TypeError
        If an entry holds no template, or no whole number as a count.
    ValueError
        If a template occurs twice or has a word that cannot be written (``[X]``, or one that holds white space or a
        lone surrogate), a count is negative or too large, or a gain is not finite.

    Examples
    --------
    >>> templates = Templates.from_counts({"[X] 的 颜色 是 什么": 3, "[X] 和 [X]": 5})
    >>> [str(template) for template in templates], templates[Template.parse("[X] 和 [X]")].count
    (['[X] 和 [X]', '[X] 的 颜色 是 什么'], 5)

    Notes
    -----
    The order is falling gain, then falling count, then the template as it is written.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[TemplateEntry] = ()) -> None:
        rows = [_checked(entry) for entry in entries]
        rows.sort(key=lambda row: (-row.gain, -row.count, str(row.template)))
        self._entries = {row.template: row for row in rows}
        if len(self._entries) < len(rows):
            seen: set[Template] = set()
            twice = next(row.template for row in rows if row.template in seen or seen.add(row.template))  # type: ignore[func-returns-value]
            raise ValueError(f"entries: the template {str(twice)!r} occurs twice")

    @classmethod
    def from_counts(cls, counts: Mapping[str, int] | Mapping[Template, int]) -> Self:
        """Templates of which only the counts are known; each a `Template`, or as it is written."""
        if not isinstance(counts, Mapping):
            raise TypeError(f"counts: expected a mapping from templates to counts, found {type(counts).__name__}")
        pairs: Iterable[tuple[str | Template, int]] = counts.items()
        return cls(TemplateEntry(as_template(template), count) for template, count in pairs)

    def counts(self) -> dict[Template, int]:
        """The count of each template, the one of most gain first."""
        return {template: entry.count for template, entry in self._entries.items()}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Template]:
        return iter(self._entries)

    def __getitem__(self, template: Template | str) -> TemplateEntry:
        if isinstance(template, str):
            try:
                return self._entries[Template.parse(template)]
            except (KeyError, ValueError):
                raise KeyError(template) from None
        return self._entries[template]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Templates):
            return NotImplemented
        return self._entries == other._entries

    def __hash__(self) -> int:
        return hash(tuple(self._entries.values()))

    def __repr__(self) -> str:
        first = ", ".join(map(str, list(self._entries)[:3]))
        return f"<Templates: {len(self)}{': ' + first if first else ''}{', ...' if len(self) > 3 else ''}>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the templates as TAB-separated UTF-8 text, the one of most gain first."""
        with replacing(path) as out:
            for line in self.lines():
                out.write(line.encode("utf-8"))

    def lines(self) -> Iterator[str]:
        """The lines of the file that `save` writes, the header first."""
        yield "\t".join(_COLUMNS) + "\n"
        for template, count, gain in self._entries.values():
            yield f"{template}\t{count}\t{gain:.6g}\n"

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, encoding: str = "auto") -> Self:
        """Read templates.

        Parameters
        ----------
        path
            Columns ``template count gain``, separated by TABs; more columns are passed over, a missing gain is 0, a
            missing count is 1. Without a header line the columns are in this order.
        encoding
            As in `TextFiles`.

        Raises
        ------
        TemplateFormatError
            If a line cannot be understood, or a template stands there twice.
        CorpusError
            If the file cannot be read.
        """
        refuse_container(path, "sentence templates")
        lines: dict[Template, int] = {}
        entries = []
        for number, line, cells in table_rows(path, _COLUMNS, encoding):
            try:
                entry = _parsed(cells)
            except _Unexpected as error:
                raise TemplateFormatError(path, number, str(error), line) from None
            if entry.template in lines:
                raise TemplateFormatError(path, number, f"another template than in line {lines[entry.template]}", line)
            lines[entry.template] = number
            entries.append(entry)
        return cls(entries)


def as_template(template: object) -> Template:
    """A template, or what is written like one.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If it is written like none.
    """
    if isinstance(template, Template):
        return template
    if isinstance(template, str):
        return Template.parse(template)
    raise TypeError(f"templates: expected templates, each a Template or a str, found {template!r}")


class _Unexpected(Exception):
    """What was expected in a line."""


def _parsed(cells: Mapping[str, str]) -> TemplateEntry:
    """The entry of one line."""
    try:
        template = Template.parse(cells["template"])
    except ValueError:
        raise _Unexpected(f"words and {SLOT}, no two {SLOT} side by side, in the first column") from None
    count, gain = cells.get("count", "").strip() or "1", cells.get("gain", "").strip() or "0"
    if not (count.isascii() and count.isdigit()) or len(count) > 16 or int(count) > _LIMIT:
        raise _Unexpected("a whole number of 10 ** 15 at most in column 2 (count)")
    try:
        return _checked(TemplateEntry(template, int(count), float(gain)))
    except ValueError:
        raise _Unexpected("a finite number in column 3 (gain)") from None


def _checked(entry: TemplateEntry) -> TemplateEntry:
    """The entry as a file holds it; what a file cannot hold is refused."""
    if not isinstance(entry, tuple) or len(entry) != 3:
        raise TypeError(f"entries: expected a TemplateEntry, found {entry!r}")
    template, count, gain = entry
    if not isinstance(template, Template):
        raise TypeError(f"entries: expected a Template, found {template!r}; see Template.parse")
    if not all(map(is_writable, template.fixed)):
        expected = f"words without white space or lone surrogates that are no {SLOT}"
        raise ValueError(f"entries: expected {expected}, found {str(template)!r}")
    if isinstance(count, bool) or not hasattr(count, "__index__"):
        raise TypeError(f"entries: expected whole numbers as counts, found {count!r} for {str(template)!r}")
    if not 0 <= count <= _LIMIT:
        raise ValueError(f"entries: expected counts from 0 to 10 ** 15, found {count} for {str(template)!r}")
    if not isinstance(gain, float | int):
        raise TypeError(f"entries: expected a number as gain, found {gain!r} for {str(template)!r}")
    if not abs(gain) < 1e308:
        raise ValueError(f"entries: expected a finite gain, found {gain} for {str(template)!r}")
    return TemplateEntry(template, int(count), float(f"{gain:.6g}") + 0.0)
