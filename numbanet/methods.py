"""The methods of NumPy's arrays that are a function of NumPy with the array as its first argument."""

import numpy as np

from numbanet.table import NUMPY_FUNCTIONS


def _method(name):
    """What `np.name` does, as a method: its parameters, behind the array, are those of the function."""
    numpy_function = getattr(np, name)

    def method(self, *args, **options):
        return NUMPY_FUNCTIONS[numpy_function](self, *args, **options)

    method.__name__ = name
    method.__qualname__ = f"Methods.{name}"
    method.__doc__ = f"`np.{name}` of the tensor, with the arguments of that function behind it."
    return method


class Methods:
    """Methods that NumPy's arrays have, too."""

    __slots__ = ()

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

    def flatten(self, order="C"):
        """The elements along one dimension, row by row, or column by column for "F"."""
        return NUMPY_FUNCTIONS[np.ravel](self, order)

    def conj(self):
        """The same values, since there are no complex numbers."""
        return NUMPY_FUNCTIONS[np.conjugate](self)

    conjugate = conj

    @property
    def real(self):
        """The same values, since there are no complex numbers."""
        return NUMPY_FUNCTIONS[np.real](self)

    @property
    def imag(self):
        """Zeros, since there are no complex numbers."""
        return NUMPY_FUNCTIONS[np.imag](self)

    def __round__(self, digits=None):
        rounded = NUMPY_FUNCTIONS[np.round](self, digits or 0)
        return int(rounded) if digits is None else rounded

    def __divmod__(self, other):
        return NUMPY_FUNCTIONS[np.divmod](self, other)

    def __rdivmod__(self, other):
        return NUMPY_FUNCTIONS[np.divmod](other, self)
