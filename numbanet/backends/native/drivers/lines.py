"""Products of few rows or columns, whose operands are read in vectors along k."""

from numbanet.backends.native.primitives import (
    VECTOR_BYTES,
    address,
    allocate,
    as_int64,
    call_kernel,
    release,
    stack_words,
)


def dot_tiles_of_lines(x, y, bias, out, epilogue, pack, tile, start, stop):
    """out = x @ y.T for lines x, (p, k), and y, (q, k); the range counts tiles over the lines of y.

    `tile` is the address of the kernel that computes them. The lines of y are contiguous; those of x go through a panel
    if they are not, and `pack` is that of `pack_panel` then, else 0.
    """
    p, k, itemsize = x.shape[0], x.shape[1], y.strides[1]
    lanes, memory = VECTOR_BYTES // itemsize, 0
    words, packing = stack_words(21), stack_words(8)
    words[0], words[1], words[2], words[3], words[4] = address(x), p, k, x.strides[0], x.strides[1]
    words[5], words[6], words[7], words[8], words[9] = address(y), y.shape[0], k, y.strides[0], itemsize
    words[10], words[11], words[12], words[13], words[14] = (
        address(bias),
        p,
        y.shape[0],
        bias.strides[0],
        bias.strides[1],
    )
    words[15], words[16], words[17], words[18], words[19] = address(out), p, y.shape[0], out.strides[0], out.strides[1]
    words[20] = epilogue
    if pack:
        pitch = (k + lanes - 1) // lanes * lanes
        memory = allocate((max(p, lanes) * pitch + lanes) * itemsize)
        packing[0], packing[1], packing[2], packing[3], packing[4] = words[0], p, k, words[3], words[4]
        packing[5] = (memory + VECTOR_BYTES - 1) // VECTOR_BYTES * VECTOR_BYTES
        packing[6], packing[7] = max(p, lanes), pitch
        call_kernel(pack, address(packing), 0, k)
        words[0], words[3], words[4] = packing[5], pitch * itemsize, itemsize
    call_kernel(tile, address(words), as_int64(start), as_int64(stop))
    release(memory)
