"""Layers that disturb their inputs in training: what they draw, gradients, replays and files."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops.dropout import dropout
from numbanet.ops.noise import gaussian_dropout, gaussian_noise
from tests.layer_checks import assert_replays, assert_saved, data_of

L = nn.layers
MAKE = {
    "GaussianNoise": lambda **more: L.GaussianNoise(0.5, **more),
    "GaussianDropout": lambda **more: L.GaussianDropout(0.4, **more),
    "AlphaDropout": lambda **more: L.AlphaDropout(0.3, **more),
    "AlphaDropout of rows": lambda **more: L.AlphaDropout(0.3, (None, 1, None, None), **more),
    "SpatialDropout2D": lambda **more: L.SpatialDropout2D(0.5, **more),
    "channels first": lambda **more: L.SpatialDropout2D(0.5, "channels_first", **more),
}
SHAPE = (3, 4, 5, 6)


@pytest.mark.parametrize("name", MAKE)
def test_nothing_happens_outside_training(name):
    x = nn.ones(SHAPE)
    assert MAKE[name]()(x) is x
    assert MAKE[name]()(x, training=True, rng=0) is not x


@pytest.mark.parametrize("name", MAKE)
def test_the_same_seed_gives_the_same(name):
    x, layer = nn.asarray(np.random.default_rng(0).normal(size=SHAPE)), MAKE[name](dtype="float64")
    one, two, other = (layer(x, training=True, rng=seed).numpy() for seed in (1, 1, 2))
    assert one.tobytes() == two.tobytes() != other.tobytes()


def test_normal_noise():
    """Mean, variance, and how many numbers are within one, two and three deviations."""
    noise = L.GaussianNoise(1.0, dtype="float64")(np.zeros((500, 2000)), training=True, rng=0).numpy()
    assert abs(noise.mean()) < 4e-3
    assert abs(noise.var() - 1) < 6e-3
    for k, part in ((1, 0.682689), (2, 0.954500), (3, 0.997300)):
        assert abs((np.abs(noise) < k).mean() - part) < 2e-3
    assert abs((noise[:, 1:] * noise[:, :-1]).mean()) < 4e-3  # neighbours have nothing to do with each other
    shifted = L.GaussianNoise(0.25, dtype="float64")(np.full((500, 2000), 3.0), training=True, rng=0).numpy()
    np.testing.assert_allclose(shifted, 3.0 + 0.25 * noise, rtol=1e-12)


def test_gaussian_dropout_multiplies():
    x = np.random.default_rng(0).normal(size=(300, 1000))
    rate = 0.2
    found = L.GaussianDropout(rate, dtype="float64")(x, training=True, rng=0).numpy() / x
    assert abs(found.mean() - 1) < 5e-3
    assert abs(found.std() - np.sqrt(rate / (1 - rate))) < 5e-3


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_and_variance(rate):
    x = np.random.default_rng(0).normal(size=(500, 2000))
    found = L.AlphaDropout(rate, dtype="float64")(x, training=True, rng=0).numpy()
    assert abs(found.mean()) < 1e-2
    assert abs(found.var() - 1) < 2e-2
    values, counts = np.unique(found.round(9), return_counts=True)
    dropped = counts.max() / found.size  # all that are dropped are one number
    assert abs(dropped - rate) < 5e-3
    least = -1.6732632423543772 * 1.0507009873554805
    scale = ((1 - rate) * (1 + rate * least**2)) ** -0.5
    np.testing.assert_allclose(values[counts.argmax()], scale * least * (1 - rate), atol=1e-8)
    kept = np.abs(found - scale * least * (1 - rate)) > 1e-9
    np.testing.assert_allclose(found[kept], (scale * x - scale * least * rate)[kept], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", [L.AlphaDropout, L.Dropout])
def test_what_is_dropped_together(kind):
    x = np.ones((40, 3, 50))
    found = kind(0.5, noise_shape=(None, 1, None))(x, training=True, rng=0).numpy()
    assert (found == found[:, :1]).all()
    assert (found != found[:1]).any()
    found = kind(0.5, noise_shape=[40, 3, 1])(x, training=True, rng=0).numpy()
    assert (found == found[:, :, :1]).all()


def test_dropout_of_whole_steps_is_a_mask_times_the_input():
    x = np.random.default_rng(0).normal(size=(400, 5, 3))
    found = L.Dropout(0.25, (None, None, 1), dtype="float64")(x, training=True, rng=0).numpy()
    kept = (found != 0).all(axis=2)
    assert abs(kept.mean() - 0.75) < 0.03
    np.testing.assert_allclose(found, x * kept[:, :, None] / 0.75, rtol=1e-12)


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_whole_channels_are_dropped(ndim, data_format):
    kind = (L.SpatialDropout1D, L.SpatialDropout2D, L.SpatialDropout3D)[ndim - 1]
    if ndim == 1 and data_format == "channels_first":
        return  # SpatialDropout1D knows no other
    last = data_format == "channels_last"
    layer = kind(0.25, **({} if ndim == 1 else {"data_format": data_format}))
    x = np.random.default_rng(0).normal(size=(200, *(3,) * ndim, 20) if last else (200, 20, *(3,) * ndim))
    ratio = layer(x, training=True, rng=0).numpy() / x
    axes = tuple(range(1, ndim + 1)) if last else tuple(range(2, ndim + 2))
    np.testing.assert_allclose(ratio.min(axis=axes), ratio.max(axis=axes), rtol=1e-5)
    single = ratio.mean(axis=axes)
    np.testing.assert_allclose(single[single > 0], 4 / 3, rtol=1e-5)
    assert abs((single == 0).mean() - 0.25) < 0.03


@pytest.mark.parametrize("name", MAKE)
def test_gradients(name):
    layer = MAKE[name](dtype="float64")
    x = np.random.default_rng(0).normal(size=(2, 2, 2, 3))
    nn.testing.check_grad(lambda x: nn.sin(layer(x, training=True, rng=3)), x, order=2)


PARTS = {
    "GaussianNoise": (lambda: [L.Dense(6), L.GaussianNoise(0.3)], (3,)),
    "GaussianDropout": (lambda: [L.Dense(6), L.GaussianDropout(0.3)], (3,)),
    "AlphaDropout": (lambda: [L.Dense(6, "selu"), L.AlphaDropout(0.3)], (3,)),
    "Dropout of rows": (lambda: [L.Dense(6), L.Dropout(0.3, (None, 1, None))], (4, 3)),
    "AlphaDropout of rows": (lambda: [L.Dense(6), L.AlphaDropout(0.3, (None, 1, None))], (4, 3)),
    "SpatialDropout1D": (lambda: [L.Dense(6), L.SpatialDropout1D(0.3)], (4, 3)),
    "SpatialDropout2D": (lambda: [L.Dense(6), L.SpatialDropout2D(0.3, "channels_first")], (4, 3, 2)),
    "SpatialDropout3D": (lambda: [L.Dense(6), L.SpatialDropout3D(0.3)], (2, 3, 2, 2)),
    "several": (lambda: [L.GaussianNoise(0.1), L.Dense(6), L.Dropout(0.2), L.GaussianDropout(0.3)], (3,)),
}


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("name", PARTS)
def test_replays_and_files(name, tmp_path):
    make, shape = PARTS[name]
    model = assert_replays(make, shape)
    assert_saved(model, tmp_path, data_of(shape)[0])


WRONG = {
    "stddev": (lambda: L.GaussianNoise(-0.1), ArgumentError, "stddev must be a finite number, at least 0"),
    "rate": (lambda: L.GaussianDropout(1.0), ArgumentError, "rate must be a number from 0"),
    "alpha": (lambda: L.AlphaDropout("half"), ArgumentError, "rate must be a number"),
    "spatial": (lambda: L.SpatialDropout2D(-0.5), ArgumentError, "rate must be a number"),
    "format": (lambda: L.SpatialDropout3D(0.5, "last"), ArgumentError, "'channels_last' or 'channels_first'"),
    "dropout": (lambda: L.Dropout(0.5, (0, 1)), ArgumentError, "noise_shape must be a tuple of positive integers"),
    "name": (lambda: L.Dropout(0.5, "drop"), ArgumentError, "noise_shape must be a tuple"),
    "shape": (lambda: L.Dropout(0.5, (None, 2))(np.ones((2, 3)), training=True), ShapeError, "broadcast"),
    "noise": (lambda: L.AlphaDropout(0.5, (0, 1)), ArgumentError, "noise_shape must be a tuple of positive integers"),
    "a number": (lambda: L.AlphaDropout(0.5, 3), ArgumentError, "noise_shape must be a tuple"),
    "seed": (lambda: L.GaussianNoise(0.5, seed=1), TypeError, "give rng to"),
    "dimensions": (lambda: L.SpatialDropout1D(0.5)(np.ones((2, 3))), ShapeError, "(samples, steps, channels)"),
    "too few": (
        lambda: L.AlphaDropout(0.5, (None, 1))(np.ones((2, 3, 4)), training=True), ShapeError, "does not broadcast",
    ),
    "too large": (
        lambda: L.AlphaDropout(0.5, (2, 6))(np.ones((2, 3)), training=True), ShapeError, "broadcast",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name):
    make, error, message = WRONG[name]
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)


NO_AMOUNTS = "a", np.ones(3), -0.1, None
NO_SEEDS = (
    3, "ab", (1,), None, (0, 1, 2), (0.5, 1), (-1, 0), (0, 2**25), (np.nan, 0), (True, 0), (0, "a"), np.zeros((0, 1)),
)  # fmt: skip


@pytest.mark.parametrize("function", [dropout, gaussian_noise, gaussian_dropout], ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    ("amount", "seed"), [*((wrong, (0, 1)) for wrong in NO_AMOUNTS), *((0.5, wrong) for wrong in NO_SEEDS)]
)
def test_what_is_no_amount_or_seed(function, amount, seed):
    """One call with a seed of other numbers had all later ones run in the interpreter: Numba was taken for broken."""
    with pytest.raises(ArgumentError, match=function.__name__):
        function(np.ones((2, 3), np.float32), amount, seed)
    assert function(np.ones((2, 3), np.float32), np.float32(0.5), [np.int64(3), 4.0]).shape == (2, 3)
