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
    except (DTypeError, ShapeError) as error:
        hint = "" if is_pandas(value) else _instead_of(name, value)
        raise type(error)(f"{error}{hint}") from None
    if not array.ndim:
        raise ShapeError(f"{who}: {name} needs samples along its first dimension, got a single number")
    return array


def _instead_of(name, value):
    """Say how names, columns of several kinds and sequences of several lengths become numbers."""
    ragged = "; make sequences of several lengths one array with nn.utils.pad_sequences"
    try:
        array = np.asarray(value)
    except ValueError:  # NumPy makes no array of lists of several lengths
        return ragged
    if array.dtype.names:
        return f"; give its columns as one array, np.stack([{name}[column] for column in (...)], axis=1)"
    if array.dtype.kind in "US":
        return f"; for names {'of classes ' * (name == 'y')}give np.unique({name}, return_inverse=True)[1]"
    if array.dtype.kind != "O":
        return ""
    if any(np.ndim(one) for one in array.flat):
        return ragged
    return f"; make columns of names numbers with np.unique, and then write {name}.astype(np.float32)"
