"""Softmax and its cross-entropy on a GPU, in Numba's simulator, against the naive bodies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numbanet.loops import softmax as loops
from tests.simulator import needs_simulator

pytestmark = needs_simulator

BODIES = {
    loops.softmax: ("x", "matrix"),
    loops.log_softmax: ("x", "matrix"),
    loops.softmax_cross_entropy: ("x", "labels", "vector"),
    loops.softmax_cross_entropy_gradient: ("g", "x", "labels", "matrix"),
    loops.softmax_cross_entropy_and_gradient: ("g", "x", "labels", "vector", "matrix"),
}
SHAPES = {
    "one class": (3, 1),
    "a thread per row": (9, 3),
    "part of a warp": (7, 6),
    "a warp": (3, 8),
    "warps": (3, 11),
    "a block, full": (2, 32),
    "a block, rest": (2, 29),
    "read twice": (2, 33),
    "read twice, rounds": (2, 75),
}
TOLERANCE = {np.dtype(np.float32): 5e-7, np.dtype(np.float64): 5e-16}
"""A few roundings of the dtype; float64 has a few more where the order of sums matters, see `atol`."""


@pytest.fixture(scope="module")
def device():
    from numbanet.backends.cuda.devices import cuda

    return cuda()


def operands_of(body, x, g, labels):
    made = {"x": x, "g": g, "labels": labels}
    outputs = {"matrix": np.full_like(x, 7), "vector": np.full(len(x), 7, x.dtype)}
    return [made[name] if name in made else outputs[name] for name in BODIES[body]]


def assert_equals_the_body(device, body, x, g, labels):
    from numbanet.backends.cuda.rows import TUNED

    expected = operands_of(body, x, g, labels)
    with np.errstate(all="ignore"):
        body(*expected, 0, len(x))
    result = [device.from_host(array) for array in operands_of(body, x, g, labels)]
    TUNED[body](device.backend, *result)
    tolerance = 4 * TOLERANCE[x.dtype]
    for array, right in zip(result, expected, strict=True):
        np.testing.assert_allclose(device.to_host(array), right, rtol=tolerance, atol=tolerance)


def random_operands(shape, dtype, scale=3.0):
    rng = np.random.default_rng(shape[1])
    x, g = (scale * rng.normal(size=size) for size in (shape, shape[0]))
    return x.astype(dtype), g.astype(dtype), rng.integers(0, shape[1], shape[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_every_arrangement(device, body, shape, dtype):
    assert_equals_the_body(device, body, *random_operands(shape, dtype))


SPECIAL = st.sampled_from([0.0, np.inf, -np.inf, np.nan, 88.0, -120.0, 1e4])


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_any_elements(device, body, data):
    rows, classes = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 40))
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    elements = st.floats(-10, 10, width=32) | SPECIAL
    x = data.draw(hnp.arrays(dtype, (rows, classes), elements=elements))
    labels = data.draw(hnp.arrays(np.int64, rows, elements=st.integers(0, classes - 1)))
    g = data.draw(hnp.arrays(dtype, rows, elements=st.floats(-2, 2, width=32) | st.sampled_from([np.inf, np.nan])))
    assert_equals_the_body(device, body, x, g, labels)


@pytest.mark.parametrize("classes", [5, 40])
@pytest.mark.parametrize("values", [(np.inf,), (-np.inf,), (np.nan,), (np.inf, 1.0), (np.nan, -np.inf)])
@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_infinities_and_nan(device, body, values, classes):
    x = np.resize(np.array(values, np.float32), (3, classes))
    assert_equals_the_body(device, body, x, np.ones(3, np.float32), np.array([0, 1, classes - 1]))


@pytest.mark.parametrize("classes", [5, 40])
@pytest.mark.parametrize("wrong", [-1, 40, 2**32 + 1, 2**40, -(2**40), 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("body", [body for body in BODIES if "labels" in BODIES[body]], ids=lambda body: body.__name__)
def test_a_label_that_is_no_class_gives_nan(device, body, wrong, classes):
    x = np.linspace(-2, 2, 3 * classes, dtype=np.float32).reshape(3, classes)
    assert_equals_the_body(device, body, x, np.ones(3, np.float32), np.array([0, wrong, classes - 1]))


@pytest.mark.parametrize("classes", [5, 40])
def test_a_sure_and_right_answer_keeps_its_gradient(device, classes):
    """The softmax at the label is almost 1: what is left of the difference is right to float32."""
    from numbanet.backends.cuda.rows import TUNED

    x = np.zeros((1, classes), np.float32)
    x[0, 3] = 14
    out = device.from_host(x)
    ones, label = device.from_host(np.ones(1, np.float32)), device.from_host(np.array([3]))
    TUNED[loops.softmax_cross_entropy_gradient](device.backend, ones, device.from_host(x), label, out)
    others = (classes - 1) * np.exp(-14.0)
    np.testing.assert_allclose(device.to_host(out)[0, 3], -others / (1 + others), rtol=1e-6)


@given(classes=st.integers(1, 1 << 21), itemsize=st.sampled_from([4, 8]))
@settings(max_examples=200, deadline=None)
def test_arrangements_cover_rows(classes, itemsize):
    from numbanet.backends.cuda.rows import arrangement
    from numbanet.backends.cuda.sizes import GPU, SIMULATOR

    for sizes in (GPU, SIMULATOR):
        elements, in_registers, group = arrangement(sizes, classes, itemsize)
        assert group.threads == max(sizes.block, group.lanes)
        assert not in_registers or group.lanes * elements >= classes
        assert elements <= max(4, sizes.row_elements)
