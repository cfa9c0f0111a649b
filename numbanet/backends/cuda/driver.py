"""The GPU: memory, copies, kernels and graphs, through the CUDA driver.

Everything runs on one stream, in the order in which it is asked for, so that memory that is given back can be handed
out again at once: a stream-ordered pool is the cache (CUDA C++ Programming Guide, Stream-Ordered Memory Allocator). The
pool is our own, so that nobody else's memory is kept by its rules, and `trim` gives back what is not in use. Only
`to_host` and `synchronize` wait. A second stream has the copies of `upload` alone.
"""

import contextlib
import functools
import gc
import math
import struct
import threading
from typing import NamedTuple

import numpy as np

from numbanet.backends.cuda.calls import call, driver, driver_version, why
from numbanet.backends.cuda.code import code_of
from numbanet.backends.cuda.context import Context, Event, Graph, Memory, in_context
from numbanet.backends.cuda.sizes import GPU
from numbanet.errors import DeviceError, DeviceMemoryError
from numbanet.kernels.arrays import DeviceArray

OLDEST = (7, 5)
"""The compute capability from which on kernels are compiled and tested."""

ALL = 2**64 - 1
"""Bytes that the pool keeps when the host waits for the GPU: the driver's default is none."""


class Gpu(NamedTuple):
    """A GPU before it is used."""

    number: int
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
        call(driver.cuInit, 0)
        device = call(driver.cuDeviceGet, 0)
        name = call(driver.cuDeviceGetName, 128, device).split(b"\0")[0].decode()
        kinds = driver.CUdevice_attribute
        major = call(driver.cuDeviceGetAttribute, kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device)
        minor = call(driver.cuDeviceGetAttribute, kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device)
        pools = call(driver.cuDeviceGetAttribute, kinds.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, device)
        version = driver_version()
    except DeviceError as error:
        raise DeviceError(f"device 'cuda' cannot be used: {why(error)}") from error
    described = f"{name}, compute capability {major}.{minor}"
    if (major, minor) < OLDEST:
        raise DeviceError(f"device 'cuda' cannot be used: {described}, is older than {OLDEST[0]}.{OLDEST[1]}")
    if not pools:
        raise DeviceError(f"device 'cuda' cannot be used: {name} has no memory pools, as some virtual GPUs have none")
    return Gpu(0, (major, minor), f"{described}, driver for CUDA {version[0]}.{version[1]}")


class Loaded:
    """A kernel of the device: its handle, and what its parameters are."""

    def __init__(self, entry, image, operands):
        self.module = call(driver.cuModuleLoadData, image)
        self.function = call(driver.cuModuleGetFunction, self.module, entry)
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
        np.add(_offsets(len(words)), block.ctypes.data, out=block[1])
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
        from numbanet.backends.cuda.backend import CudaBackend  # imports numba-cuda, which `first_gpu` does not need

        self.number, self.capability, self.description = gpu
        self._thread = threading.local()
        try:
            self.context = Context(self.number)
            self._open()
        except DeviceError as error:
            raise DeviceError(f"device 'cuda' cannot be used: {why(error)}") from error
        self.backend = CudaBackend(self, GPU)

    @in_context
    def _open(self):
        alone = int(driver.CUstream_flags.CU_STREAM_NON_BLOCKING)  # with CUDA's default stream it has nothing to do
        self.stream, self._uploads = call(driver.cuStreamCreate, alone), call(driver.cuStreamCreate, alone)
        wanted = driver.CUmemPoolProps()
        wanted.allocType = driver.CUmemAllocationType.CU_MEM_ALLOCATION_TYPE_PINNED
        wanted.location.type = driver.CUmemLocationType.CU_MEM_LOCATION_TYPE_DEVICE
        wanted.location.id = self.number
        self._pool = call(driver.cuMemPoolCreate, wanted)
        attribute = driver.CUmemPool_attribute.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD
        call(driver.cuMemPoolSetAttribute, self._pool, attribute, driver.cuuint64_t(ALL))

    @property
    def _target(self):
        """The stream on which this thread launches: that of a graph while it is captured."""
        return getattr(self._thread, "target", None) or self.stream

    @in_context
    def allocate(self, size):
        """An array of so many bytes.

        Raises
        ------
        DeviceMemoryError
            When there is no memory left.
        """
        address = self._allocated(size)
        if address is None:
            gc.collect()  # errors that were handled keep their frames, and so do other cycles, until they are found
            address = self._allocated(size)
        if address is None:
            free, total = call(driver.cuMemGetInfo)
            raise DeviceMemoryError(
                f"cuda: no memory for {size / 1e6:.1f} MB; {free / 1e6:.0f} of {total / 1e6:.0f} MB are free"
            )
        memory = Memory(address, size, self.context, driver.cuMemFreeAsync, address, self.stream)
        return DeviceArray(np.asarray(memory), self)

    def _allocated(self, size):
        """The address of a block of the pool, or None where there is no memory left."""
        with contextlib.suppress(DeviceMemoryError):
            return int(call(driver.cuMemAllocFromPoolAsync, max(size, 1), self._pool, self.stream))
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

    @in_context
    def copy_from_host(self, array, values):
        """Overwrite an array, which is contiguous, with values of its shape and dtype; they have been read then."""
        values = np.ascontiguousarray(values)
        if values.nbytes:
            source = values.ctypes.data
            call(driver.cuMemcpyHtoDAsync, array.layout.ctypes.data, source, values.nbytes, self._target)
            if _is_known(source):  # pinned memory is read later, other memory has been read when the driver returns
                call(driver.cuStreamSynchronize, self._target)

    @in_context
    def to_host(self, array):
        """A copy of a contiguous array as a NumPy array, when everything before it is done."""
        out = np.empty(array.shape, array.dtype)
        if out.nbytes:
            call(driver.cuMemcpyDtoHAsync, out.ctypes.data, array.layout.ctypes.data, out.nbytes, self._target)
        call(driver.cuStreamSynchronize, self.stream)
        return out

    @in_context
    def copy(self, target, source):
        """Copy a contiguous array into another one of the device by the driver's own copy, which is the fastest."""
        call(
            driver.cuMemcpyDtoDAsync, target.layout.ctypes.data, source.layout.ctypes.data, source.nbytes, self._target
        )

    @in_context
    def free_memory(self):
        """How many bytes can be allocated: what the driver has, and what the pool keeps for us."""
        kinds = driver.CUmemPool_attribute
        kept, used = (
            int(call(driver.cuMemPoolGetAttribute, self._pool, kind))
            for kind in (kinds.CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, kinds.CU_MEMPOOL_ATTR_USED_MEM_CURRENT)
        )
        return call(driver.cuMemGetInfo)[0] + kept - used

    @in_context
    def trim(self):
        """Give memory that the pool keeps and nobody uses back to the driver, for other libraries."""
        call(driver.cuStreamSynchronize, self.stream)  # until then the pool may not have what was given back
        call(driver.cuMemPoolTrimTo, self._pool, 0)

    @in_context
    def pinned(self, shape, dtype):
        """Memory of the host, for `upload`: it stays where it is, so that the GPU reads it while the host goes on.

        Raises
        ------
        DeviceMemoryError
            When no more can be pinned.
        """
        dtype = np.dtype(dtype)
        used = math.prod(shape) * dtype.itemsize
        size = max(used, 1)
        try:
            address = int(call(driver.cuMemAllocHost, size))
        except DeviceMemoryError as error:
            raise DeviceMemoryError(f"cuda: {size / 1e6:.1f} MB of the host's memory cannot be pinned") from error
        memory = Memory(address, size, self.context, driver.cuMemFreeHost, address)
        return np.asarray(memory)[:used].view(dtype).reshape(shape)

    @in_context
    def record(self, timed=False):
        """An event: everything on the stream is done that was asked for before."""
        return Event(self.context, self.stream, timed)

    @in_context
    def upload(self, array, values, after):
        """Copy pinned memory to an array on the second stream, when the event `after` has come; the event of its end.

        Neither may be used otherwise before that event, which `wait_for` waits for, and `event.sync()` on the host.
        """
        call(driver.cuStreamWaitEvent, self._uploads, after.handle, 0)
        if values.nbytes:
            target = array.layout.ctypes.data
            call(driver.cuMemcpyHtoDAsync, target, values.ctypes.data, values.nbytes, self._uploads)
        return Event(self.context, self._uploads)

    @in_context
    def wait_for(self, event):
        """What comes next on the stream waits for an event."""
        call(driver.cuStreamWaitEvent, self.stream, event.handle, 0)

    @in_context
    def finish_uploads(self):
        """Wait until all copies of `upload` are done."""
        call(driver.cuStreamSynchronize, self._uploads)

    @in_context
    def compile(self, name, make, parameters, operands):
        """The kernel `make(*parameters)`, loaded."""
        return Loaded(*code_of(name, make, parameters, operands, self.capability), operands)

    @in_context
    def launch(self, kernel, grid, block, operands):
        """Launch a kernel on operands: DeviceArrays, tuples of integers, and numbers."""
        words = kernel.parameters(operands)
        grid, block = (*grid, 1, 1)[:3], (*block, 1, 1)[:3]
        call(driver.cuLaunchKernel, kernel.function, *grid, *block, 0, self._target, words[1].ctypes.data, 0)

    def run(self, launches):
        """Launch what was recorded."""
        for one in launches:
            self.launch(one.kernel, one.grid, one.block, one.operands)

    @in_context
    def graph(self, launches):
        """What was recorded as a CUDA graph, ready to be launched again and again."""
        stream = call(driver.cuStreamCreate, int(driver.CUstream_flags.CU_STREAM_NON_BLOCKING))
        try:
            mode = driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED  # nobody else's calls are in its way
            call(driver.cuStreamBeginCapture, stream, mode)
            self._thread.target = stream  # of this thread: others go on with the stream
            try:
                self.run(launches)
            finally:
                self._thread.target = None
                captured = call(driver.cuStreamEndCapture, stream)
            return Graph(self.context, self.stream, captured)
        finally:
            call(driver.cuStreamDestroy, stream)

    def program(self, launches, pool, memory):
        """A Program of recorded launches."""
        from numbanet.backends.cuda.program import CudaProgram

        return CudaProgram(self, launches, pool, memory)

    @in_context
    def synchronize(self):
        """Wait until everything that was asked for is done."""
        call(driver.cuStreamSynchronize, self.stream)

    @property
    def handle(self):
        """The stream, for other libraries."""
        return int(self.stream)

    @in_context
    def order(self, first, then):
        """What comes next on the stream `then` waits for what is on `first` now; handles, None for our own stream."""
        event = Event(self.context, self.stream if first is None else first)
        call(driver.cuStreamWaitEvent, self.stream if then is None else then, event.handle, 0)

    @in_context
    def synchronize_all(self):
        """Wait until everything is done that any stream was asked for, also those of other libraries."""
        call(driver.cuCtxSynchronize)

    @in_context
    def check_address(self, address):
        """Raise DeviceError unless an address is one of this device."""
        attribute = driver.CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL
        error, number = driver.cuPointerGetAttribute(attribute, address)
        if error or int(number) != self.number:
            raise DeviceError("asarray: the array is not in the memory of the first GPU, which numbanet uses")


@functools.cache
def _offsets(count):
    """Where so many words lie behind the first."""
    return 8 * np.arange(count)


def _is_known(address):
    """Whether memory of the host is known to the driver: it is pinned, or managed."""
    error, _ = driver.cuPointerGetAttribute(driver.CUpointer_attribute.CU_POINTER_ATTRIBUTE_MEMORY_TYPE, address)
    return not error
