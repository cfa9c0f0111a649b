"""Which rows of a weight a gradient touches: known of gradients that products with sparse rows have made.

Such a gradient is an ordinary tensor with all its zeros. What it was made of is noted beside it for as long as it
lives, and so is which tensors have been multiplied by sparse rows: for those, another gradient may touch every row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from numbanet.launching.launch import mark_columns
from numbanet.tensor.csr import CsrMatrix
from numbanet.tensor.notes import Notes
from numbanet.tensor.tensor import Tensor
from numbanet.typing import Array


class Touched(NamedTuple):
    """The rows of a weight that a gradient touches: the columns that occur in some rows of a sparse matrix."""

    matrix: CsrMatrix
    rows: Tensor

    def numbers(self) -> Array:
        """Return their numbers, int64, ascending; on the host."""
        starts, columns = self.matrix.starts, self.matrix.columns
        occurs = np.zeros(self.matrix.shape[1], bool)
        for row in self.rows.numpy().tolist():
            occurs[columns[starts[row] : starts[row + 1]]] = True
        return np.flatnonzero(occurs)

    def record_flags(self, rows: Array) -> Array:
        """Record the launch that finds them in every step, where `rows` is what the rows are kept in; return flags."""
        starts, columns = self.matrix.on(None, self.matrix.values.dtype)[:2]
        return mark_columns(rows, starts, columns, self.matrix.cuts(None))


_operands, _gradients = Notes(), Notes()


def note_operand(tensor: Tensor) -> None:
    """Note that a tensor has been multiplied by sparse rows."""
    _operands.note(tensor, True)


def note_gradient(tensor: Tensor, matrix: CsrMatrix, rows: Tensor) -> None:
    """Note that a gradient comes of a product with rows of a matrix, and of nothing else."""
    _gradients.note(tensor, Touched(matrix, rows))


def touched_by(gradient: Any) -> Touched | None:
    """Return which rows a gradient touches, or None if it may touch all."""
    found: Touched | None = _gradients.of(gradient)
    return found


def was_multiplied(tensor: Tensor) -> bool:
    """Return whether a tensor has been multiplied by sparse rows."""
    return _operands.of(tensor) is not None
