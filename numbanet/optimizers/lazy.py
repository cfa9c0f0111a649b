"""Lazy updates: only those rows of a weight are read and written that were looked up, or met by sparse rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numbanet.core.checks import as_choice
from numbanet.errors import ArgumentError, DeviceError
from numbanet.kernels.recording import recording
from numbanet.ops.touched import Touched, touched_by, was_noted
from numbanet.optimizers.state import label

if TYPE_CHECKING:
    from numbanet.optimizers.optimizer import Optimizer

WAYS = ("exact", "lazy")


def way(name: str, value: Any) -> str:
    """Return how weights are updated of which a step meets some rows alone: one of `WAYS`."""
    return as_choice(name, value, WAYS)


def touched_of(optimizer: Optimizer, pairs: list[Any]) -> list[Touched | None]:
    """Return, for each pair of gradient and variable, which rows to update: None for all of them.

    Raises
    ------
    ArgumentError
        When the optimizer is to be lazy and cannot be: its rule is not one of numbanet's own, which treat every element
        by itself; no gradient comes from sparse rows or a lookup; or that of a weight from something else as well.
    DeviceError
        When the rows are on a GPU.
    """
    if optimizer.sparse_update == "exact" or not pairs:
        return [_for_free(optimizer, gradient) for gradient, _ in pairs]
    who = f"{type(optimizer).__name__}: sparse_update='lazy'"
    if not optimizer.replayable:
        raise ArgumentError(f"{who} needs a rule of numbanet's own: another one may look at more than some rows")
    if optimizer.use_ema or optimizer.gradient_accumulation_steps:
        raise ArgumentError(
            f"{who} updates some rows alone, but use_ema and gradient_accumulation_steps are about all; take "
            "sparse_update='exact'"
        )
    found = [_touched(who, gradient, variable) for gradient, variable in pairs]
    if not any(found):
        raise ArgumentError(
            f"{who}, but no weight is multiplied by sparse rows, or has rows that are looked up; sparse_update='exact' "
            "updates them all"
        )
    return found


def _for_free(optimizer, gradient):
    """Which rows to update where the others would stay as they are to the byte, and where that takes less time."""
    touched = touched_by(gradient)
    if touched is None or not (optimizer.zeros_change_nothing and optimizer.replayable):
        return None
    return touched if touched.is_few and touched.rows.device == "cpu" else None


def _touched(who, gradient, variable):
    touched = touched_by(gradient)
    if touched is None and was_noted(variable._tensor):
        raise ArgumentError(
            f"{who}, but the gradient of {label(variable)} is not that of one lookup or one product with sparse rows "
            "alone: a penalty, a second use or arithmetic on the gradient may give every row one; take "
            "sparse_update='exact'"
        )
    if touched is not None and touched.rows.device != "cpu":
        raise DeviceError(f"{who} is possible on the CPU alone; take sparse_update='exact' on {touched.rows.device}")
    return touched


def update_some(
    optimizer: Optimizer, variable: Any, w: Any, g: Any, rate: float, numbers: Any, touched: Touched
) -> None:
    """Apply the rule to the touched rows of `w`, an array of the shape of the variable that is changed in place.

    They are collected, updated and put back: the rule sees each element with the same gradient and state.
    """
    numbered, state = touched.numbers(), optimizer.arrays_of([variable])
    some = [array[numbered] for array in (w, g, *state)]
    flat = [array.reshape(-1) for array in some]
    if flat[0].size:
        optimizer.apply_rule(variable, flat[0], flat[1], flat[2:], rate, numbers)
    for array, changed in zip((w, *state), (some[0], *some[2:]), strict=True):
        array[numbered] = changed


def record_some(optimizer: Optimizer, variable: Any, w: Any, g: Any, rate: float, numbers: Any, touched: Any) -> None:
    """Record launches that do the same in every step; `touched` is a `Touched` and the array in which its rows are."""
    with recording() as launches:
        optimizer.update_array(variable, w.reshape(-1), g.reshape(-1), rate, numbers)
    touched[0].record(touched[1], launches)
