"""The files that a command reads and writes, as its options name them.

Input: the options. Output: a corpus that can be read again, word lists, open files to write to. Nothing that the user
gave is overwritten, and what cannot work is said before the work begins.
"""

from __future__ import annotations

import argparse
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar

from .errors import CorpusEncodingError
from .files import replacing
from .options import UsageError
from .progress import progress_bar
from .text.corpus import TextFiles, spooled
from .words.lexicon import read_words

__all__ = [
    "check_target",
    "has_files",
    "in_its_encoding",
    "input_corpus",
    "listed_words",
    "opened_output",
    "output_files",
    "protect",
    "same_place",
    "standard_input",
    "whole_files",
    "working_bar",
]

_NAMES_FOLD = sys.platform in ("win32", "darwin")
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_Read = TypeVar("_Read")

# ------------------------------------------------------------------------------------------------------- input


def has_files(options: argparse.Namespace) -> bool:
    """Whether INPUT is files, and not standard input."""
    return bool(options.input) and set(options.input) != {"-"}


def input_corpus(options: argparse.Namespace, stack: ExitStack) -> TextFiles:
    """The input as files that can be read again; stdin is copied to one first."""
    if has_files(options):
        if "-" in options.input:
            raise UsageError("INPUT: expected files or - (stdin), found both")
        return TextFiles(*options.input, encoding=options.encoding)
    return stack.enter_context(
        spooled(standard_input(), encoding=options.encoding, temporary_directory=options.temporary_directory)
    )


def listed_words(path: str | None, options: argparse.Namespace) -> list[str]:
    """The words of a list, none if there is no list."""
    return in_its_encoding(read_words, path, options) if path else []


def in_its_encoding(read: Callable[..., _Read], path: str, options: argparse.Namespace) -> _Read:
    """Read a file that may be in another encoding than the text, for which ``--encoding`` was given."""
    try:
        return read(path)
    except CorpusEncodingError:
        if options.encoding == "auto":
            raise
        return read(path, encoding=options.encoding)


def standard_input() -> BinaryIO:
    """Standard input, if there is one."""
    if sys.stdin is None:
        raise UsageError("standard input is closed; expected input files")
    return sys.stdin.buffer


def whole_files(corpus: TextFiles, options: argparse.Namespace, advance: Any) -> Iterator[str]:
    """The text of all files; no line goes on from one file to the next."""
    if len(corpus.paths) == 1:
        yield from corpus.blocks(advance)
        return
    open_line = False
    for path in corpus.paths:
        block = ""
        for block in TextFiles(path, encoding=options.encoding).blocks(advance):
            if open_line:
                yield "\n"
            yield block
            open_line = False
        open_line = open_line or bool(block) and not block.endswith(("\n", "\r"))


# ------------------------------------------------------------------------------------------------------ output


def _identity(path: str | os.PathLike[str]) -> tuple[int, int]:
    """What two paths of one file have in common."""
    status = os.stat(path)
    return status.st_dev, status.st_ino


def same_place(path: str, other: str) -> bool:
    """Whether two paths, of files that may not exist yet, name one file."""
    return os.path.realpath(path) == os.path.realpath(other)


def check_target(output: str | None) -> None:
    """Say before an hour of work, and not after, that there is nowhere to write."""
    if output and os.path.isdir(output):
        raise IsADirectoryError(21, "is a directory, expected a file to write", output)
    if output and not os.path.exists(output) and not os.path.isdir(os.path.dirname(os.path.realpath(output))):
        raise FileNotFoundError(2, "there is no such folder to write to", output)


def protect(output: str | None, given: Iterable[str | None]) -> None:
    """Never overwrite what the user gave."""
    if output and Path(output).suffix.lower() in _COMPRESSED:
        raise UsageError(f"{output}: output is not compressed; expected a name without {Path(output).suffix}")
    for path in given:
        if output and path and os.path.exists(output) and os.path.exists(path) and os.path.samefile(output, path):
            raise UsageError(f"{output}: is read as well; expected another file to write to")


@contextmanager
def opened_output(path: str | None) -> Iterator[IO[bytes]]:
    """The file that `path` becomes when all went well, or stdout."""
    if path:
        with replacing(path) as out:
            yield out
    elif sys.stdout is None:
        raise UsageError("standard output is closed; expected -o")
    else:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()


def working_bar(what: str, corpus: TextFiles, options: argparse.Namespace) -> Any:
    """A progress bar while the result does not go to the terminal itself."""
    to_terminal = not options.output and not options.output_dir and sys.stdout.isatty()
    show = not options.quiet and not to_terminal
    return progress_bar(what, corpus.total_bytes, show=show) if show else nullcontext()


def output_files(options: argparse.Namespace, corpus: TextFiles) -> dict[Path, Path]:
    """What ``--output-dir`` will hold: one file for each input file, under the same name, and what it is made of."""
    targets: dict[Path, Path] = {}
    taken: dict[str, Path] = {}  # names that are one and the same on some systems
    for given in options.input:
        base = Path(given) if Path(given).is_dir() else None
        for path in TextFiles(given, encoding=options.encoding).paths:
            relative = path.relative_to(base) if base else Path(path.name)
            if relative.suffix.lower() in _COMPRESSED:
                relative = relative.with_suffix("")
            target = Path(options.output_dir, relative)
            name = unicodedata.normalize("NFC", str(target)).casefold() if _NAMES_FOLD else str(target)
            if taken.setdefault(name, path) != path:
                raise UsageError(f"--output-dir: {taken[name]} and {path} would both become {target}")
            targets[target] = path
    read = {_identity(path) for path in (*corpus.paths, options.lexicon, options.model, options.user_words) if path}
    for target in targets:
        if target.exists() and _identity(target) in read:
            raise UsageError(f"{target}: is read as well; expected another file to write to")
    return targets
