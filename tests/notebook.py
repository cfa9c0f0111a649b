"""Runs the cells of a notebook that was written for TensorFlow and Keras, with numbanet in their place.

    python -m tests.notebook NOTEBOOK.ipynb [...]

Imports are replaced by the table below, and nothing else. For each cell that fails, the first words of its error are
printed, and at the end how many cells ran. Cells that ask for downloads fail: numbanet has no network.
"""

import contextlib
import io
import json
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
    (r"\btf\.keras\.", "tf."),
    (r"\btensorflow\.keras\.", "tensorflow."),
)
"""What is replaced in every line: patterns, and what stands in their place."""
SHELL = re.compile(r"^\s*[!%]")


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


def run(cells):
    """Run cells one after the other in one namespace, also after one has failed.

    Returns
    -------
    list of (int, str)
        The numbers of the cells that failed, from 1, and their errors.
    """
    names, failed = {"__name__": "__main__"}, []
    for number, source in enumerate(cells, 1):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(translated(source), f"cell {number}", "exec"), names)
        except Exception as error:
            failed.append((number, f"{type(error).__name__}: {error}"))
    return failed


def main(paths):
    """Run notebooks, and print what fails in each."""
    for path in paths:
        cells = cells_of(path)
        failed = run(cells)
        for number, error in failed:
            print(f"{path}, cell {number}: {' '.join(error.split())[:150]}")
        print(f"{path}: {len(cells) - len(failed)} of {len(cells)} cells run")


if __name__ == "__main__":
    main(sys.argv[1:])
