"""The operations: importing this package fills the table."""

from numbanet.core.table import TABLE
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
