"""Counters in memory that several threads add to and look at, and the clock, for compiled loops that share work."""

import sys
import time

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives.vectors import INT32, WORD

CLOCK_MONOTONIC = getattr(time, "CLOCK_MONOTONIC", None)
"""The system's number for it; None on Windows, where milliseconds are counted."""

MOMENT = 50
"""Microseconds."""


@intrinsic
def add_to(typing_context, address, value):
    """Add to the counter at an address, seen by all threads."""

    def generate(context, builder, signature, arguments):
        pointer = builder.inttoptr(arguments[0], WORD.as_pointer())
        return builder.atomic_rmw("add", pointer, arguments[1], "seq_cst")

    return types.int64(types.int64, types.int64), generate


@intrinsic
def look_at(typing_context, address):
    """The counter at an address, as other threads left it."""

    def generate(context, builder, signature, arguments):
        return builder.load_atomic(builder.inttoptr(arguments[0], WORD.as_pointer()), "acquire", 8)

    return types.int64(types.int64), generate


@intrinsic
def put_at(typing_context, address, value):
    """Put a number at an address, seen by all threads, and with it what was written before."""

    def generate(context, builder, signature, arguments):
        builder.store_atomic(arguments[1], builder.inttoptr(arguments[0], WORD.as_pointer()), "release", 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@intrinsic
def exchange(typing_context, address, old, new):
    """Put a number at an address if the one there is `old`; whether it was. Of several threads, one succeeds."""

    def generate(context, builder, signature, arguments):
        address, old, new = arguments
        pointer = builder.inttoptr(address, WORD.as_pointer())
        return builder.extract_value(builder.cmpxchg(pointer, old, new, "seq_cst", "seq_cst"), 1)

    return types.boolean(types.int64, types.int64, types.int64), generate


@intrinsic
def nanoseconds(typing_context):
    """A clock that never goes back: nanoseconds since some moment."""

    def generate(context, builder, signature, arguments):
        if sys.platform == "win32":
            ticks = cgutils.get_or_insert_function(builder.module, ir.FunctionType(WORD, []), "numbanet_milliseconds")
            return builder.mul(builder.call(ticks, []), WORD(1_000_000))
        spec = cgutils.alloca_once(builder, ir.ArrayType(WORD, 2))
        function_type = ir.FunctionType(INT32, [INT32, spec.type])
        clock = cgutils.get_or_insert_function(builder.module, function_type, "clock_gettime")
        builder.call(clock, [INT32(CLOCK_MONOTONIC), spec])
        seconds, rest = (builder.load(cgutils.gep_inbounds(builder, spec, 0, i)) for i in range(2))
        return builder.add(builder.mul(seconds, WORD(1_000_000_000)), rest)

    return types.int64(), generate


@intrinsic
def let_others_run(typing_context):
    """Leave the processor to others for a moment.

    Not by yielding, where sleeping can be short: who yields stands behind everyone else, and came back after 40 ms on
    a busy machine (Linux 6.18, two cores, a load of 15); who sleeps is called back.
    """

    def generate(context, builder, signature, arguments):
        if sys.platform == "win32":
            function_type = ir.FunctionType(INT32, [])
            builder.call(cgutils.get_or_insert_function(builder.module, function_type, "numbanet_yield"), [])
        else:
            function_type = ir.FunctionType(INT32, [INT32])
            sleep = cgutils.get_or_insert_function(builder.module, function_type, "usleep")
            builder.call(sleep, [INT32(MOMENT)])
        return context.get_dummy_value()

    return types.void(), generate
