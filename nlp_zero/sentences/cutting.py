"""Text cut into sentences of words, by any segmenter.

Input: any `str`, and what cuts it into words. Output: the words with their places, and where sentences begin and end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from ..words.segmenting import Segmenter, Token

__all__ = ["AnySegmenter", "check_segmenter", "is_mark", "sentences", "tokens", "words_of"]

AnySegmenter: TypeAlias = Segmenter | Callable[[str], list[str]]
_MARKS: Final = frozenset("。！？；!?;…")  # that end a sentence


def check_segmenter(segmenter: object) -> None:
    """Refuse what cannot segment.

    Raises
    ------
    TypeError
        If it neither has a method ``tokenize`` nor can be called.
    """
    if not callable(getattr(segmenter, "tokenize", segmenter)):
        found = type(segmenter).__name__
        raise TypeError(f"segmenter: expected a segmenter or a function from text to words, found {found}")


def tokens(text: str, segmenter: AnySegmenter) -> list[Token]:
    """The words of a text with their places, without white space.

    Raises
    ------
    TypeError
        If `text` is no `str`.
    ValueError
        If a function gives words that do not stand in the text in their order.
    """
    if not isinstance(text, str):
        raise TypeError(f"text: expected a str, found {type(text).__name__}")
    cut: Any = getattr(segmenter, "tokenize", None)
    if cut is not None:
        return [Token(*token) for token in cut(text) if not token[0].isspace()]
    cut, found, end = segmenter, [], 0
    for word in cut(text):
        if not isinstance(word, str):
            raise TypeError(f"segmenter: expected words of type str, found {word!r}")
        if not word or word.isspace():
            continue
        start = text.find(word, end)
        if start < 0:
            place = f"found {word!r} after {text[max(0, end - 20) : end]!r}"
            raise ValueError(f"segmenter: expected words of the text in their order, {place}")
        end = start + len(word)
        found.append(Token(word, start, end))
    return found


def words_of(text: str, segmenter: AnySegmenter) -> list[str]:
    """The words of a text, without white space.

    Raises
    ------
    TypeError
        If a function gives something else than words.
    """
    words: Any = getattr(segmenter, "words", segmenter)
    found = words(text)
    try:
        return [word for word in found if word and not word.isspace()]
    except (AttributeError, TypeError):
        shown = repr(found) if len(repr(found)) <= 60 else repr(found)[:57] + "..."
        raise TypeError(f"segmenter: expected a list of words of type str, found {shown}") from None


def is_mark(word: str) -> bool:
    """Whether it is a mark that ends a sentence: 。 ！ ？ ； … and their half-width forms, also repeated.

    Examples
    --------
    >>> [is_mark(word) for word in ("。", "？！", "……", "，", "什么")]
    [True, True, True, False, False]
    """
    return word[0] in _MARKS and not any(map(str.isalnum, word))


def sentences(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends, without the marks that end it.

    Examples
    --------
    >>> list(sentences(["你", "好", "！", "再见", "。", "。"]))
    [(0, 2), (3, 4)]
    """
    first = 0
    for i, word in enumerate(words):
        if is_mark(word):
            if i > first:
                yield first, i
            first = i + 1
    if len(words) > first:
        yield first, len(words)
