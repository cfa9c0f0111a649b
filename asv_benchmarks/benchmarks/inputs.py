"""Arguments for every operation of the table, at a size: from its first case there, or from the list here."""

import math

import numpy as np

import numbanet as nn

nn.ops  # noqa: B018  (fills the table)

LISTED = {
    "zeros": lambda x: [len(x)], "ones": lambda x: [len(x)], "full": lambda x: [len(x), 1.5],
    "empty": lambda x: [len(x)], "arange": lambda x: [len(x)], "linspace": lambda x: [0.0, 1.0, len(x)],
    "eye": lambda x: [math.isqrt(len(x))], "zeros_like": lambda x: [x], "ones_like": lambda x: [x],
    "full_like": lambda x: [x, 1.5], "empty_like": lambda x: [x], "concat": lambda x: [[x, x]],
    "stack": lambda x: [[x, x]], "split": lambda x: [x[: len(x) // 4 * 4], 4],
    "moveaxis": lambda x: [rows(x), 0, 1], "broadcast_shapes": lambda x: [(len(x), 1), (1, len(x))],
    "broadcast_arrays": lambda x: [rows(x), rows(x)[:1]], "unstack": lambda x: [rows(x)[:4]],
    "meshgrid": lambda x: [rows(x)[0], rows(x)[0]], "put_back": lambda x: [x, slice(0, len(x)), (2 * len(x),)],
    "take_back": lambda x: [x, np.arange(len(x)) % 10, 0, (10,)], "one_hot": lambda x: [whole(x) % 10, 10],
    "nonzero": lambda x: [x], "unique_all": lambda x: [whole(x)], "unique_counts": lambda x: [whole(x)],
    "unique_inverse": lambda x: [whole(x)], "unique_values": lambda x: [whole(x)],
    "searchsorted": lambda x: [np.sort(x), x], "isin": lambda x: [whole(x), np.arange(10)],
    "topk": lambda x: [rows(x), 5],
    "outer": lambda x: [rows(x)[0], rows(x)[0]], "reshape": lambda x: [rows(x), (-1,)],
    "broadcast_to": lambda x: [rows(x)[0], (math.isqrt(len(x)),) * 2], "take": lambda x: [rows(x), np.arange(9), 1],
    "take_along_axis": lambda x: [rows(x), rows(whole(x)) % 9, 1],
    "softmax_cross_entropy": lambda x: [x[: len(x) // 10 * 10].reshape(-1, 10), whole(x)[: len(x) // 10] % 10],
    "softmax_cross_entropy_gradient":
        lambda x: [x[: len(x) // 10], x[: len(x) // 10 * 10].reshape(-1, 10), whole(x)[: len(x) // 10] % 10],
    "max_pool_memory": lambda x: [image(x), *PAIRS, pooled(x).shape[1:3]],
    "max_pool_from_memory": lambda x: [image(x), memory(x), *PAIRS, pooled(x).shape[1:3]],
    "max_pool_places": lambda x: [memory(x), pooled(x), PAIRS[0]],
    "max_pool_gradient": lambda x: [pooled(x), places(x), PAIRS, image(x).shape[1:3]],
    "max_pool_take": lambda x: [image(x), places(x), PAIRS],
    "leaky_relu": lambda x: [x, 0.2], "elu": lambda x: [x, 1.0], "clip": lambda x: [x, -1.0, 1.0],
}  # fmt: skip
"""Positional arguments, made of normal numbers: of operations without a case, or whose case has sizes among its
parameters (a shape, labels), or means one number by what tests draw as an array."""


PAIRS = ((2, 2), (2, 2), (0, 0))
"""Windows of two by two that do not overlap: their size, strides, and the padding before them."""


def rows(x):
    """A square matrix of the first numbers of x."""
    side = math.isqrt(len(x))
    return x[: side * side].reshape(side, side)


def whole(x):
    """Integers from 0 to 999, as many as x has numbers."""
    return np.arange(len(x)) * 7919 % 1000


def image(x):
    """A square image of eight channels."""
    side = math.isqrt(len(x) // 8) // 2 * 2
    return x[: side * side * 8].reshape(1, side, side, 8)


def pooled(x):
    """The largest of each window of the image."""
    side = image(x).shape[1] // 2
    return image(x).reshape(1, side, 2, side, 2, 8).max((2, 4))


def places(x):
    """A place in each window of the image."""
    largest = pooled(x)
    return (np.arange(largest.size) % 4).astype(np.uint8).reshape(largest.shape)


def memory(x):
    """What max pooling writes down under a tape."""
    return np.concatenate([pooled(x).ravel().view(np.uint8), places(x).ravel()])


def arguments(op, size, dtype):
    """What to call an operation with.

    Parameters
    ----------
    op : Op
    size : int
        How many numbers the largest argument has, about.
    dtype : str
        Of the floating arguments; integers have as many bytes.

    Returns
    -------
    tuple of (list, dict)
        Positional arguments with NumPy arrays in them, and others.
    """
    rng = np.random.default_rng(0)
    if op.name in LISTED:
        return LISTED[op.name](rng.standard_normal(size).astype(dtype)), {}
    case = op.cases[0]
    drawn = [values(rng, *part, dtype) for part in zip(shapes(case, size), case.inputs, strict=True)]
    params = dict(case.params)
    return [params.pop("subscripts"), *drawn] if "subscripts" in params else drawn, params


def shapes(case, size):
    """The shapes of a case, all sizes but 1 multiplied by one number."""
    if case.shapes is None:
        return [(size,)] * len(case.inputs)
    largest = max(case.shapes, key=math.prod)
    factor = max(1, round((size / math.prod(largest)) ** (1 / sum(n > 1 for n in largest))))
    return [tuple(n if n == 1 else n * factor for n in shape) for shape in case.shapes]


def values(rng, shape, domain, dtype):
    """Numbers of a domain: floating ones, where they belong to it."""
    if domain.kinds == "b":
        return rng.random(shape) < 0.5
    if "f" in domain.kinds:
        margin = (domain.high - domain.low) / 100
        return rng.uniform(domain.low + margin, domain.high - margin, shape).astype(dtype)
    return rng.integers(domain.low, domain.high, shape).astype(f"i{np.dtype(dtype).itemsize}")
