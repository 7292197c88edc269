"""What every test run shares: the core under test, hypothesis profiles, marks by file name, running a command."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

# dev: quick, new examples each time; ci: more, the same each time; thorough: for `make check-slow`; deep: for a night.
settings.register_profile("dev", max_examples=100, deadline=None)
settings.register_profile(
    "ci",
    max_examples=200,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def active_core() -> str:
    """Name of the core in use, or why there is none."""
    try:
        from nlp_zero import core_name
    except ImportError as error:
        return f"none ({error})"
    return core_name


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run on another core than the one asked for: a green run must not be the fallback in disguise."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a job of a shell in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)  # or the commands under test never hear Ctrl-C
    wanted, active = os.environ.get("NLP_ZERO_CORE", "auto"), active_core()
    if wanted in ("c", "python") and active != wanted:
        raise pytest.UsageError(f"NLP_ZERO_CORE={wanted}, but the active core is: {active}")


def pytest_report_header(config: pytest.Config) -> str:
    """Show the core under test."""
    wanted = os.environ.get("NLP_ZERO_CORE", "auto")
    return f"nlp_zero core: {active_core()} (NLP_ZERO_CORE={wanted})"


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of a ``test_core_*.py`` file, so that `make sanitize` finds them all."""
    for item in items:
        if item.path.name.startswith("test_core_"):
            item.add_marker(pytest.mark.c_core)


class Result(SimpleNamespace):
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture
def run_command(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Result]:
    """Run a command in this process."""
    from nlp_zero.cli import main

    def command(*arguments: object, stdin: bytes | str | None = None) -> Result:
        if stdin is not None:
            data = stdin.encode() if isinstance(stdin, str) else stdin
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))
        status = main([*map(str, arguments)])
        out, err = capfdbinary.readouterr()
        return Result(status=status, out=out.decode("utf-8"), err=err.decode("utf-8"))

    return command
