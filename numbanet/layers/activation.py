"""Activation functions as layers."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.ops.activations import elu, leaky_relu, relu
from numbanet.ops.elementwise import less_equal, minimum, where
from numbanet.ops.neural import softmax
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ActivationLike, Config, DType, Integer, LayerOptions, OpenShape, Real, RegularizerLike


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
        input_shape: OpenShape | None = None,
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


def _maximum(layer, name, value):
    """Return a finite number of at least 0, or None."""
    return None if value is None else settings.not_negative(layer, name, value)


class ReLU(SameShape):
    """The rectified linear unit, which may have a maximum, a slope below its threshold, and another threshold than 0.

    It returns `x` where that is above `threshold`, but at most `max_value`, and `negative_slope * (x - threshold)`
    elsewhere.

    Parameters
    ----------
    max_value : float, optional
        The largest output, at least 0; None for no limit.
    negative_slope : float
        The slope below the threshold, at least 0.
    threshold : float
        At least 0.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When a number is negative or not finite.

    References
    ----------
    Keras 3, keras.layers.ReLU.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ReLU()([[-1.0, 2.0]])
    Tensor([[0., 2.]], shape=(1, 2), dtype=float32)
    >>> nn.layers.ReLU(max_value=6.0, negative_slope=0.5)([[-1.0, 9.0]])
    Tensor([[-0.5,  6. ]], shape=(1, 2), dtype=float32)
    """

    max_value: float | None
    negative_slope: float
    threshold: float
    _settings: ClassVar[dict] = {
        "max_value": _maximum,
        "negative_slope": settings.not_negative,
        "threshold": settings.not_negative,
    }

    def __init__(
        self,
        max_value: Real | None = None,
        negative_slope: Real = 0.0,
        threshold: Real = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set(max_value=max_value, negative_slope=negative_slope, threshold=threshold)

    def call(self, x: Tensor) -> Tensor:
        """Return the rectified `x`; the shape stays."""
        slope, threshold = self.negative_slope, self.threshold
        if not threshold and self.max_value is None:
            return leaky_relu(x, slope) if slope else relu(x)
        above = x if self.max_value is None else minimum(x, self.max_value)
        return where(less_equal(x, threshold), (x - threshold) * slope if slope else 0.0, above)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"max_value": self.max_value, "negative_slope": self.negative_slope, "threshold": self.threshold}
        return super().get_config() | own


class LeakyReLU(SameShape):
    """The rectified linear unit with a slope below zero: `nn.leaky_relu` as a layer.

    Parameters
    ----------
    negative_slope : float
        The slope below zero.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When the slope is not a finite number.

    References
    ----------
    Keras 3, keras.layers.LeakyReLU; Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models,
    2013.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.LeakyReLU(negative_slope=0.5)([[-1.0, 2.0]])
    Tensor([[-0.5,  2. ]], shape=(1, 2), dtype=float32)
    """

    negative_slope: float
    _settings: ClassVar[dict] = {"negative_slope": settings.number}
    _former: ClassVar[dict] = {"alpha": "it is called negative_slope"}

    def __init__(self, negative_slope: Real = 0.3, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(negative_slope=negative_slope)

    def call(self, x: Tensor) -> Tensor:
        """Return `x` where it is positive, and `negative_slope * x` elsewhere."""
        return leaky_relu(x, self.negative_slope)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"negative_slope": self.negative_slope}


class ELU(SameShape):
    """The exponential linear unit: `nn.elu` as a layer.

    Parameters
    ----------
    alpha : float
        What outputs approach below zero, with the sign turned.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `alpha` is not a finite number.

    References
    ----------
    Keras 3, keras.layers.ELU; Clevert, Unterthiner, Hochreiter: Exponential Linear Units, 2015, arXiv:1511.07289.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ELU()([[-100.0, 2.0]])
    Tensor([[-1.,  2.]], shape=(1, 2), dtype=float32)
    """

    alpha: float
    _settings: ClassVar[dict] = {"alpha": settings.number}

    def __init__(self, alpha: Real = 1.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(alpha=alpha)

    def call(self, x: Tensor) -> Tensor:
        """Return `x` where it is positive, and `alpha * (e ** x - 1)` elsewhere."""
        return elu(x, self.alpha)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"alpha": self.alpha}


class Softmax(SameShape):
    """`nn.softmax` as a layer.

    A mask says which samples or steps count, and travels on. Unlike that of Keras's layer, it hides no scores: give the
    layer `nn.where(mask, x, -1e9)` for that.

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
        input_shape: OpenShape | None = None,
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
