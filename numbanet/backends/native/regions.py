"""Where the windows of a convolution lie: outputs that have the same places of their window inside form a region.

Along one axis of a convolution that pads there are outputs at the beginning whose window lacks its first places,
those whose window is inside, and those at the end. The regions are all combinations of such stretches over three axes.
In each, every output has the same runs of steps, at the same distance from where its window begins: no element is
tested, copied or multiplied in vain. Everything here is plain integers, and is done once per shapes.
"""

from itertools import pairwise, product
from typing import NamedTuple


class Stretch(NamedTuple):
    """Neighbours along one axis that have the same places of their window inside.

    Parameters
    ----------
    first, step, length : int
        Which positions of the result.
    source, source_step : int
        Where the window of the first one begins in the operand, and how far from there that of the next.
    places : tuple of (int, int)
        The places inside: their index in the kernel, and their distance from where the window begins.
    """

    first: int
    step: int
    length: int
    source: int
    source_step: int
    places: tuple


def along(size, count, window, stride, dilation, before):
    """The stretches of `count` outputs, along an axis of `size` elements."""
    places = [(k, k * dilation) for k in range(window)]
    return _cut(0, 1, count, -before, stride, places, size)


def back_along(size, count, window, stride, dilation, before):
    """The stretches of `size` elements of a gradient, which is computed from those of `count` outputs.

    Those which lie a stride apart have the same places, each of which is one output further for the next of them. The
    indices are those of the kernel turned around, so that the distances grow with them.
    """
    found = []
    for phase in range(min(stride, size)):
        reached = [k for k in range(window) if (phase + before - k * dilation) % stride == 0]
        places = [(window - 1 - k, (phase + before - k * dilation) // stride) for k in reversed(reached)]
        found += _cut(phase, stride, -(-(size - phase) // stride), 0, 1, places, count)
    return found


def _cut(first, step, count, source, source_step, places, size):
    """Cut `count` positions where a place of the window enters or leaves the elements 0..size."""
    inside = [(-((source + far) // source_step), (size - 1 - source - far) // source_step + 1) for _, far in places]
    edges = {0, count} | {min(max(edge, 0), count) for pair in inside for edge in pair}
    found = []
    for start, end in pairwise(sorted(edges)):
        own = tuple(place for place, (low, high) in zip(places, inside, strict=True) if low <= start < high)
        found.append(Stretch(first + start * step, step, end - start, source + start * source_step, source_step, own))
    return found


def regions(axes):
    """All combinations of the stretches of several axes, the largest first."""
    found = list(product(*axes))
    return sorted(found, key=lambda region: -positions(region))


def positions(region):
    """How many positions of the result a region has, in each sample."""
    count = 1
    for stretch in region:
        count *= stretch.length
    return count


def steps(region, sizes, window, channels, depth, joined):
    """The runs of a region: pairs (element of the operand, row of the kernel), and how many steps each has.

    Parameters
    ----------
    region : tuple of Stretch
    sizes, window : tuple of int
        Sizes of the operand and of the kernel along the axes.
    channels, depth : int
        Elements of the operand at one position, and rows of the kernel, which is steps, at one of its places.
    joined : bool
        Whether places that lie side by side in both become one run.
    """
    found = []
    for places in product(*[stretch.places for stretch in region]):
        element = row = 0
        for (index, far), size, length in zip(places, sizes, window, strict=True):
            element, row = element * size + far, row * length + index
        found.append((element * channels, row * depth))
    joins = [joined and one[0] + depth == two[0] and one[1] + depth == two[1] for one, two in pairwise(found)]
    begins = [i for i in range(len(found)) if i == 0 or not joins[i - 1]]
    lengths = {end - start for start, end in pairwise([*begins, len(found)])}
    if len(lengths) != 1:  # the places of a window are a grid: else they are left as they are
        return found, depth
    return [found[i] for i in begins], depth * lengths.pop()


def steps_of_lanes(region, sizes, window, channels):
    """The same where channels stay apart: a run goes over the width of the window, one step for each place."""
    whole = region[-1].places
    narrow = (*region[:-1], region[-1]._replace(places=whole[:1]))
    return steps(narrow, sizes, window, channels, 1, joined=False)[0], len(whole)
