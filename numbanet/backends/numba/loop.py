"""A range body from a function of `Lanes`."""

from numba import types
from numba.extending import intrinsic

from numbanet.backends.native.primitives import VECTOR_BYTES
from numbanet.backends.native.primitives.vector_memory import each_vector


def data_of(context, builder, kind, array):
    """The pointer to the first element."""
    return context.make_array(kind)(context, builder, array).data


def _generator(function, vectors):
    """What writes the code of a body; its arguments are the operands, the result, and the range."""

    def generate(context, builder, signature, arguments):
        kinds = signature.args[:-2]
        *sources, target = (data_of(context, builder, *pair) for pair in zip(kinds, arguments[:-2], strict=True))
        narrow = VECTOR_BYTES * 8 // kinds[0].dtype.bitwidth

        def step(part):
            part.store(function(*(part.load(source, 1.0) for source in sources)), target)

        each_vector(builder, *arguments[-2:], vectors * narrow, narrow, step)
        return context.get_dummy_value()

    return generate


def _of_one(generate):
    @intrinsic
    def run(typing_context, x, out, start, stop):
        return types.void(x, out, start, stop), generate

    def body(x, out, start, stop):
        run(x, out, start, stop)

    return body


def _of_two(generate):
    @intrinsic
    def run(typing_context, x, y, out, start, stop):
        return types.void(x, y, out, start, stop), generate

    def body(x, y, out, start, stop):
        run(x, y, out, start, stop)

    return body


def _of_three(generate):
    @intrinsic
    def run(typing_context, x, y, z, out, start, stop):
        return types.void(x, y, z, out, start, stop), generate

    def body(x, y, z, out, start, stop):
        run(x, y, z, out, start, stop)

    return body


def elementwise(function, vectors=4):
    """The range body of a function of as many lanes as it has operands; one step takes so many vectors."""
    body = (_of_one, _of_two, _of_three)[function.__code__.co_argcount - 1](_generator(function, vectors))
    family = function.__module__.rsplit(".", 1)[1]
    body.__name__ = body.__qualname__ = f"{function.__name__}_{family}"  # the cache knows bodies by name
    body.function = function
    return body
