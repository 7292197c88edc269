"""What a tagger was made of, kept beside it so that it can be adapted to other text.

Input: counts of a segmented text. Output: the tagger, the words as a lexicon, arrays of a model file and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ..core.tries import level_bounds
from ..statistics.strings import StringCounts, joined
from .tagger import SELF_TRAINED, Tagger

__all__ = ["Evidence"]

_NAMES: Final = ("evidence.keys", "evidence.counts", "evidence.settings", "evidence.words", "evidence.word_counts")
_MOST: Final = 10**15  # of any count
_TYPES: Final = (np.uint64, np.int64, np.float64, np.uint64, np.int64)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a tagger of order 2 is made of.

    Attributes
    ----------
    counts
        N-grams of order 2 of what `core.tagged.tagged_symbols` gives.
    back_off
        k.
    words
        The words of the text, where no lexicon beside the tagger holds them.
    by_hand
        Whether the text was segmented by hand.
    """

    counts: StringCounts
    back_off: float = SELF_TRAINED
    words: StringCounts = field(default_factory=lambda: joined(()))
    by_hand: bool = False

    @property
    def nbytes(self) -> int:
        """The size of its arrays."""
        return self.counts.nbytes + self.words.nbytes

    def tagger(self) -> Tagger:
        """The tagger."""
        return Tagger.order_2(self.counts, back_off=self.back_off)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of a model file."""
        counts, words = self.counts, self.words
        arrays = counts.keys, counts.counts, np.array([self.back_off, self.by_hand]), words.keys, words.counts
        return dict(zip(_NAMES, arrays))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self | None:
        """The evidence of such arrays; None if there is none.

        Raises
        ------
        KeyError
            If some are missing.
        ValueError
            If they are not those of evidence.
        """
        if not any(name in arrays for name in _NAMES):
            return None
        own = [arrays[name] for name in _NAMES]
        if [array.dtype for array in own] != list(map(np.dtype, _TYPES)):
            raise ValueError("the arrays of the evidence are of other types")
        keys, counts, settings, words, word_counts = own
        if settings.shape != (2,) or not 0 < settings[0] < np.inf or settings[1] not in (0, 1):
            raise ValueError("the settings of the evidence are a positive back-off and 0 or 1")
        by_hand = bool(settings[1])
        evidence = cls(_checked(keys, counts, 1), float(settings[0]), _checked(words, word_counts, 0), by_hand)
        if evidence.counts.longest > 2:
            raise ValueError("the evidence holds more than pairs")
        return evidence


def _checked(keys: npt.NDArray[Any], counts: npt.NDArray[Any], least: int) -> StringCounts:
    """Strings with counts; ValueError if the arrays are none, or a count is less."""
    if (
        keys.ndim != 1
        or keys.shape != counts.shape
        or (keys[1:] <= keys[:-1]).any()
        or ((counts < least) | (counts > _MOST)).any()
    ):
        raise ValueError("the arrays of the evidence do not belong together")
    level_bounds(keys)
    return StringCounts(keys, counts)
