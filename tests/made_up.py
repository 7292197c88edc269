"""Made-up text for tests: words of random characters, frequent and rare ones, in lines."""

from __future__ import annotations

import numpy as np

__all__ = ["made_up_text"]

_VOCABULARY = 20_000


def made_up_text(characters: int, seed: int = 0, *, foreign: bool = True) -> str:
    """Text of about so many characters, with so many different n-grams as real text has.

    Parameters
    ----------
    characters
        How many.
    seed
        Another one gives other text of the same words.
    foreign
        Whether numbers and Latin words stand in it.
    """
    fixed, random = np.random.default_rng(7), np.random.default_rng(seed)
    lengths = fixed.choice([1, 2, 3, 4, 6], _VOCABULARY, p=[0.1, 0.5, 0.25, 0.1, 0.05])
    codes = (0x4E00 + 3000 * fixed.random(int(lengths.sum())) ** 2).astype("<u4")
    ends = np.cumsum(lengths)
    blob = codes.tobytes().decode("utf-32-le")
    words = [blob[end - length : end] for end, length in zip(ends.tolist(), lengths.tolist())]
    shares = 1 / (np.arange(_VOCABULARY) + 3.0)
    chosen = random.choice(_VOCABULARY, characters * 10 // 28, p=shares / shares.sum()).tolist()
    marks = random.choice([0, 1, 2, 3], len(chosen), p=[0.85, 0.1, 0.04, 0.01]).tolist()
    numbers = random.integers(1, 3000, len(chosen)).tolist()
    after = ["", "，", "。\n", ""]
    units = [f"{number}年" if number % 2 else f"{'ABCDK'[number % 5]}座" for number in numbers]
    parts = [words[i] + (unit if foreign and mark == 3 else after[mark]) for i, mark, unit in zip(chosen, marks, units)]
    return "".join(parts)
