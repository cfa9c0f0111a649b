"""What the layers that move images share: random numbers, and pixels at places between the pixels of an image."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numbanet.core.dtypes import INT64
from numbanet.core.random import as_generator
from numbanet.ops.creation import zeros
from numbanet.ops.elementwise import (
    abs,
    as_known,
    clip,
    floor,
    greater_equal,
    less_equal,
    logical_and,
    remainder,
    sign,
    where,
)
from numbanet.ops.functions import erf
from numbanet.ops.indexing import take_known
from numbanet.ops.noise import gaussian_noise
from numbanet.ops.shaping import expand_dims, reshape
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import Seed

FILL_MODES = ("constant", "nearest", "reflect", "wrap")
INTERPOLATIONS = ("bilinear", "nearest")


def uniform(shape: tuple[int, ...], bounds: tuple[float, float], like: Tensor, rng: Seed) -> Tensor:
    """Return random numbers between two bounds, of the dtype of a tensor, which replayed steps draw as well.

    The distribution function of the normal distribution, of normal numbers, is uniform.
    """
    plain = zeros(shape, like.dtype, device=like.device)
    normal = gaussian_noise(plain, math.sqrt(0.5), draw_seed(as_generator(rng)))
    low, high = bounds
    return clip((erf(normal) + 1.0) * ((high - low) / 2) + low, low, high)


def grid(height: int, width: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rows (1, height, 1) and the columns (1, 1, width) of pixels, in the dtype of a tensor."""
    rows, columns = np.arange(height, dtype=like.dtype), np.arange(width, dtype=like.dtype)
    return asarray(rows.reshape(1, -1, 1), device=like.device), asarray(columns.reshape(1, 1, -1), device=like.device)


def sampled(
    images: Tensor, rows: Any, columns: Any, interpolation: str = "bilinear", fill_mode: str = "nearest",
    fill_value: float = 0.0,
) -> Tensor:  # fmt: skip
    """Return the values of images at places between their pixels.

    Parameters
    ----------
    images : Tensor, (samples, height, width, channels)
        Floating.
    rows, columns : Tensor
        The places, counted in pixels; they broadcast to (samples, height, width) of the result.
    interpolation : {"bilinear", "nearest"}
    fill_mode : {"constant", "nearest", "reflect", "wrap"}
        How images go on outside: with `fill_value`, the nearest pixel, themselves mirrored, or themselves.
    fill_value : float

    Returns
    -------
    Tensor
        (samples, height, width, channels) of the places.
    """
    if interpolation == "nearest":
        return _pixels(images, _rounded(rows), _rounded(columns), fill_mode, fill_value)
    top, left = floor(rows), floor(columns)
    down, right = expand_dims(rows - top, -1), expand_dims(columns - left, -1)
    total: Any = None
    for row, by_row in ((top, 1.0 - down), (top + 1.0, down)):
        for column, by_column in ((left, 1.0 - right), (left + 1.0, right)):
            part = _pixels(images, row, column, fill_mode, fill_value) * (by_row * by_column)
            total = part if total is None else total + part
    return total


def resized(images: Tensor, height: int, width: int) -> Tensor:
    """Return images in another size: bilinear, with half a pixel between the edge and the first centre."""
    old_height, old_width = images.shape[1:3]
    if (old_height, old_width) == (height, width):
        return images
    rows, columns = grid(height, width, images)
    rows = (rows + 0.5) * (old_height / height) - 0.5
    return sampled(images, rows, (columns + 0.5) * (old_width / width) - 0.5)


def _rounded(places):
    return sign(places) * floor(abs(places) + 0.5)


def _pixels(images, rows, columns, fill_mode, fill_value):
    """Return the pixels at whole numbers of rows and columns, which may lie outside."""
    samples, height, width, channels = images.shape
    numbers = asarray(np.arange(samples).reshape(-1, 1, 1) * (height * width), device=images.device)
    down, across = (
        as_known(_inside(rows, height, fill_mode), INT64),
        as_known(_inside(columns, width, fill_mode), INT64),
    )
    found = take_known(reshape(images, (samples * height * width, channels)), numbers + down * width + across)
    if fill_mode != "constant":
        return found
    there = logical_and(_is_inside(rows, height), _is_inside(columns, width))
    return where(expand_dims(there, -1), found, fill_value)


def _is_inside(places, size):
    return logical_and(greater_equal(places, 0.0), less_equal(places, size - 1.0))


def _inside(places, size, fill_mode):
    """Return where the image that goes on outside has the pixel that stands for a place."""
    if fill_mode == "wrap":
        return remainder(places, float(size))
    if fill_mode == "reflect":
        there = remainder(places, 2.0 * size)
        return where(greater_equal(there, float(size)), 2.0 * size - 1.0 - there, there)
    return clip(places, 0.0, size - 1.0)
