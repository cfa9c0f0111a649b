"""Mathematics, with the names of TensorFlow's `tf.math`.

Most are the functions that numbanet has anyway: `nn.math.reduce_sum is nn.sum`. Those whose defaults differ are
functions of their own, such as `argmax` and `cumsum`, which go along the first dimension here.

Examples
--------
>>> import numbanet as nn
>>> nn.math.reduce_mean([1.0, 2.0, 6.0])
Tensor(3., shape=(), dtype=float32)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numbanet.compat.calculus import argmax as argmax
from numbanet.compat.calculus import argmin as argmin
from numbanet.compat.calculus import confusion_matrix as confusion_matrix
from numbanet.compat.calculus import cumprod as cumprod
from numbanet.compat.calculus import cumsum as cumsum
from numbanet.compat.calculus import divide_no_nan as divide_no_nan
from numbanet.compat.calculus import log_sigmoid as log_sigmoid
from numbanet.compat.calculus import squared_difference as squared_difference
from numbanet.compat.neural import l2_normalize as l2_normalize
from numbanet.compat.reductions import bincount as bincount
from numbanet.core.missing import only
from numbanet.ops.activations import sigmoid as sigmoid
from numbanet.ops.activations import softplus as softplus
from numbanet.ops.elementwise import abs as abs
from numbanet.ops.elementwise import add as add
from numbanet.ops.elementwise import ceil as ceil
from numbanet.ops.elementwise import divide as divide
from numbanet.ops.elementwise import divide as truediv
from numbanet.ops.elementwise import equal as equal
from numbanet.ops.elementwise import floor as floor
from numbanet.ops.elementwise import floor_divide as floordiv
from numbanet.ops.elementwise import greater as greater
from numbanet.ops.elementwise import greater_equal as greater_equal
from numbanet.ops.elementwise import isfinite as is_finite
from numbanet.ops.elementwise import isinf as is_inf
from numbanet.ops.elementwise import isnan as is_nan
from numbanet.ops.elementwise import less as less
from numbanet.ops.elementwise import less_equal as less_equal
from numbanet.ops.elementwise import logical_and as logical_and
from numbanet.ops.elementwise import logical_not as logical_not
from numbanet.ops.elementwise import logical_or as logical_or
from numbanet.ops.elementwise import logical_xor as logical_xor
from numbanet.ops.elementwise import maximum as maximum
from numbanet.ops.elementwise import minimum as minimum
from numbanet.ops.elementwise import multiply as multiply
from numbanet.ops.elementwise import negative as negative
from numbanet.ops.elementwise import not_equal as not_equal
from numbanet.ops.elementwise import pow as pow
from numbanet.ops.elementwise import reciprocal as reciprocal
from numbanet.ops.elementwise import remainder as floormod
from numbanet.ops.elementwise import remainder as mod
from numbanet.ops.elementwise import round as round
from numbanet.ops.elementwise import rsqrt as rsqrt
from numbanet.ops.elementwise import sign as sign
from numbanet.ops.elementwise import sqrt as sqrt
from numbanet.ops.elementwise import square as square
from numbanet.ops.elementwise import subtract as subtract
from numbanet.ops.floats import conj as conj
from numbanet.ops.floats import imag as imag
from numbanet.ops.floats import nextafter as nextafter
from numbanet.ops.floats import real as real
from numbanet.ops.functions import acos as acos
from numbanet.ops.functions import acosh as acosh
from numbanet.ops.functions import asin as asin
from numbanet.ops.functions import asinh as asinh
from numbanet.ops.functions import atan as atan
from numbanet.ops.functions import atan2 as atan2
from numbanet.ops.functions import atanh as atanh
from numbanet.ops.functions import cos as cos
from numbanet.ops.functions import cosh as cosh
from numbanet.ops.functions import erf as erf
from numbanet.ops.functions import exp as exp
from numbanet.ops.functions import expm1 as expm1
from numbanet.ops.functions import log as log
from numbanet.ops.functions import log1p as log1p
from numbanet.ops.functions import sin as sin
from numbanet.ops.functions import sinh as sinh
from numbanet.ops.functions import tan as tan
from numbanet.ops.functions import tanh as tanh
from numbanet.ops.reduce import all as reduce_all
from numbanet.ops.reduce import any as reduce_any
from numbanet.ops.reduce import count_nonzero as count_nonzero
from numbanet.ops.reduce import logsumexp as reduce_logsumexp
from numbanet.ops.reduce import max as reduce_max
from numbanet.ops.reduce import mean as reduce_mean
from numbanet.ops.reduce import min as reduce_min
from numbanet.ops.reduce import prod as reduce_prod
from numbanet.ops.reduce import std as reduce_std
from numbanet.ops.reduce import sum as reduce_sum
from numbanet.ops.reduce import var as reduce_variance
from numbanet.ops.sorting import topk as top_k

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "argmax",
    "argmin",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bincount",
    "ceil",
    "confusion_matrix",
    "conj",
    "cos",
    "cosh",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "divide",
    "divide_no_nan",
    "equal",
    "erf",
    "exp",
    "expm1",
    "floor",
    "floordiv",
    "floormod",
    "greater",
    "greater_equal",
    "imag",
    "is_finite",
    "is_inf",
    "is_nan",
    "l2_normalize",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log_sigmoid",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "negative",
    "nextafter",
    "not_equal",
    "pow",
    "real",
    "reciprocal",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_std",
    "reduce_sum",
    "reduce_variance",
    "round",
    "rsqrt",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "square",
    "squared_difference",
    "subtract",
    "tan",
    "tanh",
    "top_k",
    "truediv",
]

_MISSING = {
    "lgamma": "numbanet has no gamma function",
    "erfinv": "numbanet has no inverse error function",
    "is_nonfinite": "write ~nn.isfinite(x)",
    "multiply_no_nan": "write nn.where(y == 0, 0.0, x * y)",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.math", __all__, _MISSING)
