"""Layers that normalize each sample by itself."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar, Unpack

from numbanet.core.checks import is_integer
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.affine import Affine, check_sizes, floating, rows_of, sample_axes
from numbanet.layers.layer import SameShape
from numbanet.ops.creation import ones, zeros
from numbanet.ops.elementwise import maximum, rsqrt, square
from numbanet.ops.normalization import normalized_rows
from numbanet.ops.reduce import sum as total
from numbanet.ops.shaping import permute_dims, reshape
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import Axis, Config, ConstraintLike, InitializerLike, Integer, LayerOptions, Real, RegularizerLike


def _along(x, axes, normalize):
    """Return what a function gives for a matrix whose rows are the elements along some axes, in the shape of `x`."""
    rest = tuple(d for d in range(x.ndim) if d not in axes)
    order = (*rest, *axes)
    moved = x if order == tuple(range(x.ndim)) else permute_dims(x, order)
    found = reshape(normalize(rows_of(moved, prod(x.shape[d] for d in axes))), moved.shape)
    return found if moved is x else permute_dims(found, tuple(order.index(d) for d in range(x.ndim)))


class LayerNormalization(Affine):
    """Gives each sample mean 0 and variance 1 along an axis, or several, and then a scale and an offset.

    Parameters
    ----------
    axis : int or tuple of int
        Along which mean and variance are taken: of the features, by default.
    epsilon : float
        What is added to the variance.
    center, scale : bool
        Whether there is an offset, beta, and whether there is a scale, gamma.
    beta_initializer, gamma_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    beta_regularizer, gamma_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    beta_constraint, gamma_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Attributes
    ----------
    gamma, beta : Variable, of the sizes along the axes, or None

    Raises
    ------
    ArgumentError
        When a setting is not what it must be.
    ShapeError
        When an axis is out of range or that of the samples, or sizes differ from those that it was built for.

    References
    ----------
    Ba, Kiros and Hinton: Layer normalization, 2016, arXiv:1607.06450; Keras 3, keras.layers.LayerNormalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.LayerNormalization(epsilon=0.0)([[1.0, 3.0], [10.0, 30.0]])
    Tensor([[-1.,  1.],
            [-1.,  1.]], shape=(2, 2), dtype=float32)
    """

    axis: int | tuple[int, ...]
    _settings: ClassVar[dict] = {"axis": settings.axes}
    _former: ClassVar[dict] = {"rms_scaling": "it is a layer of its own, nn.layers.RMSNormalization"}

    def __init__(
        self, axis: Axis = -1, epsilon: Real = 1e-3, center: bool = True, scale: bool = True,
        beta_initializer: InitializerLike = "zeros", gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None, gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None, gamma_constraint: ConstraintLike = None,
        **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self._set(axis=axis, epsilon=epsilon, center=center, scale=scale)
        self._set(beta_initializer=beta_initializer, gamma_initializer=gamma_initializer)
        self._set(beta_regularizer=beta_regularizer, gamma_regularizer=gamma_regularizer)
        self._set(beta_constraint=beta_constraint, gamma_constraint=gamma_constraint)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make scale and offset, of the sizes along the axes."""
        self._make(tuple(input_shape[d] for d in sample_axes(self, self.axis, input_shape)))

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless the sizes along the axes are those that the layer was built for."""
        check_sizes(self, self.axis, input_shape)

    def call(self, x: Tensor) -> Tensor:
        """Return normalized samples; the shape stays."""
        x, axes = floating(self, x), sample_axes(self, self.axis, x.shape)
        gamma, beta = self._scale_and_offset(prod(x.shape[d] for d in axes), x)
        return _along(x, axes, lambda rows: normalized_rows(rows, gamma, beta, self.epsilon))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"axis": settings.listed(self.axis)}


class RMSNormalization(SameShape):
    """Divides each sample by the root of its mean square along an axis, or several, and multiplies it by a scale.

    Parameters
    ----------
    axis : int or tuple of int
        Along which the mean is taken: of the features, by default.
    epsilon : float
        What is added to the mean square.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Attributes
    ----------
    scale : Variable, of the sizes along the axes

    Raises
    ------
    ArgumentError
        When a setting is not what it must be.
    ShapeError
        When an axis is out of range or that of the samples, or sizes differ from those that it was built for.

    References
    ----------
    Zhang and Sennrich: Root mean square layer normalization, 2019, arXiv:1910.07467; Keras 3,
    keras.layers.RMSNormalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.RMSNormalization(epsilon=0.0)([[2.0, -2.0]])
    Tensor([[ 1., -1.]], shape=(1, 2), dtype=float32)
    """

    axis: int | tuple[int, ...]
    epsilon: float
    scale: Variable
    _settings: ClassVar[dict] = {"axis": settings.axes, "epsilon": settings.not_negative}
    _fixed = ("dtype", "axis")

    def __init__(self, axis: Axis = -1, epsilon: Real = 1e-6, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(axis=axis, epsilon=epsilon, scale=None)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the scale, of the sizes along the axes."""
        shape = tuple(input_shape[d] for d in sample_axes(self, self.axis, input_shape))
        self.scale = self.add_weight(shape, "ones", "scale")

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless the sizes along the axes are those that the layer was built for."""
        check_sizes(self, self.axis, input_shape)

    def call(self, x: Tensor) -> Tensor:
        """Return normalized samples; the shape stays."""
        x, scale = floating(self, x), self.scale.reshape((self.scale.size,))
        beta, axes = scale.zeros_like(), sample_axes(self, self.axis, x.shape)
        return _along(x, axes, lambda rows: normalized_rows(rows, scale, beta, self.epsilon, centred=False))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"axis": settings.listed(self.axis), "epsilon": self.epsilon}


def _groups(layer, name, value):
    """Return how many groups there are; -1 for as many as channels."""
    if not is_integer(value) or (value < 1 and value != -1):
        raise ArgumentError(f"layer {layer.name}: {name} must be a positive integer or -1, got {value!r}")
    return int(value)


class GroupNormalization(Affine):
    """Gives each group of channels of each sample mean 0 and variance 1, and each channel a scale and an offset.

    Parameters
    ----------
    groups : int
        Into how many groups the channels are divided, one behind the other; -1 for one for each channel.
    axis : int
        That of the channels.
    epsilon : float
        What is added to the variance.
    center, scale : bool
        Whether there is an offset, beta, and whether there is a scale, gamma.
    beta_initializer, gamma_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    beta_regularizer, gamma_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    beta_constraint, gamma_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Attributes
    ----------
    gamma, beta : Variable, (channels,), or None

    Raises
    ------
    ArgumentError
        When a setting is not what it must be.
    ShapeError
        When the channels cannot be divided into so many groups, or there are others than it was built for.

    References
    ----------
    Wu and He: Group normalization, 2018, arXiv:1803.08494; Keras 3, keras.layers.GroupNormalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.GroupNormalization(2, epsilon=0.0)([[1.0, 3.0, 10.0, 30.0]])
    Tensor([[-1.,  1., -1.,  1.]], shape=(1, 4), dtype=float32)
    """

    groups: int
    axis: int
    _settings: ClassVar[dict] = {"groups": _groups, "axis": settings.integer}
    _fixed = (*Affine._fixed, "groups")

    def __init__(
        self, groups: Integer = 32, axis: Integer = -1, epsilon: Real = 1e-3, center: bool = True, scale: bool = True,
        beta_initializer: InitializerLike = "zeros", gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None, gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None, gamma_constraint: ConstraintLike = None,
        **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self._set(groups=groups, axis=axis, epsilon=epsilon, center=center, scale=scale)
        self._set(beta_initializer=beta_initializer, gamma_initializer=gamma_initializer)
        self._set(beta_regularizer=beta_regularizer, gamma_regularizer=gamma_regularizer)
        self._set(beta_constraint=beta_constraint, gamma_constraint=gamma_constraint)

    def _channels(self, input_shape):
        """Return the axis of the channels, counted from the front, and how many groups there are of how many."""
        (axis,) = sample_axes(self, self.axis, input_shape)
        size = input_shape[axis]
        groups = size if self.groups == -1 else self.groups
        if size % groups:
            raise ShapeError(f"layer {self.name}: {size} channels cannot be divided into {groups} groups")
        return axis, groups, size // groups

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make scale and offset, one for each channel."""
        _, groups, each = self._channels(input_shape)
        self._make((groups * each,))

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless there are the channels that the layer was built for."""
        check_sizes(self, self.axis, input_shape)

    def call(self, x: Tensor) -> Tensor:
        """Return normalized samples; the shape stays."""
        x = floating(self, x)
        axis, groups, each = self._channels(x.shape)
        apart = reshape(x, (*x.shape[:axis], groups, each, *x.shape[axis + 1 :]))
        axes = tuple(d for d in range(1, apart.ndim) if d != axis)
        size = prod(apart.shape[d] for d in axes)
        gamma, beta = ones((size,), x.dtype, device=x.device), zeros((size,), x.dtype, device=x.device)
        y = reshape(_along(apart, axes, lambda rows: normalized_rows(rows, gamma, beta, self.epsilon)), x.shape)
        shape = [-1 if d == axis else 1 for d in range(x.ndim)]
        y = y if self.gamma is None else y * self.gamma.reshape(shape)
        return y if self.beta is None else y + self.beta.reshape(shape)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"groups": self.groups, "axis": self.axis}


class UnitNormalization(SameShape):
    """Scales samples to length 1 along an axis, or several.

    Parameters
    ----------
    axis : int or tuple of int
        Along which the vectors lie: the features, by default.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Raises
    ------
    ArgumentError
        When `axis` is neither an integer nor several.
    ShapeError
        When an axis is out of range.

    References
    ----------
    Keras 3, keras.layers.UnitNormalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.UnitNormalization()([[3.0, 4.0]])
    Tensor([[0.6, 0.8]], shape=(1, 2), dtype=float32)
    """

    axis: int | tuple[int, ...]
    _settings: ClassVar[dict] = {"axis": settings.axes}

    def __init__(self, axis: Axis = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self._set(axis=axis)

    def call(self, x: Tensor) -> Tensor:
        """Return samples of length 1, or of length 0 where they are 0; the shape stays."""
        x = floating(self, x)
        return x * rsqrt(maximum(total(square(x), axis=self.axis, keepdims=True), 1e-24))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        return super().get_config() | {"axis": settings.listed(self.axis)}
