"""Moving averages of weights, and gradients of several batches that are applied as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.core.checks import as_count
from numbanet.errors import ArgumentError
from numbanet.kernels.memory import empty
from numbanet.kernels.recording import CannotRecord, recording
from numbanet.launching.launch import Kernel, launch_touched
from numbanet.loops import optimizers as loops

if TYPE_CHECKING:
    from numbanet.optimizers.optimizer import Optimizer

AVERAGE, SUM = "average", "gradient_accumulator"
"""The names of the state arrays, those of Keras."""
SHARES = 64
"""In how many parts a weight may be shared by threads where its update is not made in every step."""

_moving_average, _accumulate = Kernel(loops.moving_average, cost=0.2), Kernel(loops.accumulate, cost=0.3)
_set_flags = Kernel(loops.set_flags)


def frequency(name: str, value: Any) -> int | None:
    """Return a number of updates, or None for never."""
    return None if value is None else as_count(name, value, low=1)


class AccumulationSteps:
    """The attribute `gradient_accumulation_steps`, which stays as it is once there is state."""

    def __get__(self, optimizer: Any, kind: Any = None) -> Any:
        return self if optimizer is None else optimizer._every

    def __set__(self, optimizer: Any, value: Any) -> None:
        steps = None if value is None else as_count("gradient_accumulation_steps", value, low=2)
        if steps != vars(optimizer).get("_every") and vars(optimizer).get("_variables"):
            raise ArgumentError(
                "gradient_accumulation_steps cannot be changed once the optimizer has state; make a new optimizer"
            )
        vars(optimizer)["_every"] = steps


def extra_slots(optimizer: Any) -> tuple[str, ...]:
    """Return the names of the state arrays beside those of the rule."""
    return (*(AVERAGE,) * bool(optimizer.use_ema), *(SUM,) * (optimizer._every is not None))


def extra_numbers(optimizer: Any, call: int, done: int, since: int) -> tuple[float, ...]:
    """Return the numbers that follow those of the rule.

    Parameters
    ----------
    optimizer : Optimizer
    call : int
        The number of gradients so far, this one included.
    done, since : int
        How many updates there were, and how many since the first of the variable.

    Returns
    -------
    tuple of float
        With `use_ema` how much of the average stays, the rest, and whether the weights become their average; with
        gradients that add up, whether this is the last of them.
    """
    numbers: list[float] = []
    if optimizer.use_ema:
        kept, often = optimizer.ema_momentum if since else 0.0, optimizer.ema_overwrite_frequency
        numbers += kept, 1 - kept, float(often is not None and (done + 1) % often == 0)
    if optimizer.gradient_accumulation_steps:
        numbers.append(float(call % optimizer.gradient_accumulation_steps == 0))
    return tuple(numbers)


def of_the_rule(optimizer: Optimizer, state: list[Any], numbers: Any) -> tuple[list[Any], Any]:
    """Return those of the state arrays and numbers that are the rule's own."""
    others = 3 * bool(optimizer.use_ema) + bool(optimizer.gradient_accumulation_steps)
    return state[: len(state) - len(extra_slots(optimizer))], numbers[: len(numbers) - others]


def follow(optimizer: Optimizer, variable: Any, w: Any, numbers: Any) -> None:
    """Move the average of a variable on to its weights `w`, a flat array; `w` becomes it where it is time to."""
    if optimizer.use_ema:
        at = -4 if optimizer.gradient_accumulation_steps else -3
        average = optimizer.array_of(variable, AVERAGE).reshape(-1)
        _moving_average(w.size, w, average, *numbers[at : at + 3 or None])


def sums(optimizer: Optimizer, variables: list[Any], gradients: list[Any], numbers: Any) -> list[Any]:
    """Add gradients to those before; return means, which are right where this is the last gradient of an update."""
    every = optimizer.gradient_accumulation_steps
    if every is None:
        return gradients
    means = [empty(g.shape, g.dtype) for g in gradients]
    for variable, g, mean in zip(variables, gradients, means, strict=True):
        total = optimizer.array_of(variable, SUM).reshape(-1)
        _accumulate(g.size, g.reshape(-1), total, float(every), numbers[-1], mean.reshape(-1))
    return means


def flags_of(optimizer: Optimizer, place: str | None, numbers: Any) -> Any:
    """Record the launch that says whether an update is due; return its flags, or None where each step has one."""
    if optimizer.gradient_accumulation_steps is None:
        return None
    if place is not None:
        raise CannotRecord(f"gradient_accumulation_steps are replayed on the CPU alone, not on {place}")
    flags = empty((SHARES,), np.uint8)
    _set_flags(SHARES, flags, numbers[-1])
    return flags


def record_due(optimizer: Optimizer, variable: Any, w: Any, g: Any, rate: float, numbers: Any, flags: Any) -> None:
    """Record launches of an update that run in those steps in which it is due."""
    with recording() as launches:
        optimizer.update_array(variable, w.reshape(-1), g.reshape(-1), rate, numbers)
    shares = next(n for n in range(SHARES, 0, -1) if w.size % n == 0)
    for one in launches:
        launch_touched(one, flags[:shares])


def finalize(optimizer: Optimizer, variables: list[Any]) -> None:
    """Have variables become their averages, which they are already where those were swapped."""
    swapped = optimizer.holds_averages
    for variable in variables:
        if swapped:
            optimizer.array_of(variable, AVERAGE)[...] = variable._array
        else:
            variable.assign(optimizer.average_of(variable))
    optimizer.holds_averages = False


def swap(optimizer: Optimizer, variables: list[Any]) -> None:
    """Exchange variables and their averages; there is nothing to exchange before the first update."""
    for variable in variables:
        average, before = optimizer.average_of(variable), variable._array.copy()
        variable.assign(average)
        optimizer.array_of(variable, AVERAGE)[...] = before
    optimizer.holds_averages = bool(variables) and not optimizer.holds_averages
