"""The short way into elementwise kernels: for small contiguous arrays of one shape, one dictionary and one C call."""

import numpy as np

from numbanet.backends.select import on_backend
from numbanet.core.context import context
from numbanet.core.settings import config
from numbanet.kernels.memory import device_of, placed
from numbanet.kernels.threads import DIRECT_NS


class Elementwise:
    """Computes a kernel on arrays: by the short way where there is one, otherwise by `launch`, which a subclass has.

    Parameters
    ----------
    name : str
        What it is called in errors.
    kernel : Kernel
    """

    def __init__(self, name, kernel):
        self.name, self.kernel = name, kernel
        self._quick = {}

    def __call__(self, *arrays):
        """Return the result: 0.9 us for two arrays of 1,000 by the short way, 3.2 by the other."""
        first = arrays[0]
        shape, key = first.shape, [config.backend]
        for x in arrays:
            if type(x) is not np.ndarray:
                with placed(device_of(self.name, arrays)):
                    return self.launch(arrays)
            key.append(x.dtype)
            if x.shape != shape or not x.flags.c_contiguous:
                return self.launch(arrays)
        found = self._quick.get(tuple(key))
        if found is None or context.launches is not None:
            return self.launch(arrays, tuple(key) if found is None else None)
        n, (out_dtype, direct) = first.size, found
        if n * self.kernel.cost > DIRECT_NS:
            return self.launch(arrays)
        out = np.empty(shape, out_dtype)
        direct(*arrays, out, n)
        return out

    def launch(self, arrays, key=None):
        """Compute the result by a launch; a key means that `remember` may be called."""
        raise NotImplementedError

    def remember(self, key, dtypes):
        """Take the short way from now on where the key is the same; `dtypes` are those of the result and the inputs."""
        direct = on_backend(lambda backend: backend.direct(self.kernel, dtypes))
        if direct is not None:
            self._quick[key] = dtypes[0], direct

    def in_snapshots(self):
        """What a snapshot compares besides its identity: nothing, it only remembers where its kernels are."""
        return ()
