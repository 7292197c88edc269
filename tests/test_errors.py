"""Errors: their family, their fields, and texts that name thing, place and way out."""

from __future__ import annotations

import pathlib
import pickle

import pytest

import nlp_zero
from nlp_zero import errors


def test_all_errors_of_the_package_have_one_base() -> None:
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, UserWarning if name.endswith("Warning") else errors.NlpZeroError)
        assert getattr(nlp_zero, name) is kind
        assert kind.__doc__


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.CorpusEncodingError, errors.CorpusError),
        (errors.CorpusNotRestartableError, errors.CorpusError),
        (errors.CorpusNotRestartableError, TypeError),
        (errors.NotFittedError, AttributeError),
        (errors.TextMismatchError, ValueError),
    ],
)
def test_errors_can_be_caught_as_what_they_are(kind: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)


def test_encoding_error_names_file_byte_and_line() -> None:
    error = errors.CorpusEncodingError(pathlib.Path("notes.txt"), "byte ff is not valid utf-8", byte=7, line=2)
    assert str(error) == "notes.txt, byte 7 (line 2): byte ff is not valid utf-8"
    assert (error.path, error.reason, error.byte, error.line) == ("notes.txt", "byte ff is not valid utf-8", 7, 2)
    assert str(errors.CorpusEncodingError("notes.txt", "unclear")) == "notes.txt: unclear"
    assert str(errors.CorpusEncodingError("notes.txt", "unclear", byte=0)) == "notes.txt, byte 0: unclear"


def test_lexicon_error_names_file_line_and_expectation() -> None:
    error = errors.LexiconFormatError("words.tsv", 3, "a whole number", "电网\tmany")
    assert str(error) == "words.tsv, line 3: expected a whole number, found '电网\\tmany'"
    assert (error.path, error.line_number, error.expected) == ("words.tsv", 3, "a whole number")
    assert error.line == "电网\tmany"
    long = errors.LexiconFormatError("words.tsv", 3, "a whole number", "电" * 2000)
    assert str(long).endswith("found '" + "电" * 57 + "...'")
    assert len(long.line) == 2000


@pytest.mark.parametrize(
    "error",
    [
        errors.CorpusEncodingError("notes.txt", "unclear", byte=7, line=2),
        errors.LexiconFormatError("words.tsv", 3, "a whole number", "电网\tmany"),
        errors.NotFittedError("lexicon_: nothing was learnt yet"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_come_back_from_another_process(error: Exception) -> None:
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert copied.__dict__ == error.__dict__
