"""The command about scores: ``nlp-zero evaluate``."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack

from .command_files import listed_words, standard_input
from .command_parts import report
from .evaluation import evaluate_segmentation
from .options import UsageError
from .text.corpus import TextFiles, spooled

__all__ = ["compare_segmentations"]


def compare_segmentations(options: argparse.Namespace) -> None:
    """Compare two segmentations of a text."""
    if (options.gold, options.predicted).count("-") > 1:
        raise UsageError("GOLD and PREDICTED: expected at most one of them to be stdin")
    with ExitStack() as stack:
        gold, predicted = (
            stack.enter_context(spooled(standard_input(), encoding=options.encoding))
            if path == "-"
            else TextFiles(path, encoding=options.encoding)
            for path in (options.gold, options.predicted)
        )
        training = listed_words(options.training_words, options) if options.training_words else None
        score = evaluate_segmentation(gold, predicted, training_words=training)
    if options.json:
        report(score.to_dict(), beside_result=False)
    elif sys.stdout is not None:
        sys.stdout.write(f"{score}\n")
