"""Calls of layers and models with symbolic tensors: built at once, shapes learnt from a call of a copy with zeros."""

from __future__ import annotations

from typing import Any

from numbanet.core.context import context, undisturbed
from numbanet.core.random import as_generator
from numbanet.core.structures import flatten, restructure
from numbanet.errors import ArgumentError
from numbanet.layers.calls import build_held, building, outputs_apart, samples_like, training_of
from numbanet.layers.open_sizes import affordable, filled, is_open, tried
from numbanet.layers.symbolic import Call, SymbolicTensor, checked_rows, symbols_in

SAMPLES = 2
"""How many samples the zeros have from which shapes are learnt."""


@undisturbed
def symbolic_call(
    module: Any, arguments: Any, training: bool | None = None, rng: Any = None, mask: Any = None, given: Any = None
) -> Any:
    """Call a layer or model with symbolic tensors: it is built, and the call is remembered.

    Parameters
    ----------
    module : Module
    arguments : Symbolic, or nested lists, tuples and dicts of them
    training : bool, optional
        With what it is called in the model; otherwise what the model is called with.
    rng, mask : None
        Are for calls with data.
    given : dict, optional
        Other arguments of the call, plain data.

    Returns
    -------
    SymbolicTensor, or nested lists, tuples and dicts of them

    Raises
    ------
    ShapeError
        When it does not fit the shapes.
    ArgumentError
        When something among the arguments is not symbolic.
    """
    if mask is not None:
        raise ArgumentError(
            f"{module.name}: mask is for calls with data; in a model, layers such as nn.layers.Masking make masks"
        )
    symbols = symbols_in(module.name, arguments)
    if rng is not None:
        raise ArgumentError(f"{module.name}: rng is for calls with data; give it to the model")
    options = ({} if training is None else {"training": training_of(module, training)}) | (given or {})
    call = Call(module, arguments, options)
    result, shapes = _learnt(module, arguments, symbols, options)
    generator = next((one.rng for one in symbols if one.rng is not None), None)
    _build(module, arguments, symbols, generator)
    many = len(shapes) > 1
    outputs = [
        _symbol(call, shape, one.dtype, f"_{i}" if many else "", generator)
        for i, (one, shape) in enumerate(zip(flatten(result), shapes, strict=True))
    ]
    call.outputs = restructure(result, iter(outputs))
    vars(module)["_calls_made"] = (*(vars(module).get("_calls_made") or ()), call)
    return call.outputs


def _learnt(module, arguments, symbols, options):
    """Return what a copy gives for zeros, and the shapes, open where they depend on open sizes."""
    shapes, results = [one.shape for one in symbols], list[Any]()

    def shapes_with(*sizes):
        zeros = [[samples_like(filled(one.shape, size), one.dtype) for one in symbols] for size in sizes]
        results[:] = outputs_apart(module, [restructure(arguments, iter(one)) for one in zeros], **options)[0]
        return [[one.shape for one in flatten(result)] for result in results]

    if not is_open(shapes):
        (found,) = shapes_with(0)
    else:
        found = tried(module.name, shapes_with, shapes[0] if len(shapes) == 1 else shapes, affordable(shapes))
    return results[0], found


def _symbol(call, shape, dtype, suffix, generator):
    shape = checked_rows(call.module.name, shape, SAMPLES)
    found = SymbolicTensor(shape, dtype, f"{call.module.name}{suffix}")
    found.call_of, found.rng = call, generator
    return found


def _build(module, arguments, symbols, generator):
    """Make the weights that are not there yet."""
    shapes = restructure(arguments, iter([one.shape for one in symbols]))
    dtypes = restructure(arguments, iter([one.dtype for one in symbols]))
    if not hasattr(module, "ensure_built"):
        with building(as_generator(context.rng if generator is None else generator), context.values):
            build_held(module, shapes, dtypes)
        return
    module.ensure_built(shapes, generator, dtype=dtypes)
