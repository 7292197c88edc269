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
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from . import __version__
from .core import core_name, core_problem, kernels
from .errors import NlpZeroError
from .messages import say, shown
from .options import UsageError, command_parser

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
    parser = command_parser()
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
                kernels().reuse_memory()  # the process is our own
                _command(options.command)(options)
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


def _command(name: str) -> Callable[[argparse.Namespace], None]:
    """What a command does. Only now is it loaded: most of a short run is the loading of modules."""
    match name:
        case "discover":
            from .word_commands import find_words as run
        case "train":
            from .word_commands import train_model as run
        case "segment":
            from .segment_command import segment_text as run
        case "templates":
            from .sentence_commands import find_templates as run
        case "parse":
            from .sentence_commands import parse_text as run
        case "mine":
            from .term_commands import mine_terms as run
        case _:
            from .evaluate_command import compare_segmentations as run
    return run


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
