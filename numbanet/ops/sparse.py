"""Sparse rows: what `dot`, `matmul` and `Dense` take besides tensors, and the products with them.

A batch of rows is a tensor of row numbers beside a matrix that never changes. So nothing is gathered and nothing is
made dense; a step that is replayed gets other row numbers, and reads the same matrix.
"""

from __future__ import annotations

from typing import Any, Literal, Never

import numpy as np

from numbanet.core.dtypes import as_dtype, promote
from numbanet.core.table import Op
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.kernels.memory import device_of, empty
from numbanet.launching.copies import contiguous, full
from numbanet.launching.launch import Kernel
from numbanet.loops import sparse as loops
from numbanet.ops.indexing import getitem, take
from numbanet.ops.shaping import expand_dims, reshape
from numbanet.ops.touched import note_gradient, note_operand
from numbanet.tensor.csr import CsrMatrix, csr_of
from numbanet.tensor.foreign import SparseOperand, is_sparse, sparse_refusal
from numbanet.tensor.lists import dtype_of_floats
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, apply, asarray, put
from numbanet.tensor.variable import Variable
from numbanet.typing import Array, ArrayLike, Device, DType

DENSE = frozenset((Tensor, Variable, np.ndarray))
"""What operands nearly always are: whether others are sparse takes two calls each, which a dense product saves."""


class SparseRows(SparseOperand):
    """Rows of a sparse matrix, as layers and functions get them: `nn.dot`, `nn.matmul` and `Dense` take them.

    `fit`, `evaluate`, `predict` and the call of a layer make them of a sparse matrix or array of SciPy. In a training
    loop of your own, make them once and pick the rows of each batch, which copies nothing. The matrix is checked and
    copied when they are made; what is written to it later is not seen. Elements that the matrix does not store take no
    part in a product, even where they would meet NaN or infinity. Gradients flow to the dense operand alone.

    Parameters
    ----------
    matrix : sparse matrix or array of SciPy, (rows, columns)
        In CSR form; other forms are converted. Of booleans, integers, float32 or float64. Columns may stand in any
        order; elements that are stored twice are added up.
    device : {None, "cpu", "cuda"}
        As in `nn.asarray`.

    Raises
    ------
    ArgumentError
        When it is not sparse.
    DataError
        When its indices do not fit its shape.
    DTypeError
        When it is complex, or of another dtype that numbanet does not have.

    References
    ----------
    Saad: Iterative Methods for Sparse Linear Systems, section 3.4.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> from scipy import sparse
    >>> rows = nn.SparseRows(sparse.csr_array(np.eye(4, dtype="f4")))
    >>> nn.dot(rows[[3, 0]], np.arange(8.0, dtype="f4").reshape(4, 2))
    Tensor([[6., 7.],
            [0., 1.]], shape=(2, 2), dtype=float32)
    """

    __slots__ = ("__weakref__", "dtype", "matrix", "rows")
    ndim = 2
    rows: Tensor
    """Which rows of the matrix these are, int64."""
    matrix: CsrMatrix
    dtype: np.dtype[Any]
    """What the elements are computed with; the matrix itself may be of another."""

    def __init__(self, matrix: Any, device: Device = None) -> None:
        self.matrix = csr_of("SparseRows", matrix)
        self.rows, self.dtype = put(np.arange(self.matrix.shape[0]), device), self.matrix.values.dtype

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows these are, and how many columns they have."""
        return len(self), self.matrix.shape[1]

    @property
    def size(self) -> int:
        """How many elements these are, zeros included."""
        return len(self) * self.matrix.shape[1]

    @property
    def device(self) -> str:
        """Where products with them are computed."""
        return self.rows.device

    def __len__(self) -> int:
        return self.rows.shape[0]

    def __getitem__(self, key: Any) -> SparseRows:
        """Return some of the rows: of a slice, of row numbers, or of a mask with a boolean for each."""
        if isinstance(key, slice):
            return picked(self.matrix, getitem(self.rows, key), self.dtype)
        if isinstance(key, (list, np.ndarray, Operators)):
            key = np.asarray(key) if isinstance(key, list) and key else key
            if isinstance(key, np.ndarray) and key.dtype.kind == "b" and key.shape == (len(self),):
                key = np.flatnonzero(key)
            numbers = np.zeros(0, np.int64) if isinstance(key, list) else key
            if numbers.ndim == 1:
                return picked(self.matrix, take(self.rows, numbers), self.dtype)
        given = f"shape {key.shape}" if hasattr(key, "shape") else repr(key)
        raise ArgumentError(f"sparse rows of shape {self.shape} are picked by a slice or by row numbers, got {given}")

    def astype(self, dtype: DType) -> SparseRows:
        """Return the same rows, computed with in another dtype; floats do not become integers."""
        wanted = as_dtype(dtype, "astype")
        if wanted.kind != "f" and self.dtype.kind == "f" and wanted != self.dtype:
            raise DTypeError(f"astype: sparse rows of {self.dtype} do not become {wanted}")
        return self if wanted == self.dtype else picked(self.matrix, self.rows, wanted)

    def to_device(self, device: Literal["cpu", "cuda"]) -> SparseRows:
        """Return the same rows, to be computed with on another device."""
        return picked(self.matrix, self.rows.to_device(device), self.dtype)

    def toarray(self) -> Array:
        """Return the rows with all their zeros, (rows, columns), on the host: for a look at a few."""
        matrix, out = self.matrix, np.zeros(self.shape, self.dtype)
        for i, row in enumerate(self.rows.numpy()):
            entries = slice(matrix.starts[row], matrix.starts[row + 1])
            out[i, matrix.columns[entries]] = matrix.values[entries]
        return out

    def __eq__(self, other: object) -> bool:
        """Return whether both are one object; a comparison with numbers would be one of elements, and is refused."""
        if isinstance(other, (int, float, np.ndarray, np.generic, Operators)):
            raise sparse_refusal("equal", self)
        return self is other

    __hash__ = object.__hash__

    def __matmul__(self, other: ArrayLike) -> Tensor:
        return sparse_dot("matmul", self, other)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Never:
        raise sparse_refusal("np.asarray", self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Tensor:
        if ufunc is np.matmul and method == "__call__" and not options:
            return sparse_dot("np.matmul", *inputs)
        raise sparse_refusal(f"np.{ufunc.__name__}", self)

    def _refused(self, *_: Any) -> Never:
        raise sparse_refusal("arithmetic", self)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refused
    __pow__ = __rpow__ = __neg__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = _refused

    def __rmatmul__(self, other: ArrayLike) -> Tensor:
        return sparse_dot("matmul", other, self)

    def __repr__(self) -> str:
        return f"SparseRows(shape={self.shape}, dtype={self.dtype}, entries={len(self.matrix.columns)} of the matrix)"


def picked(matrix: CsrMatrix, rows: Tensor, dtype: Any = None) -> SparseRows:
    """Return the rows of a matrix that have these numbers, int64; that the matrix has such rows is not checked."""
    made = SparseRows.__new__(SparseRows)
    made.matrix, made.rows, made.dtype = matrix, rows, matrix.values.dtype if dtype is None else dtype
    return made


def as_samples(x: Any, dtype: Any = None, device: Device = None, what: str = "asarray") -> Any:
    """Return what a layer computes with: sparse rows stay sparse, everything else becomes a Tensor."""
    if isinstance(x, Operators) or not is_sparse(x):
        return asarray(x, dtype, device)
    return x if isinstance(x, SparseRows) else rows_of(what, x, device)


def rows_of(what: str, x: Any, device: Device = None) -> SparseRows:
    """Return a sparse matrix of SciPy as sparse rows: `SparseRows(x, device)`, with `what` in errors."""
    matrix = csr_of(what, x)
    return picked(matrix, put(np.arange(matrix.shape[0]), device))


def sparse_dot(op: str, a: Any, b: Any) -> Tensor:
    """Return the product of sparse rows (m, k) and a dense (k, n) or (k,)."""
    if not is_sparse(a) or is_sparse(b):
        shapes = " and ".join(str(tuple(np.shape(x) if not hasattr(x, "shape") else x.shape)) for x in (a, b))
        raise ArgumentError(
            f"{op}: only the first operand can be sparse, got shapes {shapes}; a product a @ s with a sparse s is "
            f"nn.{op}(s.T.tocsr(), a.T).T"
        )
    dense = isinstance(b, Operators)
    x = as_samples(a, device=b.device if dense else None, what=op)
    y = asarray(b) if dense else asarray(b, dtype_of_floats(b, x.dtype if x.dtype.kind == "f" else None), x.device)
    if y.ndim not in (1, 2):
        raise ShapeError(f"{op}: sparse rows of shape {x.shape} are multiplied by (k, n) or (k,), got {y.shape}")
    if x.shape[1] != y.shape[0]:
        raise ShapeError(f"{op}: shapes {x.shape} and {y.shape} do not fit: {x.shape[1]} != {y.shape[0]}")
    note_operand(y)
    common = promote(op, x.dtype, y.dtype)
    y = y if y.dtype == common else y.astype(common)
    product = apply(_CSR_DOT, x.rows, y if y.ndim == 2 else expand_dims(y, 1), matrix=x.matrix, dtype=common)
    return product if y.ndim == 2 else reshape(product, product.shape[:1])


_dot, _dot_transposed = Kernel(loops.csr_dot), Kernel(loops.csr_dot_transposed)


def _nanoseconds(matrix, units):
    """What a row takes, roughly."""
    return 5.0 + matrix.entries_of_row * (1.0 + 0.15 * units)


def _csr_dot_forward(rows, y, matrix, dtype):
    out = empty((rows.shape[0], y.shape[1]), dtype)
    if out.size:
        parts = matrix.on(device_of("dot", [rows]), dtype)
        _dot(rows.shape[0], contiguous(rows), *parts, contiguous(y), out, cost=_nanoseconds(matrix, y.shape[1]))
    return out


def _csr_dot_transposed_forward(rows, g, matrix, dtype):
    columns, place = matrix.shape[1], device_of("dot", [rows])
    out = full((columns, g.shape[1]), 0, dtype)
    if out.size:
        cost = rows.shape[0] * (20.0 + _nanoseconds(matrix, g.shape[1])) / columns
        parts = matrix.on(place, dtype)
        _dot_transposed(columns, contiguous(rows), *parts, matrix.cuts(place), contiguous(g), out, cost=cost)
    return out


def _by_dense(g, y, rows, x, matrix, dtype):
    gradient = apply(_CSR_DOT_TRANSPOSED, rows, g, matrix=matrix, dtype=dtype)
    note_gradient(gradient, matrix, rows)
    return gradient


def _by_gradient(g, y, rows, x, matrix, dtype):
    return apply(_CSR_DOT, rows, g, matrix=matrix, dtype=dtype)


_CSR_DOT = Op("csr_dot", sparse_dot, forward=_csr_dot_forward, vjp=(None, _by_dense), recordable=True)
_CSR_DOT_TRANSPOSED = Op(
    "csr_dot_transposed", sparse_dot, forward=_csr_dot_transposed_forward, vjp=(None, _by_gradient), recordable=True
)
"""Not in the table, since the matrix is not a tensor: `dot` and `matmul` are the functions."""
