"""What the scripts for a GPU share: the table that they print, and times of the GPU."""

import statistics
import traceback

import numpy as np
from rounds import if_installed

from numbanet.kernels.recording import recording

ROUNDS, COPIES = 7, 10
"""How often each time is taken, and how often a graph holds what is measured."""


class Table:
    """Rows of what was found, each with its goal; they are printed at once, so that nothing is lost by what follows.

    Attributes
    ----------
    right, wrong : int
        Checks that were passed, and that failed: then what was measured counts for nothing.
    missed : int
        Goals that were missed.
    """

    def __init__(self):
        self.right = self.wrong = self.missed = 0
        print("| what | found | goal | |\n|---|---|---|---|", flush=True)

    def add(self, what, found, goal="", met=None):
        """Add a row of something measured."""
        self.missed += met is False
        self._row(what, found, goal, "" if met is None else "met" if met else "missed")

    def check(self, what, found, is_right, goal=""):
        """Add a row of something checked."""
        self.right += bool(is_right)
        self.wrong += not is_right
        self._row(what, found, goal, "right" if is_right else "WRONG")

    def attempt(self, part, *args):
        """Call a part and return what it does; if it raises, that is a row, the rest goes on, and None is returned."""
        try:
            return part(*args)
        except Exception as error:
            traceback.print_exc()
            name = getattr(part, "__name__", None) or part.func.__name__
            self.check(name, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}", False)

    def _row(self, *cells):
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def seconds(device, call, repeats):
    """The median time of `call` on the GPU, between events, after one call that is not measured."""
    call()
    device.synchronize()
    times = []
    for _ in range(ROUNDS):
        first = device.record(timed=True)
        for _ in range(repeats):
            call()
        last = device.record(timed=True)
        last.sync()
        times.append(last.seconds_since(first) / repeats)
    return statistics.median(times)


def time_of(device, work, repeats=3):
    """Seconds of the launches that `work` makes, from a CUDA graph that holds them several times."""
    with recording() as launches:
        work()
    device.run(launches)
    return seconds(device, device.graph(list(launches) * COPIES).launch, repeats) / COPIES


def torch_on_gpu():
    """PyTorch, if it is there and has a GPU, or None; TF32 is off."""
    torch = if_installed("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    torch.backends.cuda.matmul.allow_tf32 = False
    return torch


def torch_seconds(torch, call, repeats=3):
    """Seconds of a call, captured several times in a CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(COPIES):
            call()
    times = []
    for _ in range(ROUNDS):
        first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        first.record()
        for _ in range(repeats):
            graph.replay()
        last.record()
        torch.cuda.synchronize()
        times.append(first.elapsed_time(last) / 1e3 / repeats / COPIES)
    return statistics.median(times)


def random_array(device, shape, dtype=np.float32, seed=0):
    """Normal numbers on the device; large arrays repeat a million of them."""
    numbers = np.random.default_rng(seed).normal(size=1_000_003).astype(dtype)
    return device.from_host(np.resize(numbers, shape))
