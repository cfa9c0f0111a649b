"""The Numba build: what is launched on which compiled kernel, now or later."""

import array
import ctypes
import hashlib
import platform
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np
from numba.core import types

from numbanet.kernels.compiled import CompiledKernel, array_type
from numbanet.kernels.disk_cache import DiskCache
from numbanet.kernels.recording import Launch, Slot, recorder
from numbanet.kernels.threads import run_range

LAUNCH = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)


def _fingerprint():
    """A digest of every file of this package: whatever changes in kernels/ gives every kernel a new cache entry."""
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__} {platform.python_version()}".encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


_address_at = ctypes.c_void_p.from_address
_DATA_FIELD = object.__basicsize__


def _address_of_field(x):
    """The address of an array's first element: the first field after the object header, fixed by NumPy's C ABI.

    85 ns, where `x.ctypes.data` takes 860; `NumbaBuild` checks once that both agree.
    """
    return _address_at(id(x) + _DATA_FIELD).value


def _address_by_ctypes(x):
    return x.ctypes.data


def _has_data_field():
    probe = np.zeros(3)
    return _address_of_field(probe) == probe.ctypes.data


class Built(NamedTuple):
    """A compiled kernel: to be called from Python, and by its address."""

    call: Callable
    address: int


def _double_bits(number):
    return struct.unpack("q", struct.pack("d", number))[0]


class NumbaBuild:
    """Runs range bodies through compiled kernels, splitting long launches over threads."""

    name = "numba"

    def __init__(self):
        from numbanet.kernels import schedules

        self.address_of = _address_of_field if _has_data_field() else _address_by_ctypes
        self.cache = DiskCache(_fingerprint())
        self.schedules = schedules.Schedules(self)

    def run(self, kernel, n, operands, cost):
        """Launch positions 0..n of the kernel on arrays, integers and floats."""
        built, words, slots = self._described(kernel, operands)
        self.launch(kernel, built, words, n, cost, operands, slots)

    def prepare(self, kernel, operands):
        """The build of a kernel for these operands, and their argument block: for callers that choose the range."""
        built, words, _ = self._described(kernel, operands)
        return built, array.array("q", words)

    def _described(self, kernel, operands):
        key, words, slots, number_type = [], [], [], None
        for x in operands:
            if isinstance(x, np.ndarray):
                contiguous = x.flags.c_contiguous
                key.append((x.dtype, x.ndim, contiguous))
                words.append(self.address_of(x))
                words.extend(x.shape)
                if not contiguous:
                    words.extend(x.strides)
                number_type = x.dtype
            elif isinstance(x, float):
                if type(x) is Slot:
                    slots.append((len(words), x))
                key.append(float)
                words.append(_double_bits(x))
            else:
                key.append(int)
                words.append(int(x))
        return self.compiled(kernel, (*key, number_type)), words, slots

    def run_map(self, kernel, out, inputs):
        """Launch an elementwise kernel; inputs that are not laid out like `out` are walked in windows."""
        shape = out.shape
        for x in inputs:
            if x.shape != shape or not x.flags.c_contiguous:
                self.schedules.run_windowed(kernel, out, inputs)
                return
        operands = (*inputs, out)
        address_of, n, words = self.address_of, out.size, []
        for x in operands:
            words.append(address_of(x))
            words.append(n)
        self.launch(kernel, self.compiled(kernel, tuple(x.dtype for x in operands)), words, n, kernel.cost, operands)

    def launch(self, kernel, built, words, n, cost, operands, slots=()):
        """Run a compiled kernel over 0..n now, or keep the launch if this thread is recording."""
        block = array.array("q", words)
        if recorder.launches is None:
            run_range(built.call, block.buffer_info()[0], n, cost)
        else:
            recorder.launches.append(Launch(kernel.name, built.address, block, n, cost, operands, list(slots)))

    def compiled(self, kernel, key):
        """The build of `kernel` for a key: dtypes alone (1-d, contiguous), or what `run` makes of operands."""
        built = kernel.builds.get(key)
        if built is None:
            built = kernel.builds[key] = self._compile(kernel, key)
        return built

    def _compile(self, kernel, key):
        if isinstance(key[0], np.dtype):
            operands = [array_type(dtype, 1, True) for dtype in key]
        else:
            real = types.float32 if key[-1] == np.float32 else types.float64
            operands = [{float: real, int: types.int64}.get(k) or array_type(*k) for k in key[:-1]]
        reals = {t.dtype for t in operands if isinstance(t, types.Array) and isinstance(t.dtype, types.Float)}
        tuned = {types.float32: self.schedules.float32, types.float64: self.schedules.float64}
        body = tuned[reals.pop()].get(kernel.body, kernel.body) if len(reals) == 1 else kernel.body
        address = CompiledKernel(body, kernel.reassociate, operands, self.cache.of(body)).address
        return Built(LAUNCH(address), address)
