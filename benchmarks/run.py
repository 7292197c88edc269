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
4. On the C core `words`, on lines of 100 characters, has at least 1.5 times the throughput of rjieba on the same lines
   by a tagger of order 1, as much by one of order 2, and at least 0.7 times as much by a model of `train`.
5. On the C core `train` takes no longer than sentencepiece takes to learn a unigram model of a fifth of the text.
6. On the Python core `train`, and `words` on lines of 100 characters, take at most 40 times as long as on the C core.

rjieba and sentencepiece are packages that need not be there: without one, its case and its goals are left out, with a
note. Times are user and system time, medians of the runs. The commands, the two loops and sentencepiece are whole
processes, start of the interpreter included; the others are the one call that their name says. Memory is the greatest
resident size of the whole process.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median

import run_cases
from run_cases import CASES, COUNTER, RJIEBA, SENTENCEPIECE, Case, Inputs

# The package is imported in child processes only: a child's peak memory is never below its parent's at the start.
GENERATOR = Path(__file__).resolve().parent.parent / "corpora" / "generate.py"
CORES = ("c", "python")
SLOPE_SIZES = ("8MB", "16MB", "32MB")
SLOPE_LIMIT = 2.2
COUNTER_LIMIT = 1.0
METHOD_LIMIT = 8.0
CORE_LIMIT = 25.0
WORDS_CORE_LIMIT = 40.0
RJIEBA_LIMITS = {"order 1": 1 / 1.5, "order 2": 1.0, "joint": 1 / 0.7}  # times, not throughputs
SENTENCEPIECE_LIMIT = 1.0
SENTENCEPIECE_SHARE = 5  # it learns from one part of so many


class BenchmarkError(Exception):
    """A measurement could not be made."""


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
    *(Goal(4, (f"words {model}", "c"), (RJIEBA, "-"), limit) for model, limit in RJIEBA_LIMITS.items()),
    Goal(5, ("train", "c"), (SENTENCEPIECE, "-"), SENTENCEPIECE_LIMIT),
    *(
        Goal(6, (case, "python"), (case, "c"), WORDS_CORE_LIMIT)
        for case in ("train", *(f"words {model}" for model in RJIEBA_LIMITS))
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


def spent(command: Sequence[str], core: str = "") -> tuple[float, int, str]:
    """Run a command; its CPU time in seconds, its peak memory in bytes, and what it printed."""
    environment = {**os.environ, **({"NLP_ZERO_CORE": core} if core else {})}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            last = err.read().decode(errors="replace").strip().splitlines()[-1:] or ["it printed nothing"]
            raise BenchmarkError(f"exit status {process.returncode} of {' '.join(command)}: {last[0]}")
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return usage.ru_utime + usage.ru_stime, peak, out.read().decode()


def package_command(*arguments: str) -> list[str]:
    """The command line as a user would start it, of the package that this interpreter imports."""
    # -P: a package in the current folder must not come before the one that is installed.
    return [sys.executable, "-P", "-m", "nlp_zero", *arguments]


def once(case: Case, core: str, inputs: Inputs) -> tuple[float, int]:
    """CPU time and peak memory of one run."""
    if case.command:
        paths = asdict(inputs)
        seconds, peak, _ = spent(package_command(*(part.format(**paths) for part in case.command)), core)
        return seconds, peak
    child = [sys.executable, "-P", run_cases.__file__, case.name, *map(str, asdict(inputs).values())]
    seconds, peak, printed = spent(child, "" if case.plain else core)
    return (seconds if case.whole else float(printed)), peak


def measure(case: Case, core: str, inputs: Inputs, runs: int) -> Measured:
    """Measure a case `runs` times."""
    seconds, peaks = zip(*(once(case, core, inputs) for _ in range(runs)))
    size = asdict(inputs)[case.measured].stat().st_size if case.measured else 0
    return Measured(case.name, "-" if case.plain else core, size, median(seconds), max(peaks))


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


def parse_size(text: str) -> int:
    """Bytes in a size such as ``8MB`` (1 KB is 1000 bytes)."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(B|KB|MB|GB)?", text.strip(), re.IGNORECASE)
    size = round(float(match[1]) * 1000 ** ("B", "KB", "MB", "GB").index((match[2] or "B").upper())) if match else 0
    if size < 1:
        raise argparse.ArgumentTypeError(f"expected a size such as 200KB or 8MB, found {text!r}")
    return size


def synthetic_text(size: int, folder: Path) -> Path:
    """Let ``corpora/generate.py`` write text of `size` bytes and its companion files; returns the text."""
    spent([sys.executable, str(GENERATOR), "--size", f"{size}B", "--seed", "1", "--output", str(folder)])
    return folder / "text.txt"


def copy_beginning(source: Path, size: int, target: Path) -> None:
    """Copy the first `size` bytes, and what follows up to the end of the line."""
    with source.open("rb") as file, target.open("wb") as out:
        left = size
        while left > 0:
            left -= out.write(file.read(min(left, 1 << 20)))
        out.write(file.readline())


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
    text = str(inputs.text)
    if "part" in needed:
        copy_beginning(inputs.text, inputs.text.stat().st_size // SENTENCEPIECE_SHARE, inputs.part)
    if "joint" in needed:
        spent(package_command("train", "--quiet", text, "-o", str(inputs.joint)))
    if orders := [order for order in (1, 2) if f"order_{order}" in needed]:
        segmented = str(inputs.out.with_name("segmented.txt"))
        spent(package_command("segment", "--quiet", "-l", str(inputs.lexicon), text, "-o", segmented))
        for order in orders:
            model = str(getattr(inputs, f"order_{order}"))
            spent(package_command("train", "--quiet", "--hmm", str(order), "--segmented", segmented, "-o", model))


# ------------------------------------------------------------------------------------------------------ results


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; all columns but the first are aligned to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def speed_table(measured: Sequence[Measured]) -> str:
    """All cases; the Counter loop, or rjieba, beside those that do the same work or more."""
    seconds = {m.case: m.seconds for m in measured if m.core == "-"}
    loop, rjieba = seconds.get(COUNTER), seconds.get(RJIEBA)
    same_lines = (RJIEBA, *(f"words {model}" for model in RJIEBA_LIMITS))
    rows = []
    for m in measured:
        ratio = f"{m.seconds / loop:.2f}" if loop and m.case.startswith(("counter", "count", "discover")) else "-"
        throughput = f"{rjieba / m.seconds:.2f}" if rjieba and m.seconds and m.case in same_lines else "-"
        speed = "-" if m.speed is None else f"{m.speed:.1f}"
        rows.append([m.case, m.core, f"{m.seconds:.3f}", speed, f"{m.peak / 1e6:.0f}", ratio, throughput])
    return markdown(["case", "core", "CPU s", "MB/s", "peak MB", "time / counter loop", "speed / rjieba"], rows)


def slope_table(slopes: Sequence[Slope]) -> str:
    """Times for growing text and their growth per doubling."""
    sizes = [f"{size / 1e6:.3g} MB" for size in slopes[0].sizes]
    growth = [f"{small} to {large}" for small, large in zip(sizes, sizes[1:])]
    rows = [[s.case, s.core, *(f"{t:.2f} s" for t in s.seconds), *(f"{g:.2f}" for g in s.growth)] for s in slopes]
    return markdown(["command", "core", *sizes, *growth], rows)


def missed_goals(measured: Sequence[Measured], slopes: Sequence[Slope]) -> Iterator[str]:
    """Each goal that is missed, or for which there are no figures."""
    seconds = {(m.case, m.core): m.seconds for m in measured}
    missing = {case.name for case in CASES if case.is_missing}
    for goal in GOALS:
        (case, core), (other, _) = goal.case, goal.other
        of_case, of_other = seconds.get(goal.case), seconds.get(goal.other)
        if of_case is None or of_other is None:
            if core == "c" and other not in missing:  # the Python core need not be measured
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


def environment() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "nlp_zero": spent(package_command("--version"))[2].strip(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
    }


def packages(cases: Iterable[Case]) -> dict[str, object]:
    """The versions of what some cases compare with."""
    return {case.package: version(case.package) for case in cases if case.package}


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
    """The cases that were asked for and can be measured."""
    return [case for case in CASES if case.name in options.case and not case.is_missing]


def measured_cases(options: argparse.Namespace, inputs: Inputs) -> Iterator[Measured]:
    """All cases on all cores; a case that needs none once."""
    for case in CASES:
        if case.name in options.case and case.is_missing:
            print(f"{case.name} is left out: {case.package} is not installed", file=sys.stderr)
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
        about = environment() | packages(chosen_cases(options))
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
