"""float32 matrix products, numbanet and NumPy in turn: a table of GFLOP/s with medians and ratios.

    python asv_benchmarks/dot_against_numpy.py            # needs threadpoolctl, so that both use as many threads

T marks an operand that is the transpose of a contiguous array.
"""

import argparse
import statistics
import time

import numpy as np
from threadpoolctl import threadpool_limits

import numbanet as nn
from numbanet.kernels.launch import backend

SHAPES = [
    (128, 784, 512, ""), (784, 128, 512, "T"), (128, 512, 784, " T"), (512, 512, 512, ""), (1000, 1000, 1000, ""),
    (2048, 2048, 2048, ""), (128, 512, 10, ""), (512, 128, 10, "T"), (32, 64, 32, ""), (1, 784, 512, ""),
]  # fmt: skip


def operand(rng, rows, columns, transposed):
    """A random matrix, contiguous or the transpose of a contiguous one."""
    shape = (columns, rows) if transposed else (rows, columns)
    x = rng.standard_normal(shape).astype(np.float32)
    return x.T if transposed else x


def seconds(function, repeats):
    """Of one call, over as many as make the clock's steps small.

    The pause lets threads of the other library go to sleep: OpenBLAS's look for work for a while after each product.
    """
    time.sleep(0.1)
    function()
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - start) / repeats


def compare(m, k, n, turn, threads, rounds=9):
    """GFLOP/s of numbanet and NumPy: medians, and the median of the ratios within rounds."""
    rng = np.random.default_rng(0)
    a, b = operand(rng, m, k, turn[:1] == "T"), operand(rng, k, n, turn[1:2] == "T")
    ours, theirs = np.empty((m, n), np.float32), np.empty((m, n), np.float32)
    schedules, flops = backend().schedules, 2 * m * k * n
    repeats = max(1, int(2e9 / flops / 20))
    pairs = []
    with threadpool_limits(threads):
        nn.config.num_threads = threads
        schedules.dot(a, b, ours)
        for _ in range(rounds):
            own = seconds(lambda: schedules.dot(a, b, ours), repeats)
            other = seconds(lambda: np.matmul(a, b, out=theirs), repeats)
            pairs.append((flops / own / 1e9, flops / other / 1e9))
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3)
    own, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    return own, other, statistics.median(mine / peer for mine, peer in pairs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    print("| m x k x n | numbanet | NumPy | ratio |")
    print("|---|---|---|---|")
    ratios = []
    for m, k, n, turn in SHAPES:
        own, other, ratio = compare(m, k, n, turn, arguments.threads)
        ratios.append(ratio)
        marks = f"{m}{'T' if turn[:1] == 'T' else ''} x {k} x {n}{'T' if turn[1:2] == 'T' else ''}"
        print(f"| {marks} | {own:.1f} | {other:.1f} | {ratio:.2f} |", flush=True)
    print(f"| geometric mean | | | {statistics.geometric_mean(ratios):.2f} |")
