"""Adagrad: steps are divided by the root of the sum of squared gradients."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import not_negative
from numbanet.typing import Array, Config, Options, Rate, Real

_adagrad = Kernel(loops.adagrad, cost=0.25)


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients so far.

    `s += g**2` and `w -= learning_rate * g / sqrt(s + epsilon)`.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    initial_accumulator_value : float
        Where the sums start.
    epsilon : float
        Keeps the root away from 0.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Duchi, Hazan, Singer: Adaptive Subgradient Methods, 2011. Keras 3, `Adagrad`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.Adagrad(0.1, initial_accumulator_value=0.0).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.9, 2.1], dtype=float32)
    """

    epsilon: float
    settings: ClassVar = {**Optimizer.settings, "first_state": not_negative, "epsilon": not_negative}

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        initial_accumulator_value: Real = 0.1,
        epsilon: Real = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.first_state = not_negative("initial_accumulator_value", initial_accumulator_value)
        self._set(epsilon=epsilon)

    def slots(self) -> tuple[str, ...]:
        return ("accumulator",)

    rule_is_launches = True

    def update(self, w: Array, g: Array, state: list[Array], rate: float) -> None:
        _adagrad(w.size, w, g, *state, rate, self.epsilon)

    def get_config(self) -> Config:
        own = {"initial_accumulator_value": self.first_state, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
