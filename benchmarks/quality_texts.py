"""What quality.py scores: the files of a data directory, and the models, lexicons and segmentations made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from measuring import package_command, spent

from nlp_zero.evaluation import SegmentationScore, evaluate_segmentation
from nlp_zero.text.characters import HAN_RANGES
from nlp_zero.words.lexicon import Lexicon

PEOPLES_DAILY = "peoples_daily_199801/199801_raw.utf8"
PEOPLES_DAILY_SEGMENTED = "peoples_daily_199801/199801_seg.utf8"
PEOPLES_DAILY_WORDS = "lexicons/pd199801_words.tsv"
NOVEL = "raw/红楼梦.txt"
LAWS = "raw/laws_national.txt"
DICTIONARY = "lexicons/jieba_dict.txt"
TRAIN = "train"  # the method of this name is the command; all others are methods of `discover`
SUPERVISED = {order: ("--hmm", str(order), "--segmented") for order in (1, 2)}
NEWS = ("raw/xwlb_2022.txt", "raw/xwlb_2023.txt", "raw/xwlb_2024.txt", "raw/fincuge_news.txt")
MORE_TEXT = (*NEWS, LAWS)  # for training text that is longer than People's Daily, in this order

_HAN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in HAN_RANGES) + "]")
_CLASS = re.compile("<NUM>|<LAT>")
_open = partial(open, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Gold:
    """A segmented text; with the words of a training set, the recall of all others is told apart. Titles differ."""

    title: str
    path: str
    training_words: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it needs."""
        return (self.path, self.training_words) if self.training_words else (self.path,)


BAKEOFF = tuple(
    Gold(f"{name.upper()} test", f"sighan2005/{name}_test_gold.utf8", f"sighan2005/{name}_training_words.utf8")
    for name in ("msr", "pku")
)
PEOPLES_DAILY_GOLD = Gold("People's Daily (development)", PEOPLES_DAILY_SEGMENTED)
GOLDS = (*BAKEOFF, PEOPLES_DAILY_GOLD)
DOMAINS = tuple(Gold(f"{name}_test", f"cross_domain/{name}_test_gold.txt") for name in ("dm", "pt"))


@dataclass(frozen=True, slots=True)
class Setting:
    """Where files are read and written, how commands run, and what the tables compare.

    What is made of the data is put into the folder `work` and made once.
    """

    data: Path
    work: Path
    core: str
    methods: tuple[str, ...]
    sizes: tuple[int, ...]
    characters: tuple[int, ...]

    def run(self, *arguments: str | Path) -> str:
        """Run a command of the package; returns what it printed."""
        return spent(package_command(*map(str, arguments)), self.core).printed

    def learnt(self, name: str, method: str, texts: Iterable[Path], *options: str) -> Path:
        """Learn from texts what `segment` needs: a lexicon, or a model, which has its lexicon beside it."""
        stem = f"{name}.{method}{''.join(options)}"
        lexicon = self.work / f"{stem}.tsv"
        if method == TRAIN:
            return self.model(stem, texts, "--lexicon-out", lexicon, *options)
        if not lexicon.exists():
            self.run("discover", "--quiet", "--method", method, *options, *texts, "-o", lexicon)
        return lexicon

    def learnt_of(self, name: str, method: str, *options: str) -> Path:
        """Learn from one file of the data directory."""
        return self.learnt(Path(name).name, method, [self.data / name], *options)

    def lexicon_of(self, name: str, method: str, *options: str) -> Path:
        """The words so learnt."""
        return lexicon_beside(self.learnt_of(name, method, *options))

    def model(self, name: str, texts: Iterable[Path], *options: str | Path) -> Path:
        """Learn a model with options of `train`; one name, one model."""
        path = self.work / f"{name}.model"
        if not path.exists():
            self.run("train", "--quiet", *options, *texts, "-o", path)
        return path

    def raw(self, gold: Gold) -> Path:
        """The text of a segmented file: its lines without white space."""
        path = self.work / f"{gold.title}.raw"
        if not path.exists():
            with _open(self.data / gold.path) as lines, _open(path, "w") as out:
                out.writelines("".join(line.split()) + "\n" for line in lines)
        return path

    def score(self, gold: Gold, predicted: Iterable[str]) -> SegmentationScore:
        """Compare a segmentation with the gold standard."""
        with ExitStack() as files:
            known = files.enter_context(_open(self.data / gold.training_words)) if gold.training_words else None
            lines = files.enter_context(_open(self.data / gold.path))
            words = None if known is None else map(str.strip, known)
            return evaluate_segmentation(lines, predicted, training_words=words)

    def segmented(self, learnt: Path, gold: Gold) -> SegmentationScore:
        """Segment the text of a gold standard with a lexicon or a model, and compare."""
        predicted = self.work / f"{learnt.name} of {gold.title}"
        if not predicted.exists():
            option = "-m" if learnt.suffix == ".model" else "-l"
            self.run("segment", "--quiet", option, learnt, self.raw(gold), "-o", predicted)
        with _open(predicted) as lines:
            return self.score(gold, lines)


# ------------------------------------------------------------------------------------- what several tables need


def bakeoff_learnt(setting: Setting, method: str, *options: str) -> Path:
    """What is learnt from People's Daily and the raw lines of both tests."""
    texts = [setting.data / PEOPLES_DAILY, *map(setting.raw, BAKEOFF)]
    return setting.learnt("bakeoff", method, texts, *options)


def domain_text(gold: Gold) -> str:
    """The raw text of a domain."""
    return gold.path.replace("_test_gold", "_full")


def supervised_model(setting: Setting, order: int) -> Path:
    """A tagger that learns from the words of People's Daily."""
    return setting.model(f"supervised_{order}", [setting.data / PEOPLES_DAILY_SEGMENTED], *SUPERVISED[order])


# ------------------------------------------------------------------------------------------------------- texts


def han_characters(lines: Iterable[str]) -> int:
    """Number of Han characters."""
    return sum(len(_HAN.findall(line)) for line in lines)


def lines_of(path: Path) -> list[str]:
    """The lines of a file, line ends included."""
    with _open(path) as lines:
        return [line.rstrip("\n") + "\n" for line in lines]


def evenly(lines: Sequence[str], share: float) -> Iterator[str]:
    """A share of the lines, from beginning to end: one half takes every other line."""
    return (line for i, line in enumerate(lines) if int((i + 1) * share) > int(i * share))


def sampled(texts: Iterable[Path], characters: int) -> Iterator[str]:
    """Lines of so many Han characters, or all there are: whole texts, and lines evenly taken from the last one."""
    for lines in map(lines_of, texts):
        whole = han_characters(lines)
        if whole > characters:
            yield from evenly(lines, max(characters, 0) / whole)
            return
        yield from lines
        characters -= whole


def training_text(setting: Setting, characters: int) -> tuple[Path, int]:
    """Text of so many Han characters, or all there is, and its true number of them.

    Lines of People's Daily; if that is too short, all of it, the raw lines of both bakeoff tests, and other text.
    """
    path = setting.work / f"training_{characters}.txt"
    daily = setting.data / PEOPLES_DAILY
    base = [] if characters < han_characters(lines_of(daily)) else [daily, *map(setting.raw, BAKEOFF)]
    lines = [line for text in base for line in lines_of(text)]
    more = [setting.data / name for name in MORE_TEXT] if base else [daily]
    lines += sampled(more, characters - han_characters(lines))
    with _open(path, "w") as out:
        out.writelines(lines)
    return path, han_characters(lines)


# ------------------------------------------------------------------------------------------------------- words


def lexicon_beside(learnt: Path) -> Path:
    """The lexicon of what was learnt, which may be itself."""
    return learnt.with_suffix(".tsv")


def ranked_words(lexicon: Path) -> list[tuple[str, int]]:
    """Words and counts in the order of the file."""
    return [(word, entry.count) for word, entry in Lexicon.load(lexicon).items()]


def characters_of(word: str) -> int:
    """Length of a word of a lexicon; a number or Latin word counts as one character."""
    return len(_CLASS.sub("0", word))


def multi_character_words(lexicon: Path) -> list[str]:
    """The words of two or more characters, in the order of the file."""
    return [word for word, _ in ranked_words(lexicon) if characters_of(word) > 1]


def word_counts(path: Path) -> dict[str, int]:
    """Words and counts of a list with two columns; a first line that begins with ``word`` is a header."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {word: int(count) for word, count, *_ in rows if word != "word"}


def words_of(setting: Setting, name: str) -> Path:
    """A list of the words of a segmented file of the data directory."""
    path = setting.work / f"words of {Path(name).name}"
    if not path.exists():
        words = {word for line in lines_of(setting.data / name) for word in line.split()}
        with _open(path, "w") as out:
            out.writelines(f"{word}\n" for word in sorted(words))
    return path


def dictionary_words(setting: Setting) -> set[str]:
    """The words of jieba's dictionary."""
    return {line.split(" ", 1)[0] for line in lines_of(setting.data / DICTIONARY)}


def is_one_or_two(word: str, known: set[str]) -> bool:
    """Whether a word is a known one, or two known ones of two or more characters."""
    return word in known or any(word[:i] in known and word[i:] in known for i in range(2, len(word) - 1))
