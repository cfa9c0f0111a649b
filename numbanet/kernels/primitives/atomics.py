"""Counters in memory that several threads add to and look at, for compiled loops that share work."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.kernels.primitives.lanes import WORD


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
def let_others_run(typing_context):
    """Offer the processor to another thread."""

    def generate(context, builder, signature, arguments):
        function_type = ir.FunctionType(ir.IntType(32), [])
        builder.call(cgutils.get_or_insert_function(builder.module, function_type, "numbanet_yield"), [])
        return context.get_dummy_value()

    return types.void(), generate
