"""Products of few rows or few columns, in vectors along k: right, and the same bytes everywhere."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends import select as backends
from numbanet.backends.cython.backend import VARIANTS, CythonBackend
from numbanet.backends.native import products
from numbanet.backends.select import backend
from numbanet.kernels.recording import recording
from numbanet.launching.program import Program

from .launches import assert_any_split
from .test_dot import assert_close, at_the_edge, matrix, product
from .thread_work import share_all

pytestmark = pytest.mark.needs_compiled("tiles are compiled")

DTYPES = (np.float32, np.float64)
THIN = (
    (2, 815, 96, "NT"), (75, 949, 4, "NN"), (428, 99, 2, "NN"), (1, 297, 251, "NT"), (14, 884, 60, "TT"),
    (61, 160, 3, "NT"), (5, 64, 33, "NT"), (3, 1000, 5, "NN"), (7, 131, 31, "TT"), (17, 500, 7, "NN"),
)  # fmt: skip
"""(m, k, n, which of the two is the transpose of a contiguous matrix), all of which are computed along k in float32."""


def operands(case, dtype):
    (m, k, n, turn), rng = case, np.random.default_rng(0)
    layouts = {"N": "rows", "T": "columns"}
    return matrix(rng, m, k, layouts[turn[0]], dtype), matrix(rng, k, n, layouts[turn[1]], dtype)


def launch_of(a, b, out):
    with recording() as launches:
        backend().matmul(a, b, out)
    return launches[-1]


@pytest.mark.parametrize("case", THIN, ids=str)
def test_thin_products_are_computed_along_k(case):
    a, b = operands(case, np.float32)
    out = np.empty((a.shape[0], b.shape[1]), np.float32)
    assert launch_of(a, b, out).name == "dot_tiles_of_lines"
    for dtype in DTYPES:
        a, b = operands(case, dtype)
        assert_close(product(a, b), a, b)


@given(st.data())
def test_any_thin_shape_and_strides(data):
    few, many = st.integers(1, 24), st.integers(1, 140)
    m, n = data.draw(st.one_of(st.tuples(few, many), st.tuples(many, few)))
    rng, dtype = np.random.default_rng(data.draw(st.integers(0, 1000))), data.draw(st.sampled_from(DTYPES))
    layouts = st.sampled_from(["rows", "columns", "cut out", "broadcast", "reversed", "every other"])
    k = data.draw(st.integers(1, 400))
    a, b = matrix(rng, m, k, data.draw(layouts), dtype), matrix(rng, k, n, data.draw(layouts), dtype)
    assert_close(product(a, b), a, b)


@pytest.mark.parametrize("case", THIN, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_epilogue_is_add_and_relu_to_the_byte(case, dtype):
    a, b = operands(case, dtype)
    bias = np.random.default_rng(1).normal(size=b.shape[1]).astype(dtype)
    bias[0], b[0, -1] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        sums = product(a, b) + bias
    assert product(a, b, bias).tobytes() == sums.tobytes()
    assert product(a, b, bias, True).tobytes() == np.asarray(nn.relu(sums)).tobytes()


@pytest.mark.parametrize("case", THIN, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_any_split_of_the_tiles_gives_the_same_bytes(case, dtype):
    a, b = operands(case, dtype)
    whole, out = product(a, b), np.empty((a.shape[0], b.shape[1]), dtype)
    last = launch_of(a, b, out)
    assert_any_split(last, out, whole)


@pytest.mark.parametrize("threads", [1, 3])
def test_replays_have_the_same_bytes_on_any_number_of_threads(threads, monkeypatch):
    share_all(monkeypatch, threads)
    for case in THIN:
        a, b = operands(case, np.float32)
        out = np.zeros((a.shape[0], b.shape[1]), np.float32)
        with recording() as launches:
            backend().matmul(a, b, out)
        Program(launches, (a, b, out)).run(3)
        assert out.tobytes() == product(a, b).tobytes()


@pytest.mark.needs_numba("both builds are compared")
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_variant_gives_the_bytes_of_numba(variant, dtype):
    """Whatever its vectors: partial sums are as many for each size of a vector."""
    try:
        ours = CythonBackend(variant)
    except ImportError as error:
        pytest.skip(str(error))
    theirs = backends._numba()
    for case in THIN:
        a, b = operands(case, dtype)
        bias = np.random.default_rng(1).normal(size=b.shape[1]).astype(dtype)
        for given_bias in [(), (bias,), (bias, True)]:
            results = [np.zeros((a.shape[0], b.shape[1]), dtype) for _ in range(2)]
            for build, out in zip((ours, theirs), results, strict=True):
                build.matmul(a, b, out, *given_bias)
            assert_close(results[0], a, b) if not given_bias else None
            if ours.registers.has_masks == theirs.registers.has_masks:  # else only one rounds once
                assert results[0].tobytes() == results[1].tobytes(), case


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is of POSIX")
@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_is_read_outside_the_operands(dtype, at_end):
    """Beside memory that must not be touched; an access there ends the process."""
    for case in THIN:
        a, b = (at_the_edge(x.T, at_end).T if x.flags.f_contiguous else at_the_edge(x, at_end)
                for x in operands(case, dtype))  # fmt: skip
        assert_close(product(a, b), a, b)


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_stays_in_its_row_and_column_and_a_zero_is_not_negative(dtype):
    a, b = operands((3, 1000, 5, "NN"), dtype)
    a[-1, 0] = b[0, -1] = np.nan
    result = product(a, b)
    assert np.isnan(result[-1]).all()
    assert np.isnan(result[:, -1]).all()
    assert not np.isnan(result[:-1, :-1]).any()
    assert not np.signbit(product(np.full_like(a, -0.0), np.ones_like(b))).any()


def test_a_vector_and_columns_of_a_matrix():
    rng = np.random.default_rng(0)
    for m, k in ((2, 981), (38, 571), (300, 20)):
        a, y = matrix(rng, m, k, "columns", np.float32), matrix(rng, k, 1, "rows", np.float32)
        assert_close(product(a, y), a, y)
    assert products.line_plan(backend(), np.dtype("f4"), (38, 571), (4, 152), (571, 1), (4, 4)) is None
