"""What commands share: summaries, what learning may use, the segmenter, and text that becomes output."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from .command_files import (
    has_files,
    in_its_encoding,
    input_corpus,
    opened_output,
    protect,
    standard_input,
    whole_files,
    working_bar,
)
from .text.corpus import TextFiles, TextStream
from .words.lexicon import Lexicon

if TYPE_CHECKING:
    from .words.hmm import HMMSegmenter
    from .words.segmenter import LexiconSegmenter

__all__ = ["chosen_segmenter", "report", "resources_of", "text_to_segment", "write_pieces"]


def resources_of(options: argparse.Namespace) -> dict[str, Any]:
    """What a finder may use."""
    return {
        "memory_limit": options.memory,
        "jobs": options.jobs,
        "temporary_directory": options.temporary_directory,
        "progress": not options.quiet,
    }


def report(summary: dict[str, Any], *, beside_result: bool) -> None:
    """Print a summary as JSON, on stderr if the result itself is on stdout."""
    out = sys.stderr if beside_result else sys.stdout
    if out is not None:
        out.write(json.dumps(summary, ensure_ascii=True) + "\n")


def chosen_segmenter(options: argparse.Namespace, corpus: TextFiles | None) -> LexiconSegmenter | HMMSegmenter:
    """What the options name, or what learns from the corpus."""
    if options.model:
        from .words.joint import load_segmenter

        return load_segmenter(options.model)
    if options.lexicon or corpus is None:
        from .words.segmenter import LexiconSegmenter

        return LexiconSegmenter(in_its_encoding(Lexicon.load, options.lexicon, options))
    from .words.finder import learn

    return learn(corpus, **resources_of(options))


def text_to_segment(options: argparse.Namespace, stack: ExitStack) -> TextFiles | None:
    """The input; None for standard input that can be segmented as it comes, as nothing is to be learnt from it."""
    if not has_files(options) and (options.lexicon or options.model):
        return None
    corpus = input_corpus(options, stack)
    protect(options.output, map(os.fspath, corpus.paths))
    return corpus


def write_pieces(
    options: argparse.Namespace,
    corpus: TextFiles | None,
    what: str,
    write: Callable[[Iterable[str]], Iterator[bytes]],
) -> None:
    """Write what is made of text, block by block; of standard input as it comes."""
    with ExitStack() as stack:
        out = stack.enter_context(opened_output(options.output))
        if corpus is None:
            for piece in write(TextStream(standard_input(), encoding=options.encoding).blocks()):
                out.write(piece)
                out.flush()
        else:
            advance = stack.enter_context(working_bar(what, corpus, options))
            out.writelines(write(whole_files(corpus, options, advance)))
