"""Callbacks: what happens between epochs and batches of `fit`. One's own subclass `Callback`."""

from numbanet.callbacks.base import Callback, CallbackList, LambdaCallback
from numbanet.callbacks.logs import CSVLogger, History
from numbanet.callbacks.monitors import EarlyStopping, ModelCheckpoint
from numbanet.callbacks.progress import EpochLines, ProgressBar
from numbanet.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau

__all__ = [
    "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "EpochLines", "History", "LambdaCallback",
    "LearningRateScheduler", "ModelCheckpoint", "ProgressBar", "ReduceLROnPlateau",
]  # fmt: skip
