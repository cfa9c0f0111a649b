"""Model files: round trips, and hostile, truncated and edited files."""

import json
import signal
import struct
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numbanet as nn
from numbanet.errors import ArgumentError, DataError, NotBuiltError
from tests.hostile import write_anew

X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64)


def trained():
    model = nn.Sequential([nn.layers.Dense(5, "relu"), nn.layers.Dropout(0.1), nn.layers.Dense(2, "softmax")], name="m")
    model.compile(nn.optimizers.Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(X, Y, epochs=2, verbose=0, rng=0)
    return model


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "m.numbanet"
    model = trained()
    model.save(path)
    return model, path


def test_round_trip(saved):
    model, path = saved
    again = nn.load_model(path)
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    assert [layer.get_config() for layer in again.layers] == [layer.get_config() for layer in model.layers]
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)


def test_training_goes_on_where_it_stopped(tmp_path):
    one = trained()
    one.save(tmp_path / "m")
    other = nn.load_model(tmp_path / "m")
    for model in (one, other):
        model.fit(X, Y, epochs=2, verbose=0, rng=5)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_model_that_was_never_trained(optimizer, tmp_path):
    model = nn.Sequential([nn.layers.Dense(2)])
    model.compile(optimizer, "mean_squared_error")
    model(X)
    model.save(tmp_path / "m.numbanet")
    loaded = nn.load_model(tmp_path / "m.numbanet")
    assert not loaded.optimizer.built
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))
    assert loaded.fit(X, X[:, :2], verbose=0, rng=0).history == model.fit(X, X[:, :2], verbose=0, rng=0).history


def test_weights_alone(saved, tmp_path):
    model, _ = saved
    path = tmp_path / "w.safetensors"
    model.save_weights(path)
    other = nn.Sequential([nn.layers.Dense(5, "relu"), nn.layers.Dense(2)])
    with pytest.raises(NotBuiltError, match="build"):
        other.load_weights(path)
    other.build((4,))
    other.load_weights(path)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    wrong = nn.Sequential([nn.layers.Dense(6), nn.layers.Dense(2)])
    wrong.build((4,), rng=0)
    before = wrong.get_weights()
    with pytest.raises(DataError, match=r"dense/kernel needs float32 \(4, 6\)"):
        wrong.load_weights(path)
    np.testing.assert_array_equal(wrong.get_weights()[0], before[0])


def test_a_model_that_is_not_ready_or_not_describable(tmp_path):
    model = nn.Sequential([nn.layers.Dense(2)])
    with pytest.raises(NotBuiltError, match="no weights"):
        model.save(tmp_path / "m")

    class Own(nn.layers.Layer):
        def call(self, x):
            return x

    model = nn.Sequential([Own()])
    model.build((2,))
    model.save(tmp_path / "own")
    with pytest.raises(DataError, match=r"'Own'.*custom_objects.*register"):
        nn.load_model(tmp_path / "own")

    model = nn.Sequential([nn.layers.Dense(2, lambda x: x, name="first")])
    model.build((2,))
    with pytest.raises(NotBuiltError, match=r"layer first: its activation.*register"):
        model.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_path_that_cannot_be_written(saved, tmp_path):
    model, _ = saved
    for path in (tmp_path, tmp_path / "missing" / "m"):
        with pytest.raises(ArgumentError, match=str(path)):
            model.save(path)


def test_missing_and_foreign_files(saved, tmp_path):
    (tmp_path / "text").write_text("hello")
    (tmp_path / "empty").write_bytes(b"")
    for name in ("none", "text", "empty", "."):
        with pytest.raises(DataError):
            nn.load_model(tmp_path / name)
    model, _ = saved
    model.save_weights(tmp_path / "w")
    with pytest.raises(DataError, match="not a numbanet model"):
        nn.load_model(tmp_path / "w")


def load_bytes(content, folder):
    path = folder / "hostile.numbanet"
    write_anew(path, content)
    return nn.load_model(path)


def test_truncated_at_every_length(saved, tmp_path):
    content = saved[1].read_bytes()
    for length in [*range(64), *range(64, len(content), 37), len(content) - 1]:
        with pytest.raises(DataError):
            load_bytes(content[:length], tmp_path)


@given(st.data())
def test_flipped_bits_give_a_model_or_an_error(saved, data):
    content = bytearray(saved[1].read_bytes())
    header = 8 + struct.unpack("<Q", content[:8])[0]
    position = data.draw(st.integers(0, header - 1))
    content[position] ^= 1 << data.draw(st.integers(0, 7))
    try:
        model = load_bytes(bytes(content), saved[1].parent)
    except DataError:
        return
    assert isinstance(model, nn.Sequential)


def with_description(content, change):
    """The file with its JSON changed by `change`, and its lengths made right again."""
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    description = json.loads(header["__metadata__"]["numbanet"])
    changed = change(description)
    header["__metadata__"]["numbanet"] = json.dumps(description if changed is None else changed)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + content[8 + size :]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(format=99),
        lambda d: d.pop("layers"),
        lambda d: d["layers"].pop(),
        lambda d: d["layers"][0].update({"class": "Lambda"}),
        lambda d: d["layers"][0]["config"].update(units=10**12),
        lambda d: d["layers"][0]["config"].update(units=-1),
        lambda d: d["layers"][0]["config"].update(activation="os.system"),
        lambda d: d["layers"][0]["config"].update(extra=1),
        lambda d: d["layers"][0]["config"].update(dtype="float64"),
        lambda d: d["layers"][0]["config"].update(kernel_initializer={"class_name": "eval", "config": {}}),
        lambda d: d["modules"][1].__setitem__(2, [None, 10**15]),
        lambda d: d["modules"][1].__setitem__(2, [None, "x"]),
        lambda d: d["modules"][1].__setitem__(2, []),
        lambda d: d["modules"][1].__setitem__(3, "yes"),
        lambda d: d["modules"].pop(),
        lambda d: d["weights"].pop(),
        lambda d: d["weights"][0].__setitem__(0, "layers/9/_weights/0"),
        lambda d: d["weights"][0].__setitem__(2, 1),
        lambda d: d.update(model=d["layers"][0]),
        lambda d: d.update(model={"class_name": "Sequential", "config": {}}),
        lambda d: d["compile"].update(variables=[0, 1, 2, 7]),
        lambda d: d["compile"].update(variables=[0, 0, 1, 2]),
        lambda d: d["layers"].append({"__numbanet__": "same", "id": 99}),
        lambda d: d["layers"][0].update(__numbanet__="pickle"),
        lambda d: d["compile"].update(optimizer={"class_name": "Popen", "config": {}}),
        lambda d: d["compile"].update(optimizer=5),
        lambda d: d["compile"].update(metrics=["nope"]),
        lambda d: [],
        lambda d: "text",
        lambda d: None if d.clear() else {},
    ],
)
def test_edited_descriptions(saved, tmp_path, change):
    with pytest.raises(DataError):
        load_bytes(with_description(saved[1].read_bytes(), change), tmp_path)


def test_a_kill_while_saving_leaves_the_old_file(saved, tmp_path):
    """The process is killed after part of the new file has been written."""
    path = tmp_path / "m.numbanet"
    path.write_bytes(saved[1].read_bytes())
    code = textwrap.dedent(
        f"""
        import os, signal, numbanet as nn
        model = nn.load_model({str(path)!r})
        real = os.fsync
        def kill(descriptor):
            os.kill(os.getpid(), signal.SIGKILL)
        os.fsync = kill
        model.save({str(path)!r})
        """
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert result.returncode == -signal.SIGKILL, result.stderr
    assert path.read_bytes() == saved[1].read_bytes()
    nn.load_model(path)
