"""Results of calls: which tensors a call returned, and how to build the same structure around those of a replay."""

import collections
import enum
import types

import numpy as np

from numbanet.core.structures import sequence_like
from numbanet.tensor.listeners import Told
from numbanet.tensor.tensor import Tensor
from numbanet.tensor.variable import Variable

_MAPPINGS = (dict, collections.OrderedDict, collections.defaultdict)
_IMMUTABLE: tuple[type, ...] = (type(None), type(...), bool, int, float, complex, str, bytes, range)
_IMMUTABLE += (
    np.generic,
    np.dtype,
    enum.Enum,
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.ModuleType,
    Variable,
)


class Results:
    """What a watched call returned.

    Parameters
    ----------
    result : object
    trace : Trace
        Of the call.
    held : dict
        From id to object: what the function held before.

    Attributes
    ----------
    tensors : list of Tensor
        Those that differ from call to call, each once.
    others : list
        The rest of the structure, to be compared with that of another call.
    reason : str or None
        Why another call cannot return such a result.
    told : bool
        Whether a number of updates is in it, which `build` makes a plain number.
    returns_inputs : bool
        Whether an input is in it.
    """

    def __init__(self, result, trace, held):
        self.tensors: list = []
        self.others: list = []
        self.reason: str | None = None
        self.told = self.returns_inputs = False
        self._inputs = {id(tensor): i for i, tensor in enumerate(trace.graph.inputs)}
        self._kept, self._held = trace.graph.varying, held
        self._found: dict = {}
        self._build = self._builder(result, ())
        self._inputs, self._kept, self._held, self._found = {}, set(), {}, {}

    def build(self, tensors, inputs):
        """The result of another call, from its tensors and its inputs."""
        return self._build(tensors, inputs)

    def _builder(self, x, around):
        """A function that makes `x` of the tensors and inputs of a call."""
        kind = type(x)
        if kind is Tensor:
            return self._tensor(x)
        is_container = kind in _MAPPINGS or kind is list or isinstance(x, tuple)
        if is_container and id(x) not in self._held and id(x) not in around:
            return self._container(x, kind, (*around, id(x)))
        self.others.append(x)
        if kind is np.ndarray and id(x) not in self._held:
            values = x.copy()
            return lambda tensors, inputs: values.copy()
        if kind is Told:
            self.told, self.reason = True, self.reason or "the step returns the number of updates"
            return lambda tensors, inputs: int.__int__(x)
        if not isinstance(x, _IMMUTABLE) and id(x) not in self._held:
            self.reason = self.reason or f"the step returns a new object of type {kind.__name__}"
        return lambda tensors, inputs: x

    def _tensor(self, x):
        if id(x) in self._inputs:
            place, self.returns_inputs = self._inputs[id(x)], True
            self.others.append(("input", place))
            return lambda tensors, inputs: inputs[place]
        if id(x) not in self._kept:
            self.others.append(("constant", x.shape, x.dtype, x.numpy()))
            return lambda tensors, inputs: x
        if id(x) not in self._found:
            self._found[id(x)] = len(self.tensors)
            self.tensors.append(x)
        place, origin = self._found[id(x)], getattr(x, "_origin", None)
        self.others.append(("tensor", place))
        if origin is not None:  # a part of a variable, which can be assigned to
            return lambda tensors, inputs: tensors[place].as_part(*origin)
        return lambda tensors, inputs: tensors[place]

    def _container(self, x, kind, around):
        if kind in _MAPPINGS:
            empty = x.copy()
            empty.clear()
            self.others.append(("mapping", kind, tuple(x)))
            parts = [(key, self._builder(part, around)) for key, part in x.items()]

            def mapping(tensors, inputs):
                made = empty.copy()
                for key, part in parts:
                    made[key] = part(tensors, inputs)
                return made

            return mapping
        self.others.append(("sequence", kind, len(x)))
        items = [self._builder(part, around) for part in x]
        return lambda tensors, inputs: sequence_like(x, [part(tensors, inputs) for part in items])
