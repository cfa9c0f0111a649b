"""Normalization over the samples of a batch, with moving averages for when there is no batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Unpack

from numbanet.autodiff.gradients import stop_gradient
from numbanet.errors import ArgumentError
from numbanet.layers import settings
from numbanet.layers.affine import Affine, check_sizes, floating, rows_of, sample_axes
from numbanet.layers.masks import checked_mask
from numbanet.ops.elementwise import astype, maximum, rsqrt, square
from numbanet.ops.normalization import column_moments, normalized_columns
from numbanet.ops.reduce import sum
from numbanet.ops.shaping import permute_dims, reshape
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import Config, ConstraintLike, InitializerLike, Integer, LayerOptions, Real, RegularizerLike


def _synchronized(layer, name, value):
    """Return False; ArgumentError for anything else."""
    if settings.flag(layer, name, value):
        raise ArgumentError(f"layer {layer.name}: {name}=True is not possible: a step runs in one process")
    return False


class BatchNormalization(Affine):
    """Gives each channel mean 0 and variance 1 over the samples of a batch, and then a scale and an offset.

    In training, mean and variance are those of the batch, and moving averages follow them:
    `moving_mean = momentum * moving_mean + (1 - momentum) * mean`. Otherwise, and while the layer is not trainable, the
    moving averages stand in for them and do not change.

    Parameters
    ----------
    axis : int
        That of the channels: the last one, by default.
    momentum : float
        What of the moving averages is kept in each step, from 0 to 1.
    epsilon : float
        What is added to the variance.
    center, scale : bool
        Whether there is an offset, beta, and whether there is a scale, gamma.
    beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer : str or callable
        Names of `nn.initializers`, or `f(shape, dtype, rng)`.
    beta_regularizer, gamma_regularizer : str or callable, optional
        Names of `nn.regularizers`, or `f(weight)`: penalties that training adds to the loss.
    beta_constraint, gamma_constraint : str or callable, optional
        Names of `nn.constraints`, or `f(weight)`: what is put in place of a weight after each update.
    synchronized : bool
        Only False is possible: moments are those of one process.
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Attributes
    ----------
    gamma, beta : Variable, (channels,), or None
    moving_mean, moving_variance : Variable, (channels,)
        Not trainable.

    Raises
    ------
    ArgumentError
        When a setting is not what it must be.
    ShapeError
        When the axis is out of range, there are other channels than it was built for, or a batch is empty in training.

    References
    ----------
    Ioffe and Szegedy: Batch normalization, 2015, arXiv:1502.03167; Keras 3, keras.layers.BatchNormalization.

    Examples
    --------
    >>> import numbanet as nn
    >>> layer = nn.layers.BatchNormalization(momentum=0.5, epsilon=0.0)
    >>> layer([[1.0], [3.0]], training=True)
    Tensor([[-1.],
            [ 1.]], shape=(2, 1), dtype=float32)
    >>> layer.moving_mean, layer.moving_variance.item()
    (Variable([1.], shape=(1,), dtype=float32, name='batch_normalization/moving_mean'), 1.0)
    """

    axis: int
    momentum: float
    synchronized: bool
    moving_mean_initializer: Callable[..., Any]
    moving_variance_initializer: Callable[..., Any]
    moving_mean: Variable
    moving_variance: Variable
    _settings: ClassVar[dict] = {
        "axis": settings.integer,
        "momentum": settings.part,
        "moving_mean_initializer": settings.initializer,
        "moving_variance_initializer": settings.initializer,
        "synchronized": _synchronized,
    }
    _fixed = (*Affine._fixed, "moving_mean_initializer", "moving_variance_initializer")
    _former: ClassVar[dict] = dict.fromkeys(
        ("renorm", "renorm_clipping", "renorm_momentum"), "numbanet has no batch renormalization"
    )

    def __init__(
        self, axis: Integer = -1, momentum: Real = 0.99, epsilon: Real = 1e-3, center: bool = True, scale: bool = True,
        beta_initializer: InitializerLike = "zeros", gamma_initializer: InitializerLike = "ones",
        moving_mean_initializer: InitializerLike = "zeros", moving_variance_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None, gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None, gamma_constraint: ConstraintLike = None, synchronized: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self._set(axis=axis, momentum=momentum, epsilon=epsilon, center=center, scale=scale, synchronized=synchronized)
        self._set(beta_initializer=beta_initializer, gamma_initializer=gamma_initializer)
        self._set(beta_regularizer=beta_regularizer, gamma_regularizer=gamma_regularizer)
        self._set(beta_constraint=beta_constraint, gamma_constraint=gamma_constraint)
        self._set(moving_mean_initializer=moving_mean_initializer, gamma=None, beta=None)
        self._set(moving_variance_initializer=moving_variance_initializer, moving_mean=None, moving_variance=None)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make scale, offset and moving averages, one of each for each channel."""
        (axis,) = sample_axes(self, self.axis, input_shape)
        shape = (input_shape[axis],)
        self._make(shape)
        self.moving_mean = self.add_weight(shape, self.moving_mean_initializer, "moving_mean", trainable=False)
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, "moving_variance", trainable=False
        )

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless there are the channels that the layer was built for."""
        check_sizes(self, self.axis, input_shape)

    def call(self, x: Tensor, training: bool = False, mask: Tensor | None = None) -> Tensor:
        """Return the normalized batch; the shape stays. In training, the moving averages change.

        With a mask, mean and variance of the batch are those of the steps that count.
        """
        x, (axis,) = floating(self, x), sample_axes(self, self.axis, x.shape)
        last = axis == x.ndim - 1
        order = (*[d for d in range(x.ndim) if d != axis], axis)
        moved = x if last else permute_dims(x, order)
        rows = rows_of(moved, moved.shape[-1])
        gamma, beta = self._scale_and_offset(rows.shape[1], x)
        counted = checked_mask(self, mask, moved.shape[:-1])
        if training and self.trainable and counted is not None:
            mean, variance = _moments_of_counted(rows, reshape(astype(counted, x.dtype), (-1, 1)))
            y = (rows - mean) * (gamma * rsqrt(variance + self.epsilon)) + beta
            self._follow(self.moving_mean, stop_gradient(mean))
            self._follow(self.moving_variance, stop_gradient(variance))
        elif training and self.trainable:
            moments = column_moments(rows)
            y = normalized_columns(rows, moments, gamma, beta, self.epsilon)
            self._follow(self.moving_mean, moments[0])
            self._follow(self.moving_variance, moments[1])
        else:
            scale = gamma * rsqrt(self.moving_variance + self.epsilon)
            y = (rows - self.moving_mean) * scale + beta
        y = reshape(y, moved.shape)
        return y if last else permute_dims(y, tuple(order.index(d) for d in range(x.ndim)))

    def _follow(self, average, now):
        average.assign(average * self.momentum + now * (1.0 - self.momentum))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        made = settings.described(self, "moving_mean_initializer", "moving_variance_initializer")
        own = {"axis": self.axis, "momentum": self.momentum, "synchronized": self.synchronized}
        return super().get_config() | own | made


def _moments_of_counted(rows, weights):
    """Return mean and variance of the rows whose weight is 1, of the others none; 0 if none counts."""
    count = maximum(sum(weights), 1.0)
    mean = sum(rows * weights, 0) / count
    return mean, sum(square(rows - mean) * weights, 0) / count
