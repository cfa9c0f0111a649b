"""Masking: steps of a sequence that are all one value do not count."""

from __future__ import annotations

from typing import Any, ClassVar

from numbanet.errors import ShapeError
from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.ops.elementwise import not_equal, where
from numbanet.ops.reduce import any as any_of
from numbanet.ops.shaping import expand_dims
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, OpenShape, Real


class Masking(SameShape):
    """Makes a mask of sequences: a step in which every feature is `mask_value` does not count, and becomes zeros.

    Layers after it that take masks leave such steps out: recurrent layers keep their states, attention does not look at
    them.

    Parameters
    ----------
    mask_value : float
    name, dtype, input_shape
        As in Layer.

    Raises
    ------
    ShapeError
        When it is called with fewer than three dimensions.

    References
    ----------
    Keras 3, keras.layers.Masking.

    Examples
    --------
    >>> import numbanet as nn
    >>> x = nn.asarray([[[1.0], [2.0], [0.0]]])
    >>> layer = nn.layers.Masking()
    >>> layer.compute_mask(x)
    Tensor([[ True,  True, False]], shape=(1, 3), dtype=bool)
    >>> sums = nn.layers.SimpleRNN(1, activation=None, kernel_initializer="ones", recurrent_initializer="ones")
    >>> sums(layer(x))
    Tensor([[3.]], shape=(1, 1), dtype=float32)
    """

    _settings: ClassVar[dict] = {"mask_value": settings.number}
    mask_value: float

    def __init__(
        self,
        mask_value: Real = 0.0,
        *,
        name: str | None = None,
        dtype: DType = None,
        input_shape: OpenShape | None = None,
    ) -> None:
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(mask_value=mask_value)

    def call(self, x: Tensor) -> Tensor:
        """Return `x` with zeros in the steps that do not count."""
        return where(expand_dims(self.compute_mask(x), -1), x, 0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return which steps count, (samples, steps) of booleans."""
        if inputs.ndim < 3:
            raise ShapeError(f"layer {self.name}: needs sequences (samples, steps, features), got shape {inputs.shape}")
        return any_of(not_equal(inputs, self.mask_value), axis=-1)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"mask_value": self.mask_value}
