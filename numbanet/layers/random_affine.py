"""Layers that turn, move and zoom images at random in training."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Unpack

from numbanet.layers import settings
from numbanet.layers.affine import floating
from numbanet.layers.layer import SameShape
from numbanet.layers.sampling import FILL_MODES, INTERPOLATIONS, grid, sampled, uniform
from numbanet.layers.spatial import check_spatial
from numbanet.ops.arranging import moveaxis
from numbanet.ops.functions import cos, sin
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, LayerOptions, Real, Seed

_FACTOR = settings.interval(-1.0, 1.0, around=True)
_OPTIONS = """fill_mode : {"reflect", "constant", "wrap", "nearest"}
        How images go on outside: mirrored (d c b a | a b c d | d c b a), with `fill_value`, with themselves from the
        other edge, or with the nearest pixel.
    interpolation : {"bilinear", "nearest"}
        What lies between pixels.
    fill_value : float
        What is outside with `fill_mode="constant"`.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, height, width, channels), as by default, or (samples, channels, height, width).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When a setting is not what it must be.
    ShapeError
        When inputs do not have 4 dimensions."""


class _RandomAffine(SameShape):
    """What these layers share: a pixel of the output is what the input has at a place that each sample draws."""

    _factors: ClassVar[tuple[str, ...]]
    _settings: ClassVar[dict] = {
        "fill_mode": settings.choice(*FILL_MODES),
        "interpolation": settings.choice(*INTERPOLATIONS),
        "fill_value": settings.number,
        "data_format": settings.data_format,
    }
    fill_mode: str
    interpolation: str
    fill_value: float
    data_format: str

    def _places(self, rows: Tensor, columns: Tensor, images: Tensor, rng: Seed) -> tuple[Any, Any]:
        """Return the rows and columns of the input that the output shows in its own."""
        raise NotImplementedError

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` as it is outside training, in the layer's dtype; the shape stays."""
        check_spatial(self, x.shape, 2, self.data_format)
        x = floating(self, x)
        if not training or not x.size:
            return x
        last = self.data_format == "channels_last"
        images = x if last else moveaxis(x, 1, -1)
        rows, columns = self._places(*grid(images.shape[1], images.shape[2], images), images, rng)
        y = sampled(images, rows, columns, self.interpolation, self.fill_mode, self.fill_value)
        return y if last else moveaxis(y, -1, 1)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        names = ("fill_mode", "interpolation", "fill_value", "data_format")
        factors = {name: settings.listed(getattr(self, name)) for name in self._factors}
        return super().get_config() | factors | {name: getattr(self, name) for name in names}


class RandomRotation(_RandomAffine):
    __doc__ = f"""Turns images round their middle in training, each by an angle of its own.

    Parameters
    ----------
    factor : float or tuple (lower, upper)
        Between which parts of a full turn angles are drawn, from -1 to 1: counter-clockwise where they are positive. A
        number f stands for (-f, f).
    {_OPTIONS}

    References
    ----------
    Keras 3, keras.layers.RandomRotation.

    Examples
    --------
    >>> import numbanet as nn
    >>> images = nn.reshape(nn.arange(4.0), (1, 2, 2, 1))
    >>> nn.layers.RandomRotation((0.25, 0.25))(images, training=True, rng=0).numpy().reshape(2, 2).round(3)
    array([[1., 3.],
           [0., 2.]], dtype=float32)
    """

    factor: tuple[float, float]
    _factors = ("factor",)
    _settings: ClassVar[dict] = {"factor": _FACTOR}

    def __init__(
        self, factor: Real | tuple[Real, Real], fill_mode: str = "reflect", interpolation: str = "bilinear",
        fill_value: Real = 0.0, data_format: str | None = None, **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self._set(factor=factor, fill_mode=fill_mode, interpolation=interpolation, fill_value=fill_value)
        self._set(data_format=data_format)

    def _places(self, rows: Tensor, columns: Tensor, images: Tensor, rng: Seed) -> tuple[Any, Any]:
        angle = uniform((images.shape[0], 1, 1), self.factor, images, rng) * (2 * math.pi)
        middle_row, middle_column = ((size - 1) / 2 for size in images.shape[1:3])
        down, across = rows - middle_row, columns - middle_column
        turn, lift = cos(angle), sin(angle)
        return lift * across + turn * down + middle_row, turn * across - lift * down + middle_column


class RandomTranslation(_RandomAffine):
    __doc__ = f"""Moves images in training, each by an amount of its own.

    Parameters
    ----------
    height_factor, width_factor : float or tuple (lower, upper)
        Between which parts of the height and of the width the way is drawn, from -1 to 1: downwards and to the right
        where they are positive. A number f stands for (-f, f).
    {_OPTIONS}

    References
    ----------
    Keras 3, keras.layers.RandomTranslation.

    Examples
    --------
    >>> import numbanet as nn
    >>> images = nn.reshape(nn.arange(4.0), (1, 1, 4, 1))
    >>> nn.layers.RandomTranslation(0.0, (0.25, 0.25), "wrap")(images, training=True, rng=0).numpy().reshape(4)
    array([3., 0., 1., 2.], dtype=float32)
    """

    height_factor: tuple[float, float]
    width_factor: tuple[float, float]
    _factors = ("height_factor", "width_factor")
    _settings: ClassVar[dict] = {"height_factor": _FACTOR, "width_factor": _FACTOR}

    def __init__(
        self, height_factor: Real | tuple[Real, Real], width_factor: Real | tuple[Real, Real],
        fill_mode: str = "reflect", interpolation: str = "bilinear", fill_value: Real = 0.0,
        data_format: str | None = None, **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self._set(height_factor=height_factor, width_factor=width_factor, fill_mode=fill_mode)
        self._set(interpolation=interpolation, fill_value=fill_value, data_format=data_format)

    def _places(self, rows: Tensor, columns: Tensor, images: Tensor, rng: Seed) -> tuple[Any, Any]:
        samples, height, width, _ = images.shape
        down = uniform((samples, 1, 1), self.height_factor, images, rng) * height
        across = uniform((samples, 1, 1), self.width_factor, images, rng) * width
        return rows - down, columns - across


class RandomZoom(_RandomAffine):
    __doc__ = f"""Zooms images in training, each by an amount of its own.

    Parameters
    ----------
    height_factor : float or tuple (lower, upper)
        Between which bounds the amount is drawn, from -1 to 1: out where it is positive, in where it is negative. At
        0.2, the output shows 1.2 times the height of the input. A number f stands for (-f, f).
    width_factor : float or tuple (lower, upper), optional
        The same of the width; the amount of the height if not given, so that images keep their proportions.
    {_OPTIONS}

    References
    ----------
    Keras 3, keras.layers.RandomZoom.

    Examples
    --------
    >>> import numbanet as nn
    >>> images = nn.reshape(nn.arange(4.0), (1, 1, 4, 1))
    >>> nn.layers.RandomZoom(0.0, (-0.5, -0.5))(images, training=True, rng=0).numpy().reshape(4)
    array([0.75, 1.25, 1.75, 2.25], dtype=float32)
    """

    height_factor: tuple[float, float]
    width_factor: tuple[float, float] | None
    _factors = ("height_factor", "width_factor")
    _settings: ClassVar[dict] = {"height_factor": _FACTOR, "width_factor": settings.optional(_FACTOR)}

    def __init__(
        self, height_factor: Real | tuple[Real, Real], width_factor: Real | tuple[Real, Real] | None = None,
        fill_mode: str = "reflect", interpolation: str = "bilinear", fill_value: Real = 0.0,
        data_format: str | None = None, **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self._set(height_factor=height_factor, width_factor=width_factor, fill_mode=fill_mode)
        self._set(interpolation=interpolation, fill_value=fill_value, data_format=data_format)

    def _places(self, rows: Tensor, columns: Tensor, images: Tensor, rng: Seed) -> tuple[Any, Any]:
        drawn = (images.shape[0], 1, 1)
        high = uniform(drawn, self.height_factor, images, rng) + 1.0
        wide = high if self.width_factor is None else uniform(drawn, self.width_factor, images, rng) + 1.0
        middle_row, middle_column = ((size - 1) / 2 for size in images.shape[1:3])
        return high * (rows - middle_row) + middle_row, wide * (columns - middle_column) + middle_column
