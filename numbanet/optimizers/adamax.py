"""Adamax: Adam with the largest gradient so far, which fades, in place of the mean of squares."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import memory, not_negative
from numbanet.typing import Array, Config, Options, Rate, Real

_adamax = Kernel(loops.adamax, cost=0.3)


class Adamax(Optimizer):
    """Adam with the infinity norm: steps divided by the largest gradient so far, which fades.

    `m += (1 - beta_1) * (g - m)`, `u = max(beta_2 * u, |g|)` and
    `w -= learning_rate / (1 - beta_1**t) * m / (u + epsilon)`.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        From 0 to below 1: how much of the mean and of the largest gradient stays.
    epsilon : float
        Keeps the divisor away from 0.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Kingma and Ba: Adam: A Method for Stochastic Optimization, 2014, arXiv:1412.6980, section 7.1. Keras 3, `Adamax`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.Adamax(0.1).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.9, 2.1], dtype=float32)
    """

    beta_1: float
    beta_2: float
    epsilon: float
    settings: ClassVar = {**Optimizer.settings, "beta_1": memory, "beta_2": memory, "epsilon": not_negative}

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: Real = 0.9,
        beta_2: Real = 0.999,
        epsilon: Real = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self._set(beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)

    def slots(self) -> tuple[str, ...]:
        return ("momentum", "norm")

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        return rate / (1 - self.beta_1**step), 1 - self.beta_1, self.beta_2, self.epsilon

    rule_is_launches = True

    def update(self, w: Array, g: Array, state: list[Array], *numbers: float) -> None:
        _adamax(w.size, w, g, *state, *numbers)

    def get_config(self) -> Config:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
