"""Products in blocks: the bytes of a walk over all steps of k at once, whatever the blocks; nothing else is touched."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbanet.backends.cython.backend import VARIANTS, CythonBackend
from numbanet.backends.native import products, tilings
from numbanet.backends.select import backend
from numbanet.kernels.recording import recording
from numbanet.launching.launch import matmul
from numbanet.launching.program import Program
from numbanet.launching.rows import rows_of

from .launches import assert_any_split, walk
from .test_dot import DTYPES, LAYOUTS, assert_close, at_the_edge, matrix
from .test_zeros import with_zeros
from .thread_work import share_all

pytestmark = pytest.mark.needs_compiled("tiles are compiled")

SMALL = {"DEEP": 40, "ACROSS": 3, "PACKED_ACROSS": 2, "DOWN": 2, "LEAST_FOR_LISTS": 0}


@pytest.fixture(autouse=True)
def own_plans():
    """No plan is kept from before, or for later."""
    products.plan.cache_clear()
    yield
    products.plan.cache_clear()


def product(a, b, in_blocks, bias=None, with_relu=False, sizes=SMALL, skips=True, build=None):
    """The product, in small blocks or in none, in memory whose surroundings must stay as they are."""
    registers = (build or backend()).registers

    def goes_in_blocks(shape, itemsize, *walks):
        m, _, n = shape
        return in_blocks and m >= registers.rows and n * itemsize >= 2 * registers.vector_bytes

    size = int(np.prod(a.shape[:-1])) * b.shape[-1]
    memory = np.full(size + 64, np.nan, a.dtype)
    out = memory[32:-32].reshape(*a.shape[:-1], b.shape[-1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "goes_in_blocks", goes_in_blocks)
        for name, value in {**sizes, "SKIPS_ZEROS": skips}.items():
            patch.setattr(tilings, name, value)
        products.plan.cache_clear()
        (build or backend()).matmul(a, b, out, bias, with_relu)
        products.plan.cache_clear()
    assert np.isnan(memory[:32]).all()
    assert np.isnan(memory[-32:]).all()
    return out


def launch_of(a, b, out, **changed):
    """The launch of a product, as it is, or in small blocks."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changed.items():
            patch.setattr(tilings, name, value)
        if changed:
            patch.setattr(products, "goes_in_blocks", lambda *shape: True)
        products.plan.cache_clear()
        with recording() as launches:
            backend().matmul(a, b, out)
        products.plan.cache_clear()
    (one,) = launches
    return one


@given(st.data())
def test_bytes_are_those_of_one_walk_over_k(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    m, k, n = data.draw(st.integers(12, 60)), data.draw(st.integers(1, 300)), data.draw(st.integers(32, 200))
    dtype, layouts = data.draw(st.sampled_from(DTYPES)), st.sampled_from(LAYOUTS)
    a, b = matrix(rng, m, k, data.draw(layouts), dtype), matrix(rng, k, n, data.draw(layouts), dtype)
    bias = rng.normal(size=n).astype(dtype) if data.draw(st.booleans()) else None
    with_relu = bias is not None and data.draw(st.booleans())
    deep = st.one_of(st.integers(1, 70), st.just(k), st.just(max(1, k - 1)))
    sizes = {name: data.draw(st.integers(1, 5)) for name in ("ACROSS", "PACKED_ACROSS", "DOWN")}
    found = product(a, b, True, bias, with_relu, {**sizes, "DEEP": data.draw(deep)})
    assert found.tobytes() == product(a, b, False, bias, with_relu).tobytes()
    if bias is None:
        assert_close(found, a, b)


@given(st.data())
def test_zeros_are_left_out_in_each_block(data):
    rng, dtype = np.random.default_rng(data.draw(st.integers(0, 1000))), data.draw(st.sampled_from(("f4", "f8")))
    m, k, n = data.draw(st.integers(12, 60)), data.draw(st.integers(64, 200)), data.draw(st.integers(32, 100))
    special = st.lists(st.sampled_from((np.nan, np.inf, -0.0, 1e-42, -1e-30, 1e30)), max_size=2)
    a = with_zeros(rng, (m, k), data.draw(st.sampled_from([0, 0.1, 0.9])), dtype, data.draw(special))
    b = with_zeros(rng, (k, n), 1, dtype, data.draw(special))
    a = np.asfortranarray(a) if data.draw(st.booleans()) else a
    with np.errstate(all="ignore"):
        found = product(a, b, True)
        assert found.tobytes() == product(a, b, True, skips=False).tobytes()
        assert found.tobytes() == product(a, b, False, skips=False).tobytes()


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_batches(dtype, layout):
    rng = np.random.default_rng(0)
    a = np.stack([matrix(rng, 29, 90, "rows", dtype) for _ in range(3)])
    b = np.stack([matrix(rng, 90, 70, "rows", dtype) for _ in range(3)])
    if layout == "columns":
        a, b = (np.ascontiguousarray(x.swapaxes(1, 2)).swapaxes(1, 2) for x in (a, b))
    whole = product(a, b, True)
    for x, y, result in zip(a, b, whole, strict=True):
        assert product(x, y, False).tobytes() == result.tobytes()


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_any_split_gives_the_same_bytes(dtype, layout):
    rng = np.random.default_rng(0)
    a, b = matrix(rng, 50, 90, layout, dtype), matrix(rng, 90, 200, "rows", dtype)
    whole, out = product(a, b, False), np.empty((50, 200), dtype)
    one = launch_of(a, b, out, **SMALL)
    assert one.name == "dot_blocks"
    assert_any_split(one, out, whole)


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is of POSIX")
@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_no_access_outside_the_operands(dtype, at_end):
    rng = np.random.default_rng(0)
    for m, k, n in ((13, 41, 37), (48, 100, 65), (29, 81, 33 + 64)):
        for zeros in (0.1, 1):
            a, b = with_zeros(rng, (m, k), zeros, dtype), with_zeros(rng, (k, n), 1, dtype)
            right = product(a, b, False)
            for left in (at_the_edge(a, at_end), at_the_edge(np.ascontiguousarray(a.T), at_end).T):
                assert product(left, at_the_edge(b, at_end), True).tobytes() == right.tobytes()
                turned = at_the_edge(np.ascontiguousarray(b.T), at_end).T
                assert product(left, turned, True).tobytes() == right.tobytes()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_variant_of_the_extension(variant, dtype):
    try:
        build = CythonBackend(variant)
    except ImportError as error:
        pytest.skip(str(error))
    rng = np.random.default_rng(0)
    for m, k, n in ((13, 65, 40), (29, 130, 33), (61, 100, 150)):
        for layouts in (("rows", "rows"), ("columns", "rows"), ("rows", "columns"), ("columns", "every other")):
            a, b = (matrix(rng, *sizes, layout, dtype) for sizes, layout in zip(((m, k), (k, n)), layouts, strict=True))
            assert product(a, b, True, build=build).tobytes() == product(a, b, False, build=build).tobytes()


@pytest.mark.parametrize("shape", [(96, 3000, 768), (13000, 250, 136)], ids=str)
def test_large_products_go_in_blocks(shape):
    rng, (m, k, n) = np.random.default_rng(0), shape
    layout = "columns" if k > m else "rows"
    a, b = matrix(rng, m, k, layout, np.float32), matrix(rng, k, n, "rows", np.float32)
    out = np.empty((m, n), np.float32)
    assert launch_of(a, b, out).name == "dot_blocks"
    backend().matmul(a, b, out)
    assert out.tobytes() == product(a, b, False).tobytes()
    assert np.allclose(out, a @ b, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_replays_are_the_same_on_any_number_of_threads(threads, monkeypatch):
    share_all(monkeypatch, threads)
    rng = np.random.default_rng(0)
    a, b, out = np.empty((100, 64), np.float32).T, np.empty((100, 90), np.float32), np.empty((64, 90), np.float32)
    program = Program([launch_of(a, b, out, **SMALL)], (a, b, out))
    for _ in range(3):
        a[...], b[...] = rng.normal(size=a.shape), rng.normal(size=b.shape)
        program.run(2)
        assert out.tobytes() == product(a, b, False).tobytes()


def test_rows_of_a_product_in_blocks_are_a_launch_of_their_own():
    rng = np.random.default_rng(0)
    a, b = matrix(rng, 13000, 250, "rows", np.float32), matrix(rng, 250, 136, "rows", np.float32)
    whole, out = product(a, b, False), np.zeros((13000, 136), np.float32)
    with recording() as launches:
        matmul(a, b, out)
    one = rows_of(launches[0], 4000, 4100)
    assert launches[0].name == "dot_blocks"
    walk(one, 0, one.n)
    assert out[4000:4100].tobytes() == whole[4000:4100].tobytes()
    assert not out[:4000].any()


@pytest.mark.parametrize("k", [1, 255, 256, 257, 1281, 2560, 3200, 256_001])
def test_blocks_cover_all_steps_and_strips(k):
    for strips in (1, 7, 8, 9, 16, 17, 100):
        for in_place in (True, False):
            deep, across, down = tilings.blocks_for(k, strips, in_place)
            assert 1 <= deep <= tilings.DEEP
            assert 1 <= across <= (tilings.ACROSS if in_place else tilings.PACKED_ACROSS)
            assert down >= 1
            assert -(-k // deep) == -(-k // tilings.DEEP)
