"""Finding where a NaN comes from: every result is checked, and the first NaN raises."""

from __future__ import annotations

import linecache
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from numbanet.core.checks import as_flag
from numbanet.core.context import Listener, context, ignore, listen
from numbanet.core.missing import only
from numbanet.errors import NumericError
from numbanet.kernels.arrays import to_host

__all__ = ["nans"]
_PACKAGE = str(Path(__file__).parent) + os.sep


class nans(Listener):
    """Raise at the first NaN that is computed inside the block, with the operation, the shapes and the line.

    The message names the operation that gave the NaN, the shapes and dtypes of its operands, which of them had a NaN
    already, and the line of your own code that called it. For a NaN in a gradient it also names the operation whose
    gradient was computed, and the line that called that in the forward pass.

    Inside the block nothing is replayed: `fit`, `evaluate`, `predict` and `nn.function` run their operations one by
    one, with the same results, so that each can be checked. That costs time; outside the block there is no cost.
    Only the operations of this thread are checked.

    Parameters
    ----------
    infinities : bool
        Whether an infinity raises, too.

    Raises
    ------
    NumericError
        At the first NaN; it is also a FloatingPointError.

    References
    ----------
    JAX, the configuration option jax_debug_nans.

    Examples
    --------
    >>> import numbanet as nn
    >>> with nn.debug.nans():
    ...     y = nn.log(nn.asarray([1.0, -1.0]))
    Traceback (most recent call last):
    ...
    numbanet.errors.NumericError: log of float32 (2,) gives NaN at (1,), called at ...
    """

    def __init__(self, infinities: bool = False) -> None:
        self._infinities = as_flag("debug.nans: infinities", infinities)
        self._lines: dict[int, str] = {}

    def __enter__(self) -> Self:
        listen(self)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        ignore(self)

    def record(self, op: Any, inputs: Any, params: Any, output: Any) -> None:
        """One operation has run: raise if its result has a NaN."""
        line = _users_line()
        self._lines[id(output)] = line  # ids are used again, so there are no more lines than tensors at one time
        where = self._where(output)
        if where is None:
            return
        had = [f"operand {i}" for i, tensor in enumerate(inputs) if self._where(tensor) is not None]
        already = f"; {' and '.join(had)} had one already" if had else ""
        raise NumericError(f"{op.name} of {_described(inputs)} gives {where}, called at {line}{already}")

    def record_variable(self, variable: Any, tensor: Any) -> None:
        """A variable is read: raise if it holds a NaN, which an update or an assignment has put there."""
        where = self._where(tensor)
        if where is not None:
            raise NumericError(
                f"variable {variable.name or ''} {variable.shape} holds {where}, read at {_users_line()}"
            )

    def line_of(self, output: Any) -> str:
        """The line that called the operation with this result."""
        return self._lines.get(id(output), "a line before nn.debug.nans()")

    def _where(self, tensor):
        """What is wrong with a tensor, and where, as in "NaN at (1, 2)"; None if nothing is."""
        array = to_host(tensor._array)
        if array.dtype.kind != "f":
            return None
        bad = ~np.isfinite(array) if self._infinities else np.isnan(array)
        if not bad.any():
            return None
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        return f"{'NaN' if np.isnan(array[index]) else 'an infinity'} at {index}"


def looking():
    """Whether this thread is inside a block of `nans`: then nothing is replayed."""
    return any(type(listener) is nans for listener in context.listeners)


def _described(inputs):
    return ", ".join(f"{tensor.dtype} {tensor.shape}" for tensor in inputs)


def _users_line():
    """Where the innermost code that is not numbanet's is running: `file:line: text`."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    file, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, number, frame.f_globals).strip()
    return f"{file}:{number}: {text}" if text else f"{file}:{number}"


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.debug", __all__, {})
