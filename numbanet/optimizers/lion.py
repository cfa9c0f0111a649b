"""Lion: steps of one size, in the direction of the sign of a mean of gradients."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.core.checks import as_number
from numbanet.errors import ArgumentError
from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import fraction
from numbanet.typing import Array, Config, Options, Rate, Real

_lion = Kernel(loops.lion, cost=0.25)


def _above_zero(name, value):
    """Return a number above 0, up to 1: with 0 the rule would be the sign of the gradient alone."""
    number = as_number(name, value, 0, 1)
    if not number:
        raise ArgumentError(f"{name} must be above 0: with 0, momentum would count for nothing")
    return number


class Lion(Optimizer):
    """Steps of the size of the learning rate, along the sign of a mixture of momentum and gradient.

    `w -= learning_rate * sign(beta_1 * m + (1 - beta_1) * g)`, then `m = beta_2 * m + (1 - beta_2) * g`. Its learning
    rate is usually a third to a tenth of that of Adam, and its weight decay as much larger.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1 : float
        Above 0, up to 1: how much the momentum counts in a step.
    beta_2 : float
        From 0 to 1: how much of the momentum stays.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Chen et al.: Symbolic Discovery of Optimization Algorithms, 2023, arXiv:2302.06675. Keras 3, `Lion`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0, 3.0])
    >>> nn.optimizers.Lion(0.1).apply_gradients(zip([[10.0, -0.1, 0.0]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.9, 2.1, 3. ], dtype=float32)
    """

    beta_1: float
    beta_2: float
    settings: ClassVar = {**Optimizer.settings, "beta_1": _above_zero, "beta_2": fraction}

    def __init__(
        self, learning_rate: Rate = 0.001, beta_1: Real = 0.9, beta_2: Real = 0.99, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        self._set(beta_1=beta_1, beta_2=beta_2)

    def slots(self) -> tuple[str, ...]:
        return ("momentum",)

    rule_is_launches = True

    def update(self, w: Array, g: Array, state: list[Array], rate: float) -> None:
        _lion(w.size, w, g, *state, rate, self.beta_1, 1 - self.beta_1, self.beta_2, 1 - self.beta_2)

    def get_config(self) -> Config:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
