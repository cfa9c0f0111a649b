"""Where the spatial dimensions of sequences, images and volumes are."""

from __future__ import annotations

from typing import Any

from numbanet.errors import ShapeError

_NAMES = {1: ("steps",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def spatial_axes(ndim: int, data_format: str) -> tuple[int, ...]:
    """Return the numbers of the `ndim` spatial dimensions."""
    first = 1 if data_format == "channels_last" else 2
    return tuple(range(first, first + ndim))


def check_samples_axis(layer: Any, input_shape: tuple[Any, ...]) -> None:
    """Raise ShapeError unless inputs have a dimension of samples."""
    if not input_shape:
        raise ShapeError(f"layer {layer.name}: needs inputs (samples, ...), got shape {tuple(input_shape)}")


def check_spatial(layer: Any, input_shape: tuple[Any, ...], ndim: int, data_format: str = "channels_last") -> None:
    """Raise ShapeError unless inputs have samples, channels and `ndim` spatial dimensions."""
    if len(input_shape) == ndim + 2:
        return
    names = ", ".join(_NAMES[ndim])
    wanted = f"{names}, channels" if data_format == "channels_last" else f"channels, {names}"
    raise ShapeError(f"layer {layer.name}: needs inputs (samples, {wanted}), got shape {tuple(input_shape)}")
