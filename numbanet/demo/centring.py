"""Drawings as MNIST has its digits: 20 pixels long, with their centre of mass in the middle of 28 x 28."""

from __future__ import annotations

import numpy as np

from numbanet.errors import DataError, DTypeError, ShapeError

SIDE, BOX = 28, 20
MIDDLE = 14
"""Where the centre of mass is put: in all 70,000 digits of MNIST, its indices are from 13.48 to below 14.50."""


def checked(who: str, picture: object) -> np.ndarray:
    """Return a picture in float64, after making sure that it is one.

    Parameters
    ----------
    who : str
        For messages.
    picture : array-like (rows, columns)
        Booleans, integers or floats: how much ink there is, 0 for none.

    Returns
    -------
    numpy.ndarray
        float64 (rows, columns).

    Raises
    ------
    ShapeError
        When it does not have two axes, or an empty one.
    DTypeError
        When it is not made of real numbers.
    DataError
        When a number is negative, infinite or NaN.

    Examples
    --------
    >>> checked("centred", [[0, float("nan")]])
    Traceback (most recent call last):
    numbanet.errors.DataError: centred: ink must be finite and not negative, got nan
    """
    array = np.asarray(picture)
    if array.ndim != 2 or not array.size:
        raise ShapeError(f"{who}: needs a picture (rows, columns), got shape {array.shape}")
    if array.dtype.kind not in "buif":
        raise DTypeError(f"{who}: needs real numbers, got {array.dtype}")
    with np.errstate(over="ignore"):  # of longdouble; the next line finds what was too large
        ink = array.astype(np.float64, order="C")  # sums of other orders end otherwise
    wrong = ink[~(np.isfinite(ink) & (ink >= 0))]
    if wrong.size:
        raise DataError(f"{who}: ink must be finite and not negative, got {wrong[0]}")
    return ink


def centred(picture: object) -> np.ndarray:
    """Return a drawing in the size and the place that digits have in MNIST.

    The box around the ink is scaled so that its longer side is 20 pixels long; a new pixel is the mean of the area that
    it covers. Then it is moved by whole pixels until its centre of mass is in the middle, as far as the edges allow.

    Parameters
    ----------
    picture : array-like (rows, columns)
        How much ink there is, 0 for none; of any size and any real dtype.

    Returns
    -------
    numpy.ndarray
        float64 (28, 28), on the scale of `picture`; all 0 where nothing was drawn.

    Raises
    ------
    ShapeError
        When `picture` does not have two axes, or an empty one.
    DTypeError
        When it is not made of real numbers.
    DataError
        When a number is negative, infinite or NaN.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, http://yann.lecun.com/exdb/mnist/,
    tells how the digits were made: fitted into a box of 20 x 20 with their proportions kept, grey since the fitting
    smooths edges, and placed in a field of 28 x 28 by their centre of mass.

    Examples
    --------
    >>> import numpy as np
    >>> drawing = np.zeros((100, 60))
    >>> drawing[10:90, 5:15] = 1
    >>> image = centred(drawing)
    >>> image.shape, np.argwhere(image).min(axis=0).tolist(), np.argwhere(image).max(axis=0).tolist()
    ((28, 28), [4, 13], [23, 14])
    """
    ink = checked("centred", picture)
    largest = ink.max()
    if not largest:
        return np.zeros((SIDE, SIDE))
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / largest  # sums of the largest floats are finite
    height, width = (max(1, round(BOX * length / max(box.shape))) for length in box.shape)
    small = area_means(box.shape[0], height) @ box @ area_means(box.shape[1], width).T
    image = np.zeros((SIDE, SIDE))
    top, left = _corner(small.sum(axis=1)), _corner(small.sum(axis=0))
    image[top : top + height, left : left + width] = small * largest
    return image


def area_means(length: int, count: int) -> np.ndarray:
    """Return the matrix (count, length) that scales `length` pixels to `count`: row i averages what pixel i covers.

    Parameters
    ----------
    length, count : int

    Returns
    -------
    numpy.ndarray
        float64; every row adds up to 1. The identity if `count` is `length`.

    Examples
    --------
    >>> area_means(3, 2) * 3
    array([[2., 1., 0.],
           [0., 1., 2.]])
    """
    edges = np.arange(count + 1) * length / count
    pixels = np.arange(length)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.maximum(covered, 0) * count / length


def _corner(ink):
    """Where the first of these rows of ink is put, so that their mean position is in the middle."""
    mean = round(ink @ np.arange(len(ink)) / ink.sum(), 6)  # n + 0.5 for mirror images: rounding errors do not decide
    return min(max(int(np.ceil(MIDDLE - mean - 0.5)), 0), SIDE - len(ink))
