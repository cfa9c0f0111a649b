"""What a step of a recurrence does to a row, in LLVM vectors: the functions of `vector_math.recurrent`.

The units of a row are walked in vectors, the last of them masked; a row has the gates of all its units side by side.
Generated C has the same (`cython/c_rows.py`).
"""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from numbanet.backends.native.primitives import VECTOR_BYTES
from numbanet.backends.native.primitives.vector_memory import WORD, each_vector
from numbanet.vector_math import recurrent


def _walk(function):
    """The code of a function of `vector_math.recurrent` for row i; the last array has one number for a unit."""
    counts = recurrent.ROWS[function]

    def generate(context, builder, signature, arguments):
        *arrays, i = arguments
        rows, units = {}, None
        for name, kind, array in zip(counts, signature.args, arrays, strict=False):
            x = context.make_array(kind)(context, builder, array)
            length = cgutils.unpack_tuple(builder, x.shape)[1]
            rows[name], units = builder.gep(x.data, [builder.mul(i, length)]), length
        lanes = VECTOR_BYTES // context.get_abi_sizeof(rows[name].type.pointee)

        def at(name, gate):
            return builder.gep(rows[name], [builder.mul(WORD(gate), units)])

        def step(part):
            for name, gate, found in recurrent.of_parts(function, lambda name, gate: part.load(at(name, gate), 0.0)):
                part.store(found, at(name, gate))

        each_vector(builder, WORD(0), units, lanes, lanes, step)
        return context.get_dummy_value()

    return generate


@intrinsic
def simple_rnn_row(typing_context, product, gates, h, i):
    """Compute row i of `simple_rnn_step`."""
    return types.void(product, gates, h, i), _walk(recurrent.simple_rnn_step)


@intrinsic
def simple_rnn_row_gradient(typing_context, g, product, gates, dgates, dh, i):
    """Compute row i of `simple_rnn_step_gradient`."""
    return types.void(g, product, gates, dgates, dh, i), _walk(recurrent.simple_rnn_step_gradient)


@intrinsic
def lstm_row(typing_context, product, c_before, gates, c, h, i):
    """Compute row i of `lstm_step`."""
    return types.void(product, c_before, gates, c, h, i), _walk(recurrent.lstm_step)


@intrinsic
def lstm_row_gradient(typing_context, g, product, gates, c_before, c, dgates, dc, dh, i):
    """Compute row i of `lstm_step_gradient`."""
    return types.void(g, product, gates, c_before, c, dgates, dc, dh, i), _walk(recurrent.lstm_step_gradient)


@intrinsic
def gru_row(typing_context, product, h_before, gates, inner, h, i):
    """Compute row i of `gru_step`."""
    return types.void(product, h_before, gates, inner, h, i), _walk(recurrent.gru_step)


@intrinsic
def gru_row_gradient(typing_context, g, product, h_before, gates, inner, dgates, dcandidate, dh, i):
    """Compute row i of `gru_step_gradient`."""
    return types.void(g, product, h_before, gates, inner, dgates, dcandidate, dh, i), _walk(recurrent.gru_step_gradient)
