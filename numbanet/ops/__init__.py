"""The operations: importing this package fills the table.

Its modules are internal. To users `nn.ops` has the names and parameters of Keras 3's `keras.ops`, such as
`nn.ops.sum`, which are listed in `numbanet.compat.keras`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numbanet.compat.keras import *  # noqa: F403  (the names that users see)

_DECLARED = (
    "activations", "arranging", "bits", "conv", "conv_kinds", "creation", "dropout", "einsum", "elementwise", "floats",
    "functions", "indexing", "linalg", "neural", "noise", "placement", "pooling", "reduce", "sets", "shaping",
    "sorting",
)  # fmt: skip
"""The modules that fill the table."""
_HELPERS = (
    "attention", "by_numpy", "conv_reference", "declare", "documentation", "dropping", "forward", "lanes", "masks",
    "normalization", "positions", "products", "recurrent", "sequences", "sparse", "subscripts", "touched",
)  # fmt: skip
_HIDDEN = frozenset((*_DECLARED, *_HELPERS)) - {"conv", "einsum"}  # which are functions, too


class _Operations(type(sys)):
    """A package whose modules are not its attributes, whatever has been imported before."""

    def __setattr__(self, name, value):
        if not (isinstance(value, type(sys)) and value.__name__ == f"{self.__name__}.{name}"):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Operations
for _name in _DECLARED:
    import_module(f"{__name__}.{_name}")


if not TYPE_CHECKING:  # type checkers know the names, and would take any other for one

    def __getattr__(name: str) -> object:
        """Find a function of `keras.ops`: the package above, which loads what is public, knows where."""
        if name == "__all__":
            return __dir__()
        if name.startswith("_") or name in _HIDDEN:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        found = sys.modules["numbanet"]._function_of_keras(name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return list(sys.modules["numbanet"]._functions_of_keras().__all__)
