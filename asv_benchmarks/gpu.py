"""One table of a GPU: `python asv_benchmarks/gpu.py` checks results against float64 NumPy, then measures, with peers.

Times are those of the GPU, between two events, after a warm-up; kernels are launched from a CUDA graph that holds them
several times, so that no Python is measured. PyTorch, where it is installed, brings cuBLAS and a training step of its
own, captured in the same way. Every row has its goal beside it, and says when it is missed.

`--tiny` rehearses everything with small arrays: in Numba's simulator (NUMBA_ENABLE_CUDASIM=1) its times mean nothing.
"""

import argparse
import datetime
import functools
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

import numpy as np
from mnist_epoch import load_images, make_model
from rounds import if_installed

import numbanet as nn
from numbanet.batches import ArrayData
from numbanet.engine import Engine
from numbanet.evaluation import python_state
from numbanet.kernels.cuda.devices import cuda
from numbanet.kernels.launch import Kernel
from numbanet.kernels.loops import arithmetic, functions, neural
from numbanet.kernels.recording import recording

ROUNDS, COPIES = 7, 10
"""How often each time is taken, and how often a graph holds what is measured."""

PRODUCTS = ((2048, 2048, 2048, 0.65), (4096, 4096, 4096, 0.65), (128, 784, 512, 0.5), (4096, 784, 512, 0.5))
BATCHES = (128, 4096)
TRAIN = """
import numpy as np, numbanet as nn
(x, y), (test, answers) = nn.datasets.mnist.load_data()
x, test = (part.reshape(len(part), -1).astype(np.float32) / 255 for part in (x, test))
with nn.device("cuda"):
    model = nn.Sequential([nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")])
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=128, epochs=5, rng=0, verbose=0)
    print(model.evaluate(test, answers, verbose=0)[1])
"""
SANITIZED = """
import numpy as np, numbanet as nn
rng = np.random.default_rng(0)
x, y = rng.normal(size=(200, 33)).astype(np.float32), rng.integers(0, 5, 200)
with nn.device("cuda"):
    model = nn.Sequential([nn.layers.Dense(65, activation="relu"), nn.layers.Dense(5, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=2, rng=0, verbose=0)
    a, b = nn.asarray(rng.normal(size=(130, 70))), nn.asarray(rng.normal(size=(130, 90)))
    print(nn.sum(nn.dot(a.T, b)).item(), nn.sum(nn.sort(a)).item(), nn.mean(a.T + b[:70, :1]).item())
"""


class Table:
    """Rows of what was measured, each with its goal."""

    def __init__(self):
        self.rows = []

    def add(self, what, found, goal="", met=None):
        """One row; it is printed at once, so that nothing is lost if the next measurement fails."""
        verdict = "" if met is None else "met" if met else "missed"
        self.rows.append((what, found, goal, verdict))
        print(f"| {what} | {found} | {goal} | {verdict} |", flush=True)


def seconds(device, call, repeats):
    """The median time of `call` on the GPU, between events; by the clock in the simulator."""
    times = []
    call()
    device.synchronize()
    for _ in range(ROUNDS):
        if hasattr(device, "stream"):
            from cuda.core import EventOptions

            options = EventOptions(timing_enabled=True)
            first = device.stream.record(options=options)
            for _ in range(repeats):
                call()
            last = device.stream.record(options=options)
            last.sync()
            times.append((last - first) / 1e3 / repeats)
        else:
            started = time.perf_counter()
            call()
            times.append(time.perf_counter() - started)
    return statistics.median(times)


def time_of(device, work, repeats=3):
    """Seconds of the launches that `work` makes, once."""
    with recording() as launches:
        work()
    device.run(launches)
    copies = COPIES if hasattr(device, "stream") else 1
    return seconds(device, device.graph(list(launches) * copies).launch, repeats) / copies


def check(table, most):
    """Results against NumPy in float64, of arrays with sizes up to `most`: before anything is measured."""
    rng = np.random.default_rng(0)
    for name, shapes in {
        "add": ((513, 257), (257,)), "exp": ((1000,),), "softmax": ((67, 1025),), "sum": ((129, 1031),),
        "matmul": ((257, 129), (129, 65)), "tanh": ((999,),), "multiply": ((5, 1, 77), (1, 33, 77)),
    }.items():  # fmt: skip
        for dtype, tolerance in ((np.float32, 1e-5), (np.float64, 1e-12)):
            shapes = [tuple(min(size, most) for size in shape) for shape in shapes]
            arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
            found = getattr(nn, name)(*[nn.asarray(x, device="cuda") for x in arrays]).numpy()
            expected = getattr(nn, name)(*[nn.asarray(x.astype(np.float64)) for x in arrays]).numpy()
            error = np.max(np.abs(found - expected) / (1 + np.abs(expected)))
            what = f"{name} {np.dtype(dtype).name} {' '.join('x'.join(map(str, shape)) for shape in shapes)}"
            table.add(what, f"error {error:.1e}", f"<= {tolerance}", error <= tolerance)
            if error > tolerance:
                raise SystemExit(f"{name} is wrong: nothing is measured")


def bandwidth(table, device, side):
    """Elementwise kernels and softmax as shares of the bandwidth of a copy on the device."""
    x, y, out = (device.empty((side, side), np.float32) for _ in range(3))
    row, column = device.empty((side,), np.float32), device.empty((side, 1), np.float32)
    for array in (x, y, row, column):
        array[...] = 0.5
    copy = 2 * x.nbytes / copy_seconds(device, out, x)
    table.add("copy on the device", f"{copy / 1e9:.4g} GB/s")
    works = {
        "relu": (functions.relu, (x,), 2),
        "add": (arithmetic.add, (x, y), 3),
        "exp": (functions.exponential, (x,), 2),
        "tanh": (functions.hyperbolic_tangent, (x,), 2),
        "add of a row": (arithmetic.add, (x, row), 2),
        "add of a column": (arithmetic.add, (x, column), 2),
    }
    for name, (body, inputs, passes) in works.items():
        work = functools.partial(device.build.run_map, Kernel(body), out, inputs)
        share = passes * x.nbytes / time_of(device, work) / copy
        table.add(f"{name}, {side}x{side} float32", f"{share:.2f} of copy", ">= 0.85", share >= 0.85)
    for rows, columns in ((side, side), (16 * side, side // 16)):
        operands = x.reshape(rows, columns), out.reshape(rows, columns)
        work = functools.partial(device.build.run, Kernel(neural.softmax), rows, operands, 1)
        share = 2 * x.nbytes / time_of(device, work) / copy
        table.add(f"softmax {rows}x{columns} float32", f"{share:.2f} of copy", ">= 0.8", share >= 0.8)


def copy_seconds(device, out, x):
    """What the driver's own copy of one array into another takes."""
    if not hasattr(device, "stream"):
        return time_of(device, functools.partial(device.build.assign, out, x))
    from cuda.bindings import driver

    addresses = out.layout.ctypes.data, x.layout.ctypes.data
    return seconds(device, lambda: driver.cuMemcpyDtoDAsync(*addresses, x.nbytes, device.stream.handle), 20)


def products(table, device, scale):
    """Dot against cuBLAS, TF32 off."""
    torch = torch_on_gpu()
    for m, k, n, goal in PRODUCTS:
        m, k, n = (max(size // scale, 1) for size in (m, k, n))
        for transposed in ("", "a", "b"):
            a = device.from_host(np.full((k, m) if transposed == "a" else (m, k), 0.5, np.float32))
            b = device.from_host(np.full((n, k) if transposed == "b" else (k, n), 0.5, np.float32))
            views = a.T if transposed == "a" else a, b.T if transposed == "b" else b
            out = device.empty((m, n), np.float32)
            taken = time_of(device, functools.partial(device.build.dot, *views, out))
            text, met = f"{2 * m * n * k / taken / 1e12:.2f} Tflop/s", None
            if torch is not None:
                x = torch.full(a.shape, 0.5, device="cuda")
                y = torch.full(b.shape, 0.5, device="cuda")
                x, y = x.T if transposed == "a" else x, y.T if transposed == "b" else y
                share = torch_seconds(torch, lambda x=x, y=y: torch.mm(x, y)) / taken
                text, met = f"{text}, {share:.2f} x cuBLAS", share >= goal
            shape = f"{m}x{k}x{n}" + (f", {transposed} transposed" if transposed else "")
            table.add(f"dot {shape} float32", text, f">= {goal} x cuBLAS", met)


def torch_on_gpu():
    """PyTorch, if it is there and has a GPU; TF32 is off."""
    torch = if_installed("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    torch.backends.cuda.matmul.allow_tf32 = False
    return torch


def torch_seconds(torch, call, copies=COPIES, repeats=3):
    """Seconds of a call, captured `copies` times in a CUDA graph."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(copies):
            call()
    times = []
    for _ in range(ROUNDS):
        first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        first.record()
        for _ in range(repeats):
            graph.replay()
        last.record()
        torch.cuda.synchronize()
        times.append(first.elapsed_time(last) / 1e3 / repeats / copies)
    return statistics.median(times)


def training_steps(table, device, samples):
    """A replayed step of the textbook's network on MNIST against PyTorch's, captured as a CUDA graph."""
    images, labels = load_images()
    if samples < len(images):
        images = images[:samples, ::49]
    labels, torch = labels[:samples], torch_on_gpu()
    for batch in (min(size, samples // 2) for size in BATCHES):
        with nn.device("cuda"):
            model = make_model(512 if samples > 1000 else 4)
            model.build_for((None, images.shape[1]), np.random.default_rng(0))
            engine = Engine(
                model, ArrayData("fit", images, labels), batch, np.random.default_rng(0), python_state(model)
            )
        step, steps = engine.steps[0], samples // batch
        numbers = step.recorded.numbers_of_steps(steps)

        def epoch(step=step, steps=steps, numbers=numbers, engine=engine):
            engine.cursor[...] = 0
            step.program.run(steps, numbers)

        taken = seconds(device, epoch, 1) / steps
        text, met = f"{taken * 1e6:.1f} us", None
        if torch is not None:
            other = torch_seconds(torch, torch_step(torch, images, labels, batch))
            text, met = f"{text}, {taken / other:.2f} x PyTorch's ({other * 1e6:.1f} us)", taken <= 1.2 * other
        table.add(f"MNIST step, batch {batch}", text, "<= 1.2 x PyTorch's graph", met)


def torch_step(torch, images, labels, batch):
    """A training step of PyTorch that fetches its batch by index from data on the GPU, as ours does."""
    x, y = torch.from_numpy(images).cuda(), torch.from_numpy(labels.astype(np.int64)).cuda()
    order = torch.randperm(len(x), device="cuda")[:batch]
    model = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10)).cuda()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7, capturable=True)
    loss_of = torch.nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_of(model(x[order]), y[order]).backward()
        optimizer.step()

    return step


def start(table):
    """MNIST from the start of a process to the accuracy of five epochs; the first run fills the cache."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", TRAIN], check=True, capture_output=True, text=True)
        times.append(time.perf_counter() - started)
    found = f"{min(times[1:]):.2f} s (first {times[0]:.2f}), accuracy {float(done.stdout):.4f}"
    table.add("MNIST, 5 epochs, start to evaluated", found, "< 4 s, cached", min(times[1:]) < 4)


def sanitize(table):
    """compute-sanitizer over training, products and sorting, where it is installed."""
    tool = shutil.which("compute-sanitizer")
    for mode in ("memcheck", "racecheck") if tool else ():
        done = subprocess.run(
            [tool, "--tool", mode, "--error-exitcode", "9", sys.executable, "-c", SANITIZED],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        table.add(f"compute-sanitizer {mode}", f"exit code {done.returncode}", "0", done.returncode == 0)
    if not tool:
        table.add("compute-sanitizer", "not installed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tiny", action="store_true", help="small arrays, to rehearse")
    tiny = parser.parse_args().tiny
    device, table, started = cuda(), Table(), time.perf_counter()
    print(f"{device.description}, {platform.python_version()}, {datetime.date.today()}, numbanet {nn.__version__}\n")
    print("| what | found | goal | |\n|---|---|---|---|")
    check(table, 40 if tiny else 10_000)
    parts = [
        functools.partial(bandwidth, table, device, 16 if tiny else 1 << 13),
        functools.partial(products, table, device, 512 if tiny else 1),
        functools.partial(training_steps, table, device, 32 if tiny else 60_000),
    ]
    if not tiny:
        parts += [functools.partial(start, table), functools.partial(sanitize, table)]
    for part in parts:
        try:
            part()
        except Exception as error:  # the rest may be worth measuring
            table.add(part.func.__name__, f"failed: {type(error).__name__}: {error}", met=False)
    print(f"\n{time.perf_counter() - started:.0f} s; missed: {sum(row[3] == 'missed' for row in table.rows)}")
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
