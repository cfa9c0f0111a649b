"""What constraints make of weights after an update: in place of the new values, eagerly and in replayed steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numbanet.core.context import setting
from numbanet.core.hooks import computes_as_ours
from numbanet.errors import ArgumentError, ShapeError
from numbanet.optimizers.state import label
from numbanet.tensor.tensor import Tensor

if TYPE_CHECKING:
    from numbanet.tensor.variable import Variable


def constrained(variable: Variable, array: Any) -> Any:
    """Return what the constraint of a variable, if it has one, makes of an array that is to be its value.

    Raises
    ------
    ArgumentError, ShapeError
        When the constraint does not give a Tensor of the shape of the variable.
    """
    if variable.constraint is None:
        return array
    with setting(listeners=(), trace=None):
        return constrained_tensor(variable, Tensor(array))._array


def constrained_tensor(variable: Variable, tensor: Tensor) -> Tensor:
    """Return the same for a Tensor, by ops that a trace may follow."""
    found: Any = variable.constraint(tensor)  # type: ignore[misc]  # it is not None
    who = f"the constraint of {label(variable)}, {variable.constraint!r},"
    if not isinstance(found, Tensor):
        raise ArgumentError(f"{who} must return a Tensor, got {type(found).__name__}")
    if found.shape != variable.shape:
        raise ShapeError(f"{who} gives shape {found.shape}, where {variable.shape} is needed")
    return found if found.dtype == variable.dtype else found.astype(variable.dtype)


def is_launches(variable: Variable) -> bool:
    """Whether the constraint of a variable is one of numbanet's own, which consist of launches."""
    return computes_as_ours(type(variable.constraint))
