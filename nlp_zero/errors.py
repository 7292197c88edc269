"""Every error and warning the library raises on purpose.

Wrong argument values stay `ValueError` and `TypeError`, with the parameter's name first; everything that
comes from outside (files, bytes, corpora) is a `NlpZeroError` whose text names the thing, the place in it,
what was expected, and the way out.
"""

from __future__ import annotations

import os
from typing import Any

__all__ = [
    "CoreFallbackWarning",
    "CorpusEncodingError",
    "CorpusError",
    "CorpusNotRestartableError",
    "CountsFormatError",
    "EmptyResultWarning",
    "LexiconFormatError",
    "LineFormatError",
    "ModelFormatError",
    "NlpZeroError",
    "NotFittedError",
    "SpillError",
    "TemplateFormatError",
    "TermFormatError",
    "TextMismatchError",
    "WorkerError",
]


class NlpZeroError(Exception):
    """Base of all errors of this package."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[NlpZeroError], args: tuple[Any, ...], state: dict[str, Any]) -> NlpZeroError:
    """The error as another process raised it, whatever arguments it was made with."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class CorpusError(NlpZeroError):
    """A corpus cannot be read: a missing file, a damaged archive, an empty directory."""


class CorpusEncodingError(CorpusError):
    """Bytes that are not text in the encoding that was given or found.

    Parameters
    ----------
    path
        The file, or ``<stdin>``.
    reason
        What is wrong, in a few words.
    byte
        Offset of the first wrong byte in the (decompressed) file, from 0; None if there is no single place.
    line
        Number of the line that holds it, from 1.
    """

    def __init__(
        self, path: str | os.PathLike[str], reason: str, *, byte: int | None = None, line: int | None = None
    ) -> None:
        self.path, self.reason, self.byte, self.line = os.fspath(path), reason, byte, line
        place = "" if byte is None else f", byte {byte}" + ("" if line is None else f" (line {line})")
        super().__init__(f"{self.path}{place}: {reason}")


class CorpusNotRestartableError(CorpusError, TypeError):
    """The corpus can be read only once (a generator, an open file), but learning reads it more than once."""


class CountsFormatError(NlpZeroError):
    """A file is not a counts file, is damaged, or was written by a version this one cannot read."""


class LineFormatError(NlpZeroError):
    """A line of a file cannot be understood.

    Parameters
    ----------
    path
        The file.
    line_number
        The line, from 1.
    expected
        What should stand there.
    line
        What stands there.
    """

    def __init__(self, path: str | os.PathLike[str], line_number: int, expected: str, line: str) -> None:
        self.path, self.line_number, self.expected, self.line = os.fspath(path), line_number, expected, line
        shown = line if len(line) <= 60 else line[:57] + "..."
        super().__init__(f"{self.path}, line {line_number}: expected {expected}, found {shown!r}")


class LexiconFormatError(LineFormatError):
    """A line of a lexicon or word file cannot be understood."""


class TemplateFormatError(LineFormatError):
    """A line of a file of sentence templates cannot be understood."""


class TermFormatError(LineFormatError):
    """A line of a file of terms cannot be understood."""


class ModelFormatError(NlpZeroError):
    """A file is not a model file, is damaged, or was written by a version this one cannot read."""


class NotFittedError(NlpZeroError, AttributeError):
    """A result was asked for before `fit`."""


class TextMismatchError(NlpZeroError, ValueError):
    """Two segmentations that are compared do not hold the same text."""


class SpillError(NlpZeroError):
    """Files for what does not fit into memory cannot be written or read."""


class WorkerError(NlpZeroError):
    """A worker could not be started, a worker process died, or what it met there cannot be told otherwise."""


class CoreFallbackWarning(UserWarning):
    """A big job runs on the numpy core because the C core is missing."""


class EmptyResultWarning(UserWarning):
    """Nothing was found; the text says which step removed everything."""
