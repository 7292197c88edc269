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

SIZE = 300_000  # characters
LINEAR = 3.2  # time for twice as much; 2 is linear, 4 quadratic, and n log n or a noisy machine stay between
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
    return made_up_text(2 * SIZE).split("\n")


def halves(lines: list[str]) -> tuple[list[str], list[str]]:
    return lines[: len(lines) // 2], lines


def least(work: Callable[[list[str]], object], lines: list[str]) -> float:
    """CPU time, the least of some runs: other work on the machine can only add to it."""
    spent = []
    for _ in range(5):
        begun = time.process_time()
        work(lines)
        spent.append(time.process_time() - begun)
    return min(spent)


@pytest.mark.parametrize("order", [2, 4, 12])
def test_counting_is_linear(order: int, lines: list[str]) -> None:
    one, two = (least(lambda x: NgramCounts.from_corpus(x, order=order), some) for some in halves(lines))
    assert two < LINEAR * one


@pytest.mark.parametrize("memory", [None, "64MB"])
def test_discovery_is_linear(memory: str | None, lines: list[str]) -> None:
    one, two = (least(WordFinder(memory_limit=memory).fit, some) for some in halves(lines))
    assert two < LINEAR * one


def test_segmentation_is_linear(lines: list[str]) -> None:
    segmenter = LexiconSegmenter(WordFinder().fit(halves(lines)[0]).lexicon_)
    for texts in (["\n".join(some) for some in halves(lines)], ["".join(some) for some in halves(lines)]):
        one, two = (least(lambda x: segmenter.words(x[0]), [text]) for text in texts)
        assert two < LINEAR * one


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
    large, larger = halves(made_up_text(6 * SIZE).split("\n"))
    empty = peak(tmp_path, small)  # Python, numpy and the program
    free = [peak(tmp_path, some) for some in (large, larger)]
    bound = [peak(tmp_path, some, "--memory", str(limit)) for some in (large, larger)]
    assert free[1] > 1.15 * free[0]  # without a limit it grows with the text
    assert bound[1] - empty < 0.8 * (free[1] - empty)
    assert bound[1] < 1.4 * bound[0]  # what is left to grow are the words themselves
    # the numpy core takes some 100 MB more for one block of text
    assert bound[1] < 1.6 * limit + (0 if core_name == "c" else 100_000_000)
