"""Checking gradients: what the library's own tests use, for ops and layers of your own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numbanet.autodiff.tape import GradientTape
from numbanet.core.checks import as_integer, as_number
from numbanet.core.dtypes import is_float
from numbanet.core.missing import only
from numbanet.core.structures import flatten
from numbanet.errors import ArgumentError, GradientError
from numbanet.tensor.operators import values_of
from numbanet.tensor.tensor import asarray, put

__all__ = ["check_grad"]

LEVELS = 6
"""The maximum number of times that the step of the differences is halved."""


def check_grad(
    function: Callable[..., Any],
    *inputs: Any,
    order: int = 1,
    step: float = 2**-6,
    rtol: float = 1e-8,
    atol: float = 1e-8,
) -> None:
    """Compare the derivatives of `function` with extrapolated differences, in float64, element by element.

    Central differences with steps that are halved are extrapolated to the step zero, until two extrapolations agree.
    If a function is smooth within `step`, their error is about 1e-10, compared with 1e-6 for plain differences.

    Parameters
    ----------
    function : callable
        Takes tensors, returns one tensor of any shape, or a list or tuple of them.
    *inputs : array-like
        Points at which the function is smooth. Floating ones are converted to float64 and differentiated, others are
        passed on.
    order : {1, 2}
        2 checks the second derivatives as well: those of the gradient by every input and by the incoming gradient.
    step : float
        Half the distance of the first two evaluations: the function must be smooth that far from the inputs.
    rtol, atol : float
        How far a derivative may be from the differences.

    Raises
    ------
    GradientError
        When derivative and differences disagree; names the function, the input and the index.
    ArgumentError
        When `order` is neither 1 nor 2.

    References
    ----------
    Ridders: Accurate computation of F'(x) and F'(x) F''(x), Advances in Engineering Software 4, 1982; Press et al.:
    Numerical Recipes, section 5.7.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.testing.check_grad(lambda x: nn.sum(x * x), [1.0, 2.0], order=2)
    """
    if not callable(function):
        raise ArgumentError(f"check_grad: needs a function, got {type(function).__name__}")
    if as_integer("check_grad: order", order) not in (1, 2):
        raise ArgumentError(f"check_grad: order must be 1 or 2, got {order!r}")
    given = {"step": step, "rtol": rtol, "atol": atol}
    step, rtol, atol = (as_number(f"check_grad: {name}", value, 0) for name, value in given.items())
    arrays = [np.array(values_of(asarray(x))) for x in inputs]
    arrays = [x.astype(np.float64) if is_float(x.dtype) else x for x in arrays]
    name = getattr(function, "__name__", type(function).__name__)
    names = [f"input {i}" for i in range(len(arrays))]
    weights = _check_first(function, arrays, f"check_grad of {name}", names, step, rtol, atol)
    if order == 2:
        gradient = _gradient_of(function, arrays)
        names += [f"incoming gradient {i}" for i in range(len(weights))]
        _check_first(gradient, arrays + weights, f"check_grad of the gradient of {name}", names, step, rtol, atol)


def _gradient_of(function, arrays):
    """The gradients of `function` as a function of its inputs and of the incoming gradients."""
    count, floating = len(arrays), _floating(arrays)

    def gradient(*args):
        xs = args[:count]
        with GradientTape() as tape:
            tape.watch([xs[i] for i in floating])
            y = flatten(function(*xs))
        return tape.gradient(y, [xs[i] for i in floating], output_gradients=list(args[count:]))

    return gradient


def _floating(arrays):
    return [i for i, x in enumerate(arrays) if is_float(x.dtype)]


def _check_first(function, arrays, who, names, step, rtol, atol):
    """Check the first derivatives of the weighted sum of what `function` returns; returns the weights."""
    tensors, floating = [put(x) for x in arrays], _floating(arrays)
    with GradientTape() as tape:
        tape.watch([tensors[i] for i in floating])
        outputs = flatten(function(*tensors))
    rng = np.random.default_rng(0)
    weights = [rng.uniform(0.5, 1.5, y.shape) for y in outputs]
    gradients = tape.gradient(outputs, [tensors[i] for i in floating], output_gradients=weights)
    for i, gradient in zip(floating, gradients, strict=True):
        found = gradient.numpy()
        if found.shape != arrays[i].shape:
            raise GradientError(f"{who}: {names[i]} has shape {arrays[i].shape}, its gradient {found.shape}")
        for index in np.ndindex(*arrays[i].shape):
            tolerance = atol + rtol * abs(found[index])

            def difference(h, i=i, index=index):
                return _central_difference(function, arrays, i, index, h, weights)

            expected, error = _extrapolated(difference, step, tolerance / 8)
            if not abs(found[index] - expected) <= tolerance:
                raise GradientError(
                    f"{who}: {names[i]} at index {index}: the derivative is {found[index]:.12g}, "
                    f"differences give {expected:.12g}, which err by about {error:.1g}"
                )
    return weights


def _extrapolated(difference, step, wanted):
    """The limit of central differences as the step goes to zero, and about how much it errs: Ridders' method.

    The error of a central difference is a series in h ** 2; each column of the tableau removes one more term.
    """
    row, best, error = [difference(step)], np.nan, np.inf
    for _ in range(LEVELS):
        step, power, above, row = step / 2, 1.0, row, [difference(step / 2)]
        for coarser in above:
            power *= 4
            row.append((power * row[-1] - coarser) / (power - 1))
            change = max(abs(row[-1] - row[-2]), abs(row[-1] - coarser))
            if change <= error:
                best, error = row[-1], change
        if error <= wanted:
            break
    return best, error


def _central_difference(function, arrays, i, index, step, weights):
    """The difference of the weighted outputs; what does not change cancels before it is summed."""
    values, places = [], []
    for sign in (1, -1):
        moved = [x.copy() if k == i else x for k, x in enumerate(arrays)]
        moved[i][index] += sign * step
        places.append(moved[i][index])
        values.append([y.numpy() for y in flatten(function(*[put(x) for x in moved]))])
    total = sum(float(np.sum((up - down) * w)) for up, down, w in zip(*values, weights, strict=True))
    return total / (places[0] - places[1])


if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.testing", __all__, {})
