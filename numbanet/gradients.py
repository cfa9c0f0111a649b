"""Gradients of functions, without a tape in sight."""

from numbanet.errors import ArgumentError, GradientError
from numbanet.ops.declare import REAL, composed, primitive
from numbanet.table import Case
from numbanet.tape import GradientTape
from numbanet.tensor import Tensor, apply, asarray


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
    return Tensor(asarray(x)._array)


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
composed(
    "stop_gradient", stop_gradient, reference=lambda x: x, cases=_ANY_CASE, family="gradient", differentiable=False
)


def value_and_grad(f, argnums=0):
    """A function that returns the value of `f` and its gradient.

    Parameters
    ----------
    f : callable
        Returns a tensor with one element.
    argnums : int or tuple of int
        Which positional arguments to differentiate by.

    Returns
    -------
    callable
        Called like `f`; returns `(value, gradient)`, the gradient a tuple if `argnums` is one.

    Raises
    ------
    GradientError
        When the value has more than one element, or is not floating.
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
    positions = argnums if isinstance(argnums, tuple) else (argnums,)

    def value_and_gradient(*args, **options):
        if any(not -len(args) <= position < len(args) for position in positions):
            raise ArgumentError(f"grad: argnums={argnums} of a call with {len(args)} positional arguments")
        arguments = list(args)
        for position in positions:
            arguments[position] = identity(arguments[position])
        sources = [arguments[position] for position in positions]
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            value = f(*arguments, **options)
        if not isinstance(value, Tensor) or value.size != 1:
            raise GradientError(f"grad: the function must return a tensor with one element, got {value!r}")
        gradients = tape.gradient(value, sources)
        return value, tuple(gradients) if isinstance(argnums, tuple) else gradients[0]

    return value_and_gradient


def grad(f, argnums=0):
    """A function that returns the gradient of `f`.

    Parameters
    ----------
    f : callable
        Returns a tensor with one element.
    argnums : int or tuple of int
        Which positional arguments to differentiate by.

    Returns
    -------
    callable
        Called like `f`; calls can be nested for higher derivatives.

    Raises
    ------
    GradientError
        When the value has more than one element, or is not floating.

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
