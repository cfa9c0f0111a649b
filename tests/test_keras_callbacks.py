"""Callbacks under Keras's names, of training, tests and prediction; misspelt ones; early stopping to the word."""

import math
import warnings

import numpy as np
import pytest

import numbanet as nn
from numbanet.callbacks.base import EVENTS
from numbanet.errors import ArgumentError, CallbackWarning

X = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
Y = X[:, :1]


def model_of(metrics=("mae",)):
    model = nn.Sequential([nn.layers.Input((3,)), nn.layers.Dense(1)], rng=0)
    model.compile("sgd", "mse", list(metrics))
    return model


def recorder(*names):
    """A callback that notes the calls of these methods: (name, index if there is one, names in the logs)."""
    calls = []

    def method(name):
        def note(self, *given):
            index = [one for one in given if isinstance(one, int)]
            logs = sorted(given[-1]) if given and given[-1] else []
            calls.append((name, *index, *logs))

        return note

    kind = type("Recorder", (nn.callbacks.Callback,), {name: method(name) for name in names})
    callback = kind()
    callback.calls = calls
    return callback


TRAINING = ["on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end", "on_train_batch_begin",
            "on_train_batch_end"]  # fmt: skip
TESTS = ["on_test_begin", "on_test_end", "on_test_batch_begin", "on_test_batch_end"]
PREDICTIONS = ["on_predict_begin", "on_predict_end", "on_predict_batch_begin", "on_predict_batch_end"]
EVERYTHING = TRAINING + TESTS + PREDICTIONS
NUMBERS = ("loss", "mae")


class TestNames:
    def test_fit(self):
        callback = recorder(*EVERYTHING)
        model = model_of()
        model.fit(X, Y, batch_size=5, epochs=2, validation_data=(X, Y), callbacks=[callback], verbose=0)
        validated = ("loss", "mae", "val_loss", "val_mae")
        epoch = [
            ("on_train_batch_begin", 0), ("on_train_batch_end", 0, *NUMBERS), ("on_train_batch_begin", 1),
            ("on_train_batch_end", 1, *NUMBERS), ("on_test_begin",), ("on_test_batch_begin", 0),
            ("on_test_batch_end", 0, *NUMBERS), ("on_test_end", *NUMBERS),
        ]  # fmt: skip
        assert callback.calls == [
            ("on_train_begin",), ("on_epoch_begin", 0), *epoch, ("on_epoch_end", 0, *validated), ("on_epoch_begin", 1),
            *epoch, ("on_epoch_end", 1, *validated), ("on_train_end", *validated),
        ]  # fmt: skip

    def test_evaluate(self):
        callback = recorder(*EVERYTHING)
        model_of().evaluate(X, Y, batch_size=6, callbacks=[callback], verbose=0)
        assert callback.calls == [
            ("on_test_begin",), ("on_test_batch_begin", 0), ("on_test_batch_end", 0, *NUMBERS),
            ("on_test_batch_begin", 1), ("on_test_batch_end", 1, *NUMBERS), ("on_test_end", *NUMBERS),
        ]  # fmt: skip

    def test_predict(self):
        callback = recorder(*EVERYTHING)
        outputs = []
        keeper = nn.callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: outputs.append(logs["outputs"]))
        found = model_of().predict(X, batch_size=6, callbacks=[callback, keeper], verbose=0)
        assert callback.calls == [
            ("on_predict_begin",), ("on_predict_batch_begin", 0), ("on_predict_batch_end", 0, "outputs"),
            ("on_predict_batch_begin", 1), ("on_predict_batch_end", 1, "outputs"), ("on_predict_end",),
        ]  # fmt: skip
        np.testing.assert_array_equal(np.concatenate(outputs), found)

    @pytest.mark.parametrize("name", [
        "on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end",
    ])  # fmt: skip
    @pytest.mark.parametrize("on_the_object", [False, True])
    def test_batches_of_training_are_all_seen(self, name, on_the_object):
        if on_the_object:
            seen = []
            callback = nn.callbacks.LambdaCallback(**{name: lambda batch, logs: seen.append(batch)})
        else:
            callback = recorder(name)
        model = model_of()
        model.fit(X, Y, batch_size=1, epochs=2, callbacks=[callback], verbose=0)
        found = seen if on_the_object else [call[1] for call in callback.calls]
        assert found == [*range(10), *range(10)]
        assert "listens to batches" in str(model.explanation)

    @pytest.mark.needs_compiled("the engine replays compiled kernels")
    def test_listening_to_tests_leaves_training_replayed(self):
        callback = recorder(*TESTS, *PREDICTIONS, "on_epoch_end")
        model = model_of()
        model.fit(X, Y, validation_data=(X, Y), callbacks=[callback], verbose=0)
        assert hasattr(model.explanation, "steps")

    def test_replayed_and_eager_training_tell_the_same_at_the_ends(self):
        ends = []
        for names in ([], ["on_train_batch_end"]):
            keep = nn.callbacks.LambdaCallback(on_train_end=ends.append)
            model_of().fit(X, Y, batch_size=3, callbacks=[keep, recorder(*names)], verbose=0, rng=0)
        assert ends[0] == ends[1]
        assert sorted(ends[0]) == ["loss", "mae"]

    def test_params(self):
        callback = recorder()
        model = model_of()
        model.fit(X, Y, batch_size=5, epochs=3, callbacks=callback, verbose=0)
        assert callback.params == {"epochs": 3, "steps": 2, "batch_size": 5}
        model.evaluate(X, Y, batch_size=4, callbacks=nn.callbacks.CallbackList([callback]), verbose=0)
        assert (callback.params["steps"], callback.params["batch_size"]) == (3, 4)
        assert callback.model is model

    def test_every_event_reaches_all(self):
        for event in EVENTS:
            first, second = recorder(event), recorder(event)
            several = nn.callbacks.CallbackList([first, second])
            getattr(several, event)(*[3][: "epoch" in event or "batch" in event])
            assert len(first.calls) == len(second.calls) == 1

    @pytest.mark.parametrize("call", ["fit", "evaluate", "predict"])
    @pytest.mark.parametrize("given", [3, "history", [nn.callbacks.History], [lambda: None], {"a": 1}])
    def test_what_is_not_a_callback(self, call, given):
        with pytest.raises(ArgumentError, match=r"is not an nn\.callbacks\.Callback"):
            getattr(model_of(), call)(*([X] if call == "predict" else [X, Y]), callbacks=given, verbose=0)


class TestEnds:
    @pytest.mark.parametrize(("call", "kind"), [("fit", "train"), ("evaluate", "test"), ("predict", "predict")])
    def test_an_error_is_told_as_an_abort(self, call, kind):
        batch = f"on_{kind}_batch_end"

        class Failing(nn.callbacks.Callback):
            pass

        def fail(self, batch, logs=None):
            raise RuntimeError("mine")

        setattr(Failing, batch, fail)
        names = [f"on_{each}_{how}" for each in ("train", "test", "predict") for how in ("abort", "end")]
        callback = recorder(*names)
        with pytest.raises(RuntimeError, match="mine"):
            getattr(model_of(), call)(
                *([X] if call == "predict" else [X, Y]), callbacks=[Failing(), callback], verbose=1
            )
        assert callback.calls == [(f"on_{kind}_abort",)]

    @pytest.mark.parametrize("event", ["on_train_end", "on_train_abort", "on_test_end", "on_predict_end"])
    def test_all_are_told_of_the_end_whoever_fails(self, event):
        class Failing(nn.callbacks.Callback):
            pass

        def fail(self, *given):
            raise RuntimeError("mine")

        setattr(Failing, event, fail)
        before, after = recorder(event), recorder(event)
        with pytest.raises(RuntimeError, match="mine"):
            getattr(nn.callbacks.CallbackList([before, Failing(), after]), event)()
        assert before.calls == after.calls == [(event,)]


class TestUnknownNames:
    @pytest.mark.parametrize(("name", "nearest"), [
        ("on_epoch_ends", "on_epoch_end"), ("on_train_batch_ending", "on_train_batch_end"),
        ("on_training_begin", "on_train_begin"), ("on_validation_begin", "on_train_begin"),
        ("on_test_start", "on_test"),
    ])  # fmt: skip
    @pytest.mark.parametrize("on_the_object", [False, True])
    def test_a_warning_names_the_nearest(self, name, nearest, on_the_object):
        callback = recorder() if on_the_object else recorder(name)
        if on_the_object:
            setattr(callback, name, lambda *given: None)
        for call in (model_of().fit, model_of().evaluate):
            with pytest.warns(CallbackWarning, match=rf"Recorder\.{name} is never called: .* the nearest is {nearest}"):
                call(X, Y, callbacks=[callback], verbose=0)

    def test_known_names_and_attributes_do_not_warn(self):
        callback = recorder(*EVENTS)
        callback.on_paper = 3
        callback._on_epoch = callback.calls
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model_of().fit(X, Y, callbacks=[callback], verbose=0)

    def test_functions_have_known_names(self):
        with pytest.raises(
            ArgumentError, match="unknown event of LambdaCallback 'on_epoch': did you mean 'on_epoch_end'"
        ):
            nn.callbacks.LambdaCallback(on_epoch=print)
        with pytest.raises(ArgumentError, match="on_test_end must be a function"):
            nn.callbacks.LambdaCallback(on_test_end=3)


class Weights:
    """A model of one number, which is the epoch."""

    stop_training, metrics, optimizer = False, (), None
    value = math.nan

    def get_weights(self):
        return [np.array(self.value)]

    def set_weights(self, weights):
        self.value = float(weights[0])


def stopped(values, **options):
    """Epochs that were trained, and the weights in the end."""
    callback, model = nn.callbacks.EarlyStopping(**options), Weights()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.value = epoch
        callback.on_epoch_end(epoch, {"val_loss": value})
        if model.stop_training:
            break
    callback.on_train_end()
    assert callback.stopped_epoch == (epoch if model.stop_training else None)
    return epoch + 1, model.value


NAN = math.nan


class TestEarlyStopping:
    @pytest.mark.parametrize(("values", "options", "epochs"), [
        # patience: epochs in a row without improvement, the first of which is the one after the best
        ([3, 3, 1], {}, 2), ([3, 3, 1], {"patience": 1}, 2), ([3, 3, 3, 1], {"patience": 2}, 3),
        ([3, 3, 2, 2, 2, 1], {"patience": 2}, 5), ([NAN, 1], {}, 1), ([NAN, 1, 1], {"patience": 2}, 3),
        # baseline: the first `patience` epochs must beat it, improving or not
        ([5, 4, 3, 2], {"baseline": 1, "patience": 3}, 3), ([5, 0.5, 3, 2, 2], {"baseline": 1, "patience": 3}, 5),
        ([5, 0.5, 3, 2, 0.4, 4, 4], {"baseline": 1, "patience": 3}, 7), ([2, 0], {"baseline": 1}, 1),
        ([0.5, 0.4, 0.3, 0.6], {"baseline": 1}, 4), ([1, 0], {"baseline": 1, "patience": 1}, 1),
        ([0.95, 0.5, 0], {"baseline": 1, "min_delta": 0.1, "patience": 2}, 3),
        ([0.95, 0.94, 0], {"baseline": 1, "min_delta": 0.1, "patience": 2}, 2),
        ([0.5, 2, 0.4, 2, 2], {"baseline": 1, "patience": 2}, 5),
        ([0.1, 0.2, 0.3], {"baseline": 0.9, "patience": 2, "mode": "max"}, 2),
        # start_from_epoch: earlier epochs do not count for anything
        ([0, 9, 9, 9, 8, 8], {"start_from_epoch": 2}, 4), ([0, 9, 5, 4, 3], {"start_from_epoch": 2}, 5),
        ([0, 0, 5, 4, 3], {"start_from_epoch": 2, "baseline": 1, "patience": 2}, 4),
        ([1, 2, 3], {"start_from_epoch": 5}, 3),
    ])  # fmt: skip
    def test_when_it_stops(self, values, options, epochs):
        assert stopped(values, **options)[0] == epochs

    @pytest.mark.parametrize(("values", "options", "best"), [
        ([3, 1, 2, 2], {"patience": 9}, 1), ([3, 1, 2, 2], {"patience": 1}, 1), ([1, 2], {"patience": 1}, 0),
        ([NAN, NAN], {"patience": 5}, 0), ([NAN, 2, 3], {"patience": 5}, 1), ([0, 9, 5, 6], {"start_from_epoch": 2}, 2),
        ([5, 4, 3, 2], {"baseline": 1, "patience": 3}, 2), ([3, 2.95, 2.9], {"min_delta": 0.5, "patience": 9}, 0),
        ([3, 4, 5], {"start_from_epoch": 5}, 2),
    ])  # fmt: skip
    def test_what_it_restores(self, values, options, best):
        assert stopped(values, restore_best_weights=True, **options)[1] == best
        assert stopped(values, **options)[1] == stopped(values, **options)[0] - 1

    def test_it_restores_when_another_callback_fails(self):
        class Failing(nn.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                if epoch == 2:
                    raise RuntimeError("mine")

            def on_train_abort(self):
                raise RuntimeError("in the abort")

        kept = []
        keep = nn.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(model.get_weights()))
        stop = nn.callbacks.EarlyStopping("loss", patience=9, mode="max", restore_best_weights=True)
        model = model_of()
        with pytest.raises(RuntimeError, match="in the abort"):
            model.fit(X, Y, epochs=4, callbacks=[Failing(), keep, stop], verbose=0)
        np.testing.assert_array_equal(model.get_weights()[0], kept[0][0])
