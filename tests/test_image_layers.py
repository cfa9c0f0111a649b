"""Layers that cut, turn, move and zoom images, or change their contrast: held to loops in float64, replayed, saved."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, ShapeError
from tests.layer_checks import assert_replays, assert_saved, data_of

L = nn.layers
MODES = ("constant", "nearest", "reflect", "wrap")
IMAGES = np.random.default_rng(0).normal(size=(3, 5, 6, 2))


def pixel(image, row, column, mode, fill):
    """The pixel at whole numbers of rows and columns, one after the other."""
    places = []
    for place, size in ((row, image.shape[0]), (column, image.shape[1])):
        if mode == "constant" and not 0 <= place < size:
            return np.full(image.shape[2], fill)
        if mode == "wrap":
            place %= size
        if mode == "reflect":
            place = [*range(size), *range(size - 1, -1, -1)][place % (2 * size)]
        places.append(min(max(place, 0), size - 1))
    return image[tuple(places)]


def expected(image, source, interpolation, mode, fill):
    """The output whose pixel (row, column) is the input at `source(row, column)`, by loops."""
    out = np.zeros(image.shape)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            row, column = source(i, j)
            if interpolation == "nearest":
                row, column = (math.copysign(math.floor(abs(p) + 0.5), p) for p in (row, column))
            top, left = math.floor(row), math.floor(column)
            for r, by_row in ((top, 1 - (row - top)), (top + 1, row - top)):
                for c, by_column in ((left, 1 - (column - left)), (left + 1, column - left)):
                    if by_row * by_column:
                        out[i, j] += by_row * by_column * pixel(image, r, c, mode, fill)
    return out


def turned(angle, height, width):
    middle, center = (height - 1) / 2, (width - 1) / 2
    sin, cos = math.sin(angle), math.cos(angle)
    return lambda i, j: (
        middle + sin * (j - center) + cos * (i - middle),
        center + cos * (j - center) - sin * (i - middle),
    )


@given(
    amount=st.sampled_from([-0.9, -0.37, -0.11, 0.13, 0.41, 0.77]),
    other=st.sampled_from([-0.81, -0.23, 0.07, 0.53]),
    interpolation=st.sampled_from(["bilinear", "nearest"]),
    mode=st.sampled_from(MODES),
    channels_first=st.booleans(),
)
def test_a_fixed_amount_is_that_of_loops(amount, other, interpolation, mode, channels_first):
    height, width = IMAGES.shape[1:3]
    options = {"fill_mode": mode, "interpolation": interpolation, "fill_value": 7.0, "dtype": "float64"}
    options["data_format"] = "channels_first" if channels_first else None
    both = (amount, amount), (other, other)
    zoom = 1 + amount, 1 + other
    cases = {
        L.RandomRotation(both[0], **options): turned(2 * math.pi * amount, height, width),
        L.RandomTranslation(*both, **options): lambda i, j: (i - amount * height, j - other * width),
        L.RandomZoom(*both, **options): lambda i, j: (
            zoom[0] * (i - (height - 1) / 2) + (height - 1) / 2,
            zoom[1] * (j - (width - 1) / 2) + (width - 1) / 2,
        ),
    }
    for layer, source in cases.items():
        x = np.moveaxis(IMAGES, -1, 1) if channels_first else IMAGES
        found = layer(x, training=True, rng=0).numpy()
        found = np.moveaxis(found, 1, -1) if channels_first else found
        for image, one in zip(IMAGES, found, strict=True):
            np.testing.assert_allclose(one, expected(image, source, interpolation, mode, 7.0), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", ["rotation", "translation", "zoom"])
@given(
    amount=st.sampled_from([-0.9, -0.37, -0.11, 0.13, 0.41, 0.77]),
    interpolation=st.sampled_from(["bilinear", "nearest"]),
    mode=st.sampled_from(MODES),
    seed=st.integers(0, 999),
)
def test_gradients_lead_back_through_the_loops(kind, amount, interpolation, mode, seed):
    """Of A x, <A.T g, u> = <g, A u>: A u is that of loops, for images u of any numbers."""
    height, width = IMAGES.shape[1:3]
    options, both = {"fill_mode": mode, "interpolation": interpolation, "dtype": "float64"}, (amount, amount)
    layer, source = {
        "rotation": (lambda: L.RandomRotation(both, **options), turned(2 * math.pi * amount, height, width)),
        "translation": (
            lambda: L.RandomTranslation(both, both, **options),
            lambda i, j: (i - amount * height, j - amount * width),
        ),
        "zoom": (
            lambda: L.RandomZoom(both, **options),
            lambda i, j: tuple((1 + amount) * (p - (n - 1) / 2) + (n - 1) / 2 for p, n in ((i, height), (j, width))),
        ),
    }[kind]
    factors, u = np.random.default_rng(seed).normal(size=(2, *IMAGES.shape))
    slopes = nn.grad(lambda x: nn.sum(layer()(x, training=True, rng=0) * factors))(IMAGES).numpy()
    for image, g, slope in zip(u, factors, slopes, strict=True):
        there = expected(image, source, interpolation, mode, 0.0)
        assert np.sum(slope * image) == pytest.approx(np.sum(g * there), rel=1e-9, abs=1e-9)


@given(size=st.tuples(st.integers(1, 5), st.integers(1, 6)), channels_first=st.booleans(), seed=st.integers(0, 999))
def test_crops_are_windows_and_so_are_their_gradients(size, channels_first, seed):
    x = np.arange(5.0 * 6 * 2).reshape(1, 5, 6, 2) + 1
    factors = np.random.default_rng(seed).normal(size=(1, *size, 2))
    layer = L.RandomCrop(*size, "channels_first" if channels_first else None, dtype="float64")
    v, g = (nn.Variable(np.moveaxis(a, -1, 1) if channels_first else a) for a in (x, factors))
    with nn.GradientTape() as tape:
        y = layer(v, training=True, rng=seed)
        total = nn.sum(y * g)
    found, slope = (
        np.moveaxis(a.numpy(), 1, -1) if channels_first else a.numpy() for a in (y, tape.gradient(total, v))
    )
    top, left = divmod(int(found[0, 0, 0, 0]) // 2, 6)
    where = (slice(None), slice(top, top + size[0]), slice(left, left + size[1]))
    np.testing.assert_array_equal(found, x[where])
    wanted = np.zeros(x.shape)
    wanted[where] = factors
    np.testing.assert_array_equal(slope, wanted)


RANDOM = {
    "rotation": lambda **options: L.RandomRotation(0.2, **options),
    "translation": lambda **options: L.RandomTranslation(0.3, (-0.2, 0.4), "wrap", "nearest", **options),
    "zoom": lambda **options: L.RandomZoom((-0.5, 0.2), **options),
    "both": lambda **options: L.RandomZoom(0.2, 0.3, "constant", fill_value=2.0, **options),
    "crop": lambda **options: L.RandomCrop(2, 3, **options),
    "contrast": lambda **options: L.RandomContrast((0.2, 0.7), value_range=(-1, 1), **options),
}


@pytest.mark.parametrize("name", RANDOM)
def test_gradients(name):
    layer = RANDOM[name](dtype="float64")
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 2)) * 0.3
    nn.testing.check_grad(lambda x: nn.sin(layer(x, training=True, rng=3)), x, order=2)


@pytest.mark.needs_compiled("Programs need compiled kernels")
@pytest.mark.parametrize("name", RANDOM)
def test_replays_and_files(name, tmp_path):
    for data_format, shape in (("channels_last", (4, 5, 2)), ("channels_first", (2, 4, 5))):
        model = assert_replays(lambda how=data_format: [L.Identity(), RANDOM[name](data_format=how)], shape)
        assert_saved(model, tmp_path, data_of(shape)[0])


@pytest.mark.parametrize("name", RANDOM)
def test_every_sample_draws_for_itself_and_every_call_anew(name):
    x = np.broadcast_to(IMAGES[:1], (12, *IMAGES.shape[1:])).astype(np.float32)
    layer, rng = RANDOM[name](), np.random.default_rng(4)
    found = [layer(x, training=True, rng=rng).numpy() for _ in range(4)]
    assert (len({one.tobytes() for one in found[0]}) == 1) == (name == "crop")
    assert len({one.tobytes() for one in found}) > 1
    assert layer(x, training=True, rng=np.random.default_rng(4)).numpy().tobytes() == found[0].tobytes()


def test_angles_are_spread_evenly():
    spot = np.zeros((4000, 1, 3, 1), np.float32)
    spot[:, 0, 0] = 1  # after a turn by more than a quarter, it is on the right
    found = L.RandomRotation(0.5, "constant", "nearest")(spot, training=True, rng=0).numpy()
    assert abs(found[:, 0, 0, 0].mean() - found[:, 0, 2, 0].mean()) < 0.05
    drawn = L.RandomTranslation(0.0, (0.0, 1.0), "constant")(spot + 1, training=True, rng=0).numpy()
    edges = np.histogram(drawn.sum(axis=(1, 2, 3)), 4)[0]
    assert edges.min() > 600


def test_cuts_at_all_places():
    x = np.arange(20.0).reshape(1, 4, 5, 1)
    layer, rng = L.RandomCrop(3, 3, dtype="float64"), np.random.default_rng(0)
    corners = set()
    for _ in range(200):
        found = layer(x, training=True, rng=rng).numpy()[0, :, :, 0]
        corner = int(found[0, 0])
        np.testing.assert_array_equal(found, x[0, corner // 5 :, corner % 5 :, 0][:3, :3])
        corners.add(corner)
    assert corners == {0, 1, 2, 5, 6, 7}
    assert L.RandomCrop(4, 5)(x, training=True, rng=0).numpy().tolist() == x.tolist()


@pytest.mark.parametrize(("size", "window"), [((2, 4), (2, 4)), ((4, 3), (6, 4)), ((9, 9), (6, 6)), ((6, 8), (6, 8))])
def test_outside_training_the_middle_is_resized(size, window):
    x = np.random.default_rng(0).normal(size=(2, 6, 8, 3))
    height, width = (n * max(1, min(6 // size[0], 8 // size[1])) for n in size) if size == (2, 4) else window
    top, left = (6 - height) // 2, (8 - width) // 2
    part = x[:, top : top + height, left : left + width]
    wanted = np.zeros((2, *size, 3))
    for i in range(size[0]):
        for j in range(size[1]):
            row, column = (i + 0.5) * height / size[0] - 0.5, (j + 0.5) * width / size[1] - 0.5
            for n in range(2):
                wanted[n, i, j] = expected_at(part[n], row, column)
    np.testing.assert_allclose(L.RandomCrop(*size, dtype="float64")(x).numpy(), wanted, rtol=1e-9, atol=1e-9)


def expected_at(image, row, column):
    found = 0.0
    for r in (math.floor(row), math.floor(row) + 1):
        for c in (math.floor(column), math.floor(column) + 1):
            found = found + (1 - abs(row - r)) * (1 - abs(column - c)) * pixel(image, r, c, "nearest", 0)
    return found


@given(seed=st.integers(0, 1000), low=st.sampled_from([0.0, 0.3]), channels_first=st.booleans())
def test_contrast(seed, low, channels_first):
    layer = L.RandomContrast((low, 0.5), (-1, 1), "channels_first" if channels_first else None, dtype="float64")
    x = np.moveaxis(IMAGES, -1, 1) if channels_first else IMAGES
    found = layer(x, training=True, rng=seed).numpy()
    axes = (2, 3) if channels_first else (1, 2)
    middle = x.mean(axis=axes, keepdims=True)
    inside = abs(found) < 1
    factors = np.where(inside, (found - middle) / (x - middle), np.nan)
    least, most = np.nanmin(factors, axis=(1, 2, 3)), np.nanmax(factors, axis=(1, 2, 3))
    np.testing.assert_allclose(least, most, rtol=1e-6)
    assert ((least > 1 - low - 1e-9) & (most < 1.5 + 1e-9)).all()
    factor = least.reshape(-1, 1, 1, 1)
    np.testing.assert_allclose(found, np.clip((x - middle) * factor + middle, -1, 1), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", [name for name in RANDOM if name != "crop"])
def test_nothing_happens_outside_training(name):
    x = nn.asarray(IMAGES.astype(np.float32))
    assert RANDOM[name]()(x) is x
    assert RANDOM[name]()(np.zeros((0, 4, 4, 1)), training=True, rng=0).shape == (0, 4, 4, 1)
    assert RANDOM[name]()(np.ones((2, 4, 4, 1), np.uint8), training=True, rng=0).dtype == np.float32


def test_open_sizes():
    x = nn.Input((None, None, 3))
    assert L.RandomCrop(8, 9)(x).shape == (None, 8, 9, 3)
    assert L.RandomRotation(0.1)(x).shape == (None, None, None, 3)
    assert L.RandomCrop(8, 9, "channels_first").compute_output_shape((None, 3, None, 20)) == (None, 3, 8, 9)


WRONG = {
    "factor": (lambda: L.RandomRotation(1.5), "factor must be"),
    "factors": (lambda: L.RandomRotation((0.1, 0.2, 0.3)), "factor must be a number from -1"),
    "NaN": (lambda: L.RandomZoom(math.nan), "height_factor must be"),
    "width": (lambda: L.RandomZoom(0.1, "wide"), "width_factor must be"),
    "mode": (lambda: L.RandomTranslation(0.1, 0.1, "mirror"), "fill_mode must be 'constant' or"),
    "interpolation": (
        lambda: L.RandomTranslation(0.1, 0.1, interpolation="cubic"),
        "interpolation must be 'bilinear' or",
    ),
    "value": (lambda: L.RandomRotation(0.1, fill_value=math.inf), "fill_value must be"),
    "format": (lambda: L.RandomRotation(0.1, data_format="last"), "channels_last"),
    "size": (lambda: L.RandomCrop(0, 3), "height must be a positive integer"),
    "sizes": (lambda: L.RandomCrop(2, 2.5), "width must be a positive integer"),
    "contrast": (lambda: L.RandomContrast(-0.1), "factor must be"),
    "range": (lambda: L.RandomContrast(0.1, (1, 0)), "value_range must be"),
    "no range": (lambda: L.RandomContrast(0.1, 255), "value_range must be"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_settings_are_named(case):
    make, message = WRONG[case]
    with pytest.raises(ArgumentError, match=message):
        make()


@pytest.mark.parametrize("name", RANDOM)
def test_wrong_inputs_are_named(name):
    with pytest.raises(ShapeError, match="height, width, channels"):
        RANDOM[name]()(np.ones((2, 3, 4)), training=True, rng=0)
    with pytest.raises(TypeError, match="give rng to"):
        RANDOM[name](seed=1)


def test_no_pixels_to_crop():
    with pytest.raises(ShapeError, match="have no pixels"):
        L.RandomCrop(2, 2)(np.ones((2, 0, 4, 1)))
