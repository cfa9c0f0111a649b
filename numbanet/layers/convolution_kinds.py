"""Other kinds of convolutional layers: transposed, depthwise and separable ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numbanet.core.windows import span
from numbanet.layers import settings
from numbanet.layers.convolution import KERNEL, Convolution, check_steps
from numbanet.layers.inputs import cast
from numbanet.ops.conv_kinds import (
    as_output_padding,
    conv_transpose,
    depthwise_conv,
    separable_conv,
    transposed_sizes,
)
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import (
    ActivationLike,
    Config,
    ConstraintLike,
    DType,
    InitializerLike,
    Integer,
    OpenShape,
    RegularizerLike,
    Shape,
)


def _output_padding(layer, name, value):
    return as_output_padding(f"layer {layer.name}", value, layer.strides)


class _Transposed(Convolution):
    """What Conv1DTranspose, Conv2DTranspose and Conv3DTranspose share: everything but the number of axes."""

    _weights_of = KERNEL
    _settings: ClassVar[dict] = {
        "filters": settings.positive_integer, "output_padding": _output_padding, **KERNEL,
    }  # fmt: skip
    _fixed = (*Convolution._fixed, "filters", *KERNEL)
    filters: int
    output_padding: tuple[int, ...] | None
    kernel: Variable
    kernel_initializer: Callable[..., Any]
    kernel_regularizer: Callable[..., Any] | None
    kernel_constraint: Callable[..., Any] | None

    def __init__(
        self, filters: Integer, kernel_size: Shape, strides: Shape = 1, padding: str = "valid",
        output_padding: Shape | None = None, data_format: str | None = None, dilation_rate: Shape = 1,
        activation: ActivationLike = None, use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform", bias_initializer: InitializerLike = "zeros",
        name: str | None = None, dtype: DType = None, *, kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None, activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None, bias_constraint: ConstraintLike = None,
        input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        self._set(filters=filters, kernel_size=kernel_size, strides=strides, padding=padding)
        self._set(data_format=data_format, dilation_rate=dilation_rate, activation=activation, use_bias=use_bias)
        self._set(kernel_initializer=kernel_initializer, kernel_regularizer=kernel_regularizer)
        self._set(kernel_constraint=kernel_constraint, bias_initializer=bias_initializer)
        self._set(bias_regularizer=bias_regularizer, bias_constraint=bias_constraint, kernel=None, bias=None)
        self._set(output_padding=output_padding)
        check_steps(self)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make kernel and bias for (samples, ..., channels)."""
        shape = (*self.kernel_size, self.filters, self._channels(input_shape))
        self.kernel = self.add_weight(shape, name="kernel", **settings.of_weight(self, "kernel"))
        self._add_bias(self.filters)

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation."""
        self._channels(x.shape)
        return self._biased(
            conv_transpose(
                cast(self, x), self.kernel, self.strides, self.padding, self.output_padding, self.data_format,
                self.dilation_rate,
            )
        )  # fmt: skip

    def _output_sizes(self, sizes):
        windows = span(self.kernel_size, self.dilation_rate)
        return transposed_sizes(sizes, windows, self.strides, self.padding, self.output_padding)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the sizes from which a convolution leads to those of the input, and the filters."""
        return self._output_shape(input_shape, self.filters)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"filters": self.filters, "output_padding": settings.listed(self.output_padding)}


_DEPTHWISE, _POINTWISE = settings.weights("depthwise"), settings.weights("pointwise")


class _Depthwise(Convolution):
    """What DepthwiseConv1D and DepthwiseConv2D share: everything but the number of axes."""

    _weights_of = _DEPTHWISE
    _settings: ClassVar[dict] = {"depth_multiplier": settings.positive_integer, **_DEPTHWISE}
    _fixed = (*Convolution._fixed, "depth_multiplier", *_DEPTHWISE)
    depth_multiplier: int
    kernel: Variable
    depthwise_initializer: Callable[..., Any]
    depthwise_regularizer: Callable[..., Any] | None
    depthwise_constraint: Callable[..., Any] | None

    def __init__(
        self, kernel_size: Shape, strides: Shape = 1, padding: str = "valid", depth_multiplier: Integer = 1,
        data_format: str | None = None, dilation_rate: Shape = 1, activation: ActivationLike = None,
        use_bias: bool = True, depthwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros", name: str | None = None, dtype: DType = None, *,
        depthwise_regularizer: RegularizerLike = None, bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None, depthwise_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None, input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        self._set(kernel_size=kernel_size, strides=strides, padding=padding, depth_multiplier=depth_multiplier)
        self._set(data_format=data_format, dilation_rate=dilation_rate, activation=activation, use_bias=use_bias)
        self._set(depthwise_initializer=depthwise_initializer, depthwise_regularizer=depthwise_regularizer)
        self._set(depthwise_constraint=depthwise_constraint, bias_initializer=bias_initializer)
        self._set(bias_regularizer=bias_regularizer, bias_constraint=bias_constraint, kernel=None, bias=None)
        check_steps(self)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make kernel and bias for (samples, ..., channels)."""
        channels = self._channels(input_shape)
        self.compute_output_shape(input_shape)  # which checks the sizes
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self.add_weight(shape, name="kernel", **settings.of_weight(self, "depthwise"))
        self._add_bias(channels * self.depth_multiplier)

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation."""
        self._output_sizes(self._spatial(x.shape))
        x = cast(self, x)
        y = depthwise_conv(x, self.kernel, self.strides, self.padding, self.data_format, self.dilation_rate)
        return self._biased(y)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the number of windows along each axis, and as many channels as there are kernels."""
        return self._output_shape(input_shape, self._channels(input_shape) * self.depth_multiplier)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"depth_multiplier": self.depth_multiplier}


class _Separable(Convolution):
    """What SeparableConv1D and SeparableConv2D share: everything but the number of axes."""

    _weights_of = _DEPTHWISE | _POINTWISE
    _settings: ClassVar[dict] = {
        "filters": settings.positive_integer, "depth_multiplier": settings.positive_integer, **_weights_of,
    }  # fmt: skip
    _fixed = (*Convolution._fixed, "filters", "depth_multiplier", *_weights_of)
    filters: int
    depth_multiplier: int
    depthwise_kernel: Variable
    pointwise_kernel: Variable
    depthwise_initializer: Callable[..., Any]
    depthwise_regularizer: Callable[..., Any] | None
    depthwise_constraint: Callable[..., Any] | None
    pointwise_initializer: Callable[..., Any]
    pointwise_regularizer: Callable[..., Any] | None
    pointwise_constraint: Callable[..., Any] | None

    def __init__(
        self, filters: Integer, kernel_size: Shape, strides: Shape = 1, padding: str = "valid",
        data_format: str | None = None, dilation_rate: Shape = 1, depth_multiplier: Integer = 1,
        activation: ActivationLike = None, use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        pointwise_initializer: InitializerLike = "glorot_uniform", bias_initializer: InitializerLike = "zeros",
        name: str | None = None, dtype: DType = None, *, depthwise_regularizer: RegularizerLike = None,
        pointwise_regularizer: RegularizerLike = None, bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None, depthwise_constraint: ConstraintLike = None,
        pointwise_constraint: ConstraintLike = None, bias_constraint: ConstraintLike = None,
        input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        self._set(filters=filters, kernel_size=kernel_size, strides=strides, padding=padding)
        self._set(depth_multiplier=depth_multiplier, data_format=data_format, dilation_rate=dilation_rate)
        self._set(activation=activation, use_bias=use_bias, depthwise_initializer=depthwise_initializer)
        self._set(depthwise_regularizer=depthwise_regularizer, depthwise_constraint=depthwise_constraint)
        self._set(pointwise_initializer=pointwise_initializer, pointwise_regularizer=pointwise_regularizer)
        self._set(pointwise_constraint=pointwise_constraint, bias_initializer=bias_initializer)
        self._set(bias_regularizer=bias_regularizer, bias_constraint=bias_constraint)
        self._set(depthwise_kernel=None, pointwise_kernel=None, bias=None)
        check_steps(self)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make both kernels and the bias for (samples, ..., channels)."""
        channels = self._channels(input_shape)
        self.compute_output_shape(input_shape)  # which checks the sizes
        first = (*self.kernel_size, channels, self.depth_multiplier)
        second = (*(1,) * self._rank, channels * self.depth_multiplier, self.filters)
        of_depthwise, of_pointwise = (settings.of_weight(self, name) for name in ("depthwise", "pointwise"))
        self.depthwise_kernel = self.add_weight(first, name="depthwise_kernel", **of_depthwise)
        self.pointwise_kernel = self.add_weight(second, name="pointwise_kernel", **of_pointwise)
        self._add_bias(self.filters)

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation."""
        self._output_sizes(self._spatial(x.shape))
        x, first, second = cast(self, x), self.depthwise_kernel, self.pointwise_kernel
        y = separable_conv(x, first, second, self.strides, self.padding, self.data_format, self.dilation_rate)
        return self._biased(y)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the number of windows along each axis, and the filters in place of the channels."""
        return self._output_shape(input_shape, self.filters)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"filters": self.filters, "depth_multiplier": self.depth_multiplier}


_DOC = """{summary}

    Parameters
    ----------
{filters}    kernel_size : int or tuple of int
        How many elements a window has along each axis.
    strides : int or tuple of int
        How far apart windows are.
    padding : {{"valid", "same"}}
        As in Conv2D{of_which}.
{own}    data_format, dilation_rate
        As in Conv2D.
{later}    activation, use_bias
        As in Conv2D.
    {initializers}, bias_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    name, dtype
        As in Layer.
    {regularizers}, bias_regularizer, activity_regularizer : str or callable, optional
        As in Conv2D.
    {constraints}, bias_constraint, input_shape
        As in Conv2D.

    Attributes
    ----------
{kernels}
    bias : Variable, or None

    Raises
    ------
    ArgumentError
        When a setting is not one of those above.
    ShapeError
        When it is called with inputs of other axes or channels{too_small}.

    References
    ----------
    {source};
    Keras 3, keras.layers.{name}.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.{name}({call})(nn.zeros({shape})).shape
    {result}
    """
_FILTERS = "    filters : int\n        How many outputs each window has.\n"
_MULTIPLIER = "    depth_multiplier : int\n        How many kernels each channel has.\n"
_SHAPES = {1: ("(2, 8, 3)", "(2, {}, {})"), 2: ("(2, 8, 8, 3)", "(2, {0}, {0}, {1})")}
_SHAPES[3] = ("(1, 8, 8, 8, 3)", "(1, {0}, {0}, {0}, {1})")


def _named(*kernels):
    return {
        f"{what}s": ", ".join(f"{kernel}_{what}" for kernel in kernels)
        for what in ("initializer", "regularizer", "constraint")
    }


def _describe(kind, call, sizes, **texts):
    shape, result = _SHAPES[kind._rank]
    texts = {"filters": "", "of_which": "", "own": "", "later": "", **texts}
    texts.setdefault("too_small", ", or with inputs that are smaller than a window")
    kind.__doc__ = _DOC.format(name=kind.__name__, call=call, shape=shape, result=result.format(*sizes), **texts)


class Conv1DTranspose(_Transposed):
    _rank = 1


class Conv2DTranspose(_Transposed):
    _rank = 2


class Conv3DTranspose(_Transposed):
    _rank = 3


class DepthwiseConv1D(_Depthwise):
    _rank = 1


class DepthwiseConv2D(_Depthwise):
    _rank = 2


class SeparableConv1D(_Separable):
    _rank = 1


class SeparableConv2D(_Separable):
    _rank = 2


_kind: type[Convolution]
for _kind in (Conv1DTranspose, Conv2DTranspose, Conv3DTranspose):
    _describe(
        _kind, "4, 3, strides=2", (17, 4), filters=_FILTERS,
        summary="Lead from the outputs of a convolution back to the sizes of its inputs, with a kernel of its own.",
        of_which="; of the convolution that leads the other way",
        own="    output_padding : int or tuple of int, optional\n        How many elements outputs are longer, where "
        "several sizes lead to that of the\n        input; fewer than strides.\n",
        kernels="    kernel : Variable, (window, filters, channels)", too_small="", **_named("kernel"),
        source="Dumoulin, Visin: A guide to convolution arithmetic for deep learning, arXiv:1603.07285, 2016",
    )  # fmt: skip
for _kind in (DepthwiseConv1D, DepthwiseConv2D):
    _describe(
        _kind, "3, depth_multiplier=2", (6, 6), own=_MULTIPLIER, **_named("depthwise"),
        summary="Convolve every channel with kernels of its own.",
        kernels="    kernel : Variable, (window, channels, depth_multiplier)",
        source="Chollet: Deep Learning with Python, section 9.2.5",
    )  # fmt: skip
for _kind in (SeparableConv1D, SeparableConv2D):
    _describe(
        _kind, "4, 3", (6, 4), filters=_FILTERS, later=_MULTIPLIER, **_named("depthwise", "pointwise"),
        summary="Convolve every channel with kernels of its own, and mix the results, element by element.",
        kernels="    depthwise_kernel : Variable, (window, channels, depth_multiplier)\n"
        "    pointwise_kernel : Variable, (1, channels * depth_multiplier, filters)",
        source="Chollet: Xception, arXiv:1610.02357, 2016",
    )  # fmt: skip
