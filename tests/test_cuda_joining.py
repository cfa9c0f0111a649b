"""Launches of a step that are put together on a GPU: fewer of them, and the same bytes."""

import contextlib

import numpy as np
import pytest

import numbanet as nn
from tests.simulator import needs_simulator

pytestmark = needs_simulator
RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(8, 5)).astype(np.float32), (np.arange(8) % 3).astype(np.uint8)
OPTIMIZERS = {
    "sgd": lambda: nn.optimizers.SGD(0.1),
    "momentum": lambda: nn.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: nn.optimizers.RMSprop(0.01, centered=True, momentum=0.5),
    "adamw, amsgrad": lambda: nn.optimizers.AdamW(0.01, amsgrad=True, global_clipnorm=0.5),
    "nadam": lambda: nn.optimizers.Nadam(nn.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5), clipvalue=0.1),
}


@contextlib.contextmanager
def plain_programs(monkeypatch):
    """Inside the block launches stay as they were recorded."""
    from numbanet.backends.cuda import program

    with monkeypatch.context() as patch:
        patch.setattr(program, "joined", lambda build, launches: launches)
        yield


@pytest.fixture(scope="module")
def device():
    """A simulator with blocks of one size for all kernels but products, as a GPU has them."""
    from numbanet.backends.cuda.simulator import Simulator
    from numbanet.backends.cuda.sizes import SIMULATOR

    device = Simulator()
    device.backend.sizes = SIMULATOR._replace(threads=8, reduce_elements=32)
    return device


def trained(device, make_optimizer, labels=LABELS, layers=2, batch=4, epochs=1):
    """The model, all bytes that training leaves, and the names of the launches of a step."""
    from numbanet.backends.cuda.devices import instead_of_the_gpu

    with instead_of_the_gpu(device), nn.device("cuda"):
        hidden = [nn.layers.Dense(3 + i, activation="relu") for i in range(layers - 1)]
        model = nn.Sequential([*hidden, nn.layers.Dropout(0.2), nn.layers.Dense(3, activation="softmax")])
        model.compile(optimizer=make_optimizer(), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(X, labels, batch_size=batch, epochs=epochs, rng=0, verbose=0).history
        state = [array.tobytes() for _, array in model.optimizer.state()]
        weights = [w.numpy().tobytes() for w in model.weights]
    return (history, weights, state), [launch.name for launch in model.explanation.steps[0].program.launches]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fewer_launches_leave_the_same_bytes(name, device, monkeypatch):
    found, fewer = trained(device, OPTIMIZERS[name], layers=3)
    with plain_programs(monkeypatch):
        expected, launches = trained(device, OPTIMIZERS[name], layers=3)
    assert found == expected
    rule = launches[-4]
    assert launches.count(rule) == 6, "three layers have six variables"
    assert fewer.count(rule) == 1
    assert len(fewer) <= len(launches) - 10


def test_a_step_of_the_textbook_has_so_many_launches():
    """That of MNIST at a batch of 128, with the sizes of a GPU: 27 were recorded."""
    from numbanet.backends.cuda.catalogue import Catalogue
    from numbanet.backends.cuda.devices import instead_of_the_gpu

    images, labels = RNG.normal(size=(256, 784)).astype(np.float32), (np.arange(256) % 10).astype(np.uint8)
    with instead_of_the_gpu(Catalogue()), nn.device("cuda"):
        model = nn.Sequential([nn.layers.Dense(512, activation="relu"), nn.layers.Dense(10, activation="softmax")])
        model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(images, labels, batch_size=128, epochs=1, rng=0, verbose=0)
    names = [launch.name for launch in model.explanation.steps[0].program.launches]
    assert len(names) == 19
    assert names[0] == "next_numbers, make_fetch, astype", "labels come in the dtype of the loss"
    assert names[7] == "sum_rows, divide, sum_columns", "the mean of the losses"
    assert names[-3:] == ["rmsprop", "make_store", "store_number, advance"]


class TestRules:
    """Launches that are recorded one by one."""

    @pytest.fixture
    def recorded(self, device):
        """A function that records launches of a body, and one that makes arrays."""
        from numbanet.kernels.recording import recording
        from numbanet.launching.launch import Kernel

        def launches(*calls):
            with recording() as made:
                for body, n, *operands in calls:
                    Kernel(body)(n, *operands)
            return made

        return launches

    def array(self, device, n=5, dtype=np.float32):
        return device.from_host(RNG.normal(size=n).astype(dtype))

    def count(self, device, launches):
        from numbanet.backends.cuda.joining import joined

        return len(joined(device.backend, launches))

    def test_more_updates_than_one_launch_takes(self, device, recorded):
        from numbanet.backends.cuda.joining import joined
        from numbanet.loops.optimizers import momentum

        here = [[RNG.normal(size=n).astype(np.float32) for _ in range(3)] for n in (1, 40, 8, 9, 3, 17, 16, 1, 5, 2)]
        there = [[device.from_host(x) for x in own] for own in here]
        launches = joined(device.backend, recorded(*[(momentum, own[0].size, *own, 0.5, 0.25, 1) for own in there]))
        assert len(launches) == 2
        device.run(launches)
        for own, found in zip(here, there, strict=True):
            momentum(*own, np.float32(0.5), np.float32(0.25), 1, 0, own[0].size)
            for x, y in zip(own, found, strict=True):
                np.testing.assert_array_equal(device.to_host(y), x)

    def test_updates_of_one_memory_stay_apart(self, device, recorded):
        from numbanet.loops.optimizers import sgd

        w, v, g, h = (self.array(device) for _ in range(4))
        assert self.count(device, recorded((sgd, 5, w, g, 0.1), (sgd, 5, v, h, 0.1))) == 1
        assert self.count(device, recorded((sgd, 5, w, g, 0.1), (sgd, 5, w, h, 0.1))) == 2
        assert self.count(device, recorded((sgd, 4, w[:4], g[:4], 0.1), (sgd, 4, w[1:], h[1:], 0.1))) == 2
        assert self.count(device, recorded((sgd, 2, w[:2], g[:2], 0.1), (sgd, 3, w[2:], h[2:], 0.1))) == 1

    def test_what_lies_between_is_respected(self, device, recorded):
        from numbanet.loops.optimizers import decay, momentum, sgd

        w, v, g, h, m, n = (self.array(device) for _ in range(6))
        adamw_like = recorded((decay, 5, w, 0.1), (sgd, 5, w, g, 0.1), (decay, 5, v, 0.1), (sgd, 5, v, h, 0.1))
        assert self.count(device, adamw_like) == 2, "decays, then rules"
        between = recorded((sgd, 5, w, g, 0.1), (momentum, 5, m, v, n, 0.1, 0.9, 0), (sgd, 5, v, h, 0.1))
        assert self.count(device, between) == 3, "the one between reads what the last one writes"

    def test_other_dtypes_stay_apart(self, device, recorded):
        from numbanet.loops.optimizers import sgd

        w, g = self.array(device), self.array(device)
        wide, its = self.array(device, dtype=np.float64), self.array(device, dtype=np.float64)
        assert self.count(device, recorded((sgd, 5, w, g, 0.1), (sgd, 5, wide, its, 0.1))) == 2

    def test_bodies_of_ones_own_stay_as_they_are(self, device, recorded):
        w, v = self.array(device), self.array(device)

        def doubled(x, start, stop):
            for i in range(start, stop):
                x[i] = 2 * x[i]

        assert self.count(device, recorded((doubled, 5, w), (doubled, 5, v))) == 2

    def test_parameters_that_find_no_room(self, device, recorded):
        """What a kernel may be given is 4 KB."""
        from numbanet.backends.cuda import joining
        from numbanet.loops.optimizers import nadam

        arrays = [[self.array(device) for _ in range(4)] for _ in range(2)]
        numbers = (0.1,) * 7
        launches = recorded(*[(nadam, 5, *own, *numbers) for own in arrays])
        assert joining._bytes(launches[0]) <= joining.PARAMETER_BYTES
        assert self.count(device, launches) == 1
        views = [[x.reshape(1, 1, 1, 1, 1, 1, 1, 1, 1, 5) for x in own] for own in arrays]
        assert self.count(device, recorded(*[(nadam, 1, *own, *numbers) for own in views])) == 2
