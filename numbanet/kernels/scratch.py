"""Memory for a body while it runs: on the stack, or from the C library. Kernels use nothing of Numba's runtime."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

_WORD, _POINTER = ir.IntType(64), ir.IntType(8).as_pointer()


def _array_over(context, builder, array_type, memory, count):
    array = context.make_array(array_type)(context, builder)
    itemsize = _WORD(context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
    data = builder.bitcast(memory, array.data.type)
    populate_array(array, data=data, shape=[count], strides=[itemsize], itemsize=itemsize, meminfo=None)
    return array._getvalue()


@intrinsic
def stack_array(typing_context, count, like):
    """An array of `count` numbers of the type of `like`, until the body returns: few, and not made in a loop."""
    array_type = types.Array(types.unliteral(like), 1, "C")

    def generate(context, builder, signature, arguments):
        memory = builder.alloca(context.get_data_type(array_type.dtype), arguments[0])
        memory.align = 64
        return _array_over(context, builder, array_type, memory, arguments[0])

    return array_type(types.int64, like), generate


@intrinsic
def heap_array(typing_context, count, like):
    """An array of `count` numbers of the type of `like`, until `free`."""
    array_type = types.Array(types.unliteral(like), 1, "C")

    def generate(context, builder, signature, arguments):
        malloc = cgutils.get_or_insert_function(builder.module, ir.FunctionType(_POINTER, [_WORD]), "malloc")
        itemsize = _WORD(context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
        memory = builder.call(malloc, [builder.mul(arguments[0], itemsize)])
        return _array_over(context, builder, array_type, memory, arguments[0])

    return array_type(types.int64, like), generate


@intrinsic
def free(typing_context, array):
    """Give back what `heap_array` gave."""

    def generate(context, builder, signature, arguments):
        release = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), [_POINTER]), "free")
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        builder.call(release, [builder.bitcast(data, _POINTER)])
        return context.get_dummy_value()

    return types.void(array), generate
