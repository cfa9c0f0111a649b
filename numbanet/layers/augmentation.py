"""Layers that change images at random in training, so that a model sees more of them."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.core.random import as_generator
from numbanet.errors import ArgumentError
from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.layers.spatial import check_spatial, spatial_axes
from numbanet.ops.creation import ones
from numbanet.ops.dropout import dropout
from numbanet.ops.elementwise import greater, where
from numbanet.ops.shaping import flip
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, LayerOptions, Seed

_MODES = {"horizontal": (1,), "vertical": (0,), "horizontal_and_vertical": (1, 0)}
"""Which of height and width are turned round, in which order."""


def _mode(layer, name, value):
    """Return which dimensions are turned round."""
    if not isinstance(value, str) or value not in _MODES:
        raise ArgumentError(f"layer {layer.name}: {name} must be one of {', '.join(map(repr, _MODES))}, got {value!r}")
    return value


class RandomFlip(SameShape):
    """Turns images round in training: each of them, left to right, top to bottom, or both, one time in two.

    Parameters
    ----------
    mode : {"horizontal_and_vertical", "horizontal", "vertical"}
        Which way: "horizontal" swaps left and right, "vertical" top and bottom.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, height, width, channels), as by default, or (samples, channels, height, width).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `mode` or `data_format` is something else.
    ShapeError
        When inputs do not have 4 dimensions.

    References
    ----------
    Keras 3, keras.layers.RandomFlip.

    Examples
    --------
    >>> import numbanet as nn
    >>> images = nn.reshape(nn.arange(4.0), (2, 1, 2, 1))
    >>> nn.layers.RandomFlip("horizontal")(images, training=True, rng=0).numpy().reshape(2, 2)
    array([[0., 1.],
           [3., 2.]], dtype=float32)
    """

    mode: str
    data_format: str
    _settings: ClassVar[dict] = {"mode": _mode, "data_format": settings.data_format}

    def __init__(
        self, mode: str = "horizontal_and_vertical", data_format: str | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self._set(mode=mode, data_format=data_format)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` itself outside training; the shape stays."""
        check_spatial(self, x.shape, 2, self.data_format)
        if not training:
            return x
        for which in _MODES[self.mode]:
            plain = ones((x.shape[0], 1, 1, 1), device=x.device)
            chosen = greater(dropout(plain, 0.5, draw_seed(as_generator(rng))), 0.0)
            x = where(chosen, flip(x, spatial_axes(2, self.data_format)[which]), x)
        return x

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"mode": self.mode, "data_format": self.data_format}
