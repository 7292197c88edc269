"""Which templates a sentence is an instance of as a whole, and what fills the slots.

Input: templates; the words of a sentence and what each of its parts costs as the filler of a slot. Output: the
cheapest template, with its slots.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import NamedTuple

from .phrases import SlotCosts, WordCosts
from .template import Span, TemplateWords, in_order

__all__ = ["Match", "Matcher", "Placement", "placed"]


class Placement(NamedTuple):
    """The slots of a template in a sentence, and what their fillers cost together, in nats."""

    cost: float
    slots: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The cheapest template of a sentence, and where its slots are."""

    template: TemplateWords
    slots: tuple[Span, ...]


def placed(template: TemplateWords, words: Sequence[str], costs: SlotCosts) -> Placement | None:
    """The cheapest way to read a sentence as an instance of a template; None if it is none.

    Notes
    -----
    Dynamic programming over the fixed words: time O(f (n + m^2)) for f fixed words, n words in the sentence, and m
    occurrences of each fixed word in it, mostly one. Of equally cheap ways the one with the shorter first slots is
    taken.
    """
    ends: dict[int, Placement] = {0: Placement(0.0, ())}  # where what is read so far may end
    after_slot = False
    for word in template:
        if word is None:
            after_slot = True
            continue
        found: dict[int, Placement] = {}
        for place, at in enumerate(words):
            if at != word:
                continue
            if not after_slot:
                if place in ends:
                    found[place + 1] = ends[place]
                continue
            best = _cheapest(ends, place, costs)
            if best is not None:
                found[place + 1] = best
        ends, after_slot = found, False
        if not ends:
            return None
    return _cheapest(ends, len(words), costs) if after_slot else ends.get(len(words))


def _cheapest(ends: Mapping[int, Placement], place: int, costs: SlotCosts) -> Placement | None:
    """The cheapest way to go on with a slot up to a place."""
    best: Placement | None = None
    for start, (cost, slots) in ends.items():
        if start < place:
            whole = cost + costs(start, place)
            if whole < (inf if best is None else best.cost):
                best = Placement(whole, (*slots, (start, place)))
    return best


class Matcher:
    """Reads sentences as instances of templates.

    Parameters
    ----------
    templates
        How many sentences are instances of each.
    sentences
        How many sentences there are.
    spread
        How many sentences each word stands in; a template is looked for where its rarest word is.
    model
        What fillers cost.
    """

    def __init__(
        self, templates: Mapping[TemplateWords, int], sentences: int, spread: Mapping[str, int], model: WordCosts
    ) -> None:
        self._model = model
        self._costs = {template: -log(count / sentences) for template, count in templates.items()}
        self._by_word: defaultdict[str, list[tuple[TemplateWords, frozenset[str]]]] = defaultdict(list)
        for template in sorted(templates, key=in_order):
            fixed = [word for word in template if word is not None]
            rarest = min(fixed, key=lambda word: (spread.get(word, 0), word))
            self._by_word[rarest].append((template, frozenset(fixed)))

    def candidates(self, words: Sequence[str]) -> Iterator[TemplateWords]:
        """The templates whose fixed words all stand in a sentence."""
        kinds = dict.fromkeys(words)
        for word in kinds:
            for template, fixed in self._by_word.get(word, ()):
                if fixed <= kinds.keys():
                    yield template

    def cost(self, template: TemplateWords) -> float:
        """What it costs to name a template, in nats."""
        return self._costs[template]

    def match(self, words: Sequence[str]) -> Match | None:
        """The cheapest template of a sentence; None if it is an instance of none."""
        costs = self._model.costs(words)
        best: Match | None = None
        least = inf
        for template in self.candidates(words):
            found = placed(template, words, costs)
            if found is None:
                continue
            cost = found.cost + self._costs[template]
            if cost < least or (cost == least and best and in_order(template) < in_order(best.template)):
                best, least = Match(template, found.slots), cost
        return best
