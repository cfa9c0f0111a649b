"""Matrices in compressed sparse row form, as kernels read them: checked once, and a copy that nobody can write to."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.dtypes import check_supported
from numbanet.errors import ArgumentError, DataError, DTypeError, ShapeError
from numbanet.tensor.foreign import SparseOperand, is_scipy_sparse


class CsrMatrix:
    """A sparse matrix: the entries of row r are at the positions starts[r] <= p < starts[r + 1].

    Parameters
    ----------
    what : str
        What the matrix is, for errors.
    shape : (int, int)
    values : numpy.ndarray, (entries,)
    columns : numpy.ndarray of integers, (entries,)
        In any order within a row; values of the same place are added up.
    starts : numpy.ndarray of integers, (rows + 1,)

    Raises
    ------
    DTypeError
        When the values are not numbers that numbanet has, or the others not integers.
    DataError
        When the three do not describe a matrix of this shape.
    ShapeError
        When there are too many columns.
    """

    __slots__ = ("__weakref__", "_cuts", "_placed", "columns", "shape", "starts", "values")

    def __init__(self, what: str, shape: tuple[int, int], values: Any, columns: Any, starts: Any) -> None:
        self.shape = shape
        values = check_supported(values, what)
        if shape[1] > np.iinfo(np.int32).max:
            raise ShapeError(f"{what}: more than {np.iinfo(np.int32).max} columns are not supported")
        entries = _checked(what, shape, values, columns, starts)
        self.starts = starts.astype(np.int64)
        self.columns = columns[:entries].astype(np.int32)
        self.values = values[:entries].copy()
        self._put_in_order()
        for array in (self.starts, self.columns, self.values):
            array.flags.writeable = False
        self._placed: dict[Any, Any] = {}
        self._cuts: dict[Any, Any] = {}

    def _put_in_order(self):
        """Sort the entries of each row by column, and add up those of one place."""
        later = self.columns[1:] > self.columns[:-1]
        first = self.starts[1:-1]  # of a row, which may come after any column of the row before
        later[first[(first > 0) & (first < len(self.columns))] - 1] = True
        if later.all():
            return
        row = np.repeat(np.arange(self.shape[0]), np.diff(self.starts))
        order = np.lexsort((self.columns, row))
        row, columns = row[order], self.columns[order]
        new = np.concatenate([[True], (row[1:] != row[:-1]) | (columns[1:] != columns[:-1])])
        self.values = np.add.reduceat(self.values[order], np.flatnonzero(new), dtype=self.values.dtype)
        self.columns = columns[new]
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(row[new], minlength=self.shape[0]))])

    def in_snapshots(self) -> tuple[()]:
        """Return what a snapshot compares besides the object's identity: nothing, since it never changes."""
        return ()

    def on(self, place: Any, dtype: np.dtype) -> tuple[Any, Any, Any]:
        """Return starts, columns and values of a dtype where kernels of a device read them, None for the host; kept."""
        if (place, dtype) not in self._placed:
            values = self.values.astype(dtype, copy=False)
            self._placed[place, dtype] = *self._structure(place), _put(values, place)
        return self._placed[place, dtype]

    def _structure(self, place):
        if place not in self._placed:
            self._placed[place] = _put(self.starts, place), _put(self.columns, place)
        return self._placed[place]

    def cuts(self, place: Any) -> Any:
        """Return as many ranges of columns as there are columns, where each begins: all have about as many entries."""
        if place not in self._cuts:
            n = self.shape[1]
            before = np.concatenate([[0], np.cumsum(np.bincount(self.columns, minlength=n) + 1)])
            self._cuts[place] = _put(np.searchsorted(before, np.arange(n + 1) * before[-1] // max(n, 1)), place)
        return self._cuts[place]

    @property
    def entries_of_row(self) -> float:
        """How many entries a row has on average."""
        return len(self.columns) / max(self.shape[0], 1)


def _put(array, place):
    return array if place is None else place.from_host(array)


def _checked(what, shape, values, columns, starts):
    """Return how many entries a matrix has, after a look at everything that kernels will follow without one."""
    for name, array in (("indices", columns), ("indptr", starts)):
        if array.ndim != 1 or array.dtype.kind not in "iu":
            raise DTypeError(f"{what}: {name} must be one row of integers, got shape {array.shape} of {array.dtype}")
    if values.ndim != 1:
        raise DataError(f"{what}: data must be one row of numbers, got shape {values.shape}")
    if len(starts) != shape[0] + 1 or starts[0] != 0 or (starts[1:] < starts[:-1]).any():
        raise DataError(f"{what}: indptr must have {shape[0] + 1} numbers, from 0 up, got {len(starts)} of them")
    entries = int(starts[-1])
    if entries > min(len(columns), len(values)):
        raise DataError(
            f"{what}: indptr ends with {entries}, but there are {len(columns)} indices and {len(values)} values"
        )
    used = columns[:entries]
    if entries and (used.min() < 0 or used.max() >= shape[1]):
        raise DataError(f"{what}: indices must be from 0 to {shape[1] - 1}, got {used.min()} to {used.max()}")
    return entries


def csr_of(what: str, x: Any) -> CsrMatrix:
    """Return a sparse matrix or array of SciPy as a CsrMatrix; what is in another form than CSR is converted."""
    if not is_scipy_sparse(x):
        kind = "sparse rows" if isinstance(x, SparseOperand) else type(x).__name__
        raise ArgumentError(f"{what}: needs a sparse matrix or array of SciPy, got {kind}")
    name = f"{what}: {type(x).__name__} of shape {x.shape}"
    if len(x.shape) != 2:
        raise ShapeError(f"{name}: sparse data needs two dimensions, rows and columns")
    if x.format != "csr":
        x = _converted(name, x)
    rows, columns = map(int, x.shape)
    return CsrMatrix(name, (rows, columns), x.data, x.indices, x.indptr)


def _converted(name, x):
    """Return a sparse matrix as CSR. SciPy follows indices without a look: they are checked before."""
    if x.format == "csc":  # the rows of the transposed matrix
        _checked(name, x.shape[::-1], x.data, x.indices, x.indptr)
        return x.tocsr()
    try:
        own = x.copy()  # which check_format may change
        if hasattr(own, "check_format"):
            own.check_format(full_check=True)
        return own.tocsr()
    except (ValueError, IndexError, TypeError) as error:
        raise DataError(f"{name}: SciPy cannot make CSR of it: {error}") from error
