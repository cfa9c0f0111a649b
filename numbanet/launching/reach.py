"""The memory that a launch works on, and that of some of its positions: who must wait for whom follows from it."""

from typing import NamedTuple

import numpy as np

WRITTEN = {
    "argsort": 2, "attention_gradient_tiles": 3, "attention_tiles": 2, "column_moments": 2, "column_products": 2,
    "ctc": 3, "ctc_gradient": 2, "dot_product_attention": 2, "dot_product_attention_gradient": 3, "gru_step": 3,
    "gru_step_gradient": 3, "lstm_step": 3, "lstm_step_gradient": 3, "max_pool_with_places": 2, "row_products": 2,
    "simple_rnn_step": 2, "simple_rnn_step_gradient": 2, "softmax_cross_entropy_and_gradient": 2, "sum_columns": 2,
}  # fmt: skip
"""How many of its arrays a body of ours writes to, the last ones, if it is not one. `test_shares` compares."""

OF_ALL = "numbanet.loops.optimizers."
"""Rules of optimizers change several of their arrays: they are taken to change all."""

ELEMENTWISE = ("numbanet.loops.arithmetic.", "numbanet.loops.functions.", OF_ALL)
"""Where bodies are whose position i touches the i-th number of each array of as many numbers as positions."""

OWN: dict[str, tuple] = {
    "numbanet.loops.bits.nextafter": (0, 1, 2),
    "numbanet.loops.dot.matrix_vector_dot": (0, 2),
    "numbanet.loops.dropout.dropout": (0, 1),
    "numbanet.loops.move.astype": (0, 1),
    "numbanet.loops.optimizers.scale_to_norm": (0, 2),
    "numbanet.loops.optimizers.sum_of_squares": (0, 1),
    "numbanet.loops.recurrent.gru_step": (0, 1, 2, 3, 4, 5),
    "numbanet.loops.recurrent.gru_step_gradient": (0, 1, 2, 3, 4, 5, 6, 7, 8),
    "numbanet.loops.recurrent.lstm_step": (0, 1, 2, 3, 4, 5, 6),
    "numbanet.loops.recurrent.lstm_step_gradient": (0, 1, 2, 3, 4, 5, 6, 7, 8),
    "numbanet.loops.recurrent.simple_rnn_step": (0, 1, 2, 3, 4),
    "numbanet.loops.recurrent.simple_rnn_step_gradient": (0, 1, 2, 3, 4, 5),
    "numbanet.loops.reduce.sum_columns": (1, 2),
    "numbanet.loops.reduce.sum_rows": (0, 1),
    "numbanet.loops.softmax.log_softmax": (0, 1),
    "numbanet.loops.softmax.softmax": (0, 1),
    "numbanet.loops.softmax.softmax_cross_entropy": (0, 1, 2),
    "numbanet.loops.softmax.softmax_cross_entropy_and_gradient": (0, 1, 2, 3, 4),
    "numbanet.loops.softmax.softmax_cross_entropy_gradient": (0, 1, 2, 3),
    "numbanet.loops.step.fetch_rows": (3,),
    "numbanet.loops.step.store_rows": (0,),
}
"""The arrays of which position i of another body touches row i alone. `test_reach` runs the bodies and looks."""


class Reach(NamedTuple):
    """The memory of a launch, as pairs of addresses: what it reads or writes, and what it may write."""

    all: tuple
    written: tuple


class Memory:
    """What is known of the memory of a launch.

    Parameters
    ----------
    launch : Launch

    Attributes
    ----------
    rows : int
        How many parts it can be cut into, each of which has memory of its own: the rows of a product, else positions;
        0 where that is not known.
    whole : Reach or None
        The memory of all of it; None where that is not known.
    """

    def __init__(self, launch):
        self.rows, self.whole = 0, None
        arrays = [x for x in launch.keep if isinstance(x, np.ndarray)]
        if not arrays or not all(x.size for x in arrays):
            return
        ours = launch.body.startswith("numbanet.") and not launch.body.startswith(OF_ALL)
        self._writes = WRITTEN.get(launch.name, 1) if ours else len(arrays)
        self._bounds = [np.lib.array_utils.byte_bounds(x) for x in arrays]
        self.whole = Reach(tuple(self._bounds), tuple(self._bounds[-self._writes :]))
        rows = launch.n if launch.product is None else len(launch.product[2])
        self._steps = [_step(x, rows) if own else 0 for x, own in zip(arrays, _own(launch, arrays), strict=True)]
        if all(self._steps[-self._writes :]):
            self.rows = rows

    def of(self, start, stop):
        """The Reach of rows start..stop."""
        left, steps = self.rows - stop, self._steps
        bounds = [(low + start * by, high - left * by) for (low, high), by in zip(self._bounds, steps, strict=True)]
        return Reach(tuple(bounds), tuple(bounds[-self._writes :]))


def _own(launch, arrays):
    """Of which arrays a row or position touches only its own part."""
    if launch.product is not None:
        return [i in (0, len(arrays) - 1) for i in range(len(arrays))]
    if launch.body in OWN:
        return [i in OWN[launch.body] for i in range(len(arrays))]
    return [launch.body.startswith(ELEMENTWISE)] * len(arrays)


def _step(x, rows):
    """How many bytes further each of so many rows of an array begins; 0 where they do not lie one after the other."""
    if x.ndim and len(x) == rows and x.strides[0] > 0:
        return x.strides[0]
    return x.itemsize if x.size == rows and x.flags.c_contiguous else 0


def depends(one, other):
    """Return whether a launch must not begin before another is done: one writes to memory that the other works on."""
    if one is None or other is None:
        return True
    return _overlap(one.written, other.all) or _overlap(one.all, other.written)


def _overlap(some, others):
    for low, high in some:
        for first, end in others:  # not `any`, which takes 1.4 times as long: a step of 300 launches asks 25,000 times
            if low < end and first < high:
                return True
    return False
