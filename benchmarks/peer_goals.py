"""What peers.py compares, and the goals.

1. Words, 16 MB of text in lines, one thread: `LexiconSegmenter.words` with a lexicon of 50,000 words has at least twice
   the throughput of `rjieba.cut`, `HMMSegmenter` of order 1 has 1.5 times, `JointSegmenter` as much. `nlp-zero segment
   -l` of 98 MB, file to file, has 4 times that of a Python loop over rjieba that writes the same.
2. The kernel that counts pairs is 4 times as fast as `np.unique` with counts on the same pairs as numbers. Whole
   processes on 98 MB: `NgramCounts` of order 2 is 10 times as fast as a loop over `collections.Counter`, that of
   order 4 is 8 times as fast as KenLM's ``count_ngrams -o 4``, in a quarter of its memory.
3. Whole processes: `discover --method pmi` of 98 MB is 25 times as fast as the nlp-zero of 2018; of 16 MB `discover` is
   20 times and `train` 10 times as fast as SentencePiece, which makes 50,000 pieces with a unigram model. 98 MB take
   less than 1 GB of memory; ``--memory`` is kept within 1.3 times.
4. Two workers are 1.7 times as fast as one by the clock, with the same bytes as a result.
5. ``import nlp_zero``, also with a first name of it, takes 60 ms beyond numpy; a compiled lexicon of 500,000
   words is ready for its first sentence in 100 ms.
6. On the numpy core `LexiconSegmenter.words` is as fast as jieba, and `discover` of 16 MB by either method 5 times as
   fast as the nlp-zero of 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run of a case took: seconds of CPU time and by the clock, bytes of memory, bytes read, what it wrote."""

    cpu: float
    elapsed: float
    peak: int
    size: int
    digest: str = ""


Round = dict[str, Figures]  # by the name of the case
Rounds = list[Round]

# What its authors' tool takes where it was measured: 3.0 MB a second of CPU time, 1327 MB.
REPORTED = {"KenLM, order 4": Figures(98.0 / 3.0, 98.0 / 3.0, 1_327_000_000, 98_000_000)}
SECTIONS = {
    "words": "Words",
    "counting": "Counting",
    "discovery": "Learning words",
    "jobs": "Two workers",
    "start": "Start",
    "numpy": "The numpy core",
}
IMPORT_RUNS = 15  # they take little, and vary much

# ---------------------------------------------------------------------------------------------- what to compare


@dataclass(frozen=True, slots=True)
class What:
    """A figure of two cases, or of one, in one round.

    Attributes
    ----------
    title
        What it is called.
    unit
        What stands after the number.
    least
        Whether the goal is the least that it may be, or the most.
    of
        The figure.
    over
        Which figure stands for all rounds.
    """

    title: str
    unit: str
    least: bool
    of: Callable[[Figures, Figures], float]
    over: Callable[[Sequence[float]], float] = median


def _speeds(ours: Figures, rival: Figures) -> float:
    """How many times as much text in the same CPU time."""
    return (ours.size / ours.cpu) / (rival.size / rival.cpu)


SPEED = What("speed", "x", True, _speeds)
ELAPSED = What("speed by the clock", "x", True, lambda ours, rival: rival.elapsed / ours.elapsed)
SAME = What("same output (1: yes)", "", True, lambda ours, rival: float(ours.digest == rival.digest), min)
SHARE = What("share of its memory", "", False, lambda ours, rival: ours.peak / rival.peak, max)
PEAK = What("peak memory", " MB", False, lambda ours, _: ours.peak / 1e6, max)
BEYOND = What("CPU time beyond", " ms", False, lambda ours, rival: 1000 * (ours.cpu - rival.cpu))
READY = What("CPU time", " ms", False, lambda ours, _: 1000 * ours.cpu)


def shown(number: float) -> str:
    """Three digits, or all of those before the point."""
    return f"{number:.3g}" if abs(number) < 999.5 else f"{number:.0f}"


@dataclass(frozen=True, slots=True)
class Goal:
    """A comparison of cases of one group; with a limit it is a goal, without a rival about one case alone."""

    point: int
    ours: str
    rival: str
    what: What
    limit: float | None = None

    def figure(self, rounds: Rounds) -> list[float]:
        """The figure in each round; empty if it was not measured."""
        found = []
        for taken in rounds:
            ours = taken.get(self.ours)
            rival = taken.get(self.rival, REPORTED.get(self.rival)) if self.rival else ours
            if ours is not None and rival is not None:
                found.append(self.what.of(ours, rival))
        return found

    def beside(self, rounds: Rounds) -> str:
        """What it is compared with, and whether that was measured or reported."""
        reported = self.rival in REPORTED and not any(self.rival in taken for taken in rounds)
        return f"{self.rival} (as reported)" if reported else self.rival or "-"

    def is_met(self, figure: Sequence[float]) -> bool:
        """Whether the rounds together reach the goal."""
        found, limit = self.what.over(figure), self.limit
        return limit is None or (found >= limit if self.what.least else found <= limit)

    def shown(self, figure: Sequence[float]) -> tuple[str, str, str]:
        """For all rounds, of all rounds, and the goal."""
        unit, sign = self.what.unit, "≥" if self.what.least else "≤"
        found, least, most = map(shown, (self.what.over(figure), min(figure), max(figure)))
        return (
            f"{found}{unit}",
            f"{least} to {most}",
            "-" if self.limit is None else f"{sign} {shown(self.limit)}{unit}",
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that run one after the other in each round.

    Attributes
    ----------
    section
        What the table is about.
    cases
        Their names, in order: what is compared stands side by side.
    goals
        What is compared.
    rounds
        How many, if not as many as was asked for.
    """

    section: str
    cases: tuple[str, ...]
    goals: tuple[Goal, ...] = ()
    rounds: int = 0

    @property
    def name(self) -> str:
        """What its figures are kept under."""
        return f"{self.section}: {', '.join(self.cases)}"


def _memory(name: str, *default: str) -> Group:
    """Memory hardly varies: one round is enough."""
    limits = {"256MB": 1.3 * 256, "512MB": 1.3 * 512}
    limited = {f"{name}, 98 MB, --memory {limit}": most for limit, most in limits.items()}
    goals = (Goal(3, case, "", PEAK, most) for case, most in limited.items())
    return Group("discovery", (*default, *limited), (*(Goal(3, case, "", PEAK, 1000) for case in default), *goals), 1)


def _jobs(name: str) -> Group:
    one, two = f"{name} --jobs 1", f"{name} --jobs 2"
    return Group("jobs", (one, two), (Goal(4, two, one, ELAPSED, 1.7), Goal(4, two, one, SAME, 1)))


LEXICON = "LexiconSegmenter.words"
ORDER_1, ORDER_2, JOINT = "HMMSegmenter.words, order 1", "HMMSegmenter.words, order 2", "JointSegmenter.words"
RJIEBA, JIEBA_FAST, CUTWORD = "rjieba.cut", "jieba_fast_dat.lcut", "cutword"
DICTIONARY, JIEBA = "jieba.cut, HMM=False", "jieba.lcut"
TO_FILE, RJIEBA_TO_FILE = "segment -l, file to file", "loop over rjieba, file to file"
KERNEL, UNIQUE_COUNTS, UNIQUE = "count_ngrams, order 2", "np.unique with counts", "np.unique"
COUNTS_2, COUNTS_4, COUNTER = "NgramCounts, order 2", "NgramCounts, order 4", "Counter loop"
[KENLM] = REPORTED
PMI_98, ORIGINAL_98 = "discover --method pmi, 98 MB", "nlp-zero 0.1.6, 98 MB"
DISCOVER_16, TRAIN_16, UNIGRAM = "discover, 16 MB", "train, 16 MB", "SentencePiece unigram"
PIECES = ("SentencePiece BPE", "tokenizers BPE", "gensim Phrases, of characters")
NUMPY_WORDS = f"{LEXICON}, numpy"
NUMPY_PMI, NUMPY_DISCOVER, ORIGINAL_16 = (
    "discover --method pmi, 16 MB, numpy",
    f"{DISCOVER_16}, numpy",
    "nlp-zero 0.1.6, 16 MB",
)
NUMPY, PACKAGE, USED = "import numpy", "import numpy, nlp_zero", "and LexiconSegmenter of it"
COMPILED, TABLE = "500,000 words, compiled", "500,000 words, a table"

GROUPS = (
    Group(
        "words",
        (LEXICON, RJIEBA, ORDER_1),
        (Goal(1, LEXICON, RJIEBA, SPEED, 2), Goal(1, ORDER_1, RJIEBA, SPEED, 1.5)),
    ),
    Group("words", (JOINT, RJIEBA, ORDER_2), (Goal(1, JOINT, RJIEBA, SPEED, 1), Goal(1, ORDER_2, RJIEBA, SPEED))),
    Group(
        "words",
        (JIEBA_FAST, LEXICON, CUTWORD, DICTIONARY, JIEBA),
        tuple(Goal(1, LEXICON, rival, SPEED) for rival in (JIEBA_FAST, CUTWORD, DICTIONARY, JIEBA)),
    ),
    Group("words", (TO_FILE, RJIEBA_TO_FILE), (Goal(1, TO_FILE, RJIEBA_TO_FILE, SPEED, 4),)),
    Group(
        "counting",
        (UNIQUE_COUNTS, KERNEL, UNIQUE),
        (Goal(2, KERNEL, UNIQUE_COUNTS, SPEED, 4), Goal(2, KERNEL, UNIQUE, SPEED)),
    ),
    Group("counting", (COUNTS_2, COUNTER), (Goal(2, COUNTS_2, COUNTER, SPEED, 10),)),
    Group(
        "counting",
        (COUNTS_4, KENLM),
        (Goal(2, COUNTS_4, KENLM, SPEED, 8), Goal(2, COUNTS_4, KENLM, SHARE, 1 / 4)),
    ),
    Group(
        "discovery",
        (PMI_98, ORIGINAL_98),
        (Goal(3, PMI_98, ORIGINAL_98, SPEED, 25), Goal(3, PMI_98, "", PEAK, 1000)),
    ),
    Group(
        "discovery",
        (DISCOVER_16, UNIGRAM, TRAIN_16),
        (Goal(3, DISCOVER_16, UNIGRAM, SPEED, 20), Goal(3, TRAIN_16, UNIGRAM, SPEED, 10)),
    ),
    Group("discovery", (DISCOVER_16, *PIECES), tuple(Goal(3, DISCOVER_16, rival, SPEED) for rival in PIECES)),
    _memory("discover", "discover, 98 MB"),
    _memory("discover --method pmi"),
    _memory("train", "train, 98 MB"),
    _jobs("discover"),
    _jobs("discover --method pmi"),
    _jobs("segment -l"),
    _jobs("segment -m"),
    Group(
        "start",
        (NUMPY, PACKAGE, USED),
        (Goal(5, PACKAGE, NUMPY, BEYOND, 60), Goal(5, USED, NUMPY, BEYOND, 60)),
        IMPORT_RUNS,
    ),
    Group(
        "start",
        (COMPILED, TABLE, "349,046 words of rjieba", "349,046 words of jieba"),
        (Goal(5, COMPILED, "", READY, 100),),
    ),
    Group(
        "numpy",
        (DICTIONARY, NUMPY_WORDS, JIEBA),
        (Goal(6, NUMPY_WORDS, DICTIONARY, SPEED, 1), Goal(6, NUMPY_WORDS, JIEBA, SPEED, 1)),
    ),
    Group(
        "numpy",
        (NUMPY_PMI, ORIGINAL_16, NUMPY_DISCOVER),
        (Goal(6, NUMPY_PMI, ORIGINAL_16, SPEED, 5), Goal(6, NUMPY_DISCOVER, ORIGINAL_16, SPEED, 5)),
    ),
)
