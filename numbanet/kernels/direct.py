"""The short way from Python into a compiled kernel: a built-in function that takes the operands themselves.

Filling an argument block and calling it through ctypes takes some 1.2 us for three arrays, calling the built-in 0.1. It
keeps the GIL, so it is for launches that end soon. What `compiled` unpacks from a block is read here from the fields of
array objects, which NumPy's C ABI fixes, and from Python's numbers.
"""

import ctypes
import sysconfig

import numpy as np
from llvmlite import ir
from numba.core import cgutils

METH_FASTCALL = 0x0080
_WORD, _OBJECT = ir.IntType(64), ir.IntType(8).as_pointer()
_DATA = object.__basicsize__
_SHAPE, _STRIDES = _DATA + 16, _DATA + 24  # between them, an int: the number of dimensions


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
    words = (ctypes.c_int64 * 4).from_address(id(probe) + _DATA)
    shape, strides = ((ctypes.c_int64 * 2).from_address(words[i]) for i in (2, 3))
    alike = words[0] == probe.ctypes.data and tuple(shape) == probe.shape and tuple(strides) == probe.strides
    return alike and not sysconfig.get_config_var("Py_GIL_DISABLED")


def built_in(name, address):
    """The function at an address as Python's own kind of function, called with positional arguments."""
    method = _Method(name.encode(), address, METH_FASTCALL, None)
    return _new_function(ctypes.addressof(method), method, None)  # `method` is its self, and so lives as long


class Objects:
    """Reads operands, and after them n, from `PyObject *const *arguments`.

    If `flat`, arrays of any shape are taken for rows of n elements: without dimensions there is no shape to read.
    """

    def __init__(self, builder, arguments, count, flat):
        self.builder, self.arguments, self.flat = builder, arguments, flat
        self.position = count
        self.n = self.integer()
        self.position = 0

    def _next(self):
        found = self.builder.load(self.builder.gep(self.arguments, [_WORD(self.position)]))
        self.position += 1
        return found

    def _words(self, found, offset, count):
        """`count` words from where a field of an object points to."""
        builder = self.builder
        field = builder.bitcast(builder.gep(found, [_WORD(offset)]), _WORD.as_pointer().as_pointer())
        start = builder.load(field)
        return [builder.load(builder.gep(start, [_WORD(i)])) for i in range(count)]

    def array(self, ndim, contiguous):
        """Address, shape, and strides in bytes, or None for those of a contiguous array."""
        found, builder = self._next(), self.builder
        data = builder.load(builder.bitcast(builder.gep(found, [_WORD(_DATA)]), _WORD.as_pointer()))
        if self.flat:
            return data, [self.n], None
        return data, self._words(found, _SHAPE, ndim), None if contiguous else self._words(found, _STRIDES, ndim)

    def real(self):
        """A double."""
        return self._call("PyFloat_AsDouble", ir.DoubleType())

    def integer(self):
        """An int64."""
        return self._call("PyLong_AsLongLong", _WORD)

    def _call(self, name, result):
        return self.builder.call(_capi(self.builder, name, result), [self._next()])


def _capi(builder, name, result):
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, [_OBJECT]), name)


def emit(module, name, count, flat, call_body):
    """Add `PyObject *name(PyObject *self, PyObject *const *arguments, Py_ssize_t)` to a module.

    The arguments are `count` operands and n; `call_body(builder, source, start, stop)` unpacks the operands.
    """
    function = ir.Function(module, ir.FunctionType(_OBJECT, [_OBJECT, _OBJECT.as_pointer(), _WORD]), name)
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    own, arguments, _ = function.args
    source = Objects(builder, arguments, count, flat)
    call_body(builder, source, _WORD(0), source.n)
    builder.call(_capi(builder, "Py_IncRef", ir.VoidType()), [own])
    builder.ret(own)  # any object would do as the result
