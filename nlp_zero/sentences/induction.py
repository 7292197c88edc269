"""Learning templates: which words of sentences are fixed, and which fill slots.

Input: sentences as words. Output: templates, and how many of the sentences each is the main template of.

A fixed word stands beside slots, which are filled freely: its neighbours vary. So words with varied neighbours are
fixed at first, and so is a word that stands in most fillers of one slot: a slot with few fillers is none. Then each
sentence is read anew, a few times, with the templates that several sentences share (`frames`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Final, TypeAlias

from .frames import Frames, ReadingCosts, Spans
from .template import TemplateWords, frame_of, is_writable

__all__ = ["READING", "Induced", "induced"]

#: What the main template of a sentence pays for: all its words are known to be fixed, or it is none.
READING: Final = ReadingCosts(known=14.0, unknown=1e9, slot=0.0)
_ROUNDS: Final = 4
_LEAST_ENTROPY: Final = 2.0  # nats, of the neighbours of a fixed word; of a rare one, a share of what they can have
_SHARE_OF_MOST: Final = 0.8
_LEAST_COUNTS: Final = 5, 8  # of a fixed word, in text of up to 500 sentences, and of 800 or more
_DOMINATES: Final = 0.8  # share of the fillers of a slot that a word stands in, so that it is fixed

Words: TypeAlias = Sequence[str]


@dataclass(frozen=True, slots=True)
class Induced:
    """What was learnt.

    Attributes
    ----------
    templates
        How many sentences each is the main template of.
    words
        How often each word occurs in the sentences.
    min_count
        The least count of a template.
    """

    templates: dict[TemplateWords, int]
    words: Counter[str]
    min_count: int


def induced(sentences: Sequence[Words], min_count: int | None = None) -> Induced:
    """The templates of sentences.

    Parameters
    ----------
    sentences
        Their words.
    min_count
        The least number of sentences that a template is the main template of; 3 by default, 1 more for each 20,000
        sentences.

    Notes
    -----
    Time O(n) for n words, in each of a few rounds.
    """
    words = Counter(word for sentence in sentences for word in sentence)
    least = 3 + len(sentences) // 20_000 if min_count is None else min_count
    fixed = _fixed_at_first(sentences, words)
    readings = [_spans([word not in fixed for word in sentence]) for sentence in sentences]
    readings = _with_dominating(sentences, readings, max(least, 3))
    counts = Counter(map(frame_of, sentences, readings))
    for _ in range(_ROUNDS):
        frames = Frames({frame: count for frame, count in counts.items() if count >= least})
        counts = Counter(frames.frame(sentence, READING) for sentence in sentences)
    kept = {frame: count for frame, count in counts.items() if count >= least and frame != (None,)}
    return Induced(kept, words, least)


def _fixed_at_first(sentences: Iterable[Words], words: Counter[str]) -> set[str]:
    """Frequent words whose neighbours, on one side at least, vary."""
    before: defaultdict[str, Counter[str]] = defaultdict(Counter)
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    number = 0
    for sentence in sentences:
        number += 1
        for left, right in zip(["", *sentence], [*sentence, ""]):
            after[left][right] += 1
            before[right][left] += 1
    least = min(max(_LEAST_COUNTS[0], number // 100), _LEAST_COUNTS[1])
    return {
        word
        for word, count in words.items()
        if count >= least
        and is_writable(word)
        and max(_entropy(before[word]), _entropy(after[word])) >= min(_LEAST_ENTROPY, _SHARE_OF_MOST * log(count))
    }


def _entropy(counts: Counter[str]) -> float:
    """In nats."""
    total = sum(counts.values())
    return log(total) - sum(count * log(count) for count in counts.values()) / total


def _spans(free: Sequence[bool]) -> Spans:
    """Where words follow each other that are free."""
    found = []
    start = -1
    for i, is_free in enumerate([*free, False]):
        if is_free and start < 0:
            start = i
        elif not is_free and start >= 0:
            found.append((start, i))
            start = -1
    return tuple(found)


def _with_dominating(sentences: Sequence[Words], readings: Sequence[Spans], least: int) -> list[Spans]:
    """Readings in which words that stand in most fillers of a slot are fixed."""
    found = list(readings)
    groups: defaultdict[TemplateWords, list[int]] = defaultdict(list)
    for i, sentence in enumerate(sentences):
        groups[frame_of(sentence, found[i])].append(i)
    waiting = [frame for frame, members in groups.items() if len(members) >= least]
    while waiting:
        frame = waiting.pop()
        members = groups.pop(frame, [])
        choice = _dominating(sentences, found, members, frame.count(None)) if len(members) >= least else None
        if choice is None:
            groups[frame] = members
            continue
        slot, word = choice
        for i in members:
            found[i] = _without(sentences[i], found[i], slot, word)
            groups[frame_of(sentences[i], found[i])].append(i)
        changed = {frame_of(sentences[i], found[i]) for i in members}
        waiting += sorted(changed, key=lambda frame: [word or "" for word in frame])
    return found


def _dominating(
    sentences: Sequence[Words], readings: Sequence[Spans], members: Sequence[int], slots: int
) -> tuple[int, str] | None:
    """The slot, and the word that stands in most of its fillers; the most frequent such word."""
    best: tuple[int, int, str] | None = None
    for slot in range(slots):
        counts = Counter[str]()
        for i in members:
            start, end = readings[i][slot]
            counts.update(set(sentences[i][start:end]))
        word, count = max(counts.items(), key=lambda item: (item[1], item[0]))
        if count >= _DOMINATES * len(members) and is_writable(word) and (best is None or count > best[0]):
            best = count, slot, word
    return best and best[1:]


def _without(sentence: Words, slots: Spans, slot: int, word: str) -> Spans:
    """The slots, of which one is cut at the last place where a word stands in it."""
    start, end = slots[slot]
    places = [i for i in range(start, end) if sentence[i] == word]
    if not places:
        return slots
    parts = tuple(span for span in ((start, places[-1]), (places[-1] + 1, end)) if span[0] < span[1])
    return (*slots[:slot], *parts, *slots[slot + 1 :])
