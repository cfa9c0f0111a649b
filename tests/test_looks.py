"""Looks at the Python side of a model: what has changed since the last one is seen, and what has not is not."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.graph.guard import Glance, Guard
from numbanet.training.trainer import Trainer

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


class Same(nn.layers.Dense):
    """A user's subclass that adds nothing."""


def model_of():
    model = nn.Sequential([nn.layers.Dense(2, "relu"), nn.layers.Dropout(0.5), Same(2, "softmax")])
    model.compile(optimizer=nn.optimizers.Adam(), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((3,), rng=0)
    model.layers[0]._first, model.layers[0]._second = [1, 2.0], [3]
    model.layers[0]._settings_of = {"a": 1.0, "b": [4]}
    return model


def trainer_of(model):
    """What the model is looked at with."""
    trainer = Trainer(model, optimizer=model.optimizer, loss=model.loss)
    trainer.metrics, trainer.weighted_metrics = model.metrics, model.weighted_metrics
    return trainer


CHANGES = {
    "an attribute": lambda model: setattr(model.layers[1], "rate", 0.25),
    "a number of another type": lambda model: vars(model.layers[0]).update(units=2.0),
    "a new attribute": lambda model: setattr(model.layers[0], "_new", 1),
    "an attribute that is gone": lambda model: delattr(model.layers[0], "_first"),
    "the order of attributes": lambda model: vars(model.layers[0]).update(
        _first=vars(model.layers[0]).pop("_first")
    ),
    "a list": lambda model: model.layers[0]._first.append(3),
    "an item of a list": lambda model: model.layers[0]._first.__setitem__(1, 3.0),
    "what moves from one list to the next": lambda model: model.layers[0]._second.insert(
        0, model.layers[0]._first.pop()
    ),
    "a value of a dict": lambda model: model.layers[0]._settings_of.update(a=2.0),
    "a key of a dict": lambda model: model.layers[0]._settings_of.update(c=2.0),
    "a list in a dict": lambda model: model.layers[0]._settings_of["b"].clear(),
    "a layer": lambda model: model.layers.pop(1),
    "the class of a layer": lambda model: setattr(model.layers[1], "__class__", nn.layers.ReLU),
    "a frozen layer": lambda model: setattr(model.layers[0], "trainable", False),
    "a setting of the optimizer": lambda model: setattr(model.optimizer, "beta_1", 0.5),
    "clipping": lambda model: setattr(model.optimizer, "clipnorm", 1.0),
    "a setting of the loss": lambda model: setattr(model.loss, "from_logits", True),
    "a metric": lambda model: model.metrics.append(nn.metrics.get("accuracy")),
    "a negative zero": lambda model: model.layers[0]._first.__setitem__(0, -0.0),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_look_sees(change):
    model = model_of()
    model.layers[0]._first[0] = 0.0
    glance = Glance(trainer_of(model))
    assert glance.complete
    assert glance.holds()
    change(model)
    assert not glance.holds()


SAME = {
    "nothing": lambda model: None,
    "an equal number": lambda model: setattr(model.layers[1], "rate", float("0.5")),
    "nan again": lambda model: model.layers[0]._first.__setitem__(0, float("nan")),
    "weights": lambda model: model.layers[0].kernel.assign(np.ones((3, 2))),
    "the step": lambda model: setattr(model.optimizer, "iterations", 7),
    "the rate": lambda model: setattr(model.optimizer, "learning_rate", 0.5),
    "what a metric has counted": lambda model: model.metrics[0].update(np.array([1]), np.array([[0.1, 0.9]])),
    "whether to stop": lambda model: setattr(model, "stop_training", True),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_a_look_does_not_see(change):
    model = model_of()
    model.layers[0]._first[0] = float("nan")
    glance = Glance(trainer_of(model))
    change(model)
    assert glance.holds()


def test_a_class_of_the_users_that_adds_something_later_is_seen(monkeypatch):
    glance = Glance(trainer_of(model_of()))
    assert glance.holds()
    monkeypatch.setattr(Same, "call", lambda self, x: x, raising=False)
    assert not glance.holds()


def test_guards_of_one_trainer_share_a_look_that_holds():
    trainer = trainer_of(model_of())
    first, second = Guard(trainer, others=False), Guard(trainer, others=False)
    assert first.state is second.state
    assert not second.changed()
    trainer.model.layers[1].rate = 0.25
    assert second.changed()
    assert not second.changed()
    assert first.changed()


def test_what_is_changed_back_has_not_changed():
    trainer = trainer_of(model_of())
    guard = Guard(trainer, others=False)
    trainer.model.layers[1].rate = 0.25
    other = Guard(trainer, others=False)
    trainer.model.layers[1].rate = 0.5
    assert other.changed()
    assert not guard.changed()
    assert not other.changed()


def test_predictions_follow_what_changes_between_two_calls():
    model = model_of()
    before = [model.predict(X, verbose=0) for _ in range(4)][-1]
    model.layers[0].activation = "tanh"
    after = [model.predict(X, verbose=0) for _ in range(4)]
    assert not np.array_equal(after[0], before)
    assert all(np.array_equal(one, after[0]) for one in after)
    assert np.array_equal(after[0], model(X).numpy())
    model.layers[0].activation = "relu"
    assert np.array_equal(model.predict(X, verbose=0), before)
