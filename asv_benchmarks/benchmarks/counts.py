"""What can be counted instead of timed: it does not move with the machine, so any change of it means something."""

import sys
import tracemalloc

import numpy as np

import numbanet as nn

from .common import BACKENDS, prepare
from .eager import step_by_hand
from .internals import flops_of_product
from .networks import NETWORKS, keras_like, random_data

BOOKKEEPING = ("advance", "store_number")


class Step:
    """The Program of a training step in fit."""

    params = ([*BACKENDS], [*NETWORKS])
    param_names = ("library", "network")

    def setup(self, library, name):
        """Record the step."""
        prepare(library)
        network = NETWORKS[name]
        x, y = random_data(network, 3)
        model = keras_like(network)
        model.fit(x, y, batch_size=network.batch, shuffle=False, verbose=0, rng=0)
        self.program = model.explanation.steps[0].program

    def track_launches(self, library, name):
        """Count launches: more of them mean that a fusion is lost."""
        return len(self.program.launches)

    def track_megaflops(self, library, name):
        """Count floating-point operations of products, in millions."""
        products = [one for one in self.program.launches if one.name.startswith(("dot_tiles", "dot_blocks"))]
        return sum(flops_of_product(arrays_of(one)) for one in products) / 1e6

    def track_megabytes(self, library, name):
        """Count the bytes that launches read and write, every operand once, in millions."""
        return sum(bytes_of(one) for one in self.program.launches if one.name not in BOOKKEEPING) / 1e6

    def track_kilobytes_between(self, library, name):
        """Count the memory that lies between the launches of a step."""
        return self.program.memory.lowering.pool.bytes / 1e3


def arrays_of(launch):
    """Return the operands of a launch."""
    return [x for x in launch.keep if isinstance(x, np.ndarray)][launch.name == "windows" :]


def bytes_of(launch):
    """Return the bytes that a launch touches; of a data set, those of a batch."""
    arrays = arrays_of(launch)
    if launch.name == "fetch_rows":
        return 2 * arrays[-1].nbytes
    if launch.name == "store_rows":
        return 2 * arrays[0].nbytes
    return sum(x.nbytes for x in arrays)


def _calls():
    """Return calls by name."""
    x, y = (nn.asarray(np.ones((32, 32), np.float32)) for _ in range(2))
    network = NETWORKS["64-32-10"]
    data = random_data(network, 1)
    return {
        "add": lambda: nn.add(x, y),
        "dot": lambda: nn.dot(x, y),
        "mean": lambda: nn.mean(x),
        "taped step": step_by_hand(network, *data),
        "function step": step_by_hand(network, *data, nn.function),
    }


class Call:
    """What Python does in one call."""

    params = ([*BACKENDS], ["add", "dot", "mean", "taped step", "function step"])
    param_names = ("library", "call")

    def setup(self, library, name):
        """Make the call some times: what is kept from the first ones is there."""
        prepare(library)
        self.call = _calls()[name]
        for _ in range(4):
            self.call()

    def track_frames(self, library, name):
        """Count Python frames."""
        count = 0

        def note(frame, event, argument):
            nonlocal count
            count += event == "call"

        sys.setprofile(note)
        try:
            self.call()
        finally:
            sys.setprofile(None)
        return count - 1  # the lambda itself

    def track_peak_kilobytes(self, library, name):
        """Count the most memory that the call had at a time, in thousands of bytes."""
        tracemalloc.start()
        try:
            self.call()
            return round(tracemalloc.get_traced_memory()[1] / 1e3, 1)
        finally:
            tracemalloc.stop()
