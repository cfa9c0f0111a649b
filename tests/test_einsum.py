"""Einsum against NumPy's: any subscripts that its grammar has, their gradients, paths, replays and errors."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, ShapeError

SIZES = {"a": 2, "b": 3, "i": 1, "j": 2, "k": 3, "X": 2}
DOTS = (2, 3)
"""The dimensions that ellipses stand for."""


@st.composite
def calls(draw, most=4, side=SIZES):
    """(subscripts, shapes) with repeated letters, ellipses of several lengths, sizes of 1, implicit results."""
    terms, shapes = [], []
    dotted = draw(st.booleans())
    for _ in range(draw(st.integers(1, most))):
        letters = draw(st.lists(st.sampled_from(sorted(side)), max_size=3))
        ones = {c for c in set(letters) if draw(st.booleans()) and draw(st.booleans())}
        sizes = [1 if c in ones else side[c] for c in letters]
        if dotted and draw(st.booleans()):
            at = draw(st.integers(0, len(letters)))
            dims = DOTS[draw(st.integers(0, len(DOTS))) :]
            dims = tuple(1 if draw(st.booleans()) and draw(st.booleans()) else n for n in dims)
            sizes[at:at] = dims
            letters.insert(at, "...")
        terms.append("".join(letters))
        shapes.append(tuple(sizes))
    text = ",".join(terms)
    if draw(st.booleans()):
        known = sorted(set(text) - {",", "."})
        result = draw(st.permutations(known))[: draw(st.integers(0, len(known)))]
        if "." in text:
            result.insert(draw(st.integers(0, len(result))), "...")
        text += " -> " + "".join(result)
    return text, shapes


def arrays_of(shapes, dtype="float64"):
    rng = np.random.default_rng(0)
    return [np.asarray(rng.uniform(-2, 2, shape)).astype(dtype) for shape in shapes]


@given(call=calls(), dtype=st.sampled_from(["float32", "float64", "int8", "uint16", "int64", "bool"]))
def test_it_is_numpys(call, dtype):
    subscripts, shapes = call
    arrays = arrays_of(shapes, dtype)
    with np.errstate(all="ignore"):
        expected = np.asarray(np.einsum(subscripts, *arrays))
    for optimize in (True, False, "optimal"):
        found = nn.einsum(subscripts, *arrays, optimize=optimize)
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        tolerance = 1e-5 if dtype == "float32" else 1e-12
        np.testing.assert_allclose(found.numpy(), expected, rtol=tolerance, atol=10 * tolerance)


@given(call=calls(most=3))
@settings(max_examples=max(10, settings().max_examples // 3))
def test_gradients_of_first_and_second_order(call):
    subscripts, shapes = call
    assume(sum(int(np.prod(shape)) for shape in shapes) <= 30)
    nn.testing.check_grad(lambda *xs: nn.einsum(subscripts, *xs), *arrays_of(shapes), order=2)


@pytest.mark.parametrize(("subscripts", "shapes"), [
    ("ij,jk->ik", [(3, 4), (4, 2)]), ("bij,bkj->bik", [(2, 3, 4), (2, 5, 4)]), ("ii->i", [(4, 4)]),
    ("iij->j", [(3, 3, 2)]),
    ("...i,...i->...", [(2, 1, 4), (3, 4)]), ("ab,bc,cd,de->ae", [(2, 3), (3, 4), (4, 5), (5, 2)]),
    ("bqhd,bkhd->bhqk", [(2, 3, 2, 4), (2, 5, 2, 4)]),
])  # fmt: skip
def test_replays_are_launches(subscripts, shapes, each_backend, capsys):
    def value_and_gradients(*xs):
        with nn.GradientTape() as tape:
            tape.watch(xs)
            y = nn.sum(nn.einsum(subscripts, *xs) ** 2)
        return (y, *tape.gradient(y, list(xs)))

    replayed = nn.function(value_and_gradients)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        xs = [nn.asarray(rng.normal(size=shape)) for shape in shapes]
        for found, expected in zip(replayed(*xs), value_and_gradients(*xs), strict=True):
            np.testing.assert_array_equal(found.numpy(), expected.numpy())
    replayed.explain()
    assert each_backend == "python" or "replays a Program" in capsys.readouterr().out


def test_a_good_path_is_taken():
    """From left to right, the first product would have a million million elements."""
    x = np.ones(10**6)
    assert nn.einsum("i,j,jk->k", x, x, x[:, None]).tolist() == [1e12]


def test_paths_of_numpy_are_taken():
    arrays = arrays_of([(2, 3), (3, 4), (4, 5)])
    path, _ = np.einsum_path("ab,bc,cd->ad", *arrays, optimize="optimal")
    expected = np.einsum("ab,bc,cd->ad", *arrays)
    np.testing.assert_allclose(nn.einsum("ab,bc,cd->ad", *arrays, optimize=path).numpy(), expected, rtol=1e-12)
    found = np.einsum("ab,bc,cd->ad", *map(nn.asarray, arrays), optimize="greedy")
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)


def test_diagonals_keep_what_stands_beside_them():
    x = np.array([[1.0, np.nan], [np.inf, -0.0]])
    found = nn.einsum("ii->i", x).numpy()
    np.testing.assert_array_equal(found, [1.0, 0.0])
    assert np.signbit(found[1])


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: nn.einsum([[1.0]], [0, 1]), ArgumentError, "lists of numbers in place of letters"),
    (lambda: nn.einsum("i"), ArgumentError, "'i' needs operands"),
    (lambda: nn.einsum("ii->i", nn.ones((1, 3))), ShapeError, r"'ii->i' wants the diagonal of .*'i', .*\(1, 3\)"),
    (lambda: nn.einsum("...i->i", nn.ones((2, 3))), ArgumentError, r"must have '\.\.\.'.*\(2, 3\)"),
    (lambda: nn.einsum("i->i", nn.ones((2, 3))), ShapeError, r"'i' does not fit shape \(2, 3\) \(write '\.\.\.'"),
    (lambda: nn.einsum("...ijk", nn.ones((2, 3))), ShapeError, r"'\.\.\.ijk' does not fit shape \(2, 3\)"),
    (lambda: nn.einsum("....", nn.ones(2)), ArgumentError, "subscripts must be letters"),
    (lambda: nn.einsum("...i...", nn.ones(2)), ArgumentError, "subscripts must be letters"),
    (lambda: nn.einsum("i->i->i", nn.ones(2)), ArgumentError, "subscripts must be letters"),
    (lambda: nn.einsum("é", nn.ones(2)), ArgumentError, "subscripts must be letters"),
    (lambda: nn.einsum("i,i", nn.ones(2), nn.ones(3)), ShapeError, r"'i,i' of shapes \(2,\), \(3,\).* 2 .* 3 in"),
    (lambda: nn.einsum("...,...", nn.ones(2), nn.ones(3)), ShapeError, r"under '\.\.\.' is 2 in one"),
    (lambda: nn.einsum("i,i,i", *[nn.ones(2)] * 3, optimize="fast"), ArgumentError, "optimize must be .*'fast'"),
    (lambda: nn.einsum("i,i,i", *[nn.ones(2)] * 3, optimize=3), ArgumentError, "optimize must be"),
    (lambda: nn.einsum("i,i,i", *[nn.ones(2)] * 3, optimize=["einsum_path", (0, 5), (0, 1)]), ArgumentError, "opt"),
    (lambda: nn.einsum("i,i", nn.ones(2, dtype="uint64"), nn.ones(2, dtype="int8")), DTypeError, "einsum"),
])  # fmt: skip
def test_errors_name_subscripts_and_shapes(call, error, words):
    with pytest.raises(error, match=words):
        call()
