"""Dropout: what is dropped depends only on positions and a seed, so that no mask is kept for the gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.checks import as_number
from numbanet.core.table import Case, Domain
from numbanet.errors import ArgumentError
from numbanet.kernels.memory import empty
from numbanet.launching.copies import contiguous
from numbanet.launching.launch import Kernel
from numbanet.loops.dropout import dropout as loop
from numbanet.ops.declare import as_floating, primitive
from numbanet.tensor.listeners import SEED_PART
from numbanet.tensor.tensor import Tensor, apply
from numbanet.typing import ArrayLike

_kernel = Kernel(loop, cost=1.0)


def dropout(x: ArrayLike, rate: float, seed: Any) -> Tensor:
    """Set some elements of `x` to 0, and divide the others by `1 - rate`.

    Parameters
    ----------
    x : array-like
        Any shape. Floating; integers become float32.
    rate : float
        The part that goes, from 0 up to but not including 1.
    seed : pair of float
        Whole numbers from 0 up to 2 ** 24; the same pair drops the same positions.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.
    ArgumentError
        When `rate` or `seed` is not what it must be.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014. The random numbers are those of
    SplitMix64: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.

    Examples
    --------
    >>> from numbanet.ops.dropout import dropout
    >>> dropout([1.0, 1.0, 1.0, 1.0], 0.5, (0.0, 3.0))
    Tensor([0., 2., 2., 0.], shape=(4,), dtype=float32)
    """
    check_seed("dropout", seed)
    return apply(_dropout, x, rate=as_number("dropout: rate", rate, 0, below=1), seed=seed)


def check_seed(what: str, seed: Any) -> None:
    """Raise ArgumentError unless a seed is a pair of whole numbers, which the loops take one by one."""
    if not (isinstance(seed, (tuple, list)) and len(seed) == 2 and all(map(_is_part, seed))):
        raise ArgumentError(f"{what}: seed must be a pair of whole numbers from 0 up to {SEED_PART}, got {seed!r}")


def _is_part(x):
    is_number = isinstance(x, (int, float, np.integer)) and not isinstance(x, bool)
    return is_number and 0 <= x <= SEED_PART and x == int(x)


def _forward(x, rate, seed):
    x = contiguous(as_floating(x))
    out = empty(x.shape, x.dtype)
    _kernel(x.size, x.reshape(-1), *seed, rate, out.reshape(-1))
    return out


def random_bits(count, seed):
    """The random numbers of the first positions, uint64, in NumPy: for references."""
    with np.errstate(over="ignore"):
        start = (np.uint64(seed[0]) * np.uint64(SEED_PART) + np.uint64(seed[1])) * np.uint64(0xD1342543DE82EF95)
        z = start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _reference(x, rate, seed):
    uniform = (random_bits(x.size, seed) >> np.uint64(40)) / SEED_PART
    scaled = x / x.dtype.type(1 - rate) if x.dtype.kind == "f" else x / np.float32(1 - rate)
    return np.where((uniform >= np.float32(rate)).reshape(x.shape), scaled, 0)


_dropout = primitive(
    "dropout", dropout, _forward, family="neural", reference=_reference,
    vjp=(lambda g, y, x, rate, seed: dropout(g, rate, seed),),
    cases=(Case((Domain(special=False),), params={"rate": 0.25, "seed": (3.0, 7.0)}),),
)  # fmt: skip
