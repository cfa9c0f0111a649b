"""How long `fit` takes on MNIST: the textbook's network, 60,000 images, batches of 128.

`python asv_benchmarks/mnist_epoch.py` prints the seconds of every epoch; asv times the class below.
"""

import argparse
import resource
import sys
import time

import numpy as np

import numbanet as nn


def make_model(hidden=512):
    """The textbook's network, compiled with RMSprop."""
    model = nn.Sequential([nn.layers.Dense(hidden, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def load_images():
    """Training images as rows of float32 from 0 to 1, and their labels."""
    (images, labels), _ = nn.datasets.mnist.load_data()
    return images.reshape(len(images), -1).astype(np.float32) / 255, labels


class MnistEpoch:
    """For asv: one epoch, after one that compiled or loaded the kernels."""

    timeout = 120

    def setup(self):
        self.images, self.labels = load_images()
        self.model = make_model()
        self.model.fit(self.images[:1024], self.labels[:1024], batch_size=128, verbose=0, rng=0)

    def time_epoch(self):
        self.model.fit(self.images, self.labels, batch_size=128, verbose=0, rng=0)

    def peakmem_epoch(self):
        self.model.fit(self.images, self.labels, batch_size=128, verbose=0, rng=0)


def peak_memory():
    """The most memory that this process has had, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e3)


def main(epochs):
    """Time `epochs` epochs of a new model, and print them."""
    started = time.perf_counter()
    images, labels = load_images()
    model = make_model()
    loading = time.perf_counter() - started
    print(f"numbanet {nn.__version__}, {nn.config.num_threads} threads; data loaded in {loading:.2f} s")
    seconds = []
    for epoch in range(epochs):
        started = time.perf_counter()
        history = model.fit(images, labels, batch_size=128, verbose=0, rng=epoch)
        seconds.append(time.perf_counter() - started)
        note = " (kernels compiled or loaded here)" if epoch == 0 else ""
        print(
            f"epoch {epoch + 1}: {seconds[-1]:.2f} s, accuracy {history.history['accuracy'][0]:.4f}{note}", flush=True
        )
    if epochs > 1:
        print(f"median of epochs 2 to {epochs}: {np.median(seconds[1:]):.2f} s, least {min(seconds[1:]):.2f} s")
    print(f"peak memory: {peak_memory():.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Time epochs of the textbook's network on MNIST.")
    parser.add_argument("--epochs", type=int, default=5)
    main(parser.parse_args().epochs)
