"""The grammar of the synthetic corpus: reading its files, and drawing paragraphs from it.

Only `random.Random.random` and `getrandbits` are used: they give the same numbers on every version.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

__all__ = ["TOPICS", "Generator", "Grammar", "Paragraph", "Pattern"]

HERE = Path(__file__).resolve().parent
TOPICS = ("power", "life")
TABLE_BITS = 12  # a random choice is one look-up in a table of 4096 entries, repeated by weight

Phrase = tuple[str, str]  # the raw text, and the same with words separated by one space
Chooser = Callable[[], Phrase]

_Entry = TypeVar("_Entry")
_NUMBER = re.compile(r"<(\d+)-(\d+)(?:\.(\d))?([%,]?)>")
_SLOT = re.compile(r"\{([^}]*)\}|(\S+)")
_CLASS = re.compile(r"[a-z][a-z_]*")
_ENDINGS = frozenset("。？！”")


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


@dataclass
class Grammar:
    """What is written in the files beside this one, not yet bound to random numbers."""

    vocabulary: dict[str, list[str]] = field(default_factory=dict)  # class -> entries, words joined by "_"
    rules: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # class -> (weight, alternative)
    recurring: dict[str, int] = field(default_factory=dict)  # class -> bits of its table of current values
    patterns: dict[str, list[str]] = field(default_factory=dict)  # topic -> sentence patterns
    term_classes: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path = HERE) -> Grammar:
        """Read all files of the grammar from `folder`."""
        grammar = cls()
        for part in ("common", *TOPICS):
            grammar._read_vocabulary(folder / f"vocabulary_{part}.txt")
        grammar._read_rules(folder / "grammar.txt")
        for topic in TOPICS:
            grammar.patterns[topic] = list(_lines(folder / f"patterns_{topic}.txt"))
        return grammar

    def _read_vocabulary(self, path: Path) -> None:
        entries: list[str] = []
        for line in _lines(path):
            if not line.startswith(" "):
                name, _, line = line.partition(" : ")
                if name.endswith("!"):
                    name = name.removesuffix("!")
                    self.term_classes.append(name)
                entries = self.vocabulary[name] = []
            entries.extend(line.split())

    def _read_rules(self, path: Path) -> None:
        for line in _lines(path):
            if line.startswith("@recurring "):
                bits, *names = line.split()[1:]
                self.recurring.update(dict.fromkeys(names, int(bits)))
                continue
            name, _, body = line.partition(" = ")
            alternatives = self.rules[name] = []
            for alternative in body.split(" | "):
                weight, colon, rest = alternative.strip().partition(":")
                alternatives.append((int(weight), rest) if colon else (1, alternative.strip()))

    def terms(self) -> list[tuple[str, ...]]:
        """Domain terms as sequences of words, without repeats, in the order of the vocabulary."""
        entries = (entry for name in self.term_classes for entry in self.vocabulary[name])
        return list(dict.fromkeys(tuple(entry.split("_")) for entry in entries))


@dataclass(frozen=True)
class Pattern:
    """A sentence pattern: fixed phrases around slots (one more fixed phrase than slots), and its ending."""

    template: str
    fixed: tuple[Phrase, ...]
    slots: tuple[Chooser, ...]
    ending: str  # as in the segmented text, with a space before each mark
    mark: str  # as in the raw text


@dataclass
class Paragraph:
    """One line of the corpus: raw text, words separated by spaces, and the planted sentences in it."""

    text: str
    segmented: str
    sentences: list[tuple[int, int, str, list[list[int]]]]  # start, end, template, slots


class Generator:
    """An endless source of paragraphs.

    Parameters
    ----------
    seed
        Any integer from 0; the same seed gives the same paragraphs.
    topic
        ``power``, ``life``, or ``both`` (each document has one of the two).
    noise
        Probability that a sentence is replaced by words in no planned order.
    """

    def __init__(self, *, seed: int, topic: str = "both", noise: float = 0.0, grammar: Grammar | None = None) -> None:
        if seed < 0:
            raise ValueError(f"seed: expected an integer from 0, found {seed}")
        if topic not in (*TOPICS, "both"):
            raise ValueError(f"topic: expected power, life or both, found {topic!r}")
        if not 0.0 <= noise <= 1.0:
            raise ValueError(f"noise: expected a number from 0 to 1, found {noise}")
        self.grammar = grammar or Grammar.load()
        self.topics = TOPICS if topic == "both" else (topic,)
        self._noise = noise
        self._random = random.Random(seed)
        self._choosers: dict[str, Chooser] = {}
        self._tables: list[list[Phrase | None]] = []
        lines = {name: self.grammar.patterns[name] for name in self.topics}
        self.patterns = {name: [self._pattern(line) for line in lines[name]] for name in self.topics}
        self._pattern_tables = {
            name: _weighted([(1 / (12 + rank), pattern) for rank, pattern in enumerate(patterns)])
            for name, patterns in self.patterns.items()
        }
        self._connective = self._chooser("connective")
        classes = {name: self._noise_classes(name) for name in self.topics}
        self._noise_words = {name: [self._chooser(c) for c in classes[name]] for name in self.topics}

    def documents(self) -> Iterator[list[Paragraph]]:
        """Documents without end: lists of 10 to 40 paragraphs that share their people, places and things."""
        while True:
            for table in self._tables:
                table[:] = [None] * len(table)
            topic = self.topics[self._below(len(self.topics))]
            yield [self._paragraph(topic) for _ in range(10 + self._below(31))]

    def _below(self, limit: int) -> int:
        return int(self._random.random() * limit)

    # ---- compiling the grammar into closures ----------------------------------------------------------

    def _chooser(self, name: str) -> Chooser:
        if name not in self._choosers:
            entries: list[tuple[float, Phrase | Chooser]]
            if name in self.grammar.rules:
                entries = [(weight, self._sequence(body)) for weight, body in self.grammar.rules[name]]
            elif name in self.grammar.vocabulary:
                # Zipf's law, flattened at the head so that no class is one word only.
                words = self.grammar.vocabulary[name]
                entries = [(1 / (4 + rank), _phrase(entry)) for rank, entry in enumerate(words)]
            else:
                raise ValueError(f"grammar: the class {name!r} is used but not defined")
            chooser = self._choice(_weighted(entries))
            bits = self.grammar.recurring.get(name)
            self._choosers[name] = chooser if bits is None else self._recurring(chooser, bits)
        return self._choosers[name]

    def _choice(self, table: list[Phrase | Chooser]) -> Chooser:
        bits = self._random.getrandbits

        def choose() -> Phrase:
            entry = table[bits(TABLE_BITS)]
            return entry if isinstance(entry, tuple) else entry()

        return choose

    def _recurring(self, fresh: Chooser, width: int) -> Chooser:
        """Choose mostly among a document's few current values; one time in eight, replace one of them."""
        table: list[Phrase | None] = [None] * (1 << width)
        self._tables.append(table)
        bits = self._random.getrandbits

        def choose() -> Phrase:
            index = bits(width)
            phrase = table[index]
            if phrase is None or not bits(3):
                phrase = table[index] = fresh()
            return phrase

        return choose

    def _sequence(self, body: str) -> Phrase | Chooser:
        """Compile an alternative: words, classes, numbers, and parts glued into one word by ``+``."""
        items = [self._glued(token) if "+" in token else self._item(token) for token in body.split()]
        if all(isinstance(item, tuple) for item in items):
            return _joined([item for item in items if isinstance(item, tuple)])
        if len(items) == 1:
            return items[0]
        choosers = [_constant(item) if isinstance(item, tuple) else item for item in items]

        def choose() -> Phrase:
            parts = [chooser() for chooser in choosers]
            return "".join([part[0] for part in parts]), " ".join([part[1] for part in parts])

        return choose

    def _glued(self, token: str) -> Chooser:
        parts = [self._item(part) for part in token.split("+")]
        choosers = [_constant(part) if isinstance(part, tuple) else part for part in parts]

        def choose() -> Phrase:
            word = "".join([chooser()[0] for chooser in choosers])
            return word, word

        return choose

    def _item(self, token: str) -> Phrase | Chooser:
        number = _NUMBER.fullmatch(token)
        if number is not None:
            return self._number(int(number[1]), int(number[2]), int(number[3] or 0), number[4])
        return self._chooser(token) if _CLASS.fullmatch(token) else _phrase(token)

    def _number(self, low: int, high: int, decimals: int, mark: str) -> Chooser:
        # Whole numbers all the way: no float is ever printed, so there is nothing to round differently.
        scale = 10**decimals
        below, low, span = self._below, low * scale, (high - low) * scale + 1
        percent = "%" if mark == "%" else ""

        def choose() -> Phrase:
            value = low + below(span)
            word = f"{value // scale:,}" if mark == "," else str(value // scale)
            if decimals:
                word = f"{word}.{value % scale:0{decimals}d}"
            word += percent
            return word, word

        return choose

    def _pattern(self, line: str) -> Pattern:
        fixed: list[list[Phrase]] = [[]]
        slots: list[Chooser] = []
        shown: list[str] = []
        for body, token in _SLOT.findall(line):
            if body:
                slot = self._sequence(body)
                slots.append(_constant(slot) if isinstance(slot, tuple) else slot)
                fixed.append([])
                shown.append("[X]")
            else:
                fixed[-1].append(_phrase(token))
                shown += token.split("_")
        ending = ""
        while shown[-1] in _ENDINGS:
            ending = f" {shown.pop()}{ending}"
            fixed[-1].pop()
        phrases = tuple(_joined(part) for part in fixed)
        return Pattern(" ".join(shown), phrases, tuple(slots), ending, ending.replace(" ", ""))

    def _noise_classes(self, topic: str) -> list[str]:
        """Classes of whole words that the topic's patterns reach directly; order as in the vocabulary."""
        used = set(re.findall(r"[a-z][a-z_]*", " ".join(self.grammar.patterns[topic])))
        return [name for name in self.grammar.vocabulary if name in used]

    # ---- making text ------------------------------------------------------------------------------------

    def _paragraph(self, topic: str) -> Paragraph:
        paragraph = Paragraph("", "", [])
        texts: list[str] = []
        segmented: list[str] = []
        position = 0
        for _ in range(1 + self._below(6)):
            noisy = self._noise > 0 and self._random.random() < self._noise
            text, words = self._noise_sentence(topic) if noisy else self._sentence(topic, position, paragraph)
            texts.append(text)
            segmented.append(words)
            position += len(text)
        paragraph.text, paragraph.segmented = "".join(texts), " ".join(segmented)
        return paragraph

    def _sentence(self, topic: str, position: int, paragraph: Paragraph) -> Phrase:
        """Make one planted sentence that begins at `position`, and note it in `paragraph`."""
        bits = self._random.getrandbits
        pattern = self._pattern_tables[topic][bits(TABLE_BITS)]
        ending = pattern.ending
        texts: list[str] = []
        words: list[str] = []
        if ending == " 。" and not bits(3):
            text, segmented = self._connective()
            texts.append(f"{text}，")
            words.append(f"{segmented} ，")
            position += len(text) + 1
        start = position
        slots: list[list[int]] = []
        for (text, segmented), slot in zip(pattern.fixed, pattern.slots, strict=False):
            if text:
                texts.append(text)
                words.append(segmented)
                position += len(text)
            text, segmented = slot()
            if text in texts:  # "X and X" reads badly; one more draw makes it rare
                text, segmented = slot()
            texts.append(text)
            words.append(segmented)
            end = position + len(text)
            slots.append([position, end])
            position = end
        text, segmented = pattern.fixed[-1]
        texts.append(text)
        words.append(f"{segmented}{ending}" if text else ending[1:])
        paragraph.sentences.append((start, position + len(text), pattern.template, slots))
        texts.append(pattern.mark)
        return "".join(texts), " ".join(words)

    def _noise_sentence(self, topic: str) -> Phrase:
        """Two to eight unrelated words or phrases, with a mark between some of them."""
        choosers = self._noise_words[topic]
        parts = [choosers[self._below(len(choosers))]()]
        for _ in range(1 + self._below(7)):
            mark = ("", "", "", "", "，", "、", "、", "——")[self._random.getrandbits(3)]
            if mark:
                parts.append((mark, mark))
            parts.append(choosers[self._below(len(choosers))]())
        ending = ("。", "。", "！", "……")[self._random.getrandbits(2)]
        return _joined([*parts, (ending, ending)])


def _phrase(entry: str) -> Phrase:
    return entry.replace("_", ""), entry.replace("_", " ")


def _joined(parts: Sequence[Phrase]) -> Phrase:
    return "".join(part[0] for part in parts), " ".join(part[1] for part in parts)


def _constant(phrase: Phrase) -> Chooser:
    return lambda: phrase


def _weighted(entries: Sequence[tuple[float, _Entry]]) -> list[_Entry]:
    """Repeat the entries in a table of 2**TABLE_BITS places, each by its weight and at least once."""
    places = 1 << TABLE_BITS
    total = sum(weight for weight, _ in entries)
    table: list[_Entry] = []
    for weight, entry in entries:
        table += [entry] * max(1, int(places * weight / total))
    table = table[:places]
    # Rounding down leaves a few places free; they go to the first entries.
    return table + [entries[place % len(entries)][1] for place in range(places - len(table))]
