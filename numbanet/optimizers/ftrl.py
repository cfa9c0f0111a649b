"""FTRL: weights that are computed anew from all gradients so far, some of them exactly zero."""

from __future__ import annotations

from typing import ClassVar, Unpack

from numbanet.core.checks import as_number
from numbanet.errors import ArgumentError
from numbanet.launching.launch import Kernel
from numbanet.loops import optimizers as loops
from numbanet.optimizers.optimizer import Optimizer
from numbanet.optimizers.settings import not_negative
from numbanet.typing import Array, Config, Options, Rate, Real

_ftrl, _with_power = Kernel(loops.ftrl, cost=0.8), Kernel(loops.ftrl_with_power, cost=10.0)


def _not_positive(name, value):
    """Return a number up to 0."""
    return as_number(name, value, high=0)


class Ftrl(Optimizer):
    """Follow the regularized leader: weights are computed anew from all gradients so far.

    With `s` the sum of squared gradients, `n = s + g**2` and `p = -learning_rate_power`:
    `z += g + 2 * l2_shrinkage * w - (n**p - s**p) / learning_rate * w`, and then
    `w = (clip(z, -l1, l1) - z) / (n**p / learning_rate + 2 * l2 + beta / learning_rate)`. With `l1` above 0, many
    weights are exactly zero. First weights play no part: those of which all gradients are zero become 0.

    Parameters
    ----------
    learning_rate : float or LearningRateSchedule
        Above 0.
    learning_rate_power : float
        0 or below: how fast steps become smaller; 0 for steps of one size.
    initial_accumulator_value : float
        Where the sums start.
    l1_regularization_strength, l2_regularization_strength : float
        Of penalties.
    l2_shrinkage_regularization_strength : float
        Of a penalty on the size of weights, which counts where there is a gradient.
    beta : float
        As in the paper.
    **options
        `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm` and others: see `Optimizer`.

    Raises
    ------
    ArgumentError
        When a number is out of its range, or when a learning rate is 0, by which the rule divides.

    Notes
    -----
    Where `initial_accumulator_value` and the penalties are 0, a weight stays as it is until it has a gradient; in Keras
    it becomes NaN.

    References
    ----------
    McMahan et al.: Ad Click Prediction: a View from the Trenches, 2013, algorithm 1. Keras 3, `Ftrl`.

    Examples
    --------
    >>> import numbanet as nn
    >>> w = nn.Variable([1.0, 2.0])
    >>> optimizer = nn.optimizers.Ftrl(0.1, initial_accumulator_value=1.0, l1_regularization_strength=0.5)
    >>> optimizer.apply_gradients(zip([[0.1, -1.0]], [w]))
    1
    >>> w.numpy().round(2)
    array([0.  , 0.62], dtype=float32)
    """

    learning_rate_power: float
    l1_regularization_strength: float
    l2_regularization_strength: float
    l2_shrinkage_regularization_strength: float
    beta: float
    settings: ClassVar = {
        **Optimizer.settings,
        "learning_rate_power": _not_positive,
        "first_state": not_negative,
        "l1_regularization_strength": not_negative,
        "l2_regularization_strength": not_negative,
        "l2_shrinkage_regularization_strength": not_negative,
        "beta": not_negative,
    }

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        learning_rate_power: Real = -0.5,
        initial_accumulator_value: Real = 0.1,
        l1_regularization_strength: Real = 0.0,
        l2_regularization_strength: Real = 0.0,
        l2_shrinkage_regularization_strength: Real = 0.0,
        beta: Real = 0.0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.first_state = not_negative("initial_accumulator_value", initial_accumulator_value)
        self._set(
            learning_rate_power=learning_rate_power,
            l1_regularization_strength=l1_regularization_strength,
            l2_regularization_strength=l2_regularization_strength,
            l2_shrinkage_regularization_strength=l2_shrinkage_regularization_strength,
            beta=beta,
        )

    def slots(self) -> tuple[str, ...]:
        return ("accumulator", "linear")

    def first_of(self, slot: str) -> float:
        return self.first_state if slot == "accumulator" else 0.0

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        if not rate:
            raise ArgumentError("Ftrl: learning_rate must be above 0, since the rule divides by it")
        return rate, 2 * self.l2_regularization_strength + self.beta / rate

    rule_is_launches = True

    def update(self, w: Array, g: Array, state: list[Array], rate: float, l2: float) -> None:
        l1, shrinkage = self.l1_regularization_strength, 2 * self.l2_shrinkage_regularization_strength
        if self.learning_rate_power == -0.5:
            _ftrl(w.size, w, g, *state, rate, l1, l2, shrinkage)
        else:
            _with_power(w.size, w, g, *state, rate, -self.learning_rate_power, l1, l2, shrinkage)

    def get_config(self) -> Config:
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.first_state,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
