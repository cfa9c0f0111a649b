"""Adamax, Adadelta, Lion and Ftrl, and what all optimizers do beside their rule, against formulas in float64."""

import copy
import math

import numpy as np
import pytest

import numbanet as nn
from numbanet import optimizers
from numbanet.errors import ArgumentError
from numbanet.optimizers import schedules
from tests.simulator import needs_simulator
from tests.thread_work import share_all

STEPS, SHAPES = 20, ((3, 4), (4,), ())
rng = np.random.default_rng(0)
X = rng.normal(size=(52, 4)).astype(np.float32)
Y = (X @ rng.normal(size=(4, 1))).astype(np.float32)
L = nn.layers


def adamax(rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    def step(w, g, s, t):
        s["m"] = beta_1 * s.get("m", 0.0) + (1 - beta_1) * g
        s["u"] = np.maximum(beta_2 * s.get("u", 0.0), np.abs(g))
        return w - rate / (1 - beta_1**t) * s["m"] / (s["u"] + epsilon)

    return step


def adadelta(rate, rho=0.95, epsilon=1e-7):
    def step(w, g, s, t):
        s["g"] = rho * s.get("g", 0.0) + (1 - rho) * g**2
        move = np.sqrt(s.get("d", 0.0) + epsilon) / np.sqrt(s["g"] + epsilon) * g
        s["d"] = rho * s.get("d", 0.0) + (1 - rho) * move**2
        return w - rate * move

    return step


def lion(rate, beta_1=0.9, beta_2=0.99):
    def step(w, g, s, t):
        m = s.get("m", 0.0)
        s["m"] = beta_2 * m + (1 - beta_2) * g
        return w - rate * np.sign(beta_1 * m + (1 - beta_1) * g)

    return step


def ftrl(rate, power=-0.5, start=0.1, l1=0.0, l2=0.0, shrinkage=0.0, beta=0.0):
    def step(w, g, s, t):
        before = s.get("n", start)
        s["n"] = before + g**2
        change = (s["n"] ** -power - before**-power) / rate
        s["z"] = s.get("z", 0.0) + g + 2 * shrinkage * w - change * w
        return (np.clip(s["z"], -l1, l1) - s["z"]) / (s["n"] ** -power / rate + 2 * l2 + beta / rate)

    return step


def sgd(rate):
    return lambda w, g, s, t: w - rate * g


RULES = {
    "adamax": (lambda **o: optimizers.Adamax(**o), adamax(0.001)),
    "adamax all": (lambda **o: optimizers.Adamax(0.1, 0.7, 0.8, 1e-2, **o), adamax(0.1, 0.7, 0.8, 1e-2)),
    "adadelta": (lambda **o: optimizers.Adadelta(**o), adadelta(0.001)),
    "adadelta all": (lambda **o: optimizers.Adadelta(1.0, 0.6, 1e-2, **o), adadelta(1.0, 0.6, 1e-2)),
    "lion": (lambda **o: optimizers.Lion(**o), lion(0.001)),
    "lion all": (lambda **o: optimizers.Lion(0.1, 0.5, 0.7, **o), lion(0.1, 0.5, 0.7)),
    "ftrl": (lambda **o: optimizers.Ftrl(**o), ftrl(0.001)),
    "ftrl all": (
        lambda **o: optimizers.Ftrl(0.1, -0.5, 0.3, 0.4, 0.05, 0.02, 0.7, **o),
        ftrl(0.1, -0.5, 0.3, 0.4, 0.05, 0.02, 0.7),
    ),
    "ftrl power": (lambda **o: optimizers.Ftrl(0.1, -0.8, 0.3, 0.1, **o), ftrl(0.1, -0.8, 0.3, 0.1)),
    "ftrl steps of one size": (lambda **o: optimizers.Ftrl(0.1, 0.0, **o), ftrl(0.1, 0.0)),
}


def variables_and_gradients(dtype, steps=STEPS):
    rng = np.random.default_rng(1)
    variables = [nn.Variable(rng.uniform(-1, 1, shape).astype(dtype)) for shape in SHAPES]
    return variables, [[rng.standard_normal(shape).astype(dtype) for shape in SHAPES] for _ in range(steps)]


def applied(optimizer, variables, gradients):
    return [optimizer.apply(map(nn.asarray, some), variables) for some in gradients]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", RULES)
def test_rule(name, dtype):
    make, rule = RULES[name]
    variables, gradients = variables_and_gradients(dtype)
    expected = [one.numpy().astype(np.float64) for one in variables]
    memory = [{} for _ in SHAPES]
    assert applied(make(), variables, gradients) == [*range(1, STEPS + 1)]
    for t, some in enumerate(gradients, 1):
        expected = [
            rule(w, g.astype(np.float64), s, t) for w, g, s in zip(expected, some, memory, strict=True)
        ]  # fmt: skip
    for variable, w in zip(variables, expected, strict=True):
        assert variable.dtype == dtype
        np.testing.assert_allclose(variable.numpy(), w, rtol=0, atol=4e-6 if dtype == np.float32 else 1e-13)


class TestEdges:
    @pytest.mark.parametrize("name", ["adamax", "adadelta", "lion", "ftrl", "ftrl power"])
    def test_nan_shows_and_stays_where_it_is(self, name):
        w = nn.Variable([1.0, 2.0])
        optimizer = RULES[name][0]()
        for gradient in ([math.nan, 1.0], [1.0, 1.0]):
            optimizer.apply([gradient], [w])
        assert np.isnan(w.numpy()).tolist() == [True, False]

    def test_a_lion_stands_still_where_nothing_pulls(self):
        w = nn.Variable([1.0, -0.0, 3.0])
        optimizers.Lion(0.5).apply([[0.0, -0.0, 1e-30]], [w])
        np.testing.assert_array_equal(w.numpy(), [1.0, 0.0, 2.5])

    def test_weights_without_gradients_and_sums_stay_in_ftrl(self):
        w = nn.Variable([1.0, 2.0])
        optimizers.Ftrl(0.1, initial_accumulator_value=0.0).apply([[0.0, 1.0]], [w])
        assert w.numpy()[0] == 1.0
        assert np.isfinite(w.numpy()).all()

    def test_l1_makes_weights_exactly_zero(self):
        w = nn.Variable([0.3, 0.3])
        optimizers.Ftrl(0.1, l1_regularization_strength=5.0).apply([[1.0, 100.0]], [w])
        assert w.numpy()[0] == 0.0
        assert w.numpy()[1] != 0.0

    def test_a_rate_of_zero_is_refused_by_ftrl(self):
        w = nn.Variable([1.0])
        with pytest.raises(ArgumentError, match="Ftrl: learning_rate must be above 0"):
            optimizers.Ftrl(0.0).apply([[1.0]], [w])
        rates = schedules.PiecewiseConstantDecay([1], [0.1, 0.0])
        optimizer = optimizers.Ftrl(rates)
        optimizer.apply([[1.0]], [w])
        optimizer.apply([[1.0]], [w])
        before = w.numpy()
        with pytest.raises(ArgumentError, match="Ftrl: learning_rate must be above 0"):
            optimizer.apply([[1.0]], [w])
        np.testing.assert_array_equal(w.numpy(), before)

    def test_empty_variables(self):
        w = nn.Variable(np.zeros((0, 3), np.float32))
        for make, _ in RULES.values():
            make(use_ema=True, gradient_accumulation_steps=2).apply([np.zeros((0, 3), np.float32)], [w])
        assert w.shape == (0, 3)

    @pytest.mark.parametrize(
        ("kind", "settings"),
        [
            ("Adamax", {"beta_1": 1.0}),
            ("Adamax", {"epsilon": -1.0}),
            ("Adadelta", {"rho": 1.5}),
            ("Adadelta", {"epsilon": math.nan}),
            ("Lion", {"beta_1": 0.0}),
            ("Lion", {"beta_2": -0.1}),
            ("Ftrl", {"learning_rate_power": 0.1}),
            ("Ftrl", {"initial_accumulator_value": -1.0}),
            ("Ftrl", {"l1_regularization_strength": -1.0}),
            ("Ftrl", {"beta": "big"}),
            ("SGD", {"use_ema": "yes"}),
            ("SGD", {"ema_momentum": 1.5}),
            ("SGD", {"ema_overwrite_frequency": 0}),
            ("SGD", {"ema_overwrite_frequency": 1.5}),
            ("SGD", {"gradient_accumulation_steps": 1}),
            ("SGD", {"gradient_accumulation_steps": 2.5}),
            ("SGD", {"gradient_accumulation_steps": True}),
            ("SGD", {"loss_scale_factor": 2.0}),
        ],
    )
    def test_settings_out_of_range(self, kind, settings):
        (name,) = settings
        with pytest.raises((ArgumentError, TypeError), match=name):
            getattr(optimizers, kind)(**settings)


class TestAverages:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("often", [None, 3])
    def test_formula(self, dtype, often):
        (w, *_), gradients = variables_and_gradients(dtype)
        expected, average = w.numpy().astype(np.float64), None
        optimizer = optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=often)
        for t, (g, *_) in enumerate(gradients, 1):
            optimizer.apply([g], [w])
            expected = expected - 0.1 * g
            average = expected if average is None else 0.8 * average + 0.2 * expected
            if often and t % often == 0:
                expected = average
        tolerance = {"rtol": 0, "atol": 3e-6 if dtype == np.float32 else 1e-13}
        np.testing.assert_allclose(w.numpy(), expected, **tolerance)
        np.testing.assert_allclose(optimizer.average_of(w).numpy(), average, **tolerance)
        optimizer.finalize_variable_values([w])
        np.testing.assert_allclose(w.numpy(), average, **tolerance)

    def test_before_the_first_update_the_average_is_the_weight(self):
        w = nn.Variable([1.0, 2.0])
        optimizer = optimizers.Adam(use_ema=True)
        optimizer.finalize_variable_values([w])
        optimizer.build([w])
        np.testing.assert_array_equal(optimizer.average_of(w), [1.0, 2.0])

    def test_averages_that_begin_later_begin_with_the_weights(self):
        w = nn.Variable([1.0])
        optimizer = optimizers.SGD(0.5)
        optimizer.apply([[1.0]], [w])
        optimizer.use_ema, optimizer.ema_momentum = True, 0.5
        optimizer.apply([[1.0]], [w])
        assert optimizer.average_of(w).numpy() == [0.5 * 0.5 + 0.5 * 0.0]

    def test_where_there_is_none(self):
        w = nn.Variable([1.0])
        with pytest.raises(ArgumentError, match="use_ema"):
            optimizers.SGD().average_of(w)
        with pytest.raises(ArgumentError, match="use_ema"):
            optimizers.SGD(use_ema=True).average_of(w)

    def test_fit_ends_with_the_averages(self):
        model, other = fitted(optimizers.SGD(0.05, use_ema=True, ema_momentum=0.7)), network(optimizers.SGD(0.05))
        averages, weights = [], []

        def note(batch, logs):
            now = [w.astype(np.float64) for w in other.get_weights()]
            averages[:] = [0.7 * a + 0.3 * w for a, w in zip(averages, now, strict=True)] if averages else now
            weights[:] = now

        other.fit(X, Y, batch_size=8, epochs=3, verbose=0, rng=0, callbacks=[_each_batch(note)])
        for w, average, last in zip(model.get_weights(), averages, weights, strict=True):
            np.testing.assert_allclose(w, average, rtol=1e-4, atol=1e-6)
            assert not np.allclose(w, last)


class TestSums:
    @pytest.mark.parametrize("name", RULES)
    def test_so_many_gradients_are_their_mean(self, name):
        """Three halves of gradients and what is missing make up each gradient of the plain optimizer."""
        make = RULES[name][0]
        variables, gradients = variables_and_gradients(np.float64, 6)
        twins = [nn.Variable(one.numpy()) for one in variables]
        optimizer, plain = make(gradient_accumulation_steps=3), make()
        for t, some in enumerate(gradients):
            parts = [[3 * g - 1.5 * g for g in some], [0.5 * g for g in some], list(some)]
            assert applied(optimizer, variables, parts) == [t, t, t + 1]
            assert optimizer.iterations == t + 1
            applied(plain, twins, [some])
            for one, twin in zip(variables, twins, strict=True):
                np.testing.assert_allclose(one.numpy(), twin.numpy(), rtol=0, atol=1e-12)

    def test_clipping_and_decay_are_of_the_update(self):
        w, twin = nn.Variable([1.0, 2.0]), nn.Variable([1.0, 2.0])
        optimizer = optimizers.SGD(0.1, clipnorm=1.0, weight_decay=0.5, gradient_accumulation_steps=2)
        optimizer.apply([[30.0, 0.0]], [w])
        np.testing.assert_array_equal(w.numpy(), [1.0, 2.0])
        optimizer.apply([[0.0, 40.0]], [w])
        optimizers.SGD(0.1, clipnorm=1.0, weight_decay=0.5).apply([[15.0, 20.0]], [twin])
        np.testing.assert_array_equal(w.numpy(), twin.numpy())

    def test_rates_change_from_update_to_update(self):
        w = nn.Variable([0.0])
        optimizer = optimizers.SGD(schedules.PiecewiseConstantDecay([0], [1.0, 0.5]), gradient_accumulation_steps=2)
        seen = []
        for _ in range(6):
            seen.append(optimizer.learning_rate)
            optimizer.apply([[1.0]], [w])
        assert seen == [1.0, 1.0, 0.5, 0.5, 0.5, 0.5]
        assert w.numpy() == [-2.0]

    def test_the_count_may_be_set_and_the_steps_may_not(self):
        w = nn.Variable([0.0])
        optimizer = optimizers.SGD(gradient_accumulation_steps=4)
        optimizer.iterations = 3
        assert (optimizer.iterations, optimizer.calls) == (3, 12)
        optimizer.gradient_accumulation_steps = 2
        optimizer.apply([[1.0]], [w])
        optimizer.gradient_accumulation_steps = 2
        with pytest.raises(ArgumentError, match="cannot be changed"):
            optimizer.gradient_accumulation_steps = None

    def test_a_rule_of_ones_own(self):
        class Signs(optimizers.Optimizer):
            def update(self, w, g, state, rate):
                w -= rate * np.sign(g)

        w = nn.Variable([0.0, 0.0])
        optimizer = Signs(0.5, gradient_accumulation_steps=2, use_ema=True, ema_momentum=0.0)
        optimizer.apply([[1.0, -5.0]], [w])
        np.testing.assert_array_equal(w.numpy(), [0.0, 0.0])
        optimizer.apply([[1.0, 2.0]], [w])
        np.testing.assert_array_equal(w.numpy(), [-0.5, 0.5])
        np.testing.assert_array_equal(optimizer.average_of(w).numpy(), [-0.5, 0.5])


class TestExclusions:
    def names(self, optimizer):
        model = network(optimizer)
        model.fit(X, Y, verbose=0, rng=0)
        return model, {name.split("/")[0] for name, _ in optimizer.state() if name.endswith("without_decay")}

    def test_by_name_and_by_variable(self):
        plain, decayed = fitted(optimizers.SGD(0.05)), optimizers.AdamW(0.0, weight_decay=0.5)
        decayed.exclude_from_weight_decay(var_names=["bias$"], var_list=[plain.weights[2]])
        assert self.names(decayed)[1] == {"1", "3"}
        w, b = nn.Variable([1.0], name="w"), nn.Variable([1.0], name="b")
        optimizer = optimizers.SGD(0.5, weight_decay=0.5)
        optimizer.exclude_from_weight_decay(var_list=[b])
        optimizer.apply([[0.0], [0.0]], [w, b])
        assert (w.item(), b.item()) == (0.75, 1.0)

    @pytest.mark.parametrize("eager", [False, True])
    def test_in_fit(self, eager):
        optimizer = optimizers.AdamW(0.0, weight_decay=0.5)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        optimizer.learning_rate = 0.01
        model, twin = network(optimizer), network(optimizers.Adam(0.01))
        callbacks = [_each_batch(lambda batch, logs: None)] if eager else []
        for one in (model, twin):
            one.fit(X, Y, batch_size=52, shuffle=False, verbose=0, rng=0, callbacks=callbacks)
        for a, b in zip(model.weights, twin.weights, strict=True):
            assert np.array_equal(a.numpy(), b.numpy()) == a.name.endswith("bias")

    def test_they_are_saved(self, tmp_path):
        model, first = self.names(_without("bias"))
        model.save(tmp_path / "m.numbanet")
        again = nn.load_model(tmp_path / "m.numbanet")
        assert again.optimizer.get_config()["exclude_from_weight_decay"] == ["bias"]
        assert {n for n, _ in again.optimizer.state()} == {n for n, _ in model.optimizer.state()}
        assert first == {"1", "3"}

    @pytest.mark.parametrize("trained", [False, True])
    def test_variables_are_saved_where_they_are(self, tmp_path, trained):
        optimizer = optimizers.AdamW(0.1)
        model = network(optimizer)
        model.build((4,))
        optimizer.exclude_from_weight_decay(var_list=[model.weights[2]])
        if trained:
            model.fit(X, Y, verbose=0, rng=0)
        model.save(tmp_path / "m.numbanet")
        again = nn.load_model(tmp_path / "m.numbanet")
        for one in (model, again):
            one.fit(X, Y, verbose=0, rng=1)
        assert everything(again) == everything(model)
        assert [name for name, _ in again.optimizer.state() if "decay" in name] == ["2/without_decay"]

    def test_what_does_not_fit(self):
        optimizer = optimizers.SGD(weight_decay=0.1)
        for wrong in ({"var_list": ["bias"]}, {"var_names": "bias"}, {"var_names": ["("]}, {"var_names": [3]}):
            with pytest.raises(ArgumentError, match="exclude_from_weight_decay"):
                optimizer.exclude_from_weight_decay(**wrong)
        optimizer.build([nn.Variable([1.0])])
        with pytest.raises(ArgumentError, match="before it is built"):
            optimizer.exclude_from_weight_decay(var_names=["bias"])


def _without(*names):
    optimizer = optimizers.AdamW(0.01, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=list(names))
    return optimizer


def _each_batch(function):
    return nn.callbacks.LambdaCallback(on_train_batch_end=function)


def network(optimizer, units=6):
    model = nn.Sequential([L.Dense(units, "tanh"), L.Dropout(0.2), L.Dense(1)])
    model.compile(optimizer, "mse", ["mae"])
    return model


def fitted(optimizer, eager=False, **settings):
    model = network(optimizer, **settings)
    callbacks = [_each_batch(lambda batch, logs: None)] if eager else []
    model.fit(X, Y, batch_size=8, epochs=3, verbose=0, rng=0, callbacks=callbacks)
    return model


def everything(model):
    return [w.numpy().tobytes() for w in model.weights] + [
        (name, array.tobytes()) for name, array in model.optimizer.state()
    ]


OPTIONS = {
    "plain": {},
    "averages": {"use_ema": True, "ema_momentum": 0.9},
    "averages taken over": {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 3, "weight_decay": 0.1},
    "sums": {"gradient_accumulation_steps": 3, "global_clipnorm": 0.7},
    "all": {"gradient_accumulation_steps": 2, "use_ema": True, "ema_overwrite_frequency": 2, "weight_decay": 0.1},
}
KINDS = {
    "Adamax": lambda **o: optimizers.Adamax(0.05, **o),
    "Adadelta": lambda **o: optimizers.Adadelta(1.0, **o),
    "Lion": lambda **o: optimizers.Lion(0.01, **o),
    "Ftrl": lambda **o: optimizers.Ftrl(0.1, l1_regularization_strength=0.01, beta=0.1, **o),
    "Ftrl with a power": lambda **o: optimizers.Ftrl(0.1, -0.7, **o),
    "Nadam with a schedule": lambda **o: optimizers.Nadam(schedules.ExponentialDecay(0.05, 3, 0.8), **o),
    "Ftrl with a schedule": lambda **o: optimizers.Ftrl(schedules.CosineDecay(0.1, 1000), beta=0.3, **o),
    "SGD": lambda **o: optimizers.SGD(0.05, momentum=0.9, **o),
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
class TestInFit:
    @pytest.mark.needs_compiled("recorded steps are compiled")
    def test_replayed_as_eagerly(self, make, options, capsys):
        replayed, eager = fitted(make(**options)), fitted(make(**options), eager=True)
        replayed.explain()
        assert "Training replays a Program" in capsys.readouterr().out
        assert everything(replayed) == everything(eager)

    def test_saved_and_loaded(self, make, options, tmp_path):
        model = fitted(make(**options))
        model.save(tmp_path / "m.numbanet")
        again = nn.load_model(tmp_path / "m.numbanet")
        assert again.optimizer.get_config() == model.optimizer.get_config()
        assert everything(again) == everything(model)
        for one in (model, again):
            one.fit(X, Y, batch_size=8, verbose=0, rng=1)
        assert everything(again) == everything(model)


@pytest.mark.needs_compiled("threads share compiled launches")
def test_any_number_of_threads(monkeypatch):
    expected = everything(fitted(KINDS["Ftrl"](**OPTIONS["all"]), units=32))
    share_all(monkeypatch, 3)
    assert everything(fitted(KINDS["Ftrl"](**OPTIONS["all"]), units=32)) == expected


def test_an_epoch_may_end_between_two_updates():
    """52 samples make 7 batches: with three gradients an update, epochs and runs end in the middle of one."""
    whole = fitted(KINDS["SGD"](gradient_accumulation_steps=3))
    parts = network(KINDS["SGD"](gradient_accumulation_steps=3))
    generator = np.random.default_rng(0)
    for _ in range(3):
        parts.fit(X, Y, batch_size=8, verbose=0, rng=generator)
    assert everything(parts) == everything(whole)
    assert (whole.optimizer.iterations, whole.optimizer.calls) == (7, 21)


@pytest.mark.parametrize("options", [{"use_ema": True}, {"gradient_accumulation_steps": 2}])
def test_lazy_updates_know_no_averages_and_sums(options):
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy is in the test extra")
    model = nn.Sequential([L.Dense(1)])
    model.compile(optimizers.SGD(sparse_update="lazy", **options), "mse")
    with pytest.raises(ArgumentError, match="sparse_update='exact'"):
        model.fit(sparse.csr_array(X), Y, verbose=0)


@needs_simulator
@pytest.mark.parametrize("options", ["averages taken over", "all"])
def test_on_a_gpu(options):
    """Sums run eagerly there, averages are replayed; both as on the host."""
    model, on_host = (network(KINDS["Adamax"](**OPTIONS[options])) for _ in range(2))
    on_host.build((4,), rng=0)
    with nn.device("cuda"):
        model.build((4,), rng=0)
    for one in (model, on_host):
        one.fit(X[:24], Y[:24], batch_size=8, epochs=2, verbose=0, rng=0)
    assert model.optimizer.iterations == on_host.optimizer.iterations
    for a, b in zip(model.get_weights(), on_host.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_copy_goes_on_by_itself():
    model = fitted(KINDS["Adamax"](**OPTIONS["all"]))
    other = copy.deepcopy(model)
    for one in (model, other):
        one.fit(X, Y, batch_size=8, verbose=0, rng=1)
    assert everything(other) == everything(model)


@pytest.mark.needs_compiled("recorded steps are compiled")
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_constraints_beside_averages_and_sums(options):
    found = []
    for callbacks in ([], [_each_batch(lambda batch, logs: None)]):
        model = nn.Sequential(
            [L.Dense(6, "tanh", kernel_constraint="max_norm"), L.Dense(1, kernel_constraint="non_neg")]
        )
        model.compile(optimizers.SGD(0.1, **options), "mse")
        model.fit(X, Y, batch_size=8, epochs=3, verbose=0, rng=0, callbacks=callbacks)
        found.append(everything(model))
    assert found[0] == found[1]
    if "use_ema" not in options:  # averages are of weights before they are constrained, as in Keras
        assert model.weights[2].numpy().min() >= 0
