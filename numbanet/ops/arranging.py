"""What is made of other functions of shapes: dimensions moved, grids, triangles, differences."""

from __future__ import annotations

from typing import Literal

import numpy as np

from numbanet.core.checks import as_choice, as_count, as_integer
from numbanet.core.shapes import as_shape, integers_of, normalize_axis
from numbanet.core.shapes import broadcast_shapes as common_shape
from numbanet.core.table import Case, Domain
from numbanet.errors import ShapeError
from numbanet.ops.creation import zeros_like
from numbanet.ops.declare import ANY, NUMBER, composed
from numbanet.ops.documentation import document
from numbanet.ops.elementwise import not_equal, subtract, where
from numbanet.ops.shaping import broadcast_to, concat, permute_dims, reshape
from numbanet.tensor.tensor import Tensor, as_tensors, asarray
from numbanet.typing import ArrayLike, Integer, Shape

_ARRAYS = ("*arrays", "array-like\n    Any shapes and dtypes.")


def broadcast_shapes(*shapes: Shape) -> tuple[int, ...]:
    return common_shape("broadcast_shapes", (), *(as_shape(shape, "broadcast_shapes") for shape in shapes))


def broadcast_arrays(*arrays: ArrayLike) -> tuple[Tensor, ...]:
    tensors = as_tensors("broadcast_arrays", arrays)
    shape = broadcast_shapes(*(x.shape for x in tensors))
    return tuple(broadcast_to(x, shape) for x in tensors)


def moveaxis(x: ArrayLike, source: Shape, destination: Shape, /) -> Tensor:
    x = asarray(x)
    sources, places = (
        [normalize_axis("moveaxis", a, x.ndim) for a in integers_of("moveaxis: axis", axes)]
        for axes in (source, destination)
    )
    if len(sources) != len(places) or len({*sources}) != len(sources) or len({*places}) != len(places):
        raise ShapeError(f"moveaxis: {source} and {destination} must be equally many dimensions, each named once")
    order = [d for d in range(x.ndim) if d not in sources]
    for place, moved in sorted(zip(places, sources, strict=True)):
        order.insert(place, moved)
    return permute_dims(x, order)


def unstack(x: ArrayLike, /, *, axis: Integer = 0) -> tuple[Tensor, ...]:
    x = asarray(x)
    at = normalize_axis("unstack", axis, x.ndim)
    return tuple(x[(*(slice(None),) * at, i)] for i in range(x.shape[at]))


def meshgrid(*arrays: ArrayLike, indexing: Literal["xy", "ij"] = "xy") -> tuple[Tensor, ...]:
    as_choice("meshgrid: indexing", indexing, ("xy", "ij"))
    tensors = as_tensors("meshgrid", arrays)
    if any(x.ndim > 1 for x in tensors):
        raise ShapeError(f"meshgrid: needs arrays of one dimension, got {', '.join(str(x.shape) for x in tensors)}")
    count = len(tensors)
    lines = [reshape(x, (*[1] * i, -1, *[1] * (count - 1 - i))) for i, x in enumerate(tensors)]
    grids = broadcast_arrays(*lines)
    if indexing == "xy" and count > 1:
        return tuple(permute_dims(grid, (1, 0, *range(2, count))) for grid in grids)
    return grids


def _triangle(name, x, k, keep):
    x, k = asarray(x), as_integer(f"{name}: k", k)
    if x.ndim < 2:
        raise ShapeError(f"{name}: needs at least 2 dimensions, got shape {x.shape}")
    rows, columns = x.shape[-2:]
    mask = asarray(keep(np.ones((rows, columns), bool), min(max(k, -rows), columns)), device=x.device)
    return where(mask, x, zeros_like(x))


def tril(x: ArrayLike, /, *, k: Integer = 0) -> Tensor:
    return _triangle("tril", x, k, np.tril)


def triu(x: ArrayLike, /, *, k: Integer = 0) -> Tensor:
    return _triangle("triu", x, k, np.triu)


def diff(
    x: ArrayLike,
    /,
    *,
    axis: Integer = -1,
    n: Integer = 1,
    prepend: ArrayLike | None = None,
    append: ArrayLike | None = None,
) -> Tensor:
    first, last = ([] if end is None else [end] for end in (prepend, append))
    given = as_tensors("diff", [*first, x, *last])
    x = given[len(first)]
    at = normalize_axis("diff", axis, x.ndim)
    n = as_count("diff: n", n)
    if n and (prepend is not None or append is not None):
        x = concat(given, axis=at)
    before = (slice(None),) * at
    for _ in range(min(n, x.shape[at])):  # then there are none left
        later, earlier = x[(*before, slice(1, None))], x[(*before, slice(None, -1))]
        x = (not_equal if x.dtype.kind == "b" else subtract)(later, earlier)
    return x


def _case(domain=ANY, shape=(3, 4), **params):
    return Case((domain,), shapes=(shape,), params=params)


composed("moveaxis", moveaxis, family="shape", numpy=(np.moveaxis,))
composed("broadcast_shapes", broadcast_shapes, family="shape", differentiable=False)
composed("broadcast_arrays", broadcast_arrays, family="shape", numpy=(np.broadcast_arrays,))
composed("unstack", unstack, family="shape", numpy=(np.unstack,))
composed("meshgrid", meshgrid, family="creation", numpy=(np.meshgrid,))
for _function, _numpy in ((tril, np.tril), (triu, np.triu)):
    composed(
        _function.__name__, _function, reference=_numpy, cases=(_case(k=0), _case(shape=(2, 3, 3), k=-1), _case(k=1)),
        family="creation", numpy=(_numpy,),
    )  # fmt: skip
composed(
    "diff", diff, reference=np.diff, cases=(_case(NUMBER, n=1), _case(NUMBER, axis=0, n=2), _case(Domain(kinds="b"))),
    family="sorting", numpy=(np.diff,),
)  # fmt: skip
document(
    moveaxis, "Move dimensions to other positions; a view.",
    {"source": "int or tuple of int\n    Which.", "destination": "int or tuple of int\n    Where to."},
    "A view of `x`.", "[[1.0, 2.0]], 0, 1", "Tensor([[1.],\n        [2.]], shape=(2, 1), dtype=float32)",
)  # fmt: skip
document(
    broadcast_shapes, "Return the shape to which shapes broadcast.", {}, "The common shape.", "(3, 1), (4,)", "(3, 4)",
    first=("*shapes", "tuple of int\n    Any number of them, of arrays of any dtype."), kind="tuple of int",
    source="Python array API standard 2025.12, manipulation functions.",
)  # fmt: skip
document(
    broadcast_arrays, "Broadcast arrays to one shape; views.", {}, "Views, each of its own dtype.", "[1.0], [2, 3]",
    "(Tensor([1., 1.], shape=(2,), dtype=float32), Tensor([2, 3], shape=(2,), dtype=int64))", first=_ARRAYS,
    kind="tuple of Tensor",
)  # fmt: skip
document(
    unstack, "Return the parts of an array along a dimension; views.",
    {"axis": "int\n    Which dimension."}, "Of one dimension less each.",
    "[1.0, 2.0]", "(Tensor(1., shape=(), dtype=float32), Tensor(2., shape=(), dtype=float32))", kind="tuple of Tensor",
)  # fmt: skip
document(
    meshgrid, "Return the coordinates of a grid from those of its sides.",
    {"indexing": '{"xy", "ij"}\n    Whether the first array runs along the second dimension, or the first.'},
    "One grid per array, of its dtype.", "[1, 2], [3]",
    "(Tensor([[1, 2]], shape=(1, 2), dtype=int64), Tensor([[3, 3]], shape=(1, 2), dtype=int64))",
    first=("*arrays", "array-like\n    Of one dimension each."), kind="tuple of Tensor",
)  # fmt: skip
for _function, _side, _result in ((tril, "below", "[[1., 0.],\n        [3., 4.]]"),
                                  (triu, "above", "[[1., 2.],\n        [0., 4.]]")):  # fmt: skip
    document(
        _function, f"Return the elements on a diagonal and {_side} it, with zeros elsewhere.",
        {"k": "int\n    Which diagonal: 0 is the main one, those above it are positive."},
        "Of the shape and dtype of `x`.", "[[1.0, 2.0], [3.0, 4.0]]", f"Tensor({_result}, shape=(2, 2), dtype=float32)",
        first=("x", "array-like\n    At least two dimensions; the last two are a matrix."),
    )  # fmt: skip
document(
    diff, "Return the differences of neighbours along a dimension; for booleans, whether they differ.",
    {
        "axis": "int\n    Which dimension.", "n": "int\n    How many times in a row.",
        "prepend": "array-like, optional\n    Put before `x` first.",
        "append": "array-like, optional\n    Put after it.",
    },
    "Shorter by n.", "[1.0, 4.0, 9.0]", "Tensor([3., 5.], shape=(2,), dtype=float32)",
)  # fmt: skip
