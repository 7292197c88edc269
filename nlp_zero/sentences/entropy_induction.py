"""Learning templates from text of an open vocabulary, where what fills slots is rare.

Input: sentences as words. Output: the sentences as they are read, and what reads more of them.

A fixed word stands beside slots, which are filled freely: its neighbours vary. So words with varied neighbours are
fixed at first, and so is a word that stands in most fillers of one slot: a slot with few fillers is none. Then each
sentence is read anew, a few times, with the templates that several sentences share (`frames`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Final

from .frames import Frames, ReadingCosts
from .readings import Read, entropy, free_spans, with_dominating
from .template import TemplateWords, is_writable

__all__ = ["ChainReader", "by_entropy"]

# What the main template of a sentence pays for: all its words are known to be fixed, or it is none.
_READING: Final = ReadingCosts(known=14.0, unknown=1e9, slot=0.0)
_ROUNDS: Final = 4
_LEAST_ENTROPY: Final = 2.0  # nats, of the neighbours of a fixed word; of a rare one, a share of what they can have
_SHARE_OF_MOST: Final = 0.8
_LEAST_COUNTS: Final = 5, 8  # of a fixed word, in text of less than 600 sentences, and of 800 or more


class ChainReader:
    """Reads sentences as chains of the words and slots of templates.

    Parameters
    ----------
    templates
        Their words and counts.
    """

    def __init__(self, templates: Mapping[TemplateWords, int]) -> None:
        self._frames = Frames(templates)

    def read(self, words: Sequence[str]) -> Read:
        """The most probable reading, whose frame may be no template."""
        return Read(words, self._frames.read(words, _READING).slots)


def by_entropy(sentences: Sequence[Sequence[str]], least: int) -> tuple[list[Read], ChainReader]:
    """Learn to read sentences.

    Parameters
    ----------
    sentences
        Their words.
    least
        The least number of sentences of a template.

    Returns
    -------
    The sentences as they are read, and what read them and reads more.

    Notes
    -----
    Time O(n) for n words, in each of a few rounds.
    """
    words = Counter(word for sentence in sentences for word in sentence)
    fixed = _fixed_at_first(sentences, words)
    slots = [free_spans(word not in fixed for word in sentence) for sentence in sentences]
    readings = list(map(Read, sentences, with_dominating(sentences, slots, max(least, 3), is_writable)))
    reader = _reader(readings, least)
    for _ in range(_ROUNDS - 1):
        reader = _reader(map(reader.read, sentences), least)
    return list(map(reader.read, sentences)), reader


def _reader(readings: Iterable[Read], least: int) -> ChainReader:
    """What reads sentences with the templates of several of them."""
    counts = Counter(reading.frame for reading in readings)
    return ChainReader({frame: count for frame, count in counts.items() if count >= least})


def _fixed_at_first(sentences: Iterable[Sequence[str]], words: Counter[str]) -> set[str]:
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
        and max(entropy(before[word]), entropy(after[word])) >= min(_LEAST_ENTROPY, _SHARE_OF_MOST * log(count))
    }
