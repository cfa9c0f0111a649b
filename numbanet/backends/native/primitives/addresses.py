"""Addresses as numbers: what lies there, copies from one to another, and calls of the kernel at one."""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.vectors import BYTE, WORD

inlined = njit(inline="always")
"""Decorates what bodies call."""


@inlined
def as_int64(x):
    """A position, which is unsigned, as a signed number."""
    return np.int64(x)


@intrinsic
def address(typing_context, x):
    """The address of the first element of an array."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.ptrtoint(data, WORD)

    return types.int64(x), generate


@intrinsic
def call_kernel(typing_context, function, block, start, stop):
    """Call the kernel at address `function` with the argument block at address `block`."""

    def generate(context, builder, signature, arguments):
        launch = ir.FunctionType(ir.VoidType(), [WORD, WORD, WORD])
        builder.call(builder.inttoptr(arguments[0], launch.as_pointer()), arguments[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), generate


@intrinsic
def read_word(typing_context, address):
    """The 64-bit integer at an address."""

    def generate(context, builder, signature, arguments):
        return builder.load(builder.inttoptr(arguments[0], WORD.as_pointer()))

    return types.int64(types.int64), generate


@intrinsic
def write_word(typing_context, address, value):
    """Store a 64-bit integer at an address."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[1], builder.inttoptr(arguments[0], WORD.as_pointer()))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@intrinsic
def write_double(typing_context, address, value):
    """Store a double at an address."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[1], builder.inttoptr(arguments[0], ir.DoubleType().as_pointer()))
        return context.get_dummy_value()

    return types.void(types.int64, types.float64), generate


@intrinsic
def copy_bytes(typing_context, target, source, count):
    """memcpy."""

    def generate(context, builder, signature, arguments):
        target, source = (builder.inttoptr(a, BYTE.as_pointer()) for a in arguments[:2])
        cgutils.raw_memcpy(builder, target, source, arguments[2], 1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def copy_rows(typing_context, target, target_stride, source, source_stride, rows, size):
    """Copy rows of 4 to 128 bytes, a multiple of 4: each in two pieces, which may overlap, without a call."""

    def generate(context, builder, signature, arguments):
        target, target_stride, source, source_stride, rows, size = arguments
        target, source = (builder.inttoptr(x, BYTE.as_pointer()) for x in (target, source))
        done = builder.append_basic_block("copied")
        for piece in (64, 32, 16, 8, 4):
            kind = ir.VectorType(ir.IntType(32), piece // 4).as_pointer()
            last = builder.sub(size, WORD(piece))
            with builder.if_then(builder.icmp_signed(">" if piece > 4 else ">=", last, WORD(0))):
                with cgutils.for_range(builder, rows) as loop:
                    bases = [(source, source_stride), (target, target_stride)]
                    row, own = (builder.gep(base, [builder.mul(loop.index, stride)]) for base, stride in bases)
                    for far in (WORD(0), last):
                        place, other = (builder.bitcast(builder.gep(start, [far]), kind) for start in (row, own))
                        builder.store(builder.load(place, align=4), other, align=4)
                builder.branch(done)
        builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 6), generate


def fetch_line(builder, pointer):
    """Have the processor fetch a line into the second-level cache, wherever it is: no address is an error."""
    kinds = [BYTE.as_pointer(), *[ir.IntType(32)] * 3]
    prefetch = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), kinds), "llvm.prefetch.p0")
    builder.call(prefetch, [pointer, *[ir.IntType(32)(x) for x in (0, 2, 1)]])


@intrinsic
def fetch_ahead(typing_context, source, stride, rows, size):
    """Have the processor fetch rows of so many bytes into the second-level cache, while it does other things."""

    def generate(context, builder, signature, arguments):
        source, stride, rows, size = arguments
        base = builder.inttoptr(source, BYTE.as_pointer())
        with cgutils.for_range(builder, rows) as loop:
            row = builder.gep(base, [builder.mul(loop.index, stride)])
            with cgutils.for_range_slice(builder, WORD(0), size, WORD(64), WORD) as (far, _):
                fetch_line(builder, builder.gep(row, [far]))
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), generate


def _copy_each(builder, itemsize, count, places):
    """Copy elements of 1, 2, 4 or 8 bytes: `places(index, pointer)` gives where one is read and where it is written.

    A loop for each size, here and not in Python: four of them took Numba 100 ms more.
    """
    done = builder.append_basic_block("done")
    sizes = {size: builder.append_basic_block(f"copy_{size}") for size in (1, 2, 4, 8)}
    switch = builder.switch(itemsize, sizes[8])
    for size, block in sizes.items():
        switch.add_case(WORD(size), block)
        builder.position_at_end(block)
        with cgutils.for_range(builder, count) as loop:
            here, there = places(loop.index, ir.IntType(8 * size).as_pointer())
            builder.store(builder.load(here), there)
        builder.branch(done)
    builder.position_at_end(done)


@intrinsic
def copy_spread(typing_context, target, source, stride, itemsize, count):
    """Copy elements of 1, 2, 4 or 8 bytes that lie `stride` bytes apart to a contiguous place."""

    def generate(context, builder, signature, arguments):
        target, source, stride, itemsize, count = arguments

        def places(index, pointer):
            here = builder.inttoptr(builder.add(source, builder.mul(index, stride)), pointer)
            return here, builder.gep(builder.inttoptr(target, pointer), [index])

        _copy_each(builder, itemsize, count, places)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


@intrinsic
def spread_copy(typing_context, target, stride, source, itemsize, count):
    """Copy elements of 1, 2, 4 or 8 bytes that lie side by side to places that lie `stride` bytes apart."""

    def generate(context, builder, signature, arguments):
        target, stride, source, itemsize, count = arguments

        def places(index, pointer):
            there = builder.inttoptr(builder.add(target, builder.mul(index, stride)), pointer)
            return builder.gep(builder.inttoptr(source, pointer), [index]), there

        _copy_each(builder, itemsize, count, places)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate
