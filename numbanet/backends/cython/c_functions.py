"""The header `functions.h`: the functions of `kernels.substitutes` in C, as entries with the launch signature.

    static void exp_float32(const uintptr_t *block, size_t start, size_t stop)

`numbanet_functions` there is the table of them by naive body and operands, "functions.exp f4C1 f4C1", up to a
NULL; it is empty where NUMBANET_FUSED is 0. Nothing is imported but the functions: this runs where a wheel is built.

A range is computed in parts of constant length, which compilers make vectors of without a loop for what is left over;
the last elements are copied into an array, which is filled up. So every element goes through the same operations, and
a range gives the same bytes however it is split.
"""

from typing import NamedTuple

from numbanet.backends.cython import c_rows
from numbanet.backends.cython.c_lanes import TYPES, Trace, in_stream
from numbanet.kernels import substitutes
from numbanet.vector_math import float32

PART = 128
"""Elements that are computed at once."""

LEFT = 16
"""Elements of a stream at the end of a range: one vector of float32 with AVX-512."""

STREAMS = {
    "tanh_float32": 4, "sigmoid_float32": 4, "softplus_float32": 4, "erf_float32": 4, "log1p_float64": 1,
    **{f"{name}_float{bits}": 1 for name in ("elu", "elu_gradient", "selu", "selu_gradient") for bits in (32, 64)},
}  # fmt: skip
"""What takes another number of streams than the table says. Four take 5 % less time with AVX-512 than two, but those of
exp and silu do not fit the registers of AVX2; gcc 12 makes much of two streams of erf and softplus slow, 1.06 and 0.82
ns an element, and takes 0.52 and 0.60 with four. log1p takes 1.06 times what Numba's takes with one, 1.19 with two. elu
and selu and their gradients take 0.9 with one, and 2.4 to 2.8 with two, of which gcc 12 makes no vectors."""


class Entry(NamedTuple):
    """What runs in place of a naive body.

    Parameters
    ----------
    body : str
        The naive body with its module in `loops`, for example "functions.exp".
    dtype : str
        Of all operands, "f4" or "f8".
    name : str
        The entry in C.
    operands : int
        How many operands it has, the result not among them.
    """

    body: str
    dtype: str
    name: str
    operands: int

    @property
    def key(self):
        """What the table in C calls it."""
        return " ".join([self.body] + [f"{self.dtype}C1"] * (self.operands + 1))


def _described():
    """(entry, function of `Lanes`, streams) of every function in C."""
    for dtype, functions in (("f4", substitutes.FLOAT32), ("f8", substitutes.FLOAT64)):
        for body, (function, vectors) in functions.items():
            name = f"{body.rpartition('.')[2]}_float{8 * int(dtype[1])}"
            yield Entry(body, dtype, name, function.__code__.co_argcount), function, STREAMS.get(name, vectors // 2)


def entries():
    """What `functions.h` defines where NUMBANET_FUSED is 1.

    Returns
    -------
    list of Entry
    """
    return [entry for entry, _, _ in _described()]


def header():
    """The text of `functions.h`, which needs `lanes.h` beside it.

    Returns
    -------
    str
    """
    functions, rows = [], []
    for entry, function, streams in _described():
        functions.append(_part(f"{entry.name}_part", entry.dtype, function, streams) + _entry(entry, LEFT * streams))
        rows.append(f'    {{"{entry.key}", {entry.name}}},')
    functions.append(_part("exponentials_of_row", "f4", float32.exp, 1))
    recurrent = "\n".join(c_rows.rows())
    return _HEADER.format(functions="\n".join(functions), rows="\n".join(rows), recurrent=recurrent)


_HEADER = """\
/* Written by numbanet/backends/cython/c_functions.py: the functions of numbanet/vector_math. */
#ifndef NUMBANET_FUNCTIONS_H
#define NUMBANET_FUNCTIONS_H

#include "lanes.h"

#if NUMBANET_FUSED

{functions}
#endif

{recurrent}
struct numbanet_function {{
    const char *key;
    void (*entry)(const uintptr_t *block, size_t start, size_t stop);
}};

NUMBANET_UNUSED static const struct numbanet_function numbanet_functions[] = {{
#if NUMBANET_FUSED
{rows}
#endif
    {{NULL, NULL}},
}};

#endif
"""

_ENTRY = """
/* Inlined into what fills the arrays, gcc 12 does not make vectors of some. */
static NUMBANET_NOINLINE void {name}_left({parameters}, {real} *out) {{ {name}_part({xs}, out, {left}); }}

static void {name}(const uintptr_t *block, size_t start, size_t stop) {{
    {sources}
    {real} *out = ({real} *)block[{place}] + start;
    size_t n = stop - start;
    for (; n >= {part}; n -= {part}, {steps_of_parts}, out += {part}) {{
        {real} {copies}; /* what is rare is computed from an operand after out is written */
        {copy}
        {name}_part({read}, out, {part});
    }}
    while (n > 0) {{
        const int count = n < {left} ? (int)n : {left};
        {real} {padded}, y[{left}];
        for (int i = 0; i < {left}; i++) {fill};
        {name}_left({pads}, y);
        for (int i = 0; i < {left}; i++)
            if (i < count) out[i] = y[i];
        n -= count, {steps}, out += count;
    }}
}}
"""


def _entry(entry, left):
    """The function of C with the launch signature."""
    real = TYPES[entry.dtype]

    def of_each(pattern, between=", "):
        return between.join(pattern.format(k=k, word=2 * k, real=real, left=left) for k in range(entry.operands))

    return _ENTRY.format(
        name=entry.name, real=real, part=PART, left=left, place=2 * entry.operands,
        parameters=of_each("const {real} *x{k}"), xs=of_each("x{k}"),
        sources=of_each("const {real} *x{k} = (const {real} *)block[{word}] + start;", "\n    "),
        steps_of_parts=of_each("x{k} += PART").replace("PART", str(PART)), steps=of_each("x{k} += count"),
        copies=of_each("copy{k}[PART]").replace("PART", str(PART)),
        copy=of_each("if (x{k} == out) memcpy(copy{k}, x{k}, sizeof copy{k});", "\n        "),
        read=of_each("x{k} == out ? copy{k} : x{k}"), padded=of_each("padded{k}[{left}]"), pads=of_each("padded{k}"),
        fill=of_each("padded{k}[i] = i < count ? x{k}[i] : 1"),
    )  # fmt: skip


_PART = """\
NUMBANET_INLINE void {name}({parameters}, {real} *restrict out, const int count) {{
    const int stream = count / {streams};
    int{bits}_t rare = 0;
    for (int i = 0; i < stream; i++) {{
        {quick}
    }}
    if (rare)
        for (int i = 0; i < count; i++) {{
            {careful}
        }}
}}
"""


def _part(name, dtype, function, streams):
    """The function of C that computes `count` elements, a constant, in so many streams side by side.

    The processor runs the operations of one stream while those of another wait for each other: softplus of float64
    took 2.05 ns an element with one, and takes 1.55 with two (one core of Zen 5, AVX-512).
    """
    real, operands = TYPES[dtype], range(function.__code__.co_argcount)
    trace = Trace(careful=False)
    result = function(*(trace.argument(dtype, k) for k in operands)).name
    quick = [f"const {real} x{k}_{s} = x{k}[i + {s} * stream];" for s in range(streams) for k in operands]
    quick += trace.statements_for(result, *trace.rare, streams=streams)
    for s in range(streams):
        quick += [in_stream(f"rare |= {condition};", s) for condition in trace.rare]
        quick.append(in_stream(f"out[i + {s} * stream] = {result};", s))
    trace = Trace(careful=True)
    result = function(*(trace.argument(dtype, k) for k in operands)).name
    careful = [f"const {real} x{k}_0 = x{k}[i];" for k in operands]
    careful += [*trace.statements_for(result), in_stream(f"out[i] = {result};", 0)]
    return _PART.format(
        name=name, real=real, streams=streams, bits=8 * int(dtype[1]),
        parameters=", ".join(f"const {real} *restrict x{k}" for k in operands),
        quick="\n        ".join(quick), careful="\n            ".join(careful),
    )  # fmt: skip
