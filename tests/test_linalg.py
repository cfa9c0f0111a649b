"""nn.linalg: NumPy's values, gradients of first and second order, corners, batches, dtypes, errors."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DTypeError, GradientError, LinAlgError, ShapeError
from numbanet.linalg.determinants import _adjugate
from numbanet.tensor.tensor import apply
from tests import strategies

L = nn.linalg
BATCHES = st.sampled_from([(), (2,), (1, 3), (0,)])
TOLERANCE = {"float32": 2e-4, "float64": 1e-10}


@st.composite
def matrices(draw, batch=BATCHES, square=True, layouts=True, most=4, definite=False, least=1):
    """Well-conditioned matrices with singular values that are apart, and eigenvalues too where they are symmetric."""
    batch = draw(batch)
    rows = draw(st.integers(least, most))
    columns = rows if square or definite else draw(st.integers(least, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    left, right = (np.linalg.qr(rng.normal(size=(*batch, n, n)))[0] for n in (rows, columns))
    count = min(rows, columns)
    values = np.arange(1, count + 1) + rng.uniform(-0.3, 0.3, (*batch, count))
    right = left if definite else right
    x = (left[..., :count] * values[..., None, :]) @ np.swapaxes(right, -1, -2)[..., :count, :]
    x = x + np.swapaxes(x, -1, -2) if definite else x
    x = x.astype(draw(st.sampled_from(["float32", "float64"])))
    return strategies.laid_out(x, draw(st.sampled_from(strategies.LAYOUTS))) if layouts else x


def definite(**options):
    return matrices(definite=True, **options)


def check_equal(found, expected, dtype):
    if isinstance(expected, tuple):
        assert type(found).__name__ == type(expected).__name__
        assert found._fields == expected._fields
        for one, other in zip(found, expected, strict=True):
            check_equal(one, other, dtype)
        return
    expected = np.asarray(expected)
    assert isinstance(found, nn.Tensor)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    tolerance = TOLERANCE.get(str(dtype), 0)
    np.testing.assert_allclose(found.numpy(), expected, rtol=tolerance, atol=tolerance)


SQUARE = {
    "inv": (L.inv, np.linalg.inv),
    "det": (L.det, np.linalg.det),
    "slogdet": (L.slogdet, np.linalg.slogdet),
    "matrix_power 3": (lambda x: L.matrix_power(x, 3), lambda x: np.linalg.matrix_power(x, 3)),
    "matrix_power 0": (lambda x: L.matrix_power(x, 0), lambda x: np.linalg.matrix_power(x, 0)),
    "matrix_power -2": (lambda x: L.matrix_power(x, -2), lambda x: np.linalg.matrix_power(x, -2)),
    "cond 1": (lambda x: L.cond(x, 1), lambda x: np.linalg.cond(x, 1)),
}
ANY = {
    "svdvals": (L.svdvals, np.linalg.svdvals),
    "svd": (L.svd, np.linalg.svd),
    "svd, thin": (lambda x: L.svd(x, full_matrices=False), lambda x: np.linalg.svd(x, full_matrices=False)),
    "qr": (L.qr, np.linalg.qr),
    "qr, complete": (lambda x: L.qr(x, "complete"), lambda x: np.linalg.qr(x, "complete")),
    "pinv": (L.pinv, lambda x: np.linalg.pinv(x, rtol=None)),
    "cond": (L.cond, np.linalg.cond),
    "matrix_rank": (L.matrix_rank, np.linalg.matrix_rank),
    "matrix_norm nuc": (lambda x: L.matrix_norm(x, ord="nuc"), lambda x: np.linalg.matrix_norm(x, ord="nuc")),
    "matrix_norm -2": (lambda x: L.matrix_norm(x, True, -2), lambda x: np.linalg.matrix_norm(x, keepdims=True, ord=-2)),
    "diagonal": (lambda x: L.diagonal(x, 1), lambda x: np.linalg.diagonal(x, offset=1)),
    "trace": (L.trace, np.linalg.trace),
}
SYMMETRIC = {
    "cholesky": (L.cholesky, np.linalg.cholesky),
    "cholesky, upper": (lambda x: L.cholesky(x, upper=True), lambda x: np.linalg.cholesky(x, upper=True)),
    "eigh": (L.eigh, np.linalg.eigh),
    "eigvalsh": (L.eigvalsh, np.linalg.eigvalsh),
}


@pytest.mark.parametrize("name", SQUARE)
@given(x=matrices(least=0))
def test_square_matrices(name, x):
    ours, theirs = SQUARE[name]
    if not x.size and name.startswith("cond"):
        return  # NumPy has no word for it
    check_equal(ours(x), theirs(x), x.dtype)


@pytest.mark.parametrize("name", ANY)
@given(x=matrices(square=False))
def test_all_matrices(name, x):
    ours, theirs = ANY[name]
    check_equal(ours(x), theirs(x), x.dtype)


@pytest.mark.parametrize("name", SYMMETRIC)
@given(x=definite(least=0))
def test_symmetric_matrices(name, x):
    ours, theirs = SYMMETRIC[name]
    check_equal(ours(x), theirs((x + np.swapaxes(x, -1, -2)) / 2), x.dtype)


@given(a=matrices(), data=st.data())
def test_systems(a, data):
    n, rng = a.shape[-1], np.random.default_rng(0)
    for shape in ((n,), (n, 2), (2, *(1,) * (a.ndim - 2), n, 1)):
        b = rng.normal(size=shape).astype(data.draw(st.sampled_from(["float32", "float64"])))
        expected = np.linalg.solve(a, b)
        check_equal(L.solve(a, b), expected.astype(np.result_type(a, b)), "float32")
        check_equal(L.lstsq(a, b), expected.astype(np.result_type(a, b)), "float32")
        for lower, triangle in ((False, np.triu), (True, np.tril)):
            t = triangle(a) + np.eye(n, dtype=a.dtype) * 5
            check_equal(L.solve_triangular(t + (a - triangle(a)), b, lower), np.linalg.solve(t, b), "float32")


@given(x=definite())
def test_inverses_from_factors(x):
    expected = np.linalg.inv(x)
    check_equal(L.cholesky_inverse(L.cholesky(x)), expected, "float32")
    check_equal(L.cholesky_inverse(L.cholesky(x, upper=True), upper=True), expected, "float32")


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3)])
def test_least_squares(shape):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=shape), rng.normal(size=(shape[0], 2))
    check_equal(L.lstsq(a, b), np.linalg.lstsq(a, b)[0], "float64")
    check_equal(L.lstsq(a, b[:, 0], rcond=0.9), np.linalg.lstsq(a, b[:, 0], rcond=0.9)[0], "float64")
    batch = np.stack([a, a + 1])
    check_equal(L.lstsq(batch, b), np.stack([np.linalg.lstsq(x, b)[0] for x in batch]), "float64")


@pytest.mark.parametrize("order", [None, 1, 2, 3, 2.5, 0.5, 0, -1, -3, math.inf, -math.inf])
@pytest.mark.parametrize("axis", [0, -1, (0,)])
def test_norms_of_vectors(order, axis):
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    (one,) = axis if isinstance(axis, tuple) else (axis,)
    expected = np.linalg.norm(x, order, one, keepdims=True)
    check_equal(L.norm(x, order, axis, keepdims=True), expected, "float64")
    if order is not None:
        check_equal(L.vector_norm(x, axis, True, order), expected, "float64")
        check_equal(L.vector_norm(x, ord=order), np.linalg.vector_norm(x, ord=order), "float64")


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf])
@pytest.mark.parametrize("axis", [(0, 1), (2, 0), (-1, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_norms_of_matrices(order, axis, keepdims):
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    check_equal(L.norm(x, order, axis, keepdims), np.linalg.norm(x, order, axis, keepdims), "float64")


def test_products():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(2, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    check_equal(L.multi_dot([a, b, c]), a @ b @ c, "float64")
    check_equal(L.outer(c, a[0]), np.outer(c, a[0]), "float64")
    check_equal(L.cross(a, b.T), np.cross(a, b.T), "float64")
    check_equal(L.cross(b, a.T, axis=0), np.cross(b, a.T, axis=0), "float64")
    check_equal(L.diagonal(a, -5), np.zeros(0), "float64")
    assert (L.matmul, L.tensordot, L.vecdot, L.matrix_transpose) == (
        nn.matmul,
        nn.tensordot,
        nn.vecdot,
        nn.matrix_transpose,
    )


class TestGradients:
    """First and second derivatives by differences; vectors are squared, since their signs are free."""

    @staticmethod
    def check(function, *arrays):
        nn.testing.check_grad(function, *arrays, order=2)

    @pytest.mark.parametrize("name", [name for name in SQUARE if name != "matrix_power 0"])
    @given(x=matrices(st.sampled_from([(), (2,)]), layouts=False, most=3))
    @settings(max_examples=5)
    def test_square_matrices(self, name, x):
        self.check(SQUARE[name][0] if name != "slogdet" else lambda x: L.slogdet(x).logabsdet, x)

    @pytest.mark.parametrize("name", SYMMETRIC)
    @given(x=definite(batch=st.sampled_from([(), (2,)]), layouts=False, most=3))
    @settings(max_examples=5)
    def test_symmetric_matrices(self, name, x):
        def function(x):
            found = SYMMETRIC[name][0](x)
            return found if isinstance(found, nn.Tensor) else [found[0], nn.square(found[1])]

        self.check(function, x)

    @pytest.mark.parametrize("name", ["svdvals", "svd, thin", "qr", "pinv", "cond", "matrix_norm nuc"])
    @given(x=matrices(st.sampled_from([(), (2,)]), square=False, layouts=False, most=3))
    @settings(max_examples=5)
    def test_all_matrices(self, name, x):
        def function(x):
            found = ANY[name][0](x)
            return found if isinstance(found, nn.Tensor) else [nn.square(part) for part in found]

        self.check(function, x)

    @pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3)])
    def test_the_first_columns_of_whole_bases(self, shape):
        x, k = np.random.default_rng(0).normal(size=shape), min(shape)
        self.check(lambda x: [nn.square(L.qr(x, "complete").Q[:, :k]), nn.square(L.qr(x, "complete").R)], x)
        self.check(lambda x: [nn.square(L.svd(x).U[:, :k]), nn.square(L.svd(x).Vh[:k])], x)

    def test_systems(self):
        rng = np.random.default_rng(0)
        a, t = rng.normal(size=(2, 3, 3)), rng.normal(size=(3, 3)) + 4 * np.eye(3)
        for b in (rng.normal(size=3), rng.normal(size=(3, 2)), rng.normal(size=(2, 3, 1))):
            self.check(L.solve, a, b)
        self.check(lambda a, b: L.solve_triangular(a, b, lower=True), t, rng.normal(size=(2, 3, 1)))
        self.check(lambda x: L.cholesky_inverse(nn.tril(x)), t)
        self.check(L.lstsq, rng.normal(size=(4, 2)), rng.normal(size=4))
        self.check(L.lstsq, rng.normal(size=(2, 4)), rng.normal(size=(2, 3)))

    @pytest.mark.parametrize("x", [
        np.zeros((3, 3)), np.eye(3), np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0]), [[1.0, 2.0], [2.0, 4.0]], [[0.0]],
        np.diag([1.0, 0.0, 2.0, 3.0]), np.diag([1.0, 0.0, 0.0, 3.0]), -np.eye(2)[::-1],
    ], ids=str)  # fmt: skip
    def test_determinants_of_singular_matrices(self, x):
        self.check(L.det, x)

    def test_adjugates_of_extreme_matrices(self):
        x = np.diag([1e-200, 1e-150, 1e200, 1e150])
        np.testing.assert_allclose(np.diagonal(apply(_adjugate, x).numpy()), [1e200, 1e150, 1e-200, 1e-150], rtol=1e-12)

    @pytest.mark.parametrize("order", [1, 3, 0.5, 2.5, -1, -2])
    def test_norms_at_zero_have_none(self, order):
        assert nn.grad(lambda x: L.norm(x, order))(np.zeros(3)).tolist() == [0.0] * 3
        assert np.isfinite(nn.grad(lambda x: L.norm(x, order))(np.array([0.0, 1.0, -2.0])).numpy()).all()

    @pytest.mark.parametrize("order", [1, 2, 3, 0.5, -1, -2.5, math.inf])
    def test_norms(self, order):
        self.check(lambda x: L.norm(x, order, axis=1), np.array([[1.0, -2.0, 3.0], [0.5, -0.2, 0.3]]))

    def test_matrices_read_by_one_triangle(self):
        """NumPy's functions read one triangle: so does their gradient."""
        x = np.array([[4.0, 9.0, 9.0], [1.0, 5.0, 9.0], [0.5, 0.2, 6.0]])
        for function in (np.linalg.cholesky, np.linalg.eigvalsh):
            self.check(function, x)
            gradient = nn.grad(lambda x, function=function: nn.sum(function(x)))(x).numpy()
            np.testing.assert_array_equal(np.triu(gradient, 1), 0)
            ours = getattr(L, function.__name__)(np.tril(x) + np.tril(x, -1).T)
            np.testing.assert_allclose(function(nn.asarray(x)).numpy(), ours.numpy(), rtol=1e-14)

    @pytest.mark.parametrize(("function", "shape"), [
        (L.inv, (3, 3)), (L.det, (3, 3)), (L.eigvalsh, (3, 3)), (lambda x: L.qr(x).Q, (3, 2)), (L.pinv, (3, 2)),
        (lambda x: nn.square(L.svd(x, False).U), (3, 2)), (lambda x: nn.square(L.eigh(x)[1]), (3, 3)),
    ])  # fmt: skip
    def test_third_derivatives(self, function, shape):
        rng = np.random.default_rng(0)
        x = rng.normal(size=shape) + np.eye(*shape) * np.arange(1.0, 1 + 2 * shape[1], 2)
        weights = rng.normal(size=function(x).shape)
        gradient = nn.grad(lambda x: nn.sum(function(x) * weights))
        nn.testing.check_grad(gradient, x, order=2, rtol=1e-6, atol=1e-6)


class TestEqualValues:
    """Vectors of equal values have no derivative, and no number is given for one; values have one."""

    def test_values_have_subgradients(self):
        np.testing.assert_allclose(nn.grad(lambda x: nn.sum(L.eigvalsh(x)))(np.eye(3)).numpy(), np.eye(3), atol=1e-15)
        np.testing.assert_allclose(nn.grad(lambda x: nn.sum(L.eigh(x)[0]))(np.eye(3)).numpy(), np.eye(3), atol=1e-15)
        for x, length in (
            (np.eye(3), 1.0),
            (np.zeros((2, 3)), 0.0),
            (np.ones((3, 2)), 1.0),
            (np.diag([1.0, 0.0]), 1.0),
        ):
            for function in (L.svdvals, lambda x: L.svd(x, False).S, lambda x: L.svd(x).S):
                gradient = nn.grad(lambda x, function=function: nn.sum(function(x)))(x).numpy()
                assert np.linalg.norm(gradient, 2) == pytest.approx(length)
        for order in ("nuc", 2, "fro"):
            assert not nn.grad(lambda x, order=order: L.norm(x, order))(np.zeros((2, 3))).numpy().any()

    @pytest.mark.parametrize(("function", "x", "words"), [
        (lambda x: L.eigh(x).eigenvectors, np.eye(2), "linalg.eigh: eigenvalues are equal"),
        (lambda x: L.svd(x).U, np.eye(2), "linalg.svd: singular values are equal"),
        (lambda x: L.svd(x, False).Vh, np.diag([2.0, 1.0, 1.0]), "linalg.svd: singular values are equal"),
        (lambda x: L.svd(x, False).U, np.array([[1.0], [0.0]]) @ [[0.0]], "zero have no derivative"),
        (lambda x: L.svd(x).U, np.array([[1.0], [2.0]]), r"vectors from 1 on are any basis"),
        (lambda x: L.qr(x, "complete").Q, np.array([[1.0], [2.0]]), r"columns of Q from 1 on are any basis"),
        (lambda x: L.pinv(x, rtol=0.5), np.diag([1.0, 0.1]), r"linalg.pinv: there is no gradient where rtol=0.5"),
    ])  # fmt: skip
    def test_vectors_have_none(self, function, x, words):
        weights = np.random.default_rng(0).normal(size=function(x).shape)
        with pytest.raises(GradientError, match=words):
            nn.grad(lambda x: nn.sum(function(x) * weights))(x)

    def test_the_identity_is_not_given_a_wrong_gradient(self):
        """U S Vh is x, whose gradient would lack what lies between equal values."""

        def again(x):
            u, s, vh = L.svd(x)
            return nn.sum((u * s) @ vh * np.arange(4.0).reshape(2, 2))

        with pytest.raises(GradientError, match="equal"):
            nn.grad(again)(np.eye(2))
        np.testing.assert_allclose(nn.grad(again)(np.diag([1.0, 2.0])).numpy(), [[0, 1], [2, 3]], atol=1e-14)

    def test_deficient_matrices_have_pseudo_inverses_with_gradients(self):
        x = np.outer([1.0, 2.0, 3.0], [1.0, -1.0])
        gradient = nn.grad(lambda x: nn.sum(L.pinv(x)))(x).numpy()
        for a, b in ((np.array([1.0, 0, 0]), np.zeros(2)), (np.zeros(3), np.array([0.0, 1]))):  # of the same rank
            step = 1e-6
            moved = [np.outer([1.0, 2.0, 3.0] + t * a, [1.0, -1.0] + t * b) for t in (step, -step)]
            expected = (np.linalg.pinv(moved[0]).sum() - np.linalg.pinv(moved[1]).sum()) / (2 * step)
            direction = np.outer(a, [1.0, -1.0]) + np.outer([1.0, 2.0, 3.0], b)
            assert np.sum(gradient * direction) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "bool"])
def test_integers_become_float32(dtype):
    x = np.array([[2, 0], [1, 3]], dtype)
    assert {L.inv(x).dtype, L.det(x).dtype, L.svd(x).U.dtype, L.eigvalsh(x).dtype} == {np.dtype("float32")}
    assert {L.solve(x, x).dtype, L.qr(x).R.dtype, L.norm(x).dtype} == {np.dtype("float32")}
    assert L.solve(x, np.ones(2)).dtype == np.float64
    assert np.linalg.inv(nn.asarray(x)).dtype == np.float32


def test_lists_and_variables():
    assert L.det([[1, 2], [3, 4]]).item() == pytest.approx(-2)
    v = nn.Variable(np.eye(2))
    with nn.GradientTape() as tape:
        y = L.slogdet(v * 2).logabsdet
    np.testing.assert_allclose(tape.gradient(y, v).numpy(), np.eye(2), rtol=1e-12)


def test_the_sign_of_a_determinant_has_no_gradient():
    with pytest.raises(GradientError, match=r"linalg\.slogdet"):
        nn.grad(lambda x: L.slogdet(x).sign)(np.eye(2))


@pytest.mark.needs_compiled("nothing is recorded in the interpreter")
def test_a_step_with_one_runs_operation_by_operation(capsys):
    step = nn.function(lambda x: nn.sum(L.inv(x) * 2))
    for _ in range(3):
        assert step(nn.asarray(np.eye(2))).item() == 4.0
    step.explain()
    assert "op linalg.inv runs in NumPy" in capsys.readouterr().out


def test_nothing_warns_and_infinity_comes_out():
    assert L.det(np.diag([1e300, 1e300])).item() == math.inf
    assert np.isnan(L.inv(np.full((2, 2), np.nan)).numpy()).all()
    assert L.slogdet(np.zeros((2, 2))).logabsdet.item() == -math.inf
    for x in (np.zeros((2, 2)), np.ones((2, 2)), np.stack([np.eye(2), np.ones((2, 2))]), np.array([[1.0, 2], [0, 0]])):
        for p in (None, -2, 1, np.inf, "fro"):
            check_equal(L.cond(x, p), np.linalg.cond(x, p), "float64")
    assert np.isnan(L.cond(np.full((2, 2), np.nan), 1).item())


@pytest.mark.parametrize(("call", "error", "words"), [
    (lambda: L.inv(np.ones((2, 3))), ShapeError, r"linalg\.inv: needs square matrices.*\(2, 3\)"),
    (lambda: L.det(np.ones(3)), ShapeError, r"linalg\.det: needs square matrices.*\(3,\)"),
    (lambda: L.svd(np.ones(3)), ShapeError, r"linalg\.svd: needs at least two dimensions.*\(3,\)"),
    (lambda: L.solve(np.ones((2, 3)), np.ones(2)), ShapeError, r"linalg\.solve: needs square"),
    (lambda: L.solve(np.eye(2), np.ones(3)), ShapeError, r"b of shape \(3,\) does not fit a of shape \(2, 2\)"),
    (lambda: L.solve(np.eye(2), 1.0), ShapeError, r"b of shape \(\) does not fit"),
    (lambda: L.solve(np.ones((5, 2, 2)), np.ones((5, 2))), ShapeError, r"needs 2 rows; b\[\.\.\., None\]"),
    (lambda: L.solve(np.ones((5, 2, 2)), np.ones((4, 2, 1))), ShapeError, r"linalg\.solve"),
    (lambda: L.inv(np.ones((2, 2))), LinAlgError, r"linalg\.inv: singular matrix \(shape \(2, 2\), float64\)"),
    (lambda: L.inv(np.stack([np.eye(2), np.ones((2, 2))])), LinAlgError, r"the matrix at \(1,\)"),
    (lambda: L.cholesky(-np.eye(2, dtype="float32")), LinAlgError, r"not positive definite.*float32"),
    (lambda: L.svd(np.full((2, 2), np.nan)), LinAlgError, r"linalg\.svd: .*there are NaN or infinities"),
    (lambda: L.matrix_power(np.eye(2), 1.5), ArgumentError, r"matrix_power: n"),
    (lambda: L.matrix_power(np.zeros((2, 2)), -1), LinAlgError, "singular"),
    (lambda: L.norm(np.ones((2, 2)), "abc"), ArgumentError, "'abc'"),
    (lambda: L.norm(np.ones(2), "fro"), ArgumentError, "'fro'.* norm of matrices"),
    (lambda: L.norm(np.ones((2, 2)), 3), ArgumentError, "ord must be .* got 3"),
    (lambda: L.norm(np.ones((2, 2, 2)), 2), ShapeError, "needs one axis for vectors or two"),
    (lambda: L.norm(np.ones(2), np.ones(2)), ArgumentError, r"linalg\.norm: ord must be a number"),
    (lambda: L.vector_norm(np.ones(2), ord=[1, 2]), ArgumentError, r"linalg\.vector_norm: ord must be a number"),
    (lambda: L.cond(np.eye(2), "x"), ArgumentError, r"linalg\.cond: ord must be .*'x'"),
    (lambda: L.inv("abc"), DTypeError, r"linalg\.inv"),
    (lambda: L.solve(None, np.eye(2)), DTypeError, r"linalg\.solve"),
    (lambda: L.qr(np.eye(2), "raw"), ArgumentError, "mode must be .*'raw'"),
    (lambda: L.cross(np.ones(2), np.ones(2)), ShapeError, "must have 3 elements, got 2"),
    (lambda: L.outer(np.ones((2, 2)), np.ones(2)), ShapeError, "needs vectors"),
    (lambda: L.multi_dot([np.eye(2)]), ArgumentError, "at least two arrays, got 1"),
    (lambda: L.pinv(np.eye(2), "a"), ArgumentError, r"linalg\.pinv: rtol"),
    (lambda: L.inv(np.eye(2) * 1j), DTypeError, "complex"),
    (lambda: L.eig, AttributeError, "eigenvalues may be complex.*eigh"),
    (lambda: L.slove, AttributeError, "did you mean 'solve'"),
    (lambda: np.linalg.eigvals(nn.ones((2, 2))), DTypeError, "no complex numbers"),
    (lambda: np.linalg.eigh(nn.ones((2, 2)), "X"), ArgumentError, "UPLO must be 'L' or 'U'"),
])  # fmt: skip
def test_errors_name_function_and_shape(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_it_is_loaded_when_it_is_used():
    script = """
import sys, numpy as np, numbanet as nn
t = nn.ones((2, 2)) + nn.asarray([[1.0, 0.0], [0.0, 1.0]])
assert not [name for name in sys.modules if name.startswith(("numbanet.linalg", "numbanet.fft"))]
print(np.linalg.det(t).item(), np.fft.fftshift(t).shape)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "3.0 (2, 2)\n"


def test_singular_matrices_raise_numpys_error_too():
    with pytest.raises(np.linalg.LinAlgError):
        L.inv(np.zeros((2, 2)))
