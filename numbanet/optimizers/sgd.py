"""Gradient descent, with or without momentum."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import flag, fraction
from numbanet.typing import Array, Config, Options, Rate, Real

_sgd, _momentum = Kernel(loops.sgd, cost=0.15), Kernel(loops.momentum, cost=0.2)


class SGD(Optimizer):
    """Gradient descent: `w -= learning_rate * g`, with momentum if asked for.

    With momentum, `m = momentum * m - learning_rate * g` and `w += m`; with Nesterov's,
    `w += momentum * m - learning_rate * g`.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
    momentum : float
        From 0 to 1: how much of the last step is taken again.
    nesterov : bool
        Look ahead along the momentum.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range.

    References
    ----------
    Sutskever, Martens, Dahl, Hinton: On the importance of initialization and momentum, 2013. Keras 3, `SGD`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> nn.optimizers.SGD(0.5).apply_gradients(zip([[1.0, -1.0]], [w]))
    1
    >>> w
    Variable([0.5, 2.5], shape=(2,), dtype=float32)
    """

    momentum: float
    nesterov: bool
    settings: ClassVar = {**Optimizer.settings, "momentum": fraction, "nesterov": flag}

    def __init__(
        self, learning_rate: Rate = 0.01, momentum: Real = 0.0, nesterov: bool = False, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        self._set(momentum=momentum, nesterov=nesterov)

    def slots(self) -> tuple[str, ...]:
        return ("momentum",) if self.momentum else ()

    rule_is_launches = True

    @property
    def zeros_change_nothing(self) -> bool:
        return not (self.momentum or self.weight_decay or self.use_ema or self.gradient_accumulation_steps)

    def update(self, w: Array, g: Array, state: list[Array], rate: float) -> None:
        if state:
            _momentum(w.size, w, g, *state, rate, self.momentum, self.nesterov)
        else:
            _sgd(w.size, w, g, rate)

    def get_config(self) -> Config:
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
