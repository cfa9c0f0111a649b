"""Transforms of complex numbers."""

from __future__ import annotations

from numbanet.fft.numbers import Complex, ComplexLike, Norm, one, transformed
from numbanet.typing import Integer, Shape


def fft(x: ComplexLike, n: Integer | None = None, axis: Integer = -1, norm: Norm = "backward") -> Complex:
    """Return the discrete Fourier transform along an axis.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, or real numbers. Floating; integers become float32.
    n : int, optional
        The size along the axis: it is cut off there, or continued by zeros. None takes it as it is.
    axis : int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of the parts but for `n`.

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
    >>> nn.fft.fft([2.0, 1.0])
    Complex(real=Tensor([3., 1.], shape=(2,), dtype=float32), imag=Tensor([0., 0.], shape=(2,), dtype=float32))
    """
    return transformed("fft.fft", x, one(n), (axis,), norm, False)


def ifft(x: ComplexLike, n: Integer | None = None, axis: Integer = -1, norm: Norm = "backward") -> Complex:
    """Return the inverse of the discrete Fourier transform along an axis.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, or real numbers. Floating; integers become float32.
    n : int, optional
        The size along the axis: it is cut off there, or continued by zeros. None takes it as it is.
    axis : int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of the parts but for `n`.

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
    >>> nn.fft.ifft([3.0, 1.0])
    Complex(real=Tensor([2., 1.], shape=(2,), dtype=float32), imag=Tensor([0., 0.], shape=(2,), dtype=float32))
    """
    return transformed("fft.ifft", x, one(n), (axis,), norm, True)


def fft2(x: ComplexLike, s: Shape | None = None, axes: Shape = (-2, -1), norm: Norm = "backward") -> Complex:
    """Return the discrete Fourier transform along two axes.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, or real numbers. Floating; integers become float32.
    s : tuple of int, optional
        The sizes along the axes: they are cut off there, or continued by zeros. None takes them as they are.
    axes : tuple of int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of the parts but for `s`.

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
    >>> nn.fft.fft2([[1.0, 1.0], [1.0, 1.0]]).real
    Tensor([[4., 0.],
            [0., 0.]], shape=(2, 2), dtype=float32)
    """
    return transformed("fft.fft2", x, s, axes, norm, False)


def ifft2(x: ComplexLike, s: Shape | None = None, axes: Shape = (-2, -1), norm: Norm = "backward") -> Complex:
    """Return the inverse of the discrete Fourier transform along two axes.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, or real numbers. Floating; integers become float32.
    s : tuple of int, optional
        The sizes along the axes: they are cut off there, or continued by zeros. None takes them as they are.
    axes : tuple of int
        Along which to transform.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of the parts but for `s`.

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
    >>> nn.fft.ifft2([[4.0, 0.0], [0.0, 0.0]]).real
    Tensor([[1., 1.],
            [1., 1.]], shape=(2, 2), dtype=float32)
    """
    return transformed("fft.ifft2", x, s, axes, norm, True)


def fftn(x: ComplexLike, s: Shape | None = None, axes: Shape | None = None, norm: Norm = "backward") -> Complex:
    """Return the discrete Fourier transform along several axes.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, or real numbers. Floating; integers become float32.
    s : tuple of int, optional
        The sizes along the axes: they are cut off there, or continued by zeros. None takes them as they are.
    axes : tuple of int, optional
        Along which to transform: all, or the last ones that `s` has sizes for, by default.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of the parts but for `s`.

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
    >>> nn.fft.fftn([[1.0, 1.0], [1.0, 1.0]]).real
    Tensor([[4., 0.],
            [0., 0.]], shape=(2, 2), dtype=float32)
    """
    return transformed("fft.fftn", x, s, axes, norm, False)


def ifftn(x: ComplexLike, s: Shape | None = None, axes: Shape | None = None, norm: Norm = "backward") -> Complex:
    """Return the inverse of the discrete Fourier transform along several axes.

    Parameters
    ----------
    x : tuple of two array-likes, or array-like
        Real and imaginary parts, of one shape, or real numbers. Floating; integers become float32.
    s : tuple of int, optional
        The sizes along the axes: they are cut off there, or continued by zeros. None takes them as they are.
    axes : tuple of int, optional
        Along which to transform: all, or the last ones that `s` has sizes for, by default.
    norm : {"backward", "ortho", "forward"}
        Where the scale 1/n is: at the inverse, the root of it at both, or at the transform.

    Returns
    -------
    Complex
        `real` and `imag`, of the shape of the parts but for `s`.

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
    >>> nn.fft.ifftn([[4.0, 0.0], [0.0, 0.0]]).real
    Tensor([[1., 1.],
            [1., 1.]], shape=(2, 2), dtype=float32)
    """
    return transformed("fft.ifftn", x, s, axes, norm, True)
