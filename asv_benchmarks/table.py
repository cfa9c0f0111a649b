"""The table of docs/performance.md: numbanet beside the peers that are installed, all in turn, losses included.

    python asv_benchmarks/table.py [--rounds 5] [--only REGEX] [--write docs/performance_tables.md]

Every library runs in a process of its own, and all take turns; a figure is the median over rounds, a ratio the median
of the quotients within rounds. It takes under five minutes on two cores.
"""

import os
import platform
import re
import statistics
import sys
import time
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer
from benchmarks.common import BACKENDS, CORES, THREADS
from benchmarks.dot import SHAPES, THIN
from benchmarks.networks import NETWORKS
from benchmarks.training import SMALL_STEPS, process
from turns import Turns

OURS = "numbanet"
CALCULUS = ("exp", "log", "tanh", "sigmoid", "silu", "gelu", "softplus", "erf", "expm1", "log1p", "log2", "sin", "cos")
OTHERS = ("add", "multiply", "relu", "divide", "sqrt", "maximum", "where", "sum", "mean", "max", "argmax", "softmax")
OTHERS += ("log_softmax", "logsumexp", "sort", "cumulative_sum", "take", "matmul", "outer", "concat", "std")
UNITS = {"s": 1.0, "ms": 1e3, "µs": 1e6}


class Section(NamedTuple):
    """A part of the table: a benchmark, and a row for each choice of its parameters."""

    title: str
    benchmark: str
    rows: tuple
    unit: str = "µs"
    seconds: float = 0.04
    rounds: int | None = None


SECTIONS = (
    Section("An epoch of MNIST: 784-512-10, batches of 128, RMSprop, one thread", "training.Epoch",
            ((1,),), "s", 0.1, 3),
    Section("The same network on numbers without zeros, 100 steps", "training.DenseNoiseEpoch",
            ((THREADS[-1],),), "s", 0.1, 3),
    Section(f"{SMALL_STEPS:,} steps of fit: 64-32-10, batches of 32, SGD; one step", "training.SmallSteps",
            ((),), "µs", 0.1, 3),
    Section("50 epochs of ten such steps; one epoch", "training.ManySmallEpochs", ((),)),
    Section("A step by hand, eagerly, on a tape", "eager.TapedStep", tuple((n, t) for n in NETWORKS for t in THREADS)),
    Section("The same under `nn.function`, or `jax.jit`", "eager.FunctionStep", tuple((n, 1) for n in NETWORKS)),
    Section("A gradient of 1,000 numbers, eagerly", "eager.Gradient", (("sum of squares",), ("log of a softmax",))),
    Section("An operation on 1,000 numbers", "eager.Operation", (("add", 1000), ("multiply", 1000), ("relu", 1000))),
    Section("The same, recorded for a gradient", "eager.TapedOperation",
            (("add", 1000), ("multiply", 1000), ("relu", 1000))),
    Section("Dot, called, one thread", "dot.Dot", tuple((shape,) for shape in SHAPES + THIN)),
    Section("Dot, replayed without Python, one thread", "dot.DotReplayed", tuple((shape,) for shape in SHAPES + THIN)),
    Section("Dot with bias and relu, one thread", "dot.DotBiasRelu", tuple((shape,) for shape in SHAPES)),
    Section(f"Dot, called, {THREADS[-1]} threads", "dot.DotOnThreads", tuple((shape,) for shape in SHAPES[:5])),
    *[Section(f"{name}, {operands}", f"ops.{name}", ((operands,),), seconds=0.02)
      for operands in ("65536 float32", "65536 float64") for name in CALCULUS],
    *[Section(f"{name}, 65536 float32", f"ops.{name}", (("65536 float32",),), seconds=0.02) for name in OTHERS],
    Section("64 MB into new memory", "memory.Bandwidth",
            tuple((name, t) for name in ("add", "relu", "add a row") for t in THREADS), "ms", 0.1, 3),
)  # fmt: skip
START = "From the start of a process to five epochs of MNIST and an evaluation"


def libraries_of(benchmark):
    """Return the libraries of a benchmark, numbanet first."""
    module, _, kind = benchmark.partition(".")
    return getattr(import_module(f"benchmarks.{module}"), kind).params[0]


class Report:
    """Prints tables as they are measured, and keeps what was lost and won."""

    def __init__(self, file):
        self.file, self.lost, self.won = file, [], 0

    def line(self, text=""):
        """Print a line."""
        print(text, flush=True)
        if self.file:
            print(text, file=self.file, flush=True)

    def header(self, title, names, peers):
        """Print the title of a section, and the head of its table."""
        self.line(f"\n### {title}\n")
        cells = ["", *names, *(f"{name} / {OURS}" for name in peers)]
        self.line(f"| {' | '.join(cells)} |")
        self.line("|---" * len(cells) + "|")

    def row(self, title, label, times, unit):
        """Print a row: seconds by library, a list over rounds, which is empty where a library has no such thing."""
        cells = [shown(seconds, unit) if seconds else "" for seconds in times.values()]
        what = title if label in ("", title) else f"{title}: {label}"
        cells += [self.share(what, name, times) for name in times if name not in BACKENDS]
        self.line(f"| {label} | {' | '.join(cells)} |")

    def share(self, what, name, times):
        """Return how many times as long as numbanet a peer takes, as text, and note who won."""
        if not times[name] or name == OURS:
            return ""
        share = statistics.median(a / b for a, b in zip(times[name], times[OURS], strict=True))
        if name not in BACKENDS:
            if share >= 1:
                self.won += 1
            else:
                self.lost.append((share, f"{what}: {name} {share:.2f}"))
        return f"{share:.2f}"

    def summary(self):
        """Print what was lost."""
        self.line(f"\n### Wins and losses\n\nOf {self.won + len(self.lost)} comparisons, {self.won} are won.")
        self.line("Lost, the ratio being the peer's time over numbanet's:\n")
        for _, text in sorted(self.lost):
            self.line(f"- {text}")


def shown(seconds, unit):
    """Return median and range."""
    values = [one * UNITS[unit] for one in seconds]
    digits = 3 if unit == "s" else 2 if statistics.median(values) < 10 else 1
    low, middle, high = (f"{x:.{digits}f}" for x in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low}-{high})"


def section(turns, report, part, rounds):
    """Measure and print one section; numbanet's other backend and peers that have no such benchmark are left out."""
    names, table = None, []
    for row in part.rows:
        requests = {name: (part.benchmark, (name, *row)) for name in libraries_of(part.benchmark)}
        found = turns.rounds(requests, part.seconds, part.rounds or rounds)
        names = [name for name in requests if name in found] if names is None else names
        table.append((" ".join(map(str, row)), {n: [one["seconds"] for one in found[n]] for n in names if n in found}))
    report.header(f"{part.title}, {part.unit}", names, [name for name in names if name not in BACKENDS])
    for label, times in table:
        report.row(part.title, label, times, part.unit)


def operations(turns, report, parts, rounds):
    """Print sections of one row each, operations of the table, as one table."""
    names = list(dict.fromkeys(name for part in parts for name in libraries_of(part.benchmark)))
    peers = [name for name in names if name not in BACKENDS]
    report.header("Operations on many numbers, called, one thread, µs", names, peers)
    for part in parts:
        requests = {name: (part.benchmark, (name, *part.rows[0])) for name in libraries_of(part.benchmark)}
        found = turns.rounds(requests, part.seconds, rounds)
        report.row(part.title, part.title, {n: [one["seconds"] for one in found.get(n, [])] for n in names}, "µs")


def from_start(report, rounds):
    """Print the figures of whole processes, which take turns."""
    found = {name: [] for name in libraries_of("training.FromStart")}
    for _ in range(rounds):
        for name, runs in found.items():
            started = time.perf_counter()
            figures = process(name)
            runs.append(figures | {"total": time.perf_counter() - started})
    report.line(f"\n### {START}\n")
    report.line(f"| | fastest epoch, s | / {OURS} | whole, s | / {OURS} | peak memory, MB | test accuracy |")
    report.line("|---" * 7 + "|")
    for name, runs in found.items():
        cells = [name]
        for what, key in (("an epoch", "epochs"), ("the whole", "total")):
            times = {who: [np.min(one[key]) for one in found[who]] for who in (OURS, name)}
            cells += [shown(times[name], "s"), report.share(f"{START}, {what}", name, times)]
        cells += [f"{statistics.median(one['memory'] for one in runs):.0f}"]
        cells += [f"{runs[0]['accuracy']:.4f}"]
        report.line(f"| {' | '.join(cells)} |")


def machine():
    """Return sentences about what is measured where."""
    versions = []
    for name in ("numbanet", "numpy", "numba", "torch", "jax", "scikit-learn", "mygrad", "autograd"):
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} is not installed")
    return (
        f"Measured on {time.strftime('%Y-%m-%d')}: {processor()}, {CORES} cores, {platform.system()}, Python "
        f"{platform.python_version()}; {', '.join(versions)}. BLAS of NumPy: {blas()}."
    )


def processor():
    """Return the name of the processor, as the system has it."""
    try:
        return re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]
    except (OSError, TypeError):
        return platform.processor() or platform.machine()


def blas():
    """Return the BLAS that NumPy has loaded, and the kernels that it chose."""
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    found = [one for one in threadpool_info() if one["user_api"] == "blas"]
    return (
        ", ".join(f"{one['internal_api']} {one['version']} ({one.get('architecture')})" for one in found) or "unknown"
    )


def main(
    rounds: Annotated[int, typer.Option(help="How often each library has its turn.")] = 3,
    only: Annotated[str, typer.Option(help="A regular expression for titles of sections.")] = "",
    write: Annotated[Path | None, typer.Option(help="Write the table here too, as Markdown.")] = None,
):
    """Measure everything, and print one table."""
    started = time.perf_counter()
    with open(write, "w", encoding="utf-8") if write else open(os.devnull, "w") as file, Turns() as turns:
        report = Report(file if write else None)
        report.line(machine())
        report.line(
            "\nAll libraries took turns in one run. Cells are medians over rounds (least-most); a ratio above 1 says "
            "how\nmany times as long the other library takes. `numbanet-cython` is the compiled extension, without "
            "Numba."
        )
        wanted = [part for part in SECTIONS if re.search(only, part.title)]
        if re.search(only, START):
            from_start(report, rounds)
        for part in [part for part in wanted if not part.benchmark.startswith("ops.")]:
            section(turns, report, part, rounds)
        parts = [part for part in wanted if part.benchmark.startswith("ops.")]
        if parts:
            operations(turns, report, parts, rounds)
        report.summary()
        print(f"\n{time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    typer.run(main)
