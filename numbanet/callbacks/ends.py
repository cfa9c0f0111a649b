"""Callbacks about how training ends: at a loss that is not a number, or broken off, to go on later."""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path
from typing import Any

from numbanet.callbacks.base import Callback
from numbanet.core.checks import as_flag
from numbanet.errors import ArgumentError, DataError, NumericError
from numbanet.typing import FilePath


class TerminateOnNaN(Callback):
    """Stops training after the batch with which the loss becomes NaN or infinite.

    Steps are still replayed, but one at a time. `nn.debug.nans` finds the operation that gives the first NaN.

    Parameters
    ----------
    raise_error : bool
        Whether to raise instead: then `on_train_end` of callbacks is not called.

    Raises
    ------
    NumericError
        With `raise_error`, in place of stopping.

    References
    ----------
    Keras 3, `TerminateOnNaN`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.TerminateOnNaN()
    """

    _sees_each_step = True

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = as_flag("TerminateOnNaN: raise_error", raise_error)

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise NumericError(f"the loss is {float(loss)} after batch {batch}")
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True


class BackupAndRestore(Callback):
    """Keeps a file from which a run that was broken off goes on: call `fit` again in the same way.

    It has the weights, the optimizer's state and learning rate, the number of the next epoch, the state of the
    generator that `rng` stands for, and, with `steps_per_epoch`, which samples are left. A run over arrays therefore
    ends with the same bytes as one that was never broken off, if it does everything else in the same way. Generators
    and other iterables begin anew. What other callbacks have counted is not kept, and `History` has the epochs that are
    left.

    The file is written after each epoch, beside the old one, which it then replaces: a kill at any moment leaves one of
    them. Put this callback behind others that change the model at the end of an epoch.

    Parameters
    ----------
    backup_dir : str or pathlib.Path
        A folder for the file; made if it is not there.
    save_freq : "epoch"
        Other values of Keras are refused.
    double_checkpoint : bool
        Whether to keep the file before the last one as well, from which training goes on if the last one is damaged.
    delete_checkpoint : bool
        Whether to remove the files when training is complete.

    Raises
    ------
    ArgumentError
        When a setting is wrong.
    NotBuiltError
        When there is something to restore, and the model has no weights yet: with batches from an iterable, build it
        first.
    DataError
        When the file is damaged, or of another model, optimizer or data.

    References
    ----------
    Keras 3, `BackupAndRestore`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.BackupAndRestore("backup")
    """

    def __init__(
        self,
        backup_dir: FilePath,
        save_freq: str = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if not os.fspath(backup_dir):
            raise ArgumentError("BackupAndRestore: backup_dir must be the path of a folder, got an empty one")
        if save_freq != "epoch":
            raise ArgumentError(f"BackupAndRestore: save_freq must be 'epoch', got {save_freq!r}")
        self.backup_dir: str = os.fspath(backup_dir)
        self.save_freq: str = save_freq
        self.double_checkpoint = as_flag("BackupAndRestore: double_checkpoint", double_checkpoint)
        self.delete_checkpoint = as_flag("BackupAndRestore: delete_checkpoint", delete_checkpoint)

    @property
    def _files(self):
        return Path(self.backup_dir) / "latest.numbanet", Path(self.backup_dir) / "previous.numbanet"

    def on_train_begin(self, logs: Any = None) -> None:
        run, (latest, previous) = self.model._trainer.run, self._files
        if not latest.exists():
            if previous.exists():
                run.go_on(self.model, previous)
            return
        try:
            run.go_on(self.model, latest)
        except DataError:
            if not previous.exists():
                raise
            run.go_on(self.model, previous)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        latest, previous = self._files
        latest.parent.mkdir(parents=True, exist_ok=True)
        if self.double_checkpoint and latest.exists():
            os.replace(latest, previous)
        self.model._trainer.run.back_up(self.model, latest)

    def on_train_end(self, logs: Any = None) -> None:
        if self.delete_checkpoint:
            for file in self._files:
                file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # it has files of others
                Path(self.backup_dir).rmdir()
