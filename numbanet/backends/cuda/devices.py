"""The devices that there are: the GPU, or Numba's simulator, opened when it is first asked for."""

import contextlib
import copyreg
import functools
import importlib.metadata
import os
import re
from importlib.util import find_spec

from numbanet.errors import DeviceError
from numbanet.kernels.arrays import DeviceArray

HELP = 'python -m pip install "numba-cuda[cu13]" (or cu12) has it'

LOWEST = {"numba-cuda": (0, 30), "cuda-bindings": (12, 9, 3)}
"""The oldest versions that work; the extras of pyproject.toml ask for the same."""

_instead: list = []


def cuda():
    """The first GPU, or the simulator under NUMBA_ENABLE_CUDASIM=1.

    Raises
    ------
    DeviceError
        With the reason, in one sentence: numba-cuda is missing, or there is no driver, or no GPU.
    """
    return _instead[-1] if _instead else _opened()


def _from_values(values):
    return cuda().from_host(values)


def _pickled(array):
    """Arrays are pickled as their values, which go to the device that there is where they are read."""
    return _from_values, (array.to_host(),)


copyreg.pickle(DeviceArray, _pickled)


@contextlib.contextmanager
def instead_of_the_gpu(device):
    """Inside the block "cuda" is another device, in all threads: a `Catalogue` for example."""
    _instead.append(device)
    try:
        yield
    finally:
        _instead.remove(device)


def first_gpu():
    """The `driver.Gpu` that there is, not used yet; DeviceError with the reason if there is none."""
    if not _is_installed():
        raise DeviceError(f"device 'cuda' cannot be used: numba-cuda is not installed; {HELP}")
    for name, lowest in LOWEST.items():
        found = _version(name)
        if found and tuple(map(int, re.findall(r"\d+", found)[: len(lowest)])) < lowest:
            wanted = ".".join(map(str, lowest))
            raise DeviceError(f"device 'cuda' cannot be used: {name} {found} is older than {wanted}; {HELP}")
    try:
        from numbanet.backends.cuda import driver
    except Exception as error:
        raise DeviceError(
            f"device 'cuda' cannot be used: cuda.bindings cannot be imported ({error}); {HELP}"
        ) from error
    return driver.first_gpu()


def _version(name):
    """The version of a package that is installed, as pip knows it; None if pip does not."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def described():
    """What "cuda" is here, or the sentence that says why it cannot be used: without importing numba-cuda for it."""
    if _is_simulated():
        return "Numba's simulator (NUMBA_ENABLE_CUDASIM is set)"
    try:
        return first_gpu().description
    except DeviceError as error:
        return str(error).removeprefix("device 'cuda' ")


def _is_installed():
    return find_spec("numba_cuda") is not None


def _is_simulated():
    return _is_installed() and os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0")


@functools.cache
def _opened():
    gpu = None if _is_simulated() else first_gpu()
    try:
        from numbanet.backends.cuda.toolkit import SIMULATED
    except Exception as error:
        raise DeviceError(f"device 'cuda' cannot be used: numba-cuda cannot be imported ({error}); {HELP}") from error
    if SIMULATED:
        from numbanet.backends.cuda.simulator import Simulator

        return Simulator()
    from numbanet.backends.cuda.driver import Driver

    return Driver(gpu)
