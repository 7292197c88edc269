"""The words of a text in one go: the same on every core, and the same as by the single kernels."""

from __future__ import annotations

import math
import re
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_core_parity import CORES, GENERAL, NO_BONUS, U32, U64, agreed, curious_texts, number_texts, trie_of

from nlp_zero.core.symbols import FIRST_FORM, FIRST_SYMBOL, LATIN, NUMBER, SPACE
from nlp_zero.core.tagging import EDGE, LOGS, logs_of
from nlp_zero.text.characters import character_classes, codes_of

pytestmark = pytest.mark.c_core  # what `make sanitize` runs

WORDS = ["中国", "国中国", "中国中", "国〇", "中", "5G", "5年", "G年", "K中", "95%", "b国"]  # of characters and forms
FORM_SYMBOLS = {"5": FIRST_FORM, "G": FIRST_FORM + 1, "95%": FIRST_FORM + 2}
TAGGER_SYMBOLS = [EDGE, ord("中"), ord("国"), NUMBER]
plain_texts = st.lists(st.sampled_from([*"中国年〇K,，。 ", "5", "G", "95%", "12"]), max_size=30).map("".join)


def in_steps(text: str, parts: tuple[Any, ...], core: ModuleType) -> list[str]:
    """The words of a text by the single kernels of one core."""
    classes, forms, form_symbols, trie, scores, unknown, general, longest, unseen, pairs_trie, *rows, _ = parts
    starts, symbols = core.scan(codes_of(text), classes)
    symbols = symbols.copy()
    if len(forms):
        for i in np.flatnonzero(symbols >= NUMBER).tolist():
            symbols[i] = FORM_SYMBOLS.get(text[starts[i] : starts[i + 1]], symbols[i])
    if not len(scores):
        begins = np.isin(core.best_tags(symbols, pairs_trie, *rows, general), (0, 3))
    else:
        bonus = NO_BONUS
        if len(rows[0]):
            goes_on = np.append(symbols[1:], U32(0))[: len(symbols)] >= FIRST_SYMBOL
            bonus = np.where(goes_on, logs_of(core.end_odds(symbols, pairs_trie, *rows, general)), 0.0)
        begins = core.viterbi(symbols, trie, scores, unknown, general, longest, bonus, unseen)
    at = np.flatnonzero(begins)
    words = core.pieces(text, starts[at], np.append(starts[at], len(text))[1:])
    return [word for word, symbol in zip(words, symbols[at].tolist()) if symbol != SPACE]


def decoder_parts(data: st.DataObject, core: ModuleType, drawn: dict[str, Any]) -> tuple[Any, ...]:
    """What a decoder is made of, with the tries of a core; what was drawn for the one is taken for the other."""

    def draw(name: str, strategy: st.SearchStrategy[Any]) -> Any:
        if name not in drawn:
            drawn[name] = data.draw(strategy, label=name)
        return drawn[name]

    def compiled(keys: list[int]) -> Any:
        return core.compile_trie(np.array(keys, dtype=U64))

    figures = st.sampled_from([-3.0, -2.5, -2.0, -1.0, -0.5, 0.0])
    kind = draw("kind", st.sampled_from(["lattice", "tagger", "both"]))
    none, no_rows = np.zeros(0, dtype=U64), np.zeros(0, dtype=np.float32)
    forms, by_characters = trie_of([tuple(map(ord, form)) for form in FORM_SYMBOLS])
    form_symbols = [FORM_SYMBOLS.get("".join(map(chr, string)), 0) for string in by_characters]
    parts: tuple[Any, ...] = none, np.zeros(1, dtype=U32), none, NO_BONUS, 0.0, GENERAL[:0], 1, NO_BONUS
    if kind != "tagger":
        own = draw("words", st.lists(st.sampled_from(WORDS), max_size=6, unique=True))
        strings = {tuple(FORM_SYMBOLS.get(c, LATIN if c in "Kb" else ord(c)) for c in word) for word in own}
        strings |= {(NUMBER, ord("年")), (NUMBER,)} if draw("classes", st.booleans()) else set()
        keys, node = trie_of(strings)
        scores = [draw(f"score {s}", figures) if s in strings else -math.inf for s in node]
        parts = compiled(forms), np.array(form_symbols, dtype=U32), compiled(keys), np.array(scores)
        parts += draw("unknown", figures), GENERAL, draw("longest", st.sampled_from([1, 2, 3, 1 << 40]))
        parts += (np.array(draw("unseen", st.lists(figures, max_size=3))),)
    tagger: tuple[Any, ...] = none, no_rows, no_rows, no_rows
    if kind != "lattice":
        pairs = draw("pairs", st.lists(st.tuples(*[st.sampled_from(TAGGER_SYMBOLS)] * 2), max_size=5, unique=True))
        keys, _ = trie_of([(symbol,) for symbol in TAGGER_SYMBOLS] + pairs)
        random = np.random.default_rng(draw("seed", st.integers(0, 99)))
        singles = len(TAGGER_SYMBOLS) + 1
        shapes = (singles, 8), (singles, 4), (len(keys) + 1 - singles, 8)
        tagger = (compiled(keys), *(random.uniform(0.01, 0.5, shape).astype(np.float32) for shape in shapes))
    return (character_classes(), *parts, *tagger, LOGS)


@given(plain_texts | curious_texts | number_texts, st.data())
def test_words(text: str, data: st.DataObject) -> None:
    drawn: dict[str, Any] = {}
    found = []
    for core in CORES:
        parts = decoder_parts(data, core, drawn)
        found += [core.words(text, core.decoder(*parts)), in_steps(text, parts, core)]
    assert "".join(agreed(found)) == "".join(text.split())


@given(
    plain_texts | curious_texts | number_texts, st.sampled_from(["", " ", "/", "  \u3000", "￨𠀀", "——————"]), st.data()
)
def test_joined(text: str, separator: str, data: st.DataObject) -> None:
    drawn: dict[str, Any] = {}
    found = []
    for core in CORES:
        decoder = core.decoder(*decoder_parts(data, core, drawn))
        lines = re.split("([\r\n])", text)
        lines[::2] = [separator.join(core.words(line, decoder)) for line in lines[::2]]
        expected: bytes | str = "".join(lines)
        try:
            result: bytes | str = core.joined(text, decoder, separator)
            expected = "".join(lines).encode("utf-8")
        except UnicodeEncodeError as error:
            result = expected = type(error).__name__
            assert re.search("[\ud800-\udfff]", text)
        assert result == expected
        found.append(result)
    agreed(found)


@pytest.mark.parametrize("core", CORES)
def test_long_texts(core: ModuleType) -> None:
    """Longer ones than the stack has room for, and runs longer than are looked up at once."""
    keys, node = trie_of([(ord("中"), ord("国")), (ord("中"),), (ord("国"),)])
    parts: tuple[Any, ...] = (
        core.compile_trie(np.array(keys, dtype=U64)),
        np.array([-1.0 if string else -math.inf for string in node]),
    )
    none, no_rows = np.zeros(0, dtype=U64), np.zeros(0, dtype=np.float32)
    decoder = core.decoder(
        *(character_classes(), none, np.zeros(1, dtype=U32), *parts, -9.0, GENERAL[:0], 1 << 40, NO_BONUS),
        *(none, no_rows, no_rows, no_rows, LOGS),
    )
    for n in (64, 65, 255, 256, 257, 2047, 2048, 2049, 5000):
        assert core.joined("中国" * n, decoder, " ") == " ".join(["中国"] * n).encode()
        assert core.joined("中国，\n" * n, decoder, " ") == "中国 ，\n".encode() * n
        assert core.words("中国，\n" * n, decoder) == ["中国", "，"] * n


@pytest.mark.parametrize("alphabet", ["中国年", "中国年，。，。", "中国年……——？！ \n", "中国年5G12，"])
@pytest.mark.parametrize("longest", [1, 2, 3, 1 << 40])
def test_words_of_many_ties(alphabet: str, longest: int) -> None:
    text = "".join(np.random.default_rng(13).choice(list(alphabet), 400))
    strings = [tuple(map(ord, word)) for word in ["中", "中国", "国中", "国年国", "年中国中", "国中国年中国"]]
    strings += [(NUMBER, ord("年")), (LATIN, NUMBER)]
    keys, node = trie_of(strings)
    scores = np.array([-float(len(string)) if string in strings else -math.inf for string in node])
    none, no_rows = np.zeros(0, dtype=U64), np.zeros(0, dtype=np.float32)
    found = []
    for core in CORES:
        trie = core.compile_trie(np.array(keys, dtype=U64))
        parts = (character_classes(), none, np.zeros(1, dtype=U32), trie, scores, -1.0, GENERAL, longest, NO_BONUS)
        parts += none, no_rows, no_rows, no_rows, LOGS
        decoder = core.decoder(*parts)
        found += [core.words(text, decoder), core.words(text, decoder), in_steps(text, parts, core)]
    assert "".join(agreed(found)) == "".join(text.split())
