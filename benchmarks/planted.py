"""Score templates and parses of generated text against the templates that were planted in it.

`corpora/generate.py` writes the truth beside the text: every planted template with its count, and every planted
sentence with its template and the places of its slots. Two slots side by side cannot be told apart from one, so they
are one here; blanks between fixed words do not count, for they depend on the segmentation. Where all fillers of a slot
share a word (a list of people always has 和), text alone cannot tell that it belongs to the filler and not to the
template, so a template is taken for the planted one in either form, and counted as it was planted beside that.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nlp_zero.sentences.parser import TemplateParser
from nlp_zero.sentences.readings import with_dominating
from nlp_zero.sentences.template import SLOT, Span, Templates, frame_of

LEAST = 5  # sentences of a planted template that is to be found


@dataclass(frozen=True, slots=True)
class PlantedScore:
    """How well templates and parses agree with what was planted.

    Attributes
    ----------
    planted, found
        Numbers of templates: planted 5 times or more, and found.
    right, hit
        How many of the found ones were planted, and of the planted ones were found, in either form.
    same
        How many were found just as they were planted.
    sentences, exact
        Numbers of planted sentences that were parsed, and of those whose template is the planted one.
    slots, found_slots, right_slots
        Numbers of slots of these sentences: planted, found, and both, with the same begin and end.
    """

    planted: int
    found: int
    right: int
    hit: int
    same: int
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
        return self.hit / max(self.planted, 1)

    @property
    def same_precision(self) -> float:
        """Share of the found templates that were planted just so."""
        return self.same / max(self.found, 1)

    @property
    def same_recall(self) -> float:
        """Share of the planted templates that were found just so."""
        return self.same / max(self.planted, 1)

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
    words: list[str]
    template: str
    slots: list[Span]  # in characters


def planted_score(folder: Path, templates: Templates, parser: TemplateParser, every: int = 1) -> PlantedScore:
    """Compare templates, and the parses of each `every`-th planted sentence, with the truth in a folder.

    Templates without a fixed word but punctuation say nothing and are not counted.
    """
    planted_sentences = [*_sentences(folder)]
    gold = _forms(planted_sentences)
    known = set(gold).union(gold.values())
    found = {_compact(str(template)) for template in templates if any(map(_speaks, template.fixed))}
    sentences = exact = slots = found_slots = right_slots = 0
    for sentence in planted_sentences[::every]:
        tree = parser.parse(sentence.text)
        sentences += 1
        exact += tree.template is not None and _compact(str(tree.template)) == sentence.template
        slots += len(sentence.slots)
        found_slots += len(tree.slots)
        right_slots += len(set(sentence.slots) & set(tree.slots))
    return PlantedScore(
        planted=len(gold),
        found=len(found),
        right=len(found & known),
        hit=sum(planted in found or shared in found for planted, shared in gold.items()),
        same=len(found & set(gold)),
        sentences=sentences,
        exact=exact,
        slots=slots,
        found_slots=found_slots,
        right_slots=right_slots,
    )


def _forms(sentences: Sequence[_Sentence]) -> dict[str, str]:
    """The planted templates that occur often enough, each with the words fixed that all fillers of a slot share."""
    words = [sentence.words for sentence in sentences]
    slots = [_in_words(sentence) for sentence in sentences]
    shared = with_dominating(words, slots, LEAST, lambda word: True, share=1.0)
    counts = Counter(sentence.template for sentence in sentences)
    forms: dict[str, Counter[str]] = {template: Counter() for template, count in counts.items() if count >= LEAST}
    for sentence, spans in zip(sentences, shared):
        if sentence.template in forms:
            frame = frame_of(sentence.words, spans)
            forms[sentence.template][_compact("".join(SLOT if word is None else word for word in frame))] += 1
    return {template: counter.most_common(1)[0][0] for template, counter in forms.items()}


def _in_words(sentence: _Sentence) -> tuple[Span, ...]:
    """The slots in words."""
    places = {0: 0}
    end = 0
    for i, word in enumerate(sentence.words, 1):
        end += len(word)
        places[end] = i
    return tuple((places[start], places[end]) for start, end in sentence.slots)


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
    segmented = (folder / "segmented.txt").read_text(encoding="utf-8").split("\n")
    with open(folder / "templates.jsonl", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            start, end = row["start"], row["end"]
            merged: list[Span] = []
            for a, b in row["slots"]:
                if merged and merged[-1][1] == a - start:
                    merged[-1] = (merged[-1][0], b - start)
                else:
                    merged.append((a - start, b - start))
            words, at = [], 0
            for word in segmented[row["line"] - 1].split(" "):
                if start <= at < end:
                    words.append(word)
                at += len(word)
            yield _Sentence(lines[row["line"] - 1][start:end], words, _compact(row["template"]), merged)
