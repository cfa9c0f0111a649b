"""Broadcasting and axis rules: pure integers in, pure integers out, no arrays.

The rules are NumPy's (https://numpy.org/doc/stable/user/basics.broadcasting.html); the errors name the operation.
"""

from __future__ import annotations

import functools
import math
import sys
from typing import Any

from numbanet.core.checks import as_integer
from numbanet.errors import ArgumentError, ShapeError

MOST_DIMENSIONS, MOST_ELEMENTS = 64, sys.maxsize // 8
"""Of an array: NumPy's limit for elements of 8 bytes."""


@functools.lru_cache(4096)
def broadcast_shapes(op: str, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The common shape of operands, aligned at their last dimension; size one stretches.

    Parameters
    ----------
    op : str
        The operation's name, for the error.
    *shapes : tuple of int

    Returns
    -------
    tuple of int

    Raises
    ------
    ShapeError
        When two sizes differ and neither is one.

    Examples
    --------
    >>> broadcast_shapes("add", (3, 1), (4,))
    (3, 4)
    """
    first = shapes[0]
    if all(shape == first for shape in shapes):
        return first
    ndim = max(map(len, shapes))
    result = []
    for sizes in zip(*((1,) * (ndim - len(shape)) + shape for shape in shapes), strict=True):
        longest = max(sizes) if 0 not in sizes else 0
        if any(size not in (1, longest) for size in sizes):
            raise ShapeError(
                f"{op}: shapes {' and '.join(map(str, shapes))} do not broadcast; aligned at the right, "
                "each pair of sizes must be equal or one of them 1"
            )
        result.append(longest)
    return tuple(result)


class AxisError(ShapeError, IndexError):
    """An axis is out of range: also an IndexError, as in NumPy."""


def normalize_axis(op: str, axis: Any, ndim: int) -> int:
    """`axis` counted from the front; negative ones count from the back.

    Raises
    ------
    ShapeError
        When the axis is out of range.
    """
    number = axis if type(axis) is int else as_integer(f"{op}: axis", axis)
    if not -ndim <= number < ndim:
        raise AxisError(f"{op}: axis {axis} is out of range for {ndim} dimensions")
    return number % ndim


def normalize_axes(op: str, axis: Any, ndim: int) -> tuple[int, ...]:
    """The sorted tuple of axes that `axis` (None for all, an int, or a sequence of ints) names.

    Examples
    --------
    >>> normalize_axes("sum", (-1, 0), 3)
    (0, 2)
    """
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    result = tuple(sorted(normalize_axis(op, a, ndim) for a in axes))
    if len(set(result)) != len(result):
        raise ShapeError(f"{op}: axes {axis} name one dimension twice")
    return result


def integers_of(what: str, given: Any) -> tuple[int, ...]:
    """An integer, or a sequence or vector of integers, as a tuple of Python's.

    Examples
    --------
    >>> integers_of("shape", 3), integers_of("shape", [3, 4])
    ((3,), (3, 4))
    """
    if type(given) is tuple and set(map(type, given)) <= {int}:
        return given  # most calls come from ops
    if isinstance(given, (tuple, list)) or getattr(given, "ndim", 0) == 1:
        return tuple(n if type(n) is int else as_integer(what, n) for n in given)
    return (given if type(given) is int else as_integer(what, given),)


def reduced_shape(shape, axes, keepdims):
    """The shape that is left when `axes` are reduced.

    Examples
    --------
    >>> reduced_shape((2, 3, 4), (1,), True)
    (2, 1, 4)
    """
    if keepdims:
        return tuple(1 if d in axes else size for d, size in enumerate(shape))
    return tuple(size for d, size in enumerate(shape) if d not in axes)


def resolve_reshape(shape, new):
    """`new` with its one -1 replaced by what fits.

    Raises
    ------
    ShapeError
        When the sizes do not multiply to the same number of elements.

    Examples
    --------
    >>> resolve_reshape((2, 6), (3, -1))
    (3, 4)
    """
    new = integers_of("reshape: a size", new)
    if len(new) > MOST_DIMENSIONS:
        raise ShapeError(f"reshape: no array has more than {MOST_DIMENSIONS} dimensions, got {len(new)}")
    if -1 not in new and min(new, default=0) >= 0 and math.prod(new) == math.prod(shape):
        return new
    size, known = math.prod(shape), math.prod(n for n in new if n != -1)
    result = new
    if new.count(-1) == 1 and known:
        result = tuple(size // known if n == -1 else n for n in new)
    if any(n < 0 for n in result) or math.prod(result) != size:
        raise ShapeError(f"reshape: {shape} has {size} elements, which do not fill {new}")
    return result


def as_shape(shape: Any, what: str) -> tuple[int, ...]:
    """`shape` (an int or a sequence of ints) as a tuple of sizes that are not negative.

    Raises
    ------
    ArgumentError
        When it is not a shape, or one that no array can have; `what` names the caller.
    """
    try:
        sizes = integers_of(what, shape)
    except ArgumentError:
        raise ArgumentError(f"{what}: a shape is an integer or a sequence of integers, got {shape!r}") from None
    if any(n < 0 for n in sizes):
        raise ArgumentError(f"{what}: sizes cannot be negative, got {sizes}")
    if len(sizes) > MOST_DIMENSIONS:
        raise ShapeError(f"{what}: no array has more than {MOST_DIMENSIONS} dimensions, got {len(sizes)}")
    if math.prod(n or 1 for n in sizes) > MOST_ELEMENTS:
        raise ArgumentError(f"{what}: no array has the shape {sizes}, which is of more than {MOST_ELEMENTS} elements")
    return sizes


def as_size(what: str, value: Any, low: int = 0) -> int:
    """`value` as the size of a dimension, an int of at least `low`.

    Raises
    ------
    ArgumentError
        When it is not an integer, too small, or more than any array has.
    """
    size = as_integer(what, value, low)
    as_shape((size,), what)
    return size


def as_open_shape(shape: Any, what: str) -> tuple[int | None, ...]:
    """`as_shape` of a shape in which sizes may be None: open, and known only when data comes."""
    if not isinstance(shape, (list, tuple)) or None not in shape:
        return as_shape(shape, what)
    known = iter(as_shape([n for n in shape if n is not None], what))
    return tuple(None if n is None else next(known) for n in shape)


def fits(shape: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    """Return whether a shape is the one that is wanted, whose open sizes, None, may be any."""
    return len(shape) == len(wanted) and all(m is None or n == m for n, m in zip(shape, wanted, strict=True))


def contiguous_strides(shape, itemsize):
    """The strides in bytes of an array of this shape that lies row by row."""
    strides: list[int] = []
    for size in reversed(shape):
        strides.insert(0, itemsize)
        itemsize *= size
    return tuple(strides)


def broadcast_strides(shape, strides, target):
    """The strides with which an array is walked that is broadcast to the shape `target`: 0 where it repeats."""
    own = tuple(0 if size == 1 else stride for size, stride in zip(shape, strides, strict=True))
    return (0,) * (len(target) - len(shape)) + own


def coalesce(shape, strides):
    """Merge neighbouring dimensions that every operand walks in one stride.

    Parameters
    ----------
    shape : tuple of int
    strides : sequence of tuple of int
        One tuple of strides per operand, 0 where it is broadcast.

    Returns
    -------
    (shape, strides)
        The same walk with as few dimensions as possible, at least one.

    Examples
    --------
    >>> coalesce((2, 3, 4), [(48, 16, 4), (0, 0, 4)])
    ((6, 4), [(16, 4), (0, 4)])
    """
    sizes: list[int] = []
    walks: list[list[int]] = [[] for _ in strides]
    for d, size in enumerate(shape):
        if size == 1:
            continue
        steps = [s[d] for s in strides]
        if sizes and all(walk[-1] == step * size for walk, step in zip(walks, steps, strict=True)):
            sizes[-1] *= size
            for walk, step in zip(walks, steps, strict=True):
                walk[-1] = step
        else:
            sizes.append(size)
            for walk, step in zip(walks, steps, strict=True):
                walk.append(step)
    if not sizes:
        return (1,), [(0,) for _ in strides]
    return tuple(sizes), [tuple(walk) for walk in walks]
