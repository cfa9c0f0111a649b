"""What the subscripts of an einsum say: a letter for each dimension of each operand, and the letters of the result."""

from __future__ import annotations

import functools
import string
from typing import NamedTuple

import numpy as np

from numbanet.errors import ArgumentError, ShapeError

_DOTS = "..."


class Subscripts(NamedTuple):
    """Letters of the operands and of the result, where ellipses have letters too, and the size of each letter."""

    terms: tuple[str, ...]
    result: str
    sizes: dict[str, int]


@functools.lru_cache(maxsize=256)
def parse(text: str, shapes: tuple[tuple[int, ...], ...]) -> Subscripts:
    """Return what `text` says of operands of these shapes.

    Raises
    ------
    ArgumentError
        When the text is malformed, or does not have one term per operand.
    ShapeError
        When a term does not fit the shape of its operand, or a letter has two sizes.
    """
    left, arrow, right = text.replace(" ", "").partition("->")
    terms = left.split(",")
    _check_characters(text, [*terms, right])
    if len(terms) != len(shapes):
        raise ArgumentError(f"einsum: {text!r} describes {len(terms)} operands, got {len(shapes)}")
    for term, shape in zip(terms, shapes, strict=True):
        named = len(term.replace(_DOTS, ""))
        if named > len(shape) or (_DOTS not in term and named < len(shape)):
            more = " (write '...' for the other dimensions)" if named < len(shape) else ""
            raise ShapeError(f"einsum: in {text!r}, {term!r} does not fit shape {shape}{more}")
    dots = _letters_of_dots(text, terms, shapes)
    if not arrow:
        letters = left.replace(_DOTS, "").replace(",", "")
        right = _DOTS + "".join(c for c in sorted(set(letters)) if letters.count(c) == 1)
    elif dots and _DOTS not in right:
        raise ArgumentError(
            f"einsum: the result of {text!r} must have '...', as the operands {shapes} have dimensions there"
        )
    counts = [len(shape) - len(term.replace(_DOTS, "")) for term, shape in zip(terms, shapes, strict=True)]
    spread = tuple(t.replace(_DOTS, dots[len(dots) - n :]) for t, n in zip(terms, counts, strict=True))
    result = right.replace(_DOTS, dots)
    if len(set(result)) != len(result) or not set(result) <= set("".join(spread)):
        raise ArgumentError(f"einsum: the result {right!r} must use letters of the operands, each once, got {text!r}")
    return Subscripts(spread, result, _sizes(text, spread, shapes))


def _check_characters(text, terms):
    for term in terms:
        letters = term.replace(_DOTS, "", 1)
        if letters and not (letters.isascii() and letters.isalpha()):
            raise ArgumentError(
                f"einsum: subscripts must be letters, commas, one '...' in each term and one ->, got {text!r}"
            )


def _letters_of_dots(text, terms, shapes):
    """A letter, used nowhere else, for each dimension that an ellipsis stands for; operands share the last ones."""
    counts = [len(shape) - len(term) + len(_DOTS) for term, shape in zip(terms, shapes, strict=True) if _DOTS in term]
    free = [c for c in string.ascii_letters if c not in text]
    most = max(counts, default=0)
    if most > len(free):
        raise ArgumentError(
            f"einsum: {text!r} of shapes {shapes} needs more than the {len(string.ascii_letters)} letters"
        )
    return "".join(free[:most])


def _sizes(text, terms, shapes):
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        own: dict[str, int] = {}
        for letter, size in zip(term, shape, strict=True):
            name = repr(letter) if letter in text else "under '...'"
            if own.setdefault(letter, size) != size:
                raise ShapeError(
                    f"einsum: {text!r} wants the diagonal of dimension {name}, which is {own[letter]} and {size} in "
                    f"shape {shape}"
                )
            known = sizes.setdefault(letter, size)
            if known == 1:
                sizes[letter] = size
            elif size not in (1, known):
                raise ShapeError(
                    f"einsum: in {text!r} of shapes {', '.join(map(str, shapes))}, dimension {name} is {known} in one "
                    f"operand and {size} in another"
                )
    return sizes


@functools.lru_cache(maxsize=256)
def path_of(terms: tuple[str, ...], result: str, shapes: tuple[tuple[int, ...], ...], optimize) -> tuple:
    """Return which operands to multiply first, in NumPy's form: their positions, whose product then comes last.

    NumPy computes it, by the greedy or exhaustive search of opt_einsum (Smith and Gray: opt_einsum, Journal of Open
    Source Software 3, 2018), from shapes alone.

    Raises
    ------
    ArgumentError
        When `optimize` is not one of NumPy's.
    """
    if optimize is False or len(terms) < 3:
        count = len(terms)
        return ((0, 1), *((0, count - 1 - k) for k in range(1, count - 1))) if count > 1 else ()
    wanted = "greedy" if optimize is True else optimize
    empty = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
    try:
        found = np.einsum_path(f"{','.join(terms)}->{result}", *empty, optimize=_listed(wanted))[0]
    except (TypeError, KeyError, ValueError, IndexError, RuntimeError) as error:
        raise ArgumentError(
            "einsum: optimize must be a bool, 'greedy', 'optimal' or a path of np.einsum_path, "
            f"got {wanted!r} ({error})"
        ) from None
    return tuple(found[1:])


def _listed(optimize):
    return list(optimize) if isinstance(optimize, tuple) else optimize


def hashable(optimize):
    """Return the argument `optimize` of einsum as something that a cache can hold."""
    return tuple(tuple(p) if isinstance(p, list) else p for p in optimize) if isinstance(optimize, list) else optimize
