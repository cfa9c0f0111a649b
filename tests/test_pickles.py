"""Pickles of earlier versions: classes are found where they are now, and models go on where they were."""

import pickle
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.moved import MOVED, former

SAVED = Path(__file__).parent / "model_0_1_0.pickle"
"""What version 0.1.0 pickled: a model of two dense layers and dropout, trained for two epochs, and what it gave."""

PLACES = {
    "layers.base\nLayer": nn.layers.Layer, "layers.core\nDense": nn.layers.Dense,
    "layers.core\nFlatten": nn.layers.Flatten, "layers.core\nInput": nn.layers.Input,
    "layers.core\nReshape": nn.layers.Reshape, "layers.shaping\nReshape": nn.layers.Reshape,
    "losses.classes\nHuber": nn.losses.Huber, "losses.functions\nhinge": nn.losses.hinge,
    "metrics.base\nMean": nn.metrics.Mean, "metrics.base\nLossMetric": nn.metrics.LossMetric,
    "metrics.binary\nAUC": nn.metrics.AUC, "metrics.mean\nMean": nn.metrics.Mean,
    "models\nSequential": nn.Sequential, "models\nload_model": nn.load_model,
    "optimizers.adam\nAdam": nn.optimizers.Adam, "optimizers.adam\nNadam": nn.optimizers.Nadam,
    "optimizers.adam\nAdamW": nn.optimizers.AdamW, "optimizers.base\nOptimizer": nn.optimizers.Optimizer,
    "optimizers.rules\nAdam": nn.optimizers.Adam, "optimizers.rules\nAdamW": nn.optimizers.AdamW,
    "optimizers.rules\nNadam": nn.optimizers.Nadam, "optimizers.rules\nSGD": nn.optimizers.SGD,
    "replayed\nfunction": nn.function, "tape\nGradientTape": nn.GradientTape, "tensor\nTensor": nn.Tensor,
    "variable\nVariable": nn.Variable,
}  # fmt: skip


@pytest.mark.parametrize(("place", "found"), PLACES.items())
def test_pickles_of_version_0_1_0_find_their_classes(place, found):
    assert pickle.loads(f"cnumbanet.{place}\n.".encode()) is found


@pytest.mark.parametrize(("module", "homes"), MOVED.items())
def test_what_has_moved_is_somewhere_else(module, homes):
    for home in homes:
        import_module(f"numbanet.{home}")
    with pytest.raises(AttributeError, match=f"module 'numbanet.{module}' has no attribute 'Nothing'"):
        former(module)("Nothing")


def test_modules_that_never_were_are_not_found():
    with pytest.raises(ModuleNotFoundError, match=r"numbanet\.nothing"):
        import_module("numbanet.nothing")


def test_a_model_of_version_0_1_0_goes_on():
    kept = pickle.loads(SAVED.read_bytes())
    model, x, y = kept["model"], kept["x"], kept["y"]
    assert kept["optimizer"] is model.optimizer
    assert kept["loss"] is model.loss
    assert [metric.name for metric in model.metrics] == [
        "accuracy", "sparse_categorical_crossentropy", "weighted_accuracy"
    ]  # fmt: skip
    assert model.optimizer.iterations == 2
    np.testing.assert_allclose(model.predict(x, verbose=0), kept["predictions"], rtol=1e-5)
    np.testing.assert_allclose(model.evaluate(x, y, verbose=0), kept["evaluated"], rtol=1e-5)
    history = model.fit(x, y, verbose=0, rng=1).history
    np.testing.assert_allclose(history["loss"], [0.6820797324180603], rtol=1e-5)  # as version 0.1.0 went on
    assert model.optimizer.iterations == 3
