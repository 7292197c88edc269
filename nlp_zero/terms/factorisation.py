"""Vectors whose products are associations: the matrix of positive PMI, and its greatest eigenvalues, with numpy alone.

Input: how often pairs of things occur together. Output: a vector for each thing.

1. The association of two things is their pointwise mutual information less a constant, 0 where that is negative: what
   word2vec's skip-gram factorises implicitly (Levy & Goldberg 2014, Neural Word Embedding as Implicit Matrix
   Factorization). Rare things are associated with everything they were ever seen with; smoothing their shares by a
   power below 1 takes some of that back (Levy, Goldberg & Dagan 2015, Improving Distributional Similarity with Lessons
   Learned from Word Embeddings).
2. Its truncated singular value decomposition comes from a randomised range finder with power iterations (Halko,
   Martinsson & Tropp 2011, Finding Structure with Randomness). The matrix is symmetric, so its singular vectors are
   eigenvectors, and its singular values are what its eigenvalues are without their signs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.symbols import Floats, Integers
from ..parallel import checkpoint
from ..progress import Advance

__all__ = ["DIRECTIONS_MORE", "PRODUCTS", "SymmetricMatrix", "leading_eigenpairs", "positive_pmi", "vectors_of"]

_SEED: Final = 20160910  # of the random directions, which are the same each time
DIRECTIONS_MORE: Final = 20  # directions beyond those that are wanted, without which the last ones would be poor
PRODUCTS: Final = 4  # with the matrix; more make the last directions exact, but found no better neighbours
_NOISE: Final = 1e-6  # eigenvalues below this share of the greatest one are rounding errors of float32
_ENTRIES: Final = 1024  # of a row that are multiplied at once: what they are multiplied by fits into a cache


@dataclass(frozen=True, slots=True)
class SymmetricMatrix:
    """A symmetric matrix most of whose entries are 0.

    Attributes
    ----------
    starts
        Where the entries of each row begin, and how many there are at the end; shape (n + 1,).
    columns, values
        The entries, row by row, columns rising.
    """

    starts: Integers
    columns: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.starts) - 1

    @classmethod
    def from_triangle(
        cls,
        rows: npt.NDArray[np.signedinteger[Any]],
        columns: npt.NDArray[np.signedinteger[Any]],
        values: Floats,
        n: int,
    ) -> SymmetricMatrix:
        """A matrix of n rows.

        Parameters
        ----------
        rows, columns, values
            The entries of which the row is no greater than the column, sorted by both, none twice.
        """
        below = np.flatnonzero(rows != columns)
        below = below[np.argsort(columns[below], kind="stable")]
        sizes_below = np.bincount(columns[below], minlength=n)
        sizes = np.bincount(rows, minlength=n)
        starts = np.concatenate(([0], np.cumsum(sizes + sizes_below)))
        all_columns = np.empty(starts[-1], dtype=np.int32)
        all_values = np.empty(starts[-1], dtype=np.float32)
        before = np.cumsum(sizes) - sizes
        places = np.arange(len(rows)) + (starts[:-1] + sizes_below - before)[rows]
        all_columns[places], all_values[places] = columns, values
        before = np.cumsum(sizes_below) - sizes_below
        places = np.arange(len(below)) + (starts[:-1] - before)[columns[below]]
        all_columns[places], all_values[places] = rows[below], values[below]
        return cls(starts, all_columns, all_values)

    def __matmul__(self, dense: Floats) -> Floats:
        """The product with a dense matrix of shape (n, k).

        Time O(entries * k), memory for the result.
        """
        n, width = dense.shape
        out = np.zeros((n, width))
        rows = np.empty((_ENTRIES, width))
        starts = self.starts.tolist()
        for i in range(n):
            for first in range(starts[i], starts[i + 1], _ENTRIES):
                end = min(first + _ENTRIES, starts[i + 1])
                some = np.take(dense, self.columns[first:end], axis=0, out=rows[: end - first], mode="clip")
                out[i] += self.values[first:end].astype(np.float64) @ some
        return out


def positive_pmi(
    left: npt.NDArray[np.signedinteger[Any]],
    right: npt.NDArray[np.signedinteger[Any]],
    number: npt.NDArray[Any],
    totals: npt.NDArray[Any],
    *,
    shift: float,
    smoothing: float,
) -> SymmetricMatrix:
    """The matrix of shifted positive pointwise mutual information.

    Parameters
    ----------
    left, right
        Pairs of things, numbered from 0, the lesser number first, sorted, none twice.
    number
        How often each pair occurs together, more than 0.
    totals
        For each thing, how often it occurs together with others: the sum of its row.
    shift
        What is taken off, in nats: the ln k of k negative samples.
    smoothing
        The power of the smoothed shares.

    Notes
    -----
    A pair is a count in two cells of a symmetric matrix, and two in one of a thing with itself. With p(i, j) the share
    of a cell, p(i) that of a row, and p'(i) ∝ p(i) ** smoothing, an entry is
    max(0, ln p(i, j) - ½ ln p(i) p'(i) - ½ ln p(j) p'(j) - shift): the mean of smoothing either side, which keeps the
    matrix symmetric.
    """
    some = totals > 0
    whole = float(totals.sum())
    logs = np.log(totals[some].astype(np.float64))
    shares = logs - math.log(whole) if whole else logs
    smooth = smoothing * logs
    both = np.zeros(len(totals))
    both[some] = (shares + smooth - math.log(np.exp(smooth).sum() or 1.0)) / 2
    values = np.log(np.where(left == right, 2, 1) * number.astype(np.float64) / (whole or 1.0))
    values -= both[left]
    values -= both[right]
    values -= shift
    kept = np.flatnonzero(values > 0)
    return SymmetricMatrix.from_triangle(left[kept], right[kept], values[kept], len(totals))


def leading_eigenpairs(matrix: SymmetricMatrix, number: int, advance: Advance | None = None) -> tuple[Floats, Floats]:
    """The eigenvalues that are farthest from 0, and their eigenvectors.

    Parameters
    ----------
    matrix
        The matrix, of n rows.
    number
        How many are wanted.
    advance
        Called with 1 for each of the products that take the time, `PRODUCTS` or fewer.

    Returns
    -------
    values : shape (k,)
        Exact for small matrices; of great ones the first are nearly so, the last about so. k is less than `number`
        where the matrix has a lower rank.
    vectors : shape (n, k)
        Of length 1, each with its entry that is farthest from 0 positive.

    Notes
    -----
    Time O(entries * number + n * number ** 2), memory O(n * number).
    """
    if not len(matrix.values):
        return np.zeros(0), np.zeros((len(matrix), 0))
    n = len(matrix)
    if n <= number + DIRECTIONS_MORE:
        basis: Floats = np.eye(n)
        rounds = range(1)
    else:
        basis = np.random.Generator(np.random.PCG64(_SEED)).standard_normal((n, number + DIRECTIONS_MORE))
        rounds = range(PRODUCTS)
    product = basis
    for step in rounds:
        checkpoint()
        basis = _orthonormal(product) if step else basis
        product = matrix @ basis
        if advance is not None:
            advance(1)
    inner = basis.T @ product
    values, inner = np.linalg.eigh((inner + inner.T) / 2)
    order = np.argsort(-np.abs(values), kind="stable")[:number]
    order = order[np.abs(values[order]) > _NOISE * np.abs(values).max(initial=0.0)]
    vectors = basis @ inner[:, order]
    sizes = np.abs(vectors)
    # The first of those that are as far but for rounding: which of them is farthest may differ between machines.
    farthest = (sizes >= sizes.max(axis=0, initial=0.0) * (1 - _NOISE)).argmax(axis=0)
    vectors *= np.where(vectors[farthest, np.arange(len(order))] < 0, -1.0, 1.0)
    return values[order], vectors


def _orthonormal(columns: Floats) -> Floats:
    """An orthonormal basis of what some columns span, but for directions of which hardly anything is there.

    By way of their products with each other, twice: with numpy that is several times as fast as a QR decomposition,
    takes less memory, and the second time makes up for the digits that products lose.
    """
    for _ in range(2):
        squares, turned = np.linalg.eigh(columns.T @ columns)
        kept = squares > _NOISE**2 * squares.max()
        columns = columns @ (turned[:, kept] / np.sqrt(squares[kept]))
    return columns


def vectors_of(
    matrix: SymmetricMatrix, size: int, exponent: float, advance: Advance | None = None
) -> npt.NDArray[np.float32]:
    """A vector for each row: its entries in the leading eigenvectors, times |eigenvalue| ** exponent; shape (n, k)."""
    values, vectors = leading_eigenpairs(matrix, size, advance)
    return np.asarray(vectors * np.abs(values) ** exponent, dtype=np.float32)
