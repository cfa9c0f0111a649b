"""What the comparisons with Keras 3 share: layers with the same weights, gradients by JAX, arguments and defaults."""

from __future__ import annotations

import inspect
import re

import jax
import keras
import numpy as np

import numbanet as nn
from tests.parity.common import Result, as_called, listed

jax.config.update("jax_disable_most_optimizations", True)  # most of the time goes into compiling

LEFT_OUT = {"self", "kwargs", "seed", "use_cudnn", "weights", "name", "dtype"}
"""Arguments that numbanet has in another form (one generator draws all numbers of a run), or that all layers take."""


def with_same_weights(ours, theirs, args, draw, paths=True):
    """Build a layer of either library by a call; give both weights that `draw(shape)` returns.

    AssertionError unless names (where `paths`), shapes and what is trained are the same.
    """
    for layer in (ours, theirs):
        layer(*args)
    return give_weights(ours, theirs, draw, paths)


def give_weights(ours, theirs, draw, paths=True):
    """Give two layers or models that are built weights that `draw(shape)` returns, as `with_same_weights` does."""
    names = [re.sub(r"_\d+/", "/", w.path) for w in theirs.weights]  # Keras numbers layers over the whole process
    assert not paths or [w.name for w in ours.weights] == names, ([w.name for w in ours.weights], names)
    for get in (lambda w: tuple(w.shape), lambda w: w.trainable):
        one, other = ([get(w) for w in layer.weights] for layer in (ours, theirs))
        assert one == other, (one, other)
    values = [np.asarray(draw(w.shape), w.dtype) for w in ours.weights]
    ours.set_weights(values)
    theirs.set_weights(values)
    return values


def gradients_of_keras(layer, args, factors, as_list=False, **options):
    """Return the outputs of a layer of Keras, and the gradients of their weighted sum.

    Parameters
    ----------
    args : list of array
        What the layer is called with; gradients are taken by those that are floats.
    factors : list of array
        One for each output.
    """
    floats = [i for i, one in enumerate(args) if np.issubdtype(one.dtype, np.floating)]

    def loss(inputs, trainable):
        given = [*args]
        for i, one in zip(floats, inputs, strict=True):
            given[i] = one
        fixed = [v.value for v in layer.non_trainable_variables]
        y, _ = layer.stateless_call(trainable, fixed, *as_called(given, as_list), **options)
        y = listed(y)
        return sum(jax.numpy.sum(one * factor) for one, factor in zip(y, factors, strict=True)), y

    trainable = [v.value for v in layer.trainable_variables]
    (_, y), (by_inputs, by_weights) = jax.value_and_grad(loss, (0, 1), has_aux=True)(
        [args[i] for i in floats], trainable
    )
    return [*y, *by_inputs, *by_weights]


def arguments(
    name: str, not_taken: tuple[str, ...] = (), in_order: bool = True, group: str = "layers",
    own_defaults: tuple[str, ...] = (),
) -> Result:  # fmt: skip
    """Compare the arguments of a layer, loss or metric, their order and their defaults but for some."""
    kinds = (getattr(getattr(one, group), name) for one in (nn, keras))
    ours, theirs = (inspect.signature(kind.__init__).parameters for kind in kinds)
    wanted = [one for one in theirs if one not in LEFT_OUT]
    found = [one for one in ours if one in wanted]
    wanted = [one for one in wanted if one not in not_taken]
    same = found == wanted if in_order else sorted(found) == sorted(wanted)
    told = [] if same else [f"arguments {found}, Keras has {wanted}"]
    for one in found:
        mine, other = ours[one].default, theirs[one].default
        if isinstance(other, tuple) and {*other} == {mine}:  # one number stands for all axes
            other = mine
        if mine == "zeros" and other == "Zeros":  # two names that Keras has for one initializer
            other = mine
        if other is not inspect.Parameter.empty and mine != other and one not in own_defaults:
            told.append(f"{one}={mine!r}, Keras has {other!r}")
    difference = np.inf if told else 0.0
    return Result("Keras", name, "arguments and defaults", difference, told="; ".join(told), kind=group)
