"""Noise: which number is added to an element, or multiplies it, depends on its position and a seed alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_number
from numbanet.core.table import Case, Domain
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous
from numbanet.launching.launch import Kernel
from numbanet.loops import dropout as loops
from numbanet.ops.declare import as_floating, primitive
from numbanet.ops.dropout import check_seed, random_bits
from numbanet.tensor.tensor import Tensor, apply
from numbanet.typing import ArrayLike


def gaussian_noise(x: ArrayLike, stddev: float, seed: Any) -> Tensor:
    """Add normal noise of mean 0 to `x`.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    stddev : float
        The standard deviation of the noise, at least 0.
    seed : pair of float
        Whole numbers from 0 up to 2 ** 24; the same pair gives the same noise.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.
    ArgumentError
        When `stddev` or `seed` is not what it must be.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 7.5. The random numbers are those of SplitMix64: Steele, Lea,
    Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014; they are made normal as in Box and Muller: A
    Note on the Generation of Random Normal Deviates, Annals of Mathematical Statistics 29, 1958.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.gaussian_noise([1.0, 1.0], 0.0, (0.0, 3.0))
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """
    check_seed("gaussian_noise", seed)
    return apply(_gaussian_noise, x, stddev=as_number("gaussian_noise: stddev", stddev, 0), seed=seed)


def gaussian_dropout(x: ArrayLike, stddev: float, seed: Any) -> Tensor:
    """Multiply `x` by normal noise of mean 1.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    stddev : float
        The standard deviation of the noise, at least 0.
    seed : pair of float
        Whole numbers from 0 up to 2 ** 24; the same pair gives the same noise, that of `gaussian_noise`.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.
    ArgumentError
        When `stddev` or `seed` is not what it must be.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014, section 10.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.gaussian_dropout([1.0, 1.0], 0.0, (0.0, 3.0))
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """
    check_seed("gaussian_dropout", seed)
    return apply(_gaussian_dropout, x, stddev=as_number("gaussian_dropout: stddev", stddev, 0), seed=seed)


def _forward(kernel):
    def forward(x, stddev, seed):
        x = contiguous(as_floating(x))
        out = empty(x.shape, x.dtype)
        kernel(x.size, x.reshape(-1), *seed, float(stddev), out.reshape(-1))
        return out

    return forward


def _normal(x, seed):
    z = random_bits(x.size, seed)
    length = np.sqrt(-2 * np.log(((z >> np.uint64(32)).astype(float) + 0.5) / 2**32))
    normal = length * np.cos(2 * np.pi * (z & np.uint64(2**32 - 1)).astype(float) / 2**32)
    return normal.reshape(x.shape)


_CASES = (Case((Domain(special=False),), params={"stddev": 0.25, "seed": (3.0, 7.0)}),)
_gaussian_noise = primitive(
    "gaussian_noise", gaussian_noise, _forward(Kernel(loops.gaussian_noise, cost=20.0)), family="neural",
    vjp=(lambda g, y, x, stddev, seed: g,), cases=_CASES,
    reference=lambda x, stddev, seed: x + stddev * _normal(x, seed),
)  # fmt: skip
_gaussian_dropout = primitive(
    "gaussian_dropout", gaussian_dropout, _forward(Kernel(loops.gaussian_dropout, cost=20.0)), family="neural",
    vjp=(lambda g, y, x, stddev, seed: gaussian_dropout(g, stddev, seed),), cases=_CASES,
    reference=lambda x, stddev, seed: x * (1 + stddev * _normal(x, seed)),
)  # fmt: skip
