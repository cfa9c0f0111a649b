"""Passes: each makes a Graph of a Graph that gives the same, to the byte, with less to do."""

from collections.abc import Callable
from typing import NamedTuple

from numbanet.core.table import TABLE
from numbanet.graph.ir import Graph, Node
from numbanet.graph.zeros import keep_zeros
from numbanet.ops.conv import conv_with_bias
from numbanet.ops.neural import cross_entropy_and_gradient
from numbanet.ops.normalization import SHARED
from numbanet.ops.pooling import gradient_through_relu


def optimized(graph: Graph) -> Graph:
    """The graph after all passes, in their order."""
    for one in PASSES:
        graph = one(graph)
    return graph


def fold_constants(graph: Graph) -> Graph:
    """Leave out nodes that give the same in every step: what they gave when they were traced stays a constant."""
    varying = graph.varying
    return graph.with_nodes([node for node in graph.nodes if id(node.output) in varying])


def drop_unused(graph: Graph) -> Graph:
    """Leave out nodes on which neither an output nor an effect depends."""
    wanted = set(map(id, graph.roots))
    kept = []
    for node in reversed(graph.nodes):
        if id(node.output) in wanted or any(id(output) in wanted for output in node.others):
            wanted.update(map(id, node.inputs))
            kept.append(node)
    return graph.with_nodes(kept[::-1])


class Joined(NamedTuple):
    """What stands in place of ops where a pass has joined them; it may have two results."""

    name: str
    forward: Callable


_CONV_WITH_BIAS = Joined("conv_with_bias", conv_with_bias)


def fuse_dense(graph: Graph) -> Graph:
    """Put matrix products or convolutions, biases and relus together.

    `matmul` whose result goes nowhere but into `add` of a vector becomes `dense`, and takes `relu` along where nobody
    wants the sums themselves but the gradient of that relu, for which its result will do: both are positive in the same
    places. So does `conv`.
    """
    readers, wanted = graph.readers(), {id(tensor) for tensor in graph.roots}
    replaced, dropped, renamed = {}, set(), {}
    for node in graph.nodes:
        product = node.output
        added = _only_reader(readers, wanted, product)
        if added is None or not _takes_bias(node) or not _is_bias(added, product, node.inputs):
            continue
        bias, sums = added.inputs[1], added.output
        relu = _relu_of(readers, wanted, sums)
        output = sums if relu is None else relu.output
        # in the place of the sum: its bias may be computed after the product
        params = {**node.params, "with_relu": relu is not None}
        fused_op = TABLE["dense"] if node.op is TABLE["matmul"] else _CONV_WITH_BIAS
        replaced[id(sums)] = Node(fused_op, [*node.inputs, bias], params, output)
        dropped.add(id(product))
        if relu is not None:
            dropped.add(id(output))
            renamed[id(sums)] = output
    fused = []
    for node in graph.nodes:
        output = id(node.output)
        if output in replaced:
            fused.append(replaced[output])
        elif output not in dropped:
            inputs = [renamed.get(id(tensor), tensor) for tensor in node.inputs] if renamed else node.inputs
            fused.append(Node(node.op, inputs, node.params, node.output, node.others))
    return graph.with_nodes(fused)


_WITH_GRADIENT = Joined("softmax_cross_entropy_and_gradient", cross_entropy_and_gradient)


def join_cross_entropy(graph: Graph) -> Graph:
    """Let softmax cross-entropy and its gradient, asked of the same logits, share their exponentials.

    Only where the gradient of the losses is a constant, as it is for their mean: then both can run in one place.
    """
    changing = graph.sources | {id(node.output) for node in graph.nodes}
    gradients = {
        (id(logits), id(labels)): node
        for node in graph.nodes
        if node.op is TABLE["softmax_cross_entropy_gradient"]
        for g, logits, labels in [node.inputs]
        if id(g) not in changing and g.dtype == logits.dtype
    }
    joined: list = []
    taken = set()
    for node in graph.nodes:
        op, inputs = node.op, node.inputs
        twin = gradients.pop((id(inputs[0]), id(inputs[-1])), None) if op is TABLE["softmax_cross_entropy"] else None
        if twin is not None:
            taken.add(id(twin.output))
            joined.append(Node(_WITH_GRADIENT, twin.inputs, {}, node.output, (twin.output,)))
        elif id(node.output) not in taken:
            joined.append(node)
    return graph.with_nodes(joined)


def share_sums(graph: Graph) -> Graph:
    """Compute once what several gradients ask for: the ops of `SHARED` with the same operands."""
    found: dict = {}
    renamed: dict = {}
    kept = []
    for node in graph.nodes:
        if node.op in SHARED:
            key = (node.op, *map(id, node.inputs), *node.params.items())
            if key in found:
                renamed[id(node.output)] = found[key]
                continue
            found[key] = node.output
        inputs = [renamed.get(id(tensor), tensor) for tensor in node.inputs] if renamed else node.inputs
        kept.append(Node(node.op, inputs, node.params, node.output, node.others) if renamed else node)
    return graph.with_nodes(kept) if renamed else graph


_POOLED_RELU = Joined("max_pool_of_relu_gradient", gradient_through_relu)


def pool_gradients_of_relus(graph: Graph) -> Graph:
    """Take the gradient of a relu under `max_pool` from the results of the pooling, of which there are fewer.

    The gradient goes to the largest of a window, which is positive where the result is. So nobody reads the input of
    the pooling any more once it is pooled.
    """
    readers, wanted = graph.readers(), {id(tensor) for tensor in graph.roots}
    made_by = {id(node.output): node for node in graph.nodes}
    replaced, dropped = {}, set()
    for node in graph.nodes:
        if node.op is not TABLE["max_pool_gradient"]:
            continue
        masked = _only_reader(readers, wanted, node.output)
        pooled = None if masked is None else _pooled_relu(made_by, node, masked)
        if pooled is not None:
            g, places = node.inputs
            replaced[id(masked.output)] = Node(_POOLED_RELU, [g, pooled, places], node.params, masked.output)
            dropped.add(id(node.output))
    kept = [replaced.get(id(node.output), node) for node in graph.nodes if id(node.output) not in dropped]
    return graph.with_nodes(kept) if replaced else graph


def _pooled_relu(made_by, node, masked):
    """What the pooling gave of which `node` is the gradient, if `masked` is that of the relu that was pooled."""
    places = made_by.get(id(node.inputs[1]))
    if masked.op is not TABLE["relu_gradient"] or masked.inputs[0] is not node.output or places is None:
        return None
    g, z = masked.inputs
    memory, y = places.inputs
    pooled = made_by.get(id(memory))
    if pooled is None or pooled.op is not TABLE["max_pool_memory"] or not g.dtype == z.dtype == y.dtype:
        return None
    (x,) = pooled.inputs
    relu = made_by.get(id(x))
    of_relu = relu is not None and relu.op is TABLE["relu"] and (z is x or z is relu.inputs[0])
    return y if of_relu else None


PASSES = (
    fold_constants, drop_unused, share_sums, pool_gradients_of_relus, fuse_dense, join_cross_entropy, keep_zeros
)  # fmt: skip


def _only_reader(readers, wanted, tensor):
    found = readers.get(id(tensor), [])
    return found[0] if len(found) == 1 and id(tensor) not in wanted else None


def _takes_bias(node):
    """Whether a node is a product of matrices, or a convolution with something to add up."""
    if node.op is TABLE["conv"]:
        return all(tensor.size for tensor in (*node.inputs, node.output))
    return node.op is TABLE["matmul"] and node.output.ndim == 2


def _is_bias(node, product, operands):
    """Whether a node is `product + bias`, one number per column or filter, all of one dtype."""
    if node.op is not TABLE["add"] or node.inputs[0] is not product:
        return False
    bias = node.inputs[1]
    return {tensor.dtype for tensor in (*operands, bias)} == {product.dtype} and bias.shape == product.shape[-1:]


def _relu_of(readers, wanted, sums):
    """The node that takes relu of `sums`, if all others that read them ask where they are positive."""
    found = readers.get(id(sums), [])
    relus = [node for node in found if node.op is TABLE["relu"]]
    if len(relus) != 1 or id(sums) in wanted:
        return None
    others = [node for node in found if node is not relus[0]]
    fits = all(node.op is TABLE["relu_gradient"] and node.inputs[0] is not sums for node in others)
    return relus[0] if fits else None
