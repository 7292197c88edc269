"""The command about terms: ``nlp-zero mine``."""

from __future__ import annotations

import argparse
import os
import time
from contextlib import ExitStack
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Final

from .command_files import (
    check_target,
    has_files,
    in_its_encoding,
    input_corpus,
    listed_words,
    opened_output,
    protect,
    same_place,
)
from .command_parts import report, resources_of
from .messages import say
from .options import UsageError
from .terms.counts import TermCounts
from .terms.explanation import TermExplanation
from .terms.miner import TermMiner
from .terms.report import check_report_libraries, write_report
from .text.corpus import TextFiles
from .words.hmm import HMMSegmenter
from .words.joint import load_segmenter
from .words.lexicon import Lexicon
from .words.segmenter import LexiconSegmenter

__all__ = ["mine_terms"]

_MOST: Final = 20_000  # terms of a report
_NAMES: Final = 3  # files that the title of a report names


def mine_terms(options: argparse.Namespace) -> None:
    """Find the terms of a domain."""
    _check(options)
    begun = time.perf_counter()
    with ExitStack() as stack:
        counts = TermCounts.load(options.load_counts) if options.load_counts else None
        if not options.input and counts is None and not options.quiet:
            say("DOMAIN: none is given before --background, so the text of the domain is read from standard input")
        domain = input_corpus(options, stack) if options.input or counts is None else None
        background = TextFiles(*options.background, encoding=options.encoding) if options.background else None
        read = [path for corpus in (domain, background) if corpus for path in corpus.paths]
        for target in (options.output, options.save_counts, options.report):
            protect(target, map(os.fspath, read))
        miner = TermMiner(
            background or [],
            segmenter=_segmenter(options) if counts is None else None,
            seeds=listed_words(options.seeds, options),
            known=listed_words(options.known, options),
            stopwords=listed_words(options.stopwords, options),
            min_count=options.min_count,
            max_words=options.max_words,
            **resources_of(options),
        ).fit(domain or [], counts=counts)
        if options.save_counts:
            miner.counts_.save(options.save_counts)
        if options.output or not options.explain:
            with opened_output(options.output) as out:
                for line in miner.terms_.lines():
                    out.write(line.encode("utf-8"))
        explanations = miner.explain_all(list(dict.fromkeys(options.explain))) if options.explain else []
        if options.report:
            _write_report(options, miner)
    if not options.json:
        _print(explanations)
    _sum_up(options, miner, explanations, time.perf_counter() - begun)


def _check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, and targets that cannot be written."""
    if options.lexicon and options.model:
        raise UsageError("-l and -m: expected one of them")
    if options.save_counts and options.load_counts:
        raise UsageError("--save-counts and --load-counts: expected one of them")
    if options.load_counts and (options.lexicon or options.model):
        raise UsageError("-l, -m: what was counted before is in words already; leave them out, or --load-counts")
    if not options.background and not options.load_counts:
        raise UsageError("--background: expected text that is not of the domain, or --load-counts")
    if options.background and options.load_counts:
        raise UsageError("--background: is among what was counted before; leave it out, or --load-counts")
    if options.load_counts and not options.input and (options.explain or options.report):
        raise UsageError("DOMAIN: expected the text of the domain, of which --explain and --report show lines")
    if "-" in (options.background or ()):
        raise UsageError("--background: expected files, found -")
    for name in ("save_counts", "load_counts", "report"):
        if getattr(options, name) == "-":
            raise UsageError(f"--{name.replace('_', '-')}: expected a file, found -")
    if any(not term.strip() for term in options.explain or ()):
        raise UsageError("--explain: expected a word or a sequence of words, found nothing")
    targets = {"-o": options.output, "--save-counts": options.save_counts, "--report": options.report}
    given = [getattr(options, name) for name in ("seeds", "known", "stopwords", "lexicon", "model", "load_counts")]
    for name, target in targets.items():
        check_target(target)
        protect(target, given)
        for other, its in targets.items():
            if name < other and target and its and same_place(target, its):
                raise UsageError(f"{name} and {other}: expected different files")
    if options.report:
        check_report_libraries()


def _segmenter(options: argparse.Namespace) -> LexiconSegmenter | HMMSegmenter | None:
    """What the options name; None to learn it."""
    if options.model:
        return load_segmenter(options.model)
    if options.lexicon:
        return LexiconSegmenter(in_its_encoding(Lexicon.load, options.lexicon, options))
    return None


def _write_report(options: argparse.Namespace, miner: TermMiner) -> None:
    """Write the page to review the terms on."""
    names = [Path(name).name for name in options.input] if has_files(options) else []
    title = ", ".join(names[:_NAMES]) + (", …" if len(names) > _NAMES else "")
    write_report(
        options.report,
        miner.terms_,
        miner.contexts(list(islice(miner.terms_, _MOST))),
        domain_total=miner.counts_.domain_total,
        background_total=miner.counts_.background_total,
        title=title,
        most=_MOST,
    )


def _print(explanations: list[TermExplanation]) -> None:
    """Print explanations to stdout, an empty line between them."""
    if explanations:
        with opened_output(None) as out:
            text = "\n".join("".join(f"{line}\n" for line in each.lines()) for each in explanations)
            out.write(text.encode("utf-8", "replace"))


def _sum_up(options: argparse.Namespace, miner: TermMiner, explanations: list[TermExplanation], seconds: float) -> None:
    """Say what was found, in a line or as JSON."""
    counts = miner.counts_
    summary = {
        "terms": len(miner.terms_),
        "words": counts.domain_total,
        "documents": counts.document_total,
        "background_words": counts.background_total,
        "seconds": round(seconds, 3),
        "output": options.output,
    }
    if options.json:
        if explanations:
            summary["explanations"] = [_as_data(each) for each in explanations]
        report(summary, beside_result=options.output is None and not explanations)
    elif not options.quiet:
        beside = "{terms} terms from {words} words of text, beside {background_words} of background, in {seconds:.1f} s"
        say(beside.format(**summary))


def _as_data(explanation: TermExplanation) -> dict[str, object]:
    return asdict(explanation) | {
        "entry": explanation.entry and explanation.entry._asdict(),
        "contexts": [context._asdict() for context in explanation.contexts],
    }
