"""The kernels in numpy: the specification that the C core must equal, and the core where there is no C.

Plain arrays in, plain arrays out. Two notions carry everything:

*Symbols* (``uint32``). A Han character is its code point; a number or a Latin word is the symbol of its class
(`NUMBER`, `LATIN`), or one of its own from `FIRST_FORM` on; values below `FIRST_SYMBOL` end a run.

*Tries*. A set of symbol strings is ONE sorted array of ``uint64`` keys. Node 0 is the root, node ``i + 1`` belongs to
``keys[i] = parent << SYMBOL_BITS | symbol``. Nodes are numbered level by level and sorted inside a level, so that the
whole array is sorted, looking up a child is one binary search, and two tries merge level by level.
"""

from __future__ import annotations

from typing import Final

from .beside import neighbour_counts, nodes_beside
from .counting import count_ngrams, count_pieces, count_symbols, ngram_parts
from .expectation import edges_of, expected_counts, kept_edges
from .scanning import scan
from .symbols import Integers
from .tables import compile_trie, compiled_children
from .tagged import tagged_symbols
from .tagging import best_tags, end_odds
from .texts import decoder, joined, longest_text, words
from .tries import add_at, build_trie, find_children, merge_tries, suffixes
from .walks import best_words, cover, longest_matches, occurrences, piece_nodes, viterbi

__all__ = [
    "add_at",
    "best_tags",
    "best_words",
    "build_trie",
    "compile_trie",
    "compiled_children",
    "count_ngrams",
    "count_pieces",
    "count_symbols",
    "counting_bytes",
    "cover",
    "decoder",
    "edges_of",
    "end_odds",
    "expected_counts",
    "find_children",
    "joined",
    "kept_edges",
    "longest_matches",
    "longest_text",
    "merge_tries",
    "name",
    "neighbour_counts",
    "ngram_parts",
    "nodes_beside",
    "occurrences",
    "piece_nodes",
    "pieces",
    "release_memory",
    "reuse_memory",
    "scan",
    "suffixes",
    "tagged_symbols",
    "viterbi",
    "words",
]

name = "python"
counting_bytes: Final = 200  # memory that counting takes for each symbol at order 4, result included


def pieces(text: str, starts: Integers, ends: Integers) -> list[str]:
    """The parts of a text between the given offsets, as a list of `str`."""
    return [text[i:j] for i, j in zip(starts.tolist(), ends.tolist())]


def release_memory() -> None:
    """Give memory that is free back to the system, where a core knows how to; this one does not."""


def reuse_memory() -> None:
    """Let the system's allocator keep free memory for what comes next, where a core knows how to."""
