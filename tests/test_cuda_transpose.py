"""Copies through tiles, in Numba's simulator, of views that are transpositions; and which views are."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator import needs_simulator

pytestmark = needs_simulator


@pytest.fixture(scope="module")
def device():
    from numbanet.backends.cuda.devices import cuda

    return cuda()


def scaled(device, shape):
    """Sizes that are as large in tiles of this device as those of a shape are in tiles of 4."""
    return tuple(size * device.backend.sizes.tile // 4 if size > 1 else 1 for size in shape)


def copied(device, memory, view):
    """A copy of a view of `memory` by the tiled kernel; None if the view is no transposition."""
    from numbanet.backends.cuda.transpose import plan, transpose

    planned = plan(view.shape, view.strides, view.itemsize, device.backend.sizes.tile)
    if planned is None:
        return None
    start = (view.__array_interface__["data"][0] - memory.__array_interface__["data"][0]) // view.itemsize
    out = device.empty(view.shape, view.dtype)
    transpose(device.backend, planned, device.from_host(memory.reshape(-1)), start, out)
    return device.to_host(out)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, np.bool_])
@pytest.mark.parametrize("shape", [(4, 4), (9, 5), (1, 7), (3, 8), (13, 13)])
def test_matrices(device, shape, dtype):
    shape = scaled(device, shape)
    x = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    result = copied(device, x, x.T)
    assert (result is None) == (1 in shape)  # then it is contiguous
    if result is not None:
        np.testing.assert_array_equal(result, x.T)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), ndim=st.integers(2, 4))
def test_any_order_of_dimensions(device, data, ndim):
    shape = data.draw(st.tuples(*[st.integers(1, 6)] * ndim))
    order = data.draw(st.sampled_from(list(itertools.permutations(range(ndim)))))
    steps = data.draw(st.tuples(*[st.sampled_from([1, 1, -1, 2])] * ndim))
    x = np.random.default_rng(0).normal(size=scaled(device, shape) if ndim < 4 else shape)
    view = x[tuple(slice(None, None, step) for step in steps)].transpose(order)
    result = copied(device, x, view)
    if result is not None:
        np.testing.assert_array_equal(result, view)


def test_more_matrices_than_a_grid_has_blocks(device, monkeypatch):
    from numbanet.backends.cuda import transpose

    monkeypatch.setattr(transpose, "MOST_BLOCKS", 2)
    x = np.random.default_rng(0).normal(size=(5, *scaled(device, (3, 6))))
    np.testing.assert_array_equal(copied(device, x, x.transpose(0, 2, 1)), x.transpose(0, 2, 1))


def test_what_is_a_transposition():
    from numbanet.backends.cuda.transpose import plan

    def planned(view):
        return plan(view.shape, view.strides, view.itemsize, 32)

    images = np.empty((8, 28, 28, 16), np.float32)
    assert planned(images.transpose(0, 3, 1, 2)).sizes == (1, 8, 16, 784)
    assert planned(images.transpose(3, 1, 2, 0)).sizes == (1, 784, 16, 8)
    assert planned(images.transpose(0, 2, 1, 3)) is None  # neighbours stay neighbours
    assert planned(images[..., :3].transpose(0, 3, 1, 2)) is None  # too few of them
    assert planned(np.empty((100, 100), np.float32)) is None
    assert planned(np.broadcast_to(np.empty((100, 1), np.float32), (100, 100))) is None
    assert planned(np.empty((0, 100), np.float32).T) is None
