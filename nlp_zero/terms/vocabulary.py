"""The terms of a domain, as values and as a file of TAB-separated text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Self

from ..errors import TermFormatError
from ..files import replacing
from ..text.tables import refuse_container, table_rows

__all__ = ["COLUMNS", "Context", "TermEntry", "Terms", "is_writable"]

_LIMIT: Final = 10**15
_GREATEST: Final = 1e308  # of figures: what is rounded stays finite
_NUMBERS: Final = ("count", "background_count", "documents")


class Context(NamedTuple):
    """A place of the text where a term stands.

    Attributes
    ----------
    before, term, after
        What stands before it in its line, the term as it is written there, and what stands after it.
    """

    before: str
    term: str
    after: str


class TermEntry(NamedTuple):
    """A term with its figures.

    Attributes
    ----------
    term
        The term.
    score
        By which terms are ranked; see `TermMiner`.
    count, background_count
        How often it occurs, as a word or a sequence of words, in the text of the domain and in the background; a long
        run of words that is repeated counts once.
    documents
        In how many documents of the domain: files, or lines where there is one file.
    contrast
        How many times as frequent as in the background it is, as a logarithm; nats.
    association
        Of the weakest link between its words: pointwise mutual information in nats; 0 for a single word.
    left_entropy, right_entropy
        Of what stands before it and after it, marks included; nats.
    freedom
        How freely its first word goes on and its last word begins elsewhere: the mean of the entropies there; nats.
        Great where a term begins or ends with a word that stands with everything (的, 进行). 0 for a single word.
    after_mark, before_mark
        In which share of its occurrences it stands right after a mark, and right before one.
    nestedness
        The greatest share of its occurrences that are parts of one and the same sequence of one more word.
    spread
        In how many of 200 equal stretches of the text it occurs, as a share of how many that would be if it were
        scattered at random.
    centrality
        How similar it is to the thousand best terms, found in two rounds: a cosine from -1 to 1. Seeds are a tenth of
        what it is compared to.
    similarity
        To the seed terms: a cosine from -1 to 1; 0 if there are none.
    """

    term: str
    score: float = 0.0
    count: int = 1  # type: ignore[assignment]  # in place of tuple.count
    background_count: int = 0
    documents: int = 0
    contrast: float = 0.0
    association: float = 0.0
    left_entropy: float = 0.0
    right_entropy: float = 0.0
    freedom: float = 0.0
    after_mark: float = 0.0
    before_mark: float = 0.0
    nestedness: float = 0.0
    spread: float = 0.0
    centrality: float = 0.0
    similarity: float = 0.0


COLUMNS: Final = TermEntry._fields


class Terms(Mapping[str, TermEntry]):
    """Terms with figures: an immutable mapping from term to `TermEntry`, the best first.

    Parameters
    ----------
    entries
        In any order. Figures are rounded to 6 significant digits.

    Raises
    ------
    TypeError
        If an entry is no `TermEntry`, or a figure is no number.
    ValueError
        If a term occurs twice or cannot be written (it is empty, holds a TAB, a line end or a lone surrogate, or has
        white space around it), a count is negative or too large, or a figure is not finite.

    Examples
    --------
    >>> terms = Terms([TermEntry("变压器", 3.5, 12), TermEntry("继电保护", 4.25, 7)])
    >>> list(terms), terms["变压器"].count
    (['继电保护', '变压器'], 12)

    Notes
    -----
    The order is falling score, then falling count, then the term.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[TermEntry] = ()) -> None:
        rows = sorted(map(_checked, entries), key=lambda row: (-row.score, -row.count, row.term))
        self._entries = {row.term: row for row in rows}
        if len(self._entries) < len(rows):
            seen: set[str] = set()
            twice = next(row.term for row in rows if row.term in seen or seen.add(row.term))  # type: ignore[func-returns-value]
            raise ValueError(f"entries: the term {twice!r} occurs twice")

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __getitem__(self, term: str) -> TermEntry:
        return self._entries[term]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Terms):
            return NotImplemented
        return self._entries == other._entries

    def __hash__(self) -> int:
        return hash(tuple(self._entries.values()))

    def __repr__(self) -> str:
        first = ", ".join(list(self._entries)[:3])
        return f"<Terms: {len(self)}{': ' + first if first else ''}{', ...' if len(self) > 3 else ''}>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the terms as TAB-separated UTF-8 text, the best first."""
        with replacing(path) as out:
            for line in self.lines():
                out.write(line.encode("utf-8"))

    def lines(self) -> Iterator[str]:
        """The lines of the file that `save` writes, the header first."""
        yield "\t".join(COLUMNS) + "\n"
        for row in self._entries.values():
            yield "\t".join(_written(cell) for cell in row) + "\n"

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, encoding: str = "auto") -> Self:
        """Read terms.

        Parameters
        ----------
        path
            Columns ``term score count background_count documents`` and more, as `save` writes them, separated by TABs;
            unknown ones are passed over, missing ones are 0, and a missing count is 1. Without a header line the
            columns are in this order.
        encoding
            As in `TextFiles`.

        Raises
        ------
        TermFormatError
            If a line cannot be understood, or a term stands there twice.
        CorpusError
            If the file cannot be read.
        """
        refuse_container(path, "terms")
        lines: dict[str, int] = {}
        entries = []
        for number, line, cells in table_rows(path, COLUMNS, encoding):
            try:
                figures: dict[str, Any] = {name: _read(name, cells[name]) for name in COLUMNS if cells.get(name)}
                entry = _checked(TermEntry(**figures))
            except (TypeError, ValueError) as error:
                raise TermFormatError(path, number, _expected(error), line) from None
            if entry.term in lines:
                raise TermFormatError(path, number, f"another term than in line {lines[entry.term]}", line)
            lines[entry.term] = number
            entries.append(entry)
        return cls(entries)


def is_writable(term: str) -> bool:
    """Whether a term can stand in a file, between TABs."""
    if not term or term != term.strip() or any(character in term for character in "\t\n\r"):
        return False
    return not any("\ud800" <= character <= "\udfff" for character in term)


def _written(cell: object) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


class _Unexpected(ValueError):
    """What was expected in a line."""


def _expected(error: Exception) -> str:
    return str(error) if isinstance(error, _Unexpected) else "a term, then numbers, with TABs between"


def _read(name: str, cell: str) -> str | int | float:
    """What a cell holds."""
    cell = cell.strip()
    if name == "term":
        return cell
    column = f"in column {COLUMNS.index(name) + 1} ({name})"
    try:
        if name not in _NUMBERS:
            number = float(cell)
            if not abs(number) <= _GREATEST:
                raise ValueError
            return number
        if not (cell.isascii() and cell.isdigit()) or len(cell) > 16 or int(cell) > _LIMIT:
            raise ValueError
        return int(cell)
    except ValueError:
        expected = "a whole number of 10 ** 15 at most" if name in _NUMBERS else "a finite number"
        raise _Unexpected(f"{expected} {column}") from None


def _checked(entry: TermEntry) -> TermEntry:
    """The entry as a file holds it; what a file cannot hold is refused."""
    if not isinstance(entry, TermEntry):
        raise TypeError(f"entries: expected a TermEntry, found {entry!r}")
    term = entry.term
    if not isinstance(term, str):
        raise TypeError(f"entries: expected a term of type str, found {term!r}")
    if not is_writable(term):
        expected = "a term without TABs, line ends, lone surrogates, or white space around it"
        raise ValueError(f"entries: expected {expected}, found {term!r}")
    cells: list[str | int | float] = [term]
    for name, value in zip(COLUMNS[1:], entry[1:]):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"entries: expected a number as {name}, found {value!r} for {term!r}")
        if name in _NUMBERS:
            if not isinstance(value, int):
                raise TypeError(f"entries: expected a whole number as {name}, found {value!r} for {term!r}")
            if not 0 <= value <= _LIMIT:
                raise ValueError(f"entries: expected a {name} from 0 to 10 ** 15, found {value} for {term!r}")
            cells.append(value)
        else:
            if not abs(value) <= _GREATEST:
                raise ValueError(f"entries: expected a finite {name}, found {value} for {term!r}")
            cells.append(float(f"{value:.6g}") + 0.0)
    return TermEntry(*cells)  # type: ignore[arg-type]
