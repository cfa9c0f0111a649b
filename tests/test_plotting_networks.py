"""Pictures of what networks are and do: their graphs, their gradients, their mistakes, and learning rates."""

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import FancyArrowPatch

import numbanet as nn
from numbanet.errors import ArgumentError, DataError, NotBuiltError, ShapeError

matplotlib.use("Agg")
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model():
    network = nn.Sequential([nn.layers.Dense(6, activation="relu"), nn.layers.Dense(3, activation="softmax")], rng=0)
    network.build((2,))
    network.compile(loss="sparse_categorical_crossentropy")
    return network


def boxes_of(ax):
    return [text.get_text().split("\n") for text in ax.texts]


class TestActivations:
    def test_those_of_a_functional_model_are_in_the_order_of_its_calls(self):
        x = nn.Input((2,))
        shared = nn.layers.Dense(2, name="shared")
        network = nn.Model(x, nn.layers.Add(name="both")([shared(x), shared(shared(x))]))
        ax = nn.plotting.activations(network, np.eye(2))
        assert [label.get_text() for label in ax.get_yticklabels()] == ["shared", "shared", "shared", "both"]


class TestGradients:
    def test_histograms_are_those_of_the_gradients_and_weights_stay(self, model):
        x, y = RNG.normal(size=(20, 2)).astype(np.float32), np.arange(20) % 3
        before = [weight.numpy().copy() for weight in model.weights]
        ax = nn.plotting.gradients(model, x, y)
        with nn.GradientTape() as tape:
            loss = nn.mean(nn.losses.sparse_categorical_crossentropy(y, model(x)))
        kernel = tape.gradient(loss, model.weights[0]).numpy()
        drawn = ax.patches[0].get_data()
        counts = np.histogram(np.log10(np.abs(kernel[kernel != 0])), drawn.edges)[0]
        np.testing.assert_allclose(drawn.values - 3, 0.85 * counts / counts.max(), atol=0.85)
        assert ax.texts[0].get_text() == f"rms {np.sqrt(np.mean(kernel**2)):.1e}"
        assert [label.get_text() for label in ax.get_yticklabels()] == [weight.name for weight in model.weights]
        for weight, old in zip(model.weights, before, strict=True):
            np.testing.assert_array_equal(weight.numpy(), old)

    def test_errors(self):
        network = nn.Sequential([nn.layers.Dense(1)])
        with pytest.raises(NotBuiltError, match="gradients: the model has no weights yet"):
            nn.plotting.gradients(network, np.eye(2), [0, 1])
        network.build((2,))
        with pytest.raises(NotBuiltError, match="compile"):
            nn.plotting.gradients(network, np.eye(2), [0, 1])
        network.trainable = False
        network.compile(loss="mse")
        with pytest.raises(ArgumentError, match="no trainable weights"):
            nn.plotting.gradients(network, np.eye(2), [0, 1])


class TestSchedules:
    def test_lines_are_the_learning_rates(self):
        halving = nn.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True)
        ax = nn.plotting.schedule({"halving": halving, "constant": lambda step: 0.05}, 30)
        (line, constant) = ax.get_lines()
        np.testing.assert_array_equal(line.get_xdata(), np.arange(30))
        np.testing.assert_allclose(line.get_ydata(), np.repeat([0.1, 0.05, 0.025], 10))
        assert set(constant.get_ydata()) == {0.05}
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["halving", "constant"]
        assert nn.plotting.schedule(halving, 5).get_legend() is None

    def test_of_many_steps_a_thousand_are_drawn(self):
        drawn = nn.plotting.schedule(lambda step: 1 / (1 + step), 10**6).get_lines()[0].get_xdata()
        assert (len(drawn), drawn[0], drawn[-1]) == (1000, 0, 10**6 - 1)

    def test_errors(self):
        for wrong, found in ((0.1, "got 0.1"), ({}, "there is none"), ({"a": None}, "got None")):
            with pytest.raises(ArgumentError, match=f"is called with a step and returns a learning rate; {found}"):
                nn.plotting.schedule(wrong, 10)
        with pytest.raises(ArgumentError, match="steps must be an integer, at least 1"):
            nn.plotting.schedule(lambda step: 1.0, 0)
        with pytest.raises(ArgumentError, match="the learning rate of step 0"):
            nn.plotting.schedule(lambda step: "fast", 10)


class TestMistakes:
    @given(st.integers(1, 30), st.integers(2, 5), st.integers(1, 9), st.integers(0, 99))
    def test_the_surest_wrong_answers_come_first(self, samples, classes, count, seed):
        rng = np.random.default_rng(seed)
        scores = rng.dirichlet(np.ones(classes), samples)
        true = rng.integers(0, classes, samples)
        pictures = np.broadcast_to(np.arange(1.0, samples + 1)[:, None, None], (samples, 2, 3))
        wrong = [i for i in range(samples) if scores[i].argmax() != true[i]]
        if not wrong:
            with pytest.raises(DataError, match=f"all {samples} answers are right"):
                nn.plotting.mistakes(pictures, true, scores, count)
            return
        wrong.sort(key=lambda i: -scores[i].max())
        ax = nn.plotting.mistakes(pictures, true, scores, count, columns=1)
        shown = ax.images[0].get_array()[:, 0].compressed()[::2] - 1
        np.testing.assert_array_equal(shown, wrong[:count])
        i = wrong[0]
        assert ax.texts[0].get_text() == f"{true[i]} as {scores[i].argmax()}, {100 * scores[i].max():.0f} %"

    @pytest.mark.parametrize("shape", [(2, 3, 3), (2, 9), (2, 3, 3, 1)])
    def test_images_may_be_rows_or_have_a_channel(self, shape):
        ax = nn.plotting.mistakes(np.ones(shape), [0, 1], [[0.1, 0.9], [0.9, 0.1]])
        assert ax.images[0].get_array().count() == 18

    def test_errors(self):
        scores = [[0.1, 0.9], [0.9, 0.1]]
        for wrong in ([0.1, 0.9], [[1], [0]]):
            with pytest.raises(ShapeError, match=r"probabilities \(samples, classes\)"):
                nn.plotting.mistakes(np.ones((2, 2, 2)), [0, 1], wrong)
        with pytest.raises(ShapeError, match=r"got shape \(2, 3\)"):
            nn.plotting.mistakes(np.ones((2, 3)), [0, 1], scores)
        with pytest.raises(DataError, match="x has 3 samples, y_true has 2, y_pred has 2"):
            nn.plotting.mistakes(np.ones((3, 2, 2)), [0, 1], scores)
        with pytest.raises(ArgumentError, match="2 classes need as many labels, got 1"):
            nn.plotting.mistakes(np.ones((2, 2, 2)), [0, 1], scores, labels=["a"])
        with pytest.raises(ArgumentError, match="count must be an integer, at least 1"):
            nn.plotting.mistakes(np.ones((2, 2, 2)), [0, 1], scores, 0)


class TestModels:
    def test_boxes_are_layers_with_shapes_and_parameters(self, model):
        ax = nn.plotting.model(model)
        assert boxes_of(ax) == [
            ["dense: Dense", "(None, 6)", "18 parameters"], ["dense_1: Dense", "(None, 3)", "21 parameters"],
        ]  # fmt: skip
        assert len([patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]) == 1
        heights = [text.get_position()[1] for text in ax.texts]
        assert heights[0] > heights[1]

    def test_layers_that_share_and_meet(self):
        x = nn.Input((3,), name="x")
        shared = nn.layers.Dense(3, name="shared")
        y = nn.layers.Add(name="both")([shared(x), shared(nn.layers.ReLU(name="relu")(x))])
        ax = nn.plotting.model(nn.Model(x, y), direction="right")
        assert [lines[0] for lines in boxes_of(ax)] == ["x: Input", "relu: ReLU", "shared: Dense", "both: Add"]
        arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
        assert len(arrows) == 4, "from x to relu, from both to shared, and from shared to both, once"

    def test_a_model_without_weights(self):
        ax = nn.plotting.model(nn.Sequential([nn.layers.Dense(4), nn.layers.ReLU()]))
        assert boxes_of(ax) == [["dense: Dense"], ["re_lu: ReLU"]]

    def test_errors(self, model):
        with pytest.raises(ArgumentError, match="model: needs a model, got int"):
            nn.plotting.model(1)
        with pytest.raises(ArgumentError, match="has no layers"):
            nn.plotting.model(nn.Sequential())
        with pytest.raises(ArgumentError, match="direction must be"):
            nn.plotting.model(model, "left")
