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

from numbanet.kernels import direct
from numbanet.kernels.compiled import CompiledKernel, array_type
from numbanet.kernels.disk_cache import DiskCache
from numbanet.kernels.launch import DIRECT_NS
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
    """A compiled kernel: `call(block, start, stop)`, the address of that, and `direct(*operands, n)` or None."""

    call: Callable
    address: int
    direct: Callable | None


def _double_bits(number):
    return struct.unpack("q", struct.pack("d", number))[0]


class NumbaBuild:
    """Runs range bodies through compiled kernels, splitting long launches over threads."""

    name = "numba"

    def __init__(self):
        from numbanet.kernels import schedules

        self.address_of = _address_of_field if _has_data_field() else _address_by_ctypes
        self.has_direct = direct.is_possible()
        self.cache = DiskCache(_fingerprint())
        self.schedules = schedules.Schedules(self)

    def run(self, kernel, n, operands, cost):
        """Launch positions 0..n of the kernel on arrays, integers and floats."""
        built = self._build_for(kernel, operands)
        if n * cost < DIRECT_NS and built.direct is not None and recorder.launches is None:
            built.direct(*operands, n)
        else:
            words, slots = self._words(operands)
            self.launch(kernel, built, words, n, cost, operands, slots)

    def prepare(self, kernel, operands):
        """The build of a kernel for these operands, and their argument block: for callers that choose the range."""
        return self._build_for(kernel, operands), array.array("q", self._words(operands)[0])

    def _build_for(self, kernel, operands):
        key = []
        for x in operands:
            if type(x) is np.ndarray:
                dtype = x.dtype
                key += (dtype, x.ndim, x.flags.c_contiguous)
            else:
                key.append(float if isinstance(x, float) else int)
        key.append(dtype)  # of the last array: floats become numbers of it
        key = tuple(key)
        return kernel.builds.get(key) or self._compile_for(kernel, key, operands, dtype)

    def _compile_for(self, kernel, key, operands, dtype):
        real = types.float32 if dtype == np.float32 else types.float64
        operand_types = []
        for x in operands:
            if isinstance(x, np.ndarray):
                operand_types.append(array_type(x.dtype, x.ndim, x.flags.c_contiguous))
            else:
                operand_types.append(real if isinstance(x, float) else types.int64)
        return self._compile(kernel, key, operand_types, flat=False)

    def _words(self, operands):
        words, slots = [], []
        for x in operands:
            if isinstance(x, np.ndarray):
                words.append(self.address_of(x))
                words.extend(x.shape)
                if not x.flags.c_contiguous:
                    words.extend(x.strides)
            elif isinstance(x, float):
                if type(x) is Slot:
                    slots.append((len(words), x))
                words.append(_double_bits(x))
            else:
                words.append(int(x))
        return words, slots

    def run_map(self, kernel, out, inputs):
        """Launch an elementwise kernel; inputs that are not laid out like `out` are walked in windows."""
        shape, dtypes = out.shape, [out.dtype]
        for x in inputs:
            if x.shape != shape or not x.flags.c_contiguous:
                self.schedules.run_windowed(kernel, out, inputs)
                return
            dtypes.append(x.dtype)
        n, built = out.size, self.compiled_map(kernel, tuple(dtypes))
        if n * kernel.cost < DIRECT_NS and built.direct is not None and recorder.launches is None:
            built.direct(*inputs, out, n)
            return
        operands, words = (*inputs, out), []
        for x in operands:
            words += self.address_of(x), n
        self.launch(kernel, built, words, n, kernel.cost, operands)

    def launch(self, kernel, built, words, n, cost, operands, slots=()):
        """Run a compiled kernel over 0..n now, or keep the launch if this thread is recording."""
        block = array.array("q", words)
        if recorder.launches is None:
            run_range(built.call, block.buffer_info()[0], n, cost)
        else:
            recorder.launches.append(Launch(kernel.name, built.address, block, n, cost, operands, list(slots)))

    def compiled_map(self, kernel, dtypes):
        """The build of an elementwise kernel for the dtypes of its result and its inputs, all contiguous."""
        built = kernel.builds.get(dtypes)
        if built is None:
            operand_types = [array_type(dtype, 1, True) for dtype in (*dtypes[1:], dtypes[0])]
            built = self._compile(kernel, dtypes, operand_types, flat=True)
        return built

    def direct_map(self, kernel, dtypes):
        """`f(*inputs, out, n)` for contiguous arrays of these dtypes, that of `out` first; None if there is none."""
        return self.compiled_map(kernel, dtypes).direct

    def _compile(self, kernel, key, operand_types, flat):
        reals = {t.dtype for t in operand_types if isinstance(t, types.Array) and isinstance(t.dtype, types.Float)}
        body = self.schedules.float32.get(kernel.body, kernel.body) if reals == {types.float32} else kernel.body
        compiled = CompiledKernel(body, kernel.reassociate, operand_types, flat, self.cache.of(body, flat))
        built = Built(LAUNCH(compiled.address), compiled.address, compiled.direct if self.has_direct else None)
        kernel.builds[key] = built
        return built
