"""RandomFlip: which images are turned round, gradients, replays and files."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from tests.layer_checks import assert_replays, assert_saved, data_of

L = nn.layers
AXES = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (1, 2)}


@pytest.mark.parametrize("mode", AXES)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_each_image_is_turned_round_one_time_in_two(mode, data_format):
    x = np.random.default_rng(0).normal(size=(600, 3, 4, 5)).astype(np.float32)
    axes = tuple(a + (data_format == "channels_first") for a in AXES[mode])
    found = L.RandomFlip(mode, data_format)(x, training=True, rng=0).numpy()
    ways = [()]
    for axis in axes:
        ways += [(*way, axis) for way in ways]
    counts = []
    for way in ways:
        same = (found == np.flip(x, way)).all(axis=(1, 2, 3)) if way else (found == x).all(axis=(1, 2, 3))
        counts.append(same.mean())
    assert sum(counts) == 1
    assert all(abs(part - 1 / len(ways)) < 0.08 for part in counts)


def test_nothing_happens_outside_training():
    x = nn.ones((2, 3, 3, 1))
    assert L.RandomFlip()(x) is x
    one, two = (L.RandomFlip()(nn.arange(40.0).reshape((5, 2, 2, 2)), training=True, rng=1).numpy() for _ in range(2))
    assert one.tobytes() == two.tobytes()


def test_integers_stay_integers():
    x = np.arange(24, dtype=np.uint8).reshape(2, 3, 4, 1)
    assert L.RandomFlip()(x, training=True, rng=0).dtype == np.uint8


def test_gradients():
    layer = L.RandomFlip(dtype="float64")
    x = np.random.default_rng(0).normal(size=(3, 2, 2, 2))
    nn.testing.check_grad(lambda x: nn.sin(layer(x, training=True, rng=3)), x, order=2)


@pytest.mark.needs_compiled("Programs need compiled kernels")
def test_replays_and_files(tmp_path):
    for make in (lambda: [L.RandomFlip("vertical")], lambda: [L.RandomFlip(data_format="channels_first"), L.Dense(3)]):
        assert_saved(assert_replays(make, (3, 4, 2)), tmp_path, data_of((3, 4, 2))[0])


def test_what_is_wrong_is_named():
    for wrong in ("both", None, 1):
        with pytest.raises(ArgumentError, match="mode must be one of 'horizontal'"):
            L.RandomFlip(wrong)
    with pytest.raises(ArgumentError, match="channels_last"):
        L.RandomFlip(data_format="last")
    with pytest.raises(ShapeError, match="height, width, channels"):
        L.RandomFlip()(np.ones((2, 3, 4)))
    with pytest.raises(TypeError, match="give rng to"):
        L.RandomFlip(seed=1)
