"""Tables of embeddings, of which a step updates the rows that it looked up: replayed, eager and dense alike."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DeviceError
from numbanet.graph import passes, zeros
from numbanet.ops.touched import touched_by
from tests.layer_checks import Batches
from tests.simulator import needs_simulator
from tests.test_lazy_updates import RULES, assert_touched_alone, everything, explained
from tests.thread_work import share_all

ROWS, UNITS, STEPS = 60, 5, 4
RNG = np.random.default_rng(0)
X, Y = RNG.integers(0, ROWS, (48, STEPS)), RNG.integers(0, 2, 48)
X[3] = 7  # one row of the table, four times


def network(optimizer, units=UNITS, rows=ROWS, **settings):
    table = nn.layers.Embedding(rows, units, **settings)
    model = nn.Sequential([table, nn.layers.GlobalAveragePooling1D(), nn.layers.Dense(2, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fitted(optimizer, eager=False, epochs=3, x=X, **settings):
    model = network(optimizer, **settings)
    model.fit(x, Y, batch_size=9, epochs=epochs, verbose=0, rng=3, callbacks=[Batches()] if eager else [])
    return model


def dense(monkeypatch):
    """Walk whole tables from now on, where that is what was asked for."""
    monkeypatch.setattr(nn.optimizers.SGD, "zeros_change_nothing", False)
    monkeypatch.setattr(passes, "PASSES", tuple(one for one in passes.PASSES if one is not zeros.keep_zeros))


def gradient_of(w, indices, more=0.0, uses=1):
    """The gradient of a loss for which rows of a table are looked up."""
    with nn.GradientTape() as tape:
        z = sum(nn.take(w, indices) for _ in range(uses))
        loss = nn.sum(nn.square(z) + z)
        loss = loss + more * nn.sum(nn.square(w)) if more else loss
    return tape.gradient(loss, w)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1}], ids=["plain", "decay"])
def test_rows_that_were_looked_up_follow_the_rule_and_others_stand_still(rule, options):
    """Compared with the exact rule for these rows alone, from weights and state as they were before."""
    w = nn.Variable(np.random.default_rng(1).normal(size=(ROWS, UNITS)).astype("f4"))
    lazy = RULES[rule](sparse_update="lazy", **options)
    lazy.build([w])
    for indices in ([[4, 9, 4], [0, -1, 9]], [4], np.arange(30)[::-1], np.zeros((2, 0), int)):
        touched = np.isin(np.arange(ROWS), np.asarray(indices) % ROWS)
        assert_touched_alone(lazy, RULES[rule](**options), w, gradient_of(w, indices), touched)
    assert lazy.iterations == 4


@pytest.mark.parametrize("rule", RULES)
def test_replayed_as_eager(rule, capsys):
    replayed = fitted(RULES[rule](sparse_update="lazy", weight_decay=0.01))
    assert "of touched rows" in explained(replayed, capsys)
    eager = fitted(RULES[rule](sparse_update="lazy", weight_decay=0.01), eager=True)
    assert "eagerly" in explained(eager, capsys)
    assert everything(replayed) == everything(eager)


def test_lazy_is_another_rule():
    lazy, exact = (everything(fitted(RULES["Adam"](**options))) for options in ({"sparse_update": "lazy"}, {}))
    assert lazy != exact


@pytest.mark.parametrize("options", [{}, {"clipnorm": 0.01}, {"clipvalue": 1e-3}, {"global_clipnorm": 0.01}], ids=str)
@pytest.mark.parametrize("eager", [False, True])
def test_descent_goes_from_row_to_row_with_the_bytes_of_the_whole_walk(options, eager, monkeypatch, capsys):
    models = [
        fitted(nn.optimizers.SGD(0.5, **given), eager) for given in (options, options | {"sparse_update": "lazy"})
    ]
    assert all(eager or "sgd of touched rows" in explained(model, capsys) for model in models)
    dense(monkeypatch)
    whole = fitted(nn.optimizers.SGD(0.5, **options), eager)
    assert "touched" not in explained(whole, capsys)
    assert [everything(model)[:-1] for model in models] == [everything(whole)[:-1]] * 2


@pytest.mark.parametrize("value", [-0.0, np.inf, -np.inf, np.nan, 1e-45])
@pytest.mark.parametrize("rate", [0.0, 0.3, 1e38])
def test_rows_of_special_numbers(value, rate):
    w, twin = (nn.Variable(np.full((9, 2), value, "f4")) for _ in range(2))
    g = gradient_of(w, [3, 5])
    nn.optimizers.SGD(rate).apply_gradients([(g, w)])
    nn.optimizers.SGD(rate).apply_gradients([(g.numpy(), twin)])
    assert w.numpy().tobytes() == twin.numpy().tobytes()


@pytest.mark.parametrize(
    "optimizer",
    [
        nn.optimizers.SGD(momentum=0.9), nn.optimizers.SGD(weight_decay=0.1), nn.optimizers.Adam(),
        nn.optimizers.Adagrad(),
    ],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_other_rules_walk_all_rows_unless_they_are_asked(optimizer, capsys):
    model = fitted(optimizer)
    assert "touched" not in explained(model, capsys)
    assert "clear_rows" in explained(model, capsys)
    twin = fitted(type(optimizer).from_config(optimizer.get_config()), eager=True)
    assert everything(model) == everything(twin)


def test_small_tables_are_walked(capsys):
    model = fitted(nn.optimizers.SGD(0.1), x=X % 4, rows=4)
    assert "touched" not in explained(model, capsys)
    assert "clear_rows" not in explained(model, capsys)


def test_zeros_that_are_kept_leave_the_bytes_as_they_are(monkeypatch):
    optimizers = [lambda: nn.optimizers.Adam(0.01, clipnorm=0.1), lambda: RULES["RMSprop"](sparse_update="lazy")]
    kept = [everything(fitted(one())) for one in optimizers]
    dense(monkeypatch)
    assert kept == [everything(fitted(one())) for one in optimizers]


def test_any_number_of_threads(monkeypatch):
    expected = everything(fitted(RULES["Adam"](sparse_update="lazy"), units=64))
    share_all(monkeypatch, 3)
    assert everything(fitted(RULES["Adam"](sparse_update="lazy"), units=64)) == expected


@pytest.mark.parametrize("settings", [{"mask_zero": True}, {"embeddings_constraint": "unit_norm"}], ids=str)
def test_settings_of_the_layer(settings):
    models = [fitted(RULES["Adam"](sparse_update="lazy"), eager, **settings) for eager in (False, True)]
    assert everything(models[0]) == everything(models[1])


def test_integers_as_floats_and_saved_and_loaded(tmp_path):
    model = fitted(RULES["Adam"](sparse_update="lazy"), x=X.astype("f4"))
    assert everything(model) == everything(fitted(RULES["Adam"](sparse_update="lazy")))
    model.save(tmp_path / "m.numbanet")
    again = nn.load_model(tmp_path / "m.numbanet")
    for one in (model, again):
        one.fit(X, Y, batch_size=9, epochs=1, verbose=0, rng=4)
    assert everything(again) == everything(model)


def steps(step, function, count=6):
    """The bytes of a table after steps, eager or replayed, and what the last one returned."""
    w = nn.Variable(np.linspace(-1, 1, ROWS * 3, dtype="f4").reshape(ROWS, 3))
    twin = nn.Variable(w.numpy())
    optimizer, other = (nn.optimizers.RMSprop(0.01, sparse_update="lazy") for _ in range(2))
    run = nn.function(lambda x: step(x, w, twin, optimizer, other)) if function else step
    for at in range(count):
        x = nn.asarray(X[at : at + 2])
        result = run(x) if function else run(x, w, twin, optimizer, other)
    return w.numpy().tobytes(), twin.numpy().tobytes(), np.asarray(result).tobytes()


def plainly(x, w, twin, optimizer, other):
    optimizer.apply_gradients([(gradient_of(w, x), w)])
    return nn.sum(w)


def returned(x, w, twin, optimizer, other):
    g = gradient_of(w, x)
    optimizer.apply_gradients([(g, w)])
    return g


def viewed(x, w, twin, optimizer, other):
    g = gradient_of(w, x)
    optimizer.apply_gradients([(g, w)])
    return nn.reshape(g, (-1, 2))


def read(x, w, twin, optimizer, other):
    g = gradient_of(w, x)
    norm = nn.sum(nn.square(g))
    optimizer.apply_gradients([(g, w)])
    return norm


def assigned(x, w, twin, optimizer, other):
    g = gradient_of(w, x)
    optimizer.apply_gradients([(g, w)])
    twin.assign(g)
    return nn.sum(x)


def applied_twice(x, w, twin, optimizer, other):
    g = gradient_of(w, x)
    optimizer.apply_gradients([(g, w)])
    other.apply_gradients([(g, twin)])
    return nn.sum(x)


@pytest.mark.parametrize("step", [plainly, returned, viewed, read, assigned, applied_twice])
def test_in_a_function_of_ones_own(step):
    assert steps(step, function=True) == steps(step, function=False)


@pytest.mark.parametrize("eager", [False, True])
def test_what_cannot_be_lazy_is_refused_before_anything_changes(eager):
    callbacks = [Batches()] if eager else []
    penalized = network(nn.optimizers.Adam(sparse_update="lazy"), embeddings_regularizer="l2")
    twice = nn.Input((STEPS,), dtype="int64")
    table = nn.layers.Embedding(ROWS, 3)
    outputs = nn.layers.Dense(2)(nn.layers.Flatten()(nn.layers.Add()([table(twice), table(twice)])))
    shared = nn.Model(twice, outputs)
    shared.compile(nn.optimizers.SGD(sparse_update="lazy"), nn.losses.SparseCategoricalCrossentropy(from_logits=True))
    penalized.build((None, STEPS))
    for model in (penalized, shared):
        before = [w.numpy().tobytes() for w in model.weights]
        with pytest.raises(ArgumentError, match=r"one lookup or one product .* a penalty, a second use"):
            model.fit(X, Y, verbose=0, callbacks=callbacks)
        assert [w.numpy().tobytes() for w in model.weights] == before
        assert model.optimizer.iterations == 0


def test_gradients_that_may_touch_all_rows_are_refused():
    w = nn.Variable(np.ones((ROWS, 2), "f4"))
    g = gradient_of(w, [3, 4])
    optimizer = nn.optimizers.SGD(0.1, sparse_update="lazy")
    for other in (g * 2, gradient_of(w, [3], more=1.0), gradient_of(w, [3], uses=2), g.numpy()):
        assert touched_by(other) is None
        with pytest.raises(ArgumentError, match="a penalty, a second use or arithmetic"):
            optimizer.apply_gradients([(other, w)])
    assert not optimizer.built
    optimizer.apply_gradients([(g, w)])


@pytest.mark.parametrize("pick", [lambda w: w[[3, 4]], lambda w: nn.take(w, [0, 1], axis=1), lambda w: w[3:5]])
def test_other_ways_to_pick_are_no_lookups(pick):
    w = nn.Variable(np.ones((ROWS, 2), "f4"))
    with nn.GradientTape() as tape:
        loss = nn.sum(nn.square(pick(w)))
    g = tape.gradient(loss, w)
    with pytest.raises(ArgumentError, match="or has rows that are looked up"):
        nn.optimizers.SGD(0.1, sparse_update="lazy").apply_gradients([(g, w)])


def test_a_target_that_is_the_table_itself():
    w = nn.Variable(np.ones((ROWS, 2), "f4"))
    with nn.GradientTape() as tape:
        picked = nn.take(w, [1, 2])
    g = tape.gradient([picked, w.value], w)
    assert touched_by(g) is None
    assert g.numpy()[5, 0] == 1


@needs_simulator
def test_on_a_gpu_it_is_refused():
    with nn.device("cuda"):
        w = nn.Variable(np.ones((ROWS, 2), "f4"))
        g = gradient_of(w, [3])
        with pytest.raises(DeviceError, match="on the CPU alone"):
            nn.optimizers.SGD(0.1, sparse_update="lazy").apply_gradients([(g, w)])
        nn.optimizers.SGD(0.1).apply_gradients([(g, w)])
