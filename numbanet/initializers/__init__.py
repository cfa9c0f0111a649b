"""First values of weights.

An initializer is any `f(shape, dtype, rng)` that returns a NumPy array. Those here are Keras 3's, under its names:

| name | values | used for |
|---|---|---|
| `zeros`, `ones`, `constant` | all the same | biases |
| `uniform`, `normal`, `truncated_normal` | small random numbers | a textbook's own layers |
| `glorot_uniform`, `glorot_normal` | variance 2 / (fan in + fan out) | Dense, the default |
| `he_uniform`, `he_normal` | variance 2 / fan in | layers before a relu |
| `lecun_uniform`, `lecun_normal` | variance 1 / fan in | layers before a selu |
| `orthogonal`, `identity` | matrices that keep lengths | recurrent kernels |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.missing import only
from numbanet.core.random import as_generator
from numbanet.core.registry import find
from numbanet.core.shapes import as_shape
from numbanet.errors import ShapeError
from numbanet.initializers.distributions import (
    Constant,
    Initializer,
    Ones,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    Zeros,
)
from numbanet.initializers.matrices import Identity, Orthogonal
from numbanet.initializers.scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)
from numbanet.typing import Config, InitializerLike

__all__ = [
    "INITIALIZERS", "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity", "Initializer",
    "LecunNormal", "LecunUniform", "Ones", "Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal",
    "VarianceScaling", "Zeros", "constant", "get", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform",
    "identity", "lecun_normal", "lecun_uniform", "normal", "ones", "orthogonal", "random_normal", "random_uniform",
    "truncated_normal", "uniform", "zeros",
]  # fmt: skip

zeros, ones, constant = Zeros, Ones, Constant
random_normal, random_uniform = RandomNormal, RandomUniform
uniform, normal, truncated_normal = RandomUniform, RandomNormal, TruncatedNormal
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
he_uniform, he_normal = HeUniform, HeNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal
orthogonal, identity = Orthogonal, Identity

INITIALIZERS = {
    "zeros": zeros,
    "ones": ones,
    "constant": constant,
    "uniform": uniform,
    "random_uniform": uniform,
    "normal": normal,
    "random_normal": normal,
    "truncated_normal": truncated_normal,
    "variance_scaling": VarianceScaling,
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
    "orthogonal": orthogonal,
    "identity": identity,
}


def get(identifier: InitializerLike | type[Initializer] | Config) -> Callable[..., Any]:
    """Return the initializer that `identifier` stands for.

    Parameters
    ----------
    identifier : str, Initializer, class, dict or callable
        A name of the table above, an initializer, what `describe` made of one, or a function `f(shape, dtype, rng)`.

    Returns
    -------
    callable
        `f(shape, dtype, rng)`, which returns an array.

    Raises
    ------
    ArgumentError
        When there is no such initializer; names the nearest one.

    References
    ----------
    Keras 3, `keras.initializers.get`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.get("he_uniform")
    HeUniform(scale=2.0, mode='fan_in', distribution='uniform')
    """
    return find("initializer", identifier, INITIALIZERS, Initializer, functions=True)


def initial_value(initializer, shape, dtype=np.float32, rng=None):
    """Return the array that an initializer makes, after checking it.

    Parameters
    ----------
    initializer : str, Initializer or callable
        What `get` understands.
    shape : int or tuple of int
    dtype : dtype
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    numpy.ndarray
        Of exactly this shape and dtype.

    Raises
    ------
    ArgumentError
        When an argument cannot be used.
    ShapeError
        When a function of your own returns another shape.

    Examples
    --------
    >>> initial_value(lambda shape, dtype, rng: rng.integers(0, 2, shape), (2, 3), "float32", rng=0)
    array([[1., 1., 1.],
           [0., 0., 0.]], dtype=float32)
    """
    shape = as_shape(shape, "initializer")
    value = np.asarray(get(initializer)(shape, dtype, as_generator(rng)))
    if value.shape != shape:
        raise ShapeError(f"initializer {initializer!r} was asked for shape {shape} and returned {value.shape}")
    return value.astype(dtype, copy=False)


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.initializers", __all__, {})
