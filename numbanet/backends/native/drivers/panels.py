"""Panels of b: columns of one tile side by side, row after row, where b itself does not have them so.

A transposed b, whose columns are contiguous, goes through squares of lanes x lanes that are transposed in registers.
"""

from numbanet.backends.native.primitives import HAS_MASKS, VECTOR_BYTES, address, as_int64, copy_bytes, transpose_square


def pack_panel(b, panel, start, stop):
    """panel[i, j] = b[i, j] for the columns start <= j < stop of b; the panel is as wide, up to whole vectors."""
    k, first, width = b.shape[0], as_int64(start), as_int64(stop)
    pitch, itemsize = panel.strides[0], panel.strides[1]
    lanes = VECTOR_BYTES // itemsize
    if b.strides[0] == itemsize and (k >= lanes or HAS_MASKS):
        for square in range((width - first + lanes - 1) // lanes):
            j = first + square * lanes
            for step in range((k + lanes - 1) // lanes):
                row = max(min(step * lanes, k - lanes), 0)  # the last square lies over the one before
                source = address(b) + j * b.strides[1] + row * itemsize
                target = address(panel) + row * pitch + j * itemsize
                transpose_square(b[0, 0], source, b.strides[1], width - 1 - j, min(lanes, k), target, pitch)
    elif b.strides[1] == itemsize:
        for i in range(k):
            source, target = address(b) + i * b.strides[0], address(panel) + i * pitch
            copy_bytes(target + first * itemsize, source + first * itemsize, (width - first) * itemsize)
    else:
        for i in range(k):
            for j in range(first, width):
                panel[i, j] = b[i, j]
