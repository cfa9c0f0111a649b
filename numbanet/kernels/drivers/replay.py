"""Replaying launches: one compiled loop that a team of threads walks together, with no Python between launches.

Every member of the team walks the same list of launches and runs its own share of each range; after a launch it waits
until all have done theirs. Waiting is a counter in memory that everyone adds to: 57 to 81 ns for a team of two here,
where a fork and join of TBB takes 2.9 to 3.9 us and waking a thread 15 to 60. A member that waits long lets others run.
"""

from numbanet.kernels.primitives import (
    add_to,
    address,
    as_int64,
    call_kernel,
    inlined,
    let_others_run,
    look_at,
    write_double,
)
from numbanet.kernels.words import SPINS, STALL


@inlined
def meet(meeting, goal):
    """Report here, and wait until the whole team has: until the counter has come to `goal`.

    False if the word behind the counter says that the team will not be complete. The word after that counts stalls:
    waits that come from a member that has lost its processor.
    """
    add_to(meeting, 1)
    spins = 0
    while look_at(meeting) < goal:
        spins += 1
        if spins > SPINS:
            if look_at(meeting + 8) != 0:
                return False
            if spins == STALL:
                add_to(meeting + 16, 1)
            let_others_run()
    return True


def replay(launches, slots, numbers, counter, steps, start, stop):
    """Member `start` of a team of `stop` walks all launches `steps` times.

    `launches` is (count, 4): function, block, n, shares. `slots` is (count, 2): the address of a word of a block, and
    which column of `numbers`, (steps, columns), belongs there. `counter` holds three zeros; the second, when it is set,
    sends home the members that wait, and the third comes back with the number of stalls.
    """
    me, team = as_int64(start), as_int64(stop)
    meeting = address(counter)
    goal = 0
    for step in range(steps):
        if slots.shape[0]:
            if me == 0:
                for i in range(slots.shape[0]):
                    write_double(slots[i, 0], numbers[step, slots[i, 1]])
            goal += team
            if not meet(meeting, goal):
                return
        for i in range(launches.shape[0]):
            n, shares = launches[i, 2], min(launches[i, 3], team)
            if me < shares:
                call_kernel(launches[i, 0], launches[i, 1], n * me // shares, n * (me + 1) // shares)
            if team > 1:
                goal += team
                if not meet(meeting, goal):
                    return
