"""Which words of a sentence are fixed, and which fill slots, by the templates that are known.

Input: templates with counts; the words of a sentence. Output: the slots of its most probable reading.

A template is read as a chain of words and slots, and a sentence as one more such chain, which need not be among the
templates: 请问 [X] 的 [X] 在 哪里 is probable where 请问 [X] 有 [X], [X] 的 [X] and [X] 在 哪里 are frequent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final, TypeAlias

from .template import Span, TemplateWords, frame_of

__all__ = ["Frames", "Reading", "ReadingCosts", "Spans"]

Spans: TypeAlias = tuple[Span, ...]
_BEGIN, _END, _SLOT, _OTHER = range(4)
_DISCOUNT: Final = 0.8  # of each count, for what was never seen (absolute discounting)
_STRENGTH: Final = 1.0  # of the belief in the shorter context
_GO_ON, _STOP = log(0.7), log(0.3)  # of a slot, after each of its words


@dataclass(frozen=True, slots=True)
class ReadingCosts:
    """What a reading pays for, in nats, beside the improbability of its frame.

    Attributes
    ----------
    known
        For a word inside a slot that is a fixed word of some template.
    unknown
        For a fixed word that is none in any template, in place of the improbability of a symbol.
    slot
        For each slot: how much cheaper it must make the sentence.
    """

    known: float
    unknown: float
    slot: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How a sentence is read.

    Attributes
    ----------
    slots
        First word and end of each slot.
    score
        Of the reading, in nats.
    """

    slots: Spans
    score: float


class Frames:
    """How words and slots follow each other in templates.

    Parameters
    ----------
    templates
        Their words and counts.

    Notes
    -----
    A Markov chain of order 1 over fixed words, slots, and the begin and end of a sentence, with absolute discounting
    [1]_: P(v | u) = (max(c(u v) - d, 0) + (s + d t(u)) P(v)) / (c(u) + s), where t(u) is the number of different
    followers of u, and P(v) is smoothed in the same way.

    .. [1] H. Ney, U. Essen, R. Kneser (1994): On structuring probabilistic dependences in stochastic language
       modelling. Computer Speech and Language 8, 1-38.
    """

    __slots__ = ("_back", "_ids", "_pairs", "_singles")

    def __init__(self, templates: Mapping[TemplateWords, int] | Iterable[tuple[TemplateWords, int]]) -> None:
        self._ids: dict[str | None, int] = {None: _SLOT}
        pairs: Counter[tuple[int, int]] = Counter()
        singles: Counter[int] = Counter()
        for words, count in templates.items() if isinstance(templates, Mapping) else templates:
            if count < 1:
                continue
            before = _BEGIN
            for word in words:
                symbol = self._ids.setdefault(word, len(self._ids) + _OTHER)
                pairs[before, symbol] += count
                singles[symbol] += count
                before = symbol
            pairs[before, _END] += count
            singles[_END] += count
        self._singles, self._back, self._pairs = _smoothed(pairs, singles)

    def read(self, words: Sequence[str], costs: ReadingCosts) -> Reading:
        """The most probable reading of a sentence.

        Parameters
        ----------
        words
            Its words; at least one.
        costs
            What it pays for.

        Notes
        -----
        Viterbi's algorithm over two states, word by word: time and memory O(n). Of equally probable readings the one
        is taken that enters slots later and leaves them earlier.
        """
        symbols = [self._ids.get(word, _OTHER) for word in words]
        inside = [-costs.known if symbol != _OTHER else 0.0 for symbol in symbols]
        pairs, back, singles = self._pairs, self._back, self._singles
        unseen = -costs.unknown
        fixed, slot = 0.0, -float("inf")  # scores of the best readings whose last word is fixed, or in a slot
        from_slot, from_word = bytearray(len(symbols) + 1), bytearray(len(symbols))
        before = _BEGIN
        entered = back[_SLOT]
        for i, symbol in enumerate([*symbols, _END]):
            single = singles[symbol] if symbol != _OTHER else unseen
            found = pairs.get((before, symbol))
            next_ = fixed + (back[before] + single if found is None else found)
            found = pairs.get((_SLOT, symbol))
            left = slot + _STOP + (entered + single if found is None else found)
            if left > next_:
                from_slot[i], next_ = 1, left
            if symbol == _END:
                fixed = next_
                break
            found = pairs.get((before, _SLOT))
            opened = fixed + (back[before] + singles[_SLOT] if found is None else found) - costs.slot
            slot += _GO_ON
            if opened >= slot:
                from_word[i], slot = 1, opened
            slot += inside[i]
            fixed, before = next_, symbol
        return Reading(_spans(from_slot, from_word), fixed)

    def frame(self, words: Sequence[str], costs: ReadingCosts) -> TemplateWords:
        """The fixed words and slots of the most probable reading."""
        return frame_of(words, self.read(words, costs).slots)

    def bits(self, frame: Sequence[str | None]) -> float:
        """How improbable a chain of words and slots (None) is, in bits, its end included."""
        symbols = [_BEGIN, *(self._ids.get(word, _OTHER) for word in frame), _END]
        found = ((self._pairs.get(pair), *pair) for pair in zip(symbols, symbols[1:]))
        nats = sum(self._back[u] + self._singles[v] if seen is None else seen for seen, u, v in found)
        return -nats / log(2)

    def __contains__(self, word: object) -> bool:
        """Whether it is a fixed word of some template."""
        return word in self._ids and word is not None


def _smoothed(
    pairs: Counter[tuple[int, int]], singles: Counter[int]
) -> tuple[list[float], list[float], dict[tuple[int, int], float]]:
    """Log-probabilities: of each symbol, of falling back after each symbol, and of each pair that was seen."""
    size = max([_OTHER, *singles]) + 1
    total, kinds = sum(singles.values()), len(singles)
    rest = (_DISCOUNT * kinds + _STRENGTH) / (total + _STRENGTH) / (kinds + 1)
    share = [max(singles[symbol] - _DISCOUNT, 0.0) / (total + _STRENGTH) + rest for symbol in range(size)]
    counts, discounts = Counter[int](), Counter[int]()
    for (before, _), count in pairs.items():
        counts[before] += count
        discounts[before] += 1
    back = [(_STRENGTH + _DISCOUNT * discounts[symbol]) / (counts[symbol] + _STRENGTH) for symbol in range(len(share))]
    seen = {
        (before, symbol): log(max(count - _DISCOUNT, 0.0) / (counts[before] + _STRENGTH) + back[before] * share[symbol])
        for (before, symbol), count in pairs.items()
    }
    return list(map(log, share)), list(map(log, back)), seen


def _spans(from_slot: bytearray, from_word: bytearray) -> Spans:
    """The slots, from the choices of the best reading: the last first."""
    spans = []
    i = len(from_word)
    while i >= 0:
        if not from_slot[i]:
            i -= 1
            continue
        end = i
        i -= 1
        while not from_word[i]:
            i -= 1
        spans.append((i, end))
        i -= 1
        # the word before the slot is fixed; whether it follows a slot is looked up at its own place
    return tuple(reversed(spans))
