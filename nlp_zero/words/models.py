"""Model files: what a segmenter has learnt, in the container of `nlp_zero.files`, mapped into memory.

The kind of file is ``model``. Its meta says which segmenter it is of (``segmenter``); arrays are named
``part.array``. Nothing in it is executed, and whatever is in it is checked before it is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

import numpy.typing as npt

from ..errors import ModelFormatError
from ..files import ContainerError, open_container, write_container

__all__ = ["Arrays", "read_model", "write_model"]

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]
Model = TypeVar("Model")
_VERSION: Final = 1


def write_model(path: str | os.PathLike[str], segmenter: str, meta: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a model of this kind of segmenter."""
    write_container(path, "model", _VERSION, {"segmenter": segmenter, **meta}, dict(arrays))


def read_model(path: str | os.PathLike[str], makers: Mapping[str, Callable[[Arrays], Model]]) -> Model:
    """Read a model.

    Parameters
    ----------
    path
        The file.
    makers
        For each kind of segmenter that is expected what makes it of its arrays; it raises KeyError, TypeError or
        ValueError if they are not what it needs.

    Raises
    ------
    ModelFormatError
        If the file holds no such model, is damaged, or is of another version.
    OSError
        If it cannot be read.
    """
    try:
        meta, stored = open_container(path, "model", (_VERSION,))
        arrays = {name: array.map().reshape(shape) for name, (array, shape) in stored.items()}
        kind = meta["segmenter"]
        if kind not in makers:
            raise ContainerError(f"expected a model for {' or '.join(makers)}, found one for {kind}")
        return makers[kind](arrays)
    except (ContainerError, KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ModelFormatError(f"{os.fspath(path)}: {reason}; make it anew with save() or `nlp-zero train`") from None
