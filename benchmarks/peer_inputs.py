"""What peers.py measures on: texts, lexicons, models."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path

from measuring import MODEL_FILES, Job, Spent, copy_beginning, make_models, package_command, spent, synthetic_text

WORDS = 50_000
MANY_WORDS = 500_000
SIZE98, SIZE16, SIZE1 = 98_000_000, 16_000_000, 1_500_000


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files that the cases work on; those that no case needs are not made.

    Attributes
    ----------
    text98, text16, text1
        What to learn from and to segment: the whole, and beginnings (about 98, 16 and 1.5 MB).
    blanks
        `text98` with its characters separated by blanks, as KenLM reads it.
    lexicon, order_1, order_2, joint
        50,000 words of `text98`, and models of `text16`.
    many, compiled
        A lexicon of 500,000 words that are made up, as a table and as `LexiconSegmenter.save` writes it.
    original
        The folder that the nlp-zero of 2018 is installed in.
    out
        Where results go.
    """

    text98: Path
    text16: Path
    text1: Path
    blanks: Path
    lexicon: Path
    order_1: Path
    order_2: Path
    joint: Path
    many: Path
    compiled: Path
    original: Path
    out: Path


def helper(name: str, inputs: Iterable[Path] = ()) -> Spent:
    """What prepares, or looks round, in a process of its own."""
    return spent([sys.executable, str(Path(__file__).with_name("peer_cases.py")), name, *map(str, inputs)])


def prepared_inputs(options: argparse.Namespace, folder: Path, needed: set[str]) -> Inputs:
    """The texts, and what the cases need that is made of them."""
    paths = {field.name: folder / field.name for field in fields(Inputs)}
    inputs = Inputs(**paths | ({"original": options.original} if options.original else {}))
    if options.text98:
        inputs.text98.symlink_to(options.text98.resolve(strict=True))
    elif not options.text16 or needed & {"text98", "lexicon"}:
        print("generating text", file=sys.stderr)
        synthetic_text(options.size, folder / "synthetic").rename(inputs.text98)
    if options.text16:
        inputs.text16.symlink_to(options.text16.resolve(strict=True))
    else:
        copy_beginning(inputs.text98, SIZE16, inputs.text16)
    copy_beginning(inputs.text16, SIZE1, inputs.text1)
    print("preparing", *sorted(filter(None, needed)), file=sys.stderr)
    if needed & {"lexicon", "order_1", "order_2"}:
        # By the quicker method: which words there are matters little to the speed of what cuts with them.
        found = ("discover", "--quiet", "--method", "pmi", str(inputs.text98), "-o", str(inputs.out))
        spent(package_command(*found))
        helper("make lexicon", asdict(inputs).values())
    make_models(inputs.text16, inputs.lexicon, {name: getattr(inputs, name) for name in MODEL_FILES if name in needed})
    if "blanks" in needed:
        with inputs.text98.open(encoding="utf-8") as lines, inputs.blanks.open("w", encoding="utf-8") as out:
            out.writelines(" ".join("".join(line.split())) + "\n" for line in lines)
    for name in ("many", "compiled"):
        if name in needed:
            helper(f"make {name}", asdict(inputs).values())
    return inputs


# ------------------------------------------------------------------------------------------- in child processes
# What is large there would count as memory of the processes that this one starts later.


def made_up_words(number: int) -> Iterator[str]:
    """Different words of two to four of 4,000 characters, always the same."""
    draw, seen = random.Random(1), set[str]()
    while len(seen) < number:
        word = "".join(chr(0x4E00 + int(4000 * draw.random() ** 2)) for _ in range(draw.choice((2, 2, 2, 3, 3, 4))))
        if word not in seen:
            seen.add(word)
            yield word


def make_many(inputs: Inputs) -> Job:
    """Write the lexicon that is made up."""

    def job() -> None:
        with open(inputs.many, "w", encoding="utf-8") as out:
            out.writelines(f"{word}\t{1 + i % 999}\n" for i, word in enumerate(made_up_words(MANY_WORDS)))

    return job


def make_lexicon(inputs: Inputs) -> Job:
    """The best words that were found; made-up ones make up the number if there are too few."""

    def job() -> None:
        with open(inputs.out, encoding="utf-8") as lines, open(inputs.lexicon, "w", encoding="utf-8") as out:
            words = dict(line.split("\t", 2)[:2] for line in islice(lines, 1, WORDS + 1))
            more = (word for word in made_up_words(2 * WORDS) if word not in words)
            words |= dict.fromkeys(islice(more, WORDS - len(words)), "1")
            out.writelines(f"{word}\t{times}\n" for word, times in words.items())

    return job
