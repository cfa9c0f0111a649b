"""Adam: running means of gradients and of their squares."""

from __future__ import annotations

import math
from typing import ClassVar, Unpack

from numbanet.core.moved import former
from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import flag, memory, not_negative
from numbanet.typing import Array, Config, Options, Rate, Real

_adam, _amsgrad = Kernel(loops.adam, cost=0.35), Kernel(loops.amsgrad, cost=0.4)


class Adam(Optimizer):
    """Momentum, divided by the root of a running mean of squares, both corrected for having started at 0.

    `m += (1 - beta_1) * (g - m)`, `v += (1 - beta_2) * (g**2 - v)` and
    `w -= learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + epsilon)` in step t.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    beta_1, beta_2 : float
        From 0 to below 1: how much of the means stays.
    epsilon : float
        Keeps the divisor away from 0.
    amsgrad : bool
        Divide by the largest `v` so far.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Kingma and Ba: Adam, 2014, arXiv:1412.6980, end of section 2. AMSGrad: Reddi, Kale, Kumar: On the Convergence of
    Adam and Beyond, 2018, arXiv:1904.09237. Keras 3, `Adam`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.Adam(0.1).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.9, 2.1], dtype=float32)
    """

    beta_1: float
    beta_2: float
    epsilon: float
    amsgrad: bool
    settings: ClassVar = {
        **Optimizer.settings,
        "beta_1": memory,
        "beta_2": memory,
        "epsilon": not_negative,
        "amsgrad": flag,
    }

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: Real = 0.9,
        beta_2: Real = 0.999,
        epsilon: Real = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self._set(beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, amsgrad=amsgrad)

    def slots(self) -> tuple[str, ...]:
        return ("momentum", "velocity", *("velocity_hat",) * self.amsgrad)

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        corrected = rate * math.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        return corrected, 1 - self.beta_1, 1 - self.beta_2, self.epsilon

    rule_is_launches = True

    def update(self, w: Array, g: Array, state: list[Array], *numbers: float) -> None:
        (_amsgrad if self.amsgrad else _adam)(w.size, w, g, *state, *numbers)

    def get_config(self) -> Config:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon, "amsgrad": self.amsgrad}
        return {**super().get_config(), **own}


__getattr__ = former("optimizers.adam")  # AdamW and Nadam were here
