"""Segmenting with a lexicon and a tagger at once.

A lexicon knows words and how frequent they are; a tagger knows which characters begin and end words, also words that
no lexicon has. Input: both. Output: the words of the best segmentation, and how probable it is that a word ends after
each character.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ..core.expectation import word_shares
from ..core.symbols import Floats
from ..core.tries import room_of
from ..core.walks import with_bonus, word_edges
from .compilation import CompiledLexicon
from .hmm import KIND as HMM_KIND
from .hmm import HMMSegmenter
from .lexicon import Lexicon
from .models import Arrays, read_model
from .segmenter import KIND as LEXICON_KIND
from .segmenter import LexiconSegmenter
from .tagger import Tagger

__all__ = ["KIND", "JointSegmenter", "load_segmenter"]

KIND: Final = "joint"  # in model files


class JointSegmenter(LexiconSegmenter):
    """Segment text by a lexicon and a hidden Markov model, decoded together.

    Parameters
    ----------
    lexicon
        The words and their counts.
    hmm
        Its tagger gives, for each character, the log-odds that a word ends there.
    user_words
        As in `LexiconSegmenter`.

    Examples
    --------
    >>> lexicon = Lexicon.from_counts({"研究": 50, "研究生": 30, "生命": 40, "命": 25, "起源": 20})
    >>> hmm = HMMSegmenter.from_segmented(["研究 生命 的 起源", "生命 是 什么", "研究生 研究 什么", "起源 的 研究"])
    >>> JointSegmenter(lexicon, hmm).words("研究生命的起源")
    ['研究', '生命', '的', '起源']

    Notes
    -----
    Of all ways to segment a run the one is taken with the highest

        Σ ln p(w) + Σ m(k)

    over its words w and the places k where they end; m(k) is the tagger's log-odds that a word ends there, from all
    tag sequences of the run (forward-backward). A word of two to four characters that is not in the lexicon counts as
    half an occurrence, less 4 nats for each character: it takes a tagger that is sure. Ties as in `LexiconSegmenter`.
    Time O(n L) for the longest word L that matches, memory O(n). Immutable, picklable, safe for threads.
    """

    __slots__ = ("_hmm",)
    _kind = KIND

    def __init__(self, lexicon: Lexicon, hmm: HMMSegmenter, *, user_words: Iterable[str] = ()) -> None:
        if not isinstance(hmm, HMMSegmenter):
            raise TypeError(f"hmm: expected an HMMSegmenter, found {type(hmm).__name__}")
        self._hmm = hmm
        super().__init__(lexicon, user_words=user_words)

    def _beside(self) -> Tagger:
        return self._hmm.tagger

    @property
    def hmm(self) -> HMMSegmenter:
        """The tagger, as a segmenter of its own."""
        return self._hmm

    def boundaries(self, text: str) -> Floats:
        """How probable it is that a word ends after each character.

        Parameters
        ----------
        text
            The text.

        Returns
        -------
        probabilities : shape (len(text),)
            Over all ways to make each run of words (forward-backward), weighed as in the notes above. 0 inside a
            number, a Latin word and whatever else is never cut; 1 where a run ends, and after what stands in no run.

        Raises
        ------
        TypeError
            If `text` is no `str`.

        Notes
        -----
        Time O(n L), in numpy: some hundred times slower than `cut`.
        """
        starts, symbols = self._units(text)
        room, lattice = room_of(symbols), self._lattice
        rows = word_edges(
            symbols,
            room,
            lattice.keys,
            lattice.scores,
            lattice.unknown,
            lattice.general,
            lattice.longest,
            lattice.unseen,
        )
        weights = {k: np.exp(row) for k, row in with_bonus(rows, lattice.bonus(symbols)).items()}
        reach, _ = word_shares(room, weights)
        probabilities = np.zeros(len(text))
        probabilities[starts[1:] - 1] = np.where(room > 1, np.minimum(reach[1 : len(room) + 1], 1.0), 1.0)
        return probabilities

    def _with(self, user_words: Iterable[str]) -> Self:
        other = type(self).__new__(type(self))
        other._hmm = self._hmm
        other._set(self._lexicon, self._made, user_words)
        return other

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of a model file."""
        return super().to_arrays() | self._hmm.to_arrays()

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """A segmenter of the arrays of a model file, which are checked."""
        segmenter = cls.__new__(cls)
        segmenter._hmm = HMMSegmenter.from_arrays(arrays)
        segmenter._set(Lexicon.from_arrays(arrays), CompiledLexicon.from_arrays(arrays), ())
        return segmenter

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JointSegmenter):
            return NotImplemented
        return super().__eq__(other) is True and self._hmm == other._hmm

    def __hash__(self) -> int:
        return hash((self._lexicon, self._user_words, self._hmm))

    def __repr__(self) -> str:
        return f"<JointSegmenter: {len(self._lexicon)} words, {self._hmm!r}, {len(self._user_words)} user words>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._lexicon, self._hmm, self._user_words)


def load_segmenter(path: str | os.PathLike[str]) -> LexiconSegmenter | HMMSegmenter:
    """Map the model of a file into memory, whichever segmenter it is of.

    Raises
    ------
    See `LexiconSegmenter.load`.
    """
    makers: dict[str, Callable[[Arrays], LexiconSegmenter | HMMSegmenter]] = {
        KIND: JointSegmenter.from_arrays,
        LEXICON_KIND: LexiconSegmenter.from_arrays,
        HMM_KIND: HMMSegmenter.from_arrays,
    }
    return read_model(path, makers)


def _restored(
    cls: type[JointSegmenter], lexicon: Lexicon, hmm: HMMSegmenter, user_words: tuple[str, ...]
) -> JointSegmenter:
    return cls(lexicon, hmm, user_words=user_words)
