"""The symbols of a corpus, read once or held in memory."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from types import FrameType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_zero.core.symbols import FIRST_SYMBOL, LATIN, NUMBER
from nlp_zero.parallel import Workers
from nlp_zero.statistics import symbols
from nlp_zero.statistics.symbols import HeldSymbols, checksum, on_shares, symbol_chunks, text_checksum

texts = st.lists(st.text(st.sampled_from("继电保护的。 9a\n𠮷"), max_size=20), max_size=8)


class Counted:
    """A corpus that counts how often it is read."""

    def __init__(self, lines: list[str]) -> None:
        self.lines, self.reads = lines, 0

    def __iter__(self) -> Iterator[str]:
        self.reads += 1
        return iter(self.lines)


def runs(corpus: Iterable[str] | HeldSymbols, least: int | None = None) -> list[list[int]]:
    """The runs of all chunks."""
    found: list[list[int]] = [[]]
    for chunk in symbol_chunks(corpus, least=least):
        for symbol in [*chunk.tolist(), 0]:  # a chunk ends where a run ends
            if symbol >= FIRST_SYMBOL:
                found[-1].append(symbol)
            elif found[-1]:
                found.append([])
    return found[:-1]


@given(texts, st.integers(1, 50), st.integers(1, 50))
def test_held_symbols_are_those_of_the_text(lines: list[str], first: int, second: int) -> None:
    expected = runs(lines)
    for room in (10**6, 40, 0):
        corpus = Counted(lines)
        held = HeldSymbols(corpus, room)
        assert runs(held, first) == runs(held, second) == runs(held) == expected
        assert list(held) == lines
        size = sum(chunk.nbytes for chunk in symbol_chunks(lines))
        assert corpus.reads == (2 if size <= room else 4)  # once for its symbols, or each time, and as text


@given(texts, st.integers(1, 50))
def test_chunks_have_at_least_so_many_symbols(lines: list[str], least: int) -> None:
    held = HeldSymbols(lines, 10**6)
    for corpus in (lines, held, held):
        chunks = list(symbol_chunks(corpus, least=least))
        assert all(len(chunk) >= least for chunk in chunks[:-1])
        assert all(chunk[-1] < FIRST_SYMBOL for chunk in chunks)
        assert all(chunk.dtype == np.uint32 for chunk in chunks)


@given(st.lists(st.sampled_from([0, 1, 2, 16, 17, 0x4E00, 0xFFFF, 0x10000, NUMBER, LATIN]), max_size=40))
def test_the_checksum_of_a_text_is_that_of_its_counts(found: list[int]) -> None:
    counts = Counter(symbol for symbol in found if symbol >= FIRST_SYMBOL)
    expected = checksum(np.array(list(counts), dtype=np.uint32), np.array(list(counts.values()), dtype=np.int64))
    assert text_checksum(np.array(found, dtype=np.uint32)) == expected


def test_progress_is_the_same_each_time() -> None:
    lines = ["继电保护", "装置。" * 7, "", "的"]
    held = HeldSymbols(lines, 10**6)
    totals = []
    for _ in range(3):
        amounts: list[int] = []
        list(symbol_chunks(held, amounts.append, least=2))
        totals.append(sum(amounts))
        assert all(amount >= 0 for amount in amounts)
    assert totals == [totals[0]] * 3
    assert totals[0] >= sum(map(len, lines))  # and line ends


def test_a_reading_that_was_given_up_holds_nothing() -> None:
    corpus = Counted(["继电保护"] * 5)
    held = HeldSymbols(corpus, 10**6)
    next(symbol_chunks(held, least=1))
    assert runs(held) == runs(held) == runs(corpus.lines)
    assert corpus.reads == 2


def test_what_cannot_be_read_is_no_empty_text() -> None:
    class Broken:
        def __iter__(self) -> Iterator[str]:
            yield "继电"
            raise OSError("gone")

    held = HeldSymbols(Broken(), 10**6)
    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            runs(held)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("room", [10**6, 1000])
def test_what_is_held_is_read_once_by_whoever_reads(jobs: int, room: int) -> None:
    corpus = Counted(["继电保护", "装置。动作", "", "的 2024年"] * 40)
    expected = runs(corpus.lines)
    amounts: list[int] = []
    with Workers(jobs, share_memory=True) as workers:
        held = HeldSymbols(corpus, room)
        whole = held.hold(workers, amounts.append)
        assert (whole is not None) == held.is_held == (room == 10**6)
        assert held.hold(workers) is whole
        shares = held.shares(workers)
    assert runs(held) == expected
    if not held.is_held:
        assert sum(amounts) == 0  # nothing was read that need not be read again
        assert shares is None and corpus.reads > 1
        return
    assert corpus.reads == 1 and sum(amounts) >= sum(map(len, corpus.lines))
    assert shares is not None
    assert [run for share in shares for run in runs(share)] == expected
    reported: list[int] = []
    for share in shares:
        list(symbol_chunks(share, reported.append))
    assert sum(reported) == sum(amounts)


def test_what_was_copied_is_given_up_when_there_is_no_room() -> None:
    corpus = ["继电保护装置。" * 100] * 8000  # four shares, of which two have room
    with Workers(2, share_memory=True) as workers:
        held = HeldSymbols(corpus, 12 * 10**6)
        assert held.hold(workers) is None and not held.is_held and held.nbytes == 0
    assert sum(map(len, symbol_chunks(held))) == sum(map(len, symbol_chunks(corpus)))


def test_readers_have_stopped_when_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where frames live on, as under a debugger: what stopped later would stop those that read next."""
    frames: list[FrameType | None] = []
    stopped: list[bool] = []

    def reading(*_: object, **__: object) -> Iterator[list[None]]:
        frame = sys._getframe()
        while frame is not None:
            frames.append(frame)
            frame = frame.f_back
        try:
            yield [None]
        finally:
            stopped.append(True)

    monkeypatch.setattr(symbols, "read_shards", reading)
    with Workers(2, share_memory=True) as workers:
        assert HeldSymbols(["继电保护"], 1000).hold(workers) is None
        assert stopped == [True]
    frames.clear()  # they hold one another


def test_shares_are_pieces_that_end_where_runs_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symbols, "_PART", 10)
    corpus = ["继电保护装置。" * 100] * 3000  # more than one block of text
    with Workers(2, share_memory=True) as workers:
        held = HeldSymbols(corpus, 10**8)
        shares = held.shares(workers)
        whole = held.hold(workers)
        assert shares is not None and whole is not None and len(shares) > 2
        found = list(on_shares(lambda share: np.concatenate(list(symbol_chunks(share))), held, workers))
    assert len(found) == len(shares)
    assert all(part[-1] < FIRST_SYMBOL for part in found)
    pieces = [list(share.parts(None)) for share in shares]
    assert all(len(piece) >= 10 for share in pieces for piece in share[:-1])
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1  # so that all workers have as much to do
    np.testing.assert_array_equal(np.concatenate(found), whole)
