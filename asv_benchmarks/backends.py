"""The backends side by side: each measurement in processes of their own, in turn, round after round.

`python asv_benchmarks/backends.py --other PYTHON` compares this Python, where Numba runs the loops, with another, an
install without Numba for example; without `--other` with the extension and the own choice of this one. It prints
medians, and the median of the quotients within rounds:

- `epoch`: seconds of an epoch of MNIST (the textbook's network, batches of 128), the third of a process;
- `start`: seconds from the start of a process to a network that is trained for five epochs and evaluated, with kernels
  cached; `start, cold`: with an empty cache;
- `small step`: microseconds of a step of the small network (`small_network.py`);
- `exp`, `tanh`, `sigmoid`: nanoseconds an element of 2**16 float32, one thread.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

from rounds import median_and_range, ratio

FUNCTIONS = ("exp", "tanh", "sigmoid")
SIZE = 1 << 16


def epoch():
    """Seconds of the third epoch."""
    from mnist_epoch import load_images, make_model

    images, labels = load_images()
    model = make_model()
    for _ in range(3):
        started = time.perf_counter()
        model.fit(images, labels, batch_size=128, verbose=0, rng=0)
    return {"epoch": time.perf_counter() - started}


def train():
    """Five epochs and an evaluation; whoever started this process looks at the clock."""
    from mnist_epoch import load_images, make_model

    import numbanet as nn

    images, labels = load_images()
    model = make_model()
    model.fit(images, labels, batch_size=128, epochs=5, verbose=0, rng=0)
    _, (test, answers) = nn.datasets.mnist.load_data()
    _, accuracy = model.evaluate(test.reshape(len(test), -1).astype("float32") / 255, answers, verbose=0)
    return {"accuracy": float(accuracy)}


def small():
    """Microseconds of a step of the small network, and nanoseconds an element of functions."""
    import numpy as np
    from rounds import in_turn
    from small_network import runs

    import numbanet as nn

    _, *microseconds = runs(6)
    found = {"small step": float(np.median(microseconds))}
    x = nn.asarray(np.random.default_rng(0).uniform(-10, 10, SIZE).astype(np.float32))
    for name, seconds in in_turn({name: lambda name=name: getattr(nn, name)(x) for name in FUNCTIONS}).items():
        found[name] = min(seconds) / SIZE * 1e9
    return found


MEASUREMENTS = {"epoch": epoch, "train": train, "small": small}


def measured(python, backend, name, cache):
    """What a measurement finds in a new process, and how long that lived."""
    environment = {**os.environ, "NUMBANET_BACKEND": backend, "NUMBANET_CACHE_DIR": cache}
    started = time.perf_counter()
    done = subprocess.run([python, __file__, "--measure", name], env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout), seconds


def one_round(python, backend, cache):
    """All figures of one backend."""
    figures = measured(python, backend, "epoch", cache)[0] | measured(python, backend, "small", cache)[0]
    figures["start"] = measured(python, backend, "train", cache)[1]
    with tempfile.TemporaryDirectory() as empty:
        figures["start, cold"] = measured(python, backend, "train", empty)[1]
    return figures


def main(other, rounds):
    """Measure both in turn, and print the table."""
    installs = {"numba": (sys.executable, "numba"), "cython": (other, "cython")}
    if other == sys.executable:
        installs["auto"] = (sys.executable, "auto")
    found = {name: [] for name in installs}
    with tempfile.TemporaryDirectory() as cache:
        measured(sys.executable, "numba", "train", cache)
        measured(sys.executable, "numba", "small", cache)
        for _ in range(rounds):
            for name, (python, backend) in installs.items():
                found[name].append(one_round(python, backend, cache))
    for figure in found["numba"][0]:
        columns = {name: [one[figure] for one in figures] for name, figures in found.items()}
        texts = [f"{name} {median_and_range(values, 3)}" for name, values in columns.items()]
        texts += [f"{name} / numba {ratio(columns[name], columns['numba']):.2f}" for name in list(columns)[1:]]
        print(f"{figure:12} " + "   ".join(texts), flush=True)
    cold = [one["start"] for one in found["cython"]]
    print(
        f"start without Numba / Numba's cold start: {ratio(cold, [one['start, cold'] for one in found['numba']]):.2f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other", default=sys.executable, help="a Python with numbanet")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", choices=MEASUREMENTS, help="what to measure in this process")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(MEASUREMENTS[options.measure]()))
    else:
        main(options.other, options.rounds)
