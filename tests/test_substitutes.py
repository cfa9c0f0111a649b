"""What runs in place of a naive body computes what the body says: each row of the table, against the interpreted loop.

Bounds in units in the last place are in test_vectors.py; here every substitute has a test, and a new one without a
strategy for its operands fails.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.backends.select import backend
from numbanet.core.windows import Geometry
from numbanet.kernels.substitutes import SUBSTITUTES
from numbanet.launching import launch
from numbanet.launching.launch import Kernel, matmul
from numbanet.launching.reach import WRITTEN
from tests.bodies import arguments, body_of, close, drawn, in_order_of_launch

HOST = [one for one in SUBSTITUTES if one.backend != "cuda"]


def available(name):
    """The backend of this name, or the reason why it cannot be had."""
    before = nn.config.backend
    try:
        nn.config.backend = name
        return backend().name == name
    except nn.errors.ArgumentError as reason:
        return str(reason)
    finally:
        nn.config.backend = before


AVAILABLE = {name: available(name) for name in ("numba", "cython")}


def launched(one, inputs, out):
    """Run a substitute the way that an op runs it."""
    module, _, name = one.body.partition(".")
    if name == "matrix_dot":
        matmul(*inputs, out)
    elif name == "copy_strided":
        x, shape, strides = inputs
        view = np.lib.stride_tricks.as_strided(x, tuple(shape), tuple(strides * x.itemsize))
        Kernel(body_of("move.astype")).map(out.reshape(tuple(shape)), view)
    elif name == "assign_strided":
        from numbanet.launching.copies import assign

        x, shape, strides = inputs
        target = np.lib.stride_tricks.as_strided(out, tuple(shape), tuple(strides * out.itemsize))
        assign(target, x.reshape(tuple(shape)))
    elif name == "argsort":
        x, descending, _ = inputs
        out[...] = nn.argsort(x, axis=1, descending=bool(descending)).numpy()
    elif module == "conv":
        numbers = tuple(inputs[2:])
        getattr(launch, name)(*inputs[:2], out, Geometry(numbers[:3], numbers[3:6], numbers[6:]))
    elif module == "pool":
        Kernel(body_of(one.body))(int(np.prod(out.shape[:3])), *arguments(one, inputs, out))
    elif module == "attention":
        getattr(launch, name.removeprefix("dot_product_"))(*in_order_of_launch(arguments(one, inputs, out)))
    elif module == "functions":
        Kernel(body_of(one.body)).map(out, *inputs)
    else:
        Kernel(body_of(one.body))(len(out), *inputs, out)


@pytest.mark.needs_compiled("substitutes stand in for compiled bodies")
@pytest.mark.parametrize("one", HOST, ids=lambda one: f"{one.backend} {one.body} {one.dtype}")
@settings(max_examples=20)  # the body is interpreted, and the figures are measured elsewhere
@given(data=st.data())
def test_a_substitute_computes_what_the_body_says(one, data):
    if AVAILABLE[one.backend] is not True:
        pytest.skip(f"{one.backend} is not here: {AVAILABLE[one.backend]}")
    inputs, out, n = drawn(data, one)
    expected = [x.copy() if isinstance(x, np.ndarray) else x for x in (*inputs, out)]
    with np.errstate(all="ignore"):
        body_of(one.body)(*arguments(one, expected[:-1], expected[-1]), 0, n)
    before = nn.config.backend
    nn.config.backend = one.backend
    try:
        launched(one, inputs, out)
    finally:
        nn.config.backend = before
    pairs = zip(arguments(one, inputs, out), arguments(one, expected[:-1], expected[-1]), strict=True)
    for found, wanted in [pair for pair in pairs if isinstance(pair[0], np.ndarray)][-written(one) :]:
        close(one, found, wanted, inputs)


def written(one):
    """How many operands a body writes to, the last ones; NumPy, which sorts, needs no room to do so."""
    name = one.body.rpartition(".")[2]
    return 1 if name == "argsort" else WRITTEN.get(name, 1)


def test_every_body_and_file_of_the_table_exists():
    for one in SUBSTITUTES:
        assert callable(body_of(one.body))
        assert len({(other.body, other.dtype, other.backend) for other in SUBSTITUTES}) == len(SUBSTITUTES)
