"""Calls of functions, taken apart: what a replay follows, the tensors, and what it takes for granted, the rest."""

import collections
import struct

import numpy as np

from numbanet.core.context import context
from numbanet.core.dtypes import SUPPORTED
from numbanet.core.settings import config
from numbanet.core.snapshots import snapshot
from numbanet.core.structures import sequence_like
from numbanet.kernels.memory import strides_of
from numbanet.ops.sparse import SparseRows
from numbanet.tensor.tensor import Tensor, asarray
from numbanet.tensor.variable import Variable

DEEPEST = 50
"""Containers among the arguments that are nested more deeply are not looked into: they are opaque."""


class Arguments:
    """The arguments of one call.

    Parameters
    ----------
    args : tuple

    Attributes
    ----------
    args : tuple
        With NumPy arrays as tensors. Containers without arrays in them are the objects that were given.
    inputs : list of Tensor
        Every tensor once.
    kind : tuple
        What must be the same for a call to be replayed: shapes, dtypes, strides, which tensors are the same, values of
        numbers, identity and attributes of objects, settings.
    objects : dict
        From names to what is neither a tensor nor a number: it may hold things that Python can change.
    opaque : str or None
        Something that cannot be known to be still the same, in words.
    """

    __slots__ = ("_ids", "_kind", "args", "inputs", "kind", "objects", "opaque")

    def __init__(self, args):
        self.inputs: list = []
        self.objects: dict = {}
        self.opaque = None
        self._ids: dict = {}
        self._kind: list = []
        if len({id(x) for x in args if type(x) is Tensor}) == len(args):  # nothing but tensors, and no two the same
            self.args, self.inputs = args, [*args]
            self._kind = [(x._array.shape, x._array.dtype, x.device, strides_of(x._array)) for x in args]
        else:
            self.args = tuple([self._part(x, f"argument {i}", 0) for i, x in enumerate(args)])
        self.kind = (config.backend, context.device, *self._kind)

    def _part(self, x, name, depth):
        kind = type(x)
        if kind is Tensor:
            self._input(x)
        elif (kind is np.ndarray or isinstance(x, np.generic)) and _is_supported(x.dtype):
            x = asarray(x)
            self._input(x)
        elif kind is float:
            self._kind.append((float, struct.pack("<d", x)))
        elif x is None or kind is bool or kind is int or kind is str:
            self._kind.append((kind, x))
        elif kind is Variable:
            self.objects[name] = x
            self._kind.append((_Same(x), x.trainable, x.device))
        elif kind is SparseRows:
            self._kind.append((_Same(x.matrix), x.dtype))
            self._input(x.rows)
        elif depth < DEEPEST and (kind in _MAPPINGS or kind is list or _is_plain_tuple(x, kind)):
            return self._container(x, kind, name, depth)
        else:
            self._object(x, name)
        return x

    def _input(self, tensor):
        known = self._ids.setdefault(id(tensor), len(self.inputs))
        if known < len(self.inputs):
            self._kind.append(known)  # the same tensor as another argument
        else:
            self.inputs.append(tensor)
            array = tensor._array
            self._kind.append((array.shape, array.dtype, tensor.device, strides_of(array)))

    def _container(self, x, kind, name, depth):
        if kind in _MAPPINGS:
            self._kind.append((kind, len(x)))
            parts = []
            for key, value in x.items():
                if type(key) is str:
                    self._kind.append(key)
                else:
                    self._object(key, f"a key of {name}")
                parts.append(self._part(value, f"{name}[{key!r}]" if type(key) is str else name, depth + 1))
            if all(new is old for new, old in zip(parts, x.values(), strict=True)):
                return x
            copied = x.copy()
            copied.update(zip(x, parts, strict=True))
            return copied
        self._kind.append((kind, len(x)))
        parts = [self._part(part, f"{name}[{i}]", depth + 1) for i, part in enumerate(x)]
        unchanged = all(new is old for new, old in zip(parts, x, strict=True))
        return x if unchanged else sequence_like(x, parts)

    def _object(self, x, name):
        self.objects[name] = x
        seen = snapshot({name: x})
        if seen.opaque is not None:
            self.opaque = self.opaque or seen.opaque
            self._kind.append(("opaque", type(x).__name__))
        else:
            self._kind.append(seen)

    def separated(self):
        """The same call with other Tensor objects, sharing the memory of these, as the arguments that are tensors."""
        twins = {id(tensor): Tensor(tensor._array) for tensor in self.inputs}
        args = tuple([twins[id(x)] if type(x) is Tensor else x for x in self.args])
        given = {id(x) for x in self.args if type(x) is Tensor}
        return args, [twins[id(tensor)] if id(tensor) in given else tensor for tensor in self.inputs]


def _is_supported(dtype):
    return dtype in SUPPORTED or dtype.newbyteorder("=") in SUPPORTED


_MAPPINGS = (dict, collections.OrderedDict, collections.defaultdict)


def _is_plain_tuple(x, kind):
    return kind is tuple or (isinstance(x, tuple) and hasattr(kind, "_make"))


class _Same:
    """Stands for an object in a key: equal to what stands for the same object alone, and keeps it alive."""

    __slots__ = ("obj",)

    def __init__(self, obj):
        self.obj = obj

    def __eq__(self, other):
        return type(other) is _Same and self.obj is other.obj

    def __hash__(self):
        return id(self.obj)
