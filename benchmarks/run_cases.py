"""What run.py measures: the cases, and what they do. Started by it, a process of its own does the job of one case."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from operator import add
from pathlib import Path

LINE = 100  # characters of the lines that taggers and rjieba segment

Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files that the cases work on; those that no case needs are not made.

    Attributes
    ----------
    text, part
        What to learn from and to segment, and its beginning, from which sentencepiece learns.
    lexicon, joint, order_1, order_2
        What was learnt from the text: a lexicon, a model of `train`, taggers.
    out
        Where the commands write.
    """

    text: Path
    part: Path
    lexicon: Path
    joint: Path
    order_1: Path
    order_2: Path
    out: Path


Prepare = Callable[[Inputs], Job]

# ------------------------------------------------------------------------------------------------------- jobs


def _counter_loop(inputs: Inputs) -> Job:
    def job() -> None:
        counts: Counter[str] = Counter()
        with open(inputs.text, encoding="utf-8") as lines:
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


def _count(order: int) -> Prepare:
    def prepare(inputs: Inputs) -> Job:
        from nlp_zero.statistics.counts import NgramCounts
        from nlp_zero.text.corpus import TextFiles

        return lambda: NgramCounts.from_corpus(TextFiles(inputs.text), order=order)

    return prepare


def _each(words: Callable[[str], object], lines: Sequence[str]) -> Job:
    """Segment line by line."""

    def job() -> None:
        for line in lines:
            words(line)

    return job


def _words(inputs: Inputs) -> Job:
    from nlp_zero.words.lexicon import Lexicon
    from nlp_zero.words.segmenter import LexiconSegmenter

    segmenter = LexiconSegmenter(Lexicon.load(inputs.lexicon))
    return _each(segmenter.words, inputs.text.read_text(encoding="utf-8").split("\n"))


def cut(text: Path) -> list[str]:
    """The characters of a text, line ends left out, in lines of equal length."""
    characters = text.read_text(encoding="utf-8").replace("\n", "")
    return [characters[at : at + LINE] for at in range(0, len(characters), LINE)]


def _model_words(model: str) -> Prepare:
    def prepare(inputs: Inputs) -> Job:
        from nlp_zero.words.joint import load_segmenter

        segmenter, lines = load_segmenter(getattr(inputs, model)), cut(inputs.text)
        segmenter.words(lines[0])
        return _each(segmenter.words, lines)

    return prepare


def _rjieba(inputs: Inputs) -> Job:
    import rjieba

    lines = cut(inputs.text)
    rjieba.cut(lines[0])  # loads its dictionary
    return _each(rjieba.cut, lines)


def _sentencepiece(inputs: Inputs) -> Job:
    from sentencepiece import SentencePieceTrainer

    return lambda: SentencePieceTrainer.train(
        input=str(inputs.part),
        model_prefix=str(inputs.out),
        model_type="unigram",
        vocab_size=8000,
        hard_vocab_limit=False,
        character_coverage=1.0,
        num_threads=1,
        max_sentence_length=inputs.part.stat().st_size + 1,  # bytes: longer lines would be left out
    )


def _load(inputs: Inputs) -> Job:
    from nlp_zero.words.lexicon import Lexicon

    return lambda: Lexicon.load(inputs.lexicon)


def _import(inputs: Inputs) -> Job:
    return lambda: __import__("nlp_zero")


# ------------------------------------------------------------------------------------------------------ cases


@dataclass(frozen=True, slots=True)
class Case:
    """Something to measure.

    Attributes
    ----------
    name
        What it is called.
    measured
        What its speed is per: the bytes of the ``text``, of another input, or nothing.
    command
        Arguments of ``python -m nlp_zero`` with the names of `Inputs` in braces: the whole process is measured.
    prepare
        Gives the job that a child process measures; what comes before the job is not measured.
    plain
        No core takes part: measured once for all of them.
    whole
        The whole process is measured, as it is with a command.
    needs
        Inputs to be made for it, beside text and lexicon.
    package
        What has to be installed; without it the case is left out.
    """

    name: str
    measured: str = "text"
    command: tuple[str, ...] = ()
    prepare: Prepare | None = None
    plain: bool = False
    whole: bool = False
    needs: tuple[str, ...] = ()
    package: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether its package is not installed; this process does not import it."""
        return bool(self.package) and find_spec(self.package) is None


COUNTER = "counter loop"
RJIEBA = "rjieba"
SENTENCEPIECE = "sentencepiece"
CASES = (
    Case(COUNTER, prepare=_counter_loop, plain=True, whole=True),
    Case("counter update", prepare=_counter_update, plain=True, whole=True),
    Case("discover", command=("discover", "--quiet", "{text}", "-o", "{out}")),
    Case("discover pmi", command=("discover", "--method", "pmi", "--quiet", "{text}", "-o", "{out}")),
    Case("train", command=("train", "--quiet", "{text}", "-o", "{out}")),
    Case(
        SENTENCEPIECE,
        measured="part",
        prepare=_sentencepiece,
        plain=True,
        whole=True,
        needs=("part",),
        package="sentencepiece",
    ),
    Case("segment", command=("segment", "--quiet", "-l", "{lexicon}", "{text}", "-o", "{out}")),
    Case("count order 2", prepare=_count(2)),
    Case("count order 4", prepare=_count(4)),
    Case("words by line", prepare=_words),
    Case("words order 1", prepare=_model_words("order_1"), needs=("order_1",)),
    Case("words order 2", prepare=_model_words("order_2"), needs=("order_2",)),
    Case("words joint", prepare=_model_words("joint"), needs=("joint",)),
    Case(RJIEBA, prepare=_rjieba, plain=True, package="rjieba"),
    Case("load lexicon", measured="lexicon", prepare=_load),
    Case("import", measured="", prepare=_import),
)


def run_child(name: str, *paths: str) -> int:
    """Do the job of one case in this process and print its CPU time in seconds."""
    prepare = next(case.prepare for case in CASES if case.name == name)
    assert prepare is not None  # commands are started as such
    job = prepare(Inputs(*map(Path, paths)))
    begun = time.process_time()
    job()
    print(time.process_time() - begun)
    return 0


if __name__ == "__main__":
    sys.exit(run_child(*sys.argv[1:]))
