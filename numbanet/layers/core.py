"""Dense layers, and layers without weights that compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numbanet.core.random import as_generator
from numbanet.core.registry import describe
from numbanet.layers import settings
from numbanet.layers.base import Layer, feature_count
from numbanet.layers.shaping import Flatten, Input, Reshape, SameShape  # noqa: F401  (pickles of 0.1.0 look here)
from numbanet.ops.activations import relu
from numbanet.ops.dropout import dropout
from numbanet.ops.linalg import dot
from numbanet.ops.neural import softmax
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import ActivationLike, Config, DType, InitializerLike, Integer, Real, Seed


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
        """The output before the activation."""
        y = dot(x.astype(self.dtype), self.kernel)
        return y + self.bias if self.use_bias else y  # type: ignore[operator]  # there is one then

    def call(self, x: Tensor) -> Tensor:
        """(samples, ..., features) to (samples, ..., units)."""
        return self.activation(self.logits(x))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """The last size becomes `units`."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> Config:
        """As in Layer."""
        return super().get_config() | {
            "units": self.units,
            "activation": settings.config_name(self, "activation", self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": describe(self.kernel_initializer, f"layer {self.name}: its kernel_initializer"),
            "bias_initializer": describe(self.bias_initializer, f"layer {self.name}: its bias_initializer"),
        }


class Activation(SameShape):
    """An activation function as a layer.

    Parameters
    ----------
    activation : str or callable
        A name of `nn.activations`, or a function on tensors.
    name, dtype
        As in Layer.

    Raises
    ------
    ArgumentError
        When the name is unknown.

    References
    ----------
    Keras 3, keras.layers.Activation.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Activation("relu")([[-1.0, 2.0]])
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    """

    _settings: ClassVar[dict] = {"activation": settings.activation}

    def __init__(self, activation: ActivationLike, name: str | None = None, dtype: DType = None) -> None:
        super().__init__(name, dtype)
        self.activation = activation

    def logits(self, x: Tensor) -> Tensor:
        """The output before the activation: the input."""
        return x

    def call(self, x: Tensor) -> Tensor:
        """The activation of `x`; the shape stays."""
        return self.activation(x)

    def get_config(self) -> Config:
        """As in Layer."""
        return super().get_config() | {"activation": settings.config_name(self, "activation", self.activation)}


class ReLU(SameShape):
    """`nn.relu` as a layer.

    Parameters
    ----------
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.ReLU.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ReLU()([[-1.0, 2.0]])
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    """

    def call(self, x: Tensor) -> Tensor:
        """The larger of `x` and 0; the shape stays."""
        return relu(x)


class Softmax(SameShape):
    """`nn.softmax` as a layer.

    Parameters
    ----------
    axis : int
        Along which the outputs sum to 1.
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Softmax.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Softmax()([[1.0, 1.0]])
    Tensor([[0.5, 0.5]], shape=(1, 2), dtype=float32)
    """

    axis: int
    _settings: ClassVar[dict] = {"axis": settings.integer}

    def __init__(self, axis: Integer = -1, name: str | None = None, dtype: DType = None) -> None:
        super().__init__(name, dtype)
        self._set(axis=axis)
        self.activation = softmax if self.axis == -1 else None  # the model asks which activation its output has

    def logits(self, x: Tensor) -> Tensor:
        """The output before softmax: the input."""
        return x

    def call(self, x: Tensor) -> Tensor:
        """Probabilities; the shape stays."""
        return softmax(x, axis=self.axis)

    def get_config(self) -> Config:
        """As in Layer."""
        return super().get_config() | {"axis": self.axis}


class Dropout(SameShape):
    """Sets a random part of its inputs to zero in training, and scales the others up by as much.

    Parameters
    ----------
    rate : float
        The part that is dropped, from 0 up to but not including 1.
    name, dtype
        As in Layer.

    Raises
    ------
    ArgumentError
        When `rate` is outside that range.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014; Keras 3, keras.layers.Dropout.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Dropout(0.5)([[1.0, 1.0, 1.0, 1.0]], training=True, rng=0)
    Tensor([[0., 2., 2., 0.]], shape=(1, 4), dtype=float32)
    """

    rate: float
    _settings: ClassVar[dict] = {"rate": settings.rate}

    def __init__(self, rate: Real, name: str | None = None, dtype: DType = None) -> None:
        super().__init__(name, dtype)
        self._set(rate=rate)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """`x` itself outside training; the shape stays."""
        if not training or not self.rate:
            return x
        return dropout(x, self.rate, draw_seed(as_generator(rng)))

    def get_config(self) -> Config:
        """As in Layer."""
        return super().get_config() | {"rate": self.rate}
