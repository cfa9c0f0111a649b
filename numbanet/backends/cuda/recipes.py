"""What a reduction does with two partial results: the recipes that one kernel is made of.

The state of a partial result is a pair (value, payload). Most recipes have a value alone; the payload of `argmax` is
where the value stands, that of `logsumexp` is the sum of exp(x - value). The definitions are the bodies of
`loops.reduce`. Threads take turns over the elements, so what `combine` gets is in no order: it has to be commutative,
and associative up to rounding. `argmax` compares positions for that.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy import exp, log

NO_PAYLOAD = np.int32(0)
BEHIND_ALL = np.int64(2**63 - 1)
"""The position of the identity of argmax and argmin: every element is before it."""


class Recipe(NamedTuple):
    """How elements become one result.

    Parameters
    ----------
    accumulator : callable
        The dtype of values, of the dtype of the elements.
    identity : callable
        The value of no element, of that dtype.
    combine : callable
        Of two states, the state of both.
    finish : callable
        Of a state, the result.
    payload : numpy scalar
        The payload of no element.
    step : callable or None
        Of a state, an element's value and position, the state of both; None if there is no payload: `combine` does it.
    as_truth : bool
        Whether the value of an element is 1 or 0, whether it is zero or not, rather than the element.
    """

    accumulator: Callable
    identity: Callable
    combine: Callable
    finish: Callable
    payload: np.generic = NO_PAYLOAD
    step: Callable | None = None
    as_truth: bool = False

    @property
    def has_payload(self):
        """Whether states have more than a value."""
        return self.step is not None


def widest(dtype):
    """float64 for floats; 64 bits for integers, and for booleans."""
    return np.dtype(np.float64 if dtype.kind == "f" else np.uint64 if dtype.kind == "u" else np.int64)


def same(dtype):
    """The dtype itself if it is floating; 64 bits for integers, since warps exchange no smaller ones."""
    return dtype if dtype.kind == "f" else widest(dtype)


def truth(dtype):
    """What any and all count in."""
    return np.dtype(np.int64)


def lowest(dtype):
    """The identity of maximum."""
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def highest(dtype):
    """The identity of minimum."""
    return np.inf if dtype.kind == "f" else np.iinfo(dtype).max


def zero(dtype):
    """The identity of sums and of any."""
    return 0


def one(dtype):
    """The identity of products and of all."""
    return 1


def the_value(state):
    """The result is the value."""
    return state[0]


def the_payload(state):
    """The result is the payload."""
    return state[1]


def is_true(state):
    """The result is whether the value is not zero."""
    return state[0] != 0


def added(a, b):
    """The sum."""
    return a[0] + b[0], a[1]


def multiplied(a, b):
    """The product."""
    return a[0] * b[0], a[1]


def either(a, b):
    """Whether one is true."""
    return a[0] | b[0], a[1]


def both(a, b):
    """Whether both are true."""
    return a[0] & b[0], a[1]


def larger(a, b):
    """The larger, and NaN before all."""
    return (b[0] if b[0] > a[0] or b[0] != b[0] else a[0]), a[1]


def smaller(a, b):
    """The smaller, and NaN before all."""
    return (b[0] if b[0] < a[0] or b[0] != b[0] else a[0]), a[1]


def first_larger(a, b):
    """The larger, NaN before all, and of equals or of two NaN the one that stands first."""
    alike = b[0] == a[0] or (b[0] != b[0] and a[0] != a[0])
    if (alike and b[1] < a[1]) or (not alike and (b[0] > a[0] or b[0] != b[0])):
        return b
    return a


def first_smaller(a, b):
    """The smaller, NaN before all, and of equals or of two NaN the one that stands first."""
    alike = b[0] == a[0] or (b[0] != b[0] and a[0] != a[0])
    if (alike and b[1] < a[1]) or (not alike and (b[0] < a[0] or b[0] != b[0])):
        return b
    return a


def first_larger_element(state, v, k):
    """`first_larger` for the elements of a thread, which come in their order: only the identity is taken back."""
    if v > state[0] or (v != v and state[0] == state[0]) or state[1] == BEHIND_ALL:
        return v, np.int64(k)
    return state


def first_smaller_element(state, v, k):
    """`first_smaller` for the elements of a thread."""
    if v < state[0] or (v != v and state[0] == state[0]) or state[1] == BEHIND_ALL:
        return v, np.int64(k)
    return state


def exponentials_added(a, b):
    """The larger of two maxima, and both sums shifted by it: the smaller one's is multiplied by exp(its - the larger).

    In double precision: the error of a factor goes into all that was summed before. Equal ones are told apart, since
    the difference of two infinities is NaN.
    """
    if b[0] > a[0] or b[0] != b[0]:
        return b[0], b[1] + a[1] * exp(np.float64(a[0]) - np.float64(b[0]))
    if a[0] == b[0]:
        return a[0], a[1] + b[1]
    return a[0], a[1] + b[1] * exp(np.float64(b[0]) - np.float64(a[0]))


def exponential_added(state, v, k):
    """The same for one element: its own exp is of its dtype, as in the naive body.

    So a maximum is found and exponentials are summed in one read (Milakov, Gimelshein: Online normalizer calculation
    for softmax, 2018).
    """
    if v > state[0] or v != v:
        return v, state[1] * exp(np.float64(state[0]) - np.float64(v)) + 1.0
    if v == state[0]:
        return state[0], state[1] + 1.0
    return state[0], state[1] + np.float64(exp(v - state[0]))


def logarithm(state):
    """The maximum and the logarithm of the sum; infinities and NaN are their own answer."""
    return state[0] + log(state[1]) if state[0] - state[0] == 0 else np.float64(state[0])


SUM = Recipe(widest, zero, added, the_value)
PRODUCT = Recipe(widest, one, multiplied, the_value)
MAXIMUM = Recipe(same, lowest, larger, the_value)
MINIMUM = Recipe(same, highest, smaller, the_value)
ARGMAX = Recipe(same, lowest, first_larger, the_payload, BEHIND_ALL, first_larger_element)
ARGMIN = Recipe(same, highest, first_smaller, the_payload, BEHIND_ALL, first_smaller_element)
ANY = Recipe(truth, zero, either, is_true, as_truth=True)
ALL = Recipe(truth, one, both, is_true, as_truth=True)
LOGSUMEXP = Recipe(same, lowest, exponentials_added, logarithm, np.float64(0.0), exponential_added)
