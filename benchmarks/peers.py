"""Compare with other packages, in one run: speed, memory, start; say which goals are met.

    python benchmarks/peers.py [--text98 FILE] [--text16 FILE] [--original DIR] [--only SECTION ...] [--runs 5]
                               [--json FILE] [--from FILE ...] [--plot FILE.svg] [--check]

What is compared runs one after the other, in processes of their own, again and again: a ratio is that of one round, so
that noise hits both, and the figure is the median of the rounds. `peer_goals.py` has the goals; with ``--check`` the
exit status is 1 if one that could be measured is missed. What is not installed is left out, with a note.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from statistics import median

import peer_cases
from measuring import (
    BenchmarkError,
    environment,
    markdown,
    once,
    parse_size,
    spent,
)
from peer_cases import CASES, PeerCase
from peer_goals import GROUPS, SECTIONS, Figures, Goal, Group, Round, Rounds
from peer_inputs import SIZE98, Inputs, helper, prepared_inputs

HOW_TO_GET_ORIGINAL = "give --original DIR after `pip install --no-deps --target DIR nlp-zero==0.1.6`"


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured.

    Attributes
    ----------
    about
        What it was measured on and with.
    rounds
        For each group what its cases took, round by round.
    left_out
        For each case that could not be measured, why.
    """

    about: dict[str, object]
    rounds: dict[str, Rounds]
    left_out: dict[str, str]


# --------------------------------------------------------------------------------------------------- measuring


def why_not(case: PeerCase, found: dict[str, object], original: Path | None) -> str:
    """Why a case cannot be measured here; empty if it can."""
    if case.is_missing:
        return f"{case.package} is not installed (pip install '.[bench]')"
    if case.core == "c" and found["no C core"]:
        return f"no C core: {found['no C core']}"
    if "original" in case.needs and original is None:
        return f"its package has the name of this one: {HOW_TO_GET_ORIGINAL}"
    if "compiled" in case.needs and not found["compiled"]:
        return "LexiconSegmenter has no save and load"
    if "blanks" in case.needs and which("count_ngrams") is None:
        return "no count_ngrams on the PATH; the figure that was reported for it stands in its place"
    return ""


def _digest(path: Path) -> str:
    """What tells outputs apart; read piece by piece, as a process begins with the peak of what starts it."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def figures_of(case: PeerCase, inputs: Inputs) -> Figures:
    """Run a case once."""
    inputs.out.unlink(missing_ok=True)
    if case.code:
        took = spent([sys.executable, "-P", "-c", case.code])
    else:
        took = once(case, case.core, inputs, peer_cases.__file__)
    size = asdict(inputs)[case.measured].stat().st_size if case.measured else 0
    digest = _digest(inputs.out) if case.digest else ""
    return Figures(took.cpu, took.elapsed, took.peak, size, digest)


def measured(group: Group, inputs: Inputs, runs: int, left_out: dict[str, str]) -> Iterator[Round]:
    """All rounds of a group; a rival that fails is left out from then on."""
    for run in range(1, runs + 1):
        figures: Round = {}
        for case in (case for name in group.cases for case in CASES if case.name == name):
            if case.name in left_out:
                continue
            print(f"{group.section}, round {run} of {runs}: {case.name}", file=sys.stderr)
            try:
                figures[case.name] = figures_of(case, inputs)
            except BenchmarkError as error:
                if not case.plain:
                    raise
                left_out[case.name] = f"it failed: {error}"
        yield figures


# ------------------------------------------------------------------------------------------------------ results


def write_results(results: Results, path: Path) -> None:
    """Keep the figures, for `read_results`."""
    path.write_text(json.dumps(asdict(results), indent=1) + "\n", encoding="utf-8")


def read_results(paths: Iterable[Path]) -> Results:
    """The figures of some runs together; of a group that several have, those of the last."""
    merged = Results({}, {}, {})
    for path in paths:
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            rounds = {
                group: [{name: Figures(**of_case) for name, of_case in of_round.items()} for of_round in of_group]
                for group, of_group in read["rounds"].items()
            }
            merged.about.update(read["about"])
            merged.left_out.update(read["left_out"])
        except (ValueError, KeyError, TypeError) as error:
            raise BenchmarkError(f"{path}: expected figures that --json wrote, found something else") from error
        merged.rounds.update(rounds)
    return merged


def case_table(rounds: Iterable[Rounds]) -> str:
    """What each case of a section takes."""
    taken: dict[str, list[Figures]] = {}
    for of_round in (of_round for of_group in rounds for of_round in of_group):
        for name, figures in of_round.items():
            taken.setdefault(name, []).append(figures)
    rows = []
    for name, runs in taken.items():
        cpu, elapsed = median(run.cpu for run in runs), median(run.elapsed for run in runs)
        size = runs[0].size
        speed = f"{size / cpu / 1e6:.2f}" if size and cpu else "-"
        peak = max(run.peak for run in runs)
        shown = f"{size / 1e6:.1f}" if size else "-"
        rows.append([name, shown, f"{cpu:.3f}", f"{elapsed:.2f}", speed, f"{peak / 1e6:.0f}"])
    return markdown(["case", "MB", "CPU s", "whole process, elapsed s", "MB / CPU s", "peak MB"], rows)


def judged(rounds: dict[str, Rounds], sections: Iterable[str]) -> Iterator[tuple[Goal, str, list[float]]]:
    """Every comparison of some sections, what it is with, and its figure in each round."""
    for group in sorted(GROUPS, key=lambda group: list(SECTIONS).index(group.section)):
        if group.section in sections:
            for goal in group.goals:
                taken = rounds.get(group.name, [])
                yield goal, goal.beside(taken), goal.figure(taken)


def goal_table(rounds: dict[str, Rounds], sections: Iterable[str]) -> str:
    """Every comparison that was measured, and which goals are met."""
    rows = []
    for goal, beside, figure in judged(rounds, sections):
        if figure:
            met = "-" if goal.limit is None else "yes" if goal.is_met(figure) else "**no**"
            rows.append([goal.point, goal.ours, beside, goal.what.title, *goal.shown(figure), met])
    return markdown(["point", "ours", "beside", "what", "all rounds", "from, to", "goal", "met"], rows)


def missed_goals(rounds: dict[str, Rounds], sections: Iterable[str] = SECTIONS) -> Iterator[str]:
    """The goals that were measured and are missed."""
    for goal, beside, figure in judged(rounds, sections):
        if figure and not goal.is_met(figure):
            found, _, limit = goal.shown(figure)
            yield f"point {goal.point}: {goal.ours} beside {beside}: {goal.what.title} {found}, the goal is {limit}"


def notes(results: Results, sections: Iterable[str]) -> Iterator[str]:
    """What was left out, and the goals that could not be judged for it."""
    for name, reason in results.left_out.items():
        yield f"{name} is left out: {reason}"
    for goal, beside, figure in judged(results.rounds, sections):
        if not figure and goal.limit is not None:
            yield f"not judged, point {goal.point}: {goal.ours} beside {beside}"


def report(results: Results, sections: Sequence[str]) -> str:
    """All tables, and what is not in them."""
    parts = [", ".join(f"{name} {value}" for name, value in results.about.items())]
    for section in sections:
        names = [group.name for group in GROUPS if group.section == section]
        if groups := [results.rounds[name] for name in names if name in results.rounds]:
            parts.append(f"#### {SECTIONS[section]}\n\n{case_table(groups)}")
    parts.append(f"#### Goals and ratios\n\n{goal_table(results.rounds, sections)}")
    parts.append("\n".join(f"- {note}" for note in notes(results, sections)))
    return "\n\n".join(part for part in parts if part)


# ------------------------------------------------------------------------------------------------ command line


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--text98", type=Path, metavar="FILE", help="some 98 MB of UTF-8 text (default: generated)")
    options.add_argument("--text16", type=Path, metavar="FILE", help="some 16 MB (default: the beginning of the other)")
    options.add_argument("--size", type=parse_size, default=SIZE98, help="of generated text (default: 98MB)")
    options.add_argument("--original", type=Path, metavar="DIR", help="where nlp-zero 0.1.6 is installed")
    options.add_argument(
        "--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION", help=", ".join(SECTIONS)
    )
    options.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (default: 5)")
    options.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, after each group")
    options.add_argument(
        "--from", nargs="+", type=Path, metavar="FILE", dest="read", help="measure nothing: take what --json wrote"
    )
    options.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the ratios (needs matplotlib)")
    options.add_argument("--check", action="store_true", help="exit with 1 if a goal is missed")
    return options


def measure(options: argparse.Namespace) -> Results:
    """Measure the sections that are asked for."""
    cases = {case.name: case for case in CASES}
    groups = [group for group in GROUPS if group.section in options.only]
    found = json.loads(helper("probe").printed.splitlines()[0])
    about = environment() | found["about"]
    reasons = {name: why_not(cases[name], found, options.original) for group in groups for name in group.cases}
    left_out = {name: reason for name, reason in reasons.items() if reason}
    used = [cases[name] for name, reason in reasons.items() if not reason]
    about |= {case.package: version(case.package) for case in used if case.package}
    results = Results(about, {}, left_out)
    with tempfile.TemporaryDirectory() as folder:
        needed = {name for case in used for name in (*case.needs, case.measured)}
        inputs = prepared_inputs(options, Path(folder), needed)
        for group in groups:
            rounds = group.rounds or options.runs
            results.rounds[group.name] = list(measured(group, inputs, rounds, results.left_out))
            if options.json:
                write_results(results, options.json)
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = parser().parse_args(arguments)
    if options.runs < 1:
        parser().error("--runs: expected one round or more")
    for option, path in (("--json", options.json), ("--plot", options.plot)):
        if path and not path.absolute().parent.is_dir():  # said at once, not after hours
            parser().error(f"{option}: no such directory: {path.parent}")
    if options.plot and not find_spec("matplotlib"):
        parser().error("--plot: matplotlib is not installed (pip install '.[bench]')")
    try:
        results = read_results(options.read) if options.read else measure(options)
        print(report(results, options.only))
        if options.plot:
            from peer_plot import bars, draw

            draw(bars(results.rounds), options.plot)
    except (BenchmarkError, OSError, ImportError) as error:
        print(f"peers.py: {error}", file=sys.stderr)
        return 1
    missed = list(missed_goals(results.rounds, options.only))
    for goal in missed:
        print(f"peers.py: missed {goal}", file=sys.stderr)
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
