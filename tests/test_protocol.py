"""The protocol of backends: a fifth one is run through it, and what it counts is what the formulas say."""

import inspect
import sys

import numpy as np
import pytest

import numbanet as nn
from numbanet.backends import protocol, select
from numbanet.backends.protocol import Backend, BackendFailed
from numbanet.core.context import setting
from numbanet.core.settings import config
from numbanet.core.table import TABLE
from numbanet.errors import ArgumentError
from numbanet.tensor.planned import _calls
from tests.counting_backend import Count, CountingBackend

RNG = np.random.default_rng(0)
F4 = 4  # bytes of a float32


@pytest.fixture
def counting():
    with select.instead(CountingBackend()) as backend:
        yield backend


def matrix(*shape):
    return nn.asarray(RNG.normal(size=shape).astype(np.float32))


class TestCounts:
    def test_an_elementwise_op_is_one_operation_per_element(self, counting):
        x, y = matrix(3, 5), matrix(5)
        np.testing.assert_array_equal(nn.relu(x).numpy(), np.maximum(x.numpy(), 0))
        assert counting.total("relu") == Count(1, 15, 2 * 15 * F4)
        np.testing.assert_array_equal(nn.add(x, y).numpy(), x.numpy() + y.numpy())
        assert counting.total("add") == Count(1, 15, (15 + 5 + 15) * F4)
        assert counting.total() == Count(2, 30, (30 + 35) * F4)

    @pytest.mark.parametrize("batch", [(), (2,)])
    def test_a_product_is_two_operations_per_term(self, counting, batch):
        m, k, n = 3, 4, 5
        a, b = matrix(*batch, m, k), matrix(*batch, k, n)
        np.testing.assert_allclose(nn.matmul(a, b).numpy(), a.numpy() @ b.numpy(), rtol=1e-5)
        count = int(np.prod(batch))
        assert counting.total() == Count(1, count * 2 * m * k * n, count * (m * k + k * n + m * n) * F4)

    def test_what_it_does_not_have_falls_back(self, counting):
        whole = nn.asarray([[1, 2], [3, 4]])
        assert nn.matmul(whole, whole).tolist() == [[7, 10], [15, 22]]
        assert counting.total("matmul") == Count()
        assert counting.total("matrix_dot").launches == 1
        assert nn.matmul(nn.zeros((2, 0)), nn.zeros((0, 3))).tolist() == [[0.0] * 3] * 2

    def test_a_reduction_reads_each_element(self, counting):
        x = matrix(7, 3)
        nn.sum(x)
        assert counting.total().operations == 21

    def test_nothing_is_counted_outside(self):
        backend = CountingBackend()
        with select.instead(backend):
            nn.add(matrix(3), matrix(3))
            before = backend.total()
        nn.add(matrix(3), matrix(3))
        assert backend.total() == before == Count(1, 3, 3 * 3 * F4)
        assert config.backend != backend.name


def test_a_step_of_training(counting):
    """Two layers: each product once forward, once for the gradient of the weights, the second once for its input's."""
    samples, features, hidden, classes = 8, 6, 5, 3
    model = nn.Sequential([nn.layers.Dense(hidden, "relu"), nn.layers.Dense(classes)])
    model.compile(nn.optimizers.SGD(0.1), nn.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = RNG.normal(size=(samples, features)).astype(np.float32), np.arange(samples) % classes
    model.build(x.shape[1:], rng=0)
    before = [w.copy() for w in model.get_weights()]
    counting.launches.clear(), counting.operations.clear()
    model.fit(x, y, batch_size=samples, epochs=1, verbose=0, rng=0)
    first, second = 2 * samples * features * hidden, 2 * samples * hidden * classes
    assert counting.launches["matmul"] == 2 + 2 + 1
    assert counting.operations["matmul"] == 2 * first + 3 * second
    assert counting.operations["relu"] == samples * hidden
    parameters = features * hidden + hidden + hidden * classes + classes
    assert counting.operations["sgd"] == parameters
    assert counting.launches["sgd"] == 4
    assert all((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))


class Failing(CountingBackend):
    """One that can make no kernel."""

    name = "failing"

    def map(self, body, out, inputs):
        raise BackendFailed(self) from OSError("no compiler")


def test_a_backend_that_was_asked_for_and_fails_is_an_error_that_says_why():
    with select.instead(Failing()), pytest.raises(ArgumentError, match=r'"failing".*no compiler'):
        nn.negative(matrix(3))


class FailsAtTheEnd(CountingBackend):
    """One that has no kernel for the last launch of a product with its relu."""

    name = "numba"

    def matmul_floats(self, *operands):
        Backend.matmul_floats(self, *operands)

    def map(self, body, out, inputs):
        if body.name == "relu":
            raise BackendFailed(self) from OSError("no compiler")
        super().map(body, out, inputs)


@pytest.mark.filterwarnings("ignore:numbanet runs its loops:RuntimeWarning")  # where Numba is missing, it says so
def test_the_next_backend_does_all_of_a_method_again(monkeypatch):
    """What had run before the failure leaves no trace: the bias is added once."""
    failing = FailsAtTheEnd()
    for name, value in (("_chosen", {"auto": failing}), ("_failures", {}), ("_superseded", []), ("_reasons", {})):
        monkeypatch.setattr(select, name, value)
    monkeypatch.setattr(config, "_running", {})
    monkeypatch.setattr(config, "backend", "auto")
    x, w, b = matrix(3, 4), matrix(4, 5), matrix(5)
    y = TABLE["dense"].function(x, w, b, with_relu=True)
    assert failing.launches == {"matrix_dot": 1, "add": 1}
    assert select.backend() is not failing
    assert "no compiler" in select.backend_reason()
    np.testing.assert_allclose(y.numpy(), np.maximum(x.numpy() @ w.numpy() + b.numpy(), 0), rtol=1e-5, atol=1e-6)


class TestThePage:
    def test_all_backends_implement_it(self):
        from numbanet.backends.cython.backend import CythonBackend
        from numbanet.backends.native.backend import NativeBackend
        from numbanet.backends.python.backend import PythonBackend

        own = {name for name, value in vars(Backend).items() if callable(value) and not name.startswith("_")}
        for kind in (PythonBackend, NativeBackend, CythonBackend, CountingBackend):
            assert issubclass(kind, Backend)
            for name in own:
                ours, theirs = (list(inspect.signature(getattr(one, name)).parameters) for one in (Backend, kind))
                assert len(ours) == len(theirs), f"{kind.__name__}.{name}{tuple(theirs)} takes other arguments"

    def test_it_says_of_every_method_what_it_does(self):
        for name, value in vars(Backend).items():
            if callable(value) and not name.startswith("_"):
                assert value.__doc__, name
        assert protocol.__doc__


class TestFrames:
    """How many functions of Python are called on the way."""

    def frames(self, function, *args):
        for _ in range(3):
            function(*args)
        called = []

        def note(frame, event, arg):
            if event == "call":
                called.append(frame.f_code.co_name)

        sys.setprofile(note)
        try:
            function(*args)
        finally:
            sys.setprofile(None)
        return called

    @pytest.mark.needs_compiled("the short way is into compiled kernels")
    def test_relu_goes_straight_to_its_kernel(self):
        called = self.frames(nn.relu, matrix(8, 8))
        assert len(called) <= 4, called

    def test_dot_reaches_the_launch_in_six(self):
        with setting(as_they_stand=True):
            called = self.frames(nn.dot, matrix(8, 8), matrix(8, 8))
        above = called[: called.index("matmul")]
        assert len(above) <= 6, above

    @pytest.mark.skipif(_calls is None, reason="Plans are run by the compiled extension")
    def test_a_call_that_came_before_runs_one_function(self):
        x = matrix(8, 8)
        for _ in range(4):
            nn.dot(x, x)
        assert len(self.frames(nn.dot, x, x)) == 1
