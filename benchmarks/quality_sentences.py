"""The tables about sentences: slots of questions, planted templates, and what text costs to describe."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

from planted import planted_score
from quality_figures import Cell, Figures, Table
from quality_texts import PEOPLES_DAILY, Setting, lines_of

from nlp_zero.coding import code_lengths
from nlp_zero.sentences.finder import TemplateFinder
from nlp_zero.sentences.parser import TemplateParser
from nlp_zero.words.finder import learn
from nlp_zero.words.lexicon import Lexicon
from nlp_zero.words.segmenter import LexiconSegmenter

QUESTIONS = "questions/nlpcc_kbqa_train.tsv"
ENTITY_RULE = "everything before the first 的"
NOISE = (0.0, 0.2, 0.5)  # shares of unplanned sentences
GENERATOR = Path(__file__).resolve().parent.parent / "corpora" / "generate.py"
HELD_OUT = 10  # one line of so many


def slots_table(setting: Setting) -> Figures:
    """Slots of questions against the entity that each is about."""
    gold = _questions(setting.data / QUESTIONS)
    text, templates, parsed = (setting.work / f"questions.{name}" for name in ("txt", "tsv", "jsonl"))
    text.write_text("".join(f"{question}\n" for question in gold), encoding="utf-8")
    setting.run("templates", "--quiet", text, "-o", templates)
    found: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for kept in ("0.9", "0"):
        setting.run("parse", "--quiet", text, "-t", templates, "--freest", kept, "--format", "jsonl", "-o", parsed)
        objects = map(json.loads, lines_of(parsed))
        found[f"parse --freest {kept}"] = {row["text"]: [(a, b) for a, b in row["slots"]] for row in objects}
    found[ENTITY_RULE] = {question: [(0, question.find("的"))] * (question.find("的") > 0) for question in gold}
    wrong = {question for question, entity in gold.items() if question.partition("的")[0] != entity}
    even = _questions(setting.data / QUESTIONS, first=1, step=2)
    parts = {
        "all": list(gold),
        "where the rule is wrong": [question for question in gold if question in wrong],
        "even lines": list(even),
        "even lines where it is wrong": [question for question in even if question in wrong],
    }
    rows: list[list[Cell]] = []
    for method, slots in found.items():
        rows += [[method, name, *_slot_figures(gold, slots, part)] for name, part in parts.items()]
    return Figures(("method", "questions", "number", "slot recall", "slot precision", "exact template"), rows)


def _questions(path: Path, first: int = 0, step: int = 1) -> dict[str, str]:
    """The questions that hold their entity, of each `step`-th line."""
    cells = (line.split("\t") for line in lines_of(path)[first::step])
    pairs = ((row[0].strip(), row[1].strip()) for row in cells if len(row) > 1)
    found: dict[str, str] = {}
    for question, entity in pairs:
        if entity and entity in question:
            found.setdefault(question, entity)
    return found


def _slot_figures(gold: dict[str, str], slots: dict[str, list[tuple[int, int]]], questions: list[str]) -> list[Cell]:
    """How many questions, recall and precision of slots that are the entity, and share with this slot alone."""
    hits = exact = number = 0
    for question in questions:
        found = [question[a:b] for a, b in slots.get(question, [])]
        number += len(found)
        hits += gold[question] in found
        exact += found == [gold[question]]
    return [len(questions), hits / len(questions), hits / max(number, 1), exact / len(questions)]


def planted_table(setting: Setting) -> Figures:
    """Templates of generated text, with known words and with words that are learnt from it."""
    rows: list[list[Cell]] = []
    for noise in NOISE:
        folder = _generated(setting.work / f"planted_{noise:g}", sorted(setting.sizes)[len(setting.sizes) // 2], noise)
        corpus = [folder / "text.txt"]
        known = LexiconSegmenter(Lexicon.load(folder / "lexicon.tsv"))
        for words, segmenter in (("known", known), ("learnt", learn(lines_of(corpus[0])))):
            templates = TemplateFinder(segmenter).fit(lines_of(corpus[0])).templates_
            score = planted_score(folder, templates, TemplateParser(templates, segmenter, freest=0), every=5)
            figures = (
                *(score.precision, score.recall, score.same_precision, score.same_recall),
                *(score.exact_share, score.slot_f1),
            )
            rows.append([f"{noise:g}", words, score.planted, score.found, *figures])
    header = (
        "noise",
        "words",
        "planted",
        "found",
        "P",
        "R",
        "P as planted",
        "R as planted",
        "exact template",
        "slot F",
    )
    return Figures(header, rows)


@cache
def _generated(folder: Path, size: int, noise: float) -> Path:
    """Generated text with its truth."""
    options = ("--size", str(size), "--seed", "1", "--noise", str(noise), "--output", str(folder))
    subprocess.run([sys.executable, str(GENERATOR), *options], check=True, capture_output=True)
    return folder


def description_table(setting: Setting) -> Figures:
    """Bits per character of held-out text: every tenth line of it."""
    rows: list[list[Cell]] = []
    for name in (QUESTIONS, PEOPLES_DAILY):
        lines = [line.split("\t")[0] for line in lines_of(setting.data / name)]
        training = [line for i, line in enumerate(lines) if i % HELD_OUT]
        segmenter = learn(training)
        templates = TemplateFinder(segmenter).fit(training).templates_
        lengths = code_lengths(training, lines[::HELD_OUT], segmenter, templates)
        bits = (lengths.by_characters, lengths.by_words, lengths.by_word_pairs, lengths.by_templates)
        rows.append([name.split("/")[-1], lengths.characters, *bits])
    return Figures(("text", "characters", "by characters", "by words", "by pairs of words", "by templates"), rows)


SENTENCE_TABLES = (
    Table("slots", "Slots of questions that are the entity they ask about", (QUESTIONS,), slots_table),
    Table("planted", "Generated text: templates, and parses of planted sentences", (), planted_table),
    Table(
        "description",
        "Bits per character that held-out text costs under four codes",
        (QUESTIONS, PEOPLES_DAILY),
        description_table,
    ),
)
