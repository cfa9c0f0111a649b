"""Parts of Variables: what `v[key]` gives can be assigned to, and changes the variable there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from numbanet.errors import ImmutableError
from numbanet.tensor.at import At
from numbanet.typing import ArrayLike, Key

if TYPE_CHECKING:
    from numbanet.tensor.variable import Variable


class PartOfVariable:
    """What a Tensor that was read as a part of a Variable can do: change that part."""

    __slots__ = ("_origin",)

    def as_part(self, variable: Any, key: Key) -> Self:
        """Remember of which Variable, and of which elements of it, this tensor is the value."""
        self._origin: tuple[Any, Any] = variable, key
        return self

    def assign(self, value: ArrayLike) -> Variable:
        """Replace the elements of the Variable that this tensor was read from: `v[0, 1].assign(3.0)`.

        Parameters
        ----------
        value : array-like
            Broadcasts to the shape of the tensor.

        Returns
        -------
        Variable

        Raises
        ------
        ImmutableError
            When the tensor was not read as `v[key]` of a Variable.
        """
        variable, places = self._places("assign")
        return variable.assign(places.set(value))

    def assign_add(self, value: ArrayLike) -> Variable:
        """Add to the elements of the Variable that this tensor was read from; see `assign`."""
        variable, places = self._places("assign_add")
        return variable.assign(places.add(value))

    def assign_sub(self, value: ArrayLike) -> Variable:
        """Subtract from the elements of the Variable that this tensor was read from; see `assign`."""
        variable, places = self._places("assign_sub")
        return variable.assign(places.subtract(value))

    def _places(self, what):
        origin = getattr(self, "_origin", None)
        if origin is None:
            raise ImmutableError(
                f"{what}: a Tensor cannot be assigned to; keep what changes in an nn.Variable, of which "
                f"v.{what}(...) changes all and v[key].{what}(...) a part, or make a new tensor with t.at[key].set(...)"
            )
        variable, key = origin
        return variable, At(variable, key)
