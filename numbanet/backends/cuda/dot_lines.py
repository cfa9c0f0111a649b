"""Products with a vector, and the sum of the parts of a product; `loops.dot` is the definition.

A matrix times a vector is one multiply-add per element that is read, so that only the reads count. A block takes some
lines of the matrix; its threads share each line, add up what they read, and then each other's sums in shared memory, in
an order that depends on the block's size alone. Neighbouring threads read neighbours, along k or along the lines.
"""

import numpy as np

from numbanet.backends.cuda.dot_tiles import finisher
from numbanet.backends.cuda.toolkit import cuda, device


def make_lines(dtype, lines, depth, loads, along_k, bias_step, epilogue):
    """out[z, line] = sum over k of x[z, line, k] * y[z, k], by blocks of lines * depth threads.

    `x` and `y` are elements from the lowest address on, with walks as in `dot_tiles`; the step of y from line to line
    is not looked at. The bias of a line is bias[line * bias_step].
    """
    finish, add_up = finisher(dtype, epilogue), _adder(dtype, depth, loads)
    add_sums, threads = _sum_adder(lines, depth), lines * depth

    def kernel(x, x_walk, y, y_walk, bias, out, batches, n, k, chunk):
        sums = cuda.shared.array(threads, dtype)
        t, blocks = cuda.threadIdx.x, (n + lines - 1) // lines
        across, down = (t % depth, t // depth) if along_k else (t // lines, t % lines)
        line = np.int64(cuda.blockIdx.x) % blocks * lines + down
        z = np.int64(cuda.blockIdx.x) // blocks
        start = z // batches * chunk
        x_first = x_walk[0] + z % batches * x_walk[1] + min(line, n - 1) * x_walk[2]
        y_first = y_walk[0] + z % batches * y_walk[1]
        stop = min(start + chunk, k)
        sums[across * lines + down] = add_up(x, x_first, x_walk[3], y, y_first, y_walk[3], start + across, stop)
        add_sums(sums, across, down)
        if across == 0 and line < n:
            out[np.uint64(z * n + line)] = finish(sums[down], bias, line * bias_step)

    return kernel


def _adder(dtype, depth, loads):
    zero = dtype.type(0)

    def add_up(x, x_first, x_step, y, y_first, y_step, k, stop):
        """The products of positions k, k + depth, ...: several are read before the first of them is added."""
        held_x, held_y = cuda.local.array(loads, dtype), cuda.local.array(loads, dtype)
        total = zero
        while k + (loads - 1) * depth < stop:
            for v in range(loads):
                held_x[v] = x[np.uint64(x_first + (k + v * depth) * x_step)]
                held_y[v] = y[np.uint64(y_first + (k + v * depth) * y_step)]
            for v in range(loads):
                total = cuda.fma(held_x[v], held_y[v], total)
            k += loads * depth
        while k < stop:
            total = cuda.fma(x[np.uint64(x_first + k * x_step)], y[np.uint64(y_first + k * y_step)], total)
            k += depth
        return total

    return device(add_up)


def _sum_adder(lines, depth):
    def add_sums(sums, across, down):
        """The sums of the threads of each line, by halves; `depth` is a power of two."""
        half = depth // 2
        while half > 0:
            cuda.syncthreads()
            if across < half:
                sums[across * lines + down] += sums[(across + half) * lines + down]
            half //= 2

    return device(add_sums)


def make_parts(dtype, epilogue, loads, lanes, width):
    """out[i] = sum over p of parts[p * size + i]; the column of i is i % columns.

    A block computes `width` neighbours by so many lanes each. A lane adds parts that follow each other, in their order,
    of which it reads `loads` before it adds the first; the sums of the lanes are added by halves.
    """
    finish, add_up = finisher(dtype, epilogue), _part_adder(dtype, loads)
    add_sums, threads = _sum_adder(width, lanes), lanes * width

    def of_one_lane(parts, bias, out, count, size, columns):
        i = cuda.grid(1)
        if i < size:
            out[np.uint64(i)] = finish(add_up(parts, i, size, 0, count), bias, i % columns)

    def of_lanes(parts, bias, out, count, size, columns):
        sums = cuda.shared.array(threads, dtype)
        lane, place = cuda.threadIdx.x // width, cuda.threadIdx.x % width
        i, each = np.int64(cuda.blockIdx.x) * width + place, (count + lanes - 1) // lanes
        first = min(lane * each, count)
        sums[lane * width + place] = add_up(parts, min(i, size - 1), size, first, min(first + each, count))
        add_sums(sums, lane, place)
        if lane == 0 and i < size:
            out[np.uint64(i)] = finish(sums[place], bias, i % columns)

    return of_one_lane if lanes == 1 else of_lanes


def _part_adder(dtype, loads):
    zero = dtype.type(0)

    def add_up(parts, i, size, first, stop):
        """The sum of the parts from `first` to `stop` of element i, in their order."""
        held, total, at, left = cuda.local.array(loads, dtype), zero, np.uint64(first * size + i), stop - first
        while left >= loads:
            for v in range(loads):
                held[v] = parts[at + np.uint64(v) * np.uint64(size)]
            for v in range(loads):
                total += held[v]
            at += np.uint64(loads) * np.uint64(size)
            left -= loads
        while left > 0:
            total += parts[at]
            at += np.uint64(size)
            left -= 1
        return total

    return device(add_up)
