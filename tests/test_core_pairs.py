"""Pairs of large texts, which the C core counts in a table where that is quicker than sorting, against a dictionary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_core_parity import BREAKS, U32, run, seen_in

from nlp_zero.core.symbols import FIRST_FORM, FIRST_SYMBOL, LATIN, NUMBER, SYMBOL_BITS, SYMBOL_LIMIT
from nlp_zero.core.tries import level_bounds

pytestmark = pytest.mark.c_core  # what `make sanitize` runs

LARGE = 1 << 19  # symbols that are worth a table
BLOCK = 256  # symbols whose cells are found together
SAMPLES = 1 << 20  # about so many are looked at,
STEP = 16  # every so many symbols one is looked at, to find out which are frequent


def frequent(size: int, seed: int = 1) -> Any:
    """As characters are: some of them make most of the text."""
    rng = np.random.default_rng(seed)
    text = 0x4E00 + np.minimum(rng.zipf(1.3, size), 30_000)
    text[rng.random(size) < 0.1] = BREAKS[0]
    text[rng.random(size) < 0.01] = NUMBER
    return text


def with_rare(size: int, rare: float) -> Any:
    """Three hundred frequent symbols, and others that are mostly seen once."""
    rng = np.random.default_rng(2)
    text = rng.integers(8, 308, size)
    return np.where(rng.random(size) < rare, rng.integers(1000, SYMBOL_LIMIT, size), text)


def mostly_one(size: int) -> Any:
    """One symbol, and others that stand beside it very often."""
    rng = np.random.default_rng(5)
    return np.where(rng.random(size) < 0.12, rng.integers(1000, SYMBOL_LIMIT, size), 0x4E00)


def rare_at_edges(size: int) -> Any:
    """Symbols that stand there once, where a text and its blocks begin and end, side by side and beside breaks."""
    text = frequent(size, 6)
    places = np.concatenate(
        [[0, size - 1], *(np.arange(k, size, BLOCK * 64) for k in (BLOCK - 2, BLOCK - 1, BLOCK, 300, 302, 304))]
    )
    text[places] = 0x20000 + np.arange(len(places))
    text[BLOCK + 47 :: BLOCK * 64] = text[BLOCK + 49 :: BLOCK * 64] = BREAKS[0]
    return text


def misleading(size: int) -> Any:
    """Frequent symbols where they are looked at, and others everywhere else."""
    rng = np.random.default_rng(3)
    return np.where(np.arange(size) % STEP == 0, 0x4E00, rng.integers(FIRST_SYMBOL, 200_000, size))


TEXTS: dict[str, Callable[[], Any]] = {
    "frequent": lambda: frequent(LARGE + 12_345),
    "rare": lambda: with_rare(LARGE + 7, 0.03),
    "rare ones at the edges": lambda: rare_at_edges(LARGE + BLOCK - LARGE % BLOCK),
    "too many rare ones": lambda: with_rare(LARGE + 7, 0.4),
    "misleading": lambda: misleading(LARGE),
    "one symbol": lambda: np.full(LARGE + 1, LATIN),
    "two symbols": lambda: np.tile([0x4E00, 0x4E01], 65_536 * 6),
    "a block that is just full": lambda: np.full(LARGE + 511, 0x4E00),
    "full of others": lambda: mostly_one(700_000),
    "two symbols and breaks": lambda: np.tile([0x4E00, 0x4E01, 0], 65_536 * 4),
    "no runs": lambda: np.zeros(LARGE, dtype=np.int64),
    "forms": lambda: FIRST_FORM + np.random.default_rng(4).integers(0, 2046, LARGE),
    "one more than there is room for": lambda: FIRST_SYMBOL + np.arange(LARGE) % 2047,  # 16 never meet all of 2046
    "a run at the end": lambda: np.append(frequent(LARGE), [0x4E00, 0x9FFF]),
}


def test_large_is_what_the_core_takes_for_large() -> None:
    source = (Path(__file__).parents[1] / "nlp_zero" / "core" / "pairs.h").read_text("utf-8")
    found = dict(
        re.findall(r"^#define (TABLE_FROM|SAMPLES|SAMPLE_STEP|PAIRS_BLOCK|CELL_MOST) +(.+?) +/", source, re.MULTILINE)
    )
    assert found == {
        "TABLE_FROM": "((size_t)1 << 19)",
        "SAMPLES": "((size_t)1 << 20)",
        "SAMPLE_STEP": str(STEP),
        "CELL_MOST": "255",  # what a byte holds; see test_pairs_that_occur_as_often_as_a_cell_holds
        "PAIRS_BLOCK": str(BLOCK),
    }


def test_pairs_of_a_text_so_large_that_fewer_symbols_are_looked_at() -> None:
    text = frequent(SAMPLES * (STEP + 1)).astype(U32)
    packed = text[:-1].astype(np.uint64) << np.uint64(SYMBOL_BITS) | text[1:]
    in_runs = (text[:-1] >= FIRST_SYMBOL) & (text[1:] >= FIRST_SYMBOL)
    pairs, counts = np.unique(packed[in_runs], return_counts=True)
    names = [(pair >> SYMBOL_BITS, pair & SYMBOL_LIMIT - 1) for pair in pairs.tolist()]
    assert read(*run("count_ngrams", text, 2))[1] == dict(zip(names, counts.tolist()))


def counted(text: Any) -> tuple[Counter[int], Counter[tuple[int, int]]]:
    """Symbols and pairs of them inside runs."""
    symbols = text.tolist()
    singles = Counter(symbol for symbol in symbols if symbol >= FIRST_SYMBOL)
    pairs = ((a, b) for a, b in zip(symbols, symbols[1:]) if a >= FIRST_SYMBOL and b >= FIRST_SYMBOL)
    return singles, Counter(pairs)


def read(keys: Any, counts: Any) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """The symbols and pairs of a trie."""
    assert (keys[1:] > keys[:-1]).all() and (counts > 0).all()
    end = level_bounds(keys)[1] if len(keys) else 0
    singles = keys[:end].tolist()
    parents = (keys[end:] >> np.uint64(SYMBOL_BITS)).astype(np.int64) - 1
    last = (keys[end:] & np.uint64(SYMBOL_LIMIT - 1)).tolist()
    pairs = zip((singles[parent] for parent in parents.tolist()), last)
    return dict(zip(singles, counts[:end].tolist())), dict(zip(pairs, counts[end:].tolist()))


@pytest.mark.parametrize("name", TEXTS)
def test_pairs_of_a_large_text(name: str) -> None:
    text = TEXTS[name]().astype(U32)
    singles, pairs = counted(text)
    assert read(*run("count_ngrams", text, 2)) == (singles, pairs)


def test_pairs_that_occur_as_often_as_a_cell_holds() -> None:
    often = [1, 2, 254, 255, 256, 257, 509, 510, 511, 512, 765, 766, 1020, 65_535, 65_536, 100_000]
    rows = [np.tile(np.array([300 + k, 400 + k, 0]), count) for k, count in enumerate(often)]
    text = np.concatenate([*rows, np.full(LARGE, 999), [0]]).astype(U32)
    _, pairs = read(*run("count_ngrams", text, 2))
    assert pairs == {(300 + k, 400 + k): count for k, count in enumerate(often)} | {(999, 999): LARGE - 1}


@pytest.mark.parametrize("name", ["frequent", "rare", "two symbols and breaks", "no runs"])
@pytest.mark.parametrize("most", [1, 5_000, 10**9])
@pytest.mark.parametrize(("first", "end"), [(FIRST_SYMBOL, SYMBOL_LIMIT), (200, 0x4E40), (0x4E01, SYMBOL_LIMIT)])
def test_parts_of_a_large_text(name: str, most: int, first: int, end: int) -> None:
    text = TEXTS[name]().astype(U32)
    parts = run("ngram_parts", *seen_in(text), 2, first, end, most)
    singles, pairs = counted(text)
    wanted = {symbol: count for symbol, count in singles.items() if first <= symbol < end}
    found = [read(*part) for part in parts]
    assert {symbol: count for part, _ in found for symbol, count in part.items()} == wanted
    expected = {pair: count for pair, count in pairs.items() if first <= pair[0] < end}
    assert {pair: count for _, part in found for pair, count in part.items()} == expected
    firsts = [list(part) for part, _ in found]
    assert sum(firsts, []) == sorted(wanted)
    assert all(len(part) == 1 or sum(part.values()) <= most for part, _ in found)
