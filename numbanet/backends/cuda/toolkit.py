"""The one file that imports numba-cuda: what kernels are written with, and how they become PTX.

numba-cuda is a compiler here and nothing else: `code.py` has its PTX assembled and keeps the result, and `driver.py`
loads and launches it. Kernels use what numba-cuda and its successor numba-cuda-mlir both have (thread indices, shared
and local arrays, barriers, shuffles, `math`), so that the change to the successor is a change of this file.

Kernel modules import `cuda` and `device` from here. They are written so that Numba's simulator, which replaces the
global name `cuda` of a module while a kernel runs, can run them as well.
"""

import contextlib
import functools
import math
import threading
import types as python_types
import warnings

import numpy as np

from numbanet.backends.cuda.literals import with_narrow_literals
from numbanet.backends.cuda.toolchain import toolkit_named
from numbanet.errors import DeviceError

if not hasattr(
    np, "row_stack"
):  # gone in NumPy 2.5; numba-cuda registers it beside vstack, which it must not be itself

    def row_stack(arrays):
        """Stand in for what nobody calls."""
        return np.vstack(arrays)

    vars(np)["row_stack"] = row_stack


@contextlib.contextmanager
def _without_deprecations():
    """Leave out what new versions of NumPy tell numba-cuda: who runs a kernel cannot do anything about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # NumPy's, of what numba-cuda calls
        yield


with _without_deprecations():
    from numba import config, cuda, types
    from numba.cuda import dispatcher


SIMULATED = bool(config.ENABLE_CUDASIM)
"""Whether kernels run in Numba's simulator: NUMBA_ENABLE_CUDASIM=1 when numba-cuda was imported."""

if SIMULATED:
    from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray as as_argument  # without it, a copy is passed

    from numbanet.backends.cuda.simulated import shfl_down_sync, shfl_xor_sync
else:
    from numba.cuda import libdevice, shfl_down_sync, shfl_xor_sync

__all__ = ["SIMULATED", "as_argument", "compile_ptx", "cuda", "device", "part", "shfl_down_sync", "shfl_xor_sync"]


def _meanings(narrow):
    """What the NumPy functions that bodies call are on a GPU, for float32 if `narrow`."""
    same = ("exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh")
    same += ("sqrt", "floor", "ceil", "trunc", "copysign")
    names = ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")
    arcs = {getattr(np, f"arc{name}"): getattr(math, f"a{name}") for name in names}
    others = {np.rint: libdevice.rintf if narrow else libdevice.rint, np.abs: abs}
    return {getattr(np, name): getattr(math, name) for name in same} | arcs | others


@functools.cache
def _numpy(narrow):
    """NumPy as bodies find it on a GPU: its functions there, and its numbers (inf, nan) in float32 if `narrow`."""
    found = python_types.ModuleType("numpy")
    numbers = {name: np.float32(x) for name, x in vars(np).items() if narrow and type(x) is float}
    meanings = _meanings(narrow)
    functions = {name: meanings.get(x, x) for name, x in vars(np).items() if callable(x)}
    vars(found).update({**vars(np), **numbers, **functions})
    return found


def device(function, narrow=False):
    """`function`, a range body or a part of a kernel, as a device function that is inlined where it is called.

    If `narrow`, it is a body that computes in float32; see `literals`.
    """
    if SIMULATED:
        return function
    if narrow:
        function = with_narrow_literals(function)
    meanings, names = _meanings(narrow), dict(function.__globals__)
    for name, value in names.items():
        if value is np:
            names[name] = _numpy(narrow)
        elif callable(value):
            names[name] = meanings.get(value, value)
    own = python_types.FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    own.__module__ = function.__module__
    return cuda.jit(device=True, forceinline=True)(own)


def part(kernel):
    """A kernel as a part of another one, which calls it."""
    return cuda.jit(device=True)(kernel) if SIMULATED else device(kernel)


_pretended = threading.local()
_compiling = threading.Lock()
"""Kernels are compiled one at a time: Numba's own lock does not reach from typing a kernel to its PTX."""

_device_of_numba = getattr(dispatcher, "get_current_device", None)  # the simulator, which compiles nothing, has none


def _current_device():
    """The device that this thread compiles for, or the one that numba-cuda would have found."""
    return getattr(_pretended, "device", None) or _device_of_numba()


dispatcher.get_current_device = _current_device


@contextlib.contextmanager
def _pretend_device(capability):
    """Device functions ask for the current device while they are typed, just for its capability: no GPU is needed.

    Only this thread is told: others may be using numba-cuda themselves.
    """
    _pretended.device = python_types.SimpleNamespace(compute_capability=capability)
    try:
        yield
    finally:
        _pretended.device = None


def numba_type(described):
    """The type of a parameter: (dtype string, dimensions, contiguous), the name of a number, or a tuple of these."""
    if isinstance(described, str):
        return getattr(types, described)
    if isinstance(described[0], tuple) or described[0] in ("int64", "uint32"):
        return types.Tuple([numba_type(one) for one in described])
    dtype, ndim, contiguous = described
    element = types.boolean if dtype == "|b1" else getattr(types, np.dtype(dtype).name)
    return types.Array(element, ndim, "C" if contiguous else "A")


def compile_ptx(kernel, operands, capability):
    """The PTX of a kernel for parameters that are described as for `numba_type`, and a compute capability.

    Raises
    ------
    DeviceError
        When numba-cuda cannot: it may not find NVVM, NVRTC or libdevice of the CUDA toolkit.
    """
    bounds = getattr(kernel, "launch_bounds", None)
    with _compiling, _without_deprecations(), toolkit_named(), _pretend_device(capability):
        try:
            signature = types.void(*[numba_type(one) for one in operands])
            return cuda.compile_ptx(kernel, signature, cc=capability, launch_bounds=bounds)[0]
        except Exception as error:
            told = " ".join(str(error).split())[:300]
            raise DeviceError(
                f"cuda: numba-cuda cannot compile a kernel ({type(error).__name__}: {told}); it needs NVVM, NVRTC and "
                'libdevice, which python -m pip install "numba-cuda[cu13]" (or cu12) brings'
            ) from error
