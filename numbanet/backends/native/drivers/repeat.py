"""Launches that are repeated, each time at addresses that are further by the same bytes: the steps of a recurrence."""

from numbanet.backends.native.primitives import address, call_kernel


def repeat(launches, first, advances, words, count, start, stop):
    """Run the launches of a step `count` times; the range counts parts, whose steps are the others' of other samples.

    `launches` is (parts, launches, 3): function, where its block begins in the row of the part, n. `first` has the
    blocks of the first step, `advances` what is added to each word from step to step; `words`, as many in one row, is
    where they are counted up, since a launch may be replayed.
    """
    width = first.shape[1]
    for part in range(start, stop):
        for i in range(width):
            words[part * width + i] = first[part, i]
        begin = address(words) + part * width * 8
        for _ in range(count):
            for k in range(launches.shape[1]):
                block = begin + launches[part, k, 1] * 8
                call_kernel(launches[part, k, 0], block, 0, launches[part, k, 2])
            for i in range(width):
                words[part * width + i] += advances[part, i]
