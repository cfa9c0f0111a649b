"""Walking the launches of a Program in compiled code: by one thread, or by a team of them."""

import time

import numpy as np

from numbanet.kernels.body import Body
from numbanet.kernels.threads import helpers
from numbanet.kernels.words import ALLOWED, BEGAN, DONE, ENDED, HALF, LEAVE, LINE, LOST, OVER, STOP

TURN_NS = 90_000_000
"""After this many nanoseconds, a walk returns to Python at the end of a step, so that Ctrl-C is handled."""

LOOK_NS = 50_000
"""So many nanoseconds lie between looks at the clock, about; a look takes 20, and 1,000 on some virtual machines."""

PARTING = 0.0005
"""How long, in seconds, a team waits for members that have nothing left to do: they need 20 us if they run at all."""

_replay = Body("numbanet.backends.native.drivers.replay.replay")
_together = Body("numbanet.backends.native.drivers.teams.replay_together")


class _Walk:
    """What a walk comes back with.

    Attributes
    ----------
    strays : list of Lock
        Of helpers that have not come back, since they have no processor: they will find nothing to do, but look for it
        in the memory of this walk, which must not be used for another one.
    """

    def __init__(self, steps, line):
        self.strays, self._steps, self._line = [], steps, line

    @property
    def done(self):
        """How many steps were done, which the compiled loop has written down: Ctrl-C may have come since.

        A team that has ended before none of them has done all, if anything.
        """
        ended = int(self._line[ENDED])
        return ended if ended >= 0 else self._steps if self._line[DONE] else 0

    @property
    def pace(self):
        """Seconds of a step in the second half of the walk: a helper has woken by then, and caches are warm."""
        began, half, over = (int(self._line[i]) for i in (BEGAN, HALF, OVER))
        steps = self.done
        first = self._steps // 2
        return 1e-9 * ((over - half) / (steps - first) if steps > first else (over - began) / max(steps, 1))


class Alone(_Walk):
    """A walk by the thread that calls it.

    Parameters
    ----------
    backend : object
        What runs the loops.
    launches, slots : numpy.ndarray
        What the drivers walk; see `drivers.replay`.
    values : numpy.ndarray, (steps, slots)
        What the slots hold.
    cost : float
        Nanoseconds of a step, roughly.
    """

    def __init__(self, backend, launches, slots, values, cost):
        super().__init__(len(values), np.zeros(LINE, np.int64))
        self._arrays = launches, slots, values, self._line, looking_every(cost), TURN_NS
        self._built, self._block = backend.prepare(_replay, self._arrays)

    def begin(self):
        """No step is done yet."""
        self._line[ENDED] = 0

    def run(self):
        """Walk until all steps are done, or the turn is over."""
        self._built.call(self._block.buffer_info()[0], 0, self._steps)


class Together(_Walk):
    """A walk by a team: the calling thread and helpers; `pieces` and `items` are those of `shares.shared_out`."""

    def __init__(self, backend, pieces, items, slots, values, cost, team):
        self.team = team
        room = np.zeros(LINE * (2 + team), np.int64)
        skipped = -room.ctypes.data % (8 * LINE) // 8
        self.words = room[skipped : skipped + LINE * (1 + team)].reshape(1 + team, LINE)
        super().__init__(len(values), self.words[0])
        address = self.words.ctypes.data
        self._arrays = pieces, items, slots, values, address, self._steps, looking_every(cost), TURN_NS
        self._built, self._block = backend.prepare(_together, self._arrays)

    def begin(self):
        """No step is done yet."""
        self.words[...] = 0
        self._line[ENDED] = -1

    def run(self):
        """Let the team walk until all steps are done, or the turn is over."""
        line, attendance, began = self._line, helpers.attendance, time.monotonic()
        line[ALLOWED] = int(1e9 * attendance.allowed)
        waiting: list = []
        helpers.wake_elsewhere()
        try:
            for me in range(1, self.team):
                waiting.append(helpers.submit(self._walk, me))
            self._walk(0)
        except BaseException:  # Ctrl-C, or no memory for more: a step that has been begun must end, as it does in here
            line[STOP] = 1
            self._walk(0)
            raise
        self.strays = [done for done in waiting if not done.acquire(timeout=PARTING)]
        attendance.note(int((self.words[1:, LEAVE] != 0).sum()), 1e-9 * int(line[LOST]), time.monotonic() - began)

    def _walk(self, me):
        """Be one member of the team; it holds what the block points to, whoever else is interrupted."""
        self._built.call(self._block.buffer_info()[0], me, self.team)


def looking_every(cost):
    """After how many steps of a cost to look at the clock."""
    return max(1, int(LOOK_NS / max(cost, 1.0)))
