"""Layers that give samples another shape."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from numbanet.core.shapes import resolve_reshape
from numbanet.layers import settings
from numbanet.layers.layer import Layer
from numbanet.ops.shaping import reshape
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, Shape


class Flatten(Layer):
    """Everything but the samples in one dimension.

    Parameters
    ----------
    name, dtype, input_shape
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
        """Map (samples, ...) to (samples, features)."""
        return reshape(x, (x.shape[0], math.prod(x.shape[1:])))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return (samples, the product of the other sizes)."""
        return (input_shape[0], math.prod(input_shape[1:]))


class Reshape(Layer):
    """Samples in another shape.

    Parameters
    ----------
    target_shape : tuple of int
        The shape of one sample; one size may be -1.
    name, dtype, input_shape
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

    def __init__(
        self,
        target_shape: Shape,
        name: str | None = None,
        dtype: DType = None,
        *,
        input_shape: Shape | None = None,
    ) -> None:
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(target_shape=target_shape)

    def call(self, x: Tensor) -> Tensor:
        """Map (samples, ...) to the samples in `target_shape`."""
        return reshape(x, (x.shape[0], *resolve_reshape(x.shape[1:], self.target_shape)))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the samples, then `target_shape`."""
        return (input_shape[0], *resolve_reshape(input_shape[1:], self.target_shape))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"target_shape": list(self.target_shape)}
