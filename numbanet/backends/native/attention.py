"""The fast attention and its gradient: which tiles and loops their drivers call."""

import functools

import numpy as np

from numbanet.backends.native.convolution import address_of_runs
from numbanet.backends.native.registers import RunTile
from numbanet.backends.native.tilings import GFLOPS
from numbanet.backends.protocol import Backend
from numbanet.kernels.body import Body
from numbanet.loops import functions

MOST_NUMBERS = 2048
"""Vectors of more numbers than this are left to the naive loops: tables of as many rows lie on the stack."""

_DRIVERS = "numbanet.backends.native.drivers"
_tiles = Body(f"{_DRIVERS}.attention_blocks.attention_tiles", strided=True)
_gradient_tiles = Body(f"{_DRIVERS}.attention_blocks.attention_gradient_tiles", strided=True)
_pack = Body(f"{_DRIVERS}.panels.pack_panel")
_exp = Body(functions.exp)


def _own(name):
    return Body(f"{_DRIVERS}.attention_passes.{name}")


_PASSES = {
    "shift_scores": "mr", "weigh_scores": "mr", "multiply_columns": "mr", "divide_columns": "mr",
    "restrict_scores": "stim", "forget_slopes": "tim", "prepare_queries": "mmrr", "find_slopes": "rrmmm",
    "lower_columns": "mr",
}  # fmt: skip
"""The loops over blocks, in the order of their places in a table, and their operands: rows, matrices, matrices of any
strides, of truth values, and integers."""
_BODIES = {name: _own(name) for name in _PASSES}


def tile_of(registers, rows):
    """The tile, two vectors wide, that repeats the fewest of so many rows."""
    lower = ((8, 1.05), (4, 1.3)) if registers.many else ((4, 1.3),)
    heights = ((registers.rows, 1.0), *lower)
    high, _ = min(heights, key=lambda one: one[1] * -(-rows // one[0]) * one[0])
    return RunTile(high, 2, masked=high != registers.rows)


@functools.lru_cache(256)
def kernels_of(backend, dtype, size, other):
    """A table of the addresses of all that the drivers call, and of the heights of tiles."""
    registers, kind = backend.registers, dtype.str
    described = {"r": (kind, 1, True), "m": (kind, 2, True), "s": (kind, 2, False), "i": "int64"}
    described["t"] = (np.dtype(np.bool_).str, 2, False)
    pack = backend.compiled(_pack, ((kind, 2, False), (kind, 2, True))).address
    found = [pack, backend.compiled_map(_exp, (dtype, dtype)).address]
    for name, letters in _PASSES.items():
        found.append(backend.compiled(_BODIES[name], tuple(described[letter] for letter in letters)).address)
    tall, sizes, others = RunTile(registers.rows, 2, False), tile_of(registers, size), tile_of(registers, other)
    narrow = RunTile(registers.rows, 1, True) if registers.has_masks else tall
    tiles = tall, sizes, others, RunTile(registers.rows, 2, registers.has_masks), narrow
    found += [address_of_runs(backend, dtype, tile) for tile in tiles]
    return np.array([*found, tall.rows, sizes.rows, others.rows], np.int64)


@functools.lru_cache(256)
def _scales(dtype, scale, lanes):
    return np.array([[scale] * lanes, [-np.inf] * lanes], dtype)


def _is_possible(backend, dtype, size, other):
    """Whether there are tiles for vectors of these sizes: without masks, only for those that fill theirs."""
    columns = 2 * backend.registers.vector_bytes // dtype.itemsize
    fits = backend.registers.has_masks or not (size % columns or other % columns)
    return fits and max(size, other) <= MOST_NUMBERS


def _operands(backend, query, key, value, bias, mask, scale):
    dtype, lanes = query.dtype, 2 * backend.registers.vector_bytes // query.itemsize
    shape = query.shape[0], query.shape[2], query.shape[1], key.shape[1]
    bias = np.broadcast_to(np.zeros((), dtype) if bias is None else bias, shape)
    mask = np.broadcast_to(np.ones((), np.bool_) if mask is None else mask, shape)
    kernels = kernels_of(backend, dtype, query.shape[3], value.shape[3])
    return query, key, value, bias, mask, _scales(dtype, float(scale), lanes), kernels


def attention(backend, query, key, value, bias, mask, scale, is_causal, out, statistics):
    """Compute scaled dot-product attention; see `Backend.attention`."""
    if not _is_possible(backend, query.dtype, query.shape[3], value.shape[3]):
        Backend.attention(backend, query, key, value, bias, mask, scale, is_causal, out, statistics)
        return
    operands = _operands(backend, query, key, value, bias, mask, scale)
    limited = int(bias is not None or mask is not None)
    lanes = operands[5].shape[1]
    blocks = query.shape[0] * query.shape[2] * -(-query.shape[1] // lanes)
    cost = lanes * key.shape[1] * (2 * (query.shape[3] + value.shape[3]) / GFLOPS + 0.5)
    numbers = limited, int(is_causal), int(mask is not None)
    backend.run(_tiles, blocks, (*operands, *numbers, out, statistics), cost)


def attention_gradient(
    backend, g, query, key, value, bias, mask, scale, is_causal, out, statistics, dquery, dkey, dvalue
):
    """Compute the gradients of an attention; see `Backend.attention_gradient`."""
    if not _is_possible(backend, query.dtype, query.shape[3], value.shape[3]):
        given = g, query, key, value, bias, mask, scale, is_causal, out, statistics, dquery, dkey, dvalue
        Backend.attention_gradient(backend, *given)
        return
    operands = _operands(backend, query, key, value, bias, mask, scale)
    limited = int(bias is not None or mask is not None)
    heads = key.shape[0] * key.shape[2]
    scores = query.shape[0] * query.shape[1] * query.shape[2] * key.shape[1]
    cost = scores / heads * ((6 * query.shape[3] + 4 * value.shape[3]) / GFLOPS + 0.6)
    numbers = limited, int(is_causal), int(mask is not None)
    backend.run(_gradient_tiles, heads, (g, *operands, *numbers, out, statistics, dquery, dkey, dvalue), cost)
