"""Operators on symbolic tensors, each as a layer: `x + 1` and `x[:, 0]` in a functional model."""

from __future__ import annotations

from typing import Any

import numpy as np

from numbanet.core.encoding import decode, encode
from numbanet.core.table import TABLE
from numbanet.errors import ArgumentError
from numbanet.layers.layer import Layer
from numbanet.layers.symbolic import Symbolic
from numbanet.tensor.operators import Operators, values_of
from numbanet.typing import Config, DType


class Operation(Layer):
    """A function of the table of operations as a layer: of tensors, and of constants beside them.

    Operators on symbolic tensors make it.

    Parameters
    ----------
    operation : str
        A name of the table.
    constants : list
        One entry per operand: None for a tensor of the call, anything else for itself.
    key : list, optional
        What an index of `getitem` is made of.
    name, dtype
        As in Layer.

    Examples
    --------
    >>> import numbanet as nn
    >>> x = nn.Input((2,))
    >>> model = nn.Model(x, 1 - x * 2)
    >>> model([[1.0, 2.0]])
    Tensor([[-1., -3.]], shape=(1, 2), dtype=float32)
    """

    several_inputs = True

    def __init__(
        self, operation: str, constants: list[Any], key: Any = None, name: str | None = None, dtype: DType = None
    ) -> None:
        if operation not in TABLE:
            raise ArgumentError(f"Operation: {operation!r} is no operation of numbanet")
        super().__init__(name or operation, dtype)
        self.operation, self.constants, self.key = operation, list(constants), key

    def call(self, x: Any) -> Any:
        """Return what the operation gives for the tensors `x`."""
        tensors = iter(x if isinstance(x, (list, tuple)) else [x])
        operands = [next(tensors) if one is None else one for one in self.constants]
        function = TABLE[self.operation].function
        return function(*operands) if self.key is None else function(*operands, _index_of(self.key))

    def get_config(self) -> Config:
        """Return the settings, as in Layer."""
        constants = encode(self.constants, f"layer {self.name}")
        return super().get_config() | {"operation": self.operation, "constants": constants, "key": self.key}

    @classmethod
    def from_config(cls, config: Config) -> Operation:
        """Return the layer that `get_config` describes."""
        return cls(**config | {"constants": decode(config["constants"])})


def _operate(name, operands, key):
    """Return what an operator gives for operands of which some are symbolic tensors."""
    constants = [None if isinstance(one, Symbolic) else _constant(one) for one in operands]
    tensors = [one for one in operands if isinstance(one, Symbolic)]
    dtype = np.result_type(np.float32, *[one.dtype for one in tensors if one.dtype.kind == "f"])
    layer = Operation(name, constants, None if key is None else _described(key), dtype=dtype)
    return layer(tensors[0] if len(tensors) == 1 else tensors)


def _constant(value):
    """Return a constant of which nothing changes, as a number or an array."""
    if isinstance(value, (int, float)):
        return value
    array = np.array(values_of(value) if isinstance(value, (Operators, np.ndarray)) else value)
    return array[()] if not array.ndim else array


_FORMS = {"...": Ellipsis, "new axis": None}


def _described(key):
    """Return an index as plain data: integers, lists of three for slices, and words."""
    parts: list[Any] = []
    for one in key if isinstance(key, tuple) else (key,):
        if isinstance(one, slice):
            parts.append([one.start, one.stop, one.step])
        elif one is None or one is Ellipsis:
            parts.append("new axis" if one is None else "...")
        elif isinstance(one, (int, np.integer)) and not isinstance(one, bool):
            parts.append(int(one))
        else:
            raise ArgumentError(
                f"a symbolic tensor is indexed by integers, slices, ... and None, got {type(one).__name__}; "
                "nn.layers.Lambda calls any function"
            )
    return parts


def _index_of(parts):
    return tuple([
        slice(*one) if isinstance(one, list) else _FORMS[one] if isinstance(one, str) else one for one in parts
    ])  # fmt: skip


Symbolic.operate = staticmethod(_operate)
