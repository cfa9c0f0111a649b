"""How time grows with samples, batch and width, beside the least time that this machine could take; table and plots.

    python asv_benchmarks/growth.py [--threads 2] [--rounds 7] [--plots docs/images]

The network is the textbook's (784-512-10, RMSprop) on random data. An epoch is one call of `fit` with batches of 128.
A step is one replay of its Program, which is timed alone.

The limit of a step is the sum over its launches of the larger of two times: its floating-point operations (those of
products; others count as none) at the rate of the register tile on operands that stay in the first-level cache, and
its bytes (every operand once) at the rate of a copy that touches as many. Both rates are measured here, on as many
threads, each on operands of its own; a copy that stays in a cache is faster than one that does not. No launch can be
faster; what the limit leaves out (waiting for each other, a cache that is too small, a row of ten in a tile of 32) is
what is lost. Medians over rounds, in which all take their turn.
"""

import argparse
import math
import statistics
import threading
import time
from pathlib import Path

import numpy as np
from rounds import if_installed

import numbanet as nn
from numbanet.backends.select import backend
from numbanet.graph.explain import PRODUCTS, flops_of_product
from numbanet.kernels.recording import recording
from numbanet.launching.launch import Kernel
from numbanet.launching.program import Program
from numbanet.loops import move

INPUTS, HIDDEN, BATCH, CLASSES = 784, 512, 128, 10
SAMPLES = (600, 1200, 3000, 6000, 12000, 30000, 60000)
BATCHES = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
WIDTHS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
COPIES = [1 << power for power in range(12, 27, 2)]
BOOKKEEPING = ("advance", "store_number")


def recorded(function, *operands):
    """The Program of one call."""
    with recording() as launches:
        function(*operands)
    return Program(launches, operands)


def runs_per_second(programs):
    """How often all programs run in a second, each in a thread of its own, all at once."""

    def run(program, repeats):
        start.wait()
        program.run(repeats)

    repeats = 1
    while True:
        start = threading.Barrier(len(programs) + 1)
        workers = [threading.Thread(target=run, args=(program, repeats)) for program in programs]
        for worker in workers:
            worker.start()
        start.wait()
        started = time.perf_counter()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - started
        if seconds > 0.02:
            return repeats / seconds
        repeats = math.ceil(repeats * max(2, min(100, 0.03 / seconds)))


def peak_program():
    """A product whose operands stay in the first-level cache, and its floating-point operations."""
    m, k, n = 48, 128, 32
    a, b = np.ones((m, k), np.float32), np.ones((k, n), np.float32)
    return recorded(backend().matmul, a, b, np.empty((m, n), np.float32))


def copy_program(size):
    """A copy that touches `size` bytes: half are read, half are written."""
    source = np.ones(size // 8, np.float32)
    return recorded(Kernel(move.astype).map, np.ones_like(source), source)


class Machine:
    """Rates of this machine, measured again in every round: the best that it has shown is its limit."""

    def __init__(self, threads):
        self.threads = threads
        self.products = [peak_program() for _ in range(threads)]
        self.copies = {size: [copy_program(size) for _ in range(threads)] for size in COPIES}
        self.flops, self.rates = 0.0, dict.fromkeys(COPIES, 0.0)

    def measure(self):
        """Run products and copies, one thread each."""
        nn.config.num_threads = 1
        self.flops = max(self.flops, runs_per_second(self.products) * self.threads * 2 * 48 * 128 * 32)
        for size, programs in self.copies.items():
            self.rates[size] = max(self.rates[size], runs_per_second(programs) * size * self.threads)
        nn.config.num_threads = self.threads

    def bytes_per_second(self, size):
        """Of a copy that touches `size` bytes; never less than a longer copy reaches."""
        rates = np.maximum.accumulate([self.rates[key] for key in reversed(COPIES)])[::-1]
        return np.interp(np.log2(max(size / self.threads, 1)), np.log2(COPIES), rates)

    def limit(self, launches):
        """The least seconds that launches can take."""
        return sum(self._limit_of(launch) for launch in launches if launch.name not in BOOKKEEPING)

    def _limit_of(self, launch):
        arrays = [x for x in launch.keep if isinstance(x, np.ndarray)]
        if launch.name == "fetch_rows":
            size = 2 * arrays[-1].nbytes  # of the data, a batch
        elif launch.name == "store_rows":
            size = 2 * arrays[0].nbytes
        else:
            size = sum(x.nbytes for x in arrays[launch.name == "windows" :])
        flops = flops_of_product(arrays) if launch.name.startswith(PRODUCTS) else 0
        return max(flops / self.flops, size / self.bytes_per_second(size))


def make_model(hidden=HIDDEN):
    """The textbook's network, compiled with RMSprop."""
    model = nn.Sequential([nn.layers.Dense(hidden, activation="relu"), nn.layers.Dense(CLASSES, activation="softmax")])
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])
    return model


class StepOf:
    """The replayed step of a network, for batches of one size."""

    def __init__(self, data, batch, hidden):
        self.steps = max(2, min(100, 8192 // batch))
        x, y = (part[: self.steps * batch] for part in data)
        model = make_model(hidden)
        model.fit(x, y, batch_size=batch, verbose=0, shuffle=False, rng=0)
        self.engine = model.explanation
        self.program = self.engine.steps[0].program
        self.steps = min(self.steps, self.engine.capacity)

    def seconds(self):
        """Of one step, over as many as there are batches."""
        numbers = np.full((self.steps, 2), 1e-3)
        best = math.inf
        for _ in range(3):
            self.engine.cursor[:] = 0
            started = time.perf_counter()
            self.program.run(self.steps, numbers)
            best = min(best, (time.perf_counter() - started) / self.steps)
        return best


def epoch_seconds(model, data, samples):
    """Of one epoch on the first samples."""
    x, y = (part[:samples] for part in data)
    started = time.perf_counter()
    model.fit(x, y, batch_size=BATCH, verbose=0, rng=0)
    return time.perf_counter() - started


def measure(threads, rounds):
    """Medians: seconds of epochs by samples, and (seconds, limit) of steps by batch and by width."""
    nn.config.num_threads = threads
    rng = np.random.default_rng(0)
    data = rng.random((max(SAMPLES), INPUTS), np.float32), rng.integers(0, CLASSES, max(SAMPLES))
    machine, model = Machine(threads), make_model()
    steps = {("batch", batch): StepOf(data, batch, HIDDEN) for batch in BATCHES}
    steps |= {("width", width): StepOf(data, BATCH, width) for width in WIDTHS}
    epoch_seconds(model, data, SAMPLES[0])
    epochs, times = {samples: [] for samples in SAMPLES}, {key: [] for key in steps}
    for _ in range(rounds):
        machine.measure()
        for samples in SAMPLES:
            epochs[samples].append(epoch_seconds(model, data, samples))
        for key, step in steps.items():
            times[key].append(step.seconds())
    limits = {key: machine.limit(step.program.launches) for key, step in steps.items()}
    middle = {key: (statistics.median(times[key]), limits[key]) for key in steps}
    return machine, {samples: statistics.median(seconds) for samples, seconds in epochs.items()}, middle


def print_table(machine, epochs, steps):
    """Everything that was measured."""
    rates = ", ".join(f"{size >> 10} kB {rate / 1e9:.0f}" for size, rate in machine.rates.items())
    print(
        f"{machine.threads} threads: product {machine.flops / 1e9:.0f} Gflop/s; copy, GB/s by bytes a thread: {rates}\n"
    )
    print("| | | time, µs | limit, µs | share of the limit |")
    print("|---|---|---|---|---|")
    for samples, seconds in epochs.items():
        print(f"| epoch, samples | {samples} | {seconds * 1e6:.0f} | | |")
    for (kind, value), (seconds, limit) in steps.items():
        print(f"| step, {kind} | {value} | {seconds * 1e6:.1f} | {limit * 1e6:.1f} | {limit / seconds:.2f} |")


def save_plots(folder, epochs, steps):
    """One SVG each for samples, batch and width."""
    plt = if_installed("matplotlib.pyplot")
    if plt is None:
        print("\nmatplotlib is not installed: no plots")
        return
    plt.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "numbanet", "font.size": 11, "font.family": "sans-serif"}
    )
    folder.mkdir(parents=True, exist_ok=True)
    figure, axes = new_figure(plt, "samples", "an epoch, seconds")
    x, y = list(epochs), list(epochs.values())
    line = [y[-1] / x[-1] * samples for samples in x]
    axes.plot(x, line, color="0.55", linestyle="--")
    axes.plot(x, y, "o-", color="tab:blue")
    label(axes, x[2], line[2], "proportional", "0.4", below=True)
    label(axes, x[2], y[2], "measured", "tab:blue")
    finish(figure, folder / "growth_samples.svg", axes, x, y + line)
    for kind in ("batch", "width"):
        found = {value: pair for (key, value), pair in steps.items() if key == kind}
        x, measured, limit = (
            list(found),
            [pair[0] * 1e6 for pair in found.values()],
            [p[1] * 1e6 for p in found.values()],
        )
        names = {"batch": "samples of a batch", "width": "hidden units"}
        figure, axes = new_figure(plt, names[kind], "a step, µs")
        axes.plot(x, limit, color="0.55", linestyle="--")
        axes.plot(x, measured, "o-", color="tab:blue")
        label(axes, x[2], measured[2], "measured", "tab:blue")
        label(axes, x[4], limit[4], "limit of this machine", "0.4", below=True)
        finish(figure, folder / f"growth_{kind}.svg", axes, x, measured + limit)


def new_figure(plt, across, up):
    """A small figure with two logarithmic axes."""
    figure, axes = plt.subplots(figsize=(4.6, 3.2), layout="constrained")
    axes.set(xscale="log", yscale="log", xlabel=across, ylabel=up)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="0.92")
    return figure, axes


def label(axes, x, y, text, color, below=False):
    """Name a line where it is."""
    shift, turn = ((6, -4), "top") if below else ((-6, 4), "bottom")
    axes.annotate(
        text, (x, y), shift, textcoords="offset points", color=color, va=turn, ha="left" if below else "right"
    )


def finish(figure, path, axes, x, values):
    """Ticks at the values themselves, plain numbers; then save."""
    ticks = [value for i, value in enumerate(x) if i % 2 == 0]
    axes.set_xticks(ticks, [f"{value:,}" for value in ticks], minor=False)
    axes.minorticks_off()
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    powers = [10.0**power for power in range(low, high + 1)]
    axes.set_yticks(powers, [f"{power:,g}" for power in powers])
    axes.set_ylim(powers[0], powers[-1])
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--plots", type=Path, default=Path(__file__).parents[1] / "docs" / "images")
    arguments = parser.parse_args()
    results = measure(arguments.threads, arguments.rounds)
    print_table(*results)
    save_plots(arguments.plots, *results[1:])
