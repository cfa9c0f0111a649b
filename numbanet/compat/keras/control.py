"""The functions of `keras.ops` that choose and repeat calls: in Python, each call when it is reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numbanet.core.checks import as_integer, as_list
from numbanet.errors import ArgumentError, ShapeError
from numbanet.ops import arranging
from numbanet.ops.shaping import stack
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.typing import ArrayLike, Integer


def cond(pred: ArrayLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Call one of two functions, depending on a condition.

    Parameters
    ----------
    pred : array-like of one element
        The condition; of dtypes other than bool, everything but 0 is true.
    true_fn, false_fn : callable
        What to call, without arguments, if it is true, and if it is not. The other one is not called.

    Returns
    -------
    object
        What the function returned.

    Raises
    ------
    ShapeError
        When the condition has more or fewer than one element.
    DTypeError
        When its dtype is not supported.

    References
    ----------
    Keras 3, keras.ops.cond.

    Examples
    --------
    >>> import numbanet as nn
    >>> x = nn.asarray(3.0)
    >>> nn.ops.cond(x > 0, lambda: x, lambda: -x)
    Tensor(3., shape=(), dtype=float32)
    """
    for name, one in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(one):
            raise ArgumentError(f"cond: {name} must be a function without arguments, got {type(one).__name__}")
    return true_fn() if bool(asarray(pred)) else false_fn()


def switch(index: Integer, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Call one of several functions, chosen by its position.

    Parameters
    ----------
    index : int
        Which function: below 0 means the first, beyond the end the last.
    branches : sequence of callable
        The functions, at least one.
    *operands : object
        What to call it with.

    Returns
    -------
    object
        What the function returned.

    Raises
    ------
    ArgumentError
        When `index` is not an integer, or there are no functions.

    References
    ----------
    Keras 3, keras.ops.switch.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.switch(1, [lambda v: v, lambda v: -v], 5)
    -5
    """
    at, functions = as_integer("switch: index", index), as_list("switch: branches", branches)
    if not functions:
        raise ArgumentError("switch: needs at least one function to choose from")
    wrong = [one for one in functions if not callable(one)]
    if wrong:
        raise ArgumentError(f"switch: branches must be functions, got {type(wrong[0]).__name__}")
    return functions[min(max(at, 0), len(functions) - 1)](*operands)


def fori_loop(lower: Integer, upper: Integer, body_fun: Callable[[int, Any], Any], init_val: Any) -> Any:
    """Call a function for each integer of a range, each time with what it returned before.

    Parameters
    ----------
    lower, upper : int
        The range, from `lower` to `upper - 1`.
    body_fun : callable
        `f(i, value)`, which returns the next value.
    init_val : object
        The first value.

    Returns
    -------
    object
        What the last call returned; `init_val` for an empty range.

    Raises
    ------
    ArgumentError
        When `lower` or `upper` is not an integer.

    References
    ----------
    Keras 3, keras.ops.fori_loop.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.fori_loop(0, 3, lambda i, total: total + i, 0)
    3
    """
    value = init_val
    for i in range(as_integer("fori_loop: lower", lower), as_integer("fori_loop: upper", upper)):
        value = body_fun(i, value)
    return value


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: Integer | None = None
) -> Any:
    """Call a function as long as a condition holds, each time with what it returned before.

    Parameters
    ----------
    cond : callable
        `f(*values)`, which returns an array-like of one element: whether to go on.
    body : callable
        `f(*values)`, which returns the next values: a tuple or list of them, or a single one.
    loop_vars : object, or tuple or list of object
        The first values.
    maximum_iterations : int, optional
        The most calls of `body`; None sets no limit.

    Returns
    -------
    object, or tuple of object
        The last values, a tuple if `loop_vars` is a tuple or list.

    Raises
    ------
    ArgumentError
        When `maximum_iterations` is not an integer, or is negative.
    ShapeError
        When the condition has more or fewer than one element.

    References
    ----------
    Keras 3, keras.ops.while_loop.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.while_loop(lambda v: v < 10, lambda v: v * 2, nn.asarray(3))
    Tensor(12, shape=(), dtype=int64)
    """
    several = isinstance(loop_vars, (tuple, list))
    values = tuple(loop_vars) if several else (loop_vars,)
    left = -1 if maximum_iterations is None else as_integer("while_loop: maximum_iterations", maximum_iterations, low=0)
    while left and bool(asarray(cond(*values))):
        found = body(*values)
        values = tuple(found) if isinstance(found, (tuple, list)) else (found,)
        left -= 1
    return values if several else values[0]


def map(f: Callable[[Tensor], ArrayLike], xs: ArrayLike) -> Tensor:
    """Call a function for each part of an array along its first dimension, and stack what it returns.

    Parameters
    ----------
    f : callable
        From a Tensor to an array-like, of the same shape for each part.
    xs : array-like, (n, ...)
        Any dtype; n at least 1.

    Returns
    -------
    Tensor
        Of shape (n, ...). Gradients flow through it.

    Raises
    ------
    ShapeError
        When `xs` has no parts, or the results differ in shape.

    References
    ----------
    Keras 3, keras.ops.map.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.ops.map(lambda row: nn.sum(row), [[1, 2], [3, 4]])
    Tensor([3, 7], shape=(2,), dtype=int64)
    """
    x = asarray(xs)
    if not x.ndim or not x.shape[0]:
        raise ShapeError(f"map: needs an array with parts, got shape {x.shape}")
    return stack([f(part) for part in arranging.unstack(x)])
