"""NumPy's functions that join and cut arrays, with its parameters and defaults."""

import numpy as np

from numbanet.core.checks import as_list
from numbanet.core.shapes import as_size, normalize_axis
from numbanet.errors import ShapeError
from numbanet.numpy_functions.adapters import adapts, no
from numbanet.numpy_functions.shapes import ravel, widened
from numbanet.ops import arranging, shaping
from numbanet.ops.elementwise import astype as converted
from numbanet.tensor.tensor import asarray


@adapts("concatenate", "concat")
def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Arrays joined along a dimension."""
    no("concatenate", out=out)
    joined = shaping.concat(list(arrays), axis)
    return joined if dtype is None else converted(joined, dtype)


@adapts("stack")
def stack(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    """Arrays joined along a new dimension."""
    no("stack", out=out)
    joined = shaping.stack(as_list("np.stack: the arrays", arrays), axis)
    return joined if dtype is None else converted(joined, dtype)


@adapts("vstack")
def vstack(tup, *, dtype=None, casting="same_kind"):
    """Arrays joined row by row."""
    return concatenate([widened(asarray(x), 2) for x in as_list("np.vstack: the arrays", tup)], 0, dtype=dtype)


@adapts("hstack")
def hstack(tup, *, dtype=None, casting="same_kind"):
    """Arrays joined column by column, those of one dimension end to end."""
    parts = [widened(asarray(x), 1) for x in as_list("np.hstack: the arrays", tup)]
    return concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1, dtype=dtype)


@adapts("dstack")
def dstack(tup):
    """Arrays joined along the third dimension."""
    return concatenate([widened(asarray(x), 3) for x in as_list("np.dstack: the arrays", tup)], 2)


@adapts("column_stack")
def column_stack(tup):
    """Vectors as columns, and matrices, side by side."""
    arrays = as_list("np.column_stack: the arrays", tup)
    return concatenate([shaping.reshape(x, (-1, 1)) if asarray(x).ndim < 2 else x for x in arrays], 1)


@adapts("block")
def block(arrays):
    """Nested lists of blocks put together: the innermost along the last dimension."""

    def depth_of(part):
        return 1 + max(map(depth_of, part)) if isinstance(part, list) else 0

    def leaves(part):
        return [leaf for inner in part for leaf in leaves(inner)] if isinstance(part, list) else [asarray(part)]

    depth = depth_of(arrays)
    ndim = max(depth, *(leaf.ndim for leaf in leaves(arrays)))

    def joined(part, level):
        if isinstance(part, list):
            return shaping.concat([joined(inner, level + 1) for inner in part], axis=ndim - depth + level)
        x = asarray(part)
        return shaping.reshape(x, (*(1,) * (ndim - x.ndim), *x.shape))

    return joined(arrays, 0)


@adapts("append")
def append(arr, values, axis=None):
    """Values joined at the end."""
    if axis is None:
        return shaping.concat([ravel(arr), ravel(values)])
    return shaping.concat([arr, values], axis)


@adapts("split")
def split(ary, indices_or_sections, axis=0):
    """Cut into equal parts, or at positions."""
    return shaping.split(ary, indices_or_sections, axis)


@adapts("array_split")
def array_split(ary, indices_or_sections, axis=0):
    """Cut into parts as equal as can be, or at positions."""
    if isinstance(indices_or_sections, (list, tuple)) or getattr(indices_or_sections, "ndim", None):
        return shaping.split(ary, indices_or_sections, axis)
    x, count = asarray(ary), as_size("np.array_split: sections", indices_or_sections, 1)
    size, longer = divmod(x.shape[normalize_axis("array_split", axis, x.ndim)], count)
    return shaping.split(x, np.cumsum([size + (i < longer) for i in range(count - 1)]).tolist(), axis)


@adapts("hsplit")
def hsplit(ary, indices_or_sections):
    """Cut along the second dimension, or the only one."""
    return shaping.split(ary, indices_or_sections, 0 if asarray(ary).ndim == 1 else 1)


@adapts("vsplit")
def vsplit(ary, indices_or_sections):
    """Cut along the first dimension of at least two."""
    if asarray(ary).ndim < 2:
        raise ShapeError(f"np.vsplit: needs at least 2 dimensions, got shape {asarray(ary).shape}")
    return shaping.split(ary, indices_or_sections, 0)


@adapts("dsplit")
def dsplit(ary, indices_or_sections):
    """Cut along the third dimension."""
    return shaping.split(ary, indices_or_sections, 2)


adapts("unstack")(arranging.unstack)
