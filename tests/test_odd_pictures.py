"""Pictures of what is odd: no epochs, NaN, one unit, no model: drawn, or refused by name."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, DataError, NumbanetError, ShapeError

pytest.importorskip("matplotlib", reason="pictures are drawn with matplotlib")
plotting = nn.plotting
RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(20, 2)).astype(np.float32), RNG.integers(0, 2, 20)


def network(units, activation):
    model = nn.Sequential([nn.layers.Input((2,)), nn.layers.Dense(1), nn.layers.Dense(units, activation)], rng=0)
    model.compile("sgd", "binary_crossentropy" if units == 1 else "sparse_categorical_crossentropy", ["accuracy"])
    return model, model.fit(X, LABELS, epochs=1, verbose=0, rng=0)


@pytest.mark.parametrize(("units", "activation"), [(1, "sigmoid"), (2, "softmax")])
def test_models_of_one_unit(units, activation):
    model, history = network(units, activation)
    for figure in (plotting.overview(model, X, LABELS), plotting.report(model, history, X, LABELS)):
        assert "test data" in [ax.get_title() for ax in figure.axes]
    scores = model.predict(X, verbose=0)
    found = scores[:, 0] > 0.5 if units == 1 else scores.argmax(1)
    drawn = plotting.confusion_matrix(LABELS, scores).texts
    assert int(drawn[0].get_text()) == np.sum((LABELS == 0) & (found == 0))


@pytest.mark.parametrize("wrong", [None, "x", nn.layers.Dense(2), 5], ids=repr)
def test_what_is_no_model(wrong):
    history = {"loss": [1.0]}
    for draw in (
        lambda: plotting.model(wrong),
        lambda: plotting.overview(wrong),
        lambda: plotting.overview(wrong, X, LABELS),
        lambda: plotting.report(wrong, history, X, LABELS),
        lambda: plotting.activations(wrong, X),
        lambda: plotting.gradients(wrong, X, LABELS),
    ):
        with pytest.raises(ArgumentError, match="needs a model"):
            draw()
    if not callable(wrong):
        with pytest.raises(ArgumentError, match="needs a model, or a function"):
            plotting.decision_boundary(wrong, X)


@pytest.mark.parametrize(
    "history", [None, 5, [1.0], {"loss": 1.0}, {"loss": ["a"]}, {"loss": [[1.0], [2.0]]}, {"val_loss": [1.0]}, {}]
)
def test_what_is_no_history(history):
    with pytest.raises(NumbanetError, match="history"):
        plotting.history(history)


@pytest.mark.parametrize("names", [None, 5, [], ["loss", "x"], "x"])
def test_what_are_no_names(names):
    with pytest.raises(ArgumentError, match="name"):
        plotting.history({"loss": [1.0]}, names)


@pytest.mark.parametrize("values", [[], [np.nan, np.inf], [1.0]])
def test_odd_histories_are_drawn(values):
    model, _ = network(2, "softmax")
    assert len(plotting.history({"loss": values}).get_lines()) == 1
    assert len(plotting.report(model, {"loss": values}).axes) == 1


def test_nan_is_no_class():
    """The first class was drawn, which argmax gives."""
    scores = np.full((3, 2), np.nan)
    for draw in (
        lambda: plotting.confusion_matrix([0, 0, 1], scores),
        lambda: plotting.mistakes(np.zeros((3, 2, 2)), [0, 0, 1], scores),
        lambda: plotting.decision_boundary(lambda points: points, np.array([[0.0, np.nan]])),
    ):
        with pytest.raises(DataError, match=r"NaN|not finite"):
            draw()


@pytest.mark.parametrize("matrix", [np.full((4, 3), np.nan), np.full((4, 3), np.inf), np.zeros((4, 3))])
def test_weights_that_have_no_size(matrix):
    assert plotting.weights(matrix).images[0].get_clim() == (-1.0, 1.0)


def test_numbers_that_are_no_classes():
    for labels in ([0, 10**6], [0, 2**63], [0, 300]):
        with pytest.raises(ArgumentError, match="classes"):
            plotting.confusion_matrix(np.array(labels, np.uint64), [0, 1])
    with pytest.raises(ArgumentError, match="must be probabilities of class 1"):
        plotting.confusion_matrix([0, 1], [[0.5], [3.0]])


def test_several_outputs():
    inputs = nn.Input((2,))
    model = nn.Model(inputs, [nn.layers.Dense(2)(inputs), nn.layers.Dense(1)(inputs)])
    for draw in (lambda: plotting.overview(model, X, LABELS), lambda: plotting.report(model, {}, X, LABELS)):
        with pytest.raises(ShapeError, match="models of one output, got 2"):
            draw()
