"""Words as tags of their characters, B, M, E and S, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["tags_of_words", "words_of_tags"]

_WORD: Final = re.compile("BM*E|S")


def tags_of_words(words: Iterable[str]) -> str:
    """A tag for each character: B, M, E for the first, inner and last ones of a word, S for a word of one.

    Examples
    --------
    >>> tags_of_words(["继电保护", "很", "重要"])
    'BMMESBE'
    """
    return "".join("S" if len(word) == 1 else "B" + "M" * (len(word) - 2) + "E" for word in words if word)


def words_of_tags(text: str, tags: str) -> list[str]:
    """The words of a text whose characters have these tags: the inverse of `tags_of_words`.

    Raises
    ------
    ValueError
        If there are not as many tags as characters, or if they make no words; with the place of the first one that
        cannot be.

    Examples
    --------
    >>> words_of_tags("继电保护很重要", "BMMESBE")
    ['继电保护', '很', '重要']
    """
    if len(text) != len(tags):
        raise ValueError(f"tags: expected {len(text)}, one for each character, found {len(tags)}")
    words = []
    end = 0
    for match in _WORD.finditer(tags):
        if match.start() != end:
            break
        end = match.end()
        words.append(text[match.start() : end])
    if end != len(tags):
        expected = "B or S" if tags[end] != "B" else "B, any M, and E"
        raise ValueError(f"tags: expected {expected} at place {end}, found {tags[end : end + 10]!r}")
    return words
