"""Who of a team does which part of a step, and where its members must meet.

Members meet where one of them may need what another has written. Between two meetings lies an item: launches that have
no memory in common, or that one member does one after the other. A launch that takes long is cut into as many parts as
there are members; one that does not is left to one of them, to the one that has done what it depends on if there is
one. So a step of small launches that follow from each other is one item of one member, and the updates of all weights,
which nothing connects, are one item of all.
"""

from typing import NamedTuple

import numpy as np

WRITTEN = {"sum_columns": 2, "softmax_cross_entropy_and_gradient": 2, "argsort": 2}
"""How many of its arrays a body of ours writes to, the last ones, if it is not one. `test_shares` compares."""

OF_ALL = "numbanet.loops.optimizers."
"""Rules of optimizers change several of their arrays: they are taken to change all."""


class Reach(NamedTuple):
    """The memory of a launch, as pairs of addresses: what it reads or writes, and what it may write."""

    all: tuple
    written: tuple


def reach_of(launch):
    """Return the memory that a launch works on, or None if it is not known."""
    arrays = [x for x in launch.keep if isinstance(x, np.ndarray) and x.size]
    if not arrays or len(arrays) != sum(isinstance(x, np.ndarray) for x in launch.keep):
        return None
    ours = launch.body.startswith("numbanet.") and not launch.body.startswith(OF_ALL)
    count = WRITTEN.get(launch.name, 1) if ours else len(arrays)
    bounds = [np.lib.array_utils.byte_bounds(x) for x in arrays]
    return Reach(tuple(bounds), tuple(bounds[-count:]))


def depends(one, other):
    """Return whether a launch must not begin before another is done: one writes to memory that the other works on."""
    if one is None or other is None:
        return True
    return _overlap(one.written, other.all) or _overlap(one.all, other.written)


def _overlap(some, others):
    return any(low < end and first < high for low, high in some for first, end in others)


class _Item:
    """Launches between two meetings."""

    def __init__(self, team, share_ns):
        self._share_ns = share_ns
        self.parts: list[list] = [[] for _ in range(team)]  # of each member: (function, block, start, stop)
        self._loads = [0.0] * team
        self._placed: list = []  # (memory of a launch, the member that does it, or None if several do)

    def takes(self, launch, reach, shares):
        """Whether a launch goes on without a meeting; if so, its parts are given to members."""
        doers = {doer for other, doer in self._placed if depends(reach, other)}
        if doers and (shares > 1 or len(doers) > 1 or None in doers):
            return False
        order = sorted(range(len(self.parts)), key=lambda member: self._loads[member] // self._share_ns)
        members = [*doers] if doers else order[:shares]
        for i, member in enumerate(members):
            start, stop = launch.n * i // len(members), launch.n * (i + 1) // len(members)
            self.parts[member].append((launch.function, launch.block.buffer_info()[0], start, stop))
            self._loads[member] += launch.cost * (stop - start)
        self._placed.append((reach, members[0] if len(members) == 1 else None))
        return True


def shared_out(launches, team, share_ns) -> tuple[np.ndarray, np.ndarray]:
    """Share launches out to a team.

    Parameters
    ----------
    launches : list of Launch
    team : int
        Members.
    share_ns : float
        The least time of a part of a launch, in nanoseconds.

    Returns
    -------
    pieces : numpy.ndarray, (parts, 4)
        Function, block, start and stop of parts of launches, in the order of items and their shares.
    items : numpy.ndarray, (items, team + 2)
        How many shares an item has; then where each share begins in `pieces`, and where the last one ends.
    """
    made: list[_Item] = []
    for launch in launches:
        shares, reach = min(team, launch.n, max(1, int(launch.n * launch.cost / share_ns))), reach_of(launch)
        if not made or not made[-1].takes(launch, reach, shares):
            made.append(_Item(team, share_ns))
            made[-1].takes(launch, reach, shares)
    pieces: list = []
    items = np.zeros((len(made), team + 2), np.int64)
    for row, item in zip(items, made, strict=True):
        filled = [parts for parts in item.parts if parts]
        row[0], row[1:] = len(filled), len(pieces)
        for share, parts in enumerate(filled):
            pieces += parts
            row[2 + share :] = len(pieces)
    return np.array(pieces, np.int64).reshape(-1, 4), items
