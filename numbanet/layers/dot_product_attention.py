"""Scaled dot-product attention as a function with gradients: one op, and the same made of others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numbanet.autodiff.custom_gradients import custom_gradient
from numbanet.autodiff.tape import GradientTape
from numbanet.core.checks import as_flag, as_number
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from numbanet.ops.attention import ATTENTION, GRADIENT, in_memory, parts_of_gradient
from numbanet.ops.elementwise import logical_and, where
from numbanet.ops.linalg import matmul
from numbanet.ops.neural import softmax
from numbanet.ops.shaping import permute_dims, reshape
from numbanet.tensor.listeners import followed
from numbanet.tensor.tensor import Tensor, apply, as_tensors, asarray, in_common_dtype
from numbanet.typing import ArrayLike, Real

NEVER = -(2.0**127)
"""The score of a key that does not count. Where all are such, their weights are equal, as in Keras."""
WHAT = "dot_product_attention"


def dot_product_attention(
    query: ArrayLike, key: ArrayLike, value: ArrayLike, bias: ArrayLike | None = None, mask: ArrayLike | None = None,
    scale: Real | None = None, is_causal: bool = False, flash_attention: bool | None = None,
    attn_logits_soft_cap: Real | None = None,
) -> Tensor:  # fmt: skip
    """Return means of values, weighted by the softmax of how well their keys fit each query.

    Of each head, the weights are `softmax(scale * query @ key.T + bias)`. They are computed in blocks and never all
    at once, in the forward pass and for the gradients by `query`, `key` and `value`: the memory that is needed grows
    with queries and with keys, not with their product. A gradient by `bias`, and one of a gradient, need the whole.

    Parameters
    ----------
    query : array-like, (samples, queries, heads, size)
        Floating; integers become float32.
    key : array-like, (samples, keys, heads, size)
        There may be fewer heads, a number that divides those of the query: neighbouring heads of queries then share
        one.
    value : array-like, (samples, keys, heads, other size)
        With as many heads as the keys.
    bias : array-like, optional
        What is added to the scores; of a shape that broadcasts to (samples, heads, queries, keys).
    mask : array-like of bool, optional
        False where a query must not look at a key; of a shape that broadcasts likewise. A query that may look at no
        key gets the mean of all values, as in Keras.
    scale : float, optional
        What the products are multiplied by; `1 / sqrt(size)` if not given.
    is_causal : bool
        Whether query i looks at the keys 0 to i alone.
    flash_attention : bool, optional
        Has no meaning here: scores are never kept.
    attn_logits_soft_cap : float, optional
        Must be None: caps are not supported.

    Returns
    -------
    Tensor
        (samples, queries, heads, other size).

    Raises
    ------
    ShapeError
        When the shapes do not fit, or there is no key.
    DTypeError
        When the mask does not consist of booleans.
    ArgumentError
        When another argument is not what it must be.

    References
    ----------
    Keras 3, keras.ops.dot_product_attention; Vaswani et al.: Attention Is All You Need, 2017, arXiv:1706.03762; Dao et
    al.: FlashAttention, 2022, arXiv:2205.14135.

    Examples
    --------
    >>> import numbanet as nn
    >>> value = nn.reshape(nn.arange(4.0), (1, 2, 1, 2))
    >>> nn.dot_product_attention(nn.ones((1, 1, 1, 3)), nn.ones((1, 2, 1, 3)), value)
    Tensor([[[[1., 2.]]]], shape=(1, 1, 1, 2), dtype=float32)
    """
    if attn_logits_soft_cap is not None:
        raise ArgumentError(f"{WHAT}: attn_logits_soft_cap must be None, got {attn_logits_soft_cap!r}")
    if flash_attention is not None:
        as_flag(f"{WHAT}: flash_attention", flash_attention)
    causal = as_flag(f"{WHAT}: is_causal", is_causal)
    several = [query, key, value] if bias is None else [query, key, value, bias]
    tensors = in_common_dtype(WHAT, [_floating(x) for x in as_tensors(WHAT, several)])
    _check(tensors)
    shape = (*[tensors[0].shape[i] for i in (0, 2, 1)], tensors[1].shape[1])
    if bias is not None:
        tensors[3] = _of_four_axes("bias", tensors[3], shape)
    if mask is not None:
        allowed = asarray(mask)
        if allowed.dtype.kind != "b":
            raise DTypeError(f"{WHAT}: a mask has booleans, got {allowed.dtype}; a bias is added to the scores")
        tensors.append(_of_four_axes("mask", allowed, shape))
    factor = 1 / math.sqrt(tensors[0].shape[3]) if scale is None else as_number(f"{WHAT}: scale", scale)
    return attend(*tensors, has_bias=bias is not None, scale=factor, is_causal=causal)


def attend(*tensors: Tensor, has_bias: bool, scale: float, is_causal: bool) -> Tensor:
    """Return what `dot_product_attention` does of query, key, value, bias if there is one, and mask if there is one.

    All are of one floating dtype, but for the mask; bias and mask have four axes.
    """
    how: dict[str, Any] = {
        "has_bias": has_bias,
        "has_mask": len(tensors) - has_bias > 3,
        "scale": scale,
        "is_causal": is_causal,
    }
    key, value = tensors[1].shape, tensors[2].shape
    nothing = 0 in (key[1], key[3], value[3])  # which the op does not take, but layers do
    if nothing or (has_bias and followed(tensors[3])):
        return composed(*tensors, **how)
    return _fused(*tensors, **how)


def causal_mask(queries: int, keys: int) -> Any:
    """Return which keys a query may see, (queries, keys): those that do not come after it."""
    return np.tril(np.ones((queries, keys), bool))


def _floating(x):
    return x if x.dtype.kind == "f" else x.astype("float32")


def _check(tensors):
    shapes = query, key, value = [x.shape for x in tensors[:3]]
    fit = all(len(shape) == 4 for shape in shapes)
    fit = fit and query[0] == key[0] and key[:3] == value[:3] and query[3] == key[3]
    if not fit or not key[2] or query[2] % key[2]:
        raise ShapeError(
            f"{WHAT}: needs query (samples, queries, heads, size), key (samples, keys, heads, size) and value "
            "(samples, keys, heads, other size), with heads of keys that divide those of queries, got "
            f"{query}, {key}, {value}"
        )
    if not (key[1] and key[3] and value[3]):
        raise ShapeError(f"{WHAT}: needs at least one key, and vectors that are not empty, got {query}, {key}, {value}")


def _of_four_axes(name, x, shape):
    own = (*(1,) * (4 - x.ndim), *x.shape)
    if len(own) != 4 or any(n not in (1, all_of_it) for n, all_of_it in zip(own, shape, strict=True)):
        raise ShapeError(f"{WHAT}: a {name} broadcasts to (samples, heads, queries, keys), here {shape}, got {x.shape}")
    return x if x.ndim == 4 else reshape(x, own)


@custom_gradient
def _fused(*tensors: Tensor, **how: Any) -> Any:
    """Return an attention whose gradient is one op; where that is differentiated again, it is one of many."""
    query, key, value, *rest = tensors
    memory = apply(ATTENTION, *tensors, **how)

    def vjp(g: Tensor) -> list[Any]:
        if any(map(followed, (g, *tensors))):
            found = _differentiable(tensors, g, how)
        else:
            back = apply(GRADIENT, g, memory, *tensors, **how)
            found = parts_of_gradient(back, query, key, value)
        return [*found, *[None] * len(rest)]

    return in_memory(memory, query, value)[0], vjp


def _differentiable(tensors, g, how):
    """Return the gradients by query, key and value, made of ops that the tapes around know."""
    sources = list(tensors[:3])
    with GradientTape() as tape:
        tape.watch(sources)
        y = composed(*tensors, **how)
    return tape.gradient(y, sources, output_gradients=g)


def composed(*tensors: Tensor, has_bias: bool, has_mask: bool, scale: float, is_causal: bool) -> Tensor:
    """Return what `dot_product_attention` does, op by op, with all scores in memory."""
    query, key, value, *rest = tensors
    (samples, queries, heads, size), (keys, shared) = query.shape, key.shape[1:3]
    together = heads // shared
    q = permute_dims(reshape(query * scale, (samples, queries, shared, together, size)), (0, 2, 3, 1, 4))
    k = reshape(permute_dims(key, (0, 2, 3, 1)), (samples, shared, 1, size, keys))
    v = reshape(permute_dims(value, (0, 2, 1, 3)), (samples, shared, 1, keys, value.shape[3]))
    scores = reshape(matmul(q, k), (samples, heads, queries, keys))
    if has_bias:
        scores = scores + rest[0]
    allowed: Any = rest[-1] if has_mask else None
    if is_causal:
        causal = causal_mask(queries, keys)
        allowed = causal if allowed is None else logical_and(allowed, causal)
    if allowed is not None:
        scores = where(allowed, scores, NEVER)
    weights = reshape(softmax(scores, axis=-1), (samples, shared, together, queries, keys))
    result = reshape(matmul(weights, v), (samples, heads, queries, value.shape[3]))
    return permute_dims(result, (0, 2, 1, 3))
