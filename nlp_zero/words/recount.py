"""The last pass: what a lattice makes of the corpus, as a lexicon.

Input: the lattice of the words found, the n-gram counts, the corpus. Output: rows with the count of each word in the
segmentation, its gain against its best split, its PMI and the entropies of its neighbours; and rows for written-out
forms such as K线图 where the number or Latin word is not just any.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, compress, product
from operator import not_

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.python import FIRST_SYMBOL, LATIN, NUMBER, Flags, Floats, Integers, Symbols
from ..progress import Advance
from ..statistics.association import branching_entropies
from ..statistics.contexts import Contexts
from ..statistics.counts import NgramCounts
from ..statistics.strings import StringCounts, sum_counts
from ..text.characters import CLASS_NAMES, Units, units, word_of
from ..text.corpus import text_blocks
from .lattice import Lattice
from .lexicon import Entry, Lexicon
from .pmi import word_scores

__all__ = ["Recount"]

_CHUNK = 1 << 20  # symbols whose words are counted at once
_END = (np.zeros(1, dtype=np.uint32), np.ones(1, dtype=np.uint8))
_FORM_LIMIT = 24  # characters of a written-out form that may get a row; identifiers are longer
_SHORT = 2  # the figures of words of so many symbols come from n-gram counts, which is quicker for the many
_CHAIN = (NUMBER, LATIN)
_CHAIN_SIZES = range(_SHORT + 1, 5)  # a longer chain of numbers and Latin words is an identifier, no word
_CLASS_SET = frozenset(CLASS_NAMES.values())
_CLASSES = re.compile("|".join(_CLASS_SET))


class Recount:
    """Counts of words in the segmentation of a corpus, and what their rows need beside them.

    Parameters
    ----------
    lattice
        The words found.
    counts
        N-gram counts of the same corpus.
    """

    def __init__(self, lattice: Lattice, counts: NgramCounts) -> None:
        self._lattice, self._ngrams = lattice, counts
        self._words = StringCounts(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))
        self._forms: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._latin: Counter[str] = Counter()
        self._long = _LongWords(lattice, counts.order)

    def read(self, corpus: Iterable[str], advance: Advance | None = None) -> None:
        """Segment the corpus and count."""
        self._words = sum_counts(self._parts(corpus, advance), self._words)

    def _parts(self, corpus: Iterable[str], advance: Advance | None) -> Iterator[StringCounts]:
        waiting: list[tuple[Symbols, Flags]] = []
        size = 0
        for block in text_blocks(corpus, advance):
            text = units(block)
            begins = self._lattice.begins(text.symbols)
            self._count_forms(block, text, np.flatnonzero(begins))
            waiting.append((text.symbols, begins))
            size += len(begins)
            if size >= _CHUNK:
                yield self._part(waiting)
                waiting, size = [], 0
        if waiting:
            yield self._part(waiting)

    def _part(self, blocks: list[tuple[Symbols, Flags]]) -> StringCounts:
        """The words of some blocks, each of which ends where a run ends."""
        ended = [part for symbols, begins in blocks for part in ((symbols, begins), _END)]
        symbols, begins = (np.concatenate(parts) for parts in zip(*ended))
        self._long.add(symbols)
        places = np.flatnonzero(begins)
        lengths = np.diff(places, append=len(symbols))
        inside = symbols[places] >= FIRST_SYMBOL
        return StringCounts.from_pieces(symbols, places[inside], lengths[inside])

    def _count_forms(self, block: str, text: Units, places: Integers) -> None:
        """Count numbers and Latin words as written, and the words that hold them."""
        at = np.flatnonzero(text.symbols >= NUMBER)
        if not len(at):
            return
        pieces = kernels().pieces(block, text.starts[at], text.starts[at + 1])
        latin = (text.symbols[at] == LATIN).tolist()
        self._latin.update(compress(pieces, latin))
        self._numbers.update(compress(pieces, map(not_, latin)))
        words = np.unique(np.searchsorted(places, at, side="right") - 1)
        firsts, ends = places[words], np.append(places, len(text.symbols))[words + 1]
        starts, stops = text.starts[firsts], text.starts[ends]
        # a bare number is no word worth a row, a bare Latin word is
        worth = ((ends - firsts > 1) | (text.symbols[firsts] == LATIN)) & (stops - starts <= _FORM_LIMIT)
        self._forms.update(kernels().pieces(block, starts[worth], stops[worth]))

    def lexicon(self, min_count: int, hidden: frozenset[str]) -> Lexicon:
        """The rows of all words that occur often enough, single characters included, without the hidden ones."""
        counts = np.concatenate(([0], self._words.counts))
        depths = self._words.depths
        listed = (counts > 0) & ((depths == 1) | (counts >= min_count))
        nodes = np.flatnonzero(listed)
        strings, sizes = self._words.strings(nodes), depths[nodes]
        identifier = ((strings >= NUMBER).sum(axis=1) == sizes) & (sizes > _CHAIN_SIZES[-1])
        listed[nodes[identifier]] = False
        nodes, strings, sizes = nodes[~identifier], strings[~identifier], sizes[~identifier]
        gains = self._gains(counts, listed)
        names = [word_of(row[:size]) for row, size in zip(strings.tolist(), sizes.tolist())]
        figures = self._figures(strings, sizes)
        columns = (counts[nodes].tolist(), gains[nodes].tolist(), *(f.tolist() for f in figures))
        rows = {name: Entry(name, *row) for name, *row in zip(names, *columns)}
        self._split_off_forms(rows, min_count)
        return Lexicon(row for name, row in rows.items() if name not in hidden)

    def _gains(self, counts: Integers, listed: npt.NDArray[np.bool_]) -> Floats:
        """Nats per million symbols that each word saves against its best split."""
        gains: Floats = np.zeros(len(counts))
        scores, unknown = word_scores(counts, listed)
        lattice = Lattice(self._words.keys, scores, unknown, longest=self._words.longest)
        for level in range(1, self._words.longest):
            nodes = np.arange(self._words.bounds[level], self._words.bounds[level + 1]) + 1
            nodes = nodes[listed[nodes]]
            if len(nodes):
                parts = lattice.split(self._words.strings(nodes), level)[0]
                gains[nodes] = counts[nodes] * (scores[nodes] - parts - 1) / self._ngrams.total * 1e6
        return gains

    def _figures(self, strings: Symbols, sizes: Integers) -> tuple[Floats, Floats, Floats]:
        """PMI, left and right entropy of each word."""
        links: Floats = np.zeros(len(strings))
        left, right = np.zeros(len(strings)), np.zeros(len(strings))
        short = branching_entropies(self._ngrams, longest=_SHORT)
        for size in np.unique(sizes).tolist():
            rows = np.flatnonzero(sizes == size)
            words = strings[rows, :size]
            if size <= _SHORT:
                nodes = self._ngrams.nodes(words)
                left[rows], right[rows] = short[0][nodes], short[1][nodes]
            else:
                left[rows], right[rows] = self._long.entropies(words)
            if size > 1:
                parts = [self._log(words[:, :k]) + self._log(words[:, k:]) for k in range(1, size)]
                links[rows] = self._log(words) - np.max(parts, axis=0)
        return links, left, right

    def _log(self, strings: Symbols) -> Floats:
        """Log of the share of each string among the n-grams of its length; strings of one length."""
        if strings.shape[1] <= self._ngrams.order:
            counts = self._ngrams.counts[self._ngrams.nodes(strings) - 1]
        else:
            counts = self._long.counts(strings)
        return np.asarray(np.log(counts / self._ngrams.total))

    def _split_off_forms(self, rows: dict[str, Entry], min_count: int) -> None:
        """Give a row of its own to a form that is more frequent than its numbers and Latin words explain.

        Notes
        -----
        With s the form, w its word with class symbols and u its numbers and Latin words, the row saves
        ``c(s) (ln(c(s) / c(w)) - Σ ln P(u) - 1)`` nats, P(u) being the share of u among the numbers or Latin words.
        """
        worth = sorted(form for form, count in self._forms.items() if count >= min_count)
        logs = {
            form: np.log(count / total)
            for counter, total in ((self._numbers, self._numbers.total()), (self._latin, self._latin.total()))
            for form, count in counter.items()
        }
        named = _with_classes(worth)
        for form, (name, parts) in zip(worth, named):
            count = self._forms[form]
            if name not in rows or count < rows[name].count / 2 and CLASS_NAMES[LATIN] not in name:
                continue  # a number is written out only where it is hardly ever another one
            own = np.log(count / rows[name].count) - sum(logs[part] for part in parts) - 1
            alone = name in _CLASS_SET
            if not alone and own <= 0:
                continue
            gain = 0.0 if alone else count * own / self._ngrams.total * 1e6
            rows[form] = rows[name]._replace(word=form, count=count, gain=gain)
        for form, (name, _) in zip(worth, named):
            if form in rows and name in rows:
                rows[name] = rows[name]._replace(count=rows[name].count - rows[form].count)
        for name in [name for name, row in rows.items() if row.count <= 0 or _is_chain(name)]:
            del rows[name]


def _with_classes(forms: list[str]) -> list[tuple[str, list[str]]]:
    """Each form with classes in place of its numbers and Latin words, and these."""
    blob = "\n".join(forms)
    starts, symbols = units(blob)
    lines = np.cumsum(symbols < FIRST_SYMBOL)
    pieces = kernels().pieces(blob, starts[:-1], starts[1:])
    named: list[tuple[list[str], list[str]]] = [([], []) for _ in forms]
    for line, symbol, piece in zip(lines.tolist(), symbols.tolist(), pieces):
        if symbol >= FIRST_SYMBOL:
            named[line][0].append(CLASS_NAMES.get(symbol) or chr(symbol))
            if symbol in CLASS_NAMES:
                named[line][1].append(piece)
    return [("".join(name), parts) for name, parts in named]


def _is_chain(name: str) -> bool:
    """Whether a word is nothing but two or more classes: a segmenter joins those anyway."""
    return name.count("<") > 1 and not _CLASSES.sub("", name)


class _LongWords:
    """Neighbours of the longer words, and counts of their parts that n-gram counts are too short for.

    Parameters
    ----------
    lattice
        The words.
    order
        Up to which length there are n-gram counts.
    """

    def __init__(self, lattice: Lattice, order: int) -> None:
        words = StringCounts(lattice.keys, np.zeros(len(lattice.keys), dtype=np.int64))
        depths = words.depths
        nodes = np.flatnonzero((lattice.scores > -np.inf) & (depths > _SHORT))
        probes = [tuple(row[:size]) for row, size in zip(words.strings(nodes).tolist(), depths[nodes].tolist())]
        probes += [units for size in _CHAIN_SIZES for units in product(_CHAIN, repeat=size)]  # 3%5% is two numbers
        parts = {part for word in probes for k in range(order + 1, len(word)) for part in (word[:k], word[-k:])}
        strings = sorted({*probes, *parts})
        lengths = np.array([len(string) for string in strings], dtype=np.int64)
        flat = np.fromiter(chain.from_iterable(strings), dtype=np.uint32)
        self._probes = StringCounts.from_pieces(flat, np.cumsum(lengths) - lengths, lengths)
        wanted = np.concatenate(([0], self._probes.counts > 0)).astype(np.uint8)
        self._contexts = Contexts(self._probes.keys, self._probes.depths, wanted)

    def add(self, symbols: Symbols) -> None:
        """Look through more text."""
        self._contexts.add(symbols)

    def counts(self, strings: Symbols) -> Integers:
        """How often strings of one length occur."""
        return self._contexts.counts[self._probes.nodes(strings)]

    def entropies(self, strings: Symbols) -> tuple[Floats, Floats]:
        """Left and right entropy of strings of one length."""
        nodes = self._probes.nodes(strings)
        left, right = self._contexts.entropies()
        return left[nodes], right[nodes]
