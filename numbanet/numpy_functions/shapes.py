"""NumPy's functions of shapes, with its parameters and defaults: views, joins, parts, diagonals."""

import numpy as np

from numbanet.core.checks import as_integer
from numbanet.core.context import context
from numbanet.core.shapes import normalize_axes, normalize_axis, resolve_reshape
from numbanet.errors import ArgumentError
from numbanet.numpy_functions.adapters import adapts, no
from numbanet.ops import arranging, shaping
from numbanet.tensor.listeners import followed
from numbanet.tensor.tensor import asarray


def column_first(name, order):
    """Whether elements are read column by column; tensors know no memory layout, so 'K' and 'A' mean row by row."""
    if order not in ("C", "F", "A", "K", None):
        raise ArgumentError(f"np.{name}: order must be 'C', 'F', 'A' or 'K', got {order!r}")
    return order == "F"


@adapts("reshape")
def reshape(a, /, shape=None, order="C", *, newshape=None, copy=None):
    """Reshape, row by row or column by column."""
    wanted = newshape if shape is None else shape
    if not column_first("reshape", order):
        return shaping.reshape(a, wanted, copy=copy)
    x = asarray(a)
    turned = shaping.reshape(shaping.permute_dims(x), resolve_reshape(x.shape, wanted)[::-1])
    return shaping.permute_dims(turned)


@adapts("ravel")
def ravel(a, order="C"):
    """Flatten, row by row or column by column."""
    return reshape(a, (-1,), order)


@adapts("transpose", "permute_dims")
def transpose(a, axes=None):
    """Dimensions in another order."""
    return shaping.permute_dims(a, axes)


adapts("matrix_transpose", "linalg.matrix_transpose")(shaping.matrix_transpose)


@adapts("swapaxes")
def swapaxes(a, axis1, axis2):
    """Two dimensions swapped."""
    x = asarray(a)
    order = list(range(x.ndim))
    first, second = normalize_axis("swapaxes", axis1, x.ndim), normalize_axis("swapaxes", axis2, x.ndim)
    order[first], order[second] = order[second], order[first]
    return shaping.permute_dims(x, order)


@adapts("moveaxis")
def moveaxis(a, source, destination):
    """Dimensions moved to other places."""
    return arranging.moveaxis(a, source, destination)


@adapts("rollaxis")
def rollaxis(a, axis, start=0):
    """One dimension moved before another."""
    x = asarray(a)
    order = np.rollaxis(np.empty((1,) * x.ndim), axis, start)  # its errors, if there are any
    places = [d for d in range(x.ndim) if d != axis % x.ndim]
    start = start + x.ndim if start < 0 else start
    places.insert(start - (axis % x.ndim < start), axis % x.ndim)
    return shaping.permute_dims(x, places[: order.ndim])


@adapts("expand_dims")
def expand_dims(a, axis):
    """More dimensions, of size 1."""
    return shaping.expand_dims(a, axis)


@adapts("squeeze")
def squeeze(a, axis=None):
    """Without dimensions of size 1."""
    return shaping.squeeze(a, axis)


def _at_least(ndim):
    """`np.atleast_1d` and its relatives: one result for one array, a tuple for several.

    SciPy and others make NumPy arrays of results with them, which they write to or hand to compiled code. So they give
    arrays, but where a tape follows a tensor, whose gradient would be lost.
    """

    def at_least(*arys):
        found = tuple(widened(asarray(x), ndim) for x in arys)
        found = tuple(x if followed(x) or context.trace is not None else np.array(x.numpy()) for x in found)
        return found[0] if len(found) == 1 else found

    return adapts(f"atleast_{ndim}d")(at_least)


def widened(x, ndim):
    """At least 1, 2 or 3 dimensions, the new ones where NumPy puts them."""
    if x.ndim >= ndim:
        return x
    if ndim == 3 and x.ndim:
        return shaping.reshape(x, (1, *x.shape, 1) if x.ndim == 1 else (*x.shape, 1))
    return shaping.reshape(x, (*(1,) * (ndim - x.ndim), *x.shape))


atleast_1d, atleast_2d, atleast_3d = _at_least(1), _at_least(2), _at_least(3)


@adapts("broadcast_to")
def broadcast_to(array, shape, subok=False):
    """Stretched to a shape."""
    return shaping.broadcast_to(array, shape)


@adapts("broadcast_arrays")
def broadcast_arrays(*args, subok=False):
    """Stretched to one shape."""
    return arranging.broadcast_arrays(*args)


@adapts("meshgrid")
def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """Coordinates of a grid."""
    if sparse:
        no("meshgrid", sparse=sparse or None)
    return arranging.meshgrid(*xi, indexing=indexing)


@adapts("flip")
def flip(m, axis=None):
    """Dimensions read backwards."""
    return shaping.flip(m, axis)


@adapts("flipud")
def flipud(m):
    """The first dimension backwards."""
    return shaping.flip(m, 0)


@adapts("fliplr")
def fliplr(m):
    """The second dimension backwards."""
    return shaping.flip(m, 1)


@adapts("rot90")
def rot90(m, k=1, axes=(0, 1)):
    """Turned by quarters in a plane."""
    first, second = axes
    normalize_axes("rot90", (first, second), asarray(m).ndim)  # its errors
    turns = as_integer("np.rot90: k", k) % 4
    if turns == 2:
        return shaping.flip(m, (first, second))
    if turns == 1:
        return swapaxes(shaping.flip(m, second), first, second)
    return shaping.flip(swapaxes(m, first, second), second) if turns else asarray(m)


@adapts("roll")
def roll(a, shift, axis=None):
    """Elements shifted along dimensions."""
    return shaping.roll(a, shift, axis)


@adapts("tile")
def tile(A, reps):
    """The whole array repeated."""
    return shaping.tile(A, reps)


@adapts("repeat")
def repeat(a, repeats, axis=None):
    """Every element repeated."""
    return shaping.repeat(a, repeats, axis)
