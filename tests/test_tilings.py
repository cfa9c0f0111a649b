"""Which tiles compute a product changes no byte, and none of them writes outside the output."""

import itertools

import numpy as np
import pytest

from numbanet.backends.native import products
from numbanet.backends.select import backend
from numbanet.kernels.recording import recording

from .launches import assert_any_split
from .test_dot import assert_close, matrix

pytestmark = pytest.mark.needs_compiled("tiles are compiled")

DTYPES = (np.float32, np.float64)
TRANSPOSED = (
    (258, 33, 6),
    (33, 40, 2),
    (46, 57, 21),
    (190, 46, 97),
    (64, 5, 12),
    (39, 36, 34),
    (129, 7, 3),
    (17, 9, 8),
)
"""(m, k, n) of products whose left side is the transpose of a contiguous matrix."""


@pytest.fixture(autouse=True)
def own_plans():
    """No plan is kept from before, or for later."""
    products.plan.cache_clear()
    yield
    products.plan.cache_clear()


def product(a, b, bias=None, with_relu=False):
    """The product, in memory whose surroundings must stay as they are."""
    m, n = a.shape[0], b.shape[1]
    memory = np.full(m * n + 64, np.nan, a.dtype)
    out = memory[32:-32].reshape(m, n)
    backend().matmul(a, b, out, bias, with_relu)
    assert np.isnan(memory[:32]).all()
    assert np.isnan(memory[-32:]).all()
    return out


def both(rng, m, k, n, layout, dtype):
    return matrix(rng, m, k, "columns", dtype), matrix(rng, k, n, layout, dtype)


def is_turned(a, b):
    return products.plan(backend(), a.dtype, a.shape, a.strides, b.shape, b.strides).turned


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", TRANSPOSED, ids=str)
def test_turned_tiles_give_the_bytes_of_others(case, dtype, monkeypatch):
    a, b = both(np.random.default_rng(0), *case, "rows", dtype)
    bias = np.random.default_rng(1).normal(size=case[2]).astype(dtype)
    epilogues = ((), (bias,), (bias, True))
    turned = [product(a, b, *epilogue) for epilogue in epilogues]
    assert_close(turned[0], a, b)
    if backend().registers.vector_bytes == 64 and case == TRANSPOSED[0]:
        assert is_turned(a, b)

    def plainly(registers, shape, itemsize, a_walk, b_walk, listed):
        return registers.tiling_for(shape[0], shape[2], itemsize, listed)

    monkeypatch.setattr(products, "tiling_of", plainly)
    products.plan.cache_clear()
    assert not is_turned(a, b)
    for epilogue, result in zip(epilogues, turned, strict=True):
        assert product(a, b, *epilogue).tobytes() == result.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_batches_are_turned_like_matrices(dtype):
    rng = np.random.default_rng(0)
    a = rng.normal(size=(3, 33, 70)).astype(dtype).swapaxes(1, 2)
    b = rng.normal(size=(3, 33, 6)).astype(dtype)
    out = np.full((3, 70, 6), np.nan, dtype)
    backend().matmul(a, b, out, None, False)
    for x, y, result in zip(a, b, out, strict=True):
        assert product(x, y).tobytes() == result.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_are_the_same_in_tiles_of_any_height(dtype):
    rng = np.random.default_rng(0)
    for n, k in itertools.product((2, 8, 17, 24, 25, 33, 49, 64, 97), (5, 70)):
        a, b = matrix(rng, 31, k, "rows", dtype), matrix(rng, k, n, "rows", dtype)
        rows = [product(a[i : i + 1], b) for i in range(len(a))]
        for m in range(1, len(a) + 1):
            assert product(a[:m], b).tobytes() == b"".join(row.tobytes() for row in rows[:m])


@pytest.mark.parametrize("dtype", DTYPES)
def test_tiles_along_rows_give_the_same_bytes_however_they_are_split(dtype, monkeypatch):
    rng = np.random.default_rng(0)
    a, b = matrix(rng, 27, 3, "rows", dtype), matrix(rng, 3, 90, "rows", dtype)
    down = product(a, b)
    monkeypatch.setattr(products, "goes_by_rows", lambda *shape: True)
    products.plan.cache_clear()
    out = np.empty_like(down)
    with recording() as launches:
        backend().matmul(a, b, out)
    last = launches[-1]
    assert last.block[-2]  # before what it fetches ahead
    assert_any_split(last, out, down)
