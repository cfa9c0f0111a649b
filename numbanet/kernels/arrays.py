"""Arrays on a device, as forwards of ops see them: shape, strides and views of an ndarray, elements out of reach."""

import numpy as np

from numbanet.errors import ArgumentError, DeviceError

_VIEWS = (np.broadcast_to, np.moveaxis, np.swapaxes, np.expand_dims, np.squeeze, np.transpose, np.flip)
"""NumPy's functions that return another view of the same memory."""


class DeviceArray:
    """An array that lies in the memory of a device.

    Parameters
    ----------
    layout : numpy.ndarray
        An array whose address is an address of the device. NumPy computes shapes, strides and addresses of views with
        it and keeps the memory alive; nobody may touch its elements, which the host cannot reach.
    device : object
        What allocates, copies and launches; see `cuda.driver.Driver`.
    """

    __slots__ = ("__weakref__", "device", "layout")
    __array_priority__ = 2000

    def __init__(self, layout, device):
        self.layout, self.device = layout, device

    shape = property(lambda self: self.layout.shape)
    strides = property(lambda self: self.layout.strides)
    dtype = property(lambda self: self.layout.dtype)
    ndim = property(lambda self: self.layout.ndim)
    size = property(lambda self: self.layout.size)
    itemsize = property(lambda self: self.layout.itemsize)
    nbytes = property(lambda self: self.layout.nbytes)
    flags = property(lambda self: self.layout.flags)
    T = property(lambda self: DeviceArray(self.layout.T, self.device))

    def __len__(self):
        return len(self.layout)

    def _view(self, layout):
        return DeviceArray(layout, self.device)

    def __getitem__(self, key):
        """A view, for integers and slices; a copy of what other indices pick, whose arrays are on the host."""
        return self.device.backend.getitem(self, key) if _picks(key) else self._view(self.layout[_with_dots(key)])

    def __setitem__(self, key, value):
        """Copy an array of the same device, or a number, into a view."""
        if _picks(key):
            raise ArgumentError("arrays on a device are written to by integers and slices")
        self.device.backend.assign(self[key], value)

    def view(self, dtype):
        """The same bytes as another dtype."""
        return self._view(self.layout.view(dtype))

    def reshape(self, *shape):
        """The same elements in another shape; copied if they do not lie row by row."""
        rows = self if self.flags.c_contiguous else self.copy()
        return self._view(rows.layout.reshape(*shape))

    def transpose(self, *axes):
        """Dimensions in another order."""
        return self._view(self.layout.transpose(*axes))

    def copy(self):
        """A copy, row by row, on the same device."""
        out = self.device.empty(self.shape, self.dtype)
        self.device.backend.assign(out, self)
        return out

    def to_host(self):
        """A copy of the values as a NumPy array; waits until they have been computed."""
        return self.device.to_host(self if self.flags.c_contiguous else self.copy())

    def __deepcopy__(self, memo):
        return self.copy()

    def __array__(self, dtype=None, copy=None):
        raise DeviceError(f"an array on {self.device.name} does not become a NumPy array by itself; use t.numpy()")

    def __array_function__(self, function, classes, args, options):
        if function not in _VIEWS:
            raise DeviceError(f"np.{function.__name__} cannot run on {self.device.name}")
        return self._view(function(args[0].layout, *args[1:], **options))

    def __repr__(self):
        return f"DeviceArray(shape={self.shape}, dtype={self.dtype}, device={self.device.name!r})"


def _picks(key):
    """Whether an index has parts that make a copy of what they pick."""
    return any(
        isinstance(part, (np.ndarray, np.bool_, bool, list)) for part in (key if isinstance(key, tuple) else (key,))
    )


def _with_dots(key):
    """An index that never gives a scalar, which NumPy would have to read."""
    parts = key if isinstance(key, tuple) else (key,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, ...)


def to_host(array):
    """`array` if the host can read it, else a copy there."""
    return array if type(array) is np.ndarray else array.to_host()
