"""Sizes as people write them, and how much memory there is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import memory
from nlp_zero.memory import available_memory, parse_size, shown_size

# ---------------------------------------------------------------------------------------------------- parsing


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, 0),
        (1000, 1000),
        ("0", 0),
        ("17", 17),
        ("17B", 17),
        ("1K", 1000),
        ("1KB", 1000),
        ("256MB", 256 * 10**6),
        ("2G", 2 * 10**9),
        ("3TB", 3 * 10**12),
        ("1KiB", 2**10),
        ("1Ki", 2**10),
        ("256MiB", 2**28),
        ("1.5 GiB", 3 * 2**29),
        ("2TiB", 2**41),
        (".5MB", 500_000),
        ("1.KB", 1000),
        ("0.25 kb", 250),
        ("  64 mb\n", 64 * 10**6),
        ("2gib", 2**31),
    ],
)
def test_a_size_is_its_number_times_its_unit(size: int | str, expected: int) -> None:
    found = parse_size(size)
    assert (found, type(found)) == (expected, int)


@pytest.mark.parametrize(
    "size",
    [True, False, -1, "-1", "+1", "-1GB", "", " ", "x", "MB", "B", ".", ".MB", "12QB", "12 M B", "1,5GB", "1_000"]
    + ["5iB", "5i", "5BB", "5MBB", "1e6", "0x10", "nan", "inf", "1..5", "1.5.2", "5 MB 3", "5 megabytes", "5/2"],
)
def test_what_is_no_size_is_refused_and_shown(size: int | str) -> None:
    with pytest.raises(ValueError, match="expected a size such as 256MB or 2GiB") as caught:
        parse_size(size)
    assert str(caught.value).endswith(f"found {size!r}")


@pytest.mark.parametrize("size", [None, [], b"5MB", object()])
def test_other_types_are_no_sizes(size: object) -> None:
    with pytest.raises(ValueError, match="expected a size"):
        parse_size(size)  # type: ignore[arg-type]


@given(st.text("0123456789.kKmMgGtTiIbB -+_eE", max_size=12) | st.text(max_size=6))
@example("1\N{KELVIN SIGN}B")
@example("1K\N{LATIN SMALL LETTER DOTLESS I}B")
@example("1K\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}B")
def test_any_text_is_a_size_or_a_value_error(text: str) -> None:
    try:
        found = parse_size(text)
    except ValueError:
        return
    assert found >= 0


def test_a_number_too_large_to_calculate_with_is_a_size_or_a_value_error() -> None:
    try:
        assert parse_size("9" * 400) > 0
    except ValueError:
        pass


@given(st.integers(0, 2**70))
@example(2**53 + 1)
def test_a_number_of_bytes_is_exactly_itself(size: int) -> None:
    assert parse_size(size) == parse_size(str(size)) == size


# ---------------------------------------------------------------------------------------------------- showing


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 KB"),
        (1234, "1.23 KB"),
        (64 * 10**6, "64 MB"),
        (999_400, "999 KB"),
        (999_600, "1 MB"),
        (256_000_000, "256 MB"),
        (1_234_567_890, "1.23 GB"),
        (12_345_678_900, "12.3 GB"),
        (999_999_999_999, "1 TB"),
        (123 * 10**12, "123 TB"),
    ],
)
def test_a_size_is_shown_to_three_digits(size: int, shown: str) -> None:
    assert shown_size(size) == shown


@pytest.mark.parametrize("size", [10**15, 5 * 10**15, 2**63])
def test_not_even_a_huge_size_is_shown_with_an_exponent(size: int) -> None:
    assert "e+" not in shown_size(size)


@given(st.integers(0, 999 * 10**12))
def test_what_is_shown_can_be_parsed_and_is_about_the_size(size: int) -> None:
    found = parse_size(shown_size(size).removesuffix("ytes"))
    assert abs(found - size) <= 0.006 * size


# -------------------------------------------------------------------------------------------------- available


@pytest.fixture
def no_container(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the machine for all there is."""
    monkeypatch.setattr(memory, "_CGROUPS", ())


def container(folder: Path, limit: str, used: str) -> tuple[str, str]:
    """The files of a control group."""
    folder.mkdir()
    (folder / "limit").write_text(limit, "ascii")
    (folder / "used").write_text(used, "ascii")
    return str(folder / "limit"), str(folder / "used")


def machine_has(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let the machine have that many bytes."""
    monkeypatch.setattr(memory, "_of_linux", lambda: size)


def test_some_memory_is_available() -> None:
    found = available_memory()
    assert isinstance(found, int) and found > 0


def test_a_container_with_less_than_the_machine_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_has(monkeypatch, 10**10)
    monkeypatch.setattr(memory, "_CGROUPS", (container(tmp_path / "1", "3000000\n", "1000000\n"),))
    assert available_memory() == 2_000_000


def test_a_container_is_asked_on_this_machine_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CGROUPS", (container(tmp_path / "1", "1001\n", "1\n"),))
    assert available_memory() == 1000


def test_a_container_with_more_than_the_machine_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_has(monkeypatch, 5_000_000)
    monkeypatch.setattr(memory, "_CGROUPS", (container(tmp_path / "1", "9223372036854771712\n", "1000\n"),))
    assert available_memory() == 5_000_000


def test_the_smaller_of_two_containers_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_has(monkeypatch, 10**10)
    groups = container(tmp_path / "1", "5000", "1000"), container(tmp_path / "2", "4000", "1000")
    for order in (groups, groups[::-1]):
        monkeypatch.setattr(memory, "_CGROUPS", order)
        assert available_memory() == 3000


def test_a_container_above_its_limit_has_nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_has(monkeypatch, 10**10)
    monkeypatch.setattr(memory, "_CGROUPS", (container(tmp_path / "1", "1000", "1500"),))
    assert available_memory() == 0


@pytest.mark.parametrize(("limit", "used"), [("max\n", "1000\n"), ("", "1000"), ("1000", ""), ("1000", "x")])
def test_a_container_that_names_no_limit_has_none(
    limit: str, used: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_has(monkeypatch, 5_000_000)
    monkeypatch.setattr(memory, "_CGROUPS", (container(tmp_path / "1", limit, used),))
    assert available_memory() == 5_000_000


def test_files_that_are_missing_are_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine_has(monkeypatch, 5_000_000)
    limit, used = container(tmp_path / "1", "1000", "0")
    groups = (str(tmp_path / "none"), used), (limit, str(tmp_path / "none")), (str(tmp_path), used)
    monkeypatch.setattr(memory, "_CGROUPS", groups)
    assert available_memory() == 5_000_000


@pytest.mark.usefixtures("no_container")
def test_linux_tells_what_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "MemTotal:       65000000 kB\nMemFree:        1000 kB\nMemAvailable:   2000 kB\nBuffers:  5 kB\n"
    monkeypatch.setattr(memory, "_text", lambda _: text)
    assert available_memory() == 2_048_000


def fail(*_: object) -> str:
    """What a system does that does not know a file."""
    raise OSError("no such thing")


@pytest.mark.usefixtures("no_container")
@pytest.mark.parametrize("old", [False, True])
def test_a_system_that_tells_only_its_size_is_half_free(old: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_text", (lambda _: "MemTotal: 65000000 kB\n") if old else fail)
    sizes = {"SC_PHYS_PAGES": 1_000_000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__, raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert available_memory() == 2_048_000_000


@pytest.mark.usefixtures("no_container")
@pytest.mark.parametrize("missing", [False, True])
def test_a_system_that_tells_nothing_is_taken_to_have_some(missing: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_text", fail)
    monkeypatch.setattr(sys, "platform", "unknown")
    if missing:
        monkeypatch.delattr(os, "sysconf", raising=False)
    else:
        monkeypatch.setattr(os, "sysconf", fail, raising=False)
    assert available_memory() == memory._UNKNOWN > 0


def test_a_container_of_an_unknown_system_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_of_linux", "_of_windows", "_of_posix"):
        monkeypatch.setattr(memory, name, lambda: None)
    monkeypatch.setattr(memory, "_CGROUPS", (container(tmp_path / "1", "1000", "0"),))
    assert available_memory() == 1000
