"""Plant faults in a copy of the library, one at a time, and see that the tests catch each of them.

    python -m tests.planted_faults [NAME...]

Prints a table for docs/testing.md: the fault, and the first tests that fail. Exits 1 if one is not caught.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TABLE = ["tests/test_table.py", "tests/test_ops.py"]


class Fault(NamedTuple):
    """What is wrong, where, the text that is replaced and by what, and the tests that are run."""

    what: str
    file: str
    old: str
    new: str
    tests: list = TABLE


FAULTS = {
    "sign": Fault(
        "a wrong sign in the gradient of `cos`", "ops/functions.py",
        "lambda g, y, x: -g * sin(x)", "lambda g, y, x: g * sin(x)",
    ),
    "axis": Fault(
        "softmax's gradient sums along another axis", "ops/neural.py",
        "y * (g - sum(g * y, axis=axis, keepdims=True))", "y * (g - sum(g * y, axis=0, keepdims=True))",
    ),
    "un-broadcast": Fault(
        "a lost un-broadcast: the gradient of an operand of size one is not summed", "autodiff/tape.py",
        "axes = tuple(d for d in range(g.ndim) if d < extra or (shape[d - extra] == 1 and g.shape[d] != 1))\n"
        "    return g.sum(axis=axes).reshape(shape) if axes else g.reshape(shape)",
        "return g[(0,) * extra + tuple(slice(n) for n in shape)]",
    ),
    "off by one": Fault(
        "a loop that leaves out the last element of its range", "loops/functions.py",
        "def relu(x, out, start, stop):\n    for i in range(start, stop):",
        "def relu(x, out, start, stop):\n    for i in range(start, stop - 1):",
    ),
    "NaN": Fault(
        "`maximum` swallows a NaN", "loops/arithmetic.py",
        "out[i] = a if (a > b) | (a != a) else b", "out[i] = a if a > b else b",
    ),
    "race": Fault(
        "a range writes to the last element of the one before", "loops/arithmetic.py",
        "def square(x, out, start, stop):\n",
        "def square(x, out, start, stop):\n    if start > 0:\n        out[start - 1] = 0\n",
    ),
    "stale buffer": Fault(
        "a replayed call reads the arguments of the first one", "graph/function.py",
        "            buffer._array[...] = tensor._array\n", "            pass\n", ["tests/test_table.py"],
    ),
    "tie": Fault(
        "a tie at `maximum` gives the whole gradient to one operand", "ops/elementwise.py",
        "where(equal(x, y), 0.5, 0.0)", "where(equal(x, y), 1.0, 0.0)", ["tests/test_tape.py", "tests/test_docs.py"],
    ),
    "accumulator": Fault(
        "a sum accumulates in the dtype of its elements", "loops/reduce.py",
        "def sum(x, out, start, stop):\n    inner = x.shape[2]\n    for i in range(start, stop):\n        total = 0.0\n"
        "        for k in range(x.shape[1]):\n            total += float(x[i // inner, k, i % inner])\n"
        "        out[i] = total",
        "def sum(x, out, start, stop):\n    inner = x.shape[2]\n    for i in range(start, stop):\n        out[i] = 0\n"
        "        for k in range(x.shape[1]):\n            out[i] += x[i // inner, k, i % inner]",
        ["tests/test_kernels.py", "tests/test_table.py", "tests/test_docs.py"],
    ),
    "mutated input": Fault(
        "`negative` writes to its operand", "loops/arithmetic.py",
        "        out[i] = -x[i]", "        x[i] = -x[i]\n        out[i] = x[i]",
    ),
    "mutated gradient": Fault(
        "backward adds to the gradient that it was given", "autodiff/tape.py",
        "contribution if known is None else known + contribution",
        "contribution if known is None else type(known)(np.add(known._array, contribution._array, out=known._array))",
        ["tests/test_table.py", "tests/test_graphs.py", "tests/test_tape.py"],
    ),
    "wrong variable": Fault(
        "a variable's gradient leaves out the values that it had before an assignment", "autodiff/tape.py",
        "return self._variables.get(id(source), (source, ()))[1]",
        "return self._variables.get(id(source), (source, ()))[1][-1:]", ["tests/test_graphs.py", "tests/test_tape.py"],
    ),
}  # fmt: skip


def copy_of_the_library(folder):
    """What git knows of, in a new folder; without what was compiled ahead of time, which has no faults."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, text=True, capture_output=True, check=True).stdout.split()
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)


def caught_by(fault, folder):
    """The first tests that fail in a copy with the fault; none if all pass."""
    path = folder / "numbanet" / fault.file
    right = path.read_text("utf-8")
    if right.count(fault.old) != 1:
        sys.exit(f"{fault.what}: the text to replace is in {fault.file} {right.count(fault.old)} times, not once")
    wrong = right.replace(fault.old, fault.new)
    path.write_text("import numpy as np\n" + wrong if "np." in fault.new and "tape" in fault.file else wrong, "utf-8")
    environment = {**os.environ, "CI": "true", "PYTHONPATH": str(folder), "NUMBANET_BACKEND": "numba"}
    environment["NUMBANET_CACHE_DIR"] = str(folder / "cache")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--maxfail=3", "-p", "no:cacheprovider", *fault.tests]
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)
    path.write_text(right, "utf-8")
    return re.findall(r"^(?:FAILED|ERROR) (?:tests/)?(\S+)", done.stdout, re.MULTILINE)


def main(names):
    """Plant the faults that are named, or all."""
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        copy_of_the_library(Path(folder))
        print("| fault | caught by |\n|---|---|")
        for name in names or FAULTS:
            found = sorted(caught_by(FAULTS[name], Path(folder)))
            tests = [f"`{one}`" for one in dict.fromkeys(test.partition("[")[0] for test in found)]
            print(f"| {FAULTS[name].what} | {', '.join(tests) or 'nothing'} |", flush=True)
            missed += [] if found else [name]
    if missed:
        sys.exit(f"not caught: {', '.join(missed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
