"""The table of operations as what tests are made of: its cases, inputs for them, and what NumPy says."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

import numbanet as nn
from numbanet.core.table import TABLE
from tests import strategies

nn.ops  # noqa: B018  (fills the table)
CASES = [
    pytest.param(op, case, id=f"{op.name}-{i}")
    for op in TABLE.values()
    for i, case in enumerate(op.cases)
    if op.reference is not None
]
GRADIENT_CASES = [
    pytest.param(op, case, id=f"{op.name}-{i}")
    for op in TABLE.values()
    if op.differentiable
    for i, case in enumerate(op.cases)
    if any("f" in domain.kinds for domain in case.inputs)
]
ACCUMULATING = ("reduction", "neural", "linear algebra", "sorting", "convolution", "pooling")
"""Families in whose sums and products numbers from the ends of a dtype overflow or vanish at another point in NumPy."""
ROUNDING = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-12}


def call(function, arrays, params):
    if "subscripts" in params:
        rest = {k: v for k, v in params.items() if k != "subscripts"}
        return function(params["subscripts"], *arrays, **rest)
    return function(*arrays, **params)


def draw_inputs(
    data, case, kinds=None, layouts=strategies.LAYOUTS + strategies.FOREIGN, domains=None, ends=True, shapes=None
):
    domains = domains or case.inputs
    without = data.draw(strategies.mixtures(), label="without")
    shapes = case.shapes or data.draw(strategies.partners(len(domains)) if shapes is None else shapes, label="shapes")
    return [
        data.draw(strategies.arrays(shape, domain, kinds, layouts, without, ends), label=f"input {i}")
        for i, (shape, domain) in enumerate(zip(shapes, domains, strict=True))
    ]


def in_common_float(arrays, result):
    """What the reference gets: numbers of the floating dtype in which numbanet computes, where it computes in one."""
    floats = [x.dtype for x in arrays if x.dtype.kind == "f"]
    if not floats and result.dtype.kind != "f":
        return arrays
    common = np.result_type(*floats) if floats else np.float32
    return [x if x.dtype.kind == "b" and len(arrays) == 3 else x.astype(common) for x in arrays]


def smooth_domains(case):
    """Where the inputs of a case have derivatives."""
    domains = case.smooth or case.inputs
    return [replace(d, special=False, kinds="f") if "f" in d.kinds else d for d in domains]


def apart(x, domain):
    """The same values moved apart where the domain wants them distinct: half its width is shared out by their order."""
    if not domain.distinct or x.size < 2:
        return x
    share = 0.5 * (domain.high - domain.low) / x.size
    ranks = np.empty(x.size)
    ranks[np.argsort(x, axis=None, kind="stable")] = np.arange(x.size)
    return 0.5 * (x + domain.low) + share * ranks.reshape(x.shape)


def draw_smooth(data, case, layouts, shapes=None):
    """Float64 inputs at which the op of a case has derivatives, by its own declared domains."""
    domains = smooth_domains(case)
    drawn = draw_inputs(data, case, layouts=layouts, domains=domains, shapes=shapes)
    return [apart(x.astype(np.float64), d) if x.dtype.kind == "f" else x for x, d in zip(drawn, domains, strict=True)]


def expected_values(op, case, arrays, result):
    """What NumPy computes, in the dtype in which numbanet does."""
    native = [x.astype(x.dtype.newbyteorder("=")) for x in arrays]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy warns of overflow and NaN, which are inputs here
        expected = np.asarray(call(op.reference, in_common_float(native, result), case.params))
        return expected.astype(result.dtype) if expected.dtype.kind == result.dtype.kind == "f" else expected


def same_bytes(found, expected):
    """Whether two results are the same to the bit, zeros' signs among them; any NaN is as good as another."""
    if (found.dtype, found.shape) != (expected.dtype, expected.shape):
        return False
    return all(x == y for x, y in zip(*map(_without_nan, (found, expected)), strict=True))


def _without_nan(x):
    if x.dtype.kind != "f":
        return (x.tobytes(),)
    nan = np.isnan(x)
    return nan.tobytes(), np.where(nan, 0, x).tobytes()
