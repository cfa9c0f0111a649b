"""Evaluation: the loss, the metrics and the outputs of a model on data, without training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.errors import NumbanetError
from numbanet.graph.function import Function
from numbanet.graph.guard import Guard
from numbanet.ops.sparse import SparseRows
from numbanet.tensor.operators import values_of
from numbanet.training.batch_steps import as_pair, step_of
from numbanet.training.data import ArrayData
from numbanet.training.tracker import Tracker

if TYPE_CHECKING:
    from numbanet.callbacks import CallbackList
    from numbanet.training.trainer import Trainer

PREDICT_BATCH = 1024
"""Samples per batch where none are asked for: large enough for the dot products, small enough for the cache."""


class Recordings:
    """Recorded `test_step` and `predict_step`, kept from one call of `evaluate` or `predict` to the next."""

    def __init__(self) -> None:
        self._functions: Any = None
        self._state: Any = None

    def of(self, guard: Guard, name: str) -> Any:
        """Return what the next batch goes through: the step of this name, replayed where that gives the same.

        Recordings are made anew when something in Python has changed. Those of code that is not numbanet's are not kept
        longer than from one look to the next, since nobody can tell what it reads; where others are called between two
        batches, every batch runs as it is.
        """
        if guard.due:
            guard.changed()
            guard.functions = None
        if guard.own_code:
            if guard.called_between or guard.step_by_step:
                return step_of(guard.trainer, name)
            guard.functions = guard.functions or _recorded(guard.trainer)
            return guard.functions[name]
        if self._state is not guard.state:
            if self._state is None or not self._state.holds():
                self._functions = _recorded(guard.trainer)
            self._state = guard.state
        return self._functions[name]


def _recorded(trainer):
    return {name: Function(step_of(trainer, name)) for name in ("test_step", "predict_step")}


def _recordings_of(trainer, data, x):
    """Return the recordings for a batch: one that reads a sparse matrix lives no longer than the data."""
    if not isinstance(x, SparseRows):
        return trainer.recordings
    return vars(data).get("recordings") or vars(data).setdefault("recordings", Recordings())


def evaluate(trainer: Trainer, data: Any, batch_size: int, listeners: CallbackList) -> dict[str, float]:
    """Return the loss and the metrics on data, by name."""
    tracker = Tracker(trainer.metrics, trainer.weighted_metrics)
    guard = Guard(trainer, others=not isinstance(data, ArrayData) or listeners.has_own_code)
    for step, (x, y, weight) in enumerate(data.batches(batch_size, device=trainer.model.device)):
        listeners.on_test_batch_begin(step)
        if guard.called_between:
            guard.note_call()
        loss, prediction = as_pair("test_step", _recordings_of(trainer, data, x).of(guard, "test_step")(x, y, weight))
        try:
            tracker.update(float(loss), x.shape[0], y, prediction, weight)
        except NumbanetError as error:
            raise type(error)(f"{data.who}: {error}") from error
        listeners.on_test_batch_end(step, tracker.logs())
    return tracker.logs()


def predict(trainer: Trainer, data: Any, batch_size: int, listeners: CallbackList) -> np.ndarray:
    """Return the outputs for all samples, in their order."""
    guard = Guard(trainer, others=not isinstance(data, ArrayData) or listeners.has_own_code)
    outputs = []
    for step, (x, _, _) in enumerate(data.batches(batch_size, device=trainer.model.device)):
        listeners.on_predict_batch_begin(step)
        if guard.called_between:
            guard.note_call()
        outputs.append(values_of(_recordings_of(trainer, data, x).of(guard, "predict_step")(x)))
        listeners.on_predict_batch_end(step, {"outputs": outputs[-1]})
    return np.concatenate(outputs)
