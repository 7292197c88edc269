"""Why a string is a word, or none: its figures, and what became of it where it stands.

Input: a word, the lattice that the corpus was segmented with, and the corpus, which is read once more. Output: a value
that says it in figures and in one sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..core.symbols import FIRST_SYMBOL, Flags, Integers, Symbols, places_of
from ..statistics.contexts import Contexts, Probes
from ..statistics.strings import StringCounts
from ..statistics.symbols import symbol_chunks
from ..text.characters import symbols_of, word_of
from .lattice import Lattice
from .lexicon import Lexicon

__all__ = ["Listing", "WordExplanation", "checked", "explained"]

_Seen: TypeAlias = tuple[tuple[tuple[str, ...], int], ...]
_CHUNK = 1 << 19  # symbols looked at at once
_SHOWN = 5  # segmentations
_LONGEST = 64  # symbols


@dataclass(frozen=True, slots=True)
class WordExplanation:
    """What speaks for and against a word.

    Attributes
    ----------
    word
        As a lexicon writes it: ``<NUM>`` and ``<LAT>`` stand for numbers and Latin words.
    listed
        Whether the lexicon has it.
    reason
        Why, in one sentence.
    occurrences
        How often its characters stand together.
    count
        How often they are one word in the segmentation of the corpus.
    pmi
        Its weakest link: the lowest PMI among all ways to cut it in two, in nats; 0 for a single character.
    weakest_cut
        Where that is; empty for a single character.
    left_entropy, right_entropy
        Entropy of the characters before and after it, in nats.
    score
        ``ln(count / words)`` with which it competes in the segmentation; None if it is no word there.
    best_split, split_score
        The best way to make it of shorter words, and the sum of their scores.
    segmentations
        What its occurrences became, the commonest first: the words that cover it, and how often.
    """

    word: str
    listed: bool
    reason: str
    occurrences: int
    count: int
    pmi: float
    weakest_cut: tuple[str, ...]
    left_entropy: float
    right_entropy: float
    score: float | None
    best_split: tuple[str, ...]
    split_score: float
    segmentations: tuple[tuple[tuple[str, ...], int], ...]

    def lines(self) -> Iterator[str]:
        """The explanation as text, line by line."""
        yield f"{self.word}: {self.reason}"
        yield f"  occurrences {self.occurrences}, as a word {self.count}"
        if not self.occurrences:
            return
        if self.weakest_cut:
            yield f"  weakest link {self.pmi:.2f} nats, at {'|'.join(self.weakest_cut)}"
        yield f"  entropy before {self.left_entropy:.2f}, after {self.right_entropy:.2f} nats"
        own = "no word" if self.score is None else f"{self.score:.2f}"
        if self.best_split:
            yield f"  score {own}; best split {' '.join(self.best_split)} {self.split_score:.2f}"
        for words, number in self.segmentations:
            yield f"  {number:8}  {' '.join(words)}"


@dataclass(frozen=True, slots=True)
class Listing:
    """Which words a lexicon lists, and which rules kept the others out.

    Attributes
    ----------
    lexicon
        The words that were listed.
    min_count
        The least count of a listed word.
    max_length
        The most symbols of a word.
    hidden
        Words that are not listed whatever they are.
    """

    lexicon: Lexicon
    min_count: int
    max_length: int
    hidden: frozenset[str]

    def lists(self, names: set[str]) -> bool:
        """Whether one of these is listed."""
        return any(name in self.lexicon for name in names)

    def reason(self, names: set[str], size: int, occurrences: int, count: int, seen: _Seen) -> str:
        """Why a string is listed or not.

        Parameters
        ----------
        names
            Its ways to be written.
        size
            How many symbols it has.
        occurrences, count
            How often it occurs, and how often as a word.
        seen
            What its occurrences became, the commonest first.
        """
        if self.lists(names):
            return f"a word, {count} of {occurrences} times"
        if not names.isdisjoint(self.hidden):
            return "not listed, since it is among the known words or the stopwords"
        if occurrences < self.min_count:
            return f"no word: it occurs {occurrences} times, less than min_count ({self.min_count})"
        if size > self.max_length:
            return f"no word: it is longer than max_length ({self.max_length})"
        if count >= self.min_count:
            return "not listed: it is written out in other rows, or a chain of numbers and Latin words"
        words, number = next((one for one in seen if not names.issuperset(one[0])), seen[0])
        share = f"{number} of {occurrences} times"
        rarely = f", and only {count} times a word (min_count is {self.min_count})" if count else ""
        if len(words) == 1:
            return f"no word: {share} it is a part of {words[0]}{rarely}"
        return f"no word: {share} it is {' '.join(words)}, which is likelier{rarely}"


def explained(word: str, lattice: Lattice, listing: Listing, corpus: Iterable[str]) -> WordExplanation:
    """Explain a word.

    Parameters
    ----------
    word
        Any string.
    lattice
        With which the corpus was segmented.
    listing
        What became of its words.
    corpus
        The text.

    Raises
    ------
    See `checked`.
    """
    symbols = checked(word)
    name = word_of(symbols.tolist())
    trie = _parts(symbols)
    contexts = Contexts(Probes(trie, np.ones(len(trie) + 1, dtype=bool)))
    became: Counter[tuple[str, ...]] = Counter()
    total = 0
    for chunk in symbol_chunks(corpus, least=_CHUNK):
        contexts.add(chunk)
        total += int((chunk >= FIRST_SYMBOL).sum())
        became.update(_covering(chunk, symbols, lattice))
    whole = trie.node(symbols)
    left, right = contexts.entropies()
    occurrences, count = int(contexts.counts[whole]), became[(name,)]
    cuts = _links(symbols, trie, contexts.counts, total) if occurrences else []
    k, link = min(cuts, key=lambda cut: cut[1]) if cuts else (0, 0.0)
    split, split_score = _best_split(symbols, lattice)
    node = StringCounts(lattice.keys, np.zeros(len(lattice.keys), dtype=np.int64)).node(symbols)
    score = float(lattice.scores[node]) if node else -np.inf
    most = tuple(sorted(became.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
    return WordExplanation(
        word=name,
        listed=listing.lists({word, name}),
        reason=listing.reason({word, name}, len(symbols), occurrences, count, most),
        occurrences=occurrences,
        count=count,
        pmi=link,
        weakest_cut=(word_of(symbols[:k].tolist()), word_of(symbols[k:].tolist())) if k else (),
        left_entropy=float(left[whole]),
        right_entropy=float(right[whole]),
        score=score if score > -np.inf else None,
        best_split=split,
        split_score=split_score,
        segmentations=most,
    )


def checked(word: str) -> Symbols:
    """The symbols of a string that may be a word.

    Raises
    ------
    TypeError
        If it is no `str`.
    ValueError
        If no word could be so: it is empty or very long, or holds something that ends a run.
    """
    if not isinstance(word, str):
        raise TypeError(f"word: expected a str, found {type(word).__name__}")
    symbols = symbols_of(word)
    if not len(symbols) or (symbols < FIRST_SYMBOL).any():
        raise ValueError(f"{word!r}: expected Han characters, numbers and Latin words alone")
    if len(symbols) > _LONGEST:
        raise ValueError(f"{word[:10]}...: expected at most {_LONGEST} characters, found {len(symbols)}")
    return symbols


def _parts(symbols: Symbols) -> StringCounts:
    """The trie of a string and all that it begins and ends with."""
    n = len(symbols)
    starts = np.arange(n)
    return StringCounts.from_pieces(symbols, starts, n - starts)


def _links(symbols: Symbols, trie: StringCounts, counts: Integers, total: int) -> list[tuple[int, float]]:
    """The PMI of each way to cut a string in two: how many symbols are before the cut, and nats."""

    def log(part: Symbols) -> float:
        """Log of the share of a string."""
        return float(np.log(max(int(counts[trie.node(part)]), 1) / max(total, 1)))

    whole = log(symbols)
    return [(k, whole - log(symbols[:k]) - log(symbols[k:])) for k in range(1, len(symbols))]


def _best_split(symbols: Symbols, lattice: Lattice) -> tuple[tuple[str, ...], float]:
    """The best way to make a string of shorter words, and its score."""
    n = len(symbols)
    if n < 2:
        return (), 0.0
    row = symbols[np.newaxis]
    line = np.append(symbols, 0).astype(np.uint32)
    score = float(lattice.split(row, n - 1)[0][0])
    return _words(line, lattice.begins(line, n - 1), 0, n), score


def _covering(chunk: Symbols, symbols: Symbols, lattice: Lattice) -> Iterator[tuple[str, ...]]:
    """The words that cover each occurrence of a string."""
    n = len(symbols)
    places = np.flatnonzero(chunk[: max(len(chunk) - n + 1, 0)] == symbols[0])
    for k in range(1, n):
        places = places[chunk[places + k] == symbols[k]]
    if len(places):
        begins = lattice.begins(chunk)
        edges = np.append(places_of(begins), len(chunk))
        firsts = edges[np.searchsorted(edges, places, side="right") - 1]
        lasts = edges[np.searchsorted(edges, places + n)]
        for first, last in zip(firsts.tolist(), lasts.tolist()):
            yield _words(chunk, begins, first, last)


def _words(symbols: Symbols, begins: Flags, first: int, last: int) -> tuple[str, ...]:
    """The words between two places of a segmented text."""
    edges = [*(np.flatnonzero(begins[first:last]) + first).tolist(), last]
    return tuple(word_of(symbols[i:j].tolist()) for i, j in zip(edges, edges[1:]))
