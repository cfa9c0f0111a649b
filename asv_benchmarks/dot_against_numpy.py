"""Matrix products, numbanet and others in turn: a table of microseconds, ratios, and what they come to.

    python asv_benchmarks/dot_against_numpy.py                      # one thread: OpenBLAS, and MKL if torch is there
    python asv_benchmarks/dot_against_numpy.py --threads 2 --fused  # dot + bias + relu, on two threads

`call` is numbanet as it is called (`nn.dot` on tensors), `replay` the same product in a Program, with no Python
around it. Others are NumPy (OpenBLAS) and torch.mm (MKL), which write to memory that they were given. With --fused,
others take three calls. The ratios are those of the fastest of the others to numbanet, within a round; the table has
their medians. Shapes are ten of a textbook's networks and random ones; T marks the transpose of a contiguous array.
"""

import argparse
import importlib.util
import statistics
import time

import numpy as np
from threadpoolctl import threadpool_limits

import numbanet as nn
from numbanet.kernels.launch import backend
from numbanet.kernels.program import Program
from numbanet.kernels.recording import recording
from numbanet.ops.linalg import dense

SHAPES = [
    (128, 784, 512, "NN"), (784, 128, 512, "TN"), (128, 512, 784, "NT"), (512, 512, 512, "NN"),
    (1000, 1000, 1000, "NN"), (2048, 2048, 2048, "NN"), (128, 512, 10, "NN"), (512, 128, 10, "TN"), (32, 64, 32, "NN"),
    (1, 784, 512, "NN"),
]  # fmt: skip
HAS_TORCH = importlib.util.find_spec("torch") is not None


def random_shapes(count):
    """Sizes from 1 to 1024 whose logarithms are uniform, transposed or not."""
    rng = np.random.default_rng(7)
    sizes = np.exp(rng.uniform(0, np.log(1024), (count, 3))).round().astype(int).tolist()
    return [(*size, "".join(turn)) for size, turn in zip(sizes, rng.choice(["N", "T"], (count, 2)), strict=True)]


def operand(rng, rows, columns, turn, dtype):
    """A random matrix, contiguous or the transpose of a contiguous one."""
    shape = (columns, rows) if turn == "T" else (rows, columns)
    x = rng.standard_normal(shape).astype(dtype)
    return x.T if turn == "T" else x


def replayed(a, b, bias, out):
    """A function that runs the product `steps` times in a Program."""
    with recording() as launches:
        backend().schedules.dot(a, b, out, bias, bias is not None)
    program = Program(launches, (a, b, bias, out))
    return program.run


def repeated(call):
    """A function that makes a call `steps` times."""

    def run(steps):
        for _ in range(steps):
            call()

    return run


def contenders(a, b, bias):
    """(run, result) by name: `run(steps)` computes the product so many times, `result()` is the array of the last."""
    out = {name: np.empty((a.shape[0], b.shape[1]), a.dtype) for name in ("replay", "NumPy", "torch")}
    x, w, v = (None if y is None else nn.asarray(y) for y in (a, b, bias))
    call = (lambda: nn.dot(x, w)) if bias is None else (lambda: dense(x, w, v, with_relu=True))
    found = {"call": repeated(call), "replay": replayed(a, b, bias, out["replay"])}

    def numpy_call(z=out["NumPy"]):
        np.matmul(a, b, out=z)
        if bias is not None:
            np.add(z, bias, out=z)
            np.maximum(z, 0, out=z)

    found["NumPy"] = repeated(numpy_call)
    if HAS_TORCH:
        import torch

        s, t, z, u = (None if y is None else torch.from_numpy(y) for y in (a, b, out["torch"], bias))

        def torch_call():
            torch.mm(s, t, out=z)
            if bias is not None:
                z.add_(u).relu_()

        found["torch"] = repeated(torch_call)
    return found, out, call


def seconds(run, steps, pause):
    """Of one product. The pause lets OpenBLAS's threads sleep, which look for work for 100 ms."""
    time.sleep(pause)
    run(1)
    start = time.perf_counter()
    run(steps)
    return (time.perf_counter() - start) / steps


def compare(shape, arguments):
    """Medians of seconds by name, and of the ratios of the fastest other to `call` and to `replay`."""
    m, k, n, turn = shape
    rng, dtype = np.random.default_rng(0), np.dtype(arguments.dtype)
    a, b = operand(rng, m, k, turn[0], dtype), operand(rng, k, n, turn[1], dtype)
    bias = rng.standard_normal(n).astype(dtype) if arguments.fused else None
    runs, outs, call = contenders(a, b, bias)
    steps = max(1, int(2e8 / (2 * m * k * n + 2e4 * arguments.threads)))
    rounds = [
        {name: seconds(run, steps, 0.15 * (arguments.threads > 1)) for name, run in runs.items()}
        for _ in range(arguments.rounds)
    ]
    scale = max(1.0, float(np.abs(outs["NumPy"]).max()))
    for result in (call().numpy(), *(outs[name] for name in runs if name in outs)):
        np.testing.assert_allclose(result / scale, outs["NumPy"] / scale, atol=k * np.finfo(dtype).eps)
    medians = {name: statistics.median(one[name] for one in rounds) for name in runs}
    others = [name for name in runs if name not in ("call", "replay")]
    ratios = {
        (own, other): statistics.median(one[other] / one[own] for one in rounds)
        for own in ("call", "replay")
        for other in others
    }
    return medians, ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--random", type=int, default=64, help="how many random shapes")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--dtype", default="float32", choices=["float32", "float64"])
    parser.add_argument("--fused", action="store_true", help="dot + bias + relu")
    arguments = parser.parse_args()
    nn.config.num_threads = arguments.threads
    if HAS_TORCH:
        import torch

        torch.set_num_threads(arguments.threads)
    rows = []
    with threadpool_limits(arguments.threads):
        for shape in SHAPES + random_shapes(arguments.random):
            medians, ratios = compare(shape, arguments)
            if not rows:
                print("| m x k x n |", " | ".join(medians), "|", " | ".join(f"{b}/{a}" for a, b in ratios), "|")
                print("|---" * (1 + len(medians) + len(ratios)) + "|")
            rows.append(ratios)
            (m, k, n, turn), marks = shape, {"N": "", "T": "T"}
            times = " | ".join(f"{1e6 * second:.1f}" for second in medians.values())
            print(
                f"| {m}{marks[turn[0]]} x {k} x {n}{marks[turn[1]]} | {times} |",
                " | ".join(f"{ratio:.2f}" for ratio in ratios.values()), "|", flush=True,
            )  # fmt: skip
    for own, other in rows[0]:
        for part, of in (("fixed", rows[: len(SHAPES)]), ("all", rows)):
            values = [ratios[own, other] for ratios in of]
            print(
                f"{other}/{own}, {part}: geometric mean {statistics.geometric_mean(values):.2f}, least "
                f"{min(values):.2f}, under 0.85: {sum(value < 0.85 for value in values)} of {len(values)}"
            )


if __name__ == "__main__":
    main()
