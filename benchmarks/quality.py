"""Print how good words, segmentations, sentence templates and terms are, as Markdown tables.

    python benchmarks/quality.py [--data DIR] [--only NAME ...] [--methods NAME ...] [--core c] [--json FILE]
                                 [--sizes 200KB 2MB 8MB] [--characters 100000 ...]

All words and segmentations are made by the commands that a user would type, and scored in this process. README.md
beside this file says which files DIR holds and where they can be had. A table whose files are missing is left out, and
says so; the synthetic one needs no files.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from measuring import BenchmarkError, environment, parse_size, synthetic_text
from quality_figures import Cell, Figures, Table
from quality_sentences import SENTENCE_TABLES
from quality_terms import TERM_TABLES
from quality_texts import (
    BAKEOFF,
    DICTIONARY,
    DOMAINS,
    GOLDS,
    LAWS,
    MORE_TEXT,
    NOVEL,
    PEOPLES_DAILY,
    PEOPLES_DAILY_SEGMENTED,
    PEOPLES_DAILY_WORDS,
    SUPERVISED,
    TRAIN,
    Gold,
    Setting,
    bakeoff_learnt,
    characters_of,
    dictionary_words,
    domain_text,
    is_one_or_two,
    lexicon_beside,
    lines_of,
    multi_character_words,
    ranked_words,
    supervised_model,
    training_text,
    word_counts,
    words_of,
)

from nlp_zero.errors import NlpZeroError
from nlp_zero.evaluation import LexiconScore, SegmentationScore, evaluate_lexicon

METHODS = ("entropy", "pmi", TRAIN)  # `train` learns by method joint, and its models are decoded with the tagger
NAMES = ("宝玉", "贾母", "凤姐", "黛玉", "宝钗", "袭人")
NAME_RANK = 200  # up to here the names of the main persons should stand
LONG_WORDS = ("县级以上人民政府", "中华人民共和国")
MAX_LENGTHS = (None, 16)
RANKS = (1000, 5000)
SHOWN = 100  # words that a person looks at
SIZES = (200_000, 2_000_000, 8_000_000)
CHARACTERS = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)

# ----------------------------------------------------------------------------------- tables of segmentations

SEGMENTATION_HEADER = ("text", "method", "P", "R", "F", "OOV recall")


def segmentation_row(gold: Gold, method: str, score: SegmentationScore) -> list[Cell]:
    """Text, method, P, R, F, recall of unknown words."""
    return [gold.title, method, score.precision, score.recall, score.f1, score.oov_recall]


def bakeoff_table(setting: Setting) -> Figures:
    """SIGHAN 2005, and the development data; both tests also by jieba, if it is there."""
    jieba = quiet_jieba(setting)
    rows = []
    for gold in GOLDS:
        for method in setting.methods:
            rows.append(segmentation_row(gold, method, setting.segmented(bakeoff_learnt(setting, method), gold)))
        if jieba and gold in BAKEOFF:
            rows += jieba_rows(jieba, setting, gold)
    return Figures(SEGMENTATION_HEADER, rows, () if jieba else ("jieba is not installed: no row.",))


def quiet_jieba(setting: Setting) -> ModuleType | None:
    """The module, if it is installed; it says nothing and keeps its files in the working folder."""
    try:
        jieba = import_module("jieba")
    except ImportError:
        return None
    jieba.setLogLevel("WARNING")
    jieba.dt.tmp_dir = str(setting.work)
    return jieba


def jieba_rows(jieba: ModuleType, setting: Setting, gold: Gold) -> Iterator[list[Cell]]:
    """The same lines segmented by jieba, with its model of unknown words and without."""
    lines = [line.rstrip("\n") for line in lines_of(setting.raw(gold))]
    for name, hmm in (("on", True), ("off", False)):
        score = setting.score(gold, (" ".join(jieba.lcut(line, HMM=hmm)) for line in lines))
        yield segmentation_row(gold, f"jieba {jieba.__version__} (dictionary), HMM {name}", score)


def domains_table(setting: Setting) -> Figures:
    """Dermatology and patents: learnt from the raw text of the domain, in which the test sentences are."""
    rows = []
    for gold in DOMAINS:
        for method in setting.methods:
            learnt = setting.learnt_of(domain_text(gold), method)
            rows.append(segmentation_row(gold, method, setting.segmented(learnt, gold)))
    return Figures(SEGMENTATION_HEADER, rows)


def supervised_table(setting: Setting) -> Figures:
    """SIGHAN 2005 by taggers that learn from the words of People's Daily, which are then the known ones."""
    rows = []
    for gold in BAKEOFF:
        known = replace(gold, training_words=str(words_of(setting, PEOPLES_DAILY_SEGMENTED)))
        for order, options in SUPERVISED.items():
            score = setting.segmented(supervised_model(setting, order), known)
            rows.append([*segmentation_row(gold, " ".join((TRAIN, *options)), score), score.iv_recall])
    return Figures((*SEGMENTATION_HEADER, "IV recall"), rows)


def adapt_table(setting: Setting) -> Figures:
    """Models of People's Daily as they are and adapted to a domain, and a model of the domain alone."""
    bases = {
        TRAIN: setting.learnt_of(PEOPLES_DAILY, TRAIN),
        " ".join((TRAIN, *SUPERVISED[2])): supervised_model(setting, 2),
    }
    rows: list[list[Cell]] = []
    for gold in DOMAINS:
        text = setting.data / domain_text(gold)
        alone = setting.learnt_of(domain_text(gold), TRAIN)
        for made_by, base in bases.items():
            adapted = setting.model(f"{base.stem} adapted to {text.stem}", [text], "--adapt", base)
            rows.append([gold.title, made_by, *(setting.segmented(m, gold).f1 for m in (base, alone, adapted))])
    return Figures(("text", "model of People's Daily", "F of it", "F of the domain's own", "F adapted"), rows)


F_HEADER = tuple(f"F {gold.title}" for gold in GOLDS)


def f_figures(setting: Setting, learnt: Path) -> list[Cell]:
    """F of each gold standard."""
    return [setting.segmented(learnt, gold).f1 for gold in GOLDS]


def sizes_table(setting: Setting) -> Figures:
    """The bakeoff, and the development data, with words learnt from less and from more text."""
    rows: list[list[Cell]] = []
    for size in setting.characters:
        text, used = training_text(setting, size)
        for method in setting.methods:
            learnt = setting.learnt(text.stem, method, [text])
            rows.append([f"{size / 1e6:g} M", used, method, *f_figures(setting, learnt)])
    return Figures(("size", "characters used", "method", *F_HEADER), rows)


# --------------------------------------------------------------------------------------------- tables of words


def lexicon_figures(score: LexiconScore) -> list[Cell]:
    """Sizes, P, R, F, precision among the first."""
    return [score.gold, score.predicted, score.precision, score.recall, score.f1, *score.precision_at.values()]


def lexicon_table(setting: Setting) -> Figures:
    """The words of People's Daily against those of its segmented form."""
    gold = word_counts(setting.data / PEOPLES_DAILY_WORDS)
    rows: list[list[Cell]] = []
    for method in setting.methods:
        score = evaluate_lexicon(gold, ranked_words(setting.lexicon_of(PEOPLES_DAILY, method)), top=RANKS)
        rows.append(["People's Daily", method, *lexicon_figures(score)])
    return Figures(("text", "method", "gold words", "found", "P", "R", "F", *(f"P@{rank}" for rank in RANKS)), rows)


def novel_table(setting: Setting) -> Figures:
    """At which rank the main persons of the novel stand, and the first words."""
    rows: list[list[Cell]] = []
    notes = []
    for method in setting.methods:
        words = multi_character_words(setting.lexicon_of(NOVEL, method))
        ranks = {word: rank for rank, word in enumerate(words, 1)}
        found = sum(ranks.get(name, NAME_RANK + 1) <= NAME_RANK for name in NAMES)
        rows.append([method, f"{found} of {len(NAMES)}", *map(ranks.get, NAMES)])
        notes.append(word_list(f"{method}, the first {SHOWN}", words[:SHOWN]))
    return Figures(("method", f"among the first {NAME_RANK}", *NAMES), rows, tuple(notes))


def word_list(title: str, words: Iterable[str]) -> str:
    """A line of words; they may hold the angle brackets of ``<NUM>``, which Markdown would hide."""
    return f"{title}: `{' '.join(words)}`"


def dictionary_table(setting: Setting) -> Figures:
    """Which share of the best words a dictionary holds."""
    known = dictionary_words(setting)
    rows: list[list[Cell]] = []
    for title, text in (("红楼梦", NOVEL), ("People's Daily", PEOPLES_DAILY)):
        for method in setting.methods:
            words = multi_character_words(setting.lexicon_of(text, method))
            shares = [sum(w in known for w in words[:n]) / n if n <= len(words) else None for n in RANKS]
            rows.append([title, method, len(words), *shares])
    return Figures(("text", "method", "words", *(f"of the first {rank}" for rank in RANKS)), rows)


def terms_long_table(setting: Setting) -> Figures:
    """Long words of laws, and what looking for them costs elsewhere."""
    rows = []
    for method in setting.methods:
        for max_length in MAX_LENGTHS[:1] if method == TRAIN else MAX_LENGTHS:  # `train` has no such option
            options = [] if max_length is None else ["--max-length", str(max_length)]
            counts = dict(ranked_words(setting.lexicon_of(LAWS, method, *options)))
            words = [word for word in counts if characters_of(word) > 1]
            ranks = {word: rank for rank, word in enumerate(words, 1)}
            row: list[Cell] = [method, "default" if max_length is None else max_length]
            for word in LONG_WORDS:
                row += [ranks.get(word), counts.get(word)]
            row.append(sum(characters_of(word) > 4 for word in words[: RANKS[0]]))
            rows.append([*row, *f_figures(setting, bakeoff_learnt(setting, method, *options))])
    long_words = (f"{word} {what}" for word in LONG_WORDS for what in ("rank", "count"))
    header = ("method", "max length", *long_words, f"longer than 4 among the first {RANKS[0]}", *F_HEADER)
    return Figures(header, rows)


def fragments_table(setting: Setting) -> Figures:
    """Which of the best words of laws are neither a word nor two words of a dictionary."""
    known = dictionary_words(setting)
    rows: list[list[Cell]] = []
    notes = []
    for method in setting.methods:
        words = multi_character_words(setting.lexicon_of(LAWS, method))[: RANKS[0]]
        suspects = [word for word in words if not is_one_or_two(word, known)]
        rows.append([method, len(words), len(suspects)])
        notes.append(word_list(f"{method}, they are", suspects))
    return Figures(("method", "first words", "neither one nor two words of the dictionary"), rows, tuple(notes))


def synthetic_table(setting: Setting) -> Figures:
    """Words and segmentation of generated text, for which the truth is known."""
    rows: list[list[Cell]] = []
    for size in setting.sizes:
        folder = setting.work / f"synthetic_{size}"
        text = synthetic_text(size, folder)
        gold = Gold(folder.name, str(folder / "segmented.txt"))
        for method in setting.methods:
            learnt = setting.learnt(folder.name, method, [text])
            segmented = setting.segmented(learnt, gold)
            found = ranked_words(lexicon_beside(learnt))
            score = evaluate_lexicon(word_counts(folder / "lexicon.tsv"), found, top=())
            figures = (segmented.precision, segmented.recall, segmented.f1, *lexicon_figures(score))
            rows.append([f"{size / 1e6:g} MB", method, *figures])
    words = ("gold words", "found words", "word P", "word R", "word F")
    return Figures(("size", "method", "P", "R", "F", *words), rows)


GOLD_FILES = tuple(name for gold in GOLDS for name in gold.files)
TABLES = (
    Table(
        "bakeoff",
        "Segmentation, SIGHAN 2005 (words learnt from People's Daily and the text of both tests)",
        (PEOPLES_DAILY, *GOLD_FILES),
        bakeoff_table,
    ),
    Table(
        "sizes",
        "Segmentation by Han characters of training text (from People's Daily on it holds the text of both tests)",
        (PEOPLES_DAILY, *GOLD_FILES, *MORE_TEXT),
        sizes_table,
    ),
    Table(
        "domains",
        "Segmentation, dermatology (dm) and patents (pt)",
        tuple(name for gold in DOMAINS for name in (domain_text(gold), *gold.files)),
        domains_table,
    ),
    Table(
        "supervised",
        "Segmentation, SIGHAN 2005, by taggers that learn from the words of People's Daily",
        (PEOPLES_DAILY_SEGMENTED, *(gold.path for gold in BAKEOFF)),
        supervised_table,
    ),
    Table(
        "adapt",
        "Segmentation of dermatology (dm) and patents (pt): models of People's Daily, adapted with --adapt",
        (
            PEOPLES_DAILY,
            PEOPLES_DAILY_SEGMENTED,
            *(name for gold in DOMAINS for name in (domain_text(gold), gold.path)),
        ),
        adapt_table,
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
    Table(
        "terms-long",
        "Long words of laws with and without a greater --max-length, and F of the bakeoff with it",
        (LAWS, PEOPLES_DAILY, *GOLD_FILES),
        terms_long_table,
    ),
    Table(
        "fragments",
        "First words of laws of two or more characters that jieba's dictionary does not explain",
        (LAWS, DICTIONARY),
        fragments_table,
    ),
    Table("synthetic", "Generated text: segmentation, and words as above", (), synthetic_table),
    *SENTENCE_TABLES,
    *TERM_TABLES,
)


# ------------------------------------------------------------------------------------------------ command line


def made(tables: Sequence[Table], setting: Setting) -> Iterator[tuple[Table, Figures | list[str]]]:
    """Each table with its figures, or with the files that it lacks."""
    for table in tables:
        missing = [name for name in table.needs if not (setting.data / name).is_file()]
        yield table, missing or table.make(setting)


def section(table: Table, figures: Figures | list[str]) -> str:
    """A table below its title, or why there is none."""
    if isinstance(figures, Figures):
        return f"### {table.title}\n\n{figures}\n"
    names = ", ".join(f"`{name}`" for name in figures)
    return f"### {table.title}\n\nLeft out: not in the data directory: {names}.\n"


def json_of(table: Table, figures: Figures | list[str]) -> dict[str, Any]:
    """The same for JSON."""
    return {"title": table.title, **(figures.to_dict() if isinstance(figures, Figures) else {"missing": figures})}


def parser() -> argparse.ArgumentParser:
    """The options."""
    names = [table.name for table in TABLES]
    parser = argparse.ArgumentParser(description="Print how good words and segmentations are.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the corpora; without it, only the synthetic table")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument(
        "--methods",
        nargs="+",
        choices=METHODS,
        default=METHODS,
        metavar="NAME",
        help=f"default: {' '.join(METHODS)}",
    )
    parser.add_argument("--core", choices=("c", "python"), default="", help="default: as installed")
    parser.add_argument("--sizes", nargs="+", type=parse_size, default=SIZES, help="of the synthetic texts")
    parser.add_argument(
        "--characters", nargs="+", type=int, default=CHARACTERS, metavar="N", help="of the texts of the table sizes"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status: 1 if a table failed, or was left out though asked for."""
    options = parser().parse_args(arguments)
    if options.data and not options.data.is_dir():
        parser().error(f"--data: no such directory: {options.data}")
    if options.json and not options.json.parent.is_dir():
        parser().error(f"--json: no such directory: {options.json.parent}")
    # The tables are in Chinese as well; a pipe or a terminal in the C locale must not stop them.
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    wanted = [table for table in TABLES if not options.only or table.name in options.only]
    written: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder, "none")
        lists = (tuple(options.methods), tuple(options.sizes), tuple(options.characters))
        setting = Setting(data.resolve(), Path(folder), options.core, *lists)
        try:
            for table, figures in made(wanted, setting):
                written[table.name] = json_of(table, figures)
                print(section(table, figures), flush=True)
            if options.json:
                text = json.dumps({"about": environment(), "tables": written}, ensure_ascii=False, indent=1)
                options.json.write_text(text + "\n", encoding="utf-8")
        except (BenchmarkError, NlpZeroError, OSError) as error:
            print(f"quality.py: {error}", file=sys.stderr)
            return 1
    left_out = any("missing" in entry for entry in written.values())
    return 1 if options.only and left_out else 0


if __name__ == "__main__":
    sys.exit(main())
