"""Arrays from and for other libraries, without a copy: DLPack, and the CUDA array interface.

Work on a GPU is done later, on streams. So whoever takes an array says on which stream it will use it, and that stream
waits until the array has been computed; and memory that is given back is not used again before its last user is done.
(Python array API standard 2024.12, `array.__dlpack__`; Numba's documentation, CUDA Array Interface, version 3.)
"""

import contextlib
import functools

import numpy as np

from numbanet.core.dtypes import as_dtype
from numbanet.errors import DeviceError, ExchangeError
from numbanet.kernels import capsules
from numbanet.kernels.arrays import DeviceArray, to_host
from numbanet.kernels.capsules import COPIED, CPU, CUDA, READ_ONLY

LEGACY, PER_THREAD = 1, 2
"""The handles of CUDA's default streams; every other one is the address of a stream that somebody made."""
HOST_KINDS, DEVICE_KINDS = (CPU, 3), (CUDA, 13)
"""DLPack's kinds of memory that NumPy reads, pinned memory too, and that kernels read, managed memory too."""


def dlpack_device(array):
    """(kind, number) of the device of an array, as DLPack counts them."""
    return (CPU, 0) if type(array) is np.ndarray else (CUDA, 0)


def capsule_for(array, stream, max_version, dl_device, copy):
    """What `__dlpack__` returns for the array of a tensor; see there."""
    own, flags = dlpack_device(array), READ_ONLY
    if dl_device is not None and tuple(dl_device) != own:
        if tuple(dl_device) != (CPU, 0) or copy is False:
            raise ExchangeError(f"__dlpack__: an array on {own} cannot be had on {tuple(dl_device)} with copy={copy}; "
                                "move it with t.to_device(...)")  # fmt: skip
        array, flags, stream = to_host(array), COPIED, None
    elif copy:
        array, flags = array.copy(), COPIED
    versioned = max_version is not None and max_version[0] >= 1
    if type(array) is np.ndarray:
        return _host_capsule(array, stream, versioned, flags)
    stream = _checked(stream)
    if stream != -1:
        array.device.order(None, stream)
    return capsules.capsule_of(array.layout, own, versioned, flags, functools.partial(_given_back, array, stream))


def _host_capsule(array, stream, versioned, flags):
    """NumPy's own capsule of an array: read-only where that can be said; what must not be written to is copied else."""
    if not versioned:
        return (array if array.flags.writeable else array.copy()).__dlpack__(stream=stream)
    if flags == READ_ONLY:
        array = array.view()
        array.flags.writeable = False
    return array.__dlpack__(stream=stream, max_version=capsules.VERSION)


def _checked(stream):
    """The stream of a taker: its handle, 1 for None, -1 if it waits itself."""
    if stream is None:
        return LEGACY
    if not isinstance(stream, int) or stream < -1 or stream == 0:
        raise ExchangeError(f"__dlpack__: stream must be None, -1, 1, 2 or the address of a stream, got {stream!r}")
    return stream


def _given_back(array, stream):
    """A taker needs an array no more, but its stream may not be done with it."""
    with contextlib.suppress(DeviceError):  # when the process ends, the driver may have gone already
        if stream in (LEGACY, PER_THREAD):
            array.device.order(stream, None)
        else:
            array.device.synchronize_all()  # that stream may exist no more


def _finish(device):
    """Wait until no kernel of ours can use an array of somebody else's any more."""
    with contextlib.suppress(DeviceError):
        device.synchronize()


def taken(x, device):
    """The array behind `x.__dlpack__`, which lies on a device."""
    kind, number = x.__dlpack_device__()
    if kind not in DEVICE_KINDS or number:
        raise ExchangeError(f"from_dlpack: DLPack's device ({int(kind)}, {number}) is not supported; numbanet has the "
                            f"CPU and the first GPU, (1, 0) and ({CUDA}, 0)")  # fmt: skip
    try:
        capsule = x.__dlpack__(stream=device.handle, max_version=capsules.VERSION)
    except TypeError:  # of a library from before version 1
        capsule = x.__dlpack__(stream=device.handle)
    return _array("from_dlpack", capsules.Taken(capsule, functools.partial(_finish, device)), device)


def cuda_array_interface(array):
    """The CUDA array interface of an array on a device."""
    layout = array.layout
    return {
        "shape": layout.shape,
        "typestr": layout.dtype.str,
        "data": (layout.ctypes.data if layout.size else 0, True),
        "strides": None if layout.flags.c_contiguous else layout.strides,
        "stream": array.device.handle,
        "version": 3,
    }


class _Seen:
    """An object with a CUDA array interface, in the words of NumPy's, which keeps it alive."""

    def __init__(self, obj, interface, device):
        keys = "shape", "typestr", "data", "strides"
        self.__array_interface__ = {key: interface.get(key) for key in keys} | {"version": 3}
        self._obj, self._device = obj, device

    def __del__(self):
        _finish(self._device)


def seen(obj, device):
    """The array of an object with a CUDA array interface."""
    interface = obj.__cuda_array_interface__
    if interface.get("mask") is not None:
        raise ExchangeError("asarray: arrays with a mask are not supported")
    address, _ = interface["data"]
    if address:
        device.check_address(address)
    stream = interface.get("stream", LEGACY)  # before version 3 nothing was said: most libraries use this one
    if stream is not None:
        device.order(stream, None)
    return _array("asarray", _Seen(obj, interface, device), device)


def _array(what, owner, device):
    """A DeviceArray of memory that is somebody else's, which NumPy keeps alive as the base of its layout."""
    layout = np.asarray(owner)
    size = as_dtype(layout.dtype, what).itemsize
    if layout.size and any(number % size for number in (layout.ctypes.data, *layout.strides)):
        raise ExchangeError(f"{what}: address and strides {layout.strides} are not multiples of {size}, the size of "
                            f"{layout.dtype}; copy the array first")  # fmt: skip
    return DeviceArray(layout, device)
