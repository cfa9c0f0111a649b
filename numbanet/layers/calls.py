"""What the calls of layers inside layers share, and calls that change nothing, from which shapes are learnt."""

import contextlib
import functools

import numpy as np

from numbanet.core.checks import as_flag
from numbanet.core.context import context, setting, undisturbed
from numbanet.layers.inputs import checked_shapes, is_shape, mapped
from numbanet.layers.module import first_weight, modules_of, twin
from numbanet.layers.open_sizes import affordable, filled, is_open, joined, tried
from numbanet.tensor.devices import device
from numbanet.tensor.tensor import asarray


class calling:
    """What the layers inside get while a module is called, and which call of the outermost one it belongs to.

    A class, which costs a third of what `contextlib.contextmanager` does, at each call of a layer. It writes past
    `context.__setattr__`, which has nothing to tell of these three and would cost as much again as the rest.
    """

    __slots__ = ("_here", "_outer")

    def __init__(self, module, training, rng):
        here = self._here = vars(context)
        self._outer = context.training, context.rng, context.call
        here["training"], here["rng"] = training, rng
        here["call"] = vars(module)["_last_call"] = self._outer[2] or object()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        here = self._here
        here["training"], here["rng"], here["call"] = self._outer


def training_of(module, training):
    """Return whether a module is called for training: as the module around it, if `training` is None."""
    if training is None:
        return context.training
    return training if training is True or training is False else as_flag(f"{module.name}: training", training)


@contextlib.contextmanager
def building(rng, values):
    """Set what layers are built with inside: a generator, and values for weights if there are any."""
    with setting(rng=rng, values=values):
        yield


class Zeros:
    """Initial values for weights that are made only for their shapes."""

    def first_value(self, label, shape, dtype):
        return np.zeros(shape, dtype)


@contextlib.contextmanager
def apart(training, rng=None):
    """Hide calls inside from tapes and traces; weights are made by `rng`, or as zeros if there is none."""
    values = Zeros() if rng is None else None
    rng = np.random.default_rng(0) if rng is None else rng
    with setting(listeners=(), trace=None, training=training, rng=rng, values=values, built=[], call=None):
        yield


def dry_run(module, x, training=False):
    """Call a copy of a module: nothing that it has or holds is changed, except outside of it.

    Parameters
    ----------
    module : Module
    x : array-like
    training : bool

    Returns
    -------
    (Tensor, list of (Module, shape))
        The output, and the shapes for which modules were built that had not been, in order.
    """
    output, shapes = called_apart(module, x, training=training)
    return asarray(output), shapes


def called_apart(module, x, training=False, **options):
    """Call a copy of a module as `dry_run` does; return the output as it is, and the shapes."""
    (output,), shapes = outputs_apart(module, [x], training, **options)
    return output, shapes


@undisturbed
def outputs_apart(module, inputs, training=False, **options):
    """Call one copy of a module with several inputs, one after the other, as `called_apart` does."""
    memo: dict = {}
    copied = twin(module, memo)
    originals = {id(memo[id(one)]): one for _, one in modules_of(module) if id(one) in memo}
    with apart(training), device(_device_of(module)):
        outputs = [copied(x, **options) for x in inputs]
        shapes = [(originals[id(one)], one.input_shape) for one in context.built or () if id(one) in originals]
    return outputs, shapes


def once(build):
    """Return `build` of a class that, called from outside, builds as a first call would, and only once."""

    @functools.wraps(build)
    def build_once(self, input_shape, *args, **options):
        if self._building:
            return build(self, input_shape, *args, **options)
        return self.ensure_built(checked_shapes(self, input_shape))

    return build_once


def _device_of(module):
    weight = first_weight(module)
    return None if weight is None else weight.device


def build_held(module, input_shape, dtype):
    """Build the layers in a module for the shapes with which it calls them; where the call fails, none."""
    for training in (False, True):
        if context.built is not None or all(one.built for _, one in modules_of(module)):
            return
        try:
            shapes = _shapes_inside(module, input_shape, dtype, training)
        except Exception:  # they are built in the first call then, which tells what is wrong
            continue
        for one, shape in shapes:
            one.ensure_built(shape)


def _shapes_inside(module, input_shape, dtype, training):
    """Return (module, shape) for the modules inside that are not built: what a call for inputs of a shape calls."""
    if not is_open(input_shape):
        return called_apart(module, samples_like(input_shape, dtype), training)[1]
    found: list = []

    def shapes_with(*sizes):
        samples = [samples_like(filled(input_shape, size), dtype) for size in sizes]
        found[:] = zip(*[called_apart(module, one, training)[1] for one in samples], strict=True)
        return (), ()

    tried(module.name, shapes_with, input_shape, affordable(input_shape))
    return [(one, joined(small, large)) for (one, small), (_, large) in found]


def inferred_shape(module, input_shape, dtype):
    """Return the shape (None, ...) that a call of a copy with zeros gives; None where the call fails."""
    try:
        return _shape_apart(module, input_shape, dtype)
    except Exception:  # zeros may be what it cannot take: the call with real data tells
        return None


def _shape_apart(module, input_shape, dtype):

    def shapes_with(*sizes):
        samples = [samples_like(filled(input_shape, size), dtype) for size in sizes]
        return [(None, *asarray(output).shape[1:]) for output in outputs_apart(module, samples)[0]]

    if not is_open(input_shape):
        return shapes_with(0)[0]
    return tried(module.name, shapes_with, input_shape, affordable(input_shape))


def samples_like(input_shape, dtype):
    """Return two samples of zeros of a shape (None, ...), or a structure of such samples."""
    if not is_shape(input_shape):
        return mapped(lambda shape, kind: samples_like(shape, kind), input_shape, dtype)
    return np.zeros([2 if size is None else size for size in input_shape], dtype)
