"""The Python build: the bodies as they stand. It defines what is right, and is what a debugger steps into."""

import numpy as np


class PythonBuild:
    """Runs range bodies in the interpreter, on one thread."""

    name = "python"
    schedules = None
    cache = None

    def run(self, kernel, n, operands, cost):
        """Run positions 0..n of `kernel.body`."""
        with np.errstate(all="ignore"):
            kernel.body(*operands, 0, n)

    def run_map(self, kernel, out, inputs):
        """Run an elementwise body over the broadcast inputs."""
        flat = [np.broadcast_to(x, out.shape).reshape(-1) for x in inputs]
        self.run(kernel, out.size, (*flat, out.reshape(-1)), kernel.cost)

    def direct_map(self, kernel, dtypes):
        """There is no shorter way."""
        return
