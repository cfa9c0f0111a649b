"""Callbacks: what happens between epochs and batches of `fit`. One's own subclass `Callback`."""

from typing import TYPE_CHECKING

from numbanet.callbacks.base import Callback, CallbackList, LambdaCallback
from numbanet.callbacks.logs import CSVLogger, History
from numbanet.callbacks.monitors import EarlyStopping, ModelCheckpoint
from numbanet.callbacks.progress import EpochLines, ProgressBar
from numbanet.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau
from numbanet.core.missing import only

__all__ = [
    "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "EpochLines", "History", "LambdaCallback",
    "LearningRateScheduler", "ModelCheckpoint", "ProgressBar", "ReduceLROnPlateau",
]  # fmt: skip

_MISSING = {
    "TensorBoard": "nn.callbacks.CSVLogger writes a file of logs, and nn.plotting.history draws curves",
    "BackupAndRestore": "nn.callbacks.ModelCheckpoint writes the model, which nn.load_model reads",
    "TerminateOnNaN": "nn.debug.nans() finds the operation that gives one",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.callbacks", __all__, _MISSING)
