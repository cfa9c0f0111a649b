"""Files of functional models: every layer that takes several tensors, and forms of inputs and outputs."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import DataError

X = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
ARGUMENTS = {"Dot": {"axes": 1, "normalize": True}}
SEVERAL = [name for name in nn.layers.__all__ if getattr(nn.layers, name).several_inputs]
OF_STEPS = ("AdditiveAttention", "Attention")


def reloaded(model, folder):
    model.save(folder / "m.numbanet")
    again = nn.load_model(folder / "m.numbanet")
    assert again.get_config() == model.get_config()
    return again


@pytest.mark.parametrize("name", SEVERAL)
def test_layers_of_several_tensors(name, tmp_path):
    shape = (3, 1) if name in OF_STEPS else (3,)
    a, b = nn.Input(shape, name="a"), nn.Input(shape, name="b")
    merged = getattr(nn.layers, name)(**ARGUMENTS.get(name, {}))([a, nn.layers.Dense(shape[-1])(b)])
    model = nn.Model([a, b], nn.layers.Dense(2)(merged))
    x = [X.reshape(-1, *shape), X.reshape(-1, *shape) + 1]
    np.testing.assert_array_equal(reloaded(model, tmp_path)(x), model(x))


def test_operations_with_constants_and_indices(tmp_path):
    x = nn.Input((3,))
    y = (2 * x + np.arange(3, dtype=np.float32))[:, None, ::2] - 1.5
    model = nn.Model(x, [y, x > 0, nn.layers.Dense(1)(x)])
    for found, expected in zip(reloaded(model, tmp_path)(X), model(X), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("form", [list, tuple, lambda pair: dict(zip("ab", pair, strict=True))])
def test_forms_of_inputs_and_outputs(form, tmp_path):
    a, b = nn.Input((3,), name="a"), nn.Input((3,), name="b")
    model = nn.Model(form([a, b]), form([nn.layers.Dense(1)(a), a + b]))
    again = reloaded(model, tmp_path)
    found, expected = again(form([X, X])), model(form([X, X]))
    assert type(found) is type(expected) is type(form([1, 2]))
    parts = (found, expected) if isinstance(found, (list, tuple)) else (found.values(), expected.values())
    for one, other in zip(*parts, strict=True):
        np.testing.assert_array_equal(one, other)


def test_shared_layers_are_shared_again(tmp_path):
    a, b = nn.Input((3,), name="a"), nn.Input((3,), name="b")
    shared = nn.layers.Dense(2)
    again = reloaded(nn.Model([a, b], nn.layers.Subtract()([shared(a), shared(b)])), tmp_path)
    assert len(again.weights) == 2
    assert not np.any(again([X, X]))


def test_frozen_layers_stay_frozen(tmp_path):
    x = nn.Input((3,))
    model = nn.Model(x, nn.layers.Dense(1)(nn.layers.Dense(2)(x)))
    model.layers[1].trainable = False
    assert [one.trainable for one in reloaded(model, tmp_path).layers] == [True, False, True]


def test_a_configuration_that_was_edited():
    x = nn.Input((3,))
    config = nn.Model(x, nn.layers.Dense(1)(x)).get_config()
    with pytest.raises(DataError, match="Dense is not an input"):
        nn.Model.from_config(config | {"input_layers": [1]})
