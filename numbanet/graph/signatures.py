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
        graph = trace.graph_of(results)
        self._names = {id(tensor): ("input", i) for i, tensor in enumerate(graph.inputs)}
        for tensor, variable in graph.variables.items():
            self._names[tensor] = ("variable", self._hold(variable))
        self.steps = []
        params = {}
        for number, node in enumerate(graph.nodes):
            self.steps.append((node.op.name, id(node.op), *[self._name_of(tensor, graph) for tensor in node.inputs]))
            params[f"op {number}, {node.op.name},"] = {name: _plain(value) for name, value in node.params.items()}
            self._names[id(node.output)] = ("op", number)
        self._add_effects(graph)
        self.steps.append(("return", *[self._name_of(tensor, graph) for tensor in graph.outputs]))
        self.values = snapshot({**params, "the result": others})
        self._names = {}

    def _add_effects(self, graph):
        for optimizer, pairs, _ in graph.updates:
            named = [(self._name_of(gradient, graph), self._hold(variable)) for gradient, variable in pairs]
            self.steps.append((f"{type(optimizer).__name__}.apply_gradients", self._hold(optimizer), *named))
        for variable, tensor in graph.assignments.values():
            self.steps.append(("assign", self._hold(variable), self._name_of(tensor, graph)))
        self.steps += [("draw_seed", self._hold(generator)) for generator in graph.draws]
        self.steps += [
            ("check_values", self._name_of(one, graph), self._known(check)) for one, check, _ in graph.checks
        ]

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

    def _name_of(self, tensor, graph):
        """What stands for a tensor: where it comes from, or the values of a constant."""
        name = self._names.get(id(tensor))
        if name is None:
            name = self._names[id(tensor)] = self._constant(tensor, graph)
            self._hold(tensor)  # so that its id is not given to another one
        return name

    def _constant(self, tensor, graph):
        array = getattr(tensor, "_array", None)
        if array is None:
            return "object", id(tensor)
        form = ("constant", array.shape, array.dtype.str, tensor.device)
        if graph.follows(tensor):  # read again in every step, whatever is in it
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
