"""The command line: ``nlp-zero discover``, ``train``, ``segment``, ``templates``, ``parse``, ``mine``, ``evaluate``.

Text goes in and out as bytes, so no console or locale has a say in it. Results go to stdout or to ``-o``, everything
else to stderr. Exit status: 0 done, 1 failed (one line says what, where and the way out), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from . import __version__
from .command_files import (
    check_target,
    has_files,
    in_its_encoding,
    input_corpus,
    listed_words,
    opened_output,
    output_files,
    protect,
    same_place,
    standard_input,
    working_bar,
)
from .command_parts import chosen_segmenter, report, resources_of, say, shown, text_to_segment, write_pieces
from .core import core_name, core_problem
from .errors import NlpZeroError
from .evaluation import evaluate_segmentation
from .files import replacing
from .options import UsageError, command_parser
from .parallel import Workers
from .resources import Resources
from .sentence_commands import find_templates, parse_text
from .statistics.counts import NgramCounts
from .term_commands import mine_terms
from .text.corpus import TextFiles, spooled
from .words.explanation import WordExplanation, checked
from .words.finder import WordFinder, learn_hmm
from .words.formats import segmented
from .words.hmm import HMMSegmenter
from .words.joint import JointSegmenter, load_segmenter
from .words.lexicon import Lexicon
from .words.segmenter import LexiconSegmenter

__all__ = ["main"]

_log = logging.getLogger("nlp_zero")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv
        The arguments after the program's name; those of the process by default.

    Returns
    -------
    int
        The exit status.
    """
    parser = command_parser(
        {
            "discover": _discover,
            "train": _train,
            "segment": _segment,
            "templates": find_templates,
            "parse": parse_text,
            "mine": mine_terms,
            "evaluate": _evaluate,
        }
    )
    try:
        options = parser.parse_args(argv)
    except SystemExit as exit_:  # argparse has said what is wrong, or has printed the help
        return int(exit_.code or 0)
    with _core(options.core), _told(quiet=options.quiet):
        try:
            if getattr(options, "output", None) == "-":
                options.output = None
            if options.version:
                print(shown(_version(), sys.stdout))
            elif options.command is None:
                parser.print_help()
                return 2
            elif options.temporary_directory and not os.path.isdir(options.temporary_directory):
                return _failed(f"--temporary-directory: there is no folder {options.temporary_directory}", 2)
            else:
                options.run(options)
            if sys.stdout is not None:
                sys.stdout.flush()
        except UsageError as error:
            return _failed(str(error), 2)
        except BrokenPipeError:  # whoever reads the output has seen enough
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for what is flushed at exit
            return 0
        except KeyboardInterrupt:
            return _failed("interrupted; nothing was left half written", 130)
        except MemoryError:
            return _failed("not enough memory; bound it with --memory, or give less text at once", 1)
        except OSError as error:
            closed_pipe = error.errno == errno.EINVAL and error.filename is None  # on Windows
            if sys.platform == "win32" and closed_pipe:
                return 0
            place = f"{error.filename}: " if error.filename else ""
            return _failed(f"{place}{error.strerror or error}", 1)
        except (NlpZeroError, ValueError, ImportError) as error:
            return _failed(str(error), 1)
    return 0


def _failed(message: str, status: int) -> int:
    say(f"error: {message}")
    return status


def _version() -> str:
    problem = core_problem()
    return f"nlp-zero {__version__}, core: {core_name()}" + (f" (no C core: {problem})" if problem else "")


@contextmanager
def _core(name: str | None) -> Iterator[None]:
    """Let ``--core`` decide, for this process and those it starts."""
    before = os.environ.get("NLP_ZERO_CORE")
    try:
        if name is not None:
            os.environ["NLP_ZERO_CORE"] = name
        yield
    finally:
        if before is not None:
            os.environ["NLP_ZERO_CORE"] = before
        elif name is not None:
            del os.environ["NLP_ZERO_CORE"]


@contextmanager
def _told(*, quiet: bool) -> Iterator[None]:
    """Show what the library logs and warns of, a line each, or nothing if `quiet`."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            """Show one message."""
            say(record.getMessage())

    handler, level = Handler(), _log.level
    if not quiet:
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if quiet else "always", UserWarning)
        warnings.showwarning = lambda message, *_, **__: say(f"warning: {message}")
        try:
            yield
        finally:
            _log.removeHandler(handler)
            _log.setLevel(level)


# ------------------------------------------------------------------------------------------------ commands


def _discover(options: argparse.Namespace) -> None:
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
                for line in finder.lexicon_.lines(_order(finder.lexicon_, options.sort)):
                    out.write(line.encode("utf-8"))
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


def _train(options: argparse.Namespace) -> None:
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


def _segment(options: argparse.Namespace) -> None:
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


def _evaluate(options: argparse.Namespace) -> None:
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
    else:
        print(score)
