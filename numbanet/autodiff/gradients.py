"""Gradients of functions, without a tape in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, overload

import numpy as np

from numbanet.autodiff.tape import GradientTape
from numbanet.core.checks import is_integer
from numbanet.core.dtypes import DEFAULT_FLOAT, FLOAT64
from numbanet.core.structures import flatten, restructure
from numbanet.core.table import Case
from numbanet.errors import ArgumentError, GradientError
from numbanet.ops.declare import REAL, primitive
from numbanet.tensor.foreign import is_sparse, sparse_gradient
from numbanet.tensor.lists import Contents, is_list
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, apply, asarray
from numbanet.typing import Argnums, ArrayLike, SupportsArray


def identity(x: ArrayLike) -> Tensor:
    """Return the same values as a tensor of its own, connected to `x`: one argument given twice is two sources.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Sharing the memory of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    Griewank and Walther: Evaluating Derivatives, section 3.2.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.identity(2.0)
    Tensor(2., shape=(), dtype=float32)
    """
    return apply(_identity, x)


def stop_gradient(x: ArrayLike) -> Tensor:
    """Return the same values, through which no gradient flows.

    Parameters
    ----------
    x : array-like
        Any shape and dtype.

    Returns
    -------
    Tensor
        Sharing the memory of `x`.

    Raises
    ------
    DTypeError
        When the dtype is not supported.

    References
    ----------
    TensorFlow, tf.stop_gradient.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.grad(lambda x: x * nn.stop_gradient(x))(3.0).item()
    3.0
    """
    return apply(_stop_gradient, x)


_ANY_CASE = (Case((REAL,)),)
_identity = primitive(
    "identity",
    identity,
    lambda x: x,
    vjp=(lambda g, y, x: g,),
    reference=lambda x: x,
    cases=_ANY_CASE,
    family="gradient",
)
_stop_gradient = primitive(
    "stop_gradient", stop_gradient, lambda x: x, reference=lambda x: x, cases=_ANY_CASE, family="gradient"
)


class Gradient(Protocol):
    """The gradient by the first argument: a tensor for a tensor, the structure of the argument otherwise."""

    @overload
    def __call__(self, x: SupportsArray | float, /, *args: Any, **options: Any) -> Tensor: ...
    @overload
    def __call__(self, *args: Any, **options: Any) -> Any: ...


class ValueAndGradient(Protocol):
    """The value, and the gradient by the first argument."""

    @overload
    def __call__(self, x: SupportsArray | float, /, *args: Any, **options: Any) -> tuple[Tensor, Tensor]: ...
    @overload
    def __call__(self, *args: Any, **options: Any) -> tuple[Tensor, Any]: ...


@overload
def value_and_grad(f: Callable[..., Any], argnums: Literal[0] = 0) -> ValueAndGradient: ...
@overload
def value_and_grad(f: Callable[..., Any], argnums: Argnums) -> Callable[..., tuple[Tensor, Any]]: ...
def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Tensor, Any]]:
    """Return a function that computes the value of `f` and its gradient.

    Parameters
    ----------
    f : callable
        Returns a tensor with one element.
    argnums : int or tuple of int
        Which positional arguments to differentiate by: each a floating array-like, or nested dicts, lists, tuples and
        named tuples of them. A list or tuple of numbers alone is one array.

    Returns
    -------
    callable
        Called like `f`; returns `(value, gradient)`. The gradient has the structure of the argument, and is a tuple
        with one for each argument if `argnums` is one.

    Raises
    ------
    GradientError
        When the value has more than one element, or it or an input is not floating.
    ArgumentError
        When `argnums` names an argument that is not there.

    References
    ----------
    Baydin et al.: Automatic Differentiation in Machine Learning: a Survey, 2018, section 3.2.

    Examples
    --------
    >>> import numbanet as nn
    >>> value, gradient = nn.value_and_grad(lambda x: nn.sum(x * x))(nn.asarray([1.0, 2.0]))
    >>> value.item(), gradient.tolist()
    (5.0, [2.0, 4.0])
    """
    places = as_argnums(argnums)
    gradient_of = watched(f, places)

    def value_and_gradient(*args: Any, **options: Any) -> tuple[Tensor, Any]:
        value, gradients = gradient_of("grad", args, options)
        return value, tuple(gradients) if isinstance(places, tuple) else gradients[0]

    return value_and_gradient


def watched(f, argnums):
    """`g(who, args, options)` that calls `f` and returns (value, gradients): one per argument of `argnums`."""

    def value_and_gradients(who, args, options):
        arguments, sources = connected(who, args, argnums)
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            value = f(*arguments, **options)
        if not isinstance(value, Tensor) or value.size != 1:
            raise GradientError(f"{who}: the function must return a tensor with one element, got {described(value)}")
        constant = "zero" if who == "hvp" else "raise"
        return value, tape.differentiate(
            f"{who}: the value of the function depends on none of the arguments", value, sources, constant=constant
        )

    return value_and_gradients


def described(value):
    """What a function has returned, for an error; numbers and arrays are what NumPy and Python compute."""
    if isinstance(value, (np.ndarray, np.generic, float, int)):
        kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
        return f"{value!r} of type {kind}: nothing is recorded of what NumPy and Python compute"
    return repr(value)


def as_argnums(argnums):
    """`argnums` as an int or a tuple of int."""
    several = isinstance(argnums, (tuple, list))
    if not (argnums if several else True) or not all(map(is_integer, argnums if several else [argnums])):
        raise ArgumentError(f"argnums must be an int or a tuple of int, got {argnums!r}")
    return tuple(map(int, argnums)) if several else int(argnums)


def connected(who, args, argnums):
    """The arguments with tensors of their own in the places of `argnums`, and those: what is differentiated by."""
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    if any(not -len(args) <= position < len(args) for position in positions):
        raise ArgumentError(f"{who}: argnums={argnums} of a call with {len(args)} positional arguments")
    if len({position % len(args) for position in positions}) != len(positions):
        raise ArgumentError(f"{who}: argnums={argnums} name one of {len(args)} arguments twice")
    arguments = list(args)
    leaves = [leaf for argument in args for leaf in (flatten(argument) if is_structure(argument) else [argument])]
    arrays = [leaf for leaf in leaves if isinstance(leaf, (Operators, np.ndarray, np.generic))]
    dtype = DEFAULT_FLOAT if all(leaf.dtype != FLOAT64 for leaf in arrays) else FLOAT64  # what numbers will meet
    for position in positions:
        arguments[position] = _followable(arguments[position], dtype)
    return arguments, [arguments[position] for position in positions]


def _followable(argument, dtype):
    """An argument as a tensor of its own, or its structure with such tensors in place of the leaves.

    Lists and tuples of numbers alone are one array, as everywhere.
    """
    if is_structure(argument):
        leaves = [_followable(leaf, dtype) for leaf in flatten(argument)]
        return restructure(argument, iter(leaves))
    if is_sparse(argument):
        raise sparse_gradient(argument)
    if is_list(argument):
        contents = Contents(argument)
        return identity(asarray(argument, dtype) if contents.floats else argument)
    return identity(asarray(argument, dtype) if type(argument) is float else argument)


_NUMBERS = {bool, int, float}


def is_structure(argument):
    """Whether an argument is a tree of arrays and numbers: not one of them, nor a list that has only numbers."""
    if isinstance(argument, dict) or hasattr(argument, "_fields"):
        return True
    if not isinstance(argument, (list, tuple)) or _NUMBERS.issuperset(map(type, argument)):
        return False
    return any(part is None or isinstance(part, (Operators, np.ndarray)) or is_structure(part) for part in argument)


@overload
def grad(f: Callable[..., Any], argnums: Literal[0] = 0) -> Gradient: ...
@overload
def grad(f: Callable[..., Any], argnums: Argnums) -> Callable[..., Any]: ...
def grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the gradient of `f`.

    Parameters
    ----------
    f : callable
        Returns a tensor with one element.
    argnums : int or tuple of int
        Which positional arguments to differentiate by: each a floating array-like, or nested dicts, lists, tuples and
        named tuples of them. A list or tuple of numbers alone is one array.

    Returns
    -------
    callable
        Called like `f`; returns the gradient in the structure of the argument, or a tuple with one for each if
        `argnums` is one. Calls can be nested for higher derivatives.

    Raises
    ------
    GradientError
        When the value has more than one element, or it or an input is not floating.

    References
    ----------
    Baydin et al.: Automatic Differentiation in Machine Learning: a Survey, 2018, section 3.2.

    Examples
    --------
    >>> import numbanet as nn
    >>> cube = lambda x: x * x * x
    >>> nn.grad(nn.grad(cube))(2.0).item()
    12.0
    """
    with_value = value_and_grad(f, argnums)

    def gradient(*args: Any, **options: Any) -> Any:
        return with_value(*args, **options)[1]

    return gradient
