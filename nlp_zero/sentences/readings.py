"""Readings of sentences while templates are learnt: which words fill slots.

Input: sentences with their slots. Output: their slots, after words that dominate the fillers of a slot are fixed; how
freely slots are filled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from math import log
from typing import Any, Final, NamedTuple, Protocol

from .frames import Spans
from .template import TemplateWords, frame_of, in_order

__all__ = ["Read", "Reader", "entropy", "free_spans", "freedom", "with_dominating"]

_DOMINATES: Final = 0.8  # share of the fillers of a slot that a word stands in, so that it is fixed


class Read(NamedTuple):
    """A sentence as it is read: its words, and which of them fill slots."""

    words: Sequence[str]
    slots: Spans

    @property
    def frame(self) -> TemplateWords:
        """The fixed words and slots."""
        return frame_of(self.words, self.slots)


class Reader(Protocol):
    """Reads sentences with templates."""

    def read(self, words: Sequence[str]) -> Read | None:
        """The sentence with the slots of its main template; None if it has none."""


def freedom(readings: Iterable[Read | None], templates: Collection[TemplateWords]) -> dict[TemplateWords, float]:
    """How freely the slots of templates are filled.

    Parameters
    ----------
    readings
        Of sentences.
    templates
        Those that are asked for.

    Returns
    -------
    The entropy of the words that begin or end the fillers of a slot beside a fixed word, as a share of what it can be
    among so many sentences; that of the least free edge. 1 if all are different, 0 if all are the same.

    Examples
    --------
    >>> sentences = "去 这 山 吗", "去 那 海 吗", "去 上 山 吗", "去 下 山 吗"
    >>> free = freedom([Read(words.split(), ((1, 3),)) for words in sentences], [("去", None, "吗")])
    >>> round(free["去", None, "吗"], 3)
    0.406
    """
    edges: dict[TemplateWords, list[Counter[str]]] = {
        template: [Counter() for place in range(1, len(template)) if None in template[place - 1 : place + 1]]
        for template in templates
    }
    for reading in readings:
        if reading is None:
            continue
        words, slots = reading
        counters = edges.get(reading.frame)
        if counters:
            beside = (
                word
                for start, end in slots
                for word, inner in ((words[start], start > 0), (words[end - 1], end < len(words)))
                if inner
            )
            for counter, word in zip(counters, beside):
                counter[word] += 1
    return {template: min(map(_share_of_entropy, counters), default=1.0) for template, counters in edges.items()}


def _share_of_entropy(counts: Counter[str]) -> float:
    total = counts.total()
    return 1.0 if total < 2 else entropy(counts) / log(total)


def entropy(counts: Counter[Any]) -> float:
    """The entropy of counts, in nats."""
    total = counts.total()
    return log(total) - sum(count * log(count) for count in counts.values()) / total


def free_spans(free: Iterable[bool]) -> Spans:
    """Where words follow each other that are free.

    Examples
    --------
    >>> free_spans([True, True, False, True])
    ((0, 2), (3, 4))
    """
    found = []
    start = -1
    for i, is_free in enumerate([*free, False]):
        if is_free and start < 0:
            start = i
        elif not is_free and start >= 0:
            found.append((start, i))
            start = -1
    return tuple(found)


def with_dominating(
    sentences: Sequence[Sequence[str]],
    slots: Sequence[Spans],
    least: int,
    fixable: Callable[[str], bool],
    share: float = _DOMINATES,
) -> list[Spans]:
    """Slots after words that stand in most of their fillers are fixed: a slot with few fillers is none.

    Parameters
    ----------
    sentences, slots
        Their words, and their slots.
    least
        How many sentences of one frame tell what fills its slots.
    fixable
        Whether a word can be fixed.
    share
        Of the fillers, that a word stands in.
    """
    places: dict[tuple[tuple[str, ...], Spans], int] = {}  # the same sentence, read in the same way, is looked at once
    of_each = [places.setdefault((tuple(sentence), spans), len(places)) for sentence, spans in zip(sentences, slots)]
    different, times = [words for words, _ in places], Counter(of_each)
    found = [spans for _, spans in places]
    groups: defaultdict[TemplateWords, list[int]] = defaultdict(list)
    for i, words in enumerate(different):
        groups[frame_of(words, found[i])].append(i)
    waiting = list(groups)
    while waiting:
        frame = waiting.pop()
        members = groups.pop(frame, [])
        weights = [times[i] for i in members]
        choice = None
        if members and sum(weights) >= least:
            fillers = [
                [different[i][slice(*found[i][slot])] for i in members] for slot in range(len(found[members[0]]))
            ]
            choice = _dominating(fillers, weights, fixable, share * sum(weights))
        if choice is None:
            groups[frame] = members
            continue
        for i in members:
            found[i] = _without(different[i], found[i], *choice)
            groups[frame_of(different[i], found[i])].append(i)
        waiting += sorted({frame_of(different[i], found[i]) for i in members}, key=in_order)
    return [found[i] for i in of_each]


def _dominating(
    fillers: Sequence[Sequence[Sequence[str]]], weights: Sequence[int], fixable: Callable[[str], bool], least: float
) -> tuple[int, str] | None:
    """The slot, and the word that stands in most of its fillers, at least in so many; the most frequent such word."""
    best: tuple[int, int, str] | None = None
    for slot, of_slot in enumerate(fillers):
        counts = Counter[str]()
        for filler, weight in zip(of_slot, weights):
            for word in dict.fromkeys(filler):
                counts[word] += weight
        often = [(count, word) for word, count in counts.items() if count >= least and fixable(word)]
        count, word = max(often, default=(0, ""))
        if count > (best[0] if best else 0):
            best = count, slot, word
    return best and best[1:]


def _without(sentence: Sequence[str], slots: Spans, slot: int, word: str) -> Spans:
    """The slots, of which one is cut at the last place where a word stands in it."""
    start, end = slots[slot]
    places = [i for i in range(start, end) if sentence[i] == word]
    if not places:
        return slots
    parts = tuple(span for span in ((start, places[-1]), (places[-1] + 1, end)) if span[0] < span[1])
    return (*slots[:slot], *parts, *slots[slot + 1 :])
