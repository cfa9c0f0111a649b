"""Plain runs of `fit`, `evaluate` and `predict`: every op is called from Python. Replays are compared with them."""

import contextlib
from unittest import mock

from numbanet.kernels.recording import CannotRecord


def _refuse(*args, **kwargs):
    raise CannotRecord("the test wants a plain run")


@contextlib.contextmanager
def plain_run():
    """Inside the block, nothing is recorded, nor even traced."""
    with (
        mock.patch("numbanet.training.trainer.Engine", _refuse),
        mock.patch("numbanet.graph.recorded.RecordedStep._lower", _refuse),
        mock.patch("numbanet.training.evaluation.Function", lambda function: function),
    ):
        yield
