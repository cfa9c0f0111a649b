"""Counts of right and wrong predictions of labels 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numbanet.metrics.confusion import _Confusion
from numbanet.typing import Config, Real


class _Count(_Confusion):
    """One of the four counts, whose name the class has."""

    counted = ""

    def __init__(self, thresholds: Any, name: str) -> None:
        super().__init__(0.5 if thresholds is None else thresholds, None, None, name)

    def result(self) -> Any:
        """Return how many there are, or the sum of their weights: a float, or an array of one for each threshold."""
        return self._one_or_all(getattr(self, self.counted))

    def get_config(self) -> Config:
        return {"thresholds": self.thresholds, "name": self.name}


class TruePositives(_Count):
    """The number of labels 1 that are predicted as 1.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it mean 1; 0.5 if not given. Several give an array of one count for each, which `compile` does
        not take.
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1.

    References
    ----------
    Keras 3, `TruePositives`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.TruePositives()
    >>> metric.update([1, 0, 1, 1], [0.9, 0.8, 0.7, 0.1])
    >>> metric.result()
    2.0
    """

    direction, rowwise, counted = "max", True, "true_positives"

    def __init__(self, thresholds: Real | Sequence[Real] | None = None, name: str = "true_positives") -> None:
        super().__init__(thresholds, name)


class TrueNegatives(_Count):
    """The number of labels 0 that are predicted as 0.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it mean 1; 0.5 if not given. Several give an array of one count for each, which `compile` does
        not take.
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1.

    References
    ----------
    Keras 3, `TrueNegatives`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.TrueNegatives()
    >>> metric.update([1, 0, 1, 1], [0.9, 0.8, 0.7, 0.1])
    >>> metric.result()
    0.0
    """

    direction, rowwise, counted = "max", True, "true_negatives"

    def __init__(self, thresholds: Real | Sequence[Real] | None = None, name: str = "true_negatives") -> None:
        super().__init__(thresholds, name)


class FalsePositives(_Count):
    """The number of labels 0 that are predicted as 1.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it mean 1; 0.5 if not given. Several give an array of one count for each, which `compile` does
        not take.
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1.

    References
    ----------
    Keras 3, `FalsePositives`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.FalsePositives()
    >>> metric.update([1, 0, 1, 1], [0.9, 0.8, 0.7, 0.1])
    >>> metric.result()
    1.0
    """

    direction, rowwise, counted = "min", True, "false_positives"

    def __init__(self, thresholds: Real | Sequence[Real] | None = None, name: str = "false_positives") -> None:
        super().__init__(thresholds, name)


class FalseNegatives(_Count):
    """The number of labels 1 that are predicted as 0.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it mean 1; 0.5 if not given. Several give an array of one count for each, which `compile` does
        not take.
    name : str

    Raises
    ------
    ArgumentError
        When a label is neither 0 nor 1.

    References
    ----------
    Keras 3, `FalseNegatives`.

    Examples
    --------
    >>> import numbanet as nn
    >>> metric = nn.metrics.FalseNegatives()
    >>> metric.update([1, 0, 1, 1], [0.9, 0.8, 0.7, 0.1])
    >>> metric.result()
    1.0
    """

    direction, rowwise, counted = "min", True, "false_negatives"

    def __init__(self, thresholds: Real | Sequence[Real] | None = None, name: str = "false_negatives") -> None:
        super().__init__(thresholds, name)
