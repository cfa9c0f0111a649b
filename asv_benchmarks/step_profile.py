"""Where a replayed MNIST step goes: microseconds of every launch run by itself, and of the whole step.

`python asv_benchmarks/step_profile.py [THREADS]`. Alone, a launch finds its operands in the cache, so the parts add up
to less than the whole.
"""

import sys
import time

import numpy as np

import numbanet as nn
from numbanet.kernels.program import Program
from numbanet.kernels.recording import Launch


def microseconds(program, engine, repeats):
    """Of one walk through a program; the fastest of five runs."""
    numbers = np.full((repeats, 2), 0.001)
    seconds = []
    for _ in range(5):
        engine.cursor[:] = 0
        start = time.perf_counter()
        program.run(repeats, numbers)
        seconds.append(time.perf_counter() - start)
    return min(seconds) / repeats * 1e6


if __name__ == "__main__":
    nn.config.num_threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    (x, y), _ = nn.datasets.mnist.load_data()
    x = np.divide(x.reshape(len(x), -1), 255, dtype=np.float32)
    model = nn.Sequential([nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(x, y, batch_size=128, verbose=0, rng=0)
    engine = model.explanation
    whole = engine.steps[0].program
    total = 0.0
    for launch in whole.launches:
        if launch.name in ("advance", "store_number", "store_rows"):
            continue  # they count on the others
        alone = Launch(launch.name, launch.function, launch.block, launch.n, launch.cost, launch.keep)
        took = microseconds(Program([alone]), engine, 200)
        total += took
        print(f"{took:8.1f}  {launch.name} {launch.n} {[a.shape for a in launch.keep if isinstance(a, np.ndarray)]}")
    print(f"{total:8.1f}  sum of {len(whole.launches)} launches alone")
    print(f"{microseconds(whole, engine, min(300, engine.capacity)):8.1f}  the whole step")
