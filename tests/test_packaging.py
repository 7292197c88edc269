"""What an installation promises: one version, few dependencies, a quiet import, explicit encodings."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import nlp_zero

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "nlp_zero"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted(PACKAGE.rglob("*.py"))

# Imported on use only, by the one module whose purpose it is.
OPTIONAL_IMPORTS = {
    ("distributed.py", "pyspark"),
    ("memory.py", "ctypes"),  # only to ask Windows
    ("report.py", "jinja2"),
    ("report.py", "plotly"),
}
# DESIGN: no network, no pickle; what multiprocessing does inside is its own business.
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "socket", "urllib", "http", "requests", "ftplib", "ctypes"}
BINARY_BY_DEFAULT = {"gzip", "bz2", "lzma", "zstd", "os", "tarfile", "zipfile"}


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run this Python on the sources, away from them."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


# ------------------------------------------------------------------------------------------------ metadata


def test_version_has_one_source() -> None:
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "nlp_zero.__version__"}
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    # A literal, or setuptools would have to import the package (and numpy) to build it.
    values = [
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == "__version__"
    ]
    assert values == [nlp_zero.__version__]
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+|\.dev\d+)?", nlp_zero.__version__)


def test_installed_metadata_are_of_this_version() -> None:
    found = {d.version for d in importlib.metadata.distributions(name="nlp-zero")}
    assert found <= {nlp_zero.__version__}, "reinstall: pip install -e ."


def test_entry_point_exists() -> None:
    entry = PROJECT["project"]["scripts"]["nlp-zero"]
    module, _, function = entry.partition(":")
    assert entry == "nlp_zero.__main__:main"  # where what concerns the whole process is set
    assert callable(getattr(importlib.import_module(module), function))


def test_every_folder_is_a_typed_package() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert {path.parent for path in SOURCES} == {path.parent for path in PACKAGE.rglob("__init__.py")}


def imports(path: Path) -> set[str]:
    """First parts of the names of all absolute imports in a file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_dependencies_are_those_that_are_imported() -> None:
    used = {(path.name, name) for path in SOURCES for name in imports(path)} - OPTIONAL_IMPORTS
    foreign = {name for _, name in used} - sys.stdlib_module_names - {"nlp_zero", "__future__"}
    declared = {re.split("[<>=~! ]", text)[0] for text in PROJECT["project"]["dependencies"]}
    assert foreign == declared == {"numpy", "tqdm"}
    assert {entry for entry in used if entry[1] in FORBIDDEN_IMPORTS} == set()


# ----------------------------------------------------------------------------------------- in a new process


def test_version_command(tmp_path: Path) -> None:
    done = run("-m", "nlp_zero", "--version", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert nlp_zero.__version__ in done.stdout
    assert re.search(rf"\b{nlp_zero.core_name}\b", done.stdout, re.IGNORECASE)


IMPORT_PROBE = """
import sys
before = set(sys.modules)
import numpy, tqdm
import logging
dependencies = set(sys.modules)
import nlp_zero
assert not logging.getLogger().handlers, logging.getLogger().handlers
assert logging.getLogger("nlp_zero").level == logging.NOTSET
print(*sorted(set(sys.modules) - before))
print(*sorted(set(sys.modules) - dependencies))
"""


def test_import_is_light_and_quiet(tmp_path: Path) -> None:
    done = run("-W", "error", "-c", IMPORT_PROBE, cwd=tmp_path, PYTHONWARNDEFAULTENCODING="1")
    assert (done.returncode, done.stderr) == (0, "")
    loaded, own = (set(line.split()) for line in done.stdout.splitlines())
    heavy = {"scipy", "pandas", "sklearn", "jieba", "matplotlib", "pyspark", "IPython", "notebook", "pytest"}
    assert loaded & heavy == set()
    assert own & {"argparse", "multiprocessing.pool", "concurrent.futures.process", "nlp_zero.cli"} == set()
    assert "nlp_zero" in own
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------- prints, encodings


def calls(source: str) -> Iterator[tuple[ast.Call, str, str]]:
    """Every call with the name of the function and of what stands before its last dot."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node, node.func.id, ""
            elif isinstance(node.func, ast.Attribute):
                yield node, node.func.attr, ast.unparse(node.func.value)


def prints(source: str) -> list[int]:
    return [node.lineno for node, name, _ in calls(source) if name in ("print", "pprint")]


def text_without_encoding(source: str) -> list[int]:
    """Lines that open a file as text, or as nobody knows what, without naming the encoding."""
    found = []
    for node, name, owner in calls(source):
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if "encoding" in keywords or name not in ("open", "fdopen", "read_text", "write_text", "TextIOWrapper"):
            continue
        if name in ("read_text", "write_text", "TextIOWrapper"):
            found.append(node.lineno)
            continue
        # The mode is second, but first in path.open(mode).
        arguments = [keywords["mode"]] if "mode" in keywords else node.args[owner in ("", "io", "os") :][:2]
        given = [a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if owner in BINARY_BY_DEFAULT and name == "open":
            binary = not any("t" in mode for mode in given)
        else:
            binary = any(re.fullmatch("[rwxa+]*b[rwxa+]*", mode) for mode in given)
        if not binary:
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_names_encodings_and_does_not_print(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert text_without_encoding(source) == []
    assert prints(source) == [] or path.name == "cli.py"


@pytest.mark.parametrize(
    ("source", "bad"),
    [
        ("open(p)", True),
        ("open(p, 'w')", True),
        ("open(p, mode)", True),
        ("io.open(p, newline='')", True),
        ("path.open()", True),
        ("path.open('w')", True),
        ("Path(p).read_text()", True),
        ("Path(p).write_text(s)", True),
        ("io.TextIOWrapper(stream)", True),
        ("os.fdopen(n, 'w')", True),
        ("gzip.open(p, 'rt')", True),
        ("open(p, 'rb')", False),
        ("open(p, mode='xb')", False),
        ("open(p, encoding='utf-8')", False),
        ("path.open('rb')", False),
        ("module.open(p, 'rb')", False),
        ("module.open(p, mode)", True),
        ("module.open(p, 'rt')", True),
        ("gzip.open(p)", False),
        ("lzma.open(p, 'r')", False),
        ("gzip.open(p, 'rt', encoding=e)", False),
        ("os.open(p, os.O_RDONLY)", False),
        ("os.fdopen(n, 'wb')", False),
        ("path.read_bytes()", False),
    ],
)
def test_the_encoding_check_itself(source: str, bad: bool) -> None:
    assert text_without_encoding(source) == ([1] if bad else [])


def test_the_print_check_itself() -> None:
    assert prints("x = 1\nprint(x)\n'print(x)'\nreporter.print(x)") == [2, 4]
