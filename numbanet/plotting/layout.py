"""Where the boxes of a graph go, from left to right: as Graphviz places them where it is installed, else by ranks.

Both give the same: a place for the middle of each box, and for each edge the control points of its Bezier curves.
"""

import shutil
import subprocess
from itertools import pairwise

RANK_GAP, ROW_GAP = 0.45, 0.2
"""Inches between boxes, from rank to rank and from row to row."""
SWEEPS = 8
"""How often boxes are put in the order of their neighbours: small graphs no longer change after three."""


def layout(sizes, edges):
    """Places for boxes and edges.

    Parameters
    ----------
    sizes : list of (width, height)
        Of each box, in inches.
    edges : list of (int, int)
        From one box to another; there are no cycles.

    Returns
    -------
    (list of (x, y), list of list of (x, y))
        The middles of the boxes, and 3 k + 1 control points per edge; y points up.
    """
    if shutil.which("dot"):
        try:
            return _by_graphviz(sizes, edges)
        except (OSError, subprocess.SubprocessError, ValueError):
            pass  # a Graphviz that does not work, without its plugins for example, is as good as none
    return _by_ranks(sizes, edges)


def _by_graphviz(sizes, edges):
    boxes = [f'{i} [label="" width={w:.3f} height={h:.3f}]' for i, (w, h) in enumerate(sizes)]
    arrows = [f"{tail} -> {head}" for tail, head in edges]
    style = ["node [shape=box fixedsize=true]", "edge [arrowhead=none]"]  # with a head, curves end where that begins
    lines = [f"rankdir=LR ranksep={RANK_GAP} nodesep={ROW_GAP}", *style, *boxes, *arrows]
    source = "digraph {" + "\n".join(lines) + "}"
    done = subprocess.run(["dot", "-Tplain"], input=source, capture_output=True, text=True, timeout=30, check=True)
    places, curves = {}, {}
    for line in done.stdout.splitlines():
        kind, *words = line.split()
        if kind == "node":
            places[int(words[0])] = (float(words[1]), float(words[2]))
        elif kind == "edge":
            count = int(words[2])
            values = [float(word) for word in words[3 : 3 + 2 * count]]
            curves[int(words[0]), int(words[1])] = list(zip(values[::2], values[1::2], strict=True))
    if len(places) != len(sizes) or any(len(curves.get(edge, ())) % 3 != 1 for edge in edges):
        raise ValueError("Graphviz left something out")
    return [places[i] for i in range(len(sizes))], [curves[edge] for edge in edges]


def _by_ranks(sizes, edges):
    """Boxes by their longest path from a source; edges over several ranks go through empty boxes of their own.

    The order within a rank is that of the mean of the neighbours, from both sides in turn (Sugiyama, Tagawa, Toda:
    Methods for visual understanding of hierarchical system structures, 1981).
    """
    count, ranks = len(sizes), _ranks(len(sizes), edges)
    sizes, chains = list(sizes), []
    for tail, head in edges:
        chain = [tail]
        for rank in range(ranks[tail] + 1, ranks[head]):
            chain.append(len(sizes))
            sizes.append((0.0, 0.1))
            ranks.append(rank)
        chains.append([*chain, head])
    rows = _ordered(ranks, [pair for chain in chains for pair in pairwise(chain)])
    places = _placed(rows, sizes)
    return places[:count], [_curve(chain, places, sizes) for chain in chains]


def _ranks(count, edges):
    """The rank of every box: after all that lead to it, and what nothing leads to just before its first reader."""
    ranks = [0] * count
    for tail, head in sorted(edges, key=lambda edge: edge[1]):
        ranks[head] = max(ranks[head], ranks[tail] + 1)
    heads = {head for _, head in edges}
    for box in range(count):
        readers = [ranks[head] for tail, head in edges if tail == box]
        if box not in heads and readers:
            ranks[box] = min(readers) - 1
    return ranks


def _ordered(ranks, links):
    """The boxes of every rank, from top to bottom."""
    rows = [[box for box, own in enumerate(ranks) if own == rank] for rank in range(max(ranks, default=-1) + 1)]
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        position = {box: (i + 0.5) / len(row) for row in rows for i, box in enumerate(row)}
        for row in rows if forth else rows[::-1]:
            near = {
                box: [position[a if forth else b] for a, b in links if (b if forth else a) == box] for box in row
            }  # fmt: skip
            row.sort(key=lambda box: sum(near[box]) / len(near[box]) if near[box] else position[box])
            position.update({box: (i + 0.5) / len(row) for i, box in enumerate(row)})
    return rows


def _placed(rows, sizes):
    places, x = {}, 0.0
    for row in rows:
        width = max(sizes[box][0] for box in row)
        y = (sum(sizes[box][1] + ROW_GAP for box in row) - ROW_GAP) / 2
        for box in row:
            places[box] = (x + width / 2, y - sizes[box][1] / 2)
            y -= sizes[box][1] + ROW_GAP
        x += width + RANK_GAP
    return [places[box] for box in range(len(sizes))]


def _curve(chain, places, sizes):
    """From the right side of a box to the left side of the next: level where it leaves and arrives."""
    points: list = []
    for tail, head in pairwise(chain):
        (x0, y0), (x1, y1) = places[tail], places[head]
        x0, x1 = x0 + sizes[tail][0] / 2, x1 - sizes[head][0] / 2
        middle = (x0 + x1) / 2
        points += [*([] if points else [(x0, y0)]), (middle, y0), (middle, y1), (x1, y1)]
    return points
