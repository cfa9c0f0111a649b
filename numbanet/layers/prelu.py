"""The rectified linear unit with slopes that are trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Unpack

from numbanet.core.checks import is_integer
from numbanet.errors import ArgumentError, ShapeError
from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.ops.activations import leaky_relu
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import Config, ConstraintLike, InitializerLike, LayerOptions, RegularizerLike, Shape

_WEIGHTS = settings.weights("alpha")


def _shared(layer, name, value):
    """Return dimensions as a tuple of int, counted from 1; None for none."""
    if value is None:
        return None
    axes = (value,) if is_integer(value) else tuple(value) if isinstance(value, settings.SEQUENCES) else (0,)
    if not all(is_integer(axis) and axis >= 1 for axis in axes):
        raise ArgumentError(
            f"layer {layer.name}: {name} must be dimensions of a sample, counted from 1, or None, got {value!r}"
        )
    return tuple(map(int, axes))


class PReLU(SameShape):
    """The rectified linear unit with slopes below zero that are trained: `x` where it is positive, else `alpha * x`.

    Parameters
    ----------
    alpha_initializer : str or callable
        A name of `nn.initializers`, or `f(shape, dtype, rng)`.
    alpha_regularizer : str or callable, optional
        A name of `nn.regularizers`, or `f(weight)`: a penalty that training adds to the loss.
    alpha_constraint : str or callable, optional
        A name of `nn.constraints`, or `f(weight)`: what is put in place of the slopes after each update.
    shared_axes : int or tuple of int, optional
        Dimensions of a sample, counted from 1, along which all elements have one slope: `(1, 2)` for one slope for each
        channel of images (samples, height, width, channels).
    **options
        `name`, `dtype`, `activity_regularizer` and `input_shape`, as in Layer.

    Attributes
    ----------
    alpha : Variable, of the shape of a sample, with 1 in place of sizes that are shared

    Raises
    ------
    ArgumentError
        When a name is unknown, or `shared_axes` are not positive integers.
    ShapeError
        When samples have another shape than it was built for, or no dimension of that number.

    References
    ----------
    He, Zhang, Ren, Sun: Delving Deep into Rectifiers, 2015, arXiv:1502.01852; Keras 3, keras.layers.PReLU.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.layers.PReLU(nn.initializers.Constant(0.25))([[-1.0, 2.0]])
    Tensor([[-0.25,  2.  ]], shape=(1, 2), dtype=float32)
    """

    _settings: ClassVar[dict] = {
        "shared_axes": _shared,
        **_WEIGHTS,
    }
    _fixed = ("dtype", "shared_axes", *_WEIGHTS)
    alpha_initializer: Callable[..., Any]
    alpha_regularizer: Callable[..., Any] | None
    alpha_constraint: Callable[..., Any] | None
    shared_axes: tuple[int, ...] | None
    alpha: Variable

    def __init__(
        self,
        alpha_initializer: InitializerLike = "zeros",
        alpha_regularizer: RegularizerLike = None,
        alpha_constraint: ConstraintLike = None,
        shared_axes: Shape | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self._set(alpha_initializer=alpha_initializer, alpha_regularizer=alpha_regularizer, shared_axes=shared_axes)
        self._set(alpha_constraint=alpha_constraint, alpha=None)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Make the slopes for samples of the shape `input_shape[1:]`."""
        shape = list(input_shape[1:])
        for axis in self.shared_axes or ():
            if axis > len(shape):
                raise ShapeError(
                    f"layer {self.name}: shared_axes {self.shared_axes} need more dimensions than inputs of shape "
                    f"{tuple(input_shape)} have"
                )
            shape[axis - 1] = 1
        self.alpha = self.add_weight(shape, name="alpha", **settings.of_weight(self, "alpha"))

    def check_input(self, input_shape: tuple[Any, ...]) -> None:
        """Raise ShapeError unless samples have the shape that the layer was built for, but for shared dimensions."""
        wanted, given = self.alpha.shape, tuple(input_shape[1:])
        shared = {axis - 1 for axis in self.shared_axes or ()}
        if len(given) != len(wanted) or any(
            n != m for d, (n, m) in enumerate(zip(given, wanted, strict=True)) if d not in shared
        ):
            raise ShapeError(
                f"layer {self.name}: built for inputs of shape {self.input_shape}, called with shape {input_shape}"
            )

    def call(self, x: Tensor) -> Tensor:
        """Return `x` where it is positive, and `alpha * x` elsewhere."""
        return leaky_relu(x, self.alpha)

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"shared_axes": settings.listed(self.shared_axes)}
        return super().get_config() | own | settings.described(self, *_WEIGHTS)
