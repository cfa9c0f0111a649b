"""What benchmarks share: a call that is timed, its ratio to a control, threads and backends."""

import abc
import contextlib
import os
import statistics
import time

import numpy as np
from threadpoolctl import threadpool_limits

import numbanet as nn
from numbanet.errors import NumbanetError
from numbanet.kernels.launch import backend

BACKENDS = {"numbanet": "numba", "numbanet-cython": "cython"}
"""What is run as which library."""
OURS = tuple(BACKENDS)
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
THREADS = (1, 2) if CORES > 1 else (1,)
ROUNDS, SLICE = 41, 1e-3
"""How often a ratio is taken, and seconds of each part of it."""


def prepare(library, threads=1):
    """Choose the backend, and how many threads every library may use.

    Raises
    ------
    NotImplementedError
        When the library or the backend is not here: asv then leaves the benchmark out.
    """
    nn.config.num_threads = threads
    threadpool_limits(threads)  # OpenBLAS
    os.environ["XLA_FLAGS"] = "" if threads > 1 else "--xla_cpu_multi_thread_eigen=false"  # read when JAX starts
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
    """A benchmark of one call: asv has its time and, for what is our own, its ratio to the control.

    Subclasses have `make(library, *params)`, which returns the call; the first parameter is the library.
    """

    params = ([*OURS],)
    param_names = ("library",)
    rounds, repeat, warmup_time, sample_time = 2, (3, 10, 0.4), 0.05, 0.005

    @abc.abstractmethod
    def make(self, library, *params):
        """The function to time, without arguments; NotImplementedError where a library has none."""

    def setup(self, library, *params):
        prepare(library, self.threads(*params))
        self.call = self.make(library, *params)
        self.call()
        self.call()  # kernels are compiled, traces recorded, memory is there

    def threads(self, *params):
        """How many threads these parameters ask for."""
        named = dict(zip(self.param_names[1:], params, strict=True))
        return named.get("threads", 1)

    def time_call(self, *params):
        self.call()

    def track_ratio(self, library, *params):
        return ratio_to_control(self.call) if library in OURS else float("nan")  # which is none, to asv

    track_ratio.unit = "times the control"


def control():
    """A product that NumPy always computes in the same way: how fast this machine is just now."""
    np.matmul(_FACTOR, _FACTOR, out=_PRODUCT)


_FACTOR = np.random.default_rng(0).standard_normal((256, 256), np.float32)
_PRODUCT = np.empty_like(_FACTOR)


def ratio_to_control(call):
    """How many times as long as the control `call` takes: the median over rounds in which both have a turn.

    Other work on the machine slows both in the same round. One thread runs the control.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(threadpool_limits(1))
        calls = (call, control)
        repeats = [max(1, round(SLICE / min(seconds_of(each, 1) for _ in range(5)))) for each in calls]
        ratios = []
        for _ in range(ROUNDS):
            ours, theirs = (seconds_of(each, count) for each, count in zip(calls, repeats, strict=True))
            ratios.append(ours / theirs)
    return statistics.median(ratios)


def seconds_of(call, repeats):
    """Seconds of one call, over `repeats` of them."""
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - started) / repeats
