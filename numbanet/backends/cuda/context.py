"""What Driver holds on to: the GPU's context, streams, events, and memory that is given back by itself.

Every call needs the context of our GPU to be the current one of the thread. Other libraries have contexts too, and may
make another one current at any time (PyTorch does in `torch.cuda.set_device`). So `in_context` looks before each call;
where another one is current it is put back afterwards.
"""

import contextlib
import functools
import os
import sys

from numbanet.backends.cuda.calls import call, driver
from numbanet.errors import DeviceError


class Context:
    """The primary context of a GPU, which all libraries share.

    Parameters
    ----------
    number : int
        Of the GPU, in the order of CUDA.
    """

    def __init__(self, number):
        self.process = os.getpid()
        self.handle = call(driver.cuDevicePrimaryCtxRetain, call(driver.cuDeviceGet, number))
        self.address = int(self.handle)

    def enter(self):
        """Make the context current; whether another one was, which `leave` makes current again.

        Raises
        ------
        DeviceError
            In a process that was forked after the GPU had been opened: the driver does not work there.
        """
        if os.getpid() != self.process:
            raise DeviceError("device 'cuda' was opened before this process was forked; start processes with spawn")
        found = int(call(driver.cuCtxGetCurrent))
        if found == self.address:
            return False
        if not found:  # a thread that has none keeps ours
            call(driver.cuCtxSetCurrent, self.handle)
            return False
        call(driver.cuCtxPushCurrent, self.handle)
        return True

    def leave(self):
        """Make the one current that was before `enter`."""
        call(driver.cuCtxPopCurrent)


def in_context(method):
    """Make the context of `self.context` current while a method runs."""

    @functools.wraps(method)
    def run(self, *args, **options):
        context = self.context
        if not context.enter():
            return method(self, *args, **options)
        try:
            return method(self, *args, **options)
        finally:
            context.leave()

    return run


class Owned:
    """Something of the driver that is given back when nothing refers to it any more.

    Parameters
    ----------
    context : Context
    give_back : function of the driver
    *arguments : object
        What it is called with.
    """

    context = None  # until there is something to give back

    def __init__(self, context, give_back, *arguments):
        self.context, self._give_back, self._arguments = context, give_back, arguments

    @in_context
    def _destroy(self):
        call(self._give_back, *self._arguments)

    def __del__(self, is_finalizing=sys.is_finalizing, getpid=os.getpid, suppress=contextlib.suppress):
        if self.context is None or is_finalizing() or getpid() != self.context.process:
            return  # there is nothing, or the driver has gone, or it is that of another process
        with suppress(DeviceError):  # of a call that failed before, which every later one reports again
            self._destroy()


class Memory(Owned):
    """A block of memory.

    It says where it is in the way of NumPy's array interface, so that NumPy makes layouts of it and keeps it alive.
    """

    def __init__(self, address, size, context, give_back, *arguments):
        super().__init__(context, give_back, *arguments)
        self.__array_interface__ = {"data": (address, False), "shape": (size,), "typestr": "|u1", "version": 3}


class Event(Owned):
    """A point on a stream: it has come when everything is done that the stream was asked for before."""

    def __init__(self, context, stream, timed=False):
        kinds = driver.CUevent_flags
        kind = kinds.CU_EVENT_DEFAULT if timed else kinds.CU_EVENT_DISABLE_TIMING
        self.handle = call(driver.cuEventCreate, int(kind))
        super().__init__(context, driver.cuEventDestroy, self.handle)
        call(driver.cuEventRecord, self.handle, stream)

    @in_context
    def sync(self):
        """Wait until it has come."""
        call(driver.cuEventSynchronize, self.handle)

    def seconds_since(self, first):
        """Return the seconds from an event before to this one; both are `timed`, and have come."""
        return call(driver.cuEventElapsedTime, first.handle, self.handle) / 1e3


class Graph(Owned):
    """Launches that the driver has as a whole.

    Parameters
    ----------
    context : Context
    stream : CUstream
        Where it runs.
    captured : CUgraph
        Which is destroyed.
    """

    def __init__(self, context, stream, captured):
        try:
            self.handle = call(driver.cuGraphInstantiate, captured, 0)
        finally:
            call(driver.cuGraphDestroy, captured)
        super().__init__(context, driver.cuGraphExecDestroy, self.handle)
        self._stream = stream

    @in_context
    def launch(self):
        """Run all of it."""
        call(driver.cuGraphLaunch, self.handle, self._stream)
