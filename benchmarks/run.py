"""Measure speed, memory and growth: each case in a process of its own, on both cores.

    python benchmarks/run.py [--size 8MB | --text FILE] [--case NAME ...] [--core c python] [--runs 3]
                             [--slope [SIZE ...]] [--json FILE] [--check]

Goals. They are ratios of CPU times, since seconds depend on the machine; ``--check`` exits with 1 if one is missed:

1. On the C core `discover --method pmi`, from file to lexicon, takes no longer than a plain Python loop that counts the
   bigrams of the same file with a `collections.Counter`, for 8 MB and more.
2. Twice the text takes less than 2.2 times as long, in `discover` by either method, in `train` and in `segment`, for 8,
   16 and 32 MB.
3. On the C core `discover` by method entropy, the default, takes at most 8 times as long as by method pmi; on the
   Python core it takes at most 25 times as long as on the C core.
4. On the Python core `train`, and `words` on lines of 100 characters, take at most 40 times as long as on the C core.

Times are user and system time, medians of the runs. The commands and the two loops are whole processes, start of the
interpreter included; the others are the one call that their name says. Memory is the greatest resident size of the
whole process. How all of this compares with other packages is what peers.py measures.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from statistics import median

import run_cases
from measuring import (
    MODEL_FILES,
    BenchmarkError,
    Case,
    copy_beginning,
    environment,
    make_models,
    markdown,
    once,
    package_command,
    parse_size,
    spent,
    synthetic_text,
)
from run_cases import CASES, COUNTER, Inputs

CORES = ("c", "python")
SLOPE_SIZES = ("8MB", "16MB", "32MB")
SLOPE_LIMIT = 2.2
COUNTER_LIMIT = 1.0
METHOD_LIMIT = 8.0
CORE_LIMIT = 25.0
WORDS_CORE_LIMIT = 40.0
MODELS = ("order 1", "order 2", "joint")


# ------------------------------------------------------------------------------------------------------- goals


@dataclass(frozen=True, slots=True)
class Goal:
    """One case on one core takes at most `limit` times as long as another; cases without a core have ``-``."""

    number: int
    case: tuple[str, str]
    other: tuple[str, str]
    limit: float


GOALS = (
    Goal(1, ("discover pmi", "c"), (COUNTER, "-"), COUNTER_LIMIT),
    Goal(3, ("discover", "c"), ("discover pmi", "c"), METHOD_LIMIT),
    Goal(3, ("discover", "python"), ("discover", "c"), CORE_LIMIT),
    *(
        Goal(4, (case, "python"), (case, "c"), WORDS_CORE_LIMIT)
        for case in ("train", *(f"words {model}" for model in MODELS))
    ),
)
GROWING = ("discover", "discover pmi", "train", "segment")  # goal 2


# --------------------------------------------------------------------------------------------------- measuring


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU time and memory of one case, the median of all runs and the greatest of them."""

    case: str
    core: str
    size: int
    seconds: float
    peak: int

    @property
    def speed(self) -> float | None:
        """MB a second of CPU time; None if there is nothing to divide by."""
        return self.size / self.seconds / 1e6 if self.size and self.seconds else None


@dataclass(frozen=True, slots=True)
class Slope:
    """CPU times of one command for growing text."""

    case: str
    core: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def growth(self) -> tuple[float, ...]:
        """For each size but the first, how many times longer it took per doubling of the text."""
        points = list(zip(self.sizes, self.seconds))
        return tuple((t / s) ** (1 / math.log2(n / m)) for (m, s), (n, t) in zip(points, points[1:]))


def measure(case: Case, core: str, inputs: Inputs, runs: int) -> Measured:
    """Measure a case `runs` times."""
    took = [once(case, core, inputs, run_cases.__file__) for _ in range(runs)]
    size = asdict(inputs)[case.measured].stat().st_size if case.measured else 0
    return Measured(
        case.name, "-" if case.plain else core, size, median(t.cpu for t in took), max(t.peak for t in took)
    )


def measure_slope(case: Case, core: str, inputs: Inputs, sizes: Sequence[int], runs: int) -> Slope:
    """Measure a case on longer and longer beginnings of the text."""
    measured = []
    for size in sizes:
        text = inputs.text.with_name(f"first_{size}.txt")
        if not text.exists():
            copy_beginning(inputs.text, size, text)
        measured.append(measure(case, core, replace(inputs, text=text), runs))
    return Slope(case.name, core, tuple(m.size for m in measured), tuple(m.seconds for m in measured))


# ------------------------------------------------------------------------------------------------------- inputs


def prepared_inputs(options: argparse.Namespace, folder: Path) -> Inputs:
    """The text, its beginning that is measured, and what the cases need that is made of that."""
    longest = max([options.size, *options.slope])
    whole = folder / "whole.txt"
    if options.text:
        whole.symlink_to(options.text.resolve(strict=True))
        size = whole.stat().st_size
        if size < max(options.slope, default=0):
            raise BenchmarkError(
                f"{options.text}: {size} bytes, --slope needs {max(options.slope)}; give a longer --text"
            )
    else:
        os.replace(synthetic_text(longest, folder / "synthetic"), whole)
    text = whole
    if not options.text and options.size < longest:
        text = folder / "text.txt"
        copy_beginning(whole, options.size, text)
    inputs = Inputs(text, **{field.name: folder / f"{field.name}.tsv" for field in fields(Inputs)[1:]})
    spent(package_command("discover", "--quiet", str(text), "-o", str(inputs.lexicon)))
    make_more(inputs, {name for case in chosen_cases(options) for name in case.needs})
    return inputs


def make_more(inputs: Inputs, needed: set[str]) -> None:
    """Make those inputs that not every case needs."""
    make_models(inputs.text, inputs.lexicon, {name: getattr(inputs, name) for name in MODEL_FILES if name in needed})


# ------------------------------------------------------------------------------------------------------ results


def speed_table(measured: Sequence[Measured]) -> str:
    """All cases; the Counter loop beside those that do the same work or more."""
    loop = next((m.seconds for m in measured if m.case == COUNTER), None)
    rows = []
    for m in measured:
        ratio = f"{m.seconds / loop:.2f}" if loop and m.case.startswith(("counter", "count", "discover")) else "-"
        speed = "-" if m.speed is None else f"{m.speed:.1f}"
        rows.append([m.case, m.core, f"{m.seconds:.3f}", speed, f"{m.peak / 1e6:.0f}", ratio])
    return markdown(["case", "core", "CPU s", "MB/s", "peak MB", "time / counter loop"], rows)


def slope_table(slopes: Sequence[Slope]) -> str:
    """Times for growing text and their growth per doubling."""
    sizes = [f"{size / 1e6:.3g} MB" for size in slopes[0].sizes]
    growth = [f"{small} to {large}" for small, large in zip(sizes, sizes[1:])]
    rows = [[s.case, s.core, *(f"{t:.2f} s" for t in s.seconds), *(f"{g:.2f}" for g in s.growth)] for s in slopes]
    return markdown(["command", "core", *sizes, *growth], rows)


def missed_goals(measured: Sequence[Measured], slopes: Sequence[Slope]) -> Iterator[str]:
    """Each goal that is missed, or for which there are no figures."""
    seconds = {(m.case, m.core): m.seconds for m in measured}
    for goal in GOALS:
        (case, core), (other, _) = goal.case, goal.other
        of_case, of_other = seconds.get(goal.case), seconds.get(goal.other)
        if of_case is None or of_other is None:
            if core == "c":  # the Python core need not be measured
                yield f"goal {goal.number}: {case} on the C core or {other} was not measured"
        elif of_case > goal.limit * of_other:
            yield (
                f"goal {goal.number}: {case} on core {core} takes {of_case:.2f} s, {other} {of_other:.2f} s, "
                f"{of_case / of_other:.2f} times as long; expected at most {goal.limit:.2f} times"
            )
    for case in GROWING:
        of_this = [slope for slope in slopes if slope.case == case]
        if not of_this:
            yield f"goal 2: the slope of {case} was not measured"
        for slope in of_this:
            if worst := [growth for growth in slope.growth if growth >= SLOPE_LIMIT]:
                yield f"goal 2: twice the text takes {case} {max(worst):.2f} times as long on core {slope.core}"


# ------------------------------------------------------------------------------------------------ command line


def parser() -> argparse.ArgumentParser:
    """The options."""
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(description="Measure speed, memory and growth of nlp-zero.")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--size", type=parse_size, default="8MB", help="of the synthetic text (default: 8MB)")
    source.add_argument("--text", type=Path, metavar="FILE", help="UTF-8 text to measure on instead")
    parser.add_argument("--case", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--core", nargs="+", choices=CORES, default=list(CORES), help="default: both")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of each case (default: 3)")
    sizes = ", ".join(SLOPE_SIZES)
    parser.add_argument(
        "--slope", nargs="*", type=parse_size, metavar="SIZE", help=f"measure growth (default: {sizes})"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a goal is missed; implies --slope")
    return parser


def chosen_cases(options: argparse.Namespace) -> list[Case]:
    """The cases that were asked for."""
    return [case for case in CASES if case.name in options.case]


def measured_cases(options: argparse.Namespace, inputs: Inputs) -> Iterator[Measured]:
    """All cases on all cores; a case that needs none once."""
    for case in chosen_cases(options):
        for core in options.core[:1] if case.plain else options.core:
            print(f"{case.name}, core {core}", file=sys.stderr)
            yield measure(case, core, inputs, options.runs)


def measured_slopes(options: argparse.Namespace, inputs: Inputs) -> Iterator[Slope]:
    """Growth of the commands on all cores."""
    whole = replace(inputs, text=inputs.lexicon.with_name("whole.txt"))
    for case in chosen_cases(options):
        if case.command and options.slope:
            for core in options.core:
                print(f"slope of {case.name}, core {core}", file=sys.stderr)
                yield measure_slope(case, core, whole, options.slope, options.runs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = parser().parse_args(arguments)
    if options.slope == [] or (options.check and options.slope is None):
        options.slope = [parse_size(size) for size in SLOPE_SIZES]
    options.slope = sorted(set(options.slope or ()))
    if len(options.slope) == 1 or options.runs < 1:
        parser().error("--slope and --runs: expected at least two sizes and one run")
    try:
        with tempfile.TemporaryDirectory() as folder:
            inputs = prepared_inputs(options, Path(folder))
            measured = list(measured_cases(options, inputs))
            slopes = list(measured_slopes(options, inputs))
        about = environment()
    except (BenchmarkError, OSError) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    print(", ".join(f"{name} {value}" for name, value in about.items()), end="\n\n")
    print(speed_table(measured))
    if slopes:
        print(f"\n{slope_table(slopes)}")
    if options.json:
        figures = {"about": about, "cases": [asdict(m) for m in measured], "slopes": [asdict(s) for s in slopes]}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    missed = list(missed_goals(measured, slopes)) if options.check else []
    for goal in missed:
        print(f"run.py: missed {goal}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
