"""DLPack capsules: how libraries tell each other where an array lies, so that they need no copy of it.

A capsule holds a struct of C with the address, the shape, the strides and the dtype, and a function that the taker
calls when it needs the memory no more. NumPy makes and reads those of arrays on the host; these are for arrays on a
device. The structs are those of dlpack.h, version 1.0, and of the versions before it, which cannot say that an array
must not be written to (https://dmlc.github.io/dlpack/latest/c_api.html).
"""

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p
from typing import NamedTuple

import numpy as np

from numbanet.errors import DTypeError, ExchangeError

CPU, CUDA = 1, 2
"""Kinds of devices; dlpack.h, DLDeviceType."""
READ_ONLY, COPIED = 1, 2
"""Flags of a struct of version 1."""
VERSION = (1, 0)
_KINDS = "iuf??cb"
"""NumPy's kinds of dtypes, by dlpack.h's codes; NumPy has nothing for a question mark."""


class DLTensor(Structure):
    """Where an array lies; strides count elements."""

    _fields_ = (
        ("data", c_void_p), ("device_type", c_int32), ("device_id", c_int32), ("ndim", c_int32), ("code", c_uint8),
        ("bits", c_uint8), ("lanes", c_uint16), ("shape", POINTER(c_int64)), ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    )  # fmt: skip


class Managed(Structure):
    """DLManagedTensor: what capsules held before version 1."""

    _fields_ = (("tensor", DLTensor), ("context", c_void_p), ("deleter", c_void_p))


class ManagedVersioned(Structure):
    """DLManagedTensorVersioned: what they hold since then."""

    _fields_ = (
        ("major", c_uint32), ("minor", c_uint32), ("context", c_void_p), ("deleter", c_void_p), ("flags", c_uint64),
        ("tensor", DLTensor),
    )  # fmt: skip


class Form(NamedTuple):
    """A struct, and the names of capsules that hold it, before and after it was taken; they refer to these bytes."""

    struct: type
    name: bytes
    used: bytes


OLD = Form(Managed, b"dltensor", b"used_dltensor")
VERSIONED = Form(ManagedVersioned, b"dltensor_versioned", b"used_dltensor_versioned")

_DELETER = CFUNCTYPE(None, c_void_p)
_is_valid = ctypes.pythonapi.PyCapsule_IsValid
_is_valid.argtypes = ctypes.py_object, ctypes.c_char_p
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = c_void_p, (ctypes.py_object, ctypes.c_char_p)
_rename = ctypes.pythonapi.PyCapsule_SetName
_rename.argtypes = ctypes.py_object, ctypes.c_char_p


def opened(capsule):
    """(the struct in a capsule, its form); (None, None) if it is none, or was taken before."""
    for form in (OLD, VERSIONED):
        if _is_valid(capsule, form.name):
            return form.struct.from_address(_pointer(capsule, form.name)), form
    return None, None


class Lent:
    """The owner of what a capsule hands out: it keeps an array, and calls something at the end."""

    def __init__(self, layout, release):
        self._layout, self._release = layout, release
        self.__array_interface__ = layout.__array_interface__ | {"data": (layout.ctypes.data, False)}

    def __del__(self):
        self._release()


def capsule_of(layout, device, versioned, flags, release):
    """A capsule that hands out an array: NumPy's, which takes the address for one of the host, put right.

    What gives the memory back is thus compiled code, that takers may call in any thread, after an error and when the
    process ends.

    Parameters
    ----------
    layout : numpy.ndarray
        Of the address, shape, strides and dtype; it is kept alive, its elements are not touched.
    device : (int, int)
        The kind of device, and which one.
    versioned : bool
        Whether the taker knows version 1.
    flags : int
        READ_ONLY, COPIED, for takers that know version 1.
    release : callable
        Called when the taker needs the array no more.
    """
    array = np.asarray(Lent(layout, release))
    capsule = array.__dlpack__(max_version=VERSION) if versioned else array.__dlpack__()
    managed, _ = opened(capsule)
    if versioned:
        managed.flags = flags
    managed.tensor.device_type, managed.tensor.device_id = device
    if not layout.size:
        managed.tensor.data = None
    return capsule


class Taken:
    """An array of somebody else's; it says where it is in the way of NumPy's array interface, which keeps it alive.

    Parameters
    ----------
    capsule : capsule
        Not taken before.
    before_release : callable
        Called before the memory is given back.

    Raises
    ------
    ExchangeError
        When it is no such capsule, or of a version that is not known.
    DTypeError
        When NumPy has no such dtype.
    """

    def __init__(self, capsule, before_release):
        managed, form = opened(capsule)
        if form is None:
            raise ExchangeError("from_dlpack: the object gave no DLPack capsule, or one that was taken before")
        if form is VERSIONED and managed.major > VERSION[0]:
            raise ExchangeError(f"from_dlpack: DLPack {managed.major}.{managed.minor} is not known, {VERSION[0]}.x is")
        tensor = managed.tensor
        self.device = tensor.device_type, tensor.device_id
        self.__array_interface__ = _interface(tensor)
        self._managed, self._before_release = managed, before_release
        _rename(capsule, form.used)  # from here on the memory is given back by `__del__` alone

    def __del__(self):
        if hasattr(self, "_managed"):
            self._before_release()
            if self._managed.deleter:
                _DELETER(self._managed.deleter)(ctypes.addressof(self._managed))


def _interface(tensor):
    """NumPy's array interface of a DLTensor."""
    code, bits, lanes = tensor.code, tensor.bits, tensor.lanes
    kind = _KINDS[code] if code < len(_KINDS) else "?"
    if kind == "?" or lanes != 1 or bits % 8:
        raise DTypeError(f"from_dlpack: DLPack's dtype (code {code}, {bits} bits, {lanes} lanes) is not supported")
    shape = tuple(tensor.shape[: tensor.ndim])
    strides = None
    if tensor.ndim and tensor.strides:
        strides = tuple(step * bits // 8 for step in tensor.strides[: tensor.ndim])
    address = (tensor.data or 0) + tensor.byte_offset
    typestr = np.dtype(f"{kind}{bits // 8}").str
    return {"data": (address, False), "shape": shape, "strides": strides, "typestr": typestr, "version": 3}
