"""Gradients of tables in memory that holds zeros between steps: a step clears the rows that it wrote, not the table."""

from __future__ import annotations

import numpy as np

from numbanet.core.table import TABLE
from numbanet.graph.ir import Graph


def keep_zeros(graph: Graph) -> Graph:
    """Give each gradient of looked-up rows that optimizers alone read memory of its own, with zeros in it.

    Zeros for a table of 100,000 rows of 64 numbers are 26 MB; a batch looks up some hundred rows.
    """
    readers, take_back = graph.readers(), TABLE["take_back"]
    gradients = {id(gradient) for update in graph.updates for gradient, _ in update.pairs}
    gradients -= {id(tensor) for tensor in graph.outputs}
    gradients -= {id(assign.tensor) for assign in graph.assignments.values()}
    nodes, cleared = [], []
    for node in graph.nodes:
        array = node.output._array
        mine = node.op is take_back and id(node.output) in gradients and id(node.output) not in readers
        if mine and node.params["axis"] == 0 and type(array) is np.ndarray and node.inputs[1].size < len(array):
            memory = np.zeros(array.shape, array.dtype)  # of which the system provides only pages that are written to
            node = node._replace(params={**node.params, "out": memory})
            cleared.append((memory, node.inputs[1]))
        nodes.append(node)
    changed = graph.with_nodes(nodes)
    changed.cleared = cleared
    return changed
