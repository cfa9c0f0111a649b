"""What a step of a recurrence does to a row, in C: the functions of `vector_math.recurrent`, a part of `functions.h`.

    static void gru_step_float64(const double *scores, const double *h_before, double *gates, ..., size_t n)

The units of a row are computed PART at a time: what is read is copied to one array and what is written from another, so
that compilers make vectors of the loop between, whichever arrays are the same. Nothing is imported but the functions:
this runs where a wheel is built.
"""

from numbanet.backends.cython.c_lanes import TYPES, Trace, in_stream
from numbanet.vector_math import recurrent

PART = 64
"""Units that are computed at once."""

_ROW = """\
static NUMBANET_NOINLINE void {name}_part(const {real} *restrict x, {real} *restrict y) {{
    int{bits}_t rare = 0;
    for (int i = 0; i < {part}; i++) {{
        {quick}
    }}
    if (rare)
        for (int i = 0; i < {part}; i++) {{
            {careful}
        }}
}}

NUMBANET_UNUSED static void {name}({parameters}, size_t n) {{
    for (size_t j = 0; j < n; j += {part}) {{
        const size_t count = n - j < {part} ? n - j : {part}, size = count * sizeof({real});
        {real} x[{reads} * {part}], y[{writes} * {part}];
        if (count < {part}) memset(x, 0, sizeof x);
        {copied}
        {name}_part(x, y);
        {stored}
    }}
}}
"""


def _traced(function, dtype, careful):
    """The trace of a function; what it reads, as (array, gate), and what it writes, as (array, gate, variable)."""
    trace, read = Trace(careful), []

    def part(name, gate):
        read.append((name, gate))
        return trace.argument(dtype, len(read) - 1)

    return trace, read, [(name, gate, lanes.name) for name, gate, lanes in recurrent.of_parts(function, part)]


def _statements(trace, read, written, real):
    """The statements of one unit."""
    results = [result for *_, result in written]
    lines = [f"const {real} x{k}_0 = x[{k} * {PART} + i];" for k in range(len(read))]
    lines += trace.statements_for(*results, *trace.rare)
    lines += [in_stream(f"rare |= {condition};", 0) for condition in trace.rare]
    return lines + [in_stream(f"y[{k} * {PART} + i] = {result};", 0) for k, result in enumerate(results)]


def row(function, dtype):
    """The function of C that computes a row, from and to where its arrays have it.

    Parameters
    ----------
    function : function
        Of `vector_math.recurrent`.
    dtype : {"f4", "f8"}

    Returns
    -------
    str
    """
    real, counts = TYPES[dtype], recurrent.ROWS[function]
    trace, read, written = _traced(function, dtype, careful=False)
    changed = {name for name, *_ in written}
    place = "{name} + {gate} * n + j".format
    return _ROW.format(
        name=f"{function.__name__}_float{8 * int(dtype[1])}", real=real, bits=8 * int(dtype[1]), part=PART,
        parameters=", ".join(f"{'' if name in changed else 'const '}{real} *{name}" for name in counts),
        quick="\n        ".join(_statements(trace, read, written, real)),
        careful="\n            ".join(_statements(*_traced(function, dtype, careful=True), real)),
        reads=len(read), writes=len(written),
        copied="\n        ".join(
            f"memcpy(x + {k} * {PART}, {place(name=name, gate=gate)}, size);" for k, (name, gate) in enumerate(read)
        ),
        stored="\n        ".join(
            f"memcpy({place(name=name, gate=gate)}, y + {k} * {PART}, size);"
            for k, (name, gate, _) in enumerate(written)
        ),
    )  # fmt: skip


def rows():
    """All of them, for both floating dtypes.

    Returns
    -------
    list of str
    """
    return [row(function, dtype) for function in recurrent.ROWS for dtype in ("f4", "f8")]
