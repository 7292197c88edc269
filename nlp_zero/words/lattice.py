"""The lattice: every word of a vocabulary that stands in a text, and the best path through it.

Input: words with scores, as a trie; symbols of text. Output: where the words of the best segmentation begin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_SYMBOL, NUMBER, Flags, Floats, Integers, Keys, Symbols, places_of

__all__ = ["NO_BONUS", "Lattice", "chunks", "exact"]

ANY_LENGTH = 1 << 40
NO_BONUS = np.zeros(0)
_UNSEEN_COST = 4.0  # nats for each symbol of a word that was never seen
_UNSEEN_LENGTH = 4
_CHUNKS = {"c": 1 << 19, "python": 1 << 17}  # symbols decided in one go: half a second of work, some 30 MB of memory
_LOOKED_AT = 1 << 12  # symbols among which the end of a run is looked for


def exact(scores: npt.ArrayLike) -> Floats:
    """Scores rounded to multiples of 2 ** -20, whose sums have no rounding errors.

    So equal sums are equal whatever their order, and ties are decided by rule and not by the last bit.
    """
    return np.asarray(np.round(np.asarray(scores, dtype=np.float64) * 2**20) / 2**20)


class Odds(Protocol):
    """What says how probable it is that words end: a `Tagger`."""

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""

    def log_odds(self, symbols: Symbols, general: Symbols) -> Floats:
        """The log-odds that a word ends with each symbol; shape (n,)."""


class Lattice:
    """Words with scores, ready to be found in text.

    Parameters
    ----------
    keys
        The trie of the words; shape (n,).
    scores
        Score of the word that ends at each node, -inf if none does; shape (n + 1,), the root first.
    unknown
        Score of a single symbol that is no word.
    general
        The class symbol of each form (see `nlp_zero.core.python.viterbi`); shape (forms,).
    longest
        Words, and chains of numbers and Latin words, of more symbols are not used.
    odds
        What has a say in where words end, if anything.
    unseen
        Scores of words of 2, 3, ... symbols that are not among these.

    Notes
    -----
    Immutable, picklable, safe to be used by many threads.
    """

    __slots__ = ("_core", "_trie", "general", "keys", "longest", "odds", "scores", "unknown", "unseen")

    def __init__(
        self,
        keys: Keys,
        scores: Floats,
        unknown: float,
        *,
        general: Symbols | None = None,
        longest: int = ANY_LENGTH,
        odds: Odds | None = None,
        unseen: Floats = NO_BONUS,
    ) -> None:
        self.keys, self.scores, self.unknown, self.longest = keys, scores, unknown, longest
        self.general = np.zeros(0, dtype=np.uint32) if general is None else general
        self.odds, self.unseen = odds, unseen
        self._core = kernels()  # the compiled trie is of this core
        self._trie = self._core.compile_trie(keys)

    def parts(self) -> tuple[Keys, Floats, float, Symbols, int, Floats]:
        """The compiled trie, and what belongs to it, as the kernels take them."""
        return self._trie, self.scores, self.unknown, self.general, self.longest, self.unseen

    @property
    def nbytes(self) -> int:
        """The size of its arrays, and of those of what has a say."""
        own = sum(array.nbytes for array in (self.keys, self.scores, self._trie))
        return own + (0 if self.odds is None else self.odds.nbytes)

    def rescored(self, scores: Floats, unknown: float) -> Lattice:
        """The same words with other scores."""
        other = self._copy()
        other.scores, other.unknown = scores, unknown
        return other

    def with_odds(self, odds: Odds, *, unseen: bool = False) -> Lattice:
        """The same words, and something that has a say in where they end; it may see words that are not among them."""
        other = self._copy()
        other.odds = odds
        other.unseen = exact(self.unknown - _UNSEEN_COST * np.arange(2, _UNSEEN_LENGTH + 1)) if unseen else NO_BONUS
        return other

    def _copy(self) -> Self:
        other = object.__new__(type(self))
        for name in Lattice.__slots__:
            setattr(other, name, getattr(self, name))
        return other

    def bonus(self, symbols: Symbols) -> Floats:
        """What a word that ends with a symbol gets on top of its score; shape (n,), or (0,) for nothing.

        0 where a run ends, for there every word does.
        """
        if self.odds is None:
            return NO_BONUS
        goes_on = np.append(symbols[1:], np.uint32(0))[: len(symbols)] >= FIRST_SYMBOL
        return np.where(goes_on, exact(self.odds.log_odds(symbols, self.general)), 0.0)

    def begins(self, symbols: Symbols, longest: int | None = None) -> Flags:
        """Where the words of the best segmentation begin.

        Parameters
        ----------
        symbols
            Shape (n,).
        longest
            Use words of at most so many symbols.

        Returns
        -------
        begins : shape (n,)
            1 where a word begins, and at every symbol outside runs.
        """
        return np.asarray(self._in_pieces(self._core.viterbi, symbols, self.longest if longest is None else longest))

    def _in_pieces(self, kernel: Callable[..., Any], symbols: Symbols, longest: int) -> Any:
        """What a kernel makes of a text, piece by piece."""
        own = self._trie, self.scores, self.unknown, self.general, longest
        pieces = (symbols[i:j] for i, j in chunks(symbols, _CHUNKS[self._core.name]))
        parts = [kernel(piece, *own, self.bonus(piece), self.unseen) for piece in pieces]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def split(self, strings: Symbols, longest: int | None = None) -> tuple[Floats, Integers, Integers]:
        """The best way to make strings of words, by their scores alone.

        Parameters
        ----------
        strings
            One a row, 0 after the end; shape (m, width).
        longest
            Use words of at most so many symbols.

        Returns
        -------
        scores : shape (m,)
            The sum of the scores of the parts.
        nodes : shape (parts,)
            The node of each part of each string, 0 for a single symbol, or a chain of units, that is no word.
        owners : shape (parts,)
            The string that each part belongs to.
        """
        m, width = strings.shape
        lines = np.zeros((m, width + 1), dtype=np.uint32)
        lines[:, :width] = strings
        sizes = (strings > 0).sum(axis=1)
        symbols = lines[np.arange(width + 1) <= sizes[:, np.newaxis]]  # each string, and one 0 to end it
        most = self.longest if longest is None else longest
        own = self._trie, self.scores, self.unknown, self.general, most, NO_BONUS, NO_BONUS
        places = places_of(self._core.viterbi(symbols, *own))
        lengths = np.diff(places, append=len(symbols))
        inside = symbols[places] >= FIRST_SYMBOL
        places, lengths = places[inside], lengths[inside]
        nodes = self._core.piece_nodes(symbols, self._trie, places, lengths)
        score = np.where(self._is_chain(symbols, places, lengths), self._lowest(symbols, places), -np.inf)
        score = np.maximum(score, self.scores[nodes])
        score = np.where(score > -np.inf, score, self.unknown)
        owners: Integers = np.searchsorted(np.cumsum(sizes + 1), places, side="right")
        scores = np.bincount(owners, weights=score, minlength=m).astype(np.float64, copy=False)
        return scores, nodes, owners

    def words(self, symbols: Symbols) -> Symbols:
        """The nodes of the words of the best segmentation, in their order.

        0 for a symbol outside runs, and for what is no word of the trie: an unknown symbol, or a chain of units.
        """
        return np.asarray(self._in_pieces(self._core.best_words, symbols, self.longest))

    def _is_chain(self, symbols: Symbols, places: Integers, lengths: Integers) -> npt.NDArray[np.bool_]:
        """Which parts are chains of numbers and Latin words with none beside them."""
        unit = symbols >= NUMBER
        count = np.concatenate(([0], np.cumsum(unit)))
        whole = (count[places + lengths] - count[places] == lengths) & (lengths > 1)
        alone = ~unit[places - 1] & ~unit[places + lengths]  # 0 stands between strings, and at the end
        return np.asarray(whole & alone)

    def _lowest(self, symbols: Symbols, places: Integers) -> Floats:
        """The lowest score of the single symbols of each part."""
        single = self.scores[self._core.find_children(self.keys, np.zeros(len(symbols), dtype=np.int64), symbols)]
        single = np.where(single > -np.inf, single, self.unknown)
        single[symbols < FIRST_SYMBOL] = np.inf
        lowest: Floats = np.minimum.reduceat(single, places) if len(places) else single[:0]
        return lowest

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (
            self.keys,
            self.scores,
            self.unknown,
            self.general,
            self.longest,
            self.odds,
            self.unseen,
        )


def _restored(
    keys: Keys,
    scores: Floats,
    unknown: float,
    general: Symbols,
    longest: int,
    odds: Odds | None,
    unseen: Floats,
) -> Lattice:
    return Lattice(keys, scores, unknown, general=general, longest=longest, odds=odds, unseen=unseen)


def chunks(symbols: Symbols, size: int) -> list[tuple[int, int]]:
    """Cut symbols into pieces that end where a run has ended: where each begins and ends."""
    cuts = [0]
    while len(symbols) - cuts[-1] > size and (end := _after_run(symbols, cuts[-1] + size)) < len(symbols):
        cuts.append(end)
    return list(zip(cuts, [*cuts[1:], len(symbols)]))


def _after_run(symbols: Symbols, place: int) -> int:
    """The place behind the first symbol from a place on that is in no run; the end if there is none."""
    for first in range(place, len(symbols), _LOOKED_AT):
        outside = symbols[first : first + _LOOKED_AT] < FIRST_SYMBOL
        if outside.any():
            return first + int(outside.argmax()) + 1
    return len(symbols)
