"""What libraries cost before they compute: megabytes installed and milliseconds to import, as a table in Markdown.

    python asv_benchmarks/footprint.py [--rounds 15]

Those that are installed take turns. Megabytes are of the files of a distribution and of all that it requires, optional
parts and byte code left out; milliseconds are of a whole process, less one that does nothing. Some libraries put off
work until something is computed, so a first product of two matrices is timed as well.
"""

import re
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from packaging.requirements import Requirement

import numbanet

LIBRARIES = {
    "numpy": ("NumPy", "numpy", "numpy.dot(numpy.ones((2, 2)), numpy.ones((2, 2)))"),
    "numbanet": ("numbanet", "numbanet", "numbanet.dot([[1.0]], [[2.0]]).item()"),
    "jax": ("JAX", "jax", "jax.numpy.dot(jax.numpy.ones((2, 2)), jax.numpy.ones((2, 2))).sum().item()"),
    "torch": ("PyTorch", "torch", "torch.mm(torch.ones((2, 2)), torch.ones((2, 2)))"),
    "sklearn": ("scikit-learn", "scikit-learn", ""),
}
"""By what is imported: the name in the table, the distribution, and the product."""
OURS = ("numpy", "numba", "safetensors", "rich", "typer")
"""What numbanet requires: it is measured as it is, installed or not."""


def required(name, found=None):
    """The distributions that one needs, itself among them."""
    found = {} if found is None else found
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key not in found:
        found[key] = metadata.distribution(name)
        for text in found[key].requires or ():
            requirement = Requirement(text)
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                required(requirement.name, found)
    return found


def megabytes(module):
    """The size of what is installed for a module."""
    found = {}
    for name in OURS if module == "numbanet" else [LIBRARIES[module][1]]:
        required(name, found)
    paths = [Path(str(one.locate_file(path))) for one in found.values() for path in one.files or ()]
    if module == "numbanet":
        paths += Path(numbanet.__file__).parent.rglob("*")
    return sum(path.stat().st_size for path in paths if path.is_file() and path.suffix != ".pyc") / 1e6


def seconds(code):
    """The time of a process."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begin


def installed(module):
    """Whether a module can be imported."""
    return subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


def main(rounds: Annotated[int, typer.Option(help="Processes of each kind.")] = 15):
    """Print the table."""
    modules = [module for module in LIBRARIES if installed(module)]
    codes = {(module, 0): f"import {module}" for module in modules}
    codes |= {(module, 1): f"import {module}; {LIBRARIES[module][2]}" for module in modules if LIBRARIES[module][2]}
    taken: dict[tuple[str, int], list[float]] = {key: [] for key in codes}
    for _ in range(rounds):
        nothing = seconds("")
        for key, code in codes.items():
            taken[key].append(1e3 * (seconds(code) - nothing))
    print("| | installed, MB | import, ms | import and a first product, ms |\n|---|---|---|---|")
    for module in modules:
        cells = [f"{LIBRARIES[module][0]}", f"{megabytes(module):,.0f}"]
        for times in (taken.get((module, kind)) for kind in (0, 1)):
            cells.append(f"{statistics.median(times):,.0f} ({min(times):,.0f}-{max(times):,.0f})" if times else "")
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    typer.run(main)
