"""Which kernels run: those in C, or those in numpy.

The environment variable ``NLP_ZERO_CORE`` decides: ``auto`` (C if it is there), ``c`` (C is required: the error says
why it cannot be had), ``python`` (numpy). It is read when kernels are asked for, so a worker process follows it too.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Protocol

from .symbols import Edges, Flags, Floats, Integers, Keys, Neighbours, Shares, Symbols

__all__ = ["Kernels", "core_name", "core_problem", "kernels"]


class Kernels(Protocol):
    """What a core offers; `nlp_zero.core.python` says what each kernel does.

    Attributes
    ----------
    name
        ``c`` or ``python``.
    counting_bytes
        Memory that `count_ngrams` takes for each symbol at order 4, its result included.
    longest_text
        Characters of a text up to which `words` is better than the single steps.
    """

    name: str
    counting_bytes: int
    longest_text: int

    def scan(self, codes: Symbols, classes: Flags, /) -> tuple[Integers, Symbols]:
        """Cut text into units."""

    def build_trie(self, symbols: Symbols, starts: Integers, lengths: Integers, /) -> tuple[Keys, Integers]:
        """Build the trie of pieces of a symbol array."""

    def count_symbols(self, symbols: Symbols, /) -> tuple[Symbols, Integers]:
        """Count the symbols in the runs of a text."""

    def count_pieces(self, symbols: Symbols, begins: Flags, longest: int, /) -> tuple[Keys, Integers]:
        """Count the pieces of a text that begin inside runs."""

    def count_ngrams(self, symbols: Symbols, order: int, /) -> tuple[Keys, Integers]:
        """Count all n-grams inside the runs."""

    def ngram_parts(
        self, symbols: Symbols, seen: Symbols, sizes: Integers, order: int, first: int, end: int, most: int, /
    ) -> list[tuple[Keys, Integers]]:
        """Count the n-grams that begin with some symbols, in parts."""

    def merge_tries(
        self, keys_a: Keys, counts_a: Integers, keys_b: Keys, counts_b: Integers, /
    ) -> tuple[Keys, Integers]:
        """Merge two tries and add their counts."""

    def find_children(self, keys: Keys, nodes: Integers, symbols: Symbols, /) -> Integers:
        """Find the child of each node by its symbol."""

    def add_at(self, sums: Integers, nodes: Integers, amounts: Integers, /) -> None:
        """Add amounts to the sums of nodes; on the C core other threads go on meanwhile."""

    def nodes_beside(
        self, ngrams: Keys, are_pairs: bool, keys: Keys, trie: Keys, itself: Integers, rest: Integers, /
    ) -> tuple[Integers, Integers, Integers]:
        """Which strings n-grams are, which they are without their last symbol, and which without their first."""

    def neighbour_counts(
        self, keys: Keys, counts: Integers, first: int, length: int, after: Integers, rests: Integers,
        itself: Integers, by_node: Integers, by_symbol: Integers, trie: Keys, /,
    ) -> Neighbours:  # fmt: skip
        """How often what stands beside strings does so there, and elsewhere."""

    def suffixes(self, keys: Keys, longest: int, /) -> Integers:
        """The node of each node's string without its first symbol."""

    def compile_trie(self, keys: Keys, /) -> Keys:
        """Make the form of a trie that the walking kernels need."""

    def compiled_children(self, trie: Keys, nodes: Integers, symbols: Symbols, /) -> Integers:
        """Find the child of each node by its symbol in a compiled trie: for what is asked for in no order."""

    def cover(self, symbols: Symbols, trie: Keys, joins: Flags, /) -> Flags:
        """Cut a text at every adjacency that no joining n-gram covers."""

    def occurrences(self, symbols: Symbols, trie: Keys, wanted: Flags, /) -> tuple[Integers, Integers]:
        """Find every occurrence of the wanted strings."""

    def piece_nodes(self, symbols: Symbols, trie: Keys, starts: Integers, lengths: Integers, /) -> Integers:
        """The node of each piece of the symbols; 0 for what is none of the trie."""

    def viterbi(
        self,
        symbols: Symbols,
        trie: Keys,
        scores: Floats,
        unknown: float,
        general: Symbols,
        longest: int,
        bonus: Floats,
        unseen: Floats,
        /,
    ) -> Flags:
        """Segment every run into the best words."""

    def best_words(
        self,
        symbols: Symbols,
        trie: Keys,
        scores: Floats,
        unknown: float,
        general: Symbols,
        longest: int,
        bonus: Floats,
        unseen: Floats,
        /,
    ) -> Symbols:
        """The nodes of the best words."""

    def edges_of(self, symbols: Symbols, trie: Keys, words: Flags, /) -> Edges:
        """The words that stand in a text, place by place."""

    def kept_edges(self, edges: Edges, numbers: Symbols, /) -> Edges:
        """Edges of nodes that have other numbers now."""

    def expected_counts(self, edges: Edges, weights: Floats, unknown: float, counts: Integers, /) -> None:
        """Add up how often each string is a word."""

    def best_tags(
        self, symbols: Symbols, trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, general: Symbols, /
    ) -> Flags:
        """The most probable tags of every run."""

    def end_odds(
        self, symbols: Symbols, trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, general: Symbols, /
    ) -> Floats:
        """How much more probable it is that a word ends with a symbol than that it goes on."""

    def tagged_symbols(self, symbols: Symbols, begins: Flags, /) -> Symbols:
        """The runs of a text as tagged symbols, from where words begin."""

    def decoder(
        self, classes: Flags, forms: Keys, form_symbols: Symbols, words: Keys, scores: Floats, unknown: float,
        general: Symbols, longest: int, unseen: Floats, pairs_trie: Keys, contexts: Shares, emissions: Shares,
        pairs: Shares, logs: Floats, /,
    ) -> object:  # fmt: skip
        """What `words` needs, made once for many texts."""

    def words(self, text: str, decoder: object, /) -> list[str]:
        """The words of a text in one go."""

    def joined(self, text: str, decoder: object, separator: str, /) -> bytes:
        """The words of a text joined by a separator, line by line, as UTF-8."""

    def longest_matches(self, codes: Symbols, trie: Keys, words: Flags, edges: Flags, /) -> tuple[Integers, Integers]:
        """Find words from left to right, the longest first."""

    def pieces(self, text: str, starts: Integers, ends: Integers, /) -> list[str]:
        """The parts of a text between the given offsets."""

    def release_memory(self) -> None:
        """Give memory that is free back to the system, where that is possible."""

    def reuse_memory(self) -> None:
        """Let the allocator keep free memory for what comes next, in any thread: for a process of our own."""


def kernels() -> Kernels:
    """The kernels that ``NLP_ZERO_CORE`` asks for.

    Raises
    ------
    ImportError
        If it is ``c`` and the C core cannot be imported.
    ValueError
        If it is none of the three words.
    """
    return _kernels(os.environ.get("NLP_ZERO_CORE") or "auto")


def core_name() -> str:
    """``c`` or ``python``: the core that runs."""
    return kernels().name


def core_problem() -> str:
    """Why the C core does not run; empty if it does."""
    if core_name() == "c":
        return ""
    if os.environ.get("NLP_ZERO_CORE") == "python":
        return "NLP_ZERO_CORE is 'python'"
    return _compiled()[1]


@cache
def _kernels(wanted: str) -> Kernels:
    if wanted not in ("auto", "c", "python"):
        raise ValueError(f"NLP_ZERO_CORE: expected 'auto', 'c' or 'python', found {wanted!r}")
    if wanted != "python":
        compiled, problem = _compiled()
        if compiled is not None:
            return compiled
        if wanted == "c":
            raise ImportError(f"NLP_ZERO_CORE is 'c', but the C core cannot be imported: {problem}")
    from . import python  # only now: where C runs, nobody needs it

    return python


@cache
def _compiled() -> tuple[Kernels | None, str]:
    """The C core, or None and the reason."""
    try:
        from . import compiled
    except ImportError as error:
        return None, str(error)
    return compiled, ""
