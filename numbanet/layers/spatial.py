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
    added = "x[..., None]" if data_format == "channels_last" else "x[:, None]"
    hint = f"; for one channel give {added}" if len(input_shape) == ndim + 1 else ""
    raise ShapeError(f"layer {layer.name}: needs inputs (samples, {wanted}), got shape {tuple(input_shape)}{hint}")


def no_sequences(layer: Any, shape: tuple[Any, ...]) -> ShapeError:
    """Return the error for inputs of a recurrent layer that are no sequences."""
    hint = ""
    if len(shape) == 2:
        hint = "; for one feature give x[..., None]; a recurrent layer before this one needs return_sequences=True"
    return ShapeError(f"layer {layer.name}: needs sequences (samples, steps, features), got shape {shape}{hint}")
