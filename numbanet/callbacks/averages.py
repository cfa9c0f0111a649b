"""Evaluation with the averages of weights that an optimizer keeps."""

from __future__ import annotations

from typing import Any

from numbanet.callbacks.base import Callback
from numbanet.core.checks import as_flag
from numbanet.errors import ArgumentError
from numbanet.optimizers import averages


class SwapEMAWeights(Callback):
    """Evaluates and predicts with the averages of the weights, and then puts the weights back.

    For optimizers with `use_ema=True`; in `fit` this is about validation.

    Parameters
    ----------
    swap_on_epoch : bool
        Whether the averages are in the model at the end of each epoch too, for callbacks behind this one, such as
        `ModelCheckpoint`.

    Raises
    ------
    ArgumentError
        When the optimizer of the model keeps no averages.

    References
    ----------
    Keras 3, `SwapEMAWeights`.

    Examples
    --------
    >>> import numbanet as nn
    >>> callback = nn.callbacks.SwapEMAWeights()
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        self.swap_on_epoch = as_flag("SwapEMAWeights: swap_on_epoch", swap_on_epoch)

    def _check_before(self, model, names, grows):
        super()._check_before(model, names, grows)
        _require_averages(model.optimizer)

    def _put(self, inside):
        """Have the averages in the model, or the weights."""
        optimizer = self.model.optimizer
        _require_averages(optimizer)
        if optimizer.holds_averages != inside:
            averages.swap(optimizer, optimizer.variables)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._put(False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.swap_on_epoch:
            self._put(True)

    def on_train_abort(self) -> None:
        self._put(False)

    def on_test_begin(self, logs: Any = None) -> None:
        self._put(True)

    def on_test_end(self, logs: Any = None) -> None:
        self._put(False)

    def on_test_abort(self) -> None:
        self._put(False)

    def on_predict_begin(self, logs: Any = None) -> None:
        self._put(True)

    def on_predict_end(self, logs: Any = None) -> None:
        self._put(False)

    def on_predict_abort(self) -> None:
        self._put(False)


def _require_averages(optimizer):
    if optimizer is None or not optimizer.use_ema:
        raise ArgumentError("SwapEMAWeights: the optimizer keeps no averages; give it use_ema=True")
