"""The operations: importing this package fills the table."""

from numbanet.ops import (
    activations,
    creation,
    dropout,
    einsum,
    elementwise,
    functions,
    indexing,
    linalg,
    neural,
    placement,
    reduce,
    shaping,
    sorting,
)
from numbanet.table import TABLE

__all__ = [
    "TABLE",
    "activations",
    "creation",
    "dropout",
    "einsum",
    "elementwise",
    "functions",
    "indexing",
    "linalg",
    "neural",
]
__all__ += ["placement", "reduce", "shaping", "sorting"]
