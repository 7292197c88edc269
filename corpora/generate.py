"""Write synthetic Chinese text whose words, sentence templates and domain terms are known.

    python corpora/generate.py --size 2MB --seed 1 --output DIR [--topic power|life|both] [--noise 0.0]

The grammar is read from the files beside this one (`grammar.txt`, `vocabulary_*.txt`, `patterns_*.txt`;
README.md describes them and the files written). Only `random.Random.random` and `getrandbits` are used, which
give the same numbers on every version and platform: (seed, size, topic, noise) fixes every byte written.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:  # the grammar stands beside this file, also when a test loads it by its path
    sys.path.insert(0, str(HERE))

from corpus_grammar import TOPICS, Generator, Grammar, Paragraph  # noqa: E402

__all__ = ["Generator", "Grammar", "Paragraph", "main", "parse_size", "write_corpus"]

OUTPUT_NAMES = ("text.txt", "segmented.txt", "lexicon.tsv", "templates.tsv", "templates.jsonl", "terms.tsv")
FIRST_HAN, LAST_HAN = "\u4e00", "\u9fff"

_SIZE = re.compile(r"(\d+(?:\.\d+)?) *(B|KB|MB|GB)?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Number of bytes in a size such as ``200KB``, ``1.5MB`` or ``4096`` (1 KB is 1000 bytes).

    >>> parse_size("1.5MB")
    1500000
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"size: expected a number with B, KB, MB or GB such as 200KB, found {text!r}")
    factor = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}[(match[2] or "B").upper()]
    size = round(float(match[1]) * factor)
    if size < 1:
        raise ValueError(f"size: expected at least 1 byte, found {text!r}")
    return size


class _Counts:
    """Exact counts of words, terms and templates, document by document."""

    def __init__(self, generator: Generator) -> None:
        self.words: Counter[str] = Counter()
        self.templates: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.terms = dict.fromkeys(generator.grammar.terms(), 0)
        self._lengths: dict[str, list[int]] = {}
        for term in self.terms:
            lengths = self._lengths.setdefault(term[0], [])
            if len(term) > 1 and len(term) not in lengths:
                lengths.append(len(term))

    def add(self, document: Sequence[Paragraph]) -> None:
        """Count one document."""
        words = " \n ".join([paragraph.segmented for paragraph in document]).split(" ")
        self.words.update(words)
        for place in [place for place, word in enumerate(words) if word in self._lengths]:
            for length in self._lengths[words[place]]:
                term = tuple(words[place : place + length])
                if term in self.terms:
                    self.terms[term] += 1
        for paragraph in document:
            for start, end, template, _ in paragraph.sentences:
                self.templates[template] += 1
                if template not in self.examples:
                    self.examples[template] = paragraph.text[start:end]

    def lexicon_rows(self) -> Iterator[str]:
        """Words that hold a Han character, falling count, then by code points."""
        rows = [(-count, word) for word, count in self.words.items() if _has_han(word)]
        return (f"{word}\t{-count}" for count, word in sorted(rows))

    def template_rows(self) -> Iterator[str]:
        """Templates that occur, falling count, each with its first sentence."""
        rows = sorted((-count, template) for template, count in self.templates.items())
        return (f"{template}\t{-count}\t{self.examples[template]}" for count, template in rows)

    def term_rows(self) -> Iterator[str]:
        """Terms that occur, falling count; a term counts wherever its words follow each other."""
        self.terms.update((term, self.words[term[0]]) for term in self.terms if len(term) == 1)
        rows = sorted((-count, "".join(term)) for term, count in self.terms.items() if count)
        return (f"{term}\t{-count}\tpower" for count, term in rows)


def _has_han(word: str) -> bool:
    return any(FIRST_HAN <= character <= LAST_HAN for character in word)


def _write_planted(stream: BinaryIO, line: int, paragraph: Paragraph, shown: dict[str, str]) -> None:
    """Write the JSON objects of one paragraph; `shown` keeps the templates that are already JSON."""
    rows = []
    for start, end, template, slots in paragraph.sentences:
        name = shown.get(template) or shown.setdefault(template, json.dumps(template, ensure_ascii=False))
        # A list of lists of whole numbers prints as its own JSON, several times faster than json.dumps.
        place = f'"line": {line}, "start": {start}, "end": {end}'
        rows.append(f'{{{place}, "template": {name}, "slots": {slots}}}\n')
    stream.write("".join(rows).encode())


def _write_table(path: Path, header: str, rows: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(f"{header}\n")
        stream.writelines(f"{row}\n" for row in rows)


def write_corpus(generator: Generator, size: int, folder: Path) -> int:
    """Write text of at least `size` bytes (to the end of a paragraph) and its five companion files.

    The files get their names only when all are complete. Returns the bytes of ``text.txt``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = {name: folder / f"{name}.partial" for name in OUTPUT_NAMES}
    counts = _Counts(generator)
    written = line = 0
    shown: dict[str, str] = {}
    with (
        partial["text.txt"].open("wb") as text,
        partial["segmented.txt"].open("wb") as segmented,
        partial["templates.jsonl"].open("wb") as planted,
    ):
        for document in generator.documents():
            kept: list[Paragraph] = []
            for paragraph in document:
                line += 1
                written += text.write(f"{paragraph.text}\n".encode())
                segmented.write(f"{paragraph.segmented}\n".encode())
                _write_planted(planted, line, paragraph, shown)
                kept.append(paragraph)
                if written >= size:
                    break
            counts.add(kept)
            if written >= size:
                break
    _write_table(partial["lexicon.tsv"], "word\tcount", counts.lexicon_rows())
    _write_table(partial["templates.tsv"], "template\tcount\texample", counts.template_rows())
    _write_table(partial["terms.tsv"], "term\tcount\ttopic", counts.term_rows())
    for name, path in partial.items():
        os.replace(path, folder / name)
    return written


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # One line, and only ASCII: a Windows console may not know the characters of the argument.
        self.exit(2, f"{self.prog}: {ascii(message)[1:-1]}\n")


def _argument_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="generate.py", description="Write synthetic Chinese text whose words are known.")
    parser.add_argument("--size", required=True, help="bytes of text.txt, such as 200KB or 1.5MB")
    parser.add_argument("--seed", type=int, default=1, help="integer from 0 (default 1)")
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder for the six files")
    parser.add_argument("--topic", choices=(*TOPICS, "both"), default="both")
    parser.add_argument("--noise", type=float, default=0.0, help="share of unplanned sentences, 0 to 1")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = _argument_parser()
    options = parser.parse_args(arguments)
    try:
        size = parse_size(options.size)
        generator = Generator(seed=options.seed, topic=options.topic, noise=options.noise)
    except ValueError as error:
        parser.error(str(error))
    try:
        written = write_corpus(generator, size, options.output)
    except OSError as error:
        reason = ascii(f"cannot write to {options.output}: {error.strerror}; give another folder to --output")
        print(f"generate.py: {reason[1:-1]}", file=sys.stderr)
        return 1
    print(f"wrote {written} bytes of text and {len(OUTPUT_NAMES) - 1} companion files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
