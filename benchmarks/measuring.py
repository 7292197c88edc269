"""What the benchmark programs share: measuring processes, texts of a size, tables.

The package is imported in child processes only: a child's peak memory is never below its parent's at the start.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

GENERATOR = Path(__file__).resolve().parent.parent / "corpora" / "generate.py"

Job = Callable[[], object]


class BenchmarkError(Exception):
    """A measurement could not be made."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took.

    Attributes
    ----------
    cpu, elapsed
        Seconds: user and system time of the process and of those it has waited for; and by the clock.
    peak
        The greatest resident size of the process, in bytes.
    printed
        What it wrote to standard output.
    """

    cpu: float
    elapsed: float
    peak: int
    printed: str


def spent(command: Sequence[str], core: str = "") -> Spent:
    """Run a command, on the core named, and say what it took.

    Without the idle threads of numpy's linear algebra, which wait for work in loops: nothing here has any for them.
    """
    environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ, **({"NLP_ZERO_CORE": core} if core else {})}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            last = err.read().decode(errors="replace").strip().splitlines()[-1:] or ["it printed nothing"]
            raise BenchmarkError(f"exit status {process.returncode} of {' '.join(command)}: {last[0]}")
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Spent(usage.ru_utime + usage.ru_stime, elapsed, peak, out.read().decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Case:
    """Something to measure, on inputs that are a dataclass of paths.

    Attributes
    ----------
    name
        What it is called.
    measured
        What its speed is per: the bytes of the ``text``, of another input, or nothing.
    command
        Arguments of ``python -m nlp_zero`` with the names of inputs in braces: the whole process is measured.
    prepare
        Takes the inputs and gives the job that a child process measures; what comes before the job is not measured.
    plain
        No core takes part: measured once for all of them.
    whole
        The whole process is measured, as it is with a command.
    needs
        Inputs to be made for it, beside those that are always there.
    """

    name: str
    measured: str = "text"
    command: tuple[str, ...] = ()
    prepare: Callable[[Any], Job] | None = None
    plain: bool = False
    whole: bool = False
    needs: tuple[str, ...] = ()


def once(case: Case, core: str, inputs: Any, script: str) -> Spent:
    """What one run takes; `script` is the program that does the jobs by name, with `run_child`."""
    paths = asdict(inputs)
    if case.command:
        return spent(package_command(*(part.format(**paths) for part in case.command)), core)
    took = spent([sys.executable, script, case.name, *map(str, paths.values())], "" if case.plain else core)
    # Some packages print when they are imported.
    return took if case.whole else replace(took, cpu=float(took.printed.split()[-1]))


def run_child(cases: Iterable[Case], inputs: Any, name: str) -> int:
    """Do the job of one case in this process and print its CPU time in seconds."""
    prepare = next(case.prepare for case in cases if case.name == name)
    assert prepare is not None  # commands are started as such
    job = prepare(inputs)
    begun = time.process_time()
    job()
    print(time.process_time() - begun)
    return 0


def package_command(*arguments: str) -> list[str]:
    """The command line as a user would start it, of the package that this interpreter imports."""
    # -P: a package in the current folder must not come before the one that is installed.
    return [sys.executable, "-P", "-m", "nlp_zero", *arguments]


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
        while left > 0 and (part := file.read(min(left, 1 << 20))):
            left -= out.write(part)
        out.write(file.readline())


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; all columns but the first are aligned to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def environment() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "nlp_zero": spent(package_command("--version")).printed.strip(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
    }


MODEL_FILES = ("joint", "order_1", "order_2")


def make_models(text: Path, lexicon: Path, models: Mapping[str, Path]) -> None:
    """Models of a text, each written to its file: of `train`, and taggers of the text as the lexicon cuts it."""
    if "joint" in models:
        spent(package_command("train", "--quiet", str(text), "-o", str(models["joint"])))
    taggers = {name: path for name, path in models.items() if name != "joint"}
    if taggers:
        segmented = str(lexicon.with_name("segmented.txt"))
        spent(package_command("segment", "--quiet", "-l", str(lexicon), str(text), "-o", segmented))
    for name, path in taggers.items():
        order = name.removeprefix("order_")
        spent(package_command("train", "--quiet", "--hmm", order, "--segmented", segmented, "-o", str(path)))
