"""Optimizers: from gradients to better weights. Names, defaults and update rules are Keras 3's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.core.names import built_in
from numbanet.core.registry import find
from numbanet.optimizers import legacy, schedules
from numbanet.optimizers.adadelta import Adadelta
from numbanet.optimizers.adagrad import Adagrad
from numbanet.optimizers.adam import Adam
from numbanet.optimizers.adamax import Adamax
from numbanet.optimizers.adamw import AdamW
from numbanet.optimizers.ftrl import Ftrl
from numbanet.optimizers.lion import Lion
from numbanet.optimizers.nadam import Nadam
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.rmsprop import RMSprop
from numbanet.optimizers.sgd import SGD
from numbanet.typing import Config

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "get",
    "legacy",
    "schedules",
]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    name.lower(): kind for name, kind in built_in(Optimizer).items() if kind is not Optimizer
}
"""The optimizers, by the names that `compile` takes."""


def get(identifier: str | Optimizer | type[Optimizer] | Config) -> Optimizer:
    """Return the optimizer that `identifier` stands for.

    Parameters
    ----------
    identifier : str, Optimizer, class or dict
        A name, with the default settings; an optimizer; a class of your own; what `describe` made of one.

    Returns
    -------
    Optimizer
        A new one, with the defaults of its class.

    Raises
    ------
    ArgumentError
        When there is no such optimizer; the message names the nearest one.

    References
    ----------
    Keras 3, `keras.optimizers.get`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.optimizers.get("rmsprop").rho
    0.9
    """
    return find("optimizer", identifier, OPTIMIZERS, Optimizer)


_INSTEAD = "numbanet has SGD, Adadelta, Adagrad, Adam, AdamW, Adamax, Ftrl, Lion, Nadam and RMSprop"
_MISSING = {
    "Adafactor": _INSTEAD,
    "Lamb": _INSTEAD,
    "LossScaleOptimizer": "numbanet has no half precision, and so no scaling of losses",
    "Muon": _INSTEAD,
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.optimizers", __all__, _MISSING)
