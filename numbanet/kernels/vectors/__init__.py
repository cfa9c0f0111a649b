"""Functions that LLVM cannot vectorise by itself, written in vectors: what runs in place of which naive body.

`loops.functions`, `loops.neural` and `loops.reduce` say what they compute; compiled as they stand, their loops call the
C library one element at a time. docs/numerics.md has the largest error of each.
"""

from llvmlite import binding
from numba.core import config

from numbanet.kernels.loops import functions
from numbanet.kernels.vectors import float32, rows
from numbanet.kernels.vectors.loop import elementwise


def _multiplies_and_adds_at_once():
    if config.CPU_NAME:  # NUMBA_CPU_NAME: Numba compiles for another processor than this one
        return "+fma" in (config.CPU_FEATURES or "")
    return binding.get_host_cpu_features().get("fma", False) or "aarch64" in binding.get_process_triple()


FUSED = _multiplies_and_adds_at_once()
"""Whether a * b + c is one instruction. Elsewhere LLVM would call the C library for it: the naive bodies are better."""

FLOAT32 = {
    functions.exponential: elementwise(float32.exp),
    functions.logarithm: elementwise(float32.log, vectors=2),
    functions.hyperbolic_tangent: elementwise(float32.tanh),
    functions.sigmoid: elementwise(float32.sigmoid),
    functions.silu: elementwise(float32.silu),
    **rows.FLOAT32,
} if FUSED else {}  # fmt: skip
"""What runs in place of a naive body when all floating operands are float32."""

FLOAT64: dict = {}
"""The same for float64."""
