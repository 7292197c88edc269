"""How strongly things stand together: measures on arrays, and what n-gram counts say of each n-gram.

All logarithms are natural, so all measures are in nats.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.symbols import Floats, Integers
from ..parallel import Workers
from .counts import NgramCounts
from .strings import StringCounts

__all__ = [
    "autonomy",
    "branching_entropies",
    "dice",
    "dominance",
    "entropies",
    "log_likelihood",
    "normalized_pmi",
    "pmi",
    "t_score",
    "weakest_links",
]

Numbers = npt.ArrayLike
_CHUNK = 1 << 16  # nodes
_LEAST_SPREAD = 1e-6  # less is what rounding leaves of none


def pmi(joint: Numbers, left: Numbers, right: Numbers, total: Numbers) -> Floats:
    """Pointwise mutual information, ``ln(joint · total / (left · right))``.

    Parameters
    ----------
    joint, left, right
        Counts of the pair and of its parts; arrays that broadcast.
    total
        What all counts are shares of.

    Examples
    --------
    >>> float(pmi(2, 2, 4, 8).round(4))
    0.6931

    Notes
    -----
    Church and Hanks 1990. -inf where the pair does not occur.
    """
    joint, left, right, total = (np.asarray(x, dtype=np.float64) for x in (joint, left, right, total))
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(joint) - np.log(left) - np.log(right) + np.log(total))


def normalized_pmi(joint: Numbers, left: Numbers, right: Numbers, total: Numbers) -> Floats:
    """PMI divided by ``-ln(joint / total)``: 1 where the parts occur only together, 0 if independent.

    Notes
    -----
    Bouma 2009. -1 where the pair does not occur, 1 where it is all there is.
    """
    p = np.asarray(joint, dtype=np.float64) / np.asarray(total, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = pmi(joint, left, right, total) / -np.log(p)
    return np.where(p == 0, -1.0, np.where(p == 1, 1.0, value))


def log_likelihood(joint: Numbers, left: Numbers, right: Numbers, total: Numbers) -> Floats:
    """Log-likelihood ratio G² of the 2x2 table of a pair: ``2 Σ o ln(o / e)``.

    Notes
    -----
    Dunning 1993. Also large where a pair is rarer than chance.
    """
    a, row, column, n = (np.asarray(x, dtype=np.float64) for x in (joint, left, right, total))
    cells = (
        (a, row * column),
        (row - a, row * (n - column)),
        (column - a, (n - row) * column),
        (n - row - column + a, (n - row) * (n - column)),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(o > 0, o * np.log(o * n / e), 0.0) for o, e in cells]
    return np.asarray(2 * sum(terms))


def t_score(joint: Numbers, left: Numbers, right: Numbers, total: Numbers) -> Floats:
    """Student's t: ``(joint - left · right / total) / √joint``; 0 where the pair does not occur."""
    a, row, column, n = (np.asarray(x, dtype=np.float64) for x in (joint, left, right, total))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(a > 0, (a - row * column / n) / np.sqrt(a), 0.0)


def dice(joint: Numbers, left: Numbers, right: Numbers) -> Floats:
    """Dice's coefficient, ``2 joint / (left + right)``."""
    return np.asarray(2 * np.asarray(joint, dtype=np.float64) / (np.asarray(left) + np.asarray(right)))


def entropies(counts: Numbers, owners: Integers, owner_counts: Integers) -> Floats:
    """Entropy of what stands beside each of several strings.

    Parameters
    ----------
    counts
        How often each neighbour stands beside its string; shape (m,).
    owners
        The string of each neighbour, an index into `owner_counts`; shape (m,).
    owner_counts
        How often each string occurs; shape (n,). Where that is more than its neighbours make up, the rest stands at
        the end of a run: every such place counts as a neighbour seen once.

    Returns
    -------
    h : shape (n,)
        ``ln C - (1 / C) Σ c ln c``; 0 where C is 0.

    Notes
    -----
    Formula of Magistry and Sagot 2012 with unseen successors at run boundaries.
    """
    inner = np.bincount(owners, weights=self_information(counts), minlength=len(owner_counts))
    return entropies_from(inner, owner_counts)


def entropies_from(inner: npt.NDArray[Any], owner_counts: Integers) -> Floats:
    """The entropies of `entropies`, if the sums of ``c ln c`` are known already."""
    total = np.maximum(owner_counts, 1).astype(np.float64)
    return np.maximum(np.log(total) - inner / total, 0.0)


def self_information(counts: Numbers) -> Floats:
    """``c ln c`` of each count c: what entropies are sums of."""
    c = np.asarray(counts, dtype=np.float64)
    return np.asarray(c * np.log(np.maximum(c, 1)))


def branching_entropies(counts: NgramCounts, *, longest: int | None = None) -> tuple[Floats, Floats]:
    """Entropy of the symbol before and after each n-gram.

    Parameters
    ----------
    counts
        All n-grams; of `frequent` ones the rare neighbours would be missing.
    longest
        The longest n-grams wanted; by default all that are shorter than `counts.order`.

    Returns
    -------
    left, right : shape (number of such n-grams + 1,)
        By node, the root first (0).

    Raises
    ------
    ValueError
        If the counts are not whole, or too short for `longest`.
    """
    longest = counts.order - 1 if longest is None else longest
    if counts.min_count > 1 or longest >= counts.order:
        raise ValueError(f"counts: expected all n-grams of more than {longest} symbols, found {counts!r}")
    bounds = [*counts.bounds, *[len(counts)] * counts.order]
    owner_counts = np.concatenate(([0], counts.counts[: bounds[longest]]))
    beside = slice(bounds[1], bounds[longest + 1])
    nodes = np.arange(beside.start, beside.stop) + 1
    return (
        entropies(counts.counts[beside], counts.suffixes(longest + 1)[nodes], owner_counts),
        entropies(counts.counts[beside], counts.parents_of(nodes), owner_counts),
    )


def autonomy(
    strings: StringCounts, left: Floats, right: Floats, unigram_entropy: float, suffixes: Integers | None = None
) -> Floats:
    """How much less clear what stands beside a string is than what stands beside its parts, in standard deviations.

    Parameters
    ----------
    strings
        The strings, with all that they begin and end with.
    left, right
        Entropy of what stands before and after each of them; by node, the root first; see `branching_entropies`.
    unigram_entropy
        Entropy of single symbols: what is known of a neighbour if nothing else is.
    suffixes
        Those of all nodes, if they are known already; see `StringCounts.suffixes`.

    Returns
    -------
    a : shape (len(strings) + 1,)
        By node; 0 for the root.

    Notes
    -----
    Magistry and Sagot 2012. With h the entropy of what follows, the variation of x1..xk is h(x1..xk) - h(x1..xk-1), and
    for k = 1 h(x1) minus the unigram entropy; what comes before is treated in the mirror. For each length it is made
    comparable by the mean and standard deviation over the strings that have more than one neighbour on some side, and
    the autonomy is the mean of both sides.
    """
    after, before = right.copy(), left.copy()
    after[0] = before[0] = unigram_entropy
    nodes = np.arange(1, len(strings) + 1)
    suffixes = strings.suffixes() if suffixes is None else suffixes
    variations = (right[1:] - after[strings.parents_of(nodes)], left[1:] - before[suffixes[1:]])
    varied = (right[1:] > 0) | (left[1:] > 0)
    result = np.zeros(len(strings) + 1)
    for first, end in zip(strings.bounds, strings.bounds[1:]):
        for variation in variations:
            typical = variation[first:end][varied[first:end]]
            if len(typical):
                spread = float(typical.std())
                spread = spread if spread > _LEAST_SPREAD else 1.0
                result[first + 1 : end + 1] += (variation[first:end] - typical.mean()) / (2 * spread)
    return result


def dominance(counts: NgramCounts) -> Floats:
    """The share of the most frequent neighbour, before or after; shape (len(counts) + 1,), by node.

    Notes
    -----
    Near 1 for what hardly ever stands without the same neighbour, and so is a fragment of something longer. 0 for
    n-grams as long as `counts.order`. Of `frequent` counts, neighbours that were left out are missing: what occurs C
    times may have one with a share of up to ``(min_count - 1) / C`` that is not seen.
    """
    totals = np.concatenate(([max(counts.total, 1)], counts.counts)).astype(np.float64)
    return np.asarray(highest_neighbours(counts, counts.suffixes()) / totals)


def highest_neighbours(counts: StringCounts, suffixes: Integers) -> Integers:
    """The count of the most frequent neighbour, before or after; shape (len(counts) + 1,), by node.

    `suffixes` are those of all nodes; see `dominance`.
    """
    highest = np.zeros(len(counts) + 1, dtype=np.int64)
    for nodes in _chunks(counts):
        longer = counts.counts[nodes - 1]
        np.maximum.at(highest, counts.parents_of(nodes), longer)
        np.maximum.at(highest, suffixes[nodes], longer)
    return highest


def weakest_links(counts: NgramCounts) -> Floats:
    """The lowest PMI among all ways to cut each n-gram in two; shape (len(counts) + 1,), inf for single symbols.

    Notes
    -----
    ``min over k of ln P(s) - ln P(s[:k]) - ln P(s[k:])`` with P of every length relative to the number of symbols; the
    "solidity" of kexue.fm 4256 and 6920.
    """
    lowest = np.full(len(counts) + 1, np.inf)
    for nodes, links in link_chunks(counts, counts.suffixes()):
        lowest[nodes] = links
    return lowest


def link_chunks(
    counts: NgramCounts, suffixes: Integers, workers: Workers | None = None
) -> Iterator[tuple[Integers, Floats]]:
    """The weakest links of all n-grams of two or more symbols, chunk by chunk: nodes of one length, and their links.

    `suffixes` are those of all nodes; see `weakest_links`. Threads may help.
    """
    links = partial(_links, counts, suffixes)
    yield from workers.threaded(links, _chunks(counts)) if workers else map(links, _chunks(counts))


def _links(counts: NgramCounts, suffixes: Integers, nodes: Integers) -> tuple[Integers, Floats]:
    """The nodes of some n-grams of one length, and their weakest links."""
    total = np.log(max(counts.total, 1))

    def logs(nodes: Integers) -> Floats:
        """Log of the share of each n-gram."""
        return np.asarray(np.log(counts.counts[nodes - 1]) - total)

    length = int(np.searchsorted(counts.bounds, nodes[0]))
    lefts, rights = [nodes], [nodes]
    for _ in range(length - 1):
        lefts.append(counts.parents_of(lefts[-1]))
        rights.append(suffixes[rights[-1]])
    # rights[k] is without the first k symbols, so the left part has k
    cuts = (logs(nodes) - logs(lefts[length - k]) - logs(rights[k]) for k in range(1, length))
    lowest = next(cuts)
    for cut in cuts:
        lowest = np.minimum(lowest, cut)
    return nodes, lowest


def _chunks(counts: StringCounts) -> Iterator[Integers]:
    """The nodes of two or more symbols, level by level, so many at once that what is made of them is small."""
    for first, end in zip(counts.bounds[1:], counts.bounds[2:]):
        for low in range(first, end, _CHUNK):
            yield np.arange(low, min(low + _CHUNK, end)) + 1
