"""Splitting one launch over threads: compiled kernels release the GIL, so Python's own threads will do.

One fork and join of the pool takes about 30 us here, so a launch is split only where it saves several times that.
Ranges are disjoint: the bytes of the result do not depend on how many there are.
"""

import os
from concurrent.futures import ThreadPoolExecutor

from numbanet.settings import config

GRAIN_NS = 100_000
"""The least time that one thread's share should take, in nanoseconds."""

_pools: dict[int, ThreadPoolExecutor] = {}
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)  # a forked child has none of the threads of its parent


def helpers(team):
    """The pool of threads that help the calling one in a team of so many."""
    pool = _pools.get(team)
    if pool is None:
        pool = _pools[team] = ThreadPoolExecutor(team - 1, "numbanet")
    return pool


def run_range(function, block, n, cost):
    """Call `function(block, start, stop)` over 0..n, in as many shares as `cost` (ns per position) pays for."""
    shares = min(config.num_threads, int(n * cost / GRAIN_NS))
    if shares < 2:
        function(block, 0, n)
        return
    others = shares - 1
    pool = helpers(config.num_threads)
    edges = [n * share // shares for share in range(shares + 1)]
    waiting = [pool.submit(function, block, edges[share], edges[share + 1]) for share in range(others)]
    function(block, edges[others], n)
    for future in waiting:
        future.result()
