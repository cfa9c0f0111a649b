"""Layers that give samples another shape."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Unpack

from numbanet.core.shapes import resolve_reshape
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.layer import Layer
from numbanet.layers.spatial import check_samples_axis
from numbanet.ops.shaping import broadcast_to, expand_dims, permute_dims, reshape
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, Integer, LayerOptions, OpenShape, Shape


class Flatten(Layer):
    """Everything but the samples in one dimension.

    Parameters
    ----------
    data_format : {"channels_last", "channels_first"}, optional
        Where the channels are in an input. They are last in the result, "channels_last" by default: with the same
        weights, dense layers behind it compute the same in either format.
    **options
        name, dtype and input_shape, as in Layer.

    Raises
    ------
    ArgumentError
        When `data_format` is something else.

    References
    ----------
    Keras 3, keras.layers.Flatten.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Flatten()(nn.zeros((2, 3, 4))).shape
    (2, 12)
    """

    data_format: str
    _settings: ClassVar[dict] = {"data_format": settings.data_format}

    def __init__(self, data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(data_format=data_format)

    def call(self, x: Tensor) -> Tensor:
        """Map (samples, ...) to (samples, features)."""
        check_samples_axis(self, x.shape)
        if self.data_format == "channels_first" and x.ndim > 2:
            x = permute_dims(x, (0, *range(2, x.ndim), 1))
        return reshape(x, (x.shape[0], math.prod(x.shape[1:])))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return (samples, the product of the other sizes)."""
        check_samples_axis(self, input_shape)
        return (input_shape[0], math.prod(input_shape[1:]))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"data_format": self.data_format}


def _target_shape(layer, name, value):
    """Return sizes, of which one may be -1; ArgumentError where others are negative."""
    target = settings.sizes(layer, name, value)
    if min(target, default=0) < -1 or target.count(-1) > 1:
        raise ArgumentError(
            f"layer {layer.name}: {name} must have sizes of at least 0, of which one may be -1, got {value!r}"
        )
    return target


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
    ArgumentError
        When a size is negative, except for one that is -1.
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
    _settings: ClassVar[dict] = {"target_shape": _target_shape}

    def __init__(
        self,
        target_shape: Shape,
        name: str | None = None,
        dtype: DType = None,
        *,
        input_shape: OpenShape | None = None,
    ) -> None:
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(target_shape=target_shape)

    def call(self, x: Tensor) -> Tensor:
        """Map (samples, ...) to the samples in `target_shape`."""
        check_samples_axis(self, x.shape)
        return reshape(x, (x.shape[0], *resolve_reshape(x.shape[1:], self.target_shape)))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the samples, then `target_shape`."""
        check_samples_axis(self, input_shape)
        return (input_shape[0], *resolve_reshape(input_shape[1:], self.target_shape))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"target_shape": list(self.target_shape)}


def _dims(layer, name, value):
    """Return the dimensions of samples in another order, counted from 1; ArgumentError unless each is there once."""
    dims = settings.sizes(layer, name, value)
    if not dims or sorted(dims) != [*range(1, len(dims) + 1)]:
        raise ArgumentError(
            f"layer {layer.name}: {name} must name the dimensions of a sample, counted from 1, once each, got {value!r}"
        )
    return dims


class Permute(Layer):
    """The dimensions of samples in another order.

    Parameters
    ----------
    dims : tuple of int
        Which dimension of the input each dimension of the output is, counted from 1; the samples stay first.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `dims` does not name each dimension once.
    ShapeError
        When samples have another number of dimensions.

    References
    ----------
    Keras 3, keras.layers.Permute.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Permute((2, 1))(nn.zeros((5, 10, 64))).shape
    (5, 64, 10)
    """

    dims: tuple[int, ...]
    _settings: ClassVar[dict] = {"dims": _dims}

    def __init__(self, dims: Shape, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(dims=dims)

    def call(self, x: Tensor) -> Tensor:
        """Return the samples with their dimensions in the order of `dims`: a view."""
        return permute_dims(x, self._order(x.shape))

    def _order(self, input_shape):
        """Return the order of all dimensions; ShapeError where there are others."""
        if len(input_shape) != len(self.dims) + 1:
            raise ShapeError(
                f"layer {self.name}: dims {self.dims} need samples of {len(self.dims)} dimensions, got inputs of shape "
                f"{tuple(input_shape)}"
            )
        return (0, *self.dims)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the sizes in the order of `dims`, after the samples."""
        return tuple(input_shape[d] for d in self._order(input_shape))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"dims": list(self.dims)}


class RepeatVector(Layer):
    """Each vector several times: a sequence whose steps are all the same.

    Parameters
    ----------
    n : int
        How many steps.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `n` is not a positive integer.
    ShapeError
        When inputs are not (samples, features).

    References
    ----------
    Keras 3, keras.layers.RepeatVector.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.RepeatVector(2)([[1.0, 2.0]])
    Tensor([[[1., 2.],
             [1., 2.]]], shape=(1, 2, 2), dtype=float32)
    """

    n: int
    _settings: ClassVar[dict] = {"n": settings.positive_integer}

    def __init__(self, n: Integer, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(n=n)

    def call(self, x: Tensor) -> Tensor:
        """Map (samples, features) to (samples, n, features): a view."""
        return broadcast_to(expand_dims(x, 1), self.compute_output_shape(x.shape))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return (samples, n, features)."""
        if len(input_shape) != 2:
            raise ShapeError(f"layer {self.name}: needs inputs (samples, features), got shape {tuple(input_shape)}")
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"n": self.n}
