"""What a run that ended in NaN is told of its data: NaN among the features makes every weight NaN."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from numbanet.callbacks import History
from numbanet.errors import DataWarning
from numbanet.training.data import ArrayData

CALLERS = 6
"""Calls from the line of the user to here: `Model.fit`, `Trainer.fit`, the two around them, and this."""


def warned_of_gaps(history: History, data: Any) -> History:
    """Return what `fit` returns, with a DataWarning if the last loss is NaN and so are features.

    Data are looked at in that case alone, so that a run that goes well waits for nothing.
    """
    last = next(iter(history.history.get("loss", [])[-1:]), None)
    if not isinstance(last, float) or last == last or not isinstance(data, ArrayData):
        return history
    for label, count in _gaps(data):
        if count:
            warnings.warn(
                f"fit: the loss is NaN, and {label} is NaN or infinite in {count} of {data.size} samples: fill the "
                "gaps, or leave these samples out",
                DataWarning, stacklevel=CALLERS,
            )  # fmt: skip
    return history


def _gaps(data):
    """Yield the name of each part, and in how many samples it is NaN or infinite."""
    if data.sparse is not None:
        matrix = data.sparse.matrix
        row_of = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.starts))
        yield "x", np.isin(data.parts["x"], row_of[~np.isfinite(matrix.values)]).sum()
    for label, part in data.parts.items():
        if part.dtype.kind == "f":
            yield label, (~np.isfinite(part).reshape(data.size, -1).all(axis=1)).sum()
