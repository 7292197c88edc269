"""Print how good words and segmentations are, as Markdown tables.

    python benchmarks/quality.py [--data DIR] [--only NAME ...] [--core c] [--sizes 200KB 2MB 8MB]

Everything is made by the commands that a user would type; only the lexicon is scored in this process. README.md beside
this file says which files DIR holds and where they can be had. A table whose files are missing is left out, and says
so; the synthetic one needs no files.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from run import BenchmarkError, markdown, package_command, parse_size, spent, synthetic_text

from nlp_zero.evaluation import LexiconScore, evaluate_lexicon
from nlp_zero.words.lexicon import Lexicon

PEOPLES_DAILY = "peoples_daily_199801/199801_raw.utf8"
PEOPLES_DAILY_GOLD = "peoples_daily_199801/199801_seg.utf8"
PEOPLES_DAILY_WORDS = "lexicons/pd199801_words.tsv"
NOVEL = "raw/红楼梦.txt"
DICTIONARY = "lexicons/jieba_dict.txt"
BAKEOFF = ("msr", "pku")
DOMAINS = ("dm", "pt")
NAMES = ("宝玉", "贾母", "凤姐", "黛玉", "宝钗", "袭人")
NAME_RANK = 200  # up to here the names of the main persons should stand
RANKS = (1000, 5000)
_CLASS = re.compile("<NUM>|<LAT>")


@dataclass(frozen=True, slots=True)
class Setting:
    """Where files are read and written, and how commands run."""

    data: Path
    work: Path
    core: str
    sizes: tuple[int, ...]

    def run(self, *arguments: str | Path) -> str:
        """Run a command of the package; returns what it printed."""
        return spent(package_command(*map(str, arguments)), self.core)[2]

    def lexicon(self, name: str, *texts: Path) -> Path:
        """Learn the words of texts."""
        path = self.work / f"{name}.tsv"
        if not path.exists():
            self.run("discover", "--quiet", *texts, "-o", path)
        return path

    def raw(self, gold: str) -> Path:
        """The text of a segmented file: its lines without white space."""
        path = self.work / f"{Path(gold).name}.raw"
        if not path.exists():
            with open(self.data / gold, encoding="utf-8") as lines, path.open("w", encoding="utf-8") as out:
                out.writelines("".join(line.split()) + "\n" for line in lines)
        return path

    def segmentation(self, lexicon: Path, text: Path, gold: Path, training_words: Path | None = None) -> dict[str, Any]:
        """Segment a text and compare it with the gold standard."""
        predicted = self.work / "predicted.txt"
        self.run("segment", "--quiet", "-l", lexicon, text, "-o", predicted)
        known = ["--training-words", str(training_words)] if training_words else []
        figures: dict[str, Any] = json.loads(self.run("evaluate", gold, predicted, "--json", *known))
        return figures


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, its title, the files that it needs, and what makes its lines."""

    name: str
    title: str
    needs: tuple[str, ...]
    make: Callable[[Setting], str]


# ----------------------------------------------------------------------------------------------------- tables


def segmentation_row(name: str, figures: dict[str, Any]) -> list[str]:
    """Name, P, R, F, recall of unknown words."""
    oov = f"{figures['oov_recall']:.4f}" if "oov_recall" in figures else "-"
    return [name, *(f"{figures[key]:.4f}" for key in ("precision", "recall", "f1")), oov]


SEGMENTATION_HEADER = ("text", "P", "R", "F", "OOV recall")


def bakeoff_table(setting: Setting) -> str:
    """SIGHAN 2005: words learnt from People's Daily and the raw lines of both tests."""
    golds = {name: f"sighan2005/{name}_test_gold.utf8" for name in BAKEOFF}
    raw = {name: setting.raw(gold) for name, gold in golds.items()}
    lexicon = setting.lexicon("bakeoff", setting.data / PEOPLES_DAILY, *raw.values())
    rows = []
    for name, gold in golds.items():
        training_words = setting.data / f"sighan2005/{name}_training_words.utf8"
        figures = setting.segmentation(lexicon, raw[name], setting.data / gold, training_words)
        rows.append(segmentation_row(f"{name.upper()} test", figures))
    development = setting.raw(PEOPLES_DAILY_GOLD)
    figures = setting.segmentation(lexicon, development, setting.data / PEOPLES_DAILY_GOLD)
    rows.append(segmentation_row("People's Daily (development)", figures))
    return markdown(SEGMENTATION_HEADER, rows)


def domains_table(setting: Setting) -> str:
    """Dermatology and patents: words learnt from the raw text of the domain, in which the test sentences are."""
    rows = []
    for name in DOMAINS:
        text, gold = (f"cross_domain/{name}_{part}.txt" for part in ("full", "test_gold"))
        lexicon = setting.lexicon(name, setting.data / text)
        figures = setting.segmentation(lexicon, setting.raw(gold), setting.data / gold)
        rows.append(segmentation_row(f"{name}_test", figures))
    return markdown(SEGMENTATION_HEADER, rows)


def ranked_words(lexicon: Path) -> list[tuple[str, int]]:
    """Words and counts in the order of the file."""
    return [(word, entry.count) for word, entry in Lexicon.load(lexicon).items()]


def word_counts(path: Path) -> dict[str, int]:
    """Words and counts of a list with two columns; a first line that begins with ``word`` is a header."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {word: int(count) for word, count, *_ in rows if word != "word"}


def lexicon_row(name: str, score: LexiconScore) -> list[object]:
    """Name, sizes, P, R, F, precision among the first."""
    at = ("-" if value is None else f"{value:.4f}" for value in score.precision_at.values())
    figures = (score.precision, score.recall, score.f1)
    return [name, score.gold, score.predicted, *(f"{figure:.4f}" for figure in figures), *at]


LEXICON_HEADER = ("text", "gold words", "found", "P", "R", "F", *(f"P@{rank}" for rank in RANKS))


def lexicon_table(setting: Setting) -> str:
    """The words of People's Daily against those of its segmented form."""
    lexicon = setting.lexicon("peoples_daily", setting.data / PEOPLES_DAILY)
    score = evaluate_lexicon(word_counts(setting.data / PEOPLES_DAILY_WORDS), ranked_words(lexicon), top=RANKS)
    return markdown(LEXICON_HEADER, [lexicon_row("People's Daily", score)])


def multi_character_words(lexicon: Path) -> list[str]:
    """The words of two or more characters, in the order of the file; a number or Latin word counts as one character."""
    return [word for word, _ in ranked_words(lexicon) if len(_CLASS.sub("0", word)) > 1]


def novel_table(setting: Setting) -> str:
    """At which rank the main persons of the novel stand."""
    words = multi_character_words(setting.lexicon("novel", setting.data / NOVEL))
    ranks = {word: rank for rank, word in enumerate(words, 1)}
    found = sum(ranks.get(name, NAME_RANK + 1) <= NAME_RANK for name in NAMES)
    row = [f"{found} of {len(NAMES)}", *(ranks.get(name, "-") for name in NAMES)]
    return markdown([f"among the first {NAME_RANK}", *NAMES], [row])


def dictionary_table(setting: Setting) -> str:
    """Which share of the best words a dictionary holds."""
    lines = (setting.data / DICTIONARY).read_text(encoding="utf-8").splitlines()
    known = {line.split(" ", 1)[0] for line in lines}
    rows = []
    for name, title, text in (("novel", "红楼梦", NOVEL), ("peoples_daily", "People's Daily", PEOPLES_DAILY)):
        words = multi_character_words(setting.lexicon(name, setting.data / text))
        shares = [f"{sum(w in known for w in words[:n]) / n:.4f}" if n <= len(words) else "-" for n in RANKS]
        rows.append([title, len(words), *shares])
    return markdown(["text", "words", *(f"of the first {rank}" for rank in RANKS)], rows)


def synthetic_table(setting: Setting) -> str:
    """Words and segmentation of generated text, for which the truth is known."""
    rows = []
    for size in setting.sizes:
        folder = setting.work / f"synthetic_{size}"
        text = synthetic_text(size, folder)
        lexicon = setting.lexicon(folder.name, text)
        figures = setting.segmentation(lexicon, text, folder / "segmented.txt")
        score = evaluate_lexicon(word_counts(folder / "lexicon.tsv"), ranked_words(lexicon), top=())
        segmented = (f"{figures[key]:.4f}" for key in ("precision", "recall", "f1"))
        rows.append([f"{size / 1e6:g} MB", *segmented, *lexicon_row("", score)[1:]])
    header = ("size", "P", "R", "F", "gold words", "found words", "word P", "word R", "word F")
    return markdown(header, rows)


TABLES = (
    Table(
        "bakeoff",
        "Segmentation, SIGHAN 2005 (words learnt from People's Daily and the text of both tests)",
        (
            PEOPLES_DAILY,
            PEOPLES_DAILY_GOLD,
            *(f"sighan2005/{name}_{part}.utf8" for name in BAKEOFF for part in ("test_gold", "training_words")),
        ),
        bakeoff_table,
    ),
    Table(
        "domains",
        "Segmentation, dermatology (dm) and patents (pt)",
        tuple(f"cross_domain/{name}_{part}.txt" for name in DOMAINS for part in ("full", "test_gold")),
        domains_table,
    ),
    Table(
        "lexicon",
        "Words of People's Daily (2 to 8 Chinese characters, 5 times or more)",
        (PEOPLES_DAILY, PEOPLES_DAILY_WORDS),
        lexicon_table,
    ),
    Table("novel", "Ranks of the main persons in 红楼梦", (NOVEL,), novel_table),
    Table(
        "dictionary",
        "Share of the first words of two or more characters that jieba's dictionary holds",
        (NOVEL, PEOPLES_DAILY, DICTIONARY),
        dictionary_table,
    ),
    Table("synthetic", "Generated text: segmentation, and words as above", (), synthetic_table),
)


# ------------------------------------------------------------------------------------------------ command line


def sections(tables: Sequence[Table], setting: Setting) -> Iterator[tuple[bool, str]]:
    """Each table with its title, and whether it could be made."""
    for table in tables:
        missing = [name for name in table.needs if not (setting.data / name).is_file()]
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            yield False, f"### {table.title}\n\nLeft out: not in the data directory: {names}.\n"
        else:
            yield True, f"### {table.title}\n\n{table.make(setting)}\n"


def parser() -> argparse.ArgumentParser:
    """The options."""
    names = [table.name for table in TABLES]
    parser = argparse.ArgumentParser(description="Print how good words and segmentations are.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the corpora; without it, only the synthetic table")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--core", choices=("c", "python"), default="", help="default: as installed")
    parser.add_argument(
        "--sizes", nargs="+", type=parse_size, default=[200_000, 2_000_000, 8_000_000], help="of the synthetic texts"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status: 1 if a table failed, or was left out though asked for."""
    options = parser().parse_args(arguments)
    if options.data and not options.data.is_dir():
        parser().error(f"--data: no such directory: {options.data}")
    # The tables are in Chinese as well; a pipe or a terminal in the C locale must not stop them.
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    wanted = [table for table in TABLES if not options.only or table.name in options.only]
    left_out = 0
    with tempfile.TemporaryDirectory() as folder:
        nowhere = Path(folder, "none")
        setting = Setting(options.data or nowhere, Path(folder), options.core, tuple(options.sizes))
        try:
            for made, section in sections(wanted, setting):
                left_out += not made
                print(section, flush=True)
        except BenchmarkError as error:
            print(f"quality.py: {error}", file=sys.stderr)
            return 1
    return 1 if options.only and left_out else 0


if __name__ == "__main__":
    sys.exit(main())
