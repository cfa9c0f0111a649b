"""Whether what is given for x, y or the weights of samples is one array, or a list, tuple or dict of several."""

from __future__ import annotations

from typing import Any

from numbanet.core.hooks import is_overridden
from numbanet.layers.inputs import CONTAINERS, holds_arrays
from numbanet.losses.outputs import OutputLosses
from numbanet.tensor.foreign import is_pandas
from numbanet.tensor.operators import Operators


class Forms:
    """What a model takes.

    Parameters
    ----------
    trainer : Trainer
    """

    def __init__(self, trainer: Any) -> None:
        model, loss = trainer.model, trainer.loss
        self._own = hasattr(model, "call") or is_overridden(model, "__call__")
        self._inputs = None if self._own or model._topology is None else model._topology.inputs
        self._outputs = isinstance(loss, OutputLosses)
        self._own_loss = is_overridden(model, "train_step", "test_step", "compute_loss", "update")

    def several(self, name: str, value: Any) -> bool:
        """Return whether a value of the part x, y or sample_weight is several arrays."""
        if not isinstance(value, CONTAINERS) or not len(value):
            return False
        if name == "x":
            if self._inputs is not None:
                batches = isinstance(value, list) and any(map(_holds_arrays, value))
                return isinstance(value, dict) or (isinstance(self._inputs, CONTAINERS) and not batches)
            return self._own and holds_arrays(value)
        if self._outputs:
            return isinstance(value, dict) or any(map(_is_column, value))
        return self._own_loss and holds_arrays(value)


def _holds_arrays(x):
    """Return whether one of a list is itself a batch: of inputs, or of inputs and targets."""
    parts = x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else ()
    return any((hasattr(one, "shape") and one.shape) or isinstance(one, dict) or _holds_arrays(one) for one in parts)


def _is_column(x):
    return isinstance(x, (list, tuple, Operators)) or hasattr(x, "__array__") or is_pandas(x)
