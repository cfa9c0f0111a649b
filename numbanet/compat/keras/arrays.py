"""The functions of `keras.ops` that make, join, split and pick parts of arrays, with Keras 3's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from numbanet.compat.keras.calls import call
from numbanet.core.checks import as_integer, as_number
from numbanet.ops import arranging, creation
from numbanet.ops.elementwise import pow as power
from numbanet.tensor.tensor import Tensor, asarray, put
from numbanet.typing import ArrayLike, DType, Integer, Key, PadWidth, Real, Shape


def _window(values: Any) -> Tensor:
    return put(np.asarray(values, np.float32))


def where(condition: ArrayLike, x1: ArrayLike | None = None, x2: ArrayLike | None = None) -> Any:
    """Pick each element from one of two arrays; of a condition alone, return the positions where it is true.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.where([True, False], [1, 2], [3, 4])
    Tensor([1, 4], shape=(2,), dtype=int64)
    """
    return call(np.where, condition, *(() if x1 is None and x2 is None else (x1, x2)))


def append(x1: ArrayLike, x2: ArrayLike, axis: Integer | None = None) -> Tensor:
    """Join two arrays; without an axis, all their elements.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.append([1.0, 2.0], [3.0])
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """
    found: Tensor = call(np.append, x1, x2, axis)
    return found


def array_split(x: ArrayLike, indices_or_sections: Shape, axis: Integer = 0) -> list[Tensor]:
    """Split an array into parts, of nearly one size where it cannot be of one.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.array_split([1, 2, 3], 2)
    [Tensor([1, 2], shape=(2,), dtype=int64), Tensor([3], shape=(1,), dtype=int64)]
    """
    found: list[Tensor] = list(call(np.array_split, x, indices_or_sections, axis))
    return found


def bartlett(x: Integer) -> Tensor:
    """Return the Bartlett window of so many points.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.bartlett(5)
    Tensor([0. , 0.5, 1. , 0.5, 0. ], shape=(5,), dtype=float32)
    """
    found: Tensor = _window(np.bartlett(as_integer("bartlett: x", x, low=0)))
    return found


def blackman(x: Integer) -> Tensor:
    """Return the Blackman window of so many points.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.blackman(3)
    Tensor([-1.3877788e-17,  1.0000000e+00, -1.3877788e-17], shape=(3,), dtype=float32)
    """
    found: Tensor = _window(np.blackman(as_integer("blackman: x", x, low=0)))
    return found


def diag(x: ArrayLike, k: Integer = 0) -> Tensor:
    """Return the diagonal of a matrix, or the matrix with this diagonal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.diag([1, 2])
    Tensor([[1, 0],
            [0, 2]], shape=(2, 2), dtype=int64)
    """
    found: Tensor = call(np.diag, x, k)
    return found


def diagflat(x: ArrayLike, k: Integer = 0) -> Tensor:
    """Return the matrix that has all elements on a diagonal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.diagflat([[1, 2]])
    Tensor([[1, 0],
            [0, 2]], shape=(2, 2), dtype=int64)
    """
    found: Tensor = call(np.diagflat, x, k)
    return found


def dstack(xs: Sequence[ArrayLike]) -> Tensor:
    """Join arrays along the third dimension.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.dstack([[1, 2], [3, 4]])
    Tensor([[[1, 3],
             [2, 4]]], shape=(1, 2, 2), dtype=int64)
    """
    found: Tensor = call(np.dstack, [asarray(x) for x in xs])
    return found


def get_item(x: ArrayLike, key: Key) -> Tensor:
    """Return `x[key]`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.get_item([1.0, 2.0, 3.0], slice(1, None))
    Tensor([2., 3.], shape=(2,), dtype=float32)
    """
    found: Tensor = asarray(x)[key]
    return found


def hamming(x: Integer) -> Tensor:
    """Return the Hamming window of so many points.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hamming(3)
    Tensor([0.08, 1.  , 0.08], shape=(3,), dtype=float32)
    """
    found: Tensor = _window(np.hamming(as_integer("hamming: x", x, low=0)))
    return found


def hanning(x: Integer) -> Tensor:
    """Return the Hanning window of so many points.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hanning(5)
    Tensor([0. , 0.5, 1. , 0.5, 0. ], shape=(5,), dtype=float32)
    """
    found: Tensor = _window(np.hanning(as_integer("hanning: x", x, low=0)))
    return found


def identity(n: Integer, dtype: DType = None) -> Tensor:
    """Return the matrix with ones on its diagonal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.identity(2)
    Tensor([[1., 0.],
            [0., 1.]], shape=(2, 2), dtype=float32)
    """
    found: Tensor = creation.eye(n, dtype=dtype)
    return found


def kaiser(x: Integer, beta: Real) -> Tensor:
    """Return the Kaiser window of so many points.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.kaiser(3, 0.0)
    Tensor([1., 1., 1.], shape=(3,), dtype=float32)
    """
    found: Tensor = _window(np.kaiser(as_integer("kaiser: x", x, low=0), as_number("kaiser: beta", beta)))
    return found


def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: Integer = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType = None,
    axis: Integer = 0,
) -> Any:
    """Return so many numbers from one to another; and their distance, with `retstep`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.linspace(0.0, 1.0, 3)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    return call(np.linspace, start, stop, num, endpoint, retstep, dtype, axis)


def logspace(start: ArrayLike, stop: ArrayLike, num: Integer = 50, endpoint: bool = True, base: Real = 10) -> Tensor:
    """Return numbers whose logarithms are at equal distances.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.logspace(0.0, 2.0, 3)
    Tensor([  1.,  10., 100.], shape=(3,), dtype=float32)
    """
    found: Tensor = power(
        as_number("logspace: base", base, positive=True), creation.linspace(start, stop, num, endpoint=endpoint)
    )
    return found


def pad(x: ArrayLike, pad_width: PadWidth, mode: str = "constant", constant_values: ArrayLike | None = None) -> Tensor:
    """Put elements around an array.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.pad([1, 2], 1)
    Tensor([0, 1, 2, 0], shape=(4,), dtype=int64)
    """
    found: Tensor = call(
        np.pad, x, pad_width, mode, **({} if constant_values is None else {"constant_values": constant_values})
    )
    return found


def rot90(array: ArrayLike, k: Integer = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """Turn by quarters in a plane.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.rot90([[1, 2], [3, 4]])
    Tensor([[2, 4],
            [1, 3]], shape=(2, 2), dtype=int64)
    """
    found: Tensor = call(np.rot90, array, k, axes)
    return found


def select(condlist: Sequence[ArrayLike], choicelist: Sequence[ArrayLike], default: ArrayLike = 0) -> Tensor:
    """Pick each element from the first array whose condition is true.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.select([[True, False]], [[1, 2]], 7)
    Tensor([1, 7], shape=(2,), dtype=int64)
    """
    found: Tensor = call(np.select, [asarray(c) for c in condlist], [asarray(c) for c in choicelist], default)
    return found


def take(x: ArrayLike, indices: ArrayLike, axis: Integer | None = None) -> Tensor:
    """Return the elements at indices along a dimension; without one, of the flattened array.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.take([[1, 2], [3, 4]], [3, 0])
    Tensor([4, 1], shape=(2,), dtype=int64)
    """
    found: Tensor = call(np.take, x, indices, axis)
    return found


def take_along_axis(x: ArrayLike, indices: ArrayLike, axis: Integer | None = None) -> Tensor:
    """Return one element per index along a dimension; without one, of the flattened array.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.take_along_axis([[1, 2], [3, 4]], [[1], [0]], 1)
    Tensor([[2],
            [3]], shape=(2, 1), dtype=int64)
    """
    found: Tensor = call(np.take_along_axis, x, indices, axis)
    return found


def tri(N: Integer, M: Integer | None = None, k: Integer = 0, dtype: DType = None) -> Tensor:
    """Return ones on and below a diagonal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.tri(2)
    Tensor([[1., 0.],
            [1., 1.]], shape=(2, 2), dtype=float32)
    """
    found: Tensor = arranging.tril(creation.ones((N, N if M is None else M), dtype), k=k)
    return found


def tril(x: ArrayLike, k: Integer = 0) -> Tensor:
    """Return what is on a diagonal and below it, with zeros elsewhere.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.tril([[1, 2], [3, 4]])
    Tensor([[1, 0],
            [3, 4]], shape=(2, 2), dtype=int64)
    """
    found: Tensor = arranging.tril(x, k=k)
    return found


def triu(x: ArrayLike, k: Integer = 0) -> Tensor:
    """Return what is on a diagonal and above it, with zeros elsewhere.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.triu([[1, 2], [3, 4]])
    Tensor([[1, 2],
            [0, 4]], shape=(2, 2), dtype=int64)
    """
    found: Tensor = arranging.triu(x, k=k)
    return found


def unravel_index(indices: ArrayLike, shape: Shape) -> tuple[Tensor, ...]:
    """Turn positions in a flattened array into those along its dimensions.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.unravel_index([3], (2, 2))
    (Tensor([1], shape=(1,), dtype=int64), Tensor([1], shape=(1,), dtype=int64))
    """
    found: tuple[Tensor, ...] = tuple(call(np.unravel_index, indices, shape))
    return found


def vander(x: ArrayLike, N: Integer | None = None, increasing: bool = False) -> Tensor:
    """Return powers of numbers, side by side.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.vander([2, 3], 3)
    Tensor([[4, 2, 1],
            [9, 3, 1]], shape=(2, 3), dtype=int64)
    """
    found: Tensor = call(np.vander, x, N, increasing)
    return found


def vsplit(x: ArrayLike, indices_or_sections: Shape) -> list[Tensor]:
    """Split an array along its first dimension.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.vsplit([[1, 2], [3, 4]], 2)
    [Tensor([[1, 2]], shape=(1, 2), dtype=int64), Tensor([[3, 4]], shape=(1, 2), dtype=int64)]
    """
    found: list[Tensor] = list(call(np.vsplit, x, indices_or_sections))
    return found
