"""Drawings become what MNIST's digits are; the pictures beside them are the same, moved, turned, thick and thin."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import numbanet as nn
from numbanet.demo.centring import BOX, MIDDLE, SIDE, area_means, centred
from numbanet.demo.variants import VARIANTS, moved, thickened, thinned, turned
from numbanet.errors import DataError, DTypeError, ShapeError

PICTURES = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 255))
IMAGES = hnp.arrays(np.float64, (SIDE, SIDE), elements=st.floats(0, 1, width=16))


def test_the_digits_of_mnist_stay_as_they_are():
    _, (images, _) = nn.datasets.mnist.load_data()
    for image in images[:500]:
        np.testing.assert_array_equal(centred(image), image)


@pytest.mark.parametrize("times", [2, 3, 5])
def test_enlarged_digits_of_mnist_come_back(times):
    _, (images, _) = nn.datasets.mnist.load_data()
    for image in images[:50]:
        np.testing.assert_allclose(centred(np.kron(image, np.ones((times, times)))), image, atol=1e-9)


def extent(image):
    """The height and the width of the box around the ink."""
    rows, columns = image.any(axis=1).nonzero()[0], image.any(axis=0).nonzero()[0]
    return np.ptp(rows) + 1, np.ptp(columns) + 1


@given(PICTURES)
def test_the_longer_side_is_20_and_the_middle_is_in_the_middle(picture):
    assume(picture.any())
    image = centred(picture)
    assert (image.shape, image.dtype) == ((SIDE, SIDE), np.float64)
    assert image.min() >= 0
    assert image.max() <= picture.max() * (1 + 1e-12)
    assert max(extent(image)) == BOX
    for axis in (0, 1):
        ink = image.sum(axis=1 - axis)
        mean = ink @ np.arange(SIDE) / ink.sum()
        near_an_edge = ink[0] > 0 or ink[-1] > 0
        assert abs(mean - MIDDLE) <= 0.5 + 1e-9 or near_an_edge


@given(PICTURES)
def test_what_is_centred_is_not_changed_by_centring(picture):
    image = centred(picture)
    np.testing.assert_allclose(centred(image), image, rtol=1e-12, atol=0)


@given(PICTURES, st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_where_it_is_drawn_does_not_count(picture, above, below, left, right):
    np.testing.assert_array_equal(centred(np.pad(picture, ((above, below), (left, right)))), centred(picture))


@given(PICTURES, st.integers(1, 4))
def test_how_large_it_is_drawn_does_not_count(picture, times):
    expected = centred(picture)
    np.testing.assert_allclose(centred(np.kron(picture, np.ones((times, times)))), expected, atol=1e-9)


@given(PICTURES, st.floats(1e-300, 1e300))
def test_how_dark_it_is_drawn_scales(picture, factor):
    np.testing.assert_allclose(centred(picture * factor), centred(picture) * factor, rtol=1e-9)


@given(PICTURES)
def test_transposing_and_dtypes_do_not_count(picture):
    image = centred(picture)
    np.testing.assert_allclose(centred(picture.T), image.T, atol=1e-9)
    for dtype in (np.float16, np.float32, np.int64, np.longdouble):
        np.testing.assert_array_equal(centred(picture.astype(dtype)), image)
    np.testing.assert_array_equal(centred(picture > 0), centred((picture > 0).astype(float)))
    np.testing.assert_array_equal(centred(np.asfortranarray(picture)[::-1][::-1]), image)


@given(hnp.array_shapes(min_dims=2, max_dims=2, max_side=50))
def test_nothing_stays_nothing(shape):
    np.testing.assert_array_equal(centred(np.zeros(shape)), np.zeros((SIDE, SIDE)))


@pytest.mark.parametrize("point", [(0, 0), (5, 3), (99, 99)])
def test_a_point_becomes_a_square(point):
    picture = np.zeros((100, 100))
    picture[point] = 1
    expected = np.zeros((SIDE, SIDE))
    expected[4 : 4 + BOX, 4 : 4 + BOX] = 1  # its middle is 13.5; 14.5, which is as near to 14, does not occur in MNIST
    np.testing.assert_allclose(centred(picture), expected, rtol=1e-12)


def test_the_largest_and_smallest_numbers():
    picture = np.zeros((40, 40))
    picture[10:20, 10:20] = np.finfo(np.float64).max
    assert centred(picture).max() == np.finfo(np.float64).max
    picture[10:20, 10:20] = 5e-324
    assert centred(picture).max() == 5e-324


@pytest.mark.parametrize(
    ("picture", "error", "words"),
    [
        ([[np.nan]], DataError, "finite and not negative, got nan"),
        ([[0.0, np.inf]], DataError, "got inf"),
        ([[0, -1]], DataError, "got -1"),
        (np.zeros(784), ShapeError, r"got shape \(784,\)"),
        (np.zeros((1, 28, 28)), ShapeError, r"got shape \(1, 28, 28\)"),
        (np.zeros((0, 28)), ShapeError, r"got shape \(0, 28\)"),
        (1.0, ShapeError, r"got shape \(\)"),
        ([[1j]], DTypeError, "complex"),
        ([["a"]], DTypeError, "real numbers"),
    ],
)
def test_what_is_no_picture_is_refused(picture, error, words):
    with pytest.raises(error, match=words):
        centred(picture)


@given(st.integers(1, 40), st.integers(1, 40))
def test_area_means_are_means(length, count):
    matrix = area_means(length, count)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(matrix.sum(axis=0), count / length, rtol=1e-9)  # every pixel counts as much
    if length == count:
        np.testing.assert_array_equal(matrix, np.eye(length))


# The variants


@given(IMAGES, st.integers(-30, 30), st.integers(-30, 30))
def test_moved_is_a_slice_of_a_larger_field(image, rows, columns):
    field = np.pad(image, 30)
    expected = field[30 - rows : 58 - rows, 30 - columns : 58 - columns]
    np.testing.assert_array_equal(moved(image, rows, columns), expected)


@given(IMAGES, st.integers(-2, 2))
def test_quarter_turns_move_whole_pixels(image, quarters):
    np.testing.assert_allclose(turned(image, 90 * quarters), np.rot90(image, -quarters), atol=1e-12)


@given(IMAGES, st.floats(-360, 360))
def test_turning_makes_no_ink(image, degrees):
    found = turned(image, degrees)
    assert found.min() >= 0
    assert found.max() <= image.max() + 1e-12
    np.testing.assert_allclose(turned(image.T, -degrees).T, found, atol=1e-9)  # a mirror turns it the other way


def test_turning_there_and_back_keeps_a_smooth_image():
    y, x = np.mgrid[:SIDE, :SIDE]
    image = np.exp(-((x - 17) ** 2 + (y - 11) ** 2) / 18)
    there = turned(image, 20)
    assert np.abs(there - image).max() > 0.2
    curved = 1 / 9  # the largest second derivative along each axis; interpolating errs by an eighth of it, on each axis
    assert np.abs(turned(there, -20) - image).max() <= 2 * (2 * curved / 8)
    middle = np.array([(y * there).sum(), (x * there).sum()]) / there.sum() - 13.5
    angle = np.radians(20)
    expected = [3.5 * np.sin(angle) - 2.5 * np.cos(angle), 3.5 * np.cos(angle) + 2.5 * np.sin(angle)]  # clockwise
    np.testing.assert_allclose(middle, expected, atol=0.02)


@given(IMAGES)
def test_thick_and_thin_are_the_darkest_and_the_lightest_of_five(image):
    padded = np.pad(image, 1)
    five = [padded[1:-1, 1:-1], padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
    np.testing.assert_array_equal(thickened(image), np.max(five, axis=0))
    np.testing.assert_array_equal(thinned(image), np.min(five, axis=0))


@pytest.mark.parametrize("name", VARIANTS)
@given(image=IMAGES)
def test_variants_are_images_and_leave_theirs_alone(name, image):
    before = image.copy()
    found = VARIANTS[name](image)
    np.testing.assert_array_equal(image, before)
    assert found.shape == image.shape
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-12
