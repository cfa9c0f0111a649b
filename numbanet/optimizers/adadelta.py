"""Adadelta: steps in units of earlier steps, divided by the root of the mean of squared gradients."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import fraction, not_negative
from numbanet.typing import Array, Config, Options, Rate, Real

_adadelta = Kernel(loops.adadelta, cost=0.5)


class Adadelta(Optimizer):
    """Steps in units of the steps before, divided by the root of a running mean of squared gradients.

    With running means `s` of `g**2` and `d` of `step**2`: `step = sqrt(d + epsilon) / sqrt(s + epsilon) * g` and
    `w -= learning_rate * step`. The original rule has a learning rate of 1.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    rho : float
        From 0 to 1: how much of the means stays.
    epsilon : float
        Keeps the divisor away from 0, and gives the first steps their size.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Zeiler: ADADELTA: An Adaptive Learning Rate Method, 2012, arXiv:1212.5701. Keras 3, `Adadelta`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.Adadelta(1.0, rho=0.0, epsilon=1.0).apply_gradients(zip([[0.0, 1.0]], [w]))
    1
    >>> w.numpy().round(3)
    array([1.   , 1.293], dtype=float32)
    """

    rho: float
    epsilon: float
    settings: ClassVar = {**Optimizer.settings, "rho": fraction, "epsilon": not_negative}

    def __init__(
        self, learning_rate: Rate = 0.001, rho: Real = 0.95, epsilon: Real = 1e-7, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        self._set(rho=rho, epsilon=epsilon)

    def slots(self) -> tuple[str, ...]:
        return ("accumulated_grad", "accumulated_delta_var")

    rule_is_launches = True

    def update(self, w: Array, g: Array, state: list[Array], rate: float) -> None:
        _adadelta(w.size, w, g, *state, rate, self.rho, 1 - self.rho, self.epsilon)

    def get_config(self) -> Config:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
