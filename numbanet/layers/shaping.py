"""Layers that are about shapes: what samples look like, and are made to look like."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from numbanet.core.shapes import as_shape, resolve_reshape
from numbanet.errors import ShapeError
from numbanet.layers import settings
from numbanet.layers.base import Layer
from numbanet.ops.shaping import reshape
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, Shape


class SameShape(Layer):
    """What all layers share whose outputs have the shape of their inputs."""

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """The shape stays."""
        return input_shape


class Flatten(Layer):
    """Everything but the samples in one dimension.

    Parameters
    ----------
    name, dtype
        As in Layer.

    References
    ----------
    Keras 3, keras.layers.Flatten.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Flatten()(nn.zeros((2, 3, 4))).shape
    (2, 12)
    """

    def call(self, x: Tensor) -> Tensor:
        """(samples, ...) to (samples, features)."""
        return reshape(x, (x.shape[0], math.prod(x.shape[1:])))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """(samples, the product of the other sizes)."""
        return (input_shape[0], math.prod(input_shape[1:]))


class Reshape(Layer):
    """Samples in another shape.

    Parameters
    ----------
    target_shape : tuple of int
        The shape of one sample; one size may be -1.
    name, dtype
        As in Layer.

    Raises
    ------
    ShapeError
        When the elements of a sample do not fill the shape.

    References
    ----------
    Keras 3, keras.layers.Reshape.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Reshape((2, -1))(nn.zeros((5, 6))).shape
    (5, 2, 3)
    """

    target_shape: tuple[int, ...]
    _settings: ClassVar[dict] = {"target_shape": settings.sizes}

    def __init__(self, target_shape: Shape, name: str | None = None, dtype: DType = None) -> None:
        super().__init__(name, dtype)
        self._set(target_shape=target_shape)

    def call(self, x: Tensor) -> Tensor:
        """(samples, ...) to the samples in `target_shape`."""
        return reshape(x, (x.shape[0], *resolve_reshape(x.shape[1:], self.target_shape)))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """The samples, then `target_shape`."""
        return (input_shape[0], *resolve_reshape(input_shape[1:], self.target_shape))

    def get_config(self) -> Config:
        """As in Layer."""
        return super().get_config() | {"target_shape": list(self.target_shape)}


class Input(SameShape):
    """Says what shape one sample has, so that a model is built at once; it computes nothing.

    Parameters
    ----------
    shape : tuple of int
        Of one sample.
    name, dtype
        As in Layer.

    Raises
    ------
    ShapeError
        When a model is called with samples of another shape.

    References
    ----------
    Keras 3, keras.Input.

    Examples
    --------
    >>> import numbanet as nn
    >>> model = nn.Sequential([nn.layers.Input((784,)), nn.layers.Dense(10)])
    >>> [w.shape for w in model.weights]
    [(784, 10), (10,)]
    """

    def __init__(self, shape: Shape, name: str | None = None, dtype: DType = None) -> None:
        super().__init__(name, dtype)
        self.shape: tuple[int, ...] = as_shape(shape, f"layer {self.name}")

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless samples have the shape that was announced."""
        if input_shape[1:] != self.shape:
            raise ShapeError(f"layer {self.name}: samples of shape {self.shape} are needed, got {input_shape[1:]}")

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Check the first input too."""
        self.check_input(input_shape)

    def call(self, x: Tensor) -> Tensor:
        """`x` itself."""
        return x

    def get_config(self) -> Config:
        """As in Layer."""
        return super().get_config() | {"shape": list(self.shape)}
