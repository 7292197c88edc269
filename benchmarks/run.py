"""Measure speed, memory and growth: each case in a process of its own, on both cores.

    python benchmarks/run.py [--size 8MB | --text FILE] [--case NAME ...] [--core c python] [--runs 3]
                             [--slope [SIZE ...]] [--json FILE] [--check]

Goals. They are ratios of CPU times, since seconds depend on the machine; ``--check`` exits with 1 if one is missed:

1. On the C core `discover --method pmi`, from file to lexicon, takes no longer than a plain Python loop that counts the
   bigrams of the same file with a `collections.Counter`, for 8 MB and more.
2. Twice the text takes less than 2.2 times as long, in `discover` by either method and in `segment`, for 8, 16 and 32
   MB.
3. On the C core `discover` by method entropy, the default, takes at most 8 times as long as by method pmi; on the
   Python core it takes at most 25 times as long as on the C core.

Times are user and system time, medians of the runs. The cases `discover`, `discover pmi`, `segment` and the two loops
are whole processes, start of the interpreter included; the others are the one call that their name says. Memory is the
greatest resident size of the whole process.
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
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from operator import add
from pathlib import Path
from statistics import median

# The package is imported in child processes only: a child's peak memory is never below its parent's at the start.
HERE = Path(__file__).resolve().parent
GENERATOR = HERE.parent / "corpora" / "generate.py"
CORES = ("c", "python")
SLOPE_SIZES = ("8MB", "16MB", "32MB")
SLOPE_LIMIT = 2.2
COUNTER_LIMIT = 1.0
METHOD_LIMIT = 8.0
CORE_LIMIT = 25.0

Job = Callable[[], object]


class BenchmarkError(Exception):
    """A measurement could not be made."""


# ------------------------------------------------------------------------------------- what child processes do


def _counter_loop(text: str, lexicon: str) -> Job:
    def job() -> None:
        counts: Counter[str] = Counter()
        with open(text, encoding="utf-8") as lines:
            for line in lines:
                for i in range(len(line) - 1):
                    counts[line[i : i + 2]] += 1

    return job


def _counter_update(text: str, lexicon: str) -> Job:
    def job() -> None:
        counts: Counter[str] = Counter()
        with open(text, encoding="utf-8") as lines:
            for line in lines:
                counts.update(map(add, line, line[1:]))

    return job


def _count(order: int) -> Callable[[str, str], Job]:
    def prepare(text: str, lexicon: str) -> Job:
        from nlp_zero.statistics.counts import NgramCounts
        from nlp_zero.text.corpus import TextFiles

        return lambda: NgramCounts.from_corpus(TextFiles(text), order=order)

    return prepare


def _words(text: str, lexicon: str) -> Job:
    from nlp_zero.words.lexicon import Lexicon
    from nlp_zero.words.segmenter import LexiconSegmenter

    segmenter = LexiconSegmenter(Lexicon.load(lexicon))
    with open(text, encoding="utf-8") as file:
        lines = file.read().split("\n")

    def job() -> None:
        for line in lines:
            segmenter.words(line)

    return job


def _load(text: str, lexicon: str) -> Job:
    from nlp_zero.words.lexicon import Lexicon

    return lambda: Lexicon.load(lexicon)


def _import(text: str, lexicon: str) -> Job:
    return lambda: __import__("nlp_zero")


@dataclass(frozen=True, slots=True)
class Case:
    """Something to measure.

    Attributes
    ----------
    name
        What it is called.
    measured
        What its speed is per: the bytes of the ``text``, of the ``lexicon``, or nothing.
    command
        Arguments of ``python -m nlp_zero`` with {text}, {lexicon} and {out}: the whole process is measured.
    prepare
        Gives the job that a child process measures; what comes before the job is not measured.
    plain
        Plain Python: measured once for all cores, and as a whole process.
    """

    name: str
    measured: str = "text"
    command: tuple[str, ...] = ()
    prepare: Callable[[str, str], Job] | None = None
    plain: bool = False


COUNTER = "counter loop"
CASES = (
    Case(COUNTER, prepare=_counter_loop, plain=True),
    Case("counter update", prepare=_counter_update, plain=True),
    Case("discover", command=("discover", "--quiet", "{text}", "-o", "{out}")),
    Case("discover pmi", command=("discover", "--method", "pmi", "--quiet", "{text}", "-o", "{out}")),
    Case("segment", command=("segment", "--quiet", "-l", "{lexicon}", "{text}", "-o", "{out}")),
    Case("count order 2", prepare=_count(2)),
    Case("count order 4", prepare=_count(4)),
    Case("words by line", prepare=_words),
    Case("load lexicon", measured="lexicon", prepare=_load),
    Case("import", measured="", prepare=_import),
)


def run_child(name: str, text: str, lexicon: str) -> int:
    """Do the job of one case in this process and print its CPU time in seconds."""
    prepare = next(case.prepare for case in CASES if case.name == name)
    assert prepare is not None  # commands are started as such
    job = prepare(text, lexicon)
    begun = time.process_time()
    job()
    print(time.process_time() - begun)
    return 0


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


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files that the cases work on."""

    text: Path
    lexicon: Path
    out: Path


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
    child = [sys.executable, "-P", __file__, "--child", case.name, str(inputs.text), str(inputs.lexicon)]
    seconds, peak, printed = spent(child, "" if case.plain else core)
    return (seconds if case.plain else float(printed)), peak


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
        measured.append(measure(case, core, Inputs(text, inputs.lexicon, inputs.out), runs))
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
    """The text, its beginning that is measured, and a lexicon learnt from that."""
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
    lexicon = folder / "lexicon.tsv"
    text = whole
    if not options.text and options.size < longest:
        text = folder / "text.txt"
        copy_beginning(whole, options.size, text)
    spent(package_command("discover", "--quiet", str(text), "-o", str(lexicon)))
    return Inputs(text, lexicon, folder / "out.txt")


# ------------------------------------------------------------------------------------------------------ results


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; all columns but the first are aligned to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def speed_table(measured: Sequence[Measured]) -> str:
    """All cases; times of the Counter loop beside those that do the same work or more."""
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
    pmi, entropy = ("discover pmi", "c"), ("discover", "c")
    for goal, case, other, limit in (
        (1, pmi, (COUNTER, "-"), COUNTER_LIMIT),
        (3, entropy, pmi, METHOD_LIMIT),
        (3, ("discover", "python"), entropy, CORE_LIMIT),
    ):
        of_case, of_other = seconds.get(case), seconds.get(other)
        if of_case is None or of_other is None:
            if case[1] == "c":  # the Python core need not be measured
                yield f"goal {goal}: {case[0]} on the C core or {other[0]} was not measured"
        elif of_case > limit * of_other:
            yield f"goal {goal}: {case[0]} on core {case[1]} takes {of_case:.2f} s, {other[0]} {of_other:.2f} s"
    for case in ("discover", "discover pmi", "segment"):
        of_case = [slope for slope in slopes if slope.case == case]
        if not of_case:
            yield f"goal 2: the slope of {case} was not measured"
        for slope in of_case:
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
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    return parser


def measured_cases(options: argparse.Namespace, inputs: Inputs) -> Iterator[Measured]:
    """All cases on all cores; a case in plain Python once."""
    for case in CASES:
        if case.name in options.case:
            for core in options.core[:1] if case.plain else options.core:
                print(f"{case.name}, core {core}", file=sys.stderr)
                yield measure(case, core, inputs, options.runs)


def measured_slopes(options: argparse.Namespace, inputs: Inputs) -> Iterator[Slope]:
    """Growth of the two commands on all cores."""
    whole = Inputs(inputs.lexicon.with_name("whole.txt"), inputs.lexicon, inputs.out)
    for case in CASES:
        if case.command and case.name in options.case and options.slope:
            for core in options.core:
                print(f"slope of {case.name}, core {core}", file=sys.stderr)
                yield measure_slope(case, core, whole, options.slope, options.runs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = parser().parse_args(arguments)
    if options.child:
        return run_child(*options.child)
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
