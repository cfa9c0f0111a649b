"""Callbacks that change the learning rate from epoch to epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from numbanet.callbacks.base import Callback
from numbanet.callbacks.monitors import Monitor
from numbanet.core.checks import as_count, as_number
from numbanet.errors import ArgumentError
from numbanet.typing import Integer, Mode, Real


class RateSetter:
    """What callbacks share that set the learning rate: a schedule of the optimizer would be lost, so it is refused."""

    _adds: tuple = ("learning_rate",)

    def _check_before(self, model, names, grows):
        super()._check_before(model, names, grows)  # type: ignore[misc]  # a mixin: the class beside it has the method
        self.optimizer_of(model)

    def optimizer_of(self, model: Any) -> Any:
        """Return the optimizer of `model`; ArgumentError when its learning rate is a schedule."""
        if getattr(model.optimizer, "schedule", None) is not None:
            raise ArgumentError(f"{type(self).__name__}: the optimizer has a schedule, {model.optimizer.schedule!r}")
        return model.optimizer


class ReduceLROnPlateau(RateSetter, Monitor):
    """Multiplies the learning rate by a factor when a number has not improved for a while.

    Adds `learning_rate` to the logs: the rate that the epoch was trained with.

    Parameters
    ----------
    monitor : str
        A name in the logs.
    factor : float
        Below 1.
    patience : int
        Epochs without improvement after which the rate falls.
    verbose : int
        1 prints a line when it does.
    mode : {"auto", "min", "max"}
        Which way is better; auto knows losses and metrics.
    min_delta : float
        What counts as improvement: more than this.
    cooldown : int
        Epochs to wait after the rate fell.
    min_lr : float
        It does not fall below.

    Raises
    ------
    ArgumentError
        When a setting is wrong; before training starts, when the logs will have no such name, when it cannot be told
        which way is better, or when the optimizer has a schedule.

    References
    ----------
    Keras 3, `ReduceLROnPlateau`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=2)
    """

    def __init__(
        self, monitor: str = "val_loss", factor: Real = 0.1, patience: Integer = 10, verbose: int = 0,
        mode: Mode = "auto", min_delta: Real = 1e-4, cooldown: Integer = 0, min_lr: Real = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, min_delta, verbose)
        self.factor: float = as_number("ReduceLROnPlateau: factor", factor, 0, below=1)
        self.patience: int = as_count("patience", patience)
        self.cooldown: int = as_count("cooldown", cooldown)
        self.min_lr: float = as_number("min_lr", min_lr, 0)
        self.on_train_begin()

    def on_train_begin(self, logs: Any = None) -> None:
        self.best: float | None = None
        self.wait: int = 0
        self.cooling: int = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        value = self.current(logs)
        optimizer = self.optimizer_of(self.model)
        logs = {} if logs is None else logs
        logs["learning_rate"] = optimizer.learning_rate
        if value is None:
            return
        if self.cooling:
            self.cooling -= 1
            self.wait = 0
        if self.is_better(value, self.best):
            self.best, self.wait = value, 0
        elif not self.cooling:
            self.wait += 1
            if self.wait >= self.patience and optimizer.learning_rate > self.min_lr:
                optimizer.learning_rate = max(optimizer.learning_rate * self.factor, self.min_lr)
                self.wait, self.cooling = 0, self.cooldown
                self.say(epoch, f"learning rate is now {optimizer.learning_rate:g}")


class LearningRateScheduler(RateSetter, Callback):
    """Sets the learning rate before every epoch.

    Adds `learning_rate` to the logs: the rate that the epoch was trained with.

    Parameters
    ----------
    schedule : callable
        `f(epoch)`, or `f(epoch, rate)` with the rate so far; returns the new one.
    verbose : int
        1 prints a line with each.

    Raises
    ------
    ArgumentError
        When `schedule` is not a function or does not return a rate, or the optimizer has a schedule.

    References
    ----------
    Keras 3, `LearningRateScheduler`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        if not callable(schedule):
            raise ArgumentError(f"LearningRateScheduler: schedule must be a function, got {schedule!r}")
        self.schedule = schedule
        self.verbose = verbose
        self._takes_rate = _accepts(schedule, 0, 0.0)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        optimizer = self.optimizer_of(self.model)
        optimizer.learning_rate = (
            self.schedule(epoch, optimizer.learning_rate) if self._takes_rate else self.schedule(epoch)
        )
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate is now {optimizer.learning_rate:g}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate


def _accepts(function, *arguments):
    try:
        inspect.signature(function).bind(*arguments)
    except (TypeError, ValueError):
        return False
    return True
