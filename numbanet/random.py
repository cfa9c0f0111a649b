"""Tensors of random numbers, with the names of Keras and TensorFlow.

Functions that draw take an `rng`, a seed or a `numpy.random.Generator`; `seed=` is another name for it. There is no
global seed. (Scientific Python SPEC 7, https://scientific-python.org/specs/spec-0007/.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.checks import as_integer, as_number
from numbanet.core.dtypes import DEFAULT_FLOAT, as_dtype, is_float
from numbanet.core.missing import only
from numbanet.core.random import generator_of
from numbanet.core.shapes import as_shape, as_size, normalize_axis
from numbanet.errors import ArgumentError, DTypeError, OutOfRangeError
from numbanet.initializers import TruncatedNormal
from numbanet.ops.dropping import dropout as dropout
from numbanet.ops.indexing import take
from numbanet.tensor.tensor import Tensor, asarray, put
from numbanet.typing import ArrayLike, Device, DType, Integer, Real, Seed, Shape

__all__ = ["dropout", "normal", "permutation", "randint", "shuffle", "truncated_normal", "uniform"]


def _floating(what: str, dtype: DType) -> Any:
    found = DEFAULT_FLOAT if dtype is None else as_dtype(dtype, what)
    if not is_float(found):
        raise DTypeError(f"{what}: needs a floating dtype, got {found}; random.randint draws integers")
    return found


def _location_and_scale(what: str, kind: Any, mean: Real, stddev: Real, reach: int) -> tuple[float, float]:
    """Both as numbers, where values up to `reach` standard deviations away are finite in the dtype."""
    center, width = as_number(f"{what}: mean", mean), as_number(f"{what}: stddev", stddev, low=0.0)
    if not abs(center) + reach * width <= float(np.finfo(kind).max):
        raise OutOfRangeError(f"{what}: numbers around {center} with standard deviation {width} do not fit in {kind}")
    return center, width


def normal(
    shape: Shape,
    mean: Real = 0.0,
    stddev: Real = 1.0,
    dtype: DType = None,
    rng: Seed = None,
    *,
    seed: Seed = None,
    device: Device = None,
) -> Tensor:
    """Draw from a normal distribution.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result.
    mean : float
        The mean of the distribution.
    stddev : float
        The standard deviation, 0 or more.
    dtype : dtype, optional
        float32 or float64; float32 by default. Numbers are drawn in float64 and rounded.
    rng, seed : int or numpy.random.Generator, optional
        Two names for one thing; None gives other numbers in every run.
    device : {None, "cpu", "cuda"}
        None means that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of this shape and dtype.

    Raises
    ------
    ArgumentError
        When `shape`, `stddev` or `rng` cannot be used, or both `rng` and `seed` are given.
    DTypeError
        When the dtype is not floating.
    OutOfRangeError
        When the numbers do not fit in the dtype.

    References
    ----------
    Keras 3, keras.random.normal. TensorFlow, tf.random.normal.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.random.normal((2, 3), rng=0)
    Tensor([[ 0.12573022, -0.13210486,  0.64042264],
            [ 0.10490011, -0.5356694 ,  0.36159506]], shape=(2, 3), dtype=float32)
    """
    sizes, kind = as_shape(shape, "normal: shape"), _floating("normal", dtype)
    center, width = _location_and_scale("normal", kind, mean, stddev, 16)  # farther out there are none
    values = generator_of("normal", rng, seed).normal(center, width, size=sizes)
    return put(np.asarray(values, kind), device)


def truncated_normal(
    shape: Shape,
    mean: Real = 0.0,
    stddev: Real = 1.0,
    dtype: DType = None,
    rng: Seed = None,
    *,
    seed: Seed = None,
    device: Device = None,
) -> Tensor:
    """Draw from a normal distribution that is cut off two standard deviations from its mean.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result.
    mean : float
        The mean of the distribution.
    stddev : float
        The standard deviation of the distribution before it is cut, 0 or more.
    dtype : dtype, optional
        float32 or float64; float32 by default.
    rng, seed : int or numpy.random.Generator, optional
        Two names for one thing; None gives other numbers in every run.
    device : {None, "cpu", "cuda"}
        None means that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of this shape and dtype.

    Raises
    ------
    ArgumentError
        When `shape`, `stddev` or `rng` cannot be used, or both `rng` and `seed` are given.
    DTypeError
        When the dtype is not floating.
    OutOfRangeError
        When the numbers do not fit in the dtype.

    References
    ----------
    Keras 3, keras.random.truncated_normal. TensorFlow, tf.random.truncated_normal.

    Examples
    --------
    >>> import numbanet as nn
    >>> bool(nn.max(nn.abs(nn.random.truncated_normal((1000,), rng=0))) <= 2)
    True
    """
    kind = _floating("truncated_normal", dtype)
    draw = TruncatedNormal(*_location_and_scale("truncated_normal", kind, mean, stddev, 2))
    sizes = as_shape(shape, "truncated_normal: shape")
    return put(np.asarray(draw(sizes, kind, generator_of("truncated_normal", rng, seed))), device)


def uniform(
    shape: Shape,
    minval: Real = 0.0,
    maxval: Real | None = None,
    dtype: DType = None,
    rng: Seed = None,
    *,
    seed: Seed = None,
    device: Device = None,
) -> Tensor:
    """Draw from a uniform distribution over `minval <= x < maxval`.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result.
    minval : float
        The smallest number that may be drawn.
    maxval : float, optional
        Larger than `minval`; 1 by default. It has to be given for integers.
    dtype : dtype, optional
        float32 by default. An integer dtype draws integers, as `randint` does.
    rng, seed : int or numpy.random.Generator, optional
        Two names for one thing; None gives other numbers in every run.
    device : {None, "cpu", "cuda"}
        None means that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of this shape and dtype.

    Raises
    ------
    ArgumentError
        When an argument cannot be used, or both `rng` and `seed` are given.
    DTypeError
        When the dtype is bool.
    OutOfRangeError
        When the numbers do not fit in the dtype.

    References
    ----------
    Keras 3, keras.random.uniform. TensorFlow, tf.random.uniform.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.random.uniform((3,), minval=-1.0, maxval=1.0, rng=0)
    Tensor([ 0.27392337, -0.46042657, -0.918053  ], shape=(3,), dtype=float32)
    """
    if dtype is not None and as_dtype(dtype, "uniform").kind in "iu":
        if maxval is None:
            raise ArgumentError("uniform: integers need a maxval")
        low: Any = 0 if minval == 0 else minval  # the default is a float; others are checked there
        high: Any = maxval
        return randint(shape, low, high, dtype, rng, seed=seed, device=device)
    sizes, kind = as_shape(shape, "uniform: shape"), _floating("uniform", dtype)
    low, high = as_number("uniform: minval", minval), as_number("uniform: maxval", 1.0 if maxval is None else maxval)
    if not low < high:
        raise ArgumentError(f"uniform: maxval must be larger than minval, got {low} and {high}")
    if not high - low <= float(np.finfo(kind).max) >= max(-low, high):
        raise OutOfRangeError(f"uniform: numbers from {low} to {high} do not fit in {kind}")
    values = generator_of("uniform", rng, seed).uniform(low, high, size=sizes)
    most = np.nextafter(kind.type(high), kind.type(low))  # which rounding may exceed
    return put(np.minimum(np.asarray(values, kind), most, out=np.empty(sizes, kind)), device)


def randint(
    shape: Shape,
    minval: Integer,
    maxval: Integer,
    dtype: DType = None,
    rng: Seed = None,
    *,
    seed: Seed = None,
    device: Device = None,
) -> Tensor:
    """Draw integers, `minval <= x < maxval`, each with the same probability.

    Parameters
    ----------
    shape : int or tuple of int
        The sizes of the result.
    minval, maxval : int
        The smallest number that may be drawn, and one more than the largest.
    dtype : dtype, optional
        An integer dtype that holds them; int64 by default.
    rng, seed : int or numpy.random.Generator, optional
        Two names for one thing; None gives other numbers in every run.
    device : {None, "cpu", "cuda"}
        None means that of the `nn.device` block around.

    Returns
    -------
    Tensor
        Of this shape and dtype.

    Raises
    ------
    ArgumentError
        When `maxval` is not larger than `minval`, the dtype cannot hold them, or both `rng` and `seed` are given.
    DTypeError
        When the dtype is not one of integers.

    References
    ----------
    Keras 3, keras.random.randint.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.random.randint((5,), 0, 10, rng=0)
    Tensor([8, 6, 5, 2, 3], shape=(5,), dtype=int64)
    """
    kind = np.dtype(np.int64) if dtype is None else as_dtype(dtype, "randint")
    if kind.kind not in "iu":
        raise DTypeError(f"randint: needs an integer dtype, got {kind}")
    low, high = as_integer("randint: minval", minval), as_integer("randint: maxval", maxval)
    limits = np.iinfo(kind)
    if not limits.min <= low < high <= limits.max + 1:
        raise ArgumentError(f"randint: needs minval < maxval, both within {kind}, got {minval} and {maxval}")
    sizes = as_shape(shape, "randint: shape")
    return put(np.asarray(generator_of("randint", rng, seed).integers(low, high, size=sizes, dtype=kind)), device)


def permutation(x: Integer | ArrayLike, axis: Integer = 0, rng: Seed = None, *, seed: Seed = None) -> Tensor:
    """Put the positions of an axis in a random order.

    Parameters
    ----------
    x : int or array-like
        An integer n stands for the integers 0 to n - 1. Of at least one dimension otherwise, of any dtype.
    axis : int
        Which dimension.
    rng, seed : int or numpy.random.Generator, optional
        Two names for one thing; None gives another order in every run.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`; int64 for an integer. Gradients flow through it.

    Raises
    ------
    ArgumentError
        When `x` is a negative integer or has no dimensions, or both `rng` and `seed` are given.
    ShapeError
        When the axis is out of range.

    References
    ----------
    NumPy, numpy.random.Generator.permutation.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.random.permutation(5, rng=0)
    Tensor([2, 4, 3, 0, 1], shape=(5,), dtype=int64)
    """
    if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
        normalize_axis("permutation", axis, 1)
        generator = generator_of("permutation", rng, seed)
        return put(generator.permutation(as_size("permutation: x", x)))
    return _in_random_order("permutation", x, axis, rng, seed)  # type: ignore[arg-type]  # an integer was answered above


def _in_random_order(what: str, x: ArrayLike, axis: Integer, rng: Seed, seed: Seed) -> Tensor:
    tensor = asarray(x)
    if not tensor.ndim:
        raise ArgumentError(f"{what}: needs an array with an axis, got one number")
    at = normalize_axis(what, axis, tensor.ndim)
    return take(tensor, generator_of(what, rng, seed).permutation(tensor.shape[at]), axis=at)


def shuffle(x: ArrayLike, axis: Integer = 0, rng: Seed = None, *, seed: Seed = None) -> Tensor:
    """Return `x` with the positions of an axis in a random order; unlike NumPy's, it leaves `x` as it is.

    Parameters
    ----------
    x : array-like
        Of at least one dimension and any dtype.
    axis : int
        Which dimension.
    rng, seed : int or numpy.random.Generator, optional
        Two names for one thing; None gives another order in every run.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`. Gradients flow through it.

    Raises
    ------
    ArgumentError
        When `x` has no dimensions, or both `rng` and `seed` are given.
    ShapeError
        When the axis is out of range.

    References
    ----------
    Keras 3, keras.random.shuffle. TensorFlow, tf.random.shuffle.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.random.shuffle([1, 2, 3, 4], rng=0)
    Tensor([3, 1, 2, 4], shape=(4,), dtype=int64)
    """
    return _in_random_order("shuffle", x, axis, rng, seed)


_NO_SEED = "there is no global seed; give each function rng=, a seed or a numpy.random.Generator"
_BY_NUMPY = "numpy.random.default_rng(seed) draws from it; nn.asarray makes a tensor"
_MISSING = {
    "Generator": "give numpy.random.default_rng(seed) as rng=",
    "RandomState": "give numpy.random.default_rng(seed) as rng=",
    "SeedGenerator": "give numpy.random.default_rng(seed) as rng=",
    "default_rng": "numpy.random.default_rng(seed) is what rng= takes",
    "integers": "it is called nn.random.randint(shape, minval, maxval)",
    "rand": "it is called nn.random.uniform(shape)",
    "randn": "it is called nn.random.normal(shape)",
    "random": "it is called nn.random.uniform(shape)",
    "seed": _NO_SEED,
    "set_seed": _NO_SEED,
    "set_global_generator": _NO_SEED,
    "standard_normal": "it is called nn.random.normal(shape)",
    "stateless_normal": "it is called nn.random.normal(shape, rng=seed)",
    "stateless_uniform": "it is called nn.random.uniform(shape, rng=seed)",
    **dict.fromkeys(
        ("beta", "binomial", "categorical", "choice", "exponential", "gamma", "multinomial", "poisson"), _BY_NUMPY
    ),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.random", __all__, _MISSING)
