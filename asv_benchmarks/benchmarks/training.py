"""Training: epochs, steps, the time to an accuracy, and whole processes from their start to an evaluated network."""

import json
import subprocess
import sys
import time
from pathlib import Path

from .common import THREADS, Timed, installed, prepare
from .networks import NETWORKS, SMALL, TEXTBOOK, mnist, random_data, trainer

SMALL_STEPS = 3000
PEERS = ("NumPy", "JAX", "JAX scan", "PyTorch", "scikit-learn")
GOAL = 0.975
"""Test accuracy that a run is timed to reach."""


class Epoch(Timed):
    """An epoch of the textbook's network on MNIST: 60,000 images, batches of 128, shuffled."""

    params = (installed(*PEERS), THREADS)
    param_names = ("library", "threads")
    rounds, repeat, timeout, warm_calls = 1, (2, 5, 5.0), 180, 1

    def make(self, library, threads):
        """Return the call."""
        import numpy as np

        (x, y), _ = mnist()
        model, order = trainer(library, TEXTBOOK), np.random.default_rng(0).permutation(len(x))
        return lambda: model.train(x, y, order)


class DenseNoiseEpoch(Epoch):
    """The same on numbers of which none is zero: what zeros in the images save is not in it."""

    params = (installed("JAX"), THREADS)

    def make(self, library, threads):
        """Return the call."""
        x, y = random_data(TEXTBOOK, 100)
        model = trainer(library, TEXTBOOK)
        return lambda: model.train(x, y, None)


class SmallSteps(Timed):
    """Steps of a small network in fit: 64-32-10, batches of 32, SGD, one thread."""

    params = (installed(*PEERS, "MyGrad", "autograd"),)
    units = SMALL_STEPS

    def make(self, library):
        """Return a call that trains 3,000 steps."""
        x, y = random_data(SMALL, SMALL_STEPS)
        model = trainer(library, SMALL)
        return lambda: model.train(x, y, None)


class ManySmallEpochs(Timed):
    """Epochs of ten steps: what an epoch costs beside its steps."""

    params = (installed(),)
    units = 50

    def make(self, library):
        """Return a call of fit with 50 epochs."""
        from .networks import keras_like

        x, y = random_data(SMALL, 10)
        model = keras_like(SMALL)
        return lambda: model.fit(x, y, batch_size=SMALL.batch, epochs=50, verbose=0, rng=0)


class ToAccuracy:
    """Seconds of training until 0.975 of the test images are right."""

    params = (installed(*PEERS),)
    param_names = ("library",)
    timeout = 180
    unit = "s"

    def track_seconds(self, library):
        """Train epoch by epoch; evaluation is not counted."""
        import numpy as np

        (x, y), (x_test, y_test) = mnist()
        model, rng, seconds = trainer(library, TEXTBOOK), np.random.default_rng(0), 0.0
        for _ in range(12):
            order, started = rng.permutation(len(x)), time.perf_counter()
            model.train(x, y, order)
            seconds += time.perf_counter() - started
            if model.accuracy(x_test, y_test) >= GOAL:
                return seconds
        return float("nan")

    track_seconds.unit = "s"


class FromStart(Timed):
    """A process from its start to five epochs of MNIST and an evaluation, kernels cached."""

    params = (installed("NumPy", "JAX", "PyTorch"),)
    rounds, repeat, timeout = 1, (2, 3, 10.0), 180

    def make(self, library):
        """Return a call that runs such a process, and keeps what it prints in `figures`."""

        def call():
            self.figures = process(library)

        return call


def process(library, epochs=5):
    """Run a process that trains and evaluates; return what it measured."""
    command = [sys.executable, "-m", "benchmarks.training", library, str(epochs)]
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(library, epochs):
    """Train and evaluate in this process; print seconds of the epochs, accuracy and memory as JSON."""
    import resource

    import numpy as np

    prepare(library, THREADS[-1])
    (x, y), (x_test, y_test) = mnist()
    model, rng, seconds = trainer(library, NETWORKS["784-512-10"]), np.random.default_rng(0), []
    for _ in range(epochs):
        order, started = rng.permutation(len(x)), time.perf_counter()
        model.train(x, y, order)
        seconds.append(time.perf_counter() - started)
    accuracy = model.accuracy(x_test, y_test)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(json.dumps({"epochs": seconds, "accuracy": accuracy, "memory": memory}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
