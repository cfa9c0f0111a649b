"""`fit` beside busy processes: the default number of threads against one thread, in turn.

`python asv_benchmarks/busy.py` prints, for networks that take 30 us, 200 us and 2 ms a step, beside 0, 1 and 2 busy
processes: microseconds a step with the default threads and with one (medians and ranges), the median of their ratios
within rounds, and the longest time that Ctrl-C took. Then four fits at once, and `NUMBANET_NUM_THREADS=64`. It takes
three minutes; the least of all numbers says most where others use the machine as well.
"""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

import rounds

NETWORKS = {
    "200-64-10, 32": (200, 64, 32, 3200),
    "256-128-10, 128": (256, 128, 128, 500),
    "784-512-10, 128": (784, 512, 128, 100),
}
"""Inputs, hidden units, samples of a batch, steps of a run: 20 epochs of the first take 0.1 s."""

EPOCHS = 20


class Worker:
    """A process that trains when it is told to, and says what a step took."""

    def __init__(self, network, threads):
        environment = {name: value for name, value in os.environ.items() if name != "NUMBANET_NUM_THREADS"}
        if threads:
            environment["NUMBANET_NUM_THREADS"] = str(threads)
        command = [sys.executable, "-W", "ignore", __file__, "--worker", network]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, env=environment, **pipes)
        self.process.stdout.readline()  # it is ready

    def start(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def result(self):
        """(microseconds a step, milliseconds that Ctrl-C took)."""
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def work(network):
    """What a worker does: a fit to the end, and one that Ctrl-C ends."""
    import numpy as np

    import numbanet as nn

    inputs, hidden, batch, steps = NETWORKS[network]
    rng = np.random.default_rng(0)
    samples = steps // EPOCHS * batch
    x, y = rng.random((samples, inputs), np.float32), rng.integers(0, 10, samples)
    model = nn.Sequential([nn.layers.Dense(hidden, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")

    def fit(epochs):
        model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0, rng=0)

    fit(3)
    print(flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        fit(EPOCHS)
        step = (time.perf_counter() - started) / steps
        print(json.dumps([1e6 * step, 1e3 * interrupted(fit)]), flush=True)


def interrupted(fit):
    """Seconds from Ctrl-C until `fit` has ended."""
    sent = []

    def interrupt():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.15, interrupt)
    timer.start()
    try:
        fit(10**6)
    except KeyboardInterrupt:
        return time.perf_counter() - sent[0]
    raise RuntimeError("fit came to its end")


@contextlib.contextmanager
def busy(count):
    """So many processes that do nothing, as fast as they can."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def in_turn(workers, count):
    """The results of each worker, in so many rounds."""
    found = {name: [] for name in workers}
    for _ in range(count):
        for name, worker in workers.items():
            worker.start()
            found[name].append(worker.result())
    return found


def at_once(workers):
    """Microseconds a step, where all train at the same time."""
    for worker in workers:
        worker.start()
    return statistics.mean(worker.result()[0] for worker in workers)


def compare(network, neighbours, count):
    """Print a row: the default threads against one thread."""
    workers = {"default": Worker(network, None), "one": Worker(network, 1)}
    with busy(neighbours):
        found = in_turn(workers, count)
    for worker in workers.values():
        worker.close()
    steps = {name: [step for step, _ in results] for name, results in found.items()}
    texts = [rounds.median_and_range(steps[name]) for name in ("default", "one")]
    interrupt = max(wait for _, wait in found["default"])
    ratio = rounds.ratio(*steps.values())
    print(f"| {network} | {neighbours} | {texts[0]} | {texts[1]} | {ratio:.2f} | {interrupt:.0f} |", flush=True)


def crowd(network, threads, fits, count):
    """Microseconds a step of several fits at once."""
    workers = [Worker(network, threads) for _ in range(fits)]
    steps = [at_once(workers) for _ in range(count)]
    for worker in workers:
        worker.close()
    return steps


def main(count):
    """Print the tables."""
    print("| network | busy | us a step | one thread | ratio | Ctrl-C, ms |\n|---|---|---|---|---|---|")
    for network in NETWORKS:
        for neighbours in (0, 1, 2):
            compare(network, neighbours, count)
    network = next(iter(NETWORKS))
    print(f"\n{network}, us a step:")
    for fits in (1, 4):
        for threads, name in ((None, "default"), (1, "1"), (64, "64")):
            print(f"{fits} at once, threads {name}: {rounds.median_and_range(crowd(network, threads, fits, count))}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Time fit beside busy processes.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--worker", choices=NETWORKS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker)
    else:
        main(arguments.rounds)
