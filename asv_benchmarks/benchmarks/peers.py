"""Operations of the table in other libraries: found by name, and taken only where they compute the same numbers."""

import functools
import warnings

import numpy as np

import numbanet as nn

from .internals import NUMPY_FUNCTIONS

PEERS = ("NumPy", "PyTorch", "JAX", "MyGrad")
ALIASES = {
    "PyTorch": {"permute_dims": "permute", "matrix_transpose": "t", "bitwise_invert": "bitwise_not", "expand_dims":
                "unsqueeze", "take_along_axis": "take_along_dim", "cumulative_sum": "cumsum", "cumulative_prod":
                "cumprod", "copysign": "copysign", "norm": "norm", "repeat": "repeat_interleave", "outer": "outer"},
    "JAX": {"abs": "abs", "cumulative_sum": "cumsum", "cumulative_prod": "cumprod"},
    "MyGrad": {"pow": "power", "concat": "concatenate", "permute_dims": "transpose", "asin": "arcsin",
               "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh", "acosh": "arccosh",
               "atanh": "arctanh", "cumulative_sum": "cumsum", "cumulative_prod": "cumprod"},
}  # fmt: skip
"""Names that differ from ours."""


def numpy_function(op):
    """NumPy's function of an operation, else what the table has as its reference: NumPy by hand."""
    own = [theirs for theirs, ours in NUMPY_FUNCTIONS.items() if ours is op.function]
    return own[0] if own else op.reference


def named(modules, library, op):
    """The first function that has the operation's name."""
    name = ALIASES.get(library, {}).get(op.name, op.name)
    return next((getattr(module, name) for module in modules if hasattr(module, name)), None)


def torch_function(op):
    """PyTorch's function, or None."""
    import torch

    return named((torch, torch.nn.functional, torch.special), "PyTorch", op)


def jax_function(op):
    """JAX's function, or None."""
    import jax

    jax.config.update("jax_enable_x64", True)
    return named((jax.numpy, jax.nn, jax.scipy.special), "JAX", op)


def mygrad_function(op):
    """MyGrad's function, or None."""
    import mygrad
    from mygrad import nnet

    return named((mygrad, nnet.activations), "MyGrad", op)


FUNCTIONS = {"NumPy": numpy_function, "PyTorch": torch_function, "JAX": jax_function, "MyGrad": mygrad_function}


def array_maker(library):
    """What makes an array of a library from one of NumPy."""
    if library == "PyTorch":
        import torch

        return torch.from_numpy
    if library == "JAX":
        import jax.numpy

        return jax.numpy.asarray
    if library == "MyGrad":
        import mygrad

        return functools.partial(mygrad.tensor, constant=True)
    return np.asarray if library == "NumPy" else nn.asarray


def with_arrays(library, arguments):
    """The arguments with arrays of a library, those in lists as well."""
    make = array_maker(library)
    return [
        make(x) if isinstance(x, np.ndarray) else with_arrays(library, x) if isinstance(x, list) else x
        for x in arguments
    ]


def call_of(library, op, arguments, params):
    """An operation as a function without arguments, which computes a new array.

    Raises
    ------
    NotImplementedError
        When the library is not installed, has no such function, or computes something else.
    """
    ours = functools.partial(op.function, *with_arrays("numbanet", arguments), **params)
    if library.startswith("numbanet"):
        return ours
    try:
        function = FUNCTIONS[library](op)
        params = {name: value for name, value in params.items() if value is not None and value is not False}
        call = called(library, function, with_arrays(library, arguments), params)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # libraries tell of NaN and overflow, which are compared as they are
            same = function is not None and alike(call(), ours())
    except Exception as error:  # other arguments than ours: a function that is not the same one
        raise NotImplementedError(f"{library}: {error}") from None
    if not same:
        raise NotImplementedError(f"{library} has no {op.name} that computes the same")
    return call


def called(library, function, arguments, params):
    """The call itself; JAX compiles it, and is waited for."""
    if library != "JAX":
        return functools.partial(function, *arguments, **params)
    import jax

    arrays = [x for x in jax.tree.leaves(arguments) if isinstance(x, jax.Array)]
    if not arrays:  # sizes alone: nothing to compile for
        return lambda: jax.block_until_ready(function(*arguments, **params))
    static = [i for i, x in enumerate(arguments) if not any(isinstance(y, jax.Array) for y in jax.tree.leaves(x))]
    compiled = jax.jit(functools.partial(function, **params), static_argnums=static)
    return lambda: jax.block_until_ready(compiled(*arguments))


def alike(found, expected):
    """Whether two results are the same arrays, to four digits."""
    if isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(alike, found, expected))
    found, expected = np.asarray(found), np.asarray(expected)
    return found.shape == expected.shape and np.allclose(found, expected, 1e-4, 1e-4, equal_nan=True)
