"""What benchmarks share: a call that is timed, its ratios to two controls, the libraries that are here."""

import abc
import contextlib
import importlib.util
import os
import statistics
import time
from types import FunctionType

import numpy as np
from threadpoolctl import threadpool_limits

import numbanet as nn
from numbanet.errors import NumbanetError

from .internals import backend

BACKENDS = {"numbanet": "numba", "numbanet-cython": "cython"}
"""What is measured under which name, and the backend that it means."""
MODULES = {
    "NumPy": "numpy",
    "PyTorch": "torch",
    "JAX": "jax",
    "JAX scan": "jax",
    "scikit-learn": "sklearn",
    "MyGrad": "mygrad",
    "autograd": "autograd",
}
"""Peers, and the module that each needs."""
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
THREADS = (1, 2) if CORES > 1 else (1,)
SMOKE = bool(os.environ.get("NUMBANET_BENCH_SMOKE"))
"""Whether each benchmark has its first parameters alone: what shows that all of them run, within minutes."""
ROUNDS, TURN = 1 if SMOKE else 21, 1e-3
"""How often a ratio is taken, and the seconds of each part of it."""


def installed(*peers):
    """Both backends, and those of `peers` that can be imported: the values of a benchmark's first parameter."""
    return [*BACKENDS, *(peer for peer in peers if importlib.util.find_spec(MODULES[peer]))]


def prepare(library, threads=1):
    """Choose the backend, and the number of threads that every library may use.

    Raises
    ------
    NotImplementedError
        When the library or the backend cannot be used here: asv then leaves the benchmark out.
    """
    if library not in BACKENDS and library not in MODULES:
        raise NotImplementedError(f"{library} is not among {', '.join([*BACKENDS, *MODULES])}")
    nn.config.num_threads = threads
    threadpool_limits(threads)  # OpenBLAS
    if library.startswith("JAX") and hasattr(os, "sched_setaffinity"):  # which has no setting that holds for a step
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    try:
        if library in BACKENDS:
            nn.config.backend = BACKENDS[library]
            backend()
        elif library == "PyTorch":
            import torch

            torch.set_num_threads(threads)
    except (ImportError, NumbanetError) as error:
        raise NotImplementedError(f"{library} cannot be used: {error}") from None


class Timed(abc.ABC):
    """A benchmark of one call: asv keeps its time and, for numbanet, its ratios to the controls.

    Subclasses define `make(library, *params)`, which returns the call; the first parameter is the library.

    Attributes
    ----------
    units : int
        How many steps or operations one call does; reports divide by it.
    control : {"product", "copy"}
        What bounds the call on a slow machine, arithmetic or memory: its ratio is to that.
    warm_calls : int
        How often it is called before it is timed.
    """

    params = ([*BACKENDS],)
    param_names = ("library",)
    units, control, warm_calls = 1, "product", 2
    rounds, repeat, warmup_time, sample_time = 1 if SMOKE else 2, (3, 10, 0.4), 0.05, 0.005
    timeout = 120

    @abc.abstractmethod
    def make(self, library, *params):
        """Return the function to time, without arguments; NotImplementedError where a library has none."""

    def setup(self, library, *params):
        """Choose backend and threads, and make the call twice, or once: compiled, recorded, memory used once."""
        prepare(library, self.threads(*params))
        self.call = self.make(library, *params)
        for _ in range(self.warm_calls):
            self.call()

    def threads(self, *params):
        """Return the number of threads that these parameters ask for."""
        named = dict(zip(self.param_names[1:], params, strict=True))
        return named.get("threads", 1)

    def time_call(self, *params):
        """Time the call, as it is."""
        self.call()

    def track_ratio(self, *params):
        """Divide by the time of the control in the same process, round by round."""
        return ratio_to(CONTROLS[self.control], self.call)

    def __init_subclass__(cls):
        """Track ratios of numbanet alone: a peer does not change from commit to commit."""
        own = FunctionType(Timed.track_ratio.__code__, globals(), "track_ratio")
        cls.params = tuple([values[0]] for values in cls.params) if SMOKE else cls.params
        own.params, own.unit = ([*BACKENDS][: 1 if SMOKE else None], *cls.params[1:]), f"times a {cls.control}"
        cls.track_ratio = own


def product():
    """Compute a product with NumPy, always the same: how fast this machine calculates just now."""
    np.matmul(_FACTOR, _FACTOR, out=_PRODUCT)


def copy():
    """Copy 8 MB with NumPy, always the same: how fast this machine moves memory just now."""
    np.copyto(_TARGET, _SOURCE)


_FACTOR = np.random.default_rng(0).standard_normal((256, 256), np.float32)
_PRODUCT = np.empty_like(_FACTOR)
_SOURCE = np.ones(2_000_000, np.float32)
_TARGET = np.ones_like(_SOURCE)
CONTROLS = {"product": product, "copy": copy}


def ratio_to(control, call):
    """Return how many times as long as the control `call` takes: the median over rounds in which both have a turn.

    Other work on the machine slows both in the same round. The control runs on one thread.
    """
    turns = [(each, repeats_of(each, TURN)) for each in (call, control)]
    ratios = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(threadpool_limits(1))
        started = time.perf_counter()
        while len(ratios) < ROUNDS and (len(ratios) < 3 or time.perf_counter() - started < 1):
            ours, theirs = (seconds_of(each, count) for each, count in turns)
            ratios.append(ours / theirs)
    return statistics.median(ratios)


def repeats_of(call, seconds):
    """Return how many calls take about so many seconds; one at least."""
    least = seconds_of(call, 1)
    if least < seconds:  # otherwise one call is enough, and may take a second
        least = min(least, seconds_of(call, 1), seconds_of(call, 1))
    return max(1, round(seconds / max(least, 1e-9)))


def seconds_of(call, repeats):
    """Return the seconds of one call, over `repeats` of them."""
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - started) / repeats
