"""A few seconds that tell whether an installed numbanet works: run by file name, from outside the repository.

python tests/smoke.py
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import numbanet as nn


def mini_mnist():
    """Train on the first 4,000 digits; the weights and the accuracy on 1,000 others."""
    (x, y), (x_test, y_test) = nn.datasets.mnist.load_data()
    x, x_test = (part.reshape(-1, 784)[:4000].astype(np.float32) / 255 for part in (x, x_test))
    model = nn.Sequential([nn.layers.Dense(64, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((784,))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.05, weight.shape).astype(np.float32) for weight in model.weights])
    model.fit(x, y[:4000], batch_size=64, epochs=4, verbose=0, rng=0)
    return model.get_weights(), model.evaluate(x_test[:1000], y_test[:1000], verbose=0)[1]


def main():
    """Run everything; what is wrong ends it."""
    if not Path(nn.__file__).is_relative_to(sys.prefix):
        sys.exit(f"numbanet comes from {nn.__file__}, and not from {sys.prefix}")
    info = subprocess.run([sys.executable, "-P", "-m", "numbanet", "info", "--json"], capture_output=True, check=True)
    print(*(f"{name}: {value}" for name, value in json.loads(info.stdout).items()), sep="\n")
    found = []
    for nn.config.backend in ("cython", "auto"):
        weights, accuracy = mini_mnist()
        found.append(weights)
        print(f"{nn.config.running}: {accuracy:.3f} of the digits")
        if not 0.8 < accuracy < 1:
            sys.exit("that is not what this network learns")
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-3)


if __name__ == "__main__":
    main()
