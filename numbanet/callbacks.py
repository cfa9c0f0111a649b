"""Callbacks: what happens between epochs and batches of `fit`. One's own subclass `Callback`."""

import csv
import inspect
import math
import os
from pathlib import Path

from numbanet.checks import as_count, as_number
from numbanet.errors import ArgumentError, unknown_name
from numbanet.losses import LOSSES
from numbanet.metrics import METRICS


class Callback:
    """Base class: every method does nothing; define those that matter.

    `self.model` is the model that is trained. It stops after the batch in which `self.model.stop_training` becomes True.
    `logs` is a dict of floats: `loss`, the metrics, and after an epoch the same of the validation data with `val_` before
    them. What a callback adds to the logs of an epoch goes into the history.

    Examples
    --------
    >>> import numbanet as nn
    >>> class StopAt(nn.callbacks.Callback):
    ...     def __init__(self, accuracy):
    ...         self.accuracy = accuracy
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = logs["accuracy"] >= self.accuracy
    """

    model = None

    def set_model(self, model):
        """Called by `fit` before anything else."""
        self.model = model

    def on_train_begin(self, logs=None):
        """Before the first epoch."""

    def on_train_end(self, logs=None):
        """After the last epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        """Before an epoch; the first is 0."""

    def on_epoch_end(self, epoch, logs=None):
        """After an epoch and its validation."""

    def on_batch_begin(self, batch, logs=None):
        """Before a batch; the first of an epoch is 0."""

    def on_batch_end(self, batch, logs=None):
        """After a batch."""


class CallbackList(Callback):
    """Several callbacks as one, called in their order.

    Parameters
    ----------
    callbacks : Callback, list of Callback, or None

    Raises
    ------
    ArgumentError
        When one is no Callback.

    Examples
    --------
    >>> import numbanet as nn
    >>> history = nn.callbacks.History()
    >>> nn.callbacks.CallbackList([history]).on_epoch_end(0, {"loss": 0.5})
    >>> history.history
    {'loss': [0.5]}
    """

    def __init__(self, callbacks=None):
        if isinstance(callbacks, Callback):
            callbacks = [callbacks]
        self.callbacks = list(callbacks or ())
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                hint = "; give an object of it" if isinstance(callback, type) else ""
                raise ArgumentError(f"callbacks: {callback!r} is no nn.callbacks.Callback{hint}")

    def set_model(self, model):
        for callback in self.callbacks:
            callback.set_model(model)

    def on_train_begin(self, logs=None):
        for callback in self.callbacks:
            callback.on_train_begin(logs)

    def on_train_end(self, logs=None):
        for callback in self.callbacks:
            callback.on_train_end(logs)

    def on_epoch_begin(self, epoch, logs=None):
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_batch_begin(self, batch, logs=None):
        for callback in self.callbacks:
            callback.on_batch_begin(batch, logs)

    def on_batch_end(self, batch, logs=None):
        for callback in self.callbacks:
            callback.on_batch_end(batch, logs)


class History(Callback):
    """Keeps the logs of all epochs: what `fit` returns.

    Attributes
    ----------
    epoch : list of int
    history : dict of str to list of float
        One number per epoch under every name of the logs.

    Examples
    --------
    >>> import numbanet as nn
    >>> history = nn.callbacks.History()
    >>> history.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.75})
    >>> history.history["accuracy"]
    [0.75]
    """

    def __init__(self):
        self.epoch = []
        self.history = {}

    def on_train_begin(self, logs=None):
        self.epoch, self.history = [], {}

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """A callback from functions.

    Parameters
    ----------
    on_train_begin, on_train_end : callable, optional
        `f(logs)`.
    on_epoch_begin, on_epoch_end : callable, optional
        `f(epoch, logs)`.
    on_batch_begin, on_batch_end : callable, optional
        `f(batch, logs)`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> callback.on_epoch_end(0, {"loss": 0.5})
    0 0.5
    """

    def __init__(
        self, on_epoch_begin=None, on_epoch_end=None, on_train_begin=None, on_train_end=None, on_batch_begin=None,
        on_batch_end=None,
    ):  # fmt: skip
        given = {name: function for name, function in locals().items() if name.startswith("on_") and function}
        for name, function in given.items():
            if not callable(function):
                raise ArgumentError(f"LambdaCallback: {name} must be a function, got {function!r}")
            setattr(self, name, function)


class CSVLogger(Callback):
    """Writes the logs of every epoch as a line of a CSV file, which is complete on disk after each.

    Parameters
    ----------
    filename : str or pathlib.Path
    separator : str
    append : bool
        Go on below what the file holds, under its column names, instead of starting a new one.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.CSVLogger("log.csv")
    """

    def __init__(self, filename, separator=",", append=False):
        self.path = Path(filename)
        self.separator = separator
        self.append = append
        self.columns = None

    def on_train_begin(self, logs=None):
        self.columns = None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.append and self.path.exists():
            with self.path.open(newline="") as file:
                self.columns = next(csv.reader(file, delimiter=self.separator), None)
        else:
            self.path.write_text("")

    def on_epoch_end(self, epoch, logs=None):
        row = {"epoch": epoch, **(logs or {})}
        with self.path.open("a", newline="") as file:  # opened anew: nothing is lost or left open when training breaks
            new = self.columns is None
            self.columns = self.columns or list(row)
            writer = csv.DictWriter(file, self.columns, restval="NA", extrasaction="ignore", delimiter=self.separator)
            if new:
                writer.writeheader()
            writer.writerow(row)


class _Monitor(Callback):
    """What callbacks share that watch one number of the logs: which one, and what is better."""

    def __init__(self, monitor, mode, min_delta=0.0, verbose=0):
        if mode not in ("auto", "min", "max"):
            raise unknown_name(f"mode of {type(self).__name__}", mode, ("auto", "min", "max"))
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(as_number("min_delta", min_delta))
        self.verbose = verbose

    def current(self, logs):
        """The number that is watched; ArgumentError when it is not in the logs."""
        logs = logs or {}
        if self.monitor not in logs:
            there = ", ".join(logs) or "nothing"
            hint = "; fit needs validation data for it" if self.monitor.startswith("val_") else ""
            raise ArgumentError(f"{type(self).__name__}: monitor {self.monitor!r} is not in the logs ({there}){hint}")
        return float(logs[self.monitor])

    def direction(self):
        """ "min" or "max": as given, or as the name and the metrics of the model tell."""
        if self.mode != "auto":
            return self.mode
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return "min"
        for metric in getattr(self.model, "metrics", None) or ():
            if metric.name == name and metric.direction:
                return metric.direction
        if name in METRICS:
            return METRICS[name].direction
        if name in LOSSES:
            return "min"
        raise ArgumentError(
            f"{type(self).__name__}: nobody knows whether {self.monitor!r} should rise or fall; give mode='max' or 'min'"
        )

    def is_better(self, value, reference):
        """Whether `value` beats `reference`, None for no reference yet, by more than `min_delta`; NaN never does."""
        if math.isnan(value):
            return False
        if reference is None:
            return True
        gain = reference - value if self.direction() == "min" else value - reference
        return gain > self.min_delta

    def say(self, epoch, text):
        """Print a line, where `verbose` asks for it."""
        if self.verbose:
            print(f"Epoch {epoch + 1}: {text}")


class EarlyStopping(_Monitor):
    """Stops training when a number has not improved for a while.

    Parameters
    ----------
    monitor : str
        A name in the logs.
    min_delta : float
        What counts as improvement: more than this.
    patience : int
        Epochs without improvement after which training stops.
    verbose : int
        1 prints a line when it stops.
    mode : {"auto", "min", "max"}
        Which way is better; auto knows losses and metrics.
    baseline : float, optional
        Also stop when this is not beaten within `patience` epochs.
    restore_best_weights : bool
        At the end of training, however it ended, go back to the weights of the best epoch.
    start_from_epoch : int
        Do not look at the epochs before.

    Raises
    ------
    ArgumentError
        When a setting is wrong, or the logs have no such name.

    References
    ----------
    Prechelt: Early Stopping, But When?, 1998. Keras 3, `EarlyStopping`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.EarlyStopping("val_accuracy", patience=3, restore_best_weights=True)
    """

    def __init__(
        self, monitor="val_loss", min_delta=0.0, patience=0, verbose=0, mode="auto", baseline=None,
        restore_best_weights=False, start_from_epoch=0,
    ):  # fmt: skip
        super().__init__(monitor, mode, min_delta, verbose)
        self.patience = as_count("patience", patience)
        self.baseline = None if baseline is None else as_number("baseline", baseline)
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = as_count("start_from_epoch", start_from_epoch)
        self.on_train_begin()

    def on_train_begin(self, logs=None):
        self.wait = 0
        self.best = self.best_epoch = self.best_weights = self.stopped_epoch = None

    def on_epoch_end(self, epoch, logs=None):
        value = self.current(logs)
        if epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.is_better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = [weight.copy() for weight in self.model.get_weights()]
            if self.is_better(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True
            self.say(epoch, "early stopping")

    def on_train_end(self, logs=None):
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)


class ModelCheckpoint(_Monitor):
    """Saves the model after every epoch, or after every epoch that is the best so far.

    Parameters
    ----------
    path : str or pathlib.Path
        May hold names of the logs, and `epoch`, counted from 1, as in `"{epoch:02d}-{val_loss:.2f}.numbanet"`. Folders
        are made, files replaced.
    monitor : str
        A name in the logs.
    verbose : int
        1 prints a line for every file.
    save_best_only : bool
        Save only when `monitor` has improved.
    save_weights_only : bool
        `model.save_weights` instead of `model.save`.
    mode : {"auto", "min", "max"}
        Which way is better; auto knows losses and metrics.

    Raises
    ------
    ArgumentError
        When a setting is wrong, or the logs lack a name that is needed.

    References
    ----------
    Keras 3, `ModelCheckpoint`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.ModelCheckpoint("best.numbanet", save_best_only=True)
    """

    def __init__(
        self, path, monitor="val_loss", verbose=0, save_best_only=False, save_weights_only=False, mode="auto"
    ):
        super().__init__(monitor, mode, verbose=verbose)
        self.path = os.fspath(path)
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.best = None

    def on_epoch_end(self, epoch, logs=None):
        if self.save_best_only:
            value = self.current(logs)
            if not self.is_better(value, self.best):
                return
            self.best = value
        try:
            path = self.path.format(epoch=epoch + 1, **(logs or {}))
        except (KeyError, IndexError, ValueError) as error:
            there = ", ".join(["epoch", *(logs or {})])
            raise ArgumentError(f"ModelCheckpoint: {self.path!r} cannot be filled in ({error}) from {there}") from None
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)
        self.say(epoch, f"saved {path}")


class _RateSetter:
    """What callbacks share that set the learning rate: a schedule of the optimizer would be lost, so it is refused."""

    def optimizer_of(self, model):
        """The optimizer of `model`; ArgumentError when its learning rate is a schedule."""
        if getattr(model.optimizer, "schedule", None) is not None:
            raise ArgumentError(f"{type(self).__name__}: the optimizer has a schedule, {model.optimizer.schedule!r}")
        return model.optimizer


class ReduceLROnPlateau(_RateSetter, _Monitor):
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
        When a setting is wrong, the logs have no such name, or the optimizer has a schedule.

    References
    ----------
    Keras 3, `ReduceLROnPlateau`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=2)
    """

    def __init__(
        self, monitor="val_loss", factor=0.1, patience=10, verbose=0, mode="auto", min_delta=1e-4, cooldown=0,
        min_lr=0.0,
    ):  # fmt: skip
        super().__init__(monitor, mode, min_delta, verbose)
        self.factor = as_number("factor", factor, 0)
        if self.factor >= 1:
            raise ArgumentError(f"ReduceLROnPlateau: factor must be below 1, got {factor!r}")
        self.patience = as_count("patience", patience)
        self.cooldown = as_count("cooldown", cooldown)
        self.min_lr = as_number("min_lr", min_lr, 0)
        self.on_train_begin()

    def on_train_begin(self, logs=None):
        self.best, self.wait, self.cooling = None, 0, 0

    def on_epoch_end(self, epoch, logs=None):
        value = self.current(logs)
        optimizer = self.optimizer_of(self.model)
        logs["learning_rate"] = optimizer.learning_rate
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


class LearningRateScheduler(_RateSetter, Callback):
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
        When `schedule` is no function, returns no rate, or the optimizer has a schedule.

    References
    ----------
    Keras 3, `LearningRateScheduler`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    """

    def __init__(self, schedule, verbose=0):
        if not callable(schedule):
            raise ArgumentError(f"LearningRateScheduler: schedule must be a function, got {schedule!r}")
        self.schedule = schedule
        self.verbose = verbose
        self._takes_rate = _accepts(schedule, 0, 0.0)

    def on_epoch_begin(self, epoch, logs=None):
        optimizer = self.optimizer_of(self.model)
        optimizer.learning_rate = self.schedule(epoch, optimizer.learning_rate) if self._takes_rate else self.schedule(epoch)
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate is now {optimizer.learning_rate:g}")

    def on_epoch_end(self, epoch, logs=None):
        logs["learning_rate"] = self.model.optimizer.learning_rate


def _accepts(function, *arguments):
    try:
        inspect.signature(function).bind(*arguments)
    except (TypeError, ValueError):
        return False
    return True
