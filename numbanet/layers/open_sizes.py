"""Open sizes: sizes of samples, None in shapes, that are known only when data comes, such as lengths of sequences.

What a layer makes of open sizes is learnt by trying two sizes in their place: what differs between the two results is
open as well. Several pairs are tried, since kernels may be larger than small images.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from typing import Any

from numbanet.errors import NumbanetError, ShapeError
from numbanet.layers.inputs import checked_shapes, is_shape, mapped

PAIRS = ((12, 36), (60, 180), (420, 1260))
"""What open sizes are taken as. They have many divisors, as sizes that are reshaped need."""
SMALLEST = (2, 4)
"""What they are taken as where samples of all these sizes would be too large, having many dimensions."""
MOST_ZEROS = 10_000_000
"""How many elements the samples may have on which sizes are tried."""


def is_open(shapes: Any) -> bool:
    """Return whether a size of the samples is open, in a shape or a structure of shapes."""
    if is_shape(shapes):
        return shapes is not None and None in shapes[1:]
    return any(map(is_open, shapes.values() if isinstance(shapes, dict) else shapes))


def filled(shapes: Any, size: int) -> Any:
    """Return shapes with a size in place of those of samples that are open."""
    return mapped(lambda shape: (*shape[:1], *[size if n is None else n for n in shape[1:]]), shapes)


def joined(one: Any, other: Any) -> Any:
    """Return shapes in which sizes that differ are open; None where a shape is unknown or has other dimensions."""
    if one is None or other is None or is_shape(one) != is_shape(other):
        return None
    if not is_shape(one):
        return mapped(joined, one, other)
    if len(one) != len(other):
        return None
    return tuple(n if n == m else None for n, m in zip(one, other, strict=True))


def over_open_sizes(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Return a layer's `compute_output_shape` that also takes shapes with open sizes."""

    @functools.wraps(compute)
    def compute_output_shape(self: Any, input_shape: Any) -> Any:
        input_shape = checked_shapes(self, input_shape)
        if input_shape is None:
            return None
        if not is_open(input_shape):
            return compute(self, input_shape)
        return tried(self.name, lambda *sizes: [compute(self, filled(input_shape, n)) for n in sizes], input_shape)

    return compute_output_shape


def tried(name: str, shapes_with: Callable[..., Any], input_shape: Any, pairs: Iterable[Any] = PAIRS) -> Any:
    """Return the shapes that come out, open where they differ between two sizes in place of the open ones.

    Parameters
    ----------
    name : str
        Of the layer or model.
    shapes_with : callable
        `shapes_with(small, large)` returns the shapes for one size and for the other, or raises.
    input_shape : tuple, or a structure of tuples
        For the message.
    pairs : iterable of (int, int)
        The sizes to try, one pair after the other.

    Raises
    ------
    ShapeError
        When no pair of sizes works. What is raised that is not an error of numbanet's goes on.
    """
    failure = None
    for pair in pairs:
        try:
            return joined(*shapes_with(*pair))
        except NumbanetError as error:
            failure = failure or error
    raise ShapeError(
        f"layer {name}: does not take inputs of shape {input_shape}, whose open sizes may be any: {failure}"
    ) from failure


def needs_size(name: str, input_shape: Any) -> ShapeError:
    """Return the error for a layer whose weights need a size that is open."""
    return ShapeError(f"layer {name}: its weights need a size that is open in inputs of shape {input_shape}")


def affordable(shapes: Any) -> list[Any]:
    """Return the pairs of sizes with which samples of zeros are not too large, one at least."""
    return [pair for pair in PAIRS if _elements(filled(shapes, pair[1])) <= MOST_ZEROS] or [SMALLEST]


def _elements(shapes):
    if is_shape(shapes):
        return math.prod(shapes[1:])
    return sum(map(_elements, shapes.values() if isinstance(shapes, dict) else shapes))
