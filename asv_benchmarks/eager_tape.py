"""Microseconds of a training step written by hand, eagerly on a tape: numbanet, and PyTorch if it can be imported.

    python asv_benchmarks/eager_tape.py [--rounds 7] [--threads 2 1]

Two networks: the textbook's (784-512-10, batches of 128, RMSprop) and a small one (64-32-10, batches of 32, SGD). A
step is the forward pass, softmax cross-entropy, the gradients and the optimizer's update; nothing is recorded for
replay or compiled as a whole. `fit` is numbanet's own replayed step on the same batches. Libraries run in processes of
their own (threads of one that look for work would take a core from the other), in turn; medians over rounds.
"""

import argparse
import itertools
import json
import subprocess
import sys

import numpy as np
from rounds import if_installed, median_and_range, ratio, seconds_of

NETWORKS = {"784-512-10, 128, RMSprop": (784, 512, 128, 50), "64-32-10, 32, SGD": (64, 32, 32, 500)}
"""Inputs, hidden units, batch, steps of a turn."""


def data(inputs, batch, steps=1):
    """Random images and labels."""
    rng = np.random.default_rng(0)
    return rng.random((batch * steps, inputs), np.float32), rng.integers(0, 10, batch * steps)


def numbanet_step(name, inputs, hidden, batch):
    """A step with nn.GradientTape."""
    import numbanet as nn

    x, y = (nn.asarray(part) for part in data(inputs, batch))
    rng = np.random.default_rng(1)
    w1, w2 = (nn.Variable(rng.normal(0, 0.05, shape).astype("f4")) for shape in ((inputs, hidden), (hidden, 10)))
    b1, b2 = nn.Variable(np.zeros(hidden, "f4")), nn.Variable(np.zeros(10, "f4"))
    weights = [w1, b1, w2, b2]
    optimizer = nn.optimizers.RMSprop(0.001) if "RMSprop" in name else nn.optimizers.SGD(0.01)

    def step():
        with nn.GradientTape() as tape:
            scores = nn.relu(x @ w1 + b1) @ w2 + b2
            loss = nn.mean(nn.softmax_cross_entropy(scores, y))
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))

    return step


def fit_step(name, inputs, hidden, batch):
    """Steps of `fit`: one call of what is returned is one step on average."""
    import numbanet as nn

    steps = NETWORKS[name][3]
    x, y = data(inputs, batch, steps)
    model = nn.Sequential([nn.layers.Dense(hidden, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile("rmsprop" if "RMSprop" in name else "sgd", "sparse_categorical_crossentropy")
    return lambda: model.fit(x, y, batch_size=batch, shuffle=False, verbose=0)


def torch_step(name, inputs, hidden, batch):
    """The same step in PyTorch."""
    import torch
    from torch import nn

    x, y = (torch.from_numpy(part) for part in data(inputs, batch))
    model = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    rule = torch.optim.RMSprop if "RMSprop" in name else torch.optim.SGD
    optimizer = rule(model.parameters(), lr=0.001 if "RMSprop" in name else 0.01)

    def step():
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


STEPS = {"numbanet": numbanet_step, "fit": fit_step, "PyTorch": torch_step}


def set_threads(who, count):
    """How many threads a library may use."""
    if who == "PyTorch":
        import torch

        torch.set_num_threads(count)
    else:
        import numbanet

        numbanet.config.num_threads = count


def measure(who, threads):
    """Microseconds of a step of every network on every number of threads: the fastest turn of three, after one more."""
    found = []
    for name, (inputs, hidden, batch, steps) in NETWORKS.items():
        step = STEPS[who](name, inputs, hidden, batch)
        calls, steps_of_a_call = (1, steps) if who == "fit" else (steps, 1)
        for count in threads:
            set_threads(who, count)
            seconds_of(step, calls)
            found.append(min(seconds_of(step, calls) for _ in range(3)) / steps_of_a_call * 1e6)
    return found


def compare(threads, rounds):
    """Print a row for every network and number of threads."""
    who = [key for key in STEPS if key != "PyTorch" or if_installed("torch")]
    times = {key: [] for key in who}
    for _ in range(rounds):
        for key in who:
            command = [sys.executable, __file__, "--threads", *map(str, threads), "--measure", key]
            times[key].append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    print("| µs a step | threads | numbanet, on a tape | numbanet, fit | PyTorch | tape / PyTorch |")
    print("|---|---|---|---|---|---|")
    for i, (name, count) in enumerate(itertools.product(NETWORKS, threads)):
        row = {key: [figures[i] for figures in runs] for key, runs in times.items()}
        cells = [median_and_range(row[key]) if key in row else "" for key in STEPS]
        share = f"{ratio(row['numbanet'], row['PyTorch']):.2f}" if "PyTorch" in row else ""
        print(f"| {name} | {count} | {' | '.join(cells)} | {share} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 1])
    parser.add_argument("--measure", choices=STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(measure(arguments.measure, arguments.threads))
    else:
        compare(arguments.threads, arguments.rounds)
