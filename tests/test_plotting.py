"""Pictures: what is on them, told by matplotlib's own objects, and that nothing else of matplotlib changes."""

import io
import stat
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

import numbanet as nn
from numbanet.errors import (
    ArgumentError,
    DataError,
    DependencyError,
    DTypeError,
    GradientError,
    NotBuiltError,
    ShapeError,
)
from numbanet.plotting import layout
from tests.layer_checks import Own

matplotlib.use("Agg")
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model():
    network = nn.Sequential([nn.layers.Dense(6, activation="relu"), nn.layers.Dense(3, activation="softmax")], rng=0)
    network.build((2,))
    network.compile(loss="sparse_categorical_crossentropy")
    return network


@pytest.fixture
def tape():
    x = nn.Variable(3.0, name="x")
    with nn.GradientTape(persistent=True) as found:
        y = nn.square(x) + 2.0 * x
    found.x, found.y = x, y
    return found


CALLS = {
    "history": lambda model, tape, **to: nn.plotting.history({"loss": [1.0, 0.5]}, **to),
    "images": lambda model, tape, **to: nn.plotting.images(np.eye(4), **to),
    "weights": lambda model, tape, **to: nn.plotting.weights(np.ones((9, 2)), **to),
    "confusion_matrix": lambda model, tape, **to: nn.plotting.confusion_matrix([0, 1], [1, 1], **to),
    "decision_boundary": lambda model, tape, **to: nn.plotting.decision_boundary(model, np.eye(2), steps=3, **to),
    "activations": lambda model, tape, **to: nn.plotting.activations(model, np.eye(2), **to),
    "tape": lambda model, tape, **to: nn.plotting.tape(tape, **to),
    "gradients": lambda model, tape, **to: nn.plotting.gradients(model, np.eye(2), [0, 2], **to),
    "mistakes": lambda model, tape, **to: nn.plotting.mistakes(np.ones((1, 2, 2)), [0], [[0.2, 0.8]], **to),
    "model": lambda model, tape, **to: nn.plotting.model(model, **to),
    "schedule": lambda model, tape, **to: nn.plotting.schedule(lambda step: 0.1 / (1 + step), 10, **to),
}


@pytest.mark.usefixtures("no_figures")
class TestAxes:
    @pytest.mark.parametrize("name", CALLS)
    def test_pyplot_is_left_alone(self, name, model, tape):
        current = plt.figure()
        ax = CALLS[name](model, tape)
        assert isinstance(ax, Axes)
        assert plt.get_fignums() == [current.number]
        assert plt.gcf() is current
        assert not current.axes
        ax.figure.savefig(io.BytesIO())

    @pytest.mark.parametrize("name", CALLS)
    def test_given_axes_are_drawn_on_and_returned(self, name, model, tape):
        figure, (one, other) = plt.subplots(1, 2)
        assert CALLS[name](model, tape, ax=one) is one
        assert one.has_data() or one.texts
        assert not other.has_data()
        assert figure.axes == [one, other]

    @pytest.mark.parametrize("name", CALLS)
    def test_what_is_no_axes_is_refused(self, name, model, tape):
        with pytest.raises(ArgumentError, match=f"{name}: ax must be matplotlib Axes, got list"):
            CALLS[name](model, tape, ax=[])

    @pytest.mark.parametrize("name", CALLS)
    def test_without_matplotlib_one_sentence_says_what_to_install(self, name, model, tape, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
        with pytest.raises(DependencyError, match=r"needs matplotlib, .* python -m pip install matplotlib"):
            CALLS[name](model, tape)


class TestHistory:
    def test_lines_are_the_numbers_and_validation_is_dashed(self):
        ax = nn.plotting.history({"loss": [3.0, 2.0, 1.0], "val_loss": [4.0, 3.0, 3.5], "accuracy": [0.1, 0.2, 0.3]})
        loss, validation = ax.get_lines()
        np.testing.assert_array_equal(loss.get_xydata(), [[1, 3], [2, 2], [3, 1]])
        np.testing.assert_array_equal(validation.get_ydata(), [4, 3, 3.5])
        assert (loss.get_linestyle(), validation.get_linestyle()) == ("-", "--")
        assert loss.get_color() == validation.get_color()
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss", "val_loss"]

    def test_several_names_and_what_fit_returns(self):
        history = nn.callbacks.History()
        history.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.75})
        labels = [line.get_label() for line in nn.plotting.history(history, ["accuracy", "loss"]).get_lines()]
        assert labels == ["accuracy", "loss"]

    def test_errors(self):
        with pytest.raises(ArgumentError, match="did you mean 'accuracy'"):
            nn.plotting.history({"loss": [1.0], "accuracy": [0.5]}, "acuracy")
        with pytest.raises(ArgumentError, match="got list"):
            nn.plotting.history([1.0])


class TestMosaics:
    @given(st.integers(1, 7), st.integers(1, 4), st.integers(1, 4), st.integers(1, 8), st.booleans())
    def test_every_image_is_somewhere_whole(self, count, rows, columns, across, captioned):
        pictures = RNG.normal(size=(count, rows, columns)).astype(np.float32)
        ax = nn.plotting.images(pictures, list(range(count)) if captioned else None, across)
        mosaic = ax.images[0].get_array()
        assert mosaic.count() == pictures.size
        np.testing.assert_array_equal(np.sort(mosaic.compressed()), np.sort(pictures.ravel()))
        np.testing.assert_array_equal(mosaic[:, :columns].compressed()[: rows * columns], pictures[0].ravel())
        assert [text.get_text() for text in ax.texts] == ([str(i) for i in range(count)] if captioned else [])

    def test_weights_are_columns_on_one_scale_around_zero(self):
        matrix = np.arange(-8.0, 4.0).reshape(6, 2)
        image = nn.plotting.weights(nn.Variable(matrix), shape=(2, 3)).images[0]
        np.testing.assert_array_equal(image.get_array()[:, :3], matrix[:, 0].reshape(2, 3))
        np.testing.assert_array_equal(image.get_array()[:, 4:], matrix[:, 1].reshape(2, 3))
        bound = np.quantile(np.abs(matrix), 0.995)
        np.testing.assert_allclose(image.get_clim(), (-bound, bound))
        assert nn.plotting.weights(np.zeros((4, 1))).images[0].get_clim() == (-1, 1)

    def test_errors(self, model):
        for shape in [(2,), (2, 2, 2, 1)]:
            with pytest.raises(ShapeError, match=r"needs \(samples, rows, columns\)"):
                nn.plotting.images(np.zeros(shape))
        with pytest.raises(ArgumentError, match="3 images need as many captions, got 2"):
            nn.plotting.images(np.zeros((3, 2, 2)), ["a", "b"])
        with pytest.raises(ArgumentError, match="columns must be an integer, at least 1"):
            nn.plotting.images(np.zeros((3, 2, 2)), columns=0)
        with pytest.raises(ArgumentError, match="images is empty"):
            nn.plotting.images(np.zeros((0, 2, 2)))
        with pytest.raises(ShapeError, match="2 inputs make no square"):
            nn.plotting.weights(model.layers[0])
        with pytest.raises(ShapeError, match=r"with 2 numbers, got \(2, 2\)"):
            nn.plotting.weights(model.layers[0], (2, 2))
        with pytest.raises(ArgumentError, match="no weights"):
            nn.plotting.weights(nn.layers.Dense(2))
        with pytest.raises(ShapeError, match="matrix"):
            nn.plotting.weights(np.zeros(4))


class TestClasses:
    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
    def test_counts_are_those_of_the_pairs(self, pairs):
        true, found = np.array(pairs).T
        ax = nn.plotting.confusion_matrix(true, found)
        count = 1 + max(max(pair) for pair in pairs)
        shown = np.array([int(text.get_text()) for text in ax.texts]).reshape(count, count)
        for row in range(count):
            for column in range(count):
                assert shown[row, column] == pairs.count((row, column))
        shares = np.asarray(ax.images[0].get_array())
        np.testing.assert_allclose(shares.sum(axis=1), np.isin(np.arange(count), true))

    def test_probabilities_are_answers_too(self):
        ax = nn.plotting.confusion_matrix(np.eye(3), [[0.1, 0.9, 0], [0, 1, 0], [0, 0, 1]], labels="abc")
        assert [text.get_text() for text in ax.texts] == ["0", "1", "0", "0", "1", "0", "0", "0", "1"]
        assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b", "c"]

    def test_the_boundary_is_where_the_model_changes_its_mind(self):
        points = np.array([[0.0, 0.0], [2.0, 4.0]])
        ax = nn.plotting.decision_boundary(
            lambda p: np.stack([p[:, 1] - p[:, 0], p[:, 0] - p[:, 1]], 1), points, [0, 1]
        )
        image = ax.images[0]
        left, right, bottom, top = image.get_extent()
        np.testing.assert_allclose((left, right, bottom, top), (-0.2, 2.2, -0.4, 4.4))
        assert image.origin == "lower"
        x, y = np.meshgrid(np.linspace(left, right, 200), np.linspace(bottom, top, 200))
        away = np.abs(x - y) > 1e-3
        np.testing.assert_array_equal(np.asarray(image.get_array())[away], (x > y)[away])
        np.testing.assert_array_equal(ax.collections[0].get_offsets(), points)

    def test_one_score_means_class_1_above_one_half(self, model):
        ax = nn.plotting.decision_boundary(lambda p: 1 / (1 + nn.exp(-nn.asarray(p)[:, 0])), [[-1.0, 5.0], [1.0, 5.0]])
        np.testing.assert_array_equal(ax.images[0].get_array()[0], np.arange(200) >= 100)
        found = nn.plotting.decision_boundary(model, np.eye(2), steps=7).images[0].get_array()
        assert found.shape == (7, 7)

    def test_errors(self, model):
        with pytest.raises(DataError, match="y_true has 2 samples, y_pred has 3"):
            nn.plotting.confusion_matrix([0, 1], [0, 1, 1])
        with pytest.raises(DTypeError, match="float32"):
            nn.plotting.confusion_matrix([0.5, 1.0], [0, 1])
        with pytest.raises(ArgumentError, match="from 0, got -1"):
            nn.plotting.confusion_matrix([-1, 1], [0, 1])
        with pytest.raises(ArgumentError, match="3 classes need as many labels, got 2"):
            nn.plotting.confusion_matrix([0, 2], [0, 1], labels="ab")
        with pytest.raises(ShapeError, match=r"\(samples, 2\), got \(2, 3\)"):
            nn.plotting.decision_boundary(model, np.zeros((2, 3)))
        with pytest.raises(DataError, match="x has 2 samples, y has 3"):
            nn.plotting.decision_boundary(model, np.eye(2), [0, 1, 1])
        with pytest.raises(ShapeError, match="a row each"):
            nn.plotting.decision_boundary(lambda p: p[:3], np.eye(2))


class TestActivations:
    def test_histograms_are_those_of_the_layers(self, model):
        x = RNG.normal(size=(50, 2)).astype(np.float32)
        ax = nn.plotting.activations(model, x)
        hidden, output = (patch.get_data() for patch in ax.patches)
        values = model.layers[0](x).numpy()
        counts = np.histogram(values[values != 0], hidden.edges)[0]
        np.testing.assert_allclose(hidden.values - 1, 0.85 * counts / counts.max())
        assert output.baseline == 0
        assert [text.get_text() for text in ax.texts] == [f"{np.mean(values == 0):.0%} zeros", "0% zeros"]

    def test_layers_that_give_nothing_but_zeros_or_nan(self):
        network = nn.Sequential([nn.layers.Dense(2, kernel_initializer="zeros")])
        network.build((2,))
        for x in (np.zeros((3, 2)), np.full((3, 2), np.nan)):
            assert not nn.plotting.activations(network, x).patches[0].get_data().values.any()

    def test_errors(self):
        own = Own()
        own(np.eye(2))
        for draw in (nn.plotting.activations, lambda model, x: nn.plotting.model(model)):
            with pytest.raises(ArgumentError, match="Own computes its output by a call of its own"):
                draw(own, np.eye(2))
        with pytest.raises(NotBuiltError, match="no weights yet"):
            nn.plotting.activations(nn.Sequential([nn.layers.Dense(1)]), np.eye(2))
        with pytest.raises(ArgumentError, match="a model with layers"):
            nn.plotting.activations(nn.Sequential(), np.eye(2))


def boxes_of(ax):
    return [text.get_text().split("\n") for text in ax.texts]


class TestTape:
    def test_boxes_are_tensors_with_values_and_gradients(self, tape):
        ax = nn.plotting.tape(tape, tape.y, names={"y": tape.y})
        assert boxes_of(ax) == [
            ["x", "3", "grad 8"], ["square", "9", "grad 1"], ["2"], ["multiply", "6", "grad 1"],
            ["y = add", "15", "grad 1"],
        ]  # fmt: skip
        assert len([patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]) == 5
        assert len([patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]) == 5
        assert tape.gradient(tape.y, tape.x).item() == 8, "drawing has not used the tape up"

    def test_without_a_target_everything_is_there_and_no_gradient(self):
        x = nn.Variable(np.ones((2, 3), np.float32), name="x")
        with nn.GradientTape() as tape:
            y = nn.sum(x * x)
            nn.exp(x)
        assert boxes_of(nn.plotting.tape(tape, names={"input": x})) == [
            ["input", "2x3"], ["multiply", "2x3"], ["sum", "6"], ["exp", "2x3"],
        ]  # fmt: skip
        np.testing.assert_array_equal(tape.gradient(y, x).numpy(), 2 * np.ones((2, 3)))

    def test_directions(self, tape):
        for name, axis, sign in (("right", 0, 1), ("down", 1, -1)):
            texts = nn.plotting.tape(tape, direction=name).texts
            places = [sign * text.get_position()[axis] for text in texts]
            x, square, two, multiply, add = places
            assert x < square < add
            assert x < multiply < add
            assert two < multiply
        with pytest.raises(ArgumentError, match="'right' or 'down', got 'left'"):
            nn.plotting.tape(tape, direction="left")

    def test_watched_tensors_and_big_graphs(self):
        x = y = nn.asarray(1.0)
        with nn.GradientTape() as tape:
            tape.watch(x)
            for _ in range(40):
                y = y + x
        assert len(boxes_of(nn.plotting.tape(tape))) == 41

    def test_errors(self, tape):
        with pytest.raises(ArgumentError, match="needs a GradientTape, got int"):
            nn.plotting.tape(1)
        with pytest.raises(ArgumentError, match="must be a Tensor, got float"):
            nn.plotting.tape(tape, 1.0)
        with pytest.raises(GradientError, match="not computed"):
            nn.plotting.tape(tape, nn.asarray(1.0))
        with nn.GradientTape() as other:
            pass
        with pytest.raises(GradientError, match="recorded nothing"):
            nn.plotting.tape(other)
        with nn.GradientTape() as other:
            y = tape.x * 2
        with pytest.raises(GradientError, match=r"GradientTape\(persistent=True\)"):
            nn.plotting.tape(other, y)
        other.gradient(y, tape.x)
        with pytest.raises(GradientError, match="used up"):
            nn.plotting.tape(other)


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    pairs = [(i, j) for j in range(count) for i in range(j)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    size = st.tuples(st.floats(0.3, 2.0), st.floats(0.2, 0.8))
    return draw(st.lists(size, min_size=count, max_size=count)), edges


class TestLayout:
    @given(graphs())
    def test_boxes_do_not_overlap_and_edges_point_right(self, graph):
        sizes, edges = graph
        places, curves = layout._by_ranks(sizes, edges)
        for i, ((x, y), (w, h)) in enumerate(zip(places, sizes, strict=True)):
            for (x2, y2), (w2, h2) in zip(places[:i], sizes[:i], strict=True):
                assert abs(x - x2) >= (w + w2) / 2 - 1e-9 or abs(y - y2) >= (h + h2) / 2 - 1e-9
        for (tail, head), curve in zip(edges, curves, strict=True):
            assert len(curve) % 3 == 1
            np.testing.assert_allclose(curve[0], (places[tail][0] + sizes[tail][0] / 2, places[tail][1]))
            np.testing.assert_allclose(curve[-1], (places[head][0] - sizes[head][0] / 2, places[head][1]))
            assert places[tail][0] < places[head][0]

    def test_what_is_needed_late_stands_beside_its_reader(self):
        places, _ = layout._by_ranks([(1, 1)] * 5, [(0, 1), (1, 2), (2, 4), (3, 4)])
        assert places[3][0] == places[2][0]

    def install(self, folder, monkeypatch, answer):
        program = folder / "dot"
        program.write_text(f"#!{sys.executable}\nimport sys\nsys.stdin.read()\n{answer}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(folder))

    def test_graphviz_places_the_boxes_where_it_is_there(self, tmp_path, monkeypatch):
        told = "graph 1 9 9\\nnode 0 1 2 1 1\\nnode 1 5 2.5 1 1\\nedge 0 1 4 1.5 2 2 2 4 2.5 4.5 2.5 solid\\nstop"
        self.install(tmp_path, monkeypatch, f"print('''{told}''')")
        places, curves = layout.layout([(1, 1), (1, 1)], [(0, 1)])
        assert places == [(1, 2), (5, 2.5)]
        assert curves == [[(1.5, 2), (2, 2), (4, 2.5), (4.5, 2.5)]]

    @pytest.mark.parametrize("answer", ["sys.exit(1)", "print('nonsense')", "print('node 0 a b')"])
    def test_a_graphviz_that_does_not_work_is_as_good_as_none(self, answer, tmp_path, monkeypatch):
        self.install(tmp_path, monkeypatch, answer)
        assert layout.layout([(1, 1), (1, 1)], [(0, 1)]) == layout._by_ranks([(1, 1), (1, 1)], [(0, 1)])


@pytest.mark.needs_compiled("Programs are launches of compiled kernels")
class TestProgram:
    @pytest.fixture
    def trained(self):
        network = nn.Sequential([nn.layers.Dense(6, activation="relu"), nn.layers.Dense(3, activation="softmax")])
        network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        x = RNG.normal(size=(70, 4)).astype(np.float32)
        self.data = x, RNG.integers(0, 3, 70)
        network.fit(*self.data, epochs=2, verbose=0, rng=0)
        return network

    def test_bars_are_the_launches_one_after_the_other(self, trained):
        launches = trained.explanation.steps[0].program.launches
        ax = nn.plotting.program(trained)
        assert [label.get_text() for label in ax.get_yticklabels()] == [launch.name for launch in launches]
        bars = sorted((bar for container in ax.containers for bar in container), key=lambda bar: bar.get_y())
        assert len(bars) == len(launches)
        ends = [bar.get_x() + bar.get_width() for bar in bars]
        np.testing.assert_allclose([bar.get_x() for bar in bars], [0.0, *ends[:-1]], atol=1e-9)
        assert ends[-1] > 0
        legend = {text.get_text() for text in ax.get_legend().get_texts()}
        assert {"products and convolutions", "updates of weights", "batches and results"} <= legend

    def test_drawing_changes_nothing(self, trained):
        before = [weight.numpy().copy() for weight in trained.weights]
        nn.plotting.program(trained)
        for old, weight in zip(before, trained.weights, strict=True):
            np.testing.assert_array_equal(weight.numpy(), old)
        twin = nn.Sequential([nn.layers.Dense(6, activation="relu"), nn.layers.Dense(3, activation="softmax")])
        twin.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        twin.fit(*self.data, epochs=2, verbose=0, rng=0)
        for network in (trained, twin):
            network.fit(*self.data, epochs=2, verbose=0, rng=1)
        for one, other in zip(trained.weights, twin.weights, strict=True):
            np.testing.assert_array_equal(one.numpy(), other.numpy())

    def test_functions(self):
        w, optimizer = nn.Variable(np.ones(3, np.float32)), nn.optimizers.SGD(0.1)

        @nn.function
        def step(x):
            with nn.GradientTape() as tape:
                loss = nn.sum(w * x)
            optimizer.apply_gradients([(tape.gradient(loss, w), w)])
            return loss

        with pytest.raises(ArgumentError, match="not called yet"):
            nn.plotting.program(step)
        step(nn.ones(3))
        with pytest.raises(ArgumentError, match="called once so far"):
            nn.plotting.program(step)
        for _ in range(2):
            step(nn.ones(3))
        before = w.numpy().copy()
        names = [label.get_text() for label in nn.plotting.program(step).get_yticklabels()]
        assert "sgd" in names
        np.testing.assert_array_equal(w.numpy(), before)
        step(nn.ones(3))
        np.testing.assert_allclose(w.numpy(), before - np.float32(0.1), rtol=1e-6)

    def test_errors(self, model):
        with pytest.raises(ArgumentError, match="not been trained"):
            nn.plotting.program(model)
        with pytest.raises(ArgumentError, match="got str"):
            nn.plotting.program("model")


class TestReport:
    def test_panels(self):
        network = nn.Sequential([nn.layers.Dense(3, activation="softmax")])
        network.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        x, y = RNG.normal(size=(30, 9)).astype(np.float32), RNG.integers(0, 3, 30)
        history = network.fit(x, y, epochs=2, verbose=0, rng=0, validation_split=0.2)
        titles = ["loss", "accuracy", "test data", "weights of dense"]
        figure = nn.plotting.report(network, history, x, y)
        assert [ax.get_title() for ax in figure.axes] == titles
        assert sum(int(text.get_text()) for text in figure.axes[2].texts) == 30
        assert [ax.get_title() for ax in nn.plotting.report(network, history).axes] == [*titles[:2], titles[3]]
        with pytest.raises(ArgumentError, match="go together"):
            nn.plotting.report(network, history, x)


class TestOverview:
    def test_panels(self, model):
        network = nn.Sequential([nn.layers.Dense(3, activation="softmax")])
        network.build((9,))
        x, y = RNG.normal(size=(30, 9)).astype(np.float32), RNG.integers(0, 3, 30)
        titles = ["layers", "weights of dense", "outputs of layers", "test data", "most confident mistakes"]
        assert [ax.get_title() for ax in nn.plotting.overview(network, x, y).axes] == titles
        right = network.predict(x, verbose=0).argmax(axis=1)
        assert [ax.get_title() for ax in nn.plotting.overview(network, x, right).axes] == titles[:4]
        assert [ax.get_title() for ax in nn.plotting.overview(model).axes] == ["layers"]
        with pytest.raises(ArgumentError, match="go together"):
            nn.plotting.overview(network, x)
