"""Softmax and its cross-entropy: x is (rows, classes), contiguous; the naive bodies are those of `loops.softmax`.

A row is read once where the registers of its threads hold it: up to 32 threads with up to 16 elements each, then up to
512, which is 8192 classes of float32 (1024 threads may have 64 registers each, and the gradient needs up to 80). Longer
rows are read twice by one block: once for the maximum and the sum together, and once for the results. Both ways exp is
of the dtype of the elements and sums are of float64. Results are multiplied in the dtype by a factor that was computed
in float64: one more rounding, and no float64 division per element, of which most GPUs do few. What could cancel out, at
the label, is computed in float64 from the quotient on, as in the bodies.
"""

import numpy as np
from numpy import exp, log, nan

from numbanet.backends.cuda import recipes
from numbanet.backends.cuda.groups import Group, make_group_of, make_left, make_load, make_together, power_of_two, uint
from numbanet.backends.cuda.toolkit import cuda, device
from numbanet.loops import softmax as loops

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


def the_exponential(difference, exponential):
    """What is kept of an element for its result: exp(v - best)."""
    return exponential


def the_difference(difference, exponential):
    """What is kept of an element for its result: v - best."""
    return difference


def softmax_result(kept, factor, total, g, is_label):
    """exp(v - best) / total."""
    return kept * factor


def log_softmax_result(kept, factor, total, g, is_label):
    """The logarithm of softmax."""
    return kept - factor


def gradient_result(kept, factor, total, g, is_label):
    """g * (softmax - 1 at the label)."""
    if is_label:
        return np.float64(g) * (np.float64(kept) / total - 1.0)
    return np.float64(kept * factor)


def shifted_exponential(difference):
    """A term of the sum."""
    return exp(difference)


def shrunk(total, best, larger):
    """A sum of exp(v - best) as one of exp(v - larger), in double precision: it is of many elements."""
    return total * exp(np.float64(best) - np.float64(larger))


def loss_of(v, best, total):
    """The cross-entropy of a row whose label has the logit v."""
    return log(total) - (v - best)


def label_of(label, classes, total):
    """A label and the sum of its row, which is NaN where the label is none of the classes."""
    if label < 0 or label >= classes:
        return uint(0), nan
    return uint(label), total


def not_smaller(a, b):
    """The larger of two values; NaN never is. Rows need no more: the sum of exponentials has NaN in it."""
    return max(a[0], b[0]), a[1]


RESULTS = {
    loops.softmax: (the_exponential, softmax_factor, softmax_result),
    loops.log_softmax: (the_difference, log_softmax_factor, log_softmax_result),
    loops.softmax_cross_entropy: (the_exponential, None, None),
    loops.softmax_cross_entropy_gradient: (the_exponential, gradient_factor, gradient_result),
    loops.softmax_cross_entropy_and_gradient: (the_exponential, gradient_factor, gradient_result),
}


def make_exponentials(body, elements):
    """`exponentials(tile, best)`: the sum of exp(v - best); the tile then has what the results are made of.

    Past the end of a row stands -infinity, whose exponential is 0; if `best` is that too, all of the row becomes NaN.
    """
    keep, exponential = device(RESULTS[body][0]), device(shifted_exponential)

    def exponentials(tile, best):
        total = 0.0
        for e in range(elements):
            difference = tile[e] - best
            term = exponential(difference)
            total += np.float64(term)
            tile[e] = keep(difference, term)
        return total

    return device(exponentials)


def make_largest(elements):
    """`largest(tile, best)`: the largest of a tile and of what came before."""

    def largest(tile, best):
        for e in range(elements):
            best = max(best, tile[e])
        return best

    return device(largest)


def make_statistics(body, dtype, elements, group):
    """`statistics(x, first, lane, count, thread, tile)`: a row's maximum, and its sum of exp(x - maximum).

    The tile then has what results are made of, `elements` in each thread.
    """
    lowest, empty = dtype.type(-np.inf), recipes.NO_PAYLOAD
    load, largest = make_load(elements, group.lanes, lowest), make_largest(elements)
    exponentials, crosses_warps = make_exponentials(body, elements), group.partials > 1
    share_best, collect_best = make_together(device(not_smaller), dtype, group, False)
    share_total, collect_total = make_together(device(recipes.added), np.dtype(np.float64), group, False)
    threads = group.threads

    def statistics(x, first, lane, count, thread, tile):
        bests = cuda.shared.array(threads, dtype)
        totals = cuda.shared.array(threads, np.float64)
        load(x, first, lane, count, tile)
        best = share_best((largest(tile, lowest), empty), thread, bests, bests)
        if crosses_warps:
            cuda.syncthreads()
        best = collect_best(best, thread, bests, bests)
        total = share_total((exponentials(tile, best[0]), empty), thread, totals, totals)
        if crosses_warps:
            cuda.syncthreads()
        return best[0], collect_total(total, thread, totals, totals)[0]

    return device(statistics)


def make_long_statistics(body, dtype, elements, group):
    """The same for a row of any length, in one read, a tile at a time: the sum so far shrinks when the maximum grows.

    (Milakov, Gimelshein: Online normalizer calculation for softmax, 2018.)
    """
    lowest = dtype.type(-np.inf)
    load, largest = make_load(elements, group.lanes, lowest), make_largest(elements)
    exponentials, shrink = make_exponentials(body, elements), device(shrunk)
    share, collect = make_together(device(recipes.exponentials_added), dtype, group, True)
    threads, crosses_warps, zero, step = group.threads, group.partials > 1, dtype.type(0), uint(elements * group.lanes)

    def statistics(x, first, lane, count, thread, tile):
        bests = cuda.shared.array(threads, dtype)
        totals = cuda.shared.array(threads, np.float64)
        best, total, j = lowest, 0.0, lane
        while j < count:
            load(x, first, j, count, tile)
            larger = largest(tile, best)
            if larger > best:
                total = shrink(total, best, larger)
                best = larger
            total += exponentials(tile, best if best > lowest else zero)  # so that nothing but -infinity adds 0
            j += step
        state = share((best, total), thread, bests, totals)
        if crosses_warps:
            cuda.syncthreads()
        best, total = collect(state, thread, bests, totals)
        return best, total + np.float64(best - best)  # NaN if the maximum is not finite, as the differences are

    return device(statistics)


def make_write(body, dtype, elements, lanes, in_registers):
    """`write(x, first, lane, count, tile, best, total, g, label, out)`: the results of a row."""
    _, factor_of, result_of = RESULTS[body]
    factor_of, result_of, convert = device(factor_of), device(result_of), dtype.type
    load, left = make_load(elements, lanes, convert(-np.inf)), make_left(elements, lanes)
    exponentials, step = make_exponentials(body, elements), uint(elements * lanes)

    def write_tile(first, j, count, tile, total, factor, g, label, out):
        inside, at_label = left(j, count), np.int32(np.int64(label) - np.int64(j))
        for e in range(elements):
            result = result_of(tile[e], factor, total, g, at_label == np.int32(e * lanes))
            if np.int32(e * lanes) < inside:
                out[first + j + uint(e * lanes)] = result

    write_tile = device(write_tile)

    def write_kept(x, first, lane, count, tile, best, total, g, label, out):
        write_tile(first, lane, count, tile, total, convert(factor_of(total, g)), g, label, out)

    def write_long(x, first, lane, count, tile, best, total, g, label, out):
        factor, j = convert(factor_of(total, g)), lane
        while j < count:
            load(x, first, j, count, tile)
            exponentials(tile, best)
            write_tile(first, j, count, tile, total, factor, g, label, out)
            j += step

    return device(write_kept if in_registers else write_long)


def make_begin(group):
    """`begin(thread, rows, classes)`: (row, position of its first element, lane, its length: 0 past the end)."""
    group_of, groups = make_group_of(group), uint(group.groups)

    def begin(thread, rows, classes):
        number, lane, _ = group_of(thread)
        row = uint(cuda.blockIdx.x) * groups + number
        return row, row * uint(classes), lane, uint(classes) if row < uint(rows) else uint(0)

    return device(begin)


def parts_of(body, dtype, elements, in_registers, group):
    """The device functions that the kernels below are made of."""
    statistics = (make_statistics if in_registers else make_long_statistics)(body, dtype, elements, group)
    write = make_write(body, dtype, elements, group.lanes, in_registers) if RESULTS[body][1] else None
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
    loss, known = device(loss_of), device(label_of)

    def kernel(logits, labels, out, rows, classes):
        thread, tile = uint(cuda.threadIdx.x), cuda.local.array(elements, dtype)
        row, first, lane, count = begin(thread, rows, classes)
        best, total = statistics(logits, first, lane, count, thread, tile)
        if lane < count and lane == uint(0):
            label, total = known(labels[row], classes, total)
            out[row] = loss(logits[first + label], best, total)

    return kernel


def make_gradient(body, dtype, elements, in_registers, *group):
    """The kernel of the gradient of the cross-entropy."""
    begin, statistics, write = parts_of(body, dtype, elements, in_registers, Group(*group))
    known = device(label_of)

    def kernel(g, logits, labels, out, rows, classes):
        thread, tile = uint(cuda.threadIdx.x), cuda.local.array(elements, dtype)
        row, first, lane, count = begin(thread, rows, classes)
        best, total = statistics(logits, first, lane, count, thread, tile)
        if lane < count:
            label, total = known(labels[row], classes, total)
            write(logits, first, lane, count, tile, best, total, g[row], label, out)

    return kernel


def make_loss_and_gradient(body, dtype, elements, in_registers, *group):
    """The kernel of both."""
    begin, statistics, write = parts_of(body, dtype, elements, in_registers, Group(*group))
    loss, known = device(loss_of), device(label_of)

    def kernel(g, logits, labels, losses, out, rows, classes):
        thread, tile = uint(cuda.threadIdx.x), cuda.local.array(elements, dtype)
        row, first, lane, count = begin(thread, rows, classes)
        best, total = statistics(logits, first, lane, count, thread, tile)
        if lane < count:
            label, total = known(labels[row], classes, total)
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

    def run(backend, *operands):
        x = operands[logits_at]
        rows, classes = x.shape
        elements, in_registers, group = arrangement(backend.sizes, classes, x.dtype.itemsize)
        flat = [operand.reshape(-1) for operand in operands]
        parameters = body, x.dtype, elements, in_registers, *group
        grid = (-(-rows // group.groups),)
        backend.launch(make, parameters, grid, (group.threads,), (*flat, rows, classes))

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
