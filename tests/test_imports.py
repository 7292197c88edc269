"""What is loaded, and when: the package is there at once, and a command loads only what it needs."""

from __future__ import annotations

import ast
import copy
import importlib
import os
import pickle
import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import nlp_zero

ROOT = Path(__file__).parent.parent
SOURCE = (ROOT / "nlp_zero" / "__init__.py").read_text(encoding="utf-8")

# What takes long to load, and what a text tool has no business with.
HEAVY = {"asyncio", "concurrent", "email", "http", "jinja2", "multiprocessing", "plotly", "socket", "ssl", "subprocess"}
HEAVY |= {"tqdm", "unittest"}
LEARNING = {"sentences", "terms", "words.finder", "words.discovery", "words.hmm", "words.joint", "statistics.counts"}


def loaded(*arguments: str, text: str = "") -> tuple[set[str], set[str]]:
    """Modules of the package, without its name, and others that numpy does not load, that a fresh process loads."""
    code = (
        "import sys, numpy; before = set(sys.modules)\n"
        "import atexit; atexit.register(lambda: print(*sorted(set(sys.modules) - before), file=sys.stderr))\n"
        + arguments[0]
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments[1:]],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    modules = set(done.stderr.splitlines()[-1].split())
    own = {module.removeprefix("nlp_zero").removeprefix(".") for module in modules if module.startswith("nlp_zero")}
    return own, {module.split(".")[0] for module in modules if not module.startswith("nlp_zero")}


def command(*arguments: str, text: str = "") -> tuple[set[str], set[str]]:
    """What a command loads."""
    return loaded("from nlp_zero.cli import main; sys.exit(main(sys.argv[1:]))", *arguments, text=text)


def folders(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


# ------------------------------------------------------------------------------------------------- the package


def test_the_package_loads_next_to_nothing() -> None:
    own, others = loaded("import nlp_zero")
    assert own == {""}
    assert others & (HEAVY | {"argparse", "json", "shutil", "tempfile"}) == set()


THREADS = """
import os, sys
import nlp_zero.__main__ as program
assert "numpy" not in sys.modules
sys.argv = ["nlp-zero", "segment", "-l", sys.argv[1]]
assert program.main() == 0
assert "numpy" in sys.modules
print(os.environ["OPENBLAS_NUM_THREADS"], len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1)
"""


@pytest.mark.parametrize("wanted", [None, "2"])
def test_a_command_has_one_thread_unless_more_are_asked_for(wanted: str | None, tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("word\n中国\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    given = {} if wanted is None else {"OPENBLAS_NUM_THREADS": wanted}
    done = subprocess.run(
        [sys.executable, "-c", THREADS, str(tmp_path / "words.tsv")],
        env={**environment, **given, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        input="中国",
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    if wanted is None:
        assert done.stdout == "中国1 1\n"
    else:  # how many there are, numpy decides
        assert done.stdout.startswith(f"中国{wanted} ")


def test_asking_for_the_core_loads_the_core() -> None:
    own, _ = loaded("import nlp_zero; nlp_zero.core_name")
    assert folders(own) == {"", "core"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Lexicon", {"text", "words"}), ("NlpZeroError", set()), ("evaluate_segmentation", {"evaluation"})],
)
def test_a_name_loads_what_it_needs(name: str, expected: set[str]) -> None:
    own, others = loaded(f"from nlp_zero import {name}")
    assert folders(own) - {"", "core", "errors", "files", "progress", "temporary"} == expected
    assert others & HEAVY == set()


def test_every_name_is_where_it_is_said_to_be() -> None:
    """The names for type checkers, those for `import *`, and those that are loaded on use are the same."""
    block = next(node for node in ast.parse(SOURCE).body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    told = {alias.name: node.module for node in imports for alias in node.names}
    assert told == nlp_zero._MODULES  # type: ignore[attr-defined, unused-ignore]
    assert sorted({*told, "core_name"}) == sorted(nlp_zero.__all__)
    for name, module in told.items():
        assert getattr(nlp_zero, name) is getattr(importlib.import_module(f"nlp_zero.{module}"), name)


def test_all_names_are_there_before_they_are_loaded() -> None:
    code = (
        "import nlp_zero; names = set(dir(nlp_zero)); assert set(nlp_zero.__all__) <= names, names\n"
        "assert '__version__' in names and '__doc__' in names and 'Lexicon' not in vars(nlp_zero)\n"
        "space = {}; exec('from nlp_zero import *', space); assert set(nlp_zero.__all__) <= set(space)\n"
        "assert vars(nlp_zero)['Lexicon'] is space['Lexicon'] and 'core_name' not in vars(nlp_zero)"
    )
    own, others = loaded(code)
    assert {"words", "terms", "sentences"} <= folders(own)
    assert others & HEAVY == set()


@pytest.mark.parametrize("name", ["Lexicons", "lexicon", "_Lexicon", "__path_", "errors_"])
def test_unknown_names_are_errors_as_usual(name: str) -> None:
    with pytest.raises(AttributeError, match=f"^module 'nlp_zero' has no attribute '{name}'$") as caught:
        getattr(nlp_zero, name)
    assert caught.value.name == name and caught.value.obj is nlp_zero
    with pytest.raises(ImportError, match=f"cannot import name '{name}'"):
        exec(f"from nlp_zero import {name}")
    assert not hasattr(nlp_zero, name)


def test_values_can_be_pickled_where_nothing_was_loaded() -> None:
    lexicon = nlp_zero.Lexicon.from_counts({"电网": 3})
    assert pickle.loads(pickle.dumps(nlp_zero.Lexicon)) is nlp_zero.Lexicon
    assert copy.deepcopy(lexicon) == lexicon
    own, _ = loaded(f"import pickle; assert list(pickle.loads({pickle.dumps(lexicon)!r})) == ['电网']")
    assert "words.lexicon" in own and "words.finder" not in own


def test_help_shows_all_names() -> None:
    page = pydoc.plain(pydoc.render_doc(nlp_zero))
    for name in nlp_zero.__all__:
        assert name in page
    assert "Learn Chinese from raw text alone" in page and "Segment text into the most probable words" in page


# ------------------------------------------------------------------------------------------------ the commands


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["segment", "--help"], ["mine", "--help"]])
def test_help_and_version_load_no_command(arguments: list[str]) -> None:
    own, others = command(*arguments)
    assert folders(own) <= {"", "choices", "cli", "core", "errors", "messages", "options"}
    assert others & (HEAVY | {"json", "tempfile"}) == set()


def test_segmenting_loads_no_learning(tmp_path: Path) -> None:
    lexicon = tmp_path / "words.tsv"
    lexicon.write_text("电网\t3\n", encoding="utf-8")
    own, others = command("segment", "-l", str(lexicon), text="电网的电网\n")
    assert own.isdisjoint(LEARNING) and folders(own).isdisjoint({*LEARNING, "evaluation", "coding"})
    assert others & HEAVY == set()


def test_learning_words_loads_no_templates_and_no_terms() -> None:
    own, others = command("discover", "--quiet", text="电网的电网，电网\n" * 20)
    assert folders(own).isdisjoint({"sentences", "terms", "evaluation", "coding"})
    assert others & HEAVY == set()


def test_scoring_loads_no_words(tmp_path: Path) -> None:
    gold = tmp_path / "gold.txt"
    gold.write_text("电网 的\n", encoding="utf-8")
    own, others = command("evaluate", str(gold), str(gold))
    assert folders(own).isdisjoint({"sentences", "terms", "statistics"}) and "words.segmenter" not in own
    assert others & HEAVY == set()


def test_templates_load_no_terms(tmp_path: Path) -> None:
    lexicon = tmp_path / "words.tsv"
    lexicon.write_text("电网\t3\n", encoding="utf-8")
    own, _ = command("templates", "--quiet", "-l", str(lexicon), text="电网的电网，电网\n" * 20)
    assert folders(own).isdisjoint({"terms", "evaluation"}) and "words.finder" not in own
