"""A Program: launches over fixed buffers, replayed step after step in compiled code."""

import functools
import time

import numpy as np

from numbanet.backends.select import on_backend
from numbanet.core.settings import config
from numbanet.kernels.threads import SPLIT_NS, helpers
from numbanet.launching.pace import TRIAL_NS, pace_of
from numbanet.launching.shares import shared_out
from numbanet.launching.walks import Alone, Together

SHARE_NS = 1500
"""The least time of one thread's share of a launch: twenty times what waiting for each other costs."""


def program_of(launches, pool, memory):
    """The Program of recorded launches, on the device of the pool that their results lie in."""
    return Program(launches, memory) if pool.device is None else pool.device.program(launches, pool, memory)


class Program:
    """Launches that were recorded, ready to run.

    Parameters
    ----------
    launches : list of Launch
    memory : object
        Whatever owns the buffers that the launches point to; kept alive.
    """

    def __init__(self, launches, memory=None):
        self.launches = [one for one in launches if one.n]
        self.memory = memory
        self.cost = sum(one.n * one.cost for one in self.launches)
        self._slots = [
            (one.block.buffer_info()[0] + 8 * word, slot) for one in self.launches for word, slot in one.slots
        ]
        self._indices = np.array([slot.index for _, slot in self._slots], np.int64)
        self._scales = np.array([slot.scale for _, slot in self._slots])
        self._values = np.zeros((1, len(self._slots)))
        self._walks, self._progress = {}, (0, None)
        self._shared_out: dict = {}

    def run(self, steps, numbers=None, until_done=True):
        """Walk the launches `steps` times.

        Python gets a turn, and with it Ctrl-C, after each `walks.TURN_NS`.

        Parameters
        ----------
        steps : int
        numbers : numpy.ndarray, (steps, numbers of a step), optional
            What the slots hold, by their index.
        until_done : bool
            False: return when the first turn is over, after one step or more.
        """
        values = self._values_of(steps, numbers)
        done = 0
        while done < steps:
            done += self._turn(values[done:], steps)
            if not until_done:
                break

    @property
    def walked(self):
        """How many steps all runs have done so far, an int; true also where Ctrl-C has ended the last one."""
        before, walk = self._progress
        return before if walk is None else before + walk.done

    def _turn(self, values, steps):
        """Walk as many steps of a run as there are values for, or as there is time for; how many those were."""
        wanted = config.num_threads if self.cost * len(values) > SPLIT_NS else 1
        wanted = min(wanted, self.width(wanted))
        wanted = helpers.attendance.expected(wanted)
        if wanted == 1 or helpers.team.locked():
            return self._walk(1, values)[1]  # alone, the bytes are the same
        with helpers.team:  # Ctrl-C cannot come between its first line and the block, as it could after `acquire`
            return self._paced(wanted, values, steps)

    def _paced(self, wanted, values, steps):
        """Walk with a team if that pays, which is tried for some milliseconds now and then."""
        some = min(steps, max(2, int(TRIAL_NS / max(self.cost, 1.0))))
        short = some == 1 or some * self.cost < TRIAL_NS / 4  # what calling the team costs is part of it
        pace = pace_of((self._shape, wanted, short))
        on_trial, together = pace.on_trial, pace.together()
        team = 1 + helpers.available(wanted - 1) if together else 1
        walk, done, seconds = self._walk(team, values[:some] if on_trial else values)
        if on_trial:
            pace.note(together, seconds / done if short else walk.pace)
        return done

    def _walk(self, team, values):
        """Walk; returns the walk, how many steps were done, and the seconds that they took."""
        again = values.base is self._values  # a step that is called again and again: 30 us less each time
        walk = self._walks.pop(team, None) if again else None
        if walk is None:
            walk = on_backend(functools.partial(self._new_walk, team=team, values=values))
        walk.begin()
        before, last = self._progress
        before += last.done if last else 0
        self._progress = before, walk
        started = time.perf_counter()
        walk.run()
        seconds, done = time.perf_counter() - started, walk.done
        self._progress = before + done, None
        if again and not walk.strays:
            self._walks[team] = walk
        return walk, done, seconds

    def _new_walk(self, backend, team, values):
        if team > 1 and backend.compiled:
            pieces, items = self.shared_out(team)
            return Together(backend, pieces, items, self._tables[1], values, self.cost, team)
        return Alone(backend, *self._tables, values, self.cost)

    @functools.cached_property
    def _shape(self):
        """What Programs have in common that take as long."""
        return tuple((one.name, one.n) for one in self.launches)

    @functools.cached_property
    def _tables(self) -> tuple[np.ndarray, np.ndarray]:
        """The launches and the slots as the drivers read them."""
        rows = [(one.function, one.block.buffer_info()[0], one.n) for one in self.launches]
        places = [(address, i) for i, (address, _) in enumerate(self._slots)]
        return np.array(rows, np.int64).reshape(-1, 3), np.array(places, np.int64).reshape(-1, 2)

    def shared_out(self, team) -> tuple[np.ndarray, np.ndarray]:
        """What each member of a team does between two meetings: `shares.shared_out`, kept."""
        if team not in self._shared_out:
            self._shared_out[team] = shared_out(self.launches, team, SHARE_NS)
        return self._shared_out[team]

    def width(self, team):
        """How many members of a team have something to do side by side: where it is one, a team cannot gain."""
        return int(self.shared_out(team)[1][:, 0].max(initial=1)) if team > 1 else 1

    def _values_of(self, steps, numbers):
        """What the slots hold, step by step."""
        values = self._values if steps == 1 else np.empty((steps, len(self._slots)))
        if self._slots:
            np.multiply(numbers[:steps, self._indices], self._scales, out=values)
        return values

    def times(self, prepare, rounds=20):
        """What each launch takes: run in order by one thread, one call from Python each.

        Parameters
        ----------
        prepare : callable
            Called before each round, to put back what a step changes.
        rounds : int

        Returns
        -------
        list of float
            Seconds, the least of all rounds; what calling no launch takes is taken off.
        """
        first = {slot.index: float(slot) / slot.scale for _, slot in self._slots}
        numbers = np.zeros((1, max(first, default=-1) + 1))
        for index, value in first.items():
            numbers[0, index] = value
        parts = [Program([], self.memory), *[Program([one], self.memory) for one in self.launches]]
        least = [np.inf] * len(parts)
        for _ in range(rounds + 1):  # nothing is prepared yet in the first
            prepare()
            for i, part in enumerate(parts):
                *_, seconds = part._walk(1, part._values_of(1, numbers))
                least[i] = min(least[i], seconds)
        return [max(seconds - least[0], 0.0) for seconds in least[1:]]
