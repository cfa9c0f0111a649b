"""Nanoseconds an element of float32 functions: the vectorised schedule, the naive loop compiled, and NumPy; one thread.

`python asv_benchmarks/float32_functions.py`: 2^16 numbers, which stay in the cache; the fastest of 100 calls of each.
"""

import time
from types import FunctionType

import numpy as np

import numbanet as nn
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import functions

SIZE = 1 << 16
CASES = (
    (functions.exponential, -20, 20, np.exp), (functions.logarithm, 1e-3, 1e3, np.log),
    (functions.hyperbolic_tangent, -5, 5, np.tanh), (functions.sigmoid, -20, 20, None), (functions.silu, -20, 20, None),
)  # fmt: skip


def fastest(call):
    """Nanoseconds an element of the fastest of 100 calls, after one that is not counted."""
    call()
    seconds = []
    for _ in range(100):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds) / SIZE * 1e9


def compare(body, low, high, numpy_function):
    """The three times of one function; None where NumPy has none."""
    x = np.random.default_rng(0).uniform(low, high, SIZE).astype(np.float32)
    out = np.empty_like(x)
    copy = FunctionType(body.__code__, body.__globals__, body.__name__)  # another function, for which none is known
    copy.__module__ = "elsewhere"  # never taken from the cache
    schedule, naive = Kernel(body), Kernel(copy)
    fast, slow = fastest(lambda: schedule.map(out, x)), fastest(lambda: naive.map(out, x))
    return fast, slow, None if numpy_function is None else fastest(lambda: numpy_function(x, out=out))


if __name__ == "__main__":
    nn.config.num_threads = 1
    print("| | numbanet | its loop with the C library's function | NumPy |")
    print("|---|---|---|---|")
    for case in CASES:
        times = " | ".join("" if t is None else f"{t:.2f}" for t in compare(*case))
        print(f"| {case[0].__name__} | {times} |")
