"""The command about segmenting: ``nlp-zero segment``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from .command_files import (
    check_target,
    has_files,
    listed_words,
    output_files,
    protect,
    working_bar,
)
from .command_parts import chosen_segmenter, text_to_segment, write_pieces
from .core import core_name
from .files import replacing
from .options import UsageError
from .parallel import Workers
from .text.corpus import TextFiles
from .words.formats import segmented
from .words.segmenter import LexiconSegmenter

__all__ = ["segment_text"]


def segment_text(options: argparse.Namespace) -> None:
    """Segment text."""
    if options.explain and options.format == "tags":
        raise UsageError("--explain: expected --format text or jsonl, found tags")
    if options.lexicon and options.model:
        raise UsageError("-l and -m: expected one of them")
    check_target(options.output)
    if options.output and options.output_dir:
        raise UsageError("-o and --output-dir: expected one of them")
    if options.output_dir and not has_files(options):
        raise UsageError("--output-dir: expected input files, found stdin")
    protect(options.output, [options.lexicon, options.model, options.user_words])
    user_words = listed_words(options.user_words, options)
    with ExitStack() as stack:
        corpus = text_to_segment(options, stack)
        segmenter = chosen_segmenter(options, corpus)
        if options.explain and not isinstance(segmenter, LexiconSegmenter):
            raise UsageError("--explain: a hidden Markov model has no words to explain; use a lexicon or another model")
        segmenter = segmenter.with_user_words(user_words) if user_words else segmenter
        # what comes line by line is also segmented so
        workers = Workers(1 if corpus is None else options.jobs, share_memory=core_name() == "c")
        write = partial(
            segmented,
            segmenter=segmenter,
            format_=options.format,
            separator=options.separator,
            workers=workers,
            explain=options.explain,
        )
        stack.enter_context(workers)
        if options.output_dir and corpus is not None:
            _segment_into(options, corpus, write)
        else:
            write_pieces(options, corpus, "segmenting", write)


def _segment_into(
    options: argparse.Namespace, corpus: TextFiles, write: Callable[[Iterable[str]], Iterator[bytes]]
) -> None:
    """Write one file for each input file, under the same name."""
    targets = output_files(options, corpus)
    cleared: set[Path] = set()  # folders: to look through one for each file would take quadratic time
    with working_bar("segmenting", corpus, options) as advance:
        for target, path in targets.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target, clear=target.parent not in cleared) as out:
                cleared.add(target.parent)
                blocks = TextFiles(path, encoding=options.encoding).blocks(advance)
                for piece in write(blocks):
                    out.write(piece)
