"""A Program: launches over fixed buffers, replayed step after step in compiled code."""

import time

import numpy as np

from numbanet.kernels.backends import on_backend
from numbanet.kernels.launch import Kernel
from numbanet.kernels.threads import SPLIT_NS, helpers
from numbanet.settings import config

SHARE_NS = 1500
"""The least time of one thread's share of a launch: twenty times what waiting for each other costs."""

_replay = Kernel("numbanet.kernels.drivers.replay.replay")


STALLS, LONGEST_REST = 2, 32
"""From how many stalls on, and one in 16 steps besides, a team counts as disturbed; for how many runs it rests at most.

On two cores, 180 steps of MNIST had up to 3 stalls on a quiet machine, and 64 to 88 steps 10 to 77 beside a busy
process.
"""


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
        self._walks = {}
        self._rest, self._patience = 0, 1

    def run(self, steps, numbers=None):
        """Walk the launches `steps` times.

        Parameters
        ----------
        steps : int
        numbers : numpy.ndarray, (steps, numbers of a step), optional
            What the slots hold, by their index.
        """
        worth_it = self.cost * steps > SPLIT_NS and not self._rest
        team = 1 + helpers.available(config.num_threads - 1) if worth_it else 1
        self._rest = max(0, self._rest - 1)
        alone = team == 1 or not helpers.team.acquire(blocking=False)  # alone, the bytes are the same
        try:
            self._walk(1 if alone else team, steps, numbers)
        finally:
            if not alone:
                helpers.team.release()

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
                started = time.perf_counter()
                part._walk(1, 1, numbers)
                least[i] = min(least[i], time.perf_counter() - started)
        return [max(seconds - least[0], 0.0) for seconds in least[1:]]

    def _walk(self, team, steps, numbers):
        walk = self._walks.get(team) if steps == 1 else None
        if walk is None:
            walk = _Walk(self.launches, self._slots, team, steps)
            if steps == 1:
                self._walks[team] = walk  # a step that is called again and again: 30 us less each time
        for column, (_, slot) in enumerate(self._slots):
            walk.values[:, column] = slot.scale * numbers[:steps, slot.index]
        walk.run()
        if team > 1:
            self._note(disturbed=walk.counter[2] > STALLS + steps // 16)

    def _note(self, disturbed):
        """Let one thread work for some runs after a team that was disturbed: other processes need the processors.

        Whoever loses the processor for 4 ms keeps the whole team waiting: beside a busy process on two cores, an epoch
        of MNIST took 0.8 to 1.3 s, where one thread takes 0.5. The bytes are the same.
        """
        self._patience = min(2 * self._patience, LONGEST_REST) if disturbed else 1
        self._rest = self._patience if disturbed else 0


class _Walk:
    """The argument block of the replay loop, for a team and a number of steps."""

    def __init__(self, launches, slots, team, steps):
        self.team = team
        self.values = np.zeros((steps if slots else 0, len(slots)))
        self.counter = np.zeros(8, np.int64)  # a cache line of its own
        rows = [
            (one.function, one.block.buffer_info()[0], one.n, max(1, min(team, int(one.n * one.cost / SHARE_NS))))
            for one in launches
        ]
        places = np.array([[address, i] for i, (address, _) in enumerate(slots)], np.int64).reshape(-1, 2)
        self._arrays = np.array(rows, np.int64).reshape(-1, 4), places, self.values, self.counter, steps
        self._built, self._block = on_backend(lambda build: build.prepare(_replay, self._arrays))

    def run(self):
        """Let the team walk."""
        waiting = []
        self.counter[:] = 0
        try:
            for me in range(1, self.team):
                waiting.append(helpers.submit(self._walk, me))
            self._walk(0)
        except BaseException:
            self.counter[1] = 1  # Ctrl-C, or no memory for more: the others would wait for this one for ever
            raise
        finally:
            for done in waiting:
                done.acquire()

    def _walk(self, me):
        """Be one member of the team; it holds what the block points to, whoever else is interrupted."""
        self._built.call(self._block.buffer_info()[0], me, self.team)
