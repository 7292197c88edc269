"""Which core runs, what is said about it, and what the C core refuses."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nlp_zero
from nlp_zero import cli, core
from nlp_zero.core import python
from nlp_zero.core.symbols import C_HAN, FIRST_FORM, NUMBER, SYMBOL_BITS

PACKAGE = Path(nlp_zero.__file__).parent

try:
    raw: Any = importlib.import_module("nlp_zero.core._c")
    problem = ""
except ImportError as error:
    if os.environ.get("NLP_ZERO_CORE") == "c":
        raise
    raw, problem = None, str(error)

# As in test_core_parity.py: what cannot be run without C is counted in the summary.
needs_c = pytest.mark.xfail(bool(problem), run=False, reason=f"no C core: {problem}")

SHOW = "import nlp_zero; from nlp_zero.core import *; print(nlp_zero.core_name, core_name(), core_problem(), sep='|')"


def python_run(*arguments: str, wanted: str | None, package: Path = PACKAGE) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter with the package of some folder and with NLP_ZERO_CORE set or not."""
    environment = {name: value for name, value in os.environ.items() if name != "NLP_ZERO_CORE"}
    if wanted is not None:
        environment["NLP_ZERO_CORE"] = wanted
    before = [environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else []
    environment |= {"PYTHONPATH": os.pathsep.join([os.fspath(package.parent), *before]), "PYTHONIOENCODING": "utf-8"}
    command, place = [sys.executable, *arguments], package.parent
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def without_c(tmp_path: Path) -> Path:
    """The package as it is installed where no compiler was."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "nlp_zero", ignore=shutil.ignore_patterns("_c*", "__pycache__")))


@pytest.fixture
def damaged_c(without_c: Path) -> Path:
    """The package with an extension that cannot be loaded."""
    (without_c / "core" / f"_c{EXTENSION_SUFFIXES[-1]}").write_bytes(b"no library")
    return without_c


# ----------------------------------------------------------------------------------------------- the C core is there


@needs_c
@pytest.mark.parametrize("wanted", [None, "auto", "c"])
def test_the_c_core_is_the_default(wanted: str | None) -> None:
    done = python_run("-c", SHOW, wanted=wanted)
    assert done.stdout.strip() == "c|c|", done.stderr


@needs_c
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("c", "core: c"), ("auto", "core: c"), ("python", "core: python (no C core: NLP_ZERO_CORE is 'python')")],
)
def test_version_names_the_core(
    wanted: str, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", wanted)
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"nlp-zero {nlp_zero.__version__}, {expected}\n"


@needs_c
def test_the_environment_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    names = []
    for wanted in ("python", "c", "python", "auto"):
        monkeypatch.setenv("NLP_ZERO_CORE", wanted)
        names.append((nlp_zero.core_name, core.kernels().name, core.core_problem()))
    monkeypatch.delenv("NLP_ZERO_CORE")
    names.append((nlp_zero.core_name, core.kernels().name, core.core_problem()))
    in_numpy, in_c = ("python", "python", "NLP_ZERO_CORE is 'python'"), ("c", "c", "")
    assert names == [in_numpy, in_c, in_numpy, in_c, in_c]


@needs_c
def test_both_cores_have_the_same_names() -> None:
    compiled = importlib.import_module("nlp_zero.core.compiled")
    protocol = {name for name in vars(core.Kernels) if not name.startswith("_")}
    assert protocol <= set(python.__all__) == set(compiled.__all__)
    assert not {name for name in python.__all__ if getattr(python, name) is getattr(compiled, name)}


# ------------------------------------------------------------------------------------------- whether it is there or not


def test_python_is_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", "python")
    assert core.kernels() is python
    assert (nlp_zero.core_name, core.core_problem()) == ("python", "NLP_ZERO_CORE is 'python'")


@pytest.mark.parametrize("wrong", ["C", "numpy", "1", " "])
def test_a_wrong_value_is_an_error(
    wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", wrong)
    message = f"NLP_ZERO_CORE: expected 'auto', 'c' or 'python', found {wrong!r}"
    with pytest.raises(ValueError) as caught:
        core.kernels()
    assert str(caught.value) == message
    with pytest.raises(ValueError, match="expected 'auto', 'c' or 'python'"):
        _ = nlp_zero.core_name
    assert cli.main(["--version"]) == 1
    assert capsys.readouterr() == ("", f"nlp-zero: error: {message}\n")


def test_other_names_of_the_package_are_no_core() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'core_nam'"):
        _ = nlp_zero.core_nam  # type: ignore[attr-defined]


# ---------------------------------------------------------------------------------------------- the C core is missing


@pytest.mark.parametrize("wanted", [None, "auto"])
def test_auto_falls_back_and_says_why(wanted: str | None, without_c: Path) -> None:
    done = python_run("-c", SHOW, wanted=wanted, package=without_c)
    assert done.returncode == 0, done.stderr
    name, again, why = done.stdout.strip().split("|")
    assert name == again == "python"
    assert "cannot import name '_c'" in why and os.fspath(without_c) in why


def test_the_fallback_works_and_version_says_so(without_c: Path) -> None:
    done = python_run("-m", "nlp_zero", "--version", wanted=None, package=without_c)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"nlp-zero {nlp_zero.__version__}, core: python (no C core: cannot import name '_c'")
    code = "from nlp_zero import NgramCounts; print(NgramCounts.from_corpus(['变压器，变压器'])['变压器'])"
    assert python_run("-c", code, wanted=None, package=without_c).stdout == "2\n"


def test_c_is_required(without_c: Path) -> None:
    done = python_run("-c", SHOW, wanted="c", package=without_c)
    assert done.returncode == 1 and done.stdout == ""
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: NLP_ZERO_CORE is 'c', but the C core cannot be imported: cannot import name")
    done = python_run("-m", "nlp_zero", "--version", wanted="c", package=without_c)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert done.stderr.startswith("nlp-zero: error: NLP_ZERO_CORE is 'c', but the C core cannot be imported: ")


def test_the_text_of_the_loader_is_kept(damaged_c: Path) -> None:
    why = python_run("-c", SHOW, wanted="auto", package=damaged_c).stdout.strip().split("|")[2]
    assert f"_c{EXTENSION_SUFFIXES[-1]}" in why
    done = python_run("-c", SHOW, wanted="c", package=damaged_c)
    assert done.stderr.strip().endswith(f"the C core cannot be imported: {why}")


def test_python_does_not_need_it(damaged_c: Path) -> None:
    done = python_run("-c", SHOW, wanted="python", package=damaged_c)
    assert done.stdout.strip() == "python|python|NLP_ZERO_CORE is 'python'"


# ---------------------------------------------------------------------------------------------- what the C core refuses

HAN = 0x4E00
GENERAL = np.array([NUMBER], dtype=np.uint32)
F64 = np.zeros(0)


def u8(*values: int) -> Any:
    return np.array(values, dtype=np.uint8)


def u32(*values: int) -> Any:
    return np.array(values, dtype=np.uint32)


def u64(*values: int) -> Any:
    return np.array(values, dtype=np.uint64)


def i64(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


def ones(size: int) -> Any:
    return np.ones(size, dtype=np.uint8)


NONE = b""


def trie() -> bytes:
    """The trie of two strings of one symbol."""
    return bytes(raw.compile_trie(u64(HAN, HAN + 1)))


BAD: dict[str, tuple[str, Callable[[], object]]] = {
    "classes too short": ("classes", lambda: raw.scan(u32(65), ones(0x10FFFF))),
    "order 0": ("order", lambda: raw.count_ngrams(u32(HAN), NONE, NONE, 0, 16, 1 << 21, 0)),
    "order -1": ("order", lambda: raw.count_ngrams(u32(HAN), NONE, NONE, -1, 16, 1 << 21, 0)),
    "order too high": ("order", lambda: raw.count_ngrams(u32(HAN), NONE, NONE, 2**32 - 1, 16, 1 << 21, 0)),
    "counting too large a symbol": (
        "symbols",
        lambda: raw.count_ngrams(u32(1 << SYMBOL_BITS), NONE, NONE, 2, 16, 1 << 21, 0),
    ),
    "fewer sizes than symbols seen": ("sizes", lambda: raw.count_ngrams(u32(HAN), u32(HAN), NONE, 4, 16, 1 << 21, 0)),
    "seen in no run": ("seen", lambda: raw.count_ngrams(u32(HAN), u32(15), i64(1), 4, 16, 1 << 21, 0)),
    "seen what is too large": ("seen", lambda: raw.count_ngrams(u32(HAN), u32(1 << 21), i64(1), 4, 16, 1 << 21, 0)),
    "seen in no order": ("seen", lambda: raw.count_ngrams(u32(HAN, HAN), u32(HAN, HAN), i64(1, 1), 4, 16, 1 << 21, 0)),
    "seen less than never": ("seen", lambda: raw.count_ngrams(u32(HAN), u32(HAN), i64(-1), 4, 16, 1 << 21, 0)),
    "seen more often than there are": ("seen", lambda: raw.count_ngrams(u32(HAN), u32(HAN), i64(2), 4, 16, 1 << 21, 0)),
    "seen less often than it is there": (
        "not those",
        lambda: raw.count_ngrams(u32(*[HAN] * 999), u32(HAN), i64(1), 4, 16, 1 << 21, 0),
    ),
    "seen more often than it is there": (
        "not those",
        lambda: raw.count_ngrams(u32(HAN, 0), u32(HAN), i64(2), 4, 16, 1 << 21, 0),
    ),
    "seen more often, of long n-grams": (
        "not those",
        lambda: raw.count_ngrams(u32(HAN, 0), u32(HAN), i64(2), 99, 16, 1 << 21, 0),
    ),
    "seen as often as another": (
        "not those",
        lambda: raw.count_ngrams(u32(HAN, HAN + 1, HAN + 1), u32(HAN, HAN + 1), i64(2, 1), 4, 16, 1 << 21, 0),
    ),
    "seen less often, of long n-grams": (
        "not those",
        lambda: raw.count_ngrams(u32(*[HAN] * 999, HAN + 1), u32(HAN, HAN + 1), i64(2, 2), 99, 16, 1 << 21, 0),
    ),
    "inserting too large a symbol": ("symbols", lambda: raw.build_trie(u32(2**32 - 1), i64(0), i64(1))),
    "fewer lengths than starts": ("lengths", lambda: raw.build_trie(u32(HAN), i64(0, 0), i64(1))),
    "piece before the symbols": ("outside", lambda: raw.build_trie(u32(HAN), i64(-1), i64(1))),
    "piece behind the symbols": ("outside", lambda: raw.build_trie(u32(HAN), i64(2), i64(0))),
    "piece over the end": ("outside", lambda: raw.build_trie(u32(HAN), i64(0), i64(2))),
    "piece of negative length": ("outside", lambda: raw.build_trie(u32(HAN), i64(0), i64(-1))),
    "piece of 2 ** 63 - 1": ("outside", lambda: raw.build_trie(u32(HAN), i64(1), i64(2**63 - 1))),
    "too large a symbol to be counted alone": ("symbols", lambda: raw.count_symbols(u32(1 << SYMBOL_BITS))),
    "begins of pieces too short": ("begins", lambda: raw.count_pieces(u32(HAN, HAN), ones(1), 8)),
    "pieces of too large a symbol": ("symbols", lambda: raw.count_pieces(u32(1 << SYMBOL_BITS), ones(1), 8)),
    "keys that are not sorted": ("no trie", lambda: raw.suffixes(u64(HAN + 1, HAN), 2)),
    "a child before its parent": ("no trie", lambda: raw.suffixes(u64(1 << SYMBOL_BITS), 2)),
    "empty trie": ("compiled trie", lambda: raw.cover(u32(HAN), b"", ones(9))),
    "trie of one slot": ("compiled trie", lambda: raw.cover(u32(HAN), bytes(16), ones(9))),
    "trie of the wrong size": ("compiled trie", lambda: raw.occurrences(u32(HAN), trie() + bytes(16), ones(9))),
    "trie that is cut": ("compiled trie", lambda: raw.occurrences(u32(HAN), trie()[:-1], ones(9))),
    "trie of other length": (
        "compiled trie",
        lambda: raw.viterbi(u32(HAN), trie()[16:], np.ones(9), 0, GENERAL, 8, F64, F64),
    ),
    "keys for a trie": ("compiled trie", lambda: raw.longest_matches(u32(HAN), u32(HAN, HAN), ones(9), ones(2))),
    "node of a piece before the symbols": ("outside", lambda: raw.piece_nodes(u32(HAN), trie(), i64(-1), i64(1))),
    "node of a piece over the end": ("outside", lambda: raw.piece_nodes(u32(HAN), trie(), i64(0), i64(2))),
    "node of a piece of 2 ** 63 - 1": ("outside", lambda: raw.piece_nodes(u32(HAN), trie(), i64(1), i64(2**63 - 1))),
    "nodes of fewer lengths": ("lengths", lambda: raw.piece_nodes(u32(HAN), trie(), i64(0, 0), i64(1))),
    "nodes of no trie": ("compiled trie", lambda: raw.piece_nodes(u32(HAN), b"", i64(0), i64(1))),
    "symbols of fewer children": ("symbols", lambda: raw.compiled_children(trie(), i64(0, 0), u32(HAN))),
    "children of no trie": ("compiled trie", lambda: raw.compiled_children(b"", i64(0), u32(HAN))),
    "sums of no such node": ("outside", lambda: raw.add_at(i64(0, 0), i64(1, 2), i64(1, 1))),
    "sums of a node below 0": ("outside", lambda: raw.add_at(i64(0, 0), i64(-1), i64(1))),
    "fewer amounts than nodes": ("amounts", lambda: raw.add_at(i64(0), i64(0, 0), i64(1))),
    "joins too short": ("nodes", lambda: raw.cover(u32(HAN + 1), trie(), ones(2))),
    "wanted too short": ("nodes", lambda: raw.occurrences(u32(HAN + 1), trie(), ones(2))),
    "scores too short": ("nodes", lambda: raw.viterbi(u32(HAN + 1), trie(), np.zeros(2), 0.0, GENERAL, 8, F64, F64)),
    "bonus too short": (
        "bonus",
        lambda: raw.viterbi(u32(HAN, HAN), trie(), np.zeros(3), 0.0, GENERAL, 8, np.ones(1), F64),
    ),
    "flags of words too short": ("nodes", lambda: raw.edges_of(u32(HAN + 1), trie(), ones(2))),
    "edges of no trie": ("compiled trie", lambda: raw.edges_of(u32(HAN), b"", ones(9))),
    "kept edges of fewer sizes": ("sizes", lambda: raw.kept_edges(u32(1, 0), u8(1), u32(0, 1))),
    "kept edges of nodes without numbers": ("no edges", lambda: raw.kept_edges(u32(2, 0), u8(1, 0), u32(0, 1))),
    "expected edges of fewer sizes": (
        "sizes",
        lambda: raw.expected_counts(u32(1, 0), u8(1), np.ones(2), 1.0, np.zeros(2, dtype=np.int64)),
    ),
    "begins too short": ("begins", lambda: raw.tagged_symbols(u32(HAN, HAN), ones(1))),
    "bonus of words too short": (
        "bonus",
        lambda: raw.best_words(u32(HAN, HAN), trie(), np.zeros(3), 0.0, GENERAL, 8, np.ones(1), F64),
    ),
    "words too short": ("nodes", lambda: raw.longest_matches(u32(HAN + 1), trie(), ones(2), ones(2))),
    "edges too short": ("edges", lambda: raw.longest_matches(u32(HAN + 1), trie(), ones(3), ones(1))),
    "fewer ends than starts": ("ends", lambda: raw.pieces("ab", i64(0, 1), i64(1))),
}


@needs_c
@pytest.mark.parametrize(("what", "call"), BAD.values(), ids=BAD)
def test_bad_arguments_are_refused(what: str, call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=what):
        call()


@needs_c
def test_arguments_of_other_types_are_refused() -> None:
    for call in (
        lambda: raw.scan("中国", ones(0x110000)),
        lambda: raw.count_ngrams(u32(HAN), NONE, NONE, "2", 16, 1 << 21, 0),
        lambda: raw.count_ngrams([HAN, HAN], NONE, NONE, 2, 16, 1 << 21, 0),
        lambda: raw.pieces(b"ab", i64(0), i64(1)),
        lambda: raw.compile_trie(None),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises((BufferError, TypeError)):
        raw.add_at(i64(0).tobytes(), i64(0), i64(1))  # sums that cannot be written to
    with pytest.raises((BufferError, ValueError)):
        raw.count_ngrams(u32(HAN, HAN, HAN)[::2], NONE, NONE, 2, 16, 1 << 21, 0)
    with pytest.raises(IndexError):
        raw.pieces("ab", i64(-1), i64(1))


@needs_c
@pytest.mark.parametrize("order", [2, 4, 99])
def test_n_grams_that_begin_with_no_symbol(order: int) -> None:
    text, seen, sizes = u32(HAN, HAN + 9, 0, HAN + 5), u32(HAN, HAN + 5, HAN + 9), i64(1, 1, 1)
    for first, end in [(HAN + 9, HAN), (HAN + 5, HAN + 5), (1 << 21, 0), (2**32 - 1, 2**32 - 1), (HAN + 1, HAN + 4)]:
        assert raw.count_ngrams(text, seen, sizes, order, first, end, 5) == (b"", b"", b"")


@needs_c
def test_edges_of_what_is_allowed() -> None:
    form_without_class = u32(HAN, FIRST_FORM + 9)
    assert raw.viterbi(form_without_class, trie(), np.zeros(3), 0.0, GENERAL, -1, F64, F64) == b"\1\1"
    assert raw.scan(u32(0x110000, 2**32 - 1), ones(0x110000))[0] == 2  # no code points: units of their own
    other_classes = np.full(0x110000, 200, dtype=np.uint8)  # there are no such classes: all are breaks
    other_classes[0x4E00] = C_HAN
    symbols = np.frombuffer(raw.scan(u32(65, 0x4E00, 66), other_classes)[2], dtype=np.uint32)
    assert symbols.tolist()[:3] == [0, 0x4E00, 0]
    assert raw.pieces("ab", i64(0, 1), i64(99, 0)) == ["ab", ""]
    assert raw.cover(u32(), trie(), ones(3)) == b""
    asked = i64(-1, 9, 2**62, 0, 0), u32(HAN, HAN, HAN, 2**32 - 1, HAN + 1)  # no nodes, no symbol, and one of each
    assert i64(*[0] * 4, 2).tobytes() == raw.compiled_children(trie(), *asked)
    assert raw.build_trie(u32(), i64(), i64()) == (b"", b"")
