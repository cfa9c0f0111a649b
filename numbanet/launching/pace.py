"""Whether a team pays: steps of a Program are timed both ways, by one thread and by a team, and again later."""

import time

TRIALS = 3
"""So many times each way before it is decided; 0: always a team."""

TRIAL_NS = 3_000_000
"""About how long a trial takes, in nanoseconds; its second half counts, when helpers are awake and caches warm."""

GAIN = 0.96
"""A team must take less than this share of the time of one thread: trials are noisy."""

CLEAR = 0.8, 1.4
"""What the first trials show is believed where the time of a team is not between these shares of that of one thread,
unless the opposite was known: while others take a processor for a moment, a team of two takes twice as long."""

FIRST_REST, LONGEST_REST = 0.5, 8.0
"""Seconds until it is tried again: after a new result, and at most. Each time that it is the same, it is twice as
long."""

KEPT = 512
"""The number of Programs for which this is remembered."""


class Pace:
    """The fastest trials of each way, and what follows from them.

    The same launches take 35 us with two threads and 30 with one on processors that share a cache, and 95 and 45 where
    they do not: what a meeting costs, and what the operands cost that one processor wrote and the other reads, is not
    known beforehand. The bytes are the same both ways.
    """

    def __init__(self):
        self._fastest: dict[bool, list[float]] = {False: [], True: []}
        self._pays: bool | None = None
        self._until, self._rest = 0.0, FIRST_REST

    @property
    def on_trial(self):
        """Whether the next walk is to be timed."""
        return TRIALS > 0 and time.monotonic() >= self._until

    def together(self):
        """Whether a team is to walk now; in turn while that is on trial."""
        if self.on_trial:
            return len(self._fastest[True]) < len(self._fastest[False])
        return bool(self._pays) or not TRIALS

    def note(self, together, seconds):
        """Write down what a step took in a trial."""
        self._fastest[together].append(seconds)
        alone, team = self._fastest.values()
        if len(alone) != len(team):
            return
        share = min(team) / min(alone)
        pays, clear = share < GAIN, not CLEAR[0] <= share <= CLEAR[1]
        if len(team) >= TRIALS or (clear and self._pays in (None, pays)):
            self._rest = min(2 * self._rest, LONGEST_REST) if pays == self._pays else FIRST_REST
            self._pays = pays
            self._fastest = {False: [], True: []}
            self._until = time.monotonic() + self._rest


_paces: dict = {}


def pace_of(key):
    """The Pace that is remembered for a key, or a new one."""
    if key not in _paces:
        while len(_paces) >= KEPT:
            _paces.pop(next(iter(_paces)), None)  # the oldest
        _paces[key] = Pace()
    return _paces[key]
