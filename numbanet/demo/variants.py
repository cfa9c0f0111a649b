"""The same picture, a little different: people read it as before, and a network may not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

PIXELS, DEGREES = 3, 20
"""How far pictures are moved and turned: enough to be seen, and to make the textbook's network err now and then."""


def moved(image: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return an image moved down by `rows` and to the right by `columns`; what crosses an edge is lost.

    Parameters
    ----------
    image : numpy.ndarray (rows, columns)
    rows, columns : int
        Negative ones move it up and to the left.

    Returns
    -------
    numpy.ndarray
        Of the same shape and dtype, 0 where nothing came.

    Examples
    --------
    >>> import numpy as np
    >>> moved(np.array([[1, 2], [3, 4]]), 1, 0)
    array([[0, 0],
           [1, 2]])
    """
    height, width = image.shape
    result = np.zeros_like(image)
    down, right = max(rows, 0), max(columns, 0)
    part = image[max(-rows, 0) : max(height - down, 0), max(-columns, 0) : max(width - right, 0)]
    result[down : down + part.shape[0], right : right + part.shape[1]] = part
    return result


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    """Return an image turned clockwise about its middle; new pixels are interpolated between the four nearest.

    Parameters
    ----------
    image : numpy.ndarray (rows, columns)
    degrees : float
        A negative one turns it anticlockwise.

    Returns
    -------
    numpy.ndarray
        float64, of the same shape; 0 where nothing came.

    References
    ----------
    Gonzalez, Woods: Digital Image Processing, section 2.6: bilinear interpolation, from where each new pixel came from.

    Examples
    --------
    >>> import numpy as np
    >>> turned(np.array([[1, 2], [3, 4]]), 90).round(9)
    array([[3., 1.],
           [4., 2.]])
    """
    height, width = image.shape
    y, x = np.mgrid[:height, :width] - np.array([(height - 1) / 2, (width - 1) / 2])[:, None, None]
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    from_y = cosine * y - sine * x + (height - 1) / 2
    from_x = cosine * x + sine * y + (width - 1) / 2
    near_y, near_x = np.floor(from_y).astype(int), np.floor(from_x).astype(int)
    part_y, part_x = from_y - near_y, from_x - near_x
    padded = np.pad(image.astype(np.float64), 1)
    result = np.zeros(image.shape)
    for step_y, weight_y in ((0, 1 - part_y), (1, part_y)):
        for step_x, weight_x in ((0, 1 - part_x), (1, part_x)):
            row = np.clip(near_y + step_y + 1, 0, height + 1)  # beyond the edge is the padding, which is 0
            column = np.clip(near_x + step_x + 1, 0, width + 1)
            result += weight_y * weight_x * padded[row, column]
    return result


def thickened(image: np.ndarray) -> np.ndarray:
    """Return an image in which each pixel is the darkest of itself and its four neighbours.

    Parameters
    ----------
    image : numpy.ndarray (rows, columns)
        Not negative; ink is positive.

    Returns
    -------
    numpy.ndarray
        Of the same shape and dtype.

    References
    ----------
    Gonzalez, Woods: Digital Image Processing, section 9.6: dilation of grey images by a cross of five pixels.

    Examples
    --------
    >>> import numpy as np
    >>> thickened(np.array([[0, 0, 0], [0, 5, 0], [0, 0, 1]]))
    array([[0, 5, 0],
           [5, 5, 5],
           [0, 5, 1]])
    """
    return np.maximum.reduce(_crosses(image))


def thinned(image: np.ndarray) -> np.ndarray:
    """Return an image in which each pixel is the lightest of itself and its four neighbours.

    Parameters
    ----------
    image : numpy.ndarray (rows, columns)
        Not negative; ink is positive, and there is none beyond the edges.

    Returns
    -------
    numpy.ndarray
        Of the same shape and dtype.

    References
    ----------
    Gonzalez, Woods: Digital Image Processing, section 9.6: erosion of grey images by a cross of five pixels.

    Examples
    --------
    >>> import numpy as np
    >>> thinned(np.array([[0, 2, 0], [3, 5, 4], [0, 2, 0]]))
    array([[0, 0, 0],
           [0, 2, 0],
           [0, 0, 0]])
    """
    return np.minimum.reduce(_crosses(image))


def _crosses(image):
    """An image, and what is above, below, left and right of each of its pixels."""
    return [image, *(moved(image, *step) for step in ((1, 0), (-1, 0), (0, 1), (0, -1)))]


VARIANTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    f"{PIXELS} pixels left": lambda image: moved(image, 0, -PIXELS),
    f"{PIXELS} pixels up": lambda image: moved(image, -PIXELS, 0),
    f"turned {DEGREES}° left": lambda image: turned(image, -DEGREES),
    f"turned {DEGREES}° right": lambda image: turned(image, DEGREES),
    "thicker": thickened,
    "thinner": thinned,
}
"""What the page shows beside a drawing, by what it says below."""
