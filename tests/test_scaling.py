"""Growth of time and memory with the text: ratios, which no machine changes much."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up import made_up_text

from nlp_zero import LexiconSegmenter, NgramCounts, WordFinder, core_name

SIZE = 600_000  # characters
PARTS = 8
LINEAR = 3  # time for the whole text over time for its parts: 1 is linear, 2.8 n ** 1.5, 8 quadratic
MEASURE = """
import os, re, resource, sys
from nlp_zero.cli import main
status = main(sys.argv[1:])
if os.path.exists("/proc/self/status"):  # Linux hands on the peak of the process that started this one
    with open("/proc/self/status", encoding="ascii") as file:
        print(int(re.search(r"VmHWM:\\s*(\\d+) kB", file.read())[1]) * 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(status)
"""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return made_up_text(SIZE).split("\n")


def parts(lines: list[str]) -> list[list[str]]:
    size = -(-len(lines) // PARTS)
    return [lines[begin : begin + size] for begin in range(0, len(lines), size)]


def growth(work: Callable[[list[str]], object], lines: list[str]) -> float:
    """CPU time for the whole text over that for its parts, one after the other: the same text in either case.

    The least of three runs each, in turn: other work on the machine can only add to it, and hits both.
    """
    times = []
    for _ in range(3):
        for texts in ([lines], parts(lines)):
            begun = time.process_time()
            for some in texts:
                work(some)
            times.append(time.process_time() - begun)
    return min(times[::2]) / min(times[1::2])


def test_growth_tells_linear_from_quadratic() -> None:
    numbers = [str(number) for number in range(4000)]
    assert growth(lambda some: [hash(one) for one in some for _ in range(100)], numbers) < LINEAR
    assert growth(lambda some: [one < two for one in some for two in some], numbers) > LINEAR


@pytest.mark.parametrize("order", [2, 4, 12])
def test_counting_is_linear(order: int, lines: list[str]) -> None:
    assert growth(lambda some: NgramCounts.from_corpus(some, order=order), lines) < LINEAR


@pytest.mark.parametrize("memory", [None, "64MB"])
def test_discovery_is_linear(memory: str | None, lines: list[str]) -> None:
    assert growth(WordFinder(memory_limit=memory).fit, lines[: len(lines) // 3]) < LINEAR


@pytest.mark.parametrize("separator", ["\n", ""], ids=["lines", "one line"])
def test_segmentation_is_linear(separator: str, lines: list[str]) -> None:
    segmenter = LexiconSegmenter(WordFinder(method="pmi").fit(parts(lines)[0]).lexicon_)
    assert growth(lambda some: segmenter.words(separator.join(some)), lines) < LINEAR


# ----------------------------------------------------------------------------------------------- memory


def peak(tmp_path: Path, lines: list[str], *options: str) -> int:
    """The greatest resident size of a process that learns from the lines, in bytes."""
    text = tmp_path / "text.txt"
    text.write_bytes("\n".join(lines).encode("utf-8"))
    command = [sys.executable, "-c", MEASURE, "discover", str(text), "-o", os.devnull, "--quiet", *options]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path)
    return int(done.stdout)


def test_memory_is_bounded(tmp_path: Path) -> None:
    limit = 64_000_000
    small = made_up_text(50_000).split("\n")
    larger = made_up_text(3 * SIZE).split("\n")
    large = larger[: len(larger) // 3]
    empty = peak(tmp_path, small)  # Python, numpy and the program
    free = [peak(tmp_path, some) for some in (large, larger)]
    bound = [peak(tmp_path, some, "--memory", str(limit)) for some in (large, larger)]
    assert free[1] > 1.15 * free[0]  # without a limit it grows with the text
    assert bound[1] - empty < 0.8 * (free[1] - empty)
    assert bound[1] < 1.4 * bound[0]  # what is left to grow are the words themselves
    # the numpy core takes some 100 MB more for one block of text
    assert bound[1] < 1.6 * limit + (0 if core_name == "c" else 100_000_000)
