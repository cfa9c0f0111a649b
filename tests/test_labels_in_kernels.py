"""Kernels that are told a label which is none of the classes give NaN, and touch nothing outside their row."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.launching.launch import Kernel
from numbanet.loops import softmax as loops

WRONG = [-1, 3, 2**31, 2**32 + 1, 2**40, -(2**40), 2**63 - 1, -(2**63)]
LOSS, GRADIENT = Kernel(loops.softmax_cross_entropy), Kernel(loops.softmax_cross_entropy_gradient)
BOTH = Kernel(loops.softmax_cross_entropy_and_gradient)
BACKENDS = ["numba", "cython", "python"]


def run(kernel, *operands):
    kernel(len(operands[-1]), *operands)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("classes", [3, 40])
def test_a_label_that_is_no_class_gives_nan(backend, dtype, classes):
    nn.config.backend = backend
    try:
        nn.zeros(1) + 1
    except nn.errors.NumbanetError as missing:
        nn.config.backend = "auto"
        pytest.skip(f"{backend} is not here: {missing}")
    try:
        rng = np.random.default_rng(0)
        logits, g = rng.normal(size=(3, classes)).astype(dtype), np.ones(3, dtype)
        for wrong in [*WRONG, classes]:
            if 0 <= wrong < classes:
                continue
            right, labels = np.array([0, 1, 2]), np.array([0, wrong, 2])
            room = [np.full(5, 7, dtype), np.full((5, classes), 7, dtype), np.full(5, 7, dtype)]
            room.append(np.full((5, classes), 7, dtype))
            known = [x.copy() for x in room]
            for x, chosen in ((room, labels), (known, right)):
                run(LOSS, logits, chosen, x[0][1:4])
                run(GRADIENT, g, logits, chosen, x[1][1:4])
                BOTH(3, g, logits, chosen, x[2][1:4], x[3][1:4])
            for found, expected in zip(room, known, strict=True):
                assert np.isnan(found[2]).all()
                assert found[[0, 1, 3, 4]].tobytes() == expected[[0, 1, 3, 4]].tobytes()
    finally:
        nn.config.backend = "auto"
