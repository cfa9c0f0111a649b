"""Passes over a traced step: the same results, to the byte, from fewer launches."""

from collections.abc import Callable
from typing import NamedTuple

from numbanet.core.table import TABLE
from numbanet.ops.neural import cross_entropy_and_gradient


def fold(entries, kept):
    """Entries without those that give the same in every step: what they gave when they were traced stays a constant.

    Parameters
    ----------
    entries : list of (op, inputs, params, output)
    kept : set of int
        Ids of the tensors that may differ from step to step.
    """
    return [entry for entry in entries if id(entry[3]) in kept]


class Joined(NamedTuple):
    """What stands in place of an op where a pass has joined two: it has two results."""

    name: str
    forward: Callable


_WITH_GRADIENT = Joined("softmax_cross_entropy_and_gradient", cross_entropy_and_gradient)


def join_cross_entropy(entries, sources):
    """Entries where softmax cross-entropy and its gradient, asked of the same logits, share their exponentials.

    Only where the gradient of the losses is a constant, as it is for their mean: then both can run in one place.

    Parameters
    ----------
    entries : list of (op, inputs, params, output)
    sources : set of int
        Ids of the tensors that differ from step to step.

    Returns
    -------
    list of (op, inputs, params, output)
        With a pair of outputs where two entries have become one.
    """
    changing = sources | {id(output) for _, _, _, output in entries}
    gradients = {
        (id(logits), id(labels)): entry
        for entry in entries
        if entry[0] is TABLE["softmax_cross_entropy_gradient"]
        for g, logits, labels in [entry[1]]
        if id(g) not in changing and g.dtype == logits.dtype
    }
    joined: list = []
    taken = set()
    for entry in entries:
        op, inputs, _, output = entry
        twin = gradients.pop((id(inputs[0]), id(inputs[-1])), None) if op is TABLE["softmax_cross_entropy"] else None
        if twin is not None:
            taken.add(id(twin[3]))
            joined.append((_WITH_GRADIENT, twin[1], {}, (output, twin[3])))
        elif id(output) not in taken:
            joined.append(entry)
    return joined


def fuse(entries, roots):
    """Entries with matrix products, biases and relus put together.

    `matmul` whose result goes nowhere but into `add` of a vector becomes `dense`, and takes `relu` along where nobody
    wants the sums themselves but the gradient of that relu, for which its result will do: both are positive in the same
    places.

    Parameters
    ----------
    entries : list of (op, inputs, params, output)
    roots : list of Tensor
        What must still be computed.

    Returns
    -------
    list of (op, inputs, params, output)
    """
    readers = _readers(entries)
    wanted = {id(tensor) for tensor in roots}
    replaced, dropped, renamed = {}, set(), {}
    for op, inputs, _, product in entries:
        added = _only_reader(readers, wanted, product)
        if op is not TABLE["matmul"] or added is None or not _is_bias(added, product, inputs):
            continue
        _, (_, bias), _, sums = added
        relu = _relu_of(readers, wanted, sums)
        output = sums if relu is None else relu[3]
        operands = [*inputs, bias]
        # in the place of the sum: its bias may be computed after the product
        replaced[id(sums)] = (TABLE["dense"], operands, {"with_relu": relu is not None}, output)
        dropped.add(id(product))
        if relu is not None:
            dropped.add(id(output))
            renamed[id(sums)] = output
    fused = []
    for entry in entries:
        op, inputs, params, output = entry
        if id(output) in replaced:
            fused.append(replaced[id(output)])
        elif id(output) not in dropped:
            fused.append((op, [renamed.get(id(tensor), tensor) for tensor in inputs], params, output))
    return fused


def _readers(entries):
    """From the id of a tensor to the entries that read it."""
    readers: dict[int, list] = {}
    for entry in entries:
        for tensor in {id(tensor) for tensor in entry[1]}:
            readers.setdefault(tensor, []).append(entry)
    return readers


def _only_reader(readers, wanted, tensor):
    found = readers.get(id(tensor), [])
    return found[0] if len(found) == 1 and id(tensor) not in wanted else None


def _is_bias(entry, product, operands):
    """Whether an entry is `product + bias`, one number per column, all of one dtype."""
    op, inputs, _, _ = entry
    if op is not TABLE["add"] or inputs[0] is not product or product.ndim != 2:
        return False
    same = {tensor.dtype for tensor in (*operands, inputs[1])} == {product.dtype}
    return same and inputs[1].shape == product.shape[1:]


def _relu_of(readers, wanted, sums):
    """The entry that takes relu of `sums`, if all others that read them ask where they are positive."""
    found = readers.get(id(sums), [])
    relus = [entry for entry in found if entry[0] is TABLE["relu"]]
    if len(relus) != 1 or id(sums) in wanted:
        return None
    others = [entry for entry in found if entry is not relus[0]]
    fits = all(op is TABLE["relu_gradient"] and inputs[0] is not sums for op, inputs, _, _ in others)
    return relus[0] if fits else None
