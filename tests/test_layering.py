"""The floors of the house: an import points to a lower floor or stays inside its own folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "nlp_zero"
ROOT = "nlp_zero"

# Folder or module of the root -> floor. The root itself holds the public names, so it stands on top.
FLOORS = {
    "errors": 0,
    "estimator": 0,
    "files": 0,
    "memory": 0,
    "parallel": 0,
    "progress": 0,
    "resources": 0,
    "temporary": 0,
    "core": 1,
    "text": 2,
    "statistics": 3,
    "words": 4,
    "sentences": 5,
    "terms": 6,
    "coding": 6,
    "evaluation": 6,
    "interchange": 6,
    "distributed": 6,
    "compat": 6,
    "choices": 0,
    "__init__": 7,
    "cli": 7,
    "term_commands": 7,
    "segment_command": 7,
    "evaluate_command": 7,
    "word_commands": 7,
    "command_files": 7,
    "command_parts": 7,
    "messages": 7,
    "options": 7,
    "sentence_commands": 7,
    "__main__": 7,
}
FOLDERS = {"core", "text", "statistics", "words", "sentences", "terms"}


def module_name(path: Path, package: Path) -> str:
    """Dotted name of a source file; a folder is called by its `__init__`."""
    parts = [ROOT, *path.relative_to(package).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def place(module: str) -> tuple[str, str]:
    """Entry of `FLOORS` that a module belongs to, and its folder (empty for modules of the root)."""
    parts = module.split(".")
    entry = parts[1] if len(parts) > 1 else "__init__"
    return entry, entry if entry in FOLDERS else ""


def imported_modules(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import of the package itself, wherever it stands in the file."""
    is_folder = path.name == "__init__.py"
    here = [ROOT, *path.relative_to(package).with_suffix("").parts][: -1 if is_folder else None]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.split(".")[0] == ROOT)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + is_folder] if node.level else []
            base = [*base, *(node.module.split(".") if node.module else [])]
            if base == [ROOT]:  # `from . import words` names a folder, `from . import core_name` the root
                for alias in node.names:
                    yield node.lineno, f"{ROOT}.{alias.name}" if alias.name in FLOORS else ROOT
            elif base[:1] == [ROOT]:
                yield node.lineno, ".".join(base)


def violations(package: Path) -> list[str]:
    """All imports of the package that point up or across."""
    found = []
    for path in sorted(package.rglob("*.py")):
        module = module_name(path, package)
        entry, folder = place(module)
        if entry not in FLOORS:
            found.append(f"{module}: stands on no floor")
            continue
        for line, target in imported_modules(path, package):
            target_entry, target_folder = place(target)
            if target_entry not in FLOORS:
                found.append(f"{module}:{line}: {target} stands on no floor")
            elif FLOORS[target_entry] > FLOORS[entry] or (
                FLOORS[target_entry] == FLOORS[entry] and target_folder != folder
            ):
                found.append(f"{module}:{line}: imports {target}, floor {FLOORS[entry]} -> {FLOORS[target_entry]}")
    return found


def test_imports_point_down() -> None:
    assert violations(PACKAGE) == []


def test_the_check_sees_the_package() -> None:
    seen = {module_name(path, PACKAGE): list(imported_modules(path, PACKAGE)) for path in PACKAGE.rglob("*.py")}
    assert f"{ROOT}.errors" in [target for _, target in seen[f"{ROOT}.evaluation"]]
    assert {place(module)[0] for module in seen} >= {"core", "text", "statistics", "words", "cli"}


@pytest.mark.parametrize(
    ("file", "source", "expected"),
    [
        ("text/a.py", "from ..words import lexicon", ["nlp_zero.text.a:1: imports nlp_zero.words"]),
        ("text/__init__.py", "from ..words.lexicon import Lexicon", ["nlp_zero.text:1: imports nlp_zero.words.lex"]),
        ("text/a.py", "import os\nimport nlp_zero.words.lexicon as x", ["nlp_zero.text.a:2: imports nlp_zero.words"]),
        ("text/a.py", "from nlp_zero import statistics", ["nlp_zero.text.a:1: imports nlp_zero.statistics"]),
        ("text/a.py", "from nlp_zero import core_name", ["nlp_zero.text.a:1: imports nlp_zero,"]),
        ("text/a.py", "from .. import core_name", ["nlp_zero.text.a:1: imports nlp_zero,"]),
        ("terms/a.py", "def f():\n    from .. import evaluation", ["nlp_zero.terms.a:2: imports nlp_zero.eval"]),
        ("evaluation.py", "from .terms import miner", ["nlp_zero.evaluation:1: imports nlp_zero.terms"]),
        ("errors.py", "from .core import python", ["nlp_zero.errors:1: imports nlp_zero.core"]),
        ("core/a.py", "from ..helpers import f", ["nlp_zero.core.a:1: nlp_zero.helpers stands on no floor"]),
        ("helpers.py", "", ["nlp_zero.helpers: stands on no floor"]),
        ("text/a.py", "from ..core import python\nfrom ..errors import E\nfrom . import b\nfrom .b import c", []),
        ("text/__init__.py", "from .a import b\nfrom . import a\nfrom nlp_zero.text.b import c", []),
        ("text/a.py", "from .. import core, errors\nimport numpy.words\nfrom numpy import words", []),
        ("interchange.py", "from .evaluation import f", []),
        ("cli.py", "from . import core_name\nfrom .terms.miner import m", []),
        ("__init__.py", "from .compat import f\nfrom .words.lexicon import Lexicon", []),
        ("__main__.py", "from .cli import main", []),
    ],
)
def test_planted_imports(tmp_path: Path, file: str, source: str, expected: list[str]) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(source, encoding="utf-8")
    found = violations(tmp_path)
    assert len(found) == len(expected)
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))
