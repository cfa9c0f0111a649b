"""
Naive loops, timed
==================

The clearest way to say what a function of tensors computes is a loop. In Python, loops are slow. numbanet compiles them,
and calls the result just as NumPy calls its own compiled loops.
"""

import inspect
import time
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet.loops import functions
from numbanet.typing import ArrayLike


def microseconds(
    function: Callable[..., object], *arguments: ArrayLike, repeat: int = 5
) -> float:
    """Return the shortest time of several calls, after one that may have to compile."""
    function(*arguments)
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - started)
    return 1e6 * min(times)


def told(value: float) -> str:
    """Format microseconds in a readable unit."""
    unit, size = (
        ("s", 1e6) if value >= 1e6 else ("ms", 1e3) if value >= 1e3 else ("µs", 1)
    )
    return f"{value / size:.3g} {unit}"


print(inspect.getsource(functions.relu))

# %%
# The same function is applied to the same numbers in four ways: the loop above in Python, that loop compiled, NumPy, and
# numbanet's function, which is made for large tensors. The product of two matrices follows.

SIZE = 200
rng = np.random.default_rng(0)
x = rng.normal(size=(SIZE, SIZE)).astype(np.float32)
y = rng.normal(size=(SIZE, SIZE)).astype(np.float32)
tx, ty = nn.asarray(x), nn.asarray(y)
relu = {
    "the loop in Python": microseconds(nn.naive.naive_relu.py_func, x),
    "the loop, compiled": microseconds(nn.naive.naive_relu, x, repeat=50),
    "np.maximum": microseconds(np.maximum, x, np.float32(0), repeat=50),
    "nn.relu": microseconds(nn.relu, tx, repeat=50),
}
product = {
    "the loop in Python": microseconds(
        nn.naive.naive_matrix_dot.py_func, x, y, repeat=1
    ),
    "the loop, compiled": microseconds(nn.naive.naive_matrix_dot, x, y),
    "np.dot": microseconds(np.dot, x, y, repeat=20),
    "nn.dot": microseconds(nn.dot, tx, ty, repeat=20),
}

# %%
# The axis is logarithmic: each mark is ten times the one before.

figure, axes = plt.subplots(2, 1, figsize=(8, 5), layout="constrained")
for ax, title, times in zip(
    axes,
    (f"relu of {SIZE} x {SIZE} numbers", "dot of two of them"),
    (relu, product),
    strict=True,
):
    bars = ax.barh(list(times), list(times.values()), color=["0.7", "C0", "C1", "C0"])
    ax.bar_label(bars, [told(value) for value in times.values()], padding=4)
    ax.set(xscale="log", title=title)
    ax.margins(x=0.2)
    ax.invert_yaxis()
axes[1].set_xlabel("microseconds")
# picture: Times of relu and dot: in Python, compiled, by NumPy, by numbanet
plt.show()
