"""The commands about sentences: ``nlp-zero templates`` and ``nlp-zero parse``."""

from __future__ import annotations

import argparse
import os
import time
from contextlib import ExitStack
from functools import partial

from .command_files import check_target, in_its_encoding, input_corpus, opened_output, protect
from .command_parts import chosen_segmenter, report, resources_of, text_to_segment, write_pieces
from .messages import say
from .options import UsageError
from .parallel import Workers
from .sentences.finder import TemplateFinder
from .sentences.formats import parsed
from .sentences.parser import FREEST, TemplateParser
from .sentences.template import Templates

__all__ = ["find_templates", "parse_text"]


def find_templates(options: argparse.Namespace) -> None:
    """Find the sentence templates of a corpus."""
    _check(options, [options.lexicon, options.model])
    begun = time.perf_counter()
    with ExitStack() as stack:
        corpus = input_corpus(options, stack)
        protect(options.output, map(os.fspath, corpus.paths))
        segmenter = chosen_segmenter(options, corpus)
        finder = TemplateFinder(segmenter, min_count=options.min_count, **resources_of(options)).fit(corpus)
        with opened_output(options.output) as out:
            for line in finder.templates_.lines():
                out.write(line.encode("utf-8"))
    summary = {
        "templates": len(finder.templates_),
        "sentences": finder.sentences_,
        "covered": round(finder.covered_, 4),
        "seconds": round(time.perf_counter() - begun, 3),
        "output": options.output,
    }
    if options.json:
        report(summary, beside_result=options.output is None)
    elif not options.quiet:
        say(
            "{templates} templates from {sentences} sentences in {seconds:.1f} s; "
            "they are the main templates of {covered:.0%}".format(**summary)
        )


def parse_text(options: argparse.Namespace) -> None:
    """Parse text with sentence templates."""
    _check(options, [options.lexicon, options.model, options.templates])
    freest = FREEST if options.freest is None else options.freest
    if not 0 <= freest <= 1:
        raise UsageError(f"--freest: expected a share from 0 to 1, found {freest}")
    with ExitStack() as stack:
        corpus = text_to_segment(options, stack)
        templates = in_its_encoding(Templates.load, options.templates, options)
        parser = TemplateParser(templates, chosen_segmenter(options, corpus), freest=freest)
        # what comes line by line is also parsed so; parsing is Python on either core, so only processes share it
        workers = stack.enter_context(Workers(1 if corpus is None else options.jobs, share_memory=False))
        write = partial(parsed, parser=parser, format_=options.format, workers=workers)
        write_pieces(options, corpus, "parsing", write)


def _check(options: argparse.Namespace, given: list[str | None]) -> None:
    """Refuse options that do not go together, and targets that cannot be written."""
    if options.lexicon and options.model:
        raise UsageError("-l and -m: expected one of them")
    check_target(options.output)
    protect(options.output, given)
