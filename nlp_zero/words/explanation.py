"""Why a string is a word, or none: its figures, and what became of it where it stands.

Input: a word, the lattice that the corpus was segmented with, and the corpus, which is read once more. Output: a value
that says it in figures and in one sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ..core.symbols import FIRST_SYMBOL, Flags, Integers, Symbols
from ..statistics.contexts import Contexts, Probes
from ..statistics.counts import symbol_chunks
from ..statistics.strings import StringCounts
from ..text.characters import symbols_of, word_of
from .lattice import Lattice
from .lexicon import Lexicon

__all__ = ["WordExplanation", "checked", "explained"]

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


def explained(
    word: str,
    lattice: Lattice,
    lexicon: Lexicon,
    corpus: Iterable[str],
    min_count: int,
    max_length: int,
    hidden: frozenset[str],
) -> WordExplanation:
    """Explain a word.

    Parameters
    ----------
    word
        Any string.
    lattice
        With which the corpus was segmented.
    lexicon
        The words that were listed.
    corpus
        The text.
    min_count
        The least count of a listed word.
    max_length
        The most symbols of a word.
    hidden
        Words that are not listed whatever they are.

    Raises
    ------
    See `checked`.
    """
    symbols = checked(word)
    name = word_of(symbols.tolist())
    trie = _parts(symbols)
    contexts = Contexts(Probes(trie, np.ones(len(trie) + 1, dtype=bool)))
    seen: Counter[tuple[str, ...]] = Counter()
    total = 0
    for chunk in symbol_chunks(corpus, least=_CHUNK):
        contexts.add(chunk)
        total += int((chunk >= FIRST_SYMBOL).sum())
        seen.update(_covering(chunk, symbols, lattice))
    whole = trie.node(symbols)
    left, right = contexts.entropies()
    cuts = _links(symbols, trie, contexts.counts, total) if contexts.counts[whole] else []
    k, link = min(cuts, key=lambda cut: cut[1]) if cuts else (0, 0.0)
    split, split_score = _best_split(symbols, lattice)
    node = StringCounts(lattice.keys, np.zeros(len(lattice.keys), dtype=np.int64)).node(symbols)
    score = float(lattice.scores[node]) if node and lattice.scores[node] > -np.inf else None
    occurrences, count = int(contexts.counts[whole]), seen[(name,)]
    most = tuple(sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
    listed = word in lexicon or name in lexicon
    if listed:
        reason = f"a word, {count} of {occurrences} times"
    elif name in hidden or word in hidden:
        reason = "not listed, since it is among the known words or the stopwords"
    elif occurrences < min_count:
        reason = f"no word: it occurs {occurrences} times, less than min_count ({min_count})"
    elif len(symbols) > max_length:
        reason = f"no word: it is longer than max_length ({max_length})"
    elif count >= min_count:
        reason = "not listed: it is written out in other rows, or a chain of numbers and Latin words"
    else:
        reason = _lost(name, count, min_count, occurrences, most)
    parts = (word_of(symbols[:k].tolist()), word_of(symbols[k:].tolist())) if k else ()
    return WordExplanation(
        word=name,
        listed=listed,
        reason=reason,
        occurrences=occurrences,
        count=count,
        pmi=link,
        weakest_cut=parts,
        left_entropy=float(left[whole]),
        right_entropy=float(right[whole]),
        score=score,
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


def _lost(
    name: str, count: int, min_count: int, occurrences: int, most: tuple[tuple[tuple[str, ...], int], ...]
) -> str:
    """Why something that occurs often enough is no word: what it became most of the time."""
    words, number = most[0]
    if words == (name,):
        words, number = most[1] if len(most) > 1 else most[0]
    share = f"{number} of {occurrences} times"
    rarely = f", and only {count} times a word (min_count is {min_count})" if count else ""
    if len(words) == 1:
        return f"no word: {share} it is a part of {words[0]}{rarely}"
    return f"no word: {share} it is {' '.join(words)}, which is likelier{rarely}"


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
        edges = np.append(np.flatnonzero(begins), len(chunk))
        firsts = edges[np.searchsorted(edges, places, side="right") - 1]
        lasts = edges[np.searchsorted(edges, places + n)]
        for first, last in zip(firsts.tolist(), lasts.tolist()):
            yield _words(chunk, begins, first, last)


def _words(symbols: Symbols, begins: Flags, first: int, last: int) -> tuple[str, ...]:
    """The words between two places of a segmented text."""
    edges = [*(np.flatnonzero(begins[first:last]) + first).tolist(), last]
    return tuple(word_of(symbols[i:j].tolist()) for i, j in zip(edges, edges[1:]))
