"""The functions of calculus in C, compiled by the C compiler at hand: bit for bit what the running build gives.

The extension module is not needed here, only its headers.
"""

import array
import ctypes
import itertools
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numbanet.backends import cython as aot
from numbanet.backends.cython import c_functions
from numbanet.kernels import substitutes
from numbanet.launching.launch import Kernel
from numbanet.loops import functions, recurrent, reduce, softmax
from numbanet.vector_math.recurrent import ROWS
from tests.bodies import recurrent_operands

HEADERS = Path(aot.__file__).parent
OPTIONS = "-shared -fPIC -std=c11 -O3 -fno-math-errno -fno-trapping-math -ffp-contract=off -Wall -Wextra -Werror"
NATIVE = "-march=native -mprefer-vector-width=512" if platform.machine() == "x86_64" else ""
COMPILER = next(filter(None, map(shutil.which, ("gcc", "clang"))), None)

DRIVER = """
#include "rows.h"

const struct numbanet_function *all_functions(void) { return numbanet_functions; }

void softmax(const float *x, float *out, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++, x += n, out += n) {
        const double total = sum_of_exponentials(x, n, largest_of_row(x, n), out);
        scale_row(out, n, 1.0 / total);
    }
}

double logsumexp(const float *x, size_t n) {
    const float best = largest_of_row(x, n);
    return best + log(sum_of_exponentials(x, n, best, NULL));
}
"""

pytestmark = [
    pytest.mark.skipif(COMPILER is None or sys.platform == "win32", reason="there is no gcc and no clang"),
    pytest.mark.needs_compiled("the C library's functions are others"),
]


class Function(ctypes.Structure):
    """struct numbanet_function"""

    _fields_ = (
        ("key", ctypes.c_char_p),
        ("entry", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)),
    )


def compiled(folder, options):
    (folder / "functions.h").write_text(c_functions.header(), encoding="utf-8")
    names = ", ".join(f"(void *){function.__name__}_float{bits}" for function in ROWS for bits in (32, 64))
    rows = f"void *const all_rows[] = {{{names}}};\n"
    (folder / "driver.c").write_text(DRIVER + rows, encoding="utf-8")
    command = [COMPILER, *OPTIONS.split(), *options.split(), "-I", folder, "-I", HEADERS, folder / "driver.c"]
    subprocess.run([*command, "-o", folder / "driver.so", "-lm"], check=True, timeout=120)
    return ctypes.CDLL(str(folder / "driver.so"))


def entries_of(library):
    """The functions of a build by key."""
    library.all_functions.restype = ctypes.POINTER(Function)
    found, table_of_c = {}, library.all_functions()
    while (row := table_of_c[len(found)]).key:
        found[row.key.decode()] = row.entry
    return found


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("native"), NATIVE)


@pytest.fixture(scope="module")
def entries(library):
    found = entries_of(library)
    if not found:
        pytest.skip("this processor does not multiply and add in one instruction")
    return found


def called(entry, operands, out, *edges):
    block = array.array("Q", [word for x in (*operands, out) for word in (x.ctypes.data, x.size)])
    for start, stop in itertools.pairwise(edges):
        entry(block.buffer_info()[0], start, stop)
    return out


def same_bytes(a, b):
    """Whether all bits agree; which NaN is returned for a NaN is left to the compiler."""
    words = np.uint32 if a.dtype == np.float32 else np.uint64
    return bool(((a.view(words) == b.view(words)) | (np.isnan(a) & np.isnan(b))).all())


def numbers(dtype):
    """Numbers of all magnitudes, special ones, and where functions bend."""
    rng, size = np.random.default_rng(0), np.dtype(dtype).itemsize
    anything = np.frombuffer(rng.bytes(100_000 * size), dtype)
    special = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, 5e-324, 87.0, -88.8, -104.0, 709.9, -745.2, 2.0**20, 2.0**-27]
    near = [rng.normal(size=20_000) * scale for scale in (1e-6, 0.3, 3, 30, 300)]
    with np.errstate(over="ignore", under="ignore"):
        return np.concatenate([anything, *(np.asarray(part, dtype) for part in (special, *near))])


def operands_of(key):
    """As many arrays of numbers as the entry of this key has operands, each in an order of its own."""
    _, dtype, *others = (word.removesuffix("C1") for word in key.split())
    return [np.random.default_rng(k).permutation(numbers(dtype)) for k in range(len(others))]


CASES = c_functions.entries()
each_entry = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@each_entry
def test_functions_give_the_same_bytes_as_the_running_build(entries, case):
    operands = operands_of(case.key)
    expected, found = np.empty_like(operands[0]), np.full_like(operands[0], 7)
    Kernel(getattr(functions, case.body.partition(".")[2])).map(expected, *operands)
    edges = sorted(np.random.default_rng(1).integers(0, found.size, 300).tolist())
    called(entries[case.key], operands, found, 0, *edges, found.size)
    assert same_bytes(found, expected)


@each_entry
def test_an_operand_can_be_overwritten(entries, case):
    operands = operands_of(case.key)
    expected = called(entries[case.key], operands, np.empty_like(operands[0]), 0, operands[0].size)
    for k in range(case.operands):
        given = [x.copy() for x in operands]
        assert same_bytes(called(entries[case.key], given, given[k], 0, expected.size), expected)


def test_one_array_can_be_all_operands(entries):
    for case in CASES:
        x = numbers(case.dtype)
        expected = called(entries[case.key], [x] * case.operands, np.empty_like(x), 0, x.size)
        assert same_bytes(called(entries[case.key], [x] * case.operands, x, 0, x.size), expected)


@given(start=st.integers(0, 300), count=st.integers(0, 300))
@settings(max_examples=25)
def test_ranges_write_nothing_else(entries, start, count):
    x = np.linspace(-300, 300, 600)
    for case in CASES:
        operands = [x.astype(case.dtype)] * case.operands
        out = called(entries[case.key], operands, np.full(600, 7, case.dtype), start, start + count)
        assert (out[:start] == 7).all()
        assert (out[start + count :] == 7).all()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="AVX2 is of x86-64")
def test_vectors_of_half_the_length_give_the_same_bytes(entries, tmp_path):
    half = entries_of(compiled(tmp_path, "-mavx2 -mfma"))
    assert half.keys() == entries.keys()
    for key, entry in entries.items():
        operands = operands_of(key)
        out = np.empty_like(operands[0])
        assert same_bytes(*(called(f, operands, out.copy(), 0, out.size) for f in (entry, half[key])))


@pytest.mark.parametrize("shape", [(1, 1), (7, 2), (32, 10), (5, 16), (5, 33), (9, 129), (4, 1000)])
def test_rows_give_the_same_bytes_as_the_running_build(library, entries, shape):
    x = (np.random.default_rng(2).normal(size=shape) * 5).astype(np.float32)
    if len(x) > 3:
        x[0, 0], x[1, -1], x[2], x[3, 0] = -np.inf, 80, -0.0, np.nan
    expected, found = np.empty_like(x), np.empty_like(x)
    Kernel(softmax.softmax)(len(x), x, expected)
    library.softmax.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)
    library.softmax(x.ctypes.data, found.ctypes.data, *shape)
    assert same_bytes(found, expected)
    sums = np.empty(len(x), np.float32)
    Kernel(reduce.logsumexp)(len(x), x[:, :, None], sums)
    library.logsumexp.argtypes, library.logsumexp.restype = (ctypes.c_void_p, ctypes.c_size_t), ctypes.c_double
    found = [library.logsumexp(row.ctypes.data, len(row)) for row in x]
    assert same_bytes(np.array(found, np.float32), sums)


def rows_in_c(library, function, dtype, operands):
    """Compute rows of a step in C; `operands` are those of its naive body, by name."""
    places = (ctypes.c_void_p * (2 * len(ROWS))).in_dll(library, "all_rows")
    arrays = [operands[name] for name in ROWS[function]]
    kinds = [ctypes.c_void_p] * len(arrays)
    row = ctypes.CFUNCTYPE(None, *kinds, ctypes.c_size_t)(places[2 * [*ROWS].index(function) + (dtype == "f8")])
    for i in np.flatnonzero(operands["keep"]):
        row(*[x[i].ctypes.data for x in arrays], arrays[-1].shape[1])


@pytest.mark.parametrize("units", [1, 5, 16, 33, 64, 130])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("function", ROWS, ids=lambda function: function.__name__)
def test_steps_of_recurrences_give_the_same_bytes_as_the_running_build(library, entries, function, dtype, units):
    operands = recurrent_operands(np.random.default_rng(units), function.__name__, dtype, 3, units, np.ones(3, bool))
    if "gradient" not in function.__name__:
        operands["gates"][0, :1], operands["gates"][1, -1:] = np.nan, 100  # what sigmoid takes its careful way for
    expected = {name: x.copy() for name, x in operands.items()}
    Kernel(getattr(recurrent, function.__name__))(3, *expected.values())
    rows_in_c(library, function, dtype, operands)
    for name, x in operands.items():
        assert name == "keep" or same_bytes(x, expected[name]), name


def test_every_build_has_the_same_functions(entries):
    """The entries in C, the table, and the types of the rows for Cython."""
    assert {key.split()[0] for key in entries if key.endswith("f4C1")} == set(substitutes.FLOAT32)
    assert {key.split()[0] for key in entries if key.endswith("f8C1")} == set(substitutes.FLOAT64)
    tables = {"": substitutes.ROWS, "sparse_": substitutes.SPARSE_ROWS, "recurrent_": substitutes.RECURRENT_ROWS}
    for kind, names in tables.items():
        declared = [line.split("(")[0] for line in (HEADERS / f"{kind}rows.pxd").read_text("utf-8").splitlines()]
        assert {f"cdef void {name.partition('.')[2]}" for name in names} <= set(declared)


def test_builds_without_fma_have_none(tmp_path):
    if platform.machine() != "x86_64":
        pytest.skip("all other processors have it")
    assert entries_of(compiled(tmp_path, "")) == {}


def test_the_header_is_written_without_numpy_and_numba():
    code = "import sys; from numbanet.backends.cython import c_functions; c_functions.header(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert not {"numpy", "numba", "llvmlite"}.intersection(done.stdout.split())
