"""What really runs where a naive body is launched: one table, from body, dtype and backend to the implementation.

The naive body stays the definition of what is computed, and `tests/test_substitutes.py` holds each row of `SUBSTITUTES`
to it. The page "What really runs" of the documentation is written from them. Nothing is imported here but the maths, so
that the table can be read where a wheel is built. Bodies are named by their modules in `loops`.
"""

from typing import NamedTuple

from numbanet.vector_math import activations, error_function, float32, float64

FLOAT64 = {
    "functions.exp": (float64.exp, 2),
    "functions.expm1": (float64.expm1, 4),
    "functions.log": (float64.log, 2),
    "functions.log1p": (float64.log1p, 4),
    "functions.log2": (float64.log2, 2),
    "functions.tanh": (float64.tanh, 4),
    "functions.sigmoid": (float64.sigmoid, 4),
    "functions.silu": (float64.silu, 4),
    "functions.softplus": (float64.softplus, 4),
    "functions.sin": (float64.sin, 4),
    "functions.cos": (float64.cos, 4),
    "functions.erf": (error_function.erf, 2),
    "functions.gelu": (error_function.gelu, 2),
    "functions.elu": (activations.elu, 4),
    "functions.selu": (activations.selu, 4),
    "functions.gelu_tanh": (activations.gelu_tanh, 4),
    "functions.sigmoid_gradient": (activations.sigmoid_gradient, 4),
    "functions.tanh_gradient": (activations.tanh_gradient, 4),
    "functions.softplus_gradient": (activations.softplus_gradient, 4),
    "functions.elu_gradient": (activations.elu_gradient, 4),
    "functions.selu_gradient": (activations.selu_gradient, 4),
    "functions.silu_gradient": (activations.silu_gradient, 4),
    "functions.gelu_gradient": (error_function.gelu_gradient, 2),
    "functions.gelu_tanh_gradient": (activations.gelu_tanh_gradient, 4),
}
"""Where all floating operands are float64: the function of `Lanes`, and the vectors that LLVM takes in one step; C has
half as many streams side by side."""

FLOAT32 = {
    "functions.exp": (float32.exp, 4),
    "functions.expm1": (float32.expm1, 2),
    "functions.log": (float32.log, 2),
    "functions.log1p": (float32.log1p, 4),
    "functions.log2": (float32.log2, 4),
    "functions.sin": (float32.sin, 4),
    "functions.cos": (float32.cos, 4),
    "functions.tanh": (float32.tanh, 4),
    "functions.sigmoid": (float32.sigmoid, 4),
    "functions.silu": (float32.silu, 4),
    "functions.softplus": (float32.softplus, 4),
    "functions.erf": (error_function.erf, 4),
    "functions.gelu": (error_function.gelu, 2),
    "functions.elu": (activations.elu, 4),
    "functions.selu": (activations.selu, 4),
    "functions.gelu_tanh": (activations.gelu_tanh, 4),
    "functions.sigmoid_gradient": (activations.sigmoid_gradient, 4),
    "functions.tanh_gradient": (activations.tanh_gradient, 4),
    "functions.softplus_gradient": (activations.softplus_gradient, 4),
    "functions.elu_gradient": (activations.elu_gradient, 4),
    "functions.selu_gradient": (activations.selu_gradient, 4),
    "functions.silu_gradient": (activations.silu_gradient, 4),
    "functions.gelu_gradient": (error_function.gelu_gradient, 2),
    "functions.gelu_tanh_gradient": (activations.gelu_tanh_gradient, 4),
}
"""The same for float32."""

ROWS = (
    "softmax.softmax",
    "softmax.log_softmax",
    "softmax.softmax_cross_entropy",
    "softmax.softmax_cross_entropy_gradient",
    "softmax.softmax_cross_entropy_and_gradient",
    "reduce.logsumexp",
)
"""Rows of float32, where a * b + c is one instruction: the bodies of the same name in `backends.native.rows`."""

SPARSE_ROWS = ("sparse.csr_dot", "sparse.csr_dot_transposed")
"""The same for both floating dtypes: the bodies of the same name in `backends.native.sparse_rows`."""

POOLS = (
    "pool.max_pool", "pool.max_pool_with_places", "pool.max_pool_gradient", "pool.average_pool",
    "pool.average_pool_gradient",
)  # fmt: skip
"""On every processor, for both: the bodies of the same name in `backends.native.pools`."""

RECURRENT_ROWS = (
    "recurrent.simple_rnn_step", "recurrent.simple_rnn_step_gradient", "recurrent.lstm_step",
    "recurrent.lstm_step_gradient", "recurrent.gru_step", "recurrent.gru_step_gradient",
)  # fmt: skip
"""Those of steps of recurrences, for both: the bodies of the same name in `backends.native.recurrent_rows`."""

SUMS = (
    "reduce.sum_rows", "optimizers.sum_of_squares", "dot.matrix_vector_dot", "normalization.row_moments",
    "normalization.row_slopes",
)  # fmt: skip
"""On every processor, for both: the bodies of the same name in `backends.numba.sums`; C has them in `cython/sums.h`."""

CONVOLUTIONS = {
    "conv.conv": "convolution",
    "conv.conv_input_gradient": "convolution",
    "conv.conv_kernel_gradient": "kernel_gradient",
}
"""On every processor, for both: the modules of `backends.native` that plan their tiles."""

ATTENTION = ("attention.dot_product_attention", "attention.dot_product_attention_gradient")
"""The same: `backends.native.attention` plans tiles of scores, queries along the lanes."""

INTEGERS = ("arithmetic.floor_divide",)
"""Where no operand is floating: the bodies of the same name in `vector_math.integers`; C has `floordiv`."""

CUDA = {
    "arranged": (
        "reduce.sum_integers", "reduce.prod_integers", "reduce.cumulative_sum_integers",
        "reduce.cumulative_prod_integers", "reduce.sum_of_squares_columns",
    ),
    "reductions": (
        "reduce.sum", "reduce.sum_rows", "reduce.sum_columns", "reduce.prod", "reduce.max", "reduce.min",
        "reduce.argmax", "reduce.argmin", "reduce.any", "reduce.all", "reduce.logsumexp",
    ),
    "rows": ROWS[:-1],
    "gather": ("step.fetch_rows", "step.store_rows", "move.take", "move.take_back"),
}  # fmt: skip
"""On a GPU, by module of `backends.cuda`: what has a kernel of its own there."""


class Substitute(NamedTuple):
    """One row of the table.

    Parameters
    ----------
    body : str
        The naive body, with its module in `loops`.
    dtype : str
        Of the floating operands: "float32", "float64", or "floating" for both; "integer", or "any".
    backend : str
        "numba", "cython" or "cuda".
    implementation : str
        The module or file below `numbanet/` that runs instead, and what in it.
    where : str
        When it does.
    """

    body: str
    dtype: str
    backend: str
    implementation: str
    where: str


UNLESS_NARROW = "always, unless there are fewer columns than lanes of a vector and lanes cannot be left out of a load"
UNLESS_RAGGED = (
    "unless vectors have more than 2,048 numbers, or do not fill registers and lanes cannot be left out of a load"
)
EVERYWHERE, FUSED = "always", "where the processor computes a * b + c in one instruction"


def _functions():
    for dtype, functions in (("float32", FLOAT32), ("float64", FLOAT64)):
        for body, (function, _) in functions.items():
            how = f"vector_math.{function.__module__.rpartition('.')[2]}.{function.__name__}"
            yield Substitute(body, dtype, "numba", f"{how}, as LLVM vectors", FUSED)
            yield Substitute(body, dtype, "cython", f"{how}, as C", FUSED)


def _of_rows():
    for body in ROWS:
        name = body.rpartition(".")[2]
        yield Substitute(body, "float32", "numba", f"backends.native.rows.{name}", FUSED)
        yield Substitute(body, "float32", "cython", f"backends.native.rows.{name}, over cython/rows.h", FUSED)
    for body in SPARSE_ROWS:
        name = body.rpartition(".")[2]
        yield Substitute(body, "floating", "numba", f"backends.native.sparse_rows.{name}", FUSED)
        how = f"backends.native.sparse_rows.{name}, over cython/sparse_rows.h"
        yield Substitute(body, "floating", "cython", how, FUSED)
    for body in POOLS:
        name = body.rpartition(".")[2]
        yield Substitute(body, "floating", "numba", f"backends.native.pools.{name}", EVERYWHERE)
        yield Substitute(body, "floating", "cython", f"backends.native.pools.{name}, over cython/pools.h", EVERYWHERE)
    for body in RECURRENT_ROWS:
        name = body.rpartition(".")[2]
        how = f"backends.native.recurrent_rows.{name}, over vector_math.recurrent.{name}"
        yield Substitute(body, "floating", "numba", f"{how} as LLVM vectors", FUSED)
        yield Substitute(body, "floating", "cython", f"{how} as C", FUSED)


def _others():
    for body in SUMS:
        name = body.rpartition(".")[2]
        yield Substitute(body, "floating", "numba", f"backends.numba.sums.{name}", EVERYWHERE)
        yield Substitute(body, "floating", "cython", f"backends/cython/sums.h, {name}", EVERYWHERE)
    for body in INTEGERS:
        name = body.rpartition(".")[2]
        yield Substitute(body, "integer", "numba", f"vector_math.integers.{name}", EVERYWHERE)
        yield Substitute(body, "integer", "cuda", f"vector_math.integers.{name}", EVERYWHERE)
    for backend in ("numba", "cython"):
        tiles = "backends.native.products: tiles of the output in registers"
        yield Substitute("dot.matrix_dot", "floating", backend, tiles, EVERYWHERE)
        for body, module in CONVOLUTIONS.items():
            where = f"backends.native.{module}: tiles of the output in registers, windows in place"
            yield Substitute(body, "floating", backend, where, UNLESS_NARROW)
        for body in ATTENTION:
            how = "backends.native.attention: blocks of queries and of keys, in tiles over runs"
            yield Substitute(body, "floating", backend, how, UNLESS_RAGGED)
        walk = "backends.native.windows: an elementwise body over pieces that fit into the cache"
        yield Substitute("move.copy_strided", "any", backend, walk, "operands that are broadcast or strided")
        places = "backends.native.drivers.assign: runs of neighbours are copied at once"
        yield Substitute("move.assign_strided", "any", backend, places, EVERYWHERE)
        yield Substitute("sort.argsort", "any", backend, "numpy.argsort", "where nothing is recorded")
    yield Substitute("dot.matrix_dot", "floating", "cuda", "backends.cuda.dot: tiles in shared memory", EVERYWHERE)
    for module, bodies in CUDA.items():
        for body in bodies:
            yield Substitute(body, "any", "cuda", f"backends.cuda.{module}", EVERYWHERE)


SUBSTITUTES = (*_functions(), *_of_rows(), *_others())
"""All of them."""
