"""Launches of tests' own, over ranges as threads share them."""

import ctypes

import numpy as np

CALL = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)


def walk(launch, start, stop):
    """Run a recorded launch from one position to another."""
    CALL(launch.function)(launch.block.buffer_info()[0], start, stop)


def assert_any_split(launch, out, whole):
    """Check that a launch writes the bytes of `whole` wherever it is cut in two, the second half first."""
    for cut in range(launch.n + 1):
        out[...] = np.nan
        walk(launch, cut, launch.n)
        walk(launch, 0, cut)
        assert out.tobytes() == whole.tobytes()
