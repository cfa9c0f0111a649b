"""The bodies that Numba compiles in place of naive ones, by naive body: the table, most of it LLVM vectors."""

from importlib import import_module

from numbanet.backends.native import pools, processor, recurrent_rows, rows, sparse_rows
from numbanet.backends.numba import sums
from numbanet.backends.numba.loop import elementwise
from numbanet.kernels import substitutes
from numbanet.vector_math import integers

_triple, _, _features = processor.host()
FUSED = "+fma" in _features.split(",") or _triple.startswith(("aarch64", "arm64"))
"""Whether a * b + c is one instruction. Elsewhere LLVM would call the C library for it: the naive bodies are better."""


def _naive(name):
    module, _, function = name.partition(".")
    return getattr(import_module(f"numbanet.loops.{module}"), function)


def _of_this_name(names, module):
    return {_naive(name): getattr(module, name.partition(".")[2]) for name in names}


def _made(functions):
    return {_naive(name): elementwise(function, vectors) for name, (function, vectors) in functions.items()}


_SUMS: dict = _of_this_name(substitutes.SUMS, sums)

_POOLS: dict = _of_this_name(substitutes.POOLS, pools)

_ROWS: dict = (
    _of_this_name(substitutes.SPARSE_ROWS, sparse_rows) | _of_this_name(substitutes.RECURRENT_ROWS, recurrent_rows)
    if FUSED
    else {}
)

FLOAT64: dict = _SUMS | _POOLS | _ROWS | (_made(substitutes.FLOAT64) if FUSED else {})
"""What runs in place of a naive body when the first floating operand is float64."""

FLOAT32: dict = (
    _SUMS | _POOLS | _ROWS
    | (_made(substitutes.FLOAT32) | _of_this_name(substitutes.ROWS, rows) if FUSED else {})
)  # fmt: skip
"""The same for float32."""

INTEGERS: dict = _of_this_name(substitutes.INTEGERS, integers)
"""The same when no operand is floating."""
