"""Activation functions as layers."""

from __future__ import annotations

from typing import ClassVar

from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.ops.activations import relu
from numbanet.ops.neural import softmax
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ActivationLike, Config, DType, Integer, RegularizerLike, Shape


class Activation(SameShape):
    """An activation function as a layer.

    Parameters
    ----------
    activation : str or callable
        A name of `nn.activations`, or a function on tensors.
    name, dtype, activity_regularizer, input_shape
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

    def __init__(
        self,
        activation: ActivationLike,
        name: str | None = None,
        dtype: DType = None,
        *,
        activity_regularizer: RegularizerLike = None,
        input_shape: Shape | None = None,
    ) -> None:
        super().__init__(name, dtype, activity_regularizer=activity_regularizer, input_shape=input_shape)
        self.activation = activation

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before the activation: the input."""
        return x

    def call(self, x: Tensor) -> Tensor:
        """Return the activation of `x`; the shape stays."""
        return self.activation(x)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"activation": settings.config_name(self, "activation", self.activation)}


class ReLU(SameShape):
    """`nn.relu` as a layer.

    Parameters
    ----------
    name, dtype, input_shape
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
        """Return the larger of `x` and 0; the shape stays."""
        return relu(x)


class Softmax(SameShape):
    """`nn.softmax` as a layer.

    Parameters
    ----------
    axis : int
        Along which the outputs sum to 1.
    name, dtype, input_shape
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

    def __init__(
        self,
        axis: Integer = -1,
        name: str | None = None,
        dtype: DType = None,
        *,
        input_shape: Shape | None = None,
    ) -> None:
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(axis=axis)
        self.activation = softmax if self.axis == -1 else None  # the model asks which activation its output has

    def logits(self, x: Tensor) -> Tensor:
        """Return the output before softmax: the input."""
        return x

    def call(self, x: Tensor) -> Tensor:
        """Return probabilities; the shape stays."""
        return softmax(x, axis=self.axis)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"axis": self.axis}
