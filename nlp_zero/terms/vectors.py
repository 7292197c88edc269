"""Word vectors from pointwise mutual information: words that stand near the same words have vectors that point alike.

Input: segmented text, or counts of which words stand near each other. Output: an immutable value that finds similar
words, and files of it: the container of `nlp_zero.files`, and the text format of word2vec, which most tools read.
"""

from __future__ import annotations

import logging
import math
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ..core.symbols import Floats, Integers
from ..errors import EmptyResultWarning, ModelFormatError
from ..files import ContainerError, read_container, replacing, write_container
from ..progress import Advance, progress_bar
from ..resources import Resources
from ..sentences.cutting import AnySegmenter, check_segmenter
from ..text.corpus import TextFiles, check_corpus
from ..text.several import unchanging
from ..text.tables import refuse_container
from .cooccurrence import (
    WORDS_LIMIT,
    Cooccurrences,
    checked_counts,
    checked_pairs,
    checked_words,
    cooccurrences,
)
from .factorisation import DIRECTIONS_MORE, PRODUCTS, positive_pmi, vectors_of
from .word2vec import Word2VecRows, word2vec_lines

__all__ = ["WordVectors"]

_VERSION: Final = 1
_SIZE: Final = 200
_SHIFT: Final = 0.0
_SMOOTHING: Final = 0.5
_EXPONENT: Final = 0.75
_DENSE_BYTES: Final = 40  # that an entry of a vector takes while vectors are made
_ROWS: Final = 8192  # vectors that are turned into float64 at once
_DIGITS: Final = 6  # of a cosine: what is as similar stays so whatever the last bits are
_log = logging.getLogger("nlp_zero")

Vector = npt.NDArray[np.float32]


class WordVectors(Mapping[str, Vector]):
    """Vectors of words: an immutable mapping from word to a read-only array.

    Parameters
    ----------
    words
        The words; not empty, none twice.
    vectors
        A row for each; finite. They are kept as float32.
    counts
        How often each word occurs, if that is known.

    Raises
    ------
    ValueError
        If they do not belong together, or are not as said.
    TypeError
        If a word is no `str`.

    Examples
    --------
    >>> vectors = WordVectors(["苹果", "雪梨", "电脑"], [[1, 0.1], [1, 0.2], [0, 1]])
    >>> vectors.most_similar("苹果")
    [('雪梨', 0.995229), ('电脑', 0.099504)]
    >>> vectors["电脑"].tolist(), "香蕉" in vectors, len(vectors)
    ([0.0, 1.0], False, 3)

    Notes
    -----
    Names and habits are those of gensim's ``KeyedVectors``; ``numpy.asarray(vectors)`` is the matrix. Cosines are
    rounded to 6 digits. What asks for similar words takes O(words * size).
    """

    __slots__ = ("_counts", "_numbers", "_sizes", "_vectors", "_words")

    _words: tuple[str, ...]
    _numbers: dict[str, int]
    _vectors: Vector
    _sizes: Floats
    _counts: Integers | None

    def __init__(self, words: Iterable[str], vectors: npt.ArrayLike, counts: npt.ArrayLike | None = None) -> None:
        words = checked_words(words)
        with np.errstate(over="ignore"):  # what is too great is refused as what is not finite
            matrix = np.array(vectors, dtype=np.float32)
        if not len(words) and not matrix.size:
            matrix = matrix.reshape(0, matrix.shape[1] if matrix.ndim == 2 else 0)
        self._set(words, matrix, None if counts is None else checked_counts(counts, len(words)))

    def _set(self, words: tuple[str, ...], vectors: Vector, counts: Integers | None) -> None:
        if vectors.ndim != 2 or len(vectors) != len(words):
            raise ValueError(f"vectors: expected {len(words)} rows, one a word, found shape {vectors.shape}")
        self._words, self._vectors, self._counts = words, vectors, counts
        self._numbers = {word: number for number, word in enumerate(words)}
        if len(self._numbers) < len(words):
            twice = next(word for number, word in enumerate(words) if self._numbers[word] != number)
            raise ValueError(f"words: the word {twice!r} occurs twice")
        self._sizes = np.empty(len(words))
        for rows, part in self._parts():
            if not np.isfinite(part).all():
                word = words[rows.start + int((~np.isfinite(part)).any(axis=1).argmax())]
                raise ValueError(f"vectors: expected finite numbers of float32, found others for {word!r}")
            self._sizes[rows] = np.sqrt((part * part).sum(axis=1))
        vectors.flags.writeable = self._sizes.flags.writeable = False
        if counts is not None:
            counts.flags.writeable = False

    def _parts(self) -> Iterator[tuple[slice, Floats]]:
        """The vectors as float64, some at a time."""
        for first in range(0, len(self._words), _ROWS):
            rows = slice(first, min(first + _ROWS, len(self._words)))
            yield rows, self._vectors[rows].astype(np.float64)

    # ---------------------------------------------------------------------------------------------- learning

    @classmethod
    def from_corpus(
        cls,
        corpus: Iterable[str],
        segmenter: AnySegmenter,
        *,
        size: int = _SIZE,
        window: int = 2,
        min_count: int = 5,
        most_words: int = 50_000,
        vocabulary: Iterable[str] | None = None,
        shift: float = _SHIFT,
        smoothing: float = _SMOOTHING,
        exponent: float = _EXPONENT,
        memory_limit: int | str | None = None,
        jobs: int = 1,
        temporary_directory: str | os.PathLike[str] | None = None,
        progress: bool = False,
    ) -> Self:
        """Learn the vectors of the words of a corpus.

        Parameters
        ----------
        corpus
            `TextFiles`, a list of `str`, or any iterable of `str` that can be read more than once.
        segmenter
            What cuts text into words: a segmenter, or any function from a text to its words, such as ``jieba.lcut``.
        size
            How many numbers a vector has; fewer where the text does not say so much (small corpora).
        window
            How many places words may be apart to stand near each other; nearer ones count more, windows end with
            lines and punctuation. Small windows find words of the same kind, great ones those of the same subject.
        min_count
            The least count of a word.
        most_words
            How many words at most, the most frequent, if no vocabulary is given. More than two million cannot be.
        vocabulary
            The words to learn, if they occur `min_count` times; by default all that are more than punctuation.
        shift, smoothing, exponent
            As in `from_cooccurrences`.
        memory_limit, jobs, temporary_directory, progress
            As in `WordFinder`; workers are processes on either core, so a function that segments must be picklable if
            there are several. Where little memory is allowed, the rarest words and pairs are left out.

        Raises
        ------
        CorpusNotRestartableError
            If the corpus can be read only once (a generator).
        CorpusError
            If it cannot be read, or changes while it is read.
        SpillError
            If temporary files cannot be written or read.
        TypeError, ValueError
            If the corpus or a parameter is none.

        Examples
        --------
        >>> text = ["吃 苹果 ， 买 苹果 ， 吃 雪梨 ， 买 雪梨", "用 电脑 ， 修 电脑 ， 用 手机 ， 修 手机"]
        >>> vectors = WordVectors.from_corpus(text * 5, str.split)
        >>> vectors.most_similar("苹果", topn=1), vectors.most_similar("手机", topn=1)
        ([('雪梨', 1.0)], [('电脑', 1.0)])

        Notes
        -----
        Time O(n window) for the n words of the text, O(pairs size + words size²) for the vectors; memory O(pairs +
        words size). The counts are exact, so the same text gives the same vectors for any number of jobs, core and
        hash seed; the last bits may depend on the BLAS that numpy was built with, and on its number of threads.
        """
        check_corpus(corpus)
        check_segmenter(segmenter)
        _check_learning(size, shift, smoothing, exponent)
        for name, value in (("window", window), ("min_count", min_count), ("most_words", most_words)):
            _check_whole(name, value)
        known = None if vocabulary is None else frozenset(checked_words(vocabulary, "vocabulary"))
        total = corpus.total_bytes if isinstance(corpus, TextFiles) else None
        bars = partial(progress_bar, total=total, show=progress)
        with Resources.plan(memory_limit, jobs, temporary_directory) as resources, unchanging([corpus]):
            most = WORDS_LIMIT if known is not None else min(most_words, WORDS_LIMIT)
            room = max(resources.room // (2 * _DENSE_BYTES * (size + DIRECTIONS_MORE)), 1)
            found = cooccurrences(
                corpus,
                segmenter,
                window=window,
                min_count=min_count,
                most_words=min(most, room),
                vocabulary=known,
                resources=resources,
                bars=bars,
            )
        if room < most and len(found.words) == room:
            _log.warning("memory: there is room for the vectors of %d words; the rarer ones were left out", room)
        if not found.words:
            reason = "no word occurs so often" if known is None else "no word of the vocabulary occurs so often"
            warnings.warn(
                f"no vectors: {reason} as min_count={min_count}; {'lower it, or ' * (min_count > 1)}give more text",
                EmptyResultWarning,
                stacklevel=2,
            )
        with progress_bar("factorising", PRODUCTS, show=progress, unit=" steps") as advance:
            return cls._learnt(found, size, shift, smoothing, exponent, advance)

    @classmethod
    def from_cooccurrences(
        cls,
        words: Iterable[str],
        counts: npt.ArrayLike | None,
        left: npt.ArrayLike,
        right: npt.ArrayLike,
        number: npt.ArrayLike,
        *,
        size: int = _SIZE,
        shift: float = _SHIFT,
        smoothing: float = _SMOOTHING,
        exponent: float = _EXPONENT,
        advance: Advance | None = None,
    ) -> Self:
        """Make vectors of counts of which words stand near each other.

        Parameters
        ----------
        words
            The words.
        counts
            How often each occurs, if that is known; only kept.
        left, right
            Pairs of words by their place in `words`, from 0, in any order; one that is there several times is added up.
        number
            How often, or how near, each pair stands; not negative, whole numbers if sums shall be exact.
        size
            How many numbers a vector has; fewer where the pairs are of a lower rank.
        shift
            What is taken off each pointwise mutual information, in nats: ln k is word2vec with k negative samples.
        smoothing
            The power to which shares are raised on either side of a pair, by which rare words are less associated:
            1 is none. Each side is the mean of the smoothed and the plain share (see Notes).
        exponent
            The power of the eigenvalues: 1 for vectors whose products are associations of second order, 0.5 for those
            whose products are the associations themselves (but for eigenvalues below 0), 0 for all directions alike.
        advance
            Called with 1 for each step of `PRODUCTS` in `terms.factorisation`.

        Raises
        ------
        TypeError, ValueError
            If something is not as said.

        Examples
        --------
        >>> words = ["吃", "用", "苹果", "雪梨", "电脑"]
        >>> vectors = WordVectors.from_cooccurrences(words, None, [0, 0, 1], [2, 3, 4], [9, 8, 7])
        >>> vectors.similarity("苹果", "雪梨") > vectors.similarity("苹果", "电脑")
        True

        Notes
        -----
        Positive pointwise mutual information (Levy & Goldberg 2014) with smoothed shares and weighted eigenvalues
        (Levy, Goldberg & Dagan 2015), factorised by a randomised range finder with power iterations (Halko, Martinsson
        & Tropp 2011) from fixed random directions; `terms.factorisation` has the formulas. Smoothing 0.5 raises the
        share of each side to 0.75 in all, as half of either is the plain one. The defaults are those by which some
        terms of medicine and of computing found the others best, in about ten megabytes of text each.
        """
        words = checked_words(words)
        _check_learning(size, shift, smoothing, exponent)
        known = np.zeros(len(words), dtype=np.int64) if counts is None else checked_counts(counts, len(words))
        pairs = checked_pairs(left, right, number, len(words))
        made = cls._learnt(Cooccurrences(words, known, *pairs), size, shift, smoothing, exponent, advance)
        return made if counts is not None else cls._restored(words, made._vectors, None)

    @classmethod
    def _learnt(
        cls, pairs: Cooccurrences, size: int, shift: float, smoothing: float, exponent: float, advance: Advance | None
    ) -> Self:
        matrix = positive_pmi(
            pairs.left, pairs.right, pairs.number, pairs.totals, shift=float(shift), smoothing=float(smoothing)
        )
        return cls._restored(pairs.words, vectors_of(matrix, int(size), float(exponent), advance), pairs.counts)

    @classmethod
    def _restored(cls, words: tuple[str, ...], vectors: Vector, counts: Integers | None) -> Self:
        """A value of what nobody else will change."""
        made = cls.__new__(cls)
        made._set(words, vectors, counts)
        return made

    # ------------------------------------------------------------------------------------------- what it is

    @property
    def words(self) -> tuple[str, ...]:
        """The words, in the order of the vectors: the most frequent first if they come from a corpus."""
        return self._words

    @property
    def vectors(self) -> Vector:
        """The vectors, read-only; shape (words, vector_size)."""
        return self._vectors

    @property
    def counts(self) -> Integers | None:
        """How often each word occurs, read-only, if that is known."""
        return self._counts

    @property
    def vector_size(self) -> int:
        """How many numbers a vector has."""
        return int(self._vectors.shape[1])

    @property
    def key_to_index(self) -> Mapping[str, int]:
        """The place of each word in `words`."""
        return MappingProxyType(self._numbers)

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word in self._numbers

    def __getitem__(self, word: str) -> Vector:
        vector: Vector = self._vectors[self._number(word)]
        return vector

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """The matrix of vectors, for ``numpy.asarray``."""
        if dtype is not None and np.dtype(dtype) != self._vectors.dtype:
            if copy is False:
                raise ValueError(f"copy: expected None or True for another type than float32, found False for {dtype}")
            return self._vectors.astype(dtype)
        return self._vectors.copy() if copy else self._vectors

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WordVectors):
            return NotImplemented
        if (self._counts is None) != (other._counts is None):
            return False
        return (
            self._words == other._words
            and np.array_equal(self._vectors, other._vectors)
            and (self._counts is None or np.array_equal(self._counts, other._counts))  # type: ignore[arg-type]
        )

    def __hash__(self) -> int:
        return hash((self._words, self._vectors.shape))

    def __repr__(self) -> str:
        first = ", ".join(self._words[:3])
        shown = f"{': ' + first if first else ''}{', ...' if len(self) > 3 else ''}"
        return f"<WordVectors: {len(self)} words, size {self.vector_size}{shown}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._restored, (self._words, self._vectors, self._counts)

    def _number(self, word: str) -> int:
        number = self._numbers.get(word) if isinstance(word, str) else None
        if number is None:
            raise KeyError(word)
        return number

    # ------------------------------------------------------------------------------------------ similar words

    def similarity(self, w1: str, w2: str) -> float:
        """The cosine of the angle between the vectors of two words; 0 if one of them is 0.

        Raises
        ------
        KeyError
            If a word has no vector.
        """
        one, other = self._wanted([w1, w2])
        return float(self._cosines(self._unit(one), slice(other, other + 1))[0])

    def most_similar(
        self, positive: str | Iterable[str] = (), negative: str | Iterable[str] = (), topn: int | None = 10
    ) -> list[tuple[str, float]]:
        """The words that are most like some words, and unlike others.

        Parameters
        ----------
        positive, negative
            Words, or one word. What is compared is the sum of the directions of `positive`, less those of `negative`.
        topn
            How many words; all if None.

        Returns
        -------
        list of (str, float)
            Words and cosines, by falling cosine, then by word; without the words that were given.

        Raises
        ------
        KeyError
            If words have no vector; it names them.
        ValueError
            If no word is given, or `topn` is no whole number.

        Examples
        --------
        >>> vectors = WordVectors("王 后 男 女".split(), [[1, 1, 0], [1, 0, 1], [0, 1, 0.1], [0, 0.1, 1]])
        >>> vectors.most_similar(["王", "女"], ["男"], topn=1)
        [('后', 0.979888)]
        """
        plus, minus = (self._wanted([words] if isinstance(words, str) else words) for words in (positive, negative))
        if not plus and not minus:
            raise ValueError("positive: expected a word or more, found none")
        target = np.zeros(self.vector_size)
        for numbers, sign in ((plus, 1.0), (minus, -1.0)):
            for number in numbers:
                target += sign * self._unit(number)
        return self._nearest(target, topn, {*plus, *minus})

    def similar_by_vector(self, vector: npt.ArrayLike, topn: int | None = 10) -> list[tuple[str, float]]:
        """The words whose vectors point most like a vector, as `most_similar` gives them.

        Raises
        ------
        ValueError
            If it has another size than the vectors, or is not finite.
        """
        target = np.asarray(vector, dtype=np.float64)
        if target.shape != (self.vector_size,) or not np.isfinite(target).all():
            found = f"shape {target.shape}" if target.shape != (self.vector_size,) else "others"
            raise ValueError(f"vector: expected {self.vector_size} finite numbers, found {found}")
        return self._nearest(target, topn, set())

    def _wanted(self, words: Iterable[str]) -> list[int]:
        words = list(words)
        unknown = [word for word in words if word not in self]
        if unknown:
            raise KeyError(f"no vector for {', '.join(map(repr, unknown))}")
        return [self._numbers[word] for word in words]

    def _unit(self, number: int) -> Floats:
        unit: Floats = self._vectors[number].astype(np.float64) / (self._sizes[number] or 1.0)
        return unit

    def _cosines(self, target: Floats, rows: slice) -> Floats:
        """The cosine of each of some vectors with a vector, rounded."""
        length = math.sqrt(target @ target) or 1.0
        sizes = self._sizes[rows]
        products: Floats = self._vectors[rows].astype(np.float64) @ (target / length)
        cosines: Floats = np.clip(products / np.where(sizes > 0, sizes, 1.0), -1.0, 1.0)
        return np.round(cosines, _DIGITS, out=cosines) + 0.0

    def _nearest(self, target: Floats, topn: int | None, without: set[int]) -> list[tuple[str, float]]:
        if topn is not None:
            _check_whole("topn", topn, 0)
        cosines = np.empty(len(self))
        for first in range(0, len(self), _ROWS):
            rows = slice(first, first + _ROWS)
            cosines[rows] = self._cosines(target, rows)
        others = np.ones(len(self), dtype=bool)
        others[list(without)] = False
        places = np.flatnonzero(others)
        most = len(places) if topn is None else min(int(topn), len(places))
        if most < len(places):
            least = np.partition(cosines[places], len(places) - most)[len(places) - most] if most else math.inf
            places = places[cosines[places] >= least]
        found = [(self._words[place], float(cosines[place])) for place in places.tolist()]
        return sorted(found, key=lambda row: (-row[1], row[0]))[:most]

    # -------------------------------------------------------------------------------------------------- files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vectors to a file that `load` maps into memory."""
        encoded = [word.encode("utf-8", "surrogatepass") for word in self._words]
        arrays: dict[str, npt.NDArray[Any]] = {
            "words.text": np.frombuffer(b"".join(encoded), dtype=np.uint8),
            "words.offsets": np.cumsum([0, *map(len, encoded)], dtype=np.int64),
            "vectors": self._vectors,
        }
        if self._counts is not None:
            arrays["counts"] = self._counts
        write_container(path, "vectors", _VERSION, {}, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Map the vectors of a file into memory.

        Raises
        ------
        ModelFormatError
            If the file holds no vectors, is damaged, or is of another version.
        OSError
            If it cannot be read.

        Notes
        -----
        Every byte is checked once; nothing in the file is executed.
        """
        try:
            _, arrays = read_container(path, "vectors", (_VERSION,))
            return cls._restored(*_from_arrays(arrays))
        except (
            ContainerError, KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError, AttributeError
        ) as error:  # fmt: skip
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise ModelFormatError(f"{os.fspath(path)}: {reason}; make it anew with WordVectors.save()") from None

    def save_word2vec_format(self, path: str | os.PathLike[str], *, header: bool = True) -> None:
        """Write the vectors as word2vec does, as UTF-8 text: ``words size``, then a word and its numbers in each line.

        Parameters
        ----------
        path
            The file.
        header
            Whether the first line is written; GloVe has none.

        Raises
        ------
        ValueError
            If a word holds white space or a lone surrogate, which cannot be written so, or the name is that of a
            compressed file.

        Notes
        -----
        Numbers have nine significant digits, from which the same float32 are read. Counts are not written.
        """
        if os.path.splitext(path)[1].lower() in (".gz", ".bz2", ".xz", ".zst"):
            raise ValueError(f"path: what is written is not compressed; expected another name than {os.fspath(path)!r}")
        lines = word2vec_lines(self._words, self._vectors, header=header)
        first = next(lines, "")  # refuses what cannot be written before there is a file
        with replacing(path) as out:
            out.write(first.encode())
            out.writelines(line.encode() for line in lines)

    @classmethod
    def load_word2vec_format(
        cls, path: str | os.PathLike[str], *, encoding: str = "utf-8", header: bool | None = None
    ) -> Self:
        """Read vectors of the text format of word2vec, GloVe or fastText.

        Parameters
        ----------
        path
            The file, packed or not. Blanks or TABs separate a word and its numbers; blank lines are passed over.
        encoding
            As in `TextFiles`; ``"auto"`` finds out.
        header
            Whether the first line is ``words size``; by default, if it is two whole numbers.

        Raises
        ------
        LineFormatError
            If a line cannot be understood.
        ModelFormatError
            If the file has fewer words than it says, or is no text but a model.
        CorpusError
            If it cannot be read.
        """
        text = TextFiles(path, encoding=encoding)
        refuse_container(path, "vectors as text (WordVectors.load reads models)")
        lines = ((i, line.lstrip("\ufeff") if i == 1 else line) for i, line in enumerate(text, 1))
        rows = Word2VecRows.read(os.fspath(path), lines, header)
        vectors = np.concatenate(rows.vectors) if rows.vectors else np.zeros((0, rows.size), dtype=np.float32)
        return cls._restored(tuple(rows.lines), vectors, None)


def _from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> tuple[tuple[str, ...], Vector, Integers | None]:
    """What the arrays of a file hold; see `WordVectors.save`."""
    text, offsets, vectors = (arrays[name] for name in ("words.text", "words.offsets", "vectors"))
    counts = arrays.get("counts")
    types = [array.dtype for array in (text, offsets, vectors)]
    if types != [np.dtype(np.uint8), np.dtype(np.int64), np.dtype(np.float32)] or text.ndim != 1:
        raise ValueError("the arrays of the vectors are of other types")
    if offsets.ndim != 1 or not len(offsets) or offsets[0] or offsets[-1] != len(text) or (np.diff(offsets) <= 0).any():
        raise ValueError("the words are damaged")
    whole, ends = text.tobytes(), offsets.tolist()
    words = tuple(whole[first:end].decode("utf-8", "surrogatepass") for first, end in zip(ends, ends[1:]))
    if counts is not None and (counts.dtype != np.int64 or counts.shape != (len(words),) or (counts < 0).any()):
        raise ValueError("the counts are damaged")
    return words, vectors, counts


# ------------------------------------------------------------------------------------------------------- checks


def _check_learning(size: int, shift: float, smoothing: float, exponent: float) -> None:
    _check_whole("size", size)
    for name, value, least in (("shift", shift, -math.inf), ("smoothing", smoothing, 0.0), ("exponent", exponent, 0.0)):
        number = isinstance(value, float | int | np.floating | np.integer) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < least:
            expected = "a finite number" + ("" if least < 0 else " from 0 on")
            raise ValueError(f"{name}: expected {expected}, found {value!r}")


def _check_whole(name: str, value: object, least: int = 1) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or int(value) < least:
        raise ValueError(f"{name}: expected a whole number from {least} on, found {value!r}")
