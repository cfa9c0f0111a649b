"""Memory for a body while it runs: on the stack, or from the C library. Kernels use nothing of Numba's runtime."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from numbanet.backends.native.primitives.vectors import BYTE, WORD

_POINTER = BYTE.as_pointer()


@intrinsic
def stack_words(typing_context, count):
    """An array of `count` 64-bit words, at a multiple of 64 bytes, until the body returns: few, not made in a loop."""
    array_type = types.Array(types.int64, 1, "C")

    def generate(context, builder, signature, arguments):
        memory = builder.alloca(WORD, arguments[0])
        memory.align = 64
        array = context.make_array(array_type)(context, builder)
        populate_array(array, data=memory, shape=[arguments[0]], strides=[WORD(8)], itemsize=WORD(8), meminfo=None)
        return array._getvalue()

    return array_type(types.int64), generate


@intrinsic
def allocate(typing_context, size):
    """The address of so many bytes, until `release`."""

    def generate(context, builder, signature, arguments):
        malloc = cgutils.get_or_insert_function(builder.module, ir.FunctionType(_POINTER, [WORD]), "malloc")
        return builder.ptrtoint(builder.call(malloc, arguments), WORD)

    return types.int64(types.int64), generate


@intrinsic
def release(typing_context, address):
    """Give back what `allocate` gave."""

    def generate(context, builder, signature, arguments):
        free = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), [_POINTER]), "free")
        builder.call(free, [builder.inttoptr(arguments[0], _POINTER)])
        return context.get_dummy_value()

    return types.void(types.int64), generate
