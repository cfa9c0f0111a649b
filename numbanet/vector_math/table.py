"""What runs in place of which naive body, where a * b + c is one instruction: for every build, so nothing is imported.

Naive bodies are named by their modules in `loops`.
"""

from numbanet.vector_math import error_function, float32, float64


def _rounded(function):
    """The function of float32 that computes in double precision and rounds once."""

    def rounded(v):
        return function(v.double()).single()

    rounded.__name__, rounded.__module__ = f"rounded_{function.__name__}", function.__module__
    return rounded


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
}
"""Where all floating operands are float64: the function of `Lanes`, and the vectors that LLVM takes in one step; C has
half as many streams side by side."""

_HOT = {
    "functions.exp": (float32.exp, 4),
    "functions.log": (float32.log, 2),
    "functions.tanh": (float32.tanh, 4),
    "functions.sigmoid": (float32.sigmoid, 4),
    "functions.silu": (float32.silu, 4),
    "functions.erf": (error_function.erf, 2),
    "functions.gelu": (error_function.gelu, 2),
}
"""Functions with float32 code of their own."""

FLOAT32 = {name: (_rounded(function), 2) for name, (function, _) in FLOAT64.items() if name not in _HOT} | _HOT
"""The same for float32."""

ROWS = (
    "neural.softmax",
    "neural.log_softmax",
    "neural.softmax_cross_entropy",
    "neural.softmax_cross_entropy_gradient",
    "neural.softmax_cross_entropy_and_gradient",
    "reduce.logsumexp",
)
"""Also for float32: the bodies of the same name in `backends.native.rows`."""

SUMS = ("reduce.sum_rows", "optimize.sum_of_squares", "dot.matrix_vector_dot")
"""On every processor, for both: the bodies of the same name in `backends.numba.sums`; C has them in `cython/sums.h`."""
