"""Numbers that launches and bodies agree on, and that bodies share. No Numba here: launching needs these."""

CONTIGUOUS, STRIDED, SCALAR = 0, 1, 2
"""How an operand of `windows` lies: like the output, in other strides, or one number."""

WINDOW = 1024
"""Positions that `windows` walks at a time: as many as stay in the first-level cache."""

PLAIN, BIAS, BIAS_AND_RELU = 0, 1, 2
"""What a dot does to sums before they leave the registers."""

NEXT, INSIDE, EDGES = 4, 5, 6
"""Words of a task of `take_chunks`: the chunk that comes next, how many threads are at work, where chunks begin."""

SPINS = 2000
"""How often to look before the processor is offered to others: some 50 us, more than uneven shares ever take."""

STALL = 5000
"""So many looks take a millisecond or more."""
