"""The Numba build: what is launched on which compiled kernel, now or later."""

import array
import ctypes
import hashlib
import logging  # noqa: F401  if Numba imported it while a fork waits for our lock, its fork hooks would come too late
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

from numbanet.kernels import direct, machine_code
from numbanet.kernels.backends import give_up
from numbanet.kernels.disk_cache import DiskCache
from numbanet.kernels.launch import DIRECT_NS, Kernel
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


_one_compiles = threading.RLock()  # also guards loading: a process has one linker
if hasattr(os, "register_at_fork"):  # a child forked while another thread compiles would wait for it for ever
    os.register_at_fork(
        before=_one_compiles.acquire, after_in_parent=_one_compiles.release, after_in_child=_one_compiles.release
    )


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
        if not self.cache.has_kernels():  # nothing shows yet that Numba works here: what most programs need will tell
            self.compiled_map(Kernel(arithmetic.add), (np.dtype(np.float32),) * 3)

    def run(self, kernel, n, operands, cost):
        """Launch positions 0..n of the kernel on arrays, integers and floats."""
        built = self._build_for(kernel, operands)
        if n * cost < DIRECT_NS and built.direct is not None and recorder.launches is None:
            built.direct(*operands, n)
        else:
            words, slots = self._words(kernel, operands)
            self.launch(kernel, built, words, n, cost, operands, slots)

    def prepare(self, kernel, operands):
        """The build of a kernel for these operands, and their argument block: for callers that choose the range."""
        return self._build_for(kernel, operands), array.array("q", self._words(kernel, operands)[0])

    def _build_for(self, kernel, operands):
        key, dtype = [], None
        for x in operands:
            if type(x) is np.ndarray:
                dtype = x.dtype
                key += (dtype, x.ndim, x.flags.c_contiguous and not kernel.strided)
            else:
                key.append(float if isinstance(x, float) else int)
        key.append(dtype)  # of the last array: floats become numbers of it
        key = tuple(key)
        return kernel.builds.get(key) or self._compile_for(kernel, key, operands, dtype)

    def _compile_for(self, kernel, key, operands, dtype):
        described = []
        for x in operands:
            if isinstance(x, np.ndarray):
                described.append((x.dtype.str, x.ndim, x.flags.c_contiguous and not kernel.strided))
            else:
                described.append(("float32" if dtype == np.float32 else "float64") if isinstance(x, float) else "int64")
        return self._build(kernel, key, tuple(described), flat=False)

    def _words(self, kernel, operands):
        words, slots = [], []
        for x in operands:
            if isinstance(x, np.ndarray):
                words.append(self.address_of(x))
                words.extend(x.shape)
                if kernel.strided or not x.flags.c_contiguous:
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
        block = words if type(words) is array.array else array.array("q", words)
        if recorder.launches is None:
            run_range(built.call, block.buffer_info()[0], n, cost)
        else:
            recorder.launches.append(Launch(kernel.name, built.address, block, n, cost, operands, list(slots)))

    def compiled_map(self, kernel, dtypes):
        """The build of an elementwise kernel for the dtypes of its result and its inputs, all contiguous."""
        built = kernel.builds.get(dtypes)
        if built is None:
            described = tuple((dtype.str, 1, True) for dtype in (*dtypes[1:], dtypes[0]))
            built = self._build(kernel, dtypes, described, flat=True)
        return built

    def compiled(self, kernel, operands):
        """The build of a kernel for operands that are described as for `compile_kernel`."""
        return kernel.builds.get(operands) or self._build(kernel, operands, operands, flat=False)

    def direct_map(self, kernel, dtypes):
        """`f(*inputs, out, n)` for contiguous arrays of these dtypes, that of `out` first; None if there is none."""
        return self.compiled_map(kernel, dtypes).direct

    def _build(self, kernel, key, operands, flat):
        """The kernel from the cache, or compiled: Numba is imported when something is missing there."""
        options = "reassociate" * kernel.reassociate, "flat" * flat
        identity = f"{kernel.qualified_name} {operands} {options}"
        with _one_compiles:
            built = kernel.builds.get(key) or self._loaded(kernel, identity)
        if built is None:
            with _one_compiles:
                built = kernel.builds.get(key)
                if built is None:
                    self.cache.misses += 1
                    code, built = self._compiled(kernel, operands, flat)
                    if _is_kept(kernel):
                        self.cache.write(identity, code)
        kernel.builds[key] = built
        return built

    def _compiled(self, kernel, operands, flat):
        """Object code, and the kernel. A Numba that fails gives up its place; a body that is at fault raises."""
        try:
            from numbanet.kernels.compiled import compile_kernel  # a fork must not come in the middle

            code = compile_kernel(kernel, operands, flat)
            return code, self._linked(kernel, code)
        except Exception as error:
            if _is_kept(kernel) or not self._can_compile():
                give_up(self, error)
            raise

    def _can_compile(self):
        try:
            from numbanet.kernels.compiled import compile_kernel

            compile_kernel(Kernel(arithmetic.add), (("<f4", 1, True),) * 3, flat=True)
        except Exception:
            return False
        return True

    def _loaded(self, kernel, identity):
        code = self.cache.read(identity) if _is_kept(kernel) else None
        if code is None:
            return None
        try:
            built = self._linked(kernel, code)
        except Exception:  # it cannot be linked
            return None
        self.cache.hits += 1
        return built

    def _linked(self, kernel, code):
        entry, for_python = machine_code.load(code)
        return Built(LAUNCH(entry), entry, direct.built_in(kernel.name, for_python) if self.has_direct else None)


def _is_kept(kernel):
    """Whether the fingerprint covers the sources of a kernel, so that it can be kept in the cache."""
    return kernel.qualified_name.startswith("numbanet.kernels.")
