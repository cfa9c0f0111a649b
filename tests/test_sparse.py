"""Sparse rows as data: products against SciPy's, gradients, what is refused, and training against dense rows."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.core.settings import config
from numbanet.errors import ArgumentError, DataError, DTypeError, GradientError, ShapeError
from numbanet.graph.outcome import Replay
from numbanet.kernels import threads
from tests.simulator import needs_simulator

sparse = pytest.importorskip("scipy.sparse", reason="SciPy is in the test extra")

DTYPES = [np.dtype(name) for name in ("?", "i1", "i4", "i8", "u1", "u4", "f4", "f8")]


def matrix(rows, columns, seed=0, density=0.3, dtype="f4"):
    """A CSR array of small whole numbers, which all dtypes hold."""
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 4, (rows, columns)) * (rng.random((rows, columns)) < density)
    return sparse.csr_array(values.astype(dtype))


@st.composite
def matrices(draw):
    """CSR matrices and arrays of any dtype and index dtype: empty rows, none at all, unsorted, stored twice, zeros."""
    rows, columns = draw(st.integers(0, 6)), draw(st.integers(0, 7))
    counts = [draw(st.integers(0, 5)) if columns else 0 for _ in range(rows)]
    total = sum(counts)
    indices = draw(st.lists(st.integers(0, max(columns - 1, 0)), min_size=total, max_size=total))
    values = draw(st.lists(st.integers(0, 3), min_size=total, max_size=total))
    index = draw(st.sampled_from([np.int32, np.int64]))
    parts = (
        np.array(values, draw(st.sampled_from(DTYPES))),
        np.array(indices, index),
        np.concatenate([[0], np.cumsum(counts)]).astype(index),
    )
    return draw(st.sampled_from([sparse.csr_array, sparse.csr_matrix]))(parts, shape=(rows, columns))


class TestDot:
    @given(x=matrices(), n=st.integers(0, 20), dtype=st.sampled_from(DTYPES), vector=st.booleans())
    def test_it_is_scipys(self, x, n, dtype, vector):
        y = np.random.default_rng(n).integers(0, 3, (x.shape[1],) if vector else (x.shape[1], n)).astype(dtype)
        try:
            expected = nn.dot(x.toarray(), y)
        except DTypeError:
            with pytest.raises(DTypeError):
                nn.dot(x, y)
            return
        for product in (nn.dot(x, y), nn.matmul(x, y), nn.SparseRows(x) @ y):
            assert product.dtype == expected.dtype
            assert product.shape == expected.shape
            assert (product.numpy() == expected.numpy()).all()
        if x.dtype.kind != "b":  # of which SciPy and numbanet make sums in other dtypes
            assert (nn.dot(x, y).numpy() == x @ y).all() or dtype.kind == "b"

    @pytest.mark.parametrize("units", [0, 1, 3, 8, 16, 17, 40])
    @pytest.mark.parametrize("dtype", ["f4", "f8"])
    def test_every_backend_gives_the_same(self, each_backend, units, dtype):
        rng = np.random.default_rng(units)
        x, y = matrix(9, 30, dtype=dtype), rng.normal(size=(30, units)).astype(dtype)
        x.data = rng.normal(size=x.data.size).astype(dtype)
        w, weights = nn.Variable(y), rng.normal(size=(9, units)).astype(dtype)
        with nn.GradientTape() as tape:
            product = nn.dot(x, w)
            loss = nn.sum(product * weights)
        tolerance = {"rtol": 1e-5, "atol": 1e-5} if dtype == "f4" else {"rtol": 1e-12, "atol": 1e-12}
        np.testing.assert_allclose(product.numpy(), x @ y, **tolerance)
        np.testing.assert_allclose(tape.gradient(loss, w).numpy(), x.T @ weights, **tolerance)

    def test_it_is_the_naive_sum_to_the_last_bit(self, each_backend):
        rng = np.random.default_rng(1)
        x, y = matrix(7, 50), rng.normal(size=(50, 19)).astype("f4")
        x.data = rng.normal(size=x.data.size).astype("f4")
        rows, g = np.array([5, 0, 5, 3]), rng.normal(size=(4, 19)).astype("f4")
        product, gradient = np.zeros((4, 19), "f4"), np.zeros((50, 19), "f4")
        for i, row in enumerate(rows):
            for p in range(x.indptr[row], x.indptr[row + 1]):
                product[i] += x.data[p] * y[x.indices[p]]
                gradient[x.indices[p]] += x.data[p] * g[i]
        w = nn.Variable(y)
        with nn.GradientTape() as tape:
            found = nn.dot(nn.SparseRows(x)[rows], w)
            loss = nn.sum(found * g)
        assert (found.numpy() == product).all()
        assert (tape.gradient(loss, w).numpy() == gradient).all()

    @pytest.mark.needs_compiled("threads run compiled kernels")
    @pytest.mark.parametrize("units", [1, 5, 16])
    def test_the_bytes_do_not_depend_on_threads(self, monkeypatch, units):
        monkeypatch.setattr(threads, "SPLIT_NS", 1)
        monkeypatch.setattr(threads, "CHUNK_NS", 1)
        rng = np.random.default_rng(2)
        x, y = matrix(64, 90, density=0.2), rng.normal(size=(90, units)).astype("f4")
        x.data = rng.normal(size=x.data.size).astype("f4")
        g, found = rng.normal(size=(64, units)).astype("f4"), []
        for count in (1, 2, 3):
            monkeypatch.setattr(config, "_num_threads", count)
            w = nn.Variable(y)
            with nn.GradientTape() as tape:
                product = nn.dot(x, w)
                loss = nn.sum(product * g)
            found.append(product.numpy().tobytes() + tape.gradient(loss, w).numpy().tobytes())
        assert len(set(found)) == 1

    def test_what_is_not_stored_meets_neither_nan_nor_infinity(self):
        x = sparse.csr_array(np.array([[0, 2, 0], [0, 0, 0]], "f4"))
        y = np.array([[np.nan], [1], [np.inf]], "f4")
        assert nn.dot(x, y).tolist() == [[2], [0]]
        x.data[:] = 0  # stored: an element like others
        y[1] = np.inf
        assert np.isnan(nn.dot(x, y).numpy()).tolist() == [[True], [False]]

    @pytest.mark.parametrize("form", ["csc", "coo", "bsr", "lil", "dok", "dia"])
    def test_other_forms_are_converted(self, form):
        x, y = matrix(4, 6), np.arange(12, dtype="f4").reshape(6, 2)
        assert (nn.dot(x.asformat(form), y).numpy() == x @ y).all()

    def test_what_is_given_stays_as_it_is(self):
        x = sparse.csr_array((np.ones(3, "f4"), [2, 0, 2], [0, 3]), shape=(1, 3))
        before = [part.copy() for part in (x.data, x.indices, x.indptr)]
        rows = nn.SparseRows(x)
        assert nn.dot(rows, [[1.0], [0.0], [1.0]]).tolist() == [[3]]
        assert all((old == new).all() for old, new in zip(before, (x.data, x.indices, x.indptr), strict=True))
        x.indices[:] = 10**6  # is not seen, and not followed
        assert nn.dot(rows, [[1.0], [0.0], [1.0]]).tolist() == [[3]]

    def test_second_derivatives(self):
        x, w = matrix(4, 5), np.random.default_rng(0).normal(size=5).astype("f4")
        hessian = nn.hessian(lambda w: nn.sum(nn.square(nn.dot(x, w))))(w).numpy()
        np.testing.assert_allclose(hessian, 2 * x.toarray().T @ x.toarray(), rtol=1e-5, atol=1e-5)

    def test_numbanet_works_without_scipy(self):
        """Whether SciPy is imported cannot be asked: Numba may do it."""
        code = (
            "import sys; sys.modules['scipy'] = None\n"
            "import numbanet as nn; nn.SparseRows; print(nn.dot([[1.0]], [[2.0]]).item())"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "2.0"


class TestRows:
    def test_they_are_picked_like_rows_of_an_array(self):
        x = matrix(6, 5)
        rows, dense = nn.SparseRows(x), x.toarray()
        mask = np.array([True, False] * 3)
        for key in (slice(1, None, 2), [3, -1, 3], np.array([0]), mask, [], slice(0, 0), mask.tolist()):
            assert rows[key].shape == dense[key].shape
            assert (rows[key].toarray() == dense[key]).all()
        assert (rows[nn.asarray([2, 1])][1:].toarray() == dense[[1]]).all()
        assert (len(rows), rows.ndim, rows.size, rows.dtype, rows.device) == (6, 2, 30, np.float32, "cpu")
        assert repr(rows).startswith("SparseRows(shape=(6, 5), dtype=float32")

    @pytest.mark.parametrize("key", [0, (slice(None), 1), "x", np.zeros((2, 2), int), np.ones(2, bool), [1.5], [6]])
    def test_others_are_refused(self, key):
        with pytest.raises((ArgumentError, DTypeError, IndexError)):
            nn.SparseRows(matrix(6, 5))[key]

    def test_numpy_multiplies_them(self):
        rows, y = nn.SparseRows(matrix(3, 4)), nn.ones((4, 2))
        for product in (np.dot(rows, y), np.matmul(rows, y), np.matmul(rows, y.numpy())):
            assert (product.numpy() == rows.toarray() @ y.numpy()).all()

    def test_copies_and_pickles(self):
        rows = nn.SparseRows(matrix(3, 4))[[2, 1]]
        for other in (pickle.loads(pickle.dumps(rows)), copy.copy(rows), copy.deepcopy(rows)):
            assert (other.toarray() == rows.toarray()).all()
            assert (nn.dot(other, np.eye(4, dtype="f4")).numpy() == rows.toarray()).all()
        assert rows == rows
        assert rows != nn.SparseRows(matrix(3, 4))
        assert len({rows, rows}) == 1

    def test_dtypes(self):
        rows = nn.SparseRows(matrix(2, 3, dtype="i4"))
        assert nn.dot(rows.astype("f8"), np.ones((3, 1), "f4")).dtype == np.float64
        assert rows.astype("f4").toarray().dtype == np.float32
        with pytest.raises(DTypeError, match="float32 do not become int64"):
            nn.SparseRows(matrix(2, 3)).astype("i8")

    def test_a_function_of_ones_own_is_replayed_with_other_rows(self):
        x, w = matrix(20, 8), nn.Variable(np.ones((8, 3), "f4"))
        rows, optimizer = nn.SparseRows(x), nn.optimizers.SGD(0.01)

        def step(batch):
            with nn.GradientTape() as tape:
                loss = nn.sum(nn.square(nn.dot(batch, w)))
            optimizer.apply_gradients([(tape.gradient(loss, w), w)])
            return loss

        plain = w.numpy()
        replayed, found = nn.function(step), []
        orders = [np.random.default_rng(k).permutation(20)[:5] for k in range(6)]
        found = [replayed(rows[order]).item() for order in orders]
        (_, outcome), *_ = replayed.calls
        if nn.config.backend != "python":
            assert isinstance(outcome, Replay)
        after = w.numpy()
        w.assign(plain)
        optimizer = nn.optimizers.SGD(0.01)
        assert found == [step(rows[order]).item() for order in orders]
        assert (after == w.numpy()).all()


class TestRefusals:
    X = matrix(4, 5)
    ROWS = nn.SparseRows(X)

    @pytest.mark.parametrize("x", [X, ROWS], ids=["SciPy", "rows"])
    @pytest.mark.parametrize(
        ("name", "call"),
        {
            "relu": nn.relu,
            "add": lambda x: nn.add(x, 1.0),
            "asarray": nn.asarray,
            "a list": lambda x: nn.asarray([x, x]),
            "sum": nn.sum,
            "stack": lambda x: nn.stack([x, x]),
            "tensordot": lambda x: nn.tensordot(x, np.ones((5, 1), "f4"), 1),
            "Variable": nn.Variable,
        }.items(),
    )
    def test_no_other_function_takes_them(self, x, name, call):
        with pytest.raises(ArgumentError, match=r"(?s)sparse data of shape \(4, 5\) \(float32\).*toarray"):
            call(x)

    @pytest.mark.parametrize(
        "call",
        [
            lambda x: x + 1,
            lambda x: nn.ones(5) * x,
            lambda x: -x,
            np.asarray,
            lambda x: np.add(x, 1),
            lambda x: x > 0,
            lambda x: x == 0,
        ],
    )
    def test_rows_refuse_arithmetic_and_numpy(self, call):
        with pytest.raises(ArgumentError, match="sparse data of shape"):
            call(self.ROWS)

    @pytest.mark.parametrize("y", [X, np.ones((4, 4), "f4")], ids=["sparse", "dense"])
    def test_the_second_operand_is_dense(self, y):
        for x in (self.X, self.ROWS):
            with pytest.raises(ArgumentError, match=r"only the first operand can be sparse, got shapes \(4, \d\)"):
                nn.matmul(y, x)

    def test_shapes_must_fit(self):
        with pytest.raises(ShapeError, match=r"dot: shapes \(4, 5\) and \(4, 2\) do not fit: 5 != 4"):
            nn.dot(self.X, np.ones((4, 2), "f4"))
        with pytest.raises(ShapeError, match=r"\(4, 5\) are multiplied by .*, got \(5, 1, 1\)"):
            nn.dot(self.X, np.ones((5, 1, 1), "f4"))
        with pytest.raises(ShapeError, match="two dimensions"):
            nn.dot(sparse.coo_array(np.eye(3)[0]), np.ones(3))

    @pytest.mark.parametrize("x", [X, ROWS], ids=["SciPy", "rows"])
    def test_the_sparse_side_has_no_gradient(self, x):
        y = np.ones((5, 1), "f4")
        for ask in (
            lambda: nn.grad(lambda x: nn.sum(nn.dot(x, y)))(x),
            lambda: nn.GradientTape().watch(x),
            lambda: nn.GradientTape().gradient(nn.ones(()), x),
        ):
            with pytest.raises(GradientError, match=r"sparse data of shape \(4, 5\).*dense operand"):
                ask()

    @pytest.mark.parametrize("dtype", ["c8", "f2", "O", "g"])
    def test_dtypes_that_numbanet_lacks(self, dtype):
        x = sparse.csr_array((np.ones(2, "f4"), [0, 1], [0, 2]), shape=(1, 3))
        x.data = np.ones(2, dtype)  # SciPy's own constructor refuses some of them
        with pytest.raises(DTypeError, match=r"csr_array of shape \(1, 3\).*are not supported"):
            nn.dot(x, np.ones((3, 1), "f4"))

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("indices", np.array([0, 3])),
            ("indices", np.array([-1, 1])),
            ("indices", np.array([0])),
            ("indices", np.array([0.0, 1.0])),
            ("indices", np.array([[0, 1]])),
            ("indptr", np.array([0, 3])),
            ("indptr", np.array([1, 2])),
            ("indptr", np.array([0, 1, 2])),
            ("indptr", np.array([0, -1])),
            ("indptr", np.array([2])),
            ("data", np.ones(1, "f4")),
            ("data", np.ones((2, 1), "f4")),
        ],
    )
    @pytest.mark.parametrize("convert", [False, True])
    def test_indices_are_checked(self, part, value, convert):
        x = sparse.csr_array((np.ones(2, "f4"), [0, 1], [0, 2]), shape=(1, 3))
        x = sparse.csc_array((x.data, x.indices, x.indptr), shape=(3, 1)) if convert else x
        setattr(x, part, value)
        with pytest.raises((DataError, DTypeError), match=r"array of shape \((1, 3|3, 1)\)"):
            nn.dot(x, np.ones((x.shape[1], 1), "f4"))


@needs_simulator
def test_a_device_gives_the_same():
    rng = np.random.default_rng(0)
    x, y = matrix(5, 7), rng.normal(size=(7, 3)).astype("f4")
    x.data = rng.normal(size=x.data.size).astype("f4")
    found = []
    for place in ("cpu", "cuda"):
        w = nn.Variable(nn.asarray(y, device=place))
        with nn.GradientTape() as tape:
            product = nn.dot(x, w)
            loss = nn.sum(nn.square(product))
        assert product.device == place
        found.append((product.numpy(), tape.gradient(loss, w).numpy()))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-6)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-5, atol=1e-6)
