"""What the layers that normalize share: a scale and an offset that are trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypedDict

from numbanet.core.checks import as_number
from numbanet.core.dtypes import is_float
from numbanet.errors import SettingError
from numbanet.layers import settings
from numbanet.layers.layer import SameShape
from numbanet.ops.creation import ones, zeros
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable
from numbanet.typing import Config, ConstraintLike, InitializerLike, RegularizerLike


class Made(TypedDict):
    """The settings of a scale and an offset."""

    center: bool
    scale: bool
    beta_initializer: InitializerLike
    gamma_initializer: InitializerLike
    beta_regularizer: RegularizerLike
    gamma_regularizer: RegularizerLike
    beta_constraint: ConstraintLike
    gamma_constraint: ConstraintLike


def not_negative(layer: Any, name: str, value: Any) -> float:
    """Return a finite number of at least 0."""
    return as_number(f"layer {layer.name}: {name}", value, low=0.0)


def _part(layer, name, value):
    """Whether there is a scale, or an offset; SettingError where that comes too late."""
    value = settings.flag(layer, name, value)
    if layer.built and value != getattr(layer, name):
        raise SettingError(f"layer {layer.name}: {name} cannot change once the layer is built; make a new layer")
    return value


_MADE = tuple(
    f"{weight}_{what}" for what in ("initializer", "regularizer", "constraint") for weight in ("beta", "gamma")
)


class Affine(SameShape):
    """What the layers that normalize share: weights gamma and beta, and what is added to a variance."""

    _settings: ClassVar[dict] = {
        "epsilon": not_negative,
        "center": _part,
        "scale": _part,
        "beta_initializer": settings.initializer,
        "gamma_initializer": settings.initializer,
        "beta_regularizer": settings.regularizer,
        "gamma_regularizer": settings.regularizer,
        "beta_constraint": settings.constraint,
        "gamma_constraint": settings.constraint,
    }
    _fixed = ("dtype", "axis", *_MADE)
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
                given = {what: getattr(self, f"{name}_{what}") for what in ("initializer", "regularizer", "constraint")}
                setattr(self, name, self.add_weight(shape, name=name, **given))

    def _scale_and_offset(self, size, x):
        """Return the scale and the offset as vectors, ones and zeros where there are none."""
        plain = ones_and_zeros(size, x)
        return tuple(
            other if one is None else one.reshape((size,))
            for one, other in zip((self.gamma, self.beta), plain, strict=True)
        )

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        own = {"epsilon": self.epsilon, "center": self.center, "scale": self.scale}
        return super().get_config() | own | settings.described(self, *_MADE)


def ones_and_zeros(size: int, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the scale and the offset that change nothing, with the dtype of a tensor and beside it."""
    return ones((size,), x.dtype, device=x.device), zeros((size,), x.dtype, device=x.device)


def floating(layer: Any, x: Tensor) -> Tensor:
    """Return a tensor as it is if it is floating, and with the dtype of a layer otherwise."""
    return x if is_float(x.dtype) else x.astype(layer.dtype)


def rows_of(x: Tensor, size: int) -> Tensor:
    """Return a tensor as a matrix with rows of a size."""
    return x.reshape((x.size // size, size) if x.size else (0, size))
