"""The GPU: memory, copies, kernels and graphs, through NVIDIA's own cuda.core and cuda.bindings.

Everything runs on one stream, in the order in which it is asked for, so that memory that is given back can be handed
out again at once: the driver's stream-ordered pool is the cache (CUDA C++ Programming Guide, Stream-Ordered Memory
Allocator). Only `to_host` and `synchronize` wait. A second stream has the copies of `upload` alone.
"""

import functools
import gc
import math
import os
import re
import struct
import threading
from typing import NamedTuple

import numpy as np
from cuda.bindings import driver as bindings
from cuda.core import Device, LegacyPinnedMemoryResource, ObjectCode

from numbanet.errors import DeviceError, DeviceMemoryError
from numbanet.kernels.arrays import DeviceArray
from numbanet.kernels.cuda.code import ptx_of

OLDEST = (7, 5)
"""The compute capability from which on kernels are compiled and tested."""


class Gpu(NamedTuple):
    """A GPU before it is used."""

    device: Device
    capability: tuple
    description: str


def first_gpu():
    """The first GPU that CUDA names, if kernels can run on it; nothing is loaded or allocated there.

    Raises
    ------
    DeviceError
        When there is no driver or no GPU, or one of them is too old.
    """
    try:
        device = Device(0)
        capability, version = tuple(device.compute_capability), _check(bindings.cuDriverGetVersion())
    except Exception as error:
        raise DeviceError(f"device 'cuda' cannot be used: {_why(error)}") from error
    described = f"{device.name}, compute capability {_dotted(capability)}"
    if capability < OLDEST:
        raise DeviceError(f"device 'cuda' cannot be used: {described}, is older than {_dotted(OLDEST)}")
    return Gpu(device, capability, f"{described}, driver for CUDA {version // 1000}.{version % 1000 // 10}")


def _dotted(capability):
    return ".".join(map(str, capability))


class Memory:
    """A block of the device's memory, given back when nothing refers to it any more.

    It says where it is in the way of NumPy's array interface, so that NumPy makes layouts of it and keeps it alive.
    """

    def __init__(self, buffer, size):
        self.buffer = buffer
        self.__array_interface__ = {
            "data": (int(buffer.handle), False), "shape": (size,), "typestr": "|u1", "version": 3
        }  # fmt: skip


class Loaded:
    """A kernel of the device: its handle, and what its parameters are."""

    def __init__(self, code, name, operands):
        self.code = code  # keeps it loaded
        self.function = bindings.CUfunction(int(code.get_kernel(name).handle))
        self.operands = operands

    def parameters(self, operands):
        """The words of the parameters, and the addresses of these, one after the other: what a launch needs."""
        words = []
        for x, described in zip(operands, self.operands, strict=True):
            if isinstance(x, DeviceArray):  # as Numba passes arrays: no owner, sizes, address, shape, strides
                words += (0, 0, x.size, x.itemsize, x.layout.ctypes.data, *x.shape, *x.strides)
            elif isinstance(x, tuple):
                words += x
            elif described == "float32":
                words.append(struct.unpack("q", struct.pack("fxxxx", x))[0])
            else:
                words.append(struct.unpack("q", struct.pack("d", x))[0] if described == "float64" else int(x))
        block = np.empty((2, len(words)), np.int64)
        block[0] = words
        block[1] = block.ctypes.data + 8 * np.arange(len(words))
        return block


class Driver:
    """A GPU that is used.

    Parameters
    ----------
    gpu : Gpu

    Raises
    ------
    DeviceError
        When it cannot be used.
    """

    name = "cuda"

    def __init__(self, gpu):
        from numbanet.kernels.cuda.build import CudaBuild  # imports numba-cuda, which `first_gpu` does not need
        from numbanet.kernels.cuda.sizes import GPU

        self._process, self._thread = os.getpid(), threading.local()
        self.device, self.capability, self.description = gpu
        try:
            self.device.set_current()
        except Exception as error:
            raise DeviceError(f"device 'cuda' cannot be used: {_why(error)}") from error
        self.stream, self._uploads = self.device.create_stream(), self.device.create_stream()
        self.build = CudaBuild(self, GPU)

    @property
    def _target(self):
        """The stream on which this thread launches: that of a graph while it is captured."""
        return getattr(self._thread, "target", None) or self.stream.handle

    def _use(self):
        """Make the device current in this thread."""
        if getattr(self._thread, "ready", False):
            return
        if os.getpid() != self._process:
            raise DeviceError("device 'cuda' was opened before this process was forked; start processes with spawn")
        self.device.set_current()
        self._thread.ready = True

    def allocate(self, size):
        """An array of so many bytes.

        Raises
        ------
        DeviceMemoryError
            When there is no memory left.
        """
        self._use()
        buffer = self._allocated(size)
        if buffer is None:
            gc.collect()  # errors that were handled keep their frames, and so do other cycles, until they are found
            buffer = self._allocated(size)
        if buffer is None:
            free, total = _check(bindings.cuMemGetInfo())
            raise DeviceMemoryError(
                f"cuda: no memory for {size / 1e6:.1f} MB; {free / 1e6:.0f} of {total / 1e6:.0f} MB are free"
            )
        return DeviceArray(np.asarray(Memory(buffer, size)), self)

    def _allocated(self, size):
        """A block of the pool, or None where there is no memory left."""
        try:
            return self.device.allocate(max(size, 1), stream=self.stream)
        except Exception as error:
            if "OUT_OF_MEMORY" not in str(error):
                raise
        return None

    def empty(self, shape, dtype):
        """An uninitialised array."""
        dtype = np.dtype(dtype)
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        block = self.allocate(math.prod(shape) * dtype.itemsize)
        return DeviceArray(block.layout.view(dtype).reshape(shape), self)

    def from_host(self, array):
        """A copy of a NumPy array."""
        out = self.empty(array.shape, array.dtype)
        self.copy_from_host(out, array)
        return out

    def copy_from_host(self, array, values):
        """Overwrite an array, which is contiguous, with values of its shape and dtype."""
        self._use()
        values = np.ascontiguousarray(values)  # the driver has read pageable memory when it returns
        if values.nbytes:
            address = values.ctypes.data
            _check(bindings.cuMemcpyHtoDAsync(array.layout.ctypes.data, address, values.nbytes, self._target))

    def to_host(self, array):
        """A copy of a contiguous array as a NumPy array, when everything before it is done."""
        self._use()
        out = np.empty(array.shape, array.dtype)
        if out.nbytes:
            address = array.layout.ctypes.data
            _check(bindings.cuMemcpyDtoHAsync(out.ctypes.data, address, out.nbytes, self._target))
        self.synchronize()
        return out

    def free_memory(self):
        """How many bytes can be allocated: what the driver has, and what its pool keeps for us."""
        self._use()
        pool = self.device.memory_resource.attributes
        return _check(bindings.cuMemGetInfo())[0] + pool.reserved_mem_current - pool.used_mem_current

    def pinned(self, shape, dtype):
        """Memory of the host, for `upload`: it stays where it is, so that the GPU reads it while the host goes on.

        Raises
        ------
        DeviceMemoryError
            When no more can be pinned.
        """
        self._use()
        dtype = np.dtype(dtype)
        size = max(math.prod(shape) * dtype.itemsize, 1)
        try:
            buffer = LegacyPinnedMemoryResource().allocate(size)
        except Exception as error:
            if "OUT_OF_MEMORY" not in str(error):
                raise
            raise DeviceMemoryError(f"cuda: {size / 1e6:.1f} MB of the host's memory cannot be pinned") from error
        return np.asarray(Memory(buffer, size))[: math.prod(shape) * dtype.itemsize].view(dtype).reshape(shape)

    def record(self):
        """An event: everything on the stream is done that was asked for before."""
        self._use()
        return self.stream.record()

    def upload(self, array, values, after):
        """Copy pinned memory to an array on the second stream, when the event `after` has come; the event of its end.

        Neither may be used otherwise before that event, which `wait_for` waits for, and `event.sync()` on the host.
        """
        self._use()
        self._uploads.wait(after)
        if values.nbytes:
            source, target = values.ctypes.data, array.layout.ctypes.data
            _check(bindings.cuMemcpyHtoDAsync(target, source, values.nbytes, self._uploads.handle))
        return self._uploads.record()

    def wait_for(self, event):
        """What comes next on the stream waits for an event."""
        self._use()
        self.stream.wait(event)

    def finish_uploads(self):
        """Wait until all copies of `upload` are done."""
        self._use()
        self._uploads.sync()

    def compile(self, name, make, parameters, operands):
        """The kernel `make(*parameters)`, loaded."""
        self._use()
        ptx = ptx_of(name, make, parameters, operands, self.capability)
        entry = re.search(r"\.visible\s+\.entry\s+(\w+)", ptx).group(1)
        return Loaded(ObjectCode.from_ptx(ptx.encode()), entry, operands)

    def launch(self, kernel, grid, block, operands):
        """Launch a kernel on operands: DeviceArrays, tuples of integers, and numbers."""
        self._use()
        words = kernel.parameters(operands)
        grid, block = (*grid, 1, 1)[:3], (*block, 1, 1)[:3]
        _check(bindings.cuLaunchKernel(kernel.function, *grid, *block, 0, self._target, words[1].ctypes.data, 0))

    def run(self, launches):
        """Launch what was recorded."""
        for _, kernel, grid, block, operands in launches:
            self.launch(kernel, grid, block, operands)

    def graph(self, launches):
        """What was recorded as a CUDA graph, ready to be launched again and again."""
        self._use()
        builder = self.device.create_graph_builder().begin_building()
        self._thread.target = builder.stream.handle  # of this thread: others go on with the stream
        try:
            self.run(launches)
        finally:
            self._thread.target = None
            builder.end_building()
        return _Graph(builder.complete(), self.stream)

    def program(self, launches, pool, memory):
        """A Program of recorded launches."""
        from numbanet.kernels.cuda.program import CudaProgram

        return CudaProgram(self, launches, pool, memory)

    def synchronize(self):
        """Wait until everything that was asked for is done."""
        self._use()
        self.stream.sync()

    @property
    def handle(self):
        """The stream, for other libraries."""
        return int(self.stream.handle)

    def order(self, first, then):
        """What comes next on the stream `then` waits for what is on `first` now; handles, None for our own stream."""
        self._use()
        event = _check(bindings.cuEventCreate(int(bindings.CUevent_flags.CU_EVENT_DISABLE_TIMING)))
        try:
            _check(bindings.cuEventRecord(event, self.handle if first is None else first))
            _check(bindings.cuStreamWaitEvent(self.handle if then is None else then, event, 0))
        finally:
            _check(bindings.cuEventDestroy(event))

    def synchronize_all(self):
        """Wait until everything is done that any stream was asked for, also those of other libraries."""
        self._use()
        _check(bindings.cuCtxSynchronize())

    def check_address(self, address):
        """Raise DeviceError unless an address is one of this device."""
        self._use()
        attribute = bindings.CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL
        error, number = bindings.cuPointerGetAttribute(attribute, address)
        if error != bindings.CUresult.CUDA_SUCCESS or int(number):
            raise DeviceError("asarray: the array is not in the memory of the first GPU, which numbanet uses")


class _Graph:
    """A graph and the stream that it runs on."""

    def __init__(self, graph, stream):
        self.graph = graph
        self.launch = functools.partial(graph.launch, stream)


def _check(result):
    """What a function of the driver returned, or an error."""
    error, *values = result
    if error != bindings.CUresult.CUDA_SUCCESS:
        _, text = bindings.cuGetErrorString(error)
        raise DeviceError(f"cuda: {text.decode() if text else error}")
    return values[0] if len(values) == 1 else values


def _why(error):
    """What to do about an error of the driver, in one sentence."""
    text = str(error)
    if "NO_DEVICE" in text or "INVALID_DEVICE" in text or "device_id" in text:
        return "the driver finds no NVIDIA GPU (CUDA_VISIBLE_DEVICES may hide it)"
    if "INSUFFICIENT_DRIVER" in text or "SYSTEM_DRIVER_MISMATCH" in text or re.search("Function.*not found", text):
        return 'the NVIDIA driver is too old for this CUDA; update it, or pip install "numbanet[cuda12]"'
    if "driver library" in text or "libcuda" in text or "nvcuda" in text:
        return "there is no NVIDIA driver"
    return " ".join(text.split())
