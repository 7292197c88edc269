"""The kernels in C, with the signatures of `nlp_zero.core.python`, which documents them.

Here arrays get the types and the memory order that C reads, and bytes become arrays again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _c
from .symbols import FIRST_SYMBOL, SYMBOL_LIMIT, Edges, Flags, Floats, Integers, Keys, Neighbours, Shares, Symbols

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

name = "c"
counting_bytes = 40
longest_text = 1 << 19  # longer text is segmented part by part, so that Ctrl-C is noticed


def _u8(values: npt.NDArray[Any]) -> Flags:
    return np.ascontiguousarray(values, dtype=np.uint8)


def _u32(values: npt.NDArray[Any]) -> Symbols:
    return np.ascontiguousarray(values, dtype=np.uint32)


def _u64(values: npt.NDArray[Any]) -> Keys:
    return np.ascontiguousarray(values, dtype=np.uint64)


def _f64(values: npt.NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)


def _f32(values: npt.NDArray[Any]) -> Shares:
    return np.ascontiguousarray(values, dtype=np.float32)


def _i64(values: npt.NDArray[Any]) -> Integers:
    return np.ascontiguousarray(values, dtype=np.int64)


def _integers(data: bytes) -> Integers:
    return np.frombuffer(data, dtype=np.int64)


def scan(codes: Symbols, classes: Flags) -> tuple[Integers, Symbols]:
    """Cut text into units."""
    units, starts, symbols = _c.scan(_u32(codes), _u8(classes))
    return _integers(starts)[: units + 1], np.frombuffer(symbols, dtype=np.uint32)[:units]


def build_trie(symbols: Symbols, starts: Integers, lengths: Integers) -> tuple[Keys, Integers]:
    """Build the trie of pieces of a symbol array."""
    keys, nodes = _c.build_trie(_u32(symbols), _i64(starts), _i64(lengths))
    return np.frombuffer(keys, dtype=np.uint64), _integers(nodes)


def count_symbols(symbols: Symbols) -> tuple[Symbols, Integers]:
    """Count the symbols in the runs of a text."""
    seen, sizes = _c.count_symbols(_u32(symbols))
    return np.frombuffer(seen, dtype=np.uint32), _integers(sizes)


def count_pieces(symbols: Symbols, begins: Flags, longest: int) -> tuple[Keys, Integers]:
    """Count the pieces of a text that begin inside runs."""
    keys, counts = _c.count_pieces(_u32(symbols), _u8(begins), longest)
    return np.frombuffer(keys, dtype=np.uint64), _integers(counts)


def count_ngrams(symbols: Symbols, order: int) -> tuple[Keys, Integers]:
    """Count all n-grams of 1 to `order` symbols inside the runs."""
    none = np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.int64)  # they are looked for
    keys, counts, _ = _c.count_ngrams(_u32(symbols), *none, order, FIRST_SYMBOL, SYMBOL_LIMIT, 0)
    return np.frombuffer(keys, dtype=np.uint64), _integers(counts)


def ngram_parts(
    symbols: Symbols, seen: Symbols, sizes: Integers, order: int, first: int, end: int, most: int
) -> list[tuple[Keys, Integers]]:
    """Count the n-grams that begin with some symbols, in parts."""
    keys, counts, ends = _c.count_ngrams(_u32(symbols), _u32(seen), _i64(sizes), order, first, end, max(most, 1))
    places = _integers(ends).tolist()
    parts = [slice(i, j) for i, j in zip([0, *places], places)]
    return [(np.frombuffer(keys, dtype=np.uint64)[part], _integers(counts)[part]) for part in parts]


def merge_tries(keys_a: Keys, counts_a: Integers, keys_b: Keys, counts_b: Integers) -> tuple[Keys, Integers]:
    """Merge two tries and add the counts of the strings that are in both."""
    nodes, keys, counts = _c.merge_tries(_u64(keys_a), _i64(counts_a), _u64(keys_b), _i64(counts_b))
    # what lies behind was never written, so it takes no memory
    return np.frombuffer(keys, dtype=np.uint64)[:nodes], _integers(counts)[:nodes]


def find_children(keys: Keys, nodes: Integers, symbols: Symbols) -> Integers:
    """Find the child of each node by its symbol; 0 where there is none."""
    return _integers(_c.find_children(_u64(keys), _i64(nodes), _u32(symbols)))


def add_at(sums: Integers, nodes: Integers, amounts: Integers) -> None:
    """Add amounts to the sums of nodes."""
    if sums.dtype != np.int64:
        raise TypeError(f"sums: expected int64, found {sums.dtype}")
    _c.add_at(sums, _i64(nodes), _i64(amounts))


def nodes_beside(
    ngrams: Keys, are_pairs: bool, keys: Keys, trie: Keys, itself: Integers, rest: Integers
) -> tuple[Integers, Integers, Integers]:
    """Which strings n-grams are, which they are without their last symbol, and which without their first."""
    own, after, rests = _c.nodes_beside(_u64(ngrams), are_pairs, _u64(keys), trie, _i64(itself), _i64(rest))
    return _integers(own), _integers(after), _integers(rests)


def neighbour_counts(
    keys: Keys, counts: Integers, first: int, length: int, after: Integers, rests: Integers, itself: Integers,
    by_node: Integers, by_symbol: Integers, trie: Keys,
) -> Neighbours:  # fmt: skip
    """How often what stands beside strings does so there, and elsewhere."""
    rows_after, rows, strings, values = _c.neighbour_counts(
        *(_u64(keys), _i64(counts), first, length, _i64(after), _i64(rests), _i64(itself)),
        *(_i64(by_node), _i64(by_symbol), trie),
    )
    columns = np.frombuffer(values, dtype=np.float64).reshape(4, 2 * len(after))[:, :rows]
    return Neighbours(rows_after, _integers(strings)[:rows], *columns)


def suffixes(keys: Keys, longest: int) -> Integers:
    """The node of each node's string without its first symbol."""
    return _integers(_c.suffixes(_u64(keys), longest))


def compile_trie(keys: Keys) -> Keys:
    """Make the form of a trie that the kernels below walk: a hash table."""
    return np.frombuffer(_c.compile_trie(_u64(keys)), dtype=np.uint64)


def compiled_children(trie: Keys, nodes: Integers, symbols: Symbols) -> Integers:
    """Find the child of each node by its symbol in a compiled trie; 0 where there is none."""
    return _integers(_c.compiled_children(trie, _i64(nodes), _u32(symbols)))


def cover(symbols: Symbols, trie: Keys, joins: Flags) -> Flags:
    """Cut a text at every adjacency that no joining n-gram covers."""
    return np.frombuffer(_c.cover(_u32(symbols), trie, _u8(joins)), dtype=np.uint8)


def occurrences(symbols: Symbols, trie: Keys, wanted: Flags) -> tuple[Integers, Integers]:
    """Find every occurrence of the wanted strings, overlapping ones too."""
    both = _integers(_c.occurrences(_u32(symbols), trie, _u8(wanted))).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def piece_nodes(symbols: Symbols, trie: Keys, starts: Integers, lengths: Integers) -> Integers:
    """The node of each piece of the symbols; 0 for what is none of the trie."""
    return _integers(_c.piece_nodes(_u32(symbols), trie, _i64(starts), _i64(lengths)))


def viterbi(
    symbols: Symbols,
    trie: Keys,
    scores: Floats,
    unknown: float,
    general: Symbols,
    longest: int,
    bonus: Floats,
    unseen: Floats,
) -> Flags:
    """Segment every run into the words with the highest sum of scores."""
    begins = _c.viterbi(_u32(symbols), trie, _f64(scores), unknown, _u32(general), longest, _f64(bonus), _f64(unseen))
    return np.frombuffer(begins, dtype=np.uint8)


def best_words(
    symbols: Symbols,
    trie: Keys,
    scores: Floats,
    unknown: float,
    general: Symbols,
    longest: int,
    bonus: Floats,
    unseen: Floats,
) -> Symbols:
    """The nodes of the words with the highest sum of scores."""
    own = _u32(symbols), trie, _f64(scores), unknown, _u32(general), longest, _f64(bonus), _f64(unseen)
    words, nodes = _c.best_words(*own)
    return np.frombuffer(nodes, dtype=np.uint32)[:words]


def edges_of(symbols: Symbols, trie: Keys, words: Flags) -> Edges:
    """The words that stand in a text, place by place."""
    return _edges(_c.edges_of(_u32(symbols), trie, _u8(words)))


def kept_edges(edges: Edges, numbers: Symbols) -> Edges:
    """Edges of nodes that have other numbers now, without those of nodes that are no words any more."""
    return _edges(_c.kept_edges(_u32(edges.nodes), _u8(edges.sizes), _u32(numbers)))


def _edges(both: tuple[bytes, bytes]) -> Edges:
    return Edges(np.frombuffer(both[0], dtype=np.uint32), np.frombuffer(both[1], dtype=np.uint8))


def expected_counts(edges: Edges, weights: Floats, unknown: float, counts: Integers) -> None:
    """Add up how often each string is a word, over all segmentations of every run."""
    _c.expected_counts(_u32(edges.nodes), _u8(edges.sizes), _f64(weights), unknown, counts)


def best_tags(
    symbols: Symbols, trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, general: Symbols
) -> Flags:
    """The most probable tags of every run."""
    tags = _c.best_tags(_u32(symbols), trie, _f32(contexts), _f32(emissions), _f32(pairs), _u32(general))
    return np.frombuffer(tags, dtype=np.uint8)


def end_odds(
    symbols: Symbols, trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, general: Symbols
) -> Floats:
    """How much more probable it is that a word ends with a symbol than that it goes on."""
    odds = _c.end_odds(_u32(symbols), trie, _f32(contexts), _f32(emissions), _f32(pairs), _u32(general))
    return np.frombuffer(odds, dtype=np.float64)


def tagged_symbols(symbols: Symbols, begins: Flags) -> Symbols:
    """The runs of a text as tagged symbols."""
    size, tagged = _c.tagged_symbols(_u32(symbols), _u8(begins))
    return np.frombuffer(tagged, dtype=np.uint32)[:size]


def decoder(
    classes: Flags, forms: Keys, form_symbols: Symbols, words: Keys, scores: Floats, unknown: float, general: Symbols,
    longest: int, unseen: Floats, pairs_trie: Keys, contexts: Shares, emissions: Shares, pairs: Shares, logs: Floats,
) -> object:  # fmt: skip
    """What `words` needs, made once for many texts."""
    return _c.decoder(
        *(_u8(classes), forms, _u32(form_symbols), words, _f64(scores), unknown, _u32(general), longest),
        _f64(unseen),
        *(pairs_trie, _f32(contexts), _f32(emissions), _f32(pairs), _f64(logs)),
    )


words = _c.words  # as it is: called line by line, one call more would cost as much as the shortest lines


def joined(text: str, decoder: object, separator: str) -> bytes:
    """The words of a text joined by a separator, line by line, as UTF-8."""
    return _c.joined(text, decoder, separator.encode("utf-8"))


def longest_matches(codes: Symbols, trie: Keys, words: Flags, edges: Flags) -> tuple[Integers, Integers]:
    """Find words in a text from left to right, the longest first, without overlaps."""
    found, pairs = _c.longest_matches(_u32(codes), trie, _u8(words), _u8(edges))
    both = _integers(pairs)[: 2 * found].reshape(-1, 2)
    return both[:, 0], both[:, 1]


def pieces(text: str, starts: Integers, ends: Integers) -> list[str]:
    """The parts of a text between the given offsets, as a list of `str`."""
    return _c.pieces(text, _i64(starts), _i64(ends))


def release_memory() -> None:
    """Give memory that is free back to the system: glibc keeps it otherwise."""
    _c.release_memory()


def reuse_memory() -> None:
    """Let glibc keep more of the memory that is free for what comes next, whichever thread that is, in this process."""
    _c.reuse_memory()
