"""Signatures: what a trace did, as a value that equals that of another trace only if both did the same."""

import functools
import hashlib
import types

import numpy as np

from numbanet.core.snapshots import snapshot
from numbanet.kernels.arrays import to_host
from numbanet.kernels.memory import owner
from numbanet.kernels.recording import Slot


class Signature:
    """The ops, updates, draws, checks and results of a traced step, with their constants; its tensors are let go.

    Parameters
    ----------
    trace : Trace
        Closed.
    results : list
        Tensors that the step returned, in order.
    others : object
        Everything else that it returned, compared by `snapshot`.

    Attributes
    ----------
    reason : str or None
        Why the step cannot be replayed; then its ops are not all there.
    """

    def __init__(self, trace, results, others=None):
        self.reason = trace.reason
        self._kept: list = []
        self._names = {id(tensor): ("input", i) for i, tensor in enumerate(trace.inputs)}
        for tensor, variable in trace.variables.items():
            self._names[tensor] = ("variable", self._hold(variable))
        self.steps = []
        params = {}
        for number, (op, inputs, values, output) in enumerate(trace.entries):
            self.steps.append((op.name, id(op), *[self._name_of(tensor, trace) for tensor in inputs]))
            params[f"op {number}, {op.name},"] = {name: _plain(value) for name, value in values.items()}
            self._names[id(output)] = ("op", number)
        for optimizer, pairs in trace.updates:
            named = [(self._name_of(gradient, trace), self._hold(variable)) for gradient, variable in pairs]
            self.steps.append((f"{type(optimizer).__name__}.apply_gradients", self._hold(optimizer), *named))
        self.steps += [("draw_seed", self._hold(generator)) for generator in trace.draws]
        checks = [(self._name_of(tensor, trace), self._known(check)) for tensor, check in trace.checks]
        self.steps += [("check_values", *named) for named in checks]
        self.steps.append(("return", *[self._name_of(tensor, trace) for tensor in results]))
        self.values = snapshot({**params, "the result": others})
        self._names = {}

    def difference(self, other):
        """The first thing that another signature has otherwise, in words; None if all is the same."""
        for mine, its in zip(self.steps, other.steps, strict=False):
            if mine[:2] != its[:2]:
                return f"once it runs {mine[0]}, once {its[0]}"
            if mine != its:
                return f"{mine[0]} gets other operands"
        if len(self.steps) != len(other.steps):
            return f"once it runs {len(self.steps) - 1} ops, once {len(other.steps) - 1}"
        return self.values.difference(other.values)

    def _hold(self, obj):
        self._kept.append(obj)
        return id(obj)

    def _known(self, check):
        """What stands for a function that is made anew in every step: its code, and the values that it holds."""
        if isinstance(check, functools.partial):
            return (self._known(check.func), *[self._known(part) for part in check.args])
        if isinstance(check, types.FunctionType):
            cells = [cell.cell_contents for cell in check.__closure__ or ()]
            return (self._hold(check.__code__), *[self._known(part) for part in cells])
        return check if type(check) in (int, str) else snapshot({"the check": check})

    def _name_of(self, tensor, trace):
        """What stands for a tensor: where it comes from, or the values of a constant."""
        name = self._names.get(id(tensor))
        if name is None:
            name = self._names[id(tensor)] = self._constant(tensor, trace)
            self._hold(tensor)  # so that its id is not given to another one
        return name

    def _constant(self, tensor, trace):
        array = getattr(tensor, "_array", None)
        if array is None:
            return "object", id(tensor)
        form = ("constant", array.shape, array.dtype.str, tensor.device)
        if trace.follows(tensor):  # read again in every step, whatever is in it
            layout = getattr(array, "layout", array)
            return *form, self._hold(owner(array)), layout.__array_interface__["data"][0], array.strides
        values = np.ascontiguousarray(to_host(array)).reshape(-1).view(np.uint8)
        return *form, hashlib.blake2b(values.data, digest_size=16).digest()


def _plain(value):
    """A parameter, without what matters to gradients alone, and with the places of numbers that are drawn."""
    if hasattr(type(value), "only_for_gradients"):
        return "a rule"
    if type(value) is Slot:
        return "slot", value.index, value.scale
    return tuple([_plain(part) for part in value]) if type(value) is tuple else value
