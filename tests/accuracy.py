"""Errors of the operations with floating results, in units in the last place of the true value.

`python -m tests.accuracy --write` measures them and writes the table in docs/numerics.md; tests/test_accuracy.py takes
part of the same points and checks that no published figure is exceeded. True values are mpmath's.
"""

import math
import sys
from pathlib import Path

import mpmath
import numpy as np

import numbanet as nn
from numbanet.core.settings import config
from tests import conftest

PAGE = Path(__file__).parent.parent / "docs" / "numerics.md"
BEGIN, END = "<!-- accuracy: written by make accuracy -->\n", "<!-- accuracy: end -->\n"
POINTS = 300
"""Of each region, in the published table."""
SLOPE, ALPHA, SCALE = 0.2, 1.6732632423543772, 1.0507009873554805

mp = mpmath.mp.clone()
mp.prec = 160


def _gelu(x):
    return x * mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 1000 else max(x, mp.zero)


def _pow(x, y):
    """The power, where it is a finite real number: elsewhere none, and beyond e^2000 a number of that size."""
    if x == 0 or (x < 0 and not mp.isint(y)):
        return mp.nan
    exponent = min(max(y * mp.log(abs(x)), -2000), 2000)
    return mp.exp(exponent) * (-1 if x < 0 and y % 2 == 1 else 1)


UNARY = {
    "square": lambda x: x * x, "sqrt": mp.sqrt, "rsqrt": lambda x: 1 / mp.sqrt(x), "reciprocal": lambda x: 1 / x,
    "exp": mp.exp, "expm1": mp.expm1, "log": mp.log, "log1p": mp.log1p, "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10), "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "asin": mp.asin,
    "acos": mp.acos, "atan": mp.atan, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "asinh": mp.asinh,
    "acosh": mp.acosh, "atanh": mp.atanh, "erf": mp.erf, "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "silu": lambda x: x / (1 + mp.exp(-x)), "softplus": lambda x: mp.log1p(mp.exp(x)),
    "gelu": _gelu, "leaky_relu": lambda x: x if x > 0 else SLOPE * x,
    "elu": lambda x: x if x > 0 else mp.expm1(x), "selu": lambda x: SCALE * (x if x > 0 else ALPHA * mp.expm1(x)),
}  # fmt: skip
BINARY = {
    "add": lambda x, y: x + y, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y, "pow": _pow, "atan2": mp.atan2, "hypot": mp.hypot,
    "logaddexp": lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
}  # fmt: skip
OPERATIONS = {**UNARY, **BINARY}
DTYPES = (np.float32, np.float64)


def points(region, n, dtype, seed):
    """The first n points of a region; fewer points are a part of more."""
    rng = np.random.default_rng([seed, REGIONS.index(region)])
    bits, largest = dtype().itemsize * 8, math.log(float(np.finfo(dtype).max))
    if region == "bits":
        drawn = rng.integers(0, 2**bits, n, dtype=np.uint64)
        return (drawn.astype(np.uint32) if bits == 32 else drawn).view(dtype)
    x = rng.random(n)
    if region == "overflow":
        return ((2 * x - 1) * 1.05 * largest).astype(dtype)
    if region == "small":
        return (np.exp(60 * (np.abs(2 * x - 1) - 1)) * np.sign(2 * x - 1)).astype(dtype)
    if region == "one":
        return (1 + (2 * x - 1) * np.exp2(-np.floor(24 * x))).astype(dtype)
    if region == "poles":  # near multiples of pi / 2
        return (np.round(200 * x) * (np.pi / 2) * (1 + np.round(np.sin(1e6 * x)) * 1e-7)).astype(dtype)
    return ((2 * x - 1) * 4).astype(dtype)


REGIONS = ["bits", "ordinary", "small", "one", "overflow", "poles"]


def inputs(name, dtype, n):
    """Finite points of every region; a binary operation gets pairs of one region, and pairs of two."""
    first = np.concatenate([points(region, n, dtype, 0) for region in REGIONS])
    if name in UNARY:
        return (first[np.isfinite(first)],)
    second = [points(region, n, dtype, 1) for region in REGIONS]
    pairs = np.concatenate([first, first]), np.concatenate(second + second[1:] + second[:1])
    finite = np.isfinite(pairs[0]) & np.isfinite(pairs[1])
    return pairs[0][finite], pairs[1][finite]


def _true_value(function, numbers):
    try:
        value = function(*numbers)
    except (ZeroDivisionError, ValueError):
        return math.nan, 0.0
    if isinstance(value, mp.mpc) or not mp.isfinite(value):
        return math.nan, 0.0
    high = float(value)
    return high, float(value - high) if math.isfinite(high) else 0.0


def true_values(name, arrays):
    """The true results as unevaluated sums of two doubles; NaN where they are no finite real numbers."""
    columns = [[mp.mpf(v) for v in x.tolist()] for x in arrays]
    pairs = [_true_value(OPERATIONS[name], numbers) for numbers in zip(*columns, strict=True)]
    return tuple(np.array(pairs).T)


def errors(found, high, low):
    """Units in the last place between results and true values; an overflow must be one in both."""
    dtype = found.dtype.type
    with np.errstate(all="ignore"):
        rounded = high.astype(dtype)
        counted = np.isfinite(rounded)
        unit = np.spacing(np.maximum(np.abs(rounded[counted]), np.finfo(dtype).smallest_subnormal))
        wide = found[counted].astype(np.longdouble)
        distance = np.abs((wide - high[counted]) - low[counted]) / unit
    overflow = np.isinf(rounded)
    return distance, np.array_equal(found[overflow], rounded[overflow])


def backends():
    """The compiled backends that can be used here."""
    reasons = {"numba": conftest.why_no_numba, "cython": conftest.why_no_extension}
    return [name for name, reason in reasons.items() if not reason()]


def measure(name, dtype, n=POINTS):
    """The largest error and the mean, of all compiled backends.

    Returns
    -------
    largest, mean : float
        Infinite where a result overflows and the true value does not, or the other way round.
    """
    arrays = inputs(name, dtype, n)
    high, low = true_values(name, arrays)
    largest, means, before = 0.0, [], config.backend
    for config.backend in backends():
        found = np.asarray(getattr(nn, name)(*arrays))
        distance, overflows = errors(found, high, low)
        largest = max(largest, float(distance.max()) if overflows else math.inf)
        means.append(float(distance.mean()))
    config.backend = before
    return largest, max(means)


def table(n=POINTS):
    """The lines of the table in docs/numerics.md."""
    lines = ["| function | float32, largest | mean | float64, largest | mean |", "|---|---|---|---|---|"]
    for name in OPERATIONS:
        figures = [figure for dtype in DTYPES for figure in measure(name, dtype, n)]
        lines.append(f"| `{name}` | " + " | ".join(map(rounded_up, figures)) + " |")
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def rounded_up(figure):
    """Two decimals, never less than the figure."""
    return f"{math.ceil(figure * 100) / 100:.2f}" if math.isfinite(figure) else "inf"


def published():
    """The figures of the page: for every name largest and mean in float32, largest and mean in float64."""
    text = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): [float(figure) for figure in row[1:]] for row in rows}


def write():
    """Measure, and put the table in its place on the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(before + BEGIN + "\n" + table() + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    write() if "--write" in sys.argv[1:] else table()
