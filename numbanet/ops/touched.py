"""Which rows of a weight a gradient touches: known of products with sparse rows, and of rows that were looked up.

Such a gradient is an ordinary tensor with all its zeros. What it was made of is noted beside it for as long as it
lives, and so is which tensors have been multiplied by sparse rows or looked up in: for those, another gradient may
touch every row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from numbanet.core.notes import Notes
from numbanet.core.table import TABLE
from numbanet.launching.launch import launch_picked, launch_touched, mark_columns, mark_first
from numbanet.tensor.csr import CsrMatrix
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Array


class Multiplied(NamedTuple):
    """The rows of a weight that sparse rows were multiplied by: the columns that occur in some rows of a matrix."""

    matrix: CsrMatrix
    rows: Tensor

    @property
    def is_few(self) -> bool:
        """Whether it pays to go from row to row where that changes no result: it has not been measured."""
        return False

    def numbers(self) -> Array:
        """Return their numbers, int64, ascending; on the host."""
        starts, columns = self.matrix.starts, self.matrix.columns
        occurs = np.zeros(self.matrix.shape[1], bool)
        for row in self.rows.numpy().tolist():
            occurs[columns[starts[row] : starts[row + 1]]] = True
        return np.flatnonzero(occurs)

    def record(self, rows: Array, launches: list[Any]) -> None:
        """Record launches over these rows alone, where `rows` is what the rows of the matrix are kept in."""
        starts, columns = self.matrix.on(None, self.matrix.values.dtype)[:2]
        flags = mark_columns(rows, starts, columns, self.matrix.cuts(None))
        for one in launches:
            launch_touched(one, flags)


class LookedUp(NamedTuple):
    """The rows of a table that were looked up: their numbers, int64, of any shape; some may occur often."""

    height: int
    """How many rows the table has."""
    rows: Tensor

    @property
    def is_few(self) -> bool:
        """Whether it pays to go from row to row where that changes no result."""
        return self.rows.size < self.height

    def numbers(self) -> Array:
        """Return their numbers, int64, ascending; on the host."""
        return np.unique(self.rows.numpy())

    def record(self, rows: Array, launches: list[Any]) -> None:
        """Record launches over these rows alone, where `rows` is what their numbers are kept in."""
        index = rows.reshape(-1)
        if index.size:
            first = mark_first(index, self.height)
            for one in launches:
                launch_picked(one, self.height, index, first)


Touched = Multiplied | LookedUp

_operands, _gradients = Notes(), Notes()


def note_operand(tensor: Tensor) -> None:
    """Note that a tensor has been multiplied by sparse rows, or that rows of it have been looked up."""
    _operands.note(tensor, True)


def note_gradient(tensor: Tensor, matrix: CsrMatrix, rows: Tensor) -> None:
    """Note that a gradient comes of a product with rows of a matrix, and of nothing else."""
    _gradients.note(tensor, Multiplied(matrix, rows))


def note_lookups(entries: Any, seeds: Any, gradients: dict[int, Tensor]) -> None:
    """Note beside the gradients of tables in which rows have been looked up once, and nothing else was done, which.

    Parameters
    ----------
    entries, seeds
        What `autodiff.backward` has read.
    gradients : dict
        What it has found: from the id of a tensor to its gradient.
    """
    tables = _operands.keys() & gradients.keys()
    if not tables:
        return
    uses: dict[int, list] = {key: [] for key in tables}
    for entry in entries:
        for tensor in entry[1]:
            if id(tensor) in tables:
                uses[id(tensor)].append(entry)
    for tensor, _ in seeds:
        if id(tensor) in tables:
            uses[id(tensor)].append(None)
    for key, found in uses.items():
        if len(found) == 1 and found[0] is not None:
            op, inputs, params, _ = found[0]
            if op is TABLE["take"] and params["axis"] == 0:
                _gradients.note(gradients[key], LookedUp(inputs[0].shape[0], inputs[1]))


def touched_by(gradient: Any) -> Touched | None:
    """Return which rows a gradient touches, or None if it may touch all."""
    found: Touched | None = _gradients.of(gradient)
    return found


def was_noted(tensor: Tensor) -> bool:
    """Return whether a tensor has been multiplied by sparse rows, or rows of it have been looked up."""
    return _operands.of(tensor) is not None
