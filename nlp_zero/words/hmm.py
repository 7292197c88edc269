"""Segmenting text by tagging its characters.

Input: text that is segmented already, or a lexicon; any `str`. Output: an `HMMSegmenter`, words, and how probable it is
that a word ends after each character.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ..core import core_name
from ..core.symbols import C_SPACE, FIRST_SYMBOL, Flags, Floats, Symbols
from ..core.tagging import ODDS_LIMIT
from ..errors import CorpusError
from ..progress import Advance, progress_bar
from ..resources import Resources
from ..statistics.strings import joined
from ..text.characters import character_classes, codes_of, symbols_of_all, units
from ..text.corpus import TextFiles, check_corpus, text_blocks
from .evidence import Evidence
from .learning import chunk_size
from .lexicon import Lexicon
from .models import Arrays, read_model, write_model
from .reestimation import expected_tags
from .segmenting import RunSegmenter
from .tagger import Tagger
from .telling import grouped, telling

__all__ = ["KIND", "HMMSegmenter"]

KIND: Final = "hmm"  # in model files
_LONGEST: Final = 32  # symbols of a word of segmented text that is remembered as such
_LINE_ENDS: Final = (0x0A, 0x0D)


class HMMSegmenter(RunSegmenter):
    """Segment text by the most probable tags of its characters: B, M, E, S.

    Made by `from_segmented`, `from_lexicon` or `load`.

    Parameters
    ----------
    tagger
        The probabilities.
    user_words
        Words that are taken wherever they occur, before anything else, the longest first. They may hold spaces,
        digits and punctuation.
    evidence
        What it was made of, so that it can be adapted to other text.

    Examples
    --------
    >>> corpus = ["继电 保护 装置 动作", "继电 保护 的 整定", "保护 装置 的 动作"]
    >>> segmenter = HMMSegmenter.from_segmented(corpus)
    >>> segmenter.words("继电装置的保护动作")
    ['继电', '装置', '的', '保护', '动作']

    Notes
    -----
    A first-order Markov chain over tags and characters, decoded with four states: time O(n), memory O(n).
    Of equally probable tags the ones that come first in B, M, E, S are taken at the last character where they differ.
    Immutable, picklable, safe for threads.
    """

    __slots__ = ("_evidence", "_tagger")

    def __init__(self, tagger: Tagger, *, user_words: Iterable[str] = (), evidence: Evidence | None = None) -> None:
        if not isinstance(tagger, Tagger):
            raise TypeError(
                f"tagger: expected a Tagger, found {type(tagger).__name__}; see HMMSegmenter.from_segmented"
            )
        self._tagger, self._evidence = tagger, evidence
        super().__init__(user_words)
        self._decode_with(None, tagger)

    @classmethod
    def from_segmented(
        cls,
        corpus: Iterable[str],
        *,
        order: int = 2,
        memory_limit: int | str | None = None,
        jobs: int = 1,
        temporary_directory: str | os.PathLike[str] | None = None,
        progress: bool = False,
    ) -> Self:
        """Learn from text whose words are separated by white space.

        Parameters
        ----------
        corpus
            `TextFiles`, or any iterable of `str`; it is read once.
        order
            1: a character depends on its tag alone; 2: on its tag and on the character before with its tag.
        memory_limit, jobs, temporary_directory, progress
            As in `WordFinder`.

        Raises
        ------
        ValueError
            If `order` is neither 1 nor 2, or another parameter makes no sense.
        CorpusError
            If the corpus cannot be read, or holds no words, or none that are separated.

        Notes
        -----
        Time O(n), memory O(distinct pairs of characters). See `nlp_zero.words.tagger` for the formulas.
        """
        _check_order(order)
        if isinstance(corpus, str):
            raise TypeError("corpus: expected an iterable of texts, found one str; pass [text] or TextFiles(path)")
        share_memory = core_name() == "c"
        size = corpus.total_bytes if isinstance(corpus, TextFiles) else None
        with (
            Resources.plan(memory_limit, jobs, temporary_directory, share_memory=share_memory) as resources,
            progress_bar("counting", size, show=progress) as advance,
        ):
            told = telling(_read_segmented, _LONGEST, corpus, resources, advance, watch=_separations)
        if not len(told.tags):
            raise CorpusError("the corpus holds no Chinese text; expected words separated by white space")
        if not any(told.watched):
            raise CorpusError("the corpus has no white space inside its lines; expected words separated by it")
        evidence = Evidence(told.tags, back_off=1.0, words=told.words, by_hand=True)
        return cls(Tagger.order_1(told.tags) if order == 1 else evidence.tagger(), evidence=evidence)

    @classmethod
    def from_lexicon(cls, lexicon: Lexicon, *, order: int = 2) -> Self:
        """Learn from the words of a lexicon and their counts (after kexue.fm 3922).

        Parameters
        ----------
        lexicon
            The words; those with punctuation or white space in them say nothing about characters.
        order
            As in `from_segmented`; where words meet, nothing is known, so there a character depends on its tag alone.

        Raises
        ------
        ValueError
            If `order` is neither 1 nor 2, or no word has a count and characters that stand in runs.

        Examples
        --------
        >>> lexicon = Lexicon.from_counts({"继电": 9, "保护": 9, "的": 20, "装置": 5})
        >>> HMMSegmenter.from_lexicon(lexicon).words("装置的保护")
        ['装置', '的', '保护']
        """
        _check_order(order)
        if not isinstance(lexicon, Lexicon):
            raise TypeError(f"lexicon: expected a Lexicon, found {type(lexicon).__name__}; see Lexicon.load")
        counts = lexicon.counts()
        symbols, starts, lengths, whole = symbols_of_all(list(counts))
        values = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
        whole = whole & (values > 0)
        if not whole.any():
            raise ValueError("lexicon: expected words with counts, found none")
        return cls(Tagger.of_words(symbols, starts[whole], lengths[whole], values[whole], order=order))

    def reestimated(
        self,
        corpus: Iterable[str],
        *,
        rounds: int = 1,
        memory_limit: int | str | None = None,
        jobs: int = 1,
        temporary_directory: str | os.PathLike[str] | None = None,
        progress: bool = False,
    ) -> Self:
        """Learn on from raw text by expectation maximisation (Baum and Welch), over legal tag sequences only.

        Parameters
        ----------
        corpus
            `TextFiles`, or any iterable of `str` that can be read more than once; it is read once each round.
        rounds
            How often; more than three move away from words.
        memory_limit, jobs, temporary_directory, progress
            As in `WordFinder`.

        Returns
        -------
        segmenter
            Of the same order. It knows this text alone, so the text should be large.

        Raises
        ------
        ValueError
            If `rounds` is not positive, or another parameter makes no sense.
        CorpusNotRestartableError, CorpusError
            If the corpus can be read only once, cannot be read, or holds no Chinese text.

        Examples
        --------
        >>> lexicon = Lexicon.from_counts({"继电": 9, "保护": 9, "的": 20, "装置": 5})
        >>> start = HMMSegmenter.from_lexicon(lexicon, order=1)
        >>> start.reestimated(["继电保护的装置", "装置的继电保护"] * 5, rounds=2).words("保护的继电装置")
        ['保护', '的', '继电', '装置']
        """
        if not isinstance(rounds, int | np.integer) or rounds < 1:
            raise ValueError(f"rounds: expected a whole number from 1 on, found {rounds!r}")
        check_corpus(corpus)
        size = corpus.total_bytes if isinstance(corpus, TextFiles) else None
        evidence = replace(Evidence(joined(())) if self._evidence is None else self._evidence, by_hand=False)
        tagger = self._tagger
        share_memory = core_name() == "c"
        with Resources.plan(memory_limit, jobs, temporary_directory, share_memory=share_memory) as resources:
            for number in range(1, rounds + 1):
                with progress_bar(f"expecting {number}/{rounds}", size, show=progress) as advance:
                    counts = expected_tags(tagger, corpus, resources, advance)
                if not len(counts):
                    raise CorpusError("the corpus holds no Chinese text")
                evidence = replace(evidence, counts=counts)
                tagger = Tagger.order_1(counts) if self.order == 1 else evidence.tagger()
        return type(self)(tagger, user_words=self._user_words, evidence=evidence)

    @property
    def order(self) -> int:
        """2 if a character depends on the one before it, 1 if only on its tag."""
        return self._tagger.order

    @property
    def tagger(self) -> Tagger:
        """The probabilities."""
        return self._tagger

    @property
    def evidence(self) -> Evidence | None:
        """What the tagger was made of, if that is known."""
        return self._evidence

    def boundaries(self, text: str) -> Floats:
        """How probable it is that a word ends after each character.

        Parameters
        ----------
        text
            The text.

        Returns
        -------
        probabilities : shape (len(text),)
            Over all ways to tag each run (forward-backward). 0 inside a number, a Latin word and whatever else is never
            cut; 1 where a run ends, and after what stands in no run.

        Raises
        ------
        TypeError
            If `text` is no `str`.

        Examples
        --------
        >>> segmenter = HMMSegmenter.from_segmented(["继电 保护 装置", "保护 的 装置", "继电 的 保护"])
        >>> (segmenter.boundaries("继电保护1998，") > 0.5).tolist()
        [False, True, False, True, False, False, False, True, True]
        """
        starts, symbols = self._units(text)
        odds = self._tagger.end_odds(symbols)
        probabilities = np.zeros(len(text))
        probabilities[starts[1:] - 1] = np.where(odds >= ODDS_LIMIT, 1.0, odds / (1 + odds))
        return probabilities

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file that `load` maps into memory; user words are not written."""
        write_model(path, KIND, {}, self.to_arrays())

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of a model file."""
        return self._tagger.to_arrays() | (self._evidence.to_arrays() if self._evidence else {})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Map the model of a file into memory.

        Raises
        ------
        ModelFormatError
            If the file holds no such model, is damaged, or is of another version.
        OSError
            If it cannot be read.
        """
        return read_model(path, {KIND: cls.from_arrays})

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """A segmenter of the arrays of a model file, which are checked."""
        return cls(Tagger.from_arrays(arrays), evidence=Evidence.from_arrays(arrays))

    def _with(self, user_words: Iterable[str]) -> Self:
        return type(self)(self._tagger, user_words=user_words, evidence=self._evidence)

    def _begins(self, symbols: Symbols) -> Flags:
        return self._tagger.begins(symbols)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HMMSegmenter):
            return NotImplemented
        return self._tagger == other._tagger and self._user_words == other._user_words

    def __hash__(self) -> int:
        return hash((self._tagger, self._user_words))

    def __repr__(self) -> str:
        symbols, words = len(self._tagger.contexts) - 2, len(self._user_words)
        return f"<HMMSegmenter: order {self.order}, {symbols} characters, {words} user words>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._tagger, self._user_words, self._evidence)


def _restored(
    cls: type[HMMSegmenter], tagger: Tagger, user_words: tuple[str, ...], evidence: Evidence | None
) -> HMMSegmenter:
    return cls(tagger, user_words=user_words, evidence=evidence)


def _check_order(order: int) -> None:
    if order not in (1, 2):
        raise ValueError(f"order: expected 1 or 2, found {order!r}")


def _read_segmented(
    corpus: Iterable[str], resources: Resources, advance: Advance | None
) -> Iterator[tuple[Symbols, Flags]]:
    """The symbols of text whose words are separated by white space, and 1 where they begin; chunk by chunk."""
    return grouped(map(_segmented_units, text_blocks(corpus, advance)), chunk_size(resources))


def _segmented_units(block: str) -> tuple[Symbols, Flags]:
    """The symbols of segmented text without its white space, and 1 where words begin."""
    codes = codes_of(block)
    kept = (character_classes()[np.minimum(codes, 0x10FFFF)] != C_SPACE) | np.isin(codes, _LINE_ENDS)
    text = codes[kept].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    starts, symbols = units(text)
    first = kept & ~np.append(True, kept[:-1])[: len(kept)]
    begins = np.zeros(len(text) + 1, dtype=np.uint8)
    begins[np.cumsum(kept)[first] - 1] = 1
    outside = symbols < FIRST_SYMBOL
    return symbols, begins[starts[:-1]] | outside | np.append(True, outside[:-1])[: len(outside)]


def _separations(symbols: Symbols, begins: Flags) -> tuple[int]:
    """How many words begin inside runs."""
    inside = (symbols >= FIRST_SYMBOL) & np.append(False, symbols[:-1] >= FIRST_SYMBOL)[: len(symbols)]
    return (int((inside & (begins > 0)).sum()),)
