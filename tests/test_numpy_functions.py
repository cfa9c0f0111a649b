"""NumPy's functions on tensors: each does what it does on arrays, with a gradient where there is one, or is refused."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.table import NUMPY_FUNCTIONS
from numbanet.errors import DTypeError
from numbanet.numpy_functions import GRADIENT
from numbanet.tensor.refusals import ADVICE, numpy_function, refusal
from tests import numpy_table
from tests.numpy_calls import CALLS, Call, Flat

nn.ops  # noqa: B018  (fills the table)
ROWS = numpy_table.rows()
KNOWN = {row.name: row for row in ROWS}
CASES = [
    pytest.param(name, call, id=f"{name}-{i}")
    for name, calls in CALLS.items()
    for i, call in enumerate(calls)
    if numpy_function(name) is not None
]
NOT_COMPARED = {"may_share_memory", "shares_memory"}
"""What NumPy says of memory is asked of tensors below."""


def as_tensors(x):
    """Arguments with tensors in place of arrays."""
    if isinstance(x, np.ndarray):
        return nn.asarray(x)
    if isinstance(x, (list, tuple)):
        return type(x)(as_tensors(part) for part in x)
    return x


def leaves(x):
    """The arrays and other values of a result, in order."""
    return [leaf for part in x for leaf in leaves(part)] if isinstance(x, (list, tuple)) else [x]


def compare(found, expected):
    """The same numbers, shape and kind of dtype; numbanet keeps floats and makes float32 of integers."""
    if not isinstance(expected, (np.ndarray, np.generic)):
        assert found == expected or (isinstance(found, nn.Tensor) and found.item() == expected)
        return
    found = np.asarray(found)
    assert found.shape == np.shape(expected)
    assert found.dtype.kind == expected.dtype.kind
    tolerance = 1e-12 if found.dtype == np.float64 else 2e-6
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("name", "call"), CASES)
def test_it_does_on_tensors_what_it_does_on_arrays(name, call):
    function = numpy_function(name)
    with np.errstate(all="ignore"):
        expected = function(*call.args, **call.options)
    found = function(*as_tensors(call.args), **{key: as_tensors(value) for key, value in call.options.items()})
    if name in NOT_COMPARED:
        return
    if name.startswith("array") and isinstance(expected, str):
        assert found == expected
        return
    assert len(leaves(found)) == len(leaves(expected))
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        compare(one, other)
        if isinstance(other, np.ndarray) and not name.startswith("atleast"):
            assert isinstance(one, nn.Tensor)


def is_floating(x):
    return isinstance(x, np.ndarray) and x.dtype == np.float64


DIFFERENTIABLE = [
    param
    for param in CASES
    if KNOWN[param.values[0]].kind == GRADIENT
    and not param.values[1].names_float32()
    and not isinstance(param.values[1], Flat)
    and any(map(is_floating, leaves(param.values[1].args)))
    and not any(np.isnan(x).any() for x in leaves(param.values[1].args) if isinstance(x, np.ndarray))
]


@pytest.mark.parametrize(("name", "call"), DIFFERENTIABLE)
def test_its_gradient_is_that_of_differences(name, call):
    function, flat = numpy_function(name), leaves(call.args)
    floating = [i for i, x in enumerate(flat) if is_floating(x)]

    def with_tensors(x, given):
        if isinstance(x, (list, tuple)):
            return type(x)(with_tensors(part, given) for part in x)
        return next(given) if is_floating(x) else x

    def of_floats(*tensors):
        result = leaves(function(*with_tensors(call.args, iter(tensors)), **call.options))
        kept = [x for x in result if isinstance(x, (nn.Tensor, np.ndarray)) and x.dtype.kind == "f"]
        return nn.concat([nn.reshape(x, (-1,)) for x in kept])

    of_floats.__name__ = name.replace(".", "_")
    nn.testing.check_grad(of_floats, *[flat[i] for i in floating])


def test_every_function_with_an_adapter_has_a_call_here():
    assert {row.name for row in ROWS if row.kind != "refused"} <= set(CALLS)


@pytest.mark.parametrize("name", [row.name for row in ROWS if row.kind == "refused"])
def test_what_is_refused_says_what_to_write_instead(name):
    advice = str(refusal(numpy_function(name)))
    assert advice.startswith(f"np.{name} is not supported on numbanet tensors; ")
    for module, attribute in re.findall(r"\b(nn|np)\.([A-Za-z_]\w*(?:\.\w+)*)", advice.split(";", 1)[1]):
        found = {"nn": nn, "np": np}[module]
        for part in attribute.split("."):
            found = getattr(found, part)
        if module == "np" and attribute != "asarray":
            assert KNOWN[attribute].kind != "refused"


@pytest.mark.parametrize("name", sorted(ADVICE))
def test_advice_is_for_functions_that_numpy_has_and_tensors_refuse(name):
    function = numpy_function(name)
    assert function is None or function not in NUMPY_FUNCTIONS


def test_ufuncs_of_scipy_are_refused_with_the_function_of_numbanet():
    special = pytest.importorskip("scipy.special", reason="SciPy is in the test extra")
    for ufunc, name in ((special.erf, "nn.erf"), (special.expit, "nn.sigmoid"), (special.gamma, "np.asarray")):
        with pytest.raises(DTypeError, match=name):
            ufunc(nn.ones(2))


def test_refused_functions_raise_the_advice():
    t = nn.ones((2, 2))
    with pytest.raises(DTypeError, match=r"np\.linalg\.eig is not supported.*eigh"):
        np.linalg.eig(t)
    with pytest.raises(DTypeError, match=r"np\.putmask is not supported.*nn\.where"):
        np.putmask(t, t > 0, 1)
    with pytest.raises(DTypeError, match=r"np\.add with out is not supported.*a = a \+ t"):
        np.add(np.ones((2, 2)), t, out=np.ones((2, 2)))
    with pytest.raises(DTypeError, match=r"np\.add\.at is not supported"):
        np.add.at(t, [0], 1)


SIGNATURES = [row.name for row in ROWS if row.kind != "refused" and not isinstance(numpy_function(row.name), np.ufunc)]


@pytest.mark.parametrize("name", SIGNATURES)
def test_its_parameters_are_numpys(name):
    function = numpy_function(name)
    try:
        theirs = inspect.signature(function).parameters
    except ValueError:
        pytest.skip("this NumPy tells no signature")
    ours = inspect.signature(NUMPY_FUNCTIONS[function]).parameters
    if any(p.kind is p.VAR_KEYWORD for p in ours.values()) and len(ours) == 2:
        return  # computed by NumPy itself
    names = [n for n, p in theirs.items() if p.kind not in (p.VAR_KEYWORD, p.POSITIONAL_ONLY)]
    assert [n for n in names if n not in ours] == []
    for n in names:
        theirs_first = theirs[n].default
        if theirs[n].kind is not theirs[n].VAR_POSITIONAL and theirs_first is not inspect.Parameter.empty:
            assert ours[n].default is not inspect.Parameter.empty, f"{n} is optional in NumPy"
    positional = [n for n in names if theirs[n].kind is theirs[n].POSITIONAL_OR_KEYWORD]
    assert [n for n in ours if n in positional] == positional


OUT = ["sum", "mean", "max", "std", "cumsum", "dot", "concatenate", "take", "clip", "round", "trace", "median"]


@pytest.mark.parametrize("name", OUT)
def test_arguments_without_a_meaning_for_tensors_are_refused_by_name(name):
    t, args = nn.ones((2, 2)), {"dot": [np.ones((2, 2))], "take": [0], "clip": [0, 1]}.get(name, [])
    first = [t, t] if name == "concatenate" else t
    with pytest.raises(DTypeError, match=rf"np\.{name}.*out"):
        numpy_function(name)(first, *args, out=np.ones((2, 2)))


@pytest.mark.parametrize("options", [{"where": True}, {"initial": 3}, {"where": "mask"}, {"where": "mask", "axis": 0}])
@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "mean", "any", "all"])
def test_reductions_take_where_and_initial(name, options):
    x = np.array([[1.0, -2.0, 3.0], [0.0, 5.0, -6.0]])
    if name in ("mean", "any", "all"):
        options = {key: value for key, value in options.items() if key != "initial"}
    elif options.get("where") == "mask" and name in ("max", "min"):
        options = {**options, "initial": 0.5}
    if options.get("where") == "mask":
        options = {**options, "where": x > -3}
    compare(getattr(np, name)(nn.asarray(x), **options), getattr(np, name)(x, **options))


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.minimum, np.logical_and, np.logical_or])
def test_methods_of_ufuncs(ufunc):
    x, y = np.array([[1.0, -2.0, 3.0], [0.0, 5.0, -6.0]]), np.array([2.0, 0.5])
    t = nn.asarray(x)
    for options in ({}, {"axis": 1}, {"axis": None}, {"axis": 1, "keepdims": True}):
        compare(ufunc.reduce(t, **options), np.asarray(ufunc.reduce(x, **options)))
    compare(ufunc.outer(t, nn.asarray(y)), ufunc.outer(x, y))
    if ufunc in (np.add, np.multiply):
        compare(ufunc.accumulate(t), ufunc.accumulate(x))
        compare(ufunc.accumulate(t, 1), ufunc.accumulate(x, 1))


METHODS = {
    "all": (), "any": (), "argsort": (), "clip": (-1, 1), "copy": (), "cumprod": (), "cumsum": (1,), "diagonal": (1,),
    "dot": (np.ones(3),), "flatten": (), "nonzero": (), "prod": (0,), "ravel": ("F",), "repeat": (2, 1), "round": (1,),
    "squeeze": (), "std": (), "swapaxes": (0, 1), "take": ([1, 4],), "trace": (), "var": (0,), "conj": (),
    "conjugate": (), "sum": (), "mean": (0,), "max": (), "min": (1,), "argmax": (), "argmin": (0,), "tolist": (),
    "__divmod__": (2.0,),
}  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_those_of_arrays(name):
    x = np.array([[1.26, -2.0, 3.0], [0.5, 5.0, -6.0]])
    for tensor in (nn.asarray(x), nn.Variable(x)):
        found = getattr(tensor, name)(*METHODS[name])
        for one, other in zip(leaves(found), leaves(getattr(x, name)(*METHODS[name])), strict=True):
            compare(one, other)


def test_attributes_are_those_of_arrays():
    x = np.array([[1.0, -2.0]])
    t = nn.asarray(x)
    assert (t.itemsize, t.nbytes) == (x.itemsize, x.nbytes)
    assert (t.real.tolist(), t.imag.tolist()) == (x.real.tolist(), x.imag.tolist())
    assert round(nn.asarray(2.5)) == 2
    assert round(nn.asarray(2.26), 1).item() == pytest.approx(2.3)
    assert [part.item() for part in divmod(7.0, nn.asarray(2.0))] == [3.0, 1.0]


def test_the_values_of_tensors_are_saved(tmp_path):
    t = nn.asarray([[1.5, 2.5]])
    np.save(tmp_path / "a.npy", t)
    np.savez(tmp_path / "b.npz", t=t)
    np.savez_compressed(tmp_path / "c.npz", t=t)
    np.savetxt(tmp_path / "d.txt", t)
    assert np.load(tmp_path / "a.npy").tolist() == t.tolist()
    for name in ("b.npz", "c.npz"):
        with np.load(tmp_path / name) as file:
            assert file["t"].tolist() == t.tolist()
    assert np.loadtxt(tmp_path / "d.txt").tolist() == t.tolist()[0]


def test_shared_memory_is_seen():
    x = np.ones(3)
    t = nn.asarray(x)
    assert np.shares_memory(t, x)
    assert np.may_share_memory(t, t)
    assert not np.shares_memory(t, x.copy())
    assert np.empty_like(t).shape == (3,)


def test_atleast_gives_arrays_that_can_be_written_to_but_where_a_gradient_would_be_lost():
    t = nn.asarray([1.0, 2.0])
    array = np.atleast_1d(t)
    assert type(array) is np.ndarray
    array[0] = 5
    assert t.tolist() == [1.0, 2.0]
    found = nn.grad(lambda x: nn.sum(np.atleast_2d(x * x)))(t)
    assert found.tolist() == [2.0, 4.0]
    v = nn.Variable([1.0, 2.0])
    with nn.GradientTape() as tape:
        y = nn.sum(np.atleast_1d(v) ** 3)
    assert tape.gradient(y, v).tolist() == [3.0, 12.0]
    replayed = nn.function(lambda x: np.atleast_1d(x) * 2)
    for k in (1.0, 2.0, 3.0):
        assert replayed(nn.asarray([k])).tolist() == [2 * k]


def test_a_fill_value_keeps_its_gradient():
    assert nn.grad(lambda x: nn.sum(np.full_like(nn.ones(3), x)))(2.0).item() == 3.0
    assert nn.grad(lambda x: nn.sum(nn.full((2, 2), x)))(2.0).item() == 4.0


@pytest.mark.parametrize("x", [np.array([np.nan, 1.0, 2.0]), np.array([np.inf, -np.inf, 1.0, 2.0]), np.array([[1.0]])])
@pytest.mark.parametrize(
    "name", ["median", "nan_to_num", "fmax", "nanmax", "ptp", "sinc", "modf", "heaviside", "round"]
)
def test_special_values(name, x):
    args = [x, 0.5] if name in ("fmax", "heaviside") else [x]
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(*args)
        found = getattr(np, name)(nn.asarray(x), *args[1:])
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_array_equal(np.asarray(one), other)


def test_the_page_is_fresh():
    page = Path(__file__).parent.parent / "docs" / "numpy_functions.md"
    text = page.read_text("utf-8")
    if numpy_table.version() not in text:
        pytest.skip("the page is written with another NumPy")
    assert text == numpy_table.page(), "write it anew: python -m tests.numpy_table"


def test_calls_are_not_empty():
    assert sum(map(len, CALLS.values())) > 300
    assert isinstance(CALLS["sum"][0], Call)
