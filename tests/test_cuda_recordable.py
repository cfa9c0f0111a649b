"""What the host records, a device records as well, in Numba's CUDA simulator: joining, padding, indexing, sorting."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.graph.outcome import Replay
from tests.simulator import needs_simulator

pytestmark = needs_simulator
X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
PLACES = np.array([0, 2, -1, 1])
FUNCTIONS = {
    "concat": lambda x, i: nn.concat([x, x[:2], x[::-1]], 0),
    "concat of columns": lambda x, i: nn.concat([x.T, x.T[:, ::2]], 1),
    "stack": lambda x, i: nn.stack([x[0], x[1]], 1),
    "pad": lambda x, i: nn.pad(x, ((0, 2), (1, 0)), 7.5),
    "roll": lambda x, i: nn.roll(x, 1, 1),
    "a part": lambda x, i: x[1, 1:3],
    "elements": lambda x, i: x[1, 2] + x[..., ::-2],
    "rows": lambda x, i: x[i],
    "elements by arrays": lambda x, i: x[i, None, i],
    "take": lambda x, i: nn.take(x, i, 1),
    "take_along_axis": lambda x, i: nn.take_along_axis(x, nn.expand_dims(i, 0), 0),
    "sort": lambda x, i: nn.sort(x, 1),
    "sort, descending": lambda x, i: nn.sort(x, 0, descending=True),
    "topk": lambda x, i: nn.topk(x, 2)[0],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_device_replays_it(name):
    f = FUNCTIONS[name]

    def both(x, i):
        with nn.GradientTape() as tape:
            tape.watch(x)
            y = f(x, i)
            loss = nn.sum(nn.square(y))
        return y, tape.gradient(loss, x)

    replayed = nn.function(both)
    for k in range(4):
        x, i = X * (-1) ** k, np.roll(PLACES, k)
        with nn.device("cuda"):
            found = replayed(nn.asarray(x), nn.asarray(i))
        for on_device, on_host in zip(found, both(nn.asarray(x), nn.asarray(i)), strict=True):
            assert on_device.device == "cuda"
            assert (on_device.numpy() == on_host.numpy()).all()
    assert isinstance(replayed.calls[0][1], Replay)
