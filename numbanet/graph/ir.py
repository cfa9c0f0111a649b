"""What a step does, as data: nodes that compute tensors from tensors, and effects on what outlives the step.

A value of a graph is the Tensor that the trace saw: two nodes are connected where one reads the Tensor that the other
made. Passes take a Graph and return another one; `lowering` makes launches of it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from numbanet.kernels.memory import owner

if TYPE_CHECKING:
    from numbanet.tensor.tensor import Tensor


class Node(NamedTuple):
    """One op on tensors.

    Parameters
    ----------
    op : Op
        Of the table, or what a pass has put in the place of several.
    inputs : sequence of Tensor
    params : dict
    output : Tensor
    others : tuple of Tensor
        Further outputs, where a pass has joined several nodes.
    """

    op: Any
    inputs: Any
    params: dict
    output: Tensor
    others: tuple = ()


class Assign(NamedTuple):
    """Effect: when the step is over, the variable holds the tensor."""

    variable: Any
    tensor: Tensor


class Update(NamedTuple):
    """Effect: when the step is over, the optimizer applies gradients, pairs of (gradient, variable).

    `touched` has, for each pair, which rows are to be updated: an `ops.touched.Touched`, or None for all of them.
    """

    optimizer: Any
    pairs: list
    touched: list


class Check(NamedTuple):
    """`check(array)` must hold for the values of a tensor in every step, or raises.

    `of_rows` is the same for any rows of several steps at once: it may raise because of numbers that no step looks at,
    but it never passes where `check` would raise.
    """

    tensor: Tensor
    check: Callable
    of_rows: Callable


@dataclass
class Graph:
    """One step.

    Parameters
    ----------
    inputs : list of Tensor
        What differs from step to step: the batch.
    nodes : list of Node
        In an order in which they can run.
    outputs : list of Tensor
    updates : list of Update
        At the end of the step, in order; no variable is in two of them, or in an update and an assignment.
    assignments : dict
        From the id of a variable to its Assign, made before the updates; all see what was before the step's end.
    draws : list of numpy.random.Generator
        From which of them a seed is drawn, in order.
    checks : list of Check
    variables : dict
        From the id of a tensor to the variable that held it when the step began.
    sources : set of int
        Ids of the tensors that differ from step to step from the beginning: inputs, and values of variables.
    varying : set of int
        Ids of all tensors that may differ from step to step, those among them that are computed from memory that others
        may write to.
    held : dict
        From id to object: what the step holds already. The memory of its arrays may be written to between two steps.
    cleared : list of (numpy.ndarray, Tensor)
        Effects: arrays that hold zeros when the step begins, and the rows that are put back to zeros when it is over.
    """

    inputs: list
    nodes: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    updates: list = field(default_factory=list)
    assignments: dict = field(default_factory=dict)
    draws: list = field(default_factory=list)
    checks: list = field(default_factory=list)
    variables: dict = field(default_factory=dict)
    sources: set = field(default_factory=set)
    varying: set = field(default_factory=set)
    held: dict = field(default_factory=dict)
    cleared: list = field(default_factory=list)

    def follows(self, tensor: Tensor) -> bool:
        """Whether a constant lies in memory that the step held before: then its values are read in every step."""
        return id(tensor) in self.held or id(owner(tensor._array)) in self.held

    @property
    def roots(self) -> list:
        """The tensors for which the nodes are there: outputs, and what effects need."""
        gradients = [gradient for update in self.updates for gradient, _ in update.pairs]
        rows = [some.rows for update in self.updates for some in update.touched if some is not None]
        cleared = [indices for _, indices in self.cleared]
        return [*self.outputs, *gradients, *rows, *cleared, *[one.tensor for one in self.assignments.values()]]

    @property
    def trained(self) -> list:
        """The variables that optimizers update."""
        return [variable for update in self.updates for _, variable in update.pairs]

    @property
    def changed(self) -> list:
        """The variables that have another value after the step."""
        return [*self.trained, *[assign.variable for assign in self.assignments.values()]]

    def with_nodes(self, nodes: list[Node]) -> Graph:
        """The same step, computed by other nodes."""
        graph = copy(self)
        graph.nodes = nodes
        return graph

    def readers(self) -> dict:
        """From the id of a tensor to the nodes that read it."""
        found: dict[int, list] = {}
        for node in self.nodes:
            for tensor in set(map(id, node.inputs)):
                found.setdefault(tensor, []).append(node)
        return found
