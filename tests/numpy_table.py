"""The table of NumPy's functions in docs/numpy_functions.md; `python -m tests.numpy_table` writes it."""

import inspect
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

import numbanet as nn
from numbanet.core.table import NUMPY_FUNCTIONS, TABLE
from numbanet.numpy_functions import GRADIENT, KINDS, REFUSED, VALUES
from numbanet.tensor.refusals import refusal

PAGE = Path(__file__).parent.parent / "docs" / "numpy_functions.md"
HEAD = """# NumPy's functions on tensors

`np.f(t)` is recorded just as `nn.f(t)` is. This page lists every function of `numpy`, `numpy.linalg` and `numpy.fft`
that its arguments can override ({version}). `python -m tests.numpy_table` writes it, and the tests compare each
function with NumPy itself.

- **with gradient**: NumPy's result as a tensor; gradients flow.
- **values only**: by its nature the result has no gradient (positions, counts, truth values, sizes, text, files), and
  NumPy may compute it from the values.
- **refused**: raises a `DTypeError` that says what to write instead.

Parameters and their defaults are NumPy's, even where those of numbanet's own function are different: `np.take(t, i)`
takes from the flattened array, and `nn.take(t, i)` along the first dimension. `out=` is always refused, since tensors
never change. Dtypes follow numbanet's rules ({{doc}}`numerics`): the mean of integers is float32.

Functions that are not listed convert a tensor to a NumPy array (`np.array`, `np.asarray`) or do not accept one.
`np.atleast_1d`, `np.atleast_2d` and `np.atleast_3d`, with which SciPy makes sure that it has arrays, also return
arrays, except where a tape follows the tensor.

| function | on tensors | |
|---|---|---|
"""


class Row(NamedTuple):
    """One function of NumPy."""

    name: str
    kind: str
    note: str


def version():
    """The NumPy with which the page is written."""
    return "NumPy " + ".".join(np.__version__.split(".")[:2])


def public(module, prefix):
    """The functions of a module of NumPy that look for `__array_function__` or `__array_ufunc__`, by name."""
    for name in sorted(dir(module)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some names are deprecated
            found = getattr(module, name)
        dispatched = isinstance(found, np.ufunc) or hasattr(found, "_implementation")
        if not name.startswith("_") and dispatched and not inspect.isclass(found):
            yield prefix + name, found


def rows():
    """All rows, in the order of the page."""
    nn.ops  # noqa: B018  (fills the table)
    of_ops = {id(op.function): GRADIENT if op.differentiable else VALUES for op in TABLE.values()}
    found = []
    for module, prefix in ((np, ""), (np.linalg, "linalg."), (np.fft, "fft.")):
        for name, function in public(module, prefix):
            meaning = NUMPY_FUNCTIONS.get(function)
            kind = REFUSED if meaning is None else KINDS.get(name) or of_ops.get(id(meaning), VALUES)
            found.append(Row(name, kind, str(refusal(function)).split("; ", 1)[1] if meaning is None else ""))
    return found


def page():
    """The text of the page."""
    lines = [f"| `np.{row.name}` | {row.kind} | {row.note} |" for row in rows()]
    return HEAD.format(version=version()) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
