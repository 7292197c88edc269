"""The last pass: what a lattice makes of the corpus, as a lexicon.

Input: the lattice of the words found, the n-gram counts, the corpus. Output: rows with the count of each word in the
segmentation, its gain against its best split, its PMI and the entropies of its neighbours; and rows for written-out
forms such as K线图 where the number or Latin word is not just any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, product

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, LATIN, NUMBER, Flags, Floats, Integers, Symbols, places_of
from ..core.tries import changes
from ..progress import Advance
from ..resources import Resources
from ..statistics.contexts import ContextCounts, Contexts, Probes
from ..statistics.counts import NgramCounts
from ..statistics.lookup import FigureReader, counts_of
from ..statistics.strings import StringCounts, sum_counts
from ..statistics.sums import CountsSum, Runs
from ..statistics.symbols import sum_of_checksums, text_checksum
from ..text.characters import CLASS_NAMES, Units, codes_of, units, words_of
from ..text.corpus import text_blocks
from ..text.shards import read_shards
from .lattice import Lattice
from .lexicon import Lexicon
from .pmi import word_scores
from .telling import grouped

__all__ = ["Recount", "entropy_bits"]

_CHUNK = 1 << 20  # symbols whose words are counted at once
_RECOUNTING = 800  # bytes of the room for each of them: several times what counting takes
_FORM_LIMIT = 24  # characters of a written-out form that may get a row; identifiers are longer
_BUCKETS = 251
_SHORT = 2  # the figures of words of so many symbols come from n-gram counts, which is quicker for the many
_CHAIN = (NUMBER, LATIN)
_CHAIN_SIZES = range(_SHORT + 1, 5)  # a longer chain of numbers and Latin words is an identifier, no word
_CLASS_SET = frozenset(CLASS_NAMES.values())
_CLASSES = re.compile("|".join(_CLASS_SET))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen in a share of a corpus: see `_Tallies`."""

    strings: dict[str, Runs]
    totals: dict[str, int]
    contexts: ContextCounts
    checksum: int


class _Tallies:
    """What is counted in the segmentation.

    Attributes
    ----------
    strings
        ``words`` as symbols; as code points ``numbers`` and ``latin`` words as written, of those that a form may hold,
        and ``forms``: words that hold them.
    totals
        How many numbers and Latin words there are.
    contexts
        What stands beside the longer words.
    checksum
        Of the symbols in runs.
    """

    def __init__(self, lattice: Lattice, probes: Probes, resources: Resources) -> None:
        self._lattice, self._resources = lattice, resources
        shares = {"words": 0.2, "forms": 0.1, "numbers": 0.05, "latin": 0.05}
        self.strings = {name: CountsSum(resources, share) for name, share in shares.items()}
        self.totals = {"numbers": 0, "latin": 0}
        self.contexts = Contexts(probes, resources, 0.2)
        self.checksum = 0

    def read(self, corpus: Iterable[str], advance: Advance | None = None) -> None:
        """Segment the corpus and count."""
        most = min(_CHUNK, self._resources.room // _RECOUNTING)
        for symbols, begins in grouped(self._segmented(corpus, advance), most):
            self.checksum = sum_of_checksums(self.checksum, text_checksum(symbols))
            self.contexts.add(symbols)
            self.strings["words"].add(StringCounts.from_begins(symbols, begins))

    def _segmented(self, corpus: Iterable[str], advance: Advance | None) -> Iterator[tuple[Symbols, Flags]]:
        """The blocks of the corpus and where their words begin; forms are counted on the way."""
        for block in text_blocks(corpus, advance):
            text = units(block)
            begins = self._lattice.begins(text.symbols)
            self._count_forms(block, text, places_of(begins))
            yield text.symbols, begins

    def _count_forms(self, block: str, text: Units, places: Integers) -> None:
        """Count numbers and Latin words as written, and the words that hold them."""
        at = np.flatnonzero(text.symbols >= NUMBER)
        if not len(at):
            return
        codes = codes_of(block)

        def count(total: CountsSum, starts: Integers, stops: Integers) -> None:
            """Count what stands in the block from each start to its stop."""
            short = stops - starts <= _FORM_LIMIT
            total.add(_with_buckets(codes, starts[short], (stops - starts)[short]))

        latin = text.symbols[at] == LATIN
        for name, some in (("numbers", at[~latin]), ("latin", at[latin])):
            self.totals[name] += len(some)
            count(self.strings[name], text.starts[some], text.starts[some + 1])
        words = np.searchsorted(places, at, side="right") - 1
        words = words[changes(words)]  # each once, as they are in order
        firsts, ends = places[words], np.append(places, len(text.symbols))[words + 1]
        # a bare number is no word worth a row, a bare Latin word is
        worth = (ends - firsts > 1) | (text.symbols[firsts] == LATIN)
        count(self.strings["forms"], text.starts[firsts[worth]], text.starts[ends[worth]])

    def merge(self, seen: _Seen) -> None:
        """Add what was seen elsewhere."""
        for name, part in seen.strings.items():
            self.strings[name].add_all(part)
        for name, total in seen.totals.items():
            self.totals[name] += total
        self.contexts.merge(seen.contexts)
        self.checksum = sum_of_checksums(self.checksum, seen.checksum)

    def handed_over(self) -> _Seen:
        """What was seen, for another worker."""
        strings = {name: total.handed_over() for name, total in self.strings.items()}
        return _Seen(strings, self.totals, self.contexts.handed_over(), self.checksum)


@dataclass(frozen=True, slots=True)
class _Recounting:
    """Segments a share of a corpus and counts."""

    lattice: Lattice
    probes: Probes
    resources: Resources

    def __call__(self, shard: Iterable[str]) -> _Seen:
        tallies = _Tallies(self.lattice, self.probes, self.resources)
        tallies.read(shard)
        return tallies.handed_over()


class Recount:
    """Counts of words in the segmentation of a corpus, and what their rows need beside them; made by `of`."""

    def __init__(self, tallies: _Tallies, probes: Probes, resources: Resources) -> None:
        self._tallies, self._probes, self._resources = tallies, probes, resources
        self._words = tallies.strings["words"].total()
        self.checksum = tallies.checksum  # of the symbols that were read

    @classmethod
    def of(
        cls,
        lattice: Lattice,
        order: int,
        corpus: Iterable[str],
        resources: Resources,
        advance: Advance | None = None,
    ) -> Recount:
        """Segment a corpus and count.

        Parameters
        ----------
        lattice
            The words found.
        order
            Up to which length there are n-gram counts.
        corpus
            The text.
        resources
            What may be used.
        advance
            Called with the amount read.
        """
        probes = _probes(lattice, order)
        tallies = _Tallies(lattice, probes, resources)
        if resources.jobs == 1:
            tallies.read(corpus, advance)
        else:
            work = _Recounting(lattice, probes, resources.for_worker())
            for seen in read_shards(work, corpus, resources.workers, advance):
                tallies.merge(seen)
        kernels().release_memory()
        return cls(tallies, probes, resources)

    def bits_per_symbol(self) -> float:
        """What the text costs, written word by word with the words' shares: bits for each symbol in runs."""
        counts = self._words.counts
        return entropy_bits(counts) * int(counts.sum()) / max(int((counts * self._words.depths[1:]).sum()), 1)

    def lexicons(
        self, ngrams: NgramCounts, min_count: int, hidden: frozenset[str], *, rare: bool
    ) -> tuple[Lexicon, Lexicon]:
        """The rows of words, single characters included: those that people read, and those that segment.

        Parameters
        ----------
        ngrams
            The n-gram counts of the same corpus.
        min_count
            Words that occur less often are not read, and have no written-out forms.
        hidden
            Words that are not read, however often they occur.
        rare
            Whether words that occur less often segment.
        """
        counts = np.concatenate(([0], self._words.counts))
        depths = self._words.depths
        listed = (counts > 0) & ((depths == 1) | (counts >= (1 if rare else min_count)))
        nodes = np.flatnonzero(listed)
        strings, sizes = self._words.strings(nodes), depths[nodes]
        identifier = ((strings >= NUMBER).sum(axis=1) == sizes) & (sizes > _CHAIN_SIZES[-1])
        listed[nodes[identifier]] = False
        nodes, strings, sizes = nodes[~identifier], strings[~identifier], sizes[~identifier]
        release = kernels().release_memory  # of many words, what each step leaves is as large as what is made of them
        gains = self._gains(counts, listed, ngrams.total)[nodes]
        release()
        figures, counts = np.stack([gains, *self._figures(strings, sizes, ngrams)], axis=1), counts[nodes]
        shown, classes = (sizes == 1) | (counts >= min_count), np.flatnonzero((strings >= NUMBER).any(axis=1))
        del gains, nodes, depths, listed
        release()
        names = words_of(strings, sizes)
        del strings
        # only words with classes can have forms, and those are few: a dictionary of all words would be large
        place = {names[i]: i for i in classes.tolist()}
        rows = {name: int(counts[i]) for name, i in place.items()}
        forms = self._split_off_forms(rows, min_count, ngrams.total)
        for name, i in place.items():
            counts[i] = rows.get(name, 0)
        if forms:
            like = np.array([place[name] for name, _ in forms.values()], dtype=np.int64)
            names += forms
            counts = np.concatenate((counts, np.array([rows[form] for form in forms], dtype=np.int64)))
            figures = np.concatenate((figures, figures[like]))
            figures[-len(forms) :, 0] = [gain for _, gain in forms.values()]
            shown = np.concatenate((shown, np.ones(len(forms), dtype=bool)))
        if hidden:
            shown &= np.fromiter((name not in hidden for name in names), dtype=bool, count=len(names))
        kept = counts > 0
        whole = _lexicon(names, counts, figures, kept)
        return (whole if shown[kept].all() else _lexicon(names, counts, figures, kept & shown)), whole

    def _gains(self, counts: Integers, listed: npt.NDArray[np.bool_], total: int) -> Floats:
        """Nats per million symbols that each word saves against its best split."""
        gains: Floats = np.zeros(len(counts))
        scores, unknown = word_scores(counts, listed)
        lattice = Lattice(self._words.keys, scores, unknown, longest=self._words.longest)
        for level in range(1, self._words.longest):
            nodes = np.arange(self._words.bounds[level], self._words.bounds[level + 1]) + 1
            nodes = nodes[listed[nodes]]
            if len(nodes):
                parts = lattice.split(self._words.strings(nodes), level)[0]
                gains[nodes] = counts[nodes] * (scores[nodes] - parts - 1) / total * 1e6
        return gains

    def _figures(self, strings: Symbols, sizes: Integers, ngrams: NgramCounts) -> tuple[Floats, Floats, Floats]:
        """PMI, left and right entropy of each word."""
        links: Floats = np.zeros(len(strings))
        left, right = np.zeros(len(strings)), np.zeros(len(strings))
        parts = _with_ends(strings, sizes, ngrams.order)
        short = ngrams.read(FigureReader(parts, _SHORT, ngrams.total), self._resources)
        contexts, probes = self._tallies.contexts, self._probes.strings

        def log(some: Symbols) -> Floats:
            """Log of the share of each string among the n-grams of its length; strings of one length."""
            is_short = some.shape[1] <= ngrams.order
            counts = short.counts[parts.nodes(some)] if is_short else contexts.counts[probes.nodes(some)]
            return np.asarray(np.log(counts / ngrams.total))

        entropies = {True: (short.entropies(), parts), False: (contexts.entropies(), probes)}
        for size in np.unique(sizes).tolist():
            rows = np.flatnonzero(sizes == size)
            words = strings[rows, :size]
            (before, after), trie = entropies[size <= _SHORT]
            nodes = trie.nodes(words)
            left[rows], right[rows] = before[nodes], after[nodes]
            if size > 1:
                cuts = [log(words[:, :k]) + log(words[:, k:]) for k in range(1, size)]
                links[rows] = log(words) - np.max(cuts, axis=0)
        return links, left, right

    def _split_off_forms(self, rows: dict[str, int], min_count: int, total: int) -> dict[str, tuple[str, float]]:
        """Give a row of its own to a form that is more frequent than its numbers and Latin words explain.

        Parameters
        ----------
        rows
            The count of each word with classes, to which those of forms are added; what has none any more is removed.
        min_count, total
            See `lexicons`; how many symbols there are.

        Returns
        -------
        dict of str to (str, float)
            For each form its word with class symbols, and its gain.

        Notes
        -----
        With s the form, w its word with class symbols and u its numbers and Latin words, the row saves
        ``c(s) (ln(c(s) / c(w)) - Σ ln P(u) - 1)`` nats, P(u) being the share of u among the numbers or Latin words.
        """
        counts = dict(_frequent(self._tallies.strings["forms"], min_count))
        worth = sorted(counts)
        named = _with_classes(worth)
        logs = self._log_shares({part for _, parts in named for part in parts})
        forms: dict[str, tuple[str, float]] = {}
        for form, (name, parts) in zip(worth, named):
            count = counts[form]
            if name not in rows or count < rows[name] / 2 and CLASS_NAMES[LATIN] not in name:
                continue  # a number is written out only where it is hardly ever another one
            own = np.log(count / rows[name]) - sum(logs[part] for part in parts) - 1
            alone = name in _CLASS_SET
            if not alone and own <= 0:
                continue
            forms[form] = name, 0.0 if alone else count * own / total * 1e6
            rows[form] = count
        for form, (name, _) in zip(worth, named):
            if form in rows and name in rows:
                rows[name] -= rows[form]
        for name in [name for name, count in rows.items() if count <= 0 or _is_chain(name)]:
            del rows[name]
        return forms

    def _log_shares(self, parts: set[str]) -> dict[str, float]:
        """Log of the share of each number among the numbers, and of each Latin word among the Latin words."""
        texts = sorted(parts)
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        keys, nodes = kernels().build_trie(
            *_in_buckets(codes_of("".join(texts)), np.cumsum(lengths) - lengths, lengths)
        )
        wanted = StringCounts(keys, np.zeros(len(keys), dtype=np.int64))
        logs: dict[str, float] = {}
        for name, total in self._tallies.totals.items():
            counts = counts_of(wanted, self._tallies.strings[name].parts())[nodes].tolist()
            logs |= {text: float(np.log(count / total)) for text, count in zip(texts, counts) if count}
        return logs


def _lexicon(names: list[str], counts: Integers, figures: Floats, kept: npt.NDArray[np.bool_]) -> Lexicon:
    """The lexicon of those words that are kept."""
    return Lexicon.from_columns(list(compress(names, kept.tolist())), counts[kept].tolist(), figures[kept])


def entropy_bits(counts: Integers) -> float:
    """The entropy of the things that were counted, in bits."""
    counts = counts[counts > 0]
    total = int(counts.sum())
    return max(float(np.log2(total) - (counts * np.log2(counts)).sum() / total), 0.0) if total else 0.0


def _frequent(strings: CountsSum, min_count: int) -> Iterator[tuple[str, int]]:
    """The strings of code points that were counted so often."""
    for part in strings.parts():
        nodes = np.flatnonzero(part.counts >= min_count) + 1
        for row, count in zip(part.strings(nodes).tolist(), part.counts[nodes - 1].tolist()):
            yield "".join(map(chr, filter(None, row[1:]))), count


def _with_buckets(codes: Symbols, starts: Integers, lengths: Integers) -> StringCounts:
    """Counts of strings of code points, each behind a symbol of its bucket."""
    return StringCounts.from_pieces(*_in_buckets(codes, starts, lengths))


def _in_buckets(codes: Symbols, starts: Integers, lengths: Integers) -> tuple[Symbols, Integers, Integers]:
    """Strings of code points, each behind a symbol of its bucket; where each begins, and how long it is.

    Many numbers begin with the same digit, and many forms with the same character; without that they would all be in
    one part, however little memory there is.
    """
    ends = np.cumsum(lengths + 1)
    firsts = ends - lengths - 1
    flat = codes[np.repeat(starts - firsts - 1, lengths + 1) + np.arange(ends[-1] if len(ends) else 0)]
    flat[firsts] = _buckets(codes, starts, lengths)
    return flat, firsts, lengths + 1


def _buckets(codes: Symbols, starts: Integers, lengths: Integers) -> Symbols:
    """The bucket of each string, from its last three code points."""
    stops = starts + lengths
    mixed = codes[stops - 1] + 10 * codes[np.maximum(stops - 2, starts)] + 100 * codes[np.maximum(stops - 3, starts)]
    return np.asarray(FIRST_SYMBOL + mixed % _BUCKETS, dtype=np.uint32)


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


def _with_ends(strings: Symbols, sizes: Integers, longest: int) -> StringCounts:
    """The trie of strings, one a row, that holds also what they end with; all of at most so many symbols."""
    width = strings.shape[1]
    flat, rows = strings.reshape(-1), np.arange(len(strings)) * width

    def without_first(skip: int) -> StringCounts:
        """Those that are longer than that."""
        longer = sizes > skip
        return StringCounts.from_pieces(flat, rows[longer] + skip, np.minimum(sizes[longer] - skip, longest))

    return sum_counts(map(without_first, range(width)))


def _probes(lattice: Lattice, order: int) -> Probes:
    """The longer words whose neighbours are wanted, and their parts that n-gram counts are too short for."""
    words = StringCounts(lattice.keys, np.zeros(len(lattice.keys), dtype=np.int64))
    depths = words.depths
    nodes = np.flatnonzero((lattice.scores > -np.inf) & (depths > _SHORT))
    chains = [chain for size in _CHAIN_SIZES for chain in product(_CHAIN, repeat=size)]  # 3%5% is two numbers
    width = max(words.longest, _CHAIN_SIZES[-1])
    strings = np.zeros((len(nodes) + len(chains), width), dtype=np.uint32)
    strings[: len(nodes), : words.longest] = words.strings(nodes)
    for row, chain in enumerate(chains, len(nodes)):
        strings[row, : len(chain)] = chain
    sizes = np.concatenate((depths[nodes], np.array(list(map(len, chains)), dtype=np.int64)))
    rows = np.arange(len(sizes)) * width
    starts, lengths = [rows], [sizes]
    for size in range(order + 1, width):
        longer = sizes > size
        starts += [rows[longer], (rows + sizes - size)[longer]]
        lengths += [np.full(int(longer.sum()), size)] * 2
    found = StringCounts.from_pieces(strings.reshape(-1), np.concatenate(starts), np.concatenate(lengths))
    return Probes(found, np.concatenate(([0], found.counts)) > 0)
