"""Method ``entropy``: the words that make a text cheapest to write.

Input: candidates with priors, the corpus. Output: words with counts.

Expectation maximisation of a unigram model: how often each candidate is expected to be a word, over all ways to segment
every run, gives its probability in the next round; candidates that are expected nowhere are given up. It begins with
all candidates equally probable, so it is the priors that decide first.
Words that the candidates are too short for are made of these afterwards, in `words.joining`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.expectation import PARTS
from ..core.symbols import Edges, Floats, Integers, Keys, Symbols
from ..progress import Advance
from ..resources import Resources
from ..statistics.strings import StringCounts
from ..statistics.symbols import HeldSymbols, on_shares, sum_of_checksums, symbol_chunks, text_checksum
from .entropy import Candidates, Settings
from .lattice import Lattice, exact

__all__ = ["PRIOR_LIMIT", "Bars", "Vocabulary", "chunk_size", "learnt"]

Bars: TypeAlias = Callable[[str], AbstractContextManager[Advance]]  # a progress bar for the stage of this name
_CHUNK: Final = 1 << 20  # symbols looked at at once
_CHUNK_BYTES: Final = 400  # bytes of the room for each of them: several times what they take
_KEPT: Final = 2 / 3  # of the room that is left beside the text, for what stands in it
_UNKNOWN: Final = 0.5 * float(np.exp(-3.0))  # count of a symbol that is no word
PRIOR_LIMIT: Final = 35.0  # nats
_LEAST_WEIGHT: Final = 1e-9  # of a single symbol: products over 32 symbols stay inside the range of float64


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and how often each is one.

    Attributes
    ----------
    keys
        The trie.
    counts
        Expected or counted occurrences; by node, the root first; 0 for nodes that are no words.
    priors
        As in `Candidates`; once the counts were made by segmenting 0 for all but the fixed words.
    fixed
        Which words are words whatever the text says.
    """

    keys: Keys
    counts: Floats
    priors: Floats
    fixed: npt.NDArray[np.bool_]

    def scores(self) -> tuple[Floats, float]:
        """The log of the share of each word and of its prior, and the score of a single symbol that is no word."""
        total = max(float(self.counts.sum()), 1.0)
        scores = np.full(len(self.counts), -np.inf)
        words = self.counts > 0
        priors = np.clip(self.priors[words], -PRIOR_LIMIT, PRIOR_LIMIT)
        scores[words] = np.log(self.counts[words] / total) + priors
        return scores, float(np.log(_UNKNOWN / total))

    def weights(self) -> tuple[Floats, float]:
        """The weight of each word, and the least of a single symbol; see `core.expectation.expected_counts`."""
        scores, unknown = self.scores()
        return np.exp(scores), max(float(np.exp(unknown)), _LEAST_WEIGHT)

    def lattice(self) -> Lattice:
        """The words, ready to be found in text."""
        scores, unknown = self.scores()
        return Lattice(self.keys, exact(scores), float(exact(unknown)))


@dataclass(frozen=True, slots=True)
class _Expected:
    """Expected counts in a share of a corpus, and the checksum of its symbols."""

    counts: Integers
    checksum: int


class _KeptEdges:
    """The words that stand in a text that is held in memory, from one round to the next, as far as there is room.

    Then they need not be looked up again, which takes more time than all that is done with them.

    Parameters
    ----------
    room
        Bytes.

    Attributes
    ----------
    numbers
        For each node of the round before, its number in this one, 0 for what is no word any more.
    last
        Whether this is the last round: then nothing is kept any more.
    """

    def __init__(self, room: int) -> None:
        self.numbers = np.zeros(0, dtype=np.uint32)
        self.last = False
        self._room = room
        self._edges: dict[int, Edges] = {}  # by the place of a chunk in the text
        self._lock = Lock()  # of the room: several threads have chunks of their own

    def of(self, place: int, look_up: Callable[[], Edges]) -> Edges:
        """The edges of the chunk at a place, which each round asks for once."""
        edges = self._edges.pop(place, None)
        before = 0 if edges is None else _size(edges)
        edges = look_up() if edges is None else kernels().kept_edges(edges, self.numbers)
        with self._lock:
            kept = not self.last and before + self._room >= _size(edges)
            self._room += before - (_size(edges) if kept else 0)
        if kept:
            self._edges[place] = edges
        return edges


def _size(edges: Edges) -> int:
    return edges.nodes.nbytes + edges.sizes.nbytes


class _Expecting:
    """Estimates how often each word of a vocabulary occurs in a share of a corpus."""

    def __init__(
        self, vocabulary: Vocabulary, resources: Resources, kept: _KeptEdges | None, *, with_checksum: bool
    ) -> None:
        self._vocabulary, self._resources, self._with_checksum = vocabulary, resources, with_checksum
        self._kept = kept
        self._core = kernels()  # the compiled trie is of this core
        self._trie = self._core.compile_trie(vocabulary.keys)
        self._weights, self._unknown = vocabulary.weights()
        self._words = (self._weights > 0).astype(np.uint8)

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process, which has no memory in common with this one, and keeps nothing from round to round."""
        return partial(_Expecting, with_checksum=self._with_checksum), (self._vocabulary, self._resources, None)

    def __call__(self, shard: Iterable[str], advance: Advance | None = None) -> _Expected:
        counts = np.zeros(len(self._weights), dtype=np.int64)
        kept, place = (self._kept, shard.begin) if isinstance(shard, HeldSymbols) and shard.is_held else (None, 0)
        found = 0
        for symbols in symbol_chunks(shard, advance, least=chunk_size(self._resources)):
            look_up = partial(self._core.edges_of, symbols, self._trie, self._words)
            edges = look_up() if kept is None else kept.of(place, look_up)
            self._core.expected_counts(edges, self._weights, self._unknown, counts)
            if self._with_checksum:
                found = sum_of_checksums(found, text_checksum(symbols))
            place += len(symbols)
        return _Expected(counts, found)


def chunk_size(resources: Resources) -> int:
    """How many symbols are looked at at once."""
    return min(_CHUNK, resources.room // _CHUNK_BYTES)


def learnt(
    candidates: Candidates, fixed: npt.NDArray[np.bool_], settings: Settings, corpus: Iterable[str],
    resources: Resources, bars: Bars, check: Callable[[int], object],
) -> Vocabulary:  # fmt: skip
    """The words among the candidates.

    Parameters
    ----------
    candidates
        What may be words.
    fixed
        Which of their nodes are words whatever the text says; their priors are finite.
    settings
        How often to go through the corpus, and what is given up.
    corpus
        The text.
    resources
        What may be used.
    bars
        Shows how far each round is.
    check
        Called with the checksum of the symbols whenever they were read, so that it can refuse them.
    """
    even = np.isfinite(candidates.priors).astype(np.float64)
    vocabulary = Vocabulary(candidates.keys, even, candidates.priors, fixed)
    held = corpus.nbytes if isinstance(corpus, HeldSymbols) else 0
    kept = _KeptEdges(int((resources.room - held) * _KEPT))
    for number in range(1, settings.rounds + 1):
        again = number > 1 and isinstance(corpus, HeldSymbols) and corpus.is_held  # the same symbols as before
        kept.last = number == settings.rounds
        with bars(f"learning {number}/{settings.rounds}") as advance:
            expected, found = _expected(vocabulary, corpus, resources, advance, kept, with_checksum=not again)
        if not again:
            check(found)
        vocabulary, kept.numbers = _without_lost(vocabulary, expected, settings.least_expected)
    return vocabulary


def _without_lost(vocabulary: Vocabulary, expected: Integers, least: float) -> tuple[Vocabulary, Symbols]:
    """The vocabulary with new counts, without the candidates that are hardly expected anywhere.

    And for each of its nodes the new number, 0 for those that are neither words nor single symbols.
    """
    counts = expected / PARTS
    counts[vocabulary.fixed] = np.maximum(counts[vocabulary.fixed], 1.0)
    strings = StringCounts(vocabulary.keys, expected[1:])
    single = strings.depths == 1
    kept = (counts >= least) | vocabulary.fixed | (single & (counts > 0))
    keys, nodes = strings.restricted(kept)
    nodes = np.concatenate(([0], nodes))
    numbers = np.zeros(len(counts), dtype=np.uint32)
    numbers[nodes] = np.where((kept | single)[nodes], np.arange(len(nodes)), 0)
    counts, priors = np.where(kept, counts, 0.0)[nodes], np.where(kept, vocabulary.priors, -np.inf)[nodes]
    return Vocabulary(keys, counts, priors, vocabulary.fixed[nodes]), numbers


def _expected(
    vocabulary: Vocabulary,
    corpus: Iterable[str],
    resources: Resources,
    advance: Advance,
    kept: _KeptEdges,
    *,
    with_checksum: bool,
) -> tuple[Integers, int]:
    """Expected counts in multiples of 1 / PARTS, by node, and the checksum of the symbols."""
    if resources.jobs == 1:
        result = _Expecting(vocabulary, resources, kept, with_checksum=with_checksum)(corpus, advance)
        return result.counts, result.checksum
    counts, found = np.zeros(len(vocabulary.counts), dtype=np.int64), 0
    work = _Expecting(vocabulary, resources.for_worker(), kept, with_checksum=with_checksum)
    for part in on_shares(work, corpus, resources.workers, advance):
        counts += part.counts
        found = sum_of_checksums(found, part.checksum)
    return counts, found
