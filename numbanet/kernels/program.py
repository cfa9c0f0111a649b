"""A Program: launches over fixed buffers, replayed step after step in compiled code."""

import functools

import numpy as np

from numbanet.kernels import launch as launching
from numbanet.kernels.launch import Kernel
from numbanet.kernels.threads import helpers
from numbanet.settings import config

SHARE_NS = 1500
"""The least time of one thread's share of a launch: twenty times what waiting for each other costs."""


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
        self._slots = [
            (one.block.buffer_info()[0] + 8 * word, slot) for one in self.launches for word, slot in one.slots
        ]

    def run(self, steps, numbers=None):
        """Walk the launches `steps` times.

        Parameters
        ----------
        steps : int
        numbers : numpy.ndarray, (steps, numbers of a step), optional
            What the slots hold, by their index.
        """
        values = np.zeros((steps if self._slots else 0, len(self._slots)))
        for column, (_, slot) in enumerate(self._slots):
            values[:, column] = slot.scale * numbers[:steps, slot.index]
        slots = np.array([[address, i] for i, (address, _) in enumerate(self._slots)], np.int64).reshape(-1, 2)
        counter = np.zeros(8, np.int64)  # a cache line of its own
        team = 1 + helpers.available(config.num_threads - 1)
        alone = team == 1 or not helpers.team.acquire(blocking=False)  # alone, the bytes are the same
        try:
            self._run_team(1 if alone else team, slots, values, counter, steps)
        finally:
            if not alone:
                helpers.team.release()

    def _run_team(self, team, slots, values, counter, steps):
        table = np.array(
            [
                (one.function, one.block.buffer_info()[0], one.n, max(1, min(team, int(one.n * one.cost / SHARE_NS))))
                for one in self.launches
            ],
            np.int64,
        )
        operands = table, slots, values, counter, steps
        built, block = launching.backend().prepare(_replay(), operands)
        waiting = []
        try:
            for me in range(1, team):
                waiting.append(helpers.submit(self._walk, built.call, operands, block, me, team))
            self._walk(built.call, operands, block, 0, team)
        except BaseException:
            counter[1] = 1  # Ctrl-C, or no memory for more: the others would wait for this one for ever
            raise
        finally:
            for done in waiting:
                done.acquire()

    def _walk(self, replay, operands, block, me, team):
        """Be one member of the team; it holds what the block points to, whoever else is interrupted."""
        replay(block.buffer_info()[0], me, team)


@functools.cache
def _replay():
    """The kernel of the replay loop; one for all Programs, made when the first one runs, since it needs Numba."""
    from numbanet.kernels.replay import replay

    return Kernel(replay)
