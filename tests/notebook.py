"""Runs the cells of a notebook that was written for TensorFlow and Keras, with numbanet in their place.

    python -m tests.notebook NOTEBOOK.ipynb [...]

Imports are replaced by the table below, data sets that are downloads by random numbers of their shapes, and nothing
else. Cells about another framework's own machinery are left out. For each cell that fails, the first words of its error
are printed, and at the end how many cells ran.
"""

import ast
import contextlib
import io
import json
import os
import re
import sys
from pathlib import Path

IMPORTS = (
    (r"^import tensorflow as tf$", "import numbanet as tf"),
    (r"^import tensorflow$", "import numbanet as tensorflow"),
    (r"^import keras$", "import numbanet as keras"),
    (r"^from tensorflow import keras$", "import numbanet as keras"),
    (r"^from tensorflow\.keras(\.[\w.]+)? import (.+)$", r"from numbanet\1 import \2"),
    (r"^from keras(\.[\w.]+)? import (.+)$", r"from numbanet\1 import \2"),
    (r"^import tensorflow\.keras as (\w+)$", r"import numbanet as \1"),
    (
        r"^from numbanet\.datasets import (imdb|reuters|boston_housing|california_housing)$",
        r"from tests.notebook_data import \1",
    ),
    (r"\btf\.keras\.", "tf."),
    (r"\btensorflow\.keras\.", "tensorflow."),
)
"""What is replaced in every line: patterns, and what stands in their place."""
SHELL = re.compile(r"^\s*[!%]")
FOREIGN = re.compile(r"\b(torch|jax|jnp|register_cell_magic)\b")
"""Names of what numbanet is not: PyTorch, JAX, and IPython's own."""


def translated(source):
    """The source of a cell with its imports replaced, and without lines for the shell.

    Examples
    --------
    >>> translated("from tensorflow.keras import layers")
    'from numbanet import layers'
    """
    lines = [line for line in source.splitlines() if not SHELL.match(line)]
    for pattern, text in IMPORTS:
        lines = [re.sub(pattern, text, line) for line in lines]
    return "\n".join(lines)


def cells_of(path):
    """The sources of the code cells of a notebook."""
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def names_of(source):
    """The names that a cell binds, and those that it uses.

    Examples
    --------
    >>> names_of("y = x + 1")
    ({'y'}, {'x'})
    """
    bound, used = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name)
    return bound, used


def run(cells):
    """Run cells one after the other in one namespace, also after one has failed.

    Returns
    -------
    failed : list of (int, str)
        The numbers of the cells that failed, from 1, and their errors.
    foreign : int
        How many cells were left out, since they are about another framework's own machinery, or need what such a cell
        makes.
    """
    names, failed, foreign, lacking = {"__name__": "__main__"}, [], 0, set()
    for number, source in enumerate(map(translated, cells), 1):
        bound, used = names_of(source)
        if FOREIGN.search(source) or (used - bound) & lacking:
            foreign += 1
            lacking |= bound
            continue
        lacking -= bound
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(source, f"cell {number}", "exec"), names)
        except Exception as error:
            failed.append((number, f"{type(error).__name__}: {error}"))
    return failed, foreign


def main(paths):
    """Run notebooks, and print what fails in each."""
    os.environ.setdefault("MPLBACKEND", "Agg")  # drawings are made, and not shown
    for path in paths:
        cells = cells_of(path)
        failed, foreign = run(cells)
        for number, error in failed:
            print(f"{path}, cell {number}: {' '.join(error.split())[:150]}")
        ours = len(cells) - foreign
        print(f"{path}: {ours - len(failed)} of {ours} cells run; {foreign} are about other frameworks")


if __name__ == "__main__":
    main(sys.argv[1:])
