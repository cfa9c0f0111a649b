"""Short-time transforms: signals cut into windows that overlap."""

from __future__ import annotations

import numpy as np

from numbanet.core.checks import as_count, as_flag
from numbanet.errors import ArgumentError, ShapeError
from numbanet.fft.numbers import Complex, parts_of, real_of
from numbanet.fft.real import irfft, rfft
from numbanet.ops.indexing import take, take_back
from numbanet.ops.shaping import reshape
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import Tensor, asarray, put
from numbanet.typing import ArrayLike, Integer

_COSINES = {"hann": (0.5, 0.5), "hamming": (0.54, 0.46)}
_NOTHING = 1e-10
"""A sum of squared windows up to this one counts as none, as in SciPy."""


def _window(name, window, count, size, dtype):
    """The window as an array in the middle of `size` elements, for the `count` elements that it weights."""
    if isinstance(window, str):
        if window not in _COSINES:
            raise ArgumentError(f"{name}: window must be 'hann', 'hamming', an array or None, got {window!r}")
        mean, swing = _COSINES[window]
        values = mean - swing * np.cos(2 * np.pi * np.arange(count) / count)
    else:
        values = np.ones(count) if window is None else values_of(asarray(window))
        if values.shape != (count,):
            raise ShapeError(f"{name}: the window must have shape ({count},), got {values.shape}")
    before = (size - count) // 2
    return np.pad(values, (before, size - count - before)).astype(dtype)


def _lengths(name, sequence_length, sequence_stride, fft_length):
    count = as_count(f"{name}: sequence_length", sequence_length, 1)
    stride = as_count(f"{name}: sequence_stride", sequence_stride, 1)
    size = as_count(f"{name}: fft_length", fft_length, 1)
    if size < count:
        raise ArgumentError(f"{name}: fft_length must be at least sequence_length, {count}, got {size}")
    return count, stride, size


def _places(frames, stride, size):
    """Where in the signal the elements of each frame lie."""
    return np.arange(frames)[:, None] * stride + np.arange(size)


def stft(
    x: ArrayLike,
    sequence_length: Integer,
    sequence_stride: Integer,
    fft_length: Integer,
    window: str | ArrayLike | None = "hann",
    center: bool = True,
) -> Complex:
    """Return the short-time Fourier transform: that of windows of a signal, each some elements after the last.

    Parameters
    ----------
    x : array-like, (..., samples)
        Real numbers. Floating; integers become float32.
    sequence_length : int
        How many samples a window weights.
    sequence_stride : int
        How many samples later the next one begins.
    fft_length : int
        The size of each transform, at least `sequence_length`.
    window : {"hann", "hamming"}, array-like of shape (sequence_length,), or None
        The weights; None for ones. No gradient flows to them.
    center : bool
        Whether the first window has the first sample in its middle: the signal is mirrored at both ends.

    Returns
    -------
    Complex
        `real` and `imag`, (..., windows, fft_length // 2 + 1), of the dtype of `x`.

    Raises
    ------
    ShapeError
        When the signal is shorter than one window, or too short to be mirrored, or the window has another length.
    ArgumentError
        When a length is not positive, `fft_length` is below `sequence_length`, or there is no such window.

    References
    ----------
    Allen and Rabiner: A unified approach to short-time Fourier analysis and synthesis, Proceedings of the IEEE 65,
    1977; Keras 3, keras.ops.stft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.stft([1.0, 1.0, 1.0, 1.0], 2, 2, 2, window=None, center=False).real
    Tensor([[2., 0.],
            [2., 0.]], shape=(2, 2), dtype=float32)
    """
    x = real_of("fft.stft", x)
    count, stride, size = _lengths("fft.stft", sequence_length, sequence_stride, fft_length)
    margin = size // 2 if as_flag("fft.stft: center", center) else 0
    samples = x.shape[-1] if x.ndim else 0
    if samples + 2 * margin < size or (margin and samples <= margin):
        raise ShapeError(f"fft.stft: a signal of shape {x.shape} is too short for windows of {size} samples")
    mirrored = np.pad(np.arange(samples), margin, mode="reflect")
    places = mirrored[_places(1 + (mirrored.size - size) // stride, stride, size)]
    weights = put(_window("fft.stft", window, count, size, x.dtype), x.device)
    return rfft(take(x, places, -1) * weights)


def istft(
    x: tuple[ArrayLike, ArrayLike],
    sequence_length: Integer,
    sequence_stride: Integer,
    fft_length: Integer,
    length: Integer | None = None,
    window: str | ArrayLike | None = "hann",
    center: bool = True,
) -> Tensor:
    """Return the signal whose short-time Fourier transform is closest to this one.

    Parameters
    ----------
    x : tuple of two array-likes, (..., windows, fft_length // 2 + 1)
        Real and imaginary parts, as `stft` returns them. Floating; integers become float32.
    sequence_length : int
        How many samples a window weights.
    sequence_stride : int
        How many samples later the next one begins.
    fft_length : int
        The size of each transform, at least `sequence_length`.
    length : int, optional
        How many samples to return; as many as there are by default.
    window : {"hann", "hamming"}, array-like of shape (sequence_length,), or None
        The weights; None for ones. No gradient flows to them.
    center : bool
        Whether the first window has the first sample in its middle.

    Returns
    -------
    Tensor
        Of shape (..., samples) and the dtype of `x`.

    Raises
    ------
    ShapeError
        When the parts have another number of bins, or fewer than two dimensions, or the window has another length.
    ArgumentError
        When a length is not positive, `fft_length` is below `sequence_length`, or there is no such window.

    References
    ----------
    Griffin and Lim: Signal estimation from modified short-time Fourier transform, IEEE Transactions on Acoustics,
    Speech, and Signal Processing 32, 1984, equation 6; Keras 3, keras.ops.istft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.istft(nn.fft.stft([1.0, 2.0, 3.0, 4.0], 2, 1, 2), 2, 1, 2)
    Tensor([1., 2., 3., 4.], shape=(4,), dtype=float32)
    """
    count, stride, size = _lengths("fft.istft", sequence_length, sequence_stride, fft_length)
    margin = size // 2 if as_flag("fft.istft: center", center) else 0
    wanted = None if length is None else as_count("fft.istft: length", length, 1)
    parts = parts_of("fft.istft", x)
    if parts.ndim < 3 or parts.shape[-1] != size // 2 + 1 or not parts.shape[-2]:
        raise ShapeError(f"fft.istft: needs parts of shape (..., windows, {size // 2 + 1}), got {parts.shape[1:]}")
    frames = irfft((parts[0], parts[1]), size)
    weights = _window("fft.istft", window, count, size, frames.dtype)
    total = size + stride * (frames.shape[-2] - 1)
    places = _places(frames.shape[-2], stride, size).reshape(-1)
    flat = reshape(frames * put(weights, frames.device), (*frames.shape[:-2], places.size))
    joined = take_back(flat, put(places, frames.device), flat.ndim - 1, (*frames.shape[:-2], total))
    squares = np.bincount(places, np.tile(weights.astype(np.float64) ** 2, frames.shape[-2]), total)
    scale = (1.0 / np.where(squares > _NOTHING, squares, 1.0)).astype(frames.dtype)
    found = joined * put(scale, frames.device)
    return found[..., margin : total - margin if wanted is None else margin + wanted]
