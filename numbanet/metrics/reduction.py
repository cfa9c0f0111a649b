"""Running means: sums in float64 over all batches, weighted by samples.

Batches of unequal size give the same result as one.
"""

from __future__ import annotations

import math

import numpy as np

from numbanet.errors import ShapeError
from numbanet.tensor.operators import values_of
from numbanet.typing import ArrayLike


class Mean:
    """The running weighted mean of numbers, of the losses of batches for example.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> import numbanet as nn
    >>> mean = nn.metrics.Mean()
    >>> mean.update(1.0, 100)
    >>> mean.update(4.0, 50)
    >>> mean.result()
    2.0
    """

    def __init__(self, name: str = "mean") -> None:
        self.name = name
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.total: float = 0.0
        self.weight: float = 0.0

    def reset_state(self) -> None:
        """Forget everything, as Keras calls it."""
        self.reset()

    def update_state(self, values: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Take numbers into account, as Keras calls it; see `update`."""
        self.update(values, sample_weight)

    def update(self, values: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Take numbers into account.

        Parameters
        ----------
        values : float or array-like
        sample_weight : float or array-like, optional
            How much each counts: of the shape of `values`, or of its first axes.

        Raises
        ------
        ShapeError
            When the weights do not fit.
        """
        self.update_batches(1, values, sample_weight)

    def update_batches(self, count: int, values: ArrayLike, sample_weight: ArrayLike | None = None) -> None:
        """Take `count` batches of equally many numbers into account, to the bytes of one `update` after the other."""
        if not count:
            return  # an epoch that ended before its first step
        found = values_of(values)
        weights = None
        if sample_weight is not None:
            weights = weights_like(found, sample_weight, self.name)
            found = found * weights
        self.total = _added(self.total, _sums(found, count))
        self.weight = self.weight + found.size if weights is None else _added(self.weight, _sums(weights, count))

    def add(self, number: float, weight: float) -> None:
        """Take one Python number into account, that counts `weight` times."""
        self.total += number * weight
        self.weight += weight

    def add_all(self, numbers: np.ndarray, weight: float) -> None:
        """Take an array of Python numbers into account, as `add` does each."""
        with np.errstate(all="ignore"):  # as Python's floats are multiplied
            self.total = _added(self.total, np.asarray(numbers, np.float64) * weight)
        self.weight += weight * len(numbers)

    def result(self) -> float:
        """Return the mean; NaN before the first update, for there is none."""
        return self.total / self.weight if self.weight else math.nan


class Sum(Mean):
    """The running weighted sum of numbers.

    Parameters
    ----------
    name : str

    Examples
    --------
    >>> import numbanet as nn
    >>> total = nn.metrics.Sum()
    >>> total.update([1.0, 3.0, 5.0], [1.0, 1.0, 0.5])
    >>> total.result()
    6.5
    """

    def __init__(self, name: str = "sum") -> None:
        super().__init__(name)

    def result(self) -> float:
        """Return the sum; 0 before the first update."""
        return self.total


def _sums(values, count):
    """Return the sum of each of `count` equal parts, in float64."""
    return np.ascontiguousarray(values, np.float64).reshape(count, -1).sum(axis=1)


def _added(total, numbers):
    """Add numbers to a total, one after the other, which `np.sum` does not do: it adds them in pairs."""
    if len(numbers) == 1:
        return total + numbers.item()
    with np.errstate(all="ignore"):
        return float(np.add.accumulate(np.concatenate(([total], numbers)))[-1])


def weights_like(values, sample_weight, name):
    """Return `sample_weight` in float64, broadcast to the shape of `values`: one per sample, or one per value."""
    weights = values_of(sample_weight).astype(np.float64)
    shape = weights.shape
    if shape == (*values.shape, 1):
        shape = values.shape
    if shape != values.shape[: len(shape)]:
        raise ShapeError(f"{name}: sample_weight {weights.shape} does not fit values of shape {values.shape}")
    return np.broadcast_to(weights.reshape(shape + (1,) * (values.ndim - len(shape))), values.shape)
