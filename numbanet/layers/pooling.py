"""Pooling layers: the largest or the mean of each window, or of everything."""

from __future__ import annotations

from typing import Any, ClassVar

from numbanet.core.windows import as_padding, counts
from numbanet.layers import settings
from numbanet.layers.layer import Layer
from numbanet.layers.masks import checked_mask
from numbanet.layers.spatial import check_spatial, spatial_axes
from numbanet.ops.elementwise import where
from numbanet.ops.pooling import average_pool, max_pool
from numbanet.ops.reduce import max as largest
from numbanet.ops.reduce import mean, sum
from numbanet.ops.shaping import expand_dims
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, DType, OpenShape, Shape


def _strides(layer, name, value):
    return layer.pool_size if value is None else settings.along_spatial(layer, name, value)


class _Pooling(Layer):
    """What pooling layers share: everything but the number of axes and what is made of a window."""

    _rank: ClassVar[int]
    _pool: ClassVar[Any]
    _settings: ClassVar[dict] = {
        "pool_size": settings.along_spatial, "strides": _strides, "data_format": settings.data_format,
        "padding": lambda layer, name, value: as_padding(f"layer {layer.name}", value),
    }  # fmt: skip
    pool_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str
    data_format: str

    def __init__(
        self, pool_size: Shape = 2, strides: Shape | None = None, padding: str = "valid",
        data_format: str | None = None, name: str | None = None, dtype: DType = None, *,
        input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(pool_size=pool_size, padding=padding, data_format=data_format)
        self._set(strides=strides)

    def _sizes(self, input_shape):
        """Return the number of windows along each axis; ShapeError where an axis is missing or too short."""
        check_spatial(self, input_shape, self._rank, self.data_format)
        axes = spatial_axes(self._rank, self.data_format)
        sizes = tuple(input_shape[axis] for axis in axes)
        return axes, counts(f"layer {self.name}", sizes, self.pool_size, self.strides, self.padding)

    def call(self, x: Tensor) -> Tensor:
        """Return a number for each window and channel."""
        self._sizes(x.shape)
        return type(self)._pool(x, self.pool_size, self.strides, self.padding, self.data_format)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the number of windows in place of the sizes of the axes."""
        axes, sizes = self._sizes(input_shape)
        return (*input_shape[: axes[0]], *sizes, *input_shape[axes[-1] + 1 :])

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        pairs = {name: settings.listed(getattr(self, name)) for name in ("pool_size", "strides")}
        return super().get_config() | {**pairs, "padding": self.padding, "data_format": self.data_format}


class _GlobalPooling(Layer):
    """What the layers share that reduce all axes between samples and channels."""

    _rank: ClassVar[int]
    _reduce: ClassVar[Any]
    _settings: ClassVar[dict] = {"data_format": settings.data_format, "keepdims": settings.flag}
    data_format: str
    keepdims: bool

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, name: str | None = None, dtype: DType = None, *,
        input_shape: OpenShape | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, dtype, input_shape=input_shape)
        self._set(data_format=data_format, keepdims=keepdims)

    def call(self, x: Tensor) -> Tensor:
        """Return a number for each channel."""
        check_spatial(self, x.shape, self._rank, self.data_format)
        axes = spatial_axes(self._rank, self.data_format)
        return type(self)._reduce(x, axis=axes, keepdims=self.keepdims)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return (samples, channels), with axes of size 1 if they are kept."""
        check_spatial(self, input_shape, self._rank, self.data_format)
        axes = spatial_axes(self._rank, self.data_format)
        kept = [1 if i in axes else n for i, n in enumerate(input_shape) if self.keepdims or i not in axes]
        return tuple(kept)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"data_format": self.data_format, "keepdims": self.keepdims}


_DOC = """Return {what} of each window of {inputs}, channel by channel.

    Parameters
    ----------
    pool_size : int or tuple of int
        How many elements a window has along each axis.
    strides : int or tuple of int, optional
        How far apart windows are; as far as they are wide if not given.
    padding : {{"valid", "same"}}
        Whether windows stay inside, or may reach out so that there is one per stride; what is outside takes no part.
    data_format : {{"channels_last", "channels_first"}}, optional
        Where channels are; last if not given.
    name, dtype, input_shape
        As in Layer.

    Raises
    ------
    ArgumentError
        When a setting is not one of those above.
    ShapeError
        When inputs have other axes, or are smaller than a window.

    References
    ----------
    Chollet: Deep Learning with Python, section 8.1.2; Keras 3, keras.layers.{name}.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.{name}(2)(nn.zeros({shape})).shape
    {result}
    """
_GLOBAL = """Return {what} of each channel of {inputs}.

    Parameters
    ----------
    data_format : {{"channels_last", "channels_first"}}, optional
        Where channels are; last if not given.
    keepdims : bool
        Keep the reduced axes with size 1.
    name, dtype, input_shape
        As in Layer.

    Raises
    ------
    ShapeError
        When inputs have other axes.

    References
    ----------
    Lin, Chen, Yan: Network in network, arXiv:1312.4400, 2013; Keras 3, keras.layers.{name}.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.{name}()(nn.zeros({shape})).shape
    {result}
    """
_INPUTS: Any = {
    1: ("sequences (samples, steps, channels)", "(2, 8, 3)", "(2, 4, 3)"),
    2: ("images (samples, height, width, channels)", "(2, 8, 6, 3)", "(2, 4, 3, 3)"),
    3: ("volumes (samples, depth, height, width, channels)", "(2, 4, 8, 6, 3)", "(2, 2, 4, 3, 3)"),
}


def _describe(*kinds):
    """Give classes docstrings that differ only in a few words."""
    for kind in kinds:
        inputs, shape, result = _INPUTS[kind._rank]
        everything = issubclass(kind, _GlobalPooling)
        what = "the largest element" if "Max" in kind.__name__ else "the mean"
        kind.__doc__ = (_GLOBAL if everything else _DOC).format(
            what=what, inputs=inputs, name=kind.__name__, shape=shape, result="(2, 3)" if everything else result
        )


class MaxPooling1D(_Pooling):
    _rank, _pool = 1, staticmethod(max_pool)


class MaxPooling2D(_Pooling):
    _rank, _pool = 2, staticmethod(max_pool)


class MaxPooling3D(_Pooling):
    _rank, _pool = 3, staticmethod(max_pool)


class AveragePooling1D(_Pooling):
    _rank, _pool = 1, staticmethod(average_pool)


class AveragePooling2D(_Pooling):
    _rank, _pool = 2, staticmethod(average_pool)


class AveragePooling3D(_Pooling):
    _rank, _pool = 3, staticmethod(average_pool)


class GlobalMaxPooling1D(_GlobalPooling):
    _rank, _reduce = 1, staticmethod(largest)


class GlobalMaxPooling2D(_GlobalPooling):
    _rank, _reduce = 2, staticmethod(largest)


class GlobalMaxPooling3D(_GlobalPooling):
    _rank, _reduce = 3, staticmethod(largest)


class GlobalAveragePooling1D(_GlobalPooling):
    _rank, _reduce = 1, staticmethod(mean)

    def call(self, x: Tensor, mask: Any = None) -> Tensor:
        """Return the mean of each channel over the steps that `mask`, (samples, steps), counts; NaN without any."""
        if mask is None:
            return super().call(x)
        check_spatial(self, x.shape, self._rank, self.data_format)
        (steps,) = spatial_axes(self._rank, self.data_format)
        counting: Any = checked_mask(self, mask, (x.shape[0], x.shape[steps]))
        beside = expand_dims(counting, 3 - steps)
        total = sum(where(beside, x, 0), axis=steps, keepdims=self.keepdims)
        return total / sum(beside.astype(x.dtype), axis=steps, keepdims=self.keepdims)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return None: no steps are left."""
        return None


class GlobalAveragePooling2D(_GlobalPooling):
    _rank, _reduce = 2, staticmethod(mean)


class GlobalAveragePooling3D(_GlobalPooling):
    _rank, _reduce = 3, staticmethod(mean)


_describe(
    MaxPooling1D, MaxPooling2D, MaxPooling3D, AveragePooling1D, AveragePooling2D, AveragePooling3D,
    GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D,
    GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D,
)  # fmt: skip
