"""RMSprop: steps are divided by the root of a running mean of squared gradients."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import flag, fraction, memory, not_negative
from numbanet.typing import Array, Config, Options, Rate, Real

_RMSPROP = {  # by (centered, with momentum)
    (False, False): Kernel(loops.rmsprop, cost=0.25),
    (False, True): Kernel(loops.rmsprop_momentum, cost=0.3),
    (True, False): Kernel(loops.rmsprop_centered, cost=0.35),
    (True, True): Kernel(loops.rmsprop_centered_momentum, cost=0.4),
}


class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of squared gradients.

    `s = rho * s + (1 - rho) * g**2` and `w -= learning_rate * g / sqrt(s + epsilon)`. With momentum,
    `m = momentum * m + learning_rate * g / sqrt(s + epsilon)` and `w -= m`. Centered, with
    `a = rho * a + (1 - rho) * g`, it is `s - a**2` that stands under the root.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    rho : float
        From 0 to below 1: how much of the mean stays.
    momentum : float
        From 0 to 1.
    epsilon : float
        Keeps the root away from 0.
    centered : bool
        Divide by the deviation of gradients from their mean.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Hinton: Neural Networks for Machine Learning, lecture 6e, 2012. Centered: Graves: Generating Sequences With
    Recurrent Neural Networks, 2013, arXiv:1308.0850. Keras 3, `RMSprop`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.RMSprop(0.1).apply_gradients(zip([[10.0, -0.1]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.68, 2.32], dtype=float32)
    """

    rho: float
    momentum: float
    epsilon: float
    centered: bool
    settings: ClassVar = {
        **Optimizer.settings,
        "rho": memory,
        "momentum": fraction,
        "epsilon": not_negative,
        "centered": flag,
    }

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        rho: Real = 0.9,
        momentum: Real = 0.0,
        epsilon: Real = 1e-7,
        centered: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self._set(rho=rho, momentum=momentum, epsilon=epsilon, centered=centered)

    def slots(self) -> tuple[str, ...]:
        return ("velocity", *("average_gradient",) * self.centered, *("momentum",) * (self.momentum > 0))

    rule_is_launches = True

    def update(self, w: Array, g: Array, state: list[Array], rate: float) -> None:
        kernel = _RMSPROP[self.centered, self.momentum > 0]
        numbers = (rate, self.rho, 1 - self.rho, self.epsilon, *(self.momentum,) * (self.momentum > 0))
        kernel(w.size, w, g, *state, *numbers)

    def get_config(self) -> Config:
        own = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}
        return {**super().get_config(), **own}
