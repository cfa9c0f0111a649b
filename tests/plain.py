"""Plain runs of `fit`, `evaluate` and `predict`: every op is called from Python. Replays are compared with them."""

import contextlib
from unittest import mock

from numbanet.callbacks import Callback
from numbanet.graph.recorded import RecordedStep
from numbanet.kernels.recording import CannotRecord
from numbanet.training import evaluation, trainer


def _refuse(*args, **kwargs):
    raise CannotRecord("the test wants a plain run")


@contextlib.contextmanager
def plain_run():
    """Inside the block, nothing is recorded, nor even traced."""
    with (
        mock.patch.object(trainer, "Engine", _refuse),
        mock.patch.object(RecordedStep, "_lower", _refuse),
        mock.patch.object(evaluation, "Function", lambda function: function),
    ):
        yield


class Listener(Callback):
    """Listens to batches, so that training runs eagerly."""

    def on_batch_end(self, batch, logs=None):
        pass
