"""Layers that put margins around samples, or cut them off."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

from numbanet.errors import ShapeError
from numbanet.layers import settings
from numbanet.layers.layer import Layer
from numbanet.layers.spatial import check_spatial, spatial_axes
from numbanet.ops.shaping import pad
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, LayerOptions, PadWidth


class _Margins(Layer):
    """What the layers of this file share: the sizes before and after the elements of each spatial dimension."""

    _rank: ClassVar[int]
    """How many spatial dimensions there are."""
    _setting: ClassVar[str]
    """The name of the setting that has the margins."""
    data_format: str = "channels_last"

    def _pairs(self):
        """Return a pair (before, after) for each spatial dimension."""
        given = getattr(self, self._setting)
        return (given,) if self._rank == 1 else given

    def _of_all(self, input_shape):
        """Return a pair for each dimension of the input."""
        check_spatial(self, input_shape, self._rank, self.data_format)
        first = spatial_axes(self._rank, self.data_format)[0]
        return ((0, 0),) * first + self._pairs() + ((0, 0),) * (len(input_shape) - first - self._rank)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = [name for name in (self._setting, "data_format") if name in self._settings]
        return super().get_config() | {name: settings.listed(getattr(self, name)) for name in own}


class _Padding(_Margins):
    """What the layers that add margins share."""

    _setting = "padding"

    def call(self, x: Tensor) -> Tensor:
        """Return the samples with zeros around them."""
        return pad(x, self._of_all(x.shape))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return `input_shape`, larger by the margins."""
        margins = self._of_all(input_shape)
        return (input_shape[0], *[n + sum(pair) for n, pair in zip(input_shape[1:], margins[1:], strict=True)])


class _Cropping(_Margins):
    """What the layers that cut margins off share."""

    _setting = "cropping"

    def _checked(self, input_shape):
        """Return the margins of all dimensions; ShapeError where nothing is left."""
        margins = self._of_all(input_shape)
        if any(n <= sum(pair) for n, pair in zip(input_shape[1:], margins[1:], strict=True) if any(pair)):
            raise ShapeError(
                f"layer {self.name}: cropping {getattr(self, self._setting)} leaves nothing of inputs of shape "
                f"{tuple(input_shape)}"
            )
        return margins

    def call(self, x: Tensor) -> Tensor:
        """Return the samples without their margins: a view."""
        margins = self._checked(x.shape)
        return x[tuple(slice(before, n - after) for n, (before, after) in zip(x.shape, margins, strict=True))]

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return `input_shape`, smaller by the margins."""
        margins = self._checked(input_shape)
        return (input_shape[0], *[n - sum(pair) for n, pair in zip(input_shape[1:], margins[1:], strict=True)])


class ZeroPadding1D(_Padding):
    """Adds steps of zeros before and after sequences.

    Parameters
    ----------
    padding : int or (int, int)
        How many steps before and after; one integer stands for both.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, steps, channels), as by default, or (samples, channels, steps).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `padding` is neither an integer nor two of them, or negative.
    ShapeError
        When inputs do not have 3 dimensions.

    References
    ----------
    Keras 3, keras.layers.ZeroPadding1D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ZeroPadding1D((0, 1))([[[1.0], [2.0]]]).numpy().reshape(-1)
    array([1., 2., 0.], dtype=float32)
    """

    _rank = 1
    padding: tuple[int, int]
    _settings: ClassVar[dict] = {"padding": settings.margin, "data_format": settings.data_format}

    def __init__(
        self,
        padding: PadWidth = 1,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set(padding=padding, data_format=data_format)


class ZeroPadding2D(_Padding):
    """Adds rows and columns of zeros around images.

    Parameters
    ----------
    padding : int, (int, int) or ((int, int), (int, int))
        How many rows (top, bottom) and columns (left, right); one integer in place of a pair stands for both, and one
        integer alone for all.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, height, width, channels), as by default, or (samples, channels, height, width).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `padding` is anything else, or negative.
    ShapeError
        When inputs do not have 4 dimensions.

    References
    ----------
    Keras 3, keras.layers.ZeroPadding2D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ZeroPadding2D(((1, 0), (2, 2)))(nn.ones((1, 28, 28, 3))).shape
    (1, 29, 32, 3)
    """

    _rank = 2
    padding: tuple[tuple[int, int], ...]
    _settings: ClassVar[dict] = {"padding": settings.margins, "data_format": settings.data_format}

    def __init__(
        self, padding: PadWidth = (1, 1), data_format: str | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self._set(padding=padding, data_format=data_format)


class ZeroPadding3D(_Padding):
    """Adds zeros around volumes, or around the frames, rows and columns of videos.

    Parameters
    ----------
    padding : int, three ints, or three pairs of int
        How many zeros before and after, along each of the three dimensions; one integer in place of a pair stands for
        both, and one integer alone for all.
    data_format : {"channels_last", "channels_first"}, optional
        Whether the channels are the last dimension, as by default, or follow the samples.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `padding` is anything else, or negative.
    ShapeError
        When inputs do not have 5 dimensions.

    References
    ----------
    Keras 3, keras.layers.ZeroPadding3D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.ZeroPadding3D((1, 2, 0))(nn.ones((1, 4, 8, 8, 3))).shape
    (1, 6, 12, 8, 3)
    """

    _rank = 3
    padding: tuple[tuple[int, int], ...]
    _settings: ClassVar[dict] = {"padding": settings.margins, "data_format": settings.data_format}

    def __init__(
        self,
        padding: PadWidth = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set(padding=padding, data_format=data_format)


class Cropping1D(_Cropping):
    """Leaves out the first and last steps of sequences.

    Parameters
    ----------
    cropping : int or (int, int)
        How many steps at the start and at the end; one integer stands for both.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `cropping` is neither an integer nor two of them, or negative.
    ShapeError
        When inputs are not (samples, steps, channels), or nothing is left of them.

    References
    ----------
    Keras 3, keras.layers.Cropping1D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Cropping1D((1, 0))([[[1.0], [2.0], [3.0]]]).numpy().reshape(-1)
    array([2., 3.], dtype=float32)
    """

    _rank = 1
    cropping: tuple[int, int]
    _settings: ClassVar[dict] = {"cropping": settings.margin}

    def __init__(self, cropping: PadWidth = (1, 1), **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(cropping=cropping)


class Cropping2D(_Cropping):
    """Leaves out rows and columns at the edges of images.

    Parameters
    ----------
    cropping : int, (int, int) or ((int, int), (int, int))
        How many rows (top, bottom) and columns (left, right); one integer in place of a pair stands for both, and one
        integer alone for all.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, height, width, channels), as by default, or (samples, channels, height, width).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `cropping` is anything else, or negative.
    ShapeError
        When inputs do not have 4 dimensions, or nothing is left of them.

    References
    ----------
    Keras 3, keras.layers.Cropping2D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Cropping2D(((2, 2), (4, 4)))(nn.ones((2, 28, 28, 3))).shape
    (2, 24, 20, 3)
    """

    _rank = 2
    cropping: tuple[tuple[int, int], ...]
    _settings: ClassVar[dict] = {"cropping": settings.margins, "data_format": settings.data_format}

    def __init__(
        self,
        cropping: PadWidth = ((0, 0), (0, 0)),
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set(cropping=cropping, data_format=data_format)


class Cropping3D(_Cropping):
    """Leaves out what is at the edges of volumes, or the first and last frames, rows and columns of videos.

    Parameters
    ----------
    cropping : int, three ints, or three pairs of int
        How much before and after, along each of the three dimensions; one integer in place of a pair stands for both,
        and one integer alone for all.
    data_format : {"channels_last", "channels_first"}, optional
        Whether the channels are the last dimension, as by default, or follow the samples.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `cropping` is anything else, or negative.
    ShapeError
        When inputs do not have 5 dimensions, or nothing is left of them.

    References
    ----------
    Keras 3, keras.layers.Cropping3D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.Cropping3D((1, 2, 0))(nn.ones((1, 4, 8, 8, 3))).shape
    (1, 2, 4, 8, 3)
    """

    _rank = 3
    cropping: tuple[tuple[int, int], ...]
    _settings: ClassVar[dict] = {"cropping": settings.margins, "data_format": settings.data_format}

    def __init__(
        self,
        cropping: PadWidth = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set(cropping=cropping, data_format=data_format)
