"""Segmenting text with a lexicon.

Input: a lexicon, perhaps words that must always be taken, any `str`. Output: tokens that put together again are the
text, with their places in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import NUMBER, Flags, Integers, Symbols
from .compilation import CompiledLexicon
from .lexicon import Lexicon
from .models import Arrays, read_model, write_model
from .paths import Explanation, Path, Segmentation, best_paths, runs
from .segmenting import RunSegmenter
from .tagger import Tagger

__all__ = ["KIND", "LexiconSegmenter"]

KIND: Final = "lexicon"  # in model files


class LexiconSegmenter(RunSegmenter):
    """Segment text into the most probable words of a lexicon.

    Parameters
    ----------
    lexicon
        The words. Their counts are the evidence: a segmentation is as probable as the product of the shares of its
        words.
    user_words
        Words that are taken wherever they occur, before anything else, the longest first. They may hold spaces,
        digits and punctuation. A word of the lexicon that holds white space or punctuation is treated the same way.

    Examples
    --------
    >>> segmenter = LexiconSegmenter(Lexicon.from_counts({"继电": 3, "保护": 5, "继电保护": 4, "<NUM>年": 2}))
    >>> segmenter.words("2024年 继电保护")
    ['2024年', '继电保护']
    >>> [tuple(token) for token in segmenter.with_user_words(["SK-II"]).tokenize("SK-II，好")]
    [('SK-II', 0, 5), ('，', 5, 6), ('好', 6, 7)]

    Notes
    -----
    Time O(n L) for the longest word L that matches (more only where words are written with many numbers or Latin
    words both as such and as classes), memory O(n). Of equally probable segmentations the one with fewer
    words is taken, then the one whose first word is longer. Immutable, picklable, safe for threads.
    """

    __slots__ = ("_lattice", "_lexicon", "_made")
    _kind: ClassVar[str] = KIND

    def __init__(self, lexicon: Lexicon, *, user_words: Iterable[str] = ()) -> None:
        if not isinstance(lexicon, Lexicon):
            raise TypeError(f"lexicon: expected a Lexicon, found {type(lexicon).__name__}; see Lexicon.load")
        self._set(lexicon, CompiledLexicon.of(lexicon), user_words)

    def _set(self, lexicon: Lexicon, made: CompiledLexicon, user_words: Iterable[str]) -> None:
        """Set what an instance has; it does not change afterwards."""
        tagger = self._beside()
        self._lexicon, self._made = lexicon, made
        self._lattice = made.lattice if tagger is None else made.lattice.with_odds(tagger, unseen=True)
        super().__init__(user_words, made.others)
        self._decode_with(self._lattice, tagger, made.forms)

    def _beside(self) -> Tagger | None:
        """What has a say in where words end, beside the lexicon."""
        return None

    @property
    def lexicon(self) -> Lexicon:
        """The words."""
        return self._lexicon

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the segmenter to a model file, from which `load` has it at once; user words are not written."""
        write_model(path, self._kind, {}, self.to_arrays())

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of a model file."""
        return self._lexicon.to_arrays() | self._made.to_arrays()

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Map the model of a file into memory.

        Raises
        ------
        ModelFormatError
            If the file holds no such model, is damaged, or is of another version.
        OSError
            If it cannot be read.

        Notes
        -----
        Time O(n), some 0.1 seconds for a million words, where making a segmenter of a lexicon takes seconds.
        """
        return read_model(path, {cls._kind: cls.from_arrays})

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """A segmenter of the arrays of a model file, which are checked."""
        segmenter = cls.__new__(cls)
        segmenter._set(Lexicon.from_arrays(arrays), CompiledLexicon.from_arrays(arrays), ())
        return segmenter

    def _with(self, user_words: Iterable[str]) -> Self:
        other = type(self).__new__(type(self))
        other._set(self._lexicon, self._made, user_words)
        return other

    def _begins(self, symbols: Symbols) -> Flags:
        return self._lattice.begins(symbols)

    def explain(self, text: str, *, paths: int = 5) -> list[Explanation]:
        """Which segmentations of a text compete, and by how much the best one wins.

        Parameters
        ----------
        text
            The text.
        paths
            How many segmentations of each run to give; fewer if there are no more.

        Returns
        -------
        list of Explanation
            One for each run of Han characters, numbers and Latin words that can be segmented in more than one way, in
            the order of the text. A run that no word of two or more units stands in is left out, and so are user words,
            which are always taken, punctuation and white space. The first path of each is what `cut` takes. Scores are
            in nats.

        Raises
        ------
        TypeError
            If `text` is no `str`.
        ValueError
            If `paths` is less than 1.

        Examples
        --------
        >>> counts = {"研究": 50, "研究生": 10, "生命": 40, "命": 5, "起源": 20}
        >>> run, = LexiconSegmenter(Lexicon.from_counts(counts)).explain("研究生命，好", paths=2)
        >>> run.start, run.end, run.text
        (0, 4, '研究生命')
        >>> [(path.words, round(difference, 2)) for path, difference in zip(run.paths, run.differences)]
        [(('研究', '生命'), 0.0), (('研究生', '命'), -3.69)]

        Notes
        -----
        Time O(n L k log k), memory O(r (L + k)), for k paths, the longest word L that matches and the longest run r,
        in plain Python: some hundred times slower than `cut`.
        """
        if paths < 1:
            raise ValueError(f"paths: expected 1 or more, found {paths}")
        starts, symbols = self._units(text)
        bonus = self._lattice.bonus(symbols)
        explained = []
        for first, last in runs(symbols):  # two paths tell that there is a choice
            found = best_paths(self._lattice, symbols[first:last], max(paths, 2), bonus[first:last])
            if len(found) > 1:
                places = starts[first : last + 1].tolist()
                ways = tuple(_path(text, places, one) for one in found[:paths])
                explained.append(Explanation(places[0], places[-1], text[places[0] : places[-1]], ways))
        return explained

    def _units(self, text: str) -> tuple[Integers, Symbols]:
        """The units of a text, as the lattice takes them."""
        starts, symbols = super()._units(text)
        return starts, self._with_forms(text, starts, symbols)

    def _with_forms(self, text: str, starts: Integers, symbols: Symbols) -> Symbols:
        """The symbols, with those of the numbers and Latin words that the lexicon has written out."""
        if not self._made.forms:
            return symbols
        at = np.flatnonzero(symbols >= NUMBER)
        if not len(at):
            return symbols
        found = map(self._made.forms.get, kernels().pieces(text, starts[at], starts[at + 1]))
        symbols = symbols.copy()
        symbols[at] = [own or general for own, general in zip(found, symbols[at].tolist())]
        return symbols

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, LexiconSegmenter):
            return NotImplemented
        return self._lexicon == other._lexicon and self._user_words == other._user_words

    def __hash__(self) -> int:
        return hash((self._lexicon, self._user_words))

    def __repr__(self) -> str:
        return f"<LexiconSegmenter: {len(self._lexicon)} words, {len(self._user_words)} user words>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._lexicon, self._user_words)


def _path(text: str, places: Sequence[int], found: Segmentation) -> Path:
    """A segmentation with its words as they are written; `places` are those of the units of its run, and its end."""
    cuts = [places[i] for i in accumulate(found.sizes, initial=0)]
    return Path(tuple(text[i:j] for i, j in zip(cuts, cuts[1:])), found.scores, found.score)


def _restored(cls: type[LexiconSegmenter], lexicon: Lexicon, user_words: tuple[str, ...]) -> LexiconSegmenter:
    return cls(lexicon, user_words=user_words)
