"""AdamW: Adam with weight decay."""

from __future__ import annotations

from typing import Unpack

from numbanet.errors import ArgumentError
from numbanet.optimizers.adam import Adam
from numbanet.typing import OtherOptions, Rate, Real


class AdamW(Adam):
    """Adam with weight decay: `w -= learning_rate * weight_decay * w` before every update.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    weight_decay : float
    beta_1, beta_2, epsilon, amsgrad
        As for `Adam`.
    **options
        `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`. `exclude_from_weight_decay` chooses
        variables to which weight decay does not apply.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Loshchilov and Hutter: Decoupled Weight Decay Regularization, 2017, arXiv:1711.05101. Keras 3, `AdamW`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.AdamW(0.1, weight_decay=0.5).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.85, 2.  ], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        weight_decay: Real | None = 0.004,
        beta_1: Real = 0.9,
        beta_2: Real = 0.999,
        epsilon: Real = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[OtherOptions],
    ) -> None:
        if weight_decay is None:
            raise ArgumentError("AdamW: weight_decay must be a number; without it, use Adam")
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)
