"""Lexicons as model files: what is saved segments as before, at once; anything else is refused by name."""

from __future__ import annotations

import mmap
import os
import pickle
import random
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from test_core_parity import CORES
from test_lexicon import lexicons
from test_segmenter import texts

from nlp_zero import Entry, HMMSegmenter, JointSegmenter, Lexicon, LexiconSegmenter, ModelFormatError
from nlp_zero.files import read_container, write_container
from nlp_zero.words.joint import load_segmenter
from nlp_zero.words.models import write_model

COUNTS = {"继电": 9, "保护": 7, "继电保护": 5, "的": 20, "<NUM>年": 2, "5G": 1, "K线图": 3, "有限 公司": 2, "𠮷野家": 4}
LEXICON = Lexicon([Entry(word, count, count * 1.5, 2.25) for word, count in COUNTS.items()])
SEGMENTER = LexiconSegmenter(LEXICON)
TEXT = "继电保护的有限 公司，2024年5G和6G的K线图，𠮷野家\ud800\x00\n电"
ARRAYS = SEGMENTER.to_arrays()
WAY_OUT = "; make it anew with save() or `nlp-zero train`"
HMM = HMMSegmenter.from_lexicon(LEXICON)

on_both_cores = pytest.mark.parametrize("core", [core.name for core in CORES])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "词表.model"


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lexicons") / "scratch"


def write(at: Path, data: bytes) -> None:
    """Write a file as a new one: what is mapped must not change."""
    at.unlink(missing_ok=True)
    at.write_bytes(data)


def refused(at: Path, reason: str = "") -> None:
    """The file is refused, by name, with the way out."""
    with pytest.raises(ModelFormatError) as caught:
        LexiconSegmenter.load(at)
    message = str(caught.value)
    assert message.startswith(f"{at}: ") and message.endswith(WAY_OUT) and reason in message, message


def refused_or_works(at: Path) -> None:
    """The file is refused, or what comes out of it segments without loss."""
    try:
        loaded = LexiconSegmenter.load(at)
    except ModelFormatError as error:
        assert str(error).startswith(f"{at}: ") and str(error).endswith(WAY_OUT)
        return
    assert "".join(token.text for token in loaded.tokenize(TEXT)) == TEXT
    assert set(loaded.words(TEXT)) <= {token.text for token in loaded.tokenize(TEXT)}
    assert len(loaded.lexicon.sorted_counts()[0]) == len(loaded.lexicon)  # which may be the same word twice


# -------------------------------------------------------------------------------------------------- round trip


@on_both_cores
def test_what_is_saved_is_loaded(core: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", core)
    segmenter = LexiconSegmenter(LEXICON)
    segmenter.save(path)
    for name in (path, os.fspath(path)):
        loaded = LexiconSegmenter.load(name)
        assert type(loaded) is LexiconSegmenter
        assert loaded == segmenter and hash(loaded) == hash(segmenter) and repr(loaded) == repr(segmenter)
        assert loaded.lexicon == LEXICON and loaded.lexicon.entries() == LEXICON.entries()
        assert loaded.words(TEXT) == segmenter.words(TEXT) and loaded.tokenize(TEXT) == segmenter.tokenize(TEXT)
        assert loaded.explain(TEXT) == segmenter.explain(TEXT)
    again = path.with_name("again")
    loaded.save(again)
    assert again.read_bytes() == path.read_bytes()  # the same lexicon has the same bytes


@given(lexicons, texts)
def test_any_lexicon_comes_back(scratch: Path, lexicon: Lexicon, text: str) -> None:
    segmenter = LexiconSegmenter(lexicon)
    scratch.unlink(missing_ok=True)
    segmenter.save(scratch)
    loaded = LexiconSegmenter.load(scratch)
    assert loaded == segmenter and loaded.tokenize(text) == segmenter.tokenize(text)
    assert loaded.words(text) == segmenter.words(text)


def test_the_file_of_one_core_is_that_of_the_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for core in CORES:
        monkeypatch.setenv("NLP_ZERO_CORE", core.name)
        LexiconSegmenter(LEXICON).save(path)
        found.add(path.read_bytes())
    assert len(found) == 1


def test_a_loaded_lexicon_is_mapped_and_a_value(path: Path) -> None:
    SEGMENTER.save(path)
    loaded = LexiconSegmenter.load(path)
    base: object = loaded.to_arrays()["lattice.keys"]
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base, mmap.mmap)
    copy = pickle.loads(pickle.dumps(loaded.with_user_words(["护的"])))
    assert copy == SEGMENTER.with_user_words(["护的"]) and copy.words(TEXT) != SEGMENTER.words(TEXT)
    LexiconSegmenter(Lexicon.from_counts({"电": 1})).save(path)  # over the file that is mapped
    path.unlink()
    assert loaded.words(TEXT) == SEGMENTER.words(TEXT) and list(loaded.lexicon) == list(LEXICON)
    assert loaded.lexicon.add("电网").remove("的")["电网"].count == 1


def test_user_words_are_not_in_the_file(path: Path) -> None:
    SEGMENTER.with_user_words(["SK-II", "护的"]).save(path)
    assert LexiconSegmenter.load(path) == SEGMENTER
    assert b"SK-II" not in path.read_bytes()
    both = LexiconSegmenter.load(path).with_user_words(["护的"])
    assert both.words("继电保护的") == SEGMENTER.with_user_words(["护的"]).words("继电保护的")


def test_the_file_says_what_it_is(path: Path) -> None:
    SEGMENTER.save(path)
    meta, stored = read_container(path, "model", (1,))
    assert meta == {"segmenter": "lexicon"} and list(stored) == list(ARRAYS)
    assert {name.split(".")[0] for name in stored} == {"lexicon", "lattice"}


def test_models_are_told_apart(path: Path) -> None:
    SEGMENTER.save(path)
    assert type(load_segmenter(path)) is LexiconSegmenter
    with pytest.raises(ModelFormatError, match="expected a model for joint, found one for lexicon; make it anew"):
        JointSegmenter.load(path)
    with pytest.raises(ModelFormatError, match="expected a model for hmm, found one for lexicon; make it anew"):
        HMMSegmenter.load(path)
    for other in (JointSegmenter(LEXICON, HMM), HMM):
        other.save(path)
        assert type(load_segmenter(path)) is type(other)
        refused(path, "expected a model for lexicon, found one for ")


def test_500_000_words_are_there_in_a_tenth_of_a_second(path: Path) -> None:
    rng = np.random.default_rng(1)
    codes = (0x4E00 + 5000 * rng.random((600_000, 4)) ** 2).astype("<u4")
    made_up = {row[: 2 + i % 3].tobytes().decode("utf-32-le"): i for i, row in enumerate(codes)}
    lexicon = Lexicon.from_counts(dict(list(made_up.items())[:500_000]))
    assert len(lexicon) == 500_000
    segmenter = LexiconSegmenter(lexicon)
    segmenter.save(path)
    seconds = []
    for _ in range(7):  # of processor time, for the machine may be busy
        begin = time.process_time()
        loaded = LexiconSegmenter.load(path)
        found = loaded.words("继电保护的装置")
        seconds.append(time.process_time() - begin)
    assert found == segmenter.words("继电保护的装置")
    assert min(seconds) < 0.1
    assert loaded == segmenter


# ------------------------------------------------------------------------------------------------------- damaged


@on_both_cores
def test_a_damaged_file_is_refused(core: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", core)
    SEGMENTER.save(path)
    data, rng = path.read_bytes(), random.Random(3)
    for place in [*range(24), *(rng.randrange(len(data)) for _ in range(300))]:
        write(path, data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :])
        refused(path)
        write(path, data[:place])
        refused(path)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_missing_array_is_named(name: str, path: Path) -> None:
    write_model(path, "lexicon", {}, {other: array for other, array in ARRAYS.items() if other != name})
    refused(path, f"'{name}' is missing")


@pytest.mark.parametrize(("kind", "meta", "reason"), [
    ("counts", {"segmenter": "lexicon"}, "not a model file: it holds counts"),
    ("model", {}, "'segmenter' is missing"),
    ("model", {"segmenter": "words"}, "expected a model for lexicon, found one for words"),
])  # fmt: skip
def test_another_file_is_refused(kind: str, meta: dict[str, Any], reason: str, path: Path) -> None:
    write_container(path, kind, 1, meta, ARRAYS)
    refused(path, reason)


def changed(name: str, place: int, value: Any) -> dict[str, Any]:
    """The arrays of a model, one item of which is another."""
    array = ARRAYS[name].copy()
    array.reshape(-1)[place] = value
    return {**ARRAYS, name: array}


@pytest.mark.parametrize(("stored", "reason"), [
    (changed("lattice.scores", 3, np.nan), "do not belong together"),
    (changed("lattice.scores", 3, np.inf), "do not belong together"),
    (changed("lattice.scores", 3, -600.0), "do not belong together"),
    (changed("lattice.scores", 0, -1.0), "do not belong together"),
    (changed("lattice.unknown", 0, np.nan), "do not belong together"),
    (changed("lattice.general", 0, 0x4E00), "do not belong together"),
    (changed("lattice.keys", 1, 0), "do not belong together"),
    (changed("lattice.keys", -1, 2**64 - 1), "expected a trie"),
    (changed("lattice.forms", 0, 0xFF), "utf-8"),
    (changed("lexicon.offsets", 1, 2**32 - 1), "damaged"),
    (changed("lexicon.offsets", 1, 0), "damaged"),
    (changed("lexicon.text", 0, 0x80), "damaged"),
    (changed("lexicon.text", 0, 0x0A), "damaged"),
    (changed("lexicon.counts", 0, -1), "damaged"),
    (changed("lexicon.figures", 0, np.nan), "damaged"),
    (changed("lexicon.order", 0, 2**31), "damaged"),
    (ARRAYS | {"lattice.scores": ARRAYS["lattice.scores"][:-1]}, "do not belong together"),
    (ARRAYS | {"lattice.scores": ARRAYS["lattice.scores"].astype(np.float32)}, "of other types"),
    (ARRAYS | {"lexicon.counts": ARRAYS["lexicon.counts"][:-1]}, "do not belong together"),
])  # fmt: skip
def test_arrays_that_cannot_be_are_refused(stored: dict[str, Any], reason: str, path: Path) -> None:
    write_model(path, "lexicon", {}, stored)
    refused(path, reason)


TYPES = st.sampled_from(["u1", "u4", "u8", "i8", "f4", "f8"])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=9)
any_array = TYPES.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES))
near_arrays = {name: any_array | arrays.arrays(array.dtype, array.shape) for name, array in ARRAYS.items()}


@on_both_cores
@given(data=st.data())
def test_wrong_arrays_are_refused(core: str, scratch: Path, data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(ARRAYS)), min_size=1, max_size=3))
    scratch.unlink(missing_ok=True)
    write_model(scratch, "lexicon", {}, {**ARRAYS, **{name: data.draw(near_arrays[name]) for name in sorted(names)}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NLP_ZERO_CORE", core)
        refused_or_works(scratch)


# -------------------------------------------------------------------------------------------- on the command line


@pytest.mark.parametrize("format_", ["text", "jsonl", "tags"])
@pytest.mark.parametrize("more", [[], ["--explain"], ["--user-words"], ["--jobs", "2"]], ids=" ".join)
def test_segmenting_by_either_file_is_the_same(
    run_command: Callable[..., SimpleNamespace], tmp_path: Path, path: Path, format_: str, more: list[str]
) -> None:
    table, text, user_words = (tmp_path / name for name in ("words.tsv", "text.txt", "user.txt"))
    LEXICON.save(table)
    LexiconSegmenter(Lexicon.load(table)).save(path)
    text.write_text("继电保护的有限 公司，2024年5G的K线图\n𠮷野家\n" * 50, encoding="utf-8")
    user_words.write_text("护的\n", encoding="utf-8")
    options = ["--format", format_, "--quiet", *(["--user-words", user_words] if "--user-words" in more else more)]
    by_table, by_model = (run_command("segment", *option, text, *options) for option in (["-l", table], ["-m", path]))
    assert by_table == by_model
    assert by_table.status == (2 if format_ == "tags" and "--explain" in more else 0)


def test_only_what_was_trained_can_be_adapted(run_command: Callable[..., SimpleNamespace], path: Path) -> None:
    SEGMENTER.save(path)
    result = run_command("train", "--adapt", path, "-o", path.with_name("new"), stdin="继电保护\n" * 50)
    assert (result.status, result.out) == (2, "")
    assert "--adapt: expected a model that train has written, found a lexicon; give it as -l" in result.err
    assert not path.with_name("new").exists()
