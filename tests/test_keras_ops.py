"""`nn.ops`: the names of Keras's `keras.ops`, what each of them computes, and what is said of the rest."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import numbanet as nn
import numbanet.ops
from numbanet.compat import keras
from numbanet.compat.keras.instead import INSTEAD
from numbanet.errors import ArgumentError, DTypeError, ShapeError
from tests.keras_ops_page import SECTIONS

NAMES = {name for section in SECTIONS.values() for name in section.split()}
X = np.random.default_rng(0).normal(size=(3, 4))
Y = np.random.default_rng(1).normal(size=(3, 4))
WHOLE = np.array([[6, 4, 2], [9, 3, 5]])


def same(found, expected, rtol=1e-12):
    if isinstance(expected, (tuple, list)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other, rtol)
    else:
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(np.asarray(found), expected, rtol=rtol, atol=1e-12)


# Names


def test_each_name_is_there_or_told():
    assert set(keras.__all__) | set(INSTEAD) == NAMES
    assert not set(keras.__all__) & set(INSTEAD)
    assert dir(nn.ops) == sorted(keras.__all__)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_name_gives_a_function_or_an_error_that_says_what_to_write(name):
    if name in INSTEAD:
        with pytest.raises(AttributeError, match=f"nn.ops has no {name}: "):
            getattr(nn.ops, name)
    else:
        assert callable(getattr(nn.ops, name))


@pytest.mark.parametrize("name", sorted(keras.__all__))
def test_a_function_is_documented_and_typed(name):
    function = getattr(nn.ops, name)
    assert (
        ">>> import numbanet as nn" in function.__doc__ or ">>> import numpy as np, numbanet as nn" in function.__doc__
    )
    signature = inspect.signature(function)
    assert signature.return_annotation is not signature.empty
    assert all(one.annotation is not one.empty for one in signature.parameters.values())


def test_an_unknown_name_has_the_nearest():
    with pytest.raises(AttributeError, match="did you mean 'matmul'"):
        nn.ops.matmull  # noqa: B018  (asked for)


def test_functions_that_are_the_same_are_no_copies():
    for name in ("sum", "matmul", "relu", "exp", "reshape", "einsum", "stack", "tensordot"):
        assert getattr(nn.ops, name) is getattr(nn, name)
    assert nn.ops.concatenate is nn.concat
    assert nn.ops.cast is nn.astype
    assert nn.ops.cholesky is nn.linalg.cholesky


PARTS = [found.name for found in pkgutil.iter_modules(numbanet.ops.__path__)]


def test_its_modules_are_known():
    """Others would be looked for among all functions of Keras first, which loads these."""
    assert sorted((*numbanet.ops._DECLARED, *numbanet.ops._HELPERS)) == sorted(PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_its_modules_are_internal(name):
    module = importlib.import_module(f"numbanet.ops.{name}")
    assert sys.modules[f"numbanet.ops.{name}"] is module
    if name in ("conv", "einsum"):  # which are functions, too
        assert getattr(nn.ops, name) is getattr(nn, name)
    else:
        with pytest.raises(AttributeError):
            getattr(nn.ops, name)


@pytest.mark.parametrize(
    "line",
    ["from numbanet.ops import relu, einsum", "import numbanet.ops as ops; relu = ops.relu; einsum = ops.einsum"],
)
def test_functions_are_imported_in_every_way(line):
    script = f"{line}\nimport numbanet as nn\nassert relu is nn.relu and einsum is nn.einsum\n"
    script += "from numbanet.ops import reduce\nimport numbanet.ops.sorting\nassert reduce.sum is nn.sum"
    subprocess.run([sys.executable, "-c", script], check=True)


# From NumPy: (name, arguments, the name in NumPy if it is another one, whether the first has a gradient)

NUMPY = [
    ("cbrt", (X,), True),
    ("deg2rad", (X,), True),
    ("exp2", (X,), True),
    ("isneginf", (np.array([-np.inf, 1, np.inf]),), False),
    ("isposinf", (np.array([-np.inf, 1, np.inf]),), False),
    ("isreal", (X,), False),
    ("gcd", (WHOLE, 6), False),
    ("lcm", (WHOLE, 6), False),
    ("heaviside", (X, 0.5), False),
    ("inner", (X, Y), True),
    ("kron", (X, Y), True),
    ("logaddexp2", (X, Y), True),
    ("vdot", (X, Y), True),
    ("append", (X, Y), True),
    ("append", (X, Y, 1), True),
    ("array_split", (X, 2, 1), False),
    ("array_split", (X, 2), False),
    ("average", (X,), True),
    ("average", (X, 1, np.arange(1.0, 5)), True),
    ("corrcoef", (X,), True),
    ("cross", (X[:, :3], Y[:, :3]), True),
    ("diag", (X[0],), True),
    ("diag", (X, 1), True),
    ("diagflat", (X, -1), True),
    ("diff", (X,), True),
    ("diff", (X, 2, 0), True),
    ("digitize", (X, [-1.0, 0.0, 1.0]), False),
    ("dstack", ([X, Y],), False),
    ("histogram", (X, 4), False),
    ("histogram", (X, 4, (-1, 1)), False),
    ("isclose", (X, X + 1e-9), False),
    ("isclose", (X, X + 1e-3, 1e-2), False),
    ("isin", (WHOLE, [2, 3]), False),
    ("isin", (WHOLE, [2, 3], False, True), False),
    ("ldexp", (X, WHOLE[0, 0]), True),
    ("linspace", (0.0, 1.0), False),
    ("linspace", (0.0, 1.0, 5, False), False),
    ("linspace", (0.0, 1.0, 5, True, True), False),
    ("nan_to_num", (np.array([np.nan, np.inf, -np.inf, 1.0]),), False),
    ("nanmax", (X, 0), True),
    ("nanmean", (X, 1), True),
    ("nanmin", (X,), True),
    ("nanprod", (X, 0), True),
    ("nansum", (X, (0, 1)), True),
    ("ptp", (X, 1), True),
    ("pad", (X, 1), True),
    ("pad", (X, ((1, 0), (0, 2)), "reflect"), True),
    ("quantile", (X, 0.3), True),
    ("quantile", (X, [0.1, 0.9], 1), True),
    ("rot90", (X,), True),
    ("rot90", (X, 3, (1, 0)), True),
    ("round", (X,), False),
    ("round", (X, 1), False),
    ("searchsorted", (np.arange(5.0), X), False),
    ("searchsorted", (np.arange(5), [1, 2], "right"), False),
    ("select", ([X > 1, X > 0], [X, Y], 7.0), False),
    ("size", (X,), False),
    ("take", (X, [3, 7]), True),
    ("take", (X, [2, 0], 1), True),
    ("take_along_axis", (X, X.argsort(1), 1), True),
    ("take_along_axis", (X, np.array([3, 2]), None), False),
    ("trapezoid", (X,), True),
    ("trapezoid", (X, np.arange(4.0) ** 2), True),
    ("tri", (3,), False),
    ("tri", (3, 4, 1), False),
    ("tril", (X, 1), True),
    ("triu", (X, -1), True),
    ("unravel_index", ([3, 7], (3, 4)), False),
    ("vander", (X[0],), True),
    ("vander", (X[0], 3, True), True),
    ("vsplit", (X, 3), False),
    ("where", (X > 0, X, Y), False),
    ("where", (X > 0,), False),
    ("identity", (3,), False),
    ("bartlett", (5,), False),
    ("blackman", (5,), False),
    ("hamming", (5,), False),
    ("hanning", (5,), False),
    ("kaiser", (5, 2.0), False),
]


@pytest.mark.parametrize(("name", "arguments", "gradient"), NUMPY)
def test_functions_from_numpy(name, arguments, gradient):
    function = getattr(nn.ops, name)
    windows = ("bartlett", "blackman", "hamming", "hanning", "kaiser", "linspace")
    same(function(*arguments), getattr(np, name)(*arguments), 2e-6 if name in windows else 1e-12)
    if gradient:
        nn.testing.check_grad(lambda x: function(x, *arguments[1:]), arguments[0])


def test_logspace_get_item_and_argpartition():
    same(nn.ops.logspace(0, 2, 3), np.array([1, 10, 100.0]), 1e-6)
    same(nn.ops.get_item(X, (slice(None), 1)), X[:, 1])
    same(np.take_along_axis(X, nn.ops.argpartition(X, 1).numpy(), -1), np.sort(X))


def test_named_parameters_are_those_of_keras():
    same(nn.ops.pad(X, pad_width=1, mode="constant", constant_values=2.0), np.pad(X, 1, constant_values=2.0))
    special = np.array([np.nan, np.inf, -np.inf, 1.0])
    same(nn.ops.nan_to_num(special, nan=2.0, posinf=3.0, neginf=4.0), np.array([2.0, 3, 4, 1]))
    same(nn.ops.diff(a=X, n=1, axis=0), np.diff(X, axis=0))
    same(nn.ops.nansum(x=X, axis=0, keepdims=True), X.sum(0, keepdims=True))
    same(nn.ops.where(X > 0, x1=X, x2=0.0), np.maximum(X, 0))
    same(nn.ops.eye(2, 3, 1), np.eye(2, 3, 1))
    same(nn.ops.clip(X, -1, 1), X.clip(-1, 1))


# Activations and losses: (name, arguments, what it is in NumPy)

SIGMOID = 1 / (1 + np.exp(-X))
FORMULAS = [
    ("celu", (X, 0.7), np.where(X > 0, X, 0.7 * np.expm1(X / 0.7))),
    ("gelu", (X,), 0.5 * X * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3)))),
    ("glu", (X,), X[:, :2] * SIGMOID[:, 2:]),
    ("hard_shrink", (X,), np.where(np.abs(X) > 0.5, X, 0)),
    ("soft_shrink", (X,), np.sign(X) * np.maximum(np.abs(X) - 0.5, 0)),
    ("hard_sigmoid", (X * 4,), np.clip(X * 4 / 6 + 0.5, 0, 1)),
    ("hard_silu", (X * 4,), X * 4 * np.clip(X * 4 / 6 + 0.5, 0, 1)),
    ("hard_swish", (X * 4,), X * 4 * np.clip(X * 4 / 6 + 0.5, 0, 1)),
    ("hard_tanh", (X,), np.clip(X, -1, 1)),
    ("relu6", (X * 5,), np.clip(X * 5, 0, 6)),
    ("softsign", (X,), X / (1 + np.abs(X))),
    ("sparse_plus", (X,), np.where(X <= -1, 0, np.where(X < 1, (X + 1) ** 2 / 4, X))),
    ("sparse_sigmoid", (X,), np.clip((X + 1) / 2, 0, 1)),
    ("squareplus", (X,), (X + np.sqrt(X**2 + 4)) / 2),
    ("tanh_shrink", (X,), X - np.tanh(X)),
    ("threshold", (X, 0.2, -3.0), np.where(X > 0.2, X, -3.0)),
    ("log_sigmoid", (X,), np.log(SIGMOID)),
    ("normalize", (X,), X / np.linalg.norm(X, axis=-1, keepdims=True)),
    ("normalize", (X, 0, 3), X / np.linalg.norm(X, 3, axis=0, keepdims=True)),
    ("layer_normalization", (X,), (X - X.mean(-1, keepdims=True)) / np.sqrt(X.var(-1, keepdims=True) + 1e-7)),
    ("rms_normalization", (X, Y[0]), X / np.sqrt((X**2).mean(-1, keepdims=True) + 1e-7) * Y[0]),
    ("psnr", (X, Y, 2.0), 10 * np.log10(4 / ((X - Y) ** 2).mean())),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), FORMULAS)
def test_activations_and_normalizations(name, arguments, expected):
    function = getattr(nn.ops, name)
    same(function(*arguments), expected)
    nn.testing.check_grad(lambda x: function(x, *arguments[1:]), arguments[0])
    whole = WHOLE if name != "glu" else WHOLE[:, :2]
    if name not in ("rms_normalization", "psnr"):
        assert function(whole, *arguments[1:]).dtype.kind in "if"


def test_gelu_can_be_exact():
    assert nn.ops.gelu(X, approximate=False).numpy().tolist() == nn.gelu(X).numpy().tolist()


def test_vectors_of_zeros_have_gradients():
    for order in (1, 2, 3):
        found = nn.grad(lambda x, p=order: nn.sum(nn.ops.normalize(x, order=p)))(np.zeros(3))
        assert np.isfinite(found.numpy()).all()


def test_batch_normalization():
    mean, variance, scale, offset = X[0], X[1] ** 2, X[2], Y[0]
    expected = (Y - mean) / np.sqrt(variance + 1e-3) * scale + offset
    same(nn.ops.batch_normalization(Y, mean, variance, -1, offset=offset, scale=scale), expected)
    same(nn.ops.batch_normalization(Y.T, mean, variance, 0), ((Y - mean) / np.sqrt(variance + 1e-3)).T)
    with pytest.raises(ShapeError, match="vectors must have 4 elements"):
        nn.ops.batch_normalization(Y, mean[:3], variance, -1)


@pytest.mark.parametrize("axis", [-1, 0])
def test_losses(axis):
    z = X if axis == -1 else X.T
    p = np.exp(z) / np.exp(z).sum(axis, keepdims=True)
    labels = np.array([1, 0, 3])
    hot = np.eye(4)[labels] if axis == -1 else np.eye(4)[labels].T
    expected = -(hot * np.log(p)).sum(axis)
    for output, scores in ((z, True), (p, False), (3 * p, False)):
        same(nn.ops.categorical_crossentropy(hot, output, scores, axis), expected)
        same(nn.ops.sparse_categorical_crossentropy(labels, output, scores, axis), expected)
    nn.testing.check_grad(lambda z: nn.ops.sparse_categorical_crossentropy(labels, z, True, axis), z)
    same(nn.ops.sparse_categorical_crossentropy(np.expand_dims(labels, axis), z, True, axis), expected)
    with pytest.raises(ArgumentError, match="label 4 is none of the 4 classes 0 to 3"):
        nn.ops.sparse_categorical_crossentropy([0, 1, 4], z, axis=axis)


def test_binary_losses_are_of_elements():
    hot = (Y > 0).astype(int)
    expected = -np.where(hot, np.log(SIGMOID), np.log(1 - SIGMOID))
    same(nn.ops.binary_crossentropy(hot, X, from_logits=True), expected)
    same(nn.ops.binary_crossentropy(hot, SIGMOID), expected)
    with pytest.raises(ShapeError, match="must be of one shape"):
        nn.ops.binary_crossentropy(hot[:2], X)


def test_labels_as_zeros_and_ones():
    same(nn.ops.one_hot([1, 0], 3), np.eye(3)[[1, 0]])
    same(nn.ops.one_hot([1, 0], 3, axis=0), np.eye(3)[[1, 0]].T)
    assert nn.ops.one_hot([1], 3, dtype="int32").dtype == np.int32
    same(nn.ops.multi_hot([[0, 2], [1, 1]], 4), np.array([[1, 0, 1, 0], [0, 1, 0, 0.0]]))


# Core


def test_conversions():
    assert type(nn.ops.convert_to_numpy(nn.asarray(X))) is np.ndarray
    assert nn.ops.dtype(X) == "float64"
    assert nn.ops.is_tensor(nn.Variable(1.0))
    assert not nn.ops.is_tensor(X)
    assert nn.ops.copy(nn.asarray(X)).shape == X.shape


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint64"])
def test_what_does_not_fit_is_cut_off(dtype):
    limits = np.iinfo(dtype)
    for values in (np.array([-1e30, -1.0, 1.0, 1e30]), np.array([-1e30, -1.0, 1.0, 1e30], np.float32)):
        found = nn.ops.saturate_cast(values, dtype).numpy()
        assert found.dtype == dtype
        assert found[0] == limits.min
        assert found[2] == 1
        assert limits.max * 0.999 <= float(found[3]) <= limits.max
    found = nn.ops.saturate_cast(np.array([-(2**62), 2**62]), dtype).numpy()
    assert [int(one) for one in found] == [max(-(2**62), limits.min), min(2**62, limits.max)]


def test_floating_numbers_are_cut_off_too():
    assert nn.ops.saturate_cast(np.array([1e300]), "float32").numpy()[0] == np.finfo(np.float32).max


def test_conditions_and_loops():
    x = nn.asarray(3.0)
    assert nn.ops.cond(x > 2, lambda: "yes", lambda: "no") == "yes"
    assert [nn.ops.switch(i, [lambda v: v, lambda v: -v], 5) for i in (-1, 0, 1, 9)] == [5, 5, -5, -5]
    assert nn.ops.fori_loop(0, 3, lambda i, v: v * 2 + i, x).item() == 28
    assert nn.ops.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 2), (0, x))[1].item() == 24
    assert nn.ops.while_loop(lambda v: v < 100, lambda v: v * 2, x, maximum_iterations=2).item() == 12
    same(nn.ops.map(lambda row: row * 2, X), X * 2)
    assert nn.grad(lambda x: nn.ops.fori_loop(0, 3, lambda i, v: v * x, x))(x).item() == 4 * 27
    with pytest.raises(ShapeError, match="map: needs an array with parts"):
        nn.ops.map(lambda v: v, 1.0)


def test_parts():
    same(nn.ops.unstack(X, axis=1), list(X.T))
    with pytest.raises(ArgumentError, match="num is 2, but there are 3 parts"):
        nn.ops.unstack(X, 2)
    same(nn.ops.slice(X, (1, 0), (2, 3)), X[1:3, :3])
    changed = X.copy()
    changed[1:3, :3] = Y[:2, :3]
    same(nn.ops.slice_update(X, (1, 0), Y[:2, :3]), changed)
    for function, argument in ((nn.ops.slice, (3, 3)), (nn.ops.slice_update, X[:, :3])):
        with pytest.raises(ShapeError, match="does not lie in"):
            function(X, (1, 0), argument)
    with pytest.raises(ShapeError, match="need the 2 dimensions"):
        nn.ops.slice(X, (1,), (1,))


def test_scatters():
    indices = [[0, 1], [2, 3], [0, 1]]
    expected = np.zeros((3, 4))
    np.add.at(expected, tuple(np.transpose(indices)), [1.0, 2, 3])
    same(nn.ops.scatter(indices, [1.0, 2.0, 3.0], (3, 4)), expected)
    same(nn.ops.scatter([[2], [0]], X[:2], (3, 4)), np.stack([X[1], np.zeros(4), X[0]]))
    changed = X.copy()
    changed[0, 1], changed[2, 3] = 7, 8
    same(nn.ops.scatter_update(X, indices[:2], np.array([7.0, 8.0])), changed)
    same(nn.grad(lambda v: nn.sum(nn.ops.scatter(indices, v, (3, 4)) ** 2))(np.ones(3)), np.array([4.0, 2, 4]))
    with pytest.raises(ShapeError, match="do not fit the shape"):
        nn.ops.scatter(indices, [1.0], (3, 4))
    with pytest.raises(DTypeError, match="indices must be integers"):
        nn.ops.scatter([[0.5]], [1.0], (3,))


def test_largest_and_segments():
    values, places = nn.ops.top_k(X, 2, sorted=False)
    same(values, -np.sort(-X)[:, :2])
    same(np.take_along_axis(X, places.numpy(), 1), values.numpy())
    predictions = [[0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.2, np.inf, 0.1]]
    assert nn.ops.in_top_k([2, 0, 1], predictions, 2).numpy().tolist() == [True, True, False]
    for target in (-1, 3):
        with pytest.raises(ArgumentError, match=f"in_top_k: label {target} is none"):
            nn.ops.in_top_k([2, 0, target], predictions, 2)
    same(nn.ops.segment_sum(X, [1, 0, 1]), np.stack([X[1], X[0] + X[2]]))
    assert nn.ops.segment_sum(X, [1, 0, 1], num_segments=5).shape == (5, 4)
    with pytest.raises(ArgumentError, match="not within 1 segments"):
        nn.ops.segment_sum(X, [1, 0, 1], num_segments=1)
    same(nn.ops.logdet(X @ X.T), np.linalg.slogdet(X @ X.T)[1], 1e-9)
