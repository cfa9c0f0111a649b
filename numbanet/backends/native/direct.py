"""The short way from Python into a compiled kernel: a built-in function that takes the operands themselves.

Filling an argument block and calling it through ctypes takes some 1.2 us for three arrays, calling the built-in 0.1. It
keeps the GIL, so it is for launches that end soon. `entries` compiles it: it fills the block from the fields of array
objects, which NumPy's C ABI fixes, and from Python's numbers.
"""

import ctypes
import sysconfig

import numpy as np

METH_FASTCALL = 0x0080
DATA = object.__basicsize__
SHAPE, STRIDES = DATA + 16, DATA + 24
"""Where an array object holds its address, and the addresses of its shape and strides; an int lies between them."""


class _Method(ctypes.Structure):
    """PyMethodDef, https://docs.python.org/3/c-api/structures.html."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_new_function = ctypes.pythonapi.PyCFunction_NewEx
_new_function.restype = ctypes.py_object
_new_function.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)


def is_possible():
    """Whether array objects are laid out as expected, and threads wait for each other in Python."""
    probe = np.zeros((3, 2))[::2]
    words = (ctypes.c_int64 * 4).from_address(id(probe) + DATA)
    shape, strides = ((ctypes.c_int64 * 2).from_address(words[i]) for i in (2, 3))
    alike = words[0] == probe.ctypes.data and tuple(shape) == probe.shape and tuple(strides) == probe.strides
    return alike and not sysconfig.get_config_var("Py_GIL_DISABLED")


C_API = ("Py_IncRef", "PyFloat_AsDouble", "PyLong_AsLongLong")
"""What the functions call of Python itself."""


def built_in(name, address):
    """The function at an address as Python's own kind of function, called with positional arguments."""
    method = _Method(name.encode(), address, METH_FASTCALL, None)
    return _new_function(ctypes.addressof(method), method, None)  # `method` is its self, and so lives as long
