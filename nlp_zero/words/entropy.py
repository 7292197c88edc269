"""Method ``entropy``: which strings may be words, and how likely that is before their counts as words are known.

Input: n-gram counts of a corpus. Output: candidates, each with the log of its prior. `words.learning` then finds out
which of them make the text cheapest to write.

1. A string is *autonomous* if it is less clear what follows it than what follows its beginning, and the same before it
   (Magistry and Sagot 2012): inside a word the next character is ever easier to guess, at its end anything may come.
2. Long strings have few occurrences, so their entropies say little. For three and four symbols the weakest link, the
   lowest PMI among their cuts in two, must be above a threshold (kexue.fm 4256 and 6920).
3. A frequent string with nearly always the same neighbour is a fragment (糖尿), and with that neighbour it may be a
   word with weaker links.
4. The prior is ``λ k(w) a(w)`` with autonomy a(w) in standard deviations and k the `Settings.lengths` factor of its
   length; λ grows with the text, because more text says more about what may stand beside a word.
5. To it comes how much what stands beside the string *diverges* from what stands beside its first and last symbols
   elsewhere, in standard deviations among strings as long and as frequent: what follows 这是 is what follows any 是, so
   although it is frequent and autonomous, it is two words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import LATIN, NUMBER, SYMBOL_LIMIT, Floats, Integers, Keys
from ..core.tries import level_bounds
from ..resources import Resources
from ..statistics.association import autonomy, link_chunks
from ..statistics.counts import NgramCounts
from ..statistics.divergence import ContextReader
from ..statistics.lookup import NgramFigures, common_nodes
from ..statistics.strings import StringCounts

__all__ = ["KNOWN_PRIOR", "ORDER", "Candidates", "Settings"]

ORDER: Final = 4
_INHERITED: Final = 0.5  # nats
KNOWN_PRIOR: Final = 20.0  # nats: more than anything has that only looks like a word
_FREQUENT: Final = 5  # counts are compared in classes by powers of 2; what occurs 2 ** 5 times or more is one
_LEAST_SPREAD: Final = 1e-6  # less is what rounding leaves of none
_AUTONOMOUS: Final = 3  # up to so many symbols there are n-grams longer by one, so what stands beside is known
_MASK = np.uint64(SYMBOL_LIMIT - 1)


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides, in the units of the formulas.

    Attributes
    ----------
    min_count
        Strings that occur less often are no candidates.
    weight
        λ: how many nats a standard deviation of autonomy is worth.
    lengths
        Factors of λ for strings of 1, 2, 3 and 4 symbols.
    links
        The least weakest link, in nats, of strings of 3 and 4 symbols.
    divergence
        How many nats a standard deviation of either divergence of the neighbours is worth.
    unit
        How many nats likelier a single number or Latin word is a word.
    least_autonomy
        Strings below it have no chance against their parts; they are left out to save time.
    rounds
        How often counts as words are estimated anew.
    least_expected
        Candidates that are expected to be a word less often are given up.
    fragment
        A string with the same neighbour in so large a share of its occurrences is no word.
    fragment_count
        If it occurs so often; rarer ones have one neighbour by chance.
    whole_links
        What it is a fragment of needs links that are this part as strong.
    share
        Two words are joined to one if one of them stands beside the other in so large a share of its occurrences.
    other_share
        And the other one beside it in at least this share.
    join_count
        And they stand so together at least so often.
    granular
        If longer words are asked for, these may be made of words that do stand apart, too:
    term_size, term_share, part_share
        what has so many symbols is joined from `term_share` on, what is shorter, as a step to it, from `part_share` on,
    other_term_share, term_count
        with these in place of `other_share` and `join_count`.
    """

    min_count: int
    weight: float
    links: tuple[float, float]
    lengths: tuple[float, ...] = (1.0, 2.0, 4 / 3, 0.0)
    divergence: float = 1.0
    unit: float = 0.0
    least_autonomy: float = -0.25
    rounds: int = 3
    least_expected: float = 0.5
    fragment: float = 0.95
    fragment_count: int = 10
    whole_links: float = 0.7
    share: float = 0.9
    other_share: float = 0.005
    join_count: int = 3
    granular: int = 8
    term_size: int = 6
    term_share: float = 0.4
    part_share: float = 0.8
    other_term_share: float = 0.05
    term_count: int = 10

    def __str__(self) -> str:
        """What depends on the size of the corpus."""
        return f"min_count={self.min_count}, weight={self.weight}, links={self.links}"

    @classmethod
    def for_size(cls, total: int) -> Settings:
        """The settings for a corpus of so many symbols.

        Notes
        -----
        Chosen on segmented newspaper text, for 0.08 to 13 million symbols; see benchmarks/QUALITY.md. With little text
        long strings look tied together by chance, so stronger links are asked for.
        """
        size = np.log(max(total, 2))
        weight = np.clip(0.65 + 0.28 * (size - np.log(1e5)), 0.3, 1.8)
        third = np.clip(4.5 - 0.8 * (size - np.log(2e6)), 2.25, 4.5)
        fourth = np.clip(7.5 - 0.6 * (size - np.log(3e5)), 4.5, 7.5)
        min_count = 2 + (total > 4_000_000) + (total > 16_000_000)
        links = (round(float(third), 3), round(float(fourth), 3))
        return cls(min_count=int(min_count), weight=round(float(weight), 3), links=links)

    @classmethod
    def for_training(cls, total: int) -> Settings:
        """The settings for words that a tagger has a say in: what it helps to judge may be tied more loosely.

        Chosen as those of `for_size`.
        """
        size = np.log(max(total, 2))
        third = np.clip(4.5 - 0.8 * (size - np.log(3e5)), 1.25, 4.5)
        fourth = np.clip(7.5 - 0.6 * (size - np.log(6.7e4)), 3.6, 7.5)
        links = round(float(third), 3), round(float(fourth), 3)
        return replace(cls.for_size(total), links=links, unit=0.5)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Strings that may be words.

    Attributes
    ----------
    keys
        Their trie.
    priors
        The log of how much likelier than by its count alone each is a word, in nats; by node, the root first; -inf for
        nodes that are none.
    """

    keys: Keys
    priors: Floats

    @property
    def number(self) -> int:
        """How many there are of two or more symbols."""
        return int(np.isfinite(self.priors[level_bounds(self.keys)[1] + 1 :]).sum()) if len(self.keys) else 0

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""
        return self.keys.nbytes + self.priors.nbytes

    def up_to(self, longest: int) -> Candidates:
        """Those of at most so many symbols."""
        bounds = level_bounds(self.keys)
        end = bounds[min(longest, len(bounds) - 1)]
        return Candidates(self.keys[:end], self.priors[: end + 1])

    def with_inherited(self, words: StringCounts) -> Candidates:
        """The same; those that are words of other text, where they occur more than once, are likelier by half a nat."""
        own = StringCounts(self.keys, np.zeros(len(self.keys), dtype=np.int64))
        priors, wanted = self.priors.copy(), np.concatenate(([False], words.counts > 1)) & (words.depths > 1)
        for nodes, places in common_nodes(words, own):
            priors[places[wanted[nodes]]] += _INHERITED
        return Candidates(self.keys, priors)

    @classmethod
    def of(cls, counts: NgramCounts, settings: Settings, resources: Resources) -> Candidates:
        """Find the candidates.

        Notes
        -----
        N-grams that occur `min_count` times stay in memory meanwhile, with some 150 bytes each.
        """
        frequent = counts.frequent(settings.min_count, resources)
        suffixes_of = resources.workers.meanwhile(frequent.suffixes)
        end = frequent.bounds[min(_AUTONOMOUS, frequent.longest)]
        short = StringCounts(frequent.keys[:end], frequent.counts[:end])
        figures, divergence = _beside(short, counts, resources)
        suffixes = suffixes_of()
        priors = np.zeros(len(frequent) + 1)  # what is as long as the n-grams has its links alone
        priors[: end + 1] = _priors(short, suffixes[: end + 1], figures, counts, settings)
        del figures  # in a large text this is as large as the n-grams themselves
        priors[0] = -np.inf
        # what a number belongs to mostly comes after it
        number = np.concatenate(([False], (frequent.keys & _MASK) == NUMBER)) & (frequent.depths > 1)
        priors[number] = -np.inf
        after, before, whole = _dominated(frequent, suffixes, settings)
        for nodes, links in link_chunks(frequent, suffixes, resources.workers):
            length = int(np.searchsorted(frequent.bounds, nodes[0]))
            if length > 2:
                least = settings.links[length - 3] * np.where(whole[nodes], settings.whole_links, 1.0)
                priors[nodes[links <= least]] = -np.inf
        priors[_fragments(frequent, suffixes, after | before, np.isfinite(priors), settings)] = -np.inf
        possible = np.flatnonzero(np.isfinite(priors[: len(divergence[0])]))
        for deviations in _standardised(divergence, frequent, possible):
            priors[possible] += settings.divergence * deviations
        units = np.flatnonzero(np.isin(frequent.singles()[0], (NUMBER, LATIN))) + 1
        priors[units] += settings.unit
        keys, nodes = frequent.restricted(np.isfinite(priors))
        return cls(keys, np.concatenate(([-np.inf], priors[nodes])))


def _beside(
    short: StringCounts, counts: NgramCounts, resources: Resources
) -> tuple[NgramFigures, tuple[Floats, Floats]]:
    """What stands beside strings shorter than n-grams, by node: figures, and how much it diverges on either side."""
    reader = ContextReader(short, _AUTONOMOUS, counts.total)
    found = counts.read(reader, resources)
    kernels().release_memory()  # what the workers leave does not add to what comes next
    return found.figures, reader.divergences(found, resources.workers)


def _priors(
    short: StringCounts, suffixes: Integers, figures: NgramFigures, counts: NgramCounts, settings: Settings
) -> Floats:
    """The priors of such strings by their autonomy, by node, the root first; -inf for those with too little of it."""
    single = counts.singles()[1]
    share = single[single > 0] / max(counts.total, 1)
    own = autonomy(short, *figures.entropies(), float(-(share * np.log(share)).sum()), suffixes)
    priors = np.zeros(len(short) + 1)
    for length, (first, end) in enumerate(pairwise(short.bounds), 1):
        nodes = np.arange(first, end) + 1
        priors[nodes] = settings.weight * settings.lengths[length - 1] * own[nodes]
        if length > 1:
            priors[nodes[own[nodes] <= settings.least_autonomy]] = -np.inf
    return priors


def _standardised(sides: Sequence[Floats], strings: StringCounts, nodes: Integers) -> list[Floats]:
    """How far values are from what is usual for strings as long and as frequent, in standard deviations.

    For each side, of which values are given by node, those of some nodes; 0 for single symbols.
    """
    depths, powers = strings.depths[nodes], np.frexp(strings.counts[nodes - 1])[1] - 1
    classes = np.where(depths > 1, depths * 64 + np.minimum(powers, _FREQUENT), 0)
    values, results = [side[nodes] for side in sides], [np.zeros(len(nodes)) for _ in sides]
    for one in np.unique(classes[classes > 0]).tolist():
        some = np.flatnonzero(classes == one)
        for of_all, result in zip(values, results):
            own = of_all[some]
            spread = float(own.std())
            result[some] = (own - own.mean()) / (spread if spread > _LEAST_SPREAD else 1.0)
    return results


def _dominated(
    ngrams: NgramCounts, suffixes: Integers, settings: Settings
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which n-grams nearly always have the same neighbour after them, which before, and which are those with it.

    By node, the root first. What ends with a string that is nearly always followed by the same symbol is so, too. A
    whole is what both the string without its last symbol and that without its first nearly always stand in: 糖尿病 is,
    见西门庆 is not, as 西门庆 also stands without 见.
    """
    counts = np.concatenate(([1], ngrams.counts))
    most = settings.fragment * counts
    parents = np.concatenate(([0], ngrams.parents_of(np.arange(1, len(counts)))))
    after, before = np.zeros((2, len(counts)), dtype=bool)
    whole = np.ones(len(counts), dtype=bool)
    for side, shorter in ((after, parents), (before, suffixes)):
        held = (counts >= most[shorter]) & (counts[shorter] >= settings.fragment_count) & (shorter > 0)
        side[shorter[held]] = True
        whole &= held
    for first, end in zip(ngrams.bounds[1:], ngrams.bounds[2:]):
        level = slice(first + 1, end + 1)
        after[level] |= after[suffixes[level]]
        before[level] |= before[parents[level]]
    return after, before, whole


def _fragments(
    ngrams: NgramCounts,
    suffixes: Integers,
    dominated: npt.NDArray[np.bool_],
    possible: npt.NDArray[np.bool_],
    settings: Settings,
) -> npt.NDArray[np.bool_]:
    """Which n-grams are only parts of something that may be a word: 糖尿 of 糖尿病.

    By node, the root first. A part of something that is longer than the n-grams may yet be a word; `words.joining` sees
    to that.
    """
    counts = np.concatenate(([1], ngrams.counts))
    most = settings.fragment * counts
    found = possible & ~dominated  # words, and what is a part of one
    for first, end in list(zip(ngrams.bounds[1:], ngrams.bounds[2:]))[::-1]:
        nodes = np.arange(first, end) + 1
        nodes = nodes[found[nodes]]
        for shorter in (ngrams.parents_of(nodes), suffixes[nodes]):
            found[shorter[counts[nodes] >= most[shorter]]] = True
    return dominated & found & (ngrams.depths > 1)
