"""Microseconds of an operation on 1,000 float32: numbanet, NumPy and PyTorch (if it can be imported), one thread.

    python asv_benchmarks/small_ops.py [--rounds 9] [--size 1000]

Each library computes a new array: without recording, and recording for gradients. numbanet records on a tape, a new
one for every 100 operations; PyTorch on the graph of a result that is dropped at once. All take their turn in every
round; reported are medians over rounds, with the range.
"""

import argparse

import numpy as np
from rounds import if_installed, in_turn, median_and_range

import numbanet as nn

OPS_OF_A_TAPE = 100


def numbanet_calls(x, y):
    """Calls by operation; the taped ones are `OPS_OF_A_TAPE` at once."""
    a, b = nn.asarray(x), nn.asarray(y)
    v = nn.Variable(x)

    def taped(function):
        def run():
            with nn.GradientTape():
                for _ in range(OPS_OF_A_TAPE):
                    function()

        return run

    eager = {"add": lambda: a + b, "multiply": lambda: a * b, "relu": lambda: nn.relu(a)}
    on_tape = {"add": lambda: v + b, "multiply": lambda: v * b, "relu": lambda: nn.relu(v)}
    return eager, {name: taped(function) for name, function in on_tape.items()}


def torch_calls(torch, x, y):
    """The same in PyTorch, or None."""
    if torch is None:
        return None, None
    torch.set_num_threads(1)
    a, b = torch.from_numpy(x), torch.from_numpy(y)
    v = torch.from_numpy(x.copy()).requires_grad_()

    def of(t):
        return {"add": lambda: t + b, "multiply": lambda: t * b, "relu": lambda: torch.relu(t)}

    return of(a), of(v)


def compare(size, rounds):
    """Print one row for each operation."""
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal(size).astype(np.float32) for _ in range(2))
    eager, taped = numbanet_calls(x, y)
    theirs, recorded = torch_calls(if_installed("torch"), x, y)
    numpy_calls = {"add": lambda: x + y, "multiply": lambda: x * y, "relu": lambda: np.maximum(x, 0)}
    print("| µs | numbanet | on a tape | NumPy | PyTorch | with gradients |")
    print("|---|---|---|---|---|---|")
    for op in eager:
        calls = {"eager": eager[op], "taped": taped[op], "numpy": numpy_calls[op]}
        if theirs is not None:
            calls |= {"torch": theirs[op], "recorded": recorded[op]}
        times = in_turn(calls, rounds)
        times["taped"] = [seconds / OPS_OF_A_TAPE for seconds in times["taped"]]
        cells = [
            median_and_range([seconds * 1e6 for seconds in times[name]], 2) if name in times else ""
            for name in ("eager", "taped", "numpy", "torch", "recorded")
        ]
        print(f"| {op} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--size", type=int, default=1000)
    arguments = parser.parse_args()
    nn.config.num_threads = 1
    compare(arguments.size, arguments.rounds)
