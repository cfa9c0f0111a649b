"""Derivatives beyond one gradient: Jacobians, Hessians, and products of Hessians with vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numbanet.autodiff.gradients import as_argnums, connected, described, watched
from numbanet.autodiff.tape import GradientTape, check_source
from numbanet.core.structures import flatten, restructure
from numbanet.errors import ArgumentError, GradientError
from numbanet.ops.creation import zeros
from numbanet.ops.shaping import stack
from numbanet.tensor.operators import Operators
from numbanet.tensor.tensor import Tensor, current
from numbanet.typing import Argnums


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the Jacobian of `f`, the derivative of every output by every input.

    It is computed row by row: one backward pass for each number of the output.

    Parameters
    ----------
    f : callable
        Returns a tensor of any shape and a floating dtype, or a list, tuple or dict of them.
    argnums : int or tuple of int
        Which positional arguments to differentiate by: each a floating array-like, or nested dicts, lists, tuples and
        named tuples of them. A list or tuple of numbers alone is one array.

    Returns
    -------
    callable
        Called like `f`; returns the structure of the output, with a derivative in place of each tensor: of shape
        `output.shape + input.shape`, or the structure of the argument, and a tuple of these if `argnums` is one.

    Raises
    ------
    GradientError
        When an input or output is not of a floating dtype, or the function returns something else than tensors.
    ArgumentError
        When `argnums` names an argument that is not there.

    References
    ----------
    Griewank and Walther: Evaluating Derivatives, section 3.2.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.jacobian(lambda x: x * x)(nn.asarray([1.0, 2.0])).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    """
    argnums = as_argnums(argnums)

    def jacobian_of(*args, **options):
        arguments, sources = connected("jacobian", args, argnums)
        with GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(sources)
            value = f(*arguments, **options)
        outputs = flatten(value)
        for output in outputs:
            if not isinstance(output, Operators):
                raise GradientError(f"jacobian: the function must return tensors, got {described(output)}")
            check_source(output)
        tape.check_connected("jacobian: the value of the function depends on none of the arguments", outputs, sources)
        rows = [_derivatives(tape, current(output), sources) for output in outputs]
        return restructure(value, iter([_in_argnums(argnums, row) for row in rows]))

    return jacobian_of


def _in_argnums(argnums, derivatives):
    return tuple(derivatives) if isinstance(argnums, tuple) else derivatives[0]


def _derivatives(tape, output, sources):
    """The derivatives of one tensor, in the structure of `sources`: the gradients of its elements, stacked."""
    rows = []
    for element in range(output.size):
        seed = np.zeros(output.shape, output.dtype)
        seed.reshape(-1)[element] = 1
        rows.append(flatten(tape.differentiate("jacobian", output, sources, seed, constant="ignore")))
    found = []
    for i, source in enumerate(flatten(sources)):
        shape = output.shape + source.shape
        found.append(
            stack([row[i] for row in rows]).reshape(shape) if rows else zeros(shape, source.dtype, source.device)
        )
    return restructure(sources, iter(found))


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the Hessian of `f`, its second derivatives.

    Parameters
    ----------
    f : callable
        Returns a tensor of a floating dtype; of any shape, though most often with one element.
    argnums : int or tuple of int
        Which positional arguments to differentiate by.

    Returns
    -------
    callable
        Called like `f`; returns a tensor of shape `output.shape + input.shape + input.shape`. If `argnums` is a tuple,
        a tuple of tuples of them: by argument i, then by argument j.

    Raises
    ------
    GradientError
        When an input or output is not of a floating dtype, or the function returns something else than tensors.
    ArgumentError
        When `argnums` names an argument that is not there.

    References
    ----------
    Griewank and Walther: Evaluating Derivatives, chapter 7.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.hessian(lambda x: nn.sum(x * x * x))(nn.asarray([1.0, 2.0])).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    return jacobian(jacobian(f, argnums), argnums)


def hvp(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Return a function that computes the product of the Hessian of `f` and a vector, without making the Hessian.

    It costs a few times what `f` does, where the Hessian costs that for each of its rows.

    Parameters
    ----------
    f : callable
        Returns a tensor with one element.
    argnums : int or tuple of int
        Which positional arguments to differentiate by.

    Returns
    -------
    callable
        Called like `f`, with the vector as one more positional argument at the end: of the shape and structure of the
        argument, and a tuple of these if `argnums` is one. So is what it returns.

    Raises
    ------
    GradientError
        When the value has more than one element, or an input is not of a floating dtype.
    ArgumentError
        When `argnums` names an argument that is not there, or the vector does not have the structure of the argument.
    ShapeError
        When the vector does not have the shape of the argument.

    References
    ----------
    Pearlmutter: Fast Exact Multiplication by the Hessian, Neural Computation 6, 1994.

    Examples
    --------
    >>> import numbanet as nn
    >>> nn.hvp(lambda x: nn.sum(x * x * x))(nn.asarray([1.0, 2.0]), [1.0, 10.0]).tolist()
    [6.0, 120.0]
    """
    argnums = as_argnums(argnums)
    gradient_of = watched(f, argnums)

    def product(*args, **options):
        if not args:
            raise ArgumentError("hvp: the vector is missing; give it after the arguments of the function")
        vector = args[-1]
        vectors = list(vector) if isinstance(argnums, tuple) else [vector]
        arguments, sources = connected("hvp", args[:-1], argnums)
        if len(vectors) != len(sources):
            raise ArgumentError(f"hvp: argnums={argnums} needs as many vectors, got {len(vectors)}")
        parts = [_matching(source, v) for source, v in zip(sources, vectors, strict=True)]
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            gradients = flatten(gradient_of("hvp", arguments, options)[1])
        vector = [leaf for part in parts for leaf in part]
        found = tape.differentiate(
            "hvp: the gradient depends on none of the arguments", gradients, sources, vector, constant="zero"
        )
        return _in_argnums(argnums, found)

    return product


def _matching(source, vector):
    """The parts of a vector that belong to the tensors of one argument, in their order."""
    if isinstance(source, Tensor) or source is None:
        return [] if source is None else [vector]
    keys = list(source) if isinstance(source, dict) else range(len(source))
    known = list(vector) if isinstance(vector, dict) else range(len(vector))
    if isinstance(vector, dict) != isinstance(source, dict) or set(known) != set(keys):
        raise ArgumentError(f"hvp: the vector has the parts {list(known)}, its argument {list(keys)}")
    return [leaf for key in keys for leaf in _matching(source[key], vector[key])]
