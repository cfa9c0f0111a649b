"""Callbacks: what happens between epochs and batches of `fit`. Your own subclass `Callback`."""

from typing import TYPE_CHECKING

from numbanet.callbacks.averages import SwapEMAWeights
from numbanet.callbacks.base import Callback, CallbackList, LambdaCallback
from numbanet.callbacks.ends import BackupAndRestore, TerminateOnNaN
from numbanet.callbacks.logs import CSVLogger, History
from numbanet.callbacks.monitors import EarlyStopping, ModelCheckpoint
from numbanet.callbacks.notebook import NotebookProgress
from numbanet.callbacks.progress import EpochLines, ProgressBar
from numbanet.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau
from numbanet.core.missing import only

__all__ = [
    "BackupAndRestore", "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "EpochLines", "History",
    "LambdaCallback", "LearningRateScheduler", "ModelCheckpoint", "NotebookProgress", "ProgressBar",
    "ReduceLROnPlateau", "SwapEMAWeights", "TerminateOnNaN",
]  # fmt: skip

_MISSING = {
    "ProgbarLogger": "it is called ProgressBar",
    "RemoteMonitor": "a callback of your own may send logs anywhere",
    "TensorBoard": "nn.callbacks.CSVLogger writes a file of logs, and nn.plotting.history draws curves",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.callbacks", __all__, _MISSING)
