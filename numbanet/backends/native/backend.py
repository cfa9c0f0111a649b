"""What compiled backends share: which kernel runs on what, now or later, and how operands become argument blocks."""

import array
import ctypes
import logging  # noqa: F401  if Numba imported it while a fork waits for our lock, its fork hooks would come too late
import os
import struct
import threading
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from numbanet.backends.native import attention, convolution, direct, kernel_gradient, products, repeated, touched, views
from numbanet.backends.native.windows import Windows
from numbanet.backends.protocol import Backend
from numbanet.core.context import context
from numbanet.kernels.body import Body
from numbanet.kernels.recording import Launch, Slot
from numbanet.kernels.threads import DIRECT_NS, run_range

_address_at = ctypes.c_void_p.from_address
_DATA_FIELD = object.__basicsize__


def _address_of_field(x):
    """The address of an array's first element: the first field after the object header, fixed by NumPy's C ABI.

    85 ns, where `x.ctypes.data` takes 860; `NativeBackend` checks once that both agree.
    """
    return _address_at(id(x) + _DATA_FIELD).value


def _address_by_ctypes(x):
    return x.ctypes.data


def _has_data_field():
    probe = np.zeros(3)
    return _address_of_field(probe) == probe.ctypes.data


one_compiles = threading.RLock()
"""Held while Numba is imported or compiles, and while code is loaded: a process has one linker."""

if hasattr(os, "register_at_fork"):  # a child forked while another thread compiles would wait for it for ever
    os.register_at_fork(
        before=one_compiles.acquire, after_in_parent=one_compiles.release, after_in_child=one_compiles.release
    )


class Built(NamedTuple):
    """A compiled kernel: `call(block, start, stop)`, the address of that, and `direct(*operands, n)` or None.

    One that is interpreted calls back into Python; then `direct` is the better way for any n, since it can raise.
    """

    call: Callable
    address: int
    direct: Callable | None
    interpreted: bool = False


def _double_bits(number):
    return struct.unpack("q", struct.pack("d", number))[0]


_take_chunks = Body("numbanet.backends.native.drivers.chunks.take_chunks")


class NativeBackend(Backend):
    """Runs range bodies through compiled kernels, splitting long launches over threads.

    What is left to a build is `_build(body, key, operands, flat)`: finding or compiling a kernel, and keeping it in
    `self.built[body, key]`.
    """

    def __init__(self):
        self.address_of = _address_of_field if _has_data_field() else _address_by_ctypes
        self.has_direct = direct.is_possible()
        self.built = {}
        self._chunks = None
        self._windows = Windows(self)

    def run(self, body, n, operands, cost):
        """Launch positions 0..n of the kernel on arrays, integers and floats."""
        built = self._build_for(body, operands)
        if (n * cost < DIRECT_NS or built.interpreted) and built.direct is not None and context.launches is None:
            built.direct(*operands, n)
        else:
            words, slots = self._words(body, operands)
            self.launch(body, built, words, n, cost, operands, slots)

    def prepare(self, body, operands):
        """The kernel of a body for these operands, and their argument block: for callers that choose the range."""
        return self._build_for(body, operands), array.array("q", self._words(body, operands)[0])

    def _build_for(self, body, operands):
        key, dtype = [], None
        for x in operands:
            if type(x) is np.ndarray:
                dtype = x.dtype
                key += (dtype, x.ndim, x.flags.c_contiguous and not body.strided)
            else:
                key.append(float if isinstance(x, float) else int)
        key.append(dtype)  # of the last array: floats become numbers of it
        key = tuple(key)
        return self.built.get((body, key)) or self._compile_for(body, key, operands, dtype)

    def _compile_for(self, body, key, operands, dtype):
        described = []
        for x in operands:
            if isinstance(x, np.ndarray):
                described.append((x.dtype.str, x.ndim, x.flags.c_contiguous and not body.strided))
            else:
                described.append(("float32" if dtype == np.float32 else "float64") if isinstance(x, float) else "int64")
        return self._build(body, key, tuple(described), flat=False)

    def _words(self, body, operands):
        words, slots = [], []
        for x in operands:
            if isinstance(x, np.ndarray):
                words.append(self.address_of(x))
                words.extend(x.shape)
                if body.strided or not x.flags.c_contiguous:
                    words.extend(x.strides)
            elif isinstance(x, float):
                if type(x) is Slot:
                    slots.append((len(words), x))
                words.append(_double_bits(x))
            else:
                words.append(int(x))
        return words, slots

    def map(self, body, out, inputs):
        """Launch an elementwise kernel; inputs that are not laid out like `out` are walked in windows."""
        shape, dtypes = out.shape, [out.dtype]
        for x in inputs:
            if x.shape != shape or not x.flags.c_contiguous:
                self.run_windowed(body, out, inputs)
                return
            dtypes.append(x.dtype)
        n, built = out.size, self.compiled_map(body, tuple(dtypes))
        if (n * body.cost < DIRECT_NS or built.interpreted) and built.direct and context.launches is None:
            built.direct(*inputs, out, n)
            return
        operands, words = (*inputs, out), []
        for x in operands:
            words += self.address_of(x), n
        self.launch(body, built, words, n, body.cost, operands)

    def run_windowed(self, body, out, inputs):
        """Launch an elementwise kernel on inputs of any strides, in windows."""
        self._windows.run(body, out, inputs)

    matmul_floats = products.dot
    attention, attention_gradient = attention.attention, attention.attention_gradient
    conv = convolution.conv
    conv_input_gradient = convolution.conv_input_gradient
    conv_kernel_gradient = kernel_gradient.conv_kernel_gradient
    assign = views.assign
    mark_columns = touched.mark_columns
    launch_touched = touched.launch_touched
    mark_first = touched.mark_first
    launch_picked = touched.launch_picked
    repeat = repeated.repeat

    def launch(self, body, built, words, n, cost, operands, slots=()):
        """Run a compiled kernel over 0..n now, or keep the launch if this thread is recording."""
        block = words if type(words) is array.array else array.array("q", words)
        if context.launches is None:
            run_range(built.call, block.buffer_info()[0], n, cost, self.chunk_loop)
        else:
            name, full_name = body.name, body.qualified_name
            context.launches.append(Launch(name, built.address, block, n, cost, operands, list(slots), full_name))

    def vectors(self):
        return f"{self.registers.vector_bytes * 8} bits, dot tiles of {self.registers.rows} rows"

    def chunk_loop(self):
        """The compiled loop over chunks of a launch, made when the first one is split."""
        if self._chunks is None:
            self._chunks = self.prepare(_take_chunks, (0,) * 4)[0].call
        return self._chunks

    def compiled_map(self, body, dtypes):
        """The kernel of an elementwise body for the dtypes of its result and its inputs, all contiguous."""
        built = self.built.get((body, dtypes))
        if built is None:
            described = tuple((dtype.str, 1, True) for dtype in (*dtypes[1:], dtypes[0]))
            built = self._build(body, dtypes, described, flat=True)
        return built

    def compiled(self, body, operands):
        """The kernel of a body for operands that are described as for `compile_kernel`."""
        return self.built.get((body, operands)) or self._build(body, operands, operands, flat=False)

    def direct(self, body, dtypes):
        return self.compiled_map(body, dtypes).direct
