"""The tuned dot: any shape, strides and vector width; nothing read outside, nothing written but the output."""

import ctypes
import itertools
import mmap
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends.cython.backend import VARIANTS, CythonBackend
from numbanet.backends.select import backend
from numbanet.kernels.recording import recording

from .hostile import in_little_memory
from .launches import assert_any_split

pytestmark = pytest.mark.needs_compiled("schedules are compiled")

LAYOUTS = ("rows", "columns", "reversed", "every other", "cut out", "broadcast")
DTYPES = (np.float32, np.float64)
SIZES = (
    (1, 9, 1), (1, 33, 130), (1, 7, 5), (3, 17, 65), (4, 16, 3), (12, 1, 32), (13, 5, 31), (25, 15, 33), (7, 64, 1),
    (40, 31, 64),
)  # fmt: skip
EDGES = tuple((*sizes, turn) for sizes in SIZES for turn in ("NN", "NT", "TN"))


def matrix(rng, rows, columns, layout, dtype):
    """A random matrix that lies in memory in one of several ways."""
    if layout == "columns":
        return rng.normal(size=(columns, rows)).astype(dtype).T
    if layout == "reversed":
        return rng.normal(size=(rows, columns)).astype(dtype)[::-1, ::-1]
    if layout == "every other":
        return rng.normal(size=(2 * rows, 3 * columns)).astype(dtype)[::2, ::3]
    if layout == "cut out":
        return rng.normal(size=(rows, columns + 5)).astype(dtype)[:, 2 : 2 + columns]
    if layout == "broadcast":
        return np.broadcast_to(rng.normal(size=(1, columns)).astype(dtype), (rows, columns))
    return rng.normal(size=(rows, columns)).astype(dtype)


def edge_operands(case, dtype):
    (m, k, n, turn), rng = case, np.random.default_rng(0)
    layouts = {"N": "rows", "T": "columns"}
    return matrix(rng, m, k, layouts[turn[0]], dtype), matrix(rng, k, n, layouts[turn[1]], dtype)


def product(a, b, bias=None, with_relu=False):
    out = np.full((*a.shape[:-1], b.shape[-1]), np.nan, a.dtype)
    backend().matmul(a, b, out, bias, with_relu)
    return out


def assert_close(result, a, b):
    """Within k rounding errors of the sum of the absolute products."""
    exact = a.astype(np.longdouble) @ b.astype(np.longdouble)
    bound = a.shape[-1] * np.finfo(a.dtype).eps * (np.abs(a).astype(np.float64) @ np.abs(b).astype(np.float64))
    assert (np.abs(result - exact) <= bound).all()


@given(st.data())
def test_any_shape_and_strides(data):
    m, k, n = (data.draw(st.one_of(st.integers(1, 20), st.integers(1, 140))) for _ in range(3))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    dtype = data.draw(st.sampled_from(DTYPES))
    a = matrix(rng, m, k, data.draw(st.sampled_from(LAYOUTS)), dtype)
    b = matrix(rng, k, n, data.draw(st.sampled_from(LAYOUTS)), dtype)
    before = a.copy(), b.copy()
    assert_close(product(a, b), a, b)
    assert np.array_equal(a, before[0])
    assert np.array_equal(b, before[1])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", [case for case in EDGES if case[2] > 1], ids=str)  # else `dense` has no epilogue
def test_the_epilogue_is_add_and_relu_to_the_byte(case, dtype):
    a, b = edge_operands(case, dtype)
    bias = np.random.default_rng(1).normal(size=b.shape[1]).astype(dtype)
    bias[0], b[0, -1] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        sums = product(a, b) + bias
    assert product(a, b, bias).tobytes() == sums.tobytes()
    assert product(a, b, bias, True).tobytes() == np.asarray(nn.relu(sums)).tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", EDGES, ids=str)
def test_any_split_of_the_tiles_gives_the_same_bytes(case, dtype):
    a, b = edge_operands(case, dtype)
    whole = product(a, b)
    out = np.empty_like(whole)
    with recording() as launches:
        backend().matmul(a, b, out)
    last = launches[-1]
    assert_any_split(last, out, whole)


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_output_depends_on_its_row_and_column_alone(dtype):
    """Whatever tile computes it: every output adds its products in the order of k, unless vectors lie along k."""
    rng = np.random.default_rng(0)
    a, b = matrix(rng, 40, 50, "rows", dtype), matrix(rng, 50, 140, "rows", dtype)
    whole = product(a, b)
    for rows, columns in itertools.product([(3, 4), (5, 8), (9, 13), (7, 40)], [(1, 20), (5, 40), (3, 140)]):
        part = np.ascontiguousarray(whole[slice(*rows), slice(*columns)])
        assert product(a[slice(*rows)], b[:, slice(*columns)]).tobytes() == part.tobytes()
        if rows == (7, 40):
            assert product(a[slice(*rows)], np.asfortranarray(b[:, slice(*columns)])).tobytes() == part.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_does_not_depend_on_the_rows_beside_it(dtype):
    """Where the right side lies in rows, as weights do: one sample is predicted like many, to the byte."""
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 5, 8, 16, 40):
        a, b = matrix(rng, 40, 300, "rows", dtype), matrix(rng, 300, n, "rows", dtype)
        whole = product(a, b)
        for rows in [(0, 1), (3, 5), (5, 8), (7, 12), (2, 40)]:
            assert product(a[slice(*rows)], b).tobytes() == whole[slice(*rows)].tobytes()


@pytest.mark.parametrize("case", EDGES, ids=str)
def test_nan_stays_in_its_row_and_column(case):
    a, b = edge_operands(case, np.float32)
    a[-1, 0] = b[0, -1] = np.nan
    result = product(a, b)
    assert np.isnan(result[-1]).all()
    assert np.isnan(result[:, -1]).all()
    assert not np.isnan(result[:-1, :-1]).any()


@pytest.mark.parametrize(
    "shapes", [((2, 3, 4, 5), (2, 3, 5, 6)), ((3, 4, 5), (2, 1, 5, 40)), ((2, 1, 1, 5), (3, 5, 7))]
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_batches(shapes, dtype):
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=shape).astype(dtype) for shape in shapes)
    for left, right in [(a, b), (a[..., ::-1], b[..., ::-1, :]), (a, b.swapaxes(-1, -2).copy().swapaxes(-1, -2))]:
        np.testing.assert_allclose(np.asarray(nn.matmul(left, right)), left @ right, rtol=1e-4, atol=1e-5)


# What runs in processes of its own: an access outside ends the process, and the vector width is chosen at the start.


def at_the_edge(x, at_end):
    """A copy of x that ends where memory ends that may be read, or starts where it starts."""
    page = mmap.PAGESIZE
    size = -(-x.nbytes // page) * page
    memory = mmap.mmap(-1, size + 2 * page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    for guard in (start, start + page + size):
        if protect(ctypes.c_void_p(guard), ctypes.c_size_t(page), 0):
            raise OSError(ctypes.get_errno(), "mprotect")
    offset = page + (size - x.nbytes if at_end else 0)
    copy = np.ndarray(x.shape, x.dtype, memory, offset)
    copy[...] = x
    return copy


def check_products_at_the_edge(build):
    """Products of operands beside memory that must not be touched."""
    guarded = at_the_edge if sys.platform != "win32" else lambda x, at_end: x
    for case, dtype, at_end in itertools.product(EDGES, DTYPES, (False, True)):
        a, b = edge_operands(case, dtype)
        a, b = (guarded(x.T, at_end).T if x.flags.f_contiguous else guarded(x, at_end) for x in (a, b))
        bias, out = guarded(np.ones(b.shape[1], dtype), at_end), guarded(np.zeros((len(a), b.shape[1]), dtype), at_end)
        build.matmul(a, b, out)
        assert_close(out, a, b)
        if b.shape[1] > 1:
            sums = out + bias
            build.matmul(a, b, out, bias)
            assert out.tobytes() == sums.tobytes(), case


def check_in_this_process(width):
    """The same in vectors of `width` bytes."""
    assert width == backend().registers.vector_bytes, backend().registers
    check_products_at_the_edge(backend())
    print("right")


X86 = platform.machine().lower() in ("x86_64", "amd64")
AVX2 = "+sse,+sse2,+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+avx,+avx2,+fma,+f16c,+bmi,+bmi2"


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_access_outside_the_operands_in_any_variant(variant):
    try:
        build = CythonBackend(variant)
    except ImportError as error:
        pytest.skip(str(error))
    check_products_at_the_edge(build)


@pytest.mark.needs_numba("its environment variables choose the width of vectors")
@pytest.mark.parametrize(
    ("width", "environment"),
    [
        (None, {}),
        pytest.param(
            32, {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": AVX2},
            marks=pytest.mark.skipif(not X86, reason="AVX2 is of x86-64"),
        ),
        pytest.param(
            16, {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": "+sse,+sse2"},
            marks=pytest.mark.skipif(not X86, reason="SSE2 is of x86-64"),
        ),
    ],
    ids=["host", "32 bytes", "16 bytes"],
)  # fmt: skip
def test_no_access_outside_the_operands_at_any_vector_width(width, environment):
    from numbanet.backends.native import processor

    own = processor.REGISTERS.vector_bytes
    if width and width > own:
        pytest.skip("this processor has no vectors of that width")
    code = f"from tests import test_dot; test_dot.check_in_this_process({width or own})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "NUMBANET_BACKEND": "numba", **environment},  # which have a folder of the cache each
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "right"


@pytest.mark.needs_compiled("panels are those of compiled kernels")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc, and needs limits that bind")
def test_panels_that_find_no_memory():
    """A MemoryError, before anything is computed; the process died of them. The operands are one number each."""
    in_little_memory(
        """
        def operands(k):
            one = np.ones((1, 1), np.float32)
            a, b = np.broadcast_to(one, (64, k)), np.broadcast_to(one, (k, 64))
            return (a, b), (a[:8], b), (a, b[:, :4]), (np.broadcast_to(one, (4, k)), np.ones((k, 1), np.float32))
        few, many = operands(1 << 14), operands(1 << 24)
        for a, b in few:
            assert nn.dot(a, b)[0, 0] == 1 << 14  # compiled before the limit is set
        limit()
        for a, b in many:
            try:
                nn.dot(a, b)
            except MemoryError:
                continue
            sys.exit(f"{a.shape} {b.shape}")
        """,
        spare=64 << 20,
    )
