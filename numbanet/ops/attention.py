"""Scaled dot-product attention as one op, whose memory does not grow with queries times keys, and its gradient.

The memory of an attention has what its gradient needs in one array without other dimensions: first the result, then the
statistics of the rows of weights. What the gradient gives is laid out likewise: the gradients by queries, keys and
values, one after the other. These ops are not in the table, since what goes back through them is no gradient by the
memory; `layers.dot_product_attention` has the function with its gradients.
"""

from __future__ import annotations

from typing import Any

from numbanet.core.table import Op
from numbanet.kernels.memory import empty
from numbanet.launching import launch
from numbanet.launching.copies import contiguous, full
from numbanet.typing import Array


def in_memory(memory: Any, query: Any, value: Any) -> tuple[Any, Any]:
    """Return views of a memory: the result (samples, queries, heads, size), and the statistics."""
    samples, queries, heads, _ = query.shape
    shape = (samples, queries, heads, value.shape[3])
    end = samples * queries * heads * value.shape[3]
    return memory[:end].reshape(shape), memory[end:].reshape((samples, heads, 2, queries))


def parts_of_gradient(back: Any, *operands: Any) -> list[Any]:
    """Return views of what the gradient gives: one of the shape of each operand."""
    found, start = [], 0
    for x in operands:
        end = start + _size(x)
        found.append(back[start:end].reshape(x.shape))
        start = end
    return found


def _size(x):
    size = 1
    for length in x.shape:
        size *= length
    return size


def _in_rows(x):
    """An array whose vectors lie in one piece; how these lie does not matter."""
    return x if x.strides[-1] == x.itemsize else contiguous(x)


def _beside(has_bias, has_mask, rest):
    """The bias and the mask among the operands, None where they are not."""
    rest = list(rest)
    bias = rest.pop(0) if has_bias else None
    return bias, rest.pop(0) if has_mask else None


def _forward(
    query: Array, key: Array, value: Array, *rest: Array, has_bias: bool, has_mask: bool, scale: float, is_causal: bool
) -> Array:
    bias, mask = _beside(has_bias, has_mask, rest)
    samples, queries, heads, _ = query.shape
    memory = empty((samples * queries * heads * (value.shape[3] + 2),), query.dtype)
    if memory.size:
        query, key, value = _in_rows(query), _in_rows(key), _in_rows(value)
        launch.attention(query, key, value, bias, mask, scale, is_causal, *in_memory(memory, query, value))
    return memory


def _backward(
    g: Array, memory: Array, query: Array, key: Array, value: Array, *rest: Array, has_bias: bool, has_mask: bool,
    scale: float, is_causal: bool,
) -> Array:  # fmt: skip
    bias, mask = _beside(has_bias, has_mask, rest)
    size = _size(query) + _size(key) + _size(value)
    if not memory.size or not query.shape[3]:
        return full((size,), 0, query.dtype)
    back = empty((size,), query.dtype)
    g, query, key, value = _in_rows(g), _in_rows(query), _in_rows(key), _in_rows(value)
    known, found = in_memory(memory, query, value), parts_of_gradient(back, query, key, value)
    launch.attention_gradient(g, query, key, value, bias, mask, scale, is_causal, *known, *found)
    return back


def _internal(name, forward):
    return Op(name, forward, forward=forward, family="neural", differentiable=False, recordable=True)


ATTENTION = _internal("dot_product_attention", _forward)
GRADIENT = _internal("dot_product_attention_gradient", _backward)
