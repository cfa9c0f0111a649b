"""How LAPACK is called: through NumPy, on arrays of the host, with errors that say which matrix it was."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numbanet.core.checks import as_float
from numbanet.core.dtypes import FLOAT64
from numbanet.core.shapes import broadcast_shapes
from numbanet.core.table import Op
from numbanet.errors import LinAlgError, ShapeError
from numbanet.ops.by_numpy import floating, numpy_op
from numbanet.ops.shaping import matrix_transpose, reshape
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import Tensor, to_numpy
from numbanet.typing import ArrayLike


def lapack_op(name: str, compute: Callable[..., Any], vjp: Any = None) -> Op:
    """Return an op that `compute` runs in LAPACK, whose errors name the function, the shapes and the matrix."""

    def checked(*arrays: Any, **params: Any) -> Any:
        try:
            return compute(*arrays, **params)
        except np.linalg.LinAlgError as error:
            raise LinAlgError(_message(name, compute, arrays, params, error)) from None

    return numpy_op(name, checked, vjp)


def _message(name, compute, arrays, params, error):
    """What LAPACK said, of which matrix: the first of a batch at which it says so again."""
    shapes = " and ".join(f"shape {x.shape}" for x in arrays)
    text = f"{name}: {str(error).lower()} ({shapes}, {arrays[0].dtype})"
    batch = np.broadcast_shapes(*(x.shape[:-2] for x in arrays))
    rows = [np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in arrays]
    for index in np.ndindex(*batch) if batch else ():
        try:
            compute(*[x[index] for x in rows], **params)
        except np.linalg.LinAlgError:
            text += f", the matrix at {index}"
            break
    finite = all(np.isfinite(x).all() for x in arrays)
    return text if finite else f"{text}; there are NaN or infinities among the elements"


def matrix(name: str, x: ArrayLike) -> Tensor:
    """Return `x` as a floating tensor of at least two dimensions, or raise ShapeError."""
    (found,) = floating(name, x)
    check_matrix(name, found)
    return found


def check_matrix(name: str, x: Tensor) -> None:
    """Raise ShapeError unless `x` has two dimensions or more."""
    if x.ndim < 2:
        raise ShapeError(f"{name}: needs at least two dimensions, of matrices in the last two, got shape {x.shape}")


def square(name: str, x: ArrayLike) -> Tensor:
    """Return `x` as a floating tensor of square matrices, or raise ShapeError."""
    (found,) = floating(name, x)
    check_square(name, found)
    return found


def check_square(name: str, x: Tensor) -> None:
    """Raise ShapeError unless the last two dimensions of `x` are of one size."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name}: needs square matrices in the last two dimensions, got shape {x.shape}")


def symmetric(x: Tensor) -> Tensor:
    """Return half the sum of matrices and their transposes: they themselves where they are symmetric."""
    return (x + matrix_transpose(x)) * 0.5


def pack(parts: tuple[Any, ...], dims: tuple[int, ...]) -> np.ndarray:
    """Return the results of a decomposition as one array, their last dimensions in a row: the output of one op."""
    counts = [math.prod(part.shape[part.ndim - d :]) for part, d in zip(parts, dims, strict=True)]
    batches = [part.shape[: part.ndim - d] for part, d in zip(parts, dims, strict=True)]
    return np.concatenate([x.reshape(*batch, n) for x, batch, n in zip(parts, batches, counts, strict=True)], -1)


def unpack(packed: Tensor, *shapes: tuple[int, ...]) -> list[Tensor]:
    """Return the parts, of these last dimensions, of what `pack` has joined."""
    found, start = [], 0
    for shape in shapes:
        stop = start + math.prod(shape)
        found.append(reshape(packed[..., start:stop], (*packed.shape[:-1], *shape)))
        start = stop
    return found


def tolerance(what: str, value: Any, matrices: Tensor) -> Any:
    """Return a relative tolerance as a float, as an array with one for each of the matrices, or None."""
    listed = isinstance(value, (list, tuple))
    values = value if listed or value is None or isinstance(value, str) else values_of(value)
    if not listed and not getattr(values, "ndim", 0):
        return None if value is None else as_float(what, value)
    found = to_numpy(values, what, FLOAT64).astype(FLOAT64)
    batch = matrices.shape[:-2]
    if broadcast_shapes(what, found.shape, batch) != batch:
        raise ShapeError(f"{what} of shape {found.shape} is not one for each matrix of shape {matrices.shape}")
    return found
