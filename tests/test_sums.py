"""Sums of counts that need not fit into memory: equal to the plain sum, and no file is left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp_zero import NgramCounts, SpillError
from nlp_zero.parallel import Workers
from nlp_zero.resources import Resources
from nlp_zero.statistics import runs, sums
from nlp_zero.statistics.runs import (
    NODE_SIZE,
    CountsFile,
    Mergeable,
    PartsFile,
    PartsList,
    Stored,
    last_symbols,
    merged_parts,
    parts_of,
    remove,
    write_parts,
    write_run,
    written,
)
from nlp_zero.statistics.strings import StringCounts, absolute_keys, joined, no_strings, relative_levels, sum_counts
from nlp_zero.statistics.sums import CountsSum, Reader, kept, read_ranges
from nlp_zero.temporary import Scratch

phrases = st.lists(st.text("一中国人民𠮷", min_size=1, max_size=6), max_size=8)
many = st.lists(phrases, max_size=6)
in_files = st.lists(st.booleans(), min_size=6, max_size=6)
rooms = st.integers(1, 60)  # nodes
sizes = st.integers(1, 5_000)  # bytes


def trie_of(strings: list[str]) -> StringCounts:
    lengths = np.array([len(string) for string in strings], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))[: len(strings)].astype(np.int64)
    return StringCounts.from_pieces(np.array([ord(c) for c in "".join(strings)], dtype=np.uint32), starts, lengths)


def listed(trie: StringCounts) -> dict[str, int]:
    rows = trie.strings(np.arange(len(trie)) + 1).tolist()
    return dict(zip(("".join(chr(s) for s in row if s) for row in rows), trie.counts.tolist()))


def naive_sum(tries: list[list[str]]) -> dict[str, int]:
    texts = [text for some in tries for text in some]
    return {text[:k]: texts.count(text[:k]) for text in texts for k in range(1, len(text) + 1)}


def plain_sum(tries: list[list[str]]) -> StringCounts:
    return sum_counts(map(trie_of, tries))


@contextmanager
def resources_of(room: int = 1 << 20, jobs: int = 1, *, share: bool = False) -> Iterator[Resources]:
    with tempfile.TemporaryDirectory() as folder, Scratch(folder) as scratch:
        with Resources(room, Workers(jobs, share_memory=share), scratch) as resources:
            yield resources


def left(resources: Resources) -> list[str]:
    """The temporary files that are there."""
    return sorted(name for name in os.listdir(resources.scratch.path) if name != "lock")


def sources_of(tries: list[list[str]], files: list[bool], resources: Resources) -> list[Mergeable]:
    return [
        written(trie_of(some), resources) if in_file else trie_of(some)
        for some, in_file in zip(tries, files)
    ]  # fmt: skip


def first_symbols(parts: list[StringCounts]) -> list[int]:
    return [int(symbol) for part in parts for symbol in part.singles()[0]]


# --------------------------------------------------------------------------------------------- parts and runs


@given(many, in_files, rooms)
@example([], [False] * 6, 1)
@example([[], []], [True] * 6, 1)
def test_merged_parts_are_the_sum(tries: list[list[str]], files: list[bool], room: int) -> None:
    with resources_of() as resources:
        sources = sources_of(tries, files, resources)
        parts = list(merged_parts(sources, room))
        expected = plain_sum(tries)
        assert listed(joined(parts)) == naive_sum(tries)
        assert joined(parts) == expected and joined(iter(parts)).bounds == expected.bounds
        symbols = first_symbols(parts)
        assert symbols == sorted(set(symbols)) and all(len(part) for part in parts)
        ends = last_symbols(sources, room)
        assert [int(part.singles()[0][-1]) for part in parts] == ends
        with patch.object(runs, "_BLOCK", 1 + room % 3):
            assert last_symbols(sources, room) == ends
        # ranges of parts, and parts whose ends are given
        for cut in range(len(ends) + 1):
            head = list(merged_parts(sources, ends=ends[:cut]))
            tail = list(merged_parts(sources, ends=ends[cut:], before=ends[cut - 1] if cut else -1))
            assert head == parts[:cut] and tail == parts[cut:]
            rest = joined(merged_parts(sources, room, before=ends[cut - 1])) if cut else expected
            assert rest == joined(parts[cut:])
        remove(sources)
        assert left(resources) == []


@given(phrases, rooms)
def test_relative_and_absolute_levels(strings: list[str], room: int) -> None:
    whole, done = trie_of(strings), list[int]()
    columns: list[list[int]] = [[] for _ in range(whole.longest)]
    for part in merged_parts([whole], room):
        for level, keys in enumerate(relative_levels(part, done)):
            columns[level] += keys.tolist()
    assert done == np.diff([0, *whole.bounds[1:]]).tolist()
    absolute = [absolute_keys(np.array(some, np.uint64), level, whole.bounds) for level, some in enumerate(columns)]
    assert [key for some in absolute for key in some.tolist()] == whole.keys.tolist()


@given(phrases, rooms)
@example([], 1)
def test_every_way_to_store_counts_agrees(strings: list[str], room: int) -> None:
    whole = trie_of(strings)
    with resources_of() as resources:
        parts = list(merged_parts([whole], room))
        file = written(whole, resources)
        again = CountsFile(file.keys, file.counts)
        run = write_run(iter(parts), resources)
        stored: list[Stored] = [whole, PartsList(parts), PartsList([no_strings(), *parts]), file, again, run]
        stored += [write_parts(iter(parts), resources), write_parts([no_strings(), *parts], resources)]
        for each in stored:
            assert joined(parts_of(each, room)) == whole == joined(parts_of(each, room))
            assert len(each) == len(whole) and each.bounds == whole.bounds
            assert [column.tolist() for column in each.singles()] == [column.tolist() for column in whole.singles()]
        for each in (file, run):
            assert each.path.read_bytes() == whole.keys.tobytes() + whole.counts.tobytes()
            assert list(each.parts(room)) == parts and each.is_intact()
        assert len(left(resources)) == 5 - 1  # file (and again), run, two files of parts
        remove([each for each in stored if each is not again])
        assert left(resources) == [] and not file.is_intact()


def test_a_run_of_long_strings() -> None:
    whole = NgramCounts.from_corpus(["中国人民一" * 12 + "人国", "民中" * 30, "国"], order=40)
    plain = StringCounts(whole.keys, whole.counts)
    with resources_of() as resources:
        for room, block in ((1, 1), (50, 7), (1 << 20, 1 << 17)):
            with patch.object(runs, "_BLOCK", block):
                run = write_run(merged_parts([plain], room), resources)
                assert run.bounds == plain.bounds and len(run.bounds) == 41
                assert run.path.read_bytes() == plain.keys.tobytes() + plain.counts.tobytes()
                assert joined(run.parts(room)) == plain
            remove([run])
        assert left(resources) == []


def test_a_file_that_was_replaced_is_not_intact() -> None:
    with resources_of() as resources:
        file = written(trie_of(["中国"]), resources)
        assert file.is_intact()
        os.utime(file.path, ns=(1, 1))
        assert not file.is_intact()


# ------------------------------------------------------------------------------------------------------ sums


class Summing(Reader[StringCounts]):
    """Reads all there is, and is its own reader."""

    def __init__(self) -> None:
        self.parts: list[StringCounts] = []

    def begin(self) -> Summing:
        return type(self)()

    def add(self, parts: Iterable[StringCounts]) -> None:
        for part in parts:
            self.parts.append(part)

    def found(self) -> StringCounts:
        return sum_counts(self.parts)


def taken(total: CountsSum, how: str, resources: Resources) -> StringCounts:
    """The sum, asked for in one of several ways."""
    if how == "parts":
        return joined(total.parts())
    if how == "total":
        return total.total()
    if how == "spread":
        return joined(total.spread(joined))
    if how == "ranges":
        ranges = total.ranges()
        whole = joined(chain.from_iterable(parts_of(each, 5) for each in ranges))
        if whole.bounds[-1]:
            assert read_ranges(Summing(), ranges, 5, resources.workers, resources) == whole
        remove(ranges)
        return whole
    other = CountsSum(resources, 0.5)
    other.add(trie_of(["中"]))
    other.add_all(total.handed_over())
    minus = other.total()
    counts = minus.counts.copy()
    counts[minus.node(np.array([ord("中")], np.uint32)) - 1] -= 1
    return StringCounts(minus.keys, counts)


HOWS = ["parts", "total", "spread", "ranges", "handed_over"]


def check_sum(tries: list[list[str]], files: list[bool], how: str, resources: Resources) -> None:
    total = CountsSum(resources)
    for source in sources_of(tries, files, resources):
        total.add(source)
    found, expected = listed(taken(total, how, resources)), naive_sum(tries)
    if how == "handed_over" and "中" not in expected:
        assert found.pop("中") == 0
    assert found == expected and left(resources) == []


few = st.sampled_from([0, 5, 1 << 16])


@given(many, in_files, sizes, st.sampled_from(HOWS), st.sampled_from([2, 3, 64]), few, few)
@example([["中国"], ["中国", "人"], ["一"]], [False] * 6, 1, "parts", 2, 0, 0)
def test_a_sum_with_little_room(
    tries: list[list[str]], files: list[bool], room: int, how: str, fan_in: int, passed: int, in_parts: int
) -> None:
    numbers = {"_FAN_IN": fan_in, "_PASSED": passed, "_SPREAD_FROM": in_parts}
    with resources_of(room) as resources, patch.multiple(sums, **numbers):
        check_sum(tries, files, how, resources)


@given(many)
def test_a_sum_without_bounds_is_merged_in_parts(tries: list[list[str]]) -> None:
    total = CountsSum()
    for strings in tries:
        total.add(trie_of(strings))
    with patch.object(sums, "_SPREAD_FROM", 1):
        assert listed(total.total()) == naive_sum(tries)


@settings(max_examples=30)
@given(many, in_files, sizes, st.sampled_from(HOWS), st.integers(1, 20))
def test_a_sum_with_threads(tries: list[list[str]], files: list[bool], room: int, how: str, cached: int) -> None:
    tries = [["人民"], *tries[:5]]
    with resources_of(room, 2, share=True) as resources:
        with patch.multiple(sums, CACHED=cached, _SPREAD_FROM=1):
            check_sum(tries, files, how, resources)


def test_ranges_take_half_of_the_room_whoever_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "CACHED", 4)
    monkeypatch.setattr(sums, "_SPREAD_FROM", 1)
    strings = [chr(0x4E00 + i) + "中" for i in range(400)]  # 800 nodes
    for jobs in (1, 2, 3):
        for room, all_in_memory in ((16_000, False), (64_000, True)):
            with resources_of(room, jobs, share=True) as resources:
                total = CountsSum(resources, 100.0)  # nothing is spilled before
                total.add_all([trie_of(strings[:250]), trie_of(strings[150:])])
                if jobs == 1:
                    total._spill()
                ranges = total.ranges()
                kept_here = [len(part) for each in ranges if isinstance(each, PartsList) for part in each.parts()]
                assert sum(kept_here) * NODE_SIZE <= room / 2
                assert all_in_memory == (sum(kept_here) == 800)
                remove(ranges)


def test_threads_take_a_part_when_they_are_done_with_one() -> None:
    ranges: list[Stored] = [PartsList([trie_of([chr(0x4E00 + 2 * i + k)]) for k in range(2)]) for i in range(10)]
    begun, done = threading.Barrier(2), threading.Event()
    taken: list[list[int]] = []

    readings: list[Summing] = []

    class Waiting(Summing):
        def begin(self) -> Summing:
            readings.append(super().begin())
            return readings[-1]

        def add(self, parts: Iterable[StringCounts]) -> None:
            rest = iter(parts)
            mine = [int(next(rest).singles()[0][0])]
            begun.wait(10)  # both threads have a part now
            if mine == [0x4E00]:
                assert done.wait(10)  # as if it were a large one: the other thread does all the rest
            mine += [int(part.singles()[0][0]) for part in rest]
            taken.append(mine)
            done.set()

    with resources_of(1 << 20, 2, share=True) as resources:
        read_ranges(Waiting(), ranges, 1000, resources.workers, resources)
    assert len(readings) == 1 and sorted(map(len, taken)) == [1, 19]
    assert sorted(chain(*taken)) == list(range(0x4E00, 0x4E00 + 20)) and all(mine == sorted(mine) for mine in taken)


def test_one_thread_at_a_time_is_given_a_part() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def parts() -> Iterator[StringCounts]:
        inside.set()
        assert go_on.wait(10)
        yield trie_of(["中"])
        yield trie_of(["国"])

    taken = sums._Taken(parts())
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(next, taken)
        assert inside.wait(10)
        second = threads.submit(next, taken)  # which waits: a generator cannot be asked twice at the same time
        with pytest.raises(TimeoutError):
            second.result(0.05)
        go_on.set()
        assert [*listed(first.result(10)), *listed(second.result(10))] == ["中", "国"]


def test_parts_end_when_a_thread_fails() -> None:
    parts = [trie_of([chr(0x4E00 + i)]) for i in range(1000)]
    seen: list[StringCounts] = []
    first = threading.Event()

    class Failing(Summing):
        def add(self, parts: Iterable[StringCounts]) -> None:
            for part in parts:
                if first.is_set() and threading.current_thread().name == "nlp-zero_1":
                    raise MemoryError("as it was raised")  # whose result is asked for after that of the other thread
                first.set()
                seen.append(part)
                time.sleep(0.01)

    with resources_of(1 << 20, 2, share=True) as resources, pytest.raises(MemoryError, match="^as it was raised$"):
        read_ranges(Failing(), [PartsList(parts)], 1000, resources.workers, resources)
    assert len(seen) < 500  # the other one does not read all the rest before it is said


@pytest.mark.parametrize("share", [True, False])
def test_a_file_that_vanished_before_it_is_read(share: bool) -> None:
    with resources_of(1 << 20, 2, share=share) as resources:
        ranges: list[Stored] = [write_parts([trie_of(["中国"])], resources) for _ in range(2)]
        remove(ranges)
        with pytest.raises(SpillError) as caught:
            read_ranges(Summing(), ranges, 1000, resources.workers, resources)
        assert "temporary files cannot be written or read" in str(caught.value)


def test_threads_merge_large_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "_SPREAD_FROM", 1)
    monkeypatch.setattr(sums, "CACHED", 4)
    by: set[str] = set()

    def noted(*arguments: Any, **named: Any) -> Iterator[StringCounts]:
        by.add(threading.current_thread().name)
        return merged_parts(*arguments, **named)

    monkeypatch.setattr(sums, "merged_parts", noted)
    strings = [chr(0x4E00 + i) for i in range(100)]
    for jobs, prefix in ((1, "MainThread"), (2, "nlp-zero")):
        by.clear()
        with resources_of(1 << 20, jobs, share=True) as resources:
            total = CountsSum(resources)
            total.add_all([trie_of(strings[:60]), trie_of(strings[40:])])
            assert listed(total.handed_over()[0]) == naive_sum([strings[:60], strings[40:]])  # type: ignore[arg-type]
        assert by and all(name.startswith(prefix) for name in by)


def test_a_sum_with_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "CACHED", 3)
    monkeypatch.setattr(sums, "_SPREAD_FROM", 1)
    monkeypatch.setattr(sums, "_PASSED", 4)
    tries = [["中国", "人民一"], ["一", "国人国"], [], ["民", "民", "中国人"], ["𠮷"]]
    with resources_of(100, 2) as resources:
        for how in HOWS:
            for files in ([False] * 5, [True, False, True, False, False]):
                check_sum(tries, files, how, resources)


@given(many, st.sampled_from([1, 1 << 20]))
def test_a_sum_without_bounds(tries: list[list[str]], much: int) -> None:
    with patch.object(sums, "_SPREAD_FROM", much):
        check_sum_without_bounds(tries)


def check_sum_without_bounds(tries: list[list[str]]) -> None:
    """Whatever the sum is asked for, it is that of all."""
    for how in HOWS:
        total = CountsSum()
        for some in tries:
            total.add(trie_of(some))
        if how == "handed_over":
            found = joined(merged_parts(total.handed_over(), 3))
        elif how == "ranges":
            [stored] = total.ranges()
            found = joined(parts_of(stored, 3))
        elif how == "spread":
            found = joined(total.spread(joined))
        else:
            found = total.total() if how == "total" else joined(total.parts())
        assert listed(found) == naive_sum(tries)


@given(phrases, sizes, rooms, st.sampled_from([0.1, 0.5, 1.0]))
def test_keeping(strings: list[str], room: int, size: int, share: float) -> None:
    whole = trie_of(strings)
    with resources_of(room) as resources:
        found = kept(merged_parts([whole], size), resources, share)
        assert isinstance(found, PartsList) == (len(whole) <= int(room * share) // sums.NODE_SIZE)
        assert joined(found.parts()) == whole and found.bounds == whole.bounds
        assert len(left(resources)) == isinstance(found, PartsFile)
        remove([found])
        assert left(resources) == []


# ---------------------------------------------------------------------------------------------------- errors

STRINGS = [["中国", "人民一"], ["一", "国人国"], ["民", "民", "中国人"]]


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def summed(resources: Resources) -> CountsSum:
    total = CountsSum(resources)
    for some in STRINGS:
        total.add(trie_of(some))
    return total


def runs_of(total: CountsSum) -> list[Path]:
    return [run.path for run in total.handed_over() if isinstance(run, CountsFile)]


ASKING: list[Callable[[CountsSum], object]] = [
    lambda total: list(total.parts()),
    lambda total: total.total(),
    lambda total: list(total.spread(joined)),
    lambda total: total.ranges(),
]


def check_error(error: SpillError, resources: Resources, reason: str) -> None:
    assert str(error).startswith(f"{resources.scratch.path}: temporary files cannot be written or read: {reason}")
    assert "--temporary-directory" in str(error) and "--memory" in str(error)


def merging_runs(resources: Resources) -> None:
    with patch.object(sums, "_FAN_IN", 2):
        total = CountsSum(resources)
        for run in (written(trie_of(some), resources) for some in STRINGS[:2]):
            with patch.object(runs, "_put", full):
                total.add(run)


def writing(work: Callable[[Resources], object]) -> Callable[[Resources], object]:
    def do(resources: Resources) -> object:
        with patch.object(runs, "_put", full):
            return work(resources)

    return do


def handing_over(resources: Resources) -> None:
    with patch.object(sums, "_PASSED", 0):
        total = CountsSum(Resources(1 << 20, resources.workers, resources.scratch))
        total.add(trie_of(["中国"]))
        total.handed_over()


def ranges_with_files(resources: Resources) -> None:
    total = summed(resources)
    with patch.object(runs, "_put", full):
        total.ranges()


@pytest.mark.parametrize(
    "work",
    [
        writing(summed),
        writing(handing_over),
        writing(lambda resources: kept([trie_of(some) for some in STRINGS[:1]], resources)),
        merging_runs,
        ranges_with_files,
    ],
    ids=["spill", "hand over", "keep", "merge runs", "ranges"],
)
def test_a_full_disk(work: Callable[[Resources], object]) -> None:
    with resources_of(1) as resources:
        with pytest.raises(SpillError) as error:
            work(resources)
        check_error(error.value, resources, "No space left on device; name a folder")


@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize("which", [0, -1])
@pytest.mark.parametrize("keep", [None, 0, 8, -8])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_vanished_or_was_cut_off(
    ask: Callable[[CountsSum], object], which: int, keep: int | None, jobs: int
) -> None:
    with resources_of(1, jobs, share=jobs > 1) as resources:
        total = summed(resources)
        path = runs_of(total)[which]
        if keep is None:
            path.unlink()
        else:
            os.truncate(path, keep if keep >= 0 else path.stat().st_size + keep)
        with pytest.raises(SpillError) as error:
            ask(total)
        reason = "No such file or directory" if keep is None else "is shorter than when it was written"
        check_error(error.value, resources, reason)


def test_a_folder_that_vanished() -> None:
    for ask in ASKING:
        with resources_of(1) as resources:
            total = summed(resources)
            shutil.rmtree(resources.scratch.path)
            with pytest.raises(SpillError, match=r" \(the folder is gone\); name a folder"):
                ask(total)


def failing(parts: Iterable[StringCounts]) -> StringCounts:
    raise SpillError("as it was raised")


def test_other_errors_pass_as_they_are() -> None:
    for jobs in (1, 2):
        with resources_of(1, jobs, share=True) as resources, pytest.raises(SpillError, match="^as it was raised$"):
            list(summed(resources).spread(failing))
