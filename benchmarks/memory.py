"""Peak memory of `nlp-zero discover` under limits, and what several workers gain.

    python benchmarks/memory.py [--text FILE ...] [--limit SIZE ...] [--jobs N ...] [--runs N] [--check]

Each cell is one whole process. Without ``--text`` 16 MB are generated. ``--check`` exits with 1 if a peak exceeds 1.3
times its limit (100 MB more on the numpy core) or two workers are not 1.6 times as fast as one, which only text of
100 MB and an idle machine with two cores or more show.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import BenchmarkError, markdown, package_command, synthetic_text

from nlp_zero import NgramCounts, TextFiles, core_name
from nlp_zero.memory import parse_size

LIMIT_FACTOR = 1.3
NUMPY_EXTRA = 100_000_000  # bytes
JOBS_FACTOR = 1.6
GENERATED = 16_000_000  # bytes

MEASURED = """
import os, re, resource, sys
from nlp_zero.cli import main
status = main(sys.argv[1:])
usage = resource.getrusage(resource.RUSAGE_SELF)
children = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
if os.path.exists("/proc/self/status"):  # Linux hands on the peak of the process that started this one
    with open("/proc/self/status", encoding="ascii") as file:
        peak = int(re.search("VmHWM:[^0-9]*([0-9]+) kB", file.read())[1]) * 1024
cpu = sum(x.ru_utime + x.ru_stime for x in (usage, children))
print(peak, cpu, file=sys.stderr)
sys.exit(status)
"""


@dataclass(frozen=True)
class Run:
    """One way to run the command: medians of its runs."""

    limit: str
    jobs: int
    seconds: float
    cpu: float
    peak: int


def measured(texts: Sequence[Path], limit: str, jobs: int, runs: int) -> Run:
    """Run the command some times."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["discover", *map(str, texts), "-o", str(Path(folder, "words.tsv")), "--quiet"]
        arguments += ["--jobs", str(jobs), *(["--memory", limit] if limit != "-" else [])]
        for _ in range(runs):
            begun = time.perf_counter()
            command = [*package_command()[:-2], "-c", MEASURED, *arguments]
            done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
            if done.returncode:
                raise BenchmarkError(done.stderr.strip())
            peak, cpu = done.stderr.split()
            figures.append((time.perf_counter() - begun, float(cpu), int(peak)))
    seconds, cpus, peaks = zip(*figures)
    return Run(limit, jobs, statistics.median(seconds), statistics.median(cpus), max(peaks))


def missed(runs: Sequence[Run]) -> Iterator[str]:
    """Each goal that is missed."""
    extra = 0 if core_name == "c" else NUMPY_EXTRA
    for run in runs:
        if run.limit != "-" and run.peak > LIMIT_FACTOR * parse_size(run.limit) + extra:
            yield f"{run.peak / 1e6:.0f} MB under a limit of {run.limit} with {run.jobs} workers"
    alone = {run.limit: run.seconds for run in runs if run.jobs == 1}
    for run in runs:
        if run.jobs == 2 and run.limit == "-" and alone[run.limit] < JOBS_FACTOR * run.seconds:
            yield f"two workers are {alone[run.limit] / run.seconds:.2f} times as fast as one"


def table(runs: Sequence[Run], characters: int, ngrams: int) -> str:
    """All runs, with memory beside what the text is."""
    rows = [
        [
            run.limit,
            run.jobs,
            f"{run.seconds:.1f}",
            f"{run.cpu:.1f}",
            f"{run.peak / 1e6:.0f}",
            f"{run.peak / characters:.1f}",
            f"{run.peak / ngrams:.1f}",
        ]
        for run in runs
    ]
    header = ["--memory", "--jobs", "seconds", "CPU s", "peak MB", "MB per M symbols", "bytes per n-gram"]
    return markdown(header, rows)


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--text", nargs="+", type=Path, default=[], help="files; the same may stand there twice")
    options.add_argument("--limit", nargs="+", default=["-", "256MB"], help="- is no limit (default: - 256MB)")
    options.add_argument("--jobs", nargs="+", type=int, default=[1, 2], help="default: 1 2")
    options.add_argument("--runs", type=int, default=3, help="of each cell (default: 3)")
    options.add_argument("--size", type=parse_size, default=GENERATED, help="of generated text (default: 16MB)")
    options.add_argument("--check", action="store_true", help="exit with 1 if a goal is missed")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and say what is missed."""
    options = parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            texts = options.text or [synthetic_text(options.size, Path(folder))]
            counts = NgramCounts.from_corpus(TextFiles(*texts))
            runs = [measured(texts, limit, jobs, options.runs) for limit in options.limit for jobs in options.jobs]
    except BenchmarkError as error:
        print(f"memory.py: {error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in options.text) or options.size
    symbols, ngrams = counts.total, len(counts)
    print(f"core {core_name}, {size / 1e6:.0f} MB, {symbols / 1e6:.1f} M symbols, {ngrams / 1e6:.1f} M n-grams")
    print()
    print(table(runs, symbols, ngrams))
    missed_goals = list(missed(runs)) if options.check else []
    print(*(f"missed: {goal}" for goal in missed_goals), sep="\n", file=sys.stderr)
    return 1 if missed_goals else 0


if __name__ == "__main__":
    sys.exit(main())
