"""Layers that leave out a random part of their inputs in training."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

from numbanet.core.checks import is_integer
from numbanet.core.random import as_generator
from numbanet.core.shapes import broadcast_shapes
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.affine import floating
from numbanet.layers.layer import SameShape
from numbanet.ops.creation import ones
from numbanet.ops.dropout import dropout
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, LayerOptions, Real, Seed


def noise_shape(layer: Any, name: str, value: Any) -> tuple[int | None, ...] | None:
    """Return a shape whose sizes may be None, or None."""
    if value is None:
        return None
    sizes = tuple(value) if isinstance(value, settings.SEQUENCES) else ()
    if not sizes or not all(size is None or (is_integer(size) and size >= 1) for size in sizes):
        raise ArgumentError(
            f"layer {layer.name}: {name} must be a tuple of positive integers and None, or None, got {value!r}"
        )
    return tuple(None if size is None else int(size) for size in sizes)


def mask_shape(layer: Any, sizes: tuple[int | None, ...] | None, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of what is drawn for inputs of a shape; ShapeError where it does not broadcast to that."""
    if sizes is None:
        return shape
    drawn = tuple(n if size is None else size for size, n in zip(sizes, shape, strict=False))
    if len(sizes) != len(shape) or broadcast_shapes(f"layer {layer.name}", drawn, shape) != shape:
        raise ShapeError(f"layer {layer.name}: noise_shape {sizes} does not broadcast to inputs of shape {shape}")
    return drawn


class Dropout(SameShape):
    """Sets a random part of its inputs to zero in training, and scales the others up by as much.

    Parameters
    ----------
    rate : float
        The part that is dropped, from 0 up to but not including 1.
    noise_shape : tuple of int or None, optional
        What is dropped together: along dimensions of size 1, all elements. None stands for the size of the input.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `rate` is outside that range, or `noise_shape` is not a tuple of positive integers and None.
    ShapeError
        When `noise_shape` does not broadcast to the shape of the inputs.

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
    _settings: ClassVar[dict] = {"rate": settings.rate, "noise_shape": noise_shape}
    noise_shape: tuple[int | None, ...] | None = None  # also in pickles from before there was one

    def __init__(
        self, rate: Real, noise_shape: tuple[int | None, ...] | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self._set(rate=rate, noise_shape=noise_shape)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` itself outside training; the shape stays."""
        if not training or not self.rate:
            return x
        seed = draw_seed(as_generator(rng))
        if self.noise_shape is None:
            return dropout(x, self.rate, seed)
        x = floating(self, x)
        return x * dropout(ones(mask_shape(self, self.noise_shape, x.shape), x.dtype, device=x.device), self.rate, seed)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        shape = None if self.noise_shape is None else list(self.noise_shape)
        return super().get_config() | {"rate": self.rate, "noise_shape": shape}
