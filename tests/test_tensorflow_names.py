"""`nn.nn` and `nn.math`: functions of numbanet under the names of TensorFlow, and those with its defaults."""

import inspect
import operator
import re

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError

X = np.random.default_rng(0).normal(size=(3, 4))
OWN = ("numbanet.compat",)
OTHER = {
    "is_finite": "isfinite",
    "is_inf": "isinf",
    "is_nan": "isnan",
    "embedding_lookup": "take",
    "avg_pool": "average_pool",
}


@pytest.mark.parametrize("module", [nn.nn, nn.math], ids=["nn", "math"])
def test_a_name_is_the_function_of_numbanet_or_one_of_its_own(module):
    for name in module.__all__:
        function = getattr(module, name)
        if not function.__module__.startswith(("numbanet.compat", "numbanet.ops.dropping")):
            assert function is getattr(nn, OTHER.get(name, name)), name


def test_no_name_is_left_out():
    for module in (nn.nn, nn.math):
        functions = {name for name, one in vars(module).items() if inspect.isfunction(one) and not name.startswith("_")}
        assert functions - {"no_attribute", "only", "without"} == set(module.__all__)


@pytest.mark.parametrize("module", [nn.nn, nn.math], ids=["nn", "math"])
def test_what_to_write_instead_is_there(module):
    for missing, said in module._MISSING.items():
        assert missing not in module.__all__
        with pytest.raises(AttributeError, match=f"has no {missing}: "):
            getattr(module, missing)
        for name in re.findall(r"\bnn((?:\.\w+)+)", said):
            assert callable(operator.attrgetter(name[1:])(nn)), name


def test_windows_of_images():
    """With the arguments of TensorFlow in their order, by position."""
    image, filters = X.reshape(1, 3, 4, 1), np.ones((2, 2, 1, 1))
    assert nn.nn.max_pool(image, 2, 1, "VALID").numpy()[0, 0, 0, 0] == X[:2, :2].max()
    np.testing.assert_allclose(nn.nn.avg_pool(image, 2, 1, "SAME").numpy()[0, 0, 0, 0], X[:2, :2].mean())
    np.testing.assert_allclose(nn.conv(image, filters, 1, "VALID").numpy()[0, 0, 0, 0], X[:2, :2].sum())
    assert nn.mean(nn.asarray(np.array([0.0, 1.0])) == 0) == 0.5


def test_losses_of_scores():
    z, labels = nn.asarray(X), np.array([1, 0, 3])
    p = np.exp(X) / np.exp(X).sum(1, keepdims=True)
    expected = -np.log(p[np.arange(3), labels])
    sparse = nn.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=z)
    np.testing.assert_allclose(sparse.numpy(), expected)
    hot = np.eye(4)[labels]
    np.testing.assert_allclose(nn.nn.softmax_cross_entropy_with_logits(labels=hot, logits=z).numpy(), expected)
    turned = nn.nn.softmax_cross_entropy_with_logits(labels=hot.T, logits=X.T, axis=0)
    np.testing.assert_allclose(turned.numpy(), expected)
    sigmoid = 1 / (1 + np.exp(-X))
    found = nn.nn.sigmoid_cross_entropy_with_logits(labels=hot.astype(int), logits=z)
    np.testing.assert_allclose(found.numpy(), -np.where(hot, np.log(sigmoid), np.log(1 - sigmoid)))
    for function in (nn.nn.softmax_cross_entropy_with_logits, nn.nn.sigmoid_cross_entropy_with_logits):
        nn.testing.check_grad(lambda z, f=function: f(labels=hot, logits=z), X)
        with pytest.raises(ShapeError):
            function(labels=hot[:2], logits=X)


def test_huge_scores_lose_nothing():
    found = nn.nn.sigmoid_cross_entropy_with_logits(labels=[0.0, 1.0], logits=[1000.0, 1000.0])
    assert found.numpy().tolist() == [1000, 0]


def test_normalized_vectors_and_moments():
    np.testing.assert_allclose(
        nn.nn.l2_normalize(X, axis=1).numpy(), X / np.linalg.norm(X, axis=1, keepdims=True), rtol=1e-12
    )
    assert nn.math.l2_normalize([0.0, 0.0]).numpy().tolist() == [0, 0]
    nn.testing.check_grad(lambda x: nn.nn.l2_normalize(x, axis=-1), X)
    mean, variance = nn.nn.moments(X, axes=[0], keepdims=True)
    np.testing.assert_allclose(mean.numpy(), X.mean(0, keepdims=True))
    np.testing.assert_allclose(variance.numpy(), X.var(0, keepdims=True))


def test_the_first_axis_is_the_one():
    np.testing.assert_array_equal(nn.math.argmax(X).numpy(), X.argmax(0))
    np.testing.assert_array_equal(nn.math.argmin(X, 1).numpy(), X.argmin(1))
    np.testing.assert_allclose(nn.math.cumsum(X).numpy(), X.cumsum(0))
    np.testing.assert_allclose(nn.math.cumprod(X, -1).numpy(), X.cumprod(1))


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("exclusive", [False, True])
def test_running_totals(axis, reverse, exclusive):
    x = np.flip(X, axis) if reverse else X
    for name, neutral in (("cumsum", 0), ("cumprod", 1)):
        expected = getattr(np, name)(x, axis)
        if exclusive:
            first = np.full_like(np.take(expected, [0], axis), neutral)
            expected = np.delete(np.concatenate([first, expected], axis), -1, axis)
        expected = np.flip(expected, axis) if reverse else expected
        function = getattr(nn.math, name)
        options = {"axis": axis, "reverse": reverse, "exclusive": exclusive}
        np.testing.assert_allclose(function(X, **options).numpy(), expected)
        nn.testing.check_grad(lambda x, f=function, o=options: f(x, **o), X)


def test_nothing_is_divided_by_zero():
    x, y = nn.asarray([1.0, 4.0]), nn.asarray([0.0, 2.0])
    assert nn.math.divide_no_nan(x, y).numpy().tolist() == [0, 2]
    by_x, by_y = nn.grad(lambda x, y: nn.sum(nn.math.divide_no_nan(x, y)), (0, 1))(x, y)
    assert by_x.numpy().tolist() == [0, 0.5]
    assert by_y.numpy().tolist() == [0, -1]


def test_other_functions():
    np.testing.assert_allclose(nn.math.squared_difference(X, 1.0).numpy(), (X - 1) ** 2)
    np.testing.assert_allclose(nn.math.log_sigmoid(X).numpy(), -np.log1p(np.exp(-X)))
    nn.testing.check_grad(nn.math.log_sigmoid, X)


def test_confusion_matrices():
    found = nn.math.confusion_matrix([0, 1, 1], [2, 0, 0])
    assert found.numpy().tolist() == [[0, 0, 1], [2, 0, 0], [0, 0, 0]]
    assert nn.math.confusion_matrix([0], [1], num_classes=4).shape == (4, 4)
    assert nn.math.confusion_matrix([0], [1], weights=[0.5]).numpy().tolist() == [[0, 0.5], [0, 0]]
    with pytest.raises(ArgumentError, match="class 3 is outside the 2 classes 0 to 1"):
        nn.math.confusion_matrix([0], [3], num_classes=2)
    with pytest.raises(ArgumentError, match="from 0, got -1"):
        nn.math.confusion_matrix([0], [-1])
    with pytest.raises(ShapeError, match="two vectors of one length"):
        nn.math.confusion_matrix([0, 1], [1])
