"""Documentation is checked like code: docstrings, the examples of the README, its commands and options."""

from __future__ import annotations

import argparse
import ast
import doctest
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from nlp_zero import cli

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", *sorted(ROOT.glob("README.*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:\bnlp-zero|-m nlp_zero)(?![\w/-])([^|;&#>\n`]*)")
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z])(?![\w-])")

# ------------------------------------------------------------------------------------------- docstrings


def public_modules() -> Iterator[str]:
    for path in sorted((ROOT / "nlp_zero").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if not any(part.startswith("_") for part in parts):
            yield ".".join(parts)


def is_more_than_docstring(module: ModuleType) -> bool:
    """Tell a module from the `__init__` of a folder that only describes it."""
    return len(ast.parse(inspect.getsource(module)).body) > 1


def undocumented(module: ModuleType) -> Iterator[str]:
    """Public names, methods and properties without a docstring of their own."""
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isroutine(thing) and not inspect.getdoc(thing):
            yield name
        if not inspect.isclass(thing):
            continue
        # A dataclass without docstring is given its signature for one.
        if not (thing.__doc__ or "").strip() or (thing.__doc__ or "").startswith(f"{name}("):
            yield name
        for member, value in vars(thing).items():
            value = getattr(value, "__func__", value)
            if not member.startswith("_") and (inspect.isroutine(value) or isinstance(value, property)):
                if not (value.__doc__ or "").strip():
                    yield f"{name}.{member}"


@pytest.mark.parametrize("name", list(public_modules()))
def test_public_names_have_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    assert (module.__doc__ or "").strip(), f"{name} has no docstring"
    if is_more_than_docstring(module):
        assert hasattr(module, "__all__"), f"{name} has no __all__"
        assert list(undocumented(module)) == []


def test_the_check_sees_missing_docstrings(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = ModuleType("planted")
    monkeypatch.setitem(sys.modules, "planted", planted)  # dataclasses look there
    source = """
from dataclasses import dataclass
def bare(): pass
def described(): "Do it."
@dataclass
class Automatic:
    field: int
class Half:
    "Has a docstring, but not everywhere."
    def described(self): "Do it."
    def method(self): pass
    @property
    def figure(self): pass
    @classmethod
    def load(cls): pass
    def _private(self): pass
"""
    exec(source, vars(planted))
    vars(planted)["__all__"] = ["bare", "described", "Automatic", "Half"]
    assert list(undocumented(planted)) == ["bare", "Automatic", "Half.method", "Half.figure", "Half.load"]


# ------------------------------------------------------------------------------------- examples in README


def blocks(text: str, *languages: str) -> Iterator[tuple[int, str]]:
    """Line number (from 0) and content of the fenced blocks in these languages."""
    for match in FENCE.finditer(text):
        if match[1] in languages:
            yield text.count("\n", 0, match.start(2)), match[2]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_python_examples_run(readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples share one session, as a reader has it; they may read corpora/, and write where they are."""
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    examples = 0
    for line, block in blocks(readme.read_text(encoding="utf-8"), "python", "pycon"):
        if ">>>" in block:
            test = doctest.DocTestParser().get_doctest(block, names, readme.name, str(readme), line)
            output: list[str] = []
            options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
            runner = doctest.DocTestRunner(optionflags=options)
            assert runner.run(test, out=output.append, clear_globs=False).failed == 0, "".join(output)
            names = test.globs
            examples += len(test.examples)
        else:
            exec(compile("\n" * line + block, str(readme), "exec"), names)
            examples += 1
    assert examples, f"{readme.name} has no Python example"


# ------------------------------------------------------------------------------------- commands in README


class _Captured(Exception):
    """Carries the parser out of `main`."""


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Options of every command of the real parser; those of `nlp-zero` itself under an empty name."""

    def capture(self: argparse.ArgumentParser, *_: object, **__: object) -> None:
        raise _Captured(self)

    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_known_args", capture)
        with pytest.raises(_Captured) as caught:
            cli.main(["--version"])
    parser = caught.value.args[0]
    found = {"": set(parser._option_string_actions)}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= {name: set(sub._option_string_actions) for name, sub in action.choices.items()}
    return found


def used_commands(text: str) -> Iterator[tuple[str, set[str]]]:
    """Command and options of every `nlp-zero ...` in shell blocks and inline code."""
    code = [block for _, block in blocks(text, "", "sh", "bash", "shell", "console", "text")]
    code += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    for piece in code:
        for match in COMMAND.finditer(piece.replace("\\\n", " ")):
            words = match[1].split()
            command = words[0] if words and re.fullmatch("[a-z]+", words[0]) else ""
            yield command, set(OPTION.findall(match[1]))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_commands_and_options_exist(readme: Path, commands: dict[str, set[str]]) -> None:
    used = list(used_commands(readme.read_text(encoding="utf-8")))
    assert [command for command, _ in used if command not in commands] == []
    unknown = [(command, sorted(options - commands[command])) for command, options in used]
    assert [entry for entry in unknown if entry[1]] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_is_shown(readme: Path, commands: dict[str, set[str]]) -> None:
    shown = {command for command, _ in used_commands(readme.read_text(encoding="utf-8"))}
    assert sorted(set(commands) - {""} - shown) == []


def test_commands_are_found_in_text() -> None:
    text = """
Say `nlp-zero discover a.txt -o b.tsv` or `pip install nlp-zero`, or `python -m nlp_zero --version`.
```sh
$ head -n 5 a | nlp-zero segment -l w.tsv \\
      --format jsonl | tail -x   # comment --nothing
```
```python
"nlp-zero hidden --option"
```
"""
    assert sorted((command, sorted(options)) for command, options in used_commands(text)) == [
        ("", []),
        ("", ["--version"]),
        ("discover", ["-o"]),
        ("segment", ["--format", "-l"]),
    ]
