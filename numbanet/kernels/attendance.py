"""How many members a team should have: fewer for a while, after it had to wait for some that had no processor."""

import time

from numbanet.kernels.words import TOLERANCE

ALLOWED = 0.001
"""So many seconds a team may lose by waiting, and a quarter of its time besides."""

REST = 16
"""A team does without a member for so many times what waiting for it cost."""

LONGEST, MOST = 32, 2.0
"""So many times longer at most, if it happens again and again; and so many seconds."""


class Attendance:
    """Notes who was missing, and tells how many to count on.

    Members that lose their processor for 4 ms keep the others waiting, and a machine that is busy now stays so for a
    while. The first member alone loses nothing that way: it waits for nobody.

    Attributes
    ----------
    allowed : float
        Seconds that a team may lose before members are sent home: what is left of `ALLOWED` after earlier walks.
    """

    def __init__(self):
        self.allowed = ALLOWED
        self._fewer, self._until, self._patience = 0, 0.0, 1

    def expected(self, wanted):
        """How many of so many members to count on."""
        if self._fewer and time.monotonic() >= self._until:
            self._fewer = 0
        return max(1, wanted - self._fewer)

    def note(self, missing, lost, seconds):
        """After the walk of a team: how many were sent home, and the time that was lost by waiting, and of all."""
        left = self.allowed - lost + seconds / TOLERANCE
        if missing or left < 0:  # one wait may be all: whoever lets others run comes back after some milliseconds
            self._patience = min(2 * self._patience, LONGEST)
            self._fewer += max(missing, 1)
            self._until = time.monotonic() + min(REST * lost * self._patience, MOST)
            self.allowed = ALLOWED
        else:
            if not self._fewer:
                self._patience = max(1, self._patience // 2)
            self.allowed = min(left, ALLOWED)
