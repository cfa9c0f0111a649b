"""Gradients of functions, without a tape in sight."""

import numpy as np

from numbanet.errors import ArgumentError, GradientError
from numbanet.operators import Operators
from numbanet.ops.declare import REAL, primitive
from numbanet.structures import flatten, restructure
from numbanet.table import Case
from numbanet.tape import GradientTape
from numbanet.tensor import Tensor, apply


def identity(x):
    """The same values as a tensor of its own, connected to `x`: one argument given twice is two sources.

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


def stop_gradient(x):
    """The same values, through which no gradient flows.

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


def value_and_grad(f, argnums=0):
    """A function that returns the value of `f` and its gradient.

    Parameters
    ----------
    f : callable
        Returns a tensor with one element.
    argnums : int or tuple of int
        Which positional arguments to differentiate by; each a floating array-like, or a list, tuple or dict of tensors.

    Returns
    -------
    callable
        Called like `f`; returns `(value, gradient)`, the gradient a tuple if `argnums` is one.

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
    gradient_of = watched(f, argnums)

    def value_and_gradient(*args, **options):
        value, gradients = gradient_of("grad", args, options)
        return value, tuple(gradients) if isinstance(argnums, tuple) else gradients[0]

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


def positions_of(argnums):
    """`argnums` as a tuple of int."""
    positions = argnums if isinstance(argnums, tuple) else (argnums,)
    if not positions or not all(isinstance(position, int) for position in positions):
        raise ArgumentError(f"argnums must be an int or a tuple of int, got {argnums!r}")
    return positions


def connected(who, args, argnums):
    """The arguments with tensors of their own in the places of `argnums`, and those: what is differentiated by."""
    positions = positions_of(argnums)
    if any(not -len(args) <= position < len(args) for position in positions):
        raise ArgumentError(f"{who}: argnums={argnums} of a call with {len(args)} positional arguments")
    arguments = list(args)
    for position in positions:
        argument = arguments[position]
        leaves = flatten(argument)
        if len(leaves) and any(isinstance(leaf, (Operators, np.ndarray)) for leaf in leaves):
            arguments[position] = restructure(argument, iter([identity(leaf) for leaf in leaves]))
        else:
            arguments[position] = identity(argument)  # nested lists of numbers are one array
    return arguments, [arguments[position] for position in positions]


def grad(f, argnums=0):
    """A function that returns the gradient of `f`.

    Parameters
    ----------
    f : callable
        Returns a tensor with one element.
    argnums : int or tuple of int
        Which positional arguments to differentiate by; each a floating array-like, or a list, tuple or dict of tensors.

    Returns
    -------
    callable
        Called like `f`; calls can be nested for higher derivatives.

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

    def gradient(*args, **options):
        return with_value(*args, **options)[1]

    return gradient
