"""The benchmark programs run, say what they leave out, and are described as they are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from nlp_zero import cli, core_name
from nlp_zero.core import core_problem
from nlp_zero.words.finder import METHODS, WordFinder

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"
DOCUMENTS = sorted(BENCHMARKS.glob("*.md"))
PROGRAMS = ("run", "quality", "memory", "peers")


def started(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a benchmark program as a user would."""
    command = [sys.executable, str(BENCHMARKS / f"{program}.py"), *map(str, arguments)]
    # What this process imports, its children import too, wherever they run.
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return __import__("run")


@pytest.fixture
def quality(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return __import__("quality")


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return __import__("quality_texts")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return __import__("memory")


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return __import__("peers")


def tables(markdown: str) -> list[list[list[str]]]:
    """The cells of all tables, headers included, without the rule below them."""
    found: list[list[list[str]]] = []
    for block in re.findall(r"(?:^\|.*\n)+", markdown, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        found.append([rows[0], *rows[2:]])
    return found


# ------------------------------------------------------------------------------------------------------- memory


def test_memory_is_measured() -> None:
    done = started("memory", "--size", "200KB", "--limit", "-", "64MB", "--jobs", "1", "--runs", "1", "--check")
    assert (done.returncode, done.stderr.strip()) == (0, "")
    header, *rows = tables(done.stdout)[0]
    assert header[:2] == ["--memory", "--jobs"] and [row[:2] for row in rows] == [["-", "1"], ["64MB", "1"]]
    assert all(float(cell) > 0 for row in rows for cell in row[2:])


def test_missed_goals_of_memory_are_named(memory: ModuleType) -> None:
    slow = [memory.Run("-", 1, 10, 10, 10**9), memory.Run("-", 2, 8, 12, 10**9), memory.Run("64MB", 1, 9, 9, 10**9)]
    assert list(memory.missed(slow)) == [
        "1000 MB under a limit of 64MB with 1 workers",
        "two workers are 1.25 times as fast as one",
    ]
    assert list(memory.missed([slow[0], memory.Run("-", 2, 6, 12, 10**9), memory.Run("64MB", 1, 9, 9, 10**7)])) == []


# ------------------------------------------------------------------------------------------------------- speed


def test_speed_is_measured(run: ModuleType, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    sizes = ("--size", "30KB", "--slope", "20KB", "40KB")
    done = started("run", *sizes, "--runs", "1", "--core", core_name, "--json", figures)
    assert (done.returncode, done.stderr.count("slope")) == (0, 4), done.stderr
    speed, slope = tables(done.stdout)
    assert [row[0] for row in speed[1:]] == [case.name for case in run.CASES]
    assert {row[1] for row in speed[1:]} == {"-", core_name}
    assert all(float(row[2]) >= 0 and float(row[4]) > 5 for row in speed[1:])
    assert [row[0] for row in slope[1:]] == ["discover", "discover pmi", "train", "segment"]
    written = json.loads(figures.read_text(encoding="utf-8"))
    assert written["about"]["nlp_zero"].endswith(f"core: {core_name}") or core_name == "python"
    assert [case["case"] for case in written["cases"]] == [row[0] for row in speed[1:]]
    assert all(30_000 <= case["size"] < 40_000 for case in written["cases"] if case["case"] == "discover")
    assert len(written["slopes"]) == 4


def test_speed_of_a_given_text(tmp_path: Path) -> None:
    text = tmp_path / "my text.txt"
    text.write_text("变压器油温过高。\n检查变压器油温！\n" * 100, encoding="utf-8")
    arguments = ("--text", text, "--case", "discover", "--runs", "1", "--core", core_name)
    done = started("run", *arguments)
    assert done.returncode == 0, done.stderr
    assert [row[:2] for row in tables(done.stdout)[0][1:]] == [["discover", core_name]]
    done = started("run", *arguments, "--slope", "1KB", "1MB")
    assert done.returncode == 1
    assert "give a longer --text" in done.stderr
    assert "core" not in done.stderr, "found out before anything is measured"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--text", "missing.txt"), 1, "missing.txt"),
        (("--size", "much"), 2, "expected a size such as 200KB or 8MB, found 'much'"),
        (("--slope", "1MB"), 2, "at least two sizes"),
        (("--case", "nothing"), 2, "invalid choice"),
    ],
)
def test_wrong_use_of_run(arguments: tuple[str, ...], status: int, message: str) -> None:
    done = started("run", *arguments)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_growth_is_per_doubling(run: ModuleType) -> None:
    assert run.Slope("discover", "c", (10, 20, 80), (1.0, 2.5, 10.0)).growth == pytest.approx((2.5, 2.0))


def measured_at(run: ModuleType, factor: float, *cores: str) -> list[Any]:
    """All that the goals are about, each time as many times its limit; what is no core is measured, too."""
    seconds = {("counter loop", "-"): 1.0}
    for goal in run.GOALS:
        seconds[goal.case] = seconds.setdefault(goal.other, 1.0) * goal.limit * factor
    return [run.Measured(*case, 1000, time, 1) for case, time in seconds.items() if case[1] in ("-", *cores)]


def slopes_of(run: ModuleType, seconds: float) -> list[Any]:
    """All that grows, with this time for twice the text."""
    return [run.Slope(case, "c", (10, 20), (1.0, seconds)) for case in run.GROWING]


def test_goals_can_be_missed(run: ModuleType) -> None:
    assert list(run.missed_goals(measured_at(run, 0.99, "c", "python"), slopes_of(run, 2.19))) == []
    missed = list(run.missed_goals(measured_at(run, 1.01, "c", "python"), slopes_of(run, 2.2)))
    assert [int(goal.removeprefix("goal ").split(":")[0]) for goal in missed] == [
        *(goal.number for goal in run.GOALS),
        *(2 for _ in run.GROWING),
    ]
    assert "goal 3: discover on core c takes 8.16 s, discover pmi 1.01 s, 8.08 times as long" in missed[1]
    # What was not measured is not met; the Python core need not be measured.
    assert len(list(run.missed_goals([], []))) == sum(goal.case[1] == "c" for goal in run.GOALS) + len(run.GROWING)
    assert list(run.missed_goals(measured_at(run, 0.99, "c"), slopes_of(run, 2.19))) == []


def test_lines_of_equal_length(run: ModuleType, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("变压器油温\n" * 50, encoding="utf-8")
    lines = run.run_cases.cut(text)
    assert [len(line) for line in lines] == [100, 100, 50]
    assert "".join(lines) == "变压器油温" * 50


# ------------------------------------------------------------------------------------------------------- peers


def taken_by(peers: ModuleType, factor: float) -> dict[str, Any]:
    """For every group two rounds in which each goal is reached as many times as `factor` says."""
    rounds: dict[str, Any] = {}
    reported = sys.modules["peer_goals"].REPORTED
    for group in peers.GROUPS:
        taken = dict.fromkeys(group.cases, peers.Figures(1.0, 1.0, 10**9, 10**6))
        for goal in group.goals:
            if goal.limit is None:
                continue
            ours, limit = taken[goal.ours], goal.limit
            rival = reported.get(goal.rival) or taken.get(goal.rival, ours)
            reached = limit * factor if goal.what.least else limit / factor
            change = {
                "speed": {"cpu": ours.size / rival.size * rival.cpu / reached},
                "speed by the clock": {"elapsed": rival.elapsed / reached},
                "same output (1: yes)": {"digest": "" if factor > 1 else "another"},
                "share of its memory": {"peak": rival.peak * reached},
                "peak memory": {"peak": reached * 1e6},
                "CPU time beyond": {"cpu": rival.cpu + reached / 1000},
                "CPU time": {"cpu": reached / 1000},
            }[goal.what.title]
            taken[goal.ours] = replace(ours, **change)
        rounds[group.name] = [{name: taken[name] for name in group.cases if name not in reported}] * 2
    return rounds


def test_goals_of_peers_are_met_or_missed(peers: ModuleType) -> None:
    goals = [goal for group in peers.GROUPS for goal in group.goals if goal.limit is not None]
    assert {goal.point for goal in goals} == {1, 2, 3, 4, 5, 6}
    assert list(peers.missed_goals(taken_by(peers, 1.01))) == []
    missed = list(peers.missed_goals(taken_by(peers, 0.99)))
    assert [(line[6], line.split(": ")[1].split(" beside ")[0]) for line in missed] == [
        (str(goal.point), goal.ours) for goal in goals
    ]
    assert missed[0].endswith("LexiconSegmenter.words beside rjieba.cut: speed 1.98x, the goal is ≥ 2x")
    assert "KenLM, order 4 (as reported)" in "".join(missed)
    assert list(peers.missed_goals(taken_by(peers, 0.99), ["jobs"])) == [line for line in missed if "point 4" in line]
    assert list(peers.missed_goals({})) == [], "what was not measured is not missed"


def test_ratios_are_of_rounds(peers: ModuleType) -> None:
    """Noise that doubles the time of one whole round changes nothing."""
    goal = peers.GROUPS[0].goals[0]
    quick, noisy = (
        {goal.ours: peers.Figures(cpu, cpu, 1, 100), goal.rival: peers.Figures(cpu, cpu, 1, 50)} for cpu in (1.0, 2.0)
    )
    slower = {goal.ours: peers.Figures(4.0, 4.0, 1, 100), goal.rival: quick[goal.rival]}
    assert goal.figure([quick, noisy, slower]) == [2.0, 2.0, 0.5]
    assert goal.is_met([2.0, 2.0, 0.5]) and not goal.is_met([2.0, 0.5, 0.5])
    assert goal.shown([2.0, 2.0, 0.5]) == ("2x", "0.5 to 2", "≥ 2x")
    assert goal.figure([{goal.ours: quick[goal.ours]}]) == []


def test_every_case_of_peers_is_compared(peers: ModuleType) -> None:
    names = {case.name for case in peers.CASES}
    used = {name for group in peers.GROUPS for name in group.cases}
    assert names == used
    for group in peers.GROUPS:
        assert group.section in peers.SECTIONS
        assert {name for goal in group.goals for name in (goal.ours, goal.rival or goal.ours)} <= set(group.cases)


def test_what_is_missing_is_said(peers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers.peer_cases, "find_spec", lambda name: None)
    monkeypatch.setattr(peers, "which", lambda name: None)
    found = {"no C core": "it is not built", "compiled": False}
    reasons = {case.name: peers.why_not(case, found, None) for case in peers.CASES}
    assert reasons["rjieba.cut"] == "rjieba is not installed (pip install '.[bench]')"
    assert reasons["LexiconSegmenter.words"] == "no C core: it is not built"
    assert "pip install --no-deps --target DIR nlp-zero==0.1.6" in reasons["nlp-zero 0.1.6, 98 MB"]
    assert "count_ngrams" in reasons["KenLM, order 4"]
    assert reasons["LexiconSegmenter.words, numpy"] == reasons["Counter loop"] == ""
    found = {"no C core": "", "compiled": False}
    [compiled] = [case for case in peers.CASES if "compiled" in case.needs]
    assert peers.why_not(compiled, found, None) == "LexiconSegmenter has no save and load"
    results = peers.Results({}, {}, {name: reason for name, reason in reasons.items() if reason})
    printed = peers.report(results, ["words"])
    assert "- rjieba.cut is left out: rjieba is not installed" in printed
    assert "- not judged, point 1: JointSegmenter.words beside rjieba.cut" in printed


def test_figures_of_several_runs_together(
    peers: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    rounds = taken_by(peers, 0.5)
    for path, sections in zip(files, (["words"], ["numpy", "start"])):
        part = {group.name: rounds[group.name] for group in peers.GROUPS if group.section in sections}
        peers.write_results(peers.Results({"python": "3"}, part, {}), path)
    assert peers.read_results(files).rounds.keys() == {
        group.name for group in peers.GROUPS if group.section in ("words", "numpy", "start")
    }
    assert peers.main(["--from", *map(str, files)]) == 0
    printed = capsys.readouterr()
    assert "missed point 1" in printed.err and "missed point 3" not in printed.err
    assert [len(table[0]) for table in tables(printed.out)] == [6, 6, 6, 8]
    assert "- not judged, point 4: discover --jobs 2 beside discover --jobs 1" in printed.out
    assert peers.main(["--from", *map(str, files), "--check"]) == 1
    assert peers.main(["--from", *map(str, files), "--check", "--only", "jobs"]) == 0
    capsys.readouterr()
    files[1].write_text("[]", encoding="utf-8")
    assert peers.main(["--from", *map(str, files)]) == 1
    assert "second.json: expected figures that --json wrote" in capsys.readouterr().err


def test_bars_of_the_plot(peers: ModuleType, tmp_path: Path) -> None:
    plot = __import__("peer_plot")
    data = plot.bars(taken_by(peers, 1.0))
    assert [bar.section for bar in data] == sorted((bar.section for bar in data), key=list(peers.SECTIONS).index)
    assert {bar.section for bar in data} == set(plot.COLOURS)
    assert all(a.ratio >= b.ratio for a, b in zip(data, data[1:]) if a.section == b.section)
    assert plot.Bar("discovery", "discover, 16 MB", "SentencePiece unigram", pytest.approx(20)) in data
    if find_spec("matplotlib"):
        for name in ("first.svg", "second.svg"):
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", DRAW, BENCHMARKS, tmp_path / name], check=False
            )
            assert done.returncode == 0
        drawn = (tmp_path / "first.svg").read_bytes()
        assert drawn == (tmp_path / "second.svg").read_bytes()
        assert b"1.5\xc3\x97" in drawn and len(drawn) < 100_000


DRAW = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from peer_plot import Bar, draw
draw([Bar("words", "ours", "theirs", 1.5), Bar("numpy", "ours", "theirs", 0.1)], Path(sys.argv[2]))
"""


def test_plot_in_the_readme_is_small_and_described() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [(alt, target)] = re.findall(r"!\[([^]]+)\]\((benchmarks/[^)]+)\)", text)
    assert len(alt) > 50 and (ROOT / target).stat().st_size < 100_000


@pytest.fixture
def small(peers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments that measure a small text once, with nothing that is not part of Python or needed by the package."""
    monkeypatch.setattr(peers.peer_cases, "find_spec", lambda name: None)
    monkeypatch.setattr(peers, "which", lambda name: None)
    text = tmp_path / "text.txt"
    text.write_text("变压器油温过高。\n检查变压器油温！\n" * 300, encoding="utf-8")
    return ["--text98", str(text), "--text16", str(text), "--runs", "1"]


SMALL = {
    "words": ["LexiconSegmenter.words"],
    "counting": ["count_ngrams, order 2", "np.unique with counts", "Counter loop", "NgramCounts, order 4"],
    "discovery": ["discover --method pmi, 98 MB"],
    "jobs": ["segment -l --jobs 1", "segment -l --jobs 2"],
    "start": ["import numpy", "import numpy, nlp_zero"],
    "numpy": ["LexiconSegmenter.words, numpy"],
}


@pytest.mark.parametrize("section", SMALL)
def test_each_section_of_peers(
    peers: ModuleType,
    small: list[str],
    section: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Every case is a process; some are enough.
    few = [
        replace(group, cases=tuple(name for name in group.cases if name in SMALL[section]), rounds=1)
        for group in peers.GROUPS
    ]
    monkeypatch.setattr(peers, "GROUPS", [group for group in few if group.cases])
    status = peers.main([*small, "--only", section, "--json", str(tmp_path / "figures.json")])
    printed = capsys.readouterr()
    assert status == 0, printed.err
    if core_problem() and section not in ("numpy", "start"):
        assert "is left out: no C core: " in printed.out
        return
    cases = tables(printed.out)[0]
    assert sorted(row[0] for row in cases[1:]) == sorted(SMALL[section])
    assert all(float(row[2]) >= 0 and float(row[5]) > 5 for row in cases[1:])
    read = peers.read_results([tmp_path / "figures.json"])
    assert [figures.size for rounds in read.rounds.values() for taken in rounds for figures in taken.values()] == [
        0 if section == "start" else (tmp_path / "text.txt").stat().st_size for _ in SMALL[section]
    ]
    if section == "jobs":
        assert ["4", "segment -l --jobs 2", "segment -l --jobs 1", "same output (1: yes)", "1"] in [
            row[:5] for row in tables(printed.out)[1]
        ]


def test_a_rival_that_fails_is_left_out(
    peers: ModuleType, small: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = peers.PeerCase("np.unique", plain=True, code="raise SystemExit('no numbers')")
    cases = [broken if case.name == broken.name else case for case in peers.CASES]
    monkeypatch.setattr(peers, "CASES", cases)
    monkeypatch.setattr(peers, "GROUPS", [peers.Group("counting", ("np.unique", "Counter loop"))])
    assert peers.main([*small, "--only", "counting"]) == 0
    printed = capsys.readouterr().out
    assert "np.unique is left out: it failed: exit status 1" in printed and "no numbers" in printed
    assert [row[0] for row in tables(printed)[0][1:]] == ["Counter loop"]


def test_lexicons_of_a_given_size(peers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = sys.modules["peer_inputs"]
    monkeypatch.setattr(cases, "WORDS", 5)
    inputs = cases.Inputs(*(tmp_path / name for name in cases.Inputs.__slots__))
    inputs.out.write_text("word\tcount\tgain\n检查\t5\t1.0\n油温\t3\t0.5\n", encoding="utf-8")
    cases.make_lexicon(inputs)()
    words = dict(line.split("\t") for line in inputs.lexicon.read_text(encoding="utf-8").splitlines())
    assert len(words) == 5 and words["检查"] == "5"
    assert list(cases.made_up_words(50)) == list(cases.made_up_words(60))[:50]
    assert len(set(cases.made_up_words(5000))) == 5000


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--only", "nothing"), 2, "invalid choice"),
        (("--runs", "0"), 2, "expected one round or more"),
        (("--json", "none/figures.json"), 2, "--json: no such directory: none"),
        (("--text98", "missing.txt", "--text16", "missing.txt", "--only", "counting"), 1, "missing.txt"),
        (("--from", "missing.json"), 1, "missing.json"),
    ],
)
def test_wrong_use_of_peers(arguments: tuple[str, ...], status: int, message: str) -> None:
    done = started("peers", *arguments)
    assert done.returncode == status
    assert message in done.stderr
    assert "Traceback" not in done.stderr


# ----------------------------------------------------------------------------------------------------- quality


def test_quality_of_generated_text(quality: ModuleType) -> None:
    done = started("quality", "--sizes", "20KB", "60KB", "--core", core_name)
    assert done.returncode == 0, done.stderr
    table, planted = tables(done.stdout)
    methods = quality.parser().get_default("methods")
    assert methods == tuple("train" if method == "joint" else method for method in METHODS)
    assert [tuple(row[:2]) for row in table[1:]] == list(product(["0.02 MB", "0.06 MB"], methods))
    assert all(0 < float(row[i]) < 1 for row in table[1:] for i in (2, 3, 4, 7, 8, 9))
    assert [row[:2] for row in planted[1:]] == [
        [noise, words] for noise in ("0", "0.2", "0.5") for words in ("known", "learnt")
    ]
    assert all(0 <= float(row[i]) <= 1 for row in planted[1:] for i in range(4, 8))


def test_missing_files_are_named(quality: ModuleType, tmp_path: Path) -> None:
    done = started("quality", "--data", tmp_path, "--sizes", "20KB")
    assert done.returncode == 0, done.stderr
    sections = done.stdout.split("### ")[1:]
    assert len(sections) == len(quality.TABLES)
    for table, section in zip(quality.TABLES, sections):
        assert section.startswith(table.title)
        assert re.findall("`(.*?)`", section) == list(table.needs)
        assert ("Left out" in section) == bool(table.needs) != bool(tables(section))


def test_a_table_asked_for_must_be_there(tmp_path: Path) -> None:
    done = started("quality", "--data", tmp_path, "--only", "novel")
    assert (done.returncode, done.stderr) == (1, "")
    assert "Left out" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "none"), "--data: no such directory: none"),
        (("--json", "none/figures.json"), "--json: no such directory: none"),
        (("--methods", "guess"), "invalid choice"),
    ],
)
def test_wrong_use_of_quality(
    quality: ModuleType, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(SystemExit) as error:
        quality.main(arguments)
    assert error.value.code == 2
    assert message in capsys.readouterr().err


@pytest.fixture
def planted(quality: ModuleType, tmp_path: Path) -> Path:
    """A data directory with all files, made of generated text."""
    made = tmp_path / "made"
    quality.synthetic_text(60_000, made)
    contents = {"gold": "segmented", "seg": "segmented", "raw": "text", "full": "text"}
    for name in {name for table in quality.TABLES for name in table.needs}:
        kind = next((of for part, of in contents.items() if f"_{part}." in name), "text")
        target = tmp_path / "data" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made / ("lexicon.tsv" if "words" in name else f"{kind}.txt"), target)
    said = ["喜欢下雨", "去看花", "不曾来", "回家", "说明天再谈", "写诗", "忙着吃饭", "睡着"]
    novel = "".join(
        f"{name}{did}，{before}{name}。\n" for did in said for before in "问找请等" for name in ("宝玉", "袭人")
    )
    for name in (quality.NOVEL, quality.LAWS):
        (tmp_path / "data" / name).write_text(novel, encoding="utf-8")
    (tmp_path / "data" / quality.DICTIONARY).write_text("设备 3 n\n宝玉 3 nr\n", encoding="utf-8")
    return tmp_path / "data"


Measure = Callable[..., tuple[str, dict[str, Any]]]


@pytest.fixture
def measured(
    quality: ModuleType, planted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Measure:
    """Makes tables of the planted data, by the default method alone: what is printed, and its figures as JSON."""

    def measure(*tables: str, method: str = WordFinder().method) -> tuple[str, dict[str, Any]]:
        figures = planted / "figures.json"
        options = ("--methods", method, "--characters", "5000", "60000", "--json", str(figures))
        assert quality.main(["--data", str(planted), "--only", *tables, *options]) == 0
        return capsys.readouterr().out, json.loads(figures.read_text(encoding="utf-8"))["tables"]

    def run(setting: object, *arguments: object) -> str:
        assert cli.main([*map(str, arguments)]) == 0
        return ""

    # Processes take most of the time; another test runs them.
    monkeypatch.setattr(quality.Setting, "run", run)
    return measure


def jieba_of(lcut: Callable[..., list[str]]) -> SimpleNamespace:
    """What quality.py uses of jieba."""
    return SimpleNamespace(__version__="9.9", lcut=lcut, setLogLevel=str, dt=SimpleNamespace())


def test_tables_of_segmentations(quality: ModuleType, measured: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    # This one takes a line for one word, which is hardly ever right, or each character, which sometimes is.
    jieba = jieba_of(lambda line, HMM: [line] if HMM else list(line))
    monkeypatch.setitem(sys.modules, "jieba", jieba)
    printed, _ = measured("bakeoff", "sizes", "domains")
    bakeoff, sizes, domains = tables(printed)
    method = WordFinder().method
    systems = [method, "jieba 9.9 (dictionary), HMM on", "jieba 9.9 (dictionary), HMM off"]
    tests = list(product(["MSR test", "PKU test"], systems))
    assert [tuple(row[:2]) for row in bakeoff[1:]] == [*tests, ("People's Daily (development)", method)]
    assert [row[:2] for row in domains[1:]] == [["dm_test", method], ["pt_test", method]]
    ours = [row for row in [*bakeoff[1:], *domains[1:]] if row[1] == method]
    assert all(0 < float(cell) <= 1 for row in ours for cell in row[2:5])
    assert [row[5] == "-" for row in ours] == [False, False, True, True, True]
    whole, single = bakeoff[2:4]
    assert float(whole[4]) < 0.1 < float(single[4])

    assert [row[0] for row in sizes[1:]] == ["0.005 M", "0.06 M"]
    assert [float(row[1]) for row in sizes[1:]] == pytest.approx([5_000, 60_000], rel=0.02)
    assert all(0 < float(cell) <= 1 for row in sizes[1:] for cell in row[3:])


def test_models_make_tables(quality: ModuleType, measured: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str, ...]] = []
    started = quality.Setting.run

    def run(setting: object, *arguments: object) -> str:
        commands.append(tuple(map(str, arguments)))
        said: str = started(setting, *arguments)
        return said

    monkeypatch.setattr(quality.Setting, "run", run)
    monkeypatch.setattr(quality, "MAX_LENGTHS", (None, 16))
    printed, figures = measured("domains", "supervised", "adapt", "lexicon", "terms-long", method="train")
    assert {name for name, *_ in commands} == {"train", "segment"}
    assert all("-m" in command and "-l" not in command for command in commands if command[0] == "segment")
    models = [command[-1] for command in commands if command[0] == "train"]
    assert len(models) == len(set(models)), "one model is made once"

    domains, supervised, adapt, lexicon, terms = tables(printed)
    taggers = ["train --hmm 1 --segmented", "train --hmm 2 --segmented"]
    assert [tuple(row[:2]) for row in supervised[1:]] == list(product(["MSR test", "PKU test"], taggers))
    assert supervised[0][-2:] == ["OOV recall", "IV recall"]
    # The planted gold standards are the text that these learn from: there are no unknown words.
    assert all((row["OOV recall"], row["IV recall"]) == (0, row["R"]) for row in figures["supervised"]["rows"])
    assert [tuple(row[:2]) for row in adapt[1:]] == list(product(["dm_test", "pt_test"], ["train", taggers[1]]))
    assert all(0 < float(cell) <= 1 for row in adapt[1:] for cell in row[2:])
    assert [row[3] for row in adapt[1::2]] == [row[3] for row in adapt[2::2]] == [row[4] for row in domains[1:]]
    assert lexicon[1][1] == "train" and 0 < float(lexicon[1][6]) < 1
    assert [row[:2] for row in terms[1:]] == [["train", "default"]], "it has no option for longer words"


def test_tables_of_words(quality: ModuleType, measured: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "LONG_WORDS", ("宝玉", "不曾有过"))
    printed, figures = measured("lexicon", "novel", "dictionary", "terms-long", "fragments")
    lexicon, novel, dictionary, terms, fragments = tables(printed)
    method = WordFinder().method
    assert lexicon[1][-2:] == ["-", "-"]  # not a thousand words
    assert novel[1][:2] == [method, "2 of 6"]
    assert [rank == "-" for rank in novel[1][2:]] == [name not in ("宝玉", "袭人") for name in quality.NAMES]
    (words,) = re.findall(f"^{method}, the first 100: `(.*)`$", printed, re.MULTILINE)
    assert words.split(" ").index("宝玉") + 1 == int(novel[1][2])
    assert [row[0] for row in dictionary[1:]] == ["红楼梦", "People's Daily"]

    assert [row[:2] for row in terms[1:]] == [[method, "default"], [method, "16"]]
    assert terms[1][2] == novel[1][2]  # the planted laws are the planted novel
    assert [row[4:6] for row in terms[1:]] == [["-", "-"]] * 2
    assert all(0 < float(cell) <= 1 for row in terms[1:] for cell in row[7:])

    (suspects,) = re.findall(f"^{method}, they are: `(.*)`$", printed, re.MULTILINE)
    assert suspects.split(" ") == [word for word in words.split(" ") if word != "宝玉"]
    assert fragments[1] == [method, str(len(words.split(" "))), str(len(suspects.split(" ")))]

    assert list(figures) == ["lexicon", "novel", "dictionary", "terms-long", "fragments"]
    assert figures["novel"]["rows"][0]["宝玉"] == int(novel[1][2])
    assert f"{figures['lexicon']['rows'][0]['F']:.4f}" == lexicon[1][6]
    assert figures["terms-long"]["rows"][0]["不曾有过 rank"] is None


def test_without_jieba(quality: ModuleType, measured: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    monkeypatch.setattr(quality, "GOLDS", quality.GOLDS[:1])
    printed, figures = measured("bakeoff")
    assert printed.endswith(" |\n\njieba is not installed: no row.\n\n")
    assert [row["method"] for row in figures["bakeoff"]["rows"]] == [WordFinder().method]


@pytest.mark.parametrize(
    ("characters", "taken"),
    [
        (0, []),
        (4, ["aa乙乙\n", "aa丁丁\n"]),
        (8, ["甲甲\n", "aa乙乙\n", "丙丙\n", "aa丁丁\n"]),
        (10, ["甲甲\n", "aa乙乙\n", "丙丙\n", "aa丁丁\n", "己\n", "辛\n"]),
        (99, ["甲甲\n", "aa乙乙\n", "丙丙\n", "aa丁丁\n", "戊\n", "己\n", "庚\n", "辛\n"]),
    ],
)
def test_text_of_a_size(texts: ModuleType, tmp_path: Path, characters: int, taken: list[str]) -> None:
    for name, text in (("first", "甲甲\naa乙乙\n丙丙\naa丁丁\n"), ("second", "戊\n己\n庚\n辛")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(texts.sampled([tmp_path / "first", tmp_path / "second"], characters)) == taken


def test_short_training_text_is_without_the_tests(texts: ModuleType, planted: Path, tmp_path: Path) -> None:
    (planted / texts.PEOPLES_DAILY).write_text("日报\n" * 50, encoding="utf-8")
    for gold in texts.BAKEOFF:
        (planted / gold.path).write_text("测 试\n" * 5, encoding="utf-8")
    for name in texts.MORE_TEXT:
        (planted / name).write_text(f"{name}新闻\n" * 10, encoding="utf-8")
    setting = texts.Setting(planted, tmp_path, "", (), (), ())
    made = {size: texts.training_text(setting, size) for size in (30, 100, 130, 999)}
    contents = {size: path.read_text(encoding="utf-8") for size, (path, _) in made.items()}
    assert {size: used for size, (_, used) in made.items()} == {30: 30, 100: 120, 130: 130, 999: 220}
    assert contents[30] == "日报\n" * 15
    assert contents[100] == "日报\n" * 50 + "测试\n" * 10
    assert contents[130] == contents[100] + f"{texts.MORE_TEXT[0]}新闻\n" * 5
    assert contents[999].count("新闻") == 50


def test_one_or_two_words_of_a_dictionary(texts: ModuleType) -> None:
    known = {"人民", "政府", "法", "办法", "人民政府"}
    explained = {
        word
        for word in ("法", "人民政府", "政府办法", "政府法", "人民政府办法", "民政府")
        if texts.is_one_or_two(word, known)
    }
    assert explained == {"法", "人民政府", "政府办法", "人民政府办法"}


def test_numbers_count_as_one_character(quality: ModuleType, tmp_path: Path) -> None:
    from nlp_zero import Lexicon

    Lexicon.from_counts({"<NUM>年": 3, "<NUM>": 9, "<LAT>": 9, "年": 5, "设备": 8}).save(tmp_path / "words.tsv")
    assert sorted(quality.multi_character_words(tmp_path / "words.tsv")) == ["<NUM>年", "设备"]


# --------------------------------------------------------------------------------------------------- documents


def code(text: str) -> Iterator[str]:
    """Inline code, and lines of fenced blocks."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    yield from (line for block in fenced for line in block.replace("\\\n", " ").splitlines())
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_files_that_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    linked = [BENCHMARKS / target for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text)]
    named = [
        ROOT / name for piece in code(text) for name in re.findall(r"(?:benchmarks|corpora|nlp_zero)/[\w./]+", piece)
    ]
    assert linked
    assert [path for path in [*linked, *named] if not path.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_options_in_documents_exist(
    run: ModuleType, quality: ModuleType, memory: ModuleType, peers: ModuleType, document: Path
) -> None:
    programs = {"run": run, "quality": quality, "memory": memory, "peers": peers}
    parsers = {name: program.parser() for name, program in programs.items()}
    for piece in code(document.read_text(encoding="utf-8")):
        for program in PROGRAMS:
            if f"benchmarks/{program}.py" in piece:
                used = set(re.findall(r"(?<!\S)--[a-z][a-z0-9-]*", piece))
                assert used <= set(parsers[program]._option_string_actions), piece


def test_needed_files_are_described(quality: ModuleType) -> None:
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    needed = {name for table in quality.TABLES for name in table.needs}
    assert sorted(name for name in needed if f"`{name}`" not in text) == []
    named = {
        name
        for name in re.findall(r"`([\w/]+\.(?:utf8|txt|tsv))`", text)
        if name.split("/")[0] in quality_folders(needed)
    }
    assert sorted(named - needed) == []


def quality_folders(names: set[str]) -> set[str]:
    """The folders of a data directory."""
    return {name.split("/")[0] for name in names}
