"""Learning in little memory, with several workers and from saved counts: the same bytes as without."""

from __future__ import annotations

import logging
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import made_up_text

from nlp_zero import CorpusError, EmptyResultWarning, NgramCounts, SpillError, TextFiles, WordFinder
from nlp_zero.statistics import runs, sums
from nlp_zero.statistics.runs import PartsFile
from nlp_zero.text import shards
from nlp_zero.words import discovery, learning, pmi, recount
from nlp_zero.words.finder import METHODS

TEXT = made_up_text(30_000)
TINY = "200KB"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let some thousand symbols be as large as many millions are otherwise."""
    monkeypatch.setattr("nlp_zero.resources.LEAST_MEMORY", 1)
    for module, name, value in (
        (runs, "_BLOCK", 100),
        (sums, "_SPREAD_FROM", 1_000),
        (sums, "_PASSED", 100),
        (sums, "_FAN_IN", 4),
        (sums, "CACHED", 1_000),
        (shards, "_LEAST", 5_000),
        (pmi, "CHUNK", 3_000),
        (learning, "_CHUNK", 3_000),
        (recount, "_CHUNK", 3_000),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The text as two files."""
    folder = tmp_path_factory.mktemp("files")
    paths = folder / "one.txt", folder / "二.txt"
    half = TEXT.index("\n", len(TEXT) // 2) + 1
    for path, text in zip(paths, (TEXT[:half], TEXT[half:])):
        path.write_bytes(text.encode("utf-8"))
    return paths


@pytest.fixture(scope="module", params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    """What holds for one method holds for all."""
    return str(request.param)


@pytest.fixture(scope="module")
def expected(files: tuple[Path, Path], method: str) -> str:
    """The lexicon, learnt in memory by one worker."""
    return written(WordFinder(method=method).fit(TextFiles(*files)))


def written(finder: WordFinder) -> str:
    return "".join(finder.lexicon_.lines())


@pytest.fixture
def spilled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """The runs that were written to files; a test that uses this fails if there was none."""
    paths: list[Path] = []
    original = sums.written

    def spying(*arguments: object) -> object:
        run = original(*arguments)  # type: ignore[arg-type]
        paths.append(run.path)
        return run

    monkeypatch.setattr(sums, "written", spying)
    yield paths
    assert paths


def test_the_text_is_worth_the_tests(expected: str) -> None:
    rows = expected.splitlines()
    assert len(rows) > 500
    assert max(len(row.split("\t")[0]) for row in rows if row[0] != "<") >= 4
    assert any(row.startswith("<NUM>年\t") for row in rows)
    assert any(row.startswith(("<LAT>座\t", "A座\t")) for row in rows)


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("memory", [None, TINY])
def test_memory_and_workers_change_nothing(
    memory: str | None, jobs: int, files: tuple[Path, Path], expected: str, method: str, tmp_path: Path
) -> None:
    finder = WordFinder(method=method, memory_limit=memory, jobs=jobs, temporary_directory=tmp_path).fit(
        TextFiles(*files)
    )
    assert written(finder) == expected
    del finder
    assert os.listdir(tmp_path) == []


def test_what_does_not_fit_is_spilled(
    files: tuple[Path, Path], expected: str, method: str, spilled: list[Path], tmp_path: Path
) -> None:
    finder = WordFinder(method=method, memory_limit=TINY, temporary_directory=tmp_path).fit(TextFiles(*files))
    assert written(finder) == expected
    assert len(spilled) > 4 and all(path.parent.parent == tmp_path for path in spilled)
    assert not any(path.exists() for path in spilled)  # merged and removed
    counts = finder.counts_
    assert [type(source) for source in counts._ranges] == [PartsFile]
    assert counts == NgramCounts.from_corpus(TextFiles(*files))
    assert len(os.listdir(tmp_path)) == 1  # kept as long as the counts are
    del finder, counts
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_corpus_in_memory_is_shared_too(jobs: int, expected: str, method: str) -> None:
    corpus = TEXT.split("\n")
    assert written(WordFinder(method=method, memory_limit=TINY, jobs=jobs).fit(corpus)) == expected


@settings(max_examples=40)
@given(
    corpus=st.lists(st.text("一二三四五六七八九十5a，", max_size=40), max_size=12),
    memory=st.sampled_from(["1KB", "3KB", "20KB", "1GB"]),
    jobs=st.sampled_from([1, 2]),
    parameters=st.fixed_dictionaries(
        {},
        optional={
            "method": st.sampled_from(METHODS),
            "min_count": st.integers(1, 3),
            "max_length": st.integers(1, 6),
            "known": st.sampled_from([["一二"], ["三四五六七", "一二"], ["5a"]]),
            "stopwords": st.sampled_from([["一二"], ["三"]]),
        },
    ),
)
def test_any_corpus_and_parameters(corpus: list[str], memory: str, jobs: int, parameters: dict[str, object]) -> None:
    plain = WordFinder(**parameters)  # type: ignore[arg-type]
    bounded = WordFinder(memory_limit=memory, jobs=jobs, **parameters)  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyResultWarning)
        assert written(plain.fit(corpus)) == written(bounded.fit(corpus))
    assert plain.counts_ == bounded.counts_


def test_learning_on_with_little_memory(files: tuple[Path, Path], expected: str, method: str) -> None:
    one, two = (TextFiles(path) for path in files)
    finder = WordFinder(method=method, memory_limit=TINY).fit(one)
    assert written(finder.partial_fit(two)) == expected
    assert finder.counts_ == NgramCounts.from_corpus(TextFiles(*files))


# --------------------------------------------------------------------------------------------- saved counts


@pytest.mark.parametrize("memory", [None, TINY])
def test_saved_counts_need_no_counting(
    memory: str | None, method: str, files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = TextFiles(*files)
    WordFinder(method=method, memory_limit=memory).fit(corpus).counts_.save(tmp_path / "counts")
    expected = written(WordFinder(method=method, max_length=3, min_count=5).fit(corpus))
    monkeypatch.setattr(NgramCounts, "counted", None)  # cannot be called
    finder = WordFinder(method=method, max_length=3, min_count=5, memory_limit=memory)
    assert written(finder.fit(corpus, counts=NgramCounts.load(tmp_path / "counts"))) == expected


@pytest.mark.parametrize("memory", [None, TINY])
def test_counts_of_shares_add_up(
    memory: str | None, files: tuple[Path, Path], expected: str, method: str, tmp_path: Path
) -> None:
    for path in files:
        NgramCounts.from_corpus(TextFiles(path), memory_limit=memory).save(tmp_path / path.stem)
    one, two = (NgramCounts.load(tmp_path / path.stem) for path in files)
    for both in (one + two, two + one):
        assert both == NgramCounts.from_corpus(TextFiles(*files))
        assert both["，"] == 0 and both.total == one.total + two.total
        assert written(WordFinder(method=method, memory_limit=memory).fit(TextFiles(*files), counts=both)) == expected
    both.save(tmp_path / "both")
    assert NgramCounts.load(tmp_path / "both") == both


def test_counts_that_were_replaced_on_disk_stay_what_they_were(
    files: tuple[Path, Path], expected: str, method: str, tmp_path: Path
) -> None:
    path = tmp_path / "counts"
    whole = NgramCounts.from_corpus(TextFiles(*files))
    whole.save(path)
    loaded = NgramCounts.load(path)
    NgramCounts.from_corpus(["另一个"]).save(path)
    assert written(WordFinder(method=method).fit(TextFiles(*files), counts=loaded)) == expected
    assert loaded + loaded == whole + whole
    path.unlink()
    assert loaded == whole


def test_counts_of_another_text_are_refused(files: tuple[Path, Path], method: str) -> None:
    finder = WordFinder(method=method)
    other = NgramCounts.from_corpus(TextFiles(files[0]))
    with pytest.raises(CorpusError, match=rf"^the counts \({other.total} symbols\) are not of this text; pass the"):
        finder.fit(TextFiles(*files), counts=other)
    with pytest.raises(CorpusError, match=r"^the counts \(6 symbols\) are not of this text"):
        finder.fit(["中国的中国人"], counts=NgramCounts.from_corpus(["中国的中国字"]))
    for wrong in (NgramCounts.from_corpus(["中国"], order=3), NgramCounts.from_corpus(["中国"] * 9).frequent(2)):
        with pytest.raises(ValueError, match="^counts: expected all n-grams of order 4, found <NgramCounts"):
            finder.fit(["中国"], counts=wrong)


class Another:
    """A corpus that is another one each time it is read."""

    def __init__(self) -> None:
        self.times = 0

    def __iter__(self) -> Iterator[str]:
        self.times += 1
        yield from TEXT.split("\n")
        yield "又" * self.times


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_corpus_that_is_another_one_each_time_is_refused(method: str, jobs: int) -> None:
    with pytest.raises(CorpusError, match=r"^the counts \(\d+ symbols\) are not of this text"):
        WordFinder(method=method, jobs=jobs).fit(Another())


# --------------------------------------------------------------------------------------------------- files


STAGES = {
    "entropy": (
        (discovery.entropy.Candidates, "of"),
        (discovery, "learnt"),
        *((learning, name) for name in ("_expected 2", "_expected 3")),
        (discovery, "joined_words"),
    ),
    "pmi": ((pmi.Strong, "of"), (pmi, "counted_pieces"), (pmi, "without_redundant")),
}


@pytest.mark.parametrize(
    ("method", "owner", "stage"),
    [pytest.param(name, *stage, id=f"{name}-{stage[1]}") for name, stages in STAGES.items() for stage in stages],
)
def test_a_file_that_changes_between_passes_is_refused(
    method: str, owner: object, stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "日志.txt"
    path.write_bytes(TEXT.encode("utf-8"))
    name, _, wanted = stage.partition(" ")  # a number: before which call
    original = getattr(owner, name)
    calls = 0

    def growing(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == int(wanted or 1):
            with open(path, "ab") as file:
                file.write("又一行。\n".encode())
        return original(*arguments, **options)

    monkeypatch.setattr(owner, name, growing)
    with pytest.raises(CorpusError, match=r"日志\.txt: changed while it was read|the counts \(\d+ symbols\) are"):
        WordFinder(method=method).fit(TextFiles(path))
    assert calls


def test_the_default_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "nlp_zero"):
        WordFinder().fit(TEXT.split("\n"))
    assert any(message.startswith("memory: up to ") for message in caplog.messages)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"jobs": 0}, "^jobs: expected a whole number from 1 on, found 0$"),
        ({"jobs": "2"}, "^jobs: expected a whole number from 1 on, found '2'$"),
        ({"memory_limit": "much"}, "^memory_limit: expected a size such as 256MB or 2GiB, found 'much'$"),
        ({"temporary_directory": "/none/such"}, "^temporary_directory: there is no folder '/none/such'$"),
    ],
)
def test_wrong_resources_are_refused_before_anything_is_read(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WordFinder(**parameters).fit(["中国"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message):
        NgramCounts.from_corpus(["中国"], **parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize("jobs", [1, 2])
def test_counts_whose_temporary_files_are_gone(
    jobs: int, tmp_path: Path, files: tuple[Path, Path], method: str
) -> None:
    corpus = TextFiles(*files)
    counts = NgramCounts.from_corpus(corpus, memory_limit=TINY, jobs=jobs, temporary_directory=tmp_path)
    [folder] = tmp_path.iterdir()
    shutil.rmtree(folder)
    with pytest.raises(SpillError, match=re.escape(str(folder)) + r".*the folder is gone"):
        WordFinder(method=method, jobs=jobs).fit(corpus, counts=counts)
    with pytest.raises(SpillError, match=r"the folder is gone"):
        counts["中国"]
    counts = NgramCounts.from_corpus(corpus, memory_limit=TINY, temporary_directory=tmp_path)
    counts.save(tmp_path / "counts")
    shutil.rmtree(*(path for path in tmp_path.iterdir() if path.is_dir()))
    assert counts["不在这里"] == 0 and counts == NgramCounts.load(tmp_path / "counts")  # what is mapped stays
