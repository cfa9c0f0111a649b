"""Bytes per second of add, relu and an added row on 2^24 float32, beside a plain copy, on one thread and on two.

    python asv_benchmarks/bandwidth.py [--rounds 9] [--keep-memory]

Counted is what an operation has to read and write: add 12 bytes an element, relu and an added row 8, as many as the
copy. The copy is `np.copyto` of as many bytes into memory that has been used before; on two threads, each copies a
half. An operation is run in two ways: eagerly, with its result in new memory, and into memory that has been used
before. NumPy does the same on one thread. All take their turn in every round; medians over rounds.

New memory comes from the system a page at a time, and each page is filled with zeros first. `--keep-memory` has the C
library keep what was freed (glibc only), for all that run here: it shows what those pages cost.
"""

import argparse
import ctypes
import statistics
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from rounds import in_turn

import numbanet as nn
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import arithmetic, functions

SIZE, ROW = 1 << 24, 4096
BYTES = {"add": 12, "relu": 8, "add a row": 8}
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of mallopt


def keep_freed_memory():
    """Have malloc neither return memory to the system nor take large pieces from it directly."""
    libc = ctypes.CDLL(None)
    if not (libc.mallopt(M_MMAP_THRESHOLD, 1 << 30) and libc.mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)):
        raise SystemExit("this C library does not take these settings")


def copies(source, target, pool):
    """A call that copies between flat arrays, on as many threads as the pool has; None for the calling one."""
    if pool is None:
        return lambda: np.copyto(target, source)
    middle = len(source) // 2
    halves = slice(0, middle), slice(middle, None)

    def run():
        for done in [pool.submit(np.copyto, target[half], source[half]) for half in halves]:
            done.result()

    return run


def operations(x, y, out):
    """By name: eager, into used memory, NumPy's eager, NumPy's into used memory."""
    a, b, matrix, row = nn.asarray(x), nn.asarray(y), nn.asarray(x.reshape(-1, ROW)), nn.asarray(y[:ROW])
    add, relu = Kernel(arithmetic.add, cost=0.2), Kernel(functions.relu, cost=0.2)
    wide = out.reshape(-1, ROW)
    return {
        "add": (lambda: a + b, lambda: add.map(out, x, y), lambda: x + y, lambda: np.add(x, y, out=out)),
        "relu": (
            lambda: nn.relu(a), lambda: relu.map(out, x),
            lambda: np.maximum(x, 0), lambda: np.maximum(x, 0, out=out),
        ),
        "add a row": (
            lambda: matrix + row, lambda: add.map(wide, matrix._array, row._array),
            lambda: matrix._array + row._array, lambda: np.add(matrix._array, row._array, out=wide),
        ),
    }  # fmt: skip


def compare(threads, rounds):
    """Print a row for each operation."""
    nn.config.num_threads = threads
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal(SIZE, np.float32) for _ in range(2))
    out, long_source, long_target = (
        np.ones(SIZE, np.float32),
        np.ones(3 * SIZE // 2, "f4"),
        np.ones(3 * SIZE // 2, "f4"),
    )
    pool = ThreadPoolExecutor(2) if threads == 2 else None
    kinds = ["eager", "used", "numpy", "numpy used"][: 4 if threads == 1 else 2]
    for name, calls in operations(x, y, out).items():
        size = BYTES[name] * SIZE // 8
        turns = {"copy": copies(long_source[:size], long_target[:size], pool)}
        times = in_turn(turns | dict(zip(kinds, calls, strict=False)), rounds)
        cells = []
        for kind in ["copy", *kinds]:
            rates = [BYTES[name] * SIZE / seconds / 1e9 for seconds in times[kind]]
            share = statistics.median(own / other for own, other in zip(times["copy"], times[kind], strict=True))
            cells.append(f"{statistics.median(rates):.1f}" + (f" ({share:.2f})" if kind != "copy" else ""))
        print(f"| {name} | {threads} | {' | '.join(cells + [''] * (5 - len(cells)))} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keep-memory", action="store_true")
    arguments = parser.parse_args()
    if arguments.keep_memory:
        keep_freed_memory()
    print("GB/s (share of the copy)\n")
    print("| | threads | copy | numbanet | into used memory | NumPy | into used memory |")
    print("|---|---|---|---|---|---|---|")
    for threads in (1, 2):
        compare(threads, arguments.rounds)
