"""What cannot work fails before a weight changes: callbacks, metrics, validation data, models that cannot be saved."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from numbanet.errors import ArgumentError, NotBuiltError, NumbanetError, ShapeError

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(np.int64)
HOT = np.eye(2, dtype=np.float32)[LABELS]


def model(loss="sparse_categorical_crossentropy", metrics=("accuracy",), units=2, activation="softmax", **options):
    layers = options.pop("layers", None) or [nn.layers.Dense(4, "relu")]
    made = nn.Sequential([*layers, nn.layers.Dense(units, activation)])
    made.compile(options.pop("optimizer", "adam"), loss, list(metrics))
    return made


def check_refused(error, words, made=None, x=X, y=LABELS, callbacks=(), eager=True, **options):
    """`fit` raises, whether it would replay or not, and leaves a model as it was: new, and trained before."""
    made = made or model()
    listen = [nn.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: None)] if eager else []
    for callback in ([], listen):
        with pytest.raises(error, match=words):
            made.fit(x, y, epochs=2, verbose=0, callbacks=[*callbacks, *callback], **options)
        assert not made.built
    made.build((3,), rng=0)
    before = [weight.numpy().tobytes() for weight in made.weights]
    with pytest.raises(error, match=words):
        made.fit(x, y, epochs=2, verbose=0, callbacks=list(callbacks), **options)
    assert [weight.numpy().tobytes() for weight in made.weights] == before
    assert not made.optimizer.built
    return made


class TestMonitors:
    @pytest.mark.parametrize("make", [EarlyStopping, ReduceLROnPlateau])
    @pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy", "acuracy", "f1", ""])
    def test_names_that_will_not_be_in_the_logs(self, make, monitor):
        check_refused(ArgumentError, rf"{make.__name__}.*{monitor}.*accuracy, loss", callbacks=[make(monitor)])

    def test_best_files(self, tmp_path):
        best = ModelCheckpoint(tmp_path / "m.numbanet", save_best_only=True)
        check_refused(ArgumentError, "ModelCheckpoint.*val_loss.*validation data", callbacks=[best])
        assert not list(tmp_path.iterdir())
        model().fit(X, LABELS, verbose=0, callbacks=[ModelCheckpoint(tmp_path / "all.numbanet")])
        assert [path.name for path in tmp_path.iterdir()] == ["all.numbanet"]

    @pytest.mark.parametrize("make", [EarlyStopping, ReduceLROnPlateau])
    def test_directions_that_nobody_can_tell(self, make):
        def balance(y_true, y_pred):
            return y_pred[:, 0]

        made = model(metrics=["accuracy", balance])
        check_refused(ArgumentError, "unclear whether 'balance' should", made, callbacks=[make("balance")])
        made.fit(X, LABELS, verbose=0, callbacks=[make("balance", mode="max")])

    @pytest.mark.parametrize("monitor", ["loss", "accuracy", "val_loss", "val_accuracy"])
    @pytest.mark.parametrize("make", [EarlyStopping, ReduceLROnPlateau])
    def test_names_that_will_be_there(self, make, monitor):
        model().fit(X, LABELS, verbose=0, validation_split=0.25, callbacks=[make(monitor)])

    def test_callbacks_may_add_names(self):
        class Adds(nn.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                logs["val_f1"] = 0.5

        watch = EarlyStopping("val_f1", mode="max", patience=5)
        model().fit(X, LABELS, verbose=0, callbacks=[Adds(), watch])
        assert watch.best == 0.5
        rates = [nn.callbacks.LearningRateScheduler(lambda epoch: 0.1), EarlyStopping("learning_rate", mode="min")]
        model().fit(X, LABELS, verbose=0, callbacks=rates)
        check_refused(ArgumentError, "'val_f1' is not in the logs", callbacks=[watch, Adds()])
        with pytest.raises(ArgumentError, match="unclear whether"):
            model().fit(X, LABELS, verbose=0, callbacks=[Adds(), EarlyStopping("val_f1")])

    def test_own_subclasses_decide_themselves(self):
        class Quiet(EarlyStopping):
            def on_epoch_end(self, epoch, logs=None):
                return

        model().fit(X, LABELS, verbose=0, callbacks=[Quiet("nothing")])

    def test_optimizers_with_a_schedule(self):
        schedule = nn.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
        for callback in (ReduceLROnPlateau("loss"), nn.callbacks.LearningRateScheduler(lambda epoch: 0.1)):
            made = model(optimizer=nn.optimizers.SGD(schedule))
            check_refused(ArgumentError, "has a schedule", made, callbacks=[callback])


class TestCheckpoints:
    """The combinations that cannot be saved are in test_saving_contract.py; here is when it is said."""

    def test_a_model_that_cannot_be_saved(self, tmp_path):
        made = model(layers=[nn.layers.Dense(4, lambda x: x, name="bad")])
        path = tmp_path / "new" / "m.numbanet"
        check_refused(NotBuiltError, "layer bad: its activation.*register", made, callbacks=[ModelCheckpoint(path)])
        assert not path.parent.exists()
        made.fit(X, LABELS, verbose=0, callbacks=[ModelCheckpoint(path, save_weights_only=True)])
        assert path.exists()

    @pytest.mark.parametrize("part", ["loss", "metric", "schedule"])
    def test_parts_that_cannot_be_saved(self, part, tmp_path):
        parts = {
            "loss": {"loss": lambda y, p: nn.mean(p, axis=-1) - y * 0.0},
            "metric": {"metrics": [lambda y, p: p[:, 0]]},
            "schedule": {"optimizer": nn.optimizers.SGD(lambda step: 0.1)},
        }
        callbacks = [ModelCheckpoint(tmp_path / "m.numbanet")]
        check_refused(NotBuiltError, f"the {part}.*register", model(**parts[part]), callbacks=callbacks)

    @pytest.mark.parametrize("weights_only", [False, True])
    @pytest.mark.parametrize("ending", ["keras", "weights.h5"])
    def test_endings_of_other_programs(self, ending, weights_only, tmp_path):
        callback = ModelCheckpoint(tmp_path / f"{{epoch}}.{ending}", save_weights_only=weights_only)
        check_refused(ArgumentError, "own format", callbacks=[callback])

    @pytest.mark.parametrize("path", ["{epoch}-{val_loss:.2f}.numbanet", "{acc}.numbanet", "{0}", "{epoch", "{loss:q}"])
    def test_paths_that_cannot_be_filled_in(self, path, tmp_path):
        check_refused(ArgumentError, "cannot be filled in", callbacks=[ModelCheckpoint(tmp_path / path)])

    def test_paths_with_numbers_that_are_there_now_and_then(self, tmp_path):
        path, options = tmp_path / "{epoch}-{val_loss:.1f}.numbanet", {"validation_split": 0.2, "validation_freq": 2}
        check_refused(ArgumentError, "cannot be filled in", callbacks=[ModelCheckpoint(path)], **options)
        best = ModelCheckpoint(path, save_best_only=True)
        model().fit(X, LABELS, epochs=2, verbose=0, callbacks=[best], **options)
        assert [file.name[:2] for file in tmp_path.iterdir()] == ["2-"]


class TestMetrics:
    @pytest.mark.parametrize(
        ("loss", "y", "metric", "words"),
        [
            ("mse", X[:, :2], "auc", "auc: labels must be 0 and 1"),
            ("mse", X[:, :2], nn.metrics.Precision(name="p"), "p: labels must be 0 and 1"),
            ("sparse_categorical_crossentropy", LABELS, "mse", r"mse.*\(40,\)|mean_squared_error"),
            ("sparse_categorical_crossentropy", LABELS, "auc", r"auc: y_true \(\d+,\) and y_pred"),
            ("sparse_categorical_crossentropy", LABELS, "categorical_accuracy", "categorical_accuracy"),
            ("categorical_crossentropy", HOT, "sparse_categorical_accuracy", "sparse_categorical_accuracy"),
            ("mse", HOT * 3, nn.metrics.BinaryAccuracy(), "binary_accuracy.*0 and 1"),
        ],
    )
    def test_targets_that_a_metric_cannot_use(self, loss, y, metric, words):
        made = model(loss, [metric])
        check_refused(NumbanetError, f"fit.*{words}", made, y=y)
        made.metrics = []
        made.fit(X, y, verbose=0)

    def test_one_bad_label_among_many(self):
        y = np.zeros((40, 2), np.float32)
        y[33, 1] = 2
        check_refused(ArgumentError, "recall.*0 and 1", model("mse", ["recall"]), y=y)
        bad_split = {"validation_data": (X, y), "y": y * 0}
        check_refused(ArgumentError, "validation_data.*recall", model("mse", ["recall"]), **bad_split)

    def test_evaluate_says_it_first(self):
        made = model("mse", [])
        made.fit(X, X[:, :2], verbose=0)
        made.metrics = [nn.metrics.AUC()]
        with pytest.raises(ArgumentError, match="evaluate: auc"):
            made.evaluate(X, X[:, :2], verbose=0)

    @pytest.mark.parametrize("columns", [3, 2])
    def test_own_metrics(self, columns):
        called = []

        def fails(y_true, y_pred):
            called.append(y_pred.shape)
            return (y_true + np.ones(columns)).sum(axis=-1)

        made = model("categorical_crossentropy", [fails])
        if columns == 3:
            check_refused(ValueError, "broadcast", made, y=HOT)
        else:
            made.fit(X, HOT, verbose=0)
        assert set(called) <= {(32, 2), (8, 2)}

    def test_own_metrics_see_what_the_first_batch_gives(self):
        """The weights of the copy are those that the model will have, and training goes on as if nothing had been."""
        seen = []

        class Sees(nn.metrics.MeanMetric):
            def values(self, y_true, y_pred):
                seen.append(y_pred.copy())
                return y_pred[:, 0]

        eager = nn.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: None)
        made, plain = model(metrics=[Sees()]), model(metrics=[])
        made.fit(X, LABELS, verbose=0, rng=3, shuffle=False, callbacks=[eager])
        plain.fit(X, LABELS, verbose=0, rng=3, shuffle=False)
        np.testing.assert_array_equal(seen[0], seen[1])
        assert made.get_weights()[0].tobytes() == plain.get_weights()[0].tobytes()
        assert len(seen) == 1 + 2


class TestValidation:
    @pytest.mark.parametrize("shape", [(10, 4), (10, 2), (10, 3, 1), (10,)])
    def test_samples_of_another_shape(self, shape):
        validation = np.ones(shape, np.float32), LABELS[:10]
        check_refused(ShapeError, "validation_data", validation_data=validation)

    @pytest.mark.parametrize(
        ("y", "error", "words"),
        [
            (LABELS[:10] + 2, ArgumentError, "validation_data.*2"),
            (HOT[:10, :1] + 0.5, NumbanetError, "validation_data"),
            (np.zeros((10, 5)), ShapeError, "validation_data"),
            (LABELS[:9], NumbanetError, "validation_data"),
        ],
    )
    def test_wrong_targets(self, y, error, words):
        check_refused(error, words, validation_data=(X[:10], y))

    def test_what_an_own_layer_does_not_take(self):
        class Tokens(nn.layers.Layer):
            def __init__(self):
                super().__init__()
                self.inner = nn.layers.Dense(4)

            def call(self, x):
                if x.shape[1] > 3:
                    raise ShapeError("too many tokens")
                return nn.mean(self.inner(nn.reshape(x, (-1, x.shape[1], 1))), axis=1)

        made = model(layers=[Tokens()])
        check_refused(ShapeError, "validation_data: too many", made, validation_data=(np.ones((9, 4)), LABELS[:9]))
        made.fit(X, LABELS, verbose=0, validation_data=(X[:, :2], LABELS))

    def test_nothing_is_left_behind(self):
        made = model()
        made.fit(X, LABELS, verbose=0, validation_data=(X, LABELS), rng=0)
        other = model()
        other.fit(X, LABELS, verbose=0, rng=0)
        for a, b in zip(made.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
