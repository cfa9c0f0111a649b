"""Compiles the CUDA kernels for every compute capability, assembles them, and keeps docs/cuda_kernels.md.

    python tests/cuda_kernels.py write [WORD]    write the table, or anew what has the word in its name
    python tests/cuda_kernels.py complete        write what the table lacks, if it can be compiled here
    python tests/cuda_kernels.py check sample    what is wrong with a sample of the kernels, and with the table
    python tests/cuda_kernels.py check all       what is wrong with all kernels, and with the table

They print a line for each thing that is wrong. No GPU is needed, but numba-cuda and ptxas (of nvidia-cuda-nvcc) have to
be installed, and NUMBA_ENABLE_CUDASIM must not be set: the simulator compiles nothing.
"""

import importlib.metadata
import importlib.util
import multiprocessing
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cuda_kernels.md"
CAPABILITIES = (7, 5), (8, 0), (9, 0)
PROCESSES = 2
REGISTERS, UNIT = 65_536, 8
"""Registers of a multiprocessor, and how many a thread gets at a time (CUDA C++ Programming Guide, technical
specifications; Nsight Compute, occupancy)."""

STACKS = {("elementwise", body): 40 for body in ("sin", "cos", "tan")}
STACKS |= {("ranges", body): 40 for body in ("gaussian_noise", "gaussian_dropout")}
"""Bytes of stack that are no mistake: NVIDIA's sin, cos and tan of float64 multiply large arguments by 2/pi, to as many
digits as it takes, in an array; normal numbers are made with a cosine."""


def _names_of_parts(parameters):
    """What a sequence of kernels does, one after the other; nothing for other kernels."""
    parts = parameters if isinstance(parameters[0], tuple) else ()
    return ", ".join(_name(make, own) for make, own, *_ in parts)


def _name(make, parameters):
    return getattr((*parameters, None)[0], "__name__", make.__name__.removeprefix("make_"))


DETAILS = {
    "dot_tiles": lambda parameters: "{}x{}x{}".format(*parameters[1][:3]),
    "joining": _names_of_parts,
    "reductions": lambda parameters: parameters[2],
    "rows": lambda parameters: f"{parameters[2]} each" + ("" if parameters[3] else ", read twice"),
}
"""What of the parameters tells rows of the table apart, by module."""

HEADINGS = ("arrays", "kernels", "threads", "7.5", "8.0", "9.0", "shared", "stack", "spills")

TEXT = """# CUDA kernels

This page lists all kernels that training, the operations of the table and the larger shapes of `numbanet.warmup`
launch, for float32, float64, and integers where they apply. Each was compiled for compute capabilities 7.5, 8.0 and 9.0
and assembled by ptxas, without a GPU; `tests/test_cuda_ptx.py` compiles a sample or all of them again and compares.

A row stands for all kernels of one loop with the given arrays, which differ in the memory layout of their operands or
in how threads share the work. It gives the number of these kernels, the largest block in threads, and the maximum of
each of these: registers per thread at 7.5, 8.0 and 9.0, and bytes of shared memory, of stack, and of registers spilled
to memory. No kernel may spill. The sine, cosine and tangent of float64 use a stack, on which NVIDIA's library reduces
large arguments.

{versions}

`python tests/cuda_kernels.py write` writes this page; `write WORD` updates only the rows with that word in their names.
"""


class Row(NamedTuple):
    """What a row of the table says: of one kernel at one capability, or the most of several."""

    kernels: int
    threads: int
    registers: tuple
    shared: int
    stack: int
    spills: int

    def merged(self, other):
        """The most of both."""
        pairs = zip(self.registers, other.registers, strict=True)
        rest = (max(mine, its) for mine, its in zip(self[3:], other[3:], strict=True))
        return Row(self.kernels + other.kernels, max(self.threads, other.threads), tuple(map(max, pairs)), *rest)


def versions():
    """What decides about registers: the page has this line."""
    names = "numba", "numba-cuda", "nvidia-nvvm", "nvidia-cuda-nvcc"
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    return f"Compiled with {found}, and Python {'.'.join(platform.python_version_tuple()[:2])}."


def ptxas():
    """Where ptxas is: in the wheel nvidia-cuda-nvcc, or on the path; None if there is none."""
    try:
        files = importlib.metadata.files("nvidia-cuda-nvcc") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [str(file.locate()) for file in files if file.stem == "ptxas"]
    return found[0] if found else shutil.which("ptxas")


def label(kernel):
    """(module, what it computes, dtypes of its arrays): the row of a kernel."""
    module = kernel.name.split(".")[-2]
    body = _name(kernel.make, kernel.parameters)
    detail = DETAILS[module](kernel.parameters) if module in DETAILS else ""
    arrays = [np.dtype(one[0]).name for one in kernel.operands if isinstance(one, tuple) and type(one[-1]) is bool]
    return module, f"{body} {detail}".strip(), " ".join(dict.fromkeys(arrays))


def kind(kernel):
    """What kernels have in common of which a sample has one: the tile, or what makes the code another."""
    module, make = kernel.name.split(".")[-2:]
    _, what, arrays = label(kernel)
    first = arrays.split()[0]
    if module == "elementwise":
        kinds = kernel.parameters[1]
        return module, len(kinds), "strided" in kinds, first
    if module == "dot_tiles" or module == "reductions":
        return module, what.split()[-1], first
    return module, make, first if module in ("ranges", "dot_lines") else ""


def sample(kernels):
    """One kernel of each kind, the last that was noted: those of larger shapes come last."""
    return list({kind(kernel): kernel for kernel in kernels}.values())


def assembled(job):
    """The Row of one kernel at one capability, with the same registers for all of them."""
    kernel, threads, capability = job
    from numbanet.backends.cuda.toolkit import compile_ptx

    ptx = compile_ptx(kernel.make(*kernel.parameters), kernel.operands, capability)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "kernel.ptx"
        source.write_text(ptx)
        command = [ptxas(), "-v", f"-arch=sm_{capability[0]}{capability[1]}", source, "-o", f"{folder}/kernel.cubin"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    registers = [max(numbers(r"Used (\d+) registers", told)) if one == capability else 0 for one in CAPABILITIES]
    spills = sum(numbers(r"(\d+) bytes spill", told))
    stack = max(numbers(r"(\d+) bytes stack frame", told))
    return Row(1, threads, tuple(registers), sum(numbers(r"(\d+) bytes smem", told)), stack, spills)


def numbers(pattern, text):
    """All numbers that the pattern finds."""
    return [int(one) for one in re.findall(pattern, text)]


def measured(threads, kernels):
    """From labels to Rows, of kernels that are compiled in several processes; long ones first."""
    ordered = sorted(kernels, key=lambda kernel: "dot_tiles" not in kernel.name)
    jobs = [(kernel, threads[kernel], capability) for kernel in ordered for capability in CAPABILITIES]
    rows: dict[tuple, Row] = {}
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        for (kernel, _, capability), row in zip(jobs, pool.map(assembled, jobs), strict=True):
            key, row = label(kernel), row._replace(kernels=int(capability == CAPABILITIES[0]))
            rows[key] = rows[key].merged(row) if key in rows else row
    return rows


def read(page):
    """From labels to Rows, of the page."""
    rows, module = {}, ""
    for line in page.splitlines():
        if line.startswith("## "):
            module = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(HEADINGS) + 1 and cells[2].isdecimal():
            kernels, threads, *registers, shared, stack, spills = map(int, cells[2:])
            rows[module, *cells[:2]] = Row(kernels, threads, tuple(registers), shared, stack, spills)
    return rows


def written(rows):
    """The page of Rows."""
    lines = [TEXT.format(versions=versions())]
    for module in sorted({key[0] for key in rows}):
        lines += [f"## {module}\n", "| " + " | ".join(("kernel", *HEADINGS)) + " |"]
        lines += ["|---|---" + "|---:" * (len(HEADINGS) - 1) + "|"]
        for key in sorted(key for key in rows if key[0] == module):
            kernels, threads, registers, *rest = rows[key]
            lines.append("| " + " | ".join(map(str, (*key[1:], kernels, threads, *registers, *rest))) + " |")
        lines.append("")
    return "\n".join(lines)


def in_units(registers):
    """Registers as they are given out."""
    return -(-registers // UNIT) * UNIT


def faults(key, row):
    """What no kernel may do, whatever compiled it."""
    if row.spills:
        yield f"{row.spills} bytes of registers are spilled"
    if row.stack > STACKS.get((key[0], key[1].split()[0]), 0):
        yield f"{row.stack} bytes of stack are used"
    if in_units(max(row.registers)) * row.threads > REGISTERS:
        yield f"a block of {row.threads} threads with {max(row.registers)} registers each cannot run"


def growth(row, known):
    """How a kernel needs more than the table says. Up to the next unit of registers as many threads run as before."""
    for capability, mine, its in zip(CAPABILITIES, row.registers, known.registers, strict=True):
        if in_units(mine) > in_units(its):
            yield f"{mine} registers at {'.'.join(map(str, capability))}, {its} in the table"
    if row.shared > known.shared:
        yield f"{row.shared} bytes of shared memory, {known.shared} in the table"


def missing(threads, table):
    """How the rows of the table are not those of the kernels that there are."""
    for key, (found, known) in differing(threads, table).items():
        yield f"{' '.join(key)}: {found} kernels, {known} in the table: write it anew"


def differing(threads, table):
    """From labels to the number of kernels that there are and that the table knows, where these differ."""
    counts: dict[tuple, int] = {}
    for kernel in threads:
        counts[label(kernel)] = counts.get(label(kernel), 0) + 1
    pairs = {key: (counts.get(key, 0), table[key].kernels if key in table else 0) for key in sorted({*counts, *table})}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def check(which, threads):
    """What is wrong, one line each."""
    page = PAGE.read_text("utf-8")
    table = read(page)
    yield from missing(threads, table)
    for key, row in measured(threads, threads if which == "all" else sample(threads)).items():
        found = [*faults(key, row)]
        if versions() in page and key in table:
            found += growth(row, table[key])
        yield from (f"{' '.join(key)}: {fault}" for fault in found)


def complete(_, threads):
    """Write the rows of the page that are missing or stand for other kernels."""
    page = PAGE.read_text("utf-8")
    wrong = differing(threads, read(page))
    return rewrite(threads, page, wrong.__contains__) if wrong else ()


def write(word, threads):
    """Write the page; rows that do not have the word in their name stay."""
    return rewrite(threads, PAGE.read_text("utf-8") if word else "", lambda key: word in " ".join(key))


def rewrite(threads, page, is_chosen):
    """Write the page with new rows for the chosen labels, and tell what is wrong."""
    known, keys = read(page), {label(kernel) for kernel in threads}
    if known and versions() not in page:
        sys.exit("the table was written with other versions: write all of it")
    chosen = [kernel for kernel in threads if is_chosen(label(kernel))]
    rows = {key: row for key, row in known.items() if key in keys} | measured(threads, chosen)
    PAGE.write_text(written(rows), "utf-8")
    yield from (f"{' '.join(key)}: {fault}" for key, row in rows.items() for fault in faults(key, row))


def can_compile():
    """Whether numba-cuda and ptxas are installed."""
    return importlib.util.find_spec("numba_cuda") is not None and ptxas() is not None


if __name__ == "__main__":
    if sys.argv[1] == "complete" and not can_compile():
        sys.exit()
    from numbanet.warmup import cuda_kernels

    actions = {"write": write, "complete": complete, "check": check}
    action, argument = actions[sys.argv[1]], (*sys.argv[2:], "")[0]
    for wrong in action(argument, cuda_kernels()):
        print(wrong, flush=True)
