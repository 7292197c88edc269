"""Score templates and parses of generated text against the templates that were planted in it.

`corpora/generate.py` writes the truth beside the text: every planted template with its count, and every planted
sentence with its template and the places of its slots. Two slots side by side cannot be told apart from one, so they
are one here; blanks between fixed words do not count, for they depend on the segmentation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nlp_zero.sentences.parser import TemplateParser
from nlp_zero.sentences.template import SLOT, Templates

LEAST = 5  # sentences of a planted template that is to be found


@dataclass(frozen=True, slots=True)
class PlantedScore:
    """How well templates and parses agree with what was planted.

    Attributes
    ----------
    planted, found, right
        Numbers of templates: planted 5 times or more, found, and both.
    sentences, exact
        Numbers of planted sentences that were parsed, and of those whose template is the planted one.
    slots, found_slots, right_slots
        Numbers of slots of these sentences: planted, found, and both, with the same begin and end.
    """

    planted: int
    found: int
    right: int
    sentences: int
    exact: int
    slots: int
    found_slots: int
    right_slots: int

    @property
    def precision(self) -> float:
        """Share of the found templates that were planted."""
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        """Share of the planted templates that were found."""
        return self.right / max(self.planted, 1)

    @property
    def exact_share(self) -> float:
        """Share of the planted sentences whose template is the planted one."""
        return self.exact / max(self.sentences, 1)

    @property
    def slot_f1(self) -> float:
        """F of the slots, by begin and end."""
        return 2 * self.right_slots / max(self.slots + self.found_slots, 1)


class _Sentence(NamedTuple):
    text: str
    template: str
    slots: list[tuple[int, int]]


def planted_score(folder: Path, templates: Templates, parser: TemplateParser, every: int = 1) -> PlantedScore:
    """Compare templates, and the parses of each `every`-th planted sentence, with the truth in a folder.

    Templates without a fixed word but punctuation say nothing and are not counted.
    """
    gold = _planted(folder / "templates.tsv")
    found = {_compact(str(template)) for template in templates if any(map(_speaks, template.fixed))}
    sentences = exact = slots = found_slots = right_slots = 0
    for sentence in [*_sentences(folder)][::every]:
        tree = parser.parse(sentence.text)
        sentences += 1
        exact += tree.template is not None and _compact(str(tree.template)) == sentence.template
        slots += len(sentence.slots)
        found_slots += len(tree.slots)
        right_slots += len(set(sentence.slots) & set(tree.slots))
    return PlantedScore(len(gold), len(found), len(gold & found), sentences, exact, slots, found_slots, right_slots)


def _planted(path: Path) -> set[str]:
    """The planted templates that occur often enough."""
    counts: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        template, count = line.split("\t")[:2]
        counts[_compact(template)] = counts.get(_compact(template), 0) + int(count)
    return {template for template, count in counts.items() if count >= LEAST}


def _compact(template: str) -> str:
    """A template without blanks, neighbouring slots as one."""
    text = template.replace(" ", "")
    while SLOT * 2 in text:
        text = text.replace(SLOT * 2, SLOT)
    return text


def _speaks(word: str) -> bool:
    return any(map(str.isalnum, word))


def _sentences(folder: Path) -> Iterator[_Sentence]:
    """The planted sentences with the places of their slots."""
    lines = (folder / "text.txt").read_text(encoding="utf-8").split("\n")
    with open(folder / "templates.jsonl", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            start, end = row["start"], row["end"]
            merged: list[tuple[int, int]] = []
            for a, b in row["slots"]:
                if merged and merged[-1][1] == a - start:
                    merged[-1] = (merged[-1][0], b - start)
                else:
                    merged.append((a - start, b - start))
            yield _Sentence(lines[row["line"] - 1][start:end], _compact(row["template"]), merged)
