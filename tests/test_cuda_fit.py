"""Training, products and errors in Numba's CUDA simulator, against the CPU."""

import numpy as np
import pytest

import numbanet as nn
from numbanet.errors import DeviceError
from numbanet.graph.outcome import Replay
from tests.simulator import needs_simulator

pytestmark = needs_simulator
RNG = np.random.default_rng(0)
X = RNG.normal(size=(13, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0)


def trained(device, optimizer):
    with nn.device(device):
        layers = [nn.layers.Dense(5, activation="relu"), nn.layers.Dropout(0.2), nn.layers.Dense(3, "softmax")]
        model = nn.Sequential(layers)
        model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(X, Y, batch_size=5, epochs=2, rng=0, verbose=0)
    assert model.device == device
    assert hasattr(model.explanation, "steps"), model.explanation
    return model, history.history


@pytest.mark.parametrize("clipping", [{"clipvalue": 0.01}, {"clipnorm": 0.1}, {"global_clipnorm": 0.1}], ids=list)
def test_clipped_gradients(clipping):
    _, found = trained("cuda", nn.optimizers.SGD(0.1, **clipping))
    _, expected = trained("cpu", nn.optimizers.SGD(0.1, **clipping))
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-6)


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_fit_replays_what_it_does_on_the_cpu(optimizer):
    model, found = trained("cuda", optimizer)
    on_cpu, expected = trained("cpu", optimizer)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-6)
    np.testing.assert_allclose(model.predict(X, verbose=0), on_cpu.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.evaluate(X, Y, verbose=0), on_cpu.evaluate(X, Y, verbose=0), rtol=1e-5)


@pytest.mark.parametrize(("m", "k", "n"), [(2, 2, 2), (5, 7, 3), (9, 11, 10), (1, 9, 4), (6, 9, 1), (1, 1, 1)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_of_all_transpositions(m, k, n, dtype):
    for transposed in range(4):
        a = RNG.normal(size=(k, m) if transposed & 1 else (m, k)).astype(dtype)
        b = RNG.normal(size=(n, k) if transposed & 2 else (k, n)).astype(dtype)
        left, right = (nn.asarray(x, device="cuda") for x in (a, b))
        left, right = left.T if transposed & 1 else left, right.T if transposed & 2 else right
        a, b = a.T if transposed & 1 else a, b.T if transposed & 2 else b
        tolerance = 1e-5 if dtype == "float32" else 1e-13
        np.testing.assert_allclose(nn.dot(left, right).numpy(), a @ b, rtol=tolerance, atol=tolerance)


def test_devices_do_not_mix():
    here, there = nn.ones((2, 2)), nn.ones((2, 2), device="cuda")
    for call in (nn.add, nn.dot, lambda x, y: nn.concat([x, y]), lambda x, y: nn.where(x > 0, x, y)):
        with pytest.raises(DeviceError, match="operands are on cpu and cuda"):
            call(here, there)
    with pytest.raises(DeviceError, match=r"t\.numpy"):
        np.asarray(there)


def test_gradients_flow_from_device_to_device():
    x = nn.Variable([1.0, 2.0])
    with nn.GradientTape() as tape:
        y = nn.sum(x.to_device("cuda") * 3)
    gradient = tape.gradient(y, x)
    assert gradient.device == "cpu"
    assert gradient.tolist() == [3.0, 3.0]


def test_no_memory_leaves_everything_usable(monkeypatch):
    from numbanet.errors import DeviceMemoryError

    t = nn.ones(3, device="cuda")
    device = t._array.device

    def refuse(shape, dtype):
        raise DeviceMemoryError("cuda: no memory for 1.0 MB; 0 of 8 MB are free")

    with monkeypatch.context() as patch:
        patch.setattr(device, "empty", refuse)
        with pytest.raises(DeviceMemoryError, match="no memory"):
            t + t
    assert (t + t).tolist() == [2.0, 2.0, 2.0]


def test_state_that_a_step_changes_is_replayed_there():
    """A moving average and a counter, on the device as on the CPU."""
    found = {}
    for device in ("cpu", "cuda"):
        with nn.device(device):
            mean, count = nn.Variable(np.zeros(4, np.float32), trainable=False), nn.Variable(0.0, trainable=False)

        def step(x, mean=mean, count=count):
            count.assign_add(1.0)
            mean.assign(0.5 * mean + nn.mean(x, axis=0))
            return (x - mean) / count

        replayed = nn.function(step)
        results = [replayed(nn.asarray(X[2 * i : 2 * i + 2], device=device)).numpy() for i in range(6)]
        assert isinstance(replayed.calls[0][1], Replay), replayed.calls
        found[device] = [*results, mean.numpy(), count.numpy()]
    for there, here in zip(found["cuda"], found["cpu"], strict=True):
        np.testing.assert_allclose(there, here, rtol=1e-6)
