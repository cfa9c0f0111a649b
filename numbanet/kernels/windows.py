"""Elementwise kernels over any layout: broadcasting, transposed, reversed and sliced operands, nothing materialised.

An elementwise body is compiled once, for contiguous operands, where its loop vectorises. `windows` walks the output in
pieces of 1,024 positions that stay in the first-level cache: what an operand holds for one piece is either already
contiguous, and then used where it lies, or copied into a scratch row first. `loops.move.copy_strided` is the naive
definition of that walk.
"""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.kernels.scratch import stack_array
from numbanet.kernels.words import CONTIGUOUS, STRIDED

WINDOW = 1024
_WORD = ir.IntType(64)


@intrinsic
def call_kernel(typing_context, function, block, start, stop):
    """Call the kernel at address `function` with the argument block at address `block`."""

    def generate(context, builder, signature, arguments):
        launch = ir.FunctionType(ir.VoidType(), [_WORD, _WORD, _WORD])
        builder.call(builder.inttoptr(arguments[0], launch.as_pointer()), arguments[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), generate


@intrinsic
def peek(typing_context, address, like):
    """The value of the type of `like` at an address."""

    def generate(context, builder, signature, arguments):
        pointer_type = context.get_data_type(signature.return_type).as_pointer()
        return builder.load(builder.inttoptr(arguments[0], pointer_type))

    return like(types.int64, like), generate


@intrinsic
def poke(typing_context, address, value):
    """Store a value at an address."""

    def generate(context, builder, signature, arguments):
        pointer_type = context.get_data_type(signature.args[1]).as_pointer()
        builder.store(arguments[1], builder.inttoptr(arguments[0], pointer_type))
        return context.get_dummy_value()

    return types.void(types.int64, value), generate


@intrinsic
def copy_bytes(typing_context, target, source, count):
    """memcpy."""

    def generate(context, builder, signature, arguments):
        byte_pointer = ir.IntType(8).as_pointer()
        target, source = (builder.inttoptr(a, byte_pointer) for a in arguments[:2])
        cgutils.raw_memcpy(builder, target, source, arguments[2], 1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def copy_spread(typing_context, target, source, stride, itemsize, count):
    """Copy elements of 1, 2, 4 or 8 bytes that lie `stride` bytes apart to a contiguous place.

    A loop for each size, here and not in Python: four of them took Numba 100 ms more.
    """

    def generate(context, builder, signature, arguments):
        target, source, stride, itemsize, count = arguments
        done = builder.append_basic_block("done")
        sizes = {size: builder.append_basic_block(f"copy_{size}") for size in (1, 2, 4, 8)}
        switch = builder.switch(itemsize, sizes[8])
        for size, block in sizes.items():
            switch.add_case(_WORD(size), block)
            builder.position_at_end(block)
            pointer = ir.IntType(8 * size).as_pointer()
            with cgutils.for_range(builder, count) as loop:
                here = builder.inttoptr(builder.add(source, builder.mul(loop.index, stride)), pointer)
                there = builder.gep(builder.inttoptr(target, pointer), [loop.index])
                builder.store(builder.load(here), there)
            builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


@njit(inline="always")
def copy_run(source, stride, target, itemsize, count):
    """Copy `count` elements that lie `stride` bytes apart to a contiguous place."""
    if stride == itemsize:
        copy_bytes(target, source, count * itemsize)
    else:
        copy_spread(target, source, stride, itemsize, count)


@njit(inline="always")
def gather(layout, at, position, count, scratch, index):
    """The address where `count` elements of the operand described at `layout[at:]` lie side by side."""
    last = layout[2] - 1
    address, itemsize = layout[at], layout[at + 1]
    for d in range(last, -1, -1):
        index[d] = position % layout[3 + d]
        position //= layout[3 + d]
    stride = layout[at + 3 + last]
    done = 0
    while done < count:
        run = min(layout[3 + last] - index[last], count - done)
        source = address
        for d in range(last + 1):
            source += index[d] * layout[at + 3 + d]
        if run == count and stride == itemsize:
            return source
        copy_run(source, stride, scratch + done * itemsize, itemsize, run)
        done += run
        index[last] += run
        d = last
        while d > 0 and index[d] == layout[3 + d]:
            index[d] = 0
            d -= 1
            index[d] += 1
    return scratch


def windows(layout, start, stop):
    """Range body over output positions. `layout`, in words: the kernel's address, the number of inputs, ndim, shape;
    then for each input its address, itemsize, kind and strides in bytes; then the output's address and itemsize."""
    inputs, ndim = layout[1], layout[2]
    width = 3 + ndim
    block = stack_array(2 * (inputs + 1), np.int64(0))
    index = stack_array(ndim, np.int64(0))
    rows = stack_array(inputs * WINDOW, np.int64(0))
    scratch = np.int64(rows.ctypes.data)
    out, out_itemsize = layout[width + inputs * width], layout[width + inputs * width + 1]
    position, end = np.int64(start), np.int64(stop)
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
        call_kernel(layout[0], np.int64(block.ctypes.data), 0, count)
        position += count
        first = False
