"""Convolutional layers: the same small kernel for every window of a sequence, an image or a volume."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numbanet.core.windows import as_padding, counts, span
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.inputs import cast
from numbanet.layers.layer import Layer
from numbanet.layers.spatial import check_spatial
from numbanet.ops.conv import conv
from numbanet.ops.shaping import reshape
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


def _padding(layer, name, value):
    return as_padding(f"layer {layer.name}", value, layer._paddings)


KERNEL, BIAS = settings.weights("kernel"), settings.weights("bias")


class Convolution(Layer):
    """What all convolutional layers share: settings of windows, a bias for each filter, an activation."""

    _rank: ClassVar[int]
    """Over how many axes windows move."""
    _paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    _weights_of: ClassVar[dict]
    """The settings of the kernels: an initializer, a regularizer and a constraint each, as the bias has."""
    _settings: ClassVar[dict] = {
        **dict.fromkeys(("kernel_size", "strides", "dilation_rate"), settings.along_spatial),
        "padding": _padding, "data_format": settings.data_format, "use_bias": settings.flag,
        "activation": settings.activation, **BIAS,
    }  # fmt: skip
    _fixed: ClassVar[tuple[str, ...]] = ("dtype", "kernel_size", "use_bias", "data_format", *BIAS)
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation_rate: tuple[int, ...]
    padding: str
    data_format: str
    use_bias: bool
    bias_initializer: Callable[..., Any]
    bias_regularizer: Callable[..., Any] | None
    bias_constraint: Callable[..., Any] | None
    bias: Variable | None

    def _channels(self, input_shape):
        """Return how many channels inputs have; ShapeError unless they have the axes that they need."""
        check_spatial(self, input_shape, self._rank, self.data_format)
        return input_shape[-1 if self.data_format == "channels_last" else 1]

    def _spatial(self, input_shape):
        return tuple(input_shape[1:-1] if self.data_format == "channels_last" else input_shape[2:])

    def _add_bias(self, filters):
        if self.use_bias:
            self.bias = self.add_weight((filters,), name="bias", **settings.of_weight(self, "bias"))

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless inputs have as many channels as the layer was built for."""
        channels = self._channels(input_shape)
        if self.input_shape is not None and channels != self._channels(self.input_shape):
            raise ShapeError(
                f"layer {self.name}: built for inputs of {self._channels(self.input_shape)} channels (shape "
                f"{self.input_shape}, {self.data_format}), called with shape {tuple(input_shape)}"
            )

    def _biased(self, y):
        if self.bias is None:
            return y
        last = self.data_format == "channels_last"
        return y + (self.bias if last else reshape(self.bias, (-1, *(1,) * self._rank)))

    def call(self, x: Tensor) -> Tensor:
        """Return the outputs of all windows, a number for each filter."""
        return self.activation(self.logits(x))

    def _output_sizes(self, sizes):
        """Return how many windows there are along each axis."""
        windows = span(self.kernel_size, self.dilation_rate)
        return counts(f"layer {self.name}", sizes, windows, self.strides, self.padding)

    def _output_shape(self, input_shape, filters):
        self._channels(input_shape)
        sizes = self._output_sizes(self._spatial(input_shape))
        last = self.data_format == "channels_last"
        return (input_shape[0], *sizes, filters) if last else (input_shape[0], filters, *sizes)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {
            **{name: settings.listed(getattr(self, name)) for name in ("kernel_size", "strides", "dilation_rate")},
            **{name: getattr(self, name) for name in ("padding", "data_format", "use_bias")},
            "activation": settings.config_name(self, "activation", self.activation),
            **settings.described(self, *self._weights_of, *BIAS),
        }


class _Conv(Convolution):
    """What Conv1D, Conv2D and Conv3D share: everything but the number of axes."""

    _weights_of = KERNEL
    _settings: ClassVar[dict] = {"filters": settings.positive_integer, "groups": settings.positive_integer, **KERNEL}
    _fixed = (*Convolution._fixed, "filters", "groups", *KERNEL)
    filters: int
    groups: int
    kernel: Variable
    kernel_initializer: Callable[..., Any]
    kernel_regularizer: Callable[..., Any] | None
    kernel_constraint: Callable[..., Any] | None

    def __init__(
        self, filters: Integer, kernel_size: Shape, strides: Shape = 1, padding: str = "valid",
        data_format: str | None = None, dilation_rate: Shape = 1, groups: Integer = 1,
        activation: ActivationLike = None, use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform", bias_initializer: InitializerLike = "zeros",
        name: str | None = None, dtype: DType = None, *, kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None, activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None, bias_constraint: ConstraintLike = None,
        input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        self._set(filters=filters, kernel_size=kernel_size, strides=strides, padding=padding, groups=groups)
        self._set(data_format=data_format, dilation_rate=dilation_rate, activation=activation, use_bias=use_bias)
        self._set(kernel_initializer=kernel_initializer, kernel_regularizer=kernel_regularizer)
        self._set(kernel_constraint=kernel_constraint, bias_initializer=bias_initializer)
        self._set(bias_regularizer=bias_regularizer, bias_constraint=bias_constraint, kernel=None, bias=None)
        if self.filters % self.groups:
            raise ArgumentError(f"layer {self.name}: {self.groups} groups do not divide {self.filters} filters")
        check_steps(self)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make kernel and bias for (samples, ..., channels)."""
        channels = self._channels(input_shape)
        if channels % self.groups or not channels:
            raise ShapeError(
                f"layer {self.name}: {self.groups} groups do not divide the {channels} channels of inputs of shape "
                f"{tuple(input_shape)}"
            )
        self.compute_output_shape(input_shape)  # which checks the sizes
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_weight(shape, name="kernel", **settings.of_weight(self, "kernel"))
        self._add_bias(self.filters)

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation."""
        self._output_sizes(self._spatial(x.shape))  # an error with the name of the layer
        x = cast(self, x)
        y = conv(x, self.kernel, self.strides, self.padding, self.data_format, self.dilation_rate)
        return self._biased(y)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the number of windows along each axis, and the filters in place of the channels."""
        return self._output_shape(input_shape, self.filters)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"filters": self.filters, "groups": self.groups}


def check_steps(layer: Any) -> None:
    """Raise ArgumentError for strides and dilation that are both more than 1, which Keras refuses as well."""
    if max(layer.strides) > 1 and max(layer.dilation_rate) > 1:
        raise ArgumentError(
            f"layer {layer.name}: strides {layer.strides} and dilation_rate {layer.dilation_rate} cannot both be more "
            "than 1"
        )


_DOC = """{summary}

    Parameters
    ----------
    filters : int
        How many outputs each window has.
    kernel_size : int or tuple of int
        How many elements a window has along each axis.
    strides : int or tuple of int
        How far apart windows are.
    padding : {paddings}
        Whether windows stay inside, or zeros around the input make room for one window per stride{causal}.
    data_format : {{"channels_last", "channels_first"}}, optional
        Where channels are, in inputs and outputs; last if not given.
    dilation_rate : int or tuple of int
        How far apart the elements of a window are; more than 1 only where strides are 1.
    groups : int
        Into how many groups channels and filters fall; filters see the channels of their own group.
    activation : str or callable, optional
        A name of `nn.activations`, or a function on tensors.
    use_bias : bool
    kernel_initializer, bias_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    name, dtype
        As in Layer.
    kernel_regularizer, bias_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    activity_regularizer
        As in Layer.
    kernel_constraint, bias_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    input_shape
        As in Layer.

    Attributes
    ----------
    kernel : Variable, (window, channels of a group, filters)
    bias : Variable, (filters,), or None

    Raises
    ------
    ArgumentError
        When a setting is not one of those above.
    ShapeError
        When it is called with inputs of other axes or channels, or with inputs that are smaller than a window.

    References
    ----------
    Chollet: Deep Learning with Python, section 8.1.1; Keras 3, keras.layers.{name}.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.{name}(8, 3, activation="relu")(nn.zeros({shape})).shape
    {result}
    """
_FILL: Any = {"paddings": '{"valid", "same"}', "causal": ""}


class Conv1D(_Conv):
    __doc__ = _DOC.format(
        summary="Convolve sequences (samples, steps, channels).", name="Conv1D", shape="(2, 10, 4)", result="(2, 8, 8)",
        paddings='{"valid", "same", "causal"}',
        causal=",\n        or in front of it so that no window sees later steps",
    )  # fmt: skip
    _rank, _paddings = 1, ("valid", "same", "causal")


class Conv2D(_Conv):
    __doc__ = _DOC.format(
        summary="Convolve images (samples, height, width, channels).", name="Conv2D", shape="(2, 28, 28, 1)",
        result="(2, 26, 26, 8)", **_FILL,
    )  # fmt: skip
    _rank = 2


class Conv3D(_Conv):
    __doc__ = _DOC.format(
        summary="Convolve volumes or videos (samples, depth, height, width, channels).", name="Conv3D",
        shape="(1, 6, 8, 8, 2)", result="(1, 4, 6, 6, 8)", **_FILL,
    )  # fmt: skip
    _rank = 3
