"""Other kinds of convolutions, made of `conv` and its gradients: transposed, depthwise and separable ones."""

from __future__ import annotations

from typing import Any

from numbanet.core.dtypes import promote_to_float
from numbanet.core.shapes import integers_of
from numbanet.core.table import Case
from numbanet.core.windows import along_axes, as_channels_last, as_padding, span
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops import conv_reference
from numbanet.ops.arranging import moveaxis
from numbanet.ops.conv import FAMILY, HOW, INPUTS, RAISES, SOURCE, case, conv, conv_input_gradient, rank_of
from numbanet.ops.declare import FINITE, composed
from numbanet.ops.documentation import document
from numbanet.ops.shaping import reshape
from numbanet.tensor.planned import planned
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike


def transposed_sizes(
    sizes: tuple[int, ...], windows: tuple[int, ...], strides: tuple[int, ...], padding: str, extra: Any
) -> tuple[int, ...]:
    """Return the sizes of what a transposed convolution makes of `sizes`; `extra` is its output_padding, or None.

    References
    ----------
    Keras 3, `compute_conv_transpose_output_shape`.

    Examples
    --------
    >>> transposed_sizes((5,), (3,), (2,), "valid", None), transposed_sizes((5,), (3,), (2,), "same", None)
    ((11,), (10,))
    """
    found = []
    for i, (size, window, stride) in enumerate(zip(sizes, windows, strides, strict=True)):
        if padding == "valid":
            more = max(window, stride) - window if extra is None else extra[i]
            found.append((size - 1) * stride + window + more)
        else:
            found.append(size * stride if extra is None else (size - 1) * stride + window % 2 + extra[i])
    return tuple(found)


def as_output_padding(what: str, given: Any, strides: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return how many elements are added behind each axis, or None; fewer than a stride.

    Raises
    ------
    ArgumentError
        When one is negative, or not smaller than the stride.
    """
    if given is None:
        return None
    numbers = integers_of(f"{what}: output_padding", given)
    if len(numbers) == 1:
        numbers *= len(strides)
    if len(numbers) != len(strides) or not all(0 <= n < s for n, s in zip(numbers, strides, strict=True)):
        raise ArgumentError(
            f"{what}: output_padding must be integers from 0 up to but not including the strides {strides}, "
            f"got {given!r}"
        )
    return numbers


@planned
def conv_transpose(
    inputs: ArrayLike, kernel: ArrayLike, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    what = "conv_transpose"
    x, kernel = asarray(inputs), asarray(kernel)
    rank, last = rank_of(what, x), as_channels_last(what, data_format)
    x, padding = x if last else moveaxis(x, 1, -1), as_padding(what, padding)
    strides = along_axes("conv_transpose: strides", strides, rank)
    dilation = along_axes("conv_transpose: dilation_rate", dilation_rate, rank)
    if kernel.ndim != x.ndim or not all(kernel.shape) or kernel.shape[-1] != x.shape[-1]:
        raise ShapeError(
            f"{what}: an input of shape {x.shape} (channels last) needs a kernel of {x.ndim} axes, none of size 0: "
            f"window, filters, {x.shape[-1]} channels; got {kernel.shape}"
        )
    windows = span(kernel.shape[:-2], dilation)
    extra = as_output_padding(what, output_padding, strides)
    sizes = transposed_sizes(x.shape[1:-1], windows, strides, padding, extra)
    before = _before_of_transposed(x.shape[1:-1], sizes, windows, strides, padding)
    y = conv_input_gradient(x, kernel, (strides, dilation, before), sizes, 1)
    return y if last else moveaxis(y, -1, 1)


def _before_of_transposed(inner, outer, windows, strides, padding):
    """The padding of the convolution that leads from the larger sizes to the smaller ones."""
    if padding == "valid":
        return (0,) * len(inner)
    sizes = zip(inner, outer, windows, strides, strict=True)
    return tuple(max((few - 1) * stride + window - many, 0) // 2 for few, many, window, stride in sizes)


@planned
def depthwise_conv(
    inputs: ArrayLike, kernel: ArrayLike, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    x, kernel, last = asarray(inputs), asarray(kernel), as_channels_last("depthwise_conv", data_format)
    channels = x.shape[-1 if last else 1] if x.ndim > 1 else None
    if kernel.ndim != x.ndim or kernel.ndim < 2 or kernel.shape[-2] != channels:
        raise ShapeError(
            f"depthwise_conv: needs an input (samples, ..., channels) and a kernel (window, channels, multiplier) with "
            f"as many channels, got shapes {x.shape} and {kernel.shape} (data_format {data_format or 'channels_last'})"
        )
    grouped = reshape(kernel, (*kernel.shape[:-2], 1, kernel.shape[-2] * kernel.shape[-1]))
    return conv(x, grouped, strides, padding, data_format, dilation_rate)


@planned
def separable_conv(
    inputs: ArrayLike, depthwise_kernel: ArrayLike, pointwise_kernel: ArrayLike, strides: Any = 1,
    padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    x, first, second = asarray(inputs), asarray(depthwise_kernel), asarray(pointwise_kernel)
    common = promote_to_float("separable_conv", x.dtype, first.dtype, second.dtype)  # of all: the first step too
    x = x if x.dtype == common else x.astype(common)
    y = depthwise_conv(x, first, strides, padding, data_format, dilation_rate)
    return conv(y, second, 1, "valid", data_format)


def _transpose_reference(x, kernel, strides=1, padding="valid", output_padding=None):
    rank = x.ndim - 2
    strides, windows = along_axes("strides", strides, rank), kernel.shape[:-2]
    extra = as_output_padding("conv_transpose", output_padding, strides)
    sizes = transposed_sizes(x.shape[1:-1], windows, strides, padding, extra)
    before = _before_of_transposed(x.shape[1:-1], sizes, windows, strides, padding)
    return conv_reference.conv_input_gradient(x, kernel, (strides, (1,) * rank, before), sizes, 1)


def _depthwise_reference(x, kernel, **params):
    return conv_reference.conv(x, kernel.reshape(*kernel.shape[:-2], 1, -1), **params)


composed(
    "conv_transpose", conv_transpose, reference=_transpose_reference, family=FAMILY,
    cases=(
        case((2, 4, 2), (3, 3, 2), strides=2, padding="same"),
        case((1, 3, 2, 2), (2, 3, 2, 2), strides=(3, 1), output_padding=(1, 0)),
    ),
)  # fmt: skip
composed(
    "depthwise_conv", depthwise_conv, reference=_depthwise_reference, family=FAMILY,
    cases=(case((2, 5, 4, 3), (3, 2, 3, 2), padding="same"),),
)  # fmt: skip
composed(
    "separable_conv", separable_conv, family=FAMILY,
    reference=lambda x, depthwise, pointwise: conv_reference.conv(_depthwise_reference(x, depthwise), pointwise),
    cases=(Case((FINITE,) * 3, shapes=((2, 5, 4, 3), (3, 2, 3, 2), (1, 1, 6, 4))),),
)  # fmt: skip

document(
    conv_transpose, "Return the convolution that leads from the result of conv back to the shape of its input.",
    {
        "kernel": "array-like, (window, filters, channels)\n    As in conv, with the roles of the two exchanged.",
        "strides": HOW["strides"],
        "padding": '{"valid", "same"}\n    That of the convolution that leads the other way.',
        "output_padding": "int or tuple of int, optional\n    How many elements the result is longer, where several "
        "sizes lead to that of the input; fewer than strides.",
        "data_format": HOW["data_format"], "dilation_rate": HOW["dilation_rate"],
    },
    "(samples, ..., filters), of the promoted floating dtype.", "[[[1.0], [2.0]]], [[[1.0]], [[-1.0]]], strides=2",
    "Tensor([[[ 1.], [-1.], [ 2.], [-2.]]], shape=(1, 4, 1), dtype=float32)", first=INPUTS, raises=RAISES,
    source="Dumoulin, Visin: A guide to convolution arithmetic for deep learning, arXiv:1603.07285, 2016; Keras 3, "
    "keras.ops.conv_transpose.",
)  # fmt: skip
document(
    depthwise_conv, "Convolve every channel with kernels of its own.",
    {"kernel": "array-like, (window, channels, multiplier)\n    The kernels of each channel.", **HOW},
    "(samples, ..., channels * multiplier): those of the first channel come first.",
    "[[[1.0, 2.0], [3.0, 4.0]]], [[[1.0], [10.0]], [[1.0], [10.0]]]",
    "Tensor([[[ 4., 60.]]], shape=(1, 1, 2), dtype=float32)", first=INPUTS, raises=RAISES,
    source=SOURCE.format("depthwise_conv"),
)  # fmt: skip
document(
    separable_conv, "Convolve every channel with kernels of its own, and mix the results, element by element.",
    {
        "depthwise_kernel": "array-like, (window, channels, multiplier)\n    As in depthwise_conv.",
        "pointwise_kernel": "array-like, (1, channels * multiplier, filters)\n    The window is 1.",
        **HOW,
    },
    "(samples, ..., filters), of the promoted floating dtype.",
    "[[[1.0, 2.0], [3.0, 4.0]]], [[[1.0], [10.0]], [[1.0], [10.0]]], [[[1.0], [1.0]]]",
    "Tensor([[[64.]]], shape=(1, 1, 1), dtype=float32)", first=INPUTS, raises=RAISES,
    source="Chollet: Xception, arXiv:1610.02357, 2016; Keras 3, keras.ops.separable_conv.",
)  # fmt: skip
