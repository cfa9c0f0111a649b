"""Elementwise kernels over any layout: broadcasting, transposed, reversed and sliced operands, nothing materialised.

An elementwise body is compiled once, for contiguous operands, where its loop vectorises. `windows` walks the output in
pieces of 1,024 positions that stay in the first-level cache: what an operand holds for one piece is either already
contiguous, and then used where it lies, or copied into a scratch row first. `loops.move.copy_strided` is the naive
definition of that walk.
"""

from numbanet.backends.native.primitives import (
    address,
    as_int64,
    call_kernel,
    copy_bytes,
    copy_spread,
    inlined,
    stack_words,
)
from numbanet.kernels.words import CONTIGUOUS, STRIDED, WINDOW


@inlined
def copy_run(source, stride, target, itemsize, count):
    """Copy `count` elements that lie `stride` bytes apart to a contiguous place."""
    if stride == itemsize:
        copy_bytes(target, source, count * itemsize)
    else:
        copy_spread(target, source, stride, itemsize, count)


@inlined
def gather(layout, at, position, count, scratch, index):
    """The address where `count` elements of the operand described at `layout[at:]` lie side by side."""
    last = layout[2] - 1
    source, itemsize, stride = layout[at], layout[at + 1], layout[at + 3 + last]
    for d in range(last, -1, -1):
        size = layout[3 + d]
        index[d] = position % size
        source += index[d] * layout[at + 3 + d]
        position //= size
    done = 0
    while done < count:
        run = min(layout[3 + last] - index[last], count - done)
        if run == count and stride == itemsize:
            return source
        copy_run(source, stride, scratch + done * itemsize, itemsize, run)
        done += run
        source += run * stride
        index[last] += run
        d = last
        while d > 0 and index[d] == layout[3 + d]:
            source += layout[at + 2 + d] - index[d] * layout[at + 3 + d]
            index[d] = 0
            d -= 1
            index[d] += 1
    return scratch


def windows(layout, start, stop):
    """Range body over output positions. `layout`, in words: the kernel's address, the number of inputs, ndim, shape;
    then for each input its address, itemsize, kind and strides in bytes; then the output's address and itemsize."""
    inputs, ndim = layout[1], layout[2]
    width = 3 + ndim
    block, index = stack_words(2 * (inputs + 1)), stack_words(ndim)
    scratch = address(stack_words(inputs * WINDOW))
    out, out_itemsize = layout[width + inputs * width], layout[width + inputs * width + 1]
    position, end = as_int64(start), as_int64(stop)
    first = True
    while position < end:
        count = min(WINDOW, end - position)
        for p in range(inputs):
            at = width + p * width
            if layout[at + 2] == CONTIGUOUS:
                block[2 * p] = layout[at] + position * layout[at + 1]
            elif first or layout[at + 2] == STRIDED:  # a scalar's row stays as it was filled
                block[2 * p] = gather(layout, at, position, count, scratch + p * WINDOW * 8, index)
            block[2 * p + 1] = count
        block[2 * inputs] = out + position * out_itemsize
        block[2 * inputs + 1] = count
        call_kernel(layout[0], address(block), 0, count)
        position += count
        first = False
