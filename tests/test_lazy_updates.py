"""Lazy updates: rows that a batch has columns for follow the rule, all others stand still; replayed and eager alike."""

import gc

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DeviceError
from numbanet.ops import touched
from tests.layer_checks import Batches
from tests.simulator import needs_simulator
from tests.thread_work import share_all

sparse = pytest.importorskip("scipy.sparse", reason="SciPy is in the test extra")

ROWS, COLUMNS, UNITS = 48, 60, 5
RULES = {
    "SGD": lambda **options: nn.optimizers.SGD(0.1, **options),
    "momentum": lambda **options: nn.optimizers.SGD(0.1, momentum=0.9, **options),
    "Nesterov": lambda **options: nn.optimizers.SGD(0.1, momentum=0.9, nesterov=True, **options),
    "RMSprop": lambda **options: nn.optimizers.RMSprop(0.01, **options),
    "centered": lambda **options: nn.optimizers.RMSprop(0.01, momentum=0.5, centered=True, **options),
    "Adam": lambda **options: nn.optimizers.Adam(0.01, **options),
    "AMSGrad": lambda **options: nn.optimizers.Adam(0.01, amsgrad=True, **options),
    "AdamW": lambda **options: nn.optimizers.AdamW(0.01, **options),
    "Nadam": lambda **options: nn.optimizers.Nadam(0.01, **options),
    "Adagrad": lambda **options: nn.optimizers.Adagrad(0.1, **options),
    "Adadelta": lambda **options: nn.optimizers.Adadelta(1.0, **options),
    "Adamax": lambda **options: nn.optimizers.Adamax(0.01, **options),
    "Ftrl": lambda **options: nn.optimizers.Ftrl(0.1, l1_regularization_strength=0.01, **options),
    "Lion": lambda **options: nn.optimizers.Lion(0.01, **options),
}


def samples(seed=0, dtype="f4"):
    """CSR rows of few columns each, an empty one among them, and classes."""
    rng = np.random.default_rng(seed)
    x = (rng.random((ROWS, COLUMNS)) < 0.04) * rng.random((ROWS, COLUMNS))
    x[7] = 0
    return sparse.csr_array(x.astype(dtype)), rng.integers(0, 2, ROWS)


X, Y = samples()


def network(optimizer, units=UNITS, **settings):
    model = nn.Sequential(
        [nn.layers.Dense(units, activation="relu", **settings), nn.layers.Dense(2, activation="softmax")]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fitted(optimizer, eager=False, epochs=3, **settings):
    model = network(optimizer, **settings)
    callbacks = [Batches()] if eager else []
    model.fit(X, Y, batch_size=9, epochs=epochs, verbose=0, rng=3, callbacks=callbacks)
    return model


def everything(model):
    """The bytes of all weights and of the whole state of the optimizer."""
    return [array.tobytes() for array in [w.numpy() for w in model.weights] + [a for _, a in model.optimizer.state()]]


def explained(model, capsys):
    model.explain()
    return capsys.readouterr().out


def gradient_of(batch, w, more=0.0):
    """The gradient of a loss in which the rows are multiplied once."""
    with nn.GradientTape() as tape:
        z = nn.dot(batch, w)
        loss = nn.sum(nn.square(z) + z)
        loss = loss + more * nn.sum(nn.square(w)) if more else loss
    return tape.gradient(loss, w)


def assert_touched_alone(lazy, exact, w, g, touched):
    """Apply a gradient: touched rows of weight and state follow the exact rule, all others stand still."""
    twin = nn.Variable(w.numpy())
    exact.build([twin])
    exact.load_state(lazy.state())

    def arrays(optimizer, weight):
        return [weight.numpy(), *[array for name, array in optimizer.state() if name != "iterations"]]

    before = arrays(lazy, w)
    lazy.apply_gradients([(g, w)])
    exact.apply_gradients([(g.numpy(), twin)])
    for old, new, whole in zip(before, arrays(lazy, w), arrays(exact, twin), strict=True):
        np.testing.assert_array_equal(new[touched], whole[touched])
        np.testing.assert_array_equal(new[~touched], old[~touched])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1}], ids=["plain", "decay"])
def test_touched_rows_follow_the_rule_and_others_stand_still(rule, options):
    """Compared with the exact rule for the touched rows alone, from weights and state as they were before."""
    rows = nn.SparseRows(X)
    w = nn.Variable(np.random.default_rng(1).normal(size=(COLUMNS, UNITS)).astype("f4"))
    lazy = RULES[rule](sparse_update="lazy", **options)
    lazy.build([w])
    for batch in [rows[:6], rows[4:9], rows[[2, 2, 30]], rows[7:8]]:  # the last one is empty: no column occurs
        touched = batch.toarray().any(axis=0)
        assert_touched_alone(lazy, RULES[rule](**options), w, gradient_of(batch, w), touched)
    assert touched.sum() == 0
    assert lazy.iterations == 4


@pytest.mark.parametrize("rule", RULES)
def test_replayed_as_eager(rule, capsys):
    replayed = fitted(RULES[rule](sparse_update="lazy", weight_decay=0.01))
    assert "of touched rows" in explained(replayed, capsys)
    eager = fitted(RULES[rule](sparse_update="lazy", weight_decay=0.01), eager=True)
    assert "eagerly" in explained(eager, capsys)
    assert everything(replayed) == everything(eager)


@pytest.mark.parametrize("rule", ["SGD", "Adagrad"])
def test_rules_for_which_nothing_differs(rule):
    assert everything(fitted(RULES[rule](sparse_update="lazy"))) == everything(fitted(RULES[rule]()))


def test_rules_for_which_it_does():
    assert everything(fitted(RULES["Adam"](sparse_update="lazy"))) != everything(fitted(RULES["Adam"]()))


@pytest.mark.parametrize("clip", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_clipping(clip):
    lazy = fitted(nn.optimizers.SGD(0.1, sparse_update="lazy", **{clip: 0.01}))
    assert everything(lazy) == everything(fitted(nn.optimizers.SGD(0.1, **{clip: 0.01})))


def test_a_rate_that_changes_from_step_to_step():
    def optimizer():
        return nn.optimizers.Adam(
            nn.optimizers.schedules.ExponentialDecay(0.05, 3, 0.7), weight_decay=0.1, sparse_update="lazy"
        )

    assert everything(fitted(optimizer())) == everything(fitted(optimizer(), eager=True))


def test_any_number_of_threads(monkeypatch):
    expected = everything(fitted(RULES["Adam"](sparse_update="lazy"), units=64))
    share_all(monkeypatch, 3)
    assert everything(fitted(RULES["Adam"](sparse_update="lazy"), units=64)) == expected


def test_saved_and_loaded(tmp_path):
    model = fitted(RULES["Adam"](sparse_update="lazy"))
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet")
    assert again.optimizer.sparse_update == "lazy"
    assert again.optimizer.get_config() == model.optimizer.get_config()
    for one in (model, again):
        one.fit(X, Y, batch_size=9, epochs=1, verbose=0, rng=4)
    assert everything(again) == everything(model)


def test_the_setting_can_be_changed():
    model = fitted(RULES["Adam"]())
    model.optimizer.sparse_update = "lazy"
    first = model.weights[0].numpy()
    only = sparse.csr_array(([1.0], ([0], [5])), shape=(1, COLUMNS), dtype="f4")
    model.fit(only, Y[:1], verbose=0, rng=0)
    changed = np.flatnonzero((model.weights[0].numpy() != first).any(axis=1))
    assert changed.tolist() == [5]
    assert "sparse_update" not in nn.optimizers.Adam().get_config()
    assert nn.optimizers.Adam(sparse_update="lazy").get_config()["sparse_update"] == "lazy"
    assert "sparse_update" not in repr(nn.optimizers.Adam())
    assert "sparse_update='lazy'" in repr(model.optimizer)


@pytest.mark.parametrize("value", ["Lazy", "dense", None, True, 1, ["lazy"]])
def test_other_values(value):
    with pytest.raises(ArgumentError, match="sparse_update must be 'exact' or 'lazy'"):
        nn.optimizers.Adam(sparse_update=value)
    optimizer = nn.optimizers.Adam()
    with pytest.raises(ArgumentError, match="sparse_update"):
        optimizer.sparse_update = value
    assert optimizer.sparse_update == "exact"


class Mine(nn.optimizers.Optimizer):
    def update(self, w, g, state, rate):
        w -= rate * g


@pytest.mark.parametrize("eager", [False, True])
def test_what_cannot_be_lazy_is_refused_before_anything_changes(eager):
    model = network(nn.optimizers.Adam(sparse_update="lazy"))
    model.build((None, COLUMNS))
    before = [w.numpy().tobytes() for w in model.weights]
    callbacks = [Batches()] if eager else []
    with pytest.raises(ArgumentError, match="no weight is multiplied by sparse rows"):
        model.fit(X.toarray(), Y, verbose=0, callbacks=callbacks)
    penalized = network(nn.optimizers.Adam(sparse_update="lazy"), kernel_regularizer="l2")
    with pytest.raises(ArgumentError, match="a penalty, a second use"):
        penalized.fit(X, Y, verbose=0, callbacks=callbacks)
    with pytest.raises(ArgumentError, match="rule of numbanet's own"):
        network(Mine(0.1, sparse_update="lazy")).fit(X, Y, verbose=0, callbacks=callbacks)
    assert [w.numpy().tobytes() for w in model.weights] == before
    assert model.optimizer.iterations == 0


def test_gradients_that_may_touch_all_rows_are_refused():
    rows, w = nn.SparseRows(X), nn.Variable(np.ones((COLUMNS, 2), "f4"))
    g = gradient_of(rows[:3], w)
    optimizer = nn.optimizers.SGD(0.1, sparse_update="lazy")
    for other in (g * 2, gradient_of(rows[:3], w, more=1.0), g.numpy()):
        with pytest.raises(ArgumentError, match="a penalty, a second use or arithmetic"):
            optimizer.apply_gradients([(other, w)])
    assert optimizer.iterations == 0
    assert not optimizer.built
    optimizer.apply_gradients([(g, w)])
    assert optimizer.apply_gradients([]) == 1


def test_in_a_function_of_ones_own():
    rows = nn.SparseRows(X)

    def steps(function):
        w = nn.Variable(np.linspace(-1, 1, COLUMNS * 3, dtype="f4").reshape(COLUMNS, 3))
        optimizer = nn.optimizers.RMSprop(0.01, sparse_update="lazy")

        def step(batch):
            optimizer.apply_gradients([(gradient_of(batch, w), w)])

        step = nn.function(step) if function else step
        for at in range(0, 40, 5):
            step(rows[at : at + 5])
        return w.numpy().tobytes()

    assert steps(function=True) == steps(function=False)


def test_notes_live_as_long_as_the_gradients():
    rows, w = nn.SparseRows(X), nn.Variable(np.ones((COLUMNS, 2), "f4"))
    gc.collect()
    before = len(touched._gradients)
    g = gradient_of(rows[:3], w)
    assert touched.touched_by(g) is not None
    del g
    gc.collect()
    assert len(touched._gradients) == before


@needs_simulator
def test_on_a_gpu_it_is_refused():
    with nn.device("cuda"):
        rows, w = nn.SparseRows(X), nn.Variable(np.ones((COLUMNS, 2), "f4"))
        g = gradient_of(rows[:3], w)
        with pytest.raises(DeviceError, match="on the CPU alone"):
            nn.optimizers.SGD(0.1, sparse_update="lazy").apply_gradients([(g, w)])
