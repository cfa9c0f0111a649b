"""Epochs of the textbook's network on MNIST, numbanet and others in turn, as one table.

    python asv_benchmarks/mnist_against_peers.py --peer "NumPy by hand=python mnist_mlp.py numpy 3" --rounds 7

Each `--peer` is a name and a command that trains the same network (784-512-10, batch 128, RMSprop) and prints, as its
last line, JSON with `epochs_s` (seconds of its epochs), `test_accuracy`, `total_s` and `peak_rss_mb`. In every round
each runs once, in a process of its own: machines are noisy, and alternating spreads the noise over all. Reported are
medians over rounds of the fastest epoch, and ratios to numbanet within each round.
"""

import argparse
import json
import resource
import shlex
import statistics
import subprocess
import sys
import time


def train(epochs):
    """Train with numbanet from the start of the process, and print the figures of a peer."""
    started = time.perf_counter()
    import numpy as np

    import numbanet as nn

    (x, y), (x_test, y_test) = nn.datasets.mnist.load_data()
    x, x_test = (np.divide(images.reshape(len(images), -1), 255, dtype=np.float32) for images in (x, x_test))
    model = nn.Sequential([nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    class Clock(nn.callbacks.Callback):
        """Seconds of every epoch."""

        def __init__(self):
            self.seconds = []

        def on_epoch_begin(self, epoch, logs=None):
            self.started = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds.append(time.perf_counter() - self.started)

    clock = Clock()
    model.fit(x, y, batch_size=128, epochs=epochs, callbacks=[clock], verbose=0, rng=0)
    accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    total = time.perf_counter() - started
    figures = {"epochs_s": clock.seconds, "test_accuracy": accuracy, "total_s": total, "peak_rss_mb": memory}
    print(json.dumps(figures))


def run(command):
    """The figures that a command prints as its last line."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(peers, rounds, epochs):
    """Run all in turn, and print the table."""
    commands = {"numbanet": [sys.executable, __file__, "--train", str(epochs)]} | peers
    results = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            results[name].append(run(command))
    print("| | epoch, s | ratio to numbanet | start to evaluated, s | peak memory, MB | test accuracy |")
    print("|---|---|---|---|---|---|")
    ours = [min(figures["epochs_s"]) for figures in results["numbanet"]]
    for name, runs in results.items():
        epoch = [min(figures["epochs_s"]) for figures in runs]
        ratio = statistics.median(theirs / own for theirs, own in zip(epoch, ours, strict=True))
        middle = {key: statistics.median(f[key] for f in runs) for key in ("total_s", "peak_rss_mb", "test_accuracy")}
        print(
            f"| {name} | {statistics.median(epoch):.3f} ({min(epoch):.3f}-{max(epoch):.3f}) | {ratio:.2f} "
            f"| {middle['total_s']:.1f} | {middle['peak_rss_mb']:.0f} | {middle['test_accuracy']:.4f} |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="append", default=[], help="NAME=COMMAND")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--train", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.train:
        train(arguments.train)
    else:
        named = (peer.partition("=") for peer in arguments.peer)
        compare({name: shlex.split(command) for name, _, command in named}, arguments.rounds, arguments.epochs)
