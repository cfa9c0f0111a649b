"""Softmax and its cross-entropy: x is (rows, classes), contiguous; the naive bodies are those of `loops.neural`.

A row is read once where the registers of its threads hold it: up to 32 threads with up to 16 elements each, then up to
512, which is 8192 classes of float32 (1024 threads may have 64 registers each, and the gradient needs up to 80). Longer
rows are read twice by one block: once for the maximum and the sum together (see `recipes.exponential_added`), and once
for the results. Both ways exp is of the dtype of the elements and sums are of float64. Results are multiplied in the
dtype by a factor that was computed in float64: one more rounding, and no float64 arithmetic per element, of which most
GPUs do little. What could cancel out, at the label, is computed in float64 from the quotient on, as in the bodies.
"""

import numpy as np
from numpy import exp, log

from numbanet.kernels.cuda import recipes
from numbanet.kernels.cuda.groups import Group, make_group_of, make_load, make_together, power_of_two, uint
from numbanet.kernels.cuda.toolkit import cuda, device
from numbanet.kernels.loops import neural as loops

STEP = 4
"""Elements per thread come in multiples of this, so that few kernels are compiled."""


def softmax_factor(total, g):
    """What exponentials are multiplied by."""
    return 1.0 / total


def log_softmax_factor(total, g):
    """What is subtracted from elements."""
    return log(total)


def gradient_factor(total, g):
    """What exponentials are multiplied by, but at the label."""
    return np.float64(g) / total


def softmax_result(v, best, factor, total, g, is_label):
    """exp(v - best) / total."""
    return exp(v - best) * factor


def log_softmax_result(v, best, factor, total, g, is_label):
    """The logarithm of softmax."""
    return v - best - factor


def gradient_result(v, best, factor, total, g, is_label):
    """g * (softmax - 1 at the label)."""
    e = exp(v - best)
    if is_label:
        return np.float64(g) * (np.float64(e) / total - 1.0)
    return e * factor


def shifted_exponential(v, best):
    """A term of the sum."""
    return exp(v - best)


def loss_of(v, best, total):
    """The cross-entropy of a row whose label has the logit v."""
    return log(total) - (v - best)


RESULTS = {
    loops.softmax: (softmax_factor, softmax_result),
    loops.log_softmax: (log_softmax_factor, log_softmax_result),
    loops.softmax_cross_entropy_gradient: (gradient_factor, gradient_result),
    loops.softmax_cross_entropy_and_gradient: (gradient_factor, gradient_result),
}


def make_statistics(dtype, elements, group):
    """`statistics(x, first, lane, count, thread, tile)`: a row's maximum, and its sum of exp(x - maximum).

    The elements are left in `tile`, one of `elements` in each thread.
    """
    load = make_load(elements, group.lanes, dtype.type(-np.inf))
    larger, added, exponential = device(recipes.larger), device(recipes.added), device(shifted_exponential)
    share_best, collect_best = make_together(larger, dtype, group, False)
    share_total, collect_total = make_together(added, np.dtype(np.float64), group, False)
    threads, lanes, crosses_warps, empty = group.threads, group.lanes, group.partials > 1, recipes.NO_PAYLOAD
    zero = np.float64(0)

    def statistics(x, first, lane, count, thread, tile):
        bests = cuda.shared.array(threads, dtype)
        totals = cuda.shared.array(threads, np.float64)
        load(x, first, lane, count, tile)
        best = (tile[0], empty)
        for e in range(1, elements):
            best = larger(best, (tile[e], empty))
        best = share_best(best, thread, bests, bests)
        if crosses_warps:
            cuda.syncthreads()
        best = collect_best(best, thread, bests, bests)
        total = (zero, empty)
        for e in range(elements):
            if lane + uint(e * lanes) < count:
                total = added(total, (np.float64(exponential(tile[e], best[0])), empty))
        total = share_total(total, thread, totals, totals)
        if crosses_warps:
            cuda.syncthreads()
        return best[0], collect_total(total, thread, totals, totals)[0]

    return device(statistics)


def make_long_statistics(dtype, elements, group):
    """The same for a row of any length, in one read; `tile` is used for `elements` at a time."""
    load = make_load(elements, group.lanes, dtype.type(-np.inf))
    step, combine = device(recipes.exponential_added), device(recipes.exponentials_added)
    share, collect = make_together(combine, dtype, group, True)
    threads, lanes, crosses_warps = group.threads, group.lanes, group.partials > 1
    nothing = dtype.type(-np.inf), np.float64(0)

    def statistics(x, first, lane, count, thread, tile):
        bests = cuda.shared.array(threads, dtype)
        totals = cuda.shared.array(threads, np.float64)
        state, j = nothing, lane
        while j < count:
            load(x, first, j, count, tile)
            for e in range(elements):
                if j + uint(e * lanes) < count:
                    state = step(state, tile[e], j)
            j += uint(elements * lanes)
        state = share(state, thread, bests, totals)
        if crosses_warps:
            cuda.syncthreads()
        best, total = collect(state, thread, bests, totals)
        return best, total + np.float64(best - best)  # NaN if the maximum is not finite, as the differences are

    return device(statistics)


def make_write(body, dtype, elements, lanes, in_registers):
    """`write(x, first, lane, count, tile, best, total, g, label, out)`: the results of a row."""
    factor_of, result_of = (device(function) for function in RESULTS[body])
    load, convert, step = make_load(elements, lanes, dtype.type(0)), dtype.type, uint(elements * lanes)

    def write_tile(first, j, count, tile, best, total, factor, g, label, out):
        for e in range(elements):
            at = j + uint(e * lanes)
            if at < count:
                out[first + at] = result_of(tile[e], best, factor, total, g, at == label)

    write_tile = device(write_tile)

    def write_read(x, first, lane, count, tile, best, total, g, label, out):
        factor = convert(factor_of(total, g))
        write_tile(first, lane, count, tile, best, total, factor, g, label, out)

    def write_long(x, first, lane, count, tile, best, total, g, label, out):
        factor, j = convert(factor_of(total, g)), lane
        while j < count:
            load(x, first, j, count, tile)
            write_tile(first, j, count, tile, best, total, factor, g, label, out)
            j += step

    return device(write_read if in_registers else write_long)


def make_begin(group):
    """`begin(thread, rows, classes)`: (row, position of its first element, lane, its length), which is 0 past the end."""
    group_of, groups = make_group_of(group), uint(group.groups)

    def begin(thread, rows, classes):
        number, lane, _ = group_of(thread)
        row = uint(cuda.blockIdx.x) * groups + number
        return row, row * uint(classes), lane, uint(classes) if row < uint(rows) else uint(0)

    return device(begin)


def parts_of(body, dtype, elements, in_registers, group):
    """The device functions that the kernels below are made of."""
    statistics = (make_statistics if in_registers else make_long_statistics)(dtype, elements, group)
    write = make_write(body, dtype, elements, group.lanes, in_registers) if body in RESULTS else None
    return make_begin(group), statistics, write


def make_softmax(body, dtype, elements, in_registers, *group):
    """The kernel of softmax and of log_softmax."""
    begin, statistics, write = parts_of(body, dtype, elements, in_registers, Group(*group))
    nothing = dtype.type(0)

    def kernel(x, out, rows, classes):
        thread, tile = uint(cuda.threadIdx.x), cuda.local.array(elements, dtype)
        _, first, lane, count = begin(thread, rows, classes)
        best, total = statistics(x, first, lane, count, thread, tile)
        if lane < count:
            write(x, first, lane, count, tile, best, total, nothing, uint(0), out)

    return kernel


def make_loss(body, dtype, elements, in_registers, *group):
    """The kernel of the cross-entropy."""
    begin, statistics, _ = parts_of(body, dtype, elements, in_registers, Group(*group))
    loss = device(loss_of)

    def kernel(logits, labels, out, rows, classes):
        thread, tile = uint(cuda.threadIdx.x), cuda.local.array(elements, dtype)
        row, first, lane, count = begin(thread, rows, classes)
        best, total = statistics(logits, first, lane, count, thread, tile)
        if lane < count and lane == uint(0):
            out[row] = loss(logits[first + uint(labels[row])], best, total)

    return kernel


def make_gradient(body, dtype, elements, in_registers, *group):
    """The kernel of the gradient of the cross-entropy."""
    begin, statistics, write = parts_of(body, dtype, elements, in_registers, Group(*group))

    def kernel(g, logits, labels, out, rows, classes):
        thread, tile = uint(cuda.threadIdx.x), cuda.local.array(elements, dtype)
        row, first, lane, count = begin(thread, rows, classes)
        best, total = statistics(logits, first, lane, count, thread, tile)
        if lane < count:
            write(logits, first, lane, count, tile, best, total, g[row], uint(labels[row]), out)

    return kernel


def make_loss_and_gradient(body, dtype, elements, in_registers, *group):
    """The kernel of both."""
    begin, statistics, write = parts_of(body, dtype, elements, in_registers, Group(*group))
    loss = device(loss_of)

    def kernel(g, logits, labels, losses, out, rows, classes):
        thread, tile = uint(cuda.threadIdx.x), cuda.local.array(elements, dtype)
        row, first, lane, count = begin(thread, rows, classes)
        best, total = statistics(logits, first, lane, count, thread, tile)
        if lane < count:
            label = uint(labels[row])
            if lane == uint(0):
                losses[row] = loss(logits[first + label], best, total)
            write(logits, first, lane, count, tile, best, total, g[row], label, out)

    return kernel


def arrangement(sizes, classes, itemsize):
    """(elements per thread, whether they stay in registers, Group) for rows of so many classes."""
    most = max(STEP, sizes.row_elements * 4 // itemsize)
    lanes = power_of_two(-(-classes // STEP))
    if lanes > sizes.warp:
        lanes = max(sizes.warp, power_of_two(-(-classes // most)))
    in_registers = lanes <= sizes.row_threads
    lanes = min(lanes, sizes.row_threads)
    elements = -(-classes // (lanes * STEP)) * STEP if in_registers else most
    return elements, in_registers, Group(1, lanes, max(1, sizes.block // lanes), sizes.warp)


def launcher(make, body, logits_at):
    """The function that runs `body`, whose operand at that place is the logits."""

    def run(build, *operands):
        x = operands[logits_at]
        rows, classes = x.shape
        elements, in_registers, group = arrangement(build.sizes, classes, x.dtype.itemsize)
        flat = [operand.reshape(-1) for operand in operands]
        parameters = body, x.dtype, elements, in_registers, *group
        grid = (-(-rows // group.groups),)
        build.launch(make, parameters, grid, (group.threads,), (*flat, rows, classes))

    return run


TUNED = {
    loops.softmax: launcher(make_softmax, loops.softmax, 0),
    loops.log_softmax: launcher(make_softmax, loops.log_softmax, 0),
    loops.softmax_cross_entropy: launcher(make_loss, loops.softmax_cross_entropy, 0),
    loops.softmax_cross_entropy_gradient: launcher(make_gradient, loops.softmax_cross_entropy_gradient, 1),
    loops.softmax_cross_entropy_and_gradient: launcher(
        make_loss_and_gradient, loops.softmax_cross_entropy_and_gradient, 1
    ),
}
"""What runs on the device in place of a naive body; operands are contiguous, and there is an element."""
