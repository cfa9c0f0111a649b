"""The header `functions.h`: the functions of `vectors.table` in C, as entries with the launch signature.

    static void exponential_float32(const uintptr_t *block, size_t start, size_t stop)

A range is computed in parts of constant length, which compilers make vectors of without a loop for what is left over;
the last part is a copy in an array that is filled up. So every element goes through the same operations, and a range
gives the same bytes however it is split.
"""

from typing import NamedTuple

from numbanet.kernels.aot.c_lanes import TYPES, Trace, in_stream
from numbanet.kernels.vectors import float32, table

PART = 128
"""Elements that are computed at once."""

LEFT = 16
"""Elements of a stream in the last part: one vector of float32 with AVX-512."""


class Entry(NamedTuple):
    """What a build has in place of a naive body.

    Parameters
    ----------
    body : str
        The naive body with its module in `loops`, for example "functions.exponential".
    dtype : str
        Of all operands, "f4" or "f8".
    name : str
        The entry in C.
    """

    body: str
    dtype: str
    name: str


def _entries():
    """(entry, function of `Lanes`, streams) of every function in C."""
    for dtype, functions in (("f4", table.FLOAT32), ("f8", table.FLOAT64)):
        for body, (function, vectors) in functions.items():
            name = f"{body.rpartition('.')[2]}_float{8 * int(dtype[1])}"
            yield Entry(body, dtype, name), function, vectors // 2


def entries():
    """What `functions.h` defines, where NUMBANET_FUSED.

    Returns
    -------
    list of Entry
    """
    return [entry for entry, _, _ in _entries()]


def header():
    """The text of `functions.h`, which needs `lanes.h` beside it.

    Returns
    -------
    str
    """
    functions = []
    for entry, function, streams in _entries():
        real = TYPES[entry.dtype]
        functions.append(_part(f"{entry.name}_part", entry.dtype, function, streams))
        functions.append(_ENTRY.format(name=entry.name, real=real, part=PART, left=LEFT * streams))
    functions.append(_part("exponentials_of_row", "f4", float32.exp, 1))
    return _HEADER.format(functions="\n".join(functions))


_HEADER = """\
/* Written by numbanet/kernels/aot/c_functions.py from the functions of numbanet/kernels/vectors. */
#ifndef NUMBANET_FUNCTIONS_H
#define NUMBANET_FUNCTIONS_H

#include "lanes.h"

#if NUMBANET_FUSED

{functions}
#endif
#endif
"""

_ENTRY = """\
/* Inlined into what fills the array, gcc 12 would not make vectors of some. */
NUMBANET_UNUSED static NUMBANET_NOINLINE void {name}_left(const {real} *x, {real} *out) {{
    {name}_part(x, out, {left});
}}

NUMBANET_UNUSED static void {name}(const uintptr_t *block, size_t start, size_t stop) {{
    const {real} *x = (const {real} *)block[0] + start;
    {real} *out = ({real} *)block[2] + start;
    size_t n = stop - start;
    for (; n >= {part}; n -= {part}, x += {part}, out += {part}) {{
        {real} copy[{part}];
        if (x == out) memcpy(copy, x, sizeof copy); /* what is rare is computed from x when out is written */
        {name}_part(x == out ? copy : x, out, {part});
    }}
    while (n > 0) {{
        const int count = n < {left} ? (int)n : {left};
        {real} padded[{left}], y[{left}];
        for (int i = 0; i < {left}; i++) padded[i] = i < count ? x[i] : 1;
        {name}_left(padded, y);
        for (int i = 0; i < {left}; i++)
            if (i < count) out[i] = y[i];
        n -= count, x += count, out += count;
    }}
}}
"""

_CAREFUL = """\
    if (rare) {{
        NUMBANET_INDEPENDENT
        for (int i = 0; i < count; i++) {{
            const {real} v_0 = x[i];
            {statements}
            out[i] = {result};
        }}
    }}
"""


def _part(name, dtype, function, streams):
    """The function of C that computes `count` elements, a constant, in so many streams side by side.

    A stream is every `streams`-th stretch of the part. The processor runs the operations of one while those of another
    wait for each other (tanh of float32, AVX-512: 0.26 ns an element with two, 0.27 with one).
    """
    trace, real = Trace(careful=False), TYPES[dtype]
    result = function(trace.argument(dtype)).name
    flag = f"int{8 * int(dtype[1])}_t rare = 0;" if trace.rare else ""
    loop = [f"const {real} v_{k} = x[i + {k} * (count / {streams})];" for k in range(streams)]
    loop += trace.statements_for(result, *trace.rare, streams=streams)
    for k in range(streams):
        loop.append(in_stream(f"out[i + {k} * (count / {streams})] = {result};", k))
        loop += [in_stream(f"rare |= {condition};", k) for condition in trace.rare]
    lines = [
        f"NUMBANET_INLINE void {name}(const {real} *x, {real} *out, const int count) {{",
        f"    {flag}",
        "    NUMBANET_INDEPENDENT",
        f"    for (int i = 0; i < count / {streams}; i++) {{",
        *(f"        {line}" for line in loop),
        "    }",
    ]
    if trace.rare:
        trace = Trace(careful=True)
        result = function(trace.argument(dtype)).name
        statements = "\n            ".join(trace.statements_for(result))
        lines.append(_CAREFUL.format(real=real, statements=statements, result=in_stream(result, 0)))
    return "\n".join([*lines, "}\n"])
