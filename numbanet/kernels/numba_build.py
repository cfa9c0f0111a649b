"""The Numba build: what is launched on which compiled kernel, now or later."""

import array
import contextlib
import ctypes
import hashlib
import os
import platform
import struct
import threading
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from numbanet.kernels import machine_code
from numbanet.kernels.disk_cache import DiskCache
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import arithmetic
from numbanet.kernels.recording import Launch, Slot, recorder
from numbanet.kernels.threads import run_range

LAUNCH = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)


def _fingerprint():
    """What all kernels depend on: each file of this package, versions, the processor, and how Numba is set up."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    places = {name: getattr(find_spec(name), "origin", None) for name in ("numba", "llvmlite")}
    packages = [f"{name} {metadata.version(name)} {place}" for name, place in places.items()]
    settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("NUMBA_"))
    parts = [digest.hexdigest(), *packages, f"numpy {np.__version__}", f"python {platform.python_version()}"]
    return "\n".join([*parts, *machine_code.host(), *settings])


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


_one_compiles = threading.RLock()


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
        if not self.cache.has_kernels():  # nothing shows yet that Numba works here: what most programs need will tell
            self.compiled(Kernel(arithmetic.add), (np.dtype(np.float32),) * 3)

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
                contiguous = x.flags.c_contiguous and not kernel.strided
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
            with _one_compiles:
                built = kernel.builds[key] = kernel.builds.get(key) or self._compile(kernel, key)
        return built

    def _compile(self, kernel, key):
        """Load the kernel from the cache, or compile it: Numba is imported when something is missing there."""
        operands = _operands(key)
        identity = f"{kernel.qualified_name} {operands} {'reassociate' if kernel.reassociate else ''}"
        kept = kernel.qualified_name.startswith("numbanet.kernels.")  # the fingerprint covers the sources of these
        code = self.cache.read(identity) if kept else None
        if code is not None:
            with contextlib.suppress(RuntimeError):  # it cannot be linked
                built = _built(code)
                self.cache.hits += 1
                return built
        self.cache.misses += 1
        from numbanet.kernels.compiled import compile_kernel

        code = compile_kernel(kernel, operands)
        built = _built(code)
        if kept:
            self.cache.write(identity, code)
        return built


def _operands(key):
    """What a kernel is compiled for: `(dtype, ndim, contiguous)` of arrays, the names of the types of numbers."""
    if isinstance(key[0], np.dtype):
        return tuple((dtype.str, 1, True) for dtype in key)
    numbers = {float: "float32" if key[-1] == np.float32 else "float64", int: "int64"}
    return tuple(numbers.get(k) or (k[0].str, *k[1:]) for k in key[:-1])


def _built(code):
    address = machine_code.load(code)
    return Built(LAUNCH(address), address)
