"""Calls of the CUDA driver, through cuda.bindings: every error becomes a DeviceError here, and nowhere else.

The functions are those of the CUDA Driver API, which are the same in every version that numbanet runs with.
"""

import re

from cuda.bindings import driver

from numbanet.errors import DeviceError, DeviceMemoryError

__all__ = ["call", "driver", "driver_version", "why"]


def call(function, *arguments):
    """Return what a function of the driver returns besides its error code: one value, or a list.

    Raises
    ------
    DeviceMemoryError
        When there is no memory left.
    DeviceError
        For every other error, and when there is no driver, or one that is too old to have the function.
    """
    try:
        error, *values = function(*arguments)
    except RuntimeError as problem:  # what cuda.bindings raises where a library or a function is not there
        raise DeviceError(f"cuda: {why(problem)}") from problem
    if error:
        raise _as_error(error)
    return values[0] if len(values) == 1 else values


def _as_error(error):
    """The exception for an error code."""
    _, name = driver.cuGetErrorName(error)
    _, text = driver.cuGetErrorString(error)
    told = ": ".join(one.decode() for one in (name, text) if one) or str(error)
    kind = DeviceMemoryError if error == driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY else DeviceError
    return kind(f"cuda: {told}")


def why(error):
    """Return what to do about an error of the driver, in one sentence."""
    text = str(error)
    if "NO_DEVICE" in text or "INVALID_DEVICE" in text:
        return "the driver finds no NVIDIA GPU (CUDA_VISIBLE_DEVICES may hide it)"
    if "INSUFFICIENT_DRIVER" in text or "SYSTEM_DRIVER_MISMATCH" in text or re.search("Function.*not found", text):
        return 'the NVIDIA driver is too old for this CUDA; update it, or python -m pip install "numba-cuda[cu12]"'
    if "driver library" in text or "libcuda" in text or "nvcuda" in text:
        return "there is no NVIDIA driver"
    return " ".join(text.split()).removeprefix("cuda: ")


def driver_version():
    """Return the version of CUDA that the driver is for, (major, minor)."""
    version = call(driver.cuDriverGetVersion)
    return version // 1000, version % 1000 // 10
