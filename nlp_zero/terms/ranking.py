"""From counts to ranked terms.

Input: `TermCounts`, vectors of its words, perhaps seed terms. Output: `Terms`, with all figures.

What may be a term: a word or a sequence of words, of at least two characters, with a Han character in it. Left out are
those whose number is just any (3例 beside 5例 and 12例, 第十条 beside many others), and those that are mostly a part of
one longer sequence.

What the score is made of is described at `Ranking.parts`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.symbols import SYMBOL_BITS, Floats, Integers
from ..statistics.association import pmi
from ..statistics.strings import StringCounts
from ..text.characters import HAN_RANGES
from .counts import STRETCHES, TermCounts
from .similarity import Similarity, rows_of
from .tokens import FIRST_WORD
from .vectors import WordVectors
from .vocabulary import TermEntry, Terms, is_writable

__all__ = ["Candidates", "Ranking"]

_MASK = np.uint64((1 << SYMBOL_BITS) - 1)
_NUMBER: Final = re.compile(r"[0-9０-９][0-9０-９.,．，%％‰]*")
_HAN: Final = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in HAN_RANGES) + "]")
_HAN_NUMBER: Final = re.compile("[〇零一二三四五六七八九十百千万两]+")
_LONGEST: Final = 40  # characters
_ANY_NUMBER: Final = 0.5  # a number with a smaller share of what stands at its place is just any
_MANY_NUMBERS: Final = 6  # that stand at one place: fewer Han numerals may be parts of names (一次侧 and 二次侧)
_PART: Final = 0.8  # nestedness from which on a sequence is a part of a longer one

# What the score is made of; see `Ranking.parts`.
_UNSEEN: Final = 1e-6  # of the background's words: what is never seen there counts as this share
_MOST_CONTRAST: Final = 5.5  # nats
_COUNT: Final = 0.35
_BOUNDARY: Final = 10.0
_FREE: Final = 0.55  # of the logarithm of the count
_LINK: Final = 0.7
_WEAK: Final = 4.3  # nats, between two words, and one more for each more word
_LONG: Final = 1.0
_FREEDOM: Final = 0.16
_WORDS: Final = 0.1
_LENGTH: Final = 1.0
_MARKS: Final = 2.0  # of a sequence, on each side
_MOST_MARKS: Final = 2.0
_MARKS_OF_WORD: Final = 0.3
_OFTEN: Final = 0.08  # of its occurrences a term stands beside a mark
_MARK_PRIOR: Final = 0.5  # of so many more occurrences, ten times as many, is it taken to stand there
_SPREAD: Final = 0.5
_SCATTERED: Final = 0.14
_CENTRALITY: Final = 5.0
_CENTRE: Final = 1000  # terms that are the centre of the domain, or one of ten if there are fewer
_ROUNDS: Final = 2
_SEEDS_SHARE: Final = 0.1  # of the centre, if there are seeds
_SIMILARITY: Final = 0.2
_NEAREST: Final = 2  # seeds
_MANY_WORDS: Final = 3  # terms of more words are of the same form
_FORM: Final = 0.7
_FORMS: Final = 20  # seeds that tell as much of the forms of terms as all other terms do
_SEED: Final = 3.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be terms.

    Attributes
    ----------
    names
        As they are written.
    nodes
        In the trie of the counts; of a name that is several sequences of words, the most frequent.
    counts, background
        How often each occurs in the domain and in the background, in whatever words.
    words
        Their words, from 0, one candidate a row, -1 after the end.
    """

    names: list[str]
    nodes: Integers
    counts: Integers
    background: Integers
    words: Integers

    def __len__(self) -> int:
        return len(self.names)


def candidates(counts: TermCounts, min_count: int | None = None, max_words: int | None = None) -> Candidates:
    """What may be terms, in the order of their nodes."""
    strings = counts.strings()
    sizes, han, digits, numerals, never = _word_kinds(counts.words)
    last = (counts.keys & _MASK).astype(np.int64) - FIRST_WORD
    lengths, with_han, with_digits, with_numerals, unwritable = np.zeros((5, len(strings) + 1), dtype=np.int64)
    for low, end in zip(strings.bounds, strings.bounds[1:]):
        nodes = np.arange(low, end) + 1
        above = strings.parents_of(nodes)
        for along, own in (
            (lengths, sizes),
            (with_han, han),
            (with_digits, digits),
            (with_numerals, numerals),
            (unwritable, never),
        ):
            along[nodes] = along[above] + own[last[nodes - 1]]
    may = (lengths >= 2) & (lengths <= _LONGEST) & (with_han > 0) & (unwritable == 0)
    may &= strings.depths <= min(max_words or counts.longest, counts.longest)
    may[1:] &= counts.counts >= (min_count or 1)
    nodes = np.flatnonzero(may)
    rows = np.full((len(nodes), counts.longest), -1, dtype=np.int64)
    symbols = strings.strings(nodes).astype(np.int64)[:, : counts.longest]
    rows[:, : symbols.shape[1]] = np.maximum(symbols - FIRST_WORD, -1)
    vocabulary = [*counts.words, ""]
    names = ["".join(map(vocabulary.__getitem__, row)) for row in rows.tolist()]
    own, beside = counts.counts[nodes - 1], counts.background[nodes - 1]
    kept = _without_any_numbers(names, own, np.flatnonzero(with_digits[nodes]), np.flatnonzero(with_numerals[nodes]))
    first: dict[str, int] = {}
    places = np.array([first.setdefault(names[i], i) for i in kept.tolist()], dtype=np.int64)
    totals, beside_totals = np.zeros((2, len(names)), dtype=np.int64)
    np.add.at(totals, places, own[kept])
    np.add.at(beside_totals, places, beside[kept])
    order = kept[np.lexsort((kept, -own[kept]))]  # of one name the most frequent sequence first
    best: dict[str, int] = {}
    for i in order.tolist():
        best.setdefault(names[i], i)
    some = np.array(sorted(best.values()), dtype=np.int64)
    at = np.array([first[names[i]] for i in some.tolist()], dtype=np.int64)
    return Candidates([names[i] for i in some.tolist()], nodes[some], totals[at], beside_totals[at], rows[some])


def _word_kinds(words: Collection[str]) -> tuple[Integers, ...]:
    """Of each word its length, and whether it has a Han character, a digit, a Han numeral, what no file can hold."""
    sizes = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    han = np.fromiter((_HAN.search(word) is not None for word in words), dtype=np.int64, count=len(words))
    digits = np.fromiter((_NUMBER.search(word) is not None for word in words), dtype=np.int64, count=len(words))
    never = np.fromiter((not is_writable(word) for word in words), dtype=np.int64, count=len(words))
    numerals = np.fromiter((_HAN_NUMBER.search(word) is not None for word in words), dtype=np.int64, count=len(words))
    return sizes, han, digits, numerals, never


def _without_any_numbers(
    names: list[str], counts: Integers, with_digits: Integers, with_numerals: Integers
) -> Integers:
    """The places of names but those whose number is one of many that stand there."""
    kept = np.ones(len(names), dtype=bool)
    for number, places, least in ((_NUMBER, with_digits, 1), (_HAN_NUMBER, with_numerals, _MANY_NUMBERS)):
        own: Counter[str] = Counter()  # of one name in whatever words
        totals: Counter[str] = Counter()
        forms: Counter[str] = Counter()
        patterns = {i: number.sub("0", names[i]) for i in places.tolist()}
        for i, pattern in patterns.items():
            forms[pattern] += names[i] not in own
            own[names[i]] += int(counts[i])
            totals[pattern] += int(counts[i])
        for i, pattern in patterns.items():
            kept[i] &= forms[pattern] < least or own[names[i]] >= _ANY_NUMBER * totals[pattern]
    return np.flatnonzero(kept)


class Ranking:
    """Candidates with all that their scores are made of.

    Parameters
    ----------
    counts
        What was counted.
    vectors
        Of its words.
    seeds
        Terms that somebody has named, if any.
    min_count, max_words
        The least count of a candidate, and how many words it may have.

    Attributes
    ----------
    found
        What may be terms.
    unknown_seeds
        Seeds of which the text says nothing.
    """

    def __init__(
        self,
        counts: TermCounts,
        vectors: WordVectors,
        seeds: Iterable[str] = (),
        min_count: int | None = None,
        max_words: int | None = None,
    ) -> None:
        self.counts, self.found = counts, candidates(counts, min_count, max_words)
        self.min_count = max(min_count or 1, counts.min_count)
        self._measure()
        self.centrality = self.similarity = self.form = np.zeros(len(self.found))
        self.kept = self.nestedness < _PART
        self.seeds = frozenset(seeds)
        rows, self.unknown_seeds = rows_of(sorted(self.seeds), counts.words)
        if self.kept.any():
            self._compare(Similarity(vectors, self.found.words), rows)

    def _compare(self, similarity: Similarity, seeds: Integers) -> None:
        """Find out how similar candidates are to the best of them and to the seeds."""
        named = similarity.directions(seeds)
        best = np.flatnonzero(self.kept)
        for _ in range(_ROUNDS):
            order = np.argsort(-self.scores()[best], kind="stable")
            centre = best[order[: min(_CENTRE, len(best) // 10 + 1)]]
            direction = similarity.directions(self.found.words[centre]).mean(axis=0)
            if len(seeds):
                direction = (1 - _SEEDS_SHARE) * direction + _SEEDS_SHARE * named.mean(axis=0)
            self.centrality = similarity.to(direction[np.newaxis])
        if len(seeds):
            is_seed = np.fromiter((name in self.seeds for name in self.found.names), dtype=bool, count=len(self.found))
            self.kept |= is_seed
            self.similarity = np.where(is_seed, 1.0, similarity.to(named, _NEAREST))
            forms = np.minimum(self.sizes, _MANY_WORDS)
            usual = (np.bincount(forms[centre], minlength=_MANY_WORDS + 1) + 0.5) / (
                len(centre) + 0.5 * (_MANY_WORDS + 1)
            )
            named_forms = np.minimum((seeds >= 0).sum(axis=1), _MANY_WORDS)
            wanted = (np.bincount(named_forms, minlength=_MANY_WORDS + 1) + _FORMS * usual) / (len(seeds) + _FORMS)
            self.form = _FORM * np.log(wanted / usual)[forms] + np.where(is_seed, _SEED, 0.0)

    def _measure(self) -> None:
        """Find out the components of the score."""
        counts, found = self.counts, self.found
        strings, nodes = counts.strings(), found.nodes
        own = np.concatenate(([0], counts.counts))
        singles = slice(0, strings.bounds[1] if strings.longest else 0)
        single_words = (counts.keys[singles] & _MASK).astype(np.int64) - FIRST_WORD
        word_counts, word_left, word_right, word_contrast, word_after, word_before = np.zeros((6, len(counts.words)))
        for by_word, values in (
            (word_counts, counts.counts[singles]),
            (word_left, counts.left_entropies[singles]),
            (word_right, counts.right_entropies[singles]),
            (word_contrast, _contrast(counts.counts[singles], counts.background[singles], counts)),
            (word_after, _mark_share(counts.after_marks[singles], counts.counts[singles])),
            (word_before, _mark_share(counts.before_marks[singles], counts.counts[singles])),
        ):
            by_word[single_words] = values
        self.sizes = (found.words >= 0).sum(axis=1)
        several = self.sizes > 1
        first, last = found.words[:, 0], found.words[np.arange(len(nodes)), self.sizes - 1]
        joins = nodes[several]
        links = [  # of the first word to the others, and of the last one
            pmi(own[joins], own[rest], word_counts[word], counts.domain_total)
            for word, rest in ((first[several], strings.suffixes()[joins]), (last[several], strings.parents_of(joins)))
        ]
        self.association = np.zeros(len(found))
        self.association[several] = np.minimum(*links)
        self.contrast = _contrast(found.counts, found.background, counts)
        self.left, self.right = counts.left_entropies[nodes - 1], counts.right_entropies[nodes - 1]
        self.freedom = np.where(several, (word_right[first] + word_left[last]) / 2, 0.0)
        self.word_contrast = np.where(several, word_contrast[first] + word_contrast[last], 0.0)
        self.after_mark = counts.after_marks[nodes - 1] / own[nodes]
        self.before_mark = counts.before_marks[nodes - 1] / own[nodes]
        self.rare_beside_marks = np.zeros(len(found))
        for beside, word_share in ((counts.after_marks, word_after[first]), (counts.before_marks, word_before[last])):
            share = _mark_share(beside[nodes - 1], own[nodes])
            of_word = _MARKS_OF_WORD * np.maximum(np.log(_OFTEN / share), 0)
            together = _MARKS * np.maximum(np.log(_OFTEN / np.sqrt(share * word_share)), 0)
            self.rare_beside_marks += np.where(several, np.minimum(together, _MOST_MARKS), of_word)
        self.nestedness = _nestedness(strings)[nodes]
        self.spread = _spread(counts.counts[nodes - 1], counts.stretches[nodes - 1])
        self.documents = np.minimum(counts.documents[nodes - 1], found.counts)
        self.lengths = np.fromiter(map(len, found.names), dtype=np.int64, count=len(found))

    def parts(self) -> dict[str, Floats]:
        """What the score of each candidate is the sum of, in nats.

        Notes
        -----
        - contrast: ``-ln(q / p + exp(-5.5))``: p is its share of the domain's words, q that of the background's and one
          per million more. The weirdness of Ahmad, Gillam & Tostevin 1999, smoothed and bounded as in kexue.fm 6540:
          what is three hundred times as frequent is as much a term as what is three thousand times.
        - count: 0.35 ln c.
        - boundary: ``-10 max(0, 0.55 - min(H_left, H_right) / ln c)``: a fragment has always the same neighbour on one
          side. Marks are neighbours, so what stands in a set phrase between the same two marks is found out as well.
        - links: ``-0.7 max(0, 4.3 + (k - 2) - a) - (k - 2)`` for k > 1 words, a the pointwise mutual information of the
          weakest link: a join must earn its place.
        - edges: -0.16 F for the freedom F, and 0.1 times the sum of the contrasts of its first and its last word.
        - marks: what is complete stands before a mark now and then, and after one: on each side
          ``-min(2, 2 max(0, ln(0.08 / m)))``, m the geometric mean of how often it stands there and of how often its
          word on that side does; for a single word ``-0.3 max(0, ln(0.08 / m))``, m how often it does.
        - length: ln of its characters.
        - spread: ``-0.5 max(0, ln(0.14 / S))``: what stands in one place of the text only.
        - centrality: 5 times its cosine to the 1,000 terms that are the best so far, in two rounds: what stands beside
          the same words as terms do is one (pseudo-relevance feedback).
          If there are seeds, these are a tenth of what it is compared to.
        - similarity: 0.2 times the mean cosine to the two nearest seeds; 0.7 ln of how many times as many of the seeds
          as of the best terms have as many words as it (20 seeds count as much as all other terms); 3 for a seed.
        """
        log_counts = np.log(self.found.counts)
        free = np.minimum(self.left, self.right) / np.maximum(log_counts, 1e-9)
        more = np.maximum(self.sizes - 2, 0)
        weak = np.where(self.sizes > 1, np.maximum(_WEAK + more - self.association, 0), 0.0)
        lost = np.log(_SCATTERED) - np.log(np.maximum(self.spread, 1e-9))
        return {
            "contrast": self.contrast,
            "count": _COUNT * log_counts,
            "boundary": -_BOUNDARY * np.maximum(_FREE - free, 0),
            "links": -_LINK * weak - _LONG * more,
            "edges": -_FREEDOM * self.freedom + _WORDS * self.word_contrast,
            "marks": -self.rare_beside_marks,
            "length": _LENGTH * np.log(self.lengths),
            "spread": -_SPREAD * np.maximum(lost, 0),
            "centrality": _CENTRALITY * self.centrality,
            "similarity": _SIMILARITY * self.similarity + self.form,
        }

    def scores(self) -> Floats:
        """The score of each candidate."""
        return sum(self.parts().values(), np.zeros(len(self.found)))

    def terms(self, hidden: Collection[str] = ()) -> Terms:
        """The terms but for some that are not listed."""
        kept = self.kept.copy()
        if hidden:
            kept &= np.fromiter((name not in hidden for name in self.found.names), dtype=bool, count=len(self.found))
        return Terms(self._entries(np.flatnonzero(kept)))

    def place(self, term: str) -> int | None:
        """The number of a candidate, from 0; None if it is none."""
        try:
            return self.found.names.index(term)
        except ValueError:
            return None

    def entry(self, place: int) -> TermEntry:
        """The figures of a candidate, listed or not."""
        return next(iter(Terms(self._entries(np.array([place]))).values()))

    def _entries(self, places: Integers) -> Iterator[TermEntry]:
        columns: list[list[Any]] = [
            column[places].tolist()
            for column in (
                *(self.scores(), self.found.counts, self.found.background, self.documents, self.contrast),
                *(self.association, self.left, self.right, self.freedom, self.after_mark, self.before_mark),
                *(self.nestedness, self.spread),
                *(self.centrality, self.similarity),
            )
        ]
        return map(TermEntry, map(self.found.names.__getitem__, places.tolist()), *columns)


def _contrast(own: npt.ArrayLike, beside: npt.ArrayLike, counts: TermCounts) -> Floats:
    """How many times as frequent as in the background, as a logarithm, bounded softly."""
    share = np.asarray(own, dtype=np.float64) / max(counts.domain_total, 1)
    elsewhere = np.asarray(beside, dtype=np.float64) / max(counts.background_total, 1) + _UNSEEN
    return np.asarray(-np.logaddexp(np.log(elsewhere) - np.log(share), -_MOST_CONTRAST))


def _mark_share(beside: Integers, counts: Integers) -> Floats:
    """In how many of its occurrences something stands beside a mark on one side; some are taken for granted."""
    return np.asarray((beside + _MARK_PRIOR) / (counts + 10 * _MARK_PRIOR), dtype=np.float64)


def _nestedness(strings: StringCounts) -> Floats:
    """The greatest share of the occurrences of each string that are in one string of one more; by node."""
    own = np.concatenate(([1], strings.counts)).astype(np.float64)
    most = np.zeros(len(own))
    np.maximum.at(most, strings.parents[1:], own[1:])
    rest = strings.suffixes()
    inside = np.flatnonzero(rest)
    np.maximum.at(most, rest[inside], own[inside])
    most[0] = 0.0
    return most / own


def _spread(counts: Integers, stretches: Integers) -> Floats:
    """In how many stretches something occurs, as a share of how many there were if it were scattered at random."""
    expected = STRETCHES * -np.expm1(counts * np.log1p(-1 / STRETCHES))
    return np.asarray(np.minimum(stretches / np.maximum(expected, 1e-9), 1.0))
