"""Initializers whose variance follows the shape of the weight, so that signals keep their size from layer to layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from numbanet.core.arguments import frozen
from numbanet.core.checks import keep_numbers
from numbanet.errors import unknown_name
from numbanet.initializers.distributions import Random, truncated_standard_normal
from numbanet.typing import Array, Real

_TRUNCATED_STDDEV = 0.87962566103423978
"""The standard deviation of a standard normal that is cut off at -2 and 2."""


def fans(shape):
    """Return how many inputs each output has, and how many outputs each input has.

    Parameters
    ----------
    shape : tuple of int
        Of a weight: (inputs, outputs) for a matrix, (..., inputs, outputs) with the window in front for a convolution.

    Returns
    -------
    (int, int)
        Fan in and fan out.

    References
    ----------
    Keras 3, `compute_fans`.

    Examples
    --------
    >>> fans((784, 512))
    (784, 512)
    >>> fans((3, 3, 16, 32))
    (144, 288)
    """
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")


@frozen
class VarianceScaling(Random):
    """Random numbers whose variance keeps signals the same size from layer to layer: `scale` over the fan.

    Parameters
    ----------
    scale : float
        Positive.
    mode : {"fan_in", "fan_out", "fan_avg"}
        Inputs of an output, outputs of an input, or their mean.
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}

    Raises
    ------
    ArgumentError
        When an argument is none of these.

    References
    ----------
    He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, arXiv:1502.01852. Keras 3, `VarianceScaling`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.initializers.VarianceScaling(2.0, "fan_in", "uniform")((6, 4), rng=0)
    >>> bool((abs(w) <= 1).all())
    True
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, scale: Real = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal") -> None: ...

    def __post_init__(self) -> None:
        keep_numbers(self, scale={"positive": True})
        if self.mode not in _MODES:
            raise unknown_name("mode of VarianceScaling", self.mode, _MODES)
        if self.distribution not in _DISTRIBUTIONS:
            raise unknown_name("distribution of VarianceScaling", self.distribution, _DISTRIBUTIONS)

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        fan_in, fan_out = fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)  # a uniform distribution over -a..a has variance a^2 / 3
            return rng.uniform(-limit, limit, shape)
        if self.distribution == "untruncated_normal":
            return math.sqrt(variance) * rng.standard_normal(shape)
        return math.sqrt(variance) / _TRUNCATED_STDDEV * truncated_standard_normal(shape, rng)


@frozen
class GlorotUniform(VarianceScaling):
    """Uniform with variance 2 / (fan in + fan out): between -sqrt(6 / (in + out)) and +sqrt(6 / (in + out)).

    Parameters
    ----------
    scale, mode, distribution
        As for `VarianceScaling`.

    References
    ----------
    Glorot and Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.GlorotUniform()((784, 512), rng=0).shape
    (784, 512)
    """

    mode: str = "fan_avg"
    distribution: str = "uniform"


@frozen
class GlorotNormal(VarianceScaling):
    """Truncated normal with variance 2 / (fan in + fan out).

    Parameters
    ----------
    scale, mode, distribution
        As for `VarianceScaling`.

    References
    ----------
    Glorot and Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.GlorotNormal()((784, 512), rng=0).shape
    (784, 512)
    """

    mode: str = "fan_avg"


@frozen
class HeUniform(VarianceScaling):
    """Uniform with variance 2 / fan in, for layers before a relu, which halves the variance.

    Parameters
    ----------
    scale, mode, distribution
        As for `VarianceScaling`.

    References
    ----------
    He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, arXiv:1502.01852.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.HeUniform()((784, 512), rng=0).shape
    (784, 512)
    """

    scale: float = 2.0
    distribution: str = "uniform"


@frozen
class HeNormal(VarianceScaling):
    """Truncated normal with variance 2 / fan in, for layers before a relu, which halves the variance.

    Parameters
    ----------
    scale, mode, distribution
        As for `VarianceScaling`.

    References
    ----------
    He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, arXiv:1502.01852.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.HeNormal()((784, 512), rng=0).shape
    (784, 512)
    """

    scale: float = 2.0


@frozen
class LecunUniform(VarianceScaling):
    """Uniform with variance 1 / fan in.

    Parameters
    ----------
    scale, mode, distribution
        As for `VarianceScaling`.

    References
    ----------
    LeCun, Bottou, Orr, Mueller: Efficient BackProp, 1998, section 4.6.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.LecunUniform()((784, 512), rng=0).shape
    (784, 512)
    """

    distribution: str = "uniform"


@frozen
class LecunNormal(VarianceScaling):
    """Truncated normal with variance 1 / fan in.

    Parameters
    ----------
    scale, mode, distribution
        As for `VarianceScaling`.

    References
    ----------
    LeCun, Bottou, Orr, Mueller: Efficient BackProp, 1998, section 4.6.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.initializers.LecunNormal()((784, 512), rng=0).shape
    (784, 512)
    """
