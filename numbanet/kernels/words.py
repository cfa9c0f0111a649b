"""Numbers that launches and bodies agree on, and that bodies share. No Numba here: launching needs these."""

CONTIGUOUS, STRIDED, SCALAR = 0, 1, 2
"""How an operand of `windows` lies: like the output, in other strides, or one number."""

WINDOW = 1024
"""Positions that `windows` walks at a time: as many as stay in the first-level cache."""

PLAIN, BIAS, BIAS_AND_RELU, ADDED = 0, 1, 2, 3
"""What a dot or a convolution does to sums before they leave the registers; the last adds them to what is there."""

STEPS_OF_A_FETCH = 12
"""A tile over runs has its outputs fetched before it computes them if it has so many steps."""

POSITIONS_AT_ONCE = 512
"""Outputs of a convolution over which the gradient of its kernel is summed up at a time, at most."""

ROWS_AT_ONCE = 384
"""Rows of tiles that a convolution looks up before it computes them: 6 KB of addresses."""

KEYS_AT_ONCE = 132
"""Keys that a block of queries meets at a time: a multiple of the heights of tiles."""
PACK, EXP, SHIFT, WEIGH, MULTIPLY, DIVIDE, RESTRICT, FORGET, PREPARE, SLOPES_OF = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
LOWER, TALL, SIZES, OTHERS, WIDE, NARROW, TALL_ROWS, SIZE_ROWS, OTHER_ROWS = 10, 11, 12, 13, 14, 15, 16, 17, 18
"""Where an attention has the addresses of kernels in a table: of loops over blocks; of tiles for rows of keys, sizes
and other sizes, of two vectors and of one; and how high those are."""
PANEL, SCORES, BEST, TOTAL, OUTPUTS, SLOPE_PANEL, SLOPES, ALONG = 0, 1, 2, 3, 4, 5, 6, 7
SAMPLE, HEAD, QUERY, COUNT, SHARED = 8, 9, 10, 11, 12
KEYS, VALUES, KEY_SLOPES, VALUE_SLOPES, ROOM = 13, 15, 17, 19, 21
"""Where it has the addresses of its scratch memory; the sample, head, first query and number of queries of a block, and
the head of their keys; where keys, values and the gradients by them begin, each with how many bytes apart they are in
the next word; and how many words these are."""
MANY_BLOCKS = 8
"""With as many blocks of queries, the gradient copies the keys and values of a head to where they are neighbours. A
head of 64 numbers and 1,024 steps beside 7 others took 137 us for a block, and takes 120 so; with 128 steps, nothing
is gained."""
ROWS_OF_A, ROWS_OF_OUT, RUNS = 2, 3, 6
"""Words of the block of a tile over runs: tables of its rows in a and in out, and of its runs."""

NOT_YET, DENSE = -1, -2
"""In place of how many steps a list of `zeros` has: it has not been made, it would not pay."""

SAMPLED, FEWER, MOST, FARTHEST = 4, 7, 8, 16
"""One step in so many is looked at before lists are made; lists are walked if they have less than 7 of 8 steps; with
each row of tiles for which they do not pay, twice as many after it are not looked at, 16 at most."""

NEXT, INSIDE, WAITED, EDGES = 4, 5, 6, 7
"""Words of a task of `take_chunks`: the chunk that comes next, how many threads are at work, how many nanoseconds the
launching one waited for others, where chunks begin."""


SPINS = 64
"""How often to look between looks at the clock: some 100 ns."""

WAIT_NS = 200_000
"""After so many nanoseconds of waiting, the processor is left to others, and time counts as lost: that is more than
uneven shares take (60 us in the textbook's network), and who sleeps comes back 50 to 100 us late. Who loses its
processor does so for milliseconds."""

PATIENCE_NS = 2_000
"""So many nanoseconds pass before shares are taken that their owners have not begun: whoever is there takes his at
once."""

TOLERANCE = 4
"""A team may wait a quarter of its time for members without a processor: a tenth is what it waits on a quiet virtual
machine at times, half of it beside busy processes."""

LINE = 16
"""Words of a line of what a team shares: two cache lines, since processors fetch them in pairs."""
DONE, BEGAN, HALF, OVER, ENDED, STOP, ALLOWED, LOST = 0, 1, 2, 3, 4, 5, 6, 7
"""Words of the first line: shares that are done; when it began, was half done and was over; before which step it has
ended, or -1; whether Python wants it to end; nanoseconds that the first member may lose by waiting, and has lost."""
TAKEN, AT, LEAVE = 0, 1, 2
"""Words of a member's line: the last launch of which its share was taken, the one it waits at, whether it shall go."""
