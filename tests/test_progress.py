"""Progress bars: on a terminal and nowhere else."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import tqdm

from nlp_zero import TextFiles, WordFinder
from nlp_zero.progress import progress_bar
from nlp_zero.words.finder import METHODS

_tqdm = tqdm.tqdm


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    screen = Terminal()
    # not sys.stderr itself: pytest puts its own there between the fixture and the test
    monkeypatch.setattr("nlp_zero.progress.sys", SimpleNamespace(stderr=screen))
    monkeypatch.setattr("tqdm.tqdm", immediate)
    return screen


def immediate(**options: object) -> object:
    """A tqdm bar that does not wait."""
    return _tqdm(**{**options, "delay": 0, "mininterval": 0})


def test_a_bar_on_a_terminal(terminal: Terminal) -> None:
    with progress_bar("reading", 2_000_000, show=True) as advance:
        advance(500_000)
        advance(500_000)
    assert "reading" in terminal.getvalue()
    assert "50%" in terminal.getvalue()
    assert "1.00M/2.00M" in terminal.getvalue()


def test_a_bar_without_a_total_in_other_units(terminal: Terminal) -> None:
    with progress_bar("sorting", None, show=True, unit=" words") as advance:
        advance(3)
    assert "3.00 words" in terminal.getvalue()


def test_no_bar_unless_wanted(terminal: Terminal) -> None:
    with progress_bar("reading", 10, show=False) as advance:
        advance(10)
    assert terminal.getvalue() == ""


def test_no_bar_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for stderr in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stderr)
        with progress_bar("reading", 10, show=True) as advance:
            advance(10)
        assert stderr is None or stderr.getvalue() == ""


def test_an_error_inside_goes_through(terminal: Terminal) -> None:
    with pytest.raises(ZeroDivisionError), progress_bar("reading", 10, show=True):
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), progress_bar("reading", 10, show=False):
        raise ZeroDivisionError


STAGES = {
    "entropy": ["counting", *(f"learning {i}/3" for i in range(1, 4)), "joining 1/1", "recounting"],
    "pmi": ["counting", "cutting", "recounting"],
    "joint": [
        "counting",
        *(f"learning {i}/3" for i in range(1, 4)),
        "joining 1/1",
        *(f"training {i}/4" for i in range(1, 5)),
        "recounting",
    ],
}


@pytest.mark.parametrize("method", METHODS)
def test_learning_shows_its_passes(method: str, terminal: Terminal, tmp_path: Path) -> None:
    text = "变压器油温过高，检查变压器。检查时先看油温。油温正常，变压器可以运行。这台变压器的油温偏高。\n" * 50
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    WordFinder(method=method, progress=True).fit(TextFiles(tmp_path / "text.txt"))
    bars = re.findall(r"([a-z]+(?: \d/\d)?): +(\d+)%", terminal.getvalue())
    shown = list(dict.fromkeys(stage for stage, _ in bars))
    assert shown == STAGES[method]
    assert {stage for stage, part in bars if part == "100"} == set(shown)  # each goes through the whole text


def test_learning_of_long_words_joins_twice(terminal: Terminal) -> None:
    words = ["变压器", "监测仪"]
    lines = [f"{a}{word}{b}" for a in "看修在" for b in "了吗呢" for word in ["".join(words)] * 3 + words]
    WordFinder(method="entropy", max_length=9, progress=True).fit(lines)
    assert re.findall(r"joining \d/\d", terminal.getvalue())[-1] == "joining 2/2"
