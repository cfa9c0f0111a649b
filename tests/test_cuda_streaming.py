"""Data sets that have no room on the device, in Numba's CUDA simulator: the same bytes as with room for them."""

import threading
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import DeviceMemoryError
from numbanet.tensor.tensor import device_named
from numbanet.training import data as batches
from numbanet.training import prefetch
from numbanet.training.data import ArrayData
from numbanet.training.prefetch import Prefetch, fits
from tests.simulator import needs_simulator

pytestmark = needs_simulator
RNG = np.random.default_rng(0)
X = RNG.normal(size=(11, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0)
WEIGHT = RNG.random(11).astype(np.float32)
TWO_BATCHES = 2 * 3 * 28
"""Bytes of two batches of three samples: of 11 samples, chunks have 6 and 5, and the last batch has 2."""


@pytest.fixture
def no_room(monkeypatch):
    """No data set fits on the device, and chunks have two batches of three samples."""
    monkeypatch.setattr(batches, "fits", lambda device, arrays: False)
    monkeypatch.setattr(prefetch, "CHUNK_BYTES", TWO_BATCHES)


def compiled():
    layers = [nn.layers.Dense(3, activation="relu"), nn.layers.Dropout(0.2), nn.layers.Dense(3, "softmax")]
    model = nn.Sequential(layers)
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trained(**options):
    """What two epochs on the device gave: numbers of every epoch and weights; and what the engine fetched from."""
    with nn.device("cuda"):
        model = compiled()
        history = model.fit(X, Y, batch_size=3, epochs=2, rng=0, verbose=0, **options)
    assert model.device == "cuda"
    return history.history, [weight.numpy().tobytes() for weight in model.weights], model


@pytest.mark.parametrize("steps", [None, 3, 5])
@pytest.mark.parametrize("shuffle", [True, False])
def test_fit_gives_the_same_bytes(shuffle, steps, no_room, monkeypatch):
    options = {"shuffle": shuffle, "sample_weight": WEIGHT if shuffle else None, "steps_per_epoch": steps}
    *found, model = trained(**options)
    assert model.explanation.source.prefetch.rows == 6
    monkeypatch.undo()
    *expected, model = trained(**options)
    assert len(model.explanation.rows[0]) == 11
    assert found == expected


class Autoencoder(nn.Sequential):
    """Needs no targets."""

    def compute_loss(self, x, y, y_pred, sample_weight=None):
        return nn.mean(nn.square(x - y_pred))


def test_data_without_targets_give_the_same_bytes(no_room, monkeypatch):
    def run():
        with nn.device("cuda"):
            model = Autoencoder([nn.layers.Dense(4)])
            model.compile("sgd", "mean_squared_error")
            history = model.fit(X, batch_size=3, epochs=2, rng=0, verbose=0)
        return history.history, [weight.numpy().tobytes() for weight in model.weights]

    found = run()
    monkeypatch.undo()
    assert found == run()


def test_eager_fit_gives_the_same_bytes(no_room, monkeypatch):
    def every_batch():
        listener = nn.callbacks.Callback()
        listener.on_batch_end = lambda batch, logs: None
        return [listener]

    *found, model = trained(callbacks=every_batch())
    assert "listens to batches" in str(model.explanation)
    monkeypatch.undo()
    assert found == list(trained(callbacks=every_batch())[:2])


def test_evaluate_and_predict_give_the_same_bytes(monkeypatch):
    with nn.device("cuda"):
        model = compiled()
        model.build_for((None, 4), np.random.default_rng(0))
    results = []
    for room in (True, False):
        monkeypatch.setattr(batches, "fits", lambda device, arrays, room=room: room)
        monkeypatch.setattr(prefetch, "CHUNK_BYTES", TWO_BATCHES)
        evaluated = model.evaluate(X, Y, batch_size=3, sample_weight=WEIGHT, verbose=0)
        results.append((evaluated, model.predict(X, batch_size=3, verbose=0).tobytes()))
    assert results[0] == results[1]


def test_batches_may_be_kept(no_room):
    order = RNG.permutation(11)
    kept = list(ArrayData("fit", X, Y, WEIGHT).batches(3, order, "cuda"))
    for position, part in enumerate((X, Y, WEIGHT)):
        found = [batch[position] for batch in kept]
        assert [t.device for t in found] == ["cuda"] * 4
        np.testing.assert_array_equal(np.concatenate([t.numpy() for t in found]), part[order])


@given(
    st.integers(1, 40), st.integers(1, 12), st.integers(0, 600), st.sampled_from([None, 1, 0.5]),
    st.lists(st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]), min_size=1, max_size=3),
)  # fmt: skip
def test_chunks_have_the_rows_in_their_order(size, batch, most, share, dtypes):
    arrays = [RNG.integers(0, 100, (size, 3)[: 1 + i % 2]).astype(dtype) for i, dtype in enumerate(dtypes)]
    order = None if share is None else RNG.permutation(size)[: max(1, int(share * size))]
    before, prefetch.CHUNK_BYTES = prefetch.CHUNK_BYTES, most
    try:
        sent = Prefetch(device_named("cuda"), arrays, batch)
        chunks = list(sent.chunks(order))
        again = list(sent.chunks(order))  # memory is pinned once
    finally:
        prefetch.CHUNK_BYTES = before
    assert sent.rows % batch == 0 or sent.rows == size
    assert sent.rows * sum(x[0].nbytes for x in arrays) <= max(most, batch * sum(x[0].nbytes for x in arrays))
    for i, array in enumerate(arrays):
        expected = array if order is None else array[order]
        for found in (chunks, again):
            np.testing.assert_array_equal(np.concatenate([chunk[i].to_host() for chunk in found]), expected)


def test_what_fits():
    device = types.SimpleNamespace(free_memory=lambda: 800)
    assert fits(device, [np.zeros(50), np.zeros(0)])
    assert not fits(device, [np.zeros(50), np.zeros(1)])
    assert 0 < device_named("cuda").free_memory() < 1 << 45


def test_data_that_fits_is_copied_once():
    data = ArrayData("fit", X, Y)
    assert data.on("cuda") is data.on("cuda")
    assert data.on("cpu")["x"].device == "cpu"


def test_no_memory_in_the_middle_leaves_everything_usable(no_room, monkeypatch):
    device = device_named("cuda")
    data = ArrayData("fit", X, Y)
    chunks = data.batches(3, device="cuda")
    next(chunks)  # asks for the second chunk
    with monkeypatch.context() as patch:
        patch.setattr(prefetch, "CHUNK_BYTES", 0)
        chunks = data.batches(3, device="cuda")
        next(chunks)
        patch.setattr(device, "empty", _refuse)
        with pytest.raises(DeviceMemoryError, match="no memory for"):
            next(chunks)
    assert not _threads()
    assert len(list(data.batches(3, device="cuda"))) == 4


def _refuse(shape, dtype):
    raise DeviceMemoryError("cuda: no memory for 1.0 MB; 0 of 8 MB are free")


def _threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("numbanet-prefetch")]


def test_what_is_left_early_leaves_no_thread(no_room):
    chunks = Prefetch(device_named("cuda"), [X], 3).chunks()
    next(chunks)
    assert _threads()
    chunks.close()
    assert not _threads()


def test_an_error_while_gathering_is_raised(no_room, monkeypatch):
    def interrupt(x, index, out):
        raise KeyboardInterrupt

    monkeypatch.setattr(prefetch, "_gather", interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(Prefetch(device_named("cuda"), [X], 3).chunks(RNG.permutation(11)))
    assert not _threads()


def test_batches_of_an_iterable_are_copied_as_they_come(no_room):
    source = ((X[i : i + 4], Y[i : i + 4]) for i in range(0, 11, 4))
    found = list(batches.as_data("fit", source).batches(32, device="cuda"))
    assert not _threads()
    np.testing.assert_array_equal(np.concatenate([x.numpy() for x, _, _ in found]), X)
