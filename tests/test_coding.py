"""What text costs to describe: prefix codes that add up, and that pay for everything."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_zero.coding import _Shares, _Spelling, code_lengths
from nlp_zero.sentences.template import Templates

TEMPLATES = Templates.from_counts({"[X] 的 [X] 是 什么": 2, "[X] 的 [X] 是 多少": 1})
TEXT = ["苹果 的 颜色 是 什么 ？", "雪梨 的 味道 是 什么 ？", "书 的 价格 是 多少 ？"]


@given(st.lists(st.text(max_size=3), max_size=30))
def test_shares_and_the_rest_are_one(things: list[str]) -> None:
    shares = _Shares(things)
    assert sum(map(shares.share, shares.counts)) + shares.rest == pytest.approx(1)


@given(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=20), st.text(min_size=1, max_size=3))
def test_spelling_pays_for_each_character_and_the_end(words: list[str], word: str) -> None:
    spelling = _Spelling(words)
    known = set("".join(words))
    assert spelling.bits(word) > sum(0 if character in known else log2(0x110000) for character in word)
    assert spelling.bits(word + word) > spelling.bits(word)


def test_one_word_text_by_hand() -> None:
    """Two lines of one word: shares of the word and of the line's end are (2 - .75) / 4 each."""
    lengths = code_lengths(["苹果", "苹果"], ["苹果"], str.split, Templates.from_counts({"苹果": 2}))
    assert lengths.characters == 2
    assert lengths.by_words == pytest.approx(2 * -log2(1.25 / 4) / 2)
    assert lengths.by_characters == pytest.approx(3 * -log2(1.25 / 6) / 2)


def test_templates_save_where_sentences_are_made_of_them() -> None:
    lengths = code_lengths(TEXT, ["西瓜 的 产地 是 什么 ？"], str.split, TEMPLATES)
    assert lengths.by_templates < lengths.by_words
    assert "bits each by characters" in str(lengths)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="的是什么苹果 ？。，ab1", max_size=12), max_size=6), st.text(max_size=12))
def test_any_text_has_a_code(training: list[str], line: str) -> None:
    lengths = code_lengths(training, [line], str.split, TEMPLATES)
    figures = (lengths.by_characters, lengths.by_words, lengths.by_word_pairs, lengths.by_templates)
    assert all(0 <= bits < float("inf") for bits in figures)
