"""The bodies compiled ahead of time: nothing is left out, nothing has drifted, and results are those of Numba."""

import ast
import inspect
import itertools
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numbanet.backends import select as backends
from numbanet.backends.cython import generate
from numbanet.backends.cython.backend import VARIANTS, CythonBackend
from numbanet.launching.launch import Kernel
from numbanet.loops import arithmetic, dot, functions, normalization, optimizers, reduce

BODIES = {(module, body.name): body for module in generate.MODULES for body in generate.declared(module)}
ELEMENTWISE = ("arithmetic", "functions", "optimizers")


def module_of(name):
    inside = generate.MODULES[name].relative_to(generate.HERE.parents[1]).with_suffix("")
    return import_module(".".join(["numbanet", *inside.parts]))


def range_bodies(name):
    """The functions of a module whose last parameters are start and stop."""
    own = vars(module_of(name)).items()
    functions = {key: inspect.unwrap(getattr(value, "py_func", value)) for key, value in own if callable(value)}
    return {
        key: function
        for key, function in functions.items()
        if inspect.isfunction(function)
        and function.__module__ == module_of(name).__name__
        and list(inspect.signature(function).parameters)[-2:] == ["start", "stop"]
    }


@pytest.mark.parametrize("name", generate.MODULES)
def test_every_body_is_declared_with_its_own_parameters(name):
    """Read from the source: some modules can be imported only where Numba is installed."""
    found = {}
    for node in ast.parse(generate.MODULES[name].read_text("utf-8")).body:
        parameters = [argument.arg for argument in node.args.args] if isinstance(node, ast.FunctionDef) else []
        if parameters[-2:] == ["start", "stop"]:
            found[node.name] = parameters[:-2]
    declared = {body.name: [operand.name for operand in body.operands] for body in generate.declared(name)}
    assert declared == found


def test_every_module_of_bodies_is_compiled():
    folder = generate.HERE.parents[1] / "loops"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} <= set(generate.MODULES)


def builds():
    """The variants that this processor can run; none where numbanet was built without the extension."""
    found = []
    for variant in VARIANTS:
        try:
            found.append(CythonBackend(variant))
        except ImportError:
            continue
    return found


BUILDS = builds()
needs_extension = pytest.mark.skipif(not BUILDS, reason="numbanet was built without its compiled extension")


@needs_extension
@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.variant)
def test_every_declaration_has_an_entry_for_all_its_dtypes(build):
    fused = generate.fused_types()
    keys = {key for body in BODIES.values() for key, _, _ in generate.entries(body, fused)}
    assert keys <= set(build._addresses)


def values(word, n, rng):
    """Numbers of all magnitudes, and those that are special."""
    dtype = np.dtype(word[:2])
    if dtype.kind == "b":
        return rng.integers(0, 2, n).astype(bool)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        small = rng.integers(max(limits.min, -4), 5, n).astype(dtype)
        return np.where(
            rng.integers(0, 2, n) == 0, small, rng.integers(limits.min, limits.max, n, dtype, endpoint=True)
        )
    word = f"u{dtype.itemsize}"
    any_bits = rng.integers(0, np.iinfo(word).max, n, word, endpoint=True).view(dtype)
    special = rng.choice(np.array([0, -0.0, 1, -1, 2, 0.5, np.inf, -np.inf, np.nan, 1e-40, 3, -100], dtype), n)
    return np.choose(rng.integers(0, 3, n), [any_bits, rng.normal(0, 3, n).astype(dtype), special])


def operands_of(words, n, rng):
    """Arrays and numbers for the words of an entry's name."""
    numbers = {"d": rng.uniform(0.1, 0.9), "i": 1}
    return [numbers[word] if word in numbers else values(word, n, rng) for word in words]


UNSIGNED_SECOND = ("pow_integers", "bitwise_left_shift", "bitwise_right_shift")


def defined(name, operands):
    """Operands for which C says what comes out: no negative powers or shifts, no floats beyond what they become."""
    x, out = operands[0], operands[-1]
    if name in UNSIGNED_SECOND and x.dtype.kind == "i":
        operands[1] = np.abs(np.maximum(operands[1], -5))
    if name == "astype" and x.dtype.kind == "f" and out.dtype.kind in "iu":
        operands[0] = np.clip(np.nan_to_num(x), 0, 100)
    return operands


def same_bytes(a, b):
    """Whether arrays are equal bit for bit, but for the bits of a NaN."""
    if a.dtype.kind != "f":
        return np.array_equal(a, b)
    word = f"u{a.itemsize}"
    return bool(np.all((a.view(word) == b.view(word)) | (np.isnan(a) & np.isnan(b))))


FEW = {"b1", "u1", "i8", "f4", "f8"}
"""The dtypes of every run; Numba takes a while for all of them, which is for the deep profile."""


def elementwise_entries():
    fused = generate.fused_types()
    for (module, name), body in BODIES.items():
        if module not in ELEMENTWISE or any(operand.ndim > 1 for operand in body.operands):
            continue
        keys = [key.split()[1:] for key, _, _ in generate.entries(body, fused)]
        deep = settings().max_examples > 1000
        keys = [words for words in keys if deep or FEW.issuperset(word[:2] for word in words if len(word) > 1)]
        yield pytest.param(module, name, keys, id=f"{module}.{name}")


@needs_extension
@pytest.mark.needs_numba("both builds are compared")
@pytest.mark.parametrize(("module", "name", "keys"), list(elementwise_entries()))
def test_elementwise_bodies_give_the_bytes_of_numba(module, name, keys):
    kernel, numba = Kernel(range_bodies(module)[name]), backends._numba()
    rng = np.random.default_rng(0)
    for build, words in itertools.product(BUILDS, keys):
        if build.variant == "baseline" and module == "functions":
            continue  # without fused multiply-add these come from the C library, as Numba's do on such a processor
        ours = defined(name, operands_of(words, 1003, rng))
        theirs = [x.copy() if isinstance(x, np.ndarray) else x for x in ours]
        with np.errstate(all="ignore"):
            build.run(kernel, 1003, ours, kernel.cost)
            numba.run(kernel, 1003, theirs, kernel.cost)
        for x, y in zip(ours, theirs, strict=True):
            assert not isinstance(x, np.ndarray) or same_bytes(x, y), f"{name} {words} of {build.variant}"


@needs_extension
@pytest.mark.needs_numba("both builds are compared")
@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
@pytest.mark.parametrize("n", [1, 10, 31, 32, 33, 127, 1000])
def test_sums_along_rows_give_the_bytes_of_numba(dtype, n):
    numba, rng = backends._numba(), np.random.default_rng(n)
    x, y = rng.normal(size=(5, n)).astype(dtype), rng.normal(size=n).astype(dtype)
    for body, operands, out in (
        (reduce.sum_rows, (x,), np.zeros(5, dtype)),
        (optimizers.sum_of_squares, (x,), np.zeros(5)),
        (dot.matrix_vector_dot, (x, y), np.zeros(5, dtype)),
        (normalization.row_moments, (x, 1, 0.25), np.zeros((5, 2), dtype)),
        (normalization.row_moments, (x, 0, 0.25), np.zeros((5, 2), dtype)),
        (normalization.row_slopes, (x, x * x, y, x[:, :1] + np.ones(2, dtype), 1), np.zeros((5, 2), dtype)),
    ):
        kernel = Kernel(body)
        numba.run(kernel, 5, (*operands, out), 1.0)
        for build in BUILDS:
            ours = np.zeros_like(out)
            build.run(kernel, 5, (*operands, ours), 1.0)
            assert same_bytes(ours, out), f"{body.__name__} of {build.variant}"


@needs_extension
@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.variant)
def test_a_body_without_a_compiled_twin_runs_in_python(build):
    def halves(x, out, start, stop):
        for i in range(start, stop):
            out[i] = x[i] / 2

    x, out = np.arange(6.0)[::2], np.zeros(3)
    build.run(Kernel(halves), 3, (x, out), 1.0)
    np.testing.assert_array_equal(out, [0, 1, 2])
    built, block = build.prepare(Kernel(halves), (x, out))
    out[:] = 0
    built.call(block.buffer_info()[0], 1, 3)
    np.testing.assert_array_equal(out, [0, 1, 2])
    with pytest.raises(IndexError):
        build.run(Kernel(halves), 4, (x, out), 1e9)


@needs_extension
@given(st.integers(0, 40), st.data())
def test_ranges_may_be_split_anywhere(n, data):
    build, rng = BUILDS[-1], np.random.default_rng(n)
    edges = sorted(data.draw(st.lists(st.integers(0, n), max_size=4)))
    x = rng.normal(size=n).astype(np.float32)
    for kernel in (Kernel(functions.exp), Kernel(functions.sigmoid), Kernel(arithmetic.square)):
        whole, parts = np.zeros_like(x), np.zeros_like(x)
        build.run(kernel, n, (x, whole), 1.0)
        built, block = build.prepare(kernel, (x, parts))
        for start, stop in itertools.pairwise([0, *edges, n]):
            built.call(block.buffer_info()[0], start, stop)
        assert whole.tobytes() == parts.tobytes()
