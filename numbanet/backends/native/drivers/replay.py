"""Replaying launches: one compiled loop walks them step after step, with no Python between launches."""

from numbanet.backends.native.primitives import call_kernel, nanoseconds, write_double
from numbanet.kernels.words import BEGAN, ENDED, HALF, OVER


def replay(launches, slots, numbers, words, every, turn, start, stop):
    """Walk all launches for each of the steps `start` to `stop`, or until `turn` nanoseconds are over.

    `launches` is (count, 3): function, block, n. `slots` is (count, 2): the address of a word of a block, and
    which column of `numbers`, (steps, columns), belongs there. `words` comes back with the time at which the walk
    began, was half done and was over, and before which step it ended. The clock is looked at every `every` steps: it
    takes 20 ns, or a microsecond where the system has to be asked.
    """
    words[BEGAN] = nanoseconds()
    words[ENDED] = stop
    for step in range(start, stop):
        if step == stop // 2:
            words[HALF] = nanoseconds()
        if step > 0 and step % every == 0 and nanoseconds() - words[BEGAN] > turn:
            words[ENDED] = step
            break
        for i in range(slots.shape[0]):
            write_double(slots[i, 0], numbers[step, slots[i, 1]])
        for i in range(launches.shape[0]):
            call_kernel(launches[i, 0], launches[i, 1], 0, launches[i, 2])
    words[OVER] = nanoseconds()
