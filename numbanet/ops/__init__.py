"""The operations: importing this package fills the table."""

from numbanet.ops import (
    activations,
    arranging,
    bits,
    creation,
    dropout,
    einsum,
    elementwise,
    floats,
    functions,
    indexing,
    linalg,
    neural,
    placement,
    reduce,
    sets,
    shaping,
    sorting,
)
from numbanet.table import TABLE

__all__ = [
    "TABLE",
    "activations",
    "arranging",
    "bits",
    "creation",
    "dropout",
    "einsum",
    "elementwise",
    "floats",
    "functions",
    "indexing",
    "linalg",
    "neural",
]
__all__ += ["placement", "reduce", "sets", "shaping", "sorting"]
