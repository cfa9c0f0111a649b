"""Functions that LLVM cannot vectorise by itself, written in vectors: what runs in place of which naive body.

`loops.functions`, `loops.neural` and `loops.reduce` say what they compute; compiled as they stand, their loops call the
C library one element at a time. docs/numerics.md has the largest error of each.
"""

from numbanet.kernels import machine_code
from numbanet.kernels.loops import functions
from numbanet.kernels.vectors import error_function, float32, float64, rows
from numbanet.kernels.vectors.loop import elementwise

_triple, _, _features = machine_code.host()
FUSED = "+fma" in _features.split(",") or _triple.startswith(("aarch64", "arm64"))
"""Whether a * b + c is one instruction. Elsewhere LLVM would call the C library for it: the naive bodies are better."""

_HOT = {
    functions.exponential: elementwise(float32.exp),
    functions.logarithm: elementwise(float32.log, vectors=2),
    functions.hyperbolic_tangent: elementwise(float32.tanh),
    functions.sigmoid: elementwise(float32.sigmoid),
    functions.silu: elementwise(float32.silu),
    functions.error_function: elementwise(error_function.erf, vectors=2),
    functions.gelu: elementwise(error_function.gelu, vectors=2),
}
"""Functions with float32 code of their own."""

FLOAT64: dict = {
    functions.exponential: elementwise(float64.exp, vectors=2),
    functions.exponential_minus_one: elementwise(float64.expm1),
    functions.logarithm: elementwise(float64.log, vectors=2),
    functions.logarithm_one_plus: elementwise(float64.log1p),
    functions.logarithm_2: elementwise(float64.log2, vectors=2),
    functions.hyperbolic_tangent: elementwise(float64.tanh),
    functions.sigmoid: elementwise(float64.sigmoid),
    functions.silu: elementwise(float64.silu),
    functions.softplus: elementwise(float64.softplus),
    functions.sine: elementwise(float64.sin),
    functions.cosine: elementwise(float64.cos),
} if FUSED else {}  # fmt: skip
"""What runs in place of a naive body when all floating operands are float64."""


def _rounded(body):
    """The schedule of float32 that computes in double precision and rounds once."""
    function = body.function

    def rounded(v):
        return function(v.double()).single()

    rounded.__name__, rounded.__module__ = f"rounded_{function.__name__}", function.__module__
    return elementwise(rounded, vectors=2)


FLOAT32: dict = {
    **{naive: _rounded(body) for naive, body in FLOAT64.items() if naive not in _HOT},
    **_HOT,
    **rows.FLOAT32,
} if FUSED else {}  # fmt: skip
"""The same for float32."""
