"""Bodies of the fast gradient of a convolution by its kernel: sums over positions, in chunks.

Each output of the convolution is a step here, and a row of outputs a run. So that errors do not grow with the number
of positions, sums of a chunk of them start at zero and are then added to those of the chunks before.
"""

from numbanet.backends.native.primitives import address, as_int64, call_kernel, inlined, stack_words
from numbanet.kernels.words import ADDED, PLAIN, POSITIONS_AT_ONCE


@inlined
def list_runs(walk, classes, c, first, last, begin, runs):
    """List the rows first..last of outputs in which places of class c meet elements; returns how many there are.

    `begin` is the first position of each along the width.
    """
    deep, high, wide, count = walk[0], walk[1], walk[2], 0
    for row in range(first, last):
        h, d, i = row % high, row // high % deep, row // (high * deep)
        within = (h >= classes[c, 4]) & (h < classes[c, 5]) & (d >= classes[c, 2]) & (d < classes[c, 3])
        if within:
            runs[2 * count] = i * walk[6] + d * walk[7] + h * walk[8] + begin * walk[9]
            runs[2 * count + 1] = (row * wide + begin) * walk[10]
            count += 1
    return count


def kernel_gradient_tiles(walk, classes, strips, sources, targets, x, g, out, size, tile, chunks, parts, start, stop):
    """Compute tiles of the gradient by a kernel; the range counts tiles, for each of `parts` of the chunks.

    `walk` has the outputs (deep, high, wide), how many rows of them and how many of their positions are in a chunk, and
    how many pieces there are of a row; then the distances in x of samples and of outputs along the three axes, and in g
    of positions. A class of places has its first tile and how many there are, and which outputs it has a part in along
    the three axes. Strips are those of `conv_tiles`, and the first column that is stored. Part p is written from
    out + p * size on.
    """
    runs, words = stack_words(2 * POSITIONS_AT_ONCE), stack_words(14)
    last, rows = classes.shape[0] - 1, walk[11]
    tiles = classes[last, 0] + classes[last, 1]
    words[2], words[3], words[6], words[9], words[11] = sources, targets, address(runs), walk[9], walk[10]
    t, end = as_int64(start), as_int64(stop)
    while t < end:
        part, at = t // tiles, t % tiles
        until = min(tiles, at + end - t)
        t += until - at
        for chunk in range(part * chunks // parts, (part + 1) * chunks // parts):
            first, begin = chunk // walk[5] * walk[3], chunk % walk[5] * walk[4]
            words[13] = PLAIN if chunk == part * chunks // parts else ADDED
            for c in range(classes.shape[0]):
                one, other = max(at, classes[c, 0]), min(until, classes[c, 0] + classes[c, 1])
                low, high = max(begin, classes[c, 6]), min(begin + walk[4], classes[c, 7])
                if one < other:
                    words[7], words[8] = 0, high - low
                    if low < high:
                        words[7] = list_runs(walk, classes, c, first, min(first + walk[3], rows), low, runs)
                    if words[7] > 0 or words[13] == PLAIN:
                        for s in range(strips.shape[0]):
                            words[4], words[10] = x + strips[s, 0], g + strips[s, 1]
                            words[5] = out + part * size + strips[s, 2]
                            words[0], words[1], words[12] = words[5], strips[s, 3], strips[s, 4]
                            call_kernel(tile, address(words), one, other)


def add_parts(parts, out, start, stop):
    """out[j] = parts[0, j] + parts[1, j] + ..., in this order."""
    for j in range(start, stop):
        out[j] = parts[0, j]
    for p in range(1, parts.shape[0]):
        for j in range(start, stop):
            out[j] += parts[p, j]
