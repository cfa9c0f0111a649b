"""Checks of what a step computes: made again before every step, of what its inputs become.

A check such as that of indices is made while the step runs, of values in Python. A replay cannot do that, so that the
check is made before it: the few operations that lie between an input and the values are computed once more. They
convert, pick a part, or are elementwise; a step that checks what other operations compute is refused.
"""

import math
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from numbanet.kernels.arrays import to_host
from numbanet.kernels.recording import CannotRecord
from numbanet.ops.forward import Forward
from numbanet.ops.positions import parts_of

_SAME = ("identity", "copy", "stop_gradient")
"""Ops whose result is their operand."""
_VIEWS = ("getitem", "reshape", "permute_dims", "broadcast_to", *_SAME)
"""Ops whose result is their operand seen otherwise, or a part of it."""
_FIND_POSITIONS = ("argmax", "argmin", "argsort")
"""Ops that find positions along an axis of their operand."""


class Remade(NamedTuple):
    """One op that is computed again.

    Parameters
    ----------
    op : Op
    params : dict
    operands : tuple
        Constant arrays, and the places of others among the results so far, of which the first is the input.
    shapes : tuple of tuple of int
        Of these others, in a step.
    """

    op: Any
    params: dict
    operands: tuple
    shapes: tuple

    def of(self, results: list) -> Any:
        """The result, from those so far."""
        arrays = [results[x] if type(x) is int else to_host(x) for x in self.operands]
        return self.op.forward(*arrays, **self.params)

    @property
    def is_of_elements(self) -> bool:
        """Whether it does the same to every element."""
        single = all(type(x) is int or x.size == 1 for x in self.operands)
        return self.op.name not in _VIEWS and single and len({*self.shapes}) == 1

    @property
    def is_of_rows(self) -> bool:
        """Whether it does the same to every row, however many there are."""
        ndim = len(self.shapes[0])
        if self.op.name == "permute_dims":
            return ndim > 0 and self.params["axes"][0] == 0
        if self.op.name == "getitem":
            first, *others = parts_of(self.params["key"])
            if first is Ellipsis:
                return sum(part is not None for part in others) < ndim
            return isinstance(first, slice) and first == slice(None)
        return self.op.name in _SAME or self.is_of_elements


def remade(graph, tensor):
    """How a tensor that differs from step to step is computed again.

    Parameters
    ----------
    graph : Graph
    tensor : Tensor

    Returns
    -------
    (Tensor, list of Remade)
        The one tensor that it comes from, an input or a variable's for example, and the steps.

    Raises
    ------
    CannotRecord
        When it comes from several, or is computed by other ops.
    """
    makers = {id(node.output): node for node in graph.nodes}
    nodes, roots = _between(graph, tensor)
    for root in roots:
        if id(root) in makers:
            raise CannotRecord(f"what {makers[id(root)].op.name} computes is checked in Python")
    if len(roots) > 1:
        raise CannotRecord(f"what {makers[id(tensor)].op.name} computes of several tensors is checked in Python")
    places, steps = {id(roots[0]): 0}, []
    for node in nodes:
        operands = tuple([places.get(id(x), x._array) for x in node.inputs])
        shapes = tuple([x.shape for x in node.inputs if id(x) in places])
        steps.append(Remade(node.op, node.params, operands, shapes))
        places[id(node.output)] = len(steps)
    return roots[0], steps


def _between(graph, tensor):
    """(the nodes that are computed again, in order; the tensors that they start from)."""
    nodes: list = []
    wanted = {id(tensor): tensor}
    for node in reversed(graph.nodes):
        if id(node.output) in wanted and _is_remade(node):
            del wanted[id(node.output)]
            nodes.insert(0, node)
            varying = [x for x in node.inputs if id(x) in graph.varying]
            wanted.update({id(x): x for x in varying or filter(graph.follows, node.inputs)})
    return nodes, [*wanted.values()]


def _is_remade(node):
    return node.op.name in _VIEWS or node.op.name == "astype" or isinstance(node.op.forward, Forward)


def are_below(graph, tensor, number):
    """Whether the elements of a tensor are positions below a number, whatever the step is given."""
    makers = {id(node.output): node for node in graph.nodes}
    while id(tensor) in makers:
        node = makers[id(tensor)]
        if node.op.name in _FIND_POSITIONS:
            return _positions(node) <= number
        if node.op.name == "remainder":
            return 0 < _divisor(graph, node) <= number
        if node.op.name not in _VIEWS and not _holds(node, number):
            return False
        tensor = node.inputs[0]
    return False


def _positions(node):
    """How many positions an op chooses from."""
    axis, shape = node.params["axis"], node.inputs[0].shape
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return math.prod(shape[d] for d in axes)


def _divisor(graph, node):
    """The whole number by which a remainder is taken; 0 if it is another one, or may differ from step to step."""
    x = node.inputs[1]
    known = x.size == 1 and x.dtype.kind in "iu" and id(x) not in graph.varying and not graph.follows(x)
    return to_host(x._array).item() if known and node.output.dtype.kind in "iu" else 0


def _holds(node, number):
    """Whether a conversion leaves positions below a number what they are."""
    dtype = node.output.dtype
    return node.op.name == "astype" and dtype.kind in "iu" and np.iinfo(dtype).max >= number - 1


def after(steps, check):
    """A check of what an array becomes."""
    return partial(_check_after, tuple(steps), check) if steps else check


def of_rows(steps, check):
    """The same check for rows of several steps at once.

    Where steps follow one another, and one mixes rows, only what is done to every element is done from there, so that
    elements are checked at which no step looks.
    """
    if all(step.is_of_rows for step in steps):
        return after(steps, check)
    kept: list = []
    by_rows = True
    for number, step in enumerate(steps):
        by_rows = by_rows and step.is_of_rows
        if [x for x in step.operands if type(x) is int] != [number]:
            return _fail
        if by_rows or step.is_of_elements:
            kept.append(step._replace(operands=tuple([len(kept) if type(x) is int else x for x in step.operands])))
        elif step.op.name not in _VIEWS:
            return _fail
    return after(kept, check)


def _check_after(steps, check, values):
    results = [values]
    for step in steps:
        results.append(step.of(results))
    check(to_host(results[-1]))


def _fail(values):
    """The check of what cannot be known from rows alone: their steps run eagerly."""
    raise ValueError("rows of several steps")
