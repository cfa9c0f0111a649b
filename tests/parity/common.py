"""What all comparisons with other libraries share: a result of one case, and how far apart two computations are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import numbanet as nn

BOUND = 1e-5
"""The largest difference of outputs and gradients, both computed in float32: some eighty units in the last place."""


class Result(NamedTuple):
    """What one comparison found.

    Parameters
    ----------
    peer : str
        "Keras" or "PyTorch".
    name : str
        What is compared, by our name: the row of the table.
    case : str
        The settings and the inputs.
    difference : float
        The largest, as `difference` measures it; infinite if something could not be compared.
    bound : float
        The largest that is allowed.
    told : str
        What differs, if it is no number.
    kind : str
        "layers", "losses", "metrics", "optimizers" or "training".
    """

    peer: str
    name: str
    case: str
    difference: float
    bound: float = BOUND
    told: str = ""
    kind: str = "layers"

    @property
    def equal(self) -> bool:
        """Whether the difference is within the bound; NaN is not."""
        return self.difference <= self.bound


def difference(found: Sequence[Any], expected: Sequence[Any]) -> float:
    """Return the largest of |found - expected| / (1 + |expected|) in two lists of arrays.

    It is infinite where shapes, or which elements are NaN, are not the same.
    """
    largest = 0.0
    if len(found) != len(expected):
        return np.inf
    for one, other in zip(found, expected, strict=True):
        a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
        if a.shape != b.shape or not np.array_equal(np.isnan(a), np.isnan(b)):
            return np.inf
        known = ~np.isnan(b)
        if known.any():
            largest = max(largest, float(np.max(np.abs(a - b)[known] / (1 + np.abs(b[known])))))
    return largest


def compared(
    peer: str, name: str, case: str, compare: Callable[[], tuple[Sequence[Any], Sequence[Any]]], bound: float = BOUND,
    kind: str = "layers",
) -> Result:  # fmt: skip
    """Return the result of a function that computes the same with both libraries.

    Parameters
    ----------
    compare : callable
        Returns the arrays of numbanet and those of the other library.
    """
    try:
        return Result(peer, name, case, difference(*compare()), bound, kind=kind)
    except Exception as error:
        return Result(peer, name, case, np.inf, bound, f"{type(error).__name__}: {str(error).strip()[:400]}", kind)


def settings(options: dict[str, Any]) -> str:
    """Return how keyword arguments are written in a call."""
    return ", ".join(f"{name}={value!r}" for name, value in options.items())


def listed(y: Any) -> list[Any]:
    """Return a list of what may be a single output."""
    return list(y) if isinstance(y, (list, tuple)) else [y]


def as_called(args: list[Any], as_list: bool) -> list[Any]:
    """Return the positional arguments of a call with some inputs, which may go in one list."""
    return [args] if as_list else args


def gradients_of_ours(layer, args, factors, as_list=False, **options):
    """Return the outputs of our layer, and the gradients of their weighted sum.

    Parameters
    ----------
    args : list of array
        What the layer is called with; gradients are taken by those that are floats, and then by the weights.
    factors : list of array
        One for each output.
    as_list : bool, optional
        Whether the layer takes its inputs in one list.
    """
    given = [nn.Variable(one) if np.issubdtype(one.dtype, np.floating) else nn.asarray(one) for one in args]
    with nn.GradientTape() as tape:
        y = listed(layer(*as_called(given, as_list), **options))
        total = sum(nn.sum(one * factor) for one, factor in zip(y, factors, strict=True))
    sources = [*(one for one in given if isinstance(one, nn.Variable)), *layer.trainable_weights]
    return [*y, *tape.gradient(total, sources)]
