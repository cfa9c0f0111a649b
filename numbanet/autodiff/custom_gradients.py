"""Functions that bring their own gradient."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from numbanet.core.context import context
from numbanet.core.structures import flatten, restructure
from numbanet.core.table import Op
from numbanet.errors import GradientError, ShapeError
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import apply, as_tensors, current
from numbanet.typing import ArrayLike

R = TypeVar("R")


def custom_gradient(f: Callable[..., tuple[R, Any]]) -> Callable[..., R]:
    """Make a function whose gradient is the one that it returns, not the one of the operations that it is made of.

    For gradients that are stabler or cheaper than those of the operations, or other ones on purpose.

    Parameters
    ----------
    f : callable
        Takes tensors, and returns `(y, vjp)`: y a tensor, or a list, tuple or dict of them; `vjp(g)` takes the gradient
        of y and returns that of the argument, a list or tuple with one for each if there are several, None where there
        is none. For several tensors in y it takes as many gradients; it is then called once for each of them that is
        used, with zeros for the others.

    Returns
    -------
    callable
        Called like `f`; returns y. Positional arguments become tensors, keyword arguments are passed on as they are.
        Gradients flow to positional arguments alone, not to variables that `f` finds elsewhere. Second derivatives
        follow what `vjp` computes with tensors.

    Raises
    ------
    GradientError
        When `f` does not return `(y, vjp)`, or vjp another number of gradients than there are arguments.
    ShapeError
        When a gradient does not have the shape of its argument.

    References
    ----------
    TensorFlow, tf.custom_gradient; JAX, jax.custom_vjp.

    Examples
    --------
    A softplus whose gradient does not overflow:

    >>> import numbanet as nn
    >>> @nn.custom_gradient
    ... def softplus(x):
    ...     e = nn.exp(x)
    ...     return nn.log(1.0 + e), lambda g: g * (1.0 - 1.0 / (1.0 + e))
    >>> nn.grad(softplus)(100.0).item()
    1.0
    """
    name = getattr(f, "__name__", type(f).__name__)
    op = Op(name, f, forward=lambda y, *_, rule: y, vjp=lambda i, g, y, *inputs, rule: rule(i, g), recordable=True)

    @functools.wraps(f)
    def function(*args: ArrayLike, **options: Any) -> Any:
        tensors = as_tensors(name, args)
        result = f(*tensors, **options)
        if not (isinstance(result, tuple) and len(result) == 2 and callable(result[1])):
            raise GradientError(f"{name}: a function with a custom gradient returns (y, vjp), got {result!r}")
        value, vjp = result
        outputs = [_checked(name, output) for output in flatten(value)]
        rules = [_Rule(name, vjp, tensors, outputs, k) for k in range(len(outputs))]
        results = [apply(op, y, *tensors, rule=rule) for y, rule in zip(outputs, rules, strict=True)]
        return restructure(value, iter(results))

    return function


def _checked(name, output):
    if not isinstance(output, Operators):
        raise GradientError(f"{name}: y of (y, vjp) must be tensors, got {type(output).__name__}")
    return current(output)


class _Rule:
    """The gradients of the arguments by output k of one call; the user's rule runs once for all arguments."""

    only_for_gradients = True
    """What it computes is recorded when a tape asks for it."""

    def __init__(self, name, vjp, inputs, outputs, k):
        self._name, self._vjp, self._inputs, self._outputs, self._k = name, vjp, inputs, outputs, k
        self._last: tuple = (None, None, None)

    def __repr__(self):
        return f"{self._name}'s own gradient"  # the same for each call: a trace compares it

    def __call__(self, i, g):
        """The gradient of input i of the entry on the tape; its input 0 is y itself, through which nothing flows."""
        if i == 0:
            return None
        known, listeners, found = self._last
        if known is not g or listeners != context.listeners:  # another tape may have to record it anew
            found = self._gradients(g)
            self._last = (g, context.listeners, found)
        return found[i - 1]

    def _gradients(self, g):
        given = [g if j == self._k else y.zeros_like() for j, y in enumerate(self._outputs)]
        found = self._vjp(*given)
        found = list(found) if isinstance(found, (list, tuple)) else [found]
        if len(found) != len(self._inputs):
            raise GradientError(
                f"{self._name}: its vjp returned {len(found)} gradients for {len(self._inputs)} arguments"
            )
        return [self._fitting(i, one) for i, one in enumerate(found)]

    def _fitting(self, i, gradient):
        if gradient is None:
            return None
        own = self._inputs[i]
        gradient = as_tensors(self._name, [gradient])[0]
        if gradient.shape != own.shape:
            raise ShapeError(
                f"{self._name}: the gradient of argument {i} has shape {gradient.shape}, the argument {own.shape}"
            )
        return gradient
