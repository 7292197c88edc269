"""Counts and neighbours of given strings, against loops over the text."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import NgramCounts
from nlp_zero.core.symbols import FIRST_SYMBOL
from nlp_zero.statistics.association import branching_entropies
from nlp_zero.statistics.contexts import Contexts, Probes
from nlp_zero.statistics.strings import StringCounts
from nlp_zero.text.characters import symbols_of, units

texts = st.lists(st.text("中国人𠮷5a，", max_size=16), max_size=5)
words = st.lists(st.text("中国人𠮷", min_size=1, max_size=6) | st.just("<NUM>国"), max_size=6, unique=True)


def entropy(neighbours: Counter[object]) -> float:
    total = neighbours.total()
    return -sum(n / total * math.log(n / total) for n in neighbours.values())


def trie_of(strings: list[str]) -> StringCounts:
    """The strings, each counted once."""
    symbols = [symbols_of(string) for string in strings]
    lengths = np.array([len(s) for s in symbols], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))[: len(strings)].astype(np.int64)
    return StringCounts.from_pieces(np.concatenate([np.zeros(0, np.uint32), *symbols]), starts, lengths)


@given(texts, words)
@example([], [])
@example(["国国国国"], ["国", "国国"])
@example(["中国", "，中国，", "中国中国"], ["中国"])
def test_contexts(corpus: list[str], strings: list[str]) -> None:
    found, symbols = trie_of(strings), [symbols_of(string).tolist() for string in strings]
    nodes = [found.node(np.array(s, dtype=np.uint32)) for s in symbols]
    wanted = np.zeros(len(found) + 1, dtype=np.uint8)
    wanted[nodes] = 1
    seen = Contexts(Probes(found, wanted > 0))
    for text in corpus:
        seen.add(units(text).symbols)
    left, right = seen.entropies()
    counts, before, after = np.zeros(len(found) + 1, int), np.zeros(len(found) + 1), np.zeros(len(found) + 1)
    for node, string in zip(nodes, symbols):
        places: list[tuple[object, object]] = []
        for n, text in enumerate(corpus):
            row = units(text).symbols.tolist()
            for i in range(len(row) - len(string) + 1):
                if row[i : i + len(string)] == string:
                    pair = row[i - 1] if i else 0, row[i + len(string)] if i + len(string) < len(row) else 0
                    # what is no part of the run is a neighbour that is seen only there
                    places.append(tuple(s if s >= FIRST_SYMBOL else (n, i) for s in pair))
        counts[node] = len(places)
        before[node], after[node] = (entropy(Counter(side)) for side in zip(*places)) if places else (0, 0)
    assert seen.counts.tolist() == counts.tolist()
    assert left.tolist() == pytest.approx(before.tolist(), abs=1e-9)
    assert right.tolist() == pytest.approx(after.tolist(), abs=1e-9)


@given(texts)
def test_it_says_what_the_ngrams_say(corpus: list[str]) -> None:
    ngrams = NgramCounts.from_corpus(corpus, order=5)
    shorter = ngrams.depths <= 4
    keys, _ = ngrams.restricted(shorter)
    strings = StringCounts(keys, np.zeros(len(keys), dtype=np.int64))
    seen = Contexts(Probes(strings, np.arange(len(keys) + 1) > 0))
    for text in corpus:
        seen.add(units(text).symbols)
    assert seen.counts[1:].tolist() == ngrams.counts[: len(keys)].tolist()
    for found, expected in zip(seen.entropies(), branching_entropies(ngrams)):
        assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-9)
