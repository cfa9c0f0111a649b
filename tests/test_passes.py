"""Passes over recorded steps: fewer launches, the same bytes, and nothing fused that does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.graph import passes
from numbanet.graph.outcome import Replay
from numbanet.kernels.memory import copy_as_laid_out
from numbanet.ops.normalization import normalized_rows

pytestmark = pytest.mark.needs_compiled("compiled kernels are recorded")

RNG = np.random.default_rng(0)
X, W = (RNG.standard_normal(shape).astype(np.float32) for shape in ((5, 4), (4, 3)))


def launches_of(function):
    """The names of the launches of the latest recording."""
    (_, call) = function.calls[-1]
    assert isinstance(call, Replay), call
    return [launch.name for launch in call.program.launches]


def other(x):
    """Other values of the same shape, dtype and strides: labels stay labels."""
    copy = copy_as_laid_out(x)
    copy[...] = x[::-1].copy() if x.dtype.kind == "i" else x * 0.5 + 0.25
    return copy


def replayed(f, *args):
    """What `f` gives when it is replayed, recorded with other values, and the names of its launches."""
    function = nn.function(f)
    for _ in range(3):
        function(*[other(x) for x in args])
    return function(*args), launches_of(function)


def flat(result):
    return list(result) if isinstance(result, (list, tuple)) else [result]


def assert_same_bytes(f, *args):
    """Replayed is plain, to the byte; returns the names of the launches."""
    plain = f(*[nn.asarray(x) for x in args])
    result, names = replayed(f, *args)
    for a, b in zip(flat(plain), flat(result), strict=True):
        assert a.shape == b.shape
        assert a.numpy().tobytes() == b.numpy().tobytes()
    return names


def products(names):
    return [name for name in names if name.startswith("dot")]


SHAPES = [((2, 5, 4), (2, 4, 3), (5, 3)), ((2, 5, 4), (4, 3), (5, 3)), ((4,), (4, 3), ()), ((5, 4), (4,), ())]


class TestDense:
    def test_product_bias_and_relu_are_one_launch(self):
        names = assert_same_bytes(lambda x, w, b: nn.relu(nn.dot(x, w) + b), X, W, W[0])
        assert len(names) == 1

    def test_a_bias_that_is_computed_after_the_product(self):
        assert_same_bytes(lambda x, w, b: nn.relu(nn.dot(x, w) + nn.sum(nn.exp(w), axis=0)), X, W, W[0])

    def test_product_and_bias_are_one_launch(self):
        assert len(assert_same_bytes(lambda x, w, b: nn.dot(x, w) + b, X, W, W[0])) == 1

    @pytest.mark.parametrize("shape", [(), (1,), (1, 3), (5, 1), (5, 3), (1, 1), (2, 5, 3)])
    def test_what_is_not_one_number_per_column_is_added_by_itself(self, shape):
        bias = RNG.standard_normal(shape).astype(np.float32)
        assert len(assert_same_bytes(lambda x, w, b: nn.relu(nn.dot(x, w) + b), X, W, bias)) > 1

    @pytest.mark.parametrize("shapes", SHAPES, ids=str)
    def test_what_is_no_product_of_matrices_is_added_to_by_itself(self, shapes):
        x, w, b = (RNG.standard_normal(shape).astype(np.float32) for shape in shapes)
        assert_same_bytes(lambda x, w, b: nn.relu(nn.matmul(x, w) + b), x, w, b)
        assert_same_bytes(lambda x, w, b: nn.matmul(x, w) + b, x, w, b)

    def test_one_column_and_a_bias_of_one(self):
        assert_same_bytes(lambda x, w, b: nn.relu(nn.dot(x, w) + b), X, W[:, :1], W[0, :1])

    def test_another_dtype_is_not_fused(self):
        assert_same_bytes(lambda x, w, b: nn.relu(nn.dot(x, w) + b), X, W, W[0].astype(np.float64))

    @pytest.mark.parametrize(
        "also",
        [lambda z, b: z * 2, lambda z, b: nn.exp(z), lambda z, b: z + b, lambda z, b: nn.sum(z), lambda z, b: z],
        ids=["times", "exp", "bias again", "sum", "returned"],
    )
    def test_who_else_reads_the_product_gets_it(self, also):
        def f(x, w, b):
            z = nn.dot(x, w)
            return nn.relu(z + b), also(z, b)

        assert_same_bytes(f, X, W, W[0])

    @pytest.mark.parametrize(
        "also",
        [
            lambda s: s * 2,
            nn.exp,
            nn.sum,
            lambda s: s,
            nn.sigmoid,
            lambda s: nn.relu(-s),
            nn.relu,
            lambda s: s + s,
            lambda s: nn.minimum(nn.full((5, 3), 0.5), s),
        ],
        ids=["times", "exp", "sum", "returned", "sigmoid", "relu of the negative", "relu again", "twice", "second"],
    )
    def test_who_else_reads_the_sums_gets_them(self, also):
        def f(x, w, b):
            sums = nn.dot(x, w) + b
            return nn.relu(sums), also(sums)

        assert_same_bytes(f, X, W, W[0])

    def test_the_gradient_of_relu_takes_its_result(self):
        w, b = nn.Variable(W), nn.Variable(W[0])

        def f(x):
            with nn.GradientTape() as tape:
                y = nn.relu(nn.dot(x, w) + b)
            return [y, *tape.gradient(y, [w, b])]

        names = assert_same_bytes(f, X)
        assert len(products(names)) == 2
        assert "relu" not in names

    def test_another_relu_whose_gradient_is_weighted_by_the_sums(self):
        def f(x, w, b, z):
            sums = nn.dot(x, w) + b
            with nn.GradientTape() as tape:
                tape.watch(z)
                y = nn.relu(z)
            return nn.relu(sums), tape.gradient(y, z, output_gradients=sums)

        assert_same_bytes(f, X, W, W[0], X[:, :3])

    def test_a_gradient_that_flows_through_the_sums_as_well(self):
        w, b = nn.Variable(W), nn.Variable(W[0])

        def f(x):
            with nn.GradientTape() as tape:
                sums = nn.dot(x, w) + b
                y = nn.sum(nn.relu(sums)) + nn.sum(nn.tanh(sums))
            return tape.gradient(y, [w, b])

        assert_same_bytes(f, X)


class TestCrossEntropy:
    LABELS = np.array([0, 2, 1, 1, 0])

    def test_losses_and_gradient_are_one_launch(self):
        def f(x, labels):
            with nn.GradientTape() as tape:
                tape.watch(x)
                loss = nn.mean(nn.softmax_cross_entropy(x, labels))
            return loss, tape.gradient(loss, x)

        names = assert_same_bytes(f, X[:, :3], self.LABELS)
        assert sum("cross_entropy" in name for name in names) == 1

    def test_a_gradient_that_differs_from_call_to_call_is_not_joined(self):
        def f(x, labels, weights):
            with nn.GradientTape() as tape:
                tape.watch(x)
                loss = nn.sum(nn.softmax_cross_entropy(x, labels) * weights)
            return loss, tape.gradient(loss, x)

        assert_same_bytes(f, X[:, :3], self.LABELS, RNG.random(5).astype(np.float32))

    def test_two_losses_of_the_same_scores(self):
        def f(x, labels):
            with nn.GradientTape() as tape:
                tape.watch(x)
                one = nn.mean(nn.softmax_cross_entropy(x, labels))
                two = nn.mean(nn.softmax_cross_entropy(x, labels))
                loss = one + 3 * two
            return loss, tape.gradient(loss, x)

        assert_same_bytes(f, X[:, :3], self.LABELS)


class TestConstants:
    def test_what_does_not_change_is_computed_once(self):
        assert len(assert_same_bytes(lambda x: x * nn.sum(nn.exp(nn.ones((4, 3))) + 1), X)) == 1

    def test_what_others_may_write_to_is_computed_every_time(self):
        shared = W.copy()
        f = nn.function(lambda x: x * nn.sum(nn.exp(nn.asarray(shared)) + 1))
        for _ in range(4):
            f(X)
        shared[...] = 0
        np.testing.assert_array_equal(f(X).numpy(), X * np.float32(24))

    def test_what_nobody_needs_is_not_computed(self):
        def f(x):
            nn.exp(nn.sin(x))
            return x + 1

        assert len(assert_same_bytes(f, X)) == 1

    def test_a_result_may_be_a_constant_or_an_argument(self):
        assert_same_bytes(lambda x: [x, nn.ones((2, 2)), x + 1], X)


STEPS = {
    "relu": lambda a, b: nn.relu(a),
    "tanh": lambda a, b: nn.tanh(a),
    "times": lambda a, b: a * b,
    "plus": lambda a, b: a + b,
    "row": lambda a, b: a + nn.sum(b, axis=0),
    "column": lambda a, b: a * nn.sum(b, axis=1, keepdims=True),
    "dot": lambda a, b: nn.dot(a, b),
    "dense": lambda a, b: nn.relu(nn.dot(a, b) + nn.sum(b, axis=0)),
    "softmax": lambda a, b: nn.softmax(a),
    "transpose": lambda a, b: a.T,
    "one column": lambda a, b: nn.relu(nn.dot(a, nn.sum(b, axis=1, keepdims=True)) + nn.sum(b).reshape(1)),
}
"""Steps of random programs, on two matrices of 3 x 3."""


@given(st.data())
def test_random_programs_and_their_gradients_give_the_same_bytes(data):
    steps = data.draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=7
        )
    )
    results = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=3))
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    inputs = [np.random.default_rng(seed).uniform(-1, 1, (3, 3)).astype(dtype) for seed in (1, 2)]

    def f(x, w):
        with nn.GradientTape() as tape:
            tape.watch([x, w])
            values = [x, w]
            for name, i, j in steps:
                values.append(nn.broadcast_to(STEPS[name](values[i % len(values)], values[j % len(values)]), (3, 3)))
            total = nn.sum(values[-1] * values[-1])
        return [values[i % len(values)] for i in results] + tape.gradient(total, [x, w])

    assert_same_bytes(f, *inputs)


def a_step(x, w, b, y):
    """A step in which every pass finds something: constants, something unused, dense and pooled layers, shared sums."""
    nn.exp(x)  # nobody needs it
    scale = nn.sqrt(nn.asarray([4.0, 9.0, 16.0]))  # the same in every step
    v = nn.Variable(w)
    with nn.GradientTape() as tape:
        tape.watch(w)
        tape.watch(b)
        hidden = nn.relu(nn.dot(x, w) + b)
        pooled = nn.max_pool(nn.relu((hidden * 2)[np.newaxis]), 2)
        loss = nn.mean(nn.softmax_cross_entropy(normalized_rows(hidden * scale, b * 1, b * 2, 0.1), y))
        loss = loss + nn.mean(pooled)
    del v
    return [loss, *tape.gradient(loss, [w, b]), hidden]


OF_VALUES = [one for one in passes.PASSES if one is not passes.keep_zeros]  # that is of updates: test_lazy_embeddings


@pytest.mark.parametrize("one", OF_VALUES, ids=lambda one: one.__name__)
def test_each_pass_leaves_the_bytes_as_they_are(one, monkeypatch):
    """Without it, with it alone and with all of them; and it finds something to do, once constants are folded."""
    first = () if one is passes.fold_constants else (passes.fold_constants,)
    others = tuple(other for other in passes.PASSES if other is not one)
    names = []
    for chosen in (first, (*first, one), others, passes.PASSES):
        monkeypatch.setattr(passes, "PASSES", chosen)
        names.append(assert_same_bytes(a_step, X, W, W[0], np.array([0, 2, 1, 1, 0])))
    assert names[1] != names[0]
    assert len(names[1]) <= len(names[0])
    assert len(names[3]) <= len(names[2])
