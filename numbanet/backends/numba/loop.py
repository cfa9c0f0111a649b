"""A range body from a function of `Lanes`."""

from numba import types
from numba.extending import intrinsic

from numbanet.backends.native.primitives import VECTOR_BYTES
from numbanet.backends.native.primitives.vector_memory import each_vector


def data_of(context, builder, kind, array):
    """The pointer to the first element."""
    return context.make_array(kind)(context, builder, array).data


def elementwise(function, vectors=4):
    """The range body `body(x, out, start, stop)` of a function of lanes; one step takes so many vectors."""

    @intrinsic
    def run(typing_context, x, out, start, stop):
        def generate(context, builder, signature, arguments):
            source, target = (
                data_of(context, builder, *pair) for pair in zip(signature.args[:2], arguments[:2], strict=True)
            )
            narrow = VECTOR_BYTES * 8 // x.dtype.bitwidth

            def step(part):
                part.store(function(part.load(source, 1.0)), target)

            each_vector(builder, *arguments[2:], vectors * narrow, narrow, step)
            return context.get_dummy_value()

        return types.void(x, out, start, stop), generate

    def body(x, out, start, stop):
        run(x, out, start, stop)

    family = function.__module__.rsplit(".", 1)[1]
    body.__name__ = body.__qualname__ = f"{function.__name__}_{family}"  # the cache knows bodies by name
    body.function = function
    return body
