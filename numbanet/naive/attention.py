"""Softmax, and attention, which weighs values by the softmax of scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numbanet.core.checks import as_flag, as_number
from numbanet.errors import DTypeError, ShapeError
from numbanet.launching.launch import Kernel
from numbanet.loops import attention, softmax
from numbanet.naive.calls import array_of, floats, naive, need
from numbanet.typing import Array

_softmax = Kernel(softmax.softmax)
_attention = Kernel(attention.dot_product_attention, strided=True)


@naive
def naive_softmax(run: Any, x: Array) -> Array:
    """Return exp(x) divided by its sum, row by row.

    Parameters
    ----------
    x : numpy.ndarray, (rows, columns) or (columns,)
        Integers become float64.

    Returns
    -------
    numpy.ndarray
        Of the shape of `x`; rows sum to 1.

    Raises
    ------
    ShapeError
        When `x` has no dimension or more than two.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> nn.naive.naive_softmax(np.array([1.0, 1.0]))
    array([0.5, 0.5])
    """
    (x,) = floats("naive_softmax", x)
    need("naive_softmax", x.ndim in (1, 2), x)
    rows = x.reshape(-1, x.shape[-1]) if x.size else x.reshape(0, 1)
    out = np.empty_like(rows)
    run(_softmax, len(rows), rows, out)
    return out.reshape(x.shape)


@naive
def naive_dot_product_attention(
    run: Any, query: Array, key: Array, value: Array, bias: Array | None = None, mask: Array | None = None,
    scale: float | None = None, is_causal: bool = False,
) -> Array:  # fmt: skip
    """Return means of values, weighted by the softmax of scale * query . key + bias, head by head.

    Parameters
    ----------
    query : numpy.ndarray, (samples, queries, heads, size)
        Integers become float64, as in all others.
    key : numpy.ndarray, (samples, keys, heads, size)
        There may be fewer heads, a number that divides those of the query: neighbours among these then share one.
    value : numpy.ndarray, (samples, keys, heads, other size)
        With as many heads as the keys.
    bias : numpy.ndarray, optional
        What is added to the scores: (samples, heads, queries, keys), or of a shape that broadcasts to it.
    mask : numpy.ndarray of bool, optional
        False where a query must not look at a key; of a shape that broadcasts likewise.
    scale : float, optional
        `1 / sqrt(size)` if not given.
    is_causal : bool
        Whether query i looks at the keys 0 to i alone.

    Returns
    -------
    numpy.ndarray
        (samples, queries, heads, other size).

    Raises
    ------
    ShapeError
        When the shapes do not fit, or there is no key.
    DTypeError
        When the mask does not consist of booleans.
    ArgumentError
        When the scale is not a number, or `is_causal` is not a bool.

    References
    ----------
    Vaswani et al.: Attention Is All You Need, 2017, section 3.2.1; Rabe and Staats: Self-attention Does Not Need O(n^2)
    Memory, 2021, for one key after another.

    Examples
    --------
    >>> import numpy as np, numbanet as nn
    >>> value = np.arange(4.0).reshape(1, 2, 1, 2)
    >>> nn.naive.naive_dot_product_attention(np.ones((1, 1, 1, 3)), np.ones((1, 2, 1, 3)), value)
    array([[[[1., 2.]]]])
    """
    what = "naive_dot_product_attention"
    query, key, value, added = floats(what, query, key, value, np.zeros((), bool) if bias is None else bias)
    fits = query.ndim == key.ndim == value.ndim == 4 and key.shape[:3] == value.shape[:3]
    fits = fits and query.shape[::3] == key.shape[::3] and query.shape[3] > 0 and key.shape[1] > 0
    need(what, fits and key.shape[2] > 0 and query.shape[2] % key.shape[2] == 0, query, key, value)
    samples, queries, heads, size = query.shape
    scores = samples, heads, queries, key.shape[1]
    factor = 1 / math.sqrt(size) if scale is None else as_number(f"{what}: scale", scale)
    allowed = np.ones((), bool) if mask is None else array_of(what, mask)
    if allowed.dtype.kind != "b":
        raise DTypeError(f"{what}: a mask has booleans, got {allowed.dtype}; a bias is added to the scores")
    added, allowed = _of_four_axes("bias", added, scores), _of_four_axes("mask", allowed, scores)
    causal = int(as_flag(f"{what}: is_causal", is_causal))
    out = np.empty((samples, queries, heads, value.shape[3]), query.dtype)
    statistics = np.empty((samples, heads, 2, queries), query.dtype)
    rows = samples * queries * heads if out.size else 0
    run(_attention, rows, query, key, value, added, allowed, factor, causal, out, statistics)
    return out


def _of_four_axes(name, x, scores):
    """A bias or a mask with four axes, each of size 1 or that of the scores."""
    wide = x.reshape((*(1,) * (4 - x.ndim), *x.shape))
    if wide.ndim != 4 or any(size not in (1, other) for size, other in zip(wide.shape, scores, strict=True)):
        raise ShapeError(
            f"naive_dot_product_attention: a {name} of shape {x.shape} does not broadcast to the scores, "
            f"{scores} (samples, heads, queries, keys)"
        )
    return wide
