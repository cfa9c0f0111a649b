"""Replaying launches: one compiled loop walks them step after step, with no Python between launches."""

from numbanet.kernels.primitives import add_to, address, as_int64, call_kernel, nanoseconds, write_double


def replay(launches, slots, numbers, done, every, turn, start, stop):
    """Walk all launches for each of the steps `start` to `stop`, or until `turn` nanoseconds are over.

    `launches` is (count, 4): function, block, n, shares. `slots` is (count, 2): the address of a word of a block, and
    which column of `numbers`, (steps, columns), belongs there. `done` has one number, which counts steps. The clock is
    looked at every `every` steps: it takes 20 ns, or a microsecond where the system has to be asked.
    """
    first, count = as_int64(start), as_int64(stop) - as_int64(start)
    began = nanoseconds()
    for step in range(count):
        if step > 0 and step % every == 0 and nanoseconds() - began > turn:
            return
        for i in range(slots.shape[0]):
            write_double(slots[i, 0], numbers[first + step, slots[i, 1]])
        for i in range(launches.shape[0]):
            call_kernel(launches[i, 0], launches[i, 1], 0, launches[i, 2])
        add_to(address(done), 1)
