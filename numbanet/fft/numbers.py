"""Complex numbers as two arrays in one tensor, and the ops that transform them."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from numbanet.core.checks import as_count
from numbanet.core.shapes import integers_of, normalize_axis
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops.by_numpy import floating, numpy_op
from numbanet.ops.shaping import pad, stack
from numbanet.tensor.tensor import Tensor, apply, put
from numbanet.typing import ArrayLike

Norm = Literal["backward", "ortho", "forward"] | None
ComplexLike = ArrayLike | tuple[ArrayLike, ArrayLike]
ADJOINT: dict[Norm, Norm] = {"backward": "forward", "ortho": "ortho", "forward": "backward"}
"""The scale of an inverse by which it is the adjoint: that of the transform."""


class Complex(NamedTuple):
    """Complex numbers: what transforms return."""

    real: Tensor
    imag: Tensor


def _joined(parts):
    """NumPy's complex numbers from two arrays in one; made by parts, since 1j * inf has a NaN."""
    found = np.empty(parts.shape[1:], np.result_type(parts.dtype, np.complex64))
    found.real, found.imag = parts
    return found


def _divided(numbers):
    return np.stack([numbers.real, numbers.imag])


def _transformed(parts, axes, inverse, norm):
    return _divided((np.fft.ifftn if inverse else np.fft.fftn)(_joined(parts), axes=axes, norm=norm))


def _transform_vjp(g, y, parts, axes, inverse, norm):
    """The transform is linear, and its adjoint is its inverse but for the scale."""
    return apply(transform, g, axes=axes, inverse=not inverse, norm=ADJOINT[norm])


transform = numpy_op("fft.fft", _transformed, vjp=(_transform_vjp,))


def _weights(size, dtype, middle):
    """A number for each bin of a real signal of `size` elements: `middle` for those that stand for two of all bins."""
    weights = np.full(size // 2 + 1, middle, dtype)
    weights[0] = 1.0
    if size % 2 == 0:
        weights[-1] = 1.0
    return weights


def _bins_of(x, norm):
    return _divided(np.fft.rfft(x, norm=norm))


def _from_real_vjp(g, y, x, norm):
    size = x.shape[-1]
    return apply(to_real, g * put(_weights(size, x.dtype, 0.5), x.device), size=size, norm=ADJOINT[norm])


def _signal_of(parts, size, norm):
    return np.fft.irfft(_joined(parts), size, norm=norm)


def _to_real_vjp(g, y, parts, size, norm):
    return apply(from_real, g, norm=ADJOINT[norm]) * put(_weights(size, parts.dtype, 2.0), parts.device)


from_real = numpy_op("fft.rfft", _bins_of, vjp=(_from_real_vjp,))
to_real = numpy_op("fft.irfft", _signal_of, vjp=(_to_real_vjp,))


def parts_of(name: str, x: Any) -> Tensor:
    """Real and imaginary parts, joined along a first dimension."""
    if isinstance(x, list) and len(x) == 2 and any(hasattr(part, "shape") for part in x):
        raise ArgumentError(f"{name}: write complex numbers as a tuple (real, imag), and nn.stack for one real array")
    if not isinstance(x, tuple):
        (real,) = floating(name, x)
        return stack([real, real.zeros_like()])
    if len(x) != 2:
        raise ArgumentError(f"{name}: a tuple is (real, imag), got one of {len(x)}")
    real, imag = floating(name, *x)
    if real.shape != imag.shape:
        raise ShapeError(f"{name}: real and imaginary part must have one shape, got {real.shape} and {imag.shape}")
    return stack([real, imag])


def real_of(name: str, x: Any) -> Tensor:
    """A floating tensor of real numbers."""
    if isinstance(x, tuple):
        raise ArgumentError(f"{name}: takes real numbers, got a tuple; nn.fft.fft and nn.fft.fftn take complex ones")
    (found,) = floating(name, x)
    return found


def check_norm(name: str, norm: Norm) -> Norm:
    """`norm`, "backward" for None, or ArgumentError where there is none of this name."""
    if norm is None:
        return "backward"
    if not isinstance(norm, str) or norm not in ADJOINT:
        raise ArgumentError(f"{name}: norm must be 'backward', 'ortho' or 'forward', got {norm!r}")
    return norm


def sized(x: Tensor, axis: int, size: int) -> Tensor:
    """`x` cut off, or continued by zeros, along an axis."""
    if x.shape[axis] > size:
        return x[(slice(None),) * axis + (slice(0, size),)]
    if x.shape[axis] == size:
        return x
    return pad(x, [(0, size - x.shape[axis] if d == axis else 0) for d in range(x.ndim)])


def places_and_sizes(name, shape, s, axes):
    """(axes, sizes) of a transform of several dimensions."""
    ndim = len(shape)
    sizes = None if s is None else integers_of(f"{name}: a size", s)
    if axes is None:
        axes = tuple(range(ndim)) if sizes is None else tuple(range(ndim - len(sizes), ndim))
    places = tuple(normalize_axis(name, axis, ndim) for axis in integers_of(f"{name}: axes", axes))
    if len(set(places)) != len(places) or not places:
        raise ArgumentError(f"{name}: axes must name dimensions, each once, got {axes!r}")
    sizes = tuple(shape[d] for d in places) if sizes is None else sizes
    if len(sizes) != len(places):
        raise ArgumentError(f"{name}: s={s!r} must have one size for each of the axes {places}")
    return places, tuple(as_count(f"{name}: size", size, 1) for size in sizes)


def transformed(name: str, x: Any, s: Any, axes: Any, norm: Norm, inverse: bool) -> Complex:
    """The transform of complex numbers along axes, or its inverse."""
    parts = parts_of(name, x)
    places, sizes = places_and_sizes(name, parts.shape[1:], s, axes)
    norm = check_norm(name, norm)
    for axis, size in zip(places, sizes, strict=True):
        parts = sized(parts, axis + 1, size)
    found = apply(transform, parts, axes=places, inverse=inverse, norm=norm)
    return Complex(found[0], found[1])


def one(n):
    """The sizes of a transform along one axis."""
    return None if n is None else (n,)
