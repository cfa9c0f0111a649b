"""What samples look like, for models that are to be built at once."""

from __future__ import annotations

from typing import Any

from numbanet.core.shapes import as_shape
from numbanet.errors import ShapeError
from numbanet.layers.layer import SameShape
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, Shape


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
        """Return `x` itself."""
        return x

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"shape": list(self.shape)}
