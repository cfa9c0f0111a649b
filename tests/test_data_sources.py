"""Where data come from: frames of pandas, masked arrays, loaders, sequences, generators, and single samples."""

import collections
import itertools
import operator
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DataError, DTypeError, NumbanetError, ShapeError
from numbanet.tensor.foreign import plain_array
from numbanet.training.epochs import Epochs

RNG = np.random.default_rng(5)
X = RNG.normal(size=(20, 3)).astype(np.float32)
Y = X @ np.array([[1.0], [2.0], [-1.0]], np.float32)
BATCHES = [(X[i : i + 5], Y[i : i + 5]) for i in range(0, 20, 5)]


def model_of(metrics=("mae",)):
    model = nn.Sequential([nn.layers.Input((3,)), nn.layers.Dense(1)], rng=0)
    model.compile("sgd", "mse", list(metrics))
    return model


def trained(*data, **options):
    """Weights and history of two epochs."""
    model = model_of()
    options = {"epochs": 2, "verbose": 0, "rng": 0, "shuffle": False, "batch_size": 5, **options}
    history = model.fit(*data, **options).history
    return [w.tobytes() for w in model.get_weights()], history


def same(found, expected):
    """Training is the same to the byte; validation took other batches."""
    assert found[0] == expected[0]
    for name, values in expected[1].items():
        assert found[1][name] == (pytest.approx(values, rel=1e-6) if name.startswith("val_") else values)


class TestFrames:
    MIXED = pd.DataFrame({"a": [True, False, True], "b": [1, 2, 3], "c": [0.5, 1.5, 2.5]})

    def test_mixed_columns_have_the_dtype_to_which_they_promote(self):
        found = nn.asarray(self.MIXED)
        np.testing.assert_array_equal(found.numpy(), [[1, 1, 0.5], [0, 2, 1.5], [1, 3, 2.5]])
        assert found.dtype == np.float64
        assert nn.asarray(self.MIXED[["a", "b"]]).dtype == np.int64
        assert nn.asarray(self.MIXED[["a"]]).dtype == np.bool_
        assert nn.asarray(self.MIXED.astype({"c": "float32"})).dtype == np.float32

    @pytest.mark.parametrize(("dtype", "values"), [
        ("Int64", [1, 2, 3]), ("UInt8", [1, 2, 3]), ("boolean", [True, False, True]), ("Float64", [0.5, 1.5, 2.5]),
        ("Float32", [0.5, 1.5, 2.5]), ("int8", [1, 2, 3]), ("bool", [True, False, True]), (">f8", [0.5, 1.5, 2.5]),
        (pd.SparseDtype("float64"), [0.5, 0.0, 2.5]), (pd.SparseDtype("int64", 0), [0, 0, 3]),
    ])  # fmt: skip
    def test_nullable_and_other_dtypes(self, dtype, values):
        expected = np.array(values)
        column = pd.Series(values, dtype=dtype)
        for given in (column, column.array, pd.DataFrame({"k": column})):
            found = plain_array(given, "x")
            assert found.dtype.kind in "biuf"
            np.testing.assert_array_equal(found.reshape(-1), expected)
        frame = plain_array(pd.DataFrame({"k": column, "m": [1.0, 2.0, 3.0]}), "x")
        np.testing.assert_array_equal(frame, np.stack([expected.astype(float), [1, 2, 3]], axis=1))

    @pytest.mark.parametrize("dtype", ["Int64", "boolean", "Float64"])
    def test_missing_values_are_named(self, dtype):
        column = pd.Series([1, None, 0], dtype=dtype)
        for given, where in ((column.rename("age"), "Series 'age'"), (pd.DataFrame({"age": column}), "column 'age'")):
            with pytest.raises(
                DataError, match=rf"asarray: .*{where} \({dtype}\) has missing values; fill them with fi"
            ):
                nn.asarray(given)

    @pytest.mark.parametrize(("column", "words"), [
        (pd.Series(["a", "b", "a"], dtype="category"), "is a category; give pandas.get_dummies"),
        (pd.Series([1, 2, 1], dtype="category"), "is a category; give pandas.get_dummies"),
        (pd.Series(["a", "b", "c"]), "holds strings"), (pd.Series(["a", "b", "c"], dtype="string"), "holds strings"),
        (pd.Series([1, "b", None], dtype=object), "has dtype object and holds NoneType, int, str"),
        (pd.Series(pd.to_datetime(["2020-01-01"] * 3)), "has dtype datetime64"),
        (pd.Series(pd.to_datetime(["2020-01-01"] * 3, utc=True)), "has dtype datetime64"),
        (pd.Series(pd.to_timedelta([1, 2, 3])), "has dtype timedelta64"),
        (pd.Series([1j, 2j, 3j]), "has dtype complex128"), (pd.Series([1, 2, 3], dtype="float16"), "has dtype float16"),
        (pd.Series(pd.interval_range(0, 3)), "has dtype interval"),
        (pd.Series(pd.period_range("2020", periods=3)), "has dtype period"),
    ])  # fmt: skip
    def test_columns_that_are_no_numbers_are_named(self, column, words):
        with pytest.raises(DTypeError, match=f"fit: x: column 'city' {words}"):
            model_of().fit(pd.DataFrame({"p": [1, 2, 3], "city": column}), [1, 2, 3])
        with pytest.raises(DTypeError, match=f"fit: y: the Series 'city' .*{words}"):
            model_of().fit(X[:3], column.rename("city"))

    @pytest.mark.parametrize("y", [
        pd.DataFrame({"y": Y[:, 0]}), pd.Series(Y[:, 0]), pd.Series(Y[:, 0], index=RNG.permutation(20)),
        pd.Series(Y[:, 0], dtype="Float32"), Y[:, 0], pd.Index(Y[:, 0]),
    ])  # fmt: skip
    def test_training_is_that_of_the_arrays(self, y):
        frame = pd.DataFrame(X, columns=["a", "b", "c"], index=RNG.permutation(20))
        weights = np.linspace(0, 2, 20)
        expected = trained(X, Y, sample_weight=weights, validation_split=0.25)
        given = pd.Series(weights, index=RNG.permutation(20))
        assert trained(frame, y, sample_weight=given, validation_split=0.25) == expected

    def test_odd_frames(self):
        assert plain_array(pd.DataFrame(index=[1, 2]), "x").shape == (2, 0)
        twice = pd.DataFrame([[1, 2.5], [3, 4.5]], columns=["a", "a"])
        np.testing.assert_array_equal(plain_array(twice, "x"), [[1, 2.5], [3, 4.5]])
        deep = pd.DataFrame([[1, True]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]))
        assert plain_array(deep, "x").tolist() == [[1, 1]]
        with pytest.raises(DTypeError, match=r"column \('b', 2\) holds strings"):
            plain_array(deep.astype({("b", 2): str}), "x")

    def test_everything_takes_them(self):
        column = pd.Series([1, 2, 3], dtype="Int64")
        np.testing.assert_array_equal((nn.ones(3) + nn.asarray(column)).numpy(), [2, 3, 4])
        np.testing.assert_array_equal(nn.sum(self.MIXED, axis=0).numpy(), [2, 6, 4.5])
        assert nn.losses.get("mse")(column, np.zeros((3, 1))).item() == pytest.approx(14 / 3)
        metric = nn.metrics.get("mae")
        metric.update(column, np.zeros(3))
        assert metric.result() == 2.0

    @pytest.mark.parametrize("other", [
        pd.Series([1.0, 2.0, 4.0]), pd.Series([1, 2, 4], dtype="Int64"), pd.DataFrame([[1.0, 2.0, 4.0]]),
        pd.array([1, 2, 4]),
    ])  # fmt: skip
    @pytest.mark.parametrize("op", [
        operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, np.add, np.multiply, np.maximum,
    ])  # fmt: skip
    def test_operators_keep_the_gradient(self, other, op):
        w, plain = nn.Variable(np.array([3.0, 2.0, 5.0])), np.asarray(other, float)
        for mine, numpys in (
            (lambda: op(w, other), op(w.numpy(), plain)),
            (lambda: op(other, w), op(plain, w.numpy())),
        ):
            with nn.GradientTape() as tape:
                found = mine()
                total = nn.sum(found)
            assert type(found) is nn.Tensor
            np.testing.assert_allclose(found.numpy(), numpys)
            assert np.abs(tape.gradient(total, w).numpy()).sum() > 0

    def test_comparisons_and_names_that_are_not_numbers(self):
        column = pd.Series([1.0, 2.0, 4.0], name="p")
        for found in (nn.ones(3) == column, column == nn.ones(3), column < nn.ones(3) + 0.5):
            assert type(found) is nn.Tensor
            assert found.tolist() == [True, False, False]
        with pytest.raises(DTypeError, match="the Series 'city' holds strings"):
            nn.ones(2) + pd.Series(["a", "b"], name="city")

    def test_numbanet_does_not_import_pandas(self):
        script = """
import sys, numpy as np, numbanet as nn
model = nn.Sequential([nn.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
print("pandas" in sys.modules)
"""
        assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "False\n"


class TestMaskedArrays:
    MASKED = np.ma.masked_array(X, X > 2)

    @pytest.mark.parametrize("masked", [MASKED, np.ma.masked_array(X), np.ma.masked, MASKED[0]])
    @pytest.mark.parametrize("take", [
        nn.asarray, nn.Variable, nn.exp, lambda m: nn.ones(3) + m, lambda m: np.add(nn.ones(3), m),
        lambda m: nn.asarray([m, m]), lambda m: nn.asarray([[m]]), lambda m: nn.stack([m, m]), nn.naive.naive_relu,
        lambda m: nn.losses.get("mse")(m, m), lambda m: nn.metrics.get("mse").update(m, X), model_of().predict,
        lambda m: model_of().fit(m, Y), lambda m: model_of().fit(X, m), lambda m: model_of().fit(X, Y, sample_weight=m),
        lambda m: model_of().evaluate(X, m), lambda m: model_of().fit([(m, Y)]),
    ])  # fmt: skip
    def test_they_are_refused(self, take, masked):
        with pytest.raises(ArgumentError, match=r"a masked array is not taken.* x\.filled\(value\)"):
            take(masked)


class Torch:
    """What numbanet sees of a tensor of PyTorch on the host."""

    def __init__(self, values):
        self._values = np.asarray(values)
        self.shape, self.dtype = self._values.shape, self._values.dtype

    def __array__(self, dtype=None, copy=None):
        return self._values.astype(dtype) if dtype is not None else self._values


class Loader:
    """What a DataLoader is: it has a length, starts anew, and its batches are lists of tensors."""

    def __init__(self, batches=BATCHES, known=True):
        self.batches, self.known = batches, known

    def __len__(self):
        if not self.known:
            raise TypeError("object of type 'IterableDataset' has no len()")
        return len(self.batches)

    def __iter__(self):
        return ([Torch(part) for part in batch] for batch in self.batches)


class Sequence:
    """What a Sequence of Keras is."""

    def __init__(self):
        self.ends, self.asked = 0, []

    def __len__(self):
        return len(BATCHES)

    def __getitem__(self, i):
        self.asked.append(i)
        return BATCHES[i]

    def on_epoch_end(self):
        self.ends += 1


class DataSet:
    """What a Dataset of TensorFlow is: iterable, without a length."""

    def __iter__(self):
        return iter([tuple(map(Torch, batch)) for batch in BATCHES])


SOURCES = {
    "list": lambda: BATCHES, "loader": Loader, "loader of unknown length": lambda: Loader(known=False),
    "sequence": Sequence, "data set": DataSet, "deque": lambda: collections.deque(BATCHES),
    "frames": lambda: [(pd.DataFrame(x), pd.Series(y[:, 0])) for x, y in BATCHES],
    "weighted": lambda: [(x, y, np.ones(5)) for x, y in BATCHES],
}  # fmt: skip


class TestBatches:
    @pytest.mark.parametrize("kind", SOURCES)
    def test_training_is_that_of_the_arrays(self, kind):
        source = SOURCES[kind]
        same(trained(source(), batch_size=None, validation_data=source()), trained(X, Y, validation_data=(X, Y)))

    @pytest.mark.parametrize("kind", SOURCES)
    def test_evaluate_and_predict(self, kind):
        model, source = model_of(), SOURCES[kind]
        assert model.evaluate(source(), verbose=0) == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-6)
        np.testing.assert_array_equal(model.predict(source(), verbose=0), model.predict(X, batch_size=5, verbose=0))

    def test_predict_takes_batches_of_x_alone(self):
        model = model_of()
        expected = model.predict(X, batch_size=5, verbose=0)
        for source in ([(x,) for x, _ in BATCHES], Loader([(x,) for x, _ in BATCHES]), (x for x, _ in BATCHES),
                       (x.tolist() for x, _ in BATCHES), (pd.DataFrame(x) for x, _ in BATCHES)):  # fmt: skip
            np.testing.assert_array_equal(model.predict(source, verbose=0), expected)

    def test_a_sequence_is_told_of_the_end_of_each_epoch(self):
        sequence = Sequence()
        model_of().fit(sequence, epochs=3, verbose=0)
        assert (sequence.ends, sequence.asked) == (3, [0, 1, 2, 3] * 3)

    def test_nothing_is_read_ahead(self):
        read, seen = [], []

        def batches():
            for i in itertools.count():
                read.append(i)
                yield BATCHES[i % 4]

        notes = nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append((batch, len(read))))
        model_of().fit(batches(), steps_per_epoch=3, epochs=2, callbacks=[notes], verbose=0)
        assert seen == [(0, 1), (1, 2), (2, 3), (0, 4), (1, 5), (2, 6)]
        assert read == [*range(6)]

    @pytest.mark.parametrize(("batch", "words"), [
        ({"image": X, "label": Y}, "dict of 'image', 'label'"),
        ((X, Y, Y, Y), "tuple of 4"), ((), "tuple of 0"), (X, "ndarray"), ("ab", "str"), (None, "NoneType"),
        ([1.0, 2.0], "list of 2"),
    ])  # fmt: skip
    def test_batches_of_another_kind_are_named(self, batch, words):
        for call in (model_of().fit, model_of().evaluate):
            with pytest.raises(DataError, match=rf"a batch must be \(x, y\) or \(x, y, sample_weight\), got a {words}"):
                call(iter([batch]), verbose=0)

    def test_parts_of_a_batch_are_checked(self):
        model = model_of()
        for batch, error, words in (
            ((X, Y[:3]), DataError, "x has 20 and y has 3"), ((X[:, :2], Y), ShapeError, r"\(3,\) are needed"),
            ((X, Y.astype(str)), DTypeError, "y"), ((X, None), ArgumentError, "y is needed"),
            (({"a": X}, Y), NumbanetError, "dict"), (({"a": X},), NumbanetError, "dict|y is needed"),
        ):  # fmt: skip
            before = [w.tobytes() for w in model.get_weights()]
            with pytest.raises(error, match=words):
                model.fit([batch], verbose=0)
            assert [w.tobytes() for w in model.get_weights()] == before

    @pytest.mark.parametrize("x", ["abc", b"abc", {1, 2}, {"a": X}, 3, None])
    @pytest.mark.parametrize("call", ["fit", "evaluate", "predict"])
    def test_what_is_no_data(self, x, call):
        with pytest.raises(
            ArgumentError, match=f"{call}: x (must be an array or an iterable of batches|is a dict of 'a')"
        ):
            getattr(model_of(), call)(x, verbose=0)

    def test_rows_may_be_tuples(self):
        rows, model = [tuple(row) for row in X.tolist()], model_of()
        np.testing.assert_array_equal(model.predict(rows, verbose=0), model.predict(X, verbose=0))
        assert trained(tuple(rows), Y) == trained(rows, Y) == trained([tuple(row) for row in X], Y) == trained(X, Y)

    def test_names_of_classes(self):
        with pytest.raises(DTypeError, match=r"fit: y: .*; for names of classes give np\.unique\(y, return_inverse"):
            model_of().fit(X, ["cat", "dog"] * 10)

    def test_dicts_of_outputs(self):
        with pytest.raises(ArgumentError, match="y is a dict of 'out'; this model takes one array"):
            model_of().fit(X, {"out": Y}, verbose=0)


def forever():
    while True:
        yield from BATCHES


class TestSteps:
    def test_infinite_generators(self):
        read = trained(forever(), batch_size=None, steps_per_epoch=4, validation_data=forever(), validation_steps=4)
        same(read, trained(X, Y, validation_data=(X, Y)))
        model = model_of()
        assert model.evaluate(forever(), steps=4, verbose=0) == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-6)
        np.testing.assert_array_equal(
            model.predict(forever(), steps=6, verbose=0), model.predict(np.concatenate([X, X[:10]]), 5, verbose=0)
        )

    def test_an_epoch_goes_on_where_the_last_one_ended(self):
        expected = trained(forever(), batch_size=None, steps_per_epoch=3, epochs=3)
        for source in (BATCHES, Loader(), Sequence()):
            assert trained(source, batch_size=None, steps_per_epoch=3, epochs=3) == expected
        assert trained(X, Y, steps_per_epoch=3, epochs=3) == expected
        longer = trained(forever(), batch_size=None, steps_per_epoch=9, epochs=1)
        assert trained(X, Y, steps_per_epoch=9, epochs=1) == longer

    def test_validation_sees_the_same_samples_every_time(self):
        for source in (BATCHES, Loader(), Sequence()):
            found = trained(X, Y, validation_data=source, validation_steps=3, epochs=3)
            same(found, trained(X, Y, validation_data=(X[:15], Y[:15]), epochs=3))

    def test_batch_size_is_for_arrays(self):
        for call in (model_of().fit, model_of().evaluate, model_of().predict):
            with pytest.raises(ArgumentError, match="batch_size is for arrays; an iterable has batches of its own"):
                call(BATCHES, batch_size=5, verbose=0)

    def test_a_data_set_of_samples_belongs_into_a_loader(self):
        class Samples:
            def __len__(self):
                return 20

            def __getitem__(self, i):
                return X[i], Y[i]

        with pytest.raises(DataError, match=r"x has 3 and y has 1 samples.* a Dataset of PyTorch, .* a DataLoader"):
            model_of().fit(Samples(), verbose=0)

    @pytest.mark.needs_compiled("the engine replays compiled kernels")
    @pytest.mark.parametrize("steps", [1, 2, 3, 5, 7])
    @pytest.mark.parametrize("shuffle", [False, True])
    def test_replayed_and_eager(self, steps, shuffle):
        eagerly = nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
        options = {"batch_size": 8, "steps_per_epoch": steps, "epochs": 4, "shuffle": shuffle}
        assert trained(X, Y, **options) == trained(X, Y, callbacks=[eagerly], **options)

    @pytest.mark.parametrize("shuffle", [False, True])
    def test_every_sample_comes_in_each_pass(self, shuffle):
        epochs = Epochs(10, 4, 2, shuffle, np.random.default_rng(0))
        rows = np.concatenate([np.concatenate(epochs.next()) for _ in range(6)])  # 12 batches of 4, 4 and 2
        assert len(rows) == 40
        for start in range(0, 40, 10):
            assert sorted(rows[start : start + 10]) == [*range(10)]
        assert (rows[:10].tolist() == [*range(10)]) is not shuffle

    def test_validation_steps_are_of_the_batch_size(self):
        few = trained(X, Y, validation_data=(X, Y), validation_steps=2)[1]
        assert few == trained(X, Y, validation_data=(X[:10], Y[:10]))[1]
        split = trained(X, Y, validation_split=0.5, validation_steps=1)[1]
        assert split == trained(X[:10], Y[:10], validation_data=(X[10:15], Y[10:15]))[1]

    def test_steps_of_arrays(self):
        model = model_of()
        assert model.evaluate(X, Y, batch_size=5, steps=3, verbose=0) == model.evaluate(X[:15], Y[:15], 5, verbose=0)
        np.testing.assert_array_equal(model.predict(X, 8, steps=3, verbose=0), model.predict(X, 8, verbose=0))
        for call in (lambda: model.evaluate(X, Y, 8, steps=4), lambda: model.predict(X, 8, steps=4)):
            with pytest.raises(ArgumentError, match="steps is 4, but 20 samples are 3 batches of 8"):
                call()
        with pytest.raises(ArgumentError, match="validation_steps is 5, but 20 samples are 3 batches of 8"):
            model.fit(X, Y, batch_size=8, validation_data=(X, Y), validation_steps=5)

    def test_a_generator_that_runs_out_says_so(self):
        for call, words in (
            (lambda: model_of().fit(iter(BATCHES), steps_per_epoch=3, epochs=2, verbose=0),
             "fit: the list_iterator ran out after 1 of the 3 batches"),
            (lambda: model_of().evaluate(iter(BATCHES), steps=5, verbose=0), "evaluate: .* ran out after 4 of the 5"),
            (lambda: model_of().predict((x for x, _ in BATCHES), steps=5, verbose=0), "ran out after 4 of the 5"),
            (lambda: model_of().fit(X, Y, validation_data=iter(BATCHES), validation_steps=5, verbose=0),
             "validation_data: .* ran out after 4 of the 5"),
            (lambda: model_of().fit(iter([]), verbose=0), "the iterable gave no batches"),
            (lambda: model_of().fit([], steps_per_epoch=2, verbose=0), "no samples|ran out after 0"),
            (lambda: model_of().fit(Loader([]), steps_per_epoch=2, verbose=0), "Loader ran out after 0 of the 2"),
        ):  # fmt: skip
            with pytest.raises(DataError, match=words):
                call()

    def test_what_can_be_read_once_is_refused_before_training(self):
        for options in ({"x": iter(BATCHES)}, {"x": X, "y": Y, "validation_data": iter(BATCHES)}):
            model = model_of()
            before = [w.tobytes() for w in model.get_weights()]
            with pytest.raises(
                ArgumentError, match="can be read only once, and there are 2 epochs; say how many batches"
            ):
                model.fit(**options, epochs=2, verbose=0)
            assert [w.tobytes() for w in model.get_weights()] == before
        model_of().fit(iter(BATCHES), validation_data=iter(BATCHES), verbose=0)

    @pytest.mark.parametrize(("options", "words"), [
        ({"steps_per_epoch": 0}, "fit: steps_per_epoch must be"), ({"steps_per_epoch": 1.5}, "steps_per_epoch"),
        ({"validation_steps": 2}, "validation_steps needs validation_data"),
        ({"validation_data": (X, Y), "validation_steps": 0}, "validation_steps must be"),
        ({"validation_freq": 0}, "validation_freq"), ({"initial_epoch": -1}, "initial_epoch"),
        ({"initial_epoch": 1}, "initial_epoch must be below epochs, .* got 1 and 1"),
        ({"shuffle": "no"}, "shuffle must be True or False, got 'no'"), ({"shuffle": None}, "shuffle"),
        ({"verbose": "yes"}, "verbose must be 'auto', 0, 1 or 2"), ({"verbose": 1.5}, "verbose"),
        ({"verbose": [1]}, "verbose"), ({"validation_split": "a"}, "validation_split"),
        ({"validation_split": 1}, "validation_split"), ({"validation_data": X}, "validation_data must be"),
        ({"validation_data": (X,)}, "validation_data .* a tuple of 1"), ({"validation_data": "ab"}, "got a str"),
        ({"validation_data": {"x": X}}, "validation_data must be .* got a dict"),
    ])  # fmt: skip
    def test_wrong_arguments_are_named(self, options, words):
        with pytest.raises(ArgumentError, match=words):
            model_of().fit(X, Y, **{"verbose": 0, **options})


class TestEpochNumbers:
    def test_initial_epoch(self):
        seen = []
        notes = nn.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: seen.append(epoch))
        history = model_of().fit(X, Y, initial_epoch=3, epochs=5, callbacks=[notes], verbose=0)
        assert seen == history.epoch == [3, 4]

    def test_validation_freq(self):
        stop = nn.callbacks.EarlyStopping("val_loss", patience=1, mode="max", restore_best_weights=True)
        model = model_of()
        history = model.fit(X, Y, epochs=9, validation_data=(X, Y), validation_freq=2, callbacks=[stop], verbose=0)
        assert len(history.history["loss"]) == 4  # the second validation, after the fourth epoch, is no better
        assert len(history.history["val_loss"]) == 2
        assert stop.best_epoch == 1

    def test_what_reads_the_logs_knows_of_epochs_without_validation(self, tmp_path):
        log = nn.callbacks.CSVLogger(tmp_path / "log.csv")
        options = {"validation_data": (X, Y), "validation_freq": 2, "initial_epoch": 1, "epochs": 6}
        history = model_of().fit(X, Y, callbacks=[log], verbose=0, **options)
        rows = pd.read_csv(tmp_path / "log.csv", keep_default_na=False, na_values=["NA"])
        assert list(rows) == ["epoch", "loss", "mae", "val_loss", "val_mae"]
        assert rows["val_loss"].notna().tolist() == [True, False, True, False, True]
        np.testing.assert_allclose(rows["val_mae"].dropna(), history.history["val_mae"])
        plain, dashed = nn.plotting.history(history).get_lines()
        assert (plain.get_xdata().tolist(), dashed.get_xdata().tolist()) == ([2, 3, 4, 5, 6], [2, 4, 6])
        with pytest.raises(ArgumentError, match="3 numbers of validation for 5 epochs do not tell of which"):
            nn.plotting.history(history.history)


class TestOneSample:
    @pytest.mark.parametrize(
        "make", [lambda: X[0], lambda: X[0].tolist(), lambda: nn.asarray(X[0]), lambda: pd.Series(X[0])]
    )
    def test_predict_says_what_to_write(self, make):
        model = model_of()
        with pytest.raises(
            ShapeError, match=r"predict: x has the shape \(3,\) of one sample; give a batch of it, x\[None\]"
        ):
            model.predict(make(), verbose=0)
        assert model.predict(X[0][None], verbose=0).shape == (1, 1)

    def test_images(self):
        model = nn.Sequential([nn.layers.Input((4, 5)), nn.layers.Flatten(), nn.layers.Dense(2)])
        with pytest.raises(ShapeError, match=r"x has the shape \(4, 5\) of one sample; give a batch of it, x\[None\]"):
            model.predict(np.zeros((4, 5)), verbose=0)
        assert model.predict(np.zeros((1, 4, 5)), verbose=0).shape == (1, 2)
