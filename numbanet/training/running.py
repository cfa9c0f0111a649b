"""Callbacks around a run of `fit`, `evaluate` or `predict`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from numbanet.callbacks import CallbackList
from numbanet.callbacks.base import as_callbacks
from numbanet.callbacks.progress import progress_for


def listeners_of(
    model: Any, what: str, callbacks: Any, verbose: Any, steps: int | None, batch_size: int, **params: int
) -> CallbackList:
    """Return the callbacks of `fit`, `evaluate` or `predict` as one, those that show progress last.

    `params` are further numbers that callbacks are told of; `epochs` is 1 if it is not among them.
    """
    epochs = params.get("epochs", 1)
    listeners = CallbackList([*as_callbacks(callbacks), *progress_for(what, verbose, steps, epochs)], model)
    listeners.set_params({"epochs": epochs, "steps": steps, "batch_size": batch_size, **params})
    return listeners


@contextlib.contextmanager
def running(listeners: CallbackList, what: str = "train") -> Iterator[dict[str, float]]:
    """Begin and end of a run of kind "train", "test" or "predict"; gives the dict that the end gets as logs.

    After an error or Ctrl-C progress bars are closed and best weights are put back.
    """
    logs: dict[str, float] = {}
    getattr(listeners, f"on_{what}_begin")()
    try:
        yield logs
    except BaseException:
        getattr(listeners, f"on_{what}_abort")()
        raise
    getattr(listeners, f"on_{what}_end")(logs or None)
