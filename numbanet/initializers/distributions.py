"""What an initializer is, the constant ones, and those that draw from a distribution with given parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from numbanet.core.arguments import Explained, frozen
from numbanet.core.checks import keep_numbers
from numbanet.core.names import BASES
from numbanet.core.random import as_generator
from numbanet.core.shapes import as_shape
from numbanet.errors import DTypeError
from numbanet.typing import Array, Config, DType, Real, Seed, Shape


class Initializer(Explained):
    """Base class: `draw` makes the values, calling it checks the arguments first.

    Subclass it, or write a function `f(shape, dtype, rng)`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.Ones()((2, 2), "float32")
    array([[1., 1.],
           [1., 1.]], dtype=float32)
    """

    _former: ClassVar[dict[str, str]] = {
        "seed": "give rng to what builds the layer: model.build(shape, rng=0), or model.fit(..., rng=0)",
        "dtype": "layers ask for their own dtype",
        "gain": "it is called scale, and multiplies the variance",
    }

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Return the values, in float64.

        Parameters
        ----------
        shape : tuple of int
        rng : numpy.random.Generator

        Returns
        -------
        numpy.ndarray
        """
        raise NotImplementedError(f"{type(self).__name__} must define draw(shape, rng)")

    def __call__(self, shape: Shape, dtype: DType = np.float32, rng: Seed = None) -> Array:
        """Make an array.

        Parameters
        ----------
        shape : int or tuple of int
        dtype : dtype
            Of the result. Everything is drawn in float64 first: one seed gives the same weights in both precisions.
        rng : int or numpy.random.Generator, optional

        Returns
        -------
        numpy.ndarray

        Raises
        ------
        ArgumentError
            When the shape or rng cannot be used.
        DTypeError
            When random numbers are asked for in a dtype that is not floating.
        """
        sizes = as_shape(shape, type(self).__name__)
        return self.draw(sizes, as_generator(rng)).astype(dtype)

    def get_config(self) -> Config:
        """Return the arguments that make an equal initializer: a dict for JSON."""
        return dict(vars(self))


BASES.append(Initializer)


class Random(Initializer):
    """Base class of those that draw random numbers: they need a floating dtype."""

    def __call__(self, shape: Shape, dtype: DType = np.float32, rng: Seed = None) -> Array:
        if np.dtype(dtype).kind != "f":
            raise DTypeError(f"{type(self).__name__}: random weights need a floating dtype, got {np.dtype(dtype)}")
        return super().__call__(shape, dtype, rng)


@frozen
class Zeros(Initializer):
    """All zeros.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.Zeros()(3)
    array([0., 0., 0.], dtype=float32)
    """

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return np.zeros(shape)


@frozen
class Ones(Initializer):
    """All ones.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.Ones()(3)
    array([1., 1., 1.], dtype=float32)
    """

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return np.ones(shape)


@frozen
class Constant(Initializer):
    """The same number everywhere.

    Parameters
    ----------
    value : float

    Raises
    ------
    ArgumentError
        When it is not a finite number.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.Constant(0.1)(3)
    array([0.1, 0.1, 0.1], dtype=float32)
    """

    value: float = 0.0

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, value: Real = 0.0) -> None: ...

    def __post_init__(self) -> None:
        keep_numbers(self, value={})

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return np.full(shape, self.value)


@frozen
class RandomUniform(Random):
    """Every number between two bounds is equally likely.

    Parameters
    ----------
    minval, maxval : float

    Raises
    ------
    ArgumentError
        When the bounds are not finite, or in the wrong order.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.initializers.RandomUniform(-1.0, 1.0)((2, 3), rng=0)
    >>> w.shape, bool((abs(w) <= 1).all())
    ((2, 3), True)
    """

    minval: float = -0.05
    maxval: float = 0.05

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, minval: Real = -0.05, maxval: Real = 0.05) -> None: ...

    def __post_init__(self) -> None:
        keep_numbers(self, minval={})
        keep_numbers(self, maxval={"low": self.minval})

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.uniform(self.minval, self.maxval, shape)


@frozen
class RandomNormal(Random):
    """The normal distribution.

    Parameters
    ----------
    mean, stddev : float

    Raises
    ------
    ArgumentError
        When they are not finite, or `stddev` is negative.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.RandomNormal(stddev=0.01)((2, 3), rng=0).shape
    (2, 3)
    """

    mean: float = 0.0
    stddev: float = 0.05

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, mean: Real = 0.0, stddev: Real = 0.05) -> None: ...

    def __post_init__(self) -> None:
        keep_numbers(self, mean={}, stddev={"low": 0})

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.normal(self.mean, self.stddev, shape)


@frozen
class TruncatedNormal(RandomNormal):
    """The normal distribution without its tails: what lies beyond two `stddev` of the mean is drawn again.

    Parameters
    ----------
    mean, stddev : float
        Of the distribution before the tails go; afterwards the standard deviation is 0.8796 `stddev`.

    Examples
    --------
    >>> import numbanet as nn
    >>> bool((abs(nn.initializers.TruncatedNormal()(1000, rng=0)) <= 0.1).all())
    True
    """

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, mean: Real = 0.0, stddev: Real = 0.05) -> None: ...

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return self.mean + self.stddev * truncated_standard_normal(shape, rng)


def truncated_standard_normal(shape, rng):
    """Return standard normal numbers between -2 and 2: the others are drawn again."""
    values = rng.standard_normal(shape)
    tail = np.abs(values) > 2
    while tail.any():
        values[tail] = rng.standard_normal(np.count_nonzero(tail))
        tail = np.abs(values) > 2
    return values
