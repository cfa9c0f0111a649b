"""Settings that are one of several names: anything else is refused, arrays of names among them."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError

L = nn.layers
IMAGES = np.ones((1, 4, 4, 1), np.float32)
KERNEL = np.ones((2, 2, 1, 1), np.float32)

TAKEN = {
    "data_format of a layer": (lambda name: L.Conv2D(1, 1, data_format=name), "channels_first"),
    "data_format of an op": (lambda name: nn.max_pool(IMAGES, 2, data_format=name), "channels_last"),
    "padding of a layer": (lambda name: L.MaxPooling2D(padding=name), "same"),
    "padding of an op": (lambda name: nn.conv(IMAGES, KERNEL, padding=name), "valid"),
    "interpolation": (lambda name: L.UpSampling2D(interpolation=name), "bilinear"),
    "score_mode": (lambda name: L.Attention(score_mode=name), "concat"),
    "mode of a regularizer": (lambda name: nn.regularizers.OrthogonalRegularizer(mode=name), "columns"),
}
OTHERS = [lambda name: np.array([name, name]), lambda name: np.array([name]), lambda name: [name], lambda name: 3]


@pytest.mark.parametrize(("take", "name"), TAKEN.values(), ids=TAKEN)
class TestOneOfSeveralNames:
    def test_is_taken(self, take, name):
        made = take(np.str_(name))
        if hasattr(made, "get_config"):
            given = [value for value in made.get_config().values() if value == name]
            assert [type(value) for value in given] == [str]

    @pytest.mark.parametrize(
        "form", [lambda name: np.array([name, name]), lambda name: np.array([name]), lambda name: 3]
    )
    def test_other_things_are_refused(self, take, name, form):
        with pytest.raises(ArgumentError, match=" must be '"):
            take(form(name))
