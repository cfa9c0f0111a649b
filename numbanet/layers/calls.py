"""What the calls of layers inside layers share, and calls that change nothing, from which shapes are learnt."""

import contextlib
import threading

import numpy as np

from numbanet.devices import device
from numbanet.module import modules_of, twin
from numbanet.tape import active as listeners
from numbanet.tensor import asarray
from numbanet.trace import active as tracing


class _Ambient(threading.local):
    """What a layer gets that is called or built inside another one, unless it is told otherwise.

    Attributes
    ----------
    training : bool
    rng : numpy.random.Generator or None
    values : object or None
        Where weights take their first values from instead of their initializers; see `first_value`.
    built : list or None
        The layers that were built inside a rehearsal, in order; None outside.
    """

    def __init__(self):
        self.training, self.rng, self.values = False, None, None
        self.built: list | None = None


ambient = _Ambient()


@contextlib.contextmanager
def building(rng, values):
    """What layers are built with inside: a generator, and values for weights if there are any."""
    before = ambient.rng, ambient.values
    ambient.rng, ambient.values = rng, values
    try:
        yield
    finally:
        ambient.rng, ambient.values = before


class Zeros:
    """First values for weights that are made for their shapes alone."""

    def first_value(self, label, shape, dtype):
        return np.zeros(shape, dtype)


@contextlib.contextmanager
def apart(training, rng=None):
    """A call inside is seen by no tape and no trace; weights are made by `rng`, or as zeros if there is none."""
    stack, trace = listeners.stack, tracing.trace
    before = dict(vars(ambient))
    listeners.stack, tracing.trace = (), None
    values = Zeros() if rng is None else None
    rng = np.random.default_rng(0) if rng is None else rng
    vars(ambient).update(training=training, rng=rng, values=values, built=[])
    try:
        yield
    finally:
        listeners.stack, tracing.trace = stack, trace
        vars(ambient).update(before)


def rehearse(module, x, training=False):
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
    memo: dict = {}
    copied = twin(module, memo)
    originals = {id(memo[id(one)]): one for _, one in modules_of(module) if id(one) in memo}
    with apart(training), device(_device_of(module)):
        output = asarray(copied(x))
        shapes = [(originals[id(one)], one.input_shape) for one in ambient.built or () if id(one) in originals]
    return output, shapes


def _device_of(module):
    weights = module.weights
    return weights[0].device if weights else None


def samples_like(input_shape, dtype):
    """Two samples of zeros, of a shape whose open sizes are taken as 2."""
    return np.zeros([2 if size is None else size for size in input_shape], dtype)
