"""Learning rates that change from step to step: functions of how many updates there were before this one.

Any `f(step)` that returns a number will do; those of this file are Keras 3's and can be saved with a model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from numbanet.core.arguments import Explained, frozen
from numbanet.core.checks import as_number, keep_numbers, plain_number
from numbanet.core.missing import only
from numbanet.core.names import BASES
from numbanet.core.registry import find
from numbanet.errors import ArgumentError
from numbanet.typing import Config, Real

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "get",
]


class LearningRateSchedule(Explained):
    """Base class: a schedule is called with the step, 0 for the first update, and returns the learning rate.

    References
    ----------
    Keras 3, `keras.optimizers.schedules.LearningRateSchedule`.

    Examples
    --------
    >>> import numbanet as nn
    >>> class Halving(nn.optimizers.schedules.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.1 * 0.5**step
    >>> nn.optimizers.SGD(Halving()).learning_rate
    0.1
    """

    _former: ClassVar[dict[str, str]] = {"name": "schedules have no names here", "decay": "it is called decay_rate"}

    def __call__(self, step: int) -> float:
        """Return the learning rate for the update after `step` others: a float."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(step)")

    def get_config(self) -> Config:
        """Return the arguments that make an equal schedule: a dict for JSON."""
        return dict(vars(self))


BASES.append(LearningRateSchedule)


@frozen
class _Decay(LearningRateSchedule):
    """What the schedules below share: where they start, and how many steps they take."""

    initial_learning_rate: float
    decay_steps: float

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, initial_learning_rate: Real, decay_steps: Real) -> None: ...

    def __post_init__(self) -> None:
        keep_numbers(self, initial_learning_rate={"low": 0}, decay_steps={"positive": True})

    def _periods(self, step, staircase):
        periods = step / self.decay_steps
        return math.floor(periods) if staircase else periods


@frozen
class ExponentialDecay(_Decay):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Parameters
    ----------
    initial_learning_rate : float
    decay_steps : float
        Steps after which the rate is multiplied by `decay_rate`.
    decay_rate : float
    staircase : bool
        Round `step / decay_steps` down: the rate falls in stairs.

    Raises
    ------
    ArgumentError
        When a number is negative, or `decay_steps` is 0.

    References
    ----------
    Keras 3, `keras.optimizers.schedules.ExponentialDecay`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.optimizers.schedules.ExponentialDecay(0.1, 100, 0.5)(200)
    0.025
    """

    decay_rate: float
    staircase: bool = False

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(
            self, initial_learning_rate: Real, decay_steps: Real, decay_rate: Real, staircase: bool = False
        ) -> None: ...

    def __post_init__(self) -> None:
        super().__post_init__()
        keep_numbers(self, decay_rate={"low": 0})

    def __call__(self, step: float) -> float:
        return self.initial_learning_rate * self.decay_rate ** self._periods(step, self.staircase)


@frozen
class InverseTimeDecay(_Decay):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Parameters
    ----------
    initial_learning_rate : float
    decay_steps : float
    decay_rate : float
    staircase : bool
        Round `step / decay_steps` down: the rate falls in stairs.

    Raises
    ------
    ArgumentError
        When a number is negative, or `decay_steps` is 0.

    References
    ----------
    Keras 3, `keras.optimizers.schedules.InverseTimeDecay`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.5)(2)
    0.05
    """

    decay_rate: float
    staircase: bool = False

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(
            self, initial_learning_rate: Real, decay_steps: Real, decay_rate: Real, staircase: bool = False
        ) -> None: ...

    def __post_init__(self) -> None:
        super().__post_init__()
        keep_numbers(self, decay_rate={"low": 0})

    def __call__(self, step: float) -> float:
        return self.initial_learning_rate / (1 + self.decay_rate * self._periods(step, self.staircase))


@frozen
class PolynomialDecay(_Decay):
    """From one rate to another along `(1 - step / decay_steps) ** power`, and then no further.

    Parameters
    ----------
    initial_learning_rate : float
    decay_steps : float
    end_learning_rate : float
    power : float
        1 is a straight line.
    cycle : bool
        Do not stop at the end: stretch `decay_steps` to the next multiple that `step` has not passed.

    Raises
    ------
    ArgumentError
        When a number is negative, or `decay_steps` is 0.

    References
    ----------
    Keras 3, `keras.optimizers.schedules.PolynomialDecay`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.optimizers.schedules.PolynomialDecay(0.5, 100, end_learning_rate=0.0)(50)
    0.25
    """

    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(
            self,
            initial_learning_rate: Real,
            decay_steps: Real,
            end_learning_rate: Real = 0.0001,
            power: Real = 1.0,
            cycle: bool = False,
        ) -> None: ...

    def __post_init__(self) -> None:
        super().__post_init__()
        keep_numbers(self, end_learning_rate={"low": 0}, power={"low": 0})

    def __call__(self, step: float) -> float:
        steps = self.decay_steps
        if self.cycle:
            steps *= max(1, math.ceil(step / steps))
        left = 1 - min(step, steps) / steps
        return (self.initial_learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate


@frozen
class CosineDecay(_Decay):
    """Half a cosine down to `alpha` times the start, after a linear warmup where `warmup_target` is given.

    Parameters
    ----------
    initial_learning_rate : float
        Where the warmup starts, or the decay if there is none.
    decay_steps : float
        Steps from the top of the cosine to its bottom.
    alpha : float
        The fraction of the top that remains at the end.
    warmup_target : float, optional
        The rate at the end of the warmup, where the decay starts.
    warmup_steps : float
        Steps of the warmup.

    Raises
    ------
    ArgumentError
        When a number is negative, or `decay_steps` is 0.

    References
    ----------
    Loshchilov and Hutter: SGDR, 2016, arXiv:1608.03983. Keras 3, `keras.optimizers.schedules.CosineDecay`.

    Examples
    --------
    >>> import numbanet as nn
    >>> schedule = nn.optimizers.schedules.CosineDecay(0.0, 1000, warmup_target=0.1, warmup_steps=100)
    >>> schedule(50), schedule(100), schedule(1100)
    (0.05, 0.1, 0.0)
    """

    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: float = 0

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(
            self,
            initial_learning_rate: Real,
            decay_steps: Real,
            alpha: Real = 0.0,
            warmup_target: Real | None = None,
            warmup_steps: Real = 0,
        ) -> None: ...

    def __post_init__(self) -> None:
        super().__post_init__()
        keep_numbers(self, alpha={"low": 0}, warmup_steps={"low": 0})
        if self.warmup_target is not None:
            keep_numbers(self, warmup_target={"low": 0})

    def __call__(self, step: float) -> float:
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top, step = self.warmup_target, step - self.warmup_steps
        cosine = 0.5 * (1 + math.cos(math.pi * min(step / self.decay_steps, 1)))
        return top * ((1 - self.alpha) * cosine + self.alpha)


@frozen
class PiecewiseConstantDecay(LearningRateSchedule):
    """One rate up to and including each boundary, the last one after them all.

    Parameters
    ----------
    boundaries : list of float
        Steps, ascending.
    values : list of float
        One more than there are boundaries.

    Raises
    ------
    ArgumentError
        When the lengths do not fit, boundaries do not ascend, or a rate is negative.

    References
    ----------
    Keras 3, `keras.optimizers.schedules.PiecewiseConstantDecay`.

    Examples
    --------
    >>> import numbanet as nn
    >>> schedule = nn.optimizers.schedules.PiecewiseConstantDecay([100, 200], [1.0, 0.5, 0.1])
    >>> schedule(100), schedule(101), schedule(1000)
    (1.0, 0.5, 0.1)
    """

    boundaries: Sequence[float]
    values: Sequence[float]

    if TYPE_CHECKING:  # numbers of any kind, which become Python's

        def __init__(self, boundaries: Iterable[Real], values: Iterable[Real]) -> None: ...

    def __post_init__(self) -> None:
        steps, rates = ([plain_number(number) for number in part] for part in (self.boundaries, self.values))
        if len(rates) != len(steps) + 1 or steps != sorted(steps):
            raise ArgumentError(
                "PiecewiseConstantDecay: needs ascending boundaries and one more value than boundaries, "
                f"got boundaries {steps} and values {rates}"
            )
        for rate in rates:
            as_number("a value of PiecewiseConstantDecay", rate, low=0)
        for step in steps:
            as_number("a boundary of PiecewiseConstantDecay", step)
        object.__setattr__(self, "boundaries", steps)
        object.__setattr__(self, "values", rates)

    def __call__(self, step: float) -> float:
        for boundary, value in zip(self.boundaries, self.values, strict=False):
            if step <= boundary:
                return value
        return self.values[-1]


SCHEDULES = {
    "cosine_decay": CosineDecay,
    "exponential_decay": ExponentialDecay,
    "inverse_time_decay": InverseTimeDecay,
    "piecewise_constant_decay": PiecewiseConstantDecay,
    "polynomial_decay": PolynomialDecay,
}


def get(identifier: Any) -> Callable[[int], float]:
    """Return the schedule that `identifier` stands for.

    Parameters
    ----------
    identifier : LearningRateSchedule, callable, class or dict
        A schedule, a function `f(step)`, or what `describe` made of a schedule.

    Returns
    -------
    callable
        `f(step)`, the learning rate.

    Raises
    ------
    ArgumentError
        For anything else.

    References
    ----------
    Keras 3, `keras.optimizers.schedules.deserialize`.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.optimizers.schedules.get(lambda step: 0.1 / (1 + step))(1)
    0.05
    """
    return find("learning rate schedule", identifier, SCHEDULES, LearningRateSchedule, functions=True)


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.optimizers.schedules", __all__, {})
