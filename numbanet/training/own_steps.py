"""Steps as Keras has them: `train_step(self, data)` and `test_step(self, data)`, which return logs.

Such a step decides by itself what is computed, and which metrics take it into account; what it returns of the last
batch are the logs of the epoch. Since it gives numbers, it runs eagerly.
"""

from __future__ import annotations

import inspect
from typing import Any

from numbanet.core.context import setting
from numbanet.core.hooks import is_overridden
from numbanet.errors import ArgumentError
from numbanet.tensor.operators import Operators


def takes_data(model: Any, name: str) -> bool:
    """Return whether a step of this name is the user's and takes a batch as one argument, `data`."""
    if not is_overridden(model, name):
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    given = [one for one in inspect.signature(getattr(model, name)).parameters.values() if one.kind in kinds]
    return len(given) == 1


def logs_of(model: Any, name: str, x: Any, y: Any, weight: Any, rng: Any = None) -> dict[str, float]:
    """Return the logs that such a step gives for a batch, as numbers.

    Raises
    ------
    ArgumentError
        When it gives something else.
    """
    data = x if y is None else (x, y) if weight is None else (x, y, weight)
    with setting(rng=rng):
        logs = getattr(model, name)(data)
    if not isinstance(logs, dict):
        raise ArgumentError(f"{name}(data) must return a dict of logs, got {type(logs).__name__}")
    return {key: float(one) if isinstance(one, Operators) else one for key, one in logs.items()}


def reset_metrics(model: Any) -> None:
    """Have all metrics of a model forget everything."""
    for metric in model.metrics:
        metric.reset_state()
