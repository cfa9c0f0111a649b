"""Timing several calls in turn: what the scripts of this folder share."""

import importlib
import statistics
import time


def seconds_of(call, repeats):
    """Seconds of one call, over `repeats` of them."""
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - started) / repeats


def in_turn(calls, rounds=7, seconds=0.05):
    """Time calls in turn: machines are noisy, and alternating spreads the noise over all.

    Parameters
    ----------
    calls : dict of functions
    rounds : int
        How often each has its turn.
    seconds : float
        How long a turn takes, about.

    Returns
    -------
    dict of lists
        Seconds of one call, a number for each round.
    """
    repeats = {}
    for name, call in calls.items():
        call()
        call()
        repeats[name] = max(1, min(100_000, int(seconds / max(seconds_of(call, 3), 1e-9))))
    times = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(seconds_of(call, repeats[name]))
    return times


def median_and_range(values, digits=1):
    """The text `median (least-most)`."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def ratio(values, others):
    """The median of the quotients within rounds."""
    return statistics.median(value / other for value, other in zip(values, others, strict=True))


def if_installed(name):
    """A module, or None: peers are compared with where they can be imported."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
