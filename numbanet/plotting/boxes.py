"""Boxes with text and arrows between them: what graphs of tapes and of models are drawn with."""

import numpy as np

from numbanet.plotting.canvas import axes_for, new_figure
from numbanet.plotting.layout import layout

CHARACTER, LINE = 0.088, 0.19
"""Inches of a character and of a line in a box, at FONT points."""
FONT, MARGIN = 10, 0.15


def draw(who, labels, colours, edges, down, ax):
    """Draw boxes with lines of text, and arrows between them.

    Parameters
    ----------
    who : str
        Whom an error names.
    labels : list of list of str
        The lines of each box.
    colours : list of str
    edges : list of (int, int)
        From one box to another; there are no cycles.
    down : bool
        From top to bottom, not from left to right.
    ax : matplotlib.axes.Axes or None

    Returns
    -------
    matplotlib.axes.Axes
        Without axes lines, one unit for an inch at the full size of the letters.
    """
    sizes = [(max(map(len, lines)) * CHARACTER + 0.2, len(lines) * LINE + 0.12) for lines in labels]
    new_figure()  # says in one sentence that matplotlib is missing
    places, curves = _turned(sizes, edges) if down else layout(sizes, edges)
    (left, low), (right, high) = _bounds(places, sizes)
    width, height = right - left, high - low
    ax = axes_for(who, ax, (max(width, 1.0), max(height, 1.0)))
    ax.set(xlim=(left, right), ylim=(low, high), aspect="equal")
    ax.set_axis_off()
    own = ax.get_window_extent()
    scale = min(1.0, own.width / ax.figure.dpi / width, own.height / ax.figure.dpi / height)
    for curve in curves:
        _arrow(ax, curve, scale)
    for lines, colour, place, size in zip(labels, colours, places, sizes, strict=True):
        _box(ax, lines, colour, place, size, scale)
    return ax


def _turned(sizes, edges):
    """The layout from top to bottom: that from left to right of boxes that lie on their sides, turned."""
    places, curves = layout([(height, width) for width, height in sizes], edges)
    return [(-y, -x) for x, y in places], [[(-y, -x) for x, y in curve] for curve in curves]


def _bounds(places, sizes):
    """The lower left and the upper right corner of everything, with a margin."""
    middles, halves = np.array(places), np.array(sizes) / 2
    return (middles - halves).min(axis=0) - MARGIN, (middles + halves).max(axis=0) + MARGIN


def _arrow(ax, curve, scale):
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    path = Path(curve, [Path.MOVETO] + [Path.CURVE4] * (len(curve) - 1))
    head = "-|>,head_length=0.35,head_width=0.15"
    ax.add_patch(FancyArrowPatch(
        path=path, arrowstyle=head, mutation_scale=12 * scale, color="0.35", linewidth=scale, shrinkA=0, shrinkB=0,
    ))  # fmt: skip


def _box(ax, lines, colour, place, size, scale):
    from matplotlib.patches import FancyBboxPatch

    corner = (place[0] - size[0] / 2 + 0.04, place[1] - size[1] / 2 + 0.04)
    style = {"boxstyle": "round,pad=0.04", "facecolor": colour, "edgecolor": "0.35", "linewidth": scale}
    ax.add_patch(FancyBboxPatch(corner, size[0] - 0.08, size[1] - 0.08, **style))
    ax.text(*place, "\n".join(lines), ha="center", va="center", fontsize=FONT * scale, linespacing=1.25)
