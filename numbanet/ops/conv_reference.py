"""Convolutions in NumPy, one product per element of the window: what the tests hold those of numbanet to."""

from __future__ import annotations

import numpy as np

from numbanet.core.windows import along_axes, befores, counts, span


def _parts(x, window, strides, dilation, before, sizes):
    """A padded copy of x, and for each element of the window which part of the copy it meets."""
    axes = list(zip(x.shape[1:-1], window, strides, dilation, before, sizes, strict=True))
    behind = [max((n - 1) * s + (k - 1) * d + 1 - size - b, 0) for size, k, s, d, b, n in axes]
    padded = np.pad(x, [(0, 0), *zip(before, behind, strict=True), (0, 0)])
    parts = {
        place: (
            slice(None),
            *[slice(p * d, p * d + (n - 1) * s + 1, s) for p, (_, _, s, d, _, n) in zip(place, axes, strict=True)],
        )
        for place in np.ndindex(*window)
    }
    return padded, parts


def conv(x, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    """One product per element of the window, on a padded copy."""
    rank = x.ndim - 2
    strides, dilation = along_axes("strides", strides, rank), along_axes("dilation", dilation_rate, rank)
    windows, spatial = span(kernel.shape[:-2], dilation), x.shape[1:-1]
    sizes, before = counts("conv", spatial, windows, strides, padding), befores(spatial, windows, strides, padding)
    padded, parts = _parts(x, kernel.shape[:-2], strides, dilation, before, sizes)
    out, groups = np.zeros((x.shape[0], *sizes, kernel.shape[-1]), x.dtype), x.shape[-1] // kernel.shape[-2]
    for place, part in parts.items():
        pairs = zip(np.split(padded[part], groups, -1), np.split(kernel[place], groups, -1), strict=True)
        out += np.concatenate([a @ b for a, b in pairs], axis=-1)
    return out


def conv_input_gradient(g, kernel, geometry, sizes, groups):
    strides, dilation, before = geometry
    x = np.zeros((g.shape[0], *sizes, kernel.shape[-2] * groups), g.dtype)
    padded, parts = _parts(x, kernel.shape[:-2], strides, dilation, before, g.shape[1:-1])
    for place, part in parts.items():
        pairs = zip(np.split(g, groups, -1), np.split(kernel[place], groups, -1), strict=True)
        padded[part] += np.concatenate([a @ b.T for a, b in pairs], axis=-1)
    return padded[(slice(None), *[slice(b, b + size) for b, size in zip(before, sizes, strict=True)])]


def conv_kernel_gradient(x, g, geometry, sizes, groups):
    strides, dilation, before = geometry
    padded, parts = _parts(x, sizes, strides, dilation, before, g.shape[1:-1])
    out = np.zeros((*sizes, x.shape[-1] // groups, g.shape[-1]), x.dtype)
    for place, part in parts.items():
        pairs = zip(np.split(padded[part], groups, -1), np.split(g, groups, -1), strict=True)
        out[place] = np.concatenate([np.tensordot(a, b, (range(x.ndim - 1),) * 2) for a, b in pairs], axis=-1)
    return out
