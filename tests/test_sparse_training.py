"""Training, evaluation and prediction on sparse rows: what dense rows give, replayed and eager to the same bytes."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.settings import config
from numbanet.errors import ArgumentError, DataError, DTypeError, ShapeError
from numbanet.kernels import threads
from numbanet.launching import pace, program
from tests.simulator import needs_simulator

sparse = pytest.importorskip("scipy.sparse", reason="SciPy is in the test extra")

ROWS, COLUMNS = 70, 40


def samples(rows=ROWS, seed=0, dtype="f4"):
    """A multi-hot CSR matrix with an empty row, and classes that depend on it."""
    rng = np.random.default_rng(seed)
    x = (rng.random((rows, COLUMNS)) < 0.15).astype(dtype)
    x[3] = 0
    return sparse.csr_matrix(x), (x[:, : COLUMNS // 2].sum(axis=1) > x[:, COLUMNS // 2 :].sum(axis=1)).astype(int)


X, Y = samples()


def network(units=16, optimizer="rmsprop", dtype=None, **settings):
    model = nn.Sequential(
        [nn.layers.Dense(units, activation="relu", dtype=dtype), nn.layers.Dense(2, activation="softmax", dtype=dtype)]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **settings)
    return model


def weights(model):
    return b"".join(w.numpy().tobytes() for w in model.weights)


class Own(nn.callbacks.Callback):
    """Listens to batches: training runs them one by one."""

    def on_train_batch_end(self, batch, logs=None):
        pass


WAYS = {
    "plain": {},
    "in order": {"shuffle": False},
    "split": {"validation_split": 0.3},
    "validation": {"validation_data": samples(33, 1)},
    "weights": {"sample_weight": np.linspace(0.5, 2, ROWS), "class_weight": {0: 1.0, 1: 3.0}},
    "steps": {"steps_per_epoch": 3, "validation_split": 0.3, "validation_steps": 1},
    "batches that listeners hear of": {"callbacks": [Own()]},
}


def dense(options):
    """The same options with dense validation data."""
    held = options.get("validation_data")
    return options if held is None else options | {"validation_data": (held[0].toarray(), held[1])}


class TestFit:
    @pytest.mark.parametrize("way", WAYS)
    def test_it_learns_what_dense_rows_teach(self, way):
        one, other, options = network(), network(), WAYS[way]
        found = one.fit(X, Y, 16, 3, rng=0, verbose=0, **options).history
        expected = other.fit(X.toarray(), Y, 16, 3, rng=0, verbose=0, **dense(options)).history
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-5)
        for w, v in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(w, v, rtol=1e-3, atol=1e-4)

    @pytest.mark.needs_compiled("only compiled launches are replayed")
    @pytest.mark.parametrize("way", [way for way in WAYS if "callbacks" not in WAYS[way]])
    def test_replayed_and_eager_give_the_same_bytes(self, way, capsys):
        replayed, eager, options = network(), network(), WAYS[way]
        one = replayed.fit(X, Y, 16, 3, rng=0, verbose=0, **options).history
        replayed.explain()
        assert "csr_dot_transposed" in capsys.readouterr().out
        other = eager.fit(X, Y, 16, 3, rng=0, verbose=0, callbacks=[Own()], **options).history
        eager.explain()
        assert "Own listens to batches" in capsys.readouterr().out
        assert one == other
        assert weights(replayed) == weights(eager)

    def test_both_ways_are_compared_on_request(self, monkeypatch):
        monkeypatch.setattr(config, "_check_replay", True)
        model = nn.Sequential(
            [nn.Input((COLUMNS,)), nn.layers.Dense(3, "relu"), nn.layers.Dropout(0.2), *network().layers]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        assert len(model.fit(X, Y, 16, 2, rng=0, verbose=0, validation_split=0.2).history["loss"]) == 2

    @pytest.mark.needs_compiled("threads run compiled kernels")
    def test_any_number_of_threads_gives_the_same_bytes(self, monkeypatch):
        monkeypatch.setattr(threads, "SPLIT_NS", 1)
        monkeypatch.setattr(program, "SPLIT_NS", 1)
        monkeypatch.setattr(program, "SHARE_NS", 1)
        monkeypatch.setattr(pace, "TRIALS", 0)  # always a team
        found = set()
        for count in (1, 2, 3):
            monkeypatch.setattr(config, "_num_threads", count)
            model = network()
            model.fit(X, Y, 16, 3, rng=0, verbose=0)
            found.add(weights(model) + model.predict(X, verbose=0).tobytes())
        assert len(found) == 1

    def test_every_backend(self, each_backend):
        model, other = network(3), network(3)
        model.fit(X, Y, 35, 2, rng=0, verbose=0)
        other.fit(X.toarray(), Y, 35, 2, rng=0, verbose=0)
        np.testing.assert_allclose(model.predict(X, verbose=0), other.predict(X.toarray(), verbose=0), rtol=1e-4)

    @pytest.mark.parametrize("dtype", ["?", "u1", "i8", "f8"])
    @pytest.mark.parametrize("layers", ["float32", "float64"])
    def test_other_dtypes(self, dtype, layers):
        one, other, x = network(dtype=layers), network(dtype=layers), samples(dtype=dtype)[0]
        one.fit(x, Y, 32, 2, rng=0, verbose=0)
        other.fit(x.toarray(), Y, 32, 2, rng=0, verbose=0)
        found, expected = one.predict(x, verbose=0), other.predict(x.toarray(), verbose=0)
        assert found.dtype == expected.dtype == layers
        np.testing.assert_allclose(found, expected, rtol=1e-4)

    @pytest.mark.parametrize("form", ["csc", "coo", "rows"])
    def test_other_forms_and_rows(self, form):
        one, other = network(), network()
        x = nn.SparseRows(X) if form == "rows" else X.asformat(form)
        one.fit(x, Y, 16, 2, rng=0, verbose=0)
        other.fit(X, Y, 16, 2, rng=0, verbose=0)
        assert weights(one) == weights(other)
        assert one.evaluate(x, Y, verbose=0) == other.evaluate(X, Y, verbose=0)

    def test_batches_from_an_iterable(self):
        one, other = network(), network()
        batches = [(X[i : i + 14], Y[i : i + 14]) for i in range(0, ROWS, 14)]
        one.fit(batches, epochs=2, rng=0, verbose=0)
        other.fit(X, Y, 14, 2, shuffle=False, rng=0, verbose=0)
        assert one.evaluate(batches, verbose=0) == other.evaluate(X, Y, 14, verbose=0)
        assert (one.predict((x for x, _ in batches), verbose=0) == other.predict(X, 14, verbose=0)).all()

    def test_what_is_written_to_the_matrix_meanwhile_is_not_seen(self):
        x = X.copy()

        class Breaks(nn.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                x.indices[:] = 10**6
                x.data[:] = np.nan

        one, other = network(), network()
        one.fit(x, Y, 16, 3, rng=0, verbose=0, callbacks=[Breaks()])
        other.fit(X, Y, 16, 3, rng=0, verbose=0)
        assert weights(one) == weights(other)

    def test_a_model_and_layers_of_ones_own(self):
        class Shifted(nn.layers.Layer):
            def build(self, shape):
                self.kernel = self.add_weight((shape[-1], 2), name="kernel")

            def call(self, x):
                return nn.softmax(nn.dot(x, self.kernel) + 0.5)

        class Own(nn.Model):
            def __init__(self):
                super().__init__()
                self.inner = Shifted()

            def call(self, x):
                return self.inner(x)

        found = []
        for x in (X, X.toarray()):
            model = Own()
            model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
            history = model.fit(x, Y, 16, 6, rng=0, verbose=0, validation_data=(x, Y)).history
            found.append([*history["loss"], *history["val_accuracy"], *model.predict(x, verbose=0).ravel()])
        np.testing.assert_allclose(*found, rtol=1e-4)


class TestEvaluate:
    def test_evaluate_and_predict_are_those_of_dense_rows(self):
        model = network()
        model.fit(X, Y, 16, 2, rng=0, verbose=0)
        for size in (None, 9):
            found, expected = (model.evaluate(x, Y, size, verbose=0) for x in (X, X.toarray()))
            np.testing.assert_allclose(found, expected, rtol=1e-4)
            found, expected = (model.predict(x, size, verbose=0) for x in (X, X.toarray()))
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(model(X).numpy(), model(X.toarray()).numpy(), rtol=1e-4, atol=1e-6)
        assert (model(nn.SparseRows(X)[5:9]).numpy() == model(X).numpy()[5:9]).all()

    def test_recordings_do_not_outlive_the_matrix(self):
        model = network()
        model.fit(X, Y, 16, 1, rng=0, verbose=0)
        model.predict(X, 7, verbose=0)
        model.predict(X.toarray(), 7, verbose=0)
        kinds = model._trainer.recordings._functions["predict_step"].calls
        assert [shapes for shapes, _ in kinds] == [[(7, COLUMNS)]]

    @pytest.mark.needs_compiled("only compiled launches are replayed")
    def test_other_matrices_of_the_same_shape_get_their_own_results(self):
        model = network()
        model.fit(X, Y, 16, 1, rng=0, verbose=0)
        for seed in range(3):
            x = samples(seed=seed)[0]
            expected = model.predict(x.toarray(), 7, verbose=0)
            np.testing.assert_allclose(model.predict(x, 7, verbose=0), expected, rtol=1e-4, atol=1e-6)


class TestRefusals:
    def refused(self, error, text, call):
        """A failure, after which the model is what it was."""
        model = network()
        with pytest.raises(error, match=text):
            call(model)
        assert not model.built

    def test_targets_and_weights_are_dense(self):
        y = sparse.csr_matrix(Y[:, None])
        self.refused(ArgumentError, "fit: y: sparse data of shape", lambda m: m.fit(X, y, verbose=0))
        self.refused(ArgumentError, "fit: sample_weight: sparse", lambda m: m.fit(X, Y, sample_weight=y, verbose=0))

    def test_lengths_dtypes_and_indices(self):
        broken = X.copy()
        broken.indices[5] = COLUMNS
        self.refused(DataError, "x has 70 and y has 69", lambda m: m.fit(X, Y[1:], verbose=0))
        self.refused(DataError, r"fit: x: csr_matrix of shape \(70, 40\).*0 to 39", lambda m: m.fit(broken, Y))
        self.refused(DTypeError, r"fit: x: csr_matrix.*complex64", lambda m: m.fit(X.astype("c8"), Y))
        self.refused(DataError, "no samples", lambda m: m.fit(X[:0], Y[:0]))

    def test_other_features_than_those_that_it_was_built_for(self):
        model = network()
        model.build((None, COLUMNS))
        with pytest.raises(ShapeError, match="40 features"):
            model.fit(X[:, :9], Y, verbose=0)

    def test_layers_that_need_all_elements(self):
        model = nn.Sequential([nn.layers.Flatten(), nn.layers.Dense(2, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        with pytest.raises(ArgumentError, match=r"sparse data of shape \(\d+, 40\).*Dense alone"):
            model.fit(X, Y, verbose=0, epochs=1)


@needs_simulator
def test_a_device_trains_as_the_host_does():
    found = []
    for place in ("cpu", "cuda"):
        model = network(3)
        with nn.device(place):
            model.fit(X[:12], Y[:12], 6, 2, rng=0, verbose=0)
        found.append(model.predict(X[:12], verbose=0))
    np.testing.assert_allclose(*found, rtol=1e-4)
