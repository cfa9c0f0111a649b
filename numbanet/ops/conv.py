"""Convolutions over one, two or three axes, transposed ones, and their gradients.

Three operations compute each other's gradients: `conv`, `conv_input_gradient` (which is the transposed convolution as
well) and `conv_kernel_gradient`. They get all sizes as parameters; the public functions find them from the padding.
"""

from __future__ import annotations

from typing import Any

from numbanet.core.dtypes import promote
from numbanet.core.table import Case
from numbanet.core.windows import (
    Geometry,
    along_axes,
    as_channels_last,
    as_padding,
    befores,
    counts,
    span,
    three,
)
from numbanet.errors import ShapeError
from numbanet.kernels.memory import empty
from numbanet.launching import launch
from numbanet.launching.copies import contiguous, converted, full
from numbanet.ops import conv_reference
from numbanet.ops.arranging import moveaxis
from numbanet.ops.declare import FINITE, as_floating, primitive
from numbanet.ops.documentation import document
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor, apply, asarray
from numbanet.typing import Array, ArrayLike

SOURCE = "Goodfellow, Bengio, Courville: Deep Learning, section 9.1; Keras 3, keras.ops.{}."


def deep(x, sizes=None):
    """An array with depth and height, of size 1 where it has none; `sizes` takes the place of its spatial ones."""
    own = x.shape[1:-1] if sizes is None else sizes
    return contiguous(x).reshape(x.shape[0], *three(own, 1), x.shape[-1])


def _deep_kernel(kernel):
    return contiguous(kernel).reshape(*three(kernel.shape[:-2], 1), *kernel.shape[-2:])


def _geometry(strides, dilation, before):
    return Geometry(three(strides, 1), three(dilation, 1), three(before, 0))


def _floating(what, *arrays):
    common = promote(what, *[x.dtype for x in map(as_floating, arrays)])
    return [converted(x, common) for x in arrays]


def _conv_forward(x, kernel, strides, dilation, before, sizes):
    x, kernel = _floating("conv", x, kernel)
    out = empty((x.shape[0], *sizes, kernel.shape[-1]), x.dtype)
    if not x.size or not kernel.size:
        return full(out.shape, 0, out.dtype)
    launch.conv(deep(x), _deep_kernel(kernel), deep(out), _geometry(strides, dilation, before))
    return out


def conv_with_bias(x, kernel, bias, strides, dilation, before, sizes, with_relu):
    """Return the forward of `conv` plus one number per filter, and the relu of that if it is asked for.

    What a pass over recorded steps puts in place of these ops. All are of one floating dtype, and no size is 0.
    """
    out = empty((x.shape[0], *sizes, kernel.shape[-1]), x.dtype)
    geometry = _geometry(strides, dilation, before)
    launch.conv(deep(x), _deep_kernel(kernel), deep(out), geometry, contiguous(bias), with_relu)
    return out


def _input_gradient_forward(g, kernel, strides, dilation, before, sizes, groups):
    g, kernel = _floating("conv_input_gradient", g, kernel)
    out = empty((g.shape[0], *sizes, kernel.shape[-2] * groups), g.dtype)
    if not g.size or not out.size:
        return full(out.shape, 0, out.dtype)
    launch.conv_input_gradient(deep(g), _deep_kernel(kernel), deep(out), _geometry(strides, dilation, before))
    return out


def _kernel_gradient_forward(x, g, strides, dilation, before, sizes, groups):
    x, g = _floating("conv_kernel_gradient", x, g)
    out = empty((*sizes, x.shape[-1] // groups, g.shape[-1]), x.dtype)
    if not x.size or not g.size:
        return full(out.shape, 0, out.dtype)
    launch.conv_kernel_gradient(deep(x), deep(g), _deep_kernel(out), _geometry(strides, dilation, before))
    return out


def _by_x(g, y, x, kernel, strides, dilation, before, sizes):
    groups = x.shape[-1] // kernel.shape[-2]
    return conv_input_gradient(g, kernel, (strides, dilation, before), x.shape[1:-1], groups)


def _by_kernel(g, y, x, kernel, strides, dilation, before, sizes):
    groups = x.shape[-1] // kernel.shape[-2]
    return conv_kernel_gradient(x, g, (strides, dilation, before), kernel.shape[:-2], groups)


def _conv_with(x, kernel, strides, dilation, before, sizes):
    return apply(_conv, x, kernel, strides=strides, dilation=dilation, before=before, sizes=sizes)


@planned
def conv_input_gradient(g: ArrayLike, kernel: ArrayLike, geometry: Any, sizes: Any, groups: int) -> Tensor:
    strides, dilation, before = geometry
    return apply(
        _input_gradient, g, kernel, strides=strides, dilation=dilation, before=before, sizes=sizes, groups=groups
    )


@planned
def conv_kernel_gradient(x: ArrayLike, g: ArrayLike, geometry: Any, sizes: Any, groups: int) -> Tensor:
    strides, dilation, before = geometry
    return apply(_kernel_gradient, x, g, strides=strides, dilation=dilation, before=before, sizes=sizes, groups=groups)


def rank_of(what: str, x: Tensor | Array) -> int:
    """Return over how many axes windows move: those between samples and channels.

    Raises
    ------
    ShapeError
        When there are none, or more than three.
    """
    if not 3 <= x.ndim <= 5:
        raise ShapeError(
            f"{what}: needs (samples, ..., channels) with one, two or three axes between them, got shape {x.shape}"
        )
    return x.ndim - 2


def check_kernel(what, x, kernel):
    """Raise ShapeError unless the kernel has the right number of axes and groups that divide channels and filters."""
    if kernel.ndim != x.ndim or not all(kernel.shape):
        raise ShapeError(
            f"{what}: an input of shape {x.shape} (channels last) needs a kernel of {x.ndim} axes, none of size 0: "
            f"window, channels, filters; got {kernel.shape}"
        )
    groups, rest = divmod(x.shape[-1], kernel.shape[-2])
    if rest or not groups or kernel.shape[-1] % groups:
        raise ShapeError(
            f"{what}: an input of {x.shape[-1]} channels and a kernel of {kernel.shape[-2]} channels and "
            f"{kernel.shape[-1]} filters (shape {kernel.shape}) do not fit: the kernel needs as many channels, or a "
            "part that divides channels and filters into groups"
        )


@planned
def conv(
    inputs: ArrayLike, kernel: ArrayLike, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    x, kernel = asarray(inputs), asarray(kernel)
    rank, last = rank_of("conv", x), as_channels_last("conv", data_format)
    x = x if last else moveaxis(x, 1, -1)
    padding = as_padding("conv", padding, ("valid", "same", "causal") if rank == 1 else ("valid", "same"))
    strides = along_axes("conv: strides", strides, rank)
    dilation = along_axes("conv: dilation_rate", dilation_rate, rank)
    check_kernel("conv", x, kernel)
    windows, spatial = span(kernel.shape[:-2], dilation), x.shape[1:-1]
    sizes = counts("conv", spatial, windows, strides, padding)
    y = _conv_with(x, kernel, strides, dilation, befores(spatial, windows, strides, padding), sizes)
    return y if last else moveaxis(y, -1, 1)


def case(x, kernel, **params):
    return Case((FINITE, FINITE), shapes=(x, kernel), params=params)


FAMILY = "convolution"
_conv = primitive(
    "conv", conv, _conv_forward, vjp=(_by_x, _by_kernel), reference=conv_reference.conv, family=FAMILY,
    cases=(
        case((2, 6, 2), (3, 2, 4), padding="causal", dilation_rate=2),
        case((2, 6, 5, 2), (3, 2, 2, 3), strides=(2, 1), padding="same"),
        case((1, 5, 6, 4), (2, 3, 2, 4), dilation_rate=(1, 2)),
        case((1, 4, 4, 3, 2), (2, 3, 2, 2, 3), strides=2, padding="same"),
    ),
)  # fmt: skip
_GEOMETRY = {"geometry": ((2, 1), (1, 2), (1, 0)), "groups": 2}
_input_gradient = primitive(
    "conv_input_gradient", conv_input_gradient, _input_gradient_forward,
    reference=conv_reference.conv_input_gradient,
    vjp=(
        lambda u, y, g, kernel, strides, dilation, before, sizes, groups: _conv_with(
            u, kernel, strides, dilation, before, g.shape[1:-1]
        ),
        lambda u, y, g, kernel, strides, dilation, before, sizes, groups: conv_kernel_gradient(
            u, g, (strides, dilation, before), kernel.shape[:-2], groups
        ),
    ),
    cases=(case((2, 3, 2, 4), (3, 2, 1, 4), sizes=(6, 4), **_GEOMETRY),), family=FAMILY,
)  # fmt: skip
_kernel_gradient = primitive(
    "conv_kernel_gradient", conv_kernel_gradient, _kernel_gradient_forward,
    reference=conv_reference.conv_kernel_gradient,
    vjp=(
        lambda u, y, x, g, strides, dilation, before, sizes, groups: conv_input_gradient(
            g, u, (strides, dilation, before), x.shape[1:-1], groups
        ),
        lambda u, y, x, g, strides, dilation, before, sizes, groups: _conv_with(
            x, u, strides, dilation, before, g.shape[1:-1]
        ),
    ),
    cases=(case((2, 6, 4, 2), (2, 3, 2, 4), sizes=(3, 2), **_GEOMETRY),), family=FAMILY,
)  # fmt: skip

INPUTS = (
    "inputs",
    "array-like, (samples, ..., channels)\n    With one, two or three axes for `...`; integers become float32.",
)
HOW = {
    "strides": "int or tuple of int\n    How far apart windows are along each axis.",
    "padding": '{"valid", "same"}\n    Whether windows stay inside, or zeros around the input make room for one window '
    'per stride.\n    Over one axis also "causal": windows that end at their element.',
    "data_format": '{"channels_last", "channels_first"}, optional\n    Where channels are; last if not given.',
    "dilation_rate": "int or tuple of int\n    How far apart the elements of a window are.",
}
RAISES = {
    "ShapeError": "When channels do not match, or windows do not fit into the input.",
    "ArgumentError": "When a setting is not one of those above.",
}
document(
    conv, "Return sums of products of a kernel and every window of the input, as networks convolve.",
    {
        "kernel": "array-like, (window, channels, filters)\n    Where it has a part of the channels, both fall into "
        "groups, and filters see those of their\n    group.",
        **HOW,
    },
    "(samples, ..., filters), of the promoted floating dtype.", "[[[1.0], [2.0], [4.0]]], [[[1.0]], [[-1.0]]]",
    "Tensor([[[-1.], [-2.]]], shape=(1, 2, 1), dtype=float32)", first=INPUTS, raises=RAISES,
    source=SOURCE.format("conv"),
)  # fmt: skip
_GRADIENT = {
    "geometry": "tuple of tuple of int\n    Strides, dilation and padding in front, along each axis.",
    "sizes": "tuple of int\n    Of the result, along each axis.", "groups": "int\n    Of channels.",
}  # fmt: skip
_CALL = "((1,), (1,), (0,)), (2,), 1"
document(
    conv_input_gradient, "Return the gradient of conv with respect to its input.",
    {"kernel": "array-like, (window, channels, filters)\n    As in conv.", **_GRADIENT}, "(samples, ..., channels).",
    f"[[[1.0]]], [[[1.0]], [[-1.0]]], {_CALL}", "Tensor([[[ 1.], [-1.]]], shape=(1, 2, 1), dtype=float32)",
    first=("g", "array-like, (samples, ..., filters)\n    The gradient of the result."), source=SOURCE.format("conv"),
)  # fmt: skip
document(
    conv_kernel_gradient, "Return the gradient of conv with respect to its kernel.",
    {"g": "array-like, (samples, ..., filters)\n    The gradient of the result.", **_GRADIENT},
    "(window, channels, filters).", f"[[[1.0], [2.0]]], [[[1.0]]], {_CALL}",
    "Tensor([[[1.]], [[2.]]], shape=(2, 1, 1), dtype=float32)",
    first=("x", "array-like, (samples, ..., channels)\n    The input."), source=SOURCE.format("conv"),
)  # fmt: skip
