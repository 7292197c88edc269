"""Model files: what is saved is loaded, quickly; anything else is refused by name, with the way out."""

from __future__ import annotations

import json
import math
import mmap
import os
import pickle
import random
import re
import shutil
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from made_up import made_up_text
from test_core_parity import CORES, HAN, U64, trie_of

from nlp_zero.core.symbols import LATIN, NUMBER
from nlp_zero.core.tagging import EDGE
from nlp_zero.errors import ModelFormatError
from nlp_zero.files import MAGIC, read_container, write_container
from nlp_zero.words.hmm import HMMSegmenter
from nlp_zero.words.models import Arrays, read_model, write_model

CORPUS = ["继电 保护 装置 动作 1998 年", "继电 保护 的 整定 ， K线图", "保护 装置 的 动作", "𠮷野家 的 装置"]
SEGMENTERS = {order: HMMSegmenter.from_segmented(CORPUS, order=order) for order in (1, 2)}
SEGMENTER = SEGMENTERS[2]
TEXT = "继电装置的保护动作，2024年𠮷野家丈K线图👨\u200d👩\u200d👧\ud800\x00\n整定"
ARRAYS = SEGMENTER.to_arrays()
NAMES = list(ARRAYS)
WAY_OUT = "; make it anew with save() or `nlp-zero train`"
CORE_NAMES = [core.name for core in CORES]

both_orders = pytest.mark.parametrize("order", [1, 2])
on_both_cores = pytest.mark.parametrize("core", CORE_NAMES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "模型.model"


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for properties, which go through many of them."""
    return tmp_path_factory.mktemp("models") / "scratch"


def bytes_of(segmenter: HMMSegmenter, at: Path) -> bytes:
    segmenter.save(at)
    return at.read_bytes()


def write(at: Path, data: bytes) -> None:
    """Write a file as a new one: what is mapped must not change."""
    at.unlink(missing_ok=True)
    at.write_bytes(data)


def refused(at: Path, reason: str = "") -> None:
    """The file is refused, by name, with the way out."""
    with pytest.raises(ModelFormatError) as caught:
        HMMSegmenter.load(at)
    message = str(caught.value)
    assert message.startswith(f"{at}: ") and message.endswith(WAY_OUT), message
    assert len(message) > len(f"{at}: {WAY_OUT}") and reason in message, message


def refused_or(at: Path, *expected: HMMSegmenter) -> bool:
    """The file is refused, or it is a model that works: one of those that are expected, if there are any."""
    try:
        loaded = HMMSegmenter.load(at)
    except ModelFormatError as error:
        message = str(error)
        assert message.startswith(f"{at}: ") and message.endswith(WAY_OUT), message
        return True
    assert loaded in expected or not expected
    assert "".join(token.text for token in loaded.tokenize(TEXT)) == TEXT
    boundaries = loaded.boundaries(TEXT)
    assert ((boundaries >= 0) & (boundaries <= 1)).all()
    return False


# -------------------------------------------------------------------------------------------------- round trip


@both_orders
@on_both_cores
def test_what_is_saved_is_loaded(core: str, order: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", core)
    segmenter = HMMSegmenter.from_segmented(CORPUS, order=order)
    segmenter.save(path)
    for name in (path, os.fspath(path)):
        loaded = HMMSegmenter.load(name)
        assert type(loaded) is HMMSegmenter
        assert loaded == segmenter and hash(loaded) == hash(segmenter) and repr(loaded) == repr(segmenter)
        assert loaded.order == order
        assert loaded.tokenize(TEXT) == segmenter.tokenize(TEXT)
        assert np.array_equal(loaded.boundaries(TEXT), segmenter.boundaries(TEXT))
    again = path.with_name("again")
    loaded.save(again)
    assert again.read_bytes() == path.read_bytes()  # the same model has the same bytes


words = st.lists(st.text("电网的𠮷8aア，", min_size=1, max_size=4), max_size=12).map(" ".join)


@given(words, st.sampled_from([1, 2]))
def test_any_model_comes_back(scratch: Path, text: str, order: int) -> None:
    segmenter = HMMSegmenter.from_segmented(["电 网", text], order=order)
    scratch.unlink(missing_ok=True)
    segmenter.save(scratch)
    assert HMMSegmenter.load(scratch) == segmenter
    assert HMMSegmenter.load(scratch).words(text) == segmenter.words(text)


def test_user_words_are_not_in_the_file(path: Path) -> None:
    SEGMENTER.with_user_words(["SK-II", "护动"]).save(path)
    assert HMMSegmenter.load(path) == SEGMENTER
    assert HMMSegmenter.load(path).with_user_words(["护动"]) == SEGMENTER.with_user_words(["护动"])
    assert b"SK-II" not in path.read_bytes()


def test_a_loaded_model_is_mapped_and_goes_on_working(path: Path) -> None:
    SEGMENTER.save(path)
    loaded = HMMSegmenter.load(path)
    base: object = loaded.tagger.pairs
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base, mmap.mmap)
    for array in loaded.tagger.to_arrays().values():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert pickle.loads(pickle.dumps(loaded)) == SEGMENTER
    SEGMENTERS[1].save(path)  # over the file that is mapped
    assert loaded == SEGMENTER and HMMSegmenter.load(path) == SEGMENTERS[1]
    path.unlink()
    assert loaded.words(TEXT) == SEGMENTER.words(TEXT)


def test_the_file_says_what_it_is(path: Path) -> None:
    SEGMENTER.save(path)
    meta, stored = read_container(path, "model", (1,))
    assert meta == {"segmenter": "hmm"}
    assert list(stored) == list(ARRAYS)
    parts = [f"tagger.{name}" for name in ("keys", "contexts", "emissions", "pairs")]
    own = [f"evidence.{name}" for name in ("keys", "counts", "settings", "words", "word_counts")]
    assert list(stored) == [*parts, *own]
    assert all(map(np.array_equal, stored.values(), ARRAYS.values()))


def test_a_big_model_is_loaded_in_50_milliseconds(path: Path) -> None:
    text = made_up_text(1_500_000, foreign=False)
    ends = np.random.default_rng(1).random(len(text)) < 0.5
    segmenter = HMMSegmenter.from_segmented(["".join(c + " " if end else c for c, end in zip(text, ends.tolist()))])
    assert 250_000 < len(segmenter.tagger.pairs) < 350_000
    segmenter.save(path)
    assert HMMSegmenter.load(path) == segmenter
    seconds = []
    for _ in range(15):  # of processor time, for the machine may be busy
        begin = time.process_time()
        HMMSegmenter.load(path)
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 0.05


# -------------------------------------------------------------------------------------------------------- saving


def test_an_error_while_saving_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SEGMENTER.save(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nlp_zero.files.os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        SEGMENTERS[1].save(path)
    with pytest.raises(OSError, match="No space left"):
        SEGMENTERS[1].save(path.with_name("new"))
    assert os.listdir(path.parent) == [path.name]
    assert HMMSegmenter.load(path) == SEGMENTER


def test_a_file_appears_only_when_all_is_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, seen = os.replace, []

    def watched(source: str, target: str) -> None:
        seen.append((path.exists(), HMMSegmenter.load(source) == SEGMENTER))  # whole before it has its name
        replace(source, target)

    monkeypatch.setattr("nlp_zero.files.os.replace", watched)
    SEGMENTER.save(path)
    assert seen == [(False, True)] and os.listdir(path.parent) == [path.name]


def test_there_must_be_a_folder_to_save_to(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SEGMENTER.save(tmp_path / "none" / "model")
    with pytest.raises(IsADirectoryError):
        SEGMENTER.save(tmp_path)
    assert os.listdir(tmp_path) == []


def test_what_cannot_be_read_is_no_wrong_model(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        HMMSegmenter.load(tmp_path / "none")
    assert os.fspath(caught.value.filename) == os.fspath(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        HMMSegmenter.load(tmp_path)


# ------------------------------------------------------------------------------------------------------- damaged


@both_orders
def test_a_file_that_was_cut_off_is_refused(order: int, path: Path) -> None:
    data = bytes_of(SEGMENTERS[order], path)
    length = int.from_bytes(data[8:16], "little")
    start = -(-(24 + length) // 64) * 64
    header = json.loads(data[24 : 24 + length])
    stored = [a for a in header["arrays"] if math.prod(a["shape"])]
    ends = [start + a["place"] + np.dtype(a["type"]).itemsize * math.prod(a["shape"]) for a in stored]
    places = {0, 1, 7, 8, 15, 16, 23, 24, 25, 24 + length - 1, 24 + length, start - 1, start, len(data) // 2}
    places |= {end - k for end in ends for k in (0, 1, 4, 8)} | {len(data) - 1} | {start + a["place"] for a in stored}
    for place in sorted(places - {len(data)}):
        write(path, data[:place])
        refused(path)


@on_both_cores
def test_any_bit_may_be_wrong(core: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", core)
    segmenter = HMMSegmenter.from_segmented(["电网 的"])
    data = bytes_of(segmenter, path)
    for place in range(len(data)):
        bits = range(8) if place < 24 else [place % 8, (place + 3) % 8]
        for bit in bits:
            write(path, data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :])
            refused(path)


@given(st.integers(0, 10**9), st.integers(0, 7))
def test_any_bit_of_a_bigger_file_may_be_wrong(scratch: Path, at: int, bit: int) -> None:
    scratch.unlink(missing_ok=True)
    data = bytes_of(SEGMENTER, scratch)
    at %= len(data)
    write(scratch, data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])
    refused(scratch)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A copy with one thing wrong."""
    at, size = rng.randrange(len(data)), rng.choice([1, 1, 2, 8, 64, 300])
    return [
        lambda: data[:at],
        lambda: data[:at] + data[at + size :],
        lambda: data[:at] + rng.randbytes(size) + data[at:],
        lambda: data[:at] + rng.randbytes(size) + data[at + size :],
        lambda: data[:at] + bytes(min(size, len(data) - at)) + data[at + size :],
        lambda: data[:at] + data[at:][:size] + data[at:],
    ][rng.randrange(6)]()


@on_both_cores
def test_a_damaged_file_is_refused(core: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", core)
    data, rng = bytes_of(SEGMENTER, path), random.Random(11)
    count = 0
    for _ in range(2000):
        write(path, mutated(data, rng))
        count += refused_or(path, SEGMENTER)
    assert count > 1000


@given(st.binary(max_size=300))
@example(b"")
@example(MAGIC)
@example(MAGIC + bytes(16))
@example(MAGIC + bytes([255] * 16))
@example("电网\t3\n".encode() * 20)
def test_any_bytes_are_refused(scratch: Path, data: bytes) -> None:
    for some in (data, MAGIC + data):
        write(scratch, some)
        refused(scratch)


@given(st.binary(min_size=1, max_size=200))
@example(bytes(64))
def test_bytes_after_the_end_are_refused(scratch: Path, data: bytes) -> None:
    scratch.unlink(missing_ok=True)
    write(scratch, bytes_of(SEGMENTER, scratch) + data)
    refused(scratch, "damaged: it does not end where it was ended")


# -------------------------------------------------------------------- whole containers that hold something else


@pytest.mark.parametrize(("kind", "version", "meta", "reason"), [
    ("counts", 1, {"segmenter": "hmm"}, "not a model file: it holds counts"),
    ("model", 2, {"segmenter": "hmm"}, "version 2 of the format; this program reads 1"),
    ("model", 1, {"segmenter": "lexicon"}, "expected a model for hmm, found one for lexicon"),
    ("model", 1, {}, "'segmenter' is missing"),
    ("model", 1, {"segmenter": ["hmm"]}, ""),
    ("model", 1, {"segmenter": None}, "found one for None"),
    ("model", 1, {"segmenter": {"hmm": 1}}, ""),
])  # fmt: skip
def test_another_file_is_refused(kind: str, version: int, meta: dict[str, Any], reason: str, path: Path) -> None:
    write_container(path, kind, version, meta, ARRAYS)
    refused(path, reason)


def test_the_way_out_is_part_of_the_message(path: Path) -> None:
    write_container(path, "counts", 1, {}, {})
    message = f"{path}: not a model file: it holds counts; make it anew with save() or `nlp-zero train`"
    with pytest.raises(ModelFormatError, match=f"^{re.escape(message)}$"):
        HMMSegmenter.load(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_array_is_named(name: str, path: Path) -> None:
    write_model(path, "hmm", {}, {other: array for other, array in ARRAYS.items() if other != name})
    refused(path, f"'{name}' is missing")


def test_more_than_is_needed_does_not_matter(path: Path) -> None:
    write_model(path, "hmm", {"more": [1, {"x": None}]}, ARRAYS | {"more": np.zeros((2, 0, 3))})
    assert HMMSegmenter.load(path) == SEGMENTER


TYPES = ["u1", "u4", "u8", "i4", "i8", "f4", "f8"]
wrong_arrays = st.sampled_from(TYPES).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9))
)
of_keys = st.integers(0, 2**64 - 1) | st.sampled_from([EDGE, HAN[0], 1 << 21 | HAN[0]])
of_shares = st.floats(width=32) | st.sampled_from([0.5, 0.25, 1e-30]).map(np.float32).map(float)
elements_of = {"u": of_keys, "i": st.integers(-2, 2**40), "f": of_shares}
# of the right types, so that their values are looked at
near_arrays = {
    name: wrong_arrays
    | arrays.arrays(
        ARRAYS[name].dtype,
        arrays.array_shapes(min_dims=1, max_dims=2, max_side=9) | st.just(ARRAYS[name].shape),
        elements=elements_of[ARRAYS[name].dtype.kind],
    )
    for name in NAMES
}


@on_both_cores
@given(data=st.data())
def test_wrong_arrays_are_refused(core: str, scratch: Path, data: st.DataObject) -> None:
    changed = data.draw(st.sets(st.sampled_from(NAMES), min_size=1))
    stored = ARRAYS | {name: data.draw(near_arrays[name]) for name in sorted(changed)}
    for name in data.draw(st.sets(st.sampled_from(sorted(changed)), max_size=1)):
        del stored[name]
    scratch.unlink(missing_ok=True)
    write_model(scratch, "hmm", {}, stored)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NLP_ZERO_CORE", core)
        refused_or(scratch)


@st.composite
def curious_models(draw: st.DrawFn) -> dict[str, Any]:
    """Arrays that are those of a tagger, but that nobody has learnt."""
    symbols = st.sampled_from([*HAN, NUMBER, LATIN, EDGE + 1, 0x10FFFF, 0x1FFFFF])
    single = [EDGE, *draw(st.lists(symbols, max_size=4))]
    pairs = draw(st.lists(st.tuples(st.sampled_from(single), symbols | st.sampled_from([0, 1, EDGE])), max_size=6))
    keys, node = trie_of([*((symbol,) for symbol in single), *pairs])
    ones = sum(len(string) < 2 for string in node)
    share = st.floats(2.0**-99, 0.5, width=32) | st.sampled_from([0.5, 0.25])
    shapes = {"contexts": (ones, 8), "emissions": (ones, 4), "pairs": (len(node) - ones, 8)}
    rows = {f"tagger.{name}": draw(arrays.arrays(np.float32, shape, elements=share)) for name, shape in shapes.items()}
    return {"tagger.keys": np.array(keys, dtype=U64), **rows}


@given(curious_models())
def test_any_tagger_works_and_does_so_on_both_cores(scratch: Path, stored: dict[str, Any]) -> None:
    scratch.unlink(missing_ok=True)
    write_model(scratch, "hmm", {}, stored)
    found = []
    for core in CORE_NAMES:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NLP_ZERO_CORE", core)
            assert not refused_or(scratch)
            segmenter = HMMSegmenter.load(scratch)
            found.append((segmenter.words(TEXT), segmenter.boundaries(TEXT).tolist()))
    assert all(one == found[0] for one in found)


# ------------------------------------------------------------------------------- headers with the right checksum


def container(header: bytes, body: bytes = b"") -> bytes:
    """A file with this header and the checksum of it."""
    start = MAGIC + len(header).to_bytes(8, "little") + zlib.crc32(header).to_bytes(8, "little") + header
    return start + bytes(-len(start) % 64) + body


@dataclass(frozen=True, repr=False)
class Whole:
    """The header and the body of a model."""

    header: dict[str, Any]
    body: bytes

    def changed(self, **parts: Any) -> bytes:
        """A file with other parts of the header."""
        return container(json.dumps(self.header | parts).encode(), self.body)

    def with_entry(self, number: int, entry: Any) -> bytes:
        """A file with another entry for one array."""
        return self.changed(arrays=[entry if i == number else old for i, old in enumerate(self.header["arrays"])])


@pytest.fixture(scope="session")
def whole(scratch: Path) -> Whole:
    scratch.unlink(missing_ok=True)
    data = bytes_of(SEGMENTER, scratch)
    length = int.from_bytes(data[8:16], "little")
    return Whole(json.loads(data[24 : 24 + length]), data[-(-(24 + length) // 64) * 64 :])


@pytest.mark.parametrize("header", [
    b"", b"{", b"{}", b"[]", b"5", b"null", b'"model"', b"\xff\xfe", b'{"kind": "model"}', b"[" * 100_000,
    b'{"a":' * 50_000, b"9" * 5000, b"NaN", b'{"kind": "model", "version": 1, "meta": {"segmenter": "hmm"}}',
    b'{"kind": "model", "version": 1, "meta": {"segmenter": "hmm"}, "arrays": []} x',
])  # fmt: skip
def test_a_header_that_says_something_else_is_refused(header: bytes, path: Path) -> None:
    write(path, container(header))
    refused(path)


JSON_VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    2**40,
    2**62,
    2**63,
    2**64,
    2**80,
    0.5,
    1e300,
    "",
    "x",
    [],
    [1],
    {},
    {"a": 1},
]


@pytest.mark.parametrize("value", JSON_VALUES, ids=repr)
@pytest.mark.parametrize("part", ["kind", "version", "meta", "arrays"])
def test_parts_of_the_header_are_checked(part: str, value: Any, path: Path, whole: Whole) -> None:
    write(path, whole.changed(**{part: value}))
    assert refused_or(path, SEGMENTER) or (part, value) == ("version", True)  # which is 1


WRONG_TYPES = [
    "<f2",
    "<c8",
    "O",
    "|O",
    "S5",
    "a5",
    "V8",
    "M8[s]",
    "m8",
    "?",
    "f",
    "<f4,<f4",
    "(2,)<f4",
    "(1,",
    ",",
    "1" * 5000 + "f8",
    ">f4",
    "<U3",
    "\x00",
    "(" * 500,
    [["a", "<f4"]],
    {"names": ["a"], "formats": ["<f4"]},
]
WRONG_SHAPES = [[-1], [-4, -2], [-1, 0], [-1, 8], [2**31, 2**33], [2**32, 2**32], [2**63], [2**40, 8], [0, 2**62],
                [1.5, 2], ["1"], [None], [[1, 2]], "33", [True], [1] * 70, [0] * 70, [8, 1.0]]  # fmt: skip
WRONG_PLACES = [-64, -(10**6), -(2**62), 2**40, 2**62, 2**63 - 1, 10**30, "0", [0], 0.0, -0.5, 1e308, float("nan"),
                float("inf")]  # fmt: skip
ENTRIES: list[tuple[str, Any]] = [("type", x) for x in [*WRONG_TYPES, *JSON_VALUES]]
ENTRIES += [("shape", x) for x in [*WRONG_SHAPES, *JSON_VALUES]]
ENTRIES += [("place", x) for x in [*WRONG_PLACES, *JSON_VALUES]]
ENTRIES += [("crc32", x) for x in JSON_VALUES]
ENTRIES += [("name", x) for x in JSON_VALUES]


@pytest.mark.parametrize(("part", "value"), ENTRIES, ids=lambda x: repr(x)[:30])
def test_entries_of_arrays_are_checked(part: str, value: Any, path: Path, whole: Whole) -> None:
    for number, own in enumerate(whole.header["arrays"]):
        write(path, whole.with_entry(number, own | {part: value}))
        assert refused_or(path, SEGMENTER) or value == own[part], number  # False is 0
        write(path, whole.with_entry(number, own | {part: value, "crc32": 0}))  # the checksum of nothing
        refused(path)
        write(path, whole.with_entry(number, {key: old for key, old in own.items() if key != part}))
        refused(path)


@pytest.mark.parametrize("entry", JSON_VALUES, ids=repr)
def test_entries_are_objects(entry: Any, path: Path, whole: Whole) -> None:
    write(path, whole.changed(arrays=[*whole.header["arrays"], entry]))
    refused(path)


NAMES_OF_PARTS = ["kind", "version", "meta", "arrays", "segmenter", "name", "type", "shape", "place", "crc32"]
nested = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["model", "hmm"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES_OF_PARTS) | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(nested)
def test_any_json_is_refused(scratch: Path, whole: Whole, value: Any) -> None:
    write(scratch, container(json.dumps(value).encode(), whole.body))
    refused(scratch)


@given(nested, st.sampled_from(["kind", "version", "meta", "arrays"]))
def test_any_part_of_the_header_is_checked(scratch: Path, whole: Whole, value: Any, part: str) -> None:
    write(scratch, whole.changed(**{part: value}))
    refused_or(scratch, SEGMENTER)


@given(nested, st.integers(0, 3), st.sampled_from(["name", "type", "shape", "place", "crc32"]))
@example(1e300, 1, "shape")
@example(-(10**6), 1, "place")
def test_any_part_of_an_entry_is_checked(scratch: Path, whole: Whole, value: Any, number: int, part: str) -> None:
    write(scratch, whole.with_entry(number, whole.header["arrays"][number] | {part: value}))
    refused_or(scratch, SEGMENTER)


@given(st.text(max_size=8))
@example("(1,")
@example(",")
@example("a5")
def test_any_type_is_checked(scratch: Path, whole: Whole, text: str) -> None:
    write(scratch, whole.with_entry(1, whole.header["arrays"][1] | {"type": text}))
    refused_or(scratch, SEGMENTER)


@on_both_cores
@pytest.mark.parametrize("shift", [1, 2, 3, 4, 7, 63])
def test_arrays_may_stand_anywhere(
    shift: int, core: str, path: Path, whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NLP_ZERO_CORE", core)
    moved = [entry | {"place": entry["place"] + shift} for entry in whole.header["arrays"]]
    write(path, Whole(whole.header | {"arrays": moved}, bytes(shift) + whole.body).changed())
    refused_or(path, SEGMENTER)


@pytest.mark.parametrize("text", ["f4", "=f4", "float32", "<f4"])
def test_a_type_may_be_written_in_other_ways(text: str, path: Path, whole: Whole) -> None:
    keys, *others = whole.header["arrays"]
    write(path, whole.changed(arrays=[keys, *(entry | {"type": text} for entry in others)]))
    refused_or(path, SEGMENTER)


# ------------------------------------------------------------------------------------------------ what makes models


def test_errors_of_makers_are_those_of_the_file(path: Path) -> None:
    def size(stored: Arrays) -> int:
        return len(stored["size"])

    def never(stored: Arrays) -> int:
        raise AssertionError(stored)

    write_model(path, "a", {}, {"size": np.zeros(3)})
    assert read_model(path, {"a": size, "b": never}) == 3
    with pytest.raises(ModelFormatError, match="expected a model for b or c, found one for a"):
        read_model(path, {"b": never, "c": never})
    for error in (KeyError("size"), ValueError("size"), TypeError("size")):

        def make(*_: object, error: Exception = error) -> int:
            raise error

        with pytest.raises(ModelFormatError, match=f"^{re.escape(str(path))}: .*size.*{re.escape(WAY_OUT)}$"):
            read_model(path, {"a": make})


def test_an_error_can_be_handed_to_another_process(path: Path) -> None:
    write(path, b"nothing")
    with pytest.raises(ModelFormatError) as caught:
        HMMSegmenter.load(path)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_copy_of_a_file_is_the_same_model(path: Path) -> None:
    SEGMENTER.save(path)
    other = path.with_name("copy")
    shutil.copy(path, other)
    assert HMMSegmenter.load(other) == HMMSegmenter.load(path)
