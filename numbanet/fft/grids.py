"""Frequencies of bins, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.checks import as_float
from numbanet.core.dtypes import DEFAULT_FLOAT, as_dtype, is_float
from numbanet.core.shapes import as_size, normalize_axes
from numbanet.errors import ArgumentError, DTypeError
from numbanet.fft.numbers import Complex, ComplexLike
from numbanet.ops.shaping import roll
from numbanet.tensor.tensor import Tensor, asarray, put
from numbanet.typing import Axis, Device, Integer, Real

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def _frequencies(name, function, n, d, dtype, device):
    n, d = as_size(f"{name}: n", n, 1), as_float(f"{name}: d", d)
    if not d:
        raise ArgumentError(f"{name}: d, the distance of samples, must not be 0")
    kind = as_dtype(DEFAULT_FLOAT if dtype is None else dtype, name)
    if not is_float(kind):
        raise DTypeError(f"{name}: frequencies need a floating dtype, got {kind}")
    return put(function(n, d).astype(kind), device)


def fftfreq(n: Integer, d: Real = 1.0, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return the frequencies of the bins of `fft`, in cycles per unit of `d`.

    Parameters
    ----------
    n : int
        How many samples are transformed.
    d : float
        The distance of samples.
    dtype : dtype, optional
        float32 by default.
    device : {None, "cpu", "cuda"}
        Where to put them.

    Returns
    -------
    Tensor
        Of shape (n,).

    Raises
    ------
    ArgumentError
        When n is not positive, or d is 0 or not a number.
    DTypeError
        When the dtype is not floating.

    References
    ----------
    Python array API standard 2024.12, fft.fftfreq.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.fftfreq(4)
    Tensor([ 0.  ,  0.25, -0.5 , -0.25], shape=(4,), dtype=float32)
    """
    return _frequencies("fft.fftfreq", np.fft.fftfreq, n, d, dtype, device)


def rfftfreq(n: Integer, d: Real = 1.0, dtype: DTypeLike | None = None, device: Device = None) -> Tensor:
    """Return the frequencies of the bins of `rfft`, in cycles per unit of `d`.

    Parameters
    ----------
    n : int
        How many samples are transformed.
    d : float
        The distance of samples.
    dtype : dtype, optional
        float32 by default.
    device : {None, "cpu", "cuda"}
        Where to put them.

    Returns
    -------
    Tensor
        Of shape (n // 2 + 1,).

    Raises
    ------
    ArgumentError
        When n is not positive, or d is 0 or not a number.
    DTypeError
        When the dtype is not floating.

    References
    ----------
    Python array API standard 2024.12, fft.rfftfreq.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.rfftfreq(4)
    Tensor([0.  , 0.25, 0.5 ], shape=(3,), dtype=float32)
    """
    return _frequencies("fft.rfftfreq", np.fft.rfftfreq, n, d, dtype, device)


def _shifted(name, x, axes, backwards) -> Any:
    if isinstance(x, tuple):
        if len(x) != 2:
            raise ArgumentError(f"{name}: a tuple is (real, imag), got one of {len(x)}")
        return Complex(*(_shifted(name, part, axes, backwards) for part in x))
    x = asarray(x)
    places = normalize_axes(name, axes, x.ndim)
    if not places:
        return x
    return roll(x, tuple(-(x.shape[d] // 2) if backwards else x.shape[d] // 2 for d in places), places)


def fftshift(x: ComplexLike, axes: Axis = None) -> Any:
    """Return bins in the order of their frequencies: the frequency 0 goes to the middle.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, or real numbers; any shape and dtype.
    axes : int, tuple of int, or None
        Which dimensions; None for all.

    Returns
    -------
    Tensor, or Complex of two
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When a tuple does not have two parts.

    References
    ----------
    Python array API standard 2024.12, fft.fftshift.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.fftshift(nn.fft.fftfreq(4))
    Tensor([-0.5 , -0.25,  0.  ,  0.25], shape=(4,), dtype=float32)
    """
    return _shifted("fft.fftshift", x, axes, False)


def ifftshift(x: ComplexLike, axes: Axis = None) -> Any:
    """Return bins in the order in which transforms have them: the inverse of `fftshift`.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, or real numbers; any shape and dtype.
    axes : int, tuple of int, or None
        Which dimensions; None for all.

    Returns
    -------
    Tensor, or Complex of two
        Of the shape and dtype of `x`.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When a tuple does not have two parts.

    References
    ----------
    Python array API standard 2024.12, fft.ifftshift.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.ifftshift([-0.5, -0.25, 0.0, 0.25])
    Tensor([ 0.  ,  0.25, -0.5 , -0.25], shape=(4,), dtype=float32)
    """
    return _shifted("fft.ifftshift", x, axes, True)
