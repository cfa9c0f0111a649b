"""Einstein's summation convention, reduced to products of matrices."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from numbanet.core.dtypes import is_float
from numbanet.core.table import Case
from numbanet.errors import ArgumentError
from numbanet.ops.declare import FINITE, REAL, composed
from numbanet.ops.documentation import document
from numbanet.ops.elementwise import multiply
from numbanet.ops.indexing import getitem
from numbanet.ops.linalg import matrices
from numbanet.ops.reduce import any as any_of
from numbanet.ops.reduce import sum
from numbanet.ops.shaping import permute_dims, reshape
from numbanet.ops.subscripts import hashable, parse, path_of
from numbanet.tensor.tensor import Tensor, as_tensors, in_common_dtype
from numbanet.typing import ArrayLike


def _total(x, axes):
    """The sum in the dtype of `x`: whether any is true, of booleans."""
    if x.dtype.kind == "b":
        return any_of(x, axis=axes)
    return sum(x, axis=axes, dtype=None if is_float(x.dtype) else x.dtype)


def _diagonals(x, term):
    """`x` with each letter once: of a letter that stands there twice, the diagonal."""
    for letter in term:
        while term.count(letter) > 1:
            first = term.index(letter)
            second = term.index(letter, first + 1)
            others = [d for d in range(x.ndim) if d not in (first, second)]
            size = x.shape[first]
            flat = reshape(permute_dims(x, [*others, first, second]), (*[x.shape[d] for d in others], size * size))
            x, term = getitem(flat, (..., slice(None, None, size + 1))), "".join(term[d] for d in others) + letter
    return x, term


def _plain(x, term, sizes):
    """`x` with each letter once, and without dimensions of size 1 that broadcast: these say nothing of their letter."""
    x, term = _diagonals(x, term)
    kept = [d for d, letter in enumerate(term) if x.shape[d] == sizes[letter]]
    if len(kept) == len(term):
        return x, term
    return reshape(x, tuple(x.shape[d] for d in kept)), "".join(term[d] for d in kept)


def _reduce(x, term, needed):
    """Sum over the letters of `term` that are no longer needed."""
    spent = tuple(d for d, letter in enumerate(term) if letter not in needed)
    return (_total(x, spent), "".join(c for c in term if c in needed)) if spent else (x, term)


def _ordered(x, order):
    """The dimensions of `x` in an order, if they are not already."""
    return x if order == list(range(x.ndim)) else permute_dims(x, order)


def _shaped(x, shape):
    return x if x.shape == shape else reshape(x, shape)


def _contract(x, a, y, b, needed, sizes):
    """Product of two operands with subscripts a and b: batch letters first, then rows, then columns."""
    (x, a), (y, b) = _reduce(x, a, needed | set(b)), _reduce(y, b, needed | set(a))
    shared = [c for c in a if c in b]
    batch, inner = [c for c in shared if c in needed], [c for c in shared if c not in needed]
    rows, columns = [c for c in a if c not in b], [c for c in b if c not in a]

    def arranged(tensor, term, *groups):
        moved = _ordered(tensor, [term.index(c) for group in groups for c in group])
        return _shaped(moved, tuple([math.prod([sizes[c] for c in group]) for group in groups]))

    if not inner:
        product = multiply(arranged(x, a, batch, rows, ()), arranged(y, b, batch, (), columns))
    elif batch and not rows and not columns:
        product = _total(multiply(arranged(x, a, batch, inner), arranged(y, b, batch, inner)), 1)
    else:
        product = matrices(arranged(x, a, batch, rows, inner), arranged(y, b, batch, inner, columns))
    letters = batch + rows + columns
    return _shaped(product, tuple([sizes[c] for c in letters])), "".join(letters)


def einsum(
    subscripts: str, *operands: ArrayLike, optimize: bool | Literal["greedy", "optimal"] | list[Any] = True
) -> Tensor:
    if not isinstance(subscripts, str):
        raise ArgumentError(
            "einsum: call it as einsum('ij,jk->ik', a, b); lists of numbers in place of letters are not supported, "
            f"got {type(subscripts).__name__} first"
        )
    if not operands:
        raise ArgumentError(f"einsum: {subscripts!r} needs operands: call it as einsum('ij,jk->ik', a, b)")
    tensors = in_common_dtype("einsum", as_tensors("einsum", operands))
    terms, result, sizes = parse(subscripts, tuple(x.shape for x in tensors))
    parts = [_plain(x, term, sizes) for x, term in zip(tensors, terms, strict=True)]
    path = path_of(tuple(term for _, term in parts), result, tuple(x.shape for x, _ in parts), hashable(optimize))
    for places in path:
        chosen = [parts[i] for i in places]
        parts = [part for i, part in enumerate(parts) if i not in places]
        needed = set(result).union(*(term for _, term in parts))
        x, term = chosen[0]
        for i, (y, other) in enumerate(chosen[1:], 2):
            x, term = _contract(x, term, y, other, needed.union(*(after for _, after in chosen[i:])), sizes)
        parts.append((x, term))
    ((x, term),) = parts
    x, term = _reduce(x, term, set(result))
    order = [term.index(c) for c in result]
    return permute_dims(x, order) if x is tensors[0] else _ordered(x, order)


def _case(subscripts, *shapes, **params):
    domain = REAL if len(shapes) < 3 else FINITE  # 0 * inf depends on which two of three are multiplied first
    return Case((domain,) * len(shapes), shapes=shapes, params={"subscripts": subscripts, **params})


composed(
    "einsum", einsum, reference=np.einsum, family="linear algebra", numpy=(np.einsum,),
    cases=(
        _case("ij,jk->ik", (2, 3), (3, 4)), _case("bij,bjk->bik", (2, 3, 4), (2, 4, 2)), _case("ij->ji", (2, 3)),
        _case("ij->", (2, 3)), _case("i,i->", (3,), (3,)), _case("i,j->ij", (3,), (2,)),
        _case("ij,kj,k->ik", (2, 3), (4, 3), (4,)), _case("iji->ij", (3, 2, 3)),
        _case("...i,...i", (2, 1, 3), (4, 3)), _case("ij,kj,k->ik", (2, 3), (4, 1), (4,), optimize=False),
    ),
)  # fmt: skip
document(
    einsum,
    "Sum products, by letters: equal letters go together, and those that are missing at the right are summed.",
    {
        "*operands": "array-like\n    One per term, of any shapes and dtypes. A dimension of size 1 broadcasts.",
        "optimize": 'bool, "greedy", "optimal", or a path of `np.einsum_path`\n    Which of three or more operands are '
        "multiplied first: the pair that a greedy search\n    finds by default, from left to right for False.",
    },
    "With the dimensions named at the right, of the promoted dtype.",
    "'ij,jk->ik', [[1.0, 2.0]], [[3.0], [4.0]]", "Tensor([[11.]], shape=(1, 1), dtype=float32)",
    first=(
        "subscripts",
        "str\n    Letters for dimensions, operands separated by commas, `->` and the result. A letter twice in an "
        "operand\n    means its diagonal, `...` all other dimensions, which broadcast. Without `->` the result has "
        "these, then the\n    letters that stand there once, in alphabetical order.",
    ),
    source="Einstein: Die Grundlage der allgemeinen Relativitaetstheorie, 1916, section 5; numpy.einsum; Smith and\n"
    "Gray: opt_einsum, Journal of Open Source Software 3, 2018.",
)  # fmt: skip
