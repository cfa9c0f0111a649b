"""Evaluation: the loss, the metrics and the outputs of a model on data, without training."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.structures import flatten, restructure
from numbanet.errors import NumbanetError, ShapeError
from numbanet.graph.function import Function
from numbanet.graph.guard import Guard
from numbanet.ops.sparse import SparseRows
from numbanet.tensor.operators import values_of
from numbanet.training.batch_steps import step_of, tested
from numbanet.training.data import ArrayData, samples_of
from numbanet.training.own_steps import logs_of, reset_metrics, takes_data
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
                return _steps(guard.trainer)[name]
            guard.functions = guard.functions or _recorded(guard.trainer)
            return guard.functions[name]
        if self._state is not guard.state:
            if self._state is None or not self._state.holds():
                self._functions = _recorded(guard.trainer)
            self._state = guard.state
        return self._functions[name]


def _recorded(trainer):
    return {name: Function(step) for name, step in _steps(trainer).items()}


def _steps(trainer):
    return {"test_step": partial(tested, trainer), "predict_step": step_of(trainer, "predict_step")}


def _recordings_of(trainer, data, x):
    """Return the recordings for a batch: one that reads a sparse matrix lives no longer than the data."""
    if not isinstance(x, SparseRows):
        return trainer.recordings
    return vars(data).get("recordings") or vars(data).setdefault("recordings", Recordings())


def evaluate(trainer: Trainer, data: Any, batch_size: int, listeners: CallbackList) -> dict[str, float]:
    """Return the loss and the metrics on data, by name."""
    if takes_data(trainer.model, "test_step"):
        return _logs(trainer.model, data, batch_size, listeners)
    tracker = Tracker(trainer.metrics, trainer.weighted_metrics, trainer.loss)
    guard = Guard(trainer, others=not isinstance(data, ArrayData) or listeners.has_own_code)
    for step, (x, y, weight) in enumerate(data.batches(batch_size, device=trainer.model.device)):
        listeners.on_test_batch_begin(step)
        if guard.called_between:
            guard.note_call()
        loss, prediction, parts = _recordings_of(trainer, data, x).of(guard, "test_step")(x, y, weight)
        try:
            tracker.update(float(loss), samples_of(x), y, prediction, weight, parts)
        except NumbanetError as error:
            raise type(error)(f"{data.who}: {error}") from error
        listeners.on_test_batch_end(step, tracker.logs())
    return tracker.logs()


def _logs(model, data, batch_size, listeners):
    """Return the logs of a `test_step(data)` of the user's, those of the last batch."""
    reset_metrics(model)
    logs: dict[str, float] = {}
    for step, batch in enumerate(data.batches(batch_size, device=model.device)):
        listeners.on_test_batch_begin(step)
        logs = logs_of(model, "test_step", *batch)
        listeners.on_test_batch_end(step, logs)
    return dict(logs)


def predict(trainer: Trainer, data: Any, batch_size: int, listeners: CallbackList) -> Any:
    """Return the outputs for all samples, in their order."""
    guard = Guard(trainer, others=not isinstance(data, ArrayData) or listeners.has_own_code)
    outputs: list[Any] = []
    for step, (x, _, _) in enumerate(data.batches(batch_size, device=trainer.model.device)):
        listeners.on_predict_batch_begin(step)
        if guard.called_between:
            guard.note_call()
        found = _recordings_of(trainer, data, x).of(guard, "predict_step")(x)
        outputs.append([values_of(one) for one in flatten(found)])
        _check_rows(x, outputs[-1])
        arranged = restructure(found, iter(outputs[-1]))
        listeners.on_predict_batch_end(step, {"outputs": arranged})
    return restructure(arranged, map(np.concatenate, zip(*outputs, strict=True)))


def _check_rows(x, outputs):
    """Raise ShapeError where several inputs do not give one row per sample."""
    rows = samples_of(x)
    if isinstance(x, (list, tuple, dict)) and any(one.shape[:1] != (rows,) for one in outputs):
        shapes = ", ".join(str(one.shape) for one in outputs)
        raise ShapeError(f"predict: a batch of {rows} samples of {len(x)} inputs gives outputs of shape {shapes}")
