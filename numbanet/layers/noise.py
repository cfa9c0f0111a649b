"""Layers that disturb their inputs in training: with noise, or by leaving whole channels out."""

from __future__ import annotations

import math
from typing import ClassVar, Unpack

from numbanet.core.random import as_generator
from numbanet.layers import settings
from numbanet.layers.affine import floating
from numbanet.layers.dropout import mask_shape, noise_shape
from numbanet.layers.layer import SameShape
from numbanet.layers.spatial import check_spatial
from numbanet.ops.creation import ones
from numbanet.ops.dropout import dropout
from numbanet.ops.elementwise import greater, where
from numbanet.ops.noise import gaussian_dropout, gaussian_noise
from numbanet.tensor.listeners import draw_seed
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Config, LayerOptions, Real, Seed


class GaussianNoise(SameShape):
    """Adds normal noise of mean 0 in training.

    Parameters
    ----------
    stddev : float
        The standard deviation of the noise, at least 0.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `stddev` is negative or not finite.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 7.5; Keras 3, keras.layers.GaussianNoise.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.GaussianNoise(0.1)
    >>> layer([[1.0, 2.0]])
    Tensor([[1., 2.]], shape=(1, 2), dtype=float32)
    >>> layer([[1.0, 2.0]], training=True, rng=0).shape
    (1, 2)
    """

    stddev: float
    _settings: ClassVar[dict] = {"stddev": settings.not_negative}

    def __init__(self, stddev: Real, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(stddev=stddev)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` itself outside training; the shape stays."""
        if not training or not self.stddev:
            return x
        return gaussian_noise(x, self.stddev, draw_seed(as_generator(rng)))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"stddev": self.stddev}


class GaussianDropout(SameShape):
    """Multiplies its inputs by normal noise of mean 1 in training, of the variance that dropout has.

    Parameters
    ----------
    rate : float
        As of `Dropout`, from 0 up to but not including 1: the standard deviation is `sqrt(rate / (1 - rate))`.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `rate` is outside that range.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014, section 10; Keras 3,
    keras.layers.GaussianDropout.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.GaussianDropout(0.5)([[1.0, 2.0]])
    Tensor([[1., 2.]], shape=(1, 2), dtype=float32)
    """

    rate: float
    _settings: ClassVar[dict] = {"rate": settings.rate}

    def __init__(self, rate: Real, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(rate=rate)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` itself outside training; the shape stays."""
        if not training or not self.rate:
            return x
        return gaussian_dropout(x, math.sqrt(self.rate / (1.0 - self.rate)), draw_seed(as_generator(rng)))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"rate": self.rate}


class AlphaDropout(SameShape):
    """Sets a random part of its inputs to what `selu` approaches below zero, and keeps their mean and variance.

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
    Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks, 2017, arXiv:1706.02515; Keras 3,
    keras.layers.AlphaDropout.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.AlphaDropout(0.5)([[1.0, 1.0, 1.0, 1.0]], training=True, rng=0).numpy().round(3)
    array([[-0.779,  1.666,  1.666, -0.779]], dtype=float32)
    """

    rate: float
    noise_shape: tuple[int | None, ...] | None
    _settings: ClassVar[dict] = {"rate": settings.rate, "noise_shape": noise_shape}

    def __init__(
        self, rate: Real, noise_shape: tuple[int | None, ...] | None = None, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self._set(rate=rate, noise_shape=noise_shape)

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` itself outside training; the shape stays."""
        if not training or not self.rate:
            return x
        x = floating(self, x)
        least = -1.6732632423543772 * 1.0507009873554805
        scale = ((1.0 - self.rate) * (1.0 + self.rate * least**2)) ** -0.5
        plain = ones(mask_shape(self, self.noise_shape, x.shape), x.dtype, device=x.device)
        kept = greater(dropout(plain, self.rate, draw_seed(as_generator(rng))), 0.0)
        return where(kept, x, least) * scale - scale * least * self.rate

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        shape = None if self.noise_shape is None else list(self.noise_shape)
        return super().get_config() | {"rate": self.rate, "noise_shape": shape}


class _SpatialDropout(SameShape):
    """What the layers that drop whole channels share."""

    _rank: ClassVar[int]
    """How many spatial dimensions there are."""
    _settings: ClassVar[dict] = {"rate": settings.rate}
    rate: float
    data_format: str = "channels_last"

    def call(self, x: Tensor, training: bool = False, rng: Seed = None) -> Tensor:
        """Return `x` itself outside training; the shape stays."""
        check_spatial(self, x.shape, self._rank, self.data_format)
        if not training or not self.rate:
            return x
        x = floating(self, x)
        single = (1,) * self._rank
        last = self.data_format == "channels_last"
        shape = (x.shape[0], *single, x.shape[-1]) if last else (*x.shape[:2], *single)
        return x * dropout(ones(shape, x.dtype, device=x.device), self.rate, draw_seed(as_generator(rng)))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"rate": self.rate}


class SpatialDropout1D(_SpatialDropout):
    """Sets random channels of sequences to zero in training, all steps of them, and scales the others up by as much.

    Parameters
    ----------
    rate : float
        The part that is dropped, from 0 up to but not including 1.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `rate` is outside that range.
    ShapeError
        When inputs are not (samples, steps, channels).

    References
    ----------
    Tompson et al.: Efficient Object Localization Using Convolutional Networks, 2014, arXiv:1411.4280; Keras 3,
    keras.layers.SpatialDropout1D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.SpatialDropout1D(0.5)(nn.ones((1, 2, 4)), training=True, rng=0)
    Tensor([[[0., 2., 2., 0.],
             [0., 2., 2., 0.]]], shape=(1, 2, 4), dtype=float32)
    """

    _rank = 1

    def __init__(self, rate: Real, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(rate=rate)


class _FormattedDropout(_SpatialDropout):
    """What those of them share whose inputs may have their channels in two places."""

    _settings: ClassVar[dict] = {"data_format": settings.data_format}

    def __init__(self, rate: Real, data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(rate=rate, data_format=data_format)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"data_format": self.data_format}


class SpatialDropout2D(_FormattedDropout):
    """Sets random channels of images to zero in training, and scales the others up by as much.

    Parameters
    ----------
    rate : float
        The part that is dropped, from 0 up to but not including 1.
    data_format : {"channels_last", "channels_first"}, optional
        Whether inputs are (samples, height, width, channels), as by default, or (samples, channels, height, width).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `rate` is outside that range.
    ShapeError
        When inputs do not have 4 dimensions.

    References
    ----------
    Tompson et al.: Efficient Object Localization Using Convolutional Networks, 2014, arXiv:1411.4280; Keras 3,
    keras.layers.SpatialDropout2D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.SpatialDropout2D(0.5)(nn.ones((1, 28, 28, 3)), training=True, rng=0).shape
    (1, 28, 28, 3)
    """

    _rank = 2


class SpatialDropout3D(_FormattedDropout):
    """Sets random channels of volumes or videos to zero in training, and scales the others up by as much.

    Parameters
    ----------
    rate : float
        The part that is dropped, from 0 up to but not including 1.
    data_format : {"channels_last", "channels_first"}, optional
        Whether the channels are the last dimension, as by default, or follow the samples.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `rate` is outside that range.
    ShapeError
        When inputs do not have 5 dimensions.

    References
    ----------
    Tompson et al.: Efficient Object Localization Using Convolutional Networks, 2014, arXiv:1411.4280; Keras 3,
    keras.layers.SpatialDropout3D.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.SpatialDropout3D(0.5)(nn.ones((1, 4, 8, 8, 3)), training=True, rng=0).shape
    (1, 4, 8, 8, 3)
    """

    _rank = 3
