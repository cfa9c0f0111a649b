"""Copies into arrays of any strides, and the positions that sort rows: every backend gives what NumPy gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

import numbanet as nn
from numbanet.backends.native.views import launch_assign
from numbanet.backends.select import backend
from numbanet.core.settings import config
from numbanet.core.table import Domain
from numbanet.launching.launch import Kernel
from numbanet.loops import move, sort
from tests import strategies
from tests.conftest import why_no_extension, why_no_numba

DTYPES = ["?", "i1", "u2", "i4", "u8", "f4", "f8"]
WHY_NOT = {"numba": why_no_numba, "cython": why_no_extension, "python": str}


@pytest.fixture(params=["numba", "cython", "python"], scope="module", autouse=True)
def each(request):
    """Every backend in turn; one that cannot be used here is left out."""
    if WHY_NOT[request.param]():
        pytest.skip(WHY_NOT[request.param]())
    before, config.backend = config.backend, request.param
    yield request.param
    config.backend = before


def views(out):
    """Parts of an array of shape (4, 5, 6), in many layouts, of which no two elements are one."""
    yield from (
        out[1:3],
        out[:, ::2],
        out[..., 3],
        out[::-1, :, ::-2],
        out.transpose(2, 0, 1),
        out[:, 1:2, 1:],
        out[2, 3:4],
    )
    yield from (out[:, :, None, 1:4], out.T[::-1, 1:], out[0, 0, 5:], out)


@pytest.mark.parametrize("dtype", DTYPES)
def test_assigning_fills_the_view_and_nothing_else(each, dtype):
    if each == "python":
        pytest.skip("NumPy assigns where the loops run in the interpreter, since nothing is recorded there")
    rng = np.random.default_rng(0)
    start = (100 * rng.normal(size=(4, 5, 6))).astype(dtype)
    for number, view in enumerate(views(start)):
        found, expected = start.copy(), start.copy()
        target = list(views(found))[number]
        x = (100 * rng.normal(size=view.shape)).astype(dtype)
        list(views(expected))[number][...] = x
        launch_assign(backend(), target, x)
        assert found.tobytes() == expected.tobytes(), number


def test_any_split_of_an_assignment_gives_the_same_bytes(each):
    if each == "python":
        pytest.skip("NumPy assigns where the loops run in the interpreter, since nothing is recorded there")
    assign = Kernel("numbanet.backends.native.drivers.assign.assign")
    x = np.arange(60, dtype=np.int16)
    for cut in range(61):
        out = np.zeros((4, 5, 6), np.int16)
        target = out[:, ::-1, ::2]
        layout = np.array([x.ctypes.data, target.ctypes.data, 2, 3, *target.shape, *target.strides], np.int64)
        built, block = backend().prepare(assign, (layout,))
        for start, stop in ((cut, 60), (0, cut)):
            built.call(block.buffer_info()[0], start, stop)
        assert (target.reshape(-1) == x).all()
        assert (out[:, :, 1::2] == 0).all()


@given(st.data())
def test_assign_strided_is_numpys_assignment(data):
    x = data.draw(strategies.arrays((6,), Domain(), "fiub", ["contiguous"]))
    out, expected = np.zeros(24, x.dtype), np.zeros(24, x.dtype)
    shape, steps = np.array([3, 2]), np.array(data.draw(st.sampled_from([(2, 1), (8, 3), (1, 12), (4, 2)])))
    as_strided(expected, shape, steps * x.itemsize)[...] = x.reshape(3, 2)
    Kernel(move.assign_strided)(6, x, shape, steps, out)
    assert out.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_argsort_is_numpys_stable_one(dtype):
    rng = np.random.default_rng(0)
    for n in (0, 1, 2, 3, 8, 9, 31):
        x = (3 * rng.normal(size=(5, n))).astype(dtype)
        if dtype in ("f4", "f8"):
            specials = np.array([np.nan, -np.nan, 0.0, -0.0, np.inf, -np.inf], dtype)
            x = np.where(rng.random(x.shape) < 0.6, rng.choice(specials, x.shape), x)
        order, scratch = np.empty(x.shape, np.int64), np.empty(x.shape, np.int64)
        Kernel(sort.argsort)(5, x, 0, scratch, order)
        assert (order == np.argsort(x, axis=1, kind="stable")).all()
        Kernel(sort.argsort)(5, x, 1, scratch, order)
        backwards = np.argsort(x[:, ::-1], axis=1, kind="stable")[:, ::-1]
        assert (order == n - 1 - backwards).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_searchsorted_is_numpys(dtype):
    rng = np.random.default_rng(0)
    for n in (0, 1, 2, 7, 40):
        x, v = (3 * rng.normal(size=n)).astype(dtype), (3 * rng.normal(size=30)).astype(dtype)
        if dtype in ("f4", "f8"):
            specials = np.array([np.nan, 0.0, -0.0, np.inf, -np.inf], dtype)
            x, v = (np.where(rng.random(y.shape) < 0.4, rng.choice(specials, y.shape), y) for y in (x, v))
        x.sort()
        for right, side in enumerate(("left", "right")):
            out = np.empty(30, np.int64)
            Kernel(sort.searchsorted)(30, x, v, right, out)
            assert (out == np.searchsorted(x, v, side)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nextafter_is_numpys(dtype):
    info = np.finfo(dtype)
    ends = [0.0, info.smallest_subnormal, info.tiny, info.max, np.inf, 1.0, 1.0 + info.eps, 3.7, 1e-30]
    some = np.array([*ends, *[-x for x in ends], np.nan], dtype)
    x, y = (z.reshape(-1).copy() for z in np.broadcast_arrays(some[:, None], some))
    with np.errstate(all="ignore"):
        expected = np.nextafter(x, y)
    found = nn.nextafter(x, y).numpy()
    nan = np.isnan(expected)
    assert (np.isnan(found) == nan).all()
    assert found[~nan].tobytes() == expected[~nan].tobytes()
