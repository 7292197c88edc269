"""What learning may use."""

from __future__ import annotations

import logging
import os
import pickle
import threading
from pathlib import Path

import pytest

from nlp_zero import resources
from nlp_zero.resources import Resources

MB = 10**6


@pytest.mark.parametrize("limit", [1_000_000_000, "1GB", "1000 MB"])
@pytest.mark.parametrize(
    ("jobs", "share_memory", "processes"), [(1, False, 1), (1, True, 1), (4, True, 1), (2, False, 3), (4, False, 5)]
)
def test_the_room_is_what_the_processes_leave_of_the_limit(
    limit: int | str, jobs: int, share_memory: bool, processes: int
) -> None:
    plan = Resources.plan(limit, jobs, share_memory=share_memory)
    assert plan.room == 1000 * MB - processes * resources._PROCESS
    assert (plan.jobs, plan.workers.jobs, plan.workers.share_memory) == (jobs, jobs, share_memory)


def test_there_is_some_room_however_many_processes_there_are() -> None:
    assert Resources.plan("200MB", 100).room == 25 * MB


def test_the_least_limit_is_enough() -> None:
    plan = Resources.plan(resources.LEAST_MEMORY)
    assert 0 < plan.room < resources.LEAST_MEMORY


@pytest.mark.parametrize("jobs", [0, -1, True, False, 1.5, 2.0, "2", None])
def test_jobs_are_a_whole_number_from_1_on(jobs: object) -> None:
    with pytest.raises(ValueError, match="^jobs: expected a whole number from 1 on") as caught:
        Resources.plan("1GB", jobs)  # type: ignore[arg-type]
    assert str(caught.value).endswith(f"found {jobs!r}")


@pytest.mark.parametrize("limit", [0, 1, resources.LEAST_MEMORY - 1, "63.9MB", "1K"])
def test_a_limit_below_the_least_is_refused(limit: int | str) -> None:
    with pytest.raises(ValueError, match="^memory_limit: expected at least 64 MB, found ") as caught:
        Resources.plan(limit)
    assert str(caught.value).endswith(f"found {limit}")


@pytest.mark.parametrize("limit", ["x", "", "12QB", "5iB", -1, "-1GB", True, False])
def test_a_limit_that_is_no_size_is_refused(limit: int | str) -> None:
    with pytest.raises(ValueError, match="^memory_limit: expected a size such as ") as caught:
        Resources.plan(limit)
    assert str(caught.value).endswith(f"found {limit!r}")


def test_a_limit_too_large_to_calculate_with_is_no_other_error() -> None:
    try:
        assert Resources.plan("9" * 400).room > 0
    except ValueError as error:
        assert str(error).startswith("memory_limit: ")


def test_the_temporary_directory_has_to_exist(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path in (file, tmp_path / "missing", os.fspath(tmp_path / "missing"), ""):
        with pytest.raises(ValueError, match="^temporary_directory: there is no folder ") as caught:
            Resources.plan("1GB", temporary_directory=path)
        assert repr(os.fspath(path)) in str(caught.value)


@pytest.mark.parametrize("kind", [str, Path])
def test_files_are_put_into_the_temporary_directory(kind: type[str] | type[Path], tmp_path: Path) -> None:
    plan = Resources.plan("1GB", temporary_directory=kind(tmp_path))
    assert os.listdir(tmp_path) == []  # nothing is made before it is needed
    with plan.scratch:
        assert plan.scratch.path.parent == tmp_path
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("free", "limit", "told"),
    [
        (8_000 * MB, 700 * MB, "memory: up to 700 MB of the 8 GB that are free"),
        (1_000 * MB, 500 * MB, "memory: up to 500 MB of the 1 GB that are free"),
    ],
)
def test_the_default_is_700_mb_or_half_of_what_is_free_and_is_told(
    free: int, limit: int, told: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(resources, "available_memory", lambda: free)
    with caplog.at_level(logging.INFO, "nlp_zero"):
        assert Resources.plan().room == limit - resources._PROCESS
    assert [(record.name, record.levelno, record.getMessage()) for record in caplog.records] == [
        ("nlp_zero", logging.INFO, told)
    ]


def test_a_limit_that_was_asked_for_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "nlp_zero"):
        Resources.plan("1GB")
    assert caplog.records == []


def test_a_machine_without_free_memory_gives_the_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "available_memory", lambda: 0)
    assert Resources.plan().room == Resources.plan(resources.LEAST_MEMORY).room > 0


def test_the_default_makes_sense_here() -> None:
    plan = Resources.plan()
    assert plan.room > 0 and plan.jobs == 1


@pytest.mark.parametrize("share_memory", [False, True])
def test_the_workers_share_the_room_and_the_folder(share_memory: bool, tmp_path: Path) -> None:
    with Resources.plan("1GB", 3, tmp_path, share_memory=share_memory) as plan:
        share = plan.for_worker()
        assert share.room == plan.room // 3
        assert (share.jobs, share.workers.share_memory) == (1, share_memory)
        assert share.scratch is plan.scratch
        assert share.for_worker().room == share.room
    plan.scratch.close()


def test_a_share_can_be_sent_to_another_process(tmp_path: Path) -> None:
    plan = Resources.plan("1GB", 2, tmp_path)
    with plan.scratch:
        share = plan.for_worker()
        sent: Resources = pickle.loads(pickle.dumps(share))
        assert (sent.room, sent.jobs, sent.scratch.path) == (share.room, 1, plan.scratch.path)
        sent.scratch.new().touch()
        del sent
        assert len(os.listdir(plan.scratch.path)) == 2  # the lock and the file
    assert os.listdir(tmp_path) == []


def test_what_is_held_leaves_less_room() -> None:
    with Resources.plan("1GB", 3) as plan:  # three processes beside this one have it as well
        assert plan.beside(10_000_000).room == plan.room - 40_000_000
    with Resources.plan("1GB", 3, share_memory=True) as plan:
        assert plan.beside(0) == plan
        left = plan.beside(100_000_000)
        assert left.room == plan.room - 100_000_000
        assert (left.jobs, left.workers, left.scratch) == (3, plan.workers, plan.scratch)
        assert plan.beside(plan.room).room == plan.beside(10 * plan.room).room == plan.room // 4


@pytest.mark.parametrize("error", [None, RuntimeError])
def test_the_workers_end_with_the_block(error: type[Exception] | None) -> None:
    def names() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("nlp-zero")]

    try:
        with Resources.plan("1GB", 2, share_memory=True) as plan:
            assert list(plan.workers.results(abs, [-1, 2, -3])) == [1, 2, 3]
            assert names()
            if error is not None:
                raise error
    except RuntimeError:
        assert error is RuntimeError
    assert names() == []
