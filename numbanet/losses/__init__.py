"""Losses: what training makes small. Each is a function, one loss per sample, and a class, the mean of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.core.names import FUNCTIONS, built_in
from numbanet.core.registry import find
from numbanet.losses.crossentropies import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from numbanet.losses.divergences import KLDivergence, kl_divergence
from numbanet.losses.errors import (
    LogCosh,
    MeanAbsolutePercentageError,
    MeanSquaredLogarithmicError,
    Poisson,
    log_cosh,
    mean_absolute_percentage_error,
    mean_squared_logarithmic_error,
    poisson,
)
from numbanet.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
)
from numbanet.losses.hinges import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from numbanet.losses.loss import FunctionLoss, Loss
from numbanet.losses.overlap import Dice, Tversky, dice, tversky
from numbanet.losses.regression import (
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    huber,
    mean_absolute_error,
    mean_squared_error,
)
from numbanet.losses.regression import mean_absolute_error as MAE
from numbanet.losses.regression import mean_absolute_error as mae
from numbanet.losses.regression import mean_squared_error as MSE
from numbanet.losses.regression import mean_squared_error as mse
from numbanet.losses.sequences import CTC, ctc
from numbanet.losses.similarity import CosineSimilarity, cosine_similarity
from numbanet.typing import LossLike

__all__ = [
    "CTC",
    "LOSSES",
    "MAE",
    "MSE",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Dice",
    "FunctionLoss",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "cosine_similarity",
    "ctc",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mae",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]  # fmt: skip

LOSSES: dict[str, type[Loss]] = {kind.function.__name__: kind for kind in built_in(Loss).values() if kind.function}
_SHORT: dict[str, type[Loss]] = {
    "bce": BinaryCrossentropy,
    "kld": KLDivergence,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
}
LOSSES |= _SHORT | {name.upper(): kind for name, kind in _SHORT.items()}
"""By the names that `compile` takes: those of the functions, and six short ones, also in capitals, as in Keras."""
FUNCTIONS.update({known.function.__name__: known.function for known in LOSSES.values() if known.function})


def get(identifier: LossLike) -> Loss:
    """Return the loss object that `identifier` stands for.

    Parameters
    ----------
    identifier : str, Loss, class, dict or callable
        A name, a loss, a class, what `describe` made of a loss, or a function `f(y_true, y_pred)`.

    Returns
    -------
    Loss
        An object that takes targets and predictions.

    Raises
    ------
    ArgumentError
        When there is no such loss; the message names the nearest one.

    References
    ----------
    Keras 3, `keras.losses.get`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.losses.get("mse")
    MeanSquaredError()
    >>> nn.losses.get(nn.losses.sparse_categorical_crossentropy)
    SparseCategoricalCrossentropy(from_logits=False)
    """
    for known in LOSSES.values():
        if identifier is known.function:
            return known()
    found = find("loss", identifier, LOSSES, Loss, functions=True)
    return found if isinstance(found, Loss) else FunctionLoss(found)


_MISSING = {
    "Circle": "numbanet has no losses of pairs of samples",
    "circle": "numbanet has no losses of pairs of samples",
    "kld": "it is called kl_divergence",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.losses", __all__, _MISSING)
