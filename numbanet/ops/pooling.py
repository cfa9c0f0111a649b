"""Pooling: the largest or the mean of each window, over one, two or three axes, and their gradients.

Where a tape follows its input, `max_pool` writes down where in each window its largest element is, a byte for each: the
gradient reads nothing else. Both are in one array of bytes, its memory, so that one op has one result.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numbanet.core.dtypes import DEFAULT_FLOAT
from numbanet.core.table import Case
from numbanet.core.windows import along_axes, as_channels_last, as_padding, befores, counts, three
from numbanet.errors import ShapeError
from numbanet.kernels.memory import empty
from numbanet.launching.copies import full
from numbanet.launching.launch import Kernel
from numbanet.loops import functions
from numbanet.loops import pool as loops
from numbanet.ops.arranging import moveaxis
from numbanet.ops.conv import HOW, INPUTS, deep, rank_of
from numbanet.ops.declare import DISTINCT, REAL, as_floating, primitive
from numbanet.ops.documentation import document
from numbanet.tensor.listeners import followed
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor, apply, asarray
from numbanet.typing import ArrayLike

_max, _with_places = Kernel(loops.max_pool), Kernel(loops.max_pool_with_places)
_max_gradient, _take = Kernel(loops.max_pool_gradient), Kernel(loops.max_pool_take)
_relu_gradient = Kernel(functions.relu_gradient)
_average, _average_gradient = Kernel(loops.average_pool), Kernel(loops.average_pool_gradient)
_BYTE, _WORD = np.dtype(np.uint8), np.dtype(np.int32)


def _launch(kernel, inputs, out, size, strides, before, nanoseconds):
    """Launch a kernel over the rows of `out`; `nanoseconds` is what an element of a window takes."""
    if not out.size:
        return out
    numbers = *three(size, 1), *three(strides, 1), *three(before, 0)
    row = out.shape[-2] * out.shape[-1]
    kernel(out.size // row, *map(deep, inputs), deep(out), *numbers, cost=row * math.prod(size) * nanoseconds)
    return out


def _max_forward(x, size, strides, before, sizes):
    x = as_floating(x)
    return _launch(_max, (x,), empty((x.shape[0], *sizes, x.shape[-1]), x.dtype), size, strides, before, 0.1)


def _memory_forward(x, size, strides, before, sizes):
    x = as_floating(x)
    shape = x.shape[0], *sizes, x.shape[-1]
    memory = empty((math.prod(shape) * (x.dtype.itemsize + _dtype_of_places(size).itemsize),), _BYTE)
    out = _largest_in(memory, x.dtype, shape)
    _launch(_with_places, (x, out), _places_in(memory, out, size), size, strides, before, 0.15)
    return memory


def _dtype_of_places(size):
    return _BYTE if math.prod(size) <= 256 else _WORD


def _largest_in(memory, dtype, shape):
    return memory[: math.prod(shape) * dtype.itemsize].view(dtype).reshape(shape)


def _places_in(memory, y, size):
    return memory[y.nbytes :].view(_dtype_of_places(size)).reshape(y.shape)


def _from_memory_forward(x, memory, size, strides, before, sizes):
    dtype = x.dtype if x.dtype.kind == "f" else DEFAULT_FLOAT
    return _largest_in(memory, dtype, (x.shape[0], *sizes, x.shape[-1]))


def _max_gradient_forward(g, places, size, strides, before, sizes):
    if not g.size:
        return full((g.shape[0], *sizes, g.shape[-1]), 0, g.dtype)
    out = empty((g.shape[0], *sizes, g.shape[-1]), g.dtype)
    return _launch(_max_gradient, (g, places), out, size, strides, before, 0.2)


def gradient_through_relu(g, y, places, size, strides, before, sizes):
    """The gradient by z of `max_pool(relu(z))`, whose result is y: what a pass puts in place of the two ops."""
    masked = empty(g.shape, g.dtype)
    _relu_gradient.map(masked, g, y)
    return _max_gradient_forward(masked, places, size, strides, before, sizes)


def _take_forward(x, places, size, strides, before):
    return _launch(_take, (x, places), empty(places.shape, x.dtype), size, strides, before, 1.0)


def _average_forward(x, size, strides, before, sizes):
    x = as_floating(x)
    return _launch(_average, (x,), empty((x.shape[0], *sizes, x.shape[-1]), x.dtype), size, strides, before, 0.1)


def _average_gradient_forward(g, size, strides, before, sizes):
    g = as_floating(g)
    out = empty((g.shape[0], *sizes, g.shape[-1]), g.dtype)
    return _launch(_average_gradient, (g,), out, size, strides, before, 0.2)


@planned
def max_pool_memory(x: ArrayLike, size: Any, strides: Any, before: Any, sizes: Any) -> Tensor:
    return apply(_memory_op, x, size=size, strides=strides, before=before, sizes=sizes)


@planned
def max_pool_from_memory(
    x: ArrayLike, memory: ArrayLike, size: Any, strides: Any, before: Any, sizes: Any
) -> Tensor:  # fmt: skip
    return apply(_from_memory_op, x, memory, size=size, strides=strides, before=before, sizes=sizes)


@planned
def max_pool_places(memory: ArrayLike, y: ArrayLike, size: Any) -> Tensor:
    return apply(_places_op, memory, y, size=size)


def _check_places(what, x, places, window):
    """Raise ShapeError unless `places` belong to windows over an input of shape `x`: kernels follow them."""
    size, strides, before = window
    axes = zip(x[1:-1], places[1:-1], strides, before, strict=False)
    inside = all(0 <= (count - 1) * stride - ahead < length for length, count, stride, ahead in axes if count > 1)
    if len(x) != len(places) or (x[0], x[-1]) != (places[0], places[-1]) or not inside or 0 in x[1:-1]:
        raise ShapeError(f"{what}: places of shape {places} do not belong to windows of {size} over shape {x}")


@planned
def max_pool_gradient(g: ArrayLike, places: ArrayLike, window: Any, sizes: Any) -> Tensor:
    g, places = asarray(g), asarray(places)
    if g.shape != places.shape:
        raise ShapeError(f"max_pool_gradient: needs g and places of one shape, got {g.shape} and {places.shape}")
    size, strides, before = window
    return apply(_max_gradient_op, g, places, size=size, strides=strides, before=before, sizes=sizes)


@planned
def max_pool_take(x: ArrayLike, places: ArrayLike, window: Any) -> Tensor:
    x, places = asarray(x), asarray(places)
    _check_places("max_pool_take", x.shape, places.shape, window)
    size, strides, before = window
    return apply(_take_op, x, places, size=size, strides=strides, before=before)


@planned
def average_pool_gradient(g: ArrayLike, window: Any, sizes: Any) -> Tensor:
    size, strides, before = window
    return apply(_average_gradient_op, g, size=size, strides=strides, before=before, sizes=sizes)


def _pooled(op, inputs, pool_size, strides, padding, data_format):
    """Apply `op`, after what both kinds of pooling ask of their arguments."""
    what, x = op.name.removesuffix("_from_memory"), asarray(inputs)
    rank, last, padding = rank_of(what, x), as_channels_last(what, data_format), as_padding(what, padding)
    x = x if last else moveaxis(x, 1, -1)
    size = along_axes(f"{what}: pool_size", pool_size, rank)
    strides = size if strides is None else along_axes(f"{what}: strides", strides, rank)
    spatial = x.shape[1:-1]
    sizes, before = counts(what, spatial, size, strides, padding), befores(spatial, size, strides, padding)
    window = {"size": size, "strides": strides, "before": before, "sizes": sizes}
    inputs = (x,) if op is not _from_memory_op else (x, apply(_memory_op, x, **window))
    y = apply(op, *inputs, **window)
    return y if last else moveaxis(y, -1, 1)


def max_pool(
    inputs: ArrayLike, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    x = asarray(inputs)
    return (_with_memory if followed(x) else _alone)(x, pool_size, strides, padding, data_format)


@planned
def _alone(x, pool_size, strides, padding, data_format):
    return _pooled(_max_op, x, pool_size, strides, padding, data_format)


@planned
def _with_memory(x, pool_size, strides, padding, data_format):
    return _pooled(_from_memory_op, x, pool_size, strides, padding, data_format)


@planned
def average_pool(
    inputs: ArrayLike, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    return _pooled(_average_op, inputs, pool_size, strides, padding, data_format)


def _windows(x, window, sizes):
    """The elements of each window: its number, where in x they are, and themselves."""
    for at in np.ndindex(*sizes):
        axes = zip(at, *window, strict=True)
        where = [slice(max(i * s - b, 0), max(i * s - b + k, 0)) for i, k, s, b in axes]
        yield at, where, x[(slice(None), *where)]


def _reference_of(reduce):
    def reference(x, pool_size, strides=None, padding="valid"):
        rank, spatial = x.ndim - 2, x.shape[1:-1]
        size = along_axes("size", pool_size, rank)
        strides = size if strides is None else along_axes("strides", strides, rank)
        sizes, before = counts("pool", spatial, size, strides, padding), befores(spatial, size, strides, padding)
        out = np.empty((x.shape[0], *sizes, x.shape[-1]), x.dtype)
        for at, _, elements in _windows(x, (size, strides, before), sizes):
            out[(slice(None), *at)] = reduce(elements, axis=tuple(range(1, x.ndim - 1)))
        return out

    return reference


def _average_gradient_reference(g, window, sizes):
    out = np.zeros((g.shape[0], *sizes, g.shape[-1]), g.dtype)
    for at, where, elements in _windows(out, window, g.shape[1:-1]):
        share = g[(slice(None), *at)] / np.prod(elements.shape[1:-1])
        out[(slice(None), *where)] += share.reshape(g.shape[0], *(1,) * len(sizes), g.shape[-1])
    return out


def _max_gradient_reference(g, places, window, sizes):
    out = np.zeros((g.shape[0], *sizes, g.shape[-1]), g.dtype)
    for at, where, elements in _windows(out, window, g.shape[1:-1]):
        number = np.arange(np.prod(elements.shape[1:-1])).reshape(1, *elements.shape[1:-1], 1)
        wide = [a[(slice(None), *at)].reshape(g.shape[0], *(1,) * len(sizes), -1) for a in (g, places)]
        out[(slice(None), *where)] += np.where(number == wide[1], wide[0], 0)
    return out


def _take_reference(x, places, window):
    out = np.empty(places.shape, x.dtype)
    for at, _, elements in _windows(x, window, places.shape[1:-1]):
        flat = elements.reshape(x.shape[0], -1, x.shape[-1])
        out[(slice(None), *at)] = np.take_along_axis(flat, places[(slice(None), *at)][:, None].astype(int), 1)[:, 0]
    return out


_FAMILY = "pooling"


def _cases(domain):
    return (
        Case((domain,), shapes=((2, 7, 3),), params={"pool_size": 3, "strides": 2, "padding": "same"}),
        Case((domain,), shapes=((2, 5, 4, 2),), params={"pool_size": (2, 3), "strides": (1, 2)}),
        Case((domain,), shapes=((1, 4, 3, 4, 2),), params={"pool_size": 2}),
    )


def _by_x(g, y, x, memory, size, strides, before, sizes):
    """The gradient of max_pool by its input."""
    return max_pool_gradient(g, max_pool_places(memory, y, size), (size, strides, before), x.shape[1:-1])


_max_op = primitive(
    "max_pool", max_pool, _max_forward, reference=_reference_of(np.max), cases=_cases(DISTINCT), family=_FAMILY,
    vjp=(lambda g, y, x, **window: _by_x(g, y, x, max_pool_memory(x, **window), **window),),
)  # fmt: skip
_memory_op = primitive("max_pool_memory", max_pool_memory, _memory_forward, family=_FAMILY)
_from_memory_op = primitive(
    "max_pool_from_memory", max_pool_from_memory, _from_memory_forward, family=_FAMILY, vjp=(_by_x, None)
)
_average_op = primitive(
    "average_pool", average_pool, _average_forward, reference=_reference_of(np.mean), cases=_cases(REAL),
    vjp=(
        lambda g, y, x, size, strides, before, sizes: average_pool_gradient(
            g, (size, strides, before), x.shape[1:-1]
        ),
    ),
    family=_FAMILY,
)  # fmt: skip
_WINDOW = ((3, 2), (2, 2), (0, 0))
_PLACES = (np.arange(24, dtype=np.uint8) * 5 // 4 % 6).reshape(2, 2, 2, 3)
_places_op = primitive("max_pool_places", max_pool_places, _places_in, family=_FAMILY)
_max_gradient_op = primitive(
    "max_pool_gradient", max_pool_gradient, _max_gradient_forward, family=_FAMILY,
    vjp=(
        lambda u, y, g, places, size, strides, before, sizes: max_pool_take(u, places, (size, strides, before)),
        None,
    ),
    reference=_max_gradient_reference,
    cases=(Case((REAL,), shapes=((2, 2, 2, 3),), params={"places": _PLACES, "window": _WINDOW, "sizes": (5, 4)}),),
)  # fmt: skip
_take_op = primitive(
    "max_pool_take", max_pool_take, _take_forward, family=_FAMILY,
    vjp=(
        lambda g, y, x, places, size, strides, before: max_pool_gradient(
            g, places, (size, strides, before), x.shape[1:-1]
        ),
        None,
    ),
    reference=_take_reference,
    cases=(Case((REAL,), shapes=((2, 5, 4, 3),), params={"places": _PLACES, "window": _WINDOW}),),
)  # fmt: skip
_average_gradient_op = primitive(
    "average_pool_gradient", average_pool_gradient, _average_gradient_forward, family=_FAMILY,
    vjp=(
        lambda u, y, g, size, strides, before, sizes: apply(
            _average_op, u, size=size, strides=strides, before=before, sizes=g.shape[1:-1]
        ),
    ),
    reference=_average_gradient_reference,
    cases=(Case((REAL,), shapes=((2, 2, 2, 3),), params={"window": _WINDOW, "sizes": (5, 4)}),),
)  # fmt: skip

_HOW = {
    "pool_size": "int or tuple of int\n    How many elements a window has along each axis.",
    "strides": "int or tuple of int, optional\n    How far apart windows are; as far as they are wide if not given.",
    "padding": '{"valid", "same"}\n    Whether windows stay inside, or may reach out so that there is one per '
    "stride;\n    what is outside takes no part.",
    "data_format": HOW["data_format"],
}  # fmt: skip
_RAISES = {
    "ShapeError": "When windows do not fit into the input.",
    "ArgumentError": "When a setting is not one of those above.",
}
_BOOK = "Goodfellow, Bengio, Courville: Deep Learning, section 9.3; Keras 3, keras.ops.{}."
document(
    max_pool, "Return the largest element of each window; of equal ones, the gradient goes to the first.",
    _HOW, "(samples, ..., channels).", "[[[1.0], [3.0], [2.0], [0.0]]], 2",
    "Tensor([[[3.], [2.]]], shape=(1, 2, 1), dtype=float32)", first=INPUTS, raises=_RAISES,
    source=_BOOK.format("max_pool"),
)  # fmt: skip
document(
    average_pool, "Return the mean of each window, channel by channel.",
    _HOW, "(samples, ..., channels).", "[[[1.0], [3.0], [2.0], [0.0]]], 2",
    "Tensor([[[2.], [1.]]], shape=(1, 2, 1), dtype=float32)", first=INPUTS, raises=_RAISES,
    source=_BOOK.format("average_pool"),
)  # fmt: skip
_WINDOWS = {"window": "tuple of tuple of int\n    Size, strides and padding in front, along each axis."}
_SIZES = {"sizes": "tuple of int\n    Of the input of the pooling, along each axis."}
_GIVEN = ("g", "array-like, (samples, ..., channels)\n    The gradient of the result.")
_WHERE = {"places": "integer array-like, (samples, ..., channels)\n    Where in its window each result is from."}
_CALL = "((2,), (2,), (0,))"
_WINDOW_OF = {
    "size": "tuple of int\n    As pool_size.", "strides": "tuple of int\n    As in max_pool.",
    "before": "tuple of int\n    How many elements of padding there are in front.",
    "sizes": "tuple of int\n    How many windows there are along each axis.",
}  # fmt: skip
_MEMORY = {"memory": "Tensor\n    What max_pool_memory returns."}
_INPUT = ("x", "array-like, (samples, ..., channels)\n    The input, of a floating dtype.")
document(
    max_pool_memory, "Return the results of max_pool, and behind them where in its window each of them is from.",
    _WINDOW_OF, "(bytes,), uint8. Places are of uint8, or of int32 in windows of more than 256 elements.",
    "[[[1.0], [3.0]]], (2,), (2,), (0,), (1,)", "Tensor([  0,   0,  64,  64,   1], shape=(5,), dtype=uint8)",
    first=_INPUT, raises=_RAISES, source=_BOOK.format("max_pool"),
)  # fmt: skip
document(
    max_pool_from_memory, "Return what max_pool returns, a view of what max_pool_memory returned.",
    {**_MEMORY, **_WINDOW_OF}, "(samples, ..., channels).",
    "[[[1.0], [3.0]]], nn.asarray([0, 0, 64, 64, 1]).astype('uint8'), (2,), (2,), (0,), (1,)",
    "Tensor([[[3.]]], shape=(1, 1, 1), dtype=float32)", first=_INPUT, raises=_RAISES, source=_BOOK.format("max_pool"),
)  # fmt: skip
document(
    max_pool_places, "Return where in its window each result of max_pool is from, counted row by row.",
    {"y": "array-like, (samples, ..., channels)\n    The result of max_pool.", "size": _WINDOW_OF["size"]},
    "(samples, ..., channels), uint8 or int32.",
    "nn.asarray([0, 0, 64, 64, 1]).astype('uint8'), [[[3.0]]], (2,)",
    "Tensor([[[1]]], shape=(1, 1, 1), dtype=uint8)", first=("memory", _MEMORY["memory"]), raises=_RAISES,
    source=_BOOK.format("max_pool"),
)  # fmt: skip
document(
    max_pool_gradient, "Return the gradient of max_pool with respect to its input.", {**_WHERE, **_WINDOWS, **_SIZES},
    "(samples, ..., channels).", f"[[[1.0]]], nn.asarray([[[1]]]).astype('uint8'), {_CALL}, (2,)",
    "Tensor([[[0.], [1.]]], shape=(1, 2, 1), dtype=float32)", first=_GIVEN, raises=_RAISES,
    source=_BOOK.format("max_pool"),
)  # fmt: skip
document(
    max_pool_take, "Return the element of each window that stands where `places` say.", {**_WHERE, **_WINDOWS},
    "(samples, ..., channels).", f"[[[1.0], [3.0]]], nn.asarray([[[1]]]).astype('uint8'), {_CALL}",
    "Tensor([[[3.]]], shape=(1, 1, 1), dtype=float32)",
    first=("x", "array-like, (samples, ..., channels)\n    Shaped like the input of max_pool."), raises=_RAISES,
    source=_BOOK.format("max_pool"),
)  # fmt: skip
document(
    average_pool_gradient, "Return the gradient of average_pool with respect to its input.", {**_WINDOWS, **_SIZES},
    "(samples, ..., channels).", f"[[[1.0]]], {_CALL}, (2,)",
    "Tensor([[[0.5], [0.5]]], shape=(1, 2, 1), dtype=float32)", first=_GIVEN, raises=_RAISES,
    source=_BOOK.format("average_pool"),
)  # fmt: skip
