"""The window functions of `keras.ops`: NumPy computes them, in float64, and the result is float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numbanet.core.checks import as_number
from numbanet.core.shapes import as_size
from numbanet.tensor.tensor import Tensor, put
from numbanet.typing import Integer, Real

_LARGEST_BETA = 700.0
"""The Bessel function of the Kaiser window overflows in float64 a little beyond it."""


def _window(name: str, function: Callable[..., Any], x: Integer, *shape: float) -> Tensor:
    return put(np.asarray(function(as_size(f"{name}: x", x), *shape), np.float32))


def bartlett(x: Integer) -> Tensor:
    """Return the Bartlett window, a triangle that is zero at both ends.

    Parameters
    ----------
    x : int
        The number of points, at least 0.

    Returns
    -------
    Tensor
        Of shape (x,), float32, with a maximum of 1. One point gives [1.].

    Raises
    ------
    ArgumentError
        When `x` is not an integer, or is negative.

    References
    ----------
    Harris: On the use of windows for harmonic analysis with the discrete Fourier transform, Proceedings of the IEEE 66,
    1978. Keras 3, keras.ops.bartlett.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.bartlett(5)
    Tensor([0. , 0.5, 1. , 0.5, 0. ], shape=(5,), dtype=float32)
    """
    return _window("bartlett", np.bartlett, x)


def blackman(x: Integer) -> Tensor:
    """Return the Blackman window, `0.42 - 0.5 cos(2 pi i / (x - 1)) + 0.08 cos(4 pi i / (x - 1))`.

    Parameters
    ----------
    x : int
        The number of points, at least 0.

    Returns
    -------
    Tensor
        Of shape (x,), float32. The ends are zero up to rounding. One point gives [1.].

    Raises
    ------
    ArgumentError
        When `x` is not an integer, or is negative.

    References
    ----------
    Blackman and Tukey: The measurement of power spectra, Dover, 1958. Keras 3, keras.ops.blackman.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.round(nn.ops.blackman(5) * 100)
    Tensor([ -0.,  34., 100.,  34.,  -0.], shape=(5,), dtype=float32)
    """
    return _window("blackman", np.blackman, x)


def hamming(x: Integer) -> Tensor:
    """Return the Hamming window, `0.54 - 0.46 cos(2 pi i / (x - 1))`.

    Parameters
    ----------
    x : int
        The number of points, at least 0.

    Returns
    -------
    Tensor
        Of shape (x,), float32. One point gives [1.].

    Raises
    ------
    ArgumentError
        When `x` is not an integer, or is negative.

    References
    ----------
    Harris: On the use of windows for harmonic analysis with the discrete Fourier transform, Proceedings of the IEEE 66,
    1978. Keras 3, keras.ops.hamming.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hamming(3)
    Tensor([0.08, 1.  , 0.08], shape=(3,), dtype=float32)
    """
    return _window("hamming", np.hamming, x)


def hanning(x: Integer) -> Tensor:
    """Return the Hann window, `0.5 - 0.5 cos(2 pi i / (x - 1))`.

    Parameters
    ----------
    x : int
        The number of points, at least 0.

    Returns
    -------
    Tensor
        Of shape (x,), float32. One point gives [1.].

    Raises
    ------
    ArgumentError
        When `x` is not an integer, or is negative.

    References
    ----------
    Harris: On the use of windows for harmonic analysis with the discrete Fourier transform, Proceedings of the IEEE 66,
    1978. Keras 3, keras.ops.hanning.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.hanning(5)
    Tensor([0. , 0.5, 1. , 0.5, 0. ], shape=(5,), dtype=float32)
    """
    return _window("hanning", np.hanning, x)


def kaiser(x: Integer, beta: Real) -> Tensor:
    """Return the Kaiser window, `I0(beta sqrt(1 - t ** 2)) / I0(beta)` with t from -1 to 1.

    I0 is the modified Bessel function of the first kind of order 0.

    Parameters
    ----------
    x : int
        The number of points, at least 0.
    beta : float
        The shape, from -700 to 700. 0 gives a rectangle, 5 is close to the Hamming window, 8.6 to the Blackman window.

    Returns
    -------
    Tensor
        Of shape (x,), float32. One point gives [1.].

    Raises
    ------
    ArgumentError
        When `x` is not an integer, or is negative, or `beta` is not a number from -700 to 700.

    References
    ----------
    Kaiser and Schafer: On the use of the I0-sinh window for spectrum analysis, IEEE Transactions on Acoustics, Speech,
    and Signal Processing 28, 1980. Keras 3, keras.ops.kaiser.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.kaiser(3, 0.0)
    Tensor([1., 1., 1.], shape=(3,), dtype=float32)
    """
    return _window("kaiser", np.kaiser, x, as_number("kaiser: beta", beta, low=-_LARGEST_BETA, high=_LARGEST_BETA))
