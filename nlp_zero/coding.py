"""What text costs to describe: by its characters, by its words, by sentence templates and what fills their slots.

Input: text to learn frequencies from, text that was held out, a segmenter, templates. Output: bits per character of
the held-out text under prefix codes, each complete: everything that a reader needs to write the text down again is paid
for, lengths and things never seen included. This is what the minimum entropy principle is about: words and templates
are worth having when they make text cheaper to describe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log2
from typing import Final, Protocol

from .sentences.cutting import AnySegmenter, sentences, words_of
from .sentences.frames import Frames, ReadingCosts
from .sentences.template import Templates, TemplateWords, frame_of

__all__ = ["CodeLengths", "code_lengths"]

_DISCOUNT: Final = 0.75  # of each count, for what was never seen
_CODE_POINTS: Final = 0x110000
_END: Final = ""  # of a line, a word, a sentence: no character, and no word
_NEVER: Final = ReadingCosts(known=16.0, unknown=1e9, slot=0.0)  # no fixed words but those of templates


@dataclass(frozen=True, slots=True)
class CodeLengths:
    """Bits per character of a text under several codes.

    Attributes
    ----------
    characters
        How many characters the text has, white space not counted.
    by_characters
        Each character by itself.
    by_words
        Each word by itself; words that were never seen are spelled.
    by_word_pairs
        Each word by itself and the one before it.
    by_templates
        Fixed words and slots, each by itself and the one before it; the words in slots, each by itself.
    """

    characters: int
    by_characters: float
    by_words: float
    by_word_pairs: float
    by_templates: float

    def __str__(self) -> str:
        return (
            f"{self.characters} characters: {self.by_characters:.3f} bits each by characters, {self.by_words:.3f} by "
            f"words, {self.by_word_pairs:.3f} by pairs of words, {self.by_templates:.3f} by templates"
        )


def code_lengths(
    training: Iterable[str], held_out: Iterable[str], segmenter: AnySegmenter, templates: Templates
) -> CodeLengths:
    """What it costs to describe a text, in bits per character.

    Parameters
    ----------
    training
        Lines of text that frequencies are learnt from.
    held_out
        Other lines, which are described.
    segmenter
        What cuts text into words; it may have learnt from `training` only.
    templates
        Templates, which may have been found in `training` only.

    Returns
    -------
    CodeLengths
        Bits per character of `held_out`, white space not counted and not described.

    Notes
    -----
    Each code spends -log2 p bits on a thing of probability p: an arithmetic coder comes as near to that as one likes.
    Shares are learnt with absolute discounting; what was never seen costs an escape and is spelled, by characters and
    an end, and a character that was never seen costs an escape and its code point. Time linear in the text.

    Examples
    --------
    >>> text = ["苹果 的 颜色 是 什么", "雪梨 的 味道 是 什么", "书 的 价格 是 多少"]
    >>> templates = Templates.from_counts({"[X] 的 [X] 是 什么": 2, "[X] 的 [X] 是 多少": 1})
    >>> lengths = code_lengths(text, ["西瓜 的 产地 是 什么"], str.split, templates)
    >>> lengths.characters, lengths.by_templates < lengths.by_words
    (8, True)
    """
    lines = [words for line in training if (words := words_of(line, segmenter))]
    codes: list[_Code] = [_Characters(lines), _Words(lines), _WordPairs(lines), _Sentences(lines, templates)]
    characters, bits = 0, [0.0] * len(codes)
    for line in held_out:
        words = words_of(line, segmenter)
        characters += sum(map(len, words))
        for i, code in enumerate(codes):
            bits[i] += code.bits(words)
    return CodeLengths(characters, *(total / max(characters, 1) for total in bits))


class _Shares:
    """Bits for things by how often they were seen, and for saying that one was not."""

    def __init__(self, things: Iterable[str]) -> None:
        self.counts = Counter(things)
        self.total = sum(self.counts.values())

    def share(self, thing: str) -> float:
        """The share of a thing that was seen, 0 of another."""
        count = self.counts[thing]
        return (count - _DISCOUNT) / self.total if count else 0.0

    @property
    def rest(self) -> float:
        """The share of all that was not seen."""
        return _DISCOUNT * len(self.counts) / self.total if self.total else 1.0

    def bits(self, thing: str, otherwise: float) -> float:
        """Bits for a thing; for one that was not seen those of the escape and others."""
        share = self.share(thing)
        return -log2(share) if share else otherwise - log2(self.rest)


class _Spelling:
    """Spells words: each character by itself, and an end."""

    def __init__(self, words: Iterable[str]) -> None:
        self._shares = _Shares(character for word in words for character in (*word, _END))

    def bits(self, word: str) -> float:
        """Bits for a word."""
        return sum(self._shares.bits(character, log2(_CODE_POINTS)) for character in (*word, _END))


class _Code(Protocol):
    """A code of lines."""

    def bits(self, words: list[str]) -> float:
        """Bits for a line, its end included."""


class _Characters:
    """Each character by itself."""

    def __init__(self, lines: list[list[str]]) -> None:
        self._spelling = _Spelling("".join(words) for words in lines)

    def bits(self, words: list[str]) -> float:
        """Bits for a line, its end included."""
        return self._spelling.bits("".join(words))


class _Words:
    """Each word by itself."""

    def __init__(self, lines: list[list[str]]) -> None:
        self._shares = _Shares(word for words in lines for word in (*words, _END))
        self._spelling = _Spelling(self._shares.counts)

    def bits(self, words: list[str]) -> float:
        """Bits for a line, its end included."""
        return sum(self._shares.bits(word, self._spelling.bits(word)) for word in (*words, _END))


class _WordPairs:
    """Each word by itself and the one before it: a line is a chain without slots."""

    def __init__(self, lines: list[list[str]]) -> None:
        self._chain = Frames(Counter[TemplateWords](map(tuple, lines)))
        self._spelling = _Spelling({word for words in lines for word in words})

    def bits(self, words: list[str]) -> float:
        """Bits for a line, its end included."""
        return self._chain.bits(words) + sum(self._spelling.bits(word) for word in words if word not in self._chain)


class _Sentences:
    """Sentences as templates and fillers; between them marks, each by itself."""

    def __init__(self, lines: list[list[str]], templates: Templates) -> None:
        self._frames = Frames({template.words: entry.count for template, entry in templates.items()})
        pieces = [piece for words in lines for piece in _pieces(words)]
        self._between = _Shares(piece if isinstance(piece, str) else "sentence" for piece in pieces)
        cut = [piece for piece in pieces if not isinstance(piece, str)]
        fillers = [words[a:b] for words in cut for a, b in self._frames.read(words, _NEVER).slots]
        self._fillers = _Shares(word for filler in fillers for word in filler)
        self._spelling = _Spelling({word for words in lines for word in words})
        self._goes_on = (sum(map(len, fillers)) - len(fillers) + 1) / (sum(map(len, fillers)) + 2)

    def bits(self, words: list[str]) -> float:
        """Bits for a line, its end included."""
        total = 0.0
        for piece in _pieces(words):
            if isinstance(piece, str):
                total += self._between.bits(piece, self._spelling.bits(piece))
            else:
                total += self._between.bits("sentence", 0.0) + self._sentence(piece)
        return total

    def _sentence(self, words: list[str]) -> float:
        slots = self._frames.read(words, _NEVER).slots
        bits = self._frames.bits(frame_of(words, slots))
        for start, end in slots:
            bits += sum(self._fillers.bits(word, self._spelling.bits(word)) for word in words[start:end])
            bits -= log2(self._goes_on) * (end - start - 1) + log2(1 - self._goes_on)
        return bits


def _pieces(words: list[str]) -> Iterator[str | list[str]]:
    """The marks and sentences of a line, and its end."""
    at = 0
    for first, end in sentences(words):
        yield from words[at:first]
        yield words[first:end]
        at = end
    yield from words[at:]
    yield _END
