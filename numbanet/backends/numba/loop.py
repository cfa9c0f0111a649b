"""A range body from a function of `Lanes`."""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives import VECTOR_BYTES
from numbanet.backends.native.primitives.vector_memory import each_vector


def data_of(context, builder, kind, array):
    """The pointer to the first element."""
    return context.make_array(kind)(context, builder, array).data


def elementwise(function, vectors=4):
    """The range body of a function of as many lanes as it has operands; one step takes so many vectors."""

    @intrinsic
    def run(typing_context, operands, out, start, stop):
        def generate(context, builder, signature, arguments):
            kinds = [*signature.args[0], out]
            arrays = [*cgutils.unpack_tuple(builder, arguments[0]), arguments[1]]
            *sources, target = (data_of(context, builder, *pair) for pair in zip(kinds, arrays, strict=True))
            narrow = VECTOR_BYTES * 8 // out.dtype.bitwidth

            def step(part):
                part.store(function(*(part.load(source, 1.0) for source in sources)), target)

            each_vector(builder, *arguments[2:], vectors * narrow, narrow, step)
            return context.get_dummy_value()

        return types.void(operands, out, start, stop), generate

    def of_one(x, out, start, stop):
        run((x,), out, start, stop)

    def of_two(x, y, out, start, stop):
        run((x, y), out, start, stop)

    def of_three(x, y, z, out, start, stop):
        run((x, y, z), out, start, stop)

    body = (of_one, of_two, of_three)[function.__code__.co_argcount - 1]
    family = function.__module__.rsplit(".", 1)[1]
    body.__name__ = body.__qualname__ = f"{function.__name__}_{family}"  # the cache knows bodies by name
    body.function = function
    return body
