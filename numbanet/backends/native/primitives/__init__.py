"""What the bodies of `drivers` are written in, for Numba: addresses, scratch memory, counters, vectors.

The Cython backend has the same names in C, in `cython/primitives.h` and the headers that it includes.
"""

from numbanet.backends.native.primitives.addresses import (
    address,
    as_int64,
    call_kernel,
    copy_bytes,
    copy_rows,
    copy_spread,
    fetch_ahead,
    inlined,
    read_word,
    spread_copy,
    write_double,
    write_word,
)
from numbanet.backends.native.primitives.atomics import add_to, exchange, let_others_run, look_at, nanoseconds, put_at
from numbanet.backends.native.primitives.scratch import allocate, release, stack_words
from numbanet.backends.native.primitives.transpose import transpose_square
from numbanet.backends.native.primitives.zeros import LISTED_ROWS, all_finite, list_column, list_lanes
from numbanet.backends.native.processor import REGISTERS

VECTOR_BYTES = REGISTERS.vector_bytes
HAS_MASKS = REGISTERS.has_masks

__all__ = [
    "HAS_MASKS",
    "LISTED_ROWS",
    "VECTOR_BYTES",
    "add_to",
    "address",
    "all_finite",
    "allocate",
    "as_int64",
    "call_kernel",
    "copy_bytes",
    "copy_rows",
    "copy_spread",
    "exchange",
    "fetch_ahead",
    "inlined",
    "let_others_run",
    "list_column",
    "list_lanes",
    "look_at",
    "nanoseconds",
    "put_at",
    "read_word",
    "release",
    "spread_copy",
    "stack_words",
    "transpose_square",
    "write_double",
    "write_word",
]
