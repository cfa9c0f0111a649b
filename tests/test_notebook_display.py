"""What notebooks show: tensors and models as tables, and a bar with curves while a model is trained."""

import sys
from types import ModuleType, SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from tests.layer_checks import Own


def parsed(text):
    """The element of HTML; it must be well-formed."""
    return ElementTree.fromstring(text)


def cells(text):
    return [[cell.text for cell in row] for row in parsed(text).iter("tr")]


class TestTensors:
    def test_a_matrix_is_a_table(self):
        found = nn.asarray([[1.5, -2.0], [1 / 3, 1e9]])._repr_html_()
        assert cells(found) == [["1.5", "-2"], ["0.33333", "1e+09"]]
        assert "".join(parsed(found).find("caption").itertext()) == "Tensor shape (2, 2), float32"

    def test_scalars_vectors_integers_and_booleans(self):
        assert cells(nn.asarray(7)._repr_html_()) == [["7"]]
        assert cells(nn.asarray([123456789, -1])._repr_html_()) == [["123456789", "-1"]]
        assert cells(nn.asarray([True, False])._repr_html_()) == [["True", "False"]]
        assert "Variable" in nn.Variable(np.ones(2))._repr_html_()

    @given(st.integers(1, 40), st.integers(1, 40))
    def test_of_large_ones_the_corners_are_shown(self, rows, columns):
        values = np.arange(rows * columns).reshape(rows, columns)
        found = cells(nn.asarray(values)._repr_html_())
        assert len(found) == min(rows, 9)
        assert {len(row) for row in found} == {min(columns, 9)}
        assert (found[0][0], found[-1][-1]) == ("0", str(rows * columns - 1))
        assert ("…" in found[0]) == (columns > 9)
        assert (found[4 if rows > 9 else 0][0] == "⋮") == (rows > 9)

    def test_what_makes_no_table_is_text(self):
        for shape in ((2, 1, 3), (0, 4), (0,)):
            assert parsed(nn.zeros(shape)._repr_html_()).text == repr(nn.zeros(shape))


class TestModels:
    def test_the_summary_is_a_table(self, capsys):
        x = nn.Input((4,), name="<x>")
        model = nn.Model(x, nn.layers.Dense(2, name="scores")(x), name="small")
        found = model._repr_html_()
        assert cells(found) == [
            ["layer", "output shape", "parameters", "connected to"],
            ["<x> (Input)", "(None, 4)", "0", None],
            ["scores (Dense)", "(None, 2)", "10", "<x>"],
        ]
        assert "Model: small 10 parameters, 10 of them trainable" in "".join(parsed(found).find("caption").itertext())
        model.summary(100)
        printed = capsys.readouterr().out
        for cell in ("<x> (Input)", "(None, 2)", "10 parameters, 10 of them trainable"):
            assert cell in printed

    def test_models_without_weights_and_those_with_a_call(self):
        model = Own()
        assert repr(model) == "<Own name='own' built=False>"
        assert "no weights yet" in model._repr_html_()
        model(nn.ones((1, 3)))
        assert repr(model) == "<Own name='own' built=True>"
        assert cells(model._repr_html_())[1][1:] == ["(None, 2)", "8"]
        assert cells(nn.Sequential([nn.layers.Dense(1)])._repr_html_())[1] == ["dense (Dense)", "?", "?"]


@pytest.fixture
def notebook(monkeypatch):
    """A stand-in for IPython in a kernel: what it was asked to show, each display a list of HTML."""
    shown = []

    def display(html, display_id):
        assert display_id is True
        shown.append([html])
        return SimpleNamespace(update=shown[-1].append)

    ipython, module = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    module.display, module.HTML = display, str
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


def network():
    model = nn.Sequential([nn.layers.Dense(4, activation="relu"), nn.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


X = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
Y = X[:, :1]


class TestProgress:
    def test_fit_shows_a_bar_and_curves(self, notebook, capsys):
        history = network().fit(X, Y, epochs=3, batch_size=8, rng=0, validation_data=(X, Y)).history
        assert capsys.readouterr().out == ""
        (shown,) = notebook
        last = parsed(shown[-1])
        text = "".join(last.itertext())
        assert "epoch 3/3" in text
        assert f"loss: {history['loss'][-1]:.4f}" in text
        assert last.find("progress").get("value") == "1.0000"
        curves = last.findall("figure")
        assert [figure.find("figcaption").text for figure in curves] == [
            "loss, dashed: validation", "mae, dashed: validation",
        ]  # fmt: skip
        for figure in curves:
            assert [len(line.get("points").split()) for line in figure.iter("polyline")] == [3, 3]
        assert f"loss: {history['loss'][0]:.4g} to {history['loss'][-1]:.4g} in 3 epochs" in [
            svg.get("aria-label") for svg in last.iter("svg")
        ]
        heights = [float(point.split(",")[1]) for point in next(curves[0].iter("polyline")).get("points").split()]
        assert heights == sorted(heights), "a loss that falls goes down, to larger y of SVG"

    @pytest.mark.parametrize("verbose", [0, 2])
    def test_verbose_is_heard(self, notebook, capsys, verbose):
        network().fit(X, Y, epochs=1, rng=0, verbose=verbose)
        assert not notebook
        assert bool(capsys.readouterr().out) == bool(verbose)

    def test_each_call_has_its_own_display(self, notebook):
        model = network()
        model.fit(X, Y, epochs=1, rng=0)
        loss, _ = model.evaluate(X, Y)
        model.predict(X)
        titles = ["".join(parsed(one[-1]).itertext()).split()[0] for one in notebook]
        assert titles == ["epoch", "evaluate", "predict"]
        assert f"loss: {loss:.4f}" in notebook[1][-1]
        model.fit(X, Y, epochs=1, rng=0)
        assert len(notebook) == 4

    def test_after_an_error_it_stays_as_it_was(self, notebook):
        def stop(epoch, logs):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            network().fit(X, Y, epochs=5, rng=0, callbacks=[nn.callbacks.LambdaCallback(on_epoch_begin=stop)])
        assert "epoch 1/5" in notebook[0][-1]

    def test_numbers_that_are_not_finite_and_those_that_stay(self):
        progress = nn.callbacks.NotebookProgress(epochs=4)
        for epoch, loss in enumerate([float("nan"), 2.0, 2.0]):
            progress.on_epoch_begin(epoch)
            progress.on_epoch_end(epoch, {"loss": loss, "<b>": float("inf")})
        lines = list(parsed(progress.html()).iter("polyline"))
        assert [len(line.get("points").split()) for line in lines] == [2, 0]

    def test_elsewhere_there_is_no_notebook(self, monkeypatch, capsys):
        ipython = ModuleType("IPython")
        ipython.get_ipython = lambda: None
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        network().fit(X, Y, epochs=1, rng=0)
        assert "epoch 1/1" in capsys.readouterr().out
