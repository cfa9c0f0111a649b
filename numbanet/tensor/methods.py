"""The methods of NumPy's arrays that are a function of NumPy with the array as its first argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

import numpy as np

from numbanet.core.table import NUMPY_FUNCTIONS
from numbanet.typing import ArrayLike, Axis, DType, Integer, Real, Side

if TYPE_CHECKING:
    from numbanet.tensor.tensor import Tensor


def _method(name: str) -> Any:
    """What `np.name` does, as a method: its parameters, behind the array, are those of the function."""
    numpy_function = getattr(np, name)

    def method(self, *args, **options):
        return NUMPY_FUNCTIONS[numpy_function](self, *args, **options)

    method.__name__ = name
    method.__qualname__ = f"Methods.{name}"
    method.__doc__ = f"`np.{name}` of the tensor; what follows are the other arguments of that function."
    return method


class Methods:
    """Methods that NumPy's arrays have, too."""

    __slots__ = ()

    if TYPE_CHECKING:  # what the lines below make, with the parameters that mean something here

        def all(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor: ...
        def any(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor: ...
        def argsort(self, axis: SupportsIndex | None = -1, *, stable: bool | None = None) -> Tensor: ...
        def clip(self, min: ArrayLike | None = None, max: ArrayLike | None = None) -> Tensor: ...
        def copy(self, order: str = "K") -> Tensor: ...
        def cumprod(self, axis: SupportsIndex | None = None, dtype: DType = None) -> Tensor: ...
        def cumsum(self, axis: SupportsIndex | None = None, dtype: DType = None) -> Tensor: ...
        def diagonal(self, offset: Integer = 0, axis1: Integer = 0, axis2: Integer = 1) -> Tensor: ...
        def dot(self, b: ArrayLike) -> Tensor: ...
        def nonzero(self) -> tuple[Tensor, ...]: ...
        def prod(self, axis: Axis = None, dtype: DType = None, *, keepdims: bool = False) -> Tensor: ...
        def ravel(self, order: str = "C") -> Tensor: ...
        def repeat(self, repeats: ArrayLike, axis: SupportsIndex | None = None) -> Tensor: ...
        def round(self, decimals: Integer = 0) -> Tensor: ...
        def searchsorted(self, v: ArrayLike, side: Side = "left", sorter: ArrayLike | None = None) -> Tensor: ...
        def squeeze(self, axis: Axis = None) -> Tensor: ...
        def std(self, axis: Axis = None, dtype: DType = None, *, ddof: Real = 0, keepdims: bool = False) -> Tensor: ...
        def swapaxes(self, axis1: Integer, axis2: Integer) -> Tensor: ...
        def take(self, indices: ArrayLike, axis: SupportsIndex | None = None) -> Tensor: ...
        def trace(self, offset: Integer = 0, axis1: Integer = 0, axis2: Integer = 1) -> Tensor: ...
        def var(self, axis: Axis = None, dtype: DType = None, *, ddof: Real = 0, keepdims: bool = False) -> Tensor: ...

    else:
        all = _method("all")
        any = _method("any")
        argsort = _method("argsort")
        clip = _method("clip")
        copy = _method("copy")
        cumprod = _method("cumprod")
        cumsum = _method("cumsum")
        diagonal = _method("diagonal")
        dot = _method("dot")
        nonzero = _method("nonzero")
        prod = _method("prod")
        ravel = _method("ravel")
        repeat = _method("repeat")
        round = _method("round")
        searchsorted = _method("searchsorted")
        squeeze = _method("squeeze")
        std = _method("std")
        swapaxes = _method("swapaxes")
        take = _method("take")
        trace = _method("trace")
        var = _method("var")

    def flatten(self, order: Literal["C", "F"] = "C") -> Tensor:
        """The elements along one dimension, row by row, or column by column for "F"."""
        return NUMPY_FUNCTIONS[np.ravel](self, order)

    def conj(self) -> Tensor:
        """The same values, since there are no complex numbers."""
        return NUMPY_FUNCTIONS[np.conjugate](self)

    conjugate = conj

    @property
    def real(self) -> Tensor:
        """The same values, since there are no complex numbers."""
        return NUMPY_FUNCTIONS[np.real](self)

    @property
    def imag(self) -> Tensor:
        """Zeros, since there are no complex numbers."""
        return NUMPY_FUNCTIONS[np.imag](self)

    def __round__(self, digits: int | None = None) -> Any:
        rounded = NUMPY_FUNCTIONS[np.round](self, digits or 0)
        return int(rounded) if digits is None else rounded

    def __divmod__(self, other: ArrayLike) -> tuple[Tensor, Tensor]:
        return NUMPY_FUNCTIONS[np.divmod](self, other)

    def __rdivmod__(self, other: ArrayLike) -> tuple[Tensor, Tensor]:
        return NUMPY_FUNCTIONS[np.divmod](other, self)
