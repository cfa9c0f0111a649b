"""Nadam: Adam with Nesterov's momentum."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import memory, not_negative
from numbanet.typing import Array, Config, Options, Rate, Real

_nadam = Kernel(loops.nadam, cost=0.4)


class Nadam(Optimizer):
    """Adam with Nesterov's momentum, whose strength rises from step to step.

    With `u(t) = beta_1 * (1 - 0.5 * 0.96**t)` and `U(t) = u(1) * ... * u(t)`, and m and v as in Adam:
    `w -= learning_rate * (u(t + 1) * m / (1 - U(t + 1)) + (1 - u(t)) * g / (1 - U(t))) / (sqrt(v / (1 - beta_2**t)) +
    epsilon)`.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        From 0 to below 1: how much of the means stays.
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
    Dozat: Incorporating Nesterov Momentum into Adam, 2016, algorithm 2 and its appendix. Keras 3, `Nadam`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.Nadam(0.1).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.89, 2.11], dtype=float32)
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
        self._product = {0: 1.0}

    followed_by_replay: ClassVar = ("_product", *Optimizer.followed_by_replay)

    def slots(self) -> tuple[str, ...]:
        return ("momentum", "velocity")

    def _strength(self, step):
        return self.beta_1 * (1 - 0.5 * 0.96**step)

    def _strengths_until(self, step):
        """Return U(step), continued from the nearest step before it that is known."""
        known = max(known for known in self._product if known <= step)
        product = self._product[known]
        for t in range(known + 1, step + 1):
            product *= self._strength(t)
        kept = self._product if len(self._product) < 16 else {0: 1.0}
        self._product = kept | {step: product}
        return product

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        now, next_one = self._strength(step), self._strength(step + 1)
        product = self._strengths_until(step)
        of_gradient = (1 - now) / (1 - product)
        of_momentum = next_one / (1 - product * next_one)
        of_square = 1 / (1 - self.beta_2**step)
        return rate, 1 - self.beta_1, 1 - self.beta_2, self.epsilon, of_gradient, of_momentum, of_square

    rule_is_launches = True

    def update(self, w: Array, g: Array, state: list[Array], *numbers: float) -> None:
        _nadam(w.size, w, g, *state, *numbers)

    def get_config(self) -> Config:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
