"""Callbacks that watch one number of the logs: stopping when it no longer improves, saving when it does."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from numbanet.callbacks.base import Callback
from numbanet.core.checks import as_count, as_flag, as_number
from numbanet.core.hooks import is_overridden
from numbanet.errors import ArgumentError, unknown_name
from numbanet.losses import LOSSES
from numbanet.metrics import METRICS
from numbanet.typing import FilePath, Integer, Mode, Real


class Monitor(Callback):
    """What callbacks share that watch one number of the logs: which one, and what is better."""

    def __init__(self, monitor: str, mode: Mode, min_delta: Real = 0.0, verbose: int = 0) -> None:
        if not isinstance(mode, str) or mode not in ("auto", "min", "max"):
            raise unknown_name(f"mode of {type(self).__name__}", mode, ("auto", "min", "max"))
        self.monitor = monitor
        self.mode = mode
        self.min_delta: float = abs(as_number("min_delta", min_delta))
        self.verbose: int = verbose

    def current(self, logs: Any) -> float | None:
        """Return the number that is watched, None in epochs without validation; ArgumentError if it is never there."""
        logs = logs or {}
        if self.monitor.startswith("val_") and self.monitor not in logs and self.params.get("validation_freq", 1) > 1:
            return None
        self._require(logs)
        return float(logs[self.monitor])

    def _require(self, names):
        if self.monitor not in names:
            there = ", ".join(names) or "nothing"
            hint = "; fit needs validation data for it" if self.monitor.startswith("val_") else ""
            raise ArgumentError(f"{type(self).__name__}: monitor {self.monitor!r} is not in the logs ({there}){hint}")

    def _watches(self):
        """Return whether the monitor matters."""
        return True

    def _check_before(self, model, names, grows):
        super()._check_before(model, names, grows)
        if self._watches() and not is_overridden(self, "on_epoch_end", "current", "is_better"):
            if not grows:
                self._require(sorted(names))
            self.direction(model)

    def direction(self, model: Any = None) -> str:
        """Return which way is better, "min" or "max": as given, or as the name and the metrics of the model tell."""
        if self.mode != "auto":
            return self.mode
        name = self.monitor.removeprefix("val_")
        if name == "loss" or name in getattr(getattr(model or self.model, "loss", None), "logged", ()):
            return "min"
        for metric in getattr(model or self.model, "metrics", None) or ():
            if metric.name == name and metric.direction:
                return metric.direction
        known = METRICS[name].direction if name in METRICS else None
        if known:
            return known
        if name in LOSSES:
            return "min"
        raise ArgumentError(
            f"{type(self).__name__}: unclear whether {self.monitor!r} should rise or fall; give mode 'max' or 'min'"
        )

    def is_better(self, value: float, reference: float | None) -> bool:
        """Return whether `value` beats `reference`, if there is one yet, by more than `min_delta`; NaN never does."""
        sign = -1 if self.direction() == "min" else 1
        if math.isnan(value) or reference is None:
            return not math.isnan(value)
        return sign * (value - reference) > self.min_delta

    def say(self, epoch: int, text: str) -> None:
        """Print a line, where `verbose` asks for it."""
        if self.verbose:
            print(f"Epoch {epoch + 1}: {text}")


class EarlyStopping(Monitor):
    """Stops training when a number has not improved for a while.

    Parameters
    ----------
    monitor : str
        A name in the logs.
    min_delta : float
        What counts as improvement: more than this.
    patience : int
        Epochs in a row without improvement after which training stops; 0 means the same as 1.
    verbose : int
        1 prints a line when it stops.
    mode : {"auto", "min", "max"}
        Which way is better; auto knows losses and metrics.
    baseline : float, optional
        Also stop when none of the first `patience` epochs beats this by more than `min_delta`, whether the number
        improves meanwhile or not. (Keras waits for as long as it improves.)
    restore_best_weights : bool
        At the end of training, however it ended, go back to the weights of the best epoch: the first one that was
        looked at, until another is better.
    start_from_epoch : int
        Do not look at the epochs before: they count neither as the best nor for `patience`. Epochs are counted from 0.

    Raises
    ------
    ArgumentError
        When a setting is wrong; before training starts, when the logs will have no such name, or when it cannot be told
        which way is better.

    References
    ----------
    Prechelt: Early Stopping, But When?, 1998. Keras 3, `EarlyStopping`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.EarlyStopping("val_accuracy", patience=3, restore_best_weights=True)
    """

    def __init__(
        self, monitor: str = "val_loss", min_delta: Real = 0.0, patience: Integer = 0, verbose: int = 0,
        mode: Mode = "auto", baseline: Real | None = None, restore_best_weights: bool = False,
        start_from_epoch: Integer = 0,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, min_delta, verbose)
        self.patience: int = as_count("patience", patience)
        self.baseline: float | None = None if baseline is None else as_number("baseline", baseline)
        self.restore_best_weights = as_flag("EarlyStopping: restore_best_weights", restore_best_weights)
        self.start_from_epoch: int = as_count("start_from_epoch", start_from_epoch)
        self.on_train_begin()

    def on_train_begin(self, logs: Any = None) -> None:
        self.wait: int = 0
        self.looked_at: int = 0
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.best_weights: list[Any] | None = None
        self.stopped_epoch: int | None = None
        self.baseline_beaten: bool = self.baseline is None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        value = self.current(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        better = self.is_better(value, self.best)
        if better:
            self.best = value
        if better or self.best_epoch is None:
            self.best_epoch = epoch
            if self.restore_best_weights:
                self.best_weights = [weight.copy() for weight in self.model.get_weights()]
        self.wait = 0 if better else self.wait + 1
        self.looked_at += 1
        self.baseline_beaten = self.baseline_beaten or self.is_better(value, self.baseline)
        patience = max(self.patience, 1)
        if self.wait >= patience or (not self.baseline_beaten and self.looked_at >= patience):
            self.stopped_epoch = epoch
            self.model.stop_training = True
            self.say(epoch, "early stopping")

    def on_train_abort(self) -> None:
        self.on_train_end()

    def on_train_end(self, logs: Any = None) -> None:
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)


class ModelCheckpoint(Monitor):
    """Saves the model after every epoch, or after every epoch that is the best so far.

    Parameters
    ----------
    filepath : str or pathlib.Path
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
        When a setting is wrong, or the logs lack a name that is needed: before training starts, as far as it is known
        then what will be in the logs.
    NotBuiltError
        Before training starts, when the model could not be saved; see `Sequential.save`.

    References
    ----------
    Keras 3, `ModelCheckpoint`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.ModelCheckpoint("best.numbanet", save_best_only=True)
    """

    def __init__(
        self,
        filepath: FilePath,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: Mode = "auto",
    ) -> None:
        super().__init__(monitor, mode, verbose=verbose)
        self.filepath: str = os.fspath(filepath)
        self.save_best_only = as_flag("ModelCheckpoint: save_best_only", save_best_only)
        self.save_weights_only = as_flag("ModelCheckpoint: save_weights_only", save_weights_only)
        self.best: float | None = None

    def _watches(self):
        return self.save_best_only

    def _check_before(self, model, names, grows):
        super()._check_before(model, names, grows)
        if is_overridden(self, "on_epoch_end"):
            return
        seldom = self.params.get("validation_freq", 1) > 1 and not (self._watches() and self.monitor.startswith("val_"))
        there = [name for name in sorted(names) if not (seldom and name.startswith("val_"))]  # after every epoch
        path = self.filepath if grows else self._filled(0, dict.fromkeys(there, 1.0))
        model.check_savable(path, weights_only=bool(self.save_weights_only))

    def _filled(self, epoch, logs):
        try:
            return self.filepath.format(epoch=epoch + 1, **logs)
        except (KeyError, IndexError, ValueError) as error:
            there = ", ".join(["epoch", *logs])
            raise ArgumentError(
                f"ModelCheckpoint: {self.filepath!r} cannot be filled in ({error}) from {there}"
            ) from None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.save_best_only:
            value = self.current(logs)
            if value is None or not self.is_better(value, self.best):
                return
            self.best = value
        path = self._filled(epoch, logs or {})
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)
        self.say(epoch, f"saved {path}")
