"""Arrays of samples, targets and weights, as a user gives them, made into NumPy arrays."""

from collections.abc import Mapping

import numpy as np

from numbanet.errors import ArgumentError, DataError, DTypeError, ShapeError
from numbanet.ops.sparse import SparseRows, rows_of
from numbanet.tensor.foreign import is_pandas
from numbanet.tensor.lists import dtype_of_floats
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import to_numpy


def refuse_mapping(who, name, part):
    if isinstance(part, Mapping):
        kind, keys = type(part).__name__, ", ".join(map(repr, part))
        raise ArgumentError(
            f"{who}: {name} is a {kind} of {keys}; this model takes one array: a dict is for several inputs or outputs"
        )


def flat_weights(who, label, weights):
    if weights.ndim != 1 and weights.shape != (len(weights), 1):
        raise ShapeError(f"{who}: {label} needs shape (samples,), got {weights.shape}")
    if not np.isfinite(weights).all():
        raise DataError(f"{who}: {label} has values that are not finite")
    return weights.reshape(-1)


def sparse(what, x):
    """Return sparse samples, on the host: batches are put where the model is."""
    return x.to_device("cpu") if isinstance(x, SparseRows) else rows_of(what, x, "cpu")


def as_array(who, name, value, dtype=None):
    refuse_mapping(who, name, value)
    try:
        known = isinstance(value, Operators)
        array = value.numpy() if known else to_numpy(value, f"{who}: {name}", dtype_of_floats(value, dtype))
    except DTypeError as error:
        if name == "y" and not is_pandas(value) and np.asarray(value).dtype.kind in "US":
            raise DTypeError(f"{error}; for names of classes give np.unique(y, return_inverse=True)[1]") from None
        raise
    if not array.ndim:
        raise ShapeError(f"{who}: {name} needs samples along its first dimension, got a single number")
    return array
