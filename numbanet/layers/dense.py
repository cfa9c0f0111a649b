"""Dense layers: every output sees every input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numbanet.core.registry import describe
from numbanet.errors import SettingError
from numbanet.layers import settings
from numbanet.layers.layer import Layer, feature_count
from numbanet.ops.linalg import dot
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import ActivationLike, Config, DType, InitializerLike, Integer, RegularizerLike, Shape


def _use_bias(layer, name, value):
    """Whether to add a bias; it can be left out later, but not be had where none was made."""
    value = settings.flag(layer, name, value)
    if value and layer.built and layer.bias is None:
        raise SettingError(f"layer {layer.name}: it was built without a bias; make a new layer with use_bias=True")
    return value


class Dense(Layer):
    """`activation(dot(x, kernel) + bias)`: every output sees every input.

    Parameters
    ----------
    units : int
        How many outputs.
    activation : str or callable, optional
        A name of `nn.activations`, or a function on tensors.
    use_bias : bool
    kernel_initializer, bias_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    name, dtype
        As in Layer.
    kernel_regularizer, bias_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    activity_regularizer, input_shape
        As in Layer.

    Attributes
    ----------
    kernel : Variable, (features, units)
    bias : Variable, (units,), or None

    Raises
    ------
    ArgumentError
        When `units` is not a positive integer, or a name is unknown.
    ShapeError
        When it is called with another number of features than it was built for.

    References
    ----------
    Chollet: Deep Learning with Python, section 2.1; Keras 3, keras.layers.Dense.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.Dense(4, activation="relu")
    >>> layer([[1.0, 2.0, 3.0]]).shape
    (1, 4)
    """

    _settings: ClassVar[dict] = {
        "units": settings.positive_integer,
        "use_bias": _use_bias,
        "activation": settings.activation,
        "kernel_initializer": settings.initializer,
        "bias_initializer": settings.initializer,
        "kernel_regularizer": settings.regularizer,
        "bias_regularizer": settings.regularizer,
    }
    units: int
    use_bias: bool
    kernel_initializer: Callable[..., Any]
    bias_initializer: Callable[..., Any]
    kernel_regularizer: Callable[..., Any] | None
    bias_regularizer: Callable[..., Any] | None
    kernel: Variable
    bias: Variable | None
    _fixed = ("dtype", "units", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer")

    def __init__(
        self, units: Integer, activation: ActivationLike = None, use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform", bias_initializer: InitializerLike = "zeros",
        name: str | None = None, dtype: DType = None, *, kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None, activity_regularizer: RegularizerLike = None,
        input_shape: Shape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        self._set(units=units, activation=activation, use_bias=use_bias, kernel=None, bias=None)
        self._set(kernel_initializer=kernel_initializer, bias_initializer=bias_initializer)
        self._set(kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make kernel and bias for (samples, ..., features)."""
        features = feature_count(self, input_shape)
        penalties = self.kernel_regularizer, self.bias_regularizer
        shape = (features, self.units)
        self.kernel = self.add_weight(shape, self.kernel_initializer, "kernel", regularizer=penalties[0])
        if self.use_bias:
            self.bias = self.add_weight(shape[1:], self.bias_initializer, "bias", regularizer=penalties[1])

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation."""
        y = dot(x.astype(self.dtype), self.kernel)
        return y if self.bias is None or not self.use_bias else y + self.bias

    def call(self, x: Tensor) -> Tensor:
        """Map (samples, ..., features) to (samples, ..., units)."""
        return self.activation(self.logits(x))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the shape with `units` for its last size."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        names = ("kernel_regularizer", "bias_regularizer")
        penalties = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        label = f"layer {self.name}: its regularizer"
        return super().get_config() | {
            **{name: describe(one, label) for name, one in penalties.items()},
            "units": self.units,
            "activation": settings.config_name(self, "activation", self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": describe(self.kernel_initializer, f"layer {self.name}: its kernel_initializer"),
            "bias_initializer": describe(self.bias_initializer, f"layer {self.name}: its bias_initializer"),
        }
