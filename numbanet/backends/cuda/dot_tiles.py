"""The tiled product of matrices: out[z, i, j] = sum over k of a[z, i, k] * b[z, k, j]; `loops.dot` is the definition.

A block of threads computes one tile of the result (or one part of the sum of one tile). It walks along k: `depth`
columns of the rows of a and as many rows of the columns of b lie in shared memory, where every thread reads the few
rows and columns that its own elements need, and keeps these elements in registers. There are two such stages: while
one is multiplied, the elements of the next are on their way into registers, and are stored to the other stage at the
end. This is the blocking of Volkov and Demmel (Benchmarking GPUs to Tune Dense Linear Algebra, 2008) and of Tan et al.
(Fast Implementation of DGEMM on Fermi GPU, 2011); shared memory is the CUDA C++ Programming Guide's, section
"Shared Memory".

Both operands are "lines along k": rows of a, columns of b. Each is the elements of its memory from the lowest address
on, and a walk: where it starts, and the steps from a matrix, a line and a position of k to the next. So any strides
are read where they lie. Neighbouring threads read neighbours along k or the lines, whichever has the shorter steps.

The first stage takes what k leaves over, filled up with zeros, so that the loop reads without looking at k. Lines
beyond the edge are read as copies of the last one and never stored.
"""

import numpy as np

from numbanet.backends.cuda.toolkit import cuda, device
from numbanet.kernels.words import BIAS_AND_RELU, PLAIN

VECTOR = 16
"""Bytes that a thread loads from shared memory at a time."""

LANES_ACROSS, WARP = 8, 32
"""Threads of a warp that lie side by side: 4 rows of 8 threads read the fewest different words."""

THREADS, THREADS_OF_WIDE = 512, 384
"""Threads that should fit a multiprocessor at a time, in whole blocks: each may have 128 of its 65,536 registers, or
168 in blocks of 64 and 128 threads where elements or places take two; within 128 ptxas spills some of these."""

UNROLLED = 1024
"""Bytes of the results of multiply-adds that are written out one after the other; the loop over the rest is the
compiler's. With twice as many ptxas has so many loads under way that registers spill: 39 of the 264 kernels of all
tiles did, at 7.5, 8.0 and 9.0."""


def make_tiled(dtype, tile, a_along_k, b_along_k, place_dtype, epilogue):
    """The kernel for a tile; `place_dtype` holds places in a and b; `epilogue` is PLAIN, BIAS or BIAS_AND_RELU."""
    depth, threads, count = tile.depth, tile.threads, tile.thread_rows * tile.thread_columns
    a_size, b_size = depth * _pitch(tile.rows, dtype), depth * _pitch(tile.columns, dtype)
    shared_size, a_count, b_count = 2 * (a_size + b_size), depth * tile.rows // threads, depth * tile.columns // threads
    find, clear = _finder(tile), _clearer(count)
    a_begin, a_advance, a_put = _mover(dtype, tile.rows, depth, threads, a_along_k)
    b_begin, b_advance, b_put = _mover(dtype, tile.columns, depth, threads, b_along_k)
    multiply, store = _multiplier(dtype, tile, a_size), _storer(dtype, tile, epilogue)

    def kernel(a, a_walk, b, b_walk, bias, out, batches, m, n, k, chunk):
        shared = cuda.shared.array(shared_size, dtype)
        a_held, b_held = cuda.local.array(a_count, dtype), cuda.local.array(b_count, dtype)
        a_at, b_at = cuda.local.array(a_count, place_dtype), cuda.local.array(b_count, place_dtype)
        total = cuda.local.array(count, dtype)
        clear(total)
        i, j, z = find(m, n)
        start = z // batches * chunk
        size = min(chunk, k - start)
        taken = (size - 1) % depth + 1
        a_begin(a, a_walk, z % batches, i, m, start, size, taken, a_at, a_held)
        b_begin(b, b_walk, z % batches, j, n, start, size, taken, b_at, b_held)
        a_put(shared, 0, a_held)
        b_put(shared, a_size, b_held)
        cuda.syncthreads()
        a_step, b_step, parity, later = taken * a_walk[3], taken * b_walk[3], 0, (size - taken) // depth
        for done in range(np.int32(later + 1)):
            a_advance(a, a_step if done < later else 0, a_at, a_held)  # the last stage is read twice, for nothing
            b_advance(b, b_step if done < later else 0, b_at, b_held)
            multiply(shared, parity * (a_size + b_size), total)
            parity = 1 - parity
            a_put(shared, parity * (a_size + b_size), a_held)
            b_put(shared, parity * (a_size + b_size) + a_size, b_held)
            cuda.syncthreads()
            a_step, b_step = depth * a_walk[3], depth * b_walk[3]
        store(total, bias, out, z, i, j, m, n)

    fitting = THREADS if dtype.itemsize == place_dtype.itemsize == 4 else THREADS_OF_WIDE
    kernel.launch_bounds = threads, -(-fitting // threads)
    return kernel


def _pitch(lines, dtype):
    """Elements from one position of k to the next in shared memory: padding keeps threads off each other's banks."""
    return lines + VECTOR // dtype.itemsize


def _finder(tile):
    rows, columns = tile.rows, tile.columns

    def find(m, n):
        """The first row and column of the tile of this block, and its matrix: parts of the sum are further matrices."""
        down, across = np.uint32((m + rows - 1) // rows), np.uint32((n + columns - 1) // columns)
        block = np.uint32(cuda.blockIdx.x)
        line = block // across
        return np.int64(line % down) * rows, np.int64(block % across) * columns, np.int64(line // down)

    return device(find)


def _clearer(count):
    def clear(total):
        for v in range(count):
            total[v] = 0

    return device(clear)


def _mover(dtype, lines, depth, threads, along_k):
    """What moves the elements of an operand: its first stage to registers, the next one, and registers to a stage."""
    count, pitch = lines * depth // threads, _pitch(lines, dtype)

    def line_and_k(v):
        t = cuda.threadIdx.x
        if along_k:
            return t // depth + v * (threads // depth), t % depth
        return t % lines, t // lines + v * (threads // lines)

    line_and_k = device(line_and_k)

    def begin(x, walk, z, first, stop, start, size, limit, at, held):
        for v in range(count):
            line, k = line_and_k(v)
            at[v] = walk[0] + z * walk[1] + min(first + line, stop - 1) * walk[2] + (start + min(k, size - 1)) * walk[3]
            held[v] = 0
            if k < limit:
                held[v] = x[np.uint64(at[v])]

    def advance(x, step, at, held):
        for v in range(count):
            at[v] += step
            held[v] = x[np.uint64(at[v])]

    def put(shared, first, held):
        for v in range(count):
            line, k = line_and_k(v)
            shared[np.uint64(first + k * pitch + line)] = held[v]

    return device(begin), device(advance), device(put)


def _placer(tile, itemsize):
    """Where in the tile the elements of a thread lie: as vectors, as far apart as all threads' vectors reach."""
    down, across = tile.rows // tile.thread_rows, tile.columns // tile.thread_columns
    lanes_across = min(LANES_ACROSS, across)
    lanes = min(WARP, tile.threads)
    row_vector = min(VECTOR // itemsize, tile.thread_rows)
    column_vector = min(VECTOR // itemsize, tile.thread_columns)

    def row(r):
        lane, warp = cuda.threadIdx.x % lanes, cuda.threadIdx.x // lanes
        y = lane // lanes_across + warp // (across // lanes_across) * (lanes // lanes_across)
        return (r // row_vector * down + y) * row_vector + r % row_vector

    def column(c):
        lane, warp = cuda.threadIdx.x % lanes, cuda.threadIdx.x // lanes
        x = lane % lanes_across + warp % (across // lanes_across) * lanes_across
        return (c // column_vector * across + x) * column_vector + c % column_vector

    return device(row), device(column)


def _multiplier(dtype, tile, a_size):
    depth, height, width = tile.depth, tile.thread_rows, tile.thread_columns
    row, column = _placer(tile, dtype.itemsize)
    a_pitch, b_pitch = _pitch(tile.rows, dtype), _pitch(tile.columns, dtype)
    steps = min(depth, UNROLLED // (height * width * dtype.itemsize))

    def step(shared, first, k, total):
        x, y = cuda.local.array(height, dtype), cuda.local.array(width, dtype)
        for r in range(height):
            x[r] = shared[np.uint64(first + k * a_pitch + row(r))]
        for c in range(width):
            y[c] = shared[np.uint64(first + a_size + k * b_pitch + column(c))]
        for r in range(height):
            for c in range(width):
                total[r * width + c] = cuda.fma(x[r], y[c], total[r * width + c])

    written_out = _written_out(device(step), steps)

    def multiply(shared, first, total):
        for k in range(0, depth, steps):
            written_out(shared, first, k, total)

    return device(multiply)


def _written_out(step, count):
    """`count` steps, a power of two, one after the other: the compiler leaves a loop of so many instructions rolled."""
    if count == 1:
        return step
    half, later = _written_out(step, count // 2), count // 2

    def both(shared, first, k, total):
        half(shared, first, k, total)
        half(shared, first, k + later, total)

    return device(both)


def _storer(dtype, tile, epilogue):
    height, width = tile.thread_rows, tile.thread_columns
    (row, column), finish = _placer(tile, dtype.itemsize), finisher(dtype, epilogue)

    def store(total, bias, out, z, i, j, m, n):
        for r in range(height):
            if i + row(r) < m:
                first = (z * m + i + row(r)) * n + j
                for c in range(width):
                    if j + column(c) < n:
                        out[np.uint64(first + column(c))] = finish(total[r * width + c], bias, j + column(c))

    return device(store)


def finisher(dtype, epilogue):
    """What becomes of a sum: itself, with the bias of its column added, or relu of that, where NaN stays NaN."""
    zero = dtype.type(0)

    def finish(value, bias, column):
        if epilogue != PLAIN:
            value += bias[np.uint64(column)]
        if epilogue == BIAS_AND_RELU:
            value = value if value > 0 or value != value else zero
        return value

    return device(finish)
