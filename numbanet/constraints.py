"""Constraints: what weights are made to fulfil after each update of an optimizer.

A constraint is any `f(weight)` that returns the weight to keep, of the same shape. Those here are Keras 3's, under its
names: `max_norm`, `min_max_norm`, `non_neg` and `unit_norm`. `Dense(kernel_constraint="non_neg")` and
`layer.add_weight(constraint=...)` take them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from numbanet.core.arguments import Explained
from numbanet.core.checks import as_number
from numbanet.core.missing import only
from numbanet.core.names import BASES
from numbanet.core.registry import find
from numbanet.core.shapes import integers_of
from numbanet.errors import ArgumentError
from numbanet.ops.elementwise import clip, maximum, sqrt, square
from numbanet.ops.reduce import sum as total
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Axis, Config, ConstraintLike, Real

__all__ = [
    "CONSTRAINTS", "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "get", "max_norm", "min_max_norm",
    "non_neg", "unit_norm",
]  # fmt: skip

_LEAST = 1e-7
"""Keras's backend.epsilon(): what is added to a norm that is divided by."""


class Constraint(Explained):
    """Base class: calling it with a weight returns the weight to keep.

    Subclass it and define `__call__`, or write a function `f(weight)`.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Centred(nn.constraints.Constraint):
    ...     def __call__(self, weight):
    ...         return weight - nn.mean(weight)
    >>> Centred()([1.0, 3.0])
    Tensor([-1.,  1.], shape=(2,), dtype=float32)
    """

    _former: ClassVar[dict[str, str]] = {"m": "it is called max_value"}

    def __call__(self, weight: ArrayLike) -> Tensor:
        """Return the weight to keep, a Tensor of the shape of `weight`.

        Parameters
        ----------
        weight : Variable or array-like

        Returns
        -------
        Tensor
        """
        raise NotImplementedError(f"{type(self).__name__} must define __call__(weight)")

    def get_config(self) -> Config:
        """Return the arguments that make an equal constraint: a dict for JSON."""
        return {}

    @classmethod
    def from_config(cls, config: Config) -> Constraint:
        """Return the constraint that `get_config` describes."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


def _axes(kind: Constraint, axis: Axis) -> int | tuple[int, ...] | None:
    """Return an axis, or several, as Python's integers."""
    if axis is None:
        return None
    axes = integers_of(f"{type(kind).__name__}: axis", axis)
    return axes if isinstance(axis, (list, tuple)) else axes[0]


def _norms(weight: Tensor, axis: Any) -> Tensor:
    return sqrt(total(square(weight), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Shortens vectors that are longer than a limit: to `w * clip(norm, 0, max_value) / (1e-7 + norm)`.

    Parameters
    ----------
    max_value : float
        The largest norm, at least 0.
    axis : int, tuple of int, or None
        Along which the vectors lie; 0 for the incoming weights of each unit of a Dense layer, `(0, 1, 2)` for those of
        each filter of a convolution of images. None takes all elements for one vector.

    Raises
    ------
    ArgumentError
        When `max_value` is negative or not finite.

    References
    ----------
    Srivastava et al.: Dropout, Journal of Machine Learning Research 15, 2014, section 5.1; Keras 3,
    keras.constraints.MaxNorm.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.constraints.MaxNorm(1.0)([[3.0, 0.3], [4.0, 0.4]]).numpy().round(3)
    array([[0.6, 0.3],
           [0.8, 0.4]], dtype=float32)
    """

    def __init__(self, max_value: Real = 2, axis: Axis = 0) -> None:
        self.max_value = as_number("MaxNorm: max_value", max_value, low=0.0)
        self.axis = _axes(self, axis)

    def __call__(self, weight: ArrayLike) -> Tensor:
        """Return the weight with vectors of at most the largest norm."""
        w = asarray(weight)
        norms = _norms(w, self.axis)
        return w * (clip(norms, 0.0, self.max_value) / (norms + _LEAST))

    def get_config(self) -> Config:
        """Return the arguments that make an equal constraint."""
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """Sets negative elements to 0.

    References
    ----------
    Keras 3, keras.constraints.NonNeg.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.constraints.NonNeg()([1.0, -2.0])
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """

    def __call__(self, weight: ArrayLike) -> Tensor:
        """Return the weight with 0 in place of what is negative."""
        return maximum(asarray(weight), 0.0)


class UnitNorm(Constraint):
    """Scales vectors to length 1: to `w / (1e-7 + norm)`.

    Parameters
    ----------
    axis : int, tuple of int, or None
        Along which the vectors lie; None takes all elements for one vector.

    References
    ----------
    Keras 3, keras.constraints.UnitNorm.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.constraints.UnitNorm()([3.0, 4.0]).numpy().round(3)
    array([0.6, 0.8], dtype=float32)
    """

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = _axes(self, axis)

    def __call__(self, weight: ArrayLike) -> Tensor:
        """Return the weight with vectors of length 1."""
        w = asarray(weight)
        return w / (_norms(w, self.axis) + _LEAST)

    def get_config(self) -> Config:
        """Return the arguments that make an equal constraint."""
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Scales vectors towards norms between two limits.

    To `w * (rate * clip(norm, min_value, max_value) + (1 - rate) * norm) / (1e-7 + norm)`.

    Parameters
    ----------
    min_value, max_value : float
        The limits of the norm, at least 0.
    rate : float
        How far a norm outside the limits is moved towards them, from 0 to 1; 1 for all the way.
    axis : int, tuple of int, or None
        Along which the vectors lie; None takes all elements for one vector.

    Raises
    ------
    ArgumentError
        When a limit is negative or not finite, the lower one is above the other, or `rate` is not between 0 and 1.

    References
    ----------
    Keras 3, keras.constraints.MinMaxNorm.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.constraints.MinMaxNorm(1.0, 2.0)([[0.3, 3.0], [0.4, 4.0]]).numpy().round(3)
    array([[0.6, 1.2],
           [0.8, 1.6]], dtype=float32)
    """

    def __init__(self, min_value: Real = 0.0, max_value: Real = 1.0, rate: Real = 1.0, axis: Axis = 0) -> None:
        self.min_value = as_number("MinMaxNorm: min_value", min_value, low=0.0)
        self.max_value = as_number("MinMaxNorm: max_value", max_value, low=0.0)
        self.rate = as_number("MinMaxNorm: rate", rate, 0.0, 1.0)
        self.axis = _axes(self, axis)
        if self.min_value > self.max_value:
            raise ArgumentError(f"MinMaxNorm: min_value {min_value!r} is above max_value {max_value!r}")

    def __call__(self, weight: ArrayLike) -> Tensor:
        """Return the weight with vectors whose norms are between the limits, or nearer to them."""
        w = asarray(weight)
        norms = _norms(w, self.axis)
        wanted = clip(norms, self.min_value, self.max_value) * self.rate + norms * (1.0 - self.rate)
        return w * (wanted / (norms + _LEAST))

    def get_config(self) -> Config:
        """Return the arguments that make an equal constraint."""
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm
CONSTRAINTS: dict[str, Callable[..., Any]] = {
    "max_norm": MaxNorm,
    "min_max_norm": MinMaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
}
BASES.append(Constraint)


def get(identifier: ConstraintLike | type[Constraint] | Config) -> Callable[..., Any] | None:
    """Return the constraint that `identifier` stands for.

    Parameters
    ----------
    identifier : None, str, Constraint, class, dict or callable
        "max_norm", "min_max_norm", "non_neg" or "unit_norm"; a constraint; what `describe` made of one; a function
        `f(weight)`. None stands for none.

    Returns
    -------
    callable or None
        `f(weight)`, which returns the weight to keep.

    Raises
    ------
    ArgumentError
        When there is no such constraint; the message names the nearest one.

    References
    ----------
    Keras 3, keras.constraints.get.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.constraints.get("max_norm")
    MaxNorm(max_value=2.0, axis=0)
    """
    if identifier is None:
        return None
    return find("constraint", identifier, CONSTRAINTS, Constraint, functions=True)


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.constraints", __all__, {})
