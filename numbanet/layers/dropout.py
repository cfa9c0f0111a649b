"""Layers that leave out a random part of their inputs in training."""

from __future__ import annotations

from typing import ClassVar

from numbanet.core.random import as_generator
from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.ops.dropout import dropout
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, OpenShape, Real, Seed


class Dropout(SameShape):
    """Sets a random part of its inputs to zero in training, and scales the others up by as much.

    Parameters
    ----------
    rate : float
        The part that is dropped, from 0 up to but not including 1.
    name, dtype, input_shape
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

    def __init__(
        self,
        rate: Real,
        name: str | None = None,
        dtype: DType = None,
        *,
        input_shape: OpenShape | None = None,
    ) -> None:
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(rate=rate)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` itself outside training; the shape stays."""
        if not training or not self.rate:
            return x
        return dropout(x, self.rate, draw_seed(as_generator(rng)))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"rate": self.rate}
