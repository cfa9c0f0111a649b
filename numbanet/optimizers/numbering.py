"""The numbers of updates: learning rates, and what a rule makes of them, for one step or for many that are replayed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np

from numbanet.core.checks import as_number
from numbanet.optimizers import averages, schedules
from numbanet.optimizers.exclusions import Excluding
from numbanet.tensor.listeners import refuse
from numbanet.typing import Array, Rate


class Numbered(Excluding):
    """What an `Optimizer` counts, and the numbers that follow from it."""

    @property
    def learning_rate(self) -> float:
        """The rate of the next update, a float. Assign a number or a schedule."""
        refuse("optimizer.learning_rate is read in Python")
        return self._rate_at(self.updates(self._iterations))

    @learning_rate.setter
    def learning_rate(self, value: Rate) -> None:
        refuse("optimizer.learning_rate is assigned to in Python")
        self.schedule: Callable[[int], float] | None = (
            schedules.get(value) if callable(value) or isinstance(value, dict) else None
        )
        self._rate = None if self.schedule else as_number("learning_rate", value, low=0)

    def _rate_at(self, iterations):
        rate = self.schedule(iterations) if self.schedule else self._rate
        return as_number("learning_rate", rate, low=0)

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        """Return what all variables of one step share: floats that `update` gets at its end.

        Parameters
        ----------
        rate : float
            The learning rate.
        step : int
            1 for the first update.

        Returns
        -------
        tuple of float
        """
        return (rate,)

    def numbers_of_steps(self, first: int, count: int, starts: Sequence[int] = (0,)) -> Array:
        """Return `step_numbers` of `count` updates from the one numbered `first`, an array (count, numbers)."""
        rate = None if self.schedule else self._rate_at(self.updates(first - 1))
        same = type(self).numbers is Numbered.numbers and not self.use_ema and self._every is None
        if rate is not None and same and count > 1:  # the same for all: asked once
            return np.repeat([self.step_numbers(first, starts, rate)], count, axis=0)
        return np.array([self.step_numbers(first + i, starts, rate) for i in range(count)])

    def numbers_of(self, rate: float, call: int, start: int) -> tuple[float, ...]:
        """Return what `update_array` gets with gradient number `call`: `numbers`, and what averages and sums need.

        `start` is how many there were before the first one of the variable.
        """
        if not self.use_ema and self._every is None:
            return self.numbers(rate, call - start)
        done = self.updates(call - 1)
        since = done - self.updates(start)
        return (*self.numbers(rate, since + 1), *averages.extra_numbers(self, call, done, since))

    def step_numbers(self, step: int, starts: Sequence[int] = (0,), rate: float | None = None) -> tuple[float, ...]:
        """Return what changes from step to step: the learning rate of step `step`, as `numbers` passes it on.

        Those of variables whose first update was another one come after those of the start before.
        """
        rate = self._rate_at(self.updates(step - 1)) if rate is None else rate
        return rate, *[number for start in starts for number in self.numbers_of(rate, step, start)]

    def numbers_like(self, starts: Sequence[int] = (0,)) -> tuple[float, ...]:
        """Return as many numbers as `step_numbers` gives, without asking a schedule, which might count its calls."""
        rate = 1.0 if self._rate is None else self._rate
        step, twin = self._iterations + 1, copy.copy(self)  # Nadam remembers how far it has counted
        return rate, *[number for start in starts for number in twin.numbers_of(rate, step, start)]
