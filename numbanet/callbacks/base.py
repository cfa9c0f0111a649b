"""What a callback is, and several as one."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from numbanet.core.attributes import Guarded
from numbanet.errors import ArgumentError, CallbackWarning, unknown_name
from numbanet.typing import CallbacksLike, OnEpoch, OnTrain


class Callback(Guarded):
    """Base class: every method does nothing; define those that matter. The names are Keras's.

    `self.model` is the model that is trained; training ends after the epoch in which its `stop_training` becomes True.
    `logs` is a dict of floats: `loss`, the metrics, and after an epoch the same of validation, with `val_` before them.
    `fit` calls the methods for training and, while it validates, those for tests; `evaluate` calls those for tests and
    `predict` those for predictions. A method `on_...` that none of them calls raises a `CallbackWarning` with the
    nearest name that there is.

    A callback that listens to training batches is called for each of them, so training runs eagerly then.

    Examples
    --------
    >>> import numbanet as nn
    >>> class StopAt(nn.callbacks.Callback):
    ...     def __init__(self, accuracy):
    ...         self.accuracy = accuracy
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = logs["accuracy"] >= self.accuracy
    """

    model: Any = None
    params: dict[str, Any] = {}  # noqa: RUF012  (replaced, never changed)
    """What `fit` is called with: epochs, steps (None if unknown), batch_size."""

    _free = ("_", "on_")  # events that nobody calls are warned of, wherever they are defined
    _adds: tuple = ()
    """The names that it adds to the logs of an epoch."""

    _sees_each_step: bool = False
    """Whether it looks at the logs after each step of training, and changes nothing but `stop_training`: then steps are
    replayed one by one, in place of running eagerly."""

    def _check_before(self, model, names, grows):
        """Raise, before training, what it would raise later: the logs will have `names`, and others if `grows`."""

    def set_model(self, model: Any) -> None:
        """Called by `fit` before anything else."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called by `fit` before training, with what becomes `self.params`."""
        self.params = params

    def on_train_begin(self, logs: Any = None) -> None:
        """Called before the first epoch."""

    def on_train_end(self, logs: Any = None) -> None:
        """Called after the last epoch."""

    def on_train_abort(self) -> None:
        """Called instead of `on_train_end`, when training ends by an error or Ctrl-C: the place to close files."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called before an epoch; the first is 0."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called after an epoch and its validation."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of training; the first of an epoch is 0."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of training, with the loss and metrics of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Another name for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Another name for `on_train_batch_end`."""

    def on_test_begin(self, logs: Any = None) -> None:
        """Called before `evaluate`, and before each validation in `fit`."""

    def on_test_end(self, logs: Any = None) -> None:
        """Called after `evaluate` or a validation, with its loss and metrics."""

    def on_test_abort(self) -> None:
        """Called instead of `on_test_end`, when `evaluate` ends by an error or Ctrl-C."""

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of `evaluate` or of validation."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of `evaluate` or of validation, with the loss and metrics so far."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Called before `predict`."""

    def on_predict_end(self, logs: Any = None) -> None:
        """Called after `predict`."""

    def on_predict_abort(self) -> None:
        """Called instead of `on_predict_end`, when `predict` ends by an error or Ctrl-C."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of `predict`; its outputs are `logs["outputs"]`."""


EVENTS = frozenset(name for name in vars(Callback) if name.startswith("on_"))
"""The names of the methods that are called."""
BATCH_EVENTS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
"""Those that are called for every batch of training."""


def listens_to_batches(callback):
    """Return whether a callback does something around batches of training, so that it must be called for each."""
    kind = type(callback)
    if kind._sees_each_step and vars(callback).keys().isdisjoint(BATCH_EVENTS):
        return False
    return any(getattr(kind, name) is not getattr(Callback, name) or name in vars(callback) for name in BATCH_EVENTS)


def as_callbacks(given: CallbacksLike) -> list[Callback]:
    """Return the callbacks in what a user gives: None, one, several as one, or a list, which is checked later."""
    if given is None:
        return []
    if isinstance(given, CallbackList):
        return given.callbacks
    if isinstance(given, (list, tuple)):
        return list(given)
    return [given]  # type: ignore[list-item]  # an iterable of another kind is refused later


def _warn_of_unknown_events(callback):
    """Warn of methods `on_...` that nothing calls: misspelt names, or those of another library."""
    names = {*dir(type(callback)), *vars(callback)}
    for name in sorted(name for name in names if name.startswith("on_") and name not in EVENTS):
        if callable(inspect.getattr_static(callback, name)):
            near = get_close_matches(name, EVENTS, n=1, cutoff=0)[0]
            message = f"{type(callback).__name__}.{name} is never called: there is no such event; the nearest is {near}"
            warnings.warn(message, CallbackWarning, stacklevel=4)


class CallbackList(Callback):
    """Several callbacks as one, called in their order.

    Ends reach all of them, also when one raises: weights are put back and files are closed. Its error follows.

    Parameters
    ----------
    callbacks : Callback, list of Callback, or None
    model : optional
        The model that is trained.

    Raises
    ------
    ArgumentError
        When one is not a Callback.

    Warns
    -----
    CallbackWarning
        When one has a method `on_...` that nothing calls.

    Examples
    --------
    >>> import numbanet as nn
    >>> history = nn.callbacks.History()
    >>> nn.callbacks.CallbackList([history]).on_epoch_end(0, {"loss": 0.5})
    >>> history.history
    {'loss': [0.5]}
    """

    def __init__(self, callbacks: CallbacksLike = None, model: Any = None) -> None:
        self.callbacks: list[Callback] = as_callbacks(callbacks)
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                hint = "; give an object of it" if isinstance(callback, type) else ""
                raise ArgumentError(f"callbacks: {callback!r} is not an nn.callbacks.Callback{hint}")
        for callback in self.callbacks:
            _warn_of_unknown_events(callback)
        if model is not None:
            self.set_model(model)

    @property
    def has_own_code(self) -> bool:
        """Whether a callback runs code that is not numbanet's, which may change anything."""
        kinds = [type(callback) for callback in self.callbacks]
        return any(kind is LambdaCallback or kind.__module__.split(".")[0] != "numbanet" for kind in kinds)

    def set_model(self, model: Any) -> None:
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        for callback in self.callbacks:
            callback.set_params(params)


def _all(name):
    """Return the method of CallbackList that calls each callback's method of this name with its arguments."""
    count = len(inspect.signature(getattr(Callback, name)).parameters) - 1

    def event(self, *args, logs=None):
        args = (*args, logs)[:count]
        for callback in self.callbacks:
            getattr(callback, name)(*args)

    def end(self, *args, logs=None):
        args = (*args, logs)[:count]
        with contextlib.ExitStack() as stack:  # which goes on after errors, from the last to the first
            for callback in reversed(self.callbacks):
                stack.callback(getattr(callback, name), *args)

    method = end if name.endswith(("train_end", "test_end", "predict_end", "_abort")) else event
    method.__name__, method.__doc__ = name, getattr(Callback, name).__doc__
    return method


for _name in EVENTS:
    setattr(CallbackList, _name, _all(_name))


class LambdaCallback(Callback):
    """A callback from functions.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable, optional
        `f(epoch, logs)`.
    on_train_begin, on_train_end : callable, optional
        `f(logs)`.
    on_train_batch_begin, on_train_batch_end : callable, optional
        `f(batch, logs)`.
    **functions : callable
        Any other method of `Callback`, by its name: `on_test_end=f` calls `f(logs)`.

    Raises
    ------
    ArgumentError
        When there is no such method, with the nearest one, or something is not a function.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> callback.on_epoch_end(0, {"loss": 0.5})
    0 0.5
    """

    def __init__(
        self, on_epoch_begin: OnEpoch = None, on_epoch_end: OnEpoch = None, on_train_begin: OnTrain = None,
        on_train_end: OnTrain = None, on_train_batch_begin: OnEpoch = None, on_train_batch_end: OnEpoch = None,
        **functions: Callable[..., Any] | None,
    ) -> None:  # fmt: skip
        functions |= {name: given for name, given in locals().items() if name.startswith("on_")}
        for name, function in functions.items():
            if name not in EVENTS:
                raise unknown_name("event of LambdaCallback", name, EVENTS)
            if function is None:
                continue
            if not callable(function):
                raise ArgumentError(f"LambdaCallback: {name} must be a function, got {function!r}")
            setattr(self, name, function)
