"""How neighbours differ from those elsewhere: against loops over the text, and bit for bit the same for every cut."""

from __future__ import annotations

import math
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import add
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_lookup import String, cut, cuts, naive_runs, strings_of

from nlp_zero import NgramCounts
from nlp_zero.parallel import Workers
from nlp_zero.statistics import divergence, lookup
from nlp_zero.statistics.divergence import ContextFigures, ContextReader
from nlp_zero.statistics.strings import StringCounts
from nlp_zero.text.characters import symbols_of

SMOOTHING = 50
texts = st.lists(st.text("中国人𠮷5a，", max_size=16), max_size=5)
END = 0


def wanted_of(ngrams: NgramCounts, longest: int, min_count: int) -> StringCounts:
    """The frequent n-grams of up to so many symbols."""
    keys, nodes = ngrams.restricted((ngrams.depths <= longest) & (np.concatenate(([0], ngrams.counts)) >= min_count))
    return StringCounts(keys, ngrams.counts[nodes - 1])


def neighbours(runs: list[String], string: String, side: int) -> Counter[int]:
    """What stands before (-1) or after (1) each occurrence."""
    found = Counter[int]()
    for run in runs:
        for i in range(len(run) - len(string) + 1):
            if run[i : i + len(string)] == string:
                place = i - 1 if side < 0 else i + len(string)
                found[run[place] if 0 <= place < len(run) else END] += 1
    return found


def naive(runs: list[String], string: String, side: int, wanted: set[String]) -> float:
    """The divergence, by its definition; what is not wanted occurs nowhere else."""
    symbols = Counter(symbol for run in runs for symbol in run)
    total = symbols.total()
    ends = sum(neighbours(runs, (s,), side)[END] for s in symbols if (s,) in wanted)
    here = neighbours(runs, string, side)
    symbol = string[0] if side < 0 else string[-1]
    around = neighbours(runs, (symbol,), side)
    count = here.total()
    result = 0.0
    for y, c in here.items():
        pair = (y, symbol) if side < 0 else (symbol, y)
        seen = around[y] if y == END or pair in wanted else 0
        share = ends if y == END else symbols[y] if (y,) in wanted else c
        q = (max(seen - c, 0) + SMOOTHING * share / total) / (symbols[symbol] - count + SMOOTHING)
        result += c / count * math.log(c / count / q)
    return result


@given(texts, st.integers(1, 4), st.integers(1, 3))
@example(["国国国国"], 2, 1)
@example(["中国人，中国，国人", "人中国"], 3, 2)
def test_divergences_are_those_of_the_text(corpus: list[str], longest: int, min_count: int) -> None:
    ngrams = NgramCounts.from_corpus(corpus, order=longest + 1)
    reader = ContextReader(wanted_of(ngrams, longest, min_count), longest, ngrams.total)
    before, after = reader.divergences(reader([ngrams]))
    strings, runs = strings_of(reader.wanted), naive_runs(corpus)
    for node, string in enumerate(strings):
        if len(string) < 2:
            assert (before[node], after[node]) == (0, 0)
        else:
            expected = [naive(runs, string, side, set(strings)) for side in (-1, 1)]
            assert [before[node], after[node]] == pytest.approx(expected, abs=1e-9)


def arrays(figures: ContextFigures) -> list[bytes]:
    """All that was found."""
    own = (figures.figures.counts, figures.figures.before, figures.figures.after)
    sums = (figures.inside_before, figures.inside_after, figures.cross_before, figures.cross_after)
    return [array.tobytes() for array in (*own, *sums)]


@given(texts, st.integers(1, 3), cuts, cuts, st.integers(1, 9), st.randoms(use_true_random=False))
def test_figures_are_bit_equal_for_every_cut(
    corpus: list[str], longest: int, ends: list[bool], groups: list[bool], chunk: int, rng: random.Random
) -> None:
    ngrams = NgramCounts.from_corpus(corpus, order=longest + 1)
    reader = ContextReader(wanted_of(ngrams, longest, 1), longest, ngrams.total)
    whole = reader([ngrams])
    ranges: list[list[StringCounts]] = [[]]
    for part, end in zip(cut(ngrams, ends), [*groups, *[False] * 9]):
        ranges[-1].append(part)
        if end:
            ranges.append([])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "_CHUNK", chunk)
        found = [reader(range_) for range_ in ranges]
    rng.shuffle(found)
    assert arrays(reduce(add, found)) == arrays(whole)


@given(texts, st.integers(1, 3), cuts, st.integers(1, 9))
def test_threads_add_to_one_reading(corpus: list[str], longest: int, ends: list[bool], chunk: int) -> None:
    ngrams = NgramCounts.from_corpus(corpus, order=longest + 1)
    reader = ContextReader(wanted_of(ngrams, longest, 1), longest, ngrams.total)
    parts, reading = cut(ngrams, ends), reader.begin()
    with patch.object(lookup, "_CHUNK", chunk), ThreadPoolExecutor(2) as threads:
        list(threads.map(reading.add, [parts[1::2], parts[::2]]))
    found, whole = reading.found(), reader([ngrams])
    assert arrays(found) == arrays(whole)
    with Workers(2, share_memory=True) as workers, patch.object(divergence, "_CHUNK", 2):
        helped = reader.divergences(found, workers)
    assert [side.tobytes() for side in helped] == [side.tobytes() for side in reader.divergences(whole)]


def test_two_words_have_the_neighbours_of_their_parts() -> None:
    """是 is followed by anything wherever it stands, 会 of 社会 by other things than 会."""
    rng = random.Random(1)
    free = "天地人口手足刀尺"
    lines = []
    for _ in range(3000):
        x, y, z = rng.choices(free, k=3)
        lines += [f"{x}这是{y}", f"{x}那是{y}", f"{y}这就{z}", "社会" + rng.choice("主党"), f"{x}会{y}", f"公社{z}"]
    ngrams = NgramCounts.from_corpus(lines, order=3)
    reader = ContextReader(wanted_of(ngrams, 2, 1), 2, ngrams.total)
    before, after = reader.divergences(reader([ngrams]))
    word, phrase = (reader.wanted.node(symbols_of(text)) for text in ("社会", "这是"))
    assert abs(before[phrase]) < 0.05 and abs(after[phrase]) < 0.05
    assert before[word] > 1 and after[word] > 1


def test_nothing_is_read_of_nothing() -> None:
    nothing = NgramCounts.from_corpus([], order=3)
    reader = ContextReader(wanted_of(nothing, 2, 1), 2, 0)
    for parts in ([], [nothing]):
        assert [column.tolist() for column in reader.divergences(reader(parts))] == [[0.0], [0.0]]


def test_sums_stay_exact_for_huge_totals() -> None:
    total = 10**13
    symbols = np.concatenate([symbols_of(text) for text in ("中", "人", "国", "中人", "人国", "中人国")])
    lengths = np.array([1, 1, 1, 2, 2, 3])
    trie = StringCounts.from_pieces(symbols, np.cumsum(lengths) - lengths, lengths)
    ngrams = StringCounts(trie.keys, np.full(len(trie), total // 3))
    keys, nodes = ngrams.restricted(ngrams.depths < 3)
    reader = ContextReader(StringCounts(keys, ngrams.counts[nodes - 1]), 2, total)
    found = reader([ngrams])
    assert 0 <= found.cross_after.max() < 2**62
    node = reader.wanted.node(symbols_of("中人"))
    # 人国 stands nowhere else: q is the share of 国 in the text
    assert reader.divergences(found)[1][node] == pytest.approx(math.log(3), rel=1e-9)
