"""Words as text, and as strings of symbols."""

from __future__ import annotations

import numpy as np

from ..core import kernels
from ..statistics.strings import StringCounts
from ..text.characters import symbols_of_all, words_of
from .lexicon import Lexicon

__all__ = ["lexicon_of", "strings_of"]


def lexicon_of(words: StringCounts) -> Lexicon:
    """The lexicon of counted strings of symbols.

    Examples
    --------
    >>> lexicon_of(strings_of(Lexicon.from_counts({"保护": 3, "5年": 1, "9年": 1}))).counts()
    {'<NUM>年': 2, '保护': 3}
    """
    nodes = np.flatnonzero(words.counts) + 1
    names = words_of(words.strings(nodes), words.depths[nodes]) if len(nodes) else []
    return Lexicon.from_counts(dict(zip(names, words.counts[nodes - 1].tolist())))


def strings_of(lexicon: Lexicon) -> StringCounts:
    """The words of a lexicon that stand in runs, with their counts, none of which is 0; all numbers are alike."""
    counts = lexicon.counts()
    symbols, starts, lengths, whole = symbols_of_all(list(counts))
    keys, nodes = kernels().build_trie(symbols, starts[whole], lengths[whole])
    values = np.maximum(np.fromiter(counts.values(), dtype=np.int64, count=len(counts)), 1)
    totals = np.zeros(len(keys) + 1, dtype=np.int64)
    np.add.at(totals, nodes, values[whole])
    return StringCounts(keys, totals[1:])
