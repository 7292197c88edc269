"""Writing files safely, and the container of arrays."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nlp_zero.files import ContainerError, read_container, replacing, write_container

# ------------------------------------------------------------------------------------------------- replacing


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_appears_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "词.txt"
    with replacing(target) as out:
        out.write(b"text")
        out.flush()
        assert not target.exists()
    assert target.read_bytes() == b"text"
    assert os.listdir(tmp_path) == ["词.txt"]


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_new_file_has_the_usual_permissions(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        with replacing(os.fspath(tmp_path / "new")) as out:
            out.write(b"text")
        (tmp_path / "usual").write_bytes(b"text")
        assert os.umask(mask) == mask  # asking for it changed nothing
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "new") == mode_of(tmp_path / "usual")


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_overwriting_keeps_permissions(mode: int, tmp_path: Path) -> None:
    target = tmp_path / "old"
    target.write_bytes(b"old")
    target.chmod(mode)
    with replacing(target) as out:
        out.write(b"new")
        out.flush()
        assert target.read_bytes() == b"old"
    assert (target.read_bytes(), mode_of(target)) == (b"new", mode)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("old", [None, b"old"])
def test_an_error_keeps_what_was_there(error: type[BaseException], old: bytes | None, tmp_path: Path) -> None:
    target = tmp_path / "file"
    if old is not None:
        target.write_bytes(old)
    with pytest.raises(error), replacing(target) as out:
        out.write(b"half of what")
        raise error
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([] if old is None else [old])


def test_an_error_while_renaming_leaves_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk is gone")

    monkeypatch.setattr("nlp_zero.files.os.replace", fail)
    with pytest.raises(OSError, match="disk is gone"), replacing(tmp_path / "file") as out:
        out.write(b"text")
    assert os.listdir(tmp_path) == []


def test_a_link_keeps_pointing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    link.symlink_to(target)
    for text in (b"new", b"newer"):  # first where nothing is, then over a file
        with replacing(link) as out:
            out.write(text)
        assert link.is_symlink() and target.read_bytes() == text
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "link", "target"]


def test_a_device_is_written_directly() -> None:
    with replacing(os.devnull) as out:
        out.write(b"text")
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="expected a file") as caught, replacing(tmp_path):
        pytest.fail("nothing can be written")
    assert caught.value.filename == os.fspath(tmp_path)
    assert os.listdir(tmp_path) == []


def test_the_folder_has_to_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "missing" / "file"):
        pytest.fail("nothing can be written")


# ------------------------------------------------------------------------------------------------ containers

TYPES = ["u1", "u4", "u8", "i4", "i8", "f4", "f8", ">i8", ">u4", ">f8"]
some_arrays = st.dictionaries(
    st.text("abc词", min_size=1, max_size=3),
    st.sampled_from(TYPES).flatmap(
        lambda dtype: arrays.arrays(
            dtype,
            arrays.array_shapes(max_dims=2, min_side=0, max_side=9),
            elements={"allow_nan": False} if "f" in dtype else None,
        )
    ),
    max_size=4,
)
some_meta = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=3)


@given(some_meta, some_arrays)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, meta: dict[str, object], given_arrays: dict[str, np.ndarray]
) -> None:
    path = tmp_path_factory.getbasetemp() / "container"
    write_container(path, "things", 3, meta, given_arrays)
    assert path.stat().st_size % 64 == 0
    found_meta, found = read_container(path, "things", (2, 3))
    assert found_meta == meta
    assert list(found) == list(given_arrays)
    for name, array in given_arrays.items():
        assert found[name].dtype == array.dtype.newbyteorder("<")
        np.testing.assert_array_equal(found[name], array)
        assert found[name].flags.aligned and not found[name].flags.writeable
        assert found[name].size == 0 or found[name].ctypes.data % 64 == 0


def test_arrays_are_not_copied_into_memory(tmp_path: Path) -> None:
    write_container(tmp_path / "c", "things", 1, {}, {"a": np.arange(9), "none": np.zeros((0, 3)), "b": np.arange(5.0)})
    _, found = read_container(tmp_path / "c", "things", (1,))
    assert found["none"].shape == (0, 3) and found["b"].tolist() == [0, 1, 2, 3, 4]
    assert not found["a"].flags.owndata
    with pytest.raises(ValueError):
        found["a"][0] = 1


def test_every_layout_of_memory_is_written(tmp_path: Path) -> None:
    square = np.arange(12).reshape(3, 4)
    write_container(tmp_path / "c", "things", 1, {}, {"turned": square.T, "part": square[:, ::2]})
    _, found = read_container(tmp_path / "c", "things", (1,))
    assert found["turned"].tolist() == square.T.tolist() and found["part"].tolist() == square[:, ::2].tolist()


def test_the_file_is_what_its_module_says(tmp_path: Path) -> None:
    write_container(tmp_path / "c", "things", 1, {"order": 4}, {"a": np.array([1, 256], dtype=np.uint32)})
    data = (tmp_path / "c").read_bytes()
    length = int.from_bytes(data[8:16], "little")
    assert data[:8] == b"NLPZERO\n"
    assert data[24 : 24 + length].startswith(b'{"kind": "things", "version": 1, "meta": {"order": 4}, "arrays": [')
    start = -(-(24 + length) // 64) * 64
    assert data[start : start + 8] == bytes([1, 0, 0, 0, 0, 1, 0, 0])
    assert not any(data[24 + length : start]) and not any(data[start + 8 :]) and len(data) == start + 64


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c"
    write_container(path, "things", 2, {}, {"a": np.arange(100)})
    with pytest.raises(ContainerError, match="not a counts file: it holds things"):
        read_container(path, "counts", (2,))
    with pytest.raises(ContainerError, match="version 2 of the format; this program reads 1, 3"):
        read_container(path, "things", (1, 3))
    whole = path.read_bytes()
    for size in (0, 7, 23):
        path.write_bytes(whole[:size])
        with pytest.raises(ContainerError, match="not a things file: expected it to begin with"):
            read_container(path, "things", (2,))
    path.write_bytes(whole[:60])
    with pytest.raises(ContainerError, match="damaged: the header"):
        read_container(path, "things", (2,))
    path.write_bytes(whole[:-300])
    with pytest.raises(ContainerError, match="damaged: array a"):
        read_container(path, "things", (2,))
    with pytest.raises(FileNotFoundError):
        read_container(tmp_path / "none", "things", (2,))
