"""The lattice against a search by definition, in one piece and in many."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_zero.core import kernels
from nlp_zero.core.symbols import FIRST_FORM, FIRST_SYMBOL, LATIN, NUMBER, Floats, Symbols
from nlp_zero.words import lattice as module
from nlp_zero.words.lattice import Lattice

A, B, C = 0x4E00, 0x4E01, 0x20000
GENERAL = [NUMBER, LATIN]  # of two forms
String = tuple[int, ...]

in_words = st.sampled_from([A, B, C, NUMBER, LATIN, FIRST_FORM, FIRST_FORM + 1])
in_text = st.sampled_from([A, A, B, B, C, NUMBER, LATIN, FIRST_FORM, FIRST_FORM + 1, 0, 1, 3])
scores = st.integers(-20, -1).map(lambda k: k / 4)  # sums are exact, and many are equal
vocabularies = st.dictionaries(st.lists(in_words, min_size=1, max_size=4).map(tuple), scores, max_size=14)


def built(words: dict[String, float], unknown: float, longest: int | None = None) -> Lattice:
    """The lattice of a vocabulary."""
    strings = list(words)
    lengths = np.array([len(string) for string in strings], dtype=np.int64)
    flat = np.array([symbol for string in strings for symbol in string], dtype=np.uint32)
    keys, nodes = kernels().build_trie(flat, np.cumsum(lengths) - lengths, lengths)
    table = np.full(len(keys) + 1, -np.inf)
    table[nodes] = [words[string] for string in strings]
    longest = max(map(len, strings), default=1) if longest is None else longest
    return Lattice(keys, table, unknown, general=np.array(GENERAL, dtype=np.uint32), longest=longest)


def readings(string: String) -> list[String]:
    """What a string of text may be in the vocabulary: each form is itself or its class."""
    found: list[String] = [()]
    for symbol in string:
        options = [symbol, GENERAL[symbol - FIRST_FORM]] if symbol >= FIRST_FORM else [symbol]
        found = [(*before, option) for before in found for option in options]
    return found


def best_by_definition(
    run: String, words: dict[String, float], unknown: float, longest: int
) -> tuple[float, list[int]]:
    """The highest sum of scores of a run, and the lengths of its words: by recursion from the end."""
    n = len(run)

    def single(i: int) -> float:
        return max((words[r] for r in readings(run[i : i + 1]) if r in words), default=unknown)

    def score(i: int, j: int) -> float | None:
        options = [words[r] for r in readings(run[i:j]) if r in words]
        if j - i == 1:
            options.append(single(i))
            return max(words[r] for r in readings(run[i:j]) if r in words) if len(options) > 1 else unknown
        units = [symbol >= NUMBER for symbol in run]
        if all(units[i:j]) and not (i and units[i - 1]) and not (j < n and units[j]):
            options.append(min(map(single, range(i, j))))
        return max(options, default=None)

    best: list[tuple[float, int, list[int]]] = [(0.0, 0, [])] * (n + 1)
    for i in range(n - 1, -1, -1):
        ways = []
        for j in range(i + 1, min(i + longest, n) + 1):
            value = score(i, j)
            if value is not None:
                ways.append((value + best[j][0], -(best[j][1] + 1), j - i))
        total, count, size = max(ways)
        best[i] = (total, -count, [size, *best[i + size][2]])
    return best[0][0], best[0][2]


def begins_by_definition(symbols: list[int], words: dict[String, float], unknown: float, longest: int) -> list[int]:
    out: list[int] = []
    run: list[int] = []
    for symbol in [*symbols, 0]:
        if symbol >= FIRST_SYMBOL:
            run.append(symbol)
            continue
        for size in best_by_definition(tuple(run), words, unknown, longest)[1] if run else []:
            out += [1] + [0] * (size - 1)
        run = []
        out.append(1)
    return out[:-1]


@given(vocabularies, scores, st.lists(in_text, max_size=30), st.integers(1, 5))
def test_begins_equal_the_definition(words: dict[String, float], unknown: float, text: list[int], longest: int) -> None:
    symbols = np.array(text, dtype=np.uint32)
    lattice = built(words, unknown)
    assert lattice.begins(symbols).tolist() == begins_by_definition(text, words, unknown, lattice.longest)
    assert lattice.begins(symbols, longest).tolist() == begins_by_definition(text, words, unknown, longest)


class _Odds:
    """Words end with B, and rather not with A."""

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def log_odds(self, symbols: Symbols, general: Symbols) -> Floats:
        """Two for B, less for A."""
        return self.weight * np.where(symbols == B, 2.0, np.where(symbols == A, -3.0, 0.0))


def test_odds_have_a_say_in_where_words_end() -> None:
    words = {(A, B): -3.0, (A,): -1.0, (B,): -1.0}
    symbols = np.array([A, B, 0, A, B, C], dtype=np.uint32)
    lattice = built(words, -9.0)
    assert lattice.begins(symbols).tolist() == [1, 1, 1, 1, 1, 1]
    tied = lattice.with_odds(_Odds())
    assert tied.begins(symbols).tolist() == [1, 0, 1, 1, 0, 1]
    assert tied.bonus(symbols).tolist() == [-3.0, 0.0, 0.0, -3.0, 2.0, 0.0]
    assert pickle.loads(pickle.dumps(tied)).begins(symbols).tolist() == [1, 0, 1, 1, 0, 1]
    assert lattice.with_odds(_Odds(0.25)).begins(symbols).tolist() == [1, 1, 1, 1, 1, 1]
    assert lattice.bonus(symbols).tolist() == []
    score, _, owners = tied.split(np.array([[A, B]], dtype=np.uint32))  # by the scores alone
    assert (score.tolist(), owners.tolist()) == ([-2.0], [0, 0])


@pytest.mark.parametrize("chunk", [1, 2, 7])
@given(words=vocabularies, unknown=scores, text=st.lists(in_text, max_size=60))
def test_pieces_give_the_same_as_one(words: dict[String, float], unknown: float, text: list[int], chunk: int) -> None:
    symbols = np.array(text, dtype=np.uint32)
    lattice = built(words, unknown)
    whole = lattice.begins(symbols).tolist()
    tied = lattice.with_odds(_Odds())
    with_odds = tied.begins(symbols).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNKS", {"c": chunk, "python": chunk})
        patch.setattr(module, "_LOOKED_AT", 3)
        parts = [symbols[i:j] for i, j in module.chunks(symbols, chunk)]
        assert lattice.begins(symbols).tolist() == whole
        assert tied.begins(symbols).tolist() == with_odds
    assert [symbol for part in parts for symbol in part.tolist()] == text
    if 0 in text[chunk : len(text) - 1]:
        assert len(parts) > 1  # it really was cut


# texts without forms, as split() is used on what was counted
plain = st.sampled_from([A, B, C, NUMBER, LATIN])


@given(
    st.dictionaries(st.lists(plain, min_size=1, max_size=4).map(tuple), scores, max_size=14),
    scores,
    st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(plain, min_size=1, max_size=n), min_size=1, max_size=6)),
    st.integers(1, 4),
)
def test_split_equals_the_definition(
    words: dict[String, float], unknown: float, strings: list[list[int]], longest: int
) -> None:
    width = max(map(len, strings))
    table = np.array([string + [0] * (width - len(string)) for string in strings], dtype=np.uint32)
    lattice = built(words, unknown)
    sums, nodes, owners = lattice.split(table, longest)
    assert sums.dtype == np.float64
    found = [best_by_definition(tuple(string), words, unknown, longest) for string in strings]
    assert sums.tolist() == [total for total, _ in found]
    assert owners.tolist() == [i for i, (_, sizes) in enumerate(found) for _ in sizes]
    parts = iter(nodes.tolist())
    for string, (_, sizes) in zip(strings, found):
        at = 0
        for size in sizes:
            node, part = next(parts), tuple(string[at : at + size])
            assert (lattice.scores[node] if node and lattice.scores[node] > -np.inf else None) == words.get(part)
            at += size


def test_equal_sums_take_fewer_words_then_the_longer_first_one() -> None:
    words = {(A,): -1.0, (B,): -1.0, (A, B): -2.0, (B, A): -2.0}
    assert built(words, -9.0).begins(np.array([A, B, A], dtype=np.uint32)).tolist() == [1, 0, 1]
    assert built({(A,): -1.0, (A, A): -2.0}, -9.0).begins(np.array([A] * 3, dtype=np.uint32)).tolist() == [1, 0, 1]


def test_rescored_leaves_the_first_one_alone() -> None:
    text = np.array([A, B], dtype=np.uint32)
    lattice = built({(A,): -1.0, (B,): -1.0, (A, B): -1.5}, -9.0)
    other = lattice.rescored(np.where(np.arange(len(lattice.scores)) == 3, -2.5, lattice.scores), -9.0)
    assert lattice.begins(text).tolist() == [1, 0]
    assert other.begins(text).tolist() == [1, 1]


def test_no_words_and_no_text() -> None:
    assert built({}, -1.0).begins(np.array([A, B, 0, A], dtype=np.uint32)).tolist() == [1, 1, 1, 1]
    assert built({}, -1.0).begins(np.zeros(0, dtype=np.uint32)).tolist() == []


@pytest.mark.parametrize("copied", [lambda x: pickle.loads(pickle.dumps(x)), copy.copy, copy.deepcopy])
def test_copies_decide_the_same(copied: object) -> None:
    text = np.array([A, B, A, B, NUMBER, LATIN], dtype=np.uint32)
    lattice = built({(A, B): -1.0, (B, A): -0.5, (NUMBER,): -1.0}, -2.0)
    other = copied(lattice)  # type: ignore[operator]
    assert other.begins(text).tolist() == lattice.begins(text).tolist()
    assert (other.longest, other.unknown) == (lattice.longest, lattice.unknown)
