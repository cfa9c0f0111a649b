"""The names of Keras 3's `keras.ops`: what `nn.ops.name` is.

Where numbanet's own function has the same meaning and parameters, it is that function; parameters without a name of
their own here are given by position. Others are functions of this package.

Examples
--------
>>> import numbanet as nn
>>> nn.ops.sum is nn.sum
True
>>> nn.ops.take([[1.0, 2.0], [3.0, 4.0]], [3])
Tensor([4.], shape=(1,), dtype=float32)
"""

from __future__ import annotations

from numbanet.autodiff.custom_gradients import custom_gradient as custom_gradient
from numbanet.autodiff.gradients import identity as copy
from numbanet.autodiff.gradients import stop_gradient as stop_gradient
from numbanet.compat.calculus import divide_no_nan as divide_no_nan
from numbanet.compat.calculus import log_sigmoid as log_sigmoid
from numbanet.compat.creation import array as array
from numbanet.compat.keras.activations import celu as celu
from numbanet.compat.keras.activations import gelu as gelu
from numbanet.compat.keras.activations import glu as glu
from numbanet.compat.keras.activations import softsign as softsign
from numbanet.compat.keras.activations import squareplus as squareplus
from numbanet.compat.keras.activations import tanh_shrink as tanh_shrink
from numbanet.compat.keras.blocks import scatter as scatter
from numbanet.compat.keras.blocks import scatter_update as scatter_update
from numbanet.compat.keras.blocks import segment_sum as segment_sum
from numbanet.compat.keras.blocks import slice as slice
from numbanet.compat.keras.blocks import slice_update as slice_update
from numbanet.compat.keras.calculus import diff as diff
from numbanet.compat.keras.calculus import trapezoid as trapezoid
from numbanet.compat.keras.control import cond as cond
from numbanet.compat.keras.control import fori_loop as fori_loop
from numbanet.compat.keras.control import map as map
from numbanet.compat.keras.control import switch as switch
from numbanet.compat.keras.control import while_loop as while_loop
from numbanet.compat.keras.conversions import convert_to_numpy as convert_to_numpy
from numbanet.compat.keras.conversions import dtype as dtype
from numbanet.compat.keras.conversions import is_tensor as is_tensor
from numbanet.compat.keras.conversions import saturate_cast as saturate_cast
from numbanet.compat.keras.creation import diag as diag
from numbanet.compat.keras.creation import diagflat as diagflat
from numbanet.compat.keras.creation import identity as identity
from numbanet.compat.keras.creation import linspace as linspace
from numbanet.compat.keras.creation import logspace as logspace
from numbanet.compat.keras.creation import tri as tri
from numbanet.compat.keras.creation import vander as vander
from numbanet.compat.keras.elementwise import cbrt as cbrt
from numbanet.compat.keras.elementwise import deg2rad as deg2rad
from numbanet.compat.keras.elementwise import exp2 as exp2
from numbanet.compat.keras.elementwise import gcd as gcd
from numbanet.compat.keras.elementwise import heaviside as heaviside
from numbanet.compat.keras.elementwise import lcm as lcm
from numbanet.compat.keras.elementwise import ldexp as ldexp
from numbanet.compat.keras.elementwise import logaddexp2 as logaddexp2
from numbanet.compat.keras.elementwise import nan_to_num as nan_to_num
from numbanet.compat.keras.elementwise import round as round
from numbanet.compat.keras.joining import append as append
from numbanet.compat.keras.joining import array_split as array_split
from numbanet.compat.keras.joining import dstack as dstack
from numbanet.compat.keras.joining import pad as pad
from numbanet.compat.keras.joining import rot90 as rot90
from numbanet.compat.keras.joining import unstack as unstack
from numbanet.compat.keras.joining import vsplit as vsplit
from numbanet.compat.keras.labels import multi_hot as multi_hot
from numbanet.compat.keras.labels import one_hot as one_hot
from numbanet.compat.keras.losses import binary_crossentropy as binary_crossentropy
from numbanet.compat.keras.losses import categorical_crossentropy as categorical_crossentropy
from numbanet.compat.keras.losses import psnr as psnr
from numbanet.compat.keras.losses import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from numbanet.compat.keras.nans import nanmax as nanmax
from numbanet.compat.keras.nans import nanmean as nanmean
from numbanet.compat.keras.nans import nanmin as nanmin
from numbanet.compat.keras.nans import nanprod as nanprod
from numbanet.compat.keras.nans import nansum as nansum
from numbanet.compat.keras.normalizing import batch_normalization as batch_normalization
from numbanet.compat.keras.normalizing import layer_normalization as layer_normalization
from numbanet.compat.keras.normalizing import normalize as normalize
from numbanet.compat.keras.normalizing import rms_normalization as rms_normalization
from numbanet.compat.keras.picking import get_item as get_item
from numbanet.compat.keras.picking import select as select
from numbanet.compat.keras.picking import take as take
from numbanet.compat.keras.picking import take_along_axis as take_along_axis
from numbanet.compat.keras.picking import tril as tril
from numbanet.compat.keras.picking import triu as triu
from numbanet.compat.keras.picking import unravel_index as unravel_index
from numbanet.compat.keras.picking import where as where
from numbanet.compat.keras.piecewise import hard_shrink as hard_shrink
from numbanet.compat.keras.piecewise import hard_sigmoid as hard_sigmoid
from numbanet.compat.keras.piecewise import hard_silu as hard_silu
from numbanet.compat.keras.piecewise import hard_silu as hard_swish
from numbanet.compat.keras.piecewise import hard_tanh as hard_tanh
from numbanet.compat.keras.piecewise import relu6 as relu6
from numbanet.compat.keras.piecewise import soft_shrink as soft_shrink
from numbanet.compat.keras.piecewise import sparse_plus as sparse_plus
from numbanet.compat.keras.piecewise import sparse_sigmoid as sparse_sigmoid
from numbanet.compat.keras.piecewise import threshold as threshold
from numbanet.compat.keras.predicates import isclose as isclose
from numbanet.compat.keras.predicates import isin as isin
from numbanet.compat.keras.predicates import isneginf as isneginf
from numbanet.compat.keras.predicates import isposinf as isposinf
from numbanet.compat.keras.predicates import isreal as isreal
from numbanet.compat.keras.products import cross as cross
from numbanet.compat.keras.products import inner as inner
from numbanet.compat.keras.products import kron as kron
from numbanet.compat.keras.products import logdet as logdet
from numbanet.compat.keras.products import vdot as vdot
from numbanet.compat.keras.searching import argpartition as argpartition
from numbanet.compat.keras.searching import digitize as digitize
from numbanet.compat.keras.searching import in_top_k as in_top_k
from numbanet.compat.keras.searching import searchsorted as searchsorted
from numbanet.compat.keras.searching import top_k as top_k
from numbanet.compat.keras.sequences import ctc_decode as ctc_decode
from numbanet.compat.keras.sequences import ctc_loss as ctc_loss
from numbanet.compat.keras.statistics import average as average
from numbanet.compat.keras.statistics import corrcoef as corrcoef
from numbanet.compat.keras.statistics import histogram as histogram
from numbanet.compat.keras.statistics import ptp as ptp
from numbanet.compat.keras.statistics import quantile as quantile
from numbanet.compat.keras.windows import bartlett as bartlett
from numbanet.compat.keras.windows import blackman as blackman
from numbanet.compat.keras.windows import hamming as hamming
from numbanet.compat.keras.windows import hanning as hanning
from numbanet.compat.keras.windows import kaiser as kaiser
from numbanet.compat.neural import moments as moments
from numbanet.compat.reductions import bincount as bincount
from numbanet.compat.reductions import median as median
from numbanet.compat.reductions import trace as trace
from numbanet.compat.shapes import diagonal as diagonal
from numbanet.compat.shapes import hstack as hstack
from numbanet.compat.shapes import ndim as ndim
from numbanet.compat.shapes import ravel as ravel
from numbanet.compat.shapes import shape as shape
from numbanet.compat.shapes import size as size
from numbanet.compat.shapes import swapaxes as swapaxes
from numbanet.compat.shapes import vstack as vstack
from numbanet.fft import fft as fft
from numbanet.fft import fft2 as fft2
from numbanet.fft import ifft2 as ifft2
from numbanet.fft import irfft as irfft
from numbanet.fft import istft as istft
from numbanet.fft import rfft as rfft
from numbanet.fft import stft as stft
from numbanet.layers.dot_product_attention import dot_product_attention as dot_product_attention
from numbanet.linalg.determinants import det as det
from numbanet.linalg.determinants import slogdet as slogdet
from numbanet.linalg.factors import cholesky as cholesky
from numbanet.linalg.factors import qr as qr
from numbanet.linalg.norms import norm as norm
from numbanet.linalg.solving import cholesky_inverse as cholesky_inverse
from numbanet.linalg.solving import inv as inv
from numbanet.linalg.solving import lstsq as lstsq
from numbanet.linalg.solving import solve as solve
from numbanet.linalg.solving import solve_triangular as solve_triangular
from numbanet.linalg.spectral import eigh as eigh
from numbanet.linalg.spectral import svd as svd
from numbanet.ops.activations import elu as elu
from numbanet.ops.activations import leaky_relu as leaky_relu
from numbanet.ops.activations import relu as relu
from numbanet.ops.activations import selu as selu
from numbanet.ops.activations import sigmoid as sigmoid
from numbanet.ops.activations import silu as silu
from numbanet.ops.activations import silu as swish
from numbanet.ops.activations import softplus as softplus
from numbanet.ops.arranging import meshgrid as meshgrid
from numbanet.ops.arranging import moveaxis as moveaxis
from numbanet.ops.bits import bitwise_and as bitwise_and
from numbanet.ops.bits import bitwise_invert as bitwise_invert
from numbanet.ops.bits import bitwise_invert as bitwise_not
from numbanet.ops.bits import bitwise_left_shift as bitwise_left_shift
from numbanet.ops.bits import bitwise_left_shift as left_shift
from numbanet.ops.bits import bitwise_or as bitwise_or
from numbanet.ops.bits import bitwise_right_shift as bitwise_right_shift
from numbanet.ops.bits import bitwise_right_shift as right_shift
from numbanet.ops.bits import bitwise_xor as bitwise_xor
from numbanet.ops.conv import conv as conv
from numbanet.ops.conv_kinds import conv_transpose as conv_transpose
from numbanet.ops.conv_kinds import depthwise_conv as depthwise_conv
from numbanet.ops.conv_kinds import separable_conv as separable_conv
from numbanet.ops.creation import arange as arange
from numbanet.ops.creation import empty as empty
from numbanet.ops.creation import empty_like as empty_like
from numbanet.ops.creation import eye as eye
from numbanet.ops.creation import full as full
from numbanet.ops.creation import full_like as full_like
from numbanet.ops.creation import ones as ones
from numbanet.ops.creation import ones_like as ones_like
from numbanet.ops.creation import zeros as zeros
from numbanet.ops.creation import zeros_like as zeros_like
from numbanet.ops.einsum import einsum as einsum
from numbanet.ops.elementwise import abs as abs
from numbanet.ops.elementwise import abs as absolute
from numbanet.ops.elementwise import add as add
from numbanet.ops.elementwise import astype as cast
from numbanet.ops.elementwise import ceil as ceil
from numbanet.ops.elementwise import clip as clip
from numbanet.ops.elementwise import divide as divide
from numbanet.ops.elementwise import divide as true_divide
from numbanet.ops.elementwise import equal as equal
from numbanet.ops.elementwise import floor as floor
from numbanet.ops.elementwise import floor_divide as floor_divide
from numbanet.ops.elementwise import greater as greater
from numbanet.ops.elementwise import greater_equal as greater_equal
from numbanet.ops.elementwise import isfinite as isfinite
from numbanet.ops.elementwise import isinf as isinf
from numbanet.ops.elementwise import isnan as isnan
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
from numbanet.ops.elementwise import pow as power
from numbanet.ops.elementwise import reciprocal as reciprocal
from numbanet.ops.elementwise import remainder as mod
from numbanet.ops.elementwise import rsqrt as rsqrt
from numbanet.ops.elementwise import sign as sign
from numbanet.ops.elementwise import sqrt as sqrt
from numbanet.ops.elementwise import square as square
from numbanet.ops.elementwise import subtract as subtract
from numbanet.ops.elementwise import trunc as trunc
from numbanet.ops.floats import conj as conj
from numbanet.ops.floats import conj as conjugate
from numbanet.ops.floats import hypot as hypot
from numbanet.ops.floats import imag as imag
from numbanet.ops.floats import logaddexp as logaddexp
from numbanet.ops.floats import nextafter as nextafter
from numbanet.ops.floats import real as real
from numbanet.ops.floats import signbit as signbit
from numbanet.ops.functions import acos as arccos
from numbanet.ops.functions import acosh as arccosh
from numbanet.ops.functions import asin as arcsin
from numbanet.ops.functions import asinh as arcsinh
from numbanet.ops.functions import atan as arctan
from numbanet.ops.functions import atan2 as arctan2
from numbanet.ops.functions import atanh as arctanh
from numbanet.ops.functions import cos as cos
from numbanet.ops.functions import cosh as cosh
from numbanet.ops.functions import erf as erf
from numbanet.ops.functions import exp as exp
from numbanet.ops.functions import expm1 as expm1
from numbanet.ops.functions import log as log
from numbanet.ops.functions import log1p as log1p
from numbanet.ops.functions import log2 as log2
from numbanet.ops.functions import log10 as log10
from numbanet.ops.functions import sin as sin
from numbanet.ops.functions import sinh as sinh
from numbanet.ops.functions import tan as tan
from numbanet.ops.functions import tanh as tanh
from numbanet.ops.linalg import dot as dot
from numbanet.ops.linalg import matmul as matmul
from numbanet.ops.linalg import outer as outer
from numbanet.ops.linalg import tensordot as tensordot
from numbanet.ops.neural import log_softmax as log_softmax
from numbanet.ops.neural import softmax as softmax
from numbanet.ops.pooling import average_pool as average_pool
from numbanet.ops.pooling import max_pool as max_pool
from numbanet.ops.reduce import all as all
from numbanet.ops.reduce import any as any
from numbanet.ops.reduce import argmax as argmax
from numbanet.ops.reduce import argmin as argmin
from numbanet.ops.reduce import count_nonzero as count_nonzero
from numbanet.ops.reduce import logsumexp as logsumexp
from numbanet.ops.reduce import max as amax
from numbanet.ops.reduce import max as max
from numbanet.ops.reduce import mean as mean
from numbanet.ops.reduce import min as amin
from numbanet.ops.reduce import min as min
from numbanet.ops.reduce import prod as prod
from numbanet.ops.reduce import std as std
from numbanet.ops.reduce import sum as sum
from numbanet.ops.reduce import var as var
from numbanet.ops.sets import nonzero as nonzero
from numbanet.ops.shaping import broadcast_to as broadcast_to
from numbanet.ops.shaping import concat as concatenate
from numbanet.ops.shaping import expand_dims as expand_dims
from numbanet.ops.shaping import flip as flip
from numbanet.ops.shaping import permute_dims as transpose
from numbanet.ops.shaping import repeat as repeat
from numbanet.ops.shaping import reshape as reshape
from numbanet.ops.shaping import roll as roll
from numbanet.ops.shaping import split as split
from numbanet.ops.shaping import squeeze as squeeze
from numbanet.ops.shaping import stack as stack
from numbanet.ops.shaping import tile as tile
from numbanet.ops.sorting import argsort as argsort
from numbanet.ops.sorting import cumulative_prod as cumprod
from numbanet.ops.sorting import cumulative_sum as cumsum
from numbanet.ops.sorting import sort as sort
from numbanet.tensor.tensor import asarray as convert_to_tensor

__all__ = [
    "abs", "absolute", "add", "all", "amax", "amin", "any", "append", "arange", "arccos", "arccosh", "arcsin",
    "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argpartition", "argsort", "array",
    "array_split", "average", "average_pool", "bartlett", "batch_normalization", "binary_crossentropy", "bincount",
    "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "blackman", "broadcast_to", "cast", "categorical_crossentropy", "cbrt", "ceil", "celu",
    "cholesky", "cholesky_inverse", "clip", "concatenate", "cond", "conj", "conjugate", "conv", "conv_transpose",
    "convert_to_numpy", "convert_to_tensor", "copy", "corrcoef", "cos", "cosh", "count_nonzero", "cross",
    "ctc_decode", "ctc_loss", "cumprod", "cumsum", "custom_gradient", "deg2rad",
    "depthwise_conv", "det", "diag", "diagflat", "diagonal", "diff",
    "digitize", "divide", "divide_no_nan", "dot", "dot_product_attention", "dstack", "dtype", "eigh", "einsum", "elu",
    "empty", "empty_like", "equal", "erf", "exp", "exp2", "expand_dims", "expm1", "eye", "fft", "fft2", "flip",
    "floor", "floor_divide",
    "fori_loop", "full", "full_like", "gcd", "gelu", "get_item", "glu", "greater", "greater_equal", "hamming",
    "hanning", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "heaviside", "histogram",
    "hstack", "hypot", "identity", "ifft2", "imag", "in_top_k", "inner", "inv", "irfft", "is_tensor", "isclose",
    "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "isreal", "istft", "kaiser", "kron",
    "layer_normalization", "lcm", "ldexp", "leaky_relu", "left_shift", "less", "less_equal", "linspace", "log",
    "log1p", "log2", "log10", "log_sigmoid", "log_softmax", "logaddexp", "logaddexp2", "logdet", "logical_and",
    "logical_not", "logical_or", "logical_xor", "logspace", "logsumexp", "lstsq", "map", "matmul", "max",
    "max_pool", "maximum", "mean", "median", "meshgrid", "min", "minimum", "mod", "moments", "moveaxis",
    "multi_hot", "multiply", "nan_to_num", "nanmax", "nanmean", "nanmin", "nanprod", "nansum", "ndim", "negative",
    "nextafter", "nonzero", "norm", "normalize", "not_equal", "one_hot", "ones", "ones_like", "outer", "pad",
    "power", "prod", "psnr", "ptp", "qr", "quantile", "ravel", "real", "reciprocal", "relu", "relu6", "repeat",
    "reshape", "rfft", "right_shift", "rms_normalization", "roll", "rot90", "round", "rsqrt", "saturate_cast",
    "scatter", "scatter_update", "searchsorted", "segment_sum", "select", "selu", "separable_conv", "shape",
    "sigmoid", "sign", "signbit", "silu", "sin", "sinh", "size", "slice", "slice_update", "slogdet", "soft_shrink",
    "softmax", "softplus", "softsign", "solve", "solve_triangular", "sort", "sparse_categorical_crossentropy",
    "sparse_plus", "sparse_sigmoid", "split", "sqrt", "square", "squareplus", "squeeze", "stack", "std", "stft",
    "stop_gradient", "subtract", "sum", "svd", "swapaxes", "swish", "switch", "take", "take_along_axis", "tan",
    "tanh", "tanh_shrink", "tensordot", "threshold", "tile", "top_k", "trace", "transpose", "trapezoid", "tri",
    "tril", "triu", "true_divide", "trunc", "unravel_index", "unstack", "vander", "var", "vdot", "vsplit", "vstack",
    "where", "while_loop", "zeros", "zeros_like",
]  # fmt: skip
