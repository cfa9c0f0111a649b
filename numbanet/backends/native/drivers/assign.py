"""Copying an array that lies row by row into one of any strides: a part of a larger array, or one read backwards.

`loops.move.assign_strided` is the naive definition.
"""

from numbanet.backends.native.primitives import as_int64, copy_bytes, inlined, spread_copy, stack_words


@inlined
def copy_run_to(target, stride, source, itemsize, count):
    """Copy `count` elements that lie side by side to places that lie `stride` bytes apart."""
    if stride == itemsize:
        copy_bytes(target, source, count * itemsize)
    else:
        spread_copy(target, stride, source, itemsize, count)


def assign(layout, start, stop):
    """Range body over elements. `layout`, in words: the address of the source, that of the target, the itemsize, ndim,
    shape, and the strides of the target in bytes."""
    itemsize, ndim = layout[2], layout[3]
    last = ndim - 1
    strides = 4 + ndim
    stride = layout[strides + last]
    index = stack_words(ndim)
    position, end = as_int64(start), as_int64(stop)
    target, rest = layout[1], position
    for d in range(last, -1, -1):
        size = layout[4 + d]
        index[d] = rest % size
        target += index[d] * layout[strides + d]
        rest //= size
    while position < end:
        run = min(layout[4 + last] - index[last], end - position)
        copy_run_to(target, stride, layout[0] + position * itemsize, itemsize, run)
        position += run
        target += run * stride
        index[last] += run
        d = last
        while d > 0 and index[d] == layout[4 + d]:
            target += layout[strides + d - 1] - index[d] * layout[strides + d]
            index[d] = 0
            d -= 1
            index[d] += 1
