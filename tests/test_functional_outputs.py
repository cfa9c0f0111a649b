"""Models with several inputs and outputs: losses, weights, metrics, data in lists and dicts."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DataError, NumbanetError, ShapeError

L = nn.layers
RNG = np.random.default_rng(0)
COUNT = 36
TITLE, BODY = (RNG.integers(0, 2, (COUNT, size)) for size in (5, 6))
PRICE = RNG.random((COUNT, 1)).astype(np.float32)
KIND = RNG.integers(0, 4, (COUNT, 1))
X, Y = [TITLE, BODY], [PRICE, KIND]
NAMED_X, NAMED_Y = {"title": TITLE, "body": BODY}, {"kind": KIND, "price": PRICE}
LOSSES = ["mean_squared_error", "sparse_categorical_crossentropy"]


class Notes(nn.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        """Being called makes training run eagerly."""


def functional(form=list, rng=0):
    title, body = nn.Input((5,), name="title", rng=rng), nn.Input((6,), name="body")
    h = L.Dropout(0.2)(L.Dense(8, "relu", name="mixed")(L.Concatenate()([title, body])))
    price, kind = L.Dense(1, "sigmoid", name="price")(h), L.Dense(4, "softmax", name="kind")(h)
    if form is dict:
        return nn.Model({"title": title, "body": body}, {"price": price, "kind": kind})
    return nn.Model(form([title, body]), form([price, kind]))


class Tickets(nn.Model):
    def __init__(self):
        super().__init__()
        self.join, self.mix = L.Concatenate(), L.Dense(8, "relu")
        self.price, self.kind = L.Dense(1, "sigmoid"), L.Dense(4, "softmax")

    def call(self, inputs):
        h = self.mix(self.join([inputs["title"], inputs["body"]]))
        return self.price(h), self.kind(h)


def fitted(model, x=X, y=Y, losses=LOSSES, **options):
    model.compile("adam", losses, metrics=[["mae"], ["accuracy"]], loss_weights=[1, 0.5])
    options = {"batch_size": 16, **options}
    return model.fit(x, y, epochs=2, verbose=0, rng=1, **options).history


def bytes_of(model):
    return [weight.numpy().tobytes() for weight in model.weights]


class TestLogs:
    def test_names_and_order_are_those_of_keras(self):
        model = functional()
        history = fitted(model, validation_data=(X, Y))
        names = ["loss", "price_loss", "kind_loss", "kind_accuracy", "price_mae"]
        assert list(history) == [*names, *[f"val_{name}" for name in names]]
        results = model.evaluate(X, Y, verbose=0)
        assert results == [history[f"val_{name}"][-1] for name in names]

    def test_against_numpy(self):
        model = functional()
        fitted(model)
        loss, price_loss, kind_loss, accuracy, mae = model.evaluate(X, Y, verbose=0)
        price, kind = model.predict(X, verbose=0)
        assert price_loss == pytest.approx(np.mean((price - PRICE) ** 2), rel=1e-5)
        assert kind_loss == pytest.approx(-np.mean(np.log(kind[np.arange(COUNT), KIND[:, 0]])), rel=1e-5)
        assert loss == pytest.approx(price_loss + 0.5 * kind_loss, rel=1e-5)
        assert mae == pytest.approx(np.mean(abs(price - PRICE)), rel=1e-5)
        assert accuracy == pytest.approx(np.mean(kind.argmax(1) == KIND[:, 0]))

    def test_outputs_without_a_loss(self):
        model = functional()
        model.compile("sgd", [None, LOSSES[1]], metrics=[["mae"], None])
        for y in (Y, [KIND], NAMED_Y, {"kind": KIND}):
            if len(y) == 2:
                assert list(model.fit(X, y, verbose=0, rng=0).history) == ["loss", "price_mae"]
        model.compile("sgd", {"kind": LOSSES[1]})
        for y in (Y, [KIND], NAMED_Y, {"kind": KIND}):
            before = model.get_weights()
            assert list(model.fit(X, y, verbose=0, rng=0).history) == ["loss"]
            assert np.array_equal(before[2], model.get_weights()[2])  # of the price: nothing trains it

    def test_one_loss_for_all_outputs(self):
        model = functional()
        model.compile("sgd", "mse")
        y = [PRICE, np.eye(4, dtype=np.float32)[KIND[:, 0]]]
        history = model.fit(X, y, verbose=0, rng=0).history
        assert list(history) == ["loss", "price_loss", "kind_loss"]

    def test_early_stopping_by_the_loss_of_an_output(self):
        stop = nn.callbacks.EarlyStopping("val_price_loss", patience=1)
        assert fitted(functional(), validation_data=(X, Y), callbacks=[stop])


class TestForms:
    @pytest.mark.parametrize("form", [list, tuple, dict])
    def test_lists_and_dicts_train_alike(self, form):
        expected = fitted(functional())
        assert fitted(functional(form), NAMED_X, NAMED_Y) == expected
        if form is not dict:
            assert fitted(functional(form), tuple(X), tuple(Y)) == expected
        by_name = functional(form)
        by_name.compile(
            "adam", dict(zip(("price", "kind"), LOSSES, strict=True)), loss_weights={"kind": 0.5},
            metrics={"kind": "accuracy", "price": ["mae"]},
        )  # fmt: skip
        history = by_name.fit(NAMED_X, NAMED_Y, batch_size=16, epochs=2, verbose=0, rng=1).history
        assert history == expected
        found = by_name.predict(NAMED_X, verbose=0)
        assert type(found) is form
        assert [one.shape for one in (found.values() if form is dict else found)] == [(COUNT, 1), (COUNT, 4)]

    def test_batches_from_an_iterable(self):
        batches = [([TITLE[i : i + 16], BODY[i : i + 16]], [PRICE[i : i + 16], KIND[i : i + 16]]) for i in (0, 16, 32)]
        model, other = functional(), functional()
        assert fitted(model, batches, None, batch_size=None) == fitted(other, shuffle=False)
        assert bytes_of(model) == bytes_of(other)
        for one, two in zip(
            model.predict(iter([(x,) for x, _ in batches]), verbose=0), model.predict(X, verbose=0), strict=True
        ):
            np.testing.assert_allclose(one, two, rtol=1e-6)

    def test_weights_of_samples(self):
        weight = np.arange(COUNT, dtype=np.float32) / COUNT
        for given in ([weight, weight], {"price": weight, "kind": weight}):
            assert fitted(functional(), sample_weight=given) == fitted(functional(), sample_weight=weight)
        only = fitted(functional(), sample_weight={"price": weight * 0})
        assert only["price_loss"] == [0, 0]
        assert only["kind_loss"][0] > 0

    def test_splits_and_steps(self):
        history = fitted(functional(), validation_split=0.25, steps_per_epoch=1, validation_steps=None)
        assert len(history["val_kind_accuracy"]) == 2


class TestReplay:
    @pytest.mark.needs_compiled("Programs need compiled kernels")
    @pytest.mark.parametrize(("make", "x"), [(functional, X), (Tickets, NAMED_X)])
    def test_as_eagerly(self, make, x, capsys):
        model, eager = make(), make()
        for one in (model, eager):
            one({"title": TITLE, "body": BODY} if make is Tickets else X)
        eager.set_weights(model.get_weights())
        history = fitted(model, x, validation_data=(x, Y))
        model.explain()
        assert "Training replays a Program for batches of 16 samples" in capsys.readouterr().out
        assert fitted(eager, x, validation_data=(x, Y), callbacks=[Notes()]) == history
        assert bytes_of(eager) == bytes_of(model)
        assert eager.evaluate(x, Y, verbose=0) == model.evaluate(x, Y, verbose=0)

    @pytest.mark.needs_compiled("Programs need compiled kernels")
    def test_checked(self, monkeypatch):
        expected = fitted(functional())
        monkeypatch.setattr(nn.config, "check_replay", True)
        assert fitted(functional()) == expected


def test_files(tmp_path):
    model = functional()
    fitted(model)
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet")
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    histories = [one.fit(X, Y, verbose=0, rng=3).history for one in (model, again)]
    assert histories[0] == histories[1]
    assert bytes_of(again) == bytes_of(model)


class TestSubclass:
    def test_a_dict_of_inputs_and_a_tuple_of_outputs(self):
        model = Tickets()
        price, kind = model(NAMED_X)
        assert (price.shape, kind.shape) == ((COUNT, 1), (COUNT, 4))
        history = fitted(model, NAMED_X)
        names = ["loss", "mean_squared_error_loss", "sparse_categorical_crossentropy_loss", "accuracy", "mae"]
        assert list(history) == names
        assert len(model.evaluate(NAMED_X, Y, verbose=0)) == 5
        price, kind = model.predict(NAMED_X, verbose=0)
        assert (price.shape, kind.shape) == ((COUNT, 1), (COUNT, 4))

    def test_weights_are_made_in_fit(self):
        assert fitted(Tickets(), NAMED_X) == fitted(Tickets(), NAMED_X)

    def test_several_arrays_in_a_list(self):
        class Sum(nn.Model):
            def __init__(self):
                super().__init__()
                self.dense = L.Dense(1)

            def call(self, inputs):
                first, second = inputs
                return self.dense(first) + self.dense(second)

        x = np.ones((8, 3), np.float32)
        model = Sum()
        model.compile("sgd", "mse")
        model.fit([x, x], x[:, :1], verbose=0, rng=0)
        assert model.predict([x, x], verbose=0).shape == (8, 1)

    def test_outputs_that_the_loss_does_not_expect(self):
        model = Tickets()
        model.compile("sgd", "mse")
        with pytest.raises(ArgumentError, match="the model has 2 outputs: compile needs a list or dict of losses"):
            model.fit(NAMED_X, PRICE, verbose=0)
        model.compile("sgd", ["mse", "mse", "mse"])
        with pytest.raises(ArgumentError, match="3 losses, the model has 2 outputs"):
            model.fit(NAMED_X, [PRICE, PRICE, PRICE], verbose=0)


class TestErrors:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"loss": ["mse"]}, "loss must be a list or dict of 2, one per output, got 1"),
            ({"loss": {"price": "mse", "sort": "mse"}}, "loss has 'sort', the outputs are called 'price', 'kind'"),
            ({"loss": [None, None]}, "no output has a loss"),
            ({"loss": ["mse", "msse"]}, "mse"),
            ({"loss": LOSSES, "loss_weights": [1]}, "loss_weights must be a list or dict of 2"),
            ({"loss": LOSSES, "loss_weights": ["a", 1]}, "loss_weights"),
            ({"loss": LOSSES, "loss_weights": {"sort": 1}}, "loss_weights has 'sort'"),
            ({"loss": LOSSES, "metrics": ["mae"]}, "metrics must be a list or dict of 2"),
            ({"loss": LOSSES, "metrics": {"sort": "mae"}}, "metrics has 'sort'"),
        ],
    )
    def test_compile(self, options, message):
        model = functional()
        with pytest.raises(ArgumentError, match=message):
            model.compile("sgd", **options)
        assert model.loss is None

    def test_loss_weights_of_one_output(self):
        model = nn.Sequential([L.Dense(1)])
        with pytest.raises(ArgumentError, match="loss_weights must be a list or dict of 1"):
            model.compile("sgd", "mse", loss_weights=[1, 2])

    @pytest.mark.parametrize(
        ("x", "y", "message"),
        [
            ([TITLE], Y, "needs a list of 2 .'title', 'body'., got a list of 1"),
            ([BODY, TITLE], Y, "input title: samples of shape .5,. are needed"),
            ({"title": TITLE}, Y, "needs 'title', 'body', got 'title'"),
            (NAMED_X | {"more": BODY}, Y, "needs 'title', 'body', got 'title', 'body', 'more'"),
            (TITLE, Y, "needs a list of 2"),
            (X, [PRICE], "y: needs a list of 2"),
            (X, {"price": PRICE}, "y: needs 'price', 'kind', got 'price'"),
            (X, [PRICE, KIND[:-1]], "samples; they must be as many"),
            (X, [PRICE, KIND + 1], "output kind: sparse_categorical_crossentropy: label 4"),
            (X, [PRICE[:, :0], KIND], "y_true"),
            ([TITLE, None], Y, "x needs an array for each input, got None"),
            (X, None, "y is needed"),
        ],
    )
    def test_data_that_does_not_fit_changes_nothing(self, x, y, message):
        model = functional()
        model.compile("sgd", LOSSES)
        before = bytes_of(model)
        with pytest.raises((NumbanetError, TypeError), match=message):
            model.fit(x, y, verbose=0)
        assert bytes_of(model) == before
        assert model.optimizer.iterations == 0

    @pytest.mark.parametrize("y", [[PRICE, None], {"price": PRICE, "kind": None}])
    def test_a_loss_without_targets(self, y):
        model = functional()
        model.compile("sgd", LOSSES)
        for call in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
            with pytest.raises(ArgumentError, match="output kind has a loss, which needs targets, got None"):
                call(X, y)
        assert model.optimizer.iterations == 0

    @pytest.mark.parametrize("y", [[PRICE, None], [PRICE], {"price": PRICE}, {"price": PRICE, "kind": None}])
    def test_a_metric_without_targets(self, y):
        model = functional()
        model.compile("sgd", {"price": "mse"}, metrics={"kind": ["accuracy"]})
        for call in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
            with pytest.raises(ArgumentError, match="metric kind_accuracy is of an output that has no targets"):
                call(X, y)
        assert model.optimizer.iterations == 0

    def test_one_input_and_a_dict(self):
        model = nn.Sequential([L.Dense(1)])
        model.compile("sgd", "mse")
        with pytest.raises(ArgumentError, match="x is a dict of 'a'; this model takes one array"):
            model.fit({"a": TITLE}, PRICE)

    def test_class_weights_need_one_output(self):
        model = functional()
        model.compile("sgd", LOSSES)
        with pytest.raises(ArgumentError, match="class_weight"):
            model.fit(X, Y, class_weight={0: 2.0})

    def test_rows_that_get_lost(self):
        class Stacked(nn.Model):
            def __init__(self):
                super().__init__()
                self.dense = L.Dense(1)

            def call(self, inputs):
                return self.dense(nn.mean(nn.stack([nn.mean(one, axis=0) for one in inputs]), axis=0)[None])

        model = Stacked()
        x = [np.ones((3, 2), np.float32)] * 2
        model(x)
        with pytest.raises(ShapeError, match="a batch of 3 samples of 2 inputs gives outputs of shape"):
            model.predict(x, verbose=0)

    def test_weights_of_unknown_outputs(self):
        model = functional()
        model.compile("sgd", LOSSES)
        with pytest.raises((ArgumentError, DataError), match="there is no output 'sort'"):
            model.fit(X, Y, sample_weight={"sort": np.ones(COUNT)}, verbose=0)
