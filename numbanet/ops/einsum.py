"""Einstein's summation convention, reduced to products of matrices."""

from __future__ import annotations

import math

import numpy as np

from numbanet.core.table import Case
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops.declare import FINITE, REAL, composed
from numbanet.ops.documentation import document
from numbanet.ops.linalg import matrices
from numbanet.ops.reduce import sum
from numbanet.ops.shaping import permute_dims, reshape
from numbanet.tensor.tensor import Tensor, as_tensors, in_common_dtype
from numbanet.typing import ArrayLike


def _parse(subscripts, operands):
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    letters = "".join(terms)
    if not (letters + right).replace(",", "").isalpha() and (letters + right):
        raise ArgumentError(f"einsum: subscripts must be letters, commas and one ->, got {subscripts!r}")
    if not arrow:
        right = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    if len(terms) != len(operands):
        raise ArgumentError(f"einsum: {subscripts!r} describes {len(terms)} operands, got {len(operands)}")
    if len(set(right)) != len(right) or not set(right) <= set(letters):
        raise ArgumentError(f"einsum: the result {right!r} must use letters of the operands, each once")
    sizes: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        if len(term) != x.ndim:
            raise ShapeError(f"einsum: {term!r} does not fit shape {x.shape}")
        if len(set(term)) != len(term):
            raise ArgumentError(f"einsum: {term!r} names a dimension twice; diagonals are not supported")
        for letter, size in zip(term, x.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ShapeError(
                    f"einsum: dimension {letter!r} is {sizes[letter]} in one operand and {size} in another"
                )
    return terms, right, sizes


def _reduce(x, term, needed):
    """Sum over the letters of `term` that nobody needs any more."""
    spent = tuple(d for d, letter in enumerate(term) if letter not in needed)
    return (sum(x, axis=spent), "".join(c for c in term if c in needed)) if spent else (x, term)


def _contract(x, a, y, b, needed, sizes):
    """Product of two operands with subscripts a and b: batch letters first, then rows, then columns."""
    shared = [c for c in a if c in b]
    batch, inner = [c for c in shared if c in needed], [c for c in shared if c not in needed]
    rows, columns = [c for c in a if c not in b], [c for c in b if c not in a]

    def arranged(tensor, term, *groups):
        order = [term.index(c) for group in groups for c in group]
        return reshape(permute_dims(tensor, order), tuple(math.prod(sizes[c] for c in group) for group in groups))

    product = matrices(arranged(x, a, batch, rows, inner), arranged(y, b, batch, inner, columns))
    letters = batch + rows + columns
    return reshape(product, tuple(sizes[c] for c in letters)), "".join(letters)


def einsum(subscripts: str, *operands: ArrayLike) -> Tensor:
    if not isinstance(subscripts, str) or not operands:
        raise ArgumentError("einsum: call it as einsum('ij,jk->ik', a, b)")
    tensors = in_common_dtype("einsum", as_tensors("einsum", operands))
    terms, right, sizes = _parse(subscripts, tensors)
    x, term = _reduce(tensors[0], terms[0], set("".join(terms[1:]) + right))
    for position in range(1, len(tensors)):
        needed = set("".join(terms[position + 1 :]) + right)
        y, other = _reduce(tensors[position], terms[position], needed | set(term))
        x, term = _contract(x, term, y, other, needed, sizes)
    x, term = _reduce(x, term, set(right))
    return permute_dims(x, [term.index(c) for c in right])


def _case(subscripts, *shapes):
    domain = REAL if len(shapes) < 3 else FINITE  # 0 * inf depends on which two of three are multiplied first
    return Case((domain,) * len(shapes), shapes=shapes, params={"subscripts": subscripts})


composed(
    "einsum", einsum, reference=np.einsum, family="linear algebra", numpy=(np.einsum,),
    cases=(
        _case("ij,jk->ik", (2, 3), (3, 4)), _case("bij,bjk->bik", (2, 3, 4), (2, 4, 2)), _case("ij->ji", (2, 3)),
        _case("ij->", (2, 3)), _case("i,i->", (3,), (3,)), _case("i,j->ij", (3,), (2,)),
        _case("ij,kj,k->ik", (2, 3), (4, 3), (4,)),
    ),
)  # fmt: skip
document(
    einsum,
    "Sums of products, by letters: equal letters go together, and those that are missing at the right are summed.",
    {"*operands": "array-like\n    One per term."}, "With the dimensions named at the right, of the promoted dtype.",
    "'ij,jk->ik', [[1.0, 2.0]], [[3.0], [4.0]]", "Tensor([[11.]], shape=(1, 1), dtype=float32)",
    first=("subscripts", "str\n    Letters for dimensions, operands separated by commas, `->` and the result."),
    source="Einstein: Die Grundlage der allgemeinen Relativitaetstheorie, 1916, section 5; numpy.einsum.",
)  # fmt: skip
