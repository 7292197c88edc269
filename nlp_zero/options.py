"""The options of the command line."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from .choices import FREEST, METHODS, MOST_WORDS, PARSED_FORMATS, SEGMENTED_FORMATS

__all__ = ["UsageError", "command_parser"]

_Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class UsageError(Exception):
    """The options do not go together."""


def command_parser() -> argparse.ArgumentParser:
    """The parser; what it reads has the name of the command as ``command``."""
    common = argparse.ArgumentParser(add_help=False)
    group = common.add_argument_group("common options")
    group.add_argument("--encoding", default="auto", metavar="NAME", help="of all input text (default: auto)")
    group.add_argument(
        "--core", choices=("auto", "c", "python"), default=argparse.SUPPRESS, help="which kernels run (default: auto)"
    )
    group.add_argument("--jobs", type=_positive, default=1, metavar="N", help="workers at the same time (default: 1)")
    group.add_argument(
        "--memory",
        type=_size,
        metavar="SIZE",
        help="for learning: 256MB, 2GiB ... 64MB at least (default: 700MB, or half of what is free)",
    )
    group.add_argument("--temporary-directory", metavar="DIR", help="for what does not fit (default: the system's)")
    group.add_argument("--quiet", action="store_true", help="no progress, no remarks, only errors")
    parser = argparse.ArgumentParser(
        prog="nlp-zero",
        description="Learn Chinese from raw text alone: words, segmentation, sentence templates, domain terms.",
        epilog="nlp-zero COMMAND --help says more about a command.",
    )
    parser.add_argument("--version", action="store_true", help="version, active core, and why if it is not C")
    parser.add_argument("--core", choices=("auto", "c", "python"), help=argparse.SUPPRESS)
    parser.set_defaults(quiet=False, command=None, output_dir=None)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")

    for add in (_add_discover, _add_train, _add_segment, _add_templates, _add_parse, _add_mine, _add_evaluate):
        add(subparsers, common)
    return parser


def _add_discover(subparsers: _Subparsers, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    discover = subparsers.add_parser("discover", parents=[common], help="find the words of a corpus")
    discover.add_argument("input", nargs="*", metavar="INPUT", help="files, directories, patterns (default: stdin)")
    discover.add_argument("-o", "--output", metavar="LEXICON.tsv", help="where to write (default: stdout)")
    discover.add_argument("--method", choices=METHODS, default=METHODS[0], help="default: %(default)s")
    discover.add_argument(
        "--max-length",
        type=int,
        metavar="N",
        help="of a word, in characters (default: 8; more also finds terms made of words)",
    )
    discover.add_argument("--min-count", type=int, metavar="N", help="of a word (default: by the corpus size)")
    discover.add_argument("--known", metavar="FILE", help="words that help to learn but are not listed, one a line")
    discover.add_argument("--stopwords", metavar="FILE", help="words that are not listed, one a line")
    discover.add_argument(
        "--explain",
        metavar="WORD",
        action="append",
        help="say why this is a word, or none, in place of the list (with -o beside it); a word each",
    )
    discover.add_argument("--sort", choices=("gain", "count", "word"), default="gain", help="default: gain")
    discover.add_argument("--save-counts", metavar="FILE", help="keep the n-gram counts of the corpus")
    discover.add_argument(
        "--load-counts", metavar="FILE", action="append", help="counts of the corpus, not to count again; a share each"
    )
    discover.add_argument("--json", action="store_true", help="print a summary as JSON")
    return discover


def _add_train(subparsers: _Subparsers, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    train = subparsers.add_parser("train", parents=[common], help="learn a model to segment with")
    train.add_argument("input", nargs="*", metavar="INPUT", help="files, directories, patterns (default: stdin)")
    train.add_argument("-o", "--output", metavar="MODEL", required=True, help="where to write")
    train.add_argument(
        "-l",
        "--lexicon",
        metavar="LEXICON.tsv",
        help="words of your own: they are words whatever the text says; others are found beside them",
    )
    train.add_argument(
        "--hmm", type=int, choices=(1, 2), metavar="1|2", help="a hidden Markov model alone, of this order"
    )
    train.add_argument(
        "--segmented", action="store_true", help="the input is segmented: words separated by white space (with --hmm)"
    )
    train.add_argument(
        "--baum-welch",
        type=_positive,
        metavar="ROUNDS",
        help="with --hmm and raw text: rounds of expectation maximisation that follow; more than one hardly ever helps",
    )
    train.add_argument(
        "--adapt", metavar="MODEL", help="a model of other text, by hand or not, to be adapted to the input"
    )
    train.add_argument(
        "--lexicon-out", metavar="LEXICON.tsv", help="also write the words found, but for rare ones; the model has all"
    )
    train.add_argument("--json", action="store_true", help="print a summary as JSON")
    return train


def _add_segment(subparsers: _Subparsers, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    segment = subparsers.add_parser("segment", parents=[common], help="segment text")
    segment.add_argument("input", nargs="*", metavar="INPUT", help="files, directories, patterns (default: stdin)")
    _add_segmenter(segment)
    segment.add_argument("-o", "--output", metavar="OUT", help="where to write (default: stdout)")
    segment.add_argument("--output-dir", metavar="DIR", help="write one file for each input file")
    segment.add_argument("--user-words", metavar="FILE", help="words that are always taken, one a line")
    segment.add_argument("--separator", default=" ", metavar="STR", help="between words (default: one space)")
    segment.add_argument("--format", choices=SEGMENTED_FORMATS, default="text", help="default: text")
    segment.add_argument(
        "--explain", action="store_true", help="also show which segmentations competed, with scores (text, jsonl)"
    )
    return segment


def _add_templates(subparsers: _Subparsers, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    templates = subparsers.add_parser("templates", parents=[common], help="find the sentence templates of a corpus")
    templates.add_argument("input", nargs="*", metavar="INPUT", help="files, directories, patterns (default: stdin)")
    _add_segmenter(templates)
    templates.add_argument("-o", "--output", metavar="TEMPLATES.tsv", help="where to write (default: stdout)")
    templates.add_argument(
        "--min-count", type=_positive, metavar="N", help="of a template (default: by the number of sentences)"
    )
    templates.add_argument("--json", action="store_true", help="print a summary as JSON")
    return templates


def _add_parse(subparsers: _Subparsers, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parse = subparsers.add_parser("parse", parents=[common], help="parse text with sentence templates")
    parse.add_argument("input", nargs="*", metavar="INPUT", help="files, directories, patterns (default: stdin)")
    parse.add_argument(
        "-t", "--templates", metavar="TEMPLATES.tsv", required=True, help="what the command templates has written"
    )
    _add_segmenter(parse)
    parse.add_argument("-o", "--output", metavar="OUT", help="where to write (default: stdout)")
    parse.add_argument("--format", choices=PARSED_FORMATS, default="tree", help="default: tree")
    parse.add_argument(
        "--freest",
        type=float,
        metavar="SHARE",
        help="keep slots of the main template whose fillers have this share of the longest one's characters "
        f"(default: {FREEST}; 0 keeps all)",
    )
    return parse


def _add_mine(subparsers: _Subparsers, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    mine = subparsers.add_parser("mine", parents=[common], help="find the terms of a domain")
    mine.add_argument(
        "input", nargs="*", metavar="DOMAIN", help="text of the domain: files, directories, patterns (default: stdin)"
    )
    mine.add_argument(
        "--background",
        nargs="+",
        metavar="FILE",
        help="text that is not of the domain: files, directories, patterns; news do well",
    )
    mine.add_argument("-o", "--output", metavar="TERMS.tsv", help="where to write (default: stdout)")
    mine.add_argument(
        "--seeds", metavar="FILE", help="some terms of the domain, one a line: others like them rank higher"
    )
    mine.add_argument("--known", metavar="FILE", help="words that help to learn but are not listed, one a line")
    mine.add_argument("--stopwords", metavar="FILE", help="words that are not listed, one a line")
    _add_segmenter(mine)
    mine.add_argument("--min-count", type=_positive, metavar="N", help="of a term (default: by the size of the text)")
    mine.add_argument(
        "--max-words",
        type=_words,
        metavar="N",
        help=f"of a term, {MOST_WORDS} at most (default: 4)",
    )
    mine.add_argument(
        "--explain",
        metavar="TERM",
        action="append",
        help="say why this is a term, or none, in place of the list (with -o beside it); a term each",
    )
    mine.add_argument(
        "--report", metavar="OUT.html", help="also write a page to review the terms on (needs the extra `report`)"
    )
    mine.add_argument("--save-counts", metavar="FILE", help="keep what was counted in both texts")
    mine.add_argument(
        "--load-counts", metavar="FILE", help="what was counted before: terms are ranked anew, nothing is counted again"
    )
    mine.add_argument("--json", action="store_true", help="print a summary as JSON")
    return mine


def _add_segmenter(command: argparse.ArgumentParser) -> None:
    """The options that name a segmenter."""
    command.add_argument(
        "-l",
        "--lexicon",
        metavar="LEXICON.tsv",
        help="words to segment with; without -l and -m, learn from the input first, as train does",
    )
    command.add_argument("-m", "--model", metavar="MODEL", help="what train has written, or `save` in Python")


def _add_evaluate(subparsers: _Subparsers, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    evaluate = subparsers.add_parser("evaluate", parents=[common], help="compare two segmentations of a text")
    evaluate.add_argument("gold", metavar="GOLD", help="the true one: words separated by white space")
    evaluate.add_argument("predicted", metavar="PREDICTED", help="the one to score; - for stdin")
    evaluate.add_argument("--training-words", metavar="FILE", help="also score words that are not in this list")
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON")
    return evaluate


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, found {text!r}")
    return int(text)


def _words(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_WORDS:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {MOST_WORDS}, found {text!r}")
    return int(text)


def _size(text: str) -> int:
    from .memory import parse_size, shown_size
    from .resources import LEAST_MEMORY

    try:
        size = parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if size < LEAST_MEMORY:
        raise argparse.ArgumentTypeError(f"expected at least {shown_size(LEAST_MEMORY)}, found {text!r}")
    return size
