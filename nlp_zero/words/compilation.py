"""A lexicon as segmenters use it: a lattice of its words, and what a lattice cannot hold.

Making it takes longer than reading it, so model files hold it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ..core import kernels
from ..core.symbols import FIRST_FORM, LATIN, NUMBER
from ..core.tries import level_bounds
from ..text.characters import symbols_of_all
from .lattice import Lattice, exact
from .lexicon import Lexicon

__all__ = ["CompiledLexicon"]

_NAMES: Final = (
    "lattice.keys",
    "lattice.scores",
    "lattice.unknown",
    "lattice.general",
    "lattice.forms",
    "lattice.others",
)
_TYPES: Final = (np.uint64, np.float64, np.float64, np.uint32, np.uint8, np.uint8)
_MOST: Final = 500.0  # nats: far more than any score has, and its power is still a number


@dataclass(frozen=True, slots=True)
class CompiledLexicon:
    """What is made of a lexicon.

    Attributes
    ----------
    lattice
        The words that stand in runs.
    forms
        The symbols of numbers and Latin words that are written out in words.
    others
        Words with punctuation or white space in them.
    """

    lattice: Lattice
    forms: Mapping[str, int]
    others: tuple[str, ...]

    @classmethod
    def of(cls, lexicon: Lexicon) -> Self:
        """Make it."""
        words, counts = lexicon.sorted_counts()
        forms: dict[str, int] = {}
        general: list[int] = []

        def form(text: str, symbol: int) -> int:
            """The symbol of a written-out form, a new one for a new form."""
            if text not in forms:
                forms[text] = FIRST_FORM + len(general)
                general.append(symbol)
            return forms[text]

        symbols, starts, lengths, inside = symbols_of_all(words, form)
        others = tuple(words[i] for i in np.flatnonzero(~inside).tolist())
        del words
        keys, nodes = kernels().build_trie(symbols, starts[inside], lengths[inside])
        total = max(lexicon.total, 1)
        scores = np.full(len(keys) + 1, -np.inf)
        np.maximum.at(scores, nodes, exact(np.log(np.maximum(counts[inside], 0.5) / total)))
        lattice = Lattice(
            keys,
            scores,
            float(exact(np.log(0.5 / total))),
            general=np.array(general, dtype=np.uint32),
        )
        return cls(lattice, forms, others)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of a model file."""
        lattice, unknown = self.lattice, np.array([self.lattice.unknown])
        blobs = ("\n".join(words).encode("utf-8", "surrogatepass") for words in (self.forms, self.others))
        forms, others = (np.frombuffer(blob, dtype=np.uint8) for blob in blobs)
        return dict(zip(_NAMES, (lattice.keys, lattice.scores, unknown, lattice.general, forms, others)))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """What such arrays hold.

        Raises
        ------
        KeyError
            If one is missing.
        ValueError
            If they are not those of a compiled lexicon.
        """
        own = [arrays[name] for name in _NAMES]
        keys, scores, unknown, general, _, _ = own
        if [array.dtype for array in own] != list(map(np.dtype, _TYPES)) or any(array.ndim != 1 for array in own):
            raise ValueError("the arrays of the lattice are of other types")
        forms, others = (blob.tobytes().decode("utf-8", "surrogatepass") for blob in own[4:])
        names = forms.split("\n") if forms else []
        level_bounds(keys)
        if (
            len(scores) != len(keys) + 1 or len(unknown) != 1 or len(names) != len(general)
            or len(set(names)) != len(names) or not np.isin(general, (NUMBER, LATIN)).all()
            or (keys[1:] <= keys[:-1]).any() or not (scores < _MOST).all() or not abs(unknown[0]) < _MOST
            or not ((scores == -np.inf) | (scores > -_MOST)).all() or scores[0] > -np.inf
        ):  # fmt: skip
            raise ValueError("the arrays of the lattice do not belong together")
        lattice = Lattice(keys, scores, float(unknown[0]), general=general)
        symbols = {name: FIRST_FORM + i for i, name in enumerate(names)}
        return cls(lattice, symbols, tuple(others.split("\n")) if others else ())
