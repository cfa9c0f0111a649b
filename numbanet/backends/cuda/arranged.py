"""Bodies whose operands are arranged before they are launched: widened integers, rows in place of columns."""

from numbanet.backends.cuda import ranges, reductions
from numbanet.kernels.body import Body
from numbanet.kernels.memory import empty
from numbanet.loops import move, optimizers
from numbanet.loops import reduce as loops

_copy = Body(move.astype)


def _copied(backend, x, dtype):
    out = empty(x.shape, dtype)
    backend.map(_copy, out, (x,))
    return out


def widened(run):
    """The reduction of integers `run`, which reads those of 64 bits, for all integers."""

    def widen_and_run(backend, x, out):
        run(backend, x if x.dtype == out.dtype else _copied(backend, x, out.dtype), out)

    return widen_and_run


def scan(body):
    """A running total along the middle of x (outer, n, inner): one thread for each lane."""

    def run(backend, x, out):
        ranges.run(backend, body, x.shape[0] * x.shape[2], (x, out))

    return run


def sum_of_squares_columns(backend, x, out):
    """One thread for each column, which lies in one row for it: x is (n, columns)."""
    ranges.run(backend, optimizers.sum_of_squares, x.shape[1], (_copied(backend, x.T, x.dtype), out))


TUNED = {
    **{body: widened(reductions.TUNED[body]) for body in (loops.sum_integers, loops.prod_integers)},
    **{body: widened(scan(body)) for body in (loops.cumulative_sum_integers, loops.cumulative_prod_integers)},
    loops.sum_of_squares_columns: sum_of_squares_columns,
}
