"""Regularizers: penalties on weights, which training adds to the loss.

A regularizer is any `f(weight)` that returns a Tensor of shape (). Those here are Keras 3's, under its names: `l1`,
`l2`, `l1_l2` and `orthogonal_regularizer`. `Dense(kernel_regularizer="l2")` and
`layer.add_weight(regularizer=...)` take them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from numbanet.core.arguments import Explained
from numbanet.core.checks import as_choice, as_number
from numbanet.core.missing import only
from numbanet.core.names import BASES
from numbanet.core.registry import find
from numbanet.errors import ShapeError
from numbanet.ops.elementwise import abs as absolute
from numbanet.ops.elementwise import maximum, sqrt, square
from numbanet.ops.linalg import matmul
from numbanet.ops.reduce import sum as total
from numbanet.ops.shaping import matrix_transpose
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Config, Real, RegularizerLike

__all__ = [
    "L1", "L1L2", "L2", "REGULARIZERS", "OrthogonalRegularizer", "Regularizer", "get", "l1", "l1_l2", "l2",
    "orthogonal_regularizer",
]  # fmt: skip


class Regularizer(Explained):
    """Base class: calling it with a weight returns its penalty.

    Subclass it and define `__call__`, or write a function `f(weight)`.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Spread(nn.regularizers.Regularizer):
    ...     def __call__(self, weight):
    ...         return 0.1 * nn.var(weight)
    >>> round(Spread()([1.0, 3.0]).item(), 3)
    0.1
    """

    _former: ClassVar[dict[str, str]] = {"l": "it is called l1 or l2"}

    def __call__(self, weight: ArrayLike) -> Tensor:
        """Return the penalty of a weight, a Tensor of shape ().

        Parameters
        ----------
        weight : Variable or array-like

        Returns
        -------
        Tensor
        """
        raise NotImplementedError(f"{type(self).__name__} must define __call__(weight)")

    def get_config(self) -> Config:
        """Return the arguments that make an equal regularizer: a dict for JSON."""
        return {}

    @classmethod
    def from_config(cls, config: Config) -> Regularizer:
        """Return the regularizer that `get_config` describes."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


class L1L2(Regularizer):
    """The sum of the sizes of a weight's elements, and the sum of their squares: `l1 * sum(|w|) + l2 * sum(w ** 2)`.

    Parameters
    ----------
    l1, l2 : float
        0 or more.

    Raises
    ------
    ArgumentError
        When one of them is negative or not finite.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 7.1; Zou and Hastie: Regularization and variable selection via
    the elastic net, 2005; Keras 3, keras.regularizers.L1L2.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.regularizers.L1L2(l1=0.5, l2=1.0)([1.0, -2.0])
    Tensor(6.5, shape=(), dtype=float32)
    """

    def __init__(self, l1: Real = 0.0, l2: Real = 0.0) -> None:
        self.l1 = as_number(f"{type(self).__name__}: l1", l1, low=0.0)
        self.l2 = as_number(f"{type(self).__name__}: l2", l2, low=0.0)

    def __call__(self, weight: ArrayLike) -> Tensor:
        """Return the penalty of a weight, a Tensor of shape () and of its dtype."""
        parts = [self.l1 * total(absolute(weight))] if self.l1 else []
        parts += [self.l2 * total(square(weight))] if self.l2 else []
        return parts[0] + parts[1] if len(parts) == 2 else parts[0] if parts else 0.0 * total(weight)

    def get_config(self) -> Config:
        """Return the arguments that make an equal regularizer."""
        return {"l1": self.l1, "l2": self.l2}


class L1(L1L2):
    """The sum of the sizes of a weight's elements: `l1 * sum(|w|)`.

    Parameters
    ----------
    l1 : float
        0 or more.

    Raises
    ------
    ArgumentError
        When it is negative or not finite.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 7.1.2; Keras 3, keras.regularizers.L1.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.regularizers.L1(0.5)([1.0, -2.0])
    Tensor(1.5, shape=(), dtype=float32)
    """

    def __init__(self, l1: Real = 0.01) -> None:
        super().__init__(l1=l1)

    def get_config(self) -> Config:
        """Return the arguments that make an equal regularizer."""
        return {"l1": self.l1}


class L2(L1L2):
    """The sum of the squares of a weight's elements: `l2 * sum(w ** 2)`.

    Parameters
    ----------
    l2 : float
        0 or more.

    Raises
    ------
    ArgumentError
        When it is negative or not finite.

    References
    ----------
    Goodfellow, Bengio, Courville: Deep Learning, section 7.1.1; Keras 3, keras.regularizers.L2.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.regularizers.L2(0.5)([1.0, -2.0])
    Tensor(2.5, shape=(), dtype=float32)
    """

    def __init__(self, l2: Real = 0.01) -> None:
        super().__init__(l2=l2)

    def get_config(self) -> Config:
        """Return the arguments that make an equal regularizer."""
        return {"l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """The mean size of the cosines between the rows, or the columns, of a matrix: `factor * mean(|cos(w_i, w_j)|)`.

    Parameters
    ----------
    factor : float
        0 or more.
    mode : {"rows", "columns"}
        Which vectors are to be orthogonal.

    Raises
    ------
    ArgumentError
        When `factor` is negative or not finite, or `mode` is something else.
    ShapeError
        When a weight is not a matrix.

    References
    ----------
    Keras 3, keras.regularizers.OrthogonalRegularizer.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.regularizers.OrthogonalRegularizer(0.5)([[1.0, 0.0], [2.0, 0.0]])
    Tensor(0.5, shape=(), dtype=float32)
    """

    def __init__(self, factor: Real = 0.01, mode: str = "rows") -> None:
        self.factor = as_number("OrthogonalRegularizer: factor", factor, low=0.0)
        self.mode = as_choice("OrthogonalRegularizer: mode", mode, ("rows", "columns"))

    def __call__(self, weight: ArrayLike) -> Tensor:
        """Return the penalty of a weight, a Tensor of shape () and of its dtype."""
        w = asarray(weight)
        if w.ndim != 2:
            raise ShapeError(f"OrthogonalRegularizer: needs a matrix, got a weight of shape {w.shape}")
        rows = w if self.mode == "rows" else matrix_transpose(w)
        count = rows.shape[0]
        if count < 2:
            return 0.0 * total(w)
        rows = rows / sqrt(maximum(total(square(rows), axis=1, keepdims=True), 1e-14))
        others = 1 - np.eye(count, dtype=w.dtype)
        return total(absolute(matmul(rows, matrix_transpose(rows)) * others)) * (self.factor / (count * (count - 1)))

    def get_config(self) -> Config:
        """Return the arguments that make an equal regularizer."""
        return {"factor": self.factor, "mode": self.mode}


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer
REGULARIZERS: dict[str, Callable[..., Any]] = {
    "l1": L1,
    "l2": L2,
    "l1_l2": partial(L1L2, 0.01, 0.01),
    "orthogonal_regularizer": OrthogonalRegularizer,
}
BASES.append(Regularizer)


def get(identifier: RegularizerLike | type[Regularizer] | Config) -> Callable[..., Any] | None:
    """Return the regularizer that `identifier` stands for.

    Parameters
    ----------
    identifier : None, str, Regularizer, class, dict or callable
        "l1", "l2", "l1_l2" or "orthogonal_regularizer", with Keras's factors of 0.01; a regularizer; what `describe`
        made of one; a function `f(weight)`. None stands for none.

    Returns
    -------
    callable or None
        `f(weight)`, which returns a penalty.

    Raises
    ------
    ArgumentError
        When there is no such regularizer; the message names the nearest one.

    References
    ----------
    Keras 3, keras.regularizers.get.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.regularizers.get("l2")
    L2(l2=0.01)
    """
    if identifier is None:
        return None
    return find("regularizer", identifier, REGULARIZERS, Regularizer, functions=True)


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.regularizers", __all__, {})
