"""What the layers that normalize share: a scale and an offset that are trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numbanet.core.dtypes import is_float
from numbanet.core.shapes import normalize_axes
from numbanet.errors import SettingError, ShapeError
from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.ops.creation import ones, zeros
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import Config


def _part(layer, name, value):
    """Whether there is a scale, or an offset; SettingError where that comes too late."""
    value = settings.flag(layer, name, value)
    if layer.built and value != getattr(layer, name):
        raise SettingError(f"layer {layer.name}: {name} cannot change once the layer is built; make a new layer")
    return value


_WEIGHTS = settings.weights("beta", "gamma")


class Affine(SameShape):
    """What the layers that normalize share: weights gamma and beta, and what is added to a variance."""

    _settings: ClassVar[dict] = {
        "epsilon": settings.not_negative,
        "center": _part,
        "scale": _part,
        **_WEIGHTS,
    }
    _fixed = ("dtype", "axis", *_WEIGHTS)
    epsilon: float
    center: bool
    scale: bool
    beta_initializer: Callable[..., Any]
    gamma_initializer: Callable[..., Any]
    beta_regularizer: Callable[..., Any] | None
    gamma_regularizer: Callable[..., Any] | None
    beta_constraint: Callable[..., Any] | None
    gamma_constraint: Callable[..., Any] | None
    gamma: Variable | None = None
    beta: Variable | None = None

    def _make(self, shape):
        """Make the scale and the offset that there are to be."""
        for name, wanted in (("gamma", self.scale), ("beta", self.center)):
            if wanted:
                setattr(self, name, self.add_weight(shape, name=name, **settings.of_weight(self, name)))

    def _scale_and_offset(self, size, x):
        """Return the scale and the offset as vectors, ones and zeros where there are none."""
        gamma, beta = self.gamma, self.beta
        return (
            ones((size,), x.dtype, device=x.device) if gamma is None else gamma.reshape((size,)),
            zeros((size,), x.dtype, device=x.device) if beta is None else beta.reshape((size,)),
        )

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"epsilon": self.epsilon, "center": self.center, "scale": self.scale}
        return super().get_config() | own | settings.described(self, *_WEIGHTS)


def sample_axes(layer: Any, axis: Any, input_shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return axes counted from the front; ShapeError for that of the samples."""
    axes = normalize_axes(f"layer {layer.name}", axis, len(input_shape))
    if axes[:1] == (0,):
        raise ShapeError(
            f"layer {layer.name}: axis {axis} of inputs of shape {tuple(input_shape)} is that of the samples"
        )
    return axes


def check_sizes(layer: Any, axis: Any, input_shape: tuple[Any, ...]) -> None:
    """Raise ShapeError unless the sizes along some axes are those that the layer was built for."""
    known, given = layer.input_shape, tuple(input_shape)
    if len(known) != len(given) or any(known[d] != given[d] for d in sample_axes(layer, axis, known)):
        raise ShapeError(f"layer {layer.name}: built for inputs of shape {known}, called with shape {given}")


def floating(layer: Any, x: Tensor) -> Tensor:
    """Return a tensor as it is if it is floating, and with the dtype of a layer otherwise."""
    return x if is_float(x.dtype) else x.astype(layer.dtype)


def rows_of(x: Tensor, size: int) -> Tensor:
    """Return a tensor as a matrix with rows of a size."""
    return x.reshape((x.size // size, size) if x.size else (0, size))
