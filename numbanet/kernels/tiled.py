"""Bodies of the fast dot: how outputs are walked in tiles, and where panels are packed on the way."""

import numpy as np

from numbanet.kernels.panels import address
from numbanet.kernels.registers import VECTOR_BYTES
from numbanet.kernels.scratch import free, heap_array, stack_array
from numbanet.kernels.tiles import tile_intrinsic
from numbanet.kernels.windows import call_kernel


def dot_tiles(tile):
    """The body out = a @ b for batches of matrices, in tiles of one shape; its range counts tiles.

    The row of tiles runs fastest, so that columns of b stay in the cache while a passes; then come the columns, then
    the batch. Where tiles are not masked, the last one lies over the one before: both write the same.
    """
    rows, masked = tile.rows, tile.masked
    column_bytes = tile.vectors * VECTOR_BYTES
    run_tile = tile_intrinsic(tile)

    def body(a, b, bias, out, epilogue, pack, start, stop):
        m, k, n, itemsize, like = a.shape[1], a.shape[2], out.shape[2], out.itemsize, out[0, 0, 0]
        columns, lanes = column_bytes // itemsize, VECTOR_BYTES // itemsize
        pitch = min(columns, (n + lanes - 1) // lanes * lanes)  # of a panel, in elements
        high, wide = (m + rows - 1) // rows, (n + columns - 1) // columns
        memory = heap_array((k + 1) * columns if pack else 0, like)
        panel = (address(memory) + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
        words = stack_array(8, np.int64(0))
        packed = -1
        for t in range(np.int64(start), np.int64(stop)):
            strip, row = t // high, t % high * rows
            i, column = strip // wide, strip % wide * columns
            if not masked:
                column = min(column, n - columns)
            width = min(columns, n - column)
            source, step = address(b) + i * b.strides[0] + column * b.strides[2], b.strides[1]
            if pack:
                if packed != strip:
                    words[0], words[1], words[2], words[3], words[4] = source, k, width, step, b.strides[2]
                    words[5], words[6], words[7] = panel, k, pitch
                    call_kernel(pack, address(words), 0, width)
                    packed = strip
                source, step = panel, pitch * itemsize
            run_tile(
                like, k, address(a) + i * a.strides[0] + row * a.strides[1], a.strides[1], a.strides[2], m - 1 - row,
                source, step, address(out) + ((i * m + row) * n + column) * itemsize, n * itemsize, width,
                address(bias) + column * itemsize, epilogue,
            )  # fmt: skip
        free(memory)

    return body


def dot_rows(a, y, out, row_dot, pack, start, stop):
    """out = a @ y where a is not contiguous: its rows go through a panel, a vector's lanes of them at a time."""
    k, itemsize = a.shape[1], a.itemsize
    lanes = VECTOR_BYTES // itemsize
    pitch = (k + lanes - 1) // lanes * lanes
    panel = heap_array(lanes * pitch, out[0])
    words, row = stack_array(8, np.int64(0)), stack_array(7, np.int64(0))
    for i in range(np.int64(start), np.int64(stop), lanes):
        count = min(lanes, np.int64(stop) - i)
        words[0], words[1], words[2] = address(a) + i * a.strides[0], count, k
        words[3], words[4], words[5] = a.strides[0], a.strides[1], address(panel)
        words[6], words[7] = lanes, pitch
        call_kernel(pack, address(words), 0, k)
        for j in range(count):
            row[0], row[1], row[2] = address(panel) + j * pitch * itemsize, 1, k
            row[3], row[4], row[5], row[6] = address(y), k, address(out) + (i + j) * itemsize, 1
            call_kernel(row_dot, address(row), 0, 1)
    free(panel)
