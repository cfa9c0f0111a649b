"""Threads that help: they take chunks of a launch as they come, outside the GIL, and members of a team run on them.

A helper sleeps until there is something to do, and takes 15 to 60 us to wake. The thread that launches does not wait
for that: it works through the chunks, and a helper takes what is left when it comes. So splitting costs 10 to 16 us at
most, and the work is done in every case: with no helper at all, while the interpreter shuts down, after a fork. Chunks
are disjoint: the bytes of the result do not depend on who takes them.
"""

import array
import contextlib
import ctypes
import os
import queue
import sys
import threading
import time

from numbanet.core.settings import config
from numbanet.kernels.attendance import Attendance
from numbanet.kernels.words import WAITED

SPLIT_NS = 100_000
"""A launch that takes less, in nanoseconds, is not split: at 40 us both ways take as long, and costs are rough."""
CHUNK_NS = 20_000
"""The least time that a chunk should take, in nanoseconds."""
DIRECT_NS = 20_000
"""Launches that end sooner, in nanoseconds, are called directly, without giving other threads a turn."""

FEW_PROCESSORS = 4
"""With more, there is an idle one to wake a thread on."""


def _find_this_processor():
    """The function of the C library that tells which processor this thread runs on; None where there is none."""
    if not hasattr(os, "sched_setaffinity"):
        return None  # not Linux
    return getattr(ctypes.CDLL(None), "sched_getcpu", None)


_this_processor = _find_this_processor()


class Helpers:
    """Threads that call what is put into a queue, one after the other, for ever.

    Attributes
    ----------
    team : threading.Lock
        Held by who has a team: a second one would find no helper that is free.
    attendance : Attendance
        How many members of a team to count on now.
    """

    def __init__(self):
        self.start_afresh()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.start_afresh)

    def start_afresh(self):
        """Forget all threads and locks: a forked child has none of the threads of its parent."""
        self.tasks = queue.SimpleQueue()
        self.count = 0
        self._threads = []
        self._allowed, self._held = set(), set()
        self.team = threading.Lock()
        self.attendance = Attendance()
        self._starting = threading.Lock()

    def available(self, wanted):
        """How many helpers there are, after an attempt to have so many."""
        if self.count < wanted:
            with self._starting:
                while self.count < wanted:
                    try:
                        thread = threading.Thread(target=_serve, args=(self.tasks,), name="numbanet", daemon=True)
                        thread.start()
                    except RuntimeError:  # the system allows no more, or the interpreter is shutting down
                        break
                    self._threads.append(thread)
                    self.count += 1
        return 0 if sys.is_finalizing() else min(self.count, wanted)

    def wake_elsewhere(self):
        """Have helpers wake on another processor than the one that the calling thread runs on.

        After a pause, Linux often wakes them on that one, and takes some 50 ms to move them to an idle one: 128 x 784 x
        512 on two cores took 530 us then, as on one, where it takes 310 to 390 this way. Once awake, they may go
        where the system likes.
        """
        if _this_processor is None:
            return
        here = _this_processor()
        self._allowed = os.sched_getaffinity(0)
        if len(self._allowed) > FEW_PROCESSORS or self._allowed == {here}:
            return
        for thread in self._threads:
            with contextlib.suppress(OSError):  # it has ended, or the system does not allow it
                os.sched_setaffinity(thread.native_id, self._allowed - {here})
                self._held.add(thread.native_id)

    def awake(self):
        """Called by a helper that has woken: from now on the system may place it."""
        me = threading.get_native_id()
        if me in self._held:
            self._held.discard(me)
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self._allowed)

    def submit(self, function, *args):
        """Have one helper call `function(*args)`; the lock that is returned can be acquired once it has."""
        done = threading.Lock()
        done.acquire()
        self.tasks.put((function, args, done))
        return done


def _serve(tasks):
    while True:
        function, args, done = tasks.get()
        helpers.awake()
        try:
            function(*args)
        finally:
            done.release()


helpers = Helpers()


def run_range(function, block, n, cost, chunks):
    """Call `function(block, start, stop)` over 0..n, in chunks on several threads if it takes long enough.

    Parameters
    ----------
    function : callable
        Compiled, so that it runs without the GIL.
    block : int
        The address of its operands.
    n : int
    cost : float
        The time of one position in nanoseconds, roughly.
    chunks : callable
        `chunks()` returns the compiled loop over chunks, `drivers.chunks.take_chunks`; called when a launch is split.
    """
    most = helpers.attendance.expected(config.num_threads) if n * cost >= SPLIT_NS and n > 1 else 1
    if most == 1:
        function(block, 0, n)
        return
    take_chunks = chunks()
    edges = _edges(n, most, max(1, int(CHUNK_NS / cost)))
    address = ctypes.cast(function, ctypes.c_void_p).value
    task = array.array("q", [0, address, block, len(edges) - 1, 0, 0, 0, *edges])
    task[0] = task.buffer_info()[0]
    count = helpers.available(min(most, len(edges) - 1) - 1)
    started = time.monotonic()
    helpers.wake_elsewhere()
    try:
        for _ in range(count):
            helpers.submit(_help, take_chunks, task)
    finally:  # also if Ctrl-C comes now: the operands must stay while a helper is at work on them
        take_chunks(task[0], 0, 1)
    helpers.attendance.note(0, 1e-9 * task[WAITED], time.monotonic() - started)


def _edges(n, threads, least):
    """Where the chunks of 0..n begin and end: each is a share of what is left, so that the last ones are small."""
    edges, left = [0], n
    while left:
        left -= min(left, max(left // (2 * threads), least))
        edges.append(n - left)
    return edges


def _help(take_chunks, task):
    take_chunks(task[0], 1, 1)
