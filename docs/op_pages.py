"""What the pages on operations show of the table: formulas, shapes, gradients, errors, times, and the loops.

The loops of a function are those that its own example launches: each example is run once, by the interpreter, on a
backend that takes down the bodies. What runs in their place comes from `numbanet.kernels.substitutes`, errors and times
from the tables of docs/numerics.md and docs/performance_tables.md.
"""

import doctest
import functools
import inspect
import re
from pathlib import Path

import numpy as np

import numbanet as nn
import numbanet.ops  # fills the table
from numbanet.backends import select
from numbanet.backends.protocol import Backend
from numbanet.backends.python.backend import PythonBackend
from numbanet.core.table import TABLE
from numbanet.kernels.substitutes import SUBSTITUTES
from tests.front_figures import TABLES, median, tables

DOCS = Path(__file__).parent
MOVES = {"move.astype", "move.copy_strided"}
"""What only converts operands or makes them contiguous; shown where a function does nothing else."""
MANY = "Operations on many numbers, called, one thread, µs"
COUNT = 65_536
CODE = re.compile(r"\b(?:numpy|vector_math|backends|cython)(?:[./]\w+)+")
"""What takes the place of loops, by its name or its file."""
KINDS = {"integer": "integers", "floating": "floating dtypes", "any": "any dtype"}


def public_ops(family):
    """The public functions of one family of the table, by name."""
    return {name: TABLE[name] for name in sorted(dir(nn)) if name in TABLE and TABLE[name].family == family}


def inputs_with_gradients(op):
    """Which inputs of an op gradients flow to, in words."""
    if not op.differentiable:
        return "none"
    if op.vjp is None or callable(op.vjp):
        return "every floating input"
    names = list(inspect.signature(op.function).parameters)
    return ", ".join(f"``{name}``" for name, rule in zip(names, op.vjp, strict=False) if rule is not None)


def formula(op):
    """What the docstring says that an op computes: its formula where there is one, else its first sentence."""
    text = inspect.cleandoc(op.function.__doc__)
    found = re.search(r"Computes `([^`]+)`", text)
    return f"``{found[1]}``" if found else text.splitlines()[0]


def returned_shape(op):
    """The first sentence on what an op returns, which is on its shape."""
    text = inspect.cleandoc(op.function.__doc__)
    found = re.search(r"^Returns\n-+\n.+\n((?:    .+\n?)+)", text, re.MULTILINE)
    return " ".join(found[1].split()).split(". ")[0].rstrip(".") + "." if found else ""


@functools.cache
def errors():
    """From the names of functions to their largest errors in float32 and float64, as measured."""
    rows = tables((DOCS / "numerics.md").read_text("utf-8"))["Errors of elementwise functions"]
    return {row[""].strip("`"): f"{row['float32, largest']}, {row['float64, largest']}" for row in rows}


@functools.cache
def times():
    """From the names of functions to nanoseconds an element of 65,536 float32: numbanet's, and NumPy's."""
    found = {}
    for row in tables(TABLES.read_text("utf-8"))[MANY]:
        name, _, operands = row[""].partition(", ")
        if operands == f"{COUNT} float32":
            cells = [median(row["numbanet"]), median(row["NumPy"]) if hasattr(np, name) else ""]  # or by hand, slowly
            found[name] = ", ".join(f"{1e3 * float(cell.replace(',', '')) / COUNT:.2f}" for cell in cells if cell)
    return found


class Recorder(Backend):
    """Takes down the bodies that are launched, and has the interpreter run them."""

    name = "recorder"
    compiled = False

    def __init__(self):
        self._interpreter = PythonBackend()
        self.bodies = {}

    def _seen(self, body):
        module, _, name = body.qualified_name.removeprefix("numbanet.loops.").rpartition(".")
        if "." not in module:
            self.bodies[f"{module}.{name}"] = body.function

    def run(self, body, n, operands, cost):
        self._seen(body)
        self._interpreter.run(body, n, operands, cost)

    def map(self, body, out, inputs):
        self._seen(body)
        self._interpreter.map(body, out, inputs)


def bodies(name):
    """The loops that the example of a function launches, by module and name."""
    (examples,) = doctest.DocTestFinder(recurse=False).find(TABLE[name].function, name, module=False, globs={})
    with select.instead(Recorder()) as recorder:
        doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(examples, out=lambda text: None)
    found = recorder.bodies
    return {key: body for key, body in found.items() if key not in MOVES} or found


def substitutes(key):
    """What runs in place of a body, an item for each: under which condition, and for which dtypes."""
    found = {}
    for backend, title in (("numba", "Numba"), ("cython", "the extension")):
        for one in SUBSTITUTES:
            if one.backend == backend and one.body == key:
                code = CODE.sub(r"``\g<0>``", one.implementation)
                found.setdefault((title, code, one.where), []).append(KINDS.get(one.dtype, one.dtype))
    return [
        f"with {title}, for {' and '.join(dtypes)}: {code} ({where})" for (title, code, where), dtypes in found.items()
    ]


def loops(name):
    """A folded part of reStructuredText with the loops of a function, and what really runs; [] if it has none."""
    found = bodies(name)
    if not found:
        return []
    lines = ["", f".. dropdown:: The loop{'s' if len(found) > 1 else ''} of {name}", ""]
    for key, body in found.items():
        lines += [f"   ``numbanet/loops/{key.partition('.')[0]}.py``:", "", "   .. code-block:: python", ""]
        lines += [f"      {line}" if line else "" for line in inspect.getsource(body).splitlines()]
        instead = substitutes(key)
        text = "In its place runs (:doc:`/substitutes`):" if instead else "This loop is compiled as it is written."
        lines += ["", f"   {text}", "", *[f"   - {item}" for item in instead], ""]
    return lines
