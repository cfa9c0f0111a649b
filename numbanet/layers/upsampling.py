"""Layers that give samples more steps, rows and columns."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

import numpy as np

from numbanet.layers import settings
from numbanet.layers.layer import Layer
from numbanet.layers.spatial import check_spatial, spatial_axes
from numbanet.ops.indexing import take
from numbanet.ops.shaping import broadcast_to, reshape
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, Integer, LayerOptions, Shape


class _UpSampling(Layer):
    """What the layers of this file share: a factor for each spatial dimension."""

    _rank: ClassVar[int]
    """How many spatial dimensions there are."""
    data_format: str = "channels_last"

    def _factors(self):
        """Return a factor for each spatial dimension."""
        given = self.size  # type: ignore[attr-defined]  # each layer has its own
        return (given,) if self._rank == 1 else given

    def call(self, x: Tensor) -> Tensor:
        """Return the samples with every element repeated along the spatial dimensions."""
        shape = self.compute_output_shape(x.shape)
        axes = spatial_axes(self._rank, self.data_format)
        apart: list[int] = []
        wide: list[int] = []
        for axis, n in enumerate(x.shape):
            factor = self._factors()[axis - axes[0]] if axis in axes else None
            apart += [n] if factor is None else [n, 1]
            wide += [n] if factor is None else [n, factor]
        return reshape(broadcast_to(reshape(x, apart), wide), shape)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return `input_shape`, with the spatial sizes times their factors."""
        check_spatial(self, input_shape, self._rank, self.data_format)
        sizes = list(input_shape)
        for axis, factor in zip(spatial_axes(self._rank, self.data_format), self._factors(), strict=True):
            sizes[axis] *= factor
        return tuple(sizes)


class UpSampling1D(_UpSampling):
    """Repeats each step of sequences.

    Parameters
    ----------
    size : int
        How often.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `size` is not a positive integer.
    ShapeError
        When inputs are not (samples, steps, channels).

    References
    ----------
    Keras 3, keras.layers.UpSampling1D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.UpSampling1D(2)([[[1.0], [2.0]]]).numpy().reshape(-1)
    array([1., 1., 2., 2.], dtype=float32)
    """

    _rank = 1
    size: int
    _settings: ClassVar[dict] = {"size": settings.positive_integer}

    def __init__(self, size: Integer = 2, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(size=size)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"size": self.size}


class UpSampling2D(_UpSampling):
    """Makes images larger, by whole factors.

    Parameters
    ----------
    size : int or (int, int)
        The factors of the height and of the width.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, height, width, channels), as by default, or (samples, channels, height, width).
    interpolation : {"nearest", "bilinear"}
        "nearest" repeats every row and column. "bilinear" takes the weighted mean of the nearest two of each: elements
        stand at the centres of squares, and beyond the outermost ones these are repeated.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When a factor is not a positive integer, or `interpolation` is something else.
    ShapeError
        When inputs do not have 4 dimensions.

    References
    ----------
    Keras 3, keras.layers.UpSampling2D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.UpSampling2D((1, 2))([[[[1.0], [2.0]]]]).numpy().reshape(-1)
    array([1., 1., 2., 2.], dtype=float32)
    >>> nn.layers.UpSampling2D((1, 2), interpolation="bilinear")([[[[1.0], [2.0]]]]).numpy().reshape(-1)
    array([1.  , 1.25, 1.75, 2.  ], dtype=float32)
    """

    _rank = 2
    size: tuple[int, int]
    interpolation: str
    _settings: ClassVar[dict] = {
        "size": settings.along_spatial,
        "data_format": settings.data_format,
        "interpolation": settings.choice("nearest", "bilinear"),
    }

    def __init__(
        self,
        size: Shape = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set(size=size, data_format=data_format, interpolation=interpolation)

    def call(self, x: Tensor) -> Tensor:
        """Return larger images."""
        if self.interpolation == "nearest":
            return super().call(x)
        self.compute_output_shape(x.shape)  # which checks the shape
        for axis, factor in zip(spatial_axes(2, self.data_format), self.size, strict=True):
            x = x if factor == 1 else _interpolated(x, axis, factor)
        return x

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"size": list(self.size), "data_format": self.data_format, "interpolation": self.interpolation}
        return super().get_config() | own


def _interpolated(x, axis, factor):
    """Return `factor` times as many elements along an axis, each the weighted mean of the nearest two."""
    n = x.shape[axis]
    at = np.clip((np.arange(n * factor) + 0.5) / factor - 0.5, 0, n - 1)
    low = np.minimum(at.astype(np.int64), max(n - 2, 0))
    part = (at - low).astype(x.dtype).reshape([-1 if d == axis else 1 for d in range(x.ndim)])
    return take(x, low, axis) * (1 - part) + take(x, np.minimum(low + 1, n - 1), axis) * part


class UpSampling3D(_UpSampling):
    """Repeats the elements of volumes, or the frames, rows and columns of videos.

    Parameters
    ----------
    size : int or (int, int, int)
        How often, along each of the three dimensions.
    data_format : {"channels_last", "channels_first"}, optional
        Whether the channels are the last dimension, as by default, or follow the samples.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When a factor is not a positive integer.
    ShapeError
        When inputs do not have 5 dimensions.

    References
    ----------
    Keras 3, keras.layers.UpSampling3D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.UpSampling3D((1, 2, 3))(nn.ones((1, 4, 8, 8, 3))).shape
    (1, 4, 16, 24, 3)
    """

    _rank = 3
    size: tuple[int, int, int]
    _settings: ClassVar[dict] = {"size": settings.along_spatial, "data_format": settings.data_format}

    def __init__(
        self, size: Shape = (2, 2, 2), data_format: str | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self._set(size=size, data_format=data_format)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"size": list(self.size), "data_format": self.data_format}
