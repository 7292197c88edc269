"""What the ranking of terms is made from: counts of the words of a domain and of their sequences, and what stands
beside them, in that domain and in a background.

Input: both texts, and what cuts them into words. Output: `TermCounts`, a value that can be kept in a file, so that
terms can be ranked again without reading the texts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, SYMBOL_BITS, Floats, Integers, Keys, Symbols
from ..core.tries import level_bounds
from ..errors import CountsFormatError
from ..files import ContainerError, read_container, write_container
from ..progress import Advance
from ..resources import Resources
from ..sentences.cutting import AnySegmenter
from ..statistics.counts import NgramCounts
from ..statistics.lookup import FigureReader, chunks_beside, compiled_beside, counts_of
from ..statistics.strings import StringCounts, joined
from ..statistics.sums import CountsSum
from ..text.several import bytes_of
from .tokens import (
    DOCUMENT,
    FIRST_WORD,
    LINE,
    Once,
    TokenStore,
    Vocabulary,
    lines_are_documents,
    matches,
    read_tokens,
    runs_of,
)

__all__ = ["STRETCHES", "TermCounts", "counted_terms"]

Bars: TypeAlias = Callable[[str, int | None, str], AbstractContextManager[Advance]]  # of what, how much, in which unit
STRETCHES: Final = 200
_BITS, _MASK = np.uint64(SYMBOL_BITS), np.uint64((1 << SYMBOL_BITS) - 1)
_KIND, _VERSION = "term counts", 1
_CHUNK: Final = 1 << 20  # symbols that are looked at at once
_LINE: Final = np.array([LINE], dtype=np.uint32)
_PAIRS: Final = ("left_words", "right_words", "nearness")
_ARRAYS: Final = (
    *("keys", "counts", "background", "documents", "stretches", "left_entropies", "right_entropies"),
    *("after_marks", "before_marks", *_PAIRS),
)
_NUMBERS: Final = ("domain_total", "background_total", "document_total", "min_count", "longest")
_MOST_WORDS: Final = 30_000  # whose neighbours are kept for vectors
_NEAR: Final = (2, 1)  # what a neighbour counts, and the word behind it
_LEAST_COUNTS: Final = ((5_000, 2), (50_000, 3), (5_000_000, 5), (1 << 62, 10))  # of texts of fewer words than that


@dataclass(frozen=True, slots=True, eq=False)
class TermCounts:
    """Counts of words and of sequences of words, of a domain and of a background.

    Attributes
    ----------
    words
        The words; the first one is the symbol `FIRST_WORD` of the trie.
    keys, counts
        The trie of all words and sequences that occur `min_count` times in the domain, and how often each does.
    background
        How often each occurs in the background; by node, without the root, as all that follow.
    documents, stretches
        In how many documents of the domain, and in how many of 200 equal stretches of it, each occurs.
    left_entropies, right_entropies
        Entropy of what stands before and after each in the domain, in nats; 0 for sequences of more than `longest`.
    after_marks, before_marks
        How often each stands right after a mark, and right before one; 0 for sequences of more than `longest`.
    left_words, right_words, nearness
        Pairs of words, from 0, and how near they stand to each other in the domain, summed up.
    domain_total, background_total, document_total
        How many words and documents there are.
    min_count, longest
        The least count, and how many words a term may have; sequences of one more are among the keys.
    """

    words: tuple[str, ...]
    keys: Keys
    counts: Integers
    background: Integers
    documents: Integers
    stretches: Integers
    left_entropies: Floats
    right_entropies: Floats
    after_marks: Integers
    before_marks: Integers
    left_words: Integers
    right_words: Integers
    nearness: Integers
    domain_total: int
    background_total: int
    document_total: int
    min_count: int
    longest: int

    def strings(self) -> StringCounts:
        """The trie with its counts."""
        return StringCounts(self.keys, self.counts)

    def __eq__(self, other: object) -> bool:
        """Whether both are of the same words with the same figures."""
        if not isinstance(other, TermCounts):
            return NotImplemented
        own, its = ([x.words, *(getattr(x, name) for name in _NUMBERS)] for x in (self, other))
        return own == its and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in _ARRAYS)

    __hash__ = None  # type: ignore[assignment]  # equal by content, like the arrays inside

    def __repr__(self) -> str:
        return (
            f"<TermCounts: {self.domain_total} words of {self.document_total} documents, {self.background_total} of "
            f"background, {len(self.keys)} words and sequences of up to {self.longest + 1}>"
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the counts to a file."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        arrays["words"] = np.frombuffer("\n".join(self.words).encode("utf-8", "surrogatepass"), dtype=np.uint8)
        write_container(path, _KIND, _VERSION, {name: getattr(self, name) for name in _NUMBERS}, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Map the counts of a file into memory.

        Raises
        ------
        CountsFormatError
            If the file holds no such counts, is damaged, or is of another version.
        OSError
            If it cannot be read.
        """
        try:
            meta, arrays = read_container(path, _KIND, (_VERSION,))
            blob = arrays["words"].tobytes().decode("utf-8", "surrogatepass")
            parts: dict[str, Any] = {name: arrays[name] for name in _ARRAYS} | {name: meta[name] for name in _NUMBERS}
            counts = cls(tuple(blob.split("\n")) if blob else (), **parts)
            counts._check()
        except (ContainerError, KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise CountsFormatError(f"{os.fspath(path)}: {reason}; make it anew with save() or --save-counts") from None
        return counts

    def _check(self) -> None:
        """Refuse arrays that do not belong together."""
        numbers = [getattr(self, name) for name in _NUMBERS]
        if any(type(number) is not int or number < 0 for number in numbers) or self.longest < 1:
            raise ValueError("damaged: its numbers are none")
        for name in _ARRAYS:
            wanted = {"keys": np.uint64, "left_entropies": np.float64, "right_entropies": np.float64}.get(
                name, np.int64
            )
            array = getattr(self, name)
            if array.dtype != wanted or array.ndim != 1:
                raise ValueError(f"damaged: {name} is of another type")
            if len(array) != len(self.nearness if name in _PAIRS else self.keys):
                raise ValueError(f"damaged: {name} has another length")
        level_bounds(self.keys)
        symbols = self.keys & _MASK
        if (self.keys[1:] <= self.keys[:-1]).any() or (symbols < FIRST_WORD).any():
            raise ValueError("damaged: its keys are no trie")
        if (symbols >= FIRST_WORD + len(self.words)).any() or (self.keys >> _BITS > np.arange(len(self.keys))).any():
            raise ValueError("damaged: its keys are no trie of its words")
        for name in ("left_words", "right_words"):
            pairs = getattr(self, name)
            if len(pairs) and not (pairs.min() >= 0 and pairs.max() < len(self.words)):
                raise ValueError(f"damaged: {name} are none of its words")


def counted_terms(
    domain: Sequence[Iterable[str]],
    background: Sequence[Iterable[str]],
    segmenter: AnySegmenter,
    *,
    min_count: int | None,
    longest: int,
    resources: Resources,
    bars: Bars,
) -> TermCounts:
    """Count the words of a domain and their sequences.

    Parameters
    ----------
    domain, background
        The texts; see `read_tokens`. Those of the domain are read once, and so are those of the background.
    segmenter
        What cuts them into words.
    min_count
        The least count; by default 2, 3 from 5,000 words on, 5 from 50,000 on, and 10 from five million on.
    longest
        How many words a term may have.
    resources
        What may be used.
    bars
        Shows how far it is.

    Notes
    -----
    Time O(n * longest) for n words, memory O(distinct sequences), or what the resources allow.
    """
    vocabulary = Vocabulary()
    most = max(min(_CHUNK, resources.room // (8 * kernels().counting_bytes * (longest + 1))), 1)
    single = lines_are_documents(domain)
    with bars("reading the domain", bytes_of(domain), "B") as advance:
        pieces = read_tokens(domain, segmenter, vocabulary, resources, advance, least=most)
        store, sums, domain_total, document_total = _read_domain(pieces, vocabulary, longest, resources, single=single)
    vocabulary.close()
    kernels().release_memory()
    counts = NgramCounts.of_sum(sums, longest + 1, resources)
    if min_count is None:
        min_count = next(least for words, least in _LEAST_COUNTS if domain_total < words)
    wanted, pairs = _frequent(counts, vocabulary, min_count, resources)
    figures = FigureReader(wanted, longest, max(domain_total, 1))(counts.parts(resources))
    left, right = figures.entropies()
    after, before = _beside_marks(counts, wanted, longest, vocabulary, resources)
    del counts
    with bars("finding documents", domain_total, " words") as advance:
        end = LINE if single else DOCUMENT
        documents, stretches = _spread(wanted, store, end, longest + 1, domain_total, vocabulary, advance)
    with bars("reading the background", bytes_of(background), "B") as advance:
        pieces = read_tokens(background, segmenter, vocabulary, resources, advance, least=most)
        beside, background_total = _beside(wanted, pieces, longest + 1, vocabulary, Once(resources))
    kernels().release_memory()
    keys, words, numbers = _compact(wanted.keys, vocabulary)
    left_words, right_words = (numbers[side - FIRST_SYMBOL] for side in pairs[:2])
    return TermCounts(
        words, keys, wanted.counts, beside[1:], documents[1:], stretches[1:], left[1:], right[1:],
        after[1:], before[1:], left_words, right_words, pairs[2],
        domain_total, background_total, document_total, min_count, longest,
    )  # fmt: skip


def _read_domain(
    pieces: Iterable[Symbols], vocabulary: Vocabulary, longest: int, resources: Resources, *, single: bool
) -> tuple[TokenStore, CountsSum, int, int]:
    """The tokens of a domain, n-grams of its words, one longer than a term, and how many words and documents it has.

    `single` is whether its lines are the documents.
    """
    store, once = TokenStore(resources), Once(resources)
    sums = CountsSum(resources, 0.25)
    words = documents = 0
    for symbols in pieces:
        marks = vocabulary.marks(symbols)
        kept = once(symbols, marks)
        symbols, marks = symbols[kept], marks[kept]
        store.add(symbols)
        words += int((~marks).sum())
        ends = np.flatnonzero(symbols == (LINE if single else DOCUMENT))
        documents += len(ends) - int((np.append(LINE, symbols)[ends] == LINE).sum() if single else 0)
        lines = np.where(symbols == DOCUMENT, LINE, symbols)  # wherever a piece begins, a line has ended before
        runs = runs_of(np.append(_LINE, lines).astype(np.uint32), np.append(True, marks))
        sums.add(StringCounts(*kernels().count_ngrams(runs, longest + 1)))
    return store, sums, words, documents


def _beside(
    wanted: StringCounts, pieces: Iterable[Symbols], longest: int, vocabulary: Vocabulary, once: Once
) -> tuple[Integers, int]:
    """How often each string occurs in the background, by node, and how many words that has."""
    beside, total = np.zeros(len(wanted) + 1, dtype=np.int64), 0
    for symbols in pieces:
        marks = vocabulary.marks(symbols)
        kept = once(symbols, marks)
        symbols, marks = symbols[kept], marks[kept]
        total += vocabulary.word_number(symbols)
        runs = np.where(marks, 0, symbols).astype(np.uint32)
        beside += counts_of(wanted, [StringCounts(*kernels().count_ngrams(runs, longest))])
    return beside, total


def _frequent(
    counts: NgramCounts, vocabulary: Vocabulary, min_count: int, resources: Resources
) -> tuple[StringCounts, tuple[Integers, Integers, Integers]]:
    """The sequences of words alone that are frequent enough, and which frequent words stand near each other.

    Pairs are given as symbols, the lesser first, with how near they stand.
    """
    singles, single_counts = counts.singles()
    words = singles.astype(np.uint32)
    common = (single_counts >= min_count) & ~vocabulary.marks(words)
    order = np.lexsort((words, -single_counts))
    near = np.zeros(len(vocabulary.names) + FIRST_SYMBOL, dtype=bool)
    near[words[order[common[order]][:_MOST_WORDS]]] = True
    parts: list[StringCounts] = []
    pairs: list[tuple[Keys, Integers]] = []
    for part in counts.parts(resources):
        symbols = (part.keys & _MASK).astype(np.uint32)
        keep = np.concatenate(([True], (part.counts >= min_count) & ~vocabulary.marks(symbols)))
        for low, end in zip(part.bounds, part.bounds[1:]):
            keep[low + 1 : end + 1] &= keep[(part.keys[low:end] >> _BITS).astype(np.int64)]
        keep[0] = False
        pairs.append(_near_pairs(part, symbols, near))
        if keep.any():
            keys, nodes = part.restricted(keep)
            parts.append(StringCounts(keys, part.counts[nodes - 1]))
    keys, sums = _added(pairs)
    return joined(parts), ((keys >> _BITS).astype(np.int64), (keys & _MASK).astype(np.int64), sums)


def _beside_marks(
    counts: NgramCounts, wanted: StringCounts, longest: int, vocabulary: Vocabulary, resources: Resources
) -> tuple[Integers, Integers]:
    """How often each string stands right after a mark, and right before one; by node."""
    after, before = np.zeros((2, len(wanted) + 1), dtype=np.int64)
    trie = compiled_beside(wanted, longest)
    for part in counts.parts(resources):
        heads = np.zeros(len(part) + 1, dtype=bool)  # which nodes begin with a mark
        heads[1 : len(part.singles()[0]) + 1] = vocabulary.marks((part.singles()[0] & _MASK).astype(np.uint32))
        for chunk in chunks_beside(wanted, trie, part, longest):
            numbers = part.counts[chunk.place]
            heads[chunk.nodes] = heads[chunk.parents]
            begins, ends = heads[chunk.nodes], vocabulary.marks(chunk.symbols)
            for found, marked, strings in ((after, begins, chunk.rests), (before, ends, chunk.after)):
                some = np.flatnonzero(marked & (strings > 0))
                kernels().add_at(found, strings[some], numbers[some])
    return after, before


def _near_pairs(part: StringCounts, symbols: Symbols, near: npt.NDArray[np.bool_]) -> tuple[Keys, Integers]:
    """Pairs of words at the ends of the sequences of two and three of a part, as keys, and how near they stand."""
    found: list[tuple[Keys, Integers]] = []
    heads = np.arange(part.bounds[1] if part.longest else 0)  # the place of the first symbol, by place on the level
    for length, weight in enumerate(_NEAR, 2):
        if part.longest < length:
            break
        low, end = part.bounds[length - 1 : length + 1]
        heads = heads[(part.keys[low:end] >> _BITS).astype(np.int64) - part.bounds[length - 2] - 1]
        first, last = symbols[heads], symbols[low:end]
        both = np.flatnonzero(near[first] & near[last])
        ends = np.sort(np.stack((first[both], last[both])), axis=0).astype(np.uint64)
        found.append((ends[0] << _BITS | ends[1], part.counts[low:end][both] * weight))
    return _added(found)


def _added(parts: Sequence[tuple[Keys, Integers]]) -> tuple[Keys, Integers]:
    """Numbers of the same keys added up, keys sorted."""
    keys = np.concatenate([part[0] for part in parts] or [np.zeros(0, dtype=np.uint64)])
    numbers = np.concatenate([part[1] for part in parts] or [np.zeros(0, dtype=np.int64)])
    keys, places = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(keys), dtype=np.int64)
    np.add.at(sums, places.reshape(-1), numbers)
    return keys, sums


def _spread(
    wanted: StringCounts,
    store: TokenStore,
    end: int,
    longest: int,
    total: int,
    vocabulary: Vocabulary,
    advance: Advance,
) -> tuple[Integers, Integers]:
    """In how many documents, and in how many stretches of the text, each string occurs; by node."""
    found = np.zeros((2, len(wanted) + 1), dtype=np.int64)
    last = np.full((2, len(wanted) + 1), -1, dtype=np.int64)  # where each was seen last
    document = place = 0
    for symbols in store:
        marks = vocabulary.marks(symbols)
        document_of = document + np.cumsum(symbols == end)
        place_of = place + np.cumsum(~marks)
        of_text = (document_of, np.maximum(place_of - 1, 0) * STRETCHES // max(total, 1))
        for starts, nodes in matches(wanted.keys, np.where(marks, 0, symbols).astype(np.uint32), longest):
            for which, parts in enumerate(of_text):
                _count_new(found[which], last[which], nodes, parts[starts])
        document, place = int(document_of[-1]), int(place_of[-1])
        advance(int((~marks).sum()))
    return found[0], found[1]


def _count_new(found: Integers, last: Integers, nodes: Integers, parts: Integers) -> None:
    """Count the parts of the text, which rise, where nodes occur that did not occur in them yet."""
    order = np.argsort(nodes, kind="stable")
    nodes, parts = nodes[order], parts[order]
    before = np.concatenate(([-1], parts[:-1]))
    begins = np.concatenate(([True], nodes[1:] != nodes[:-1]))
    fresh = np.where(begins, last[nodes], before) != parts
    found += np.bincount(nodes[fresh], minlength=len(found))
    last[nodes] = parts  # the last of several is the one that stays


def _compact(keys: Keys, vocabulary: Vocabulary) -> tuple[Keys, tuple[str, ...], Integers]:
    """The trie with symbols from `FIRST_WORD` on, the words they stand for, and the number of each old symbol's word.

    The order of symbols stays, so the trie stays sorted.
    """
    used = np.unique(keys & _MASK).astype(np.int64)
    numbers = np.zeros(len(vocabulary.names), dtype=np.int64)
    numbers[used - FIRST_SYMBOL] = np.arange(len(used))
    symbols = (numbers[(keys & _MASK).astype(np.int64) - FIRST_SYMBOL] + FIRST_WORD).astype(np.uint64)
    words = tuple(vocabulary.names[symbol - FIRST_SYMBOL] for symbol in used.tolist())
    return (keys & ~_MASK) | symbols, words, numbers
