"""Programs on a GPU: one step is captured as a CUDA graph, and the graph is launched once per step.

The numbers that change from step to step (rates of optimizers, seeds) are not parameters of the launches, which a graph
would freeze: kernels read them from memory, where a launch at the beginning of each step puts the next row of a table.
"""

import numpy as np

from numbanet.backends.cuda import ranges
from numbanet.backends.cuda.joining import joined
from numbanet.backends.cuda.recorded import next_numbers
from numbanet.kernels.arrays import to_host
from numbanet.kernels.recording import recording

ROWS = 1024
"""For so many steps the numbers are copied to the device at once."""


class CudaProgram:
    """Launches over fixed buffers of a device, ready to run; see `kernels.program.Program`.

    Parameters
    ----------
    device : Driver or Simulator
    launches : list of CudaLaunch
    pool : Pool
        Has the numbers that change from step to step, and where kernels find them.
    memory : object
        Whatever owns the buffers.
    """

    def __init__(self, device, launches, pool, memory):
        self.device, self.memory = device, memory
        self._slots = list(pool.slots)
        if self._slots:
            columns = len(self._slots)
            self._table, self._at = device.empty((ROWS, columns), np.float64), device.empty((1,), np.int64)
            with recording() as first:
                ranges.run(device.backend, next_numbers, 1, (self._table, pool.numbers[:columns], self._at))
            launches = [*first, *launches]
        self.launches = joined(device.backend, launches)
        self._graph, self._loaded = None, False
        self._progress = 0, False

    def run(self, steps, numbers=None, until_done=True):
        """Run the launches `steps` times, with the numbers of each step from an array (steps, numbers of a step).

        All of them in any case: a device is not kept waiting by what else the processors do.
        """
        for done in range(0, steps, ROWS):
            count = min(ROWS, steps - done)
            self._progress = self.walked, False
            if self._slots:
                rows = np.zeros(self._table.shape)
                for column, (index, scale) in enumerate(self._slots):
                    rows[:count, column] = scale * numbers[done : done + count, index]
                self.device.copy_from_host(self._table, rows)
                self._at[...] = 0
                self._progress = self._progress[0], True
            for _ in range(count):
                self._step()
            self._progress = self._progress[0] + count, False

    @property
    def walked(self):
        """How many steps all runs have done so far, an int; where Ctrl-C has ended the last one, the device tells.

        It counts steps that have numbers, when they begin; others change nothing that has to be counted.
        """
        before, counting = self._progress
        return before + int(to_host(self._at)[0]) if counting else before

    def _step(self):
        """The first step is launched kernel by kernel, so that all of them are loaded when the second is captured."""
        if not self._loaded:
            self.device.run(self.launches)
            self._loaded = True
        else:
            if self._graph is None:
                self._graph = self.device.graph(self.launches)
            self._graph.launch()
