"""A GPU, checked and measured: `python asv_benchmarks/gpu.py STAGE`, see docs/gpu_runbook.md.

Stage 1 ends at the first thing that is wrong; stage 2 checks all results and measures, with PyTorch beside it where it
is installed; stage 3 runs NVIDIA's tools. A row of the table is printed for each finding; the exit code is 1 if a check
failed, whatever was measured, or if nothing could be checked.

Times are those of the GPU, between two events; kernels are launched from a CUDA graph that holds them several times, so
that no Python is measured. `--scale 50` rehearses with arrays so many times smaller: in Numba's simulator
(NUMBA_ENABLE_CUDASIM=1), or with a driver that computes nothing, where times and results mean nothing.
"""

import argparse
import functools
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import time
import timeit
from pathlib import Path
from unittest import mock

import gpu_checks
import numpy as np
from benchmarks.networks import TEXTBOOK, keras_like
from benchmarks.networks import mnist as training_and_test
from gpu_table import Table, random_array, seconds, time_of, torch_on_gpu, torch_seconds

import numbanet as nn
from numbanet.backends.cuda.devices import cuda
from numbanet.backends.cuda.program import CudaProgram
from numbanet.launching.launch import Kernel
from numbanet.loops import arithmetic, functions, softmax
from numbanet.training import data
from numbanet.training.prefetch import Prefetch

ROOT = Path(__file__).resolve().parent.parent
PRODUCTS = ((2048, 2048, 2048, 0.7), (4096, 4096, 4096, 0.7), (128, 784, 512, 0.5), (4096, 784, 512, 0.5))
BATCHES = (128, 4096)
TESTS = ("ops", "reductions", "rows", "transpose", "gather")
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


def first_kernel(table, device):
    """One kernel, compiled anew: which PTX NVVM writes, and what is loaded."""
    from numbanet.backends.cuda.toolchain import VERSION, image_of, linker_version
    from numbanet.backends.cuda.toolkit import SIMULATED, compile_ptx, cuda

    if SIMULATED:
        table.check("one kernel", "in the simulator nothing is compiled", True)
        return

    def kernel(x):
        x[cuda.grid(1)] = 1

    started = time.perf_counter()
    ptx = compile_ptx(kernel, (("<f4", 1, True),), device.capability)
    compiled = time.perf_counter() - started
    image = image_of("first", ptx, device.capability)
    linked = time.perf_counter() - started - compiled
    kind = "machine code" if image.startswith(b"\x7fELF") else "PTX"
    written = ".".join(VERSION.search(ptx).groups())
    text = f"PTX {written} in {compiled:.2f} s, {kind} by nvJitLink {linker_version()} in {linked:.2f} s"
    table.check("one kernel", text, True)


def first_results(table, scale):
    """An addition, and two products, beside PyTorch or NumPy."""
    torch = torch_on_gpu()
    sizes = max(2, 512 // scale), max(3, 2048 // scale)
    x = gpu_checks.numbers(sizes[0], sizes[0])
    expected = torch.add(*[torch.from_numpy(x).cuda()] * 2).cpu().numpy() if torch else x + x
    found = (nn.asarray(x, device="cuda") + nn.asarray(x, device="cuda")).numpy()
    table.check(f"add {sizes[0]}x{sizes[0]}", "beside PyTorch" if torch else "beside NumPy", (found == expected).all())
    for size in sizes:
        a, b = gpu_checks.numbers(size, size), gpu_checks.numbers(size, size, seed=1)
        if torch:
            expected = torch.mm(*[torch.from_numpy(x).cuda().double() for x in (a, b)]).cpu().numpy()
        else:
            expected = a.astype(np.float64) @ b
        found = nn.dot(nn.asarray(a, device="cuda"), nn.asarray(b, device="cuda")).numpy()
        error = np.abs(found - expected).max() / np.sqrt(size)
        text = f"error {error:.1e} x sqrt(k), beside {'PyTorch' if torch else 'NumPy'} in float64"
        table.check(f"dot {size}x{size}x{size}", text, error <= 1e-5, "<= 1e-05")


def exchange(table):
    """Arrays to and from other libraries on the GPU, without a copy."""
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    torch = torch_on_gpu()
    if torch is None:
        table.add("DLPack", "PyTorch is not there, or has no GPU")
        return
    ours, theirs = nn.asarray(x, device="cuda"), torch.from_numpy(x).cuda()
    seen = torch.from_dlpack(ours)
    same = seen.data_ptr() == ours.__cuda_array_interface__["data"][0] and (seen.cpu().numpy() == x).all()
    table.check("DLPack to PyTorch", "shared", bool(same))
    taken = nn.from_dlpack(theirs)
    same = taken.__cuda_array_interface__["data"][0] == theirs.data_ptr() and ((taken + 1).numpy() == x + 1).all()
    table.check("DLPack from PyTorch", "shared", bool(same))
    table.check("CUDA array interface from PyTorch", "shared", ((nn.asarray(theirs) * 2).numpy() == x * 2).all())


def tests(table, left):
    """The tests that a GPU can run, until the first that fails."""
    files = [f"tests/test_cuda_{name}.py" for name in TESTS]
    environment = {**os.environ, "NUMBANET_TEST_GPU": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *files]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, timeout=left, capture_output=True, text=True)
    except subprocess.TimeoutExpired as late:
        done = (late.stdout or b"").decode()[-300:].split("\n")[-1]
        table.add("tests", f"{left:.0f} s were not enough; no failure until then: {done}")
        return
    if done.returncode:
        print(done.stdout[-6000:], done.stderr[-2000:], flush=True)
    last = (done.stdout.strip().splitlines() or ["nothing was said"])[-1]
    table.check(f"tests of {', '.join(TESTS)}", last, done.returncode == 0)


def bandwidth(table, device, side):
    """Elementwise kernels and softmax as shares of the bandwidth of a copy on the device."""
    x, y = random_array(device, (side, side)), random_array(device, (side, side), seed=1)
    out, row = device.empty((side, side), np.float32), random_array(device, (side,), seed=2)
    column = random_array(device, (side, 1), seed=3)
    copy = 2 * x.nbytes / seconds(device, functools.partial(device.copy, out, x), 20)
    table.add("copy on the device", f"{copy / 1e9:.4g} GB/s")
    works = {
        "relu": (functions.relu, (x,), 2),
        "add": (arithmetic.add, (x, y), 3),
        "exp": (functions.exp, (x,), 2),
        "tanh": (functions.tanh, (x,), 2),
        "add of a row": (arithmetic.add, (x, row), 2),
        "add of a column": (arithmetic.add, (x, column), 2),
    }
    for name, (body, inputs, passes) in works.items():
        work = functools.partial(device.backend.map, Kernel(body), out, inputs)
        share = passes * x.nbytes / time_of(device, work) / copy
        table.add(f"{name}, {side}x{side} float32", f"{share:.2f} of copy", ">= 0.85", share >= 0.85)
    for rows, columns in ((side, side), (16 * side, side // 16)):
        operands = x.reshape(rows, columns), out.reshape(rows, columns)
        work = functools.partial(device.backend.run, Kernel(softmax.softmax), rows, operands, 1)
        share = 2 * x.nbytes / time_of(device, work) / copy
        table.add(f"softmax {rows}x{columns} float32", f"{share:.2f} of copy", ">= 0.8", share >= 0.8)


def products(table, device, scale):
    """Dot against cuBLAS, TF32 off, of random operands."""
    torch = torch_on_gpu()
    for (m, k, n, goal), transposed in itertools.product(PRODUCTS, ("", "a", "b")):
        m, k, n = (max(size // scale, 1) for size in (m, k, n))
        a = random_array(device, (k, m) if transposed == "a" else (m, k))
        b = random_array(device, (n, k) if transposed == "b" else (k, n), seed=1)
        views = a.T if transposed == "a" else a, b.T if transposed == "b" else b
        out = device.empty((m, n), np.float32)
        taken = time_of(device, functools.partial(device.backend.matmul, *views, out))
        text, met = f"{2 * m * n * k / taken / 1e12:.2f} Tflop/s", None
        if torch is not None:
            x, y = torch.from_dlpack(nn.Tensor(views[0])), torch.from_dlpack(nn.Tensor(views[1]))
            share = torch_seconds(torch, lambda x=x, y=y: torch.mm(x, y)) / taken
            text, met = f"{text}, {share:.2f} x cuBLAS", share >= goal
        shape = f"{m}x{k}x{n}" + (f", {transposed} transposed" if transposed else "")
        table.add(f"dot {shape} float32", text, f">= {goal} x cuBLAS", met)


def mnist(samples):
    """The first images and labels; to rehearse with few of them, a part of each image."""
    (images, labels), _ = training_and_test()
    return (images if samples >= len(images) else images[:samples, ::49]), labels[:samples]


def trained(images, labels, batch, epochs, callbacks=()):
    """Train the textbook's network on the GPU."""
    with nn.device("cuda"):
        model = keras_like(TEXTBOOK._replace(hidden=512 if len(images) > 1000 else 4))
        model.fit(images, labels, batch_size=batch, epochs=epochs, rng=0, verbose=0, callbacks=list(callbacks))


class _Runs:
    """What `CudaProgram.run` is replaced by: every run is timed, between events."""

    def __init__(self, device):
        self.device, self.runs, self.launches, self._run = device, [], 0, CudaProgram.run

    def __call__(self, program, steps, numbers=None, **options):
        first = self.device.record(timed=True)
        self._run(program, steps, numbers, **options)
        self.runs.append((steps, first, self.device.record(timed=True)))
        self.launches = len(program.launches)

    def seconds(self):
        """The median seconds of a step, of the runs of most steps; the first run was captured."""
        self.device.synchronize()
        most = max(n for n, *_ in self.runs)
        return statistics.median(last.seconds_since(first) / n for n, first, last in self.runs[1:] if 2 * n >= most)


def training_steps(table, device, samples):
    """A replayed step of the textbook's network on MNIST against PyTorch's, captured as a CUDA graph."""
    images, labels = mnist(samples)
    torch = torch_on_gpu()
    for batch in (min(size, samples // 5) for size in BATCHES):
        runs = _Runs(device)
        with mock.patch.object(CudaProgram, "run", lambda *given, runs=runs, **options: runs(*given, **options)):
            trained(images, labels, batch, 3 if samples < 1000 else 8)
        taken = runs.seconds()
        text, met = f"{taken * 1e6:.1f} us, {runs.launches} launches", None
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


class _Clock(nn.callbacks.Callback):
    """When each epoch ended."""

    def __init__(self):
        self.ends = []

    def on_epoch_end(self, epoch, logs=None):
        self.ends.append(time.perf_counter())


def epochs(table, device, samples):
    """An epoch of `fit` with all of the data on the GPU, and with chunks of it that arrive meanwhile."""
    images, labels = mnist(samples)
    batch, taken = min(BATCHES[0], samples // 5), {}
    for whole in (True, False):
        clock = _Clock()
        with mock.patch.object(data, "fits", lambda device, arrays, whole=whole: whole):
            trained(images, labels, batch, 4 if samples > 1000 else 2, [clock])
        taken[whole] = statistics.median(np.diff(clock.ends))
    table.add(f"MNIST epoch, batch {batch}, all data on the GPU", f"{taken[True] * 1e3:.1f} ms")
    text = f"{taken[False] * 1e3:.1f} ms, {taken[False] / taken[True]:.2f} x with all of it on the GPU"
    table.add(f"MNIST epoch in chunks, batch {batch}", text)
    prefetch = Prefetch(device, [images, labels], batch)
    for name, order in (("in order", None), ("shuffled", np.random.default_rng(0).permutation(samples))):
        times = timeit.repeat(lambda order=order: [None for _ in prefetch.chunks(order)], number=1, repeat=3)
        spent = statistics.median(times[1:])
        table.add(f"upload of the rows {name}", f"{(images.nbytes + labels.nbytes) / spent / 1e9:.3g} GB/s")


def start(table):
    """MNIST from the start of a process to the accuracy of five epochs; the first run fills the cache."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", TRAIN], check=True, capture_output=True, text=True)
        times.append(time.perf_counter() - started)
    found = f"{min(times[1:]):.2f} s (first {times[0]:.2f}), accuracy {float(done.stdout):.4f}"
    table.add("MNIST, 5 epochs, start to evaluated", found, "< 4 s, cached", min(times[1:]) < 4)
    table.check("its accuracy", f"{float(done.stdout):.4f}", float(done.stdout) > 0.97, "> 0.97")


def sanitize(table, mode):
    """compute-sanitizer over training, products and sorting, where it is installed."""
    tool = shutil.which("compute-sanitizer") or shutil.which("compute-sanitizer", path="/usr/local/cuda/bin")
    if not tool:
        table.add(f"compute-sanitizer {mode}", "not installed: nothing was checked")
        return
    quiet = ["--report-api-errors", "no"]  # of what we ask on purpose: whether the driver knows an address
    command = [tool, "--tool", mode, *quiet, "--error-exitcode", "9", sys.executable, "-c", SANITIZED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        table.add(f"compute-sanitizer {mode}", "60 s were not enough: nothing was checked")
        return
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-1000:], flush=True)
    table.check(f"compute-sanitizer {mode}", f"exit code {done.returncode}", done.returncode == 0, "0")


def stage_1(table, device, scale, left):
    """What has to be right before anything else is worth its time; ends at the first thing that is not."""
    parts = (
        functools.partial(first_kernel, table, device),
        functools.partial(first_results, table, scale),
        functools.partial(exchange, table),
        functools.partial(gpu_checks.training, table, scale),
        lambda: tests(table, left()),
    )
    for part in parts:
        table.attempt(part)
        if table.wrong:
            return


def stage_2(table, device, scale, left):
    """All checks, and the measurements."""
    checks = list(gpu_checks.all_of_them(device, scale))
    if hasattr(device, "stream"):
        count, compiled = gpu_checks.compile_all(checks, device)
        table.add("kernels of the checks", f"{count}, {compiled} of them compiled in {180 - left():.0f} s")
    samples = 60_000 if scale == 1 else 64
    parts = [
        functools.partial(gpu_checks.run, table, checks),
        functools.partial(gpu_checks.far, table, *([] if scale == 1 else [100_000 // scale])),
        functools.partial(gpu_checks.training, table, scale),
        functools.partial(bandwidth, table, device, max(1, (1 << 13) // scale // 16) * 16),  # rows are cut into 16
        functools.partial(products, table, device, scale),
        functools.partial(training_steps, table, device, samples),
        functools.partial(epochs, table, device, samples),
        *([functools.partial(start, table)] if scale == 1 else []),
    ]
    for part in parts:
        table.attempt(part)


def stage_3(table, device, scale, left):
    """NVIDIA's tools."""
    for mode in ("memcheck", "racecheck"):
        table.attempt(functools.partial(sanitize, table, mode))


STAGES = {1: (stage_1, 170), 2: (stage_2, 290), 3: (stage_3, 170)}
"""Each with the seconds that it may take."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("stage", type=int, choices=STAGES)
    parser.add_argument("--scale", type=int, default=1, help="divide sizes by this number, to rehearse")
    given = parser.parse_args()
    started, (stage, limit) = time.monotonic(), STAGES[given.stage]
    table = Table()
    device = table.attempt(cuda)
    if device is not None:
        stage(table, device, given.scale, lambda: limit - (time.monotonic() - started))
    counts = f"right: {table.right}, wrong: {table.wrong}, goals missed: {table.missed}"
    print(f"\nstage {given.stage}: {time.monotonic() - started:.0f} s; {counts}")
    return bool(table.wrong or not table.right)  # where nothing could be checked, nothing is known


if __name__ == "__main__":
    sys.exit(main())
