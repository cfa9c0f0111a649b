"""Microseconds per step of a small network: 64-32-10, batches of 32, SGD, one thread, 3,000 steps a run.

`python asv_benchmarks/small_network.py` prints JSON with the median and all runs; the first run, which records and
compiles, is left out.
"""

import json
import statistics
import time

import numpy as np

import numbanet as nn

STEPS, BATCH = 3000, 32


def runs(count):
    """Microseconds per step of each of `count` calls of fit."""
    nn.config.num_threads = 1
    rng = np.random.default_rng(0)
    x, y = rng.random((BATCH * STEPS, 64), np.float32), rng.integers(0, 10, BATCH * STEPS)
    model = nn.Sequential([nn.layers.Dense(32, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile(nn.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    for _ in range(count):
        start = time.perf_counter()
        model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0, rng=0)
        yield (time.perf_counter() - start) / STEPS * 1e6


if __name__ == "__main__":
    _, *microseconds = runs(6)
    rounded = [round(value, 2) for value in microseconds]
    print(json.dumps({"us_per_step": round(statistics.median(microseconds), 2), "all_us": rounded}))
