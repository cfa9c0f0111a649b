"""Callbacks: what happens between epochs and batches of `fit`. One's own subclass `Callback`."""

from importlib import import_module

from numbanet.callbacks.base import Callback, CallbackList, LambdaCallback
from numbanet.callbacks.logs import CSVLogger, History
from numbanet.callbacks.monitors import EarlyStopping, ModelCheckpoint
from numbanet.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau

__all__ = [
    "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback", "LearningRateScheduler",
    "ModelCheckpoint", "ReduceLROnPlateau",
]  # fmt: skip


def __getattr__(name):
    """The callbacks of `numbanet.progress`, which is built on this package, when they are asked for."""
    if name in ("EpochLines", "ProgressBar"):
        return getattr(import_module("numbanet.progress"), name)
    raise AttributeError(f"module 'numbanet.callbacks' has no attribute {name!r}")
