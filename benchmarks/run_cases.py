"""What run.py measures: the cases, and what they do. Started by it, a process of its own does the job of one case."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import add
from pathlib import Path

from measuring import Case, Job, run_child

LINE = 100  # characters of the lines that taggers segment


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files that the cases work on; those that no case needs are not made.

    Attributes
    ----------
    text
        What to learn from and to segment.
    lexicon, joint, order_1, order_2
        What was learnt from the text: a lexicon, a model of `train`, taggers.
    out
        Where the commands write.
    """

    text: Path
    lexicon: Path
    joint: Path
    order_1: Path
    order_2: Path
    out: Path


Prepare = Callable[[Inputs], Job]

# ------------------------------------------------------------------------------------------------------- jobs


def counter_loop(text: Path) -> Job:
    """What anybody would write to count bigrams."""

    def job() -> None:
        counts: Counter[str] = Counter()
        with open(text, encoding="utf-8") as lines:
            for line in lines:
                for i in range(len(line) - 1):
                    counts[line[i : i + 2]] += 1

    return job


def _counter_update(inputs: Inputs) -> Job:
    def job() -> None:
        counts: Counter[str] = Counter()
        with open(inputs.text, encoding="utf-8") as lines:
            for line in lines:
                counts.update(map(add, line, line[1:]))

    return job


def count(text: Path, order: int, memory_limit: str | None = None) -> Job:
    """Count all n-grams of a file."""
    from nlp_zero.statistics.counts import NgramCounts
    from nlp_zero.text.corpus import TextFiles

    return lambda: NgramCounts.from_corpus(TextFiles(text), order=order, memory_limit=memory_limit)


def each(words: Callable[[str], object], lines: Sequence[str]) -> Job:
    """Segment line by line."""

    def job() -> None:
        for line in lines:
            words(line)

    return job


def _words(inputs: Inputs) -> Job:
    from nlp_zero.words.lexicon import Lexicon
    from nlp_zero.words.segmenter import LexiconSegmenter

    segmenter = LexiconSegmenter(Lexicon.load(inputs.lexicon))
    return each(segmenter.words, inputs.text.read_text(encoding="utf-8").split("\n"))


def cut(text: Path) -> list[str]:
    """The characters of a text, line ends left out, in lines of equal length."""
    characters = text.read_text(encoding="utf-8").replace("\n", "")
    return [characters[at : at + LINE] for at in range(0, len(characters), LINE)]


def _model_words(model: str) -> Prepare:
    def prepare(inputs: Inputs) -> Job:
        from nlp_zero.words.joint import load_segmenter

        segmenter, lines = load_segmenter(getattr(inputs, model)), cut(inputs.text)
        segmenter.words(lines[0])
        return each(segmenter.words, lines)

    return prepare


def _load(inputs: Inputs) -> Job:
    from nlp_zero.words.lexicon import Lexicon

    return lambda: Lexicon.load(inputs.lexicon)


def _import(inputs: Inputs) -> Job:
    return lambda: __import__("nlp_zero")


# ------------------------------------------------------------------------------------------------------ cases


COUNTER = "counter loop"
CASES = (
    Case(COUNTER, prepare=lambda inputs: counter_loop(inputs.text), plain=True, whole=True),
    Case("counter update", prepare=_counter_update, plain=True, whole=True),
    Case("discover", command=("discover", "--quiet", "{text}", "-o", "{out}")),
    Case("discover pmi", command=("discover", "--method", "pmi", "--quiet", "{text}", "-o", "{out}")),
    Case("train", command=("train", "--quiet", "{text}", "-o", "{out}")),
    Case("segment", command=("segment", "--quiet", "-l", "{lexicon}", "{text}", "-o", "{out}")),
    Case("count order 2", prepare=lambda inputs: count(inputs.text, 2)),
    Case("count order 4", prepare=lambda inputs: count(inputs.text, 4)),
    Case("words by line", prepare=_words),
    Case("words order 1", prepare=_model_words("order_1"), needs=("order_1",)),
    Case("words order 2", prepare=_model_words("order_2"), needs=("order_2",)),
    Case("words joint", prepare=_model_words("joint"), needs=("joint",)),
    Case("load lexicon", measured="lexicon", prepare=_load),
    Case("import", measured="", prepare=_import),
)


if __name__ == "__main__":
    sys.exit(run_child(CASES, Inputs(*map(Path, sys.argv[2:])), sys.argv[1]))
