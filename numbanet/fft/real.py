"""Transforms of real numbers, of whose bins one half says all, and their inverses."""

from __future__ import annotations

from numbanet.errors import ShapeError
from numbanet.fft.numbers import (
    ADJOINT,
    Complex,
    ComplexLike,
    Norm,
    check_norm,
    from_real,
    parts_of,
    places_and_sizes,
    real_of,
    sized,
    to_real,
    transform,
)
from numbanet.ops.arranging import moveaxis
from numbanet.tensor.tensor import Tensor, apply
from numbanet.typing import ArrayLike, Integer, Shape


def _bins(name, x, s, axes, norm):
    """The transform of real numbers: by `from_real` along the last axis, then as that of complex ones."""
    x = real_of(name, x)
    places, sizes = places_and_sizes(name, x.shape, s, axes)
    norm = check_norm(name, norm)
    for axis, size in zip(places, sizes, strict=True):
        x = sized(x, axis, size)
    last = places[-1]
    found = moveaxis(apply(from_real, moveaxis(x, last, -1), norm=norm), -1, last + 1)
    if len(places) > 1:
        found = apply(transform, found, axes=places[:-1], inverse=False, norm=norm)
    return Complex(found[0], found[1])


def _signal(name, x, s, axes, norm):
    """The inverse of `_bins`."""
    parts = parts_of(name, x)
    shape = list(parts.shape[1:])
    places, _ = places_and_sizes(name, shape, s, axes)
    last = places[-1]
    shape[last] = 2 * (shape[last] - 1)
    if s is None and shape[last] < 1:
        raise ShapeError(
            f"{name}: of one bin the size of the signal has to be said, got shape {tuple(parts.shape[1:])}"
        )
    places, sizes = places_and_sizes(name, shape, s, axes)
    norm = check_norm(name, norm)
    for axis, size in zip(places[:-1], sizes[:-1], strict=True):
        parts = sized(parts, axis + 1, size)
    parts = sized(parts, last + 1, sizes[-1] // 2 + 1)
    if len(places) > 1:
        parts = apply(transform, parts, axes=places[:-1], inverse=True, norm=norm)
    return moveaxis(apply(to_real, moveaxis(parts, last + 1, -1), size=sizes[-1], norm=norm), -1, last)


def rfft(x: ArrayLike, n: Integer | None = None, axis: Integer = -1, norm: Norm = "backward") -> Complex:
    """Return the discrete Fourier transform of real numbers along an axis: the bins that say all.

    Parameters
    ----------
    x : array-like
        Real numbers. Floating; integers become float32.
    n : int, optional
        The size along the axis: it is cut off there, or continued by zeros. None takes it as it is.
    axis : int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of `x` but for n // 2 + 1 bins along the axis.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When a size is not positive, or there is no such norm.

    References
    ----------
    Cooley and Tukey: An algorithm for the machine calculation of complex Fourier series, Mathematics of Computation 19,
    1965; NumPy reference, numpy.fft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.rfft([2.0, 1.0])
    Complex(real=Tensor([3., 1.], shape=(2,), dtype=float32), imag=Tensor([0., 0.], shape=(2,), dtype=float32))
    """
    return _bins("fft.rfft", x, None if n is None else (n,), (axis,), norm)


def irfft(x: ComplexLike, n: Integer | None = None, axis: Integer = -1, norm: Norm = "backward") -> Tensor:
    """Return the real numbers of which `rfft` gives these bins.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, of the bins from 0 to n // 2. Floating; integers become float32.
    n : int, optional
        The size of the result along the axis: 2 * (bins - 1) by default; an odd one has to be said.
    axis : int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Tensor
        Of the shape of the parts but for `n`.

    Raises
    ------
    ShapeError
        When the two parts differ in shape, or an axis is out of range.
    ArgumentError
        When a size is not positive, or there is no such norm.

    References
    ----------
    Cooley and Tukey: An algorithm for the machine calculation of complex Fourier series, Mathematics of Computation 19,
    1965; NumPy reference, numpy.fft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.irfft([3.0, 1.0])
    Tensor([2., 1.], shape=(2,), dtype=float32)
    """
    return _signal("fft.irfft", x, None if n is None else (n,), (axis,), norm)


def rfft2(x: ArrayLike, s: Shape | None = None, axes: Shape = (-2, -1), norm: Norm = "backward") -> Complex:
    """Return the discrete Fourier transform of real numbers along two axes.

    Parameters
    ----------
    x : array-like
        Real numbers. Floating; integers become float32.
    s : tuple of int, optional
        The sizes along the axes: they are cut off there, or continued by zeros. None takes them as they are.
    axes : tuple of int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of `x` but for n // 2 + 1 bins along the last axis.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When a size is not positive, or there is no such norm.

    References
    ----------
    Cooley and Tukey: An algorithm for the machine calculation of complex Fourier series, Mathematics of Computation 19,
    1965; NumPy reference, numpy.fft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.rfft2([[1.0, 1.0], [1.0, 1.0]]).real
    Tensor([[4., 0.],
            [0., 0.]], shape=(2, 2), dtype=float32)
    """
    return _bins("fft.rfft2", x, s, axes, norm)


def irfft2(x: ComplexLike, s: Shape | None = None, axes: Shape = (-2, -1), norm: Norm = "backward") -> Tensor:
    """Return the real numbers of which `rfft2` gives these bins.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, of the bins from 0 to n // 2. Floating; integers become float32.
    s : tuple of int, optional
        The sizes of the result along the axes; that of the last one is 2 * (bins - 1) by default.
    axes : tuple of int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Tensor
        Of the shape of the parts but for `s`.

    Raises
    ------
    ShapeError
        When the two parts differ in shape, or an axis is out of range.
    ArgumentError
        When a size is not positive, or there is no such norm.

    References
    ----------
    Cooley and Tukey: An algorithm for the machine calculation of complex Fourier series, Mathematics of Computation 19,
    1965; NumPy reference, numpy.fft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.irfft2([[4.0, 0.0], [0.0, 0.0]])
    Tensor([[1., 1.],
            [1., 1.]], shape=(2, 2), dtype=float32)
    """
    return _signal("fft.irfft2", x, s, axes, norm)


def rfftn(x: ArrayLike, s: Shape | None = None, axes: Shape | None = None, norm: Norm = "backward") -> Complex:
    """Return the discrete Fourier transform of real numbers along several axes.

    Parameters
    ----------
    x : array-like
        Real numbers. Floating; integers become float32.
    s : tuple of int, optional
        The sizes along the axes: they are cut off there, or continued by zeros. None takes them as they are.
    axes : tuple of int, optional
        Along which to transform: all, or the last ones that `s` has sizes for, by default.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of `x` but for n // 2 + 1 bins along the last axis.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When a size is not positive, or there is no such norm.

    References
    ----------
    Cooley and Tukey: An algorithm for the machine calculation of complex Fourier series, Mathematics of Computation 19,
    1965; NumPy reference, numpy.fft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.rfftn([[1.0, 1.0], [1.0, 1.0]]).real
    Tensor([[4., 0.],
            [0., 0.]], shape=(2, 2), dtype=float32)
    """
    return _bins("fft.rfftn", x, s, axes, norm)


def irfftn(x: ComplexLike, s: Shape | None = None, axes: Shape | None = None, norm: Norm = "backward") -> Tensor:
    """Return the real numbers of which `rfftn` gives these bins.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, of the bins from 0 to n // 2. Floating; integers become float32.
    s : tuple of int, optional
        The sizes of the result along the axes; that of the last one is 2 * (bins - 1) by default.
    axes : tuple of int, optional
        Along which to transform: all, or the last ones that `s` has sizes for, by default.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Tensor
        Of the shape of the parts but for `s`.

    Raises
    ------
    ShapeError
        When the two parts differ in shape, or an axis is out of range.
    ArgumentError
        When a size is not positive, or there is no such norm.

    References
    ----------
    Cooley and Tukey: An algorithm for the machine calculation of complex Fourier series, Mathematics of Computation 19,
    1965; NumPy reference, numpy.fft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.irfftn([[4.0, 0.0], [0.0, 0.0]])
    Tensor([[1., 1.],
            [1., 1.]], shape=(2, 2), dtype=float32)
    """
    return _signal("fft.irfftn", x, s, axes, norm)


def hfft(x: ComplexLike, n: Integer | None = None, axis: Integer = -1, norm: Norm = "backward") -> Tensor:
    """Return the real transform of a signal of which one half is given, the other its mirrored conjugate.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, of the elements from 0 to n // 2. Floating; integers become float32.
    n : int, optional
        The size of the result along the axis: 2 * (elements - 1) by default; an odd one has to be said.
    axis : int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Tensor
        Of the shape of the parts but for `n`.

    Raises
    ------
    ShapeError
        When the two parts differ in shape, or an axis is out of range.
    ArgumentError
        When a size is not positive, or there is no such norm.

    References
    ----------
    Cooley and Tukey: An algorithm for the machine calculation of complex Fourier series, Mathematics of Computation 19,
    1965; NumPy reference, numpy.fft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.hfft([2.0, 1.0])
    Tensor([3., 1.], shape=(2,), dtype=float32)
    """
    parts = parts_of("fft.hfft", x)
    norm = ADJOINT[check_norm("fft.hfft", norm)]
    return _signal("fft.hfft", (parts[0], -parts[1]), None if n is None else (n,), (axis,), norm)


def ihfft(x: ArrayLike, n: Integer | None = None, axis: Integer = -1, norm: Norm = "backward") -> Complex:
    """Return one half of the signal of which `hfft` gives these real numbers.

    Parameters
    ----------
    x : array-like
        Real numbers. Floating; integers become float32.
    n : int, optional
        The size along the axis: it is cut off there, or continued by zeros. None takes it as it is.
    axis : int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of `x` but for n // 2 + 1 elements along the axis.

    Raises
    ------
    ShapeError
        When an axis is out of range.
    ArgumentError
        When a size is not positive, or there is no such norm.

    References
    ----------
    Cooley and Tukey: An algorithm for the machine calculation of complex Fourier series, Mathematics of Computation 19,
    1965; NumPy reference, numpy.fft.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.fft.ihfft([3.0, 1.0])
    Complex(real=Tensor([2., 1.], shape=(2,), dtype=float32), imag=Tensor([-0., -0.], shape=(2,), dtype=float32))
    """
    norm = ADJOINT[check_norm("fft.ihfft", norm)]
    found = _bins("fft.ihfft", x, None if n is None else (n,), (axis,), norm)
    return Complex(found.real, -found.imag)
