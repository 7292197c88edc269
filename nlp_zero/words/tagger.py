"""Hidden Markov models over the tags B, M, E, S, estimated from tagged text.

Input: counts of tagged symbols and of pairs of them. Output: a `Tagger`, the probability of every legal step.

* Order 1: p(t | t') p(c | t). The symbol depends on its tag alone.
* Order 2, jointly: p(c, t | c', t') for pairs of neighbouring symbols with their tags. With n(x', x) the count of a
  pair of tagged symbols, N(x') how often something follows x' = (c', t'), and T numbers of *different* things,

      p(c, t | x') = (n(x', x) + w q(c, t | x')) / (N(x') + w),      w = k + λ(t') T(x'),
      q(c, t | x') = (T(x', t) + κ p(t | t')) / (T(x') + κ) · (T(c, t) + δ) / Σ (T(c, t) + δ),      κ = 3 k.

  T(x') are the tagged symbols that follow x', T(x', t) those of them with the tag t, T(c, t) those that come before
  (c, t): what is backed off to counts how many different neighbours something has, not how often (Kneser and Ney 1995),
  and gets as much weight as there are different successors (Witten and Bell 1991), more of it between words (λ = 3
  after E and S) than inside of them (λ = 1). k is 1 for text that was segmented by hand. For text that a program has
  segmented it is large (`SELF_TRAINED`): then the tagger learns what is general in that, and not each of its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import (
    SYMBOL_BITS,
    SYMBOL_LIMIT,
    Flags,
    Floats,
    Integers,
    Keys,
    Shares,
    Symbols,
)
from ..core.tagged import EDGE_TAGGED, tagged, tags_between, untagged
from ..core.tagging import EDGE, FROM, STEPS, TO, B, E, S, logs_of, step_shares
from ..core.tries import level_bounds
from ..statistics.strings import StringCounts
from .lattice import chunks

__all__ = ["NO_FORMS", "SELF_TRAINED", "Tagger", "tag_shares"]

NO_FORMS: Final = np.zeros(0, dtype=np.uint32)
SELF_TRAINED: Final = 6000.0  # k for text that a program segmented
_PAIRS: Final = 1 << 15  # of tagged symbols that are looked at at once
_PIECE: Final = 1 << 18  # symbols that are decided in one go
_INSIDE, _BETWEEN = 1.0, 3.0  # λ
_TAG_WEIGHT: Final = 3.0  # κ / k
_FLOOR: Final = 0.1  # δ
_ADDED: Final = 0.3  # to each count of a symbol with a tag, order 1
_LEAST: Final = 1e-30  # of any probability: products of two stay inside the range of float64
_MOST: Final = 1.001  # sum of probabilities that were rounded
_NAMES: Final = ("tagger.keys", "tagger.contexts", "tagger.emissions", "tagger.pairs")
_TYPES: Final = (np.uint64, np.float32, np.float32, np.float32)
_STEP_OF: Final = np.full((4, 4), -1, dtype=np.int8)
_STEP_OF[FROM, TO] = np.arange(len(STEPS))


def tag_shares(counts: StringCounts) -> Floats:
    """The share of each tag among those of each single symbol that was counted.

    One half of an occurrence is added to each. Shape (single symbols, 4), `EDGE` first, as in a tagger of these counts.
    """
    end = counts.bounds[1] if len(counts) else 0
    counted = _Counted.of(StringCounts(counts.keys[:end], counts.counts[:end]))  # without the pairs, which are many
    tags = counted.by_symbol(counted.totals)[1:] + 0.5
    shares: Floats = tags / tags.sum(axis=1, keepdims=True)
    return shares


class Tagger:
    """The probability of every step from one tagged symbol to the next; made by `order_1` or `order_2`.

    Parameters
    ----------
    keys
        The trie of single symbols, `EDGE` among them, and of pairs.
    contexts, emissions, pairs
        As the kernels take them: see `nlp_zero.core.tagging`.

    Notes
    -----
    Immutable, picklable, safe to be used by many threads.
    """

    __slots__ = ("_core", "_trie", "contexts", "emissions", "keys", "pairs")

    def __init__(self, keys: Keys, contexts: Shares, emissions: Shares, pairs: Shares) -> None:
        self.keys, self.contexts, self.emissions, self.pairs = keys, contexts, emissions, pairs
        self._core = kernels()  # the compiled trie is of this core
        self._trie = self._core.compile_trie(keys)

    @classmethod
    def order_1(cls, counts: StringCounts) -> Self:
        """From counts of tagged symbols and pairs of them: symbols depend on their tags alone."""
        return cls._order_1(_Counted.of(counts))

    @classmethod
    def _order_1(cls, counted: _Counted) -> Self:
        emissions = counted.by_symbol(counted.totals) + _ADDED
        contexts = np.tile(counted.steps(counted.pair_steps()), (len(counted.symbols) + 1, 1))
        no_pairs = np.zeros((0, len(STEPS)))
        rows = map(_shares, (contexts, emissions / emissions.sum(axis=0), no_pairs))
        return cls(counted.symbols.astype(np.uint64), *rows)

    @classmethod
    def order_2(cls, counts: StringCounts, *, back_off: float = 1.0) -> Self:
        """From counts of tagged symbols and pairs of them: each depends on the one before.

        Parameters
        ----------
        counts
            N-grams of order 2 of what `core.tagged.tagged_symbols` gives.
        back_off
            k; see the beginning of this module.
        """
        return cls(*_order_2(_Counted.of(counts), back_off))

    @classmethod
    def of_words(cls, symbols: Symbols, starts: Integers, lengths: Integers, counts: Floats, *, order: int) -> Self:
        """From words with counts; what stands beside a word says nothing about it."""
        counted = _Counted.of_words(symbols, starts, lengths, counts)
        return cls._order_1(counted) if order == 1 else cls(*_order_2(counted, 1.0))

    def begins(self, symbols: Symbols) -> Flags:
        """1 where a word begins by the most probable tags, and at every symbol outside runs; there are no forms."""
        tags = self.tags(symbols)
        begins: Flags = ((tags == B) | (tags == S)).astype(np.uint8)
        return begins

    def tags(self, symbols: Symbols, general: Symbols = NO_FORMS) -> Flags:
        """The most probable tags of every run; see `nlp_zero.core.tagging.best_tags`."""
        return np.asarray(self._in_pieces(self._core.best_tags, symbols, general))

    def end_odds(self, symbols: Symbols, general: Symbols = NO_FORMS) -> Floats:
        """The odds that words end; see `nlp_zero.core.tagging.end_odds`."""
        return np.asarray(self._in_pieces(self._core.end_odds, symbols, general))

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""
        return sum(array.nbytes for array in (self._trie, *self._arrays()))

    def parts(self) -> tuple[Keys, Shares, Shares, Shares]:
        """The compiled trie, and what belongs to its nodes, as the kernels take them."""
        return self._trie, self.contexts, self.emissions, self.pairs

    def log_odds(self, symbols: Symbols, general: Symbols = NO_FORMS) -> Floats:
        """The log of `end_odds`, in multiples of 2 ** -20."""
        return np.asarray(self._in_pieces(lambda *piece: logs_of(self._core.end_odds(*piece)), symbols, general))

    def step_shares(self, symbols: Symbols) -> Floats:
        """How probable each step is; see `nlp_zero.core.tagging.step_shares`."""
        return step_shares(symbols, self.keys, self.contexts, self.emissions, self.pairs, NO_FORMS)

    def _in_pieces(self, kernel: Callable[..., Any], symbols: Symbols, general: Symbols) -> Any:
        """What a kernel says of a text, piece by piece, so that it does not take much memory at once."""
        rows = self._trie, self.contexts, self.emissions, self.pairs
        parts = [kernel(symbols[i:j], *rows, general) for i, j in chunks(symbols, _PIECE)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of a model file."""
        return dict(zip(_NAMES, self._arrays()))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """A tagger of such arrays.

        Raises
        ------
        KeyError
            If one is missing.
        ValueError
            If they are not those of a tagger.
        """
        own = [arrays[name] for name in _NAMES]
        for name, array, dtype in zip(_NAMES, own, _TYPES):
            if array.dtype != dtype:
                raise ValueError(f"array {name}: expected {np.dtype(dtype)}, found {array.dtype}")
        _check(*own)
        return cls(*own)

    @property
    def order(self) -> int:
        """2 if a symbol depends on the one before, else 1."""
        return 2 if len(self.pairs) else 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tagger):
            return NotImplemented
        return all(map(np.array_equal, self._arrays(), other._arrays()))

    def __hash__(self) -> int:
        return hash((len(self.keys), self.emissions.tobytes()))

    def _arrays(self) -> tuple[npt.NDArray[Any], ...]:
        return self.keys, self.contexts, self.emissions, self.pairs

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._arrays()


def _check(keys: Keys, contexts: Shares, emissions: Shares, pairs: Shares) -> None:
    """Raise ValueError if the arrays are not those of a tagger."""
    if keys.ndim != 1 or contexts.ndim != 2 or (keys[1:] <= keys[:-1]).any() or keys[:1].tolist() != [EDGE]:
        raise ValueError("the tagger has no keys of symbols and pairs")
    singles, bounds = len(contexts) - 1, level_bounds(keys)
    shapes = (singles + 1, len(STEPS)), (singles + 1, 4), (len(keys) - singles, len(STEPS))
    if bounds[1] != singles or len(bounds) > 3 or (contexts.shape, emissions.shape, pairs.shape) != shapes:
        raise ValueError("the arrays of the tagger do not belong together")
    for values in (contexts, emissions, pairs):
        if values.size and not (values.min() >= _LEAST / 2 and values.max() <= 1):  # NaN is neither
            raise ValueError("the tagger holds numbers that are no probabilities")
    for values in (contexts, pairs):
        if values.size and (values[:, 0::2] + values[:, 1::2]).max() > _MOST:
            raise ValueError("the tagger holds probabilities that sum up to more than 1")


def _order_2(counted: _Counted, back_off: float) -> tuple[Keys, Shares, Shares, Shares]:
    """What a tagger of order 2 consists of."""
    states = len(counted.totals)
    step = counted.pair_steps()
    steps = counted.steps(step)
    number = np.bincount(counted.before, weights=counted.counts, minlength=states)
    types = np.bincount(counted.before, minlength=states).astype(np.float64)
    types_to = np.bincount(counted.before * len(STEPS) + step, minlength=states * len(STEPS))
    inside = counted.tags < E
    weight = back_off + np.where(inside, _INSIDE, _BETWEEN) * types
    tag_weight = _TAG_WEIGHT * back_off
    to_tag = types_to.reshape(states, len(STEPS)) + tag_weight * steps
    whole = number + weight
    shared = (weight / whole / (types + tag_weight))[:, np.newaxis] * to_tag
    # one row a symbol: of its four tags those steps that begin with it; what was never seen backs off wholly
    contexts = np.tile(steps, (len(counted.symbols) + 1, 1))
    row, column = np.nonzero(FROM == counted.tags[:, np.newaxis])
    contexts[counted.places[row] + 1, column] = shared[row, column]
    emissions = counted.by_symbol(counted.types) + _FLOOR
    emissions /= emissions.sum(axis=0)
    singles, known = len(counted.symbols), 0
    most = len(counted.before)  # pairs; of most systems room that is never written to takes no memory
    keys, pairs = np.empty(singles + most, dtype=np.uint64), np.empty((most, len(STEPS)), dtype=np.float32)
    keys[:singles] = counted.symbols
    to = emissions[:, TO]
    for part in counted.chunks():
        seen = counted.counts[part] / whole[counted.before[part]]
        some, shares = _pairs_of(counted, part, step[part], seen, contexts, to)
        keys[singles + known : singles + known + len(some)], pairs[known : known + len(some)] = some, shares
        known += len(some)
    pairs.flags.writeable = False
    return keys[: singles + known], _shares(contexts), _shares(emissions), pairs[:known]


def _pairs_of(
    counted: _Counted, part: slice, step: npt.NDArray[np.int8], seen: Floats, contexts: Floats, to: Floats
) -> tuple[Keys, Shares]:
    """The keys of the pairs of symbols in a part of the pairs of tagged ones, and the probabilities of their steps.

    `to` are the emissions of the tag that each step leads to.
    """
    bits, mask = np.uint64(SYMBOL_BITS), np.uint64(SYMBOL_LIMIT - 1)
    first, second = counted.places[counted.before[part]] + 1, counted.places[counted.after[part]]
    both = np.sort(first.astype(np.uint64) << bits | second.astype(np.uint64))  # quicker than np.unique
    both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
    left, right = (both >> bits).astype(np.int64), (both & mask).astype(np.int64)
    pairs = contexts.take(left, axis=0)
    pairs *= to.take(right + 1, axis=0)
    pairs[kernels().find_children(both, first, second.astype(np.uint32)) - 1, step] += seen
    return left.astype(np.uint64) << bits | counted.symbols[right], _shares(pairs)


def _places_among(states: Integers, some: Keys) -> npt.NDArray[np.int32]:
    """Where some tagged symbols are among those that were counted alone."""
    place_of = np.full(SYMBOL_LIMIT, -1, dtype=np.int32)
    place_of[states] = np.arange(len(states))
    places: npt.NDArray[np.int32] = place_of[some]
    if (places < 0).any():
        raise ValueError("pairs hold tagged symbols that were not counted alone")
    return places


def _shares(array: Floats) -> Shares:
    """Probabilities as the kernels take them."""
    shares: Shares = np.maximum(array, _LEAST).astype(np.float32, copy=False)
    shares.flags.writeable = False
    return shares


@dataclass(frozen=True, slots=True)
class _Counted:
    """Counts of tagged symbols.

    Attributes
    ----------
    symbols
        All that were seen, sorted; shape (symbols,).
    places, tags, totals
        The symbol of each tagged symbol, as its place, the tag, and how often it occurs; shape (states,).
    before, after, counts
        Which tagged symbol follows which, and how often; shape (pairs,).
    types
        How many different tagged symbols come before each one; shape (states,).
    begin
        How often words begin with B and with S, where nothing tells it after what.
    """

    symbols: Symbols
    places: Integers
    tags: Integers
    totals: Floats
    before: npt.NDArray[np.signedinteger]
    after: npt.NDArray[np.signedinteger]
    counts: Floats | Integers
    types: Floats
    begin: Floats

    @classmethod
    def of(cls, counts: StringCounts) -> Self:
        """From n-grams of order 2."""
        bits, mask = np.uint64(SYMBOL_BITS), np.uint64(SYMBOL_LIMIT - 1)
        end = counts.bounds[1] if len(counts) else 0
        states = counts.keys[:end].astype(np.int64)
        pairs = counts.keys[end:]
        before = (pairs >> bits).astype(np.int32) - np.int32(1)
        after = _places_among(states, pairs & mask)
        own_symbols, tags = untagged(states)
        symbols = np.unique(np.append(own_symbols, np.uint32(EDGE)))  # also if there is no text
        places = np.searchsorted(symbols, own_symbols)
        totals, own = counts.counts[:end].astype(np.float64), counts.counts[end:]
        types = np.bincount(after, minlength=len(states)).astype(np.float64)
        return cls(symbols, places, tags, totals, before, after, own, types, np.zeros(2))

    @classmethod
    def of_words(cls, symbols: Symbols, starts: Integers, lengths: Integers, counts: Floats) -> Self:
        """From words that occur so often, each beside any other: what stands between words is not known.

        Parameters
        ----------
        symbols
            Those of the words.
        starts, lengths, counts
            The place of each word in them, and how often it occurs.
        """
        owner = np.repeat(np.arange(len(lengths)), lengths)
        offset = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        first, last = offset == 0, offset == lengths[owner] - 1
        coded = tagged(symbols[starts[owner] + offset], tags_between(first, last))
        states, place = np.unique(np.append(coded, np.uint32(EDGE_TAGGED)), return_inverse=True)
        totals = np.bincount(place[:-1], weights=counts[owner], minlength=len(states)).astype(np.float64)
        inner = np.flatnonzero(~last)
        both, row = np.unique(place[inner] * len(states) + place[inner + 1], return_inverse=True)
        number = np.bincount(row, weights=counts[owner[inner]], minlength=len(both)).astype(np.float64)
        own_symbols, tags = untagged(states)
        own_symbols, places = np.unique(own_symbols, return_inverse=True)
        begin = np.array([totals[tags == B].sum(), totals[tags == S].sum()])
        # what comes before a word is not known, so how often it occurs stands for how many different things do
        types = np.bincount(both % len(states), minlength=len(states)).astype(np.float64)
        types += np.where((tags == B) | (tags == S), totals, 0.0)
        return cls(own_symbols, places, tags, totals, both // len(states), both % len(states), number, types, begin)

    def chunks(self) -> Iterator[slice]:
        """The pairs in parts of some 30,000, each with all that begin with its symbols."""
        first = 0
        while first < len(self.before):
            middle = min(first + _PAIRS, len(self.before)) - 1
            symbol = self.places[self.before[middle]]
            state = np.searchsorted(self.places, symbol, side="right").astype(self.before.dtype)  # no copy of `before`
            end = int(np.searchsorted(self.before, state))
            yield slice(first, end)
            first = end

    def pair_steps(self) -> npt.NDArray[np.int8]:
        """Which step each pair takes."""
        tags = self.tags.astype(np.uint8)
        steps: npt.NDArray[np.int8] = _STEP_OF.reshape(-1)[4 * tags[self.before] + tags[self.after]]
        return steps

    def steps(self, taken: npt.NDArray[np.int8]) -> Floats:
        """The share of each step, which the pairs take, among those from the same tag; half an occurrence is added."""
        numbers = np.bincount(taken, weights=self.counts, minlength=len(STEPS)) + 0.5
        numbers[_STEP_OF[E, B] :] += np.tile(self.begin, 2)
        shares: Floats = numbers / np.repeat(numbers.reshape(4, 2).sum(axis=1), 2)
        return shares

    def by_symbol(self, values: npt.NDArray[Any]) -> Floats:
        """A figure of each tagged symbol in a table of symbols and tags, in which unseen symbols come first."""
        table = np.zeros((len(self.symbols) + 1, 4))
        table[self.places + 1, self.tags] = values
        return table
