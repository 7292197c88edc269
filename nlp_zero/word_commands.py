"""The commands that learn words: ``nlp-zero discover`` and ``nlp-zero train``."""

from __future__ import annotations

import argparse
import os
import time
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from .command_files import (
    check_target,
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
from .resources import Resources
from .statistics.counts import NgramCounts
from .words.explanation import WordExplanation, checked
from .words.finder import WordFinder, learn_hmm
from .words.hmm import HMMSegmenter
from .words.joint import JointSegmenter, load_segmenter
from .words.lexicon import Lexicon

__all__ = ["find_words", "train_model"]


def find_words(options: argparse.Namespace) -> None:
    """Find the words of a corpus."""
    _check_discover(options)
    finder = WordFinder(
        method=options.method,
        max_length=options.max_length,
        min_count=options.min_count,
        known=listed_words(options.known, options),
        stopwords=listed_words(options.stopwords, options),
        **resources_of(options),
    )
    begun = time.perf_counter()
    with ExitStack() as stack:
        corpus = input_corpus(options, stack)
        for target in (options.output, options.save_counts):
            protect(target, map(os.fspath, corpus.paths))
        finder.fit(corpus, counts=_loaded_counts(options))
        if options.save_counts:
            finder.counts_.save(options.save_counts)
        if options.output or not options.explain:
            with opened_output(options.output) as out:
                out.writelines(map(str.encode, finder.lexicon_.blocks(_order(finder.lexicon_, options.sort))))
        explanations = [finder.explain(word) for word in dict.fromkeys(options.explain or ())]
    if not options.json:
        _print_explanations(explanations)
    _sum_up(options, finder, explanations, time.perf_counter() - begun)


def _check_discover(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, and targets that cannot be written."""
    if "-" in (options.save_counts, *(options.load_counts or ())):
        raise UsageError("--save-counts and --load-counts: expected files, found -")
    if options.save_counts and options.load_counts:
        raise UsageError("--save-counts and --load-counts: expected one of them")
    if options.save_counts and options.output and same_place(options.save_counts, options.output):
        raise UsageError("--save-counts and -o: expected different files")
    for word in options.explain or ():
        try:
            checked(word)
        except ValueError as error:
            raise UsageError(f"--explain: {error}") from None
    given = [options.known, options.stopwords, *(options.load_counts or ())]
    for target in (options.output, options.save_counts):
        check_target(target)
        protect(target, given)


def _sum_up(
    options: argparse.Namespace, finder: WordFinder, explanations: list[WordExplanation], seconds: float
) -> None:
    """Say what was found, in a line or as JSON."""
    summary = {
        "words": len(finder.lexicon_),
        "symbols": finder.counts_.total,
        "method": options.method,
        "bits_per_character": round(finder.bits_per_character_, 4),
        "character_bits": round(finder.character_bits_, 4),
        "seconds": round(seconds, 3),
        "output": options.output,
    }
    if options.json:
        if explanations:
            summary["explanations"] = list(map(asdict, explanations))
        report(summary, beside_result=options.output is None and not explanations)
    elif not options.quiet:
        say(
            "{words} words from {symbols} symbols in {seconds:.1f} s; "
            "{bits_per_character:.2f} bits a character ({character_bits:.2f} by characters alone)".format(**summary)
        )


def _loaded_counts(options: argparse.Namespace) -> NgramCounts | None:
    """The sum of some saved counts."""
    counts = [NgramCounts.load(path) for path in options.load_counts or ()]
    if len(counts) < 2:
        return counts[0] if counts else None
    resources = Resources.plan(options.memory, temporary_directory=options.temporary_directory)
    return NgramCounts.sum_of(counts, resources)


def _order(lexicon: Lexicon, sort: str) -> list[str] | None:
    """The words in the order that was asked for; None for that of the lexicon."""
    if sort == "gain":
        return None
    return sorted(lexicon, key=(lambda word: (-lexicon[word].count, word)) if sort == "count" else None)


def _print_explanations(explanations: list[WordExplanation]) -> None:
    """Print explanations to stdout, an empty line between them."""
    if explanations:
        with opened_output(None) as out:
            out.write("\n".join("".join(f"{line}\n" for line in each.lines()) for each in explanations).encode("utf-8"))


def train_model(options: argparse.Namespace) -> None:
    """Learn a model to segment with."""
    _check_train(options)
    begun = time.perf_counter()
    segmenter: JointSegmenter | HMMSegmenter
    with ExitStack() as stack:
        corpus = input_corpus(options, stack)
        for target in (options.output, options.lexicon_out):
            protect(target, map(os.fspath, corpus.paths))
        lexicon = in_its_encoding(Lexicon.load, options.lexicon, options) if options.lexicon else None
        if options.segmented:
            segmenter = HMMSegmenter.from_segmented(corpus, order=options.hmm, **resources_of(options))
        elif options.hmm:
            segmenter = learn_hmm(corpus, options.hmm, lexicon=lexicon, **resources_of(options))
            if options.baum_welch:
                segmenter = segmenter.reestimated(corpus, rounds=options.baum_welch, **resources_of(options))
        else:
            base = load_segmenter(options.adapt) if options.adapt else None
            if base is not None and not isinstance(base, JointSegmenter | HMMSegmenter):
                raise UsageError("--adapt: expected a model that train has written, found a lexicon; give it as -l")
            finder = WordFinder(method="joint", lexicon=lexicon, base=base, **resources_of(options)).fit(corpus)
            assert isinstance(finder.segmenter_, JointSegmenter)
            segmenter = finder.segmenter_
            if options.lexicon_out:
                finder.lexicon_.save(options.lexicon_out)
        segmenter.save(options.output)
    summary: dict[str, Any] = {"model": "hmm" if options.hmm else "joint"}
    summary |= {"words": len(segmenter.lexicon)} if isinstance(segmenter, JointSegmenter) else {"order": options.hmm}
    summary |= {"seconds": round(time.perf_counter() - begun, 3), "output": options.output}
    if options.json:
        report(summary, beside_result=False)
    elif not options.quiet:
        what = (
            f"a hidden Markov model of order {options.hmm}" if options.hmm else f"a model of {summary['words']} words"
        )
        say(f"{what} in {summary['seconds']:.1f} s: {options.output}")


def _check_train(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, and targets that cannot be written."""
    if options.output is None:
        raise UsageError("-o: expected a file, found -; a model is no text")
    if options.segmented and not options.hmm:
        raise UsageError("--segmented: expected --hmm 1 or --hmm 2 beside it")
    if options.segmented and options.lexicon:
        raise UsageError("-l: the words of segmented text are in the text; leave out -l or --segmented")
    if options.baum_welch and (options.segmented or not options.hmm):
        raise UsageError("--baum-welch: expected --hmm 1 or --hmm 2 beside it, and raw text")
    if options.adapt and options.hmm:
        raise UsageError("--adapt: what comes out is a lexicon with a tagger; leave out --hmm")
    if options.lexicon_out == "-":
        raise UsageError("--lexicon-out: expected a file, found -")
    if options.lexicon_out and options.hmm:
        raise UsageError("--lexicon-out: a hidden Markov model alone has no lexicon; leave out --hmm")
    if options.lexicon_out and same_place(options.lexicon_out, options.output):
        raise UsageError("--lexicon-out and -o: expected different files")
    for target in (options.output, options.lexicon_out):
        check_target(target)
        protect(target, [options.adapt, options.lexicon])
