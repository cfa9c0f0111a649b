"""Parts of products on a GPU: into how many a product is cut, and how they are added."""

import numpy as np
import pytest

from tests.simulator import needs_simulator

pytestmark = needs_simulator
SHAPES = [(512, 4096, 10), (128, 784, 512), (128, 512, 10), (512, 128, 10), (1000, 100_000, 16), (33, 1 << 20, 33)]


def planned(m, k, n):
    from numbanet.backends.cuda.dot import plan
    from numbanet.backends.cuda.tiles import GPU

    return plan(GPU, np.dtype(np.float32), (m, k), (4 * k, 4), (k, n), (4 * n, 4), "plain")


def test_a_long_sum_of_few_results():
    """All multiprocessors have work, and nobody waits for the memory more than once when the parts are added."""
    from numbanet.backends.cuda.sizes import GPU
    from numbanet.backends.cuda.tiles import part_group

    made = planned(512, 4096, 10)
    assert (made.parts, *made.grid) == (64, 1024)
    assert part_group(GPU.dot, made.parts, GPU.reduce_unroll) == (8, 32)


@pytest.mark.parametrize(("m", "k", "n"), SHAPES)
def test_a_thread_reads_its_parts_at_once(m, k, n):
    from numbanet.backends.cuda.sizes import GPU
    from numbanet.backends.cuda.tiles import MOST_PARTS, part_group

    made = planned(m, k, n)
    *_, chunk = made.numbers
    assert (made.parts - 1) * chunk < k <= made.parts * chunk, "the parts are all positions, and none is empty"
    assert made.parts <= MOST_PARTS
    lanes, width = part_group(GPU.dot, made.parts, GPU.reduce_unroll)
    assert made.parts <= lanes * GPU.reduce_unroll
    assert width % 32 == 0, "neighbouring threads read neighbours"


@pytest.mark.parametrize("count", [2, 3, 4, 5, 7, 8, 9, 16, 17, 33])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parts_are_added(count, dtype):
    """In the simulator a thread reads two at a time, so that more than 16 are read in turns by eight threads."""
    from numbanet.backends.cuda.devices import cuda
    from numbanet.backends.cuda.dot import add_parts
    from numbanet.kernels.words import BIAS, BIAS_AND_RELU, PLAIN

    device, rng = cuda(), np.random.default_rng(count)
    parts, bias = rng.integers(-9, 9, (count, 5, 3)).astype(dtype), rng.integers(-9, 9, 3).astype(dtype)
    for epilogue, expected in (
        (PLAIN, parts.sum(0)),
        (BIAS, parts.sum(0) + bias),
        (BIAS_AND_RELU, np.maximum(parts.sum(0) + bias, 0)),
    ):
        out = device.empty((15,), dtype)
        add_parts(device.backend, device.from_host(parts.reshape(-1)), count, epilogue, device.from_host(bias), out, 3)
        np.testing.assert_array_equal(device.to_host(out).reshape(5, 3), expected, "integers: exact in any order")
