"""Dense layers: every output sees every input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numbanet.errors import SettingError
from numbanet.layers import settings
from numbanet.layers.inputs import cast, feature_count
from numbanet.layers.layer import Layer
from numbanet.ops.linalg import dot
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
)

_WEIGHTS = settings.weights("kernel", "bias")


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
    activity_regularizer
        As in Layer.
    kernel_constraint, bias_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    input_shape
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

    supports_masking = True
    _settings: ClassVar[dict] = {
        "units": settings.positive_integer,
        "use_bias": _use_bias,
        "activation": settings.activation,
        **_WEIGHTS,
    }
    units: int
    use_bias: bool
    kernel_initializer: Callable[..., Any]
    bias_initializer: Callable[..., Any]
    kernel_regularizer: Callable[..., Any] | None
    bias_regularizer: Callable[..., Any] | None
    kernel_constraint: Callable[..., Any] | None
    bias_constraint: Callable[..., Any] | None
    kernel: Variable
    bias: Variable | None
    _fixed = ("dtype", "units", *_WEIGHTS)

    def __init__(
        self, units: Integer, activation: ActivationLike = None, use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform", bias_initializer: InitializerLike = "zeros",
        name: str | None = None, dtype: DType = None, *, kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None, activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None, bias_constraint: ConstraintLike = None,
        input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        self._set(units=units, activation=activation, use_bias=use_bias, kernel=None, bias=None)
        self._set(kernel_initializer=kernel_initializer, bias_initializer=bias_initializer)
        self._set(kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer)
        self._set(kernel_constraint=kernel_constraint, bias_constraint=bias_constraint)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make kernel and bias for (samples, ..., features)."""
        features = feature_count(self, input_shape)
        shape = (features, self.units)
        self.kernel = self.add_weight(shape, name="kernel", **settings.of_weight(self, "kernel"))
        if self.use_bias:
            self.bias = self.add_weight((self.units,), name="bias", **settings.of_weight(self, "bias"))

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation."""
        y = dot(cast(self, x), self.kernel)
        return y if self.bias is None or not self.use_bias else y + self.bias

    def call(self, x: Tensor) -> Tensor:
        """Map (samples, ..., features) to (samples, ..., units)."""
        return self.activation(self.logits(x))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the shape with `units` for its last size."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {
            "units": self.units,
            "activation": settings.config_name(self, "activation", self.activation),
            "use_bias": self.use_bias,
            **settings.described(self, *_WEIGHTS),
        }
