"""Learning templates: which words of sentences are fixed, and which fill slots.

Input: sentences as words. Output: templates, how many of the sentences each explains, and what reads more of them.

What fills slots is mostly rare, and varied (`entropy_induction`). Where the same words recur all the time, as in text
made by a grammar, fillers are as frequent as what is fixed (`substitution`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .entropy_induction import by_entropy
from .families import explained
from .readings import Read, Reader, freedom
from .substitution import by_substitution, normalised
from .template import TemplateWords

__all__ = ["Induced", "induced"]

_RARE: Final = 7  # the highest count of a rare word
_CLOSED: Final = 0.15  # share of rare words in the text, below which its vocabulary is closed
_EXPLAINED: Final = 0.25  # share of the sentences that templates of two fixed words must explain


@dataclass(frozen=True, slots=True)
class Induced:
    """What was learnt.

    Attributes
    ----------
    templates
        How many of the sentences each is the main template of.
    words
        How often each word occurs in the sentences.
    min_count
        The least count of a template in the corpus.
    freedom
        How freely the slots of each are filled (`readings.freedom`).
    reader
        What reads more sentences with the templates.
    """

    templates: dict[TemplateWords, int]
    words: Counter[str]
    min_count: int
    freedom: dict[TemplateWords, float]
    reader: Reader


def induced(
    sentences: Sequence[Sequence[str]], min_count: int | None = None, step: int = 1, most_closed: int = 50_000
) -> Induced:
    """The templates of sentences.

    Parameters
    ----------
    sentences
        Their words.
    min_count
        The least number of sentences of the corpus that a template is the main template of. By default 3, and 1 more
        for each 20,000 of them; where the vocabulary is closed, 3, or one of 2,000 if that is more.
    step
        One of so many sentences of the corpus is here.
    most_closed
        The most sentences of a closed vocabulary that templates are learnt from: that takes more memory.

    Notes
    -----
    Time O(n) for n words, in each of a few rounds; where the vocabulary is closed, see `substitution`.
    """
    words = Counter(word for sentence in sentences for word in sentence)
    number = len(sentences) * step
    if _is_closed(sentences):
        stride = -(-len(sentences) // most_closed)
        least = max(3, number // 2_000) if min_count is None else min_count
        readings, whole = by_substitution(sentences[::stride], max(2, -(-least // (step * stride))))
        templates = _frequent(readings if stride == 1 else map(whole.read, sentences), -(-least // step))
        if explained(templates) >= _EXPLAINED * len(sentences):
            return Induced(templates, words, least, freedom(readings, templates), whole)
    least = 3 + number // 20_000 if min_count is None else min_count
    least_here = least if step == 1 else max(2, -(-least // step))
    chains_read, chains = by_entropy(sentences, least_here)
    templates = _frequent(chains_read, least_here)
    return Induced(templates, words, least, freedom(chains_read, templates), chains)


def _frequent(readings: Iterable[Read | None], least: int) -> dict[TemplateWords, int]:
    """How often each template occurs, of those that occur often enough."""
    counts = Counter(reading.frame for reading in readings if reading is not None)
    return {frame: count for frame, count in counts.items() if count >= least and None in frame and len(frame) > 1}


def _is_closed(sentences: Sequence[Sequence[str]]) -> bool:
    """Whether nearly all words recur all the time, in sentences that differ."""
    words = Counter(word for sentence in dict.fromkeys(map(tuple, sentences)) for word in normalised(sentence))
    rare = sum(count for count in words.values() if count <= _RARE)
    return rare < _CLOSED * words.total()
