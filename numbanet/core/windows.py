"""Windows that move over an input: how many positions they have along each axis, and where the first one begins.

Convolutions and pooling ask the same: how wide a window is, how far apart windows are, and what happens at the edges.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numbanet.core.checks import as_choice
from numbanet.core.shapes import integers_of
from numbanet.errors import ArgumentError, ShapeError

FIRST, LAST = "channels_first", "channels_last"
PADDINGS = ("valid", "same")


class Geometry(NamedTuple):
    """How a window moves over depth, height and width.

    Parameters
    ----------
    strides : tuple of three int
        How far apart windows are, in elements.
    dilation : tuple of three int
        How far apart the elements of a window are.
    before : tuple of three int
        How far in front of the first element the first window begins.
    """

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    before: tuple[int, ...]


def as_data_format(what: str, data_format: Any) -> str:
    """Return where channels are, "channels_last" or "channels_first"; the former for None.

    Raises
    ------
    ArgumentError
        When `data_format` is something else.

    Examples
    --------
    >>> as_data_format("conv", None)
    'channels_last'
    """
    return LAST if data_format is None else as_choice(f"{what}: data_format", data_format, (LAST, FIRST))


def as_channels_last(what: str, data_format: Any) -> bool:
    """Return whether channels are the last axis; None means that they are.

    Raises
    ------
    ArgumentError
        When `data_format` is neither "channels_last" nor "channels_first".

    Examples
    --------
    >>> as_channels_last("conv", None), as_channels_last("conv", "channels_first")
    (True, False)
    """
    return as_data_format(what, data_format) == LAST


def as_padding(what: str, padding: Any, allowed: tuple[str, ...] = PADDINGS) -> str:
    """Return the name of a kind of padding in small letters.

    Raises
    ------
    ArgumentError
        When it is not one of `allowed`.

    Examples
    --------
    >>> as_padding("conv", "SAME")
    'same'
    """
    return as_choice(f"{what}: padding", padding.lower() if isinstance(padding, str) else padding, allowed)


def along_axes(what: str, given: Any, rank: int) -> tuple[int, ...]:
    """Return a positive integer for each of `rank` axes; one integer stands for all.

    Raises
    ------
    ArgumentError
        When there are more or fewer, or one is not positive.

    Examples
    --------
    >>> along_axes("strides", 2, 2), along_axes("strides", [2, 1], 2)
    ((2, 2), (2, 1))
    """
    try:
        numbers = integers_of(what, given)
    except ArgumentError:  # which names one of several; the error below has them all
        numbers = ()
    if len(numbers) == 1:
        numbers *= rank
    if len(numbers) != rank or any(n < 1 for n in numbers):
        raise ArgumentError(f"{what} must be a positive integer or {rank} of them, got {given!r}")
    return numbers


def window_count(size: int, window: int, stride: int, padding: str) -> int:
    """Return how many windows there are along an axis of `size` elements; 0 where none fits.

    `window` is how many elements one spans, those between dilated ones included. "same" pads so that there is one
    window for every `stride` elements, "causal" so that none reaches beyond the element of its own.

    References
    ----------
    Keras 3, `compute_conv_output_shape`.

    Examples
    --------
    >>> [window_count(7, 3, 2, padding) for padding in ("valid", "same", "causal")]
    [3, 4, 4]
    """
    return max(size - window + stride, 0) // stride if padding == "valid" else -(-size // stride)


def padding_before(size: int, window: int, stride: int, padding: str) -> int:
    """Return how many elements of padding there are in front of an axis; "same" has the odd one behind it.

    Examples
    --------
    >>> [padding_before(7, 4, 2, padding) for padding in ("valid", "same", "causal")]
    [0, 1, 3]
    """
    if padding == "causal":
        return window - 1
    if padding == "valid":
        return 0
    return max((window_count(size, window, stride, padding) - 1) * stride + window - size, 0) // 2


def span(sizes: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many elements windows span along each axis, those between dilated ones included.

    Examples
    --------
    >>> span((3, 3), (1, 2))
    (3, 5)
    """
    return tuple((size - 1) * apart + 1 for size, apart in zip(sizes, dilation, strict=True))


def counts(
    what: str, sizes: tuple[int, ...], windows: tuple[int, ...], strides: tuple[int, ...], padding: str
) -> tuple[int, ...]:
    """Return how many windows there are along each axis.

    Raises
    ------
    ShapeError
        When there is none, since the input is smaller than a window.
    """
    found = tuple(window_count(*one, padding) for one in zip(sizes, windows, strides, strict=True))
    if not all(found):
        raise ShapeError(
            f"{what}: windows of {windows} do not fit into an input of {sizes} (sizes along the same axes); make them "
            'smaller, or pad with padding="same"'
        )
    return found


def befores(
    sizes: tuple[int, ...], windows: tuple[int, ...], strides: tuple[int, ...], padding: str
) -> tuple[int, ...]:
    """Return how many elements of padding there are in front of each axis."""
    return tuple(padding_before(*one, padding) for one in zip(sizes, windows, strides, strict=True))


def three(numbers: tuple[int, ...], missing: int) -> tuple[int, ...]:
    """Return numbers for depth, height and width, with `missing` in front for axes that there are not.

    Examples
    --------
    >>> three((2, 2), 1)
    (1, 2, 2)
    """
    return (*(missing,) * (3 - len(numbers)), *numbers)
