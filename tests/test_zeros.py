"""Products that leave out zeros: the bytes of a walk over every step, whatever is in the operands."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbanet.backends.cython.backend import VARIANTS, CythonBackend
from numbanet.backends.native import products, tilings
from numbanet.backends.select import backend
from numbanet.kernels.recording import recording
from numbanet.launching.program import Program

from .launches import assert_any_split, walk
from .test_dot import at_the_edge
from .thread_work import share_all

pytestmark = pytest.mark.needs_compiled("tiles are compiled")

DTYPES = ("f4", "f8")
LAYOUTS = ("rows", "columns", "every other", "reversed", "cut out")
SPECIAL = (np.nan, np.inf, -np.inf, -0.0, 1e-42, -1e-30, 1e30)


@pytest.fixture(autouse=True)
def any_size(monkeypatch):
    """Lists for products of any size: the least is set by what looking costs."""
    monkeypatch.setattr(tilings, "LEAST_FOR_LISTS", 0)
    products.plan.cache_clear()
    yield
    products.plan.cache_clear()


def laid_out(x, layout):
    """A copy of a matrix that lies in memory in one of several ways."""
    rows, columns = x.shape[-2:]
    if layout == "columns":
        return np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2)
    if layout == "reversed":
        return np.ascontiguousarray(x[..., ::-1, ::-1])[..., ::-1, ::-1]
    steps = (1, 2) if layout == "every other" else (1, 1)
    around = np.zeros((*x.shape[:-2], rows + 3, columns * steps[1] + 3), x.dtype)
    view = around[..., 2 : 2 + rows, 1 : 1 + columns * steps[1] : steps[1]] if layout != "rows" else np.empty_like(x)
    view[...] = x
    return view


def with_zeros(rng, shape, density, dtype, special=()):
    """Numbers of which so many are not zero, in runs, as in images; zeros of both signs."""
    x = rng.normal(size=shape).astype(dtype)
    long_runs = np.repeat(rng.random((*shape[:-1], shape[-1] // 16 + 1)) < density, 16, axis=-1)[..., : shape[-1]]
    scattered = rng.random(shape) < density
    x[~(long_runs if rng.random() < 0.5 else scattered)] = 0
    x[rng.random(shape) < 0.2] *= -1  # some zeros become -0.0
    for number in special:
        x[tuple(rng.integers(0, size) for size in shape)] = number
    return x


def product(build, a, b, skips, bias=None, with_relu=False):
    """The product, with or without leaving zeros out."""
    tilings.SKIPS_ZEROS = skips
    products.plan.cache_clear()
    out = np.full((*a.shape[:-1], b.shape[-1]), np.nan, a.dtype)
    try:
        build.matmul(a, b, out, bias, with_relu)
    finally:
        tilings.SKIPS_ZEROS = True
        products.plan.cache_clear()
    return out


def assert_same(build, a, b, bias=None, with_relu=False):
    results = [product(build, a, b, skips, bias, with_relu) for skips in (True, False)]
    assert results[0].tobytes() == results[1].tobytes()
    return results[0]


def lists_are_made(a, b):
    """Whether the launch of a product has the address of a tile that walks lists."""
    with recording() as launches:
        backend().matmul(a, b, np.empty((len(a), b.shape[1]), a.dtype))
    return launches[-1].block[23] != 0


@given(st.data())
def test_bytes_are_those_of_all_steps(data):
    m, n = (data.draw(st.integers(1, 70)) for _ in range(2))
    k, dtype = data.draw(st.integers(60, 200)), data.draw(st.sampled_from(DTYPES))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    special = st.lists(st.sampled_from(SPECIAL), max_size=2)
    a = with_zeros(rng, (m, k), data.draw(st.sampled_from([0, 0.02, 0.3, 0.9, 1])), dtype, data.draw(special))
    b = with_zeros(rng, (k, n), data.draw(st.sampled_from([0.5, 1])), dtype, data.draw(special))
    a, b = (laid_out(x, data.draw(st.sampled_from(LAYOUTS))) for x in (a, b))
    bias = data.draw(st.sampled_from([None, with_zeros(rng, (n,), 0.5, dtype)])) if n > 1 else None
    with np.errstate(all="ignore"):
        assert_same(backend(), a, b, bias, data.draw(st.booleans()) if bias is not None else False)


@given(st.data())
def test_batches_have_lists_of_their_own(data):
    rng, dtype = np.random.default_rng(data.draw(st.integers(0, 1000))), data.draw(st.sampled_from(DTYPES))
    a = with_zeros(rng, (3, 53, 70), 0.2, dtype, data.draw(st.lists(st.sampled_from(SPECIAL), max_size=1)))
    b = with_zeros(rng, (3, 70, 40), 1, dtype, data.draw(st.lists(st.sampled_from(SPECIAL), max_size=1)))
    a, b = (laid_out(x, data.draw(st.sampled_from(LAYOUTS))) for x in (a, b))
    whole = assert_same(backend(), a, b)
    for i in range(3):
        assert whole[i].tobytes() == product(backend(), a[i], b[i], skips=False).tobytes()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_every_variant_of_the_extension(variant, dtype, layout):
    try:
        build = CythonBackend(variant)
    except ImportError as error:
        pytest.skip(str(error))
    rng = np.random.default_rng(0)
    for m, k, n in ((6, 64, 3), (13, 65, 40), (29, 130, 33), (61, 100, 70)):
        for density, special in ((0.1, ()), (0.5, ()), (0.2, (np.inf,)), (0.2, (np.nan, -0.0))):
            a, b = with_zeros(rng, (m, k), density, dtype, special), with_zeros(rng, (k, n), 1, dtype)
            assert_same(build, laid_out(a, layout), b)
            b[k // 2, n // 2] = np.inf
            with np.errstate(all="ignore"):
                assert_same(build, laid_out(a, layout), laid_out(b, layout))


@pytest.mark.parametrize("dtype", DTYPES)
def test_zero_times_what_is_not_finite_is_nan(dtype):
    a, b = np.zeros((24, 80), dtype), np.ones((80, 40), dtype)
    a[:, 3] = 1
    for number in (np.nan, np.inf, -np.inf):
        b[70, 35] = number
        result = product(backend(), a, b, skips=True)
        assert np.isnan(result[:, 35]).all()
        assert (np.delete(result, 35, axis=1) == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_zero_is_never_negative(dtype):
    """Not even where a product is too small to be told from zero, and negative; a zero after it hides that."""
    tiny = float(np.finfo(dtype).tiny)
    a, b = np.zeros((24, 80), dtype), np.full((80, 40), -tiny, dtype)
    a[:, 3], bias = tiny, np.full(40, -0.0, dtype)
    for skips in (True, False):
        for given_bias in (None, bias):
            for last in (0.0, tiny):
                a[:, 79] = last
                assert not np.signbit(product(backend(), a, b, skips, given_bias)).any()


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_any_split_of_the_tiles_gives_the_same_bytes(layout, dtype):
    rng = np.random.default_rng(0)
    a, b = laid_out(with_zeros(rng, (45, 90), 0.2, dtype), layout), with_zeros(rng, (90, 70), 1, dtype)
    whole, out = product(backend(), a, b, skips=False), np.empty((45, 70), dtype)
    assert lists_are_made(a, b)
    with recording() as launches:
        backend().matmul(a, b, out)
    (last,) = launches
    assert_any_split(last, out, whole)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_replays_follow_the_data_on_any_number_of_threads(threads, monkeypatch):
    share_all(monkeypatch, threads)
    rng = np.random.default_rng(0)
    a, b = np.empty((64, 100), np.float32), with_zeros(rng, (100, 90), 1, "f4")
    out = np.empty((64, 90), np.float32)
    with recording() as launches:
        backend().matmul(a, b, out)
    program = Program(launches, (a, b, out))
    for density in (0.1, 1, 0, 0.5, 0.02):
        a[...] = with_zeros(rng, a.shape, density, "f4")
        b[5, 5] = np.inf if density == 0.5 else 1
        with np.errstate(all="ignore"):
            whole = product(backend(), a, b, skips=False)
        program.run(3)
        assert out.tobytes() == whole.tobytes()
        assert product(backend(), a, b, skips=True).tobytes() == whole.tobytes()


def test_products_of_many_zeros_do_walk_lists():
    """What all other tests here would not notice: the tile that is given a list computes some of the output."""
    rng = np.random.default_rng(0)
    a, b, out = with_zeros(rng, (48, 96), 0.1, "f4"), with_zeros(rng, (96, 64), 1, "f4"), np.zeros((48, 64), np.float32)
    with recording() as launches:
        backend().matmul(a, b, out)
    (last,) = launches
    last.block[22] = 0  # no tile for rows without lists: calling it would end the process
    a[...], a[:, 40] = 0, 1
    walk(last, 0, last.n)
    assert (out == b[40]).all()


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is of POSIX")
@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_lists_are_made_of_the_operands_alone(dtype, at_end):
    """Beside memory that must not be touched; an access there ends the process."""
    rng = np.random.default_rng(0)
    for m, k, n in ((4, 64, 2), (6, 64, 3), (7, 67, 33), (13, 81, 40), (29, 64, 1 + 64)):
        a, b = with_zeros(rng, (m, k), 0.1, dtype), with_zeros(rng, (k, n), 1, dtype)
        right = at_the_edge(b, at_end)
        for left in (at_the_edge(a, at_end), at_the_edge(np.ascontiguousarray(a.T), at_end).T):
            assert_same(backend(), left, right)
