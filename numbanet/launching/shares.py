"""Who of a team does which part of a step, and where its members must meet.

Members meet where one of them may need what another has written. Between two meetings lies an item: launches that have
no memory in common, or that one member does one after the other. A launch that takes long is cut into as many parts as
there are members; one that does not is left to one of them, to the one that has done what it depends on if there is
one. So a step of small launches that follow from each other is one item of one member, and the updates of all weights,
which nothing connects, are one item of all.

Where a part of a launch needs only what one member has done, that member does it, and none of them waits: whoever
fetched half of the rows of a batch takes them through all layers, and whoever computed rows of a gradient updates the
weights with them, which it has in its cache. A launch that must wait for a meeting lets others go first that do not
depend on it.
"""

import itertools

import numpy as np

from numbanet.launching.reach import Memory, depends
from numbanet.launching.rows import rows_of

LEAST_ROWS = 8
"""The least number of rows or positions of a part of a launch that need not be cut."""

EVEN = 4
"""Parts of many rows begin at multiples of this: tiles of products are at least as high."""

WAITING = 16
"""So many launches may wait for the next meeting while others go first."""


class _Task:
    """A launch, and how it can be cut."""

    def __init__(self, launch, team, share_ns):
        self.launch, self._memory = launch, Memory(launch)
        self.reach, self.rows = self._memory.whole, self._memory.rows
        self.shares = min(team, launch.n, max(1, int(launch.n * launch.cost / share_ns)))

    def reach_of(self, start, stop):
        """The memory of some rows."""
        return self._memory.of(start, stop)

    def pieces(self, cuts):
        """(function, block, start, stop) of parts with memory of their own; None if they cannot be computed apart."""
        parts = list(itertools.pairwise(cuts))
        if self.launch.product is None:
            return [self._piece(self.launch, *part) for part in parts]
        made = [rows_of(self.launch, *part) for part in parts]
        if None in made:
            self.rows = 0
            return None
        return [self._piece(one, 0, one.n) for one in made]

    def piece(self, share, shares):
        """One of so many shares of all positions."""
        n = self.launch.n
        return self._piece(self.launch, n * share // shares, n * (share + 1) // shares)

    def _piece(self, launch, start, stop):
        return launch.function, launch.block.buffer_info()[0], start, stop


class _Item:
    """Launches between two meetings."""

    def __init__(self, team, share_ns):
        self._share_ns = share_ns
        self.parts: list[list] = [[] for _ in range(team)]  # of each member: (function, block, start, stop)
        self._loads = [0.0] * team
        self._done: list[list] = [[] for _ in range(team)]  # of each member: the memory of its parts
        self._cuts: list = []  # (rows of a launch, where its parts begin and end)

    def takes(self, task):
        """Whether a launch goes on without a meeting; if so, its parts are given to members."""
        doers = self._doers(task.reach)
        if (task.shares > 1 or len(doers) != 1) and task.rows >= LEAST_ROWS * len(self.parts) and self._cut(task):
            return True
        if len(doers) > 1 or (doers and task.shares > 1):
            return False
        order = sorted(range(len(self.parts)), key=lambda member: self._loads[member] // self._share_ns)
        members = [*doers] if doers else order[: task.shares]
        for i, member in enumerate(members):
            self._place(task, task.reach, member, task.piece(i, len(members)), len(members))
        return True

    def _doers(self, reach):
        """The members that have done what a launch depends on."""
        return {i for i, done in enumerate(self._done) if any(depends(reach, other) for other in reversed(done))}

    def _cut(self, task):
        """Give each member the part that depends on nothing which another has done, if there are such parts."""
        for cuts in self._possible_cuts(task.rows):
            reaches = [task.reach_of(*part) for part in itertools.pairwise(cuts)]
            doers = [self._doers(reach) or {i} for i, reach in enumerate(reaches)]
            if any(len(some) > 1 for some in doers) or len(set.union(*doers)) < len(doers):
                continue
            pieces = task.pieces(cuts)
            if pieces is None:
                return False
            for reach, (member,), piece in zip(reaches, doers, pieces, strict=True):
                self._place(task, reach, member, piece, len(pieces))
            self._cuts.append((task.rows, cuts))
            return True
        return False

    def _possible_cuts(self, rows):
        """Where parts may begin and end: where those of other launches do, and at equal distances."""
        found = []
        for others, cuts in reversed(self._cuts):
            if all(cut * rows % others == 0 for cut in cuts):
                found.append(tuple(cut * rows // others for cut in cuts))
        team = len(self.parts)
        found.append((*(rows * i // team // EVEN * EVEN for i in range(team)), rows))
        return dict.fromkeys(found)

    def _place(self, task, reach, member, piece, count):
        self.parts[member].append(piece)
        self._loads[member] += task.launch.cost * task.launch.n / count
        self._done[member].append(reach)


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
    made, tasks = [], [_Task(launch, team, share_ns) for launch in launches]
    if all(task.shares == 1 for task in tasks):
        team_of_one = [task.piece(0, 1) for task in tasks]
        return _tables([[team_of_one]] if tasks else [], team)
    while tasks:
        item = _Item(team, share_ns)
        later: list[_Task] = []
        for task in tasks:
            waits = len(later) >= WAITING or any(depends(task.reach, other.reach) for other in later)
            if waits or not item.takes(task):
                later.append(task)
        made.append([parts for parts in item.parts if parts])
        tasks = later
    return _tables(made, team)


def _tables(made, team):
    """What the drivers walk, of the shares of items."""
    pieces: list = []
    items = np.zeros((len(made), team + 2), np.int64)
    for row, shares in zip(items, made, strict=True):
        row[0], row[1:] = len(shares), len(pieces)
        for share, parts in enumerate(shares):
            pieces += parts
            row[2 + share :] = len(pieces)
    return np.array(pieces, np.int64).reshape(-1, 4), items
