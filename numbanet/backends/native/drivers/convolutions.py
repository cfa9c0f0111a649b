"""Bodies of the fast convolution: where rows of its tiles lie, and how they are walked."""

from numbanet.backends.native.primitives import address, as_int64, call_kernel, inlined, stack_words
from numbanet.kernels.words import ROWS_AT_ONCE


@inlined
def place_rows(regions, g, first, count, sources, targets):
    """Write down where `count` rows of region g lie from row `first` on, in the operand and in the result.

    Rows are the positions (sample, depth, height, width) of the region; those past the last one are the last again.
    """
    deep, high, wide = regions[g, 11], regions[g, 14], regions[g, 17]
    source_step, target_step = regions[g, 18], regions[g, 19]
    w, h, d, i = first % wide, first // wide % high, first // (wide * high) % deep, first // (wide * high * deep)
    left, at = min(count, regions[g, 8] * deep * high * wide - first), 0
    while at < left:
        run = min(wide - w, left - at)
        source = regions[g, 6] + i * regions[g, 9] + d * regions[g, 12] + h * regions[g, 15] + w * source_step
        target = regions[g, 7] + i * regions[g, 10] + d * regions[g, 13] + h * regions[g, 16] + w * target_step
        for j in range(run):
            sources[at + j] = source + j * source_step
            targets[at + j] = target + j * target_step
        at += run
        w = 0
        h += 1
        if h == high:
            h = 0
            d += 1
            if d == deep:
                d = 0
                i += 1
    for j in range(at, count):
        sources[j] = sources[at - 1]
        targets[j] = targets[at - 1]


def conv_tiles(regions, strips, x, b, bias, out, a_step, b_step, epilogue, tile, rows, together, start, stop):
    """Compute tiles of a convolution, or of its gradient by the operand; the range counts tiles of rows.

    A region has, in words: its first tile and how many there are, how many are computed at once, its runs (address,
    count, steps), where its first row lies in the operand and in the result, and then four times, from samples to
    width, how many there are and how far apart they lie in both; in the end, how many tiles of it come in earlier
    entries: a region is cut, so that a share of the range has a share of each. A strip of columns has offsets in the
    operand, in b and in the result, and a width. `together` strips share the rows of tiles that have been looked up;
    where there are more strips, rows come again for the others.
    """
    sources, targets, words = stack_words(ROWS_AT_ONCE), stack_words(ROWS_AT_ONCE), stack_words(14)
    last, g = regions.shape[0] - 1, 0
    tiles = regions[last, 0] + regions[last, 1]
    words[2], words[3], words[9], words[11] = address(sources), address(targets), a_step, b_step
    words[12], words[13] = 0, epilogue
    t, end = as_int64(start), as_int64(stop)
    while t < end:
        group, at = t // tiles, t % tiles
        if at < regions[g, 0]:
            g = 0
        while at >= regions[g, 0] + regions[g, 1]:
            g += 1
        first = at - regions[g, 0]
        count = min(min(end - t, regions[g, 1] - first), regions[g, 2])
        first += regions[g, 20]
        place_rows(regions, g, first * rows, count * rows, sources, targets)
        words[6], words[7], words[8] = regions[g, 3], regions[g, 4], regions[g, 5]
        for s in range(group * together, min((group + 1) * together, strips.shape[0])):
            words[0], words[1], words[4] = bias + strips[s, 2], strips[s, 3], x + strips[s, 0]
            words[5], words[10] = out + strips[s, 2], b + strips[s, 1]
            call_kernel(tile, address(words), 0, count)
        t += count


def pack_panels(jobs, source, target, pack, pitch, start, stop):
    """Move parts of a kernel to panels, `pack` being the address of `pack_panel`; the range counts parts.

    A part has an offset, rows, columns and two strides in the source, and an offset in the target.
    """
    words = stack_words(8)
    for job in range(start, stop):
        words[0], words[1], words[2] = source + jobs[job, 0], jobs[job, 1], jobs[job, 2]
        words[3], words[4], words[5] = jobs[job, 3], jobs[job, 4], target + jobs[job, 5]
        words[6], words[7] = jobs[job, 1], pitch
        call_kernel(pack, address(words), 0, jobs[job, 2])
