"""How good is a segmentation, how good is a lexicon: precision, recall and F against a gold standard.

Input: word-separated lines (any iterables of `str`, read once, two lines in memory at a time), or a word list
with true counts and a ranked lexicon. Output: small frozen values that print as one line and turn into a
dictionary.

A predicted word is right if the same characters are one word in the gold line: same start, same end. White
space, the ideographic space U+3000 included, separates words and is nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import Any, Final

from .errors import TextMismatchError

__all__ = ["LexiconScore", "SegmentationScore", "evaluate_lexicon", "evaluate_segmentation"]

# Frozen on purpose, apart from the table in `text.characters`: figures stay comparable when Unicode grows.
_CHINESE_WORD: Final = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\u3007\uf900-\ufaff\U00020000-\U0003134f]+"
)  # fmt: skip
_BEFORE, _AFTER = 10, 20  # characters shown on both sides of a difference
_WAY_OUT: Final = "; segment the gold text itself, with its white space removed, and compare again"


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _harmonic_mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, slots=True)
class SegmentationScore:
    """Word counts of a comparison and the figures that follow from them.

    A share of nothing (the recall of an empty gold standard) is 0.

    Parameters
    ----------
    gold, predicted
        Number of words in each of the two segmentations.
    correct
        Number of words that are the same span of characters in both.
    oov_gold, oov_correct
        The same numbers for gold words that are not among the training words; None if no training words were
        given.

    Examples
    --------
    >>> score = SegmentationScore(gold=4, predicted=5, correct=3)
    >>> print(score)
    P 0.6000 R 0.7500 F 0.6667
    """

    gold: int
    predicted: int
    correct: int
    oov_gold: int | None = None
    oov_correct: int | None = None

    @property
    def precision(self) -> float:
        """Share of the predicted words that are right."""
        return _share(self.correct, self.predicted)

    @property
    def recall(self) -> float:
        """Share of the gold words that were found."""
        return _share(self.correct, self.gold)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _harmonic_mean(self.precision, self.recall)

    @property
    def oov_rate(self) -> float | None:
        """Share of the gold words that are not training words; None without training words."""
        return None if self.oov_gold is None else _share(self.oov_gold, self.gold)

    @property
    def oov_recall(self) -> float | None:
        """Share of the gold words outside the training words that were found; None without training words."""
        if self.oov_gold is None or self.oov_correct is None:
            return None
        return _share(self.oov_correct, self.oov_gold)

    @property
    def iv_recall(self) -> float | None:
        """Share of the gold words among the training words that were found; None without training words."""
        if self.oov_gold is None or self.oov_correct is None:
            return None
        return _share(self.correct - self.oov_correct, self.gold - self.oov_gold)

    def __str__(self) -> str:
        text = f"P {self.precision:.4f} R {self.recall:.4f} F {self.f1:.4f}"
        if self.oov_gold is None:
            return text
        return f"{text} OOV {self.oov_rate:.4f} R(OOV) {self.oov_recall:.4f} R(IV) {self.iv_recall:.4f}"

    def to_dict(self) -> dict[str, int | float]:
        """Give all figures under their names, ready for JSON; out-of-vocabulary ones only if there are any.

        Examples
        --------
        >>> SegmentationScore(gold=2, predicted=2, correct=1).to_dict()
        {'gold': 2, 'predicted': 2, 'correct': 1, 'precision': 0.5, 'recall': 0.5, 'f1': 0.5}
        """
        names = ["gold", "predicted", "correct", "precision", "recall", "f1"]
        if self.oov_gold is not None:
            names += ["oov_gold", "oov_correct", "oov_rate", "oov_recall", "iv_recall"]
        return {name: getattr(self, name) for name in names}


def evaluate_segmentation(
    gold: Iterable[str], predicted: Iterable[str], *, training_words: Iterable[str] | None = None
) -> SegmentationScore:
    """Compare two segmentations of one text, word by word.

    Parameters
    ----------
    gold, predicted
        Lines of words separated by white space. Lines without characters are ignored on both sides; what
        remains must be the same text, line by line.
    training_words
        The vocabulary that was known beforehand. With it, the recall of known and of unknown words is told
        apart.

    Returns
    -------
    SegmentationScore
        Precision, recall and F over all words.

    Raises
    ------
    TextMismatchError
        The two texts differ. The error names the first place and shows what stands there on both sides.

    Notes
    -----
    Time is linear in the length of the text; memory holds one line of each side and the training words. This
    is the measure of the SIGHAN bakeoffs, taken over spans of characters.

    Examples
    --------
    >>> gold = ["变压器 的 油温", "", "我们　在　一起"]
    >>> predicted = ["变压器 的 油 温", "我们 在一起"]
    >>> print(evaluate_segmentation(gold, predicted))
    P 0.5000 R 0.5000 F 0.5000
    >>> print(evaluate_segmentation(gold, gold, training_words=["的", "在", "我们"]))
    P 1.0000 R 1.0000 F 1.0000 OOV 0.5000 R(OOV) 1.0000 R(IV) 1.0000
    """
    for name, value in (("gold", gold), ("predicted", predicted), ("training_words", training_words)):
        if isinstance(value, str | bytes):  # would otherwise be read as one line a character
            raise TypeError(f"{name}: expected an iterable of str, found {type(value).__name__}")
    known = None if training_words is None else frozenset(training_words)
    n_gold = n_predicted = correct = oov_gold = oov_correct = 0
    for gold_words, predicted_words in _paired_lines(gold, predicted):
        found = _spans(gold_words) & _spans(predicted_words)
        n_gold += len(gold_words)
        n_predicted += len(predicted_words)
        correct += len(found)
        if known is not None:
            unknown = [span for word, span in _spanned(gold_words) if word not in known]
            oov_gold += len(unknown)
            oov_correct += sum(span in found for span in unknown)
    if known is None:
        return SegmentationScore(n_gold, n_predicted, correct)
    return SegmentationScore(n_gold, n_predicted, correct, oov_gold, oov_correct)


def _spanned(words: list[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Pair every word with its start and end in the text without white space."""
    ends = list(accumulate(map(len, words)))
    return zip(words, zip([0, *ends], ends, strict=False), strict=True)


def _spans(words: list[str]) -> set[tuple[int, int]]:
    return {span for _, span in _spanned(words)}


def _paired_lines(gold: Iterable[str], predicted: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the words of corresponding lines; raise `TextMismatchError` where the texts part."""
    gold_line = predicted_line = 0
    for left, right in zip_longest(_lines_with_words(gold), _lines_with_words(predicted)):
        if left is None or right is None:
            longer, shorter = ("gold", "predicted") if right is None else ("predicted", "gold")
            number, words = left or right or (0, [])
            last = predicted_line if longer == "gold" else gold_line
            raise TextMismatchError(
                f"{shorter} text ends too early: nothing after its line {last} stands for {longer} line "
                f"{number} ({''.join(words)[: _BEFORE + _AFTER]!r}){_WAY_OUT}"
            )
        (gold_line, gold_words), (predicted_line, predicted_words) = left, right
        gold_text, predicted_text = "".join(gold_words), "".join(predicted_words)
        if gold_text != predicted_text:
            raise TextMismatchError(_difference(gold_line, predicted_line, gold_text, predicted_text))
        yield gold_words, predicted_words


def _lines_with_words(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, 1):
        if words := line.split():
            yield number, words


def _difference(gold_line: int, predicted_line: int, gold: str, predicted: str) -> str:
    """Say where two unequal texts part, and what stands there."""
    same = min(len(gold), len(predicted))
    at = next((i for i in range(same) if gold[i] != predicted[i]), same)
    near = slice(max(0, at - _BEFORE), at + _AFTER)
    return (
        f"texts differ at gold line {gold_line}, predicted line {predicted_line}, character {at + 1} (white "
        f"space not counted): gold has {gold[near]!r}, predicted has {predicted[near]!r}{_WAY_OUT}"
    )


@dataclass(frozen=True, slots=True)
class LexiconScore:
    """Sizes of a gold and a predicted word set and the figures that follow from them.

    Parameters
    ----------
    gold, predicted
        Number of words in each set.
    correct
        Number of words in both.
    attested
        Number of predicted words that the gold list holds with any count.
    correct_at
        For each rank k that was asked for, k and the number of right words among the first k; None if there
        are fewer than k.

    Examples
    --------
    >>> print(LexiconScore(gold=4, predicted=2, correct=1, attested=2, correct_at=((1, 1), (10, None))))
    gold 4 pred 2 hit 1 P 0.5000 R 0.2500 F 0.3333 P@1 1.0000 P@10 - P(any) 1.0000
    """

    gold: int
    predicted: int
    correct: int
    attested: int
    correct_at: tuple[tuple[int, int | None], ...] = ()

    @property
    def precision(self) -> float:
        """Share of the predicted words that are gold words."""
        return _share(self.correct, self.predicted)

    @property
    def recall(self) -> float:
        """Share of the gold words that were predicted."""
        return _share(self.correct, self.gold)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _harmonic_mean(self.precision, self.recall)

    @property
    def precision_any(self) -> float:
        """Share of the predicted words that the gold list holds with any count."""
        return _share(self.attested, self.predicted)

    @property
    def precision_at(self) -> dict[int, float | None]:
        """Share of gold words among the first k predicted words; None where there are fewer than k."""
        return {k: None if hits is None else hits / k for k, hits in self.correct_at}

    def __str__(self) -> str:
        ranks = "".join(
            f" P@{k} " + ("-" if value is None else f"{value:.4f}") for k, value in self.precision_at.items()
        )
        return (
            f"gold {self.gold} pred {self.predicted} hit {self.correct} P {self.precision:.4f} R {self.recall:.4f} "
            f"F {self.f1:.4f}{ranks} P(any) {self.precision_any:.4f}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give all figures under their names, ready for JSON.

        Examples
        --------
        >>> LexiconScore(gold=1, predicted=1, correct=1, attested=1).to_dict()["precision_any"]
        1.0
        """
        names = ["gold", "predicted", "correct", "precision", "recall", "f1", "precision_any"]
        figures: dict[str, Any] = {name: getattr(self, name) for name in names}
        # JSON has no integer keys, so they are written out here and not by each reader.
        figures["precision_at"] = {str(k): value for k, value in self.precision_at.items()}
        return figures


def evaluate_lexicon(
    gold_counts: Mapping[str, int],
    predicted: Sequence[tuple[str, int]],
    *,
    min_gold_count: int = 5,
    min_count: int = 5,
    min_length: int = 2,
    max_length: int = 8,
    top: Sequence[int] = (1000, 5000),
) -> LexiconScore:
    """Compare a ranked lexicon with the words that a text is known to hold.

    Only words made of Chinese characters alone and of the given lengths are looked at, on both sides.

    Parameters
    ----------
    gold_counts
        The true words with their true counts.
    predicted
        Words with their counts, best first. A word that comes twice counts where it comes first.
    min_gold_count, min_count
        Rarer words of the gold list, or of the prediction, are left out.
    min_length, max_length
        Bounds of the length of a word, in characters.
    top
        Ranks k for which precision among the first k predicted words is given.

    Returns
    -------
    LexiconScore
        Precision, recall and F over the two sets, and precision at each rank of `top`.

    Notes
    -----
    Time and memory are linear in the number of words.

    Examples
    --------
    >>> gold = {"变压器": 9, "油温": 7, "的": 50, "避雷": 1}
    >>> print(evaluate_lexicon(gold, [("变压器", 9), ("避雷", 6), ("压器", 5)], top=[1]))
    gold 2 pred 3 hit 1 P 0.3333 R 0.5000 F 0.4000 P@1 1.0000 P(any) 0.6667
    """
    if bad := [k for k in top if k < 1]:
        raise ValueError(f"top: ranks begin with 1, found {bad[0]}")

    def admitted(word: str) -> bool:
        """Whether a word is of the kind that is compared."""
        return min_length <= len(word) <= max_length and _CHINESE_WORD.fullmatch(word) is not None

    gold = {word for word, count in gold_counts.items() if count >= min_gold_count and admitted(word)}
    first: dict[str, int] = {}
    for word, count in predicted:
        if admitted(word):
            first.setdefault(word, count)
    ranked = [word for word, count in first.items() if count >= min_count]
    hits = [0, *accumulate(word in gold for word in ranked)]
    return LexiconScore(
        gold=len(gold),
        predicted=len(ranked),
        correct=hits[-1],
        attested=sum(word in gold_counts for word in ranked),
        correct_at=tuple((k, hits[k] if k <= len(ranked) else None) for k in top),
    )
