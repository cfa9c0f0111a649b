"""Dense layers: every output sees every input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numbanet.core.registry import describe
from numbanet.layers import settings
from numbanet.layers.layer import Layer, feature_count
from numbanet.ops.linalg import dot
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import ActivationLike, Config, DType, InitializerLike, Integer


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

    Attributes
    ----------
    kernel : Variable, (features, units)
    bias : Variable, (units,), or None

    Raises
    ------
    ArgumentError
        When `units` is no positive integer, or a name is unknown.
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
        "activation": settings.activation,
        "kernel_initializer": settings.initializer,
        "bias_initializer": settings.initializer,
    }
    units: int
    use_bias: bool
    kernel_initializer: Callable[..., Any]
    bias_initializer: Callable[..., Any]
    kernel: Variable
    bias: Variable | None
    _fixed = ("dtype", "units", "kernel_initializer", "bias_initializer")

    def __init__(
        self, units: Integer, activation: ActivationLike = None, use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform", bias_initializer: InitializerLike = "zeros",
        name: str | None = None, dtype: DType = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype)
        self._set(units=units, activation=activation, use_bias=bool(use_bias), kernel=None, bias=None)
        self._set(kernel_initializer=kernel_initializer, bias_initializer=bias_initializer)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make kernel and bias for (samples, ..., features)."""
        features = feature_count(self, input_shape)
        self.kernel = self.add_weight((features, self.units), self.kernel_initializer, "kernel")
        self.bias = self.add_weight((self.units,), self.bias_initializer, "bias") if self.use_bias else None

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation."""
        y = dot(x.astype(self.dtype), self.kernel)
        return y + self.bias if self.use_bias else y  # type: ignore[operator]  # there is one then

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
            "kernel_initializer": describe(self.kernel_initializer, f"layer {self.name}: its kernel_initializer"),
            "bias_initializer": describe(self.bias_initializer, f"layer {self.name}: its bias_initializer"),
        }
