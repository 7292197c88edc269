"""What the phrases cost that fill slots, under a model of them.

Input: phrases, or sentences. Output: the cost, in nats, of any part of a sentence as the filler of a slot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf, log
from typing import Final, Protocol

__all__ = ["BARRIERS", "Phrases", "SlotCosts", "Unigrams", "WordCosts"]

#: Marks that stand in no slot of a template learnt by substitution: what they separate is filled by itself.
BARRIERS: Final = frozenset("，；：“”,;:")
_DISCOUNT: Final = 0.75  # of each count, for what was never seen


class SlotCosts:
    """The costs of all parts of one sentence.

    Parameters
    ----------
    words
        The sentence.
    first, inner, last
        The cost of each word as the first one of a filler; after the word before it, in a filler; and of its end
        after each word.
    """

    __slots__ = ("_barriers", "_first", "_last", "_sums")

    def __init__(
        self, words: Sequence[str], first: Sequence[float], inner: Sequence[float], last: Sequence[float]
    ) -> None:
        self._first, self._last = first, last
        self._sums, self._barriers = [0.0], [0]
        for word, cost in zip(words, inner):
            self._sums.append(self._sums[-1] + cost)
            self._barriers.append(self._barriers[-1] + (word in BARRIERS))

    def __call__(self, start: int, end: int) -> float:
        """The cost of the words from `start` to `end` as one filler; infinite if a barrier is among them."""
        if self._barriers[end] > self._barriers[start]:
            return inf
        return self._first[start] + self._sums[end] - self._sums[start + 1] + self._last[end - 1]


class WordCosts(Protocol):
    """A model of fillers."""

    def costs(self, words: Sequence[str]) -> SlotCosts:
        """The costs of all parts of a sentence."""


class Unigrams:
    """Fillers as words that are independent of each other: a word costs -ln of its share of the text.

    Parameters
    ----------
    words
        How often each occurs.
    """

    def __init__(self, words: Counter[str]) -> None:
        total = words.total()
        self._costs = {word: -log(count / total) for word, count in words.items()}
        self._unknown = log(total + 1)

    def costs(self, words: Sequence[str]) -> SlotCosts:
        """The costs of all parts of a sentence."""
        known = [self._costs.get(word, self._unknown) for word in words]
        return SlotCosts(words, known, known, [0.0] * len(words))


class Phrases:
    """Fillers as chains of words.

    Parameters
    ----------
    fillers
        Of each template, what fills its slots.
    vocabulary
        How many different words there are.

    Notes
    -----
    A Markov chain of order 1 with absolute discounting. Each pair of words counts once for each
    template in whose slots it stands, however often: what stands in the slots of many templates is a phrase by
    itself, what stands in those of one may belong to that template [1]_.

    .. [1] R. Kneser, H. Ney (1995): Improved backing-off for m-gram language modeling. ICASSP 1, 181-184, counts
       contexts in place of occurrences in the same spirit.
    """

    def __init__(self, fillers: Iterable[Iterable[Sequence[str]]], vocabulary: int) -> None:
        self._pairs = Counter[tuple[str, str]]()
        for of_one in fillers:
            self._pairs.update({pair for filler in of_one for pair in zip(["", *filler], [*filler, ""])})
        self._before, self._kinds, self._after = Counter[str](), Counter[str](), Counter[str]()
        for (before, after), count in self._pairs.items():
            self._before[before] += count
            self._kinds[before] += 1
            self._after[after] += count
        self._total = max(self._after.total(), 1)
        self._rest = (_DISCOUNT * len(self._after) + 1) / (vocabulary + 1)
        self._known = {pair: self._new(*pair) for pair in self._pairs}

    def _cost(self, before: str, after: str) -> float:
        found = self._known.get((before, after))
        return self._new(before, after) if found is None else found

    def _new(self, before: str, after: str) -> float:
        share = (max(self._after[after] - _DISCOUNT, 0.0) + self._rest) / (self._total + 1)
        count = self._before[before]
        if count:
            seen = max(self._pairs[before, after] - _DISCOUNT, 0.0)
            share = (seen + _DISCOUNT * self._kinds[before] * share) / count
        return -log(share)

    def costs(self, words: Sequence[str]) -> SlotCosts:
        """The costs of all parts of a sentence; the empty string stands for begin and end of a filler."""
        cost = self._cost
        first = [cost("", word) for word in words]
        inner = [0.0, *(cost(before, word) for before, word in zip(words, words[1:]))]
        return SlotCosts(words, first, inner, [cost(word, "") for word in words])
