"""Layers that leave inputs as they are, or shift and scale them by constants."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

import numpy as np

from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.affine import floating
from numbanet.layers.layer import SameShape
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor
from numbanet.typing import ArrayLike, Config, LayerOptions


class Identity(SameShape):
    """Returns its inputs.

    Parameters
    ----------
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    References
    ----------
    Keras 3, keras.layers.Identity.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Identity()([[1.0, 2.0]])
    Tensor([[1., 2.]], shape=(1, 2), dtype=float32)
    """

    def __init__(self, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)

    def call(self, x: Tensor) -> Tensor:
        """Return `x` itself."""
        return x


def numbers(layer, name, value):
    """Return a number, or nested tuples of numbers; ArgumentError unless all are finite."""
    if not isinstance(value, (list, tuple)) and not getattr(value, "ndim", 0):
        return settings.number(layer, name, value)
    try:
        array = np.asarray(value.numpy() if isinstance(value, Operators) else value, np.float64)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    if not np.isfinite(array).all():
        raise ArgumentError(f"layer {layer.name}: {name} must be a finite number or an array of them, got {value!r}")
    return _tuples(array.tolist())


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


class Rescaling(SameShape):
    """Returns `inputs * scale + offset`.

    Parameters
    ----------
    scale, offset : float, or array-like
        Numbers, or arrays that broadcast against the inputs: one number for each channel, for example.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When a number is not finite.
    ShapeError
        When the arrays do not broadcast to the shape of the inputs.

    References
    ----------
    Keras 3, keras.layers.Rescaling.

    Examples
    --------
    >>> import numbanet as nn
    >>> import numpy as np
    >>> nn.layers.Rescaling(1 / 127.5, offset=-1)(np.array([[0, 255]], np.uint8))
    Tensor([[-1.,  1.]], shape=(1, 2), dtype=float32)
    """

    scale: Any
    offset: Any
    _settings: ClassVar[dict] = {"scale": numbers, "offset": numbers}

    def __init__(self, scale: ArrayLike, offset: ArrayLike = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(scale=scale, offset=offset)

    def call(self, x: Tensor) -> Tensor:
        """Return `x * scale + offset` in the dtype of the layer."""
        x = floating(self, x)
        y = x * _constant(self.scale, x.dtype)
        y = y if self.offset == 0.0 else y + _constant(self.offset, x.dtype)
        if y.shape != x.shape:
            raise ShapeError(
                f"layer {self.name}: scale and offset must broadcast to inputs of shape {x.shape}, they give {y.shape}"
            )
        return y

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"scale": settings.listed(self.scale), "offset": settings.listed(self.offset)}


def _constant(value, dtype):
    return np.asarray(value, dtype) if isinstance(value, tuple) else value
