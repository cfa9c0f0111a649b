"""Gradients do not vanish: lists and copies keep them, and a target on which no source has an influence is an error."""

import copy
import pickle
from collections import deque, namedtuple

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import DTypeError, GradientError, ShapeError

Pair = namedtuple("Pair", "a b")
ONES = [1.0, 1.0]

# Lists with tensors in them are stacked

LISTS = {
    "asarray": lambda x: nn.asarray([x[0] * 2, x[1] * 3]),
    "tuple": lambda x: nn.asarray((x[0] * 2, x[1] * 3)),
    "named tuple": lambda x: nn.asarray(Pair(x[0] * 2, x[1] * 3)),
    "deque": lambda x: nn.asarray(deque([x[0] * 2, x[1] * 3])),
    "nested": lambda x: nn.asarray([[x[0] * 2], [x[1] * 3]]),
    "with numbers": lambda x: nn.asarray([[x[0] * 2, 1.0], [2, x[1] * 3]]),
    "a row of numbers": lambda x: nn.asarray([[4.0, 5.0], x * [2.0, 3.0], np.ones(2), [np.float64(1), 2]]),
    "dtype": lambda x: nn.asarray([x[0] * 2, x[1] * 3], dtype="float64"),
    "copy": lambda x: nn.asarray([x[0] * 2, x[1] * 3], copy=True),
    "function": lambda x: nn.identity([x[0] * 2, x[1] * 3]),
    "sum": lambda x: nn.sum([x[0] * 2, x[1] * 3]),
    "operator": lambda x: [x[0] * 2, x[1] * 3] - nn.zeros(2),
    "reflected operator": lambda x: nn.ones(2) * [x[0] * 2, x[1] * 3],
    "of an array": lambda x: nn.add(np.ones(2), [x[0] * 2, x[1] * 3]),
    "dot": lambda x: nn.dot([x[0], x[1]], [2.0, 3.0]),
    "matmul": lambda x: nn.matmul([[2.0, 3.0]], [[x[0]], [x[1]]]),
    "where": lambda x: nn.where([True, False], [x[0] * 2, 0.0], [0.0, x[1] * 3]),
    "concat": lambda x: nn.concat([[x[0] * 2, x[1] * 3], x - x]),
    "stack": lambda x: nn.stack([[x[0] * 2, 1.0], [x[1] * 3, 1.0]], axis=1),
    "astype": lambda x: nn.astype([x[0] * 2, x[1] * 3], "float64"),
    "np.stack": lambda x: np.stack([x[0] * 2, x[1] * 3]),
    "np.concatenate": lambda x: np.concatenate([[x[0] * 2], [x[1]], x[1:] * 2]),
    "np.add": lambda x: np.add([x[0] * 2, x[1] * 3], nn.zeros(2)),
    "loss": lambda x: nn.losses.MeanAbsoluteError()(np.zeros((1, 2)), [[x[0] * 4, x[1] * 6]]),
    "targets": lambda x: nn.losses.mean_absolute_error([[x[0] * 4, x[1] * 6]], np.zeros((1, 2))),
    "sample weights": lambda x: nn.losses.MeanAbsoluteError()(np.zeros(2), np.ones(2), [x[0] * 4, x[1] * 6]),
    "iterated": lambda x: nn.asarray(list(x * [2.0, 3.0])),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_tensors_keep_their_gradient(name):
    assert nn.grad(lambda x: nn.sum(LISTS[name](x)))(ONES).tolist() == [2, 3]


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_tensors_have_their_values(name):
    found = LISTS[name](nn.asarray([5.0, 7.0]))
    zeros = LISTS[name](nn.zeros(2))
    assert nn.sum(found - zeros).item() == 31


@pytest.mark.parametrize("trainable", [True, False])
def test_variables_in_lists_are_read_and_stacked(trainable):
    v, w = nn.Variable(1.0, trainable=trainable), nn.Variable([2.0, 3.0])
    with nn.GradientTape() as tape:
        tape.watch(v)
        y = nn.sum(nn.asarray([[v, 1.0], w, w * 2, [v * 3, v]]))
    assert [g.tolist() for g in tape.gradient(y, [v, w])] == [5, [3, 3]]


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (lambda: [nn.ones(()), 1], "float32"),
        (lambda: [nn.ones((), dtype="float64"), 0.1], "float64"),
        (lambda: [[0.1, 0.2], [nn.ones((), dtype="float64"), 1.0]], "float64"),
        (lambda: [nn.ones(()), np.float64(0.1)], "float64"),
        (lambda: [nn.ones((), dtype="int8"), 2], "int8"),
        (lambda: [nn.ones((), dtype="int8"), 0.5], "float32"),
        (lambda: [nn.ones((), dtype="bool"), False], "bool"),
        (lambda: [nn.Variable(1), 2], "int64"),
    ],
)
def test_lists_of_tensors_have_the_dtype_of_what_is_in_them(given, dtype):
    t = nn.asarray(given())
    assert t.dtype == dtype
    assert 0.1 not in given() or t[1].item() == np.asarray(0.1, dtype).item()


@pytest.mark.parametrize("ragged", [lambda t: [t, 1.0], lambda t: [t, [1.0]], lambda t: [[t], t], lambda t: [t, t[:1]]])
def test_ragged_lists_of_tensors_raise(ragged):
    with pytest.raises(ShapeError, match="one shape"):
        nn.asarray(ragged(nn.ones(2)))


def test_values_of_lists_with_tensors_are_taken_wherever_values_are():
    t = nn.asarray([1.0, 2.0])
    assert nn.Variable([0.0, 0.0]).assign([t[1], 5.0]).tolist() == [2, 5]
    x = nn.Variable(ONES)
    nn.optimizers.SGD(1.0).apply_gradients([([t[0], 0.5], x)])
    assert x.tolist() == [0, 0.5]
    with nn.GradientTape() as tape:
        y = x * 3.0
    assert tape.gradient(y, x, output_gradients=[t[1], 1.0]).tolist() == [6, 3]
    model = nn.Sequential([nn.layers.Dense(1, kernel_initializer="ones", use_bias=False)])
    model(np.ones((1, 2)))
    assert model.predict([t, [3.0, 4.0]], verbose=0).tolist() == model([t, [3.0, 4.0]]).tolist() == [[3], [7]]
    assert np.sum([t[0], t[1]]) == 3
    model.compile("sgd", "mse")
    model.fit([t, t * 2], [[t[0]], [2.0]], verbose=0)
    assert nn.metrics.MeanAbsoluteError().values([t], [[t[0], 3.0]]).tolist() == [0.5]
    with pytest.raises(nn.errors.ArgumentError, match="copy"):
        nn.asarray([t[0]], copy=False)


def test_a_list_that_holds_itself_raises():
    endless = [1.0]
    endless.append(endless)
    for given in (endless, [nn.ones(()), endless]):
        with pytest.raises(ShapeError, match="deep"):
            nn.asarray(given)


def test_second_derivatives_go_through_lists():
    f = lambda x: nn.sum(nn.asarray([x[0] ** 3, x[0] * x[1]]))  # noqa: E731  (as users write it)
    assert nn.hessian(f)([2.0, 1.0]).tolist() == [[12, 1], [1, 0]]
    nn.testing.check_grad(lambda x: nn.asarray([[x[0] * x[1], 1.0], [x[1], x[0] ** 2]]), [2.0, 3.0], order=2)


@pytest.mark.parametrize("f", [np.sum, np.mean, np.prod, np.linalg.norm, np.median, np.atleast_1d])
def test_functions_of_numpy_that_would_cut_a_list_say_so(f):
    for v in (nn.asarray(ONES), nn.Variable(ONES)):
        with nn.GradientTape() as tape:
            tape.watch(v)
            with pytest.raises(DTypeError, match=r"nn\.asarray"):
                f([v[0] * 2, 1.0])
            np.testing.assert_allclose(v * 1.0, ONES)  # which looks, and gives nothing back
            assert np.asarray(v).tolist() == np.array([v[0], 1.0]).tolist() == ONES
        f([v[0] * 2, 1.0])


# Copies


@pytest.mark.parametrize(
    "f",
    [
        lambda x: nn.asarray(x, copy=True),
        lambda x: nn.asarray(x, dtype=x.dtype, copy=True),
        lambda x: nn.asarray(x, dtype="float64", copy=True),
        lambda x: nn.asarray(x, device="cpu", copy=True),
        copy.copy,
        copy.deepcopy,
        lambda x: copy.deepcopy({"a": [x]})["a"][0],
        nn.from_dlpack,
        lambda x: nn.from_dlpack(x, copy=True),
        lambda x: x.reshape(-1).reshape(2),
        lambda x: x.astype("float64"),
        lambda x: x[...],
        lambda x: +x,
    ],
)
def test_copies_keep_the_graph(f):
    t = nn.asarray(ONES)
    assert nn.grad(lambda x: nn.sum(f(x) * [2.0, 3.0]))(t).tolist() == [2, 3]
    v = nn.Variable(ONES)
    with nn.GradientTape() as tape:
        y = nn.sum(f(v * 1.0) * [2.0, 3.0])
    assert tape.gradient(y, v).tolist() == [2, 3]


def test_copies_have_memory_of_their_own():
    array = np.ones(2, np.float32)
    t = nn.asarray(array)
    copies = [nn.asarray(t, copy=True), copy.deepcopy(t)]
    with nn.GradientTape() as tape:
        tape.watch(t)
        copies += [nn.asarray(t, copy=True), copy.deepcopy(t)]
    array[:] = 7
    assert [c.tolist() for c in copies] == [ONES] * 4
    assert copy.copy(t) is t


def test_pickles_of_followed_tensors_are_refused():
    t, v = nn.asarray(ONES), nn.Variable(ONES)
    with nn.GradientTape() as tape:
        tape.watch(t)
        y = t * v
        for one in (t, y):
            with pytest.raises(GradientError, match="pickle"):
                pickle.dumps(one)
        for one in (nn.stop_gradient(y), nn.ones(2), v, nn.argmax(y)):
            assert pickle.loads(pickle.dumps(one)).tolist() == one.tolist()
    assert pickle.loads(pickle.dumps(y)).tolist() == ONES


def test_what_is_assigned_is_a_value_without_history():
    x, v = nn.Variable(2.0), nn.Variable(0.0)
    with nn.GradientTape(persistent=True) as tape:
        v.assign(x * 3)
        y, z = v * x, v * 1.0
        w = nn.Variable(x * 3)
        u = w * x
        twin = copy.deepcopy(x)
        q = twin * 1.0
    assert [g.item() for g in tape.gradient(y, [x, v])] == [6, 2]
    assert [g.item() for g in tape.gradient(u, [x, w])] == [6, 2]
    assert tape.gradient(q, twin).item() == 1
    for target in (z, q):
        with pytest.raises(GradientError):
            tape.gradient(target, x)


# Targets that depend on none of the sources

CUTS = {
    "argmax": (lambda x: nn.argmax(x).astype("float32"), "argmax"),
    "comparison": (lambda x: nn.sum((x > 0).astype("float32")), "greater"),
    "count": (lambda x: nn.count_nonzero(x) * 1.0, "not_equal"),
    "integers": (lambda x: nn.sum(x.astype("int64").astype("float32")), "astype"),
    "where": (lambda x: nn.sum(nn.where(x > 0, 1.0, 0.0)), "greater"),
    "stop_gradient": (lambda x: nn.sum(nn.stop_gradient(x) * 2), "stop_gradient"),
    "late": (lambda x: nn.exp(nn.sum(nn.argsort(nn.exp(x) * 2).astype("float32"))) + 1, "argsort"),
    "the nearest": (lambda x: nn.argmax(nn.where(x > 0, x, 0.0)) * 1.0, "argmax"),
    "np.asarray": (lambda x: nn.sum(np.asarray(x) * 2), r"np.asarray\(\)"),
    "np.array of a list": (lambda x: nn.sum(np.array([x[0], x[1]])), r"np.asarray\(\)"),
    "numpy": (lambda x: nn.sum(x.numpy()), r"numpy\(\)"),
    "item": (lambda x: nn.asarray(x[0].item()) * 2, r"item\(\)"),
    "float": (lambda x: nn.asarray(float(x[0])), r"item\(\)"),
    "tolist": (lambda x: nn.sum(nn.asarray(x.tolist())), r"tolist\(\)"),
    "dlpack": (lambda x: nn.sum(nn.asarray(np.from_dlpack(x))), r"__dlpack__\(\)"),
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_graph_says_what_has_cut_it(name):
    f, why = CUTS[name]
    x = nn.asarray([1.0, 2.0])
    for derivative in (nn.grad(f), nn.value_and_grad(f), nn.jacobian(f), nn.hessian(f), lambda x: nn.hvp(f)(x, x)):
        with pytest.raises(GradientError, match=f"depends on none of the arguments: .*{why}"):
            derivative(x)
    v = nn.Variable([1.0, 2.0])
    with nn.GradientTape(persistent=True) as tape:
        y = f(v)
    for choice in ("zero", "raise"):
        for sources in (v, [v], {"v": v}):
            with pytest.raises(GradientError, match=f"depends on none of the sources: .*{why}"):
                tape.gradient(y, sources, unconnected=choice)


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_part_beside_a_connected_one_has_no_influence(name):
    f, _ = CUTS[name]
    assert nn.grad(lambda x: f(x) + nn.sum(x))([1.0, 2.0]).tolist() == ONES
    x, y = nn.grad(lambda x, y: f(x) * y, (0, 1))([1.0, 2.0], 3.0)
    assert x.tolist() == [0, 0]
    assert y.item() == f(nn.asarray([1.0, 2.0])).item()


def test_targets_of_other_origin_say_so():
    v, other = nn.Variable(2.0), nn.Variable(3.0)
    before = v * v
    with nn.GradientTape(persistent=True) as tape:
        y = v * v
        z = other * 2.0
        g = tape.gradient(y, v)
    for target in (before, z, g, nn.ones(()), y + 0.0):
        with pytest.raises(GradientError, match="none of the sources: no recorded operation leads"):
            tape.gradient(target, v)
    with nn.GradientTape(persistent=True) as tape:
        pass
    for target in (v * v, v * 1.0):
        with pytest.raises(GradientError, match="nothing was computed"):
            tape.gradient(target, v)
    for target in (np.float32(1), 1.0, np.ones(2), None, "loss"):
        with pytest.raises(GradientError, match=f"type {type(target).__name__}, not a Tensor"):
            tape.gradient(target, v)
    for value in (1.0, np.float64(2)):
        with pytest.raises(GradientError, match="NumPy and Python"):
            nn.grad(lambda x, value=value: value)(1.0)
        with pytest.raises(GradientError, match="NumPy and Python"):
            nn.jacobian(lambda x, value=value: value)(1.0)


def test_reading_other_tensors_is_not_blamed():
    v, batch = nn.Variable(2.0), nn.ones(2)
    with nn.GradientTape() as tape:
        y = v * float(batch[0])
        z = nn.sum(batch * batch.numpy())
    with pytest.raises(GradientError) as error:
        tape.gradient(z, v)
    assert "read" not in str(error.value)
    assert y.item() == 2


def test_nothing_is_lost_by_the_error():
    v = nn.Variable(2.0)
    with nn.GradientTape(persistent=True) as tape:
        y, z = v * v, nn.sign(nn.ones(()))
    with pytest.raises(GradientError):
        tape.gradient(z, v)
    assert tape.gradient(y, v).item() == 4
    assert tape.gradient([y, z], v).item() == 4
    assert tape.gradient(v, v).item() == 1
    assert tape.gradient(y, []) == []


# Derivatives that are zero by mathematics


def test_derivatives_of_constant_derivatives_are_zero():
    x = nn.asarray([1.0, 2.0])
    linear = lambda x: nn.sum(x * [2.0, 3.0])  # noqa: E731  (as users write it)
    assert nn.hessian(linear)(x).tolist() == [[0, 0], [0, 0]]
    assert nn.hvp(linear)(x, x).tolist() == [0, 0]
    assert nn.grad(lambda x: nn.sum(nn.grad(linear)(x)))(x).tolist() == [0, 0]
    assert nn.grad(lambda x: nn.sum(nn.grad(nn.grad(lambda x: x * x * 3))(x)))(2.0).item() == 0
    assert nn.jacobian(nn.grad(linear))(x).tolist() == [[0, 0], [0, 0]]
    assert nn.jacobian(nn.jacobian(lambda x: x * 2))(x).tolist() == [[[0, 0]] * 2] * 2
    assert nn.grad(lambda x: nn.sum(nn.grad(linear)(x) * x))(x).tolist() == [2, 3]
    assert (
        nn.hessian(lambda x: nn.sum(nn.relu(x) + nn.abs(x) + nn.floor(x) * x + nn.maximum(x, 0.5)))(x).sum().item() == 0
    )
    assert nn.hessian(lambda x, y: nn.sum(x * 2) + y, (0, 1))(x, 1.0)[1][0].tolist() == [0, 0]
    mixed = nn.hessian(lambda x, y: nn.sum(x) * y, (0, 1))(x, 1.0)
    assert [[block.tolist() for block in row] for row in mixed] == [[[[0, 0], [0, 0]], [1, 1]], [[1, 1], 0]]


def test_tapes_around_tapes_know_constant_derivatives():
    x = nn.Variable(3.0)
    with nn.GradientTape(persistent=True) as outer:
        with nn.GradientTape() as inner:
            y = x * 5
        slope = inner.gradient(y, x)
        z = slope * 2.0
    assert outer.gradient(z, x).item() == outer.gradient(slope, x).item() == 0
    with pytest.raises(GradientError):
        outer.gradient(z, nn.Variable(1.0))


@pytest.mark.parametrize("f", [nn.floor, nn.ceil, nn.round, nn.trunc, nn.sign, lambda x: nn.floor_divide(x, 2.0),
                               lambda x: nn.relu(-x), lambda x: nn.clip(x, 5.0, 6.0)])  # fmt: skip
def test_flat_functions_have_gradients_of_zero(f):
    assert nn.grad(lambda x: nn.sum(f(x)))([1.5, 2.5]).tolist() == [0, 0]
    assert nn.hessian(lambda x: nn.sum(f(x)))([1.5, 2.5]).tolist() == [[0, 0], [0, 0]]


def test_jacobians_of_constants_are_zero():
    x = nn.asarray([1.0, 2.0])
    for f in (lambda x: nn.ones(2), lambda x: nn.asarray([5.0, 6.0])):
        assert nn.jacobian(f)(x).tolist() == [[0, 0], [0, 0]]
    assert nn.hessian(lambda x: nn.asarray(5.0))(x).tolist() == [[0, 0], [0, 0]]
    assert nn.hvp(lambda x: nn.asarray(5.0))(x, x).tolist() == [0, 0]
    found = nn.jacobian(lambda x: {"a": x * 2, "b": nn.ones(1), "c": nn.argmax(x) * 1.0})(x)
    assert {k: g.tolist() for k, g in found.items()} == {"a": [[2, 0], [0, 2]], "b": [[0, 0]], "c": [0, 0]}


# fit


LOSSES = {
    "np.asarray": (lambda y, p: nn.asarray(np.asarray(p)) * 1.0, r"np.asarray\(\)"),
    "numpy number": (lambda y, p: np.mean(p.numpy() - y.numpy()), r"numpy\(\)"),
    "argmax": (lambda y, p: nn.argmax(p, axis=-1).astype("float32"), "argmax"),
    "comparison": (lambda y, p: nn.equal(nn.round(p), y).astype("float32"), "equal"),
    "labels alone": (lambda y, p: nn.mean(y, axis=-1), "no recorded operation"),
    "stop_gradient": (lambda y, p: nn.mean(nn.square(y - nn.stop_gradient(p)), axis=-1), "stop_gradient"),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_reaches_no_weight_is_an_error_of_fit(name):
    loss, why = LOSSES[name]
    x, y = np.ones((8, 3), np.float32), np.ones((8, 2), np.float32)
    model = nn.Sequential([nn.layers.Dense(2)])
    model.compile("sgd", loss)
    model(x)
    before = model.get_weights()
    with pytest.raises(GradientError, match=f"fit: the loss depends on none of the trainable weights: .*{why}"):
        model.fit(x, y, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    model.compile("sgd", "mse")
    model.fit(x, y, verbose=0)


class Cut(nn.layers.Layer):
    """A layer that works in NumPy: what comes before it cannot be trained."""

    def call(self, x):
        return nn.asarray(np.tanh(x.numpy()))


def test_a_layer_in_numpy_that_cuts_off_all_weights_is_an_error_of_fit():
    x, y = np.ones((8, 3), np.float32), np.ones((8, 2), np.float32)
    model = nn.Sequential([nn.layers.Dense(2), Cut()])
    model.compile("sgd", "mse")
    with pytest.raises(GradientError, match=r"numpy\(\)"):
        model.fit(x, y, verbose=0)
