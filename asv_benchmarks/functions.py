"""Nanoseconds an element of functions of calculus: numbanet, its naive loop compiled, NumPy and PyTorch; one thread.

`python asv_benchmarks/functions.py`: all in turn in one process, seven rounds, the median of the rounds; a round is the
lower quartile of nine calls. PyTorch is left out where it cannot be imported.
"""

import time
from types import FunctionType

import numpy as np

import numbanet as nn
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import functions

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

ROUNDS, CALLS = 7, 9
WIDE, POSITIVE = (-10, 10), (1e-3, 1e3)
CASES = (
    ("exp", functions.exponential, WIDE), ("log", functions.logarithm, POSITIVE),
    ("tanh", functions.hyperbolic_tangent, WIDE), ("sigmoid", functions.sigmoid, WIDE), ("silu", functions.silu, WIDE),
    ("gelu", functions.gelu, WIDE), ("softplus", functions.softplus, WIDE), ("erf", functions.error_function, WIDE),
    ("expm1", functions.exponential_minus_one, WIDE), ("log1p", functions.logarithm_one_plus, POSITIVE),
    ("log2", functions.logarithm_2, POSITIVE), ("sin", functions.sine, WIDE), ("cos", functions.cosine, WIDE),
)  # fmt: skip


def seconds(call):
    """The lower quartile of some calls."""
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)[CALLS // 4]


def contenders(name, body, x):
    """What is timed, by name: functions without arguments."""
    out, tuned = np.empty_like(x), Kernel(body)
    copy = FunctionType(body.__code__, body.__globals__, body.__name__)  # vectors are known for the body itself alone
    copy.__module__ = __name__
    naive = Kernel(copy)
    found = {"numbanet": lambda: tuned.map(out, x), "naive": lambda: naive.map(out, x)}
    if hasattr(np, name):
        found["NumPy"] = lambda: getattr(np, name)(x, out=out)
    if torch is not None:
        tensor = torch.from_numpy(x)
        result, function = torch.empty_like(tensor), getattr(torch, name, None)
        if function is None:
            found["PyTorch"] = lambda: getattr(torch.nn.functional, name)(tensor)
        else:
            found["PyTorch"] = lambda: function(tensor, out=result)
    return found


def compare(name, body, bounds, dtype, size):
    """Nanoseconds an element by contender."""
    x = np.random.default_rng(0).uniform(*bounds, size).astype(dtype)
    calls = contenders(name, body, x)
    for call in calls.values():
        call()
    rounds = [{who: seconds(call) for who, call in calls.items()} for _ in range(ROUNDS)]
    return {who: float(np.median([times[who] for times in rounds])) / size * 1e9 for who in calls}


if __name__ == "__main__":
    nn.config.num_threads = 1
    columns = ("numbanet", "naive", "NumPy", "PyTorch")
    for dtype in (np.float32, np.float64):
        for size in (1 << 16, 1 << 20):
            print(f"\n| {dtype.__name__}, {size:,} | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
            for name, body, bounds in CASES:
                times = compare(name, body, bounds, dtype, size)
                cells = [f"{times[who]:.3f}" if who in times else "" for who in columns]
                print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
