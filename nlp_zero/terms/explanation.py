"""Why a string is a term of a domain, or none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .ranking import Ranking
from .similarity import rows_of
from .vocabulary import Context, TermEntry, Terms

__all__ = ["TermExplanation", "explained"]


@dataclass(frozen=True, slots=True)
class TermExplanation:
    """Why a string is a term of a domain, or none.

    Attributes
    ----------
    term
        The string.
    rank
        Its place in the list, from 1; None if it is not listed.
    reason
        In a sentence, why it is listed, or why not.
    entry
        Its figures, if it was a candidate.
    parts
        What its score is the sum of, if it was a candidate, in nats; see `terms.ranking`.
    contexts
        Lines that it stands in.
    """

    term: str
    rank: int | None
    reason: str
    entry: TermEntry | None
    parts: Mapping[str, float]
    contexts: Sequence[Context]

    def lines(self) -> Iterator[str]:
        """The explanation for people, a line each."""
        yield f"{self.term}: {self.reason}"
        if self.entry is not None:
            for name, value in zip(self.entry._fields[1:], self.entry[1:]):
                yield f"  {name:<17} {value:>10g}"
            yield "  score = " + " ".join(
                f"{'-' if x < 0 else '+'} {name} {abs(x):.2f}" for name, x in self.parts.items()
            )
        for before, term, after in self.contexts:
            yield f"  {before}【{term}】{after}"


def explained(
    term: str, terms: Terms, ranking: Ranking, hidden: Collection[str], contexts: Sequence[Context]
) -> TermExplanation:
    """Explain a string.

    Parameters
    ----------
    term
        The string.
    terms
        The terms that are listed.
    ranking
        What they come from.
    hidden
        What is not listed whatever it is.
    contexts
        Lines that it stands in.
    """
    place = ranking.place(term)
    parts: dict[str, float] = {}
    entry = None
    if place is not None:
        parts = {name: round(float(part[place]), 6) for name, part in ranking.parts().items()}
        entry = ranking.entry(place)
    if term in terms:
        rank = next(i for i, name in enumerate(terms, 1) if name == term)
        return TermExplanation(term, rank, f"a term, number {rank} of {len(terms)}", terms[term], parts, contexts)
    return TermExplanation(term, None, f"no term: {_why_not(term, ranking, hidden, contexts)}", entry, parts, contexts)


def _why_not(term: str, ranking: Ranking, hidden: Collection[str], contexts: Sequence[Context]) -> str:
    if term in hidden:
        return "it is known, or a stop word"
    place = ranking.place(term)
    if place is not None:
        return f"{ranking.nestedness[place]:.0%} of its occurrences are parts of one longer sequence of words"
    if len(term) < 2:
        return "a term has two characters or more"
    counts = ranking.counts
    rows, _ = rows_of([term], counts.words)
    if not contexts:
        return "it does not stand in the text"
    if not len(rows):
        return f"it is not made of words that occur {counts.min_count} times: the text is cut into words otherwise"
    if (rows >= 0).sum() > counts.longest:
        return f"it has more than {counts.longest} words"
    return (
        f"as a sequence of words it does not occur {ranking.min_count} times, it has no Han character, or its number "
        "is one of many that stand there"
    )
