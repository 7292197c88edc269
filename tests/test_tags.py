"""Words as tags and back: round trips, and every sequence that makes no words refused at its place."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero.words.tags import tags_of_words, words_of_tags

characters = st.characters() | st.characters(categories=["Cs"]) | st.sampled_from("电网𠮷7a \n\r\x00\u0301\u200d👩BMES")
words = st.lists(st.text(characters, min_size=1, max_size=6), max_size=8)


def naive_tags(text: list[str]) -> str:
    """A tag a character, by where it stands in its word."""
    tags = []
    for word in text:
        for place in range(len(word)):
            first, last = place == 0, place == len(word) - 1
            tags.append("S" if first and last else "B" if first else "E" if last else "M")
    return "".join(tags)


def ends_of_words(tags: str) -> tuple[list[int], int | None]:
    """Where words end, and where the first one begins that is none: one symbol after the other, with what is open."""
    ends: list[int] = []
    begin = None
    for place, tag in enumerate(tags):
        if begin is None and tag == "S":
            ends.append(place + 1)
        elif begin is None and tag == "B":
            begin = place
        elif begin is not None and tag == "E":
            ends.append(place + 1)
            begin = None
        elif begin is None or tag != "M":
            return ends, place if begin is None else begin
    return ends, begin


# -------------------------------------------------------------------------------------------------- words to tags


@given(words)
@example([])
@example(["继电保护", "很", "重要"])
def test_a_tag_for_each_character(text: list[str]) -> None:
    assert tags_of_words(text) == naive_tags(text)
    assert tags_of_words(iter(text)) == naive_tags(text)  # anything that can be gone through once


@given(words)
def test_an_empty_word_has_no_tags(text: list[str]) -> None:
    with_empty = [part for word in text for part in ("", word)] + [""]
    assert tags_of_words(with_empty) == tags_of_words(text)


@given(words)
def test_words_come_back(text: list[str]) -> None:
    found = words_of_tags("".join(text), tags_of_words(text))
    assert found == text
    assert type(found) is list and all(type(word) is str for word in found)


# -------------------------------------------------------------------------------------------------- tags to words


@pytest.mark.parametrize("size", range(6))
def test_every_sequence_of_tags_makes_words_or_is_refused(size: int) -> None:
    text = "电𠮷网的公"[:size]
    for letters in itertools.product("BMESx", repeat=size):
        tags = "".join(letters)
        ends, wrong = ends_of_words(tags)
        if wrong is None:
            found = words_of_tags(text, tags)
            assert found == [text[i:j] for i, j in zip([0, *ends], ends)]
            assert tags_of_words(found) == tags
        else:
            expected = "B, any M, and E" if tags[wrong] == "B" else "B or S"
            message = f"tags: expected {expected} at place {wrong}, found {tags[wrong:]!r}"
            with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
                words_of_tags(text, tags)


@given(st.text("BMES", max_size=12) | st.text(max_size=12))
def test_longer_sequences_make_words_or_are_refused(tags: str) -> None:
    text = "电" * len(tags)
    ends, wrong = ends_of_words(tags)
    if wrong is None:
        assert list(map(len, words_of_tags(text, tags))) == [j - i for i, j in zip([0, *ends], ends)]
    else:
        with pytest.raises(ValueError, match=f"^tags: expected B.* at place {wrong}, found "):
            words_of_tags(text, tags)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ("M", "tags: expected B or S at place 0, found 'M'"),
        ("E", "tags: expected B or S at place 0, found 'E'"),
        ("B", "tags: expected B, any M, and E at place 0, found 'B'"),
        ("BM", "tags: expected B, any M, and E at place 0, found 'BM'"),
        ("SE", "tags: expected B or S at place 1, found 'E'"),
        ("BEM", "tags: expected B or S at place 2, found 'M'"),
        ("SBB", "tags: expected B, any M, and E at place 1, found 'BB'"),
        ("SBS", "tags: expected B, any M, and E at place 1, found 'BS'"),
        ("BMS", "tags: expected B, any M, and E at place 0, found 'BMS'"),
        ("S s", "tags: expected B or S at place 1, found ' s'"),
        ("b", "tags: expected B or S at place 0, found 'b'"),
        ("SI", "tags: expected B or S at place 1, found 'I'"),
        ("SBE\n", "tags: expected B or S at place 3, found '\\n'"),
        ("S" + "M" * 99, "tags: expected B or S at place 1, found 'MMMMMMMMMM'"),  # not all that follows
    ],
)
def test_what_makes_no_words_is_refused_at_its_place(tags: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        words_of_tags("电" * len(tags), tags)


@pytest.mark.parametrize(("text", "tags"), [("", "S"), ("电", ""), ("电网", "S"), ("电", "BE"), ("𠮷", "BE")])
def test_there_is_one_tag_for_each_character(text: str, tags: str) -> None:
    message = f"^tags: expected {len(text)}, one for each character, found {len(tags)}$"
    with pytest.raises(ValueError, match=message):
        words_of_tags(text, tags)


def test_a_long_word_and_many_words_take_linear_time() -> None:
    text = "电" * 300_000
    assert words_of_tags(text, "B" + "M" * 299_998 + "E") == [text]
    assert words_of_tags(text, "BE" * 150_000) == ["电电"] * 150_000
