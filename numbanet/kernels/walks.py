"""Walking the launches of a Program in compiled code: by one thread, or by a team of them."""

import time

import numpy as np

from numbanet.kernels.launch import Kernel
from numbanet.kernels.threads import helpers
from numbanet.kernels.words import ALLOWED, ENDED, LEAVE, LINE, LOST, STOP

TURN_NS = 80_000_000
"""After so many nanoseconds a walk returns to Python, at the end of a step: Ctrl-C is waiting there."""

LOOK_NS = 50_000
"""So many nanoseconds lie between looks at the clock, about; a look takes 20, and 1,000 on some virtual machines."""

PARTING = 0.0005
"""How long, in seconds, a team waits for members that have nothing left to do: they need 20 us if they run at all."""

_replay = Kernel("numbanet.kernels.drivers.replay.replay")
_together = Kernel("numbanet.kernels.drivers.teams.replay_together")


class Alone:
    """A walk by the thread that calls it.

    Parameters
    ----------
    build : object
        Who runs the loops.
    launches, slots : numpy.ndarray
        What the drivers walk; see `drivers.replay`.
    values : numpy.ndarray, (steps, slots)
        What the slots hold.
    cost : float
        Nanoseconds of a step, roughly.
    """

    strays = ()

    def __init__(self, build, launches, slots, values, cost):
        self._done = np.zeros(1, np.int64)
        self._steps = len(values)
        self._arrays = launches, slots, values, self._done, looking_every(cost), TURN_NS
        self._built, self._block = build.prepare(_replay, self._arrays)

    def run(self):
        """Walk until all steps are done, or the turn is over; how many steps were done."""
        self._done[0] = 0
        self._built.call(self._block.buffer_info()[0], 0, self._steps)
        return int(self._done[0])


class Together:
    """A walk by a team: the calling thread and helpers.

    Attributes
    ----------
    strays : list of Lock
        Of helpers that have not come back, since they have no processor: they will find nothing to do, but look for it
        in the memory of this walk, which must not be used for another one.
    """

    def __init__(self, build, launches, slots, values, cost, team):
        self.team, self._steps = team, len(values)
        room = np.zeros(LINE * (2 + team), np.int64)
        skipped = -room.ctypes.data % (8 * LINE) // 8
        self.words = room[skipped : skipped + LINE * (1 + team)].reshape(1 + team, LINE)
        address = self.words.ctypes.data
        self._arrays = launches, slots, values, address, len(values), looking_every(cost), TURN_NS
        self._built, self._block = build.prepare(_together, self._arrays)
        self.strays = []

    def run(self):
        """Let the team walk until all steps are done, or the turn is over; how many steps were done."""
        attendance, began = helpers.attendance, time.monotonic()
        self.words[...] = 0
        self.words[0, ENDED] = -1
        self.words[0, ALLOWED] = int(1e9 * attendance.allowed)
        waiting = []
        try:
            for me in range(1, self.team):
                waiting.append(helpers.submit(self._walk, me))
            self._walk(0)
        except BaseException:  # Ctrl-C, or no memory for more: a step that others have begun is theirs to end
            self.words[0, STOP] = 1
            _wait_for(waiting)
            raise
        self.strays = [done for done in waiting if not done.acquire(timeout=PARTING)]
        missing, lost = int(self.words[1:, LEAVE].sum()), 1e-9 * int(self.words[0, LOST])
        attendance.note(missing, lost, time.monotonic() - began)
        ended = int(self.words[0, ENDED])
        return ended if ended >= 0 else self._steps

    def _walk(self, me):
        """Be one member of the team; it holds what the block points to, whoever else is interrupted."""
        self._built.call(self._block.buffer_info()[0], me, self.team)


def _wait_for(waiting):
    """Wait for helpers, also if Ctrl-C comes once more: it has been heard."""
    for done in waiting:
        while True:
            try:
                done.acquire()
                break
            except KeyboardInterrupt:
                continue


def looking_every(cost):
    """After how many steps of a cost to look at the clock."""
    return max(1, int(LOOK_NS / max(cost, 1.0)))
