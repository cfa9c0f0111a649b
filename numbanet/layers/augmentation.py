"""Layers that change images at random in training, so that a model sees more of them."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Unpack

import numpy as np

from numbanet.core.checks import as_number
from numbanet.core.dtypes import INT64
from numbanet.core.random import as_generator
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.affine import floating
from numbanet.layers.layer import Layer, SameShape
from numbanet.layers.sampling import resized, uniform
from numbanet.layers.spatial import check_spatial, spatial_axes
from numbanet.ops.arranging import moveaxis
from numbanet.ops.creation import ones
from numbanet.ops.dropout import dropout
from numbanet.ops.elementwise import as_known, clip, floor, greater, where
from numbanet.ops.indexing import take_known
from numbanet.ops.reduce import mean
from numbanet.ops.shaping import flip
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import Config, Integer, LayerOptions, Real, Seed

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


class RandomCrop(Layer):
    """Cuts images to a size: at a random place in training, which all images of a batch share.

    Outside training, and where images are smaller, the largest window in the middle that has the proportions of the
    output is made larger or smaller to fit.

    Parameters
    ----------
    height, width : int
        The size of the output.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, height, width, channels), as by default, or (samples, channels, height, width).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When a size is not a positive integer.
    ShapeError
        When inputs do not have 4 dimensions, or have no pixels.

    References
    ----------
    Keras 3, keras.layers.RandomCrop, as its documentation describes it. (Keras 3.15 itself leaves images as they are
    outside training, whatever their size.)

    Examples
    --------
    >>> import numbanet as nn
    >>> images = nn.reshape(nn.arange(16.0), (1, 4, 4, 1))
    >>> layer = nn.layers.RandomCrop(2, 2)
    >>> layer(images, training=True, rng=0).numpy().reshape(2, 2)
    array([[0., 1.],
           [4., 5.]], dtype=float32)
    >>> layer(images).numpy().reshape(2, 2)
    array([[ 2.5,  4.5],
           [10.5, 12.5]], dtype=float32)
    """

    height: int
    width: int
    data_format: str
    _settings: ClassVar[dict] = {
        "height": settings.positive_integer,
        "width": settings.positive_integer,
        "data_format": settings.data_format,
    }

    def __init__(
        self, height: Integer, width: Integer, data_format: str | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self._set(height=height, width=width, data_format=data_format)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return images of the size that was asked for, in the layer's dtype."""
        self.compute_output_shape(x.shape)  # which checks the shape
        last = self.data_format == "channels_last"
        images = floating(self, x if last else moveaxis(x, 1, -1))
        high, wide = images.shape[1:3]
        if training and high >= self.height and wide >= self.width:
            y = self._cut(self._cut(images, 1, self.height, rng), 2, self.width, rng)
        else:
            y = resized(self._middle(images), self.height, self.width)
        return y if last else moveaxis(y, -1, 1)

    def _cut(self, images, axis, size, rng):
        """Return a random part of one dimension."""
        choices = images.shape[axis] - size + 1
        first = clip(floor(uniform((1,), (0.0, float(choices)), images, rng)), 0.0, choices - 1.0)
        return take_known(images, as_known(first, INT64) + asarray(np.arange(size), device=images.device), axis)

    def _middle(self, images):
        """Return the largest window in the middle that has the proportions of the output."""
        high, wide = images.shape[1:3]
        height = max(min(high, wide * self.height // self.width), 1)
        width = max(min(wide, high * self.width // self.height), 1)
        top, left = (high - height) // 2, (wide - width) // 2
        return images[:, top : top + height, left : left + width]

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the shape with the height and width that were asked for."""
        check_spatial(self, input_shape, 2, self.data_format)
        axes = spatial_axes(2, self.data_format)
        if math.prod(input_shape[axis] for axis in axes) == 0:
            raise ShapeError(f"layer {self.name}: inputs of shape {tuple(input_shape)} have no pixels")
        sizes = {axes[0]: self.height, axes[1]: self.width}
        return tuple(sizes.get(axis, n) for axis, n in enumerate(input_shape))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"height": self.height, "width": self.width, "data_format": self.data_format}


def _value_range(layer, name, value):
    """Return two numbers, of which the first is the smaller one."""
    given = value if isinstance(value, settings.SEQUENCES) else ()
    pair = tuple(as_number(f"layer {layer.name}: {name}", one) for one in given)
    if len(pair) != 2 or pair[0] >= pair[1]:
        raise ArgumentError(
            f"layer {layer.name}: {name} must be two numbers (low, high), low below high, got {value!r}"
        )
    return pair


class RandomContrast(SameShape):
    """Changes the contrast of images in training, of each by a factor of its own.

    A pixel becomes `(pixel - mean) * factor + mean`, with the mean of its channel in its image.

    Parameters
    ----------
    factor : float or tuple (lower, upper)
        The factor is drawn from 1 - lower to 1 + upper; both are from 0 to 1, and a number stands for both.
    value_range : tuple (low, high)
        What pixels may be: others become the nearest of these.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, height, width, channels), as by default, or (samples, channels, height, width).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When a setting is not what it must be.
    ShapeError
        When inputs do not have 4 dimensions.

    References
    ----------
    Keras 3, keras.layers.RandomContrast, as its documentation describes it. (Of one number, Keras 3.15 draws from 1 to
    1 + factor.)

    Examples
    --------
    >>> import numbanet as nn
    >>> images = nn.reshape(nn.asarray([1.0, 3.0]), (1, 1, 2, 1))
    >>> nn.layers.RandomContrast(0.5)(images, training=True, rng=0).shape
    (1, 1, 2, 1)
    """

    factor: tuple[float, float]
    value_range: tuple[float, float]
    data_format: str
    _settings: ClassVar[dict] = {
        "factor": settings.interval(0.0, 1.0, around=False),
        "value_range": _value_range,
        "data_format": settings.data_format,
    }

    def __init__(
        self, factor: Real | tuple[Real, Real], value_range: tuple[Real, Real] = (0, 255),
        data_format: str | None = None, **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self._set(factor=factor, value_range=value_range, data_format=data_format)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` as it is outside training, in the layer's dtype; the shape stays."""
        check_spatial(self, x.shape, 2, self.data_format)
        x = floating(self, x)
        if not training or not x.size:
            return x
        lower, upper = self.factor
        factor = uniform((x.shape[0], 1, 1, 1), (1.0 - lower, 1.0 + upper), x, rng)
        middle = mean(x, axis=spatial_axes(2, self.data_format), keepdims=True)
        return clip((x - middle) * factor + middle, *self.value_range)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"factor": list(self.factor), "value_range": list(self.value_range), "data_format": self.data_format}
        return super().get_config() | own
